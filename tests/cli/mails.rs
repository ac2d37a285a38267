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
    assert!(printed.contains("git send-email --no-thread --no-to --no-cc --no-bcc"), "{printed}");
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
