//! Messages of compiler and linker about a step → the relations that the order breaks.
//!
//! A complaint names a line of the step and, mostly, a symbol. The line is traced back to the edit that it comes from, or to the base; the places of
//! the symbol say which edits would give it what it lacks, or take away what it has too much of. Only contracts that the present order breaks
//! are returned, so each is new. Where there are none the messages do not help, and the edits are searched ([`super::search()`]).
//! Cost: one pass over the names of the change, and for each complaint the text of its file and the places of its symbol.

use std::collections::{BTreeSet, HashMap, HashSet};

use bstr::{BStr, BString, ByteSlice};

use crate::analyze::occurrences::{NameSpace, Occurrence, Occurrences, last_part, writes};
use crate::model::compose::{Layout, Run, runs};
use crate::model::diagnosis::{Diagnosis, DiagnosisKind};
use crate::model::{Change, EditId, EditSet, Edits, FileId, Reason, Relation, Role, TextId};
use crate::plan::check::moment::Moment;
use crate::plan::check::scope::{Scope, builds};
use crate::plan::check::times::Times;
use cleave_c::lex::{TokenKind, tokens};

/// So many occurrences of one complaint are mended at once; the next round mends what is left.
const MENDED_AT_MOST: usize = 16;

/// A change and the order it is in.
struct Scene<'s> {
    change: &'s Change,
    edits: &'s Edits,
    occurrences: &'s Occurrences,
    patches: &'s [Vec<EditId>],
    layout: Layout,
    times: &'s Times,
    scope: Scope<'s>,
    /// The keys of the places of each bare name.
    keys: HashMap<&'s BStr, Vec<&'s (NameSpace, BString)>>,
}

/// A step that does not build: the place of its patch, from 0, and what the compiler said of its text.
pub type Failing = (usize, Vec<Diagnosis>);

/// Returns the contracts that the complaints ask for, each once, with the compiler's line as its reason, in the order of the complaints; empty where
/// none of them helps.
pub fn learn(
    change: &Change,
    edits: &Edits,
    occurrences: &Occurrences,
    patches: &[Vec<EditId>],
    failing: &[Failing],
) -> Vec<Relation> {
    let mut keys: HashMap<&BStr, Vec<&(NameSpace, BString)>> = HashMap::new();
    for key in occurrences.names.keys() {
        keys.entry(key.1.as_ref()).or_default().push(key);
    }
    let times = Times::of(edits, patches);
    let (layout, scope) = (Layout::of(edits), Scope::of(change, occurrences, &times));
    let scene = Scene { change, edits, occurrences, patches, layout, times: &times, scope, keys };
    let mut seen = HashSet::new();
    let mut out = Vec::new();
    for (step, diagnoses) in failing {
        let learned = diagnoses.iter().flat_map(|diagnosis| learned(&scene, *step, diagnosis));
        out.extend(learned.filter(|relation| seen.insert(relation.ends())));
    }
    out
}

/// Returns what one complaint asks for, sorted.
fn learned(scene: &Scene<'_>, step: usize, diagnosis: &Diagnosis) -> Vec<Relation> {
    let file_id = file_at(scene, step, diagnosis.path.as_ref());
    let line = file_id.map_or_else(StepLine::default, |file_id| line(scene, step, file_id, diagnosis.line));
    let complaint = PlacedDiagnosis { scene, time: step + 1, diagnosis, file_id, line };
    let found = match diagnosis.kind {
        DiagnosisKind::Undeclared => complaint.undeclared(),
        DiagnosisKind::MissingMember => complaint.missing_member(),
        DiagnosisKind::Redefined => complaint.redefined(),
        DiagnosisKind::Unused => complaint.unused(),
        DiagnosisKind::MissingHeader => complaint.missing_header(),
        DiagnosisKind::MissingRule => complaint.missing_rule(),
        DiagnosisKind::ArgumentCount => complaint.misfits(complaint.name()),
        DiagnosisKind::Other if !diagnosis.symbol.is_empty() => complaint.misfits(complaint.name()),
        DiagnosisKind::Other => complaint.other(),
    };
    let reason = Reason::Learned(diagnosis.shown().into());
    let found = found.into_iter().filter(|relation| relation.first != relation.second);
    let found: BTreeSet<Relation> = found.map(|relation| Relation { reason: reason.clone(), ..relation }).collect();
    found.into_iter().take(MENDED_AT_MOST).collect()
}

/// Returns the file of the change that stands at a path after a patch.
fn file_at(scene: &Scene<'_>, step: usize, path: &BStr) -> Option<FileId> {
    let mut at = scene.change.files().filter(|(_, file)| file.base.iter().chain(&file.tip).any(|entry| entry.path == path));
    let first = at.next()?.0;
    // Two file changes at one path are one that leaves and one that comes.
    let there = |file_id: &FileId| runs_of(scene, step, *file_id).is_some();
    std::iter::once(first).chain(at.map(|(file_id, _)| file_id)).find(there).or(Some(first))
}

/// Returns what the text of a file after a patch is made of.
fn runs_of(scene: &Scene<'_>, step: usize, file_id: FileId) -> Option<Vec<Run>> {
    let held = scene.patches[..=step].iter().flatten().copied();
    let set = EditSet::of(scene.edits.len(), held);
    runs(scene.change, scene.edits, &scene.layout, file_id, &set).ok().flatten()
}

/// A line of a step's file.
#[derive(Default)]
struct StepLine {
    /// What it is made of.
    runs: Vec<Run>,
    /// The words on it.
    words: BTreeSet<BString>,
}

impl StepLine {
    /// Whether a place stands on it.
    fn holds(&self, place: &Occurrence) -> bool {
        self.runs.iter().any(|run| match run.text {
            TextId::File(_) => place.order.insertion == usize::MAX && run.span.contains(place.order.base),
            TextId::Inserted(edit_id) => place.order.insertion == edit_id.idx() && run.span.contains(place.order.inner),
        })
    }
}

fn line(scene: &Scene<'_>, step: usize, file_id: FileId, number: u32) -> StepLine {
    let mut out = StepLine::default();
    let Some(wanted) = usize::try_from(number).ok().and_then(|number| number.checked_sub(1)) else { return out };
    let mut text = Vec::new();
    let mut at = 0;
    for run in runs_of(scene, step, file_id).into_iter().flatten() {
        let bytes = match run.text {
            TextId::File(file_id) => scene.change.file(file_id).base_text(),
            TextId::Inserted(edit_id) => scene.edits.get(edit_id).inserted(),
        };
        let mut start = run.span.start;
        for part in bytes[run.span.range()].lines_with_terminator() {
            let end = start + part.len();
            if at == wanted {
                out.runs.push(Run { text: run.text, span: crate::model::Span::new(start, end) });
                text.extend_from_slice(part);
            }
            at += usize::from(part.ends_with(b"\n"));
            start = end;
        }
        if at > wanted {
            break;
        }
    }
    let words = tokens(&text).into_iter().filter(|token| token.kind == TokenKind::Word);
    out.words = words.map(|token| BString::from(token.of(&text))).collect();
    // A directive is one token: its words are on the line too.
    let in_directive = text.fields_with(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    out.words.extend(in_directive.map(BString::from));
    out
}

/// A diagnosis with what is known of its place.
struct PlacedDiagnosis<'c> {
    scene: &'c Scene<'c>,
    time: usize,
    diagnosis: &'c Diagnosis,
    file_id: Option<FileId>,
    line: StepLine,
}

/// The places of one name.
struct NameOccurrences<'c> {
    space: &'c NameSpace,
    places: &'c [Occurrence],
    moment: Moment<'c>,
}

impl NameOccurrences<'_> {
    fn all(&self, fits: impl Fn(&Occurrence) -> bool) -> Vec<usize> {
        (0..self.places.len()).filter(|&idx| fits(&self.places[idx])).collect()
    }

    fn there(&self, fits: impl Fn(&Occurrence) -> bool) -> Vec<usize> {
        self.all(|place| fits(place) && self.moment.there(place))
    }
}

fn is_head(place: &Occurrence) -> bool {
    place.role != Role::Uses
}

fn is_use(place: &Occurrence) -> bool {
    place.role == Role::Uses
}

impl PlacedDiagnosis<'_> {
    /// Returns the places of the name that is complained about, in each space that has some; locals only those of functions on the line.
    fn named(&self, name: &BStr) -> Vec<NameOccurrences<'_>> {
        let keys = self.scene.keys.get(name).into_iter().flatten();
        let named = keys.map(|key| {
            let places = self.scene.occurrences.names[*key].as_slice();
            NameOccurrences { space: &key.0, places, moment: Moment { times: self.scene.times, places, time: self.time } }
        });
        named.filter(|named| self.sees(named)).collect()
    }

    fn sees(&self, named: &NameOccurrences<'_>) -> bool {
        match named.space {
            NameSpace::Local(file_id, _) => {
                Some(*file_id) == self.file_id
                    && named.places.iter().any(|place| self.line.holds(place) && named.moment.there(place))
            }
            NameSpace::Ordinary | NameSpace::Tag | NameSpace::Field | NameSpace::Header | NameSpace::Object => true,
        }
    }

    /// The symbol without what is written around it: `ops->call` is a member `call`.
    fn name(&self) -> &BStr {
        let symbol = self.diagnosis.symbol.as_bstr();
        let after = |at: usize| symbol[at + 1..].as_bstr();
        symbol.rfind_byteset(b".>").map_or(symbol, after)
    }

    /// Uses of a name that the complaint is about: those on its line; else those of its file, the newest first; else, where no file is known, all.
    fn users(&self, named: &NameOccurrences<'_>, fits: impl Fn(&Occurrence) -> bool) -> Vec<usize> {
        let here = |place: &Occurrence| is_use(place) && fits(place) && Some(place.file_id) == self.file_id;
        let on_line = named.there(|place| here(place) && self.line.holds(place));
        if !on_line.is_empty() {
            return on_line;
        }
        let new = |place: &Occurrence| place.added_by.is_some_and(|made| self.scene.times.at(made) == self.time);
        let in_file = named.there(here);
        let candidates = match self.file_id {
            Some(_) => in_file,
            None => named.there(|place| is_use(place) && fits(place)),
        };
        let newest: Vec<usize> = candidates.iter().copied().filter(|&idx| new(&named.places[idx])).collect();
        if newest.is_empty() { candidates } else { newest }
    }

    /// The relations that give each user what one of the makers has.
    fn needs(
        &self,
        named: &NameOccurrences<'_>,
        users: &[usize],
        makes: impl Fn(&Occurrence, &Occurrence) -> bool,
    ) -> Vec<Relation> {
        let name = || BString::default();
        let need = |&user: &usize| {
            let user = &named.places[user];
            let makers = named.all(|place| makes(place, user) && !named.moment.there(place));
            // What comes before the use goes is waited for, rather than that the use goes: it is nearer.
            let next = makers.iter().map(|&idx| named.moment.span(&named.places[idx]).0).filter(|from| *from > self.time).min();
            let waits = user.added_by.is_none() && next.is_some_and(|from| from <= named.moment.span(user).1);
            let user = Occurrence { removed_by: user.removed_by.filter(|_| !waits), ..user.clone() };
            named.moment.need(&user, makers.into_iter(), name)
        };
        let found: Vec<Relation> = users.iter().filter_map(need).collect();
        if !found.is_empty() || !users.is_empty() {
            return found;
        }
        // Used by a file that the change does not touch, or where no place is known: one comes before the other goes.
        let pending = named.all(|place| is_head(place) && place.added_by.is_some() && named.moment.span(place).0 > self.time);
        let lost = named.all(|place| is_head(place) && named.moment.span(place).1 <= self.time);
        let when = |edit_id: &EditId| self.scene.times.when(*edit_id);
        let pending = pending.iter().filter_map(|&idx| named.places[idx].added_by).min_by_key(when);
        let lost = lost.iter().filter_map(|&idx| named.places[idx].removed_by).max_by_key(when);
        pending.zip(lost).map(|(pending, lost)| Relation::before(pending, lost, Reason::Asked)).into_iter().collect()
    }

    fn undeclared(&self) -> Vec<Relation> {
        let text = &self.diagnosis.text;
        let is_link = text.starts_with("undefined") || text.ends_with(" undefined!");
        let scope = &self.scene.scope;
        let mut out = Vec::new();
        for named in self.named(self.name()) {
            if !matches!(named.space, NameSpace::Ordinary | NameSpace::Tag | NameSpace::Local(..)) {
                continue;
            }
            let users = self.users(&named, |_| true);
            let makes = |place: &Occurrence, user: &Occurrence| {
                let own = place.file_id == user.file_id;
                let earlier = !own || place.order < user.order || matches!(named.space, NameSpace::Tag);
                match is_link || text.ends_with("never defined") {
                    true => place.role == Role::Defines,
                    false => is_head(place) && earlier && (own || scope.is_header(place.file_id)),
                }
            };
            out.extend(self.needs(&named, &users, makes));
            if is_link {
                continue;
            }
            // A header that has it, but is not included yet.
            for &user in &users {
                let user = &named.places[user];
                let lost = named.all(|place| is_head(place) && named.moment.span(place).1 <= self.time);
                let lost = lost.into_iter().max_by_key(|&idx| named.moment.span(&named.places[idx]).1);
                let later = user.added_by.or(lost.and_then(|idx| named.places[idx].removed_by));
                for maker in named.there(|place| is_head(place) && scope.is_header(place.file_id)) {
                    let include = scope.next_include(user.file_id, named.places[maker].file_id, self.time);
                    out.extend(include.zip(later).map(|(include, later)| Relation::before(include, later, Reason::Asked)));
                }
            }
        }
        if out.is_empty() { self.only_include() } else { out }
    }

    /// Where a name is not known, and one later patch alone includes more headers here: the name is most likely in one of those, which the
    /// change does not touch.
    fn only_include(&self) -> Vec<Relation> {
        let Some(file_id) = self.file_id else { return Vec::new() };
        let is_include = |place: &&Occurrence| is_use(place) && place.file_id == file_id;
        let headers = self.scene.occurrences.names.iter().filter(|((space, _), _)| *space == NameSpace::Header);
        let includes: BTreeSet<EditId> = headers
            .flat_map(|(_, list)| list.iter().filter(is_include))
            .filter_map(|place| place.added_by)
            .filter(|made| self.scene.times.at(*made) > self.time)
            .collect();
        let (Some(&include), 1) = (includes.first(), includes.len()) else { return Vec::new() };
        self.inserted().into_iter().map(|user| Relation::before(include, user, Reason::Asked)).collect()
    }

    /// The edits that the line comes from.
    fn inserted(&self) -> BTreeSet<EditId> {
        let edits = self.line.runs.iter().filter_map(|run| match run.text {
            TextId::Inserted(edit_id) => Some(edit_id),
            TextId::File(_) => None,
        });
        edits.collect()
    }

    fn missing_member(&self) -> Vec<Relation> {
        let symbol = self.diagnosis.symbol.as_bstr();
        let record = symbol.rfind_byte(b'.').map(|at| symbol[..at].as_bstr());
        let mut out = Vec::new();
        for named in self.named(self.name()).iter().filter(|named| *named.space == NameSpace::Field) {
            // A record may be written by another name: then every one of that member counts.
            let is_meant = |place: &Occurrence| place.record.as_ref().map(|record| record.as_bstr()) == record;
            let known = named.places.iter().any(|place| is_head(place) && is_meant(place));
            let is_of = |place: &Occurrence| !known || place.record.is_none() || is_meant(place);
            let users = self.users(named, is_of);
            out.extend(self.needs(named, &users, |place, _| place.role == Role::Defines && is_of(place)));
        }
        out
    }

    fn redefined(&self) -> Vec<Relation> {
        let is_link = ["multiple definition", "duplicate symbol"].iter().any(|words| self.diagnosis.text.contains(words));
        let mut out = Vec::new();
        for named in self.named(self.name()) {
            let is_one = |place: &Occurrence| match is_link {
                true => place.role == Role::Defines,
                false => is_head(place),
            };
            let apart = |both: Vec<usize>| named.moment.apart(both.into_iter(), || Reason::Asked);
            let here = apart(named.there(|place| is_one(place) && (is_link || Some(place.file_id) == self.file_id)));
            out.extend(here.or_else(|| apart(named.there(is_one))));
        }
        out
    }

    fn unused(&self) -> Vec<Relation> {
        let never_defined = self.diagnosis.text.ends_with("never defined");
        let here = |place: &Occurrence| Some(place.file_id) == self.file_id;
        let mut out = Vec::new();
        for named in self.named(self.name()) {
            if !matches!(named.space, NameSpace::Ordinary | NameSpace::Local(..)) {
                continue;
            }
            let heads = named.there(|place| is_head(place) && here(place));
            for head in heads.iter().map(|&idx| &named.places[idx]) {
                if never_defined {
                    let makers = named.all(|place| place.role == Role::Defines && here(place) && !named.moment.there(place));
                    out.extend(named.moment.need(head, makers.into_iter(), BString::default));
                } else {
                    let uses =
                        named.all(|place| is_use(place) && here(place) && place.inside.as_ref() != Some(&self.diagnosis.symbol));
                    out.extend(named.moment.used(head, &uses, BString::default));
                }
            }
        }
        out
    }

    fn missing_header(&self) -> Vec<Relation> {
        let written = self.diagnosis.symbol.as_bstr();
        let mut out = Vec::new();
        for named in self.named(last_part(written)).iter().filter(|named| *named.space == NameSpace::Header) {
            let users = self.users(named, |_| true);
            out.extend(self.needs(named, &users, |place, _| is_head(place) && writes(written, place.shape.as_ref())));
        }
        out
    }

    fn missing_rule(&self) -> Vec<Relation> {
        let target = self.diagnosis.symbol.as_bstr();
        let stem = target.rfind_byte(b'.').map_or(target, |at| target[..at].as_bstr());
        let mut out = Vec::new();
        for named in self.named(last_part(stem)).iter().filter(|named| *named.space == NameSpace::Object) {
            // make speaks of the target, not of the line that lists it.
            let users = named.there(is_use);
            let path = |place: &Occurrence| self.scene.change.file(place.file_id).path();
            let makes = |place: &Occurrence, user: &Occurrence| {
                is_head(place) && builds(path(user), user.shape.as_ref(), place.shape.as_ref())
            };
            out.extend(self.needs(named, &users, makes));
        }
        out
    }

    /// A use that does not fit its head: the one that changed, and the other that adapts to it, go together.
    fn misfits(&self, name: &BStr) -> Vec<Relation> {
        let mut out = Vec::new();
        let later = |edit_id: EditId| self.scene.times.at(edit_id) > self.time;
        for named in self.named(name) {
            // A parameter may be marked as one that nobody uses.
            if !matches!(named.space, NameSpace::Ordinary | NameSpace::Field | NameSpace::Tag | NameSpace::Local(..)) {
                continue;
            }
            let heads: Vec<&Occurrence> = named.places.iter().filter(|place| is_head(place)).collect();
            for user in self.users(&named, |_| true).into_iter().map(|idx| &named.places[idx]) {
                // The head is new and the use old, or the other way round.
                let made = || heads.iter().filter_map(|head| head.added_by);
                let changed = made().filter(|made| !later(*made)).max_by_key(|made| self.scene.times.when(*made));
                let changes = made().filter(|made| later(*made)).min_by_key(|made| self.scene.times.when(*made));
                let pair = match (user.added_by, user.removed_by.filter(|gone| later(*gone)), changed, changes) {
                    (Some(made), _, _, Some(changes)) => Some((made, changes)),
                    (_, Some(gone), Some(changed), _) => Some((changed, gone)),
                    _ => None,
                };
                out.extend(pair.map(|(one, other)| Relation::together(one, other, Reason::Asked)));
            }
        }
        out
    }

    /// An error without a symbol: of the names on its line, the only one whose head and uses are apart.
    fn other(&self) -> Vec<Relation> {
        let mut of_names = self.line.words.iter().map(|word| self.misfits(word.as_ref())).filter(|found| !found.is_empty());
        let first = of_names.next();
        first.filter(|_| of_names.next().is_none()).unwrap_or_default()
    }
}
