//! Where plans lie: `cleave/plans/<change>/plan.toml` of the common git directory, one lock a change.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::StoreError;

/// Returns the folder of a change.
fn folder(common_dir: &Path, name: &str) -> PathBuf {
    common_dir.join("cleave").join("plans").join(name)
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> StoreError {
    let path = path.to_owned();
    move |source| StoreError::File { action, path, source }
}

/// Stores a plan: written beside and moved into place, so that a reader sees the old one or the new one.
///
/// # Errors
/// When the disk refuses.
pub fn save(common_dir: &Path, name: &str, text: &str) -> Result<(), StoreError> {
    let folder = folder(common_dir, name);
    fs::create_dir_all(&folder).map_err(failed("create", &folder))?;
    let path = folder.join("plan.toml");
    let mut file = tempfile::NamedTempFile::new_in(&folder).map_err(failed("write", &path))?;
    file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all()).map_err(failed("write", &path))?;
    file.persist(&path).map_err(|error| failed("write", &path)(error.error))?;
    Ok(())
}

/// Reads the text of a stored plan.
///
/// # Errors
/// When there is none, or it cannot be read.
pub fn load(common_dir: &Path, name: &str) -> Result<String, StoreError> {
    let path = folder(common_dir, name).join("plan.toml");
    match fs::read(&path) {
        Ok(bytes) => {
            String::from_utf8(bytes).map_err(|error| failed("read", &path)(std::io::Error::new(ErrorKind::InvalidData, error)))
        }
        Err(source) if source.kind() == ErrorKind::NotFound => Err(StoreError::Missing(name.into())),
        Err(source) => Err(failed("read", &path)(source)),
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
        Err(source) => return Err(failed("read", &plans)(source)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(failed("read", &plans))?;
        if entry.path().join("plan.toml").is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Forgets a plan.
///
/// # Errors
/// When the disk refuses.
pub fn remove(common_dir: &Path, name: &str) -> Result<(), StoreError> {
    let folder = folder(common_dir, name);
    fs::remove_dir_all(&folder).map_err(failed("remove", &folder))
}

/// Keeps others from working on the change while it lives.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
}

/// Takes the lock of a change. One whose process is gone is broken.
///
/// # Errors
/// When another process holds it.
pub fn lock(common_dir: &Path, name: &str) -> Result<Lock, StoreError> {
    let folder = folder(common_dir, name);
    fs::create_dir_all(&folder).map_err(failed("create", &folder))?;
    let path = folder.join("lock");
    for _ in 0..2 {
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                write!(file, "{}", std::process::id()).map_err(failed("lock", &path))?;
                return Ok(Lock { path });
            }
            Err(source) if source.kind() == ErrorKind::AlreadyExists => {
                let pid = fs::read_to_string(&path).unwrap_or_default();
                if is_alive(&pid) {
                    return Err(StoreError::Locked { name: name.into(), pid });
                }
                drop(fs::remove_file(&path));
            }
            Err(source) => return Err(failed("lock", &path)(source)),
        }
    }
    Err(StoreError::Locked { name: name.into(), pid: "unknown".into() })
}

impl Drop for Lock {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.path));
    }
}

/// Whether a process lives, as far as the system says; where it does not say, a lock is believed.
fn is_alive(pid: &str) -> bool {
    let own = Path::new("/proc/self");
    if pid.is_empty() {
        return false;
    }
    !own.exists() || File::open(format!("/proc/{pid}/stat")).is_ok()
}
