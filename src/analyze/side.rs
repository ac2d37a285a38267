//! The files of one side of a change: the changed files as they are on that side, and beneath them the files that both sides share.

use std::collections::BTreeMap;
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};

use crate::git::files::Files;
use crate::model::{Change, Entry};
use cleave_c::types::{FolderEntries, SourceTree};

/// The files of one side.
pub struct SideFiles<'c> {
    beneath: &'c dyn SourceTree,
    /// The texts of this side, `None` for a file that it does not have.
    texts: BTreeMap<&'c BStr, Option<&'c [u8]>>,
}

impl<'c> SideFiles<'c> {
    /// Returns the base: `beneath` has the files that the change does not touch.
    pub fn base(change: &'c Change, beneath: &'c dyn SourceTree) -> Self {
        SideFiles { beneath, texts: texts(change.files.iter().map(|file| (&file.tip, &file.base))) }
    }

    /// Returns the tip.
    pub fn tip(change: &'c Change, beneath: &'c dyn SourceTree) -> Self {
        SideFiles { beneath, texts: texts(change.files.iter().map(|file| (&file.base, &file.tip))) }
    }
}

fn texts<'c>(
    files: impl Iterator<Item = (&'c Option<Entry>, &'c Option<Entry>)> + Clone,
) -> BTreeMap<&'c BStr, Option<&'c [u8]>> {
    let mut out = BTreeMap::new();
    out.extend(files.clone().filter_map(|(gone, _)| Some((gone.as_ref()?.path.as_bstr(), None))));
    out.extend(files.filter_map(|(_, here)| here.as_ref().map(|here| (here.path.as_bstr(), Some(here.text())))));
    out
}

impl SourceTree for SideFiles<'_> {
    fn names(&self, folder: &BStr) -> Option<Arc<FolderEntries>> {
        let prefix: BString = if folder.is_empty() { BString::default() } else { [folder.as_bytes(), b"/"].concat().into() };
        let mut names = self.beneath.names(folder).map(|names| (*names).clone());
        let inside = self.texts.range(prefix.as_bstr()..).take_while(|(path, _)| path.starts_with(&prefix));
        for (path, text) in inside {
            let names = names.get_or_insert_default();
            let rest = &path[prefix.len()..];
            let (list, name) = match rest.find_byte(b'/') {
                Some(at) if text.is_some() => (&mut names.folders, &rest[..at]),
                Some(_) => continue,
                None => (&mut names.files, rest),
            };
            match (list.binary_search_by(|known| known.as_slice().cmp(name)), text) {
                (Err(at), Some(_)) => list.insert(at, name.into()),
                (Ok(at), None) => drop(list.remove(at)),
                (Ok(_), Some(_)) | (Err(_), None) => {}
            }
        }
        names.map(Arc::new)
    }

    fn text(&self, path: &BStr) -> Option<Vec<u8>> {
        match self.texts.get(path) {
            Some(text) => text.map(<[u8]>::to_vec),
            None => self.beneath.text(path),
        }
    }

    fn is_shared(&self, path: &BStr) -> bool {
        !self.texts.contains_key(path)
    }
}

impl SourceTree for Files<'_> {
    fn names(&self, folder: &BStr) -> Option<Arc<FolderEntries>> {
        let folder = self.folder(folder)?;
        let files = folder.files.iter().filter(|(_, mode, _)| mode.is_regular()).map(|(name, ..)| name.clone()).collect();
        Some(Arc::new(FolderEntries { files, folders: folder.folders.iter().map(|(name, _)| name.clone()).collect() }))
    }

    fn text(&self, path: &BStr) -> Option<Vec<u8>> {
        Files::text(self, path)
    }
}
