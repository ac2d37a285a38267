//! Runs compilers side by side; the output of each goes to a file of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bstr::{BString, ByteSlice};
use rayon::prelude::*;

use super::suspect::Stopped;
use crate::verify::process::{BuildLimits, Call, run};
use crate::verify::verdict::Ended;
use crate::verify::{VerifyError, file};

/// One compiler to run.
pub(super) struct CompilerCall {
    /// It and its arguments.
    pub(super) words: Vec<OsString>,
    /// Where it runs.
    pub(super) folder: PathBuf,
}

/// Where compilers work.
pub(super) struct CompilerFolders<'p> {
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

/// Runs all jobs, `limits.jobs` at a time, and returns how they ended, in order.
///
/// # Errors
/// When a compiler cannot be started, a file cannot be used, the run was interrupted, or a compiler did not end by itself: the first in
/// the order of jobs.
pub(super) fn run_all(
    jobs: &[CompilerCall],
    at: &CompilerFolders<'_>,
    begin: Instant,
    limits: &BuildLimits,
) -> Result<Vec<Done>, Stopped> {
    let stop = AtomicBool::new(false);
    let one = |place: usize, job: &CompilerCall| -> Result<Done, Stopped> {
        let log = at.folder.join(format!("{place}.log"));
        let start = Instant::now();
        let call =
            Call { words: &job.words, environment: at.environment, folder: &job.folder, home: at.home, log: &log, look: LOOK };
        let code = match run(&call, begin, limits)?.0 {
            Ended::Code(code) => code,
            ended => return Err(Stopped::Ended(ended)),
        };
        let messages = fs::read(&log).map_err(file("read", &log))?;
        // The driver survives its compiler: when the machine killed that one, the code says nothing of the source.
        if KILLED.iter().any(|words| messages.contains_str(words)) {
            return Err(Stopped::Ended(Ended::Signal(9)));
        }
        Ok(Done { code, took: start.elapsed(), messages: messages.into() })
    };
    let unless_stopped = |(place, job): (usize, &CompilerCall)| {
        let result = (!stop.load(Ordering::Relaxed)).then(|| one(place, job))?;
        stop.fetch_or(result.is_err(), Ordering::Relaxed);
        Some(result)
    };
    let threads = rayon::ThreadPoolBuilder::new().num_threads(limits.jobs.clamp(1, jobs.len().max(1))).build();
    let threads = threads.expect("so many threads can be started");
    let results: Vec<Option<Result<Done, Stopped>>> =
        threads.install(|| jobs.par_iter().enumerate().with_max_len(1).map(unless_stopped).collect());
    results.into_iter().flatten().collect()
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
