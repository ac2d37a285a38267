//! The base, then each step.

use std::path::PathBuf;

use bstr::BString;

use super::cache::Cache;
use super::diagnose::diagnose;
use super::runner::{Command, Runner};
use crate::git::export::Export;
use crate::git::{GitError, Repository};
use crate::model::ObjectId;
use crate::model::diagnosis::Diagnosis;

/// One tree to build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// 0 for the base, then the number of the patch.
    pub number: usize,
    /// Its tree.
    pub tree_id: ObjectId,
    /// The subject of the patch.
    pub subject: BString,
}

/// What a build says of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Exit code 0.
    Passed,
    /// Any other exit code.
    Failed,
    /// Exit code 125: the command cannot tell, as in `git bisect run`.
    Undecided,
}

impl Verdict {
    /// Returns what an exit code says; `None` for 126 and 127, with which shells say that the command cannot run.
    pub fn of_code(code: i32) -> Option<Self> {
        match code {
            0 => Some(Verdict::Passed),
            125 => Some(Verdict::Undecided),
            126 | 127 => None,
            _ => Some(Verdict::Failed),
        }
    }

    /// Returns the word for it.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Passed => "passed",
            Verdict::Failed => "failed",
            Verdict::Undecided => "undecided",
        }
    }
}

/// A step with its verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepResult {
    /// The step.
    pub step: Step,
    /// What the build said.
    pub verdict: Verdict,
    /// Whether it was known before.
    pub known: bool,
    /// What the compiler complained about, and the last lines of the log where it said nothing we know.
    pub complaints: Vec<Diagnosis>,
    /// The whole log.
    pub log: Vec<u8>,
}

/// Why steps could not be built.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The repository refused.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The command cannot run: nothing is said of the steps.
    #[error("cannot run '{command}'")]
    Command {
        /// Its words.
        command: String,
        /// Why.
        source: std::io::Error,
    },
    /// Ctrl-C.
    #[error("interrupted; what was built so far is kept")]
    Interrupted,
    /// The disk refused.
    #[error("cannot {action} '{}'", path.display())]
    File {
        /// What was being done.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// Builds the steps in order, telling each result as it comes; what was built before is not built again.
///
/// # Errors
/// When the command cannot run or the user interrupts.
pub fn verify(
    repository: &Repository,
    steps: &[Step],
    command: &Command,
    runner: &dyn Runner,
    tell: &mut dyn FnMut(&StepResult),
) -> Result<Vec<StepResult>, VerifyError> {
    let cache = Cache::of(repository.common_dir());
    let mut export: Option<Export> = None;
    let mut results = Vec::with_capacity(steps.len());
    for step in steps {
        let (verdict, log, known) = match cache.find(step.tree_id, command) {
            Some((verdict, log)) => (verdict, log, true),
            None => {
                let export = match &mut export {
                    Some(export) => export,
                    None => export.insert(repository.export("build")?),
                };
                export.lay_out(step.tree_id)?;
                let outcome = runner.run(command, export.folder()).map_err(|source| match source.kind() {
                    std::io::ErrorKind::Interrupted => VerifyError::Interrupted,
                    _ => VerifyError::Command { command: command.words.join(" "), source },
                })?;
                let Some(verdict) = Verdict::of_code(outcome.code) else {
                    let source = std::io::Error::other(String::from_utf8_lossy(&outcome.log).trim().to_owned());
                    return Err(VerifyError::Command { command: command.words.join(" "), source });
                };
                cache.keep(step.tree_id, command, outcome.code, &outcome.log)?;
                (verdict, outcome.log, false)
            }
        };
        let complaints = if verdict == Verdict::Failed { diagnose(&log) } else { Vec::new() };
        let result = StepResult { step: step.clone(), verdict, known, complaints, log };
        tell(&result);
        results.push(result);
    }
    Ok(results)
}
