//! One compiler command, as a build left it, and what it means.

use bstr::{BStr, BString, ByteSlice};
use serde::{Deserialize, Serialize};

use super::escaped;
use super::shell_words::{NeedsShell, words};
use crate::model::path_kind::{PathKind, kind};
use crate::verify::paths::{base_name, from_top};

/// A command that makes one object from one source.
///
/// Paths are from the top of the tree where they are below it, else absolute; they have no `.` or `..` left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compile {
    /// What it writes.
    #[serde(with = "escaped::one")]
    pub object: BString,
    /// What it compiles.
    #[serde(with = "escaped::one")]
    pub source: BString,
    /// Compiler and arguments, as saved.
    #[serde(with = "escaped")]
    pub words: Vec<BString>,
    /// Where it runs; empty for the top.
    #[serde(with = "escaped::one")]
    pub folder: BString,
    /// All files it read, sorted, the source among them; `None` where the build did not note it.
    #[serde(skip)]
    pub reads: Option<Vec<BString>>,
}

/// Why a saved command is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It cannot be run without a shell.
    #[error("a shell must read it: {0}")]
    Shell(#[from] NeedsShell),
    /// It is no call of a compiler that makes one object of one source: a linker, an archiver, a script.
    #[error("it does not compile one source to one object")]
    NoCompile,
    /// Some of its arguments stand in a file, which may change.
    #[error("it takes arguments from a file")]
    ArgumentFile,
    /// The place it ran in cannot be told from where it was saved.
    #[error("it is not known where it ran")]
    Folder,
    /// The file holds no command.
    #[error("no command is saved in it")]
    Nothing,
}

/// Programs that stand before the compiler and change nothing of what it says.
const LAUNCHERS: &[&str] = &["ccache", "sccache", "distcc", "icecc"];

/// Options whose argument is the next word. Source: gcc "Option Summary", clang "Command Line Argument Reference".
const WITH_ARGUMENT: &str = "-o -I -D -U -x -L -l -T -u -z -B -G -include -imacros -isystem -iquote -idirafter -isysroot -iprefix -iwithprefix -iwithprefixbefore -imultilib \
    -MF -MT -MQ -MJ -Xclang -Xpreprocessor -Xassembler -Xlinker -arch -target --param -aux-info -dumpbase -dumpdir -dumpbase-ext -mllvm";

/// Endings of what a compiler compiles.
const SOURCES: &[&str] = &["c", "i", "cc", "cpp", "cxx", "c++", "C", "ii", "m", "mm", "s", "S", "sx"];

/// Whether a path is code that is compiled or read by what is compiled: for such files somebody may ask who compiles them.
pub(crate) fn is_code(path: &BStr) -> bool {
    let is_source = ending(path).is_some_and(|ending| SOURCES.contains(&ending));
    is_source || kind(path).is_header() || kind(path) == PathKind::Included
}

fn ending(path: &[u8]) -> Option<&str> {
    let name = path.rsplit_str("/").next()?;
    name.rsplit_once_str(".")?.1.to_str().ok()
}

/// A word of a command, with its role.
pub(super) enum Argument<'w> {
    /// What it writes, from `-o X` or `-oX`.
    Output(&'w BStr),
    /// What it compiles.
    Input(&'w BStr),
    /// Any other option, with its argument where that is a word of its own.
    Option(&'w BStr, Option<&'w BStr>),
}

/// Returns the compiler with what stands before it, and the arguments with their roles.
pub(super) fn arguments(words: &[BString]) -> (&[BString], Vec<Argument<'_>>) {
    let is_launcher = |word: &BString| LAUNCHERS.iter().any(|name| base_name(word.as_ref()) == name.as_bytes());
    let n_before = words.iter().take_while(|word| is_launcher(word)).count();
    let (program, rest) = words.split_at((n_before + 1).min(words.len()));
    let mut arguments = Vec::new();
    let mut rest = rest.iter().map(|word| word.as_bstr());
    while let Some(word) = rest.next() {
        arguments.push(if word == "-o" {
            rest.next().map_or(Argument::Option(word, None), Argument::Output)
        } else if let Some(output) = word.strip_prefix(b"-o").filter(|output| ending(output).is_some()) {
            Argument::Output(output.as_bstr())
        } else if WITH_ARGUMENT.split(' ').any(|option| *word == option) {
            Argument::Option(word, rest.next())
        } else if word.starts_with(b"-") {
            Argument::Option(word, None)
        } else {
            Argument::Input(word)
        });
    }
    (program, arguments)
}

/// Returns the compiler's own word: the first that is no launcher.
pub(super) fn compiler(words: &[BString]) -> Option<&BStr> {
    arguments(words).0.last().map(|word| word.as_bstr())
}

impl Compile {
    /// Reads a command that ran in `folder`. Of several commands joined by `;` or `&&` the first is meant: what follows it in
    /// kbuild's files is objtool, modversions or a linker.
    ///
    /// # Errors
    /// When it is no compile, or a shell must read it.
    pub fn of(text: &[u8], folder: &BStr, top: &BStr) -> Result<Compile, Refusal> {
        Compile::of_words(words(text)?.words, folder, top)
    }

    /// Reads a command that is already split.
    ///
    /// # Errors
    /// When it is no compile.
    pub fn of_words(words: Vec<BString>, folder: &BStr, top: &BStr) -> Result<Compile, Refusal> {
        let (program, arguments) = arguments(&words);
        let program = program.last().ok_or(Refusal::NoCompile)?;
        // `VAR=value cc …` and `cd folder && …` are for a shell, though each word is plain.
        if program.contains(&b'=') || program.as_slice() == b"cd" {
            return Err(Refusal::Shell(NeedsShell::Expansion));
        }
        let mut output = None;
        let mut inputs = Vec::new();
        let mut compiles = false;
        for argument in &arguments {
            match argument {
                Argument::Output(path) => output = Some(*path),
                Argument::Input(path) if path.starts_with(b"@") => return Err(Refusal::ArgumentFile),
                Argument::Input(path) => inputs.push(*path),
                Argument::Option(option, _) => compiles |= matches!(option.as_bytes(), b"-c" | b"-S"),
            }
        }
        let (Some(output), [input], true) = (output, inputs.as_slice(), compiles) else { return Err(Refusal::NoCompile) };
        if !ending(input).is_some_and(|ending| SOURCES.contains(&ending)) {
            return Err(Refusal::NoCompile);
        }
        let (object, source) = (from_top(top, folder, output), from_top(top, folder, input));
        Ok(Compile { object, source, words, folder: folder.to_owned(), reads: None })
    }

    /// Returns these files, named from where the command runs, and the source, as all that it read.
    pub(super) fn all_read<'p>(&self, paths: impl IntoIterator<Item = &'p BStr>, top: &BStr) -> Vec<BString> {
        let mut reads: Vec<BString> = paths.into_iter().map(|path| from_top(top, self.folder.as_ref(), path)).collect();
        reads.push(self.source.clone());
        reads.sort_unstable();
        reads.dedup();
        reads
    }

    /// Whether the source is assembler, of which no syntax alone can be checked.
    pub fn is_assembler(&self) -> bool {
        ending(&self.source).is_some_and(|ending| ["s", "S", "sx"].contains(&ending))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `object <- source`, or why not.
    fn check(text: &str, expected: &str) {
        let drawn = match Compile::of(text.as_bytes(), BStr::new("obj"), BStr::new("/w/tree")) {
            Ok(compile) => format!("{} <- {}", compile.object, compile.source),
            Err(why) => why.to_string(),
        };
        assert_eq!(drawn, expected, "{text}");
    }

    #[test]
    fn a_compile_names_its_object_and_source() {
        check("cc -c -o a.o ../fs/a.c", "obj/a.o <- fs/a.c");
        check("ccache gcc -include x.c -I /w/tree/inc -oa.o -c /w/tree/a.c ; objtool a.o", "obj/a.o <- a.c");
        check("clang -S -o k/offsets.s ./k/offsets.c", "obj/k/offsets.s <- obj/k/offsets.c");
        check("cc -c -o /tmp/a.o a.S", "/tmp/a.o <- obj/a.S");
    }

    #[test]
    fn what_is_no_compile_is_refused() {
        check("ld -r -o kvm.o a.o b.o", "it does not compile one source to one object");
        check("cc -o prog a.c", "it does not compile one source to one object");
        check("cc -c a.c b.c -o c.o", "it does not compile one source to one object");
        check("cc -c @words -o c.o", "it takes arguments from a file");
        check("A=b cc -c -o a.o a.c", "a shell must read it: it has a variable or a command in it");
        check("cc -E a.c | dtc -o a.dtb", "a shell must read it: it has a pipe, a redirection or a subshell");
    }
}
