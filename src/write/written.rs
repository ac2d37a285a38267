//! The commits that were made of a plan, and the commits that its series stand on.

use super::onto::Onto;
use crate::model::{ObjectId, SeriesIdx};

/// What `split` made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The commit of each patch of the campaign on the branch `all`, in campaign order.
    pub all: Vec<ObjectId>,
    /// The tree after each of them.
    pub trees: Vec<ObjectId>,
    /// The series, in campaign order.
    pub series: Vec<WrittenSeries>,
}

/// One series as a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenSeries {
    /// Which.
    pub series: SeriesIdx,
    /// The full name of its branch: `refs/heads/cleave/<change>/<series>`.
    pub branch: String,
    /// The commit that all of it stands on, patches it needs included: one that others have.
    pub root: ObjectId,
    /// Why that one.
    pub onto: Onto,
    /// The commit that its first patch stands on: the root, or the last of the patches it needs.
    pub base: ObjectId,
    /// The tree of that commit, were it on the base of the change.
    pub base_tree: ObjectId,
    /// The commits of the patches it needs, oldest first, from the base of the change up to `base`; empty when it needs none.
    pub prerequisites: Vec<ObjectId>,
    /// The commit of each of its patches, in order.
    pub commits: Vec<ObjectId>,
    /// The tree after each of them, were they on the base of the change.
    pub trees: Vec<ObjectId>,
}
