//! `#if`, `#elif`, `#else`, `#endif`, and what they guard.
//!
//! ```text
//!   +#ifdef FOO                          the lines of a condition go together, and come before what comes inside of them
//!   +int helper(int a);                  a name that several branches have comes in all of them at once: in each
//!   +#else                               configuration it is there or it is not
//!   +static inline int helper(int a) …
//!   +#endif
//! ```
//!
//! What stands in a file already and gets another condition around it is of another shape from then on: what else defines or declares that name
//! changes with it. What goes from there goes before the condition comes. The guard around a whole header is no such condition. Cost: the tokens of the files that have conditions.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BStr, BString, ByteSlice};

use super::Relations;
use crate::analyze::Analysis;
use crate::lang::language;
use crate::model::{Edit, EditId, Edits, Facts, Reason, Role, Span, SymbolKind};
use cleave_c::directives::directives;
use cleave_c::lex::{Token, TokenKind, tokens};

/// A condition around more items than this is put there or taken away for other reasons than one name.
const ITEMS_AT_MOST: usize = 64;

/// Adds the relations of conditions.
pub(super) fn relations(analysis: &Analysis, found: &mut Relations) {
    let Analysis { change, edits, facts, .. } = analysis;
    let mut guarded: BTreeMap<BString, BTreeSet<EditId>> = BTreeMap::new();
    for (file_id, edit_ids) in edits.by_file() {
        let file = change.file(file_id);
        if !language(file.path()).is_balanced {
            continue;
        }
        for is_tip in [true, false] {
            let text = if is_tip { file.tip_text() } else { file.base_text() };
            let span = |edit: &Edit| if is_tip { edit.tip_span } else { edit.base_span() };
            let mut all: Vec<(Span, EditId)> = edit_ids
                .iter()
                .filter(|&&edit_id| edits.get(edit_id).splice().is_some())
                .filter_map(|&edit_id| Some((span(edits.get(edit_id))?, edit_id)))
                .collect();
            all.sort();
            let (emptied, touched): (Vec<_>, Vec<_>) = all.into_iter().partition(|(span, _)| span.is_empty());
            let replaces = |edit_id: EditId| {
                let edit = edits.get(edit_id);
                [edit.removed(change), edit.inserted()].iter().all(|text| !text.trim().is_empty())
            };
            side(text, Touched { here: &touched, emptied: &emptied, replaces: &replaces }, is_tip, facts, &mut guarded, found);
        }
    }
    reshaped(edits, facts, &guarded, found);
}

/// The edits of a side of a file.
#[derive(Clone, Copy)]
struct Touched<'t> {
    /// What each has there, sorted.
    here: &'t [(Span, EditId)],
    /// Where those stand that have something on the other side only, sorted.
    emptied: &'t [(Span, EditId)],
    /// Whether one has something on both sides.
    replaces: &'t dyn Fn(EditId) -> bool,
}

/// Adds the relations of one side of a file.
fn side(
    text: &[u8],
    Touched { here: touched, emptied, replaces }: Touched<'_>,
    is_tip: bool,
    facts: &Facts,
    guarded: &mut BTreeMap<BString, BTreeSet<EditId>>,
    found: &mut Relations,
) {
    if touched.is_empty() || !text.contains_str("#") {
        return;
    }
    let tokens = tokens(text);
    let (lines, conditions) = directives(text, &tokens);
    let mut first = |one: EditId, other: EditId, what: &[u8]| match is_tip {
        true => found.before(one, other, Reason::Guarded(what.into())),
        false => found.before(other, one, Reason::Guarded(what.into())),
    };
    let mut inside: BTreeMap<EditId, (EditId, BString)> = BTreeMap::new();
    let mut all_ties: Vec<(EditId, EditId, Reason)> = Vec::new();
    for condition in &conditions {
        let spans: Vec<Span> = condition.lines.iter().map(|&line| lines[line].span).collect();
        let (Some(begin), Some(end)) = (spans.first(), spans.last()) else { continue };
        let shown = text[begin.range()].lines().next().unwrap_or_default();
        let own: BTreeSet<EditId> = spans.iter().filter_map(|span| at(touched, span.start)).collect();
        for pair in own.iter().collect::<Vec<_>>().windows(2) {
            all_ties.push((*pair[0], *pair[1], Reason::Unbalanced("#if and #endif".into())));
        }
        let within = |branch: Span| {
            let from = touched.partition_point(|(span, _)| span.start < branch.start);
            touched[from..].iter().take_while(move |(span, _)| span.start < branch.end).map(|(_, edit_id)| *edit_id)
        };
        // The guard around a file comes with the file.
        let is_guard = spans.len() == 2 && is_guard(&tokens, *begin, *end);
        if let Some(&line) = own.first().filter(|_| !is_guard) {
            let inner = within(Span::new(begin.end, end.start)).filter(|edit_id| !own.contains(edit_id));
            // Conditions come sorted: the innermost is the last that says so.
            inner.for_each(|edit_id| drop(inside.insert(edit_id, (line, shown.into()))));
            // What stands there on the other side alone never stands under the condition.
            let from = emptied.partition_point(|(span, _)| span.start < begin.end);
            let others = emptied[from..].iter().take_while(|(span, _)| span.start <= end.start);
            others.for_each(|(_, edit_id)| first(*edit_id, line, shown));
            let items = untouched(text, &tokens, touched, Span::new(begin.end, end.start));
            if items.len() <= ITEMS_AT_MOST {
                items.into_iter().for_each(|name| guarded.entry(name).or_default().extend([line]));
            }
        }
        let branches = spans.windows(2).map(|pair| Span::new(pair[0].end, pair[1].start));
        let mut names: BTreeMap<&BStr, BTreeMap<usize, BTreeSet<EditId>>> = BTreeMap::new();
        for (nth, branch) in branches.enumerate().filter(|_| spans.len() > 2) {
            for edit_id in within(branch) {
                for name in heads(facts, edit_id, is_tip) {
                    names.entry(name).or_default().entry(nth).or_default().insert(edit_id);
                }
            }
        }
        for (name, branches) in names.iter().filter(|(_, branches)| branches.len() > 1) {
            let edit_ids: BTreeSet<EditId> = branches.values().flatten().copied().collect();
            for pair in edit_ids.iter().collect::<Vec<_>>().windows(2) {
                all_ties.push((*pair[0], *pair[1], Reason::DeclaredAndDefined((*name).into())));
            }
        }
    }
    for (edit_id, (line, shown)) in inside {
        first(line, edit_id, &shown);
        if replaces(edit_id) {
            all_ties.push((line, edit_id, Reason::Guarded(shown)));
        }
    }
    all_ties.into_iter().for_each(|(one, other, reason)| found.together(one, other, reason));
}

/// Ties the lines of a condition that comes around a name, or goes, to all that defines or declares that name.
fn reshaped(edits: &Edits, facts: &Facts, guarded: &BTreeMap<BString, BTreeSet<EditId>>, found: &mut Relations) {
    if guarded.is_empty() {
        return;
    }
    let mut of_name: BTreeMap<&BStr, BTreeSet<EditId>> = BTreeMap::new();
    for (edit_id, _) in edits.iter() {
        for name in [true, false].into_iter().flat_map(|is_tip| heads(facts, edit_id, is_tip)) {
            if guarded.contains_key(name.as_bytes().as_bstr()) {
                of_name.entry(name).or_default().insert(edit_id);
            }
        }
    }
    for (name, lines) in guarded {
        let all: BTreeSet<EditId> = lines.iter().chain(of_name.get(name.as_bstr()).into_iter().flatten()).copied().collect();
        for pair in all.iter().collect::<Vec<_>>().windows(2) {
            found.together(*pair[0], *pair[1], Reason::ChangesShape(name.clone()));
        }
    }
}

/// Returns what an edit defines or declares on a side, for others to see.
fn heads(facts: &Facts, edit_id: EditId, is_tip: bool) -> impl Iterator<Item = &BStr> {
    let roles = if is_tip { [Role::Defines, Role::Declares] } else { [Role::DropsDefinition, Role::DropsDeclaration] };
    facts.of(edit_id).iter().filter(move |fact| roles.contains(&fact.role)).filter_map(|fact| {
        let symbol = facts.symbols.get(fact.symbol_id);
        let counts = matches!(symbol.kind, SymbolKind::Function | SymbolKind::Macro | SymbolKind::Type | SymbolKind::Variable);
        counts.then_some(symbol.name.as_bstr())
    })
}

/// Returns the edit that touches a byte.
fn at(touched: &[(Span, EditId)], offset: usize) -> Option<EditId> {
    let idx = touched.partition_point(|(span, _)| span.end <= offset);
    touched.get(idx).filter(|(span, _)| span.contains(offset)).map(|(_, edit_id)| *edit_id)
}

/// Whether a condition goes around all of the file.
fn is_guard(tokens: &[Token], begin: Span, end: Span) -> bool {
    let mut code = tokens.iter().filter(|token| token.kind != TokenKind::Comment);
    let first = code.next();
    first.is_some_and(|first| first.span == begin) && code.next_back().is_some_and(|last| last.span == end)
}

/// Returns the names of functions and variables at file scope that stand in a part and that no edit touches: the word before the first bracket, `=`
/// or `;` of each declaration.
fn untouched(text: &[u8], tokens: &[Token], touched: &[(Span, EditId)], part: Span) -> Vec<BString> {
    let code = tokens.iter().take_while(|token| token.span.start < part.end);
    let (mut names, mut depth, mut last, mut is_known) = (Vec::new(), 0_i32, None::<&Token>, false);
    for token in code.filter(|token| !matches!(token.kind, TokenKind::Comment | TokenKind::Directive)) {
        let word = token.of(text);
        if let (0, false, b"(" | b"=" | b";" | b"[", Some(name)) = (depth, is_known, word, last) {
            is_known = true;
            if name.kind == TokenKind::Word && part.contains(name.span.start) && at(touched, name.span.start).is_none() {
                names.push(name.of(text).into());
            }
        }
        depth += cleave_c::lex::nesting(word);
        if depth == 0 && matches!(word, b";" | b"}") {
            is_known = false;
        }
        last = Some(token);
    }
    names
}
