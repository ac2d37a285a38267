//! The texts that people wrote for a plan, and the names its series were given. They are kept when the plan is made anew.
//!
//! They are found by the names of series and the ids of patches, so that they hold while patches are cut and ordered again.

use std::collections::{BTreeMap, BTreeSet};

use bstr::BString;

use super::campaign::Series;
use super::message::Message;

/// Stands in the mails of a draft, and in a todo, where nobody said what the change is for. Source: the template of `git format-patch --cover-letter`.
pub const NO_BLURB: &str = "*** BLURB HERE ***";
/// Stands there where nobody said what changed since the last version.
pub const NO_CHANGES: &str = "*** CHANGES HERE ***";

/// The texts that people wrote for a plan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words {
    /// What the whole change is for: paragraphs that stand first in every cover letter, without a final newline. Empty where nobody said it.
    pub blurb: BString,
    /// Whether a person wrote `blurb`, so that nothing made from the change may take its place.
    pub is_blurb_edited: bool,
    /// What the whole change is called, where the description of its branch says so: the subject of covers that nobody wrote.
    pub title: BString,
    /// Ids of the patches whose message a person wrote.
    pub patches: BTreeSet<String>,
    /// Whether a person dealt edits to patches or patches to series, or put them in order: what comes later keeps that.
    pub is_arranged: bool,
    /// How a person asked for the change to be cut, as [`crate::settings::Layer::cut`] writes it; empty where nobody did.
    pub cut: String,
    /// What belongs to each series, by name; also of names that the plan does not have now.
    pub series: BTreeMap<String, SeriesWords>,
}

/// The texts that people wrote for a series, and its name over all versions; both hold whatever patches it has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SeriesWords {
    /// Subject and body of the cover, where a person wrote them.
    pub cover: Option<Message>,
    /// Names the series over all its versions, in b4's form: `20241118-gmap-kvm-0123456789ab`. Empty until one was given.
    pub change_id: String,
    /// What a person said of a version, by its number: what changed since the one before.
    pub changelogs: BTreeMap<u32, BString>,
    /// Series that a person says it needs, by name, for a reason that nothing in the change shows.
    pub needs: BTreeSet<String>,
}

impl Words {
    /// Returns the texts of a series, empty ones where it has none yet.
    pub fn of_series(&mut self, name: &str) -> &mut SeriesWords {
        self.series.entry(name.to_owned()).or_default()
    }

    /// Returns the cover that a person wrote for a series.
    pub fn cover(&self, name: &str) -> Option<&Message> {
        self.series.get(name)?.cover.as_ref()
    }

    /// Returns the names of the series that a person says a series needs.
    pub fn needs(&self, name: &str) -> impl Iterator<Item = &String> {
        self.series.get(name).into_iter().flat_map(|words| &words.needs)
    }

    /// Gives each of these series the cover that a person wrote for it.
    pub fn cover_all(&self, series: &mut [Series]) {
        for one in series {
            if let Some(cover) = self.cover(&one.name) {
                one.cover.clone_from(cover);
            }
        }
    }
}
