//! Progress on long work: a line on standard error, only where a person looks at it.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::pipeline::Stage;

/// A line that says what is being done; gone when dropped.
pub struct Progress {
    bar: ProgressBar,
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

impl Progress {
    /// Returns a line that appears on a terminal once the work takes a moment.
    pub fn new() -> Self {
        let bar = ProgressBar::new_spinner();
        bar.set_style(ProgressStyle::with_template("{spinner} {msg}").unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.enable_steady_tick(Duration::from_millis(120));
        Progress { bar }
    }

    /// Says which stage is under way.
    pub fn stage(&self, stage: Stage) {
        self.say(match stage {
            Stage::Reading => "reading the change",
            Stage::Understanding => "finding what each edit does",
            Stage::Planning => "grouping and ordering",
            Stage::Describing => "finding owners and writing messages",
        });
    }

    /// Lets something be printed that stays, without the line in between.
    pub fn aside(&self, print: impl FnOnce()) {
        self.bar.suspend(print);
    }

    /// Says what is being done.
    pub fn say(&self, what: &str) {
        self.bar.set_message(what.to_owned());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
