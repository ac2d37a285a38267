//! Names read without a grammar: macro bodies, conditions, hidden parts, texts that do not parse.

use bstr::ByteSlice;

use crate::lang::mention::{Mention, used};
use crate::model::{Role, Span, SymbolKind};
use cleave_c::lex::{TokenKind, tokens_in};
use cleave_c::{Directive, DirectiveKind, Syntax, is_keyword};

/// Makes a use of the name at `span`: `CONFIG_X` is a Kconfig symbol wherever it stands.
pub(super) fn name_use(text: &[u8], span: Span) -> Mention {
    let word = &text[span.range()];
    let (kind, name) = match word.strip_prefix(b"CONFIG_") {
        Some(rest) if !rest.is_empty() => {
            let module = rest.strip_suffix(b"_MODULE").filter(|rest| !rest.is_empty());
            (SymbolKind::Kconfig, module.unwrap_or(rest))
        }
        _ => (SymbolKind::Name, word),
    };
    used(kind, name, span)
}

/// Reads uses from a part of a text, but of the names in `except`: words, `struct x` as types, names after `->` and `.` as
/// fields of an unknown record.
pub(super) fn lexed(text: &[u8], part: Span, except: &[&[u8]], out: &mut Vec<Mention>) {
    let mut before: &[u8] = b"";
    for token in tokens_in(text, part) {
        let word = token.of(text);
        if token.kind == TokenKind::Word && !is_keyword(word) && !except.contains(&word) {
            out.push(match before {
                b"struct" | b"union" | b"enum" => used(SymbolKind::Type, &[before, b" ", word].concat(), token.span),
                b"->" | b"." => used(SymbolKind::Field, word, token.span),
                b"goto" => continue,
                _ => name_use(text, token.span),
            });
        }
        if token.kind != TokenKind::Comment {
            before = word;
        }
    }
}

/// Reads macros, includes and conditions.
pub(super) fn preprocessor(text: &[u8], syntax: &Syntax) -> Vec<Mention> {
    let mut out = Vec::new();
    for directive in syntax.directives() {
        match directive.kind {
            DirectiveKind::Define => define(text, directive, &mut out),
            DirectiveKind::Include if !directive.argument.is_empty() => {
                out.push(used(SymbolKind::Header, &text[directive.argument.range()], directive.argument));
            }
            DirectiveKind::Undef => out.push(name_use(text, directive.argument)),
            DirectiveKind::If | DirectiveKind::Else => lexed(text, directive.argument, &[b"defined"], &mut out),
            DirectiveKind::Include | DirectiveKind::Endif | DirectiveKind::Other => {}
        }
    }
    out
}

fn define(text: &[u8], directive: &Directive, out: &mut Vec<Mention>) {
    let name = directive.argument;
    if name.is_empty() {
        return;
    }
    // Parameters stand right after the name: `A(x)` has one, `A (x)` none.
    let parameters = match text.get(name.end) {
        Some(b'(') => {
            let rest = &text[name.end..directive.span.end];
            Span::new(name.end, name.end + rest.find_byte(b')').map_or(rest.len(), |len| len + 1))
        }
        _ => Span::new(name.end, name.end),
    };
    let names: Vec<&[u8]> = tokens_in(text, parameters)
        .into_iter()
        .filter(|token| token.kind == TokenKind::Word)
        .map(|token| token.of(text))
        .collect();
    let region = Span::new(directive.span.start, parameters.end);
    out.push(Mention { region, role: Role::Defines, ..used(SymbolKind::Macro, &text[name.range()], name) });
    lexed(text, Span::new(parameters.end, directive.span.end), &names, out);
}
