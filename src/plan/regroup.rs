//! A plan, and its edits in other patches → the plan with these patches.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BStr, BString, ByteSlice};

use super::home::weight;
use super::patch_ids::PatchIds;
use super::series;
use crate::model::{EditId, Message, Patch, PatchIdx, Plan, Series, Signature};

/// A patch as somebody made it: edits of the plan with an author and a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPatch {
    /// Its edits, sorted; at least one.
    pub edits: Vec<EditId>,
    /// Who wrote it.
    pub author: Signature,
    /// The whole message.
    pub message: BString,
}

/// Puts pieces in the place of the patches whose edits they hold, in their order.
///
/// A piece goes by the id of the patch that most of its lines come from, and into its series; a patch is followed by one piece. Series are put
/// in an order in which each stands after those it needs, and keep their covers; one that is new has none yet. What was said of patches that are no more
/// is forgotten.
pub fn regroup(plan: &Plan, pieces: Vec<NewPatch>) -> Plan {
    let old = &plan.campaign;
    let mut holder: BTreeMap<EditId, usize> = BTreeMap::new();
    for (idx, patch) in old.patches.iter().enumerate() {
        holder.extend(patch.edits.iter().map(|edit_id| (*edit_id, idx)));
    }
    let shares: Vec<Vec<(usize, usize)>> = pieces.iter().map(|piece| shares(plan, piece, &holder)).collect();
    let follows = follows(&shares);
    let mut ids = PatchIds::of(&old.patches);
    let made: Vec<(Patch, usize)> = pieces
        .into_iter()
        .enumerate()
        .map(|(idx, piece)| {
            let like = shares[idx].first().map_or(0, |(patch, _)| *patch);
            (patch(plan, piece, follows.get(&idx).copied(), like, &mut ids), like)
        })
        .collect();
    let replaced: BTreeSet<usize> = shares.iter().flatten().map(|(patch, _)| *patch).collect();
    let lined = lined(plan, made, &replaced);
    let series_of = |old_patch: usize| old.series_of(PatchIdx(old_patch));
    let mut held: Vec<Series> = old.series.iter().map(|one| Series { patches: Vec::new(), ..one.clone() }).collect();
    for (idx, (_, like)) in lined.iter().enumerate() {
        if let Some(own) = series_of(*like) {
            held[own.0].patches.push(PatchIdx(idx));
        }
    }
    held.retain(|one| !one.patches.is_empty());
    let patches: Vec<Patch> = lined.into_iter().map(|(patch, _)| patch).collect();
    let mut new = plan.clone();
    let again = series::again(&new.change, &new.edits, &new.relations, &new.words, &old.homes, &patches, held);
    new.words.patches = edited(plan, &patches);
    new.campaign.patches = patches;
    new.campaign.series = again;
    new.words.is_arranged |= plan.campaign.shape() != new.campaign.shape();
    new
}

/// Returns the old patches that the lines of a piece come from, with how many, most first.
fn shares(plan: &Plan, piece: &NewPatch, holder: &BTreeMap<EditId, usize>) -> Vec<(usize, usize)> {
    let mut lines: BTreeMap<usize, usize> = BTreeMap::new();
    for &edit_id in &piece.edits {
        if let Some(patch) = holder.get(&edit_id) {
            *lines.entry(*patch).or_default() += weight(&plan.change, &plan.edits, edit_id);
        }
    }
    let mut shares: Vec<(usize, usize)> = lines.into_iter().collect();
    shares.sort_by_key(|(patch, count)| (std::cmp::Reverse(*count), *patch));
    shares
}

/// Returns for pieces the old patch that they follow: the largest share first, one piece a patch.
fn follows(shares: &[Vec<(usize, usize)>]) -> BTreeMap<usize, usize> {
    let mut all: Vec<(usize, usize, usize)> = Vec::new();
    for (piece, shares) in shares.iter().enumerate() {
        all.extend(shares.iter().map(|(patch, count)| (*count, piece, *patch)));
    }
    all.sort_by_key(|(count, piece, patch)| (std::cmp::Reverse(*count), *piece, *patch));
    let (mut follows, mut taken) = (BTreeMap::new(), BTreeSet::new());
    for (_, piece, patch) in all {
        if !follows.contains_key(&piece) && taken.insert(patch) {
            follows.insert(piece, patch);
        }
    }
    follows
}

fn patch(plan: &Plan, piece: NewPatch, follows: Option<usize>, like: usize, ids: &mut PatchIds) -> Patch {
    let old = &plan.campaign.patches;
    let message = message(piece.message.as_ref());
    let same = follows.map(|idx| &old[idx]).filter(|old| old.edits == piece.edits);
    Patch {
        patch_id: follows.map_or_else(|| ids.next(&message.subject), |idx| old[idx].patch_id.clone()),
        why: same.map(|old| old.why.clone()).unwrap_or_default(),
        // A message that says the same stays as it was taken apart.
        message: same.map(|old| &old.message).filter(|old| old.text() == message.text()).cloned().unwrap_or(message),
        edits: piece.edits,
        author: piece.author,
        home: old[like].home,
    }
}

/// Takes a message apart so that its text is the same again; a subject of several lines becomes one.
fn message(text: &BStr) -> Message {
    let message = Message::read(text);
    if message.text().trim_end() == text.trim_end() {
        return message;
    }
    let below = text.trim_end().split_once_str("\n\n").map_or(&b""[..], |(_, below)| below);
    Message { subject: message.subject, body: below.into(), trailers: Vec::new() }
}

/// Returns the patches in their order: those that nothing takes the place of stay where they are, what begins as it was too, and the rest stands where
/// the first of the others stood.
fn lined(plan: &Plan, made: Vec<(Patch, usize)>, replaced: &BTreeSet<usize>) -> Vec<(Patch, usize)> {
    let old = &plan.campaign.patches;
    let mut made = made.into_iter().peekable();
    let mut lined = Vec::with_capacity(old.len());
    for (idx, patch) in old.iter().enumerate() {
        if !replaced.contains(&idx) {
            lined.push((patch.clone(), idx));
            continue;
        }
        match made.peek() {
            Some((next, _)) if next.edits == patch.edits => lined.extend(made.next()),
            _ => lined.extend(made.by_ref()),
        }
    }
    lined
}

/// Returns the ids of the patches whose message a person wrote, now or before.
fn edited(plan: &Plan, patches: &[Patch]) -> BTreeSet<String> {
    let old: BTreeMap<&str, &Message> =
        plan.campaign.patches.iter().map(|patch| (patch.patch_id.as_str(), &patch.message)).collect();
    let is_edited = |patch: &&Patch| {
        let was = old.get(patch.patch_id.as_str());
        plan.words.patches.contains(&patch.patch_id) || was.is_none_or(|was| was.text() != patch.message.text())
    };
    patches.iter().filter(is_edited).map(|patch| patch.patch_id.clone()).collect()
}
