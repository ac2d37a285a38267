//! Places where a test ends the program: one before each write of state and one after the last of several.
//!
//! A program can be killed at any moment; what matters is between which writes. Each such place has a name and calls [`reach`]. `main` hands over
//! the variable `GIT_CLEAVE_TEST_STOP`: with `0` each place that is reached is named on standard error, with `N` the program ends at the N-th as
//! `kill -9` would end it: nothing is unwound, no destructor runs. Without the variable a place costs one comparison.

use std::ffi::OsStr;
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};

/// What is done at a place; else the number of places until the end.
const OFF: u64 = u64::MAX;
/// Places are named and passed.
const NAMED: u64 = u64::MAX - 1;

static LEFT: AtomicU64 = AtomicU64::new(OFF);

/// Takes the value of `GIT_CLEAVE_TEST_STOP`. A value that is no number counts as none.
pub fn arm(value: Option<&OsStr>) {
    let number: Option<u64> = value.and_then(OsStr::to_str).and_then(|text| text.parse().ok());
    let left = match number {
        None => OFF,
        Some(0) => NAMED,
        Some(number) => number,
    };
    LEFT.store(left, Ordering::Relaxed);
}

/// Passes a place before a write, or ends the program there.
pub fn reach(name: &str) {
    match LEFT.load(Ordering::Relaxed) {
        OFF => {}
        NAMED => drop(writeln!(std::io::stderr(), "stop point: {name}")),
        _ if LEFT.fetch_sub(1, Ordering::Relaxed) == 1 => end(),
        _ => {}
    }
}

/// Ends the program as a kill from outside does.
fn end() {
    drop(signal_hook::low_level::raise(signal_hook::consts::SIGKILL));
    std::process::abort();
}
