//! What DPDK's own script asks of a message. Source: `devtools/check-git-log.sh`.

use bstr::ByteSlice;

use super::letter::Letter;
use super::{Hit, Look};

/// Punctuation and code in a headline.
pub(super) fn headline(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    let subject = &letter.subject;
    if letter.is_by_git() {
        return Vec::new();
    }
    let mark = subject.iter().find(|byte| b",;!?&|\t".contains(byte));
    let colon = subject.find_byte(b':');
    let message = if let Some(mark) = mark {
        format!("'{}' stands in the headline", char::from(*mark).escape_default())
    } else if colon.is_some_and(|at| subject[at..].contains(&b'_')) {
        "code stands in the headline: '_' after the colon".into()
    } else if subject.contains_str(" :") {
        "a blank stands before the colon".into()
    } else if colon.is_some_and(|at| subject.get(at + 1).is_none_or(|byte| *byte != b' ')) {
        "no blank stands after the colon".into()
    } else {
        return Vec::new();
    };
    vec![Hit::subject(letter, message)]
}

/// Labels that people mistake.
pub(super) fn label(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    let wrong = ["lib/", "example:", "example/", "apps/", "testpmd", "bond:"]
        .into_iter()
        .find(|label| letter.subject.starts_with(label.as_bytes()));
    let wrong = wrong.or_else(|| letter.subject.contains_str("test-pmd").then_some("test-pmd"));
    wrong.into_iter().map(|label| Hit::subject(letter, format!("'{label}' is no label of a headline"))).collect()
}

/// Up to the first sign-off; below it, tags stand as they came. (The empty line in the middle is asked for and not looked at.)
const ORDER: &[&str] = &["Coverity issue", "Bugzilla ID", "Fixes", "Cc", "Reported-by", "Suggested-by", "Signed-off-by"];

pub(super) fn order(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    let tags = letter.tags();
    let placed: Vec<(usize, usize)> =
        tags.iter().filter_map(|tag| Some((tag.at, ORDER.iter().position(|key| tag.is(key))?))).collect();
    let signed = placed.iter().position(|(_, place)| ORDER[*place] == "Signed-off-by").map_or(placed.len(), |at| at + 1);
    let wrong = placed[..signed].windows(2).find(|pair| pair[1].1 < pair[0].1);
    wrong.into_iter().map(|pair| Hit::line(letter, pair[1].0, "DPDK puts this tag before the one above it")).collect()
}

/// A fix names what it fixes.
pub(super) fn fixes_missing(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    let says = |letter: &Letter| letter.phrase().to_ascii_lowercase().starts_with(b"fix");
    if !says(letter) || letter.prefix().is_empty() || letter.tags().iter().any(|tag| tag.is("Fixes")) {
        return Vec::new();
    }
    vec![Hit::subject(letter, "no 'Fixes:' says what is fixed")]
}

pub(super) fn begins_with_it(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    let begins = letter.message.first().is_some_and(|line| line.to_ascii_lowercase().starts_with(b"it "));
    begins.then(|| Hit::line(letter, 0, "the message begins with 'It'")).into_iter().collect()
}
