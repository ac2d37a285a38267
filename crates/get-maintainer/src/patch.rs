//! What a patch tells: the files it touches, the commits it mends, the keywords that stand in it.
//!
//! Lines are read as the script reads them: keywords anywhere in the message, then at lines that begin with `+` or `-`. What it takes
//! amiss is taken amiss here too (a deleted line `-- x` reads as the header `--- x` and names a file). Source: the loop over `@ARGV` of
//! the script.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use bstr::{BStr, BString, ByteSlice};
use regex::bytes::Regex;

use super::dialect::Dialect;
use super::keywords::KeywordIdx;
use super::maintainers::Maintainers;

/// What the script sees of a patch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PatchText {
    /// The files, sorted by name, each once; `dev/null` too where the script takes it for one.
    pub paths: Vec<BString>,
    /// What stands after `Fixes:`, in order, each once.
    pub fixes: Vec<BString>,
    /// The keywords that stand in it, sorted as the script sorts them.
    pub keywords: Vec<KeywordIdx>,
}

/// `mode`, `rename`, `git`, `fixes`, `file`, `hunk`: the lines that are read, for scripts that read text and for those that read bytes.
static LINES: LazyLock<[[Regex; 6]; 2]> = LazyLock::new(|| {
    ["", "(?-u)"].map(|flags| {
        [
            r"^ mode change [0-7]+ => [0-7]+ (\S+)\s*$",
            r"^rename (?:from|to) (\S+)\s*$",
            r"^diff --git a/(\S+) b/(\S+)\s*$",
            r"^Fixes:\s+([0-9a-fA-F]{6,40})",
            r"^(?:\+\+\+|---)\s+(\S+)",
            r"^@@ -[0-9]+,[0-9]+",
        ]
        .map(|line| Regex::new(&format!("{flags}{line}")).expect("a constant expression"))
    })
});

impl Maintainers {
    /// Reads a patch.
    pub fn patch(&self, text: &[u8]) -> PatchText {
        self.patches(&[text])
    }

    /// Reads several patches as if they were one: each begins with a message.
    pub fn patches(&self, texts: &[&[u8]]) -> PatchText {
        let mut read = Reader { dialect: self.dialect, ..Reader::default() };
        let mut fixes: Vec<BString> = Vec::new();
        let mut keywords: BTreeSet<KeywordIdx> = BTreeSet::new();
        for text in texts {
            read.in_diff = false;
            for line in text.split_inclusive(|byte| *byte == b'\n') {
                match read.line(line) {
                    LineKind::Fixes(commit) if self.options.fixes && !fixes.contains(&commit) => fixes.push(commit),
                    LineKind::Text if self.options.keywords => keywords.extend(self.keywords.in_line(line, read.in_diff)),
                    LineKind::Fixes(_) | LineKind::Text | LineKind::Other => {}
                }
            }
        }
        PatchText { paths: read.paths.into_iter().collect(), fixes, keywords: keywords.into_iter().collect() }
    }
}

/// Returns the files that patches touch, sorted, each once.
pub fn paths<'t>(texts: impl IntoIterator<Item = &'t [u8]>) -> Vec<BString> {
    let mut read = Reader::default();
    for line in texts.into_iter().flat_map(|text| text.split_inclusive(|byte| *byte == b'\n')) {
        read.line(line);
    }
    read.paths.remove(BStr::new("dev/null"));
    read.paths.into_iter().collect()
}

/// A patch while it is read.
#[derive(Default)]
struct Reader {
    dialect: Dialect,
    paths: BTreeSet<BString>,
    /// Whether a file's header was met.
    in_diff: bool,
}

/// What a line of a patch says.
enum LineKind {
    /// The commit that a `Fixes:` line names.
    Fixes(BString),
    /// A line in which keywords are looked for.
    Text,
    Other,
}

impl Reader {
    fn line(&mut self, line: &[u8]) -> LineKind {
        let [mode, rename, git, fixes, file, hunk] = &LINES[usize::from(!self.dialect.decodes())];
        // Every line that is read begins with one of these; most lines of a patch are of none.
        if !line.first().is_some_and(|first| b" rdF+-@".contains(first)) {
            return LineKind::Text;
        }
        let part = |found: &regex::bytes::Captures, at: usize| BString::from(&found[at]);
        if let Some(found) = mode.captures(line).or_else(|| rename.captures(line)) {
            self.paths.insert(part(&found, 1));
        } else if let Some(found) = git.captures(line) {
            self.paths.extend([part(&found, 1), part(&found, 2)]);
        } else if let Some(found) = fixes.captures(line).filter(|_| self.dialect != Dialect::Xen) {
            return LineKind::Fixes(part(&found, 1));
        } else if let Some(found) = file.captures(line) {
            let name = part(&found, 1);
            if !(self.dialect == Dialect::Xen && name == "/dev/null") {
                let start = name.find_byte(b'/').map_or(0, |slash| slash + 1);
                self.paths.insert(name[start..].into());
            }
            self.in_diff = true;
        } else if !hunk.is_match(line) {
            return LineKind::Text;
        }
        LineKind::Other
    }
}
