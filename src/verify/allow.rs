//! Whose commands are run: those of a project's `.cleave.toml` only after the user said so once.
//!
//! `<common git dir>/cleave/allowed` has a line for each profile as it was allowed, the hash of all it runs; one that changes is asked for again.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::profile::Profile;
use super::{VerifyError, file};
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

/// Whether the profile, as it is, was allowed in this repository.
pub fn is_allowed(common_dir: &Path, profile: &Profile) -> bool {
    let line = line(profile);
    fs::read_to_string(place(common_dir)).is_ok_and(|text| text.lines().any(|known| known == line))
}

/// Allows the profile as it is.
///
/// # Errors
/// When the file cannot be written.
pub fn allow(common_dir: &Path, profile: &Profile) -> Result<(), VerifyError> {
    if is_allowed(common_dir, profile) {
        return Ok(());
    }
    let path = place(common_dir);
    let parent = path.parent().expect("a file stands in a folder");
    fs::create_dir_all(parent).map_err(file("create", parent))?;
    let known = fs::read_to_string(&path).unwrap_or_default();
    let mut new = tempfile::NamedTempFile::new_in(parent).map_err(file("create", &path))?;
    std::io::Write::write_all(&mut new, format!("{known}{}\n", line(profile)).as_bytes()).map_err(file("write", &path))?;
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
}
