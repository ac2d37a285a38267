//! What the messages of a branch say about the patches to make of it. A commit whose message holds several messages was squashed of as many
//! commits.
//!
//! The words of a message show which edits it belongs to: the names it changes, the file it is in, the verb of the subject. The weights
//! were learnt on 1,064 squashed commits of git, U-Boot, Xen and DPDK, of which each edit's own message was known; the likeliest
//! of three messages is right for 77 % of the edits.

use std::collections::{BTreeMap, BTreeSet};

use bstr::ByteSlice;

use crate::model::{Change, Message};
use crate::read::origins::Origins;

use super::said::{Said, is_trailer, said};
use super::text::{self, FileClass};
use super::tfidf::count;
use super::units::{Fate, Side, Unit, UnitHunk};

/// Where an edit, or several together, come from: the commit that made them, and for each message of that commit how likely it is about them.
#[derive(Debug, Clone, PartialEq)]
pub struct Provenance {
    /// A place in [`Change::commits`].
    pub commit: usize,
    /// One number for each message of the commit; they add up to 1.
    pub shares: Vec<f32>,
}

/// The messages of a branch, and what they say of each edit.
#[derive(Debug, Clone, Default)]
pub struct SquashedMessages {
    /// The messages that each commit's is made of, at least one.
    pub messages: Vec<Vec<Said>>,
    /// For each edit its commit, with the log-odds of each of its messages.
    edits: Vec<Option<(usize, Vec<f32>)>>,
}

impl SquashedMessages {
    /// Compares the units of a change with the messages of the commits that made them. Linear in the text of the units and of
    /// the messages, times the messages of a commit.
    pub fn of(
        change: &Change,
        (units, hunks): (&[Unit<'_>], &[UnitHunk<'_>]),
        names: &super::Names<'_>,
        origins: &Origins,
    ) -> Self {
        let messages: Vec<Vec<Said>> = change.commits.iter().map(|commit| said(commit.message.as_ref(), &commit.paths)).collect();
        let mut edits: Vec<Option<(usize, Vec<f32>)>> =
            origins.iter().map(|origin| origin.map(|commit| (commit, vec![0.0; messages[commit].len()]))).collect();
        if messages.iter().all(|messages| messages.len() < 2) {
            return SquashedMessages { messages, edits };
        }
        let digests: Vec<Vec<Digest>> =
            messages.iter().map(|messages| messages.iter().map(|said| Digest::of(&said.message)).collect()).collect();
        let rarity = Rarity::of(units);
        let mut weights = vec![0f32; edits.len()];
        for unit in units {
            let Some((commit, odds)) = &mut edits[unit.edit_id.idx()] else { continue };
            if odds.len() < 2 {
                continue;
            }
            let said = UnitTerms::of(unit, &hunks[unit.hunk], names);
            let weight = count(unit.n_lines as usize).sqrt();
            weights[unit.edit_id.idx()] += weight;
            for (odds, message) in odds.iter_mut().zip(&digests[*commit]) {
                *odds += weight * said.odds(message, &rarity);
            }
        }
        for (edit, weight) in edits.iter_mut().zip(weights) {
            if let Some((_, odds)) = edit {
                odds.iter_mut().for_each(|odds| *odds /= weight.max(1.0));
            }
        }
        SquashedMessages { messages, edits }
    }

    /// Returns how many patches the messages speak of; `None` where each commit has one, which its author may want cut further.
    pub fn n_patches(&self) -> Option<usize> {
        self.messages.iter().any(|messages| messages.len() > 1).then(|| self.messages.iter().map(Vec::len).sum())
    }

    /// Returns what the branch says of some edits together, each with its weight.
    pub fn provenance(&self, edits: impl Iterator<Item = (crate::model::EditId, f64)>) -> Option<Provenance> {
        let mut commits: BTreeMap<usize, f64> = BTreeMap::new();
        let mut odds: BTreeMap<usize, (f64, Vec<f64>)> = BTreeMap::new();
        for (edit_id, weight) in edits {
            let Some((commit, own)) = self.edits.get(edit_id.idx()).and_then(Option::as_ref) else { continue };
            *commits.entry(*commit).or_default() += weight;
            let (sum, all) = odds.entry(*commit).or_insert_with(|| (0.0, vec![0.0; own.len()]));
            *sum += weight;
            all.iter_mut().zip(own).for_each(|(all, own)| *all += weight * f64::from(*own));
        }
        let most = commits.iter().max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(a.0))).map(|(commit, _)| *commit)?;
        let (sum, all) = odds.remove(&most)?;
        #[expect(clippy::cast_possible_truncation, reason = "log-odds are f32 throughout")]
        let powers: Vec<f32> = all.iter().map(|odds| (SHARPNESS * odds / sum.max(1e-9)) as f32).collect();
        let largest = powers.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let powers: Vec<f32> = powers.iter().map(|power| (power - largest).exp()).collect();
        let sum: f32 = powers.iter().sum();
        Some(Provenance { commit: most, shares: powers.iter().map(|power| power / sum).collect() })
    }
}

/// The exponent by which the odds of several edits together are sharpened: their words agree more often than by chance.
const SHARPNESS: f64 = 1.5;

impl Provenance {
    /// Returns the log-odds that one message speaks of both, against what chance would give; 0 where the commit has one message,
    /// `None` for two commits.
    pub fn odds(&self, other: &Provenance) -> Option<f64> {
        if self.commit != other.commit {
            return None;
        }
        let n = f64::from(count(self.shares.len()));
        let same: f64 = self.shares.iter().zip(&other.shares).map(|(a, b)| f64::from(a * b)).sum();
        let odds = |p: f64| ((p + DOUBT) / (1.0 - p + DOUBT)).ln();
        Some(if self.shares.len() < 2 { 0.0 } else { odds(same) - odds(1.0 / n) })
    }

    /// Returns the place of the likeliest message, the first of equal ones.
    pub fn message(&self) -> usize {
        let best = self.shares.iter().copied().fold(0.0, f32::max);
        self.shares.iter().position(|&share| share >= best).unwrap_or(0)
    }
}

/// The share that keeps the odds finite: no two edits are certain to belong to one message, or to two.
const DOUBT: f64 = 0.02;

/// Verbs and nouns in a subject that say what kind of edit belongs to it.
const REMOVES: &[&str] = &["remove", "drop", "delete", "unused", "kill", "get rid"];
const ADDS: &[&str] = &["add", "introduce", "implement", "new", "support", "enable", "create", "provide"];
const REPLACES: &[&str] = &["rename", "convert", "replace", "switch", "instead"];
const TESTS: &[&str] = &["test"];
const DOCUMENTS: &[&str] = &["doc", "comment", "guide", "manual", "release note", "typo"];

/// Words that every message has.
const COMMON: &[&str] = &[
    "add", "all", "also", "and", "any", "are", "but", "can", "change", "char", "code", "commit", "const", "for", "from", "has",
    "have", "int", "into", "its", "more", "not", "now", "one", "only", "patch", "return", "should", "static", "struct", "than",
    "that", "the", "then", "these", "they", "this", "unsigned", "use", "used", "void", "was", "when", "which", "will", "with",
    "would",
];

fn is_common(word: &[u8]) -> bool {
    COMMON.binary_search_by(|common| common.as_bytes().cmp(word)).is_ok()
}

/// A message, taken apart.
struct Digest {
    names: BTreeSet<Vec<u8>>,
    subject_parts: BTreeSet<Vec<u8>>,
    parts: BTreeSet<Vec<u8>>,
    prefix: BTreeSet<Vec<u8>>,
    lower: Vec<u8>,
    does: [bool; 5],
}

impl Digest {
    fn of(message: &Message) -> Self {
        let subject = message.subject.as_bytes();
        let body: Vec<&[u8]> = message.body.lines().filter(|line| !is_trailer(line)).collect();
        let all = bstr::join("\n", [subject].into_iter().chain(body));
        let lower = subject.to_ascii_lowercase();
        let prefix = subject.rfind(": ").map_or(&b""[..], |at| &subject[..at]);
        let mut subject_parts = parts(text::words(subject));
        let mut all_parts = parts(text::words(&all));
        subject_parts.retain(|part| !is_common(part));
        all_parts.retain(|part| !is_common(part));
        let says = |words: &[&str]| words.iter().any(|word| lower.find(word).is_some());
        Digest {
            names: text::raw_identifiers(&all).filter(|name| !is_common(name)).map(<[u8]>::to_vec).collect(),
            prefix: parts(text::words(prefix)),
            does: [says(REMOVES), says(ADDS), says(REPLACES), says(TESTS), says(DOCUMENTS)],
            lower: all.to_ascii_lowercase(),
            subject_parts,
            parts: all_parts,
        }
    }
}

fn parts<'t>(words: impl Iterator<Item = &'t [u8]>) -> BTreeSet<Vec<u8>> {
    words.flat_map(text::subwords).collect()
}

/// In how many units each name, and each part of a name, stands.
struct Rarity {
    n: f32,
    names: BTreeMap<Vec<u8>, f32>,
    parts: BTreeMap<Vec<u8>, f32>,
}

impl Rarity {
    fn of(units: &[Unit<'_>]) -> Self {
        let mut rarity = Rarity { n: count(units.len()), names: BTreeMap::new(), parts: BTreeMap::new() };
        for unit in units {
            let names: BTreeSet<&[u8]> = text::raw_identifiers(unit.text).collect();
            for name in &names {
                *rarity.names.entry(name.to_vec()).or_default() += 1.0;
            }
            for part in parts(names.into_iter()) {
                *rarity.parts.entry(part).or_default() += 1.0;
            }
        }
        rarity
    }

    fn sum<'w>(&self, words: impl Iterator<Item = &'w Vec<u8>>, counts: &BTreeMap<Vec<u8>, f32>) -> f32 {
        words.map(|word| ((self.n + 1.0) / counts.get(word).copied().unwrap_or(1.0).max(1.0)).ln() + 0.1).sum::<f32>().ln_1p()
    }
}

/// A unit, taken apart for its messages.
struct UnitTerms<'u> {
    names: BTreeSet<Vec<u8>>,
    moving: BTreeSet<Vec<u8>>,
    parts: BTreeSet<Vec<u8>>,
    stem: Vec<u8>,
    base: Vec<u8>,
    stem_parts: BTreeSet<Vec<u8>>,
    folder_parts: BTreeSet<Vec<u8>>,
    unit: &'u Unit<'u>,
    only_adds: bool,
    only_removes: bool,
}

impl<'u> UnitTerms<'u> {
    fn of(unit: &'u Unit<'u>, hunk: &UnitHunk<'_>, names: &super::Names<'_>) -> Self {
        let own: BTreeSet<Vec<u8>> = text::raw_identifiers(unit.text).map(<[u8]>::to_vec).collect();
        let base = text::base_name(unit.path);
        let stem = &base[..base.iter().position(|&byte| byte == b'.').unwrap_or(base.len())];
        let folders: Vec<&[u8]> = text::folder(unit.path).rsplit(|&byte| byte == b'/').take(2).collect();
        UnitTerms {
            moving: own.iter().filter(|name| names.is_fresh(name) || names.is_gone(name)).cloned().collect(),
            parts: parts(own.iter().map(Vec::as_slice)),
            names: own,
            stem: stem.to_ascii_lowercase(),
            base: base.to_ascii_lowercase(),
            stem_parts: parts([stem].into_iter()),
            folder_parts: parts(folders.into_iter()),
            unit,
            only_adds: unit.side == Side::Inserted && hunk.removed.is_empty(),
            only_removes: unit.side == Side::Removed && hunk.inserted.is_empty(),
        }
    }

    /// Returns the log-odds, up to what is the same for all messages, that the message speaks of the unit.
    fn odds(&self, message: &Digest, rarity: &Rarity) -> f32 {
        let share =
            |mine: &BTreeSet<Vec<u8>>, of: &BTreeSet<Vec<u8>>| count(mine.intersection(of).count()) / count(mine.len()).max(1.0);
        let has = |is: bool, weight: f32| if is { weight } else { 0.0 };
        let whole: BTreeSet<Vec<u8>> = self.stem_parts.union(&self.folder_parts).cloned().collect();
        let is_name = |name: &&Vec<u8>| {
            name.len() > 3
                && (name.contains(&b'_')
                    || name.iter().any(u8::is_ascii_digit)
                    || name.windows(2).any(|two| two[0].is_ascii_lowercase() && two[1].is_ascii_uppercase())
                    || name.iter().take(3).all(u8::is_ascii_uppercase))
        };
        let kind = text::file_class(self.unit.path);
        let [removes, adds, replaces, tests, documents] = message.does;
        0.70 * rarity.sum(self.parts.intersection(&message.subject_parts), &rarity.parts)
            + 0.90 * rarity.sum(self.parts.intersection(&message.parts), &rarity.parts)
            + 0.56 * rarity.sum(self.names.intersection(&message.names).filter(is_name), &rarity.names)
            + 0.25 * rarity.sum(self.moving.intersection(&message.names), &rarity.names)
            + has(self.stem.len() > 2 && message.lower.find(&self.stem).is_some(), 0.62)
            + has(message.lower.find(&self.base).is_some(), 0.48)
            + 0.97 * share(&self.stem_parts, &message.subject_parts)
            + 0.87 * share(&self.folder_parts, &message.subject_parts)
            + 1.59 * share(&message.prefix, &whole)
            + 1.08 * share(&whole, &message.parts)
            + has(self.only_removes && removes, 0.48)
            + has(self.only_adds && adds, 0.51)
            + has(!self.only_adds && !self.only_removes && replaces, 0.28)
            + has(self.unit.fate == Fate::New && adds, 0.30)
            + has(kind == FileClass::Test && tests, 0.34)
            + has(kind != FileClass::Test && tests, -0.24)
            + has(kind == FileClass::Document && documents, 0.50)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_words_are_sorted() {
        assert!(COMMON.is_sorted());
    }
}
