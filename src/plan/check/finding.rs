//! A fault that the check finds.

use std::fmt;

use bstr::BString;

use crate::analyze::occurrences::Order;
use crate::model::diagnosis::DiagnosisKind;
use crate::model::{FileId, Relation};

/// Something that is wrong in some steps.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The first patch after which it is there, from 0.
    pub step: usize,
    /// The last patch after which it is there; the next one mends it.
    pub until: usize,
    /// The file that it shows in.
    pub path: BString,
    /// The line in the file of `step`, from 1; 0 for the file as a whole.
    pub line: u32,
    /// What is wrong.
    pub kind: DiagnosisKind,
    /// The name that it is about, empty for none.
    pub symbol: BString,
    /// The relations that would mend it, none of which the order keeps. Empty where none is known.
    pub mend: Vec<Relation>,
    /// Where it shows.
    pub(crate) at: Option<(FileId, Order)>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            DiagnosisKind::Undeclared => "is not declared here",
            DiagnosisKind::Unused => "is not used",
            DiagnosisKind::Redefined => "is defined twice, or in two ways",
            DiagnosisKind::MissingMember => "is a member of no record",
            DiagnosisKind::ArgumentCount => "takes another number of arguments",
            DiagnosisKind::MissingHeader => "is a file that is not there",
            DiagnosisKind::MissingRule => "is built from a file that is not there",
            DiagnosisKind::Other => "does not parse",
        };
        let symbol = if self.symbol.is_empty() { "it".into() } else { format!("'{}'", self.symbol) };
        write!(f, "{}:{}: {symbol} {what}", self.path, self.line)
    }
}
