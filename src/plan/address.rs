//! Edits → Addresses: names that hold while other edits come and go.
//!
//! The hash is over what an edit does, not over where: an edit keeps its address when text is added above it. Two edits that do the same to the
//! same item are told apart by their order alone. Cost: one hash over the bytes of the edits, in parallel.

use std::collections::HashMap;

use bstr::{BStr, BString, ByteSlice};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::model::address::HASH_DIGITS;
use crate::model::hex;
use crate::model::{Address, Change, Content, Edit, EditId, EditKind, Edits, Entry, FileChange, TextId};

/// Returns the address of each edit, in id order; no two are equal.
pub fn addresses(change: &Change, edits: &Edits) -> Vec<Address> {
    let all: Vec<Address> = edits.all.par_iter().map(|edit| address(change, edits, edit)).collect();
    // Two files may stand at one path, one that leaves and one that comes: equals are counted over all files.
    let mut seen: HashMap<Address, u32> = HashMap::new();
    all.into_iter()
        .map(|mut address| {
            let nth = seen.entry(address.clone()).and_modify(|nth| *nth += 1).or_insert(0);
            address.ordinal = *nth;
            address
        })
        .collect()
}

/// Returns the edit that each address names.
pub fn by_address(addresses: &[Address]) -> HashMap<&Address, EditId> {
    addresses.iter().enumerate().map(|(idx, address)| (address, EditId::at(idx))).collect()
}

/// Returns the bytes that an edit takes out of its text, be it a base file or what another edit inserts; empty for a path edit.
pub fn removed<'c>(change: &'c Change, edits: &'c Edits, edit: &'c Edit) -> &'c [u8] {
    match edit.splice() {
        Some((TextId::File(file_id), span, _)) => change.file(file_id).base_text().get(span.range()).unwrap_or_default(),
        Some((TextId::Inserted(maker), span, _)) => edits.get(maker).inserted().get(span.range()).unwrap_or_default(),
        None => b"",
    }
}

/// Returns the first line with letters that an edit puts in, else that it takes away, else what it does to its path; without its blanks.
pub fn first_line(change: &Change, edits: &Edits, edit: &Edit) -> BString {
    let line = |text: &[u8]| -> Option<BString> {
        let lines = || text.lines().map(ByteSlice::trim).filter(|line| !line.is_empty());
        lines().find(|line| line.iter().any(u8::is_ascii_alphabetic)).or_else(|| lines().next()).map(BString::from)
    };
    let file = change.file(edit.file_id);
    let mode = |entry: &Option<Entry>| entry.as_ref().map_or("", |entry| entry.mode.octal());
    match edit.kind {
        EditKind::Splice { .. } => line(edit.inserted())
            .or_else(|| line(removed(change, edits, edit)).map(|line| bstr::concat([b"(goes) ", line.as_slice()]).into()))
            .unwrap_or_else(|| "(blank lines)".into()),
        EditKind::Create => "(new file)".into(),
        EditKind::Delete => "(file goes)".into(),
        EditKind::Rename => {
            let from = file.base.as_ref().map_or(BStr::new(""), |entry| entry.path.as_ref());
            bstr::concat([b"(renamed from ", from.as_bytes(), b")"]).into()
        }
        EditKind::Mode => format!("(mode {} becomes {})", mode(&file.base), mode(&file.tip)).into(),
        EditKind::Replace => "(replaced whole)".into(),
    }
}

/// Returns the address of an edit, with ordinal 0.
fn address(change: &Change, edits: &Edits, edit: &Edit) -> Address {
    let file = change.file(edit.file_id);
    let hash = hash(file, edit, removed(change, edits, edit));
    Address { path: file.path().to_owned(), item: item(edits, edit), hash, ordinal: 0 }
}

/// Returns the name of the item around an edit; of one into the text of another: around its maker.
fn item(edits: &Edits, edit: &Edit) -> BString {
    let mut edit = edit;
    // Makers come first, so this ends; the bound holds where they do not.
    for _ in 0..=edits.len() {
        match edit.splice() {
            Some((TextId::Inserted(maker), ..)) if edit.item.is_empty() && edits.get(maker).file_id == edit.file_id => {
                edit = edits.get(maker);
            }
            _ => return edit.item.clone(),
        }
    }
    BString::default()
}

/// Returns the first digits of the SHA-256 over kind, removed and inserted bytes, each behind its length. A path edit removes and inserts what
/// it changes: paths, modes, object ids.
fn hash(file: &FileChange, edit: &Edit, removed: &[u8]) -> String {
    let side = |entry: &Option<Entry>, what: fn(&Entry) -> BString| entry.as_ref().map_or(BString::default(), what);
    let both = |what: fn(&Entry) -> BString| (side(&file.base, what), side(&file.tip, what));
    let mode = |entry: &Entry| BString::from(entry.mode.octal());
    // The text of a file is in other edits; what has no text comes and goes with the file.
    let whole = |entry: &Entry| match entry.content {
        Content::Text(_) => BString::from(entry.mode.octal()),
        Content::Opaque(_) => format!("{} {}", entry.mode.octal(), entry.object_id).into(),
    };
    let (kind, (old, new)) = match &edit.kind {
        EditKind::Splice { text: TextId::File(_), insert, .. } => ("splice", (removed.into(), insert.clone())),
        EditKind::Splice { text: TextId::Inserted(_), insert, .. } => ("splice inserted", (removed.into(), insert.clone())),
        EditKind::Create => ("create", both(whole)),
        EditKind::Delete => ("delete", both(whole)),
        EditKind::Rename => ("rename", both(|entry| entry.path.clone())),
        EditKind::Mode => ("mode", both(mode)),
        EditKind::Replace => ("replace", both(|entry| entry.object_id.to_string().into())),
    };
    let mut sha = Sha256::new();
    for part in [kind.as_bytes(), old.as_slice(), new.as_slice()] {
        sha.update(u64::try_from(part.len()).expect("a length fits 64 bits").to_be_bytes());
        sha.update(part);
    }
    hex(&sha.finalize()[..HASH_DIGITS / 2])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::fixture;
    use crate::read;

    /// Draws the addresses without their hashes, with the first lines.
    fn check(files: &[(&str, Option<&str>, Option<&str>)], expected: &[&str]) {
        let change = fixture::change(files);
        let edits = read::edits(&change);
        let all = addresses(&change, &edits);
        let drawn: Vec<String> = all
            .iter()
            .zip(&edits.all)
            .map(|(address, edit)| {
                let text = address.to_string().replace(&address.hash, "");
                format!("{text} | {}", first_line(&change, &edits, edit))
            })
            .collect();
        assert_eq!(drawn, expected);
    }

    #[test]
    fn an_edit_is_named_by_its_function() {
        check(
            &[(
                "a.c",
                Some("int f(void)\n{\n\treturn 1;\n}\n\nint g(void)\n{\n\treturn 1;\n}\n\nint gone(void)\n{\n\treturn 7;\n}\n"),
                Some("int f(void)\n{\n\treturn 2;\n}\n\nint g(void)\n{\n\treturn 2;\n}\n\nint z;\n"),
            )],
            &["a.c#f@ | return 2;", "a.c#g@ | return 2;", "a.c#z@ | int z;", "a.c#gone@ | (goes) int gone(void)"],
        );
    }

    #[test]
    fn equals_are_counted() {
        check(
            &[
                ("doc", Some("a\n\nx\n\nb\n\nx\n"), Some("a\n\ny\n\nb\n\ny\n")),
                ("new", None, Some("1\n")),
                ("old", Some("1\n"), None),
            ],
            &["doc#@ | y", "doc#@.1 | y", "new#@ | (new file)", "new#@ | 1", "old#@ | (goes) 1", "old#@ | (file goes)"],
        );
    }

    #[test]
    fn an_edit_elsewhere_changes_no_address() {
        let (base, tip) = ("int f(void)\n{\n\treturn 1;\n}\n", "int f(void)\n{\n\treturn 2;\n}\n");
        let more = format!("#include <x.h>\n\nint new(int a)\n{{\n\treturn a;\n}}\n\n{tip}");
        let of = |tip: &str| {
            let change = fixture::change(&[("a.c", Some(base), Some(tip))]);
            addresses(&change, &read::edits(&change))
        };
        let (few, many) = (of(tip), of(&more));
        assert_eq!(few.len(), 1);
        assert!(many.len() > 1 && many.contains(&few[0]), "{many:?}");
    }
}
