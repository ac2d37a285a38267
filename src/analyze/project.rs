//! What a project says of itself: its owners, as the base says and the change adds, read from trees of the repository.

use bstr::{BStr, BString, ByteSlice};

use crate::git::files::Files;
use crate::git::{GitError, Repository};
use crate::model::path_kind::{PathKind, kind};
use crate::model::{Change, ObjectId};
use get_maintainer::history::FORMAT;
use get_maintainer::{Owners, Tree, Wanted};

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
    let (base, tip) = (TreeFiles::of(repository, base_tree_id), TreeFiles::of(repository, tip_tree_id));
    let wanted = Wanted { history_by_words_only: true, ..Wanted::default() };
    Owners::of_change(&base, (base_tree_id != tip_tree_id).then_some(&tip), wanted)
}

/// The files of a tree of the repository, each folder read once, and the history before it; for several threads.
pub struct TreeFiles<'r> {
    repository: &'r Repository,
    files: Files<'r>,
    /// The commit whose history is asked, where there is one.
    commit_id: Option<ObjectId>,
}

impl<'r> TreeFiles<'r> {
    /// Returns the files of a tree that has no history.
    pub fn of(repository: &'r Repository, tree_id: ObjectId) -> Self {
        TreeFiles { repository, files: Files::of(repository, tree_id), commit_id: None }
    }

    /// Returns the files of a commit.
    ///
    /// # Errors
    /// When there is no such commit.
    pub fn of_commit(repository: &'r Repository, commit_id: ObjectId) -> Result<Self, GitError> {
        let tree_id = repository.tree_of(commit_id)?;
        Ok(TreeFiles { commit_id: Some(commit_id), ..TreeFiles::of(repository, tree_id) })
    }

    /// Whether there is a file, a link or a submodule at `path`.
    pub fn has(&self, path: &BStr) -> bool {
        self.files.has(path)
    }
}

impl Tree for TreeFiles<'_> {
    type Error = GitError;

    fn file(&self, path: &BStr) -> Result<Option<Vec<u8>>, GitError> {
        self.files.file(path)
    }

    fn is_folder(&self, path: &BStr) -> bool {
        self.files.folder(path.trim_end_with(|c| c == '/').as_bstr()).is_some()
    }

    fn names(&self, folder: &BStr) -> Result<Vec<BString>, GitError> {
        let folder = self.files.folder(folder);
        Ok(folder.iter().flat_map(|folder| &folder.files).map(|(name, ..)| name.clone()).collect())
    }

    fn maintainer_files(&self, folder: &BStr) -> Result<Vec<BString>, GitError> {
        let is_below =
            |found: &BStr| folder.is_empty() || found.strip_prefix(folder.as_bytes()).is_some_and(|rest| rest.starts_with(b"/"));
        let found = self.files.all(&|found| kind(found) == PathKind::Maintainers && is_below(found))?;
        Ok(found.into_iter().map(|(path, _)| path).collect())
    }

    fn log_of_path(&self, path: &BStr, since: &str) -> Result<Option<Vec<u8>>, GitError> {
        self.commit_id.map(|commit_id| self.repository.recent_log(commit_id, path, since, FORMAT)).transpose()
    }

    fn log_of_commit(&self, commit: &BStr) -> Result<Vec<u8>, GitError> {
        self.repository.log_of(&commit.to_str_lossy(), FORMAT)
    }
}
