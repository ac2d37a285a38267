//! Perl's expressions in MAINTAINERS (`F:`, `X:`, `N:`, `K:`) as expressions of `regex`, with Perl's meaning.
//!
//! Both find the leftmost match and prefer the first alternative, so whether something matches is the same, once the spelling is
//! translated: a brace that is no quantifier is itself, `$` also stands before a last newline, `[[` and `&&` in a class are
//! plain, `\<` is `<`. Look-behind of a plain text at the very front (`(?<!uni)versal` in U-Boot) is checked by hand; other
//! look-around, back-references and possessive quantifiers are refused by name.

use std::fmt::Write as _;

use regex::bytes::Regex;

/// Whether blanks in the expression count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blanks {
    /// They stand for themselves.
    Count,
    /// They and what follows `#` are left out, as with Perl's `/x`.
    Ignored,
}

/// An expression of Perl's that can be tried.
#[derive(Debug)]
pub(super) struct Expression {
    regex: Regex,
    /// What must, or must not, stand before the match.
    behind: Option<Behind>,
}

#[derive(Debug, PartialEq, Eq)]
struct Behind {
    text: Vec<u8>,
    wanted: bool,
}

impl Expression {
    /// Reads an expression, or says why it cannot be used.
    pub(super) fn new(perl: &[u8], blanks: Blanks) -> Result<Self, String> {
        let (behind, rest) = look_behind(perl);
        let regex = Regex::new(&translated(rest, blanks)?).map_err(|err| last_line(&err.to_string()))?;
        Ok(Expression { regex, behind })
    }

    /// Whether it matches anywhere in `text`.
    pub(super) fn is_match(&self, text: &[u8]) -> bool {
        let Some(behind) = &self.behind else {
            return self.regex.is_match(text);
        };
        let mut from = 0;
        while let Some(found) = (from <= text.len()).then(|| self.regex.find_at(text, from)).flatten() {
            if text[..found.start()].ends_with(&behind.text) == behind.wanted {
                return true;
            }
            from = found.start() + 1;
        }
        false
    }
}

/// Whether the expression asks what stands before it, so that it cannot be part of a set.
pub(super) fn looks_behind(perl: &[u8]) -> bool {
    perl.starts_with(b"(?<!") || perl.starts_with(b"(?<=")
}

/// Cuts a look-behind of plain text off the front. An alternative at the top level would be outside of it: then nothing is cut.
fn look_behind(perl: &[u8]) -> (Option<Behind>, &[u8]) {
    if !looks_behind(perl) || perl.contains(&b'|') {
        return (None, perl);
    }
    let Some(end) = perl.iter().position(|&byte| byte == b')') else {
        return (None, perl);
    };
    let text = &perl[4..end];
    let is_plain = text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-/".contains(byte));
    match is_plain {
        true => (Some(Behind { text: text.to_vec(), wanted: perl[3] == b'=' }), &perl[end + 1..]),
        false => (None, perl),
    }
}

/// Returns the last line of a message that draws its place over several.
fn last_line(message: &str) -> String {
    let line = message.lines().last().unwrap_or_default().trim();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

/// Spells a Perl expression for `regex` with Unicode switched off, or names what that crate does not have.
pub(super) fn translated(perl: &[u8], blanks: Blanks) -> Result<String, String> {
    let mut out = String::from("(?-u)");
    let mut at = 0;
    let mut after_quantifier = false;
    while let Some(&byte) = perl.get(at) {
        let was_quantifier = std::mem::take(&mut after_quantifier);
        at += 1;
        match byte {
            b'\\' => at = escape(perl, at, &mut out, Inside::No)?,
            b'[' => at = class(perl, at, &mut out)?,
            b'(' => at = group(perl, at, &mut out)?,
            b'{' => match quantifier(&perl[at..]) {
                Some((text, len)) => {
                    out.push_str(&text);
                    at += len;
                    after_quantifier = true;
                }
                None => literal(b'{', &mut out),
            },
            b'+' if was_quantifier => return Err("possessive quantifier".to_owned()),
            b'*' | b'+' | b'?' => {
                out.push(char::from(byte));
                after_quantifier = !was_quantifier;
            }
            b'$' => out.push_str(r"(?:\n?\z)"),
            b'.' | b'^' | b'|' | b')' => out.push(char::from(byte)),
            b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c if blanks == Blanks::Ignored => after_quantifier = was_quantifier,
            b'#' if blanks == Blanks::Ignored => {
                at = perl[at..].iter().position(|&byte| byte == b'\n').map_or(perl.len(), |end| at + end + 1);
            }
            _ => literal(byte, &mut out),
        }
    }
    Ok(out)
}

/// Writes a byte that stands for itself.
fn literal(byte: u8, out: &mut String) {
    if byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'/' {
        out.push(char::from(byte));
    } else {
        write!(out, r"\x{byte:02x}").expect("a String takes all that is written");
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    No,
    Class,
}

/// Translates what follows a backslash at `at`; returns the place after it.
fn escape(perl: &[u8], at: usize, out: &mut String, inside: Inside) -> Result<usize, String> {
    let Some(&byte) = perl.get(at) else {
        return Err("backslash at the end".to_owned());
    };
    match byte {
        b'b' if inside == Inside::Class => out.push_str(r"\x08"),
        b'd' | b'D' | b'w' | b'W' | b's' | b'S' | b'n' | b't' | b'r' | b'f' | b'a' => {
            out.push('\\');
            out.push(char::from(byte));
        }
        b'b' | b'B' | b'A' | b'z' if inside == Inside::No => {
            out.push('\\');
            out.push(char::from(byte));
        }
        b'Z' if inside == Inside::No => out.push_str(r"(?:\n?\z)"),
        b'h' if inside == Inside::No => out.push_str(r"[\t ]"),
        b'h' => out.push_str(r"\t "),
        b'e' => out.push_str(r"\x1b"),
        b'x' => {
            let is_hex = |at: usize| perl.get(at).is_some_and(u8::is_ascii_hexdigit);
            if !(is_hex(at + 1) && is_hex(at + 2)) {
                return Err(r"\x without two digits".to_owned());
            }
            write!(out, r"\x{}{}", char::from(perl[at + 1]), char::from(perl[at + 2]))
                .expect("a String takes all that is written");
            return Ok(at + 3);
        }
        b'1'..=b'9' => return Err("back-reference".to_owned()),
        _ if byte.is_ascii_alphanumeric() => return Err(format!("\\{}", char::from(byte))),
        _ => literal(byte, out),
    }
    Ok(at + 1)
}

/// Translates a class whose `[` stands before `at`; returns the place after its `]`.
fn class(perl: &[u8], mut at: usize, out: &mut String) -> Result<usize, String> {
    out.push('[');
    if perl.get(at) == Some(&b'^') {
        out.push('^');
        at += 1;
    }
    let first = at;
    while let Some(&byte) = perl.get(at) {
        match byte {
            b']' if at > first => {
                out.push(']');
                return Ok(at + 1);
            }
            b'[' if perl[at..].starts_with(b"[:") => {
                let Some(end) = perl[at..].windows(2).position(|pair| pair == b":]") else {
                    return Err("unmatched [".to_owned());
                };
                out.push_str(&String::from_utf8_lossy(&perl[at..at + end + 2]));
                at += end + 2;
            }
            b'\\' => at = escape(perl, at + 1, out, Inside::Class)?,
            b'-' => {
                // A minus at either end is itself; `regex` agrees, but reads `--` as a difference of classes.
                let is_range = at > first && perl.get(at + 1).is_some_and(|&next| next != b']' && next != b'-');
                if is_range {
                    out.push('-');
                } else {
                    literal(b'-', out);
                }
                at += 1;
            }
            _ => {
                literal(byte, out);
                at += 1;
            }
        }
    }
    Err("unmatched [".to_owned())
}

/// Translates what follows a `(` that stands before `at`; returns the place after it.
fn group(perl: &[u8], at: usize, out: &mut String) -> Result<usize, String> {
    if perl.get(at) != Some(&b'?') {
        out.push('(');
        return Ok(at);
    }
    match perl.get(at + 1) {
        Some(b'#') => {
            let end = perl[at..].iter().position(|&byte| byte == b')').ok_or("unmatched (")?;
            Ok(at + end + 1)
        }
        Some(b'=' | b'!') => Err("look-ahead".to_owned()),
        Some(b'<') if matches!(perl.get(at + 2), Some(b'=' | b'!')) => Err("look-behind".to_owned()),
        _ => {
            let len = perl[at + 1..].iter().take_while(|&&byte| b"imsx-".contains(&byte)).count();
            match perl.get(at + 1 + len) {
                Some(&end @ (b':' | b')')) => {
                    out.push_str("(?");
                    out.push_str(&String::from_utf8_lossy(&perl[at + 1..at + 1 + len]));
                    out.push(char::from(end));
                    Ok(at + len + 2)
                }
                _ => Err("unknown kind of group".to_owned()),
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
    use super::*;

    /// Each line is what Perl 5.36 answers to `$text =~ m/$perl/x`.
    fn check(perl: &str, yes: &[&str], no: &[&str]) {
        let expression = Expression::new(perl.as_bytes(), Blanks::Ignored).expect("usable");
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
    fn plain_look_behind_at_the_front_is_known() {
        check("(?<!uni)versal-net", &["a/versal-net.c", "universal-net-versal-net"], &["universal-net"]);
        check("(?<=uni)versal", &["universal"], &["versal"]);
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let why = |perl: &str| Expression::new(perl.as_bytes(), Blanks::Ignored).map(|_| ()).unwrap_err();
        assert_eq!(why("a(?!b)"), "look-ahead");
        assert_eq!(why("a(?<!b)c"), "look-behind");
        assert_eq!(why(r"(a)\1"), "back-reference");
        assert_eq!(why("a++"), "possessive quantifier");
        assert_eq!(why("a(b"), "unclosed group");
        assert_eq!(why("[a"), "unmatched [");
        assert_eq!(why(r"\Qa"), r"\Q");
    }
}
