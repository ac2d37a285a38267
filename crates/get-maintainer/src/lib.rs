//! Who owns a path: what MAINTAINERS says, word for word as `scripts/get_maintainer.pl` prints it, else CODEOWNERS, else folders.
//!
//! In: the bytes of the files that say it. Out: [`Owner`]s of a path or a patch, in the order in which the script prints them, and the
//! path's [`HomeName`], the tree that patches to it go through.
//!
//! ```text
//!   MAINTAINERS ──parse──> sections ──index──> patterns ──path──> sections, ranked ──> people, lists ──> lines
//!                                                              X: N: K: depth          mailmap, duplicates
//!   patch ─────────────────────────────────────────────────────> K: in its lines         Fixes:, addresses in files
//! ```
//!
//! Two ways to ask. Who has the text at hand parses it and asks a [`Maintainers`]:
//!
//! ```
//! use get_maintainer::{Maintainers, Sources};
//!
//! let text = b"MEMORY\nM:\tAnn Example <ann@example.org>\nL:\tmm@lists.example.org\nS:\tMaintained\nF:\tmm/\n";
//! let files = vec![("MAINTAINERS".into(), text.to_vec())];
//! let maintainers = Maintainers::parse(&Sources { files, ..Sources::default() });
//! let owners = maintainers.owners("mm/gup.c".into(), None, &|_| false);
//! let lines: Vec<String> = owners.iter().map(|owner| owner.line(true).to_string()).collect();
//! assert_eq!(lines, ["Ann Example <ann@example.org> (maintainer:MEMORY)", "mm@lists.example.org (open list:MEMORY)"]);
//! ```
//!
//! Who has a tree (a folder, a commit) implements [`Tree`] for it, and [`Owners::read`] finds the files, the options in
//! `.get_maintainer.conf`, and everything that an answer hangs on. Nothing here starts a program: git's history comes through the
//! tree, as text.
//!
//! Where the script's answer hangs on the order of a Perl hash (two sections that claim a path at one depth), the section that
//! stands first in the file comes first. Cost: one pass over MAINTAINERS; then per path a look-up per folder of the path and one
//! match of the set of wildcard patterns.

mod address;
pub mod answer;
#[cfg(feature = "cli")]
pub mod cli;
pub mod codeowners;
mod contact;
pub mod dialect;
mod expressions;
pub mod history;
pub mod home;
mod in_file;
pub mod keywords;
pub mod mailbox;
pub mod mailmap;
pub mod maintainers;
pub mod options;
pub mod owners;
pub mod patch;
mod patterns;
mod perl;
pub mod role;
pub mod section;
#[cfg(test)]
mod tests;
pub mod tree;

pub use answer::{Answer, Because, Owner, Question, Reason};
pub use codeowners::Codeowners;
pub use dialect::Dialect;
pub use home::HomeName;
pub use mailbox::Mailbox;
pub use mailmap::Mailmap;
pub use maintainers::{Maintainers, Sources};
pub use options::Options;
pub use owners::{Owners, Wanted};
pub use patch::PatchText;
pub use role::Role;
pub use section::{Place, Section, SectionIdx};
pub use tree::Tree;
