//! Verdicts as plain files: `<tree id>/<hash of command and environment>/{verdict.json,log}`.
//!
//! Both files are made in a folder of another name, which is then renamed: a verdict is there whole or not at all. They are meant to be
//! read with `less`, outlive `git gc`, and may be removed at any time.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::runner::BuildCommand;
use super::verdict::{Built, Ended, Outcome, Verdict, outcome};
use super::{VerifyError, file};
use crate::model::ObjectId;

/// The folder of kept verdicts, for one command.
#[derive(Debug, Clone)]
pub struct Store {
    root: PathBuf,
    key: String,
    command: Vec<String>,
    environment: BTreeMap<String, String>,
}

/// The file `verdict.json`.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    version: u32,
    command: Vec<String>,
    environment: BTreeMap<String, String>,
    code: i32,
    seconds: f64,
    folder: String,
}

/// Raised when the meaning of [`Record`] changes; others are not read.
const VERSION: u32 = 1;

impl Store {
    /// Returns the store below `common_dir` for the verdicts of `command`.
    pub fn of(common_dir: &Path, command: &BuildCommand) -> Self {
        Store {
            root: common_dir.join("cleave").join("verify"),
            key: command.key(),
            command: command.words.iter().map(|word| word.to_string_lossy().into_owned()).collect(),
            environment: command.shown_environment(),
        }
    }

    /// Returns what is known of a tree. A record that cannot be read counts as none: it is built again.
    pub fn load(&self, tree_id: ObjectId) -> Option<Verdict> {
        let folder = self.folder(tree_id);
        let record: Record = serde_json::from_slice(&fs::read(folder.join("verdict.json")).ok()?).ok()?;
        let log = folder.join("log");
        if record.version != VERSION || !log.exists() {
            return None;
        }
        let outcome = outcome(Ended::Code(record.code)).ok()?;
        let took = Duration::try_from_secs_f64(record.seconds).ok()?;
        Some(Verdict { outcome, took, log, folder: record.folder.into(), kept: true })
    }

    /// Keeps what was built, in place of what was known, and moves its log. Of an end that is no function of the tree only the log is kept.
    ///
    /// # Errors
    /// When a file cannot be written or moved.
    pub fn keep(&self, tree_id: ObjectId, built: Built, outcome: Outcome) -> Result<Verdict, VerifyError> {
        let Built { ended, took, log, folder } = built;
        let place = self.folder(tree_id);
        let parent = place.parent().expect("a tree's folder stands around it");
        fs::create_dir_all(parent).map_err(file("create", parent))?;
        let Ended::Code(code) = ended else {
            let unfinished = parent.join(format!("{}.unfinished.log", self.key));
            fs::rename(&log, &unfinished).map_err(file("move", &log))?;
            return Ok(Verdict { outcome, took, log: unfinished, folder, kept: false });
        };
        let incoming = tempfile::Builder::new().prefix("incoming-").tempdir_in(parent).map_err(file("create", parent))?;
        let record = Record {
            version: VERSION,
            command: self.command.clone(),
            environment: self.environment.clone(),
            code,
            seconds: took.as_secs_f64(),
            folder: folder.to_string_lossy().into_owned(),
        };
        let new = incoming.path().join("new");
        fs::create_dir(&new).map_err(file("create", &new))?;
        fs::rename(&log, new.join("log")).map_err(file("move", &log))?;
        let json = serde_json::to_vec_pretty(&record).expect("text and numbers become JSON");
        fs::write(new.join("verdict.json"), json).map_err(file("write", &new.join("verdict.json")))?;
        if place.exists() {
            fs::rename(&place, incoming.path().join("old")).map_err(file("move", &place))?;
        }
        fs::rename(&new, &place).map_err(file("move", &place))?;
        Ok(Verdict { outcome, took, log: place.join("log"), folder, kept: false })
    }

    fn folder(&self, tree_id: ObjectId) -> PathBuf {
        self.root.join(tree_id.to_string()).join(&self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(word: &str, jobs: &str) -> BuildCommand {
        BuildCommand { words: vec![word.into()], environment: BTreeMap::from([("ARCH".into(), jobs.into())]) }
    }

    #[test]
    fn a_verdict_is_found_again_for_its_tree_command_and_environment_only() {
        let folder = tempfile::tempdir().unwrap();
        let tree_id: ObjectId = "11".repeat(20).parse().unwrap();
        let other: ObjectId = "22".repeat(20).parse().unwrap();
        let store = Store::of(folder.path(), &command("make", "s390"));
        let log = folder.path().join("log");
        fs::write(&log, "said\n").unwrap();
        let built = |ended| Built { ended, took: Duration::from_millis(1500), log: log.clone(), folder: "/t".into() };
        let failed = Ended::Code(2);
        let verdict = store.keep(tree_id, built(failed), Outcome::Failed(failed)).unwrap();
        assert_eq!(fs::read_to_string(&verdict.log).unwrap(), "said\n");
        assert_eq!(store.load(tree_id), Some(Verdict { kept: true, ..verdict }));
        assert_eq!(store.load(other), None);
        assert_eq!(Store::of(folder.path(), &command("make", "x86")).load(tree_id), None);
        assert_eq!(Store::of(folder.path(), &command("ninja", "s390")).load(tree_id), None);

        fs::write(&log, "again\n").unwrap();
        store.keep(tree_id, built(Ended::Code(0)), Outcome::Passed).unwrap();
        assert_eq!(store.load(tree_id).unwrap().outcome, Outcome::Passed);
        let left: Vec<_> = fs::read_dir(folder.path().join("cleave/verify").join(tree_id.to_string())).unwrap().collect();
        assert_eq!(left.len(), 1, "nothing of the writing is left behind");
    }

    #[test]
    fn a_timeout_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let tree_id: ObjectId = "11".repeat(20).parse().unwrap();
        let store = Store::of(folder.path(), &command("make", "s390"));
        let ended = Ended::Timeout(Duration::from_secs(1));
        let log = folder.path().join("log");
        fs::write(&log, "so far\n").unwrap();
        let built = Built { ended, took: Duration::from_secs(1), log, folder: "/t".into() };
        store.keep(tree_id, built, Outcome::Failed(ended)).unwrap();
        assert_eq!(store.load(tree_id), None);
    }
}
