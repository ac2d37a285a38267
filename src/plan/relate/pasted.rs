//! Names that a macro makes of what it is given.
//!
//! ```text
//!   fsck.h   +FUNC(BAD_ENTRY, ERROR) \          FSCK_MSG_BAD_ENTRY comes with this line, as FSCK_MSG_##id
//!   fsck.c   +report(FSCK_MSG_BAD_ENTRY);       and has no other definition
//!   d.c      +static DEVICE_ATTR_RO(mode);          dev_attr_mode
//! ```
//!
//! A call at file scope or in the body of a macro may paste its arguments (C11, 6.10.3.3). A name that nothing in the change defines, and that begins or
//! ends with such an argument, new in its file, is taken to be made by it, where others like it were made before. Cost: the words of the inserted lines that look like such a call.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BStr, BString, ByteSlice};

use super::Relations;
use crate::analyze::Analysis;
use crate::lang::{Build, language};
use crate::model::{Change, Edit, EditId, Reason, Role, SymbolKind};
use cleave_c::lex::{TokenKind, tokens};

/// Shorter arguments are parts of many names.
const SHORTEST: usize = 4;

/// An argument that more edits bring than this is a word of many things.
const BRINGERS: usize = 4;

/// Adds the order of such a call and of what names what it makes.
pub(super) fn relations(analysis: &Analysis, found: &mut Relations) {
    let Analysis { change, edits, facts, .. } = analysis;
    let mut given: [BTreeMap<BString, BTreeSet<EditId>>; 2] = Default::default();
    for (edit_id, edit) in edits.iter().filter(|(_, edit)| edit.splice().is_some()) {
        for (side, known) in given.iter_mut().enumerate() {
            for argument in arguments(change, edit, side) {
                known.entry(argument).or_default().insert(edit_id);
            }
        }
    }
    let heads = [Role::Defines, Role::DropsDefinition, Role::Declares, Role::DropsDeclaration];
    let defined: BTreeSet<&BStr> = facts
        .facts
        .iter()
        .filter(|fact| heads.contains(&fact.role))
        .map(|fact| facts.symbols.get(fact.symbol_id).name.as_bstr())
        .collect();
    for fact in &facts.facts {
        let (side, symbol) = (usize::from(fact.role == Role::GainsUse), facts.symbols.get(fact.symbol_id));
        let is_use = matches!(fact.role, Role::GainsUse | Role::LosesUse) && symbol.kind == SymbolKind::Name;
        if !is_use || given[side].is_empty() || defined.contains(symbol.name.as_bstr()) {
            continue;
        }
        for part in parts(symbol.name.as_ref()) {
            let makers = given[side].get(part).filter(|makers| makers.len() <= BRINGERS).into_iter().flatten();
            let text = |edit_id: EditId| {
                let file = change.file(edits.get(edit_id).file_id);
                if side == 1 { file.base_text() } else { file.tip_text() }
            };
            let is_made = |maker: &&EditId| is_pattern(symbol.name.as_ref(), part, text(fact.edit_id), text(**maker));
            for &maker in makers.filter(is_made) {
                match side {
                    1 => found.before(maker, fact.edit_id, Reason::DefinedBeforeUse(symbol.name.clone())),
                    _ => found.before(fact.edit_id, maker, Reason::LastUseBeforeRemoval(symbol.name.clone())),
                }
            }
        }
    }
}

/// Whether the macro makes such names already: on the other side the text of the user has a name with another argument that the maker's text has too.
fn is_pattern(name: &BStr, part: &BStr, user: &[u8], maker: &[u8]) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let words = user.split(|byte| !is_word(*byte)).filter(|word| !word.is_empty() && *word != name.as_bytes());
    let (head, tail): (&[u8], &[u8]) =
        if name.ends_with(part) { (&name[..name.len() - part.len()], b"") } else { (b"", &name[part.len()..]) };
    let mut others = words.filter_map(|word| word.strip_prefix(head)?.strip_suffix(tail)).filter(|word| word.len() >= SHORTEST);
    others.any(|other| maker.split(|byte| !is_word(*byte)).any(|word| word == other))
}

/// Returns what a name begins and ends with, at each `_`.
fn parts(name: &BStr) -> impl Iterator<Item = &BStr> {
    name.find_iter(b"_").flat_map(|at| [name[..at].as_bstr(), name[at + 1..].as_bstr()]).filter(|part| part.len() >= SHORTEST)
}

/// Returns the arguments of the calls at file scope or in macros that an edit brings (side 1) or takes (side 0), where its file has them nowhere else.
fn arguments(change: &Change, edit: &Edit, side: usize) -> Vec<BString> {
    let file = change.file(edit.file_id);
    if language(file.path()).build != Build::Words {
        return Vec::new();
    }
    let (here, other) = if side == 1 { (edit.inserted(), file.base_text()) } else { (edit.removed(change), file.tip_text()) };
    let is_header = language(file.path()).is_included();
    let mut found = Vec::new();
    for line in here.lines() {
        let is_list = is_header || line.ends_with(b"\\") || !line.starts_with_str(" ") && !line.starts_with_str("\t");
        let bare = line.trim().trim_end_with(|char| char == '\\').trim_end();
        if !is_list || !(bare.ends_with(b")") || bare.ends_with(b");") || bare.ends_with(b"),")) {
            continue;
        }
        let tokens: Vec<_> = tokens(bare).into_iter().filter(|token| token.kind != TokenKind::Comment).collect();
        let word = |at: usize| tokens.get(at).map_or(&b""[..], |token| token.of(bare));
        let open = if word(0) == b"static" { 2 } else { 1 };
        if word(open) != b"(" || tokens[open - 1].kind != TokenKind::Word {
            continue;
        }
        let is_argument = |at: &usize| {
            tokens[*at].kind == TokenKind::Word && matches!(word(at - 1), b"(" | b",") && matches!(word(at + 1), b")" | b",")
        };
        let words = (open + 1..tokens.len()).filter(is_argument).map(word).filter(|word| word.len() >= SHORTEST);
        found.extend(words.filter(|word| !other.contains_str(word)).map(BString::from));
    }
    found
}
