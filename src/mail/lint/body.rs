//! What a message says, and how it stands on the page.

use bstr::{BStr, ByteSlice};
use unicode_width::UnicodeWidthStr;

use super::documents::Document;
use super::letter::Letter;
use super::{Fix, Hit, Look, Place};
use crate::model::trailer::Trailer;
use crate::write::am;

/// What `git am` would cut or take for something else.
pub(super) fn cut(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    let signs = |line: &&BStr| line.starts_with(b"Signed-off-by:");
    if letter.envelope.is_some() {
        // Of a mail that is cut only the rest tells: sign-offs below the line, none above.
        let below = letter.aside.iter().map(|line| line.as_bstr()).find(signs);
        let above = letter.message.iter().map(|line| line.as_bstr()).find(signs);
        return match (below, above) {
            (Some(line), None) => {
                vec![Hit::new(Place::Mail, line, "the sign-off stands below a line '---', where git am drops it")]
            }
            _ => Vec::new(),
        };
    }
    let text = bstr::join("\n", &letter.message);
    let whole = bstr::concat([b"x\n\n", text.as_slice()]);
    let Some(cut) = am::cut(whole.as_bstr()) else { return Vec::new() };
    vec![Hit::line(letter, cut.line - 3, format!("git am takes this line for {}", cut.taken_for))]
}

/// What git, and a draft of ours, leave for the author to fill in.
pub(super) fn placeholder(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    // One in the middle of a sentence is spoken of.
    let is_left = |line: &BStr| {
        ["SUBJECT", "BLURB", "CHANGES"].iter().any(|what| line.trim_start().starts_with_str(format!("*** {what} HERE ***")))
    };
    let subject = is_left(letter.subject.as_bstr()).then(|| Hit::subject(letter, "a text is still to be written"));
    let lines = letter.message.iter().enumerate().filter(|(_, line)| is_left(line.as_bstr()));
    subject.into_iter().chain(lines.map(|(at, _)| Hit::line(letter, at, "a text is still to be written"))).collect()
}

/// Nothing but tags.
pub(super) fn missing(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    let text = &letter.message[..letter.block()];
    // New translations speak for themselves, a release for what came before.
    let is_plain = letter.is_below(&["po/"]) || letter.is_release() || letter.is_by_git();
    if text.iter().any(|line| !line.trim().is_empty()) || is_plain {
        return Vec::new();
    }
    vec![Hit::subject(letter, "the message does not say why")]
}

pub(super) fn repeats_subject(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    let words = |text: &[u8]| -> Vec<u8> { text.to_ascii_lowercase().into_iter().filter(u8::is_ascii_alphanumeric).collect() };
    let body = words(&bstr::join(" ", &letter.message[..letter.block()]));
    if body.is_empty() || (body != words(&letter.subject) && body != words(letter.phrase())) {
        return Vec::new();
    }
    let at = letter.message.iter().position(|line| !line.trim().is_empty()).unwrap_or(0);
    vec![Hit::line(letter, at, "the message says no more than the subject")]
}

/// Columns of prose.
fn limit(document: Document) -> usize {
    match document {
        // "Keep EVERY line under 72 characters."
        Document::UBoot => 71,
        Document::Qemu => 76,
        _ => 75,
    }
}

/// Columns beyond the limit that are let pass: one commit in five that U-Boot and Xen took has lines that long, one in a hundred longer ones.
const BORNE: usize = 5;

/// Lines of prose that are too long. Quotes, what programs print, tables, links, paths and tags may be as long as they are.
pub(super) fn width(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    if letter.is_by_git() {
        return Vec::new();
    }
    let limit = limit(look.source.document);
    let mut hits = Vec::new();
    for (at, line) in letter.message[..letter.block()].iter().enumerate() {
        let width = line.to_str_lossy().width();
        if width > limit + BORNE && is_prose(line.as_bstr()) {
            hits.push(Hit::line(letter, at, format!("the line has {width} columns, at most {limit} are asked for")));
        }
    }
    hits
}

/// Whether a line is running text, of which nothing says that it must not be broken.
fn is_prose(line: &BStr) -> bool {
    let starts_as_text =
        line.first().is_some_and(|byte| byte.is_ascii_alphanumeric()) || line.starts_with(b"- ") || line.starts_with(b"* ");
    if !starts_as_text || Trailer::known(line).is_some() {
        return false;
    }
    let marks = [
        "://", "\t", "   ", "(\"", "\")", " = ", "0x", "->", "::", "()", "{", "}", "|", "\\", "=>", "`", "$", ";", "<", ">", "#",
        "/",
    ];
    let says = [
        "error:",
        "warning:",
        "BUG:",
        "WARNING:",
        "ERROR:",
        "Call Trace",
        "RIP",
        "Oops",
        "panic",
        "undefined reference",
        "commit ",
    ];
    if marks.iter().chain(&says).any(|mark| line.contains_str(mark)) {
        return false;
    }
    let n_words = line.fields().count();
    let n_plain = line.iter().filter(|byte| byte.is_ascii_alphabetic() || **byte == b' ' || !byte.is_ascii()).count();
    let is_broken_up = line.fields().all(|word| word.len() < 24);
    n_words >= 9 && is_broken_up && n_plain * 10 >= line.len() * 9
}

/// `Changes in v2:` and the like above the line that ends the message.
pub(super) fn changelog(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    let found = letter.message.iter().enumerate().find(|(at, line)| {
        let is_after_blank =
            *at == 0 || letter.message[at - 1].trim().is_empty() || Trailer::known(letter.message[at - 1].as_ref()).is_some();
        is_after_blank && is_changelog(line.as_bstr())
    });
    found.into_iter().map(|(at, _)| Hit::line(letter, at, "what changed between versions belongs below the line '---'")).collect()
}

/// Whether a line heads a list of what changed between versions.
pub(super) fn is_changelog(line: &BStr) -> bool {
    let line = line.trim().to_ascii_lowercase();
    let version = |text: &[u8]| {
        let digits = text.strip_prefix(b"v").unwrap_or_default();
        let n_digits = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
        (1..=2).contains(&n_digits).then(|| digits[n_digits..].to_vec())
    };
    // `v2:`, `v1 -> v2:`, `v2->v3`, `v2: fix it`
    if let Some(rest) = version(&line) {
        let rest = rest.trim();
        let arrow = rest.strip_prefix(b"->").or_else(|| rest.strip_prefix(b"=>")).or_else(|| rest.strip_prefix(b"to "));
        return rest.starts_with(b":") || arrow.is_some_and(|rest| version(rest.trim()).is_some());
    }
    let heads = [
        "changes in ",
        "changes since ",
        "changes for ",
        "changes from ",
        "changed since ",
        "change since ",
        "changelog since ",
        "changes ",
    ];
    let after = heads.iter().find_map(|head| line.strip_prefix(head.as_bytes()));
    after.is_some_and(|rest| version(rest).is_some() || version(rest.strip_prefix(b"rfc ").unwrap_or_default()).is_some())
}

/// A commit named by fewer than twelve digits.
pub(super) fn commit_reference(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    let mut hits = Vec::new();
    for (at, line) in letter.message[..letter.block()].iter().enumerate() {
        let text = line.to_ascii_lowercase();
        let Some(rest) = text.split_once_str("commit ").map(|(_, rest)| rest) else { continue };
        let n_digits = rest.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let is_quoted = line.starts_with(b" ") || line.starts_with(b"\t") || line.starts_with(b">");
        let ends = rest.get(n_digits).is_none_or(|byte| b" (,.:;)".contains(byte));
        // Seven is the fewest that git prints; words like "added" have fewer letters, and a date has no letters.
        let has_both = rest[..n_digits].iter().any(u8::is_ascii_digit) && rest[..n_digits].iter().any(u8::is_ascii_alphabetic);
        if (7..12).contains(&n_digits) && ends && has_both && !is_quoted {
            hits.push(Hit::line(letter, at, format!("the commit is named by {n_digits} digits, at least 12 are asked for")));
        }
    }
    hits
}

/// Blanks at the end of a line.
pub(super) fn blanks(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    let ends_in_blank = |line: &BStr| line.len() > line.trim_end().len();
    let found = letter.message.iter().position(|line| ends_in_blank(line.as_bstr()));
    found.into_iter().map(|at| Hit::line(letter, at, "the line ends in blanks").with(Fix::Blanks)).collect()
}

pub(super) fn change_id(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    let is_gerrit = |letter: &Letter, at: usize| {
        letter.message[at].strip_prefix(b"Change-Id: I").is_some_and(|id| id.len() >= 8 && id.iter().all(u8::is_ascii_hexdigit))
    };
    let lines = 0..letter.message.len();
    lines
        .filter(|at| is_gerrit(letter, *at))
        .map(|at| Hit::line(letter, at, "gerrit's Change-Id means nothing on a list"))
        .collect()
}
