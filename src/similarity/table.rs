//! The learnt table: three hundred small trees of questions about a pair, whose answers add up to its log-odds.
//!
//! A tree is walked for 64 pairs at once without a branch: every question that is answered "greater" strikes out the leaves
//! on its left, and the first leaf left is the answer. Questions about the whole change have one answer for all its pairs
//! and are asked once, which leaves about half of each tree. Cost: about 1 µs a pair.

use std::sync::LazyLock;

use serde_json::Value;

use super::feature::{Feature, N_FEATURES};

/// Pairs walked at once.
pub(super) const LANES: usize = 64;

/// Gradient boosting, 300 trees of 31 leaves, on 2,559 posted series of git, U-Boot, Xen and DPDK, 300 pairs of units each.
const LEARNT: &str = include_str!("boost-300x31.json");

/// The table as written, read once.
static TREES: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(LEARNT).expect("the table is part of the program and a test reads it"));

#[derive(Debug)]
struct TreeQuestion {
    feature: usize,
    above: f32,
    /// Leaves that stay when the value is above.
    keep: u32,
}

#[derive(Debug, Default)]
struct DecisionTree {
    questions: Vec<TreeQuestion>,
    leaves: Vec<f32>,
}

/// Trees without the questions that are answered already.
#[derive(Debug)]
pub(super) struct Table {
    trees: Vec<DecisionTree>,
    /// The trees of which one leaf is left.
    constant: f32,
}

impl Table {
    /// Reads the learnt table; `known` are the facts of the whole change.
    pub(super) fn learnt(known: impl Fn(Feature) -> Option<f32>) -> Self {
        let json = &*TREES;
        let names: Vec<Option<Feature>> =
            json["features"].as_array().into_iter().flatten().map(|name| name.as_str().and_then(Feature::named)).collect();
        let mut table = Table { trees: Vec::new(), constant: 0.0 };
        for node in json["trees"].as_array().into_iter().flatten() {
            let mut tree = DecisionTree::default();
            tree.add(node, &names, &known);
            if tree.questions.is_empty() {
                table.constant += tree.leaves[0];
            } else {
                table.trees.push(tree);
            }
        }
        table
    }

    /// Adds the log-odds of `LANES` pairs from column `at` on; `columns` are as long as [`N_FEATURES`].
    pub(super) fn add(&self, columns: &[Vec<f32>; N_FEATURES], at: usize, out: &mut [f32; LANES]) {
        out.fill(self.constant);
        for tree in &self.trees {
            let mut left = [u32::MAX; LANES];
            for question in &tree.questions {
                let column: &[f32; LANES] =
                    columns[question.feature][at..at + LANES].try_into().expect("the slice has LANES items");
                for (left, &value) in left.iter_mut().zip(column) {
                    *left &= if value > question.above { question.keep } else { u32::MAX };
                }
            }
            for (sum, left) in out.iter_mut().zip(left) {
                *sum += tree.leaves[left.trailing_zeros() as usize];
            }
        }
    }
}

impl DecisionTree {
    /// Adds the leaves of a node from left to right.
    fn add(&mut self, node: &Value, names: &[Option<Feature>], known: &impl Fn(Feature) -> Option<f32>) {
        #[expect(clippy::cast_possible_truncation, reason = "the table was learnt on shorter numbers than f32")]
        let number = |value: &Value| value.as_f64().unwrap_or(0.0) as f32;
        let Some(parts) = node.as_array() else {
            self.leaves.push(number(node));
            return;
        };
        let feature = parts[0].as_u64().and_then(|at| names[usize::try_from(at).ok()?]);
        let feature = feature.expect("a test looks up every feature the table asks for");
        let above = number(&parts[1]);
        match known(feature) {
            Some(value) => self.add(&parts[if value > above { 3 } else { 2 }], names, known),
            None => {
                let first = self.leaves.len();
                let at = self.questions.len();
                self.questions.push(TreeQuestion { feature: feature as usize, above, keep: 0 });
                self.add(&parts[2], names, known);
                let left = (1u32 << self.leaves.len()) - (1u32 << first);
                self.questions[at].keep = !left;
                self.add(&parts[3], names, known);
            }
        }
    }
}
