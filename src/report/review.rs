//! How much of each commit has to be read, for people and for programs: `git cleave review`.

use bstr::ByteSlice;
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use crate::analyze::rules::{Replay, Rule};
use crate::review::{Row, Tally};
use crate::ui::width::shortened;

/// Columns before the subject.
const COLUMNS: usize = 65;
/// Columns before what stands below a row, a subject that is longer too.
const BELOW: usize = 14;

/// Rules shown under one row; programs get all of them.
const MOST_RULES: usize = 5;

/// Returns one line a row, and below it the rules that its mechanical lines are made of.
pub fn table(rows: &[Row], width: usize) -> String {
    let mut text = String::from("commit        lines  moved  space  comment  mechanical  changed  subject\n");
    for row in rows {
        let Tally { lines, moved, whitespace, comment, mechanical, changed, rules, n_opaque } = &row.tally;
        let commit = row.commit_id.map_or_else(String::new, |commit_id| commit_id.short());
        let subject = match row.subject.to_str_lossy() {
            subject if subject.width() <= width.saturating_sub(COLUMNS) => format!("  {subject}"),
            subject => format!("\n{:BELOW$}{}", "", shortened(&subject, width.saturating_sub(BELOW))),
        };
        text.push_str(&format!(
            "{commit:12}  {lines:5}  {moved:5}  {whitespace:5}  {comment:7}  {mechanical:10}  {changed:7}{subject}\n"
        ));
        for (rule, n_sites) in rules.iter().take(MOST_RULES) {
            let sites = if *n_sites == 1 { "1 site".to_owned() } else { format!("{n_sites} sites") };
            text.push_str(&format!("{:BELOW$}{}  ({sites})\n", "", rule.line()));
        }
        if rules.len() > MOST_RULES {
            text.push_str(&format!("{:BELOW$}and {} more rules\n", "", rules.len() - MOST_RULES));
        }
        if *n_opaque > 0 {
            text.push_str(&format!("{:BELOW$}and {n_opaque} files without lines\n", ""));
        }
    }
    text
}

/// One commit; the last row, without one, is the whole range.
#[derive(Debug, Serialize)]
pub struct JsonRow {
    commit: Option<String>,
    subject: String,
    lines: usize,
    moved: usize,
    whitespace: usize,
    comment: usize,
    mechanical: usize,
    changed: usize,
    rules: Vec<JsonRule>,
    files_without_lines: usize,
}

#[derive(Debug, Serialize)]
struct JsonRule {
    rule: String,
    sites: usize,
    /// What makes the rule again: a semantic patch for `spatch`, or a command to be given the files.
    #[serde(skip_serializing_if = "Option::is_none")]
    smpl: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sed: Option<String>,
}

/// Returns one value a row; the last, without a commit, is the whole range. Bytes that are not UTF-8 are replaced.
pub fn json(rows: &[Row]) -> Vec<JsonRow> {
    let rule = |(rule, sites): &(Rule, usize)| {
        let (smpl, sed) = match rule.replay(None, rule.reached) {
            Some(Replay::SemanticPatch(text)) => (Some(text), None),
            Some(Replay::Sed(text)) => (None, Some(text)),
            None => (None, None),
        };
        JsonRule { rule: rule.line(), sites: *sites, smpl, sed }
    };
    let row = |Row { commit_id, subject, tally }: &Row| JsonRow {
        commit: commit_id.map(|commit_id| commit_id.to_string()),
        subject: subject.to_str_lossy().into_owned(),
        lines: tally.lines,
        moved: tally.moved,
        whitespace: tally.whitespace,
        comment: tally.comment,
        mechanical: tally.mechanical,
        changed: tally.changed,
        rules: tally.rules.iter().map(rule).collect(),
        files_without_lines: tally.n_opaque,
    };
    rows.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::{Pair, tally};

    /// Files as (path, base, tip); expected is the row without its commit, as in the table.
    fn check(files: &[(&str, &str, &str)], expected: &str) {
        let pairs: Vec<Pair<'_>> = files
            .iter()
            .map(|(path, base, tip)| Pair { path: (*path).into(), base: base.as_bytes(), tip: tip.as_bytes() })
            .collect();
        let row = Row { commit_id: None, subject: "s".into(), tally: tally(&pairs) };
        assert_eq!(row.tally.lines, n_changed_lines(&pairs), "every line is of one kind");
        let text = table(&[row], 80);
        let (_, body) = text.split_once('\n').unwrap();
        let lines: Vec<String> = body.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(lines.join("\n"), expected);
    }

    fn n_changed_lines(pairs: &[Pair<'_>]) -> usize {
        let hunks = pairs.iter().flat_map(|pair| crate::git::hunks::hunks(pair.base, pair.tip));
        hunks.map(|hunk| hunk.base_end - hunk.base_start + hunk.tip_end - hunk.tip_start).sum()
    }

    // In the expectations: lines moved space comment mechanical changed.

    const FUNCTION: &str = "static int frobnicate(struct device *dev)\n{\n\tdev->count++;\n\treturn dev->count;\n}\n";

    #[test]
    fn a_function_that_goes_to_another_file_is_moved() {
        let base = format!("int before;\n{FUNCTION}int after;\n");
        check(
            &[("a.c", &base, "int before;\nint after;\n"), ("b.c", "int c;\n", &format!("int c;\n{FUNCTION}"))],
            "10 10 0 0 0 0 s",
        );
    }

    #[test]
    fn what_changes_inside_a_moved_function_is_seen() {
        let new = FUNCTION.replace("{\n", "{\n\tlock(dev);\n");
        let tail = "\tsecond(dev, 1);\n\tthird(dev, 22);\n\tfourth(dev, 333);\n";
        check(
            &[("a.c", &format!("{FUNCTION}{tail}"), ""), ("b.c", "", &format!("{new}{tail}"))],
            // The head of two lines is too short for a block; the rest moved.
            "17 12 0 0 0 5 s",
        );
    }

    #[test]
    fn short_or_poor_blocks_are_not_moved() {
        check(&[("a.c", "x\n\t}\n\treturn;\n}\ny\n", "x\ny\n"), ("b.c", "z\n", "\t}\n\treturn;\n}\nz\n")], "6 0 0 0 0 6 s");
    }

    #[test]
    fn a_block_that_comes_twice_was_moved_once() {
        check(&[("a.c", FUNCTION, ""), ("b.c", "", &format!("{FUNCTION}int x;\n{FUNCTION}"))], "16 10 0 0 0 6 s");
    }

    #[test]
    fn white_space_is_told_from_changes() {
        check(&[("a.c", "if (a)\n  f(a,b);\n", "if (a)\n\tf(a, b);\n")], "2 0 2 0 0 0 s");
        check(&[("a.c", "f(a, b,\n  c);\n", "f(a, b, c);\n")], "3 0 3 0 0 0 s");
        check(&[("a.c", "int a;\nint b;\n", "int a;\n\nint b;\n")], "1 0 1 0 0 0 s");
        check(&[("a.c", "puts(\"a b\");\n", "puts(\"ab\");\n")], "2 0 0 0 0 2 s");
        check(&[("a.c", "int x;\n", "intx;\n")], "2 0 0 0 0 2 s");
        check(&[("a.txt", "a b\n", "a  b\n")], "2 0 2 0 0 0 s");
        check(&[("a.txt", "a b\n", "ab\n")], "2 0 0 0 0 2 s");
        check(&[("a.c", "#define A 1 \\\n  + 2\n", "#define A 1\n  + 2\n")], "2 0 0 0 0 2 s");
    }

    #[test]
    fn comments_are_told_from_changes() {
        check(&[("a.c", "/*\n * One.\n */\nint a;\n", "/*\n * Two.\n */\nint a;\n")], "2 0 0 2 0 0 s");
        check(&[("a.c", "int a; /* one */\n", "int a; // two\n")], "2 0 0 2 0 0 s");
        check(&[("a.c", "#define A 1 /* one */\n", "#define A 1\n")], "2 0 0 2 0 0 s");
        check(&[("a.c", "char *s = \"/* one */\";\n", "char *s = \"/* two */\";\n")], "2 0 0 0 0 2 s");
        check(&[("Makefile", "# one\nall:\n", "# two\nall:\n")], "2 0 0 2 0 0 s");
        check(&[("a.c", "int a;\n", "/* int b; */\nint a;\n")], "1 0 0 1 0 0 s");
    }

    #[test]
    fn a_rewrite_of_three_sites_is_mechanical() {
        let base = "a = page->index;\nkeep();\nb = p->index + 1;\nkeep();\nreturn q->index;\n";
        let tip = base.replace("->index", "->__folio_index");
        check(&[("a.c", base, &tip)], "6 0 0 0 6 0 s\nE->index -> E->__folio_index (3 sites)");
        let two = tip.replace("return q->__folio_index", "return q->index");
        check(&[("a.c", base, &two)], "4 0 0 0 0 4 s");
    }

    #[test]
    fn what_else_changes_on_a_line_is_no_rewrite() {
        let base = "a = page->index;\nkeep();\nb = p->index + 1;\nkeep();\nreturn q->index;\n";
        let tip = base.replace("->index", "->place").replace("+ 1", "+ one");
        check(&[("a.c", base, &tip)], "6 0 0 0 4 2 s\nE->index -> E->place (2 sites)");
    }

    #[test]
    fn a_rewrite_may_break_lines_anew() {
        let site = |name: &str, by: &str| format!("{name}(a,{by}\tb);\nkeep();\n");
        let base: String = ["\n", "\n", "\n"].iter().map(|by| site("strlcpy", by)).collect();
        let tip: String = [" ", " ", " "].iter().map(|by| site("strscpy", by)).collect();
        check(&[("a.c", &base, &tip)], "9 0 0 0 9 0 s\nstrlcpy() -> strscpy() (3 sites)");
    }

    #[test]
    fn a_word_more_is_no_rewrite_in_prose() {
        let (base, tip) = ("f(a);\nkeep;\nf(b);\nkeep;\nf(c);\n", "new f(a);\nkeep;\nnew f(b);\nkeep;\nnew f(c);\n");
        check(&[("a.c", base, tip)], "6 0 0 0 6 0 s\nnothing -> new (3 sites)");
        check(&[("a.txt", base, tip)], "6 0 0 0 0 6 s");
        check(&[("a.txt", base, &base.replace('f', "g"))], "6 0 0 0 6 0 s\nf() -> g() (3 sites)");
    }

    #[test]
    fn kinds_stand_side_by_side() {
        let stays: String = (0..9).map(|n| format!("int stays_{n};\n")).collect();
        let base = format!("{FUNCTION}{stays}int a;\n/* one */\nint b;\n");
        let tip = format!("{stays}int  a;\n/* two */\nlong b;\nint c(void)\n{{\n\n\treturn 1;\n}}\n{FUNCTION}");
        check(&[("a.c", &base, &tip)], "21 10 2 2 0 7 s");
    }

    #[test]
    fn programs_read_all_of_it() {
        let pair = Pair { path: "a.c".into(), base: b"f(a);\nf(b);\nf(c);\n", tip: b"g(a);\ng(b);\ng(c);\n" };
        let row = Row { commit_id: None, subject: "in all".into(), tally: tally(&[pair]) };
        assert_eq!(
            serde_json::to_string(&json(&[row])).unwrap(),
            "[{\"commit\":null,\"subject\":\"in all\",\"lines\":6,\"moved\":0,\"whitespace\":0,\"comment\":0,\"mechanical\":6,\"changed\":0,\
             \"rules\":[{\"rule\":\"f() -> g()\",\"sites\":3,\"smpl\":\"@@\\n@@\\n- f\\n+ g\\n  (...)\\n\"}],\"files_without_lines\":0}]"
        );
    }
}
