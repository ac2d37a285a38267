//! A project's tree as the answers need it: a folder on disk, a commit, or a table in a test.

use bstr::{BStr, BString};

/// The files of a project, and its history. Paths are counted from the top; a folder's may end in a slash; the top is empty.
pub trait Tree {
    /// Why something could not be read.
    type Error;

    /// Returns the bytes of a regular file; none where there is no such file.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    fn file(&self, path: &BStr) -> Result<Option<Vec<u8>>, Self::Error>;

    /// Whether there is a folder at `path`; one that cannot be read is none.
    fn is_folder(&self, path: &BStr) -> bool;

    /// Returns the names of all entries of a folder but its folders; none where it is no folder.
    ///
    /// # Errors
    /// When the folder cannot be read.
    fn names(&self, folder: &BStr) -> Result<Vec<BString>, Self::Error>;

    /// Returns the paths of all regular files named MAINTAINERS at and below a folder.
    ///
    /// # Errors
    /// When a folder cannot be read.
    fn maintainer_files(&self, folder: &BStr) -> Result<Vec<BString>, Self::Error>;

    /// Returns `git log` of a file or folder since a date that git reads, in [`super::history::FORMAT`] with `--numstat --follow
    /// --no-merges`; none where there is no history.
    ///
    /// # Errors
    /// When git cannot be run.
    fn log_of_path(&self, path: &BStr, since: &str) -> Result<Option<Vec<u8>>, Self::Error>;

    /// Returns `git log -1` of a commit in the same format; empty where it is not there.
    ///
    /// # Errors
    /// When git cannot be run.
    fn log_of_commit(&self, commit: &BStr) -> Result<Vec<u8>, Self::Error>;
}
