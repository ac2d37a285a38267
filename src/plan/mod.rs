//! Edits and facts → patches in series, and all that happens to such a plan later.
//!
//! A plan is made in this order: relations between edits ([`relate`], [`balance`]), knots that no order can separate ([`knots`]), temporary text that
//! lets some be separated all the same ([`bridge`]), groups ([`group`]), their order ([`order`]), where each goes ([`home`], [`series`]), and what
//! the steps would break ([`check`]). [`cut`] does all of it, again and again until the check asks for nothing more ([`settle`](mod@settle)).
//!
//! A plan changes when a build fails ([`repair`]), when a person deals its edits to other patches ([`regroup`], [`mod@todo`]), and when the change itself is
//! another one ([`carry`]). It is kept as a file ([`store`]), in which edits go by [`address`], patches by [`patch_ids`], series by [`change_id`]; what each command left is kept
//! too ([`operations`]).

pub mod relate;

pub mod balance;

pub mod knots;

pub mod bridge;

pub mod group;

pub mod order;

pub mod home;

pub mod series;

pub mod check;

pub mod cut;

pub mod settle;

pub mod repair;

pub mod regroup;

pub mod todo;

pub mod carry;

pub mod store;

pub mod operations;

pub mod address;
pub mod change_id;
pub mod patch_ids;

#[cfg(test)]
pub(crate) mod fixture;
