//! The mails of each series, taken by git.

use std::fs;

use crate::support::two_folders;

#[test]
fn git_am_gives_the_tip_again() {
    let repo = two_folders("git_am_gives_the_tip_again");
    repo.git(&["checkout", "-q", "-b", "work"]);
    drop(repo.cleave(&["plan", "base..tip", "--name", "x"]).ok());
    let out = repo.dir.parent().unwrap().join("out");
    let printed = repo.cleave(&["mail", "-o", out.to_str().unwrap()]).ok();
    assert!(printed.contains("--no-thread --no-to --no-cc --no-bcc") && printed.contains("\n  send "), "{printed}");
    let plan = repo.cleave(&["plan", "base..tip", "--name", "x", "--format", "json"]).ok();
    let plan: serde_json::Value = serde_json::from_str(&plan).unwrap();
    repo.git(&["checkout", "-q", "--detach", "base"]);
    for series in plan["series"].as_array().unwrap() {
        let folder = out.join(series["name"].as_str().unwrap());
        let mut mails: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        mails.sort();
        for mail in mails.iter().filter(|mail| !mail.to_string_lossy().contains("0000-cover-letter")) {
            repo.git(&["am", "-q", mail.to_str().unwrap()]);
        }
    }
    assert_eq!(repo.tree("HEAD"), repo.tree("tip"));
}

#[test]
fn each_patch_goes_to_its_own_people() {
    let repo = two_folders("each_patch_goes_to_its_own_people");
    drop(repo.cleave(&["plan", "base..tip", "--name", "x"]).ok());
    let out = repo.dir.parent().unwrap().join("out");
    drop(repo.cleave(&["mail", "-o", out.to_str().unwrap()]).ok());
    let mut seen = String::new();
    let mut folders: Vec<_> = fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    for folder in folders {
        let mut mails: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        mails.sort();
        for mail in mails {
            let text = fs::read_to_string(&mail).unwrap();
            let name = mail.strip_prefix(&out).unwrap().display().to_string();
            let people: Vec<&str> = text
                .lines()
                .take_while(|line| !line.is_empty())
                .filter(|line| line.contains('@') && !line.contains("git-cleave"))
                .collect();
            seen.push_str(&format!("{name}\n  {}\n", people.join("\n  ")));
        }
    }
    assert!(seen.contains("To: Fay File <fay@example.org>") && seen.contains("To: Ned Net <ned@example.org>"), "{seen}");
    for part in seen.split("\nfiles/").skip(1) {
        let own = part.split("\nnets/").next().unwrap();
        assert!(!own.contains("ned@example.org"), "{seen}");
    }
}

#[test]
fn a_message_that_git_am_would_cut_is_refused_before_anything_is_written() {
    let repo = two_folders("a_message_that_git_am_would_cut");
    let check = |body: &str, expected: &str| {
        repo.git(&["checkout", "-q", "-B", "work", "tip"]);
        repo.git(&["reset", "-q", "--soft", "base"]);
        repo.git(&["commit", "-q", "-m", &format!("fs, net: more\n\n{body}")]);
        drop(repo.cleave(&["plan", "base..work", "--name", "x", "-n", "1"]).ok());
        let refused = repo.cleave(&["split", "--name", "x"]);
        assert_eq!(refused.code, Some(1), "{refused:?}");
        assert!(refused.stderr.contains(expected) && refused.stderr.contains("hint: git cleave edit"), "{}", refused.stderr);
        assert_eq!(repo.git(&["for-each-ref", "refs/heads/cleave"]), "");
        let mails = repo.cleave(&["mail", "--name", "x", "-o", repo.dir.join("out").to_str().unwrap()]);
        assert!(mails.code == Some(1) && mails.stderr.contains(expected) && !repo.dir.join("out").exists(), "{mails:?}");
    };
    check(
        "Why.\n\n---\n--- a/fs/a.c\n+++ b/fs/a.c\n@@ -1 +1 @@\n-x\n+y\n",
        "takes line 5 of its message, '---', for the end of the message",
    );
    check("The log:\ndiff --git a/x b/x\n", "takes line 4 of its message, 'diff --git a/x b/x', for the beginning of the diff");
    check("From: A <a@example.org>\n", "takes line 3 of its message, 'From: A <a@example.org>', for the author");
}

#[test]
fn everybody_in_a_trailer_is_told() {
    let repo = two_folders("everybody_in_a_trailer_is_told");
    repo.git(&["checkout", "-q", "-b", "work", "tip"]);
    repo.git(&["reset", "-q", "--soft", "base"]);
    let message = "fs, net: more\n\nWhy.\n\nReported-by: \"Roe, R.\" <roe@example.org>\n\
                   Cc: One <one@example.org>, two@example.org, \"Three, T.\" <three@example.org> # 5.10\nSigned-off-by: Ann Author <ann@example.org>\n";
    repo.git(&["commit", "-q", "-m", message]);
    drop(repo.cleave(&["plan", "base..work", "--name", "x", "-n", "1", "--coarser", "--coarser", "--coarser"]).ok());
    let out = repo.dir.parent().unwrap().join("out");
    let made = repo.cleave(&["mail", "--name", "x", "-o", out.to_str().unwrap(), "--format", "json"]).ok();
    for address in [
        "\"\\\"Roe, R.\\\" <roe@example.org>\"",
        "\"One <one@example.org>\"",
        "\"two@example.org\"",
        "\"\\\"Three, T.\\\" <three@example.org>\"",
    ] {
        assert!(made.contains(address), "{address}: {made}");
    }
}

#[test]
fn branches_for_b4_hold_the_series_below_a_cover_and_nothing_else_moves() {
    let repo = two_folders("branches_for_b4_hold_the_series");
    repo.git(&["checkout", "-q", "-b", "work"]);
    repo.git(&["commit", "-q", "--amend", "-m", "fs, net: more\n\nThere was too little.\n"]);
    drop(repo.cleave(&["plan", "base..work", "--name", "x"]).ok());
    drop(repo.cleave(&["split"]).ok());
    let before = (repo.snapshot(), repo.git(&["for-each-ref", "refs/heads/cleave"]));
    let printed = repo.cleave(&["mail", "--b4"]).ok();
    let ours = repo.git(&["for-each-ref", "--format=%(refname:lstrip=4)", "refs/heads/cleave/x/b4/"]);
    let ours: Vec<&str> = ours.lines().collect();
    assert_eq!(ours, ["b4/files", "b4/nets"]);
    for series in ["files", "nets"] {
        assert!(printed.contains(&format!("cleave/x/b4/{series}")), "{printed}");
        let shown = |branch: &str| repo.git(&["log", "--reverse", "--format=%T %an %at %cn %ct%n%B", &format!("base..{branch}")]);
        let theirs = shown(&format!("cleave/x/b4/{series}"));
        let cover = repo.git(&[
            "log",
            "-1",
            "--reverse",
            "--format=%T %an %cn%n%B",
            "--grep=b4-submit-tracking",
            &format!("cleave/x/b4/{series}"),
        ]);
        assert!(cover.starts_with(&format!("{} Ann Author Ann Author\n", repo.tree("base"))), "{cover}");
        assert!(cover.contains(&format!("\nTo: {} <", if series == "files" { "Fay File" } else { "Ned Net" })), "{cover}");
        assert!(theirs.ends_with(&shown(&format!("cleave/x/{series}"))), "{theirs}");
    }
    repo.git(&["update-ref", "-d", "refs/heads/cleave/x/b4/files"]);
    repo.git(&["update-ref", "-d", "refs/heads/cleave/x/b4/nets"]);
    assert_eq!(before, (repo.snapshot(), repo.git(&["for-each-ref", "refs/heads/cleave"])));
    drop(repo.cleave(&["mail", "--b4"]).ok());
    // What b4's user makes of a branch stays, and splitting again does not care.
    let edited = repo.git(&["commit-tree", &repo.tree("work"), "-p", "cleave/x/b4/nets", "-m", "edited"]);
    repo.git(&["update-ref", "refs/heads/cleave/x/b4/nets", &edited]);
    drop(repo.cleave(&["split"]).ok());
    let refused = repo.cleave(&["mail", "--b4"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("branch 'cleave/x/b4/nets' is not what git-cleave last wrote"), "{refused:?}");
    assert_eq!(repo.git(&["rev-parse", "cleave/x/b4/nets"]), edited);
    drop(repo.cleave(&["mail", "--b4", "--force"]).ok());
    assert_ne!(repo.git(&["rev-parse", "cleave/x/b4/nets"]), edited);
    assert!(repo.git(&["for-each-ref", "--format=%(objectname)", "refs/cleave/backup/x/b4/"]).contains(&edited));
    drop(repo.cleave(&["drop", "x"]).ok());
    assert_eq!(repo.git(&["for-each-ref", "refs/heads/cleave"]), "");
}
