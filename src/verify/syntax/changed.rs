//! The paths of files that differ between two trees, and the names that came or went.

use std::collections::BTreeSet;

use bstr::{BStr, BString};

use crate::git::GitError;
use crate::git::objects::Objects;
use crate::git::tree_diff::Presence;
use crate::model::ObjectId;
use crate::verify::paths::base_name;

/// The paths that differ between two trees.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changed {
    /// Files whose content, mode or presence differs.
    pub paths: BTreeSet<BString>,
    /// Those of them that only the second tree has.
    pub created: BTreeSet<BString>,
    /// Those of them that only the first tree has.
    pub deleted: BTreeSet<BString>,
}

impl Changed {
    /// Returns the last parts of the paths that came or went: an `#include` of such a name may now lead elsewhere.
    pub fn names(&self) -> BTreeSet<&BStr> {
        self.created.iter().chain(&self.deleted).map(|path| base_name(path.as_ref())).collect()
    }
}

/// Compares two trees; folders that are equal are not read.
///
/// # Errors
/// When a tree is missing.
pub fn changed(objects: &Objects, one: ObjectId, other: ObjectId) -> Result<Changed, GitError> {
    let mut found = Changed::default();
    for (path, presence) in objects.differing(one, other)? {
        match presence {
            Presence::First => drop(found.deleted.insert(path.clone())),
            Presence::Second => drop(found.created.insert(path.clone())),
            Presence::Both => {}
        }
        found.paths.insert(path);
    }
    Ok(found)
}
