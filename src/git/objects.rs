//! Reading and writing objects.

use bstr::{BStr, ByteSlice};
use gix_object::tree::{EntryKind, EntryMode};
use gix_object::{Exists, Find, FindHeader, Kind, TreeRefIter, Write};

use super::new_commit::{NewCommit, commit_object};
use super::program::GitError;
use super::quarantine::Quarantine;
use super::repository::{Repository, from_gix, to_gix};
use crate::model::{Mode, ObjectId};

/// Why an object could not be read or written.
pub(super) type Cause = Box<dyn std::error::Error + Send + Sync>;

/// A handle for one thread that reads objects, and writes them to memory until they are kept.
pub struct Objects {
    pub(super) database: gix_odb::memory::Proxy<gix_odb::HandleArc>,
    pub(super) hash: gix_hash::Kind,
}

impl Repository {
    /// Returns a handle whose writes stay in memory until [`Objects::keep`].
    pub fn objects(&self) -> Objects {
        let hash = self.store.object_hash();
        let handle = gix_odb::Cache::from(self.store.to_handle_arc());
        Objects { database: gix_odb::memory::Proxy::new(handle, hash), hash }
    }
}

impl Objects {
    /// Returns the bytes of a blob. `path` is where it stands, for the message.
    ///
    /// # Errors
    /// When the object is missing (a shallow, partial or damaged repository) or is no blob.
    pub fn blob(&self, object_id: ObjectId, path: &BStr) -> Result<Vec<u8>, GitError> {
        self.read(object_id, Kind::Blob)
            .map_err(|source| GitError::repository(format!("cannot read '{path}' at {}", object_id.short()), source))
    }

    /// Returns the bytes of a tree.
    ///
    /// # Errors
    /// When the object is missing or is no tree.
    pub(super) fn tree(&self, tree_id: ObjectId) -> Result<Vec<u8>, GitError> {
        self.read(tree_id, Kind::Tree)
            .map_err(|source| GitError::repository(format!("cannot read tree {}", tree_id.short()), source))
    }

    fn read(&self, object_id: ObjectId, kind: Kind) -> Result<Vec<u8>, Cause> {
        let object_id = to_gix(object_id);
        let mut data = Vec::new();
        if object_id == gix_hash::ObjectId::empty_tree(self.hash) {
            return Ok(data);
        }
        match self.database.try_find(&object_id, &mut data)?.map(|found| found.kind) {
            Some(found) if found == kind => Ok(data),
            Some(found) => Err(format!("object {object_id} is a {found}, not a {kind}").into()),
            None => Err(format!("object {object_id} could not be found").into()),
        }
    }

    /// Returns the size of a blob in bytes without reading all of it.
    ///
    /// # Errors
    /// When the object is missing.
    pub fn size(&self, object_id: ObjectId, path: &BStr) -> Result<u64, GitError> {
        let wrong = |source: Cause| GitError::repository(format!("cannot read '{path}' at {}", object_id.short()), source);
        let header = self.database.try_header(&to_gix(object_id)).map_err(|source| wrong(source.into()))?;
        header.map(|header| header.size).ok_or_else(|| wrong("the object could not be found".into()))
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

    /// Walks down to the entry at `path`. What lies in a submodule is no entry of the tree.
    fn lookup(&self, tree_id: ObjectId, path: &BStr) -> Result<Option<(EntryMode, ObjectId)>, GitError> {
        let mut found = None;
        for part in path.split(|byte| *byte == b'/').filter(|part| !part.is_empty()) {
            let folder = match found {
                None => tree_id,
                Some((mode, object_id)) if EntryMode::is_tree(&mode) => object_id,
                Some(_) => return Ok(None),
            };
            let data = self.tree(folder)?;
            let mut entries = TreeRefIter::from_bytes(&data, self.hash).map_while(Result::ok);
            let Some(entry) = entries.find(|entry| entry.filename == part) else { return Ok(None) };
            found = Some((entry.mode, from_gix(entry.oid.to_owned())));
        }
        Ok(found)
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
        let written = self.write(Kind::Blob, bytes).map_err(|source| GitError::repository("cannot write a blob", source))?;
        Ok(from_gix(written))
    }

    /// Writes the tree without entries to memory: git knows it, but a commit in a pack wants to have it.
    ///
    /// # Errors
    /// When the objects of the repository cannot be looked through.
    pub fn write_empty_tree(&self) -> Result<(), GitError> {
        let written = self.write(Kind::Tree, b"");
        written.map(drop).map_err(|source| GitError::repository("cannot write a tree", source))
    }

    /// Writes a commit to memory and returns its id.
    ///
    /// # Errors
    /// When a signature cannot be stored or the objects of the repository cannot be looked through.
    pub fn write_commit(&self, commit: &NewCommit<'_>) -> Result<ObjectId, GitError> {
        let written = self.write_object(&commit_object(commit)?);
        written.map(from_gix).map_err(|source| GitError::repository("cannot write a commit", source))
    }

    /// Writes an object to memory, unless it is there.
    pub(super) fn write_object(&self, object: &dyn gix_object::WriteTo) -> Result<gix_hash::ObjectId, Cause> {
        let mut data = Vec::new();
        object.write_to(&mut data)?;
        self.write(object.kind(), &data)
    }

    fn write(&self, kind: Kind, data: &[u8]) -> Result<gix_hash::ObjectId, Cause> {
        let object_id = gix_object::compute_hash(self.hash, kind, data)?;
        match self.database.exists_without_refresh(&object_id) {
            true => Ok(object_id),
            false => Ok(self.database.write_buf(kind, data)?),
        }
    }

    /// Whether there is such an object.
    pub(super) fn has(&self, object_id: &gix_hash::oid) -> bool {
        object_id == gix_hash::ObjectId::empty_tree(self.hash) || self.database.exists(object_id)
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
        let Some(memory) = self.database.take_object_memory() else { return Ok(()) };
        let mut all: Vec<_> = memory.iter().map(|(object_id, (kind, data))| (*object_id, *kind, data)).collect();
        // A reader never sees an object whose parts are missing.
        let order = [Kind::Blob, Kind::Tree, Kind::Commit, Kind::Tag];
        all.sort_by_key(|(object_id, kind, _)| (order.iter().position(|known| known == kind), *object_id));
        let store = gix_odb::loose::Store::at(quarantine.objects(), self.hash);
        for (_, kind, data) in &all {
            store.write_buf(*kind, data).map_err(|source| GitError::repository("cannot write objects", source))?;
        }
        Ok(())
    }
}

/// Returns the mode of an entry of a tree; `None` for a folder.
pub(super) fn mode_of(kind: EntryKind) -> Option<Mode> {
    Mode::from_octal(kind.as_octal_str().to_str().ok()?)
}
