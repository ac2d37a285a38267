//! Build, learn, plan again, until every step builds.
//!
//! ```text
//!   plan ─> builds.steps ─> what fails ─> learn, or else search ─> mend ─> plan ─> …
//! ```
//!
//! Each round adds a relation that the plan before did not keep, and one patch of everything keeps all of them, so the rounds end. Only steps that a build
//! has shown to be broken are mended. A step whose build gives no answer or runs out of time is left alone, and so is what fails at the tip too. Nothing is
//! repaired where the base does not build.

mod chain;

use std::collections::HashSet;

use crate::analyze::occurrences::Occurrences;
use crate::describe::covers;
use crate::model::diagnosis::Diagnosis;
use crate::model::{EditId, EditSet, Plan, Reason, Relation};
use crate::plan::repair::{Failing, Mended, Moved, StepNeeds, learn, mend, search};

pub use chain::{RepairEvent, RepairProgress, Standing, repair_stored, steps_of};

/// What a build says of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stand {
    /// It builds.
    Builds,
    /// It does not, and the compiler said this.
    Fails(Vec<Diagnosis>),
    /// The build gave no answer, or took too long.
    Untold,
}

/// Builds the steps of plans: the part of a repair that works outside of the program.
pub trait Builder {
    /// Why a build cannot be had.
    type Error;

    /// Builds each step and returns what the build says, the base first.
    ///
    /// # Errors
    /// When the builds cannot be run.
    fn steps(&mut self, plan: &Plan) -> Result<Vec<Stand>, Self::Error>;

    /// Builds the base with some edits and returns what the build says.
    ///
    /// # Errors
    /// When the build cannot be run.
    fn set(&mut self, plan: &Plan, set: &EditSet) -> Result<Stand, Self::Error>;

    /// Is told of a round that ended, with the plans before and after it.
    ///
    /// # Errors
    /// When it cannot be told to anyone.
    fn round(&mut self, before: &Plan, after: &Plan, round: &Round) -> Result<(), Self::Error>;
}

/// What happened in one round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    /// From 1.
    pub number: usize,
    /// The steps that did not build, from 1.
    pub failing: Vec<usize>,
    /// The relations that the plan came to keep: those that the build taught, then those that the check of the new order asked for.
    pub learned: Vec<Relation>,
    /// Where the messages did not help and a search did: the step, from 1, and what it needs.
    pub found: Option<(usize, StepNeeds)>,
    /// What moved from one patch to another; patches are those of the plan before.
    pub moved: Vec<Moved>,
}

/// Why a repair ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Every step builds, or none is known not to.
    Done,
    /// The base does not build: nothing was repaired.
    Base,
    /// What still fails, fails at the tip too, or no step before and after it builds: no order mends it.
    Left,
    /// All rounds that are allowed were made.
    Rounds,
}

/// A plan after repair.
#[derive(Debug, Clone)]
pub struct Repaired {
    /// The plan.
    pub plan: Plan,
    /// The rounds that it took.
    pub rounds: Vec<Round>,
    /// How far it came.
    pub end: End,
}

/// How much a repair may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// How many rounds it may take. Each builds the steps that changed.
    pub n_rounds: usize,
    /// How many builds one search may take.
    pub n_searched: usize,
}

impl Default for Bounds {
    /// Most plans take one to three rounds; the search of a step among a hundred later pieces takes some thirty builds.
    fn default() -> Self {
        Bounds { n_rounds: 40, n_searched: 60 }
    }
}

/// Repairs a plan by what its builds say.
///
/// # Errors
/// Those of the builds; the plan of the caller is as it was.
pub fn repair<B: Builder>(plan: Plan, occurrences: &Occurrences, builds: &mut B, bounds: Bounds) -> Result<Repaired, B::Error> {
    let mut plan = plan;
    let mut rounds: Vec<Round> = Vec::new();
    loop {
        let stands = builds.steps(&plan)?;
        let failing = failing(&stands);
        if matches!(stands.first(), Some(Stand::Fails(_))) {
            return Ok(Repaired { plan, rounds, end: End::Base });
        }
        if failing.is_empty() {
            let end = if matches!(stands.last(), Some(Stand::Fails(_))) { End::Left } else { End::Done };
            return Ok(Repaired { plan, rounds, end });
        }
        if rounds.len() == bounds.n_rounds {
            return Ok(Repaired { plan, rounds, end: End::Rounds });
        }
        let patches: Vec<Vec<EditId>> = plan.campaign.patches.iter().map(|patch| patch.edits.clone()).collect();
        let had: HashSet<_> = plan.relations.iter().map(Relation::ends).collect();
        let is_new = |relation: &Relation| !had.contains(&relation.ends());
        let mut learned = learn(&plan.change, &plan.edits, occurrences, &patches, &failing);
        learned.retain(is_new);
        let mut found = None;
        if learned.is_empty() {
            if let Some((step, until)) = searched(&stands, &failing) {
                let mut judge = |set: &EditSet| Ok(builds.set(&plan, set)? == Stand::Builds);
                let answer = search(&plan.edits, &plan.relations, &patches, (step, until), bounds.n_searched, &mut judge)?;
                found = answer.map(|found| (step + 1, found));
            }
            if let Some((step, found)) = &found {
                let said = failing.iter().find(|(at, _)| at + 1 == *step).and_then(|(_, diagnoses)| diagnoses.first());
                let reason = said.map_or_else(|| "a build that fails and does not say why".to_owned(), Diagnosis::shown);
                learned = found.relations(&Reason::Learned(reason.into()));
                learned.retain(is_new);
            }
        }
        if learned.is_empty() {
            return Ok(Repaired { plan, rounds, end: End::Left });
        }
        let Mended { plan: mut next, learned, moved } = mend(&plan, occurrences, learned);
        covers::write(&mut next);
        let failing = failing.iter().map(|(step, _)| step + 1).collect();
        let round = Round { number: rounds.len() + 1, failing, learned, found, moved };
        builds.round(&plan, &next, &round)?;
        rounds.push(round);
        plan = next;
    }
}

/// Returns the patches after which the build fails, with what the tip does not say too; without the last, which is the tip's.
fn failing(stands: &[Stand]) -> Vec<Failing> {
    let Some((tip, steps)) = stands.split_last() else { return Vec::new() };
    let known: HashSet<_> = match tip {
        Stand::Fails(diagnoses) => diagnoses.iter().map(|said| (&said.path, said.kind, &said.symbol, &said.text)).collect(),
        Stand::Builds | Stand::Untold => HashSet::new(),
    };
    let told = steps.iter().enumerate().skip(1).filter_map(|(number, stand)| match stand {
        Stand::Fails(diagnoses) => {
            let is_own = |said: &&Diagnosis| !known.contains(&(&said.path, said.kind, &said.symbol, &said.text));
            // The base is number 0, and so the step after patch 0 number 1.
            Some((number - 1, diagnoses.iter().filter(is_own).cloned().collect()))
        }
        Stand::Builds | Stand::Untold => None,
    });
    told.collect()
}

/// Returns the first step that fails while the one before it builds, with the first that builds after it.
fn searched(stands: &[Stand], failing: &[Failing]) -> Option<(usize, usize)> {
    failing.iter().find_map(|&(patch, _)| {
        let number = patch + 1;
        let until = (number..stands.len()).find(|&later| stands[later] == Stand::Builds)?;
        (stands[number - 1] == Stand::Builds).then_some((patch, until - 1))
    })
}

#[cfg(test)]
mod tests;
