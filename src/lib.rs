//! Cuts a change that is right but far too big into series in which every step builds.
pub mod model;
