//! C text → every place that names something: what it defines, declares and uses.
//!
//! In: a text and its [`Syntax`]. Out: [`Mention`]s, sorted by place. Scopes decide what is a local name; the record of
//! `x->index` is found where the declaration of `x` is in the same file (`types`), and stays `None` where it is not: an
//! unresolved field is a fact too, never a guess. What the grammar does not see (macro bodies, attributes, branches that it was
//! spared) is read by the lexer. Cost: one walk of the tree and one pass over the hidden parts.

use std::collections::BTreeSet;

use bstr::{BStr, BString};

use crate::model::{Role, Span, SymbolKind};
use cleave_c::Syntax;

pub(super) mod lexed;
pub(super) use lexed::preprocessor;
pub mod shape;
mod types;
mod walk;

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
    /// [`Role::Defines`], [`Role::Declares`] or [`Role::Uses`].
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

/// Finds the mentions of a C text, sorted by region, each once.
pub fn mentions(text: &[u8], syntax: &Syntax) -> Vec<Mention> {
    let walk::Walked { mentions: mut out, functions } = walk::walk(text, syntax);
    // A name that the tree shows is not read a second time from the hidden part it stands in.
    let mut places: Vec<usize> = out.iter().map(|mention| mention.name_span.start).collect();
    places.sort_unstable();
    let locals = locals(&out);
    let mut rest = preprocessor(text, syntax);
    for &part in syntax.hidden() {
        lexed::lexed(text, part, &[], &mut rest);
    }
    let mut found = Vec::new();
    for mut mention in rest {
        if places.binary_search(&mention.name_span.start).is_ok() && mention.role == Role::Uses {
            continue;
        }
        if mention.kind == SymbolKind::Name
            && let Some((_, function)) = around(&functions, mention.name_span.start)
            && locals.contains(&(function.as_ref(), mention.name.as_ref()))
        {
            (mention.kind, mention.record, mention.linkage) = (SymbolKind::Local, Some(function.clone()), Linkage::Block);
        }
        found.push(mention);
    }
    drop(locals);
    out.extend(found);
    out.sort();
    out.dedup();
    out
}

/// Returns the local names with their functions.
fn locals(mentions: &[Mention]) -> BTreeSet<(&BStr, &BStr)> {
    let defined = mentions.iter().filter(|mention| mention.kind == SymbolKind::Local && mention.role == Role::Defines);
    defined.filter_map(|mention| Some((mention.record.as_ref()?.as_ref(), mention.name.as_ref()))).collect()
}

/// Returns the function around an offset; functions come sorted and disjoint.
fn around(functions: &[(Span, BString)], offset: usize) -> Option<&(Span, BString)> {
    let idx = functions.partition_point(|(span, _)| span.end <= offset);
    functions.get(idx).filter(|(span, _)| span.contains(offset))
}

#[cfg(test)]
mod tests;
