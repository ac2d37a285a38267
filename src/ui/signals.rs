//! What Ctrl-C and requests to end do: nothing is left behind, and nothing is said of what they did to a git that was at work.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

use crate::git::scratch;

/// Signals that end the program.
#[derive(Clone, Default)]
pub struct Signals {
    /// The last that came, 0 for none.
    came: Arc<AtomicUsize>,
    /// Whether the work is ended by itself once it sees that one came.
    is_orderly: Arc<AtomicBool>,
    /// Whether no editor has the terminal, whose keys are meant for it.
    is_ours: Arc<AtomicBool>,
}

impl Signals {
    /// Waits for signals in a thread of its own. One that the caller has the program ignore (`nohup`, a job in the background) stays ignored.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn watch() -> std::io::Result<Self> {
        let signals = Signals { is_ours: Arc::new(AtomicBool::new(true)), ..Signals::default() };
        let heeded: Vec<i32> = [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| !is_ignored(*signal)).collect();
        for &signal in &heeded {
            signal_hook::flag::register_usize(signal, Arc::clone(&signals.came), usize::try_from(signal).unwrap_or_default())?;
        }
        let mut waiting = signal_hook::iterator::Signals::new(&heeded)?;
        if !is_ignored(SIGQUIT) {
            signal_hook::flag::register_conditional_default(SIGQUIT, Arc::clone(&signals.is_ours))?;
        }
        let (is_orderly, is_ours) = (Arc::clone(&signals.is_orderly), Arc::clone(&signals.is_ours));
        std::thread::spawn(move || {
            for signal in waiting.forever() {
                if signal == SIGINT && !is_ours.load(Ordering::SeqCst) {
                    continue;
                }
                if !is_orderly.load(Ordering::SeqCst) {
                    let _held = scratch::clear();
                    drop(signal_hook::low_level::emulate_default_handler(signal));
                }
            }
        });
        Ok(signals)
    }

    /// Runs an editor: what is typed to interrupt or quit is the editor's alone. Source: git's `editor.c`, `launch_specified_editor()`.
    pub fn in_editor<T>(&self, edit: impl FnOnce() -> T) -> T {
        self.is_ours.store(false, Ordering::SeqCst);
        let result = edit();
        self.came.store(0, Ordering::SeqCst);
        self.is_ours.store(true, Ordering::SeqCst);
        result
    }

    /// From now on whoever works sees in the returned flag that a signal came, and ends by itself.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn orderly(&self) -> std::io::Result<Arc<AtomicBool>> {
        let flag = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| !is_ignored(*signal)) {
            signal_hook::flag::register(signal, Arc::clone(&flag))?;
        }
        self.is_orderly.store(true, Ordering::SeqCst);
        Ok(flag)
    }

    /// Returns the exit code of work that a signal ended, as a shell gives it; `None` where none came. Where nobody ends in order, the thread that waits
    /// for signals ends the program meanwhile.
    pub fn ended(&self) -> Option<ExitCode> {
        let signal = u8::try_from(self.came.load(Ordering::SeqCst)).ok().filter(|signal| *signal > 0)?;
        if !self.is_orderly.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_secs(2));
        }
        Some(ExitCode::from(128 + signal))
    }
}

/// Whether the program was started so that it ignores a signal. Only Linux says so.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).map(str::trim);
    let mask = mask.and_then(|mask| u64::from_str_radix(mask, 16).ok()).unwrap_or_default();
    mask >> (signal - 1) & 1 == 1
}
