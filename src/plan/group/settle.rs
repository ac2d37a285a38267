//! Groups that were made already, and relations that came later: each knot stays where most of it was, and groups that now need each other are
//! joined.
//!
//! Joining all anew would find the nearest again, at the cost of every pair; a large change has too many of them to do that for each relation that a
//! check asks for. Linear in edits and relations.

use std::collections::BTreeMap;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use super::edges;
use crate::model::{EditId, Edits, Group, Knot, Relation};

/// Returns the groups of `knots`, ordered by their first knot, none of which needs another in a circle. `members` are the edits of each group as they were.
pub fn settle(members: &[Vec<EditId>], knots: &[Knot], edits: &Edits, relations: &[Relation]) -> Vec<Group> {
    let mut group_of = vec![0; edits.len()];
    for (idx, group) in members.iter().enumerate() {
        group.iter().for_each(|edit_id| group_of[edit_id.idx()] = idx);
    }
    let of_knot: Vec<usize> = knots
        .iter()
        .map(|knot| {
            let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
            knot.edits.iter().for_each(|edit_id| *counts.entry(group_of[edit_id.idx()]).or_default() += 1);
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
            settle(&members, &knots, &edits, relations).into_iter().map(|group| group.knots).collect::<Vec<_>>()
        };
        assert_eq!(groups(&[before(0, 1)]), [vec![0, 2], vec![1], vec![3]]);
        assert_eq!(groups(&[before(0, 1), before(1, 2)]), [vec![0, 1, 2], vec![3]]);
    }
}
