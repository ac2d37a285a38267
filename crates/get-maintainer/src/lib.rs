//! Who owns a path: what MAINTAINERS says, word for word as `scripts/get_maintainer.pl` prints it, else CODEOWNERS, else folders.
//!
//! In: the bytes of the files that say it. Out: [`Owner`]s of a path, in the order in which the script prints them, and the
//! path's [`HomeName`]. Which entry of the tree is a folder is asked through a closure, and seldom: no tree is walked.
//!
//! ```text
//!   MAINTAINERS ──parse──> sections ──index──> patterns ──path──> sections, ranked ──> owners, lists ──> lines
//!                                                              X: N: K: depth          mailmap, duplicates
//!   patch ─────────────────────────────────────────────────────> K: in its lines         Fixes:, addresses in files
//! ```
//!
//! Where the script's answer hangs on the order of a Perl hash (two sections that claim a path at one depth), the section that
//! stands first in the file comes first. Cost: one pass over MAINTAINERS; then per path a look-up per folder of the path and one
//! match of the set of wildcard patterns.
//!
//! git's history is handed in as text: this module starts nothing.

pub mod address;
pub mod answer;
pub mod codeowners;
pub mod contact;
pub mod dialect;
pub mod history;
mod in_file;
pub mod keywords;
pub mod maintainers;
pub mod options;
pub mod patch;
mod patterns;
mod perl;
#[cfg(test)]
mod tests;

use bstr::{BStr, BString, ByteSlice};

pub use address::{Mailbox, Mailmap};
pub use answer::{Because, Owner, Question, Reason};
pub use codeowners::Codeowners;
pub use contact::Role;
pub use dialect::Dialect;
pub use maintainers::{Maintainers, Place, Section, SectionIdx, Sources};
pub use options::Options;
pub use patch::PatchText;

/// Where patches to a path go, before anybody gave it a short name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HomeName {
    /// The MAINTAINERS section, the owners of a CODEOWNERS line, or the folder.
    pub name: BString,
    /// The section's first `T:`, as written (`git git://…/linux.git branch`).
    pub tree: Option<BString>,
}

/// What a project says about who owns what.
#[derive(Debug)]
pub enum Owners {
    /// A MAINTAINERS file in one of the dialects of `get_maintainer.pl`.
    Maintainers(Box<Maintainers>),
    /// A CODEOWNERS file.
    Codeowners(Codeowners),
    /// Nothing: each folder at the top is a home.
    Folders,
}

impl Owners {
    /// Returns the home of `path`. `is_dir` says whether a path without a slash at its end is a folder.
    pub fn home(&self, path: &BStr, is_dir: &dyn Fn(&BStr) -> bool) -> HomeName {
        match self {
            Owners::Maintainers(maintainers) => maintainers.home(path, is_dir),
            Owners::Codeowners(codeowners) => codeowners.home(path).unwrap_or_else(|| folder(path)),
            Owners::Folders => folder(path),
        }
    }
}

/// Returns the folder at the top of `path` as its home; files at the top share the home `top`.
fn folder(path: &BStr) -> HomeName {
    let name = path.find_byte(b'/').map_or(b"top".as_slice(), |slash| &path[..slash]);
    HomeName { name: name.into(), tree: None }
}
