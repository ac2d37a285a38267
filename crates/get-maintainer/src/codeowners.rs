//! CODEOWNERS, as GitHub reads it: the last line whose pattern matches a path says who owns it.
//!
//! Patterns are those of `.gitignore`, without `!`, `[a-z]` and `\#`; names are compared by case. Source: GitHub documentation,
//! "About code owners". The file is looked for in `.github/`, at the top, in `docs/`: the first found counts.

use bstr::{BStr, BString, ByteSlice};
use regex::bytes::RegexSet;

use super::answer::{Answer, Because, Owner, Reason};
use super::home::HomeName;
use super::mailbox::Mailbox;
use super::role::Role;
use super::section::Place;

/// Where the file may stand, the one that counts first.
pub const PLACES: [&str; 3] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

/// A CODEOWNERS file, ready to be asked.
#[derive(Debug)]
pub struct Codeowners {
    rules: Vec<OwnersLine>,
    set: RegexSet,
    /// Lines that cannot be used, counted from 1, with the reason.
    pub notes: Vec<(usize, String)>,
}

#[derive(Debug)]
struct OwnersLine {
    /// `@user`, `@org/team` or an address, as written; none for a line that takes owners away.
    owners: Vec<BString>,
    /// Counted from 1.
    line: usize,
    pattern: BString,
}

impl Codeowners {
    /// Reads the file. Never fails: lines that cannot be used are noted.
    pub fn parse(text: &[u8]) -> Self {
        let (mut rules, mut expressions, mut notes) = (Vec::new(), Vec::new(), Vec::new());
        for (at, line) in text.lines().enumerate() {
            let mut words = words(line);
            if words.is_empty() {
                continue;
            }
            let pattern = words.remove(0);
            match expression(&pattern) {
                Ok(expression) => {
                    expressions.push(expression);
                    rules.push(OwnersLine { owners: words, line: at + 1, pattern });
                }
                Err(why) => notes.push((at + 1, why.to_owned())),
            }
        }
        let set = RegexSet::new(&expressions).unwrap_or_else(|err| {
            notes.push((0, err.to_string()));
            rules.clear();
            RegexSet::empty()
        });
        Codeowners { rules, set, notes }
    }

    /// Returns the owners of `path` and the line that names them, counted from 1; `None` where no line does.
    pub fn owners(&self, path: &BStr) -> Option<(&[BString], usize)> {
        let rule = &self.rules[self.set.matches(path).iter().next_back()?];
        (!rule.owners.is_empty()).then_some((&rule.owners, rule.line))
    }

    /// Returns who owns paths, each once, with every line that says so.
    pub fn asked(&self, paths: &[&BStr]) -> Answer {
        let mut owners: Vec<Owner> = Vec::new();
        for (path_idx, path) in paths.iter().enumerate() {
            let Some((names, line)) = self.owners(path) else { continue };
            for name in names {
                // An address, or `@user` and `@org/team`, which no mail reaches.
                let mailbox = Mailbox::bare(name.as_bstr());
                let because = Because::Pattern(Place { file: 0, line });
                let reason = Reason { because, role: Role::CodeOwner, section_idx: None, path_idx: Some(path_idx) };
                match owners.iter_mut().find(|owner| owner.mailbox == mailbox) {
                    Some(owner) => owner.reasons.push(reason),
                    None => {
                        let says = format!("owner:line {line}").into();
                        owners.push(Owner { mailbox, role: Role::CodeOwner, says, reasons: vec![reason] });
                    }
                }
            }
        }
        Answer { owners, sections: Vec::new() }
    }

    /// Returns the pattern of a line, without the backslashes before blanks.
    pub fn pattern(&self, line: usize) -> Option<&BStr> {
        self.rules.iter().find(|rule| rule.line == line).map(|rule| rule.pattern.as_bstr())
    }

    /// Returns the home of `path`: its owners, by the names in the file.
    pub fn home(&self, path: &BStr) -> Option<HomeName> {
        let (owners, _) = self.owners(path)?;
        Some(HomeName { name: bstr::join(" ", owners).into(), tree: None })
    }
}

/// Cuts a line at blanks up to a comment; a backslash keeps a blank in a pattern.
fn words(line: &[u8]) -> Vec<BString> {
    let mut words: Vec<BString> = Vec::new();
    let mut word = BString::default();
    let mut bytes = line.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'#' if word.is_empty() => break,
            b'\\' => word.extend(bytes.next()),
            b' ' | b'\t' | b'\r' => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            _ => word.push(byte),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Spells a pattern as an expression over whole paths.
fn expression(pattern: &[u8]) -> Result<String, &'static str> {
    if pattern.starts_with(b"!") || pattern.contains(&b'[') {
        return Err("'!' and '[' mean nothing in CODEOWNERS");
    }
    let (body, is_folder) = match pattern.strip_suffix(b"/") {
        Some(body) => (body, true),
        None => (pattern, false),
    };
    let is_anchored = body.contains(&b'/') || body.is_empty();
    let body = body.strip_prefix(b"/").unwrap_or(body);
    let mut out = String::from(if is_anchored { "(?-u)^" } else { "(?-u)^(?:.*/)?" });
    let mut rest = body;
    while let Some((&byte, after)) = rest.split_first() {
        if let Some(after) = rest.strip_prefix(b"**/") {
            out.push_str("(?:.*/)?");
            rest = after;
        } else if let Some(after) = rest.strip_prefix(b"**") {
            out.push_str(".*");
            rest = after;
        } else {
            match byte {
                b'*' => out.push_str("[^/]*"),
                b'?' => out.push_str("[^/]"),
                _ if byte.is_ascii_alphanumeric() || byte == b'/' => out.push(char::from(byte)),
                _ => out.push_str(&format!(r"\x{byte:02x}")),
            }
            rest = after;
        }
    }
    // `docs/*` owns the files of one folder; any other name owns what is below it too.
    out.push_str(match (is_folder, body.is_empty(), is_anchored && body.ends_with(b"/*")) {
        (_, true, _) => "",
        (true, ..) => "/",
        (_, _, true) => "$",
        _ => "(?:/|$)",
    });
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_that_matches_counts() {
        let codeowners = Codeowners::parse(
            b"* @all\n*.js @js # scripts\n/build/logs/ @ops a@x.org\ndocs/* docs@x.org\napps/ @apps\n/apps/free\n**/vendor @dev\n![x] @no\n",
        );
        let home = |path: &str| codeowners.home(path.into()).map(|home| home.name.to_string()).unwrap_or_default();
        let paths = [
            "a.c",
            "x/y.js",
            "build/logs/a/b",
            "x/build/logs/a",
            "docs/a.md",
            "docs/b/a.md",
            "x/apps/z",
            "apps/free",
            "q/vendor/z",
        ];
        let homes: Vec<_> = paths.iter().map(|path| format!("{path}: {}", home(path))).collect();
        insta::assert_snapshot!(homes.join("\n"), @"
        a.c: @all
        x/y.js: @js
        build/logs/a/b: @ops a@x.org
        x/build/logs/a: @all
        docs/a.md: docs@x.org
        docs/b/a.md: @all
        x/apps/z: @apps
        apps/free: 
        q/vendor/z: @dev
        ");
        assert_eq!(codeowners.notes, [(8, "'!' and '[' mean nothing in CODEOWNERS".to_owned())]);
    }
}
