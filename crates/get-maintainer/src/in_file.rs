//! Addresses inside a file: device tree bindings name their maintainers there.
//!
//! Source: `maintainers_in_file` and `clean_file_emails` of the script. Linux reads letters of every script, U-Boot bytes (the
//! expression's `À-ÿ` is, in a Perl source that is not declared as UTF-8, the bytes `\xc3`, `\x80` to `\xc3` and `\xbf`).

use std::collections::BTreeSet;
use std::sync::LazyLock;

use bstr::{BString, ByteSlice};
use regex::bytes::Regex;

use super::dialect::Dialect;
use super::mailbox::Mailbox;

/// Returns the mailboxes in `content`, each once, in order.
pub(super) fn mailboxes(content: &[u8], dialect: Dialect) -> Vec<Mailbox> {
    let forms = &*FORMS;
    let form = if dialect.decodes() { &forms[0] } else { &forms[1] };
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for text in form.possible.find_iter(content) {
        let bracketed = forms[0].address.replace_all(text.as_bytes(), b"<${1}>".as_slice());
        let parsed = Mailbox::read(&bracketed);
        let name = match dialect.decodes() {
            true => name_by_letters(&parsed.printed_name(), form),
            false => name_by_bytes(&parsed.printed_name(), form),
        };
        let shown = Mailbox::named(&name, &parsed.email).printed();
        if seen.insert(shown.clone()) {
            found.push(Mailbox::read(&shown));
        }
    }
    found
}

struct Form {
    /// Something that looks like a name, and an address.
    possible: Regex,
    /// The address in it, with its brackets.
    address: Regex,
    /// What parts the words of a name.
    gap: Regex,
    /// One letter: of any script, or of ASCII.
    letter: Regex,
    /// Whether lengths are counted in letters.
    decodes: bool,
}

static FORMS: LazyLock<[Form; 2]> = LazyLock::new(|| {
    let regex = |text: String| Regex::new(&text).expect("a constant expression");
    let address = r"[A-Za-z0-9_.+\-]+@[A-Za-z0-9.\-]+";
    [("", r"\p{L}"), ("(?-u)", r"A-Za-z\x80-\xc3")].map(|(flags, letters)| Form {
        // U-Boot's class has `\xbf` too, which `\x80-\xc3` holds already.
        possible: regex(format!(r#"{flags}[{letters}"' ,.+\-]*\s*,*\s*[(<{{]?{address}\.[A-Za-z0-9]+[)>}}]?"#)),
        address: regex(format!(r"(?-u)[(<{{]?({address})[)>}}]?")),
        gap: regex(format!(r"{flags}[^{letters}',.+\-]")),
        letter: regex((if flags.is_empty() { r"^\p{L}$" } else { "(?-u)^[A-Za-z]$" }).to_owned()),
        decodes: flags.is_empty(),
    })
});

/// The last two words, or three where initials are among them.
fn last_words(words: &[&[u8]], form: &Form) -> BString {
    let [.., first, middle, last] = words else {
        return bstr::join(" ", words).into();
    };
    let n_chars = |word: &[u8]| if form.decodes { word.chars().count() } else { word.len() };
    let is_initial = |word: &[u8]| n_chars(word) == 2 && word.ends_with(b".");
    let has_initial = form.letter.is_match(first) || is_initial(first) || n_chars(middle) == 1 || is_initial(middle);
    match has_initial {
        true => bstr::join(" ", [first, middle, last]).into(),
        false => bstr::join(" ", [middle, last]).into(),
    }
}

/// Splits as Perl does: empty words at the end are dropped.
fn words<'a>(name: &'a [u8], form: &Form) -> Vec<&'a [u8]> {
    let mut words: Vec<&[u8]> = form.gap.split(name).collect();
    while words.last().is_some_and(|word| word.is_empty()) {
        words.pop();
    }
    words
}

fn is_mark(byte: Option<&u8>) -> bool {
    matches!(byte, Some(b',' | b'.'))
}

fn name_by_letters(name: &BString, form: &Form) -> BString {
    let inner = name.strip_prefix(b"\"").and_then(|name| name.strip_suffix(b"\"")).unwrap_or(name);
    let mut words = words(inner, form);
    words.retain(|word| !matches!(word, [b'\'' | b',' | b'.' | b'+' | b'-']));
    let joined = last_words(&words, form);
    let name = joined.as_slice();
    let name = if is_mark(name.last()) { &name[..name.len() - 1] } else { name };
    let name = if is_mark(name.first()) { &name[1..] } else { name };
    name.into()
}

fn name_by_bytes(name: &BString, form: &Form) -> BString {
    let words = words(name, form);
    let mut name = if words.len() > 2 { last_words(&words, form) } else { name.clone() };
    let len = name.len();
    if is_mark(name.last()) {
        name.truncate(len - 1);
    } else if len >= 2 && name[len - 1] == b'"' && is_mark(name.get(len - 2)) {
        name.truncate(len - 2);
        name.push(b'"');
    }
    if is_mark(name.first()) {
        name.remove(0);
    } else if name.first() == Some(&b'"') && is_mark(name.get(1)) {
        name.remove(1);
    }
    name
}
