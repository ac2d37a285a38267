//! What the messages of a plan are made from.

use std::collections::BTreeSet;

use bstr::{BStr, BString};

use crate::analyze::Analysis;
use crate::analyze::rules::Rules;
use crate::model::EditId;
use crate::plan::home;
use crate::read::origins::Origins;
use crate::similarity::{Provenance, SquashedMessages};

/// What the messages are made from.
pub struct Sources<'s> {
    /// The change, its edits and what they do.
    pub analysis: &'s Analysis,
    /// Which commit made each.
    pub origins: &'s Origins,
    /// For each edit the bridge whose users it converts and nothing else.
    pub converts: &'s [Option<usize>],
    /// The rewrites that many edits are instances of.
    pub rules: &'s Rules,
    /// What the messages of the branch say.
    pub squashed: &'s SquashedMessages,
    /// For each patch, what the branch says of it.
    pub provenances: &'s [Option<Provenance>],
    /// The subject prefix for a set of paths, with its separator (`KVM: s390: `).
    pub prefix: &'s dyn Fn(&[&BStr]) -> BString,
}

impl Sources<'_> {
    /// Returns the number of lines that an edit removes and inserts.
    pub(super) fn weight(&self, edit_id: EditId) -> usize {
        home::weight(&self.analysis.change, &self.analysis.edits, edit_id)
    }

    /// Returns the paths of the files that some edits change, by file.
    pub(super) fn paths(&self, patch: &[EditId]) -> Vec<BString> {
        let files: BTreeSet<_> = patch.iter().map(|&edit_id| self.analysis.edits.get(edit_id).file_id).collect();
        let mut paths: Vec<BString> =
            files.into_iter().map(|file_id| self.analysis.change.file(file_id).path().to_owned()).collect();
        paths.dedup();
        paths
    }
}
