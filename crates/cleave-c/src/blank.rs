//! C as people write it in kernels → C that the grammar knows, of the same length, every name at its place.
//!
//! ```text
//!  static int __init cf_check foo(void) __acquires(lock)      static int                 foo(void)
//!  static DEFINE_PER_CPU(struct x, name) = { 0 };             static                struct x  name  = { 0 };
//!  SYSCALL_DEFINE2(dup2, unsigned int, old, int, new)         int             dup2( unsigned int  old, int  new)
//!  list_for_each_entry(p, &head, list) {                      list_for_each_entry(p, &head, list);{
//! ```
//!
//! What is blanked is kept as [`Blanked::hidden`], to be read for names by others. Comments and preprocessor lines are blanked
//! too. Attributes are known by name ([`super::vocabulary`]) or by where they stand: in `static u32 unknown foo(` one word is too
//! many, since a declaration has at most one type name and one declared name. Cost: a few passes over the tokens.

use bstr::BString;

use super::directives::{Conditional, Directive, Unseen, directives, unseen_branches};
use super::lex::{Token, TokenKind, is_word_byte, is_word_start, tokens};
use super::stream::{BraceKind, Stream};
use super::vocabulary::{Keyword, Template, is_attribute, is_attribute_call, keyword, stands_as_name, template};
use crate::span::Span;

/// A macro call that stands where a declaration would.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MacroCall {
    /// The whole of it: storage class, name, arguments, `;` where there is one.
    pub(super) span: Span,
    /// The macro's name.
    pub(super) name: Span,
    /// From `(` to `)`.
    pub(super) arguments: Span,
}

/// A text made ready for the grammar.
#[derive(Debug, Clone)]
pub(super) struct Blanked {
    /// The copy that the grammar reads.
    pub(super) bytes: Vec<u8>,
    pub(super) tokens: Vec<Token>,
    pub(super) directives: Vec<Directive>,
    pub(super) conditionals: Vec<Conditional>,
    pub(super) unseen: Vec<(Span, Unseen)>,
    /// Parts that the grammar does not see although a compiler may, sorted and disjoint.
    pub(super) hidden: Vec<Span>,
    /// Macro calls at file scope, sorted.
    pub(super) calls: Vec<MacroCall>,
    /// Names that macros make, by their place in the copy.
    pub(super) renamed: Vec<(usize, BString)>,
    /// Tags whose keyword the copy does not have, by their place in it.
    pub(super) tags: Vec<(usize, BString)>,
}

/// Makes the copy.
pub(super) fn blank(text: &[u8]) -> Blanked {
    let tokens = tokens(text);
    let (directives, conditionals) = directives(text, &tokens);
    let unseen = unseen_branches(text, &tokens, &directives, &conditionals);
    let (hidden, calls, renamed, tags) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let out = Blanked { bytes: text.to_vec(), tokens, directives, conditionals, unseen, hidden, calls, renamed, tags };
    let live = seen(&out.tokens, &out.unseen);
    let mut blanking = Blanking { text, clean: Vec::new(), out };
    for idx in 0..blanking.out.tokens.len() {
        let token = blanking.out.tokens[idx];
        if matches!(token.kind, TokenKind::Comment | TokenKind::Directive) {
            blanking.erase(token.span);
        }
    }
    for idx in 0..blanking.out.unseen.len() {
        match blanking.out.unseen[idx] {
            (span, Unseen::Other) => blanking.hide(span),
            (span, Unseen::Dead) => blanking.erase(span),
        }
    }
    let live = blanking.attributes(&live);
    blanking.clean = blanking.out.bytes.clone();
    blanking.walk(&live);
    let mut out = blanking.out;
    out.hidden.sort();
    out.hidden = merged(out.hidden);
    out.calls.sort_by_key(|call| call.span);
    out.renamed.sort();
    out
}

/// Returns the tokens that the grammar sees.
fn seen(tokens: &[Token], unseen: &[(Span, Unseen)]) -> Vec<Token> {
    let mut next = 0;
    let mut end = 0;
    let mut out = Vec::with_capacity(tokens.len());
    for token in tokens {
        while let Some((span, _)) = unseen.get(next).filter(|(span, _)| span.start <= token.span.start) {
            end = end.max(span.end);
            next += 1;
        }
        if token.span.start >= end && !matches!(token.kind, TokenKind::Comment | TokenKind::Directive) {
            out.push(*token);
        }
    }
    out
}

/// Joins spans that touch or overlap; they come sorted.
fn merged(spans: Vec<Span>) -> Vec<Span> {
    let mut out: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match out.last_mut() {
            Some(last) if span.start < last.end => last.end = last.end.max(span.end),
            _ => out.push(span),
        }
    }
    out
}

struct Blanking<'t> {
    text: &'t [u8],
    /// The text without comments, directives and known attributes: what [`Blanking::restore`] brings back.
    clean: Vec<u8>,
    out: Blanked,
}

/// An open brace, or the file.
struct Frame {
    place: BraceKind,
    /// The parentheses open in it: whether each holds the arguments of a call.
    parens: Vec<bool>,
}

impl Blanking<'_> {
    /// Writes spaces over the span; line ends stay.
    fn erase(&mut self, span: Span) {
        for byte in &mut self.out.bytes[span.range()] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }

    /// Takes the span out of what the grammar sees, and keeps it to be read for names.
    fn hide(&mut self, span: Span) {
        self.erase(span);
        self.out.hidden.push(span);
    }

    fn write(&mut self, at: usize, bytes: &[u8]) {
        self.out.bytes[at..at + bytes.len()].copy_from_slice(bytes);
    }

    fn restore(&mut self, span: Span) {
        self.out.bytes[span.range()].copy_from_slice(&self.clean[span.range()]);
    }

    /// Hides the attributes known by name; returns the other tokens.
    fn attributes(&mut self, tokens: &[Token]) -> Vec<Token> {
        let mut out = Vec::with_capacity(tokens.len());
        let mut idx = 0;
        let at = |idx: usize| tokens.get(idx).map_or(&b""[..], |token| token.of(self.text));
        let is_name: Vec<bool> = (0..tokens.len())
            .map(|idx| (is_attribute(at(idx)) || is_attribute_call(at(idx))) && stands_as_name(idx, at))
            .collect();
        while let Some(token) = tokens.get(idx) {
            let word = token.of(self.text);
            idx += 1;
            if token.kind != TokenKind::Word || is_name[idx - 1] {
                out.push(*token);
            } else if is_attribute(word) {
                self.hide(token.span);
            } else if is_attribute_call(word) {
                let mut depth = 0_u32;
                let mut end = token.span.end;
                while let Some(token) = tokens.get(idx) {
                    match token.of(self.text) {
                        b"(" => depth += 1,
                        b")" => depth = depth.saturating_sub(1),
                        b";" | b"{" => break,
                        _ if depth == 0 => break,
                        _ => {}
                    }
                    end = token.span.end;
                    idx += 1;
                    if depth == 0 {
                        break;
                    }
                }
                self.hide(Span::new(token.span.start, end));
            } else {
                out.push(*token);
            }
        }
        out
    }

    /// Goes through the tokens once, knowing in which kind of braces it is.
    fn walk(&mut self, tokens: &[Token]) {
        let stream = &Stream::new(self.text, tokens);
        let mut frames = vec![Frame { place: BraceKind::File, parens: Vec::new() }];
        let mut starts = true; // a declaration or statement may begin here
        let mut idx = 0;
        while let Some(token) = stream.tokens.get(idx) {
            let frame = frames.last_mut().expect("the file's own frame is never taken off");
            let place = frame.place;
            match (token.kind, stream.at(idx)) {
                (TokenKind::Punct, b"{") => {
                    frames.push(Frame { place: stream.place(idx, place), parens: Vec::new() });
                    starts = true;
                }
                (TokenKind::Punct, b"}") => {
                    if frames.len() > 1 {
                        frames.pop();
                    }
                    starts = true;
                }
                (TokenKind::Punct, b"(") => {
                    frame.parens.push(idx > 0 && stream.is_name(idx - 1));
                    starts = false;
                }
                (TokenKind::Punct, b")") => {
                    frame.parens.pop();
                    starts = place == BraceKind::Code && frame.parens.is_empty();
                }
                (TokenKind::Punct, b";") => starts = true,
                (TokenKind::Punct, b":") => starts = place == BraceKind::Code,
                (TokenKind::Word, b"else" | b"do") => starts = true,
                (TokenKind::Word, b"typeof" | b"__typeof__" | b"__typeof" | b"typeof_unqual") => {
                    idx = self.type_of(stream, idx);
                    starts = false;
                    continue;
                }
                (TokenKind::Word, _) => {
                    let whole = starts && frame.parens.is_empty();
                    let called = frame.parens.last() == Some(&true) && matches!(place, BraceKind::Code | BraceKind::Values);
                    if called && let Some(after) = self.type_argument(stream, idx) {
                        idx = after;
                        starts = false;
                        continue;
                    }
                    let after = if whole { self.macro_call(stream, idx, place) } else { None };
                    match after {
                        Some((after, next_starts)) => {
                            idx = after;
                            starts = next_starts;
                        }
                        None => {
                            idx = self.run(stream, idx, place);
                            starts = false;
                        }
                    }
                    continue;
                }
                (TokenKind::Number, number) if is_pasted(number) => {
                    self.write(token.span.start, b"_");
                    starts = false;
                }
                _ => starts = place == BraceKind::Enum && stream.at(idx) == b",",
            }
            idx += 1;
        }
    }

    /// A type among the arguments of a call, as in `container_of(p, struct x, y)`, becomes a plain word: the tag, or a number
    /// for `unsigned long`. Returns the place after it.
    fn type_argument(&mut self, stream: &Stream, from: usize) -> Option<usize> {
        if !matches!(stream.before(from), b"(" | b",") {
            return None;
        }
        let words = (from..).take_while(|&at| stream.is_word(at)).count();
        let stars = (from + words..).take_while(|&at| stream.at(at) == b"*").count();
        let end = from + words + stars;
        let kept = (from..from + words).rev().find(|&at| stream.is_name(at));
        let typed = stars > 0 || (from..from + words).any(|at| keyword(stream.at(at)).is_some_and(|k| k != Keyword::Statement));
        if !typed || !matches!(stream.at(end), b"," | b")") {
            return None;
        }
        if let Some(kept) = kept.filter(|&kept| kept > from && keyword(stream.at(kept - 1)) == Some(Keyword::Tag)) {
            let record = [stream.at(kept - 1), b" ", stream.at(kept)].concat();
            self.out.tags.push((stream.tokens[kept].span.start, record.into()));
        }
        (from..end).filter(|&at| Some(at) != kept).for_each(|at| self.erase(stream.tokens[at].span));
        if kept.is_none() {
            self.write(stream.tokens[from].span.start, b"0");
        }
        Some(end)
    }

    /// `typeof(x)` is a type: hidden behind `int`. Returns the place after it.
    fn type_of(&mut self, stream: &Stream, idx: usize) -> usize {
        // `(typeof)`: the next bracket closes one before.
        let mate = stream.mates.get(idx + 1).copied().flatten();
        let Some(close) = mate.filter(|&close| close > idx) else { return idx + 1 };
        let span = Span::new(stream.tokens[idx].span.start, stream.tokens[close].span.end);
        self.hide(span);
        self.write(span.start, b"int");
        close + 1
    }

    /// Looks for a macro call in the place of a declaration or statement; returns the place after what it dealt with, and
    /// whether a declaration or statement may begin there.
    fn macro_call(&mut self, stream: &Stream, from: usize, place: BraceKind) -> Option<(usize, bool)> {
        let mut idx = from;
        if matches!(place, BraceKind::File | BraceKind::Code | BraceKind::Record) {
            while keyword(stream.at(idx)) == Some(Keyword::Modifier) {
                idx += 1;
            }
        }
        let (open, close) = stream.call(idx)?;
        let after = stream.at(close + 1);
        let name = stream.tokens[idx].span;
        let whole = Span::new(stream.tokens[from].span.start, stream.tokens[close].span.end);
        let arguments = Span::new(stream.tokens[open].span.start, stream.tokens[close].span.end);
        // After the brace of a record an unknown call is an attribute, and the semicolon belongs to the record.
        let trails = from > 0 && stream.before(from) == b"}" && stream.same_line(from - 1, from);
        if trails && matches!(place, BraceKind::File | BraceKind::Record) && after != b"{" {
            self.hide(whole);
            return Some((close + 1, false));
        }
        if place != BraceKind::Enum
            && let Some(template) = template(stream.at(idx))
            && self.fill(stream, template, idx, open, close)
        {
            if place == BraceKind::File && after != b"{" {
                let end = if after == b";" { stream.tokens[close + 1].span.end } else { whole.end };
                self.out.calls.push(MacroCall { span: Span::new(whole.start, end), name, arguments });
            }
            return Some((close + 1, false));
        }
        match place {
            BraceKind::File => match after {
                b"{" => self.head(Span::new(name.start, whole.end), b"f()").then_some((close + 1, false)),
                b"=" => self.head(Span::new(name.start, whole.end), b"v").then_some((close + 1, false)),
                // `static inline LIKE_PRINTF(1) const char *f(…)`: a type can only follow an attribute.
                _ if stream.same_line_word(close) && keyword(after).is_some_and(|word| word != Keyword::Statement) => {
                    self.hide(Span::new(name.start, whole.end));
                    Some((close + 1, true))
                }
                b";" => {
                    let whole = Span::new(whole.start, stream.tokens[close + 1].span.end);
                    self.hide(whole);
                    self.out.calls.push(MacroCall { span: whole, name, arguments });
                    Some((close + 2, true))
                }
                b"" | b"}" => self.bare_call(whole, name, arguments, close),
                _ if stream.is_word(close + 1) && !stream.same_line(close, close + 1) => {
                    self.bare_call(whole, name, arguments, close)
                }
                _ => None,
            },
            BraceKind::Record if after == b";" || after == b"}" || stream.is_word(close + 1) => {
                let end = if after == b";" { stream.tokens[close + 1].span.end } else { whole.end };
                self.hide(Span::new(whole.start, end));
                Some((close + 1 + usize::from(after == b";"), true))
            }
            BraceKind::Enum if matches!(after, b"," | b"}") || stream.is_word(close + 1) => {
                let end = if after == b"," { stream.tokens[close + 1].span.end } else { whole.end };
                self.hide(Span::new(whole.start, end));
                Some((close + 1 + usize::from(after == b","), true))
            }
            BraceKind::Code if idx == from => {
                let word = stream.is_word(close + 1) && after != b"else";
                let loops = after == b"{" || word || (!matches!(after, b";" | b"," | b"") && is_loop(stream.at(idx)));
                // A space after the parenthesis is room for the semicolon that makes a statement of the call.
                let room = self.out.bytes.get(whole.end).is_some_and(u8::is_ascii_whitespace);
                if loops && room {
                    self.write(whole.end, b";");
                }
                // The names in the arguments are the grammar's to see.
                None
            }
            BraceKind::Code | BraceKind::Record | BraceKind::Enum | BraceKind::Values => None,
        }
    }

    /// A macro call at file scope without a semicolon.
    fn bare_call(&mut self, whole: Span, name: Span, arguments: Span, close: usize) -> Option<(usize, bool)> {
        self.hide(whole);
        self.out.calls.push(MacroCall { span: whole, name, arguments });
        Some((close + 1, true))
    }

    /// Makes `TEST_F(a, b) {` a function and `TABLE(1) = {` a variable, named by all of the call. Whether there was room.
    fn head(&mut self, call: Span, declarator: &[u8]) -> bool {
        let at = call.end - declarator.len();
        if at < call.start + "int ".len() {
            return false;
        }
        self.hide(call);
        self.write(call.start, b"int");
        self.write(at, declarator);
        self.out.renamed.push((at, self.text[call.range()].into()));
        true
    }

    /// Writes a declaration over a macro call that stands for one. Whether there was room, and the arguments it wants.
    fn fill(&mut self, stream: &Stream, template: Template, idx: usize, open: usize, close: usize) -> bool {
        let arguments = stream.arguments(open, close);
        let start = stream.tokens[idx].span.start;
        let end = stream.tokens[close].span.end;
        let argument = |at: usize| arguments.get(at).copied();
        let is_word = |span: Span| {
            let word = &self.text[span.range()];
            word.first().is_some_and(|&byte| is_word_start(byte)) && word.iter().all(|&byte| is_word_byte(byte))
        };
        let is_function = stream.at(close + 1) == b"{";
        match template {
            Template::Named => {
                let Some(name) = argument(0).filter(|&name| is_word(name) && !is_function) else { return false };
                self.hide(Span::new(start, end));
                self.write(start, b"int");
                self.restore(name);
            }
            Template::Typed => {
                let (Some(of), Some(name)) = (argument(0), argument(1).filter(|&name| is_word(name))) else { return false };
                self.hide(Span::new(start, end));
                self.restore(of);
                self.restore(name);
            }
            Template::ExternTyped | Template::ExternNamed => {
                let typed = template == Template::ExternTyped;
                let Some(name) = argument(usize::from(typed)).filter(|&name| is_word(name)) else { return false };
                self.hide(Span::new(start, end));
                self.write(start, b"extern");
                match argument(0).filter(|_| typed) {
                    Some(of) => self.restore(of),
                    None => self.write(start + "extern ".len(), b"int"),
                }
                self.restore(name);
            }
            Template::Members(from) => {
                let Some(first) = argument(from) else { return false };
                self.hide(Span::new(start, end));
                self.restore(Span::new(first.start, end - 1));
                if stream.at(close + 1) == b";" {
                    self.erase(stream.tokens[close + 1].span);
                }
            }
            Template::Syscall(prefix) => {
                let Some(name) = argument(0).filter(|&name| is_word(name) && is_function) else { return false };
                if !self.out.bytes.get(end).is_some_and(u8::is_ascii_whitespace) {
                    return false;
                }
                self.hide(Span::new(start, end));
                self.write(start, b"int");
                self.restore(name);
                self.out.renamed.push((name.start, [prefix.as_bytes(), &self.text[name.range()]].concat().into()));
                self.write(name.end, b"(");
                self.write(end, b")");
                for pair in arguments[1..].chunks(2) {
                    pair.iter().for_each(|&span| self.restore(span));
                    if let [_, name] = pair
                        && name.end + 1 < end
                    {
                        self.write(name.end, b",");
                    }
                }
            }
        }
        true
    }

    /// Hides the words of a run that a declaration has no use for; returns the place after the run.
    fn run(&mut self, stream: &Stream, from: usize, place: BraceKind) -> usize {
        let mut end = from;
        let mut names: Vec<usize> = Vec::new();
        let mut typed = false;
        while stream.is_word(end) {
            match keyword(stream.at(end)) {
                Some(Keyword::Statement) => break,
                Some(Keyword::Modifier) => {}
                Some(Keyword::Primitive) => typed = true,
                Some(Keyword::Tag) => {
                    typed = true;
                    // Attributes may stand before the tag of a definition.
                    let tags = (end + 1..).take_while(|&at| stream.is_name(at)).count();
                    if stream.at(end + 1 + tags) == b"{" {
                        (end + 1..end + tags).for_each(|at| self.hide(stream.tokens[at].span));
                        end += tags;
                    } else {
                        end += usize::from(tags > 0);
                    }
                }
                None => names.push(end),
            }
            end += 1;
        }
        if end == from {
            return from + 1;
        }
        let odd = |at: usize| {
            let word = stream.at(at);
            word.starts_with(b"__") || (word.len() > 2 && word.iter().all(|byte| !byte.is_ascii_lowercase()))
        };
        let before = stream.before(from);
        let after = stream.at(end);
        let allowed = match (before, after) {
            (b")", b"{") if place == BraceKind::File => 0,
            (b")", b";" | b",") if place == BraceKind::File => names.iter().filter(|&&at| !odd(at)).count(),
            (b"*", b";" | b"," | b")" | b"=" | b"(" | b"[") => 1,
            (b"*", _) => return end,
            (_, b"*") => usize::from(!typed),
            (_, b"(" | b";" | b"=" | b"," | b")" | b"[" | b":") => 1 + usize::from(!typed),
            _ => return end,
        };
        if (before, after) == (b")".as_slice(), b"{".as_slice()) && names.len() != end - from {
            return end; // declarations of an old-style function
        }
        // No declaration has as many attributes, and the search below is long in them.
        if names.len() > RUN_AT_MOST {
            return end;
        }
        while names.len() > allowed {
            let last = names.len() - 1;
            let ends_in_name = after != b"*" && allowed > 0;
            let inner = if ends_in_name { &names[..last] } else { &names[..] };
            let trails = ends_in_name && after != b"(" && stream.at(names[last]).starts_with(b"__");
            let victim = inner.iter().position(|&at| odd(at)).or(trails.then_some(last));
            let victim = victim.unwrap_or(if typed || last == 0 { 0 } else { 1 });
            let at = names.remove(victim);
            self.hide(stream.tokens[at].span);
        }
        end
    }
}

/// Names that stand one after the other in a declaration, at most.
const RUN_AT_MOST: usize = 100;

/// Whether the macro's name says that it heads a loop.
fn is_loop(name: &[u8]) -> bool {
    memchr::memmem::find(name, b"for_each").is_some() || memchr::memmem::find(name, b"foreach").is_some()
}

/// Whether a number is a piece of a name that a macro pastes, as `10000baseT_Full`.
fn is_pasted(number: &[u8]) -> bool {
    !matches!(number, [b'0', b'x' | b'X' | b'b' | b'B', ..])
        && number
            .iter()
            .any(|byte| byte.is_ascii_alphabetic() && !matches!(byte, b'u' | b'U' | b'l' | b'L' | b'e' | b'E' | b'f' | b'F'))
}
