//! What people have of a series → the mails whose patches are to be applied, in order.
//!
//! An archive gives out whole threads: covers, answers, older versions, a mail twice. Of each thread the newest version is taken, and its parts
//! in the order of their numbers; answers are left out. Mails that name no thread (`git format-patch` without `--thread`) are taken as they are.
//! Source: `b4 am`, which does the same.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BStr, BString, ByteSlice};
use mailparse::{MailHeader, MailHeaderMap};

/// Returns the mails of an mbox: each begins at a line that `git mailsplit` takes for the beginning of one. Text without such a line is one mail.
pub fn mails(bytes: &[u8]) -> Vec<&[u8]> {
    let mut starts = Vec::new();
    let mut at = 0;
    for line in bytes.lines_with_terminator() {
        if next_mail(line).is_some() {
            starts.push(at);
        }
        at += line.len();
    }
    if starts.first() != Some(&0) {
        starts.insert(0, 0);
    }
    starts.push(bytes.len());
    starts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).filter(|mail| !mail.trim().is_empty()).collect()
}

/// `From <somebody> <date with a time and a year>`: the line between two mails of an mbox.
pub fn next_mail(line: &[u8]) -> Option<&'static str> {
    let rest = line.strip_prefix(b"From ")?;
    let digit = |at: usize| rest.get(at).is_some_and(u8::is_ascii_digit);
    // hh:mm:ss yyyy; the last colon decides, as in git.
    let colon = rest.rfind_byte(b':')?;
    let is_time = colon >= 4 && [colon - 4, colon - 2, colon - 1, colon + 1, colon + 2].into_iter().all(digit);
    let year = rest.get(colon + 3..)?.trim_start();
    let n_digits = year.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let year: u64 = year[..n_digits].to_str().ok()?.parse().ok()?;
    // git's own bound: mail is younger than 1990.
    (is_time && year > 90).then_some("the beginning of the next mail")
}

/// The mails to apply, and what is to be said of the others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chosen {
    /// The places of the mails among those given, in the order in which they apply.
    pub mails: Vec<usize>,
    /// A sentence each: which version is left out, which part is missing.
    pub said: Vec<String>,
}

/// A mail as far as its headers tell.
struct Part {
    place: usize,
    is_patch: bool,
    version: u32,
    /// Which of how many; a cover is the 0th.
    number: Option<(u32, u32)>,
    subject: String,
    /// Its own id, then those of the mails it answers.
    ids: Vec<BString>,
}

/// Chooses among mails.
pub fn chosen(mails: &[&[u8]]) -> Chosen {
    let mut seen = BTreeSet::new();
    let mut parts: Vec<Part> = mails.iter().enumerate().map(|(place, mail)| part(place, mail)).collect();
    parts.retain(|part| part.ids.first().is_none_or(|id| id.is_empty() || seen.insert(id.clone())));
    let has_patches = parts.iter().any(|part| part.is_patch);
    let threads = threads(&parts);
    let newest = |thread: usize| {
        let of_thread = parts.iter().zip(&threads).filter(|(part, of)| **of == Some(thread) && part.is_patch);
        of_thread.map(|(part, _)| part.version).max()
    };
    let mut chosen = Chosen::default();
    // By thread and number of parts: the parts by number, and the place of the first.
    let mut series: BTreeMap<(Option<usize>, u32, u32), BTreeMap<u32, &Part>> = BTreeMap::new();
    let mut order: Vec<(usize, u32, usize)> = Vec::new();
    let mut old: BTreeMap<(Option<usize>, u32), (u32, &str)> = BTreeMap::new();
    for (part, thread) in parts.iter().zip(&threads).filter(|(part, _)| part.is_patch || !has_patches) {
        if let Some(version) = thread.and_then(newest).filter(|version| part.version < *version) {
            old.entry((*thread, part.version)).or_insert((version, &part.subject));
            continue;
        }
        match part.number {
            Some((number, total)) => {
                let parts = series.entry((*thread, part.version, total)).or_default();
                let first = parts.values().map(|part| part.place).min().unwrap_or(part.place);
                // Who sends a part again means the last one.
                if let Some(before) = parts.insert(number, part) {
                    order.retain(|(.., place)| *place != before.place);
                }
                order.push((first, number, part.place));
            }
            None => order.push((part.place, 0, part.place)),
        }
    }
    for ((_, version), (newest, subject)) in old {
        chosen.said.push(format!("v{version} of '{subject}' is left out: v{newest} is there"));
    }
    for ((_, _, total), parts) in &series {
        let missing: Vec<String> =
            (1..=*total).filter(|number| !parts.contains_key(number)).map(|number| format!("{number}/{total}")).collect();
        if let (false, Some(part)) = (missing.is_empty(), parts.values().next()) {
            chosen.said.push(format!("{} is not there, of the series of '{}'", missing.join(", "), part.subject));
        }
    }
    order.sort();
    chosen.mails = order.into_iter().map(|(.., place)| place).collect();
    chosen
}

/// Finds which mails belong together: by what they answer, and versions of one subject. `None` for mails without ids.
fn threads(parts: &[Part]) -> Vec<Option<usize>> {
    let mut above: Vec<usize> = (0..parts.len()).collect();
    let mut known: BTreeMap<&BStr, usize> = BTreeMap::new();
    let mut subjects: BTreeMap<&str, usize> = BTreeMap::new();
    fn top(above: &[usize], mut at: usize) -> usize {
        while above[at] != at {
            at = above[at];
        }
        at
    }
    let mut join = |one: usize, other: usize| {
        let (one, other) = (top(&above, one), top(&above, other));
        above[one.max(other)] = one.min(other);
    };
    for (at, part) in parts.iter().enumerate().filter(|(_, part)| !part.ids.is_empty()) {
        part.ids.iter().for_each(|id| join(at, *known.entry(id.as_ref()).or_insert(at)));
        let other = *subjects.entry(&part.subject).or_insert(at);
        if part.is_patch && parts[other].is_patch && parts[other].version != part.version {
            join(at, other);
        }
    }
    (0..parts.len()).map(|at| (!parts[at].ids.is_empty()).then(|| top(&above, at))).collect()
}

fn part(place: usize, mail: &[u8]) -> Part {
    let headers = mailparse::parse_headers(without_from(mail)).map(|(headers, _)| headers).unwrap_or_default();
    let value = |name: &str| headers.get_first_value(name).unwrap_or_default();
    let ids = |header: &MailHeader<'_>| -> Vec<BString> {
        let value = header.get_value();
        value.split(['<', '>']).skip(1).step_by(2).map(|id| id.trim().into()).collect()
    };
    let ids =
        ["Message-ID", "In-Reply-To", "References"].iter().flat_map(|name| headers.get_all_headers(name)).flat_map(ids).collect();
    let subject = value("Subject");
    let mut rest = subject.trim();
    let mut words: Vec<String> = Vec::new();
    while let Some((inside, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        words.extend(inside.split_whitespace().map(str::to_ascii_lowercase));
        rest = after.trim_start();
    }
    let number = words.iter().find_map(|word| {
        let (number, total) = word.split_once('/')?;
        Some((number.parse().ok()?, total.parse().ok()?))
    });
    let version = |word: &String| word.trim_start_matches("patch").strip_prefix('v')?.parse().ok();
    let is_patch =
        words.iter().any(|word| word.starts_with("patch") || word == "rfc") && number.is_none_or(|(number, _)| number > 0);
    Part { place, is_patch, version: words.iter().find_map(version).unwrap_or(1), number, subject: rest.to_owned(), ids }
}

/// Returns a mail without the line that parts it from others in an mbox.
fn without_from(mail: &[u8]) -> &[u8] {
    match mail.starts_with(b"From ") {
        true => mail.find_byte(b'\n').map_or(mail, |at| &mail[at + 1..]),
        false => mail,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Draws what is chosen of mails, each `subject|id|what it answers`.
    fn check(mails: &[&str], expected: &[&str], said: &[&str]) {
        let texts: Vec<String> = mails
            .iter()
            .map(|mail| {
                let [subject, id, above] = mail.split('|').collect::<Vec<_>>()[..] else { panic!("three fields: {mail}") };
                let header = |name: &str, id: &str| if id.is_empty() { String::new() } else { format!("{name}: <{id}>\n") };
                format!("Subject: {subject}\n{}{}\nx\n", header("Message-ID", id), header("In-Reply-To", above))
            })
            .collect();
        let chosen = chosen(&texts.iter().map(String::as_bytes).collect::<Vec<_>>());
        let subjects: Vec<&str> = chosen.mails.iter().map(|place| mails[*place].split('|').next().unwrap_or_default()).collect();
        assert_eq!(subjects, expected, "{mails:?}");
        assert_eq!(chosen.said, said, "{mails:?}");
    }

    #[test]
    fn the_newest_version_of_a_thread_is_chosen() {
        check(
            &[
                "[PATCH 0/2] a: all|c1|",
                "[PATCH 1/2] a: one|p11|c1",
                "Re: [PATCH 1/2] a: one|r|p11",
                "[PATCH 2/2] a: two|p12|c1",
                "[PATCH v2 2/2] a: two|p22|c2",
                "[PATCH v2 0/2] a: all|c2|c1",
                "[PATCH v2 1/2] a: one|p21|c2",
                "[PATCH v2 1/2] a: one|p21|c2",
            ],
            &["[PATCH v2 1/2] a: one", "[PATCH v2 2/2] a: two"],
            &["v1 of 'a: one' is left out: v2 is there"],
        );
        // A version that begins a thread of its own.
        check(
            &["[PATCH net-next] a: one|p1|", "[PATCH net-next v3] a: one|p3|", "[PATCHv2] a: one|p2|"],
            &["[PATCH net-next v3] a: one"],
            &["v1 of 'a: one' is left out: v3 is there", "v2 of 'a: one' is left out: v3 is there"],
        );
    }

    #[test]
    fn nothing_is_left_out_that_is_no_older_version() {
        check(&["[PATCH v2] a: one|p1|", "[PATCH] b: other|p2|"], &["[PATCH v2] a: one", "[PATCH] b: other"], &[]);
        check(&["[PATCH v2 1/1] a: one||", "[PATCH 1/1] b: other||"], &["[PATCH v2 1/1] a: one", "[PATCH 1/1] b: other"], &[]);
        check(&["Re: [PATCH] a: one|r|", "a: plain|p|"], &["Re: [PATCH] a: one", "a: plain"], &[]);
        check(
            &["[PATCH 1/2] a: one||", "[PATCH 2/2] a: two||", "[PATCH 1/1] b: other||"],
            &["[PATCH 1/2] a: one", "[PATCH 2/2] a: two", "[PATCH 1/1] b: other"],
            &[],
        );
    }

    #[test]
    fn a_part_that_is_missing_is_named() {
        check(
            &["[PATCH 4/4] a: four|p4|c", "[PATCH 2/4] a: two|p2|c"],
            &["[PATCH 2/4] a: two", "[PATCH 4/4] a: four"],
            &["1/4, 3/4 is not there, of the series of 'a: two'"],
        );
    }
}
