//! Whose commands are run: those of a project's `.cleave.toml`, and scripts of its tree, only after the user said so once.
//!
//! `<common git dir>/cleave/allowed` has a line for each profile and script as it was allowed, the hash of all it runs; one that changes is asked
//! for again.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::profile::Profile;
use super::{VerifyError, file};
use crate::git::stop_point;
use crate::model::hex;

fn place(common_dir: &Path) -> PathBuf {
    common_dir.join("cleave").join("allowed")
}

/// Returns the line that stands for a profile.
fn line(profile: &Profile) -> String {
    let hash = Sha256::digest(format!(
        "{:?}",
        (&profile.setup, &profile.refresh, &profile.command, &profile.targets, &profile.environment, &profile.tools)
    ));
    format!("{} {}", hex(&hash[..16]), profile.name)
}

/// Returns the line that stands for a script and the files it reads.
fn line_of_script(files: &[(&str, Vec<u8>)]) -> String {
    let mut hash = Sha256::new();
    for (path, bytes) in files {
        hash.update(path);
        hash.update([0]);
        hash.update(Sha256::digest(bytes));
    }
    format!("{} {}", hex(&hash.finalize()[..16]), files.first().map_or("", |(path, _)| path))
}

/// Whether the profile, as it is, was allowed in this repository.
pub fn is_allowed(common_dir: &Path, profile: &Profile) -> bool {
    has(common_dir, &line(profile))
}

/// Whether a script of the tree, with the files it reads, was allowed in this repository as it is.
pub fn is_script_allowed(common_dir: &Path, files: &[(&str, Vec<u8>)]) -> bool {
    has(common_dir, &line_of_script(files))
}

/// Allows the profile as it is.
///
/// # Errors
/// When the file cannot be written.
pub fn allow(common_dir: &Path, profile: &Profile) -> Result<(), VerifyError> {
    add(common_dir, &line(profile))
}

/// Allows a script of the tree as it is; the first of the files is the script.
///
/// # Errors
/// When the file cannot be written.
pub fn allow_script(common_dir: &Path, files: &[(&str, Vec<u8>)]) -> Result<(), VerifyError> {
    add(common_dir, &line_of_script(files))
}

fn has(common_dir: &Path, line: &str) -> bool {
    fs::read_to_string(place(common_dir)).is_ok_and(|text| text.lines().any(|known| known == line))
}

fn add(common_dir: &Path, line: &str) -> Result<(), VerifyError> {
    if has(common_dir, line) {
        return Ok(());
    }
    let path = place(common_dir);
    let parent = path.parent().expect("a file stands in a folder");
    fs::create_dir_all(parent).map_err(file("create", parent))?;
    let known = fs::read_to_string(&path).unwrap_or_default();
    let mut new = tempfile::NamedTempFile::new_in(parent).map_err(file("create", &path))?;
    std::io::Write::write_all(&mut new, format!("{known}{line}\n").as_bytes()).map_err(file("write", &path))?;
    stop_point::reach("allowed commands: before the list is moved into place");
    new.persist(&path).map_err(|error| file("write", &path)(error.error))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::profile::Clean;

    #[test]
    fn a_profile_is_allowed_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let profile = |word: &str| Profile::typed("ci".into(), vec![word.into()], Clean::Never);
        assert!(!is_allowed(folder.path(), &profile("make")));
        allow(folder.path(), &profile("make")).unwrap();
        allow(folder.path(), &profile("ninja")).unwrap();
        assert!(is_allowed(folder.path(), &profile("make")) && is_allowed(folder.path(), &profile("ninja")));
        assert!(!is_allowed(folder.path(), &profile("rm")));
        // Targets become words of the command.
        let more = Profile { targets: vec!["--eval=$(shell rm)".into()], ..profile("make") };
        assert!(!is_allowed(folder.path(), &more));
    }

    #[test]
    fn a_script_is_allowed_with_what_it_reads() {
        let folder = tempfile::tempdir().unwrap();
        let files = |words: &str| [("check.pl", b"1;".to_vec()), ("words", words.as_bytes().to_vec())];
        assert!(!is_script_allowed(folder.path(), &files("a")));
        allow_script(folder.path(), &files("a")).unwrap();
        assert!(is_script_allowed(folder.path(), &files("a")) && !is_script_allowed(folder.path(), &files("b")));
    }
}
