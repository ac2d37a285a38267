//! The mentions of any text, by the path it stands at.

pub mod c;
mod devicetree;
mod document;
pub mod kbuild;
mod kconfig;

use self::c::lexed::lexed;
use self::c::{Linkage, Mention, mentions};
use crate::model::{Role, Span, SymbolKind};
use cleave_c::{Syntax, parse};

/// Above this share of bytes that do not parse, the uses in a text are read by the lexer alone.
const ERRORS_AT_MOST: f64 = 0.05;

/// What a text is, by its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    /// A C source: what is static or a type in it is its own.
    C,
    /// A C header.
    Header,
    /// Preprocessed, but not C: assembler, linker scripts.
    Assembler,
    /// Makefile and its like.
    Kbuild,
    /// Kconfig.
    Kconfig,
    /// `.dts`, `.dtsi`.
    Devicetree,
    /// A devicetree binding.
    Binding,
    /// A document that may name symbols.
    Document,
    /// A list of maintainers.
    Maintainers,
    /// Text without symbols.
    Other,
}

/// Returns what the text at `path` is.
pub(super) fn language(path: &[u8]) -> Language {
    let ends = |endings: &[&[u8]]| endings.iter().any(|end| path.ends_with(end));
    match path {
        _ if ends(&[b".c"]) => Language::C,
        _ if ends(&[b".h", b".inc", b".def"]) => Language::Header,
        _ if ends(&[b".S", b".lds"]) => Language::Assembler,
        _ if kbuild::is_kbuild(path) => Language::Kbuild,
        _ if kconfig::is_kconfig(path) => Language::Kconfig,
        _ if devicetree::is_source(path) => Language::Devicetree,
        _ if devicetree::is_binding(path) => Language::Binding,
        _ if document::is_document(path) => Language::Document,
        _ if document::is_maintainers(path) => Language::Maintainers,
        _ => Language::Other,
    }
}

/// The mentions of a text and what could not be understood of it.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) mentions: Vec<Mention>,
    pub(super) note: Option<String>,
}

/// Reads the text that stands at `path`; with its syntax, where another stage has parsed it already.
pub(super) fn read(path: &[u8], text: &[u8], syntax: Option<&Syntax>) -> Read {
    let whole = Span::new(0, text.len());
    let plain = |mut mentions: Vec<Mention>| {
        mentions.sort();
        Read { mentions, note: None }
    };
    match language(path) {
        Language::C | Language::Header => match syntax {
            Some(syntax) => read_c(text, whole, syntax),
            None => read_c(text, whole, &parse(text)),
        },
        Language::Assembler => plain(assembler(text, whole)),
        Language::Kbuild => plain(kbuild::mentions(path, text)),
        Language::Kconfig => plain(kconfig::mentions(text)),
        Language::Devicetree => plain(devicetree::source_mentions(text)),
        Language::Binding => plain(devicetree::binding_mentions(text)),
        Language::Document => plain(document::document_mentions(text)),
        Language::Maintainers => plain(document::maintainers_mentions(text)),
        Language::Other => Read::default(),
    }
}

fn read_c(text: &[u8], whole: Span, syntax: &Syntax) -> Read {
    let mut found = mentions(text, syntax);
    let share = syntax.error_share();
    if share <= ERRORS_AT_MOST {
        return Read { mentions: found, note: None };
    }
    found.retain(|mention| mention.linkage != Linkage::Block && mention.role != Role::Uses || mention.kind == SymbolKind::Header);
    lexed(text, whole, &[], &mut found);
    found.sort();
    let note = format!("{:.0} % of it does not parse as C: names in it are read one by one, without scopes", share * 100.0);
    Read { mentions: found, note: Some(note) }
}

/// Assembler has the preprocessor of C and names of its own kind: a word at the start of a line with `:` or in `SYM_FUNC_START`
/// is not looked for, as nothing tells it from a macro's argument.
fn assembler(text: &[u8], whole: Span) -> Vec<Mention> {
    let mut out = super::lang::c::preprocessor(text, &parse(text));
    lexed(text, whole, &[], &mut out);
    // The words of a preprocessor line were read as such: here they come a second time.
    let known: std::collections::BTreeSet<usize> =
        out.iter().filter(|m| m.role != Role::Uses).map(|m| m.name_span.start).collect();
    out.retain(|mention| mention.role != Role::Uses || !known.contains(&mention.name_span.start));
    out
}
