//! Which pattern lines match a path: `F:`, `X:` and `N:` of all sections at once.
//!
//! Most lines are plain text: a folder (`mm/`), a file (`mm/gup.c`), or the beginning of names in one folder (`mm/page_*`).
//! Those are found by looking up the folders of the path; the rest are two `RegexSet`s. Source: `file_match_pattern` and
//! `read_maintainer_file` of the script:
//!
//! ```text
//!   mm/            every path that begins so
//!   mm/gup.c       every path that begins so and has as many slashes: also mm/gup.cc
//!   mm             the folder mm/, if there is one
//!   mm/*.c         mm/.*\.c at the beginning, as many slashes
//! ```

use std::collections::HashMap;
use std::sync::LazyLock;

use bstr::{BStr, BString, ByteSlice};
use regex::bytes::Regex;

use super::dialect::Dialect;
use super::expressions::Expressions;
use super::perl::{Blanks, Letters};

/// Names a rule by its place among all that were given to [`Patterns::new`].
pub(super) type RuleIdx = u32;

/// A pattern line as written.
#[derive(Debug, Clone, Copy)]
pub(super) struct PatternLine<'a> {
    /// `F`, `X` or `N`.
    pub(super) letter: u8,
    /// What follows the colon, without blanks before it.
    pub(super) value: &'a [u8],
}

/// The rules, ready to be asked.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    /// Rules for all below a folder, by the folder with its slash.
    folders: HashMap<BString, Vec<RuleIdx>>,
    /// Rules for the names that begin so in one folder, by the folder with its slash (empty at the top).
    names: HashMap<BString, Vec<NameStart>>,
    /// The other rules: those that begin where the path begins, and those that match anywhere. One set of both would have to
    /// follow every mixture of the two. With each rule how many slashes a path must have.
    sets: [Expressions<(RuleIdx, Option<usize>)>; 2],
    /// Rules that cannot be used, with the reason.
    pub(super) unusable: Vec<(RuleIdx, String)>,
}

/// How names begin in one folder.
#[derive(Debug)]
struct NameStart {
    beginning: BString,
    /// Whether the pattern means the folder of that name where there is one.
    may_be_folder: bool,
    rule_idx: RuleIdx,
}

impl Patterns {
    /// Sorts the rules into what finds them.
    pub(super) fn new<'a>(rules: impl Iterator<Item = PatternLine<'a>>, dialect: Dialect) -> Self {
        let has_braces = dialect.has_braces();
        let mut patterns = Patterns::default();
        let (mut at_start, mut anywhere) = (Vec::new(), Vec::new());
        for (rule_idx, rule) in (0..).zip(rules) {
            let value = if has_braces { without_braces(rule.value) } else { rule.value.to_vec() };
            match plain(&value) {
                _ if rule.letter == b'N' => anywhere.push((rule.value.to_vec(), (rule_idx, None))),
                Plain::Folder(folder) => patterns.folders.entry(folder).or_default().push(rule_idx),
                Plain::Beginning(text, may_be_folder) => patterns.add_name(&text, may_be_folder, rule_idx),
                Plain::No => {
                    let converted = converted(rule.value, has_braces);
                    let n_slashes = (!converted.ends_with(b"/")).then(|| n_slashes(&converted));
                    at_start.push(([b"^", converted.as_slice()].concat(), (rule_idx, n_slashes)));
                }
            }
        }
        let mut unusable = Vec::new();
        // Paths are bytes to every script.
        patterns.sets = [(at_start, Blanks::Count), (anywhere, Blanks::Ignored)]
            .map(|(all, blanks)| Expressions::new(all, blanks, Letters::Ascii, &mut unusable));
        patterns.unusable = unusable.into_iter().map(|((rule_idx, _), why)| (rule_idx, why)).collect();
        patterns.unusable.sort();
        patterns
    }

    fn add_name(&mut self, text: &BString, may_be_folder: bool, rule_idx: RuleIdx) {
        let start = text.rfind_byte(b'/').map_or(0, |slash| slash + 1);
        let name = NameStart { beginning: text[start..].into(), may_be_folder, rule_idx };
        self.names.entry(text[..start].into()).or_default().push(name);
        if may_be_folder {
            let folder = bstr::concat([text.as_slice(), b"/"]);
            self.folders.entry(folder.into()).or_default().push(rule_idx);
        }
    }

    /// Returns the rules that match, sorted. A folder's path ends in a slash.
    pub(super) fn matching(&self, path: &BStr, is_dir: &dyn Fn(&BStr) -> bool) -> Vec<RuleIdx> {
        let mut found = Vec::new();
        for slash in path.find_iter(b"/") {
            found.extend(self.folders.get(path[..=slash].as_bstr()).into_iter().flatten());
        }
        let start = path.rfind_byte(b'/').map_or(0, |slash| slash + 1);
        for name in self.names.get(path[..start].as_bstr()).into_iter().flatten() {
            // A name that is a folder's owns what is in the folder, not `name.c` beside it.
            let is_it = path[start..].starts_with(&name.beginning)
                && (!name.may_be_folder
                    || path.len() == start + name.beginning.len()
                    || !is_dir(path[..start + name.beginning.len()].as_bstr()));
            if is_it {
                found.push(name.rule_idx);
            }
        }
        let path_slashes = n_slashes(path);
        let fits = |n_slashes: Option<usize>| n_slashes.is_none_or(|n_slashes| n_slashes == path_slashes);
        for set in &self.sets {
            found.extend(set.matching(path).filter(|(_, n_slashes)| fits(*n_slashes)).map(|(rule_idx, _)| rule_idx));
        }
        found.sort_unstable();
        found
    }
}

pub(super) fn n_slashes(text: &[u8]) -> usize {
    text.find_iter(b"/").count()
}

/// Returns how deep a path pattern goes, by which the script ranks sections; -1 for one that begins with a wildcard.
pub(super) fn depth(value: &[u8], has_braces: bool) -> i32 {
    let converted = converted(value, has_braces);
    if converted.starts_with(b".*") {
        return -1;
    }
    let n_parts = n_slashes(&converted) + usize::from(!converted.ends_with(b"/"));
    i32::try_from(n_parts).unwrap_or(i32::MAX)
}

/// A pattern that needs no expression.
enum Plain {
    /// All below this folder; ends in a slash.
    Folder(BString),
    /// What begins so in one folder, and whether the pattern may name a folder without its slash.
    Beginning(BString, bool),
    No,
}

fn plain(value: &[u8]) -> Plain {
    let (text, has_star) = match value.strip_suffix(b"*") {
        Some(text) => (text, true),
        None => (value, false),
    };
    if text.iter().any(|byte| b"*?[]{}()|+^$\\".contains(byte)) {
        return Plain::No;
    }
    match text.ends_with(b"/") && !has_star {
        true => Plain::Folder(text.into()),
        // The script looks for the folder after it has escaped the dots, so one with a dot is never found.
        false => Plain::Beginning(text.into(), !has_star && !text.is_empty() && !text.contains(&b'.')),
    }
}

/// Spells a path pattern as the Perl expression that the script makes of it.
fn converted(value: &[u8], has_braces: bool) -> Vec<u8> {
    let value = if has_braces { without_braces(value) } else { value.to_vec() };
    value.replace(".", "\\.").replace("*", ".*").replace("?", ".")
}

static BRACES: LazyLock<[Regex; 2]> = LazyLock::new(|| {
    let regex = |text| Regex::new(text).expect("a constant expression");
    [
        regex(r"(?-u)([^\\])\{(|[^},]*[^,\\]),((|[^},]*[^,\\]),(|[^}]*[^\\]))\}"),
        regex(r"(?-u)([^\\])\{(|[^},]*[^,\\]),(|[^}]*[^\\])\}"),
    ]
});

/// Turns `{a,b}` into `(a|b)`, as Xen's script does: not nested, never at the very beginning.
fn without_braces(value: &[u8]) -> Vec<u8> {
    let [many, two] = &*BRACES;
    let mut value = value.to_vec();
    if value.contains(&b'{') {
        while many.is_match(&value) {
            value = many.replace_all(&value, b"${1}{${2}|${3}}".as_slice()).into_owned();
        }
        value = two.replace_all(&value, b"${1}(${2}|${3})".as_slice()).into_owned();
    }
    value
}
