//! How an edit is named in a stored plan, so that it is found again.

use std::fmt;

use bstr::BString;

/// Path, enclosing item, content and place among equals: the same edit of a revised change has the same address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// Path in the tip, or in the base for a deleted file.
    pub path: BString,
    /// Name of the function or type around it; empty at file scope and outside C.
    pub item: BString,
    /// First 12 hexadecimal digits of the SHA-256 of what it removes and inserts.
    pub hash: String,
    /// Place among the edits with equal path, item and hash, from 0, in tip order.
    pub ordinal: u32,
}

impl fmt::Display for Address {
    /// Writes `path#item@hash` and, past the first, `.ordinal`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}@{}", self.path, self.item, self.hash)?;
        if self.ordinal > 0 {
            write!(f, ".{}", self.ordinal)?;
        }
        Ok(())
    }
}
