//! A script of the tree, run over texts in a folder of its own.
//!
//! In: the files of the script, as the tree has them, and texts. Out: all that it printed. It sees nothing of the user's working tree, finds
//! no repository, and what it writes is gone afterwards. Whether it may run is for the caller to ask ([`super::allow`]).

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use super::process::{BuildLimits, Call, run};
use super::verdict::Ended;
use super::{VerifyError, file};

/// How long a script may take: `checkpatch.pl` needs a second for a thousand lines.
const TIMEOUT: Duration = Duration::from_secs(600);
/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// What a script said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptEnd {
    /// How it ended.
    pub ended: Ended,
    /// What it printed.
    pub text: Vec<u8>,
}

/// Runs `words` in a temporary folder that holds `files`, paths below it with their bytes.
///
/// # Errors
/// When the folder cannot be made or the program cannot be started.
pub fn script(words: &[OsString], files: &[(&str, Vec<u8>)]) -> Result<ScriptEnd, VerifyError> {
    let home = tempfile::Builder::new().prefix("git-cleave-").tempdir().map_err(file("create", &std::env::temp_dir()))?;
    let folder = home.path().join("tree");
    for (path, bytes) in files {
        let path = folder.join(path);
        let parent = path.parent().unwrap_or(&folder);
        fs::create_dir_all(parent).map_err(file("create", parent))?;
        fs::write(&path, bytes).map_err(file("write", &path))?;
        executable(&path)?;
    }
    let (log, environment) = (home.path().join("log"), BTreeMap::from([(OsString::from("HOME"), home.path().into())]));
    let call = Call { words, environment: &environment, folder: &folder, home: home.path(), log: &log, look: LOOK };
    let limits = BuildLimits { timeout: Some(TIMEOUT), jobs: 1, interrupt: Arc::new(AtomicBool::new(false)) };
    let (ended, _) = run(&call, Instant::now(), &limits)?;
    Ok(ScriptEnd { ended, text: fs::read(&log).map_err(file("read", &log))? })
}

/// Lets a file be executed.
fn executable(path: &Path) -> Result<(), VerifyError> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).map_err(file("write", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_sees_its_files_and_nothing_else() {
        let words = ["sh", "scripts/say.sh", "a b"].map(OsString::from);
        let said = script(
            &words,
            &[("scripts/say.sh", b"ls; cat \"$1\" >&2; git rev-parse; exit 7\n".to_vec()), ("a b", b"text\n".to_vec())],
        )
        .unwrap();
        let text = String::from_utf8_lossy(&said.text).into_owned();
        assert_eq!(said.ended, Ended::Code(7));
        assert!(text.starts_with("a b\nscripts\ntext\n") && text.contains("not a git repository"), "{text}");
        assert!(script(&["no-such-program".into()], &[("a", Vec::new())]).is_err());
    }
}
