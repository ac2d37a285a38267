//! A branch's own commits count: their cut, their messages, their authors.

use crate::support::TestRepo;

#[test]
fn commits_that_fit_keep_message_author_and_trailers() {
    let repo = TestRepo::new("commits_that_fit_keep_message_author_and_trailers");
    let body = |n: i32| format!("int a(void)\n{{\n\treturn {n};\n}}\n");
    repo.commit_files("base", &[("fs/a.c", &body(1)), ("net/b.c", &body(2).replace("a(void)", "b(void)"))]);
    repo.write("fs/a.c", body(10));
    let message =
        "fs: ten is better\n\nBecause it is.\n\nFixes: 123456789012 (\"fs: one\")\nSigned-off-by: Fay File <fay@example.org>\n";
    repo.git(&["commit", "-q", "-a", "-m", message, "--author", "Fay File <fay@example.org>"]);
    repo.write("net/b.c", body(20).replace("a(void)", "b(void)"));
    repo.git(&[
        "commit",
        "-q",
        "-a",
        "-m",
        "net: so is twenty\n\nSigned-off-by: Ned Net <ned@example.org>\nReviewed-by: Rae <rae@example.org>\n",
        "--author",
        "Ned Net <ned@example.org>",
    ]);
    repo.git(&["tag", "tip"]);
    repo.cut(&["base..tip"], "tip");
    let log = repo.git(&["log", "--format=%an|%B", "cleave/x/all"]);
    assert!(log.contains(&format!("Fay File|{message}")), "{log}");
    assert!(
        log.contains("Ned Net|net: so is twenty\n\nSigned-off-by: Ned Net <ned@example.org>\nReviewed-by: Rae <rae@example.org>"),
        "{log}"
    );
}

#[test]
fn a_commit_that_is_cut_loses_its_reviews_and_keeps_its_sign_off() {
    let repo = TestRepo::new("a_commit_that_is_cut_loses_its_reviews_and_keeps_its_sign_off");
    repo.commit_files("base", &[("fs/a.c", "int a;\n"), ("net/b.c", "long b;\n")]);
    repo.write("fs/a.c", "int a;\n\nint fresh(void)\n{\n\treturn 1;\n}\n");
    repo.write("net/b.c", "long b;\n\nstatic char *other = \"x\";\n\nchar *get(void)\n{\n\treturn other;\n}\n");
    repo.git(&[
        "commit",
        "-q",
        "-a",
        "-m",
        "both at once\n\nSigned-off-by: Ann Author <ann@example.org>\nReviewed-by: Rae <rae@example.org>\n",
    ]);
    repo.git(&["tag", "tip"]);
    let plan = repo.cleave(&["plan", "base..tip", "--name", "x", "-n", "2"]).ok();
    assert!(plan.contains("'Reviewed-by: Rae <rae@example.org>' was given for a commit that is cut here"), "{plan}");
    drop(repo.cleave(&["split"]).ok());
    let log = repo.git(&["log", "--format=%B", "base..cleave/x/all"]);
    assert_eq!(log.matches("Signed-off-by: Ann Author <ann@example.org>").count(), 2, "{log}");
    assert!(!log.contains("Reviewed-by") && !log.contains("both at once"), "{log}");
}

#[test]
fn a_note_among_the_trailers_of_a_commit_that_is_cut_hides_none() {
    let repo = TestRepo::new("a_note_among_the_trailers_of_a_commit_that_is_cut_hides_none");
    repo.commit_files("base", &[("fs/a.c", "int a;\n"), ("net/b.c", "long b;\n")]);
    repo.write("fs/a.c", "int a;\n\nint fresh(void)\n{\n\treturn 1;\n}\n");
    repo.write("net/b.c", "long b;\n\nstatic char *other = \"x\";\n\nchar *get(void)\n{\n\treturn other;\n}\n");
    let signed = "Signed-off-by: Ann Author <ann@example.org>\n[bob@example.org: typo]\nSigned-off-by: Bob <bob@example.org>\n";
    let cause = "Bugzilla ID: 12\nFixes: 123456789012 (\"fs: one\")\nCc: stable@example.org\n";
    repo.git(&["commit", "-q", "-a", "-m", &format!("both at once\n\nA word.\n\n{cause}{signed}")]);
    repo.git(&["tag", "tip"]);
    repo.cut(&["base..tip", "-n", "2"], "tip");
    let log = repo.git(&["log", "--format=%B---", "base..cleave/x/all"]);
    assert_eq!(log.matches(&format!("\n{signed}")).count(), 2, "{log}");
    assert_eq!(log.matches(&format!("\n\n{cause}{signed}")).count(), 1, "{log}");
}

#[test]
fn odd_histories_are_read() {
    let repo = TestRepo::new("odd_histories_are_read");
    repo.commit_files("root", &[("fs/a.c", "int a;\nint gone;\n"), ("net/b.c", "long b;\nlong gone;\n")]);
    // The base comes in by a merge: it is not on the first-parent line to the tip.
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.commit_files("base", &[("side.c", "int side;\n")]);
    repo.git(&["checkout", "-q", "main"]);
    repo.write("fs/a.c", "int a;\n");
    repo.git(&["commit", "-q", "-a", "-m", "fs: a byte of no meaning \u{1e} and on\n\nand \u{1e}\u{1e} again"]);
    repo.git(&["merge", "-q", "--no-ff", "-m", "merge", "side"]);
    repo.write("net/b.c", "long b;\n");
    repo.git(&["commit", "-q", "-a", "-m", "net: less"]);
    repo.git(&["tag", "tip"]);
    repo.git(&["config", "blame.ignoreRevsFile", "not-there"]);
    repo.cut(&["base..tip", "-n", "2"], "tip");
    let log = repo.git(&["log", "--format=%s", "base..cleave/x/all"]);
    assert!(log.contains("net: less") && log.contains("fs: a byte of no meaning \u{1e} and on"), "{log}");
}

#[test]
fn trailers_go_where_their_reason_goes() {
    let repo = TestRepo::new("trailers_go_where_their_reason_goes");
    let body = |n: i32, m: i32| format!("int a(void)\n{{\n\tint x = {n};\n\n\treturn x + {m};\n}}\n");
    repo.commit_files("base", &[("fs/a.c", &body(1, 1)), ("net/b.c", "int b(void)\n{\n\treturn 1;\n}\n")]);
    // One commit fixes, documents and adds; another goes on in its lines.
    repo.write("fs/a.c", body(2, 1));
    repo.write(
        "doc/new.txt",
        "What all of this is about,\nin more lines than the fix has,\nso that lines alone would choose it.\n",
    );
    let first = "fs: fix and document\n\nFixes: 123456789012 (\"fs: one\")\nCc: stable@vger.kernel.org\n\
                 BugLink: https://bugs.example.org/7\nReported-and-tested-by: Rob <rob@example.org>\n\
                 Reviewed-by: Rae <rae@example.org>\nSigned-off-by: Fay File <fay@example.org>\n";
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "-m", first, "--author", "Fay File <fay@example.org>"]);
    repo.write("fs/a.c", body(2, 2));
    let second = "fs: and more\n\nSigned-off-by: Ned Net <ned@example.org>\nSigned-off-by: Maint <m@example.org>\n";
    repo.git(&["commit", "-q", "-a", "-m", second, "--author", "Ned Net <ned@example.org>"]);
    repo.write("net/b.c", "int b(void)\n{\n\treturn 2;\n}\n");
    repo.git(&["commit", "-q", "-a", "-m", "net: unsigned", "--author", "No Body <no@example.org>"]);
    repo.git(&["tag", "tip"]);
    drop(repo.cleave(&["plan", "base..tip", "--name", "x", "--finer", "--finer", "--finer"]).ok());
    let todo = repo.cleave(&["edit", "--print"]).ok();
    let fixes = todo.split("\npick ").filter(|pick| pick.contains("Fixes: 123456789012"));
    let fixes: Vec<&str> = fixes.collect();
    assert_eq!(fixes.len(), 1, "{todo}");
    assert!(fixes[0].contains("fs/a.c") && fixes[0].contains("Cc: stable@vger.kernel.org"), "{todo}");
    assert!(
        fixes[0].contains("BugLink: https://bugs.example.org/7") && fixes[0].contains("Reported-and-tested-by: Rob"),
        "{todo}"
    );
    assert!(!todo.contains("Reviewed-by"), "{todo}");
    // All in one: the others are named where they signed.
    drop(repo.cleave(&["plan", "base..tip", "--name", "x", "-n", "1", "--coarser", "--coarser", "--coarser"]).ok());
    drop(repo.cleave(&["split", "--force"]).ok());
    let log = repo.git(&["log", "--format=%an%n%B", "base..cleave/x/all"]);
    assert!(!log.contains("No Body <no@"), "who did not sign is not named: {log}");
    let pair = "Co-developed-by: Ned Net <ned@example.org>\nSigned-off-by: Ned Net <ned@example.org>\n";
    assert_eq!(log.matches(pair).count(), 1, "{log}");
}

#[test]
fn a_sign_off_is_added_once_and_for_one_call() {
    let repo = crate::support::two_folders("a_sign_off_is_added_once_and_for_one_call");
    drop(repo.cleave(&["plan", "base..tip", "--name", "x"]).ok());
    let own = "Signed-off-by: Cy Committer <cy@example.org>";
    let counts = || -> Vec<usize> {
        let log = repo.git(&["log", "--format=%x00%B", "base..cleave/x/all"]);
        log.split('\0').skip(1).map(|message| message.matches(own).count()).collect()
    };
    drop(repo.cleave(&["split"]).ok());
    assert!(counts().iter().all(|n| *n == 0));
    for words in [&["split", "--signoff"][..], &["split", "-s"]] {
        drop(repo.cleave(words).ok());
        assert!(counts().iter().all(|n| *n == 1), "{words:?}: {:?}", counts());
    }
    let log = repo.git(&["log", "-1", "--format=%B", "cleave/x/all"]);
    assert!(log.trim_end().ends_with(own), "{log}");
    drop(repo.cleave(&["split"]).ok());
    assert!(counts().iter().all(|n| *n == 0));
}

#[test]
fn who_looked_at_another_patch_is_not_named() {
    let repo = TestRepo::new("who_looked_at_another_patch_is_not_named");
    let lines = |first: u32, last: u32| format!("one {first}\ntwo\nthree {last}\n");
    repo.commit_files("base", &[("doc", &lines(1, 1)), ("fs/a.c", "int a;\n")]);
    // The second was looked at with the first below its context; the first with the base there.
    for (first, last, who) in [(2, 1, "First"), (2, 2, "Second")] {
        repo.write("doc", lines(first, last));
        let message = format!("doc: {who}\n\nReviewed-by: {who} <r@example.org>\nSigned-off-by: A <a@example.org>\n");
        repo.git(&["commit", "-q", "-a", "-m", &message]);
    }
    repo.git(&["tag", "tip"]);
    drop(repo.cleave(&["plan", "base..tip", "--name", "x", "--finer", "--finer", "--finer"]).ok());
    drop(repo.cleave(&["split"]).ok());
    // Whoever is named has a commit on both branches whose patch is the same.
    let ids = |range: &str, who: &str| {
        let log = repo.git(&["log", "-p", "--full-index", &format!("--grep=Reviewed-by: {who}"), range]);
        log.lines()
            .filter(|line| line.starts_with(['+', '-', ' ']) && !line.starts_with("    "))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    for who in ["First", "Second"] {
        let ours = ids("base..cleave/x/all", who);
        assert!(ours.is_empty() || ours == ids("base..tip", who), "{who}: {ours:?}");
    }
}
