//! Which patches had to move as a whole for a new order of a campaign.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::model::{EditId, Patch, Relation};

/// A patch that stands elsewhere than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reordered<'p> {
    /// The patch as it was.
    pub patch: &'p Patch,
    /// Its place before, counted from 0.
    pub from: usize,
    /// Its place now, among the patches that were there before.
    pub to: usize,
    /// A relation that it could not keep where it was; `None` where no relation was learned.
    pub why: Option<&'p Relation>,
}

/// Returns the fewest patches that must have moved for the new order, by their new place: all but a longest run that kept its order.
pub fn reordered<'p>(before: &'p [Patch], after: &[Patch], learned: &'p [Relation]) -> Vec<Reordered<'p>> {
    let was: BTreeMap<&str, usize> = before.iter().enumerate().map(|(idx, patch)| (patch.patch_id.as_str(), idx)).collect();
    let order: Vec<usize> = after.iter().filter_map(|patch| was.get(patch.patch_id.as_str()).copied()).collect();
    let moved = moved(&order).into_iter().map(|at| {
        let patch = &before[order[at]];
        let holds = |edit_id: EditId| patch.edits.contains(&edit_id);
        let why = learned.iter().find(|relation| holds(relation.first) || holds(relation.second)).or(learned.first());
        Reordered { patch, from: order[at], to: at, why }
    });
    moved.collect()
}

/// Returns the places of a permutation that are not in its longest rising run; of several such runs the first counts.
fn moved(order: &[usize]) -> Vec<usize> {
    // The longest run that ends with each place: its length, and the place before in it.
    let mut best: Vec<(usize, Option<usize>)> = Vec::with_capacity(order.len());
    for (at, &place) in order.iter().enumerate() {
        let fits = (0..at).filter(|&earlier| order[earlier] < place);
        let longest = fits.max_by_key(|&earlier| (best[earlier].0, Reverse(earlier)));
        best.push((longest.map_or(1, |earlier| best[earlier].0 + 1), longest));
    }
    let mut kept = vec![false; order.len()];
    let mut at = (0..best.len()).max_by_key(|&at| (best[at].0, Reverse(at)));
    while let Some(here) = at {
        kept[here] = true;
        at = best[here].1;
    }
    (0..order.len()).filter(|&at| !kept[at]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fewest_moved() {
        assert!(moved(&[]).is_empty());
        assert!(moved(&[0, 1, 2]).is_empty());
        assert_eq!(moved(&[3, 0, 1, 2]), [0], "the last went to the front");
        assert_eq!(moved(&[1, 2, 3, 0]), [3], "the first went to the end");
        assert_eq!(moved(&[1, 0]), [1], "of two runs of one the first counts");
        assert_eq!(moved(&[2, 0, 3, 1, 4]), [1, 3]);
    }
}
