use super::{Asked, check};
use crate::analyze::{Analysis, analyze};
use crate::model::EditId;
use crate::plan::fixture;

type File<'f> = (&'f str, Option<&'f str>, Option<&'f str>);

/// Draws what the steps break. A patch is named by texts that its edits insert or remove, or by the paths that they create or delete; the last
/// one takes all that is left.
fn drawing(files: &[File<'_>], patches: &[&[&str]]) -> String {
    let change = fixture::change(files);
    let Analysis { change, edits, occurrences, .. } = analyze(change);
    let steps = fixture::steps(&change, &edits, patches);
    let findings = check(&change, &edits, &occurrences, &steps, &Asked::default()).findings;
    let shown = |finding: &super::Finding| {
        let mend: Vec<String> = finding.mend.iter().map(|relation| format!("{:?}", relation.tie)).collect();
        format!("{}..{} {finding} [{}]\n", finding.step + 1, finding.until + 1, mend.join(" "))
    };
    findings.iter().map(shown).collect()
}

fn expect(files: &[File<'_>], patches: &[&[&str]], expected: &str) {
    let expected: String = expected.lines().map(|line| format!("{}\n", line.trim())).collect();
    assert_eq!(drawing(files, patches), expected);
}

const CALLER: &str = "#include \"f.h\"\nint g(void)\n{\n\treturn 1;\n}\n";

#[test]
fn a_use_before_its_definition_is_found() {
    let files: &[File<'_>] = &[
        ("f.c", Some("int e;\n"), Some("int e;\n\nint f(void)\n{\n\treturn 2;\n}\n")),
        ("f.h", Some("extern int e;\n"), Some("extern int e;\nint f(void);\n")),
        ("g.c", Some(CALLER), Some("#include \"f.h\"\nint g(void)\n{\n\treturn f();\n}\n")),
    ];
    expect(
        files,
        &[&["return f()"]],
        "1..1 g.c:4: 'f()' is not declared here [Before]\n1..1 g.c:4: 'f()' is not declared here [Before]",
    );
    expect(files, &[&["int f(void)"]], "");
}

#[test]
fn a_moved_function_is_never_twice_and_never_gone() {
    let body = "int moved(int a)\n{\n\treturn a;\n}\n";
    let (with, without) = (format!("int a;\n\n{body}"), "int a;\n");
    let files: &[File<'_>] =
        &[("a.c", Some(&with), Some(without)), ("b.c", Some("int b;\n"), Some(&with.replace("int a;", "int b;")))];
    // Both edits name it: told apart by nothing but their file, so that the patches are made by hand here.
    let change = fixture::change(files);
    let Analysis { change, edits, occurrences, .. } = analyze(change);
    let all: Vec<EditId> = edits.iter().map(|(edit_id, _)| edit_id).collect();
    assert_eq!(all.len(), 2);
    for order in [[0, 1], [1, 0]] {
        let findings =
            check(&change, &edits, &occurrences, &[vec![all[order[0]]], vec![all[order[1]]]], &Asked::default()).findings;
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert_eq!(findings[0].mend.len(), 1);
    }
}

#[test]
fn arguments_are_counted_at_each_step() {
    let files: &[File<'_>] = &[
        ("f.h", Some("int f(int a);\n"), Some("int f(int a, int b);\n")),
        (
            "g.c",
            Some("#include \"f.h\"\nint g(void)\n{\n\treturn f(1);\n}\n"),
            Some("#include \"f.h\"\nint g(void)\n{\n\treturn f(1, 2);\n}\n"),
        ),
    ];
    expect(files, &[&["return f"]], "1..1 g.c:4: 'f()' takes another number of arguments [Before]");
    expect(files, &[&["int f"]], "1..1 g.c:4: 'f()' takes another number of arguments [Before]");
}

#[test]
fn a_call_gives_way_to_a_head_that_does_not_take_it() {
    // What takes one argument stands in a header that is no part of the change.
    let caller = |name: &str, call: &str| format!("int {name}(void)\n{{\n\treturn {call};\n}}\n");
    let old = ["#include <f.h>\n\n", &caller("g", "f(1)"), "\n", &caller("h", "f(2) + h1")].concat();
    let head = "int f(int a, int b)\n{\n\treturn a;\n}\n";
    let new = ["#include <f.h>\n\n", head, "\n", &caller("g", "f(1, 1)"), "\n", &caller("h", "h1")].concat();
    let (comes, goes) = ([("a.c", Some(old.as_str()), Some(new.as_str()))], [("a.c", Some(new.as_str()), Some(old.as_str()))]);
    expect(&comes, &[&["int f"]], "1..1 a.c:10: 'f()' takes another number of arguments [Together Before]");
    expect(&comes, &[&["h1"], &["int f", "return f(1"]], "");
    expect(&goes, &[&["h1"]], "1..1 a.c:15: 'f()' takes another number of arguments [Before]");
}

#[test]
fn a_static_function_wants_a_caller() {
    let files: &[File<'_>] = &[(
        "a.c",
        Some("int a;\n\nint g(void)\n{\n\treturn 1;\n}\n"),
        Some("int a;\n\nstatic int f(void)\n{\n\treturn 2;\n}\n\nint g(void)\n{\n\treturn f();\n}\n"),
    )];
    expect(files, &[&["static int f"]], "1..1 a.c:3: 'f()' is not used [Together]");
}

#[test]
fn a_local_name_comes_with_its_uses() {
    let files: &[File<'_>] = &[(
        "a.c",
        Some("int g(void)\n{\n\tint a = 1;\n\n\treturn a;\n}\n"),
        Some("int g(void)\n{\n\tint a = 1;\n\tint n = 2;\n\n\ta++;\n\treturn a + n;\n}\n"),
    )];
    expect(files, &[&["int n"]], "1..1 a.c:4: 'n' is not used [Together]");
    expect(files, &[&["a + n"]], "1..1 a.c:6: 'n' is not declared here [Before]");
}

#[test]
fn a_global_name_goes_after_the_local_one_that_hides_it() {
    let files: &[File<'_>] = &[(
        "a.c",
        Some("static int x;\nint e;\n\nint g(void)\n{\n\treturn x;\n}\n"),
        Some("int e;\n\nint g(void)\n{\n\tint x = 3;\n\treturn x;\n}\n"),
    )];
    expect(files, &[&["static int x"]], "1..1 a.c:5: 'x' is not declared here [Before]");
}

#[test]
fn files_are_there_when_others_name_them() {
    let files: &[File<'_>] = &[
        ("Makefile", Some("OBJS += a.o\n"), Some("OBJS += a.o\nOBJS += new.o\n")),
        ("a.c", Some("int a;\n"), Some("#include \"new.h\"\nint a;\n")),
        ("new.c", None, Some("int made;\n")),
        ("new.h", None, Some("extern int other;\n")),
    ];
    expect(
        files,
        &[&["new.o"], &["include"]],
        "1..2 Makefile:2: 'new' is built from a file that is not there [Before]\n2..2 a.c:1: 'new.h' is a file that is not there [Before]",
    );
}

#[test]
fn what_an_end_has_too_is_no_finding() {
    let files: &[File<'_>] = &[
        ("a.c", Some("int g(void)\n{\n\treturn ODD(;\n}\n"), Some("int g(void)\n{\n\tint k = 1;\n\treturn ODD(k;\n}\n")),
        ("b.c", Some("int b;\n"), Some("int b;\nint c;\n")),
    ];
    expect(files, &[&["int c"]], "");
}

#[test]
fn a_build_file_may_put_a_folder_before_what_it_lists() {
    let files: &[File<'_>] = &[
        (
            "Makefile",
            Some("TESTS += a.o\nTESTS += old.o\nOBJS += $(addprefix t/, $(TESTS))\n"),
            Some("TESTS += a.o\nOBJS += $(addprefix t/, $(TESTS))\n"),
        ),
        ("t/old.c", Some("int gone;\n"), None),
    ];
    expect(files, &[&["int gone", "t/old.c"]], "1..1 Makefile:2: 'old' is built from a file that is not there [Before]");
    expect(files, &[&["old.o"]], "");
}

#[test]
fn what_is_not_built_defines_nothing() {
    let user = "int old(void);\n\nint use(void)\n{\n\treturn old();\n}\n";
    let files: &[File<'_>] = &[
        ("Makefile", Some("OBJS += a.o\nOBJS += old.o\n"), Some("OBJS += a.o\n")),
        ("a.c", Some(user), Some("int use(void)\n{\n\treturn 0;\n}\n")),
        ("old.c", Some("int old(void)\n{\n\treturn 1;\n}\n"), None),
    ];
    expect(files, &[&["old.o"]], "1..1 a.c:5: 'old()' is not declared here [Before]");
    expect(files, &[&["return"]], "");
}

#[test]
fn a_type_that_was_seen_is_seen_at_each_step() {
    let record = "struct x {\n\tint a;\n};\n";
    let header = |from: &str| format!("#include \"{from}\"\n\nint f(struct x *x);\n");
    let source = |from: &str| format!("#include \"{from}\"\nint g(struct x *x)\n{{\n\treturn x->a;\n}}\n");
    let files: &[File<'_>] = &[
        ("a.h", Some("int b;\n"), Some(&format!("int b;\n{record}"))),
        ("b.h", Some(record), None),
        // Says nothing of what others see: no file of the change includes it.
        ("other.h", Some("struct x;\nint a;\n"), Some("struct x;\nint c;\n")),
        ("u.h", Some(&header("b.h")), Some(&header("a.h"))),
        ("u.c", Some(&source("b.h")), Some(&source("a.h"))),
    ];
    let found = "1..1 u.c:2: 'struct x' is not declared here [Before]\n1..1 u.h:3: 'struct x' is not declared here [Before]";
    expect(files, &[&["b.h\"", "a.h\""], &["struct x"]], found);
    expect(files, &[&["struct x {", "b.h\"", "a.h\""]], "");
}

#[test]
fn what_an_untouched_header_has_is_seen_at_each_step() {
    let source = |from: &str| format!("{from}int g(struct x *x)\n{{\n\treturn x->a;\n}}\n");
    let files: &[File<'_>] = &[
        ("a.h", Some("int b;\n\nstruct x {\n\tint a;\n};\n"), Some("int c;\n\nstruct x {\n\tint a;\n};\n")),
        ("b.h", Some("int d;\n"), Some("#include \"a.h\"\nint d;\n")),
        ("u.c", Some(&source("#include \"a.h\"\nint k;\n")), Some(&source("int k;\n#include \"b.h\"\n"))),
    ];
    let Analysis { change, edits, occurrences, .. } = analyze(fixture::change(files));
    let is_gone = |edit_id: &EditId| edits.get(*edit_id).removed(&change).starts_with(b"#include");
    let (gone, rest): (Vec<EditId>, Vec<EditId>) = edits.iter().map(|(edit_id, _)| edit_id).partition(is_gone);
    let findings = check(&change, &edits, &occurrences, &[gone.clone(), rest.clone()], &Asked::default()).findings;
    assert_eq!(
        findings.iter().map(|finding| format!("{finding}")).collect::<Vec<_>>(),
        ["u.c:2: 'struct x' is not declared here"]
    );
    assert_eq!(check(&change, &edits, &occurrences, &[rest, gone], &Asked::default()).findings.len(), 0);
}

#[test]
fn what_a_renamed_function_has_of_its_own_is_used_at_each_step() {
    let function = |head: &str, lines: &str| {
        let stays = "\tlong a = 1;\n\n\tkeep(a);\n\tkeep(a + 1);\n\tkeep(a + 2);\n";
        format!("int {head}\n{{\n\tint tmp = 0;\n{stays}{lines}\treturn 0;\n}}\n")
    };
    let (old, new) =
        (function("one(void)", "\tgo(tmp);\n\tkeep(a + 3);\n"), function("two(int a)", "\tkeep(a + 3);\n\tstop(tmp);\n"));
    expect(&[("a.c", Some(&old), Some(&new))], &[&["go(tmp)"]], "1..1 a.c:3: 'tmp' is not used [Before]");
}
