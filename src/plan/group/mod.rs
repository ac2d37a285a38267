//! Joins knots into groups, the nearest first, and stops where the author most likely did.
//!
//! In: knots, what must come before what, and the log-odds of pairs of units. Out: groups whose order has no circle.
//!
//! The nearness of two groups is the mean log-odds over all pairs of their lines. The two nearest are joined, again and again; a
//! pair is passed over when a third group must stand between them, or when it would be too large. Of all the levels that are
//! passed on the way, the one with the highest *expected* agreement is taken: the adjusted Rand index it would have if each
//! pair were in one patch with exactly the odds given to it. When a number of patches is asked for and the best level has more, its
//! groups are joined on where that costs least of the expected agreement: what is left over is small and near nothing.
//!
//! Ties go to the pair that comes first. Up to [`PAIR_BUDGET`] pairs of units the answer is exact; a larger change is cut into
//! blocks by home or folder, knots are clumped by item, file, stem or folder until the blocks fit, and joined inside blocks only
//! (`coarsen`). Cost: the pairs, and the square of the knots or clumps in memory.

mod coarsen;
mod given;
mod quotient;
mod why;

use std::collections::BTreeMap;

use fixedbitset::FixedBitSet;

use crate::model::{EditId, Edits, Group, HomeIdx, Knot, Relation, Tie};

use super::knots::places;
use crate::similarity::{Provenance, Scores, Ties};
use coarsen::{Clumps, clumps};
use quotient::Quotient;

pub use given::{given, with_new};
pub use why::why;

/// Pairs of units that are scored at most: two seconds of one core.
pub const PAIR_BUDGET: usize = 700_000;

/// What bounds the size and number of groups.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// Stop at this many patches, or as near above as the order allows; `None` finds the likeliest number.
    pub n_patches: Option<usize>,
    /// Added to the log-odds of each pair: above 0 for larger patches, below for smaller ones.
    pub bias: f64,
    /// No joining beyond this many changed lines; a knot may be larger by itself.
    pub max_lines: usize,
    /// Added to the log-odds of a pair that one commit of the branch made, taken where two different ones did.
    pub commit_weight: f64,
    /// Subtracted from the log-odds of a pair in two homes; infinite where such a pair is never joined.
    pub home_penalty: f64,
}

impl Default for Limits {
    /// Returns limits that forbid nothing: no number of patches, no bias, no bound on lines, and homes do not count.
    fn default() -> Self {
        Limits { n_patches: None, bias: 0.0, max_lines: usize::MAX, commit_weight: 0.0, home_penalty: 0.0 }
    }
}

/// What is known of each knot beside its edits, in the order of the knots.
#[derive(Debug, Clone, Copy, Default)]
pub struct Marks<'m> {
    /// Where it goes.
    pub homes: Option<&'m [HomeIdx]>,
    /// What the branch says of it.
    pub sources: Option<&'m [Option<Provenance>]>,
    /// Whether it is a group by itself, however near others are.
    pub alone: Option<&'m [bool]>,
}

/// Joins knots into groups, ordered by their first knot.
///
/// Where relations between knots form a circle already, so do those between the groups.
pub fn merge(
    knots: &[Knot],
    edits: &Edits,
    relations: &[Relation],
    scores: &Scores<'_>,
    marks: Marks<'_>,
    limits: &Limits,
) -> Vec<Group> {
    let homes = marks.homes;
    let before = edges(knots, edits, relations);
    let clumps = clumps(knots, &before, scores, homes, marks.alone);
    let joined = Joining::of(&clumps, &before, scores, marks, limits).run(limits);
    let mut groups: BTreeMap<usize, Group> = BTreeMap::new();
    for (clump, root) in joined.into_iter().enumerate() {
        groups.entry(root).or_default().knots.extend(&clumps.knots[clump]);
    }
    let mut groups: Vec<Group> = groups.into_values().collect();
    for group in &mut groups {
        group.knots.sort_unstable();
    }
    groups.sort_by_key(|group| group.knots.first().copied());
    groups
}

/// Returns, sorted, the pairs of knots of which the first must come before the second.
pub(crate) fn edges(knots: &[Knot], edits: &Edits, relations: &[Relation]) -> Vec<(usize, usize)> {
    let knot_of = places(edits.len(), knots);
    let edge = |first: EditId, second: EditId| {
        let (first, second) = (knot_of[first.idx()]?, knot_of[second.idx()]?);
        (first != second).then_some((first, second))
    };
    let told = relations.iter().filter(|relation| relation.tie == Tie::Before);
    let mut edges: Vec<_> = told.filter_map(|relation| edge(relation.first, relation.second)).collect();
    for (edit_id, edit) in edits.iter() {
        edges.extend(edit.requires.iter().filter_map(|&needed| edge(needed, edit_id)));
    }
    edges.sort_unstable();
    edges.dedup();
    edges
}

/// Returns which knot must come before which, and how long the chain before each is, for the scores of pairs.
pub fn ties(knots: &[Knot], edits: &Edits, relations: &[Relation]) -> Ties {
    let before = edges(knots, edits, relations);
    let depth = coarsen::depths(knots.len(), &before);
    Ties { knot_of: places(edits.len(), knots), before, depth }
}

/// The adjusted Rand index that a set of groups would have if each pair of lines were in one patch with the odds given to it.
struct Agreement {
    /// Pairs of lines expected in one patch, those in one clump included.
    truth: f64,
    /// All pairs of lines.
    all: f64,
    /// Pairs in one group that are expected in one patch.
    both: f64,
    /// Pairs in one group.
    cut: f64,
}

impl Agreement {
    fn of(joining: &Joining) -> Self {
        let pairs = |lines: f64| lines * (lines - 1.0) / 2.0;
        let inside: f64 = joining.lines.iter().map(|&lines| pairs(lines)).sum();
        let truth = inside + joining.blocks.iter().map(Block::expected).sum::<f64>();
        Agreement { truth, all: pairs(joining.lines.iter().sum()), both: inside, cut: inside }
    }

    fn join(&mut self, together: f64, pairs: f64) {
        self.both += together;
        self.cut += pairs;
    }

    fn now(&self) -> f64 {
        self.after(0.0, 0.0)
    }

    fn after(&self, together: f64, pairs: f64) -> f64 {
        let (both, cut) = (self.both + together, self.cut + pairs);
        let chance = if self.all > 0.0 { self.truth * cut / self.all } else { 0.0 };
        (both - chance) / ((self.truth + cut) / 2.0 - chance + 1e-9)
    }
}

/// Subtracted from the nearness of two groups, times the logarithm of the lines in the smaller: a wrong join of two large groups costs much, one of a
/// small group costs little.
const SMALL_FIRST: f32 = 0.2;

/// Up to this many groups, the pair to join next is the one that costs least, when there are more than wanted: each time all pairs are tried.
const MOST_CHOSEN: usize = 500;

/// The clumps of one block, all against all.
#[derive(Clone)]
struct Block {
    /// Place among all clumps of each.
    members: Vec<usize>,
    /// Mean log-odds over pairs of lines, `members` squared.
    near: Vec<f32>,
    /// Expected pairs of lines in one patch, likewise.
    together: Vec<f32>,
    /// Pairs that may not be joined now, likewise.
    barred: FixedBitSet,
    /// ln lines of each member.
    ln_lines: Vec<f32>,
    /// For each member its nearest that is not barred.
    nearest: Vec<Option<(f32, usize)>>,
    alive: Vec<bool>,
}

#[derive(Clone)]
struct Joining {
    blocks: Vec<Block>,
    quotient: Quotient,
    lines: Vec<f64>,
    max_lines: f64,
}

impl Joining {
    fn of(clumps: &Clumps, before: &[(usize, usize)], scores: &Scores<'_>, marks: Marks<'_>, limits: &Limits) -> Self {
        let edges = before.iter().map(|&(a, b)| (clumps.of_knot[a], clumps.of_knot[b]));
        let quotient = Quotient::of(clumps.knots.len(), edges);
        let first = |clump: usize| clumps.knots[clump][0];
        let home = |clump: usize| marks.homes.map(|homes| homes[first(clump)]);
        let alone = |clump: usize| marks.alone.is_some_and(|alone| alone[first(clump)]);
        let source = |clump: usize| marks.sources.and_then(|sources| sources[first(clump)].as_ref());
        let said = |a: usize, b: usize| match (source(a), source(b)) {
            (Some(one), Some(other)) => match one.odds(other) {
                None => -limits.commit_weight,
                Some(_) if one.shares.len() < 2 => limits.commit_weight,
                Some(odds) => limits.commit_weight / 2.0 * odds,
            },
            _ => 0.0,
        };
        let blocks = clumps
            .blocks
            .iter()
            .map(|block| {
                Block::of(block, clumps, scores, |a, b| {
                    if alone(a) || alone(b) {
                        return f64::NEG_INFINITY;
                    }
                    limits.bias + said(a, b) - if home(a) == home(b) { 0.0 } else { limits.home_penalty }
                })
            })
            .collect();
        #[expect(clippy::cast_precision_loss, reason = "a bound, and lines stay far below 2^52")]
        let max_lines = limits.max_lines as f64;
        Joining { blocks, quotient, lines: clumps.lines.clone(), max_lines }
    }

    /// Returns for each clump the first clump of its group.
    fn run(mut self, limits: &Limits) -> Vec<usize> {
        let n = self.lines.len();
        let start = limits.n_patches.is_some().then(|| self.clone());
        let mut agreement = Agreement::of(&self);
        let mut best = (agreement.now(), 0);
        let mut joins: Vec<(usize, usize)> = Vec::new();
        while let Some((x, y, together)) = self.join_nearest() {
            agreement.join(together, self.lines[x] * self.lines[y]);
            self.lines[x] += self.lines[y];
            joins.push((x, y));
            if agreement.now() > best.0 {
                best = (agreement.now(), joins.len());
            }
        }
        joins.truncate(match limits.n_patches {
            Some(wanted) => n.saturating_sub(wanted.max(1)),
            None => best.1,
        });
        if let (Some(start), Some(wanted)) = (start, limits.n_patches)
            && n - best.1 > wanted.max(1)
            && n - best.1 <= MOST_CHOSEN
        {
            joins.truncate(best.1);
            start.join_on(&mut joins, wanted.max(1));
        }
        let mut root: Vec<usize> = (0..n).collect();
        for &(x, y) in joins.iter().rev() {
            // from the last join back: `x` has its final root when it is read
            root[y] = root[x];
        }
        root
    }

    /// Goes on from the state after `joins` until there are no more groups than wanted, and joins the two that cost least of the expected agreement
    /// each time. So small groups that are near nothing are joined first, where the nearest two would be large ones.
    fn join_on(mut self, joins: &mut Vec<(usize, usize)>, wanted: usize) {
        let mut agreement = Agreement::of(&self);
        for &(a, b) in joins.iter() {
            let (at, x, y) = self.place(a, b).expect("what was joined once is in one block");
            let together = self.blocks[at].join(x, y, self.lines[a], self.lines[b]);
            self.quotient.join(a, b);
            agreement.join(together, self.lines[a] * self.lines[b]);
            self.lines[a] += self.lines[b];
        }
        while self.lines.len() - joins.len() > wanted {
            let mut best: Option<(f64, usize, usize, usize)> = None;
            for (at, block) in self.blocks.iter().enumerate() {
                let n = block.members.len();
                let alive: Vec<usize> = (0..n).filter(|&x| block.alive[x]).collect();
                for (nth, &x) in alive.iter().enumerate() {
                    for &y in &alive[nth + 1..] {
                        let (a, b) = (block.members[x], block.members[y]);
                        let then = agreement.after(f64::from(block.together[x * n + y]), self.lines[a] * self.lines[b]);
                        if best.is_none_or(|(other, ..)| then > other)
                            && block.near[x * n + y] > f32::NEG_INFINITY
                            && self.lines[a] + self.lines[b] <= self.max_lines
                            && self.quotient.may_join(a, b)
                        {
                            best = Some((then, at, x, y));
                        }
                    }
                }
            }
            let Some((_, at, x, y)) = best else { break };
            let (a, b) = (self.blocks[at].members[x], self.blocks[at].members[y]);
            let together = self.blocks[at].join(x, y, self.lines[a], self.lines[b]);
            self.quotient.join(a, b);
            agreement.join(together, self.lines[a] * self.lines[b]);
            self.lines[a] += self.lines[b];
            joins.push((a, b));
        }
    }

    /// Returns the block that holds both clumps, with their places in it.
    fn place(&self, a: usize, b: usize) -> Option<(usize, usize, usize)> {
        self.blocks
            .iter()
            .enumerate()
            .find_map(|(at, block)| Some((at, block.members.binary_search(&a).ok()?, block.members.binary_search(&b).ok()?)))
    }

    /// Joins the nearest two that may be; returns both, the first the one that stays, with the pairs expected in one patch.
    fn join_nearest(&mut self) -> Option<(usize, usize, f64)> {
        loop {
            let (at, x, y) = self.nearest()?;
            let block = &mut self.blocks[at];
            let (a, b) = (block.members[x], block.members[y]);
            if self.lines[a] + self.lines[b] > self.max_lines || !self.quotient.may_join(a, b) {
                block.bar(x, y);
                continue;
            }
            let together = block.join(x, y, self.lines[a], self.lines[b]);
            self.quotient.join(a, b);
            return Some((a, b, together));
        }
    }

    fn nearest(&self) -> Option<(usize, usize, usize)> {
        let mut best: Option<(f32, (usize, usize, usize))> = None;
        for (at, block) in self.blocks.iter().enumerate() {
            for (x, nearest) in block.nearest.iter().enumerate() {
                if let Some((near, y)) = *nearest
                    && best.is_none_or(|(other, _)| near > other)
                {
                    best = Some((near, (at, x.min(y), x.max(y))));
                }
            }
        }
        best.map(|(_, place)| place)
    }
}

impl Block {
    fn of(members: &[usize], clumps: &Clumps, scores: &Scores<'_>, shift: impl Fn(usize, usize) -> f64) -> Self {
        let n = members.len();
        let (mut near, mut together) = (vec![f32::NEG_INFINITY; n * n], vec![0f32; n * n]);
        // every unit that speaks for a member, in the order of units
        let mut speakers: Vec<(usize, usize, f64)> = members
            .iter()
            .enumerate()
            .flat_map(|(at, &clump)| clumps.speakers[clump].iter().map(move |&(unit, lines)| (unit, at, lines)))
            .collect();
        speakers.sort_unstable_by_key(|&(unit, ..)| unit);
        let places: Vec<usize> = speakers.iter().map(|&(unit, ..)| unit).collect();
        let square = scores.square(&places);
        let (mut sum, mut weight) = (vec![0f64; n * n], vec![0f64; n * n]);
        let mut expected = vec![0f64; n * n];
        for (i, &(_, a, a_lines)) in speakers.iter().enumerate() {
            for (&(_, b, b_lines), &odds) in speakers[i + 1..].iter().zip(square.row(i)) {
                if a == b {
                    continue;
                }
                let cell = a.min(b) * n + a.max(b);
                let odds = f64::from(odds) + shift(members[a], members[b]);
                sum[cell] += a_lines * b_lines * odds;
                weight[cell] += a_lines * b_lines;
                expected[cell] += a_lines * b_lines / (1.0 + (-odds).exp());
            }
        }
        for a in 0..n {
            for b in a + 1..n {
                let cell = a * n + b;
                #[expect(clippy::cast_possible_truncation, reason = "log-odds are f32 throughout")]
                if weight[cell] > 0.0 {
                    let value = (sum[cell] / weight[cell]) as f32;
                    (near[cell], near[b * n + a]) = (value, value);
                    let value = expected[cell] as f32;
                    (together[cell], together[b * n + a]) = (value, value);
                }
            }
        }
        #[expect(clippy::cast_possible_truncation, reason = "log-odds are f32 throughout")]
        let mut block = Block {
            members: members.to_vec(),
            near,
            together,
            barred: FixedBitSet::with_capacity(n * n),
            ln_lines: members.iter().map(|&clump| clumps.lines[clump].max(1.0).ln() as f32).collect(),
            nearest: vec![None; n],
            alive: vec![true; n],
        };
        for x in 0..n {
            block.find_nearest(x);
        }
        block
    }

    /// Returns the pairs of lines expected in one patch, over all pairs of clumps.
    fn expected(&self) -> f64 {
        let n = self.members.len();
        (0..n).flat_map(|a| (a + 1..n).map(move |b| a * n + b)).map(|cell| f64::from(self.together[cell])).sum()
    }

    /// Returns how much speaks for joining two next: their nearness, less for large ones.
    fn pull(&self, x: usize, y: usize) -> f32 {
        self.near[x * self.members.len() + y] - SMALL_FIRST * self.ln_lines[x].min(self.ln_lines[y])
    }

    fn find_nearest(&mut self, x: usize) {
        let n = self.members.len();
        let mut best: Option<(f32, usize)> = None;
        for y in 0..n {
            let near = self.pull(x, y);
            if y != x
                && self.alive[y]
                && best.map_or(near > f32::NEG_INFINITY, |(other, _)| near > other)
                && !self.barred.contains(x * n + y)
            {
                best = Some((near, y));
            }
        }
        self.nearest[x] = best;
    }

    fn bar(&mut self, x: usize, y: usize) {
        let n = self.members.len();
        self.barred.insert(x * n + y);
        self.barred.insert(y * n + x);
        self.find_nearest(x);
        self.find_nearest(y);
    }

    /// Makes `x` stand for both; returns the pairs that were expected together across the two.
    fn join(&mut self, x: usize, y: usize, x_lines: f64, y_lines: f64) -> f64 {
        let n = self.members.len();
        let across = f64::from(self.together[x * n + y]);
        #[expect(clippy::cast_possible_truncation, reason = "log-odds are f32 throughout")]
        {
            self.ln_lines[x] = (x_lines + y_lines).max(1.0).ln() as f32;
        }
        self.alive[y] = false;
        self.nearest[y] = None;
        for k in (0..n).filter(|&k| k != x && k != y) {
            let (a, b) = (f64::from(self.near[x * n + k]), f64::from(self.near[y * n + k]));
            #[expect(clippy::cast_possible_truncation, reason = "log-odds are f32 throughout")]
            let near = ((a * x_lines + b * y_lines) / (x_lines + y_lines)) as f32;
            let together = self.together[x * n + k] + self.together[y * n + k];
            for cell in [x * n + k, k * n + x] {
                self.near[cell] = near;
                self.together[cell] = together;
                self.barred.set(cell, false);
            }
        }
        self.find_nearest(x);
        for k in (0..n).filter(|&k| k != x && self.alive[k]).collect::<Vec<_>>() {
            match self.nearest[k] {
                Some((_, y_or_x)) if y_or_x == x || y_or_x == y => self.find_nearest(k),
                known => {
                    let near = self.pull(k, x);
                    let closer = known.map_or(near > f32::NEG_INFINITY, |(other, at)| near > other || near == other && x < at);
                    if closer {
                        self.nearest[k] = Some((near, x));
                    }
                }
            }
        }
        across
    }
}
