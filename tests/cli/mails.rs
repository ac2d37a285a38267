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
