//! Two runs of tokens → the smallest rewrites that make one into the other.

use std::ops::Range;

use bstr::BString;
use cleave_c::lex::nesting;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::term::{Lexeme, Term, call, enclosing, is_word, primary};
use super::{MOST_TOKENS, PatternPart, RuleKind};
use crate::read::cut::n_shared;

/// Pairs of fewer tokens than this may have few in common: a word alone that is renamed, a long argument that goes.
const FEW_TOKENS: usize = 60;
/// The most steps that comparing a pair may take: a few milliseconds.
const MOST_STEPS: usize = 1_000_000;
/// Calls around a difference that are tried, the innermost first.
const LEVELS: usize = 3;
/// Longer patterns are no rule that a person would write down.
const MOST_PARTS: usize = 60;

/// A rewrite at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rewrite {
    pub(super) kind: RuleKind,
    /// The pattern that goes.
    pub(super) from: Vec<PatternPart>,
    /// The same with each argument left open that goes without a trace.
    pub(super) general: Option<Vec<PatternPart>>,
    /// The pattern that comes.
    pub(super) to: Vec<PatternPart>,
    /// The tokens that go.
    pub(super) old: Range<usize>,
    /// Of a member: `->` or `.`.
    pub(super) reached: Option<&'static [u8]>,
}

impl Rewrite {
    /// Whether a member was reached by `->` and by `.`.
    pub(super) fn reached(&self) -> (bool, bool) {
        (self.reached == Some(b"->"), self.reached == Some(b"."))
    }
}

/// Returns the rewrites of a pair, in order; what no rewrite explains is left out.
pub(super) fn rewrites(old: &[Lexeme<'_>], new: &[Lexeme<'_>]) -> Vec<Rewrite> {
    if old.is_empty() || new.is_empty() || old.len().max(new.len()) > MOST_TOKENS {
        return Vec::new();
    }
    let (old_bytes, new_bytes): (Vec<&[u8]>, Vec<&[u8]>) =
        (old.iter().map(|token| token.bytes).collect(), new.iter().map(|token| token.bytes).collect());
    if !may_be(&old_bytes, &new_bytes) {
        return Vec::new();
    }
    let ops = capture_diff_slices(Algorithm::Myers, &old_bytes, &new_bytes);
    let differ: Vec<(Range<usize>, Range<usize>)> =
        ops.iter().filter(|op| !matches!(op, DiffOp::Equal { .. })).map(|op| (op.old_range(), op.new_range())).collect();
    let pair = TokenPair { old, new, differ: &differ };
    let mut found: Vec<Rewrite> = Vec::new();
    let (mut old_done, mut new_done) = (0, 0);
    for (gone, come) in &differ {
        if gone.start < old_done || come.start < new_done {
            continue;
        }
        let term = || pair.terms(gone, come, (old_done, new_done)).map(|(rewrite, end)| (rewrite.old.end, end, vec![rewrite]));
        let tokens = || Some((gone.end, come.end, vec![pair.tokens(gone, come)?]));
        let names = pair.names(gone, come).map(|rewrites| (gone.end, come.end, rewrites));
        let Some((old_end, new_end, rewrites)) = names.or_else(term).or_else(tokens) else { continue };
        found.extend(rewrites);
        (old_done, new_done) = (old_end, new_end);
    }
    found
}

/// Whether it pays to compare two runs: one made from the other by rule keeps half of its tokens at least. The tokens that only one side has bound the
/// steps of the comparison from below.
fn may_be(old: &[&[u8]], new: &[&[u8]]) -> bool {
    let [mut old_words, mut new_words] = [old, new].map(<[&[u8]]>::to_vec);
    old_words.sort_unstable();
    new_words.sort_unstable();
    let shared = n_shared(&old_words, &new_words);
    let (longest, both) = (old.len().max(new.len()), old.len() + new.len());
    longest <= FEW_TOKENS || 2 * shared >= longest && both * (both - 2 * shared) <= MOST_STEPS
}

struct TokenPair<'p, 't> {
    old: &'p [Lexeme<'t>],
    new: &'p [Lexeme<'t>],
    /// What is not equal, in order.
    differ: &'p [(Range<usize>, Range<usize>)],
}

impl TokenPair<'_, '_> {
    /// Names in place of as many others, unless the arguments behind them change too.
    fn names(&self, gone: &Range<usize>, come: &Range<usize>) -> Option<Vec<Rewrite>> {
        if gone.len() != come.len() {
            return None;
        }
        let mut found = Vec::new();
        for (old_at, new_at) in gone.clone().zip(come.clone()) {
            let (from, to) = (self.old[old_at].bytes, self.new[new_at].bytes);
            if from == to {
                continue;
            }
            if !is_word(from) || !is_word(to) {
                return None;
            }
            let before = |tokens: &[Lexeme<'_>], at: usize| at.checked_sub(1).map(|at| tokens[at].bytes.to_vec());
            let reached = match (before(self.old, old_at), before(self.new, new_at)) {
                (Some(one), Some(other)) if one == other && one == b"->" => Some(&b"->"[..]),
                (Some(one), Some(other)) if one == other && one == b"." => Some(&b"."[..]),
                _ => None,
            };
            let calls = (call(self.old, old_at), call(self.new, new_at));
            let kind = match (reached, &calls) {
                (Some(_), _) => RuleKind::Field,
                (None, (Some(_), Some(_))) => RuleKind::Function,
                (None, (None, None)) => RuleKind::Word,
                (None, _) => return None,
            };
            if let (RuleKind::Function, (Some(before), Some(after))) = (kind, &calls)
                && (before.arguments.as_ref().map(Vec::len) != after.arguments.as_ref().map(Vec::len))
            {
                return None;
            }
            let name = |token: &[u8]| vec![PatternPart::Token(token.into())];
            found.push(Rewrite { kind, from: name(from), general: None, to: name(to), old: old_at..old_at + 1, reached });
        }
        Some(found)
    }

    /// The difference as it stands, when it names something: a bracket or a comma alone could not be recognised elsewhere.
    fn tokens(&self, gone: &Range<usize>, come: &Range<usize>) -> Option<Rewrite> {
        let parts = |tokens: &[Lexeme<'_>]| tokens.iter().map(|token| PatternPart::Token(token.bytes.into())).collect::<Vec<_>>();
        let (old, new) = (&self.old[gone.clone()], &self.new[come.clone()]);
        if old.len().max(new.len()) > MOST_PARTS || !old.iter().chain(new).any(|token| is_word(token.bytes)) {
            return None;
        }
        if !is_even(old) || !is_even(new) {
            return None;
        }
        let (from, to) = (parts(old), parts(new));
        Some(Rewrite { kind: RuleKind::Tokens, from, general: None, to, old: gone.clone(), reached: None })
    }

    /// The smallest pair of expressions around a difference of which one is made of the other. `done` is what other rewrites took in on each side.
    fn terms(&self, gone: &Range<usize>, come: &Range<usize>, done: (usize, usize)) -> Option<(Rewrite, usize)> {
        let mut starts = vec![(gone.start, come.start)];
        let (mut old_at, mut new_at) = (gone.start, come.start);
        for _ in 0..LEVELS {
            let (Some(old_name), Some(new_name)) = (enclosing(self.old, old_at), enclosing(self.new, new_at)) else { break };
            starts.push((old_name, new_name));
            (old_at, new_at) = (old_name, new_name);
        }
        starts.into_iter().filter(|start| start.0 >= done.0 && start.1 >= done.1).find_map(|(old_at, new_at)| {
            let (before, after) = (primary(self.old, old_at)?, primary(self.new, new_at)?);
            let is_call = before.arguments.is_some() || after.arguments.is_some();
            let inside = before.range.end >= gone.end && after.range.end >= come.end;
            if !is_call || !inside || !self.face(old_at, new_at) || !self.face(before.range.end, after.range.end) {
                return None;
            }
            let rewrite = self.pattern(&before, &after)?;
            Some((rewrite, after.range.end))
        })
    }

    /// Whether two places correspond: what is equal before them ends, or goes on, at both.
    fn face(&self, old_at: usize, new_at: usize) -> bool {
        let (mut old_from, mut new_from) = (0, 0);
        for (gone, come) in self.differ {
            if old_at < gone.start || new_at < come.start {
                return old_at >= old_from && old_at - old_from == new_at.wrapping_sub(new_from);
            }
            if (old_at, new_at) == (gone.start, come.start) {
                return true;
            }
            (old_from, new_from) = (gone.end, come.end);
        }
        old_at >= old_from && old_at - old_from == new_at.wrapping_sub(new_from)
    }

    fn pattern(&self, before: &Term, after: &Term) -> Option<Rewrite> {
        let mut shared = Vec::new();
        self.shared(before, after, true, &mut shared);
        let mut from = Vec::new();
        let mut holes: Vec<Vec<&[u8]>> = Vec::new();
        let mut rest = Vec::new();
        self.old_parts(before, true, &shared, &mut holes, &mut from, &mut rest);
        let mut to = Vec::new();
        self.new_parts(after, true, &holes, &mut to);
        if from.len() > MOST_PARTS || to.len() > MOST_PARTS || from == to {
            return None;
        }
        // A pattern that is a hole alone would match everything.
        if !from.iter().any(|part| matches!(part, PatternPart::Token(token) if is_word(token))) {
            return None;
        }
        let general = (!rest.is_empty()).then(|| {
            let mut general: Vec<PatternPart> = Vec::new();
            let mut at = 0;
            for (next, range) in (holes.len()..).zip(&rest) {
                general.extend_from_slice(&from[at..range.start]);
                general.push(PatternPart::Hole(next));
                at = range.end;
            }
            general.extend_from_slice(&from[at..]);
            general
        });
        Some(Rewrite { kind: RuleKind::Call, from, general, to, old: before.range.clone(), reached: None })
    }

    /// Collects the largest parts of `before` that `after` has too, down to arguments.
    fn shared(&self, before: &Term, after: &Term, is_root: bool, found: &mut Vec<Vec<u8>>) {
        let text = joined(&self.old[before.range.clone()]);
        if !is_root && self.has(after, &text, true) {
            if !found.contains(&text) {
                found.push(text);
            }
            return;
        }
        // What is wrapped by a call that goes may be an expression by itself.
        for argument in before.arguments.iter().flatten() {
            self.shared(argument, after, false, found);
        }
        if is_root && before.arguments.is_none() && self.has(after, &text, true) {
            found.push(text);
        }
    }

    /// Whether a part of the term is shared.
    fn holds(&self, term: &Term, shared: &[Vec<u8>]) -> bool {
        let is_shared = |argument: &Term| shared.contains(&joined(&self.old[argument.range.clone()]));
        term.arguments.iter().flatten().any(|argument| is_shared(argument) || self.holds(argument, shared))
    }

    fn has(&self, term: &Term, text: &[u8], is_root: bool) -> bool {
        let own = joined(&self.new[term.range.clone()]) == text && (!is_root || term.arguments.is_none());
        own || term.arguments.iter().flatten().any(|argument| self.has(argument, text, false))
    }

    fn old_parts<'s>(
        &'s self,
        term: &Term,
        is_root: bool,
        shared: &[Vec<u8>],
        holes: &mut Vec<Vec<&'s [u8]>>,
        out: &mut Vec<PatternPart>,
        rest: &mut Vec<Range<usize>>,
    ) {
        let tokens = &self.old[term.range.clone()];
        if shared.contains(&joined(tokens)) {
            let bytes: Vec<&[u8]> = tokens.iter().map(|token| token.bytes).collect();
            let hole = holes.iter().position(|known| *known == bytes).unwrap_or_else(|| {
                holes.push(bytes);
                holes.len() - 1
            });
            out.push(PatternPart::Hole(hole));
            return;
        }
        match &term.arguments {
            Some(arguments) if is_root || self.holds(term, shared) => {
                head(tokens, out);
                for (nth, argument) in arguments.iter().enumerate() {
                    comma(nth, out);
                    self.old_parts(argument, false, shared, holes, out, rest);
                }
                out.push(PatternPart::Token(BString::from(")")));
            }
            Some(_) | None => {
                let start = out.len();
                out.extend(tokens.iter().map(|token| PatternPart::Token(token.bytes.into())));
                if !is_root {
                    rest.push(start..out.len());
                }
            }
        }
    }

    fn new_parts(&self, term: &Term, is_root: bool, holes: &[Vec<&[u8]>], out: &mut Vec<PatternPart>) {
        let tokens = &self.new[term.range.clone()];
        let bytes: Vec<&[u8]> = tokens.iter().map(|token| token.bytes).collect();
        if let Some(hole) = holes.iter().position(|known| *known == bytes)
            && (!is_root || term.arguments.is_none())
        {
            out.push(PatternPart::Hole(hole));
            return;
        }
        match &term.arguments {
            Some(arguments) => {
                head(tokens, out);
                for (nth, argument) in arguments.iter().enumerate() {
                    comma(nth, out);
                    self.new_parts(argument, false, holes, out);
                }
                out.push(PatternPart::Token(BString::from(")")));
            }
            None => out.extend(tokens.iter().map(|token| PatternPart::Token(token.bytes.into()))),
        }
    }
}

/// Whether brackets close what brackets open.
fn is_even(tokens: &[Lexeme<'_>]) -> bool {
    let mut depth = 0;
    let never_below = tokens.iter().all(|token| {
        depth += nesting(token.bytes);
        depth >= 0
    });
    never_below && depth == 0
}

fn head(tokens: &[Lexeme<'_>], out: &mut Vec<PatternPart>) {
    out.extend(tokens[..2].iter().map(|token| PatternPart::Token(token.bytes.into())));
}

fn comma(nth: usize, out: &mut Vec<PatternPart>) {
    if nth > 0 {
        out.push(PatternPart::Token(BString::from(",")));
    }
}

fn joined(tokens: &[Lexeme<'_>]) -> Vec<u8> {
    let bytes: Vec<&[u8]> = tokens.iter().map(|token| token.bytes).collect();
    bstr::join(b"\x1f", bytes)
}
