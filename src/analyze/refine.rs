//! Uses of members whose record their own file does not tell → the record, found with the headers that the file includes.
//!
//! Only members whose name the change adds to a record or removes from one are looked up: no other use ties edits together. Where the file
//! alone names the tag (`struct page *p`), the record is known already. Cost: the uses that are left, and the headers that they lead to.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use bstr::{BStr, BString, ByteSlice};
use rayon::prelude::*;

use super::facts::{ChangeSide, FileFacts, RawFact};
use super::side::SideFiles;
use crate::model::{Change, EditId, Role, SymbolKind};
use cleave_c::types::{SourceIndex, SourceTree, records};

/// Fills in the records. `beneath` holds the files that the change does not touch.
pub(super) fn refine(files: &mut [FileFacts], change: &Change, beneath: &dyn SourceTree) {
    let moves = |fact: &&RawFact| matches!(fact.role, Role::Defines | Role::DropsDefinition) && fact.kind == SymbolKind::Field;
    let names: HashSet<BString> = files.iter().flat_map(|file| &file.facts).filter(moves).map(|fact| fact.name.clone()).collect();
    if !files.iter().any(|file| file.facts.iter().any(|fact| is_open(fact, &names))) {
        return;
    }
    let (base_side, tip_side) = (SideFiles::base(change, beneath), SideFiles::tip(change, beneath));
    let base = SourceIndex::of(&base_side);
    let tip = SourceIndex::over(&tip_side, &base);
    files.par_iter_mut().for_each(|file| {
        let paths = change.file(file.file_id);
        let mut touched: BTreeSet<(EditId, BString)> = BTreeSet::new();
        for (end, world, entry) in [(ChangeSide::Base, &base, &paths.base), (ChangeSide::Tip, &tip, &paths.tip)] {
            let Some(entry) = entry else { continue };
            let open = |fact: &&mut RawFact| is_open(fact, &names) && fact.use_of_member.is_some_and(|found| found.end == end);
            let mut facts: Vec<&mut RawFact> = file.facts.iter_mut().filter(open).collect();
            let offsets: Vec<usize> = facts.iter().filter_map(|fact| Some(fact.use_of_member?.at as usize)).collect();
            if offsets.is_empty() {
                continue;
            }
            for (fact, record) in facts.iter_mut().zip(records(world, entry.path.as_ref(), &offsets)) {
                if fact.record != record {
                    fact.record = record;
                    touched.insert((fact.edit_id, fact.name.clone()));
                }
            }
        }
        if !touched.is_empty() {
            recount(&mut file.facts, &touched);
        }
    });
}

/// Whether the record of a use is still to be found. A typedef's name is no answer: it may stand for a record with another name.
fn is_open(fact: &RawFact, names: &HashSet<BString>) -> bool {
    fact.use_of_member.is_some()
        && !fact.record.as_ref().is_some_and(|record| is_tagged(record.as_ref()))
        && names.contains(&fact.name)
}

fn is_tagged(record: &BStr) -> bool {
    record.starts_with_str("struct ") || record.starts_with_str("union ")
}

/// Makes the facts on gained and lost uses anew, for names whose record has changed.
fn recount(facts: &mut Vec<RawFact>, touched: &BTreeSet<(EditId, BString)>) {
    let is_touched = |fact: &RawFact| fact.kind == SymbolKind::Field && touched.contains(&(fact.edit_id, fact.name.clone()));
    facts.retain(|fact| !(matches!(fact.role, Role::GainsUse | Role::LosesUse) && is_touched(fact)));
    let key = |fact: &RawFact| (fact.edit_id, fact.name.clone(), fact.record.clone());
    let mut counts: BTreeMap<_, i64> = BTreeMap::new();
    for fact in facts.iter().filter(|fact| is_touched(fact)) {
        let count = match fact.role {
            Role::Uses => 1,
            Role::DropsUse => -1,
            _ => continue,
        };
        *counts.entry(key(fact)).or_default() += count;
    }
    let moved = |fact: &RawFact| -> Option<RawFact> {
        let role = match (fact.role, counts.get(&key(fact))?) {
            (Role::Uses, 1..) => Role::GainsUse,
            (Role::DropsUse, ..=-1) => Role::LosesUse,
            _ => return None,
        };
        Some(RawFact { role, use_of_member: None, ..fact.clone() })
    };
    let more: Vec<RawFact> = facts.iter().filter(|fact| is_touched(fact)).filter_map(moved).collect();
    facts.extend(more);
    facts.sort_by_key(|fact| fact.edit_id);
}
