//! Where a member is named → of which record it is, and what is done with it.

use std::rc::Rc;

use bstr::BString;

use super::code::Origin;
use super::declare::{declaration, type_name};
use super::file_index::DeclarationKind;
use super::scope::{Brace, Env};
use super::translation_unit::Lookup;
use super::value::{Type, Typer, agreed, starts_operand};
use super::{names_member_after_type, names_member_of_first};
use crate::lex::TokenKind;
use crate::vocabulary::keyword;

/// What is done with a member where it is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Access {
    /// Its value is taken.
    Read,
    /// It is assigned.
    Write,
    /// It is changed: `+=`, `++`.
    Update,
    /// Its address is taken.
    Address,
    /// It is given a first value: `.index = 1`.
    Init,
    /// It is named without an object: `offsetof`, `container_of`, `list_for_each_entry`.
    Ref,
}

impl Access {
    /// Returns the word for it.
    pub fn word(self) -> &'static str {
        match self {
            Access::Read => "read",
            Access::Write => "write",
            Access::Update => "update",
            Access::Address => "address",
            Access::Init => "init",
            Access::Ref => "ref",
        }
    }
}

/// How a member is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MemberForm {
    /// `x->m`, `x.m`
    Chain,
    /// `.m = `
    Designator,
    /// `m` alone among the arguments of a call.
    Argument,
}

/// Brackets of calls that are looked out of for the macro that a member is an argument of.
const CALLS_AT_MOST: u32 = 3;

impl<'w> Typer<'w> {
    /// Returns how the word at `at` names a member, if it may.
    pub(super) fn form(&self, env: &Env<'w>, at: usize) -> Option<MemberForm> {
        let code = &env.code;
        match code.before(at) {
            b"->" => Some(MemberForm::Chain),
            b"." => {
                let before = at.checked_sub(2).and_then(|at| code.tok(at));
                let is_operand = before.is_some_and(|tok| match tok.kind {
                    TokenKind::Punct => matches!(tok.text, b")" | b"]"),
                    _ => keyword(tok.text).is_none(),
                });
                let designates = at >= 2 && code.at(at - 2) == b"]" && self.is_designator_bracket(env, at - 2);
                if !is_operand || designates {
                    return Some(MemberForm::Designator);
                }
                // `.a.b = ` names both without an object.
                let from = operand_start(env, at - 1);
                if code.before(from) == b"." { Some(MemberForm::Designator) } else { Some(MemberForm::Chain) }
            }
            b"(" | b"," => {
                let open = code.around(at)?;
                let called = code.at(open) == b"(" && open > 0 && code.is_word(open - 1);
                let whole = matches!(code.at(at + 1), b"," | b")" | b"." | b"[");
                (called && whole).then_some(MemberForm::Argument)
            }
            _ => None,
        }
    }

    /// `[0]` in `{ [0].a = 1 }` is no subscript.
    fn is_designator_bracket(&self, env: &Env<'w>, close: usize) -> bool {
        let open = env.code.mate(close).unwrap_or(0);
        matches!(env.code.before(open), b"{" | b",")
    }

    /// Returns the record of the member that is named at `at`.
    pub(super) fn record_at(&self, env: &Rc<Env<'w>>, at: usize) -> Option<BString> {
        match self.record_type_at(env, at) {
            Type::Record(record) => Some(record.name.clone()),
            Type::Scalar | Type::Unknown => None,
        }
    }

    fn record_type_at(&self, env: &Rc<Env<'w>>, at: usize) -> Type<'w> {
        self.deeper(|| match self.form(env, at) {
            Some(MemberForm::Chain) => match self.chain(env, at) {
                Type::Unknown => self.argument(env, at),
                known => known,
            },
            Some(MemberForm::Designator) => match self.designator(env, at) {
                Type::Unknown => self.through_macro(env, at),
                known => known,
            },
            Some(MemberForm::Argument) => self.argument(env, at),
            None => Type::Unknown,
        })
    }

    /// Returns the type of what stands before `->` or `.` of the member at `at`.
    fn chain(&self, env: &Rc<Env<'w>>, at: usize) -> Type<'w> {
        let end = at - 1;
        // A chain that was read up to here goes on from there.
        let known = end.checked_sub(1).and_then(|last| env.chains.borrow().get(&last).cloned());
        if let Some(known) = known {
            return self.keep(env, at, known);
        }
        let from = operand_start(env, end);
        let (found, next) = self.postfix(env, from, end);
        let found = if next == end { found } else { Type::Unknown };
        self.keep(env, at, found)
    }

    /// Remembers the type of the member at `at` of what is `of`, and returns that.
    fn keep(&self, env: &Rc<Env<'w>>, at: usize, of: Type<'w>) -> Type<'w> {
        if env.is_file && matches!(env.code.at(at + 1), b"->" | b".") {
            let member = self.member(&of, env.code.at(at));
            env.chains.borrow_mut().insert(at, member);
        }
        of
    }

    /// Returns the record that a brace's `.a.b = ` speaks of, at its last name.
    fn designator(&self, env: &Rc<Env<'w>>, at: usize) -> Type<'w> {
        let code = &env.code;
        let Some(open) = code.around(at).filter(|&open| code.at(open) == b"{") else { return Type::Unknown };
        let mut from = at - 1;
        while from > open && !matches!(code.before(from), b"{" | b",") {
            from -= 1;
            if code.at(from) == b"]" {
                from = code.mate(from).unwrap_or(from);
            }
        }
        let (of, _) = self.filled(env, open);
        self.along(env, of, from, at - 1)
    }

    /// Follows `.a[1].b` from one token to another.
    fn along(&self, env: &Rc<Env<'w>>, of: Type<'w>, from: usize, end: usize) -> Type<'w> {
        let code = &env.code;
        let mut of = of;
        let mut at = from;
        while at < end {
            if code.is_word(at) {
                of = self.member(&of, code.at(at));
            }
            at = code.after(at, end);
        }
        of
    }

    /// Returns what the values in the brace at `open` are for: the record, and how many braces of arrays come before it.
    fn filled(&self, env: &Rc<Env<'w>>, open: usize) -> (Type<'w>, u8) {
        self.deeper(|| {
            let code = &env.code;
            match code.before(open) {
                b"=" => self.filled_by_name(env, open),
                b")" => {
                    let group = code.mate(open - 1).unwrap_or(open);
                    let is_array = code.before(open - 1) == b"]";
                    match type_name(code, group + 1, open - 1) {
                        Some(spec) => (self.spec(env, spec, None), u8::from(is_array)),
                        None => (Type::Unknown, 0),
                    }
                }
                b"{" | b"," => {
                    let Some(outer) = code.around(open).filter(|&outer| code.at(outer) == b"{") else {
                        return (Type::Unknown, 0);
                    };
                    if env.brace(outer) != Brace::Values {
                        return (Type::Unknown, 0);
                    }
                    match self.filled(env, outer) {
                        (of, n_dims) if n_dims > 0 => (of, n_dims - 1),
                        (of, _) => self.nth_member(env, of, outer, open),
                    }
                }
                _ => (Type::Unknown, 0),
            }
        })
    }

    fn filled_by_name(&self, env: &Rc<Env<'w>>, open: usize) -> (Type<'w>, u8) {
        let code = &env.code;
        // `.name = {` and `[1] = {`
        if let Some(outer) = code.around(open).filter(|&outer| code.at(outer) == b"{" && env.brace(outer) == Brace::Values) {
            let mut from = open - 1;
            while from > outer + 1 && code.before(from) != b"," {
                from -= 1;
                if matches!(code.at(from), b"]" | b")" | b"}") {
                    from = code.mate(from).unwrap_or(from);
                }
            }
            let (mut of, mut n_dims) = self.filled(env, outer);
            let mut at = from;
            while at < open - 1 {
                if code.at(at) == b"[" {
                    n_dims = n_dims.saturating_sub(1);
                } else if code.is_word(at) {
                    n_dims = self.dims(&of, code.at(at));
                    of = self.member(&of, code.at(at));
                }
                at = code.after(at, open);
            }
            return (of, n_dims);
        }
        let from = env.statement_start(open - 1);
        if let Some(found) = declaration(code, from, code.len()) {
            let one = found.declarators.iter().find(|one| one.init == Some(open));
            return one.map_or((Type::Unknown, 0), |one| (self.spec(env, found.spec, None), one.n_dims));
        }
        // `static DEFINE_PER_CPU(struct x, name) = {`
        let close = open.saturating_sub(2);
        let group = code.mate(close).filter(|&group| group > 0 && code.at(close) == b")");
        let name = group.and_then(|group| code.arguments(group).last()?.1.checked_sub(1));
        match (group, name.filter(|&name| code.is_word(name))) {
            (Some(group), Some(name)) => (self.declared_by(env, group - 1, code.at(name)), 0),
            _ => (Type::Unknown, 0),
        }
    }

    fn dims(&self, of: &Type<'w>, name: &[u8]) -> u8 {
        match of {
            Type::Record(record) => self.members(record).of(name).first().map_or(0, |member| member.n_dims),
            Type::Scalar | Type::Unknown => 0,
        }
    }

    /// Returns the member that the value at `value` is for, by its place among the others of the brace at `open`.
    fn nth_member(&self, env: &Rc<Env<'w>>, of: Type<'w>, open: usize, value: usize) -> (Type<'w>, u8) {
        let code = &env.code;
        let Type::Record(record) = &of else { return (Type::Unknown, 0) };
        let members = self.members(record);
        let Some(order) = &members.order else { return (Type::Unknown, 0) };
        let mut nth = 0;
        for (from, end) in code.arguments(open) {
            if code.at(from) == b"." {
                nth = order.iter().position(|name| *name == code.at(from + 1)).unwrap_or(order.len());
            }
            if (from..end.max(from + 1)).contains(&value) {
                break;
            }
            nth += 1;
        }
        match order.get(nth) {
            Some(name) => (self.member(&of, name), self.dims(&of, name)),
            None => (Type::Unknown, 0),
        }
    }

    /// Returns the record of a member that is an argument: of `offsetof`, or of a macro that makes an access of it.
    fn argument(&self, env: &Rc<Env<'w>>, at: usize) -> Type<'w> {
        let code = &env.code;
        let mut from = at;
        while from >= 2 && code.before(from) == b"." && code.is_word(from - 2) {
            from -= 2;
        }
        let Some(open) = code.around(at).filter(|&open| code.at(open) == b"(" && open > 0) else { return Type::Unknown };
        if !matches!(code.before(from), b"(" | b",") {
            return Type::Unknown;
        }
        if matches!(code.at(open - 1), b"offsetof" | b"__builtin_offsetof" | b"__compiler_offsetof") {
            let Some(&(first, end)) = code.arguments(open).first() else { return Type::Unknown };
            let of = type_name(code, first, end).map_or(Type::Unknown, |spec| self.spec(env, spec, None));
            return self.along(env, of, from, at.saturating_sub(1));
        }
        match self.through_macro(env, at) {
            Type::Unknown if self.unit.index.is_alone => self.argument_by_name(env, from, open, at),
            found => found,
        }
    }

    /// Returns the record of a member that is an argument of a macro known by its name alone.
    fn argument_by_name(&self, env: &Rc<Env<'w>>, from: usize, open: usize, at: usize) -> Type<'w> {
        let code = &env.code;
        let arguments = code.arguments(open);
        let Some(idx) = arguments.iter().position(|&(first, _)| first == from) else { return Type::Unknown };
        let called = code.at(open - 1);
        let before = idx
            .checked_sub(1)
            .map(|before| arguments[before])
            .filter(|&(first, _)| matches!(code.at(first), b"struct" | b"union"));
        let of = match before.filter(|_| names_member_after_type(called)) {
            Some((first, end)) => type_name(code, first, end).map_or(Type::Unknown, |spec| self.spec(env, spec, None)),
            None if names_member_of_first(called, idx, arguments.len()) => self.expression(env, arguments[0].0, arguments[0].1),
            None => Type::Unknown,
        };
        self.along(env, of, from, at.saturating_sub(1))
    }

    /// Looks for the word at `at` in what the macros around it stand for.
    fn through_macro(&self, env: &Rc<Env<'w>>, at: usize) -> Type<'w> {
        let code = &env.code;
        let Some(origin) = code.tok(at).map(|tok| tok.origin) else { return Type::Unknown };
        let mut inside = at;
        for _ in 0..CALLS_AT_MOST {
            let mut open = code.around(inside);
            while let Some(bracket) = open.filter(|&open| code.at(open) != b"(") {
                open = code.around(bracket);
            }
            let Some(open) = open.filter(|open| *open > 0) else { return Type::Unknown };
            if code.is_word(open - 1) && keyword(code.at(open - 1)).is_none() {
                let defs = self.unit.find(Lookup::Values, code.at(open - 1));
                let found =
                    agreed(defs.iter().filter(|def| def.space == DeclarationKind::Macro).map(|&def| {
                        match self.expanded(env, open - 1, Some(open), def) {
                            Some(inner) => self.in_expansion(&inner, origin),
                            None => Type::Unknown,
                        }
                    }));
                if !matches!(found, Type::Unknown) {
                    return found;
                }
            }
            inside = open;
        }
        Type::Unknown
    }

    fn in_expansion(&self, env: &Rc<Env<'w>>, origin: Origin) -> Type<'w> {
        let found = env.code.toks().iter().enumerate().filter(|(_, tok)| tok.origin == origin).map(|(at, _)| at);
        let mut all = Type::Unknown;
        for at in found.take(8) {
            let one = match self.form(env, at) {
                Some(_) => self.record_type_at(env, at),
                None => Type::Unknown,
            };
            all = match (&all, &one) {
                (Type::Record(known), Type::Record(new)) if known.name != new.name => return Type::Unknown,
                (Type::Record(_), _) => continue,
                _ => one,
            };
        }
        all
    }

    /// Says what is done with the member at `at`.
    pub(super) fn access(&self, env: &Env<'w>, at: usize) -> Access {
        let code = &env.code;
        match self.form(env, at) {
            Some(MemberForm::Designator) => return Access::Init,
            Some(MemberForm::Argument) | None => return Access::Ref,
            Some(MemberForm::Chain) => {}
        }
        let mut end = at + 1;
        loop {
            match code.at(end) {
                b"[" => end = code.after(end, code.len()),
                b"." => end += 2,
                b"->" | b"(" => return Access::Read,
                _ => break,
            }
        }
        let signs: Vec<&[u8]> = (end..end + 3).map(|at| code.at(at)).collect();
        match signs[..] {
            [b"=", b"=", _] => return Access::Read,
            [b"=", ..] => return Access::Write,
            [b"+", b"+", _] | [b"-", b"-", _] if !starts_operand(code, end + 2, code.len()) => return Access::Update,
            [b"+" | b"-" | b"*" | b"/" | b"%" | b"&" | b"|" | b"^", b"=", _] => return Access::Update,
            [b"<", b"<", b"="] | [b">", b">", b"="] => return Access::Update,
            _ => {}
        }
        let from = operand_start(env, at - 1);
        let before = |n: usize| from.checked_sub(n).and_then(|at| code.tok(at));
        let sign = before(1).map_or(&b""[..], |tok| tok.text);
        // In `a & b->c` it is no address, in `(int *)&b->c` it is.
        let operand_before = before(2).is_some_and(|tok| match tok.kind {
            TokenKind::Punct => tok.text == b"]" || (tok.text == b")" && !is_head_or_cast(env, from - 2)),
            _ => keyword(tok.text).is_none(),
        });
        match sign {
            b"&" if !operand_before && before(2).is_none_or(|tok| tok.text != b"&") => Access::Address,
            b"+" | b"-" if before(2).is_some_and(|tok| tok.text == sign) => Access::Update,
            _ => Access::Read,
        }
    }
}

/// Returns the first token of the operand that ends before the `->` or `.` at `end`.
fn operand_start(env: &Env<'_>, end: usize) -> usize {
    let code = &env.code;
    let mut at = end;
    while at > 0 {
        let last = at - 1;
        match code.at(last) {
            b"]" => match code.mate(last) {
                Some(open) => at = open,
                None => return at,
            },
            b")" => {
                let Some(open) = code.mate(last) else { return at };
                let called = open > 0
                    && match code.at(open - 1) {
                        b"]" => true,
                        b")" => !is_head_or_cast(env, open - 1),
                        word => code.is_word(open - 1) && (keyword(word).is_none() || word.starts_with(b"_")),
                    };
                if !called {
                    return open;
                }
                at = open;
            }
            // `p++->x`
            b"+" | b"-" if last > 0 && code.at(last - 1) == code.at(last) => at = last - 1,
            b"}" => return code.mate(last).unwrap_or(last),
            _ if code.tok(last).is_some_and(|tok| tok.kind != TokenKind::Punct) => {
                let linked = matches!(code.before(last), b"->" | b".")
                    && last >= 2
                    && code
                        .tok(last - 2)
                        .is_some_and(|tok| tok.kind != TokenKind::Punct || matches!(tok.text, b")" | b"]" | b"+" | b"-"));
                if !linked {
                    return last;
                }
                at = last - 1;
            }
            _ => return at,
        }
    }
    0
}

/// Whether the bracket that closes at `close` is that of `if (…)` or of a cast.
fn is_head_or_cast(env: &Env<'_>, close: usize) -> bool {
    let code = &env.code;
    let Some(open) = code.mate(close) else { return true };
    if open > 0 && code.is_word(open - 1) {
        return matches!(code.at(open - 1), b"if" | b"while" | b"for" | b"switch");
    }
    type_name(code, open + 1, close).is_some()
}
