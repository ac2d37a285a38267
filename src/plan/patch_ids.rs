//! The ids of patches: words of their subjects, unique in a plan.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BString, ByteSlice};

use crate::model::Patch;

/// Longest patch id; it is typed in a todo.
const PATCH_ID: usize = 40;

/// The ids that patches of a plan have so far.
#[derive(Debug, Default)]
pub struct PatchIds {
    taken: BTreeSet<String>,
    /// For each id that several patches would have, the last number that was put behind it.
    numbers: BTreeMap<String, usize>,
}

impl PatchIds {
    /// Returns the ids of these patches.
    pub fn of<'p>(patches: impl IntoIterator<Item = &'p Patch>) -> Self {
        PatchIds { taken: patches.into_iter().map(|patch| patch.patch_id.clone()).collect(), numbers: BTreeMap::new() }
    }

    /// Returns an id for a patch: the words of its subject after the prefix, and a number where another patch has them.
    pub fn next(&mut self, subject: &BString) -> String {
        let words = words(subject);
        let mut id = words.clone();
        while !self.taken.insert(id.clone()) {
            let number = self.numbers.entry(words.clone()).or_insert(1);
            *number += 1;
            id = format!("{words}-{number}");
        }
        id
    }
}

fn words(subject: &BString) -> String {
    let text = subject.to_str_lossy();
    let phrase = text.rsplit(": ").next().unwrap_or(&text);
    let mut id = String::new();
    for word in phrase.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        if id.len() + word.len() + 1 > PATCH_ID {
            break;
        }
        if !id.is_empty() {
            id.push('-');
        }
        id.push_str(&word.to_ascii_lowercase());
    }
    match id.as_str() {
        "" => "patch".into(),
        // In a todo that is a patch that is not there yet.
        "new" => "new-patch".into(),
        _ => id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_words_of_the_subject_and_unique() {
        let mut ids = PatchIds::default();
        assert_eq!(ids.next(&"mm: Use the new name".into()), "use-the-new-name");
        assert_eq!(ids.next(&"kvm: use the new name".into()), "use-the-new-name-2");
        assert_eq!(ids.next(&"x86: use the new name".into()), "use-the-new-name-3");
        assert_eq!(ids.next(&"...".into()), "patch");
        assert_eq!(ids.next(&"mm: new".into()), "new-patch");
        assert!(ids.next(&format!("a: {}", "word ".repeat(20)).into()).len() <= PATCH_ID);
    }
}
