//! Macros that a source defines for the headers it includes.
//!
//! `#define USE_X` above the includes shows names that headers hide otherwise. Nothing in the source uses the macro itself; what it shows is
//! unknown, as the headers are not read. So all that an edit newly uses comes after such a macro, and all that edits cease to use goes before it.

use std::collections::{BTreeMap, BTreeSet};

use super::Relations;
use crate::model::{Change, EditId, Edits, Facts, FileId, Reason, Role, SymbolKind};
use crate::understand::places::{Places, Space};

/// Adds the relations of such macros.
pub(super) fn relations(change: &Change, edits: &Edits, facts: &Facts, places: &Places, found: &mut Relations) {
    let mut made: BTreeMap<FileId, Vec<(EditId, &bstr::BString)>> = BTreeMap::new();
    let mut gone: BTreeMap<FileId, Vec<(EditId, &bstr::BString)>> = BTreeMap::new();
    for ((_, name), list) in places.names.iter().filter(|((space, _), _)| *space == Space::Ordinary) {
        for place in list.iter().filter(|place| place.role == Role::Defines && place.kind == SymbolKind::Macro) {
            let file_id = place.file_id;
            let is_source = change.file(file_id).path().ends_with(b".c");
            let used = list.iter().any(|other| other.file_id == file_id && other.role == Role::Uses);
            let other = list.iter().any(|other| other.file_id == file_id && other != place);
            if is_source && place.arguments.is_none() && !used && !other {
                place.made.into_iter().for_each(|edit_id| made.entry(file_id).or_default().push((edit_id, name)));
                place.gone.into_iter().for_each(|edit_id| gone.entry(file_id).or_default().push((edit_id, name)));
            }
        }
    }
    if made.is_empty() && gone.is_empty() {
        return;
    }
    let users = |role: Role| -> BTreeSet<(FileId, EditId)> {
        facts
            .facts
            .iter()
            .filter(|fact| fact.role == role && facts.symbols.get(fact.symbol_id).kind == SymbolKind::Name)
            .map(|fact| (edits.get(fact.edit_id).file_id, fact.edit_id))
            .collect()
    };
    for (file_id, user) in users(Role::GainsUse) {
        for (macro_, name) in made.get(&file_id).into_iter().flatten() {
            found.before(*macro_, user, Reason::DefinedBeforeUse((*name).clone()));
        }
    }
    for (file_id, user) in users(Role::LosesUse) {
        for (macro_, name) in gone.get(&file_id).into_iter().flatten() {
            found.before(user, *macro_, Reason::LastUseBeforeRemoval((*name).clone()));
        }
    }
}
