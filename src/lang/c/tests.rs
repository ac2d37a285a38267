use bstr::ByteSlice;

use super::mentions;
use crate::lang::mention::{Linkage, Mention};
use crate::model::Role;
use cleave_c::parse;

/// Draws each mention as `line role kind record.name [region]`, the region only where it is more than the name.
fn show(input: &str, mention: &Mention) -> String {
    let line = input.as_bytes()[..mention.name_span.start].iter().filter(|&&byte| byte == b'\n').count() + 1;
    let record = mention.record.as_ref().map_or(String::new(), |record| format!("{}.", record.to_str_lossy()));
    let name = mention.name.to_str_lossy();
    let region = if mention.region == mention.name_span { "" } else { &input[mention.region.range()] };
    let region = region.split_whitespace().collect::<Vec<_>>().join(" ");
    let region = if region.is_empty() { region } else { format!(" [{region}]") };
    let linkage = match mention.linkage {
        Linkage::Internal => " static",
        Linkage::Inline => " inline",
        Linkage::Block | Linkage::External => "",
    };
    format!("{line} {:?} {:?} {record}{name}{linkage}{region}", mention.role, mention.kind)
}

fn check(input: &str, wanted: impl Fn(&Mention) -> bool, expected: &[&str]) {
    let syntax = parse(input.as_bytes());
    let mut all: Vec<Mention> = mentions(input.as_bytes(), &syntax).into_iter().filter(wanted).collect();
    all.sort_by_key(|mention| mention.name_span);
    let shown: Vec<String> = all.iter().map(|mention| show(input, mention)).collect();
    assert_eq!(shown.join("\n"), expected.join("\n"));
}

#[test]
fn definitions_have_a_shape() {
    check(
        "#define MAX(a, b) ((a) > (b) ? (a) : (b))\n\
         struct page {\n\tunsigned long flags;\n\tunion {\n\t\tint index;\n\t\tstruct { int pp; } pool;\n\t};\n} __packed;\n\
         typedef struct { int c; } spin_t;\nenum e { A, B = 2 };\n\
         static inline int __must_check f(struct page *p, int n)\n{\n\treturn 0;\n}\n\
         static struct page *last = 0, table[3];\nstatic DEFINE_MUTEX(lock);\n\
         extern int shared;\nint g(void);\nstruct folio;\n",
        |mention| mention.role != Role::Uses,
        &[
            "1 Defines Macro MAX [#define MAX(a, b)]",
            "2 Defines Type struct page [struct page]",
            "3 Defines Field struct page.flags [unsigned long flags;]",
            "5 Defines Field struct page.index [int index;]",
            "6 Defines Field struct page.pool.pp [int pp;]",
            "6 Defines Field struct page.pool [} pool;]",
            "9 Defines Field spin_t.c [int c;]",
            "9 Defines Type spin_t [} spin_t;]",
            "10 Defines Type enum e [enum e]",
            "10 Defines EnumConstant A",
            "10 Defines EnumConstant B [B = 2]",
            "11 Defines Function f inline [static inline int __must_check f(struct page *p, int n)]",
            "11 Defines Local f.p [struct page *p]",
            "11 Defines Local f.n [int n]",
            "15 Defines Variable last static [static struct page *last]",
            "15 Defines Variable table static [static struct page *last = 0, table[3]]",
            "16 Defines Variable lock static [static DEFINE_MUTEX(lock]",
            "17 Declares Variable shared [extern int shared;]",
            "18 Declares Function g [int g(void);]",
            "19 Declares Type struct folio [struct folio]",
        ],
    );
}

#[test]
fn fields_are_resolved_in_their_file() {
    check(
        "struct b { int n; };\nstruct a { struct b *next; struct b in; };\ntypedef struct a a_t;\n\
         struct a *get(void);\nstatic a_t first = { .next = 0, .in = { .n = 1 } };\n\
         void f(struct a *p, void *q, a_t *t)\n{\n\tp->next->n = p->in.n;\n\tget()->next = 0;\n\tfirst.in = *q->what;\n\
         \t((struct b *)q)->n = t->next[2].n;\n\tx = container_of(q, struct a, in)->next;\n\
         \tlist_for_each_entry(p, &head, in)\n\t\tp->next++;\n}\n",
        |mention| mention.kind == crate::model::SymbolKind::Field && mention.role == Role::Uses,
        &[
            "5 Uses Field struct a.next",
            "5 Uses Field struct a.in",
            "5 Uses Field struct b.n",
            "8 Uses Field struct a.next",
            "8 Uses Field struct b.n",
            "8 Uses Field struct a.in",
            "8 Uses Field struct b.n",
            "9 Uses Field struct a.next",
            "10 Uses Field struct a.in",
            "10 Uses Field what",
            "11 Uses Field struct b.n",
            "11 Uses Field struct a.next",
            "11 Uses Field struct b.n",
            "12 Uses Field struct a.in",
            "12 Uses Field struct a.next",
            "13 Uses Field struct a.in",
            "14 Uses Field struct a.next",
        ],
    );
}

#[test]
fn local_names_hide_outer_ones() {
    check(
        "int x;\nint f(int y)\n{\n\tx = y;\n\t{\n\t\tint x = 1;\n\t\tg(x);\n\t}\n\tif (x)\n\t\tgoto out;\nout:\n\ttypeof(y) z = x;\n}\n",
        |mention| mention.role == Role::Uses,
        &[
            "4 Uses Name x",
            "4 Uses Local f.y",
            "7 Uses Name g",
            "7 Uses Local f.x",
            "9 Uses Name x",
            "10 Uses Local f.out",
            "12 Uses Local f.y",
            "12 Uses Name x",
        ],
    );
}

#[test]
fn the_preprocessor_names_things_too() {
    check(
        "#include <linux/mm.h>\n#if defined(CONFIG_X) && VERSION > 3\n#define GET(p) ((p)->index + sizeof(struct page) + BASE)\n#endif\n\
         #undef OLD\nint f(void)\n{\n\treturn IS_ENABLED(CONFIG_Y_MODULE);\n}\nEXPORT_SYMBOL(f);\n\
         static const struct of_device_id ids[] = {\n\t{ .compatible = \"acme,uart\" },\n};\n",
        |mention| mention.role == Role::Uses,
        &[
            "1 Uses Header linux/mm.h",
            "2 Uses Kconfig X",
            "2 Uses Name VERSION",
            "3 Uses Field index",
            "3 Uses Type struct page",
            "3 Uses Name BASE",
            "5 Uses Name OLD",
            "8 Uses Name IS_ENABLED",
            "8 Uses Kconfig Y",
            "10 Uses Name EXPORT_SYMBOL",
            "10 Uses Name f",
            "11 Uses Type struct of_device_id",
            "12 Uses Field struct of_device_id.compatible",
            "12 Uses Compatible acme,uart",
        ],
    );
}

#[test]
fn any_bytes_are_taken() {
    let deep = format!("int f(void) {{ {} }}", "(".repeat(5000));
    let chain = format!("int x = a{};", "->b".repeat(3000));
    for input in ["", "int f(", "struct { int", "#define", "#define A(", "a.b.c", "typedef", "enum {", &deep, &chain] {
        mentions(input.as_bytes(), &parse(input.as_bytes()));
    }
}
