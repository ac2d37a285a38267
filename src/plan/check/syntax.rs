//! Brackets, conditionals and errors of the grammar in the text of each step.
//!
//! The whole text is only counted: what it opens less what it closes, edit by edit. The grammar is asked where edits of several patches meet
//! between two closing braces at the start of a line, as only there a step holds code that neither end has. No step is composed as a whole:
//!
//! ```text
//!   gap 0 | splice 0 | gap 1 | splice 1 | gap 2      parts of a file: the base's bytes, and between them what an edit takes or puts
//!                 └──── window ────┘                 around an edit that comes: from one closing brace to the next
//! ```
//!
//! Cost: the texts and edits of a file, and its windows, which are bounded: a file with more is not looked at further, and is named.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use bstr::{BString, ByteSlice};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::finding::Finding;
use super::times::Times;
use crate::lang::language;
use crate::model::compose::{Layout, compose_inserted};
use crate::model::diagnosis::DiagnosisKind;
use crate::model::{Change, EditId, EditSet, Edits, FileId, Reason, Relation, Span, TextId};
use crate::plan::balance::{Depth, LexState, depth, scan};
use cleave_c::n_faults;

/// So many bytes of windows of one file are looked at: a second of the grammar's time.
const WINDOWS_AT_MOST: usize = 8 << 20;

/// Counting brackets is so much faster than asking the grammar.
const COUNTED_FASTER: usize = 50;

/// What the grammar said of texts, kept from one round of repair to the next, as most steps hold the same texts again.
#[derive(Debug, Default)]
pub struct Asked(Mutex<HashMap<[u8; 32], usize>>);

impl Asked {
    fn n_faults(&self, text: &[u8]) -> usize {
        let key: [u8; 32] = Sha256::digest(text).into();
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key).copied();
        known.unwrap_or_else(|| {
            let n_faults = n_faults(text);
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, n_faults);
            n_faults
        })
    }
}

/// Finds the steps whose files do not parse, and the files that were too much to look at in every step.
pub(super) fn findings(change: &Change, edits: &Edits, times: &Times, asked: &Asked) -> (Vec<Finding>, Vec<FileId>) {
    let layout = Layout::of(edits);
    let all: Vec<(FileId, Vec<EditId>)> = edits.by_file().into_iter().collect();
    let one = |(file_id, edit_ids): &(FileId, Vec<EditId>)| {
        let mut of_time: BTreeMap<usize, Vec<EditId>> = BTreeMap::new();
        for &edit_id in edit_ids.iter().filter(|edit_id| times.at(**edit_id) <= times.n_patches()) {
            of_time.entry(times.at(edit_id)).or_default().push(edit_id);
        }
        if !language(change.file(*file_id).path()).is_balanced || of_time.len() < 2 {
            return (Vec::new(), None);
        }
        let mut file = File::of(Steps { change, edits, times, layout: &layout, asked }, *file_id);
        let findings = file.findings(&of_time);
        (findings, file.is_left.then_some(*file_id))
    };
    let (findings, left): (Vec<_>, Vec<_>) = all.par_iter().map(one).unzip();
    (findings.into_iter().flatten().collect(), left.into_iter().flatten().collect())
}

/// What all files share.
#[derive(Clone, Copy)]
struct Steps<'f> {
    change: &'f Change,
    edits: &'f Edits,
    times: &'f Times,
    layout: &'f Layout,
    asked: &'f Asked,
}

/// One edit of the base text.
struct Splice<'f> {
    edit_id: EditId,
    span: Span,
    /// What stands there now.
    text: Cow<'f, [u8]>,
    /// In what it begins and ends.
    inside: [LexState; 2],
}

/// A file on its way from the base to the tip.
struct File<'f> {
    known: Steps<'f>,
    file_id: FileId,
    base: &'f [u8],
    splices: Vec<Splice<'f>>,
    place: BTreeMap<EditId, usize>,
    /// The edits that are in.
    set: EditSet,
    depth: Depth,
    /// Whether `depth` is the sum over the parts; where an edit opens a comment or ends in a line, it is counted anew.
    is_sum: bool,
    /// Edits that change the depth, once they are asked for.
    uneven: OnceCell<Vec<EditId>>,
    /// Bytes that may still be looked at.
    budget: usize,
    /// Whether some were left.
    is_left: bool,
}

impl<'f> File<'f> {
    fn of(known: Steps<'f>, file_id: FileId) -> Self {
        let Steps { change, edits, times, layout, .. } = known;
        let base = change.file(file_id).base_text();
        let mut splices: Vec<Splice<'f>> = Vec::new();
        // An edit that a bridge stands for is in no patch.
        for &edit_id in layout.of_text(TextId::File(file_id)).iter().filter(|edit_id| times.at(**edit_id) <= times.n_patches()) {
            let Some((_, span, _)) = edits.get(edit_id).splice() else { continue };
            let text = base.get(span.range()).unwrap_or_default().into();
            splices.push(Splice { edit_id, span, text, inside: [LexState::Line; 2] });
        }
        let place = splices.iter().enumerate().map(|(at, splice)| (splice.edit_id, at)).collect();
        let (mut at, mut inside, mut is_sum) = (0, LexState::Code, true);
        for splice in &mut splices {
            // Edits that overlap are written by nobody; they are counted, but not twice.
            splice.span = Span::new(splice.span.start.max(at), splice.span.end.max(at));
            let before = scan(&base[at..splice.span.start], inside).1;
            inside = scan(&splice.text, before).1;
            splice.inside = [before, inside];
            is_sum &= !splice.inside.contains(&LexState::Line);
            at = splice.span.end;
        }
        let (set, depth) = (EditSet::empty(edits.len()), depth(base));
        File {
            known,
            file_id,
            base,
            splices,
            place,
            set,
            depth,
            is_sum,
            uneven: OnceCell::new(),
            budget: WINDOWS_AT_MOST,
            is_left: false,
        }
    }

    fn findings(&mut self, of_time: &BTreeMap<usize, Vec<EditId>>) -> Vec<Finding> {
        let Steps { change, times, asked, .. } = self.known;
        let file = change.file(self.file_id);
        let (base, tip) = (file.base_text(), file.tip_text());
        let ends = [self.depth, depth(tip)];
        let mut out = Vec::new();
        for (&time, &next) in of_time.keys().zip(of_time.keys().skip(1)) {
            let came = self.put(&of_time[&time]);
            let finding = |line: usize, mend: Option<Relation>| Finding {
                step: time - 1,
                until: next - 2,
                path: file.path().to_owned(),
                line: u32::try_from(line).unwrap_or(0),
                kind: DiagnosisKind::Other,
                symbol: BString::default(),
                mend: mend.into_iter().collect(),
                at: None,
            };
            let Some(now) = self.counted() else { continue };
            if !now.is_even() && !ends.contains(&now) {
                out.push(finding(0, self.join(self.uneven(of_time), time)));
                continue;
            }
            let mut seen = 0;
            for at in came {
                if at < seen {
                    continue;
                }
                let Some(window) = self.window(at) else {
                    (self.budget, self.is_left) = (0, true);
                    break;
                };
                seen = window.begun;
                let inside: Vec<EditId> = self.splices[window.inside.clone()].iter().map(|splice| splice.edit_id).collect();
                if inside.iter().all(|&other| times.at(other) == time) {
                    self.counts((window.text.len() + inside.len()) / COUNTED_FASTER);
                    continue;
                }
                self.counts(window.text.len());
                let found = asked.n_faults(&window.text);
                if found == 0 {
                    continue;
                }
                let splice = &self.splices[at];
                let tip_span = self.known.edits.get(splice.edit_id).tip_span;
                let of_tip = tip_span.map_or(&b""[..], |span| around(tip, span.start));
                if [around(base, splice.span.start), of_tip].iter().all(|known| found > asked.n_faults(known)) {
                    self.counts(base.len().max(tip.len()) / COUNTED_FASTER);
                    out.push(finding(1 + self.lines_before(window.start), self.join(&inside, time)));
                }
            }
        }
        out
    }

    /// Puts the edits in; returns the places of those in the base text, in order.
    fn put(&mut self, edit_ids: &[EditId]) -> BTreeSet<usize> {
        let Steps { edits, layout, .. } = self.known;
        self.set.extend(edit_ids.iter().copied());
        // An edit into inserted text changes what its maker puts in.
        let maker = |mut edit_id: EditId| {
            while let Some((TextId::Inserted(maker), ..)) = edits.get(edit_id).splice() {
                edit_id = maker;
            }
            self.place.get(&edit_id).copied()
        };
        let changed: BTreeSet<usize> = edit_ids.iter().filter_map(|&edit_id| maker(edit_id)).collect();
        for &at in &changed {
            let splice = &mut self.splices[at];
            let Ok(text) = compose_inserted(edits, layout, splice.edit_id, &self.set) else { continue };
            let [before, after] = splice.inside;
            let (now, end) = scan(&text, before);
            self.is_sum &= end == after;
            if self.is_sum {
                self.depth = self.depth + now - scan(&splice.text, before).0;
            }
            splice.text = text;
        }
        edit_ids.iter().filter_map(|edit_id| self.place.get(edit_id).copied()).collect()
    }

    /// Returns the depth of the whole text; `None` where it is too long to be counted once more.
    fn counted(&mut self) -> Option<Depth> {
        if self.is_sum {
            return Some(self.depth);
        }
        let text = (0..=2 * self.splices.len()).map(|idx| self.part(idx)).collect::<Vec<_>>().concat();
        self.counts(text.len() / COUNTED_FASTER);
        self.is_left |= self.budget == 0;
        (!self.is_left).then(|| depth(&text))
    }

    fn counts(&mut self, n_bytes: usize) {
        self.budget = self.budget.saturating_sub(n_bytes);
    }

    /// The edits that change the depth.
    fn uneven(&self, of_time: &BTreeMap<usize, Vec<EditId>>) -> &[EditId] {
        let Steps { change, edits, .. } = self.known;
        let is_uneven = |edit_id: &EditId| depth(edits.get(*edit_id).removed(change)) != depth(edits.get(*edit_id).inserted());
        self.uneven.get_or_init(|| of_time.values().flatten().copied().filter(is_uneven).collect())
    }

    /// Returns the gap before a splice for an even index, the splice's text for an odd one.
    fn part(&self, idx: usize) -> &[u8] {
        match idx % 2 {
            1 => &self.splices[idx / 2].text,
            _ => {
                let start = (idx / 2).checked_sub(1).map_or(0, |at| self.splices[at].span.end);
                &self.base[start..self.splices.get(idx / 2).map_or(self.base.len(), |splice| splice.span.start)]
            }
        }
    }

    /// Returns the number of lines before a place in a part.
    fn lines_before(&self, (idx, offset): (usize, usize)) -> usize {
        let lines = |text: &[u8]| text.find_iter("\n").count();
        (0..idx).map(|idx| lines(self.part(idx))).sum::<usize>() + lines(&self.part(idx)[..offset])
    }

    /// Cuts out what stands between the last closing brace at the start of a line before a splice and the next one after it; `None` where
    /// that is more than may be looked at.
    fn window(&self, at: usize) -> Option<Window> {
        let own = 2 * at + 1;
        let (mut parts, mut len, mut start) = (Vec::new(), 0, (0, 0));
        for idx in (0..own).rev() {
            let part = self.part(idx);
            let from = last_close(part).map(|brace| line_end(part, brace));
            parts.push(&part[from.unwrap_or(0)..]);
            len += parts.last().map_or(0, |part| part.len());
            if len + (own - idx) > self.budget {
                return None;
            }
            if let Some(from) = from {
                start = (idx, from);
                break;
            }
        }
        parts.reverse();
        let n_parts = 2 * self.splices.len() + 1;
        let (mut begun, mut next) = (self.splices.len(), n_parts);
        let mut last_byte = None;
        for idx in own..n_parts {
            let part = self.part(idx);
            // A brace right at the place closes what stands before it.
            let is_first = part.starts_with(b"}") && last_byte == Some(b'\n');
            let close = if is_first { Some(0) } else { part.find(CLOSE).map(|at| at + 1) };
            last_byte = part.last().copied().or(last_byte);
            let end = close.map_or(part.len(), |brace| line_end(part, brace));
            parts.push(&part[..end]);
            len += end;
            if len + (idx - own) > self.budget {
                return None;
            }
            if close.is_some() {
                begun = idx.div_ceil(2);
                next = if end == part.len() { idx + 1 } else { n_parts };
                break;
            }
        }
        // Edits that stand right at the end may touch what is before them.
        let mut last = begun;
        for idx in next..n_parts {
            last = last.max(idx.div_ceil(2));
            if !self.part(idx).is_empty() {
                break;
            }
        }
        Some(Window { text: parts.concat(), start, begun, inside: start.0.div_ceil(2)..last })
    }

    /// Ties the edit that came last to the nearest that is to come, or else to one that came before it.
    fn join(&self, edit_ids: &[EditId], time: usize) -> Option<Relation> {
        let at = |edit_id: EditId| self.known.times.at(edit_id);
        let sorted = |wanted: fn(usize, usize) -> bool| -> BTreeSet<EditId> {
            edit_ids.iter().copied().filter(|&edit_id| wanted(at(edit_id), time)).collect()
        };
        let came = sorted(|one, time| one == time);
        let others = [sorted(|one, time| one > time), sorted(|one, time| one < time)];
        let nearest = others.iter().find_map(|others| {
            let near = |one: EditId| others.range(..one).next_back().into_iter().chain(others.range(one..).next());
            let pairs = came.iter().flat_map(|&one| near(one).map(move |&other| (one.0.abs_diff(other.0), one, other)));
            pairs.min()
        });
        let reason = || Reason::Unbalanced("the code".into());
        nearest.map(|(_, one, other)| Relation::together(one.min(other), one.max(other), reason()))
    }
}

/// What stands around an edit in the text of a step.
struct Window {
    text: Vec<u8>,
    /// The part it begins in, and where in that.
    start: (usize, usize),
    /// The splices before this one begin before its end.
    begun: usize,
    /// The splices that lie in it or touch its end.
    inside: Range<usize>,
}

/// A closing brace at the start of a line.
const CLOSE: &[u8] = b"\n}";

/// Returns where the last closing brace at the start of a line stands.
fn last_close(text: &[u8]) -> Option<usize> {
    text.rfind(CLOSE).map(|at| at + 1).or_else(|| text.starts_with(b"}").then_some(0))
}

/// Returns where the line ends that the byte at `at` stands in.
fn line_end(text: &[u8], at: usize) -> usize {
    text[at..].find_byte(b'\n').map_or(text.len(), |len| at + len + 1)
}

/// Returns what stands between the last closing brace at the start of a line before `at` and the next one after it.
fn around(text: &[u8], at: usize) -> &[u8] {
    let at = at.min(text.len());
    let start = last_close(&text[..at]).map_or(0, |brace| line_end(text, brace)).min(at);
    let end = text[at..].find(CLOSE).map_or(text.len(), |found| line_end(text, at + found + 1));
    &text[start..end]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::analyze::{Analysis, analyze};
    use crate::model::compose::{Data, compose_file};
    use crate::plan::fixture;

    const LINES: &[&str] = &[
        "int f(int a)\n{\n",
        "}\n",
        "\tif (a) {\n\t\ta++;\n",
        "\t}\n",
        "/* one\n",
        " * { */\n",
        "#ifdef A\n",
        "#endif\n",
        "\treturn a;\n}\n",
        "#define X \"{ \\\n",
        "int v;\n",
        "\n",
    ];

    fn text() -> impl Strategy<Value = String> {
        proptest::collection::vec(proptest::sample::select(LINES), 0..14).prop_map(|lines| lines.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_parts_are_the_text_of_each_step(base in text(), tip in text(), times in proptest::collection::vec(0..3usize, 1..30)) {
            let change = fixture::change(&[("a.c", Some(&base), Some(&tip))]);
            let Analysis { change, edits, .. } = analyze(change);
            let mut patches = vec![Vec::new(); 3];
            edits.iter().zip(times.iter().cycle()).for_each(|((edit_id, _), &time)| patches[time].push(edit_id));
            let (times, layout, asked) = (Times::of(&edits, &patches), Layout::of(&edits), Asked::default());
            let known = Steps { change: &change, edits: &edits, times: &times, layout: &layout, asked: &asked };
            let mut file = File::of(known, FileId(0));
            for patch in &patches {
                let came = file.put(patch);
                let state = compose_file(&change, &edits, &layout, FileId(0), &file.set).unwrap().unwrap();
                let text: BString = match state.data {
                    Data::Bytes(bytes) => bytes.to_vec().into(),
                    Data::Object(id) if id == fixture::object_id(base.as_bytes()) => base.as_str().into(),
                    Data::Object(_) => tip.as_str().into(),
                };
                let parts: Vec<&[u8]> = (0..=2 * file.splices.len()).map(|idx| file.part(idx)).collect();
                prop_assert_eq!(&BString::from(parts.concat()), &text);
                for at in came {
                    let start = parts[..=2 * at].iter().map(|part| part.len()).sum();
                    let window = file.window(at).unwrap();
                    prop_assert_eq!(window.text.as_bstr(), around(&text, start).as_bstr());
                    prop_assert!(window.inside.contains(&at) && window.begun > at);
                }
                prop_assert_eq!(file.counted(), Some(depth(&text)));
            }
        }
    }
}
