//! Trees and messages → commits, in memory.

use std::collections::{BTreeSet, HashMap};

use bstr::BStr;

use super::checked::{CheckedPlan, PlanError};
use super::onto::{Onto, Root};
use super::steps::{StepError, trees};
use super::written::{Written, WrittenSeries};
use crate::git::new_commit::NewCommit;
use crate::git::objects::Objects;
use crate::model::compose::Layout;
use crate::model::{Message, ObjectId, PatchIdx, SeriesIdx};

/// Makes the commits of the branch `all` and of every series in the memory of `objects`.
///
/// `roots` says what each series stands on; where it is shorter, that is the base. A series stands on the patches that it needs, in the order of the whole; where these are also the first patches of another branch the
/// commits are the same ones.
///
/// # Errors
/// When the patches do not compose, or the last tree is not the tip's.
pub(super) fn commits(objects: &Objects, checked: CheckedPlan<'_>, roots: &[Root]) -> Result<Written, StepError> {
    let plan = checked.plan();
    let (base_id, base_tree_id) = (plan.change.base_commit_id, plan.change.base_tree_id);
    let layout = checked.layout();
    let said =
        plan.change.commits.iter().map(|commit| (Message::read(commit.message.as_ref()), commit.message.as_ref())).collect();
    let mut chain = Chain { objects, checked, layout, said, made: HashMap::new() };
    let every: Vec<PatchIdx> = (0..plan.campaign.patches.len()).map(PatchIdx).collect();
    let (all, step_trees) = chain.commits((base_id, base_tree_id), &every)?;
    if step_trees.last() != Some(&plan.change.tip_tree_id) {
        return Err(PlanError::Tip.into());
    }
    let mut series = Vec::with_capacity(plan.campaign.series.len());
    for (idx, own) in plan.campaign.series.iter().enumerate() {
        let needed: BTreeSet<PatchIdx> = plan
            .campaign
            .all_needs(SeriesIdx(idx))
            .into_iter()
            .flat_map(|needed| plan.campaign.series[needed.0].patches.iter().copied())
            .collect();
        let line: Vec<PatchIdx> = needed.iter().chain(&own.patches).copied().collect();
        let (mut commits, mut trees) = chain.commits((base_id, base_tree_id), &line)?;
        let root = roots.get(idx).filter(|root| root.commit_id != base_id);
        if let Some(root) = root {
            commits = chain.commits((root.commit_id, root.tree_id), &line)?.0;
        }
        let root_id = root.map_or(base_id, |root| root.commit_id);
        let own_commits = commits.split_off(needed.len());
        let own_trees = trees.split_off(needed.len());
        series.push(WrittenSeries {
            series: SeriesIdx(idx),
            branch: format!("refs/heads/cleave/{}/{}", plan.name, own.name),
            root: root_id,
            onto: roots.get(idx).map_or(Onto::Base, |root| root.onto.clone()),
            base: commits.last().copied().unwrap_or(root_id),
            prerequisites: commits,
            base_tree: trees.last().copied().unwrap_or(base_tree_id),
            commits: own_commits,
            trees: own_trees,
        });
    }
    Ok(Written { all, trees: step_trees, series })
}

/// Commits made so far, by parent and patch.
struct Chain<'c> {
    objects: &'c Objects,
    checked: CheckedPlan<'c>,
    layout: Layout,
    /// What the commits of the change say, and the same to the byte.
    said: Vec<(Message, &'c BStr)>,
    made: HashMap<(ObjectId, PatchIdx, ObjectId), ObjectId>,
}

impl Chain<'_> {
    /// Returns a commit for each of these patches in a line on a commit with this tree, and its tree.
    fn commits(
        &mut self,
        (base_id, base_tree_id): (ObjectId, ObjectId),
        line: &[PatchIdx],
    ) -> Result<(Vec<ObjectId>, Vec<ObjectId>), StepError> {
        let plan = self.checked.plan();
        let trees = trees(self.objects, self.checked, &self.layout, base_tree_id, line)?;
        let mut parent = base_id;
        let mut commits = Vec::with_capacity(line.len());
        for (&patch_idx, &tree_id) in line.iter().zip(&trees) {
            let key = (parent, patch_idx, tree_id);
            parent = match self.made.get(&key) {
                Some(commit_id) => *commit_id,
                None => {
                    let patch = plan.campaign.patch(patch_idx);
                    let text = patch.message.text();
                    let own = self.said.iter().find(|(message, _)| *message == patch.message).map(|(_, text)| *text);
                    let commit_id = self.objects.write_commit(&NewCommit {
                        tree_id,
                        parents: &[parent],
                        author: &patch.author,
                        committer: &plan.change.committer,
                        message: own.unwrap_or(text.as_ref()),
                    })?;
                    self.made.insert(key, commit_id);
                    commit_id
                }
            };
            commits.push(parent);
        }
        Ok((commits, trees))
    }
}
