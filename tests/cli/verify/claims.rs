//! What is said of builds: a step is passed only where the build compiled all code that its patch changes.

use std::process::Command;

use super::repo::Repo;
use crate::support::TestRepo;

/// Builds `main.o` and `lib.o` of a tree that has more.
const PART: &str = "prog: main.o lib.o\n\tcc -o $@ main.o lib.o\n%.o: %.c\n\tcc -MMD -Wall -c -o $@ $<\n-include main.d lib.d\n";

const LIB: &str = "#include \"lib.h\"\nint one(void)\n{\n\treturn 1;\n}\n";

/// A base with files that nobody compiles, and steps that change each of them.
fn parts(makefile: &str) -> Repo {
    let repo = Repo::new();
    repo.git(&["switch", "-q", "main"]);
    repo.step("parts", &[("Makefile", makefile), ("other.c", "int other;\n"), ("other.h", "int other;\n"), ("text", "x\n")]);
    repo.git(&["switch", "-q", "-C", "cleave/change/all"]);
    repo.step("lib", &[("lib.c", LIB)]);
    repo.step("other", &[("other.c", "int another;\n")]);
    repo.step("header", &[("lib.h", "int one(void);\nint two(void);\n")]);
    repo.step("header of nobody", &[("other.h", "int another;\n")]);
    repo.step("text", &[("text", "y\n")]);
    repo.step("both", &[("lib.c", &LIB.replace('1', "2")), ("other.c", "int yet_another;\n")]);
    repo
}

#[track_caller]
fn check(repo: &Repo, args: &[&str], expected: &str, words: &[&str]) {
    let (verdicts, text) = repo.verdicts(args);
    assert_eq!(verdicts, expected, "{text}");
    for word in words {
        assert!(text.contains(word), "no '{word}' in: {text}");
    }
}

#[test]
fn a_step_is_passed_only_where_its_code_was_compiled() {
    let line =
        "steps: built: 1,3,5; not compiled: 2,4,6 (step 2: other.c)\n3 of 6 steps have code that the build does not compile";
    let repo = parts(PART);
    check(&repo, &["--", "make", "-s"], "ppnpnpn", &["exit 0\n", "   2  not compiled  other\n", line]);
    check(&repo, &["--", "make", "-s"], "ppnpnpn", &["built 0 of 7", line]);
    check(&repo, &["--rebuild", "--clean", "always", "--", "make", "-s"], "ppnpnpn", &[line]);
    let text = repo.verify(&["--format", "json", "--", "make", "-s"]);
    let last: serde_json::Value = serde_json::from_str(text.lines().rfind(|line| line.starts_with('{')).unwrap()).unwrap();
    let value = |key: &str| last[key].to_string();
    assert_eq!(
        (value("verdict").as_str(), value("compiled").as_str(), value("not_compiled").as_str()),
        ("\"not-compiled\"", "[\"lib.c\"]", "[\"other.c\"]")
    );
}

#[test]
fn what_no_note_names_is_seen_by_what_was_made() {
    // Objects elsewhere, a program made of its sources at once, and one whose symbols are gone.
    let elsewhere = "prog: main.c lib.c lib.h\n\tmkdir -p out && cc -c -o out/1.o main.c && cc -c -o out/2.o lib.c\n\ttouch $@\n";
    check(&parts(elsewhere), &["--", "make", "-s"], "ppnpnpn", &[]);
    check(&parts("prog: main.c lib.c lib.h\n\tcc -o $@ main.c lib.c\n"), &["--", "make", "-s"], "ppnpnpn", &[]);
    let stripped = "prog: main.c lib.c lib.h\n\tcc -s -o $@ main.c lib.c\n";
    check(
        &parts(stripped),
        &["--", "make", "-s"],
        "pununpn",
        &["passed, which files it compiled is not known: 1,3 (step 1: lib.c)"],
    );
}

#[test]
fn what_is_read_is_not_yet_compiled() {
    let repo = parts(PART);
    let words = "steps: built: 1,3,5; passed, which files it compiled is not known: 2,4,6 (step 2: other.c)\n";
    check(&repo, &["--", "sh", "-c", "cat *.c *.h >/dev/null; make -s"], "ppupupu", &["exit 0\n", words]);
}

#[test]
fn two_profiles_are_told_apart() {
    let repo = parts(PART);
    let other = "other=command:command=cc -c -o other.o other.c";
    let text = repo.verify(&["--profile", "part=make", "--profile", other]);
    for line in [
        "   1  passed        not compiled  lib\n   2  not compiled  passed        other\n",
        "steps with part: built: 1,3,5; not compiled: 2,4,6 (step 2: other.c)\n",
        "steps with other: built: 2,5; not compiled: 1,3-4,6 (step 1: lib.c)\n",
        "2 of 6 steps have code that the profiles do not compile",
    ] {
        assert!(text.contains(line), "no '{line}' in: {text}");
    }
}

#[test]
fn the_syntax_pass_claims_what_it_asked() {
    let repo = Repo::new();
    repo.git(&["switch", "-q", "main"]);
    let entry =
        |name: &str| format!(r#"{{"directory": "'$PWD'", "command": "cc -MMD -c -o {name}.o {name}.c", "file": "{name}.c"}}"#);
    let script = format!("echo '[{}, {}]' >compile_commands.json; make -s", entry("main"), entry("lib"));
    let profile = format!("[profile.own]\ncommand = [\"sh\", \"-c\", '''{script}''']\n");
    repo.step("profile", &[(".cleave.toml", &profile), ("Makefile", PART), ("other.c", "int other;\n")]);
    repo.git(&["switch", "-q", "-C", "cleave/change/all"]);
    repo.step("lib", &[("lib.c", LIB)]);
    repo.step("other", &[("other.c", "int another;\n")]);
    repo.step("back", &[("lib.c", "#include \"lib.h\"\nint one(void)\n{\n\treturn 0;\n}\n")]);
    check(&repo, &["--allow", "--syntax"], "ppnp", &["not compiled: 2 (step 2: other.c)"]);
}

/// A change of three steps, `data`, `c.c` alone, and `b.c`, where the second file is what `b.c` is made with.
#[track_caller]
fn stale(data: (&str, &str, &str), makefile: &str, before: &str, more: &[(&str, &str)], expected: &str) {
    let repo = Repo::new();
    repo.git(&["switch", "-q", "main"]);
    let makefile = format!("{makefile}\nprog: m.o b.o c.o\n\tcc -o $@ $^\n%.o: %.c\n\tcc $(FLAGS) -c -o $@ $<\n");
    let b = |word: &str| format!("{before}\nint b = {word};\n");
    let base = [("Makefile", makefile.as_str()), ("m.c", "int main(void)\n{\n\treturn 0;\n}\n"), ("c.c", "int c;\n")];
    let first = if data.1.is_empty() { ("b.c", b("ONE")) } else { (data.0, data.1.to_owned()) };
    repo.step("base", &[&base[..], &[("b.c", &b("ONE")), (first.0, &first.1)], more].concat());
    repo.git(&["switch", "-q", "-C", "cleave/change/all"]);
    repo.step("data", &[(data.0, data.2)]);
    repo.step("alone", &[("c.c", "int c = 3;\n")]);
    repo.step("user", &[("b.c", &b("TWO"))]);
    check(&repo, &["--", "make", "-s"], expected, &[]);
}

#[test]
fn a_change_that_a_warm_build_cannot_see_is_built_from_nothing() {
    let (one, two) = ("#define ONE 1\n", "#define TWO 1\n");
    stale(("defs.inl", one, two), "", "#include \"defs.inl\"", &[], "pffp");
    stale(("words.txt", one, two), "", "#include \"words.txt\"", &[], "pffp");
    stale(("impl.c", one, two), "", "#include \"impl.c\"", &[], "pffp");
    stale(("flags", "FLAGS = -DONE=1\n", "FLAGS = -DTWO=1\n"), "-include flags", "", &[], "pffp");
    let generated = "b.o: gen.h\ngen.h:\n\tsed 's/.*/#define & 1/' list >$@";
    stale(("list", "ONE\n", "TWO\n"), generated, "#include \"gen.h\"", &[], "pffp");
    // The source of an object, which another source includes too.
    stale(
        (
            "m.c",
            "#ifndef B\nint main(void) { return 0; }\n#else\n#define ONE 1\n#endif\n",
            "#ifndef B\nint main(void) { return 0; }\n#else\n#define TWO 1\n#endif\n",
        ),
        "",
        "#define B\n#include \"m.c\"",
        &[],
        "pffp",
    );
    // A file that comes, and is taken in where it is there.
    let wild = "b.o: gen.h\ngen.h:\n\tcat list*.h >$@";
    stale(("list2.h", "", "#undef ONE\n#define TWO 1\n"), wild, "#include \"gen.h\"", &[("list1.h", one)], "pffp");
}

#[test]
fn a_document_costs_no_build_from_nothing() {
    let repo = parts(PART);
    check(&repo, &["--", "make", "-s"], "ppnpnpn", &["6 builds stood on what the step before left"]);
}

/// Writes mails of a plan and returns what all of them say.
fn mails(repo: &TestRepo) -> String {
    let out = repo.dir.with_file_name("out");
    drop(repo.cleave(&["mail", "--draft", "--no-lint", "-o", out.to_str().unwrap()]).ok());
    let read = |folder: std::fs::DirEntry| {
        let files = std::fs::read_dir(folder.path()).into_iter().flatten().map(|file| file.unwrap().path());
        files.map(|path| std::fs::read_to_string(path).unwrap()).collect::<String>()
    };
    std::fs::read_dir(out).unwrap().map(|entry| read(entry.unwrap())).collect()
}

#[test]
fn mails_claim_no_build_that_did_not_compile_the_patch() {
    let repo = TestRepo::new("mails_claim_no_build");
    let base = [("Makefile", "lib.o: lib.c\n\tcc -c -o $@ $<\n"), ("lib.c", "int one;\n"), ("arch/other.c", "int other;\n")];
    repo.commit_files("base", &base);
    repo.commit_files("tip", &[("lib.c", "int two;\n"), ("arch/other.c", "int another;\n")]);
    drop(repo.cleave(&["plan", "base..tip", "--name", "x", "-n", "2"]).ok());
    drop(repo.cleave(&["split"]).ok());
    assert!(!mails(&repo).contains("Built"));
    drop(repo.cleave(&["verify", "--", "make", "-s"]).ok());
    let text = mails(&repo);
    let of = |subject: &str| text.split("\nSubject: ").find(|mail| mail.contains(subject)).unwrap().to_owned();
    let (lib, other) = (of("b/lib.c"), of("b/arch/other.c"));
    assert!(lib.contains("\nBuilt after the series before it.\n  make -s"), "{text}");
    assert!(other.contains("\nNot compiled.\n  make -s") && !other.contains("Built"), "{text}");
}

#[test]
fn what_a_compiler_without_traces_did_is_not_known_and_what_it_left_out_is() {
    let repo = TestRepo::new("what_a_compiler_without_traces_did");
    let code = |n: u32| format!("int f(void)\n{{\n\treturn {n};\n}}\n");
    repo.commit_files("base", &[("seen-a.c", &code(1)), ("seen-b.c", &code(1)), ("left-a.c", &code(1)), ("left-b.c", &code(1))]);
    repo.commit_files("seen", &[("seen-a.c", &code(2))]);
    repo.commit_files("left", &[("left-a.c", &code(2))]);
    repo.commit_files("both", &[("seen-b.c", &code(2)), ("left-b.c", &code(2))]);
    drop(repo.cleave(&["plan", "base..both", "--name", "x", "-n", "3"]).ok());
    drop(repo.cleave(&["split"]).ok());
    let command = "cc -fsyntax-only seen-*.c";
    let table = repo.cleave(&["verify", "--", "sh", "-c", command]).ok();
    for line in
        ["   1  passed, files unknown  seen\n", "   2  not compiled           left\n", "   3  not compiled           both\n"]
    {
        assert!(table.contains(line), "no '{line}' in: {table}");
    }
    let text = mails(&repo);
    let said = "\nPasses, which files it compiled is not known: patch 1; passes, not all of it compiled: 3; not compiled: 2.";
    assert!(text.contains("sh -c 'cc -fsyntax-only seen-*.c'"), "{text}");
    assert!(text.replace("\n  ", " ").contains(said), "{text}");
}

#[test]
fn a_patch_that_fails_a_build_is_mailed_only_where_that_is_asked_for() {
    let repo = TestRepo::new("a_patch_that_fails_a_build");
    repo.commit_files("base", &[("a.c", "int a;\n"), ("b.c", "int b;\n")]);
    repo.commit_files("tip", &[("a.c", "int a = x;\n"), ("b.c", "int c;\n")]);
    drop(repo.cleave(&["plan", "base..tip", "--name", "x", "-n", "1"]).ok());
    drop(repo.cleave(&["split"]).ok());
    let out = repo.dir.with_file_name("out");
    let mail = |more: &[&str]| repo.cleave(&[&["mail", "--draft", "--no-lint", "-o", out.to_str().unwrap()], more].concat());
    // What fails on the base too says nothing of the change.
    assert_eq!(repo.cleave(&["verify", "--", "false"]).code, Some(1));
    drop(mail(&[]).ok());
    assert!(!mails(&repo).contains("ails"));
    assert_eq!(repo.cleave(&["verify", "--", "sh", "-c", "cc -c a.c"]).code, Some(1));
    let refused = mail(&[]);
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    let said = "error: patch 1 of series 'top', ";
    let by = " fails to build: sh -c 'cc -c a.c' (";
    assert!(refused.stderr.contains(said) && refused.stderr.contains(by), "{}", refused.stderr);
    assert!(refused.stderr.contains("git cleave mail --failing"), "{}", refused.stderr);
    drop(mail(&["--failing"]).ok());
    let files = std::fs::read_dir(out.join("top")).unwrap().map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
    assert!(files.collect::<String>().contains("\nFails.\n  sh -c 'cc -c a.c'"));
}

#[test]
fn build_folders_go_with_their_change_and_by_age() {
    let repo = TestRepo::new("build_folders_go");
    repo.commit_files("base", &[("a", "x\n")]);
    repo.commit_files("tip", &[("a", "y\n")]);
    let builds = repo.dir.join(".git/cleave/build");
    for name in ["x", "y"] {
        drop(repo.cleave(&["plan", "base..tip", "--name", name]).ok());
        drop(repo.cleave(&["split", "--name", name]).ok());
        drop(repo.cleave(&["verify", "--name", name, "--rebuild", "--profile", "both=command:command=true"]).ok());
    }
    drop(repo.cleave(&["verify", "--name", "x", "--", "sh", "-c", "true"]).ok());
    let dropped = repo.cleave(&["drop", "x"]);
    let said = "removed the build folders of the change: command/0\ngit cleave undo --name x brings it back\n";
    assert_eq!((dropped.code, dropped.stderr.as_str()), (Some(0), said));
    assert!(builds.join("both/0/tree/a").exists() && !builds.join("command").exists());
    let verify = |repo: &TestRepo| repo.cleave(&["verify", "--name", "y", "--rebuild", "--", "true"]).stderr;
    for file in std::fs::read_dir(builds.join("both/0")).unwrap() {
        assert!(Command::new("touch").args(["-d", "20 days ago"]).arg(file.unwrap().path()).status().unwrap().success());
    }
    repo.git(&["config", "cleave.keepBuilds", "30"]);
    assert!(!verify(&repo).contains("removed"));
    repo.git(&["config", "--unset", "cleave.keepBuilds"]);
    let said = "removed build folder 'both/0', unused for 14 days (cleave.keepBuilds)\n";
    assert!(verify(&repo).contains(said) && !builds.join("both").exists());
    assert!(!verify(&repo).contains("removed"), "it is said once");
    drop(repo.cleave(&["drop", "y"]).ok());
    assert!(!builds.exists());
}

#[test]
fn what_is_built_is_the_plan() {
    let repo = TestRepo::new("what_is_built_is_the_plan");
    repo.commit_files("base", &[("a/a", "x\n"), ("b/b", "x\n"), ("c/c", "x\n")]);
    repo.commit_files("tip", &[("a/a", "y\n"), ("b/b", "y\n"), ("c/c", "y\n")]);
    let verify = |repo: &TestRepo| repo.cleave(&["verify", "--name", "x", "--format", "json", "--", "grep", "-rq", "[xy]", "."]);
    let built = |output: &crate::support::Output| output.stdout.lines().count();
    drop(repo.cleave(&["plan", "base..tip", "--name", "x", "-n", "3"]).ok());
    let unsplit = verify(&repo);
    assert!(built(&unsplit) == 4 && unsplit.stderr.contains("no branch has them"), "{unsplit:?}");
    drop(repo.cleave(&["split"]).ok());
    let split = verify(&repo);
    assert!(built(&split) == 4 && !split.stderr.contains("no branch has them"), "{split:?}");
    // Another cut, whose branches nobody wrote yet.
    drop(repo.cleave(&["plan", "base..tip", "--name", "x", "-n", "1"]).ok());
    let stale = verify(&repo);
    assert!(built(&stale) == 2 && stale.stderr.contains("git cleave split --name x writes them"), "{stale:?}");
    drop(repo.cleave(&["split"]).ok());
    // Other messages are no other steps; other steps are somebody's.
    repo.git(&["checkout", "-q", "cleave/x/all"]);
    repo.git(&["commit", "-q", "--amend", "-m", "said better"]);
    assert!(verify(&repo).stdout.contains("said better"));
    repo.git(&["reset", "-q", "--soft", "base"]);
    repo.git(&["reset", "-q", "a"]);
    repo.git(&["commit", "-q", "-m", "most of it"]);
    repo.git(&["commit", "-q", "-a", "-m", "the rest"]);
    repo.git(&["checkout", "-q", "main"]);
    let foreign = verify(&repo);
    assert!(foreign.code == Some(1) && foreign.stderr.contains("hint: git cleave adopt --name x all takes it"), "{foreign:?}");
    drop(repo.cleave(&["adopt", "--name", "x", "all"]).ok());
    assert_eq!(built(&verify(&repo)), 3);
}
