//! Trees laid out as files, away from the user's own: a private index, no entry in `git worktree list`.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};

use super::program::{GitError, Program};
use super::repository::Repository;
use crate::model::ObjectId;

/// A folder that holds one tree at a time.
#[derive(Debug)]
pub struct Export {
    folder: PathBuf,
    program: Program,
    _lock: File,
}

impl Repository {
    /// Returns the folder `cleave/build/<name>`, or the first of `<name>-2`, … that nobody else uses. What an earlier run left in it stays, so that
    /// builds go on from there.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn export(&self, name: &str) -> Result<Export, GitError> {
        let home = self.common_dir().join("cleave").join("build");
        fs::create_dir_all(&home).map_err(|source| GitError::File { action: "create", path: home.clone(), source })?;
        for nth in 1.. {
            let name = if nth == 1 { name.to_owned() } else { format!("{name}-{nth}") };
            let path = home.join(format!("{name}.lock"));
            let file = |source| GitError::File { action: "lock", path: path.clone(), source };
            let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(file)?;
            match lock.try_lock() {
                Ok(()) => {}
                Err(fs::TryLockError::WouldBlock) => continue,
                Err(fs::TryLockError::Error(source)) => return Err(file(source)),
            }
            let folder = home.join(&name);
            fs::create_dir_all(&folder).map_err(|source| GitError::File { action: "create", path: folder.clone(), source })?;
            let program = self
                .program()
                .clone()
                .at(&folder)
                .env("GIT_DIR", self.git_dir())
                .env("GIT_WORK_TREE", &folder)
                .env("GIT_INDEX_FILE", home.join(format!("{name}.index")));
            return Ok(Export { folder, program, _lock: lock });
        }
        unreachable!("some number is free")
    }
}

impl Export {
    /// Returns the folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes the folder hold this tree: files that differ from the last one are written, those that are gone are removed, all others keep
    /// their time stamps. Files that no tree has (objects of a build) stay.
    ///
    /// # Errors
    /// When an object is missing or the disk refuses.
    pub fn lay_out(&mut self, tree_id: ObjectId) -> Result<(), GitError> {
        self.program.run(["read-tree", "--reset", "-u", &tree_id.to_string()]).map(drop)
    }
}
