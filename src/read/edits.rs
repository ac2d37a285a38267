//! Change → Edits: every difference as pieces that can go alone.

use std::collections::BTreeMap;
use std::ops::Bound;

use bstr::{BString, ByteSlice};
use rayon::prelude::*;

use super::align::aligned;
use super::cut::{Language, Side, blocks, cut, spans};
use super::moves;
use crate::git::hunks::hunks;
use crate::model::span::Lines;
use crate::model::{Change, Edit, EditId, EditKind, Edits, FileChange, FileId, Span, TextId};

/// Cuts a change into its edits. They are numbered by file and, within one, in the order of the tip; a creation is before its contents
/// and a deletion after them.
pub fn edits(change: &Change) -> Edits {
    let ids: Vec<FileId> = change.files().map(|(file_id, _)| file_id).collect();
    let splices: Vec<Vec<Splice>> = ids.par_iter().map(|&file_id| splices(change.file(file_id))).collect();
    let mut all = Vec::new();
    for (file_id, splices) in ids.into_iter().zip(splices) {
        file_edits(change.file(file_id), file_id, splices, &mut all);
    }
    free_paths(change, &mut all);
    let mut edits = Edits { all, ..Edits::default() };
    edits.moves = moves::moves(change, &edits);
    edits
}

/// A piece in bytes.
struct Splice {
    base: Span,
    tip: Span,
    insert: BString,
}

fn splices(file: &FileChange) -> Vec<Splice> {
    if !file.is_text() {
        return Vec::new();
    }
    let (base, tip) = (file.base_text(), file.tip_text());
    if base == tip {
        return Vec::new();
    }
    let (base_lines, tip_lines) = (Lines::of(base), Lines::of(tip));
    let language = Language::of(file.path());
    let base_blocks = blocks(language, base, &base_lines);
    let tip_blocks = blocks(language, tip, &tip_lines);
    let hunks = match language {
        Language::C => aligned(base, tip, &base_blocks, &tip_blocks),
        Language::Build | Language::Text => hunks(base, tip),
    };
    let base_side = Side { text: base, lines: &base_lines, blocks: &base_blocks };
    let tip_side = Side { text: tip, lines: &tip_lines, blocks: &tip_blocks };
    hunks
        .into_iter()
        .flat_map(|hunk| cut(hunk, &base_side, &tip_side))
        .map(|piece| {
            let (base, span) = spans(&piece, &base_lines, &tip_lines);
            Splice { base, tip: span, insert: tip[span.range()].into() }
        })
        .collect()
}

/// Appends the edits of one file.
fn file_edits(file: &FileChange, file_id: FileId, splices: Vec<Splice>, all: &mut Vec<Edit>) {
    let path_edit = |kind: EditKind, requires: Vec<EditId>| Edit { file_id, kind, requires, tip_span: None };
    let mut made = Vec::new();
    match (&file.base, &file.tip) {
        (None, _) => {
            made.push(EditId::at(all.len()));
            all.push(path_edit(EditKind::Create, Vec::new()));
        }
        (Some(base), Some(tip)) => {
            if base.path != tip.path {
                all.push(path_edit(EditKind::Rename, Vec::new()));
            }
            if base.mode != tip.mode {
                all.push(path_edit(EditKind::Mode, Vec::new()));
            }
            if !file.is_text() && base.content != tip.content || !file.is_text() && base.object_id != tip.object_id {
                all.push(path_edit(EditKind::Replace, Vec::new()));
            }
        }
        (Some(_), None) => {}
    }
    let first = all.len();
    for (ordinal, splice) in splices.into_iter().enumerate() {
        let ordinal = u32::try_from(ordinal).expect("fewer edits than 2^32");
        let kind = EditKind::Splice { text: TextId::File(file_id), span: splice.base, insert: splice.insert, ordinal };
        all.push(Edit { file_id, kind, requires: made.clone(), tip_span: Some(splice.tip) });
    }
    if file.tip.is_none() {
        let emptied = (first..all.len()).map(EditId::at).collect();
        all.push(path_edit(EditKind::Delete, emptied));
    }
}

/// An edit that brings a file to a path requires those that free it: the file that stood there, a file that becomes a folder, the files
/// of a folder that becomes a file.
fn free_paths(change: &Change, all: &mut [Edit]) {
    let mut leaves: BTreeMap<BString, EditId> = BTreeMap::new();
    let mut comes: Vec<(BString, usize)> = Vec::new();
    for (idx, edit) in all.iter().enumerate() {
        let file = change.file(edit.file_id);
        let path = |tip: bool| if tip { &file.tip } else { &file.base }.as_ref().map(|entry| entry.path.clone());
        match edit.kind {
            EditKind::Create => comes.extend(path(true).map(|path| (path, idx))),
            EditKind::Delete => leaves.extend(path(false).map(|path| (path, EditId::at(idx)))),
            EditKind::Rename => {
                comes.extend(path(true).map(|path| (path, idx)));
                leaves.extend(path(false).map(|path| (path, EditId::at(idx))));
            }
            EditKind::Splice { .. } | EditKind::Mode | EditKind::Replace => {}
        }
    }
    for (path, idx) in comes {
        let mut needs: Vec<EditId> = leaves.get(&path).copied().into_iter().collect();
        needs.extend(path.find_iter("/").filter_map(|slash| leaves.get(path[..slash].as_bstr())));
        let mut folder = path.clone();
        folder.push(b'/');
        let below =
            leaves.range((Bound::Included(folder.clone()), Bound::Unbounded)).take_while(|(below, _)| below.starts_with(&folder));
        needs.extend(below.map(|(_, edit_id)| *edit_id));
        all[idx].requires.extend(needs.into_iter().filter(|needed| needed.idx() != idx));
        all[idx].requires.sort();
        all[idx].requires.dedup();
    }
}
