//! Preprocessor lines: what each is, and which `#if` to `#endif` belong together.
//!
//! The grammar sees none of them, as a condition may cut an expression or a brace in two. Where all branches of a condition
//! hold whole statements the grammar sees them all; else it sees the first, and the others are only read for names.

use std::collections::BTreeMap;

use bstr::ByteSlice;

use super::lex::{Token, TokenKind, is_word_byte, nesting};
use crate::span::Span;

/// What a preprocessor line does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DirectiveKind {
    /// `#include`; the argument is the path as written, without quotes or brackets.
    Include,
    /// `#define`; the argument is the macro's name.
    Define,
    /// `#undef`; the argument is the macro's name.
    Undef,
    /// `#if`, `#ifdef`, `#ifndef`; the argument is the condition.
    If,
    /// `#elif`, `#elifdef`, `#elifndef`, `#else`; the argument is the condition, empty for `#else`.
    Else,
    /// `#endif`.
    Endif,
    /// `#error`, `#pragma`, `#line` …
    Other,
}

/// One preprocessor line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Directive {
    /// What it does.
    pub kind: DirectiveKind,
    /// From the `#` to the end of the logical line.
    pub span: Span,
    /// What it speaks of, as the kind says.
    pub argument: Span,
}

/// The lines of one condition, in order: `#if`, any `#elif` and `#else`, `#endif`, as places among the directives.
///
/// The last is an `#endif` unless the text ends without one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conditional {
    /// Places in the list of directives; never empty.
    pub lines: Vec<usize>,
}

/// Reads the directives among `tokens` and pairs the conditional ones. An `#else` or `#endif` without `#if` is in no pair.
///
/// Conditions are sorted by their first line.
pub fn directives(text: &[u8], tokens: &[Token]) -> (Vec<Directive>, Vec<Conditional>) {
    let list: Vec<Directive> =
        tokens.iter().filter(|token| token.kind == TokenKind::Directive).map(|token| directive(text, token.span)).collect();
    let mut conditionals: Vec<Conditional> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for (place, directive) in list.iter().enumerate() {
        match directive.kind {
            DirectiveKind::If => {
                open.push(conditionals.len());
                conditionals.push(Conditional { lines: vec![place] });
            }
            DirectiveKind::Else => open.last().into_iter().for_each(|&at| conditionals[at].lines.push(place)),
            DirectiveKind::Endif => open.pop().into_iter().for_each(|at| conditionals[at].lines.push(place)),
            DirectiveKind::Include | DirectiveKind::Define | DirectiveKind::Undef | DirectiveKind::Other => {}
        }
    }
    (list, conditionals)
}

/// Reads the preprocessor line at `span`.
pub(crate) fn directive(text: &[u8], span: Span) -> Directive {
    let skip = |mut at: usize| {
        while at < span.end && matches!(text[at], b' ' | b'\t') {
            at += 1;
        }
        at
    };
    let word = |at: usize| Span::new(at, at + text[at..span.end].iter().take_while(|&&byte| is_word_byte(byte)).count());
    let name = word(skip((span.start + 1).min(span.end)));
    let rest = skip(name.end);
    let condition = || {
        let end = text[rest..span.end].find(b"/*").into_iter().chain(text[rest..span.end].find(b"//")).min();
        let end = end.map_or(span.end, |len| rest + len);
        Span::new(rest, rest + text[rest..end].trim_ascii_end().len())
    };
    let path = || {
        let close = match text.get(rest).filter(|_| rest < span.end) {
            Some(b'<') => b'>',
            Some(b'"') => b'"',
            _ => return word(rest),
        };
        let inside = &text[rest + 1..span.end];
        Span::new(rest + 1, rest + 1 + inside.find_byte(close).unwrap_or(inside.len()))
    };
    let (kind, argument) = match &text[name.range()] {
        b"include" | b"include_next" | b"import" => (DirectiveKind::Include, path()),
        b"define" => (DirectiveKind::Define, word(rest)),
        b"undef" => (DirectiveKind::Undef, word(rest)),
        b"if" | b"ifdef" | b"ifndef" => (DirectiveKind::If, condition()),
        b"elif" | b"elifdef" | b"elifndef" | b"else" => (DirectiveKind::Else, condition()),
        b"endif" => (DirectiveKind::Endif, Span::new(rest, rest)),
        _ => (DirectiveKind::Other, condition()),
    };
    Directive { kind, span, argument }
}

/// Why the grammar does not see a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unseen {
    /// No compiler reads it as C: `#if 0`, assembler.
    Dead,
    /// It is C, but the grammar sees another branch in its place.
    Other,
}

/// Tokens that are looked at for each token of the text at most, on the average, to tell which branches hold whole statements. Conditions
/// in conditions cost their depth; no text that people write comes near.
const LOOKS_AT_MOST: usize = 64;

/// Returns the branches that the grammar must not see, sorted; they may be nested. Where conditions nest beyond all bounds, only the first
/// branches of the outer ones are seen.
pub(super) fn unseen_branches(
    text: &[u8],
    tokens: &[Token],
    directives: &[Directive],
    conditionals: &[Conditional],
) -> Vec<(Span, Unseen)> {
    let mut branches_seen = Branches { text, tokens, unseen: BTreeMap::new(), looks: LOOKS_AT_MOST * (tokens.len() + 1000) };
    // Inner conditions come after outer ones: backwards, a branch is judged when what is in it has been.
    for conditional in conditionals.iter().rev() {
        let ends = conditional.lines.iter().skip(1).map(|&line| directives[line].span.start);
        let mut branches: Vec<Span> =
            conditional.lines.iter().zip(ends).map(|(&line, end)| Span::new(directives[line].span.end, end)).collect();
        let first = &directives[conditional.lines[0]];
        match dead_branch(text, first) {
            Some(dead) if branches.len() > dead && (dead == 0 || branches.len() == 2) => {
                branches_seen.hide(branches.remove(dead), Unseen::Dead);
            }
            _ => {}
        }
        if branches.len() > 1 && !branches.iter().all(|&branch| branches_seen.is_whole(branch)) {
            let seen = branches.iter().position(|&branch| branches_seen.is_live(branch)).unwrap_or(0);
            branches.remove(seen);
            branches.into_iter().for_each(|branch| branches_seen.hide(branch, Unseen::Other));
        }
    }
    branches_seen.unseen.into_iter().map(|(start, (end, why))| (Span::new(start, end), why)).collect()
}

/// Returns the place of the branch that no C compiler reads, as far as the first line tells.
pub(crate) fn dead_branch(text: &[u8], first: &Directive) -> Option<usize> {
    let negated = text[first.span.range()].trim_start_with(|c| c == '#' || c == ' ' || c == '\t').starts_with(b"ifndef");
    let condition = &text[first.argument.range()];
    let foreign = matches!(condition, b"__cplusplus" | b"__ASSEMBLY__" | b"__ASSEMBLER__" | b"LINKER_SCRIPT" | b"__DTS__")
        || matches!(condition, b"defined(__cplusplus)" | b"defined(__ASSEMBLY__)" | b"defined(__ASSEMBLER__)");
    match condition {
        b"0" => Some(0),
        _ if foreign => Some(usize::from(negated)),
        _ if matches!(condition, b"!defined(__ASSEMBLY__)" | b"!defined(__ASSEMBLER__)") => Some(1),
        _ => None,
    }
}

/// What is known of the branches while the conditions are gone through.
struct Branches<'t> {
    text: &'t [u8],
    tokens: &'t [Token],
    /// By start, which no two branches share.
    unseen: BTreeMap<usize, (usize, Unseen)>,
    /// How many more tokens may be looked at.
    looks: usize,
}

impl<'t> Branches<'t> {
    fn hide(&mut self, branch: Span, why: Unseen) {
        self.unseen.insert(branch.start, (branch.end, why));
    }

    /// Gives each token of a branch that the grammar would see to `look` until that says stop. Whether it never did, and all were looked at.
    fn each_live(&mut self, branch: Span, mut look: impl FnMut(&'t [u8]) -> bool) -> bool {
        let from = self.tokens.partition_point(|token| token.span.start < branch.start);
        let mut inner = self.unseen.range(branch.start..branch.end.max(branch.start)).peekable();
        let mut hidden_to = 0;
        for token in self.tokens[from..].iter().take_while(|token| token.span.start < branch.end) {
            if self.looks == 0 {
                return false;
            }
            self.looks -= 1;
            while let Some((_, (end, _))) = inner.next_if(|(start, _)| **start <= token.span.start) {
                hidden_to = hidden_to.max(*end);
            }
            let is_live = !matches!(token.kind, TokenKind::Comment | TokenKind::Directive) && token.span.start >= hidden_to;
            if is_live && !look(token.of(self.text)) {
                return false;
            }
        }
        true
    }

    /// Whether the grammar would see anything of a branch.
    fn is_live(&mut self, branch: Span) -> bool {
        let mut found = false;
        self.each_live(branch, |_| {
            found = true;
            false
        });
        found
    }

    /// Whether a branch holds whole statements: brackets in balance, and nothing at its end that wants more.
    fn is_whole(&mut self, branch: Span) -> bool {
        let mut depth = 0;
        let mut last: &[u8] = b";";
        let never_below = self.each_live(branch, |token| {
            last = token;
            depth += nesting(token);
            depth >= 0
        });
        never_below && depth == 0 && matches!(last, b";" | b"}" | b"," | b":")
    }
}
