//! Verdicts as plain files: `<tree id>/<key of what built it>/{verdict.json,log}`.
//!
//! Both files are made in a folder of another name, which is then renamed: a verdict is there whole or not at all. They are meant to be
//! read with `less`, outlive `git gc`, may be removed at any time, and may be copied from another machine: what is in them says
//! what they hold for.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bstr::BString;
use serde::{Deserialize, Serialize};

use super::command::BuildCommand;
use super::compiled::Compiled;
use super::profile::Mode;
use super::task::{SYNTAX_BASE, Task};
use super::toolchain::Toolchain;
use super::verdict::{Built, Ended, Outcome, Verdict, outcome};
use super::{VerifyError, file};
use crate::git::probation::Probation;
use crate::git::stop_point;
use crate::model::ObjectId;

/// The folder of kept verdicts.
#[derive(Debug, Clone)]
pub struct Store {
    root: PathBuf,
}

/// The file `verdict.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct VerdictFile {
    version: u32,
    tree: String,
    #[serde(flatten)]
    built_by: BuiltBy,
    code: i32,
    seconds: f64,
    folder: String,
    built: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unread: Option<Vec<BString>>,
    #[serde(flatten)]
    compiled: Compiled,
}

/// The command, variables and programs that built a step, as texts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BuiltBy {
    /// The words of the command.
    pub command: Vec<String>,
    /// Those of the commands that made the folder ready.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub setup: Vec<Vec<String>>,
    /// Variables that change what a build does.
    pub environment: BTreeMap<String, String>,
    /// The programs that did it: name → version line and hash.
    pub toolchain: Toolchain,
    /// Whether it was built, or the compiler was only asked about the syntax.
    pub mode: Mode,
}

impl BuiltBy {
    fn of(command: &BuildCommand) -> Self {
        let text = |text: &OsString| text.to_string_lossy().into_owned();
        let texts = |words: &[OsString]| words.iter().map(text).collect::<Vec<_>>();
        BuiltBy {
            command: texts(&command.words),
            setup: command.setup.iter().map(|line| texts(line)).collect(),
            environment: command.environment.iter().map(|(name, value)| (text(name), text(value))).collect(),
            toolchain: command.toolchain.clone(),
            mode: command.mode,
        }
    }
}

/// A kept verdict, without its log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownVerdict {
    /// What built it.
    pub built_by: BuiltBy,
    /// What came of it.
    pub outcome: Outcome,
    /// What it compiled of the change for which it was built.
    pub compiled: Compiled,
}

/// Raised when the meaning of [`VerdictFile`] changes; others are not read. Those before 3 do not say what was compiled.
const VERSION: u32 = 3;

/// Which verdicts of another folder were taken, and which were not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// Taken.
    pub n_taken: usize,
    /// Known already.
    pub n_known: usize,
    /// Not taken: where and why.
    pub refused: Vec<(PathBuf, String)>,
}

impl Store {
    /// Returns the store below `common_dir`.
    pub fn of(common_dir: &Path) -> Self {
        Store { root: common_dir.join("cleave").join("verify") }
    }

    /// Returns what is known of a task. A record that cannot be read, or speaks of something else, counts as none: it is built again.
    pub fn load(&self, task: &Task) -> Option<Verdict> {
        let command = task.command.as_ref()?;
        let folder = self.folder(task.step.tree_id, command);
        let record: VerdictFile = serde_json::from_slice(&fs::read(folder.join("verdict.json")).ok()?).ok()?;
        let log = folder.join("log");
        if difference(&record, task.step.tree_id, command).is_some() || !log.exists() {
            return None;
        }
        let outcome = outcome(Ended::Code(record.code)).ok()?;
        let took = Duration::try_from_secs_f64(record.seconds).ok()?;
        let is_warm = record.built != "clean";
        let VerdictFile { folder, unread, compiled, .. } = record;
        Some(Verdict { outcome, took, log, folder: folder.into(), kept: true, is_warm, unread, compiled })
    }

    /// Returns what is known of a tree, whatever built it, in the order of commands and toolchains. A record that cannot be read counts as none.
    pub fn known(&self, tree_id: ObjectId) -> Vec<KnownVerdict> {
        let folders = fs::read_dir(self.root.join(tree_id.to_string())).into_iter().flatten().flatten();
        let known = folders.filter_map(|folder| {
            let record: VerdictFile = serde_json::from_slice(&fs::read(folder.path().join("verdict.json")).ok()?).ok()?;
            let is_of_tree = record.version == VERSION && record.tree == tree_id.to_string();
            let outcome = outcome(Ended::Code(record.code)).ok().filter(|_| is_of_tree)?;
            let mut built_by = record.built_by;
            built_by.environment.remove(SYNTAX_BASE);
            Some(KnownVerdict { built_by, outcome, compiled: record.compiled })
        });
        let mut known: Vec<KnownVerdict> = known.collect();
        known.sort_by(|one, other| one.built_by.cmp(&other.built_by));
        known
    }

    /// Keeps what was built, in place of what was known, and moves its log. Of an end that is no function of the tree only the log is kept.
    ///
    /// # Errors
    /// When a file cannot be written or moved.
    pub fn keep(&self, task: &Task, built: Built, outcome: Outcome) -> Result<Verdict, VerifyError> {
        let Some(command) = &task.command else { return Err(VerifyError::NothingToBuild(task.step.subject.clone())) };
        let Built { ended, took, log, folder, is_warm, unread, compiled } = built;
        let place = self.folder(task.step.tree_id, command);
        let parent = place.parent().expect("a tree's folder stands around it");
        fs::create_dir_all(parent).map_err(file("create", parent))?;
        let Ended::Code(code) = ended else {
            let unfinished = parent.join(format!("{}.unfinished.log", command.key()));
            fs::rename(&log, &unfinished).map_err(file("move", &log))?;
            return Ok(Verdict { outcome, took, log: unfinished, folder, kept: false, is_warm, unread, compiled });
        };
        let record = VerdictFile {
            version: VERSION,
            tree: task.step.tree_id.to_string(),
            built_by: BuiltBy::of(command),
            code,
            seconds: took.as_secs_f64(),
            folder: folder.to_string_lossy().into_owned(),
            built: if is_warm { "warm" } else { "clean" }.into(),
            unread: unread.clone(),
            compiled: compiled.clone(),
        };
        place_record(&self.root, &place, &record, &log, Transfer::Moved)?;
        Ok(Verdict { outcome, took, log: place.join("log"), folder, kept: false, is_warm, unread, compiled })
    }

    /// Takes the verdicts of `tasks` from a folder of verdicts that was written elsewhere: this one's layout, at any depth below `from`.
    /// Those of other trees, commands, variables or toolchains are refused.
    ///
    /// # Errors
    /// When the folder cannot be read, or a verdict cannot be written here.
    pub fn import(&self, from: &Path, tasks: &[Task]) -> Result<Imported, VerifyError> {
        let mut imported = Imported::default();
        let mut folders = vec![from.to_owned()];
        while let Some(folder) = folders.pop() {
            let mut below: Vec<PathBuf> = Vec::new();
            for entry in fs::read_dir(&folder).map_err(file("read", &folder))? {
                below.push(entry.map_err(file("read", &folder))?.path());
            }
            below.sort_by(|a, b| b.cmp(a));
            folders.extend(below.iter().filter(|path| path.symlink_metadata().is_ok_and(|data| data.is_dir())).cloned());
            let path = folder.join("verdict.json");
            if !below.contains(&path) {
                continue;
            }
            match self.take(&path, tasks)? {
                Ok(true) => imported.n_taken += 1,
                Ok(false) => imported.n_known += 1,
                Err(why) => imported.refused.push((folder, why)),
            }
        }
        imported.refused.sort();
        Ok(imported)
    }

    /// Takes one verdict: whether it is new, or why it is refused.
    fn take(&self, path: &Path, tasks: &[Task]) -> Result<Result<bool, String>, VerifyError> {
        let bytes = fs::read(path).map_err(file("read", path))?;
        let log = path.with_file_name("log");
        let record: VerdictFile = match serde_json::from_slice(&bytes) {
            Ok(record) if log.exists() => record,
            Ok(_) => return Ok(Err("has no log".into())),
            Err(error) => return Ok(Err(format!("cannot be read: {error}"))),
        };
        let of_tree = tasks.iter().filter(|task| record.tree == task.step.tree_id.to_string());
        let mut why = "is of another tree".to_owned();
        for task in of_tree {
            let Some(command) = &task.command else { continue };
            match difference(&record, task.step.tree_id, command) {
                Some(difference) => why = difference,
                None if self.load(task).is_some() => return Ok(Ok(false)),
                None => {
                    let place = self.folder(task.step.tree_id, command);
                    let parent = place.parent().expect("a tree's folder stands around it");
                    fs::create_dir_all(parent).map_err(file("create", parent))?;
                    place_record(&self.root, &place, &record, &log, Transfer::Copied)?;
                    return Ok(Ok(true));
                }
            }
        }
        Ok(Err(why))
    }

    fn folder(&self, tree_id: ObjectId, command: &BuildCommand) -> PathBuf {
        self.root.join(tree_id.to_string()).join(command.key())
    }
}

/// Returns in what a record is not of this tree and command; `None` where it is.
fn difference(record: &VerdictFile, tree_id: ObjectId, command: &BuildCommand) -> Option<String> {
    let (found, wanted) = (&record.built_by, BuiltBy::of(command));
    if record.version != VERSION {
        return Some(format!("is of version {}, not {VERSION}", record.version));
    }
    if record.tree != tree_id.to_string() {
        return Some("is of another tree".into());
    }
    if (&found.command, &found.setup, found.mode) != (&wanted.command, &wanted.setup, wanted.mode) {
        return Some(format!("is of another command: {}", found.command.join(" ")));
    }
    if let Some(name) = first_other(&found.environment, &wanted.environment) {
        return Some(format!("is of another environment: {name}"));
    }
    let name = first_other(&found.toolchain, &wanted.toolchain)?;
    let said = |toolchain: &Toolchain| toolchain.get(name).map_or("none", String::as_str).to_owned();
    Some(format!("is of another toolchain: {name} is '{}', here '{}'", said(&found.toolchain), said(&wanted.toolchain)))
}

/// Returns the first name for which two tables do not say the same.
fn first_other<'t>(one: &'t BTreeMap<String, String>, other: &'t BTreeMap<String, String>) -> Option<&'t String> {
    one.keys().chain(other.keys()).find(|name| one.get(*name) != other.get(*name))
}

enum Transfer {
    Moved,
    Copied,
}

/// Puts record and log in place, whole or not at all.
fn place_record(root: &Path, place: &Path, record: &VerdictFile, log: &Path, source: Transfer) -> Result<(), VerifyError> {
    let incoming = Probation::new(root).map_err(file("create", root))?;
    let new = incoming.path().join("new");
    fs::create_dir(&new).map_err(file("create", &new))?;
    match source {
        Transfer::Moved => fs::rename(log, new.join("log")),
        Transfer::Copied => fs::copy(log, new.join("log")).map(drop),
    }
    .map_err(file("move", log))?;
    let json = serde_json::to_vec_pretty(record).expect("text and numbers become JSON");
    fs::write(new.join("verdict.json"), json).map_err(file("write", &new.join("verdict.json")))?;
    stop_point::reach("verdict: before it is moved into place");
    if place.exists() {
        // Another run may do the same: whichever comes last is as good.
        drop(fs::rename(place, incoming.path().join("old")));
        stop_point::reach("verdict: between the old and the new");
    }
    match fs::rename(&new, place) {
        Err(_) if place.join("verdict.json").exists() => Ok(()),
        moved => moved.map_err(file("move", place)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::Step;

    fn command(word: &str, arch: &str, compiler: &str) -> BuildCommand {
        BuildCommand {
            words: vec![word.into()],
            setup: Vec::new(),
            environment: BTreeMap::from([("ARCH".into(), arch.into())]),
            toolchain: BTreeMap::from([("cc".into(), compiler.into())]),
            mode: Mode::Build,
        }
    }

    fn task(tree: &str, command: BuildCommand) -> Task {
        let tree_id: ObjectId = tree.repeat(20).parse().unwrap();
        Task { step: Step { commit_id: tree_id, tree_id, subject: "s".into() }, command: Some(command) }
    }

    fn built(folder: &Path, said: &str, code: i32) -> Built {
        let log = folder.join("log");
        fs::write(&log, said).unwrap();
        let unread = Some(vec!["a.c".into()]);
        let compiled = Compiled { compiled: ["b.c".into()].into(), not_compiled: [BString::from(&b"\xff.c"[..])].into() };
        let took = Duration::from_millis(1500);
        Built { ended: Ended::Code(code), took, log, folder: "/t".into(), is_warm: true, unread, compiled }
    }

    #[test]
    fn a_verdict_is_found_again_for_all_that_it_depends_on_only() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::of(folder.path());
        let own = task("11", command("make", "s390", "gcc 12"));
        let failed = Outcome::Failed(Ended::Code(2));
        let verdict = store.keep(&own, built(folder.path(), "said\n", 2), failed).unwrap();
        assert_eq!(fs::read_to_string(&verdict.log).unwrap(), "said\n");
        assert_eq!(store.load(&own), Some(Verdict { kept: true, ..verdict }));
        for other in [
            task("22", command("make", "s390", "gcc 12")),
            task("11", command("ninja", "s390", "gcc 12")),
            task("11", command("make", "x86", "gcc 12")),
            task("11", command("make", "s390", "gcc 13")),
        ] {
            assert_eq!(store.load(&other), None, "{other:?}");
        }
        store.keep(&own, built(folder.path(), "again\n", 0), Outcome::Passed).unwrap();
        assert_eq!(store.load(&own).unwrap().outcome, Outcome::Passed);
        let left: Vec<_> = fs::read_dir(folder.path().join("cleave/verify").join("11".repeat(20))).unwrap().collect();
        assert_eq!(left.len(), 1, "nothing of the writing is left behind");
        let path = left[0].as_ref().unwrap().path().join("verdict.json");
        let old = fs::read_to_string(&path).unwrap().replace("\"version\": 3", "\"version\": 2");
        fs::write(&path, old).unwrap();
        assert_eq!(store.load(&own), None, "it does not say what was compiled");
        assert_eq!(store.known(own.step.tree_id), []);
    }

    #[test]
    fn a_timeout_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::of(folder.path());
        let own = task("11", command("make", "s390", "gcc 12"));
        let ended = Ended::Timeout(Duration::from_secs(1));
        let built = Built { ended, ..built(folder.path(), "so far\n", 0) };
        store.keep(&own, built, Outcome::Failed(ended)).unwrap();
        assert_eq!(store.load(&own), None);
    }

    #[test]
    fn verdicts_from_elsewhere_are_taken_only_where_all_is_equal() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (store, other) = (Store::of(here.path()), Store::of(there.path()));
        let own = [task("11", command("make", "s390", "gcc 12")), task("22", command("make", "s390", "gcc 12"))];
        for task in [
            &own[0],
            &task("33", command("make", "s390", "gcc 12")),
            &task("22", command("make -i", "s390", "gcc 12")),
            &task("22", command("make", "x86", "gcc 12")),
            &task("22", command("make", "s390", "gcc 13")),
        ] {
            other.keep(task, built(there.path(), "said\n", 0), Outcome::Passed).unwrap();
        }
        let imported = store.import(there.path(), &own).unwrap();
        assert_eq!((imported.n_taken, imported.n_known), (1, 0));
        let mut why: Vec<&str> = imported.refused.iter().map(|(_, why)| why.as_str()).collect();
        why.sort_unstable();
        assert_eq!(
            why,
            [
                "is of another command: make -i",
                "is of another environment: ARCH",
                "is of another toolchain: cc is 'gcc 13', here 'gcc 12'",
                "is of another tree",
            ]
        );
        assert_eq!(store.load(&own[0]).unwrap().outcome, Outcome::Passed);
        assert_eq!(store.load(&own[1]), None);
        assert_eq!(store.import(there.path(), &own).unwrap().n_known, 1);
        fs::write(there.path().join("verdict.json"), "{").unwrap();
        assert!(store.import(there.path(), &own).unwrap().refused.iter().any(|(_, why)| why.starts_with("cannot be read")));
    }
}
