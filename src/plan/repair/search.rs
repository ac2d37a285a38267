//! A step that does not build, and a judge of sets of edits → the smallest set of later edits that it needs, and which of its own need them.
//!
//! ```text
//!   steps before │ step │ later edits, in the order of the plan, up to a step that builds
//!                │ fails│ a b c d e f g h
//!                         └────────┘          the shortest stretch that builds with it: halving
//!                           b     e           without any one of these it fails: ddmin
//! ```
//!
//! The pieces are knots, and each set is closed under the relations that are known, so that no build is spent on what cannot be. The second search, over the
//! step's own pieces, is for those that break it: the step builds when they come later. Source: A. Zeller, R. Hildebrandt, "Simplifying and
//! isolating failure-inducing input", IEEE Transactions on Software Engineering 28 (2002). Cost: log n builds for the stretch, at most n² in its
//! pieces for the rest, all within a budget; when it is used up, the smallest set that is known to build is the answer.

use std::collections::HashMap;

use crate::model::{EditId, EditSet, Edits, Knot, Reason, Relation, Tie, edit};
use crate::plan::group::edges;
use crate::plan::knots::knots;

/// What a step needs, and which of its edits need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepNeeds {
    /// The edits of the step that break it: it builds without them. All of its edits where that was not asked.
    pub breaks: Vec<EditId>,
    /// The later edits that it builds with.
    pub needs: Vec<EditId>,
    /// How the two are tied: [`Tie::Before`] where those needed build without those that need them.
    pub tie: Tie,
    /// How many sets of edits were judged.
    pub n_judged: usize,
    /// Whether the budget sufficed to show that no piece of either can be left out.
    pub is_smallest: bool,
}

impl StepNeeds {
    /// Returns it as relations, for this reason.
    pub fn relations(&self, reason: &Reason) -> Vec<Relation> {
        let of = |first: EditId, second: EditId| Relation { first, second, tie: self.tie, reason: reason.clone() };
        match self.tie {
            Tie::Before => {
                self.needs.iter().flat_map(|&first| self.breaks.iter().map(move |&second| of(first, second))).collect()
            }
            Tie::Together => {
                let all: Vec<EditId> = self.breaks.iter().chain(&self.needs).copied().collect();
                all.windows(2).map(|pair| of(pair[0], pair[1])).collect()
            }
        }
    }
}

/// Finds out what the step after patch `step` needs. `until` is a later step that builds, and the one before `step` builds.
/// `judge` says whether a set of edits builds; where it cannot tell, it says no.
///
/// # Errors
/// The judge's.
pub fn search<E>(
    edits: &Edits,
    relations: &[Relation],
    patches: &[Vec<EditId>],
    (step, until): (usize, usize),
    budget: usize,
    judge: &mut dyn FnMut(&EditSet) -> Result<bool, E>,
) -> Result<Option<StepNeeds>, E> {
    if patches.len() <= until || until <= step {
        return Ok(None);
    }
    let pieces = PatchKnots::of(edits, relations, patches);
    let before: Vec<usize> = (0..step).flat_map(|patch| pieces.of_patch[patch].clone()).collect();
    let own = pieces.of_patch[step].clone();
    let later: Vec<usize> = (step + 1..=until).flat_map(|patch| pieces.of_patch[patch].clone()).collect();
    let held: Vec<usize> = before.iter().chain(&own).copied().collect();
    let mut asked = Judge { pieces: &pieces, n_edits: edits.len(), known: HashMap::new(), budget, judge };

    // Halving: what is below fails, what is above builds; both ends are known.
    let (mut below, mut above) = (0, later.len());
    while above - below > 1 {
        let middle = below + (above - below) / 2;
        match asked.builds(&held, &later[..middle])? {
            Some(true) => above = middle,
            Some(false) => below = middle,
            None => break,
        }
    }
    let (needs, is_smallest) = smallest(&later[..above], &mut |some| asked.builds(&held, some))?;
    // Later is better than earlier for as few of the step's own pieces as need it.
    let mut without = |some: &[usize]| {
        let gone = pieces.with_users(some, &own);
        let rest: Vec<usize> = own.iter().copied().filter(|piece| !gone.contains(piece)).collect();
        if rest.is_empty() { Ok(Some(true)) } else { asked.builds(&before, &rest) }
    };
    let (breaks, is_smallest_too) = smallest(&own, &mut without)?;
    // Those needed may build by themselves; else the two go together.
    let gone = pieces.with_users(&breaks, &own);
    let kept: Vec<usize> = before.iter().copied().chain(own.iter().copied().filter(|piece| !gone.contains(piece))).collect();
    let needed = pieces.with_needs(&needs, &later);
    let free = needed.iter().all(|&piece| pieces.needs[piece].iter().all(|needed| !gone.contains(needed)));
    let tie = if free && asked.builds(&kept, &needs)? == Some(true) { Tie::Before } else { Tie::Together };
    let edit_of = |&piece: &usize| pieces.knots[piece].edits[0];
    Ok(Some(StepNeeds {
        breaks: breaks.iter().map(edit_of).collect(),
        needs: needs.iter().map(edit_of).collect(),
        tie,
        n_judged: budget - asked.budget,
        is_smallest: is_smallest && is_smallest_too,
    }))
}

/// Tells whether some pieces pass; `None` once the budget is used up.
type Passes<'p, E> = dyn FnMut(&[usize]) -> Result<Option<bool>, E> + 'p;

/// Returns the smallest part of `all` that is known to pass, each piece of which it needs, and whether the budget sufficed to know the latter. `all`
/// passes. (ddmin, with complements only: a part that passes is a complement of some finer cut.)
fn smallest<E>(all: &[usize], passes: &mut Passes<'_, E>) -> Result<(Vec<usize>, bool), E> {
    let mut now = all.to_vec();
    let mut n_parts = 2;
    while now.len() > 1 {
        let size = now.len().div_ceil(n_parts);
        let mut smaller = None;
        for part in 0..now.len().div_ceil(size) {
            let (start, end) = (part * size, ((part + 1) * size).min(now.len()));
            // A half is tried as such; of finer parts what is left without them.
            let rest: Vec<usize> = now[..start].iter().chain(&now[end..]).copied().collect();
            match passes(&rest)? {
                Some(true) => {
                    smaller = Some(rest);
                    break;
                }
                Some(false) => {}
                None => return Ok((now, false)),
            }
        }
        match smaller {
            Some(rest) => {
                now = rest;
                n_parts = n_parts.saturating_sub(1).max(2);
            }
            None if size == 1 => break,
            None => n_parts = (2 * n_parts).min(now.len()),
        }
    }
    Ok((now, true))
}

/// The knots of the patches, in the order of the plan.
struct PatchKnots {
    knots: Vec<Knot>,
    /// Of each patch its knots, each after those it needs.
    of_patch: Vec<Vec<usize>>,
    needs: Vec<Vec<usize>>,
    users: Vec<Vec<usize>>,
}

impl PatchKnots {
    fn of(edits: &Edits, relations: &[Relation], patches: &[Vec<EditId>]) -> Self {
        let knots = knots(edits, relations);
        let (mut needs, mut users) = (vec![Vec::new(); knots.len()], vec![Vec::new(); knots.len()]);
        for (first, second) in edges(&knots, edits, relations) {
            needs[second].push(first);
            users[first].push(second);
        }
        let patch_of = edit::places(edits.len(), patches);
        let mut of_patch: Vec<Vec<usize>> = vec![Vec::new(); patches.len()];
        for (idx, knot) in knots.iter().enumerate() {
            of_patch[patch_of[knot.edits[0].idx()].unwrap_or_default()].push(idx);
        }
        let mut pieces = PatchKnots { knots, of_patch, needs, users };
        for patch in 0..patches.len() {
            let sorted = pieces.sorted(&pieces.of_patch[patch]);
            pieces.of_patch[patch] = sorted;
        }
        pieces
    }

    /// Returns the pieces so that each stands after those of them that it needs, else as they are.
    fn sorted(&self, pieces: &[usize]) -> Vec<usize> {
        let mut out: Vec<usize> = Vec::with_capacity(pieces.len());
        let mut done = vec![false; self.knots.len()];
        let mut inside = vec![false; self.knots.len()];
        pieces.iter().for_each(|&piece| inside[piece] = true);
        for &piece in pieces {
            let mut open = vec![piece];
            while let Some(&top) = open.last() {
                let next = self.needs[top].iter().copied().find(|&needed| inside[needed] && !done[needed]);
                match next {
                    Some(needed) if !done[top] => open.push(needed),
                    _ => {
                        open.pop();
                        if !std::mem::replace(&mut done[top], true) {
                            out.push(top);
                        }
                    }
                }
            }
        }
        out
    }

    /// Returns `some` with those of `among` that they need, through others too.
    fn with_needs(&self, some: &[usize], among: &[usize]) -> Vec<usize> {
        reached(&self.needs, some, among)
    }

    /// Returns `some` with those of `among` that need them, through others too.
    fn with_users(&self, some: &[usize], among: &[usize]) -> Vec<usize> {
        reached(&self.users, some, among)
    }
}

fn reached(next: &[Vec<usize>], some: &[usize], among: &[usize]) -> Vec<usize> {
    let mut may = vec![false; next.len()];
    among.iter().for_each(|&piece| may[piece] = true);
    let mut open = some.to_vec();
    let mut out = Vec::new();
    let mut seen = vec![false; next.len()];
    some.iter().for_each(|&piece| seen[piece] = true);
    while let Some(piece) = open.pop() {
        out.push(piece);
        for &other in &next[piece] {
            if may[other] && !std::mem::replace(&mut seen[other], true) {
                open.push(other);
            }
        }
    }
    out.sort_unstable();
    out
}

/// The judge, what it has said, and how often it may still be asked.
struct Judge<'a, E> {
    pieces: &'a PatchKnots,
    n_edits: usize,
    known: HashMap<Vec<usize>, bool>,
    budget: usize,
    judge: &'a mut dyn FnMut(&EditSet) -> Result<bool, E>,
}

impl<E> Judge<'_, E> {
    /// Whether what is held builds with some more, and all that these need; `None` when the budget is used up.
    fn builds(&mut self, held: &[usize], more: &[usize]) -> Result<Option<bool>, E> {
        let every: Vec<usize> = (0..self.pieces.knots.len()).collect();
        let all: Vec<usize> = held.iter().chain(more).copied().collect();
        let set = self.pieces.with_needs(&all, &every);
        if let Some(&known) = self.known.get(&set) {
            return Ok(Some(known));
        }
        if self.budget == 0 {
            return Ok(None);
        }
        self.budget -= 1;
        let edits = set.iter().flat_map(|&piece| self.pieces.knots[piece].edits.iter().copied());
        let builds = (self.judge)(&EditSet::of(self.n_edits, edits))?;
        self.known.insert(set, builds);
        Ok(Some(builds))
    }
}
