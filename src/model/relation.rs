//! What ties edits to each other, and why.

use std::fmt;

use bstr::{BStr, BString};

use super::edit::EditId;

/// How two edits are tied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tie {
    /// `first` must be in the same patch as `second` or in an earlier one.
    Before,
    /// Both must be in one patch.
    Together,
}

/// A contract between two edits. A set of patches that breaks one has a step that does not build.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Relation {
    /// The edit that comes first, or one of the two.
    pub first: EditId,
    /// The edit that comes later, or the other.
    pub second: EditId,
    /// How they are tied.
    pub tie: Tie,
    /// Why, in facts.
    pub reason: Reason,
}

impl Relation {
    /// Returns `Before` between the two.
    pub fn before(first: EditId, second: EditId, reason: Reason) -> Self {
        Relation { first, second, tie: Tie::Before, reason }
    }

    /// Returns `Together` of the two.
    pub fn together(first: EditId, second: EditId, reason: Reason) -> Self {
        Relation { first, second, tie: Tie::Together, reason }
    }
}

impl Relation {
    /// Returns what it ties and how, whatever the reason.
    pub fn ends(&self) -> (EditId, EditId, Tie) {
        (self.first, self.second, self.tie)
    }
}

/// Why two edits are tied. Symbols are in the form people write ([`super::Symbol::shown`]).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The second requires the first ([`super::Edit::requires`]).
    Requires,
    /// The first defines or declares what the second uses.
    DefinedBeforeUse(BString),
    /// The first drops a use of what the second takes away.
    LastUseBeforeRemoval(BString),
    /// Both change one symbol whose shape changes: its definition, and what adapts to it.
    ChangesShape(BString),
    /// Declaration and definition of one symbol.
    DeclaredAndDefined(BString),
    /// A static function and its only or first caller: alone it would be unused.
    UnusedAlone(BString),
    /// The same symbol leaves one place and comes at another; twice or not at all would break.
    Moved(BString),
    /// Neither alone is balanced: braces, parentheses or `#if`.
    Unbalanced(BString),
    /// A file and the build line that compiles it.
    Built(BString),
    /// The first puts a bridge in or uses it, the second uses it or takes it out.
    Bridged(BString),
    /// The first is written for a record without the bridge's braces, or the second is: values without names of members.
    Positional(BString),
    /// A local name of one function.
    Local(BString),
    /// What a build said, word for word.
    Learned(String),
    /// What the user said in the plan.
    Asked,
}

impl Reason {
    /// Returns the symbol or path that the reason names.
    pub fn symbol(&self) -> Option<&BStr> {
        match self {
            Reason::DefinedBeforeUse(name)
            | Reason::LastUseBeforeRemoval(name)
            | Reason::ChangesShape(name)
            | Reason::DeclaredAndDefined(name)
            | Reason::UnusedAlone(name)
            | Reason::Moved(name)
            | Reason::Built(name)
            | Reason::Bridged(name)
            | Reason::Positional(name)
            | Reason::Local(name) => Some(name.as_ref()),
            Reason::Requires | Reason::Unbalanced(_) | Reason::Learned(_) | Reason::Asked => None,
        }
    }
}

impl Reason {
    /// Returns the word for the kind of reason and what it is about, to write it down.
    pub fn parts(&self) -> (&'static str, BString) {
        match self {
            Reason::Requires => ("requires", BString::default()),
            Reason::DefinedBeforeUse(name) => ("defined-before-use", name.clone()),
            Reason::LastUseBeforeRemoval(name) => ("last-use-before-removal", name.clone()),
            Reason::ChangesShape(name) => ("changes-shape", name.clone()),
            Reason::DeclaredAndDefined(name) => ("declared-and-defined", name.clone()),
            Reason::UnusedAlone(name) => ("unused-alone", name.clone()),
            Reason::Moved(name) => ("moved", name.clone()),
            Reason::Unbalanced(what) => ("unbalanced", what.clone()),
            Reason::Built(path) => ("built", path.clone()),
            Reason::Local(name) => ("local", name.clone()),
            Reason::Learned(line) => ("learned", line.as_str().into()),
            Reason::Bridged(name) => ("bridged", name.clone()),
            Reason::Positional(name) => ("positional", name.clone()),
            Reason::Asked => ("asked", BString::default()),
        }
    }

    /// Returns the reason that [`Reason::parts`] wrote; `None` for a word that it does not write.
    pub fn from_parts(word: &str, about: BString) -> Option<Self> {
        Some(match word {
            "requires" => Reason::Requires,
            "defined-before-use" => Reason::DefinedBeforeUse(about),
            "last-use-before-removal" => Reason::LastUseBeforeRemoval(about),
            "changes-shape" => Reason::ChangesShape(about),
            "declared-and-defined" => Reason::DeclaredAndDefined(about),
            "unused-alone" => Reason::UnusedAlone(about),
            "moved" => Reason::Moved(about),
            "unbalanced" => Reason::Unbalanced(about),
            "built" => Reason::Built(about),
            "local" => Reason::Local(about),
            "learned" => Reason::Learned(about.to_string()),
            "bridged" => Reason::Bridged(about),
            "positional" => Reason::Positional(about),
            "asked" => Reason::Asked,
            _ => return None,
        })
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Requires => write!(f, "one is made of the other's text"),
            Reason::DefinedBeforeUse(name) => write!(f, "{name} is defined before it is used"),
            Reason::LastUseBeforeRemoval(name) => write!(f, "the last use of {name} goes before its definition"),
            Reason::ChangesShape(name) => write!(f, "{name} changes, and all that use it change with it"),
            Reason::DeclaredAndDefined(name) => write!(f, "the declaration and the definition of {name} agree"),
            Reason::UnusedAlone(name) => write!(f, "{name} is static and would be unused alone"),
            Reason::Moved(name) => write!(f, "{name} leaves one place and comes at another"),
            Reason::Unbalanced(what) => write!(f, "{what} would not balance"),
            Reason::Built(path) => write!(f, "{path} and the line that builds it"),
            Reason::Bridged(name) => write!(f, "{name} stands under both names until its last user is converted"),
            Reason::Positional(record) => write!(f, "values of {record} without names do not fit while two names share a member"),
            Reason::Local(name) => write!(f, "the local name {name}"),
            Reason::Learned(line) => write!(f, "learned from {line}"),
            Reason::Asked => write!(f, "asked for"),
        }
    }
}
