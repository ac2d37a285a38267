//! Where a series stands among the others: what it needs, what waits for it, how all of it is meant to land.

use std::collections::BTreeSet;

use bstr::{BString, ByteSlice};

use super::{SeriesFacts, count, filled, indented, listed};
use crate::model::{Campaign, EditId, HomeIdx, LandingMode, PatchIdx, Plan, Reason, Relation, Series, SeriesIdx, Tie};
use crate::plan::series::places;

/// Returns the paragraphs; none for a change that is one series and lands in one tree.
pub(super) fn place(known: SeriesFacts<'_>) -> Vec<BString> {
    let SeriesFacts { plan, series_idx, links, .. } = known;
    let campaign = &plan.campaign;
    let mut parts: Vec<BString> = Vec::new();
    if campaign.series.len() > 1 {
        parts.push(opening(plan, series_idx, links));
        parts.push(needs(plan, series_idx, links));
        if series_idx.0 == 0 {
            parts.push(all(campaign, links));
        } else {
            parts.push(last(campaign, series_idx));
        }
    }
    parts.push(way(plan, series_idx, known.has_maintainers));
    parts.retain(|part| !part.is_empty());
    parts
}

fn opening(plan: &Plan, series_idx: SeriesIdx, links: &[String]) -> BString {
    let campaign = &plan.campaign;
    let (number, n_series) = (series_idx.0 + 1, campaign.series.len());
    if series_idx.0 > 0 {
        let series = &campaign.series[series_idx.0];
        let part = series.part.map_or_else(String::new, |part| {
            format!(", part {} of {} for {}", part.number, part.of, name(campaign, series.home))
        });
        let text = format!("Series {number} of {n_series}{part}; the first one lists them all:");
        return bstr::concat([filled(&text).as_slice(), b"\n", links[0].as_bytes()]).into();
    }
    filled(&format!(
        "The first of {n_series} series, {} to {} in all.",
        count(campaign.patches.len(), "patch", "patches"),
        count(plan.change.files.len(), "file", "files"),
    ))
}

/// What must be applied before, and what must have landed.
fn needs(plan: &Plan, series_idx: SeriesIdx, links: &[String]) -> BString {
    let campaign = &plan.campaign;
    let series = &campaign.series[series_idx.0];
    let numbers = |list: &[SeriesIdx]| listed(&list.iter().map(|other| other.0 + 1).collect::<Vec<_>>());
    let direct: Vec<SeriesIdx> = series.needs.iter().copied().filter(|needed| !series.waits.contains(needed)).collect();
    let mut out: Vec<BString> = Vec::new();
    if !series.waits.is_empty() {
        let (these, have) = match series.waits.as_slice() {
            list if list.len() > 1 && list.len() + 1 == campaign.series.len() => ("all the others".to_owned(), "have"),
            [one] => (format!("series {}", one.0 + 1), "has"),
            list => (format!("series {}", numbers(list)), "have"),
        };
        out.push(filled(&format!("Held back: please do not apply it before {these} {have} landed.")));
    }
    match direct.as_slice() {
        [] if series.waits.is_empty() => {
            // What a person set aside may be needed all the same.
            let is_sure = !plan.overridden.iter().any(|relation| crosses(plan, series_idx, relation));
            let names = if is_sure { ", and nothing in it names what they bring" } else { "" };
            out.push(filled(&format!("It applies on the base commit below without the others{names}.")));
        }
        [] => {}
        list => {
            for needed in list {
                let why = why(plan, series_idx, *needed).map_or_else(String::new, |why| format!(", which {why}"));
                let text = match needed.0 {
                    0 if series_idx.0 > 0 => format!("It needs the first one{why}."),
                    idx => format!("It needs series {}, {}{why}:", idx + 1, quoted(campaign, &campaign.series[idx])),
                };
                out.push(filled(&text));
                if needed.0 > 0 {
                    out.push(links[needed.0].as_str().into());
                }
            }
            let n_needs = campaign.all_needs(series_idx).len();
            let those = if n_needs == 1 { "that" } else { "those" };
            out.push(filled(&format!("With {those} it applies on the base commit below.")));
        }
    }
    bstr::join("\n", out).into()
}

/// Whether a relation ties a series to another one.
fn crosses(plan: &Plan, series_idx: SeriesIdx, relation: &Relation) -> bool {
    let is_own = |edit_id| series_of(plan, edit_id) == Some(series_idx);
    is_own(relation.first) != is_own(relation.second)
}

/// Returns the series that holds an edit.
fn series_of(plan: &Plan, edit_id: EditId) -> Option<SeriesIdx> {
    let patch_idx = plan.campaign.patches.iter().position(|patch| patch.edits.contains(&edit_id))?;
    plan.campaign.series_of(PatchIdx(patch_idx))
}

/// Returns what another series does for this one, from the relations between their patches; `None` where only a person says that it is needed.
pub fn why(plan: &Plan, series_idx: SeriesIdx, needed: SeriesIdx) -> Option<String> {
    let campaign = &plan.campaign;
    let place = places(plan.edits.len(), &plan.campaign.patches);
    let of =
        |edit: crate::model::EditId| place[edit.idx()].and_then(|patch| plan.campaign.series_of(crate::model::PatchIdx(patch)));
    let mut deeds: BTreeSet<(&'static str, &BString)> = BTreeSet::new();
    for relation in plan.relations.iter().filter(|relation| relation.tie == Tie::Before) {
        let (deed, name) = match &relation.reason {
            Reason::Bridged(name) if plan.edits.bridges.iter().any(|bridge| bridge.put == relation.first) => {
                ("lets {} go by both names", name)
            }
            Reason::Bridged(name) => ("stops using the old name of {}", name),
            Reason::DefinedBeforeUse(name) => ("adds {}", name),
            Reason::LastUseBeforeRemoval(name) => ("stops using {}", name),
            _ => continue,
        };
        if of(relation.first) == Some(needed) && of(relation.second) == Some(series_idx) {
            deeds.insert((deed, name));
        }
    }
    match deeds.iter().collect::<Vec<_>>().as_slice() {
        // What a person says it needs has reasons of its own.
        [] if plan.words.needs(&campaign.series[series_idx.0].name).any(|name| *name == campaign.series[needed.0].name) => None,
        [] => Some("touches the same lines".into()),
        [(deed, name)] => Some(deed.replace("{}", &name.to_str_lossy())),
        [(deed, name), rest @ ..] => Some(format!("{} and {} more", deed.replace("{}", &name.to_str_lossy()), rest.len())),
    }
}

/// Returns the list of all series, for the first one.
fn all(campaign: &Campaign, links: &[String]) -> BString {
    let all_need_the_first = campaign.series.iter().skip(1).all(|series| series.needs.contains(&SeriesIdx(0)));
    let mut out = BString::from(if all_need_the_first { "All of them; the others need this one:" } else { "All of them:" });
    for (idx, series) in campaign.series.iter().enumerate() {
        let mut said =
            format!(" {:>2}. {}, {}", idx + 1, name(campaign, series.home), count(series.patches.len(), "patch", "patches"));
        if let Some(part) = series.part {
            said.push_str(&format!(", part {} of {}", part.number, part.of));
        }
        let numbers = |list: &[SeriesIdx]| listed(&list.iter().map(|other| other.0 + 1).collect::<Vec<_>>());
        if series.waits.len() > 1 && series.waits.len() + 1 == campaign.series.len() {
            said.push_str(", held back until all others have landed");
        } else if !series.waits.is_empty() {
            said.push_str(&format!(", after {} landed", numbers(&series.waits)));
        } else if series.needs.len() > usize::from(all_need_the_first) {
            said.push_str(&format!(", needs {}", numbers(&series.needs)));
        }
        out.push(b'\n');
        out.extend_from_slice(&indented(&said, "     "));
        match idx {
            0 => out.extend_from_slice(b" (this one)"),
            _ => out.extend_from_slice(format!("\n     {}", links[idx]).as_bytes()),
        }
    }
    out
}

/// Returns what waits for all others, for one of these.
fn last(campaign: &Campaign, series_idx: SeriesIdx) -> BString {
    let waiting = |(idx, other): &(usize, &Series)| {
        *idx != series_idx.0 && other.waits.contains(&series_idx) && other.part.is_none_or(|part| part.number == 1)
    };
    match campaign.series.iter().enumerate().filter(waiting).collect::<Vec<_>>().as_slice() {
        [(idx, series)] => {
            let those = match series.waits.len() {
                1 => "this has",
                n if n + 1 == campaign.series.len() => "all others have",
                _ => "this and others have",
            };
            filled(&format!("Series {}, {}, is held back until {those} landed.", idx + 1, quoted(campaign, series)))
        }
        _ => BString::default(),
    }
}

/// Returns how all of it is meant to land, where that is not the usual way.
fn way(plan: &Plan, series_idx: SeriesIdx, has_maintainers: bool) -> BString {
    let campaign = &plan.campaign;
    let series = &campaign.series[series_idx.0];
    let home = name(campaign, series.home);
    // What waits for all has everything in its tree by then.
    let shares = |other: &Series| other.home != series.home && other.waits.is_empty() && other.needs.contains(&series_idx);
    let is_shared = campaign.series.iter().any(shares);
    match plan.landing.mode {
        LandingMode::PerTree => BString::default(),
        // Folders have no trees and give no Acks.
        LandingMode::OneTree if !has_maintainers => BString::default(),
        LandingMode::OneTree => {
            let others: BTreeSet<HomeIdx> =
                series.patches.iter().map(|patch| campaign.patch(*patch).home).filter(|other| *other != series.home).collect();
            match others.len() {
                0 => BString::default(),
                n => {
                    let shown: Vec<String> = others.iter().take(3).map(|other| name(campaign, *other)).collect();
                    let rest = if n > 3 { format!(" and {} more", n - 3) } else { String::new() };
                    filled(&format!(
                        "All of it is meant to go through {home}; Acks are asked for from {}{rest}.",
                        shown.join(", ")
                    ))
                }
            }
        }
        LandingMode::Tag if is_shared => filled(
            "Please take this as a branch of its own on the base commit below and tag it: the other series stand on it, and their trees will pull it.",
        ),
        LandingMode::Tag if !series.needs.is_empty() => {
            filled("What it needs is to be pulled as a tag from the tree that takes it, not applied again.")
        }
        LandingMode::Tag => BString::default(),
        LandingMode::FlagDay if campaign.series.len() > 1 => filled(
            "All series go in at once, in their order, at a time to be agreed on: please send an Ack and do not apply it before.",
        ),
        LandingMode::FlagDay => BString::default(),
    }
}

fn name(campaign: &Campaign, home: HomeIdx) -> String {
    campaign.home(home).name.to_str_lossy().into_owned()
}

/// Returns the title of a series in quotes: that of its cover, or of its only patch.
fn quoted(campaign: &Campaign, series: &Series) -> String {
    let title = match series.patches.as_slice() {
        [only] => &campaign.patch(*only).message.subject,
        _ => &series.cover.subject,
    };
    format!("\"{}\"", title.to_str_lossy())
}
