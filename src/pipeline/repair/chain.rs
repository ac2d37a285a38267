//! The stored plan of a change → the plan whose steps build, kept and written as branches.
//!
//! ```text
//!   load ──> builds ──> repair ──> keep ──> split
//! ```
//!
//! Until repair has ended nothing but objects is written: what ends it early leaves the plan as it was, and the builds that are done
//! count the next time.

use bstr::BString;

use super::{Bounds, Builder, End, Repaired, Round, Stand, repair};
use crate::git::{GitError, Repository};
use crate::model::{EditSet, Plan};
use crate::pipeline::verify::{BuildEvent, Builds, BuildsError, built};
use crate::pipeline::{self, Loaded, PipelineError};
use crate::plan::store::StoreError;
use crate::verify::diagnose::complaint_of;
use crate::verify::report::{Blame, Report};
use crate::verify::steps::{step, steps};
use crate::verify::verdict::Ended;
use crate::verify::{Outcome, Step, VerifyError};
use crate::write::{Force, PlanError, Posting, SplitError, branch, checked, may_move, split, store, store_set};

/// What happens while a plan is repaired.
#[derive(Debug)]
pub enum RepairEvent<'e> {
    /// Steps were built; a list of reports for each profile.
    Built(&'e [Vec<Report>]),
    /// A round has ended: the plan before it, the plan after it, and what it came to.
    Round(&'e Plan, &'e Plan, &'e Round),
    /// Repair has ended after so many rounds.
    End(End, usize),
}

/// How the steps of a repaired plan stand.
#[derive(Debug)]
pub struct Standing {
    /// How they were built.
    pub builds: Builds,
    /// The base, then the steps of the plan.
    pub steps: Vec<Step>,
    /// What came of them: a list of reports for each profile.
    pub reports: Vec<Vec<Report>>,
}

/// Who hears of a repair.
pub struct RepairProgress<'a, E> {
    /// Hears of each build.
    pub builds: &'a (dyn Fn(BuildEvent<'_>) + Sync),
    /// Hears of each round.
    pub rounds: &'a dyn Fn(RepairEvent<'_>) -> Result<(), E>,
}

/// Repairs the stored plan of a change, keeps it, writes its branches, and returns how its steps stand. `builds` says how to build, given
/// the base.
///
/// # Errors
/// When there is no such plan, its branches may not be moved, or the builds cannot be run; and what `builds` and `progress` refuse.
pub fn repair_stored<E>(
    repository: &Repository,
    name: &str,
    builds: impl FnOnce(&Step) -> Result<Builds, E>,
    progress: &RepairProgress<'_, E>,
) -> Result<Standing, E>
where
    E: From<PipelineError> + From<StoreError> + From<SplitError> + From<PlanError> + From<BuildsError>,
{
    let Loaded { plan, occurrences, .. } = pipeline::load_analyzed(repository, name)?;
    may_move(repository, name, Force::Refuse)?;
    let base = step(repository, plan.change.base_commit_id).map_err(BuildsError::from)?;
    let tip = step(repository, plan.change.tip_commit_id).map_err(BuildsError::from)?;
    let builds = builds(&base)?;
    let mut trees = Trees { repository, base, tip, builds: &builds, progress, steps: Vec::new(), reports: Vec::new() };
    let Repaired { plan, rounds, end } = repair(plan, &occurrences, &mut trees, Bounds::default())?;
    let Trees { steps, reports, .. } = trees;
    (progress.rounds)(RepairEvent::End(end, rounds.len()))?;
    if end != End::Base {
        if !rounds.is_empty() {
            pipeline::keep(repository, &plan)?;
        }
        split(repository, checked(&Posting::of(plan))?, Force::Refuse)?;
    }
    Ok(Standing { builds, steps, reports })
}

/// Returns the base and every step of a change, and whether the branch `all` has them: what its plan says, not what an earlier one said. A branch without a
/// plan is taken as it is.
///
/// # Errors
/// When the plan cannot be used, or somebody made other steps of the branch, which nobody knows the meaning of before they are adopted.
pub fn steps_of<E>(repository: &Repository, name: &str) -> Result<(Vec<Step>, bool), E>
where
    E: From<PipelineError> + From<GitError> + From<SplitError> + From<PlanError> + From<BuildsError> + From<VerifyError>,
{
    if pipeline::stored_plan(repository, name)?.is_none() {
        return Ok((steps(repository, name)?, true));
    }
    let plan = Posting::of(pipeline::load(repository, name)?);
    let base = step(repository, plan.change.base_commit_id).map_err(BuildsError::from)?;
    let planned = planned::<E>(repository, &base, &plan)?;
    let trees = |steps: &[Step]| steps.iter().map(|step| step.tree_id).collect::<Vec<_>>();
    let all = branch(name, "all");
    let (now, recorded) = (repository.refs(&all)?, repository.refs(&format!("refs/cleave/{name}/heads/all"))?);
    if !now.is_empty() {
        // Other messages are nothing that a build could see.
        let written = steps(repository, name)?;
        if trees(&written) == trees(&planned) {
            return Ok((written, true));
        }
        if now.values().next() != recorded.values().next() {
            return Err(SplitError::Foreign(all.trim_start_matches("refs/heads/").to_owned()).into());
        }
    }
    Ok((planned, false))
}

/// Makes the steps of a plan: the base and its patches.
fn planned<E: From<SplitError> + From<PlanError>>(repository: &Repository, base: &Step, plan: &Plan) -> Result<Vec<Step>, E> {
    let written = store(repository, checked(plan)?)?;
    let patches = written.all.iter().zip(&written.trees).zip(&plan.campaign.patches);
    let steps =
        patches.map(|((&commit_id, &tree_id), patch)| Step { commit_id, tree_id, subject: patch.message.subject.clone() });
    Ok(std::iter::once(base.clone()).chain(steps).collect())
}

/// Builds plans from their trees.
struct Trees<'t, E> {
    repository: &'t Repository,
    base: Step,
    tip: Step,
    builds: &'t Builds,
    progress: &'t RepairProgress<'t, E>,
    /// The steps of the last plan, and what came of them.
    steps: Vec<Step>,
    reports: Vec<Vec<Report>>,
}

impl<E: From<BuildsError>> Trees<'_, E> {
    fn built(&self, steps: &[Step]) -> Result<Vec<Vec<Report>>, E> {
        let reports = built(self.repository, steps, self.builds, self.progress.builds)?;
        (self.progress.rounds)(RepairEvent::Built(&reports))?;
        Ok(reports)
    }
}

impl<E: From<BuildsError> + From<SplitError> + From<PlanError>> Builder for Trees<'_, E> {
    type Error = E;

    fn steps(&mut self, plan: &Plan) -> Result<Vec<Stand>, E> {
        self.steps = planned::<E>(self.repository, &self.base, plan)?;
        self.reports = self.built(&self.steps)?;
        Ok((0..self.steps.len()).map(|number| stand(&self.reports, number)).collect())
    }

    fn set(&mut self, plan: &Plan, set: &EditSet) -> Result<Stand, E> {
        let tree_id = store_set(self.repository, plan, set)?;
        let subject = BString::from(format!("{} of {} edits", set.len(), plan.edits.whole().len()));
        let part = Step { commit_id: self.base.commit_id, tree_id, subject };
        // What a profile builds is what base and tip differ in; both are known already.
        let reports = self.built(&[self.base.clone(), part, self.tip.clone()])?;
        Ok(stand(&reports, 1))
    }

    fn round(&mut self, before: &Plan, after: &Plan, round: &Round) -> Result<(), E> {
        (self.progress.rounds)(RepairEvent::Round(before, after, round))
    }
}

/// Returns how a step stands with all profiles together. A profile whose base does not build says nothing of the steps, unless that holds
/// for all profiles.
fn stand(profiles: &[Vec<Report>], number: usize) -> Stand {
    let says = |reports: &&Vec<Report>| reports.first().is_some_and(|base| base.blame != Blame::Failed);
    let told: Vec<&Vec<Report>> = profiles.iter().filter(says).collect();
    let told = if told.is_empty() { profiles.iter().collect() } else { told };
    let mut stand = Stand::Builds;
    for profile in told {
        let Some(report) = profile.iter().find(|report| report.number == number) else { return Stand::Untold };
        let is_timely = !matches!(report.verdict.outcome, Outcome::Failed(Ended::Timeout(_) | Ended::Signal(_)));
        let said = match report.blame {
            // Of the code that it did not compile the build has nothing to say that could be repaired.
            Blame::Passed | Blame::NotCompiled | Blame::Untold => continue,
            Blame::Failed if is_timely => Some(report.diagnoses.clone()),
            Blame::Warns => Some(report.warnings.iter().filter_map(|warning| complaint_of(warning)).collect()),
            Blame::Failed | Blame::LikeBase | Blame::Undecided => None,
        };
        stand = match (said, stand) {
            (Some(more), Stand::Fails(mut diagnoses)) => {
                diagnoses.extend(more);
                Stand::Fails(diagnoses)
            }
            (Some(diagnoses), Stand::Builds | Stand::Untold) => Stand::Fails(diagnoses),
            (None, Stand::Fails(diagnoses)) => Stand::Fails(diagnoses),
            (None, Stand::Builds | Stand::Untold) => Stand::Untold,
        };
    }
    stand
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::diagnosis::{Diagnosis, DiagnosisKind};
    use crate::plan::fixture::object_id;
    use crate::verify::Verdict;

    /// Reports of one profile: how the base and the steps after it ended.
    fn profile(blames: &[Blame]) -> Vec<Report> {
        let commit_id = object_id(b"commit");
        let diagnosis =
            Diagnosis { path: "a.c".into(), line: 1, kind: DiagnosisKind::Other, symbol: "".into(), text: "wrong".into() };
        let report = |(number, &blame): (usize, &Blame)| Report {
            profile: "make".into(),
            number,
            step: Step { commit_id, tree_id: commit_id, subject: "s".into() },
            verdict: Verdict { outcome: Outcome::Passed, ..Verdict::nothing() },
            blame,
            code: Vec::new(),
            lines: Vec::new(),
            diagnoses: if blame == Blame::Failed { vec![diagnosis.clone()] } else { Vec::new() },
            warnings: Vec::new(),
            same_code: None,
        };
        blames.iter().enumerate().map(report).collect()
    }

    /// How step 1 stands, in a word.
    fn check(profiles: &[&[Blame]], expected: &str) {
        let profiles: Vec<Vec<Report>> = profiles.iter().map(|blames| profile(blames)).collect();
        let word = match stand(&profiles, 1) {
            Stand::Builds => "builds".to_owned(),
            Stand::Fails(diagnoses) => format!("fails {}", diagnoses.len()),
            Stand::Untold => "untold".to_owned(),
        };
        assert_eq!(word, expected);
    }

    #[test]
    fn a_step_builds_where_it_builds_with_all_profiles() {
        use Blame::{Failed, LikeBase, NotCompiled, Passed, Undecided, Warns};
        check(&[&[Passed, Passed], &[Passed, Passed]], "builds");
        check(&[&[Passed, Passed], &[Passed, Failed]], "fails 1");
        check(&[&[Passed, Failed], &[Passed, Failed]], "fails 2");
        check(&[&[Passed, Undecided], &[Passed, Passed]], "untold");
        check(&[&[Passed, Undecided], &[Passed, Failed]], "fails 1");
        check(&[&[Passed, NotCompiled], &[Passed, Passed]], "builds");
        check(&[&[Passed, NotCompiled], &[Passed, Failed]], "fails 1");
        check(&[&[Passed, Warns]], "fails 0");
        check(&[&[Passed], &[Passed, Passed]], "untold");
        // The first profile knows nothing, as its base fails; then the second alone decides.
        check(&[&[Failed, LikeBase], &[Passed, Passed]], "builds");
        check(&[&[Failed, LikeBase]], "untold");
    }

    #[test]
    fn what_ran_out_of_time_says_nothing() {
        let mut late = profile(&[Blame::Passed, Blame::Failed]);
        late[1].verdict.outcome = Outcome::Failed(Ended::Timeout(Duration::from_secs(1)));
        assert_eq!(stand(&[late], 1), Stand::Untold);
    }
}
