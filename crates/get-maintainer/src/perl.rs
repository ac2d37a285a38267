//! Perl's expressions in MAINTAINERS (`F:`, `X:`, `N:`, `K:`) as expressions of `regex`, with Perl's meaning.
//!
//! Both find the leftmost match and prefer the first alternative, so whether something matches is the same, once the spelling is
//! translated: a brace that is no quantifier is itself, `$` also stands before a last newline, `[[` and `&&` in a class are
//! plain, `\<` is `<`. What looks around, refers back or never gives back (`a++`, `(?>…)`) goes to `fancy-regex`, which reads text:
//! bytes that are no UTF-8 are replaced there. What neither has (code, recursion, `\Q`) is refused by name.

use std::fmt::Write as _;

use bstr::ByteSlice;
use regex::bytes::Regex;

/// Whether blanks in the expression count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blanks {
    /// They stand for themselves.
    Count,
    /// They and what follows `#` are left out, as with Perl's `/x`.
    Ignored,
}

/// What a letter, a digit, a blank is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Letters {
    /// Those of ASCII: the script reads bytes.
    Ascii,
    /// Those of any writing: the script reads UTF-8.
    Any,
}

/// An expression of Perl's that can be tried.
#[derive(Debug)]
pub(super) enum Expression {
    Plain(Regex),
    Fancy(fancy_regex::Regex),
}

impl Expression {
    /// Reads an expression, or says why it cannot be used.
    pub(super) fn new(perl: &[u8], blanks: Blanks, letters: Letters) -> Result<Self, String> {
        let translated = translated(perl, blanks, letters)?;
        match translated.is_fancy {
            false => Regex::new(&translated.text).map(Expression::Plain).map_err(|err| last_line(&err.to_string())),
            true => {
                let regex = fancy_regex::Regex::new(&translated.text);
                regex.map(Expression::Fancy).map_err(|err| last_line(&err.to_string()))
            }
        }
    }

    /// Whether it matches anywhere in `text`. One that `fancy-regex` gives up on does not.
    pub(super) fn is_match(&self, text: &[u8]) -> bool {
        match self {
            Expression::Plain(regex) => regex.is_match(text),
            Expression::Fancy(regex) => regex.is_match(&*String::from_utf8_lossy(text)).unwrap_or(false),
        }
    }
}

/// An expression in the spelling of `regex`.
#[derive(Debug)]
pub(super) struct Translated {
    pub(super) text: String,
    /// Whether only `fancy-regex` knows what is in it.
    pub(super) is_fancy: bool,
}

/// Returns the last line of a message that draws its place over several.
pub(super) fn last_line(message: &str) -> String {
    let line = message.lines().last().unwrap_or_default().trim();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

/// Spells a Perl expression for `regex`, or names what neither that crate nor `fancy-regex` has.
pub(super) fn translated(perl: &[u8], blanks: Blanks, letters: Letters) -> Result<Translated, String> {
    let mut out = Spelling::default();
    let mut at = 0;
    let mut after_quantifier = false;
    while let Some(&byte) = perl.get(at) {
        let was_quantifier = std::mem::take(&mut after_quantifier);
        at += 1;
        match byte {
            b'\\' => at = out.escape(perl, at, Inside::No)?,
            b'[' => at = out.class(perl, at)?,
            b'(' => at = out.group(perl, at)?,
            b'{' => match quantifier(&perl[at..]) {
                Some((text, len)) => {
                    out.text.push_str(&text);
                    at += len;
                    after_quantifier = true;
                }
                None => out.literal(b'{'),
            },
            b'+' if was_quantifier => {
                out.is_fancy = true;
                out.text.push('+');
            }
            b'*' | b'+' | b'?' => {
                out.text.push(char::from(byte));
                after_quantifier = !was_quantifier;
            }
            b'$' => out.text.push_str(r"(?:\n?\z)"),
            b'.' | b'^' | b'|' | b')' => out.text.push(char::from(byte)),
            b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c if blanks == Blanks::Ignored => after_quantifier = was_quantifier,
            b'#' if blanks == Blanks::Ignored => {
                at = perl[at..].iter().position(|&byte| byte == b'\n').map_or(perl.len(), |end| at + end + 1);
            }
            _ if byte >= 0x80 => {
                // A whole letter, where it is one and letters are read.
                let len = perl[at - 1..].char_indices().next().map_or(1, |(_, end, _)| end);
                out.letter(&perl[at - 1..at - 1 + len], letters);
                at += len - 1;
            }
            _ => out.literal(byte),
        }
    }
    // An expression with a byte that is no text is one of bytes, whatever the script reads.
    let reads_bytes = letters == Letters::Ascii || out.has_bytes;
    let flags = if reads_bytes && !out.is_fancy { "(?-u)" } else { "" };
    Ok(Translated { text: [flags, &out.text].concat(), is_fancy: out.is_fancy })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    No,
    Class,
}

/// A translation under way.
#[derive(Default)]
struct Spelling {
    text: String,
    is_fancy: bool,
    /// Whether a byte past ASCII stands in it as a byte.
    has_bytes: bool,
}

impl Spelling {
    /// Writes a byte that stands for itself.
    fn literal(&mut self, byte: u8) {
        if byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'/' {
            self.text.push(char::from(byte));
        } else {
            self.has_bytes |= byte >= 0x80;
            self.write(byte);
        }
    }

    fn write(&mut self, byte: u8) {
        write!(self.text, r"\x{byte:02x}").expect("a String takes all that is written");
    }

    /// Writes a letter past ASCII.
    fn letter(&mut self, letter: &[u8], letters: Letters) {
        match std::str::from_utf8(letter) {
            Ok(text) if letters == Letters::Any => self.text.push_str(text),
            // A quantifier behind it takes the last byte alone, as in Perl.
            _ => letter.iter().for_each(|&byte| self.literal(byte)),
        }
    }

    /// Translates what follows a backslash at `at`; returns the place after it.
    fn escape(&mut self, perl: &[u8], at: usize, inside: Inside) -> Result<usize, String> {
        let Some(&byte) = perl.get(at) else {
            return Err("backslash at the end".to_owned());
        };
        match byte {
            b'b' if inside == Inside::Class => self.text.push_str(r"\x08"),
            b'd' | b'D' | b'w' | b'W' | b's' | b'S' | b'n' | b't' | b'r' | b'f' | b'a' => {
                self.text.push('\\');
                self.text.push(char::from(byte));
            }
            b'b' | b'B' | b'A' | b'z' if inside == Inside::No => {
                self.text.push('\\');
                self.text.push(char::from(byte));
            }
            b'Z' if inside == Inside::No => self.text.push_str(r"(?:\n?\z)"),
            b'h' if inside == Inside::No => self.text.push_str(r"[\t ]"),
            b'h' => self.text.push_str(r"\t "),
            b'e' => self.text.push_str(r"\x1b"),
            b'x' => {
                let digits = perl.get(at + 1..at + 3).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
                let Some(digits) = digits else { return Err(r"\x without two digits".to_owned()) };
                self.text.push_str(r"\x");
                self.text.extend(digits.iter().map(|&digit| char::from(digit)));
                self.has_bytes |= digits[0] >= b'8';
                return Ok(at + 3);
            }
            b'1'..=b'9' if inside == Inside::No => {
                let len = perl[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
                self.is_fancy = true;
                // In parentheses, so that a digit after it stays a digit.
                self.text.push_str("(?:\\");
                self.text.extend(perl[at..at + len].iter().map(|&digit| char::from(digit)));
                self.text.push(')');
                return Ok(at + len);
            }
            _ if byte.is_ascii_alphanumeric() => return Err(format!("\\{}", char::from(byte))),
            _ => self.literal(byte),
        }
        Ok(at + 1)
    }

    /// Translates a class whose `[` stands before `at`; returns the place after its `]`.
    fn class(&mut self, perl: &[u8], mut at: usize) -> Result<usize, String> {
        self.text.push('[');
        if perl.get(at) == Some(&b'^') {
            self.text.push('^');
            at += 1;
        }
        let first = at;
        while let Some(&byte) = perl.get(at) {
            match byte {
                b']' if at > first => {
                    self.text.push(']');
                    return Ok(at + 1);
                }
                b'[' if perl[at..].starts_with(b"[:") => {
                    let Some(end) = perl[at..].windows(2).position(|pair| pair == b":]") else {
                        return Err("unmatched [".to_owned());
                    };
                    self.text.push_str(&String::from_utf8_lossy(&perl[at..at + end + 2]));
                    at += end + 2;
                }
                b'\\' => at = self.escape(perl, at + 1, Inside::Class)?,
                b'-' => {
                    // A minus at either end is itself; `regex` agrees, but reads `--` as a difference of classes.
                    let is_range = at > first && perl.get(at + 1).is_some_and(|&next| next != b']' && next != b'-');
                    if is_range {
                        self.text.push('-');
                    } else {
                        self.literal(b'-');
                    }
                    at += 1;
                }
                _ => {
                    self.literal(byte);
                    at += 1;
                }
            }
        }
        Err("unmatched [".to_owned())
    }

    /// Translates what follows a `(` that stands before `at`; returns the place after it.
    fn group(&mut self, perl: &[u8], at: usize) -> Result<usize, String> {
        if perl.get(at) != Some(&b'?') {
            self.text.push('(');
            return Ok(at);
        }
        let looks = [b"?=".as_slice(), b"?!", b"?<=", b"?<!", b"?>"];
        if let Some(look) = looks.into_iter().find(|look| perl[at..].starts_with(look)) {
            self.is_fancy = true;
            self.text.push('(');
            self.text.push_str(&String::from_utf8_lossy(look));
            return Ok(at + look.len());
        }
        match perl.get(at + 1) {
            Some(b'#') => {
                let end = perl[at..].iter().position(|&byte| byte == b')').ok_or("unmatched (")?;
                Ok(at + end + 1)
            }
            _ => {
                let len = perl[at + 1..].iter().take_while(|&&byte| b"imsx-".contains(&byte)).count();
                match perl.get(at + 1 + len) {
                    Some(&end @ (b':' | b')')) => {
                        self.text.push_str("(?");
                        self.text.push_str(&String::from_utf8_lossy(&perl[at + 1..at + 1 + len]));
                        self.text.push(char::from(end));
                        Ok(at + len + 2)
                    }
                    _ => Err("unknown kind of group".to_owned()),
                }
            }
        }
    }
}

/// Reads `3}`, `3,}`, `3,5}` or `,5}` after a brace; returns the quantifier and the bytes read.
fn quantifier(rest: &[u8]) -> Option<(String, usize)> {
    let end = rest.iter().position(|&byte| byte == b'}')?;
    let text = std::str::from_utf8(&rest[..end]).ok()?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let quantifier = match text.split_once(',') {
        None if is_number(text) => format!("{{{text}}}"),
        Some((low, "")) if is_number(low) => format!("{{{low},}}"),
        Some(("", high)) if is_number(high) => format!("{{0,{high}}}"),
        Some((low, high)) if is_number(low) && is_number(high) => format!("{{{low},{high}}}"),
        _ => return None,
    };
    Some((quantifier, end + 1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Each line is what Perl 5.36 answers to `$text =~ m/$perl/x`.
    fn check(perl: &str, yes: &[&str], no: &[&str]) {
        let expression = Expression::new(perl.as_bytes(), Blanks::Ignored, Letters::Ascii).expect("usable");
        for text in yes {
            assert!(expression.is_match(text.as_bytes()), "{perl} should match {text}");
        }
        for text in no {
            assert!(!expression.is_match(text.as_bytes()), "{perl} should not match {text}");
        }
    }

    #[test]
    fn spelling_is_perls() {
        check(r"bcm[9]?47622", &["a/bcm947622.c", "bcm47622"], &["bcm847622"]);
        check(r"\b(?i:rust)\b", &["a RUST b", "rust"], &["rusty"]);
        check(r"\baudit_[a-z_0-9]\+\b", &["audit_x+y"], &["audit_log", "audit_x+ y"]);
        check(r"(?:\b|_)bpf(?:\b|_)", &["x_bpf_y", "bpf"], &["ebpfx"]);
        check(r"kexec|{a,b}.c", &["kexec", "x{a,b}.c"], &["a.c"]);
        check(r"x{2}y{,1}$", &["xxy\n", "xx"], &["xy"]);
        check("a b # c", &["ab"], &["a b"]);
        check(r"[&&[]x[]-]z", &["&x]z", "[x-z"], &["xx]z"]);
        check(r"\<a\>", &["<a>"], &["a"]);
        check(r"^\s*K\b", &["  K"], &["xK"]);
    }

    #[test]
    fn what_looks_around_or_back_is_known() {
        check("(?<!uni)versal-net", &["a/versal-net.c", "universal-net-versal-net"], &["universal-net"]);
        check("(?<=uni)versal", &["universal"], &["versal"]);
        check("a(?!b)|x(?=y)", &["ac", "xy"], &["ab", "x"]);
        check(r"(a|b)\1", &["xbb"], &["ab"]);
        check(r"(a)\1 1", &["aa1"], &["aa"]);
        check("a++b", &["aab"], &["ac"]);
        check("(?>a+)ab", &[], &["aaab"]);
    }

    #[test]
    fn letters_are_of_ascii_or_of_any_writing() {
        let is_match = |letters, perl: &str, text: &str| {
            Expression::new(perl.as_bytes(), Blanks::Ignored, letters).expect("usable").is_match(text.as_bytes())
        };
        assert!(is_match(Letters::Ascii, r"\brust\b", "érust"));
        assert!(!is_match(Letters::Any, r"\brust\b", "érust"));
        assert!(is_match(Letters::Any, "^.é+$", "ñéé"));
        assert!(!is_match(Letters::Ascii, "^.é+$", "ñéé"));
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let why = |perl: &str| Expression::new(perl.as_bytes(), Blanks::Ignored, Letters::Ascii).map(|_| ()).unwrap_err();
        assert_eq!(why("a(?{b})"), "unknown kind of group");
        assert_eq!(why("a(b"), "unclosed group");
        assert_eq!(why("[a"), "unmatched [");
        assert_eq!(why(r"\Qa"), r"\Q");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_expression_breaks_the_reader(words in proptest::collection::vec(proptest::sample::select(&[
            "(", ")", "(?", "(?=", "(?<!", "(?>", "[", "]", "^", "-", "{", "}", "2", ",", "*", "+", "?", "|", "\\", "\\1", "\\b", "\\x", "a", "é", " ", "#", "$",
        ][..]), 0..12), text in "[a2 é\n]{0,8}", reads_any in any::<bool>()) {
            let letters = if reads_any { Letters::Any } else { Letters::Ascii };
            if let Ok(expression) = Expression::new(words.concat().as_bytes(), Blanks::Ignored, letters) {
                expression.is_match(text.as_bytes());
            }
        }
    }
}
