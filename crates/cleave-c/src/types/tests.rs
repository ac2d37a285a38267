use bstr::BStr;

use super::{InMemoryTree, SourceIndex, members, uses};

/// Draws each use of `field` in `a.c` as `line record access`.
fn check(files: &[(&str, &str)], field: &str, expected: &[&str]) {
    let tree = InMemoryTree::of(files.iter().copied());
    let index = SourceIndex::of(&tree);
    let (path, text) = files[0];
    let shown: Vec<String> = uses(&index, BStr::new(path), &[field.as_bytes()])
        .into_iter()
        .map(|one| {
            let line = text.as_bytes()[..one.at].iter().filter(|&&byte| byte == b'\n').count() + 1;
            format!("{line} {} {}", one.record.map_or("?".into(), |record| record.to_string()), one.access.word())
        })
        .collect();
    assert_eq!(shown.join("\n"), expected.join("\n"));
}

#[test]
fn scopes_say_what_a_name_is() {
    check(
        &[(
            "a.c",
            "struct page *global;\nint f(struct page *p, struct seq *s)\n{\n\tp->index = s->index;\n\t{\n\t\tstruct seq *p = s;\n\
             \t\tp->index++;\n\t}\n\tfor (struct folio *p = g(); p; p++)\n\t\tp->index = 1;\n\treturn global->index + p->index;\n}\n\
             old(a, p) struct seq *p;\n{ return p->index; }\nint last(void *p) { return p->index + &global[1].index; }\n",
        )],
        "index",
        &[
            "4 struct page write",
            "4 struct seq read",
            "7 struct seq update",
            "10 struct folio write",
            "11 struct page read",
            "11 struct page read",
            "14 struct seq read",
            "15 ? read",
            "15 struct page address",
        ],
    );
}

const HEADER: &str = "struct folio;\nstruct page { union { struct { struct list lru; unsigned long index; }; int pp; }; };\n\
    struct vmf { struct page *page; struct page **pages; struct { struct page *in; } sub; };\ntypedef struct vmf vmf_t;\n\
    typedef struct { struct page p; int index; } anon_t;\n\
    struct page *alloc(int n);\nextern struct page *(*hook)(void);\n\
    #define offsetof(t, m) __builtin_offsetof(t, m)\n\
    #define container_of(p, t, m) ({ void *__p = (void *)(p); ((t *)(__p - offsetof(t, m))); })\n\
    #define list_entry(p, t, m) container_of(p, t, m)\n\
    #define list_for_each_entry(pos, head, m) for (pos = list_entry((head)->next, typeof(*pos), m); &pos->m != (head); )\n\
    #define READ_ONCE(x) (*(const volatile typeof(x) *)&(x))\n\
    #define page_folio(p) (_Generic((p), const struct page *: (const struct folio *)f(p), struct page *: (struct folio *)f(p)))\n\
    #define FOLIO_MATCH(pg, fl) static_assert(offsetof(struct page, pg) == offsetof(struct folio, fl))\n\
    #define DECLARE(type, name) __attr __typeof__(type) name\n#define STATE(name, x) struct vmf name = { x }\n#define SETUP struct page *hid = 0;\n\
    #define PASTE(x) x##_page()\nstruct page *get_page(void);\n";

fn resolve(body: &str, expected: &[&str]) {
    check(
        &[("a.c", &format!("#include <x.h>\n{body}")), ("include/x.h", "#include \"y.h\"\n"), ("include/y.h", HEADER)],
        "index",
        expected,
    );
}

#[test]
fn members_calls_and_casts_are_followed_through_headers() {
    resolve(
        "void f(vmf_t *v, anon_t *a, void *q)\n{\n\tv->page->index = v->pages[3]->index;\n\talloc(1)->index = hook()->index;\n\
         \ta->index = a->p.index;\n\t((struct page *)q)->index = (v->page + 1)->index;\n\t(*v->pages)->index = (q ? v->page : 0)->index;\n\
         \tv->sub.in->index = (v->page)[1].index;\n\t(v ? (struct page *)q : alloc(2))->index = q->index;\n}\n",
        &[
            "4 struct page write",
            "4 struct page read",
            "5 struct page write",
            "5 struct page read",
            "6 anon_t write",
            "6 struct page read",
            "7 struct page write",
            "7 struct page read",
            "8 struct page write",
            "8 struct page read",
            "9 struct page write",
            "9 struct page read",
            "10 struct page write",
            "10 ? read",
        ],
    );
}

#[test]
fn a_record_has_the_members_that_a_file_sees() {
    let header = "struct page {\n\tint a, *b;\n\tunion { int c; };\n\tstruct { int e; } d;\n\tLIST_ENTRY(page) link;\n};\n\
                  typedef struct { long pte; } pte_t;\ntypedef struct page other_t;\n";
    let tree = InMemoryTree::of([("h.h", header), ("a.c", "#include \"h.h\"\n"), ("b.c", "int page;\n")]);
    let check = |path: &str, record: &str, expected: &str| {
        let index = SourceIndex::of(&tree);
        let names: Vec<String> = members(&index, path.into(), record).iter().map(ToString::to_string).collect();
        assert_eq!(names.join(" "), expected, "{record} in {path}");
    };
    for record in ["struct page", "page", "other_t"] {
        check("a.c", record, "a b c d link");
    }
    check("h.h", "struct page.d", "e");
    check("a.c", "pte_t", "pte");
    check("a.c", "struct pte_t", "");
    check("b.c", "struct page", "");
}

#[test]
fn macros_are_expanded() {
    resolve(
        "static DECLARE(struct page *, cpu);\nFOLIO_MATCH(index, index);\nvoid f(struct page *p, struct list *l, vmf_t *v)\n{\n\
         \tSTATE(state, 1);\n\tSETUP;\n\tp = list_entry(l, struct page, index);\n\tlist_for_each_entry(p, l, index)\n\
         \t\tlist_entry(l, struct page, lru)->index = 0;\n\tpage_folio(p)->index = READ_ONCE(v->page)->index;\n\
         \tcpu->index = state.page->index;\n\t({ struct page *x = p; x; })->index = hid->index;\n\ttypeof(*p) *t = p; __auto_type u = v->page;\n\
         \tt->index = u->index;\n\tPASTE(get)->index++;\n}\n",
        &[
            "3 struct page ref",
            "3 struct folio ref",
            "8 struct page ref",
            "9 struct page ref",
            "10 struct page write",
            "11 struct folio write",
            "11 struct page read",
            "12 struct page write",
            "12 struct page read",
            "13 struct page write",
            "13 struct page read",
            "15 struct page write",
            "15 struct page read",
            "16 struct page update",
        ],
    );
}

#[test]
fn macro_bodies_and_trace_events_are_read() {
    resolve(
        "#define MARK(dp) (*(int *)&PASTE(get)->index)\n#define OWN(p) ((p)->index)\n#define ANY(p) ((p)->index)\n\
         int f(struct page *p) { return OWN(p); }\n\
         TRACE_EVENT(name, TP_PROTO(struct page *page, int n), TP_ARGS(page, n),\n\tTP_STRUCT__entry(__field(int, index)),\n\
         \tTP_fast_assign(struct vmf *v = n; __entry->index = page->index; n = v->page->index;),\n\tTP_printk(\"%d\", __entry->index));\n",
        &[
            "2 struct page address",
            "3 struct page read",
            "4 ? read",
            "8 struct trace_event_raw_name write",
            "8 struct page read",
            "8 struct page read",
            "9 struct trace_event_raw_name read",
        ],
    );
}

#[test]
fn initialisers_know_what_they_fill() {
    resolve(
        "struct wrap { struct page one; struct page many[2]; };\nstatic struct wrap w = { .one = { .index = 1 }, .many = { { .index = 2 }, [1] = { .index = 3 } },\n\
         \t.one.index = 4 };\nvoid f(void) { g(&(struct page){ .index = 5 }); struct wrap x[] = { { { .index = 6 } } }; }\n",
        &[
            "3 struct page init",
            "3 struct page init",
            "3 struct page init",
            "4 struct page init",
            "5 struct page init",
            "5 struct page init",
        ],
    );
}

#[test]
fn all_branches_are_read_and_must_agree() {
    resolve(
        "#ifdef A\nstruct page *get(void);\n#else\nstruct folio *get(void);\n#endif\n#ifdef B\nstruct page *one(void);\n#else\n#define one() 0\n#endif\n\
         int f(struct page *p)\n{\n#ifdef A\n\tif (one()->index) {\n#else\n\tif (p->index) {\n#endif\n\t\tget()->index = 0;\n\t}\n\
         #if 0\n\tone()->index = 1;\n#endif\n\treturn one()->index;\n}\n",
        &["15 struct page read", "17 struct page read", "19 ? write", "24 struct page read"],
    );
}

#[test]
fn headers_are_looked_up_as_the_build_does() {
    let page = "struct page *own(void);\n";
    let seq = "struct seq *own(void);\n";
    let body = "#include <asm/own.h>\nint f(void) { return own()->index; }\n";
    check(
        &[("arch/x/a.c", body), ("arch/x/include/asm/own.h", page), ("arch/y/include/asm/own.h", seq)],
        "index",
        &["2 struct page read"],
    );
    check(&[("a/a.c", body), ("arch/x/include/asm/own.h", page), ("arch/y/include/asm/own.h", seq)], "index", &["2 ? read"]);
    check(&[("t/a.c", body), ("t/include/asm/own.h", seq), ("include/asm/own.h", page)], "index", &["2 struct seq read"]);
    let header = "static inline int f(void) { return own()->index; }\n";
    check(
        &[("a/b.h", header), ("a/b.c", "#include \"c.h\"\n#include \"b.h\"\n"), ("a/c.h", page)],
        "index",
        &["1 struct page read"],
    );
}

#[test]
fn hostile_texts_cost_no_more_than_their_length() {
    let deep = |open: &str, n: usize| format!("int f(struct page *p) {{ return {}p->index; }}", open.repeat(n));
    let chain =
        format!("struct a {{ struct a *b; int index; }}; int f(struct a *p) {{ return p{}->index; }}", "->b".repeat(20_000));
    let many: String = (0..100_000).map(|n| format!("int m{n};")).collect();
    let accesses = "p->index;".repeat(20_000);
    let texts = [
        deep("(", 100_000),
        deep("{", 100_000),
        deep("({", 50_000),
        deep("f(", 100_000),
        deep("*&", 100_000),
        deep("(struct page *)", 30_000),
        deep("a ? ", 50_000),
        chain,
        format!("struct page {{ {many} int index; }}; int f(struct page *p) {{ {accesses} }}"),
        "typedef a_t b_t; typedef b_t a_t; int f(a_t *p) { return p->index; }".to_owned(),
        "#define A(x) B(x) B(x)\n#define B(x) A(x) A(x)\nint f(void) { return A(1)->index; }".to_owned(),
        "#define A A\n#define C typeof(C)\nint f(C p) { return A->index + C->index; }".to_owned(),
        "int f(typeof(p) p) { typeof(q) q = q; __auto_type r = r; return p->index + q->index + r->index; }".to_owned(),
        "#include \"a.c\"\n#include \"b.h\"\nstruct a { struct a index; typeof(index) x; }; int f(struct a p) { p.x.index.index; }".to_owned(),
        format!("int f(void) {{ {} x->index; }}", "M(a, b);".repeat(20_000)),
        format!("struct a x = {} .index = 1", "{".repeat(100_000)),
        "#if 1\n".repeat(20_000) + "x->index" + &"\n#else\ny.index {".repeat(20_000),
        "->index .index (index, {.index [.index ...index".repeat(2_000),
        "#define index(index) index->index\nindex(index)".to_owned(),
    ];
    for text in &texts {
        let tree = InMemoryTree::of([("a.c", text.as_str()), ("b.h", "#include \"a.c\"\n")]);
        let index = SourceIndex::of(&tree);
        assert!(uses(&index, BStr::new("a.c"), &[b"index"]).len() <= text.len());
    }
}

mod laws {
    use super::*;
    use crate::types::records;
    use proptest::prelude::*;

    /// Words that mean something to C, in any order.
    fn soup() -> impl Strategy<Value = String> {
        let words = prop::sample::select(vec![
            "index",
            "->",
            ".",
            "(",
            ")",
            "{",
            "}",
            "[",
            "]",
            ",",
            ";",
            "=",
            "*",
            "&",
            "?",
            ":",
            "+",
            "-",
            "!",
            "<",
            "##",
            "#",
            "...",
            "struct",
            "page",
            "union",
            "typedef",
            "typeof",
            "__auto_type",
            "_Generic",
            "default",
            "offsetof",
            "sizeof",
            "for",
            "if",
            "return",
            "static",
            "int",
            "TP_PROTO",
            "__attribute__",
            "extern \"C\"",
            "\n#define A(x) ",
            "\n#define index ",
            "A",
            "p",
            "\n#if 1\n",
            "\n#if 0\n",
            "\n#else\n",
            "\n#elif B\n",
            "\n#endif\n",
            "\n#include \"a.c\"\n",
            "list_entry",
            "'",
            "\"",
            "/*",
            "*/",
            "1",
            "\\\n",
            "\u{e9}",
        ]);
        prop::collection::vec(words, 0..120).prop_map(|words| words.join(" "))
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in soup()) {
            let tree = InMemoryTree::of([("a.c", text.as_str())]);
            let index = SourceIndex::of(&tree);
            let found = uses(&index, BStr::new("a.c"), &[b"index", b"p"]);
            for one in &found {
                prop_assert!(text.as_bytes()[one.at..].starts_with(&one.field));
            }
            // Asked one by one in a index of their own, all at once, or in another order: the same.
            let offsets: Vec<usize> = found.iter().rev().map(|one| one.at).collect();
            let again = SourceIndex::of(&tree);
            let records = records(&again, BStr::new("a.c"), &offsets);
            for (one, record) in found.iter().rev().zip(records) {
                prop_assert_eq!(&one.record, &record);
            }
        }
    }
}
