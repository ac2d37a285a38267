//! Do the series land in any order? Merged one after the other by git, forwards and backwards, they must give the tip's tree.

use super::split::{SplitError, Written, WrittenSeries};
use crate::git::quarantine::Quarantine;
use crate::model::{ObjectId, Plan};

/// Merges all series in two orders among the objects on probation. A series that another needs is part of that other.
///
/// # Errors
/// When two series conflict, or the result is not the tip's tree.
pub fn check(quarantine: &Quarantine, plan: &Plan, written: &Written) -> Result<(), SplitError> {
    if written.series.len() < 2 {
        return Ok(());
    }
    merged(quarantine, plan, written.series.iter())?;
    merged(quarantine, plan, written.series.iter().rev())
}

fn merged<'w>(quarantine: &Quarantine, plan: &Plan, series: impl Iterator<Item = &'w WrittenSeries>) -> Result<(), SplitError> {
    let mut at: Option<(ObjectId, Vec<String>)> = None;
    let mut tree_id = plan.change.base_tree_id;
    for one in series {
        let name = plan.campaign.series[one.series.0].name.clone();
        let tip = one.commits.last().copied().unwrap_or(one.base);
        at = Some(match at {
            None => {
                tree_id = quarantine.tree_of(tip)?;
                (tip, vec![name])
            }
            Some((commit_id, mut names)) => {
                let Some(merged) = quarantine.merge(commit_id, tip)? else {
                    return Err(SplitError::Conflict { series: name, with: names });
                };
                tree_id = merged;
                names.push(name);
                let committer = &plan.change.committer;
                (quarantine.merge_commit(merged, &[commit_id, tip], committer)?, names)
            }
        });
    }
    if tree_id == plan.change.tip_tree_id { Ok(()) } else { Err(SplitError::Merged) }
}
