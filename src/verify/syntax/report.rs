//! What the pass found of a step, and its log.

use std::collections::BTreeSet;
use std::path::Path;

use bstr::{BStr, BString, ByteSlice};

use super::compile::Compile;
use super::suspect::{ObjectAnswer, Suspect};
use crate::model::ObjectId;
use crate::verify::compiled::Compiled;

/// What was found of one object.
pub(super) struct Object {
    pub(super) suspect: Suspect,
    pub(super) answer: ObjectAnswer,
    /// What was said of it in the base, where that was asked.
    pub(super) in_base: Option<ObjectAnswer>,
}

/// What was found of a step.
pub(super) struct PassReport {
    pub(super) tree_id: ObjectId,
    /// How the build of the base ended.
    pub(super) base_code: i32,
    /// Objects that the base's build made and whose commands it saved.
    pub(super) n_objects: usize,
    /// Those that may differ, by name.
    pub(super) objects: Vec<Object>,
    /// Those that the step has no longer.
    pub(super) gone: Vec<BString>,
    /// Touched code.
    pub(super) code: Vec<BString>,
    /// Code of the change that is as in the base and that was compiled there.
    pub(super) as_in_base: Vec<BString>,
    /// Touched code that no object reads.
    pub(super) unread_code: Vec<BString>,
    /// Other touched files, which the pass does not look at.
    pub(super) not_code: Vec<BString>,
}

impl Object {
    fn fails_in_base(&self) -> bool {
        self.in_base.as_ref().is_some_and(|answer| answer.code != 0)
    }

    fn is_to_blame(&self) -> bool {
        self.answer.code != 0 && !self.fails_in_base()
    }
}

impl PassReport {
    /// Returns the exit code: 0 when no object breaks, 1 when one does, 125 when nothing could be asked.
    pub(super) fn code(&self) -> i32 {
        match () {
            () if self.objects.iter().any(Object::is_to_blame) => 1,
            () if self.n_objects == 0 => 125,
            () => 0,
        }
    }

    /// Returns what of the change some compiler read and did not refuse.
    pub(super) fn compiled(&self) -> Compiled {
        let good = || self.objects.iter().filter(|object| object.answer.code == 0);
        let reads = good().filter_map(|object| object.answer.reads.as_ref()).flatten();
        let read: BTreeSet<&BString> = reads.chain(good().map(|object| &object.suspect.compile.source)).collect();
        let (compiled, not_compiled): (BTreeSet<_>, BTreeSet<_>) =
            self.code.iter().cloned().partition(|path| read.contains(path));
        Compiled { compiled: compiled.into_iter().chain(self.as_in_base.iter().cloned()).collect(), not_compiled }
    }

    /// Returns what the step has otherwise than the base and no object reads, sorted.
    pub(super) fn unread(&self) -> Vec<BString> {
        let mut unread: Vec<BString> = self.unread_code.iter().chain(&self.not_code).cloned().collect();
        unread.sort_unstable();
        unread
    }

    /// Returns the log. Messages are as the compilers print them, by object.
    pub(super) fn text(&self, top: &Path) -> Vec<u8> {
        let n_known = self.objects.iter().filter(|object| object.answer.is_known).count();
        let mut out = format!(
            "syntax pass over tree {}: {} of {} objects may differ from the base's, {} compiled now, {n_known} known\n\
             no code was made, nothing was linked, no header was made anew; modpost and other checks of the build did not run\n",
            self.tree_id.short(),
            self.objects.len(),
            self.n_objects,
            self.objects.len() - n_known,
        )
        .into_bytes();
        if self.n_objects == 0 {
            out.extend_from_slice(b"the build of the base saved no commands: nothing can be asked\n");
        }
        if self.base_code != 0 {
            let line = format!(
                "the build of the base ended with exit code {}: objects that it did not make are not looked at\n",
                self.base_code
            );
            out.extend_from_slice(line.as_bytes());
        }
        for object in &self.objects {
            object.write(top, &mut out);
        }
        list(&mut out, "gone with this step", &self.gone);
        list(&mut out, "touched code that no object reads", &self.unread_code);
        list(&mut out, "touched and not looked at", &self.not_code);
        out
    }
}

fn list(out: &mut Vec<u8>, what: &str, paths: &[BString]) {
    if !paths.is_empty() {
        out.extend_from_slice(format!("{what}: {}\n", bstr::join(" ", paths).as_bstr()).as_bytes());
    }
}

impl Object {
    fn write(&self, top: &Path, out: &mut Vec<u8>) {
        let Suspect { compile: Compile { object, folder, .. }, like, .. } = &self.suspect;
        let ObjectAnswer { code, messages, .. } = &self.answer;
        let mut say = |words: String| out.extend_from_slice(format!("{object}: {words}\n").as_bytes());
        if let Some(like) = like {
            say(format!("new, compiled as {like}"));
        }
        if *code != 0 && self.fails_in_base() {
            return say("fails in the base too".into());
        }
        let in_base = self.in_base.as_ref().map_or(BStr::new(""), |answer| answer.messages.as_ref());
        let messages = if *code == 0 { new_warnings(messages.as_ref(), in_base) } else { messages.clone() };
        if messages.is_empty() {
            return;
        }
        if *code != 0 {
            say(format!("exit code {code}"));
        }
        // make's own words, so that whoever reads paths in the messages knows where they start.
        let folder = (!folder.is_empty()).then(|| top.join(folder.to_path_lossy()).display().to_string());
        if let Some(folder) = &folder {
            out.extend_from_slice(format!("make: Entering directory '{folder}'\n").as_bytes());
        }
        out.extend_from_slice(&messages);
        if !messages.ends_with(b"\n") {
            out.push(b'\n');
        }
        if let Some(folder) = &folder {
            out.extend_from_slice(format!("make: Leaving directory '{folder}'\n").as_bytes());
        }
    }
}

/// Returns the messages without the warnings that the base has too, wherever in their file they stand, and what belongs to them.
fn new_warnings(messages: &BStr, base: &BStr) -> BString {
    let old: BTreeSet<BString> = base.lines().filter_map(warning).collect();
    if old.is_empty() {
        return messages.to_owned();
    }
    let mut out = BString::default();
    let mut is_old = false;
    for line in messages.lines_with_terminator() {
        if let Some(warning) = warning(line) {
            is_old = old.contains(&warning);
        } else if !(line.starts_with(b" ") || line.contains_str(" note: ")) {
            is_old = false;
        }
        if !is_old {
            out.extend_from_slice(line);
        }
    }
    // Lines that only lead to a warning say nothing without one.
    if out.lines().any(|line| warning(line).is_some()) { out } else { BString::default() }
}

/// Returns file and words of a warning, without line and column.
fn warning(line: &[u8]) -> Option<BString> {
    let (place, words) = line.split_once_str(" warning: ")?;
    let file = place.split_str(":").next().unwrap_or_default();
    Some([file, b": ", words.trim_end()].concat().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::syntax::rewrite::Aim;

    fn answer(code: i32, messages: &str) -> ObjectAnswer {
        ObjectAnswer { code, messages: messages.into(), reads: None, is_known: false }
    }

    fn object(name: &str, code: i32, messages: &str) -> Object {
        let compile =
            Compile { object: name.into(), source: "a.c".into(), words: Vec::new(), folder: BString::default(), reads: None };
        let suspect = Suspect { compile, like: None, aim: Aim::Syntax, key: String::new() };
        Object { suspect, answer: answer(code, messages), in_base: None }
    }

    fn report(objects: Vec<Object>) -> PassReport {
        PassReport {
            tree_id: "11".repeat(20).parse().unwrap(),
            base_code: 0,
            n_objects: 9,
            objects,
            gone: Vec::new(),
            code: Vec::new(),
            as_in_base: Vec::new(),
            unread_code: Vec::new(),
            not_code: Vec::new(),
        }
    }

    #[test]
    fn the_log_says_what_was_asked_and_what_not() {
        let mut fails = object("a.o", 1, "a.c:1:1: error: 'x' undeclared\n");
        fails.suspect.compile.folder = "out".into();
        let mut like_base = Object { in_base: Some(answer(1, "")), ..object("b.o", 1, "b.c:1:1: error: y\n") };
        like_base.answer.is_known = true;
        let mut fresh = object("c.o", 0, "");
        fresh.suspect.like = Some("a.o".into());
        let warned =
            "In file included from d.c:1:\nd.h:9:1: warning: old [-Wx]\n    9 | old\nd.c:2:1: warning: new [-Wx]\n    2 | new\n";
        let warns = Object { in_base: Some(answer(0, "d.h:7:1: warning: old [-Wx]\n")), ..object("d.o", 0, warned) };
        let whole = PassReport {
            base_code: 2,
            gone: vec!["e.o".into()],
            unread_code: vec!["f.c".into()],
            not_code: vec!["Makefile".into(), "README".into()],
            ..report(vec![fails, like_base, fresh, warns])
        };
        assert_eq!(whole.code(), 1);
        let expected = "\
syntax pass over tree 111111111111: 4 of 9 objects may differ from the base's, 3 compiled now, 1 known
no code was made, nothing was linked, no header was made anew; modpost and other checks of the build did not run
the build of the base ended with exit code 2: objects that it did not make are not looked at
a.o: exit code 1
make: Entering directory '/w/out'
a.c:1:1: error: 'x' undeclared
make: Leaving directory '/w/out'
b.o: fails in the base too
c.o: new, compiled as a.o
In file included from d.c:1:
d.c:2:1: warning: new [-Wx]
    2 | new
gone with this step: e.o
touched code that no object reads: f.c
touched and not looked at: Makefile README
";
        assert_eq!(whole.text(Path::new("/w")).as_bstr(), expected);
    }

    #[test]
    fn the_code_is_that_of_what_can_be_blamed() {
        assert_eq!(report(vec![object("a.o", 0, "")]).code(), 0);
        assert_eq!(report(vec![Object { in_base: Some(answer(1, "")), ..object("a.o", 1, "") }]).code(), 0);
        assert_eq!(report(vec![Object { in_base: Some(answer(0, "")), ..object("a.o", 1, "") }]).code(), 1);
        assert_eq!(PassReport { n_objects: 0, ..report(vec![]) }.code(), 125);
    }
}
