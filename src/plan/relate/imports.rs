//! Lines that name another file of code, in languages whose names are not read ([`import`]).
//!
//! ```text
//!   u.py    +def helper(x):         before     m.py   +from u import helper      before     m.py   +    return helper(0)
//! ```
//!
//! A new file comes before the lines that name it, and these before what else their file gains; a file that goes takes the same way back. Of a file
//! that stays, only what brings a name that the line names anew comes first. Cost: the lines of such files that come or go, times the files of the change.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BString, ByteSlice};

use super::Relations;
use crate::lang::{Build, import, language};
use crate::model::path_kind::kind;
use crate::model::{Change, Edit, EditId, EditKind, Edits, FileId, Reason};

/// Adds the relations of such lines.
pub(super) fn relations(change: &Change, edits: &Edits, found: &mut Relations) {
    let by_file = edits.by_file();
    for (&file_id, edit_ids) in &by_file {
        let path = change.file(file_id).path();
        if language(path).build == Build::Words || kind(path).is_prose() {
            continue;
        }
        for side in [Side::Tip, Side::Base] {
            let mut lines: BTreeMap<EditId, BString> = BTreeMap::new();
            for &edit_id in edit_ids {
                for line in side.here(edits.get(edit_id), change).lines().filter(|line| import::is_import(line)) {
                    let files = by_file.iter().filter(|(other, _)| **other != file_id);
                    for (&other, ids) in files {
                        if let Some(name) = side.path(change, other).and_then(|other| import::named(path, line, other)) {
                            let needed = ids.iter().filter(|&&id| side.gives(change, edits, (edit_id, line), (other, id)));
                            needed.for_each(|&id| side.first(id, edit_id, name.into(), found));
                            lines.entry(edit_id).or_insert_with(|| name.into());
                        }
                    }
                }
            }
            for (&line, name) in &lines {
                let others = edit_ids.iter().filter(|&id| !lines.contains_key(id));
                for &other in others.filter(|&&id| !side.here(edits.get(id), change).trim().is_empty()) {
                    side.first(line, other, name.clone(), found);
                }
            }
        }
    }
}

/// The side of the change that lines are read of: those that come stand in the tip, those that go in the base.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Base,
    Tip,
}

impl Side {
    /// Returns what an edit brings to this side.
    fn here<'c>(self, edit: &'c Edit, change: &'c Change) -> &'c [u8] {
        match self {
            Side::Tip => edit.inserted(),
            Side::Base => edit.removed(change),
        }
    }

    fn other(self) -> Side {
        match self {
            Side::Tip => Side::Base,
            Side::Base => Side::Tip,
        }
    }

    fn path(self, change: &Change, file_id: FileId) -> Option<&bstr::BStr> {
        let file = change.file(file_id);
        let entry = if self == Side::Tip { &file.tip } else { &file.base };
        entry.as_ref().map(|entry| entry.path.as_bstr())
    }

    /// Says that an edit is there wherever the other one's text is.
    fn first(self, needed: EditId, user: EditId, name: BString, found: &mut Relations) {
        match self {
            Side::Tip => found.before(needed, user, Reason::DefinedBeforeUse(name)),
            Side::Base => found.before(user, needed, Reason::LastUseBeforeRemoval(name)),
        }
    }

    /// Whether an edit of the file that a line names makes what the line needs: the file, its path, or a name that the line names anew.
    fn gives(self, change: &Change, edits: &Edits, (user, line): (EditId, &[u8]), (file_id, edit_id): (FileId, EditId)) -> bool {
        let edit = edits.get(edit_id);
        let (here, there) = (self.path(change, file_id), self.other().path(change, file_id));
        if there.is_none() || (edit.kind == EditKind::Rename && here != there) {
            return true;
        }
        let words = |text: &[u8]| import::names(text).collect::<BTreeSet<BString>>();
        let known = words(self.other().here(edits.get(user), change));
        let (gains, had) = (words(self.here(edit, change)), words(self.other().here(edit, change)));
        words(line).iter().any(|name| !known.contains(name) && gains.contains(name) && !had.contains(name))
    }
}
