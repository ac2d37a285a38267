//! Facts of single files → facts of the change: names that cross files become one symbol each.
//!
//! Three things are only known when all files were read: what a plain name is whose definition stands in another file's edits;
//! that a definition which left a source came back in a header (or the reverse), so that both are the same symbol; and which
//! header an `#include` means. Runs alone and in the order of the files, so that ids are the same however many threads read.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BStr, ByteSlice};

use super::facts::{FileFacts, RawFact};
use super::occurrences::{last_part, writes};
use crate::model::{Fact, Facts, FileId, Role, Symbol, SymbolKind};

/// Kind, name, record: a symbol without its scope.
type SymbolKey<'f> = (SymbolKind, &'f BStr, Option<&'f BStr>);

/// Gives each symbol its number and makes the list of facts. `files` are sorted by [`FileId`].
pub(super) fn resolve(files: Vec<FileFacts>) -> Facts {
    let shared = shared(&files);
    let kinds = kinds(&files, &shared);
    let includes = includes(&files);
    let mut out = Facts::default();
    for file in &files {
        for raw in &file.facts {
            let is_own = raw.own && !shared.contains(&(file.file_id, key(raw)));
            let scope = is_own.then_some(file.file_id);
            let mut add = |kind: SymbolKind, name: &BStr| {
                let symbol = Symbol { kind, name: name.to_owned(), record: raw.record.clone(), scope };
                let symbol_id = out.symbols.intern(symbol);
                out.facts.push(Fact { edit_id: raw.edit_id, role: raw.role, symbol_id });
            };
            match raw.kind {
                SymbolKind::Name => match kinds.get(raw.name.as_bstr()) {
                    Some(kinds) => kinds.iter().for_each(|&kind| add(kind, raw.name.as_ref())),
                    None => add(SymbolKind::Name, raw.name.as_ref()),
                },
                SymbolKind::Header if matches!(raw.role, Role::Defines | Role::DropsDefinition) => {
                    let path = raw.name.as_bstr();
                    let written = includes.get(last_part(path)).into_iter().flatten().filter(|written| writes(written, path));
                    written.for_each(|written| add(SymbolKind::Header, written));
                }
                kind => add(kind, raw.name.as_ref()),
            }
        }
        out.notes.extend(file.note.clone().map(|note| (file.file_id, note)));
    }
    out.facts.sort();
    out.facts.dedup();
    out
}

fn key(raw: &RawFact) -> SymbolKey<'_> {
    (raw.kind, raw.name.as_ref(), raw.record.as_ref().map(|record| record.as_ref()))
}

fn defines(role: Role) -> bool {
    matches!(role, Role::Defines | Role::Declares)
}

fn drops(role: Role) -> bool {
    matches!(role, Role::DropsDefinition | Role::DropsDeclaration)
}

/// Finds the symbols that one file keeps to itself and that move into or out of the sight of others: they leave the file while a symbol of that
/// name comes for all to see, or the reverse. So does a type that goes from a source to a header, or a function that loses its `static`.
fn shared(files: &[FileFacts]) -> BTreeSet<(FileId, SymbolKey<'_>)> {
    let mut seen_by_all: BTreeMap<SymbolKey, (bool, bool)> = BTreeMap::new();
    let mut seen_by_one: BTreeMap<(FileId, SymbolKey), (bool, bool)> = BTreeMap::new();
    for file in files {
        for raw in file.facts.iter().filter(|raw| defines(raw.role) || drops(raw.role)) {
            let sides = match raw.own {
                true => seen_by_one.entry((file.file_id, key(raw))).or_default(),
                false => seen_by_all.entry(key(raw)).or_default(),
            };
            sides.0 |= drops(raw.role);
            sides.1 |= defines(raw.role);
        }
    }
    let swaps = |(_, key): &(FileId, SymbolKey), (leaves, comes): &(bool, bool)| {
        let (all_leave, all_come) = seen_by_all.get(key).copied().unwrap_or_default();
        leaves != comes && ((*leaves && all_come) || (*comes && all_leave))
    };
    seen_by_one.into_iter().filter(|(own, sides)| swaps(own, sides)).map(|(own, _)| own).collect()
}

/// Finds the kinds of each name of C's ordinary name space that the edits define, declare or remove with external linkage.
fn kinds<'f>(files: &'f [FileFacts], shared: &BTreeSet<(FileId, SymbolKey<'f>)>) -> BTreeMap<&'f BStr, BTreeSet<SymbolKind>> {
    let mut kinds: BTreeMap<&BStr, BTreeSet<SymbolKind>> = BTreeMap::new();
    for file in files {
        for raw in file.facts.iter().filter(|raw| defines(raw.role) || drops(raw.role)) {
            let is_ordinary = match raw.kind {
                SymbolKind::Function | SymbolKind::Macro | SymbolKind::EnumConstant | SymbolKind::Variable => true,
                SymbolKind::Type => !raw.name.contains(&b' '),
                SymbolKind::Field
                | SymbolKind::Local
                | SymbolKind::Header
                | SymbolKind::Kconfig
                | SymbolKind::Object
                | SymbolKind::Compatible
                | SymbolKind::Name => false,
            };
            if is_ordinary && (!raw.own || shared.contains(&(file.file_id, key(raw)))) {
                kinds.entry(raw.name.as_ref()).or_default().insert(raw.kind);
            }
        }
    }
    kinds
}

/// Finds the paths in the `#include` lines of the edits, by their last part.
fn includes(files: &[FileFacts]) -> BTreeMap<&BStr, BTreeSet<&BStr>> {
    let mut by_file_name: BTreeMap<&BStr, BTreeSet<&BStr>> = BTreeMap::new();
    let uses = |raw: &&RawFact| raw.kind == SymbolKind::Header && matches!(raw.role, Role::Uses | Role::DropsUse);
    for raw in files.iter().flat_map(|file| &file.facts).filter(uses) {
        by_file_name.entry(last_part(raw.name.as_ref())).or_default().insert(raw.name.as_ref());
    }
    by_file_name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::occurrences::FileOccurrences;
    use crate::model::EditId;
    use bstr::BString;

    #[test]
    fn a_created_header_is_what_includes_write() {
        let fact = |role, name: &str| RawFact {
            edit_id: EditId(0),
            role,
            kind: SymbolKind::Header,
            name: BString::from(name),
            record: None,
            own: false,
            use_of_member: None,
        };
        let facts = vec![
            fact(Role::Defines, "include/linux/gmap.h"),
            fact(Role::Uses, "linux/gmap.h"),
            fact(Role::Uses, "../include/linux/gmap.h"),
            fact(Role::Uses, "asm/gmap.h"),
        ];
        let facts = resolve(vec![FileFacts { file_id: FileId(0), facts, note: None, occurrences: FileOccurrences::default() }]);
        let names: Vec<&BStr> = facts.names(EditId(0), Role::Defines).collect();
        assert_eq!(names, ["../include/linux/gmap.h", "linux/gmap.h"]);
    }
}
