//! How names and sentences are put on a line.

use bstr::{BStr, BString, ByteSlice, ByteVec};

use crate::model::address::quoted_as_git;

/// Bodies are wrapped at this column, as the lists ask for.
const BODY: usize = 72;

/// Returns `a, b and 3 more`.
pub(super) fn list(names: &[BString], most: usize) -> BString {
    let shown = &names[..names.len().min(most)];
    let mut text = BString::default();
    for (idx, name) in shown.iter().enumerate() {
        let last = idx + 1 == shown.len() && names.len() <= most;
        text.push_str(match (idx, last) {
            (0, _) => "",
            (_, true) => " and ",
            (_, false) => ", ",
        });
        text.push_str(name);
    }
    if names.len() > most {
        text.push_str(format!(" and {} more", names.len() - most));
    }
    text
}

/// Returns names each of which [`wrap`] keeps on one line: a part of one must not begin a line as a trailer does.
pub(super) fn unbroken(names: &[BString]) -> Vec<BString> {
    names.iter().map(|name| name.replace(" ", [NO_BREAK]).into()).collect()
}

/// A blank that is none yet. No path holds it.
const NO_BREAK: u8 = 0;

/// Breaks a paragraph into lines as the lists ask for.
pub(super) fn wrap(text: &[u8]) -> BString {
    let mut out = BString::default();
    let mut column = 0;
    for word in text.split(|byte| *byte == b' ') {
        if column > 0 && column + 1 + word.len() > BODY {
            out.push(b'\n');
            column = 0;
        } else if column > 0 {
            out.push(b' ');
            column += 1;
        }
        out.push_str(word.replace([NO_BREAK], " "));
        column += word.len();
    }
    out
}

/// Returns the last part of a path, as a message can say it.
pub(super) fn base_name(path: &BStr) -> BString {
    quoted_as_git(path[path.rfind_byte(b'/').map_or(0, |slash| slash + 1)..].as_bstr()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_like_english() {
        let names: Vec<BString> = ["a", "b", "c"].map(Into::into).to_vec();
        assert_eq!(list(&names, 3), "a, b and c");
        assert_eq!(list(&names, 2), "a, b and 1 more");
        assert_eq!(list(&names[..1], 2), "a");
    }
}
