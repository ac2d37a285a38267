//! Knots over many homes → temporary text that lets old and new users build side by side.
//!
//! ```text
//!   one knot                          with a bridge
//!   old ──> new  in the record        put ──> users of home 1 ──> take
//!    └─ every user, in every home      ├────> users of home 2 ─────┤      put: both names, take: the new one alone
//!                                      └────> users of home 3 ─────┘
//! ```
//!
//! In: edits and what ties them. Out: the same with bridges, each two more edits that stand for one of the change; the relations are found anew, so
//! that what was tied to the one is tied to the two. A bridge is made only where it shortens a knot, and only where it holds: what it refuses, it
//! refuses with the reason. What a bridge can be stands in `kinds`, a module a kind, behind the trait `BridgeKind`. Cost: nothing without a
//! candidate; with one, the relations are found a second time.

mod by_home;
mod conversions;
mod kind;
mod kinds;
mod message;
mod refused;
mod renaming;

use std::collections::{BTreeMap, BTreeSet};

use bstr::BString;

use self::kind::{BridgeKind, Candidate, Draft, Outside, TakeFrom};
use super::home::weight;
use super::knots::{knots, places};
use super::relate;
use crate::analyze::Analysis;
use crate::model::{Bridge, Edit, EditId, EditKind, Edits, HomeIdx, Knot, Reason, Relation, TextId, Tie};

pub use by_home::joined_by_home;
pub use conversions::conversions;
pub use kind::Wording;
pub use message::message;
pub use refused::{Refusal, Refused};

/// How often bridges that fail are left out and the others tried again, each time with the relations of the whole change.
const MOST_ROUNDS: usize = 4;

/// Puts a bridge where a knot goes over several homes, or over more lines than a patch may have, and a bridge makes it shorter. `of_edit` is the home
/// of each edit.
pub fn bridge(
    analysis: Analysis,
    relations: Vec<Relation>,
    of_edit: &[HomeIdx],
    max_lines: usize,
) -> (Analysis, Vec<Relation>, Vec<Refusal>) {
    let Analysis { change, edits, .. } = &analysis;
    let of_kinds = |(edit_id, _): (EditId, &Edit)| {
        let analysis = &analysis;
        kinds::KINDS.iter().filter_map(move |kind| Some((edit_id, *kind, kind.candidate(analysis, edit_id)?)))
    };
    let candidates: Vec<(EditId, &dyn BridgeKind, Candidate)> = edits.iter().flat_map(of_kinds).collect();
    if candidates.is_empty() {
        return (analysis, relations, Vec::new());
    }
    let all = knots(edits, &relations);
    let place = places(edits.len(), &all);
    let n_lines =
        |edits: &Edits, knot: &Knot| -> usize { knot.edits.iter().map(|&edit_id| weight(change, edits, edit_id)).sum() };
    let is_wide = |edit_id: EditId, is_seen: bool| {
        let Some(knot) = place[edit_id.idx()].map(|idx| &all[idx]) else { return false };
        // A knot may be wide for other reasons: what counts is where those are that this edit itself is tied to.
        let own = knot.ties.iter().filter(|tie| tie.first == edit_id || tie.second == edit_id);
        let homes: BTreeSet<HomeIdx> = own.flat_map(|tie| [of_edit[tie.first.idx()], of_edit[tie.second.idx()]]).collect();
        knot.edits.len() > 1 && (homes.len() > 1 && is_seen || n_lines(edits, knot) > max_lines)
    };
    let (mut drafts, mut refusals) = (Vec::new(), Vec::new());
    for (edit_id, kind, Candidate { what, is_seen }) in candidates {
        let is_drafted = drafts.last().is_some_and(|draft: &Draft| draft.superseded == edit_id);
        if is_drafted || !is_wide(edit_id, is_seen) {
            continue;
        }
        match kind.draft(&analysis, edit_id) {
            Ok(draft) => {
                refusals.retain(|refusal: &Refusal| refusal.edit_id != edit_id);
                drafts.push(draft);
            }
            Err(why) => refusals.push(Refusal { edit_id, what, why }),
        }
    }
    for _ in 0..MOST_ROUNDS {
        if drafts.is_empty() {
            break;
        }
        let (bridged, bridged_relations) = with_drafts(&analysis, &drafts);
        let now = knots(&bridged.edits, &bridged_relations);
        let now_place = places(bridged.edits.len(), &now);
        let fails = |bridge: &Bridge| {
            let (put, take) = (now_place[bridge.put.idx()]?, now_place[bridge.take.idx()]?);
            if put == take {
                return Some(Refused::Tied(tie(&now[put])));
            }
            let old = &all[place[bridge.superseded.idx()]?];
            let left: BTreeSet<usize> = old.edits.iter().filter_map(|edit_id| now_place[edit_id.idx()]).collect();
            let largest = left.into_iter().max_by_key(|&idx| n_lines(&bridged.edits, &now[idx]))?;
            let stays = 10 * n_lines(&bridged.edits, &now[largest]) > 9 * n_lines(edits, old);
            stays.then(|| Refused::Longer(tie(&now[largest])))
        };
        let failed: Vec<Option<Refused>> = bridged.edits.bridges.iter().map(fails).collect();
        if failed.iter().all(Option::is_none) {
            return (bridged, bridged_relations, refusals);
        }
        let mut at = failed.into_iter();
        drafts.retain(|draft| match at.next().flatten() {
            Some(why) => {
                refusals.push(Refusal { edit_id: draft.superseded, what: draft.bridged.shown(), why });
                false
            }
            None => true,
        });
    }
    (analysis, relations, refusals)
}

/// Returns the word of a kind of bridge that a stored plan names, `None` where no kind has it.
pub fn kind_word(word: &str) -> Option<&'static str> {
    kinds::of_word(word).map(BridgeKind::word)
}

/// Puts the bridges of a stored plan in again: each by the word of its kind and the edit that it stands for.
///
/// # Errors
/// When one does not hold: the change is another one, or the program.
pub fn rebuild(
    analysis: Analysis,
    relations: Vec<Relation>,
    stored: &[(&str, EditId)],
) -> Result<(Analysis, Vec<Relation>), Refusal> {
    if stored.is_empty() {
        return Ok((analysis, relations));
    }
    let draft = |&(word, edit_id): &(&str, EditId)| {
        let kind = kinds::of_word(word);
        let candidate = kind.and_then(|kind| Some((kind, kind.candidate(&analysis, edit_id)?)));
        let (kind, what) = match candidate {
            Some((kind, candidate)) => (kind, candidate.what),
            None => return Err(Refusal { edit_id, what: "an edit".into(), why: Refused::Others }),
        };
        kind.draft(&analysis, edit_id).map_err(|why| Refusal { edit_id, what, why })
    };
    let drafts: Result<Vec<Draft>, Refusal> = stored.iter().map(draft).collect();
    Ok(with_drafts(&analysis, &drafts?))
}

/// The reason that ties most of a knot, for people to see why no bridge cuts it.
fn tie(knot: &Knot) -> Reason {
    let mut counts: BTreeMap<&Reason, usize> = BTreeMap::new();
    for tie in knot.ties.iter().filter(|tie| !matches!(tie.reason, Reason::Bridged(_) | Reason::Requires)) {
        *counts.entry(&tie.reason).or_default() += if tie.tie == Tie::Together { 2 } else { 1 };
    }
    let most = counts.into_iter().max_by_key(|(reason, count)| (*count, std::cmp::Reverse(*reason)));
    most.map_or(Reason::Requires, |(reason, _)| reason.clone())
}

/// Numbers the edits of the drafts after those of the change, gives them their part of the facts, and finds the relations.
fn with_drafts(old: &Analysis, drafts: &[Draft]) -> (Analysis, Vec<Relation>) {
    let Analysis { change, mut edits, mut facts, .. } = old.clone();
    for draft in drafts {
        let put = EditId::at(edits.len());
        let take = EditId::at(edits.len() + 1);
        edits.all.push(draft.put.clone());
        edits.all.push(take_edit(draft, put));
        edits.bridges.push(Bridge { put, take, superseded: draft.superseded, bridged: draft.bridged.clone() });
        let own = old.facts.of(draft.superseded);
        if let Some(kind) = kinds::of_word(draft.bridged.kind) {
            kind.place_facts(&mut facts, own, draft, put, take);
        }
    }
    facts.facts.sort();
    let occurrences = old.occurrences.with_bridges(&change, &edits);
    let bridged = Analysis { change, edits, facts, occurrences };
    let Analysis { change, edits, facts, .. } = &bridged;
    let mut relations = relate::relations(&bridged);
    let converts = conversions(change, edits, facts);
    for (nth, (bridge, draft)) in edits.bridges.iter().zip(drafts).enumerate() {
        let shown = bridge.bridged.shown();
        relations.push(Relation::before(bridge.put, bridge.take, Reason::Bridged(shown.clone())));
        for (idx, _) in converts.iter().enumerate().filter(|(_, of)| **of == Some(nth)) {
            relations.push(Relation::before(bridge.put, EditId::at(idx), Reason::Bridged(shown.clone())));
            relations.push(Relation::before(EditId::at(idx), bridge.take, Reason::Bridged(shown.clone())));
        }
        let Outside { before, after } = &draft.outside;
        relations.extend(before.iter().map(|(first, reason)| Relation::before(*first, bridge.put, reason.clone())));
        relations.extend(after.iter().map(|(later, reason)| Relation::before(bridge.take, *later, reason.clone())));
    }
    let gone: BTreeSet<EditId> = edits.bridges.iter().map(|bridge| bridge.superseded).collect();
    relations.retain(|relation| !gone.contains(&relation.first) && !gone.contains(&relation.second));
    relations.sort();
    relations.dedup_by_key(|relation| (relation.first, relation.second, relation.tie));
    (bridged, relations)
}

fn take_edit(draft: &Draft, put: EditId) -> Edit {
    let file_id = draft.put.file_id;
    let ordinal = match draft.put.kind {
        EditKind::Splice { ordinal, .. } => ordinal,
        _ => 0,
    };
    let mut requires = draft.put.requires.clone();
    requires.push(put);
    requires.sort();
    let (text, item) = match draft.take.from {
        TakeFrom::Base => (TextId::File(file_id), draft.put.item.clone()),
        TakeFrom::Put => (TextId::Inserted(put), BString::default()),
    };
    let kind = EditKind::Splice { text, span: draft.take.span, insert: draft.take.insert.clone(), ordinal };
    Edit { file_id, kind, requires, tip_span: draft.take.tip_span, item }
}

/// Returns what a patch of these edits has to say of bridges: the one it puts in, and those that were refused.
pub fn why(edits: &Edits, refusals: &[Refusal], members: &[EditId]) -> Vec<String> {
    let put = edits.bridges.iter().filter(|bridge| members.contains(&bridge.put));
    let put = put.filter_map(|bridge| Some(kinds::of_word(bridge.bridged.kind)?.why(&bridge.bridged)));
    let refused = refusals.iter().filter(|refusal| members.contains(&refusal.edit_id));
    put.chain(refused.map(|refusal| format!("no bridge for {}: {}", refusal.what, refusal.why))).collect()
}

#[cfg(test)]
mod tests;
