//! The occurrences of one name at one time, and a fault among them → the contracts that mend it.
//!
//! ```text
//!              time
//!   made ──────┬─┼────── gone        a place is there from the edit that makes it to the one that takes it away;
//!              there                 a pending one is made later, a lost one is gone already
//! ```

use bstr::BString;

use super::times::Times;
use crate::analyze::occurrences::Occurrence;
use crate::model::{EditId, Reason, Relation};

/// The places of a name, the time at which they are looked at, and when edits come.
#[derive(Clone, Copy)]
pub(in crate::plan) struct Moment<'m> {
    pub(in crate::plan) times: &'m Times,
    pub(in crate::plan) places: &'m [Occurrence],
    /// The number of patches that are in.
    pub(in crate::plan) time: usize,
}

impl Moment<'_> {
    /// Returns the first time at which a place is there and the first after that at which it is not.
    pub(in crate::plan) fn span(&self, place: &Occurrence) -> (usize, usize) {
        self.times.span(place)
    }

    /// Whether a place is there now.
    pub(in crate::plan) fn there(&self, place: &Occurrence) -> bool {
        let (from, to) = self.span(place);
        from <= self.time && self.time < to
    }

    fn at(&self, edit_id: EditId) -> usize {
        self.times.at(edit_id)
    }

    /// The relation that gives a use what it needs: one of `makers`, none of which is there.
    pub(in crate::plan) fn need(
        &self,
        user: &Occurrence,
        makers: impl Iterator<Item = usize>,
        name: impl Fn() -> BString,
    ) -> Option<Relation> {
        let mut pending: Option<(usize, &Occurrence)> = None;
        let mut lost: Option<(usize, &Occurrence)> = None;
        for maker in makers.map(|idx| &self.places[idx]) {
            let (from, to) = self.span(maker);
            if from > self.time && pending.is_none_or(|(known, _)| from < known) {
                pending = Some((from, maker));
            }
            if to <= self.time && lost.is_none_or(|(known, _)| to > known) {
                lost = Some((to, maker));
            }
        }
        let pending = pending.and_then(|(_, place)| place.added_by);
        let lost = lost.and_then(|(_, place)| place.removed_by);
        match (user.added_by, user.removed_by, pending, lost) {
            (Some(made), _, Some(pending), _) => Some(Relation::before(pending, made, Reason::DefinedBeforeUse(name()))),
            (_, Some(gone), _, Some(lost)) => Some(Relation::before(gone, lost, Reason::LastUseBeforeRemoval(name()))),
            (_, None, Some(pending), Some(lost)) => Some(Relation::before(pending, lost, Reason::Moved(name()))),
            _ => None,
        }
    }

    /// The relation that keeps places from being there at once: the one that came last and the one that goes first.
    pub(in crate::plan) fn apart(
        &self,
        both: impl Iterator<Item = usize> + Clone,
        reason: impl FnOnce() -> Reason,
    ) -> Option<Relation> {
        let came = both.clone().filter_map(|idx| self.places[idx].added_by).max_by_key(|made| (self.at(*made), *made));
        let came = came.filter(|made| self.at(*made) <= self.time);
        let goes = both.filter_map(|idx| self.places[idx].removed_by).min_by_key(|gone| (self.at(*gone), *gone));
        match (came, goes) {
            (Some(came), Some(goes)) if came != goes => Some(Relation::together(came, goes, reason())),
            _ => None,
        }
    }

    /// The relation that gives a definition a use, or takes it away with its last one.
    pub(in crate::plan) fn used(&self, definition: &Occurrence, uses: &[usize], name: impl Fn() -> BString) -> Option<Relation> {
        let next = uses.iter().filter_map(|&idx| self.places[idx].added_by).filter(|made| self.at(*made) > self.time);
        let next = next.min_by_key(|made| (self.at(*made), *made));
        let last = uses.iter().filter_map(|&idx| self.places[idx].removed_by).filter(|gone| self.at(*gone) <= self.time);
        let last = last.max_by_key(|gone| (self.at(*gone), *gone));
        let reason = || Reason::UnusedAlone(name());
        match (definition.added_by, definition.removed_by, next, last) {
            (Some(made), _, Some(next), None) => Some(Relation::together(made, next, reason())),
            (_, Some(gone), None, Some(last)) => Some(Relation::together(gone, last, reason())),
            (_, _, Some(next), Some(last)) => Some(Relation::before(next, last, reason())),
            _ => None,
        }
    }
}
