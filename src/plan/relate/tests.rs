use super::{likely, relations};
use crate::analyze::{Analysis, analyze};
use crate::model::{Edit, Tie};
use crate::plan::fixture;

type File<'f> = (&'f str, Option<&'f str>, Option<&'f str>);

/// Draws the relations: `<` where one comes before the other, `=` where they go together, and why. An edit is drawn as the first line that it
/// puts in, or else takes away; edits of whole files are left out.
fn drawing(files: &[File<'_>]) -> String {
    let change = fixture::change(files);
    let analysis = analyze(change);
    let Analysis { change, edits, .. } = &analysis;
    let shown = |edit: &Edit| {
        let of = |text: &[u8]| String::from_utf8_lossy(text).lines().find(|line| !line.trim().is_empty()).map(str::to_owned);
        let line = of(edit.inserted()).map(|line| format!("+{}", line.trim()));
        line.or_else(|| of(edit.removed(change)).map(|line| format!("-{}", line.trim())))
    };
    let mut out = String::new();
    for relation in relations(&analysis) {
        let (first, second) = (shown(edits.get(relation.first)), shown(edits.get(relation.second)));
        if let (Some(first), Some(second)) = (first, second) {
            let tie = if relation.tie == Tie::Before { "<" } else { "=" };
            out.push_str(&format!("{first} {tie} {second} ({})\n", relation.reason));
        }
    }
    out
}

#[track_caller]
fn check(files: &[File<'_>], expected: &str) {
    let expected: String = expected.lines().map(|line| format!("{}\n", line.trim())).collect();
    assert_eq!(drawing(files), expected);
}

/// A function with these parameters, which is given to another one.
fn given(parameters: &str) -> String {
    format!("static int show({parameters})\n{{\n\treturn 0;\n}}\n\nint walk(struct a *x)\n{{\n\treturn each(x, show);\n}}\n")
}

#[test]
fn a_pointer_changes_with_the_function_it_is_given() {
    let pointer = |parameters: &str| format!("typedef int (*walk_fn)({parameters});\n");
    check(
        &[
            ("a.c", Some(&given("struct a *x, void *data")), Some(&given("struct b *y, struct a *x, void *data"))),
            ("a.h", Some(&pointer("struct a *, void *")), Some(&pointer("struct b *, struct a *, void *"))),
        ],
        "+static int show(struct b *y, struct a *x, void *data) = +typedef int (*walk_fn)(struct b *, struct a *, void *); (walk_fn changes, and all that use it change with it)",
    );
}

#[test]
fn a_common_signature_says_nothing() {
    let pointers =
        |parameters: &str| (0..9).map(|nth| format!("typedef int (*walk{nth}_fn)({parameters});\n\n")).collect::<String>();
    check(
        &[
            ("a.c", Some(&given("void *data")), Some(&given("long data"))),
            ("a.h", Some(&pointers("void *")), Some(&pointers("long"))),
        ],
        "",
    );
}

#[test]
fn a_head_that_two_edits_change_is_one_piece() {
    let text = |kind: &str| format!("int f(int a,\n      {kind} b,\n      int c,\n      {kind} d)\n{{\n\treturn a;\n}}\n");
    check(
        &[("a.c", Some(&text("int")), Some(&text("long")))],
        "+long b, = +long d) (f changes, and all that use it change with it)",
    );
}

#[test]
fn what_a_file_uses_first_comes_after_the_lines_that_show_it() {
    let old = "#include <a.h>\n\nint f(void)\n{\n\treturn known();\n}\n\nint g(void)\n{\n\treturn 1;\n}\n\nint h(void)\n{\n\treturn 1;\n}\n";
    let new = "#define SHOW_ALL\n#include <a.h>\n#include <b.h>\n\nint f(void)\n{\n\treturn known();\n}\n\nint g(void)\n{\n\treturn fresh();\n}\n\nint h(void)\n{\n\treturn known();\n}\n";
    check(
        &[("a.c", Some(old), Some(new))],
        "+#define SHOW_ALL < +return fresh(); (SHOW_ALL is defined before it is used)\n+#include <b.h> < +return fresh(); (b.h is defined before it is used)",
    );
    check(
        &[("a.c", Some(new), Some(old))],
        "+return 1; < -#define SHOW_ALL (the last use of SHOW_ALL goes before its definition)\n+return 1; < -#include <b.h> (the last use of b.h goes before its definition)",
    );
}

#[test]
fn another_header_comes_before_what_it_shows_and_the_old_one_goes_after() {
    check(
        &[(
            "a.c",
            Some("#include <old.h>\n\nint f(void)\n{\n\treturn was();\n}\n"),
            Some("#include <new.h>\n\nint f(void)\n{\n\treturn is();\n}\n"),
        )],
        "+#include <new.h> < -#include <old.h> (what old.h shows is seen at every step)
         +#include <new.h> < +return is(); (new.h is defined before it is used)
         +return is(); < -#include <old.h> (the last use of old.h goes before its definition)",
    );
}

#[test]
fn the_includes_of_a_new_file_come_in_their_order() {
    let text = "#include <a.h>\n#include <b.h>\n\nint f(void)\n{\n\treturn 1;\n}\n";
    check(
        &[("a.c", None, Some(text))],
        "+#include <a.h> < +#include <b.h> (b.h is defined before it is used)\n+#include <b.h> < +int f(void) (b.h is defined before it is used)",
    );
    check(
        &[("a.c", Some(text), None)],
        "-#include <b.h> < -#include <a.h> (the last use of a.h goes before its definition)\n-int f(void) < -#include <b.h> (the last use of b.h goes before its definition)",
    );
}

#[test]
fn includes_that_a_program_made_are_one_piece() {
    let text: String = (0..200).map(|nth| format!("#include <a{nth}.h>\n")).collect();
    let drawn = drawing(&[("a.h", None, Some(&text))]);
    assert_eq!(drawn.lines().filter(|line| line.contains(" = ") && line.contains("defined before")).count(), 199);
}

#[test]
fn a_local_variable_is_not_alone_but_a_parameter_may_be() {
    let text =
        |parameters: &str, local: &str, sum: &str| format!("int f({parameters})\n{{\n{local}\tgo();\n\treturn {sum};\n}}\n");
    let base = text("int a", "", "a");
    check(
        &[("a.c", Some(&base), Some(&text("int a", "\tint b;\n", "a + b")))],
        "+int b; < +return a + b; (the local name b)\n+int b; = +return a + b; (the local name b)",
    );
    check(
        &[("a.c", Some(&base), Some(&text("int a, int b", "", "a + b")))],
        "+int f(int a, int b) < +return a + b; (the local name b)",
    );
}

#[test]
fn a_static_function_is_tied_to_its_only_use_and_likely_to_the_nearest() {
    let base = "int f(void)\n{\n\treturn 0;\n}\n\nint g(void)\n{\n\treturn 2;\n}\n";
    let helper = "static int h(void)\n{\n\treturn 1;\n}\n\n";
    let ties = |tip: &str| {
        let change = fixture::change(&[("a.c", Some(base), Some(tip))]);
        let analysis = analyze(change);
        let n_ties = |of: Vec<crate::model::Relation>| of.iter().filter(|relation| relation.tie == Tie::Together).count();
        (n_ties(relations(&analysis)), n_ties(likely(&analysis)))
    };
    assert_eq!(ties(&format!("{helper}{}", base.replace("return 0", "return h()"))), (1, 1));
    assert_eq!(ties(&format!("{helper}{}", base.replace("return 0", "return h()").replace("return 2", "return h()"))), (0, 1));
}

/// Whether a relation ties the edit that is drawn as `first` to the one drawn as `second` in this way.
#[track_caller]
fn ties(files: &[File<'_>], expected: &[&str]) {
    let all = drawing(files);
    for one in expected {
        let turned = one.split_once(" = ").map_or_else(|| (*one).to_owned(), |(first, second)| format!("{second} = {first}"));
        assert!(all.lines().any(|line| line.starts_with(one) || line.starts_with(&turned)), "{one}\nnot in\n{all}");
    }
}

#[test]
fn a_call_through_a_member_changes_with_the_member() {
    let header = |list: &str| format!("struct ops {{\n\tint (*get)({list});\n}};\n");
    let user = |given: &str| format!("#include \"h.h\"\nint u(struct ops *o)\n{{\n\treturn o->get({given});\n}}\n");
    let files = [("h.h", &header("int a"), &header("int a, void *p")), ("u.c", &user("1"), &user("1, 0"))];
    let files = files.each_ref().map(|(path, base, tip)| (*path, Some(base.as_str()), Some(tip.as_str())));
    ties(&files, &["+return o->get(1, 0); = +int (*get)(int a, void *p);"]);
}

#[test]
fn what_is_of_a_type_that_changes_changes_with_it() {
    let header = |list: &str| format!("typedef int (*get_t)({list});\nextern get_t gets[2];\n");
    let user = |given: &str| format!("#include \"h.h\"\nint u(void)\n{{\n\treturn gets[0]({given});\n}}\n");
    let each = |given: &str| format!("int each(get_t fn, int n)\n{{\n\treturn fn({given});\n}}\n");
    let files =
        [("each.c", each("n"), each("n, 0")), ("h.h", header("int"), header("int, void *")), ("u.c", user("1"), user("1, 0"))];
    let files = files.each_ref().map(|(path, base, tip)| (*path, Some(base.as_str()), Some(tip.as_str())));
    let head = "+typedef int (*get_t)(int, void *);";
    ties(&files, &[&format!("+return gets[0](1, 0); = {head}"), &format!("+return fn(n, 0); = {head}")]);
}

#[test]
fn a_type_that_changes_ties_its_users() {
    let text = |pointer: &str, first: &str| {
        format!(
            "struct s {{\n\tint {pointer}n;\n}};\n\nint {pointer}get(struct s *p)\n{{\n\treturn p->n;\n}}\n\nint u(struct s *p)\n{{\n\treturn 1 + get(p){first};\n}}\n\nint w(struct s *p)\n{{\n\treturn p->n{first};\n}}\n"
        )
    };
    ties(
        &[("a.c", Some(&text("", "")), Some(&text("*", "[0]")))],
        &["+int *n; = +return p->n[0];", "+int *get(struct s *p) = +return 1 + get(p)[0];"],
    );
    let global = |size: &str| {
        format!("int total{size};\n\nint k(void)\n{{\n\treturn 3;\n}}\n\nint u(void)\n{{\n\treturn total{size};\n}}\n")
    };
    ties(&[("a.c", Some(&global("")), Some(&global("[4]")))], &["+int total[4]; = +return total[4];"]);
}

#[test]
fn a_number_that_becomes_another_ties_no_line_that_stays() {
    let text = |of: &str| format!("{of} a;\nint k(void);\n{of} b;\n\nint u(void)\n{{\n\treturn a + b;\n}}\n");
    check(&[("a.c", Some(&text("int")), Some(&text("long")))], "");
    let text = |of: &str| text(of).replace("return a + b", "return f(a, b)");
    ties(&[("a.c", Some(&text("int ")), Some(&text("int *")))], &["+int * a; = +int * b;"]);
}

#[test]
fn const_comes_to_what_is_called_first() {
    let text = |word: &str| {
        format!(
            "static int low({word}struct s *p)\n{{\n\treturn p->n;\n}}\n\nint top({word}struct s *p)\n{{\n\treturn low(p);\n}}\n"
        )
    };
    let (without, with) = (text(""), text("const "));
    ties(&[("a.c", Some(&without), Some(&with))], &["+static int low(const struct s *p) < +int top(const struct s *p)"]);
    ties(&[("a.c", Some(&with), Some(&without))], &["+int top(struct s *p) < +static int low(struct s *p)"]);
}

#[test]
fn names_that_two_functions_swap_change_at_once() {
    let text = |one: &str, two: &str| {
        format!(
            "static int {one}(void)\n{{\n\treturn 1;\n}}\n\nstatic void {two}(int *p)\n{{\n\t*p = 2;\n}}\n\nint u(void)\n{{\n\tint r;\n\n\t{two}(&r);\n\treturn {one}() + r;\n}}\n"
        )
    };
    ties(
        &[("a.c", Some(&text("one", "two")), Some(&text("two", "one")))],
        &["-static int one(void) = +static void one(int *p)", "+static int two(void) = +one(&r);"],
    );
}

#[test]
fn values_without_names_change_with_the_record() {
    let header = |member: &str| format!("struct s {{\n\tint a;\n{member}\tint c;\n}};\n");
    let user =
        |values: &str| format!("#include \"h.h\"\n\nstruct s one = {{ {values} }};\n\nstruct s *all[] = {{\n\t&one,\n}};\n");
    let files = [("h.h", header("\tint b;\n"), header("")), ("u.c", user("1, 2, 3"), user("1, 3"))];
    let files = files.each_ref().map(|(path, base, tip)| (*path, Some(base.as_str()), Some(tip.as_str())));
    ties(&files, &["-int b; = +struct s one = { 1, 3 };"]);
}

#[test]
fn a_case_comes_with_its_constant_where_no_default_takes_it() {
    let header = |last: &str| format!("enum e {{\n\tA,\n\tB,\n{last}}};\n");
    let user = |last: &str, default: &str| {
        format!(
            "int u(enum e v)\n{{\n\tswitch (v) {{\n\tcase A:\n\t\treturn 1;\n\tcase B:\n\t\treturn 2;\n{last}{default}\t}}\n\treturn 0;\n}}\n"
        )
    };
    let case = "\tcase C:\n\t\treturn 3;\n";
    let files = |default: &str| [("e.h", header(""), header("\tC,\n")), ("u.c", user("", default), user(case, default))];
    let all = files("");
    let all = all.each_ref().map(|(path, base, tip)| (*path, Some(base.as_str()), Some(tip.as_str())));
    ties(&all, &["+C, = +case C:"]);
    let all = files("\tdefault:\n\t\treturn 4;\n");
    let all = all.each_ref().map(|(path, base, tip)| (*path, Some(base.as_str()), Some(tip.as_str())));
    ties(&all, &["+C, < +case C:"]);
}

#[test]
fn a_condition_comes_before_what_it_guards() {
    let base = "int k(void)\n{\n\treturn 3;\n}\n";
    let tip = format!(
        "#ifdef FOO\nint f(int a)\n{{\n\treturn a;\n}}\n\n#else\nstatic inline int f(int a)\n{{\n\treturn 0;\n}}\n\n#endif\n\n{base}"
    );
    let directive = "(#if and #endif would not balance)";
    ties(
        &[("a.c", Some(base), Some(&tip))],
        &[
            "+#ifdef FOO < +int f(int a)",
            "+#ifdef FOO < +static inline int f(int a)",
            "+int f(int a) = +static inline int f(int a)",
            &format!("+#ifdef FOO = +#else {directive}"),
        ],
    );
}

#[test]
fn a_function_that_becomes_optional_does_so_everywhere() {
    let base = "int k(void);\n\nint f(int a)\n{\n\treturn a;\n}\n";
    let tip = "int k(void);\n\n#ifdef FOO\nint f(int a)\n{\n\treturn a;\n}\n#endif\n";
    let header = "#ifdef FOO\nint f(int a);\n#else\nstatic inline int f(int a)\n{\n\treturn 0;\n}\n#endif\n";
    ties(
        &[("a.c", Some(base), Some(tip)), ("a.h", Some("int f(int a);\n"), Some(header))],
        &["+#ifdef FOO = +#ifdef FOO (f changes"],
    );
}

#[test]
fn a_new_module_comes_before_the_line_that_names_it() {
    let old = "def main():\n    return 0\n\n\nmain()\n";
    let new = "from u import helper\n\n\ndef main():\n    return helper(0)\n\n\nmain()\n";
    ties(
        &[("m.py", Some(old), Some(new)), ("u.py", None, Some("LIMIT = 3\n\n\ndef helper(x):\n    return min(x, LIMIT)\n"))],
        &[
            "+LIMIT = 3 < +from u import helper",
            "+def helper(x): < +from u import helper",
            "+from u import helper < +return helper(0)",
        ],
    );
    // Of a file that was there, only what the line names anew.
    let with = "def helper(x):\n    return x\n\n\ndef other(x):\n    return 2\n";
    let files = [("m.py", Some(old), Some(new)), ("u.py", Some("A = 1\n"), Some(with))];
    ties(&files, &["+def helper(x): < +from u import helper"]);
    assert!(!drawing(&files).contains("+def other(x): < +from"));
}

#[test]
fn a_static_assertion_holds_before_and_after_all_that_it_names() {
    let header = |last: &str| format!("enum e {{\n\tA,\n\tB,\n{last}\tE_MAX,\n}};\n");
    let user = |last: &str, number: &str| {
        format!(
            "static const char *const names[] = {{\n\t[A] = \"a\",\n\t[B] = \"b\",\n{last}}};\n\n_Static_assert(sizeof(names) / sizeof(names[0]) == {number}, \"names\");\n"
        )
    };
    let base = (header(""), user("", "E_MAX"), user("", "2"));
    let tip = (header("\tC,\n"), user("\t[C] = \"c\",\n", "E_MAX"), user("\t[C] = \"c\",\n", "3"));
    let reason = "(the assertion _Static_assert";
    ties(
        &[("a.c", Some(&base.1), Some(&tip.1)), ("e.h", Some(&base.0), Some(&tip.0))],
        &[&format!("+[C] = \"c\", = +C, {reason}")],
    );
    ties(
        &[("a.c", Some(&base.2), Some(&tip.2)), ("e.h", Some(&base.0), Some(&tip.0))],
        &[&format!("+[C] = \"c\", = +_Static_assert(sizeof(names) / sizeof(names[0]) == 3, \"names\"); {reason}")],
    );
}

#[test]
fn an_include_that_a_header_drops_waits_for_those_that_take_it() {
    ties(
        &[
            ("a.c", Some("#include \"a.h\"\n"), Some("#include \"a.h\"\n#include \"b.h\"\n")),
            ("a.h", Some("#include \"b.h\"\n#define A 1\n"), Some("#define A 1\n")),
        ],
        &["+#include \"b.h\" < -#include \"b.h\""],
    );
}

#[test]
fn an_include_goes_before_what_its_header_loses() {
    ties(
        &[
            ("a.c", Some("#include \"a.h\"\n#include \"c.h\"\n"), Some("#include \"c.h\"\n")),
            ("a.h", Some("#define A 1\n\n#define B 1\n"), Some("#define B 1\n")),
        ],
        &["-#include \"a.h\" < -#define A 1"],
    );
}

#[test]
fn a_macro_that_announces_comes_last() {
    ties(
        &[("a.h", Some("int f(int x);\n"), Some("int f(int x);\nint f2(int x);\n#define HAVE_F2 1\n"))],
        &["+int f2(int x); < +#define HAVE_F2 1"],
    );
}

#[test]
fn a_static_variable_comes_with_its_user() {
    let base = "int k(void)\n{\n\treturn 3;\n}\n";
    let tip = format!("{base}\nstatic const int table[] = {{ 1, 2 }};\n\nint u(void)\n{{\n\treturn table[0];\n}}\n");
    ties(&[("a.c", Some(base), Some(&tip))], &["+static const int table[] = { 1, 2 }; = +int u(void)"]);
}

#[test]
fn attributes_are_no_part_of_what_a_pointer_takes() {
    let pointer = |parameters: &str| format!("typedef int walk_fn({parameters});\n");
    ties(
        &[
            ("a.c", Some(&given("struct a *x UNUSED, void *data")), Some(&given("struct b *y, struct a *x UNUSED, void *data"))),
            ("a.h", Some(&pointer("struct a *x, void *data")), Some(&pointer("struct b *y, struct a *x, void *data"))),
        ],
        &["+static int show(struct b *y, struct a *x UNUSED, void *data) = +typedef int walk_fn("],
    );
}

#[test]
fn a_function_changes_with_the_member_it_is_given_as_under_a_new_name() {
    let header = |member: &str| format!("struct ops {{\n\tint (*{member});\n\tint b;\n}};\n");
    let user = |parameters: &str, member: &str| {
        format!("static int show({parameters})\n{{\n\treturn 0;\n}}\n\nstruct ops o = {{\n\t.{member} = show,\n}};\n")
    };
    ties(
        &[
            ("h.h", Some(&header("get)(int a")), Some(&header("fetch)(int a, long b"))),
            ("u.c", Some(&user("int a", "get")), Some(&user("int a, long b", "fetch"))),
        ],
        &["+static int show(int a, long b) = +int (*fetch)(int a, long b);"],
    );
}

#[test]
fn values_that_have_their_members_by_place_come_at_once() {
    let text = |rows: &str, array: &str| format!("struct ops t{array} = {{\n\tk,\n{rows}}};\n");
    let (rows, record) = ("\tf,\n\tg,\n", "+f, = +g, (t changes");
    ties(&[("a.c", Some(&text("", "")), Some(&text(rows, "")))], &[record]);
    let all = drawing(&[("a.c", Some(&text("", "[]")), Some(&text(rows, "[]")))]);
    assert!(!all.contains(record), "the rows of an array come one by one: {all}");
}

#[test]
fn a_switch_without_default_goes_before_its_enum_grows() {
    let switch = "int u(enum e v)\n{\n\tswitch (v) {\n\tcase A:\n\t\treturn 1;\n\tcase B:\n\t\treturn 2;\n\t}\n\treturn 0;\n}\n";
    let header = |last: &str| format!("enum e {{\n\tA,\n\tB,\n{last}}};\n");
    let (short, long) = (header(""), header("\tC,\n"));
    let (with, without) = (format!("int k;\n\n{switch}"), "int k;\n");
    ties(&[("e.h", Some(&short), Some(&long)), ("u.c", Some(&with), Some(without))], &["-int u(enum e v) < +C,"]);
    ties(&[("e.h", Some(&long), Some(&short)), ("u.c", Some(without), Some(&with))], &["-C, < +int u(enum e v)"]);
}

#[test]
fn what_a_file_had_for_itself_changes_its_users_when_it_comes_from_another() {
    let user = |own: &str, call: &str| format!("{own}\nint u(int a)\n{{\n\tint r = 1;\n\n\t{call};\n\treturn r;\n}}\n");
    let body = "\n{\n\tgo(a);\n";
    let own = format!("static int low(int a){body}\treturn a;\n}}\n");
    let new = format!("int b;\n\nvoid low(int a){body}}}\n");
    ties(
        &[("low.c", Some("int b;\n"), Some(&new)), ("u.c", Some(&user(&own, "r += low(a)")), Some(&user("", "low(a)")))],
        &["+void low(int a) = +low(a);"],
    );
}

#[test]
fn what_goes_does_not_stand_under_a_condition_that_comes() {
    let header = |part: &str| format!("#ifndef H_H\n#define H_H\n\n#define K 72\n\n{part}\n#endif\n");
    let new =
        "int g(void);\n#ifdef FOO\nint f2(struct s *p);\n#else\nstatic inline int f2(struct s *p)\n{\n\treturn 0;\n}\n#endif\n";
    let old = |list: &str| header(&format!("int old({list});\n"));
    ties(&[("h.h", Some(&old("struct s *q")), Some(&header(new)))], &["+#ifdef FOO = +int f2(struct s *p);"]);
    let (base, tip) = ("int k(void);\nint old(void);\nint m(void);\n", "#ifdef FOO\nint k(void);\nint m(void);\n#endif\n");
    ties(&[("h.h", Some(&header(base)), Some(&header(tip)))], &["-int old(void); < +#ifdef FOO"]);
}

#[test]
fn code_that_looks_into_a_type_comes_after_the_include_that_shows_it() {
    let header = |top: &str, code: &str| format!("{top}struct s;\n\nint f(struct s *p);\n{code}");
    let code = "\nstatic inline int g(struct s *p)\n{\n\treturn p->a;\n}\n";
    ties(
        &[("h.h", Some(&header("", "")), Some(&header("#include \"s.h\"\n\n", code)))],
        &["+#include \"s.h\" < +static inline int g(struct s *p)"],
    );
}

#[test]
fn an_include_goes_when_another_header_shows_what_it_showed() {
    let source = |top: &str, own: &str| format!("#include \"u.h\"\n{top}\n{own}int u(void)\n{{\n\treturn f(1);\n}}\n");
    let own = "int f(int a)\n{\n\treturn a;\n}\n\n";
    let user = (source("#include \"f.h\"\n", ""), source("", own));
    let files = |header: &'static str| {
        [
            ("f.c", Some("int k;\n\nint f(int a)\n{\n\treturn a;\n}\n"), Some("int k;\n")),
            ("u.h", Some("int u(void);\n"), Some(header)),
        ]
    };
    let source = ("u.c", Some(user.0.as_str()), Some(user.1.as_str()));
    let [f, h] = files("int u(void);\nint f(int a);\n");
    ties(&[f, source, h], &["+int f(int a); < -#include \"f.h\""]);

    let source = |top: &str, more: &str| format!("#include \"u.h\"\n{top}\nint u(void)\n{{\n\treturn A{more};\n}}\n");
    let (base, tip) = (source("#include \"f.h\"\n", "") + "\nint v;\n", source("", "") + "\nint w;\n");
    ties(
        &[("u.c", Some(&base), Some(&tip)), ("u.h", Some("int u(void);\n"), Some("int u(void);\n\nenum e {\n\tA,\n};\n"))],
        &["+enum e { = -#include \"f.h\""],
    );
}

#[test]
fn a_text_comes_after_the_option_command_and_file_that_it_speaks_of() {
    let options = |more: &str| format!("struct option o[] = {{\n\tOPT(\"all\"),\n{more}\tOPT_END(),\n}};\n");
    let found = drawing(&[
        ("builtin/add.c", Some(&options("")), Some(&options("\tOPT(\"resolved\"),\n"))),
        ("Documentation/add.adoc", Some("--all::\n\tAll.\n"), Some("--all::\n\tAll.\n--resolved::\n\tThe rest.\n")),
        ("t/t1.sh", Some("git add --all\n"), Some("git add --all\n\ngit add --all && git add --resolved && mark-it.sh\n")),
        ("mark-it.sh", None, Some("echo\n")),
        ("t/t2.sh", Some("resolved\n"), Some("resolved\nall of it is resolved\n")),
    ]);
    for line in [
        "+OPT(\"resolved\"), < +--resolved:: (--resolved is defined before it is used)",
        "+OPT(\"resolved\"), < +git add --all && git add --resolved && mark-it.sh (--resolved is defined before it is used)",
    ] {
        assert!(found.contains(line), "no '{line}' in: {found}");
    }
    assert!(!found.contains("all of it is resolved") && !found.contains("(--all"), "{found}");
}

#[test]
fn what_is_of_a_type_changes_for_the_name_of_the_type() {
    let header =
        |more: &str| format!("typedef int each_fn(const char *name, {more}void *data);\nint each(each_fn fn, void *data);\n");
    let source =
        |more: &str| format!("#include \"a.h\"\nint each(each_fn fn, void *data)\n{{\n\treturn fn(\"a\", {more}data);\n}}\n");
    let found =
        drawing(&[("a.h", Some(&header("")), Some(&header("int flag, "))), ("a.c", Some(&source("")), Some(&source("0, ")))]);
    assert!(found.contains("(each_fn changes, and") && !found.contains("(fn changes"), "{found}");
}

#[test]
fn a_name_that_a_macro_makes_comes_after_what_the_macro_is_given() {
    let list = |more: &str| format!("#define FOREACH(FUNC) \\\n\tFUNC(BAD_DATE, ERROR) \\\n{more}\t/* end */\n");
    let user = |more: &str| format!("int u(int a)\n{{\n\tint r = go(MSG_BAD_DATE);\n\n{more}\treturn r;\n}}\n");
    ties(
        &[
            ("h.h", Some(&list("")), Some(&list("\tFUNC(BAD_ENTRY, ERROR) \\\n"))),
            ("u.c", Some(&user("")), Some(&user("\tr = go(MSG_BAD_ENTRY);\n"))),
        ],
        &["+FUNC(BAD_ENTRY, ERROR) \\ < +r = go(MSG_BAD_ENTRY);"],
    );
}

#[test]
fn a_declaration_is_one_piece() {
    let text = |list: &str, place: u32| {
        format!(
            "int k;\nint f(int a,\n      {list}\n      const char *format, ...)\n\t__attribute__((format (printf, {place}, {})));\n",
            place + 1
        )
    };
    ties(
        &[("h.h", Some(&text("int b,", 3)), Some(&text("int b, int c,", 4)))],
        &["+int b, int c, = +__attribute__((format (printf, 4, 5)));"],
    );
}

#[test]
fn a_function_that_comes_to_return_a_value_has_its_return() {
    let text = |head: &str, last: &str| format!("{head}\n{{\n\tgo(1);\n\tgo(2);\n\tgo(3);\n\tgo(4);\n\tgo(5);\n{last}}}\n");
    let (with, without) = (text("int two(int a)", "\treturn a;\n"), text("void one(int a)", ""));
    ties(&[("a.c", Some(&without), Some(&with))], &["+int two(int a) = +return a;"]);
    ties(&[("a.c", Some(&with), Some(&without))], &["+void one(int a) = -return a;"]);
}
