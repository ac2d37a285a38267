//! `git cleave verify` from outside: a tiny repository, a Makefile, the machine's compiler.

mod claims;
mod killed;
mod repo;
mod traps;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::interrupt;
use repo::{MAIN, Repo};

/// Writes ids and durations as words.
fn settle(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let line = match line.find("log: ") {
            Some(at) => format!("{}log: [LOG]", &line[..at]),
            None => line.to_owned(),
        };
        let words: Vec<String> = line
            .split(' ')
            .map(|word| {
                let inner = word.trim_matches(['(', ')']);
                let is_id = inner.len() == 12 && inner.bytes().all(|byte| byte.is_ascii_hexdigit());
                if is_id { word.replace(inner, "[ID]") } else { word.to_owned() }
            })
            .collect();
        out.push_str(&words.join(" "));
        out.push('\n');
    }
    let Some(built) = out.find("\nbuilt ") else { return out };
    let at = built + out[built..].find(" in ").unwrap();
    let end = at + out[at..].find(" s").unwrap();
    format!("{} in [TIME]{}", &out[..at], &out[end..])
}

/// Only the last step is built on what is left: the first changes a header, which this Makefile does not track, and the second fails.
const WARM: &str = "1 build stood on what the step before left; --clean always builds each from nothing\n";

const TABLE: &str = "\
exit 1
step  verdict  subject
base  passed   base
   1  passed   lib: add two
   2  failed   main: use three
   3  passed   main: use two only

step 2 ([ID]) fails with exit code 2:
    main.c:4: implicit declaration of function \u{2018}three\u{2019} [-Werror=implicit-function-declaration]
    log: [LOG]
--
";

#[test]
fn a_broken_step_is_named_and_nothing_is_built_twice() {
    let repo = Repo::new();
    repo.three_steps();
    let before = (repo.git(&["status", "--porcelain"]), repo.git(&["show-ref", "--head"]), repo.git(&["worktree", "list"]));
    let built = settle(&repo.verify(&["--", "make"]));
    assert_eq!(built, format!("{TABLE}built 4 of 4 in [TIME] s\n{WARM}"));
    let again = settle(&repo.verify(&["--", "make"]));
    assert_eq!(again, format!("{TABLE}built 0 of 4 in [TIME] s, the others were known\n"));
    let many = settle(&repo.verify(&["--rebuild", "--jobs", "3", "--", "make"]));
    assert_eq!(many, format!("{TABLE}built 4 of 4 in [TIME] s\n"));
    let after = (repo.git(&["status", "--porcelain"]), repo.git(&["show-ref", "--head"]), repo.git(&["worktree", "list"]));
    assert_eq!(before, after, "nothing of the user's is touched");
}

#[test]
fn the_search_ends_with_the_first_failure() {
    let repo = Repo::new();
    repo.three_steps();
    let text = repo.verify(&["--search", "first", "--", "make"]);
    assert!(text.contains("   2  failed   main: use three\n\nstep 2"), "{text}");
    assert!(text.contains("built 3 of 3"), "{text}");
}

#[test]
fn a_message_that_changes_costs_no_build() {
    let repo = Repo::new();
    repo.three_steps();
    drop(repo.verify(&["--", "make"]));
    repo.git(&["commit", "-q", "--amend", "-m", "main: another word"]);
    assert!(repo.verify(&["--", "make"]).contains("built 0 of 4"));
}

#[test]
fn a_message_and_one_content_that_change_cost_the_builds_of_the_trees_that_change() {
    let repo = Repo::new();
    repo.three_steps();
    drop(repo.verify(&["--", "make"]));
    let tip = repo.git(&["rev-parse", "HEAD^{tree}"]);
    // The first step gets another message, the second another content, and the last ends where it did.
    repo.git(&["reset", "-q", "--hard", "HEAD~2"]);
    repo.git(&["commit", "-q", "--amend", "-m", "lib: add two, in other words"]);
    repo.step("main: use two twice", &[("main.c", &MAIN.replace("one()", "two() + two()"))]);
    let commit = repo.git(&["commit-tree", "-p", "HEAD", "-m", "main: use two only", tip.trim()]);
    repo.git(&["reset", "-q", "--hard", commit.trim()]);
    let (verdicts, text) = repo.verdicts(&["--", "make"]);
    assert_eq!(verdicts, "pppp", "{text}");
    assert!(text.contains("built 1 of 4"), "{text}");
}

#[test]
fn steps_are_not_blamed_for_a_base_that_fails() {
    let repo = Repo::new();
    repo.three_steps();
    let text = repo.verify(&["--", "sh", "-c", "echo no luck; exit 3"]);
    assert!(
        text.starts_with(
            "exit 1\nstep  verdict              subject\nbase  failed               base\n   1  fails like the base"
        ),
        "{text}"
    );
    assert!(text.contains(" fails with exit code 3:\n    no luck\n"), "{text}");
    assert!(text.contains("the base does not build"), "{text}");
}

#[test]
fn codes_mean_what_they_mean_to_git_bisect_run() {
    let repo = Repo::new();
    repo.three_steps();
    let text = repo.verify(&["--", "sh", "-c", "exit 125"]);
    assert!(text.starts_with("exit 0\n") && text.contains("   1  undecided"), "{text}");
    let text = repo.verify(&["--", "sh", "-c", "no-such-program"]);
    assert!(text.starts_with("exit 3\n--\n") && text.contains("exit code 127: sh: 1: no-such-program: not found"), "{text}");
    let text = repo.verify(&["--", "./no-such-script"]);
    assert!(text.starts_with("exit 3\n--\n") && text.contains("cannot run './no-such-script'"), "{text}");
}

#[test]
fn a_build_sees_the_tree_and_not_the_repository() {
    let repo = Repo::new();
    repo.three_steps();
    repo.git(&["config", "core.sparseCheckout", "true"]);
    fs::create_dir_all(repo.top().join(".git/info")).unwrap();
    fs::write(repo.top().join(".git/info/sparse-checkout"), "lib.h\n").unwrap();
    let script = "test -f main.c && ! git rev-parse 2>/dev/null && test \"${LOCALVERSION-unset}\" = '' && test -z \"$GIT_DIR\" && \
                  test \"$CLEAVE_JOBS\" -ge 1 && ! read line";
    let mut command = repo.start(&["--", "sh", "-c", script]);
    let output = command.env("GIT_DIR", repo.top().join(".git")).env("LOCALVERSION", "-mine").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{text}{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn files_come_go_and_stay_between_steps() {
    let repo = Repo::new();
    repo.write("extra.txt", "x\n");
    repo.commit("add extra");
    repo.git(&["rm", "-q", "extra.txt"]);
    fs::create_dir(repo.top().join("extra.txt")).unwrap();
    repo.write("extra.txt/inner", "y\n");
    repo.commit("extra becomes a folder");
    repo.git(&["rm", "-q", "-r", "extra.txt"]);
    repo.commit("extra goes");
    // Each build says what it finds, spoils a file of the tree, and leaves one of its own.
    let script = "ls -d extra.txt/inner extra.txt; cat lib.h; stat -c %y main.c; echo spoiled >lib.h; echo mine >own.o";
    let text = repo.verify(&["--", "sh", "-c", script]);
    assert!(text.starts_with("exit 0\n"), "{text}");
    let tree = repo.build().join("tree");
    let trees = repo.git(&["log", "--reverse", "--format=%T"]);
    let logs: Vec<String> = trees
        .lines()
        .map(|tree_id| {
            let folder = repo.top().join(".git/cleave/verify").join(tree_id);
            let kept = fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
            assert!(kept.join("verdict.json").exists());
            fs::read_to_string(kept.join("log")).unwrap()
        })
        .collect();
    // The last step has the base's tree, which is built once, first.
    assert_eq!(logs.len(), 4);
    assert!(logs.iter().all(|log| log.contains("int one(void);\n") && !log.contains("spoiled")), "{logs:?}");
    assert!(logs[1].contains("\nextra.txt\n") || logs[1].starts_with("extra.txt\n"), "{logs:?}");
    assert!(logs[2].contains("extra.txt/inner"), "{logs:?}");
    let stamps: Vec<&str> = logs.iter().map(|log| log.lines().last().unwrap()).collect();
    assert!(stamps.iter().all(|stamp| *stamp == stamps[0]), "an unchanged file keeps its time stamp: {stamps:?}");
    assert_eq!(fs::read_to_string(tree.join("own.o")).unwrap(), "mine\n");
    assert!(!tree.join(".git").exists());
}

#[test]
fn a_build_that_hangs_is_ended_with_all_it_started() {
    let repo = Repo::new();
    repo.three_steps();
    let begin = Instant::now();
    let script = "sleep 300 & echo $! >../child; wait";
    let text = repo.verify(&["--search", "first", "--timeout", "1", "--", "sh", "-c", script]);
    assert!(text.starts_with("exit 1\n") && text.contains("not done after 1 s"), "{text}");
    assert!(begin.elapsed() < Duration::from_secs(60));
    assert_gone(&repo.build().join("child"));
}

#[test]
fn an_interrupt_ends_the_build_and_leaves_no_verdict() {
    let repo = Repo::new();
    repo.three_steps();
    let script = "echo half >half.o; sleep 300 & echo $! >../child; mv ../child ../started; wait";
    let run = repo.start(&["--", "sh", "-c", script]).spawn().unwrap();
    let started = repo.build().join("started");
    let begin = Instant::now();
    while !started.exists() {
        assert!(begin.elapsed() < Duration::from_secs(60), "the build begins");
        std::thread::sleep(Duration::from_millis(10));
    }
    let (signal, code) = interrupt();
    let words = ["-c", "kill -s \"$1\" \"$2\"", "sh", signal, &run.id().to_string()];
    assert!(Command::new("sh").args(words).status().unwrap().success());
    let output = run.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(code));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "interrupted\n");
    assert_gone(&started);
    assert!(!repo.top().join(".git/cleave/verify").exists(), "nothing is half written");
    // What the cut build left is not built upon.
    let text = repo.verify(&["--", "sh", "-c", "! test -e half.o"]);
    assert!(text.starts_with("exit 0\n"), "{text}");
}

#[test]
fn programs_read_one_object_a_step() {
    let repo = Repo::new();
    repo.three_steps();
    let text = repo.verify(&["--format", "json", "--", "make"]);
    let lines: Vec<serde_json::Value> =
        text.lines().filter(|line| line.starts_with('{')).map(|line| serde_json::from_str(line).unwrap()).collect();
    let verdicts: Vec<&str> = lines.iter().map(|line| line["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["passed", "passed", "failed", "passed"]);
    let diagnosis = &lines[2]["diagnoses"][0];
    assert_eq!((diagnosis["kind"].as_str(), diagnosis["symbol"].as_str()), (Some("undeclared"), Some("three")));
    assert_eq!((diagnosis["path"].as_str(), diagnosis["line"].as_u64()), (Some("main.c"), Some(4)));
}

#[test]
fn the_syntax_pass_builds_only_the_base_and_says_what_breaks() {
    let repo = Repo::new();
    repo.git(&["switch", "-q", "main"]);
    let entry = |name: &str| {
        format!(r#"{{"directory": "'$PWD'", "command": "cc -Wall -Werror -c -o {name}.o {name}.c", "file": "{name}.c"}}"#)
    };
    let script = format!("echo '[{}, {}]' >compile_commands.json; echo >>../builds; make", entry("main"), entry("lib"));
    let profile = format!("[profile.own]\ncommand = [\"sh\", \"-c\", '''{script}''']\n");
    repo.step("profile", &[(".cleave.toml", &profile)]);
    repo.git(&["switch", "-q", "-C", "cleave/change/all"]);
    repo.three_steps();
    let (verdicts, text) = repo.verdicts(&["--allow", "--syntax"]);
    assert_eq!(verdicts, "ppfp", "{text}");
    assert!(text.contains("main.c:4: implicit declaration of function"), "{text}");
    let builds = fs::read_to_string(repo.top().join(".git/cleave/build/own/0/builds")).unwrap();
    assert_eq!(builds.lines().count(), 1, "only the base was built");
    assert!(repo.verify(&["--syntax"]).contains("built 0 of 4"));
    assert_eq!(repo.verdicts(&[]).0, "ppfp", "the real build agrees");
    repo.step(
        "main: more, elsewhere",
        &[("main.c", &MAIN.replace("one()", "two()").replace("\treturn", "#ifdef ELSEWHERE\n\tone();\n#endif\n\treturn"))],
    );
    let text = repo.verify(&["--syntax", "--coverage"]);
    assert!(text.contains("\nchanged lines that no configuration compiles:\nmain.c:5  only with #ifdef ELSEWHERE\n"), "{text}");
    repo.write("main.c", &repo.git(&["show", "HEAD:main.c"]).replace("int main(void)", "int  main ( void )"));
    repo.git(&["commit", "-q", "-a", "-m", "main: space", "-m", "Mechanical, in one place: `int main` -> `int  main`."]);
    repo.write("main.c", &MAIN.replace("one()", "two() + 1"));
    repo.git(&["commit", "-q", "-a", "-m", "main: count", "-m", "Mechanical, in one place: `two()` -> `two() + 1`."]);
    let text = repo.verify(&["--objects-equal"]);
    assert!(text.contains("step 5 changes no code: 2 objects the same before and after\n"), "{text}");
    assert!(text.contains("step 6 is called mechanical, but changes code: main.o\n"), "{text}");
    // All steps from the fourth on build: only the lie is left to complain of.
    repo.git(&["update-ref", "refs/cleave/change/base", "HEAD~3"]);
    assert!(repo.verify(&[]).starts_with("exit 0\n"));
    assert!(repo.verify(&["--objects-equal"]).starts_with("exit 1\n"));
}

#[test]
fn without_a_change_there_is_nothing_to_build() {
    let repo = Repo::new();
    repo.git(&["switch", "-q", "main"]);
    repo.git(&["branch", "-q", "-D", "cleave/change/all"]);
    let text = repo.verify(&["--", "make"]);
    assert!(text.starts_with("exit 2\n--\n") && text.contains("no change was split"), "{text}");
    assert!(repo.verify(&["--name", "other", "--", "make"]).starts_with("exit 2\n--\n"));
}

/// Whether the process named in a file has ended, soon.
fn assert_gone(file: &Path) {
    let child = fs::read_to_string(file).unwrap();
    let begin = Instant::now();
    // A process that nobody has waited for yet still has a folder, in state Z.
    let lives = || fs::read_to_string(format!("/proc/{}/stat", child.trim())).is_ok_and(|stat| !stat.contains(") Z "));
    while lives() {
        assert!(begin.elapsed() < Duration::from_secs(10), "process {child} outlives its build");
        std::thread::sleep(Duration::from_millis(10));
    }
}
