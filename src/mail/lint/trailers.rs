//! Tags: who signed, what is fixed, how the block stands.

use bstr::{BStr, ByteSlice};

use super::documents::Document;
use super::letter::{Letter, Tag, is_same, mailbox};
use super::{Fix, Hit, Look, Severity};
use crate::git::log::CommitName;
use crate::model::Mailbox;
use crate::model::trailer::Trailer;

fn of<'l>(letter: &'l Letter, key: &'l str) -> impl Iterator<Item = Tag<'l>> {
    letter.tags().into_iter().filter(move |tag| tag.is(key))
}

pub(super) fn signed_off(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    let signers: Vec<Mailbox> = of(letter, "Signed-off-by").map(|tag| mailbox(tag.value)).collect();
    if signers.is_empty() {
        let hit = Hit::subject(letter, "nobody has signed off");
        // Who takes a commit back is in a hurry: one in three of Xen's has no sign-off.
        return vec![if letter.is_by_git() { hit.at(Severity::Warning) } else { hit }];
    }
    if signers.iter().any(|signer| is_same(signer, &letter.author) || is_similar(signer, &letter.author)) {
        return Vec::new();
    }
    let message = format!("the author, {} <{}>, has not signed off", letter.author.name, letter.author.email);
    vec![Hit::subject(letter, message).at(Severity::Warning)]
}

/// Whether two write their names in different ways: all words of one are words of the other, or their addresses differ in the host alone.
fn is_similar(one: &Mailbox, other: &Mailbox) -> bool {
    let words = |person: &Mailbox| -> Vec<String> {
        let name = person.name.to_str_lossy().to_lowercase();
        name.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 1).map(str::to_owned).collect()
    };
    let (one_words, other_words) = (words(one), words(other));
    let (fewer, more) = if one_words.len() < other_words.len() { (&one_words, &other_words) } else { (&other_words, &one_words) };
    let user = |person: &Mailbox| {
        person.email.split(|byte| *byte == b'@' || *byte == b'+').next().unwrap_or_default().to_ascii_lowercase()
    };
    (!fewer.is_empty() && fewer.iter().all(|word| more.contains(word))) || (user(one).len() > 3 && user(one) == user(other))
}

/// The last one to sign is who sends.
pub(super) fn signed_off_last(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    let (Some(sender), Some(last)) = (&letter.sender, of(letter, "Signed-off-by").last()) else { return Vec::new() };
    let signer = mailbox(last.value);
    // Mail that a service sends comes from the service; an address alone may be anybody's.
    let is_service =
        [&b"b4"[..], b"noreply", b"devnull", b"patchwork", b"gitgitgadget"].iter().any(|word| sender.email.contains_str(word));
    if is_service || sender.name.is_empty() || is_same(&signer, sender) || is_similar(&signer, sender) {
        return Vec::new();
    }
    let at = last.at;
    vec![Hit::line(letter, at, format!("the last to sign off is not who sends, {} <{}>", sender.name, sender.email))]
}

/// Who developed too signs right below.
pub(super) fn co_developed(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    let mut hits = Vec::new();
    for found in of(letter, "Co-developed-by") {
        let person = mailbox(found.value);
        if is_same(&person, &letter.author) {
            hits.push(Hit::line(letter, found.at, "the author is no co-developer"));
            continue;
        }
        let next = letter.message.get(found.at + 1).and_then(|line| Trailer::known(line.as_ref()));
        let signs = next.is_some_and(|next| next.is("Signed-off-by") && is_same(&person, &mailbox(next.value)));
        if !signs {
            hits.push(Hit::line(letter, found.at, "the sign-off of the co-developer does not follow"));
        }
    }
    hits
}

/// Returns the id that a tag `Fixes:` names.
pub(super) fn fixed_id(tag: Tag<'_>) -> Option<String> {
    if !tag.is("Fixes") {
        return None;
    }
    let word = tag.value.fields().find(|word| *word != b"commit")?;
    let is_id = (7..=64).contains(&word.len()) && word.iter().all(u8::is_ascii_hexdigit);
    is_id.then(|| word.to_str_lossy().to_ascii_lowercase())
}

/// `Fixes: <12 digits> ("<subject>")`, on one line.
pub(super) fn fixes_form(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    let mut hits = Vec::new();
    for found in of(letter, "Fixes") {
        let is_link = found.value.contains_str("://") || found.value.starts_with(b"#") || found.value.starts_with(b"syzbot");
        if is_link {
            continue;
        }
        let value = found.value;
        let n_digits = value.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let rest = value[n_digits..].trim();
        let quoted = rest.strip_prefix(b"(\"").or_else(|| rest.strip_prefix(b"('"));
        // A note may follow.
        let ends = quoted.is_some_and(|rest| rest.contains_str("\")") || rest.contains_str("')"));
        let wanted = if look.source.document == Document::Dpdk { 8 } else { 12 };
        if n_digits == 0 {
            let message = if value.starts_with(b"commit ") {
                "the word 'commit' stands before the id"
            } else {
                "no id stands after 'Fixes:'"
            };
            hits.push(Hit::line(letter, found.at, message));
        } else if quoted.is_some() && !ends {
            hits.push(Hit::line(letter, found.at, "the tag does not end in '\")' on its line"));
        } else if quoted.is_none() {
            hits.push(Hit::line(letter, found.at, "the subject in '(\"' and '\")' does not follow the id"));
        } else if n_digits < wanted {
            hits.push(Hit::line(letter, found.at, format!("the id has {n_digits} digits, at least {wanted} are asked for")));
        }
    }
    hits
}

/// Bytes that tell a commit from others.
const WHOLE: usize = 16;

/// The commit is there under this subject.
pub(super) fn fixes_commit(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    let mut hits = Vec::new();
    for found in of(letter, "Fixes") {
        let Some(named) = fixed_id(found).and_then(|id| look.world.commits.get(&id)) else { continue };
        let said =
            found.value.find("(\"").zip(found.value.rfind("\")")).and_then(|(open, close)| found.value.get(open + 2..close));
        let plain = |text: &[u8]| -> Vec<u8> {
            let text = text.trim_end_with(|c| c == '.');
            text.iter().filter(|byte| !byte.is_ascii_whitespace() && **byte != b'\\').copied().collect()
        };
        match (named, said) {
            // What another system left where git has a subject.
            (CommitName::Commit(subject), _) if subject.starts_with(b"bitkeeper revision ") => {}
            (CommitName::Ambiguous, _) => hits.push(Hit::line(letter, found.at, "several objects begin with these digits")),
            // The subject of an old commit may be a paragraph, of which the beginning is enough.
            (CommitName::Commit(subject), Some(said))
                if plain(subject) != plain(said) && !(said.len() >= WHOLE && plain(subject).starts_with(&plain(said))) =>
            {
                hits.push(Hit::line(letter, found.at, format!("that commit is \"{subject}\"")));
            }
            (CommitName::Commit(_) | CommitName::Unknown, _) => {}
        }
    }
    hits
}

/// `Fixes:` stands with the others.
pub(super) fn fixes_apart(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    let is_apart = |at: usize| {
        let after = letter.message.get(at + 1..).unwrap_or_default();
        after.first().is_some_and(|line| line.trim().is_empty())
            && after.iter().any(|line| Trailer::known(line.as_ref()).is_some_and(|tag| tag.is("Signed-off-by")))
    };
    let found = of(letter, "Fixes").filter(|found| is_apart(found.at));
    found.map(|found| Hit::line(letter, found.at, "an empty line parts the tag from the others").with(Fix::OneBlock)).collect()
}

/// The tags begin in the middle of a paragraph.
pub(super) fn joined(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    let start = letter.block();
    let before = start.checked_sub(1).map(|at| letter.message[at].as_bstr());
    let is_joined = before.is_some_and(|line| !line.trim().is_empty() && !is_note(line));
    // Who hands a patch on may say something above their sign-off.
    let is_second = letter.tags().iter().any(|tag| tag.at < start);
    if start >= letter.message.len() || !is_joined || is_second {
        return Vec::new();
    }
    vec![Hit::line(letter, start, "no empty line stands before the tags").with(Fix::OneBlock)]
}

/// What people put among the tags: `[ac: shorter]`, `(cherry picked from commit …)`, the rest of a tag that was broken, tags that nobody
/// else knows, a link.
fn is_note(line: &BStr) -> bool {
    let is_key = |key: &[u8]| {
        let n_words = key.fields().count();
        (1..=3).contains(&n_words) && key.iter().all(|byte| byte.is_ascii_alphanumeric() || b"- ".contains(byte))
    };
    line.starts_with(b"[")
        || line.find_byte(b':').is_some_and(|colon| is_key(&line[..colon]) && line.get(colon + 1) == Some(&b' '))
        || line.starts_with(b"http")
        || line.starts_with(b"(")
        || line.starts_with(b"--")
        || line.ends_with(b"]")
        || line.starts_with(b" ")
        || line.starts_with(b"\t")
}

/// Empty lines among the tags.
pub(super) fn split(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    let start = letter.block();
    let gap = (start + 1..letter.message.len()).find(|at| {
        let is_plain = |at: usize| Trailer::known(letter.message[at].as_ref()).is_some();
        // `Fixes:` has a rule of its own, and a link may end the text.
        let is_other = |at: usize| {
            ["Fixes", "Link", "Closes", "Bug", "BugLink"]
                .iter()
                .any(|key| Trailer::known(letter.message[at].as_ref()).is_some_and(|tag| tag.is(key)))
        };
        letter.message[*at].trim().is_empty()
            && is_plain(at - 1)
            && !is_other(at - 1)
            && letter.message.get(at + 1).is_some_and(|_| is_plain(at + 1))
    });
    let message = "an empty line parts the tags: git takes only the last ones for trailers";
    gap.into_iter().map(|at| Hit::line(letter, at - 1, message).with(Fix::OneBlock)).collect()
}

/// How the tags that everybody knows are written.
const SPELLED: &[&str] = &[
    "Signed-off-by",
    "Reviewed-by",
    "Acked-by",
    "Tested-by",
    "Reported-by",
    "Suggested-by",
    "Co-developed-by",
    "Co-authored-by",
    "Helped-by",
    "Mentored-by",
    "Fixes",
    "Closes",
];
/// Slips of the pen that git log knows of.
const SLIPS: &[(&str, &str)] = &[
    ("Signed-of-by", "Signed-off-by"),
    ("Signed-off-by-by", "Signed-off-by"),
    ("Singed-off-by", "Signed-off-by"),
    ("Signd-off-by", "Signed-off-by"),
    ("Sign-off-by", "Signed-off-by"),
    ("Sigend-off-by", "Signed-off-by"),
    ("Reviwed-by", "Reviewed-by"),
    ("Reviewd-by", "Reviewed-by"),
    ("Review-by", "Reviewed-by"),
    ("Ack-by", "Acked-by"),
    ("Ackd-by", "Acked-by"),
    ("Test-by", "Tested-by"),
    ("Report-by", "Reported-by"),
    ("Suggest-by", "Suggested-by"),
    ("Co-developd-by", "Co-developed-by"),
    ("Codeveloped-by", "Co-developed-by"),
];

pub(super) fn spelling(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    let block = letter.block();
    let mut hits = Vec::new();
    for found in letter.tags().into_iter().filter(|tag| tag.at >= block) {
        let as_known = SPELLED.iter().find(|known| found.is(known) && found.key != *known);
        let slip = SLIPS.iter().find(|(slip, _)| found.is(slip)).map(|(_, meant)| meant);
        if let Some(meant) = as_known.or(slip) {
            hits.push(Hit::line(letter, found.at, format!("'{}' is written '{meant}'", found.key)));
        }
    }
    hits
}

/// `Cc: stable@vger.kernel.org # why`.
pub(super) fn stable(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    let mut hits = Vec::new();
    for found in of(letter, "Cc") {
        let value = found.value.to_ascii_lowercase();
        let address =
            value.fields().find(|word| word.contains(&b'@')).map(|word| word.trim_with(|c| "<>,;\"".contains(c)).to_vec());
        let names_stable = match &address {
            Some(address) => address.starts_with(b"stable@"),
            None => value.starts_with(b"stable") || value.starts_with(b"<stable"),
        };
        if !names_stable {
            continue;
        }
        let is_right =
            address.is_some_and(|address| [&b"stable@vger.kernel.org"[..], b"stable@kernel.org"].contains(&address.as_slice()));
        let after = value.rfind(b".org").map_or(&[][..], |at| value[at + 4..].trim_start_with(|c| c == '>' || c == '"')).trim();
        if !is_right {
            hits.push(Hit::line(letter, found.at, "stable is reached at stable@vger.kernel.org"));
        } else if !(after.is_empty()
            || after.starts_with(b"#")
            || after.starts_with(b"[")
            || after.starts_with(b"(")
            || after.starts_with(b","))
        {
            hits.push(Hit::line(letter, found.at, "what stable should know follows after '#'"));
        }
    }
    hits
}

/// Where the report can be read.
pub(super) fn reported(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    let tags = letter.tags();
    let is_link = |tag: &Tag<'_>| ["Link", "Closes", "Bug", "BugLink", "Buglink", "Bugzilla"].iter().any(|key| tag.is(key));
    // One link anywhere may be the report's: which it is nobody can tell.
    let has_link = tags.iter().any(is_link) || letter.message.iter().any(|line| line.contains_str("://"));
    let found = tags.iter().find(|tag| tag.is("Reported-by") && !has_link);
    found
        .into_iter()
        .map(|found| Hit::line(letter, found.at, "no 'Closes:' or 'Link:' says where the report can be read"))
        .collect()
}

/// Nobody reviews their own patch.
pub(super) fn own_review(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    let found = of(letter, "Reviewed-by").filter(|tag| is_same(&mailbox(tag.value), &letter.author));
    found.map(|found| Hit::line(letter, found.at, "the author reviews their own patch")).collect()
}
