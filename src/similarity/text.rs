//! What the text of a unit says: words, identifiers, tokens, what it defines, the item it stands in.
//!
//! All of it by the look of the lines, so that it works for every language and for text that does not parse; what the
//! compiler would say is in the facts, not here. The shapes are those the pair scores were learnt on, and are kept to the
//! letter for that reason. One pass over the text each.

use std::borrow::Cow;
use std::sync::LazyLock;

use bstr::ByteSlice;
use regex::bytes::{Captures, Regex};

use crate::model::path_kind::{self, PathKind};

/// What C and its preprocessor keep for themselves; no identifier is one of these.
const KEYWORDS: &[&str] = &[
    "NULL", "auto", "bool", "break", "case", "char", "const", "continue", "default", "define", "defined", "do", "double", "elif",
    "else", "endif", "enum", "extern", "false", "float", "for", "goto", "if", "ifdef", "ifndef", "include", "inline", "int",
    "long", "register", "return", "short", "signed", "sizeof", "static", "struct", "switch", "true", "typedef", "union",
    "unsigned", "void", "volatile", "while",
];

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant that a test compiles")
}

/// Strings, character constants and comments.
static NOISE: LazyLock<Regex> =
    LazyLock::new(|| regex(r#"(?ms-u)"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|/\*.*?\*/|//[^\n]*|^\s*\*[^\n]*"#));
static COMMENT: LazyLock<Regex> = LazyLock::new(|| regex(r"(?ms-u)/\*.*?\*/|//[^\n]*|^\s*/?\*[^\n]*"));
/// A macro, a declaration or definition at file scope, a member.
static DEFINITION: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?-u)\A(?:#\s*define\s+(\w+)|[A-Za-z_][\w\s*]*?\b(\w+)\s*[(;={\[]|\s+[\w\s*]+?\b(\w+)(?:\[[^\]]*\])?(?: ?: ?\d+)?;)")
});
/// The name in the first line of an item; the first that is found wins.
static ITEM_NAMES: LazyLock<[Regex; 4]> = LazyLock::new(|| {
    [
        regex(r"(?-u)([A-Za-z_]\w*)\s*\("),
        regex(r"(?-u)(?:struct|union|enum)\s+(\w+)"),
        regex(r"(?-u)([A-Za-z_]\w*)\s*(?:\[[^\]]*\]\s*)?[=;{]"),
        regex(r"(?-u)\A#\s*define\s+(\w+)"),
    ]
});

/// How far above a line its item is looked for: longer functions are rare, and a wrong answer costs little.
const ITEM_REACH: usize = 600;

pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn is_head(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

/// Returns the text without white space at both ends.
pub(super) fn trim(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|&byte| !is_space(byte)).unwrap_or(text.len());
    let end = text.iter().rposition(|&byte| !is_space(byte)).map_or(start, |at| at + 1);
    &text[start..end]
}

/// Returns the lines of a text, each with its `\n`.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|&byte| byte == b'\n')
}

/// Returns the runs that begin with a letter or `_`, go on with bytes that `more` takes, and have at least three bytes.
fn runs(text: &[u8], more: impl Fn(u8) -> bool) -> impl Iterator<Item = &[u8]> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < text.len() {
            if !is_head(text[at]) {
                at += 1;
                continue;
            }
            let start = at;
            at += text[at..].iter().position(|&byte| !more(byte)).unwrap_or(text.len() - at);
            if at - start > 2 {
                return Some(&text[start..at]);
            }
        }
        None
    })
}

/// Returns the identifiers of three bytes and more, keywords among them.
pub(super) fn raw_identifiers(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    runs(text, is_word)
}

/// Returns the identifiers of three bytes and more that are no keywords.
pub(super) fn identifiers(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    raw_identifiers(text).filter(|name| !is_keyword(name))
}

/// Whether C or its preprocessor keeps the word for itself.
pub(super) fn is_keyword(word: &[u8]) -> bool {
    KEYWORDS.binary_search_by(|keyword| keyword.as_bytes().cmp(word)).is_ok()
}

/// Returns the words of three bytes and more: identifiers that may hold `-`.
pub(super) fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    runs(text, |byte| is_word(byte) || byte == b'-')
}

/// Returns the names that stand before a parenthesis.
pub(super) fn calls(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < text.len() {
            if !is_word(text[at]) {
                at += 1;
                continue;
            }
            let start = at;
            at += text[at..].iter().position(|&byte| !is_word(byte)).unwrap_or(text.len() - at);
            let next = text[at..].iter().find(|&&byte| !is_space(byte));
            if is_head(text[start]) && at - start > 2 && next == Some(&b'(') {
                let name = &text[start..at];
                if !is_keyword(name) {
                    return Some(name);
                }
            }
        }
        None
    })
}

/// Returns words, numbers and single other bytes; white space parts them.
pub(super) fn tokens(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut at = 0;
    std::iter::from_fn(move || {
        at += text[at..].iter().position(|&byte| !is_space(byte))?;
        let start = at;
        at += if is_word(text[at]) { text[at..].iter().position(|&byte| !is_word(byte)).unwrap_or(text.len() - at) } else { 1 };
        Some(&text[start..at])
    })
}

/// Returns the parts of a name in lower case, three bytes and more each: `gmapLinkPTE_12` has `gmap`, `link` and `pte`.
pub(super) fn subwords(name: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let run = |at: usize, class: fn(&u8) -> bool| name[at..].iter().position(|byte| !class(byte)).unwrap_or(name.len() - at);
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < name.len() {
            let start = at;
            at += match name[at] {
                b'A'..=b'Z' if name.get(at + 1).is_some_and(u8::is_ascii_lowercase) => 1 + run(at + 1, u8::is_ascii_lowercase),
                b'A'..=b'Z' => run(at, u8::is_ascii_uppercase),
                b'a'..=b'z' => run(at, u8::is_ascii_lowercase),
                b'0'..=b'9' => run(at, u8::is_ascii_digit),
                _ => {
                    at += 1;
                    continue;
                }
            };
            if at - start > 2 {
                return Some(name[start..at].to_ascii_lowercase());
            }
        }
        None
    })
}

/// Returns C text with strings, character constants and comments blanked.
pub(super) fn without_noise(text: &[u8]) -> Cow<'_, [u8]> {
    NOISE.replace_all(text, &b" "[..])
}

/// Whether C text is nothing but comments and white space.
pub(super) fn is_comment(text: &[u8]) -> bool {
    trim(&COMMENT.replace_all(text, &b""[..])).is_empty()
}

/// Returns the names that lines of C define or declare, by the look of each line; members in headers only.
pub(super) fn defined<'t>(text: &'t [u8], path: &[u8]) -> impl Iterator<Item = &'t [u8]> {
    let is_header = path_kind::kind(path.as_bstr()).is_header();
    lines(text)
        .filter(move |line| is_header || !matches!(line.first(), Some(b' ' | b'\t')))
        .filter_map(|line| DEFINITION.captures(line).and_then(|found| first_group(&found)))
}

fn first_group<'t>(found: &Captures<'t>) -> Option<&'t [u8]> {
    found.iter().skip(1).flatten().next().map(|part| part.as_bytes())
}

/// Returns the name of the top-level item that a unit of C begins in, or of the first item it holds itself.
///
/// `line` is the unit's first line in `side`, counted from 0; `own` is its text.
pub(super) fn item<'t>(side: &[&'t [u8]], line: usize, own: &'t [u8]) -> Option<&'t [u8]> {
    let name = |line: &'t [u8]| ITEM_NAMES.iter().find_map(|shape| shape.captures(line)).and_then(|found| first_group(&found));
    let ends = |line: &[u8], with: &[u8]| trim_end(line).last().is_some_and(|last| with.contains(last));
    for (at, text) in lines(own).take(12).enumerate() {
        if text.first().is_some_and(|&byte| is_head(byte)) && !ends(text, b":") || text.starts_with(b"#define") {
            return name(text);
        }
        if at == 0 && text.first() == Some(&b'}') {
            break;
        }
    }
    let last = (line + 1).min(side.len());
    for at in (line.saturating_sub(ITEM_REACH - 1)..last).rev() {
        let text = side[at];
        if text.first() == Some(&b'}') && at < line {
            return None;
        }
        if text.first().is_some_and(|&byte| is_head(byte)) && !ends(text, b":;,") {
            return name(text);
        }
    }
    None
}

fn trim_end(text: &[u8]) -> &[u8] {
    &text[..text.iter().rposition(|&byte| !is_space(byte)).map_or(0, |at| at + 1)]
}

/// Whether the path is of a file in C's family, the devicetree's and the assembler's sources included.
pub(super) fn is_c(path: &[u8]) -> bool {
    use PathKind::{Assembler, C, Cpp, Devicetree, Included};
    let kind = path_kind::kind(path.as_bstr());
    kind.is_header() || matches!(kind, C | Cpp | Included | Assembler | Devicetree)
}

/// Returns the last component of a path.
pub(super) fn base_name(path: &[u8]) -> &[u8] {
    path.rsplit(|&byte| byte == b'/').next().unwrap_or(path)
}

/// Returns the folder of a path, empty at the root.
pub(super) fn folder(path: &[u8]) -> &[u8] {
    path.iter().rposition(|&byte| byte == b'/').map_or(b"", |at| &path[..at])
}

/// Returns the last component without its ending: what `gmap.c`, `gmap.h` and `gmap.rst` share.
pub fn stem(path: &[u8]) -> &[u8] {
    let name = base_name(path);
    let dots = name.iter().take_while(|&&byte| byte == b'.').count();
    let stem = name[dots..].iter().rposition(|&byte| byte == b'.').map_or(name, |at| &name[..dots + at]);
    stem.strip_suffix(b"_defconfig").unwrap_or(stem)
}

/// What a file is for, in the six classes that the scores were learnt on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileClass {
    /// C, C++ or assembler.
    Code,
    /// A header.
    Header,
    /// Documentation.
    Document,
    /// A test, in any language.
    Test,
    /// What the build reads.
    Build,
    /// All else.
    Other,
}

/// Returns what a path says its file is for.
pub fn file_class(path: &[u8]) -> FileClass {
    let path = path.as_bstr();
    match path_kind::kind(path) {
        _ if path_kind::is_test(path) => FileClass::Test,
        kind if kind.is_build() => FileClass::Build,
        _ if path_kind::is_documentation(path) => FileClass::Document,
        kind if kind.is_header() => FileClass::Header,
        PathKind::C | PathKind::Cpp | PathKind::Assembler => FileClass::Code,
        _ => FileClass::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_those_the_scores_were_learnt_on() {
        let check = |path: &str, class: FileClass| assert_eq!(file_class(path.as_bytes()), class, "{path}");
        check("docker/x.c", FileClass::Code);
        check("doc/x.c", FileClass::Document);
        check("a/b.cpp", FileClass::Code);
        check("t/t0001.sh", FileClass::Test);
        check("meson_options.txt", FileClass::Build);
        check("a/b.inc", FileClass::Other);
    }
}
