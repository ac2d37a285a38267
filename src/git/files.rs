//! The files of a tree, folder by folder, for several threads at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bstr::{BStr, BString, ByteSlice};

use super::objects::{Objects, mode_of};
use super::program::GitError;
use super::repository::{Repository, from_gix};
use crate::model::{Mode, ObjectId};

/// One folder: its entries, sorted by name.
#[derive(Debug, Clone, Default)]
pub struct Folder {
    /// Files with mode and object; links and submodules too.
    pub files: Vec<(BString, Mode, ObjectId)>,
    /// Folders with their trees.
    pub folders: Vec<(BString, ObjectId)>,
}

/// A tree whose folders are read once each.
pub struct Files<'r> {
    repository: &'r Repository,
    top: ObjectId,
    folders: Mutex<HashMap<BString, Option<Arc<Folder>>>>,
    /// Handles that no thread uses at the moment.
    idle: Mutex<Vec<Objects>>,
}

impl<'r> Files<'r> {
    /// Makes the files of a tree.
    pub fn of(repository: &'r Repository, tree_id: ObjectId) -> Self {
        Files { repository, top: tree_id, folders: Mutex::default(), idle: Mutex::default() }
    }

    fn with<T>(&self, read: impl FnOnce(&Objects) -> T) -> T {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let objects = idle.unwrap_or_else(|| self.repository.objects());
        let answer = read(&objects);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(objects);
        answer
    }

    /// Returns a folder (the top is empty), or `None` when there is none or it cannot be read.
    pub fn folder(&self, path: &BStr) -> Option<Arc<Folder>> {
        if let Some(known) = self.folders.lock().unwrap_or_else(PoisonError::into_inner).get(path) {
            return known.clone();
        }
        let tree_id = match path.rfind_byte(b'/') {
            _ if path.is_empty() => Some(self.top),
            Some(at) => self.folder(path[..at].as_bstr()).and_then(|outer| outer.tree(path[at + 1..].as_bstr())),
            None => self.folder(BStr::new("")).and_then(|outer| outer.tree(path)),
        };
        let folder = tree_id.and_then(|tree_id| self.with(|objects| objects.folder(tree_id)).ok()).map(Arc::new);
        self.folders.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), folder.clone());
        folder
    }

    /// Returns the bytes of a regular file, or `None` when there is none or it cannot be read.
    pub fn text(&self, path: &BStr) -> Option<Vec<u8>> {
        let (mode, object_id) = self.entry(path)?;
        mode.is_regular().then(|| self.blob(object_id, path).ok())?
    }

    /// Returns the bytes of a regular file, or `None` when there is none.
    ///
    /// # Errors
    /// When an object on the way cannot be read.
    pub fn file(&self, path: &BStr) -> Result<Option<Vec<u8>>, GitError> {
        match self.entry(path) {
            Some((mode, object_id)) => mode.is_regular().then(|| self.blob(object_id, path)).transpose(),
            // A folder that cannot be read has no entries above; here it is an error.
            None => self.with(|objects| objects.file(self.top, path)),
        }
    }

    /// Whether there is a file, a link or a submodule at `path`.
    pub fn has(&self, path: &BStr) -> bool {
        self.entry(path).is_some()
    }

    fn entry(&self, path: &BStr) -> Option<(Mode, ObjectId)> {
        let (folder, name) = match path.rfind_byte(b'/') {
            Some(at) => (path[..at].as_bstr(), path[at + 1..].as_bstr()),
            None => (BStr::new(""), path),
        };
        let folder = self.folder(folder)?;
        let idx = folder.files.binary_search_by(|(known, ..)| known.as_bstr().cmp(name)).ok()?;
        let (_, mode, object_id) = &folder.files[idx];
        Some((*mode, *object_id))
    }

    /// Returns the bytes of a blob. `path` is where it stands, for the message.
    ///
    /// # Errors
    /// When the object is missing or is no blob.
    pub fn blob(&self, object_id: ObjectId, path: &BStr) -> Result<Vec<u8>, GitError> {
        self.with(|objects| objects.blob(object_id, path))
    }

    /// Returns all regular files whose path is wanted, sorted by path; only folders are read.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn all(&self, is_wanted: &dyn Fn(&BStr) -> bool) -> Result<Vec<(BString, ObjectId)>, GitError> {
        let mut out = Vec::new();
        let mut open: Vec<(BString, ObjectId)> = vec![(BString::default(), self.top)];
        while let Some((path, tree_id)) = open.pop() {
            let folder = Arc::new(self.with(|objects| objects.folder(tree_id))?);
            let below = |name: &BString| match path.is_empty() {
                true => name.clone(),
                false => BString::from([path.as_slice(), b"/", name].concat()),
            };
            let files = folder.files.iter().filter(|(_, mode, _)| mode.is_regular());
            out.extend(files.map(|(name, _, object_id)| (below(name), *object_id)).filter(|(path, _)| is_wanted(path.as_ref())));
            open.extend(folder.folders.iter().map(|(name, tree_id)| (below(name), *tree_id)));
            self.folders.lock().unwrap_or_else(PoisonError::into_inner).insert(path, Some(folder));
        }
        out.sort();
        Ok(out)
    }
}

impl Folder {
    fn tree(&self, name: &BStr) -> Option<ObjectId> {
        let idx = self.folders.binary_search_by(|(known, _)| known.as_bstr().cmp(name)).ok()?;
        Some(self.folders[idx].1)
    }
}

impl Objects {
    /// Returns the entries of a tree, sorted by name.
    ///
    /// # Errors
    /// When the tree is missing or damaged.
    pub fn folder(&self, tree_id: ObjectId) -> Result<Folder, GitError> {
        let data = self.tree(tree_id)?;
        let mut folder = Folder::default();
        for entry in gix_object::TreeRefIter::from_bytes(&data, self.hash) {
            let what = || format!("cannot read tree {}", tree_id.short());
            let entry = entry.map_err(|source| GitError::repository(what(), source))?;
            let (name, object_id) = (entry.filename.to_owned(), from_gix(entry.oid.to_owned()));
            match mode_of(entry.mode.kind()) {
                Some(mode) => folder.files.push((name, mode, object_id)),
                None => folder.folders.push((name, object_id)),
            }
        }
        folder.files.sort_by(|one, other| one.0.cmp(&other.0));
        folder.folders.sort_by(|one, other| one.0.cmp(&other.0));
        Ok(folder)
    }
}
