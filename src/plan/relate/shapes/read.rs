//! The statements of a file → which edits touch one that names a shape, and which cannot be apart in one statement, record or function.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bstr::{BStr, BString, ByteSlice};

use super::changed::{Shape, Shapes};
use super::touching;
use crate::lang::{Build, language};
use crate::model::{Change, EditId, Edits, FileId, Span, SymbolKind};
use cleave_c::lex::TokenKind;
use cleave_c::statements::{Statement, Within, statements};

/// What was read of a file.
pub(super) enum Read {
    /// An edit touches a statement of one side (0 the base, 1 the tip) that names a shape.
    Touched { edit_id: EditId, shape: usize, side: usize },
    /// An edit cannot be without a shape's change, nor this without it, unless the other side is designated.
    Needs { edit_id: EditId, shape: usize, side: usize },
    /// An edit gives a value by the name of its member, which fits before and after.
    Designated { edit_id: EditId, shape: usize, side: usize },
    /// A statement that stays names these.
    Stays(BTreeSet<usize>),
    /// An edit brings or takes a whole `switch` without `default`, which handles all of an enum: of the side's enum, which `changed` makes another.
    Handles { edit_id: EditId, changed: EditId, side: usize, constant: BString },
    /// Edits put in, or take out, values without names of one record: each has its member by its place.
    Positional { table: BString, edit_ids: BTreeSet<EditId> },
    /// Edits touch one declaration, or the head of a function that comes to return a value or ceases to and a `return` in it.
    Torn { name: BString, edit_ids: BTreeSet<EditId> },
    /// A static assertion holds before and after all of these.
    Asserted { said: BString, edit_ids: BTreeSet<EditId> },
}

/// How statements begin that say what the compiler has to find true.
const ASSERTIONS: &[&str] = &[
    "_Static_assert",
    "static_assert",
    "BUILD_BUG_ON",
    "BUILD_BUG_ON_MSG",
    "BUILD_ASSERT",
    "QEMU_BUILD_BUG_ON",
    "QEMU_BUILD_BUG_MSG",
    "RTE_BUILD_BUG_ON",
    "compiletime_assert",
    "assert_static",
];

/// Whether a statement says what the compiler has to find true.
fn is_assertion(statement: &Statement, text: &[u8]) -> bool {
    ASSERTIONS.iter().any(|word| statement.begins(text, word.as_bytes()))
}

/// Finds the records whose values have their members by their places, with the edits that touch those values.
fn positional(all: &[Statement], text: &[u8], touched: &[(Span, EditId)]) -> Vec<Read> {
    let mut of_head: BTreeMap<usize, BTreeSet<EditId>> = BTreeMap::new();
    let is_placed = |one: &&Statement| one.within == Within::Values && !one.begins(text, b".") && !one.begins(text, b"[");
    for one in all.iter().filter(is_placed) {
        if let Some(head) = one.head.filter(|&head| all[head].tokens.iter().all(|token| token.of(text) != b"[")) {
            of_head.entry(head).or_default().extend(touching(touched, one.span()));
        }
    }
    let name = |head: &Statement| {
        let before = head.tokens.iter().rposition(|token| token.of(text) == b"=").and_then(|at| at.checked_sub(1));
        head.tokens[before.unwrap_or_default()].of(text).into()
    };
    let torn = of_head.into_iter().filter(|(_, edit_ids)| edit_ids.len() > 1);
    torn.map(|(head, edit_ids)| Read::Positional { table: name(&all[head]), edit_ids }).collect()
}

/// Returns the tables whose number of values changes, with the edits that change it: of their values, or of the constants that these are placed by.
fn tables<'t>(
    shapes: &Shapes,
    all: &[Statement],
    text: &'t [u8],
    touched: &[(Span, EditId)],
) -> HashMap<&'t [u8], BTreeSet<EditId>> {
    let mut tables: HashMap<&[u8], BTreeSet<EditId>> = HashMap::new();
    for one in all.iter().filter(|one| one.within == Within::Values) {
        let Some(head) = one.head.map(|at| &all[at]) else { continue };
        let open = head.tokens.windows(2).position(|pair| pair[0].of(text) == b"[" && pair[1].of(text) == b"]");
        if let Some(name) = open.and_then(|open| open.checked_sub(1)).map(|at| head.tokens[at].of(text)) {
            let place = one.tokens.get(1).filter(|_| one.begins(text, b"["));
            let known = place.and_then(|place| shapes.by_word.get(BStr::new(place.of(text)))).into_iter().flatten();
            let sets = known.map(|&at| &shapes.all[at]).filter(|shape| shape.is_set).flat_map(|shape| &shape.edits).copied();
            tables.entry(name).or_default().extend(touching(touched, one.span()).chain(sets));
        }
    }
    tables
}

/// Reads the statements of a file that name shapes.
pub(super) fn read(change: &Change, edits: &Edits, shapes: &Shapes, file_id: FileId, edit_ids: &[EditId]) -> Vec<Read> {
    let file = change.file(file_id);
    let mut out = Vec::new();
    if language(file.path()).build != Build::Words || !language(file.path()).is_balanced {
        return out;
    }
    for (side, text) in [file.base_text(), file.tip_text()].into_iter().enumerate() {
        let span = |edit_id: EditId| {
            let edit = edits.get(edit_id);
            if side == 0 { edit.base_span() } else { edit.tip_span.filter(|_| edit.splice().is_some()) }
        };
        let mut touched: Vec<(Span, EditId)> = edit_ids.iter().filter_map(|&edit_id| Some((span(edit_id)?, edit_id))).collect();
        touched.sort();
        let all = statements(text);
        let functions: HashMap<usize, &[u8]> =
            all.iter().enumerate().filter_map(|(at, one)| Some((at, one.called(text)?))).collect();
        let tables = tables(shapes, &all, text, &touched);
        out.extend(positional(&all, text, &touched));
        for statement in &all {
            let function = statement.function.and_then(|at| functions.get(&at)).map(|name| BStr::new(*name));
            let named = named(shapes, text, statement, &all, file_id, function);
            let span = statement.span();
            let own: Vec<EditId> = touching(&touched, span).collect();
            if is_assertion(statement, text) {
                let words = statement.tokens.iter().filter_map(|token| tables.get(token.of(text))).flatten();
                let sets = named.iter().filter(|&&at| shapes.all[at].is_set).flat_map(|&at| &shapes.all[at].edits);
                let said = text[span.range()].lines().next().unwrap_or_default().into();
                out.push(Read::Asserted { said, edit_ids: own.iter().chain(words).chain(sets).copied().collect() });
            }
            out.extend(torn(change, edits, (text, &all), statement, &own, &touched));
            out.extend(handled(&shapes.beside, edits, (text, side), &all, statement, &touched));
            if named.is_empty() {
                continue;
            }
            for &edit_id in &own {
                let plain = named.iter().filter(|&&shape| !shapes.all[shape].is_set);
                out.extend(plain.map(|&shape| Read::Touched { edit_id, shape, side }));
                // An edit that brings or takes all of it leaves nothing to fit.
                let edit = edits.get(edit_id);
                let replaces = [edit.removed(change), edit.inserted()].iter().all(|text| !text.trim().is_empty());
                let is_whole = statement.head.is_some_and(|at| touching(&touched, all[at].span()).any(|other| other == edit_id));
                let is_needed = |shape: &&usize| {
                    let shape = &shapes.all[**shape];
                    (shape.is_set && (replaces || !is_whole) && is_bound(&all, statement, text, shape.kind))
                        || (shape.returns
                            && statement.begins(text, b"return")
                            && function.is_some_and(|name| shape.is_called(name)))
                };
                out.extend(named.iter().filter(is_needed).map(|&shape| Read::Needs { edit_id, shape, side }));
                let is_designated = statement.within == Within::Values && statement.begins(text, b".");
                let sets = named.iter().filter(|&&shape| is_designated && shapes.all[shape].is_set);
                out.extend(sets.map(|&shape| Read::Designated { edit_id, shape, side }));
            }
            let is_code = matches!(statement.within, Within::Code | Within::Directive)
                || statement.tokens.iter().any(|token| token.of(text) == b"=");
            if own.is_empty() && side == 0 && named.len() > 1 && is_code {
                out.push(Read::Stays(named.into_iter().filter(|&at| shapes.all[at].record.is_none()).collect()));
            }
        }
    }
    out
}

/// A declaration of more bytes than this is of a program's making, or several without a `;` between them.
const DECLARATION_AT_MOST: usize = 512;

/// Finds the edits that cannot be apart as they touch one declaration, or what a function returns and its `return`.
fn torn(
    change: &Change,
    edits: &Edits,
    (text, all): (&[u8], &[Statement]),
    statement: &Statement,
    own: &[EditId],
    touched: &[(Span, EditId)],
) -> Option<Read> {
    let torn = |head: &Statement, edit_ids: BTreeSet<EditId>| {
        let name = head.called(text).unwrap_or_else(|| head.tokens[0].of(text)).into();
        (edit_ids.len() > 1).then_some(Read::Torn { name, edit_ids })
    };
    if statement.within == Within::File && statement.span().len() <= DECLARATION_AT_MOST {
        return torn(statement, own.iter().copied().collect());
    }
    let head = statement.function.filter(|_| statement.begins(text, b"return") && !own.is_empty()).map(|at| &all[at])?;
    let turns = |edit_id: &EditId| {
        let edit = edits.get(*edit_id);
        let is_void = |text: &[u8]| {
            let returned = text.find_byte(b'(').map(|at| &text[..at])?;
            Some(returned.fields().any(|word| word == b"void") && !returned.contains(&b'*'))
        };
        is_void(edit.removed(change)).zip(is_void(edit.inserted())).is_some_and(|(was, is)| was != is)
    };
    let heads = touching(touched, head.span()).filter(turns);
    let edit_ids: BTreeSet<EditId> = heads.collect();
    if edit_ids.is_empty() { None } else { torn(head, edit_ids.into_iter().chain(own.iter().copied()).collect()) }
}

/// Finds the changes of an enum that the whole `switch` of a `case` does not know.
fn handled(
    beside: &HashMap<BString, BTreeSet<EditId>>,
    edits: &Edits,
    (text, side): (&[u8], usize),
    all: &[Statement],
    statement: &Statement,
    touched: &[(Span, EditId)],
) -> Vec<Read> {
    let constant = statement.tokens.get(1).filter(|_| statement.begins(text, b"case")).map(|token| BStr::new(token.of(text)));
    let Some((constant, changed)) = constant.and_then(|name| beside.get_key_value(name)) else { return Vec::new() };
    if !is_bound(all, statement, text, SymbolKind::EnumConstant) {
        return Vec::new();
    }
    let Some(head) = statement.head.map(|at| all[at].span()) else { return Vec::new() };
    // What comes to the enum is not handled by what goes, and what goes from it by what comes.
    let is_unknown = |edit_id: &EditId| {
        let edit = edits.get(*edit_id);
        let here = if side == 0 { edit.tip_span } else { edit.base_span() };
        here.is_some_and(|span| !span.is_empty())
    };
    let handles = |edit_id: EditId| {
        changed.iter().copied().filter(is_unknown).filter(move |&changed| changed != edit_id).map(move |changed| Read::Handles {
            edit_id,
            changed,
            side,
            constant: constant.clone(),
        })
    };
    touching(touched, head).flat_map(handles).collect()
}

/// Whether values without names, or a case of a `switch` without `default`, have to be what the record or the enum says.
fn is_bound(all: &[Statement], statement: &Statement, text: &[u8], kind: SymbolKind) -> bool {
    let Some(head) = statement.head.map(|at| &all[at]) else { return false };
    match kind {
        SymbolKind::EnumConstant => {
            let has_default = || all.iter().any(|one| one.head == statement.head && one.begins(text, b"default"));
            statement.begins(text, b"case") && head.begins(text, b"switch") && !has_default()
        }
        _ => statement.within == Within::Values && !statement.begins(text, b".") && !statement.begins(text, b"["),
    }
}

/// Returns the shapes that a statement names.
fn named(
    shapes: &Shapes,
    text: &[u8],
    statement: &Statement,
    all: &[Statement],
    file_id: FileId,
    function: Option<&BStr>,
) -> BTreeSet<usize> {
    let mut out = BTreeSet::new();
    let fits = |shape: &Shape, before: &[u8]| {
        let is_member = matches!(before, b"->" | b".");
        let is_tag = matches!(before, b"struct" | b"union" | b"enum");
        // A number fits where another did, but in a format and behind its address.
        let is_felt = !shape.is_number || before == b"&" || statement.tokens.iter().any(|token| token.kind == TokenKind::Text);
        let is_set_here = || statement.tokens.get(1).is_some_and(|token| !matches!(token.of(text), b"(" | b"." | b"->" | b"["));
        if shape.only_value.is_some() {
            let is_first = statement.tokens.first().is_some_and(|token| token.of(text) == shape.shown.as_slice());
            return is_first
                && is_set_here()
                && Some(file_id) == shape.file_id
                && shape.function.as_ref().map(|own| own.as_bstr()) == function;
        }
        shape.file_id.is_none_or(|own| own == file_id)
            && shape.function.as_ref().is_none_or(|own| Some(own.as_bstr()) == function)
            && !(shape.is_set && shape.kind == SymbolKind::Type)
            && (shape.kind == SymbolKind::Field) == is_member
            && is_felt
            && !is_tag
    };
    let mut before: &[u8] = b"";
    for token in &statement.tokens {
        let word = token.of(text);
        if token.kind == TokenKind::Word {
            let known = shapes.by_word.get(BStr::new(word)).into_iter().flatten();
            out.extend(known.copied().filter(|&at| fits(&shapes.all[at], before)));
        }
        before = word;
    }
    if statement.begins(text, b"return")
        && let Some(function) = function
    {
        let known = shapes.by_word.get(function).into_iter().flatten();
        out.extend(known.copied().filter(|&at| shapes.all[at].returns && fits(&shapes.all[at], b"")));
    }
    // A value is of the record that its head names.
    if let (Within::Values, Some(head)) = (statement.within, statement.head.map(|at| &all[at])) {
        for pair in head.tokens.windows(2).filter(|pair| pair[0].kind == TokenKind::Word && pair[1].of(text) != b"*") {
            let token = &pair[0];
            let known = shapes.by_word.get(BStr::new(token.of(text))).into_iter().flatten();
            out.extend(known.copied().filter(|&at| shapes.all[at].is_set && shapes.all[at].kind == SymbolKind::Type));
        }
    }
    out
}
