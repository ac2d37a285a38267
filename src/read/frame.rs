//! Cuts hunks inside one item of C: into the entries of a list, or into a frame and the registrations in it.
//!
//! ```text
//!   struct s {              static int run(struct t *t)          head ┐
//!           int a;          {                                         │ the frame, one patch
//!   +       int b;   one            setup(t);                         ┘
//!   +       int c;   two            ret |= test_a(t);            a hole, with test_a()
//!   };                              ret |= test_b(t);            a hole, with test_b()
//!                                   return ret;                  tail, of the frame
//!                           }
//! ```
//!
//! Lines that come into a list are entries: members, constants, initializers, cases, statements set apart by a blank line or of one form.
//! A function or table that is new as a whole is often a list too, of what enters it step by step: each statement or entry that alone names a
//! static function of this file is a *hole* in the *frame* that the rest is, where there are several and the rest is well formed without them.
//! What leaves is cut as what comes. Names that tie the parts are found later, as for any edits.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BStr, ByteSlice};
use tree_sitter::Node;

use crate::git::hunks::Hunk;
use crate::model::Span;
use cleave_c::lex::{TokenKind, tokens_in};
use cleave_c::span::Lines;
use cleave_c::{Item, ItemKind, Syntax, span_of};

/// How a hunk depends on other hunks of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FramePart {
    /// It depends on none.
    Whole,
    /// It is a part of the frame with this number in the file, and no part of a frame comes without the others.
    Frame(usize),
    /// It fills a hole in that frame, and needs the frame.
    Hole(usize),
}

/// One side of a file, with the uses of the static functions that only this side defines.
pub struct SideView<'t> {
    text: &'t [u8],
    lines: &'t Lines,
    syntax: &'t Syntax,
    /// The uses of each static function that the other side does not define, outside of itself and in order, by where the first stands.
    uses: BTreeMap<usize, Vec<Span>>,
}

impl<'t> SideView<'t> {
    /// Reads one side. Linear in its text.
    pub fn of(text: &'t [u8], lines: &'t Lines, syntax: &'t Syntax, other: &Syntax) -> Self {
        let is_function = |item: &&Item| item.kind == ItemKind::Function && !item.name.is_empty();
        let known: BTreeSet<&BStr> = other.items().iter().filter(is_function).map(|item| item.name.as_bstr()).collect();
        let mut own: BTreeMap<&BStr, (Span, Vec<Span>)> = BTreeMap::new();
        for item in syntax.items().iter().filter(is_function).filter(|item| !known.contains(item.name.as_bstr())) {
            if text[item.core.range()].starts_with(b"static") {
                own.insert(item.name.as_bstr(), (item.core, Vec::new()));
            }
        }
        if !own.is_empty() {
            for token in syntax.tokens().iter().filter(|token| token.kind == TokenKind::Word) {
                if let Some((item, uses)) = own.get_mut(token.of(text).as_bstr())
                    && !item.contains(token.span.start)
                {
                    uses.push(token.span);
                }
            }
        }
        let uses = own.into_values().filter_map(|(_, uses)| Some((uses.first()?.start, uses))).collect();
        SideView { text, lines, syntax, uses }
    }

    fn line_of(&self, offset: usize) -> usize {
        self.lines.line_at(offset)
    }

    fn is_blank(&self, line: usize) -> bool {
        self.text[self.lines.span(line, line + 1).range()].trim().is_empty()
    }

    /// Whole lines of a node, `None` where something else stands on them.
    fn whole_lines(&self, node: Node<'_>) -> Option<(usize, usize)> {
        let span = span_of(node);
        let (start, end) = (self.line_of(span.start), self.line_of(span.end.max(span.start + 1) - 1) + 1);
        let all = self.lines.span(start, end);
        let before = self.text[all.start..span.start].trim().is_empty();
        let after = self.text[span.end..all.end].trim();
        let closes = after.is_empty() || after == b"," || after.starts_with(b"//") || after.starts_with(b"/*");
        let closes = closes || after.starts_with(b", /*") || after.starts_with(b",\t/*") || after.starts_with(b", //");
        (before && closes).then_some((start, end))
    }
}

/// Cuts the pieces of a file further, in their order. Cost: the tokens of the pieces, and the depth of each in the tree.
pub fn cut(pieces: Vec<Hunk>, base: &SideView<'_>, tip: &SideView<'_>) -> Vec<(Hunk, FramePart)> {
    let mut out = Vec::with_capacity(pieces.len());
    let mut n_frames = 0;
    for piece in pieces {
        if piece.base_start == piece.base_end {
            for (tip_start, tip_end, part) in parts(tip, piece.tip_start, piece.tip_end, &mut n_frames) {
                out.push((Hunk { tip_start, tip_end, ..piece }, part));
            }
        } else if piece.tip_start == piece.tip_end {
            for (base_start, base_end, part) in parts(base, piece.base_start, piece.base_end, &mut n_frames) {
                out.push((Hunk { base_start, base_end, ..piece }, part));
            }
        } else {
            out.extend(replaced(piece, tip, &mut n_frames));
        }
    }
    out
}

/// How far out a list or the first `if` of a chain is looked for: what is nested deeper than people write is not cut.
const DEEPEST: usize = 100;

fn is_list(node: Node<'_>) -> bool {
    matches!(node.kind(), "compound_statement" | "field_declaration_list" | "enumerator_list" | "initializer_list")
}

fn is_comment(node: Node<'_>) -> bool {
    node.kind() == "comment"
}

/// Cuts lines `[start, end)` of one side, all of which come or leave, and says what each part is; `n_frames` counts the frames of the file. Returns one whole for lines that are not to be cut.
fn parts(side: &SideView<'_>, start: usize, end: usize, n_frames: &mut usize) -> Vec<(usize, usize, FramePart)> {
    let whole = || vec![(start, end, FramePart::Whole)];
    if end - start < 2 {
        return whole();
    }
    let Some(root) = side.syntax.root() else { return whole() };
    let bytes = side.lines.span(start, end);
    let first = bytes.end - side.text[bytes.range()].trim_start().len();
    if let Some(item) = side.syntax.item_at(first)
        && bytes.contains(item.core.start)
        && item.core.end <= bytes.end
    {
        return framed(side, root, item, (start, end), n_frames).unwrap_or_else(whole);
    }
    list_around(side, start, end).and_then(|list| entries(side, list, start, end)).unwrap_or_else(whole)
}

/// The innermost list that some lines are inside of.
fn list_around<'s>(side: &SideView<'s>, start: usize, end: usize) -> Option<Node<'s>> {
    let bytes = side.lines.span(start, end);
    let text = &side.text[bytes.range()];
    let (first, last) = (bytes.end - text.trim_start().len(), bytes.start + text.trim_end().len());
    if first >= last {
        return None;
    }
    let around = |node: &Node<'_>| is_list(*node) && span_of(*node).start < first && last < span_of(*node).end;
    let innermost = side.syntax.root()?.descendant_for_byte_range(first, last);
    std::iter::successors(innermost, |node| node.parent()).take(DEEPEST).find(around)
}

/// The entries of a list that have some of these lines, each with its own whole lines; `None` where one has others too or was not understood.
fn children<'s>(side: &SideView<'_>, list: Node<'s>, start: usize, end: usize) -> Option<Vec<(usize, usize, Node<'s>)>> {
    let mut cursor = list.walk();
    let mut found: Vec<(usize, usize, Node<'_>)> = Vec::new();
    let mut more = cursor.goto_first_child_for_byte(side.lines.span(start, end).start).is_some();
    while more {
        let child = cursor.node();
        more = cursor.goto_next_sibling();
        let span = span_of(child);
        let (from, to) = (side.line_of(span.start), side.line_of(span.end.max(span.start + 1) - 1) + 1);
        if from >= end {
            break;
        }
        if is_comment(child) || !child.is_named() || to <= start {
            continue;
        }
        if child.is_error() || child.has_error() {
            return None;
        }
        let (from, to) = side.whole_lines(child)?;
        if from < start || to > end || found.last().is_some_and(|(_, last, _)| from < *last) {
            return None;
        }
        found.push((from, to, child));
    }
    Some(found)
}

/// Cuts lines inside a list between its entries.
fn entries(side: &SideView<'_>, list: Node<'_>, start: usize, end: usize) -> Option<Vec<(usize, usize, FramePart)>> {
    let found = children(side, list, start, end)?;
    let statements = list.kind() == "compound_statement";
    let mut cuts = vec![start];
    for pair in found.windows(2) {
        let ((_, before, one), (after, _, other)) = (pair[0], pair[1]);
        let blank = (before..after).find(|&line| side.is_blank(line));
        let at = blank.map_or(before, |line| line + 1);
        let case = other.kind() == "case_statement" && one.kind() == "case_statement" && one.named_child_count() > 1;
        if !statements || case || (one.kind() != "case_statement" && (blank.is_some() || in_a_row(side, one, other))) {
            cuts.push(at);
        }
    }
    cuts.push(end);
    (cuts.len() > 2).then(|| cuts.windows(2).map(|pair| (pair[0], pair[1], FramePart::Whole)).collect())
}

/// Whether two statements are of one form: equal but for words, numbers and texts.
fn in_a_row(side: &SideView<'_>, one: Node<'_>, other: Node<'_>) -> bool {
    one.kind() == other.kind() && form(side, span_of(one)) == form(side, span_of(other))
}

fn form(side: &SideView<'_>, span: Span) -> Vec<u8> {
    let mut form = Vec::new();
    for token in tokens_in(side.text, span) {
        match token.kind {
            TokenKind::Word => form.push(b'w'),
            TokenKind::Number => form.push(b'0'),
            TokenKind::Text | TokenKind::Char => form.push(b'"'),
            TokenKind::Punct | TokenKind::Directive => form.extend(token.of(side.text)),
            TokenKind::Comment => {}
        }
    }
    form
}

/// A statement or entry, the only one that names some static function.
struct ListEntry<'n> {
    node: Node<'n>,
    start: usize,
    end: usize,
}

/// Cuts a new item into a frame and its holes; `None` where there are not two of them in one list.
fn framed<'s>(
    side: &SideView<'_>,
    root: Node<'s>,
    item: &Item,
    (start, end): (usize, usize),
    n_frames: &mut usize,
) -> Option<Vec<(usize, usize, FramePart)>> {
    if !matches!(item.kind, ItemKind::Function | ItemKind::Variable) {
        return None;
    }
    let mut lists: BTreeMap<(usize, &'s str), Vec<ListEntry<'s>>> = BTreeMap::new();
    for uses in side.uses.range(side.lines.span(start, end).range()).map(|(_, uses)| uses) {
        if let Some((list, entry)) = entry(side, root, item, uses) {
            lists.entry(list).or_default().push(entry);
        }
    }
    let mut holes: Vec<(usize, usize)> = Vec::new();
    for mut list in lists.into_values() {
        list.sort_by_key(|entry| entry.start);
        list.dedup_by_key(|entry| entry.start);
        if list.len() > 1 && is_register(side, &list) {
            holes.extend(with_neighbours(side, &list));
        }
    }
    holes.retain(|(from, to)| *from >= start && *to <= end);
    holes.sort_unstable();
    if holes.is_empty() || holes.windows(2).any(|pair| pair[0].1 > pair[1].0) {
        return None;
    }
    let frame = *n_frames;
    *n_frames += 1;
    let mut out = Vec::new();
    let mut at = start;
    for (from, to) in holes {
        if at < from {
            out.push((at, from, FramePart::Frame(frame)));
        }
        out.push((from, to, FramePart::Hole(frame)));
        at = to;
    }
    if at < end {
        out.push((at, end, FramePart::Frame(frame)));
    }
    Some(out)
}

/// Finds the smallest entry of a list inside the item that holds all of these words, and says which list of what kind it is in.
fn entry<'s>(side: &SideView<'_>, root: Node<'s>, item: &Item, uses: &[Span]) -> Option<((usize, &'s str), ListEntry<'s>)> {
    let (first, last) = (uses.first()?, uses.last()?);
    if !item.core.contains(first.start) || !item.core.contains(last.start) {
        return None;
    }
    let mut node = root.descendant_for_byte_range(first.start, last.end)?;
    for _ in 0..DEEPEST {
        let parent = node.parent()?;
        if span_of(parent).start < item.core.start {
            return None;
        }
        let arm =
            |node: Node<'s>| node.kind() == "if_statement" && node.parent().is_some_and(|above| above.kind() == "else_clause");
        match node.kind() {
            "if_statement" if arm(node) => {
                let own = node.child_by_field_name("alternative").is_none_or(|other| span_of(other).start >= last.end);
                let (start, end) = own.then(|| else_arm(side, parent, node)).flatten()?;
                return Some(((span_of(chain_of(parent)?).start, "else"), ListEntry { node, start, end }));
            }
            // What follows the first arm, or stands in the last one, needs the `if`.
            "if_statement" if node.child_by_field_name("alternative").is_some() => return None,
            kind if is_list(parent) && span_of(parent).start > item.core.start => {
                let is_whole_arm = parent.parent().is_some_and(arm);
                if !is_whole_arm && is_removable(node, parent) {
                    let (start, end) = side.whole_lines(node)?;
                    return (!node.has_error()).then_some(((span_of(parent).start, kind), ListEntry { node, start, end }));
                }
            }
            _ => {}
        }
        node = parent;
    }
    None
}

/// Whether what is around an entry is well formed without it.
fn is_removable(node: Node<'_>, list: Node<'_>) -> bool {
    match node.kind() {
        "expression_statement" | "if_statement" => true,
        "initializer_pair" | "initializer_list" | "identifier" | "call_expression" => list.kind() == "initializer_list",
        // A switch over constants of an enum that has no default must name all of them; a label falls through to what comes next.
        "case_statement" => {
            let has_body = |case: Node<'_>| case.named_child_count() > 1;
            let mut cursor = list.walk();
            let is_default = |case: Node<'_>| case.child(0).is_some_and(|word| word.kind() == "default");
            has_body(node) && node.prev_named_sibling().is_none_or(has_body) && list.named_children(&mut cursor).any(is_default)
        }
        _ => false,
    }
}

/// The lines of one `else if`, without what follows it.
fn else_arm(side: &SideView<'_>, clause: Node<'_>, branch: Node<'_>) -> Option<(usize, usize)> {
    let body = branch.child_by_field_name("consequence")?;
    let start = side.line_of(span_of(clause).start);
    let line = side.text[side.lines.span(start, start + 1).range()].trim_start();
    let last = side.line_of(span_of(body).end - 1);
    match (line.starts_with(b"}"), body.kind() == "compound_statement") {
        // Its bracket closes the arm before, and the arm after closes its own.
        (true, true) => Some((start, last)),
        (false, false) if line.starts_with(b"else") => Some((start, last + 1)),
        _ => None,
    }
}

/// The first `if` of a chain.
fn chain_of(clause: Node<'_>) -> Option<Node<'_>> {
    let mut node = clause;
    for _ in 0..DEEPEST {
        match node.parent() {
            Some(parent) if matches!(parent.kind(), "else_clause" | "if_statement") => node = parent,
            _ => return Some(node),
        }
    }
    None
}

/// Whether statements put things down side by side: none makes what the next one takes.
fn is_register(side: &SideView<'_>, list: &[ListEntry<'_>]) -> bool {
    let made = |entry: &ListEntry<'_>| -> Option<&[u8]> {
        let assignment = entry.node.named_child(0).filter(|child| child.kind() == "assignment_expression")?;
        let left = assignment.child_by_field_name("left")?;
        (left.kind() == "identifier").then(|| &side.text[span_of(left).range()])
    };
    let first = made(&list[0]);
    list.iter().all(|entry| made(entry) == first)
}

/// The lines of each entry, with the statements before and after it that stand so at each of them.
fn with_neighbours<'s>(side: &SideView<'_>, list: &[ListEntry<'s>]) -> Vec<(usize, usize)> {
    let mut lines: Vec<(usize, usize)> = list.iter().map(|entry| (entry.start, entry.end)).collect();
    if list[0].node.kind() != "expression_statement" {
        return lines;
    }
    let step = |at: &[Node<'s>], on: fn(Node<'s>) -> Option<Node<'s>>| -> Option<Vec<(usize, usize)>> {
        let next: Vec<_> = at.iter().map(|&node| on(node)).collect::<Option<_>>()?;
        if next.iter().any(|&node| matches!(node.kind(), "declaration" | "return_statement" | "labeled_statement")) {
            return None;
        }
        let alike = next.windows(2).all(|pair| in_a_row(side, pair[0], pair[1]));
        let free = next.iter().all(|node| list.iter().all(|entry| entry.node != *node));
        (alike && free).then(|| next.iter().map(|&node| side.whole_lines(node)).collect::<Option<_>>()).flatten()
    };
    let mut at: Vec<Node<'s>> = list.iter().map(|entry| entry.node).collect();
    while let Some(before) = step(&at, |node| node.prev_named_sibling()) {
        lines.iter_mut().zip(before).for_each(|(lines, before)| lines.0 = before.0);
        at = at.iter().filter_map(|node| node.prev_named_sibling()).collect();
    }
    let first = lines[0].0;
    at = list.iter().map(|entry| entry.node).collect();
    while let Some(after) = step(&at, |node| node.next_named_sibling()) {
        if lines.iter().skip(1).zip(&after).any(|(next, after)| next.0 < after.1 && after.0 >= first) {
            break;
        }
        lines.iter_mut().zip(after).for_each(|(lines, after)| lines.1 = after.1);
        at = at.iter().filter_map(|node| node.next_named_sibling()).collect();
    }
    lines
}

/// Cuts a piece that replaces lines by others at the registrations among those that come.
fn replaced(piece: Hunk, tip: &SideView<'_>, n_frames: &mut usize) -> Vec<(Hunk, FramePart)> {
    let Hunk { base_start, base_end, tip_start, tip_end } = piece;
    let item = tip.syntax.item_at(tip.lines.span(tip_start, tip_end).start);
    let holes = item.zip(tip.syntax.root()).and_then(|(item, root)| framed(tip, root, item, (tip_start, tip_end), n_frames));
    let of_frame = |part: &FramePart| !matches!(part, FramePart::Hole(_));
    let holes = holes.filter(|parts| parts.iter().any(|(_, _, part)| of_frame(part)));
    let parts = holes.unwrap_or_else(|| vec![(tip_start, tip_end, FramePart::Whole)]);
    let mut from = base_start;
    let mut out = Vec::new();
    for (tip_start, tip_end, part) in parts {
        let base_start = if of_frame(&part) { std::mem::replace(&mut from, base_end) } else { from };
        out.push((Hunk { base_start, base_end: from.max(base_start), tip_start, tip_end }, part));
    }
    out
}

#[cfg(test)]
mod tests {
    use bstr::ByteSlice;

    use super::*;
    use cleave_c::parse;

    /// Draws what `base` → `tip` is cut into where all lines of the two, but for those that both start and end with, are one piece: `~` whole,
    /// `=` frame, `o` hole.
    fn check(base: &str, tip: &str, expected: &str) {
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let (old, new) = (lines(base), lines(tip));
        let head = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
        let most = old.len().min(new.len()) - head;
        let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| old == new).count().min(most);
        let piece = Hunk { base_start: head, base_end: old.len() - tail, tip_start: head, tip_end: new.len() - tail };
        let (base_lines, tip_lines) = (Lines::of(base.as_bytes()), Lines::of(tip.as_bytes()));
        let (base_syntax, tip_syntax) = (parse(base.as_bytes()), parse(tip.as_bytes()));
        let base_side = SideView::of(base.as_bytes(), &base_lines, &base_syntax, &tip_syntax);
        let tip_side = SideView::of(tip.as_bytes(), &tip_lines, &tip_syntax, &base_syntax);
        let mut drawn = String::new();
        for (piece, part) in cut(vec![piece], &base_side, &tip_side) {
            drawn.push(match part {
                FramePart::Whole => '~',
                FramePart::Frame(_) => '=',
                FramePart::Hole(_) => 'o',
            });
            drawn.push('\n');
            old[piece.base_start..piece.base_end].iter().for_each(|line| drawn.push_str(&format!("-{}\n", line.trim())));
            new[piece.tip_start..piece.tip_end].iter().for_each(|line| drawn.push_str(&format!("+{}\n", line.trim())));
        }
        assert_eq!(drawn, expected);
    }

    #[test]
    fn members_and_constants_go_alone() {
        check(
            "struct s {\n int a;\n};\n",
            "struct s {\n int a;\n /* Two. */\n int b;\n int c[2];\n};\n",
            "~\n+/* Two. */\n+int b;\n~\n+int c[2];\n",
        );
        check("enum e {\n A,\n};\n", "enum e {\n A,\n B,\n C = 4, /* four */\n};\n", "~\n+B,\n~\n+C = 4, /* four */\n");
    }

    #[test]
    fn statements_go_alone_in_a_row_or_set_apart() {
        check(
            "void f(void)\n{\n go();\n}\n",
            "void f(void)\n{\n a(1);\n b(2);\n x = c();\n if (x)\n return;\n\n d();\n go();\n}\n",
            "~\n+a(1);\n~\n+b(2);\n+x = c();\n+if (x)\n+return;\n+\n~\n+d();\n",
        );
    }

    #[test]
    fn cases_go_alone_with_the_labels_before_them() {
        check(
            "int f(int a)\n{\n switch (a) {\n default:\n return 0;\n }\n}\n",
            "int f(int a)\n{\n switch (a) {\n case 1:\n return 1;\n case 2:\n case 3:\n return 2;\n default:\n return 0;\n }\n}\n",
            "~\n+case 1:\n+return 1;\n~\n+case 2:\n+case 3:\n+return 2;\n",
        );
    }

    const TWO: &str = "static int a(void)\n{\n return 1;\n}\nstatic int b(void)\n{\n return 2;\n}\n";

    /// What comes with two static functions, cut off from those, `text` being the rest of the file.
    fn with_two(text: &str, expected: &str) {
        let tip = format!("{TWO}{text}");
        let (base_syntax, tip_syntax) = (parse(b""), parse(tip.as_bytes()));
        let lines = Lines::of(tip.as_bytes());
        let side = SideView::of(tip.as_bytes(), &lines, &tip_syntax, &base_syntax);
        let first = TWO.lines().count();
        let mut drawn = String::new();
        for (start, end, part) in parts(&side, first, lines.len(), &mut 0) {
            drawn.push(match part {
                FramePart::Whole => '~',
                FramePart::Frame(_) => '=',
                FramePart::Hole(_) => 'o',
            });
            drawn.push_str(&format!(" {}\n", tip.as_bytes()[lines.span(start, end).range()].as_bstr().trim().as_bstr()));
        }
        assert_eq!(drawn, expected);
    }

    #[test]
    fn what_alone_names_a_static_function_is_a_hole() {
        with_two(
            "int run(void)\n{\n int ret = 0;\n ret |= a();\n ret |= b();\n return ret;\n}\n",
            "= int run(void)\n{\n int ret = 0;\no ret |= a();\no ret |= b();\n= return ret;\n}\n",
        );
        with_two(
            "const struct ops ops = {\n .flags = 1,\n .a = a,\n .b = b,\n};\n",
            "= const struct ops ops = {\n .flags = 1,\no .a = a,\no .b = b,\n= };\n",
        );
    }

    #[test]
    fn a_hole_has_what_stands_around_each_of_them() {
        with_two(
            "int run(void)\n{\n int ret;\n log(1);\n ret = a();\n if (ret)\n return 1;\n log(2);\n ret = b();\n if (ret)\n return 2;\n return 0;\n}\n",
            "= int run(void)\n{\n int ret;\n\
             o log(1);\n ret = a();\n if (ret)\n return 1;\n\
             o log(2);\n ret = b();\n if (ret)\n return 2;\n\
             = return 0;\n}\n",
        );
    }

    #[test]
    fn what_makes_the_next_ones_input_is_no_register() {
        let text = "int run(void)\n{\n int x, y;\n x = a();\n y = b();\n return x + y;\n}";
        with_two(&format!("{text}\n"), &format!("~ {text}\n"));
    }

    #[test]
    fn an_arm_of_a_chain_is_a_hole() {
        let text = "int run(int k)\n{\n if (!k) {\n return 0;\n } else if (k == 1) {\n return a();\n } else if (k == 2) {\n return b();\n }\n return 3;\n}\n";
        with_two(
            text,
            "= int run(int k)\n{\n if (!k) {\n return 0;\n\
             o } else if (k == 1) {\n return a();\n\
             o } else if (k == 2) {\n return b();\n\
             = }\n return 3;\n}\n",
        );
    }
}
