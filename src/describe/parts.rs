//! Which messages speak of a patch, and who wrote its lines.
//!
//! ```text
//!   commit 1  {a b c}    said: one message          patch 1 {a b}    the main part of commit 1
//!   commit 2  {d e}      said: two, squashed        patch 2 {c}      says what it does
//!                                                   patch 3 {d e}    both of commit 2, the likelier first
//! ```

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use bstr::{BString, ByteSlice};

use super::actions::main_names;
use super::sources::Sources;
use super::trailers::Dealt;
use crate::model::path_kind::{is_documentation, is_test};
use crate::model::{EditId, Signature};
use crate::similarity::said::{Said, is_joined_by_git, whole};

/// A commit's message is taken when this share of the patch comes from it, and this share of it goes into the patch.
const FITS: f64 = 0.7;
/// The same for the only commit of a change.
const NEARLY_ALL: f64 = 0.95;
/// Of a commit that is cut, the patch it speaks of most takes its message, when it has this share of its lines: always where there are three patches.
const MAIN: f64 = 1.0 / 3.0;
/// Of a commit that was squashed of several, a message is taken for a patch when it is likelier than not the patch's own.
const LIKELY: f32 = 0.5;

/// How a message is meant for a patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// The patch is the whole commit.
    Whole,
    /// It is nearly all of the commit, and little else.
    Nearly,
    /// It is the one, of several that the commit was squashed of, that the patch is likely of.
    Squashed,
    /// It is one of these that fits no patch better, and this one hardly.
    Also,
    /// It is what the message of a commit that is cut speaks of most.
    Main,
    /// It only has lines of the commit.
    No,
}

/// A message that a patch has lines of.
#[derive(Debug, Clone)]
pub(super) struct Part<'s> {
    /// A place in [`crate::model::Change::commits`].
    pub(super) commit: usize,
    /// Lines of the patch that it speaks of; of several messages each has its share.
    pub(super) n_lines: usize,
    pub(super) said: Cow<'s, Said>,
    pub(super) fit: Fit,
}

impl Part<'_> {
    /// Returns who wrote its lines.
    pub(super) fn author(&self, sources: &Sources<'_>) -> Signature {
        let own = &sources.analysis.change.commits[self.commit].author;
        match &self.said.author {
            Some(named) => Signature { name: named.name.clone(), email: named.email.clone(), time: own.time.clone() },
            None => own.clone(),
        }
    }
}

/// Returns the parts of each patch; what its message is made of comes first, then the commits with most lines.
pub(super) fn parts<'s>(sources: &Sources<'s>, patches: &[Vec<EditId>], dealt: &Dealt) -> Vec<Vec<Part<'s>>> {
    let lines: Vec<Lines> = patches.iter().map(|patch| Lines::of(sources, patch)).collect();
    let is_whole = |idx: usize, commit: usize| match lines[idx].commits.as_slice() {
        [(only, count)] => *only == commit && at_least(*count, lines[idx].all, FITS) && dealt.of_commit.get(only) == Some(count),
        _ => false,
    };
    let holders = holders(sources, &is_whole);
    let main = main_patches(sources, patches, &lines, dealt);
    // What was said of the whole change fits a part of it only when that is nearly all.
    let enough = if sources.analysis.change.commits.len() == 1 { NEARLY_ALL } else { FITS };
    let of_patch = |(idx, lines): (usize, &Lines)| {
        let mut parts = Vec::new();
        for &(commit, count) in &lines.commits {
            let text = sources.analysis.change.commits[commit].message.as_bstr();
            let messages = &sources.squashed.messages[commit];
            let one = |said, fit| Part { commit, n_lines: count, said, fit };
            let head = Said { message: whole(text), author: None };
            let is_said = is_whole(idx, commit) && !head.message.subject.is_empty();
            if is_said && !is_joined_by_git(text) {
                parts.push(one(Cow::Owned(head), Fit::Whole));
                continue;
            }
            if let [only] = messages.as_slice() {
                let fit = if is_whole(idx, commit) {
                    Fit::Whole
                } else if lines.nearly(commit, dealt, enough) {
                    Fit::Nearly
                } else if main.get(&commit) == Some(&idx) {
                    Fit::Main
                } else {
                    Fit::No
                };
                parts.push(one(Cow::Borrowed(only), fit));
                continue;
            }
            if is_said {
                parts.push(Part { n_lines: 0, ..one(Cow::Owned(head), Fit::Squashed) });
            }
            let held = holders.get(&(idx, commit)).map_or(&[][..], Vec::as_slice);
            let n_meant = held.iter().filter(|(_, fit)| *fit == Fit::Squashed).count();
            if n_meant == 0 {
                let source = sources.provenances[idx].as_ref().filter(|source| source.commit == commit);
                let author = source.and_then(|source| messages[source.message()].author.clone());
                parts.push(one(Cow::Owned(Said { author, ..Said::default() }), Fit::No));
            }
            for &(message, fit) in held {
                let n_lines = if fit == Fit::Squashed { count / n_meant } else { 0 };
                parts.push(Part { n_lines, ..one(Cow::Borrowed(&messages[message]), fit) });
            }
        }
        parts
    };
    lines.iter().enumerate().map(of_patch).collect()
}

/// The lines of a patch.
struct Lines {
    all: usize,
    /// Those of each commit, the most first.
    commits: Vec<(usize, usize)>,
}

impl Lines {
    fn of(sources: &Sources<'_>, patch: &[EditId]) -> Self {
        let mut lines: BTreeMap<usize, usize> = BTreeMap::new();
        let mut all = 0;
        for &edit_id in patch {
            all += sources.weight(edit_id);
            if let Some(origin) = sources.origins[edit_id.idx()] {
                *lines.entry(origin).or_default() += sources.weight(edit_id);
            }
        }
        let mut commits: Vec<_> = lines.into_iter().collect();
        commits.sort_by_key(|(origin, count)| (std::cmp::Reverse(*count), *origin));
        Lines { all, commits }
    }

    /// Whether most of the patch is of the commit, its first one, and `share` of the commit is here.
    fn nearly(&self, commit: usize, dealt: &Dealt, share: f64) -> bool {
        self.commits.first().is_some_and(|&(first, count)| {
            let of = dealt.of_commit.get(&commit).copied().unwrap_or(0);
            first == commit && at_least(count, self.all, FITS) && at_least(count, of, share)
        })
    }
}

fn at_least(part: usize, of: usize, share: f64) -> bool {
    part as f64 / of.max(1) as f64 >= share
}

/// Finds for each message of a squashed commit the patch that it speaks of: by patch and commit the places of the messages, the likeliest first. Each has
/// one place.
fn holders(sources: &Sources<'_>, is_whole: &dyn Fn(usize, usize) -> bool) -> BTreeMap<(usize, usize), Vec<(usize, Fit)>> {
    let mut fits: Vec<(bool, f32, usize, usize, usize)> = Vec::new();
    for (patch, source) in sources.provenances.iter().enumerate() {
        let Some(source) = source.as_ref().filter(|source| source.shares.len() > 1) else { continue };
        let main = source.message();
        for (message, share) in source.shares.iter().enumerate() {
            let is_main = message == main && (*share > LIKELY || is_whole(patch, source.commit));
            fits.push((is_main, *share, patch, source.commit, message));
        }
    }
    fits.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.total_cmp(&a.1)).then((a.2, a.4).cmp(&(b.2, b.4))));
    let mut used = BTreeSet::new();
    let mut holders: BTreeMap<(usize, usize), Vec<(usize, Fit)>> = BTreeMap::new();
    for (is_main, _, patch, commit, message) in fits {
        if used.insert((commit, message)) {
            holders
                .entry((patch, commit))
                .or_default()
                .push((message, if is_main || is_whole(patch, commit) { Fit::Squashed } else { Fit::Also }));
        }
    }
    holders
}

/// Finds for each commit that is cut the patch that its message speaks of most: by the words of the subject in paths and names, then by lines. Where a commit
/// changes code, documents and tests of it are no main part.
fn main_patches(sources: &Sources<'_>, patches: &[Vec<EditId>], lines: &[Lines], dealt: &Dealt) -> BTreeMap<usize, usize> {
    let mut best: BTreeMap<usize, (usize, usize, usize)> = BTreeMap::new();
    let code = |patch: &[EditId], commit: usize| -> usize {
        let path = |edit_id: EditId| sources.analysis.change.file(sources.analysis.edits.get(edit_id).file_id).path();
        let is_code = |edit_id: &&EditId| {
            sources.origins[edit_id.idx()] == Some(commit) && !is_documentation(path(**edit_id)) && !is_test(path(**edit_id))
        };
        patch.iter().filter(is_code).map(|&edit_id| sources.weight(edit_id)).sum()
    };
    for (idx, (patch, own)) in patches.iter().zip(lines).enumerate() {
        let Some(&(commit, count)) = own.commits.first() else { continue };
        let [only] = sources.squashed.messages[commit].as_slice() else { continue };
        let (part, of) = match patches.iter().map(|patch| code(patch, commit)).sum() {
            0 => (count, dealt.of_commit.get(&commit).copied().unwrap_or(0)),
            of => (code(patch, commit), of),
        };
        if !at_least(count, own.all, FITS) || !at_least(part, of, MAIN) {
            continue;
        }
        let own: BTreeSet<Vec<u8>> = sources.paths(patch).iter().chain(&main_names(sources, patch)).flat_map(words).collect();
        let n_fit = words(&only.message.subject).filter(|word| own.contains(word)).count();
        let known = best.entry(commit).or_insert((0, 0, idx));
        if n_fit > 0 && (n_fit, count) > (known.0, known.1) {
            *known = (n_fit, count, idx);
        }
    }
    best.retain(|_, (n_fit, ..)| *n_fit > 0);
    best.into_iter().map(|(commit, (.., idx))| (commit, idx)).collect()
}

fn words(text: &BString) -> impl Iterator<Item = Vec<u8>> + '_ {
    text.split(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_')
        .filter(|word| !word.is_empty())
        .map(|word| word.to_ascii_lowercase())
}
