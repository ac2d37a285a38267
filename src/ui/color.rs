//! Labels → colours, in one table.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style as Ansi};

use crate::model::address::visible;

/// What a piece of output is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Label {
    /// A title.
    Heading,
    /// `error:`.
    Error,
    /// `hint:`.
    Hint,
    /// `warning:`, and what needs a look.
    Warning,
    /// Lines that come.
    Added,
    /// Lines that go.
    Removed,
    /// A path.
    Path,
    /// Beside the point.
    Dim,
    /// Anything else.
    Plain,
}

/// One line of what is printed, in pieces.
pub type Line = Vec<(Label, String)>;

/// Returns lines as text, each piece in its colours, which the stream takes away again where nobody can see them. What a piece holds itself is escaped
/// ([`visible`]): no escape sequence is printed but these.
pub fn painted(lines: &[Line]) -> String {
    let mut out = String::new();
    for line in lines {
        for (label, text) in line {
            let style = style(*label);
            let _ = write!(out, "{style}{}{style:#}", visible(text.as_str().into()));
        }
        out.push('\n');
    }
    out
}

fn style(label: Label) -> Ansi {
    match label {
        Label::Heading => Ansi::new().bold(),
        Label::Error => AnsiColor::Red.on_default().bold(),
        Label::Hint => AnsiColor::Cyan.on_default(),
        Label::Warning => AnsiColor::Yellow.on_default(),
        Label::Added => AnsiColor::Green.on_default(),
        Label::Removed => AnsiColor::Red.on_default(),
        Label::Path => AnsiColor::Blue.on_default(),
        Label::Dim => Ansi::new().dimmed(),
        Label::Plain => Ansi::new(),
    }
}
