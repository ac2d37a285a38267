//! What a build said.

use bstr::BString;

/// One complaint of a compiler or linker.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Diagnosis {
    /// The file it speaks of, from the root of the tree; empty for the linker.
    pub path: BString,
    /// The line, from 1; 0 where none is said.
    pub line: u32,
    /// What is wrong.
    pub kind: DiagnosisKind,
    /// The symbol it names, empty for none.
    pub symbol: BString,
    /// The message, word for word.
    pub text: String,
}

impl Diagnosis {
    /// Returns it as `path:line: text`, without what is not known.
    pub fn shown(&self) -> String {
        match (self.path.is_empty(), self.line) {
            (true, _) => self.text.clone(),
            (false, 0) => format!("{}: {}", self.path, self.text),
            (false, line) => format!("{}:{line}: {}", self.path, self.text),
        }
    }
}

/// What kind of complaint it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DiagnosisKind {
    /// Used but not declared, or not defined at link time.
    Undeclared,
    /// Defined but not used.
    Unused,
    /// Defined or declared twice, or in conflicting ways.
    Redefined,
    /// A record has no such member.
    MissingMember,
    /// Too few or too many arguments.
    ArgumentCount,
    /// An included file is not there.
    MissingHeader,
    /// Nothing says how to make a file.
    MissingRule,
    /// Any other error.
    Other,
}

impl DiagnosisKind {
    /// Returns the word for programs.
    pub fn word(self) -> &'static str {
        match self {
            DiagnosisKind::Undeclared => "undeclared",
            DiagnosisKind::Unused => "unused",
            DiagnosisKind::Redefined => "redefined",
            DiagnosisKind::MissingMember => "missing-member",
            DiagnosisKind::ArgumentCount => "argument-count",
            DiagnosisKind::MissingHeader => "missing-header",
            DiagnosisKind::MissingRule => "missing-rule",
            DiagnosisKind::Other => "other",
        }
    }
}
