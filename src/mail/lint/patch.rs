//! What a diff tells by itself.

use bstr::{BStr, ByteSlice};

use super::diff::{DiffLine, FileDiff};
use super::documents::Document;
use super::{Hit, Look, Place, Severity};
use crate::model::path_kind::{PathKind, kind};

/// Files that are written by hand and read by a compiler: elsewhere blanks at the end of a line and rows of `<` may be meant.
const SOURCES: &[PathKind] = &[
    PathKind::C,
    PathKind::Cpp,
    PathKind::Header,
    PathKind::CppHeader,
    PathKind::Assembler,
    PathKind::LinkerScript,
    PathKind::Devicetree,
    PathKind::Rust,
    PathKind::Generator,
    PathKind::Script,
    PathKind::Makefile,
    PathKind::Meson,
    PathKind::OtherRules,
    PathKind::Kconfig,
];

fn is_source(file: &FileDiff) -> bool {
    let kind = file.kind();
    let is_test = ["test", "t/", "fixtures", "expect"].iter().any(|word| file.path.contains_str(word));
    SOURCES.contains(&kind) && (!is_test || matches!(kind, PathKind::C | PathKind::Cpp))
}

fn of_file(file: &FileDiff, message: impl Into<String>) -> Hit {
    Hit::new(Place::File(file.path.clone(), 0), file.path.as_bstr(), message)
}

/// What `git diff --check` finds: blanks before the end of a line, a blank before a tab that indents.
pub(super) fn whitespace(look: &Look<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for file in look.letter.files.iter().filter(|file| is_source(file)) {
        for line in file.added() {
            let text = line.text.strip_suffix(b"\r").unwrap_or(&line.text);
            let indent = &text[..text.len() - text.trim_start_with(|c| c == ' ' || c == '\t').len()];
            if text.ends_with(b" ") || text.ends_with(b"\t") {
                hits.push(Hit::file_line(file, line, "the added line ends in blanks"));
            } else if indent.contains_str(" \t") {
                hits.push(Hit::file_line(file, line, "a blank stands before a tab"));
            }
        }
    }
    hits
}

/// What is left of a merge.
pub(super) fn conflict_marker(look: &Look<'_>) -> Vec<Hit> {
    let marks = |line: &&DiffLine| {
        ["<<<<<<< ", ">>>>>>> ", "||||||| "].iter().any(|mark| line.text.starts_with(mark.as_bytes()))
            || ["<<<<<<<", ">>>>>>>"].iter().any(|mark| line.text == *mark)
    };
    let files = look.letter.files.iter().filter(|file| is_source(file));
    files
        .flat_map(|file| file.added().filter(marks).map(|line| Hit::file_line(file, line, "the line is a marker of a conflict")))
        .collect()
}

pub(super) fn executable(look: &Look<'_>) -> Vec<Hit> {
    let is_text = |file: &&FileDiff| {
        use PathKind::{Assembler, C, Data, Devicetree, Document, Notice, Rust};
        let kind = file.kind();
        kind.is_header() || kind.is_binding() || matches!(kind, C | Assembler | Devicetree | Rust | Document | Notice | Data)
    };
    let gets_it = |file: &&FileDiff| {
        file.new_mode.as_ref().is_some_and(|mode| mode == "100755") && file.old_mode.as_ref().is_none_or(|mode| mode != "100755")
    };
    let files = look.letter.files.iter().filter(|file| is_text(file) && gets_it(file));
    files.map(|file| of_file(file, "the file becomes executable")).collect()
}

pub(super) fn binary(look: &Look<'_>) -> Vec<Hit> {
    let files = look.letter.files.iter().filter(|file| file.is_binary && !file.is_gone);
    files.map(|file| of_file(file, "nobody can comment on a binary file")).collect()
}

/// New sources say their license in one of the first lines.
pub(super) fn license(look: &Look<'_>) -> Vec<Hit> {
    let is_more = match look.source.document {
        Document::Licenses => |kind| matches!(kind, PathKind::Rust | PathKind::Devicetree),
        Document::UBoot => |kind| kind == PathKind::Devicetree,
        _ => |_| false,
    };
    let says_license = |kind: PathKind| kind.is_header() || matches!(kind, PathKind::C | PathKind::Assembler) || is_more(kind);
    let is_meant = |file: &&FileDiff| file.is_new && !file.is_binary && file.lines.len() > 3 && says_license(file.kind());
    // After a script's first line, a name and a blank: ten lines are as far as any header goes.
    // What a program made has the license of the program's input.
    let is_mark = |line: &DiffLine| ["SPDX-License-Identifier", "generated"].iter().any(|mark| line.text.contains_str(mark));
    let says = |file: &FileDiff| file.added().take(10).any(is_mark);
    // A file that comes back is not new.
    let files = look.letter.files.iter().filter(|file| !look.letter.is_by_git() && is_meant(file) && !says(file));
    files.map(|file| of_file(file, "the new file does not say its license in a line 'SPDX-License-Identifier:'")).collect()
}

/// New files that no section of MAINTAINERS is about, and no patch that adds one.
pub(super) fn owner(look: &Look<'_>) -> Vec<(usize, Hit)> {
    let letters = &look.posting.letters;
    let is_touched = letters.iter().flat_map(|letter| &letter.files).any(|file| file.kind() == PathKind::Maintainers);
    if is_touched {
        return Vec::new();
    }
    let mut hits = Vec::new();
    for (at, letter) in letters.iter().enumerate() {
        let mut files = letter.files.iter().filter(|file| file.is_new && look.world.unowned.contains(&file.path));
        let Some(first) = files.next() else { continue };
        let more = match files.count() {
            0 => String::new(),
            n => format!(", nor about {n} more"),
        };
        hits.push((at, of_file(first, format!("no section of MAINTAINERS is about the new file{more}"))));
    }
    hits
}

/// Whether a path is part of a devicetree binding.
pub(super) fn is_binding(path: &BStr) -> bool {
    kind(path).is_binding() || path.starts_with(b"include/dt-bindings/")
}

/// Bindings are patches of their own.
pub(super) fn binding_apart(look: &Look<'_>) -> Vec<Hit> {
    let is_code = |file: &&FileDiff| {
        let kind = file.kind();
        (kind.is_header() || matches!(kind, PathKind::C | PathKind::Assembler | PathKind::Devicetree))
            && !is_binding(file.path.as_bstr())
    };
    let (binding, code) =
        (look.letter.files.iter().find(|file| is_binding(file.path.as_bstr())), look.letter.files.iter().find(is_code));
    match (binding, code) {
        (Some(binding), Some(code)) => vec![of_file(binding, format!("the binding stands in one patch with '{}'", code.path))],
        _ => Vec::new(),
    }
}

/// A file that moves is not rewritten on the way. What its new place asks for (names, guards, paths) stays below a quarter.
pub(super) fn moved(look: &Look<'_>) -> Vec<Hit> {
    const LEAST: u8 = 75;
    let changed = |file: &&FileDiff| {
        file.old_path.is_some() && file.similarity.is_some_and(|percent| percent < LEAST) && file.lines.len() > 40
    };
    let files = look.letter.files.iter().filter(changed);
    files
        .map(|file| {
            of_file(file, format!("the file moves and changes: {}% of it stays", file.similarity.unwrap_or_default()))
                .at(Severity::Note)
        })
        .collect()
}
