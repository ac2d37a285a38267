//! How a campaign lands: the cut, which is a series a home → the series that are posted.
//!
//! ```text
//!   the cut            per-tree, at most 15           one-tree, at most 15
//!   mm-bridge   1      mm-bridge   1                  one-tree        1..15
//!   kvm     2..22      kvm         2..16              one-tree-part2 16..23   waits for one-tree
//!   mm-removal 23      kvm-part2  17..22  waits for kvm
//!                      mm-removal 23      waits for all three
//! ```
//!
//! The cut is what is stored and edited. A [`Posting`] is a function of it, so that any mode can be left again and nothing is lost; branches and mails are
//! made of postings. Patches, their order and the branch `all` are the same in every mode. Cost: linear in relations, quadratic in the patches of a series
//! that is cut.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;

use crate::describe::covers::covers;
use crate::model::{Campaign, HomeIdx, Landing, LandingMode, Part, PatchIdx, Plan, Series, SeriesIdx, Words};
use crate::plan::change_id;
use crate::plan::home::weight;
use crate::plan::series::{needs, places};

/// The name of the series that one tree takes.
const ONE_TREE: &str = "one-tree";

/// A plan with the series that are posted, as its [`Landing`] says.
///
/// It reads as a plan and can be written to branches and mailed. It cannot be stored ([`crate::plan::store::Storable`]), as its series are those of one
/// way to land:
///
/// ```compile_fail
/// fn keep(posting: &git_cleave::write::Posting) {
///     git_cleave::plan::store::write(posting);
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Posting(Plan);

impl Deref for Posting {
    type Target = Plan;

    fn deref(&self) -> &Plan {
        &self.0
    }
}

impl Posting {
    /// Cuts the series of a plan for posting.
    pub fn of(plan: Plan) -> Self {
        Posting(posted(plan))
    }

    /// Takes texts that a person wrote meanwhile: covers, as the series of `campaign` have them, and all else.
    pub fn say(&mut self, campaign: Campaign, words: Words) {
        (self.0.campaign, self.0.words) = (campaign, words);
    }

    /// Gives a change id to every series that has none.
    pub fn name_series(&mut self) {
        change_id::name_series(&mut self.0);
    }
}

/// Returns the plan with the series that are posted.
fn posted(mut plan: Plan) -> Plan {
    let mut series = match plan.landing.mode {
        LandingMode::OneTree => one_tree(&plan),
        LandingMode::PerTree | LandingMode::Tag | LandingMode::FlagDay => plan.campaign.series.clone(),
    };
    let n_before = series.len();
    series = parts(&plan, series);
    if series.len() != n_before {
        needs(&plan.change, &plan.edits, &plan.relations, &plan.words, &plan.campaign.patches, &mut series);
        for (idx, one) in series.iter_mut().enumerate().filter(|(_, one)| one.part.is_some_and(|part| part.number > 1)) {
            // A part stands on the one before it, whatever its patches say of each other.
            one.needs.push(SeriesIdx(idx - 1));
            one.needs.sort();
            one.needs.dedup();
        }
    }
    plan.words.cover_all(&mut series);
    plan.campaign.series = series;
    waits(&mut plan.campaign, plan.landing);
    plan
}

/// Returns all patches as one series, which goes to the home of most of the lines.
fn one_tree(plan: &Plan) -> Vec<Series> {
    let campaign = &plan.campaign;
    if campaign.series.len() < 2 {
        return campaign.series.clone();
    }
    let mut lines: BTreeMap<HomeIdx, usize> = BTreeMap::new();
    for patch in &campaign.patches {
        let of_patch: usize = patch.edits.iter().map(|&edit_id| weight(&plan.change, &plan.edits, edit_id)).sum();
        *lines.entry(patch.home).or_default() += of_patch;
    }
    let most = lines.iter().max_by_key(|(home, lines)| (**lines, std::cmp::Reverse(**home)));
    let mut one = Series {
        name: ONE_TREE.into(),
        home: most.map_or(HomeIdx(0), |(home, _)| *home),
        patches: (0..campaign.patches.len()).map(PatchIdx).collect(),
        ..Series::default()
    };
    covers(&plan.change, plan.title(), &campaign.patches, std::slice::from_mut(&mut one));
    if let Some(said) = campaign.series.iter().map(|series| &series.cover).find(|cover| !cover.body.is_empty()) {
        one.cover.body = said.body.clone();
    }
    vec![one]
}

/// Cuts what is too long for one posting. Parts of a series stand one after the other, the first under its name.
fn parts(plan: &Plan, series: Vec<Series>) -> Vec<Series> {
    let at_most = plan.landing.at_most.max(1);
    let mut names: BTreeSet<String> = series.iter().map(|series| series.name.clone()).collect();
    let mut cut = Vec::with_capacity(series.len());
    for one in series {
        if one.patches.len() <= at_most {
            cut.push(one);
            continue;
        }
        let ends = cuts(&ties(plan, &one.patches), at_most);
        let mut start = 0;
        for (idx, &end) in ends.iter().enumerate() {
            let patches = one.patches[start..end].to_vec();
            let name = match idx {
                0 => one.name.clone(),
                _ => (idx + 1..)
                    .map(|nth| format!("{}-part{nth}", one.name))
                    .find(|name| names.insert(name.clone()))
                    .expect("some number is free"),
            };
            let part = Some(Part { number: idx + 1, of: ends.len() });
            cut.push(Series { name, patches, needs: Vec::new(), part, ..one.clone() });
            start = end;
        }
    }
    cut
}

/// Returns how much ties each two patches of a series, the earlier first: relations count for more than a file that both touch.
fn ties(plan: &Plan, patches: &[PatchIdx]) -> PatchTies {
    let place = places(plan.edits.len(), &plan.campaign.patches);
    let own: BTreeMap<usize, usize> = patches.iter().enumerate().map(|(idx, patch)| (patch.0, idx)).collect();
    let of = |edit: crate::model::EditId| place[edit.idx()].and_then(|patch| own.get(&patch).copied());
    let mut pairs: BTreeMap<(usize, usize), u64> = BTreeMap::new();
    for relation in &plan.relations {
        if let (Some(first), Some(second)) = (of(relation.first), of(relation.second))
            && first != second
        {
            pairs.insert((first.min(second), first.max(second)), 2);
        }
    }
    let files: Vec<BTreeSet<_>> = patches
        .iter()
        .map(|patch| plan.campaign.patch(*patch).edits.iter().map(|&edit_id| plan.edits.get(edit_id).file_id).collect())
        .collect();
    for (later, of_later) in files.iter().enumerate() {
        for (earlier, of_earlier) in files[..later].iter().enumerate() {
            if !of_earlier.is_disjoint(of_later) {
                *pairs.entry((earlier, later)).or_default() += 1;
            }
        }
    }
    PatchTies { n_patches: patches.len(), pairs }
}

/// What ties the patches of a series, by their places in it.
struct PatchTies {
    n_patches: usize,
    pairs: BTreeMap<(usize, usize), u64>,
}

/// What cuts cost, in ties and in unevenness, and the end of the part before; `None` where there are no such parts.
type Best = Option<((u64, usize), usize)>;

/// Returns where each part ends: as few parts as can be, cut where the least ties the patches before to those behind, measured on how many could be tied;
/// of equal places the most even ones.
fn cuts(ties: &PatchTies, at_most: usize) -> Vec<usize> {
    /// What all ties of all patches would weigh.
    const WHOLE: u64 = 1_000_000;
    let n = ties.n_patches;
    let n_parts = n.div_ceil(at_most);
    // PatchTies over each gap, as a sum of where they begin and end.
    let mut over = vec![0_u64; n + 1];
    for (&(earlier, later), &tie) in &ties.pairs {
        over[earlier + 1..=later].iter_mut().for_each(|gap| *gap += tie);
    }
    let cost = |end: usize| match end {
        end if end == n => 0,
        end => over[end] * WHOLE / u64::try_from(end * (n - end)).unwrap_or(u64::MAX).max(1),
    };
    // best[k][end]: the first `end` patches in `k` parts, with the end of the part before.
    let mut best: Vec<Vec<Best>> = vec![vec![None; n + 1]; n_parts + 1];
    best[0][0] = Some(((0, 0), 0));
    for k in 1..=n_parts {
        for end in k..=n {
            best[k][end] = (end.saturating_sub(at_most)..end)
                .filter_map(|start| {
                    let ((before, uneven), _) = best[k - 1][start]?;
                    let length = end - start;
                    Some(((before + cost(end), uneven + length * length), start))
                })
                .min();
        }
    }
    let mut ends = Vec::with_capacity(n_parts);
    let mut end = n;
    for k in (1..=n_parts).rev() {
        ends.push(end);
        end = best[k][end].expect("so many parts hold all patches").1;
    }
    ends.reverse();
    ends
}

/// Sets which series are held back: later parts until the one before has landed; those that stand on what several other homes take, until all of that has landed,
/// since no tree has it before; what would be too much for one tree at a time; and what needs one of these. Nothing waits where all goes in at one time.
fn waits(campaign: &mut Campaign, landing: Landing) {
    if landing.mode == LandingMode::FlagDay {
        campaign.series.iter_mut().for_each(|one| one.waits.clear());
        return;
    }
    for idx in 0..campaign.series.len() {
        let one = &campaign.series[idx];
        let mut waits: BTreeSet<usize> = BTreeSet::new();
        if one.part.is_some_and(|part| part.number > 1) {
            waits.insert(idx - 1);
        }
        let others: BTreeSet<HomeIdx> =
            one.needs.iter().map(|needed| campaign.series[needed.0].home).filter(|other| *other != one.home).collect();
        let is_needed = |other: &Series| other.needs.contains(&SeriesIdx(idx)) && other.home != one.home;
        if others.len() > 1 && !campaign.series.iter().any(is_needed) {
            waits.extend(one.needs.iter().map(|needed| needed.0));
        }
        let landed = behind(campaign, &waits);
        let out: Vec<usize> =
            (0..idx).filter(|other| campaign.series[*other].home == one.home && !landed.contains(other)).collect();
        let n_out: usize = out.iter().map(|other| campaign.series[*other].patches.len()).sum();
        if n_out + one.patches.len() > landing.at_most {
            waits.extend(out);
        }
        // Before that has landed, what it needs is not sent.
        let landed = behind(campaign, &waits);
        let needed = campaign.all_needs(SeriesIdx(idx)).into_iter().filter(|needed| !landed.contains(&needed.0));
        waits.extend(needed.flat_map(|needed| campaign.series[needed.0].waits.iter().map(|other| other.0)).collect::<Vec<_>>());
        campaign.series[idx].waits = waits.into_iter().map(SeriesIdx).collect();
    }
}

/// Returns what has landed when these have: they, all that they need and all that they waited for.
fn behind(campaign: &Campaign, landed: &BTreeSet<usize>) -> BTreeSet<usize> {
    let mut all = BTreeSet::new();
    let mut open: Vec<usize> = landed.iter().copied().collect();
    while let Some(next) = open.pop() {
        if all.insert(next) {
            let one = &campaign.series[next];
            open.extend(one.needs.iter().chain(&one.waits).map(|other| other.0));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// PatchTies are written `1-3 2-3`, counted from 1; parts are shown by their last patch.
    fn check(n_patches: usize, ties: &str, at_most: usize, expected: &[usize]) {
        let pair = |text: &str| {
            let (one, other) = text.split_once('-').expect("a pair");
            ((one.parse::<usize>().unwrap() - 1, other.parse::<usize>().unwrap() - 1), 2)
        };
        let ties = PatchTies { n_patches, pairs: ties.split_whitespace().map(pair).collect() };
        assert_eq!(cuts(&ties, at_most), expected);
    }

    /// Series are written `a 2`, the home and the number of patches, then what they need, counted from 1; returned is what each waits for.
    fn check_waits(series: &[&str], mode: LandingMode, at_most: usize, expected: &[&[usize]]) {
        let mut n_patches = 0;
        let one = |text: &&str| {
            let words: Vec<&str> = text.split_whitespace().collect();
            let number = |word: &&str| word.parse::<usize>().expect("a number");
            let start = n_patches;
            n_patches += number(&words[1]);
            Series {
                name: words[0].into(),
                home: HomeIdx(usize::from(words[0].as_bytes()[0] - b'a')),
                patches: (start..n_patches).map(PatchIdx).collect(),
                needs: words[2..].iter().map(|word| SeriesIdx(number(word) - 1)).collect(),
                ..Series::default()
            }
        };
        let mut campaign = Campaign { series: series.iter().map(one).collect(), ..Campaign::default() };
        waits(&mut campaign, Landing { mode, at_most });
        let found: Vec<Vec<usize>> =
            campaign.series.iter().map(|one| one.waits.iter().map(|other| other.0 + 1).collect()).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_needs_a_series_that_is_held_back_waits_too() {
        let series = ["a 2", "a 2 1", "b 1 2", "c 1 3", "a 1 2"];
        check_waits(&series, LandingMode::PerTree, 2, &[&[], &[1], &[1], &[1], &[1, 2]]);
        check_waits(&series, LandingMode::PerTree, 15, &[&[], &[], &[], &[], &[]]);
        check_waits(&["a 1", "b 1 1", "c 1 1", "a 1 2 3"], LandingMode::PerTree, 15, &[&[], &[], &[], &[2, 3]]);
    }

    #[test]
    fn nothing_waits_where_all_goes_in_at_one_time() {
        check_waits(&["a 2", "a 2 1", "b 1 2"], LandingMode::FlagDay, 2, &[&[], &[], &[]]);
    }

    #[test]
    fn parts_are_few_even_and_cut_between_topics() {
        check(3, "", 15, &[3]);
        check(16, "", 15, &[8, 16]);
        check(31, "", 15, &[10, 20, 31]);
        check(6, "1-2 3-4 4-5 5-6", 4, &[2, 6]);
        check(6, "1-2 2-3 3-4 5-6", 4, &[4, 6]);
        check(4, "", 1, &[1, 2, 3, 4]);
        check(0, "", 15, &[]);
    }
}
