//! A plan for programs: `git cleave plan --format json`.

use bstr::ByteSlice;
use serde::Serialize;

use super::plan_text::stat;
use crate::model::{Bridge, EditId, Part, Plan, SeriesIdx, Tie};
use crate::plan::address::addresses;

/// A plan, version 1.
#[derive(Debug, Serialize)]
pub struct JsonPlan {
    version: u32,
    name: String,
    base: String,
    tip: String,
    /// `per-tree`, `one-tree`, `tag` or `flag-day`.
    land: &'static str,
    series: Vec<JsonSeries>,
    bridges: Vec<JsonBridge>,
}

/// Temporary text, by the addresses of its two edits and of the edit of the change that they stand for.
#[derive(Debug, Serialize)]
struct JsonBridge {
    kind: &'static str,
    what: String,
    put: String,
    take: String,
    stands_for: String,
}

#[derive(Debug, Serialize)]
struct JsonSeries {
    name: String,
    home: String,
    tree: Option<String>,
    needs: Vec<String>,
    /// Which part of a longer series.
    part: Option<Part>,
    /// What must have landed before it is sent.
    waits: Vec<String>,
    patches: Vec<JsonPatch>,
}

#[derive(Debug, Serialize)]
struct JsonPatch {
    id: String,
    /// Place on the branch `all`, from 1.
    number: usize,
    subject: String,
    author: String,
    added: usize,
    removed: usize,
    why: Vec<String>,
    edits: Vec<JsonEdit>,
}

#[derive(Debug, Serialize)]
struct JsonEdit {
    address: String,
    path: String,
    relations: Vec<JsonTie>,
}

#[derive(Debug, Serialize)]
struct JsonTie {
    tie: &'static str,
    edit: String,
    reason: String,
}

/// Returns the plan with every edit, its relations and their reasons. Bytes that are not UTF-8 are replaced.
pub fn json(plan: &Plan) -> JsonPlan {
    let addresses = addresses(&plan.change, &plan.edits);
    let mut relations: Vec<Vec<JsonTie>> = (0..plan.edits.len()).map(|_| Vec::new()).collect();
    for relation in &plan.relations {
        let mut push = |at: crate::model::EditId, other: crate::model::EditId, tie: &'static str| {
            let edit = addresses[other.idx()].to_string();
            relations[at.idx()].push(JsonTie { tie, edit, reason: relation.reason.to_string() });
        };
        match relation.tie {
            Tie::Before => {
                push(relation.first, relation.second, "before");
                push(relation.second, relation.first, "after");
            }
            Tie::Together => {
                push(relation.first, relation.second, "together");
                push(relation.second, relation.first, "together");
            }
        }
    }
    let lossy = |bytes: &bstr::BString| bytes.to_str_lossy().into_owned();
    let campaign = &plan.campaign;
    let names = |list: &[SeriesIdx]| list.iter().map(|other| campaign.series[other.0].name.clone()).collect();
    let series = campaign
        .series
        .iter()
        .map(|series| JsonSeries {
            name: series.name.clone(),
            home: lossy(&campaign.home(series.home).name),
            tree: campaign.home(series.home).tree.as_ref().map(lossy),
            needs: names(&series.needs),
            part: series.part,
            waits: names(&series.waits),
            patches: series
                .patches
                .iter()
                .map(|&patch_idx| {
                    let patch = campaign.patch(patch_idx);
                    let stat = stat(plan, &patch.edits);
                    JsonPatch {
                        id: patch.patch_id.clone(),
                        number: patch_idx.0 + 1,
                        subject: lossy(&patch.message.subject),
                        author: format!("{} <{}>", lossy(&patch.author.name), lossy(&patch.author.email)),
                        added: stat.added,
                        removed: stat.removed,
                        why: patch.why.clone(),
                        edits: patch
                            .edits
                            .iter()
                            .map(|edit_id| JsonEdit {
                                address: addresses[edit_id.idx()].to_string(),
                                path: plan.change.file(plan.edits.get(*edit_id).file_id).path().to_str_lossy().into_owned(),
                                relations: std::mem::take(&mut relations[edit_id.idx()]),
                            })
                            .collect(),
                    }
                })
                .collect(),
        })
        .collect();
    let address = |edit_id: EditId| addresses[edit_id.idx()].to_string();
    let bridge = |bridge: &Bridge| JsonBridge {
        kind: bridge.bridged.kind,
        what: lossy(&bridge.bridged.shown()),
        put: address(bridge.put),
        take: address(bridge.take),
        stands_for: address(bridge.superseded),
    };
    JsonPlan {
        bridges: plan.edits.bridges.iter().map(bridge).collect(),
        version: 1,
        name: plan.name.clone(),
        base: plan.change.base_commit_id.to_string(),
        tip: plan.change.tip_commit_id.to_string(),
        land: plan.landing.mode.word(),
        series,
    }
}
