//! What the user asks to be built, and the line that says what is being built.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::verify_args::VerifyArgs;
use super::{Context, Failure};
use crate::git::Repository;
use crate::pipeline::verify::{Allow, BuildEvent, Builds, Wanted, profiles};
use crate::report::verify_text::{BASE_FAILS, imported};
use crate::settings::{Layer, settings};
use crate::ui::progress::{Progress, time_left};
use crate::verify::export::remove_unused;
use crate::verify::profile::Mode;
use crate::verify::queue::{EarlierVerdicts, Event};
use crate::verify::{Outcome, Step};

/// Resolves what was typed, and removes build folders that are old. From then on Ctrl-C and requests to end stop the builds.
///
/// # Errors
/// When no profile is named or defined, one is wrong, or one of the base tree is not allowed.
pub(super) fn builds(
    context: &Context,
    repository: &Repository,
    name: &str,
    base: &Step,
    args: &VerifyArgs,
) -> Result<Builds, Failure> {
    let wanted = match args.command.as_slice() {
        [] => Wanted::Profiles(args.profiles.clone()),
        words => Wanted::Command(words.to_vec()),
    };
    let allow = if args.allow { Allow::Now } else { Allow::Before };
    let mut profiles = profiles(repository, base.tree_id, &wanted, allow)?;
    for profile in &mut profiles {
        profile.clean = args.clean.unwrap_or(profile.clean);
        profile.timeout = args.timeout.map(Duration::from_secs).or(profile.timeout);
        if args.syntax {
            profile.mode = Mode::Syntax;
        }
    }
    let n_days = settings(repository, base.tree_id, &Layer::default())?.keep_builds;
    for folder in remove_unused(repository.common_dir(), n_days)? {
        context.say(&format!("removed build folder '{folder}', unused for {n_days} days (cleave.keepBuilds)\n"));
    }
    let interrupt = context.signals.orderly()?;
    Ok(Builds {
        change: name.to_owned(),
        profiles,
        n_workers: usize::from(args.jobs),
        n_processors: std::thread::available_parallelism().map_or(1, usize::from),
        search: args.search,
        known: if args.rebuild { EarlierVerdicts::Ignore } else { EarlierVerdicts::Use },
        warnings: args.warnings,
        shard: args.shard,
        import: args.import.clone(),
        objects_equal: args.objects_equal,
        interrupt,
    })
}

/// A progress line that says what is built and how long the rest may take.
pub(super) struct BuildProgress<'c> {
    context: &'c Context,
    /// There while a profile's steps are built.
    state: Mutex<Option<State>>,
}

/// What is known while a profile's steps are built.
struct State {
    progress: Progress,
    /// The steps by number, as people read them.
    subjects: Vec<String>,
    /// The profile, where there are several.
    by: String,
    n_open: usize,
    n_done: usize,
    begin: Instant,
}

impl<'c> BuildProgress<'c> {
    pub(super) fn new(context: &'c Context) -> Self {
        BuildProgress { context, state: Mutex::new(None) }
    }

    pub(super) fn say(&self, event: BuildEvent<'_>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            BuildEvent::Imported(folder, verdicts) => self.context.say(&imported(folder, verdicts)),
            BuildEvent::Begin { profile, n_profiles, steps } => {
                *state = Some(State {
                    progress: Progress::default(),
                    subjects: steps.iter().map(|step| step.subject.to_string()).collect(),
                    by: if n_profiles > 1 { format!("{}: ", profile.name) } else { String::new() },
                    n_open: 0,
                    n_done: 0,
                    begin: Instant::now(),
                });
            }
            BuildEvent::Step(event) => {
                if let Some(state) = state.as_mut() {
                    state.say(self.context, event);
                }
            }
            BuildEvent::End => *state = None,
        }
    }
}

impl State {
    fn say(&mut self, context: &Context, event: Event) {
        let called = |place: usize| match place {
            0 => "the base".to_owned(),
            place => format!("step {place} of {}", self.subjects.len() - 1),
        };
        match event {
            Event::Open(n_open) => self.n_open = n_open,
            Event::Begin(place) => {
                let left = time_left(self.begin.elapsed(), self.n_done, self.n_open);
                self.progress.say(&format!("{}building {}: {}{left}", self.by, called(place), self.subjects[place]));
            }
            Event::End(place, outcome) => {
                self.n_done += 1;
                if matches!(outcome, Outcome::Failed(_)) && place == 0 {
                    // Nobody should wait for steps of which nothing will be known.
                    self.progress.aside(|| context.say(&format!("{BASE_FAILS}\n")));
                }
                if matches!(outcome, Outcome::Failed(_)) {
                    self.progress.say(&format!("{}{} fails", self.by, called(place)));
                }
            }
        }
    }
}
