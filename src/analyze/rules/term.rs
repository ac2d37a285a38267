//! Tokens, and the calls and arguments that they make.

use std::ops::Range;

use crate::model::Span;
use cleave_c::lex::{TokenKind, is_word_byte, is_word_start, nesting, tokens_in};

use super::PatternPart;

/// A token and where it begins in its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lexeme<'t> {
    pub(super) bytes: &'t [u8],
    pub(super) at: usize,
}

/// Returns the tokens of a text; a comment is read word by word, as it may speak of what is renamed.
pub(super) fn tokens(text: &[u8]) -> Vec<Lexeme<'_>> {
    let mut out = Vec::new();
    for token in tokens_in(text, Span::new(0, text.len())) {
        match token.kind {
            TokenKind::Comment | TokenKind::Text | TokenKind::Char => words(text, token.span, &mut out),
            _ => out.push(Lexeme { bytes: token.of(text), at: token.span.start }),
        }
    }
    out
}

fn words<'t>(text: &'t [u8], span: Span, out: &mut Vec<Lexeme<'t>>) {
    let mut at = span.start;
    while at < span.end {
        let len = match text[at..span.end].iter().take_while(|byte| is_word_byte(**byte)).count() {
            0 if text[at..span.end].starts_with(b"->") => 2,
            len => len.max(1),
        };
        if !text[at].is_ascii_whitespace() {
            out.push(Lexeme { bytes: &text[at..at + len], at });
        }
        at += len;
    }
}

/// Whether a token is a name.
pub(super) fn is_word(token: &[u8]) -> bool {
    token.first().is_some_and(|byte| is_word_start(*byte))
}

/// Whether a call of this name is none.
fn is_statement(token: &[u8]) -> bool {
    matches!(token, b"if" | b"for" | b"while" | b"switch" | b"return" | b"sizeof" | b"do" | b"else" | b"case" | b"defined")
}

/// An expression: a call with its arguments, or some tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Term {
    /// Its tokens.
    pub(super) range: Range<usize>,
    /// Of a call: its arguments; the name is its first token.
    pub(super) arguments: Option<Vec<Term>>,
}

/// Reads the call or the single name that begins at `at`.
pub(super) fn primary(tokens: &[Lexeme<'_>], at: usize) -> Option<Term> {
    let first = tokens.get(at)?.bytes;
    if first == b"(" {
        return Some(Term { range: at..closing(tokens, at)? + 1, arguments: None });
    }
    if !is_word(first) {
        return None;
    }
    call(tokens, at).or(Some(Term { range: at..at + 1, arguments: None }))
}

/// Reads the call whose name stands at `at`.
pub(super) fn call(tokens: &[Lexeme<'_>], at: usize) -> Option<Term> {
    if !is_word(tokens.get(at)?.bytes) || is_statement(tokens[at].bytes) || tokens.get(at + 1)?.bytes != b"(" {
        return None;
    }
    let close = closing(tokens, at + 1)?;
    let mut arguments = Vec::new();
    let (mut start, mut depth) = (at + 2, 0);
    for (idx, token) in tokens.iter().enumerate().take(close + 1).skip(at + 2) {
        depth += if idx < close { nesting(token.bytes) } else { 0 };
        if idx == close || token.bytes == b"," && depth == 0 {
            if start < idx {
                arguments.push(argument(tokens, start..idx));
            }
            start = idx + 1;
        }
    }
    Some(Term { range: at..close + 1, arguments: Some(arguments) })
}

fn argument(tokens: &[Lexeme<'_>], range: Range<usize>) -> Term {
    match call(tokens, range.start) {
        Some(call) if call.range.end == range.end => call,
        _ => Term { range, arguments: None },
    }
}

/// Returns where the bracket at `open` closes.
fn closing(tokens: &[Lexeme<'_>], open: usize) -> Option<usize> {
    let mut depth = 0;
    for (idx, token) in tokens.iter().enumerate().skip(open) {
        depth += nesting(token.bytes);
        if depth == 0 {
            return Some(idx);
        }
        if token.bytes == b";" && depth == 1 {
            return None;
        }
    }
    None
}

/// Returns the name of the innermost call around `at`: the first token before it of a bracket that is still open.
pub(super) fn enclosing(tokens: &[Lexeme<'_>], at: usize) -> Option<usize> {
    let mut depth = 0usize;
    for idx in (0..at.min(tokens.len())).rev() {
        match tokens[idx].bytes {
            b")" | b"]" | b"}" => depth += 1,
            b"(" | b"[" | b"{" if depth > 0 => depth -= 1,
            b"(" => return idx.checked_sub(1).filter(|name| call(tokens, *name).is_some()),
            b"[" | b"{" | b";" => return None,
            _ => {}
        }
    }
    None
}

/// Reads a pattern at `at`; returns what stands in its holes, and where it ends. A hole takes in as few tokens as it can, with brackets closed.
pub(super) fn matched<'t>(pattern: &[PatternPart], tokens: &[Lexeme<'t>], at: usize) -> Option<(Vec<Vec<&'t [u8]>>, usize)> {
    let mut holes: Vec<Vec<&'t [u8]>> = Vec::new();
    let mut at = at;
    for (idx, part) in pattern.iter().enumerate() {
        match part {
            PatternPart::Token(token) => {
                if tokens.get(at)?.bytes != token.as_slice() {
                    return None;
                }
                at += 1;
            }
            PatternPart::Hole(hole) => {
                let end = match pattern.get(idx + 1) {
                    Some(PatternPart::Token(stop)) => reach(tokens, at, stop)?,
                    _ => return None,
                };
                let found: Vec<&[u8]> = tokens[at..end].iter().map(|token| token.bytes).collect();
                match holes.get(*hole) {
                    Some(known) if !known.is_empty() => {
                        if *known != found {
                            return None;
                        }
                    }
                    _ => {
                        holes.resize((*hole + 1).max(holes.len()), Vec::new());
                        holes[*hole] = found;
                    }
                }
                at = end;
            }
        }
    }
    Some((holes, at))
}

/// Returns the first place from `at` on where `stop` stands outside all brackets.
fn reach(tokens: &[Lexeme<'_>], at: usize, stop: &[u8]) -> Option<usize> {
    let mut depth = 0;
    for (idx, token) in tokens.iter().enumerate().skip(at) {
        if depth == 0 && token.bytes == stop {
            return (idx > at).then_some(idx);
        }
        depth += nesting(token.bytes);
        if depth < 0 {
            return None;
        }
    }
    None
}
