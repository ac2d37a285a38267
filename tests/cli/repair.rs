//! `git cleave verify --repair` from outside: plans that do not build, the machine's compiler, and what was moved.

use crate::support::{Output, TestRepo, interrupt};

const MAKEFILE: &str = "\
prog: main.o lib.o
\tcc -o $@ main.o lib.o
%.o: %.c lib.h
\tcc -Werror -Wall -c -o $@ $<
";

const BASE: &[(&str, &str)] = &[
    ("Makefile", MAKEFILE),
    ("lib.h", "struct box {\n\tint width;\n};\n\nint one(struct box *box);\n"),
    ("lib.c", "#include \"lib.h\"\n\nint one(struct box *box)\n{\n\treturn box->width;\n}\n"),
    (
        "main.c",
        "#include \"lib.h\"\n\nstatic int sum(struct box *box)\n{\n\treturn one(box);\n}\n\nint main(void)\n{\n\tstruct box box = { .width = 0 };\n\n\treturn sum(&box);\n}\n",
    ),
];

/// A repository whose change is planned as the patches of these subjects, each with the edits whose line in the todo has one of its words. What
/// was read of the change is set aside where it speaks against that.
fn planned(name: &str, tip: &[(&str, &str)], patches: &[(&str, &[&str])]) -> TestRepo {
    let repo = TestRepo::new(name);
    repo.commit_files("base", BASE);
    repo.commit_files("tip", tip);
    drop(repo.cleave(&["plan", "base..tip", "--name", "x"]).ok());
    spoil(&repo, patches);
    repo
}

/// Deals the edits out anew.
fn spoil(repo: &TestRepo, patches: &[(&str, &[&str])]) {
    let todo = repo.cleave(&["edit", "--print"]).ok();
    let mut edits: Vec<&str> = todo.lines().filter(|line| line.starts_with("  ")).collect();
    let mut new = String::from("series x\n");
    for (subject, words) in patches {
        new.push_str(&format!("pick new {subject}\n"));
        let taken: Vec<&str> = edits.extract_if(.., |line| words.iter().any(|word| line.contains(word))).collect();
        assert!(!taken.is_empty(), "no edit has one of {words:?} in\n{todo}");
        taken.iter().for_each(|line| new.push_str(&format!("{line}\n")));
    }
    assert!(edits.is_empty(), "{edits:?} are in no patch");
    repo.write("../todo", &new);
    drop(repo.cleave(&["edit", "--force", "--file", "../todo"]).ok());
}

/// Repairs; logs and times are written as words.
fn repair(repo: &TestRepo, more: &[&str]) -> Output {
    let mut words = vec!["verify", "--repair"];
    words.extend(more);
    words.extend(["--", "make", "-k"]);
    repo.cleave(&words)
}

/// Returns what was told of the rounds.
fn rounds(output: &Output) -> String {
    let told = output.stdout.lines().take_while(|line| !line.starts_with("step ")).map(|line| format!("{line}\n"));
    // gcc writes names in quotes that are not ASCII where the locale allows it.
    told.collect::<String>().replace(['\u{2018}', '\u{2019}'], "'")
}

#[track_caller]
fn check(repo: &TestRepo, expected: &str) {
    drop(repo.cleave(&["split", "--name", "x"]).ok());
    let broken = repo.cleave(&["verify", "--name", "x", "--", "make", "-k"]);
    assert_eq!(broken.code, Some(1), "the plan is broken first: {broken:?}");
    let output = repair(repo, &[]);
    assert_eq!((output.code, rounds(&output).as_str()), (Some(0), expected), "{output:?}");
    assert_eq!(repo.tree("refs/heads/cleave/x/all"), repo.tree("tip"));
    let again = repo.cleave(&["verify", "--name", "x", "--", "make", "-k"]);
    assert_eq!(again.code, Some(0), "{again:?}");
    assert!(again.stderr.contains("built 0 of "), "the branch is what was built: {again:?}");
}

const TWO: &[(&str, &str)] = &[
    ("lib.h", "struct box {\n\tint width;\n};\n\nint one(struct box *box);\nint two(struct box *box);\n"),
    (
        "lib.c",
        "#include \"lib.h\"\n\nint one(struct box *box)\n{\n\treturn box->width;\n}\n\nint two(struct box *box)\n{\n\treturn 2 * one(box);\n}\n",
    ),
    (
        "main.c",
        "#include \"lib.h\"\n\nstatic int sum(struct box *box)\n{\n\treturn two(box);\n}\n\nint main(void)\n{\n\tstruct box box = { .width = 0 };\n\n\treturn sum(&box);\n}\n",
    ),
];

#[test]
fn patches_change_places_where_that_is_enough() {
    let repo = planned("patches_change_places", TWO, &[("main: use two", &["main.c"]), ("lib: add two", &["lib"])]);
    check(
        &repo,
        "round 1: step 1 failed\n  \
         patch 1 is now patch 2 ('main: use two'): learned from main.c:5: implicit declaration of function 'two' \
         [-Werror=implicit-function-declaration]\n",
    );
    let subjects = repo.git(&["log", "--reverse", "--format=%s", "base..refs/heads/cleave/x/all"]);
    assert_eq!(subjects, "lib: add two\nmain: use two", "what people wrote stays");
    let plan = std::fs::read_to_string(repo.dir.join(".git/cleave/plans/x/plan.toml")).unwrap();
    assert!(plan.contains("[[from_builds]]") && plan.contains("main.c:5: implicit declaration"), "{plan}");
    let explained = repo.cleave(&["explain", "main.c:5"]).ok();
    assert!(explained.contains("learned from main.c:5: implicit declaration of function"), "{explained}");
}

const THREE: &[(&str, &str)] = &[
    ("lib.h", "struct box {\n\tint width;\n\tint height;\n};\n\nint one(struct box *box);\n"),
    ("lib.c", "#include \"lib.h\"\n\nint one(struct box *box)\n{\n\treturn box->width + box->height;\n}\n"),
    (
        "main.c",
        "#include \"lib.h\"\n\nstatic int high(struct box *box)\n{\n\treturn box->height;\n}\n\nint main(void)\n{\n\tstruct box box = { .width = 0 };\n\n\treturn one(&box) + high(&box);\n}\n",
    ),
];

#[test]
fn an_edit_moves_where_patches_need_each_other() {
    let repo = planned(
        "an_edit_moves",
        THREE,
        &[("lib: count the height", &["lib.c"]), ("main: ask for the height", &["main.c", "lib.h"])],
    );
    check(
        &repo,
        "round 1: step 1 failed\n  \
         patch 1 is now patch 2 ('lib: count the height'): learned from lib.c:5: 'struct box' has no member named 'height'\n",
    );
}

#[test]
fn the_rest_stays_as_it_was() {
    let tip: Vec<(&str, &str)> = THREE.iter().copied().chain([("notes", "a\n"), ("more", "b\n")]).collect();
    let repo = planned(
        "the_rest_stays",
        &tip,
        &[
            ("notes: say a", &["notes"]),
            ("lib: count the height", &["lib.c", "static int high"]),
            ("main: ask for the height", &["more", "main.c"]),
            ("lib: have a height", &["lib.h"]),
        ],
    );
    let before = repo.git(&["rev-parse", "main"]);
    check(
        &repo,
        "round 1: steps 2, 3 failed\n  \
         moved main.c:12 'return one(&box) + high(&box);' from patch 3 to patch 2: learned from main.c:3: 'high' defined but not used \
         [-Werror=unused-function]\n  \
         patch 4 is now patch 2 ('lib: have a height'): learned from lib.c:5: 'struct box' has no member named 'height'\n",
    );
    let subjects = repo.git(&["log", "--reverse", "--format=%s", "base..refs/heads/cleave/x/all"]);
    assert_eq!(subjects, "notes: say a\nlib: have a height\nlib: count the height\nmain: ask for the height");
    assert_eq!(repo.git(&["rev-parse", "main"]), before);
}

#[test]
fn what_the_build_does_not_explain_is_searched() {
    let lines = |n: usize, word: &str| (0..n).map(|nth| format!("{word} {nth}\n\n")).collect::<String>();
    let repo = TestRepo::new("what_the_build_does_not_explain");
    repo.commit_files("base", &[("a", "x\n"), ("b", "x\n"), ("c", &lines(3, "c"))]);
    repo.commit_files("tip", &[("a", "y\n"), ("b", "y\n"), ("c", &lines(9, "c").replace("c 1\n", "d 1\n"))]);
    drop(repo.cleave(&["plan", "base..tip", "--name", "x"]).ok());
    spoil(&repo, &[("first", &["a#", "c 5"]), ("second", &["c#", "b#"])]);
    let output = repo.cleave(&["verify", "--repair", "--", "cmp", "-s", "a", "b"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    assert_eq!(
        rounds(&output),
        "round 1: step 1 failed\n  searched what step 1 needs: 5 builds\n  \
         moved b:1 'y' from patch 2 to patch 1: learned from a build that fails and does not say why\n"
    );
    assert_eq!(repo.tree("refs/heads/cleave/x/all"), repo.tree("tip"));
}

#[test]
fn what_nobody_can_tell_is_left_alone() {
    let repo = planned("what_nobody_can_tell", TWO, &[("main: use two", &["main.c"]), ("lib: add two", &["lib"])]);
    let plan = || std::fs::read_to_string(repo.dir.join(".git/cleave/plans/x/plan.toml")).unwrap();
    let before = plan();
    let undecided = repo.cleave(&["verify", "--repair", "--", "sh", "-c", "grep -q two main.c && exit 125 || exit 0"]);
    assert_eq!(undecided.code, Some(0), "{undecided:?}");
    let slow = repo.cleave(&[
        "verify",
        "--repair",
        "--timeout",
        "1",
        "--",
        "sh",
        "-c",
        "! grep -q two main.c || grep -q two lib.c || sleep 60",
    ]);
    assert_eq!((slow.code, rounds(&slow).as_str()), (Some(1), ""), "{slow:?}");
    let base = repo.cleave(&["verify", "--repair", "--", "false"]);
    assert!(base.code == Some(1) && base.stderr.contains("nothing is repaired"), "{base:?}");
    let (signal, code) = interrupt();
    let script = format!("! grep -q two main.c || kill -s {signal} $PPID; sleep 1");
    let stopped = repo.cleave(&["verify", "--repair", "--", "sh", "-c", &script]);
    assert!(stopped.code == Some(code) && stopped.stderr.contains("interrupted"), "{stopped:?}");
    assert_eq!(plan(), before, "the plan is as it was");
}

#[test]
fn a_branch_that_is_checked_out_is_refused_before_any_build() {
    let repo = planned("a_branch_that_is_checked_out", TWO, &[("main: use two", &["main.c"]), ("lib: add two", &["lib"])]);
    drop(repo.cleave(&["split", "--name", "x"]).ok());
    repo.git(&["switch", "-q", "cleave/x/all"]);
    let refused = repo.cleave(&["verify", "--repair", "--", "touch", "built"]);
    assert!(refused.code != Some(0) && refused.stderr.contains("is checked out in"), "{refused:?}");
    assert!(!repo.dir.join(".git/cleave/build").exists(), "nothing was built");
}

#[test]
fn programs_read_one_object_a_round() {
    let repo = planned("programs_read_one_object_a_round", TWO, &[("main: use two", &["main.c"]), ("lib: add two", &["lib"])]);
    let output = repair(&repo, &["--format", "json"]);
    let lines: Vec<serde_json::Value> = output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), lines[0]["round"].as_u64(), lines[0]["failing"][0].as_u64()), (4, Some(1), Some(1)), "{output:?}");
    assert_eq!(lines[0]["reordered"][0]["patch"].as_str(), Some("use-two-2"));
    assert!(lines[1..].iter().all(|step| step["verdict"] == "passed"), "{output:?}");
}
