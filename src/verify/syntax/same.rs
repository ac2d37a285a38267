//! Whether a patch changes code at all: objects before and after, without debug information.

use std::collections::BTreeSet;
use std::fs;
use std::time::Instant;

use bstr::{BStr, BString};

use super::changed::changed;
use super::compile::{Compile, is_code};
use super::depend::rule;
use super::elf::code;
use super::pass::Syntax;
use super::rewrite::Aim;
use super::suspect::{Stopped, or_end};
use crate::model::path_kind::kind;
use crate::verify::paths::{base_name, from_top};
use crate::verify::steps::Step;
use crate::verify::verdict::Ended;
use crate::verify::{VerifyError, file};

/// Whether two trees are the same code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SameCode {
    /// Each object that reads what differs is the same, but for names and debug information.
    Equal {
        /// How many those are.
        n_objects: usize,
    },
    /// These are not, sorted.
    Differ(Vec<BString>),
    /// It cannot be told.
    Unknown(String),
}

impl Syntax<'_> {
    /// Returns whether `after` is the same code as `before`, without debug information, in all objects that read what differs.
    ///
    /// # Errors
    /// As for a pass. The inner one is a build of the base, or a compiler, that did not end by itself.
    pub fn same_code(&mut self, before: &Step, after: &Step) -> Result<Result<SameCode, Ended>, VerifyError> {
        or_end(self.compared(before, after))
    }

    fn compared(&mut self, before: &Step, after: &Step) -> Result<SameCode, Stopped> {
        let unknown = |why: String| Ok(SameCode::Unknown(why));
        let base = self.known_base()?;
        let begin = Instant::now();
        let objects = self.repository.objects();
        let differs = changed(&objects, before.tree_id, after.tree_id)?;
        if let Some(path) = differs.paths.iter().find(|path| !is_code(path.as_ref()) && !kind(path.as_ref()).is_prose()) {
            self.base = Some(base);
            return unknown(format!("'{path}' may say how to build"));
        }
        let from_base = changed(&objects, self.base_id(), before.tree_id)?;
        let found = (|| {
            let touched = self.suspects(&base, after, &differs)?;
            let earlier = self.suspects(&base, before, &from_base)?.0;
            let reads = self.known_of(&earlier.iter().collect::<Vec<_>>(), before.tree_id)?;
            Ok::<_, VerifyError>((touched, earlier, reads))
        })();
        self.base = Some(base);
        let ((touched, mut moved), earlier, reads) = found?;
        let mut compiles: Vec<Compile> = Vec::new();
        for suspect in touched {
            match suspect.like {
                Some(_) => moved.push(suspect.compile.object),
                None => compiles.push(suspect.compile),
            }
        }
        if !moved.is_empty() {
            moved.sort_unstable();
            return Ok(SameCode::Differ(moved));
        }
        // What an object reads since an earlier step may be what differs now.
        let names = differs.names();
        for (suspect, answer) in earlier.into_iter().zip(reads) {
            let is_read = |path: &BString| differs.paths.contains(path) || names.contains(base_name(path.as_ref()));
            if answer.and_then(|answer| answer.reads).is_none_or(|reads| reads.iter().any(is_read)) {
                compiles.push(suspect.compile);
            }
        }
        compiles.sort_by(|one, other| one.object.cmp(&other.object));
        compiles.dedup_by(|one, other| one.object == other.object);
        if let Some(compile) = compiles.iter().find(|compile| compile.words.iter().any(|word| word.starts_with(b"-flto"))) {
            return unknown(format!("'{}' gets its code when it is linked", compile.object));
        }
        let asked: Vec<&Compile> = compiles.iter().collect();
        let mut read: BTreeSet<BString> = BTreeSet::new();
        for (step, folder) in [(before, "before"), (after, "after")] {
            self.show(step.tree_id)?;
            let done = self.compile(&asked, folder, begin, &|_| Aim::Object)?;
            if let Some(place) = done.iter().position(|done| done.code != 0) {
                return unknown(format!("'{}' does not compile in tree {}", asked[place].object, step.tree_id.short()));
            }
            (0..asked.len()).for_each(|place| read.extend(self.rule_of(folder, place, asked[place])));
        }
        if let Some(path) = differs.paths.iter().find(|path| is_code(path.as_ref()) && !read.contains(*path)) {
            return unknown(format!("no object reads '{path}'"));
        }
        let mut differ = Vec::new();
        for (place, compile) in asked.iter().enumerate() {
            let load = |folder: &str| {
                let path = self.output(folder, place);
                fs::read(&path).map_err(file("read", &path))
            };
            match (code(&load("before")?), code(&load("after")?)) {
                (Some(one), Some(other)) if one == other => {}
                (Some(_), Some(_)) => differ.push(compile.object.clone()),
                _ => return unknown(format!("'{}' is no ELF object", compile.object)),
            }
        }
        Ok(if differ.is_empty() { SameCode::Equal { n_objects: asked.len() } } else { SameCode::Differ(differ) })
    }

    /// Returns what an object's compiler noted that it read, from the top.
    fn rule_of(&self, folder: &str, place: usize, compile: &Compile) -> Vec<BString> {
        let text = fs::read(self.output(folder, place).with_extension("d")).unwrap_or_default();
        let top = self.top();
        let top = BStr::new(top.as_os_str().as_encoded_bytes());
        rule(&text).iter().map(|path| from_top(top, compile.folder.as_ref(), path.as_ref())).collect()
    }
}
