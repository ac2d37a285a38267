//! A text, line by line: the tokens of its code, and whether there is a comment.

use bstr::{BStr, ByteSlice};

use crate::lang::{Comments, Language, language};
use crate::model::Span;
use cleave_c::lex::{TokenKind, is_word_byte, tokens, tokens_in};
use cleave_c::span::Lines;

/// The lines of one side of a file.
#[derive(Debug)]
pub struct SourceLines<'t> {
    text: &'t [u8],
    lines: Lines,
    language: &'static Language,
    code: Vec<Vec<&'t [u8]>>,
    comment: Vec<bool>,
}

impl<'t> SourceLines<'t> {
    /// Reads a text; the path says how comments look in it.
    pub fn of(path: &BStr, text: &'t [u8]) -> Self {
        let lines = Lines::of(text);
        let n_lines = lines.len();
        let language = language(path);
        let mut side = SourceLines { text, lines, language, code: vec![Vec::new(); n_lines], comment: vec![false; n_lines] };
        match language.comments {
            Comments::C => side.read_c(),
            Comments::Hash => side.read_words(true),
            Comments::Unknown => side.read_words(false),
        }
        side
    }

    /// Whether nothing is known of how the text is written.
    pub fn is_prose(&self) -> bool {
        self.language.is_prose()
    }

    /// Returns a line as it stands, without its end.
    pub fn raw(&self, line: usize) -> &'t [u8] {
        let bytes = &self.text[self.lines.span(line, line + 1).range()];
        bytes.strip_suffix(b"\n").unwrap_or(bytes)
    }

    /// Returns the tokens of a line that are no comment.
    pub fn code(&self, line: usize) -> &[&'t [u8]] {
        &self.code[line]
    }

    /// Whether a line holds nothing.
    pub fn is_blank(&self, line: usize) -> bool {
        self.code[line].is_empty() && !self.comment[line]
    }

    /// Whether a line holds a comment and nothing else.
    pub fn is_comment(&self, line: usize) -> bool {
        self.code[line].is_empty() && self.comment[line]
    }

    fn read_c(&mut self) {
        let text = self.text;
        let mut line = 0;
        for token in tokens(text) {
            match token.kind {
                TokenKind::Directive => {
                    for inner in tokens_in(text, token.span) {
                        self.put(inner.kind, inner.span, &mut line);
                    }
                }
                kind => self.put(kind, token.span, &mut line),
            }
        }
        // The lexer takes a backslash at the end for white space; whether a line goes on is no matter of white space.
        for line in 0..self.code.len() {
            if !self.is_comment(line) && self.raw(line).trim_end().ends_with(b"\\") {
                self.code[line].push(b"\\");
            }
        }
    }

    /// Notes a token on each line it touches. `line` is the line of the last token, which is not after this one.
    fn put(&mut self, kind: TokenKind, span: Span, line: &mut usize) {
        while self.lines.start(*line + 1) <= span.start {
            *line += 1;
        }
        let mut at = *line;
        let mut from = span.start;
        while from < span.end {
            let to = self.lines.start(at + 1).min(span.end);
            let part = self.text[from..to].trim();
            match kind {
                _ if part.is_empty() => {}
                TokenKind::Comment => self.comment[at] = true,
                TokenKind::Word
                | TokenKind::Number
                | TokenKind::Text
                | TokenKind::Char
                | TokenKind::Punct
                | TokenKind::Directive => self.code[at].push(part),
            }
            (from, at) = (to, at + 1);
        }
    }

    /// Words, single other bytes, and one blank for each run of white space between them.
    fn read_words(&mut self, hash_comments: bool) {
        for line in 0..self.code.len() {
            let raw = self.raw(line).trim();
            if hash_comments && raw.starts_with(b"#") {
                self.comment[line] = true;
                continue;
            }
            let mut at = 0;
            while at < raw.len() {
                let same = |of: fn(u8) -> bool| at + raw[at..].iter().take_while(|byte| of(**byte)).count();
                let end = match raw[at] {
                    byte if is_word_byte(byte) => same(is_word_byte),
                    byte if byte.is_ascii_whitespace() => same(|byte| byte.is_ascii_whitespace()),
                    _ => at + 1,
                };
                self.code[line].push(if raw[at].is_ascii_whitespace() { b" " } else { &raw[at..end] });
                at = end;
            }
        }
    }
}
