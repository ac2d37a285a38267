//! What a patch says of itself when one rule made all of it: the rule, in a form that makes it again.

use std::collections::BTreeSet;

use bstr::{BString, ByteSlice};

use super::text::wrap;
use crate::analyze::rules::{Made, PatternPart, Replay, Rule, Rules};
use crate::model::{Change, EditId, Edits, Facts, FileId, Role, SymbolKind};

/// Returns a paragraph for the message of a patch all of whose edits one rule explains wholly, or `None` for other patches.
///
/// A semantic patch is for `spatch`, between the marks that people of the kernel put around one. A word is renamed with `sed` only where that word is
/// nowhere left in the patch's files: else the command would do more than the patch.
pub(super) fn paragraph(change: &Change, edits: &Edits, facts: &Facts, rules: &Rules, patch: &[EditId]) -> Option<BString> {
    let Made { rule, n_sites, n_bare, reached } = rules.only(patch)?;
    let record = record(facts, rule, patch);
    let places = |n: usize| if n == 1 { "in one place".to_owned() } else { format!("in {n} places") };
    let bare = if n_bare == 0 { String::new() } else { format!(", and {} the bare name", places(n_bare)) };
    let head = wrap(format!("Mechanical, {}: {}{bare}.", places(n_sites), rule.line()).as_bytes());
    let text = match rule.replay(record.as_ref().map(|record| record.as_ref()), reached)? {
        Replay::SemanticPatch(text) => format!("{head}\n\n// <smpl>\n{text}// </smpl>"),
        Replay::Sed(command) if is_gone(change, edits, rule, patch) => format!("{head}\n\n    {command}"),
        Replay::Sed(_) => head.to_string(),
    };
    Some(text.into())
}

/// Returns the record of a member that a rule renames, where all that is known of the patch's uses says the same one.
fn record(facts: &Facts, rule: &Rule, patch: &[EditId]) -> Option<BString> {
    let [PatternPart::Token(name)] = rule.old.as_slice() else { return None };
    let uses = patch.iter().flat_map(|&edit_id| facts.of(edit_id)).filter(|fact| fact.role == Role::LosesUse);
    let symbols = uses.map(|fact| facts.symbols.get(fact.symbol_id));
    let mut records: BTreeSet<Option<&BString>> = symbols
        .filter(|symbol| symbol.kind == SymbolKind::Field && symbol.name == *name)
        .map(|symbol| symbol.record.as_ref())
        .collect();
    let first = records.pop_first()??;
    records.is_empty().then(|| first.clone())
}

/// Whether the files of a patch do not have the word any more at the tip.
fn is_gone(change: &Change, edits: &Edits, rule: &Rule, patch: &[EditId]) -> bool {
    let [PatternPart::Token(name)] = rule.old.as_slice() else { return false };
    let files: BTreeSet<FileId> = patch.iter().map(|&edit_id| edits.get(edit_id).file_id).collect();
    let has = |text: &[u8]| {
        text.find_iter(name).any(|at| {
            let is_part = |byte: Option<&u8>| byte.is_some_and(|byte| cleave_c::lex::is_word_byte(*byte));
            !is_part(at.checked_sub(1).and_then(|at| text.get(at))) && !is_part(text.get(at + name.len()))
        })
    };
    !files.iter().any(|file_id| has(change.file(*file_id).tip_text()))
}
