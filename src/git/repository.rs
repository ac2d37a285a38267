//! A repository: where it lies, its objects, its git.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bstr::{BString, ByteSlice};

use super::program::{GitError, Program};
use crate::model::ObjectId;

/// An open repository. Cheap to share between threads.
pub struct Repository {
    pub(super) store: Arc<gix_odb::Store>,
    program: Program,
    git_dir: PathBuf,
    common_dir: PathBuf,
    worktree: Option<PathBuf>,
    object_format: ObjectFormat,
}

/// How objects are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectFormat {
    /// 20 bytes.
    Sha1,
    /// 32 bytes.
    Sha256,
}

impl ObjectFormat {
    /// Returns git's word for it.
    pub fn word(self) -> &'static str {
        match self {
            ObjectFormat::Sha1 => "sha1",
            ObjectFormat::Sha256 => "sha256",
        }
    }
}

impl Repository {
    /// Opens the repository that `dir` lies in, as git finds it: `GIT_DIR`, linked worktrees and bare repositories included.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn discover(dir: &Path) -> Result<Self, GitError> {
        let program = Program::new(dir);
        let paths = ["rev-parse", "--path-format=absolute", "--git-dir", "--git-common-dir", "--show-object-format"];
        let paths = program.run(paths).map_err(no_repository)?;
        let mut lines = paths.lines();
        let mut next = || lines.next().unwrap_or_default();
        let git_dir = path_of(next());
        let common_dir = path_of(next());
        let object_format = if next() == b"sha256" { ObjectFormat::Sha256 } else { ObjectFormat::Sha1 };
        let bare = program.line(["rev-parse", "--is-bare-repository"])? == "true";
        let worktree = if bare { None } else { program.line(["rev-parse", "--show-toplevel"]).ok().map(PathBuf::from) };
        // From here on git runs in other folders too, where a relative GIT_DIR would mean another repository.
        let program = program.env("GIT_DIR", &git_dir);
        let program = worktree.iter().fold(program, |program, top| program.env("GIT_WORK_TREE", top));
        let kind = match object_format {
            ObjectFormat::Sha1 => gix_hash::Kind::Sha1,
            ObjectFormat::Sha256 => gix_hash::Kind::Sha256,
        };
        let store = gix_odb::Store::at_opts(common_dir.join("objects"), kind, &mut std::iter::empty(), Default::default())
            .map_err(|source| GitError::repository(format!("cannot open repository '{}'", git_dir.display()), source))?;
        Ok(Repository { store: Arc::new(store), program, git_dir, common_dir, worktree, object_format })
    }

    /// Returns the git program, in the folder the repository was opened from.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Returns the folder of the objects.
    pub(super) fn objects_dir(&self) -> PathBuf {
        self.common_dir.join("objects")
    }

    /// Returns the git directory; of a linked worktree its own.
    pub fn git_dir(&self) -> &Path {
        &self.git_dir
    }

    /// Returns the git directory that all worktrees share.
    pub fn common_dir(&self) -> &Path {
        &self.common_dir
    }

    /// Returns the top of the working tree, unless the repository is bare.
    pub fn worktree(&self) -> Option<&Path> {
        self.worktree.as_deref()
    }

    /// Returns where git keeps `name` of the git directory, unless the environment says otherwise: `index`, `objects`.
    ///
    /// # Errors
    /// When git cannot be run.
    pub fn git_path(&self, name: &str) -> Result<PathBuf, GitError> {
        let out = self.program.run(["rev-parse", "--path-format=absolute", "--git-path", name])?;
        Ok(path_of(out.strip_suffix(b"\n").unwrap_or(&out)))
    }

    /// Returns how objects are named.
    pub fn object_format(&self) -> ObjectFormat {
        self.object_format
    }

    /// Returns the id of the tree without entries.
    pub fn empty_tree(&self) -> ObjectId {
        from_gix(gix_hash::ObjectId::empty_tree(self.store.object_hash()))
    }

    /// Returns all values of one key of git's configuration, in the order git reads them.
    ///
    /// # Errors
    /// When the configuration cannot be read.
    pub fn config_all(&self, key: &str) -> Result<Vec<String>, GitError> {
        self.config_values(&["--get-all", key])
    }

    /// As [`Repository::config_all`] of a key whose values are paths: git expands what `~` stands for.
    ///
    /// # Errors
    /// When the configuration cannot be read.
    pub fn config_paths(&self, key: &str) -> Result<Vec<String>, GitError> {
        self.config_values(&["--type=path", "--get-all", key])
    }

    fn config_values(&self, asked: &[&str]) -> Result<Vec<String>, GitError> {
        let out = self.program.ask(["config", "-z"].iter().chain(asked))?.unwrap_or_default();
        let values = out.split(|byte| *byte == 0).filter(|value| !value.is_empty());
        Ok(values.map(|value| value.to_str_lossy().into_owned()).collect())
    }

    /// Returns what `git branch --edit-description` says of a branch, without a final newline; empty where it says nothing.
    ///
    /// # Errors
    /// When the configuration cannot be read.
    pub fn description(&self, branch: &str) -> Result<BString, GitError> {
        let out = self.program.ask(["config", "-z", "--get", &format!("branch.{branch}.description")])?.unwrap_or_default();
        Ok(out.strip_suffix(b"\0").unwrap_or(&out).trim_end().into())
    }

    /// Returns the values of git's configuration in one section, the last one where there are several, by key in small letters.
    ///
    /// # Errors
    /// When the configuration cannot be read.
    pub fn config(&self, section: &str) -> Result<BTreeMap<String, String>, GitError> {
        let out = self.program.ask(["config", "-z", "--get-regexp", &format!("^{section}\\.")])?.unwrap_or_default();
        let entries = out.split(|byte| *byte == 0).filter(|entry| !entry.is_empty());
        Ok(entries
            .map(|entry| {
                // A key without a value has no line end, and is true. Source: `git-config` documentation, "Values".
                let (key, value) = entry.split_once_str("\n").unwrap_or((entry, b"true"));
                (key.to_str_lossy().into_owned(), value.trim_end().to_str_lossy().into_owned())
            })
            .collect())
    }
}

/// Returns git's reason why there is no repository, and what it says to type where it says so.
fn no_repository(error: GitError) -> GitError {
    let GitError::Failed { message, .. } = &error else { return error };
    let first = message.lines().next().unwrap_or_default().trim_start_matches("fatal: ");
    let typed = message.lines().map(str::trim).find(|line| line.starts_with("git config "));
    GitError::wrong(typed.map_or_else(|| first.to_owned(), |typed| format!("{first} ({typed})")))
}

pub(super) fn from_gix(object_id: gix_hash::ObjectId) -> ObjectId {
    ObjectId::from_bytes(object_id.as_slice()).expect("git object ids have 20 or 32 bytes")
}

pub(super) fn to_gix(object_id: ObjectId) -> gix_hash::ObjectId {
    gix_hash::ObjectId::from_bytes_or_panic(object_id.as_bytes())
}

/// Returns the path with these bytes, as git prints it.
fn path_of(bytes: &[u8]) -> PathBuf {
    bytes.to_path_lossy().into_owned()
}
