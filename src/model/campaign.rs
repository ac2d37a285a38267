//! What people see at the end: patches, in series, one series a home.

use bstr::BString;

use super::edit::EditId;
use super::message::{Message, Signature};
use super::relation::Relation;

/// The smallest set of edits that no order can separate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Knot {
    /// Its edits, sorted.
    pub edits: Vec<EditId>,
    /// The relations that tie it, inside the knot only; empty for a single edit.
    pub ties: Vec<Relation>,
}

/// Knots that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Group {
    /// Places in the list of knots, sorted.
    pub knots: Vec<usize>,
}

/// Names a [`Home`] by its place in [`Campaign::homes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct HomeIdx(pub usize);

/// Names a [`Patch`] by its place in [`Campaign::patches`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PatchIdx(pub usize);

/// Names a [`Series`] by its place in [`Campaign::series`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesIdx(pub usize);

/// Where a patch goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Home {
    /// What people call it: the name of the MAINTAINERS section or the folder.
    pub name: BString,
    /// The tree (`T:`) its maintainers apply to, where one is named.
    pub tree: Option<BString>,
    /// A short form for branch and folder names: `[a-z0-9-]`, never empty.
    pub slug: String,
}

/// A group with all that makes it a patch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    /// Names the patch over re-runs and versions: `[a-z0-9-]`, unique in the campaign.
    pub patch_id: String,
    /// Its edits, sorted.
    pub edits: Vec<EditId>,
    /// What it says.
    pub message: Message,
    /// Who wrote it.
    pub author: Signature,
    /// Where it goes.
    pub home: HomeIdx,
    /// Why these edits are one patch and why it cannot be smaller, each a sentence.
    pub why: Vec<String>,
}

/// The ordered patches of one home.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Series {
    /// Names its branch and its folder: `[a-z0-9-]`, unique in the campaign.
    pub name: String,
    /// Where it goes.
    pub home: HomeIdx,
    /// Its patches, in order.
    pub patches: Vec<PatchIdx>,
    /// Series that must be applied before this one, sorted; never itself, never in a circle.
    pub needs: Vec<SeriesIdx>,
    /// Subject and body of the cover letter.
    pub cover: Message,
    /// Which part of a longer series it is; `None` for a whole one.
    pub part: Option<Part>,
    /// Series that must have landed before this one is sent, sorted; among [`Campaign::all_needs`], or of the same home.
    pub waits: Vec<SeriesIdx>,
}

/// A stretch of a series that is too long for one posting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Part {
    /// From 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
}

/// How the patches of a campaign get into the trees of those who apply them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Landing {
    /// Which way.
    pub mode: LandingMode,
    /// So many patches at most are in one posting, and wait for one tree; at least 1. Source: netdev's `maintainer-netdev.rst` asks for 15.
    pub at_most: usize,
}

impl Default for Landing {
    fn default() -> Self {
        Landing { mode: LandingMode::default(), at_most: 15 }
    }
}

/// The ways in which a change over several trees lands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum LandingMode {
    /// Each home takes its own series.
    #[default]
    PerTree,
    /// One tree takes all, with Acks of the others.
    OneTree,
    /// One tree takes what several need as a branch, which the others pull.
    Tag,
    /// All series go in together, at a time that is agreed on.
    FlagDay,
}

impl LandingMode {
    /// All of them.
    pub const ALL: [LandingMode; 4] = [LandingMode::PerTree, LandingMode::OneTree, LandingMode::Tag, LandingMode::FlagDay];

    /// Returns the word for it, as `--land` takes it.
    pub fn word(self) -> &'static str {
        match self {
            LandingMode::PerTree => "per-tree",
            LandingMode::OneTree => "one-tree",
            LandingMode::Tag => "tag",
            LandingMode::FlagDay => "flag-day",
        }
    }
}

impl std::str::FromStr for LandingMode {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let found = LandingMode::ALL.into_iter().find(|mode| mode.word() == word);
        found.ok_or_else(|| format!("'{word}' is no way to land: {}", LandingMode::ALL.map(LandingMode::word).join(", ")))
    }
}

/// All series of a change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Campaign {
    /// Where patches go.
    pub homes: Vec<Home>,
    /// Every patch, in the order of the branch `all`: each step builds.
    pub patches: Vec<Patch>,
    /// The series; a series stands after those it needs.
    pub series: Vec<Series>,
}

impl Series {
    /// Returns a series that has no patches yet.
    pub fn new(name: String, home: HomeIdx) -> Self {
        let (patches, needs, waits) = (Vec::new(), Vec::new(), Vec::new());
        Series { name, home, patches, needs, cover: Message::default(), part: None, waits }
    }
}

impl Campaign {
    /// Returns the patch named by `patch_idx`.
    pub fn patch(&self, patch_idx: PatchIdx) -> &Patch {
        &self.patches[patch_idx.0]
    }

    /// Returns the cut alone: the edits of each patch, in the series by their names.
    pub fn shape(&self) -> Vec<(&str, Vec<&[EditId]>)> {
        let edits = |series: &Series| series.patches.iter().map(|patch| self.patch(*patch).edits.as_slice()).collect();
        self.series.iter().map(|series| (series.name.as_str(), edits(series))).collect()
    }

    /// Returns the home named by `home_idx`.
    pub fn home(&self, home_idx: HomeIdx) -> &Home {
        &self.homes[home_idx.0]
    }

    /// Returns the series that holds a patch. Every patch of a checked campaign is in exactly one.
    pub fn series_of(&self, patch_idx: PatchIdx) -> Option<SeriesIdx> {
        self.series.iter().position(|series| series.patches.contains(&patch_idx)).map(SeriesIdx)
    }

    /// Returns all series that must be applied before `series_idx`, also through others, in campaign order.
    pub fn all_needs(&self, series_idx: SeriesIdx) -> Vec<SeriesIdx> {
        let mut seen = vec![false; self.series.len()];
        let mut open = self.series[series_idx.0].needs.clone();
        while let Some(needed) = open.pop() {
            if !std::mem::replace(&mut seen[needed.0], true) {
                open.extend(&self.series[needed.0].needs);
            }
        }
        seen.iter().enumerate().filter(|(_, seen)| **seen).map(|(idx, _)| SeriesIdx(idx)).collect()
    }
}
