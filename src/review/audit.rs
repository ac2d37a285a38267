//! Who still names a member of a record, in a whole tree or since a base.
//!
//! In: a tree and members, `struct page.index`. Out: the places, sorted by path. The tree is searched for the member's name
//! as a word; only files that have it are read, and of headers only those that a question leads to. This is the one place where work
//! grows with the tree: that is what is asked for.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BStr, BString, ByteSlice};
use rayon::prelude::*;

use crate::git::files::Files;
use crate::git::{GitError, Repository};
use crate::model::ObjectId;
use crate::model::path_kind::kind;
use cleave_c::lex::{is_word_byte, is_word_start};
use cleave_c::span::Lines;
use cleave_c::types::{Access, FieldUse, SourceIndex, members, names_member, uses};

/// A member of a record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    /// The record: `struct page`, or a name alone for any record or typedef called so.
    pub record: String,
    /// The member.
    pub field: String,
}

impl Wanted {
    /// Reads `struct page.index`; `None` where one of the two is missing.
    pub fn parse(text: &str) -> Option<Self> {
        let (record, field) = text.rsplit_once('.')?;
        let record = record.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_name = |name: &str| name.bytes().next().is_some_and(is_word_start) && name.bytes().all(is_word_byte);
        let last = record.rsplit([' ', '.']).next().unwrap_or_default();
        (is_name(field) && is_name(last)).then(|| Wanted { record, field: field.to_owned() })
    }

    fn is(&self, record: &BStr, field: &BStr) -> bool {
        let tag = || record.strip_prefix(b"struct ").or_else(|| record.strip_prefix(b"union "));
        field == self.field.as_str() && (record == self.record.as_str() || tag().is_some_and(|tag| tag == self.record.as_bytes()))
    }

    /// Returns the name of the record without `struct`; of a record in another, that of the outer.
    fn tag(&self) -> &str {
        let outer = self.record.split('.').next().unwrap_or_default();
        outer.rsplit(' ').next().unwrap_or_default()
    }
}

/// A place where a member is named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MemberUse {
    /// The file.
    pub path: BString,
    /// From 1.
    pub line: usize,
    /// Of the member's name, in bytes from 1.
    pub column: usize,
    /// The record, `None` where it is not known.
    pub record: Option<BString>,
    /// The member.
    pub field: BString,
    /// What is done with it.
    pub access: Access,
    /// The line without the white space around it.
    pub text: BString,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audit {
    /// Places of the members, sorted by path, line and column.
    pub places: Vec<MemberUse>,
    /// Places of members with these names whose record is not known.
    pub unresolved: Vec<MemberUse>,
    /// For each member without a place, what its record has by the files that were looked at; nothing where they know no such record.
    pub members: BTreeMap<Wanted, BTreeSet<BString>>,
    /// The other records that have a member with one of these names.
    pub others: BTreeSet<BString>,
}

/// Finds all places in a tree.
///
/// # Errors
/// When a folder or a file of the tree cannot be read.
pub fn in_tree(repository: &Repository, tree_id: ObjectId, wanted: &[Wanted]) -> Result<Audit, GitError> {
    let files = Files::of(repository, tree_id);
    let paths = files.all(&|path| kind(path).is_c())?;
    found(&files, &paths, wanted, &defines_record)
}

/// Finds the places that a tip has over its base: in the files that differ, each place on a line that the base does not have
/// as often.
///
/// # Errors
/// When git fails or a file cannot be read.
pub fn since(repository: &Repository, base: ObjectId, tip: ObjectId, wanted: &[Wanted]) -> Result<Audit, GitError> {
    let (base_tree, tip_tree) = (repository.tree_of(base)?, repository.tree_of(tip)?);
    let mut old = Vec::new();
    let mut new = Vec::new();
    let mut renamed = BTreeMap::new();
    for delta in repository.diff_trees(base_tree, tip_tree)? {
        let regular = |side: &crate::git::tree_diff::TreeSide| side.mode.is_regular() && kind(side.path.as_ref()).is_c();
        if let (Some(base), Some(tip)) = (&delta.base, &delta.tip) {
            renamed.insert(base.path.clone(), tip.path.clone());
        }
        old.extend(delta.base.filter(regular).map(|side| (side.path, side.object_id)));
        new.extend(delta.tip.filter(regular).map(|side| (side.path, side.object_id)));
    }
    old.sort();
    new.sort();
    let names = |text: &[u8], tag: &[u8]| words(text, tag).next().is_some();
    let before = found(&Files::of(repository, base_tree), &old, wanted, &names)?;
    let mut after = found(&Files::of(repository, tip_tree), &new, wanted, &names)?;
    for (wanted, members) in &mut after.members {
        members.extend(before.members.get(wanted).into_iter().flatten().cloned());
    }
    after.members.retain(|wanted, _| before.members.contains_key(wanted));
    let key = |place: &MemberUse| (place.record.clone(), place.field.clone(), place.text.clone());
    let mut known: BTreeMap<_, usize> = BTreeMap::new();
    for mut place in before.places.into_iter().chain(before.unresolved) {
        if let Some(path) = renamed.get(&place.path) {
            place.path = path.clone();
        }
        *known.entry((place.path.clone(), key(&place))).or_default() += 1;
    }
    let mut is_new = |place: &MemberUse| match known.get_mut(&(place.path.clone(), key(place))) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    };
    after.places.retain(&mut is_new);
    after.unresolved.retain(&mut is_new);
    Ok(after)
}

/// Looks through files. Of those in which `may_know` the tag of a record, a few are asked for its members where no place is found.
fn found(
    files: &Files<'_>,
    paths: &[(BString, ObjectId)],
    wanted: &[Wanted],
    may_know: &(dyn Fn(&[u8], &[u8]) -> bool + Sync),
) -> Result<Audit, GitError> {
    let names: BTreeSet<&[u8]> = wanted.iter().map(|wanted| wanted.field.as_bytes()).collect();
    let fields: Vec<&[u8]> = names.into_iter().collect();
    let finders: Vec<_> = fields.iter().map(memchr::memmem::Finder::new).collect();
    let index = SourceIndex::of(files);
    let lists: Result<Vec<(Audit, bool)>, GitError> = paths
        .par_iter()
        .map(|(path, object_id)| {
            let text = files.blob(*object_id, path.as_ref())?;
            let knows = wanted.iter().any(|wanted| may_know(&text, wanted.tag().as_bytes()));
            if !finders.iter().any(|finder| may_name(&text, finder)) {
                return Ok((Audit::default(), knows));
            }
            let lines = Lines::of(&text);
            index.put(path.as_ref(), text.clone());
            let mut audit = Audit::default();
            for found in uses(&index, path.as_ref(), &fields) {
                match &found.record {
                    Some(record) if wanted.iter().any(|wanted| wanted.is(record.as_ref(), found.field.as_ref())) => {
                        audit.places.push(place(path, &text, &lines, found));
                    }
                    Some(record) => drop(audit.others.insert(record.clone())),
                    None => audit.unresolved.push(place(path, &text, &lines, found)),
                }
            }
            Ok((audit, knows))
        })
        .collect();
    let mut all = Audit::default();
    let mut knowing = Vec::new();
    for ((audit, knows), (path, _)) in lists?.into_iter().zip(paths) {
        all.places.extend(audit.places);
        all.unresolved.extend(audit.unresolved);
        all.others.extend(audit.others);
        knowing.extend(knows.then_some(path));
    }
    for wanted in wanted {
        if !all
            .places
            .iter()
            .any(|place| place.record.as_ref().is_some_and(|record| wanted.is(record.as_ref(), place.field.as_ref())))
        {
            let known = knowing.iter().take(ASKED_AT_MOST).flat_map(|path| members(&index, path.as_ref(), &wanted.record));
            all.members.insert(wanted.clone(), known.collect());
        }
    }
    Ok(all)
}

/// How many files are asked what a record has.
const ASKED_AT_MOST: usize = 64;

/// Returns the places where a name stands as a word.
fn words<'t>(text: &'t [u8], name: &'t [u8]) -> impl Iterator<Item = usize> + 't {
    memchr::memmem::find_iter(text, name).filter(is_word(text, name.len()))
}

/// Whether the bytes at a place are a whole word.
fn is_word(text: &[u8], len: usize) -> impl Fn(&usize) -> bool {
    let is_free = |byte: Option<&u8>| byte.is_none_or(|byte| !is_word_byte(*byte));
    move |at| is_free(at.checked_sub(1).map(|before| &text[before])) && is_free(text.get(at + len))
}

/// Whether a text may define a record with this tag, or a typedef of one.
fn defines_record(text: &[u8], tag: &[u8]) -> bool {
    words(text, tag).any(|at| {
        let (before, after) = (text[..at].trim_ascii_end(), text[at + tag.len()..].trim_ascii_start());
        let is_defined = [&b"struct"[..], b"union"].iter().any(|keyword| before.ends_with(keyword)) && !after.starts_with(b"*");
        (is_defined && after.iter().take(200).take_while(|byte| **byte != b';').any(|byte| *byte == b'{'))
            || (after.starts_with(b";")
                && (before.ends_with(b"}")
                    || before
                        .rsplit(|byte| b";}".contains(byte))
                        .next()
                        .is_some_and(|line| line.trim_ascii_start().starts_with(b"typedef"))))
    })
}

/// Whether the name stands in a text where it may be a member's.
fn may_name(text: &[u8], finder: &memchr::memmem::Finder<'_>) -> bool {
    finder.find_iter(text).filter(is_word(text, finder.needle().len())).any(|at| {
        let before = text[..at].trim_ascii_end();
        match before.last() {
            Some(b'>' | b'.') => true,
            Some(b'(' | b',') => called(before).is_some_and(|name| names_member(name) || defines(text, name)),
            // After a line that goes on, or a comment.
            Some(b'\\' | b'/') => true,
            _ => false,
        }
    })
}

/// Whether the text may define a macro with this name.
fn defines(text: &[u8], name: &[u8]) -> bool {
    !name.is_empty() && memchr::memmem::find(text, &[b"define ", name, b"("].concat()).is_some()
}

/// How far back the name of a call is looked for.
const CALL_AT_MOST: usize = 600;

/// Returns the name of the call whose arguments the text ends in.
fn called(before: &[u8]) -> Option<&[u8]> {
    let mut depth = 0_usize;
    let start = before.len().saturating_sub(CALL_AT_MOST);
    for at in (start..before.len()).rev() {
        match before[at] {
            b')' => depth += 1,
            b'(' if depth > 0 => depth -= 1,
            b'(' => {
                let head = before[..at].trim_ascii_end();
                let len = head.iter().rev().take_while(|byte| is_word_byte(**byte)).count();
                return Some(&head[head.len() - len..]);
            }
            b';' | b'{' | b'}' => return None,
            _ => {}
        }
    }
    None
}

fn place(path: &BString, text: &[u8], lines: &Lines, found: FieldUse) -> MemberUse {
    let start = text[..found.at].rfind_byte(b'\n').map_or(0, |at| at + 1);
    let end = text[found.at..].find_byte(b'\n').map_or(text.len(), |len| found.at + len);
    MemberUse {
        path: path.clone(),
        line: lines.line_at(found.at) + 1,
        column: found.at - start + 1,
        record: found.record,
        field: found.field,
        access: found.access,
        text: text[start..end].trim_ascii().into(),
    }
}
