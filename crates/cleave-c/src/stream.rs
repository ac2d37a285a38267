//! The tokens that the grammar will see, with their brackets paired: what [`super::blank`] looks around in.

use super::lex::{Token, TokenKind};
use super::vocabulary::keyword;
use crate::span::Span;

/// What stands between a pair of braces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BraceKind {
    File,
    Record,
    Enum,
    Code,
    Values,
}

/// The tokens that the grammar will see, and for each bracket the place of its partner.
pub(super) struct Stream<'t> {
    text: &'t [u8],
    pub(super) tokens: &'t [Token],
    pub(super) mates: Vec<Option<usize>>,
}

impl Stream<'_> {
    pub(super) fn new<'t>(text: &'t [u8], tokens: &'t [Token]) -> Stream<'t> {
        let mut mates = vec![None; tokens.len()];
        let mut open: Vec<(u8, usize)> = Vec::new();
        for (idx, token) in tokens.iter().enumerate().filter(|(_, token)| token.kind == TokenKind::Punct) {
            let close = match text[token.span.start] {
                byte @ (b'(' | b'{') => {
                    open.push((byte, idx));
                    continue;
                }
                b')' => b'(',
                b'}' => b'{',
                _ => continue,
            };
            // A brace closes the parentheses left open in it; a stray `)` closes nothing.
            while let Some(&(byte, from)) = open.last() {
                if byte == close {
                    open.pop();
                    (mates[from], mates[idx]) = (Some(idx), Some(from));
                    break;
                }
                if close == b'(' {
                    break;
                }
                open.pop();
            }
        }
        Stream { text, tokens, mates }
    }

    /// Returns the bytes of a token, empty past both ends.
    pub(super) fn at(&self, idx: usize) -> &[u8] {
        self.tokens.get(idx).map_or(b"", |token| token.of(self.text))
    }

    pub(super) fn before(&self, idx: usize) -> &[u8] {
        idx.checked_sub(1).map_or(b"", |idx| self.at(idx))
    }

    pub(super) fn is_word(&self, idx: usize) -> bool {
        self.tokens.get(idx).is_some_and(|token| token.kind == TokenKind::Word)
    }

    pub(super) fn is_name(&self, idx: usize) -> bool {
        self.is_word(idx) && keyword(self.at(idx)).is_none()
    }

    /// Returns the places of a call's parentheses when a name stands at `idx` and a closed `(` after it.
    pub(super) fn call(&self, idx: usize) -> Option<(usize, usize)> {
        let close = self.mates.get(idx + 1).copied().flatten().filter(|_| self.at(idx + 1) == b"(")?;
        self.is_name(idx).then_some((idx + 1, close))
    }

    /// Returns the spans between the commas of a call, without the white space around.
    pub(super) fn arguments(&self, open: usize, close: usize) -> Vec<Span> {
        let mut out = Vec::new();
        let mut from = open + 1;
        let mut idx = open + 1;
        while idx <= close {
            match self.at(idx) {
                b"(" | b"{" => idx = self.mates[idx].unwrap_or(idx),
                b"," | b")" => {
                    if from < idx {
                        out.push(Span::new(self.tokens[from].span.start, self.tokens[idx - 1].span.end));
                    }
                    from = idx + 1;
                }
                _ => {}
            }
            idx += 1;
        }
        out
    }

    pub(super) fn same_line(&self, one: usize, other: usize) -> bool {
        !self.text[self.tokens[one].span.end..self.tokens[other].span.start].contains(&b'\n')
    }

    /// Whether a word follows on the line of the token at `idx`.
    pub(super) fn same_line_word(&self, idx: usize) -> bool {
        self.is_word(idx + 1) && self.same_line(idx, idx + 1)
    }

    /// What the brace at `idx` opens, standing in `outer`.
    pub(super) fn place(&self, idx: usize, outer: BraceKind) -> BraceKind {
        let before = self.before(idx);
        let tag = |at: Option<usize>| match at.map(|at| self.at(at)) {
            Some(b"struct" | b"union") => Some(BraceKind::Record),
            Some(b"enum") => Some(BraceKind::Enum),
            _ => None,
        };
        let last_word = idx.checked_sub(1).filter(|&at| self.is_word(at));
        let record = tag(last_word).or_else(|| tag(last_word.and_then(|at| at.checked_sub(1))));
        let literal = || {
            let open = idx.checked_sub(1).and_then(|close| self.mates[close]);
            before == b")" && open.is_some_and(|open| matches!(self.at(open + 1), b"struct" | b"union"))
        };
        match outer {
            BraceKind::File if before == b"=" => BraceKind::Values,
            BraceKind::File if idx > 0 && self.tokens[idx - 1].kind == TokenKind::Text => BraceKind::File,
            BraceKind::File => record.unwrap_or(BraceKind::Code),
            BraceKind::Record => record.unwrap_or(BraceKind::Values),
            BraceKind::Code if before == b"=" || literal() => BraceKind::Values,
            BraceKind::Code => record.unwrap_or(BraceKind::Code),
            BraceKind::Values if before == b"(" => BraceKind::Code,
            BraceKind::Values | BraceKind::Enum => BraceKind::Values,
        }
    }
}
