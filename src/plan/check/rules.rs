//! The occurrences of one name in one step → what a compiler or linker would say of it, and which relations would mend it.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BStr, BString, ByteSlice};

use super::moment::Moment;
use super::scope::{Scope, builds};
use crate::analyze::occurrences::{Context, NameSpace, Occurrence, writes};
use crate::lang::Linkage;
use crate::model::{EditId, FileId, Reason, Relation, Role, SymbolKind};

/// What is wrong with a name in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Wrong {
    /// Used where nothing declares it.
    Undeclared,
    /// Of a type that is declared, but not defined, where it is used as a value or looked into.
    Incomplete,
    /// Declared and used, but defined nowhere.
    Undefined,
    /// Defined twice where one file sees both.
    Twice,
    /// Two heads that disagree.
    Disagree,
    /// Static or local, and not used.
    Unused,
    /// Called with a number of arguments that no head takes.
    Arguments,
    /// A member that its record has not.
    Member,
    /// An include of a file that is not there.
    Include,
    /// A source in a build file that is not there.
    Source,
}

/// So many places of one fault are mended at once; the next round takes what is left.
const MENDED_AT_MOST: usize = 16;

/// One fault at one time.
pub(super) struct Fault {
    pub(super) wrong: Wrong,
    pub(super) file_id: FileId,
    /// The place to show.
    pub(super) place: usize,
    pub(super) mend: Vec<Relation>,
}

/// What is there at a time.
struct View<'v> {
    scope: &'v Scope<'v>,
    space: &'v NameSpace,
    name: &'v BString,
    places: &'v [Occurrence],
    time: usize,
    /// The places that are there, in order.
    there: Vec<usize>,
    /// Of those, the ones that define or declare.
    heads: Vec<usize>,
    /// And those of each file.
    of_file: BTreeMap<FileId, Vec<usize>>,
    /// The heads that stand in headers: what others may see.
    shared: Vec<usize>,
    /// What is at fault at base or tip already, and so not looked at again.
    known: &'v BTreeSet<(Wrong, FileId)>,
}

/// Finds what is wrong with a name at a time. Linear in the places of the name, and in those that define or declare it for each file that it
/// stands in.
pub(super) fn faults(
    scope: &Scope<'_>,
    (space, name): (&NameSpace, &BString),
    places: &[Occurrence],
    known: &BTreeSet<(Wrong, FileId)>,
    time: usize,
) -> Vec<Fault> {
    let there: Vec<usize> = (0..places.len()).filter(|&idx| scope.there(&places[idx], time)).collect();
    let heads: Vec<usize> = there.iter().copied().filter(|&idx| is_head(&places[idx])).collect();
    let shared = heads.iter().copied().filter(|&idx| scope.is_header(places[idx].file_id)).collect();
    let mut of_file: BTreeMap<FileId, Vec<usize>> = BTreeMap::new();
    there.iter().for_each(|&idx| of_file.entry(places[idx].file_id).or_default().push(idx));
    let view = View { scope, space, name, places, time, there, heads, of_file, shared, known };
    let mut out = Vec::new();
    match space {
        NameSpace::Ordinary => ordinary(&view, &mut out),
        NameSpace::Tag => tag(&view, &mut out),
        NameSpace::Field => field(&view, &mut out),
        NameSpace::Local(file_id, _) => local(&view, *file_id, &mut out),
        NameSpace::Header => existing(&view, Wrong::Include, &mut out),
        NameSpace::Object => existing(&view, Wrong::Source, &mut out),
    }
    out
}

impl<'v> View<'v> {
    fn with(&self, fits: impl Fn(&Occurrence) -> bool) -> Vec<usize> {
        self.there.iter().copied().filter(|&idx| fits(&self.places[idx])).collect()
    }

    /// Whether nobody asks what would mend it: at base and tip.
    fn is_end(&self) -> bool {
        self.time == 0 || self.time == self.scope.times.n_patches()
    }

    /// The heads that a file may see, its own and those in headers, in order.
    fn in_sight(&self, file_id: FileId, fits: impl Fn(&Occurrence) -> bool) -> Vec<usize> {
        let mut all = self.of(file_id, |place| is_head(place) && fits(place));
        let others = self.shared.iter().copied().filter(|&idx| self.places[idx].file_id != file_id && fits(&self.places[idx]));
        all.extend(others);
        all.sort_unstable();
        all
    }

    /// Returns the edit that removed the last of some places that are gone already.
    fn lost<'p>(&self, places: impl Iterator<Item = &'p Occurrence>) -> Option<EditId> {
        let lost = places.filter(|place| self.scope.span(place).1 <= self.time);
        lost.max_by_key(|place| self.scope.span(place).1).and_then(|place| place.removed_by)
    }

    /// Returns all places that fit, there or not.
    fn all(&self, fits: impl Fn(&Occurrence) -> bool + Clone) -> impl Iterator<Item = usize> + Clone {
        (0..self.places.len()).filter(move |&idx| fits(&self.places[idx]))
    }

    /// Finds the uses in a file that no definition fits now, though one does at another time. Returns the first of them, and the relations that give each
    /// of them what it needs.
    fn lacking(
        &self,
        file_id: FileId,
        definitions: &[usize],
        fits: impl Fn(&Occurrence, &Occurrence) -> bool + Copy,
    ) -> Option<(usize, Vec<Relation>)> {
        let bare = self.of(file_id, |user| {
            user.role == Role::Uses
                && definitions.iter().any(|&idx| fits(&self.places[idx], user))
                && !self.heads.iter().any(|&idx| fits(&self.places[idx], user))
        });
        let users = bare.iter().map(|&user| &self.places[user]);
        let makers = |user| definitions.iter().copied().filter(move |&idx| fits(&self.places[idx], user));
        let mend = users.flat_map(|user| self.need(user, makers(user))).collect();
        Some((*bare.first()?, mend))
    }

    /// As [`View::with`], of those that define or declare.
    fn heads(&self, fits: impl Fn(&Occurrence) -> bool) -> Vec<usize> {
        self.heads.iter().copied().filter(|&idx| fits(&self.places[idx])).collect()
    }

    /// As [`View::with`], of one file.
    fn of(&self, file_id: FileId, fits: impl Fn(&Occurrence) -> bool) -> Vec<usize> {
        self.of_file.get(&file_id).into_iter().flatten().copied().filter(|&idx| fits(&self.places[idx])).collect()
    }

    fn files(&self) -> impl Iterator<Item = FileId> {
        self.of_file.keys().copied()
    }

    /// Whether what stands at `place` is seen from `file_id`: its own, or that of a header it includes.
    fn is_seen(&self, place: &Occurrence, file_id: FileId, time: usize) -> bool {
        place.file_id == file_id || (self.scope.is_header(place.file_id) && self.scope.sees(file_id, place.file_id, time))
    }

    /// Whether a header has what `fits` at a time.
    fn is_shown(&self, time: usize, fits: impl Fn(&Occurrence) -> bool) -> bool {
        let has = |place: &Occurrence| self.scope.is_header(place.file_id) && self.scope.there(place, time) && fits(place);
        self.places.iter().any(has)
    }

    fn count(&self, time: usize, fits: impl Fn(&Occurrence) -> bool) -> usize {
        self.places.iter().filter(|place| self.scope.there(place, time) && fits(place)).count()
    }

    /// Whether more of these are there now than at either end.
    fn is_more(&self, n_now: usize, fits: impl Fn(&Occurrence, usize) -> bool) -> bool {
        let end = self.scope.times.n_patches();
        n_now > 1 && n_now > self.count(0, |place| fits(place, 0)) && n_now > self.count(end, |place| fits(place, end))
    }

    fn moment(&self) -> Moment<'_> {
        Moment { times: self.scope.times, places: self.places, time: self.time }
    }

    /// The relation that gives a use what it needs: one of `makers`, none of which is there.
    fn need(&self, user: &Occurrence, makers: impl Iterator<Item = usize>) -> Option<Relation> {
        self.moment().need(user, makers, || self.shown(user))
    }

    /// The relation that has the source of `maker` built while `user` is there: a use that stays has another of the `makers` until then.
    fn build(&self, user: &Occurrence, maker: &Occurrence, makers: impl Iterator<Item = usize> + Clone) -> Option<Relation> {
        let pending = makers.clone();
        let lost = self.lost(makers.map(|idx| &self.places[idx]));
        let reason = || Reason::Built(self.scope.change.file(maker.file_id).path().to_owned());
        match (user.added_by, user.removed_by, self.scope.builders(maker.file_id, self.time)) {
            (Some(made), _, (Some(next), _)) => Some(Relation::before(next, made, reason())),
            (_, Some(gone), (_, Some(last))) => Some(Relation::before(gone, last, reason())),
            (None, _, (Some(next), _)) => lost.filter(|lost| *lost != next).map(|lost| Relation::before(next, lost, reason())),
            // The line goes when another source has it.
            (None, None, (None, Some(last))) => {
                let others = pending.map(|idx| &self.places[idx]).filter(|place| self.scope.span(place).0 > self.time);
                let next = others.filter_map(|place| place.added_by).min_by_key(|edit_id| self.scope.times.when(*edit_id))?;
                (next != last).then(|| Relation::together(next, last, reason()))
            }
            _ => None,
        }
    }

    /// The relation that keeps a call from heads that do not take it, where the one that did stands outside the change: it goes before the first of
    /// them comes, with it where the edit calls the new one instead, or comes after the last of them is gone.
    fn yields(&self, call: &Occurrence, heads: &[usize]) -> Option<Relation> {
        let all =
            |end: fn(&Occurrence) -> Option<EditId>| heads.iter().map(|&idx| end(&self.places[idx])).collect::<Option<Vec<_>>>();
        let when = |edit_id: &EditId| self.scope.times.when(*edit_id);
        let first = all(|head| head.added_by).and_then(|made| made.into_iter().min_by_key(when));
        let last = all(|head| head.removed_by).and_then(|gone| gone.into_iter().max_by_key(when));
        let reason = || Reason::ChangesShape(self.shown(call));
        let goes = call.removed_by.zip(first).filter(|(gone, first)| gone != first).map(|(gone, first)| {
            match self.places.iter().any(|place| place.role == Role::Uses && place.added_by == Some(gone)) {
                true => Relation::together(gone, first, reason()),
                false => Relation::before(gone, first, reason()),
            }
        });
        let comes = || call.added_by.zip(last).filter(|(made, last)| made != last);
        goes.or_else(|| comes().map(|(made, last)| Relation::before(last, made, reason())))
    }

    /// The relation that keeps two places from being there at once.
    fn apart(&self, mut both: impl Iterator<Item = usize> + Clone, reason: fn(BString) -> Reason) -> Vec<Relation> {
        let all = both.clone();
        let Some(first) = both.next() else { return Vec::new() };
        self.moment().apart(all, || reason(self.shown(&self.places[first]))).into_iter().collect()
    }

    /// The relation that gives a definition a use, or takes it away with its last one.
    fn used(&self, definition: &Occurrence, uses: &[usize]) -> Vec<Relation> {
        self.moment().used(definition, uses, || self.shown(definition)).into_iter().collect()
    }

    fn shown(&self, place: &Occurrence) -> BString {
        shown(self.space, self.name, place)
    }
}

fn is_definition(place: &Occurrence) -> bool {
    place.role == Role::Defines
}

fn is_head(place: &Occurrence) -> bool {
    place.role != Role::Uses
}

fn ordinary(view: &View<'_>, out: &mut Vec<Fault>) {
    for file_id in view.files() {
        undeclared(view, file_id, Wrong::Undeclared, is_head, |_| true, out);
        twice(view, file_id, out);
        arguments(view, file_id, out);
        disagree(view, file_id, out);
        if !view.scope.is_header(file_id) {
            internal(view, file_id, out);
        }
    }
    linked(view, out);
}

/// Uses in a file before which nothing that it sees `makes` the name.
fn undeclared(
    view: &View<'_>,
    file_id: FileId,
    wrong: Wrong,
    makes: fn(&Occurrence) -> bool,
    needs: impl Fn(&Occurrence) -> bool,
    out: &mut Vec<Fault>,
) {
    if view.known.contains(&(wrong, file_id)) {
        return;
    }
    let first = view.of(file_id, makes).first().map(|&idx| view.places[idx].order);
    let is_bare = |place: &Occurrence| match (place.context, first) {
        (_, None) => true,
        (Context::Macro, Some(_)) => false,
        (_, Some(first)) => place.order < first,
    };
    let bare = view.of(file_id, |place| place.role == Role::Uses && needs(place) && is_bare(place));
    let Some(&shown) = bare.first() else { return };
    // What is known to be seen at the ends that use it has to be at each step; else an unknown include may show it.
    let is_known =
        |time: usize| view.is_shown(time, |place| makes(place) && view.scope.surely_sees(file_id, place.file_id, time));
    let is_used = |time: usize| {
        let is_use = |place: &Occurrence| place.file_id == file_id && place.role == Role::Uses && needs(place);
        view.places.iter().any(|place| is_use(place) && view.scope.there(place, time))
    };
    let is_sure = || {
        let ends = [0, view.scope.times.n_patches()].map(|end| (is_used(end), is_known(end)));
        ends.iter().any(|(_, known)| *known) && ends.iter().all(|(used, known)| *known || !used)
    };
    let from_others = view.is_shown(view.time, |place| makes(place) && view.scope.sees(file_id, place.file_id, view.time))
        && (is_known(view.time) || !is_sure());
    if from_others {
        return;
    }
    let mut mend = Vec::new();
    for &user in bare.iter().take(if view.is_end() { 0 } else { MENDED_AT_MOST }) {
        let user = &view.places[user];
        // What comes too late in the text is no maker.
        let makers = view.all(|place| {
            let in_time = place.file_id != file_id || place.order < user.order || user.context == Context::Macro;
            makes(place)
                && in_time
                && (place.file_id == file_id || view.scope.is_header(place.file_id))
                && !view.scope.there(place, view.time)
        });
        mend.extend(view.need(user, makers));
        // A header that has it, but is not included yet: before the use comes, or before what it saw until now goes.
        let lost = view.lost(view.places.iter().filter(|place| makes(place)));
        for maker in view.shared.iter().map(|&idx| &view.places[idx]).filter(|place| makes(place)) {
            let line = view.scope.next_include(file_id, maker.file_id, view.time);
            let pair = line.zip(user.added_by.or(lost)).filter(|(line, later)| line != later);
            mend.extend(pair.map(|(line, later)| Relation::before(line, later, Reason::DefinedBeforeUse(view.shown(maker)))));
            // It was seen through an include that is gone: what the file sees in its place comes first.
            let gone = view.scope.last_include(file_id, maker.file_id, view.time).filter(|_| user.added_by.is_none());
            let pair = user.removed_by.zip(gone).filter(|(leaves, gone)| leaves != gone);
            mend.extend(
                pair.map(|(leaves, gone)| Relation::before(leaves, gone, Reason::LastUseBeforeRemoval(view.shown(maker)))),
            );
            let next =
                view.all(|place| makes(place) && view.scope.is_header(place.file_id) && view.scope.span(place).0 > view.time);
            let next =
                line.or(next.filter_map(|idx| view.places[idx].added_by).min_by_key(|edit_id| view.scope.times.when(*edit_id)));
            let pair = next.zip(gone).filter(|(next, gone)| next != gone && user.removed_by.is_none());
            mend.extend(pair.map(|(next, gone)| Relation::before(next, gone, Reason::DefinedBeforeUse(view.shown(maker)))));
        }
    }
    out.push(Fault { wrong, file_id, place: shown, mend });
}

/// Definitions that one file sees more of than at either end.
fn twice(view: &View<'_>, file_id: FileId, out: &mut Vec<Fault>) {
    let seen = |place: &Occurrence, time: usize| is_definition(place) && view.is_seen(place, file_id, time);
    // What a file sees costs a walk over its includes: those that define nothing themselves are not asked.
    let Some(&own) = view.of(file_id, is_definition).first() else { return };
    let all = view.in_sight(file_id, |place| seen(place, view.time));
    if view.is_more(all.len(), seen) {
        out.push(Fault { wrong: Wrong::Twice, file_id, place: own, mend: view.apart(all.into_iter(), Reason::Moved) });
    }
}

/// Calls that no head takes which the file sees.
fn arguments(view: &View<'_>, file_id: FileId, out: &mut Vec<Fault>) {
    if view.of(file_id, |place| place.role == Role::Uses && place.arguments.is_some()).is_empty() {
        return;
    }
    let own = view.of(file_id, is_head);
    let heads = if own.is_empty() { view.in_sight(file_id, |place| view.is_seen(place, file_id, view.time)) } else { own };
    let is_callable = |idx: &usize| matches!(view.places[*idx].kind, SymbolKind::Function | SymbolKind::Macro);
    if heads.is_empty() || !heads.iter().all(is_callable) {
        return;
    }
    let Some(taken) = heads.iter().map(|&idx| view.places[idx].arguments).collect::<Option<Vec<_>>>() else { return };
    let wrong = view.of(file_id, |place| {
        let given = place.arguments.filter(|_| place.role == Role::Uses);
        given.is_some_and(|given| !taken.iter().any(|head| head.take(given)))
    });
    let Some(&shown) = wrong.first() else { return };
    let mut mend = Vec::new();
    for &call in wrong.iter().take(MENDED_AT_MOST) {
        let call = &view.places[call];
        let fits = |place: &Occurrence| {
            let takes = place.arguments.zip(call.arguments).is_some_and(|(head, given)| head.take(given));
            is_head(place) && takes && (place.file_id == file_id || view.scope.is_header(place.file_id))
        };
        let relation = view.need(call, view.all(fits)).or_else(|| view.yields(call, &heads));
        let reason = Reason::ChangesShape(view.shown(call));
        mend.extend(relation.map(|relation| Relation { reason, ..relation }));
    }
    out.push(Fault { wrong: Wrong::Arguments, file_id, place: shown, mend });
}

/// More heads of one name in one file than this are made by a program, which is taken at its word.
const HEADS_AT_MOST: usize = 100;

/// Heads that one file sees together and neither end does.
fn disagree(view: &View<'_>, file_id: FileId, out: &mut Vec<Fault>) {
    if view.of(file_id, is_head).is_empty() {
        return;
    }
    let heads = view.in_sight(file_id, |place| {
        let compared = matches!(place.kind, SymbolKind::Function | SymbolKind::Variable) && place.linkage != Linkage::Block;
        compared && view.is_seen(place, file_id, view.time)
    });
    // Each is compared with each.
    let heads = &heads[..heads.len().min(HEADS_AT_MOST)];
    for (at, &one) in heads.iter().enumerate() {
        for &other in &heads[at + 1..] {
            let (a, b) = (&view.places[one], &view.places[other]);
            let met = (a.added_by.is_none() && b.added_by.is_none()) || (a.removed_by.is_none() && b.removed_by.is_none());
            if !met && a.shape != b.shape && (a.file_id == file_id || b.file_id == file_id) {
                let mend = view.apart([one, other].into_iter(), Reason::ChangesShape);
                out.push(Fault { wrong: Wrong::Disagree, file_id, place: one, mend });
                return;
            }
        }
    }
}

/// Static functions and variables of a source: unused, or declared and used without a definition.
fn internal(view: &View<'_>, file_id: FileId, out: &mut Vec<Fault>) {
    let is_static = |place: &Occurrence| {
        place.file_id == file_id
            && place.linkage == Linkage::Internal
            && matches!(place.kind, SymbolKind::Function | SymbolKind::Variable)
    };
    let spared =
        |place: &Occurrence| ["unused", "UNUSED", "__used", "__init", "__exit"].iter().any(|word| place.shape.contains_str(word));
    let defined = view.of(file_id, |place| is_static(place) && is_definition(place));
    let is_use = |place: &Occurrence| place.role == Role::Uses && place.file_id == file_id;
    // A function that calls itself alone is not used.
    let outside = |place: &Occurrence| is_use(place) && place.inside.as_ref() != Some(view.name);
    let used = view.of(file_id, outside);
    if let Some(&definition) = defined.first()
        && used.is_empty()
        && !spared(&view.places[definition])
    {
        let uses: Vec<usize> = view.all(outside).collect();
        let mend = view.used(&view.places[definition], &uses);
        out.push(Fault { wrong: Wrong::Unused, file_id, place: definition, mend });
    }
    let declared = view.of(file_id, |place| is_static(place) && place.role == Role::Declares);
    if let (true, Some(&declaration)) = (defined.is_empty(), declared.first()) {
        let mut makers = view.all(|place| is_static(place) && is_definition(place)).peekable();
        if makers.peek().is_some() {
            let mend = view.need(&view.places[declaration], makers).into_iter().collect();
            out.push(Fault { wrong: Wrong::Undefined, file_id, place: declaration, mend });
        }
    }
}

/// A function or variable for all to see that sources define at an end, but not now, or in more files than at either end.
fn linked(view: &View<'_>, out: &mut Vec<Fault>) {
    let is_code = |place: &Occurrence| matches!(place.kind, SymbolKind::Function | SymbolKind::Variable);
    let is_linked = |place: &Occurrence| {
        is_definition(place) && is_code(place) && place.linkage == Linkage::External && !view.scope.is_header(place.file_id)
    };
    let is_there = |place: &Occurrence, time: usize| is_linked(place) && view.scope.is_built(place.file_id, time);
    // The linker sees them all.
    let now = view.heads(|place| is_there(place, view.time));
    if view.is_more(now.len(), is_there) {
        let (file_id, place) = (view.places[now[0]].file_id, now[0]);
        return out.push(Fault { wrong: Wrong::Twice, file_id, place, mend: view.apart(now.into_iter(), Reason::Moved) });
    }
    let ends = [0, view.scope.times.n_patches()].map(|end| view.count(end, |place| is_there(place, end)) > 0);
    // Beside its prototype, what a header defines is a stub, for where the other one is not built.
    let is_stub = |stub: &Occurrence| {
        let is_prototype = |place: &Occurrence| place.file_id == stub.file_id && place.role == Role::Declares;
        view.heads.iter().any(|&idx| is_prototype(&view.places[idx]))
    };
    let defined = |place: &Occurrence| {
        is_there(place, view.time) || (is_definition(place) && view.scope.is_header(place.file_id) && !is_stub(place))
    };
    if !ends.contains(&true) || view.heads.iter().any(|&idx| defined(&view.places[idx])) {
        return;
    }
    let own =
        |file_id: FileId| view.heads.iter().any(|&idx| view.places[idx].file_id == file_id && is_definition(&view.places[idx]));
    let used = view.with(|place| place.role == Role::Uses && place.context != Context::Macro && !own(place.file_id));
    if let Some(&shown) = used.first() {
        // What the file has for itself serves it too.
        let serves = |user: FileId| {
            view.all(move |place| is_linked(place) || (is_definition(place) && place.file_id == user && is_code(place)))
        };
        let unbuilt = view.heads(is_linked).first().map(|&idx| &view.places[idx]);
        let mend_of = |user: &Occurrence| match unbuilt {
            Some(maker) => view.build(user, maker, serves(user.file_id)),
            None => view.need(user, serves(user.file_id)),
        };
        let mend = used.iter().filter_map(|&user| mend_of(&view.places[user])).collect();
        let file_id = view.places[shown].file_id;
        return out.push(Fault { wrong: Wrong::Undefined, file_id, place: shown, mend });
    }
    // Defined before and after: what the change does not touch may use it.
    if ends == [true, true]
        && let Some(old) = view.all(is_linked).find(|&idx| view.scope.span(&view.places[idx]).1 <= view.time)
    {
        let place = &view.places[old];
        let new = view.all(is_linked).map(|idx| &view.places[idx]).filter(|place| view.scope.span(place).0 > view.time);
        let mend = new
            .filter_map(|new| Some(Relation::before(new.added_by?, place.removed_by?, Reason::Moved(view.shown(place)))))
            .take(1)
            .collect();
        out.push(Fault { wrong: Wrong::Undefined, file_id: place.file_id, place: old, mend });
    }
}

fn tag(view: &View<'_>, out: &mut Vec<Fault>) {
    for file_id in view.files() {
        // Code that sees the definition at both ends may look into it wherever it names the type.
        let is_source = !view.scope.is_header(file_id);
        let looks = |place: &Occurrence| place.context == Context::Value || is_source || place.inside.is_some();
        undeclared(view, file_id, Wrong::Incomplete, is_definition, looks, out);
        undeclared(view, file_id, Wrong::Undeclared, is_head, |place| place.context == Context::Parameter, out);
        twice(view, file_id, out);
    }
}

fn field(view: &View<'_>, out: &mut Vec<Fault>) {
    let definitions: Vec<usize> = view.all(is_definition).collect();
    for file_id in view.files() {
        let fits = |place: &Occurrence, user: &Occurrence| {
            is_definition(place) && (user.record.is_none() || place.record.is_none() || place.record == user.record)
        };
        if let Some((place, mend)) = view.lacking(file_id, &definitions, fits) {
            out.push(Fault { wrong: Wrong::Member, file_id, place, mend });
        }
        let records: BTreeSet<&Option<BString>> =
            view.heads.iter().map(|&idx| &view.places[idx].record).filter(|record| record.is_some()).collect();
        for record in records {
            let one = |place: &Occurrence, _: usize| is_definition(place) && place.file_id == file_id && place.record == *record;
            let all = view.of(file_id, |place| one(place, view.time));
            if view.is_more(all.len(), one) {
                let place = all[0];
                out.push(Fault { wrong: Wrong::Twice, file_id, place, mend: view.apart(all.into_iter(), Reason::Moved) });
            }
        }
    }
}

/// Names of one function.
fn local(view: &View<'_>, file_id: FileId, out: &mut Vec<Fault>) {
    let defined = view.with(is_definition);
    let used = view.with(|place| place.role == Role::Uses);
    if let (Some(&shown), true) = (used.first(), defined.is_empty()) {
        let mend = used.iter().flat_map(|&user| view.need(&view.places[user], view.all(is_definition))).map(as_local).collect();
        out.push(Fault { wrong: Wrong::Undeclared, file_id, place: shown, mend });
    }
    let variable = defined.iter().find(|&&idx| view.places[idx].context != Context::Head);
    if let (Some(&variable), true) = (variable, used.is_empty()) {
        let uses: Vec<usize> = view.all(|place| place.role == Role::Uses).collect();
        let mend = view.used(&view.places[variable], &uses).into_iter().map(as_local).collect();
        out.push(Fault { wrong: Wrong::Unused, file_id, place: variable, mend });
    }
    if view.is_more(defined.len(), |place, _| is_definition(place)) {
        let place = defined[0];
        out.push(Fault { wrong: Wrong::Twice, file_id, place, mend: view.apart(defined.into_iter(), Reason::Local) });
    }
}

fn as_local(relation: Relation) -> Relation {
    let name = match relation.reason {
        Reason::DefinedBeforeUse(name) | Reason::LastUseBeforeRemoval(name) | Reason::Moved(name) | Reason::UnusedAlone(name) => {
            name
        }
        other => return Relation { reason: other, ..relation },
    };
    Relation { reason: Reason::Local(name), ..relation }
}

/// Names of files: each must be there that an include or a build file names.
fn existing(view: &View<'_>, wrong: Wrong, out: &mut Vec<Fault>) {
    let fits = |place: &Occurrence, user: &Occurrence| {
        is_definition(place)
            && match wrong {
                Wrong::Source => builds(view.scope.change.file(user.file_id).path(), user.shape.as_ref(), place.shape.as_ref()),
                _ => writes(user.shape.as_ref(), place.shape.as_ref()),
            }
    };
    let definitions: Vec<usize> = view.all(is_definition).collect();
    for file_id in view.files() {
        let lacking = view.lacking(file_id, &definitions, fits);
        out.extend(lacking.map(|(place, mend)| Fault { wrong, file_id, place, mend }));
    }
}

/// Returns the name as people write it.
pub(super) fn shown(space: &NameSpace, name: &BString, place: &Occurrence) -> BString {
    match space {
        NameSpace::Field => {
            let record = place.record.as_ref().map_or(BStr::new("…".as_bytes()), |record| record.as_ref());
            [record.as_bytes(), b".", name].concat().into()
        }
        NameSpace::Header => place.shape.clone(),
        NameSpace::Ordinary if place.arguments.is_some() => [name.as_slice(), b"()"].concat().into(),
        NameSpace::Ordinary | NameSpace::Tag | NameSpace::Object | NameSpace::Local(..) => name.clone(),
    }
}
