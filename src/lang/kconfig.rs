//! Kconfig → the symbols it defines and uses. Source: `Documentation/kbuild/kconfig-language.rst` of Linux.

use bstr::ByteSlice;

use super::language::{Comments, Language};
use super::mention::{Mention, used};
use crate::model::{Role, Span, SymbolKind};
use cleave_c::lex::{TokenKind, tokens_in};

/// Kconfig, and `Config.in` of projects that took it over.
pub(super) const KCONFIG: Language =
    Language { name: "Kconfig", mentions: |text| mentions(text.bytes).into(), comments: Comments::Hash, ..Language::PLAIN };

/// Finds what a Kconfig file defines (`config X`) and uses (`depends on`, `select`, `imply`, `if`, `default`, …).
fn mentions(text: &[u8]) -> Vec<Mention> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut help: Option<Help> = None;
    for line in text.lines_with_terminator() {
        let line_start = start;
        start += line.len();
        let indent = indent(line);
        let body = line.trim_ascii();
        match &mut help {
            Some(_) if body.is_empty() => continue,
            // The first line of a help text sets its indent; the text ends before a line with less.
            Some(Help { indent: Some(first), .. }) if indent >= *first => continue,
            Some(text) if text.indent.is_none() && indent > text.outer => {
                text.indent = Some(indent);
                continue;
            }
            _ => help = None,
        }
        let code = &line[..line.find_byte(b'#').unwrap_or(line.len())];
        let mut tokens = tokens_in(code, Span::new(0, code.len())).into_iter().filter(|token| token.kind == TokenKind::Word);
        let Some(first) = tokens.next() else { continue };
        let place = |span: Span| Span::new(line_start + span.start, line_start + span.end);
        match first.of(code) {
            b"config" | b"menuconfig" => {
                if let Some(name) = tokens.next() {
                    let region = place(Span::new(first.span.start, name.span.end));
                    let mention = used(SymbolKind::Kconfig, name.of(code), place(name.span));
                    out.push(Mention { role: Role::Defines, region, ..mention });
                }
            }
            b"help" => help = Some(Help { outer: indent, indent: None }),
            b"depends" | b"select" | b"imply" | b"if" | b"default" | b"def_bool" | b"def_tristate" | b"visible" | b"range"
            | b"bool" | b"tristate" | b"int" | b"hex" | b"string" | b"prompt" => {
                let names = tokens.filter(|token| is_symbol(token.of(code)));
                out.extend(names.map(|token| used(SymbolKind::Kconfig, token.of(code), place(token.span))));
            }
            _ => {}
        }
    }
    out
}

/// A help text that is being passed over.
struct Help {
    outer: usize,
    indent: Option<usize>,
}

/// Columns before the first byte that is no blank; a tab goes to the next multiple of 8.
fn indent(line: &[u8]) -> usize {
    line.iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .fold(0, |at, byte| if *byte == b'\t' { at / 8 * 8 + 8 } else { at + 1 })
}

/// Whether a word is a symbol and not a word of the language or one of the values `y`, `m`, `n`.
fn is_symbol(word: &[u8]) -> bool {
    !matches!(word, b"on" | b"if" | b"y" | b"m" | b"n" | b"visible")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_and_uses_are_told_apart() {
        let text =
            b"config KVM\n\ttristate \"Virtual machines\" if EXPERT\n\tdepends on X86 && !UML # not OLD\n\tselect MMU_NOTIFIER\n\
            \tdefault y if A\n\thelp\n\t  config is chosen\n\n\t  select nothing\nif B\nmenuconfig C\nendif\n";
        let show = |mention: &Mention| format!("{:?} {}", mention.role, mention.name);
        let shown: Vec<String> = mentions(text).iter().map(show).collect();
        assert_eq!(
            shown.join("\n"),
            "Defines KVM\nUses EXPERT\nUses X86\nUses UML\nUses MMU_NOTIFIER\nUses A\nUses B\nDefines C"
        );
    }
}
