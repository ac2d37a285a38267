//! Progress on long work: a line on standard error, only where a person looks at it.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::model::address::shown;
use crate::pipeline::Stage;

/// A line that says what is being done; gone when dropped.
pub struct Progress {
    bar: ProgressBar,
}

impl Default for Progress {
    /// Returns a line that appears on a terminal once the work takes a moment.
    fn default() -> Self {
        let bar = ProgressBar::new_spinner();
        bar.set_style(ProgressStyle::with_template("{spinner} {msg}").unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.enable_steady_tick(Duration::from_millis(120));
        Progress { bar }
    }
}

impl Progress {
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
        self.bar.set_message(shown(what.into()));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Returns how long the rest takes if it goes on as before; nothing before the first build has ended.
pub fn time_left(so_far: Duration, n_done: usize, n_open: usize) -> String {
    let (Ok(done), Ok(left)) = (u32::try_from(n_done), u32::try_from(n_open.saturating_sub(n_done))) else {
        return String::new();
    };
    if done == 0 || left == 0 {
        return String::new();
    }
    match (so_far / done * left).as_secs() {
        seconds @ 0..90 => format!(" ({seconds} s left)"),
        seconds @ 90..5400 => format!(" ({} min left)", seconds.div_ceil(60)),
        seconds => format!(" ({} h left)", seconds.div_ceil(3600)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_takes_as_long_as_what_was_done() {
        let left = |seconds, n_done, n_open| time_left(Duration::from_secs(seconds), n_done, n_open);
        assert_eq!(left(10, 0, 5), "", "nothing is known before the first build has ended");
        assert_eq!(left(10, 5, 5), "");
        assert_eq!(left(10, 1, 5), " (40 s left)");
        assert_eq!(left(89, 1, 2), " (89 s left)");
        assert_eq!(left(91, 1, 2), " (2 min left)");
        assert_eq!(left(5401, 1, 2), " (2 h left)");
    }
}
