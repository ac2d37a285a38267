//! A plan made again: from where it was made, with all that people wrote, or with a word.

use std::fs;

use crate::support::{Output, TestRepo};

/// A branch `feat` with a commit for each of these files, each with a body.
fn branch(name: &str, files: &[&str]) -> TestRepo {
    let repo = TestRepo::new(name);
    let texts: Vec<(String, String)> = files.iter().map(|file| (format!("{file}.c"), text(file, 1))).collect();
    let texts: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    repo.commit_files("base", &texts);
    repo.git(&["checkout", "-q", "-b", "feat"]);
    files.iter().for_each(|file| commit(&repo, file, 2, file));
    repo
}

fn text(file: &str, n: u32) -> String {
    format!("int {file}(void)\n{{\n\treturn {n};\n}}\n")
}

fn commit(repo: &TestRepo, file: &str, n: u32, subject: &str) {
    repo.write(&format!("{file}.c"), text(file, n));
    repo.git(&["commit", "-q", "-a", "-m", &format!("{file}: say {subject}\n\nBody of {subject}.")]);
}

fn edit(repo: &TestRepo, change: impl Fn(&str) -> String) {
    let path = repo.dir.parent().unwrap().join("todo");
    fs::write(&path, change(&repo.cleave(&["edit", "--print"]).ok())).unwrap();
    drop(repo.cleave(&["edit", "--file", path.to_str().unwrap()]).ok());
}

fn todo(repo: &TestRepo) -> String {
    repo.cleave(&["edit", "--print"]).ok()
}

#[track_caller]
fn refused(output: &Output, said: &[&str]) {
    assert!(output.code == Some(1) && said.iter().all(|said| output.stderr.contains(said)), "{said:?}: {output:?}");
}

fn picture(repo: &TestRepo) -> Vec<String> {
    let todo = todo(repo);
    let picks = todo.lines().filter_map(|line| line.strip_prefix("pick "));
    picks.map(|pick| pick.split_once(' ').unwrap().1.to_owned()).collect()
}

#[test]
fn a_plan_without_a_range_stands_on_its_own_base() {
    let repo = branch("a_plan_without_a_range_stands_on_its_own_base", &["one", "two"]);
    // An upstream that has the first commits already says nothing of the base.
    repo.git(&["config", "branch.feat.remote", "."]);
    repo.git(&["config", "branch.feat.merge", "refs/heads/pushed"]);
    repo.git(&["branch", "-q", "pushed"]);
    drop(repo.cleave(&["plan", "base.."]).ok());
    edit(&repo, |todo| todo.replace("| Body of one.", "| BY HAND"));
    commit(&repo, "two", 3, "three");
    let warned = repo.cleave(&["show"]);
    assert!(warned.stderr.contains("git cleave plan takes it in"), "{warned:?}");
    for words in [&["plan"][..], &["plan", "--name", "feat"], &["plan", "feat"]] {
        let planned = repo.cleave(words);
        assert!(planned.stdout.contains("2 files") && planned.stderr.contains("from the base of the plan"), "{planned:?}");
        assert!(todo(&repo).contains("| BY HAND"));
        assert_eq!(repo.cleave(&["show"]).stderr, "");
    }
    // From another branch the hint names it.
    commit(&repo, "two", 4, "four");
    repo.git(&["checkout", "-q", "main"]);
    let warned = repo.cleave(&["show", "--name", "feat"]);
    assert!(warned.stderr.contains("git cleave plan --name feat takes it in"), "{warned:?}");
    drop(repo.cleave(&["plan", "--name", "feat"]).ok());
    assert_eq!(repo.cleave(&["show", "feat"]).stderr, "");
}

#[test]
fn a_branch_that_was_rebased_stands_on_its_upstream() {
    let repo = branch("a_branch_that_was_rebased_stands_on_its_upstream", &["one", "two"]);
    drop(repo.cleave(&["plan", "base.."]).ok());
    repo.git(&["checkout", "-q", "main"]);
    repo.commit_files("newer", &[("other.c", "int other;\n")]);
    repo.git(&["checkout", "-q", "feat"]);
    repo.git(&["branch", "-q", "--set-upstream-to=main"]);
    repo.git(&["rebase", "-q", "main"]);
    let planned = repo.cleave(&["plan"]).ok();
    assert!(planned.contains("2 files, 2 patches"), "{planned}");
}

#[test]
fn a_range_that_does_not_hold_what_people_made_is_refused() {
    let repo = branch("a_range_that_does_not_hold_what_people_made", &["one", "two", "three"]);
    drop(repo.cleave(&["plan", "base.."]).ok());
    edit(&repo, |todo| todo.replace("| Body of one.", "| BY HAND"));
    let before = todo(&repo);
    refused(&repo.cleave(&["plan", "feat~2.."]), &["would lose what was written of", "one: say one", "--fresh"]);
    assert_eq!(todo(&repo), before, "nothing changes");
    assert!(repo.cleave(&["plan", "base.."]).code == Some(0) && todo(&repo) == before);
    let forced = repo.cleave(&["plan", "feat~2..", "--force"]);
    assert!(forced.code == Some(0) && forced.stderr.contains("fits no patch any more: one: say one"), "{forced:?}");
    drop(repo.cleave(&["undo"]).ok());
    let fresh = repo.cleave(&["plan", "base..", "--fresh"]);
    assert!(fresh.stderr.contains("fits no patch any more: one: say one"), "{fresh:?}");
    drop(repo.cleave(&["undo"]).ok());
    assert_eq!(todo(&repo), before);
    // What was arranged.
    drop(repo.cleave(&["plan", "base..", "--fresh"]).ok());
    edit(&repo, |todo| {
        let (at, end) = (todo.rfind("\npick ").unwrap() + 1, todo.find("# Commands").unwrap());
        let first = todo.find("pick ").unwrap();
        format!("{}{}{}", &todo[..first], &todo[at..end], &todo[first..at])
    });
    refused(&repo.cleave(&["plan", "base..feat~2", "--name", "feat"]), &["was arranged by hand", "--fresh", "--force"]);
    assert_eq!(picture(&repo)[0], "three: say three");
    // An amended commit is still the same patch.
    repo.write("one.c", text("one", 5));
    repo.git(&["commit", "-q", "-a", "--fixup", "HEAD~2"]);
    drop(repo.cleave(&["plan"]).ok());
}

#[test]
fn a_message_follows_its_patch_where_the_lines_are_others() {
    let repo = branch("a_message_follows_its_patch_where_lines_are_others", &["one", "two"]);
    drop(repo.cleave(&["plan", "base.."]).ok());
    edit(&repo, |todo| todo.replace("| Body of two.", "| BY HAND"));
    repo.write("two.c", text("two", 7));
    repo.git(&["commit", "-q", "-a", "--amend", "-m", "two: say seven"]);
    drop(repo.cleave(&["plan"]).ok());
    assert!(todo(&repo).contains("| BY HAND"));
}

#[test]
fn a_message_does_not_go_to_another_range() {
    let repo = branch("a_message_does_not_go_to_another_range", &["one", "two"]);
    commit(&repo, "one", 9, "nine");
    drop(repo.cleave(&["plan", "base..feat~1", "--name", "feat"]).ok());
    edit(&repo, |todo| todo.replace("| Body of one.", "| BY HAND"));
    // The last commit changes the same function, and is no other form of the first.
    refused(&repo.cleave(&["plan", "feat~1.."]), &["would lose what was written of", "one: say one"]);
    assert!(todo(&repo).contains("| BY HAND"));
}

#[test]
fn the_subject_of_a_commit_stays_where_edits_were_moved() {
    let repo = TestRepo::new("the_subject_of_a_commit_stays_where_edits_were_moved");
    let text = |n: u32| (0..3).map(|f| format!("int f{f}(void)\n{{\n\treturn {n};\n}}\n\n\n\n")).collect::<String>();
    repo.commit_files("base", &[("a.c", &text(1)), ("b.c", "int b;\n")]);
    repo.write("a.c", text(2));
    repo.git(&["commit", "-q", "-a", "-m", "a: as Ann says\n\nWhy Ann says it."]);
    repo.write("b.c", "long b;\n");
    repo.git(&["commit", "-q", "-a", "-m", "b: as Bob says\n\nWhy Bob says it."]);
    drop(repo.cleave(&["plan", "base.."]).ok());
    edit(&repo, |todo| {
        let moved: String =
            todo.lines().filter(|line| line.contains("#f0@") || line.contains("#f1@")).map(|line| format!("{line}\n")).collect();
        let rest: String =
            todo.lines().filter(|line| !moved.contains(line.trim()) || line.is_empty()).map(|line| format!("{line}\n")).collect();
        rest.replace("# Commands:", &format!("pick new a: most of it\n{moved}\n# Commands:"))
    });
    let subjects = ["a: as Ann says", "b: as Bob says", "a: most of it"];
    assert_eq!(picture(&repo), subjects);
    drop(repo.cleave(&["plan"]).ok());
    assert_eq!(picture(&repo), subjects);
    assert!(todo(&repo).contains("| Why Ann says it."));
}

#[test]
fn messages_of_commits_that_no_patch_has_are_named() {
    let repo = branch("messages_of_commits_that_no_patch_has_are_named", &["one", "two"]);
    commit(&repo, "one", 9, "nine");
    let planned = repo.cleave(&["plan", "base.."]);
    let first = repo.git(&["rev-parse", "--short=12", "feat~2"]);
    let last = repo.git(&["rev-parse", "--short=12", "feat"]);
    let todo = todo(&repo);
    for (id, subject) in [(first, "one"), (last, "nine")] {
        let is_named = planned.stderr.contains(&format!("no patch has the message of commit {id}: one: say {subject}\n"));
        assert!(is_named != todo.contains(&format!("| Body of {subject}.")), "{subject}: {planned:?} {todo}");
    }
    assert!(!planned.stderr.contains("two: say two"), "{planned:?}");
}

#[test]
fn messages_that_were_squashed_are_in_a_patch() {
    let repo = branch("messages_that_were_squashed_are_in_a_patch", &["one", "two"]);
    drop(repo.cleave(&["plan", "base.."]).ok());
    edit(&repo, |todo| todo.replacen("pick say-two", "squash say-two", 1).replacen("pick two", "squash two", 1));
    assert_eq!(picture(&repo).len(), 1, "{}", todo(&repo));
    commit(&repo, "two", 3, "three");
    let planned = repo.cleave(&["plan"]);
    let unsaid: Vec<&str> = planned.stderr.lines().filter(|line| line.starts_with("no patch has the message")).collect();
    assert!(matches!(unsaid.as_slice(), [one] if one.ends_with("two: say three")), "{planned:?}");
}

#[test]
fn the_order_of_the_author_holds_when_the_range_grows() {
    let repo = branch("the_order_of_the_author_holds_when_the_range_grows", &["f1", "f2", "f3", "z"]);
    drop(repo.cleave(&["plan", "feat~2.."]).ok());
    drop(repo.cleave(&["plan", "base.."]).ok());
    assert_eq!(picture(&repo), ["f1: say f1", "f2: say f2", "f3: say f3", "z: say z"]);
}

#[test]
fn what_is_not_committed_has_a_plan_of_its_own() {
    let repo = branch("what_is_not_committed_has_a_plan_of_its_own", &["one", "two"]);
    drop(repo.cleave(&["plan", "base.."]).ok());
    edit(&repo, |todo| todo.replace("| Body of one.", "| BY HAND"));
    let before = todo(&repo);
    repo.write("one.c", text("one", 8));
    let dirty = repo.cleave(&["plan", "base.."]);
    assert!(dirty.stderr.contains("what is not committed (1 file) is left out"), "{dirty:?}");
    assert!(repo.cleave(&["plan", "--worktree"]).ok().starts_with("feat-worktree "));
    assert_eq!(todo(&repo), before);
    let diff = repo.dir.parent().unwrap().join("feat.diff");
    fs::write(&diff, repo.git(&["diff"]) + "\n").unwrap();
    for words in [&["--worktree", "--name", "feat"][..], &["--diff", diff.to_str().unwrap()]] {
        refused(&repo.cleave(&[&["plan"], words].concat()), &["'feat' is the plan of the branch 'feat'", "--name feat-2"]);
    }
    assert_eq!(todo(&repo), before);
    drop(repo.cleave(&["plan", "--worktree", "--name", "feat-worktree"]).ok());
    drop(repo.cleave(&["plan", "--name", "feat-worktree"]).ok());
}

#[test]
fn a_commit_at_the_end_of_the_branch_is_the_branch() {
    let repo = branch("a_commit_at_the_end_of_the_branch_is_the_branch", &["one", "two"]);
    let id = repo.git(&["rev-parse", "--short=12", "HEAD"]);
    for range in [format!("{id}^!"), format!("base..{id}")] {
        assert!(repo.cleave(&["plan", &range]).ok().starts_with("feat "));
    }
    let older = repo.git(&["rev-parse", "--short=12", "HEAD~1"]);
    assert!(repo.cleave(&["plan", &format!("{older}^!")]).ok().starts_with(&older));
    repo.git(&["checkout", "-q", "--detach"]);
    let several = repo.cleave(&["split", "--force"]);
    let hint = format!("hint: git cleave split --name {} --force\n", [older.as_str(), "feat"].into_iter().min().unwrap());
    assert!(several.stderr.contains(&hint), "{several:?}");
    drop(repo.cleave(&["drop", "--name", "feat"]).ok());
    drop(repo.cleave(&["show", "--name", &older]).ok());
}

#[test]
fn a_range_the_wrong_way_round_is_said() {
    let repo = branch("a_range_the_wrong_way_round_is_said", &["one"]);
    let reversed = repo.cleave(&["plan", "feat..base"]);
    assert!(
        reversed.stderr.contains("'feat' holds all of 'base'\nhint: the other way round: git cleave plan base..feat\n"),
        "{reversed:?}"
    );
    let none = repo.cleave(&["edit"]);
    assert!(none.stderr.contains("hint: git cleave plan main..\n"), "{none:?}");
    let outside = repo.cleave(&["-C", "nosuch", "plan"]);
    assert!(outside.code == Some(3) && outside.stderr.starts_with("error: cannot change to 'nosuch'\n"), "{outside:?}");
    let lint = repo.cleave(&["lint", "nosuchdir"]);
    assert!(lint.stderr.contains("'nosuchdir' is no file and no folder, and names no commit"), "{lint:?}");
    let verify = repo.cleave(&["verify", "make", "-s"]);
    assert!(verify.code == Some(2) && verify.stderr.contains("git cleave verify -- make -s\n"), "{verify:?}");
}

#[test]
fn commits_of_others_are_warned_of() {
    let repo = branch("commits_of_others_are_warned_of", &["one", "two"]);
    let plan = |mail: &str| {
        let mut command = repo.command(env!("CARGO_BIN_EXE_git-cleave"), &repo.dir);
        command.args(["plan", "base.."]).env("GIT_AUTHOR_EMAIL", mail).env("GIT_COMMITTER_EMAIL", mail);
        repo.run(command)
    };
    assert!(!plan("cy@example.org").stderr.contains("warning"));
    let other = plan("new@example.org");
    assert!(other.stderr.contains("warning: 2 of 2 commits are neither written nor committed by you"), "{other:?}");
}

#[test]
fn a_path_is_one_of_the_folder_that_the_user_stands_in() {
    let repo = branch("a_path_is_one_of_the_folder_that_the_user_stands_in", &["one", "two"]);
    drop(repo.cleave(&["plan", "base.."]).ok());
    let below = repo.dir.join("a/b");
    fs::create_dir_all(&below).unwrap();
    let expected = repo.cleave(&["explain", "one.c"]).ok();
    assert_eq!(repo.cleave_in(&below, &["explain", "../../one.c"]).ok(), expected);
    assert_eq!(repo.cleave_in(&below, &["explain", "one.c"]).ok(), expected);
}
