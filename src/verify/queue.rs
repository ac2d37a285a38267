//! Deals the steps to workers, and decides when enough is known.
//!
//! ```text
//!   base        the base first, alone: it warms a folder, and says whether the command can tell anything
//!   1 2 3 4 5 6 7        3 and 4 are known from an earlier run: what is left is dealt out in contiguous stretches,
//!   └A┘    └──B──┘       so that each worker goes on from the step before and builds little
//! ```
//!
//! A bisection builds the tip, and then halves what lies between a step that builds and one that does not: the first that is broken is
//! found in log n builds, if what is broken stays so up to the tip.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::diagnose::ran_out;
use super::process::last_line;
use super::runner::Runner;
use super::store::Store;
use super::task::Task;
use super::verdict::{Built, Ended, Outcome, Verdict, outcome};
use super::{VerifyError, file};

/// How far to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Search {
    /// Every step.
    All,
    /// Up to the first step that fails.
    First,
    /// As few as it takes to find where it breaks, taking it that what breaks stays broken.
    Bisect,
}

/// How to build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueOptions {
    /// Builds side by side, at least 1.
    pub n_workers: usize,
    /// How far to go.
    pub search: Search,
    /// Whether what an earlier run found counts.
    pub known: EarlierVerdicts,
    /// The steps to build, by place; what is known of others is told. A share of a run that is built in several places.
    pub share: Range<usize>,
}

/// Whether the verdicts of earlier runs count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EarlierVerdicts {
    /// They count.
    Use,
    /// All is built again.
    Ignore,
}

/// What happens, for a progress line. Steps are named by their place, the base is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// So many are to be built, at most.
    Open(usize),
    /// A build begins.
    Begin(usize),
    /// A build ended.
    End(usize, Outcome),
}

/// All that the parts of a run share.
struct Run<'r, R> {
    tasks: &'r [Task],
    open: &'r (dyn Fn() -> Result<R, VerifyError> + Sync),
    store: &'r Store,
    progress: &'r (dyn Fn(Event) + Sync),
    stop: AtomicBool,
    /// No step past this one is worth a build.
    last: AtomicUsize,
    search: Search,
}

/// A verdict by the place of the first step of its tree.
type Found = BTreeMap<usize, Verdict>;

/// Builds the steps (the first is the base) that no earlier run has built and returns their verdicts in order, `None` for steps
/// that were neither known nor built. With [`Search::First`] none is told after the first that fails, whatever number of
/// workers there is; the base does not end it.
///
/// # Errors
/// The first one met: see [`VerifyError`]. What was finished before it is kept.
pub fn verify<R: Runner + Send>(
    tasks: &[Task],
    open: &(dyn Fn() -> Result<R, VerifyError> + Sync),
    store: &Store,
    options: &QueueOptions,
    progress: &(dyn Fn(Event) + Sync),
) -> Result<Vec<Option<Verdict>>, VerifyError> {
    let run = Run {
        tasks,
        open,
        store,
        progress,
        stop: AtomicBool::new(false),
        last: AtomicUsize::new(usize::MAX),
        search: options.search,
    };
    // Equal trees are built once: each step is answered by the first that has its tree and command.
    let mut firsts = BTreeMap::new();
    let first_of: Vec<usize> = tasks
        .iter()
        .enumerate()
        .map(|(place, task)| {
            let key = (task.step.tree_id, task.command.as_ref().map(|command| &command.words));
            *firsts.entry(key).or_insert(place)
        })
        .collect();
    let mut found = Found::new();
    let mut places: Vec<usize> = Vec::new();
    for (place, task) in tasks.iter().enumerate().filter(|(place, _)| first_of[*place] == *place) {
        if task.command.is_none() {
            found.insert(place, Verdict::nothing());
            continue;
        }
        match store.load(task).filter(|_| options.known == EarlierVerdicts::Use) {
            Some(verdict) => {
                run.note(place, verdict.outcome);
                found.insert(place, verdict);
            }
            None => places.push(place),
        }
    }
    let wanted: BTreeSet<usize> =
        (0..tasks.len()).filter(|place| options.share.contains(place)).map(|place| first_of[place]).collect();
    places.retain(|place| wanted.contains(place));
    match options.search {
        Search::All | Search::First => {
            progress(Event::Open(places.len()));
            let base = places.first().copied().filter(|place| *place == 0);
            let mut first = None;
            if base.is_some() {
                let mut runner = open()?;
                run.stretch(&mut runner, &places[..1], &mut found)?;
                first = Some(runner);
            }
            run.deal(first, &places[usize::from(base.is_some())..], options.n_workers, &mut found)?;
        }
        Search::Bisect => run.bisect(&first_of, &places, &mut found)?,
    }
    let n_told = run.last.into_inner().saturating_add(1).min(tasks.len());
    Ok(first_of.iter().enumerate().map(|(place, first)| found.get(first).filter(|_| place < n_told).cloned()).collect())
}

impl<R: Runner + Send> Run<'_, R> {
    /// Ends the search where it may.
    fn note(&self, place: usize, outcome: Outcome) {
        if self.search == Search::First && place > 0 && matches!(outcome, Outcome::Failed(_)) {
            self.last.fetch_min(place, Ordering::Relaxed);
        }
    }

    /// Builds some steps, one after the other.
    fn stretch(&self, runner: &mut R, places: &[usize], found: &mut Found) -> Result<(), VerifyError> {
        for &place in places {
            if self.stop.load(Ordering::Relaxed) || place > self.last.load(Ordering::Relaxed) {
                break;
            }
            let task = &self.tasks[place];
            (self.progress)(Event::Begin(place));
            let built = runner.build(task)?;
            let outcome = outcome(built.ended).map_err(|code| cannot_run(code, &built))?;
            if matches!(built.ended, Ended::Code(_)) && matches!(outcome, Outcome::Failed(_)) {
                let log = fs::read(&built.log).map_err(file("read", &built.log))?;
                if let Some(what) = ran_out(&log) {
                    return Err(VerifyError::Machine { what, subject: task.step.subject.clone() });
                }
            }
            let verdict = self.store.keep(task, built, outcome)?;
            (self.progress)(Event::End(place, outcome));
            self.note(place, outcome);
            found.insert(place, verdict);
        }
        Ok(())
    }

    /// Deals some steps to the workers; the first goes on where `first` stands.
    fn deal(&self, first: Option<R>, places: &[usize], n_workers: usize, found: &mut Found) -> Result<(), VerifyError> {
        let n_each = places.len().div_ceil(n_workers.max(1)).max(1);
        let work = |runner: Option<R>, places: &[usize]| -> Result<Found, VerifyError> {
            let mut found = Found::new();
            let mut runner = match runner {
                Some(runner) => runner,
                None => (self.open)()?,
            };
            self.stretch(&mut runner, places, &mut found)?;
            Ok(found)
        };
        let mut first = first;
        let results: Vec<_> = std::thread::scope(|scope| {
            let mut workers = Vec::new();
            for places in places.chunks(n_each) {
                let runner = first.take();
                workers.push(scope.spawn(move || work(runner, places).inspect_err(|_| self.stop.store(true, Ordering::Relaxed))));
            }
            workers.into_iter().map(|worker| worker.join().expect("a worker returns its errors")).collect()
        });
        for result in results {
            found.extend(result?);
        }
        Ok(())
    }

    /// Builds base and tip, and then halves what lies between the last step that builds and the first that does not.
    fn bisect(&self, first_of: &[usize], open: &[usize], found: &mut Found) -> Result<(), VerifyError> {
        let Some(tip) = self.tasks.len().checked_sub(1) else { return Ok(()) };
        (self.progress)(Event::Open(open.len().min(2 + usize::try_from(self.tasks.len().ilog2()).unwrap_or(0))));
        let mut runner: Option<R> = None;
        let mut fails = |place: usize| -> Result<bool, VerifyError> {
            let place = first_of[place];
            if !found.contains_key(&place) && open.contains(&place) {
                let runner = match &mut runner {
                    Some(runner) => runner,
                    none => none.insert((self.open)()?),
                };
                self.stretch(runner, &[place], found)?;
            }
            Ok(found.get(&place).is_some_and(|verdict| matches!(verdict.outcome, Outcome::Failed(_))))
        };
        let (mut good, mut bad) = (0, tip);
        if fails(good)? || !fails(bad)? {
            return Ok(());
        }
        while bad - good > 1 {
            let middle = good + (bad - good) / 2;
            if fails(middle)? { bad = middle } else { good = middle }
        }
        Ok(())
    }
}

fn cannot_run(code: i32, built: &Built) -> VerifyError {
    match last_line(&built.log) {
        Ok(said) => VerifyError::Command { code, said },
        Err(error) => error,
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};
    use std::sync::Mutex;
    use std::time::Duration;

    use super::*;
    use crate::model::ObjectId;
    use crate::verify::BuildCommand;
    use crate::verify::Step;
    use crate::verify::compiled::Compiled;
    use crate::verify::profile::Mode;
    use crate::verify::verdict::Ended;

    /// Ends each build with the code its tree is named by.
    struct Table<'t> {
        folder: PathBuf,
        builds: &'t Mutex<Vec<u8>>,
    }

    fn ended_so(ended: Ended, log: PathBuf) -> Built {
        let (took, folder) = (Duration::ZERO, "/t".into());
        Built { ended, took, log, folder, is_warm: false, unread: None, compiled: Compiled::default() }
    }

    impl Runner for Table<'_> {
        fn build(&mut self, task: &Task) -> Result<Built, VerifyError> {
            let [number, code] = task.step.tree_id.as_bytes()[..2] else { panic!("an id has 20 bytes") };
            self.builds.lock().unwrap().push(number);
            let log = self.folder.join(format!("log-{number}"));
            fs::write(&log, "tool not found\n").unwrap();
            let ended = if code == 99 { Ended::Timeout(Duration::from_secs(1)) } else { Ended::Code(code.into()) };
            Ok(ended_so(ended, log))
        }
    }

    fn tasks(codes: &[u8]) -> Vec<Task> {
        let id = |number: usize, code: u8| {
            let mut raw = [0; 20];
            (raw[0], raw[1]) = (u8::try_from(number).unwrap(), code);
            ObjectId::from_bytes(&raw).unwrap()
        };
        let command = BuildCommand {
            words: vec!["make".into()],
            setup: Vec::new(),
            environment: BTreeMap::new(),
            toolchain: BTreeMap::new(),
            mode: Mode::Build,
        };
        let task = |(number, &code)| Task {
            step: Step { commit_id: id(number, code), tree_id: id(number, code), subject: "s".into() },
            command: Some(command.clone()),
        };
        codes.iter().enumerate().map(task).collect()
    }

    fn letters(verdicts: &[Option<Verdict>]) -> String {
        let letter = |verdict: &Option<Verdict>| match verdict.as_ref().map(|verdict| verdict.outcome) {
            Some(Outcome::Passed) => 'p',
            Some(Outcome::Failed(_)) => 'f',
            Some(Outcome::Undecided) => 'u',
            None => '-',
        };
        verdicts.iter().map(letter).collect()
    }

    /// Runs steps that end with these codes; returns one letter a verdict, and the builds that were run.
    fn run(folder: &Path, codes: &[u8], n_workers: usize, search: Search) -> Result<(String, Vec<u8>), VerifyError> {
        let builds = Mutex::new(Vec::new());
        let store = Store::of(folder);
        let open = || Ok(Table { folder: folder.to_owned(), builds: &builds });
        let options = QueueOptions { n_workers, search, known: EarlierVerdicts::Use, share: 0..codes.len() };
        let verdicts = verify(&tasks(codes), &open, &store, &options, &|_| ())?;
        let mut builds = builds.into_inner().unwrap();
        builds.sort_unstable();
        Ok((letters(&verdicts), builds))
    }

    fn check(codes: &[u8], n_workers: usize, search: Search, expected: (&str, &[u8])) {
        let folder = tempfile::tempdir().unwrap();
        let (letters, builds) = run(folder.path(), codes, n_workers, search).unwrap();
        assert_eq!((letters.as_str(), builds.as_slice()), expected);
    }

    #[test]
    fn all_steps_are_built_by_any_number_of_workers() {
        for n_workers in [1, 2, 3, 9] {
            check(&[0, 0, 2, 125, 1, 0], n_workers, Search::All, ("ppfufp", &[0, 1, 2, 3, 4, 5]));
        }
    }

    #[test]
    fn the_first_failure_ends_the_search_but_the_base_does_not() {
        check(&[1, 0, 2, 0, 1], 1, Search::First, ("fpf--", &[0, 1, 2]));
    }

    #[test]
    fn many_workers_find_the_same_first_failure() {
        let folder = tempfile::tempdir().unwrap();
        let (letters, _) = run(folder.path(), &[0, 0, 2, 0, 1], 4, Search::First).unwrap();
        assert_eq!(letters, "ppf--");
    }

    #[test]
    fn what_is_known_is_not_built_again() {
        let folder = tempfile::tempdir().unwrap();
        run(folder.path(), &[0, 0, 2], 1, Search::All).unwrap();
        assert_eq!(run(folder.path(), &[0, 0, 2, 0], 2, Search::All).unwrap(), ("ppfp".into(), vec![3]));
        assert_eq!(run(folder.path(), &[0, 0, 2, 0], 2, Search::First).unwrap(), ("ppf-".into(), vec![]));
    }

    #[test]
    fn a_timeout_fails_and_is_built_again() {
        let folder = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            assert_eq!(run(folder.path(), &[0, 99], 1, Search::All).unwrap().0, "pf");
        }
        assert_eq!(run(folder.path(), &[0, 99], 1, Search::All).unwrap().1, [1]);
    }

    #[test]
    fn equal_trees_are_built_once() {
        let folder = tempfile::tempdir().unwrap();
        let builds = Mutex::new(Vec::new());
        let store = Store::of(folder.path());
        let open = || Ok(Table { folder: folder.path().to_owned(), builds: &builds });
        let options = QueueOptions { n_workers: 1, search: Search::All, known: EarlierVerdicts::Ignore, share: 0..3 };
        let mut tasks = tasks(&[0, 0]);
        tasks.push(tasks[0].clone());
        assert_eq!(letters(&verify(&tasks, &open, &store, &options, &|_| ()).unwrap()), "ppp");
        assert_eq!(*builds.lock().unwrap(), [0, 1]);
    }

    #[test]
    fn a_command_that_cannot_run_ends_the_run() {
        let folder = tempfile::tempdir().unwrap();
        let error = run(folder.path(), &[0, 127, 0], 1, Search::All).unwrap_err();
        assert_eq!(error.to_string(), "the build command cannot be run: exit code 127: tool not found");
        assert_eq!(run(folder.path(), &[0], 1, Search::All).unwrap().1, [0; 0], "what was finished is kept");
    }

    #[test]
    fn a_bisection_builds_few() {
        check(&[0, 0, 0, 0, 0, 1, 1, 1, 1], 1, Search::Bisect, ("p---pff-f", &[0, 4, 5, 6, 8]));
        check(&[0, 0, 1, 0], 1, Search::Bisect, ("p--p", &[0, 3]));
        check(&[1, 0, 0, 1], 1, Search::Bisect, ("f---", &[0]));
    }

    #[test]
    fn shares_build_each_step_once() {
        let folder = tempfile::tempdir().unwrap();
        let builds = Mutex::new(Vec::new());
        let open = || Ok(Table { folder: folder.path().to_owned(), builds: &builds });
        let store = Store::of(folder.path());
        let tasks = tasks(&[0, 0, 2, 0, 0]);
        let share = |share: Range<usize>| {
            let options = QueueOptions { n_workers: 1, search: Search::All, known: EarlierVerdicts::Use, share };
            letters(&verify(&tasks, &open, &store, &options, &|_| ()).unwrap())
        };
        assert_eq!((share(3..5), share(0..3)), ("---pp".into(), "ppfpp".into()));
        assert_eq!(*builds.lock().unwrap(), [3, 4, 0, 1, 2]);
    }

    #[test]
    fn a_step_with_nothing_to_build_is_undecided() {
        let folder = tempfile::tempdir().unwrap();
        let builds = Mutex::new(Vec::new());
        let open = || Ok(Table { folder: folder.path().to_owned(), builds: &builds });
        let mut tasks = tasks(&[0, 0]);
        tasks[0].command = None;
        let options = QueueOptions { n_workers: 1, search: Search::All, known: EarlierVerdicts::Use, share: 0..2 };
        assert_eq!(letters(&verify(&tasks, &open, &Store::of(folder.path()), &options, &|_| ()).unwrap()), "up");
    }

    #[test]
    fn a_machine_at_its_limits_ends_the_run_and_nothing_is_kept() {
        struct Full(PathBuf);
        impl Runner for Full {
            fn build(&mut self, _: &Task) -> Result<Built, VerifyError> {
                fs::write(&self.0, "cc1: fatal error: a.s: No space left on device\nmake: *** [a.o] Error 1\n").unwrap();
                let (log, ended) = (self.0.clone(), Ended::Code(2));
                Ok(ended_so(ended, log))
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let (store, tasks) = (Store::of(folder.path()), tasks(&[0, 0]));
        let options = QueueOptions { n_workers: 1, search: Search::All, known: EarlierVerdicts::Use, share: 0..2 };
        let error = verify(&tasks, &|| Ok(Full(folder.path().join("log"))), &store, &options, &|_| ()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a build failed for want of space on the disk while building 's', which says nothing of it; nothing of it is kept"
        );
        assert_eq!(store.load(&tasks[0]), None);
    }
}
