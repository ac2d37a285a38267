//! Steps and profiles → a report on each build.
//!
//! ```text
//!   steps ──> jobs ──> queue ──> verdicts ──> reports
//!   profiles ──┘                    └──> same code? compiled lines?
//! ```
//!
//! What happens on the way is handed to a closure; nothing is printed here.

use std::ffi::OsString;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use bstr::ByteSlice;

use crate::git::{GitError, Repository};
use crate::model::ObjectId;
use crate::settings::{self, SettingsError};
use crate::verify::compiled_lines::{NotCompiled, not_compiled_by_either};
use crate::verify::process::BuildLimits;
use crate::verify::profile::{self, Clean, Mode, ProfileError};
use crate::verify::queue::{EarlierVerdicts, Event};
use crate::verify::report::{Blame, Report, Warnings, reports};
use crate::verify::runner::Runner;
use crate::verify::store::{Imported, Store};
use crate::verify::syntax::{SameCode, Syntax};
use crate::verify::verdict::Ended;
use crate::verify::{Job, Profile, QueueOptions, Search, Step, VerifyError, allow, verify};

/// Which builds are made of the steps, and what is asked of them.
#[derive(Debug, Clone)]
pub struct Builds {
    /// The name of the change whose steps they are.
    pub change: String,
    /// Each step is built once with each of these.
    pub profiles: Vec<Profile>,
    /// How many steps are built side by side; at least 1.
    pub n_workers: usize,
    /// Processors of the machine, which the workers share.
    pub n_processors: usize,
    /// Which steps are built.
    pub search: Search,
    /// Whether verdicts of earlier runs count.
    pub known: EarlierVerdicts,
    /// Which warnings break a step.
    pub warnings: Warnings,
    /// Share `i` of `n`, from 1, of all steps of all profiles; all of them where it is `None`.
    pub shard: Option<(usize, usize)>,
    /// Common git directories' `cleave/verify` folders to take verdicts from; where there is one, nothing is built.
    pub import: Vec<PathBuf>,
    /// Whether each patch that is called mechanical is asked whether it changes code.
    pub objects_equal: bool,
    /// Set by a signal: running builds are ended and none is begun.
    pub interrupt: Arc<AtomicBool>,
}

/// What happens while steps are built.
#[derive(Debug)]
pub enum BuildEvent<'e> {
    /// Verdicts were taken from a folder.
    Imported(&'e Path, &'e Imported),
    /// The builds of a profile begin.
    Begin {
        /// Which.
        profile: &'e Profile,
        /// How many profiles the steps are built with.
        n_profiles: usize,
        /// The steps, the base first.
        steps: &'e [Step],
    },
    /// What happens to one of its steps.
    Step(Event),
    /// The builds of the profile have ended.
    End,
}

/// Why steps could not be built. A step that does not build is no error.
#[derive(Debug, thiserror::Error)]
pub enum BuildsError {
    /// The builds could not be run.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// The repository or git refused.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The settings that define profiles cannot be read.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A profile is wrong.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// A profile of the tree whose commands the user has not allowed.
    #[error("profile '{profile}' of .cleave.toml would run '{command}', which was not allowed here")]
    NotAllowed {
        /// Its name.
        profile: String,
        /// The words of its command, with blanks between.
        command: String,
    },
    /// No profile is named and none is defined.
    #[error("nothing says how to build")]
    NoProfile,
    /// The preprocessor, or the build of the base before it, did not end by itself.
    #[error("no answer on coverage: {0:?}")]
    NotCompiled(Ended),
}

/// What the user asks to build with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// One command, no shell reads it.
    Command(Vec<OsString>),
    /// Profiles by name or as written for `--profile`; all that settings define where there is none.
    Profiles(Vec<String>),
}

/// Whether profiles of the tree that were not allowed so far are allowed by asking for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allow {
    /// They are, from now on.
    Now,
    /// They are refused.
    Before,
}

/// Returns the profiles that are meant, as settings define them in the base tree.
///
/// # Errors
/// When none is named or defined, one is wrong, or one of the base tree is not allowed.
pub fn profiles(
    repository: &Repository,
    base_tree_id: ObjectId,
    wanted: &Wanted,
    allow: Allow,
) -> Result<Vec<Profile>, BuildsError> {
    let named = match wanted {
        Wanted::Command(words) => {
            // kbuild knows all that its objects depend on, its own commands included.
            let is_kbuild = repository.objects().entry(base_tree_id, "scripts/Kbuild.include".into())?.is_some();
            let clean = if is_kbuild { Clean::Never } else { Clean::Doubt };
            return Ok(vec![Profile::typed("command".into(), words.clone(), clean)]);
        }
        Wanted::Profiles(named) => named,
    };
    let known = settings::profiles(repository, base_tree_id)?;
    let named = if named.is_empty() { known.keys().cloned().collect() } else { named.clone() };
    let mut chosen = Vec::new();
    for text in &named {
        let (name, found) = match known.get(text) {
            Some(found) => (text.clone(), found.clone()),
            None => {
                let (name, written) = profile::parse(text)?;
                (name, settings::FoundProfile { written, is_of_tree: false })
            }
        };
        let profile = Profile::of(&name, &found.written)?;
        if found.is_of_tree && allow == Allow::Now {
            allow::allow(repository.common_dir(), &allow::line_of_profile(&profile))?;
        }
        if found.is_of_tree && !allow::is_allowed(repository.common_dir(), &allow::line_of_profile(&profile)) {
            let words: Vec<_> = profile.command.iter().map(|word| word.to_string_lossy()).collect();
            return Err(BuildsError::NotAllowed { profile: name, command: words.join(" ") });
        }
        chosen.push(profile);
    }
    if chosen.is_empty() { Err(BuildsError::NoProfile) } else { Ok(chosen) }
}

/// Builds all steps (the first is the base) with all profiles and returns a list of reports for each profile.
///
/// # Errors
/// As [`verify`].
pub fn built(
    repository: &Repository,
    steps: &[Step],
    builds: &Builds,
    progress: &(dyn Fn(BuildEvent<'_>) + Sync),
) -> Result<Vec<Vec<Report>>, BuildsError> {
    (0..builds.profiles.len()).map(|nth| built_with(repository, steps, builds, nth, progress)).collect()
}

/// Builds all steps with the nth profile.
fn built_with(
    repository: &Repository,
    steps: &[Step],
    builds: &Builds,
    nth: usize,
    progress: &(dyn Fn(BuildEvent<'_>) + Sync),
) -> Result<Vec<Report>, BuildsError> {
    let profile = &builds.profiles[nth];
    let store = Store::of(repository.common_dir());
    let job = Job::new(repository, profile.clone(), &builds.change, steps)?;
    let tasks = job.tasks(steps)?;
    for folder in &builds.import {
        progress(BuildEvent::Imported(folder, &store.import(folder, &tasks)?));
    }
    // All objects of a step are asked side by side: more workers would each need a base that was built.
    let (n_workers, jobs, base) = match profile.mode {
        Mode::Build => (builds.n_workers, (builds.n_processors / builds.n_workers).max(1), None),
        Mode::Syntax => (1, builds.n_processors, Some(job.really(&steps[0])?)),
    };
    let options = QueueOptions { n_workers, search: builds.search, known: builds.known, share: share(builds, nth, steps.len()) };
    let limits = BuildLimits { timeout: profile.timeout, jobs, interrupt: Arc::clone(&builds.interrupt) };
    let open = || -> Result<Box<dyn Runner + Send>, VerifyError> {
        Ok(match &base {
            None => Box::new(job.open(limits.clone())?),
            Some(base) => Box::new(job.syntax(base, limits.clone())?),
        })
    };
    progress(BuildEvent::Begin { profile, n_profiles: builds.profiles.len(), steps });
    let step = |event| progress(BuildEvent::Step(event));
    let mut verdicts = verify(&tasks, &open, &store, &options, &step)?;
    let told = |verdicts| reports(&profile.name, steps, &job.code, verdicts, builds.warnings);
    let mut found = told(verdicts.clone())?;
    let base_is_warm = verdicts.first().and_then(Option::as_ref).is_some_and(|base| base.is_warm);
    if builds.warnings == Warnings::New && base_is_warm && found.iter().any(|report| report.blame == Blame::Warns) {
        // A warm build of the base warns only of what it made again: from nothing, it says all.
        let clean = Job::new(repository, Profile { clean: Clean::Always, ..profile.clone() }, &builds.change, steps)?;
        let options = QueueOptions { known: EarlierVerdicts::Ignore, share: 0..1, search: Search::All, n_workers: 1 };
        let base = verify(&tasks[..1], &|| clean.open(limits.clone()), &store, &options, &step)?;
        verdicts[..1].clone_from_slice(&base);
        found = told(verdicts)?;
    }
    if builds.objects_equal {
        same_code(repository, &job, steps, builds, &mut found)?;
    }
    progress(BuildEvent::End);
    Ok(found)
}

/// Returns the steps to build with the nth profile: shares are stretches of all steps of all profiles.
fn share(builds: &Builds, nth: usize, n_steps: usize) -> Range<usize> {
    if !builds.import.is_empty() {
        return 0..0;
    }
    let Some((i, n)) = builds.shard else { return 0..n_steps };
    let all = builds.profiles.len() * n_steps;
    let place = |at: usize| (all * at / n).saturating_sub(nth * n_steps).min(n_steps);
    place(i - 1)..place(i)
}

/// Returns the changed lines of the tip that no profile's configuration compiles.
///
/// # Errors
/// As for a syntax pass, or when the preprocessor does not end by itself.
pub fn not_compiled(repository: &Repository, steps: &[Step], builds: &Builds) -> Result<Vec<NotCompiled>, BuildsError> {
    let Some(tip) = steps.last() else { return Ok(Vec::new()) };
    let mut left: Option<Vec<NotCompiled>> = None;
    for profile in &builds.profiles {
        let job = Job::new(repository, profile.clone(), &builds.change, steps)?;
        let found = syntax(&job, &steps[0], builds)?.not_compiled(tip)?.map_err(BuildsError::NotCompiled)?;
        left = Some(left.map_or(found.clone(), |left| not_compiled_by_either(left, &found)));
    }
    Ok(left.unwrap_or_default())
}

/// Asks of each patch that passes and whose message calls it mechanical whether it changes code.
fn same_code(
    repository: &Repository,
    job: &Job<'_>,
    steps: &[Step],
    builds: &Builds,
    reports: &mut [Report],
) -> Result<(), BuildsError> {
    let mut opened: Option<Syntax<'_>> = None;
    for report in reports.iter_mut().filter(|report| report.number > 0 && report.blame == Blame::Passed) {
        if !is_called_mechanical(&body(repository, &report.step)?) {
            continue;
        }
        let syntax = match &mut opened {
            Some(syntax) => syntax,
            none => none.insert(syntax(job, &steps[0], builds)?),
        };
        let answer = syntax.same_code(&steps[report.number - 1], &report.step)?;
        report.same_code = Some(answer.unwrap_or_else(|ended| SameCode::Unknown(format!("a compiler did not end: {ended:?}"))));
    }
    Ok(())
}

fn syntax<'r>(job: &Job<'r>, base: &Step, builds: &Builds) -> Result<Syntax<'r>, VerifyError> {
    let limits =
        BuildLimits { timeout: job.profile.timeout, jobs: builds.n_processors, interrupt: Arc::clone(&builds.interrupt) };
    job.syntax(&job.really(base)?, limits)
}

fn body(repository: &Repository, step: &Step) -> Result<Vec<u8>, GitError> {
    let id = step.commit_id.to_string();
    repository.program().run(["log", "-1", "--no-show-signature", "--format=%b", id.as_str(), "--"])
}

/// Whether a message has a paragraph that begins with `Mechanical`, as those of patches have that one rule made.
fn is_called_mechanical(body: &[u8]) -> bool {
    body.lines().any(|line| line.starts_with(b"Mechanical"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn builds(n_profiles: usize) -> Builds {
        let profile = |idx| Profile::typed(format!("p{idx}"), vec!["true".into()], Clean::Never);
        Builds {
            change: "x".into(),
            profiles: (0..n_profiles).map(profile).collect(),
            n_workers: 1,
            n_processors: 1,
            search: Search::All,
            known: EarlierVerdicts::Use,
            warnings: Warnings::New,
            shard: None,
            import: Vec::new(),
            objects_equal: false,
            interrupt: Arc::new(AtomicBool::new(false)),
        }
    }

    #[test]
    fn shares_are_stretches_that_together_are_all() {
        let shares = |n_profiles: usize, shard| -> Vec<Range<usize>> {
            let builds = Builds { shard, ..builds(n_profiles) };
            (0..n_profiles).map(|nth| share(&builds, nth, 5)).collect()
        };
        assert_eq!(share(&builds(1), 0, 5), 0..5);
        assert_eq!(shares(2, Some((1, 3))), [0..3, 0..0]);
        assert_eq!(shares(2, Some((2, 3))), [3..5, 0..1]);
        assert_eq!(shares(2, Some((3, 3))), [5..5, 1..5]);
        for n in 1..12 {
            let built: usize = (1..=n).flat_map(|i| shares(2, Some((i, n)))).map(|share| share.len()).sum();
            assert_eq!(built, 10, "each of the ten builds is in one of {n} shares");
        }
        let import = vec![PathBuf::from("elsewhere")];
        assert_eq!(share(&Builds { import, ..builds(1) }, 0, 5), 0..0, "where verdicts are taken, nothing is built");
    }

    #[test]
    fn a_patch_is_mechanical_where_a_paragraph_says_so() {
        assert!(is_called_mechanical(b"Why.\n\nMechanical: f() -> g()\n"));
        assert!(!is_called_mechanical(b"This is not Mechanical.\n"));
    }

    #[test]
    fn commands_of_the_tree_run_once_they_are_allowed() {
        let repo = crate::pipeline::fixture::repository(&[&[
            (".cleave.toml", "[profile.ci]\ncommand = [\"./build\", \"-k\"]\n"),
            ("a", "1\n"),
        ]]);
        let (repository, base_tree_id) = (repo.open(), repo.tree("HEAD"));
        let meant = |allow| {
            let profiles = profiles(&repository, base_tree_id, &Wanted::Profiles(Vec::new()), allow);
            profiles.map(|profiles| profiles.into_iter().map(|profile| profile.name).collect::<Vec<_>>())
        };
        let refused = meant(Allow::Before).unwrap_err().to_string();
        assert_eq!(refused, "profile 'ci' of .cleave.toml would run './build -k', which was not allowed here");
        assert_eq!(meant(Allow::Now).unwrap(), ["ci"]);
        assert_eq!(meant(Allow::Before).unwrap(), ["ci"], "it stays allowed");
        let typed = Wanted::Command(vec!["make".into()]);
        assert_eq!(profiles(&repository, base_tree_id, &typed, Allow::Before).unwrap()[0].clean, Clean::Doubt);
    }

    #[test]
    fn steps_are_built_once_with_each_profile() {
        let repo = crate::pipeline::fixture::repository(&[&[("a", "1\n")], &[("a", "2\n")], &[("a", "3\n")]]);
        let repository = repo.open();
        let steps: Vec<Step> = ["HEAD~2", "HEAD~1", "HEAD"]
            .map(|rev| Step { commit_id: repo.commit(rev), tree_id: repo.tree(rev), subject: rev.into() })
            .into();
        let profile = Profile::typed("ci".into(), ["grep", "-q", "[13]", "a"].map(Into::into).into(), Clean::Never);
        let builds = Builds { profiles: vec![profile], ..builds(0) };
        let begun = std::sync::atomic::AtomicUsize::new(0);
        let run = || {
            let reports = built(&repository, &steps, &builds, &|event| {
                if matches!(event, BuildEvent::Step(Event::Begin(_))) {
                    begun.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                }
            });
            reports.unwrap()[0].iter().map(|report| report.blame).collect::<Vec<_>>()
        };
        assert_eq!(run(), [Blame::Passed, Blame::Failed, Blame::Passed]);
        assert_eq!(run(), [Blame::Passed, Blame::Failed, Blame::Passed]);
        assert_eq!(begun.into_inner(), 3, "the second run finds all verdicts");
    }
}
