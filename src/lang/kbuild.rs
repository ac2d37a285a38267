//! Makefile, Kbuild, meson.build, CMakeLists.txt → the sources and folders they name.
//!
//! `obj-y += foo.o`, `foo.c` and `foo/` name a source by its path without ending, relative to the folder of the file. They *use*
//! it: what creates the source defines it, so that a file comes before the line that builds it.

use std::collections::BTreeSet;

use bstr::{BString, ByteSlice};

use super::block::Block;
use super::language::{Build, Comments, Items, Language};
use super::mention::{Mention, runs, used};
use crate::model::path_kind::{PathKind, kind};
use crate::model::{Span, SymbolKind};
use cleave_c::span::Lines;

/// A build file whose sources are found. A logical line is a statement.
pub(super) const KBUILD: Language = Language {
    name: "build file",
    items: Items::Unnamed(statements),
    mentions: |text| mentions(text.path, text.bytes).into(),
    build: Build::Mentions,
    comments: Comments::Hash,
    ..Language::PLAIN
};

/// `CMakeLists.txt`: its sources are found; a statement goes over lines, so that blank lines divide it.
pub(super) const CMAKE: Language = Language { name: "CMake", items: Items::Paragraphs, comments: Comments::Unknown, ..KBUILD };

/// A build file of another name, `Makefile_32` or `options.build`: it is cut by lines, and its names are not read.
pub(super) const MAKE: Language =
    Language { name: "other build file", items: Items::Unnamed(statements), comments: Comments::Hash, ..Language::PLAIN };

/// Returns the logical lines: a backslash at the end joins the next line.
fn statements(text: &[u8], lines: &Lines) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut start = 0;
    for line in 0..lines.len() {
        let bytes = text[lines.span(line, line + 1).range()].trim_end();
        if !bytes.ends_with(b"\\") {
            if !text[lines.span(start, line + 1).range()].trim().is_empty() {
                blocks.push(Block { start, end: line + 1, name: BString::default() });
            }
            start = line + 1;
        }
    }
    blocks
}

/// Finds what a build file at `path` uses: objects, and Kconfig symbols.
fn mentions(path: &[u8], text: &[u8]) -> Vec<Mention> {
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
    runs(line, |byte| !byte.is_ascii_whitespace() && !b"'\"(),[]=:".contains(&byte))
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
pub fn object(path: &[u8]) -> Option<Vec<u8>> {
    if matches!(kind(path.as_bstr()), PathKind::Makefile | PathKind::Meson | PathKind::Cmake) {
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
