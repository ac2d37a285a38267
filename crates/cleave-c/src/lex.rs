//! C text → tokens, without a grammar and without an error.
//!
//! A preprocessor directive is one token, its continued lines included: whoever wants to know what stands in it takes its
//! bytes to [`tokens`] again. White space makes no token. Cost: one pass over the bytes.

use crate::span::Span;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenKind {
    /// An identifier or a keyword.
    Word,
    /// A number, with its suffix.
    Number,
    /// A string with its quotes; ends with the line where the closing quote is missing.
    Text,
    /// A character constant.
    Char,
    /// `->`, `##`, `...` or a single byte.
    Punct,
    /// `/* … */` or `// …`.
    Comment,
    /// `#` first on a line to the end of the logical line, without the line's end.
    Directive,
}

/// One token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it stands.
    pub span: Span,
}

impl Token {
    /// Returns the bytes of the token in the text it was made from.
    pub fn of<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        &text[self.span.range()]
    }
}

/// Returns how a token changes the depth of brackets: 1 for one that opens, -1 for one that closes, else 0.
pub fn nesting(token: &[u8]) -> i32 {
    match token {
        b"(" | b"[" | b"{" => 1,
        b")" | b"]" | b"}" => -1,
        _ => 0,
    }
}

/// Returns the tokens of `text`, sorted and disjoint.
pub fn tokens(text: &[u8]) -> Vec<Token> {
    lex(text, Span::new(0, text.len()), Start::Line)
}

/// Returns the tokens of a part of `text`, none of them a directive: macro bodies, hidden branches, inserted pieces.
pub fn tokens_in(text: &[u8], part: Span) -> Vec<Token> {
    lex(text, part, Start::Middle)
}

/// Returns the tokens of a part of `text` in which a line may be a directive: whole declarations.
pub(crate) fn tokens_of_lines(text: &[u8], part: Span) -> Vec<Token> {
    lex(text, part, Start::Line)
}

/// Whether `#` can begin a directive.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    /// Text that begins a line.
    Line,
    /// Text in which no directive is looked for.
    Middle,
}

fn lex(text: &[u8], part: Span, start: Start) -> Vec<Token> {
    let mut out = Vec::with_capacity(part.len() / 5);
    let text = &text[..part.end];
    let mut at = part.start;
    let mut line_start = start == Start::Line;
    while let Some(&byte) = text.get(at) {
        let from = at;
        let kind = match byte {
            b'\n' => {
                line_start = start == Start::Line;
                at += 1;
                continue;
            }
            b' ' | b'\t' | b'\r' | b'\x0b' | b'\x0c' | b'\\' => {
                at += 1;
                continue;
            }
            b'/' if matches!(text.get(at + 1), Some(b'/' | b'*')) => {
                at = comment_end(text, at);
                out.push(Token { kind: TokenKind::Comment, span: Span::new(from, at) });
                continue; // a comment does not end the line's start
            }
            b'#' if line_start => {
                at = directive_end(text, at);
                TokenKind::Directive
            }
            b'"' => {
                at = quoted_end(text, at);
                TokenKind::Text
            }
            b'\'' => {
                at = quoted_end(text, at);
                TokenKind::Char
            }
            _ if is_word_start(byte) => {
                at = word_end(text, at);
                TokenKind::Word
            }
            b'0'..=b'9' => {
                at = number_end(text, at);
                TokenKind::Number
            }
            _ => {
                at += match &text[at..] {
                    [b'.', b'.', b'.', ..] => 3,
                    [b'-', b'>', ..] | [b'#', b'#', ..] => 2,
                    _ => 1,
                };
                TokenKind::Punct
            }
        };
        line_start = false;
        out.push(Token { kind, span: Span::new(from, at) });
    }
    out
}

/// Whether a word can begin with this byte; bytes past ASCII count, as in UTF-8 names.
pub fn is_word_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte == b'$' || byte >= 0x80
}

/// Whether a word can go on with this byte.
pub fn is_word_byte(byte: u8) -> bool {
    is_word_start(byte) || byte.is_ascii_digit()
}

fn word_end(text: &[u8], at: usize) -> usize {
    at + text[at..].iter().position(|&byte| !is_word_byte(byte)).unwrap_or(text.len() - at)
}

fn number_end(text: &[u8], at: usize) -> usize {
    let rest = &text[at..];
    let sign = |idx: usize| matches!(rest[idx], b'+' | b'-') && matches!(rest[idx - 1], b'e' | b'E' | b'p' | b'P') && !hex(rest);
    let ends = |idx: usize| !(is_word_byte(rest[idx]) || rest[idx] == b'.' || sign(idx));
    at + (1..rest.len()).find(|&idx| ends(idx)).unwrap_or(rest.len())
}

/// `0xe+1` is a sum, `1e+1` a number.
fn hex(number: &[u8]) -> bool {
    matches!(number, [b'0', b'x' | b'X', ..])
}

fn comment_end(text: &[u8], at: usize) -> usize {
    if text[at + 1] == b'*' {
        return memchr::memmem::find(&text[at + 2..], b"*/").map_or(text.len(), |len| at + 2 + len + 2);
    }
    line_end(text, at)
}

/// Returns where the logical line ends: at the first line end without a backslash before it.
fn line_end(text: &[u8], at: usize) -> usize {
    for end in memchr::memchr_iter(b'\n', &text[at..]).map(|len| at + len) {
        let line = text[at..end].strip_suffix(b"\r").unwrap_or(&text[at..end]);
        if !line.ends_with(b"\\") {
            return at + line.len();
        }
    }
    text.len()
}

/// Returns where the string or character constant at `at` ends; one that is not closed ends with its line.
fn quoted_end(text: &[u8], at: usize) -> usize {
    let quote = text[at];
    let mut end = at + 1;
    while let Some(&byte) = text.get(end) {
        match byte {
            b'\\' => end += 1 + usize::from(text.get(end + 1) == Some(&b'\r')),
            b'\n' => return end,
            _ if byte == quote => return end + 1,
            _ => {}
        }
        end += 1;
    }
    text.len()
}

/// Returns where the directive at `at` ends: with its logical line, or with a comment that runs past that.
fn directive_end(text: &[u8], at: usize) -> usize {
    let mut end = at;
    while let Some(&byte) = text.get(end) {
        match byte {
            b'\n' => return if text[..end].ends_with(b"\r") { end - 1 } else { end },
            b'\\' => end += 1 + usize::from(text.get(end + 1) == Some(&b'\r')) + 1,
            b'"' => end = quoted_end(text, end),
            b'/' if text.get(end + 1) == Some(&b'*') => end = comment_end(text, end),
            b'/' if text.get(end + 1) == Some(&b'/') => return line_end(text, end),
            _ => end += 1,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &str) {
        let shown: Vec<_> =
            tokens(input.as_bytes()).iter().map(|token| format!("{:?} {}", token.kind, &input[token.span.range()])).collect();
        assert_eq!(shown.join("|"), expected);
    }

    #[test]
    fn tokens_are_told_apart() {
        check("a->b = 0xe+1;", "Word a|Punct ->|Word b|Punct =|Number 0xe|Punct +|Number 1|Punct ;");
        check("1.5e+3f 'x' '\\'' \"a\\\"b\"", "Number 1.5e+3f|Char 'x'|Char '\\''|Text \"a\\\"b\"");
        check("x /* a\n b */ y // z\nw", "Word x|Comment /* a\n b */|Word y|Comment // z|Word w");
    }

    #[test]
    fn a_directive_is_one_token() {
        check("#define A(x) \\\n  x\nb", "Directive #define A(x) \\\n  x|Word b");
        check("  # if X /* a\n b */ Y\r\nb", "Directive # if X /* a\n b */ Y|Word b");
        check("a # b", "Word a|Punct #|Word b");
        check("#error don't\nb", "Directive #error don't|Word b");
    }

    #[test]
    fn broken_text_ends_somewhere() {
        check("\"abc\nd", "Text \"abc|Word d");
        check("/* abc", "Comment /* abc");
        check("#define A \\", "Directive #define A \\");
        check("'", "Char '");
        check("\"\\", "Text \"\\");
    }
}
