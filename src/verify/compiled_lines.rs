//! Which lines of a change no configuration compiles.
//!
//! ```text
//!   #ifdef CONFIG_A          what a compiler's preprocessor leaves (-E -dD) has lines 2 and 6 of the file:
//!   int one(void);       2   of the branches of this condition the second is compiled by nobody,
//!   #else                    and a change in line 4 is not seen by any build
//!   int two(void);       4
//!   #endif
//!   int three(void);     6
//! ```
//!
//! A branch counts as compiled when any line directly in it shows up, not one of a condition within. Lines of blanks and comments, and
//! the conditions themselves, ask for nobody. Cost: one pass over each output.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BStr, BString, ByteSlice};

use crate::model::Span;
use cleave_c::directives::{Directive, DirectiveKind, directives};
use cleave_c::lex::{TokenKind, tokens};
use cleave_c::span::Lines;

/// Lines of files that were compiled, counted from 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompiledLines {
    files: BTreeMap<BString, BTreeSet<usize>>,
}

/// A touched file.
#[derive(Debug, Clone)]
pub struct TouchedFile {
    /// Where it stands.
    pub path: BString,
    /// What it holds after the change.
    pub text: Vec<u8>,
    /// Lines of that text that the change wrote, `[start, end)` counted from 0.
    pub changed: Vec<(usize, usize)>,
}

/// Changed lines that no compiler saw.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotCompiled {
    /// The file.
    pub path: BString,
    /// The conditions they stand in, the outermost first, as written; none where the whole file is compiled by nobody.
    pub conditions: Vec<BString>,
    /// The lines, counted from 0, sorted.
    pub lines: Vec<usize>,
}

impl CompiledLines {
    /// Adds the lines that a preprocessor left (`-E`, with `-dD` for macros). `path_of` gives a file of its line markers from the top.
    pub fn add(&mut self, preprocessed: &[u8], path_of: &dyn Fn(&BStr) -> BString) {
        let mut file: &[u8] = b"";
        let mut line = 0;
        let mut found: BTreeMap<&[u8], BTreeSet<usize>> = BTreeMap::new();
        for text in preprocessed.lines() {
            if let Some((number, path, returns)) = marker(text) {
                file = path;
                line = number;
                // Back from an included file: the line before asked for it.
                if let (true, Some(before)) = (returns, line.checked_sub(1)) {
                    found.entry(file).or_default().insert(before);
                }
                continue;
            }
            if !text.trim().is_empty() {
                found.entry(file).or_default().insert(line);
            }
            line += 1;
        }
        for (file, lines) in found {
            self.files.entry(path_of(file.as_bstr())).or_default().extend(lines);
        }
    }
}

/// Reads `# 12 "fs/a.c" 2`: line (from 0), file, and whether an included file has ended.
fn marker(text: &[u8]) -> Option<(usize, &[u8], bool)> {
    let rest = text.strip_prefix(b"# ")?;
    let (number, rest) = rest.split_once_str(" \"")?;
    let end = rest.rfind_byte(b'"')?;
    let number: usize = number.to_str().ok()?.parse().ok()?;
    Some((number.saturating_sub(1), &rest[..end], rest[end + 1..].fields().next() == Some(b"2")))
}

/// Returns the changed lines that ask to be compiled and were not, by file and by the branches they stand in.
pub fn not_compiled(touched: &[TouchedFile], seen: &CompiledLines) -> Vec<NotCompiled> {
    let mut missed: Vec<NotCompiled> =
        touched.iter().flat_map(|file| not_compiled_in(file, seen.files.get(&file.path))).collect();
    missed.sort();
    missed
}

fn not_compiled_in(file: &TouchedFile, seen: Option<&BTreeSet<usize>>) -> Vec<NotCompiled> {
    let lines = Lines::of(&file.text);
    let tokens = tokens(&file.text);
    let (list, conditionals) = directives(&file.text, &tokens);
    // Lines that ask to be compiled, each with its first line: a macro's later lines are left out by the preprocessor.
    let mut asking: BTreeMap<usize, usize> = BTreeMap::new();
    let mut directive = list.iter();
    for token in &tokens {
        let asks = match token.kind {
            TokenKind::Comment => false,
            TokenKind::Directive => directive
                .next()
                .is_some_and(|found| matches!(found.kind, DirectiveKind::Include | DirectiveKind::Define | DirectiveKind::Undef)),
            _ => true,
        };
        if asks {
            let first = lines.line_at(token.span.start);
            (first..=lines.line_at(token.span.end.saturating_sub(1))).for_each(|line| {
                asking.entry(line).or_insert(first);
            });
        }
    }
    let changed: Vec<usize> = file
        .changed
        .iter()
        .flat_map(|&(start, end)| start..end.min(lines.len()))
        .filter(|line| asking.contains_key(line))
        .collect();
    let Some(seen) = seen else {
        let path = file.path.clone();
        return if changed.is_empty() { Vec::new() } else { vec![NotCompiled { path, conditions: Vec::new(), lines: changed }] };
    };
    // Branches by line, outer before inner as conditions are sorted.
    let mut branches: Vec<Branch<'_>> = Vec::new();
    for conditional in &conditionals {
        for pair in conditional.lines.windows(2) {
            let (head, next) = (&list[pair[0]], &list[pair[1]]);
            let first = lines.line_at(head.span.end.saturating_sub(1)) + 1;
            branches.push(Branch { head, first, end: lines.line_at(next.span.start), is_seen: false });
        }
    }
    let mut within: Vec<Vec<usize>> = vec![Vec::new(); lines.len()];
    for (place, branch) in branches.iter().enumerate() {
        within.get_mut(branch.first..branch.end).into_iter().flatten().for_each(|around| around.push(place));
    }
    for (&line, first) in &asking {
        if let Some(&inner) = within.get(line).and_then(|around| around.last()) {
            branches[inner].is_seen |= seen.contains(&line) || seen.contains(first);
        }
    }
    let mut found: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for line in changed {
        if let Some(&inner) = within[line].last().filter(|&&inner| !branches[inner].is_seen) {
            found.entry(inner).or_default().push(line);
        }
    }
    found
        .into_iter()
        .map(|(inner, lines)| {
            let around = &within[lines[0]];
            let conditions = around
                .iter()
                .filter(|&&place| place == inner || !is_guard(&file.text, &list, branches[place].head))
                .map(|&place| written(&file.text, branches[place].head));
            NotCompiled { path: file.path.clone(), conditions: conditions.collect(), lines }
        })
        .collect()
}

/// The lines between one line of a condition and the next.
struct Branch<'d> {
    head: &'d Directive,
    /// First line in it.
    first: usize,
    /// One past the last.
    end: usize,
    is_seen: bool,
}

/// Whether a condition keeps a header from being read twice: the next line defines what it asks for.
fn is_guard(text: &[u8], list: &[Directive], head: &Directive) -> bool {
    let next = list.iter().find(|directive| directive.span.start > head.span.start);
    let name = |span: Span| text[span.range()].as_bstr();
    next.is_some_and(|next| next.kind == DirectiveKind::Define && name(next.argument) == name(head.argument))
}

/// Returns a line of a condition as written, on one line.
fn written(text: &[u8], head: &Directive) -> BString {
    let end = if head.argument.is_empty() { head.span.end } else { head.argument.end };
    let line = &text[head.span.start..end];
    let line = line.find("/*").map_or(line, |at| &line[..at]);
    bstr::join(" ", line.replace("\\\n", " ").fields()).into()
}

/// Returns what both miss: a line that either of two profiles compiles is compiled.
pub fn not_compiled_by_either(one: Vec<NotCompiled>, other: &[NotCompiled]) -> Vec<NotCompiled> {
    let also: BTreeSet<(&BString, usize)> =
        other.iter().flat_map(|missed| missed.lines.iter().map(move |&line| (&missed.path, line))).collect();
    let left = one.into_iter().map(|missed| {
        let lines = missed.lines.iter().copied().filter(|&line| also.contains(&(&missed.path, line))).collect();
        NotCompiled { lines, ..missed }
    });
    left.filter(|missed| !missed.lines.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The table for a text in which a `+` begins each changed line, and what preprocessors left of it.
    fn check(text: &str, outputs: &[&str], expected: &str) {
        let changed =
            text.lines().enumerate().filter(|(_, line)| line.starts_with('+')).map(|(line, _)| (line, line + 1)).collect();
        let text: String = text.lines().map(|line| format!("{}\n", &line[1..])).collect();
        let touched = TouchedFile { path: "a.c".into(), text: text.into_bytes(), changed };
        let mut seen = CompiledLines::default();
        outputs
            .iter()
            .for_each(|output| seen.add(output.as_bytes(), &|path| path.trim_start_with(|c| c == '.' || c == '/').into()));
        assert_eq!(crate::report::verify_text::not_compiled(&not_compiled(&[touched], &seen)), expected);
    }

    const BRANCHES: &str = " #ifdef A\n+int one;\n+/* words */\n #else\n+int two;\n+\n+int\n+  more;\n #endif\n+int three;\n";

    #[test]
    fn a_branch_that_no_configuration_has_is_told() {
        check(BRANCHES, &["# 1 \"./a.c\"\n\nint one;\n# 10 \"./a.c\"\nint three;\n"], "a.c:5,7-8  only with #else\n");
        check(BRANCHES, &["# 5 \"a.c\"\nint two;\n# 10 \"a.c\"\nint three;\n"], "a.c:2  only with #ifdef A\n");
        check(BRANCHES, &["# 2 \"a.c\"\nint one;\n", "# 5 \"a.c\"\nint two;\n"], "");
        check(BRANCHES, &["# 1 \"other.c\"\nint one;\n"], "a.c:2,5,7-8,10  compiled by nobody\n");
    }

    #[test]
    fn conditions_in_conditions_are_told_with_what_is_around_them() {
        let text = " #ifndef GUARD\n #define GUARD\n #if A && \\\n     B\n int a;\n #ifdef C /* why */\n+int c;\n #endif\n #endif\n #endif\n";
        check(text, &["# 2 \"a.c\"\n#define GUARD\n# 5 \"a.c\"\nint a;\n"], "a.c:7  only with #if A && B / #ifdef C\n");
        check(text, &["# 7 \"a.c\"\nint c;\n"], "");
    }

    #[test]
    fn macros_and_includes_count_as_lines() {
        let text =
            " #ifdef A\n+#define X \\\n+\t1\n #else\n+#include \"b.h\"\n #endif\n #ifdef B\n+#error no\n+// words\n #endif\n";
        check(text, &["# 2 \"a.c\"\n#define X 1\n"], "a.c:5  only with #else\n");
        check(text, &["# 1 \"b.h\" 1\nint b;\n# 6 \"a.c\" 2\n"], "a.c:2-3  only with #ifdef A\n");
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(
            text in r"(#if|#else|#endif|#define| A|\n|/\*|\*/|x|\\\n){0,24}",
            output in r##"(# [0-9]{1,3} "a\.c"( 2)?\n|x|\n|# ){0,12}"##,
            start in 0_usize..9,
        ) {
            let touched = TouchedFile { path: "a.c".into(), text: text.into_bytes(), changed: vec![(start, start + 4)] };
            let mut seen = CompiledLines::default();
            seen.add(output.as_bytes(), &|path| path.to_owned());
            let _ = not_compiled(&[touched], &seen);
        }
    }

    #[test]
    fn what_one_of_two_compiles_is_compiled() {
        let missed = |lines: &[usize]| NotCompiled { path: "a.c".into(), conditions: vec!["A".into()], lines: lines.to_vec() };
        assert_eq!(not_compiled_by_either(vec![missed(&[1, 2, 5])], &[missed(&[2, 5, 6])]), [missed(&[2, 5])]);
        assert_eq!(not_compiled_by_either(vec![missed(&[1])], &[missed(&[2])]), []);
    }
}
