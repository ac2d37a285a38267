//! Names that documents, tests and other texts speak of, and that the change brings: an option, a command, a file, a function.
//!
//! ```text
//!   builtin/add.c   +OPT_BOOL(0, "resolved", …)    brings --resolved
//!   t/t2207.sh      +git add --resolved            needs it: before, the test fails and the document tells of what is not there
//! ```
//!
//! What code needs of other code its language says. Such texts are read word by word; a word counts where it is written as an option (`--word`), or is a
//! name that is no word of a language (`has_markers`, `for-each-ref`, `add.sh`), and its own file did not speak of it before. Bindings come before their
//! drivers and are left out. Cost: one pass over the inserted text, and none where no such text comes.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BStr, BString, ByteSlice};

use super::Relations;
use crate::analyze::Analysis;
use crate::model::path_kind::{PathKind, is_documentation, is_test, kind};
use crate::model::{EditId, EditKind, Reason, Role, SymbolKind};

/// A name that more edits bring than this is a word of many things.
const BRINGERS: usize = 8;
/// Shorter names mean many things.
const SHORTEST: usize = 5;

/// Adds the order of what brings a name and the texts that speak of it.
pub(super) fn relations(analysis: &Analysis, found: &mut Relations) {
    let Analysis { change, edits, facts, .. } = analysis;
    let path = |edit_id: EditId| change.file(edits.get(edit_id).file_id).path();
    let speaks = |edit_id: &EditId| is_text(path(*edit_id)) && !edits.get(*edit_id).inserted().is_empty();
    let texts: Vec<EditId> = edits.iter().map(|(edit_id, _)| edit_id).filter(speaks).collect();
    if texts.is_empty() {
        return;
    }
    let mut brought: BTreeMap<BString, BTreeSet<EditId>> = BTreeMap::new();
    for (edit_id, edit) in edits.iter().filter(|(edit_id, _)| !is_documentation(path(*edit_id)) && !is_test(path(*edit_id))) {
        let file = change.file(edit.file_id);
        let had: BTreeSet<&[u8]> = literals(file.base_text()).collect();
        let mut names: BTreeSet<BString> = BTreeSet::new();
        if kind(path(edit_id)).is_c() {
            for literal in literals(edit.inserted()).filter(|literal| !had.contains(literal)) {
                names.insert(bstr::concat([&b"--"[..], literal.trim_start_with(|c| c == '-')]).into());
                names.extend(is_name(literal).then(|| literal.into()));
            }
        } else if kind(path(edit_id)) == PathKind::Script {
            names.extend(words(edit.inserted()).filter(|word| word.starts_with(b"--")).map(BString::from));
        }
        if edit.kind == EditKind::Create {
            let name = path(edit_id).rsplit_str("/").next().unwrap_or_default();
            names.extend(is_name(name).then(|| name.into()));
        }
        for fact in facts.of(edit_id).iter().filter(|fact| fact.role == Role::Defines) {
            let symbol = facts.symbols.get(fact.symbol_id);
            let is_function = matches!(symbol.kind, SymbolKind::Function | SymbolKind::Macro) && symbol.scope.is_none();
            names.extend((is_function && is_name(&symbol.name)).then(|| symbol.name.clone()));
        }
        for name in names {
            brought.entry(name).or_default().insert(edit_id);
        }
    }
    for edit_id in texts {
        let edit = edits.get(edit_id);
        let had: BTreeSet<&[u8]> = words(change.file(edit.file_id).base_text()).collect();
        let new: BTreeSet<&[u8]> = words(edit.inserted()).filter(|word| !had.contains(word)).collect();
        for (word, bringers) in new.into_iter().filter_map(|word| Some((word, brought.get(BStr::new(word))?))) {
            for &bringer in bringers.iter().filter(|_| bringers.len() <= BRINGERS) {
                found.before(bringer, edit_id, Reason::DefinedBeforeUse(word.into()));
            }
        }
    }
}

/// Whether a file is a text that nothing is built of: a document, a script of tests.
fn is_text(path: &BStr) -> bool {
    let kind = kind(path);
    (is_documentation(path) || is_test(path))
        && !kind.is_c()
        && !kind.is_build()
        && !matches!(kind, PathKind::Schema | PathKind::Binding | PathKind::Maintainers)
}

/// Whether a word is a name and no word of a language.
fn is_name(word: &[u8]) -> bool {
    let is_joint = |at: &usize| b"_-.".contains(&word[*at]);
    word.len() >= SHORTEST && (1..word.len() - 1).any(|at| is_joint(&at))
}

/// Returns the words of a text, with the dashes of options.
fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let split = text.split(|byte| !byte.is_ascii_alphanumeric() && !b"_-.".contains(byte));
    split.map(|word| word.trim_end_with(|c| c == '.' || c == '-')).filter(|word| word.len() > 2)
}

/// Returns the strings of a text of C that are one word each.
fn literals(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let of_line = |line| <[u8]>::split(line, |byte| *byte == b'"').skip(1).step_by(2);
    let is_word = |word: &&[u8]| word.len() > 2 && word.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(byte));
    text.lines().flat_map(of_line).filter(is_word)
}
