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

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bstr::{BStr, BString, ByteSlice};

use super::code::small;
use super::index::{Include, Source};

/// The files of one side of a change.
pub trait Tree: Sync {
    /// Returns the names in a folder (the top is empty); `None` when it is none.
    fn names(&self, folder: &BStr) -> Option<Arc<Names>>;

    /// Returns the bytes of a file; `None` when there is none or it cannot be read.
    fn text(&self, path: &BStr) -> Option<Vec<u8>>;

    /// Whether the file is the same in the world beneath this one.
    fn is_shared(&self, path: &BStr) -> bool {
        let _ = path;
        false
    }
}

/// The names in a folder, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Names of files.
    pub files: Vec<BString>,
    /// Names of folders.
    pub folders: Vec<BString>,
}

/// More files than this are not looked into, so that no change costs as much as its tree.
const FILES_AT_MOST: usize = 1 << 17;

/// Words made by `##`; past these a pasted word is unknown.
const PASTED_AT_MOST: usize = 1 << 16;

/// Sources beside a header that are looked at for an `#include` of it.
const SOURCES_AT_MOST: usize = 60;

/// Sources through whose eyes a header is seen; more say the same.
const USERS_AT_MOST: usize = 4;

/// Files of a tree that were asked for.
pub struct World<'t> {
    tree: &'t dyn Tree,
    /// The other side, which has read the files that both share.
    beneath: Option<&'t World<'t>>,
    /// Whether there is one text and nothing of what it includes.
    pub(super) is_alone: bool,
    /// In pieces, so that a world in which little is asked for is small.
    slots: Vec<OnceLock<Box<[Slot]>>>,
    n_slots: AtomicUsize,
    by_path: Mutex<HashMap<BString, Option<u32>>>,
    folders: Mutex<HashMap<BString, Option<Arc<Names>>>>,
    pasted: OnceLock<Box<[OnceLock<Word>]>>,
    by_word: Mutex<HashMap<Word, u32>>,
}

/// A word made by `##`.
type Word = Box<[u8]>;

#[derive(Default)]
struct Slot {
    path: OnceLock<BString>,
    source: OnceLock<Source>,
    includes: OnceLock<Vec<Vec<u32>>>,
}

/// Slots that are made together.
const SLOTS_AT_ONCE: usize = 1 << 10;

impl<'t> World<'t> {
    /// Makes a world in which nothing was read yet.
    pub fn of(tree: &'t dyn Tree) -> Self {
        World {
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

    /// Makes a world that takes what it shares with another one from there.
    pub fn over(tree: &'t dyn Tree, beneath: &'t World<'t>) -> Self {
        World { beneath: Some(beneath), ..World::of(tree) }
    }

    /// Makes a world of one text, whose path is empty. What it includes is not known: a typedef that it does not define stands for a record
    /// of that name, and a macro that it does not define is known by its name alone (`container_of`, `list_for_each_entry`).
    pub fn of_text(text: &[u8]) -> World<'static> {
        let world = World { is_alone: true, ..World::of(&NoTree) };
        drop(world.slot(0).path.set(BString::default()));
        drop(world.slot(0).source.set(Source::of(text.to_vec())));
        world.by_path.lock().unwrap_or_else(PoisonError::into_inner).insert(BString::default(), Some(0));
        world
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

    /// Takes a text that was read already as that of a file.
    pub fn put(&self, path: &BStr, text: Vec<u8>) {
        if let Some(file) = self.file(path) {
            drop(self.slot(file).source.set(Source::of(text)));
        }
    }

    /// Returns a file, read.
    pub(super) fn source(&self, file: u32) -> &Source {
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
            text.map(Source::of).unwrap_or_default()
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

    /// Returns a word made by `##`, kept as long as the world.
    pub(super) fn pasted(&self, word: Vec<u8>) -> Option<&[u8]> {
        let mut by_word = self.by_word.lock().unwrap_or_else(PoisonError::into_inner);
        let next = by_word.len();
        let slot = *by_word.entry(word.clone().into_boxed_slice()).or_insert(small(next));
        let pasted = self.pasted.get_or_init(|| (0..PASTED_AT_MOST).map(|_| OnceLock::new()).collect());
        let kept = pasted.get(slot as usize)?;
        Some(kept.get_or_init(|| word.into_boxed_slice()))
    }

    fn names(&self, folder: &BStr) -> Option<Arc<Names>> {
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

/// No files.
struct NoTree;

impl Tree for NoTree {
    fn names(&self, _: &BStr) -> Option<Arc<Names>> {
        None
    }

    fn text(&self, _: &BStr) -> Option<Vec<u8>> {
        None
    }
}

/// Files in memory.
#[derive(Debug, Default)]
pub struct Texts(std::collections::BTreeMap<BString, Vec<u8>>);

impl Texts {
    /// Makes a tree of these files.
    pub fn of<'f>(files: impl IntoIterator<Item = (&'f str, &'f str)>) -> Self {
        Texts(files.into_iter().map(|(path, text)| (path.into(), text.into())).collect())
    }
}

impl Tree for Texts {
    fn names(&self, folder: &BStr) -> Option<Arc<Names>> {
        let mut names = Names::default();
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
