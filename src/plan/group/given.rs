//! Groups that are given, by a person, by an older plan or by the round before: each knot stays in the group that holds most of it, and groups that need
//! each other are joined.
//!
//! A large change has too many pairs to group it from nothing for each relation that a check asks for. This is linear in edits and relations.

use std::collections::BTreeMap;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use super::edges;
use crate::model::{EditId, Edits, Group, Knot, Relation, edit};

/// Returns the groups of `knots`, ordered by their first knot, none of which needs another in a circle. `members` are the edits of each given group; an
/// edit in none of them counts for the first.
pub fn given(members: &[Vec<EditId>], knots: &[Knot], edits: &Edits, relations: &[Relation]) -> Vec<Group> {
    let group_of = edit::places(edits.len(), members);
    let of_knot: Vec<usize> = knots
        .iter()
        .map(|knot| {
            let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
            knot.edits.iter().for_each(|edit_id| *counts.entry(group_of[edit_id.idx()].unwrap_or_default()).or_default() += 1);
            let most = counts.into_iter().max_by_key(|(group, count)| (*count, std::cmp::Reverse(*group)));
            most.map_or(0, |(group, _)| group)
        })
        .collect();
    let mut graph: DiGraph<(), (), u32> = DiGraph::new();
    for _ in members {
        graph.add_node(());
    }
    for (first, second) in edges(knots, edits, relations) {
        graph.update_edge(NodeIndex::new(of_knot[first]), NodeIndex::new(of_knot[second]), ());
    }
    let mut root = vec![0; members.len()];
    for component in kosaraju_scc(&graph) {
        let first = component.iter().map(|node| node.index()).min().unwrap_or(0);
        component.iter().for_each(|node| root[node.index()] = first);
    }
    let mut groups: BTreeMap<usize, Group> = BTreeMap::new();
    for (knot, &group) in of_knot.iter().enumerate() {
        groups.entry(root[group]).or_default().knots.push(knot);
    }
    let mut groups: Vec<Group> = groups.into_values().collect();
    groups.sort_by_key(|group| group.knots.first().copied());
    groups
}

/// Returns the given groups with the edits that are in none of them added. `fresh` are groups of all edits as they would be made from nothing: an edit
/// that is not given goes to the given group that holds most of its fresh group, the first of several. Fresh groups without a given edit follow as groups of
/// their own. Groups are sorted by edit; a given group without edits is left out.
pub fn with_new(given: &[Vec<EditId>], fresh: &[Vec<EditId>]) -> Vec<Vec<EditId>> {
    let group_of: BTreeMap<EditId, usize> =
        given.iter().enumerate().flat_map(|(idx, group)| group.iter().map(move |&edit_id| (edit_id, idx))).collect();
    let mut groups = given.to_vec();
    for group in fresh {
        let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
        group.iter().filter_map(|edit_id| group_of.get(edit_id)).for_each(|&idx| *counts.entry(idx).or_default() += 1);
        let new: Vec<EditId> = group.iter().copied().filter(|edit_id| !group_of.contains_key(edit_id)).collect();
        match counts.into_iter().max_by_key(|(idx, count)| (*count, std::cmp::Reverse(*idx))) {
            Some((idx, _)) => groups[idx].extend(new),
            None => groups.push(new),
        }
    }
    groups.retain(|group| !group.is_empty());
    groups.iter_mut().for_each(|group| group.sort());
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Reason;

    #[test]
    fn groups_that_need_each_other_are_joined() {
        let ids: Vec<EditId> = (0..4).map(EditId::at).collect();
        let knots: Vec<Knot> = ids.iter().map(|&edit_id| Knot { edits: vec![edit_id], ties: Vec::new() }).collect();
        let edit = || crate::model::Edit {
            file_id: crate::model::FileId(0),
            kind: crate::model::EditKind::Mode,
            requires: Vec::new(),
            tip_span: None,
            item: bstr::BString::default(),
        };
        let edits = Edits { all: (0..4).map(|_| edit()).collect(), ..Edits::default() };
        let members = [vec![ids[0], ids[2]], vec![ids[1]], vec![ids[3]]];
        let before = |first: usize, second: usize| Relation::before(ids[first], ids[second], Reason::Asked);
        let groups = |relations: &[Relation]| {
            given(&members, &knots, &edits, relations).into_iter().map(|group| group.knots).collect::<Vec<_>>()
        };
        assert_eq!(groups(&[before(0, 1)]), [vec![0, 2], vec![1], vec![3]]);
        assert_eq!(groups(&[before(0, 1), before(1, 2)]), [vec![0, 1, 2], vec![3]]);
    }

    #[test]
    fn new_edits_go_where_most_of_their_fresh_group_is() {
        let ids = |numbers: &[u32]| numbers.iter().copied().map(EditId).collect::<Vec<_>>();
        let given = [ids(&[0, 1]), ids(&[]), ids(&[4, 5, 6])];
        let fresh = [ids(&[0, 2, 4, 5]), ids(&[3, 7]), ids(&[1, 6, 8])];
        assert_eq!(with_new(&given, &fresh), [ids(&[0, 1, 8]), ids(&[2, 4, 5, 6]), ids(&[3, 7])]);
        assert_eq!(with_new(&[], &fresh), fresh);
    }
}
