//! The members of a record, those of anonymous records in it included.

use std::collections::HashMap;
use std::rc::Rc;

use super::declare::{Spec, declaration};
use super::scope::Env;
use super::translation_unit::Lookup;
use super::value::{From, Record, Typer};
use crate::vocabulary::keyword;

/// One member.
pub(super) struct Member<'w> {
    pub(super) env: Rc<Env<'w>>,
    pub(super) spec: Spec,
    pub(super) n_dims: u8,
}

/// The members that a record has.
#[derive(Default)]
pub(super) struct Members<'w> {
    by_name: HashMap<&'w [u8], Vec<Member<'w>>>,
    /// Names in order, for initialisers without names; `None` where that does not tell the order.
    pub(super) order: Option<Vec<&'w [u8]>>,
}

/// Members of anonymous records and of macros, one in the other.
const NESTED_AT_MOST: u32 = 32;

impl<'w> Members<'w> {
    /// Returns the declarations of a member, several where conditions choose.
    pub(super) fn of(&self, name: &[u8]) -> &[Member<'w>] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// Returns the names of all members, in no order.
    pub(super) fn names(&self) -> impl Iterator<Item = &'w [u8]> {
        self.by_name.keys().copied()
    }
}

impl<'w> Typer<'w> {
    /// Returns the members of a record.
    pub(super) fn members(&self, record: &Rc<Record<'w>>) -> Rc<Members<'w>> {
        if let Some(known) = record.members.get() {
            return known.clone();
        }
        let mut members = Members { order: Some(Vec::new()), ..Members::default() };
        match &record.from {
            From::Nowhere => {}
            From::Body(env, open) => self.body(env, *open, &mut members, NESTED_AT_MOST),
            From::Tag(tag) => {
                for &def in self.unit.find(Lookup::Tags, tag).iter() {
                    let env = self.env(def);
                    let open = env.code.find(0, env.code.len(), b"{");
                    self.body(&env, open, &mut members, NESTED_AT_MOST);
                }
            }
        }
        let members = Rc::new(members);
        record.members.get_or_init(|| members).clone()
    }

    fn body(&self, env: &Rc<Env<'w>>, open: usize, out: &mut Members<'w>, depth: u32) {
        let close = env.code.mate(open).unwrap_or(env.code.len());
        self.list(env, open + 1, close, out, depth);
    }

    fn list(&self, env: &Rc<Env<'w>>, from: usize, end: usize, out: &mut Members<'w>, depth: u32) {
        let code = &env.code;
        let mut at = from;
        while at < end {
            if matches!(code.at(at), b";" | b"}" | b",") {
                at += 1;
                continue;
            }
            let Some(found) = declaration(code, at, end) else {
                if code.is_word(at) && code.at(at + 1) == b"(" && keyword(code.at(at)).is_none() {
                    out.order = None;
                    self.macro_members(env, at, out, depth);
                    at = code.after(at + 1, end);
                    // `LIST_ENTRY(x) link;`
                    if code.is_word(at) && code.at(at + 1) == b";" {
                        out.by_name.entry(code.at(at)).or_default();
                    }
                } else {
                    at = code.find(at + 1, end, b";") + 1;
                }
                continue;
            };
            match (found.spec, found.declarators.is_empty()) {
                (Spec::Record { body: Some(body), .. }, true) if depth > 0 => {
                    out.order = None;
                    self.body(env, body, out, depth - 1);
                }
                _ => {
                    for one in &found.declarators {
                        let member = Member { env: env.clone(), spec: found.spec, n_dims: one.n_dims };
                        out.by_name.entry(code.at(one.name)).or_default().push(member);
                        out.order.iter_mut().for_each(|order| order.push(code.at(one.name)));
                    }
                }
            }
            at = found.end.max(at + 1);
        }
    }

    /// Members that a macro declares: `struct_group(name, int a; int b;)`.
    fn macro_members(&self, env: &Rc<Env<'w>>, at: usize, out: &mut Members<'w>, depth: u32) {
        if depth == 0 {
            return;
        }
        self.deeper(|| {
            if let Some(&def) = self.unit.find(Lookup::Macros, env.code.at(at)).first()
                && let Some(inner) = self.expanded(env, at, Some(at + 1), def)
            {
                self.list(&inner, 0, inner.code.len(), out, depth - 1);
            }
        });
    }
}
