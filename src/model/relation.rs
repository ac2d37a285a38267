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

impl Tie {
    /// Returns its word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Tie::Before => "before",
            Tie::Together => "together",
        }
    }
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

/// Makes [`Reason`] of a table. Of each reason it has the word that is stored for it and what it says of the name that it is about.
macro_rules! reasons {
    ($($(#[$doc:meta])+ $kind:ident $word:literal $says:literal)+) => {
        /// Why two edits are tied. Symbols are in the form people write ([`super::Symbol::shown`]).
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason {
            /// The second requires the first ([`super::Edit::requires`]).
            Requires,
            $($(#[$doc])+ $kind(BString),)+
            /// What the user said in the plan.
            Asked,
        }

        impl Reason {
            /// Returns the word for the kind of reason, to write it down.
            pub fn word(&self) -> &'static str {
                match self {
                    Reason::Requires => "requires",
                    $(Reason::$kind(_) => $word,)+
                    Reason::Asked => "asked",
                }
            }

            /// Returns what the reason is about, empty for some.
            pub fn about(&self) -> &BStr {
                match self {
                    $(Reason::$kind(about))|+ => about.as_ref(),
                    Reason::Requires | Reason::Asked => BStr::new(""),
                }
            }

            /// Returns the reason of a word and what it is about; `None` for a word that stands for none.
            pub fn from_parts(word: &str, about: BString) -> Option<Self> {
                Some(match word {
                    "requires" => Reason::Requires,
                    $($word => Reason::$kind(about),)+
                    "asked" => Reason::Asked,
                    _ => return None,
                })
            }
        }

        impl fmt::Display for Reason {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    Reason::Requires => write!(f, "one is made of the other's text"),
                    $(Reason::$kind(about) => write!(f, $says, about),)+
                    Reason::Asked => write!(f, "asked for"),
                }
            }
        }
    };
}

reasons! {
    /// The first defines or declares what the second uses.
    DefinedBeforeUse "defined-before-use" "{} is defined before it is used"
    /// The first drops a use of what the second takes away.
    LastUseBeforeRemoval "last-use-before-removal" "the last use of {} goes before its definition"
    /// Both change one symbol whose shape changes: its definition, and what adapts to it.
    ChangesShape "changes-shape" "{} changes, and all that use it change with it"
    /// Declaration and definition of one symbol.
    DeclaredAndDefined "declared-and-defined" "the declaration and the definition of {} agree"
    /// A static function and its only or first caller: alone it would be unused.
    UnusedAlone "unused-alone" "{} is static and would be unused alone"
    /// The same symbol leaves one place and comes at another; twice or not at all would break.
    Moved "moved" "{} leaves one place and comes at another"
    /// What a file sees through an include that goes or comes, it sees otherwise before or after.
    Seen "seen" "{} is seen at every step"
    /// Neither alone is balanced: braces, parentheses or `#if`.
    Unbalanced "unbalanced" "{} would not balance"
    /// A file and the build line that compiles it.
    Built "built" "{} and the line that names it"
    /// The first puts a bridge in or uses it, the second uses it or takes it out.
    Bridged "bridged" "{} stands under both names until its last user is converted"
    /// The first is written for a record without the bridge's braces, or the second is: values without names of members.
    Positional "positional" "values of {} without names do not fit while two names share a member"
    /// A local name of one function.
    Local "local" "the local name {}"
    /// A path that changes between file, link, submodule and folder.
    Entry "entry" "{} takes the place of something else"
    /// A submodule and its lines in `.gitmodules`.
    Submodule "submodule" "git wants the submodule {} and its lines in .gitmodules at once"
    /// A line of a condition, and what comes or goes inside of it.
    Guarded "guarded" "{} is there when what it guards is"
    /// What a static assertion compares, which holds before and after both.
    Asserted "asserted" "the assertion {} holds at every step"
    /// What a build said, word for word.
    Learned "learned" "learned from {}"
}

impl Reason {
    /// Returns the symbol or path that the reason names.
    pub fn symbol(&self) -> Option<&BStr> {
        let names_one = !matches!(
            self,
            Reason::Requires
                | Reason::Seen(_)
                | Reason::Unbalanced(_)
                | Reason::Guarded(_)
                | Reason::Asserted(_)
                | Reason::Learned(_)
                | Reason::Asked
        );
        names_one.then(|| self.about())
    }
}
