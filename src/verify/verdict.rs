//! How a build ended, and what that says of its step.

use std::path::PathBuf;
use std::time::Duration;

use bstr::BString;

use super::compiled::Compiled;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// By itself, with this code.
    Code(i32),
    /// By this signal, which we did not send.
    Signal(i32),
    /// By us, since it took longer than this.
    Timeout(Duration),
}

/// A build that was run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// How it ended.
    pub ended: Ended,
    /// How long it took.
    pub took: Duration,
    /// All it printed.
    pub log: PathBuf,
    /// The folder it ran in; paths in the log may begin with it.
    pub folder: PathBuf,
    /// Whether it stood on what earlier builds left.
    pub is_warm: bool,
    /// Files of the change that no build of this folder has read as they are now; `None` where the file system does not tell.
    pub unread: Option<Vec<BString>>,
    /// What it compiled of the change; nothing where it did not pass.
    pub compiled: Compiled,
}

/// What a build says about its step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Exit code 0.
    Passed,
    /// Any other end.
    Failed(Ended),
    /// Exit code 125, as for `git bisect run`: this step says neither.
    Undecided,
}

/// An outcome with where it can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// What came of it.
    pub outcome: Outcome,
    /// How long the build took, when it was run.
    pub took: Duration,
    /// All it printed.
    pub log: PathBuf,
    /// The folder it ran in.
    pub folder: PathBuf,
    /// Whether an earlier run built it.
    pub kept: bool,
    /// Whether it stood on what earlier builds left.
    pub is_warm: bool,
    /// Files of the change that the build did not read; `None` where that is not known.
    pub unread: Option<Vec<BString>>,
    /// What it compiled of the change; nothing where it did not pass.
    pub compiled: Compiled,
}

/// Returns what an end says about the step, or the code by which the command says that it cannot be run.
/// Source: `git bisect` documentation, "Bisect run".
pub fn outcome(ended: Ended) -> Result<Outcome, i32> {
    match ended {
        Ended::Code(0) => Ok(Outcome::Passed),
        Ended::Code(125) => Ok(Outcome::Undecided),
        Ended::Code(code @ (126 | 127)) => Err(code),
        Ended::Code(_) | Ended::Signal(_) | Ended::Timeout(_) => Ok(Outcome::Failed(ended)),
    }
}

impl Verdict {
    /// Returns the verdict on a step in which a profile builds nothing.
    pub fn nothing() -> Self {
        Verdict {
            outcome: Outcome::Undecided,
            took: Duration::ZERO,
            log: PathBuf::new(),
            folder: PathBuf::new(),
            kept: true,
            is_warm: false,
            unread: None,
            compiled: Compiled::default(),
        }
    }
}
