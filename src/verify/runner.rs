//! The one place that starts builds.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::export::Workspace;
use super::steps::Step;
use super::verdict::{Built, Ended};
use super::{VerifyError, file};
use crate::git::Repository;

/// Builds one step after the other.
pub trait Runner {
    /// Builds a step.
    ///
    /// # Errors
    /// When the step cannot be exported, the command cannot be started, or the run was interrupted.
    fn build(&mut self, step: &Step) -> Result<Built, VerifyError>;
}

/// What builds a step, and what of the environment its verdict is kept under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildCommand {
    /// The program and its arguments; no shell reads them.
    pub words: Vec<OsString>,
    /// Variables that change what a build does, as they are.
    pub environment: BTreeMap<OsString, OsString>,
}

/// Variables that decide which tools a build takes and how it calls them.
const NOTED: &[&str] = &[
    "AR",
    "ARCH",
    "AS",
    "CC",
    "CFLAGS",
    "CPPFLAGS",
    "CROSS_COMPILE",
    "CXX",
    "CXXFLAGS",
    "HOSTCC",
    "HOSTCFLAGS",
    "KBUILD_OUTPUT",
    "KCFLAGS",
    "KCONFIG_CONFIG",
    "LD",
    "LDFLAGS",
    "LLVM",
    "MAKEFLAGS",
    "PATH",
];

/// git's own variables that would lead a build to the user's repository.
const GIT_VARIABLES: &[&str] = &[
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
];

impl BuildCommand {
    /// Returns the command with the environment as it is now.
    #[expect(clippy::disallowed_methods, reason = "this is the place that starts builds, and their environment is ours")]
    pub fn of(words: Vec<OsString>) -> Self {
        let environment = NOTED.iter().filter_map(|name| Some(((*name).into(), std::env::var_os(name)?))).collect();
        BuildCommand { words, environment }
    }

    /// Returns the name its verdicts are kept under: 16 hexadecimal digits over words and environment.
    pub fn key(&self) -> String {
        let mut hash = Sha256::new();
        let variables = self.environment.iter().flat_map(|(name, value)| [name, value]);
        for (tag, text) in self.words.iter().map(|word| (b'w', word)).chain(variables.map(|text| (b'e', text))) {
            hash.update([tag]);
            hash.update(text.as_bytes());
            hash.update([0]);
        }
        hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Returns the noted environment as text.
    pub fn shown_environment(&self) -> BTreeMap<String, String> {
        let text = |text: &OsString| text.to_string_lossy().into_owned();
        self.environment.iter().map(|(name, value)| (text(name), text(value))).collect()
    }
}

/// Runs the command in an exported tree, in a process group of its own.
pub struct Shell {
    workspace: Workspace,
    words: Vec<OsString>,
    limits: Limits,
}

/// What bounds a build.
#[derive(Debug, Clone)]
pub struct Limits {
    /// A build that takes longer is ended.
    pub timeout: Option<Duration>,
    /// What is exported as `CLEAVE_JOBS`: the share of the processors of one worker.
    pub jobs: usize,
    /// Set by a signal: builds are ended and none is begun.
    pub interrupt: Arc<AtomicBool>,
}

/// How often a running build is looked at: a person does not notice it, and it costs nothing beside a compiler.
const LOOK: Duration = Duration::from_millis(20);
/// How long a build that is asked to end may take to remove what it has half written.
const GRACE: Duration = Duration::from_secs(3);

impl Shell {
    /// Opens a folder to build in.
    ///
    /// # Errors
    /// As [`Workspace::open`].
    pub fn open(repository: &Repository, command: &BuildCommand, limits: Limits) -> Result<Self, VerifyError> {
        Ok(Shell { workspace: Workspace::open(repository)?, words: command.words.clone(), limits })
    }
}

impl Runner for Shell {
    fn build(&mut self, step: &Step) -> Result<Built, VerifyError> {
        if self.limits.interrupt.load(Ordering::Relaxed) {
            return Err(VerifyError::Interrupted);
        }
        self.workspace.show(step.tree_id)?;
        let log = self.workspace.home().join("log");
        let begin = Instant::now();
        let folder = self.workspace.tree();
        let call = Call { words: &self.words, folder: &folder, home: self.workspace.home(), log: &log, look: LOOK };
        let ended = run(&call, begin, &self.limits)?;
        if let Ended::Code(_) = ended {
            self.workspace.settle()?;
        }
        Ok(Built { ended, took: begin.elapsed(), log, folder })
    }
}

/// A program to run.
pub(super) struct Call<'c> {
    /// It and its arguments, at least one word; no shell reads them.
    pub(super) words: &'c [OsString],
    /// Where it runs.
    pub(super) folder: &'c Path,
    /// The worker's folder: above it git looks for no repository.
    pub(super) home: &'c Path,
    /// What takes all that it prints.
    pub(super) log: &'c Path,
    /// How often it is looked at.
    pub(super) look: Duration,
}

/// Runs a program in a process group of its own to its end, which is ours to bring about when more than the time since `begin` is up or the
/// run is interrupted.
pub(super) fn run(call: &Call<'_>, begin: Instant, limits: &Limits) -> Result<Ended, VerifyError> {
    let log = File::create(call.log).map_err(file("create", call.log))?;
    let errors = log.try_clone().map_err(file("create", call.log))?;
    let mut child = command(call, limits.jobs)
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(errors)
        .spawn()
        .map_err(|source| VerifyError::Start { command: call.words[0].clone(), source })?;
    wait(&mut child, begin, limits, call.look)
}

/// Returns the command with an environment in which the verdict depends on the tree: git finds no repository, the kernel's
/// `setlocalversion` adds nothing, messages are in English.
#[expect(clippy::disallowed_methods, reason = "this is the place that starts builds")]
fn command(call: &Call<'_>, jobs: usize) -> Command {
    let mut command = Command::new(&call.words[0]);
    command.args(&call.words[1..]).current_dir(call.folder).process_group(0);
    for name in GIT_VARIABLES {
        command.env_remove(name);
    }
    command
        .env("PWD", call.folder)
        .env("GIT_CEILING_DIRECTORIES", call.home)
        .env("LOCALVERSION", "")
        .env("LC_ALL", "C.UTF-8")
        .env("CLEAVE_JOBS", jobs.to_string());
    command
}

/// Waits for a build, and ends it when its time is up or the run is interrupted.
fn wait(child: &mut Child, begin: Instant, limits: &Limits, look: Duration) -> Result<Ended, VerifyError> {
    loop {
        if let Some(status) = status(child)? {
            return Ok(ended(status));
        }
        if limits.interrupt.load(Ordering::Relaxed) {
            end(child)?;
            return Err(VerifyError::Interrupted);
        }
        if let Some(timeout) = limits.timeout.filter(|timeout| begin.elapsed() >= *timeout) {
            end(child)?;
            return Ok(Ended::Timeout(timeout));
        }
        sleep(look);
    }
}

fn ended(status: ExitStatus) -> Ended {
    status.code().map_or_else(|| Ended::Signal(status.signal().unwrap_or_default()), Ended::Code)
}

/// Ends all processes of a build: asked first, so that compilers remove what they have half written, then killed.
fn end(child: &mut Child) -> Result<(), VerifyError> {
    signal(child.id(), "TERM")?;
    let begin = Instant::now();
    while begin.elapsed() < GRACE && status(child)?.is_none() {
        sleep(LOOK);
    }
    // What outlived its leader keeps the number of the group in use; where nobody did, nobody is hit.
    signal(child.id(), "KILL")?;
    child.wait().map(drop).map_err(|source| VerifyError::Start { command: "wait".into(), source })
}

fn status(child: &mut Child) -> Result<Option<ExitStatus>, VerifyError> {
    child.try_wait().map_err(|source| VerifyError::Start { command: "wait".into(), source })
}

/// Sends a signal to a process group through the shell's own `kill`, which POSIX has everywhere; a group that is gone is no error.
#[expect(clippy::disallowed_methods, reason = "this is the place that starts builds, and that ends them")]
fn signal(group: u32, name: &str) -> Result<(), VerifyError> {
    Command::new("sh")
        .args(["-c", "kill -s \"$1\" -- \"-$2\"", "sh", name, &group.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .status()
        .map(drop)
        .map_err(|source| VerifyError::Start { command: "sh".into(), source })
}
