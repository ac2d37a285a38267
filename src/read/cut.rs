//! Cuts a hunk into parts that can be added or removed one without the other.
//!
//! ```text
//!   base            tip                 parts of each side, by the block they lie in
//!   f tail   -      f tail'  +          f  = f      one replacement
//!   g        -                          g           a removal
//!                   h        +               h      an insertion at the same place
//!   i head   -      i head'  +          i  = i      one replacement
//! ```
//!
//! A *block* is added or removed as a whole: in C a top-level item with its comment, and inside a record or an enum each line that ends a member; in a
//! build file a logical line; elsewhere a paragraph (the room `lang` says which). Both sides of a replacement stay together where they lie in the same
//! block, since a state with neither or both of them is one that nobody wrote.

use std::cmp::Ordering;

use bstr::{BStr, ByteSlice};

use crate::git::hunks::Hunk;
use crate::lang::Block;
use crate::model::Span;
use cleave_c::span::Lines;

/// One side of a hunk while it is being cut.
pub struct SideText<'t> {
    /// The whole text.
    pub text: &'t [u8],
    /// Its lines.
    pub lines: &'t Lines,
    /// Its blocks.
    pub blocks: &'t [Block],
}

/// A part of one side: lines, and the block they lie in.
#[derive(Debug, Clone, Copy)]
struct BlockPart<'b> {
    start: usize,
    end: usize,
    name: &'b BStr,
}

/// Cuts one hunk into smaller ones that can go alone, top to bottom in the order of the tip.
pub fn cut(hunk: Hunk, base: &SideText<'_>, tip: &SideText<'_>) -> Vec<Hunk> {
    let left = parts(base, hunk.base_start, hunk.base_end);
    let right = parts(tip, hunk.tip_start, hunk.tip_end);
    let mut pieces = Vec::new();
    let (mut at, mut done_left, mut done_right) = (hunk.base_start, 0, 0);
    let mut pairs = pairs(&left, &right, base, tip);
    // Another header is no new form of the old one: it comes when it is needed, and the old one goes when nothing needs it.
    pairs.retain(|&(l, r)| match (included(&left[l], base), included(&right[r], tip)) {
        (Some(old), Some(new)) => last_part(old) == last_part(new),
        _ => true,
    });
    for (l, r) in pairs.into_iter().chain([(left.len(), right.len())]) {
        for part in &right[done_right..r] {
            pieces.push(Hunk { base_start: at, base_end: at, tip_start: part.start, tip_end: part.end });
        }
        let tip_at = right.get(r).map_or(hunk.tip_end, |part| part.start);
        for part in &left[done_left..l] {
            pieces.push(Hunk { base_start: part.start, base_end: part.end, tip_start: tip_at, tip_end: tip_at });
            at = part.end;
        }
        if let (Some(old), Some(new)) = (left.get(l), right.get(r)) {
            pieces.push(Hunk { base_start: old.start, base_end: old.end, tip_start: new.start, tip_end: new.end });
            at = old.end;
        }
        (done_left, done_right) = (l + 1, r + 1);
    }
    pieces
}

/// Divides lines `[start, end)` at the borders of blocks. Blank lines go with the part before them, the first ones with the part after.
fn parts<'b>(side: &SideText<'b>, start: usize, end: usize) -> Vec<BlockPart<'b>> {
    let mut parts: Vec<BlockPart<'b>> = Vec::new();
    let mut push = |start: usize, end: usize, name: &'b BStr| {
        if start >= end {
            return;
        }
        let blank = side.text[side.lines.span(start, end).range()].trim().is_empty();
        match parts.last_mut() {
            Some(last) if blank => last.end = end,
            Some(last) if side.text[side.lines.span(last.start, last.end).range()].trim().is_empty() => {
                *last = BlockPart { start: last.start, end, name }
            }
            _ => parts.push(BlockPart { start, end, name }),
        }
    };
    let mut at = start;
    let first = side.blocks.partition_point(|block| block.end <= start);
    for block in side.blocks[first..].iter().take_while(|block| block.start < end) {
        push(at, block.start.max(at), BStr::new(""));
        push(block.start.max(at), block.end.min(end), block.name.as_ref());
        at = block.end.min(end).max(at);
    }
    push(at, end, BStr::new(""));
    parts
}

/// Returns the path that a part includes which is one such line.
fn included<'t>(part: &BlockPart<'_>, side: &SideText<'t>) -> Option<&'t [u8]> {
    let line = side.text[side.lines.span(part.start, part.end).range()].trim().strip_prefix(b"#")?.trim_start();
    let path = line.strip_prefix(b"include")?.trim_start();
    (!path.contains(&b'\n')).then_some(path)
}

/// Returns what follows the last `/` of a path, without the marks around it.
fn last_part(path: &[u8]) -> &[u8] {
    let name = &path[path.rfind_byte(b'/').map_or(0, |at| at + 1)..];
    name.trim_with(|char| matches!(char, '"' | '<' | '>'))
}

/// Returns which parts of the two sides belong together, in order: those of one name, and between those, single ones that are alike.
fn pairs(left: &[BlockPart<'_>], right: &[BlockPart<'_>], base: &SideText<'_>, tip: &SideText<'_>) -> Vec<(usize, usize)> {
    if left.is_empty() || right.is_empty() {
        return Vec::new();
    }
    if left.iter().chain(right).all(|part| part.name.is_empty()) {
        return unnamed_pairs(left, right);
    }
    let mut anchors = Vec::new();
    let mut from = 0;
    for (l, part) in left.iter().enumerate().filter(|(_, part)| !part.name.is_empty()) {
        if let Some(r) = right[from..].iter().position(|other| other.name == part.name) {
            anchors.push((l, from + r));
            from += r + 1;
        }
    }
    let mut all = Vec::new();
    let (mut next_left, mut next_right) = (0, 0);
    for (l, r) in anchors.into_iter().chain([(left.len(), right.len())]) {
        if l == next_left + 1 && r == next_right + 1 {
            let text =
                |side: &SideText<'_>, part: &BlockPart<'_>| side.text[side.lines.span(part.start, part.end).range()].to_vec();
            if alike(&text(base, &left[next_left]), &text(tip, &right[next_right])) {
                all.push((next_left, next_right));
            }
        }
        if l < left.len() {
            all.push((l, r));
        }
        (next_left, next_right) = (l + 1, r + 1);
    }
    all
}

/// Paragraphs and statements pair off one by one where both sides have as many; else the first takes what is left on its side.
fn unnamed_pairs(left: &[BlockPart<'_>], right: &[BlockPart<'_>]) -> Vec<(usize, usize)> {
    if left.len() == right.len() { (0..left.len()).map(|idx| (idx, idx)).collect() } else { vec![(0, 0)] }
}

/// Whether two texts share at least half of their words: one became the other.
pub fn alike(old: &[u8], new: &[u8]) -> bool {
    likeness(&words(old), &words(new)) >= ALIKE
}

/// The likeness of texts that share half of their words.
pub const ALIKE: usize = 500;

/// Returns the words of a text, sorted.
pub fn words(text: &[u8]) -> Vec<&[u8]> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let mut words: Vec<&[u8]> = text.split(|byte| !is_word(*byte)).filter(|word| !word.is_empty()).collect();
    words.sort_unstable();
    words
}

/// Returns how many words of the longer of two sorted lists the other one has too, in thousandths.
pub fn likeness(old: &[&[u8]], new: &[&[u8]]) -> usize {
    let longest = old.len().max(new.len());
    (1000 * n_shared(old, new)).checked_div(longest).unwrap_or(1000)
}

/// Returns how many words two sorted lists share, each as often as both have it.
pub fn n_shared(old: &[&[u8]], new: &[&[u8]]) -> usize {
    let (mut i, mut j, mut shared) = (0, 0, 0);
    while i < old.len() && j < new.len() {
        match old[i].cmp(new[j]) {
            Ordering::Less => i += 1,
            Ordering::Greater => j += 1,
            Ordering::Equal => (i, j, shared) = (i + 1, j + 1, shared + 1),
        }
    }
    shared
}

/// Returns the bytes of a piece on both sides.
pub fn spans(piece: &Hunk, base: &Lines, tip: &Lines) -> (Span, Span) {
    (base.span(piece.base_start, piece.base_end), tip.span(piece.tip_start, piece.tip_end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::language;
    use crate::read::align::aligned;

    fn check(path: &str, base: &str, tip: &str, expected: &str) {
        let (base_lines, tip_lines) = (Lines::of(base.as_bytes()), Lines::of(tip.as_bytes()));
        let of_side = |text: &str, lines: &Lines| {
            let language = language(path.as_bytes());
            let syntax = language.parse.map(|parse| parse(text.as_bytes()));
            language.blocks(text.as_bytes(), lines, syntax.as_ref())
        };
        let (base_blocks, tip_blocks) = (of_side(base, &base_lines), of_side(tip, &tip_lines));
        let base_side = SideText { text: base.as_bytes(), lines: &base_lines, blocks: &base_blocks };
        let tip_side = SideText { text: tip.as_bytes(), lines: &tip_lines, blocks: &tip_blocks };
        let mut drawn = String::new();
        for hunk in aligned(base.as_bytes(), tip.as_bytes(), &base_blocks, &tip_blocks) {
            for piece in cut(hunk, &base_side, &tip_side) {
                let (old, new) = spans(&piece, &base_lines, &tip_lines);
                for (sign, text) in [('-', &base[old.range()]), ('+', &tip[new.range()])] {
                    text.lines().for_each(|line| drawn.push_str(&format!("{sign}{line}\n")));
                }
                drawn.push_str("~\n");
            }
        }
        assert_eq!(drawn.replace("\t", " "), expected);
    }

    #[test]
    fn two_new_functions_are_two_pieces() {
        check(
            "a.c",
            "int a;\n",
            "int a;\n\nint f(void)\n{\n\treturn 1;\n}\n\n/* Says two. */\nint g(void)\n{\n\treturn 2;\n}\n",
            "+\n+int f(void)\n+{\n+ return 1;\n+}\n+\n~\n+/* Says two. */\n+int g(void)\n+{\n+ return 2;\n+}\n~\n",
        );
    }

    #[test]
    fn another_header_is_no_new_form_of_the_old_one() {
        let text = |line: &str| format!("#include \"a.h\"\n{line}\nint k;\n");
        check(
            "a.c",
            &text("#include \"old.h\""),
            &text("#include \"new.h\""),
            "+#include \"new.h\"\n~\n-#include \"old.h\"\n~\n",
        );
        let moved = "-#include \"old.h\"\n+#include <linux/old.h>\n~\n";
        check("a.c", &text("#include \"old.h\""), &text("#include <linux/old.h>"), moved);
    }

    #[test]
    fn a_renamed_function_is_paired_with_the_one_most_like_it() {
        let body =
            |name: &str, more: &str| format!("static int {name}(void)\n{{\n\tint r = 0;\n\n\tgo(r);\n{more}\treturn r;\n}}\n");
        let (gone, old) = (body("gone", "\tfirst(r);\n"), body("old", "\tsecond(r);\n\tthird(r);\n"));
        let new = body("new", "\tsecond(r);\n\tthird(r);\n");
        let left = gone.replace('\t', " ").lines().map(|line| format!("-{line}\n")).collect::<String>();
        check("a.c", &format!("{gone}\n{old}"), &new, &format!("{left}-\n~\n-static int old(void)\n+static int new(void)\n~\n"));
    }

    #[test]
    fn a_function_that_leaves_is_not_tied_to_one_that_comes() {
        check(
            "a.c",
            "int old(void)\n{\n\treturn table[3];\n}\n",
            "static long new_name(struct x *p)\n{\n\tp->go(p);\n}\n",
            "+static long new_name(struct x *p)\n+{\n+ p->go(p);\n+}\n~\n-int old(void)\n-{\n- return table[3];\n-}\n~\n",
        );
    }

    #[test]
    fn a_renamed_function_stays_one_piece() {
        check(
            "a.c",
            "int old_name(struct x *p)\n{\n\treturn p->a;\n}\n",
            "int new_name(struct x *p)\n{\n\treturn p->a;\n}\n",
            "-int old_name(struct x *p)\n+int new_name(struct x *p)\n~\n",
        );
    }

    #[test]
    fn lines_of_a_makefile_go_alone() {
        check(
            "Makefile",
            "obj-y += a.o\n",
            "obj-y += a.o\nobj-y += b.o \\\n\tc.o\nobj-y += d.o\n",
            "+obj-y += b.o \\\n+ c.o\n~\n+obj-y += d.o\n~\n",
        );
    }

    #[test]
    fn paragraphs_go_alone() {
        check("a.txt", "one\n", "one\n\ntwo\nthree\n\nfour\n", "+\n+two\n+three\n+\n~\n+four\n~\n");
    }
}
