//! `git cleave plan`: shows the cut and keeps it.

use bstr::ByteSlice;
use clap::Args;

use super::input::{CutArgs, InputArgs};
use super::land::LandArgs;
use super::{Context, Failure, Format, exit};
use crate::git::Repository;
use crate::model::{Change, Plan, change_name};
use crate::pipeline::{self, PipelineError, Planned, Start};
use crate::plan::carry::Lost;
use crate::plan::store::file;
use crate::read::Input;
use crate::read::source::Source;
use crate::report::plan_json::json;
use crate::report::plan_text;
use crate::ui::progress::Progress;
use crate::write::{Posting, checked, override_broken};

/// Show how a change is cut, and keep the plan
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/plan.txt"))]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    cut: CutArgs,
    #[command(flatten)]
    land: LandArgs,
    /// What the change is called; by default its branch, with / as -
    #[arg(long, value_name = "CHANGE")]
    name: Option<String>,
    /// Start anew: what was decided on the plan that is kept does not count
    #[arg(long)]
    fresh: bool,
    /// Leave out what people wrote or arranged and the change does not hold any more, and keep the rest
    #[arg(long, conflicts_with = "fresh")]
    force: bool,
}

pub(crate) fn run(context: &Context, args: PlanArgs) -> Result<u8, Failure> {
    let repository = context.repository()?;
    if let Some(name) = args.name.as_deref().filter(|name| change_name(name) != **name) {
        let fit = change_name(name);
        return Err(Failure::new(exit::USAGE, format!("'{name}' cannot name a change")).hint(format!("--name {fit}")));
    }
    let input = args.input.input(context)?;
    let progress = Progress::default();
    let layer = args.cut.layer();
    let start = match (args.fresh, args.force) {
        (true, _) => Start::Fresh,
        (_, true) => Start::Forced,
        (false, false) => Start::Stored,
    };
    let source = match again(context, &repository, &input, args.name.as_deref())? {
        Some(source) => source,
        None => pipeline::source(&repository, &input, args.name.as_deref())?,
    };
    let name = source.1.clone();
    if start != Start::Fresh {
        pipeline::may_replace(&repository, &input, &name)?;
    }
    let planned = context.operation(&repository, &name, || {
        let planned = pipeline::plan(&repository, source, &args.land.layer(layer), start, &|stage| progress.stage(stage))?;
        checked(&planned.plan)?;
        pipeline::keep(&repository, &planned.plan)?;
        Ok(planned)
    });
    let Planned { plan, kept, lost, unsaid } = planned.map_err(|failure| reversed(&repository, &input, failure))?;
    drop(progress);
    let change = plan.change.clone();
    show(context, &Posting::of(plan))?;
    name_lost(context, &lost);
    for unsaid in unsaid {
        context.say(&format!("no patch has the message of commit {}: {}\n", unsaid.of, unsaid.subject));
    }
    if matches!(input, Input::Range(_)) {
        warn(context, &repository, &change)?;
    }
    if let Some(kept) = kept {
        context.say(&plan_text::kept(kept));
    }
    Ok(exit::DONE)
}

/// Finds the change of a stored plan again where the user names no range, or the plan in its place.
fn again(
    context: &Context,
    repository: &Repository,
    input: &Input,
    name: Option<&str>,
) -> Result<Option<(Source, String)>, Failure> {
    let is_plan = |word: &String| -> Result<bool, Failure> {
        // `A` is `A..HEAD`, which holds nothing where both are one commit.
        let is_empty = repository.commit(word).is_ok_and(|commit| repository.commit("HEAD").is_ok_and(|head| commit == head));
        Ok((is_empty || repository.commit(word).is_err()) && file::names(repository.common_dir())?.contains(word))
    };
    let name = match (input, name) {
        (Input::Range(None), Some(name)) => name.to_owned(),
        (Input::Range(None), None) => match repository.branch_of("HEAD")? {
            Some(branch) => pipeline::name_of(repository, &branch, &branch)?,
            None => return Ok(None),
        },
        (Input::Range(Some(word)), None) if is_plan(word)? => word.clone(),
        _ => return Ok(None),
    };
    let source = pipeline::source_again(repository, &name)?;
    if let Some(Source { base, tip, .. }) = &source {
        context.say(&format!("cutting {}..{}, from the base of the plan\n", base.short(), tip.short()));
    }
    Ok(source.map(|source| (source, name)))
}

/// Says where the ends of a range stand the wrong way round, so that nothing differs.
fn reversed(repository: &Repository, input: &Input, failure: Failure) -> Failure {
    let is_nothing = matches!(failure.error.downcast_ref::<PipelineError>(), Some(PipelineError::Nothing { .. }));
    let Input::Range(Some(range)) = input else { return failure };
    let Some((left, right)) = range.split_once("..").filter(|(left, right)| is_nothing && !left.is_empty() && !right.is_empty())
    else {
        return failure;
    };
    match (repository.commit(left), repository.commit(right)) {
        (Ok(from), Ok(tip)) if from != tip && repository.merge_base(from, tip).is_ok_and(|base| base == Some(tip)) => {
            let error = format!("nothing differs between {left} and {right}: '{left}' holds all of '{right}'");
            Failure::new(failure.code, error).hint(format!("the other way round: git cleave plan {right}..{left}"))
        }
        _ => failure,
    }
}

/// Names messages that people wrote and that no patch has.
pub(crate) fn name_lost(context: &Context, lost: &[Lost]) {
    for lost in lost {
        context.say(&format!("the message of '{}' fits no patch any more: {}\n", lost.of, lost.subject));
    }
}

/// Says what may not be meant of a range: lines that are not committed, and commits of other people.
fn warn(context: &Context, repository: &Repository, change: &Change) -> Result<(), Failure> {
    if repository.worktree().is_some() && repository.commit("HEAD").is_ok_and(|head| head == change.tip_commit_id) {
        let changed = repository.program().run(["status", "--porcelain", "--untracked-files=no", "--ignore-submodules=dirty"])?;
        if !changed.is_empty() {
            let files = plan_text::count(changed.lines().count(), "file");
            context.say(&format!("warning: what is not committed ({files}) is left out; git cleave plan --worktree cuts it\n"));
        }
    }
    let others = repository.by_others(change.base_commit_id, change.tip_commit_id)?;
    if others * 2 > change.commits.len() {
        let n_commits = plan_text::count(change.commits.len(), "commit");
        context.say(&format!("warning: {others} of {n_commits} are neither written nor committed by you: is this the range?\n"));
    }
    Ok(())
}

/// Prints the campaign.
pub(crate) fn show(context: &Context, plan: &Plan) -> Result<(), Failure> {
    if context.format == Format::Json {
        return context.print_json(&json(plan));
    }
    context.print_lines(&plan_text::picture(plan))
}

/// Sets aside what the plan breaks, as `--force` asks for, and says how much that is.
pub(crate) fn set_aside(context: &Context, plan: &mut Plan) {
    let n_overridden = override_broken(plan);
    if n_overridden > 0 {
        let relations = plan_text::count(n_overridden, "relation");
        context.say(&format!("{relations} set aside: git cleave verify tells whether the steps build\n"));
    }
}
