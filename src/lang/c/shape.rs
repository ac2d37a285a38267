//! How many arguments a call gives and a head takes, and what of a head a compiler compares, read from the tokens.
//!
//! No grammar: the same words serve function, macro and prototype, and a call inside a macro's body.

use bstr::BString;

use crate::model::Span;
use cleave_c::lex::{Token, TokenKind, nesting, tokens_in};
use cleave_c::{is_attribute_at, is_keyword};

/// A list of arguments longer than this is no call that people write.
const LIST_AT_MOST: usize = 8 << 10;

/// Nearly every list ends within as many bytes, and no more are read then.
const LIST_OFTEN: usize = 256;

/// Of a head longer than [`LIST_AT_MOST`] as many bytes are compared, and its length: names declared by the thousand share all but their end.
const HEAD_BEGINS: usize = 256;

/// What stands in parentheses behind a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arity {
    /// How many: of a call those given, of a head those named.
    pub count: u32,
    /// Of a head: whether more may follow.
    pub open: bool,
}

impl Arity {
    /// Whether a head with these takes a call with `given`.
    pub fn take(self, given: Arity) -> bool {
        given.count == self.count || (self.open && given.count >= self.count)
    }
}

/// Reads the list that follows a name which ends at `end`; `None` where none does.
pub fn arguments(text: &[u8], end: usize) -> Option<Arity> {
    Some(list_at(text, end)?.0)
}

/// Returns the list that follows a name which ends at `end`, and where it ends itself.
pub fn list_at(text: &[u8], end: usize) -> Option<(Arity, usize)> {
    let open = end + text.get(end..)?.iter().position(|byte| !byte.is_ascii_whitespace() && *byte != b'\\')?;
    if text[open] != b'(' {
        return None;
    }
    // A list that ends in a part of the text ends there in all of it.
    [LIST_OFTEN, LIST_AT_MOST].into_iter().find_map(|len| list_in(text, Span::new(open, text.len().min(open + len))))
}

fn list_in(text: &[u8], part: Span) -> Option<(Arity, usize)> {
    let tokens = tokens_in(text, part);
    let (list, close) = list(text, &tokens)?;
    let parts: Vec<&[&Token]> = list.iter().map(Vec::as_slice).collect();
    let last = *parts.last()?;
    let is_open = last.last().is_some_and(|token| token.of(text) == b"...");
    let count = match parts.as_slice() {
        [[]] => 0,
        [[word]] if word.of(text) == b"void" => 0,
        // `args...` of a macro is a name for the rest, `int a, ...` a part of its own.
        all => all.len() - usize::from(is_open),
    };
    Some((Arity { count: u32::try_from(count).ok()?, open: is_open }, close))
}

/// Splits what stands between the first `(` and its `)` at the commas outside brackets, and says where the `)` ends; an empty list is one empty part.
fn list<'t>(text: &[u8], tokens: &'t [Token]) -> Option<(Vec<Vec<&'t Token>>, usize)> {
    let mut parts: Vec<Vec<&Token>> = vec![Vec::new()];
    let mut depth = 0;
    for token in tokens.iter().filter(|token| token.kind != TokenKind::Comment) {
        let word = token.of(text);
        depth += nesting(word);
        if word == b"," && depth == 1 {
            parts.push(Vec::new());
            continue;
        }
        match depth {
            0 => return Some((parts, token.span.end)),
            1 if word == b"(" && token.span.start == tokens[0].span.start => {}
            _ => parts.last_mut()?.push(token),
        }
    }
    None
}

/// Returns what of a head or a prototype a compiler compares with another one: its words without the names of its parameters, without
/// `extern`, `inline` and attributes.
pub fn shape(text: &[u8], region: Span, name: Span) -> BString {
    if region.len() > LIST_AT_MOST {
        let begins = &text[region.start..region.start + HEAD_BEGINS];
        return [begins, format!(" {}", region.len()).as_bytes()].concat().into();
    }
    let tokens: Vec<Token> = tokens_in(text, region).into_iter().filter(|token| token.kind != TokenKind::Comment).collect();
    let mut out: Vec<u8> = Vec::with_capacity(region.len());
    let mut push = |word: &[u8]| {
        out.extend_from_slice(word);
        out.push(b' ');
    };
    let split = tokens.partition_point(|token| token.span.start < name.end);
    let (head, rest) = tokens.split_at(split);
    for word in head.iter().map(|token| token.of(text)).filter(|word| !is_silent(word)) {
        push(word);
    }
    match parameters(text, rest) {
        Some(words) => words.iter().for_each(|word| push(word)),
        None => rest.iter().map(|token| token.of(text)).filter(|word| *word != b";").for_each(push),
    }
    out.into()
}

/// Returns the parameters of a function, of a pointer to one or of a type of one, each without its name and with a comma behind it; `None`
/// where the head is of something else. Two of them are equal where one can be given for the other.
pub fn signature(text: &[u8], region: Span, name: Span) -> Option<BString> {
    if region.len() > LIST_AT_MOST {
        return None;
    }
    let tokens: Vec<Token> = tokens_in(text, Span::new(name.end, region.end.max(name.end)))
        .into_iter()
        .filter(|token| token.kind != TokenKind::Comment)
        .collect();
    Some(bstr::join(b" ", parameters(text, &tokens)?).into())
}

/// Reads what follows a name: `(…)` of a function, `)(…)` of a pointer to one.
fn parameters<'t>(text: &'t [u8], rest: &[Token]) -> Option<Vec<&'t [u8]>> {
    let rest = match rest.first()?.of(text) {
        b")" => &rest[1..],
        _ => rest,
    };
    if rest.first()?.of(text) != b"(" {
        return None;
    }
    let mut words = Vec::new();
    for part in list(text, rest)?.0 {
        words.extend(without_name(text, &part));
        words.push(b",");
    }
    Some(words)
}

fn is_silent(word: &[u8]) -> bool {
    matches!(word, b"extern" | b"inline" | b"__inline" | b"__inline__" | b"#" | b"define")
        || word.starts_with(b"__")
        || word == b"NORETURN"
}

/// Returns the words of a parameter without the name it declares.
fn without_name<'t>(text: &'t [u8], part: &[&Token]) -> Vec<&'t [u8]> {
    let all: Vec<&[u8]> = part.iter().map(|token| token.of(text)).collect();
    let is_said = |at: usize| {
        let is_attribute = is_attribute_at(at, |at| all.get(at).copied().unwrap_or_default());
        !is_attribute && all[at] != b"register" && !all[at].starts_with(b"__")
    };
    let mut words: Vec<&[u8]> = (0..all.len()).filter(|at| is_said(*at)).map(|at| all[at]).collect();
    let array = words.iter().position(|word| *word == b"[").unwrap_or(words.len());
    if words[..array].contains(&&b"("[..]) {
        return words;
    }
    let Some(last) = array.checked_sub(1) else { return words };
    let is_word = |word: &[u8]| word.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    let qualifies = |word: &[u8]| matches!(word, b"const" | b"volatile" | b"struct" | b"union" | b"enum" | b"restrict");
    let named = is_word(words[last]) && !is_keyword(words[last]) && last > 0 && !qualifies(words[last - 1]);
    if named {
        words.remove(last);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, count: u32, open: bool) {
        let end = text.find('(').expect("a list");
        assert_eq!(arguments(text.as_bytes(), end), Some(Arity { count, open }), "{text}");
    }

    #[test]
    fn lists_are_counted() {
        check("f()", 0, false);
        check("f(void)", 0, false);
        check("f(a, g(b, c), \",\")", 3, false);
        check("f(const char *fmt, ...)", 1, true);
        check("F(fmt, args...)", 1, true);
        check("f((struct x){ 1, 2 }, /* , */ b)", 2, false);
        assert_eq!(arguments(b"f + 1", 1), None);
        assert_eq!(arguments(b"f(", 1), None);
    }

    fn shaped(text: &str) -> String {
        let name = text.find("f(").expect("a function f");
        shape(text.as_bytes(), Span::new(0, text.len()), Span::new(name, name + 1)).to_string()
    }

    #[test]
    fn names_of_parameters_are_no_shape() {
        assert_eq!(shaped("extern int f(struct a *x, size_t n);"), shaped("int f(struct a *, size_t)"));
        assert_eq!(shaped("int f(unsigned long)"), shaped("int f(unsigned long len)"));
        assert_eq!(shaped("int f(struct a *x UNUSED, int IN)"), shaped("int f(struct a *, int)"));
        assert_ne!(shaped("int f(struct a *x)"), shaped("int f(struct b *x)"));
        assert_ne!(shaped("static int f(int x)"), shaped("int f(int x)"));
    }

    fn signed(text: &str) -> Option<String> {
        let name = text.find('f').expect("a name");
        signature(text.as_bytes(), Span::new(0, text.len()), Span::new(name, name + 1)).map(|words| words.to_string())
    }

    #[test]
    fn a_pointer_has_the_signature_of_its_functions() {
        assert_eq!(signed("int (*f)(struct a *x, void *data);"), signed("static bool f(struct a *y, void *unused)"));
        assert_eq!(signed("long f;"), None);
    }
}
