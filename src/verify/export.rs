//! Trees to build in: a folder with the files of a step, next to the index that says what stands there.
//!
//! ```text
//!   <common git dir>/cleave/build/<worker>/lock     held while a run uses the folder
//!                                         /busy     there while files or a build are under way
//!                                         /index    what stands in tree/
//!                                         /tree/    the files of the last step, and what its build made
//! ```
//!
//! git itself writes the files (`read-tree --reset -u`), so filters, modes and links are as in any checkout; only files that differ
//! from what stands there are written, the others keep their time stamps. It is no worktree in git's sense: no entry, no hook, no `.git`.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use super::{VerifyError, file};
use crate::git::{GitError, Program, Repository};
use crate::model::ObjectId;

/// A folder of one worker, its own until dropped.
pub struct Workspace {
    home: PathBuf,
    git: Program,
    _lock: File,
}

/// Settings of the user that would make a checkout partial, or run something.
const PINNED: &[&str] = &[
    "-c",
    "core.bare=false",
    "-c",
    "core.sparseCheckout=false",
    "-c",
    "index.sparse=false",
    "-c",
    "core.splitIndex=false",
    "-c",
    "submodule.recurse=false",
];

impl Workspace {
    /// Takes the first folder that no other run uses. One in which a build was cut short is emptied: what it left may be broken.
    ///
    /// # Errors
    /// When the folder cannot be made, locked or emptied.
    pub fn open(repository: &Repository) -> Result<Self, VerifyError> {
        let builds = repository.common_dir().join("cleave").join("build");
        let (home, lock) = free(&builds)?;
        let home = home.canonicalize().map_err(file("read", &home))?;
        if home.join("busy").exists() {
            empty(&home)?;
        }
        let tree = home.join("tree");
        fs::create_dir_all(&tree).map_err(file("create", &tree))?;
        let git = repository
            .program()
            .clone()
            .at(&tree)
            .env("GIT_DIR", repository.git_dir())
            .env("GIT_WORK_TREE", &tree)
            .env("GIT_INDEX_FILE", home.join("index"));
        Ok(Workspace { home, git, _lock: lock })
    }

    /// Returns the folder that builds run in.
    pub fn tree(&self) -> PathBuf {
        self.home.join("tree")
    }

    /// Returns the folder around it, which is the worker's too.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Makes the files those of `tree_id`: writes those that differ, removes those that are gone, leaves what a build made.
    /// The folder counts as broken from here until [`Workspace::settle`].
    ///
    /// # Errors
    /// When an object is missing or a file cannot be written.
    pub fn show(&self, tree_id: ObjectId) -> Result<(), VerifyError> {
        let busy = self.home.join("busy");
        fs::write(&busy, b"").map_err(file("write", &busy))?;
        let tree_id = tree_id.to_string();
        let args = ["read-tree", "--reset", "-u", "--no-recurse-submodules", "--no-sparse-checkout", &tree_id];
        self.git.run(PINNED.iter().chain(&args)).map(drop).map_err(|error| match error {
            GitError::Failed { code, message, .. } => {
                GitError::Failed { command: format!("read-tree {tree_id}"), code, message }.into()
            }
            other => other.into(),
        })
    }

    /// Says that the build ended by itself: the next step may stand on what it left.
    ///
    /// # Errors
    /// When the mark cannot be removed.
    pub fn settle(&self) -> Result<(), VerifyError> {
        let busy = self.home.join("busy");
        fs::remove_file(&busy).map_err(file("remove", &busy))
    }
}

/// Returns the first numbered folder that can be locked.
fn free(builds: &Path) -> Result<(PathBuf, File), VerifyError> {
    for worker in 0_u32.. {
        let home = builds.join(worker.to_string());
        fs::create_dir_all(&home).map_err(file("create", &home))?;
        let path = home.join("lock");
        let lock = File::create(&path).map_err(file("create", &path))?;
        match lock.try_lock() {
            Ok(()) => return Ok((home, lock)),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(source)) => return Err(file("lock", &path)(source)),
        }
    }
    unreachable!("fewer runs than 2^32")
}

/// Removes everything but the lock and the mark, which goes when a build ends by itself.
fn empty(home: &Path) -> Result<(), VerifyError> {
    for entry in fs::read_dir(home).map_err(file("read", home))? {
        let path = entry.map_err(file("read", home))?.path();
        if path.ends_with("lock") || path.ends_with("busy") {
            continue;
        }
        let is_folder = path.symlink_metadata().map_err(file("read", &path))?.is_dir();
        if is_folder { fs::remove_dir_all(&path) } else { fs::remove_file(&path) }.map_err(file("remove", &path))?;
    }
    Ok(())
}
