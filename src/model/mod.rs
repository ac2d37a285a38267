//! The nouns of the program: plain data and the one function that gives an edit its meaning, [`compose()`].
//!
//! Nothing here reads a file, starts a program or looks at the clock. Paths and contents are bytes.
//!
//! In reading order: what differs ([`change`]), the pieces it is cut into ([`edit`]), what a set of pieces yields
//! ([`compose`](mod@compose)), what a piece does ([`fact`]), what ties pieces to each other ([`relation`]), and what people
//! see at the end ([`campaign`], [`plan`]).

pub mod address;
pub mod campaign;
pub mod change;
pub mod compose;
pub mod diagnosis;
pub mod edit;
pub mod fact;
pub mod local;
pub mod mailbox;
pub mod message;
pub mod object;
pub mod path_kind;
pub mod plan;
pub mod relation;
pub mod trailer;
pub mod wording;

pub use address::{Address, NotAnAddress};
pub use campaign::{Campaign, Group, Home, HomeIdx, Knot, Landing, LandingMode, Part, Patch, PatchIdx, Series, SeriesIdx};
pub use change::{Change, Content, Entry, FileChange, FileId, SourceCommit};
pub use cleave_c::span;
pub use cleave_c::span::Span;
pub use compose::{ComposeError, FileState, compose};
pub use edit::{Bridge, Bridged, Edit, EditId, EditKind, EditSet, Edits, Move, TextId};
pub use fact::{Fact, Facts, Role, Symbol, SymbolId, SymbolKind, Symbols};
pub use local::{Local, LocalEditId, NamesEdits};
pub use mailbox::{Mailbox, OwnerRole};
pub use message::{Message, Signature, civil};
pub use object::{Mode, ObjectId, hex};
pub use path_kind::PathKind;
pub use plan::{Plan, change_name};
pub use relation::{Reason, Relation, Tie};
pub use wording::{SeriesWords, Words};
