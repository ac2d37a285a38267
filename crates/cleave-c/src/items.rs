//! Tree and preprocessor lines → top-level items, the pieces in which a file is cut.

use bstr::{BStr, BString, ByteSlice};
use tree_sitter::Node;

use super::directives::DirectiveKind;
use super::lex::{TokenKind, tokens_in};
use super::{Syntax, span_of};
use crate::span::{Lines, Span};

/// What a top-level item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ItemKind {
    /// A function with its body.
    Function,
    /// A function or a record that is declared only.
    Prototype,
    /// The definition of a struct, union or enum.
    Record,
    /// A typedef, with the record it may define.
    Typedef,
    /// A variable, defined or declared.
    Variable,
    /// `#define` or `#undef`.
    Macro,
    /// `#include`; the name is the path as written.
    Include,
    /// One of the lines `#if`, `#elif`, `#else`, `#endif` at file scope; the name is the condition of the `#if`.
    Conditional,
    /// `module_init(x);`, `DEFINE_SHOW_ATTRIBUTE(x);`: the name is the first word among the arguments, else the macro's.
    MacroCall,
    /// Anything else: `#pragma`, `extern "C"`, a branch that the grammar does not see, text that does not parse.
    Other,
}

/// A piece of a file at file scope: whole lines, disjoint from all other items.
///
/// Items inside a condition are items like others. The condition's own lines are items of kind [`ItemKind::Conditional`] that
/// share [`Item::conditional`]: they have to go together, and around what they guard. Where a condition cuts through an item
/// (two heads of one function), the item reaches from `#if` to `#endif`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What it is.
    pub kind: ItemKind,
    /// What it defines, declares or calls; empty where it has no name.
    pub name: BString,
    /// Its whole lines, with the comment that touches it from above and the `EXPORT_SYMBOL` that touches it from below.
    pub span: Span,
    /// The same without the comment.
    pub core: Span,
    /// For a line of a condition: which one, as a place in [`Syntax::conditionals`].
    pub conditional: Option<usize>,
}

/// Finds the items. Cost: the tokens, and what stands at file scope.
pub(super) fn items(text: &[u8], syntax: &Syntax) -> Vec<Item> {
    let mut pieces = tree_pieces(syntax);
    pieces.extend(call_pieces(text, syntax));
    pieces.extend(syntax.blanked.unseen.iter().map(|(span, _)| {
        let from = span.start + text[span.range()].find_byte(b'\n').map_or(0, |len| len + 1);
        let rest = Span::new(from.min(span.end), span.end);
        let end = rest.start + text[rest.range()].trim_end_with(char::is_whitespace).len();
        piece(ItemKind::Other, b"".into(), Span::new(rest.start, end))
    }));
    pieces.retain(|piece| !piece.core.is_empty());
    pieces.sort_by_key(|piece| (piece.core.start, std::cmp::Reverse(piece.core.end)));
    let pieces = joined(pieces);
    let pieces = with_directives(text, syntax, pieces);
    let mut pieces = over_conditions(syntax, pieces);
    let lines = Lines::of(text);
    for piece in &mut pieces {
        piece.core = Span::new(line_of(&lines, piece.core.start), line_after(&lines, piece.core.end));
    }
    let pieces = with_exports(text, joined(pieces));
    with_comments(text, &lines, syntax, pieces)
}

fn piece(kind: ItemKind, name: BString, core: Span) -> Item {
    Item { kind, name, span: core, core, conditional: None }
}

fn tree_pieces(syntax: &Syntax) -> Vec<Item> {
    let Some(root) = syntax.root() else { return Vec::new() };
    let mut out: Vec<Item> = Vec::new();
    let mut cursor = root.walk();
    if !cursor.goto_first_child() {
        return out;
    }
    loop {
        let node = cursor.node();
        let span = span_of(node);
        // `struct x { … };` is a specifier and, as a node of its own, a semicolon.
        let is_end = syntax.code()[span.range()] == *b";";
        match out.last_mut() {
            Some(last) if is_end => last.core.end = span.end,
            None if is_end => {}
            _ => {
                let (kind, name) = kind_and_name(syntax, node);
                out.push(piece(kind, name, span));
            }
        }
        if !cursor.goto_next_sibling() {
            return out;
        }
    }
}

fn kind_and_name(syntax: &Syntax, node: Node<'_>) -> (ItemKind, BString) {
    let declared = || node.child_by_field_name("declarator").and_then(declared_name);
    let named = |name: Option<Node<'_>>| name.map_or(BString::default(), |name| syntax.name(span_of(name)).to_owned());
    match node.kind() {
        "function_definition" => (ItemKind::Function, named(declared())),
        "declaration" => {
            let declarator = node.child_by_field_name("declarator");
            let kind = if declarator.is_some_and(is_function) { ItemKind::Prototype } else { ItemKind::Variable };
            (kind, named(declared()))
        }
        "struct_specifier" | "union_specifier" | "enum_specifier" => {
            let kind = if node.child_by_field_name("body").is_some() { ItemKind::Record } else { ItemKind::Prototype };
            (kind, record_name(syntax, node).unwrap_or_default())
        }
        "type_definition" => (ItemKind::Typedef, named(declared())),
        _ => (ItemKind::Other, BString::default()),
    }
}

/// Returns `struct x` for a specifier with a tag.
pub fn record_name(syntax: &Syntax, node: Node<'_>) -> Option<BString> {
    let word: &[u8] = match node.kind() {
        "struct_specifier" => b"struct ",
        "union_specifier" => b"union ",
        "enum_specifier" => b"enum ",
        _ => return None,
    };
    let name = node.child_by_field_name("name")?;
    Some([word, syntax.name(span_of(name))].concat().into())
}

/// Returns the node of the name that a declarator declares.
pub fn declared_name(declarator: Node<'_>) -> Option<Node<'_>> {
    let mut node = declarator;
    loop {
        match node.kind() {
            "identifier" | "type_identifier" | "field_identifier" | "primitive_type" => return Some(node),
            "parenthesized_declarator" | "attributed_declarator" => {
                let mut cursor = node.walk();
                let inner = node
                    .named_children(&mut cursor)
                    .find(|child| child.kind().ends_with("declarator") || child.kind().ends_with("identifier"));
                node = inner?;
            }
            _ => node = node.child_by_field_name("declarator")?,
        }
    }
}

/// Whether a declarator declares a function, not a pointer to one.
pub fn is_function(declarator: Node<'_>) -> bool {
    let mut node = declarator;
    loop {
        match node.kind() {
            "function_declarator" => {
                // `(*name)(…)` is a pointer; `(name)(…)` is a function.
                let inner = node.child_by_field_name("declarator");
                return inner.is_none_or(|inner| !(inner.kind() == "parenthesized_declarator" && has_pointer(inner)));
            }
            "pointer_declarator" => match node.child_by_field_name("declarator") {
                Some(inner) => node = inner,
                None => return false,
            },
            _ => return false,
        }
    }
}

fn has_pointer(parenthesized: Node<'_>) -> bool {
    let mut cursor = parenthesized.walk();
    parenthesized.named_children(&mut cursor).any(|child| child.kind() == "pointer_declarator")
}

fn call_pieces<'s>(text: &'s [u8], syntax: &'s Syntax) -> impl Iterator<Item = Item> + 's {
    syntax.blanked.calls.iter().map(move |call| {
        let first = tokens_in(text, call.arguments).into_iter().find(|token| token.kind == TokenKind::Word);
        let name = first.map_or(call.name, |token| token.span);
        piece(ItemKind::MacroCall, text[name.range()].into(), call.span)
    })
}

/// Joins pieces that overlap; the first one that is no condition's line names the whole.
fn joined(pieces: Vec<Item>) -> Vec<Item> {
    let mut out: Vec<Item> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match out.last_mut() {
            Some(last) if piece.core.start < last.core.end => {
                last.core.end = last.core.end.max(piece.core.end);
                if last.kind == ItemKind::Conditional {
                    (last.kind, last.name, last.conditional) = (piece.kind, piece.name, piece.conditional);
                } else if last.kind == ItemKind::MacroCall && !piece.name.is_empty() {
                    // A call that declares something is in the tree too, with the name.
                    (last.kind, last.name) = (piece.kind, piece.name);
                }
            }
            _ => out.push(piece),
        }
    }
    out
}

/// Adds the preprocessor lines that are not inside a piece.
fn with_directives(text: &[u8], syntax: &Syntax, pieces: Vec<Item>) -> Vec<Item> {
    let mut owners = vec![None; syntax.directives().len()];
    for (idx, conditional) in syntax.conditionals().iter().enumerate() {
        conditional.lines.iter().for_each(|&line| owners[line] = Some(idx));
    }
    let condition = |idx: usize| {
        let first = syntax.conditionals()[idx].lines[0];
        BString::from(&text[syntax.directives()[first].argument.range()])
    };
    let mut out = Vec::with_capacity(pieces.len() + owners.len());
    let mut directives = syntax.directives().iter().zip(owners).peekable();
    let mut end = 0;
    for next in pieces.into_iter().map(Some).chain([None]) {
        let start = next.as_ref().map_or(usize::MAX, |piece| piece.core.start);
        while let Some((directive, owner)) = directives.next_if(|(directive, _)| directive.span.start < start) {
            if directive.span.start < end {
                continue;
            }
            let name = || BString::from(&text[directive.argument.range()]);
            let (kind, name) = match directive.kind {
                DirectiveKind::Include => (ItemKind::Include, name()),
                DirectiveKind::Define | DirectiveKind::Undef => (ItemKind::Macro, name()),
                DirectiveKind::If | DirectiveKind::Else | DirectiveKind::Endif => {
                    (ItemKind::Conditional, owner.map(condition).unwrap_or_default())
                }
                DirectiveKind::Other => (ItemKind::Other, BString::default()),
            };
            out.push(Item { conditional: owner, ..piece(kind, name, directive.span) });
        }
        if let Some(piece) = next {
            end = piece.core.end;
            out.push(piece);
        }
    }
    out
}

/// Stretches pieces over each condition that they hold only a part of.
fn over_conditions(syntax: &Syntax, pieces: Vec<Item>) -> Vec<Item> {
    let mut spans: Vec<Span> = Vec::new();
    for conditional in syntax.conditionals() {
        let lines = || conditional.lines.iter().map(|&line| syntax.directives()[line].span);
        let is_own = |line: Span| {
            let idx = pieces.partition_point(|piece| piece.core.end <= line.start);
            pieces.get(idx).filter(|piece| piece.core.covers(line)).is_none_or(|piece| piece.conditional.is_some())
        };
        let n_own = lines().filter(|&line| is_own(line)).count();
        if n_own != 0 && n_own != conditional.lines.len() {
            spans.push(Span::new(lines().next().map_or(0, |line| line.start), lines().next_back().map_or(0, |line| line.end)));
        }
    }
    if spans.is_empty() {
        return pieces;
    }
    // Each span swallows the pieces in it; the first that is no condition's line gives kind and name.
    let mut all: Vec<(Span, Option<Item>)> = spans.into_iter().map(|span| (span, None)).collect();
    all.extend(pieces.into_iter().map(|piece| (piece.core, Some(piece))));
    all.sort_by_key(|(span, piece)| (span.start, std::cmp::Reverse(span.end), piece.is_some()));
    let mut out: Vec<Item> = Vec::new();
    for (span, piece) in all {
        let piece = piece.unwrap_or_else(|| self::piece(ItemKind::Conditional, BString::default(), span));
        match out.last_mut() {
            Some(last) if span.start < last.core.end => {
                last.core.end = last.core.end.max(span.end);
                if last.kind == ItemKind::Conditional && piece.kind != ItemKind::Conditional {
                    (last.kind, last.name) = (piece.kind, piece.name);
                }
            }
            _ => out.push(piece),
        }
    }
    out.iter_mut().filter(|piece| piece.kind == ItemKind::Conditional && piece.conditional.is_none()).for_each(|piece| {
        piece.kind = ItemKind::Other;
    });
    out
}

/// Returns where the line that holds the byte at `at` begins.
fn line_of(lines: &Lines, at: usize) -> usize {
    lines.start(lines.line_at(at))
}

/// Returns where the line after the one that holds the byte before `at` begins.
fn line_after(lines: &Lines, at: usize) -> usize {
    at.checked_sub(1).map_or(0, |last| lines.start(lines.line_at(last) + 1))
}

/// Gives macro calls that touch a definition and name it to that definition: `EXPORT_SYMBOL(x)`, `module_init(x)`.
fn with_exports(text: &[u8], pieces: Vec<Item>) -> Vec<Item> {
    let mut out: Vec<Item> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let names =
            |name: &BStr| !name.is_empty() && tokens_in(text, piece.core).iter().any(|token| token.of(text) == name.as_bytes());
        match out.last_mut() {
            Some(last)
                if piece.kind == ItemKind::MacroCall
                    && piece.core.start == last.core.end
                    && matches!(last.kind, ItemKind::Function | ItemKind::Variable)
                    && names(last.name.as_ref()) =>
            {
                last.core.end = piece.core.end;
            }
            _ => out.push(piece),
        }
    }
    out
}

/// Gives each piece the comment that touches it from above, and a comment that begins on its last line.
fn with_comments(text: &[u8], lines: &Lines, syntax: &Syntax, mut pieces: Vec<Item>) -> Vec<Item> {
    let comments: Vec<Span> =
        syntax.tokens().iter().filter(|token| token.kind == TokenKind::Comment).map(|token| token.span).collect();
    let mut end = 0;
    let starts: Vec<usize> = pieces.iter().skip(1).map(|piece| piece.core.start).chain([text.len()]).collect();
    for (piece, next_start) in pieces.iter_mut().zip(starts) {
        let trailing = comments.partition_point(|comment| comment.start < piece.core.end);
        if let Some(comment) = trailing.checked_sub(1).map(|idx| comments[idx])
            && comment.end > piece.core.end
            && comment.start >= piece.core.start
        {
            piece.core.end = line_after(lines, comment.end).min(next_start).max(piece.core.end);
        }
        piece.span = piece.core;
        for comment in comments[..comments.partition_point(|comment| comment.start < piece.core.start)].iter().rev() {
            let line = line_of(lines, comment.start);
            let alone = text[line..comment.start].iter().all(u8::is_ascii_whitespace);
            // Blank first: it ends at the first word, where counting would walk back to a comment at the top for every item.
            // A comment that ends on the first line of the piece reaches over its start.
            let Some(between) = text.get(comment.end..piece.span.start) else { break };
            let touches =
                between.iter().all(u8::is_ascii_whitespace) && between.iter().filter(|&&byte| byte == b'\n').count() <= 1;
            if line < end || !alone || !touches {
                break;
            }
            piece.span.start = line;
        }
        end = piece.span.end;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use crate::parse;
    use bstr::ByteSlice;

    /// Draws each item as `kind name first-line..last-line[+comment lines]`, lines from 1.
    fn drawing(input: &str) -> String {
        let syntax = parse(input.as_bytes());
        let line = |at: usize| input.as_bytes()[..at].iter().filter(|&&byte| byte == b'\n').count() + 1;
        let show = |item: &super::Item| {
            let comment = line(item.core.start) - line(item.span.start);
            let comment = if comment > 0 { format!(" +{comment}") } else { String::new() };
            let condition = item.conditional.map_or(String::new(), |idx| format!(" #{idx}"));
            let name = item.name.to_str_lossy().into_owned();
            format!("{:?} {name} {}..{}{comment}{condition}", item.kind, line(item.core.start), line(item.span.end - 1))
        };
        let mut end = 0;
        for item in syntax.items() {
            assert!(item.span.start >= end && item.span.end > item.span.start, "items are disjoint");
            assert!(item.span.start == 0 || input.as_bytes()[item.span.start - 1] == b'\n', "items are whole lines");
            end = item.span.end;
        }
        syntax.items().iter().map(show).collect::<Vec<_>>().join("\n")
    }

    fn check(input: &str, expected: &[&str]) {
        assert_eq!(drawing(input), expected.join("\n"));
    }

    #[test]
    fn each_kind_is_found() {
        check(
            "#include <linux/mm.h>\n#define A(x) \\\n  x\nstruct a {\n  int b;\n};\ntypedef struct { int c; } d_t;\nint v = 1;\n\
             extern int w[];\nint f(int);\nstatic int g(void)\n{\n}\nenum e { E1 };\nstruct z;\nMODULE_LICENSE(\"GPL\");\n",
            &[
                "Include linux/mm.h 1..1",
                "Macro A 2..3",
                "Record struct a 4..6",
                "Typedef d_t 7..7",
                "Variable v 8..8",
                "Variable w 9..9",
                "Prototype f 10..10",
                "Function g 11..13",
                "Record enum e 14..14",
                "Prototype struct z 15..15",
                "MacroCall MODULE_LICENSE 16..16",
            ],
        );
    }

    #[test]
    fn comments_and_exports_go_with_what_they_touch() {
        check(
            "/* licence */\n\n/**\n * f - does\n */\nint f(void)\n{\n}\nEXPORT_SYMBOL(f);\n\n/* g */\n// more\nint g(void)\n{\n}\n\nEXPORT_SYMBOL(g);\n",
            &["Function f 6..9 +3", "Function g 13..15 +2", "MacroCall g 17..17"],
        );
        check("int a; /* one\n two */\nint b; /* b */\n", &["Variable a 1..2", "Variable b 3..3"]);
    }

    #[test]
    fn conditions_are_items_around_items() {
        check(
            "#ifdef A\nint f(void);\n#else\nstatic inline int f(void) { return 0; }\n#endif\n",
            &["Conditional A 1..1 #0", "Prototype f 2..2", "Conditional A 3..3 #0", "Function f 4..4", "Conditional A 5..5 #0"],
        );
    }

    #[test]
    fn a_condition_through_an_item_makes_one_item() {
        check(
            "int a;\n#ifdef A\nint f(int a)\n#else\nint f(long a)\n#endif\n{\n\treturn a;\n}\nint b;\n",
            &["Variable a 1..1", "Function f 2..9", "Variable b 10..10"],
        );
        check("int f(int a)\n{\n#ifdef A\n\tif (a) {\n#endif\n\tg();\n#ifdef A\n\t}\n#endif\n}\n", &["Function f 1..10"]);
    }

    #[test]
    fn kernel_macros_do_not_hide_what_is_there() {
        check(
            "static int __init cf_check foo(void) __acquires(lock)\n{\n}\nmodule_init(foo);\n\
             static DEFINE_PER_CPU(struct x, name) = { 0 };\n\
             SYSCALL_DEFINE2(dup2, unsigned int, old, int, new)\n{\n\treturn 0;\n}\n\
             static u32 unknown bar(char __weird *p)\n{\n}\n\
             TEST_F(fix, one)\n{\n\tp = container_of(a, struct b, c);\n}\n\
             EXPORT_FOO(bar)\nint last;\n",
            &[
                "Function foo 1..4",
                "Variable name 5..5",
                "Function sys_dup2 6..9",
                "Function bar 10..12",
                "Function TEST_F(fix, one) 13..16",
                "MacroCall bar 17..17",
                "Variable last 18..18",
            ],
        );
    }

    #[test]
    fn unknown_calls_head_what_they_stand_before() {
        check(
            "TABLE(2) = {\n\t{ 1 },\n};\nstatic inline LIKE(1) const char *f(void)\n{\n}\nstatic TEST(one)\n{\n}\n",
            &["Variable TABLE(2) 1..3", "Function f 4..6", "Function TEST(one) 7..9"],
        );
    }

    #[test]
    fn attributes_after_a_record_leave_it_its_end() {
        check(
            "enum e {\n\tA,\n} __mode(byte);\nstruct s {\n\tstruct {\n\t\tint a;\n\t} b __weird(4);\n} __align(8) v;\nint last;\n",
            &["Record enum e 1..3", "Variable v 4..8", "Variable last 9..9"],
        );
    }

    #[test]
    fn any_bytes_are_taken() {
        for input in [
            "",
            "}",
            "{{{",
            "#endif\n#else\n",
            "\0\u{ff}",
            "struct {",
            "int f(",
            "#if 1",
            "SYSCALL_DEFINE1(",
            "/*",
            "X(",
            "A(b)=c",
        ] {
            drawing(input);
        }
    }
}
