//! Changes and plans in memory, for the tests of this room.

use bstr::ByteSlice;
use sha2::{Digest, Sha256};

use crate::model::{
    Campaign, Change, Content, EditId, Edits, Entry, FileChange, Home, HomeIdx, Landing, Message, Mode, ObjectId, Patch,
    PatchIdx, Plan, Series, Signature, Words,
};

/// Returns an id that is a function of the bytes.
pub(crate) fn object_id(bytes: &[u8]) -> ObjectId {
    ObjectId::from_bytes(&Sha256::digest(bytes)[..20]).expect("20 bytes")
}

/// Returns the change of these files: path, base, tip.
pub(crate) fn change(files: &[(&str, Option<&str>, Option<&str>)]) -> Change {
    let entry = |path: &str, text: &str| Entry {
        path: path.into(),
        mode: Mode::File,
        object_id: object_id(text.as_bytes()),
        content: Content::Text(text.as_bytes().into()),
    };
    Change {
        base_commit_id: object_id(b"base commit"),
        tip_commit_id: object_id(b"tip commit"),
        base_tree_id: object_id(b"base tree"),
        tip_tree_id: object_id(b"tip tree"),
        files: files
            .iter()
            .map(|(path, base, tip)| FileChange {
                base: base.map(|text| entry(path, text)),
                tip: tip.map(|text| entry(path, text)),
            })
            .collect(),
        commits: Vec::new(),
        committer: author(),
    }
}

/// Deals the edits to patches. A patch is named by texts that its edits insert or remove, or by the paths that they create or delete; one more takes
/// all that is left.
pub(crate) fn steps(change: &Change, edits: &Edits, patches: &[&[&str]]) -> Vec<Vec<EditId>> {
    let mut left: Vec<EditId> = edits.iter().map(|(edit_id, _)| edit_id).collect();
    let mut steps = Vec::new();
    for words in patches {
        let is_named = |edit_id: &EditId| {
            let edit = edits.get(*edit_id);
            let path = change.file(edit.file_id).path();
            words.iter().any(|word| match edit.splice() {
                Some(_) => edit.inserted().contains_str(word) || edit.removed(change).contains_str(word),
                None => path == *word,
            })
        };
        let (step, rest) = left.into_iter().partition(is_named);
        steps.push(step);
        left = rest;
    }
    steps.push(left);
    steps
}

pub(crate) fn author() -> Signature {
    Signature { name: "A U Thor".into(), email: "author@example.org".into(), time: "1737072000 +0100".into() }
}

/// Returns a patch for the only home of [`plan`].
pub(crate) fn patch(patch_id: &str, edits: Vec<EditId>, message: Message) -> Patch {
    Patch { patch_id: patch_id.into(), edits, message, author: author(), home: HomeIdx(0), why: Vec::new() }
}

/// Returns the plan of these patches in one series of one home, without relations.
pub(crate) fn plan(change: Change, edits: Edits, patches: Vec<Patch>) -> Plan {
    let series = Series {
        name: "doc".into(),
        home: HomeIdx(0),
        patches: (0..patches.len()).map(PatchIdx).collect(),
        needs: Vec::new(),
        cover: Message::default(),
        part: None,
        waits: Vec::new(),
    };
    let homes = vec![Home { name: "DOC".into(), tree: None, slug: "doc".into() }];
    Plan {
        name: "x".into(),
        branch: None,
        change,
        edits,
        relations: Vec::new(),
        from_check: Vec::new(),
        from_builds: Vec::new(),
        overridden: Vec::new(),
        campaign: Campaign { homes, patches, series: vec![series] },
        landing: Landing::default(),
        words: Words::default(),
    }
}
