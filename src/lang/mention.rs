//! A place in a text that names something.

use bstr::BString;

use crate::model::{Role, Span, SymbolKind};
use cleave_c::Syntax;

/// How far a name is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Linkage {
    /// In its function only.
    Block,
    /// `static`: in its file, or in each file that includes the header.
    Internal,
    /// `static inline`: the same, and no one minds when it is not used.
    Inline,
    /// Everywhere.
    External,
}

/// A place that names something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mention {
    /// The bytes that make the mention what it is: of a definition its shape (a function's head, a member's line), of a use the
    /// name alone.
    pub region: Span,
    /// Where the name stands.
    pub name_span: Span,
    /// [`Role::Defines`], [`Role::Declares`], [`Role::Uses`] or [`Role::Names`].
    pub role: Role,
    /// What is named; [`SymbolKind::Name`] for a use whose definition is not known yet.
    pub kind: SymbolKind,
    /// The name.
    pub name: BString,
    /// For a field its record, for a local name its function.
    pub record: Option<BString>,
    /// How far the name is seen; of a use that is not local: [`Linkage::External`].
    pub linkage: Linkage,
}

/// A text to read.
#[derive(Debug, Clone, Copy)]
pub struct SourceText<'t> {
    /// Where it stands: names of files in it are relative to its folder.
    pub path: &'t [u8],
    /// Its bytes.
    pub bytes: &'t [u8],
    /// Its tree, where it has been parsed already.
    pub syntax: Option<&'t Syntax>,
}

/// The mentions of a text, sorted, and what could not be understood of it.
#[derive(Debug, Default)]
pub struct Mentions {
    /// The mentions.
    pub all: Vec<Mention>,
    /// A sentence on what was not understood.
    pub note: Option<String>,
}

impl From<Vec<Mention>> for Mentions {
    fn from(mut all: Vec<Mention>) -> Self {
        all.sort();
        Mentions { all, note: None }
    }
}

/// Finds no names, as in a language whose names are not known.
pub(super) fn nothing(_: &SourceText<'_>) -> Mentions {
    Mentions::default()
}

/// Makes a use of what stands at `span`.
pub fn used(kind: SymbolKind, name: &[u8], span: Span) -> Mention {
    Mention { region: span, name_span: span, role: Role::Uses, kind, name: name.into(), record: None, linkage: Linkage::External }
}

/// Returns the runs of bytes of one kind, such as the words of a line.
pub(super) fn runs(text: &[u8], is_inside: impl Fn(u8) -> bool) -> impl Iterator<Item = Span> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].iter().position(|&byte| is_inside(byte))?;
        at = start + text[start..].iter().take_while(|&&byte| is_inside(byte)).count();
        Some(Span::new(start, at))
    })
}
