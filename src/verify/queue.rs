//! Which step is built by whom, and when to stop.
//!
//! ```text
//!   base 1 2 3 4 5 6 7        3 and 4 are known from an earlier run: what is left is dealt out in contiguous stretches,
//!   └──A──┘    └──B──┘        so that each worker goes on from the step before and builds little
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use bstr::ByteSlice;

use super::runner::Runner;
use super::steps::Step;
use super::store::Store;
use super::verdict::{Built, Outcome, Verdict, outcome};
use super::{VerifyError, file};
use crate::model::ObjectId;

/// How far to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Search {
    /// Every step.
    All,
    /// Up to the first step that fails.
    First,
}

/// How to build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Builds side by side, at least 1.
    pub n_workers: usize,
    /// How far to go.
    pub search: Search,
    /// Whether what an earlier run found counts.
    pub known: Known,
}

/// What becomes of the verdicts of earlier runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// They count.
    Use,
    /// All is built again.
    Ignore,
}

/// What happens, for a progress line. Steps are named by their place, the base is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A build begins.
    Begin(usize),
    /// A build ended.
    End(usize, Outcome),
}

/// Builds the steps (the first is the base) that no earlier run has built and returns their verdicts in order. With [`Search::First`] the
/// list ends with the first step that fails, whatever number of workers there is; the base does not end it.
///
/// # Errors
/// The first one met: see [`VerifyError`]. What was finished before it is kept.
pub fn verify<R: Runner>(
    steps: &[Step],
    open: &(dyn Fn() -> Result<R, VerifyError> + Sync),
    store: &Store,
    options: Options,
    progress: &(dyn Fn(Event) + Sync),
) -> Result<Vec<Verdict>, VerifyError> {
    let mut known: BTreeMap<ObjectId, Verdict> = BTreeMap::new();
    if options.known == Known::Use {
        known = steps.iter().filter_map(|step| Some((step.tree_id, store.load(step.tree_id)?))).collect();
    }
    // No step past this one is worth a build.
    let last = AtomicUsize::new(usize::MAX);
    let fails = |place: usize, verdict: &Verdict| {
        if options.search == Search::First && place > 0 && matches!(verdict.outcome, Outcome::Failed(_)) {
            last.fetch_min(place, Ordering::Relaxed);
        }
    };
    steps
        .iter()
        .enumerate()
        .for_each(|(place, step)| known.get(&step.tree_id).into_iter().for_each(|verdict| fails(place, verdict)));
    let mut seen: BTreeSet<ObjectId> = known.keys().copied().collect();
    let open_places: Vec<usize> = (0..steps.len()).filter(|&place| seen.insert(steps[place].tree_id)).collect();
    let stop = AtomicBool::new(false);
    let stretch = |places: &[usize]| -> Result<Vec<(ObjectId, Verdict)>, VerifyError> {
        let mut found = Vec::new();
        let mut runner = None;
        for &place in places {
            if stop.load(Ordering::Relaxed) || place > last.load(Ordering::Relaxed) {
                break;
            }
            let runner = match &mut runner {
                Some(runner) => runner,
                none => none.insert(open()?),
            };
            progress(Event::Begin(place));
            let built = runner.build(&steps[place])?;
            let outcome = outcome(built.ended).map_err(|code| cannot_run(code, &built))?;
            let verdict = store.keep(steps[place].tree_id, built, outcome)?;
            progress(Event::End(place, outcome));
            fails(place, &verdict);
            found.push((steps[place].tree_id, verdict));
        }
        Ok(found)
    };
    let n_each = open_places.len().div_ceil(options.n_workers.max(1)).max(1);
    let results: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = open_places
            .chunks(n_each)
            .map(|places| scope.spawn(|| stretch(places).inspect_err(|_| stop.store(true, Ordering::Relaxed))))
            .collect();
        workers.into_iter().map(|worker| worker.join().expect("a worker returns its errors")).collect()
    });
    for result in results {
        known.extend(result?);
    }
    let n_shown = last.into_inner().saturating_add(1).min(steps.len());
    Ok(steps[..n_shown].iter().map_while(|step| known.get(&step.tree_id).cloned()).collect())
}

fn cannot_run(code: i32, built: &Built) -> VerifyError {
    match fs::read(&built.log) {
        Ok(log) => {
            let said = log.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
            VerifyError::Command { code, said: said.to_str_lossy().into_owned() }
        }
        Err(source) => file("read", &built.log)(source),
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};
    use std::sync::Mutex;
    use std::time::Duration;

    use super::*;
    use crate::verify::runner::BuildCommand;
    use crate::verify::verdict::Ended;

    /// Ends each build with the code its tree is named by.
    struct Table<'t> {
        folder: PathBuf,
        builds: &'t Mutex<Vec<u8>>,
    }

    impl Runner for Table<'_> {
        fn build(&mut self, step: &Step) -> Result<Built, VerifyError> {
            let [number, code] = step.tree_id.as_bytes()[..2] else { panic!("an id has 20 bytes") };
            self.builds.lock().unwrap().push(number);
            let log = self.folder.join(format!("log-{number}"));
            fs::write(&log, "tool not found\n").unwrap();
            let ended = if code == 99 { Ended::Timeout(Duration::from_secs(1)) } else { Ended::Code(code.into()) };
            Ok(Built { ended, took: Duration::ZERO, log, folder: "/t".into() })
        }
    }

    fn steps(codes: &[u8]) -> Vec<Step> {
        let id = |number: usize, code: u8| {
            let mut raw = [0; 20];
            (raw[0], raw[1]) = (u8::try_from(number).unwrap(), code);
            ObjectId::from_bytes(&raw).unwrap()
        };
        let step = |(number, &code)| Step { commit_id: id(number, code), tree_id: id(number, code), subject: "s".into() };
        codes.iter().enumerate().map(step).collect()
    }

    /// Runs steps that end with these codes; returns one letter a verdict, and the builds that were run.
    fn run(folder: &Path, codes: &[u8], n_workers: usize, search: Search) -> Result<(String, Vec<u8>), VerifyError> {
        let builds = Mutex::new(Vec::new());
        let store = Store::of(folder, &BuildCommand { words: vec!["make".into()], environment: BTreeMap::new() });
        let open = || Ok(Table { folder: folder.to_owned(), builds: &builds });
        let options = Options { n_workers, search, known: Known::Use };
        let verdicts = verify(&steps(codes), &open, &store, options, &|_| ())?;
        let letter = |verdict: &Verdict| match verdict.outcome {
            Outcome::Passed => 'p',
            Outcome::Failed(_) => 'f',
            Outcome::Undecided => 'u',
        };
        let mut builds = builds.into_inner().unwrap();
        builds.sort_unstable();
        Ok((verdicts.iter().map(letter).collect(), builds))
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
        check(&[1, 0, 2, 0, 1], 1, Search::First, ("fpf", &[0, 1, 2]));
    }

    #[test]
    fn many_workers_find_the_same_first_failure() {
        let folder = tempfile::tempdir().unwrap();
        let (letters, _) = run(folder.path(), &[0, 0, 2, 0, 1], 4, Search::First).unwrap();
        assert_eq!(letters, "ppf");
    }

    #[test]
    fn what_is_known_is_not_built_again() {
        let folder = tempfile::tempdir().unwrap();
        run(folder.path(), &[0, 0, 2], 1, Search::All).unwrap();
        assert_eq!(run(folder.path(), &[0, 0, 2, 0], 2, Search::All).unwrap(), ("ppfp".into(), vec![3]));
        assert_eq!(run(folder.path(), &[0, 0, 2, 0], 2, Search::First).unwrap(), ("ppf".into(), vec![]));
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
        let store = Store::of(folder.path(), &BuildCommand { words: vec!["make".into()], environment: BTreeMap::new() });
        let open = || Ok(Table { folder: folder.path().to_owned(), builds: &builds });
        let options = Options { n_workers: 1, search: Search::All, known: Known::Ignore };
        let mut steps = steps(&[0, 0]);
        steps.push(steps[0].clone());
        assert_eq!(verify(&steps, &open, &store, options, &|_| ()).unwrap().len(), 3);
        assert_eq!(*builds.lock().unwrap(), [0, 1]);
    }

    #[test]
    fn a_command_that_cannot_run_ends_the_run() {
        let folder = tempfile::tempdir().unwrap();
        let error = run(folder.path(), &[0, 127, 0], 1, Search::All).unwrap_err();
        assert_eq!(error.to_string(), "the build command cannot be run: exit code 127: tool not found");
        assert_eq!(run(folder.path(), &[0], 1, Search::All).unwrap().1, [0; 0], "what was finished is kept");
    }
}
