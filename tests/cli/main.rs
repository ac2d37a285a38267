//! The program from outside.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test starts programs, and what fails in it fails the test")]

#[path = "../support/mod.rs"]
mod support;

mod adopt;
mod again;
mod authors;
mod commits;
mod determinism;
mod edit;
mod fields;
mod help;
mod inputs;
mod json;
mod landing;
mod lint;
mod mails;
mod manual;
mod messages;
mod operations;
mod owners;
mod repair;
mod repositories;
mod send;
mod signals;
mod stopped;
mod terminal;
mod untouched;
mod verify;
mod versions;
