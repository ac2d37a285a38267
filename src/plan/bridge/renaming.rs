//! Which edits exchange names for others, and do nothing else.

use std::collections::BTreeSet;

use bstr::{BStr, BString, ByteSlice};

use crate::analyze::Analysis;
use crate::model::{Bridged, EditId, Role, SymbolKind};
use cleave_c::lex::is_word_byte;

/// Old names with the new ones.
pub(super) type Pairs<'n> = BTreeSet<(&'n BStr, &'n BStr)>;

/// Returns the pairs of `names` that make `old` into `new`, or `None` where they do not, or where nothing is renamed. White space does not count: a
/// line may be broken anew.
pub(super) fn exchanged<'n>(old: &[u8], new: &[u8], names: &[(&'n BStr, &'n BStr)]) -> Option<Pairs<'n>> {
    let (mut old, mut new) = (words(old), words(new));
    let mut used = BTreeSet::new();
    loop {
        match (old.next(), new.next()) {
            (None, None) => break,
            (Some(one), Some(other)) if one == other => {}
            (Some(one), Some(other)) => {
                used.insert(*names.iter().find(|(from, to)| *from == one.as_bstr() && *to == other.as_bstr())?);
            }
            _ => return None,
        }
    }
    (!used.is_empty()).then_some(used)
}

/// Whether users took the new names in the place of the old ones: at least one edit does nothing else, and of all that lose a use of an old name half
/// gain one of a new. A symbol that goes and another of its type that comes are no rename, though they look like one. `superseded` is the edit that
/// renames; the names are those of symbols of `kinds`.
pub(super) fn is_taken_up(analysis: &Analysis, superseded: EditId, bridged: &Bridged, kinds: &[SymbolKind]) -> bool {
    let Analysis { change, edits, facts, .. } = analysis;
    let pairs: Vec<(&BStr, &BStr)> = bridged.names.iter().map(|(old, new)| (old.as_ref(), new.as_ref())).collect();
    let (mut n_losers, mut n_gainers, mut n_pure) = (0usize, 0usize, 0usize);
    for (edit_id, edit) in edits.iter().filter(|(edit_id, _)| *edit_id != superseded) {
        let has = |role: Role, is_own: &dyn Fn(&BString) -> bool| {
            facts.of(edit_id).iter().filter(|fact| fact.role == role).any(|fact| {
                let symbol = facts.symbols.get(fact.symbol_id);
                kinds.contains(&symbol.kind)
                    && is_own(&symbol.name)
                    && (symbol.record.is_none() || symbol.record == bridged.record)
            })
        };
        if has(Role::LosesUse, &|name| bridged.names.iter().any(|(old, _)| old == name)) {
            n_losers += 1;
            n_gainers += usize::from(has(Role::GainsUse, &|name| bridged.names.iter().any(|(_, new)| new == name)));
            n_pure += usize::from(exchanged(edit.removed(change), edit.inserted(), &pairs).is_some());
        }
    }
    n_pure > 0 && 2 * n_gainers >= n_losers
}

/// Returns words, and all else but white space byte by byte.
fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut at = 0;
    std::iter::from_fn(move || {
        at += text[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let len = text[at..].iter().take_while(|byte| is_word_byte(**byte)).count();
        let word = text.get(at..at + len.max(1))?;
        at += word.len();
        Some(word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(old: &str, new: &str, expected: bool) {
        let names = [(BStr::new("index"), BStr::new("place"))];
        assert_eq!(exchanged(old.as_bytes(), new.as_bytes(), &names).is_some(), expected, "{old} -> {new}");
    }

    #[test]
    fn words_are_renamed_and_nothing_else() {
        check("a->index = index;", "a->place = index;", true);
        check("a->index = b(1,\n\t2);", "a->place =\n\tb(1, 2);", true);
        check("/* see ->index */", "/* see ->place */", true);
        check("a->index = 1;", "a->place = 2;", false);
        check("a->index;", "a->index;", false);
        check("a->place;", "a->index;", false);
        check("a->index;", "a->place", false);
        check("an_index", "an_place", false);
    }
}
