use std::fmt::Write as _;

use bstr::{BString, ByteSlice};

use super::{facts, facts_in};
use crate::model::{
    Change, Content, Edit, EditId, EditKind, Edits, Entry, FileChange, FileId, Mode, ObjectId, Role, Signature, Span, SymbolKind,
    TextId,
};
use cleave_c::types::InMemoryTree;

/// Path, base text, tip text; an empty text is a missing side.
type File<'f> = (&'f str, &'f str, &'f str);

/// Makes a change of these files with one edit for each run of differing lines, after one that creates a new file and before
/// one that deletes an old one.
fn change(files: &[File]) -> (Change, Edits) {
    let object_id = ObjectId::from_bytes(&[0; 20]).expect("20 bytes");
    let entry = |path: &str, text: &str| {
        let content = Content::Text(text.as_bytes().into());
        (!text.is_empty()).then(|| Entry { path: path.into(), mode: Mode::File, object_id, content })
    };
    let change = Change {
        base_commit_id: object_id,
        tip_commit_id: object_id,
        base_tree_id: object_id,
        tip_tree_id: object_id,
        files: files.iter().map(|(path, base, tip)| FileChange { base: entry(path, base), tip: entry(path, tip) }).collect(),
        commits: Vec::new(),
        committer: Signature { name: "A".into(), email: "a@example.org".into(), time: "0 +0000".into() },
    };
    let mut edits = Edits::default();
    for (file_id, file) in change.files() {
        let path_edit = |kind: EditKind| Edit { file_id, kind, requires: Vec::new(), tip_span: None, item: BString::default() };
        if file.base.is_none() {
            edits.all.push(path_edit(EditKind::Create));
        }
        let (base, tip) = (file.base_text(), file.tip_text());
        let lines = |text: &[u8]| text.lines_with_terminator().map(<[u8]>::to_vec).collect::<Vec<_>>();
        let (base_lines, tip_lines) = (lines(base), lines(tip));
        let offset = |lines: &[Vec<u8>], line: usize| lines[..line].iter().map(Vec::len).sum::<usize>();
        for op in similar::capture_diff_slices(similar::Algorithm::Myers, &base_lines, &tip_lines) {
            if op.tag() == similar::DiffTag::Equal {
                continue;
            }
            let span = |lines: &[Vec<u8>], range: std::ops::Range<usize>| {
                Span::new(offset(lines, range.start), offset(lines, range.end))
            };
            let tip_span = span(&tip_lines, op.new_range());
            let kind = EditKind::Splice {
                text: TextId::File(file_id),
                span: span(&base_lines, op.old_range()),
                insert: tip[tip_span.range()].into(),
                ordinal: 0,
            };
            edits.all.push(Edit { file_id, kind, requires: Vec::new(), tip_span: Some(tip_span), item: BString::default() });
        }
        if file.tip.is_none() {
            edits.all.push(path_edit(EditKind::Delete));
        }
    }
    (change, edits)
}

/// Draws `edit: role kind symbol`, `@file` after what only one file sees; local names and the counting of uses are left out.
fn drawing(change: &Change, edits: &Edits) -> String {
    let facts = facts(change, edits);
    let mut out = String::new();
    for fact in &facts.facts {
        let symbol = facts.symbols.get(fact.symbol_id);
        if symbol.kind == SymbolKind::Local || matches!(fact.role, Role::GainsUse | Role::LosesUse) {
            continue;
        }
        let scope = symbol.scope.map_or(String::new(), |file_id| format!(" @{}", change.file(file_id).path()));
        writeln!(out, "{}: {:?} {:?} {}{scope}", fact.edit_id.0, fact.role, symbol.kind, symbol.shown()).expect("a string grows");
    }
    for (file_id, note) in &facts.notes {
        writeln!(out, "{}: {note}", change.file(*file_id).path()).expect("a string grows");
    }
    out
}

fn check(files: &[File], expected: &[&str]) {
    let (change, edits) = change(files);
    let mut wanted = expected.join("\n");
    if !wanted.is_empty() {
        wanted.push('\n');
    }
    assert_eq!(drawing(&change, &edits), wanted);
}

#[test]
fn a_field_is_renamed() {
    check(
        &[
            (
                "fs/a.c",
                "int f(struct page *p)\n{\n\treturn p->index;\n}\n",
                "int f(struct page *p)\n{\n\treturn p->__index;\n}\n",
            ),
            ("mm.h", "struct page {\n\tlong index;\n};\n", "struct page {\n\tlong __index;\n};\n"),
        ],
        &[
            "0: Uses Field struct page.__index",
            "0: DropsUse Field struct page.index",
            "1: Defines Field struct page.__index",
            "1: DropsDefinition Field struct page.index",
        ],
    );
}

#[test]
fn a_body_is_no_definition_and_a_head_is() {
    check(
        &[(
            "a.c",
            "int f(int a)\n{\n\treturn g(a);\n}\nint h(int a)\n{\n}\n",
            "int f(int a)\n{\n\treturn i(a);\n}\nint h(long a)\n{\n}\n",
        )],
        &["0: Uses Name i", "0: DropsUse Name g", "1: Defines Function h()", "1: DropsDefinition Function h()"],
    );
    check(&[("a.c", "int f(int a) { return 1; }\n", "int  f(int a) { return x; }\n")], &["0: Uses Name x"]);
}

#[test]
fn an_argument_more_on_a_line_of_its_own_changes_the_head() {
    check(
        &[("a.c", "int f(int a)\n{\n}\n", "int f(int a,\n      u32 b)\n{\n}\n"), ("b.c", "int x = 1;\n", "int x = f(1);\n")],
        &["0: Defines Function f()", "0: Uses Name u32", "0: DropsDefinition Function f()", "1: Uses Function f()"],
    );
}

#[test]
fn statics_are_their_files_own() {
    check(
        &[
            ("a.c", "int x;\n", "static int init(void)\n{\n}\nint x;\nint y = init();\n"),
            ("b.c", "static int init(void)\n{\n}\nint z;\n", "static int init(void)\n{\n}\nint z;\nint y = init();\n"),
        ],
        &[
            "0: Defines Function init() @a.c",
            "1: Defines Variable y",
            "1: Uses Function init() @a.c",
            "2: Defines Variable y",
            "2: Uses Function init() @b.c",
        ],
    );
}

#[test]
fn what_went_to_a_header_is_seen_by_all() {
    check(
        &[
            ("a.c", "struct priv {\n\tint n;\n};\nint x;\n", "int x;\n"),
            ("b.h", "", "struct priv {\n\tint n;\n};\n"),
            ("c.c", "struct priv {\n\tint n;\n};\n", "struct priv {\n\tlong n;\n};\n"),
        ],
        &[
            "0: DropsDefinition Type struct priv",
            "0: DropsDefinition Field struct priv.n",
            "2: Defines Type struct priv",
            "2: Defines Field struct priv.n",
            "3: Defines Field struct priv.n @c.c",
            "3: DropsDefinition Field struct priv.n @c.c",
        ],
    );
}

#[test]
fn a_new_file_comes_with_the_line_that_builds_it() {
    check(
        &[
            ("d/Kconfig", "config A\n", "config A\nconfig B\n\tdepends on A\n"),
            ("d/Makefile", "obj-y += a.o\n", "obj-y += a.o\nobj-$(CONFIG_B) += b.o\n"),
            ("d/b.c", "", "#include \"b.h\"\n"),
            ("d/b.h", "", "int b;\n"),
            ("d/old.c", "int old;\n", ""),
        ],
        &[
            "0: Defines Kconfig CONFIG_B",
            "0: Uses Kconfig CONFIG_A",
            "1: Uses Kconfig CONFIG_B",
            "1: Uses Object d/b",
            "2: Defines Object d/b",
            "3: Uses Header b.h",
            "4: Defines Header b.h",
            "5: Defines Variable b",
            "6: DropsDefinition Variable old",
            "7: DropsDefinition Object d/old",
        ],
    );
}

#[test]
fn text_that_stands_nowhere_is_read_by_itself() {
    let (change, mut edits) = change(&[("a.c", "int x;\n", "int x;\nint f(int a)\n{\n\treturn h(a);\n}\n")]);
    // The function comes as `return g(a)`, and another edit makes `h` of `g`.
    let text = b"int f(int a)\n{\n\treturn g(a);\n}\n";
    edits.all[0].tip_span = None;
    if let EditKind::Splice { insert, .. } = &mut edits.all[0].kind {
        *insert = text[..].into();
    }
    let at = text.find(b"g(a)").expect("it is there");
    edits.all.push(Edit {
        file_id: FileId(0),
        kind: EditKind::Splice { text: TextId::Inserted(EditId(0)), span: Span::new(at, at + 1), insert: "h".into(), ordinal: 0 },
        requires: vec![EditId(0)],
        tip_span: change.files[0].tip_text().find(b"h(a)").map(|at| Span::new(at, at + 1)),
        item: BString::default(),
    });
    assert_eq!(drawing(&change, &edits), "0: Defines Function f()\n0: Uses Name g\n1: Uses Name h\n1: DropsUse Name g\n");
}

#[test]
fn a_field_is_told_by_the_headers_that_the_change_leaves_alone() {
    let user = |name: &str, call: &str, field: &str| {
        format!("#include <linux/x.h>\nint {name}(void)\n{{\n\treturn {call}()->{field} + {call}()->{field};\n}}\n")
    };
    let of = |call: &str| (user("f", call, "index"), user("f", call, "__index"));
    let (page, other, unknown) = (of("page"), of("seq"), of("none"));
    let (change, edits) = change(&[
        ("fs/a.c", &page.0, &page.1),
        ("fs/b.c", &other.0, &other.1),
        ("fs/c.c", &unknown.0, &unknown.1),
        ("include/linux/mm.h", "struct page {\n\tlong index;\n};\n", "struct page {\n\tlong __index;\n};\n"),
    ]);
    let header = "#include <linux/mm.h>\nstruct seq { int index; };\nstruct page *page(void);\n#define seq() ((struct seq *)0)\n";
    let facts = facts_in(&change, &edits, &InMemoryTree::of([("include/linux/x.h", header)]));
    let records = |edit: u32, role: Role| -> Vec<Option<String>> {
        let symbols =
            facts.of(EditId(edit)).iter().filter(|fact| fact.role == role).map(|fact| facts.symbols.get(fact.symbol_id));
        symbols
            .filter(|symbol| symbol.kind == SymbolKind::Field)
            .map(|symbol| symbol.record.as_ref().map(ToString::to_string))
            .collect()
    };
    for role in [Role::Uses, Role::GainsUse, Role::DropsUse, Role::LosesUse] {
        assert_eq!(records(0, role), [Some("struct page".to_owned())], "{role:?}");
        assert_eq!(records(1, role), [Some("struct seq".to_owned())], "{role:?}");
        assert_eq!(records(2, role), [None], "{role:?}");
    }
}

#[test]
fn a_text_that_does_not_parse_says_so() {
    let (change, edits) = change(&[("a.c", "int x;\n", "int x;\n}}} ) ( = foo->bar ] [ 3 + + ; int int int {{\n")]);
    let facts = facts(&change, &edits);
    assert_eq!(facts.notes.len(), 1);
    assert!(facts.names(EditId(0), Role::Uses).any(|name| name == "bar"));
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let texts: Vec<(String, String)> =
        (0..40).map(|n| (format!("f{n:02}.c"), format!("int f{n}(void)\n{{\n\treturn f{}();\n}}\n", (n + 7) % 40))).collect();
    let files: Vec<File> = texts.iter().map(|(path, text)| (path.as_str(), "", text.as_str())).collect();
    let (change, edits) = change(&files);
    let run = |n_threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().expect("threads can be started");
        pool.install(|| drawing(&change, &edits))
    };
    assert_eq!(run(1), run(4));
}

#[test]
fn uses_are_counted() {
    let (change, edits) =
        change(&[("a.c", "int f(void)\n{\n\treturn g(h(1), h(2));\n}\n", "int f(void)\n{\n\treturn g(h(1), k(2));\n}\n")]);
    let facts = facts(&change, &edits);
    let names = |role: Role| facts.names(EditId(0), role).map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(names(Role::GainsUse), ["k"]);
    assert_eq!(names(Role::LosesUse), ["h"], "one of two uses goes, and g stays");
}

#[test]
fn members_of_a_written_out_record_are_no_part_of_its_variable() {
    check(
        &[("a.h", "struct page {\n\tlong index;\n} aligned_page;\n", "struct page {\n\tlong share;\n} aligned_page;\n")],
        &["0: Defines Field struct page.share", "0: DropsDefinition Field struct page.index"],
    );
}
