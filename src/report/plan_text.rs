//! A campaign as people look at it.

use std::collections::BTreeSet;

use bstr::{BStr, BString, ByteSlice};
use unicode_width::UnicodeWidthStr;

use crate::model::address::shown;
use crate::model::{Campaign, EditId, Patch, Plan, Series, SeriesIdx};
use crate::plan::address::removed;
use crate::plan::carry::Kept;
use crate::ui::color::{Label, Line};

/// Columns that a subject takes at least, so that the numbers behind stand in a column.
const SUBJECT: usize = 62;
/// More paths than this are counted.
const PATHS: usize = 3;
/// More reasons than this are counted.
const REASONS: usize = 2;

/// Lines that come and lines that go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stat {
    /// Lines inserted.
    pub added: usize,
    /// Lines removed.
    pub removed: usize,
}

/// Counts the lines of these edits.
pub fn stat(plan: &Plan, edits: &[EditId]) -> Stat {
    let mut stat = Stat::default();
    for &edit_id in edits {
        let edit = plan.edits.get(edit_id);
        stat.added += edit.inserted().lines().count();
        stat.removed += removed(&plan.change, &plan.edits, edit).lines().count();
    }
    stat
}

/// Draws the campaign: totals, then each series with its route, its needs and its patches.
pub fn picture(plan: &Plan) -> Vec<Line> {
    let campaign = &plan.campaign;
    let plain = |text: String| (Label::Plain, text);
    let all: Vec<EditId> = campaign.patches.iter().flat_map(|patch| patch.edits.iter().copied()).collect();
    let total = stat(plan, &all);
    let homes: BTreeSet<_> = campaign.series.iter().map(|series| series.home).collect();
    let mut lines: Vec<Line> = vec![vec![
        (Label::Heading, plan.name.clone()),
        plain(format!(
            "  {}, {}, {}, {}",
            count(plan.change.files.len(), "file"),
            count(campaign.patches.len(), "patch"),
            count(campaign.series.len(), "series"),
            count(homes.len(), "home"),
        )),
        plain("  ".into()),
        (Label::Added, format!("+{}", total.added)),
        plain(" ".into()),
        (Label::Removed, format!("-{}", total.removed)),
    ]];
    lines.push(vec![(
        Label::Dim,
        format!(
            "base {}, tip {}, {}",
            plan.change.base_commit_id.short(),
            plan.change.tip_commit_id.short(),
            count(plan.edits.len(), "edit")
        ),
    )]);
    let width = campaign.patches.len().to_string().len();
    for series in &campaign.series {
        let home = campaign.home(series.home);
        lines.push(Vec::new());
        let mut head: Line = vec![(Label::Heading, series.name.clone()), plain("  ".into()), plain(text(home.name.as_ref()))];
        if let Some(tree) = &home.tree {
            head.push((Label::Dim, format!("  {}", text(tree.as_ref()))));
        }
        lines.push(head);
        let standing = standing(campaign, series);
        if !standing.is_empty() {
            lines.push(vec![(Label::Dim, format!("{:width$}  {standing}", ""))]);
        }
        for &patch_idx in &series.patches {
            let patch = campaign.patch(patch_idx);
            let stat = stat(plan, &patch.edits);
            let subject = text(patch.message.subject.as_ref());
            let pad = SUBJECT.saturating_sub(subject.width());
            lines.push(vec![
                (Label::Dim, format!("{:>width$}  ", patch_idx.0 + 1)),
                plain(subject),
                plain(format!("{:pad$}  ", "")),
                (Label::Added, format!("+{}", stat.added)),
                plain(" ".into()),
                (Label::Removed, format!("-{}", stat.removed)),
            ]);
            lines.push(vec![plain(format!("{:width$}    ", "")), (Label::Path, paths(plan, patch))]);
            for why in patch.why.iter().take(REASONS) {
                lines.push(vec![plain(format!("{:width$}    ", "")), (Label::Warning, why.clone())]);
            }
            if patch.why.len() > REASONS {
                lines.push(vec![(
                    Label::Dim,
                    format!("{:width$}    and {} more: git cleave explain {}", "", patch.why.len() - REASONS, patch.patch_id),
                )]);
            }
        }
    }
    lines
}

/// More series than this are counted.
const SERIES: usize = 4;

/// Says how far a stored plan holds in the one that was made of it.
pub fn kept(kept: Kept) -> String {
    let Kept { n_same, n_changed, n_new, n_gone } = kept;
    let mut parts = vec![format!("{} as {}", count(n_same, "patch"), if n_same == 1 { "it was" } else { "they were" })];
    let others = [(n_changed, "with other edits"), (n_new, "new"), (n_gone, "gone")];
    parts.extend(others.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")));
    format!("kept the cut: {}; --fresh cuts anew\n", parts.join(", "))
}

/// Returns where a series stands among the others: which part it is, what it needs, what it waits for; empty for one that stands alone.
fn standing(campaign: &Campaign, series: &Series) -> String {
    let named = |list: &[SeriesIdx]| match list.len() {
        n if n > SERIES => count(n, "series"),
        _ => list.iter().map(|other| campaign.series[other.0].name.as_str()).collect::<Vec<_>>().join(", "),
    };
    let mut said: Vec<String> = Vec::new();
    said.extend(series.part.map(|part| format!("part {} of {}", part.number, part.of)));
    if !series.needs.is_empty() && series.needs != series.waits {
        said.push(format!("needs {}", named(&series.needs)));
    }
    if !series.waits.is_empty() {
        let have = if series.waits.len() == 1 { "has" } else { "have" };
        said.push(format!("held back until {} {have} landed", named(&series.waits)));
    }
    said.join("; ")
}

/// Returns `1 patch`, `2 patches`.
pub fn count(n: usize, what: &str) -> String {
    let plural = match what {
        "series" => "series".to_owned(),
        "patch" => "patches".to_owned(),
        other => format!("{other}s"),
    };
    if n == 1 { format!("1 {what}") } else { format!("{n} {plural}") }
}

fn text(bytes: &BStr) -> String {
    shown(bytes)
}

/// Returns the paths of a patch: few of them whole, more of them by name and number.
fn paths(plan: &Plan, patch: &Patch) -> String {
    let files: BTreeSet<_> = patch.edits.iter().map(|&edit_id| plan.edits.get(edit_id).file_id).collect();
    let mut paths: Vec<BString> = files.iter().map(|file_id| plan.change.file(*file_id).path().to_owned()).collect();
    // What becomes another kind of entry leaves and comes at one path.
    paths.dedup();
    let mut shown: Vec<String> = paths.iter().take(PATHS).map(|path| text(path.as_ref())).collect();
    // Files in the folder of the first are told by name alone.
    if let Some(folder) = paths.first().and_then(|path| path.rfind_byte(b'/').map(|slash| path[..=slash].to_vec())) {
        for (path, shown) in paths.iter().zip(shown.iter_mut()).skip(1) {
            if path.starts_with(&folder) && path.rfind_byte(b'/') == Some(folder.len() - 1) {
                *shown = text(path[folder.len()..].as_bstr());
            }
        }
    }
    let more = if paths.len() > PATHS { format!(" and {}", more_files(paths.len() - PATHS)) } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

fn more_files(n: usize) -> String {
    if n == 1 { "1 more file".into() } else { format!("{n} more files") }
}
