//! A profile and the steps of a change → the command that builds each step.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bstr::BString;

use super::VerifyError;
use super::command::{BuildCommand, environment};
use super::export::Workspace;
use super::process::BuildLimits;
use super::profile::{Mode, Profile};
use super::runner::{BaseTree, Shell};
use super::steps::{Step, code_changed};
use super::syntax::Syntax;
use super::task::{SYNTAX_BASE, Task};
use super::toolchain::toolchain;
use crate::git::Repository;

/// A profile made ready for a change.
pub struct Job<'r> {
    repository: &'r Repository,
    /// The name of the change.
    change: String,
    /// The profile.
    pub profile: Profile,
    /// The paths that the change touches, sorted.
    pub touched: Vec<BString>,
    /// The code that each step changes, the base none.
    pub code: Vec<Vec<BString>>,
    base: Arc<BaseTree>,
    ready: BuildCommand,
}

impl<'r> Job<'r> {
    /// Asks the profile's tools who they are, and git what the steps (the first is the base) touch.
    ///
    /// # Errors
    /// When git cannot compare base and tip.
    pub fn new(repository: &'r Repository, profile: Profile, change: &str, steps: &[Step]) -> Result<Self, VerifyError> {
        let mut touched = Vec::new();
        if let [base, .., tip] = steps {
            let deltas = repository.diff_trees(base.tree_id, tip.tree_id)?;
            touched.extend(deltas.into_iter().flat_map(|delta| [delta.base, delta.tip]).flatten().map(|side| side.path));
        }
        touched.sort();
        touched.dedup();
        let mut code = vec![Vec::new()];
        for pair in steps.windows(2) {
            code.push(code_changed(repository, pair[0].tree_id, pair[1].tree_id)?);
        }
        let (mut environment, path) = environment();
        environment.extend(profile.environment.clone());
        let search = environment.get(std::ffi::OsStr::new("PATH")).cloned().or(path);
        let toolchain = toolchain(profile.tools.iter().map(std::ffi::OsString::as_os_str), search.as_deref());
        let ready = BuildCommand {
            words: profile.command.clone(),
            setup: profile.setup.clone(),
            environment,
            toolchain,
            mode: profile.mode,
        };
        let base = BaseTree { tree_id: steps.first().map(|base| base.tree_id), ..BaseTree::default() };
        Ok(Job { repository, change: change.to_owned(), profile, touched, code, base: Arc::new(base), ready })
    }

    /// Returns what builds a step.
    ///
    /// # Errors
    /// When its tree cannot be read.
    pub fn task(&self, step: &Step) -> Result<Task, VerifyError> {
        let objects = self.repository.objects();
        let known = std::cell::RefCell::new(BTreeMap::new());
        let error = std::cell::RefCell::new(None);
        let has = |path: &bstr::BStr| {
            *known.borrow_mut().entry(path.to_owned()).or_insert_with(|| match objects.entry(step.tree_id, path) {
                Ok(entry) => entry.is_some(),
                Err(found) => {
                    error.borrow_mut().get_or_insert(found);
                    false
                }
            })
        };
        let mut command = self.profile.words(&self.touched, &has).map(|words| BuildCommand { words, ..self.ready.clone() });
        if let (Some(command), Some(base), Mode::Syntax) = (&mut command, self.base.tree_id, self.profile.mode) {
            // What the pass says follows from how the base was built.
            command.environment.insert(SYNTAX_BASE.into(), base.to_string().into());
        }
        match error.into_inner() {
            Some(error) => Err(error.into()),
            None => Ok(Task { step: step.clone(), command }),
        }
    }

    /// Returns what really builds a step, whatever the mode.
    ///
    /// # Errors
    /// As [`Job::task`].
    pub fn really(&self, step: &Step) -> Result<Task, VerifyError> {
        let mut task = self.task(step)?;
        if let Some(command) = &mut task.command {
            command.mode = Mode::Build;
            command.environment.remove(std::ffi::OsStr::new(SYNTAX_BASE));
        }
        Ok(task)
    }

    /// Returns what builds each step.
    ///
    /// # Errors
    /// As [`Job::task`].
    pub fn tasks(&self, steps: &[Step]) -> Result<Vec<Task>, VerifyError> {
        steps.iter().map(|step| self.task(step)).collect()
    }

    /// Takes a folder to build in.
    ///
    /// # Errors
    /// As [`Workspace::open`].
    pub fn open(&self, limits: BuildLimits) -> Result<Shell<'r>, VerifyError> {
        Ok(Shell::new(self.workspace()?, self.profile.clone(), limits, Arc::clone(&self.base)))
    }

    /// Takes a folder for the syntax pass; `base` is what really builds the base. All objects of a step are asked side by side: one worker
    /// with all processors is best.
    ///
    /// # Errors
    /// As [`Workspace::open`].
    pub fn syntax(&self, base: &Task, limits: BuildLimits) -> Result<Syntax<'r>, VerifyError> {
        let shell = self.open(limits.clone())?;
        Ok(Syntax::new(self.repository, shell, base.clone(), None, limits))
    }

    /// Takes a folder: what stands in it was made by the same commands, tools and variables, or is removed.
    ///
    /// # Errors
    /// As [`Workspace::open`].
    pub fn workspace(&self) -> Result<Workspace<'r>, VerifyError> {
        // The syntax pass stands on what the build made.
        let made_by = BuildCommand { mode: Mode::Build, ..self.ready.clone() }.key();
        let watched: BTreeSet<BString> = self.touched.iter().chain(self.code.iter().flatten()).cloned().collect();
        Workspace::open(self.repository, &self.profile.name, &made_by, &self.change, watched.into_iter().collect())
    }
}
