//! Cuts a change that is right but far too big into series in which every step builds.
pub mod git;
pub mod model;
pub mod plan;
pub mod read;
pub mod write;
