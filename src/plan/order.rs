//! Groups → their order: what must come first does, and among the free ones what people put first.
//!
//! A stable topological order by Kahn's algorithm. Of the groups that may come next, the one of the earliest phase is taken: preparation (what
//! later groups need), then users, then what only removes, then tests, then documents. Ties go to the group that more others wait for, then
//! to the first path. Cost: n log n in groups and relations.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use bstr::{BStr, ByteSlice};

use super::near::{Kind, kind};
use crate::model::{Change, EditId, EditKind, Edits, Reason, Relation, Tie};

/// Why a set of groups has no order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// Each must come before the next; the first is repeated at the end.
    #[error("cannot order {} groups that need each other", .0.len().saturating_sub(1))]
    Cycle(Vec<(usize, Option<Reason>)>),
}

/// Returns the places of the groups in the order in which they are to be applied.
///
/// # Errors
/// When groups need each other in a circle, which grouping never makes.
pub fn order(change: &Change, edits: &Edits, relations: &[Relation], groups: &[Vec<EditId>]) -> Result<Vec<usize>, OrderError> {
    let mut of = vec![None; edits.len()];
    for (idx, group) in groups.iter().enumerate() {
        group.iter().for_each(|edit_id| of[edit_id.idx()] = Some(idx));
    }
    let mut after: Vec<BTreeMap<usize, &Reason>> = vec![BTreeMap::new(); groups.len()];
    let mut waits = vec![0usize; groups.len()];
    for relation in relations.iter().filter(|relation| relation.tie == Tie::Before) {
        if let (Some(first), Some(second)) = (of[relation.first.idx()], of[relation.second.idx()])
            && first != second
            && after[first].insert(second, &relation.reason).is_none()
        {
            waits[second] += 1;
        }
    }
    let keys: Vec<_> = groups.iter().enumerate().map(|(idx, group)| key(change, edits, group, after[idx].len())).collect();
    let mut free: BinaryHeap<Reverse<(Key, usize)>> =
        (0..groups.len()).filter(|idx| waits[*idx] == 0).map(|idx| Reverse((keys[idx], idx))).collect();
    let mut order = Vec::with_capacity(groups.len());
    while let Some(Reverse((_, idx))) = free.pop() {
        order.push(idx);
        for &next in after[idx].keys() {
            waits[next] -= 1;
            if waits[next] == 0 {
                free.push(Reverse((keys[next], next)));
            }
        }
    }
    if order.len() == groups.len() { Ok(order) } else { Err(cycle(&after, &waits)) }
}

/// Phase, how many wait for it (more first), the first edit.
type Key = (Phase, Reverse<usize>, EditId);

/// When a group comes, as far as nothing forces it. Source: the order of commits in 2,196 posted series: documents, tests and removals
/// stand late, headers and what others use early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Preparation,
    Code,
    Removal,
    Tests,
    Documents,
}

fn key(change: &Change, edits: &Edits, group: &[EditId], n_waiting: usize) -> Key {
    let mut lines: BTreeMap<Kind, usize> = BTreeMap::new();
    let (mut removed, mut inserted) = (0, 0);
    for &edit_id in group {
        let edit = edits.get(edit_id);
        let (old, new) = (edit.removed(change).lines().count(), edit.inserted().lines().count());
        let whole = usize::from(!matches!(edit.kind, EditKind::Splice { .. }));
        *lines.entry(kind(change.file(edit.file_id).path())).or_default() += old + new + whole;
        (removed, inserted) = (removed + old, inserted + new);
    }
    let all: usize = lines.values().sum();
    let mostly = |wanted: Kind| 2 * lines.get(&wanted).copied().unwrap_or(0) > all;
    let phase = match () {
        () if mostly(Kind::Document) => Phase::Documents,
        () if mostly(Kind::Test) => Phase::Tests,
        () if inserted == 0 && removed > 0 => Phase::Removal,
        () if n_waiting > 0 => Phase::Preparation,
        () => Phase::Code,
    };
    (phase, Reverse(n_waiting), group.first().copied().unwrap_or(EditId(0)))
}

/// Walks backwards along what is not done until a group comes again.
fn cycle(after: &[BTreeMap<usize, &Reason>], waits: &[usize]) -> OrderError {
    let before = |idx: usize| (0..after.len()).find(|&first| waits[first] > 0 && after[first].contains_key(&idx));
    let Some(mut at) = (0..waits.len()).find(|&idx| waits[idx] > 0) else { return OrderError::Cycle(Vec::new()) };
    let mut seen = BTreeSet::new();
    let mut path = vec![at];
    while seen.insert(at) {
        let Some(first) = before(at) else { break };
        at = first;
        path.push(at);
    }
    let start = path.iter().position(|idx| *idx == at).unwrap_or(0);
    let mut circle: Vec<usize> = path.split_off(start);
    circle.reverse();
    let reasons = circle.windows(2).map(|pair| after[pair[0]].get(&pair[1]).map(|reason| (*reason).clone()));
    let mut shown: Vec<(usize, Option<Reason>)> = circle.iter().copied().zip(reasons.collect::<Vec<_>>()).collect();
    shown.extend(circle.last().map(|last| (*last, None)));
    OrderError::Cycle(shown)
}

/// Whether a path is of documents, for callers that only have the path.
pub fn is_document(path: &BStr) -> bool {
    kind(path) == Kind::Document
}
