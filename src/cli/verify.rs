//! `git cleave verify`: builds every step.

use std::ffi::OsString;
use std::path::PathBuf;

use bstr::BString;
use clap::{Args, ValueEnum};

use super::builds::{BASE_FAILS, Builds, wrong_profile};
use super::{Context, Failure, Format, exit};
use crate::git::Repository;
use crate::model::change_name;
use crate::pipeline;
use crate::plan::check::report as findings;
use crate::report::plan_text::count;
use crate::verify::compiled_lines::{self, Missed};
use crate::verify::report::{self, Blame, Report};
use crate::verify::syntax::SameCode;
use crate::verify::{Step, VerifyError, steps};

/// Build every step of a change that was split, and its base
///
/// The command runs in an exported tree. Exit code 0 means that a step builds, 125 that it cannot be told, 126 and 127 that the command
/// cannot run, which ends the run; anything else that the step is broken. Verdicts are kept by tree, command, environment and
/// toolchain. Without a command, the profiles named are built, or else all that `.cleave.toml` and git's cleave.profile define.
#[derive(Debug, Args)]
#[command(after_help = "Profiles: kernel, make, meson, cargo, those of .cleave.toml ([profile.NAME]) and of git's\n\
    cleave.profile, or [LABEL=]KIND:KEY=VALUE,..  Keys: setup, command, targets, tools, clean, timeout,\n\
    mode; for kernel also arch, cross-compile, config, config-options, w, sparse. In a command {dirs}\n\
    and {objects} stand for what the change touches, {jobs} for a worker's processors.\n\n\
    Examples:\n  git cleave verify -- make -s check\n  \
    git cleave verify --profile s390=kernel:arch=s390,cross-compile=s390x-linux-gnu-\n  \
    git cleave verify --profile make --search first --jobs 4\n  \
    git cleave verify --profile make --repair       what fails moves until every step builds\n  \
    git cleave verify --profile make --shard 2/3    one third of the steps, on another machine\n  \
    git cleave verify --profile make --import DIR   its .git/cleave/verify, copied here\n\n\
    Files: builds in .git/cleave/build/, verdicts and logs in .git/cleave/verify/.\n\n\
    Exit codes: 0 every step passed, 1 a step failed or is undecided, 2 usage or profile, 3 a build could not run.")]
pub(crate) struct VerifyArgs {
    /// Which change; by default that of the current branch, or the only one
    #[arg(long, value_name = "CHANGE")]
    pub(super) name: Option<String>,
    /// Build with this profile; may be given more than once
    #[arg(long = "profile", short, value_name = "PROFILE", conflicts_with = "command")]
    pub(super) profiles: Vec<String>,
    /// Let the profiles of `.cleave.toml` run their commands here, as they are now
    #[arg(long)]
    pub(super) allow: bool,
    /// Build this many steps side by side; CLEAVE_JOBS tells the command its share of the processors
    #[arg(long, short, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) jobs: u16,
    /// Build every step, or stop at the first that fails, or halve the steps to find where it breaks
    #[arg(long, value_enum, default_value = "all")]
    pub(super) search: SearchArg,
    /// Which warnings break a step: none, those that the base does not have, or any
    #[arg(long, value_enum, default_value = "new")]
    pub(super) warnings: WarningsArg,
    /// When to build a step from nothing: never, where what stands there may be wrong for it, or always
    #[arg(long, value_enum)]
    pub(super) clean: Option<CleanArg>,
    /// A build that takes longer has failed
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) timeout: Option<u64>,
    /// Build only the base; of each step ask the compiler what it says of the syntax: less than half the time, and no link
    #[arg(long, conflicts_with = "command")]
    pub(super) syntax: bool,
    /// Say which changed lines no configuration compiles: files and branches of #if
    #[arg(long)]
    coverage: bool,
    /// Compare the objects before and after each patch that is called mechanical: it must change no code
    #[arg(long)]
    pub(super) objects_equal: bool,
    /// Build also what an earlier run has built
    #[arg(long)]
    pub(super) rebuild: bool,
    /// Build the I-th of N shares of the steps and profiles
    #[arg(long, value_name = "I/N", value_parser = shard)]
    pub(super) shard: Option<(usize, usize)>,
    /// Move what a failing build says is in the wrong patch, and build again, until every step builds; plan and branches are written when
    /// that is done
    #[arg(long, conflicts_with_all = ["search", "rebuild", "shard", "import", "is_static"])]
    repair: bool,
    /// Build nothing: take the verdicts that another repository has, from its .git/cleave/verify; may be given more than once
    #[arg(long, value_name = "DIR", conflicts_with_all = ["shard", "rebuild"])]
    pub(super) import: Vec<PathBuf>,
    /// Build nothing: check the texts of the planned steps for what a compiler would refuse
    #[arg(long = "static", conflicts_with_all = ["profiles", "syntax", "coverage", "objects_equal", "jobs", "search", "timeout", "rebuild", "shard", "import", "command"])]
    is_static: bool,
    /// The build command and its arguments; no shell reads them
    #[arg(last = true, value_name = "COMMAND")]
    pub(super) command: Vec<OsString>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SearchArg {
    All,
    First,
    Bisect,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum WarningsArg {
    Ignore,
    New,
    Error,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum CleanArg {
    Never,
    Doubt,
    Always,
}

fn shard(text: &str) -> Result<(usize, usize), String> {
    let parts = text.split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
    parts.filter(|&(i, n)| (1..=n).contains(&i)).ok_or_else(|| "a share is I/N, as 2/3".into())
}

impl VerifyArgs {
    /// Every step of a change, one after the other, with this command.
    pub(crate) fn simple(name: &str, command: &[&str]) -> Self {
        VerifyArgs {
            name: Some(name.into()),
            profiles: Vec::new(),
            allow: false,
            jobs: 1,
            search: SearchArg::All,
            warnings: WarningsArg::New,
            clean: None,
            timeout: None,
            syntax: false,
            coverage: false,
            objects_equal: false,
            rebuild: false,
            shard: None,
            repair: false,
            import: Vec::new(),
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
    let (plan, checked) = pipeline::checked_steps(repository, &name)?;
    match context.format {
        Format::Text => context.print(&findings::text(&plan, &checked.findings))?,
        Format::Json => findings::json(&plan, &checked.findings).iter().try_for_each(|finding| context.print_json(finding))?,
    }
    if let Some(left) = findings::not_looked_at(&plan.change, &checked.left) {
        context.say(&format!("{left}\n"));
    }
    if checked.findings.is_empty() {
        context.say(&format!("nothing to find in {} steps of '{name}'\n", plan.campaign.patches.len()));
        return Ok(exit::DONE);
    }
    Ok(exit::NO)
}

/// Builds in a repository that need not be the one the user stands in.
pub(crate) fn run_in(context: &Context, repository: &Repository, args: VerifyArgs) -> Result<u8, Failure> {
    let name = match &args.name {
        Some(name) => name.clone(),
        None if args.repair => context.change(repository, None)?,
        None => default_name(repository)?,
    };
    let (builds, (steps, reports)) = match args.repair {
        true => super::repair::run(context, repository, &name, &args)?,
        false => {
            let steps = steps(repository, &name).map_err(failure)?;
            let builds = Builds::of(repository, &steps[0], &args)?;
            let reports = builds.run(context, repository, &steps)?;
            (builds, (steps, reports))
        }
    };
    context.print(&match context.format {
        Format::Text => report::table(&steps, &reports),
        Format::Json => report::json(&reports),
    })?;
    for notice in notices(repository, &steps, &reports)? {
        context.say(&format!("{notice}\n"));
    }
    if args.coverage {
        let missed = builds.uncovered(repository, &steps)?;
        print_uncovered(context, &missed)?;
    }
    let n_missing = steps.len() * reports.len() - reports.iter().map(Vec::len).sum::<usize>();
    if !args.import.is_empty() && n_missing > 0 {
        context.say(&format!("{n_missing} of {} builds are not known yet\n", steps.len() * reports.len()));
        return Ok(exit::NO);
    }
    let lies = |report: &Report| matches!(report.same_code, Some(SameCode::Differ(_)));
    let is_break = |report: &Report| report.number > 0 && (report.blame.is_break() || lies(report));
    Ok(if reports.iter().flatten().any(is_break) { exit::NO } else { exit::DONE })
}

/// Prints which changed lines no configuration compiles.
fn print_uncovered(context: &Context, missed: &[Missed]) -> Result<(), Failure> {
    match context.format {
        Format::Text if missed.is_empty() => context.print("\nevery changed line of C is compiled\n"),
        Format::Text => {
            context.print(&format!("\nchanged lines that no configuration compiles:\n{}", compiled_lines::table(missed)))
        }
        Format::Json => missed.iter().try_for_each(|missed| {
            let lines: Vec<usize> = missed.lines.iter().map(|line| line + 1).collect();
            let conditions: Vec<String> = missed.conditions.iter().map(ToString::to_string).collect();
            context.print_json(&serde_json::json!({
                "uncovered": missed.path.to_string(), "lines": lines, "conditions": conditions,
            }))
        }),
    }
}

/// What a reader of the table must know besides.
fn notices(repository: &Repository, steps: &[Step], profiles: &[Vec<Report>]) -> Result<Vec<String>, Failure> {
    let mut notices = Vec::new();
    for reports in profiles {
        // Of a base that was built just now this was said at once.
        if reports.first().is_some_and(|base| base.number == 0 && base.blame == Blame::Failed && base.verdict.kept) {
            notices.push(BASE_FAILS.to_owned());
        }
        let with = if profiles.len() > 1 {
            format!(" with {}", reports.first().map_or("", |report| &report.profile))
        } else {
            String::new()
        };
        for report in reports.iter().filter(|report| report.blame == Blame::Passed) {
            if let Some(diagnosis) = report.diagnoses.first() {
                let place =
                    if diagnosis.path.is_empty() { String::new() } else { format!("{}:{}: ", diagnosis.path, diagnosis.line) };
                notices.push(format!("{} passes{with} though its build said: {place}{}", called(report.number), diagnosis.text));
            }
        }
        for report in reports {
            match &report.same_code {
                Some(SameCode::Equal { n_objects }) => {
                    notices.push(format!(
                        "{} changes no code{with}: {} the same before and after",
                        called(report.number),
                        count(*n_objects, "object")
                    ));
                }
                Some(SameCode::Differ(objects)) => {
                    notices.push(format!(
                        "{} is called mechanical, but changes code{with}: {}",
                        called(report.number),
                        some(objects)
                    ));
                }
                Some(SameCode::Unknown(why)) => {
                    notices.push(format!("{}: whether it changes code{with} cannot be told: {why}", called(report.number)));
                }
                None => {}
            }
        }
        let unseen = unseen(repository, steps, reports)?;
        for (number, paths) in unseen.iter().take(SHOWN) {
            notices.push(format!("{} passes{with}, but its build did not read {}", called(*number), some(paths)));
        }
        if unseen.len() > SHOWN {
            notices.push(format!("so with {} more", count(unseen.len() - SHOWN, "step")));
        }
    }
    // A build that ends early reads little, and that says nothing.
    let fails = |reports: &Vec<Report>| reports.first().is_some_and(|base| base.blame == Blame::Failed);
    if let Some(unread) = report::unread(profiles, steps.len() - 1)
        && !unread.is_empty()
        && !profiles.iter().any(fails)
    {
        notices.push(format!("read by no build: {}", some(&unread)));
    }
    let n_warm = profiles.iter().flatten().filter(|report| report.number > 0 && report.verdict.is_warm).count();
    if n_warm > 0 {
        notices.push(format!(
            "{} stood on what the step before left; --clean always builds each from nothing",
            count(n_warm, "build")
        ));
    }
    Ok(notices)
}

/// So many of a kind are shown.
const SHOWN: usize = 5;

fn some(paths: &[BString]) -> String {
    let shown: Vec<String> = paths.iter().take(SHOWN).map(ToString::to_string).collect();
    let more = if paths.len() > SHOWN { format!(" and {} more", paths.len() - SHOWN) } else { String::new() };
    shown.join(", ") + &more
}

fn called(number: usize) -> String {
    if number == 0 { "the base".to_owned() } else { format!("step {number}") }
}

/// Returns the steps that pass with C that they change and their build did not read: it says nothing of that.
fn unseen(repository: &Repository, steps: &[Step], reports: &[Report]) -> Result<Vec<(usize, Vec<BString>)>, Failure> {
    let is_c = |path: &BString| [".c", ".h", ".S", ".cc", ".cpp", ".hpp"].iter().any(|ending| path.ends_with(ending.as_bytes()));
    let mut found = Vec::new();
    for report in reports.iter().filter(|report| report.number > 0 && report.blame == Blame::Passed) {
        let Some(unread) = report.verdict.unread.as_ref().filter(|unread| unread.iter().any(is_c)) else { continue };
        let deltas = repository.diff_trees(steps[report.number - 1].tree_id, report.step.tree_id)?;
        let changed = deltas.into_iter().filter_map(|delta| Some(delta.tip?.path));
        let paths: Vec<BString> = changed.filter(|path| is_c(path) && unread.contains(path)).collect();
        if !paths.is_empty() {
            found.push((report.number, paths));
        }
    }
    Ok(found)
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

pub(super) fn failure(error: VerifyError) -> Failure {
    match error {
        VerifyError::Git(error) => error.into(),
        VerifyError::Profile(error) => wrong_profile(error),
        error @ VerifyError::NothingToBuild { .. } => {
            Failure::new(exit::USAGE, error).hint("name what to build in the profile: targets=…")
        }
        error @ (VerifyError::File { .. }
        | VerifyError::Setup { .. }
        | VerifyError::Machine { .. }
        | VerifyError::Start { .. }
        | VerifyError::Command { .. }
        | VerifyError::Interrupted) => Failure::new(exit::FAILED, error),
        error @ VerifyError::NoSteps { .. } => Failure::new(exit::USAGE, error).hint("git cleave split makes them"),
    }
}
