//! Edits as units: the lines of one side, with the place they stand in.
//!
//! ```text
//!   base          tip             an edit that replaces lines is two units, one a side, that share
//!   a             a               edit and hunk. A hunk is a run of changed lines with no unchanged
//!   b  -- gone    B  -- comes     line inside, as `git diff -U0` prints it; units of other edits may
//!   c             c               be in the same hunk. Part of a line counts as the whole line.
//! ```

use std::collections::BTreeMap;

use bstr::{BStr, ByteSlice};

use crate::model::{Change, EditId, EditKind, Edits, FileChange, FileId, Span, TextId};
use cleave_c::span::Lines;

use super::text;

/// Which lines of an edit a unit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Lines that leave.
    Removed,
    /// Lines that come.
    Inserted,
}

/// What becomes of the file as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// The file is new.
    New,
    /// The file goes.
    Deleted,
    /// The file stays.
    Kept,
}

/// One side of an edit: lines that leave or lines that come.
#[derive(Debug, Clone)]
pub struct Unit<'c> {
    /// The edit.
    pub edit_id: EditId,
    /// Which side of it.
    pub side: Side,
    /// The file it is in.
    pub file_id: FileId,
    /// The path of that file.
    pub path: &'c BStr,
    /// What becomes of that file.
    pub fate: Fate,
    /// Its lines, whole ones; empty for an edit of the path.
    pub text: &'c [u8],
    /// Number of its lines, at least 1: its weight.
    pub n_lines: u32,
    /// The run of changed lines it is part of, a place in the list that [`units()`] returns.
    pub hunk: usize,
    /// Line of the tip at which it stands, or would stand, counted from 1.
    pub line: usize,
    /// The function or type around it, in C.
    pub item: Option<&'c BStr>,
    /// Whether it is an edit of the path, which has no lines.
    pub is_path: bool,
}

/// A run of changed lines with no unchanged line inside.
#[derive(Debug, Clone)]
pub struct UnitHunk<'c> {
    /// The lines of the base.
    pub removed: &'c [u8],
    /// The lines of the tip.
    pub inserted: &'c [u8],
    /// The hunk with three lines of context that it is part of: equal numbers, one hunk.
    pub wide: usize,
}

/// Returns the units in the order of files and, within one, of hunks, lines that leave before lines that come.
///
/// Edits of the path come first in their file, each in an empty hunk of its own. Cost: the texts of the changed files, plus the
/// edits times their logarithm.
pub fn units<'c>(change: &'c Change, edits: &'c Edits) -> (Vec<Unit<'c>>, Vec<UnitHunk<'c>>) {
    let (mut units, mut hunks) = (Vec::new(), Vec::new());
    for (file_id, edit_ids) in edits.by_file() {
        File::of(change, edits, file_id).cut(&edit_ids, &mut units, &mut hunks);
    }
    (units, hunks)
}

/// An edit with the bytes of the base that it or the edit it is made of replaces.
struct Place {
    edit_id: EditId,
    /// Bytes of the base.
    base: Span,
    /// Lines of the base touched; empty at the gap between two lines.
    first: usize,
    last: usize,
    ordinal: u32,
}

struct File<'c> {
    edits: &'c Edits,
    file_id: FileId,
    file: &'c FileChange,
    base_lines: Lines,
    tip_lines: Lines,
    fate: Fate,
}

impl<'c> File<'c> {
    fn of(change: &'c Change, edits: &'c Edits, file_id: FileId) -> Self {
        let file = change.file(file_id);
        let fate = match (&file.base, &file.tip) {
            (None, _) => Fate::New,
            (_, None) => Fate::Deleted,
            _ => Fate::Kept,
        };
        let (base_lines, tip_lines) = (Lines::of(file.base_text()), Lines::of(file.tip_text()));
        File { edits, file_id, file, base_lines, tip_lines, fate }
    }

    fn cut(&self, edit_ids: &[EditId], units: &mut Vec<Unit<'c>>, hunks: &mut Vec<UnitHunk<'c>>) {
        let mut places = Vec::new();
        for &edit_id in edit_ids {
            match self.place(edit_id) {
                Some(place) => places.push(place),
                None => self.path_unit(edit_id, units, hunks),
            }
        }
        places.sort_by_key(|place| (place.base.start, place.base.end, place.ordinal, place.edit_id));
        let sides = [text::lines(self.file.base_text()).collect::<Vec<_>>(), text::lines(self.file.tip_text()).collect()];
        let mut wide_end = None;
        let mut grown: i64 = 0;
        let mut rest = &places[..];
        while let Some(first) = rest.first() {
            let mut end = first.last;
            let n = rest
                .iter()
                .take_while(|place| {
                    place.first <= end && {
                        end = end.max(place.last);
                        true
                    }
                })
                .count();
            let (mine, others) = rest.split_at(n);
            rest = others;
            let base = self.base_lines.span(first.first, end);
            let before = grown;
            grown += mine.iter().map(|place| self.growth(place.edit_id)).sum::<i64>();
            let tip = Span::new(shift(base.start, before), shift(base.end, grown));
            let tip = Span::new(tip.start.min(self.file.tip_text().len()), tip.end.min(self.file.tip_text().len()));
            // git joins hunks whose contexts of three lines meet
            if wide_end.is_none_or(|end| first.first > end + 6) {
                wide_end = None;
            }
            let wide = if wide_end.is_some() { hunks.last().map_or(0, |hunk| hunk.wide) } else { hunks.len() };
            wide_end = Some(end);
            let hunk =
                UnitHunk { removed: &self.file.base_text()[base.range()], inserted: &self.file.tip_text()[tip.range()], wide };
            self.hunk_units(mine, tip, hunks.len(), &sides, units);
            hunks.push(hunk);
        }
    }

    /// Finds where in the base a splice acts, through the texts it is made of; `None` for an edit of the path.
    fn place(&self, edit_id: EditId) -> Option<Place> {
        let (text, span, _) = self.edits.get(edit_id).splice()?;
        let mut base = span;
        let mut text = text;
        while let TextId::Inserted(root) = text {
            let (above, at, _) = self.edits.get(root).splice()?;
            (text, base) = (above, Span::new(at.start, at.start));
        }
        let EditKind::Splice { ordinal, .. } = self.edits.get(edit_id).kind else { return None };
        let len = self.file.base_text().len();
        let base = Span::new(base.start.min(len), base.end.min(len));
        let first = self.base_lines.line_at(base.start).min(self.base_lines.len());
        let last = if self.base_lines.start(self.base_lines.line_at(base.end)) == base.end {
            self.base_lines.line_at(base.end)
        } else {
            self.base_lines.line_at(base.end) + 1
        };
        Some(Place { edit_id, base, first, last: last.max(first), ordinal })
    }

    /// Returns by how many bytes an edit makes the file longer.
    fn growth(&self, edit_id: EditId) -> i64 {
        let len = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        self.edits.get(edit_id).splice().map_or(0, |(_, span, insert)| len(insert.len()) - len(span.len()))
    }

    fn path_unit(&self, edit_id: EditId, units: &mut Vec<Unit<'c>>, hunks: &mut Vec<UnitHunk<'c>>) {
        let side = match self.edits.get(edit_id).kind {
            EditKind::Delete => Side::Removed,
            _ => Side::Inserted,
        };
        units.push(Unit { is_path: true, ..self.unit(edit_id, side, b"", hunks.len(), 0) });
        hunks.push(UnitHunk { removed: b"", inserted: b"", wide: hunks.len() });
    }

    fn unit(&self, edit_id: EditId, side: Side, text: &'c [u8], hunk: usize, line: usize) -> Unit<'c> {
        let n_lines = u32::try_from(text::lines(text).count()).unwrap_or(u32::MAX).max(1);
        let path = self.file.path();
        Unit {
            edit_id,
            side,
            file_id: self.file_id,
            path,
            fate: self.fate,
            text,
            n_lines,
            hunk,
            line,
            item: None,
            is_path: false,
        }
    }

    fn hunk_units(&self, places: &[Place], tip: Span, hunk: usize, sides: &[Vec<&'c [u8]>; 2], units: &mut Vec<Unit<'c>>) {
        let tip_first = self.tip_lines.line_at(tip.start).min(self.tip_lines.len());
        // as in `@@ -7 +6,0 @@`: where nothing comes, the line before
        let hunk_line = if tip.is_empty() { tip_first } else { tip_first + 1 };
        let is_c = text::is_c(self.file.path());
        let start = units.len();
        let mut starts = Vec::new();
        for place in places {
            let edit = self.edits.get(place.edit_id);
            let Some((text, span, insert)) = edit.splice() else { continue };
            if !span.is_empty() {
                let (text, at) = match text {
                    TextId::File(_) => {
                        (&self.file.base_text()[self.base_lines.span(place.first, place.last).range()], place.first)
                    }
                    TextId::Inserted(root) => (self.edits.get(root).inserted().get(span.range()).unwrap_or(b""), place.first),
                };
                let item = if is_c { text::item(&sides[0], at, text) } else { None };
                starts.push((Side::Removed, place.base.start, units.len()));
                units.push(Unit {
                    item: item.map(ByteSlice::as_bstr),
                    ..self.unit(place.edit_id, Side::Removed, text, hunk, hunk_line)
                });
            }
            if !insert.is_empty() {
                let (text, at) = match edit.tip_span {
                    Some(span) if span.end <= self.file.tip_text().len() => {
                        let lines = (self.tip_lines.line_at(span.start), self.tip_lines.line_at(span.end.saturating_sub(1)) + 1);
                        (&self.file.tip_text()[self.tip_lines.span(lines.0, lines.1).range()], lines.0)
                    }
                    _ => (&insert[..], tip_first),
                };
                let item = if is_c { text::item(&sides[1], at, text) } else { None };
                starts.push((Side::Inserted, edit.tip_span.map_or(tip.start, |span| span.start), units.len()));
                units.push(Unit {
                    item: item.map(ByteSlice::as_bstr),
                    ..self.unit(place.edit_id, Side::Inserted, text, hunk, at + 1)
                });
            }
            if span.is_empty() && insert.is_empty() {
                starts.push((Side::Removed, place.base.start, units.len()));
                units.push(self.unit(place.edit_id, Side::Removed, b"", hunk, hunk_line));
            }
        }
        starts.sort();
        let sorted: Vec<_> = starts.iter().map(|&(_, _, at)| units[at].clone()).collect();
        units.truncate(start);
        units.extend(sorted);
    }
}

fn shift(offset: usize, by: i64) -> usize {
    let moved = i64::try_from(offset).unwrap_or(i64::MAX).saturating_add(by);
    usize::try_from(moved).unwrap_or(0)
}

/// Returns the places in `units` of each edit.
pub fn by_edit(units: &[Unit<'_>]) -> BTreeMap<EditId, Vec<usize>> {
    let mut places: BTreeMap<EditId, Vec<usize>> = BTreeMap::new();
    for (idx, unit) in units.iter().enumerate() {
        places.entry(unit.edit_id).or_default().push(idx);
    }
    places
}
