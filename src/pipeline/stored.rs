//! Plans that are kept: stored, found again with the change that they cut, and carried over to a plan made anew.

use std::collections::BTreeMap;

use super::PipelineError;
use super::plan::Project;
use crate::analyze::occurrences::Occurrences;
use crate::analyze::rules::rules;
use crate::analyze::{Analysis, analyze_in};
use crate::describe::trailers::sign;
use crate::describe::{Sources, again, covers};
use crate::git::Repository;
use crate::git::files::Files;
use crate::git::refs::RefEdit;
use crate::model::{Campaign, EditId, Facts, Plan};
use crate::plan::bridge;
use crate::plan::carry::{self, Lost};
use crate::plan::change_id::name_series;
use crate::plan::check::{Asked, Checked, check};
use crate::plan::relate::relations;
use crate::plan::store::{self, Storable, StoreError};
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
    Ok(store::file::save(repository.common_dir(), &plan.name, &text)?)
}

/// Takes into a new plan what a person said of the one that is stored under its name, and returns what has no place in it. A stored plan that cannot
/// be read says nothing.
///
/// # Errors
/// When the file is there and the disk refuses.
pub fn keep_words(repository: &Repository, plan: &mut Plan) -> Result<Vec<Lost>, PipelineError> {
    let text = match store::file::load(repository.common_dir(), &plan.name) {
        Err(StoreError::Missing(_)) => return Ok(Vec::new()),
        other => other?,
    };
    let Ok(old) = store::read(&text) else { return Ok(Vec::new()) };
    let lost = carry::words(&old.outline(), plan);
    if let Some(signoff) = plan.words.signoff.clone() {
        sign(plan, signoff.as_ref());
    }
    name_series(plan);
    Ok(lost)
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
/// people wrote stays.
///
/// # Errors
/// When a setting is wrong or git cannot be run.
pub fn say_again(repository: &Repository, old: Loaded, plan: &mut Plan) -> Result<(), PipelineError> {
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
        again(&sources, &old.campaign.patches, &mut plan.campaign.patches);
    }
    covers::write(plan);
    Ok(())
}

/// Returns the edits of each patch, by its id.
fn edits_of(campaign: &Campaign) -> BTreeMap<&str, &[EditId]> {
    campaign.patches.iter().map(|patch| (patch.patch_id.as_str(), patch.edits.as_slice())).collect()
}
