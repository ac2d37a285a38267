use bstr::BStr;

use super::*;
use crate::analyze::analyze;
use crate::model::compose::Data;
use crate::model::{Change, EditSet, compose};
use crate::plan::{fixture, relate};

/// Makes the bridges of a change whose homes are the top folders.
fn bridged(files: &[(&str, &str, &str)]) -> (Analysis, Vec<Relation>, Vec<Refusal>) {
    let files: Vec<_> = files.iter().map(|(path, base, tip)| (*path, Some(*base), Some(*tip))).collect();
    let change = fixture::change(&files);
    let analysis = analyze(change);
    let relations = relate::relations(&analysis);
    let Analysis { change, edits, .. } = &analysis;
    let mut homes: BTreeMap<BString, HomeIdx> = BTreeMap::new();
    let of_edit: Vec<HomeIdx> = edits
        .iter()
        .map(|(_, edit)| {
            let path = change.file(edit.file_id).path();
            let folder: BString = path.split(|byte| *byte == b'/').next().unwrap_or_default().into();
            let next = HomeIdx(homes.len());
            *homes.entry(folder).or_insert(next)
        })
        .collect();
    bridge(analysis, relations, &of_edit, usize::MAX)
}

fn text_of(change: &Change, edits: &Edits, members: impl IntoIterator<Item = EditId>) -> String {
    let set = EditSet::of(edits.len(), members);
    let files = compose(change, edits, &set).expect("closed");
    match &files.values().next().expect("a file").data {
        Data::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Data::Object(id) => format!("{id}"),
    }
}

const USER: (&str, &str, &str) =
    ("b/user.c", "int f(struct s *p)\n{\n\treturn p->old;\n}\n", "int f(struct s *p)\n{\n\treturn p->new;\n}\n");

/// The record while the bridge stands, or why there is none.
fn check(base: &str, tip: &str, expected: &str) {
    let (Analysis { change, edits, .. }, _, refusals) = bridged(&[("a/s.h", base, tip), USER]);
    let drawn = match edits.bridges.as_slice() {
        [bridge] => {
            let whole = edits.whole();
            let last = compose(&change, &edits, &whole).expect("closed");
            let tip = change.files[0].tip.as_ref().expect("a tip").object_id;
            assert_eq!(last[BStr::new("a/s.h")].data, Data::Object(tip), "nothing is left behind");
            text_of(&change, &edits, [bridge.put])
        }
        _ => refusals.iter().map(|refusal| refusal.why.to_string()).collect(),
    };
    assert_eq!(drawn.replace('\t', "    "), expected);
}

#[test]
fn a_member_gets_a_union_of_its_own() {
    check(
        "struct s {\n\tint a;\n\tint old; /* state */\n};\n",
        "struct s {\n\tint a;\n\tint new; /* state */\n};\n",
        "struct s {\n    int a;\n    union {\n        int old; /* state */\n        int new; /* state */\n    };\n};\n",
    );
    check(
        "struct s {\n\tint (*old)(int a,\n\t\t   int b);\n};\n",
        "struct s {\n\tint (*new)(int a,\n\t\t   int b);\n};\n",
        "struct s {\n    union {\n        int (*old)(int a,\n               int b);\n        int (*new)(int a,\n               int b);\n    };\n};\n",
    );
}

#[test]
fn a_member_of_a_union_gets_a_sister() {
    check(
        "struct s {\n\tunion {\n\t\tlong old;\t/* where */\n\t\tlong share;\n\t};\n};\n",
        "struct s {\n\tunion {\n\t\tlong new;\t/* where */\n\t\tlong share;\n\t};\n};\n",
        "struct s {\n    union {\n        long old;    /* where */\n        long new;    /* where */\n        long share;\n    };\n};\n",
    );
}

#[test]
fn comments_come_with_their_member() {
    check(
        "struct s {\n\t/* The old one. */\n\tint old;\n\tint a;\n};\n",
        "struct s {\n\t/* The new one. */\n\tint new;\n\tint a;\n};\n",
        "struct s {\n    /* The new one. */\n    union {\n        int old;\n        int new;\n    };\n    int a;\n};\n",
    );
    check(
        "struct s {\n\tint old; /* one\n\t\t  * two */\n\tint a;\n};\n",
        "struct s {\n\tint new; /* one\n\t\t  * two */\n\tint a;\n};\n",
        "struct s {\n    union {\n        int old; /* one\n              * two */\n        int new; /* one\n              * two */\n    };\n    int a;\n};\n",
    );
}

#[test]
fn what_no_union_holds_is_refused() {
    let of = |old: &str, new: &str, expected: &str| {
        check(&format!("struct s {{\n\tint n;\n\t{old}\n}};\n"), &format!("struct s {{\n\tint n;\n\t{new}\n}};\n"), expected);
    };
    of("unsigned old : 3;", "unsigned new : 3;", "'old' is a bit-field, and a union would move what follows");
    of("int old[];", "int new[];", "'old' is a flexible array, which no union holds");
    of("int old;", "long new;", "'old' and 'new' differ in type");
    of("int old, other;", "int new, other;", "'old' shares its declaration or its line with another member");
    of("int old; int b;", "int new; int b;", "'old' shares its declaration or its line with another member");
    of("int old;\n\tint b;\n\tint c;", "int new;\n\tlong b;\n\tint c;", "more changes there than names");
}

#[test]
fn what_counts_elements_is_refused() {
    check(
        "struct s {\n\tint old;\n\tint b[] __counted_by(old);\n};\n",
        "struct s {\n\tint new;\n\tint b[] __counted_by(new);\n};\n",
        "more changes there than names",
    );
}

#[test]
fn a_macro_of_the_name_is_refused() {
    check(
        "#define new 1\nstruct s {\n\tint old;\n};\n",
        "#define other 1\nstruct s {\n\tint new;\n};\n",
        "'new' is the name of a macro too",
    );
}

#[test]
fn values_without_names_come_before_or_refuse() {
    let header = ("a/s.h", "struct s {\n\tint old;\n\tint b;\n};\n", "struct s {\n\tint new;\n\tint b;\n};\n");
    let stays = (
        "a/t.c",
        "struct s x = { 1, 2 };\nint g(struct s *p) { return p->old; }\n",
        "struct s x = { 1, 2 };\nint g(struct s *p) { return p->new; }\n",
    );
    let (Analysis { edits, .. }, _, refusals) = bridged(&[header, stays, USER]);
    assert!(edits.bridges.is_empty());
    assert_eq!(refusals[0].why.to_string(), "a/t.c:1 fills the record without names of members, which a union does not fit");
    let named = (
        "a/t.c",
        "struct s x = { 1, 2 };\nint g(struct s *p) { return p->old; }\n",
        "struct s x = { .b = 2 };\nint g(struct s *p) { return p->new; }\n",
    );
    let (Analysis { change, edits, .. }, relations, _) = bridged(&[header, named, USER]);
    let bridge = &edits.bridges[0];
    let first: Vec<String> = relations
        .iter()
        .filter(|relation| relation.second == bridge.put)
        .map(|relation| String::from_utf8_lossy(edits.get(relation.first).removed(&change)).into_owned())
        .collect();
    assert_eq!(first, ["struct s x = { 1, 2 };\n"]);
}

#[test]
fn a_member_in_the_place_of_another_is_no_rename() {
    let header = ("a/s.h", "struct s {\n\tint old;\n};\n", "struct s {\n\tint new;\n};\n");
    let user = ("b/f.c", "int f(struct s *p)\n{\n\treturn p->old > 1;\n}\n", "int f(struct s *p)\n{\n\treturn !p->new;\n}\n");
    let (Analysis { edits, .. }, _, refusals) = bridged(&[header, user]);
    assert!(edits.bridges.is_empty());
    assert_eq!(refusals[0].why.to_string(), "most users of 'old' do not take another name in its place");
}

#[test]
fn users_of_a_home_are_one_piece() {
    let user = |path: &'static str| (path, USER.1, USER.2);
    let (Analysis { change, edits, facts, .. }, relations, _) = bridged(&[
        ("a/s.h", "/* old or other */\nstruct s {\n\tint old;\n};\n", "/* new or other */\nstruct s {\n\tint new;\n};\n"),
        user("b/one.c"),
        user("b/two.c"),
        user("c/three.c"),
        ("c/text.txt", "p->old is\n", "p->new is\n"),
    ]);
    let homes = edits.iter().map(|(_, edit)| HomeIdx(usize::from(change.file(edit.file_id).path()[0]))).collect::<Vec<_>>();
    let converts = conversions(&change, &edits, &facts);
    let (knots, alone) = joined_by_home(knots(&edits, &relations), &edits, &relations, &converts, &homes);
    let drawn: Vec<String> = knots
        .iter()
        .zip(alone)
        .map(|(knot, alone)| {
            let lines: Vec<String> = knot
                .edits
                .iter()
                .map(|&edit_id| super::super::address::first_line(&change, &edits, edits.get(edit_id)).to_string())
                .collect();
            format!("{}{}", lines.join(", "), if alone { " alone" } else { "" })
        })
        .collect();
    assert_eq!(
        drawn,
        [
            "/* new or other */ alone",
            "return p->new;, return p->new; alone",
            "return p->new;, p->new is alone",
            "union { alone",
            "int new; alone"
        ]
    );
}

#[test]
fn a_stored_plan_finds_the_bridge_again() {
    let files = [("a/s.h", "struct s {\n\tint old;\n};\n", "struct s {\n\tint new;\n};\n"), USER];
    let (before, relations_before, _) = bridged(&files);
    let analysis = analyze(before.change.clone());
    let relations = relate::relations(&analysis);
    let bridge = &before.edits.bridges[0];
    let (again, relations) = rebuild(analysis, relations, &[(bridge.bridged.kind, bridge.superseded)]).expect("it held before");
    assert_eq!(again.edits.all, before.edits.all);
    assert_eq!(again.edits.bridges, before.edits.bridges);
    assert_eq!(relations, relations_before);
}
