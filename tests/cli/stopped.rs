//! Every command that changes state, ended before each of its writes: what is there is the old or the new, and the same command goes on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;

use crate::support::{Output, TestRepo, two_folders};

/// Makes the program name its stop points, or end at the one of this number.
const STOP: &str = "GIT_CLEAVE_TEST_STOP";

/// What a kill must not halve: each value is as before or as after.
type State = BTreeMap<String, String>;

/// Returns the stored plan, each set of refs that moves at once, the mails of each series, and the verdict of each tree.
fn state(repo: &TestRepo) -> State {
    let mut state = State::new();
    let cleave = repo.dir.join(".git/cleave");
    if let Ok(plan) = fs::read_to_string(cleave.join("plans/x/plan.toml")) {
        state.insert("plan".into(), plan);
    }
    for line in repo.git(&["for-each-ref", "--format=%(refname) %(objectname)", "refs/cleave", "refs/heads/cleave"]).lines() {
        let set = match line {
            // It grows with each command that goes on.
            _ if line.starts_with("refs/cleave/log/") => continue,
            _ if line.contains("/x/b4/") || line.contains("/x/heads/b4/") => "refs for b4",
            _ if line.starts_with("refs/cleave/x/v") => "refs of versions",
            _ if line.starts_with("refs/cleave/x/base ") || line.starts_with("refs/cleave/x/tip ") => "refs of the plan",
            _ => "refs of branches",
        };
        let refs = state.entry(set.into()).or_default();
        refs.push_str(line);
        refs.push('\n');
    }
    for series in folders(&out(repo)) {
        let files = fs::read_dir(out(repo).join(&series)).unwrap().map(|file| file.unwrap().path());
        let files: BTreeSet<String> =
            files.map(|path| format!("{:?}\n{}", path.file_name().unwrap(), fs::read_to_string(&path).unwrap())).collect();
        state.insert(format!("mails of {series}"), files.into_iter().collect());
    }
    for tree in folders(&cleave.join("verify")) {
        for command in folders(&cleave.join("verify").join(&tree)) {
            let place = cleave.join("verify").join(&tree).join(command);
            assert!(place.join("log").exists(), "{}", place.display());
            let verdict: serde_json::Value = serde_json::from_slice(&fs::read(place.join("verdict.json")).unwrap()).unwrap();
            state.insert(format!("verdict of {tree}"), verdict["code"].to_string());
        }
    }
    state
}

fn out(repo: &TestRepo) -> std::path::PathBuf {
    repo.dir.parent().unwrap().join("out")
}

/// Returns the names of the folders in a folder that is there or not, but for those of what is not yet in place.
fn folders(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap());
    let folders = entries.filter(|entry| entry.file_type().unwrap().is_dir());
    let names = folders.map(|entry| entry.file_name().into_string().unwrap());
    names.filter(|name| !name.starts_with("incoming-") && !name.starts_with('.')).collect()
}

/// Returns the files and folders that are nothing but the rest of something, anywhere in the git directory and in the folder of the mails.
fn rests(repo: &TestRepo) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![repo.dir.join(".git"), out(repo)];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().map(|entry| entry.unwrap()) {
            let name = entry.file_name().into_string().unwrap();
            let is_rest = ["incoming-", ".git-cleave-", ".tmp", "tmp_obj_", "todo-"].iter().any(|begin| name.starts_with(begin))
                || name.ends_with(".lock")
                || name.ends_with(".new")
                || name == "busy";
            if is_rest {
                found.push(entry.path().display().to_string());
            } else if entry.file_type().unwrap().is_dir() {
                open.push(entry.path());
            }
        }
    }
    found
}

fn program(repo: &TestRepo, words: &[&str]) -> Command {
    let mut command = repo.command(env!("CARGO_BIN_EXE_git-cleave"), &repo.dir);
    command.args(words);
    command
}

/// What a command says, without the folder it runs in. How much was built, and what a build read, is another matter the second time.
fn said(output: &Output, repo: &TestRepo) -> String {
    let text = output.text(repo);
    text.lines().filter(|line| !line.contains("buil")).map(|line| format!("{line}\n")).collect()
}

/// Ends the command at each of its stop points, in a copy of the repository each time.
#[track_caller]
fn check(repo: &TestRepo, words: &[&str]) {
    let before = state(repo);
    let undisturbed = repo.copy_to("undisturbed");
    let mut command = program(&undisturbed, words);
    command.env(STOP, "0");
    let listed = undisturbed.run(command);
    let points: Vec<&str> = listed.stderr.lines().filter_map(|line| line.strip_prefix("stop point: ")).collect();
    assert!(points.len() > 1, "{words:?} writes nothing: {listed:?}");
    let after = state(&undisturbed);
    let plain = repo.copy_to("plain");
    let wanted = plain.run(program(&plain, words));
    assert_eq!(wanted.code, listed.code, "{wanted:?}");
    let wanted = said(&wanted, &plain);
    // A place in a loop is tried at its first two rounds and the last.
    let count = |to: usize| points[..to].iter().filter(|name| **name == points[to]).count();
    let is_last = |at: usize| !points[at + 1..].contains(&points[at]);
    for at in (0..points.len()).filter(|at| count(*at) < 2 || is_last(*at)) {
        let place = format!("{words:?} ended at {} ({})", at + 1, points[at]);
        let repo = repo.copy_to("ended");
        let untouched = repo.snapshot();
        let mut command = program(&repo, words);
        command.env(STOP, (at + 1).to_string());
        let status = command.output().unwrap().status;
        assert_eq!(status.signal(), Some(9), "{place}: {status}");
        let now = state(&repo);
        assert_eq!(repo.snapshot(), untouched, "{place}");
        for key in before.keys().chain(after.keys()) {
            // A series that gives way to a new one lies beside for a moment, and comes back; a verdict that gives way is found again by building.
            let gives_way = |what: &str| key.starts_with(what) && points[at].ends_with("between the old and the new");
            let is_away = gives_way("mails of ") || gives_way("verdict of ");
            let is_whole = [before.get(key), after.get(key)].contains(&now.get(key)) || is_away && !now.contains_key(key);
            assert!(is_whole, "{place}: the {key} is neither the old nor the new:\n{:?}", now.get(key));
        }
        repo.git(&["fsck", "--no-progress"]);
        // Where all was written, there may be nothing left to do, which is said.
        let again = repo.run(program(&repo, words));
        assert!(now == after || said(&again, &repo) == wanted, "{place}: {again:?}");
        assert_eq!(state(&repo), after, "{place}");
        assert_eq!(rests(&repo), Vec::<String>::new(), "{place}");
        assert_eq!(repo.snapshot(), untouched, "{place}");
    }
}

/// A repository with something staged, something not, and a plan, where `also` is run too.
fn planned(name: &str, also: &[&[&str]]) -> TestRepo {
    let repo = two_folders(name);
    repo.git(&["checkout", "-q", "-b", "work"]);
    repo.write("fs/a.c", "int staged;\n");
    repo.git(&["add", "fs/a.c"]);
    repo.write("fs/a.c", "int changed_again;\n");
    repo.write("untracked.txt", "mine\n");
    for words in [&["plan", "base..tip", "--name", "x"][..]].iter().chain(also) {
        drop(repo.cleave(words).ok());
    }
    repo
}

#[test]
fn a_first_plan() {
    let repo = two_folders("stopped_first_plan");
    check(&repo, &["plan", "base..tip", "--name", "x"]);
}

#[test]
fn a_plan_of_the_working_tree() {
    let repo = planned("stopped_plan_of_the_working_tree", &[]);
    check(&repo, &["plan", "--worktree", "--untracked", "--name", "x"]);
}

#[test]
fn another_plan() {
    let repo = planned_anew("stopped_another_plan", &[&["split"]]);
    check(&repo, &["plan", "base..tip", "--name", "x"]);
}

#[test]
fn an_edit() {
    let repo = planned("stopped_edit", &[]);
    let todo = repo.cleave(&["edit", "--print"]).ok();
    repo.write("../todo", todo.replace("fs/a: add a2()", "fs/a: add another function"));
    check(&repo, &["edit", "--file", "../todo"]);
}

#[test]
fn an_edit_that_is_refused() {
    let repo = planned("stopped_edit_that_is_refused", &[]);
    let todo = repo.cleave(&["edit", "--print"]).ok();
    repo.write("../todo", todo.lines().rev().map(|line| format!("{line}\n")).collect::<String>());
    check(&repo, &["edit", "--file", "../todo"]);
}

#[test]
fn words_for_the_covers() {
    let repo = planned("stopped_words_for_the_covers", &[]);
    repo.write("../words", "series nets\ncover nets: more\n| Nets need it.\n");
    check(&repo, &["edit", "--cover", "--file", "../words"]);
}

#[test]
fn a_first_split() {
    check(&planned("stopped_first_split", &[]), &["split", "--signoff"]);
}

/// The plan of other commits and other patches.
fn planned_anew(name: &str, before: &[&[&str]]) -> TestRepo {
    let repo = planned(name, before);
    repo.git(&["tag", "further", &repo.git(&["commit-tree", "tip^{tree}", "-p", "base", "-m", "further", "-m", "Why."])]);
    drop(repo.cleave(&["plan", "base..further", "--name", "x", "-n", "1", "--fresh"]).ok());
    repo
}

#[test]
fn another_split() {
    let repo = planned_anew("stopped_another_split", &[&["split"]]);
    // Somebody's own commit is moved away from, and kept.
    repo.git(&["branch", "-f", "cleave/x/all", "base"]);
    check(&repo, &["split", "--force"]);
}

#[test]
fn what_is_adopted() {
    let repo = planned("stopped_adopt", &[&["split"]]);
    let reworded = repo.git(&["commit-tree", "cleave/x/all^{tree}", "-p", "cleave/x/all~1", "-m", "fs/a: say it otherwise"]);
    repo.git(&["branch", "-f", "cleave/x/all", &reworded]);
    check(&repo, &["adopt"]);
}

#[test]
fn mails() {
    check(&planned("stopped_mails", &[]), &["mail", "-o", "../out"]);
}

#[test]
fn mails_in_place_of_others() {
    let repo = planned_anew("stopped_mails_in_place_of_others", &[&["mail", "-o", "../out"]]);
    check(&repo, &["mail", "-o", "../out"]);
}

#[test]
fn mails_that_are_posted() {
    check(&planned("stopped_mails_that_are_posted", &[]), &["mail", "--posted", "-o", "../out"]);
}

#[test]
fn mails_that_are_posted_again() {
    let repo = planned_anew("stopped_mails_that_are_posted_again", &[&["mail", "--posted", "-o", "../out"]]);
    check(&repo, &["mail", "-v", "2", "--posted", "-o", "../out"]);
}

#[test]
fn branches_for_b4() {
    check(&planned("stopped_branches_for_b4", &[]), &["mail", "--b4", "-o", "../out"]);
}

#[test]
fn builds() {
    check(&planned("stopped_builds", &[&["split"]]), &["verify", "--jobs", "1", "--", "true"]);
}

#[test]
fn builds_once_more() {
    let repo = planned("stopped_builds_once_more", &[&["split"], &["verify", "--", "true"]]);
    check(&repo, &["verify", "--jobs", "1", "--rebuild", "--", "true"]);
}

#[test]
fn a_drop() {
    check(&planned("stopped_drop", &[&["split"], &["mail", "--b4"]]), &["drop", "x"]);
}
