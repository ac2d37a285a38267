//! What only several mails together show.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BStr, BString, ByteSlice};

use super::body::is_changelog;
use super::patch::is_binding;
use super::{Hit, Look, Place};
use crate::model::path_kind::PathKind;

/// Patches of a posting. Source: "only post say 15 or so at a time", "Avoid sending series longer than 15 patches".
const MOST: usize = 15;

pub(super) fn length(look: &Look<'_>) -> Vec<(usize, Hit)> {
    let n_patches = look.posting.letters.iter().filter(|letter| !letter.is_cover).count();
    if n_patches <= MOST || look.letter.envelope.is_none() {
        return Vec::new();
    }
    vec![(0, Hit::new(Place::Mail, "".into(), format!("the posting has {n_patches} patches, about {MOST} are asked for")))]
}

/// Numbers that are missing, twice there, or of another total.
pub(super) fn numbers(look: &Look<'_>) -> Vec<(usize, Hit)> {
    let numbered: Vec<_> =
        look.posting.letters.iter().enumerate().filter_map(|(at, letter)| Some((at, letter.number()?))).collect();
    let Some((_, (_, total))) = numbered.first().copied() else { return Vec::new() };
    let mut hits = Vec::new();
    let mut seen = BTreeSet::new();
    for (at, number) in &numbered {
        let message = match number {
            (_, other) if *other != total => format!("the total is {other}, that of the first mail {total}"),
            (number, _) if !seen.insert(*number) => format!("number {number} is there twice"),
            _ => continue,
        };
        hits.push((*at, Hit::subject(&look.posting.letters[*at], message)));
    }
    // One patch of many is somebody's excerpt.
    let missing: Vec<String> =
        (1..=total.min(1000)).filter(|number| !seen.contains(number)).map(|number| number.to_string()).collect();
    if hits.is_empty() && !missing.is_empty() && numbered.len() > 1 {
        hits.push((
            numbered[0].0,
            Hit::new(Place::Mail, "".into(), format!("of {total} patches these are missing: {}", missing.join(", "))),
        ));
    }
    hits
}

pub(super) fn same_subject(look: &Look<'_>) -> Vec<(usize, Hit)> {
    let mut seen: BTreeSet<&BString> = BTreeSet::new();
    let mut hits = Vec::new();
    for (at, letter) in look.posting.letters.iter().enumerate().filter(|(_, letter)| !letter.is_cover) {
        if !seen.insert(&letter.subject) {
            hits.push((at, Hit::subject(letter, "another patch of the series has the same subject")));
        }
    }
    hits
}

/// The binding comes before what implements it: a string that a driver looks for and a later patch documents.
pub(super) fn binding_order(look: &Look<'_>) -> Vec<(usize, Hit)> {
    let mut used: BTreeMap<BString, usize> = BTreeMap::new();
    let mut hits = Vec::new();
    for (at, letter) in look.posting.letters.iter().enumerate() {
        for file in &letter.files {
            for line in file.added() {
                if is_binding(file.path.as_bstr()) {
                    let Some(name) = documented(line.text.as_bstr()) else { continue };
                    if let Some(before) = used.remove(name) {
                        let by = &look.posting.letters[before].subject;
                        let message = format!("'{name}' is documented after it is used by '{by}'");
                        hits.push((at, Hit::file_line(file, line, message)));
                    }
                } else if file.kind() == PathKind::C
                    && line.text.contains_str("compatible")
                    && let Some(name) = quoted(line.text.as_bstr())
                {
                    used.entry(name.to_owned()).or_insert(at);
                }
            }
        }
        // What is documented and used by one patch has a rule of its own.
        let here: Vec<BString> = used.iter().filter(|(_, by)| **by == at).map(|(name, _)| name.clone()).collect();
        for file in letter.files.iter().filter(|file| is_binding(file.path.as_bstr())) {
            used.retain(|name, _| {
                !here.contains(name) || !file.added().any(|line| documented(line.text.as_bstr()) == Some(name.as_bstr()))
            });
        }
    }
    hits
}

/// The name in `- vendor,device`, `const: vendor,device` or `- const: vendor,device`.
fn documented(line: &BStr) -> Option<&BStr> {
    let text = line.trim().strip_prefix(b"- ").unwrap_or(line.trim()).trim();
    let name = text.strip_prefix(b"const: ").unwrap_or(text).trim_with(|c| c == '\'' || c == '"');
    (name.contains(&b',') && !name.contains(&b' ') && name[0].is_ascii_alphanumeric()).then(|| name.as_bstr())
}

/// The name in `.compatible = "vendor,device"`.
fn quoted(line: &BStr) -> Option<&BStr> {
    let rest = &line[line.find_byte(b'"')? + 1..];
    let name = &rest[..rest.find_byte(b'"')?];
    (name.contains(&b',') && !name.contains(&b' ')).then(|| name.as_bstr())
}

/// A new version of several patches is no reply to the old one.
pub(super) fn reply_to_old(look: &Look<'_>) -> Vec<(usize, Hit)> {
    let letters = &look.posting.letters;
    let ids: BTreeSet<&BString> = letters.iter().filter_map(|letter| Some(&letter.envelope.as_ref()?.message_id)).collect();
    let Some(first) = &look.letter.envelope else { return Vec::new() };
    let is_outside = !first.in_reply_to.is_empty() && !ids.contains(&first.in_reply_to);
    let begins = look.letter.number().is_some_and(|(number, _)| number == 0)
        || letters.iter().all(|letter| letter.number().is_none_or(|(number, _)| number > 0));
    if letters.len() < 2 || look.letter.version() < 2 || !is_outside || !begins {
        return Vec::new();
    }
    vec![(0, Hit::new(Place::Header("In-Reply-To"), first.in_reply_to.as_bstr(), "the new version replies to an older mail"))]
}

/// A new version says what is new.
pub(super) fn changelog(look: &Look<'_>) -> Vec<(usize, Hit)> {
    let letters = &look.posting.letters;
    let is_resent = look.letter.brackets.iter().any(|word| word.eq_ignore_ascii_case("RESEND"));
    // Where numbers are missing, the cover that says it may be among them.
    let has_cover = letters.iter().any(|letter| letter.is_cover) || look.letter.number().is_none();
    if look.letter.version() < 2 || is_resent || !has_cover || look.letter.envelope.is_none() {
        return Vec::new();
    }
    let version = look.letter.version();
    let says = |line: &BString| {
        let line = line.to_ascii_lowercase();
        let older = (1..=version).any(|version| line.contains_str(format!("v{version}")));
        is_changelog(line.as_bstr())
            || older
            || ["change", "since", "previous", "differen", "update", "revision", "iteration", "version"]
                .iter()
                .any(|word| line.contains_str(word))
    };
    let all = letters.iter().flat_map(|letter| letter.aside.iter().chain(&letter.message));
    if all.into_iter().any(says) {
        return Vec::new();
    }
    vec![(0, Hit::subject(look.letter, format!("nothing says what is new in version {version}")))]
}
