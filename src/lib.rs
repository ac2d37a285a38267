//! Cuts a change that is right but far too big into series in which every step builds.
pub mod cli;
pub mod git;
pub mod mail;
pub mod model;
pub mod pipeline;
pub mod plan;
pub mod read;
pub mod settings;
pub mod ui;
pub mod understand;
pub mod verify;
pub mod write;
