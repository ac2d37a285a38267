//! Brackets, conditionals and errors of the grammar in the text of each step.
//!
//! The whole text is only counted: what it opens less what it closes. The grammar is asked where edits of several patches meet between two
//! closing braces at the start of a line, as only there a step holds code that neither end has.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BString, ByteSlice};
use rayon::prelude::*;

use super::{Finding, Times};
use crate::model::compose::{Data, Layout, compose_file};
use crate::model::diagnosis::DiagnosisKind;
use crate::model::{Change, EditId, EditSet, Edits, FileId, Reason, Relation, Span, TextId};
use crate::plan::balance::depth;
use crate::read::c::parse;
use crate::read::cut::Language;

/// Above this many bytes of texts of all steps, brackets are not counted, and above half of it in pieces the grammar is not asked: one second.
const BYTES_AT_MOST: usize = 256 << 20;

/// Finds the steps whose files do not parse.
pub(super) fn findings(change: &Change, edits: &Edits, times: &Times) -> Vec<Finding> {
    let layout = Layout::of(edits);
    let files: Vec<(FileId, Vec<EditId>)> = edits
        .by_file()
        .into_iter()
        .filter(|(file_id, _)| Language::of(change.file(*file_id).path()) == Language::C)
        .filter(|(_, edit_ids)| steps(edit_ids, times).len() > 1)
        .collect();
    let size = |file_id: FileId| change.file(file_id).base_text().len().max(change.file(file_id).tip_text().len());
    let bytes: usize = files.iter().map(|(file_id, edit_ids)| size(*file_id) * steps(edit_ids, times).len()).sum();
    if bytes > BYTES_AT_MOST {
        return Vec::new();
    }
    let one = |(file_id, edit_ids): &(FileId, Vec<EditId>)| {
        File { change, edits, times, layout: &layout, file_id: *file_id, edit_ids }.findings()
    };
    files.par_iter().flat_map_iter(one).collect()
}

/// The times at which edits of a file come.
fn steps(edit_ids: &[EditId], times: &Times) -> BTreeSet<usize> {
    edit_ids.iter().map(|&edit_id| times.at(edit_id)).filter(|&time| time <= times.n_patches()).collect()
}

struct File<'f> {
    change: &'f Change,
    edits: &'f Edits,
    times: &'f Times,
    layout: &'f Layout,
    file_id: FileId,
    edit_ids: &'f [EditId],
}

impl File<'_> {
    fn findings(&self) -> Vec<Finding> {
        let steps = steps(self.edit_ids, self.times);
        let last = steps.last().copied().unwrap_or(0);
        let file = self.change.file(self.file_id);
        let ends = [depth(file.base_text()), depth(file.tip_text())];
        let mut out = Vec::new();
        let mut asked: BTreeMap<BString, usize> = BTreeMap::new();
        let mut errors = |text: &[u8]| *asked.entry(text.into()).or_insert_with(|| parse(text).n_faults());
        for &time in steps.iter().filter(|&&time| time != last) {
            let until = steps.range(time + 1..).next().map_or(last, |&next| next) - 2;
            let set =
                EditSet::of(self.edits.len(), self.edit_ids.iter().copied().filter(|&edit_id| self.times.at(edit_id) <= time));
            let Ok(Some(state)) = compose_file(self.change, self.edits, self.layout, self.file_id, &set) else { continue };
            let Data::Bytes(text) = state.data else { continue };
            let finding = |line: usize, mend: Vec<Relation>| Finding {
                step: time - 1,
                until,
                path: file.path().to_owned(),
                line: u32::try_from(line).unwrap_or(0),
                kind: DiagnosisKind::Other,
                symbol: BString::default(),
                mend,
                at: None,
            };
            let now = depth(&text);
            if !now.is_even() && !ends.contains(&now) {
                out.push(finding(0, self.even_out(time)));
                continue;
            }
            for piece in self.pieces(&text, time) {
                let found = errors(&text[piece.now.range()]);
                let known = piece.ends(file.base_text(), file.tip_text()).map(&mut errors);
                if found > 0 && known.iter().all(|&known| found > known) {
                    out.push(finding(1 + text[..piece.now.start].find_iter("\n").count(), self.join(&piece.edits, time)));
                }
            }
        }
        out
    }

    /// Ties the last edit that is in and changes the depth to the nearest one that is not.
    fn even_out(&self, time: usize) -> Vec<Relation> {
        let uneven: Vec<EditId> = self
            .edit_ids
            .iter()
            .copied()
            .filter(|&edit_id| {
                let edit = self.edits.get(edit_id);
                depth(edit.removed(self.change)) != depth(edit.inserted())
            })
            .collect();
        self.join(&uneven, time)
    }

    /// Ties the edit that came last to the nearest that is to come.
    fn join(&self, edit_ids: &[EditId], time: usize) -> Vec<Relation> {
        let came = edit_ids.iter().copied().filter(|&edit_id| self.times.at(edit_id) == time);
        let others: Vec<EditId> = edit_ids.iter().copied().filter(|&edit_id| self.times.at(edit_id) != time).collect();
        let distance = |a: EditId, b: EditId| a.0.abs_diff(b.0);
        let pairs = came.flat_map(|one| others.iter().map(move |&other| (distance(one, other), one, other)));
        let nearest = pairs.min_by_key(|&(distance, one, other)| (self.times.at(other) < time, distance, one, other));
        let reason = || Reason::Unbalanced("the code".into());
        nearest.map(|(_, one, other)| Relation::together(one.min(other), one.max(other), reason())).into_iter().collect()
    }

    /// Cuts from the text the parts around edits that came now, where other edits are in or to come.
    fn pieces(&self, text: &[u8], time: usize) -> Vec<Piece> {
        let base = self.change.file(self.file_id).base_text();
        let tip = self.change.file(self.file_id).tip_text();
        // Where each edit stands in the text of the step: the base's offset, moved by what came and went before it.
        let mut moved: isize = 0;
        let mut at: Vec<(EditId, usize, Span)> = Vec::new();
        let mut splices: Vec<(Span, EditId)> =
            self.edit_ids.iter().filter_map(|&edit_id| Some((self.edits.get(edit_id).base_span()?, edit_id))).collect();
        splices.sort();
        for (span, edit_id) in splices {
            let Some((TextId::File(_), _, insert)) = self.edits.get(edit_id).splice() else { continue };
            at.push((edit_id, span.start.saturating_add_signed(moved), span));
            if self.times.at(edit_id) <= time {
                moved += isize::try_from(insert.len()).unwrap_or(0) - isize::try_from(span.len()).unwrap_or(0);
            }
        }
        let mut out: Vec<Piece> = Vec::new();
        let mut seen: Option<Span> = None;
        for &(edit_id, start, span) in at.iter().filter(|(edit_id, ..)| self.times.at(*edit_id) == time) {
            // The last part holds the end of the text too.
            let is_in = |seen: Span| seen.contains(start) || seen.end == text.len() && start >= text.len();
            if seen.is_some_and(is_in) {
                continue;
            }
            let now = around(text, start);
            seen = Some(now);
            let inside: Vec<EditId> =
                at.iter().filter(|(_, start, _)| now.covers(Span::new(*start, *start))).map(|(id, ..)| *id).collect();
            if inside.iter().all(|&other| self.times.at(other) == time) {
                continue;
            }
            let base_piece = around(base, span.start);
            let tip_piece = self.edits.get(edit_id).tip_span.map_or(Span::new(0, 0), |span| around(tip, span.start));
            out.push(Piece { now, base: base_piece, tip: tip_piece, edits: inside });
        }
        out
    }
}

/// A part of a step's text that several patches have to do with, and the same part of both ends.
struct Piece {
    now: Span,
    base: Span,
    tip: Span,
    edits: Vec<EditId>,
}

impl Piece {
    fn ends<'t>(&self, base: &'t [u8], tip: &'t [u8]) -> [&'t [u8]; 2] {
        [&base[self.base.range()], &tip[self.tip.range()]]
    }
}

/// Returns what stands between the last closing brace at the start of a line before `at` and the next one after it.
fn around(text: &[u8], at: usize) -> Span {
    let at = at.min(text.len());
    let close = b"\n}";
    let line = |from: usize| text[from..].find_byte(b'\n').map_or(text.len(), |len| from + len + 1);
    let start = text[..at].rfind(close).map_or(0, |found| line(found + 1)).min(at);
    let end = text[at..].find(close).map_or(text.len(), |found| line(at + found + 1));
    Span::new(start, end)
}
