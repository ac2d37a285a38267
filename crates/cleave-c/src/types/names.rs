//! What a name stands for: a local, a macro's expansion, what a header declares.

use std::rc::Rc;

use bstr::BString;

use super::code::{Code, lexed, small};
use super::declare::{Spec, specifiers, type_name};
use super::file_index::DeclarationKind;
use super::macros::Macro;
use super::scope::{Env, ROOT, What};
use super::translation_unit::{Def, Lookup};
use super::value::{From, Record, Type, Typer, agreed};

/// Brackets around brackets in which a name is looked up.
const SCOPES_AT_MOST: u32 = 1_000;

impl<'w> Typer<'w> {
    /// Returns what a name stands for, or what a call of it gives; `open` is the bracket of the arguments.
    pub(super) fn name(&self, env: &Rc<Env<'w>>, at: usize, open: Option<usize>) -> Type<'w> {
        self.deeper(|| {
            let name = env.code.at(at);
            if let Some(found) = self.local(env, at, name) {
                return found;
            }
            if open.is_none()
                && let Some(known) = self.globals.borrow().get(name)
            {
                return known.clone();
            }
            let is_painted = env.code.tok(at).is_some_and(|tok| tok.painted);
            let defs = self.unit.find(Lookup::Values, name);
            let found = agreed(defs.iter().map(|&def| match def.space {
                DeclarationKind::Macro if is_painted => Type::Unknown,
                DeclarationKind::Macro => self.expansion(env, at, open, def),
                _ => self.declared(def),
            }));
            if defs.is_empty()
                && let Some(found) = self.local_of_macro(env, at, name)
            {
                return found;
            }
            if let Some(open) = open.filter(|_| defs.is_empty() && self.unit.index.is_alone) {
                return self.type_argument(env, name, open);
            }
            let found = if defs.is_empty() { self.declared_by_macro(name) } else { found };
            if open.is_none() && !self.is_over() {
                self.globals.borrow_mut().insert(name, found.clone());
            }
            found
        })
    }

    /// Returns what a macro that no text defines gives by its name: `container_of(p, struct x, y)` and its like the type among the arguments.
    fn type_argument(&self, env: &Rc<Env<'w>>, called: &[u8], open: usize) -> Type<'w> {
        let gives_type = called.starts_with(b"container_of") || called.ends_with(b"_entry") || called.ends_with(b"_entry_safe");
        let is_tag = |&(from, _): &(usize, usize)| matches!(env.code.at(from), b"struct" | b"union");
        let arguments = if gives_type { env.code.arguments(open) } else { Vec::new() };
        let found = arguments.into_iter().find(is_tag).and_then(|(from, end)| type_name(&env.code, from, end));
        found.map_or(Type::Unknown, |spec| self.spec(env, spec, None))
    }

    fn expansion(&self, env: &Rc<Env<'w>>, at: usize, open: Option<usize>, def: Def) -> Type<'w> {
        match self.expanded(env, at, open, def) {
            Some(inner) => self.expression(&inner, 0, inner.code.len()),
            None => Type::Unknown,
        }
    }

    /// Returns the code that a macro stands for at a place.
    pub(super) fn expanded(&self, env: &Rc<Env<'w>>, at: usize, open: Option<usize>, def: Def) -> Option<Rc<Env<'w>>> {
        let found = self.macro_of(def)?;
        if found.params.is_some() && open.is_none() {
            return None;
        }
        let toks = found.expand(self.unit.index, &env.code, open)?;
        self.steps.set(self.steps.get() + small(toks.len() / 4));
        (!self.is_over()).then(|| Rc::new(Env::new(Code::new(toks), Some((env.clone(), at)))))
    }

    fn macro_of(&self, def: Def) -> Option<Rc<Macro<'w>>> {
        let mut macros = self.macros.borrow_mut();
        let source = self.unit.index.source(def.file);
        macros.entry(def).or_insert_with(|| Macro::of(def.file, &source.text, def.span).map(Rc::new)).clone()
    }

    /// Returns the code of a declaration.
    pub(super) fn env(&self, def: Def) -> Rc<Env<'w>> {
        let mut envs = self.envs.borrow_mut();
        let source = self.unit.index.source(def.file);
        envs.entry(def).or_insert_with(|| Rc::new(Env::new(lexed(def.file, &source.text, def.span).code, None))).clone()
    }

    fn declared(&self, def: Def) -> Type<'w> {
        let env = self.env(def);
        specifiers(&env.code, 0, env.code.len()).map_or(Type::Unknown, |(spec, ..)| self.spec(&env, spec, None))
    }

    /// Looks for the name among what macro calls at file scope declare: `DEFINE_PER_CPU(struct x, name)`.
    fn declared_by_macro(&self, name: &'w [u8]) -> Type<'w> {
        let calls = self.unit.find(Lookup::Arguments, name);
        agreed(calls.iter().map(|&call| {
            let env = self.env(call);
            self.declared_by(&env, 0, name)
        }))
    }

    /// Returns the type that the macro called at `at` declares `name` with.
    pub(super) fn declared_by(&self, env: &Rc<Env<'w>>, at: usize, name: &'w [u8]) -> Type<'w> {
        self.deeper(|| {
            let defs = self.unit.find(Lookup::Macros, env.code.at(at));
            agreed(defs.iter().map(|&def| {
                let open = (env.code.at(at + 1) == b"(").then_some(at + 1);
                let Some(inner) = self.expanded(env, at, open, def) else { return Type::Unknown };
                self.declared_in(&inner, name)
            }))
        })
    }

    /// Looks for a declaration of `name` in an expansion, and in the expansions of what it calls.
    fn declared_in(&self, env: &Rc<Env<'w>>, name: &'w [u8]) -> Type<'w> {
        let scope = env.scope(ROOT);
        let end = env.code.len();
        let seen: Vec<Type> = scope.declared(name).map(|one| self.variable(env, &one.what)).collect();
        if !seen.is_empty() {
            return agreed(seen);
        }
        self.declared_by_one(env, scope.calls(name, end), name).unwrap_or_default()
    }

    /// Returns the first type that one of the macro calls declares `name` with.
    fn declared_by_one(&self, env: &Rc<Env<'w>>, mut calls: impl Iterator<Item = usize>, name: &'w [u8]) -> Option<Type<'w>> {
        calls.find_map(|call| Some(self.declared_by(env, call, name)).filter(|found| !matches!(found, Type::Unknown)))
    }

    /// Returns what a local name stands for at a place; `None` when no bracket around declares it.
    pub(super) fn local(&self, env: &Rc<Env<'w>>, at: usize, name: &'w [u8]) -> Option<Type<'w>> {
        let mut place = Some((env.clone(), at));
        let mut n_scopes = 0;
        while let Some((env, at)) = place {
            let mut open = env.code.around(at);
            loop {
                n_scopes += 1;
                if n_scopes > SCOPES_AT_MOST {
                    return Some(Type::Unknown);
                }
                let bracket = open.unwrap_or(ROOT);
                let scope = env.scope(bracket);
                let seen: Vec<Type> = scope.seen(name, at).map(|one| self.variable(&env, &one.what)).collect();
                if !seen.is_empty() {
                    return Some(agreed(seen));
                }
                if let Some(found) = self.declared_by_one(&env, scope.calls(name, at), name) {
                    return Some(found);
                }
                let Some(inner) = open else { break };
                open = env.code.around(inner);
            }
            if let Some((_, of)) = env.params.iter().find(|(param, _)| *param == name) {
                return Some(of.clone());
            }
            place = env.outer.clone();
        }
        None
    }

    /// Looks for a name that nothing declares among what macros in the place of statements declare without saying so.
    fn local_of_macro(&self, env: &Rc<Env<'w>>, at: usize, name: &'w [u8]) -> Option<Type<'w>> {
        let mut open = env.code.around(at);
        for _ in 0..SCOPES_AT_MOST {
            let Some(bracket) = open else { break };
            if let Some(found) = self.declared_by_one(env, env.scope(bracket).macros(at), name) {
                return Some(found);
            }
            open = env.code.around(bracket).filter(|_| !self.is_over());
        }
        None
    }

    fn variable(&self, env: &Rc<Env<'w>>, what: &What<'w>) -> Type<'w> {
        match *what {
            What::Declared(Spec::Auto, Some(init)) => {
                let end = env.code.find(init, env.code.len(), b",;");
                self.expression(env, init, end)
            }
            What::Declared(spec, _) => self.deeper(|| self.spec(env, spec, None)),
            What::Event(name) => {
                let name = [b"struct trace_event_raw_", name].concat();
                Type::Record(Record::of(name.into(), From::Nowhere))
            }
        }
    }

    /// Returns the type that specifiers name. A record without a tag is known as `shown`.
    pub(super) fn spec(&self, env: &Rc<Env<'w>>, spec: Spec, shown: Option<&dyn Fn() -> BString>) -> Type<'w> {
        let code = &env.code;
        match spec {
            Spec::Scalar => Type::Scalar,
            Spec::Auto => Type::Unknown,
            Spec::Record { keyword, tag: Some(tag), .. } => Type::Record(self.tag(code.at(keyword), code.at(tag))),
            Spec::Record { keyword, tag: None, body: Some(body) } => {
                let name = shown.map_or_else(|| [code.at(keyword), b" {}"].concat().into(), |shown| shown());
                Type::Record(Record::of(name, From::Body(env.clone(), body)))
            }
            Spec::Record { tag: None, body: None, .. } => Type::Unknown,
            Spec::Name(at) => self.typedef(env, at),
            Spec::Typeof(open) => self.deeper(|| {
                let close = code.mate(open).unwrap_or(code.len());
                match type_name(code, open + 1, close) {
                    Some(Spec::Name(at)) if close - open == 2 => match self.local(env, at, code.at(at)) {
                        Some(found) => found,
                        None if self.unit.find(Lookup::Typedefs, code.at(at)).is_empty() => self.name(env, at, None),
                        None => self.typedef(env, at),
                    },
                    Some(spec) => self.spec(env, spec, None),
                    None => self.expression(env, open + 1, close),
                }
            }),
        }
    }

    /// Returns the record with a tag.
    pub(super) fn tag(&self, keyword: &'w [u8], tag: &'w [u8]) -> Rc<Record<'w>> {
        let mut tags = self.tags.borrow_mut();
        let record =
            tags.entry((keyword, tag)).or_insert_with(|| Record::of([keyword, b" ", tag].concat().into(), From::Tag(tag)));
        record.clone()
    }

    fn typedef(&self, env: &Rc<Env<'w>>, at: usize) -> Type<'w> {
        let name = env.code.at(at);
        if let Some(known) = self.typedefs.borrow().get(name) {
            return known.clone();
        }
        let found = self.deeper(|| {
            let defs = self.unit.find(Lookup::Typedefs, name);
            let shown = || BString::from(name);
            let found = agreed(defs.iter().map(|&def| {
                let env = self.env(def);
                let spec = specifiers(&env.code, 0, env.code.len());
                spec.map_or(Type::Unknown, |(spec, ..)| self.spec(&env, spec, Some(&shown)))
            }));
            match defs.is_empty() {
                // A type may be a macro: `#define foo_t struct foo`.
                true => agreed(self.unit.find(Lookup::Macros, name).iter().map(|&def| {
                    let Some(inner) = self.expanded(env, at, None, def) else { return Type::Unknown };
                    let spec = type_name(&inner.code, 0, inner.code.len());
                    spec.map_or(Type::Unknown, |spec| self.spec(&inner, spec, None))
                })),
                false => found,
            }
        });
        let found = match found {
            Type::Unknown if self.unit.index.is_alone && self.unit.find(Lookup::Typedefs, name).is_empty() => {
                Type::Record(Record::of(name.into(), From::Nowhere))
            }
            found => found,
        };
        if !self.is_over() {
            self.typedefs.borrow_mut().insert(name, found.clone());
        }
        found
    }
}
