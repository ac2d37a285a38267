//! Cuts a change that is right but far too big into series in which every step builds, one series a maintainer.
//!
//! ```text
//!   read ──> analyze ──> plan ──> write ──> verify ──> mail
//!     │                                │
//!     └── model, git, lang             └── review, cli, ui
//! ```
//!
//! # Words
//!
//! *base*, *tip*
//! : The trees before and after the [change](model::Change).
//!
//! *edit*
//! : The smallest piece that can go alone ([`model::Edit`]). It replaces a span of a Text by bytes; a Text is a base file or what another edit
//!   inserts. Every set of edits closed under `requires` gives one tree ([`model::compose()`]).
//!
//! *fact*
//! : What an edit does to a symbol: defines, uses, drops ([`model::Fact`]).
//!
//! *relation*
//! : A contract between two edits, with its reason: before, or together ([`model::Relation`]).
//!
//! *knot*
//! : The edits that no order can separate ([`model::Knot`]).
//!
//! *group*, *patch*, *step*
//! : Knots that belong together; with message, author and home they are a patch, and the tree after it is a step.
//!
//! *home*, *series*, *campaign*
//! : Where a patch goes, the ordered patches that go there, and all of them.
//!
//! *plan*
//! : The campaign with the change it cuts: kept as a file, edited as a todo ([`model::Plan`]).
//!
//! *verdict*
//! : What a build says of a step ([`verify::Verdict`]).

pub mod model;

pub mod git;

pub mod lang;

pub mod analyze;
pub mod read;

pub mod similarity;

pub mod plan;

pub mod describe;

pub mod write;

pub mod verify;

pub mod mail;

pub mod review;

pub mod pipeline;

pub mod report;
pub mod settings;

pub mod cli;
pub mod ui;
