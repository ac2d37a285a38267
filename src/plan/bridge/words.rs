//! Is a text another one with some words renamed?

use std::collections::BTreeSet;

use bstr::{BStr, ByteSlice};

use cleave_c::lex::is_word_byte;

/// Returns the pairs of `names` that make `old` into `new`, or `None` where they do not, or where nothing is renamed. White space does not count: a
/// line may be broken anew.
pub(super) fn renamed<'n>(old: &[u8], new: &[u8], names: &[(&'n BStr, &'n BStr)]) -> Option<BTreeSet<(&'n BStr, &'n BStr)>> {
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
        assert_eq!(renamed(old.as_bytes(), new.as_bytes(), &names).is_some(), expected, "{old} -> {new}");
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
