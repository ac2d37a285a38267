//! Tokens → declarations: specifiers, declarators, names of types.
//!
//! Without a table of types, a word is the type when a name or a star follows it; of several words the last is the type and
//! those before it attributes: `static u32 unknown *f(`. What does not look like a declaration is none.

use super::code::Code;
use crate::vocabulary::{Keyword, is_attribute, is_attribute_call, keyword, stands_as_name};

/// What a declaration says of the type, as places in its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spec {
    /// A number or nothing: `int`, `void`, an enum.
    Scalar,
    /// `__auto_type`: that of the initialiser.
    Auto,
    /// `struct` or `union`; a tag, a body or both.
    Record { keyword: usize, tag: Option<usize>, body: Option<usize> },
    /// A typedef's name.
    Name(usize),
    /// `typeof (`: the place of the bracket.
    Typeof(usize),
}

/// One name that is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Declarator {
    pub(super) name: usize,
    /// How many `[…]` stand behind it.
    pub(super) n_dims: u8,
    /// The bracket of its parameters.
    pub(super) params: Option<usize>,
    /// The first token after `=`.
    pub(super) init: Option<usize>,
}

/// A declaration up to its end.
#[derive(Debug, Clone)]
pub(super) struct Declaration {
    pub(super) spec: Spec,
    pub(super) is_typedef: bool,
    pub(super) declarators: Vec<Declarator>,
    /// The token that ends it: `;`, `{` of a function's body, or what does not belong to it.
    pub(super) end: usize,
}

/// Deeper `((((name))))` is no declarator.
const NESTED_AT_MOST: u32 = 8;

/// Reads a declaration at `from`.
pub(super) fn declaration(code: &Code<'_>, from: usize, end: usize) -> Option<Declaration> {
    let (spec, is_typedef, at) = specifiers(code, from, end)?;
    let (declarators, at) = declarators(code, at, end);
    let declaration = Declaration { spec, is_typedef, declarators, end: at };
    let ends_well = matches!(code.at(at), b";" | b"{" | b"," | b")" | b"=") || at >= end;
    match (spec, declaration.declarators.first()) {
        (Spec::Name(_), None) => None,
        (Spec::Name(_), Some(first)) => (ends_well || first.params.is_some()).then_some(declaration),
        (Spec::Record { body: None, .. }, None) => (code.at(at) == b";").then_some(declaration),
        (Spec::Scalar | Spec::Auto | Spec::Typeof(_) | Spec::Record { .. }, _) => Some(declaration),
    }
}

/// Reads the name of a type, as in a cast: tokens from `from` to `end`, all of them.
pub(super) fn type_name(code: &Code<'_>, from: usize, end: usize) -> Option<Spec> {
    if from >= end {
        return None;
    }
    if end - from == 1 && code.is_word(from) && keyword(code.at(from)).is_none() {
        return Some(Spec::Name(from));
    }
    let (spec, _, mut at) = specifiers(code, from, end)?;
    // What follows is an abstract declarator: stars, attributes, `(*)(…)`, `[…]`.
    while at < end {
        let fits = match code.at(at) {
            b"*" | b"[" => true,
            b"(" => code.at(at + 1) == b"*" || at > from + 1,
            // After a star `const` or an attribute, in `(a * b)` an operand.
            word => {
                let known = keyword(word) == Some(Keyword::Modifier) || looks_like_attribute(word);
                code.is_word(at) && (known || (code.before(at) != b"*" && keyword(word).is_none()))
            }
        };
        if !fits {
            return None;
        }
        at = code.after(at, end);
    }
    Some(spec)
}

/// Returns the place after an attribute at `at`, or `None` when there is none.
fn attribute(code: &Code<'_>, at: usize, end: usize) -> Option<usize> {
    let word = code.at(at);
    if stands_as_name(at, |idx| code.at(idx)) && (is_attribute(word) || is_attribute_call(word)) {
        return None;
    }
    if is_attribute_call(word) || matches!(word, b"asm" | b"__asm__" | b"__asm") {
        return Some(if code.at(at + 1) == b"(" { code.after(at + 1, end) } else { at + 1 });
    }
    (is_attribute(word) && code.is_word(at)).then_some(at + 1)
}

fn skip_attributes(code: &Code<'_>, from: usize, end: usize) -> usize {
    let mut at = from;
    while at < end
        && let Some(next) = attribute(code, at, end)
    {
        at = next;
    }
    at
}

fn looks_like_attribute(word: &[u8]) -> bool {
    word.starts_with(b"__") || is_attribute(word) || is_attribute_call(word)
}

/// Reads the specifiers; returns what they say, whether `typedef` is among them, and the place of the first declarator.
pub(super) fn specifiers(code: &Code<'_>, from: usize, end: usize) -> Option<(Spec, bool, usize)> {
    let mut at = from;
    let mut spec: Option<Spec> = None;
    let mut is_typedef = false;
    while at < end && code.is_word(at) {
        if let Some(next) = attribute(code, at, end) {
            at = next;
            continue;
        }
        let word = code.at(at);
        match keyword(word) {
            Some(Keyword::Modifier) => {
                is_typedef |= word == b"typedef";
                at += 1;
            }
            Some(Keyword::Primitive) => {
                spec = Some(Spec::Scalar);
                at += 1;
            }
            Some(Keyword::Tag) => {
                let (record, next) = tagged(code, at, end);
                spec = Some(record);
                at = next;
            }
            Some(Keyword::Statement) => match word {
                b"typeof" | b"__typeof__" | b"__typeof" | b"typeof_unqual" if code.at(at + 1) == b"(" => {
                    spec = Some(Spec::Typeof(at + 1));
                    at = code.after(at + 1, end);
                }
                b"__auto_type" => {
                    spec = Some(Spec::Auto);
                    at += 1;
                }
                _ => break,
            },
            None => match plain_word(code, at, end, spec) {
                WordRole::Type => {
                    spec = Some(Spec::Name(at));
                    at += 1;
                }
                WordRole::Attribute(next) => at = next,
                WordRole::Declarator => break,
            },
        }
    }
    Some((spec?, is_typedef, at))
}

/// What a word that the language does not know is among specifiers.
enum WordRole {
    Type,
    Attribute(usize),
    Declarator,
}

fn plain_word(code: &Code<'_>, at: usize, end: usize, spec: Option<Spec>) -> WordRole {
    let word = code.at(at);
    let next = if at + 1 < end { code.at(at + 1) } else { b"" };
    let is_typeof = matches!(next, b"typeof" | b"__typeof__" | b"__typeof");
    let next_word = at + 1 < end && code.is_word(at + 1) && (is_typeof || keyword(next) != Some(Keyword::Statement));
    let named = matches!(spec, None | Some(Spec::Name(_)));
    if next_word {
        // `foo_t name __attribute`, but `foo_t __attribute *name`.
        let name_comes = looks_like_attribute(next) && code.at(at + 2) != b"*" && !code.is_word(at + 2);
        return match spec {
            None => WordRole::Type,
            Some(_) if name_comes => WordRole::Declarator,
            Some(Spec::Name(_)) => WordRole::Type,
            Some(_) => WordRole::Attribute(at + 1),
        };
    }
    match next {
        b"*" if named && !(spec.is_some() && word.starts_with(b"__")) => WordRole::Type,
        b"*" => WordRole::Attribute(at + 1),
        b"(" if spec.is_none() && matches!(code.at(at + 2), b"*" | b"^") && code.is_word(at + 3) => WordRole::Type,
        b"(" => {
            // `ATTRIBUTE(x) int f(`: a call that stands before more of the same.
            let after = code.after(at + 1, end);
            let goes_on = after < end
                && (code.is_word(after) && keyword(code.at(after)) != Some(Keyword::Statement) || code.at(after) == b"*");
            if goes_on && (spec.is_none() || code.at(after) == b"*") { WordRole::Attribute(after) } else { WordRole::Declarator }
        }
        _ => WordRole::Declarator,
    }
}

/// Reads `struct tag {…}` at its keyword.
fn tagged(code: &Code<'_>, at: usize, end: usize) -> (Spec, usize) {
    let mut next = skip_attributes(code, at + 1, end);
    let mut tag = None;
    if next < end && code.is_word(next) && keyword(code.at(next)).is_none() {
        // `struct __attribute tag {`
        if code.is_word(next + 1) && code.at(next + 2) == b"{" && keyword(code.at(next + 1)).is_none() {
            next += 1;
        }
        tag = Some(next);
        next = skip_attributes(code, next + 1, end);
    }
    let is_enum = code.at(at) == b"enum";
    if is_enum && code.at(next) == b":" {
        next = code.find(next, end, b"{;,)");
    }
    let body = (next < end && code.at(next) == b"{").then_some(next);
    if let Some(body) = body {
        next = code.after(body, end);
    }
    let spec = if is_enum { Spec::Scalar } else { Spec::Record { keyword: at, tag, body } };
    (spec, next)
}

fn declarators(code: &Code<'_>, from: usize, end: usize) -> (Vec<Declarator>, usize) {
    let mut out = Vec::new();
    let mut at = from;
    loop {
        let Some((mut declarator, next)) = declarator(code, at, end, NESTED_AT_MOST) else {
            // `int : 4;`
            let at = if code.at(at) == b":" { code.find(at, end, b",;{}") } else { at };
            return (out, at);
        };
        at = next;
        while at < end && code.is_word(at) && keyword(code.at(at)).is_none_or(|word| word == Keyword::Statement) {
            let is_call = code.at(at + 1) == b"(";
            if !is_call && keyword(code.at(at)).is_some() {
                break;
            }
            // Below an old-style head declarations follow, not attributes.
            if declarator.params.is_some() && attribute(code, at, end).is_none() && !is_call {
                break;
            }
            at = if is_call { code.after(at + 1, end) } else { at + 1 };
        }
        if code.at(at) == b":" && at < end {
            at = code.find(at, end, b",;{}");
        }
        if code.at(at) == b"=" && at < end {
            declarator.init = Some(at + 1);
            at = code.find(at + 1, end, b",;");
        }
        out.push(declarator);
        if at >= end || code.at(at) != b"," {
            return (out, at);
        }
        at += 1;
    }
}

/// Reads one declarator with a name; returns it and the place after its `(…)` and `[…]`.
pub(super) fn declarator(code: &Code<'_>, from: usize, end: usize, depth: u32) -> Option<(Declarator, usize)> {
    let mut at = from;
    while at < end {
        let word = code.at(at);
        let skips = word == b"*"
            || word == b"^"
            || keyword(word) == Some(Keyword::Modifier)
            || (code.is_word(at)
                && at + 1 < end
                && (code.at(at + 1) == b"*" || code.is_word(at + 1) && !looks_like_attribute(code.at(at + 1)))
                && keyword(word).is_none()
                && keyword(code.at(at + 1)) != Some(Keyword::Statement)
                && (at == from || looks_like_attribute(word)));
        if skips {
            at += 1;
        } else if let Some(next) = attribute(code, at, end) {
            at = next;
        } else {
            break;
        }
    }
    if at >= end {
        return None;
    }
    let (mut found, mut at) = if code.is_word(at) && keyword(code.at(at)).is_none() {
        (Declarator { name: at, n_dims: 0, params: None, init: None }, at + 1)
    } else if code.at(at) == b"(" && depth > 0 {
        let close = code.mate(at).unwrap_or(end).min(end);
        let (inner, _) = declarator(code, at + 1, close, depth - 1)?;
        (inner, (close + 1).min(end))
    } else {
        return None;
    };
    while at < end {
        match code.at(at) {
            b"(" => found.params = found.params.or(Some(at)),
            b"[" => found.n_dims = found.n_dims.saturating_add(1),
            _ => break,
        }
        at = code.after(at, end);
    }
    Some((found, at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::Span;
    use crate::types::code::lexed;
    use bstr::ByteSlice;

    fn check(input: &str, expected: &str) {
        let code = lexed(0, input.as_bytes(), Span::new(0, input.len())).code;
        let text = |at: usize| code.at(at).to_str_lossy().into_owned();
        let shown = declaration(&code, 0, code.len()).map_or("none".to_owned(), |found| {
            let spec = match found.spec {
                Spec::Scalar => "number".to_owned(),
                Spec::Auto => "auto".to_owned(),
                Spec::Record { keyword, tag, body } => {
                    format!("{} {}{}", text(keyword), tag.map_or(String::new(), text), if body.is_some() { "{}" } else { "" })
                }
                Spec::Name(at) => text(at),
                Spec::Typeof(_) => "typeof".to_owned(),
            };
            let names: Vec<String> = found
                .declarators
                .iter()
                .map(|one| {
                    format!(
                        "{}{}{}",
                        text(one.name),
                        "[]".repeat(one.n_dims.into()),
                        if one.params.is_some() { "()" } else { "" }
                    )
                })
                .collect();
            format!("{spec}: {} {}", names.join(" "), text(found.end))
        });
        assert_eq!(shown, expected, "{input}");
    }

    #[test]
    fn declarations_are_told_from_the_rest() {
        check("struct page *page, **pages[3] = { 0 };", "struct page: page pages[] ;");
        check("static u32 unknown bar(char __weird *p)\n{", "unknown: bar() {");
        check("foo_t *p __free(kfree) = f(x);", "foo_t: p ;");
        check("struct folio __rcu *f __maybe_unused;", "struct folio: f ;");
        check("struct __packed a { int b; } __aligned(4) c;", "struct a{}: c ;");
        check("typeof(*x) *y = x;", "typeof: y ;");
        check("foo_t (*fn)(int a);", "foo_t: fn() ;");
        check("unsigned long flags;", "number: flags ;");
        check("EXPORT(x) static int f(void) {", "number: f() {");
        check("int f(a, b) struct x *a; {", "number: f() struct");
        check("foo(bar);", "none");
        check("a = b * c;", "none");
        check("return x;", "none");
        check("x->y = 1;", "none");
    }
}
