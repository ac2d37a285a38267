//! An error as people read it: what failed first, its causes, and what to type next.

use std::error::Error;

use super::color::{Label, Line};

/// Returns `error:`, `caused by:` and `hint:` lines.
pub fn shown(error: &dyn Error, hint: Option<&str>) -> Vec<Line> {
    let line = |label: Label, head: &str, says: &str| vec![(label, head.to_owned()), (Label::Plain, format!(" {says}"))];
    let mut lines = vec![line(Label::Error, "error:", &error.to_string())];
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        let says = source.to_string();
        if !said.contains(&says) {
            lines.push(line(Label::Dim, "caused by:", &says));
        }
        said = says;
        cause = source.source();
    }
    lines.extend(hint.map(|hint| line(Label::Hint, "hint:", hint)));
    lines
}
