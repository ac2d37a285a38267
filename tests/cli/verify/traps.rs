//! Builds that lie: each would give a wrong verdict to a tool that believes what it finds. Each is caught (the verdict is right) or named in
//! what is printed. Others, which need no lie, stand in `mod.rs` (exit codes, the user's HEAD, spoiled files, timeouts) and in `killed.rs`.

use std::fs;

use super::repo::Repo;

/// Checks the verdicts of `make`, or of a shell script, and that what is printed holds some words.
#[track_caller]
fn check(repo: &Repo, script: Option<&str>, expected: &str, words: &[&str]) {
    let args: Vec<&str> = match script {
        Some(script) => vec!["--", "sh", "-c", script],
        None => vec!["--", "make"],
    };
    let (verdicts, text) = repo.verdicts(&args);
    assert_eq!(verdicts, expected, "{text}");
    for word in words {
        assert!(text.contains(word), "no '{word}' in: {text}");
    }
}

/// A Makefile that knows nothing of headers: an object is made when its source is newer.
const BLIND: &str = "prog: main.o lib.o\n\tcc -o $@ main.o lib.o\n%.o: %.c\n\tcc -Werror -Wall -c -o $@ $<\n";

#[test]
fn an_object_that_is_stale_since_a_header_changed() {
    let repo = Repo::new();
    repo.step("blind", &[("Makefile", BLIND)]);
    repo.step(
        "lib: change what main needs",
        &[("lib.h", "int one(int);\n"), ("lib.c", "#include \"lib.h\"\nint one(int a)\n{\n\treturn a;\n}\n")],
    );
    check(&repo, None, "ppf", &["main.c:4: too few arguments to function"]);
}

#[test]
fn a_header_set_back_in_time() {
    let repo = Repo::new();
    repo.step(
        "track",
        &[("Makefile", "prog: main.o lib.o\n\tcc -o $@ main.o lib.o\n%.o: %.c lib.h\n\tcc -MMD -Werror -c -o $@ $<\n")],
    );
    repo.step(
        "lib: change what main needs",
        &[("lib.h", "int one(int);\n"), ("lib.c", "#include \"lib.h\"\nint one(int a)\n{\n\treturn a;\n}\n")],
    );
    check(&repo, Some("touch -d 2001-01-01 lib.h lib.c && make"), "ppf", &["too few arguments"]);
}

#[test]
fn a_generated_header_whose_generator_changes() {
    let repo = Repo::new();
    let makefile = "prog: gen.h main.c\n\tcc -Wall -Werror -o $@ main.c\ngen.h:\n\tsh gen.sh >$@\n";
    repo.step(
        "generate",
        &[
            ("Makefile", makefile),
            ("gen.sh", "echo '#define N 0'\n"),
            ("main.c", "#include \"gen.h\"\nint main(void)\n{\n\treturn N;\n}\n"),
        ],
    );
    repo.step("generate nothing", &[("gen.sh", "echo\n")]);
    check(&repo, None, "ppf", &["main.c:4:", "undeclared"]);
}

#[test]
fn a_generator_in_c_that_is_not_run_again() {
    let repo = Repo::new();
    let makefile = "prog: gen.h main.c\n\tcc -Wall -Werror -o $@ main.c\ngen.h:\n\tcc -o gen gen.c && ./gen >$@\n";
    let generator = |text: &str| format!("#include <stdio.h>\nint main(void)\n{{\n\treturn puts(\"{text}\") < 0;\n}}\n");
    repo.step(
        "generate",
        &[
            ("Makefile", makefile),
            ("gen.c", &generator("#define N 0")),
            ("main.c", "#include \"gen.h\"\nint main(void)\n{\n\treturn N;\n}\n"),
        ],
    );
    repo.step("generate nothing", &[("gen.c", &generator(""))]);
    check(&repo, None, "ppf", &["main.c:4:", "undeclared"]);
}

#[test]
fn a_command_that_builds_nothing() {
    let repo = Repo::new();
    repo.three_steps();
    check(
        &repo,
        Some("true"),
        "pnnn",
        &["steps: not compiled: 1-3 (step 1: lib.c, lib.h)", "read by no build: lib.c, lib.h, main.c"],
    );
}

#[test]
fn a_command_that_only_says_what_it_would_do() {
    let repo = Repo::new();
    repo.three_steps();
    check(&repo, Some("make -n"), "pnnn", &["steps: not compiled: 1-3 (step 1: lib.c, lib.h)"]);
}

#[test]
fn a_command_that_hides_how_make_ended() {
    let repo = Repo::new();
    repo.three_steps();
    check(&repo, Some("make || true"), "ppup", &["step 2 passes though its build said: main.c:4: implicit declaration"]);
}

#[test]
fn a_pipe_that_takes_the_exit_code() {
    let repo = Repo::new();
    repo.three_steps();
    check(&repo, Some("make 2>&1 | cat"), "ppup", &["step 2 passes though its build said: main.c:4:"]);
}

#[test]
fn a_command_that_ignores_errors() {
    let repo = Repo::new();
    repo.three_steps();
    check(&repo, Some("make -i"), "ppup", &["step 2 passes though its build said: main.c:4:"]);
}

#[test]
fn an_object_without_a_source_among_ignored_files() {
    let repo = Repo::new();
    repo.step(
        "link what is there",
        &[
            (".gitignore", "*.o\nprog\n"),
            (
                "Makefile",
                "all: $(patsubst %.c,%.o,$(wildcard *.c))\n\tcc -o prog *.o\n%.o: %.c lib.h\n\tcc -Wall -Werror -c -o $@ $<\n",
            ),
        ],
    );
    repo.git(&["rm", "-q", "lib.c"]);
    repo.commit("lib: remove");
    check(&repo, None, "ppf", &["undefined reference to"]);
}

#[test]
fn a_step_that_only_breaks_from_nothing() {
    let repo = Repo::new();
    repo.step("make a header", &[("Makefile", "prog: made.h main.o lib.o\n\tcc -o $@ main.o lib.o\nmade.h:\n\techo '#define X 1' >$@\n%.o: %.c lib.h\n\tcc -include made.h -c -o $@ $<\n")]);
    repo.step(
        "make it no more",
        &[("Makefile", "prog: main.o lib.o\n\tcc -o $@ main.o lib.o\n%.o: %.c lib.h\n\tcc -include made.h -c -o $@ $<\n")],
    );
    check(&repo, None, "ppf", &["made.h"]);
}

#[test]
fn a_step_that_only_breaks_on_what_is_left() {
    let repo = Repo::new();
    repo.step("one", &[("lib.c", "#include \"lib.h\"\nint one(void)\n{\n\treturn 1;\n}\n")]);
    // The second build finds what the first left, and is wrong about its step.
    check(&repo, Some("test ! -e left && make && touch left"), "pp", &["built 2 of 2"]);
}

#[test]
fn a_rule_that_is_gone() {
    let repo = Repo::new();
    repo.step("rename", &[("Makefile", "prog: main.o other.o\n\tcc -o $@ main.o other.o\n%.o: %.c\n\tcc -c -o $@ $<\n")]);
    check(&repo, None, "pf", &["No rule to make target"]);
}

#[test]
fn files_written_within_one_tick_of_the_clock() {
    let repo = Repo::new();
    let main = |n: usize| format!("#include <stdio.h>\nint main(void)\n{{\n\treturn printf(\"%d\\n\", {n}) < 0;\n}}\n");
    repo.step("print", &[("Makefile", "prog: main.c\n\tcc -o $@ main.c\n"), ("main.c", &main(0)), ("want", "0\n")]);
    for n in 1..12 {
        repo.step("print another", &[("main.c", &main(n)), ("want", &format!("{n}\n"))]);
    }
    check(&repo, Some("make -s && ./prog | cmp - want"), "fpppppppppppp", &[]);
}

#[test]
fn a_build_that_edits_its_sources() {
    let repo = Repo::new();
    repo.three_steps();
    check(&repo, Some("make; code=$?; echo 'int broken' >>lib.c; echo >lib.h; exit $code"), "ppfp", &[]);
}

#[test]
fn a_build_that_removes_its_sources() {
    let repo = Repo::new();
    repo.three_steps();
    check(&repo, Some("make; code=$?; rm main.c lib.h; exit $code"), "ppfp", &[]);
}

#[test]
fn a_build_that_leaves_what_a_step_adds() {
    let repo = Repo::new();
    repo.step(
        "extra",
        &[
            ("extra.h", "#define EXTRA 1\n"),
            ("main.c", "#include \"lib.h\"\n#include \"extra.h\"\nint main(void)\n{\n\treturn one() - EXTRA;\n}\n"),
        ],
    );
    check(&repo, Some("make && echo '#error left' >extra.h"), "pp", &[]);
}

#[test]
fn a_build_that_asks_git() {
    let repo = Repo::new();
    repo.three_steps();
    repo.git(&["config", "build.flags", "-Werror"]);
    let script = "! git rev-parse HEAD && ! git config build.flags && ! git config user.name && ! git describe --always";
    repo.git(&["config", "--global", "user.name", "Someone"]);
    check(&repo, Some(script), "pnnn", &[]);
}

#[test]
fn objects_of_another_command() {
    let repo = Repo::new();
    repo.step("by flag", &[("Makefile", "prog: main.c lib.c lib.h\n\tcc $(FLAGS) -o $@ main.c lib.c\n")]);
    repo.step(
        "use a name",
        &[("main.c", "#include \"lib.h\"\nint main(void)\n{\n#ifdef STRICT\n\treturn nothing;\n#endif\n\treturn one();\n}\n")],
    );
    assert_eq!(repo.verdicts(&["--", "make"]).0, "ppp");
    // What the first command made would do for make.
    assert_eq!(repo.verdicts(&["--", "make", "FLAGS=-DSTRICT"]).0, "ppf");
}

#[test]
fn objects_of_another_compiler() {
    let repo = Repo::new();
    let folder = repo.top().parent().unwrap().join("bin");
    fs::create_dir(&folder).unwrap();
    let tool = folder.join("ourcc");
    let write = |text: &str| {
        fs::write(&tool, format!("#!/bin/sh\n{text}\n")).unwrap();
        let mut mode = tool.metadata().unwrap().permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut mode, 0o755);
        fs::set_permissions(&tool, mode).unwrap();
    };
    repo.step("by tool", &[("Makefile", "prog: main.c lib.c lib.h\n\tourcc -o $@ main.c lib.c\n")]);
    let run = || {
        let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
        let profile = "own=command:command=make prog,tools=ourcc";
        let output = repo.start(&["--profile", profile]).env("PATH", path).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    write("exec cc \"$@\"");
    assert_eq!(run().0, 0);
    write("echo 'ourcc: error: broken' >&2; exit 1");
    let (code, said) = run();
    assert!(code == 1 && said.contains("built 2 of 2"), "a compiler of the same name is another: {code} {said}");
}

#[test]
fn a_disk_that_is_full() {
    let repo = Repo::new();
    repo.three_steps();
    let text = repo.verify(&["--", "sh", "-c", "echo 'cc1: fatal error: No space left on device' >&2; exit 1"]);
    assert!(text.starts_with("exit 3\n--\n") && text.contains("for want of space on the disk"), "{text}");
    assert!(!repo.top().join(".git/cleave/verify").exists(), "no verdict is kept");
    check(&repo, None, "ppfp", &["built 4 of 4"]);
}

#[test]
fn a_compiler_that_was_killed() {
    let repo = Repo::new();
    repo.three_steps();
    let text = repo.verify(&["--", "sh", "-c", "echo 'cc: fatal error: Killed signal terminated program cc1' >&2; exit 1"]);
    assert!(text.starts_with("exit 3\n--\n") && text.contains("for want of memory"), "{text}");
}

#[test]
fn a_base_with_warnings_that_a_warm_build_does_not_repeat() {
    let repo = Repo::new();
    let noisy = "#include \"lib.h\"\nint main(void)\n{\n\tint unused;\n\treturn one();\n}\n";
    let makefile = "prog: main.o lib.o\n\tcc -o $@ main.o lib.o\n%.o: %.c lib.h\n\tcc -MMD -Wall -c -o $@ $<\n";
    repo.step("warn", &[("Makefile", makefile), ("main.c", noisy)]);
    repo.git(&["update-ref", "refs/cleave/change/base", "HEAD"]);
    repo.step("lib: more", &[("lib.c", "#include \"lib.h\"\nint one(void)\n{\n\treturn 1;\n}\n")]);
    repo.step("main: more", &[("main.c", &noisy.replace("one()", "one() + 1"))]);
    check(&repo, None, "ppp", &[]);
    repo.step("main: worse", &[("main.c", &noisy.replace("int unused", "int unused, another"))]);
    check(&repo, None, "pppw", &["main.c:4: unused variable", "another"]);
    // From another base the folder is warm, and its build would say nothing of what main.c always had.
    repo.git(&["update-ref", "refs/cleave/change/base", "HEAD~2"]);
    fs::remove_dir_all(repo.top().join(".git/cleave/verify")).unwrap();
    check(&repo, None, "ppw", &["another"]);
}

#[test]
fn a_tree_that_was_removed() {
    let repo = Repo::new();
    repo.three_steps();
    check(&repo, None, "ppfp", &[]);
    fs::remove_dir_all(repo.build().join("tree")).unwrap();
    let (verdicts, text) = repo.verdicts(&["--rebuild", "--", "make"]);
    assert_eq!(verdicts, "ppfp", "{text}");
}

#[test]
fn a_tree_whose_files_someone_edited() {
    let repo = Repo::new();
    repo.three_steps();
    check(&repo, None, "ppfp", &[]);
    fs::write(repo.build().join("tree/lib.h"), "#error edited\n").unwrap();
    fs::remove_file(repo.build().join("tree/lib.c")).unwrap();
    let (verdicts, text) = repo.verdicts(&["--rebuild", "--", "make"]);
    assert_eq!(verdicts, "ppfp", "{text}");
}

#[test]
fn an_index_that_was_removed() {
    let repo = Repo::new();
    repo.three_steps();
    check(&repo, None, "ppfp", &[]);
    fs::remove_file(repo.build().join("index")).unwrap();
    let (verdicts, text) = repo.verdicts(&["--rebuild", "--", "make"]);
    assert_eq!(verdicts, "ppfp", "{text}");
}

#[test]
fn a_verdict_that_someone_damaged() {
    let repo = Repo::new();
    repo.three_steps();
    check(&repo, None, "ppfp", &["built 4 of 4"]);
    let tree = repo.git(&["rev-parse", "HEAD~1^{tree}"]);
    let kept = fs::read_dir(repo.top().join(".git/cleave/verify").join(tree.trim())).unwrap().next().unwrap().unwrap().path();
    fs::write(kept.join("verdict.json"), "{\"code\": 0}").unwrap();
    check(&repo, None, "ppfp", &["built 1 of 4"]);
}

#[test]
fn two_profiles_that_would_share_objects() {
    let repo = Repo::new();
    repo.step("by flag", &[("Makefile", "prog: main.c lib.c lib.h\n\tcc $(FLAGS) -o $@ main.c lib.c\n")]);
    repo.step(
        "use a name",
        &[("main.c", "#include \"lib.h\"\nint main(void)\n{\n#ifdef STRICT\n\treturn nothing;\n#endif\n\treturn one();\n}\n")],
    );
    let text = repo.verify(&["--profile", "lax=command:command=make", "--profile", "strict=command:command=make FLAGS=-DSTRICT"]);
    assert!(text.contains("step  lax     strict  subject\nbase  passed  passed  base\n   1  passed  passed  by flag\n   2  passed  failed  use a name\n"), "{text}");
}

#[test]
fn a_command_of_the_tree_that_was_not_allowed() {
    let repo = Repo::new();
    repo.git(&["switch", "-q", "main"]);
    repo.step(
        "profile",
        &[(".cleave.toml", "[profile.ci]\ncommand = [\"sh\", \"-c\", \"touch ../../../../../../ran; make\"]\n")],
    );
    repo.git(&["switch", "-q", "-C", "cleave/change/all"]);
    repo.three_steps();
    let text = repo.verify(&[]);
    assert!(text.starts_with("exit 2\n--\n") && text.contains("profile 'ci' of .cleave.toml would run 'sh -c"), "{text}");
    let ran = repo.top().join("ran");
    assert!(!ran.exists(), "nothing was run");
    assert_eq!(repo.verdicts(&["--allow"]).0, "ppfp");
    assert!(ran.exists());
    assert_eq!(repo.verdicts(&[]).0, "ppfp", "once is enough");
}

#[test]
fn a_verdict_of_another_machine() {
    let (here, there) = (Repo::new(), Repo::new());
    here.three_steps();
    there.three_steps();
    let from = there.top().join(".git/cleave/verify");
    drop(there.verify(&["--shard", "1/2", "--", "make"]));
    let text = here.verify(&["--import", from.to_str().unwrap(), "--", "make"]);
    assert!(
        text.starts_with("exit 1\n")
            && text.contains("2 verdicts taken, 0 known\n")
            && text.contains("2 of 4 builds are not known yet"),
        "{text}"
    );
    drop(there.verify(&["--shard", "2/2", "--", "make"]));
    drop(there.verify(&["--", "make", "-k"]));
    let text = here.verify(&["--import", from.to_str().unwrap(), "--", "make"]);
    assert!(text.contains("2 verdicts taken, 2 known\n") && text.contains(" is of another command: make -k\n"), "{text}");
    assert!(text.contains("   2  failed   main: use three\n"), "{text}");
    assert!(here.verify(&["--", "make"]).contains("built 0 of 4"));
}

#[test]
fn what_a_build_left_that_was_cut_short() {
    let repo = Repo::new();
    repo.three_steps();
    let script = "test ! -e half.o || exit 9; grep -q three main.c || exit 0; echo >half.o; sleep 60";
    let (verdicts, text) = repo.verdicts(&["--clean", "never", "--timeout", "2", "--", "sh", "-c", script]);
    assert_eq!(verdicts, "pnfu", "{text}");
    assert!(text.contains("not done after 2 s"), "{text}");
}
