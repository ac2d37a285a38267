//! Temporary files and folders that are removed when the program is ended by a signal, too.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What is there, and how each is removed.
type Alive = BTreeMap<PathBuf, fn(&Path)>;

/// Locked while something is made or removed, so that nothing is there that is not named here.
static ALIVE: Mutex<Alive> = Mutex::new(BTreeMap::new());

fn alive() -> MutexGuard<'static, Alive> {
    ALIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A temporary file or folder, removed when dropped and by [`clear`].
#[derive(Debug)]
pub struct Scratch<T: AsRef<Path>>(Option<T>);

impl<T: AsRef<Path>> Scratch<T> {
    /// Makes it.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn make<E>(make: impl FnOnce() -> Result<T, E>) -> Result<Self, E> {
        let mut alive = alive();
        let made = make()?;
        alive.insert(made.as_ref().to_owned(), remove);
        Ok(Scratch(Some(made)))
    }

    /// Takes what is removed in a way of its own.
    pub fn with(made: T, remove: fn(&Path)) -> Self {
        alive().insert(made.as_ref().to_owned(), remove);
        Scratch(Some(made))
    }
}

impl<T: AsRef<Path>> Deref for Scratch<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_ref().expect("it is taken when dropped")
    }
}

impl<T: AsRef<Path>> Drop for Scratch<T> {
    fn drop(&mut self) {
        let mut alive = alive();
        let path = self.as_ref().to_owned();
        self.0.take();
        alive.remove(&path);
    }
}

/// How often the removal of a folder is tried in which another thread still writes.
const TRIES: usize = 50;

/// Removes all that is there, and nothing new is made while the returned value lives. Whoever works in it fails; what cannot be removed stays.
pub fn clear() -> impl Sized {
    let alive = alive();
    alive.iter().for_each(|(path, remove)| remove(path));
    alive
}

fn remove(path: &Path) {
    for _ in 0..TRIES {
        if std::fs::remove_file(path).is_ok() || std::fs::remove_dir_all(path).is_ok() || !path.exists() {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
