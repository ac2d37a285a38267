//! What comes from others steers no terminal and forges nothing.

use crate::support::{Output, TestRepo};

/// What a terminal obeys: controls, and what turns the direction of a line.
fn is_obeyed(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\t')
        || ('\u{202a}'..='\u{202e}').contains(&c)
        || ('\u{2066}'..='\u{2069}').contains(&c)
}

#[track_caller]
fn is_quiet(output: &Output) {
    // The colours of the program itself.
    let text = format!("{}{}", output.stdout, output.stderr);
    let plain: String = text.split("\x1b[").enumerate().map(|(idx, part)| if idx == 0 { part } else { colour(part) }).collect();
    assert!(!plain.contains(is_obeyed), "{text:?}");
}

/// Returns what follows a colour, and what follows another sequence with a control before it.
fn colour(part: &str) -> &str {
    match part.split_once('m') {
        Some((numbers, rest)) if numbers.bytes().all(|byte| byte.is_ascii_digit() || byte == b';') => rest,
        _ => "\x1b",
    }
}

const ODD: &str = "\x1b[2J\x1b]0;evil\x07 \r\u{9b}31m\u{7f}\u{202e}\u{2066}";

/// Commits these files with this message, to the byte.
fn commit(repo: &TestRepo, message: &str, files: &[(&str, &str)]) {
    files.iter().for_each(|(path, text)| repo.write(path, text));
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "--cleanup=verbatim", "-m", message]);
}

#[test]
fn nothing_of_others_steers_the_terminal() {
    let repo = TestRepo::new("nothing_of_others_steers_the_terminal");
    let maintainers = format!("ODD {ODD} T\nM:\tB {ODD} N <b@x.org>\nS:\tMaintained\nF:\ta.c\nF:\tb/\n");
    let odd_path = format!("b/{}.c", ODD.replace('/', ""));
    commit(&repo, "base", &[("a.c", "int a;\n"), ("MAINTAINERS", &maintainers), (&odd_path, "struct odd { int x; };\n")]);
    let tip = format!("struct odd {{ int y; /* {ODD} */ }};\n");
    commit(&repo, &format!("subject {ODD}\n\nbody {ODD}\n"), &[("a.c", "int a;\nint b;\n"), (&odd_path, &tip)]);
    let all = |words: &[&str]| {
        for color in ["always", "never"] {
            is_quiet(&repo.cleave(&[words, &["--color", color]].concat()));
        }
    };
    all(&["plan", "--name", "x", "HEAD~1.."]);
    for words in [
        &["review", "HEAD~1.."][..],
        &["owners", "--roles", "a.c", &odd_path],
        &["fields", "odd.y"],
        &["explain", "1"],
        &["explain", &odd_path],
        &["explain", &format!("no{ODD}such")],
        &["plan", "--name", &format!("no{ODD}such")],
        &["split", &format!("--{ODD}")],
        &["lint", "--name", "x"],
        &["list"],
        &["edit", "--print"],
        &["verify", "--static"],
        &["mail", "--draft", "-o", "out"],
    ] {
        all(words);
        is_quiet(&repo.cleave(&[words, &["--format", "json"]].concat()));
    }
}

#[test]
fn a_path_forges_no_trailer() {
    let repo = TestRepo::new("a_path_forges_no_trailer");
    commit(&repo, "base", &[("a.txt", "one\n")]);
    let forged = "Signed-off-by: Pat <pat@example.org>";
    let lines = format!("n.txt\n\n{forged}\nCc: v@x.org");
    let blanks = format!("{} {forged}", "long".repeat(14));
    commit(&repo, "change", &[("a.txt", "two\n"), (&lines, "x\n"), (&blanks, "x\n"), (&format!("d\n{forged}/x"), "x\n")]);
    repo.cleave(&["plan", "--name", "x", "-n", "4", "HEAD~1.."]).ok();
    repo.cleave(&["split", "--name", "x"]).ok();
    let trailers = repo.git(&["log", "--format=%(trailers)", "HEAD~1..cleave/x/all"]);
    assert_eq!(trailers.trim(), "");
    let subjects = repo.git(&["log", "--format=%s", "HEAD~1..cleave/x/all"]);
    assert!(subjects.contains("\"n.txt\\n\\nSigned-off-by: Pat <pat@example.org>\\nCc: v@x.org\""), "{subjects}");
    let todo = repo.cleave(&["edit", "--name", "x", "--print"]).ok();
    std::fs::write(repo.dir.join("todo"), todo).unwrap();
    repo.cleave(&["edit", "--name", "x", "--file", "todo"]).ok();
}

#[test]
fn a_todo_that_is_left_as_it_is_keeps_messages_to_the_byte() {
    let repo = TestRepo::new("a_todo_that_is_left_as_it_is_keeps_messages_to_the_byte");
    commit(&repo, "base", &[("a.txt", "one\n")]);
    commit(&repo, &format!("a: odd {ODD}\tx\n\n  indented {ODD}\n\n\n\nmore\u{a0}\n"), &[("a.txt", "two\n")]);
    repo.cleave(&["plan", "--name", "x", "HEAD~1.."]).ok();
    let show = || repo.cleave(&["plan", "--name", "x", "--format", "json", "HEAD~1.."]).ok();
    let before = show();
    let todo = repo.cleave(&["edit", "--name", "x", "--print"]).ok();
    std::fs::write(repo.dir.join("todo"), todo).unwrap();
    let after = repo.cleave(&["edit", "--name", "x", "--file", "todo", "--format", "json"]).ok();
    assert_eq!(before, after);
}

#[test]
fn lines_fit_80_columns() {
    let repo = TestRepo::new("lines_fit_80_columns");
    let long = "a_function_with_a_name_that_says_all";
    let text = |value: &str, helper: &str| {
        (1..4)
            .map(|nth| {
                format!(
                    "{helper}struct {long}_{nth} {{ int first; }};\nint {long}_{nth}(struct {long}_{nth} *argument, int other)\n{{\n\
                     \treturn argument->first + other + {value} + sizeof(struct {long}_{nth}) + sizeof(other);\n}}\n\n"
                )
            })
            .collect::<String>()
    };
    let path = format!("drivers/{long}/{long}.c");
    commit(&repo, "base", &[(&path, &text("1", "")), ("MAINTAINERS", &format!("{long}\nM:\tB N <b@x.org>\nF:\tdrivers/\n"))]);
    let subject = format!("drivers: {long}: use the value that the others use already, as the manual says");
    commit(&repo, &format!("{subject}\n\nSigned-off-by: B N <b@x.org>\n"), &[(&path, &text("2", "/* said */\n"))]);
    let member = format!("{long}_1.first");
    repo.cleave(&["plan", "--name", "x", "HEAD~1.."]).ok();
    repo.cleave(&["split"]).ok();
    let mut n_folded = 0;
    for words in [
        &["show"][..],
        &["plan", "--name", "x", "HEAD~1.."],
        &["explain", "1"],
        &["explain", &format!("{long}_1")],
        &["explain", "b@x.org"],
        &["log"],
        &["list"],
        &["lint"],
        &["lint", "--rules"],
        &["review", "HEAD~1.."],
        &["fields", &member],
        &["verify", "--static"],
        &["verify", "--", "true"],
    ] {
        let mut command = repo.command(env!("CARGO_BIN_EXE_git-cleave"), &repo.dir);
        command.args(words).env("COLUMNS", "80");
        let output = repo.run(command);
        assert!(output.code.is_some_and(|code| code < 2), "{output:?}");
        for line in output.stdout.lines() {
            let width = line.chars().count() + 7 * line.matches('\t').count();
            // A word stays whole, and a command can be copied.
            let is_whole = !line.trim_start().contains(' ') || line.trim_start().starts_with("git cleave ");
            assert!(width <= 80 || is_whole, "{words:?}: {line}");
        }
        n_folded += usize::from(output.stdout.contains(long));
    }
    assert!(n_folded > 5, "what is long is shown");
}
