//! Labels → colours, in one table.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style as Ansi};

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

/// Returns `text` wrapped in the colours of `label`; the stream takes them away again where nobody can see them.
pub fn paint(label: Label, text: &str) -> String {
    let style = match label {
        Label::Heading => Ansi::new().bold(),
        Label::Error => AnsiColor::Red.on_default().bold(),
        Label::Hint => AnsiColor::Cyan.on_default(),
        Label::Warning => AnsiColor::Yellow.on_default(),
        Label::Added => AnsiColor::Green.on_default(),
        Label::Removed => AnsiColor::Red.on_default(),
        Label::Path => AnsiColor::Blue.on_default(),
        Label::Dim => Ansi::new().dimmed(),
        Label::Plain => Ansi::new(),
    };
    let mut out = String::new();
    let _ = write!(out, "{style}{text}{style:#}");
    out
}
