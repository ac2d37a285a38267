//! The rounds of a repair, for people and for programs: `git cleave verify --repair`.

use std::collections::{BTreeMap, BTreeSet};

use bstr::ByteSlice;
use cleave_c::span::Lines;
use serde::Serialize;

use super::JsonRelation;
use super::plan_text::count;
use crate::model::{EditId, Patch, Plan};
use crate::pipeline::repair::{End, Round};
use crate::plan::address::{addresses, first_line};
use crate::plan::repair::{Reordered, reordered};

/// One round, for programs; version 1.
#[derive(Debug, Serialize)]
pub struct JsonRound {
    round: usize,
    /// Steps that did not build, from 1.
    failing: Vec<usize>,
    learned: Vec<JsonRelation>,
    searched: Option<JsonSearch>,
    moved: Vec<JsonMoved>,
    reordered: Vec<JsonReordered>,
    gone: Vec<JsonGone>,
}

/// A patch that all its edits have left.
#[derive(Debug, Serialize)]
struct JsonGone {
    patch: String,
    subject: String,
    from: usize,
    to: Vec<usize>,
}

#[derive(Debug, Serialize)]
struct JsonSearch {
    step: usize,
    judged: usize,
    smallest: bool,
    breaks: Vec<String>,
    needs: Vec<String>,
}

#[derive(Debug, Serialize)]
struct JsonMoved {
    path: String,
    line: usize,
    text: String,
    edit: String,
    from: usize,
    to: usize,
    reason: String,
}

#[derive(Debug, Serialize)]
struct JsonReordered {
    patch: String,
    subject: String,
    from: usize,
    to: usize,
    reason: String,
}

/// Returns what is to be said of a round, with the plans before and after it.
pub fn json(before: &Plan, after: &Plan, round: &Round) -> JsonRound {
    let addresses = addresses(&before.change, &before.edits);
    let shown = |edit_id: EditId| addresses[edit_id.idx()].to_string();
    let moved_whole = |reordered: Reordered<'_>| JsonReordered {
        patch: reordered.patch.patch_id.clone(),
        subject: reordered.patch.message.subject.to_str_lossy().into_owned(),
        from: reordered.from + 1,
        to: reordered.to + 1,
        reason: reordered.why.map_or_else(String::new, |relation| relation.reason.to_string()),
    };
    let is_left = |patch: &Patch| after.campaign.patches.iter().any(|other| other.patch_id == patch.patch_id);
    let gone = before.campaign.patches.iter().enumerate().filter(|(_, patch)| !is_left(patch)).map(|(from, patch)| {
        let to: BTreeSet<usize> = round.moved.iter().filter(|moved| moved.from == from).map(|moved| moved.to + 1).collect();
        let subject = patch.message.subject.to_str_lossy().into_owned();
        JsonGone { patch: patch.patch_id.clone(), subject, from: from + 1, to: to.into_iter().collect() }
    });
    let moved = round.moved.iter().map(|moved| {
        let edit = before.edits.get(moved.edit_id);
        JsonMoved {
            path: before.change.file(edit.file_id).path().to_str_lossy().into_owned(),
            line: line_of(before, moved.edit_id),
            text: first_line(&before.change, &before.edits, edit).to_str_lossy().into_owned(),
            edit: shown(moved.edit_id),
            from: moved.from + 1,
            to: moved.to + 1,
            reason: moved.why.reason.to_string(),
        }
    });
    JsonRound {
        round: round.number,
        failing: round.failing.clone(),
        learned: round.learned.iter().map(|relation| JsonRelation::of(relation, &addresses)).collect(),
        searched: round.found.as_ref().map(|(step, found)| JsonSearch {
            step: *step,
            judged: found.n_judged,
            smallest: found.is_smallest,
            breaks: found.breaks.iter().copied().map(shown).collect(),
            needs: found.needs.iter().copied().map(shown).collect(),
        }),
        moved: moved.collect(),
        reordered: reordered(&before.campaign.patches, &after.campaign.patches, &round.learned)
            .into_iter()
            .map(moved_whole)
            .collect(),
        gone: gone.collect(),
    }
}

/// Returns the line in the tip where an edit puts something in, else that of the base from which it takes away; from 1.
fn line_of(plan: &Plan, edit_id: EditId) -> usize {
    let edit = plan.edits.get(edit_id);
    let file = plan.change.file(edit.file_id);
    match (edit.tip_span.filter(|span| !span.is_empty()), edit.base_span()) {
        (Some(span), _) => Lines::of(file.tip_text()).line_at(span.start) + 1,
        (None, Some(span)) => Lines::of(file.base_text()).line_at(span.start) + 1,
        (None, None) => 1,
    }
}

/// Edits that went the same way for the same reason, beyond this many, are counted only.
const SHOWN: usize = 5;

/// Returns a line a move, under a heading.
pub fn text(told: &JsonRound) -> String {
    let failing: Vec<String> = told.failing.iter().map(usize::to_string).collect();
    let steps = if failing.len() == 1 { "step" } else { "steps" };
    let mut out = format!("round {}: {steps} {} failed\n", told.round, failing.join(", "));
    if let Some(searched) = &told.searched {
        let all = if searched.smallest { "" } else { ", not all that could be" };
        out.push_str(&format!("  searched what step {} needs: {}{all}\n", searched.step, count(searched.judged, "build")));
    }
    let mut ways: BTreeMap<(usize, usize, &str), Vec<&JsonMoved>> = BTreeMap::new();
    for moved in &told.moved {
        ways.entry((moved.from, moved.to, &moved.reason)).or_default().push(moved);
    }
    for ((from, to, reason), all) in ways {
        for moved in all.iter().take(SHOWN) {
            out.push_str(&format!(
                "  moved {}:{} '{}' from patch {from} to patch {to}: {reason}\n",
                moved.path, moved.line, moved.text
            ));
        }
        if all.len() > SHOWN {
            out.push_str(&format!("  and {} more\n", all.len() - SHOWN));
        }
    }
    for gone in &told.gone {
        let to: Vec<String> = gone.to.iter().map(usize::to_string).collect();
        out.push_str(&format!(
            "  patch {} ('{}') is gone with its message: all of it went to patch {}\n",
            gone.from,
            gone.subject,
            to.join(", ")
        ));
    }
    for moved in &told.reordered {
        out.push_str(&format!("  patch {} is now patch {} ('{}'): {}\n", moved.from, moved.to, moved.subject, moved.reason));
    }
    out
}

/// Returns a sentence on how far repair came.
pub fn end(end: End, n_rounds: usize) -> String {
    match end {
        End::Done if n_rounds == 0 => "nothing to repair\n".to_owned(),
        End::Done => format!("repaired in {}\n", count(n_rounds, "round")),
        End::Base => "the base does not build with this command: nothing is repaired\n".to_owned(),
        End::Left => "no order of the edits mends what still fails\n".to_owned(),
        End::Rounds => format!("given up after {}\n", count(n_rounds, "round")),
    }
}
