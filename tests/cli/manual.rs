//! `git cleave manual`: what it installs, what `--help` opens, and what a shell completes.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::support::{Output, TestRepo, two_folders};

/// Returns the files below a folder, by their path in it.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { open.push(path) } else { found.push(path.strip_prefix(folder).unwrap().display().to_string()) }
        }
    }
    found.sort();
    found
}

fn prefix(repo: &TestRepo) -> PathBuf {
    repo.dir.parent().unwrap().join("prefix")
}

fn install(repo: &TestRepo) -> Output {
    repo.cleave(&["manual", "--install", prefix(repo).to_str().unwrap()])
}

#[test]
fn installed_files_are_said_and_replaced() {
    let repo = TestRepo::new("manual_install");
    let first = install(&repo);
    let found = files(&prefix(&repo));
    for wanted in [
        "share/man/man1/git-cleave.1",
        "share/man/man1/git-cleave-plan.1",
        "share/man/man1/git-cleave-manual.1",
        "share/bash-completion/completions/git-cleave",
        "share/zsh/site-functions/_git-cleave",
        "share/fish/vendor_completions.d/git-cleave.fish",
    ] {
        assert!(found.iter().any(|path| path == wanted), "{wanted} is not among {found:?}");
    }
    let said = first.ok();
    assert!(found.iter().all(|path| said.contains(&prefix(&repo).join(path).display().to_string())), "{said}");
    let page = prefix(&repo).join("share/man/man1/git-cleave.1");
    let before = fs::read(&page).unwrap();
    fs::write(prefix(&repo).join("share/man/man1/git-cleave-gone.1"), &before).unwrap();
    fs::write(prefix(&repo).join("share/man/man1/git-cleave-theirs.1"), ".TH theirs").unwrap();
    let said = install(&repo).ok();
    assert!(said.contains("removed ") && said.contains("git-cleave-gone.1"), "{said}");
    assert_eq!(fs::read(&page).unwrap(), before);
    assert!(prefix(&repo).join("share/man/man1/git-cleave-theirs.1").exists());
    let mode = fs::metadata(&page).unwrap().permissions().mode();
    assert_eq!(mode & 0o444, 0o444, "everybody may read a page: {mode:o}");
}

#[test]
fn another_programs_file_is_left_alone_and_nothing_is_written() {
    let repo = TestRepo::new("manual_foreign");
    let folder = prefix(&repo).join("share/zsh/site-functions");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("_git-cleave"), "#compdef git-cleave\n# by hand\n").unwrap();
    let output = install(&repo);
    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(output.stderr.contains("_git-cleave' is not from git cleave manual"), "{output:?}");
    assert_eq!(files(&prefix(&repo)), ["share/zsh/site-functions/_git-cleave"]);
}

/// Runs the program, or git, with a `man` that knows the pages of a folder.
fn with_man(repo: &TestRepo, knows: bool, program: &str, words: &[&str]) -> Output {
    let bin = repo.dir.parent().unwrap().join("bin");
    fs::create_dir_all(&bin).unwrap();
    let man = bin.join("man");
    let answer = if knows { "0" } else { "16" };
    fs::write(&man, format!("#!/bin/sh\n[ \"$1\" = -w ] && exit {answer}\necho \"page $1\"\n")).unwrap();
    fs::set_permissions(&man, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = repo.command(program, &repo.dir);
    command.env("PATH", path(&[&bin])).args(words);
    repo.run(command)
}

/// Returns a search path with these folders and that of the program first.
#[expect(clippy::disallowed_methods, reason = "the test looks where its caller looks")]
fn path(folders: &[&Path]) -> std::ffi::OsString {
    let program = Path::new(env!("CARGO_BIN_EXE_git-cleave")).parent().unwrap();
    let rest = std::env::var_os("PATH").unwrap_or_default();
    let all = folders.iter().map(|folder| folder.to_path_buf()).chain([program.to_owned()]).chain(std::env::split_paths(&rest));
    std::env::join_paths(all).unwrap()
}

#[test]
fn help_opens_the_page_where_it_is_installed() {
    let repo = TestRepo::new("manual_help");
    let program = env!("CARGO_BIN_EXE_git-cleave");
    assert_eq!(with_man(&repo, true, program, &["plan", "--help"]).ok(), "page git-cleave-plan\n");
    assert_eq!(with_man(&repo, true, program, &["--help"]).ok(), "page git-cleave\n");
    assert_eq!(with_man(&repo, true, "git", &["cleave", "plan", "--help"]).ok(), "page git-cleave-plan\n");
    assert_eq!(with_man(&repo, true, "git", &["help", "cleave"]).ok(), "page git-cleave\n");
    let printed = with_man(&repo, false, program, &["plan", "--help"]).ok();
    assert!(printed.contains("Usage: git cleave plan"), "{printed}");
    let short = with_man(&repo, true, program, &["plan", "-h"]).ok();
    assert!(short.contains("Usage: git cleave plan"), "-h prints: {short}");
}

/// Asks bash for the completions of `git cleave` and then these words, of which the last is being typed, as git's completion asks.
fn complete(repo: &TestRepo, words: &[&str]) -> Vec<String> {
    let script = repo.dir.parent().unwrap().join("git-cleave.bash");
    fs::write(&script, repo.cleave(&["manual", "--completions", "bash"]).ok()).unwrap();
    let mut command = repo.command("bash", &repo.dir);
    command
        .env("PATH", path(&[]))
        .args(["--norc", "-c"])
        .arg(
            ". \"$1\"; shift; words=(\"$@\"); cword=$(($# - 1)); cur=${words[cword]}; prev=${words[cword-1]}; __git_cmd_idx=1\n\
             _git_cleave; printf '%s\\n' \"${COMPREPLY[@]}\"",
        )
        .arg("bash")
        .arg(script)
        .args(["git", "cleave"])
        .args(words);
    repo.run(command).ok().lines().map(str::to_owned).filter(|line| !line.is_empty()).collect()
}

#[test]
fn bash_completes_commands_options_and_names_of_the_repository() {
    let repo = two_folders("manual_completion");
    repo.cut(&["base..tip"], "tip");
    assert_eq!(complete(&repo, &["pl"]), ["plan "]);
    assert_eq!(complete(&repo, &["plan", "--fin"]), ["--finer "]);
    assert_eq!(complete(&repo, &["-C", ".", "plan", "--coa"]), ["--coarser "]);
    assert_eq!(complete(&repo, &["drop", ""]), ["x "]);
    assert_eq!(complete(&repo, &["mail", "--name", ""]), ["x "]);
    assert_eq!(complete(&repo, &["mail", "--name=",]), ["x "]);
    assert_eq!(complete(&repo, &["plan", "ba"]), ["base "]);
    assert_eq!(complete(&repo, &["plan", "base..ti"]), ["base..tip "]);
    assert!(complete(&repo, &["adopt", ""]).contains(&"all ".to_owned()));
    assert!(complete(&repo, &["verify", "--search", ""]).contains(&"bisect ".to_owned()));
    assert!(complete(&repo, &["verify", "--", "ma"]).is_empty(), "what follows -- is another program's");
    let offered = complete(&repo, &["plan", "--"]);
    assert!(offered.iter().all(|word| word.starts_with('-')), "{offered:?}");
}
