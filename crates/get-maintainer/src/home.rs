//! The home of a path: where patches to it go.

use bstr::BString;

/// Where patches to a path go, before anybody gave it a short name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HomeName {
    /// The MAINTAINERS section, the owners of a CODEOWNERS line, or the folder.
    pub name: BString,
    /// The section's first `T:`, as written (`git git://…/linux.git branch`).
    pub tree: Option<BString>,
}
