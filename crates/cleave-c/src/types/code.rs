//! Tokens with their brackets paired: what declarations and expressions are read from.
//!
//! A condition's branches are read one after the other as if all were there. After `#else` the brackets are as they were
//! before `#if`, so that a brace opened in both branches is closed once.

use crate::directives::{Directive, DirectiveKind, dead_branch, directive};
use crate::lex::{TokenKind, tokens_of_lines};
use crate::span::Span;

/// Where a token was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Origin {
    /// The file's place in the index.
    pub(super) file: u32,
    /// The offset in its text.
    pub(super) at: u32,
}

/// One token.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tok<'w> {
    pub(super) kind: TokenKind,
    pub(super) text: &'w [u8],
    /// The token itself, or the macro's body that it was pasted in.
    pub(super) origin: Origin,
    /// Stands in the body of the macro that it names: not expanded again.
    pub(super) painted: bool,
}

/// Tokens without comments and directives.
#[derive(Debug, Default)]
pub(super) struct Code<'w> {
    toks: Vec<Tok<'w>>,
    /// For a bracket the place of its partner.
    mates: Vec<u32>,
    /// The innermost bracket open around each token.
    around: Vec<u32>,
}

/// Where a condition begins, goes on and ends, as the number of the token after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    If(usize),
    Else(usize),
    End(usize),
}

const NONE: u32 = u32::MAX;

/// Numbers inside one text, which is never as long as 4 GB.
pub(super) fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(NONE)
}

/// A text read: its code and its preprocessor lines.
pub(super) struct Lexed<'w> {
    pub(super) code: Code<'w>,
    pub(super) directives: Vec<Directive>,
}

/// Reads a part of a text that consists of whole lines, or begins in the middle of one.
pub(super) fn lexed(file: u32, text: &[u8], part: Span) -> Lexed<'_> {
    let mut toks = Vec::with_capacity(part.len() / 6);
    let mut marks = Vec::new();
    let mut directives = Vec::new();
    // For each open condition: which branch no compiler reads, and in which branch we are.
    let mut open: Vec<(Option<usize>, usize)> = Vec::new();
    let mut n_dead = 0_usize;
    let is_dead = |(dead, branch): &(Option<usize>, usize)| *dead == Some(*branch);
    for token in tokens_of_lines(text, part) {
        match token.kind {
            TokenKind::Comment => {}
            TokenKind::Directive => {
                let line = directive(text, token.span);
                match line.kind {
                    DirectiveKind::If => {
                        open.push((dead_branch(text, &line), 0));
                        n_dead += usize::from(open.last().is_some_and(is_dead));
                        marks.push(Mark::If(toks.len()));
                    }
                    DirectiveKind::Else => {
                        if let Some(last) = open.last_mut() {
                            n_dead -= usize::from(is_dead(last));
                            last.1 += 1;
                            // Past `#elif` it is not known what `#else` stands against.
                            if !line.argument.is_empty() {
                                last.0 = None;
                            }
                            n_dead += usize::from(is_dead(last));
                        }
                        marks.push(Mark::Else(toks.len()));
                    }
                    DirectiveKind::Endif => {
                        n_dead -= usize::from(open.pop().is_some_and(|last| is_dead(&last)));
                        marks.push(Mark::End(toks.len()));
                    }
                    DirectiveKind::Include | DirectiveKind::Define | DirectiveKind::Undef | DirectiveKind::Other => {}
                }
                if n_dead == 0 {
                    directives.push(line);
                }
            }
            _ if n_dead > 0 => {}
            kind => toks.push(Tok {
                kind,
                text: token.of(text),
                origin: Origin { file, at: small(token.span.start) },
                painted: false,
            }),
        }
    }
    Lexed { code: Code::with_marks(toks, &marks), directives }
}

/// The brackets that are open, as a list that branches of a condition share.
struct Brackets {
    nodes: Vec<(u32, u32)>,
    top: u32,
}

impl Brackets {
    fn push(&mut self, at: usize) {
        self.nodes.push((small(at), self.top));
        self.top = small(self.nodes.len() - 1);
    }

    fn top(&self) -> Option<usize> {
        self.nodes.get(self.top as usize).map(|(at, _)| *at as usize)
    }

    fn pop(&mut self) {
        self.top = self.nodes.get(self.top as usize).map_or(NONE, |(_, outer)| *outer);
    }
}

impl<'w> Code<'w> {
    /// Pairs the brackets of tokens without conditions.
    pub(super) fn new(toks: Vec<Tok<'w>>) -> Self {
        Code::with_marks(toks, &[])
    }

    fn with_marks(toks: Vec<Tok<'w>>, marks: &[Mark]) -> Self {
        let mut mates = vec![NONE; toks.len()];
        let mut around = vec![NONE; toks.len()];
        let mut open = Brackets { nodes: Vec::new(), top: NONE };
        // For each condition: the brackets before it, and those after its first branch that changed them.
        let mut conditions: Vec<(u32, Option<u32>)> = Vec::new();
        let mut marks = marks.iter().peekable();
        for idx in 0..toks.len() {
            while let Some(mark) =
                marks.next_if(|mark| matches!(mark, Mark::If(at) | Mark::Else(at) | Mark::End(at) if *at <= idx))
            {
                match mark {
                    Mark::If(_) => conditions.push((open.top, None)),
                    Mark::Else(_) => {
                        if let Some((before, after)) = conditions.last_mut() {
                            if open.top != *before && after.is_none() {
                                *after = Some(open.top);
                            }
                            open.top = *before;
                        }
                    }
                    Mark::End(_) => {
                        if let Some((_, Some(after))) = conditions.pop() {
                            open.top = after;
                        }
                    }
                }
            }
            around[idx] = open.top().map_or(NONE, small);
            if toks[idx].kind != TokenKind::Punct {
                continue;
            }
            let close = match toks[idx].text {
                b"(" | b"[" | b"{" => {
                    open.push(idx);
                    continue;
                }
                b")" => b'(',
                b"]" => b'[',
                b"}" => b'{',
                _ => continue,
            };
            // A brace closes what was left open in it; a stray `)` closes nothing.
            let mut top = open.top();
            while let Some(from) = top {
                if toks[from].text == [close] {
                    (mates[from], mates[idx]) = (small(idx), small(from));
                    open.pop();
                    around[idx] = open.top().map_or(NONE, small);
                    break;
                }
                if close != b'{' {
                    break;
                }
                open.pop();
                top = open.top();
            }
        }
        Code { toks, mates, around }
    }

    pub(super) fn len(&self) -> usize {
        self.toks.len()
    }

    pub(super) fn toks(&self) -> &[Tok<'w>] {
        &self.toks
    }

    pub(super) fn tok(&self, idx: usize) -> Option<&Tok<'w>> {
        self.toks.get(idx)
    }

    /// Returns the bytes of a token, empty past both ends.
    pub(super) fn at(&self, idx: usize) -> &'w [u8] {
        self.toks.get(idx).map_or(b"", |tok| tok.text)
    }

    /// Returns the bytes of the token before.
    pub(super) fn before(&self, idx: usize) -> &'w [u8] {
        idx.checked_sub(1).map_or(b"", |idx| self.at(idx))
    }

    pub(super) fn is_word(&self, idx: usize) -> bool {
        self.toks.get(idx).is_some_and(|tok| tok.kind == TokenKind::Word)
    }

    /// Returns the partner of a bracket.
    pub(super) fn mate(&self, idx: usize) -> Option<usize> {
        self.mates.get(idx).filter(|mate| **mate != NONE).map(|mate| *mate as usize)
    }

    /// Returns the innermost bracket open around a token.
    pub(super) fn around(&self, idx: usize) -> Option<usize> {
        self.around.get(idx).filter(|open| **open != NONE).map(|open| *open as usize)
    }

    /// Returns the place after a token, or after the group that it opens, at most `end`.
    pub(super) fn after(&self, idx: usize, end: usize) -> usize {
        match self.at(idx) {
            b"(" | b"[" | b"{" => self.mate(idx).unwrap_or(idx) + 1,
            _ => idx + 1,
        }
        .min(end)
        .max(idx + 1)
    }

    /// Returns the first place from `from` on, outside of inner groups, where one of the bytes stands; else `end`.
    pub(super) fn find(&self, from: usize, end: usize, bytes: &[u8]) -> usize {
        let mut at = from;
        while at < end {
            if let [byte] = self.at(at)
                && bytes.contains(byte)
            {
                return at;
            }
            at = self.after(at, end);
        }
        end
    }

    /// Returns the parts between the commas of the group that opens at `open`.
    pub(super) fn arguments(&self, open: usize) -> Vec<(usize, usize)> {
        let Some(close) = self.mate(open) else { return Vec::new() };
        let mut out = Vec::new();
        let mut from = open + 1;
        while from < close || (out.is_empty() && from == close) {
            let end = self.find(from, close, b",");
            out.push((from, end));
            from = end + 1;
        }
        if self.before(close) == b"," {
            out.push((close, close));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_branches_may_open_the_same_brace() {
        let text = b"f {\n#ifdef A\n if (a) {\n#else\n if (b) {\n#endif\n x; }\n}\nz";
        let Lexed { code, .. } = lexed(0, text, Span::new(0, text.len()));
        let last = code.len() - 1;
        assert_eq!(code.around(last), None);
        assert_eq!(code.mate(1), Some(last - 1));
    }

    #[test]
    fn dead_branches_are_left_out() {
        let text = b"#if 0\na\n#else\nb\n#endif\n#ifndef __ASSEMBLY__\nc\n#else\nd\n#endif\n";
        let Lexed { code, .. } = lexed(0, text, Span::new(0, text.len()));
        let words: Vec<&[u8]> = code.toks().iter().map(|tok| tok.text).collect();
        assert_eq!(words, [b"b", b"c"]);
    }
}
