//! What a build compiled of the files that a change touches, by what it left in its folder.
//!
//! ```text
//!   .a.o.cmd, a.d, .deps/a.Po, .ninja_deps    say what an object read              ┐
//!   a.o beside a.c, a program that names a.c  were made from it                    ├─> newer than the file: it was compiled
//!   a.h that such a source includes by name   was read since it was written        ┘
//! ```
//!
//! What nobody has read is not compiled. Of what was read without leaving any of these nothing is known: a script may have read it.
//! Cost: a walk over the folder (0.1 s for 90,000 files), each note read once; objects are looked into, and sources read for what they
//! include, only where no note says what became of a file.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use bstr::{BStr, BString, ByteSlice};
use serde::{Deserialize, Serialize};

use super::VerifyError;
use super::paths::{base_name, folder_of, from_top, joined};
use super::syntax::commands::walk;
use super::syntax::compile::is_code;
use super::syntax::{depend, elf, escaped, saved};
use crate::model::path_kind::{PathKind, kind};

/// What is known of the code that a change touches once a build has passed; of what stands in neither nothing is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compiled {
    /// Compiled as it is, by itself or where it is included.
    #[serde(with = "escaped")]
    pub compiled: BTreeSet<BString>,
    /// Compiled by nobody.
    #[serde(with = "escaped")]
    pub not_compiled: BTreeSet<BString>,
}

/// What a build that passed says of a patch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sight {
    /// It compiled all code that the patch touches.
    Compiled,
    /// It did not compile these.
    NotCompiled(Vec<BString>),
    /// It may have compiled these.
    Untold(Vec<BString>),
}

impl Compiled {
    /// Returns what is known of a patch that touches this code.
    pub fn of_patch(&self, code: &[BString]) -> Sight {
        let those = |is_meant: &dyn Fn(&BString) -> bool| code.iter().filter(|path| is_meant(path)).cloned().collect::<Vec<_>>();
        let not_compiled = those(&|path| self.not_compiled.contains(path));
        let untold = those(&|path| !self.compiled.contains(path));
        match (not_compiled.is_empty(), untold.is_empty()) {
            (false, _) => Sight::NotCompiled(not_compiled),
            (true, false) => Sight::Untold(untold),
            (true, true) => Sight::Compiled,
        }
    }
}

/// When files got their present content; those that are not there have no time.
pub(super) type Times = BTreeMap<BString, SystemTime>;

/// What dependency files say of some files of a tree.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// The files that are asked for.
    asked: BTreeSet<BString>,
    /// What each dependency file says, and when it was written.
    known: HashMap<PathBuf, (SystemTime, Vec<Note>)>,
}

/// An object and those of the files that it read.
#[derive(Debug)]
struct Note {
    object: PathBuf,
    reads: Vec<BString>,
}

impl Notes {
    /// Reads the dependency files below `top` that are new or were written again.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub(super) fn gather<'p>(&mut self, top: &Path, asked: impl Iterator<Item = &'p BString>) -> Result<(), VerifyError> {
        let n_asked = self.asked.len();
        self.asked.extend(asked.cloned());
        if self.asked.len() > n_asked {
            self.known.clear();
        }
        let mut found = Vec::new();
        walk(top, &mut |entry| {
            if is_note(entry.file_name().as_encoded_bytes()) {
                found.extend(entry.metadata().and_then(|data| data.modified()).ok().map(|time| (entry.path(), time)));
            }
        })?;
        let mut before = std::mem::take(&mut self.known);
        for (path, time) in found {
            let notes = match before.remove(&path) {
                Some((read_at, notes)) if read_at == time => notes,
                _ => self.read(top, &path),
            };
            self.known.insert(path, (time, notes));
        }
        Ok(())
    }

    fn read(&self, top: &Path, path: &Path) -> Vec<Note> {
        let Ok(text) = fs::read(path) else { return Vec::new() };
        let folder = path.parent().unwrap_or(top);
        let at = |folder: &Path| BString::from(folder.strip_prefix(top).unwrap_or(folder).as_os_str().as_encoded_bytes());
        let from = |folder: &BString, name: &BStr| from_top(bytes(top), folder.as_ref(), name);
        let mut notes = Vec::new();
        let mut note = |object: PathBuf, reads: Vec<BString>| {
            let reads = reads.into_iter().filter(|path| self.asked.contains(path)).collect();
            notes.push(Note { object, reads });
        };
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        if name.ends_with(b".cmd") {
            let shown = at(path);
            if let Some((object, reads)) = saved::object_of(shown.as_ref()).zip(saved::noted(shown.as_ref(), &text, bytes(top))) {
                note(top.join(object.to_path_lossy()), reads);
            }
        } else if name == b".ninja_deps" {
            let here = at(folder);
            let outputs: BTreeMap<BString, Vec<BString>> = depend::ninja(&text).into_iter().collect();
            for (object, reads) in outputs {
                note(folder.join(object.to_path_lossy()), reads.iter().map(|path| from(&here, path.as_ref())).collect());
            }
        } else if let Some(target) = depend::target(&text) {
            // The compiler ran in a folder from which both its object and what it read are found.
            let reads = depend::rule(&text);
            let is_there = |path: &BString, folder: &Path| folder.join(path.to_path_lossy()).exists();
            let ran_in = folder
                .ancestors()
                .take_while(|above| above.starts_with(top))
                .find(|above| is_there(&target, above) && reads.first().is_some_and(|first| is_there(first, above)));
            if let Some(ran_in) = ran_in {
                let here = at(ran_in);
                note(ran_in.join(target.to_path_lossy()), reads.iter().map(|path| from(&here, path.as_ref())).collect());
            }
        }
        notes
    }

    /// Whether any object's dependencies are noted.
    fn are_there(&self) -> bool {
        self.known.values().any(|(_, notes)| !notes.is_empty())
    }

    /// Whether an object is noted to have read a file, or may be once it is made again: a source, or a header that comes.
    pub(super) fn may_name(&self, path: &BString) -> bool {
        let is_named = || self.known.values().flat_map(|(_, notes)| notes).any(|note| note.reads.contains(path));
        is_source(path.as_ref()) || is_code(path.as_ref()) && self.are_there() || is_named()
    }

    /// Returns the files that were read by an object that is newer than `since` says of them.
    fn read_since(&self, since: &Times) -> BTreeSet<BString> {
        let mut found = BTreeSet::new();
        for note in self.known.values().flat_map(|(_, notes)| notes).filter(|note| !note.reads.is_empty()) {
            let Some(made) = modified(&note.object) else { continue };
            found.extend(note.reads.iter().filter(|path| since.get(*path).is_some_and(|since| made >= *since)).cloned());
        }
        found
    }
}

fn is_note(name: &[u8]) -> bool {
    let is_saved = name.starts_with(b".") && name.ends_with(b".cmd");
    is_saved || name == b".ninja_deps" || [&b".d"[..], b".Po", b".Plo"].iter().any(|ending| name.ends_with(ending))
}

fn bytes(path: &Path) -> &BStr {
    BStr::new(path.as_os_str().as_encoded_bytes())
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().ok()?.modified().ok()
}

/// What stands in a folder after a build that passed.
pub(super) struct Traces<'t> {
    top: &'t Path,
    notes: &'t Notes,
    since: &'t Times,
    noted: BTreeSet<BString>,
    /// Object files and programs, where they had to be looked into.
    made: Option<Vec<Made>>,
    /// The names that each file of code includes, where they had to be read, by the file's path.
    includes: Option<BTreeMap<BString, BTreeSet<BString>>>,
}

/// An object file or a program.
struct Made {
    path: PathBuf,
    time: SystemTime,
    /// The sources that it names, without their folders.
    sources: BTreeSet<BString>,
}

/// Larger files are no objects that anyone would look into.
const LARGEST: u64 = 256 << 20;

impl<'t> Traces<'t> {
    pub(super) fn of(top: &'t Path, notes: &'t Notes, since: &'t Times) -> Self {
        Traces { top, notes, since, noted: notes.read_since(since), made: None, includes: None }
    }

    /// Whether all that was made from a file before it changed was made again, as far as the build tells.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub(super) fn were_made_again(&mut self, path: &BString) -> Result<bool, VerifyError> {
        // A source without a note may be included by another.
        Ok(self.noted.contains(path) || self.is_made(path)? && !self.is_included(path)?)
    }

    /// Returns which of some files were compiled. `unread` are those that nobody has read, where that can be seen.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub(super) fn compiled(&mut self, paths: &[BString], unread: Option<&BTreeSet<BString>>) -> Result<Compiled, VerifyError> {
        let mut found = Compiled::default();
        for path in paths.iter().filter(|path| is_code(path.as_ref()) && self.since.contains_key(*path)) {
            let is_unread = unread.map(|unread| unread.contains(path));
            if self.noted.contains(path)
                || is_unread != Some(true) && self.is_made(path)?
                || is_unread == Some(false) && self.is_reached(path)?
            {
                found.compiled.insert(path.clone());
            } else if is_unread.unwrap_or(self.notes.are_there()) {
                found.not_compiled.insert(path.clone());
            }
        }
        Ok(found)
    }

    /// Whether an object or a program was made from a source since that was written.
    fn is_made(&mut self, path: &BString) -> Result<bool, VerifyError> {
        let Some(since) = self.since.get(path).filter(|_| is_source(path.as_ref())) else { return Ok(false) };
        let (folder, name) = (folder_of(path.as_ref()), base_name(path.as_ref()));
        let stem = name.rsplit_once_str(".").map_or(name.as_bytes(), |(stem, _)| stem);
        let beside = [[stem, b".o"], [stem, b".lo"], [name.as_bytes(), b".o"]].map(|parts| joined(folder, &parts.concat()));
        let is_new = |object: &BString| modified(&self.top.join(object.to_path_lossy())).is_some_and(|made| made >= *since);
        if beside.iter().any(is_new) {
            return Ok(true);
        }
        let own = self.top.join(path.to_path_lossy());
        let name = name.to_owned();
        Ok(self.made()?.iter().any(|made| {
            // Beside another source of that name it was made from that.
            let beside = made.path.with_file_name(name.to_os_str_lossy());
            made.time >= *since && made.sources.contains(&name) && (beside == own || !beside.exists())
        }))
    }

    fn made(&mut self) -> Result<&[Made], VerifyError> {
        if self.made.is_none() {
            let mut made = Vec::new();
            walk(self.top, &mut |entry| {
                let Ok(data) = entry.metadata() else { return };
                let Ok(time) = data.modified() else { return };
                let path = entry.path();
                let sources = if data.len() <= LARGEST { elf::sources(&path) } else { None };
                made.extend(sources.map(|sources| Made { path, time, sources }));
            })?;
            self.made = Some(made);
        }
        Ok(self.made.as_deref().unwrap_or_default())
    }

    fn includes(&mut self) -> Result<&BTreeMap<BString, BTreeSet<BString>>, VerifyError> {
        if self.includes.is_none() {
            let mut includes = BTreeMap::new();
            walk(self.top, &mut |entry| {
                let path = entry.path();
                let shown = bytes(path.strip_prefix(self.top).unwrap_or(&path)).to_owned();
                if is_code(shown.as_ref()) {
                    includes.extend(fs::read(&path).ok().map(|text| (shown, included(&text))));
                }
            })?;
            self.includes = Some(includes);
        }
        Ok(self.includes.get_or_insert_default())
    }

    fn is_included(&mut self, path: &BString) -> Result<bool, VerifyError> {
        let name = base_name(path.as_ref()).to_owned();
        Ok(self.includes()?.values().any(|names| names.contains(&name)))
    }

    /// Whether a source from which something was made since a file was written includes that file by its name, or includes what does.
    fn is_reached(&mut self, path: &BString) -> Result<bool, VerifyError> {
        let Some(since) = self.since.get(path) else { return Ok(false) };
        let wanted = base_name(path.as_ref()).to_owned();
        let made = self.made()?.iter().filter(|made| made.time >= *since);
        let compiled: BTreeSet<BString> = made.flat_map(|made| made.sources.iter().cloned()).collect();
        let includes = self.includes()?;
        let mut of_name: BTreeMap<&BStr, Vec<&BString>> = BTreeMap::new();
        includes.keys().for_each(|path| of_name.entry(base_name(path.as_ref())).or_default().push(path));
        let mut reached: BTreeSet<&BStr> = BTreeSet::new();
        let mut open: Vec<&BStr> = compiled.iter().map(|name| name.as_bstr()).collect();
        while let Some(name) = open.pop() {
            for names in of_name.get(name).into_iter().flatten().filter_map(|path| includes.get(*path)) {
                open.extend(names.iter().map(|name| name.as_bstr()).filter(|name| reached.insert(*name)));
            }
        }
        Ok(reached.contains(wanted.as_bstr()))
    }
}

/// Whether a path is by its name the source of an object.
fn is_source(path: &BStr) -> bool {
    matches!(kind(path), PathKind::C | PathKind::Cpp | PathKind::Assembler)
}

/// Returns the last parts of the names that a text includes.
fn included(text: &[u8]) -> BTreeSet<BString> {
    let name = |line: &[u8]| {
        let rest = line.trim_start().strip_prefix(b"#")?.trim_start().strip_prefix(b"include")?.trim_start();
        let close: &[u8] = if rest.starts_with(b"<") { b">" } else { b"\"" };
        let path = rest.strip_prefix(b"<").or_else(|| rest.strip_prefix(b"\""))?;
        Some(base_name(path[..path.find(close)?].as_bstr()).to_owned())
    };
    text.lines().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::Duration;

    use super::*;

    /// Which of some files are compiled (`+`) or not (`-`), in a folder of these files: each is written so many seconds after the first.
    fn check(files: &[(&str, u64, &str)], asked: &[&str], unread: Option<&[&str]>, expected: &str) {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path();
        let mut since = Times::new();
        for (path, second, text) in files {
            let (path, time) = (top.join(path), SystemTime::UNIX_EPOCH + Duration::from_secs(1000 + second));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            File::open(&path).unwrap().set_modified(time).unwrap();
            since.insert(bytes(path.strip_prefix(top).unwrap()).to_owned(), time);
        }
        let asked: Vec<BString> = asked.iter().map(|path| BString::from(*path)).collect();
        let unread = unread.map(|paths| paths.iter().map(|path| BString::from(*path)).collect());
        let mut notes = Notes::default();
        notes.gather(top, asked.iter()).unwrap();
        let found = Traces::of(top, &notes, &since).compiled(&asked, unread.as_ref()).unwrap();
        let drawn = |sign: &str, paths: BTreeSet<BString>| paths.iter().map(|path| format!("{sign}{path} ")).collect::<String>();
        assert_eq!((drawn("+", found.compiled) + &drawn("-", found.not_compiled)).trim_end(), expected);
    }

    #[test]
    fn what_an_object_noted_is_compiled_where_the_object_is_newer() {
        // The command is for a shell; what was read is noted all the same.
        let saved = "savedcmd_fs/a.o := cc -c -o fs/a.o fs/a.c | cat\n\nsource_fs/a.o := fs/a.c\n\ndeps_fs/a.o := \\\n  inc/a.h \\\n  inc/b.h \\\n";
        let of = |object: u64| {
            [
                ("fs/a.c", 1, ""),
                ("inc/a.h", 2, ""),
                ("inc/b.h", 9, ""),
                ("inc/c.h", 1, ""),
                ("fs/.a.o.cmd", object, saved),
                ("fs/a.o", object, ""),
            ]
        };
        let asked = ["fs/a.c", "inc/a.h", "inc/b.h", "inc/c.h"];
        check(&of(5), &asked, Some(&["inc/b.h", "inc/c.h"]), "+fs/a.c +inc/a.h -inc/b.h -inc/c.h");
        check(&of(0), &asked, Some(&[]), "");
        // Where reads are not seen, the notes tell.
        check(&of(5), &asked, None, "+fs/a.c +inc/a.h -inc/b.h -inc/c.h");
    }

    #[test]
    fn rules_for_make_lead_from_the_folder_in_which_the_compiler_ran() {
        let of = |rule: &'static str, text: &'static str, object: &'static str| {
            [("src/a.c", 1, ""), ("src/a.h", 1, ""), (rule, 2, text), (object, 2, "")]
        };
        let check = |files: &[(&str, u64, &str)]| check(files, &["src/a.c", "src/a.h"], Some(&[]), "+src/a.c +src/a.h");
        check(&of("out/src/a.d", "out/src/a.o: src/a.c \\\n src/a.h\n", "out/src/a.o"));
        check(&of("src/.deps/x-a.Po", "x-a.o: a.c a.h\n\na.h:\n", "src/x-a.o"));
        check(&of("out/a.d", "a.o: ../src/a.c ../src/a.h\n", "out/a.o"));
    }

    #[test]
    fn an_object_beside_its_source_is_made_from_it() {
        let files = [("a.c", 1, "# include \"b.h\"\n"), ("b.h", 1, ""), ("a.o", 2, ""), ("c.c", 3, ""), ("c.o", 2, "")];
        // Nothing says that the header was included, and the object is older than the other source.
        check(&files, &["a.c", "b.h", "c.c"], Some(&["b.h"]), "+a.c -b.h");
        assert_eq!(included(b"#include <x/y.h>\n # include \"z.c\" /* */\n#include NAME\n"), ["y.h".into(), "z.c".into()].into());
    }
}
