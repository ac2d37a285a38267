//! Where plans are stored: in `cleave/plans/<change>/plan.toml` of the common git directory, with one lock for each change.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::StoreError;
use crate::git::scratch::Scratch;
use crate::git::{GitError, stop_point};

/// Returns the folder of a change.
fn folder(common_dir: &Path, name: &str) -> PathBuf {
    common_dir.join("cleave").join("plans").join(name)
}

/// Stores a plan. It is written to another file and moved into place, so that a reader sees the old plan or the new one. Whoever calls this holds the
/// [`lock`] of the change, so nobody else touches that other file.
///
/// # Errors
/// When the disk refuses.
pub fn save(common_dir: &Path, name: &str, text: &[u8]) -> Result<(), StoreError> {
    let folder = folder(common_dir, name);
    fs::create_dir_all(&folder).map_err(GitError::file("create", &folder))?;
    let path = folder.join("plan.toml");
    let beside = folder.join("plan.toml.new");
    let mut file = File::create(&beside).map_err(GitError::file("write", &beside))?;
    file.write_all(text).and_then(|()| file.sync_all()).map_err(GitError::file("write", &beside))?;
    stop_point::reach("plan: before it is moved into place");
    fs::rename(&beside, &path).map_err(GitError::file("write", &path))?;
    stop_point::reach("plan: after it was moved into place");
    Ok(())
}

/// Reads the text of a stored plan.
///
/// # Errors
/// When there is none, or it cannot be read.
pub fn load(common_dir: &Path, name: &str) -> Result<String, StoreError> {
    let bytes = bytes(common_dir, name)?.ok_or_else(|| StoreError::Missing(name.into()))?;
    let path = folder(common_dir, name).join("plan.toml");
    String::from_utf8(bytes)
        .map_err(|error| GitError::file("read", &path)(std::io::Error::new(ErrorKind::InvalidData, error)).into())
}

/// Reads a stored plan as it stands there; `None` where there is none.
///
/// # Errors
/// When the disk refuses.
pub fn bytes(common_dir: &Path, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let path = folder(common_dir, name).join("plan.toml");
    match fs::read(&path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(source) if source.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(GitError::file("read", &path)(source).into()),
    }
}

/// Returns the names of the changes that have a plan, sorted.
///
/// # Errors
/// When the folder cannot be read.
pub fn names(common_dir: &Path) -> Result<Vec<String>, StoreError> {
    let plans = common_dir.join("cleave").join("plans");
    let entries = match fs::read_dir(&plans) {
        Ok(entries) => entries,
        Err(source) if source.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(GitError::file("read", &plans)(source).into()),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(GitError::file("read", &plans))?;
        if entry.path().join("plan.toml").is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Removes a plan.
///
/// # Errors
/// When the disk refuses.
pub fn remove(common_dir: &Path, name: &str) -> Result<(), StoreError> {
    let folder = folder(common_dir, name);
    let path = folder.join("plan.toml");
    stop_point::reach("plan: before it is removed");
    fs::remove_file(&path).map_err(GitError::file("remove", &path))?;
    stop_point::reach("plan: before its folder is removed");
    Ok(fs::remove_dir_all(&folder).map_err(GitError::file("remove", &folder))?)
}

/// Keeps other processes from working on a change while this value lives. The kernel holds the lock, and releases it when the program ends, however it
/// ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
    folder: Scratch<PathBuf>,
}

impl Drop for Lock {
    fn drop(&mut self) {
        tidy(&self.folder);
    }
}

/// Leaves nothing behind where there is no plan; whoever waits for the file looks whether it still stands there.
fn tidy(folder: &Path) {
    if !folder.join("plan.toml").exists() {
        drop(fs::remove_file(folder.join("lock")));
        drop(fs::remove_dir(folder));
    }
}

/// Takes the lock of a change.
///
/// # Errors
/// When another process holds it.
pub fn lock(common_dir: &Path, name: &str) -> Result<Lock, StoreError> {
    let folder = folder(common_dir, name);
    let path = folder.join("lock");
    loop {
        fs::create_dir_all(&folder).map_err(GitError::file("create", &folder))?;
        let mut file = match OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path) {
            Ok(file) => file,
            // Another process forgot the change meanwhile.
            Err(source) if source.kind() == ErrorKind::NotFound => continue,
            Err(source) => return Err(GitError::file("lock", &path)(source).into()),
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let pid = fs::read_to_string(&path).unwrap_or_default();
                return Err(StoreError::Locked { name: name.into(), pid: if pid.is_empty() { "unknown".into() } else { pid } });
            }
            Err(TryLockError::Error(source)) => return Err(GitError::file("lock", &path)(source).into()),
        }
        // The file that was locked must be the one that stands there: `drop` removes it with the folder.
        if is_at(&file, &path) {
            stop_point::reach("lock: before it names its holder");
            file.set_len(0).and_then(|()| write!(file, "{}", std::process::id())).map_err(GitError::file("lock", &path))?;
            return Ok(Lock { _file: file, folder: Scratch::with(folder, tidy) });
        }
    }
}

/// Whether an open file is the one at `path`.
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |meta: std::io::Result<fs::Metadata>| meta.ok().map(|meta| (meta.dev(), meta.ino()));
    let here = id(file.metadata());
    here.is_some() && here == id(fs::metadata(path))
}
