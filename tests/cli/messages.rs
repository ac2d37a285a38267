//! What a person said of a commit is kept, and what nobody said is said in nobody's name.

use crate::support::TestRepo;

/// Writes these files and commits them with this message, to the byte.
fn commit(repo: &TestRepo, message: &str, files: &[(&str, &str)]) {
    files.iter().for_each(|(path, text)| repo.write(path, text));
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "--cleanup=verbatim", "--allow-empty-message", "-m", message]);
}

fn base(name: &str) -> TestRepo {
    let repo = TestRepo::new(name);
    commit(
        &repo,
        "base",
        &[
            ("a/one.c", "int one(void)\n{\n\treturn 1;\n}\n"),
            ("b/two.c", "int two(void)\n{\n\treturn 2;\n}\n"),
            ("c.txt", "one\n"),
        ],
    );
    repo.git(&["tag", "base"]);
    repo
}

/// Plans and splits, and returns what this format says of the patches, the first one first, each with a line of dashes behind it.
#[track_caller]
fn cut(repo: &TestRepo, words: &[&str], format: &str) -> String {
    repo.cleave(&[&["plan", "--name", "x"], words].concat()).ok();
    repo.cleave(&["split", "--name", "x", "--force"]).ok();
    repo.git(&["log", "--reverse", &format!("--format={format}---"), "base..cleave/x/all"])
}

const ONE: (&str, &str) = ("a/one.c", "int one(void)\n{\n\treturn 11;\n}\n");

#[test]
fn a_commit_that_stays_whole_keeps_its_message_to_the_byte() {
    for (nth, message) in [
        "a: fix it\n\nBUG: KASAN in one\n\nis what it said.\n\nSigned-off-by: Pat <pat@example.org>\n",
        "a: fix it\n\nReported-by: R <r@x.org>\n\nWARNING: possible deadlock in one\n\nThat.\n\nSigned-off-by: Pat <pat@example.org>\n",
        "\n \n\na: fix it\nin two lines\n\n\n\n  code\n# a comment\n\n\nCc: x@y.org\n\n\n",
        "a: fix it\r\n\r\nSome text.\r\n \r\nMore.\r\n\r\nSigned-off-by: Pat <pat@example.org>\r\n",
        "a: fix it\n\nSigned-off-by: Pat <pat@example.org>\n\nb: not a second one\n\nSigned-off-by: Pat <pat@example.org>\n",
    ]
    .iter()
    .enumerate()
    {
        let repo = base(&format!("a_commit_that_stays_whole_keeps_its_message_to_the_byte_{nth}"));
        commit(&repo, message, &[ONE]);
        cut(&repo, &["-n", "1", "base.."], "%s");
        let raw = |rev: &str| repo.git(&["cat-file", "commit", rev]).split_once("\n\n").unwrap().1.to_owned();
        assert_eq!(raw("cleave/x/all"), raw("HEAD"));
    }
}

#[test]
fn what_nobody_said_is_made_of_the_change() {
    let repo = base("what_nobody_said_is_made_of_the_change");
    repo.write(ONE.0, ONE.1);
    assert_eq!(cut(&repo, &["--worktree"], "%s"), "a/one: update one.c---");
    let cover = repo.cleave(&["edit", "--name", "x", "--print"]).ok();
    assert!(!cover.contains("Changes of"), "{cover}");
    for message in ["WIP\n", "Merge branch 'x' into 'main'\n", "fixup! a: add it\n", ""] {
        repo.git(&["checkout", "-q", "-f", "base"]);
        commit(&repo, message, &[ONE]);
        assert_eq!(cut(&repo, &["base.."], "%s"), "a/one: update one.c---", "{message}");
    }
    repo.git(&["checkout", "-q", "-f", "base"]);
    commit(&repo, "Merge branch 'x' into 'main'\n\na: count to eleven\n\nTen is not enough.\n", &[ONE]);
    assert_eq!(cut(&repo, &["base.."], "%B"), "a: count to eleven\n\nTen is not enough.\n---");
}

#[test]
fn a_fixup_goes_to_the_commit_that_it_mends() {
    let repo = base("a_fixup_goes_to_the_commit_that_it_mends");
    commit(&repo, "a: count to eleven\n\nTen is not enough.\n", &[ONE]);
    commit(&repo, "b: count to two\n", &[("b/two.c", "int two(void)\n{\n\treturn 22;\n}\n")]);
    commit(&repo, "fixup! a: count to eleven\n", &[("a/one.c", "int one(void)\n{\n\treturn 12;\n}\n")]);
    assert_eq!(cut(&repo, &["-n", "2", "base.."], "%B"), "a: count to eleven\n\nTen is not enough.\n---\nb: count to two\n---");
}

/// What `git merge --squash` says of two commits by two people, the second of whom signed off where `signs`.
fn squashed(signs: bool) -> String {
    let signoff = if signs { "\n    Signed-off-by: Bob <bob@example.org>\n" } else { "" };
    format!(
        "Squashed commit of the following:\n\ncommit {0}\nAuthor: Bob <bob@example.org>\nDate:   Tue Mar 5 2024\n\n    b: count two() to twenty-two\n\
         {signoff}\ncommit {0}\nAuthor: Amy <amy@example.org>\nDate:   Mon Mar 4 2024\n\n    a: count one() to eleven\n\n    Ten is not enough.\n\n    \
         Signed-off-by: Amy <amy@example.org>\n",
        "1".repeat(40)
    )
}

#[test]
fn the_parts_of_a_squashed_commit_have_their_own_words_and_authors() {
    let repo = base("the_parts_of_a_squashed_commit_have_their_own_words_and_authors");
    commit(&repo, &squashed(true), &[ONE, ("b/two.c", "int two(void)\n{\n\treturn 22;\n}\n")]);
    assert_eq!(
        cut(&repo, &["base.."], "%an <%ae>%n%B"),
        "Amy <amy@example.org>\na: count one() to eleven\n\nTen is not enough.\n\nSigned-off-by: Amy <amy@example.org>\n---\n\
         Bob <bob@example.org>\nb: count two() to twenty-two\n\nSigned-off-by: Bob <bob@example.org>\n---"
    );
    let todo = repo.cleave(&["edit", "--name", "x", "--print"]).ok();
    assert!(!todo.contains("Squashed commit"), "{todo}");
}

#[test]
fn a_squashed_message_that_fits_no_patch_is_named_and_not_said() {
    let repo = base("a_squashed_message_that_fits_no_patch_is_named_and_not_said");
    let third = format!("\ncommit {}\nAuthor: Cy <cy@example.org>\n\n    docs: say how far it counts\n", "1".repeat(40));
    commit(&repo, &(squashed(true) + &third), &[ONE, ("b/two.c", "int two(void)\n{\n\treturn 22;\n}\n")]);
    let said = cut(&repo, &["-n", "2", "base.."], "%an%n%B");
    assert!(said.contains("a: count one()") && said.contains("b: count two()"), "{said}");
    assert!(!said.contains("docs:") && !said.contains("Cy"), "{said}");
    let plan = repo.cleave(&["plan", "--name", "x", "-n", "2", "base.."]).ok();
    assert!(plan.contains("the squashed message 'docs: say how far it counts'"), "{plan}");
}

#[test]
fn a_squashed_commit_that_stays_whole_names_all_who_made_it() {
    let repo = base("a_squashed_commit_that_stays_whole_names_all_who_made_it");
    let files = [("a/one.c", "int one(void)\n{\n\treturn 11;\n}\n\nint one_more(void)\n{\n\treturn one();\n}\n")];
    commit(&repo, &squashed(true), &files);
    let said = cut(&repo, &["-n", "1", "base.."], "%an%n%B");
    for part in ["a: count one() to eleven", "Ten is not enough.", "b: count two() to twenty-two"] {
        assert_eq!(said.matches(part).count(), 1, "{said}");
    }
    assert!(!said.contains("Squashed commit"), "{said}");
    let (first, second) = if said.starts_with("Amy") { ("Bob", "Amy") } else { ("Amy", "Bob") };
    let (one, other) = (first.to_lowercase(), second.to_lowercase());
    let trailers = format!(
        "Co-developed-by: {first} <{one}@example.org>\nSigned-off-by: {first} <{one}@example.org>\nSigned-off-by: {second} <{other}@example.org>\n"
    );
    assert!(said.contains(&trailers), "{said}");

    repo.git(&["checkout", "-q", "-f", "base"]);
    commit(&repo, &squashed(false), &files);
    let said = cut(&repo, &["-n", "1", "base.."], "%an%n%B");
    // Nobody is made to sign.
    assert!(!said.contains("Signed-off-by: Bob"), "{said}");
    assert!(!said.contains("Co-developed-by: Bob"), "{said}");
    let told = repo.cleave(&["explain", "1"]).ok();
    assert!(
        said.starts_with("Bob") || told.contains("Bob <bob@example.org> wrote a part of it and signed nothing off"),
        "{told}"
    );
}

#[test]
fn what_a_commit_says_that_is_cut_is_said_by_its_main_part() {
    let repo = base("what_a_commit_says_that_is_cut_is_said_by_its_main_part");
    commit(
        &repo,
        "b: add more\n",
        &[ONE, ("b/more.c", "int more(void)\n{\n\treturn 3;\n}\n\nint most(void)\n{\n\treturn 4;\n}\n")],
    );
    let subjects = cut(&repo, &["-n", "2", "base.."], "%s");
    assert_eq!(subjects.matches("b: add more---").count(), 1, "{subjects}");
    assert_eq!(subjects.matches("---").count(), 2, "{subjects}");
}

#[test]
fn the_code_of_a_commit_that_is_cut_takes_its_words_and_leaves_what_is_said_of_the_rest() {
    let repo = TestRepo::new("the_code_of_a_commit_that_is_cut_takes_its_words");
    let options = |more: &str| format!("struct option o[] = {{\n\tOPT(\"all\"),\n{more}\tOPT_END(),\n}};\n");
    let add = |more: &str| format!("int add(int how)\n{{\n{more}\treturn how;\n}}\n\n");
    let base = [
        ("builtin/add.c", add("") + &options("")),
        ("t/t1-add.sh", "git add --all\n".to_owned()),
        ("configs/b_defconfig", "CONFIG_A=y\n".to_owned()),
    ];
    commit(&repo, "base", &base.each_ref().map(|(path, text)| (*path, text.as_str())));
    repo.git(&["tag", "base"]);
    let message = "add: introduce --resolved\n\nIt adds what is resolved.\n\nUpdate the defconfigs.\n\nNo functional change intended.\n\n\
        Signed-off-by: Pat <pat@example.org>\nLink: https://patch.msgid.link/1@example.org\nSigned-off-by: Max <max@example.org>\n";
    let tests: String = (0..30).map(|nth| format!("git add --resolved {nth}\n")).collect();
    let new = add("\tif (how > 1)\n\t\treturn add_resolved;\n") + &options("\tOPT(\"resolved\"),\n");
    let tip = [
        ("builtin/add.c", new.as_str()),
        ("t/t1-add.sh", &format!("git add --all\n{tests}")),
        ("configs/b_defconfig", "CONFIG_A=y\nCONFIG_B=y\n"),
    ];
    commit(&repo, message, &tip);
    let all = cut(&repo, &["base.."], "%s%n%b");
    let shown = repo.cleave(&["show", "--name", "x"]).ok();
    assert_eq!(shown.replace("\n      ", " ").matches("names an earlier posting").count(), 1, "{shown}");
    let of_code = all.split("---").find(|said| said.contains("add: introduce --resolved")).unwrap();
    assert!(of_code.contains("It adds what is resolved."), "{all}");
    for said in ["defconfigs.", "No functional", "patch.msgid.link"] {
        assert!(!all.contains(said), "'{said}' in: {all}");
    }
    let files = repo.git(&["log", "--reverse", "--format=%s", "--name-only", "base..cleave/x/all"]);
    assert!(files.contains("add: introduce --resolved\n\nbuiltin/add.c\n"), "{files}");
    assert!(files.find("builtin/add.c").unwrap() < files.find("t/t1-add.sh").unwrap(), "{files}");
    let out = repo.dir.with_file_name("out");
    drop(repo.cleave(&["mail", "--draft", "--no-lint", "-o", out.to_str().unwrap()]).ok());
    let of_tests = std::fs::read_dir(out.join("t")).unwrap().map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
    let of_tests: String = of_tests.collect();
    assert!(of_tests.contains("which adds --resolved"), "{of_tests}");
    let told = repo.cleave(&["explain", "t"]).ok();
    assert!(told.contains("\nThe series needs 'builtin': it adds --resolved.\n"), "{told}");
}
