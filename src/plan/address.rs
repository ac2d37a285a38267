//! Edits → Addresses: names that hold while other edits come and go.
//!
//! The hash is over what an edit does, not over where: an edit keeps its address when text is added above it. Two edits that do the same to the
//! same item are told apart by their order alone. Cost: one parse of each side that is needed of the C files with edits, in parallel.

use std::cell::OnceCell;
use std::collections::HashMap;

use bstr::{BStr, BString, ByteSlice};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::model::address::HASH_DIGITS;
use crate::model::{Address, Change, Content, Edit, EditId, EditKind, Edits, Entry, FileChange, FileId, Span, TextId};
use crate::read::c::{self, ItemKind, Syntax};
use crate::read::cut::Language;

/// Returns the address of each edit, in id order; no two are equal.
pub fn addresses(change: &Change, edits: &Edits) -> Vec<Address> {
    let by_file: Vec<(FileId, Vec<EditId>)> = edits.by_file().into_iter().collect();
    let found: Vec<Vec<(EditId, Address)>> =
        by_file.par_iter().map(|(file_id, edit_ids)| of_file(change, edits, *file_id, edit_ids)).collect();
    let mut all: Vec<(EditId, Address)> = found.into_iter().flatten().collect();
    all.sort_by_key(|(edit_id, _)| *edit_id);
    // Two files may stand at one path, one that leaves and one that comes: equals are counted over all files.
    let mut seen: HashMap<Address, u32> = HashMap::new();
    all.into_iter()
        .map(|(_, mut address)| {
            let nth = seen.entry(address.clone()).and_modify(|nth| *nth += 1).or_insert(0);
            address.ordinal = *nth;
            address
        })
        .collect()
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

/// The two sides of a file, each parsed when first asked for.
struct Sides<'c> {
    file: &'c FileChange,
    is_c: bool,
    base: OnceCell<Syntax>,
    tip: OnceCell<Syntax>,
}

impl Sides<'_> {
    fn item(&self, is_tip: bool, span: Span) -> BString {
        if !self.is_c {
            return BString::default();
        }
        let (text, cell) = if is_tip { (self.file.tip_text(), &self.tip) } else { (self.file.base_text(), &self.base) };
        let Some(bytes) = text.get(span.range()) else { return BString::default() };
        // Blank lines before an item are outside of it, but come with it.
        let blanks = bytes.len() - bytes.trim_start().len();
        let offset = if blanks == bytes.len() { span.start } else { span.start + blanks };
        match cell.get_or_init(|| c::parse(text)).item_at(offset) {
            // The lines of a condition and of an include are at file scope, and what they say is in the hash.
            Some(item) if !matches!(item.kind, ItemKind::Conditional | ItemKind::Include | ItemKind::Other) => item.name.clone(),
            _ => BString::default(),
        }
    }
}

/// Returns the addresses of one file's edits, each with ordinal 0.
fn of_file(change: &Change, edits: &Edits, file_id: FileId, edit_ids: &[EditId]) -> Vec<(EditId, Address)> {
    let file = change.file(file_id);
    let is_c = Language::of(file.path()) == Language::C;
    let sides = Sides { file, is_c, base: OnceCell::new(), tip: OnceCell::new() };
    edit_ids
        .iter()
        .map(|&edit_id| {
            let edit = edits.get(edit_id);
            let address = Address {
                path: file.path().to_owned(),
                item: item(&sides, edits, edit),
                hash: hash(file, edit, removed(change, edits, edit)),
                ordinal: 0,
            };
            (edit_id, address)
        })
        .collect()
}

/// Returns the name of the item around what an edit puts in, else around what it takes away, else around the text it edits.
fn item(sides: &Sides<'_>, edits: &Edits, edit: &Edit) -> BString {
    let mut edit = edit;
    // An edit into the text of another goes up to its maker. Makers come first, so this ends; the bound holds where they do not.
    for _ in 0..=edits.len() {
        if let Some(span) = edit.tip_span.filter(|span| !span.is_empty()) {
            return sides.item(true, span);
        }
        match edit.splice() {
            Some((TextId::File(_), span, _)) if !span.is_empty() => return sides.item(false, span),
            Some((TextId::Inserted(maker), ..)) if edits.get(maker).file_id == edit.file_id => edit = edits.get(maker),
            Some((TextId::File(_) | TextId::Inserted(_), span, _)) => return sides.item(false, span),
            None => return BString::default(),
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
    sha.finalize().iter().take(HASH_DIGITS / 2).map(|byte| format!("{byte:02x}")).collect()
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
