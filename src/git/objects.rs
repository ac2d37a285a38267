//! Reading and writing objects.

use std::path::Path;

use bstr::{BStr, BString};

use super::program::GitError;
use super::quarantine::Quarantine;
use super::repository::{Repository, from_gix, to_gix};
use crate::model::{Mode, ObjectId, Signature};

/// A handle for one thread that reads objects, and writes them to memory until they are kept.
pub struct Objects {
    pub(super) gix: gix::Repository,
}

impl Repository {
    /// Returns a handle whose writes stay in memory until [`Objects::keep_in`].
    pub fn objects(&self) -> Objects {
        Objects { gix: self.gix.to_thread_local().with_object_memory() }
    }
}

/// All that a commit holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCommit<'c> {
    /// Its tree.
    pub tree_id: ObjectId,
    /// Its parents.
    pub parents: &'c [ObjectId],
    /// Who wrote it, and when.
    pub author: &'c Signature,
    /// Who made the commit, and when.
    pub committer: &'c Signature,
    /// The whole message.
    pub message: &'c BStr,
}

impl Objects {
    /// Returns the bytes of a blob. `path` is where it stands, for the message.
    ///
    /// # Errors
    /// When the object is missing (a shallow, partial or damaged repository) or is no blob.
    pub fn blob(&self, object_id: ObjectId, path: &BStr) -> Result<Vec<u8>, GitError> {
        self.gix
            .find_blob(to_gix(object_id))
            .map(|mut blob| blob.take_data())
            .map_err(|source| GitError::repository(format!("cannot read '{path}' at {}", object_id.short()), source))
    }

    /// Returns the size of a blob in bytes without reading all of it.
    ///
    /// # Errors
    /// When the object is missing.
    pub fn size(&self, object_id: ObjectId, path: &BStr) -> Result<u64, GitError> {
        self.gix
            .find_header(to_gix(object_id))
            .map(|header| header.size())
            .map_err(|source| GitError::repository(format!("cannot read '{path}' at {}", object_id.short()), source))
    }

    /// Returns mode and id of the entry at `path` of a tree, or `None` when there is none or it is a folder.
    ///
    /// # Errors
    /// When a tree on the way cannot be read.
    pub fn entry(&self, tree_id: ObjectId, path: &BStr) -> Result<Option<(Mode, ObjectId)>, GitError> {
        let wrong = |source| GitError::repository(format!("cannot read tree {}", tree_id.short()), source);
        let tree = self.gix.find_tree(to_gix(tree_id)).map_err(wrong)?;
        let entry = tree.lookup_entry(path.split(|byte| *byte == b'/')).map_err(wrong)?;
        Ok(entry.and_then(|entry| Some((mode_of(entry.mode().kind())?, from_gix(entry.object_id())))))
    }

    /// Whether `path` is a folder of a tree.
    ///
    /// # Errors
    /// When a tree on the way cannot be read.
    pub fn is_folder(&self, tree_id: ObjectId, path: &BStr) -> Result<bool, GitError> {
        let wrong = |source| GitError::repository(format!("cannot read tree {}", tree_id.short()), source);
        let tree = self.gix.find_tree(to_gix(tree_id)).map_err(wrong)?;
        let entry = tree.lookup_entry(path.split(|byte| *byte == b'/').filter(|part| !part.is_empty())).map_err(wrong)?;
        Ok(entry.is_some_and(|entry| entry.mode().is_tree()))
    }

    /// Returns the bytes of the file at `path` of a tree, or `None` when there is no such file.
    ///
    /// # Errors
    /// When an object on the way cannot be read.
    pub fn file(&self, tree_id: ObjectId, path: &BStr) -> Result<Option<Vec<u8>>, GitError> {
        match self.entry(tree_id, path)? {
            Some((mode, object_id)) if mode.is_regular() => self.blob(object_id, path).map(Some),
            _ => Ok(None),
        }
    }

    /// Writes a blob to memory and returns its id.
    ///
    /// # Errors
    /// When the objects of the repository cannot be looked through.
    pub fn write_blob(&self, bytes: &[u8]) -> Result<ObjectId, GitError> {
        let written = self.gix.write_blob(bytes).map_err(|source| GitError::repository("cannot write a blob", source))?;
        Ok(from_gix(written.detach()))
    }

    /// Writes a commit to memory and returns its id.
    ///
    /// # Errors
    /// When a signature cannot be stored or the objects of the repository cannot be looked through.
    pub fn write_commit(&self, commit: &NewCommit<'_>) -> Result<ObjectId, GitError> {
        let object = commit_object(commit)?;
        let written = self.gix.write_object(object).map_err(|source| GitError::repository("cannot write a commit", source))?;
        Ok(from_gix(written.detach()))
    }

    /// Writes all objects from memory to a quarantine, blobs and trees before the commits that need them.
    ///
    /// # Errors
    /// When the disk refuses; the quarantine then goes without a trace.
    pub fn keep_in(mut self, quarantine: &Quarantine) -> Result<usize, GitError> {
        let Some(memory) = self.gix.objects.take_object_memory() else { return Ok(0) };
        let mut all: Vec<_> = memory.iter().map(|(object_id, (kind, data))| (rank(*kind), *object_id, *kind, data)).collect();
        all.sort_by_key(|(rank, object_id, ..)| (*rank, *object_id));
        let store = gix::odb::loose::Store::at(quarantine.objects(), self.gix.object_hash());
        for (_, _, kind, data) in &all {
            gix::objs::Write::write_buf(&store, *kind, data)
                .map_err(|source| GitError::Repository { what: "cannot write objects".into(), source: Some(source.into()) })?;
        }
        Ok(all.len())
    }
}

/// Writes a commit to a quarantine, whose parts are there already.
///
/// # Errors
/// When a signature cannot be stored or the disk refuses.
pub(super) fn write_commit_in(quarantine: &Quarantine, commit: &NewCommit<'_>) -> Result<ObjectId, GitError> {
    let store = gix::odb::loose::Store::at(quarantine.objects(), to_gix(commit.tree_id).kind());
    let written = gix::objs::Write::write(&store, &commit_object(commit)?)
        .map_err(|source| GitError::Repository { what: "cannot write a commit".into(), source: Some(source.into()) })?;
    Ok(from_gix(written))
}

fn commit_object(commit: &NewCommit<'_>) -> Result<gix::objs::Commit, GitError> {
    let signature = |signature: &Signature| -> Result<gix::actor::Signature, GitError> {
        let line = bstr::concat([signature.name.as_slice(), b" <", signature.email.as_slice(), b"> ", signature.time.as_bytes()]);
        gix::actor::SignatureRef::from_bytes(&line)
            .map_err(|_| GitError::Repository {
                what: format!("'{}' is no author line", BString::from(line.clone())),
                source: None,
            })?
            .to_owned()
            .map_err(|source| GitError::repository("cannot store an author line", source))
    };
    Ok(gix::objs::Commit {
        tree: to_gix(commit.tree_id),
        parents: commit.parents.iter().copied().map(to_gix).collect(),
        author: signature(commit.author)?,
        committer: signature(commit.committer)?,
        encoding: std::str::from_utf8(commit.message).is_err().then(|| BString::from("ISO-8859-1")),
        message: commit.message.to_owned(),
        extra_headers: Vec::new(),
    })
}

/// Blobs, then trees, then commits: a reader never sees an object whose parts are missing.
fn rank(kind: gix::objs::Kind) -> u8 {
    match kind {
        gix::objs::Kind::Blob => 0,
        gix::objs::Kind::Tree => 1,
        gix::objs::Kind::Commit => 2,
        gix::objs::Kind::Tag => 3,
    }
}

pub(super) fn mode_of(kind: gix::objs::tree::EntryKind) -> Option<Mode> {
    match kind {
        gix::objs::tree::EntryKind::Tree => None,
        gix::objs::tree::EntryKind::Blob => Some(Mode::File),
        gix::objs::tree::EntryKind::BlobExecutable => Some(Mode::Executable),
        gix::objs::tree::EntryKind::Link => Some(Mode::Symlink),
        gix::objs::tree::EntryKind::Commit => Some(Mode::Submodule),
    }
}

/// Returns the path of the objects folder below a git directory.
pub(super) fn objects_dir(common_dir: &Path) -> std::path::PathBuf {
    common_dir.join("objects")
}
