//! Devicetree sources and bindings → `compatible` strings. A binding defines a string; sources and drivers use it.

use bstr::ByteSlice;

use super::language::{Comments, Language};
use super::mention::{Mention, used};
use crate::model::{Role, Span, SymbolKind};
use cleave_c::lex::{TokenKind, tokens};

/// A devicetree source.
pub(super) const SOURCE: Language =
    Language { name: "devicetree", mentions: |text| source_mentions(text.bytes).into(), ..Language::PLAIN };

/// A binding as a schema.
pub(super) const SCHEMA: Language = Language { name: "devicetree schema", comments: Comments::Hash, ..BINDING };

/// A binding in words.
pub(super) const BINDING: Language =
    Language { name: "devicetree binding", mentions: |text| binding_mentions(text.bytes).into(), ..Language::PLAIN };

/// Finds the strings of `compatible = "a,b", "c,d";` and the headers.
fn source_mentions(text: &[u8]) -> Vec<Mention> {
    let mut out = Vec::new();
    let mut inside = false;
    let mut before: &[u8] = b"";
    for token in tokens(text) {
        let word = token.of(text);
        match token.kind {
            TokenKind::Directive => {
                let path = word.strip_prefix(b"#include").map(|rest| rest.trim_ascii());
                if let Some(path) = path.filter(|path| path.len() > 2) {
                    let start = token.span.start + word.len() - path.len() + 1;
                    let path = &path[1..path.len() - 1];
                    out.push(used(SymbolKind::Header, path, Span::new(start, start + path.len())));
                }
            }
            TokenKind::Punct if word == b"=" => inside = before == b"compatible",
            TokenKind::Punct if word == b";" => inside = false,
            TokenKind::Text if inside && word.len() > 2 => {
                let span = Span::new(token.span.start + 1, token.span.end - 1);
                out.push(used(SymbolKind::Compatible, &text[span.range()], span));
            }
            _ => {}
        }
        before = word;
    }
    out
}

/// Finds what a binding defines: each word of the form `vendor,device` that is a whole word of the text.
fn binding_mentions(text: &[u8]) -> Vec<Mention> {
    let mut out = Vec::new();
    let mut start = 0;
    for word in text.split_inclusive(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'')) {
        let name = word.trim_ascii().trim_end_with(|c| matches!(c, '"' | '\'' | ';' | '.' | ':' | ','));
        let well = |part: &[u8]| {
            !part.is_empty() && part.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'+'))
        };
        if let Some((vendor, device)) = name.split_once_str(",")
            && well(vendor)
            && well(device)
        {
            let span = Span::new(start, start + name.len());
            out.push(Mention { role: Role::Defines, ..used(SymbolKind::Compatible, name, span) });
        }
        start += word.len();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(mentions: Vec<Mention>, expected: &str) {
        let shown: Vec<String> = mentions.iter().map(|mention| format!("{:?} {}", mention.role, mention.name)).collect();
        assert_eq!(shown.join("|"), expected);
    }

    #[test]
    fn a_source_uses_and_a_binding_defines() {
        let source =
            b"#include <dt-bindings/a.h>\n/ { uart@1 { compatible = \"acme,uart\", \"ns16550\"; label = \"x,y\"; }; };\n";
        check(source_mentions(source), "Uses dt-bindings/a.h|Uses acme,uart|Uses ns16550");
        check(binding_mentions(b"properties:\n  compatible:\n    const: acme,uart\n  x: [ a, b ]\n"), "Defines acme,uart");
    }
}
