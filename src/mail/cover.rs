//! What a cover letter says: its own words, the place of the series among the others, its patches.

use bstr::{BString, ByteSlice};

use crate::git::format_patch::MailCommit;
use crate::model::{Campaign, Plan, Series, SeriesIdx};
use crate::plan::cover::NO_BLURB;

/// Columns of a paragraph, as git wraps what it writes into a cover letter.
const WIDTH: usize = 72;

/// Returns all of a cover letter's text that stands before the shortlog; `notes` as from [`notes`].
pub(super) fn body(plan: &Plan, series_idx: SeriesIdx, commits: &[MailCommit], notes: &[String]) -> Vec<u8> {
    let cover = &plan.campaign.series[series_idx.0].cover;
    let trailers = bstr::join("\n", &cover.trailers).into();
    let mut parts = vec![why(plan, series_idx), trailers, place(plan, series_idx), table(commits)];
    parts.extend(notes.iter().map(|note| filled(note)));
    parts.retain(|part| !part.is_empty());
    let mut out = bstr::join("\n\n", parts);
    out.push(b'\n');
    out
}

/// Returns what people say of the whole and of this series, or what stands for a text that is missing.
fn why(plan: &Plan, series_idx: SeriesIdx) -> BString {
    let (blurb, own) = (plan.words.blurb.trim(), plan.campaign.series[series_idx.0].cover.body.trim());
    match (blurb.is_empty(), own.is_empty()) {
        (true, true) => NO_BLURB.into(),
        (false, true) => blurb.into(),
        (true, false) => own.into(),
        // Plans of earlier programs have the blurb in every cover.
        (false, false) if blurb == own => own.into(),
        (false, false) => bstr::concat([blurb, b"\n\n", own]).into(),
    }
}

/// Returns what the mail of a single patch says below its `---`: each a paragraph, without lines that `git apply` looks for.
pub(super) fn aside(plan: &Plan, series_idx: SeriesIdx, notes: &[String]) -> Vec<u8> {
    let mut parts = vec![place(plan, series_idx)];
    parts.extend(notes.iter().map(|note| filled(note)));
    parts.retain(|part| !part.is_empty());
    parts.iter().flat_map(|part| [part.as_slice(), b"\n\n"].concat()).collect()
}

/// Returns what has to be known to apply a series, each a sentence; `has_crlf` says whether a diff has lines that end in CR, which
/// `git am` drops unless it is told. It takes a bracket off the beginning of a subject too.
pub(super) fn notes(commits: &[MailCommit], has_crlf: bool) -> Vec<String> {
    let shortened = commits.iter().any(|commit| commit.subject.starts_with(b"["));
    let mut notes = Vec::new();
    if has_crlf {
        notes.push("Apply with 'git am --keep-cr': some files have lines that end in CR LF.".to_owned());
    }
    if shortened {
        notes.push("Apply with 'git am --keep-non-patch': subjects begin with a bracket.".to_owned());
    }
    notes
}

/// Returns which series there are and where this one stands among them; nothing where it is the only one.
fn place(plan: &Plan, series_idx: SeriesIdx) -> BString {
    let campaign = &plan.campaign;
    if campaign.series.len() < 2 {
        return BString::default();
    }
    let needs = campaign.all_needs(series_idx);
    let opening = format!(
        "This is one of {} series which together are the change '{}': {}, {}. They apply in this order:",
        campaign.series.len(),
        plan.name,
        count(campaign.patches.len(), "patch", "patches"),
        count(plan.change.files.len(), "file", "files"),
    );
    let mut out = filled(&opening);
    out.push(b'\n');
    for (idx, series) in campaign.series.iter().enumerate() {
        out.extend_from_slice(&entry(campaign, SeriesIdx(idx), series, SeriesIdx(idx) == series_idx));
    }
    let closing = match needs.as_slice() {
        [] => "This series needs none of the others.".to_owned(),
        [only] => format!("This series needs series {} first: the patch ids at the end name its patches.", only.0 + 1),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(|needed| (needed.0 + 1).to_string()).collect();
            let list = format!("{} and {}", first.join(", "), last.0 + 1);
            format!("This series needs series {list} first, in this order: the patch ids at the end name their patches.")
        }
    };
    out.extend_from_slice(b"\n\n");
    out.extend_from_slice(&filled(&closing));
    out
}

/// Returns the lines of one series in the list of all.
fn entry(campaign: &Campaign, series_idx: SeriesIdx, series: &Series, is_this: bool) -> Vec<u8> {
    let number = series_idx.0 + 1;
    let title = match series.patches.first() {
        Some(only) if series.cover.subject.is_empty() || series.patches.len() == 1 => &campaign.patch(*only).message.subject,
        _ => &series.cover.subject,
    };
    let here = if is_this { " (this series)" } else { "" };
    let needs: Vec<String> = series.needs.iter().map(|needed| (needed.0 + 1).to_string()).collect();
    let needs = if needs.is_empty() { String::new() } else { format!("; needs {}", needs.join(", ")) };
    let patches = count(series.patches.len(), "patch", "patches");
    let home = &campaign.home(series.home).name;
    let head = format!("\n {number:>2}. {}{here}: ", series.name);
    let tail = format!("\n     {patches} for {home}{needs}");
    bstr::concat([head.as_bytes(), title.as_slice(), tail.as_bytes()])
}

/// Returns the patches in order, a line each.
fn table(commits: &[MailCommit]) -> BString {
    let width = commits.len().to_string().len();
    let mut out = BString::from("Patches in order:\n");
    for (idx, commit) in commits.iter().enumerate() {
        out.extend_from_slice(format!("\n  {:0width$}/{}  ", idx + 1, commits.len()).as_bytes());
        out.extend_from_slice(&commit.subject);
    }
    out
}

fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// Returns a paragraph in lines of at most [`WIDTH`] columns.
fn filled(text: &str) -> BString {
    let mut out = String::new();
    let mut used = 0;
    for word in text.split(' ') {
        let width = unicode_width::UnicodeWidthStr::width(word);
        if used > 0 && used + 1 + width > WIDTH {
            out.push('\n');
            used = 0;
        } else if used > 0 {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += width;
    }
    out.into()
}
