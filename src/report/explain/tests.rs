use super::*;
use crate::analyze::{Analysis, analyze};
use crate::model::{Campaign, Home, HomeIdx, Message, Patch, Series, Words};
use crate::plan::{address::addresses, fixture, relate::relations};

/// A header that gains a function, and a source that calls it instead of another.
const FILES: &[(&str, Option<&str>, Option<&str>)] = &[
    ("lib/map.h", Some("#define OLD 1\n\nint map_old(int);\n"), Some("#define OLD 1\n\nint map_old(int);\nint map_new(int);\n")),
    (
        "lib/map.c",
        Some("#include \"map.h\"\n\nint map_old(int a)\n{\n\treturn a;\n}\n"),
        Some("#include \"map.h\"\n\nint map_old(int a)\n{\n\treturn a;\n}\n\nint map_new(int a)\n{\n\treturn a + 1;\n}\n"),
    ),
    (
        "app/main.c",
        Some("#include \"map.h\"\n\nint main(void)\n{\n\treturn map_old(1);\n}\n"),
        Some("#include \"map.h\"\n\nint main(void)\n{\n\treturn map_new(1);\n}\n"),
    ),
];

/// Two patches: `lib/`, then `app/`.
fn plan() -> (Plan, Facts) {
    let change = fixture::change(FILES);
    let analysis = analyze(change);
    let relations = relations(&analysis);
    let Analysis { change, edits, facts, .. } = analysis;
    let of = |folder: &str| -> Vec<EditId> {
        edits.iter().filter(|(_, edit)| change.file(edit.file_id).path().starts_with_str(folder)).map(|(id, _)| id).collect()
    };
    let patch = |id: &str, subject: &str, edits: Vec<EditId>| Patch {
        patch_id: id.into(),
        edits,
        message: Message { subject: subject.into(), ..Message::default() },
        author: fixture::author(),
        home: HomeIdx(0),
        why: Vec::new(),
    };
    let campaign = Campaign {
        homes: vec![Home { name: "MAPS".into(), tree: None, slug: "maps".into() }],
        patches: vec![patch("add", "lib: add map_new()", of("lib/")), patch("use", "app: use map_new()", of("app/"))],
        series: vec![Series {
            name: "maps".into(),
            home: HomeIdx(0),
            patches: vec![PatchIdx(0), PatchIdx(1)],
            needs: Vec::new(),
            cover: Message::default(),
            part: None,
            waits: Vec::new(),
        }],
    };
    (
        Plan {
            name: "x".into(),
            branch: None,
            change,
            edits,
            relations,
            from_check: Vec::new(),
            from_builds: Vec::new(),
            overridden: Vec::new(),
            campaign,
            landing: crate::model::Landing::default(),
            words: Words::default(),
        },
        facts,
    )
}

fn check(what: &str, expected: &str) {
    let (plan, facts) = plan();
    let addresses = addresses(&plan.change, &plan.edits);
    let drawn = match meant(&plan, &facts, &addresses, what) {
        Ok(meant) => {
            let mut text = String::new();
            for line in explain(&plan, &facts, &addresses, &meant).iter().flat_map(text::lines) {
                let line: String = line.into_iter().map(|(_, part)| part).collect();
                // Addresses are for programs; a test says the same without them.
                text.push_str(line.split("  ").filter(|part| !part.contains('@')).collect::<Vec<_>>().join("  ").trim_end());
                text.push('\n');
            }
            text
        }
        Err(error) => format!("{error}\n"),
    };
    assert_eq!(drawn, expected, "{drawn}");
}

#[test]
fn a_patch_tells_what_it_does_and_who_needs_it() {
    check(
        "1",
        "1 lib: add map_new()\nIn series 'maps': most of its lines are of MAPS.\n\nIts edits:\n  lib/map.h:4  int map_new(int);\n  \
         lib/map.c:7  int map_new(int a)\n\nWhat it does:\n  defines map_new()\n  declares map_new()\n\nBefore:\n  2 app: use \
         map_new()\n      map_new() is defined before it is used\n",
    );
}

#[test]
fn a_line_tells_its_edit_and_what_ties_it() {
    check(
        "app/main.c:5",
        "app/main.c:5\nIn patch 2 app: use map_new()\n\n  -\treturn map_old(1);\n  +\treturn map_new(1);\n\nWhat it does:\n  uses \
         more of map_new()\n  uses less of map_old\n\nComes after:\n  lib/map.h:4  int map_new(int);  in 1 lib: add map_new()\n      \
         map_new() is defined before it is used\n  lib/map.c:7  int map_new(int a)  in 1 lib: add map_new()\n      map_new() is defined \
         before it is used\n",
    );
}

#[test]
fn a_symbol_tells_where_it_comes_and_is_used() {
    check(
        "map_new",
        "map_new()\n\n1 lib: add map_new()  declares it\n  lib/map.h:4  int map_new(int);\n\n1 lib: add map_new()  defines it\n  \
         lib/map.c:7  int map_new(int a)\n\n2 app: use map_new()  uses more of it\n  app/main.c:5  return map_new(1);\n\nThe order it \
         makes:\n  inside 1: the declaration and the definition of map_new() agree\n  1 before 2: map_new() is defined before it is \
         used\n",
    );
}

#[test]
fn a_path_tells_what_each_patch_does_there_and_a_series_its_patches() {
    let head = "1 lib: add map_new()\nIn series 'maps': most of its lines are of MAPS.\n\nIts edits in lib/map.h, 1 of 2:\n  lib/map.h:4  int \
                map_new(int);\n\nWhat it does:\n  declares map_new()\n\nBefore:\n  2 app: use map_new()\n      map_new() is defined before \
                it is used\n";
    check("lib/map.h", head);
    let (plan, facts) = plan();
    let addresses = addresses(&plan.change, &plan.edits);
    assert_eq!(meant(&plan, &facts, &addresses, "maps"), Ok(vec![Meant::Patch(PatchIdx(0)), Meant::Patch(PatchIdx(1))]));
}

#[test]
fn what_is_not_there_is_said() {
    check("app/main.c:1", "the change does not touch line 1 of 'app/main.c'\n");
    check("nobody", "'nobody' is no patch, series, path, line, edit or symbol of the plan\n");
}

#[test]
fn every_form_means_the_same_edit() {
    let (plan, facts) = plan();
    let addresses = addresses(&plan.change, &plan.edits);
    let of = |what: &str| meant(&plan, &facts, &addresses, what);
    let by_line = of("lib/map.c:7").expect("an edit is there");
    let Meant::Edit(edit_id) = by_line[0] else { panic!("{by_line:?}") };
    assert_eq!(of(&addresses[edit_id.idx()].to_string()), Ok(by_line));
    assert_eq!(of("lib/map.c"), Ok(vec![Meant::InFile(PatchIdx(0), plan.edits.get(edit_id).file_id)]));
    assert_eq!(of("use"), Ok(vec![Meant::Patch(PatchIdx(1))]));
}
