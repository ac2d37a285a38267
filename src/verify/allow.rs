//! Commands of a project's `.cleave.toml` and scripts of its tree run only after the user has allowed them once.
//!
//! `<common git dir>/cleave/allowed` has a line for each profile and script as it was allowed, the hash of all it runs; one that changes is asked
//! for again.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::profile::Profile;
use super::{VerifyError, write_whole};
use crate::git::stop_point;
use crate::model::hex;

fn place(common_dir: &Path) -> PathBuf {
    common_dir.join("cleave").join("allowed")
}

/// Returns the line that stands for a profile.
pub fn line_of_profile(profile: &Profile) -> String {
    let hash = Sha256::digest(format!(
        "{:?}",
        (&profile.setup, &profile.refresh, &profile.command, &profile.targets, &profile.environment, &profile.tools)
    ));
    format!("{} {}", hex(&hash[..16]), profile.name)
}

/// Returns the line that stands for a script of the tree, the first of the files, and those that it reads.
pub fn line_of_script(files: &[(&str, Vec<u8>)]) -> String {
    let mut hash = Sha256::new();
    for (path, bytes) in files {
        hash.update(path);
        hash.update([0]);
        hash.update(Sha256::digest(bytes));
    }
    format!("{} {}", hex(&hash.finalize()[..16]), files.first().map_or("", |(path, _)| path))
}

/// Whether what a line stands for was allowed in this repository as it is.
pub fn is_allowed(common_dir: &Path, line: &str) -> bool {
    fs::read_to_string(place(common_dir)).is_ok_and(|text| text.lines().any(|known| known == line))
}

/// Allows what a line stands for, as it is.
///
/// # Errors
/// When the file cannot be written.
pub fn allow(common_dir: &Path, line: &str) -> Result<(), VerifyError> {
    if is_allowed(common_dir, line) {
        return Ok(());
    }
    let path = place(common_dir);
    let known = fs::read_to_string(&path).unwrap_or_default();
    stop_point::reach("allowed commands: before the list is moved into place");
    write_whole(&path, format!("{known}{line}\n").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::profile::Clean;

    #[test]
    fn a_profile_is_allowed_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let profile = |word: &str| Profile::typed("ci".into(), vec![word.into()], Clean::Never);
        let line = |word: &str| line_of_profile(&profile(word));
        assert!(!is_allowed(folder.path(), &line("make")));
        allow(folder.path(), &line("make")).unwrap();
        allow(folder.path(), &line("ninja")).unwrap();
        assert!(is_allowed(folder.path(), &line("make")) && is_allowed(folder.path(), &line("ninja")));
        assert!(!is_allowed(folder.path(), &line("rm")));
        // Targets become words of the command.
        let more = Profile { targets: vec!["--eval=$(shell rm)".into()], ..profile("make") };
        assert!(!is_allowed(folder.path(), &line_of_profile(&more)));
    }

    #[test]
    fn a_script_is_allowed_with_what_it_reads() {
        let folder = tempfile::tempdir().unwrap();
        let files = |words: &str| [("check.pl", b"1;".to_vec()), ("words", words.as_bytes().to_vec())];
        let line = |words: &str| line_of_script(&files(words));
        assert!(!is_allowed(folder.path(), &line("a")));
        allow(folder.path(), &line("a")).unwrap();
        assert!(is_allowed(folder.path(), &line("a")) && !is_allowed(folder.path(), &line("b")));
    }
}
