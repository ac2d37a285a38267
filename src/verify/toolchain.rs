//! Which compilers and other programs a verdict was found with: the version that each prints, and a hash of its file.
//!
//! A verdict holds for the toolchain it was found with. A program counts by the first line of `--version` and by a hash of its file, which
//! needs no path: the same package on another machine is the same toolchain. What it starts itself (`cc1` for `gcc`) is taken to
//! come with it. Cost: one start and one read a program.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::process::version;
use crate::model::hex;

/// For each program, by the name it is called, `<first line of --version> <8 hexadecimal digits of its file's SHA-256>`.
pub type Toolchain = BTreeMap<String, String>;

/// Files above this are not programs that anyone checks.
const LARGEST: u64 = 256 << 20;

/// Asks each program that the search path has; one that is not there is left out, and the build will say so.
pub fn toolchain<'n>(names: impl IntoIterator<Item = &'n OsStr>, search: Option<&OsStr>) -> Toolchain {
    let found = |name: &OsStr| {
        let path = program(name, search)?;
        let size = path.metadata().ok()?.len();
        let bytes = if size <= LARGEST { fs::read(&path).ok()? } else { size.to_le_bytes().to_vec() };
        let hash = hex(&Sha256::digest(bytes)[..4]);
        Some((name.to_string_lossy().into_owned(), format!("{} {hash}", version(&path)).trim().to_owned()))
    };
    names.into_iter().filter_map(found).collect()
}

/// Returns the file a name stands for, as a shell finds it. A path with a folder is taken from the tree that is built, and so counts with it.
fn program(name: &OsStr, search: Option<&OsStr>) -> Option<PathBuf> {
    let path = Path::new(name);
    if path.is_absolute() {
        return path.is_file().then(|| path.to_owned());
    }
    if path.components().count() != 1 {
        return None;
    }
    let folders = search.map(OsStr::to_owned).unwrap_or_else(|| OsString::from("/usr/local/bin:/usr/bin:/bin"));
    std::env::split_paths(&folders).map(|folder| folder.join(path)).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(folder: &Path, says: &str) {
        let path = folder.join("tool");
        fs::write(&path, format!("#!/bin/sh\necho '{says}'\necho more\n")).unwrap();
        let mut mode = path.metadata().unwrap().permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut mode, 0o755);
        fs::set_permissions(&path, mode).unwrap();
    }

    #[test]
    fn a_program_counts_by_its_version_and_its_bytes() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let ask = |folder: &Path| toolchain([OsStr::new("tool"), OsStr::new("absent")], Some(folder.as_os_str()));
        script(one.path(), "tool 1");
        script(other.path(), "tool 1");
        assert!(ask(one.path())["tool"].starts_with("tool 1 "), "{:?}", ask(one.path()));
        assert_eq!(ask(one.path()), ask(other.path()), "where it lies does not count");
        script(other.path(), "tool 2");
        assert_ne!(ask(one.path()), ask(other.path()));
        assert_eq!(ask(one.path()).len(), 1);
    }

    #[test]
    fn a_program_of_the_tree_counts_with_the_tree() {
        assert_eq!(toolchain([OsStr::new("./build.sh")], None), Toolchain::new());
    }
}
