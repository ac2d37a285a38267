//! Recipient rules: what a project expects of mails that its MAINTAINERS does not say.
//!
//! In: rules as text ([`BUILT_IN`] documents the form) and a patch as far as it is known ([`Asked`]). Out: which [`Rule`]s hold for it:
//! who gets it too and who does not, what stands in the brackets of its subject, what the subject begins with. Rules are data: the
//! program has no address of anybody in its code.

use std::collections::BTreeMap;

use bstr::{BStr, BString, ByteSlice};
use serde::{Deserialize, Deserializer, de};

use crate::model::Mailbox;

#[cfg(test)]
mod tests;

/// The rules that the program knows by itself, with the description of their form.
pub const BUILT_IN: &str = include_str!("rules.toml");

/// All rules, in the order in which they are gone through.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rules {
    projects: BTreeMap<String, Project>,
    rules: Vec<Rule>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Rule {
    /// Short, the same for ever.
    pub name: String,
    /// One sentence, without a full stop.
    #[serde(default)]
    pub why: String,
    /// The document or thread that says so.
    #[serde(default)]
    pub source: String,
    /// What must hold.
    #[serde(default)]
    pub when: Condition,
    /// What must not hold; an empty condition is none.
    #[serde(default)]
    pub unless: Condition,
    /// Who is asked too.
    #[serde(default, deserialize_with = "mailboxes")]
    pub to: Vec<Mailbox>,
    /// Who is told too.
    #[serde(default, deserialize_with = "mailboxes")]
    pub cc: Vec<Mailbox>,
    /// Addresses, as patterns, that do not get the patch.
    #[serde(default)]
    pub remove: Vec<String>,
    /// Addresses, as patterns, or roles, that get their own patches only.
    #[serde(default)]
    pub own_only: Vec<String>,
    /// What stands in the brackets of the subject.
    #[serde(default)]
    pub prefix: Option<String>,
    /// What the subject begins with.
    #[serde(default)]
    pub begins: Option<String>,
    /// Whether the rule is not used.
    #[serde(default)]
    pub off: bool,
}

/// Reads `Name <address>` or bare addresses.
fn mailboxes<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Mailbox>, D::Error> {
    let mailbox =
        |text: String| Mailbox::parse(BStr::new(&text)).ok_or_else(|| de::Error::custom(format!("'{text}' is no mail address")));
    Vec::<String>::deserialize(from)?.into_iter().map(mailbox).collect()
}

/// What must hold, all of it; a list holds when one of it does, and an empty list says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Condition {
    /// The name of a project.
    pub project: Option<String>,
    /// The `T:` lines.
    pub tree: OneOrMany,
    /// The section.
    pub section: OneOrMany,
    /// Paths that the patch touches.
    pub path: OneOrMany,
    /// The subject.
    pub subject: OneOrMany,
    /// Addresses of those who get the patch so far.
    pub recipient: OneOrMany,
    /// Whether the patch has a `Fixes:` line.
    pub is_fix: Option<bool>,
}

/// Patterns: one text, or a list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    /// One pattern.
    One(String),
    /// Any number of them.
    Many(Vec<String>),
}

impl Default for OneOrMany {
    fn default() -> Self {
        OneOrMany::Many(Vec::new())
    }
}

/// How a project is recognized.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Project {
    #[serde(default)]
    files: Vec<String>,
}

/// A file of rules.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RulesFile {
    #[serde(default)]
    project: BTreeMap<String, Project>,
    #[serde(default)]
    rule: Vec<Rule>,
}

/// What is known of a patch, or of a series.
#[derive(Debug, Clone, Default)]
pub struct Asked<'a> {
    /// The `T:` lines of the section that owns most of it, as written.
    pub trees: Vec<&'a BStr>,
    /// The name of that section.
    pub section: Option<&'a BStr>,
    /// The paths that it touches.
    pub paths: Vec<&'a BStr>,
    /// Its subject, without brackets.
    pub subject: &'a BStr,
    /// The addresses, without names, of those who get it so far.
    pub recipients: Vec<BString>,
    /// Whether it has a `Fixes:` line.
    pub is_fix: bool,
}

impl Rules {
    /// Returns the rules that the program knows by itself.
    pub fn built_in() -> Self {
        Rules::default().with(BUILT_IN).expect("a test reads the embedded file")
    }

    /// Returns these rules with those of a file: one with a name that is known takes the other's place.
    ///
    /// # Errors
    /// When the text is not of the form that [`BUILT_IN`] describes.
    pub fn with(self, text: &str) -> Result<Self, toml_edit::de::Error> {
        let written: RulesFile = toml_edit::de::from_str(text)?;
        let mut rules = self.and(written.rule);
        rules.projects.extend(written.project);
        Ok(rules)
    }

    /// Returns these rules with others, which win.
    pub fn and(mut self, others: Vec<Rule>) -> Self {
        for rule in others {
            match self.rules.iter_mut().find(|known| known.name == rule.name) {
                Some(known) => *known = rule,
                None => self.rules.push(rule),
            }
        }
        self
    }

    /// Returns the rules that can hold in a tree, in order; `has` says whether a path is in the base tree.
    ///
    /// # Errors
    /// Those of `has`.
    pub fn of_tree<E>(&self, mut has: impl FnMut(&BStr) -> Result<bool, E>) -> Result<Vec<Rule>, E> {
        let mut here: BTreeMap<&str, bool> = BTreeMap::new();
        let mut rules = Vec::new();
        for rule in self.rules.iter().filter(|rule| !rule.off) {
            let is_here = match &rule.when.project {
                None => true,
                Some(name) => match here.get(name.as_str()) {
                    Some(is_here) => *is_here,
                    None => {
                        let files = self.projects.get(name).map(|project| project.files.as_slice()).unwrap_or_default();
                        let mut is_here = !files.is_empty();
                        for file in files {
                            is_here = is_here && has(BStr::new(file))?;
                        }
                        here.insert(name, is_here);
                        is_here
                    }
                },
            };
            if is_here {
                rules.push(rule.clone());
            }
        }
        Ok(rules)
    }
}

impl Rule {
    /// Whether the rule holds; that its project is the right one, [`Rules::of_tree`] has seen to.
    pub fn holds(&self, asked: &Asked) -> bool {
        self.when.holds(asked) && (self.unless == Condition::default() || !self.unless.holds(asked))
    }
}

impl Condition {
    fn holds(&self, asked: &Asked) -> bool {
        self.is_fix.is_none_or(|is_fix| is_fix == asked.is_fix)
            && self.tree.any(&asked.trees, matches)
            && self.section.any(asked.section.as_slice(), matches)
            && self.path.any(&asked.paths, is_path)
            && self.subject.any(&[asked.subject], matches)
            && self.recipient.any(&asked.recipients, is_address)
    }
}

impl OneOrMany {
    /// Whether there is no pattern, or one that means one of these texts.
    fn any(&self, texts: &[impl AsRef<[u8]>], means: fn(&[u8], &[u8]) -> bool) -> bool {
        let patterns = match self {
            OneOrMany::One(pattern) => std::slice::from_ref(pattern),
            OneOrMany::Many(patterns) => patterns,
        };
        let is_meant = |text: &[u8]| patterns.iter().any(|pattern| means(pattern.as_bytes(), text));
        patterns.is_empty() || texts.iter().any(|text| is_meant(text.as_ref()))
    }
}

/// Returns what stands in the brackets of the subject, and the rule that says so.
pub fn prefix<'r>(rules: &'r [Rule], asked: &Asked) -> Option<(&'r str, &'r Rule)> {
    rules.iter().filter(|rule| rule.holds(asked)).find_map(|rule| Some((rule.prefix.as_deref()?, rule)))
}

/// Returns what the subject begins with, and the rule that says so.
pub fn begins<'r>(rules: &'r [Rule], asked: &Asked) -> Option<(&'r str, &'r Rule)> {
    rules.iter().filter(|rule| rule.holds(asked)).find_map(|rule| Some((rule.begins.as_deref()?, rule)))
}

/// Whether an address, without name, is meant by a pattern.
pub fn is_address(pattern: &[u8], address: &[u8]) -> bool {
    matches(&pattern.to_ascii_lowercase(), &address.to_ascii_lowercase())
}

/// Whether a path is meant by a pattern.
fn is_path(pattern: &[u8], path: &[u8]) -> bool {
    match pattern.ends_with(b"/") {
        true => matches(&[pattern, b"*"].concat(), path),
        false => matches(pattern, path),
    }
}

/// Whether a pattern in which `*` stands for anything is all of `text`.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let mut parts: Vec<&[u8]> = pattern.split_str("*").collect();
    let last = parts.pop().expect("a split has a part");
    let Some((first, middle)) = parts.split_first() else { return text == last };
    let Some(mut rest) = text.strip_prefix(*first) else { return false };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}
