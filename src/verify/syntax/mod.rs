//! Commands that a build saved, and what can be known with them without a build.

pub mod words;

pub mod compile;

pub mod saved;

pub mod depend;

pub mod database;

pub mod commands;
