//! Do the series land in any order? Applied one after the other by git's merge, in two orders, they must give the tip's tree.
//!
//! A series lands as `git am -3` would take it: the difference between what it stands on and its last patch goes onto what is there. What
//! it needs is there already; the copies of it in the series' own branch are not looked at, since people take them from where they come.

use std::collections::BTreeSet;

use super::split::{SplitError, Written, WrittenSeries};
use crate::git::quarantine::Quarantine;
use crate::model::{ObjectId, Plan};

/// Lands all series among the objects on probation: in campaign order, and in the one furthest from it that has each series after those it
/// needs.
///
/// # Errors
/// When two series conflict, or the result is not the tip's tree.
pub fn check(quarantine: &Quarantine, plan: &Plan, written: &Written) -> Result<(), SplitError> {
    if written.series.len() < 2 {
        return Ok(());
    }
    let forwards: Vec<usize> = (0..written.series.len()).collect();
    let needs: Vec<BTreeSet<usize>> =
        plan.campaign.series.iter().map(|series| series.needs.iter().map(|needed| needed.0).collect()).collect();
    let backwards = last_first(&needs);
    landed(quarantine, plan, &written.series, &forwards)?;
    if backwards == forwards { Ok(()) } else { landed(quarantine, plan, &written.series, &backwards) }
}

/// Returns the order in which, of all that are free, the last is always taken.
fn last_first(needs: &[BTreeSet<usize>]) -> Vec<usize> {
    let mut left: BTreeSet<usize> = (0..needs.len()).collect();
    let mut order = Vec::with_capacity(needs.len());
    while let Some(next) = left.iter().rev().copied().find(|&idx| needs[idx].is_disjoint(&left)) {
        left.remove(&next);
        order.push(next);
    }
    order.extend(left);
    order
}

fn landed(quarantine: &Quarantine, plan: &Plan, series: &[WrittenSeries], order: &[usize]) -> Result<(), SplitError> {
    let committer = &plan.change.committer;
    let mut tree_id = plan.change.base_tree_id;
    let mut names: Vec<String> = Vec::new();
    for one in order.iter().map(|&idx| &series[idx]) {
        let name = plan.campaign.series[one.series.0].name.clone();
        let (from_id, to_id): (ObjectId, ObjectId) =
            (quarantine.tree_of(one.base)?, quarantine.tree_of(one.commits.last().copied().unwrap_or(one.base))?);
        tree_id = if from_id == tree_id {
            to_id
        } else {
            let from = quarantine.merge_commit(from_id, &[], committer)?;
            let ours = quarantine.merge_commit(tree_id, &[from], committer)?;
            let theirs = quarantine.merge_commit(to_id, &[from], committer)?;
            match quarantine.merge(ours, theirs)? {
                Some(merged) => merged,
                None => return Err(SplitError::Conflict { series: name, with: names }),
            }
        };
        names.push(name);
    }
    if tree_id == plan.change.tip_tree_id { Ok(()) } else { Err(SplitError::Merged) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_lands_first() {
        let needs = [vec![], vec![0], vec![], vec![1, 2]].map(|needs| needs.into_iter().collect());
        assert_eq!(last_first(&needs), [2, 0, 1, 3]);
    }
}
