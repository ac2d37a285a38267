//! Verdicts as plain files: `cleave/verify/<tree>/<command>/{verdict.json,log}`.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::runner::Command;
use super::steps::{Verdict, VerifyError};
use crate::model::ObjectId;

/// What is kept of a build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    command: Vec<String>,
    code: i32,
}

/// Where verdicts lie.
#[derive(Debug, Clone)]
pub struct Cache {
    root: PathBuf,
}

impl Cache {
    /// Returns the cache of a repository.
    pub fn of(common_dir: &Path) -> Self {
        Cache { root: common_dir.join("cleave").join("verify") }
    }

    fn folder(&self, tree_id: ObjectId, command: &Command) -> PathBuf {
        let digest = Sha256::digest(command.words.join("\0"));
        let name: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        self.root.join(tree_id.to_string()).join(name)
    }

    /// Returns verdict and log of a tree that was built with this command before.
    pub fn find(&self, tree_id: ObjectId, command: &Command) -> Option<(Verdict, Vec<u8>)> {
        let folder = self.folder(tree_id, command);
        let kept: Kept = serde_json::from_slice(&fs::read(folder.join("verdict.json")).ok()?).ok()?;
        (kept.command == command.words).then_some(())?;
        Some((Verdict::of_code(kept.code)?, fs::read(folder.join("log")).ok()?))
    }

    /// Keeps verdict and log: written beside and moved, the log first, so that a verdict never lacks its log.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn keep(&self, tree_id: ObjectId, command: &Command, code: i32, log: &[u8]) -> Result<(), VerifyError> {
        let folder = self.folder(tree_id, command);
        let failed = |source| VerifyError::File { action: "keep a verdict in", path: folder.clone(), source };
        fs::create_dir_all(&folder).map_err(failed)?;
        let kept = serde_json::to_vec(&Kept { command: command.words.clone(), code }).map_err(|error| failed(error.into()))?;
        for (name, bytes) in [("log", log), ("verdict.json", &kept)] {
            let mut file = tempfile::NamedTempFile::new_in(&folder).map_err(failed)?;
            std::io::Write::write_all(&mut file, bytes).map_err(failed)?;
            file.persist(folder.join(name)).map_err(|error| failed(error.error))?;
        }
        Ok(())
    }
}
