//! Macros: read from their line, expanded with the tokens of a call.

use super::code::{Code, Origin, Tok, small};
use super::source_index::SourceIndex;
use crate::directives::directive;
use crate::lex::{TokenKind, is_word_start, tokens_in};
use crate::span::Span;

/// A macro as it is written.
#[derive(Debug)]
pub(super) struct Macro<'w> {
    /// `None` for one without brackets.
    pub(super) params: Option<Vec<&'w [u8]>>,
    /// The name of the rest of the arguments.
    rest: Option<&'w [u8]>,
    pub(super) body: Vec<Tok<'w>>,
}

/// Longer texts than this come from macros that are programs of their own.
const EXPANDED_AT_MOST: usize = 20_000;

/// No token of any file.
pub(super) const NOWHERE: Origin = Origin { file: u32::MAX, at: u32::MAX };

impl<'w> Macro<'w> {
    /// Reads a `#define` line.
    pub(super) fn of(file: u32, text: &'w [u8], span: Span) -> Option<Self> {
        let line = directive(text, span);
        let name = &text[line.argument.range()];
        let mut toks = tokens_in(text, Span::new(line.argument.end, span.end))
            .into_iter()
            .filter(|token| token.kind != TokenKind::Comment)
            .map(|token| {
                let word = token.of(text);
                Tok { kind: token.kind, text: word, origin: Origin { file, at: small(token.span.start) }, painted: word == name }
            })
            .peekable();
        let mut params = None;
        let mut rest = None;
        if text.get(line.argument.end) == Some(&b'(') {
            let mut names = Vec::new();
            toks.next();
            loop {
                let tok = toks.next()?;
                match tok.text {
                    b")" => break,
                    b"..." => rest = Some(if toks.peek().is_some_and(|next| next.text == b")") { names.pop() } else { None }),
                    b"," => names.push(&b","[..]),
                    word => {
                        names.pop().into_iter().filter(|name| *name != b",").for_each(|name| names.push(name));
                        names.push(word);
                    }
                }
            }
            // Without a name of its own the rest is `__VA_ARGS__`.
            if let Some(named) = &mut rest
                && named.is_none_or(|name| name == b",")
            {
                *named = Some(b"__VA_ARGS__");
            }
            params = Some(names);
        }
        Some(Macro { params, rest: rest.flatten(), body: toks.collect() })
    }

    /// Returns the tokens that a call stands for; `None` for more than are worth reading. `open` is the bracket of the call's
    /// arguments.
    pub(super) fn expand(&self, index: &'w SourceIndex<'w>, code: &Code<'w>, open: Option<usize>) -> Option<Vec<Tok<'w>>> {
        let Some(params) = &self.params else {
            // `#define f g`: what follows the name stays behind it.
            let mut out = self.body.clone();
            if let Some((open, close)) = open.and_then(|open| Some((open, code.mate(open)?))) {
                out.extend_from_slice(&code.toks()[open..=close]);
            }
            return (out.len() <= EXPANDED_AT_MOST).then_some(out);
        };
        let open = open?;
        let close = code.mate(open)?;
        let arguments = code.arguments(open);
        let argument = |word: &[u8]| -> Option<&[Tok<'w>]> {
            if let Some(nth) = params.iter().position(|name| *name == word) {
                return Some(arguments.get(nth).map_or(&[], |&(from, end)| &code.toks()[from..end]));
            }
            let from = arguments.get(params.len()).map_or(close, |&(from, _)| from);
            (self.rest == Some(word)).then(|| &code.toks()[from..close])
        };
        let mut out: Vec<Tok<'w>> = Vec::with_capacity(self.body.len() * 2);
        let mut at = 0;
        let mut pastes = false;
        while let Some(tok) = self.body.get(at) {
            at += 1;
            if tok.text == b"##" && tok.kind == TokenKind::Punct {
                pastes = true;
                continue;
            }
            let one = [*tok];
            let mut new: &[Tok<'w>] = &one;
            let text;
            if tok.text == b"#" && self.body.get(at).is_some_and(|next| argument(next.text).is_some()) {
                at += 1;
                text = [Tok { kind: TokenKind::Text, text: b"\"\"", origin: NOWHERE, painted: false }];
                new = &text;
            } else if tok.kind == TokenKind::Word
                && let Some(tokens) = argument(tok.text)
            {
                new = tokens;
            }
            if pastes {
                pastes = false;
                match (out.last().copied(), new.first()) {
                    (Some(last), None) if last.text == b"," => drop(out.pop()),
                    (Some(last), Some(first)) if last.text != b"," && last.kind != TokenKind::Punct => {
                        out.pop();
                        let word = [last.text, first.text].concat();
                        let kind = if is_word_start(word[0]) { TokenKind::Word } else { TokenKind::Number };
                        out.push(Tok { kind, text: index.pasted(word)?, origin: NOWHERE, painted: false });
                        new = &new[1..];
                    }
                    _ => {}
                }
            }
            out.extend_from_slice(new);
            if out.len() > EXPANDED_AT_MOST {
                return None;
            }
        }
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::code::lexed;
    use crate::types::source_index::{InMemoryTree, SourceIndex};

    fn check(define: &str, call: &str, expected: &str) {
        let tree = InMemoryTree::default();
        let index = SourceIndex::of(&tree);
        let found = Macro::of(0, define.as_bytes(), Span::new(0, define.len())).expect("a macro");
        let code = lexed(1, call.as_bytes(), Span::new(0, call.len())).code;
        let open = (code.at(1) == b"(").then_some(1);
        let words: Vec<_> = found.expand(&index, &code, open).expect("short").iter().map(|tok| tok.text).collect();
        assert_eq!(String::from_utf8_lossy(&words.join(&b' ')), expected);
    }

    #[test]
    fn arguments_take_the_place_of_parameters() {
        check("#define A(x, y) (x)->y \\\n + 1", "A(p[f(1, 2)], q)", "( p [ f ( 1 , 2 ) ] ) -> q + 1");
        check("#define A f", "A(1)", "f ( 1 )");
        check("#define A() f", "A()", "f");
        check("#define A(x, ...) f(x, ##__VA_ARGS__)", "A(1)", "f ( 1 )");
        check("#define A(x, ...) f(x, ##__VA_ARGS__)", "A(1, 2, 3)", "f ( 1 , 2 , 3 )");
        check("#define A(x, r...) { r }", "A(1, 2, 3)", "{ 2 , 3 }");
        check("#define A(x) a_##x##_b #x", "A(y)", "a_y_b \"\"");
        check("#define A(x) x##y", "A()", "y");
    }
}
