//! Plans that are kept: stored, found again with the change that they cut, and carried over to a plan made anew.

use std::collections::{BTreeMap, BTreeSet};

use super::PipelineError;
use super::plan::Project;
use crate::analyze::occurrences::Occurrences;
use crate::analyze::rules::rules;
use crate::analyze::{Analysis, analyze_in};
use crate::describe::{Sources, again, covers};
use crate::git::Repository;
use crate::git::files::Files;
use crate::git::refs::RefEdit;
use crate::model::{Campaign, EditId, Facts, ObjectId, Plan, change_name};
use crate::plan::bridge;
use crate::plan::check::{Asked, Checked, check};
use crate::plan::relate::relations;
use crate::plan::store::{self, Head, Storable, StoreError, StoredPlan};
use crate::read;
use crate::settings::{Layer, settings};
use crate::similarity::SquashedMessages;

/// Stores a plan, and keeps its commits from being collected: `refs/cleave/<change>/base` and `/tip`.
///
/// # Errors
/// When the disk or git refuses.
pub fn keep(repository: &Repository, plan: &impl Storable) -> Result<(), PipelineError> {
    let text = store::write(plan)?;
    let plan = plan.as_plan();
    let existing = repository.refs(&format!("refs/cleave/{}/", plan.name))?;
    let edits: Vec<RefEdit> = [("base", plan.change.base_commit_id), ("tip", plan.change.tip_commit_id)]
        .into_iter()
        .map(|(end, new)| (format!("refs/cleave/{}/{end}", plan.name), new))
        .filter(|(name, new)| existing.get(name) != Some(new))
        .map(|(name, new)| RefEdit { old: existing.get(&name).copied(), name, new: Some(new) })
        .collect();
    repository.edit_refs(&edits, "cleave: plan")?;
    Ok(store::file::save(repository.common_dir(), &plan.name, text.as_bytes())?)
}

/// Reads a stored plan without its change; `None` where there is none.
///
/// # Errors
/// When it is damaged or of another program.
pub fn stored_plan(repository: &Repository, name: &str) -> Result<Option<StoredPlan>, PipelineError> {
    match store::file::load(repository.common_dir(), name) {
        Err(StoreError::Missing(_)) => Ok(None),
        text => Ok(Some(store::read(&text?)?)),
    }
}

/// Returns the first lines of a stored plan.
///
/// # Errors
/// When there is no such plan or it is damaged.
pub fn head(repository: &Repository, name: &str) -> Result<Head, StoreError> {
    Head::read(&store::file::load(repository.common_dir(), name)?)
}

/// Returns what a change of a branch is called: `called`, as far as that fits into a ref, with a number where another branch has the name already.
///
/// # Errors
/// When a stored plan cannot be read.
pub fn name_of(repository: &Repository, called: &str, branch: &str) -> Result<String, StoreError> {
    let first = change_name(called);
    let mut name = first.clone();
    for number in 2.. {
        match head(repository, &name) {
            Ok(head) if head.branch.as_ref().is_some_and(|other| other != branch) => name = format!("{first}-{number}"),
            Ok(_) | Err(StoreError::Missing(_)) => break,
            Err(error) => return Err(error),
        }
    }
    Ok(name)
}

/// A branch that moved since it was planned, as a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// What the plan cuts, and where the branch is.
    pub sentence: String,
    /// Whether there is a branch that could be planned again.
    pub is_there: bool,
}

/// Looks whether the branch that a stored plan cuts has moved since; it goes on with the old tip.
///
/// # Errors
/// When the stored plan cannot be read or git cannot be run.
pub fn moved(repository: &Repository, name: &str) -> Result<Option<Moved>, PipelineError> {
    let head = match head(repository, name) {
        Err(StoreError::Missing(_)) => return Ok(None),
        other => other?,
    };
    let Some(branch) = &head.branch else { return Ok(None) };
    let (base, tip) = head.commits()?;
    let full = format!("refs/heads/{branch}");
    // The working tree is cut on top of its branch, which is the base then.
    let is_planned = |now: &ObjectId| *now == tip || *now == base;
    let (moved, is_there) = match repository.refs(&full)?.get(&full) {
        Some(now) if is_planned(now) => return Ok(None),
        Some(now) => (format!("is at {}", now.short()), true),
        None => ("is gone".to_owned(), false),
    };
    let sentence = format!("the plan of '{name}' cuts {}, and the branch '{branch}' {moved}", tip.short());
    Ok(Some(Moved { sentence, is_there }))
}

/// Finds a stored plan's change and edits again.
///
/// # Errors
/// When there is no such plan, it is damaged, or its commits are gone.
pub fn load(repository: &Repository, name: &str) -> Result<Plan, PipelineError> {
    Ok(load_analyzed(repository, name)?.plan)
}

/// Finds a stored plan again, and what the texts of its steps break.
///
/// # Errors
/// When there is no such plan, it is damaged, or its commits are gone.
pub fn checked_steps(repository: &Repository, name: &str) -> Result<(Plan, Checked), PipelineError> {
    let Loaded { plan, occurrences, .. } = load_analyzed(repository, name)?;
    let patches: Vec<Vec<EditId>> = plan.campaign.patches.iter().map(|patch| patch.edits.clone()).collect();
    let checked = check(&plan.change, &plan.edits, &occurrences, &patches, &Asked::default());
    Ok((plan, checked))
}

/// A stored plan, with what was found out of its change when it was read again.
#[derive(Debug)]
pub struct Loaded {
    /// The plan.
    pub plan: Plan,
    /// What its edits do.
    pub facts: Facts,
    /// Where its change names what.
    pub occurrences: Occurrences,
}

/// Reads the change of a stored plan again, takes it apart, puts its bridges in, and finds the plan's edits among the pieces.
///
/// # Errors
/// When there is no such plan, it is damaged, or its commits are gone.
pub fn load_analyzed(repository: &Repository, name: &str) -> Result<Loaded, PipelineError> {
    let stored = store::read(&store::file::load(repository.common_dir(), name)?)?;
    let (base, tip) = stored.commits()?;
    let change = read::change(repository, base, tip)?;
    let base_tree_id = change.base_tree_id;
    let analysis = analyze_in(change, &Files::of(repository, base_tree_id));
    let relations = relations(&analysis);
    let bridges = stored.bridges(&analysis.change, &analysis.edits)?;
    let (analysis, relations) = bridge::rebuild(analysis, relations, &bridges).map_err(PipelineError::Bridge)?;
    let Analysis { change, edits, facts, occurrences } = analysis;
    Ok(Loaded { plan: stored.resolve(change, edits, relations)?, facts, occurrences })
}

/// Keeps what the program says of a plan true after a person made it of `old`: patches that hold other edits, and series, are described again. What
/// people wrote stays, and so does the message of patches of the ids in `joined`, into which a person put others.
///
/// # Errors
/// When a setting is wrong or git cannot be run.
pub fn say_again(repository: &Repository, old: Loaded, plan: &mut Plan, joined: &BTreeSet<String>) -> Result<(), PipelineError> {
    let Loaded { plan: old, facts, occurrences } = old;
    if edits_of(&old.campaign) != edits_of(&plan.campaign) {
        let settings = settings(repository, old.change.base_tree_id, &Layer::default())?;
        let trees = (old.change.base_tree_id, old.change.tip_tree_id);
        let project = Project::read(repository, old.change.base_commit_id, trees, settings.history)?;
        let prefixes = project.prefixes();
        let analysis = Analysis { change: old.change, edits: old.edits, facts, occurrences };
        let sources = Sources {
            rules: &rules(&analysis.change, &analysis.edits),
            converts: &bridge::conversions(&analysis.change, &analysis.edits, &analysis.facts),
            analysis: &analysis,
            origins: &Vec::new(),
            squashed: &SquashedMessages::default(),
            provenances: &[],
            prefix: &|paths| prefixes.prefix(paths).map(|prefix| prefix.text).unwrap_or_default(),
        };
        let own = again(&sources, &old.campaign.patches, &mut plan.campaign.patches, joined);
        plan.words.patches.retain(|id| old.words.patches.contains(id) || !own.contains(id));
    }
    covers::write(plan);
    Ok(())
}

/// Returns the edits of each patch, by its id.
fn edits_of(campaign: &Campaign) -> BTreeMap<&str, &[EditId]> {
    campaign.patches.iter().map(|patch| (patch.patch_id.as_str(), patch.edits.as_slice())).collect()
}
