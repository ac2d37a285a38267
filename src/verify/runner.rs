//! A step is exported to a worker's folder, made ready and built there.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use bstr::BString;

use super::VerifyError;
use super::command::BuildCommand;
use super::compiled::{Compiled, Notes, Times, Traces};
use super::export::{Checkout, Workspace};
use super::process::{BuildLimits, Call, LOOK, last_line, run};
use super::profile::{Clean, Profile};
use super::task::Task;
use super::verdict::{Built, Ended};
use crate::model::ObjectId;

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

/// Runs the command in an exported tree, in a process group of its own.
pub struct Shell<'r> {
    workspace: Workspace<'r>,
    profile: Profile,
    limits: BuildLimits,
    base: Arc<BaseTree>,
    notes: Notes,
}

/// The tree before all steps, and what is known of it: all workers of a job share this.
#[derive(Debug, Default)]
pub struct BaseTree {
    /// Its id; none where a job has no steps.
    pub tree_id: Option<ObjectId>,
    /// Whether it was built, and does not build. Then no step is built twice to be sure that it fails.
    pub fails: AtomicBool,
}

impl<'r> Shell<'r> {
    /// Runs builds of a profile in a folder.
    pub fn new(workspace: Workspace<'r>, profile: Profile, limits: BuildLimits, base: Arc<BaseTree>) -> Self {
        Shell { workspace, profile, limits, base, notes: Notes::default() }
    }

    /// Returns the folder it builds in.
    pub(super) fn workspace(&self) -> &Workspace<'r> {
        &self.workspace
    }

    /// Whether a build on what stands in the folder could be seen to make again all that was made from what changed. It cannot where a file is
    /// gone, or changed that is neither code nor noted to be read.
    fn may_make_again(&mut self, shown: &Checkout, since: &Times) -> Result<bool, VerifyError> {
        self.gather(since)?;
        Ok(shown.removed.is_empty() && shown.changed().all(|path| self.notes.may_name(path)))
    }

    /// Whether the build has made again all that was made from what changed, as far as it tells.
    fn has_made_again(&mut self, shown: &Checkout, since: &Times) -> Result<bool, VerifyError> {
        self.gather(since)?;
        let (tree, unread) = (self.workspace.tree(), self.workspace.unread()?);
        let mut traces = Traces::of(&tree, &self.notes, since);
        let mut all = true;
        for path in shown.changed() {
            all = all && traces.were_made_again(path)?;
        }
        self.workspace.set_unread(unread.iter().flatten());
        Ok(all)
    }

    /// Returns what the build compiled of the change, where that passed.
    fn compiled(&mut self, since: &Times, unread: Option<&BTreeSet<BString>>) -> Result<Compiled, VerifyError> {
        self.gather(since)?;
        let compiled = Traces::of(&self.workspace.tree(), &self.notes, since).compiled(self.workspace.watched(), unread)?;
        self.workspace.set_unread(unread.into_iter().flatten());
        Ok(compiled)
    }

    fn gather(&mut self, since: &Times) -> Result<(), VerifyError> {
        self.notes.gather(&self.workspace.tree(), since.keys())
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
        let Some(command) = &task.command else { return Err(VerifyError::NothingToBuild(task.step.subject.clone())) };
        if self.limits.interrupt.load(Ordering::Relaxed) {
            return Err(VerifyError::Interrupted);
        }
        let shown = self.workspace.show(task.step.tree_id)?;
        let since = self.workspace.since(&shown);
        let doubts = self.profile.clean == Clean::Doubt;
        let mut is_warm = !shown.is_fresh;
        if is_warm && (doubts && !self.may_make_again(&shown, &since)? || self.profile.clean == Clean::Always) {
            self.workspace.clean()?;
            is_warm = false;
        }
        if !is_warm {
            self.run_each(task, command, &command.setup)?;
        } else if shown.changes_name_that_begins_with(self.profile.refresh_on) {
            self.run_each(task, command, &self.profile.refresh)?;
        }
        let begin = Instant::now();
        let (mut ended, mut log) = self.run(&command.words, &command.environment)?;
        let failed = |ended: Ended| matches!(ended, Ended::Code(code) if ![0, 125, 126, 127].contains(&code));
        let is_surprise = failed(ended) && !self.base.fails.load(Ordering::Relaxed);
        if is_warm
            && doubts
            && (is_surprise
                || self.workspace.is_set_back(&shown)
                || ended == Ended::Code(0) && !self.has_made_again(&shown, &since)?)
        {
            // What an earlier step left may be what is wrong: from nothing, there is no doubt.
            self.workspace.clean()?;
            is_warm = false;
            self.run_each(task, command, &command.setup)?;
            (ended, log) = self.run(&command.words, &command.environment)?;
        }
        let took = begin.elapsed();
        if failed(ended) {
            self.workspace.has_room()?;
            self.base.fails.fetch_or(self.base.tree_id == Some(task.step.tree_id), Ordering::Relaxed);
        }
        let unread = self.workspace.unread()?;
        let compiled = if ended == Ended::Code(0) { self.compiled(&since, unread.as_ref())? } else { Compiled::default() };
        match ended {
            Ended::Code(_) => self.workspace.settle()?,
            Ended::Signal(_) | Ended::Timeout(_) => self.workspace.abandon()?,
        }
        let unread = unread.map(|unread| unread.into_iter().collect());
        Ok(Built { ended, took, log, folder: self.workspace.tree(), is_warm, unread, compiled })
    }
}
