//! Checks that the series can land in any order: merged by git one after the other, in several orders, they must give the tip's tree.
//!
//! A series lands as `git am -3` would take it: the difference between what it stands on and its last patch goes onto what is there. What
//! it needs is there already; the copies of it in the series' own branch are not looked at, since people take them from where they come.
//! Cost: a merge a series and order, at most `MERGES` where two orders are no more; orders side by side.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::split_error::SplitError;
use super::written::{Written, WrittenSeries};
use crate::git::quarantine::Quarantine;
use crate::model::{ObjectId, Plan};

/// So many merges at most are tried, but for two orders.
const MERGES: usize = 150;
/// More orders than this tell little.
const ORDERS: usize = 8;

/// Lands all series among the objects on probation: in campaign order, in the one furthest from it that has each series after those it
/// needs, and in some that are drawn by lot, always the same ones.
///
/// # Errors
/// When two series conflict, or the result is not the tip's tree.
pub fn check(quarantine: &Quarantine, plan: &Plan, written: &Written) -> Result<(), SplitError> {
    let n_series = written.series.len();
    if n_series < 2 {
        return Ok(());
    }
    let needs: Vec<BTreeSet<usize>> =
        plan.campaign.series.iter().map(|series| series.needs.iter().map(|needed| needed.0).collect()).collect();
    let orders = orders(&needs, (MERGES / n_series).clamp(2, ORDERS));
    orders.par_iter().try_for_each(|order| landed(quarantine, plan, &written.series, order))
}

/// Returns so many orders at most, none twice: the first, the last, and some by lot.
fn orders(needs: &[BTreeSet<usize>], at_most: usize) -> Vec<Vec<usize>> {
    let mut orders: Vec<Vec<usize>> = vec![drawn(needs, |_| 0), drawn(needs, |free| free - 1)];
    // A linear congruential generator; the constants are Knuth's (MMIX).
    let mut state: u64 = 1;
    let mut lot = |free: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap_or(0) % free
    };
    orders.extend((orders.len()..at_most).map(|_| drawn(needs, &mut lot)));
    let mut seen = BTreeSet::new();
    orders.retain(|order| seen.insert(order.clone()));
    orders
}

/// Returns an order that has each series after those it needs; `choose` says which of so many free ones is next.
fn drawn(needs: &[BTreeSet<usize>], mut choose: impl FnMut(usize) -> usize) -> Vec<usize> {
    let mut left: BTreeSet<usize> = (0..needs.len()).collect();
    let mut order = Vec::with_capacity(needs.len());
    loop {
        let free: Vec<usize> = left.iter().copied().filter(|&idx| needs[idx].is_disjoint(&left)).collect();
        if free.is_empty() {
            break;
        }
        let next = free[choose(free.len())];
        left.remove(&next);
        order.push(next);
    }
    // Series that need each other in a circle, which no checked plan has.
    order.extend(left);
    order
}

fn landed(quarantine: &Quarantine, plan: &Plan, series: &[WrittenSeries], order: &[usize]) -> Result<(), SplitError> {
    let committer = &plan.change.committer;
    let mut tree_id = plan.change.base_tree_id;
    let mut names: Vec<String> = Vec::new();
    for one in order.iter().map(|&idx| &series[idx]) {
        let name = plan.campaign.series[one.series.0].name.clone();
        let (from_id, to_id): (ObjectId, ObjectId) = (one.base_tree, one.trees.last().copied().unwrap_or(one.base_tree));
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
        let all = orders(&needs, 8);
        assert_eq!(all[..2], [vec![0, 1, 2, 3], vec![2, 0, 1, 3]]);
        assert_eq!(all.len(), 3, "there is one more");
        assert_eq!(all[2], [0, 2, 1, 3]);
        let free = vec![BTreeSet::new(); 29];
        let all = orders(&free, 5);
        assert_eq!(all.len(), 5);
        assert_eq!(all, orders(&free, 5), "the lot falls as it did");
    }
}
