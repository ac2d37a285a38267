//! Change → Edits: every difference as pieces that can go alone.

use std::collections::BTreeMap;
use std::ops::Bound;

use bstr::{BString, ByteSlice};
use rayon::prelude::*;

use super::align::aligned;
use super::cut::{SideText, cut, spans};
use super::frame::{self, FramePart};
use super::moves;
use crate::git::hunks::{Hunk, hunks};
use crate::lang::{Items, language};
use crate::model::{Change, Edit, EditId, EditKind, Edits, FileChange, FileId, Local, Span, TextId};
use cleave_c::span::Lines;
use cleave_c::{ItemKind, Syntax};

/// Cuts a change into its edits. They are numbered by file and, within one, in the order of the tip; a creation is before its contents
/// and a deletion after them.
pub fn edits(change: &Change) -> Edits {
    let ids: Vec<FileId> = change.files().map(|(file_id, _)| file_id).collect();
    joined(change, ids.par_iter().map(|&file_id| cut_file(change, file_id).edits).collect())
}

/// The edits of one file, and the syntax of both sides where they were parsed. The trees are to be used and dropped before the next file is
/// cut: those of a whole change would not fit into memory.
pub struct CutFile {
    /// The edits.
    pub edits: Local<Vec<Edit>>,
    /// Of the base text.
    pub base: Option<Syntax>,
    /// Of the tip's.
    pub tip: Option<Syntax>,
}

/// Cuts one file. Cost: parsing both sides, and their difference.
pub fn cut_file(change: &Change, file_id: FileId) -> CutFile {
    let file = change.file(file_id);
    let differs = file.is_text() && file.base_text() != file.tip_text();
    let parse = language(file.path()).parse.filter(|_| differs);
    let base = parse.map(|parse| parse(file.base_text()));
    let tip = parse.map(|parse| parse(file.tip_text()));
    let splices = if differs { splices(file, base.as_ref(), tip.as_ref()) } else { Vec::new() };
    CutFile { edits: Local::new(file_edits(file, file_id, splices)), base, tip }
}

/// Numbers the edits of all files, which come in order.
pub fn joined(change: &Change, of_files: Vec<Local<Vec<Edit>>>) -> Edits {
    let n_edits = of_files.iter().map(|of_file| of_file.in_file().len()).sum();
    let mut edits = Edits { all: Vec::with_capacity(n_edits), ..Edits::default() };
    for of_file in of_files {
        let first = edits.len();
        edits.all.extend(of_file.in_change(first));
    }
    free_paths(change, &mut edits.all);
    edits.moves = moves::moves(change, &edits);
    edits
}

/// A part of a hunk, as bytes of base and tip.
struct BytePiece {
    base: Span,
    tip: Span,
    insert: BString,
    item: BString,
    part: FramePart,
}

fn splices(file: &FileChange, base_syntax: Option<&Syntax>, tip_syntax: Option<&Syntax>) -> Vec<BytePiece> {
    let (base, tip) = (file.base_text(), file.tip_text());
    let (base_lines, tip_lines) = (Lines::of(base), Lines::of(tip));
    let language = language(file.path());
    let base_blocks = language.blocks(base, &base_lines, base_syntax);
    let tip_blocks = language.blocks(tip, &tip_lines, tip_syntax);
    let hunks = match language.items {
        Items::Named(_) => aligned(base, tip, &base_blocks, &tip_blocks),
        Items::Unnamed(_) | Items::Paragraphs => hunks(base, tip),
    };
    let base_side = SideText { text: base, lines: &base_lines, blocks: &base_blocks };
    let tip_side = SideText { text: tip, lines: &tip_lines, blocks: &tip_blocks };
    let pieces: Vec<Hunk> = hunks.into_iter().flat_map(|hunk| cut(hunk, &base_side, &tip_side)).collect();
    let parts = match (base_syntax, tip_syntax) {
        (Some(old), Some(new)) => {
            let base_side = frame::SideView::of(base, &base_lines, old, new);
            let tip_side = frame::SideView::of(tip, &tip_lines, new, old);
            frame::cut(pieces, &base_side, &tip_side)
        }
        _ => pieces.into_iter().map(|piece| (piece, FramePart::Whole)).collect(),
    };
    parts
        .into_iter()
        .map(|(piece, part)| {
            let (old, new) = spans(&piece, &base_lines, &tip_lines);
            let item = if new.is_empty() { item(base_syntax, base, old) } else { item(tip_syntax, tip, new) };
            BytePiece { base: old, tip: new, insert: tip[new.range()].into(), item, part }
        })
        .collect()
}

/// Returns the name of the item around a piece of a text.
fn item(syntax: Option<&Syntax>, text: &[u8], span: Span) -> BString {
    let bytes = &text[span.range()];
    // Blank lines before an item are outside of it, but come with it.
    let blanks = bytes.len() - bytes.trim_start().len();
    let offset = if blanks == bytes.len() { span.start } else { span.start + blanks };
    match syntax.and_then(|syntax| syntax.item_at(offset)) {
        // The lines of a condition and of an include are at file scope, and what they say is in the hash of an address.
        Some(item) if !matches!(item.kind, ItemKind::Conditional | ItemKind::Include | ItemKind::Other) => item.name.clone(),
        _ => BString::default(),
    }
}

/// Makes the edits of one file, numbered from 0.
fn file_edits(file: &FileChange, file_id: FileId, splices: Vec<BytePiece>) -> Vec<Edit> {
    let path_edit =
        |kind: EditKind, requires: Vec<EditId>| Edit { file_id, kind, requires, tip_span: None, item: BString::default() };
    let mut all = Vec::new();
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
    let parts: Vec<(FramePart, bool)> = splices.iter().map(|splice| (splice.part, splice.insert.is_empty())).collect();
    for (ordinal, splice) in splices.into_iter().enumerate() {
        let ordinal = u32::try_from(ordinal).expect("fewer edits than 2^32");
        let kind = EditKind::Splice { text: TextId::File(file_id), span: splice.base, insert: splice.insert, ordinal };
        all.push(Edit { file_id, kind, requires: made.clone(), tip_span: Some(splice.tip), item: splice.item });
    }
    frames(&parts, &mut all[first..], first);
    if file.tip.is_none() {
        let emptied = (first..all.len()).map(EditId::at).collect();
        all.push(path_edit(EditKind::Delete, emptied));
    }
    all
}

/// Makes the parts of a frame require each other, and the holes require their frame; where a frame is removed, it requires its holes.
fn frames(parts: &[(FramePart, bool)], edits: &mut [Edit], first: usize) {
    let mut members: BTreeMap<usize, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for (idx, (part, _)) in parts.iter().enumerate() {
        match part {
            FramePart::Whole => {}
            FramePart::Frame(frame) => members.entry(*frame).or_default().0.push(idx),
            FramePart::Hole(frame) => members.entry(*frame).or_default().1.push(idx),
        }
    }
    let at = |idx: usize| EditId::at(first + idx);
    for (frame, holes) in members.into_values() {
        let Some((&head, others)) = frame.split_first() else { continue };
        let leaves = parts[head].1;
        for &other in others {
            edits[other].requires.push(at(head));
            edits[head].requires.push(at(other));
        }
        for hole in holes {
            let (user, needed) = if leaves { (head, hole) } else { (hole, head) };
            edits[user].requires.push(at(needed));
        }
    }
    for edit in edits {
        edit.requires.sort();
        edit.requires.dedup();
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
