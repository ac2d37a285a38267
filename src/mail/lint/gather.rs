//! Mails → postings: our own, those of a folder, those of an mbox.

use std::collections::BTreeMap;

use bstr::BString;

use super::letter::{Letter, MailSet};
use crate::mail::SeriesMails;
use crate::model::{Campaign, Mailbox};
use crate::read::mailbox::mails;

/// Takes the mails of the series of a campaign as they will be written. `sender` is who will send them, where that is known.
pub fn of_mails(mails: &[SeriesMails], campaign: &Campaign, sender: Option<&Mailbox>) -> Vec<MailSet> {
    let set = |mails: &SeriesMails| {
        let patches = &campaign.series[mails.series.0].patches;
        // The cover letter, if there is one, comes first.
        let n_covers = mails.files.len().saturating_sub(patches.len());
        let patches = std::iter::repeat_n(None, n_covers).chain(patches.iter().copied().map(Some));
        let letters = mails.files.iter().zip(patches).map(|(file, patch)| Letter {
            patch,
            sender: sender.cloned(),
            committed: file.subject.clone(),
            ..Letter::read(&file.name, &file.bytes)
        });
        MailSet { name: mails.folder.clone(), letters: letters.collect() }
    };
    mails.iter().map(set).collect()
}

/// Cuts an mbox into its mails and puts together what belongs together: the mails of one thread and version. Mails that hold no patch
/// and are no cover are left out.
pub fn of_mbox(name: &str, bytes: &[u8]) -> Vec<MailSet> {
    let mut postings: Vec<MailSet> = Vec::new();
    // By the id of each mail: the place of its posting.
    let mut places: BTreeMap<(BString, u32), usize> = BTreeMap::new();
    for (idx, mail) in mails(bytes).into_iter().enumerate() {
        let mut letter = Letter::read("", mail);
        let is_patch =
            letter.brackets.iter().any(|word| word.to_ascii_uppercase().contains("PATCH") || word.eq_ignore_ascii_case("RFC"));
        let is_cover = letter.is_cover && letter.number().is_some_and(|(number, _)| number == 0);
        let is_reply = letter.subject.to_ascii_lowercase().starts_with(b"re:");
        if is_reply || (letter.is_cover && !(is_cover && is_patch)) {
            continue;
        }
        letter.name = letter.subject.to_string();
        let envelope = letter.envelope.clone().unwrap_or_default();
        let version = letter.version();
        let is_part = letter.number().is_some_and(|(_, total)| total > 1);
        let found = is_part.then(|| places.get(&(envelope.in_reply_to.clone(), version)).copied()).flatten();
        let place = found.unwrap_or_else(|| {
            postings.push(MailSet { name: format!("{name}:{}", idx + 1), letters: Vec::new() });
            postings.len() - 1
        });
        postings[place].letters.push(letter);
        if is_part && !envelope.message_id.is_empty() {
            places.insert((envelope.message_id, version), place);
        }
    }
    for posting in &mut postings {
        posting.letters.sort_by_key(|letter| letter.number().map_or(0, |(number, _)| number));
    }
    postings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_mbox_is_parted_by_threads() {
        let mail = |subject: &str, id: &str, to: &str, diff: &str| {
            format!(
                "From 1 Mon Sep 17 00:00:00 2001\nSubject: {subject}\nMessage-ID: <{id}>\nIn-Reply-To: <{to}>\n\nx\n---\n{diff}\n"
            )
        };
        let diff = "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-a\n+b\n";
        let text = [
            mail("[PATCH 0/2] a: all", "c", "", ""),
            mail("[PATCH 2/2] a: two", "p2", "c", diff),
            mail("Re: [PATCH 2/2] a: two", "r", "p2", ""),
            mail("[PATCH 1/2] a: one", "p1", "c", diff),
            mail("[PATCH] b: other", "o", "p1", diff),
        ];
        let postings = of_mbox("box", text.concat().as_bytes());
        let shown: Vec<Vec<&str>> =
            postings.iter().map(|posting| posting.letters.iter().map(|letter| letter.name.as_str()).collect()).collect();
        assert_eq!(shown, [vec!["a: all", "a: one", "a: two"], vec!["b: other"]]);
    }
}
