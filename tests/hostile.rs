//! Texts that nobody should write: no reader breaks on them, however they are broken, deep or long.
//!
//! What takes time or memory out of proportion is looked for by `benches/hostile.py`, on megabytes; here the sizes are small.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by failing")]

#[path = "support/properties.rs"]
mod properties;
mod support;

use bstr::{BString, ByteSlice};
use get_maintainer::{Codeowners, Maintainers, Sources};
use git_cleave::analyze;
use git_cleave::model::Address;
use git_cleave::model::address::{escaped, unescaped};
use git_cleave::plan::address::addresses;
use git_cleave::plan::{store, todo};
use git_cleave::report::explain;
use properties::{c_text, change, compiler_output, diff_text, mails, owners, plan_of, stored_plan, todo_text};
use proptest::prelude::*;

/// One path for each way in which a text is read.
const PATHS: &[&str] = &[
    "a.c",
    "a.h",
    "a.S",
    "a.lds",
    "Makefile",
    "Kbuild",
    "meson.build",
    "Kconfig",
    "a.dts",
    "Documentation/devicetree/bindings/a.yaml",
    "Documentation/a.rst",
    "MAINTAINERS",
    "b.txt",
];

/// What the languages are made of, half of it broken off.
#[rustfmt::skip]
const PIECES: &[&str] = &[
    "(", ")", "[", "]", "{", "}", "<", ">", ";", ",", ":", "=", "*", "&", "->", ".", "...", "##", "#", "\"", "'", "\\", "\\\n", "/*", "*/", "//", "\n",
    "\r\n", " ", "\t", "\0", "\u{e9}", "0x", "1e+", "10000baseT", "a", "b", "x1",
    "if", "else", "for", "while", "do", "switch", "case", "default", "return", "goto", "struct", "union", "enum", "typedef", "static", "inline",
    "extern", "const", "int", "long", "unsigned", "void", "sizeof", "typeof", "__init", "__attribute__((", "asm volatile(", "__always_inline",
    "container_of(", "offsetof(", "list_for_each_entry(", "EXPORT_SYMBOL(", "SYSCALL_DEFINE2(", "DEFINE_PER_CPU(", "DECLARE_BITMAP(",
    "TRACE_EVENT(", "struct_group(", "module_init(", "guard(mutex)(", "_Generic(", "#if 0\n", "#if A\n", "#ifdef CONFIG_A\n", "#ifndef __ASSEMBLY__\n",
    "#elif B\n", "#else\n", "#endif\n", "#define M(x) \\\n", "#define N", "#include <a.h>\n", "#include \"", "#undef", "#pragma", "#!",
    "obj-y += ", "obj-$(CONFIG_A) := a.o\n", "a-objs := \\\n", "ifeq ($(A),y)\n", "endif\n", "$(", "subdir-y += d/\n", "files(", "endif",
    "config A\n", "menuconfig", "\tbool \"a\"\n", "\tdepends on ", "\tselect B if ", "&& ", "|| ", "!", "\thelp\n", "source \"", "menu", "endmenu\n", "choice\n",
    "/ {\n", "n: node@0 {\n", "compatible = \"a,b\"", "&label {\n", "<1 2>;", "/delete-node/", "properties:\n", "  compatible:\n", "    enum:\n", "      - a,b\n",
    "FILES\n", "M:\tA B <a@example.org>\n", "F:\tfs/*\n", "X:\t", "N:\t(a+)+$\n", "K:\t[", "T:\tgit git://x\n", "THE REST\n", "S:\tMaintained\n",
    "/fs/** @a\n", "**/", "@", "a@b", "`f()`", "struct a", ".. kernel-doc:: a.c\n", ":c:func:`",
];

fn soup() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        20 => proptest::sample::select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..8),
    ];
    proptest::collection::vec(piece, 0..90).prop_map(|pieces| pieces.concat())
}

/// The same text with a few places changed.
fn soups() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    (soup(), proptest::collection::vec((any::<prop::sample::Index>(), soup()), 0..3)).prop_map(|(base, changes)| {
        let mut tip = base.clone();
        for (at, text) in changes {
            let at = at.index(tip.len() + 1);
            let end = (at + text.len() / 2).min(tip.len());
            tip.splice(at..end, text.into_iter().take(40));
        }
        (base, tip)
    })
}

/// Cuts, doubles and writes over parts of a text.
fn damaged(text: &str, damages: &[(prop::sample::Index, usize, String)]) -> String {
    let mut text: Vec<char> = text.chars().collect();
    for (at, len, with) in damages {
        let at = at.index(text.len() + 1);
        let end = (at + len).min(text.len());
        text.splice(at..end, with.chars());
    }
    text.into_iter().collect()
}

fn damages() -> impl Strategy<Value = Vec<(prop::sample::Index, usize, String)>> {
    let with = prop_oneof![
        Just(String::new()),
        ".{0,6}",
        proptest::sample::select(
            &["[[", "]]", "\"", "\n", "pick ", "edit ", "series ", "= ", "#", "\\x", " | ", "[[patch]]\n"][..]
        )
        .prop_map(String::from),
    ];
    proptest::collection::vec((any::<prop::sample::Index>(), 0..30usize, with), 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn no_text_breaks_a_reader(path in proptest::sample::select(PATHS), (base, tip) in soups(), sides in 0..3) {
        let (base, tip) = match sides {
            0 => (None, Some(tip)),
            1 => (Some(base), None),
            _ => (Some(base), Some(tip)),
        };
        drop(plan_of(change(path, base.as_deref(), tip.as_deref())));
    }

    #[test]
    fn c_is_cut_into_items_and_tokens(text in soup()) {
        c_text(&text);
    }

    #[test]
    fn no_question_breaks_explain((base, tip) in soups(), question in prop_oneof![
        ".{0,12}",
        "(a\\.c|[.:@#]|struct|[a-b ]|[0-9]{1,20}|\\(\\)|->){0,6}",
    ]) {
        let change = change("a.c", Some(&base), Some(&tip));
        let facts = analyze::analyze(change.clone()).facts;
        let plan = plan_of(change);
        let addresses = addresses(&plan.change, &plan.edits);
        let all = addresses.iter().map(|address| address.to_string());
        for question in all.chain([question, "1".into(), "all".into(), "a.c".into(), "a.c:1".into()]) {
            if let Ok(meant) = explain::meant(&plan, &facts, &addresses, &question) {
                prop_assert!(!explain::explain(&plan, &facts, &addresses, &meant).is_empty());
            }
        }
    }

    #[test]
    fn no_owners_file_breaks_its_reader(text in soup(), other in soup(), path in "[a-c/.*]{1,12}") {
        owners(&text, &other, path.as_bytes());
    }

    #[test]
    fn no_compiler_output_breaks_its_reader(text in soup(), lines in proptest::collection::vec(proptest::sample::select(&[
        "a.c:1:2: error: 'x' undeclared (first use in this function)\n", "a.c: In function 'f':\n", "ld: a.o: in function `f':\n",
        "a.c:(.text+0x1): undefined reference to `g'\n", "a.c:1:99999999999999999999: error: \n", ":::error:", "make: *** [a.o] Error 1\n",
        "In file included from a.h:1,\n                 from b.c:2:\n", "\x1b[1m", "a.c:3: warning: unused variable 'v' [-Werror=unused-variable]\n",
    ][..]), 0..12)) {
        compiler_output(&[lines.concat().into_bytes(), text, lines.concat().into_bytes()].concat());
    }

    #[test]
    fn no_mail_and_no_diff_breaks_its_reader(text in soup(), lines in proptest::collection::vec(proptest::sample::select(&[
        "From 1 Mon Sep 17 00:00:00 2001\n", "From: A <a@x.org>\n", "Subject: [PATCH v2 1/2] a: b\n", "Message-ID: <1@x>\n", "In-Reply-To: <1@x>\n", "\n",
        "Subject: =?UTF-8?q?a=C3=A9?=\n b\n", "Content-Transfer-Encoding: base64\n", "Fixes: 0123456789ab (\"x\")\n", "Signed-off-by: A <a@x.org>\n", "---\n",
        " a.c | 2 +-\n", "diff --git a/a.c b/a.c\n", "new file mode 100644\n", "--- a/a.c\n", "+++ b/a.c\n", "@@ -1,2 +1,3 @@ f\n", "@@ -1 +99999999999 @@\n",
        " a\n", "-b\n", "+c\n", "rename to ", "\\ No newline at end of file\n", "-- \n2.47\n",
    ][..]), 0..20)) {
        let text = [lines.concat().into_bytes(), text, lines.concat().into_bytes()].concat();
        mails(&text);
        diff_text(&text);
    }

    #[test]
    fn no_stored_plan_and_no_todo_breaks_its_reader((base, tip) in soups(), damages in damages()) {
        let plan = plan_of(change("a.c", Some(&base), Some(&tip)));
        prop_assume!(!plan.edits.is_empty());
        stored_plan(&plan, &damaged(&store::write(&plan).unwrap(), &damages));
        todo_text(&plan, &damaged(&todo::render(&plan, &addresses(&plan.change, &plan.edits), todo::Show::Diff), &damages));
    }

    #[test]
    fn escapes_undo_themselves(bytes in soup(), text in ".{0,40}") {
        let there = escaped(bytes.as_bstr());
        prop_assert_eq!(unescaped(&there), Some(BString::from(bytes)));
        drop(unescaped(&text));
        drop(Address::leading(&text));
        drop(text.parse::<Address>());
    }
}

#[test]
fn deep_and_long_texts_are_read() {
    let nest = |n: usize, opening: &str, middle: &str, closing: &str| opening.repeat(n) + middle + &closing.repeat(n);
    let many = |n: usize, line: &str| (0..n).map(|at| line.replace('@', &at.to_string())).collect::<String>();
    let n = 8_000;
    let texts: Vec<(&str, String)> = vec![
        ("a.c", format!("int x = {};\n", nest(n, "(", "1", ")"))),
        ("a.c", format!("int f(void)\n{{\n{}}}\n", nest(n, "{", "", "}"))),
        ("a.c", format!("int f(void)\n{{\n\tx = {}a;\n}}\n", "!".repeat(n))),
        ("a.c", format!("int f(void)\n{{\n\tx{} = 1;\n}}\n", "->a".repeat(n))),
        ("a.c", format!("int f(void)\n{{\n{};\n}}\n", "if (a) ".repeat(n))),
        ("a.c", format!("int f(void)\n{{\n\tx = {}c;\n}}\n", "a ? b : ".repeat(n))),
        ("a.c", format!("int {}a;\n", "*".repeat(n))),
        ("a.c", "(".repeat(n)),
        ("a.c", "}".repeat(n)),
        ("a.c", many(n, "#if A@\n")),
        ("a.c", nest(n, "#if A\n#else\n", "int a;\n", "#endif\n")),
        ("a.c", nest(n / 10, "struct {\n", "int a;", "\n} m;\n")),
        ("a.c", format!("struct x {{\n{}}};\n", many(n, "\tint m@;\n"))),
        ("a.c", format!("int a{};\n", many(n, ", b@"))),
        ("a.c", format!("static {}int f(void)\n{{\n}}\n", "__odd ".repeat(n))),
        ("a.c", "int a; ".repeat(n)),
        ("a.lds", nest(n, "{", " *(.x) ", "}")),
        ("Makefile", nest(n, "$(", "a", ")")),
        ("Makefile", "\\\n".repeat(n)),
        ("Kconfig", format!("config A\n\tdepends on {}\n", nest(n, "(", "B", ")"))),
        ("Kconfig", nest(n, "if A\n", "config B\n", "endif\n")),
        ("a.dts", nest(n, "n { ", "", "}; ")),
        ("Documentation/devicetree/bindings/a.yaml", nest(n, "[", "", "]")),
    ];
    for (path, text) in texts {
        let changed = format!("int early;\n{text}\nint late;\n");
        drop(plan_of(change(path, Some(text.as_bytes()), Some(changed.as_bytes()))));
    }
    let pattern = ["F:\t", &"*/".repeat(n), "\nN:\t", &nest(n / 10, "(", "a", ")*"), "\n"].concat();
    let sources = Sources { files: vec![("MAINTAINERS".into(), pattern.into())], ..Sources::default() };
    drop(Maintainers::parse(&sources).home("a/b".into(), &|_| false));
    drop(Codeowners::parse("**/".repeat(n).as_bytes()));
    store::read(&nest(n, "a = [", "", "]")).unwrap_err();
}
