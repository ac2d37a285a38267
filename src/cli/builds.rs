//! Profiles and steps, built: what `verify` and its repair have in common.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bstr::ByteSlice;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::verify::{CleanArg, SearchArg, VerifyArgs, WarningsArg, failure};
use super::{Context, Failure, exit};
use crate::git::Repository;
use crate::settings;
use crate::ui::progress::Progress;
use crate::verify::compiled_lines::{self, Missed};
use crate::verify::process::Limits;
use crate::verify::profile::{self, Mode};
use crate::verify::queue::{Event, Known};
use crate::verify::report::{self, Blame, Report, Warnings};
use crate::verify::runner::Runner;
use crate::verify::store::Store;
use crate::verify::syntax::{SameCode, Syntax};
use crate::verify::{Job, Options, Outcome, Profile, Search, Step, VerifyError, allow, verify};

/// What is said when nothing can be known of steps that fail.
pub(super) const BASE_FAILS: &str = "the base does not build with this command: steps that fail are not blamed";

/// How steps are to be built.
pub(super) struct Builds {
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
    pub(super) fn of(repository: &Repository, base: &Step, args: &VerifyArgs) -> Result<Self, Failure> {
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
    pub(super) fn run(&self, context: &Context, repository: &Repository, steps: &[Step]) -> Result<Vec<Vec<Report>>, Failure> {
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
            let progress = Line::new(context, steps, &profile.name, self.profiles.len() > 1);
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
    pub(super) fn uncovered(&self, repository: &Repository, steps: &[Step]) -> Result<Vec<Missed>, Failure> {
        let Some(tip) = steps.last() else { return Ok(Vec::new()) };
        let mut left: Option<Vec<Missed>> = None;
        for profile in &self.profiles {
            let job = Job::new(repository, profile.clone(), steps).map_err(failure)?;
            let mut syntax = self.syntax(&job, &steps[0])?;
            match syntax.coverage(tip).map_err(failure)? {
                Ok(missed) => left = Some(left.map_or(missed.clone(), |left| compiled_lines::by_neither(left, &missed))),
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

pub(super) fn wrong_profile(error: profile::ProfileError) -> Failure {
    Failure::new(exit::USAGE, error).hint("git cleave verify -h says how profiles are written")
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// A progress line that says what is built and how long the rest may take.
struct Line<'s> {
    context: &'s Context,
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
    fn new(context: &'s Context, steps: &'s [Step], profile: &str, is_one_of_many: bool) -> Self {
        let by = if is_one_of_many { format!("{profile}: ") } else { String::new() };
        let state = Mutex::new(State { n_open: 0, n_done: 0, begin: Instant::now() });
        Line { context, progress: Progress::new(), steps, by, state }
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
                if matches!(outcome, Outcome::Failed(_)) && place == 0 {
                    // Nobody should wait for steps of which nothing will be known.
                    self.progress.aside(|| self.context.say(&format!("{BASE_FAILS}\n")));
                }
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
