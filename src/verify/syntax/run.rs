//! Several compilers side by side, each one's output in a file of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bstr::BString;

use crate::verify::process::{Call, Limits, run};
use crate::verify::verdict::Ended;
use crate::verify::{VerifyError, file};

/// One compiler to run.
pub(super) struct Job {
    /// It and its arguments.
    pub(super) words: Vec<OsString>,
    /// Where it runs.
    pub(super) folder: PathBuf,
}

/// Where compilers work.
pub(super) struct Place<'p> {
    /// Takes what they write and print.
    pub(super) folder: &'p Path,
    /// The worker's folder.
    pub(super) home: &'p Path,
    /// Variables for them.
    pub(super) environment: &'p BTreeMap<OsString, OsString>,
}

/// How a compiler ended.
pub(super) struct Done {
    /// Its exit code.
    pub(super) code: i32,
    /// How long it took.
    pub(super) took: Duration,
    /// All that it printed.
    pub(super) messages: BString,
}

/// A compiler takes a third of a second: waiting for the next look must not cost a tenth of it.
const LOOK: Duration = Duration::from_millis(3);

/// Runs all jobs, `limits.jobs` at a time, and returns how they ended, in order; or how the run ended before that, by a signal or since
/// its time was up.
///
/// # Errors
/// When a compiler cannot be started, a file cannot be used, or the run was interrupted: the first in the order of jobs.
pub(super) fn run_all(
    jobs: &[Job],
    at: &Place<'_>,
    begin: Instant,
    limits: &Limits,
) -> Result<Result<Vec<Done>, Ended>, VerifyError> {
    let next = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    let results = Mutex::new(Vec::new());
    let one = |place: usize, job: &Job| -> Result<Result<Done, Ended>, VerifyError> {
        let log = at.folder.join(format!("{place}.log"));
        let start = Instant::now();
        let call =
            Call { words: &job.words, environment: at.environment, folder: &job.folder, home: at.home, log: &log, look: LOOK };
        let code = match run(&call, begin, limits)?.0 {
            Ended::Code(code) => code,
            ended => return Ok(Err(ended)),
        };
        let messages = fs::read(&log).map_err(file("read", &log))?;
        // The driver survives its compiler: when the machine killed that one, the code says nothing of the source.
        if KILLED.iter().any(|words| bstr::ByteSlice::contains_str(messages.as_slice(), words)) {
            return Ok(Err(Ended::Signal(9)));
        }
        Ok(Ok(Done { code, took: start.elapsed(), messages: messages.into() }))
    };
    let worker = || {
        while let Some((place, job)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|place| Some((place, jobs.get(place)?)))
        {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            let result = one(place, job);
            if !matches!(result, Ok(Ok(_))) {
                stop.store(true, Ordering::Relaxed);
            }
            results.lock().unwrap_or_else(PoisonError::into_inner).push((place, result));
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..limits.jobs.clamp(1, jobs.len().max(1)) {
            scope.spawn(worker);
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(place, _)| *place);
    let mut all = Vec::new();
    for (_, result) in results {
        match result? {
            Ok(done) => all.push(done),
            Err(ended) => return Ok(Err(ended)),
        }
    }
    Ok(Ok(all))
}

/// What gcc and clang print when the program they drive was killed.
const KILLED: &[&str] = &["Killed signal terminated program", "frontend command failed due to signal"];

/// Makes a folder that holds nothing.
pub(super) fn emptied(folder: PathBuf) -> Result<PathBuf, VerifyError> {
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(file("remove", &folder))?;
    }
    fs::create_dir_all(&folder).map_err(file("create", &folder))?;
    Ok(folder)
}

/// Returns the names that a text asks for with `__has_include`; a name that is no plain one is left out, as the kernel and others have none.
pub(super) fn asked_for(text: &[u8]) -> BTreeSet<BString> {
    use bstr::ByteSlice;
    let mut names = BTreeSet::new();
    for at in text.find_iter(b"__has_include") {
        let rest = text[at..].trim_start_with(|c| c.is_ascii_alphanumeric() || c == '_').trim_start();
        let Some(rest) = rest.strip_prefix(b"(") else { continue };
        let rest = rest.trim_start();
        let close: &[u8] = match rest.first() {
            Some(b'<') => b">",
            Some(b'"') => b"\"",
            _ => continue,
        };
        if let Some(end) = rest[1..].find(close) {
            let path = &rest[1..=end];
            names.insert(path.rsplit_str("/").next().unwrap_or(path).into());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_found() {
        let text =
            b"#if __has_include(<linux/a.h>) && __has_include_next ( \"b.h\")\n#ifdef __has_include\n#if __has_include(NAME)\n";
        assert_eq!(bstr::join(" ", asked_for(text)), b"a.h b.h");
    }
}
