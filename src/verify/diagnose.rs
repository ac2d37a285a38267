//! What gcc, clang, make and the linkers print → [`Diagnosis`].
//!
//! Only errors count; with `-Werror` a warning is printed as one. Notes are read where they name what the error before them does not.
//! The texts are those of the C locale, in which builds are run; quotes may be ASCII or not. Cost: one pass over the log.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use bstr::{BString, ByteSlice};

use super::paths::from_top;
use crate::model::diagnosis::{Diagnosis, DiagnosisKind};

/// Returns the complaints of a log in their order, each once. Paths below `root`, where the build ran, are given from there.
pub fn diagnose(log: &[u8], root: &Path) -> Vec<Diagnosis> {
    let root = root.to_string_lossy();
    let mut folders = Folders::default();
    let mut seen = HashSet::new();
    let mut found: Vec<Diagnosis> = Vec::new();
    // Whether a note may name what the last error was about.
    let mut nameless = false;
    for line in log.lines() {
        let line = plain(line);
        if folders.moves(&line) {
            continue;
        }
        // rustc says where on a line of its own: `  --> src/main.rs:2:5`.
        if let Some(at) = line.trim_start().strip_prefix("--> ") {
            if let Some(last) = found.last_mut().filter(|last| last.path.is_empty() && last.line == 0) {
                let (path, number) = place(at);
                (last.path, last.line) = (from_root(path, None, &root), number);
            }
            continue;
        }
        if let Some((_, note)) = line.split_once(" note: ") {
            if let Some(last) = found.last_mut().filter(|_| nameless)
                && (note.contains("declared here") || note.contains("defined here"))
            {
                last.symbol = quoted(note).unwrap_or_default().into();
                nameless = false;
            }
            continue;
        }
        let Some(complaint) = complaint(&line) else { continue };
        let Some((kind, symbol)) = classify(complaint.text) else { continue };
        let path = from_root(complaint.path, folders.now(), &root);
        let symbol = if kind == DiagnosisKind::MissingRule { from_root(&symbol, folders.now(), &root) } else { symbol.into() };
        let diagnosis = Diagnosis { path, line: complaint.line, kind, symbol, text: complaint.text.to_owned() };
        if seen.insert(diagnosis.clone()) {
            nameless = kind == DiagnosisKind::ArgumentCount && diagnosis.symbol.is_empty();
            found.push(diagnosis);
        }
    }
    found
}

/// What tools print when the machine is at its limits, and of what it had too little.
const LIMITS: &[(&str, &str)] = &[
    ("No space left on device", "space on the disk"),
    ("Disk quota exceeded", "space on the disk"),
    ("Cannot allocate memory", "memory"),
    ("virtual memory exhausted", "memory"),
    ("out of memory allocating", "memory"),
    ("Killed signal terminated program", "memory"),
    ("internal compiler error: Killed", "memory"),
    ("Resource temporarily unavailable", "processes"),
    ("Too many open files", "open files"),
];

/// Returns what the machine had too little of for a build, if its log says so.
pub fn ran_out(log: &[u8]) -> Option<&'static str> {
    LIMITS.iter().find(|(words, _)| log.find(words).is_some()).map(|(_, what)| *what)
}

/// A warning, without where in its file it stands: lines move from step to step.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Warning {
    /// The file it speaks of, from the root of the tree.
    pub path: BString,
    /// What it says, word for word.
    pub text: String,
}

/// Returns a warning, written as `path:line: text`, as the complaint that it is where it counts as one.
pub fn complaint_of(warning: &str) -> Option<Diagnosis> {
    let (head, text) = warning.split_once(": ")?;
    let ((path, line), (kind, symbol)) = (place(head), classify(text)?);
    Some(Diagnosis { path: path.into(), line, kind, symbol: symbol.into(), text: text.to_owned() })
}

/// Returns the warnings of a log, each as often as it is given at different places, with the line of its first.
pub fn warnings(log: &[u8], root: &Path) -> BTreeMap<Warning, (usize, u32)> {
    let root = root.to_string_lossy();
    let mut seen = HashSet::new();
    let mut found: BTreeMap<Warning, (usize, u32)> = BTreeMap::new();
    let mut folders = Folders::default();
    for line in log.lines().map(plain) {
        if folders.moves(&line) {
            continue;
        }
        let Some((head, text)) = line.split_once(" warning: ").or_else(|| line.split_once("WARNING: modpost: ")) else {
            continue;
        };
        if !seen.insert(line.clone()) {
            continue;
        }
        let (path, number) = place(head.trim_end_matches(':'));
        let path = if is_tool(path) { BString::default() } else { from_root(path, folders.now(), &root) };
        found.entry(Warning { path, text: text.to_owned() }).or_insert((0, number)).0 += 1;
    }
    found
}

/// Where make and ninja say that they are.
#[derive(Default)]
struct Folders(Vec<String>);

impl Folders {
    /// Whether the line says that a folder was entered or left.
    fn moves(&mut self, line: &str) -> bool {
        if let Some(folder) = quoted_after(line, ": Entering directory ") {
            self.0.push(folder.to_owned());
            return true;
        }
        let Some(folder) = quoted_after(line, ": Leaving directory ") else { return false };
        if let Some(place) = self.0.iter().rposition(|entered| entered == folder) {
            self.0.remove(place);
        }
        true
    }

    fn now(&self) -> Option<&str> {
        self.0.last().map(String::as_str)
    }
}

/// Returns up to `n_lines` lines that say what broke: the complaints, or else the end of the log.
pub fn what_broke(log: &[u8], root: &Path, n_lines: usize) -> Vec<String> {
    let found = diagnose(log, root);
    if !found.is_empty() {
        return found.iter().take(n_lines).map(Diagnosis::shown).collect();
    }
    let lines: Vec<String> = log.lines().map(plain).filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(n_lines)..].to_vec()
}

/// A line that complains, taken apart.
struct ErrorLine<'l> {
    path: &'l str,
    line: u32,
    text: &'l str,
}

fn complaint(line: &str) -> Option<ErrorLine<'_>> {
    for marker in [" fatal error: ", " error: ", " *** "] {
        if let Some(at) = line.find(marker) {
            let (path, number) = place(line[..at].trim_end_matches(':'));
            let text = &line[at + marker.len()..];
            return Some(ErrorLine { path: if is_tool(path) { "" } else { path }, line: number, text });
        }
    }
    for prefix in ["ERROR: modpost: ", "ninja: error: "] {
        if let Some(text) = line.strip_prefix(prefix) {
            return Some(ErrorLine { path: "", line: 0, text });
        }
    }
    if let Some((path, number)) =
        line.split_once(": ERROR: ").map(|(head, _)| place(head)).filter(|(path, _)| path.ends_with("meson.build"))
    {
        return Some(ErrorLine { path, line: number, text: line.split_once(": ERROR: ").map_or("", |(_, text)| text) });
    }
    // rustc: `error[E0425]: cannot find …`, `error: unused …`
    if let Some(rest) = line.strip_prefix("error").filter(|rest| rest.starts_with(['[', ':'])) {
        let text = rest.split_once(": ").map_or("", |(_, text)| text);
        return Some(ErrorLine { path: "", line: 0, text });
    }
    for marker in [": undefined reference to ", ": multiple definition of "] {
        if let Some(at) = line.find(marker) {
            // `/usr/bin/ld: main.o: in function ...: main.c:3: undefined …`, `main.c:(.text+0x5): undefined …`
            let head = line[..at].rsplit(": ").next().unwrap_or_default();
            let head = head.split_once(':').filter(|(object, _)| is_object(object)).map_or(head, |(_, source)| source);
            let (path, number) = match head.split_once(":(") {
                Some((path, _)) => (path, 0),
                None => place(head),
            };
            return Some(ErrorLine { path: if is_tool(path) { "" } else { path }, line: number, text: &line[at + 2..] });
        }
    }
    None
}

/// Splits `path:line:column`, of which the numbers may be missing.
fn place(head: &str) -> (&str, u32) {
    let mut parts = head.splitn(3, ':');
    let path = parts.next().unwrap_or_default();
    (path, parts.next().and_then(|line| line.parse().ok()).unwrap_or(0))
}

/// Whether a message is introduced by the name of a program or an object file, not of a source file.
fn is_tool(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let tools = ["ninja", "ld", "ld.bfd", "ld.gold", "ld.lld", "cc", "cc1", "cc1plus", "gcc", "g++", "clang", "collect2", "as"];
    let is = |tool: &str| name == tool || name.strip_suffix(tool).is_some_and(|target| target.ends_with('-'));
    name.starts_with("make") || is_object(name) || tools.into_iter().any(is)
}

/// Whether a path is one of a linker's input: `a.o`, `lib.a`, `lib.a(b.o)`.
fn is_object(path: &str) -> bool {
    [".o", ".a", ".o)"].iter().any(|ending| path.ends_with(ending))
}

/// How a message that names one symbol goes: what stands before it, what after it, and its kind.
const SHAPES: &[(&str, &str, DiagnosisKind)] = {
    use DiagnosisKind::{ArgumentCount, Other, Redefined, Undeclared, Unused};
    &[
        ("", " undeclared", Undeclared),
        ("implicit declaration of function ", "", Undeclared),
        ("use of undeclared identifier ", "", Undeclared),
        ("undefined identifier ", "", Undeclared),
        ("call to undeclared function ", "", Undeclared),
        ("call to undeclared library function ", "", Undeclared),
        ("unknown type name ", "", Undeclared),
        ("", " declared inside parameter list", Undeclared),
        ("declaration of ", " will not be visible outside", Undeclared),
        ("invalid use of undefined type ", "", Undeclared),
        ("dereferencing pointer to incomplete type ", "", Undeclared),
        ("invalid application of 'sizeof' to incomplete type ", "", Undeclared),
        ("invalid application of 'sizeof' to an incomplete type ", "", Undeclared),
        ("incomplete definition of type ", "", Undeclared),
        ("variable has incomplete type ", "", Undeclared),
        ("", " used but never defined", Undeclared),
        ("undefined reference to ", "", Undeclared),
        ("undefined symbol: ", "", Undeclared),
        ("", " defined but not used", Unused),
        ("", " declared 'static' but never defined", Unused),
        ("", " set but not used", Unused),
        ("unused variable ", "", Unused),
        ("unused function ", "", Unused),
        ("unused label ", "", Unused),
        ("unused parameter ", "", Unused),
        ("redefinition of ", "", Redefined),
        ("", " redefined", Redefined),
        ("", " macro redefined", Redefined),
        ("conflicting types for ", "", Redefined),
        ("redeclaration of ", "", Redefined),
        ("multiple definition of ", "", Redefined),
        ("duplicate symbol: ", "", Redefined),
        ("duplicate member ", "", Redefined),
        ("static declaration of ", " follows non-static", Redefined),
        ("non-static declaration of ", " follows static", Redefined),
        ("too few arguments to ", "", ArgumentCount),
        ("too many arguments to ", "", ArgumentCount),
        ("too few arguments provided to ", "", ArgumentCount),
        ("too many arguments provided to ", "", ArgumentCount),
        ("macro ", " requires ", ArgumentCount),
        ("macro ", " passed ", ArgumentCount),
        ("passing argument ", " from incompatible", Other),
    ]
};

/// Returns kind and symbol of a message, or `None` for one that only says that others were said.
fn classify(text: &str) -> Option<(DiagnosisKind, String)> {
    let clean = text.replace(['\u{2018}', '\u{2019}', '`'], "'");
    if [
        "ld returned ",
        "linker command failed",
        "[",
        "Waiting for unfinished",
        "multiple target",
        "aborting due to ",
        "could not compile ",
    ]
    .iter()
    .any(|noise| clean.starts_with(noise))
    {
        return None;
    }
    let named = |text: &str| quoted(text).unwrap_or_default().to_owned();
    // ninja: `'a.c', needed by 'a.o', missing and no known rule to make it`; meson: `File a.c does not exist.`
    let found = if let Some(target) = clean.strip_prefix("No rule to make target ") {
        (DiagnosisKind::MissingRule, named(target))
    } else if clean.ends_with("missing and no known rule to make it") {
        (DiagnosisKind::MissingRule, named(&clean))
    } else if let Some(name) = clean.strip_prefix("File ").and_then(|rest| rest.strip_suffix(" does not exist.")) {
        (DiagnosisKind::MissingRule, name.to_owned())
    } else if let Some(found) = rustc(&clean) {
        found
    } else if let Some(member) = member(&clean) {
        (DiagnosisKind::MissingMember, member)
    } else if let Some(header) = clean.strip_suffix(": No such file or directory") {
        (DiagnosisKind::MissingHeader, header.to_owned())
    } else if clean.ends_with("' file not found") {
        (DiagnosisKind::MissingHeader, named(&clean))
    } else if let Some(symbol) = clean.strip_suffix(" undefined!") {
        (DiagnosisKind::Undeclared, named(symbol))
    } else {
        by_shape(&clean)
    };
    Some(found)
}

/// Returns what the table says of a message.
fn by_shape(clean: &str) -> (DiagnosisKind, String) {
    for (before, after, kind) in SHAPES {
        let fits = clean.starts_with(before) || before.is_empty() || clean.contains(&format!(" {before}"));
        if !fits || !clean.contains(after) {
            continue;
        }
        // The quoted name next to the words that tell the kind.
        let name = match (before.is_empty(), after.is_empty()) {
            (true, _) => clean.find(after).and_then(|at| quoted_last(&clean[..at])),
            (false, _) => clean.find(before).and_then(|at| {
                let rest = &clean[at + before.len()..];
                quoted(rest).or_else(|| rest.split([' ', ';']).next().filter(|_| before.ends_with(": ")))
            }),
        };
        let name = name.map(|name| name.trim_end_matches("()").to_owned());
        if name.is_some() || *kind == DiagnosisKind::ArgumentCount {
            return (*kind, name.unwrap_or_default());
        }
    }
    (DiagnosisKind::Other, String::new())
}

/// Returns what rustc says of a name. Source: the compiler's error index.
fn rustc(clean: &str) -> Option<(DiagnosisKind, String)> {
    use DiagnosisKind::{ArgumentCount, MissingHeader, MissingMember, Redefined, Undeclared, Unused};
    if clean.contains("arguments but") || clean.contains("argument but") || clean.contains("arguments to this") {
        let counts = clean.starts_with("this ") && clean.contains(" take");
        return counts.then(|| (ArgumentCount, String::new()));
    }
    let kinds = [
        ("cannot find ", " in this scope", Undeclared),
        ("cannot find ", " in ", Undeclared),
        ("unresolved import ", "", Undeclared),
        ("failed to resolve: ", "", Undeclared),
        ("no field ", " on type ", MissingMember),
        ("no method named ", " found", MissingMember),
        ("file not found for module ", "", MissingHeader),
        ("the name ", " is defined multiple times", Redefined),
        ("function ", " is never used", Unused),
        ("unused import: ", "", Unused),
        ("unused variable: ", "", Unused),
    ];
    let fits = |(before, after, _): &&(&str, &str, DiagnosisKind)| clean.starts_with(before) && clean.contains(after);
    let (_, _, kind) = kinds.iter().find(fits)?;
    Some((*kind, quoted(clean)?.to_owned()))
}

/// Returns `struct x.member` where a record lacks one, or an initialiser names one that it lacks.
fn member(text: &str) -> Option<String> {
    let (record, name) = if let Some((left, right)) = text.split_once(" has no member named ") {
        (quoted_last(left)?, quoted(right)?)
    } else if let Some((_, right)) = text.split_once("no member named ") {
        let (name, record) = right.split_once(" in ")?;
        (quoted_last(record)?, quoted(name)?)
    } else if let Some((left, right)) = text.split_once(" does not refer to any field in type ") {
        (quoted_last(right)?, quoted_last(left)?)
    } else {
        let (_, right) = text.split_once("unknown field ")?;
        return Some(quoted(right)?.to_owned());
    };
    let record = record.trim_start_matches("const ").trim_start_matches("volatile ");
    Some(format!("{record}.{name}"))
}

/// Returns the first text in quotes, single or double.
fn quoted(text: &str) -> Option<&str> {
    let start = text.find(['\'', '"'])?;
    let rest = &text[start + 1..];
    Some(&rest[..rest.find(['\'', '"'])?])
}

/// Returns the last text in quotes.
fn quoted_last(text: &str) -> Option<&str> {
    let end = text.rfind(['\'', '"'])?;
    let start = text[..end].rfind(['\'', '"'])?;
    Some(&text[start + 1..end])
}

/// Returns the quoted text right after `words`.
fn quoted_after<'l>(line: &'l str, words: &str) -> Option<&'l str> {
    let (_, rest) = line.split_once(words)?;
    rest.strip_prefix(['\'', '`']).map(|rest| rest.trim_end_matches('\''))
}

/// Returns the line as text without colours.
fn plain(line: &[u8]) -> String {
    let text = line.to_str_lossy();
    if !text.contains('\x1b') {
        return text.into_owned();
    }
    anstream::adapter::strip_str(&text).to_string()
}

/// Returns a path from the root of the tree: `folder`, where make said it is, before it, and `root` taken off.
fn from_root(path: &str, folder: Option<&str>, root: &str) -> BString {
    if path.is_empty() {
        return BString::default();
    }
    from_top(root.into(), folder.unwrap_or_default().into(), path.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One line a diagnosis: kind, symbol, place.
    fn check(log: &str, expected: &str) {
        let drawn: Vec<String> = diagnose(log.as_bytes(), Path::new("/w/tree"))
            .iter()
            .map(|found| format!("{:?} '{}' {}:{}", found.kind, found.symbol, found.path, found.line))
            .collect();
        assert_eq!(drawn.join("\n"), expected.trim());
    }

    #[test]
    fn gcc_is_understood() {
        check(
            "In file included from b.h:1,\n                 from a.c:1:\n\
             a.c:3:9: error: 'left' undeclared (first use in this function); did you mean 'right'?\n\
             a.c:3:9: note: each undeclared identifier is reported only once for each function it appears in\n\
             a.c:4:2: error: implicit declaration of function \u{2018}go\u{2019}; did you mean \u{2018}to\u{2019}? [-Werror=implicit-function-declaration]\n\
             a.c:5:1: error: unknown type name 'u33'; use 'struct' keyword to refer to the type\n\
             a.c:6:12: error: 'lonely' defined but not used [-Werror=unused-function]\n\
             a.c:7:6: error: unused variable 'v' [-Werror=unused-variable]\n\
             a.c:8:5: error: redefinition of 'twice'\na.c:2:5: note: previous definition of 'twice' with type 'int(void)'\n\
             b.h:4: error: \"LIMIT\" redefined [-Werror]\n\
             a.c:9:5: error: conflicting types for 'f'; have 'int(void)'\n\
             a.c:10:4: error: 'struct page' has no member named 'index'; did you mean '_index'?\n\
             a.c:10:4: error: 'page_t' {aka 'struct page'} has no member named 'index'\n\
             a.c:11:2: error: too few arguments to function 'f'\n\
             a.c:12:9: error: macro \"M\" requires 2 arguments, but only 1 given\n\
             a.c:1:10: fatal error: linux/gone.h: No such file or directory\n\
             cc1: all warnings being treated as errors\n\
             a.c:13:1: error: expected ';' before '}' token\n",
            "Undeclared 'left' a.c:3\nUndeclared 'go' a.c:4\nUndeclared 'u33' a.c:5\nUnused 'lonely' a.c:6\nUnused 'v' a.c:7\n\
             Redefined 'twice' a.c:8\nRedefined 'LIMIT' b.h:4\nRedefined 'f' a.c:9\nMissingMember 'struct page.index' a.c:10\n\
             MissingMember 'struct page.index' a.c:10\nArgumentCount 'f' a.c:11\nArgumentCount 'M' a.c:12\n\
             MissingHeader 'linux/gone.h' a.c:1\nOther '' a.c:13\n",
        );
    }

    #[test]
    fn clang_is_understood() {
        check(
            "a.c:3:9: error: use of undeclared identifier 'left'\n\
             \x1b[1ma.c:4:2: \x1b[0;31merror: \x1b[0mcall to undeclared function 'go'; ISO C99 and later do not support it\n\
             a.c:5:12: error: unused function 'lonely' [-Werror,-Wunused-function]\n\
             a.c:6:9: error: 'LIMIT' macro redefined [-Werror,-Wmacro-redefined]\n\
             a.c:7:4: error: no member named 'index' in 'struct page'\n\
             a.c:7:5: error: field designator 'go' does not refer to any field in type 'struct ops'\n\
             a.c:8:9: error: too few arguments to function call, expected 2, have 1\n\
             b.h:2:5: note: 'f' declared here\n\
             a.c:1:10: fatal error: 'gone.h' file not found\n",
            "Undeclared 'left' a.c:3\nUndeclared 'go' a.c:4\nUnused 'lonely' a.c:5\nRedefined 'LIMIT' a.c:6\n\
             MissingMember 'struct page.index' a.c:7\nMissingMember 'struct ops.go' a.c:7\nArgumentCount 'f' a.c:8\n\
             MissingHeader 'gone.h' a.c:1\n",
        );
    }

    #[test]
    fn linkers_and_make_are_understood() {
        check(
            "/usr/bin/ld: main.o: in function `main':\nmain.c:(.text+0x5): undefined reference to `gone'\n\
             /usr/bin/ld: b.o:/w/tree/lib/b.c:3: multiple definition of `x'; a.o:/w/tree/a.c:1: first defined here\n\
             ld.lld: error: undefined symbol: far\n\
             collect2: error: ld returned 1 exit status\n\
             ERROR: modpost: \"hidden\" [drivers/a.ko] undefined!\n\
             make: *** [Makefile:3: prog] Error 1\n\
             make[1]: *** No rule to make target 'gone.c', needed by 'gone.o'.  Stop.\n",
            "Undeclared 'gone' main.c:0\nRedefined 'x' lib/b.c:3\nUndeclared 'far' :0\nUndeclared 'hidden' :0\nMissingRule 'gone.c' :0\n",
        );
    }

    #[test]
    fn paths_are_those_of_the_tree() {
        check(
            "make[1]: Entering directory '/w/tree/lib'\na.c:1:1: error: unknown type name 'x'\n../b.c:2:1: error: unknown type name 'x'\n\
             make[1]: *** No rule to make target 'c.h', needed by 'a.o'.\nmake[1]: Leaving directory '/w/tree/lib'\n\
             ./d.c:3:1: error: unknown type name 'x'\n/usr/include/e.h:4:1: error: unknown type name 'x'\n/w/tree/f.c:5:1: error: unknown type name 'x'\n",
            "Undeclared 'x' lib/a.c:1\nUndeclared 'x' b.c:2\nMissingRule 'lib/c.h' :0\nUndeclared 'x' d.c:3\n\
             Undeclared 'x' /usr/include/e.h:4\nUndeclared 'x' f.c:5\n",
        );
    }

    #[test]
    fn without_a_complaint_the_end_of_the_log_is_shown() {
        let log = b"one\ntwo\n\nAssertion failed\n";
        assert_eq!(what_broke(log, Path::new("/w"), 2), ["two", "Assertion failed"]);
        let log = b"cc -c a.c\na.c:3:9: error: 'left' undeclared here (not in a function)\nmake: *** [a.o] Error 1\n";
        assert_eq!(what_broke(log, Path::new("/w"), 10), ["a.c:3: 'left' undeclared here (not in a function)"]);
    }

    #[test]
    fn rustc_ninja_meson_and_sparse_are_understood() {
        check(
            "error[E0425]: cannot find value `left` in this scope\n --> src/main.rs:2:5\n  |\n\
             error[E0609]: no field `index` on type `Page`\n  --> src/page.rs:7:9\n\
             error[E0061]: this function takes 2 arguments but 1 argument was supplied\n  --> src/main.rs:9:5\n\
             error[E0583]: file not found for module `gone`\n --> src/lib.rs:1:1\n\
             error: function `lonely` is never used\n --> src/lib.rs:3:4\n\
             error: aborting due to 4 previous errors\n\
             error: could not compile `x` (bin \"x\") due to 4 previous errors\n\
             ninja: error: 'gone.c', needed by 'gone.o', missing and no known rule to make it\n\
             meson.build:3:0: ERROR: File gone.c does not exist.\n\
             a.c:4:9: error: undefined identifier 'left'\n\
             ERROR: modpost: \"left\" [drivers/x.ko] undefined!\n",
            "Undeclared 'left' src/main.rs:2\nMissingMember 'index' src/page.rs:7\nArgumentCount '' src/main.rs:9\n\
             MissingHeader 'gone' src/lib.rs:1\nUnused 'lonely' src/lib.rs:3\nMissingRule 'gone.c' :0\nMissingRule 'gone.c' meson.build:3\n\
             Undeclared 'left' a.c:4\nUndeclared 'left' :0",
        );
    }

    #[test]
    fn warnings_are_counted_by_file_and_words() {
        let log = "make: Entering directory '/w/tree/sub'\nd.c:1:2: warning: below\nmake: Leaving directory '/w/tree/sub'\na.c:1:2: warning: old [-Wold]\na.c:9:2: warning: old [-Wold]\na.c:9:2: warning: old [-Wold]\n\
                   WARNING: modpost: vmlinux: section mismatch\n/w/tree/b.c:3:1: warning: symbol 'x' was not declared. Should it be static?\n";
        let found = warnings(log.as_bytes(), Path::new("/w/tree"));
        let drawn: Vec<String> =
            found.iter().map(|(warning, (n, line))| format!("{n} {}:{line} {}", warning.path, warning.text)).collect();
        assert_eq!(
            drawn,
            [
                "1 :0 vmlinux: section mismatch",
                "2 a.c:1 old [-Wold]",
                "1 b.c:3 symbol 'x' was not declared. Should it be static?",
                "1 sub/d.c:1 below"
            ]
        );
    }
}
