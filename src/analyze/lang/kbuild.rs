//! Makefile, Kbuild, meson.build, CMakeLists.txt → the sources and folders they name.
//!
//! `obj-y += foo.o`, `foo.c` and `foo/` name a source by its path without ending, relative to the folder of the file. They *use*
//! it: what creates the source defines it, so that a file comes before the line that builds it.

use std::collections::BTreeSet;

use bstr::{BString, ByteSlice};

use super::c::{Mention, lexed};
use crate::model::{Span, SymbolKind};
use lexed::used;

/// Whether a path is a build file of this kind.
pub(super) fn is_kbuild(path: &[u8]) -> bool {
    let name = path.rsplit_str("/").next().unwrap_or(path);
    matches!(name, b"Makefile" | b"Kbuild" | b"GNUmakefile" | b"meson.build" | b"CMakeLists.txt" | b"Makefile.objs")
        || name.starts_with(b"Makefile.")
        || name.starts_with(b"Kbuild.")
        || name.ends_with(b".mk")
}

/// Finds what a build file at `path` uses: objects, and Kconfig symbols.
pub(super) fn mentions(path: &[u8], text: &[u8]) -> Vec<Mention> {
    let folder = &path[..path.rfind_byte(b'/').map_or(0, |at| at + 1)];
    let mut out = Vec::new();
    let mut start = 0;
    for line in text.lines_with_terminator() {
        let code = &line[..line.find_byte(b'#').unwrap_or(line.len())];
        for span in words(code) {
            let word = &code[span.range()];
            let span = Span::new(start + span.start, start + span.end);
            if let Some(at) = word.find(b"CONFIG_") {
                let name = &word[at + "CONFIG_".len()..];
                let len = name.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
                if len > 0 {
                    out.push(used(SymbolKind::Kconfig, &name[..len], span));
                }
            } else if let Some(name) = source(word) {
                out.push(used(SymbolKind::Object, &[folder, name].concat(), span));
            }
        }
        start += line.len();
    }
    out
}

/// Returns the sources that a build file at `path` names, without their ending; a folder keeps its `/`. Whether a condition or a variable
/// that is not set keeps them out is not looked at.
pub fn objects_named(path: &[u8], text: &[u8]) -> BTreeSet<BString> {
    let objects = mentions(path, text).into_iter().filter(|mention| mention.kind == SymbolKind::Object);
    objects.map(|mention| mention.name).collect()
}

/// Returns the words of a line: what stands between white space, quotes, parentheses and commas.
fn words(line: &[u8]) -> impl Iterator<Item = Span> {
    let breaks =
        |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'\'' | b'"' | b'(' | b')' | b',' | b'[' | b']' | b'=' | b':');
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + line[at..].iter().position(|&byte| !breaks(byte))?;
        let end = start + line[start..].iter().position(|&byte| breaks(byte)).unwrap_or(line.len() - start);
        at = end;
        Some(Span::new(start, end))
    })
}

/// Returns the source that a word names, without its ending; a folder keeps its `/`.
fn source(word: &[u8]) -> Option<&[u8]> {
    let plain = |name: &[u8]| {
        !name.is_empty()
            && name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/' | b'+'))
            && !name.starts_with(b"/")
            && !name.starts_with(b"-")
    };
    let name = match word.strip_suffix(b"/") {
        Some(folder) => (!matches!(folder, b"." | b"..")).then_some(word)?,
        None => [&b".o"[..], b".c", b".S"].iter().find_map(|end| word.strip_suffix(*end))?,
    };
    plain(name).then_some(name)
}

/// Returns the object that a source at `path` is: the path without ending for code, the folder for a folder's own build file.
pub(crate) fn object(path: &[u8]) -> Option<Vec<u8>> {
    if is_kbuild(path) {
        let at = path.rfind_byte(b'/')?;
        return Some(path[..=at].to_vec());
    }
    [&b".c"[..], b".S", b".rs"].iter().find_map(|end| path.strip_suffix(*end)).map(<[u8]>::to_vec)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_use_what_they_build() {
        let text =
            b"obj-$(CONFIG_KVM) += gmap.o sub/ # old.o\ngmap-y := a.o\nsources = files('b.c', 'x/c.c')\nCFLAGS_a.o = -Iinc/\n";
        let shown: Vec<BString> = mentions(b"arch/kvm/Makefile", text).iter().map(|mention| mention.name.clone()).collect();
        assert_eq!(
            bstr::join(" ", shown),
            b"KVM arch/kvm/gmap arch/kvm/sub/ arch/kvm/a arch/kvm/b arch/kvm/x/c arch/kvm/CFLAGS_a"
        );
    }

    #[test]
    fn a_source_is_an_object() {
        assert_eq!(object(b"fs/a.c").as_deref(), Some(&b"fs/a"[..]));
        assert_eq!(object(b"fs/x/Makefile").as_deref(), Some(&b"fs/x/"[..]));
        assert_eq!(object(b"fs/a.h"), None);
        assert_eq!(object(b"Makefile"), None);
    }
}
