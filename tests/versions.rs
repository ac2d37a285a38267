//! What people say of a change and what was posted of it, from the outside.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by failing")]

mod support;

use std::fs;
use std::path::PathBuf;

use support::{Output, TestRepo};

/// A branch of two commits without a word on the whole: a series of two patches each for two homes.
fn two_series(name: &str) -> TestRepo {
    let repo = TestRepo::new(name);
    let maintainers = "FILES\nM:\tFay File <fay@example.org>\nF:\tfs/\n\nNETS\nM:\tNed Net <ned@example.org>\nF:\tnet/\n";
    let plain = "int a(void)\n{\n\treturn 1;\n}\n";
    let other = "int o(void)\n{\n\treturn 1;\n}\n";
    repo.commit_files(
        "base",
        &[("MAINTAINERS", maintainers), ("fs/a.c", plain), ("fs/b.c", other), ("net/a.c", plain), ("net/b.c", other)],
    );
    for (path, name, value) in [("fs/a.c", "a", 10), ("fs/b.c", "o", 20), ("net/a.c", "a", 30), ("net/b.c", "o", 40)] {
        let folder = path.split('/').next().unwrap();
        repo.write(path, format!("int {name}(void)\n{{\n\treturn {value};\n}}\n"));
        let subject = format!("{folder}: return {value} from {name}()");
        repo.git(&["commit", "-q", "-a", "-m", &subject, "-m", "It is more."]);
    }
    repo.git(&["tag", "tip"]);
    drop(repo.cleave(&["plan", "base..tip", "--name", "x", "--finer", "--finer"]).ok());
    repo
}

fn beside(repo: &TestRepo, name: &str) -> PathBuf {
    repo.dir.parent().unwrap().join(name)
}

/// Writes the mails to `out`.
fn mail(repo: &TestRepo, words: &[&str]) -> Output {
    let out = beside(repo, "out");
    let mut all = vec!["mail", "-o", out.to_str().unwrap()];
    all.extend(words);
    repo.cleave(&all)
}

/// Gives the todo to `edit`.
fn edit(repo: &TestRepo, words: &[&str], todo: &str) -> Output {
    let path = beside(repo, "todo");
    fs::write(&path, todo).unwrap();
    let mut all = vec!["edit"];
    all.extend(words);
    all.extend(["--file", path.to_str().unwrap()]);
    repo.cleave(&all)
}

/// Says why, so that mails can be written.
fn say_why(repo: &TestRepo) {
    drop(edit(repo, &["--cover"], "blurb\n| Because more is better.\n").ok());
}

/// The mails in `out` by folder and name.
fn mails(repo: &TestRepo) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let out = beside(repo, "out");
    for folder in fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().path()) {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let name = path.strip_prefix(&out).unwrap().display().to_string();
            found.push((name, String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned()));
        }
    }
    found.sort();
    found
}

fn cover(repo: &TestRepo, series: &str) -> String {
    let is_cover = |name: &str| name.starts_with(&format!("{series}/")) && name.contains("0000-cover-letter");
    mails(repo).into_iter().find(|(name, _)| is_cover(name)).unwrap().1
}

#[test]
fn a_cover_in_which_nobody_says_why_is_not_mailed() {
    let repo = two_series("a_cover_in_which_nobody_says_why_is_not_mailed");
    let refused = mail(&repo, &[]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert_eq!(
        refused.stderr,
        "error: nobody says why: the cover letter of 'files', 'nets' has no text\n\
         hint: git cleave edit --cover, or --draft to see the mails without\n"
    );
    assert!(!beside(&repo, "out").exists());
    drop(mail(&repo, &["--draft"]).ok());
    let draft = cover(&repo, "files");
    assert!(draft.contains("Subject: [PATCH 0/2] *** SUBJECT HERE *** "), "{draft}");
    assert!(draft.contains("\n\n*** BLURB HERE ***\n\n"), "{draft}");
    // One series says it for itself; the other is still silent.
    drop(edit(&repo, &["--cover"], "series nets\ncover nets: more\n| Nets need it.\n").ok());
    assert!(mail(&repo, &[]).stderr.contains("the cover letter of 'files' has no text"));
    say_why(&repo);
    drop(mail(&repo, &[]).ok());
    assert!(cover(&repo, "files").contains("\n\nBecause more is better.\n\n"));
    let nets = cover(&repo, "nets");
    assert!(nets.contains("Subject: [PATCH 0/2] nets: more\n"), "{nets}");
    assert!(nets.contains("\n\nBecause more is better.\n\nNets need it.\n\n"), "{nets}");
}

#[test]
fn the_description_of_the_branch_is_the_blurb() {
    let repo = two_series("the_description_of_the_branch_is_the_blurb");
    repo.git(&["config", "branch.main.description", "The whole of it.\n\nIn two parts.\n"]);
    drop(repo.cleave(&["plan", "base..main", "--name", "y"]).ok());
    let todo = repo.cleave(&["edit", "--name", "y", "--print"]).ok();
    assert!(todo.starts_with("blurb\n| The whole of it.\n|\n| In two parts.\n\n"), "{todo}");
}

#[test]
fn what_a_person_wrote_is_kept_when_the_plan_is_made_anew() {
    let repo = two_series("what_a_person_wrote_is_kept_when_the_plan_is_made_anew");
    let todo = repo.cleave(&["edit", "--print"]).ok();
    let pick = todo.lines().find(|line| line.contains("return 30 from a()")).unwrap();
    let reworded = pick.replace("return 30 from a()", "let a() return 30");
    drop(edit(&repo, &[], &todo.replace(pick, &format!("{reworded}\n| Said by hand.\n|\n| Reported-by: R <r@x.org>\n|"))).ok());
    drop(edit(&repo, &["--cover", "nets"], "series nets\ncover nets: by hand\n| Text by hand.\n").ok());
    say_why(&repo);
    let plan = || fs::read_to_string(repo.dir.join(".git/cleave/plans/x/plan.toml")).unwrap();
    let before = plan();
    assert!(before.contains("Reported-by: R <r@x.org>"), "{before}");
    drop(repo.cleave(&["plan", "base..tip", "--name", "x", "--finer", "--finer"]).ok());
    assert_eq!(plan(), before, "the same change, cut in the same way");
    drop(repo.cleave(&["plan", "base..tip", "--name", "x", "--coarser", "--coarser", "--coarser", "-n", "2"]));
    let coarse = plan();
    assert!(coarse.contains("Because more is better.") && coarse.contains("Text by hand."), "{coarse}");
    // A tip that goes on: the patch keeps its words, the change id its day.
    repo.write("fs/c.c", "int c;\n");
    repo.commit("further");
    drop(repo.cleave(&["plan", "base..further", "--name", "x", "--finer", "--finer"]).ok());
    let further = plan();
    for kept in ["nets: by hand", "Because more is better.", "change_id = \"20231114-x-nets-"] {
        assert!(further.contains(kept), "{kept}: {further}");
    }
    // Whatever nobody wrote is made from the change.
    assert_eq!(further.matches("cover_body").count(), 3, "of the two series, and by hand of one of them: {further}");
}

#[test]
fn what_stands_for_a_text_is_not_a_text() {
    let repo = two_series("what_stands_for_a_text_is_not_a_text");
    let todo = repo.cleave(&["edit", "--cover", "--print"]).ok();
    assert!(todo.starts_with("blurb\n| *** BLURB HERE ***\n\nseries files\ncover "), "{todo}");
    drop(edit(&repo, &["--cover"], &todo).ok());
    assert!(mail(&repo, &[]).stderr.contains("nobody says why"));
    let left_in = edit(&repo, &["--cover"], "blurb\n| Why.\n| *** BLURB HERE ***\n");
    assert_eq!(left_in.code, Some(1));
    assert!(left_in.stderr.starts_with("error: line 1: the text still holds what stands for it"), "{left_in:?}");
    let unknown = edit(&repo, &["--cover"], "series none\ncover x\n");
    assert!(unknown.stderr.starts_with("error: line 1: there is no series 'none'"), "{unknown:?}");
    assert_eq!(edit(&repo, &["--cover", "none"], "").code, Some(2));
}
