//! Rewrites that many edits are instances of: a field renamed, an argument added, a wrapper unwrapped.
//!
//! ```text
//!   - if (page->index > end)            - ret = lock(&dev->mutex, 0);
//!   + if (page->place > end)            + ret = lock(&dev->mutex, 0, true);
//!              └─ E->index → E->place           └─ lock($1, $2) → lock($1, $2, true)
//! ```
//!
//! In: pairs of texts, what goes and what comes in its place. Out: the rules found in enough places, and for each pair its sites, with what stands in the
//! holes, and whether the rules explain it wholly: *replayed on the old text, they leave nothing over*. That is tried for each pair, not assumed. White
//! space does not count: a line may be broken anew. Cost: the tokens of the pairs times what differs, a pair at most [`MOST_TOKENS`] a side.

mod replay;
mod rewrite;

mod term;

use std::collections::BTreeMap;

use bstr::BString;
use rayon::prelude::*;

use crate::lang::language;
use crate::model::{Change, EditId, Edits};
pub use replay::Replay;
use rewrite::{Rewrite, rewrites};
use term::tokens;

/// Places from which on a rewrite is a rule: twice happens by accident.
pub const FEWEST_SITES: usize = 3;
/// Tokens a side up to which a pair is looked at: some 200 lines, more than people change by rule in one run.
pub const MOST_TOKENS: usize = 2000;

/// A piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PatternPart {
    /// A token as it stands.
    Token(BString),
    /// An expression, the same for the same number.
    Hole(usize),
}

/// What a rule rewrites.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleKind {
    /// The name of a member behind `->` or `.`; the patterns are the two names.
    Field,
    /// The name of what is called; the patterns are the two names.
    Function,
    /// Any other name; the patterns are the two names.
    Word,
    /// A call, by its name and arguments.
    Call,
    /// Some tokens, whatever they stand among; one side may be none.
    Tokens,
}

/// A rewrite found in several places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// What it rewrites.
    pub kind: RuleKind,
    /// What goes.
    pub old: Vec<PatternPart>,
    /// What comes; every hole in it is also in `old`.
    pub new: Vec<PatternPart>,
    /// In how many places it was found.
    pub n_sites: usize,
    /// Whether a member was reached by `->` and by `.`.
    pub reached: (bool, bool),
}

/// Texts of which one comes in the place of the other.
#[derive(Debug, Clone, Copy)]
pub struct Pair<'t> {
    /// What goes.
    pub old: &'t [u8],
    /// What comes.
    pub new: &'t [u8],
    /// Whether it is no code: a word that is put in or left out in prose is no rule.
    pub is_prose: bool,
}

/// A place where a rule applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The rule, a place in [`Rules::all`].
    pub rule_idx: usize,
    /// Offset of its first byte in the old text.
    pub at: usize,
    /// What stands in each hole, blanks left out.
    pub holes: Vec<BString>,
    /// Whether a member is reached by `->` and by `.`: one of them at the place of a [`RuleKind::Field`].
    pub reached: (bool, bool),
}

/// The rules of some pairs of texts.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Each rule, the one with most places first.
    pub all: Vec<Rule>,
    of: Vec<Vec<Site>>,
    whole: Vec<bool>,
}

impl Rules {
    /// Returns the places of rules in a pair, in order; some of what the pair does may be left over.
    pub fn sites(&self, pair_idx: usize) -> &[Site] {
        self.of.get(pair_idx).map_or(&[], Vec::as_slice)
    }

    /// Whether rules explain the pair wholly: applied to the old text they give the new one.
    pub fn explain(&self, pair_idx: usize) -> bool {
        self.whole.get(pair_idx).copied().unwrap_or(false)
    }

    /// Returns the one rule that explains all of these edits wholly; of [`rules`] only. A member's name that stands bare, as a macro's argument, belongs to
    /// the rule of the member.
    pub fn only(&self, edits: &[EditId]) -> Option<Made<'_>> {
        let sites: Vec<&Site> = edits.iter().flat_map(|edit_id| self.sites(edit_id.idx())).collect();
        let names = |site: &&Site| (&self.all[site.rule_idx].old, &self.all[site.rule_idx].new);
        let main = *sites.iter().min_by_key(|site| self.all[site.rule_idx].kind)?;
        let own = |site: &&Site| site.rule_idx == main.rule_idx;
        let bare = |site: &&Site| self.all[site.rule_idx].kind == RuleKind::Word && names(site) == names(&main);
        let all = edits.iter().all(|edit_id| self.explain(edit_id.idx())) && sites.iter().all(|site| own(site) || bare(site));
        all.then(|| Made {
            rule: &self.all[main.rule_idx],
            n_sites: sites.iter().filter(|site| own(site)).count(),
            n_bare: sites.iter().filter(|site| !own(site)).count(),
            reached: sites.iter().fold((false, false), |all, site| (all.0 | site.reached.0, all.1 | site.reached.1)),
        })
    }
}

/// The part of a change that one rule explains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Made<'r> {
    /// The rule.
    pub rule: &'r Rule,
    /// In how many places.
    pub n_sites: usize,
    /// In how many more the name stands bare.
    pub n_bare: usize,
    /// Whether a member was reached by `->` and by `.` there.
    pub reached: (bool, bool),
}

/// Finds the rules of a change; a pair is an edit, in the order of the edits.
pub fn rules(change: &Change, edits: &Edits) -> Rules {
    let pairs: Vec<Pair<'_>> = edits
        .iter()
        .map(|(_, edit)| Pair {
            old: edit.removed(change),
            new: edit.inserted(),
            is_prose: language(change.file(edit.file_id).path()).is_prose(),
        })
        .collect();
    find(&pairs)
}

/// Finds the rules of pairs of texts.
pub fn find(pairs: &[Pair<'_>]) -> Rules {
    let is_one = |pair: &Pair<'_>, rewrite: &Rewrite| !pair.is_prose || !rewrite.from.is_empty() && !rewrite.to.is_empty();
    let read: Vec<Vec<Rewrite>> = pairs
        .par_iter()
        .map(|pair| {
            let mut found = rewrites(&tokens(pair.old), &tokens(pair.new));
            found.retain(|rewrite| is_one(pair, rewrite));
            // In prose a full stop reaches no member: `example.com` is a name.
            for rewrite in found.iter_mut().filter(|rewrite| pair.is_prose && rewrite.reached().1) {
                (rewrite.kind, rewrite.reached) = (RuleKind::Word, None);
            }
            found
        })
        .collect();
    let mut places: BTreeMap<RuleKey<'_>, usize> = BTreeMap::new();
    for rewrite in read.iter().flatten() {
        *places.entry(RuleKey::exact(rewrite)).or_default() += 1;
        if let Some(key) = RuleKey::general(rewrite) {
            *places.entry(key).or_default() += 1;
        }
    }
    // What is often enough as it stands is a rule; else what is when arguments that go are left open. The bare name of a member that is renamed often
    // enough is renamed with it.
    let often = |key: &RuleKey<'_>| {
        let enough = |key: &RuleKey<'_>| places.get(key).is_some_and(|count| *count >= FEWEST_SITES);
        enough(key) || key.kind == RuleKind::Word && enough(&RuleKey { kind: RuleKind::Field, ..*key })
    };
    let chosen = |rewrite| Some(RuleKey::exact(rewrite)).filter(often).or_else(|| RuleKey::general(rewrite).filter(often));
    let mut found: BTreeMap<RuleKey<'_>, (usize, (bool, bool))> = BTreeMap::new();
    for rewrite in read.iter().flatten() {
        if let Some(key) = chosen(rewrite) {
            let (count, reached) = found.entry(key).or_default();
            *count += 1;
            *reached = (reached.0 | (rewrite.reached == Some(b"->")), reached.1 | (rewrite.reached == Some(b".")));
        }
    }
    let mut order: Vec<_> = found.iter().collect();
    order.sort_by(|one, other| other.1.0.cmp(&one.1.0).then(one.0.cmp(other.0)));
    let rule = |(key, (n_sites, reached)): &(&RuleKey<'_>, &(usize, (bool, bool)))| Rule {
        kind: key.kind,
        old: key.old.to_vec(),
        new: key.new.to_vec(),
        n_sites: *n_sites,
        reached: *reached,
    };
    let all: Vec<Rule> = order.iter().map(rule).collect();
    let idx_of: BTreeMap<&RuleKey<'_>, usize> = order.iter().enumerate().map(|(idx, (key, _))| (*key, idx)).collect();
    let sites: Vec<(Vec<Site>, bool)> = read
        .par_iter()
        .zip(pairs)
        .map(|(rewrites, pair)| {
            let chosen = rewrites.iter().map(|rewrite| Some((rewrite, *idx_of.get(&chosen(rewrite)?)?)));
            let (old, new) = (tokens(pair.old), tokens(pair.new));
            let mut sites = Vec::new();
            let mut replayed = Vec::new();
            let mut at = 0;
            for (rewrite, rule_idx) in chosen.flatten() {
                let Some((holes, end)) = term::matched(&all[rule_idx].old, &old, rewrite.old.start) else { continue };
                replayed.extend(old[at..rewrite.old.start].iter().map(|token| BString::from(token.bytes)));
                replayed.extend(filled(&all[rule_idx].new, &holes));
                at = end;
                let holes = holes.iter().map(|hole| bstr::concat(hole).into()).collect();
                let offset = old.get(rewrite.old.start).map_or(pair.old.len(), |token| token.at);
                sites.push(Site { rule_idx, at: offset, holes, reached: rewrite.reached() });
            }
            replayed.extend(old[at..].iter().map(|token| BString::from(token.bytes)));
            let whole =
                !sites.is_empty() && replayed.iter().map(|token| token.as_slice()).eq(new.iter().map(|token| token.bytes));
            (sites, whole)
        })
        .collect();
    let (of, whole) = sites.into_iter().unzip();
    Rules { all, of, whole }
}

/// Puts what was found in the holes into a pattern.
fn filled(pattern: &[PatternPart], holes: &[Vec<&[u8]>]) -> Vec<BString> {
    let part = |part: &PatternPart| -> Vec<BString> {
        match part {
            PatternPart::Token(token) => vec![token.clone()],
            PatternPart::Hole(hole) => holes.get(*hole).into_iter().flatten().map(|token| BString::from(*token)).collect(),
        }
    };
    pattern.iter().flat_map(part).collect()
}

/// What two rewrites share that are one rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct RuleKey<'r> {
    kind: RuleKind,
    old: &'r [PatternPart],
    new: &'r [PatternPart],
}

impl<'r> RuleKey<'r> {
    fn exact(rewrite: &'r Rewrite) -> Self {
        RuleKey { kind: rewrite.kind, old: &rewrite.from, new: &rewrite.to }
    }

    fn general(rewrite: &'r Rewrite) -> Option<Self> {
        Some(RuleKey { kind: rewrite.kind, old: rewrite.general.as_deref()?, new: &rewrite.to })
    }
}

#[cfg(test)]
mod tests;
