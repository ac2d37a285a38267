//! Nothing of the user's is touched.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::{TestRepo, two_folders};

/// Every command that works in a repository.
const COMMANDS: &[&[&str]] = &[
    &["plan", "base..tip", "--name", "x"],
    &["plan", "--worktree", "--untracked", "--name", "w"],
    &["list"],
    &["edit", "--print", "--name", "x"],
    &["explain", "1", "--name", "x"],
    &["split", "--name", "x"],
    &["verify", "--name", "x", "--", "true"],
    &["mail", "--name", "x", "-o", "[OUT]"],
    &["review", "base..tip"],
    &["owners", "fs/a.c"],
    &["drop", "x"],
];

/// Makes all that could be disturbed: something staged, something not, something untracked, a stash, hooks that would tell.
fn busy(repo: &TestRepo) {
    repo.git(&["checkout", "-q", "-b", "work"]);
    repo.write("stashed.txt", "one\n");
    repo.git(&["add", "stashed.txt"]);
    repo.git(&["stash", "-q"]);
    repo.write("fs/a.c", "int changed;\n");
    repo.git(&["add", "fs/a.c"]);
    repo.write("fs/a.c", "int changed_again;\n");
    repo.write("untracked.txt", "mine\n");
    let hooks = repo.dir.join(".git/hooks");
    fs::create_dir_all(&hooks).unwrap();
    for hook in
        ["pre-commit", "post-commit", "post-checkout", "reference-transaction", "post-index-change", "post-rewrite", "post-merge"]
    {
        let path = hooks.join(hook);
        fs::write(&path, "#!/bin/sh\ntouch hook-ran\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

#[track_caller]
fn check(repo: &TestRepo, dir: &Path) {
    let out = repo.dir.parent().unwrap().join("out").display().to_string();
    for words in COMMANDS {
        let words: &[&str] = &words.iter().map(|word| if *word == "[OUT]" { out.as_str() } else { word }).collect::<Vec<_>>();
        let before = repo.snapshot();
        let foreign = foreign_refs(repo);
        drop(repo.cleave_in(dir, words).ok());
        assert_eq!(before, repo.snapshot(), "{words:?}");
        assert_eq!(foreign, foreign_refs(repo), "{words:?}");
    }
    let left: Vec<_> = fs::read_dir(repo.dir.join(".git/cleave")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with("incoming")), "{left:?}");
}

fn foreign_refs(repo: &TestRepo) -> Vec<String> {
    let all = repo.git(&["for-each-ref", "--format=%(refname) %(objectname)"]);
    all.lines().filter(|line| !line.contains("refs/cleave/") && !line.contains("refs/heads/cleave/")).map(Into::into).collect()
}

#[test]
fn every_command_leaves_everything_as_it_was() {
    let repo = two_folders("every_command_leaves_everything_as_it_was");
    busy(&repo);
    check(&repo, &repo.dir);
}

#[test]
fn also_in_a_subfolder_and_under_a_hostile_configuration() {
    let repo = two_folders("also_in_a_subfolder_and_under_a_hostile_configuration");
    for (key, value) in [
        ("diff.noprefix", "true"),
        ("diff.external", "false"),
        ("core.autocrlf", "true"),
        ("commit.gpgSign", "true"),
        ("tag.gpgSign", "true"),
        ("diff.renames", "copies"),
        ("core.quotePath", "true"),
        ("log.showSignature", "true"),
        ("format.attach", "true"),
        ("format.signOff", "true"),
        ("diff.algorithm", "patience"),
        ("apply.whitespace", "fix"),
        ("status.showUntrackedFiles", "no"),
    ] {
        repo.git(&["config", key, value]);
    }
    busy(&repo);
    check(&repo, &repo.dir.join("fs"));
}

#[test]
fn also_from_a_linked_worktree() {
    let repo = two_folders("also_from_a_linked_worktree");
    let linked = repo.dir.parent().unwrap().join("linked");
    repo.git(&["worktree", "add", "-q", "-b", "side", linked.to_str().unwrap(), "tip"]);
    busy(&repo);
    fs::write(linked.join("net/b.c"), "int changed_there;\n").unwrap();
    check(&repo, &linked);
}

#[test]
fn a_branch_that_is_rebased_or_bisected_is_not_moved() {
    let repo = two_folders("a_branch_that_is_rebased_or_bisected_is_not_moved");
    repo.cut(&["base..tip"], "tip");
    let refused = |what: &str| {
        drop(repo.cleave(&["plan", "base..tip", "--name", "x", "-n", "1"]).ok());
        let refs = || (foreign_refs(&repo), repo.git(&["rev-parse", "cleave/x/all"]));
        let before = refs();
        let output = repo.cleave(&["split", "--force"]);
        assert_eq!(output.code, Some(1), "{output:?}");
        assert!(output.stderr.starts_with(&format!("error: branch 'cleave/x/all' is being {what} in '")), "{output:?}");
        assert_eq!(before, refs());
    };
    let linked = repo.dir.parent().unwrap().join("linked");
    let at = linked.to_str().unwrap();
    repo.git(&["worktree", "add", "-q", at, "cleave/x/all"]);
    let in_linked = |words: &[&str]| {
        let mut command = repo.command("git", &linked);
        command.args(words).env("GIT_SEQUENCE_EDITOR", "sed -i 1i\\break");
        drop(repo.run(command).ok());
    };
    in_linked(&["rebase", "-q", "-i", "base"]);
    refused("rebased");
    in_linked(&["rebase", "--abort"]);
    in_linked(&["bisect", "start", "HEAD", "base"]);
    refused("bisected");
    in_linked(&["bisect", "reset"]);
    repo.git(&["worktree", "remove", "--force", at]);
    drop(repo.cleave(&["split"]).ok());
}

#[test]
fn a_branch_called_cleave_is_in_the_way() {
    let repo = two_folders("a_branch_called_cleave_is_in_the_way");
    repo.git(&["branch", "cleave", "base"]);
    drop(repo.cleave(&["plan", "base..tip", "--name", "x"]).ok());
    let before = foreign_refs(&repo);
    let output = repo.cleave(&["split"]);
    assert_eq!(
        output.text(&repo),
        "exit 1\n---\nerror: branch 'cleave' stands where the branches of the cut would go\nhint: git branch -m cleave cleave-old\n"
    );
    assert_eq!(before, foreign_refs(&repo));
}

#[test]
fn a_branch_that_is_checked_out_or_foreign_is_not_moved() {
    let repo = two_folders("a_branch_that_is_checked_out_or_foreign_is_not_moved");
    repo.cut(&["base..tip"], "tip");
    let linked = repo.dir.parent().unwrap().join("linked");
    repo.git(&["worktree", "add", "-q", linked.to_str().unwrap(), "cleave/x/all"]);
    // Another cut would move the branch.
    drop(repo.cleave(&["plan", "base..tip", "--name", "x", "-n", "1"]).ok());
    let head = repo.git(&["rev-parse", "cleave/x/all"]);
    let refused = repo.cleave(&["split"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("branch 'cleave/x/all' is checked out in"), "{refused:?}");
    assert_eq!(head, repo.git(&["rev-parse", "cleave/x/all"]));
    repo.git(&["worktree", "remove", "--force", linked.to_str().unwrap()]);
    // Somebody's own commit on it is not thrown away either, unless it is asked for; then it is kept.
    repo.git(&["branch", "-f", "cleave/x/all", "base"]);
    let refused = repo.cleave(&["split"]);
    assert!(refused.stderr.contains("is not what git-cleave last wrote"), "{refused:?}");
    drop(repo.cleave(&["split", "--force"]).ok());
    let backups = repo.git(&["for-each-ref", "--format=%(objectname)", "refs/cleave/backup/"]);
    assert_eq!(backups, repo.git(&["rev-parse", "base"]));
}
