//! Ordered patches → series: one for each home, and more where a home needs another that needs it.
//!
//! ```text
//!   order    homes    series
//!   1 ──┐    mm       mm      {1}
//!   2 <─┘    kvm      kvm     {2, 3}   needs mm
//!   3        kvm
//!   4 <─ 3   mm       mm-2    {4}      needs kvm: in `mm` it would close a circle
//! ```

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    Change, EditId, EditKind, Edits, FileId, Home, HomeIdx, Patch, PatchIdx, Relation, Series, SeriesIdx, TextId, Words, edit,
};
use cleave_c::span::Lines;

/// Two changes of one file that are no more lines apart than this stand in each other's context in a diff. Source: `git diff`'s default of three lines.
const CONTEXT: usize = 3;

/// Whether a patch stands at the beginning or at the end of the whole change. Patches at either end are series of their own, so that what all homes wait
/// for is short, and what waits for all homes delays none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Position {
    /// It puts a bridge in.
    Put,
    /// Patches of several other homes need it.
    Prepare,
    /// None of the others.
    Plain,
    /// It needs patches of several other homes.
    Close,
    /// It takes a bridge out.
    Take,
}

impl Position {
    /// Returns the end of each patch. `needs` has for each patch the earlier patches that it needs. A home whose patches would all stand at one end has
    /// plain ones only.
    fn of(edits: &Edits, patches: &[Patch], needs: &[BTreeSet<usize>]) -> Vec<Self> {
        let mut needed: Vec<BTreeSet<HomeIdx>> = vec![BTreeSet::new(); patches.len()];
        for (idx, earlier) in needs.iter().enumerate() {
            needed[idx] = earlier.iter().flat_map(|&of| needed[of].iter().copied().chain([patches[of].home])).collect();
        }
        let mut users: Vec<BTreeSet<HomeIdx>> = vec![BTreeSet::new(); patches.len()];
        for (idx, earlier) in needs.iter().enumerate().rev() {
            let own: Vec<HomeIdx> = users[idx].iter().copied().chain([patches[idx].home]).collect();
            earlier.iter().for_each(|&of| users[of].extend(&own));
        }
        let mut ends: Vec<Position> = Vec::with_capacity(patches.len());
        for (idx, patch) in patches.iter().enumerate() {
            let holds = |edit_id: EditId| patch.edits.contains(&edit_id);
            let n_others = |homes: &BTreeSet<HomeIdx>| homes.iter().filter(|home| **home != patch.home).count();
            ends.push(match edits.bridges.iter().find(|bridge| holds(bridge.put) || holds(bridge.take)) {
                Some(bridge) if holds(bridge.put) => Position::Put,
                Some(_) => Position::Take,
                None if n_others(&users[idx]) > 1 => Position::Prepare,
                None if n_others(&needed[idx]) > 1 => Position::Close,
                None => Position::Plain,
            });
        }
        let mut kinds: BTreeMap<HomeIdx, BTreeSet<Position>> = BTreeMap::new();
        for (patch, &end) in patches.iter().zip(&ends) {
            kinds.entry(patch.home).or_default().insert(end);
        }
        for (patch, end) in patches.iter().zip(&mut ends) {
            let has_others =
                kinds[&patch.home].iter().any(|other| other != end && !matches!(other, Position::Put | Position::Take));
            if matches!(end, Position::Prepare | Position::Close) && !has_others {
                *end = Position::Plain;
            }
        }
        ends
    }

    /// Returns what follows the home in the name of the series.
    fn ending(self) -> &'static str {
        match self {
            Position::Put => "-bridge",
            Position::Prepare => "-prep",
            Position::Plain => "",
            Position::Close => "-last",
            Position::Take => "-removal",
        }
    }
}

/// Puts each patch into the last series of its home, or into a new one where series would need each other in a circle. Then the later of two series that
/// touch the same lines is made to need the earlier. A returned series stands after those it needs. Cost: linear in patches and relations, and quadratic in
/// series, of which there are few.
pub fn series(change: &Change, edits: &Edits, relations: &[Relation], homes: &[Home], patches: &[Patch]) -> Vec<Series> {
    let place = places(edits.len(), patches);
    let mut needs_of_patch: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); patches.len()];
    for relation in relations {
        if let (Some(first), Some(second)) = (place[relation.first.idx()], place[relation.second.idx()])
            && first != second
        {
            needs_of_patch[second.max(first)].insert(first.min(second));
        }
    }
    let ends = Position::of(edits, patches, &needs_of_patch);
    let mut found: Vec<SeriesDraft> = Vec::new();
    let mut of_patch: Vec<usize> = Vec::with_capacity(patches.len());
    let mut last: BTreeMap<(HomeIdx, Position), usize> = BTreeMap::new();
    for (idx, patch) in patches.iter().enumerate() {
        let needed: BTreeSet<usize> = needs_of_patch[idx].iter().map(|&earlier| of_patch[earlier]).collect();
        let key = (patch.home, ends[idx]);
        let fits =
            last.get(&key).copied().filter(|&own| needed.iter().all(|&other| other == own || !reaches(&found, other, own)));
        let own = fits.unwrap_or_else(|| {
            found.push(SeriesDraft { home: patch.home, end: key.1, patches: Vec::new(), needs: BTreeSet::new() });
            found.len() - 1
        });
        last.insert(key, own);
        found[own].patches.push(idx);
        found[own].needs.extend(needed.into_iter().filter(|&other| other != own));
        of_patch.push(own);
    }
    let order = topological(&found);
    contexts(change, edits, &place, &of_patch, &order, &mut found);
    let rank: BTreeMap<usize, usize> = topological(&found).into_iter().enumerate().map(|(rank, idx)| (idx, rank)).collect();
    let mut all: Vec<(usize, Series)> = Vec::new();
    let mut parts: BTreeMap<(HomeIdx, Position), usize> = BTreeMap::new();
    for (idx, draft) in found.iter().enumerate() {
        let part = parts.entry((draft.home, draft.end)).and_modify(|part| *part += 1).or_insert(1);
        let slug = format!("{}{}", homes[draft.home.0].slug, draft.end.ending());
        let name = if *part == 1 { slug } else { format!("{slug}-part{part}") };
        let mut needs: Vec<SeriesIdx> = draft.needs.iter().map(|other| SeriesIdx(rank[other])).collect();
        needs.sort();
        let patches = draft.patches.iter().copied().map(PatchIdx).collect();
        all.push((rank[&idx], Series { name, home: draft.home, patches, needs, ..Series::default() }));
    }
    all.sort_by_key(|(rank, _)| *rank);
    all.into_iter().map(|(_, series)| series).collect()
}

/// Puts the patches in the order of their series, so that the patches of a series follow each other.
pub fn in_line(patches: &mut Vec<Patch>, series: &mut [Series]) {
    let mut line = Vec::with_capacity(patches.len());
    for one in series.iter_mut() {
        for patch_idx in &mut one.patches {
            line.push(patches[patch_idx.0].clone());
            *patch_idx = PatchIdx(line.len() - 1);
        }
    }
    *patches = line;
}

/// Finds what each series needs, for series whose patches are fixed: the series of patches that its own need, those that a person says it needs, and
/// earlier series that touch the same lines. Where a series needs a later one, that is entered too, and refused when the plan is checked.
pub fn needs(change: &Change, edits: &Edits, relations: &[Relation], words: &Words, patches: &[Patch], series: &mut [Series]) {
    let place = places(edits.len(), patches);
    let (mut found, of_patch) = drafts(series, relations, words, &place, patches.len());
    let order: Vec<usize> = if is_circle(&found) { (0..found.len()).collect() } else { topological(&found) };
    contexts(change, edits, &place, &of_patch, &order, &mut found);
    for (one, draft) in series.iter_mut().zip(found) {
        one.needs = draft.needs.into_iter().map(SeriesIdx).collect();
    }
}

/// Puts series whose patches moved into an order in which each stands after those it needs. Where they need each other in a circle, all series are made
/// anew. The order of the patches stays as it is until [`in_line`] is called.
pub fn again(
    change: &Change,
    edits: &Edits,
    relations: &[Relation],
    words: &Words,
    homes: &[Home],
    patches: &[Patch],
    mut held: Vec<Series>,
) -> Vec<Series> {
    let place = places(edits.len(), patches);
    let (mut found, of_patch) = drafts(&held, relations, words, &place, patches.len());
    if is_circle(&found) {
        return series(change, edits, relations, homes, patches);
    }
    contexts(change, edits, &place, &of_patch, &topological(&found), &mut found);
    let order = topological(&found);
    let rank: BTreeMap<usize, usize> = order.iter().enumerate().map(|(rank, idx)| (*idx, rank)).collect();
    for (one, draft) in held.iter_mut().zip(&found) {
        one.needs = draft.needs.iter().map(|needed| SeriesIdx(rank[needed])).collect();
        one.needs.sort();
    }
    order.into_iter().map(|idx| held[idx].clone()).collect()
}

/// Returns the series, each with those that it needs by a relation between their patches or because a person says so, and the place of the series of each
/// patch. What a person says gives way where it closes a circle.
fn drafts(
    series: &[Series],
    relations: &[Relation],
    words: &Words,
    place: &[Option<usize>],
    n_patches: usize,
) -> (Vec<SeriesDraft>, Vec<usize>) {
    let mut of_patch = vec![0; n_patches];
    let mut found = Vec::with_capacity(series.len());
    for (idx, one) in series.iter().enumerate() {
        let patches: Vec<usize> = one.patches.iter().map(|patch| patch.0).collect();
        patches.iter().for_each(|&patch| of_patch[patch] = idx);
        found.push(SeriesDraft { home: one.home, end: Position::Plain, patches, needs: BTreeSet::new() });
    }
    for relation in relations {
        if let (Some(first), Some(second)) = (place[relation.first.idx()], place[relation.second.idx()])
            && of_patch[first] != of_patch[second]
        {
            found[of_patch[second]].needs.insert(of_patch[first]);
        }
    }
    for (idx, one) in series.iter().enumerate() {
        for name in words.needs(&one.name) {
            let Some(first) = series.iter().position(|other| other.name == *name) else { continue };
            // All parts of a series that is posted in several.
            let needed = first + series[first].part.map_or(0, |part| part.of - part.number);
            if !reaches(&found, needed, idx) {
                found[idx].needs.insert(needed);
            }
        }
    }
    (found, of_patch)
}

/// Whether a series needs itself through others.
fn is_circle(found: &[SeriesDraft]) -> bool {
    (0..found.len()).any(|idx| found[idx].needs.iter().any(|&needed| reaches(found, needed, idx)))
}

struct SeriesDraft {
    home: HomeIdx,
    end: Position,
    patches: Vec<usize>,
    needs: BTreeSet<usize>,
}

/// Returns for each edit the place of its patch.
pub fn places(n_edits: usize, patches: &[Patch]) -> Vec<Option<usize>> {
    edit::places(n_edits, patches.iter().map(|patch| &patch.edits))
}

/// Whether `from` needs `to`, also through others.
fn reaches(found: &[SeriesDraft], from: usize, to: usize) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        if at == to {
            return true;
        }
        open.extend(found[at].needs.iter().copied().filter(|next| seen.insert(*next)));
    }
    false
}

/// Returns the series so that each stands after those it needs; among free ones the one with the earliest patch first.
fn topological(found: &[SeriesDraft]) -> Vec<usize> {
    let mut left: BTreeSet<usize> = (0..found.len()).collect();
    let mut order = Vec::with_capacity(found.len());
    while !left.is_empty() {
        let free = left.iter().copied().filter(|idx| found[*idx].needs.iter().all(|needed| !left.contains(needed)));
        let next = free.min_by_key(|idx| found[*idx].patches.first().copied()).expect("series never need each other in a circle");
        left.remove(&next);
        order.push(next);
    }
    order
}

/// Makes the later of two series that touch the same lines need the earlier one.
fn contexts(
    change: &Change,
    edits: &Edits,
    place: &[Option<usize>],
    of_patch: &[usize],
    order: &[usize],
    found: &mut [SeriesDraft],
) {
    let rank: BTreeMap<usize, usize> = order.iter().enumerate().map(|(rank, idx)| (*idx, rank)).collect();
    let mut close: BTreeSet<(usize, usize)> = BTreeSet::new();
    for (file_id, edit_ids) in edits.by_file() {
        let mut touched: Vec<(usize, usize, usize)> = Vec::new();
        for (start, end, edit_id) in touched_lines(change, edits, file_id, &edit_ids) {
            let Some(patch) = place[edit_id.idx()] else { continue };
            touched.push((start, end, of_patch[patch]));
        }
        touched.sort();
        // Sorted by first line: for each series the furthest line it reached so far.
        let mut reached: BTreeMap<usize, usize> = BTreeMap::new();
        for (start, end, own) in touched {
            for (&other, &furthest) in &reached {
                if other != own && furthest + CONTEXT >= start {
                    close.insert(if rank[&other] < rank[&own] { (other, own) } else { (own, other) });
                }
            }
            let furthest = reached.entry(own).or_insert(end);
            *furthest = end.max(*furthest);
        }
    }
    for (earlier, later) in close {
        if !reaches(found, later, earlier) {
            found[later].needs.insert(earlier);
        }
    }
}

/// Returns the base lines that each edit of a file touches. An edit into the text of another edit touches that edit's lines, a path edit touches all lines.
fn touched_lines(change: &Change, edits: &Edits, file_id: FileId, edit_ids: &[EditId]) -> Vec<(usize, usize, EditId)> {
    let lines = Lines::of(change.file(file_id).base_text());
    edit_ids
        .iter()
        .map(|&edit_id| {
            let mut edit = edits.get(edit_id);
            while let Some((TextId::Inserted(maker), ..)) = edit.splice()
                && maker < edit_id
            {
                edit = edits.get(maker);
            }
            match (&edit.kind, edit.base_span()) {
                (EditKind::Splice { .. }, Some(span)) => (lines.line_at(span.start), lines.line_at(span.end), edit_id),
                _ => (0, lines.len(), edit_id),
            }
        })
        .collect()
}
