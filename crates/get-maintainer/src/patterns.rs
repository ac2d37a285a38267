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
use regex::bytes::{Regex, RegexSet, RegexSetBuilder};

use super::dialect::Dialect;
use super::perl::{self, Blanks, Expression, Letters, Translated};

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
#[derive(Debug)]
pub(super) struct Patterns {
    /// Rules for all below a folder, by the folder with its slash.
    folders: HashMap<BString, Vec<RuleIdx>>,
    /// Rules for the names that begin so in one folder, by the folder with its slash (empty at the top).
    names: HashMap<BString, Vec<NameStart>>,
    /// The other rules: those that begin where the path begins, and those that match anywhere. One set of both would have to
    /// follow every mixture of the two.
    sets: [Set; 2],
    /// What a set cannot hold, with how many slashes a path must have.
    alone: Vec<(Expression, RuleIdx, Option<usize>)>,
    /// Rules that cannot be used, with the reason.
    pub(super) unusable: Vec<(RuleIdx, String)>,
}

/// Expressions that are tried at once.
#[derive(Debug, Default)]
struct Set {
    expressions: RegexSet,
    /// For each expression, its rule and how many slashes a path must have.
    rules: Vec<(RuleIdx, Option<usize>)>,
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
        // Paths are bytes to every script.
        let letters = Letters::Ascii;
        let mut patterns = Patterns {
            folders: HashMap::new(),
            names: HashMap::new(),
            sets: Default::default(),
            alone: Vec::new(),
            unusable: Vec::new(),
        };
        let mut expressions = [Vec::new(), Vec::new()];
        for (rule_idx, rule) in (0..).zip(rules) {
            let text = match (rule.letter, has_braces) {
                (b'N', _) => Plain::No,
                (_, true) => plain(&without_braces(rule.value)),
                (_, false) => plain(rule.value),
            };
            match text {
                Plain::Folder(folder) => patterns.folders.entry(folder).or_default().push(rule_idx),
                Plain::Beginning(text, may_be_folder) => patterns.add_name(&text, may_be_folder, rule_idx),
                Plain::No => {
                    let (perl, blanks, n_slashes) = match rule.letter {
                        b'N' => (rule.value.to_vec(), Blanks::Ignored, None),
                        _ => {
                            let converted = converted(rule.value, has_braces);
                            let n_slashes = (!converted.ends_with(b"/")).then(|| n_slashes(&converted));
                            ([b"^", converted.as_slice()].concat(), Blanks::Count, n_slashes)
                        }
                    };
                    let is_anywhere = usize::from(rule.letter == b'N');
                    match perl::translated(&perl, blanks, letters) {
                        Ok(Translated { text, is_fancy: false }) => expressions[is_anywhere].push((text, rule_idx, n_slashes)),
                        Ok(Translated { is_fancy: true, .. }) => match Expression::new(&perl, blanks, letters) {
                            Ok(expression) => patterns.alone.push((expression, rule_idx, n_slashes)),
                            Err(why) => patterns.unusable.push((rule_idx, why)),
                        },
                        Err(why) => patterns.unusable.push((rule_idx, why)),
                    }
                }
            }
        }
        patterns.sets = expressions.map(|expressions| patterns.set(expressions));
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

    /// Builds the set; where one expression spoils it, each is tried alone, so that the others still count.
    fn set(&mut self, mut expressions: Vec<(String, RuleIdx, Option<usize>)>) -> Set {
        let build = |expressions: &[(String, RuleIdx, Option<usize>)]| {
            RegexSetBuilder::new(expressions.iter().map(|(text, ..)| text))
                .size_limit(SET_BYTES)
                .dfa_size_limit(SET_BYTES)
                .build()
        };
        let set = build(&expressions).or_else(|_| {
            expressions.retain(|(text, rule_idx, _)| match Regex::new(text) {
                Ok(_) => true,
                Err(err) => {
                    let message = err.to_string();
                    let why = message.lines().last().unwrap_or_default().trim().trim_start_matches("error: ");
                    self.unusable.push((*rule_idx, why.to_owned()));
                    false
                }
            });
            build(&expressions)
        });
        match set {
            Ok(set) => {
                let rules = expressions.iter().map(|(_, rule_idx, n_slashes)| (*rule_idx, *n_slashes)).collect();
                Set { expressions: set, rules }
            }
            Err(err) => {
                self.unusable.extend(expressions.iter().map(|(_, rule_idx, _)| (*rule_idx, err.to_string())));
                Set::default()
            }
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
        for set in &self.sets {
            for at in &set.expressions.matches(path) {
                let (rule_idx, n_slashes) = set.rules[at];
                if n_slashes.is_none_or(|n_slashes| n_slashes == path_slashes) {
                    found.push(rule_idx);
                }
            }
        }
        for (expression, rule_idx, n_slashes) in &self.alone {
            if n_slashes.is_none_or(|n_slashes| n_slashes == path_slashes) && expression.is_match(path) {
                found.push(*rule_idx);
            }
        }
        found.sort_unstable();
        found
    }
}

/// Room for the compiled set: some ten times what the 700 wildcard lines of Linux 6.12 take.
const SET_BYTES: usize = 1 << 28;

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
