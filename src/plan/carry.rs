//! A plan that is made anew keeps what a person said of the one before.
//!
//! The old plan is not read against its change: which patch is which is told by addresses, of which an edit that is the same has the same one.

use std::collections::{BTreeMap, BTreeSet};

use bstr::BString;

use super::store::{StoredPatch, StoredPlan};
use crate::model::{Address, Patch, Plan};
use crate::plan::address::addresses;

/// The message of a patch of which no new patch holds the greater part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// Its id.
    pub patch_id: String,
    /// What it said first.
    pub subject: BString,
}

/// Takes messages, covers and the blurb that a person wrote, and the names of series, from `old` into `plan`; returns what has no place there.
///
/// A message goes to the patch with the same edits, else to the one that holds most of its edits and more than half of them. Ids of patches go
/// with their edits, also where nobody wrote the message: mails are named by them. What belongs to a series goes by its name and is kept while no series has it.
pub fn keep(old: &StoredPlan, plan: &mut Plan) -> Vec<Lost> {
    let words = old.words.clone().words();
    let mut lost = Vec::new();
    let places = places(old, plan);
    let mut edited = BTreeSet::new();
    let placed = old.patches.iter().zip(&places).filter(|(_, place)| place.is_some());
    let mut taken: BTreeSet<String> = placed.map(|(patch, _)| patch.id.clone()).collect();
    let followers: BTreeSet<usize> = places.iter().flatten().copied().collect();
    let is_new = |(idx, _): &(usize, &mut Patch)| !followers.contains(idx);
    for (_, patch) in plan.campaign.patches.iter_mut().enumerate().filter(is_new) {
        // A new patch must not go by the name of another's.
        let wanted = patch.patch_id.clone();
        patch.patch_id = free(&wanted, &taken);
        taken.insert(patch.patch_id.clone());
    }
    for (patch, place) in old.patches.iter().zip(&places) {
        let is_edited = words.patches.contains(&patch.id);
        let Some(place) = *place else {
            if is_edited {
                lost.push(Lost { patch_id: patch.id.clone(), subject: patch.subject.0.clone() });
            }
            continue;
        };
        let new = &mut plan.campaign.patches[place];
        new.patch_id.clone_from(&patch.id);
        if is_edited {
            new.message.subject = patch.subject.0.clone();
            new.message.body = patch.body.0.clone();
            new.message.trailers = patch.trailers.iter().map(|line| line.0.clone()).collect();
            edited.insert(patch.id.clone());
        }
    }
    words.cover_all(&mut plan.campaign.series);
    let blurb = std::mem::take(&mut plan.words.blurb);
    plan.words = words;
    if !plan.words.is_blurb_edited {
        plan.words.blurb = blurb;
    }
    plan.words.patches = edited;
    lost
}

/// Returns `wanted`, with a number where it is taken.
fn free(wanted: &str, taken: &BTreeSet<String>) -> String {
    let numbered = (2..).map(|nth| format!("{wanted}-{nth}"));
    std::iter::once(wanted.to_owned()).chain(numbered).find(|id| !taken.contains(id)).expect("some number is free")
}

/// Returns for each old patch the new one that takes its place; none takes that of two.
fn places(old: &StoredPlan, plan: &Plan) -> Vec<Option<usize>> {
    let addresses = addresses(&plan.change, &plan.edits);
    let mut holder: BTreeMap<&Address, usize> = BTreeMap::new();
    for (idx, patch) in plan.campaign.patches.iter().enumerate() {
        holder.extend(patch.edits.iter().map(|edit_id| (&addresses[edit_id.idx()], idx)));
    }
    let mut fits: Vec<(usize, bool, usize, usize)> = Vec::new();
    for (idx, patch) in old.patches.iter().enumerate() {
        let mut held: BTreeMap<usize, usize> = BTreeMap::new();
        for address in edits(patch) {
            if let Some(&new) = holder.get(&address) {
                *held.entry(new).or_default() += 1;
            }
        }
        for (new, n_held) in held {
            let is_same_name = plan.campaign.patches[new].patch_id == patch.id;
            if n_held * 2 > patch.edits.len() {
                fits.push((n_held, is_same_name, idx, new));
            }
        }
    }
    fits.sort_by(|one, other| (other.0, other.1).cmp(&(one.0, one.1)).then((one.2, one.3).cmp(&(other.2, other.3))));
    let mut places = vec![None; old.patches.len()];
    let mut used = BTreeSet::new();
    for (_, _, idx, new) in fits {
        if places[idx].is_none() && used.insert(new) {
            places[idx] = Some(new);
        }
    }
    places
}

fn edits(patch: &StoredPatch) -> impl Iterator<Item = Address> {
    patch.edits.iter().filter_map(|line| Address::leading(line).map(|(address, _)| address))
}
