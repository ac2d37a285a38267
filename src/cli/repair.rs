//! `git cleave verify --repair`: what a failing build says moves edits, until every step builds.

use std::collections::BTreeMap;

use bstr::{BString, ByteSlice};
use serde::Serialize;

use super::builds::Builds;
use super::verify::{VerifyArgs, failure};
use super::{Context, Failure, Format};
use crate::git::Repository;
use crate::model::{EditId, EditSet, Plan, Relation, Tie};
use crate::pipeline;
use crate::pipeline::repair::{Bounds, Builder, End, Repaired, Round, Stand, repair};
use crate::plan::address::{addresses, first_line};
use crate::plan::store::file::lock;
use crate::report::plan_text::count;
use crate::verify::diagnose::complaint_of;
use crate::verify::report::{Blame, Report};
use crate::verify::steps::step;
use crate::verify::verdict::Ended;
use crate::verify::{Outcome, Step};
use crate::write::{Force, Posting, checked, may_move, split, store, store_set};
use cleave_c::span::Lines;

/// Steps, the base first, and for each profile how they stand.
type Standing = (Vec<Step>, Vec<Vec<Report>>);

/// Repairs a plan, writes it with its branches, and returns how its steps stand. Until then nothing but objects is written: what ends it early
/// leaves the plan as it was, and the builds that are done count the next time.
pub(super) fn run(
    context: &Context,
    repository: &Repository,
    name: &str,
    args: &VerifyArgs,
) -> Result<(Builds, Standing), Failure> {
    let _lock = lock(repository.common_dir(), name)?;
    let (plan, occurrences) = pipeline::load_with_occurrences(repository, name)?;
    may_move(repository, name, Force::Refuse)?;
    let base = step(repository, plan.change.base_commit_id).map_err(failure)?;
    let tip = step(repository, plan.change.tip_commit_id).map_err(failure)?;
    let builds = Builds::of(repository, &base, args)?;
    let mut shop = Shop { context, repository, base, tip, builds, standing: (Vec::new(), Vec::new()) };
    let Repaired { plan, rounds, end } = repair(plan, &occurrences, &mut shop, Bounds::default())?;
    match end {
        End::Done if rounds.is_empty() => context.say("nothing to repair\n"),
        End::Done => context.say(&format!("repaired in {}\n", count(rounds.len(), "round"))),
        End::Base => context.say("the base does not build with this command: nothing is repaired\n"),
        End::Left => context.say("no order of the edits mends what still fails\n"),
        End::Rounds => context.say(&format!("given up after {}\n", count(rounds.len(), "round"))),
    }
    if end != End::Base {
        if !rounds.is_empty() {
            pipeline::keep(repository, &plan)?;
        }
        split(repository, checked(&Posting::of(plan))?, Force::Refuse)?;
    }
    Ok((shop.builds, shop.standing))
}

/// Where plans are built.
struct Shop<'s> {
    context: &'s Context,
    repository: &'s Repository,
    base: Step,
    tip: Step,
    builds: Builds,
    /// What came of the last plan's steps.
    standing: Standing,
}

impl Builder for Shop<'_> {
    type Error = Failure;

    fn steps(&mut self, plan: &Plan) -> Result<Vec<Stand>, Failure> {
        let written = store(self.repository, checked(plan)?)?;
        let steps = written.all.iter().zip(&written.trees).zip(&plan.campaign.patches);
        let steps =
            steps.map(|((&commit_id, &tree_id), patch)| Step { commit_id, tree_id, subject: patch.message.subject.clone() });
        let steps: Vec<Step> = std::iter::once(self.base.clone()).chain(steps).collect();
        let reports = self.builds.run(self.context, self.repository, &steps)?;
        let stands = (0..steps.len()).map(|number| stand(&reports, number)).collect();
        self.standing = (steps, reports);
        Ok(stands)
    }

    fn set(&mut self, plan: &Plan, set: &EditSet) -> Result<Stand, Failure> {
        let tree_id = store_set(self.repository, plan, set)?;
        let subject = BString::from(format!("{} of {} edits", set.len(), plan.edits.whole().len()));
        let part = Step { commit_id: self.base.commit_id, tree_id, subject };
        // What a profile builds is what base and tip differ in; both are known already.
        let reports = self.builds.run(self.context, self.repository, &[self.base.clone(), part, self.tip.clone()])?;
        Ok(stand(&reports, 1))
    }

    fn round(&mut self, before: &Plan, after: &Plan, round: &Round) -> Result<(), Failure> {
        let told = told(before, after, round);
        match self.context.format {
            Format::Text => self.context.print(&text(&told)),
            Format::Json => self.context.print_json(&told),
        }
    }
}

/// How a step stands with all profiles. What a profile says whose base does not build is not listened to, unless no other says anything.
fn stand(profiles: &[Vec<Report>], number: usize) -> Stand {
    let says = |reports: &&Vec<Report>| reports.first().is_some_and(|base| base.blame != Blame::Failed);
    let told: Vec<&Vec<Report>> = profiles.iter().filter(says).collect();
    let told = if told.is_empty() { profiles.iter().collect() } else { told };
    let mut stand = Stand::Builds;
    for profile in told {
        let Some(report) = profile.iter().find(|report| report.number == number) else { return Stand::Untold };
        let is_timely = !matches!(report.verdict.outcome, Outcome::Failed(Ended::Timeout(_) | Ended::Signal(_)));
        let said = match report.blame {
            Blame::Passed => continue,
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

/// One round, for programs; version 1.
#[derive(Debug, Serialize)]
struct JsonRound {
    round: usize,
    /// Steps that did not build, from 1.
    failing: Vec<usize>,
    learned: Vec<JsonRelation>,
    searched: Option<JsonSearch>,
    moved: Vec<JsonMoved>,
    reordered: Vec<JsonReordered>,
}

#[derive(Debug, Serialize)]
struct JsonRelation {
    tie: &'static str,
    first: String,
    second: String,
    reason: String,
}

#[derive(Debug, Serialize)]
struct JsonSearch {
    step: usize,
    judged: usize,
    smallest: bool,
    breaks: Vec<String>,
    needs: Vec<String>,
}

#[derive(Debug, Serialize)]
struct JsonMoved {
    path: String,
    line: usize,
    text: String,
    edit: String,
    from: usize,
    to: usize,
    reason: String,
}

#[derive(Debug, Serialize)]
struct JsonReordered {
    patch: String,
    subject: String,
    from: usize,
    to: usize,
    reason: String,
}

fn told(before: &Plan, after: &Plan, round: &Round) -> JsonRound {
    let addresses = addresses(&before.change, &before.edits);
    let shown = |edit_id: EditId| addresses[edit_id.idx()].to_string();
    let relation = |relation: &Relation| JsonRelation {
        tie: match relation.tie {
            Tie::Before => "before",
            Tie::Together => "together",
        },
        first: shown(relation.first),
        second: shown(relation.second),
        reason: relation.reason.to_string(),
    };
    let moved = round.moved.iter().map(|moved| {
        let edit = before.edits.get(moved.edit_id);
        JsonMoved {
            path: before.change.file(edit.file_id).path().to_str_lossy().into_owned(),
            line: line_of(before, moved.edit_id),
            text: first_line(&before.change, &before.edits, edit).to_str_lossy().into_owned(),
            edit: shown(moved.edit_id),
            from: moved.from + 1,
            to: moved.to + 1,
            reason: moved.why.reason.to_string(),
        }
    });
    JsonRound {
        round: round.number,
        failing: round.failing.clone(),
        learned: round.learned.iter().map(relation).collect(),
        searched: round.found.as_ref().map(|(step, found)| JsonSearch {
            step: *step,
            judged: found.n_judged,
            smallest: found.is_smallest,
            breaks: found.breaks.iter().copied().map(shown).collect(),
            needs: found.needs.iter().copied().map(shown).collect(),
        }),
        moved: moved.collect(),
        reordered: reordered(before, after, &round.learned),
    }
}

/// Returns the line in the tip where an edit puts something in, else that of the base from which it takes away; from 1.
fn line_of(plan: &Plan, edit_id: EditId) -> usize {
    let edit = plan.edits.get(edit_id);
    let file = plan.change.file(edit.file_id);
    match (edit.tip_span.filter(|span| !span.is_empty()), edit.base_span()) {
        (Some(span), _) => Lines::of(file.tip_text()).line_at(span.start) + 1,
        (None, Some(span)) => Lines::of(file.base_text()).line_at(span.start) + 1,
        (None, None) => 1,
    }
}

/// Returns the fewest patches that must have moved as a whole for the new order, with the relation that each could not keep.
fn reordered(before: &Plan, after: &Plan, learned: &[Relation]) -> Vec<JsonReordered> {
    let was: BTreeMap<&str, usize> =
        before.campaign.patches.iter().enumerate().map(|(idx, patch)| (patch.patch_id.as_str(), idx)).collect();
    let order: Vec<usize> = after.campaign.patches.iter().filter_map(|patch| was.get(patch.patch_id.as_str()).copied()).collect();
    // The longest run of patches that kept their order: the best that ends with each.
    let mut best: Vec<(usize, Option<usize>)> = Vec::with_capacity(order.len());
    for (at, &place) in order.iter().enumerate() {
        let fits = (0..at).filter(|&earlier| order[earlier] < place);
        let longest = fits.max_by_key(|&earlier| (best[earlier].0, std::cmp::Reverse(earlier)));
        best.push((longest.map_or(1, |earlier| best[earlier].0 + 1), longest));
    }
    let mut kept = vec![false; order.len()];
    let mut at = (0..best.len()).max_by_key(|&at| (best[at].0, std::cmp::Reverse(at)));
    while let Some(here) = at {
        kept[here] = true;
        at = best[here].1;
    }
    let gone = (0..order.len()).filter(|&at| !kept[at]);
    let one = |at: usize| {
        let patch = &before.campaign.patches[order[at]];
        let holds = |edit_id: EditId| patch.edits.contains(&edit_id);
        let why = learned.iter().find(|relation| holds(relation.first) || holds(relation.second)).or(learned.first());
        JsonReordered {
            patch: patch.patch_id.clone(),
            subject: patch.message.subject.to_str_lossy().into_owned(),
            from: order[at] + 1,
            to: at + 1,
            reason: why.map_or_else(String::new, |relation| relation.reason.to_string()),
        }
    };
    gone.map(one).collect()
}

/// Edits that went the same way for the same reason, beyond this many, are counted only.
const SHOWN: usize = 5;

fn text(told: &JsonRound) -> String {
    let failing: Vec<String> = told.failing.iter().map(usize::to_string).collect();
    let steps = if failing.len() == 1 { "step" } else { "steps" };
    let mut out = format!("round {}: {steps} {} failed\n", told.round, failing.join(", "));
    if let Some(searched) = &told.searched {
        let all = if searched.smallest { "" } else { ", not all that could be" };
        out.push_str(&format!("  searched what step {} needs: {}{all}\n", searched.step, count(searched.judged, "build")));
    }
    let mut ways: BTreeMap<(usize, usize, &str), Vec<&JsonMoved>> = BTreeMap::new();
    for moved in &told.moved {
        ways.entry((moved.from, moved.to, &moved.reason)).or_default().push(moved);
    }
    for ((from, to, reason), all) in ways {
        for moved in all.iter().take(SHOWN) {
            out.push_str(&format!(
                "  moved {}:{} '{}' from patch {from} to patch {to}: {reason}\n",
                moved.path, moved.line, moved.text
            ));
        }
        if all.len() > SHOWN {
            out.push_str(&format!("  and {} more\n", all.len() - SHOWN));
        }
    }
    for moved in &told.reordered {
        out.push_str(&format!("  patch {} is now patch {} ('{}'): {}\n", moved.from, moved.to, moved.subject, moved.reason));
    }
    out
}
