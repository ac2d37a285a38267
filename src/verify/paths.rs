//! Paths as compilers, make and git write them: bytes with `/` between the parts.

use bstr::{BStr, BString, ByteSlice};

/// Returns the part behind the last `/`.
pub(super) fn base_name(path: &BStr) -> &BStr {
    path.rfind_byte(b'/').map_or(path, |at| path[at + 1..].as_bstr())
}

/// Returns the part before the last `/`, empty for none.
pub(super) fn folder_of(path: &BStr) -> &BStr {
    path.rfind_byte(b'/').map_or(BStr::new(""), |at| path[..at].as_bstr())
}

/// Returns the path of `name` in a folder; the folder may be empty.
pub(super) fn joined(folder: &[u8], name: &[u8]) -> BString {
    if folder.is_empty() { name.into() } else { [folder, b"/", name].concat().into() }
}

/// Returns a path that is read in `folder`, from `top` where it is below it; both may be given from the top or absolute.
pub(super) fn from_top(top: &BStr, folder: &BStr, path: &BStr) -> BString {
    let absolute = |path: &BStr, before: &BStr| -> BString {
        match path.starts_with(b"/") {
            true => path.to_owned(),
            false => [before.as_bytes(), b"/", path.as_bytes()].concat().into(),
        }
    };
    let whole = absolute(path, absolute(folder, top).as_bstr());
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in whole.split_str("/").filter(|part| !part.is_empty() && *part != b".") {
        match part {
            b".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    let whole: BString = [&b"/"[..], &bstr::join("/", parts)].concat().into();
    match whole.strip_prefix(top.as_bytes()) {
        Some(b"") => BString::default(),
        Some(below) if below.starts_with(b"/") => below[1..].into(),
        _ => whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_from_the_top() {
        let from = |folder: &str, path: &str| from_top(BStr::new("/w/tree"), BStr::new(folder), BStr::new(path)).to_string();
        assert_eq!(from("", "./a//b.c"), "a/b.c");
        assert_eq!(from("obj", "../a.c"), "a.c");
        assert_eq!(from("", "../treehouse/a.c"), "/w/treehouse/a.c");
        assert_eq!(from("/w/obj", "../tree/a.c"), "a.c");
        assert_eq!(from("", "/usr/include/stdio.h"), "/usr/include/stdio.h");
        assert_eq!(from("", "../../../../x"), "/x");
    }
}
