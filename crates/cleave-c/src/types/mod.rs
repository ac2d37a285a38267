//! Which record a member belongs to: `x->index` → `struct page.index`, from one file alone or with all that it includes.
//!
//! In: a [`SourceIndex`] and offsets in one of its files. Out: the record of the member that is named at each offset, or `None` where it is not
//! known. [`SourceIndex::of`] reads a tree and never guesses. [`SourceIndex::of_text`] has one text, and goes by the name of a macro or typedef
//! where the text does not define it.
//!
//! ```text
//!  place ──operand──> name ──scopes──> declaration ──specifiers──> record ──members──> …
//!                       └──includes──> prototype, variable, macro ──expanded──> expression
//! ```
//!
//! Three modules call each other, as the questions of C do: what a name stands for (`names`) may be a macro, whose expansion is an expression
//! (`value`), whose type is a record, whose members (`members`) have specifiers, which name a type. `deeper` in `value` counts the steps and
//! the depth of that recursion and ends it.
//!
//! Works on tokens, not on a tree, so that macro bodies, branches of conditions and arguments of trace macros are read like all
//! other code. Nothing is worked out that no place asks for: a function's scopes when a name in it is looked up, a header when a
//! name was found nowhere nearer. Cost: the tokens of the file, and for each question a limited number of steps.

use std::collections::BTreeSet;
use std::rc::Rc;

use bstr::{BStr, BString};

use crate::directives::DirectiveKind;
use crate::lex::TokenKind;
use crate::span::Span;

mod code;
mod declare;
mod file_index;
mod macros;
mod member_uses;
mod members;
mod names;
mod scope;
mod source_index;
#[cfg(test)]
mod tests;
mod translation_unit;
mod value;

use code::{Code, lexed};
use declare::type_name;
use file_index::{DeclarationKind, FileIndex, hash};
use macros::Macro;
use member_uses::MemberForm;
use scope::Env;
use translation_unit::TranslationUnit;
use value::{Type, Typer, agreed};

pub use member_uses::Access;
pub use source_index::{FolderEntries, InMemoryTree, SourceIndex, SourceTree};

/// One use of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldUse {
    /// The name's first byte.
    pub at: usize,
    /// The member's name.
    pub field: BString,
    /// Its record as people write it, `struct page` or a typedef's name; `None` where that is not known.
    pub record: Option<BString>,
    /// What is done with it.
    pub access: Access,
}

/// Returns the uses of members with one of these names in a file, sorted by offset; none for a file that the index does not have. A word that may
/// as well be something else (the argument of a call) counts only when its record is known.
pub fn uses<'w>(index: &'w SourceIndex<'w>, path: &BStr, fields: &[&[u8]]) -> Vec<FieldUse> {
    let Some(file) = QueriedFile::of(index, path) else { return Vec::new() };
    let mut out = Vec::new();
    let is_wanted = |text: &[u8]| fields.contains(&text);
    for env in file.regions(&|toks| toks.iter().any(|tok| is_wanted(tok.text))) {
        for (at, tok) in env.code.toks().iter().enumerate() {
            if tok.kind != TokenKind::Word || !is_wanted(tok.text) || env.params.iter().any(|(param, _)| *param == tok.text) {
                continue;
            }
            let may_be = |form: &MemberForm| *form != MemberForm::Argument || file.names_member(called(&env, at));
            let Some(form) = file.typer.form(&env, at).filter(may_be) else { continue };
            file.typer.begin();
            let record = file.typer.record_at(&env, at);
            if form == MemberForm::Argument && record.is_none() {
                continue;
            }
            let access = file.typer.access(&env, at);
            out.push(FieldUse { at: tok.origin.at as usize, field: tok.text.into(), record, access });
        }
    }
    out.sort_by_key(|one| one.at);
    out
}

/// Returns the record of the member whose name begins at each of these offsets of a file, in the order of the offsets.
pub fn records<'w>(index: &'w SourceIndex<'w>, path: &BStr, offsets: &[usize]) -> Vec<Option<BString>> {
    let Some(file) = QueriedFile::of(index, path) else { return vec![None; offsets.len()] };
    let mut sorted: Vec<(usize, usize)> = offsets.iter().copied().enumerate().map(|(idx, offset)| (offset, idx)).collect();
    sorted.sort_unstable();
    let mut out = vec![None; offsets.len()];
    let wants = |offset: usize| sorted.binary_search_by_key(&offset, |(offset, _)| *offset);
    for env in file.regions(&|toks| toks.iter().any(|tok| wants(tok.origin.at as usize).is_ok())) {
        for (at, tok) in env.code.toks().iter().enumerate() {
            let Ok(found) = wants(tok.origin.at as usize) else { continue };
            file.typer.begin();
            out[sorted[found].1] = file.typer.record_at(&env, at);
        }
    }
    out
}

/// Returns the names of the members that a record has as a file sees it; none where the file sees no such record. The record is written as in
/// [`FieldUse::record`], or as a tag alone.
pub fn members<'w>(index: &'w SourceIndex<'w>, path: &BStr, record: &'w str) -> BTreeSet<BString> {
    let Some(QueriedFile { typer, file, .. }) = QueriedFile::of(index, path) else { return BTreeSet::new() };
    let mut names = record.split('.');
    let first = names.next().unwrap_or_default().as_bytes();
    let env = Rc::new(Env::new(lexed(file, first, Span::new(0, first.len())).code, None));
    typer.begin();
    let spec = type_name(&env.code, 0, env.code.len());
    let of = match spec.map(|spec| typer.spec(&env, spec, None)) {
        Some(Type::Record(record)) => Type::Record(record),
        _ => Type::Record(typer.tag(b"struct", first)),
    };
    match names.fold(of, |of, name| typer.member(&of, name.as_bytes())) {
        Type::Record(record) => typer.members(&record).names().map(BString::from).collect(),
        Type::Scalar | Type::Unknown => BTreeSet::new(),
    }
}

/// Whether a macro with this name may take the name of a member somewhere among its arguments. Wider than [`names_member_after_type`]: a
/// caller has to know the record as well.
pub fn names_member(called: &[u8]) -> bool {
    let parts: [&[u8]; 9] = [b"entry", b"offset", b"member", b"field", b"struct_size", b"container", b"flex", b"_of", b"sizeof"];
    file_index::is_upper(called) || parts.iter().any(|part| memchr::memmem::find(called, part).is_some())
}

/// Whether a macro with this name takes a type and then the name of one of its members, as `container_of(p, struct page, lru)`.
pub fn names_member_after_type(called: &[u8]) -> bool {
    matches!(called, b"sizeof_field" | b"offsetofend" | b"typeof_member" | b"FIELD_SIZEOF")
        || called.starts_with(b"container_of")
        || memchr::memmem::find(called, b"_entry").is_some()
}

/// Whether argument `idx` of `n_arguments` is, by the name of the macro, a member of what its first argument points to:
/// `list_for_each_entry(p, head, member)`, `struct_size(p, member, n)`.
pub fn names_member_of_first(called: &[u8], idx: usize, n_arguments: usize) -> bool {
    match called {
        b"struct_size" | b"flex_array_size" => idx == 1,
        _ => idx >= 2 && idx + 1 == n_arguments && memchr::memmem::find(called, b"for_each_entry").is_some(),
    }
}

/// Returns the name of the call around a word.
fn called<'w>(env: &Env<'w>, at: usize) -> &'w [u8] {
    env.code.around(at).map_or(b"", |open| env.code.before(open))
}

/// A file that questions are asked about.
struct QueriedFile<'w> {
    typer: Typer<'w>,
    source: &'w FileIndex,
    file: u32,
}

/// How many calls of a macro are looked at for the types of its parameters.
const CALLS_AT_MOST: usize = 64;

impl<'w> QueriedFile<'w> {
    fn of(index: &'w SourceIndex<'w>, path: &BStr) -> Option<Self> {
        let file = index.file(path)?;
        Some(QueriedFile { typer: Typer::of(TranslationUnit::of(index, file)), source: index.source(file), file })
    }

    /// Whether a call may be of a macro that takes the name of a member: by its name, or because the file defines it.
    fn names_member(&self, called: &[u8]) -> bool {
        names_member(called) || self.source.find(DeclarationKind::Macro, called, hash(called)).next().is_some()
    }

    /// Returns the file's code and those bodies of macros that are wanted.
    fn regions(&self, is_wanted: &dyn Fn(&[code::Tok<'w>]) -> bool) -> Vec<Rc<Env<'w>>> {
        let text = self.source.text.as_slice();
        let read = lexed(self.file, text, Span::new(0, text.len()));
        let mut whole = Env::new(read.code, None);
        whole.is_file = true;
        let whole = Rc::new(whole);
        let mut out = Vec::new();
        for line in read.directives.iter().filter(|line| line.kind == DirectiveKind::Define) {
            let Some(found) = Macro::of(self.file, text, line.span).filter(|found| is_wanted(&found.body)) else { continue };
            let params = found.params.clone().unwrap_or_default();
            let types = self.arguments(&whole, &text[line.argument.range()], params.len());
            let mut env = Env::new(Code::new(found.body), None);
            env.params = params.into_iter().zip(types).collect();
            out.push(Rc::new(env));
        }
        if is_wanted(whole.code.toks()) {
            out.push(whole);
        }
        out
    }

    /// Returns what the arguments of a macro's calls in this file are, where all of them say the same.
    fn arguments(&self, whole: &Rc<Env<'w>>, name: &[u8], n_params: usize) -> Vec<Type<'w>> {
        let code = &whole.code;
        let calls = code.toks().iter().enumerate().filter(|(at, tok)| tok.text == name && code.at(at + 1) == b"(");
        let mut types = vec![Vec::new(); n_params];
        for (at, _) in calls.take(CALLS_AT_MOST) {
            for (nth, (from, end)) in code.arguments(at + 1).into_iter().enumerate().take(n_params) {
                self.typer.begin();
                types[nth].push(self.typer.expression(whole, from, end));
            }
        }
        let all_say = |types: Vec<Type<'w>>| {
            if types.iter().any(|one| matches!(one, Type::Unknown)) { Type::Unknown } else { agreed(types) }
        };
        types.into_iter().map(all_say).collect()
    }
}
