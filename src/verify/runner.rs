//! The one place that starts builds.

use std::fs::File;
use std::io::Read;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What to run, and how long it may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Program and arguments.
    pub words: Vec<String>,
    /// Seconds after which a build counts as failed; `None` waits.
    pub timeout: Option<u64>,
}

/// How a run ended, with what it printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The exit code; 128 and the signal for a killed command, as shells say it.
    pub code: i32,
    /// Standard output and error together.
    pub log: Vec<u8>,
}

/// Runs a command in a folder.
pub trait Runner {
    /// Runs it and waits.
    ///
    /// # Errors
    /// When it cannot be started, its log cannot be kept, or the user interrupts.
    fn run(&self, command: &Command, folder: &Path) -> std::io::Result<Outcome>;
}

/// Runs real builds, each in a process group of its own, which goes with us on Ctrl-C.
#[derive(Debug)]
pub struct Builds {
    home: PathBuf,
    interrupted: Arc<AtomicBool>,
}

/// Variables that would lead a build to the user's repository.
const HIDDEN: &[&str] =
    &["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_PREFIX"];

impl Builds {
    /// Returns a runner whose builds look for no repository above `home`.
    ///
    /// # Errors
    /// When the signals cannot be caught.
    pub fn new(home: &Path) -> std::io::Result<Self> {
        let interrupted = Arc::new(AtomicBool::new(false));
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP] {
            signal_hook::flag::register(signal, Arc::clone(&interrupted))?;
        }
        Ok(Builds { home: home.to_owned(), interrupted })
    }
}

impl Runner for Builds {
    #[expect(clippy::disallowed_methods, reason = "this is the place that starts builds")]
    fn run(&self, command: &Command, folder: &Path) -> std::io::Result<Outcome> {
        let mut log = tempfile::tempfile_in(&self.home)?;
        let (program, words) = command.words.split_first().ok_or(std::io::ErrorKind::InvalidInput)?;
        let mut build = std::process::Command::new(program);
        build
            .args(words)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log.try_clone()?)
            .env("GIT_CEILING_DIRECTORIES", &self.home)
            .env("LOCALVERSION", "")
            .env("LC_ALL", "C")
            .process_group(0);
        for name in HIDDEN {
            build.env_remove(name);
        }
        let mut child = build.spawn()?;
        let started = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break status;
            }
            let late = command.timeout.is_some_and(|seconds| started.elapsed() > Duration::from_secs(seconds));
            if late || self.interrupted.load(Ordering::Relaxed) {
                kill_group(child.id());
                let status = child.wait()?;
                if late {
                    break status;
                }
                return Err(std::io::ErrorKind::Interrupted.into());
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        let log = read_back(&mut log)?;
        Ok(Outcome { code: status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0)), log })
    }
}

/// Kills a build with all it started. (`kill` is in every shell; signals to groups are not in the standard library.)
#[expect(clippy::disallowed_methods, reason = "this is the place that starts, and ends, builds")]
fn kill_group(leader: u32) {
    drop(std::process::Command::new("sh").args(["-c", &format!("kill -KILL -{leader}")]).stderr(Stdio::null()).status());
}

fn read_back(log: &mut File) -> std::io::Result<Vec<u8>> {
    use std::io::{Seek, SeekFrom};
    log.seek(SeekFrom::Start(0))?;
    let mut bytes = Vec::new();
    log.read_to_end(&mut bytes)?;
    Ok(bytes)
}
