//! The one place that starts builds.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use bstr::ByteSlice;
use sha2::{Digest, Sha256};

use super::export::{MARK, Workspace};
use super::job::Task;
use super::profile::{Clean, Mode, Profile};
use super::toolchain::Toolchain;
use super::verdict::{Built, Ended};
use super::{VerifyError, file};
use crate::model::{ObjectId, hex};

/// Builds one step after the other.
pub trait Runner {
    /// Builds a step.
    ///
    /// # Errors
    /// When the step cannot be exported, the command cannot be started, or the run was interrupted.
    fn build(&mut self, task: &Task) -> Result<Built, VerifyError>;
}

impl<R: Runner + ?Sized> Runner for Box<R> {
    fn build(&mut self, task: &Task) -> Result<Built, VerifyError> {
        (**self).build(task)
    }
}

/// What a verdict depends on besides the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildCommand {
    /// The program and its arguments; no shell reads them. `{jobs}` stands for a worker's share of the processors.
    pub words: Vec<OsString>,
    /// Commands that make a fresh folder ready.
    pub setup: Vec<Vec<OsString>>,
    /// Variables that change what a build does.
    pub environment: BTreeMap<OsString, OsString>,
    /// The programs that do it.
    pub toolchain: Toolchain,
    /// Whether it builds.
    pub mode: Mode,
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
    "GIT_CONFIG",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
];

/// Returns the noted variables as they are, and the search path, by which programs are found but which says nothing of them.
#[expect(clippy::disallowed_methods, reason = "this is the place that starts builds, and their environment is ours")]
pub fn environment() -> (BTreeMap<OsString, OsString>, Option<OsString>) {
    (NOTED.iter().filter_map(|name| Some(((*name).into(), std::env::var_os(name)?))).collect(), std::env::var_os("PATH"))
}

/// Returns the first line that a program prints for `--version`, or nothing.
#[expect(clippy::disallowed_methods, reason = "this is the place that starts builds, and it asks who will do them")]
pub(super) fn version(program: &Path) -> String {
    let output = Command::new(program).arg("--version").env("LC_ALL", "C").stdin(Stdio::null()).stderr(Stdio::null()).output();
    let said = output.map(|output| output.stdout).unwrap_or_default();
    said.lines().next().map(|line| line.trim().to_str_lossy().into_owned()).unwrap_or_default()
}

impl BuildCommand {
    /// Returns the name its verdicts are kept under: 16 hexadecimal digits over all that it is.
    pub fn key(&self) -> String {
        let mut hash = Sha256::new();
        let mut add = |tag: u8, text: &[u8]| {
            hash.update([tag]);
            hash.update(text);
            hash.update([0]);
        };
        self.words.iter().for_each(|word| add(b'w', word.as_bytes()));
        for command in &self.setup {
            add(b's', b"");
            command.iter().for_each(|word| add(b'w', word.as_bytes()));
        }
        for (name, value) in &self.environment {
            add(b'e', name.as_bytes());
            add(b'e', value.as_bytes());
        }
        for (name, version) in &self.toolchain {
            add(b't', name.as_bytes());
            add(b't', version.as_bytes());
        }
        add(b'm', if self.mode == Mode::Syntax { b"syntax" } else { b"build" });
        hex(&hash.finalize()[..8])
    }

    /// Returns the environment as text.
    pub fn shown_environment(&self) -> BTreeMap<String, String> {
        let text = |text: &OsString| text.to_string_lossy().into_owned();
        self.environment.iter().map(|(name, value)| (text(name), text(value))).collect()
    }
}

/// Runs the command in an exported tree, in a process group of its own.
pub struct Shell<'r> {
    workspace: Workspace<'r>,
    profile: Profile,
    limits: Limits,
    base: Arc<Base>,
}

/// The tree before all steps, and what is known of it: all workers of a job share this.
#[derive(Debug, Default)]
pub struct Base {
    /// Its id; none where a job has no steps.
    pub tree_id: Option<ObjectId>,
    /// Whether it was built, and does not build. Then no step is built twice to be sure that it fails.
    pub fails: AtomicBool,
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

impl<'r> Shell<'r> {
    /// Runs builds of a profile in a folder.
    pub fn new(workspace: Workspace<'r>, profile: Profile, limits: Limits, base: Arc<Base>) -> Self {
        Shell { workspace, profile, limits, base }
    }

    /// Returns the folder it builds in.
    pub(super) fn workspace(&self) -> &Workspace<'r> {
        &self.workspace
    }

    /// Makes a folder ready that has nothing but the files of the tree.
    fn set_up(&self, task: &Task, command: &BuildCommand) -> Result<(), VerifyError> {
        self.run_each(task, command, &command.setup)
    }

    fn run_each(&self, task: &Task, command: &BuildCommand, lines: &[Vec<OsString>]) -> Result<(), VerifyError> {
        for words in lines {
            let (ended, log) = self.run(words, &command.environment)?;
            if ended != Ended::Code(0) {
                let said = last_line(&log)?;
                let shown: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
                return Err(VerifyError::Setup { command: shown.join(" "), subject: task.step.subject.clone(), said });
            }
        }
        Ok(())
    }

    /// Runs one command in the tree to its end; what it prints goes to the worker's log.
    fn run(&self, words: &[OsString], environment: &BTreeMap<OsString, OsString>) -> Result<(Ended, PathBuf), VerifyError> {
        let (log, folder) = (self.workspace.home().join("log"), self.workspace.tree());
        let call = Call { words, environment, folder: &folder, home: self.workspace.home(), log: &log, look: LOOK };
        let (ended, group) = run(&call, Instant::now(), &self.limits)?;
        self.workspace.end_rest(group)?;
        Ok((ended, log))
    }
}

impl Runner for Shell<'_> {
    fn build(&mut self, task: &Task) -> Result<Built, VerifyError> {
        let Some(command) = &task.command else { return Err(VerifyError::NothingToBuild { subject: task.step.subject.clone() }) };
        if self.limits.interrupt.load(Ordering::Relaxed) {
            return Err(VerifyError::Interrupted);
        }
        let shown = self.workspace.show(task.step.tree_id)?;
        let doubtful = self.profile.clean == Clean::Doubt && shown.is_doubtful(|| self.workspace.tracks_headers());
        let mut is_warm = !shown.is_fresh;
        if is_warm && (doubtful || self.profile.clean == Clean::Always) {
            self.workspace.clean()?;
            is_warm = false;
        }
        if !is_warm {
            self.set_up(task, command)?;
        } else if shown.changes_name_that_begins_with(self.profile.refresh_on) {
            self.run_each(task, command, &self.profile.refresh)?;
        }
        let begin = Instant::now();
        let (mut ended, mut log) = self.run(&command.words, &command.environment)?;
        let failed = |ended: Ended| matches!(ended, Ended::Code(code) if ![0, 125, 126, 127].contains(&code));
        let is_surprise = failed(ended) && !self.base.fails.load(Ordering::Relaxed);
        if is_warm && self.profile.clean == Clean::Doubt && (is_surprise || self.workspace.is_set_back(&shown)) {
            // What an earlier step left may be what is wrong: from nothing, there is no doubt.
            self.workspace.clean()?;
            is_warm = false;
            self.set_up(task, command)?;
            (ended, log) = self.run(&command.words, &command.environment)?;
        }
        if failed(ended) {
            self.workspace.has_room()?;
            self.base.fails.fetch_or(self.base.tree_id == Some(task.step.tree_id), Ordering::Relaxed);
        }
        let unread = self.workspace.unread()?;
        match ended {
            Ended::Code(_) => self.workspace.settle()?,
            Ended::Signal(_) | Ended::Timeout(_) => self.workspace.abandon()?,
        }
        Ok(Built { ended, took: begin.elapsed(), log, folder: self.workspace.tree(), is_warm, unread })
    }
}

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
pub(super) fn run(call: &Call<'_>, begin: Instant, limits: &Limits) -> Result<(Ended, u32), VerifyError> {
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

/// Returns the last line of a log that says something.
pub(super) fn last_line(log: &Path) -> Result<String, VerifyError> {
    let bytes = fs::read(log).map_err(file("read", log))?;
    Ok(bytes.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default().to_str_lossy().into_owned())
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
