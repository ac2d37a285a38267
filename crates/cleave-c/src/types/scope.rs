//! Names at block scope: what each pair of brackets declares, found when somebody asks.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use super::code::Code;
use super::declare::{Spec, declaration, type_name};
use super::file_index::is_upper;
use super::value::Type;
use crate::vocabulary::{Keyword, keyword};

/// Code, with what is around it where it stands: from both follows what its names mean.
pub(super) struct Env<'w> {
    pub(super) code: Code<'w>,
    /// Where an expansion stands.
    pub(super) outer: Option<(Rc<Env<'w>>, usize)>,
    /// Names that stand for something only the users of a macro know, with what they agree on.
    pub(super) params: Vec<(&'w [u8], Type<'w>)>,
    /// Whether it is a whole file: what it declares at file scope is in its index.
    pub(super) is_file: bool,
    scopes: RefCell<HashMap<usize, Rc<Scope<'w>>>>,
    /// The types of chains that were read, by the last token.
    pub(super) chains: RefCell<HashMap<usize, Type<'w>>>,
}

/// What a pair of brackets declares.
#[derive(Default)]
pub(super) struct Scope<'w> {
    declared: Vec<Declared<'w>>,
    by_name: HashMap<&'w [u8], Vec<usize>>,
    /// Calls in the place of statements, which may be macros that declare their arguments: by argument, the name called.
    calls: HashMap<&'w [u8], Vec<usize>>,
    /// Macros in the place of statements, as far as their spelling tells: they may declare any name.
    macros: Vec<usize>,
}

impl<'w> Scope<'w> {
    /// Adds what `name` is at the tokens of `seen_at`.
    fn declare(&mut self, name: &'w [u8], seen_at: Range<usize>, what: What<'w>) {
        self.by_name.entry(name).or_default().push(self.declared.len());
        self.declared.push(Declared { seen_at, what });
    }

    /// Returns what `name` is at the token `at`: the last declaration that reaches there, and those that stand beside it in
    /// other branches of a condition.
    pub(super) fn seen(&self, name: &[u8], at: usize) -> impl Iterator<Item = &Declared<'w>> {
        let reaches = move |one: &&Declared<'w>| one.seen_at.contains(&at);
        let last = self.declared(name).rev().find(reaches);
        let to = last.map(|last| last.seen_at.end);
        self.declared(name).filter(reaches).filter(move |one| Some(one.seen_at.end) == to)
    }

    /// Returns what `name` is declared as, wherever it is seen.
    pub(super) fn declared(&self, name: &[u8]) -> impl DoubleEndedIterator<Item = &Declared<'w>> {
        self.by_name.get(name).into_iter().flatten().map(|&idx| &self.declared[idx])
    }

    /// Returns the calls before the token `at` that have `name` among their arguments, the nearest first.
    pub(super) fn calls(&self, name: &[u8], at: usize) -> impl Iterator<Item = usize> {
        self.calls.get(name).into_iter().flatten().rev().copied().filter(move |call| *call < at)
    }

    /// Returns the macros before the token `at` that may declare any name.
    pub(super) fn macros(&self, at: usize) -> impl Iterator<Item = usize> {
        self.macros.iter().copied().filter(move |call| *call < at)
    }
}

/// What a name is, and the tokens at which it is seen.
pub(super) struct Declared<'w> {
    seen_at: Range<usize>,
    pub(super) what: What<'w>,
}

/// What was declared.
pub(super) enum What<'w> {
    /// A variable or parameter, with the first token of its initialiser.
    Declared(Spec, Option<usize>),
    /// The record of a trace event's fields.
    Event(&'w [u8]),
}

/// What a brace opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Brace {
    /// Statements.
    Block,
    /// The body of a function.
    Function,
    /// Values.
    Values,
    /// Members or constants.
    Members,
}

/// The root of code that is no file.
pub(super) const ROOT: usize = usize::MAX;

/// Macros of a scope that are looked into for a name that none of them mentions.
const MACROS_AT_MOST: usize = 12;

/// Braces in braces are judged by the outer ones up to this depth.
const BRACES_AT_MOST: u32 = 200;

impl<'w> Env<'w> {
    pub(super) fn new(code: Code<'w>, outer: Option<(Rc<Env<'w>>, usize)>) -> Self {
        Env { code, outer, params: Vec::new(), is_file: false, scopes: RefCell::default(), chains: RefCell::default() }
    }

    /// Returns what the bracket at `open` declares; [`ROOT`] is all around.
    pub(super) fn scope(&self, open: usize) -> Rc<Scope<'w>> {
        if let Some(known) = self.scopes.borrow().get(&open) {
            return known.clone();
        }
        let mut scope = Scope::default();
        self.fill(open, &mut scope);
        let scope = Rc::new(scope);
        self.scopes.borrow_mut().insert(open, scope.clone());
        scope
    }

    fn fill(&self, open: usize, scope: &mut Scope<'w>) {
        let code = &self.code;
        if open == ROOT {
            if !self.is_file {
                self.statements(0, code.len(), scope);
            }
            return;
        }
        let close = code.mate(open).unwrap_or(code.len());
        match code.at(open) {
            b"{" => match self.brace(open) {
                Brace::Function => {
                    self.head(open, scope);
                    self.statements(open + 1, close, scope);
                }
                Brace::Block => self.statements(open + 1, close, scope),
                Brace::Values | Brace::Members => {}
            },
            b"(" if close < code.len() && open > 0 && code.is_word(open - 1) && keyword(code.at(open - 1)).is_none() => {
                if code.around(open).is_none() {
                    self.event(open, close, scope);
                }
                // Statements among a macro's arguments: `TP_fast_assign(a = b; c = d;)`.
                if code.find(open + 1, close, b";") < close {
                    self.statements(open + 1, close, scope);
                }
            }
            _ => {}
        }
    }

    /// Says what the brace at `open` opens.
    pub(super) fn brace(&self, open: usize) -> Brace {
        self.brace_at(open, BRACES_AT_MOST)
    }

    fn brace_at(&self, open: usize, depth: u32) -> Brace {
        let code = &self.code;
        let outer = |depth: u32| match code.around(open) {
            Some(around) if code.at(around) == b"{" && depth > 0 => self.brace_at(around, depth - 1),
            Some(_) => Brace::Block,
            None => Brace::Function,
        };
        let inner = || match outer(depth) {
            Brace::Values => Brace::Values,
            // The brace of `extern "C"` holds functions.
            Brace::Function if code.around(open).is_none() || self.is_linkage(open) => Brace::Function,
            Brace::Function | Brace::Block | Brace::Members => Brace::Block,
        };
        match code.before(open) {
            b"=" => Brace::Values,
            b"," | b"{" => inner(),
            b")" => {
                let group = code.mate(open - 1).unwrap_or(open);
                let is_call = group > 0 && code.is_word(group - 1);
                if !is_call && group < open && type_name(code, group + 1, open - 1).is_some() {
                    return Brace::Values;
                }
                inner()
            }
            b";" | b"}" | b":" | b"" | b"(" => inner(),
            _ => {
                if self.is_members(open) {
                    return Brace::Members;
                }
                inner()
            }
        }
    }

    fn is_linkage(&self, open: usize) -> bool {
        let code = &self.code;
        code.around(open).is_some_and(|around| code.before(around).starts_with(b"\""))
    }

    /// Whether `struct`, `union` or `enum` stands a few words before.
    fn is_members(&self, open: usize) -> bool {
        let code = &self.code;
        let mut at = open;
        for _ in 0..6 {
            let Some(before) = at.checked_sub(1) else { return false };
            match code.at(before) {
                b"struct" | b"union" | b"enum" => return true,
                b")" => at = code.mate(before).unwrap_or(0),
                _ if code.is_word(before) => at = before,
                _ => return false,
            }
        }
        false
    }

    /// Returns the first token of the declaration that the token at `at` is part of.
    pub(super) fn statement_start(&self, at: usize) -> usize {
        let code = &self.code;
        let mut from = at;
        while from > 0 {
            let before = from - 1;
            match code.at(before) {
                b";" | b"{" | b"(" | b"[" => break,
                b")" | b"]" => from = code.mate(before).unwrap_or(before),
                b"}" => {
                    // The body of a record belongs to its declaration, that of a function ends one.
                    let open = code.mate(before).unwrap_or(before);
                    if open < before && matches!(self.brace(open), Brace::Members | Brace::Values) {
                        from = open;
                    } else {
                        break;
                    }
                }
                _ => from = before,
            }
        }
        from
    }

    /// Declares the parameters of the function whose body opens at `body`.
    fn head(&self, body: usize, scope: &mut Scope<'w>) {
        let code = &self.code;
        let mut from = self.statement_start(body);
        let mut old_style = None;
        if code.before(body) == b";" {
            // `f(a, b) struct x *a; int b; {`
            let mut at = body - 1;
            while at > 0 && !matches!(code.at(at), b")" | b"}" | b"{") {
                at -= 1;
            }
            old_style = Some(at + 1);
            from = self.statement_start(at);
        }
        let params = declaration(code, from, body).and_then(|found| found.declarators.last()?.params);
        match params {
            Some(open) => {
                for (from, end) in code.arguments(open) {
                    self.parameter(from, end, scope);
                }
            }
            None => {
                let open = (from..body).find(|&at| code.at(at) == b"(" && at > 0 && code.is_word(at - 1));
                let arguments = open.map(|open| code.arguments(open)).unwrap_or_default();
                for (nth, &(from, end)) in arguments.iter().enumerate() {
                    if self.parameter(from, end, scope) {
                        continue;
                    }
                    // `SYSCALL_DEFINE1(name, struct x *, p)`
                    if let Some(&(name, after)) = arguments.get(nth + 1)
                        && after == name + 1
                        && code.is_word(name)
                        && let Some(spec) = type_name(code, from, end)
                    {
                        scope.declare(code.at(name), 0..ROOT, What::Declared(spec, None));
                    }
                }
            }
        }
        if let Some(from) = old_style {
            self.statements(from, body, scope);
        }
    }

    fn parameter(&self, from: usize, end: usize, scope: &mut Scope<'w>) -> bool {
        let found = declaration(&self.code, from, end);
        let Some((spec, first)) = found.and_then(|found| Some((found.spec, *found.declarators.first()?))) else { return false };
        scope.declare(self.code.at(first.name), 0..ROOT, What::Declared(spec, None));
        true
    }

    /// Declares what a trace event's macro says: `TRACE_EVENT(name, TP_PROTO(struct x *p), …)`.
    fn event(&self, open: usize, close: usize, scope: &mut Scope<'w>) {
        let code = &self.code;
        let mut at = open + 1;
        let mut is_event = false;
        while at < close {
            if code.at(at) == b"TP_PROTO" && code.at(at + 1) == b"(" {
                is_event = true;
                for (from, end) in code.arguments(at + 1) {
                    self.parameter(from, end, scope);
                }
            }
            at = code.after(at, close);
        }
        if is_event && code.is_word(open + 1) {
            scope.declare(b"__entry", 0..ROOT, What::Event(code.at(open + 1)));
        }
    }

    /// Declares what stands between `from` and `end` outside of inner braces.
    fn statements(&self, from: usize, end: usize, scope: &mut Scope<'w>) {
        let code = &self.code;
        let mut at = from;
        while at < end {
            let word = code.at(at);
            if !code.is_word(at) {
                at = match word {
                    b";" | b"}" | b"{" | b"(" | b":" => code.after(at, end),
                    _ => code.find(at, end, b";{"),
                };
                continue;
            }
            if keyword(word) == Some(Keyword::Statement) && !word.starts_with(b"typeof") && !word.starts_with(b"__") {
                at = match word {
                    b"for" => self.for_head(at, end, scope),
                    b"if" | b"while" | b"switch" if code.at(at + 1) == b"(" => code.after(at + 1, end),
                    b"else" | b"do" => at + 1,
                    b"case" | b"default" => code.find(at, end, b":;{") + 1,
                    _ => code.find(at, end, b";") + 1,
                };
                continue;
            }
            if code.at(at + 1) == b":" {
                at += 2;
                continue;
            }
            if let Some(found) = declaration(code, at, end) {
                for one in found.declarators.iter().filter(|_| !found.is_typedef) {
                    scope.declare(code.at(one.name), one.name + 1..end, What::Declared(found.spec, one.init));
                }
                at = found.end.max(at + 1);
                continue;
            }
            if code.at(at + 1) == b"(" {
                for (from, last) in code.arguments(at + 1) {
                    if last == from + 1 && code.is_word(from) {
                        scope.calls.entry(code.at(from)).or_default().push(at);
                    }
                }
                if is_upper(word) && scope.macros.len() < MACROS_AT_MOST {
                    scope.macros.push(at);
                }
                at = code.after(at + 1, end);
                continue;
            }
            if is_upper(word) && code.at(at + 1) == b";" && scope.macros.len() < MACROS_AT_MOST {
                scope.macros.push(at);
            }
            at = code.find(at, end, b";{");
        }
    }

    /// Declares what `for (struct x *p = …;;)` declares, for its statement; returns the place after the brackets.
    fn for_head(&self, at: usize, end: usize, scope: &mut Scope<'w>) -> usize {
        let code = &self.code;
        let Some(close) = code.mate(at + 1).filter(|_| code.at(at + 1) == b"(") else { return at + 1 };
        if let Some(found) = declaration(code, at + 2, close) {
            let to = if code.at(close + 1) == b"{" { code.after(close + 1, end) } else { code.find(close + 1, end, b";") };
            for one in &found.declarators {
                scope.declare(code.at(one.name), one.name + 1..to, What::Declared(found.spec, one.init));
            }
        }
        close + 1
    }
}
