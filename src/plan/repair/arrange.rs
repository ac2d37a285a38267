//! Patches, and new relations that their order breaks → patches that keep all relations, with as little moved as possible.
//!
//! ```text
//!   1 {a b}  2 {c f}  3 {d e}    e before c: where one move mends all, e goes to 2 with all that it needs, or c to 3 with
//!                                all that needs it, if it has more to do with what stands there than with what it leaves;
//!                                else 3 goes before 2, whole, where it needs nothing of it;
//!                                else what has fewer lines moves
//! ```
//!
//! Two edits have to do with each other when a relation ties them, be it an overridden one, or when one function is around both. An edit that has little to
//! do with its own patch, and whose move would mend all that is broken, was most likely in the wrong patch: it moves, and no patches change places.
//!
//! New relations may tie edits of several patches into one knot. It goes to the patch that needs the fewest lines moved. Moving what a piece needs along with it earlier, or
//! what needs it along with it later, breaks no relation that was kept, so each move leaves fewer broken and it ends. Cost: relations times moves.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use crate::model::{EditId, Edits, Knot, Reason, Relation, Tie, edit};
use crate::plan::group::edges;
use crate::plan::knots::{knots, places};

/// An edit that went to another patch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The edit.
    pub edit_id: EditId,
    /// The place of the patch that it was in.
    pub from: usize,
    /// The place of the patch that it is in now, in the old order of the patches.
    pub to: usize,
    /// The relation that it broke where it was.
    pub why: Relation,
}

/// Patches that keep their relations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arranged {
    /// The patches in their order: the place of each as they were, and its edits, sorted. A patch that all edits have left is gone.
    pub patches: Vec<(usize, Vec<EditId>)>,
    /// What moved from one patch to another, by edit.
    pub moved: Vec<Moved>,
}

/// Moves edits between patches, or patches past each other, until every relation holds. `lines` tells how many lines an edit counts.
/// `overridden` relations need not hold, but tell what has to do with what.
pub fn arrange(
    patches: &[Vec<EditId>],
    edits: &Edits,
    (relations, overridden): (&[Relation], &[Relation]),
    lines: &dyn Fn(EditId) -> usize,
) -> Arranged {
    let knots = knots(edits, relations);
    let was: Vec<usize> = edit::places(edits.len(), patches).into_iter().map(Option::unwrap_or_default).collect();
    let mut sorting = Sorting::of(&knots, &was, edits, relations, lines);
    sorting.tied = tied(&knots, edits, relations.iter().chain(overridden));
    sorting.knots();
    let order = sorting.edges(patches.len());
    let mut found: BTreeMap<usize, Vec<EditId>> = BTreeMap::new();
    let mut moved = Vec::new();
    for (idx, knot) in knots.iter().enumerate() {
        let to = sorting.at[idx];
        found.entry(to).or_default().extend(&knot.edits);
        for &edit_id in &knot.edits {
            let from = was[edit_id.idx()];
            if let Some(why) = sorting.why[idx].filter(|_| from != to) {
                let own = own_reason(relations, &was, edit_id).unwrap_or(why);
                moved.push(Moved { edit_id, from, to, why: own.clone() });
            }
        }
    }
    moved.sort_by_key(|moved| moved.edit_id);
    let patches = order.into_iter().filter_map(|idx| {
        let mut members = found.remove(&idx)?;
        members.sort();
        Some((idx, members))
    });
    Arranged { patches: patches.collect(), moved }
}

/// Returns the relation that an edit itself broke where it was, what a build said before all else; `None` where it goes along with others.
fn own_reason<'r>(relations: &'r [Relation], was: &[usize], edit_id: EditId) -> Option<&'r Relation> {
    let is_broken = |relation: &&Relation| {
        let (first, second) = (was[relation.first.idx()], was[relation.second.idx()]);
        (relation.first == edit_id || relation.second == edit_id)
            && if relation.tie == Tie::Before { first > second } else { first != second }
    };
    relations.iter().filter(is_broken).min_by_key(|relation| !matches!(relation.reason, Reason::Learned(_)))
}

/// A way to mend a broken relation: knots go to a patch.
struct Way<'s> {
    /// How many lines it moves.
    more: isize,
    /// How many broken relations it mends at least.
    n_mended: usize,
    knots: BTreeSet<usize>,
    patch: usize,
    why: &'s Relation,
}

impl Way<'_> {
    /// Compares by the lines that are moved for each relation that is mended; of equal ways the one to the earlier patch is better.
    fn worse(&self, other: &Way<'_>) -> Ordering {
        let signed = |count: usize| isize::try_from(count).unwrap_or(isize::MAX);
        let by_lines = self.more.saturating_mul(signed(other.n_mended)).cmp(&other.more.saturating_mul(signed(self.n_mended)));
        by_lines.then(self.patch.cmp(&other.patch))
    }
}

/// Which patch each knot is in while they are moved.
struct Sorting<'s> {
    knots: &'s [Knot],
    was: &'s [usize],
    lines: &'s dyn Fn(EditId) -> usize,
    /// Which knot must come before which, with the relation that says so; of several the newest.
    edges: BTreeMap<(usize, usize), &'s Relation>,
    before: Vec<Vec<usize>>,
    after: Vec<Vec<usize>>,
    /// For each knot the knots that it has to do with.
    tied: Vec<BTreeSet<usize>>,
    /// The patch of each knot.
    at: Vec<usize>,
    /// For each knot the relation for which it was moved.
    why: Vec<Option<&'s Relation>>,
}

impl<'s> Sorting<'s> {
    fn of(
        knots: &'s [Knot],
        was: &'s [usize],
        edits: &Edits,
        relations: &'s [Relation],
        lines: &'s dyn Fn(EditId) -> usize,
    ) -> Self {
        let knot_of = places(edits.len(), knots);
        let mut told: BTreeMap<(usize, usize), &Relation> = BTreeMap::new();
        for relation in relations.iter().filter(|relation| relation.tie == Tie::Before) {
            if let (Some(first), Some(second)) = (knot_of[relation.first.idx()], knot_of[relation.second.idx()])
                && first != second
            {
                // A learned reason is the last of its kind in the order of reasons, and tells most.
                let known = told.entry((first, second)).or_insert(relation);
                if known.reason < relation.reason {
                    *known = relation;
                }
            }
        }
        let (mut before, mut after) = (vec![Vec::new(); knots.len()], vec![Vec::new(); knots.len()]);
        for (first, second) in edges(knots, edits, relations) {
            before[second].push(first);
            after[first].push(second);
        }
        let at = knots.iter().map(|knot| was[knot.edits[0].idx()]).collect();
        Sorting { knots, was, lines, edges: told, before, after, tied: Vec::new(), at, why: vec![None; knots.len()] }
    }

    /// Returns how many lines of a knot are not where they were when it is in `patch`.
    fn cost(&self, knot: usize, patch: usize) -> usize {
        self.knots[knot]
            .edits
            .iter()
            .filter(|edit_id| self.was[edit_id.idx()] != patch)
            .map(|edit_id| (self.lines)(*edit_id))
            .sum()
    }

    /// Returns what must move along when a knot goes to `patch`: what it needs and stands later, and what needs it and stands earlier.
    fn along(&self, knot: usize, patch: usize) -> BTreeSet<usize> {
        let mut seen = BTreeSet::from([knot]);
        for (next, is_wrong) in
            [(&self.before, (|at, patch| at > patch) as fn(usize, usize) -> bool), (&self.after, |at, patch| at < patch)]
        {
            let mut open = vec![knot];
            while let Some(at) = open.pop() {
                let more = next[at].iter().copied().filter(|&other| is_wrong(self.at[other], patch));
                open.extend(more.filter(|&other| seen.insert(other)));
            }
        }
        seen
    }

    /// Returns how many more lines than now are moved when these knots go to `patch`.
    fn more(&self, knots: &BTreeSet<usize>, patch: usize) -> isize {
        let signed = |lines: usize| isize::try_from(lines).unwrap_or(isize::MAX);
        knots.iter().map(|&knot| signed(self.cost(knot, patch)).saturating_sub(signed(self.cost(knot, self.at[knot])))).sum()
    }

    fn go(&mut self, knots: &BTreeSet<usize>, patch: usize, why: &'s Relation) {
        for &knot in knots {
            if self.at[knot] != patch || self.knots[knot].edits.iter().any(|edit_id| self.was[edit_id.idx()] != patch) {
                self.why[knot] = Some(why);
            }
            self.at[knot] = patch;
        }
    }

    /// Puts each knot that several patches hold into one of them.
    fn knots(&mut self) {
        let all = self.knots;
        for (idx, knot) in all.iter().enumerate() {
            let held: BTreeSet<usize> = knot.edits.iter().map(|edit_id| self.was[edit_id.idx()]).collect();
            let is_split = |tie: &&Relation| self.was[tie.first.idx()] != self.was[tie.second.idx()];
            let why = knot.ties.iter().filter(is_split).max_by_key(|tie| &tie.reason);
            let (Some(why), true) = (why, held.len() > 1) else { continue };
            let best = held.iter().copied().min_by_key(|&patch| (self.more(&self.along(idx, patch), patch), patch));
            if let Some(patch) = best {
                let along = self.along(idx, patch);
                self.go(&along, patch, why);
            }
        }
    }

    /// Returns how many more knots of `patch` than of their own patches these knots have to do with; `None` where one of their patches would be left empty.
    fn gain(&self, knots: &BTreeSet<usize>, patch: usize) -> Option<isize> {
        let from: BTreeSet<usize> = knots.iter().map(|&knot| self.at[knot]).filter(|&at| at != patch).collect();
        let is_left = |at: &usize| (0..self.at.len()).any(|knot| self.at[knot] == *at && !knots.contains(&knot));
        if !from.iter().all(is_left) {
            return None;
        }
        let count = |knot: usize, at: usize| {
            self.tied[knot].iter().filter(|other| !knots.contains(other) && self.at[**other] == at).count()
        };
        let signed = |count: usize| isize::try_from(count).unwrap_or(isize::MAX);
        Some(knots.iter().map(|&knot| signed(count(knot, patch)) - signed(count(knot, self.at[knot]))).sum())
    }

    /// Moves knots until nothing comes before what it needs, and returns the order of the patches.
    fn edges(&mut self, n_patches: usize) -> Vec<usize> {
        loop {
            let ways = self.ways();
            let n_broken = self.edges.keys().filter(|(first, second)| self.at[*first] > self.at[*second]).count();
            // One stray that explains all that is broken.
            let strays = ways.iter().filter(|way| way.n_mended >= n_broken);
            let wanted = strays.filter(|way| self.gain(&way.knots, way.patch).is_some_and(|gain| gain > 0));
            let wanted = wanted.min_by(|one, other| one.worse(other));
            let order = if wanted.is_none() { self.order(n_patches) } else { None };
            match (order, wanted.or_else(|| ways.iter().min_by(|one, other| one.worse(other)))) {
                (Some(order), _) => return order,
                (None, None) => return (0..n_patches).collect(),
                (None, Some(Way { knots, patch, why, .. })) => {
                    let (knots, patch, why) = (knots.clone(), *patch, *why);
                    self.go(&knots, patch, why);
                }
            }
        }
    }

    /// Returns the ways to mend what comes before what it needs: for each such pair, what is needed goes before all that need it, or what needs it
    /// after all that it needs.
    fn ways(&self) -> Vec<Way<'s>> {
        let broken = self.edges.iter().filter(|((first, second), _)| self.at[*first] > self.at[*second]);
        let mut ways: BTreeMap<(usize, usize), Way<'_>> = BTreeMap::new();
        for (&(first, second), &why) in broken {
            let early = self.after[first].iter().map(|&user| self.at[user]).min().unwrap_or(self.at[second]);
            let late = self.before[second].iter().map(|&needed| self.at[needed]).max().unwrap_or(self.at[first]);
            let late_ones = self.after[first].iter().filter(|&&user| self.at[user] < self.at[first]).count();
            let early_ones = self.before[second].iter().filter(|&&needed| self.at[needed] > self.at[second]).count();
            for (knot, patch, n_mended) in [(first, early, late_ones), (second, late, early_ones)] {
                ways.entry((knot, patch)).or_insert_with(|| {
                    let knots = self.along(knot, patch);
                    Way { more: self.more(&knots, patch), n_mended, knots, patch, why }
                });
            }
        }
        ways.into_values().collect()
    }

    /// Returns the order of the patches in which each stands after those that it needs, of those that are free the first as they were; `None` where
    /// some need each other.
    fn order(&self, n_patches: usize) -> Option<Vec<usize>> {
        let mut needs: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); n_patches];
        for (first, seconds) in self.after.iter().enumerate() {
            for &second in seconds {
                if self.at[first] != self.at[second] {
                    needs[self.at[second]].insert(self.at[first]);
                }
            }
        }
        let mut left: BTreeSet<usize> = (0..n_patches).collect();
        let mut order = Vec::with_capacity(n_patches);
        while let Some(next) = left.iter().copied().find(|&idx| needs[idx].is_disjoint(&left)) {
            left.remove(&next);
            order.push(next);
        }
        left.is_empty().then_some(order)
    }
}

/// Returns for each knot those it has to do with: a relation ties them, or both change the same function.
fn tied<'r>(knots: &[Knot], edits: &Edits, relations: impl Iterator<Item = &'r Relation>) -> Vec<BTreeSet<usize>> {
    let knot_of = places(edits.len(), knots);
    let mut tied = vec![BTreeSet::new(); knots.len()];
    let mut tie = |one: EditId, other: EditId| {
        if let (Some(one), Some(other)) = (knot_of[one.idx()], knot_of[other.idx()])
            && one != other
        {
            tied[one].insert(other);
            tied[other].insert(one);
        }
    };
    relations.for_each(|relation| tie(relation.first, relation.second));
    let mut of_item: BTreeMap<_, Vec<EditId>> = BTreeMap::new();
    for (edit_id, edit) in edits.iter().filter(|(_, edit)| !edit.item.is_empty()) {
        of_item.entry((edit.file_id, &edit.item)).or_default().push(edit_id);
    }
    // Neighbors are enough: an item of a thousand edits has no million pairs.
    of_item.values().flat_map(|all| all.windows(2)).for_each(|pair| tie(pair[0], pair[1]));
    tied
}
