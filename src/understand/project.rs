//! What a project says of itself: its owners, as the base says and the change adds.

use std::cell::RefCell;
use std::collections::HashMap;

use bstr::{BStr, BString, ByteSlice};

use super::owners::{Codeowners, Dialect, Maintainers, Owners, Sources};
use crate::git::objects::Objects;
use crate::git::{GitError, Repository};
use crate::model::{Change, ObjectId};

/// Where GitHub looks for a CODEOWNERS file, first found. Source: GitHub documentation, "About code owners".
const CODEOWNERS: &[&str] = &[".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

/// Reads who owns what for a change: as [`owners_at`] of its trees.
///
/// # Errors
/// When an object cannot be read.
pub fn owners(repository: &Repository, change: &Change) -> Result<Owners, GitError> {
    owners_at(repository, change.base_tree_id, change.tip_tree_id)
}

/// Reads who owns what: MAINTAINERS of the base with the sections that the tip adds, else CODEOWNERS, else folders.
///
/// # Errors
/// When an object cannot be read.
pub fn owners_at(repository: &Repository, base_tree_id: ObjectId, tip_tree_id: ObjectId) -> Result<Owners, GitError> {
    let objects = repository.objects();
    let base = Files::read(&objects, base_tree_id)?;
    let tip = Files::read(&objects, tip_tree_id)?;
    if !base.maintainers.is_empty() || !tip.maintainers.is_empty() {
        let is_same = base.maintainers == tip.maintainers && base.script == tip.script;
        let (base, tip) = (base.sources(), tip.sources());
        let maintainers = if is_same { Maintainers::parse(&base) } else { Maintainers::with_additions(&base, &tip) };
        return Ok(Owners::Maintainers(Box::new(maintainers)));
    }
    for path in CODEOWNERS {
        if let Some(text) = objects.file(base_tree_id, BStr::new(path))? {
            return Ok(Owners::Codeowners(Codeowners::parse(&text)));
        }
    }
    Ok(Owners::Folders)
}

/// The files of one tree that say who owns what.
struct Files {
    maintainers: Vec<u8>,
    script: Option<Vec<u8>>,
    ignore: Vec<u8>,
    mailmap: Vec<u8>,
}

impl Files {
    fn read(objects: &Objects, tree_id: ObjectId) -> Result<Self, GitError> {
        let file = |path: &str| objects.file(tree_id, BStr::new(path));
        Ok(Files {
            maintainers: file("MAINTAINERS")?.unwrap_or_default(),
            script: file("scripts/get_maintainer.pl")?,
            ignore: file(".get_maintainer.ignore")?.unwrap_or_default(),
            mailmap: file(".mailmap")?.unwrap_or_default(),
        })
    }

    fn sources(&self) -> Sources<'_> {
        Sources {
            dialect: Dialect::of(self.script.as_deref(), &self.maintainers),
            files: if self.maintainers.is_empty() { Vec::new() } else { vec![(BStr::new("MAINTAINERS"), &self.maintainers)] },
            ignore: &self.ignore,
            mailmap: &self.mailmap,
        }
    }
}

/// Answers whether a path is a folder of a tree, asking each once.
pub struct Folders {
    objects: Objects,
    tree_id: ObjectId,
    known: RefCell<HashMap<BString, bool>>,
}

impl Folders {
    /// Returns the folders of a tree.
    pub fn of(repository: &Repository, tree_id: ObjectId) -> Self {
        Folders { objects: repository.objects(), tree_id, known: RefCell::default() }
    }

    /// Whether `path`, with or without a slash at its end, is a folder; one that cannot be read is none.
    pub fn is_folder(&self, path: &BStr) -> bool {
        let path = path.trim_end_with(|c| c == '/').as_bstr();
        if let Some(known) = self.known.borrow().get(path) {
            return *known;
        }
        let answer = self.objects.is_folder(self.tree_id, path).unwrap_or(false);
        self.known.borrow_mut().insert(path.to_owned(), answer);
        answer
    }
}
