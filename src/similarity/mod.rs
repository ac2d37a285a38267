//! How near two edits are: log-odds that their author put them into one patch.
mod co_change;
pub mod feature;
mod features;
mod names;
mod roles;
mod rows;
pub mod said;
mod squashed_messages;
mod table;
mod text;
mod tfidf;
mod units;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use crate::model::{Change, Facts};
use crate::read::origins::Origins;

pub use co_change::CoChange;
use features::Features;
pub use names::Names;
pub use roles::Ties;
use rows::{FilePairs, Scratch, columns};
pub use squashed_messages::{Provenance, SquashedMessages};
use table::{LANES, Table};
pub use text::{FileClass, file_class, stem};
pub use units::{Fate, Side, Unit, UnitHunk, by_edit, units};

/// What is known of a change beside its edits.
#[derive(Debug, Clone, Default)]
pub struct Context<'c> {
    /// For each file of the change, a number of the most specific MAINTAINERS section that names it; the catch-all section and
    /// files without one are `None`. May be empty.
    pub sections: Vec<Option<u32>>,
    /// What the edits do.
    pub facts: Option<&'c Facts>,
    /// What must come before what; may be empty.
    pub ties: Ties,
    /// What was changed together before; may be empty.
    pub co_change: CoChange,
}

/// The units of a change with what it takes to score pairs of them.
#[derive(Debug)]
pub struct Scores<'c> {
    /// The units, in order.
    pub units: Vec<Unit<'c>>,
    hunks: Vec<UnitHunk<'c>>,
    names: Names<'c>,
    context: Context<'c>,
    /// The pairs scored already: a plan is made again for each thing its check finds.
    squares: Mutex<BTreeMap<Vec<usize>, Arc<Square>>>,
}

/// One number for each pair of `n` things.
#[derive(Debug, Clone)]
pub struct Square {
    n: usize,
    upper: Vec<f32>,
}

impl Square {
    /// Returns the number of things.
    pub fn len(&self) -> usize {
        self.n
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.n == 0
    }
    /// Returns the numbers of `i` with each later thing.
    pub fn row(&self, i: usize) -> &[f32] {
        let start = i * (2 * self.n - i - 1) / 2;
        &self.upper[start..start + self.n - i - 1]
    }
    /// Returns the number of the pair; `i` and `j` differ.
    pub fn get(&self, i: usize, j: usize) -> f32 {
        let (i, j) = (i.min(j), i.max(j));
        self.row(i)[j - i - 1]
    }
}

/// Prepares the scores of the units of a change.
pub fn scores<'c>(change: &'c Change, (units, hunks): (Vec<Unit<'c>>, Vec<UnitHunk<'c>>), context: Context<'c>) -> Scores<'c> {
    let names = Names::of(change, &units);
    Scores { units, hunks, names, context, squares: Mutex::default() }
}

impl Scores<'_> {
    /// Returns a number that is equal for units in one hunk with three lines of context.
    pub(crate) fn wide_hunk(&self, unit: &Unit<'_>) -> usize {
        self.hunks[unit.hunk].wide
    }

    /// Returns what the messages of the branch say of each edit.
    pub fn squashed(&self, change: &Change, origins: &Origins) -> SquashedMessages {
        SquashedMessages::of(change, (&self.units, &self.hunks), &self.names, origins)
    }

    fn features(&self, places: &[usize]) -> Features {
        let units: Vec<&Unit<'_>> = places.iter().map(|&at| &self.units[at]).collect();
        Features::of(&units, &self.hunks, &self.names, &self.context)
    }

    /// Returns the log-odds of each pair of the units at `places`, which are sorted.
    pub fn square(&self, places: &[usize]) -> Arc<Square> {
        let known = || self.squares.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(square) = known().get(places) {
            return Arc::clone(square);
        }
        let square = Arc::new(self.scored(places));
        known().insert(places.to_vec(), Arc::clone(&square));
        square
    }

    fn scored(&self, places: &[usize]) -> Square {
        let features = self.features(places);
        let table = Table::learnt(|feature| feature.is_whole().then(|| features.whole[feature as usize]));
        let upper = each_row(&features, &self.context.co_change, |columns, len| {
            let mut row = vec![0f32; len.next_multiple_of(LANES)];
            for (block, out) in row.chunks_exact_mut(LANES).enumerate() {
                table.add(columns, block * LANES, out.try_into().expect("chunks of LANES"));
            }
            row.truncate(len);
            row
        });
        Square { n: places.len(), upper: upper.concat() }
    }
}

fn each_row<T: Send>(
    features: &Features,
    co_change: &CoChange,
    row: impl Fn(&rows::Columns, usize) -> Vec<T> + Sync,
) -> Vec<Vec<T>> {
    let mut starts: Vec<usize> =
        (0..features.len()).filter(|&i| i == 0 || features.rows[i - 1].file != features.rows[i].file).collect();
    starts.push(features.len());
    let rows: Vec<Vec<Vec<T>>> = starts
        .par_windows(2)
        .map_init(
            || (columns(features.len()), Scratch::default(), FilePairs::default()),
            |(columns, scratch, pairs), span| {
                let (start, end) = (span[0], span[1]);
                features.file_pairs(features.rows[start].file, co_change, pairs);
                (start..end)
                    .map(|i| {
                        features.fill(i, pairs, scratch, columns);
                        row(columns, features.len() - i - 1)
                    })
                    .collect()
            },
        )
        .collect();
    rows.into_iter().flatten().collect()
}
