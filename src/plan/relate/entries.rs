//! Entries of trees → relations: a path that changes its kind, and a submodule with its lines in `.gitmodules`.

use bstr::{BStr, ByteSlice};

use super::Relations;
use crate::model::{Change, Edit, EditId, EditKind, Edits, Mode, Reason};

/// Where git looks for the submodules of a tree. Source: `gitmodules` documentation.
const GITMODULES: &str = ".gitmodules";

pub(super) fn relations(change: &Change, edits: &Edits, found: &mut Relations) {
    kinds(change, edits, found);
    submodules(change, edits, found);
}

/// A file, a link, a submodule or a folder that gives way to another of these at its path: the step between has neither. Its own text goes with
/// it, and that of a file at the same path comes with it; a folder is filled as any folder is.
fn kinds(change: &Change, edits: &Edits, found: &mut Relations) {
    let by_file = edits.by_file();
    for (edit_id, edit) in edits.iter() {
        let file = change.file(edit.file_id);
        let frees =
            |needed: &&EditId| edits.get(**needed).kind == EditKind::Delete && edits.get(**needed).file_id != edit.file_id;
        for &needed in edit.requires.iter().filter(frees) {
            let gone = edits.get(needed).file_id;
            let reason = || Reason::Entry(file.path().to_owned());
            found.together(needed, edit_id, reason());
            by_file[&gone].iter().for_each(|&other| found.together(needed, other, reason()));
            if change.file(gone).path() == file.path() {
                by_file[&edit.file_id].iter().for_each(|&other| found.together(edit_id, other, reason()));
            }
        }
    }
}

/// git refuses to work with a submodule that `.gitmodules` does not name.
fn submodules(change: &Change, edits: &Edits, found: &mut Relations) {
    let listed: Vec<(EditId, &Edit)> =
        edits.iter().filter(|(_, edit)| change.file(edit.file_id).path() == GITMODULES && edit.splice().is_some()).collect();
    for (edit_id, edit) in edits.iter() {
        let file = change.file(edit.file_id);
        let of_path = matches!(edit.kind, EditKind::Create | EditKind::Delete | EditKind::Rename);
        for side in [&file.base, &file.tip].into_iter().flatten().filter(|side| of_path && side.mode == Mode::Submodule) {
            for &(lines, listing) in &listed {
                if names(listing.removed(change), side.path.as_ref()) || names(listing.inserted(), side.path.as_ref()) {
                    found.together(edit_id, lines, Reason::Submodule(side.path.clone()));
                }
            }
        }
    }
}

/// Whether lines of `.gitmodules` have a submodule at `path`.
fn names(text: &[u8], path: &BStr) -> bool {
    text.lines().filter_map(|line| line.split_once_str("=")).any(|(key, value)| {
        let value = value.trim();
        let value = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value);
        key.trim().eq_ignore_ascii_case(b"path") && value == path
    })
}
