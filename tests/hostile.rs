//! Texts that nobody should write: no reader breaks on them, however they are broken, deep or long.
//!
//! What takes time or memory out of proportion is looked for by `benches/hostile.py`, on megabytes; here the sizes are small.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by failing")]

mod support;

use bstr::{BStr, BString, ByteSlice};
use get_maintainer::{Codeowners, Dialect, Mailbox, Mailmap, Maintainers, Question, Sources};
use git_cleave::analyze;
use git_cleave::analyze::Analysis;
use git_cleave::model::address::{escaped, unescaped};
use git_cleave::model::{
    Address, Campaign, Change, Content, EditSet, Entry, FileChange, Home, HomeIdx, Landing, Message, Mode, Patch, PatchIdx, Plan,
    Series, Words, compose,
};
use git_cleave::plan::address::addresses;
use git_cleave::plan::check::{Asked, check};
use git_cleave::plan::relate::relations;
use git_cleave::plan::{store, todo};
use git_cleave::report::explain;
use git_cleave::verify::diagnose::{diagnose, what_broke};
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

fn change(path: &str, base: Option<&[u8]>, tip: Option<&[u8]>) -> Change {
    // What git takes for no text is one for the readers here.
    let entry = |bytes: &[u8]| Entry { content: Content::Text(bytes.into()), ..support::entry(path, Mode::File, bytes) };
    support::change_of(vec![FileChange { base: base.map(entry), tip: tip.map(entry) }])
}

/// Reads the change in every way a plan does, and composes it again.
fn plan_of(change: Change) -> Plan {
    let analysis = analyze::analyze(change);
    let relations = relations(&analysis);
    let Analysis { change, edits, occurrences, .. } = analysis;
    drop(analyze::rules::rules(&change, &edits));
    let whole = compose(&change, &edits, &EditSet::full(edits.len())).unwrap();
    let tip = change.files[0].tip.as_ref();
    assert_eq!(whole.len(), usize::from(tip.is_some()));
    let message = Message { subject: "all".into(), ..Message::default() };
    let home = Home { name: "h".into(), tree: None, slug: "h".into() };
    let patch = Patch {
        patch_id: "all".into(),
        edits: edits.iter().map(|(edit_id, _)| edit_id).collect(),
        message: message.clone(),
        author: change.committer.clone(),
        home: HomeIdx(0),
        why: Vec::new(),
    };
    let series = Series {
        name: "h".into(),
        home: HomeIdx(0),
        patches: vec![PatchIdx(0)],
        needs: Vec::new(),
        cover: message,
        part: None,
        waits: Vec::new(),
    };
    let campaign = Campaign { homes: vec![home], patches: vec![patch], series: vec![series] };
    let all = campaign.patches[0].edits.clone();
    drop(check(&change, &edits, &occurrences, &[all], &Asked::default()));
    Plan {
        name: "x".into(),
        change,
        edits,
        relations,
        from_check: Vec::new(),
        from_builds: Vec::new(),
        overridden: Vec::new(),
        campaign,
        landing: Landing::default(),
        words: Words::default(),
    }
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
    fn items_are_whole_lines(text in soup()) {
        let syntax = cleave_c::parse(&text);
        let mut end = 0;
        for item in syntax.items() {
            prop_assert!(item.span.start >= end && item.span.end > item.span.start && item.span.covers(item.core));
            prop_assert!(item.span.start == 0 || text[item.span.start - 1] == b'\n');
            prop_assert!(item.span.end == text.len() || text[item.span.end - 1] == b'\n');
            end = item.span.end;
        }
        prop_assert_eq!(syntax.code().len(), text.len());
        prop_assert_eq!(cleave_c::n_faults(&text) > 0, syntax.root().is_none_or(|root| root.has_error()));
    }

    #[test]
    fn tokens_follow_each_other(text in soup()) {
        let mut end = 0;
        for token in cleave_c::lex::tokens(&text) {
            prop_assert!(token.span.start >= end && token.span.end > token.span.start && token.span.end <= text.len());
            end = token.span.end;
        }
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
        let dialects = [Dialect::Linux, Dialect::UBoot, Dialect::Qemu, Dialect::Xen];
        for dialect in dialects {
            let of = |text| Sources { dialect, files: vec![(BStr::new("MAINTAINERS"), text)], ignore: &other, mailmap: &other, options: None };
            let all = [Maintainers::parse(&of(&text)), Maintainers::with_additions(&of(&text), &of(&other))];
            for maintainers in all {
                drop(maintainers.owners(path.as_bytes().as_bstr(), Some(&other), &|_| false));
                drop(maintainers.home(path.as_bytes().as_bstr(), &|_| true));
                let patch = maintainers.patch(&[b"Fixes: 0123456\n+++ b/".as_slice(), &other].concat());
                let paths = patch.paths.iter().map(|path| (path.as_bstr(), Some(other.as_slice().into()))).collect();
                let fixes = patch.fixes.into_iter().map(|commit| (commit, text.clone())).collect();
                let question = Question { paths, keywords: patch.keywords, fixes, history: [(0, other.clone())].into() };
                drop(maintainers.answer(&question, &|_| false));
            }
        }
        drop(Codeowners::parse(&text).home(path.as_bytes().as_bstr()));
        drop(Mailmap::parse(&text).mapped(&Mailbox::parse(&other)));
    }

    #[test]
    fn no_compiler_output_breaks_its_reader(text in soup(), lines in proptest::collection::vec(proptest::sample::select(&[
        "a.c:1:2: error: 'x' undeclared (first use in this function)\n", "a.c: In function 'f':\n", "ld: a.o: in function `f':\n",
        "a.c:(.text+0x1): undefined reference to `g'\n", "a.c:1:99999999999999999999: error: \n", ":::error:", "make: *** [a.o] Error 1\n",
        "In file included from a.h:1,\n                 from b.c:2:\n", "\x1b[1m", "a.c:3: warning: unused variable 'v' [-Werror=unused-variable]\n",
    ][..]), 0..12)) {
        let log = [lines.concat().into_bytes(), text.clone(), lines.concat().into_bytes()].concat();
        let root = std::path::Path::new("/build");
        drop(diagnose(&log, root));
        prop_assert!(what_broke(&log, root, 5).len() <= 5);
    }

    #[test]
    fn no_stored_plan_and_no_todo_breaks_its_reader((base, tip) in soups(), damages in damages()) {
        let plan = plan_of(change("a.c", Some(&base), Some(&tip)));
        prop_assume!(!plan.edits.is_empty());
        let addresses = addresses(&plan.change, &plan.edits);
        let text = store::write(&plan).unwrap();
        let intact = store::read(&text).unwrap().resolve(plan.change.clone(), plan.edits.clone(), Vec::new()).unwrap();
        prop_assert_eq!(&intact.campaign, &plan.campaign);
        if let Ok(stored) = store::read(&damaged(&text, &damages)) {
            drop(stored.commits());
            drop(stored.resolve(plan.change.clone(), plan.edits.clone(), Vec::new()));
        }
        let shown = todo::render(&plan, &addresses);
        let read = todo::parse(&shown, &plan, &addresses);
        prop_assert_eq!(read.unwrap().unwrap().campaign.patches.len(), plan.campaign.patches.len());
        drop(todo::parse(&damaged(&shown, &damages), &plan, &addresses));
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
    let sources = Sources { files: vec![(BStr::new("MAINTAINERS"), pattern.as_bytes())], ..Sources::default() };
    drop(Maintainers::parse(&sources).home("a/b".into(), &|_| false));
    drop(Codeowners::parse("**/".repeat(n).as_bytes()));
    store::read(&nest(n, "a = [", "", "]")).unwrap_err();
}
