//! Tokens → statements: what stands between two `;`, braces or, in a list of values, commas.
//!
//! ```text
//!   static const struct ops a_ops = {        head of values
//!           .get = a_get,                    a value, within that head
//!   };
//!   int f(int a)                             head of a function
//!   {
//!           switch (a) {                     head of a block
//!           case A:                          a statement, within it
//! ```
//!
//! No grammar, as for a text that does not compile by itself: preprocessor lines are statements of their own, wherever they stand. Cost: one pass over
//! the tokens.

use crate::lex::{Token, TokenKind, tokens, tokens_in};
use crate::span::Span;

/// What a statement stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    /// The file.
    File,
    /// A function or a block in one.
    Code,
    /// A record or an enum.
    Record,
    /// The values of an initializer.
    Values,
    /// A preprocessor line.
    Directive,
}

/// A statement, a declaration, a member, a value of a list, the head of what stands in braces, or a preprocessor line.
#[derive(Debug, Clone)]
pub struct Statement {
    /// Its tokens but comments; of a preprocessor line those after the `#`. Never empty.
    pub tokens: Vec<Token>,
    /// What it stands in.
    pub within: Within,
    /// The head of the braces around it, as a place among the statements; of braces in braces without a head that of the outer ones.
    pub head: Option<usize>,
    /// The head of the function around it.
    pub function: Option<usize>,
}

impl Statement {
    /// Returns the bytes from its first token to its last.
    pub fn span(&self) -> Span {
        let ends = self.tokens.first().zip(self.tokens.last());
        ends.map_or(Span::default(), |(first, last)| Span::new(first.span.start, last.span.end))
    }

    /// Whether it begins with this word.
    pub fn begins(&self, text: &[u8], word: &[u8]) -> bool {
        self.tokens.first().is_some_and(|token| token.of(text) == word)
    }

    /// Returns the word before its first bracket: the name of the function, where it is the head of one.
    pub fn called<'t>(&self, text: &'t [u8]) -> Option<&'t [u8]> {
        let open = self.tokens.iter().position(|token| token.of(text) == b"(")?;
        self.tokens[..open].last().filter(|token| token.kind == TokenKind::Word).map(|token| token.of(text))
    }
}

/// An open brace.
struct Frame {
    within: Within,
    head: Option<usize>,
    function: Option<usize>,
    /// Brackets that are open in it.
    depth: usize,
}

/// Returns the statements of a text, sorted by their ends but for preprocessor lines, which come before the statement they stand in.
pub fn statements(text: &[u8]) -> Vec<Statement> {
    let mut out: Vec<Statement> = Vec::new();
    let mut frames = vec![Frame { within: Within::File, head: None, function: None, depth: 0 }];
    let mut open: Vec<Token> = Vec::new();
    for token in tokens(text) {
        let frame = frames.last_mut().expect("the file's own frame is never taken off");
        let (within, head, function) = (frame.within, frame.head, frame.function);
        let mut end = |open: &mut Vec<Token>| {
            if !open.is_empty() {
                out.push(Statement { tokens: std::mem::take(open), within, head, function });
            }
        };
        match token.kind {
            TokenKind::Comment => continue,
            TokenKind::Directive => {
                let line = tokens_in(text, Span::new(token.span.start + 1, token.span.end));
                let mut line: Vec<Token> = line.into_iter().filter(|token| token.kind != TokenKind::Comment).collect();
                let (within, head) = (Within::Directive, None);
                if !line.is_empty() {
                    out.push(Statement { tokens: std::mem::take(&mut line), within, head, function });
                }
                continue;
            }
            TokenKind::Word | TokenKind::Number | TokenKind::Text | TokenKind::Char | TokenKind::Punct => {}
        }
        let word = token.of(text);
        match word {
            b"{" => {
                let inner = inner(text, within, &open, frame.depth);
                let is_empty = open.is_empty();
                end(&mut open);
                let last = out.iter().rposition(|statement| statement.within != Within::Directive);
                let head = if is_empty && within == Within::Values { head } else { last };
                let function = if within == Within::File && inner == Within::Code { head } else { function };
                frames.push(Frame { within: inner, head, function, depth: 0 });
                continue;
            }
            b"}" => {
                end(&mut open);
                if frames.len() > 1 {
                    frames.pop();
                }
                continue;
            }
            b"(" | b"[" => frame.depth += 1,
            b")" | b"]" => frame.depth = frame.depth.saturating_sub(1),
            _ => {}
        }
        open.push(token);
        let begins = |words: &[&[u8]]| words.contains(&open[0].of(text));
        let ends = frame.depth == 0
            && match word {
                b";" => true,
                b"," => matches!(within, Within::Values | Within::Record),
                b")" => within == Within::Code && begins(&[b"if", b"while", b"for", b"switch"]),
                b":" => within == Within::Code && (begins(&[b"case", b"default"]) || open.len() == 2),
                b"else" | b"do" => open.len() == 1,
                _ => false,
            };
        if ends {
            end(&mut open);
        }
    }
    if !open.is_empty() {
        out.push(Statement { tokens: open, within: Within::File, head: None, function: None });
    }
    out
}

/// Returns what stands in the brace that opens after `open`.
fn inner(text: &[u8], within: Within, open: &[Token], depth: usize) -> Within {
    let has = |word: &[u8]| open.iter().any(|token| token.of(text) == word);
    let last = open.last().map_or(&b""[..], |token| token.of(text));
    match within {
        // A value in the middle of an expression, or the statements of one: `({ … })`.
        _ if depth > 0 => {
            if last == b"(" {
                Within::Code
            } else {
                Within::Values
            }
        }
        Within::Values => Within::Values,
        _ if has(b"=") || (last == b")" && has(b"return")) => Within::Values,
        _ if last != b")" && (has(b"struct") || has(b"union") || has(b"enum")) && !has(b"(") => Within::Record,
        Within::Record => Within::Record,
        Within::File if last != b")" && !has(b"(") => Within::File, // extern "C" {
        Within::File | Within::Code | Within::Directive => Within::Code,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(text: &str) -> Vec<String> {
        let all = statements(text.as_bytes());
        let word = |token: &Token| String::from_utf8_lossy(token.of(text.as_bytes())).into_owned();
        let words = |statement: &Statement| statement.tokens.iter().map(word).collect::<Vec<_>>().join(" ");
        all.iter()
            .map(|one| {
                let head = one.head.map_or(String::new(), |head| format!(" < {}", words(&all[head])));
                format!("{:?}: {}{head}", one.within, words(one))
            })
            .collect()
    }

    #[test]
    fn values_are_statements_within_their_head() {
        assert_eq!(
            drawn("static struct o x = {\n\t.a = f(1, 2),\n\t{ 3, 4 },\n};\n"),
            [
                "File: static struct o x =",
                "Values: . a = f ( 1 , 2 ) , < static struct o x =",
                "Values: 3 , < static struct o x =",
                "Values: 4 < static struct o x =",
                "Values: , < static struct o x =",
                "File: ;",
            ]
        );
    }

    #[test]
    fn a_head_is_a_statement_and_so_is_what_it_guards() {
        assert_eq!(
            drawn(
                "int f(int a)\n{\n\tif (a)\n\t\tg(a);\n\tswitch (a) {\n\tcase A:\n\t\treturn 1; /* ; */\n\t}\n}\n#define X y;\n"
            ),
            [
                "File: int f ( int a )",
                "Code: if ( a ) < int f ( int a )",
                "Code: g ( a ) ; < int f ( int a )",
                "Code: switch ( a ) < int f ( int a )",
                "Code: case A : < switch ( a )",
                "Code: return 1 ; < switch ( a )",
                "Directive: define X y ;",
            ]
        );
    }

    #[test]
    fn members_and_constants_are_statements() {
        assert_eq!(
            drawn("struct s {\n\tint (*get)(int a);\n\tint b, c;\n};\nenum e { A, B = 2 };\n"),
            [
                "File: struct s",
                "Record: int ( * get ) ( int a ) ; < struct s",
                "Record: int b , < struct s",
                "Record: c ; < struct s",
                "File: ;",
                "File: enum e",
                "Record: A , < enum e",
                "Record: B = 2 < enum e",
                "File: ;",
            ]
        );
    }
}
