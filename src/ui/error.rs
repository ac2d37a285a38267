//! An error as people read it: what failed first, its causes, and what to type next.

use std::error::Error;

use super::color::{Label, paint};

/// Returns `error:`, `caused by:` and `hint:` lines, with a final newline.
pub fn shown(error: &dyn Error, hint: Option<&str>) -> String {
    let mut text = format!("{} {error}\n", paint(Label::Error, "error:"));
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        let says = source.to_string();
        if !said.contains(&says) {
            text.push_str(&format!("{} {says}\n", paint(Label::Dim, "caused by:")));
        }
        said = says;
        cause = source.source();
    }
    if let Some(hint) = hint {
        text.push_str(&format!("{} {hint}\n", paint(Label::Hint, "hint:")));
    }
    text
}
