//! A plan and what was learned → the plan that keeps it, else as it was.
//!
//! Patches that nothing moves to or from keep all they have, and every patch its message: people may have written it. What moves is checked by its
//! text before anything is built: what the new order would break and the old one did not is mended too. What the check had to say of the old
//! order is not: only a build speaks against that.

use std::collections::{BTreeSet, HashSet};

use bstr::BString;

use super::settle::{Moved, settle};
use crate::analyze::occurrences::Occurrences;
use crate::describe::covers;
use crate::model::diagnosis::DiagnosisKind;
use crate::model::{EditId, Patch, PatchIdx, Plan, Relation, Series};
use crate::plan::address::first_line;
use crate::plan::check::{Asked, Finding, check};
use crate::plan::{home, series};

/// A plan after a round of repair.
#[derive(Debug, Clone)]
pub struct Mended {
    /// The plan.
    pub plan: Plan,
    /// What it came to keep: what was learned, and what the texts of the new order asked for.
    pub learned: Vec<Relation>,
    /// What moved from one patch to another; places are those of the patches before.
    pub moved: Vec<Moved>,
}

/// So often the new order is checked and settled again.
const ROUNDS_AT_MOST: usize = 12;

/// Returns the plan that keeps `learned`, none of which it keeps yet.
pub fn mend(plan: &Plan, occurrences: &Occurrences, learned: Vec<Relation>) -> Mended {
    let Plan { change, edits, .. } = plan;
    let lines = |edit_id: EditId| home::weight(change, edits, edit_id);
    let was: Vec<Vec<EditId>> = plan.campaign.patches.iter().map(|patch| patch.edits.clone()).collect();
    let asked = Asked::default();
    let known: BTreeSet<(BString, BString, DiagnosisKind)> =
        check(change, edits, occurrences, &was, &asked).findings.iter().map(key).collect();
    let mut learned = learned;
    let mut relations = plan.relations.clone();
    relations.extend(learned.iter().cloned());
    relations.sort();
    let mut round = 1;
    loop {
        let settled = settle(&was, edits, (&relations, &plan.waived), &lines);
        let now: Vec<Vec<EditId>> = settled.patches.iter().map(|(_, members)| members.clone()).collect();
        let findings = check(change, edits, occurrences, &now, &asked).findings;
        let had: HashSet<_> = relations.iter().map(Relation::ends).collect();
        let mends = findings.iter().filter(|finding| !known.contains(&key(finding))).flat_map(|finding| &finding.mend);
        let more: BTreeSet<&Relation> = mends.filter(|relation| !had.contains(&relation.ends())).collect();
        if more.is_empty() || round == ROUNDS_AT_MOST {
            let plan = carried(plan, relations, &learned, settled.patches, &settled.moved);
            return Mended { plan, learned, moved: settled.moved };
        }
        relations.extend(more.iter().copied().cloned());
        relations.sort();
        learned.extend(more.into_iter().cloned());
        round += 1;
    }
}

fn key(finding: &Finding) -> (BString, BString, DiagnosisKind) {
    (finding.path.clone(), finding.symbol.clone(), finding.kind)
}

/// Returns the plan with the patches as they are settled.
fn carried(
    plan: &Plan,
    relations: Vec<Relation>,
    learned: &[Relation],
    settled: Vec<(usize, Vec<EditId>)>,
    moved: &[Moved],
) -> Plan {
    let old = &plan.campaign;
    let mut new = plan.clone();
    let now: HashSet<_> = learned.iter().map(Relation::ends).collect();
    new.waived.retain(|relation| !now.contains(&relation.ends()));
    new.learned.extend(learned.iter().cloned());
    new.learned.sort();
    new.relations = relations;
    let mut place_of = vec![None; old.patches.len()];
    let mut patches: Vec<Patch> = Vec::with_capacity(settled.len());
    for (idx, members) in settled {
        place_of[idx] = Some(PatchIdx(patches.len()));
        let mut patch = old.patches[idx].clone();
        patch.why.extend(moved.iter().filter(|moved| moved.to == idx).map(|moved| came(plan, moved)));
        patch.edits = members;
        patches.push(patch);
    }
    let held = |one: &Series| {
        let mut held: Vec<PatchIdx> = one.patches.iter().filter_map(|patch| place_of[patch.0]).collect();
        held.sort();
        Series { patches: held, ..one.clone() }
    };
    let held: Vec<Series> = old.series.iter().map(held).filter(|one| !one.patches.is_empty()).collect();
    let mut series = series::again(&new.change, &new.edits, &new.relations, &old.homes, &patches, held);
    series::in_line(&mut patches, &mut series);
    covers::carried(plan, &patches, &mut series);
    new.campaign.patches = patches;
    new.campaign.series = series;
    new
}

/// Returns the sentence that says why an edit came to its patch.
fn came(plan: &Plan, moved: &Moved) -> String {
    let edit = plan.edits.get(moved.edit_id);
    let path = plan.change.file(edit.file_id).path();
    let line = first_line(&plan.change, &plan.edits, edit);
    let from = &plan.campaign.patches[moved.from].message.subject;
    format!("'{line}' of {path} came from '{from}': {}", moved.why.reason)
}
