//! Lines that name another file of code: `from u import f`, `mod u;`, `import x from './u'`, `. ./lib.sh`, `include u.mk`.
//!
//! One rule for all languages whose names are not read: how a line begins says that it names a file, and a word of it may be the path of that
//! file, or the name of the module in it.

use bstr::{BStr, BString, ByteSlice};

use super::mention::runs;

/// How such a line begins, after white space and words that say who may see it.
const BEGINS: &[&str] = &[
    "import",
    "from",
    "use",
    "mod",
    "extern",
    "require",
    "require_relative",
    "load",
    "source",
    ".",
    "include",
    "-include",
    "sinclude",
    "#include",
    "#import",
    "@import",
    "@use",
    "/include/",
    "export",
];

/// Words before the one that says it.
const BEFORE: &[&str] = &["pub", "pub(crate)", "static", "rsource", "try:"];

/// What calls a file by its name in the middle of a line.
const CALLS: &[&str] = &["require(", "import(", "require_once"];

/// Endings of one language: a module is named without its ending.
const OF_ONE_LANGUAGE: &[&[&str]] =
    &[&["js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "vue"], &["pl", "pm", "t"], &["sh", "bash"]];

/// Files that stand for the folder they are in.
const OF_FOLDER: &[&str] = &["/mod", "/__init__", "/index"];

/// Whether a line names another file of code.
pub fn is_import(line: &[u8]) -> bool {
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let first = words.find(|word| !BEFORE.iter().any(|before| before.as_bytes() == *word)).unwrap_or_default();
    let first = first.split(|&byte| matches!(byte, b'(' | b'"' | b'\'' | b'{')).next().unwrap_or_default();
    BEGINS.iter().any(|begin| begin.as_bytes() == first) || CALLS.iter().any(|call| line.contains_str(call))
}

/// Returns the word by which such a line of the file at `path` names the file at `other`, if it does.
pub fn named<'l>(path: &BStr, line: &'l [u8], other: &BStr) -> Option<&'l BStr> {
    let (stem, ending) = divided(other);
    let own = divided(path).1;
    let has = |family: &&&[&str], end: Option<&[u8]>| family.iter().any(|known| Some(known.as_bytes()) == end);
    let is_near =
        own.is_none() || own == ending || OF_ONE_LANGUAGE.iter().any(|family| has(&family, own) && has(&family, ending));
    let stem = OF_FOLDER.iter().find_map(|name| stem.strip_suffix(name.as_bytes())).unwrap_or(stem);
    let ends = |whole: &[u8], part: &[u8]| {
        !part.is_empty() && whole.strip_suffix(part).is_some_and(|rest| rest.is_empty() || rest.ends_with(b"/"))
    };
    let fits = |word: &[u8]| {
        // What a variable says of the folder is not known.
        let path =
            word.rfind(b"$").map_or(word, |at| word[at..].find_byte(b'/').map_or(&b""[..], |slash| &word[at + slash + 1..]));
        let path = path.trim_start_with(|c| matches!(c, '.' | '/'));
        if ends(other, path) {
            return true;
        }
        let parts: Vec<&[u8]> = path.split(|&byte| matches!(byte, b':' | b'.' | b'/')).filter(|part| !part.is_empty()).collect();
        let from = parts.iter().take_while(|part| matches!(**part, b"crate" | b"self" | b"super")).count();
        is_near && (from + 1..=parts.len()).any(|to| ends(stem, &parts[from..to].join(&b'/')))
    };
    let words = runs(line, |byte| !byte.is_ascii_whitespace() && !b"'\"`(),;{}<>[]=".contains(&byte));
    words.map(|span| &line[span.range()]).find(|word| fits(word)).map(BStr::new)
}

/// Returns the path without its ending, and the ending.
fn divided(path: &BStr) -> (&[u8], Option<&[u8]>) {
    let name = path.rfind_byte(b'/').map_or(0, |at| at + 1);
    match path[name..].rfind_byte(b'.').filter(|&at| at > 0) {
        Some(at) => (&path[..name + at], Some(&path[name + at + 1..])),
        None => (path, None),
    }
}

/// Returns the words of a line that can be names.
pub fn names(line: &[u8]) -> impl Iterator<Item = BString> {
    runs(line, |byte| byte.is_ascii_alphanumeric() || byte == b'_').map(|span| line[span.range()].into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_a_file_in_the_way_of_its_language() {
        let check = |path: &str, line: &str, other: &str, expected: Option<&str>| {
            let found =
                Some(line.as_bytes()).filter(|line| is_import(line)).and_then(|line| named(path.into(), line, other.into()));
            assert_eq!(found, expected.map(BStr::new), "{path}: {line} {other}");
        };
        check("m.py", "from u import helper", "u.py", Some("u"));
        check("a/m.py", "from .u import helper", "a/u.py", Some(".u"));
        check("m.py", "import os, a.u", "a/u.py", Some("a.u"));
        check("m.py", "import a", "a/__init__.py", Some("a"));
        check("m.py", "    return u.helper()", "u.py", None);
        check("src/main.rs", "mod util;", "src/util.rs", Some("util"));
        check("src/main.rs", "pub mod util;", "src/util/mod.rs", Some("util"));
        check("src/main.rs", "use crate::util::twice;", "src/util.rs", Some("crate::util::twice"));
        check("src/main.ts", "import { twice } from './util';", "src/util.ts", Some("./util"));
        check("src/main.ts", "export * from './util'", "src/util/index.ts", Some("./util"));
        check("m.js", "const x = require('./u.js');", "u.js", Some("./u.js"));
        check("m.pl", "use Foo::Bar qw(baz);", "lib/Foo/Bar.pm", Some("Foo::Bar"));
        check("run.sh", ". ./lib.sh", "lib.sh", Some("./lib.sh"));
        check("run", "source \"$(dirname \"$0\")/lib.sh\"", "t/lib.sh", Some("/lib.sh"));
        check("run.sh", ". \"$TOP/t/lib.sh\"", "t/lib.sh", Some("$TOP/t/lib.sh"));
        check("Makefile", "include $(srctree)/scripts/u.mk", "scripts/u.mk", Some("/scripts/u.mk"));
        check("a.y", "#include \"u.h\"", "u.h", Some("u.h"));
        check("a.rb", "require_relative 'u'", "u.rb", Some("u"));
        check("m.py", "from v import helper", "u.py", None);
        check("m.py", "from u import helper", "u.rs", None);
    }
}
