//! The occurrences of a name in one step, and a fault among them → the relations that mend it.
//!
//! ```text
//!              time
//!   added ─────┬─┼────── removed     an occurrence is there from the edit that adds it to the edit that removes it;
//!              there                 a pending one is added later, a lost one is removed already
//! ```

use bstr::BString;

use super::times::Times;
use crate::analyze::occurrences::Occurrence;
use crate::model::{EditId, Reason, Relation};

/// The occurrences of a name, the time at which they are looked at, and when edits come.
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

    /// Returns the relation that gives a use what it needs: one of the definitions `makers`, none of which is there now.
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

    /// Returns the relation that keeps occurrences from being there at once: it ties the one that was added last to the one that is removed first.
    pub(in crate::plan) fn apart(
        &self,
        both: impl Iterator<Item = usize> + Clone,
        reason: impl FnOnce() -> Reason,
    ) -> Option<Relation> {
        let came = both.clone().filter_map(|idx| self.places[idx].added_by).max_by_key(|made| self.times.when(*made));
        let came = came.filter(|made| self.at(*made) <= self.time);
        let goes = both.filter_map(|idx| self.places[idx].removed_by).min_by_key(|gone| self.times.when(*gone));
        match (came, goes) {
            (Some(came), Some(goes)) if came != goes => Some(Relation::together(came, goes, reason())),
            _ => None,
        }
    }

    /// Returns the relation that lets a definition come with its first use, or go with its last.
    pub(in crate::plan) fn used(&self, definition: &Occurrence, uses: &[usize], name: impl Fn() -> BString) -> Option<Relation> {
        let next = uses.iter().filter_map(|&idx| self.places[idx].added_by).filter(|made| self.at(*made) > self.time);
        let next = next.min_by_key(|made| self.times.when(*made));
        let last = uses.iter().filter_map(|&idx| self.places[idx].removed_by).filter(|gone| self.at(*gone) <= self.time);
        let last = last.max_by_key(|gone| self.times.when(*gone));
        let reason = || Reason::UnusedAlone(name());
        match (definition.added_by, definition.removed_by, next, last) {
            (Some(made), _, Some(next), None) => Some(Relation::together(made, next, reason())),
            (_, Some(gone), None, Some(last)) => Some(Relation::together(gone, last, reason())),
            (_, _, Some(next), Some(last)) => Some(Relation::before(next, last, reason())),
            _ => None,
        }
    }
}
