//! The trailers of a message: `Signed-off-by:`, `Fixes:` and what else stands in the last paragraph.
//!
//! ```text
//!   mm: count pages twice               title, never trailers
//!
//!   Once is not enough.
//!
//!   Bugzilla ID: 12                     note     ┐
//!   Fixes: 1234567890ab ("mm: count     trailer  │
//!     pages")                             goes on│  block: one trailer that git writes, and
//!   Signed-off-by: A <a@x.org>          trailer  │  at least a quarter of its lines are trailers
//!   [bob@y.org: typo]                   note     │
//!   Signed-off-by: Bob <bob@y.org>      trailer  ┘
//! ```
//!
//! A block is an ordered list of lines: each is a [`Trailer`] together with the lines that continue it, or a note. Notes keep their place,
//! because `[bob@y.org: typo]` speaks of the sign-off below it.
//!
//! The rule is git's (`git-interpret-trailers` documentation and `trailer.c`), as for `git log --format='%(trailers)'`: a line `---` is text. Who
//! reads a mail cuts it there first.

use bstr::{BStr, BString, ByteSlice, ByteVec};

/// Beginnings of the lines that git itself writes: one of them makes a block of a paragraph that has other lines too.
const BY_GIT: &[&str] = &["Signed-off-by: ", "(cherry picked from commit "];
/// What begins a comment where `core.commentString` says nothing else.
const COMMENT: &[u8] = b"#";
/// The line below which `git commit --cleanup=scissors` drops everything.
pub const SCISSORS: &[u8] = b"# ------------------------ >8 ------------------------";

/// A line `Key: value` of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trailer<'l> {
    /// As written, without the blanks around it.
    pub key: &'l BStr,
    /// As written, without the blanks around it; a value that continues on the next line has a line break in it.
    pub value: &'l BStr,
}

impl<'l> Trailer<'l> {
    /// Reads a line of a block, with the lines that continue it. `None` for a note: the key of a trailer is letters, digits and `-`.
    pub fn of(line: &'l BStr) -> Option<Self> {
        separator(line).map(|at| Trailer { key: trim(&line[..at]), value: trim(&line[at + 1..]) })
    }

    /// Reads a line that is a trailer wherever it stands, since people use its key for nothing else. Among them are keys of two words
    /// (`Bugzilla ID`), which git takes for notes; `net: count drops` is none.
    pub fn known(line: &'l BStr) -> Option<Self> {
        let at = line.find_byte(b':')?;
        let trailer = Trailer { key: trim(&line[..at]), value: trim(&line[at + 1..]) };
        let is_known = KEYS.lines().any(|key| trailer.is(key)) || {
            let key = trailer.key.to_ascii_lowercase();
            separator(line).is_some() && key[0].is_ascii_alphabetic() && (key.ends_with(b"-by") || key.ends_with(b"-to"))
        };
        (is_known && line.starts_with(trailer.key) && !trailer.value.is_empty()).then_some(trailer)
    }

    /// Whether this is its key, in any case.
    pub fn is(&self, key: &str) -> bool {
        self.key.eq_ignore_ascii_case(key.as_bytes())
    }

    /// Returns the value on one line: a line break and the blanks after it become one blank.
    pub fn unfolded(&self) -> BString {
        let lines: Vec<&[u8]> = self.value.split(|byte| *byte == b'\n').collect();
        let first = lines.iter().take(1).copied();
        let rest = lines.iter().skip(1).map(|line| line.trim_start_with(is_blank));
        trim(&bstr::join(" ", first.chain(rest))).to_owned()
    }
}

/// Whether a line that is no trailer is one that people put among trailers: `[bob@y.org: typo]`, `(cherry picked from commit …)`.
pub fn is_note(line: &BStr) -> bool {
    line.starts_with(b"[") || line.starts_with(b"(cherry picked")
}

/// Takes the block of trailers off a message. Returns the text before it, its lines in order, each with the lines that continue it, and what
/// git does not read at the end of a message: comments, conflicts, what stands below scissors. All of a message without a block is text.
pub fn split(message: &BStr) -> (&BStr, Vec<BString>, &BStr) {
    let end = end(message);
    let Some(start) = start(&message[..end]) else { return (message, Vec::new(), BStr::new("")) };
    let mut lines: Vec<BString> = Vec::new();
    let mut is_open = false;
    for line in message[start..end].split(|byte| *byte == b'\n') {
        match lines.last_mut() {
            Some(last) if is_open && line.first().is_some_and(|byte| is_blank(char::from(*byte))) => {
                last.push(b'\n');
                last.extend_from_slice(line);
            }
            _ => {
                is_open = separator(line).is_some();
                lines.push(line.into());
            }
        }
    }
    let mut lines: Vec<BString> = lines.iter().map(|line| line.trim_end_with(is_blank).into()).collect();
    lines.retain(|line| !line.is_empty());
    let block = bstr::join("\n", &lines);
    if let Some(last) = lines.last_mut().filter(|_| self::end(&block) < block.len()) {
        // A line of blanks below it is why git reads the last line, be it `Conflicts:` or a comment.
        last.push_str("\n ");
    }
    (message[..start].as_bstr(), lines, message[end..].as_bstr())
}

/// Returns where the last paragraph begins, if it is a block. Blank lines may follow it.
fn start(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    let mut lines: Vec<(usize, &[u8])> = Vec::new();
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        lines.push((at, line));
        at += line.len();
    }
    let is_empty = |line: &[u8]| !line.starts_with(COMMENT) && trim(line).is_empty();
    let title = lines.iter().position(|(_, line)| is_empty(line))?;
    let (mut n_trailers, mut n_others, mut n_indented, mut has_known) = (0usize, 0usize, 0usize, false);
    let mut below = text.len();
    let body = lines[title..].iter().rev().skip_while(|(_, line)| is_empty(line) || line.starts_with(COMMENT));
    // Comments after the last line count for nothing, whether blank lines stand between them or not.
    for (at, line) in body {
        if line.starts_with(COMMENT) {
            n_others += std::mem::take(&mut n_indented);
        } else if is_empty(line) {
            n_others += n_indented;
            let is_block = if has_known { n_trailers * 3 >= n_others } else { n_trailers > 0 && n_others == 0 };
            return is_block.then_some(below);
        } else if BY_GIT.iter().any(|start| line.starts_with(start.as_bytes())) {
            (n_trailers, n_indented, has_known) = (n_trailers + 1, 0, true);
        } else if is_blank(char::from(line[0])) {
            n_indented += 1;
        } else if separator(line).is_some() {
            (n_trailers, n_indented) = (n_trailers + 1, 0);
        } else {
            n_others += 1 + std::mem::take(&mut n_indented);
        }
        below = *at;
    }
    None
}

/// Returns where the text ends that git reads: before the comments, the empty lines and the list of conflicts at its end, and before scissors.
fn end(message: &[u8]) -> usize {
    let (mut at, mut unread, mut in_conflicts) = (0, None, false);
    for line in message.split_inclusive(|byte| *byte == b'\n') {
        let plain = line.strip_suffix(b"\n").unwrap_or(line);
        if plain == SCISSORS {
            break;
        }
        if plain.is_empty() || plain.starts_with(COMMENT) {
            unread.get_or_insert(at);
        } else if plain == b"Conflicts:" {
            in_conflicts = true;
            unread.get_or_insert(at);
        } else if !(in_conflicts && plain.starts_with(b"\t")) {
            (unread, in_conflicts) = (None, false);
        }
        at += line.len();
    }
    unread.unwrap_or(at)
}

/// Returns where the colon of a trailer stands: after letters, digits and `-`, at least one, and blanks.
fn separator(line: &[u8]) -> Option<usize> {
    let key = line.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-').count();
    let blanks = line[key..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    (key > 0 && line.get(key + blanks) == Some(&b':')).then_some(key + blanks)
}

/// What git takes for white space.
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn trim(text: &[u8]) -> &BStr {
    text.trim_with(is_blank).as_bstr()
}

/// Keys that do not end in `-by` or `-to`, one a line.
const KEYS: &str = include_str!("trailer_keys.txt");

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines of a block, each followed by `|`, a note with `-` before it.
    #[track_caller]
    fn check(message: &str, before: &str, expected: &str) {
        let (text, lines, _) = split(message.into());
        let shown = lines.iter().map(|line| match Trailer::of(line.as_ref()) {
            Some(trailer) => format!("{}={}|", trailer.key, trailer.unfolded()),
            None => format!("-{line}|"),
        });
        assert_eq!((text.as_bstr(), shown.collect::<String>()), (before.into(), expected.to_owned()), "{message}");
    }

    #[test]
    fn a_block_is_the_last_paragraph() {
        check("a\n\nb\n\nFixes: 1\nCc: x", "a\n\nb\n\n", "Fixes=1|Cc=x|");
        check("a\n\nCc: x\n", "a\n\n", "Cc=x|");
        check("a\nCc: x\n", "a\nCc: x\n", "");
        check("a\n\nCc: x\n\nb\n", "a\n\nCc: x\n\nb\n", "");
        check("a\n\nCc: x\nmore\n", "a\n\nCc: x\nmore\n", "");
        check("a\r\n\r\nCc : x\r\n", "a\r\n\r\n", "Cc=x|");
        check("a\n\nCc: x\n\n# a comment\n", "a\n\n", "Cc=x|");
        check("a\n\n# a comment\n", "a\n\n# a comment\n", "");
    }

    #[test]
    fn notes_stand_among_trailers_that_git_writes() {
        check(
            "a\n\nBugzilla ID: 12\nFixes: 1 (\"b\n  c\")\nSigned-off-by: A <a@x>\n[bob@y.org: typo]\nSigned-off-by: B <b@y>\n",
            "a\n\n",
            "-Bugzilla ID: 12|Fixes=1 (\"b c\")|Signed-off-by=A <a@x>|-[bob@y.org: typo]|Signed-off-by=B <b@y>|",
        );
        check("a\n\none\ntwo\nthree\nSigned-off-by: A\n", "a\n\n", "-one|-two|-three|Signed-off-by=A|");
        let mostly_text = "a\n\none\ntwo\nthree\nfour\nSigned-off-by: A\n";
        check(mostly_text, mostly_text, "");
    }

    #[test]
    fn blanks_keep_what_git_drops_at_the_end() {
        for message in ["a\n\nConflicts:\n   \n", "a\n\nConflicts:\n\n   \n", "a\n\nConflicts:\n\n \n\n"] {
            check(message, "a\n\n", "Conflicts=|");
            assert_eq!(split(message.into()).1, ["Conflicts:\n "]);
        }
        check("a\n\nConflicts:\n\ta.c\n \n", "a\n\n", "Conflicts=a.c|");
        check("a\n\nConflicts:\n", "a\n\nConflicts:\n", "");
        assert_eq!(split("a\n\nCc: x\n# c\n \n".into()).1, ["Cc: x", "# c\n "]);
    }

    #[test]
    fn known_keys_are_known_outside_a_block() {
        let is = |line: &str| Trailer::known(line.into()).is_some();
        assert!(is("Bugzilla ID: 12") && is("reviewed-by: A") && is("Link: x") && is("Series-to: x"));
        assert!(!is("net: count drops") && !is(" Cc: x") && !is("Cc:") && !is("a b-by: c") && !is(": x") && !is(""));
    }
}
