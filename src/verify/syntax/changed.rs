//! What differs between two trees, as far as a compiler can tell: paths, and names that came or went.

use std::collections::BTreeSet;

use bstr::{BStr, BString};

use super::compile::base_name;
use crate::git::GitError;
use crate::git::objects::Objects;
use crate::model::{Mode, ObjectId};

/// What differs between two trees.
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
    compare(objects, &BString::default(), Some(one), Some(other), &mut found)?;
    Ok(found)
}

fn compare(
    objects: &Objects,
    path: &BString,
    one: Option<ObjectId>,
    other: Option<ObjectId>,
    found: &mut Changed,
) -> Result<(), GitError> {
    if one == other {
        return Ok(());
    }
    let read =
        |tree_id: Option<ObjectId>| tree_id.map(|tree_id| objects.folder(tree_id)).transpose().map(Option::unwrap_or_default);
    let (one, other) = (read(one)?, read(other)?);
    let below = |name: &BString| match path.is_empty() {
        true => name.clone(),
        false => BString::from([path.as_slice(), b"/", name].concat()),
    };
    let file = |files: &[(BString, Mode, ObjectId)], name: &BString| {
        let place = files.binary_search_by(|(known, ..)| known.cmp(name)).ok()?;
        Some((files[place].1, files[place].2))
    };
    let names: BTreeSet<&BString> = one.files.iter().chain(&other.files).map(|(name, ..)| name).collect();
    for name in names {
        let (before, after) = (file(&one.files, name), file(&other.files, name));
        if before == after {
            continue;
        }
        let path = below(name);
        match (before, after) {
            (None, _) => drop(found.created.insert(path.clone())),
            (_, None) => drop(found.deleted.insert(path.clone())),
            _ => {}
        }
        found.paths.insert(path);
    }
    let folder = |folders: &[(BString, ObjectId)], name: &BString| {
        let place = folders.binary_search_by(|(known, _)| known.cmp(name)).ok()?;
        Some(folders[place].1)
    };
    let names: BTreeSet<&BString> = one.folders.iter().chain(&other.folders).map(|(name, _)| name).collect();
    for name in names {
        compare(objects, &below(name), folder(&one.folders, name), folder(&other.folders, name), found)?;
    }
    Ok(())
}
