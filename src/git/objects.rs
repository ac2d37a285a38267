//! Reading and writing objects.

use bstr::{BStr, ByteSlice};

use super::new_commit::{NewCommit, commit_object};
use super::program::GitError;
use super::quarantine::Quarantine;
use super::repository::{Repository, from_gix, to_gix};
use crate::model::{Mode, ObjectId};

/// A handle for one thread that reads objects, and writes them to memory until they are kept.
pub struct Objects {
    pub(super) gix: gix::Repository,
}

impl Repository {
    /// Returns a handle whose writes stay in memory until [`Objects::keep`].
    pub fn objects(&self) -> Objects {
        Objects { gix: self.gix.to_thread_local().with_object_memory() }
    }
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
        let entry = self.lookup(tree_id, path)?;
        Ok(entry.and_then(|(mode, object_id)| Some((mode_of(mode.kind())?, object_id))))
    }

    /// Whether `path` is a folder of a tree.
    ///
    /// # Errors
    /// When a tree on the way cannot be read.
    pub fn is_folder(&self, tree_id: ObjectId, path: &BStr) -> Result<bool, GitError> {
        Ok(self.lookup(tree_id, path)?.is_some_and(|(mode, _)| mode.is_tree()))
    }

    fn lookup(&self, tree_id: ObjectId, path: &BStr) -> Result<Option<(gix::objs::tree::EntryMode, ObjectId)>, GitError> {
        let wrong = |source| GitError::repository(format!("cannot read tree {}", tree_id.short()), source);
        let tree = self.gix.find_tree(to_gix(tree_id)).map_err(wrong)?;
        let entry = tree.lookup_entry(path.split(|byte| *byte == b'/').filter(|part| !part.is_empty())).map_err(wrong)?;
        Ok(entry.map(|entry| (entry.mode(), from_gix(entry.object_id()))))
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

    /// Moves all objects from memory into the repository, all or none.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn keep(self, repository: &Repository) -> Result<(), GitError> {
        let quarantine = repository.quarantine(repository.empty_tree())?;
        self.keep_in(&quarantine)?;
        quarantine.keep(repository)
    }

    /// Writes all objects from memory to a quarantine, blobs and trees before the commits that need them.
    ///
    /// # Errors
    /// When the disk refuses; the quarantine then goes without a trace.
    pub fn keep_in(mut self, quarantine: &Quarantine) -> Result<(), GitError> {
        let Some(memory) = self.gix.objects.take_object_memory() else { return Ok(()) };
        let mut all: Vec<_> = memory.iter().map(|(object_id, (kind, data))| (*object_id, *kind, data)).collect();
        // A reader never sees an object whose parts are missing.
        let order = [gix::objs::Kind::Blob, gix::objs::Kind::Tree, gix::objs::Kind::Commit, gix::objs::Kind::Tag];
        all.sort_by_key(|(object_id, kind, _)| (order.iter().position(|known| known == kind), *object_id));
        let store = gix::odb::loose::Store::at(quarantine.objects(), self.gix.object_hash());
        for (_, kind, data) in &all {
            gix::objs::Write::write_buf(&store, *kind, data)
                .map_err(|source| GitError::repository("cannot write objects", source))?;
        }
        Ok(())
    }
}

/// Returns the mode of an entry of a tree; `None` for a folder.
pub(super) fn mode_of(kind: gix::objs::tree::EntryKind) -> Option<Mode> {
    Mode::from_octal(kind.as_octal_str().to_str().ok()?)
}
