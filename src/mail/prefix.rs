//! What stands in the brackets of a subject: `RFC PATCH net-next RESEND`.

use std::collections::BTreeMap;

use bstr::{BStr, BString, ByteSlice};

use super::recipients::Recipient;
use super::{MailError, MailSettings};
use crate::mail::recipient_rules::{self, Asked, Rule};
use crate::model::{Patch, Plan, Series, SeriesIdx};

/// Returns the text in the brackets of each subject of a series, up to version and number: `RFC PATCH net-next`.
///
/// Words that the user typed replace those that the tree wants; `RFC` replaces nothing.
pub(super) fn prefix(settings: &MailSettings, series: &Series, series_idx: SeriesIdx) -> Result<String, MailError> {
    let (rfc, words): (Vec<&str>, Vec<&str>) = words(settings, series_idx).into_iter().partition(is_rfc);
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'[' && byte != b']');
    if let Some(wrong) = words.iter().find(|word| !is_word(word)) {
        return Err(MailError::Prefix((*wrong).to_owned()));
    }
    let resend = (settings.number(&series.name).resend > 0).then_some("RESEND");
    let all: Vec<&str> = rfc.into_iter().chain(["PATCH"]).chain(words).chain(resend).collect();
    Ok(all.join(" "))
}

/// Returns the words in the brackets beside `PATCH`: those that the user typed, or else those that the tree wants.
pub(super) fn words(settings: &MailSettings, series_idx: SeriesIdx) -> Vec<&str> {
    let mut words: Vec<&str> = settings.prefixes.iter().map(String::as_str).collect();
    if words.iter().all(is_rfc) {
        let of_tree = settings.tree_prefixes.get(series_idx.0).map(String::as_str).unwrap_or_default();
        words.extend(of_tree.split_whitespace());
    }
    words
}

fn is_rfc(word: &&str) -> bool {
    word.eq_ignore_ascii_case("RFC")
}

/// Returns the words that the tree of each series wants in the brackets, by [`SeriesIdx`]; an empty text where it wants none.
///
/// `set` is what the user's configuration says instead, by the name of the series or of its home.
pub fn tree_prefixes(plan: &Plan, recipients: &[Vec<Recipient>], rules: &[Rule], set: &BTreeMap<String, String>) -> Vec<String> {
    let campaign = &plan.campaign;
    let of = |series: &Series| {
        let home = campaign.home(series.home);
        if let Some(words) = set.get(&series.name).or_else(|| set.get(&home.slug)) {
            return words.clone();
        }
        let patches = || series.patches.iter().map(|patch_idx| campaign.patch(*patch_idx));
        let paths: Vec<&BStr> = patches()
            .flat_map(|patch| &patch.edits)
            .map(|&edit_id| plan.change.file(plan.edits.get(edit_id).file_id).path())
            .collect();
        let people = series.patches.iter().filter_map(|patch_idx| recipients.get(patch_idx.0)).flatten();
        let emails: Vec<BString> = people.map(|recipient| recipient.mailbox.email.clone()).collect();
        let is_fix = |patch: &Patch| patch.message.trailers().any(|trailer| trailer.is("Fixes"));
        let subject = series.patches.first().map(|patch_idx| campaign.patch(*patch_idx).message.subject.as_bstr());
        let asked = Asked {
            trees: home.tree.iter().map(|tree| tree.as_bstr()).collect(),
            section: Some(home.name.as_ref()),
            paths,
            subject: subject.unwrap_or_default(),
            recipients: emails,
            is_fix: patches().all(is_fix),
        };
        recipient_rules::prefix(rules, &asked).map_or_else(String::new, |(words, _)| words.to_owned())
    };
    campaign.series.iter().map(of).collect()
}

/// Returns the values of `cleave.<series>.subjectPrefix` in the user's configuration, by the name of the series.
pub fn configured(values: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let of = |(key, value): (&String, &String)| {
        let name = key.strip_prefix("cleave.")?.strip_suffix(".subjectprefix")?;
        Some((name.to_owned(), value.clone()))
    };
    values.iter().filter_map(of).collect()
}
