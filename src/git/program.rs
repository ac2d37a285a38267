//! Starting git: the one place, the one environment.

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use bstr::{BString, ByteSlice};

/// What can go wrong between us and the repository.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// git could not be started.
    #[error("cannot run '{program}'")]
    Start {
        /// The program's name.
        program: String,
        /// Why.
        source: std::io::Error,
    },
    /// git said no.
    #[error("git {command} failed: {message}")]
    Failed {
        /// The subcommand and its first arguments.
        command: String,
        /// The exit code, if it was not killed.
        code: Option<i32>,
        /// All of its standard error, trimmed.
        message: String,
    },
    /// Something in the repository is not as it must be.
    #[error("{what}")]
    Repository {
        /// What was being done, with the path or id.
        what: String,
        /// Why it did not work.
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// A partial clone lacks objects that are needed, and nothing is fetched unasked.
    #[error("{n_missing} objects that {what} needs are not in this partial clone")]
    Partial {
        /// How many are missing.
        n_missing: usize,
        /// What needs them: a range.
        what: String,
        /// What to type to have them.
        fetch: String,
    },
    /// A file in the git directory or a temporary one could not be used.
    #[error("cannot {action} '{}'", path.display())]
    File {
        /// `read`, `write`, `create` or `move`.
        action: &'static str,
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A revision names nothing, or not what is wanted.
    #[error("'{spec}' {problem}")]
    Revision {
        /// As the user wrote it.
        spec: String,
        /// `names no commit`, `has no upstream`, …
        problem: String,
    },
}

impl GitError {
    /// Returns a [`GitError::Repository`] with its cause.
    pub fn repository(what: impl Into<String>, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        GitError::Repository { what: what.into(), source: Some(source.into()) }
    }

    /// Returns a [`GitError::Repository`] that has no other cause.
    pub fn wrong(what: impl Into<String>) -> Self {
        GitError::Repository { what: what.into(), source: None }
    }

    /// Returns what makes a [`GitError::File`] of the failure to `action` (`read`, `write` and so on) the file at `path`.
    pub fn file(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| GitError::File { action, path, source }
    }
}

/// How to start git for one repository.
#[derive(Debug, Clone)]
pub struct Program {
    git: OsString,
    dir: PathBuf,
    env: Vec<(OsString, OsString)>,
}

/// Configuration that no call of ours may take from the user, nor from `git -c`: what decides which commits, paths, lines and bytes git
/// gives. What the working tree means (line ends, filters, excluded files) stays the user's.
const PINNED: &[&str] = &[
    "core.hooksPath=/dev/null",
    "core.quotePath=false",
    "core.fsmonitor=false",
    "core.untrackedCache=false",
    "advice.detachedHead=false",
    "advice.graftFileDeprecated=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "color.ui=false",
    "log.showSignature=false",
    "log.showRoot=true",
    "log.follow=false",
    "log.mailmap=false",
    "diff.external=",
    "diff.orderFile=/dev/null",
    "diff.ignoreSubmodules=none",
    "diff.submodule=short",
    "diff.relative=false",
    "diff.renames=true",
    "diff.renameLimit=0",
    "diff.algorithm=default",
    "diff.indentHeuristic=true",
    "apply.ignoreWhitespace=no",
    "merge.renames=true",
    "merge.directoryRenames=conflict",
    "merge.renormalize=false",
    "mailinfo.quotedCr=warn",
    "i18n.commitEncoding=UTF-8",
    "i18n.logOutputEncoding=UTF-8",
    "submodule.recurse=false",
];

/// What the caller's environment must not say to git. Source: `git` documentation, "Environment Variables".
const UNSET: &[&str] = &[
    "GIT_EXTERNAL_DIFF",
    "GIT_DIFF_OPTS",
    "GIT_TRACE",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
    "GIT_ATTR_SOURCE",
];

/// What names a repository in the environment.
const NAMES: &[&str] = &["GIT_DIR", "GIT_COMMON_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"];

/// Returns the variables of the environment that name a repository, whichever folder git is started in.
#[expect(clippy::disallowed_methods, reason = "git's own variables, and what they would do to git")]
pub fn named_by_environment() -> Vec<&'static str> {
    NAMES.iter().copied().filter(|key| std::env::var_os(key).is_some()).collect()
}

impl Program {
    /// Returns the git of the user's `PATH`, to run in `dir`. `GIT_CLEAVE_TEST_GIT` names another one.
    #[expect(clippy::disallowed_methods, reason = "this is the place that looks for git")]
    pub fn new(dir: &Path) -> Self {
        let git = std::env::var_os("GIT_CLEAVE_TEST_GIT").unwrap_or_else(|| "git".into());
        Program { git, dir: dir.to_owned(), env: Vec::new() }
    }

    /// Returns the same git with a variable of the environment set.
    #[must_use]
    pub fn env(mut self, key: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.push((key.into(), value.into()));
        self
    }

    /// Returns the same git in another folder.
    #[must_use]
    pub fn at(mut self, dir: &Path) -> Self {
        dir.clone_into(&mut self.dir);
        self
    }

    /// Returns git's name.
    pub(super) fn git(&self) -> &OsStr {
        &self.git
    }

    /// Returns what this git's environment has besides.
    pub(super) fn environment(&self) -> impl Iterator<Item = (&OsString, &OsString)> {
        self.env.iter().map(|(key, value)| (key, value))
    }

    /// Returns the folder git is started in.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Runs git and returns its standard output.
    ///
    /// # Errors
    /// When it cannot be started or exits with anything but 0.
    pub fn run(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Result<Vec<u8>, GitError> {
        self.run_with(args, b"")
    }

    /// Runs git with `input` on its standard input and returns its standard output.
    ///
    /// # Errors
    /// When it cannot be started or exits with anything but 0.
    pub fn run_with(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>, input: &[u8]) -> Result<Vec<u8>, GitError> {
        let args: Vec<OsString> = args.into_iter().map(|arg| arg.as_ref().to_owned()).collect();
        let output = self.output(&args, input)?;
        if output.status.success() { Ok(output.stdout) } else { Err(failed(&args, output.status, &output.stderr)) }
    }

    /// Runs git and returns its trimmed standard output as text.
    ///
    /// # Errors
    /// As [`Program::run`].
    pub fn line(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Result<String, GitError> {
        Ok(self.run(args)?.trim().to_str_lossy().into_owned())
    }

    /// Runs git for its answer: `Some` with its standard output for exit code 0, `None` for 1.
    ///
    /// # Errors
    /// When it cannot be started or exits with any other code.
    pub fn ask(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Result<Option<Vec<u8>>, GitError> {
        let args: Vec<OsString> = args.into_iter().map(|arg| arg.as_ref().to_owned()).collect();
        let output = self.output(&args, b"")?;
        match output.status.code() {
            Some(0) => Ok(Some(output.stdout)),
            Some(1) => Ok(None),
            _ => Err(failed(&args, output.status, &output.stderr)),
        }
    }

    /// Opens a file in the editor that git would use and waits for it.
    ///
    /// # Errors
    /// When there is no editor, it cannot be started, or it says that it failed.
    #[expect(clippy::disallowed_methods, reason = "the editor is git's business")]
    pub fn edit(&self, path: &Path) -> Result<(), GitError> {
        let editor = self.line(["var", "GIT_EDITOR"])?;
        if editor == ":" {
            return Ok(());
        }
        // git itself hands the editor to a shell in this way: it may have arguments. What is typed to interrupt must not end the shell in its place.
        let exec = if editor.contains(['|', '&', ';', '<', '>', '(', ')', '=', '\n']) { "" } else { "exec " };
        let status = Command::new("sh")
            .arg("-c")
            .arg(format!("{exec}{editor} \"$@\""))
            .arg(&editor)
            .arg(path)
            .status()
            .map_err(|source| GitError::Start { program: editor.clone(), source })?;
        if status.success() {
            return Ok(());
        }
        Err(GitError::Failed { command: format!("editor '{editor}'"), code: status.code(), message: status.to_string() })
    }

    /// Opens an installed man page with the viewer that `git help` would take and waits for it. Returns false, having printed
    /// nothing, where man does not find the page.
    #[expect(clippy::disallowed_methods, reason = "this is the place that starts git, and what git starts")]
    pub fn open_manual(&self, page: &str) -> bool {
        let quiet = |mut command: Command| command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        let mut find = Command::new("man");
        find.args(["-w", page]);
        // `git help` takes a name that begins with git as it is.
        quiet(find).is_ok_and(|status| status.success())
            && Command::new(&self.git).args(["help", "--man", page]).status().is_ok_and(|status| status.success())
    }

    /// Returns the folders in which man looks for pages, or `None` where man does not say.
    #[expect(clippy::disallowed_methods, reason = "man is asked as git help asks it")]
    pub fn manual_folders(&self) -> Option<Vec<PathBuf>> {
        let output = Command::new("manpath").arg("-q").stdin(Stdio::null()).output().ok()?;
        let folders = std::str::from_utf8(&output.stdout).ok()?.trim();
        output.status.success().then(|| folders.split(':').map(PathBuf::from).collect())
    }

    /// Returns a command with our environment, for callers that wire its streams themselves.
    #[expect(clippy::disallowed_methods, reason = "this is the place that starts git")]
    pub fn command(&self, args: &[OsString]) -> Command {
        let mut command = Command::new(&self.git);
        command.current_dir(&self.dir).arg("--no-pager").arg("--literal-pathspecs");
        for setting in PINNED {
            command.arg("-c").arg(setting);
        }
        command
            .args(args)
            .env("LC_ALL", "C")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_NO_LAZY_FETCH", "1")
            // Replacements stay at home: what is planned is what the branches hold and what is mailed.
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .env("GIT_GRAFT_FILE", "/dev/null");
        for key in UNSET {
            command.env_remove(key);
        }
        command.envs(self.environment());
        command
    }

    fn output(&self, args: &[OsString], input: &[u8]) -> Result<std::process::Output, GitError> {
        let start = |source| GitError::Start { program: self.git.to_string_lossy().into_owned(), source };
        let mut child = self
            .command(args)
            .stdin(if input.is_empty() { Stdio::null() } else { Stdio::piped() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(start)?;
        let stdin = child.stdin.take();
        std::thread::scope(|scope| {
            if let Some(mut stdin) = stdin {
                // A git that stops reading early says why on its standard error: a closed pipe is no error of its own.
                scope.spawn(move || drop(stdin.write_all(input)));
            }
            child.wait_with_output().map_err(start)
        })
    }
}

fn failed(args: &[OsString], status: ExitStatus, stderr: &[u8]) -> GitError {
    let shown: Vec<_> = args.iter().take(4).map(|arg| arg.to_string_lossy()).collect();
    let message = BString::from(stderr.trim()).to_string();
    let message = if message.is_empty() { status.to_string() } else { message };
    GitError::Failed { command: shown.join(" "), code: status.code(), message }
}
