//! What a patch does to entries of trees: which it renames, and which become another kind of entry.

use std::collections::BTreeSet;

use bstr::{BStr, BString, ByteSlice};

use super::sources::Sources;
use super::text::{base_name, list};
use crate::model::address::quoted_as_git;
use crate::model::{EditId, EditKind, FileChange, FileId, Mode};

/// Returns what is to be said of a patch that changes the kind of an entry, or that renames all files it touches; small letters first.
pub(super) fn phrase(sources: &Sources<'_>, patch: &[EditId]) -> Option<BString> {
    kind(sources, patch).or_else(|| renames(sources, patch))
}

fn kind(sources: &Sources<'_>, patch: &[EditId]) -> Option<BString> {
    let edits = &sources.analysis.edits;
    let file = |edit_id: EditId| sources.analysis.change.file(edits.get(edit_id).file_id);
    let frees = |by: EditId, needed: EditId| {
        edits.get(needed).kind == EditKind::Delete && edits.get(needed).file_id != edits.get(by).file_id
    };
    patch.iter().find_map(|&edit_id| {
        let gone = edits.get(edit_id).requires.iter().find(|needed| frees(edit_id, **needed))?;
        let (gone, came) = (file(*gone).path(), file(edit_id));
        let is_below = came.path().len() > gone.len() && came.path().starts_with(gone);
        let (path, is) = match came.tip.as_ref()?.mode {
            _ if is_below => (gone, "a folder"),
            Mode::File | Mode::Executable => (came.path(), "a file"),
            Mode::Symlink => (came.path(), "a symlink"),
            Mode::Submodule => (came.path(), "a submodule"),
        };
        Some(bstr::concat([b"make ", base_name(path).as_slice(), b" ", is.as_bytes()]).into())
    })
}

fn renames(sources: &Sources<'_>, patch: &[EditId]) -> Option<BString> {
    let edits = &sources.analysis.edits;
    let renamed = |edit_id: &&EditId| edits.get(**edit_id).kind == EditKind::Rename;
    let files: BTreeSet<FileId> = patch.iter().filter(renamed).map(|&edit_id| edits.get(edit_id).file_id).collect();
    if !patch.iter().all(|&edit_id| files.contains(&edits.get(edit_id).file_id)) {
        return None;
    }
    let paths = |file: &FileChange| Some((file.base.as_ref()?.path.clone(), file.tip.as_ref()?.path.clone()));
    let pairs: Vec<(BString, BString)> =
        files.into_iter().filter_map(|file_id| paths(sources.analysis.change.file(file_id))).collect();
    let (old, new) = pairs.first()?;
    let keep_names = pairs.iter().all(|(old, new)| base_name(old.as_ref()) == base_name(new.as_ref()));
    let folder = folder(new.as_ref());
    let shown = |path: &BStr| BString::from(quoted_as_git(path));
    let names: Vec<BString> = pairs.iter().map(|(old, _)| base_name(old.as_ref())).collect();
    let says: [&[u8]; 4] = match pairs.len() {
        _ if keep_names && !folder.is_empty() && pairs.iter().all(|(_, new)| self::folder(new.as_ref()) == folder) => {
            [b"move ", &list(&names, 2), b" to ", &shown(folder)]
        }
        1 if self::folder(old.as_ref()) == folder => [b"rename ", &names[0], b" to ", &base_name(new.as_ref())],
        1 => [b"move ", &shown(old.as_ref()), b" to ", &shown(new.as_ref())],
        _ => [b"rename ", &list(&names, 2), b"", b""],
    };
    Some(bstr::concat(says).into())
}

fn folder(path: &BStr) -> &BStr {
    path.rfind_byte(b'/').map_or(BStr::new(""), |at| path[..at].as_bstr())
}
