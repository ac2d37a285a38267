//! Ctrl-C: nothing is left behind, and nothing of git's own words is said.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};

use crate::support::{TestRepo, interrupt, two_folders};

/// Runs the program so that Ctrl-C comes while git runs the subcommand `at`; returns the exit code as a shell has it, and all that was said.
fn interrupted(repo: &TestRepo, at: &str, words: &[&str]) -> (Option<i32>, String) {
    let top = repo.dir.parent().unwrap();
    let (git, temporary) = (top.join("git"), top.join("tmp"));
    let real = std::env::var("GIT_CLEAVE_TEST_GIT").unwrap_or_else(|_| "git".into());
    // All of the process group, as a terminal does.
    let script = format!(
        "#!/bin/sh\nfor word; do [ \"$word\" = {at} ] && touch '{}' && kill -{} 0 && sleep 20; done\nexec {real} \"$@\"\n",
        top.join("came").display(),
        interrupt().0
    );
    fs::write(&git, script).unwrap();
    fs::set_permissions(&git, fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir_all(&temporary).unwrap();
    let mut command = repo.command(env!("CARGO_BIN_EXE_git-cleave"), &repo.dir);
    command.args(words).env("GIT_CLEAVE_TEST_GIT", &git).env("TMPDIR", &temporary).process_group(0);
    let output = command.output().unwrap();
    assert!(fs::remove_file(top.join("came")).is_ok(), "git {at} is run by {words:?}: {output:?}");
    let left: Vec<_> = fs::read_dir(&temporary).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(left.is_empty(), "{words:?} at {at}: {left:?}");
    let incoming = fs::read_dir(repo.dir.join(".git/cleave")).into_iter().flatten().map(|entry| entry.unwrap().file_name());
    let incoming: Vec<_> = incoming
        .filter(|name| name.to_str().unwrap().contains("incoming-") || name.to_str().unwrap().contains("todo-"))
        .collect();
    assert!(incoming.is_empty(), "{words:?} at {at}: {incoming:?}");
    let code = output.status.code().or(output.status.signal().map(|signal| 128 + signal));
    (code, [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat())
}

#[test]
fn ctrl_c_ends_it_without_a_word_of_git() {
    let repo = two_folders("ctrl_c_ends_it_without_a_word_of_git");
    let check = |at: &str, words: &[&str], said: &str| {
        assert_eq!(interrupted(&repo, at, words), (Some(interrupt().1), said.to_owned()), "{words:?} at {at}");
    };
    check("log", &["plan", "--name", "x", "base..tip"], "");
    assert!(!repo.dir.join(".git/cleave/plans/x").exists());
    repo.cleave(&["plan", "--name", "x", "base..tip"]).ok();
    let refs = repo.git(&["for-each-ref"]);
    check("update-ref", &["split"], "");
    check("format-patch", &["mail", "--draft", "-o", "out"], "");
    assert_eq!(repo.git(&["for-each-ref"]), refs);
    assert!(!repo.dir.join("out").exists());
    repo.cleave(&["split"]).ok();
    check("--reset", &["verify", "--", "true"], "interrupted\n");
}

#[test]
fn keys_typed_in_the_editor_are_the_editors() {
    let repo = two_folders("keys_typed_in_the_editor_are_the_editors");
    drop(repo.cleave(&["plan", "base..tip", "--name", "x"]).ok());
    let editor = repo.dir.parent().unwrap().join("editor");
    let script = "#!/bin/sh\ntrap '' INT QUIT\nkill -INT 0\nkill -QUIT 0\nsleep 1\nsed -i 's/^\\(pick [^ ]*\\) .*fs.*/\\1 fs: by hand/' \"$1\"\n";
    fs::write(&editor, script).unwrap();
    fs::set_permissions(&editor, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = repo.command(env!("CARGO_BIN_EXE_git-cleave"), &repo.dir);
    command.args(["edit"]).env("GIT_EDITOR", &editor).process_group(0);
    let output = command.output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.code() == Some(0) && shown.contains("fs: by hand"), "{output:?}");
    assert!(
        fs::read_dir(repo.dir.join(".git/cleave")).unwrap().all(|file| !file
            .unwrap()
            .file_name()
            .to_str()
            .unwrap()
            .contains("todo"))
    );
}
