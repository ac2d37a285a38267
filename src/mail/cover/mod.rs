//! What a cover letter says: its own words, the place of the series among the others, why its patches stand in this order, what was built.
//!
//! Shortlog and diffstat, which name the patches, are git's and follow. What can be said in a line is, and what a reader of one series does not need stands
//! in the first mail of the campaign, to which the others point.

mod built;
mod order;
mod place;

use bstr::{BStr, BString, ByteSlice};

use crate::describe::covers;
use crate::git::format_patch::MailCommit;
use crate::model::wording::NO_BLURB;
use crate::model::{ObjectId, Plan, SeriesIdx};
use crate::write::Onto;

pub(super) use built::{built, failing};
pub use place::why as needed_for;

/// Columns of a paragraph, as git wraps what it writes into a cover letter.
const WIDTH: usize = 72;

/// A series and what its mails say of it, beside the words of its author.
#[derive(Clone, Copy)]
pub(super) struct SeriesFacts<'t> {
    pub(super) plan: &'t Plan,
    pub(super) series_idx: SeriesIdx,
    /// Where the first mail of each series can be read, by [`SeriesIdx`].
    pub(super) links: &'t [String],
    /// What was built, and what came of it.
    pub(super) built: &'t BString,
    /// What has to be known to apply it, each a sentence.
    pub(super) notes: &'t [String],
    /// Whether homes have maintainers, who can be asked for an Ack.
    pub(super) has_maintainers: bool,
}

/// The steps of a series.
#[derive(Clone, Copy)]
pub(super) struct Trees<'t> {
    /// On the branch of the series, which has what it needs and no more.
    pub(super) own: &'t [ObjectId],
    /// On the branch of the whole change.
    pub(super) whole: &'t [ObjectId],
    /// What they stand on.
    pub(super) bases: &'t [ObjectId],
    /// The code that each patch changes.
    pub(super) code: &'t [Vec<BString>],
    /// Whether the patches are posted on another base than the trees have.
    pub(super) is_elsewhere: bool,
}

/// Returns all of a cover letter's text that stands before the shortlog.
pub(super) fn body(known: SeriesFacts<'_>) -> Vec<u8> {
    let mut parts: Vec<BString> = vec![own(known.plan, known.series_idx).into()];
    parts.extend(facts(known));
    let mut out = bstr::join("\n\n", parts);
    out.push(b'\n');
    out
}

/// Returns what a cover letter says that people wrote.
pub(super) fn own(plan: &Plan, series_idx: SeriesIdx) -> Vec<u8> {
    let trailers: BString = bstr::join("\n", &plan.campaign.series[series_idx.0].cover.trailers).into();
    bstr::join("\n\n", [why(plan, series_idx), trailers].iter().filter(|part| !part.is_empty()))
}

/// Returns what people say of the whole and of this series, or what stands for a text that is missing.
pub(super) fn why(plan: &Plan, series_idx: SeriesIdx) -> BString {
    let (blurb, own) = (plan.words.blurb.trim(), plan.campaign.series[series_idx.0].cover.body.trim());
    let is_part = plan.campaign.series.len() > 1 && !blurb.is_empty() && blurb == covers::blurb(&plan.change).trim();
    let framed = bstr::concat([b"The commit of which this series is a part says:\n\n", blurb]);
    let blurb = if is_part { framed.as_slice() } else { blurb };
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
pub(super) fn aside(known: SeriesFacts<'_>) -> Vec<u8> {
    facts(known).iter().flat_map(|part| [part.as_slice(), b"\n\n"].concat()).collect()
}

/// Returns what the program knows of the series, a paragraph each, none empty.
fn facts(known: SeriesFacts<'_>) -> Vec<BString> {
    let mut parts = place::place(known);
    parts.push(order::order(known.plan, known.series_idx));
    parts.push(known.built.clone());
    parts.extend(known.notes.iter().map(|note| filled(note)));
    parts.retain(|part| !part.is_empty());
    parts
}

/// Returns on what a series stands, where that is not plain. The tree goes by the address in MAINTAINERS (`tree`, a `T:` line): what the sender's
/// remote is called says nothing to others.
pub(super) fn onto(onto: &Onto, tree: Option<&BStr>) -> Vec<String> {
    let address = tree.map(|tree| tree.strip_prefix(b"git ").unwrap_or(tree).as_bstr().to_string());
    match onto {
        Onto::Base => Vec::new(),
        Onto::Tree { branch } => vec![format!("The base commit is that of {}.", address.as_ref().unwrap_or(branch))],
        Onto::Differs { branch, path } => {
            vec![format!("Not based on {}, which has another {path}.", address.as_ref().unwrap_or(branch))]
        }
    }
}

/// Returns what has to be known to apply a series, each a sentence; `has_crlf` says whether a diff has lines that end in CR, which
/// `git am` drops unless it is known. It takes a bracket off the beginning of a subject too.
pub(super) fn notes(commits: &[MailCommit], has_crlf: bool, is_base_public: bool) -> Vec<String> {
    let is_shortened = commits.iter().any(|commit| commit.subject.starts_with(b"["));
    let notes = [
        (!is_base_public, "The base commit below is on no public branch yet."),
        (has_crlf, "Apply with 'git am --keep-cr': some files have lines that end in CR LF."),
        (is_shortened, "Apply with 'git am --keep-non-patch': subjects begin with a bracket."),
    ];
    notes.into_iter().filter(|(holds, _)| *holds).map(|(_, note)| note.to_owned()).collect()
}

fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// Returns `1`, `1 and 2`, `1, 2 and 5`, `1-4 and 7`; numbers are sorted.
fn listed(numbers: &[usize]) -> String {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for &number in numbers {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => runs.push((number, number)),
        }
    }
    let words: Vec<String> = runs
        .iter()
        .flat_map(|&(first, last)| match last - first {
            0 => vec![first.to_string()],
            1 => vec![first.to_string(), last.to_string()],
            _ => vec![format!("{first}-{last}")],
        })
        .collect();
    joined(&words)
}

/// Returns `a`, `a and b`, `a, b and c`.
fn joined(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Returns a paragraph in lines of at most [`WIDTH`] columns.
fn filled(text: &str) -> BString {
    indented(text, "")
}

/// The same, with what stands before each line but the first.
fn indented(text: &str, before: &str) -> BString {
    let mut out = String::new();
    let mut used = 0;
    // Blanks that a line of a list begins with are part of its first word.
    let lead = text.len() - text.trim_start_matches(' ').len();
    out.push_str(&text[..lead]);
    for word in text[lead..].split(' ') {
        let width = unicode_width::UnicodeWidthStr::width(word);
        if used > before.len() && used + 1 + width > WIDTH {
            out.push('\n');
            out.push_str(before);
            used = before.len();
        } else if used > 0 {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += width;
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_in_runs() {
        let shown = |numbers: &[usize]| listed(numbers);
        assert_eq!(shown(&[1]), "1");
        assert_eq!(shown(&[1, 2]), "1 and 2");
        assert_eq!(shown(&[1, 2, 3, 7]), "1-3 and 7");
        assert_eq!(shown(&[1, 3, 5, 6]), "1, 3, 5 and 6");
        assert_eq!(shown(&[]), "");
    }

    #[test]
    fn paragraphs_are_filled() {
        let text = "word ".repeat(20);
        let lines: Vec<usize> = indented(text.trim_end(), "   ").lines().map(<[u8]>::len).collect();
        assert_eq!(lines, [69, 32]);
    }
}
