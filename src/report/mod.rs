//! What is printed: a plan, what explains it, and what a build said of it, as text and as JSON.

pub mod explain;
pub mod findings;
pub mod lint;
pub mod mail_json;
pub mod mail_text;
pub mod plan_json;
pub mod plan_text;
pub mod repair;
pub mod review;
pub mod verify_json;
pub mod verify_text;

use serde::Serialize;

use crate::model::{Address, Relation};

/// A relation, in JSON.
#[derive(Debug, Serialize)]
struct JsonRelation {
    tie: &'static str,
    /// Addresses.
    first: String,
    second: String,
    reason: String,
}

impl JsonRelation {
    /// `addresses` are those of all edits.
    fn of(relation: &Relation, addresses: &[Address]) -> Self {
        let edit = |edit_id: crate::model::EditId| addresses[edit_id.idx()].to_string();
        let (first, second) = (edit(relation.first), edit(relation.second));
        JsonRelation { tie: relation.tie.word(), first, second, reason: relation.reason.to_string() }
    }
}

/// Returns a branch without `refs/heads/`.
fn short(branch: &str) -> String {
    branch.trim_start_matches("refs/heads/").to_owned()
}
