//! A plan and relations that builds taught → the plan that keeps them, else as it was.
//!
//! Patches that nothing moves to or from keep all they have, and every patch keeps its message, as people may have written it. The new order goes through
//! the check before anything is built: what it breaks and the old one did not is mended too. What the check finds in the old order stays as
//! it is, as no build has spoken against it.

use std::collections::{BTreeSet, HashSet};
use std::convert::Infallible;

use bstr::BString;

use super::arrange::{Arranged, Moved, arrange};
use crate::analyze::occurrences::Occurrences;
use crate::model::diagnosis::DiagnosisKind;
use crate::model::{EditId, Patch, PatchIdx, Plan, Relation, Series};
use crate::plan::address::first_line;
use crate::plan::check::{Asked, Checked, Finding, check};
use crate::plan::settle::{ROUNDS_AT_MOST, Settled, settle};
use crate::plan::{home, series};

/// A plan after a round of repair.
#[derive(Debug, Clone)]
pub struct Mended {
    /// The plan. Series that are new have no cover yet.
    pub plan: Plan,
    /// What it came to keep: what builds taught, then what the check of the new order asked for.
    pub learned: Vec<Relation>,
    /// What moved from one patch to another; places are those of the patches before.
    pub moved: Vec<Moved>,
}

/// Returns the plan that keeps `from_builds`, none of which it keeps yet.
pub fn mend(plan: &Plan, occurrences: &Occurrences, from_builds: Vec<Relation>) -> Mended {
    let Plan { change, edits, .. } = plan;
    let lines = |edit_id: EditId| home::weight(change, edits, edit_id);
    let was: Vec<Vec<EditId>> = plan.campaign.patches.iter().map(|patch| patch.edits.clone()).collect();
    let asked = Asked::default();
    let known: BTreeSet<(BString, BString, DiagnosisKind)> =
        check(change, edits, occurrences, &was, &asked).findings.iter().map(key).collect();
    let mut relations = plan.relations.clone();
    relations.extend(from_builds.iter().cloned());
    relations.sort();
    let lay = |relations: &[Relation], _| Ok::<_, Infallible>(arrange(&was, edits, (relations, &plan.overridden), &lines));
    let new_findings = |arranged: &Arranged, _: &[Relation]| {
        let now: Vec<Vec<EditId>> = arranged.patches.iter().map(|(_, members)| members.clone()).collect();
        let mut checked: Checked = check(change, edits, occurrences, &now, &asked);
        checked.findings.retain(|finding| !known.contains(&key(finding)));
        checked
    };
    let Ok(Settled { laid, relations, from_check, .. }) = settle(relations, ROUNDS_AT_MOST, lay, new_findings);
    let learned = [from_builds.as_slice(), &from_check].concat();
    let mut new = arranged(plan, relations, laid.patches, &laid.moved);
    let now: HashSet<_> = learned.iter().map(Relation::ends).collect();
    new.overridden.retain(|relation| !now.contains(&relation.ends()));
    new.from_builds.extend(from_builds);
    new.from_builds.sort();
    new.from_check.extend(from_check);
    new.from_check.sort();
    Mended { plan: new, learned, moved: laid.moved }
}

fn key(finding: &Finding) -> (BString, BString, DiagnosisKind) {
    (finding.path.clone(), finding.symbol.clone(), finding.kind)
}

/// Returns the plan with the patches as they are arranged: the old place of each and its edits.
fn arranged(plan: &Plan, relations: Vec<Relation>, arranged: Vec<(usize, Vec<EditId>)>, moved: &[Moved]) -> Plan {
    let old = &plan.campaign;
    let mut new = plan.clone();
    new.relations = relations;
    let mut place_of = vec![None; old.patches.len()];
    let mut patches: Vec<Patch> = Vec::with_capacity(arranged.len());
    for (idx, members) in arranged {
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
    let mut series = series::again(&new.change, &new.edits, &new.relations, &new.words, &old.homes, &patches, held);
    series::in_line(&mut patches, &mut series);
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
