//! The stored plan: one TOML file for each change, in which edits are named by address.
//!
//! The file holds which edit is in which patch, and not what the edits do: base and tip are commits, and reading them again gives the same edits. An address
//! that no edit has is an error that names it.

pub mod file;
mod stored_words;
mod text;

use std::collections::{BTreeMap, HashMap, HashSet};

use bstr::BString;
use serde::{Deserialize, Serialize};

use crate::git::GitError;
use crate::model::address::shown;
use crate::model::{
    Address, Campaign, Change, EditId, Edits, Home, HomeIdx, Landing, LandingMode, Message, ObjectId, Patch, PatchIdx, Plan,
    Reason, Relation, Series, SeriesIdx, Signature, Tie,
};
use crate::plan::address::{addresses, by_address, first_line};
use crate::plan::bridge;
use crate::plan::carry::{Outline, OutlinePatch, OutlineRelation};
use stored_words::StoredWords;
use text::StoredText;

/// The form that this program writes. It reads form 1 too, which called what the check asked for and what builds taught alike `learned`, and what a person
/// overrides `waived`.
const VERSION: u32 = 2;

/// A plan as the file holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredPlan {
    version: u32,
    name: String,
    base: String,
    tip: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    branch: Option<String>,
    #[serde(default = "default_land")]
    land: String,
    #[serde(default = "default_at_most")]
    at_most: usize,
    #[serde(default, rename = "home")]
    homes: Vec<StoredHome>,
    #[serde(default)]
    series: Vec<StoredSeries>,
    /// Each bridge, by the edit that it stands for. Its text is not stored, as it follows from the change.
    #[serde(default, rename = "bridge", skip_serializing_if = "Vec::is_empty")]
    bridges: Vec<StoredBridge>,
    #[serde(default, rename = "patch")]
    patches: Vec<StoredPatch>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    from_check: Vec<StoredRelation>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    from_builds: Vec<StoredRelation>,
    #[serde(default, skip_serializing_if = "Vec::is_empty", alias = "waived")]
    overridden: Vec<StoredRelation>,
    /// In plans of form 1 only.
    #[serde(default, skip_serializing)]
    learned: Vec<StoredRelation>,
    #[serde(default, skip_serializing_if = "StoredWords::is_empty")]
    words: StoredWords,
}

/// What the first lines of a stored plan say, for who asks no more.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Head {
    base: String,
    tip: String,
    /// The branch that is cut.
    #[serde(default)]
    pub branch: Option<String>,
}

impl Head {
    /// Reads the first lines of what [`write()`] wrote.
    ///
    /// # Errors
    /// When the text is damaged.
    pub fn read(text: &str) -> Result<Self, StoreError> {
        let end = text.find("\n[").unwrap_or(text.len());
        Ok(toml_edit::de::from_str(&text[..end])?)
    }

    /// Returns base and tip commit.
    ///
    /// # Errors
    /// When they are no object ids.
    pub fn commits(&self) -> Result<(ObjectId, ObjectId), StoreError> {
        commits(&self.base, &self.tip)
    }
}

fn commits(base: &str, tip: &str) -> Result<(ObjectId, ObjectId), StoreError> {
    let id = |text: &str| text.parse().map_err(|_| StoreError::Value { value: text.to_owned(), wanted: "commit" });
    Ok((id(base)?, id(tip)?))
}

fn default_land() -> String {
    LandingMode::default().word().into()
}

fn default_at_most() -> usize {
    Landing::default().at_most
}

/// A relation that has to be stored: reading the change does not find it, or finds it and a person has overridden it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredRelation {
    #[serde(with = "StoredTie")]
    tie: Tie,
    first: String,
    second: String,
    reason: String,
    about: StoredText,
}

/// The form of a [`Tie`] in the file.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Tie", rename_all = "lowercase")]
enum StoredTie {
    Before,
    Together,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredBridge {
    kind: String,
    stands_for: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredHome {
    slug: String,
    name: StoredText,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tree: Option<StoredText>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredSeries {
    name: String,
    home: String,
    #[serde(default)]
    needs: Vec<String>,
    cover_subject: StoredText,
    cover_body: StoredText,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredPatch {
    id: String,
    series: String,
    home: String,
    subject: StoredText,
    body: StoredText,
    #[serde(default)]
    trailers: Vec<StoredText>,
    author_name: StoredText,
    author_email: StoredText,
    author_time: String,
    #[serde(default)]
    why: Vec<String>,
    edits: Vec<String>,
}

impl StoredPatch {
    fn message(&self) -> Message {
        Message {
            subject: self.subject.0.clone(),
            body: self.body.0.clone(),
            trailers: self.trailers.iter().map(|line| line.0.clone()).collect(),
        }
    }
}

/// Why a stored plan cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It is not TOML, or not of this form; the message of the cause names line and column.
    #[error("the stored plan is damaged")]
    Syntax(#[from] toml_edit::de::Error),
    /// It cannot be written as TOML.
    #[error("the plan cannot be stored")]
    Write(#[from] toml_edit::ser::Error),
    /// Another program wrote it.
    #[error("the stored plan has version {0}, and this program reads version {VERSION}")]
    Version(u32),
    /// A value is not what it must be.
    #[error("'{value}' is no {wanted}")]
    Value {
        /// As stored.
        value: String,
        /// `commit`, `series`, …
        wanted: &'static str,
    },
    /// The change has no such edit.
    #[error("patch '{patch}' names edit '{address}', which the change does not have")]
    UnknownEdit {
        /// The patch.
        patch: String,
        /// As stored.
        address: String,
        /// An edit of the same path that it may have been.
        near: Option<String>,
    },
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] GitError),
    /// Another git-cleave works on the change.
    #[error("'{name}' is being worked on by process {pid}")]
    Locked {
        /// The change.
        name: String,
        /// The other.
        pid: String,
    },
    /// There is no such plan.
    #[error("there is no plan for '{0}'")]
    Missing(String),
}

/// A plan that may be stored. What is cut for posting is none, so that no stored plan has the series of one way to land.
pub trait Storable {
    /// Returns the plan.
    fn as_plan(&self) -> &Plan;
}

impl Storable for Plan {
    fn as_plan(&self) -> &Plan {
        self
    }
}

/// Writes a plan as text that people can read and compare.
///
/// # Errors
/// When a value has no form in TOML.
pub fn write(plan: &impl Storable) -> Result<String, StoreError> {
    let plan = plan.as_plan();
    let addresses = addresses(&plan.change, &plan.edits);
    let campaign = &plan.campaign;
    let series_of: BTreeMap<PatchIdx, &Series> =
        campaign.series.iter().flat_map(|series| series.patches.iter().map(move |patch| (*patch, series))).collect();
    let slug = |home: HomeIdx| campaign.home(home).slug.clone();
    let bridges = plan.edits.bridges.iter().map(|bridge| StoredBridge {
        kind: bridge.bridged.kind.into(),
        stands_for: edit_line(plan, &addresses, bridge.superseded),
    });
    let relations = |list: &[Relation]| list.iter().map(|relation| stored_relation(plan, &addresses, relation)).collect();
    let stored = StoredPlan {
        bridges: bridges.collect(),
        version: VERSION,
        name: plan.name.clone(),
        base: plan.change.base_commit_id.to_string(),
        tip: plan.change.tip_commit_id.to_string(),
        branch: plan.branch.clone(),
        land: plan.landing.mode.word().into(),
        at_most: plan.landing.at_most,
        homes: campaign
            .homes
            .iter()
            .map(|home| StoredHome {
                slug: home.slug.clone(),
                name: StoredText(home.name.clone()),
                tree: home.tree.clone().map(StoredText),
            })
            .collect(),
        series: campaign
            .series
            .iter()
            .map(|series| StoredSeries {
                name: series.name.clone(),
                home: slug(series.home),
                needs: series.needs.iter().map(|needed| campaign.series[needed.0].name.clone()).collect(),
                cover_subject: StoredText(series.cover.subject.clone()),
                cover_body: StoredText(series.cover.body.clone()),
            })
            .collect(),
        patches: campaign
            .patches
            .iter()
            .enumerate()
            .map(|(idx, patch)| StoredPatch {
                id: patch.patch_id.clone(),
                series: series_of.get(&PatchIdx(idx)).map_or_else(String::new, |series| series.name.clone()),
                home: slug(patch.home),
                subject: StoredText(patch.message.subject.clone()),
                body: StoredText(patch.message.body.clone()),
                trailers: patch.message.trailers.iter().cloned().map(StoredText).collect(),
                author_name: StoredText(patch.author.name.clone()),
                author_email: StoredText(patch.author.email.clone()),
                author_time: patch.author.time.clone(),
                why: patch.why.clone(),
                edits: patch.edits.iter().map(|&edit_id| edit_line(plan, &addresses, edit_id)).collect(),
            })
            .collect(),
        from_check: relations(&plan.from_check),
        from_builds: relations(&plan.from_builds),
        overridden: relations(&plan.overridden),
        learned: Vec::new(),
        words: StoredWords::of(&plan.words),
    };
    Ok(format!(
        "# git-cleave's plan for '{}'. Change it with: git cleave edit\n{}",
        plan.name,
        toml_edit::ser::to_string_pretty(&stored)?
    ))
}

fn stored_relation(plan: &Plan, addresses: &[Address], relation: &Relation) -> StoredRelation {
    StoredRelation {
        tie: relation.tie,
        first: edit_line(plan, addresses, relation.first),
        second: edit_line(plan, addresses, relation.second),
        reason: relation.reason.word().into(),
        about: StoredText(relation.reason.about().to_owned()),
    }
}

/// Returns `address | first line`.
pub fn edit_line(plan: &Plan, addresses: &[Address], edit_id: EditId) -> String {
    let first: String = shown(first_line(&plan.change, &plan.edits, plan.edits.get(edit_id)).as_ref()).chars().take(72).collect();
    format!("{} | {first}", addresses[edit_id.idx()])
}

/// Reads what [`write()`] wrote.
///
/// # Errors
/// When the text is damaged or another program's.
pub fn read(text: &str) -> Result<StoredPlan, StoreError> {
    let mut stored: StoredPlan = toml_edit::de::from_str(text)?;
    if !(1..=VERSION).contains(&stored.version) {
        return Err(StoreError::Version(stored.version));
    }
    for relation in std::mem::take(&mut stored.learned) {
        // What a build taught says so in its reason.
        let is_from_build = matches!(Reason::from_parts(&relation.reason, BString::default()), Some(Reason::Learned(_)));
        if is_from_build { stored.from_builds.push(relation) } else { stored.from_check.push(relation) }
    }
    Ok(stored)
}

impl StoredPlan {
    /// Returns the name of the change.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns base and tip commit.
    ///
    /// # Errors
    /// When they are no object ids.
    pub fn commits(&self) -> Result<(ObjectId, ObjectId), StoreError> {
        commits(&self.base, &self.tip)
    }

    /// Returns what the plan says of its patches, without looking for their edits. A line that is no address is left out.
    pub fn outline(&self) -> Outline {
        let address = |line: &String| Address::leading(line).map(|(address, _)| address);
        let patch = |patch: &StoredPatch| OutlinePatch {
            patch_id: patch.id.clone(),
            series: patch.series.clone(),
            message: patch.message(),
            edits: patch.edits.iter().filter_map(address).collect(),
        };
        let relation = |stored: &StoredRelation| {
            let reason = Reason::from_parts(&stored.reason, stored.about.0.clone())?;
            Some(OutlineRelation { tie: stored.tie, first: address(&stored.first)?, second: address(&stored.second)?, reason })
        };
        let homes = self.homes();
        let home = |series: &StoredSeries| homes.iter().find(|home| home.slug == series.home).cloned();
        Outline {
            patches: self.patches.iter().map(patch).collect(),
            series: self.series.iter().filter_map(|series| Some((series.name.clone(), home(series)?))).collect(),
            from_builds: self.from_builds.iter().filter_map(relation).collect(),
            overridden: self.overridden.iter().filter_map(relation).collect(),
            words: self.words.clone().words(),
            is_of_other_range: false,
        }
    }

    fn homes(&self) -> Vec<Home> {
        let home = |home: &StoredHome| Home {
            name: home.name.0.clone(),
            tree: home.tree.clone().map(|tree| tree.0),
            slug: home.slug.clone(),
        };
        self.homes.iter().map(home).collect()
    }

    /// Finds the edits again that bridges stand for, each with the word of its kind.
    ///
    /// # Errors
    /// When the change has no such edit.
    pub fn bridges(&self, change: &Change, edits: &Edits) -> Result<Vec<(&'static str, EditId)>, StoreError> {
        if self.bridges.is_empty() {
            return Ok(Vec::new());
        }
        let addresses = addresses(change, edits);
        let known = by_address(&addresses);
        let edit = |bridge: &StoredBridge| match bridge::kind_word(&bridge.kind) {
            Some(word) => Ok((word, find("bridge", &bridge.stands_for, &known)?)),
            None => Err(StoreError::Value { value: bridge.kind.clone(), wanted: "kind of bridge" }),
        };
        self.bridges.iter().map(edit).collect()
    }

    /// Finds the edits again and returns the plan. Bridges are among the edits already.
    ///
    /// # Errors
    /// When an address, a home or a series is unknown. That every edit is there is for the writing room to check.
    pub fn resolve(self, change: Change, edits: Edits, mut relations: Vec<Relation>) -> Result<Plan, StoreError> {
        let addresses = addresses(&change, &edits);
        let known = by_address(&addresses);
        let homes = self.homes();
        let home = |slug: &str| {
            let found = homes.iter().position(|home| home.slug == slug).map(HomeIdx);
            found.ok_or_else(|| StoreError::Value { value: slug.into(), wanted: "home" })
        };
        let place = |name: &str| {
            let found = self.series.iter().position(|series| series.name == name);
            found.ok_or_else(|| StoreError::Value { value: name.into(), wanted: "series" })
        };
        let mut series: Vec<Series> = Vec::new();
        for one in &self.series {
            let mut needs: Vec<SeriesIdx> = one.needs.iter().map(|name| place(name).map(SeriesIdx)).collect::<Result<_, _>>()?;
            needs.sort();
            let cover = Message { subject: one.cover_subject.0.clone(), body: one.cover_body.0.clone(), trailers: Vec::new() };
            series.push(Series { name: one.name.clone(), home: home(&one.home)?, needs, cover, ..Series::default() });
        }
        let mut patches: Vec<Patch> = Vec::new();
        for one in &self.patches {
            let mut members: Vec<EditId> = one.edits.iter().map(|line| find(&one.id, line, &known)).collect::<Result<_, _>>()?;
            members.sort();
            series[place(&one.series)?].patches.push(PatchIdx(patches.len()));
            patches.push(Patch {
                patch_id: one.id.clone(),
                edits: members,
                message: one.message(),
                author: Signature {
                    name: one.author_name.0.clone(),
                    email: one.author_email.0.clone(),
                    time: one.author_time.clone(),
                },
                home: home(&one.home)?,
                why: one.why.clone(),
            });
        }
        let mode = self.land.parse().map_err(|_| StoreError::Value { value: self.land.clone(), wanted: "way to land" })?;
        let landing = Landing { mode, at_most: self.at_most.max(1) };
        let read = |section: &str, list: &[StoredRelation]| {
            list.iter().map(|one| relation(section, one, &known)).collect::<Result<Vec<Relation>, _>>()
        };
        let from_check = read("from_check", &self.from_check)?;
        let from_builds = read("from_builds", &self.from_builds)?;
        let overridden = read("overridden", &self.overridden)?;
        let ends: HashSet<_> = overridden.iter().map(Relation::ends).collect();
        relations.retain(|relation| !ends.contains(&relation.ends()));
        relations.extend(from_check.iter().chain(&from_builds).cloned());
        relations.sort();
        relations.dedup();
        Ok(Plan {
            name: self.name,
            branch: self.branch,
            change,
            edits,
            relations,
            from_check,
            from_builds,
            overridden,
            campaign: Campaign { homes, patches, series },
            landing,
            words: self.words.words(),
        })
    }
}

/// Finds the edits of a relation again.
fn relation(section: &str, stored: &StoredRelation, known: &HashMap<&Address, EditId>) -> Result<Relation, StoreError> {
    let (first, second) = (find(section, &stored.first, known)?, find(section, &stored.second, known)?);
    let reason = Reason::from_parts(&stored.reason, stored.about.0.clone())
        .ok_or_else(|| StoreError::Value { value: stored.reason.clone(), wanted: "reason" })?;
    Ok(Relation { first, second, tie: stored.tie, reason })
}

/// Finds the edit that a line names.
fn find(patch: &str, line: &str, known: &HashMap<&Address, EditId>) -> Result<EditId, StoreError> {
    let unknown = |near| StoreError::UnknownEdit { patch: patch.into(), address: line.into(), near };
    let Some((address, _)) = Address::leading(line) else { return Err(unknown(None)) };
    known.get(&address).copied().ok_or_else(|| unknown(nearest(&address, known.keys().copied())))
}

/// Returns the address of the same path that agrees in most parts.
pub fn nearest<'a>(wanted: &Address, known: impl Iterator<Item = &'a Address>) -> Option<String> {
    let likeness = |address: &Address| usize::from(address.item == wanted.item) + 2 * usize::from(address.hash == wanted.hash);
    let near = known
        .filter(|address| address.path == wanted.path)
        .max_by_key(|address| (likeness(address), std::cmp::Reverse((*address).clone())));
    near.map(ToString::to_string)
}

#[cfg(test)]
mod tests;
