//! Trees to build in: a folder with the files of a step, next to the index that says what stands there.
//!
//! ```text
//!   <common git dir>/cleave/build/<profile>/<worker>/lock      held while a run uses the folder
//!                                                   /busy      there while files or a build are under way
//!//!                                                   /index     what stands in tree/
//!                                                   /shows     the id of its tree, and the key of what made the rest
//!                                                   /changes   the changes that it was used for
//!                                                   /tree/     the files of the last step, and what its build made
//! ```
//!
//! git itself writes the files (`read-tree --reset -u`), so filters, modes and links are as in any checkout; only files that differ
//! from what stands there are written, the others keep their time stamps. It is no worktree in git's sense: no entry, no hook, no `.git`.
//!
//! What a file system can hide is looked for. A file written in the same tick of its clock as an object would be taken for older: writing
//! waits for the next tick. Whether a build read a file is seen by its access time, which is set back before.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, FileTimes, TryLockError};
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use bstr::{BStr, BString, ByteSlice};

use super::process::{MARK, signal};
use super::{VerifyError, file, write_whole};
use crate::git::{GitError, Program, Repository, stop_point};
use crate::model::ObjectId;

/// A folder of one worker, its own until dropped.
pub struct Workspace<'r> {
    home: PathBuf,
    git: Program,
    repository: &'r Repository,
    made_by: String,
    watched: Vec<BString>,
    sees_reads: bool,
    _lock: File,
}

/// What was written and removed when a tree was checked out into a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkout {
    /// Whether nothing stood there before.
    pub is_fresh: bool,
    /// Paths that were written, sorted.
    pub written: Vec<BString>,
    /// Those of them that no build had read as they were before: nothing that stands there was made from them.
    unread: BTreeSet<BString>,
    /// Paths that were removed.
    pub removed: Vec<BString>,
}

impl Checkout {
    /// Returns the paths that changed under what stands in the folder: it may have been made from what they held, or without them.
    pub fn changed(&self) -> impl Iterator<Item = &BString> {
        self.written.iter().filter(|path| !self.is_fresh && !self.unread.contains(*path))
    }

    fn has_written(&self, path: &BString) -> bool {
        self.is_fresh || self.written.binary_search(path).is_ok()
    }

    /// Whether a path came, went or changed whose name begins with one of `starts`.
    pub fn changes_name_that_begins_with(&self, starts: &[&str]) -> bool {
        let begins = |path: &BString| {
            let name = path.rsplit_str("/").next().unwrap_or_default();
            starts.iter().any(|start| name.starts_with(start.as_bytes()))
        };
        self.written.iter().chain(&self.removed).any(begins)
    }
}

/// Settings of the user that would make a checkout partial, or run something.
const PINNED: &[&str] = &[
    "core.bare=false",
    "core.sparseCheckout=false",
    "index.sparse=false",
    "core.splitIndex=false",
    "submodule.recurse=false",
    // access times are set back, which changes that of the inode
    "core.trustctime=false",
];

fn pinned<'a>(args: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
    PINNED.iter().flat_map(|setting| ["-c", setting]).chain(args.iter().copied())
}

impl<'r> Workspace<'r> {
    /// Takes the first folder of the profile that no other run uses. One in which a build was cut short is emptied: what it left may be
    /// broken; what still runs in it is ended. What other commands, tools or variables than `made_by` made is removed. The
    /// `watched` paths are those of which a build is asked what it did with them. The folder notes the change that it is used for.
    ///
    /// # Errors
    /// When the folder cannot be made, locked or emptied.
    pub fn open(
        repository: &'r Repository,
        profile: &str,
        made_by: &str,
        change: &str,
        watched: Vec<BString>,
    ) -> Result<Self, VerifyError> {
        let builds = builds(repository.common_dir());
        sweep(&builds)?;
        let (home, lock) = free(&builds.join(profile))?;
        let home = home.canonicalize().map_err(file("read", &home))?;
        if home.join("busy").exists() {
            end_strays(&home)?;
            empty(&home)?;
        }
        let (mut changes, path) = (changes(&home), home.join("changes"));
        if changes.insert(change.to_owned()) {
            let lines: String = changes.iter().map(|change| format!("{change}\n")).collect();
            stop_point::reach("build folder: before it says for which changes it is used");
            write_whole(&path, lines.as_bytes())?;
        }
        let tree = home.join("tree");
        fs::create_dir_all(&tree).map_err(file("create", &tree))?;
        let git = repository
            .program()
            .clone()
            .at(&tree)
            .env("GIT_DIR", repository.git_dir())
            .env("GIT_WORK_TREE", &tree)
            .env("GIT_INDEX_FILE", home.join("index"));
        let sees_reads = sees_reads(&home)?;
        Ok(Workspace { home, git, repository, made_by: made_by.to_owned(), watched, sees_reads, _lock: lock })
    }

    /// Returns the folder that builds run in.
    pub fn tree(&self) -> PathBuf {
        self.home.join("tree")
    }

    /// Returns the folder around it, which is the worker's too.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Makes the files those of `tree_id`: writes those that differ, removes those that are gone, leaves what a build made.
    /// The folder counts as broken from here until [`Workspace::settle`].
    ///
    /// # Errors
    /// When an object is missing or a file cannot be written.
    pub fn show(&self, tree_id: ObjectId) -> Result<Checkout, VerifyError> {
        self.next_tick()?;
        let busy = self.home.join("busy");
        fs::write(&busy, b"").map_err(file("write", &busy))?;
        stop_point::reach("build folder: before another tree is shown");
        let before = self.shows();
        // git itself reads files to see whether they changed: that is no build's doing.
        let mut unread = self.unread()?.unwrap_or_default();
        let mut shown =
            Checkout { is_fresh: before.is_none(), written: Vec::new(), unread: BTreeSet::new(), removed: Vec::new() };
        match before {
            // The builds that are known took another folder, or this one was made by other tools.
            None => empty(&self.home)?,
            Some(before) => {
                for delta in self.repository.diff_trees(before, tree_id)? {
                    let tip = delta.tip.map(|side| side.path);
                    let base = delta.base.map(|side| side.path);
                    // What comes was not there to be read.
                    shown.unread.extend(base.clone().filter(|path| unread.contains(path)));
                    shown.removed.extend(base.filter(|path| tip.as_ref() != Some(path)));
                    shown.written.extend(tip);
                }
                shown.written.sort();
            }
        }
        let tree = self.tree();
        fs::create_dir_all(&tree).map_err(file("create", &tree))?;
        let id = tree_id.to_string();
        let args = ["read-tree", "--reset", "-u", "--no-recurse-submodules", "--no-sparse-checkout", &id];
        self.git.run(pinned(&args)).map_err(|error| match error {
            GitError::Failed { code, message, .. } => GitError::Failed { command: format!("read-tree {id}"), code, message },
            other => other,
        })?;
        let shows = self.home.join("shows");
        stop_point::reach("build folder: before it says which tree it shows");
        fs::write(&shows, format!("{id} {}\n", self.made_by)).map_err(file("write", &shows))?;
        if self.sees_reads {
            unread.extend(self.watched.iter().filter(|path| shown.has_written(path)).cloned());
            self.set_unread(&unread);
        }
        Ok(shown)
    }

    /// Returns the tree that stands in the folder, where what else stands there was made by the same commands, tools and variables.
    pub fn shows(&self) -> Option<ObjectId> {
        let shows = fs::read_to_string(self.home.join("shows")).ok()?;
        let (id, _) = shows.trim().split_once(' ').filter(|(_, key)| *key == self.made_by)?;
        id.parse().ok().filter(|_| self.home.join("index").exists())
    }

    /// Returns when each watched file was last written.
    pub fn times(&self) -> Vec<(BString, SystemTime)> {
        let time = |path: &BString| self.watched_file(path.as_bstr())?.metadata().ok()?.modified().ok();
        self.watched.iter().filter_map(|path| Some((path.clone(), time(path)?))).collect()
    }

    /// Shows a tree again that was shown before, and to a build nothing has happened since: the watched files get back their times.
    ///
    /// # Errors
    /// As [`Workspace::show`] and [`Workspace::settle`].
    pub fn show_again(&self, tree_id: ObjectId, times: &[(BString, SystemTime)]) -> Result<(), VerifyError> {
        self.show(tree_id)?;
        for (path, time) in times {
            if let Some(found) = self.watched_file(path.as_bstr()) {
                found.set_modified(*time).map_err(file("write", &self.tree().join(path.to_path_lossy())))?;
            }
        }
        // A file whose time is not the one that git knows would be written anew when the next tree is shown.
        self.git.ask(pinned(&["update-index", "-q", "--refresh"]))?;
        self.settle()
    }

    /// Says of some watched files that no build has read them: what the program reads itself is no build's doing.
    pub fn set_unread<'p>(&self, paths: impl IntoIterator<Item = &'p BString>) {
        // A link or a submodule is no file that is read; one that is gone is not watched.
        for file in paths.into_iter().filter_map(|path| self.watched_file(path.as_bstr())) {
            drop(file.set_times(FileTimes::new().set_accessed(SystemTime::UNIX_EPOCH)));
        }
    }

    fn watched_file(&self, path: &BStr) -> Option<File> {
        let path = self.tree().join(path.to_path().ok()?);
        path.symlink_metadata().ok()?.is_file().then(|| File::open(path).ok())?
    }

    /// Returns the paths of which a build is asked what it did with them.
    pub fn watched(&self) -> &[BString] {
        &self.watched
    }

    /// Returns when each file of the tree shown that is watched or changed got its content; asked before the build, which may move or remove it.
    pub fn since(&self, shown: &Checkout) -> BTreeMap<BString, SystemTime> {
        let time = |path: &Path| path.symlink_metadata().ok().filter(fs::Metadata::is_file)?.modified().ok();
        let begin = time(&self.home.join("busy"));
        let since = |path: &BString| {
            let written = time(&self.tree().join(path.to_path().ok()?))?;
            Some((path.clone(), begin.filter(|_| shown.has_written(path)).unwrap_or(written)))
        };
        self.watched.iter().chain(shown.changed()).filter_map(since).collect()
    }

    /// Whether a build has set a watched file back to a time before it was written, so that objects made from the one before seem newer.
    pub fn is_set_back(&self, shown: &Checkout) -> bool {
        let time = |path: &Path| path.symlink_metadata().and_then(|data| data.modified()).ok();
        let Some(begin) = time(&self.home.join("busy")) else { return false };
        let is_back =
            |path: &BString| path.to_path().ok().and_then(|path| time(&self.tree().join(path))).is_some_and(|at| at < begin);
        shown.written.iter().filter(|path| self.watched.contains(path)).any(is_back)
    }

    /// Returns the watched files that nothing has read since they were written, or `None` where that cannot be seen.
    ///
    /// # Errors
    /// When a file cannot be looked at.
    pub fn unread(&self) -> Result<Option<BTreeSet<BString>>, VerifyError> {
        let is_unread = |path: &&BString| {
            let file = self.watched_file(path.as_bstr());
            file.and_then(|file| file.metadata().ok()).is_some_and(|data| data.atime() == 0 && data.len() > 0)
        };
        Ok(self.sees_reads.then(|| self.watched.iter().filter(is_unread).cloned().collect()))
    }

    /// Removes all that is not a file of the tree, and writes anew what a build made of those that are.
    ///
    /// # Errors
    /// When something cannot be removed or written.
    pub fn clean(&self) -> Result<(), VerifyError> {
        let unread = self.unread()?.unwrap_or_default();
        self.git.run(pinned(&["clean", "-ffdxq"]))?;
        self.git.run(pinned(&["checkout-index", "--all", "--force", "--index", "--quiet"]))?;
        self.set_unread(&unread);
        Ok(())
    }

    /// Ends what a build left running in its process group: it could still write.
    ///
    /// # Errors
    /// When a process cannot be ended.
    pub fn end_rest(&self, group: u32) -> Result<(), VerifyError> {
        let is_left = |process: &Path| group_of(process) == Some(group) && is_marked(process, &self.home);
        if processes().any(|process| is_left(&process)) { signal(group, "KILL") } else { Ok(()) }
    }

    /// Says that the build was cut short: what it left may be half written, and nothing is to stand on it.
    ///
    /// # Errors
    /// When the note of what stands there cannot be removed.
    pub fn abandon(&self) -> Result<(), VerifyError> {
        let shows = self.home.join("shows");
        fs::remove_file(&shows).map_err(file("remove", &shows))
    }

    /// Says that the build ended by itself: the next step may stand on what it left.
    ///
    /// # Errors
    /// When the mark cannot be removed.
    pub fn settle(&self) -> Result<(), VerifyError> {
        let ended = self.home.join("ended");
        stop_point::reach("build folder: before the build counts as ended");
        fs::write(&ended, b"").map_err(file("write", &ended))?;
        let busy = self.home.join("busy");
        fs::remove_file(&busy).map_err(file("remove", &busy))
    }

    /// Waits until files get a later time than what the last build wrote at its end.
    fn next_tick(&self) -> Result<(), VerifyError> {
        let time = |path: &Path| path.metadata().and_then(|data| data.modified());
        let Ok(ended) = time(&self.home.join("ended")) else { return Ok(()) };
        let probe = self.home.join("probe");
        for _ in 0..3000 {
            fs::write(&probe, b"t").map_err(file("write", &probe))?;
            if time(&probe).map_err(file("read", &probe))? > ended {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }

    /// Makes sure that a build did not fail for want of space.
    ///
    /// # Errors
    /// When a megabyte cannot be written.
    pub fn has_room(&self) -> Result<(), VerifyError> {
        let probe = self.home.join("probe");
        let write = || {
            let mut probe = File::create(&probe)?;
            probe.write_all(&[1; 1 << 20])?;
            probe.sync_all()
        };
        let written = write();
        drop(fs::remove_file(&probe));
        written.map_err(file("write", &probe))
    }
}

fn builds(common_dir: &Path) -> PathBuf {
    common_dir.join("cleave").join("build")
}

/// Returns the changes that a worker's folder was used for.
fn changes(home: &Path) -> BTreeSet<String> {
    fs::read_to_string(home.join("changes")).unwrap_or_default().lines().map(str::to_owned).collect()
}

/// Removes the folders that nothing has used for so many days, none for 0, and returns them as `<profile>/<worker>`.
///
/// # Errors
/// When one cannot be removed.
#[expect(clippy::disallowed_methods, reason = "the age of a folder counts from now; no verdict depends on it")]
pub fn remove_unused(common_dir: &Path, n_days: u64) -> Result<Vec<String>, VerifyError> {
    let oldest = n_days.checked_mul(24 * 60 * 60).and_then(|seconds| SystemTime::now().checked_sub(Duration::from_secs(seconds)));
    let Some(oldest) = oldest.filter(|_| n_days > 0) else { return Ok(Vec::new()) };
    let is_old = |home: &Path| {
        // What is made while a folder is taken and used.
        let times = ["changes", "shows", "busy", "ended"].map(|name| home.join(name).metadata().and_then(|data| data.modified()));
        // A removal that was ended may have left the folder alone.
        let own = || home.metadata().and_then(|data| data.modified()).ok();
        times.into_iter().flatten().max().or_else(own).is_some_and(|used| used < oldest)
    };
    remove(common_dir, &is_old)
}

/// Removes the folders that were used for one change and no other, and returns them as `<profile>/<worker>`.
///
/// # Errors
/// When one cannot be removed.
pub fn remove_of_change(common_dir: &Path, change: &str) -> Result<Vec<String>, VerifyError> {
    remove(common_dir, &|home| changes(home).iter().eq([change]))
}

/// Removes those of the folders that are meant and that no run uses.
fn remove(common_dir: &Path, is_meant: &dyn Fn(&Path) -> bool) -> Result<Vec<String>, VerifyError> {
    let builds = builds(common_dir);
    let mut removed = Vec::new();
    for profile in below(&builds) {
        for home in below(&profile).into_iter().filter(|home| is_meant(home)) {
            let Ok(lock) = File::options().write(true).open(home.join("lock")) else { continue };
            if lock.try_lock().is_err() {
                continue;
            }
            // A folder that shows nothing is emptied before it is used: what is half removed is not believed.
            drop(fs::remove_file(home.join("shows")));
            stop_point::reach("build folder: before one that is not used is removed");
            fs::remove_dir_all(&home).map_err(file("remove", &home))?;
            removed.push(home.strip_prefix(&builds).unwrap_or(&home).display().to_string());
        }
        drop(fs::remove_dir(&profile));
    }
    drop(fs::remove_dir(&builds));
    removed.sort();
    Ok(removed)
}

fn below(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect()
}

/// Whether the file system notes reads: access times may be switched off.
fn sees_reads(home: &Path) -> Result<bool, VerifyError> {
    let probe = home.join("probe");
    let look = || {
        fs::write(&probe, b"read me")?;
        File::open(&probe)?.set_times(FileTimes::new().set_accessed(SystemTime::UNIX_EPOCH))?;
        fs::read(&probe)?;
        Ok(probe.metadata()?.atime() != 0)
    };
    look().map_err(file("write", &probe))
}

/// Ends what killed runs left running in any folder that no run uses.
fn sweep(builds: &Path) -> Result<(), VerifyError> {
    for home in below(builds).iter().flat_map(|profile| below(profile)).filter(|home| home.join("busy").exists()) {
        let path = home.join("lock");
        let Ok(lock) = File::options().write(true).open(&path) else { continue };
        if lock.try_lock().is_ok() {
            end_strays(&home)?;
        }
    }
    Ok(())
}

/// Ends the process groups of builds whose run was killed: those of processes that were started for the folder and stand in it. Where there is no
/// `/proc`, nothing is known and nothing is ended.
fn end_strays(home: &Path) -> Result<(), VerifyError> {
    let home = home.canonicalize().map_err(file("read", home))?;
    let stands_there = |process: &Path| fs::read_link(process.join("cwd")).is_ok_and(|folder| folder.starts_with(&home));
    let strays = processes().filter(|process| is_marked(process, &home) && stands_there(process));
    let groups: BTreeSet<u32> = strays.filter_map(|process| group_of(&process)).collect();
    groups.into_iter().try_for_each(|group| signal(group, "KILL"))
}

/// Returns the folder of each process. Source: proc(5).
fn processes() -> impl Iterator<Item = PathBuf> {
    fs::read_dir("/proc").into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()))
}

/// Returns the process group: `pid (name) state ppid pgrp …`, where the name may hold anything.
fn group_of(process: &Path) -> Option<u32> {
    let stat = fs::read_to_string(process.join("stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(2)?.parse().ok()
}

/// Whether a process was started for a worker's folder.
fn is_marked(process: &Path, home: &Path) -> bool {
    let mark = [MARK.as_bytes(), b"=", home.as_os_str().as_encoded_bytes()].concat();
    fs::read(process.join("environ")).is_ok_and(|variables| variables.split(|byte| *byte == 0).any(|variable| variable == mark))
}

/// Returns the first numbered folder that can be locked.
fn free(builds: &Path) -> Result<(PathBuf, File), VerifyError> {
    for worker in 0_u32.. {
        let home = builds.join(worker.to_string());
        fs::create_dir_all(&home).map_err(file("create", &home))?;
        let path = home.join("lock");
        let lock = File::create(&path).map_err(file("create", &path))?;
        match lock.try_lock() {
            // The file that was locked must be the one that stands there: a folder that is removed goes with its lock.
            Ok(()) if is_same(&lock, &path) => return Ok((home, lock)),
            Ok(()) => return free(builds),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(source)) => return Err(file("lock", &path)(source)),
        }
    }
    unreachable!("fewer runs than 2^32")
}

fn is_same(file: &File, path: &Path) -> bool {
    let (one, other) = (file.metadata(), path.metadata());
    one.is_ok_and(|one| other.is_ok_and(|other| (one.dev(), one.ino()) == (other.dev(), other.ino())))
}

/// Removes everything but the lock, the changes it is used for, and the mark, which goes when a build ends by itself.
fn empty(home: &Path) -> Result<(), VerifyError> {
    for entry in fs::read_dir(home).map_err(file("read", home))? {
        let path = entry.map_err(file("read", home))?.path();
        if ["lock", "busy", "changes"].iter().any(|kept| path.ends_with(kept)) {
            continue;
        }
        let is_folder = path.symlink_metadata().map_err(file("read", &path))?.is_dir();
        if is_folder { fs::remove_dir_all(&path) } else { fs::remove_file(&path) }.map_err(file("remove", &path))?;
    }
    Ok(())
}
