//! The plan's todo: moved lines move edits, and nothing gets lost.

use std::fs;

use crate::support::{Output, TestRepo, two_folders};

fn planned(name: &str) -> (TestRepo, String) {
    let repo = two_folders(name);
    drop(repo.cleave(&["plan", "base..tip", "--name", "x"]).ok());
    let todo = repo.cleave(&["edit", "--print"]).ok();
    (repo, todo)
}

fn edit(repo: &TestRepo, todo: &str) -> Output {
    let path = repo.dir.parent().unwrap().join("todo");
    fs::write(&path, todo).unwrap();
    repo.cleave(&["edit", "--file", path.to_str().unwrap()])
}

#[test]
fn a_todo_that_is_not_changed_changes_nothing() {
    let (repo, todo) = planned("a_todo_that_is_not_changed_changes_nothing");
    let path = repo.dir.join(".git/cleave/plans/x/plan.toml");
    let before = fs::read_to_string(&path).unwrap();
    drop(edit(&repo, &todo).ok());
    assert_eq!(before, fs::read_to_string(&path).unwrap());
}

#[test]
fn reword_move_and_split() {
    let (repo, todo) = planned("reword_move_and_split");
    let pick = todo.lines().find(|line| line.starts_with("pick ")).unwrap();
    let id = pick.split_whitespace().nth(1).unwrap();
    let edited = todo.replace(pick, &format!("pick {id} fs: said better\n| And why."));
    let shown = edit(&repo, &edited).ok();
    assert!(shown.contains("fs: said better"), "{shown}");
    drop(repo.cleave(&["split"]).ok());
    assert!(repo.git(&["log", "--format=%B", "cleave/x/all"]).contains("fs: said better\n\nAnd why."));
    assert_eq!(repo.tree("cleave/x/all"), repo.tree("tip"));
}

#[test]
fn what_breaks_a_promise_is_refused_with_its_place() {
    let (repo, todo) = planned("what_breaks_a_promise_is_refused_with_its_place");
    let edit_line = todo.lines().find(|line| line.starts_with("  ") && line.contains('@')).unwrap();
    let address = edit_line.split(" | ").next().unwrap().trim();
    let number = |text: &str, wanted: &str| text.lines().position(|line| line == wanted).unwrap() + 1;
    let check = |todo: &str, expected: &str| {
        let output = edit(&repo, todo);
        assert_eq!(output.code, Some(1), "{output:?}");
        assert!(output.stderr.starts_with(&format!("error: {expected}")), "wanted '{expected}', got {output:?}");
    };
    let without: String = todo.lines().filter(|line| *line != edit_line).map(|line| format!("{line}\n")).collect();
    check(&without, &format!("edit '{address}' of patch "));
    let twice = todo.replace(edit_line, &format!("{edit_line}\n{edit_line}"));
    check(
        &twice,
        &format!("line {}: '{address}' stands in line {} already", number(&todo, edit_line) + 1, number(&todo, edit_line)),
    );
    let unknown = todo.replace(address, "fs/a.c#nobody@0123456789ab");
    check(&unknown, &format!("line {}: there is no edit 'fs/a.c#nobody@0123456789ab'", number(&todo, edit_line)));
    check(&format!("{todo}frobnicate\n"), &format!("line {}: 'frobnicate' is no command", todo.lines().count() + 1));
    check("pick nothing here\n", "line 1: ");
    let path = repo.dir.join(".git/cleave/refused-todo");
    assert_eq!(fs::read_to_string(path).unwrap(), "pick nothing here\n");
}

#[test]
fn a_damaged_plan_is_named() {
    let (repo, _) = planned("a_damaged_plan_is_named");
    let path = repo.dir.join(".git/cleave/plans/x/plan.toml");
    let whole = fs::read_to_string(&path).unwrap();
    let check = |text: &str, expected: &str| {
        fs::write(&path, text).unwrap();
        let output = repo.cleave(&["split"]);
        assert_eq!(output.code, Some(1), "{output:?}");
        assert!(output.stderr.contains(expected), "wanted '{expected}', got {output:?}");
        assert!(repo.git(&["for-each-ref", "refs/heads/cleave/"]).is_empty());
    };
    check(&whole.replace("version = 2", "version = 9"), "the stored plan has version 9");
    check(&whole[..whole.len() / 2], "the stored plan is damaged");
    let edit = whole.lines().find(|line| line.contains('@') && line.contains(" | ") && !line.starts_with("edits")).unwrap();
    check(&whole.replace(edit, ""), "is in no patch");
    check(&whole.replace(edit, &format!("{edit}\n{edit}")), "is in '");
    let wrong = edit.replace('#', "#wrong_");
    check(&whole.replace(edit, &wrong), "which the change does not have");
}
