//! The program from outside.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by failing")]

#[path = "../support/mod.rs"]
mod support;

mod commits;
mod determinism;
mod edit;
mod fields;
mod inputs;
mod landing;
mod lint;
mod mails;
mod owners;
mod stopped;
mod untouched;
