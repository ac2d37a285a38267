//! `git cleave verify`: builds every step.

use std::ffi::OsString;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bstr::{BString, ByteSlice};
use clap::{Args, ValueEnum};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::{Context, Failure, Format, exit};
use crate::git::Repository;
use crate::pipeline::{self, change_name};
use crate::plan::check::report as findings;
use crate::settings;
use crate::ui::progress::Progress;
use crate::verify::coverage::{self, Missed};
use crate::verify::profile::Mode;
use crate::verify::queue::{Event, Known};
use crate::verify::report::{self, Blame, Report, Warnings};
use crate::verify::runner::{Limits, Runner};
use crate::verify::store::Store;
use crate::verify::syntax::{SameCode, Syntax};
use crate::verify::{Job, Options, Outcome, Profile, Search, Step, VerifyError, allow, profile, steps, verify};

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
    git cleave verify --profile make --import DIR   its .git/cleave/verify, copied here")]
pub(crate) struct VerifyArgs {
    /// Which change; by default that of the current branch, or the only one
    #[arg(long, value_name = "CHANGE")]
    name: Option<String>,
    /// Build with this profile; may be given more than once
    #[arg(long = "profile", short, value_name = "PROFILE", conflicts_with = "command")]
    profiles: Vec<String>,
    /// Let the profiles of `.cleave.toml` run their commands here, as they are now
    #[arg(long)]
    allow: bool,
    /// Build this many steps side by side; CLEAVE_JOBS tells the command its share of the processors
    #[arg(long, short, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    jobs: u16,
    /// Build every step, or stop at the first that fails, or halve the steps to find where it breaks
    #[arg(long, value_enum, default_value = "all")]
    search: SearchArg,
    /// Which warnings break a step: none, those that the base does not have, or any
    #[arg(long, value_enum, default_value = "new")]
    warnings: WarningsArg,
    /// When to build a step from nothing: never, where what stands there may be wrong for it, or always
    #[arg(long, value_enum)]
    clean: Option<CleanArg>,
    /// A build that takes longer has failed
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    timeout: Option<u64>,
    /// Build only the base; of each step ask the compiler what it says of the syntax: less than half the time, and no link
    #[arg(long, conflicts_with = "command")]
    syntax: bool,
    /// Say which changed lines no configuration compiles: files and branches of #if
    #[arg(long)]
    coverage: bool,
    /// Compare the objects before and after each patch that is called mechanical: it must change no code
    #[arg(long)]
    objects_equal: bool,
    /// Build also what an earlier run has built
    #[arg(long)]
    rebuild: bool,
    /// Build the I-th of N shares of the steps and profiles
    #[arg(long, value_name = "I/N", value_parser = shard)]
    shard: Option<(usize, usize)>,
    /// Move what a failing build says is in the wrong patch, and build again, until every step builds; plan and branches are written when
    /// that is done
    #[arg(long, conflicts_with_all = ["search", "rebuild", "shard", "import", "is_static"])]
    repair: bool,
    /// Build nothing: take the verdicts that another repository has, from its .git/cleave/verify; may be given more than once
    #[arg(long, value_name = "DIR", conflicts_with_all = ["shard", "rebuild"])]
    import: Vec<PathBuf>,
    /// Build nothing: check the texts of the planned steps for what a compiler would refuse
    #[arg(long = "static", conflicts_with_all = ["profiles", "syntax", "coverage", "objects_equal", "jobs", "search", "timeout", "rebuild", "shard", "import", "command"])]
    is_static: bool,
    /// The build command and its arguments; no shell reads them
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SearchArg {
    All,
    First,
    Bisect,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum WarningsArg {
    Ignore,
    New,
    Error,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CleanArg {
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
    let (steps, reports) = match args.repair {
        true => super::repair::run(context, repository, &name, &args)?,
        false => {
            let steps = steps(repository, &name).map_err(failure)?;
            let builds = Builds::of(repository, &steps[0], &args)?;
            let reports = builds.run(context, repository, &steps)?;
            (steps, reports)
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
        let missed = Builds::of(repository, &steps[0], &args)?.uncovered(repository, &steps)?;
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
        Format::Text => context.print(&format!("\nchanged lines that no configuration compiles:\n{}", coverage::table(missed))),
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
        if reports.first().is_some_and(|base| base.number == 0 && base.blame == Blame::Failed) {
            notices.push("the base does not build with this command: steps that fail are not blamed".to_owned());
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
                        "{} changes no code{with}: {n_objects} objects are equal before and after",
                        called(report.number)
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
            notices.push(format!("so do {} more steps", unseen.len() - SHOWN));
        }
    }
    if let Some(unread) = report::unread(profiles, steps.len() - 1)
        && !unread.is_empty()
    {
        notices.push(format!("read by no build: {}", some(&unread)));
    }
    let n_warm = profiles.iter().flatten().filter(|report| report.number > 0 && report.verdict.is_warm).count();
    if n_warm > 0 {
        let builds = if n_warm == 1 { "1 build".to_owned() } else { format!("{n_warm} builds") };
        notices.push(format!("{builds} stood on what the step before left; --clean always builds each from nothing"));
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

/// How steps are to be built.
pub(crate) struct Builds {
    profiles: Vec<Profile>,
    limits: Limits,
    options: Options,
    warnings: Warnings,
    shard: Option<(usize, usize)>,
    import: Vec<PathBuf>,
    objects_equal: bool,
}

impl Builds {
    /// Resolves profiles and limits.
    ///
    /// # Errors
    /// When no profile is named or defined, one is wrong, or one of the base tree is not allowed.
    pub(crate) fn of(repository: &Repository, base: &Step, args: &VerifyArgs) -> Result<Self, Failure> {
        let mut profiles = profiles(repository, base, args)?;
        for profile in &mut profiles {
            match args.clean {
                Some(CleanArg::Never) => profile.clean = profile::Clean::Never,
                Some(CleanArg::Doubt) => profile.clean = profile::Clean::Doubt,
                Some(CleanArg::Always) => profile.clean = profile::Clean::Always,
                None => {}
            }
            profile.timeout = args.timeout.map(Duration::from_secs).or(profile.timeout);
            if args.syntax {
                profile.mode = Mode::Syntax;
            }
        }
        let n_workers = usize::from(args.jobs);
        let limits =
            Limits { timeout: None, jobs: (processors() / n_workers).max(1), interrupt: Arc::new(AtomicBool::new(false)) };
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            signal_hook::flag::register(signal, Arc::clone(&limits.interrupt))?;
        }
        let options = Options {
            n_workers,
            search: match args.search {
                SearchArg::All => Search::All,
                SearchArg::First => Search::First,
                SearchArg::Bisect => Search::Bisect,
            },
            known: if args.rebuild { Known::Ignore } else { Known::Use },
            share: 0..usize::MAX,
        };
        let warnings = match args.warnings {
            WarningsArg::Ignore => Warnings::Ignore,
            WarningsArg::New => Warnings::New,
            WarningsArg::Error => Warnings::Error,
        };
        Ok(Builds {
            profiles,
            limits,
            options,
            warnings,
            shard: args.shard,
            import: args.import.clone(),
            objects_equal: args.objects_equal,
        })
    }

    /// Builds all steps with all profiles; a list of reports a profile.
    ///
    /// # Errors
    /// As [`verify`].
    pub(crate) fn run(&self, context: &Context, repository: &Repository, steps: &[Step]) -> Result<Vec<Vec<Report>>, Failure> {
        let store = Store::of(repository.common_dir());
        let mut all = Vec::new();
        let (mut n_built, mut n_told, mut took) = (0, 0, Duration::ZERO);
        for (nth, profile) in self.profiles.iter().enumerate() {
            let job = Job::new(repository, profile.clone(), steps).map_err(failure)?;
            let tasks = job.tasks(steps).map_err(failure)?;
            for folder in &self.import {
                let imported = store.import(folder, &tasks).map_err(failure)?;
                context.say(&format!("{}: {} verdicts taken, {} known\n", folder.display(), imported.n_taken, imported.n_known));
                for (place, why) in &imported.refused {
                    context.say(&format!("  refused: {} {why}\n", place.display()));
                }
            }
            let share = self.share(nth, steps.len());
            // All objects of a step are asked side by side: more workers would each need a base that was built.
            let n_workers = if profile.mode == Mode::Syntax { 1 } else { self.options.n_workers };
            let options = Options { share, n_workers, ..self.options.clone() };
            let progress = Line::new(steps, &profile.name, self.profiles.len() > 1);
            let jobs = if profile.mode == Mode::Syntax { processors() } else { self.limits.jobs };
            let limits = Limits { timeout: profile.timeout, jobs, ..self.limits.clone() };
            let base = match profile.mode {
                Mode::Build => None,
                Mode::Syntax => Some(job.really(&steps[0]).map_err(failure)?),
            };
            let open = || -> Result<Box<dyn Runner + Send>, VerifyError> {
                Ok(match &base {
                    None => Box::new(job.open(limits.clone())?),
                    Some(base) => Box::new(job.syntax(base, limits.clone())?),
                })
            };
            let mut verdicts = verify(&tasks, &open, &store, &options, &|event| progress.say(event)).map_err(failure)?;
            let reports = |verdicts| report::reports(&profile.name, steps, verdicts, self.warnings).map_err(failure);
            let mut found = reports(verdicts.clone())?;
            let base_is_warm = verdicts.first().and_then(Option::as_ref).is_some_and(|base| base.is_warm);
            if self.warnings == Warnings::New && base_is_warm && found.iter().any(|report| report.blame == Blame::Warns) {
                // A warm build of the base warns only of what it made again: from nothing, it says all.
                let clean = Profile { clean: profile::Clean::Always, ..profile.clone() };
                let clean = Job::new(repository, clean, steps).map_err(failure)?;
                let options = Options { known: Known::Ignore, share: 0..1, search: Search::All, n_workers: 1 };
                let open = || clean.open(limits.clone());
                let base = verify(&tasks[..1], &open, &store, &options, &|event| progress.say(event)).map_err(failure)?;
                verdicts[..1].clone_from_slice(&base);
                found = reports(verdicts)?;
            }
            if self.objects_equal {
                self.same_code(repository, &job, steps, &mut found)?;
            }
            drop(progress);
            let built = found.iter().filter(|report| !report.verdict.kept);
            n_told += found.len();
            for report in built {
                n_built += 1;
                took += report.verdict.took;
            }
            all.push(found);
        }
        context.say(&format!("built {n_built} of {n_told} in {:.1} s, the others were known\n", took.as_secs_f64()));
        Ok(all)
    }

    /// Returns the changed lines of the tip that no profile's configuration has.
    ///
    /// # Errors
    /// As for a syntax pass.
    fn uncovered(&self, repository: &Repository, steps: &[Step]) -> Result<Vec<Missed>, Failure> {
        let Some(tip) = steps.last() else { return Ok(Vec::new()) };
        let mut left: Option<Vec<Missed>> = None;
        for profile in &self.profiles {
            let job = Job::new(repository, profile.clone(), steps).map_err(failure)?;
            let mut syntax = self.syntax(&job, &steps[0])?;
            match syntax.coverage(tip).map_err(failure)? {
                Ok(missed) => left = Some(left.map_or(missed.clone(), |left| coverage::by_neither(left, &missed))),
                Err(ended) => return Err(Failure::new(exit::FAILED, format!("no answer on coverage: {ended:?}"))),
            }
        }
        Ok(left.unwrap_or_default())
    }

    /// Asks of each patch whose message calls it mechanical whether it changes code.
    ///
    /// # Errors
    /// As for a syntax pass.
    fn same_code(&self, repository: &Repository, job: &Job<'_>, steps: &[Step], reports: &mut [Report]) -> Result<(), Failure> {
        let mut syntax: Option<Syntax<'_>> = None;
        for report in reports.iter_mut().filter(|report| report.number > 0 && report.blame == Blame::Passed) {
            if !is_called_mechanical(repository, &report.step)? {
                continue;
            }
            let syntax = match &mut syntax {
                Some(syntax) => syntax,
                none => none.insert(self.syntax(job, &steps[0])?),
            };
            let answer = syntax.same_code(&steps[report.number - 1], &report.step).map_err(failure)?;
            report.same_code =
                Some(answer.unwrap_or_else(|ended| SameCode::Unknown(format!("a compiler did not end: {ended:?}"))));
        }
        Ok(())
    }

    fn syntax<'r>(&self, job: &Job<'r>, base: &Step) -> Result<Syntax<'r>, Failure> {
        let base = job.really(base).map_err(failure)?;
        let limits = Limits { timeout: job.profile.timeout, jobs: processors(), ..self.limits.clone() };
        job.syntax(&base, limits).map_err(failure)
    }

    /// Returns the steps to build with the nth profile: shares are stretches of all steps of all profiles.
    fn share(&self, nth: usize, n_steps: usize) -> Range<usize> {
        if !self.import.is_empty() {
            return 0..0;
        }
        let Some((i, n)) = self.shard else { return 0..n_steps };
        let all = self.profiles.len() * n_steps;
        let place = |at: usize| (all * at / n).saturating_sub(nth * n_steps).min(n_steps);
        place(i - 1)..place(i)
    }
}

/// Whether a commit's message has a paragraph that begins with `Mechanical`, as those of patches do that one rule made.
fn is_called_mechanical(repository: &Repository, step: &Step) -> Result<bool, Failure> {
    let id = step.commit_id.to_string();
    let message = repository.program().run(["log", "-1", "--no-show-signature", "--format=%b", id.as_str(), "--"])?;
    Ok(message.lines().any(|line| line.starts_with(b"Mechanical")))
}

/// Returns the profiles that are meant.
fn profiles(repository: &Repository, base: &Step, args: &VerifyArgs) -> Result<Vec<Profile>, Failure> {
    if !args.command.is_empty() {
        // kbuild knows all that its objects depend on, its own commands included.
        let is_kbuild = repository.objects().entry(base.tree_id, "scripts/Kbuild.include".into())?.is_some();
        let clean = if is_kbuild { profile::Clean::Never } else { profile::Clean::Doubt };
        return Ok(vec![Profile::typed("command".into(), args.command.clone(), clean)]);
    }
    let known = settings::profiles(repository, base.tree_id)?;
    let mut chosen = Vec::new();
    let wanted = if args.profiles.is_empty() { known.keys().cloned().collect() } else { args.profiles.clone() };
    for text in &wanted {
        let (name, found) = match known.get(text) {
            Some(found) => (text.clone(), found.clone()),
            None => {
                let (name, written) = profile::parse(text).map_err(wrong_profile)?;
                (name, settings::Found { written, is_of_tree: false })
            }
        };
        let profile = Profile::of(&name, &found.written).map_err(wrong_profile)?;
        if found.is_of_tree && args.allow {
            allow::allow(repository.common_dir(), &profile).map_err(failure)?;
        }
        if found.is_of_tree && !allow::is_allowed(repository.common_dir(), &profile) {
            let what = format!("profile '{name}' of .cleave.toml would run '{}', which was not allowed here", words(&profile));
            return Err(Failure::new(exit::USAGE, what).hint("after a look at the file: git cleave verify --allow"));
        }
        chosen.push(profile);
    }
    match chosen.is_empty() {
        true => Err(Failure::new(exit::USAGE, "nothing says how to build").hint("git cleave verify -- make, or --profile make")),
        false => Ok(chosen),
    }
}

fn words(profile: &Profile) -> String {
    let words: Vec<_> = profile.command.iter().map(|word| word.to_string_lossy()).collect();
    words.join(" ")
}

fn wrong_profile(error: profile::ProfileError) -> Failure {
    Failure::new(exit::USAGE, error).hint("git cleave verify -h says how profiles are written")
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// A progress line that says what is built and how long the rest may take.
struct Line<'s> {
    progress: Progress,
    steps: &'s [Step],
    by: String,
    state: Mutex<State>,
}

/// What is known of the time left.
struct State {
    n_open: usize,
    n_done: usize,
    begin: Instant,
}

impl<'s> Line<'s> {
    fn new(steps: &'s [Step], profile: &str, is_one_of_many: bool) -> Self {
        let by = if is_one_of_many { format!("{profile}: ") } else { String::new() };
        let state = Mutex::new(State { n_open: 0, n_done: 0, begin: Instant::now() });
        Line { progress: Progress::new(), steps, by, state }
    }

    fn say(&self, event: Event) {
        let called = |place: usize| match place {
            0 => "the base".to_owned(),
            place => format!("step {place} of {}", self.steps.len() - 1),
        };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Open(n_open) => state.n_open = n_open,
            Event::Begin(place) => {
                let left = time_left(state.begin.elapsed(), state.n_done, state.n_open);
                self.progress.say(&format!("{}building {}: {}{left}", self.by, called(place), self.steps[place].subject));
            }
            Event::End(place, outcome) => {
                state.n_done += 1;
                if matches!(outcome, Outcome::Failed(_)) {
                    self.progress.say(&format!("{}{} fails", self.by, called(place)));
                }
            }
        }
    }
}

/// Returns how long the rest takes if it goes on as before; nothing before the first build has ended.
fn time_left(so_far: Duration, n_done: usize, n_open: usize) -> String {
    let (Ok(done), Ok(left)) = (u32::try_from(n_done), u32::try_from(n_open.saturating_sub(n_done))) else {
        return String::new();
    };
    if done == 0 || left == 0 {
        return String::new();
    }
    match (so_far / done * left).as_secs() {
        seconds @ 0..90 => format!(" ({seconds} s left)"),
        seconds @ 90..5400 => format!(" ({} min left)", seconds.div_ceil(60)),
        seconds => format!(" ({} h left)", seconds.div_ceil(3600)),
    }
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
