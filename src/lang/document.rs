//! Documents and MAINTAINERS → the symbols and files that they name.
//!
//! A document that names a symbol is no contract: nothing breaks when it speaks of a function that is gone. It is a fact all the same, for
//! grouping and for `explain`. A path that a directive or a MAINTAINERS section names is one: the documents do not build, and
//! `get_maintainer.pl --self-test` fails, where the file is not there. Sources: `Documentation/doc-guide/kernel-doc.rst` and the head of
//! MAINTAINERS in Linux.

use bstr::ByteSlice;

use super::language::Language;
use super::mention::{Mention, runs, used};
use crate::model::{Role, Span, SymbolKind};

/// A document that may name symbols.
pub(super) const DOCUMENT: Language =
    Language { name: "document", mentions: |text| document_mentions(text.bytes).into(), ..Language::PLAIN };

/// A list of maintainers in the kernel's form.
pub(super) const MAINTAINERS: Language =
    Language { name: "MAINTAINERS", mentions: |text| maintainers_mentions(text.bytes).into(), ..Language::PLAIN };

/// Directives whose argument is a file of the tree.
const FILE_DIRECTIVES: &[&[u8]] = &[b"kernel-doc", b"include", b"literalinclude", b"kernel-include"];
/// Options of `kernel-doc` that list symbols.
const NAME_OPTIONS: &[&[u8]] = &[b"functions", b"identifiers", b"export", b"internal"];

/// Finds files that directives read, symbols that `kernel-doc` is asked for, and what is written as `name()` or `struct name`.
fn document_mentions(text: &[u8]) -> Vec<Mention> {
    let mut out = Vec::new();
    let mut start = 0;
    for line in text.lines_with_terminator() {
        let body = line.trim_ascii();
        let at = start + (line.len() - line.trim_ascii_start().len()).min(line.len());
        start += line.len();
        if let Some((argument, offset)) = directive(body) {
            out.push(used(SymbolKind::Header, argument, Span::new(at + offset, at + offset + argument.len())));
        } else if let Some(offset) = option(body) {
            for (name, from) in words(&body[offset..]) {
                let from = at + offset + from;
                out.push(named(SymbolKind::Name, name, Span::new(from, from + name.len())));
            }
        } else {
            prose(body, at, &mut out);
        }
    }
    out
}

/// Finds the paths of `F:` lines that stand for one file.
fn maintainers_mentions(text: &[u8]) -> Vec<Mention> {
    let mut out = Vec::new();
    let mut start = 0;
    for line in text.lines_with_terminator() {
        if let Some(rest) = line.strip_prefix(b"F:") {
            let path = rest.trim_ascii();
            let at = start + line.len() - rest.trim_ascii_start().len();
            if !path.is_empty() && !path.ends_with(b"/") && !path.iter().any(|byte| matches!(byte, b'*' | b'?' | b'[')) {
                out.push(used(SymbolKind::Header, path, Span::new(at, at + path.len())));
            }
        }
        start += line.len();
    }
    out
}

fn named(kind: SymbolKind, name: &[u8], span: Span) -> Mention {
    Mention { role: Role::Names, ..used(kind, name, span) }
}

/// Returns the file of `.. kernel-doc:: mm/gmap.c` and where it begins.
fn directive(body: &[u8]) -> Option<(&[u8], usize)> {
    let rest = body.strip_prefix(b".. ")?;
    let colons = rest.find(b"::")?;
    let argument = rest[colons + 2..].trim_ascii();
    let is_path = !argument.is_empty() && !argument.iter().any(u8::is_ascii_whitespace);
    (FILE_DIRECTIVES.contains(&&rest[..colons]) && is_path).then_some((argument, body.len() - argument.len()))
}

/// Returns where the names of `:functions: a b` begin.
fn option(body: &[u8]) -> Option<usize> {
    let rest = body.strip_prefix(b":")?;
    let colon = rest.find_byte(b':')?;
    NAME_OPTIONS.contains(&&rest[..colon]).then_some(colon + 2)
}

/// Returns each word that can be an identifier, with its offset.
fn words(text: &[u8]) -> impl Iterator<Item = (&[u8], usize)> {
    let words = runs(text, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
    words.filter(|word| !text[word.start].is_ascii_digit()).map(|word| (&text[word.range()], word.start))
}

fn prose(body: &[u8], at: usize, out: &mut Vec<Mention>) {
    let mut before: &[u8] = b"";
    for (word, from) in words(body) {
        let span = Span::new(at + from, at + from + word.len());
        if matches!(before, b"struct" | b"union" | b"enum") {
            out.push(named(SymbolKind::Type, &[before, b" ", word].concat(), span));
        } else if body[from + word.len()..].starts_with(b"(") && word.contains(&b'_') {
            // A word of prose before a parenthesis has no underscore; most functions have one.
            out.push(named(SymbolKind::Name, word, span));
        }
        before = word;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(mentions: Vec<Mention>, expected: &str) {
        let shown: Vec<String> =
            mentions.iter().map(|mention| format!("{:?} {:?} {}", mention.role, mention.kind, mention.name)).collect();
        assert_eq!(shown.join("|"), expected);
    }

    #[test]
    fn directives_read_files_and_prose_names_symbols() {
        let text = b"Guest maps\n==========\n\n.. kernel-doc:: mm/gmap.c\n   :functions: gmap_link gmap_unlink\n\n\
            Call gmap_link() (often) on struct gmap, not 3_x() or wait (a while).\n";
        check(
            document_mentions(text),
            "Uses Header mm/gmap.c|Names Name gmap_link|Names Name gmap_unlink|Names Name gmap_link|Names Type struct gmap",
        );
        let line = document_mentions(b"\t.. include:: a.rst\n");
        assert_eq!(line[0].name_span, Span::new(14, 19));
    }

    #[test]
    fn a_section_names_its_files() {
        let text = b"GUEST MAPS\nM:\tA <a@example.org>\nF:\tmm/gmap.c\nF:\tmm/gmap*\nF:\tdrivers/gmap/\n";
        check(maintainers_mentions(text), "Uses Header mm/gmap.c");
        assert_eq!(&text[maintainers_mentions(text)[0].name_span.range()], b"mm/gmap.c");
    }
}
