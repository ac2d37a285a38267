//! What people said, as the file holds it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::text::StoredText;
use crate::model::{Message, SeriesWords, Words};

/// [`Words`] as a table of the file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct StoredWords {
    #[serde(skip_serializing_if = "Option::is_none")]
    blurb: Option<StoredText>,
    #[serde(skip_serializing_if = "is_false")]
    blurb_edited: bool,
    #[serde(skip_serializing_if = "is_false")]
    arranged: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    cut: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<StoredText>,
    /// In older plans only.
    #[serde(skip_serializing)]
    signoff: Option<StoredText>,
    /// Ids of the patches whose message a person wrote.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    edited: BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    series: BTreeMap<String, StoredSeriesWords>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct StoredSeriesWords {
    #[serde(skip_serializing_if = "String::is_empty")]
    change_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cover_subject: Option<StoredText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cover_body: Option<StoredText>,
    /// By the number of the version, which is a string since TOML has no other keys.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    changelog: BTreeMap<String, StoredText>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    needs: BTreeSet<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

impl StoredWords {
    /// Whether there is nothing to store.
    pub(super) fn is_empty(&self) -> bool {
        *self == StoredWords::default()
    }

    /// Returns what people said, in the form of the file.
    pub(super) fn of(words: &Words) -> Self {
        let series = |words: &SeriesWords| StoredSeriesWords {
            change_id: words.change_id.clone(),
            cover_subject: words.cover.as_ref().map(|cover| StoredText(cover.subject.clone())),
            cover_body: words.cover.as_ref().map(|cover| StoredText(cover.body.clone())),
            changelog: words.changelogs.iter().map(|(version, text)| (version.to_string(), StoredText(text.clone()))).collect(),
            needs: words.needs.clone(),
        };
        StoredWords {
            blurb: (!words.blurb.is_empty()).then(|| StoredText(words.blurb.clone())),
            blurb_edited: words.is_blurb_edited,
            arranged: words.is_arranged,
            cut: words.cut.clone(),
            title: (!words.title.is_empty()).then(|| StoredText(words.title.clone())),
            signoff: None,
            edited: words.patches.clone(),
            series: words.series.iter().map(|(name, words)| (name.clone(), series(words))).collect(),
        }
    }

    /// Returns what people said. A version that is no number is left out.
    pub(super) fn words(self) -> Words {
        let series = |stored: StoredSeriesWords| SeriesWords {
            cover: stored.cover_subject.map(|subject| Message {
                subject: subject.0,
                body: stored.cover_body.unwrap_or_default().0,
                trailers: Vec::new(),
            }),
            change_id: stored.change_id,
            changelogs: stored
                .changelog
                .into_iter()
                .filter_map(|(version, text)| Some((version.parse().ok()?, text.0)))
                .collect(),
            needs: stored.needs,
        };
        Words {
            blurb: self.blurb.map(|text| text.0).unwrap_or_default(),
            is_blurb_edited: self.blurb_edited,
            is_arranged: self.arranged,
            cut: self.cut,
            title: self.title.map(|text| text.0).unwrap_or_default(),
            patches: self.edited,
            series: self.series.into_iter().map(|(name, stored)| (name, series(stored))).collect(),
        }
    }
}
