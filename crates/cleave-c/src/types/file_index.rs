//! What a file declares, by name: records, functions, variables, typedefs, macros, includes.
//!
//! An entry is the hash of a name and where it is declared, no more: what stands there is read when somebody asks. Cost: one
//! pass over the tokens.

use bstr::BString;

use super::code::{Code, Lexed, lexed, small};
use super::declare::{Spec, declaration};
use crate::directives::DirectiveKind;
use crate::lex::TokenKind;
use crate::span::Span;
use crate::vocabulary::{Keyword, is_attribute, is_attribute_call, keyword};

/// What a name is declared as. C has its name spaces (C11, 6.2.3); macros and arguments of macros have their own here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum DeclarationKind {
    /// `struct x` and `union x` with a body.
    Tag,
    /// Functions and variables.
    Ordinary,
    /// Typedefs.
    Typedef,
    /// `#define x`.
    Macro,
    /// Arguments of a macro that stands where a declaration would: it may declare them.
    Argument,
}

/// Where a name is declared, found by the hash of the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct IndexEntry {
    hash: u64,
    space: DeclarationKind,
    start: u32,
    end: u32,
}

/// An `#include` line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Include {
    pub(super) path: BString,
    /// Whether it is written in quotes.
    pub(super) is_quoted: bool,
}

/// A file with what it declares and includes.
#[derive(Debug, Default)]
pub(super) struct FileIndex {
    pub(super) text: Vec<u8>,
    entries: Vec<IndexEntry>,
    pub(super) includes: Vec<Include>,
}

/// Longer calls than this at file scope are tables, not declarations.
const CALL_AT_MOST: usize = 400;

/// More bytes than this are not read: generated tables.
const READ_AT_MOST: usize = 8 << 20;

/// Hashes a name (FNV-1a).
pub(super) fn hash(name: &[u8]) -> u64 {
    name.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

impl FileIndex {
    /// Reads a text.
    pub(super) fn of(text: Vec<u8>) -> FileIndex {
        if text.len() > READ_AT_MOST {
            return FileIndex { text, ..FileIndex::default() };
        }
        let Lexed { code, directives } = lexed(0, &text, Span::new(0, text.len()));
        let mut entries = Vec::new();
        let mut includes = Vec::new();
        for line in &directives {
            match line.kind {
                DirectiveKind::Define if !line.argument.is_empty() => {
                    entries.push(entry(DeclarationKind::Macro, &text[line.argument.range()], line.span));
                }
                DirectiveKind::Include if !line.argument.is_empty() => {
                    let is_quoted = line.argument.start.checked_sub(1).is_some_and(|at| text[at] == b'"');
                    includes.push(Include { path: text[line.argument.range()].into(), is_quoted });
                }
                _ => {}
            }
        }
        records(&code, &mut entries);
        file_scope(&code, &mut entries);
        entries.sort_unstable();
        entries.dedup();
        entries.shrink_to_fit();
        FileIndex { entries, includes, text }
    }

    /// Returns where a name is declared, in order.
    pub(super) fn find(&self, space: DeclarationKind, name: &[u8], hash: u64) -> impl Iterator<Item = Span> {
        let from = self.entries.partition_point(|entry| (entry.hash, entry.space) < (hash, space));
        let found = self.entries[from..].iter().take_while(move |entry| (entry.hash, entry.space) == (hash, space));
        let spans = found.map(|entry| Span::new(entry.start as usize, entry.end as usize));
        spans.filter(move |span| {
            space == DeclarationKind::Argument || self.text[span.range()].windows(name.len()).any(|part| part == name)
        })
    }
}

fn entry(space: DeclarationKind, name: &[u8], span: Span) -> IndexEntry {
    IndexEntry { hash: hash(name), space, start: small(span.start), end: small(span.end) }
}

fn start(code: &Code<'_>, idx: usize) -> usize {
    code.tok(idx).map_or(0, |tok| tok.origin.at as usize)
}

fn end(code: &Code<'_>, idx: usize) -> usize {
    code.tok(idx).map_or(0, |tok| tok.origin.at as usize + tok.text.len())
}

/// Finds records with a body, wherever they stand.
fn records(code: &Code<'_>, out: &mut Vec<IndexEntry>) {
    for idx in 0..code.len() {
        if !matches!(code.at(idx), b"struct" | b"union") {
            continue;
        }
        let mut tag = None;
        let mut at = idx + 1;
        // A few attributes may stand around the tag.
        while at < idx + 12 && (code.is_word(at) || code.at(at) == b"(") {
            let word = code.at(at);
            if code.is_word(at) && keyword(word).is_none() && !is_attribute(word) && !is_attribute_call(word) {
                tag = Some(at);
            }
            at = code.after(at, code.len());
        }
        if let (Some(tag), b"{") = (tag, code.at(at)) {
            let close = code.mate(at).unwrap_or(code.len().saturating_sub(1));
            out.push(entry(DeclarationKind::Tag, code.at(tag), Span::new(start(code, idx), end(code, close))));
        }
    }
}

/// Goes through the declarations at file scope, over bodies and initialisers.
fn file_scope(code: &Code<'_>, out: &mut Vec<IndexEntry>) {
    let n = code.len();
    let mut at = 0;
    while at < n {
        if matches!(code.at(at), b";" | b"}" | b")" | b",") {
            at += 1;
            continue;
        }
        // `extern "C" {`
        if code.at(at) == b"extern" && code.tok(at + 1).is_some_and(|tok| tok.kind == TokenKind::Text) {
            at += if code.at(at + 2) == b"{" { 3 } else { 2 };
            continue;
        }
        if code.at(at) == b"{" {
            at = code.after(at, n);
            continue;
        }
        if let Some((name, open, after)) = macro_call(code, at) {
            arguments(code, name, open, out);
            at = after;
            continue;
        }
        let from = at;
        match declaration(code, at, n) {
            Some(found) => {
                for (nth, declarator) in found.declarators.iter().enumerate() {
                    let space = if found.is_typedef { DeclarationKind::Typedef } else { DeclarationKind::Ordinary };
                    // The first name ends what has to be read for the type.
                    let first = found.declarators[0].name;
                    if nth > 0 && matches!(found.spec, Spec::Record { body: Some(_), .. }) && nth > 32 {
                        break;
                    }
                    let span = Span::new(start(code, from), end(code, if nth == 0 { first } else { declarator.name }));
                    out.push(entry(space, code.at(declarator.name), span));
                }
                at = found.end.max(from + 1);
                if code.at(at) == b"{" {
                    at = code.after(at, n);
                } else if code.is_word(at) && found.declarators.last().is_some_and(|last| last.params.is_some()) {
                    // An old-style head: its parameters are no variables of the file.
                    at = code.find(at, n, b"{").min(n);
                }
            }
            None => at = after_statement(code, at),
        }
    }
}

/// Returns the place after something at file scope that is no declaration.
fn after_statement(code: &Code<'_>, from: usize) -> usize {
    let mut at = from;
    while at < code.len() {
        match code.at(at) {
            b";" => return at + 1,
            b"}" => return at.max(from + 1),
            b"{" => return code.after(at, code.len()),
            _ => at = code.after(at, code.len()),
        }
    }
    at.max(from + 1)
}

/// Finds `NAME(…);`, `static NAME(…) = …;` and `NAME(…)` before a line of its own at file scope; returns the name, the bracket and
/// the place after it.
fn macro_call(code: &Code<'_>, from: usize) -> Option<(usize, usize, usize)> {
    let mut at = from;
    while keyword(code.at(at)) == Some(Keyword::Modifier) || is_attribute(code.at(at)) {
        at += 1;
    }
    if !code.is_word(at) || keyword(code.at(at)).is_some() || is_attribute_call(code.at(at)) || code.at(at + 1) != b"(" {
        return None;
    }
    let close = code.mate(at + 1)?;
    match code.at(close + 1) {
        b";" => Some((at, at + 1, close + 2)),
        b"=" => Some((at, at + 1, code.find(close + 1, code.len(), b";") + 1)),
        b"" => Some((at, at + 1, close + 1)),
        _ if at == from && code.is_word(close + 1) && is_upper(code.at(at)) => Some((at, at + 1, close + 1)),
        _ => None,
    }
}

/// Whether a word is written as macros are.
pub(super) fn is_upper(word: &[u8]) -> bool {
    word.iter().any(u8::is_ascii_uppercase) && !word.iter().any(u8::is_ascii_lowercase)
}

fn arguments(code: &Code<'_>, name: usize, open: usize, out: &mut Vec<IndexEntry>) {
    let close = code.mate(open).unwrap_or(open);
    if close - open > CALL_AT_MOST {
        return;
    }
    let span = Span::new(start(code, name), end(code, close));
    for (_, last) in code.arguments(open) {
        if last > open + 1 && code.is_word(last - 1) && keyword(code.at(last - 1)).is_none() {
            out.push(entry(DeclarationKind::Argument, code.at(last - 1), span));
        }
    }
}
