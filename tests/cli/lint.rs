//! What the lists ask of mails, from outside.

use crate::support::{TestRepo, check_snapshot, two_folders};

/// The base of a project that goes by git's documents, and a branch of which a list would say something.
fn of_git(name: &str) -> TestRepo {
    let repo = TestRepo::new(name);
    repo.commit_files(
        "base",
        &[
            ("Documentation/SubmittingPatches", "Rules.\n"),
            ("GIT-VERSION-GEN", "1\n"),
            ("a.c", "int a;\n"),
            ("net/b.c", "int b;\n"),
        ],
    );
    repo.write("a.c", "int a; \nint c;\n");
    repo.git(&["add", "-A"]);
    let message = "Added a variable.\n\nIt is needed.\nSigned-Off-By: Ann Author <ann@example.org>\n";
    repo.git(&["commit", "-q", "-m", message]);
    repo.write("net/b.c", "int b;\nint d;\n");
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "--cleanup=verbatim", "-m", "fixup! net: say it\n\nWhy.\n---\nmore\n"]);
    repo.git(&["tag", "tip"]);
    repo
}

#[test]
fn commits_are_looked_at_as_their_mails() {
    let repo = of_git("commits_are_looked_at_as_their_mails");
    check_snapshot("lint__range", &repo.cleave(&["lint", "base..tip"]).text(&repo));
    let errors = repo.cleave(&["lint", "base..tip", "--severity", "error", "--format", "json"]);
    assert_eq!(errors.code, Some(1));
    let found: Vec<serde_json::Value> = errors.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(!found.is_empty() && found.iter().all(|finding| finding["severity"] == "error"), "{found:?}");
}

#[test]
fn folders_and_mailboxes_are_read() {
    let repo = of_git("folders_and_mailboxes_are_read");
    repo.git(&["format-patch", "-q", "-o", "../mails", "base..tip~1"]);
    let folder = repo.cleave(&["lint", "../mails", "--base", "base"]);
    assert_eq!(folder.code, Some(0), "{folder:?}");
    assert!(folder.stdout.contains("subject-imperative") && folder.stdout.contains("a.c:1: int a; "), "{folder:?}");
    let file = std::fs::read_dir(repo.dir.join("../mails")).unwrap().next().unwrap().unwrap().path();
    let file = file.to_str().unwrap();
    let count = |output: &str| output.lines().filter(|line| line.starts_with("  ")).count();
    assert_eq!(count(&repo.cleave(&["lint", file, "--base", "base"]).stdout), count(&folder.stdout));
    assert_eq!(count(&repo.cleave(&["lint", "--mbox", file, "--base", "base"]).stdout), count(&folder.stdout));
    let clean = two_folders("folders_and_mailboxes_are_read_clean");
    assert_eq!(clean.cleave(&["lint", "base..tip"]).code, Some(0));
    for nothing in [&["lint", "net"][..], &["lint", "--mbox", "a.c"]] {
        let refused = repo.cleave(nothing);
        assert!(refused.code == Some(2) && refused.stderr.contains(nothing.last().unwrap()), "{refused:?}");
    }
}

#[test]
fn what_many_mails_share_is_said_once_with_all_of_them() {
    let repo = of_git("what_many_mails_share_is_said_once");
    repo.git(&["checkout", "-q", "-B", "work", "base"]);
    for (path, subject) in [("a.c", "a: grow"), ("net/b.c", "net: grow"), ("net/c.c", "net: begin")] {
        repo.write(path, "int a;\nint z;\n");
        repo.git(&["add", "-A"]);
        repo.git(&["commit", "-q", "-m", &format!("{subject}\n\nWhy.\n")]);
    }
    drop(repo.cleave(&["plan", "base..", "--name", "x"]).ok());
    drop(repo.cleave(&["mail", "--name", "x", "--draft", "-o", "../out"]).ok());
    // The folder that holds the folders of all series.
    let found = repo.cleave(&["lint", "../out", "--base", "base"]);
    assert!(found.stderr.starts_with("4 mails: ") && found.code == Some(1), "{found:?}");
    let shared = found.stdout.split("\n\n").next().unwrap();
    assert!(shared.starts_with("3 mails\n  error: signed-off-missing: nobody has signed off\n    ../out/"), "{shared}");
    assert_eq!(shared.matches("nobody has signed off").count(), 1, "{shared}");
    assert_eq!(shared.matches(".patch").count(), 3, "{shared}");
    assert_eq!(found.stdout.matches("nobody has signed off").count(), 1, "{found:?}");
    let all = repo.cleave(&["lint", "../out", "--base", "base", "--format", "json"]).stdout;
    assert_eq!(all.matches("nobody has signed off").count(), 3, "{all}");
}

#[test]
fn a_subject_that_git_am_shortens_is_refused() {
    for subject in ["[a] fix: it", "Re: a: fix it", "a:  fix it", "[ARM] a: fix it"] {
        let repo = of_git("a_subject_that_git_am_shortens");
        repo.git(&["reset", "-q", "--hard", "base"]);
        repo.write("a.c", "int a;\nint c;\n");
        repo.git(&["commit", "-q", "-a", "--cleanup=verbatim", "-s", "-m", &format!("{subject}\n\nWhy.\n")]);
        let range = repo.cleave(&["lint", "base.."]);
        assert!(range.code == Some(1) && range.stdout.contains("error: subject-cut: git am makes "), "{range:?}");
        drop(repo.cleave(&["plan", "base..", "--name", "x", "-n", "1"]).ok());
        let mail = repo.cleave(&["mail", "--name", "x", "-o", "out"]);
        assert!(mail.code == Some(1) && mail.stderr.contains("subject-cut"), "{mail:?}");
    }
}

#[test]
fn messages_of_the_plan_are_mended() {
    let repo = TestRepo::new("messages_of_the_plan_are_mended");
    repo.commit_files(
        "base",
        &[("Documentation/SubmittingPatches", "Rules.\n"), ("GIT-VERSION-GEN", "1\n"), ("a.c", "int a;\n")],
    );
    repo.write("a.c", "int a;\nint c;\n");
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "-m", "a: count further.\n\nOne is not enough.\n\nSigned-off-by: Ann Author <ann@example.org>\n"]);
    drop(repo.cleave(&["plan", "base..", "--name", "x"]).ok());
    let before = repo.git(&["rev-parse", "HEAD"]);
    let found = repo.cleave(&["lint", "--name", "x"]);
    assert!(found.stdout.contains("subject-period"), "{found:?}");
    let mended = repo.cleave(&["lint", "--name", "x", "--fix"]);
    assert!(
        mended.stderr.contains("took the full stop off the subject") && !mended.stdout.contains("subject-period"),
        "{mended:?}"
    );
    assert!(repo.cleave(&["edit", "--print", "--name", "x"]).ok().contains("a: count further\n"));
    assert_eq!(repo.git(&["rev-parse", "HEAD"]), before);
}

#[test]
fn the_checker_of_the_tree_runs_once_it_was_allowed() {
    let repo = TestRepo::new("the_checker_of_the_tree_runs_once_it_was_allowed");
    let script = "for mail; do\n\techo \"### $(sed -n 's/^Subject: \\[PATCH\\] //p' \"$mail\")\"\n\techo 'WARNING:LONG: too long'\n\techo '#9: FILE: a.c:2:'\n\techo '+int c;'\ndone\nexit 1\n";
    repo.commit_files("base", &[("devtools/checkpatches.sh", script), ("a.c", "int a;\n")]);
    repo.commit_files("further", &[("a.c", "int a;\nint c;\n")]);
    let range = "base..HEAD";
    let quiet = repo.cleave(&["lint", range]);
    assert!(
        quiet.stderr.contains("devtools/checkpatches.sh was not run") && !quiet.stdout.contains("checkpatch:LONG"),
        "{quiet:?}"
    );
    let asked = repo.cleave(&["lint", range, "--checkpatch"]);
    assert!(asked.stdout.contains("checkpatch:LONG: too long") && asked.stdout.contains("a.c:2: int c;"), "{asked:?}");
    assert_eq!(repo.cleave(&["lint", range]), asked);
    assert!(!repo.cleave(&["lint", range, "--no-checkpatch"]).stdout.contains("checkpatch:LONG"));
    // Another script is asked for anew.
    repo.commit_files("other", &[("devtools/checkpatches.sh", "exit 0\n")]);
    repo.commit_files("last", &[("b.c", "int b;\n")]);
    assert!(repo.cleave(&["lint", "HEAD~1..HEAD"]).stderr.contains("was not run"));
}

#[test]
fn mails_with_an_error_are_not_written() {
    let repo = of_git("mails_with_an_error_are_not_written");
    repo.git(&["reset", "-q", "--hard", "base"]);
    repo.write("a.c", "int a;\nint c;\n");
    repo.git(&["commit", "-q", "-a", "-m", "a: count further\n\nOne is not enough.\n"]);
    drop(repo.cleave(&["plan", "base..", "--name", "x"]).ok());
    let out = repo.dir.parent().unwrap().join("out");
    let mail = |option: &[&str]| repo.cleave(&[&["mail", "--name", "x", "-o", out.to_str().unwrap()], option].concat());
    let refused = mail(&[]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("signed-off-missing") && !out.exists(), "{refused:?}");
    assert!(refused.stderr.contains("hint: git cleave mail --signoff adds yours"), "{refused:?}");
    // What only looks, and what refuses, moves no branch.
    drop(repo.cleave(&["lint"]));
    assert_eq!(repo.git(&["for-each-ref", "refs/heads/cleave"]), "");
    let draft = mail(&["--draft"]);
    assert!(draft.code == Some(0) && draft.stderr.contains("signed-off-missing"), "{draft:?}");
    let silent = mail(&["--no-lint"]).stderr;
    let nobody = "warning: 1 of 1 mail would go to nobody, as '";
    assert!(silent.starts_with(nobody) && silent.contains("/out/top/*.patch, or a rule"), "{silent}");
}
