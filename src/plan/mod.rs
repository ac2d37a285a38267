//! Edits and facts → a campaign: what must stay together, what belongs together, in which order, where it goes, what it says, and how it is mended when a build speaks against it.

pub mod balance;
pub mod relate;

pub mod knots;

pub mod bridge;

pub mod group;

pub mod order;

pub mod check;
pub mod cut;
pub mod settle;

pub mod regroup;
pub mod repair;

pub mod home;
pub mod series;

pub mod address;
pub mod carry;
pub mod change_id;
pub mod patch_ids;
pub mod store;
pub mod todo;

#[cfg(test)]
pub(crate) mod fixture;
