//! Starts the processes of builds and ends them; no other file does.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use bstr::ByteSlice;

use super::verdict::Ended;
use super::{VerifyError, file};

/// How long a build may take, how many processors it has, and what ends it before.
#[derive(Debug, Clone)]
pub struct BuildLimits {
    /// A build that takes longer is ended.
    pub timeout: Option<Duration>,
    /// What is exported as `CLEAVE_JOBS`: the share of the processors of one worker.
    pub jobs: usize,
    /// Set by a signal: builds are ended and none is begun.
    pub interrupt: Arc<AtomicBool>,
}

/// How often a running build is looked at: a person does not notice it, and it costs nothing beside a compiler.
pub(super) const LOOK: Duration = Duration::from_millis(20);
/// How long a build that is asked to end may take to remove what it has half written.
const GRACE: Duration = Duration::from_secs(3);

/// The variable that every process of a build has, with the worker's folder: by it a later run knows what a killed one left.
pub(super) const MARK: &str = "CLEAVE_FOLDER";

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
    "GIT_CONFIG",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
];

/// A program to run.
pub(super) struct Call<'c> {
    /// It and its arguments, at least one word; no shell reads them. `{jobs}` stands for the worker's share of the processors.
    pub(super) words: &'c [OsString],
    /// Variables besides those that are pinned.
    pub(super) environment: &'c BTreeMap<OsString, OsString>,
    /// Where it runs.
    pub(super) folder: &'c Path,
    /// The worker's folder: above it git looks for no repository. Its path marks the process.
    pub(super) home: &'c Path,
    /// What takes all that it prints.
    pub(super) log: &'c Path,
    /// How often it is looked at.
    pub(super) look: Duration,
}

/// Runs a program in a process group of its own to its end, which is ours to bring about when more than the time since `begin` is up or the
/// run is interrupted. Returns its process group too.
pub(super) fn run(call: &Call<'_>, begin: Instant, limits: &BuildLimits) -> Result<(Ended, u32), VerifyError> {
    let log = File::create(call.log).map_err(file("create", call.log))?;
    let errors = log.try_clone().map_err(file("create", call.log))?;
    let mut child = command(call, limits.jobs)
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(errors)
        .spawn()
        .map_err(|source| VerifyError::Start { command: call.words[0].clone(), source })?;
    Ok((wait(&mut child, begin, limits, call.look)?, child.id()))
}

/// Returns the command with an environment in which the verdict depends on the tree: git finds neither a repository nor settings of the user, the
/// kernel's `setlocalversion` adds nothing, messages are in English.
#[expect(clippy::disallowed_methods, reason = "this is the place that starts builds")]
fn command(call: &Call<'_>, jobs: usize) -> Command {
    let share = jobs.to_string();
    let filled = |word: &OsString| match word.to_str() {
        Some(text) if text.contains("{jobs}") => text.replace("{jobs}", &share).into(),
        _ => word.clone(),
    };
    let mut command = Command::new(filled(&call.words[0]));
    command.args(call.words[1..].iter().map(filled)).current_dir(call.folder).process_group(0);
    for name in GIT_VARIABLES {
        command.env_remove(name);
    }
    command
        .envs(call.environment)
        .env("PWD", call.folder)
        .env("GIT_CEILING_DIRECTORIES", call.home)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env(MARK, call.home)
        .env("LOCALVERSION", "")
        .env("LC_ALL", "C.UTF-8")
        .env("CLEAVE_JOBS", share);
    command
}

/// Waits for a build, and ends it when its time is up or the run is interrupted.
fn wait(child: &mut Child, begin: Instant, limits: &BuildLimits, look: Duration) -> Result<Ended, VerifyError> {
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
pub(super) fn signal(group: u32, name: &str) -> Result<(), VerifyError> {
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

/// Returns the last line of a log that says something.
pub(super) fn last_line(log: &Path) -> Result<String, VerifyError> {
    let bytes = fs::read(log).map_err(file("read", log))?;
    Ok(bytes.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default().to_str_lossy().into_owned())
}

/// Returns the first line that a program prints for `--version`, or nothing.
#[expect(clippy::disallowed_methods, reason = "this is the place that starts builds, and it asks who will do them")]
pub(super) fn version(program: &Path) -> String {
    let output = Command::new(program).arg("--version").env("LC_ALL", "C").stdin(Stdio::null()).stderr(Stdio::null()).output();
    let said = output.map(|output| output.stdout).unwrap_or_default();
    said.lines().next().map(|line| line.trim().to_str_lossy().into_owned()).unwrap_or_default()
}
