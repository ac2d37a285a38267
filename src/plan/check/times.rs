//! When edits and occurrences come and go, in patches.

use crate::analyze::occurrences::Occurrence;
use crate::model::{EditId, Edits, edit};

/// When each edit comes: the place of its patch, `None` for an edit in no patch.
pub(in crate::plan) struct Times {
    of: Vec<Option<usize>>,
    n_patches: usize,
}

impl Times {
    pub(in crate::plan) fn of(edits: &Edits, patches: &[Vec<EditId>]) -> Self {
        Times { of: edit::places(edits.len(), patches), n_patches: patches.len() }
    }

    /// The number of patches: the last time.
    pub(super) fn n_patches(&self) -> usize {
        self.n_patches
    }

    /// The number of patches that are in when the edit is.
    pub(in crate::plan) fn at(&self, edit_id: EditId) -> usize {
        self.of[edit_id.idx()].map_or(usize::MAX, |patch| patch + 1)
    }

    /// Returns what edits are sorted by when they come: the number of patches that are in, then the edit.
    pub(in crate::plan) fn when(&self, edit_id: EditId) -> (usize, EditId) {
        (self.at(edit_id), edit_id)
    }

    /// Returns the first time at which a place is there and the first after that at which it is not.
    pub(in crate::plan) fn span(&self, place: &Occurrence) -> (usize, usize) {
        (place.added_by.map_or(0, |edit_id| self.at(edit_id)), place.removed_by.map_or(usize::MAX, |edit_id| self.at(edit_id)))
    }
}
