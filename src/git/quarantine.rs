//! New objects wait in a folder of their own; they enter the repository only when every check has passed.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use bstr::ByteSlice;

use super::new_commit::{NewCommit, commit_object};
use super::probation::Probation;
use super::program::{GitError, Program};
use super::repository::{Repository, from_gix, to_gix};
use super::stop_point;
use crate::model::{ObjectId, Signature};

/// A private index and object folder. Dropping it leaves nothing behind; what a killed program left goes with the next one's.
pub struct Quarantine {
    folder: Probation,
    program: Program,
    objects: PathBuf,
}

impl Repository {
    /// Opens a private index, filled with the tree of `tree_id`, and an object folder on top of the repository's own.
    ///
    /// # Errors
    /// When no temporary folder can be made or the tree cannot be read.
    pub fn quarantine(&self, tree_id: ObjectId) -> Result<Quarantine, GitError> {
        let home = self.common_dir().join("cleave");
        fs::create_dir_all(&home).map_err(GitError::file("create", &home))?;
        let folder = Probation::new(&home).map_err(GitError::file("create", &home))?;
        let objects = folder.path().join("objects");
        fs::create_dir_all(&objects).map_err(GitError::file("create", &objects))?;
        let mut alternates = OsString::from(self.objects_dir());
        if let Some(others) = inherited_alternates() {
            alternates.push(":");
            alternates.push(others);
        }
        // git takes paths from the folder it runs in: the top, or the git directory where there is no working tree.
        let program = self
            .program()
            .clone()
            .at(self.worktree().unwrap_or(self.git_dir()))
            .env("GIT_INDEX_FILE", folder.path().join("index"))
            .env("GIT_OBJECT_DIRECTORY", &objects)
            .env("GIT_ALTERNATE_OBJECT_DIRECTORIES", alternates);
        program.run(["read-tree", &tree_id.to_string()])?;
        stop_point::reach("quarantine: made");
        Ok(Quarantine { folder, program, objects })
    }
}

impl Quarantine {
    /// Returns the folder of the objects on probation.
    pub(super) fn objects(&self) -> &Path {
        &self.objects
    }

    /// Returns git with the private index and object folder.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Returns the temporary folder, for files of the caller's own.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes the private index as a tree, still on probation.
    ///
    /// # Errors
    /// When the index holds unmerged entries or the disk refuses.
    pub fn write_tree(&self) -> Result<ObjectId, GitError> {
        super::revision::parse_id(&self.program.run(["write-tree"])?)
    }

    /// Makes a commit, still on probation. The times may be written as git's own or as in a mail.
    ///
    /// # Errors
    /// When git does not take a name, an address or a time.
    pub fn commit(
        &self,
        tree_id: ObjectId,
        parent: ObjectId,
        author: &Signature,
        committer: &Signature,
        message: &[u8],
    ) -> Result<ObjectId, GitError> {
        let text = |bytes: &bstr::BString| bytes.to_os_str_lossy().into_owned();
        let program = self
            .program
            .clone()
            .env("GIT_AUTHOR_NAME", text(&author.name))
            .env("GIT_AUTHOR_EMAIL", text(&author.email))
            .env("GIT_AUTHOR_DATE", &author.time)
            .env("GIT_COMMITTER_NAME", text(&committer.name))
            .env("GIT_COMMITTER_EMAIL", text(&committer.email))
            .env("GIT_COMMITTER_DATE", &committer.time);
        let args = ["commit-tree".to_owned(), tree_id.to_string(), "-p".to_owned(), parent.to_string()];
        super::revision::parse_id(&program.run_with(args, message)?)
    }

    /// Merges two commits as `git merge` would and returns the tree, or `None` when they conflict.
    ///
    /// # Errors
    /// When git cannot be run (2.38 or later is needed) or an object is missing.
    pub fn merge(&self, one: ObjectId, other: ObjectId) -> Result<Option<ObjectId>, GitError> {
        let (one, other) = (one.to_string(), other.to_string());
        let merged = self.program.ask(["merge-tree", "--write-tree", "--no-messages", &one, &other])?;
        merged.map(|out| super::revision::parse_id(&out)).transpose()
    }

    /// Makes a merge commit, on probation, for the sake of the next merge's base.
    ///
    /// # Errors
    /// When the committer cannot stand in a commit or the disk refuses.
    pub fn merge_commit(&self, tree_id: ObjectId, parents: &[ObjectId], committer: &Signature) -> Result<ObjectId, GitError> {
        let commit = NewCommit { tree_id, parents, author: committer, committer, message: b"merge\n".as_bstr() };
        let store = gix_odb::loose::Store::at(&self.objects, to_gix(tree_id).kind());
        let written = gix_object::Write::write(&store, &commit_object(&commit)?);
        written.map(from_gix).map_err(|source| GitError::repository("cannot write a commit", source))
    }

    /// Moves the objects into the repository.
    ///
    /// # Errors
    /// When the disk refuses; objects moved so far are unreferenced and `git gc` removes them.
    pub fn keep(self, repository: &Repository) -> Result<(), GitError> {
        let target = repository.objects_dir();
        stop_point::reach("objects: before any is moved");
        for entry in list(&self.objects)? {
            let name = entry.file_name().unwrap_or_default().to_owned();
            let to = target.join(&name);
            fs::create_dir_all(&to).map_err(GitError::file("create", &to))?;
            for object in list(&entry)? {
                let to = to.join(object.file_name().unwrap_or_default());
                if !to.exists() {
                    stop_point::reach("objects: before one is moved");
                    fs::rename(&object, &to).map_err(GitError::file("move", &object))?;
                }
            }
        }
        Ok(())
    }
}

/// Returns what lies in a folder, packs after loose objects.
fn list(folder: &Path) -> Result<Vec<PathBuf>, GitError> {
    let entries = fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    let mut all: Vec<PathBuf> = entries.map_err(GitError::file("read", folder))?;
    all.sort();
    Ok(all)
}

/// Alternates that the caller's environment names stay in use.
#[expect(clippy::disallowed_methods, reason = "git's own variable, handed on to git")]
fn inherited_alternates() -> Option<OsString> {
    std::env::var_os("GIT_ALTERNATE_OBJECT_DIRECTORIES").filter(|value| !value.is_empty())
}
