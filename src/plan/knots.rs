//! Relations → Knots: the edits that no order can separate.

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use crate::model::{EditId, Edits, Knot, Relation, Tie, edit};

/// Returns the strong components of the relations, each sorted, ordered by their first edit. Edits that bridges stand for are in none.
/// Linear in edits and relations. (Kosaraju's algorithm: petgraph's `tarjan_scc` recurses and overflows the stack on long chains.)
pub fn knots(edits: &Edits, relations: &[Relation]) -> Vec<Knot> {
    let mut graph: DiGraph<(), (), u32> = DiGraph::with_capacity(edits.len(), 2 * relations.len());
    for _ in 0..edits.len() {
        graph.add_node(());
    }
    let node = |edit_id: EditId| NodeIndex::new(edit_id.idx());
    for relation in relations {
        graph.add_edge(node(relation.first), node(relation.second), ());
        if relation.tie == Tie::Together {
            graph.add_edge(node(relation.second), node(relation.first), ());
        }
    }
    let whole = edits.whole();
    let mut knots: Vec<Knot> = kosaraju_scc(&graph)
        .into_iter()
        .map(|component| {
            let mut members: Vec<EditId> =
                component.into_iter().map(|node| EditId::at(node.index())).filter(|id| whole.has(*id)).collect();
            members.sort();
            Knot { edits: members, ties: Vec::new() }
        })
        .filter(|knot| !knot.edits.is_empty())
        .collect();
    knots.sort_by_key(|knot| knot.edits[0]);
    let of = places(edits.len(), &knots);
    for relation in relations {
        if let (Some(one), Some(other)) = (of[relation.first.idx()], of[relation.second.idx()])
            && one == other
        {
            knots[one].ties.push(relation.clone());
        }
    }
    knots
}

/// Returns for each edit the place of its knot.
pub fn places(n_edits: usize, knots: &[Knot]) -> Vec<Option<usize>> {
    edit::places(n_edits, knots.iter().map(|knot| &knot.edits))
}
