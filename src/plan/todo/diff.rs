//! What an edit takes away and puts in, in comments of a todo: whoever reads the todo back sees none of it.

use bstr::ByteSlice;

use crate::model::address::visible;
use crate::model::{Change, Edit, EditId, Edits, TextId};

/// Returns the lines of an edit as a diff has them, each behind a `#`. Lines of which it changes a part are shown whole; an edit of a path alone has none.
pub(super) fn lines(change: &Change, edits: &Edits, edit_id: EditId) -> String {
    let (old, new) = around(change, edits, edits.get(edit_id));
    let drawn = |sign: char, text: &[u8]| -> String {
        text.lines().map(|line| format!("#     {sign}{}", visible(line.as_bstr())).trim_end().to_owned() + "\n").collect()
    };
    drawn('-', &old) + &drawn('+', &new)
}

/// Returns the lines before and after an edit, with the parts of its first and last line that stay.
fn around(change: &Change, edits: &Edits, edit: &Edit) -> (Vec<u8>, Vec<u8>) {
    let Some((text, span, insert)) = edit.splice() else { return (Vec::new(), Vec::new()) };
    let text = match text {
        TextId::File(file_id) => change.file(file_id).base_text(),
        TextId::Inserted(maker) => edits.get(maker).inserted(),
    };
    let (Some(before), Some(removed), Some(after)) = (text.get(..span.start), text.get(span.range()), text.get(span.end..))
    else {
        return (Vec::new(), insert.to_vec());
    };
    let head = &before[before.rfind_byte(b'\n').map_or(0, |at| at + 1)..];
    let is_whole = |text: &[u8]| text.is_empty() || text.ends_with(b"\n");
    let tail = match head.is_empty() && is_whole(removed) && is_whole(insert) {
        true => &b""[..],
        false => &after[..after.find_byte(b'\n').unwrap_or(after.len())],
    };
    let whole = |middle: &[u8]| [head, middle, tail].concat();
    (whole(removed), whole(insert))
}
