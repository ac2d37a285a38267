//! What people make of our branches with git, read back into the plan.

use std::fs;

use crate::support::{Output, TestRepo};

const PATHS: [&str; 5] = ["fs/a.c", "fs/b.c", "net/a.c", "net/b.c", "net/new.c"];

/// Two functions far apart, so that patches of one file can change places.
fn text(one: u32, other: u32) -> String {
    let between: String = (0..9).map(|n| format!("int v{n};\n")).collect();
    format!("int one(void)\n{{\n\treturn {one};\n}}\n\n{between}\nint other(void)\n{{\n\treturn {other};\n}}\n")
}

/// Five files, in each of which two functions change, a commit each; one file is new, one goes, one gets another name.
fn planned(name: &str) -> TestRepo {
    let repo = TestRepo::new(name);
    let maintainers = "FILES\nM:\tFay File <fay@example.org>\nF:\tfs/\n\nNETS\nM:\tNed Net <ned@example.org>\nF:\tnet/\n";
    repo.write("MAINTAINERS", maintainers);
    PATHS[..4].iter().for_each(|path| repo.write(path, text(1, 1)));
    repo.write("fs/gone.c", "enum gone {\n\tGONE,\n};\n");
    repo.write("net/old-name.c", text(8, 8));
    repo.write("net/image.bin", "\0one");
    repo.commit("base");
    let commit = |subject: &str| repo.git(&["commit", "-q", "-a", "-m", subject, "-m", "It is more.", "-s"]);
    for (idx, path) in PATHS.iter().enumerate() {
        let (folder, file) = path.split_once('/').unwrap();
        if idx < 4 {
            repo.write(path, text(20 + u32::try_from(idx).unwrap(), 1));
            commit(&format!("{folder}: {file}: let one() return more"));
        }
        repo.write(path, text(20 + u32::try_from(idx).unwrap(), 30));
        repo.git(&["add", "-A"]);
        commit(&format!("{folder}: {file}: let other() return more"));
    }
    repo.git(&["rm", "-q", "fs/gone.c"]);
    commit("fs: remove what nobody uses");
    repo.git(&["mv", "net/old-name.c", "net/new-name.c"]);
    commit("net: say it better");
    repo.write("net/image.bin", "\0two");
    commit("net: another image");
    repo.git(&["tag", "tip"]);
    drop(repo.cleave(&["plan", "base..tip", "--name", "x", "--finer", "--finer", "--finer"]).ok());
    drop(repo.cleave(&["split"]).ok());
    repo
}

/// What a branch is: trees, authors and messages of its commits.
fn shown(repo: &TestRepo, branch: &str) -> String {
    repo.git(&["log", "--reverse", "--format=%T %an <%ae> %ad%n%B", &format!("base..{branch}")])
}

fn subjects(repo: &TestRepo, branch: &str) -> Vec<String> {
    let out = repo.git(&["log", "--reverse", "--format=%s", &format!("base..{branch}")]);
    out.lines().map(str::to_owned).collect()
}

/// Runs `git rebase -i` over a branch with a shell script as the editor of the todo, which stands in `$1`.
fn rebase(repo: &TestRepo, branch: &str, todo: &str) -> Output {
    let script = repo.dir.parent().unwrap().join("todo.sh");
    fs::write(&script, todo).unwrap();
    let mut command = repo.command("git", &repo.dir);
    command.args(["rebase", "-q", "-i", "base", branch]);
    command.env("GIT_SEQUENCE_EDITOR", format!("sh {}", script.display())).env("GIT_EDITOR", "true");
    repo.run(command)
}

/// Adopts, splits again, and checks that the branch then is what it was made to be.
#[track_caller]
fn adopted(repo: &TestRepo, words: &[&str]) {
    repo.git(&["checkout", "-q", "--detach", "base"]);
    let wanted = shown(repo, "cleave/x/all");
    let mut all = vec!["adopt", "--name", "x"];
    all.extend(words);
    drop(repo.cleave(&all).ok());
    drop(repo.cleave(&["split", "--name", "x"]).ok());
    assert_eq!(shown(repo, "cleave/x/all"), wanted);
    assert_eq!(repo.tree("cleave/x/all"), repo.tree("tip"));
}

#[test]
fn what_rebase_made_of_the_branch_is_the_plan() {
    let repo = planned("what_rebase_made_of_the_branch_is_the_plan");
    let nothing = repo.cleave(&["adopt"]);
    assert_eq!(nothing.stderr, "nothing to adopt: the branches are as git-cleave wrote them\n");
    // The first goes to the end, the second takes in the third, the fourth is reworded.
    let before = subjects(&repo, "cleave/x/all");
    let todo = "set -e\nsed -e 's/^pick/P/' \"$1\" | grep '^P' > \"$1.old\"\nline() { sed -n \"$1p\" \"$2\" | sed \"s/^P/$3/\"; }\n\
        { line 2 \"$1.old\" pick; line 3 \"$1.old\" squash; line 4 \"$1.old\" pick\n\
        echo 'exec git commit -q --amend -m \"net: said by hand\" -m \"With a body.\" -m \"Acked-by: A <a@x.org>\" --author=\"New <n@x.org>\"'\n\
        sed -n '5,$p' \"$1.old\" | sed 's/^P/pick/'; line 1 \"$1.old\" pick; } > \"$1\"\n";
    let output = rebase(&repo, "cleave/x/all", todo);
    assert_eq!(output.code, Some(0), "{output:?}");
    assert_ne!(subjects(&repo, "cleave/x/all"), before);
    adopted(&repo, &[]);
    let after = subjects(&repo, "cleave/x/all");
    assert_eq!(after.len(), before.len() - 1);
    assert_eq!((&after[0], after.last().unwrap()), (&before[1], &before[0]));
    assert_eq!(after[1], "net: said by hand");
    // It is an edit of a person: the next plan keeps it.
    drop(repo.cleave(&["plan", "base..tip", "--name", "x"]).ok());
    assert!(
        repo.cleave(&["edit", "--print", "--name", "x"]).ok().contains(" net: said by hand\n| With a body.\n|\n| Acked-by: A")
    );
}

#[test]
fn patches_are_split_dropped_and_made_again() {
    let repo = planned("patches_are_split_dropped_and_made_again");
    let n_before = subjects(&repo, "cleave/x/all").len();
    // All of it as one commit, then cut again by folder.
    repo.git(&["checkout", "-q", "cleave/x/all"]);
    repo.git(&["reset", "-q", "--soft", "base"]);
    repo.git(&["reset", "-q"]);
    repo.git(&["add", "net/a.c", "net/old-name.c", "net/new-name.c"]);
    repo.git(&["commit", "-q", "-m", "net: some of it"]);
    repo.git(&["commit", "-q", "--allow-empty", "-m", "nothing at all"]);
    repo.git(&["add", "-A", "fs"]);
    repo.git(&["commit", "-q", "-m", "fs: all of it"]);
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "-m", "net: the rest"]);
    repo.git(&["checkout", "-q", "--detach", "base"]);
    let output = repo.cleave(&["adopt", "--name", "x"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(output.stderr.ends_with(" changes nothing and is no patch\n"), "{output:?}");
    drop(repo.cleave(&["split", "--name", "x"]).ok());
    assert_eq!(subjects(&repo, "cleave/x/all"), ["net: some of it", "fs: all of it", "net: the rest"]);
    assert!(n_before > 3);
    assert_eq!(repo.tree("cleave/x/all"), repo.tree("tip"));
}

#[test]
fn the_branch_of_a_series_is_adopted_alone() {
    let repo = planned("the_branch_of_a_series_is_adopted_alone");
    let files = shown(&repo, "cleave/x/files");
    let nets = subjects(&repo, "cleave/x/nets");
    // The first goes to the end.
    let todo = "grep '^pick' \"$1\" > \"$1.old\"; { sed 1d \"$1.old\"; sed -n 1p \"$1.old\"; } > \"$1\"\n";
    let output = rebase(&repo, "cleave/x/nets", todo);
    assert_eq!(output.code, Some(0), "{output:?}");
    repo.git(&["checkout", "-q", "--detach", "base"]);
    let wanted = shown(&repo, "cleave/x/nets");
    drop(repo.cleave(&["adopt", "--name", "x"]).ok());
    drop(repo.cleave(&["split", "--name", "x"]).ok());
    assert_eq!(shown(&repo, "cleave/x/nets"), wanted);
    assert_eq!(shown(&repo, "cleave/x/files"), files);
    let mut moved = nets.clone();
    moved.rotate_left(1);
    assert_eq!(subjects(&repo, "cleave/x/nets"), moved);
    assert_eq!(repo.tree("cleave/x/all"), repo.tree("tip"));
}

#[test]
fn what_changes_the_code_is_refused_with_its_place() {
    let repo = planned("what_changes_the_code_is_refused_with_its_place");
    let plan = || fs::read_to_string(repo.dir.join(".git/cleave/plans/x/plan.toml")).unwrap();
    let before = plan();
    repo.git(&["checkout", "-q", "cleave/x/all"]);
    let check = |expected: &str| {
        let output = repo.cleave(&["adopt", "--name", "x"]);
        assert_eq!(output.code, Some(1), "{output:?}");
        assert!(output.stderr.starts_with(&format!("error: {expected}")), "wanted '{expected}', got {output:?}");
        assert_eq!(plan(), before);
    };
    let last = repo.git(&["rev-parse", "HEAD"]);
    repo.write("net/a.c", text(22, 31));
    repo.git(&["commit", "-q", "-a", "-m", "net: sneak in more"]);
    let id = repo.git(&["rev-parse", "HEAD"]);
    check(&format!("content changed: 'net/a.c' line 18 in {} 'net: sneak in more' is made by no edit of the plan\n", &id[..12]));
    repo.git(&["reset", "-q", "--hard", &last]);
    repo.write("other/file.c", "int x;\n");
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "-m", "other"]);
    check("content changed: 'other/file.c' line 1 in ");
    // What is dropped and not made again would be lost.
    repo.git(&["reset", "-q", "--hard", &last]);
    let output = rebase(&repo, "cleave/x/all", "sed -i 's/^pick \\(.*fs: a.c: let one.*\\)/drop \\1/' \"$1\"\n");
    assert_eq!(output.code, Some(0), "{output:?}");
    check("content changed: 'return 20;' of 'fs/a.c', in patch 'let-one-return-more' of the plan, is nowhere on the branch\n");
    // A merge is no series.
    repo.git(&["reset", "-q", "--hard", &last]);
    repo.git(&["checkout", "-q", "--detach", "base"]);
    repo.git(&["commit", "-q", "--allow-empty", "-m", "side"]);
    repo.git(&["checkout", "-q", "cleave/x/all"]);
    repo.git(&["merge", "-q", "--no-ff", "-m", "merge", "HEAD@{1}"]);
    let merged = repo.cleave(&["adopt", "--name", "x"]);
    assert_eq!(merged.code, Some(1), "{merged:?}");
    assert_eq!(plan(), before);
}

/// Cuts a todo into its picks: each with its lines.
fn picks(todo: &str) -> Vec<String> {
    let body = todo.split("# Commands:").next().unwrap();
    body.split("\npick ").skip(1).map(|rest| format!("pick {}", rest.split("\n# ").next().unwrap().trim_end())).collect()
}

#[test]
fn any_regrouping_is_read_back() {
    let repo = planned("any_regrouping_is_read_back");
    let path = repo.dir.parent().unwrap().join("todo");
    let store = repo.dir.join(".git/cleave/plans/x/plan.toml");
    let mut state = 3_usize;
    let mut next = |n: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223) % (1 << 32);
        (state >> 16) % n
    };
    let mut n_read = 0;
    for round in 0..14 {
        // Some other plan of the same change, written as a branch.
        let first = fs::read(&store).unwrap();
        let mut left = picks(&repo.cleave(&["edit", "--print", "--name", "x"]).ok());
        let mut todo = String::from("series one\n");
        let mut is_first = true;
        while !left.is_empty() {
            let pick = left.remove(next(left.len()));
            let joins = !is_first && next(4) == 0;
            todo.push_str(&if joins { pick.replacen("pick ", "squash ", 1) } else { pick });
            todo.push('\n');
            is_first = false;
        }
        fs::write(&path, &todo).unwrap();
        let accepted = repo.cleave(&["edit", "--name", "x", "--file", path.to_str().unwrap()]);
        if accepted.code != Some(0) {
            continue;
        }
        drop(repo.cleave(&["split", "--name", "x"]).ok());
        let mut parent = repo.git(&["rev-parse", "base"]);
        for (nth, commit) in repo.git(&["rev-list", "--reverse", "base..cleave/x/all"]).lines().enumerate() {
            let message = repo.git(&["log", "-1", "--format=%B", commit]);
            let message = if nth % 3 == round % 3 { format!("round {round}: {message}") } else { message };
            parent = repo.git(&["commit-tree", &repo.tree(commit), "-p", &parent, "-m", message.trim_end()]);
        }
        fs::write(&store, first).unwrap();
        repo.git(&["update-ref", "refs/heads/cleave/x/all", &parent]);
        n_read += 1;
        adopted(&repo, &["all"]);
    }
    assert!(n_read > 5, "{n_read}");
}
