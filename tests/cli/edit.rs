//! The plan's todo: moved lines move edits, and nothing gets lost.

use std::fs;

use crate::support::{Output, TestRepo, two_folders};

fn planned(name: &str) -> (TestRepo, String) {
    let repo = two_folders(name);
    drop(repo.cleave(&["plan", "base..tip", "--name", "x"]).ok());
    let todo = repo.cleave(&["edit", "--print"]).ok();
    (repo, todo)
}

fn edit(repo: &TestRepo, todo: &str) -> Output {
    let path = repo.dir.parent().unwrap().join("todo");
    fs::write(&path, todo).unwrap();
    repo.cleave(&["edit", "--file", path.to_str().unwrap()])
}

#[test]
fn a_todo_that_is_not_changed_changes_nothing() {
    let (repo, todo) = planned("a_todo_that_is_not_changed_changes_nothing");
    let path = repo.dir.join(".git/cleave/plans/x/plan.toml");
    let before = fs::read_to_string(&path).unwrap();
    drop(edit(&repo, &todo).ok());
    assert_eq!(before, fs::read_to_string(&path).unwrap());
}

#[test]
fn reword_move_and_split() {
    let (repo, todo) = planned("reword_move_and_split");
    let pick = todo.lines().find(|line| line.starts_with("pick ")).unwrap();
    let id = pick.split_whitespace().nth(1).unwrap();
    let edited = todo.replace(pick, &format!("pick {id} fs: said better\n| And why."));
    let shown = edit(&repo, &edited).ok();
    assert!(shown.contains("fs: said better"), "{shown}");
    drop(repo.cleave(&["split"]).ok());
    assert!(repo.git(&["log", "--format=%B", "cleave/x/all"]).contains("fs: said better\n\nAnd why."));
    assert_eq!(repo.tree("cleave/x/all"), repo.tree("tip"));
}

#[test]
fn what_breaks_a_promise_is_refused_with_its_place() {
    let (repo, todo) = planned("what_breaks_a_promise_is_refused_with_its_place");
    let edit_line = todo.lines().find(|line| line.starts_with("  ") && line.contains('@')).unwrap();
    let address = edit_line.split(" | ").next().unwrap().trim();
    let number = |text: &str, wanted: &str| text.lines().position(|line| line == wanted).unwrap() + 1;
    let check = |todo: &str, expected: &str| {
        let output = edit(&repo, todo);
        assert_eq!(output.code, Some(1), "{output:?}");
        assert!(output.stderr.starts_with(&format!("error: {expected}")), "wanted '{expected}', got {output:?}");
    };
    let without: String = todo.lines().filter(|line| *line != edit_line).map(|line| format!("{line}\n")).collect();
    check(&without, &format!("edit '{address}' of patch "));
    let twice = todo.replace(edit_line, &format!("{edit_line}\n{edit_line}"));
    check(
        &twice,
        &format!("line {}: '{address}' stands in line {} already", number(&todo, edit_line) + 1, number(&todo, edit_line)),
    );
    let unknown = todo.replace(address, "fs/a.c#nobody@0123456789ab");
    check(&unknown, &format!("line {}: there is no edit 'fs/a.c#nobody@0123456789ab'", number(&todo, edit_line)));
    check(&format!("{todo}frobnicate\n"), &format!("line {}: 'frobnicate' is no command", todo.lines().count() + 1));
    check("pick nothing here\n", "line 1: ");
    let path = repo.dir.join(".git/cleave/refused-todo");
    assert_eq!(fs::read_to_string(path).unwrap(), "pick nothing here\n");
}

#[test]
fn a_damaged_plan_is_named() {
    let (repo, _) = planned("a_damaged_plan_is_named");
    let path = repo.dir.join(".git/cleave/plans/x/plan.toml");
    let whole = fs::read_to_string(&path).unwrap();
    let check = |text: &str, expected: &str| {
        fs::write(&path, text).unwrap();
        let output = repo.cleave(&["split"]);
        assert_eq!(output.code, Some(1), "{output:?}");
        assert!(output.stderr.contains(expected), "wanted '{expected}', got {output:?}");
        assert!(repo.git(&["for-each-ref", "refs/heads/cleave/"]).is_empty());
    };
    check(&whole.replace("version = 2", "version = 9"), "the stored plan has version 9");
    check(&whole[..whole.len() / 2], "the stored plan is damaged");
    let edit = whole.lines().find(|line| line.contains('@') && line.contains(" | ") && !line.starts_with("edits")).unwrap();
    check(&whole.replace(edit, ""), "is in no patch");
    check(&whole.replace(edit, &format!("{edit}\n{edit}")), "is in '");
    let wrong = edit.replace('#', "#wrong_");
    check(&whole.replace(edit, &wrong), "which the change does not have");
}

/// A branch in which a name is exchanged in four places of a file, and its todo.
fn renamed(name: &str) -> (TestRepo, String) {
    let repo = TestRepo::new(name);
    let text = |word: &str| (1..5).map(|n| format!("int f{n}(void)\n{{\n\treturn {word}({n});\n}}\n\n")).collect::<String>();
    repo.commit_files("base", &[("fs/a.c", &text("old_name")), ("net/b.c", "int b(void)\n{\n\treturn 1;\n}\n")]);
    repo.commit_files("tip", &[("fs/a.c", &text("new_name")), ("net/b.c", "int b(void)\n{\n\treturn 2;\n}\n")]);
    drop(repo.cleave(&["plan", "base..tip", "--name", "x"]).ok());
    let todo = repo.cleave(&["edit", "--print"]).ok();
    (repo, todo)
}

#[test]
fn what_the_program_says_stays_true_when_edits_move() {
    let (repo, todo) = renamed("what_the_program_says_stays_true");
    assert_eq!(todo.matches("| Mechanical, in 4 places: old_name() -> new_name().\n").count(), 1, "{todo}");
    let last = todo.lines().find(|line| line.contains("#f4@")).unwrap();
    let moved = |todo: &str| {
        todo.replace(&format!("{last}\n"), "").replace("# Commands:", &format!("pick new fs: the last\n{last}\n\n# Commands:"))
    };
    drop(edit(&repo, &moved(&todo)).ok());
    let after = repo.cleave(&["edit", "--print"]).ok();
    assert!(after.contains("| Mechanical, in 3 places: old_name()") && !after.contains("in 4 places"), "{after}");
    // And back.
    drop(edit(&repo, &todo).ok());
    let again = repo.cleave(&["edit", "--print"]).ok();
    assert_eq!(again, todo);
    // What a person wrote stays.
    let by_hand = todo.replace("Mechanical, in 4 places:", "By hand, in 4 places:");
    drop(edit(&repo, &moved(&by_hand)).ok());
    assert!(repo.cleave(&["edit", "--print"]).ok().contains("| By hand, in 4 places: old_name()"));
}

#[test]
fn what_is_joined_says_again_what_is_true_of_all() {
    let (repo, todo) = renamed("what_is_joined_says_again_what_is_true_of_all");
    let lines: Vec<&str> = todo.lines().filter(|line| line.contains("#f3@") || line.contains("#f4@")).collect();
    assert_eq!(lines.len(), 2, "{todo}");
    let without: String = todo.lines().filter(|line| !lines.contains(line)).map(|line| format!("{line}\n")).collect();
    let two = without.replace("# Commands:", &format!("pick new fs: the last two\n{}\n\n# Commands:", lines.join("\n")));
    drop(edit(&repo, &two).ok());
    let now = repo.cleave(&["edit", "--print"]).ok();
    let last = now.lines().find(|line| line.contains("fs: the last two")).unwrap();
    let last_id = last.split_whitespace().nth(1).unwrap();
    // The whole of it in one patch: by a squash, whose subject a person wrote, or by a fixup.
    for (word, said) in [("squash", "| fs: the last two\n"), ("fixup", "")] {
        let body = now.split_once(last).unwrap().1;
        let lines: String =
            body.lines().filter(|line| line.contains("#f3@") || line.contains("#f4@")).map(|line| format!("{line}\n")).collect();
        let cut = now.split_once(last).unwrap().0;
        let at = cut.find("#f2@").unwrap();
        let end = at + cut[at..].find('\n').unwrap() + 1;
        let joined = format!("{}{word} {last_id}\n{lines}{}", &cut[..end], &cut[end..]);
        drop(edit(&repo, &joined).ok());
        let after = repo.cleave(&["edit", "--print"]).ok();
        assert_eq!(after.matches("Mechanical, in 4 places").count(), 1, "{word}: {after}");
        assert!(!after.contains("in 2 places") && after.contains(said), "{word}: {after}");
        drop(repo.cleave(&["undo"]).ok());
    }
}

#[test]
fn a_diff_in_the_todo_is_read_over() {
    let repo = TestRepo::new("a_diff_in_the_todo_is_read_over");
    let old = "series x\npick a b\n| text\nfs/a | *\n#\n\nint f(int a) { return one(a); }\n";
    let new = old.replace("pick a b", "pick new: mine").replace("one(a)", "two(a)").replace("| text", "| other");
    repo.commit_files("base", &[("fs/a", old), ("fs/b.c", "int b;\n")]);
    repo.commit_files("tip", &[("fs/a", &new), ("fs/b.c", "int b;\nint c(int a)\n{\n\treturn a;\n}\n"), ("fs/new", "blurb\n")]);
    drop(repo.cleave(&["plan", "base..tip", "--name", "x"]).ok());
    let path = repo.dir.join(".git/cleave/plans/x/plan.toml");
    let before = fs::read_to_string(&path).unwrap();
    let todo = repo.cleave(&["edit", "--print", "--diff"]).ok();
    for line in [
        "#     -pick a b",
        "#     +pick new: mine",
        "#     -| text",
        "#     +int f(int a) { return two(a); }",
        "#     +\treturn a;",
        "#     +blurb",
    ] {
        assert!(todo.lines().any(|shown| shown == line), "{line}: {todo}");
    }
    drop(edit(&repo, &todo).ok());
    assert_eq!(before, fs::read_to_string(&path).unwrap());
    let plain: String = todo.lines().filter(|line| !line.starts_with("#     ")).map(|line| format!("{line}\n")).collect();
    assert_eq!(plain, repo.cleave(&["edit", "--print"]).ok());
}

#[test]
fn a_person_says_which_series_another_needs() {
    let (repo, todo) = planned("a_person_says_which_series_another_needs");
    let names: Vec<&str> = todo.lines().filter_map(|line| line.strip_prefix("series ")).collect();
    let [first, second] = names[..] else { panic!("{todo}") };
    let said =
        |series: &str, needs: &str| todo.replace(&format!("series {series}\n"), &format!("series {series}\nneeds {needs}\n"));
    // The first in the todo needs the second, which then comes first.
    drop(edit(&repo, &said(first, second)).ok());
    let check = |repo: &TestRepo| {
        let todo = repo.cleave(&["edit", "--print"]).ok();
        assert!(todo.contains(&format!("series {first}\nneeds {second}\n")), "{todo}");
        assert!(todo.find(&format!("series {second}\n")) < todo.find(&format!("series {first}\n")), "{todo}");
        assert!(repo.cleave(&["show"]).ok().contains(&format!("needs {second}")));
    };
    check(&repo);
    drop(edit(&repo, &repo.cleave(&["edit", "--print"]).ok()).ok());
    check(&repo);
    // What comes later keeps it.
    repo.commit_files("more", &[("fs/a.c", "#include \"lib.h\"\nint a(void)\n{\n\treturn 11;\n}\n")]);
    drop(repo.cleave(&["plan", "base..more", "--name", "x"]).ok());
    check(&repo);
    drop(repo.cleave(&["plan", "base..more", "--name", "x", "-n", "2"]));
    check(&repo);
    let of_first: Vec<String> = ["1", "2", "3", "4"].map(|patch| repo.cleave(&["explain", patch]).stdout).into();
    assert!(
        of_first.iter().any(|said| said.contains(&format!("The series needs '{second}': a person says so."))),
        "{of_first:?}"
    );
    let out = repo.dir.parent().unwrap().join("mails");
    drop(repo.cleave(&["mail", "--draft", "--no-lint", "-o", out.to_str().unwrap()]).ok());
    let is_cover = |name: &std::ffi::OsString| name.to_str().unwrap().starts_with("0000");
    let name = fs::read_dir(out.join(first)).unwrap().map(|file| file.unwrap().file_name()).find(is_cover).unwrap();
    let cover = fs::read_to_string(out.join(first).join(name)).unwrap();
    assert!(!cover.contains("touches the same lines") && !cover.contains("needs none"), "{cover}");
    assert!(cover.contains("prerequisite-patch-id: "), "{cover}");
}

#[test]
fn what_a_series_cannot_need_is_refused() {
    let (repo, todo) = planned("what_a_series_cannot_need_is_refused");
    let names: Vec<&str> = todo.lines().filter_map(|line| line.strip_prefix("series ")).collect();
    let refused = |todo: &str, expected: &str| {
        let out = edit(&repo, todo);
        assert!(out.code == Some(1) && out.stderr.contains(expected), "wanted '{expected}', got {out:?}");
    };
    let say = |todo: &str, series: &str, needs: &str| {
        todo.replace(&format!("series {series}\n"), &format!("series {series}\nneeds {needs}\n"))
    };
    refused(&say(&todo, names[0], "nobody"), "there is no series 'nobody'");
    refused(&say(&todo, names[0], names[0]), &format!("'{0}' cannot need '{0}'", names[0]));
    let circle = say(&say(&todo, names[0], names[1]), names[1], names[0]);
    refused(&circle, &format!("'{1}' cannot need '{0}', which needs '{1}' itself", names[0], names[1]));
    refused("needs x\n", "what is needed before the first series");
}

#[test]
fn the_same_options_again_are_no_other_decision() {
    let repo = two_folders("the_same_options_again_are_no_other_decision");
    let plan = |more: &[&str]| repo.cleave(&[&["plan", "base..tip", "--name", "x"], more].concat());
    drop(plan(&["-n", "3", "--no-bridge"]).ok());
    let todo = repo.cleave(&["edit", "--print"]).ok();
    let moved = todo.lines().find(|line| line.contains("net/b.c")).unwrap();
    let arranged =
        todo.replace(&format!("{moved}\n"), "").replace("# Commands:", &format!("pick new net: by hand\n{moved}\n\n# Commands:"));
    drop(edit(&repo, &arranged).ok());
    let shown = repo.cleave(&["show"]).ok();
    assert!(shown.contains("net: by hand"), "{shown}");
    for _ in 0..2 {
        assert_eq!(plan(&["--no-bridge", "-n", "3"]).ok(), shown);
        assert_eq!(plan(&[]).ok(), shown);
    }
    let other = plan(&["-n", "2"]);
    assert!(other.code == Some(1) && other.stderr.contains("was arranged by hand"), "{other:?}");
    assert!(!plan(&["-n", "2", "--fresh"]).ok().contains("net: by hand"));
}

/// A branch of two commits with a body and a sign-off each, or with what the program says, and its todo.
fn two_commits(name: &str, messages: [&str; 2]) -> (TestRepo, String) {
    let repo = TestRepo::new(name);
    repo.commit_files("base", &[("m.c", "int m;\n"), ("README", "one\n")]);
    for (message, (path, text)) in messages.into_iter().zip([("m.c", "int m = 1;\n"), ("README", "one\ntwo\n")]) {
        repo.write(path, text);
        repo.git(&["commit", "-q", "-a", "-m", message]);
    }
    drop(repo.cleave(&["plan", "base..", "--name", "x"]).ok());
    let todo = repo.cleave(&["edit", "--print"]).ok();
    (repo, todo)
}

/// Changes the word of the second patch.
fn joined(todo: &str, word: &str) -> String {
    let at = todo.rfind("\npick ").unwrap();
    format!("{}\n{word} {}", &todo[..at], &todo[at + "\npick ".len()..])
}

#[test]
fn a_squash_takes_the_message_once_and_a_fixup_drops_it() {
    let first = "m: set it\n\nIt was not set.\n\nSigned-off-by: Ann Author <ann@example.org>";
    let second = "README: say two\n\nOne is not all.\n\nLink: https://example.org/2\nSigned-off-by: Ann Author <ann@example.org>";
    let (repo, todo) = two_commits("a_squash_takes_the_message_once", [first, second]);
    assert!(todo.contains("| One is not all.\n"), "{todo}");
    let message = |repo: &TestRepo| {
        drop(repo.cleave(&["split", "--force"]).ok());
        repo.git(&["log", "-1", "--format=%B", "cleave/x/all"])
    };
    let both = "m: set it\n\nIt was not set.\n\nREADME: say two\n\nOne is not all.\n\nSigned-off-by: Ann Author <ann@example.org>\nLink: https://example.org/2";
    // Its lines stay below it, or say something else.
    let other = todo.replace("| One is not all.", "| Two is more.");
    for (todo, expected) in [(&todo, both.to_owned()), (&other, both.replace("One is not all.", "Two is more."))] {
        drop(edit(&repo, &joined(todo, "squash")).ok());
        assert_eq!(message(&repo), expected);
        drop(repo.cleave(&["plan", "base..", "--name", "x"]).ok());
        assert_eq!(message(&repo), expected, "a new plan keeps it");
        drop(repo.cleave(&["plan", "base..", "--name", "x", "--fresh"]).ok());
    }
    drop(edit(&repo, &joined(&todo, "fixup")).ok());
    assert_eq!(message(&repo), first);
    drop(repo.cleave(&["plan", "base..", "--name", "x", "--fresh"]).ok());
    let refused = edit(&repo, &joined(&other, "fixup"));
    assert!(refused.code == Some(1) && refused.stderr.contains("a fixup drops the message of"), "{refused:?}");
}

#[test]
fn a_subject_stays_where_another_patch_goes_in() {
    for word in ["squash", "fixup"] {
        let (repo, todo) = two_commits(&format!("a_subject_stays_where_another_goes_in_{word}"), ["WIP", "WIP"]);
        let pick = todo.lines().find(|line| line.starts_with("pick ")).unwrap();
        drop(edit(&repo, &joined(&todo, word)).ok());
        let after = repo.cleave(&["edit", "--print"]).ok();
        assert!(after.lines().any(|line| line == pick), "{word}: {pick}: {after}");
        drop(repo.cleave(&["plan", "base..", "--name", "x"]).ok());
        assert_eq!(repo.cleave(&["edit", "--print"]).ok(), after, "{word}");
    }
}

#[test]
fn words_of_a_todo_of_texts_are_its_own() {
    let (repo, _) = planned("words_of_a_todo_of_texts_are_its_own");
    let path = repo.dir.parent().unwrap().join("todo");
    fs::write(&path, "pick x y\n").unwrap();
    let output = repo.cleave(&["edit", "--cover", "--file", path.to_str().unwrap()]);
    let said = "error: line 1: 'pick x y' is no command: blurb, series, cover and changelog are, and lines begin with |\n";
    assert!(output.stderr.starts_with(said) && output.stderr.contains("edit --name x --cover --refused\n"), "{output:?}");
}

/// Runs `edit` with a shell script as the editor, which has the todo as `$1`.
fn with_editor(repo: &TestRepo, script: &str, words: &[&str]) -> Output {
    let editor = repo.dir.parent().unwrap().join("editor");
    fs::write(&editor, script).unwrap();
    let mut command = repo.command(env!("CARGO_BIN_EXE_git-cleave"), &repo.dir);
    command.args(words).env("GIT_EDITOR", format!("sh {}", editor.display()));
    repo.run(command)
}

#[test]
fn a_refused_todo_opens_again_in_the_editor() {
    let (repo, _) = planned("a_refused_todo_opens_again_in_the_editor");
    let refused = with_editor(
        &repo,
        "sed -i '1ifrobnicate' \"$1\"; sed -i 's/^pick \\([^ ]*\\) .*fs.*/reword \\1 fs: mine/' \"$1\"\n",
        &["edit"],
    );
    let hint = "git cleave edit --name x --refused\n";
    assert!(refused.code == Some(1) && refused.stderr.ends_with(hint), "{refused:?}");
    let mended = with_editor(&repo, "sed -i '/^frobnicate/d' \"$1\"\n", &["edit", "--name", "x", "--refused"]);
    assert!(mended.code == Some(0) && mended.stdout.contains("fs: mine"), "{mended:?}");
    // An editor that fails loses nothing.
    let failed = with_editor(&repo, "echo '# by hand' >>\"$1\"; exit 1\n", &["edit"]);
    assert!(failed.code == Some(3) && failed.stderr.ends_with(hint), "{failed:?}");
    assert!(fs::read_to_string(repo.dir.join(".git/cleave/refused-todo")).unwrap().ends_with("# by hand\n"));
    assert!(fs::read_dir(repo.dir.join(".git/cleave")).unwrap().all(|file| !file.unwrap().path().ends_with(".txt")));
}

#[test]
fn words_of_git_rebase_are_told_apart() {
    let (repo, todo) = planned("words_of_git_rebase_are_told_apart");
    drop(edit(&repo, &todo.replace("\npick ", "\nreword ")).ok());
    assert_eq!(repo.cleave(&["edit", "--print"]).ok(), todo);
    for (word, said) in [("drop", "every edit stays in a patch"), ("edit", "the code stays"), ("frob", "is no command: blurb,")] {
        let output = edit(&repo, &todo.replacen("\npick ", &format!("\n{word} "), 1));
        assert!(
            output.code == Some(1) && output.stderr.contains(said) && output.stderr.contains("squash and fixup"),
            "{output:?}"
        );
    }
}

#[test]
fn what_cannot_be_apart_is_named_with_its_lines() {
    let repo = TestRepo::new("what_cannot_be_apart_is_named_with_its_lines");
    repo.commit_files(
        "base",
        &[
            ("a/a.h", "int f(int a);\n"),
            ("a/a.c", "#include \"a.h\"\nint f(int a)\n{\n\treturn a;\n}\n"),
            ("b/b.c", "#include \"../a/a.h\"\nint g(void)\n{\n\treturn f(1);\n}\n"),
        ],
    );
    repo.commit_files(
        "tip",
        &[
            ("a/a.h", "int f(int a, int b);\n"),
            ("a/a.c", "#include \"a.h\"\nint f(int a, int b)\n{\n\treturn a + b;\n}\n"),
            ("b/b.c", "#include \"../a/a.h\"\nint g(void)\n{\n\treturn f(1, 2);\n}\n"),
        ],
    );
    drop(repo.cleave(&["plan", "base..tip", "--name", "x"]).ok());
    let todo = repo.cleave(&["edit", "--print"]).ok();
    let line = todo.lines().find(|line| line.contains("b/b.c#g@")).unwrap();
    let moved = todo
        .replace(&format!("{line}\n"), "")
        .replace("# Commands:", &format!("series other\npick new b: apart\n{line}\n\n# Commands:"));
    let at = moved.lines().position(|line| line == "pick new b: apart").unwrap() + 1;
    let output = edit(&repo, &moved);
    assert!(output.code == Some(1) && output.stderr.contains(&format!("error: line {at} and ")), "{output:?}");
    assert!(output.stderr.contains("cannot be apart"), "{output:?}");
}

#[test]
fn covers_that_nobody_changes_are_no_change() {
    let (repo, _) = planned("covers_that_nobody_changes_are_no_change");
    let out = repo.dir.parent().unwrap().join("mails");
    drop(repo.cleave(&["mail", "--draft", "--no-lint", "-o", out.to_str().unwrap(), "--posted"]));
    for script in ["true", "echo '# and a comment' >>\"$1\""] {
        let output = with_editor(&repo, script, &["edit", "--cover"]);
        assert!(output.code == Some(0) && output.stderr.contains("nothing to do"), "{output:?}");
    }
}
