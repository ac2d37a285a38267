//! Temporary files and folders that are removed when the program is ended by a signal, too.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// What is there now, and how it is removed.
static ALIVE: Mutex<BTreeMap<PathBuf, fn(&Path)>> = Mutex::new(BTreeMap::new());

/// A temporary file or folder, removed when dropped and by [`clear`].
#[derive(Debug)]
pub struct Scratch<T: AsRef<Path>>(T);

impl<T: AsRef<Path>> Scratch<T> {
    /// Takes what was made.
    pub fn of(made: T) -> Self {
        Scratch::with(made, remove)
    }

    /// Takes what is removed in a way of its own.
    pub fn with(made: T, remove: fn(&Path)) -> Self {
        ALIVE.lock().unwrap_or_else(PoisonError::into_inner).insert(made.as_ref().to_owned(), remove);
        Scratch(made)
    }
}

impl<T: AsRef<Path>> Deref for Scratch<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: AsRef<Path>> Drop for Scratch<T> {
    fn drop(&mut self) {
        ALIVE.lock().unwrap_or_else(PoisonError::into_inner).remove(self.0.as_ref());
    }
}

/// How often the removal of a folder is tried in which another thread still writes.
const TRIES: usize = 20;

/// Removes all that is there. Whoever works in it fails; what cannot be removed stays.
pub fn clear() {
    for (path, remove) in std::mem::take(&mut *ALIVE.lock().unwrap_or_else(PoisonError::into_inner)) {
        remove(&path);
    }
}

fn remove(path: &Path) {
    let is_gone = || std::fs::remove_file(path).is_ok() || std::fs::remove_dir_all(path).is_ok() || !path.exists();
    let _ = (0..TRIES).any(|_| is_gone());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_use_is_removed_at_the_end() {
        let home = tempfile::tempdir().unwrap();
        let made = || tempfile::tempdir_in(home.path()).unwrap();
        let (kept, held, dropped) = (made(), Scratch::of(made()), Scratch::of(made()));
        drop(dropped);
        std::fs::write(held.path().join("file"), "x").unwrap();
        clear();
        let left: Vec<_> = std::fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(left, [kept.path()]);
    }
}
