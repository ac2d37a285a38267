//! Further occurrences of names in lines that no edit touches, in files whose edits do not name them.
//!
//! ```text
//!   a.h   +struct x { … };       moves: it leaves one place and comes at another
//!   b.h   -struct x { … };
//!   u.c   -#include "b.h"        what b.h has is hidden from u.c at some step, perhaps: all that it defines and declares
//!         +#include "a.h"
//! ```
//!
//! Cost: one pass over the words of the changed files, where there is such a name; the headers that are hidden are read again.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bstr::{BStr, BString, ByteSlice};
use rayon::prelude::*;

use super::{Context, NameSpace, Occurrence, Occurrences, ReadText, Touches, last_part, of_type, space, writes};
use crate::lang::c::shape::arguments;
use crate::lang::{Build, SourceText, language, used};
use crate::model::{Change, EditId, Edits, FileId, Role, Span, SymbolKind};
use cleave_c::lex::{Token, TokenKind, nesting, tokens, tokens_in};

type Named = ((NameSpace, BString), Occurrence);

/// Names to look for, each with the files whose occurrences are known: whether it is a tag, the word.
type Wanted<'n> = HashMap<(bool, &'n BStr), BTreeSet<FileId>>;

/// Finds them.
pub(super) fn kept(change: &Change, edits: &Edits, occurrences: &Occurrences) -> Vec<Named> {
    let heads = hidden_heads(change, occurrences);
    let mut wanted: Wanted<'_> = HashMap::new();
    for (space, name, file_id) in heads.iter().map(|((space, name), head)| (space, name, head.file_id)) {
        let known = wanted.entry((*space == NameSpace::Tag, word(name))).or_default();
        known.insert(file_id);
        let places = occurrences.names.get(&(space.clone(), name.clone()));
        known.extend(places.into_iter().flatten().map(|place| place.file_id));
    }
    for ((space, name), list) in &occurrences.names {
        let heads = || list.iter().filter(|occurrence| occurrence.role != Role::Uses);
        let moves =
            heads().any(|occurrence| occurrence.added_by.is_some()) && heads().any(|occurrence| occurrence.removed_by.is_some());
        if moves && matches!(space, NameSpace::Ordinary | NameSpace::Tag) {
            let known = wanted.entry((*space == NameSpace::Tag, word(name))).or_default();
            known.extend(list.iter().map(|occurrence| occurrence.file_id));
        }
    }
    let turning = turning(change, occurrences);
    let mut of_turning: Wanted<'_> = HashMap::new();
    for ((space, name), list) in occurrences.names.iter().filter(|_| !turning.is_empty()) {
        let is_one_sided = list.iter().any(|place| {
            place.role != Role::Uses
                && place.added_by.is_some() != place.removed_by.is_some()
                && language(change.file(place.file_id).path()).is_included()
        });
        if is_one_sided && matches!(space, NameSpace::Ordinary | NameSpace::Tag) {
            let known = of_turning.entry((*space == NameSpace::Tag, word(name))).or_default();
            known.extend(list.iter().map(|place| place.file_id));
        }
    }
    if wanted.is_empty() && of_turning.is_empty() {
        return Vec::new();
    }
    let none = Wanted::new();
    let by_file: Vec<(FileId, Vec<EditId>)> = edits.by_file().into_iter().collect();
    let uses = by_file.par_iter().flat_map_iter(|(file_id, edit_ids)| {
        let more = if turning.contains(file_id) { &of_turning } else { &none };
        in_file(change, edits, *file_id, edit_ids, [&wanted, more])
    });
    let uses: Vec<Named> = uses.collect();
    let is_new = |(key, head): &Named| {
        let known = occurrences.names.get(key).into_iter().flatten();
        !known.filter(|place| place.role != Role::Uses).any(|place| place.file_id == head.file_id)
    };
    heads.into_iter().filter(is_new).chain(uses).collect()
}

/// Returns the files that cease or begin to include a header outside the change: what they saw through it another header shows them, perhaps.
fn turning(change: &Change, occurrences: &Occurrences) -> BTreeSet<FileId> {
    let lines = occurrences.names.iter().filter(|((space, _), _)| *space == NameSpace::Header).flat_map(|(_, list)| list);
    let moves = lines.filter(|line| line.role == Role::Uses && (line.added_by.is_some() || line.removed_by.is_some()));
    let paths = Paths::of(change);
    moves.filter(|line| !paths.has(line)).map(|line| line.file_id).collect()
}

/// The paths of a change, by their last part.
pub struct Paths<'c>(HashMap<&'c BStr, Vec<&'c BStr>>);

impl<'c> Paths<'c> {
    /// Those of both sides.
    pub fn of(change: &'c Change) -> Self {
        let mut by_name: HashMap<&BStr, Vec<&BStr>> = HashMap::new();
        for entry in change.files.iter().flat_map(|file| file.base.iter().chain(&file.tip)) {
            by_name.entry(last_part(entry.path.as_ref())).or_default().push(entry.path.as_ref());
        }
        Paths(by_name)
    }

    /// Whether an include can mean one of them.
    pub fn has(&self, line: &Occurrence) -> bool {
        let named = self.0.get(last_part(line.shape.as_ref())).into_iter().flatten();
        named.copied().any(|path| writes(line.shape.as_ref(), path))
    }
}

/// Returns a name without the `struct` of a tag.
fn word(name: &BString) -> &BStr {
    name.rfind_byte(b' ').map_or(name.as_bstr(), |at| name[at + 1..].as_bstr())
}

/// Returns what the headers define and declare in the base that some file ceases to include.
fn hidden_heads(change: &Change, occurrences: &Occurrences) -> Vec<Named> {
    let mut by_name: BTreeMap<&BStr, BTreeSet<FileId>> = BTreeMap::new();
    for (file_id, file) in change.files().filter(|(_, file)| file.tip.is_some() && language(file.path()).is_included()) {
        if let Some(entry) = &file.base {
            by_name.entry(last_part(entry.path.as_ref())).or_default().insert(file_id);
        }
    }
    let mut includes: BTreeMap<FileId, BTreeSet<FileId>> = BTreeMap::new();
    let mut open: Vec<FileId> = Vec::new();
    let lines = occurrences.names.iter().filter(|((space, _), _)| *space == NameSpace::Header).flat_map(|(_, list)| list);
    for line in lines.filter(|line| line.role == Role::Uses) {
        let named = by_name.get(last_part(line.shape.as_ref())).into_iter().flatten().copied();
        let is_meant = |header: &FileId| {
            change.file(*header).base.as_ref().is_some_and(|entry| writes(line.shape.as_ref(), entry.path.as_ref()))
        };
        for header in named.filter(is_meant) {
            includes.entry(line.file_id).or_default().insert(header);
            if line.removed_by.is_some() {
                open.push(header);
            }
        }
    }
    let mut hidden: BTreeSet<FileId> = BTreeSet::new();
    while let Some(header) = open.pop() {
        if hidden.insert(header) {
            open.extend(includes.get(&header).into_iter().flatten());
        }
    }
    let is_seen = |(key, _): &Named| matches!(key.0, NameSpace::Ordinary | NameSpace::Tag);
    let heads = |&file_id: &FileId| {
        let file = change.file(file_id);
        let (language, text) = (language(file.path()), file.base_text());
        let syntax = language.parse.map(|parse| parse(text));
        let mentions = (language.mentions)(&SourceText { path: file.path(), bytes: text, syntax: syntax.as_ref() }).all;
        let read = ReadText { text, syntax: syntax.as_ref(), mentions: &mentions };
        let heads = mentions.iter().filter(|mention| mention.role != Role::Uses);
        heads.map(|head| (space(file_id, head), read.occurrence(file_id, head))).filter(is_seen).collect::<Vec<Named>>()
    };
    hidden.iter().flat_map(heads).collect()
}

/// Finds the uses of such names in one file.
fn in_file(change: &Change, edits: &Edits, file_id: FileId, edit_ids: &[EditId], wanted: [&Wanted<'_>; 2]) -> Vec<Named> {
    let file = change.file(file_id);
    let text = file.base_text();
    if file.tip.is_none() || language(file.path()).build != Build::Words {
        return Vec::new();
    }
    let mut old: Vec<(Span, EditId)> =
        edit_ids.iter().filter_map(|&edit_id| Some((edits.get(edit_id).base_span()?, edit_id))).collect();
    old.sort();
    let old = Touches(old);
    let mut out = Vec::new();
    let mut look = |token: &Token, context: Context, before: &[u8]| {
        let word = token.of(text).as_bstr();
        let is_tag = matches!(before, b"struct" | b"union" | b"enum");
        if token.kind != TokenKind::Word {
            return;
        }
        let Some(known) = wanted.iter().find_map(|wanted| wanted.get(&(is_tag, word))) else { return };
        let is_member = matches!(before, b"->" | b".");
        if known.contains(&file_id) || is_member || old.of(token.span).next().is_some() {
            return;
        }
        let (space, mention, context) = match is_tag {
            true => {
                let context = match context {
                    Context::Macro => context,
                    _ => of_type(text, token.span, || context == Context::Parameter),
                };
                (NameSpace::Tag, used(SymbolKind::Type, &[before, b" ", word].concat(), token.span), context)
            }
            false => {
                let context = if context == Context::Macro { context } else { Context::Code };
                (NameSpace::Ordinary, used(SymbolKind::Name, word, token.span), context)
            }
        };
        let arguments = if is_tag { None } else { arguments(text, token.span.end) };
        let occurrence = Occurrence { arguments, context, ..ReadText::of_bytes(text).occurrence(file_id, &mention) };
        out.push(((space, mention.name), occurrence));
    };
    let (mut before, mut n_braces, mut n_open, mut is_body): (&[u8], i32, i32, bool) = (b"", 0, 0, false);
    for token in tokens(text) {
        match token.kind {
            TokenKind::Directive => {
                let mut before: &[u8] = b"";
                for token in tokens_in(text, Span::new(token.span.start + 1, token.span.end)) {
                    look(&token, Context::Macro, before);
                    before = token.of(text);
                }
            }
            TokenKind::Comment => {}
            TokenKind::Word | TokenKind::Number | TokenKind::Text | TokenKind::Char | TokenKind::Punct => {
                let is_parameter = n_open > 0 && !(is_body && n_braces > 0);
                look(&token, if is_parameter { Context::Parameter } else { Context::Code }, before);
                let word = token.of(text);
                match word {
                    b"{" | b"}" => {
                        is_body = if n_braces == 0 { before == b")" } else { is_body };
                        n_braces += nesting(word);
                    }
                    _ => n_open += nesting(word),
                }
                before = word;
            }
        }
    }
    out
}
