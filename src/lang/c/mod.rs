//! C, its headers and what is near to it: how they are cut, and every place that names something.
//!
//! In: a text and its [`Syntax`]. Out: [`Mention`]s, sorted by place. Scopes decide what is a local name. The record of
//! `x->index` is what [`cleave_c::types`] finds in this text alone, and stays `None` where the text does not declare `x`; `analyze::refine` asks
//! again with headers, for the members that the change moves. What the grammar does not see (macro bodies, attributes, branches that it was
//! spared) is read by the lexer. Cost: one walk of the tree and one pass over the hidden parts.

use std::collections::BTreeSet;

use bstr::{BStr, BString};

use super::block::Block;
use super::language::{Build, Comments, Items, Language, Visibility};
use super::mention::{Linkage, Mention, Mentions, SourceText, nothing};
use crate::model::{Role, Span, SymbolKind};
use cleave_c::span::Lines;
use cleave_c::types::{SourceIndex, records};
use cleave_c::{Syntax, parse};
use lexed::preprocessor;

mod lexed;
pub mod shape;
mod walk;

/// A C source: what is static or a type in it is its own.
pub(super) const SOURCE: Language = Language {
    name: "C",
    parse: Some(parse),
    items: Items::Named(blocks),
    mentions: read,
    scope: Visibility::File(is_own),
    build: Build::Words,
    comments: Comments::C,
    is_balanced: true,
};

/// A C header.
pub(super) const HEADER: Language = Language { name: "C header", scope: Visibility::Includers, ..SOURCE };

/// A list of macro calls that is included: it has names of C and no items.
pub(super) const LIST: Language = Language {
    name: "list of macro calls",
    parse: None,
    items: Items::Paragraphs,
    comments: Comments::Unknown,
    is_balanced: false,
    ..HEADER
};

/// C++, as far as the grammar of C goes: it is cut, and its names are not read.
pub(super) const CPP: Language =
    Language { name: "C++", mentions: nothing, scope: Visibility::Program, build: Build::Nothing, ..SOURCE };

/// Preprocessed, but not C: assembler, linker scripts.
pub(super) const ASSEMBLER: Language =
    Language { name: "assembler", mentions: |text| assembler(text.bytes).into(), build: Build::Words, ..Language::PLAIN };

/// Above this share of bytes that do not parse, the uses in a text are read by the lexer alone.
const ERRORS_AT_MOST: f64 = 0.05;

/// Returns the top-level items with their comments, and each member of a record or an enum.
fn blocks(syntax: &Syntax, lines: &Lines) -> Vec<Block> {
    let mut blocks = Vec::new();
    for item in syntax.items() {
        let (start, end) = (lines.line_at(item.span.start), lines.line_at(item.span.end.saturating_sub(1)) + 1);
        let name = bstr::concat([format!("{:?} ", item.kind).as_bytes(), item.name.as_slice()]);
        blocks.push(Block { start, end, name: name.into() });
    }
    blocks
}

/// Whether only its file sees what a source file defines or declares.
fn is_own(mention: &Mention) -> bool {
    match mention.kind {
        SymbolKind::Function | SymbolKind::Variable => matches!(mention.linkage, Linkage::Internal | Linkage::Inline),
        SymbolKind::Type | SymbolKind::Macro | SymbolKind::EnumConstant => mention.role == Role::Defines,
        SymbolKind::Field => true,
        SymbolKind::Local
        | SymbolKind::Header
        | SymbolKind::Kconfig
        | SymbolKind::Object
        | SymbolKind::Compatible
        | SymbolKind::Name => false,
    }
}

fn read(text: &SourceText<'_>) -> Mentions {
    match text.syntax {
        Some(syntax) => read_parsed(text.bytes, syntax),
        None => read_parsed(text.bytes, &parse(text.bytes)),
    }
}

fn read_parsed(text: &[u8], syntax: &Syntax) -> Mentions {
    let mut all = mentions(text, syntax);
    let share = syntax.error_share();
    if share <= ERRORS_AT_MOST {
        return Mentions { all, note: None };
    }
    all.retain(|mention| mention.linkage != Linkage::Block && mention.role != Role::Uses || mention.kind == SymbolKind::Header);
    lexed::lexed(text, Span::new(0, text.len()), &[], &mut all);
    all.sort();
    let note = format!("{:.0} % of it does not parse as C: names in it are read one by one, without scopes", share * 100.0);
    Mentions { all, note: Some(note) }
}

/// Assembler has the preprocessor of C and names of its own kind: a word at the start of a line with `:` or in `SYM_FUNC_START`
/// is not looked for, as nothing tells it from a macro's argument.
fn assembler(text: &[u8]) -> Vec<Mention> {
    let mut out = preprocessor(text, &parse(text));
    lexed::lexed(text, Span::new(0, text.len()), &[], &mut out);
    // The words of a preprocessor line were read as such: here they come a second time.
    let known: BTreeSet<usize> = out.iter().filter(|m| m.role != Role::Uses).map(|m| m.name_span.start).collect();
    out.retain(|mention| mention.role != Role::Uses || !known.contains(&mention.name_span.start));
    out
}

/// Finds the mentions of a C text, sorted by region, each once.
pub fn mentions(text: &[u8], syntax: &Syntax) -> Vec<Mention> {
    let walk::Walked { mentions: mut out, functions } = walk::walk(text, syntax);
    // A name that the tree shows is not read a second time from the hidden part it stands in.
    let mut places: Vec<usize> = out.iter().map(|mention| mention.name_span.start).collect();
    places.sort_unstable();
    let locals = locals(&out);
    let mut rest = preprocessor(text, syntax);
    for &part in syntax.hidden() {
        lexed::lexed(text, part, &[], &mut rest);
    }
    let mut found = Vec::new();
    for mut mention in rest {
        if places.binary_search(&mention.name_span.start).is_ok() && mention.role == Role::Uses {
            continue;
        }
        if mention.kind == SymbolKind::Name
            && let Some((_, function)) = around(&functions, mention.name_span.start)
            && locals.contains(&(function.as_ref(), mention.name.as_ref()))
        {
            (mention.kind, mention.record, mention.linkage) = (SymbolKind::Local, Some(function.clone()), Linkage::Block);
        }
        found.push(mention);
    }
    drop(locals);
    out.extend(found);
    find_records(text, &mut out);
    out.sort();
    out.dedup();
    out
}

/// Fills in the records of the members that are used, as far as the text itself tells.
fn find_records(text: &[u8], mentions: &mut [Mention]) {
    let is_use = |mention: &&mut Mention| mention.role == Role::Uses && mention.kind == SymbolKind::Field;
    let mut uses: Vec<&mut Mention> = mentions.iter_mut().filter(is_use).collect();
    if uses.is_empty() {
        return;
    }
    let offsets: Vec<usize> = uses.iter().map(|mention| mention.name_span.start).collect();
    let found = records(&SourceIndex::of_text(text), BStr::new(""), &offsets);
    uses.iter_mut().zip(found).for_each(|(mention, record)| mention.record = record);
}

/// Returns the local names with their functions.
fn locals(mentions: &[Mention]) -> BTreeSet<(&BStr, &BStr)> {
    let defined = mentions.iter().filter(|mention| mention.kind == SymbolKind::Local && mention.role == Role::Defines);
    defined.filter_map(|mention| Some((mention.record.as_ref()?.as_ref(), mention.name.as_ref()))).collect()
}

/// Returns the function around an offset; functions come sorted and disjoint.
fn around(functions: &[(Span, BString)], offset: usize) -> Option<&(Span, BString)> {
    let idx = functions.partition_point(|(span, _)| span.end <= offset);
    functions.get(idx).filter(|(span, _)| span.contains(offset))
}

#[cfg(test)]
mod tests;
