//! C text → its top-level items and a syntax tree, whatever the text is.
//!
//! In: the bytes of a `.c` or `.h` file, GNU or old style, kernel macros and all. Out: [`Syntax`]. The grammar reads a copy of
//! the same length in which everything it does not know is blanked (`blank`), so that offsets hold in both. Nothing fails: what
//! does not parse is an item of kind [`ItemKind::Other`] and counts in [`Syntax::error_share`]. About 10 MB a second and core.

use std::cell::RefCell;

use tree_sitter::{Node, Parser, Tree};

use crate::span::Span;

mod blank;
pub mod directives;
mod items;
pub mod lex;
pub mod span;
mod stream;
pub mod types;
pub mod words;

pub use blank::MacroCall;
pub use directives::{Conditional, Directive, DirectiveKind};
pub use items::{Item, ItemKind, declared_name, is_function, record_name};

use bstr::{BStr, BString, ByteSlice};
use lex::{Token, TokenKind};

/// More bytes than this are not parsed: generated tables, which no one cuts by hand either.
const PARSED_AT_MOST: usize = 8 << 20;

/// Brackets in brackets beyond this depth are not parsed either: where they do not close, the grammar's search for an end is the square of
/// the depth.
const NESTED_AT_MOST: usize = 2000;

/// What is known of the shape of a C text.
#[derive(Debug, Clone)]
pub struct Syntax {
    tree: Option<Tree>,
    code: Vec<u8>,
    tokens: Vec<Token>,
    directives: Vec<Directive>,
    conditionals: Vec<Conditional>,
    hidden: Vec<Span>,
    calls: Vec<MacroCall>,
    renamed: Vec<(usize, BString)>,
    tags: Vec<(usize, BString)>,
    items: Vec<Item>,
    /// Where the first brace of each item stands.
    bodies: Vec<Option<usize>>,
    errors: Vec<Span>,
}

/// Parses a C text. Never fails.
pub fn parse(text: &[u8]) -> Syntax {
    let blank::Code { bytes, tokens, directives, conditionals, unseen, hidden, mut calls, mut renamed, tags } =
        blank::blank(text);
    calls.sort_by_key(|call| call.span);
    renamed.sort();
    let tree = tree(&bytes, &tokens);
    let errors = match &tree {
        Some(tree) => errors(tree.root_node()),
        None => vec![Span::new(0, text.len())],
    };
    let (items, bodies) = (Vec::new(), Vec::new());
    let mut syntax =
        Syntax { tree, code: bytes, tokens, directives, conditionals, hidden, calls, renamed, tags, items, bodies, errors };
    syntax.items = items::items(text, &syntax, &unseen);
    let body = |item: &Item| Some(item.core.start + text[item.core.range()].find_byte(b'{')?);
    syntax.bodies = syntax.items.iter().map(body).collect();
    syntax
}

/// Returns in how many places the grammar makes nothing of a text, or only by adding a token that is not there; 1 for one that is not parsed.
pub fn n_faults(text: &[u8]) -> usize {
    let blank::Code { bytes, tokens, .. } = blank::blank(text);
    let Some(tree) = tree(&bytes, &tokens) else { return 1 };
    let mut n_faults = 0;
    let mut cursor = tree.root_node().walk();
    loop {
        let node = cursor.node();
        if node.is_error() || node.is_missing() {
            n_faults += 1;
        } else if node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return n_faults;
            }
        }
    }
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

    fn idx_at(&self, offset: usize) -> Option<usize> {
        let idx = self.items.partition_point(|item| item.span.end <= offset);
        self.items.get(idx).is_some_and(|item| item.span.contains(offset)).then_some(idx)
    }

    /// Returns what part of the text, from 0 to 1, the grammar made nothing of.
    pub fn error_share(&self) -> f64 {
        let bytes: usize = self.errors.iter().map(|span| span.len()).sum();
        #[expect(clippy::cast_precision_loss, reason = "a share needs no more digits")]
        let share = bytes as f64 / self.code.len().max(1) as f64;
        share
    }

    /// Returns where the grammar made nothing of the text, sorted and disjoint.
    pub fn errors(&self) -> &[Span] {
        &self.errors
    }

    /// Returns the tree over [`Syntax::code`]; `None` for a text that is too long.
    pub fn root(&self) -> Option<Node<'_>> {
        self.tree.as_ref().map(Tree::root_node)
    }

    /// Returns the copy that the tree was made from: as long as the text, names at their places.
    pub fn code(&self) -> &[u8] {
        &self.code
    }

    /// Returns the tokens of the text, comments and directives included.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// Returns the preprocessor lines in order.
    pub fn directives(&self) -> &[Directive] {
        &self.directives
    }

    /// Returns the conditions, sorted by their first line.
    pub fn conditionals(&self) -> &[Conditional] {
        &self.conditionals
    }

    /// Returns the parts that the tree does not show although a compiler may read them, sorted and disjoint: attributes, macro
    /// calls in the place of declarations, branches of a condition. A name may stand in both, tree and hidden part.
    pub fn hidden(&self) -> &[Span] {
        &self.hidden
    }

    /// Returns the macro calls at file scope, sorted.
    pub fn calls(&self) -> &[MacroCall] {
        &self.calls
    }

    /// Returns `struct x` for a tag `x` at `offset` whose keyword the tree does not show: a type among the arguments of a call.
    pub fn tag_at(&self, offset: usize) -> Option<&BStr> {
        let idx = self.tags.binary_search_by_key(&offset, |(at, _)| *at).ok()?;
        Some(self.tags[idx].1.as_ref())
    }

    /// Returns the name that stands at `span` of the code: what a macro makes of it, else the bytes themselves.
    pub fn name(&self, span: Span) -> &BStr {
        match self.renamed.binary_search_by_key(&span.start, |(at, _)| *at) {
            Ok(idx) => self.renamed[idx].1.as_ref(),
            Err(_) => BStr::new(&self.code[span.range()]),
        }
    }
}

/// Whether a word belongs to the language, so that it names nothing.
pub fn is_keyword(word: &[u8]) -> bool {
    words::keyword(word).is_some() || word == b"defined"
}

/// Returns the span of a node.
pub fn span_of(node: Node<'_>) -> Span {
    Span::from(node.byte_range())
}

/// Returns how deep brackets stand in brackets in what the grammar sees.
fn depth(code: &[u8], tokens: &[Token]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for token in tokens.iter().filter(|token| token.kind == TokenKind::Punct) {
        match code[token.span.start] {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// Parses what [`blank::blank`] left; `None` for a text that is too long or too deep.
fn tree(code: &[u8], tokens: &[Token]) -> Option<Tree> {
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

/// Returns the outermost error nodes.
fn errors(root: Node<'_>) -> Vec<Span> {
    let mut out = Vec::new();
    let mut cursor = root.walk();
    loop {
        let node = cursor.node();
        if node.is_error() {
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
