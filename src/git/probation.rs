//! A temporary folder for files on their way into place. Dropping it removes it; one that a killed program left is removed when the next is made.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use super::scratch::Scratch;

/// The folders begin so.
const PREFIX: &str = "incoming-";

/// A folder below `home` that nobody else uses. Dropping it removes it with all that is in it.
#[derive(Debug)]
pub struct Probation {
    folder: Scratch<tempfile::TempDir>,
    /// Held while the folder is in use, and let go by the kernel however the program ends.
    _lock: File,
}

impl Probation {
    /// Makes a locked folder in `home`, and removes those whose lock no one holds: their programs are gone. One at a time, so that a
    /// folder is never seen between its making and its locking.
    ///
    /// # Errors
    /// When `home` is missing or cannot be written.
    pub fn new(home: &Path) -> std::io::Result<Self> {
        let one_at_a_time = File::create(home.join("lock"))?;
        one_at_a_time.lock()?;
        for entry in fs::read_dir(home)?.flatten() {
            if entry.file_name().as_encoded_bytes().starts_with(PREFIX.as_bytes()) {
                // A folder without a lock file was made by an older program, or is half removed.
                let is_held = match File::open(entry.path().join("lock")) {
                    Ok(file) => matches!(file.try_lock(), Err(TryLockError::WouldBlock)),
                    Err(_) => false,
                };
                if !is_held {
                    // What cannot be removed hurts no one.
                    drop(fs::remove_dir_all(entry.path()));
                }
            }
        }
        let folder = Scratch::make(|| tempfile::Builder::new().prefix(PREFIX).tempdir_in(home))?;
        let lock = File::create(folder.path().join("lock"))?;
        lock.lock()?;
        Ok(Probation { folder, _lock: lock })
    }

    /// Returns where it lies.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}
