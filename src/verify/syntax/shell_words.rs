//! A shell command → the words of its first simple command, without a shell.
//!
//! Quotes and backslashes are read as POSIX says ("Shell Command Language", 2.2 Quoting). What needs a shell to be known (variables,
//! patterns, pipes, redirections) is refused, never guessed.

use bstr::{BString, ByteSlice};

/// A simple command, and whether others come after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellWords {
    /// Its words without quotes; at least one.
    pub words: Vec<BString>,
    /// What is left of the text: from the `;` or `&&` that ends the command, or nothing.
    pub rest: BString,
}

/// Why a text is no command that can be run without a shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NeedsShell {
    /// There is no word.
    #[error("it is empty")]
    Empty,
    /// A quote is opened and not closed, or the text ends in a backslash.
    #[error("a quote is not closed")]
    Open,
    /// `$x`, `$(…)` or backquotes.
    #[error("it has a variable or a command in it")]
    Expansion,
    /// `*`, `?`, `[` or a `~` at the start of a word, outside quotes.
    #[error("it has a pattern of file names")]
    Pattern,
    /// `|`, `&`, `<`, `>`, parentheses.
    #[error("it has a pipe, a redirection or a subshell")]
    Operator,
}

/// Splits a command as a shell would, up to the first `;`, `&&`, line end or comment.
///
/// # Errors
/// See [`NeedsShell`].
pub fn words(text: &[u8]) -> Result<ShellWords, NeedsShell> {
    let mut words: Vec<BString> = Vec::new();
    // `None` between words: `''` is a word, white space is none.
    let mut word: Option<BString> = None;
    let mut at = 0;
    let done = |words: Vec<BString>, rest: &[u8]| match words.is_empty() {
        true => Err(NeedsShell::Empty),
        false => Ok(ShellWords { words, rest: rest.into() }),
    };
    while at < text.len() {
        let byte = text[at];
        match byte {
            b' ' | b'\t' => words.extend(word.take()),
            b';' | b'\n' => {
                words.extend(word.take());
                return done(words, &text[at..]);
            }
            b'&' if text[at..].starts_with(b"&&") => {
                words.extend(word.take());
                return done(words, &text[at..]);
            }
            b'#' if word.is_none() => return done(words, b""),
            b'\'' => {
                let inside = &text[at + 1..];
                let len = inside.find_byte(b'\'').ok_or(NeedsShell::Open)?;
                word.get_or_insert_default().extend_from_slice(&inside[..len]);
                at += len + 1;
            }
            b'"' => at = double_quoted(text, at + 1, word.get_or_insert_default())?,
            b'\\' => {
                at += 1;
                match text.get(at) {
                    // A backslash before a line end joins two lines.
                    Some(b'\n') => {}
                    Some(&next) => word.get_or_insert_default().push(next),
                    None => return Err(NeedsShell::Open),
                }
            }
            b'$' | b'`' => return Err(NeedsShell::Expansion),
            b'*' | b'?' | b'[' => return Err(NeedsShell::Pattern),
            b'~' if word.is_none() => return Err(NeedsShell::Pattern),
            b'|' | b'&' | b'<' | b'>' | b'(' | b')' => return Err(NeedsShell::Operator),
            _ => word.get_or_insert_default().push(byte),
        }
        at += 1;
    }
    words.extend(word);
    done(words, b"")
}

/// Reads on behind an opening double quote; returns the place of the closing one.
fn double_quoted(text: &[u8], mut at: usize, word: &mut BString) -> Result<usize, NeedsShell> {
    loop {
        match text.get(at) {
            None => return Err(NeedsShell::Open),
            Some(b'"') => return Ok(at),
            Some(b'$' | b'`') => return Err(NeedsShell::Expansion),
            Some(b'\\') => {
                at += 1;
                match text.get(at) {
                    None => return Err(NeedsShell::Open),
                    Some(b'\n') => {}
                    Some(&next) => {
                        // Elsewhere the backslash stands for itself.
                        if !matches!(next, b'$' | b'`' | b'"' | b'\\') {
                            word.push(b'\\');
                        }
                        word.push(next);
                    }
                }
            }
            Some(&byte) => word.push(byte),
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Words between bars, then what is left; or why not.
    fn check(text: &str, expected: &str) {
        let drawn = match words(text.as_bytes()) {
            Ok(found) => format!("{} {}", bstr::join("|", &found.words).as_bstr(), found.rest).trim_end().to_owned(),
            Err(why) => why.to_string(),
        };
        assert_eq!(drawn, expected, "{text}");
    }

    #[test]
    fn words_are_split_as_a_shell_does() {
        check("gcc  -c\t-o a.o a.c", "gcc|-c|-o|a.o|a.c");
        check(r#"cc -DNAME='"a b"' -DX=\"y\" "a\n\\b" ''"#, r#"cc|-DNAME="a b"|-DX="y"|a\n\b|"#);
        check("cc -D'A=#' a#b # a comment", "cc|-DA=#|a#b");
        check("cc a.c ; objtool a.o | sort", "cc|a.c ; objtool a.o | sort");
        check("cc a.c && ld a.o", "cc|a.c && ld a.o");
        check("cc \\\n a.c", "cc|a.c");
    }

    #[test]
    fn what_needs_a_shell_is_refused() {
        check("", "it is empty");
        check(" ; cc", "it is empty");
        check("cc 'a", "a quote is not closed");
        check("cc a\\", "a quote is not closed");
        check("cc $CFLAGS a.c", "it has a variable or a command in it");
        check("cc \"`date`\"", "it has a variable or a command in it");
        check("cc *.c", "it has a pattern of file names");
        check("sed a | cc", "it has a pipe, a redirection or a subshell");
        check("cc a.c > log", "it has a pipe, a redirection or a subshell");
        check("cc a.c &", "it has a pipe, a redirection or a subshell");
    }

    /// Returns words as a person would type them: quoted where a shell would read them otherwise.
    fn shown(words: &[BString]) -> BString {
        let quoted = |word: &BString| -> BString {
            let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-./=+,:@%^".contains(byte);
            if !word.is_empty() && word.iter().all(is_plain) {
                return word.clone();
            }
            [&b"'"[..], &word.replace("'", "'\\''"), b"'"].concat().into()
        };
        bstr::join(" ", words.iter().map(quoted)).into()
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = words(&text);
        }

        #[test]
        fn what_is_shown_is_read_back(list in proptest::collection::vec("[ -~\n]{0,8}", 1..6)) {
            let list: Vec<BString> = list.into_iter().map(BString::from).collect();
            let read = words(&shown(&list)).unwrap();
            prop_assert_eq!(read.words, list);
        }
    }
}
