//! What the program asks of a language.

use super::block::{Block, paragraphs};
use super::mention::{Mention, Mentions, SourceText, nothing};
use cleave_c::Syntax;
use cleave_c::span::Lines;

/// A language in which texts are written, as answers to what the program asks. [`Language::PLAIN`] has the answers for a text of which nothing is
/// known; a language names what is different.
#[derive(Debug)]
pub struct Language {
    /// Its name, as people write it.
    pub name: &'static str,
    /// Reads a text with the grammar of C, for languages that are C or near to it. Each text is read once: all stages share the tree.
    pub parse: Option<fn(&[u8]) -> Syntax>,
    /// How a text is divided into what can go alone.
    pub items: Items,
    /// Finds the names in a text and what they are there.
    pub mentions: fn(&SourceText<'_>) -> Mentions,
    /// How far what a text defines is seen.
    pub scope: Visibility,
    /// Which names in a text a build looks up.
    pub build: Build,
    /// How comments look.
    pub comments: Comments,
    /// Whether brackets, `#if` and `#endif` must balance at each step.
    pub is_balanced: bool,
}

/// How a text is divided into what can go alone.
#[derive(Debug, Clone, Copy)]
pub enum Items {
    /// Items with names, found in the tree: those of one name on both sides of a change are compared with each other.
    Named(fn(&Syntax, &Lines) -> Vec<Block>),
    /// Parts without names, such as the logical lines of a Makefile.
    Unnamed(fn(&[u8], &Lines) -> Vec<Block>),
    /// Runs of lines between blank ones, as in prose.
    Paragraphs,
}

/// How far what a text defines is seen.
#[derive(Debug, Clone, Copy)]
pub enum Visibility {
    /// Everywhere.
    Program,
    /// In the file alone where the function says so of a definition or a declaration; else everywhere. A member that is so makes its record the file's own.
    File(fn(&Mention) -> bool),
    /// Where the file is included.
    Includers,
}

/// Which names in a text a build looks up, so that a step fails where they are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Build {
    /// None, or none that are followed here.
    Nothing,
    /// Those that are mentioned: the objects and settings of a Makefile.
    Mentions,
    /// Any word, as for a compiler or the preprocessor.
    Words,
}

/// How comments look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comments {
    /// There are none, or their form is not known.
    Unknown,
    /// `/* … */` and `// …`.
    C,
    /// Lines that begin with `#`.
    Hash,
}

impl Language {
    /// A text of which nothing is known.
    pub const PLAIN: Language = Language {
        name: "text",
        parse: None,
        items: Items::Paragraphs,
        mentions: nothing,
        scope: Visibility::Program,
        build: Build::Nothing,
        comments: Comments::Unknown,
        is_balanced: false,
    };

    /// Returns the blocks of a text, top to bottom; lines between them belong to none. `syntax` is what [`Language::parse`] gave for the text.
    pub fn blocks(&self, text: &[u8], lines: &Lines, syntax: Option<&Syntax>) -> Vec<Block> {
        match (self.items, syntax) {
            (Items::Named(of), Some(syntax)) => of(syntax, lines),
            (Items::Unnamed(of), _) => of(text, lines),
            (Items::Named(_) | Items::Paragraphs, _) => paragraphs(text, lines),
        }
    }

    /// Whether the text has to be taken for prose: nothing says where its statements are.
    pub fn is_prose(&self) -> bool {
        matches!(self.items, Items::Paragraphs)
    }

    /// Whether other files include the text.
    pub fn is_included(&self) -> bool {
        matches!(self.scope, Visibility::Includers)
    }
}
