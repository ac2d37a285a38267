//! Builds every step of a change and keeps the verdicts.
//!
//! ```text
//!   steps ──> queue ──> runner ──> verdict ──> report
//!               │         │           │
//!             store    export      diagnose
//! ```
//!
//! A verdict is a function of the tree, the command and a noted part of the environment; it is kept under their hash, so that a
//! reworded commit, a second run and an interrupted one build nothing twice. What is not a function of these (a timeout, a kill from
//! outside) is reported and not kept. Cost: the builds; between two steps only the files that differ are written.

pub mod steps;

pub mod profile;

pub mod toolchain;

pub mod command;

pub mod task;

pub mod job;

pub mod allow;

pub mod queue;

pub mod process;

pub mod runner;

pub mod script;

mod paths;

pub mod export;

pub mod compiled;

pub mod verdict;

pub mod store;

pub mod diagnose;

pub mod report;

pub mod syntax;

pub mod compiled_lines;

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;

use bstr::BString;

use crate::git::GitError;

pub use command::BuildCommand;
pub use job::Job;
pub use profile::Profile;
pub use queue::{QueueOptions, Search, verify};
pub use report::Report;
pub use runner::{Runner, Shell};
pub use steps::{Step, steps};
pub use task::Task;
pub use verdict::{Outcome, Verdict};

/// Why steps could not be verified. A step that does not build is no error.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The repository or git refused, or a file of ours could not be used.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The command could not be started.
    #[error("cannot run '{}'", command.display())]
    Start {
        /// Its first word.
        command: OsString,
        /// Why.
        source: std::io::Error,
    },
    /// The command says by 126 or 127 that it cannot be run, so that it says nothing about the step.
    #[error("the build command cannot be run: exit code {code}{}", if said.is_empty() { String::new() } else { format!(": {said}") })]
    Command {
        /// 126 or 127.
        code: i32,
        /// Its last line of output.
        said: String,
    },
    /// A command that makes a folder ready failed, so that nothing is known of the step.
    #[error("'{command}' failed, which makes a folder ready to build '{subject}'{}", if said.is_empty() { String::new() } else { format!(": {said}") })]
    Setup {
        /// Its words.
        command: String,
        /// The step's.
        subject: BString,
        /// Its last line of output.
        said: String,
    },
    /// The machine was at its limits, so that a failed build says nothing about the step.
    #[error("a build failed for want of {what} while building '{subject}', which says nothing of it; nothing of it is kept")]
    Machine {
        /// `memory` or `space on the disk`.
        what: &'static str,
        /// The step's.
        subject: BString,
    },
    /// The profile's placeholders stand for nothing.
    #[error("the profile builds nothing of '{0}'")]
    NothingToBuild(BString),
    /// A profile is wrong.
    #[error(transparent)]
    Profile(#[from] profile::ProfileError),
    /// Ctrl-C or a request to end; the builds were ended, and what was finished before is kept.
    #[error("interrupted; finished builds are kept")]
    Interrupted,
    /// There is nothing to build.
    #[error("change '{0}' has no commits")]
    NoSteps(String),
}

/// Writes a file, whole or not at all.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), VerifyError> {
    let folder = path.parent().expect("a file stands in a folder");
    std::fs::create_dir_all(folder).map_err(file("create", folder))?;
    let mut incoming = tempfile::Builder::new().prefix("incoming-").tempfile_in(folder).map_err(file("create", folder))?;
    incoming.write_all(bytes).map_err(file("write", path))?;
    incoming.persist(path).map(drop).map_err(|error| file("write", path)(error.error))
}

/// Returns what makes an error of the failure to `action` (`read`, `lock`, `remove` and so on) the file at `path`.
fn file(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> VerifyError {
    let error = GitError::file(action, path);
    move |source| error(source).into()
}
