//! What was done to a change can be taken back, and what a person decided outlives the commands that come after.

use std::collections::BTreeMap;
use std::fs;

use crate::support::{Output, TestRepo, two_folders};

/// All of a repository that commands change, but for the log: refs, and the files of the plans.
fn state(repo: &TestRepo) -> BTreeMap<String, String> {
    let mut state = BTreeMap::new();
    for line in repo.git(&["for-each-ref", "--format=%(refname) %(objectname)", "refs/cleave", "refs/heads/cleave"]).lines() {
        let (name, object_id) = line.split_once(' ').unwrap();
        if !name.starts_with("refs/cleave/log/") && !name.starts_with("refs/cleave/backup/") {
            state.insert(name.to_owned(), object_id.to_owned());
        }
    }
    for folder in fs::read_dir(repo.dir.join(".git/cleave/plans")).into_iter().flatten().map(|entry| entry.unwrap().path()) {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.file_name().unwrap() != "lock" {
                state.insert(path.display().to_string(), fs::read_to_string(path).unwrap());
            }
        }
    }
    state
}

/// Gives the todo of the plan, changed, to `edit`.
fn edit(repo: &TestRepo, change: impl Fn(&str) -> String) -> Output {
    let todo = change(&repo.cleave(&["edit", "--print"]).ok());
    let path = repo.dir.parent().unwrap().join("todo");
    fs::write(&path, todo).unwrap();
    repo.cleave(&["edit", "--file", path.to_str().unwrap()])
}

#[test]
fn a_walk_is_taken_back_step_by_step() {
    let repo = two_folders("a_walk_is_taken_back_step_by_step");
    let out = repo.dir.parent().unwrap().join("out");
    let out = out.to_str().unwrap();
    let mut walk = vec![state(&repo)];
    let did = |output: Output, walk: &mut Vec<BTreeMap<String, String>>| {
        drop(output.ok());
        let now = state(&repo);
        assert_ne!(walk.last(), Some(&now));
        walk.push(now);
    };
    did(repo.cleave(&["plan", "base..tip", "--name", "x", "--finer", "--finer"]), &mut walk);
    did(repo.cleave(&["split"]), &mut walk);
    did(edit(&repo, |todo| todo.replacen("blurb\n", "blurb\n| It is so.\n", 1)), &mut walk);
    did(repo.cleave(&["mail", "-o", out, "--posted", "--no-lint"]), &mut walk);
    did(repo.cleave(&["drop", "x"]), &mut walk);
    did(repo.cleave(&["plan", "base..tip", "--name", "x", "-n", "2"]), &mut walk);
    let log = repo.cleave(&["log", "--name", "x"]).ok();
    assert!(log.contains("drop x") && log.contains("plan base..tip --name x -n 2"), "{log}");
    while let Some(last) = walk.pop() {
        assert_eq!(state(&repo), last);
        let undone = repo.cleave(&["undo", "--name", "x"]);
        if walk.is_empty() {
            assert_eq!(undone.code, Some(1), "{undone:?}");
        } else {
            drop(undone.ok());
        }
    }
    repo.git(&["fsck", "--no-progress"]);
    assert!(!repo.dir.join(".git/cleave/plans/x").exists());
    // Forward again, to where it was before the first undo.
    drop(repo.cleave(&["restore", "6", "--name", "x"]).ok());
    assert!(repo.cleave(&["show"]).ok().contains("patch"));
}

#[test]
fn what_git_did_to_a_branch_is_in_the_log() {
    let repo = two_folders("what_git_did_to_a_branch_is_in_the_log");
    drop(repo.cleave(&["plan", "base..tip", "--name", "x", "--finer"]).ok());
    drop(repo.cleave(&["split"]).ok());
    let planned = state(&repo);
    let reworded = repo.git(&["commit-tree", "cleave/x/all^{tree}", "-p", "cleave/x/all^", "-m", "by hand: reworded"]);
    repo.git(&["update-ref", "refs/heads/cleave/x/all", reworded.trim()]);
    let before = state(&repo);
    drop(repo.cleave(&["adopt"]).ok());
    assert!(repo.cleave(&["show"]).ok().contains("by hand: reworded"));
    drop(repo.cleave(&["undo"]).ok());
    assert_eq!(state(&repo), before);
    drop(repo.cleave(&["undo"]).ok());
    drop(repo.cleave(&["restore", "2"]).ok());
    assert_eq!(state(&repo), planned);
    let log = repo.cleave(&["log"]).ok();
    assert!(log.contains("outside of git cleave"), "{log}");
    // What was reworded is in the log for good.
    drop(repo.cleave(&["restore", "4"]).ok());
    assert_eq!(repo.git(&["rev-parse", "cleave/x/all"]), reworded);
}

#[test]
fn a_flag_holds_for_its_call() {
    let repo = two_folders("a_flag_holds_for_its_call");
    drop(repo.cleave(&["plan", "base..tip", "--name", "x"]).ok());
    let planned = state(&repo);
    let plan = |state: &BTreeMap<String, String>| state.iter().find(|(name, _)| name.ends_with("plan.toml")).unwrap().1.clone();
    drop(repo.cleave(&["split", "-s"]).ok());
    assert!(repo.git(&["log", "-1", "--format=%B", "cleave/x/all"]).contains("Signed-off-by: "));
    assert_eq!(plan(&state(&repo)), plan(&planned));
    drop(repo.cleave(&["mail", "--draft", "--land", "one-tree", "-o", "../out"]));
    assert_eq!(plan(&state(&repo)), plan(&planned));
    drop(repo.cleave(&["split"]).ok());
    assert!(!repo.git(&["log", "-1", "--format=%B", "cleave/x/all"]).contains("Signed-off-by: "));
}

/// Five functions in files of their own, each changed, and a sixth that comes with `more`.
fn five(name: &str) -> TestRepo {
    let repo = TestRepo::new(name);
    let text = |of: &str, value: u32| format!("int {of}(void)\n{{\n\treturn {value};\n}}\n");
    let paths: Vec<String> = ["one", "two", "three", "four", "five"].iter().map(|of| format!("lib/{of}.c")).collect();
    let write = |value: u32| {
        for path in &paths {
            repo.write(path, text(path.trim_start_matches("lib/").trim_end_matches(".c"), value));
        }
    };
    write(1);
    repo.commit("base");
    repo.git(&["checkout", "-q", "-b", "topic"]);
    write(2);
    repo.commit("tip");
    repo.write("lib/six.c", text("six", 6));
    repo.commit("more");
    repo.git(&["reset", "-q", "--hard", "tip"]);
    repo
}

/// Deals the edits of a todo to two patches by their paths, the second first, with words of our own.
fn dealt(todo: &str) -> String {
    let edits = |of: &[&str]| -> String {
        let is_of = |line: &&str| line.starts_with("  lib/") && of.iter().any(|of| line.contains(&format!("lib/{of}.c")));
        todo.lines().filter(is_of).map(|line| format!("{line}\n")).collect()
    };
    format!(
        "series mine\npick new lib: what I say first\n| Because I say so.\n{}pick new lib: and then\n{}",
        edits(&["two", "four"]),
        edits(&["one", "three", "five"])
    )
}

#[test]
fn a_new_plan_keeps_what_a_person_decided() {
    let repo = five("a_new_plan_keeps_what_a_person_decided");
    drop(repo.cleave(&["plan", "base..", "--finer"]).ok());
    drop(edit(&repo, dealt).ok());
    let decided = repo.cleave(&["show"]).ok();
    // The same change again, and once more with a way to cut that would throw it away.
    let again = repo.cleave(&["plan", "base.."]);
    assert_eq!(again.stdout, decided);
    assert!(again.stderr.contains("2 patches as they were"), "{again:?}");
    let refused = repo.cleave(&["plan", "base..", "-n", "5"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("arranged by hand") && refused.stderr.contains("--fresh"), "{refused:?}");
    assert_eq!(repo.cleave(&["show"]).ok(), decided);
    // A file more: the patches stay, in their order and their series.
    repo.git(&["reset", "-q", "--hard", "more"]);
    assert!(repo.cleave(&["split"]).stderr.contains("the branch 'topic' is at"));
    let refused = repo.cleave(&["mail", "--draft", "-o", "../out"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("--old-tip"), "{refused:?}");
    let more = repo.cleave(&["plan", "base.."]).ok();
    drop(repo.cleave(&["split"]).ok());
    let subjects = repo.git(&["log", "--reverse", "--format=%s", "base..cleave/topic/all"]);
    assert!(subjects.starts_with("lib: what I say first\nlib: and then"), "{subjects}{more}");
    assert!(repo.git(&["log", "--format=%B", "base..cleave/topic/mine"]).contains("Because I say so."));
    assert_eq!(repo.tree("cleave/topic/all"), repo.tree("more"));
    // Anew, and back.
    let decided = repo.cleave(&["show"]).ok();
    drop(repo.cleave(&["plan", "base..", "--fresh"]).ok());
    assert!(!repo.cleave(&["show"]).ok().contains("what I say"));
    drop(repo.cleave(&["undo"]).ok());
    assert_eq!(repo.cleave(&["show"]).ok(), decided);
}

#[test]
fn branches_whose_names_fit_one_ref_are_two_changes() {
    let repo = two_folders("branches_whose_names_fit_one_ref_are_two_changes");
    for branch in ["feature/x", "feature-x", "修正", "機能"] {
        repo.git(&["checkout", "-q", "-b", branch, "tip"]);
        drop(repo.cleave(&["plan", "base.."]).ok());
    }
    let names: Vec<String> = repo.cleave(&["list", "--name-only"]).ok().lines().map(str::to_owned).collect();
    assert_eq!(names, ["change", "change-2", "feature-x", "feature-x-2"]);
    // Each branch finds its own.
    for (branch, name) in [("feature/x", "feature-x"), ("feature-x", "feature-x-2"), ("機能", "change-2")] {
        repo.git(&["checkout", "-q", branch]);
        drop(repo.cleave(&["split"]).ok());
        assert!(!repo.git(&["for-each-ref", &format!("refs/heads/cleave/{name}")]).is_empty(), "{branch}");
    }
}

#[test]
fn what_was_posted_outlives_the_plan() {
    let repo = two_folders("what_was_posted_outlives_the_plan");
    drop(repo.cleave(&["plan", "base..tip", "--name", "x"]).ok());
    drop(repo.cleave(&["mail", "-o", "../out", "--posted", "--no-lint"]).ok());
    let version = "refs/cleave/x/v1/record";
    let record = repo.git(&["rev-parse", version]);
    assert!(repo.cleave(&["drop", "x"]).ok().is_empty());
    assert_eq!(repo.git(&["rev-parse", version]), record);
    drop(repo.cleave(&["drop", "x", "--posted"]).ok());
    assert!(repo.git(&["for-each-ref", "refs/cleave/x"]).is_empty());
    drop(repo.cleave(&["undo", "--name", "x"]).ok());
    assert_eq!(repo.git(&["rev-parse", version]), record);
}

/// A new file of three functions, and a folder that changes.
fn with_new_file(name: &str) -> TestRepo {
    let repo = two_folders(name);
    repo.git(&["reset", "-q", "--hard", "tip"]);
    let function = |of: &str| format!("int {of}(void)\n{{\n\treturn 3;\n}}\n");
    repo.write("net/new.c", ["n1", "n2", "n3"].map(function).join("\n"));
    repo.commit("more");
    drop(repo.cleave(&["plan", "base..more", "--name", "x", "--coarser", "--coarser"]).ok());
    repo
}

#[test]
fn a_line_stands_for_what_is_left_of_a_file() {
    let repo = with_new_file("a_line_stands_for_what_is_left_of_a_file");
    let todo = repo.cleave(&["edit", "--print"]).ok();
    assert!(todo.contains("  net/new.c | * new file, "), "{todo}");
    // As it is, it says the same; and from a pipe, as both ends of one.
    let mut same = repo.command("sh", &repo.dir);
    let program = env!("CARGO_BIN_EXE_git-cleave");
    same.args(["-c", &format!("'{program}' edit --print | '{program}' edit --file -")]);
    assert!(repo.run(same).ok().contains("patch"));
    assert_eq!(repo.cleave(&["edit", "--print"]).ok(), todo);
    let apart = |todo: &str| {
        let others: String = todo.lines().filter(|line| !line.contains("net/new.c")).map(|line| format!("{line}\n")).collect();
        let (head, help) = others.split_once("# Commands:").unwrap();
        format!("{head}series mine\npick new net: what is new\n  net/new.c | *\n# Commands:{help}")
    };
    drop(edit(&repo, apart).ok());
    drop(repo.cleave(&["split"]).ok());
    let paths = repo.git(&["log", "-1", "--format=", "--name-only", "cleave/x/mine"]);
    assert_eq!(paths.trim(), "net/new.c");
    for (line, word) in [("series ", "cannot name a series"), ("series a b", "cannot name"), ("series all", "cannot name")] {
        let refused = edit(&repo, |todo| todo.replacen("series mine", line, 1));
        assert_eq!(refused.code, Some(1), "{refused:?}");
        assert!(refused.stderr.contains(word), "{refused:?}");
    }
    let refused = edit(&repo, |todo| todo.replacen("  net/new.c | *", "  net/new.c | *\n  net/new.c | *", 1));
    assert!(refused.stderr.contains("no edit of 'net/new.c' is left"), "{refused:?}");
    assert_eq!(repo.cleave(&["plan", "base..more", "-n", "0"]).code, Some(2));
}
