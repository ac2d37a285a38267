//! What somebody is to a path: the words that the script prints before the name of the section.
//!
//! Source: `get_maintainer_role`, `add_categories` of the script.

use bstr::{BStr, BString, ByteSlice};

use super::dialect::Dialect;

/// What somebody is to a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// `M:` of a section that is Supported.
    Supporter,
    /// `M:` of a section that is Maintained.
    Maintainer,
    /// `M:` of a section with Odd Fixes.
    OddFixer,
    /// `M:` of an Orphan.
    OrphanMinder,
    /// `M:` of what is Obsolete.
    ObsoleteMinder,
    /// `M:` of THE REST in Linux.
    ChiefPenguin,
    /// `M:` of a section with another status, in lower case; `unknown` where there is none.
    Other(BString),
    /// `R:`.
    Reviewer,
    /// `L:` that takes mail from everybody.
    OpenList,
    /// `L:` that holds mail back for a look.
    ModeratedList,
    /// `L:` that takes mail of its members only; not printed unless it is asked for.
    SubscriberList,
    /// Named by a line of CODEOWNERS.
    CodeOwner,
    /// Named inside the file only.
    InFile,
    /// Signed the commit that the patch mends (`Fixes:`), or wrote much of a file.
    Signer,
}

impl Role {
    /// Whether it is a mailing list.
    pub fn is_list(&self) -> bool {
        matches!(self, Role::OpenList | Role::ModeratedList | Role::SubscriberList)
    }

    pub(super) fn of_status(status: &[u8], dialect: Dialect) -> Self {
        let status = lower(status, dialect);
        match status.as_slice() {
            b"supported" => Role::Supporter,
            b"maintained" => Role::Maintainer,
            b"odd fixes" => Role::OddFixer,
            b"orphan" => Role::OrphanMinder,
            b"obsolete" => Role::ObsoleteMinder,
            b"buried alive in reporters" => Role::ChiefPenguin,
            _ => Role::Other(status),
        }
    }

    /// The word the script prints before the section.
    pub fn word(&self) -> &BStr {
        match self {
            Role::Supporter => "supporter".into(),
            Role::Maintainer => "maintainer".into(),
            Role::OddFixer => "odd fixer".into(),
            Role::OrphanMinder => "orphan minder".into(),
            Role::ObsoleteMinder => "obsolete minder".into(),
            Role::ChiefPenguin => "chief penguin".into(),
            Role::Other(status) => status.as_bstr(),
            Role::Reviewer => "reviewer".into(),
            Role::OpenList => "open list".into(),
            Role::ModeratedList => "moderated list".into(),
            Role::SubscriberList => "subscriber list".into(),
            Role::CodeOwner => "owner".into(),
            Role::InFile => "in file".into(),
            Role::Signer => "signer".into(),
        }
    }
}

/// `lc` of the script.
pub(super) fn lower(text: &[u8], dialect: Dialect) -> BString {
    if dialect.decodes() && !text.is_ascii() { text.to_lowercase().into() } else { text.to_ascii_lowercase().into() }
}
