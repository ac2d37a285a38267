//! Reads C as it stands in a tree: tokens, directives, items, and of which record a member is.
//!
//! The texts are those that people write and that do not compile by themselves: one file of a kernel, with its macros, attributes and branches
//! for other architectures. No compiler, no configuration, no build, and no text is refused.
//!
//! ```text
//!            lex               directives             blank                 tree-sitter           items
//!  bytes ───────────> tokens ────────────> conditions ─────> the same bytes ───────────> tree ─────────> Syntax { items, … }
//!    │                                                      without macros
//!    └── types: tokens of a file and of what it includes ──> the record of each member
//! ```
//!
//! * [`parse`] gives a [`Syntax`]: the items at file scope, a tree, and what of the text the tree does not show.
//! * [`types`] says of which record the `index` of `x->index` is, for one text or with the headers of a tree.
//! * [`lex`] and [`directives`] are the layers beneath, for texts that need no tree.
//!
//! The grammar reads a copy of the same length in which all that it does not know is blanked, so that offsets hold in both. What does not parse
//! is an item of kind [`ItemKind::Other`] and counts in [`Syntax::error_share`].
//!
//! ```
//! use cleave_c::types::{SourceIndex, records};
//! use cleave_c::{ItemKind, parse};
//!
//! let text = b"struct page { long index; };\n\nstatic long __init at(struct page *p)\n{\n\treturn p->index;\n}\n";
//! let syntax = parse(text);
//! let items: Vec<_> = syntax.items().iter().map(|item| (item.kind, item.name.to_string())).collect();
//! assert_eq!(items, [(ItemKind::Record, "struct page".to_owned()), (ItemKind::Function, "at".to_owned())]);
//! assert_eq!(syntax.error_share(), 0.0);
//!
//! // Of which record is the member that is named at the end?
//! let offset = text.len() - "index;\n}\n".len();
//! let found = records(&SourceIndex::of_text(text), "".into(), &[offset]);
//! assert_eq!(found, [Some("struct page".into())]);
//! ```
//!
//! Cost: [`parse`] reads some 10 MB a second and core (`examples/cost.rs` measures it); [`types`] reads a file when a question leads to it.

use std::cell::RefCell;

use bstr::{BStr, ByteSlice};
use tree_sitter::{Parser, Tree};

mod blank;
pub mod directives;
mod items;
pub mod lex;
pub mod span;
pub mod statements;
mod stream;
pub mod types;
mod vocabulary;

use blank::{Blanked, blank};
use lex::Token;
use span::Span;

pub use directives::{Conditional, Directive, DirectiveKind};
pub use items::{Item, ItemKind, declared_name, is_function, record_name};
pub use tree_sitter::Node;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// More bytes than this are not parsed: generated tables, which no one cuts by hand either.
const PARSED_AT_MOST: usize = 8 << 20;

/// Brackets in brackets beyond this depth are not parsed either: where they do not close, the grammar's search for an end is the square of
/// the depth.
const NESTED_AT_MOST: i32 = 2000;

/// A text with its tree, its tokens and its items. Made by [`parse`].
#[derive(Debug, Clone)]
pub struct Syntax {
    blanked: Blanked,
    tree: Option<Tree>,
    items: Vec<Item>,
    /// Where the first brace of each item stands.
    bodies: Vec<Option<usize>>,
    /// Bytes that the grammar made nothing of.
    n_error_bytes: usize,
}

/// Parses a C text. Never fails: see [`Syntax::error_share`] for what was not understood.
pub fn parse(text: &[u8]) -> Syntax {
    let blanked = blank(text);
    let tree = tree(&blanked);
    let in_errors = |tree: &Tree| faults(tree.root_node()).into_iter().map(Span::len).sum();
    let n_error_bytes = tree.as_ref().map_or(text.len(), in_errors);
    let mut syntax = Syntax { blanked, tree, items: Vec::new(), bodies: Vec::new(), n_error_bytes };
    syntax.items = items::items(text, &syntax);
    let body = |item: &Item| Some(item.core.start + text[item.core.range()].find_byte(b'{')?);
    syntax.bodies = syntax.items.iter().map(body).collect();
    syntax
}

/// Returns how many faults the grammar finds in a text: parts that it makes nothing of, tokens that it has to add, and bodies without the head of a
/// function, which it takes for statements. A text that is too long or too deep to parse has one.
pub fn n_faults(text: &[u8]) -> usize {
    tree(&blank(text)).map_or(1, |tree| {
        let root = tree.root_node();
        let bodies = root.children(&mut root.walk()).filter(|child| child.kind() == "compound_statement").count();
        faults(root).len() + bodies
    })
}

impl Syntax {
    /// Returns the top-level items, sorted and disjoint, each of whole lines; see [`Item`].
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// Returns the item that holds the byte at `offset`, its leading comment included.
    pub fn item_at(&self, offset: usize) -> Option<&Item> {
        Some(&self.items[self.idx_at(offset)?])
    }

    /// Whether the byte at `offset` stands before the first brace of an item that has one: in the head of a function or a record.
    pub fn is_in_head(&self, offset: usize) -> bool {
        self.idx_at(offset).and_then(|idx| self.bodies[idx]).is_some_and(|body| offset < body)
    }

    /// Returns where the brace stands that opens the item at `offset`, where it has one.
    pub fn body_at(&self, offset: usize) -> Option<usize> {
        self.idx_at(offset).and_then(|idx| self.bodies[idx])
    }

    fn idx_at(&self, offset: usize) -> Option<usize> {
        let idx = self.items.partition_point(|item| item.span.end <= offset);
        self.items.get(idx).is_some_and(|item| item.span.contains(offset)).then_some(idx)
    }

    /// Returns what part of the text, from 0 to 1, the grammar made nothing of.
    pub fn error_share(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a share needs no more digits")]
        let share = self.n_error_bytes as f64 / self.code().len().max(1) as f64;
        share
    }

    /// Returns the tree over [`Syntax::code`]; `None` for a text that is too long.
    pub fn root(&self) -> Option<Node<'_>> {
        self.tree.as_ref().map(Tree::root_node)
    }

    /// Returns the copy that the tree was made from: as long as the text, names at their places.
    pub fn code(&self) -> &[u8] {
        &self.blanked.bytes
    }

    /// Returns the tokens of the text, comments and directives included.
    pub fn tokens(&self) -> &[Token] {
        &self.blanked.tokens
    }

    /// Returns the preprocessor lines in order.
    pub fn directives(&self) -> &[Directive] {
        &self.blanked.directives
    }

    /// Returns the conditions, sorted by their first line.
    pub fn conditionals(&self) -> &[Conditional] {
        &self.blanked.conditionals
    }

    /// Returns the parts that the tree does not show although a compiler may read them, sorted and disjoint: attributes, macro
    /// calls in the place of declarations, branches of a condition. A name may stand in both, tree and hidden part.
    pub fn hidden(&self) -> &[Span] {
        &self.blanked.hidden
    }

    /// Returns `struct x` for a tag `x` at `offset` whose keyword the tree does not show: a type among the arguments of a call.
    pub fn tag_at(&self, offset: usize) -> Option<&BStr> {
        let idx = self.blanked.tags.binary_search_by_key(&offset, |(at, _)| *at).ok()?;
        Some(self.blanked.tags[idx].1.as_ref())
    }

    /// Returns the name that stands at `span` of the code: what a macro makes of it, else the bytes themselves.
    pub fn name(&self, span: Span) -> &BStr {
        match self.blanked.renamed.binary_search_by_key(&span.start, |(at, _)| *at) {
            Ok(idx) => self.blanked.renamed[idx].1.as_ref(),
            Err(_) => BStr::new(&self.code()[span.range()]),
        }
    }
}

/// Whether a word belongs to the language, so that it names nothing.
pub fn is_keyword(word: &[u8]) -> bool {
    vocabulary::keyword(word).is_some() || word == b"defined"
}

/// Whether the word at `at` is an attribute: it is spelled as one and does not stand where only a name can. `token` returns the tokens around, empty past
/// both ends.
pub fn is_attribute_at<'t>(at: usize, token: impl Fn(usize) -> &'t [u8]) -> bool {
    vocabulary::is_attribute(token(at)) && !vocabulary::stands_as_name(at, token)
}

/// Returns the span of a node.
pub fn span_of(node: Node<'_>) -> Span {
    Span::from(node.byte_range())
}

/// Returns how deep brackets stand in brackets in what the grammar sees.
fn depth(code: &[u8], tokens: &[Token]) -> i32 {
    let (mut depth, mut deepest) = (0, 0);
    for token in tokens {
        depth = (depth + lex::nesting(token.of(code))).max(0);
        deepest = deepest.max(depth);
    }
    deepest
}

/// Parses what [`blank()`] left; `None` for a text that is too long or too deep.
fn tree(Blanked { bytes: code, tokens, .. }: &Blanked) -> Option<Tree> {
    if code.len() > PARSED_AT_MOST || depth(code, tokens) > NESTED_AT_MOST {
        return None;
    }
    thread_local! {
        /// Parsers hold large buffers and are cheap to use again.
        static PARSER: RefCell<Option<Parser>> = const { RefCell::new(None) };
    }
    PARSER.with_borrow_mut(|slot| {
        let parser = slot.get_or_insert_with(|| {
            let mut parser = Parser::new();
            parser.set_language(&tree_sitter_c::LANGUAGE.into()).expect("the grammar's version fits the library's");
            parser
        });
        parser.parse(code, None)
    })
}

/// Returns the spans of the outermost errors, and of the tokens that the grammar adds: those are empty.
fn faults(root: Node<'_>) -> Vec<Span> {
    let mut out = Vec::new();
    let mut cursor = root.walk();
    loop {
        let node = cursor.node();
        if node.is_error() || node.is_missing() {
            out.push(span_of(node));
        } else if node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return out;
            }
        }
    }
}
