//! Of which record an expression is.
//!
//! A type is a record, or something without members, or unknown. Pointers and arrays are not counted, as `->`, `.`, `*` and `[]`
//! say nothing that the record does not. Where several declarations speak (branches of a condition, architectures), those
//! that say something must agree; one that says nothing does not contradict.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use bstr::BString;

use super::code::Code;
use super::declare::{Spec, type_name};
use super::macros::Macro;
use super::members::{Member, Members};
use super::scope::Env;
use super::translation_unit::{Def, Lookup, TranslationUnit};
use crate::lex::TokenKind;
use crate::vocabulary::{Keyword, keyword};

/// What is known of a value.
#[derive(Clone, Default)]
pub(super) enum Type<'w> {
    /// Nothing.
    #[default]
    Unknown,
    /// It has no members.
    Scalar,
    /// It is one, points to one or holds some.
    Record(Rc<Record<'w>>),
}

/// A struct or union.
pub(super) struct Record<'w> {
    /// As people write it: `struct page`, `pte_t`, `struct page.pool`.
    pub(super) name: BString,
    pub(super) from: From<'w>,
    pub(super) members: OnceCell<Rc<Members<'w>>>,
}

impl<'w> Record<'w> {
    pub(super) fn of(name: BString, from: From<'w>) -> Rc<Self> {
        Rc::new(Record { name, from, members: OnceCell::new() })
    }
}

/// Where a record's members are.
pub(super) enum From<'w> {
    /// In the bodies that the tag has.
    Tag(&'w [u8]),
    /// In this brace.
    Body(Rc<Env<'w>>, usize),
    /// Nowhere in the text.
    Nowhere,
}

/// Steps for one question; the deepest macros of Linux take some thousand.
const STEPS_AT_MOST: u32 = 30_000;

/// Expressions in expressions and macros in macros.
const DEPTH_AT_MOST: u32 = 90;

/// Answers questions about one file.
pub(super) struct Typer<'w> {
    pub(super) unit: TranslationUnit<'w>,
    pub(super) steps: Cell<u32>,
    pub(super) depth: Cell<u32>,
    pub(super) envs: RefCell<HashMap<Def, Rc<Env<'w>>>>,
    pub(super) macros: RefCell<HashMap<Def, Option<Rc<Macro<'w>>>>>,
    pub(super) globals: RefCell<HashMap<&'w [u8], Type<'w>>>,
    pub(super) typedefs: RefCell<HashMap<&'w [u8], Type<'w>>>,
    pub(super) tags: RefCell<Tags<'w>>,
}

/// Records by keyword and tag.
pub(super) type Tags<'w> = HashMap<(&'w [u8], &'w [u8]), Rc<Record<'w>>>;

impl<'w> Typer<'w> {
    pub(super) fn of(unit: TranslationUnit<'w>) -> Self {
        Typer {
            unit,
            steps: Cell::new(0),
            depth: Cell::new(0),
            envs: RefCell::default(),
            macros: RefCell::default(),
            globals: RefCell::default(),
            typedefs: RefCell::default(),
            tags: RefCell::default(),
        }
    }

    /// Begins a new question.
    pub(super) fn begin(&self) {
        self.steps.set(0);
        self.depth.set(0);
    }

    /// Whether the last question was given up.
    pub(super) fn is_over(&self) -> bool {
        self.steps.get() > STEPS_AT_MOST
    }

    /// Goes one level down; at the limits the answer is the default.
    pub(super) fn deeper<T: Default>(&self, answer: impl FnOnce() -> T) -> T {
        self.steps.set(self.steps.get() + 1);
        if self.is_over() || self.depth.get() >= DEPTH_AT_MOST {
            return T::default();
        }
        self.depth.set(self.depth.get() + 1);
        let answer = answer();
        self.depth.set(self.depth.get() - 1);
        answer
    }

    /// Returns the type of the expression between two tokens.
    pub(super) fn expression(&self, env: &Rc<Env<'w>>, from: usize, end: usize) -> Type<'w> {
        self.deeper(|| {
            let code = &env.code;
            let mut from = from;
            let mut end = end;
            let mut question = None;
            let mut at = from;
            while at < end {
                match code.at(at) {
                    b"," => (from, question) = (at + 1, None),
                    b"?" => question = question.or(Some(at)),
                    b"=" if question.is_none() && at > from => {
                        let compares = code.at(at + 1) == b"=" || matches!(code.before(at), b"=" | b"!" | b"<" | b">");
                        if !compares {
                            // The left side is the value; what follows a comma is another.
                            let comma = code.find(at, end, b",");
                            if comma == end {
                                end = at;
                                break;
                            }
                            at = comma;
                            continue;
                        }
                    }
                    _ => {}
                }
                at = code.after(at, end);
            }
            match question {
                Some(question) => self.conditional(env, from, question, end),
                None => self.sum(env, from, end),
            }
        })
    }

    fn conditional(&self, env: &Rc<Env<'w>>, from: usize, question: usize, end: usize) -> Type<'w> {
        let code = &env.code;
        let mut values = Vec::new();
        let mut at = question + 1;
        if code.at(at) == b":" {
            values.push(self.sum(env, from, question));
        }
        while at < end {
            let stop = code.find(at, end, b":?");
            if stop > at && (stop == end || code.at(stop) == b":") {
                values.push(self.sum(env, at, stop));
            }
            at = stop + 1;
        }
        agreed(values)
    }

    /// The type of a sum is that of its pointer.
    fn sum(&self, env: &Rc<Env<'w>>, from: usize, end: usize) -> Type<'w> {
        let mut at = from;
        let mut all = Type::Unknown;
        while at < end {
            let (found, next) = self.unary(env, at, end);
            match found {
                Type::Record(_) => return found,
                Type::Scalar if matches!(all, Type::Unknown) && at == from => all = Type::Scalar,
                Type::Scalar => {}
                Type::Unknown => all = Type::Unknown,
            }
            at = next.max(at + 1);
            let is_operator = at < end && env.code.tok(at).is_some_and(|tok| tok.kind == TokenKind::Punct);
            if !is_operator || self.is_over() {
                break;
            }
            at += 1;
        }
        all
    }

    /// Returns the type of the operand at `at` and the place after it.
    fn unary(&self, env: &Rc<Env<'w>>, from: usize, end: usize) -> (Type<'w>, usize) {
        let code = &env.code;
        let mut at = from;
        let mut is_number = false;
        while at < end {
            match code.at(at) {
                b"*" | b"&" | b"+" | b"-" | b"__extension__" => at += 1,
                b"!" | b"~" => {
                    is_number = true;
                    at += 1;
                }
                _ => break,
            }
        }
        if at >= end {
            return (Type::Unknown, end);
        }
        let (found, next) = match code.at(at) {
            b"sizeof" | b"_Alignof" | b"__alignof__" | b"typeof" => {
                let next = if code.at(at + 1) == b"(" { code.after(at + 1, end) } else { operand_end(code, at + 1, end) };
                (Type::Scalar, next)
            }
            b"(" => match self.cast(env, at, end) {
                Some((spec, close)) if code.at(close + 1) == b"{" && close + 1 < end => {
                    let next = code.after(close + 1, end);
                    self.suffixes(env, self.spec(env, spec, None), next, end)
                }
                Some((spec, close)) => (self.spec(env, spec, None), operand_end(code, close + 1, end)),
                None => self.postfix(env, at, end),
            },
            _ => self.postfix(env, at, end),
        };
        (if is_number { Type::Scalar } else { found }, next)
    }

    /// Returns what `(type)` before an operand says, with its closing bracket.
    fn cast(&self, env: &Rc<Env<'w>>, open: usize, end: usize) -> Option<(Spec, usize)> {
        let code = &env.code;
        let close = code.mate(open)?;
        let next = code.tok(close + 1).filter(|_| close + 1 < end)?;
        let spec = type_name(code, open + 1, close)?;
        let word = next.kind != TokenKind::Punct && !matches!(keyword(next.text), Some(Keyword::Modifier | Keyword::Primitive));
        let sign = matches!(next.text, b"(" | b"*" | b"&" | b"-" | b"+");
        match spec {
            // `(a) (b)` and `(a) & b` are casts only when `a` is a type.
            Spec::Name(name) if close - open == 2 && sign => {
                let name = code.at(name);
                let is_type = self.local(env, open, name).is_none() && !self.unit.find(Lookup::Typedefs, name).is_empty();
                is_type.then_some((spec, close))
            }
            _ if word || sign || matches!(next.text, b"{" | b"~" | b"!") => Some((spec, close)),
            _ => None,
        }
    }

    /// Returns the type of `primary->a.b[c](d)` and the place after it.
    pub(super) fn postfix(&self, env: &Rc<Env<'w>>, at: usize, end: usize) -> (Type<'w>, usize) {
        let code = &env.code;
        let Some(tok) = code.tok(at).filter(|_| at < end) else { return (Type::Unknown, end) };
        let (primary, next) = match (tok.kind, tok.text) {
            (TokenKind::Word, word) => {
                let open = (code.at(at + 1) == b"(" && at + 1 < end).then_some(at + 1);
                let next = open.map_or(at + 1, |open| code.after(open, end));
                match (keyword(word), open) {
                    (_, Some(open)) if word.starts_with(b"_") && is_builtin(word) => (self.builtin(env, word, open), next),
                    (None, _) => (self.name(env, at, open), next),
                    (Some(_), _) => (Type::Unknown, at + 1),
                }
            }
            (TokenKind::Number | TokenKind::Text | TokenKind::Char, _) => (Type::Scalar, at + 1),
            (_, b"(") => {
                let close = code.mate(at).unwrap_or(end).min(end);
                let value = match code.at(at + 1) {
                    b"{" => self.block(env, at + 1),
                    _ => self.expression(env, at + 1, close),
                };
                (value, code.after(at, end))
            }
            _ => (Type::Unknown, at + 1),
        };
        self.suffixes(env, primary, next, end)
    }

    fn suffixes(&self, env: &Rc<Env<'w>>, primary: Type<'w>, from: usize, end: usize) -> (Type<'w>, usize) {
        let code = &env.code;
        let mut found = primary;
        let mut at = from;
        while at < end {
            match code.at(at) {
                b"(" | b"[" => at = code.after(at, end),
                b"->" | b"." if code.is_word(at + 1) && at + 1 < end => {
                    found = self.member(&found, code.at(at + 1));
                    at += 2;
                }
                b"+" | b"-" if code.at(at + 1) == code.at(at) && !starts_operand(code, at + 2, end) => at += 2,
                _ => break,
            }
        }
        (found, at)
    }

    /// Returns the type of a member.
    pub(super) fn member(&self, of: &Type<'w>, name: &'w [u8]) -> Type<'w> {
        let Type::Record(record) = of else { return Type::Unknown };
        let members = self.members(record);
        let shown = || -> BString { [record.name.as_slice(), b".", name].concat().into() };
        agreed(members.of(name).iter().map(|Member { env, spec, .. }| self.spec(env, *spec, Some(&shown))))
    }

    /// Returns the value of a statement expression: that of its last statement.
    fn block(&self, env: &Rc<Env<'w>>, open: usize) -> Type<'w> {
        let code = &env.code;
        let close = code.mate(open).unwrap_or(code.len());
        let mut last = (close, close);
        let mut at = open + 1;
        while at < close {
            if code.at(at) == b";" {
                at += 1;
                continue;
            }
            let end = code.find(at, close, b";");
            last = (at, end);
            at = end;
        }
        let (mut from, end) = last;
        // `if (x) { … } y;` is two statements.
        let mut at = from;
        while at < end {
            let next = code.after(at, end);
            if code.at(at) == b"{" && next < end && code.before(at) != b"=" && code.at(next) != b"while" {
                from = next;
            }
            at = next;
        }
        self.expression(env, from, end)
    }

    fn builtin(&self, env: &Rc<Env<'w>>, word: &[u8], open: usize) -> Type<'w> {
        let arguments = env.code.arguments(open);
        let value = |nth: usize| arguments.get(nth).map_or(Type::Unknown, |&(from, end)| self.expression(env, from, end));
        match word {
            b"_Generic" => self.generic(env, &arguments),
            b"__builtin_choose_expr" => agreed([value(1), value(2)]),
            b"__builtin_expect" | b"__builtin_assume_aligned" => value(0),
            _ => Type::Scalar,
        }
    }

    fn generic(&self, env: &Rc<Env<'w>>, arguments: &[(usize, usize)]) -> Type<'w> {
        let Some((&(from, end), rest)) = arguments.split_first() else { return Type::Unknown };
        let control = match self.expression(env, from, end) {
            Type::Record(record) => Some(record),
            Type::Scalar | Type::Unknown => None,
        };
        let mut fitting = Vec::new();
        let mut others = Vec::new();
        let mut default = None;
        for &(from, end) in rest {
            let colon = env.code.find(from, end, b":");
            if env.code.at(from) == b"default" {
                default = Some((colon + 1, end));
                continue;
            }
            let of = type_name(&env.code, from, colon).map(|spec| self.spec(env, spec, None));
            match (&control, of) {
                (Some(control), Some(Type::Record(record))) if record.name == control.name => fitting.push((colon + 1, end)),
                _ => others.push((colon + 1, end)),
            }
        }
        let value = |(from, end)| self.expression(env, from, end);
        match (control, default) {
            (Some(_), _) if !fitting.is_empty() => agreed(fitting.into_iter().map(value)),
            (Some(_), Some(default)) => value(default),
            (None, _) => agreed(others.into_iter().chain(default).map(value)),
            (Some(_), None) => agreed(others.into_iter().map(value)),
        }
    }
}

/// Returns what all that say something say. A number beside a record says nothing: it is the `NULL` of a stub.
pub(super) fn agreed<'w>(types: impl IntoIterator<Item = Type<'w>>) -> Type<'w> {
    let mut all = Type::Unknown;
    for one in types {
        match (&all, &one) {
            (_, Type::Unknown) | (Type::Scalar | Type::Record(_), Type::Scalar) => {}
            (Type::Record(known), Type::Record(new)) if known.name == new.name => {}
            (Type::Record(_), Type::Record(_)) => return Type::Unknown,
            (Type::Unknown | Type::Scalar, _) => all = one,
        }
    }
    all
}

fn is_builtin(word: &[u8]) -> bool {
    word == b"_Generic" || word.starts_with(b"__builtin_")
}

pub(super) fn starts_operand(code: &Code<'_>, at: usize, end: usize) -> bool {
    at < end && code.tok(at).is_some_and(|tok| tok.kind != TokenKind::Punct || matches!(tok.text, b"(" | b"*" | b"&"))
}

/// Returns the place after an operand whose type is not asked for.
fn operand_end(code: &Code<'_>, from: usize, end: usize) -> usize {
    let mut at = from;
    while at < end && matches!(code.at(at), b"*" | b"&" | b"+" | b"-" | b"!" | b"~" | b"sizeof") {
        at += 1;
    }
    // Groups in a row: casts, then the operand.
    while at < end && code.at(at) == b"(" {
        at = code.after(at, end);
        if !starts_operand(code, at, end) || matches!(code.at(at), b"*" | b"&") {
            break;
        }
    }
    if at < end && code.tok(at).is_some_and(|tok| tok.kind != TokenKind::Punct) {
        at += 1;
    }
    while at < end {
        match code.at(at) {
            b"(" | b"[" => at = code.after(at, end),
            b"->" | b"." => at += 2,
            _ => break,
        }
    }
    at.min(end)
}
