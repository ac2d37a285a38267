//! Names that come or go: identifiers that stand in the changed files of one side of the change only.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::model::{Change, FileChange};

use super::text;
use super::units::Unit;

/// For each identifier of the units, whether the base and the tip of the changed files hold it.
#[derive(Debug, Default)]
pub struct Names<'c> {
    sides: HashMap<&'c [u8], (bool, bool)>,
}

impl<'c> Names<'c> {
    /// Looks the identifiers of `units` up in the whole text of the changed files. Cost: those texts, in parallel.
    pub(super) fn of(change: &'c Change, units: &[Unit<'c>]) -> Self {
        let mut numbers: HashMap<&[u8], u32> = HashMap::new();
        for unit in units {
            for name in text::raw_identifiers(unit.text) {
                let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
                numbers.entry(name).or_insert(next);
            }
        }
        let held = |side: fn(&FileChange) -> &[u8]| -> Vec<bool> {
            let none = || vec![false; numbers.len()];
            let mark = |mut held: Vec<bool>, file: &FileChange| {
                for number in text::raw_identifiers(side(file)).filter_map(|name| numbers.get(name)) {
                    held[*number as usize] = true;
                }
                held
            };
            let join = |mut a: Vec<bool>, b: Vec<bool>| {
                a.iter_mut().zip(b).for_each(|(a, b)| *a |= b);
                a
            };
            change.files.par_iter().fold(none, mark).reduce(none, join)
        };
        let (base, tip) = (held(FileChange::base_text), held(FileChange::tip_text));
        #[expect(clippy::iter_over_hash_type, reason = "a map is made of a map")]
        let sides = {
            let mut sides = HashMap::new();
            for (name, number) in numbers {
                sides.insert(name, (base[number as usize], tip[number as usize]));
            }
            sides
        };
        Names { sides }
    }

    /// Whether the name stands in the tip only.
    pub fn is_fresh(&self, name: &[u8]) -> bool {
        self.sides.get(name) == Some(&(false, true))
    }

    /// Whether the name stands in the base only.
    pub fn is_gone(&self, name: &[u8]) -> bool {
        self.sides.get(name) == Some(&(true, false))
    }
}
