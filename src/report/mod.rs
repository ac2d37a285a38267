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
