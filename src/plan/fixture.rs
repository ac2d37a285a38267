//! Changes and plans in memory, for the tests of this room.

use sha2::{Digest, Sha256};

use crate::model::{Change, Content, Entry, FileChange, Mode, ObjectId, Signature};

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

pub(crate) fn author() -> Signature {
    Signature { name: "A U Thor".into(), email: "author@example.org".into(), time: "1737072000 +0100".into() }
}
