//! What one file sees: its own names, then those of what it includes, the nearest first.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::file_index::{DeclarationKind, hash};
use super::source_index::SourceIndex;
use crate::span::Span;

/// A place where a name is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Def {
    pub(super) space: DeclarationKind,
    pub(super) file: u32,
    pub(super) span: Span,
}

/// More files than this are not gone through for one file; the whole of Linux' `mm.h` for all architectures is about 3,000.
const SEEN_AT_MOST: usize = 12_000;

/// A file with all that it includes.
pub(super) struct TranslationUnit<'w> {
    pub(super) index: &'w SourceIndex<'w>,
    closure: RefCell<Closure>,
    memo: RefCell<Memo<'w>>,
}

/// What was looked up.
type Memo<'w> = HashMap<(Lookup, &'w [u8]), Rc<Vec<Def>>>;

/// The files that were reached, in the order of their distance.
struct Closure {
    groups: Vec<Vec<u32>>,
    seen: HashSet<u32>,
    /// The first group whose includes were not looked at.
    next: usize,
    /// The header whose users were not looked at.
    header: Option<u32>,
}

/// Which kinds of declarations a name is looked up among.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Lookup {
    /// Records.
    Tags,
    /// Typedefs.
    Typedefs,
    /// Macros, functions and variables.
    Values,
    /// Macros alone.
    Macros,
    /// What macro calls at file scope may declare.
    Arguments,
}

impl Lookup {
    fn list(self) -> &'static [DeclarationKind] {
        match self {
            Lookup::Tags => &[DeclarationKind::Tag],
            Lookup::Typedefs => &[DeclarationKind::Typedef],
            Lookup::Values => &[DeclarationKind::Macro, DeclarationKind::Ordinary],
            Lookup::Macros => &[DeclarationKind::Macro],
            Lookup::Arguments => &[DeclarationKind::Argument],
        }
    }
}

impl<'w> TranslationUnit<'w> {
    pub(super) fn of(index: &'w SourceIndex<'w>, file: u32) -> Self {
        let closure = Closure { groups: vec![vec![file]], seen: HashSet::from([file]), next: 0, header: Some(file) };
        TranslationUnit { index, closure: RefCell::new(closure), memo: RefCell::default() }
    }

    /// Returns where a name is declared: all places in the nearest files that declare it.
    pub(super) fn find(&self, spaces: Lookup, name: &'w [u8]) -> Rc<Vec<Def>> {
        if let Some(known) = self.memo.borrow().get(&(spaces, name)) {
            return known.clone();
        }
        let found = Rc::new(self.search(spaces, name));
        self.memo.borrow_mut().insert((spaces, name), found.clone());
        found
    }

    fn search(&self, spaces: Lookup, name: &[u8]) -> Vec<Def> {
        let hash = hash(name);
        let mut closure = self.closure.borrow_mut();
        let mut at = 0;
        while closure.reach(self.index, at) {
            let mut found = Vec::new();
            for &file in &closure.groups[at] {
                for &space in spaces.list() {
                    let spans = self.index.source(file).find(space, name, hash);
                    found.extend(spans.map(|span| Def { space, file, span }));
                }
            }
            if !found.is_empty() {
                return found;
            }
            at += 1;
        }
        Vec::new()
    }
}

impl Closure {
    /// Goes on until there are more than `at` groups; whether there are. A header is first seen by itself, then as the sources
    /// beside it that include it see it: it may leave it to them to include what it needs.
    fn reach(&mut self, index: &SourceIndex<'_>, at: usize) -> bool {
        if self.go_on(index, at) {
            return true;
        }
        let Some(header) = self.header.take() else { return false };
        for source in index.users_beside(header) {
            if self.seen.insert(source) {
                self.groups.push(vec![source]);
            }
        }
        self.go_on(index, at)
    }

    fn go_on(&mut self, index: &SourceIndex<'_>, at: usize) -> bool {
        while self.groups.len() <= at && self.next < self.groups.len() && self.seen.len() < SEEN_AT_MOST {
            for idx in 0..self.groups[self.next].len() {
                for group in index.includes(self.groups[self.next][idx]) {
                    let new: Vec<u32> = group.iter().copied().filter(|file| self.seen.insert(*file)).collect();
                    if !new.is_empty() {
                        self.groups.push(new);
                    }
                }
            }
            self.next += 1;
        }
        at < self.groups.len()
    }
}
