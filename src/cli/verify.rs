//! `git cleave verify`: builds every step.

use std::ffi::OsString;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use clap::{Args, ValueEnum};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::{Context, Failure, Format, exit};
use crate::git::Repository;
use crate::pipeline::{self, change_name};
use crate::plan::check::report as findings;
use crate::ui::progress::Progress;
use crate::verify::queue::{Event, Known};
use crate::verify::report::{self, Blame};
use crate::verify::runner::Limits;
use crate::verify::store::Store;
use crate::verify::{BuildCommand, Options, Outcome, Search, Shell, VerifyError, steps, verify};

/// Build every step of a change that was split, and its base
///
/// The command runs in an exported tree. Exit code 0 means that a step builds, 125 that it cannot be told, 126 and 127 that the command
/// cannot run, which ends the run; anything else that the step is broken. Verdicts are kept by tree, command and environment.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Which change; by default that of the current branch, or the only one
    #[arg(long, value_name = "CHANGE")]
    name: Option<String>,
    /// Build this many steps side by side; CLEAVE_JOBS tells the command its share of the processors
    #[arg(long, short, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    jobs: u16,
    /// Build every step, or stop at the first that fails
    #[arg(long, value_enum, default_value = "all")]
    search: SearchArg,
    /// A build that takes longer has failed
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    timeout: Option<u64>,
    /// Build also what an earlier run has built: after a change of the compiler
    #[arg(long)]
    rebuild: bool,
    /// Build nothing: check the texts of the planned steps for what a compiler would refuse
    #[arg(long = "static", conflicts_with_all = ["jobs", "search", "timeout", "rebuild", "command"])]
    is_static: bool,
    /// The build command and its arguments; no shell reads them
    #[arg(last = true, required_unless_present = "is_static", value_name = "COMMAND")]
    command: Vec<OsString>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SearchArg {
    All,
    First,
}

impl VerifyArgs {
    /// Every step of a change, one after the other, with this command.
    pub(crate) fn simple(name: &str, command: &[&str]) -> Self {
        VerifyArgs {
            name: Some(name.into()),
            jobs: 1,
            search: SearchArg::All,
            timeout: None,
            rebuild: false,
            is_static: false,
            command: command.iter().map(OsString::from).collect(),
        }
    }
}

pub(crate) fn run(context: &Context, args: VerifyArgs) -> Result<u8, Failure> {
    let repository = context.repository()?;
    if args.is_static { check(context, &repository, args.name.as_deref()) } else { run_in(context, &repository, args) }
}

/// Checks the steps of the plan by their texts.
fn check(context: &Context, repository: &Repository, name: Option<&str>) -> Result<u8, Failure> {
    let name = context.change(repository, name)?;
    let (plan, findings) = pipeline::checked_steps(repository, &name)?;
    match context.format {
        Format::Text => context.print(&findings::text(&plan, &findings))?,
        Format::Json => findings::json(&plan, &findings).iter().try_for_each(|finding| context.print_json(finding))?,
    }
    if findings.is_empty() {
        context.say(&format!("nothing to find in {} steps of '{name}'\n", plan.campaign.patches.len()));
        return Ok(exit::DONE);
    }
    Ok(exit::NO)
}

/// Builds in a repository that need not be the one the user stands in.
pub(crate) fn run_in(context: &Context, repository: &Repository, args: VerifyArgs) -> Result<u8, Failure> {
    let name = match args.name {
        Some(name) => name,
        None => default_name(repository)?,
    };
    let steps = steps(repository, &name).map_err(failure)?;
    let command = BuildCommand::of(args.command);
    let n_workers = usize::from(args.jobs);
    let limits = Limits {
        timeout: args.timeout.map(Duration::from_secs),
        jobs: (std::thread::available_parallelism().map_or(1, usize::from) / n_workers).max(1),
        interrupt: Arc::new(AtomicBool::new(false)),
    };
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&limits.interrupt))?;
    }
    let options = Options {
        n_workers,
        search: match args.search {
            SearchArg::All => Search::All,
            SearchArg::First => Search::First,
        },
        known: if args.rebuild { Known::Ignore } else { Known::Use },
    };
    let store = Store::of(repository.common_dir(), &command);
    let progress = Progress::new();
    let n_patches = steps.len() - 1;
    let called = |place: usize| if place == 0 { "the base".into() } else { format!("step {place} of {n_patches}") };
    let say = |event: Event| match event {
        Event::Begin(place) => progress.say(&format!("building {}: {}", called(place), steps[place].subject)),
        Event::End(place, Outcome::Failed(_)) => progress.say(&format!("{} fails", called(place))),
        Event::End(..) => {}
    };
    let open = || Shell::open(repository, &command, limits.clone());
    let verdicts = verify(&steps, &open, &store, options, &say).map_err(failure)?;
    drop(progress);
    let built: Vec<_> = verdicts.iter().filter(|verdict| !verdict.kept).collect();
    let took: Duration = built.iter().map(|verdict| verdict.took).sum();
    context.say(&format!("built {} of {} in {:.1} s, the others were known\n", built.len(), verdicts.len(), took.as_secs_f64()));
    let reports = report::reports(&steps, verdicts).map_err(failure)?;
    context.print(&match context.format {
        Format::Text => report::table(&reports),
        Format::Json => report::json(&reports),
    })?;
    if reports.first().is_some_and(|base| base.blame == Blame::Failed) {
        context.say("the base does not build with this command: steps that fail are not blamed\n");
    }
    let fails = reports.iter().skip(1).any(|report| matches!(report.blame, Blame::Failed | Blame::LikeBase));
    Ok(if fails { exit::NO } else { exit::DONE })
}

/// Returns the change of the current branch where it was split, or else the only one there is.
fn default_name(repository: &Repository) -> Result<String, Failure> {
    let mut changes = steps::changes(repository)?;
    let branch = repository.branch_of("HEAD")?.map(|branch| change_name(&branch));
    if let Some(name) = branch.filter(|name| changes.contains(name)) {
        return Ok(name);
    }
    match changes.len() {
        0 => Err(Failure::new(exit::USAGE, NoChange::None).hint("git cleave split makes one")),
        1 => Ok(changes.remove(0)),
        _ => Err(Failure::new(exit::USAGE, NoChange::Several(changes)).hint("choose one with --name")),
    }
}

/// Why it is not known which change is meant.
#[derive(Debug, thiserror::Error)]
enum NoChange {
    #[error("no change was split in this repository")]
    None,
    #[error("there are several changes: '{}'", .0.join("', '"))]
    Several(Vec<String>),
}

fn failure(error: VerifyError) -> Failure {
    match error {
        VerifyError::Git(error) => error.into(),
        error @ (VerifyError::File { .. }
        | VerifyError::Start { .. }
        | VerifyError::Command { .. }
        | VerifyError::Interrupted) => Failure::new(exit::FAILED, error),
        error @ VerifyError::NoSteps { .. } => Failure::new(exit::USAGE, error).hint("git cleave split makes them"),
    }
}
