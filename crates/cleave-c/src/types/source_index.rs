//! The files of one tree, read when they are asked for, and what they include.
//!
//! ```text
//!  <linux/mm.h> in drivers/a/b.c        the folders above the file, the nearest first:
//!      drivers/a/, drivers/a/include/, drivers/, drivers/include/, then the top:
//!      include/ and include/uapi/, arch/*/include/ and arch/*/include/uapi/, lib/*/ and lib/*/include/
//! ```
//!
//! A file of one architecture sees only that one's folder; others see all of them, and what those say has to agree. A header
//! that the build makes is not there, and is no error. No folder is listed that no `#include` leads to.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bstr::{BStr, BString, ByteSlice};

use super::code::small;
use super::file_index::{FileIndex, Include};

/// The files that an index may read: a checkout, a commit, a table in memory.
pub trait SourceTree: Sync {
    /// Returns the names in a folder, whose path is relative to the top and empty for the top; `None` when there is no such folder.
    fn names(&self, folder: &BStr) -> Option<Arc<FolderEntries>>;

    /// Returns the bytes of a file; `None` when there is none or it cannot be read.
    fn text(&self, path: &BStr) -> Option<Vec<u8>>;

    /// Whether the file has the same bytes in the tree of the index that [`SourceIndex::over`] was given. It is then read once for both.
    fn is_shared(&self, path: &BStr) -> bool {
        let _ = path;
        false
    }
}

/// What a folder holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FolderEntries {
    /// Names of the files, sorted.
    pub files: Vec<BString>,
    /// Names of the folders, sorted.
    pub folders: Vec<BString>,
}

/// More files than this are not read, so that a question about one file never costs as much as the tree.
const FILES_AT_MOST: usize = 1 << 17;

/// How many words made by `##` are kept; a pasted word beyond them is unknown.
const PASTED_AT_MOST: usize = 1 << 16;

/// How many sources in the folder of a header are searched for an `#include` of it.
const SOURCES_AT_MOST: usize = 60;

/// How many of the sources that include a header are asked for what they include before it: a header often relies on that.
const USERS_AT_MOST: usize = 4;

/// An index of what the files of a tree declare and include. A file is read when a question leads to it, and then kept; threads share it.
pub struct SourceIndex<'t> {
    tree: &'t dyn SourceTree,
    /// The other side, which has read the files that both share.
    beneath: Option<&'t SourceIndex<'t>>,
    /// Whether there is one text and nothing of what it includes.
    pub(super) is_alone: bool,
    /// In pieces, so that an index in which little is asked for is small.
    slots: Vec<OnceLock<Box<[Slot]>>>,
    n_slots: AtomicUsize,
    by_path: Mutex<HashMap<BString, Option<u32>>>,
    folders: Mutex<HashMap<BString, Option<Arc<FolderEntries>>>>,
    pasted: OnceLock<Box<[OnceLock<Word>]>>,
    by_word: Mutex<HashMap<Word, u32>>,
}

/// A word made by `##`.
type Word = Box<[u8]>;

#[derive(Default)]
struct Slot {
    path: OnceLock<BString>,
    source: OnceLock<FileIndex>,
    includes: OnceLock<Vec<Vec<u32>>>,
}

/// Slots that are made together.
const SLOTS_AT_ONCE: usize = 1 << 10;

impl<'t> SourceIndex<'t> {
    /// Makes an index in which nothing was read yet.
    pub fn of(tree: &'t dyn SourceTree) -> Self {
        SourceIndex {
            tree,
            beneath: None,
            is_alone: false,
            slots: (0..FILES_AT_MOST / SLOTS_AT_ONCE).map(|_| OnceLock::new()).collect(),
            n_slots: AtomicUsize::new(0),
            by_path: Mutex::default(),
            folders: Mutex::default(),
            pasted: OnceLock::new(),
            by_word: Mutex::default(),
        }
    }

    /// Makes an index of another version of the tree that `beneath` reads: files that both share are read by `beneath`.
    pub fn over(tree: &'t dyn SourceTree, beneath: &'t SourceIndex<'t>) -> Self {
        SourceIndex { beneath: Some(beneath), ..SourceIndex::of(tree) }
    }

    /// Makes an index of one text, whose path is empty. What it includes is not known: a typedef that it does not define stands for a record
    /// of that name, and a macro that it does not define is known by its name alone (`container_of`, `list_for_each_entry`).
    pub fn of_text(text: &[u8]) -> SourceIndex<'static> {
        let index = SourceIndex { is_alone: true, ..SourceIndex::of(&NO_FILES) };
        drop(index.slot(0).path.set(BString::default()));
        drop(index.slot(0).source.set(FileIndex::of(text.to_vec())));
        index.by_path.lock().unwrap_or_else(PoisonError::into_inner).insert(BString::default(), Some(0));
        index
    }

    fn slot(&self, file: u32) -> &Slot {
        let file = file as usize;
        let slots = self.slots[file / SLOTS_AT_ONCE].get_or_init(|| (0..SLOTS_AT_ONCE).map(|_| Slot::default()).collect());
        &slots[file % SLOTS_AT_ONCE]
    }

    /// Returns the number of a file, or `None` when there is none.
    pub(super) fn file(&self, path: &BStr) -> Option<u32> {
        let mut by_path = self.by_path.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = by_path.get(path) {
            return *known;
        }
        let (folder, name) = parent(path);
        let there =
            self.names(folder).is_some_and(|names| names.files.binary_search_by(|known| known.as_bstr().cmp(name)).is_ok());
        let file = there.then(|| self.n_slots.fetch_add(1, Ordering::Relaxed)).filter(|slot| *slot < FILES_AT_MOST);
        let file = file.map(small);
        if let Some(file) = file {
            drop(self.slot(file).path.set(path.to_owned()));
        }
        by_path.insert(path.to_owned(), file);
        file
    }

    /// Gives the index the text of a file that the caller has read already. Does nothing where the tree has no such file.
    pub fn put(&self, path: &BStr, text: Vec<u8>) {
        if let Some(file) = self.file(path) {
            drop(self.slot(file).source.set(FileIndex::of(text)));
        }
    }

    /// Returns a file, read.
    pub(super) fn source(&self, file: u32) -> &FileIndex {
        let slot = self.slot(file);
        let path = slot.path.get();
        if let (Some(beneath), Some(path)) = (self.beneath, path)
            && self.tree.is_shared(path.as_ref())
            && let Some(file) = beneath.file(path.as_ref())
        {
            return beneath.source(file);
        }
        slot.source.get_or_init(|| {
            let text = path.and_then(|path| self.tree.text(path.as_ref()));
            text.map(FileIndex::of).unwrap_or_default()
        })
    }

    /// Returns the files that a file includes, line by line: the alternatives of one `#include` together.
    pub(super) fn includes(&self, file: u32) -> &[Vec<u32>] {
        if self.is_alone {
            return &[];
        }
        let slot = self.slot(file);
        slot.includes.get_or_init(|| {
            let Some(path) = slot.path.get() else { return Vec::new() };
            let lines = &self.source(file).includes;
            lines.iter().map(|line| self.included(path.as_ref(), line)).filter(|files| !files.is_empty()).collect()
        })
    }

    /// Returns the sources in the folder of a header that include it, a few of them.
    pub(super) fn users_beside(&self, header: u32) -> Vec<u32> {
        let Some(path) = self.slot(header).path.get().filter(|path| path.ends_with(b".h")) else { return Vec::new() };
        let (folder, name) = parent(path.as_ref());
        let Some(names) = self.names(folder) else { return Vec::new() };
        // The source of the same name first.
        let mut sources: Vec<&BString> = names.files.iter().filter(|name| name.ends_with(b".c")).collect();
        sources.sort_by_key(|source| source[..source.len() - 2] != name[..name.len() - 2]);
        let sources = sources.into_iter().take(SOURCES_AT_MOST);
        let includes = |source: &u32| {
            let lines = &self.source(*source).includes;
            lines.iter().any(|line| parent(line.path.as_ref()).1 == name)
        };
        let files = sources.filter_map(|name| joined(folder, name.as_ref()).and_then(|path| self.file(path.as_ref())));
        files.filter(includes).take(USERS_AT_MOST).collect()
    }

    /// Returns a word made by `##`, kept as long as the index.
    pub(super) fn pasted(&self, word: Vec<u8>) -> Option<&[u8]> {
        let mut by_word = self.by_word.lock().unwrap_or_else(PoisonError::into_inner);
        let next = by_word.len();
        let slot = *by_word.entry(word.clone().into_boxed_slice()).or_insert(small(next));
        let pasted = self.pasted.get_or_init(|| (0..PASTED_AT_MOST).map(|_| OnceLock::new()).collect());
        let kept = pasted.get(slot as usize)?;
        Some(kept.get_or_init(|| word.into_boxed_slice()))
    }

    fn names(&self, folder: &BStr) -> Option<Arc<FolderEntries>> {
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = folders.get(folder) {
            return known.clone();
        }
        let names = self.tree.names(folder);
        folders.insert(folder.to_owned(), names.clone());
        names
    }

    fn included(&self, from: &BStr, line: &Include) -> Vec<u32> {
        let (mut folder, _) = parent(from);
        if line.is_quoted
            && let Some(file) = joined(folder, line.path.as_ref()).and_then(|path| self.file(path.as_ref()))
        {
            return vec![file];
        }
        let own_arch = arch(from);
        loop {
            let mut found = Vec::new();
            let mut look = |path: Option<BString>| {
                let file = path.and_then(|path| self.file(path.as_ref()));
                found.extend(file.filter(|file| !found.contains(file)));
            };
            let below = |middle: &str| joined(folder, BStr::new(&[middle.as_bytes(), &line.path].concat()));
            look(below(""));
            look(below("include/"));
            look(below("include/uapi/"));
            for (parts, only) in [("arch", own_arch), ("lib", None)] {
                let Some(inside) = joined(folder, BStr::new(parts)) else { continue };
                for name in self.names(inside.as_ref()).iter().flat_map(|names| &names.folders) {
                    if only.is_some_and(|only| only != name) {
                        continue;
                    }
                    let below = |middle: &str| {
                        let path = [inside.as_slice(), b"/", name, middle.as_bytes(), &line.path].concat();
                        normal(BStr::new(&path))
                    };
                    look(below("/include/"));
                    if parts == "arch" {
                        look(below("/include/uapi/"));
                    } else {
                        look(below("/"));
                    }
                }
            }
            if let Some(generic) = line.path.strip_prefix(b"asm/") {
                look(joined(folder, BStr::new(&[b"include/asm-generic/", generic].concat())));
            }
            if !found.is_empty() || folder.is_empty() {
                return found;
            }
            folder = parent(folder).0;
        }
    }
}

/// Returns the architecture that a file belongs to.
fn arch(path: &BStr) -> Option<&BStr> {
    let mut parts = path.split(|byte| *byte == b'/');
    parts.find(|part| *part == b"arch")?;
    parts.next().map(BStr::new)
}

/// Splits a path into folder and name.
fn parent(path: &BStr) -> (&BStr, &BStr) {
    match path.rfind_byte(b'/') {
        Some(at) => (path[..at].as_bstr(), path[at + 1..].as_bstr()),
        None => (BStr::new(""), path),
    }
}

fn joined(folder: &BStr, path: &BStr) -> Option<BString> {
    if folder.is_empty() { normal(path) } else { normal(BStr::new(&[folder.as_bytes(), b"/", path].concat())) }
}

/// Takes `.` and `..` out of a path; `None` when it leads out of the tree.
fn normal(path: &BStr) -> Option<BString> {
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()?),
            _ => parts.push(part),
        }
    }
    Some(bstr::join("/", parts).into())
}

/// A tree whose files are in memory.
#[derive(Debug, Default)]
pub struct InMemoryTree(BTreeMap<BString, Vec<u8>>);

static NO_FILES: InMemoryTree = InMemoryTree(BTreeMap::new());

impl InMemoryTree {
    /// Makes a tree of pairs of path and text.
    pub fn of<'f>(files: impl IntoIterator<Item = (&'f str, &'f str)>) -> Self {
        InMemoryTree(files.into_iter().map(|(path, text)| (path.into(), text.into())).collect())
    }
}

impl SourceTree for InMemoryTree {
    fn names(&self, folder: &BStr) -> Option<Arc<FolderEntries>> {
        let mut names = FolderEntries::default();
        for path in self.0.keys() {
            let inside = if folder.is_empty() { Some(path.as_bytes()) } else { path.strip_prefix(folder.as_bytes()) };
            let Some(inside) = inside.map(|inside| inside.strip_prefix(b"/").unwrap_or(inside)) else { continue };
            match inside.find_byte(b'/') {
                Some(at) => names.folders.push(inside[..at].into()),
                None => names.files.push(inside.into()),
            }
        }
        names.folders.dedup();
        (!names.files.is_empty() || !names.folders.is_empty()).then(|| Arc::new(names))
    }

    fn text(&self, path: &BStr) -> Option<Vec<u8>> {
        self.0.get(path).cloned()
    }
}
