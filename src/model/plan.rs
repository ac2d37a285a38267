//! A campaign with the change it cuts: what is kept, edited and carried out.

use bstr::BStr;

use super::campaign::{Campaign, Landing};
use super::change::Change;
use super::edit::Edits;
use super::relation::Relation;
use super::words::Words;

/// Everything that `split`, `verify` and `mail` need.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Names branches, refs and the folder of the plan: a valid single component of a ref name.
    pub name: String,
    /// What is cut.
    pub change: Change,
    /// The pieces.
    pub edits: Edits,
    /// What ties them, `requires` included.
    pub relations: Vec<Relation>,
    /// Those of `relations` that only a check of the ordered patches asked for: reading the change does not find them again.
    pub learned: Vec<Relation>,
    /// What reading the change finds and a person has set aside, since only a build tells: none of these is among `relations`.
    pub waived: Vec<Relation>,
    /// The cut: a series a home, however it lands.
    pub campaign: Campaign,
    /// How it lands: what is posted is the campaign that [`crate::plan::landing::landed`] makes of the cut.
    pub landing: Landing,
    /// What people said of it.
    pub words: Words,
}

impl Plan {
    /// Returns what the whole change is called where it is not a single commit: as somebody said, else its name.
    pub fn title(&self) -> &BStr {
        if self.words.title.is_empty() { self.name.as_str().into() } else { self.words.title.as_ref() }
    }
}
