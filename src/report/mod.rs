//! What is printed: a plan, what explains it, and what a build said of it, as text and as JSON.

pub mod explain;
pub mod plan_json;
pub mod plan_text;
