//! The log of operations: what every command that changes state left behind, so that it can be taken back.
//!
//! ```text
//!   refs/cleave/log/<change>   o──o──o──o      one commit an operation; the first, of nothing, is number 0
//!                                   └─ tree    plan.toml (the stored plan), refs (`<id> <name>` lines)
//! ```
//!
//! The first parent of such a commit is the operation before; the others are what the refs pointed to, so that git keeps it. What happened to a change outside
//! of its commands, a rebase of one of its branches for example, becomes an operation of its own before the next command writes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use bstr::{BStr, BString, ByteSlice};

use super::store::{StoreError, file};
use crate::git::refs::RefEdit;
use crate::git::{GitError, Repository};
use crate::model::{Mode, ObjectId};

/// Where the logs are, one ref a change. `log` is therefore no name of a change.
const LOGS: &str = "refs/cleave/log/";

/// Stands before the number of the operation whose state an undo brought back, in the last line of its message.
const BACK_TO: &str = "Back-to: ";

/// What an operation that no command made says.
const OUTSIDE: &str = "(changed outside of git cleave)";

/// Why an operation cannot be recorded or taken back.
#[derive(Debug, thiserror::Error)]
pub enum OperationError {
    /// The repository or git refused.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The stored plan cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log was not written by this program.
    #[error("the log of '{0}' is damaged")]
    Damaged(String),
    /// Nothing happened to the change that could be taken back.
    #[error("nothing to take back: no command has changed '{0}'")]
    Nothing(String),
    /// There is no such operation.
    #[error("'{change}' has no operation {number}: its last is {last}")]
    Unknown {
        /// The change.
        change: String,
        /// What was asked for.
        number: usize,
        /// The newest.
        last: usize,
    },
    /// A branch that would move is in use.
    #[error("'{branch}' is {what} in {}", folder.display())]
    InUse {
        /// The branch, short.
        branch: String,
        /// `checked out`, `rebased`, `bisected`.
        what: &'static str,
        /// Where.
        folder: PathBuf,
    },
}

/// All of a change that commands change: its stored plan, byte for byte, and its refs by full name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct State {
    /// The stored plan, where there is one.
    pub plan: Option<Vec<u8>>,
    /// Its refs.
    pub refs: BTreeMap<String, ObjectId>,
}

/// One operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// The command line, or what else happened.
    pub what: BString,
    /// When, as git's `%cI`.
    pub time: String,
    /// For an undo, the operation whose state it brought back.
    pub back_to: Option<usize>,
    commit_id: ObjectId,
}

impl Operation {
    /// Whether no command did it.
    pub fn is_outside(&self) -> bool {
        self.what == OUTSIDE
    }
}

/// The operations of a change, by number.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Log {
    /// The change.
    pub change: String,
    /// Oldest first; the first is the beginning, without plan or refs.
    pub operations: Vec<Operation>,
}

/// Runs a command that may change state, under the lock of the change, and records what it left, also where it failed.
///
/// # Errors
/// When another process works on the change, the log cannot be written, and what the command refuses.
pub fn operation<T, E: From<OperationError>>(
    repository: &Repository,
    change: &str,
    what: &BStr,
    run: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    let _lock = file::lock(repository.common_dir(), change).map_err(OperationError::from)?;
    record(repository, change, OUTSIDE.into(), None)?;
    let result = run();
    let recorded = record(repository, change, what, None);
    let result = result?;
    recorded?;
    Ok(result)
}

/// Takes back the newest operation that was not taken back, and returns its number. What happened outside of commands before it stays.
///
/// # Errors
/// When there is none, or a branch that would move is in use; then nothing has changed.
pub fn undo(repository: &Repository, change: &str, what: &BStr) -> Result<(usize, Log), OperationError> {
    let _lock = file::lock(repository.common_dir(), change)?;
    record(repository, change, OUTSIDE.into(), None)?;
    let log = Log::read(repository, change)?;
    let number = log.last_command().ok_or_else(|| OperationError::Nothing(change.into()))?;
    log.state(repository, number - 1)?.bring_back(repository, change)?;
    record(repository, change, what, Some(number - 1))?;
    Ok((number, log))
}

/// Brings back the state that an operation left; that can be taken back too.
///
/// # Errors
/// When there is no such operation, or a branch that would move is in use; then nothing has changed.
pub fn restore(repository: &Repository, change: &str, number: usize, what: &BStr) -> Result<(), OperationError> {
    operation(repository, change, what, || {
        let log = Log::read(repository, change)?;
        log.state(repository, number)?.bring_back(repository, change)
    })
}

/// Adds an operation to the log where the state is not that of the newest.
fn record(repository: &Repository, change: &str, what: &BStr, back_to: Option<usize>) -> Result<(), OperationError> {
    let state = State::read(repository, change)?;
    let log = Log::read(repository, change)?;
    let last = match log.operations.last() {
        Some(last) => Some((last.commit_id, state_of(repository, change, last.commit_id)?)),
        None => None,
    };
    if last.as_ref().is_some_and(|(_, last)| *last == state) || last.is_none() && state == State::default() {
        return Ok(());
    }
    let top = match last {
        Some((commit_id, _)) => commit_id,
        None => commit(repository, &State::default(), None, "(nothing yet)".into())?,
    };
    let what = match back_to {
        Some(number) => format!("{what}\n\n{BACK_TO}{number}\n").into(),
        None => what.to_owned(),
    };
    let commit_id = commit(repository, &state, Some(top), what.as_ref())?;
    let old = log.operations.last().map(|last| last.commit_id);
    repository.edit_refs(&[RefEdit { name: format!("{LOGS}{change}"), old, new: Some(commit_id) }], "cleave: log")?;
    Ok(())
}

/// Writes the commit of an operation.
fn commit(repository: &Repository, state: &State, before: Option<ObjectId>, what: &BStr) -> Result<ObjectId, OperationError> {
    let objects = repository.objects();
    let refs: String = state.refs.iter().map(|(name, object_id)| format!("{object_id} {name}\n")).collect();
    let mut files = vec![(BString::from("refs"), Mode::File, objects.write_blob(refs.as_bytes())?)];
    if let Some(plan) = &state.plan {
        files.push(("plan.toml".into(), Mode::File, objects.write_blob(plan)?));
    }
    let tree_id = objects.edit_tree(repository.empty_tree(), &[], &files)?;
    objects.keep(repository)?;
    let mut parents: Vec<ObjectId> = before.into_iter().collect();
    for (name, &object_id) in &state.refs {
        // The record of a posted version is a tree, and only a commit can be a parent.
        let parent = match name.ends_with("/record") {
            true => repository.commit_now(object_id, &[], "record".into())?,
            false => object_id,
        };
        if !parents.contains(&parent) {
            parents.push(parent);
        }
    }
    Ok(repository.commit_now(tree_id, &parents, what)?)
}

impl State {
    /// Reads the state of a change.
    ///
    /// # Errors
    /// When the stored plan cannot be read or git cannot be run.
    pub fn read(repository: &Repository, change: &str) -> Result<Self, OperationError> {
        let mut refs = repository.refs(&format!("refs/cleave/{change}/"))?;
        refs.extend(repository.refs(&format!("refs/heads/cleave/{change}/"))?);
        Ok(State { plan: file::bytes(repository.common_dir(), change)?, refs })
    }

    /// Makes this the state of a change: first its refs, all or none, then its plan.
    fn bring_back(&self, repository: &Repository, change: &str) -> Result<(), OperationError> {
        let now = State::read(repository, change)?;
        let names: BTreeSet<&String> = now.refs.keys().chain(self.refs.keys()).collect();
        let edit = |name: &&String| RefEdit {
            name: (*name).clone(),
            old: now.refs.get(*name).copied(),
            new: self.refs.get(*name).copied(),
        };
        let edits: Vec<RefEdit> = names.iter().map(edit).filter(|edit| edit.old != edit.new).collect();
        let (mut checked_out, mut in_use) = (repository.checked_out()?, repository.in_use()?);
        for edit in &edits {
            let checked_out = checked_out.remove(&edit.name).map(|folder| (folder, "checked out"));
            if let Some((folder, what)) = checked_out.or_else(|| in_use.remove(&edit.name)) {
                let branch = edit.name.trim_start_matches("refs/heads/").to_owned();
                return Err(OperationError::InUse { branch, what, folder });
            }
        }
        repository.edit_refs(&edits, "cleave: undo")?;
        match &self.plan {
            plan if *plan == now.plan => {}
            Some(plan) => file::save(repository.common_dir(), change, plan)?,
            None => file::remove(repository.common_dir(), change)?,
        }
        Ok(())
    }
}

impl Log {
    /// Reads the log of a change; one of no operations where nothing was done yet.
    ///
    /// # Errors
    /// When git cannot be run or the log is not one of this program.
    pub fn read(repository: &Repository, change: &str) -> Result<Self, OperationError> {
        let mut log = Log { change: change.into(), operations: Vec::new() };
        let name = format!("{LOGS}{change}");
        if !repository.refs(&name)?.contains_key(&name) {
            return Ok(log);
        }
        let out = repository.program().run(["log", "--first-parent", "-z", "--format=%H %cI %B", &name, "--"])?;
        for entry in out.split(|byte| *byte == 0).filter(|entry| !entry.is_empty()) {
            let read = || {
                let (id, rest) = entry.split_once_str(" ")?;
                let (time, message) = rest.split_once_str(" ")?;
                let (what, last) = message.trim_end().rsplit_once_str(BACK_TO).unwrap_or((message, b""));
                let back_to = last.to_str().ok()?.parse().ok();
                let time = time.to_str().ok()?.to_owned();
                Some(Operation { what: what.trim_end().into(), time, back_to, commit_id: id.to_str().ok()?.parse().ok()? })
            };
            log.operations.push(read().ok_or_else(|| OperationError::Damaged(change.into()))?);
        }
        log.operations.reverse();
        Ok(log)
    }

    /// Returns the changes that have a log, sorted; also those that were dropped.
    ///
    /// # Errors
    /// When git cannot be run.
    pub fn changes(repository: &Repository) -> Result<Vec<String>, OperationError> {
        Ok(repository.refs(LOGS)?.into_keys().filter_map(|name| Some(name.strip_prefix(LOGS)?.to_owned())).collect())
    }

    /// Returns the operation whose state the change is in now, as far as the log knows.
    pub fn now(&self) -> usize {
        let last = self.operations.len().saturating_sub(1);
        self.operations.get(last).and_then(|operation| operation.back_to).unwrap_or(last)
    }

    /// Returns the newest command that was not taken back.
    fn last_command(&self) -> Option<usize> {
        let mut at = self.now();
        while at > 0 {
            match self.operations[at].back_to {
                Some(earlier) => at = earlier,
                None if self.operations[at].is_outside() => at -= 1,
                None => return Some(at),
            }
        }
        None
    }

    /// Returns what an operation left.
    fn state(&self, repository: &Repository, number: usize) -> Result<State, OperationError> {
        let last = self.operations.len().saturating_sub(1);
        let unknown = || OperationError::Unknown { change: self.change.clone(), number, last };
        state_of(repository, &self.change, self.operations.get(number).ok_or_else(unknown)?.commit_id)
    }
}

/// Reads the state that the commit of an operation holds.
fn state_of(repository: &Repository, change: &str, commit_id: ObjectId) -> Result<State, OperationError> {
    let objects = repository.objects();
    let tree_id = repository.tree_of(commit_id)?;
    let plan = objects.file(tree_id, "plan.toml".into())?;
    let refs = objects.file(tree_id, "refs".into())?.unwrap_or_default();
    let read = |line: &[u8]| {
        let (object_id, name) = line.split_once_str(" ")?;
        Some((name.to_str().ok()?.to_owned(), object_id.to_str().ok()?.parse().ok()?))
    };
    let refs = refs.lines().map(read).collect::<Option<_>>().ok_or_else(|| OperationError::Damaged(change.into()))?;
    Ok(State { plan, refs })
}
