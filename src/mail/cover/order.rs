//! Why the patches of a series stand in this order: what ties one to the next, in the words of the code.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BString, ByteSlice};

use super::{indented, joined, listed};
use crate::model::{Plan, Reason, SeriesIdx, Tie};
use crate::plan::series::places;

/// More lines than this are no help: the subjects say the rest.
const LINES: usize = 6;
/// More names than this in one line are counted.
const NAMES: usize = 3;

/// What one patch does for others, from its side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Deed {
    Adds,
    DropsLastUse,
    Bridges,
}

/// Names, each with the patches that wait for it.
type Names<'n> = BTreeMap<&'n BString, BTreeSet<usize>>;

/// Returns the reasons, a line each; nothing where no patch needs another.
pub(super) fn order(plan: &Plan, series_idx: SeriesIdx) -> BString {
    let place = places(plan.edits.len(), &plan.campaign.patches);
    let series = &plan.campaign.series[series_idx.0];
    let number: BTreeMap<usize, usize> = series.patches.iter().enumerate().map(|(idx, patch)| (patch.0, idx + 1)).collect();
    // By the patch and what it does: each name, with the patches that wait for it.
    let mut found: BTreeMap<(usize, Deed), Names<'_>> = BTreeMap::new();
    for relation in plan.relations.iter().filter(|relation| relation.tie == Tie::Before) {
        let of = |edit: crate::model::EditId| place[edit.idx()].and_then(|patch| number.get(&patch).copied());
        let (Some(first), Some(second)) = (of(relation.first), of(relation.second)) else { continue };
        let (deed, name) = match &relation.reason {
            Reason::DefinedBeforeUse(name) => (Deed::Adds, name),
            Reason::LastUseBeforeRemoval(name) => (Deed::DropsLastUse, name),
            Reason::Bridged(name) if plan.edits.bridges.iter().any(|bridge| bridge.put == relation.first) => {
                (Deed::Bridges, name)
            }
            Reason::Bridged(name) => (Deed::DropsLastUse, name),
            _ => continue,
        };
        if first < second {
            found.entry((first, deed)).or_default().entry(name).or_default().insert(second);
        }
    }
    // Patches that do the same for the same ones share a line, where the first of them stands.
    let mut alike: Vec<(Deed, &Names<'_>, Vec<usize>)> = Vec::new();
    for ((first, deed), names) in &found {
        match alike.iter_mut().find(|(other, same, _)| other == deed && *same == names) {
            Some((.., firsts)) => firsts.push(*first),
            None => alike.push((*deed, names, vec![*first])),
        }
    }
    let lines: Vec<BString> = alike.iter().map(|(deed, names, firsts)| line(firsts, *deed, names)).collect();
    if lines.is_empty() {
        return BString::default();
    }
    let mut out = BString::from("Why this order:");
    for line in lines.iter().take(LINES) {
        out.push(b'\n');
        out.extend_from_slice(line);
    }
    if lines.len() > LINES {
        out.extend_from_slice(format!("\n - and so on, {} more", lines.len() - LINES).as_bytes());
    }
    out
}

/// Returns ` - 3 adds gmap_link(), which 4 and 5 use`.
fn line(firsts: &[usize], deed: Deed, names: &Names<'_>) -> BString {
    // Those that most wait for first, ties by name.
    let mut ranked: Vec<_> = names.iter().collect();
    ranked.sort_by_key(|(name, waiting)| (std::cmp::Reverse(waiting.len()), **name));
    let mut shown: Vec<String> = ranked.iter().take(NAMES).map(|(name, _)| name.to_str_lossy().into_owned()).collect();
    if ranked.len() > NAMES {
        shown.push(format!("{} more", ranked.len() - NAMES));
    }
    let named = joined(&shown);
    let waiting: Vec<usize> = names.values().flatten().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let (these, is_one) = (listed(&waiting), waiting.len() == 1);
    let first = listed(firsts);
    let (add, stop, lets) = if firsts.len() == 1 { ("adds", "stops", "lets") } else { ("add", "stop", "let") };
    let text = match deed {
        Deed::Adds => format!(" - {first} {add} {named}, which {these} {}", if is_one { "uses" } else { "use" }),
        Deed::DropsLastUse => {
            format!(" - {first} {stop} using {named}, which {these} {}", if is_one { "removes" } else { "remove" })
        }
        Deed::Bridges => {
            format!(" - {first} {lets} {named} go by both names, which {these} {}", if is_one { "needs" } else { "need" })
        }
    };
    indented(&text, "   ")
}
