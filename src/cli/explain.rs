//! `git cleave explain`: why here, why this order.

use std::collections::BTreeMap;

use clap::Args;

use super::{Context, Failure, exit};
use crate::model::{EditId, PatchIdx, Plan, Tie};
use crate::pipeline;
use crate::plan::address::addresses;
use crate::plan::series::places;
use crate::plan::store::edit_line;

/// Say why a patch holds what it holds and stands where it stands
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// A patch id, its number, or a path
    what: String,
    /// Which change, where there are several plans
    #[arg(long, value_name = "CHANGE")]
    name: Option<String>,
}

pub(crate) fn run(context: &Context, args: ExplainArgs) -> Result<u8, Failure> {
    let repository = context.repository()?;
    let name = context.change(&repository, args.name.as_deref())?;
    let plan = pipeline::load(&repository, &name)?;
    let wanted = wanted(&plan, &args.what);
    if wanted.is_empty() {
        return Err(
            Failure::new(exit::NO, format!("'{}' is no patch or path of '{name}'", args.what)).hint("git cleave edit --print")
        );
    }
    for patch_idx in wanted {
        context.print(&explained(&plan, patch_idx))?;
    }
    Ok(exit::DONE)
}

/// Finds the patches that a number, an id or a path means.
fn wanted(plan: &Plan, what: &str) -> Vec<PatchIdx> {
    let patches = &plan.campaign.patches;
    let number = what.parse::<usize>().ok().filter(|number| (1..=patches.len()).contains(number));
    (0..patches.len())
        .map(PatchIdx)
        .filter(|patch_idx| {
            let patch = plan.campaign.patch(*patch_idx);
            let touches = |edit_id: &EditId| plan.change.file(plan.edits.get(*edit_id).file_id).path() == what;
            number == Some(patch_idx.0 + 1) || patch.patch_id == what || patch.edits.iter().any(touches)
        })
        .collect()
}

fn explained(plan: &Plan, patch_idx: PatchIdx) -> String {
    let patch = plan.campaign.patch(patch_idx);
    let addresses = addresses(&plan.change, &plan.edits);
    let place = places(plan.edits.len(), &plan.campaign.patches);
    let mut text = format!("{} {}\n", patch_idx.0 + 1, patch.message.subject);
    if let Some(series_idx) = plan.campaign.series_of(patch_idx) {
        let series = &plan.campaign.series[series_idx.0];
        text.push_str(&format!(
            "\nIn series '{}': {} owns most of its lines.\n",
            series.name,
            plan.campaign.home(patch.home).name
        ));
    }
    text.push_str("\nIts edits:\n");
    for &edit_id in &patch.edits {
        text.push_str(&format!("  {}\n", edit_line(plan, &addresses, edit_id)));
    }
    if !patch.why.is_empty() {
        text.push_str("\nWhy it is not smaller:\n");
        patch.why.iter().for_each(|why| text.push_str(&format!("  {why}\n")));
    }
    let mut after: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let mut before: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for relation in plan.relations.iter().filter(|relation| relation.tie == Tie::Before) {
        let (Some(first), Some(second)) = (place[relation.first.idx()], place[relation.second.idx()]) else { continue };
        let list = match (first == patch_idx.0, second == patch_idx.0) {
            (false, true) => after.entry(first).or_default(),
            (true, false) => before.entry(second).or_default(),
            _ => continue,
        };
        let reason = relation.reason.to_string();
        if !list.contains(&reason) {
            list.push(reason);
        }
    }
    for (title, list) in [("After", after), ("Before", before)] {
        if !list.is_empty() {
            text.push_str(&format!("\n{title}:\n"));
        }
        for (other, reasons) in list {
            text.push_str(&format!("  {} {}\n", other + 1, plan.campaign.patches[other].message.subject));
            reasons.iter().take(3).for_each(|reason| text.push_str(&format!("      {reason}\n")));
            if reasons.len() > 3 {
                text.push_str(&format!("      and {} more reasons\n", reasons.len() - 3));
            }
        }
    }
    text.push('\n');
    text
}
