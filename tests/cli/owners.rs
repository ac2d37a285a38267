//! `git cleave owners` over a real tree, and `explain ADDRESS` and `mail` by what it says.

use crate::support::TestRepo;

const MAINTAINERS: &str = "\
List of maintainers

MEMORY
M:\tAnn Example <ann@example.org>
R:\tCy Example <cy@example.org>
L:\tmm@lists.example.org
L:\theld@lists.example.org (moderated for non-subscribers)
S:\tSupported
F:\tmm/

NETWORK
M:\tBob Example <bob@example.org>
L:\tnet@lists.example.org
S:\tMaintained
F:\tnet/
K:\tmagic_word

THE REST
M:\tLinus Torvalds <torvalds@linux-foundation.org>
L:\tall@lists.example.org
S:\tBuried alive in reporters
F:\t*
F:\t*/
";

/// A tree that is recognized as Linux, with a change of three patches for two sections.
fn repo(name: &str) -> TestRepo {
    let repo = TestRepo::new(name);
    let files = [
        ("MAINTAINERS", MAINTAINERS),
        ("Kbuild", ""),
        ("Documentation/process/submitting-patches.rst", ""),
        ("mm/a.c", "int a(void)\n{\n\treturn 1;\n}\n"),
        ("mm/b.c", "int b(void)\n{\n\treturn 1;\n}\n"),
        ("net/c.c", "int c(void)\n{\n\treturn 1;\n}\n"),
    ];
    repo.commit_files("base", &files);
    repo
}

fn commit(repo: &TestRepo, path: &str, text: &str, message: &str) {
    repo.write(path, text);
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "-m", message]);
}

#[test]
fn several_paths_are_one_question_and_stdin_is_many() {
    let repo = repo("several_paths_are_one_question");
    let one = repo.cleave(&["owners", "--roles", "mm/a.c", "mm/b.c", "net/c.c"]).ok();
    let expected = "Ann Example <ann@example.org> (supporter:MEMORY)\nCy Example <cy@example.org> (reviewer:MEMORY)\n\
         Bob Example <bob@example.org> (maintainer:NETWORK)\n\
         mm@lists.example.org (open list:MEMORY)\nheld@lists.example.org (moderated list:MEMORY)\n\
         all@lists.example.org (open list)\nnet@lists.example.org (open list:NETWORK)\n";
    assert_eq!(one, expected);
    let list = |words: &[&str], paths: &str| {
        repo.write("list", paths);
        let mut command = repo.command(env!("CARGO_BIN_EXE_git-cleave"), &repo.dir);
        command.args(words).stdin(std::fs::File::open(repo.dir.join("list")).expect("written just now"));
        repo.run(command).ok()
    };
    let two = list(&["owners", "--stdin"], "Kbuild\nnet/c.c\n");
    let expected = "Kbuild: all@lists.example.org\nnet/c.c: Bob Example <bob@example.org>\n\
                    net/c.c: net@lists.example.org\nnet/c.c: all@lists.example.org\n";
    assert_eq!(two, expected);
    let null = list(&["owners", "--roles", "--stdin", "-z"], "Kbuild\0Kbuild\0");
    assert_eq!(null, "Kbuild\0all@lists.example.org (open list)\0".repeat(2));
    assert_eq!(repo.cleave(&["owners", "mm/nothing.c"]).code, Some(1));
    assert_eq!(repo.cleave(&["owners"]).code, Some(2));
    let json = repo.cleave(&["owners", "net/c.c", "--format", "json"]).ok();
    let first = "{\"path\":\"net/c.c\",\"address\":\"Bob Example <bob@example.org>\",\"says\":\"maintainer:NETWORK\"}\n";
    assert!(json.starts_with(first), "{json}");
}

#[test]
fn a_patch_is_asked_about_with_its_words_and_the_people_it_mends() {
    let repo = repo("a_patch_is_asked_about");
    commit(&repo, "mm/a.c", "int a(void)\n{\n\treturn 2;\n}\n", "mm: two\n\nSigned-off-by: Fay Example <fay@example.org>");
    let mended = repo.git(&["rev-parse", "HEAD"]);
    let patch = format!("Subject: mm: three\n\nFixes: {mended} (\"mm: two\")\n---\n--- a/mm/a.c\n+++ b/mm/a.c\n+magic_word\n");
    repo.write("p", &patch);
    let asked = repo.cleave(&["owners", "--roles", "--patch", "p"]).ok();
    assert!(asked.contains("Fay Example <fay@example.org> (blamed_fixes:1/1=100%)\n"), "{asked}");
    assert!(asked.contains("Bob Example <bob@example.org> (maintainer:NETWORK:Keyword:magic_word)\n"), "{asked}");
    let fewer = repo.cleave(&["owners", "--patch", "p", "--no-fixes", "--no-keywords"]).ok();
    assert!(!fewer.contains("fay@") && !fewer.contains("bob@"), "{fewer}");
    let git = repo.cleave(&["owners", "--roles", "--git", "--git-since", "20-years-ago", "mm/a.c"]).ok();
    assert!(git.contains("Fay Example <fay@example.org> (commit_signer:1/2=50%)\n"), "{git}");
}

#[test]
fn a_project_with_codeowners_answers_too() {
    let repo = TestRepo::new("a_project_with_codeowners");
    repo.commit_files(
        "base",
        &[("CODEOWNERS", "* all@x.org\n/mm/ @mm ann@x.org # people\n/mm/free\n"), ("mm/a.c", ""), ("b.c", "")],
    );
    assert_eq!(repo.cleave(&["owners", "--roles", "mm/a.c"]).ok(), "@mm (owner:line 2)\nann@x.org (owner:line 2)\n");
    repo.write("p", "--- a/mm/free\n+++ b/mm/free\ndiff --git a/b.c b/b.c\n");
    assert_eq!(repo.cleave(&["owners", "--patch", "p"]).ok(), "all@x.org\n");
}

#[test]
fn what_cannot_be_used_is_said() {
    let repo = TestRepo::new("what_cannot_be_used_is_said");
    repo.commit_files("base", &[("MAINTAINERS", "A\nM:\tAnn <a@x>\nF:\t*\nK:\t(?{code})\n"), ("a.c", "")]);
    let out = repo.cleave(&["owners", "a.c"]);
    assert_eq!((out.stdout.as_str(), out.code), ("Ann <a@x>\n", Some(0)));
    assert_eq!(out.stderr, "warning: MAINTAINERS:4: unknown kind of group\n");
}

/// A plan of two patches: one by an author of its own whose trailers name people, one with a word of somebody else's section.
fn planned(name: &str) -> TestRepo {
    let repo = repo(name);
    let message = "mm: two\n\nBecause one is few.\n\nReported-by: Rep Example <rep@example.org>\nCc: stable@vger.kernel.org # 6.1\n\
                   Cc: Linus Torvalds <torvalds@linux-foundation.org>\nSigned-off-by: A U Thor <author@example.com>";
    commit(&repo, "mm/a.c", "int a(void)\n{\n\treturn 2;\n}\n", message);
    commit(&repo, "net/c.c", "int c(void)\n{\n\treturn 2;\n}\n", "net: two\n\nFor the same reason.");
    drop(repo.cleave(&["plan", "base..", "--name", "x"]).ok());
    repo
}

#[test]
fn why_somebody_gets_a_patch_can_be_asked() {
    let repo = planned("why_somebody_gets_a_patch");
    let cy = repo.cleave(&["explain", "cy@EXAMPLE.org", "--name", "x"]).ok();
    assert!(cy.contains("Cy Example <cy@example.org> gets 1 of 2 patches"), "{cy}");
    assert!(cy.contains("Cc: reviewer of MEMORY: 'F: mm/' at MAINTAINERS:9 matches mm/a.c\n"), "{cy}");
    let rep = repo.cleave(&["explain", "rep@example.org", "--name", "x"]).ok();
    assert!(rep.contains("Cc: the patch says 'Reported-by: Rep Example <rep@example.org>'\n"), "{rep}");
    for nobody in ["torvalds@linux-foundation.org", "stable@vger.kernel.org", "nobody@example.org"] {
        assert_eq!(repo.cleave(&["explain", nobody, "--name", "x"]).code, Some(1), "{nobody}");
    }
    let json = repo.cleave(&["explain", "net@lists.example.org", "--name", "x", "--format", "json"]).ok();
    assert!(
        json.contains("\"field\":\"Cc\"") && json.contains("open list of NETWORK: 'F: net/' at MAINTAINERS:15 matches"),
        "{json}"
    );
}

#[test]
fn rules_of_the_user_are_obeyed() {
    let repo = planned("rules_of_the_user_are_obeyed");
    let rules = "[[rule]]\nname = \"stable-is-a-tag\"\noff = true\n[[rule]]\nname = \"mine\"\nwhy = \"she asked\"\nwhen = { path = \"net/\" }\n\
                 to = [\"Zoe <zoe@example.org>\"]\nremove = [\"net@*\"]\n";
    repo.write("rules.toml", rules);
    let path = repo.dir.join("rules.toml");
    repo.git(&["config", "cleave.recipientRules", path.to_str().expect("UTF-8")]);
    let zoe = repo.cleave(&["explain", "zoe@example.org", "--name", "x"]).ok();
    assert!(zoe.contains("To: rule 'mine': she asked\n"), "{zoe}");
    assert_eq!(repo.cleave(&["explain", "net@lists.example.org", "--name", "x"]).code, Some(1));
    assert_eq!(repo.cleave(&["explain", "stable@vger.kernel.org", "--name", "x"]).code, Some(0));
    repo.write(
        "rules.toml",
        "[[rule]]\nname = \"net\"\nwhy = \"so it is told apart\"\nwhen = { path = \"net/\" }\nbegins = \"inet: \"\n",
    );
    let mail = repo.cleave(&["mail", "--name", "x", "--draft", "-o", "out"]);
    let warning = "warning: 'net: two' should begin with 'inet: ' (rule 'net'): so it is told apart\n";
    assert!(mail.stderr.contains(warning) && !mail.stderr.contains("'mm: two' should"), "{}", mail.stderr);
    repo.git(&["config", "cleave.recipientRules", "/nowhere/rules.toml"]);
    let none = repo.cleave(&["explain", "zoe@example.org", "--name", "x"]);
    assert!(none.stderr.contains("cannot read '/nowhere/rules.toml' of cleave.recipientRules"), "{}", none.stderr);
}

#[test]
fn keywords_are_looked_for_in_what_a_patch_changes() {
    let repo = TestRepo::new("keywords_are_looked_for_in_what_a_patch_changes");
    let maintainers = "RANDOM\nM:\tRay Random <ray@example.org>\nS:\tMaintained\nK:\tget_random\n\n\
                       DEVELOPER\nM:\tDee Example <dee@example.org>\nF:\tdev/\n\n\
                       NETWORK\nM:\tNed Net <ned@example.org>\nF:\tnet/\n\n\
                       TITLES\nM:\tTia Title <tia@example.org>\nK:\tturbo\n\n\
                       PATHS\nM:\tPat Path <pat@example.org>\nK:\tnet/slow\n";
    let far = "\n".repeat(20);
    let file = |line: &str| format!("int r = get_random;\n{far}int {line};\n");
    repo.commit_files(
        "base",
        &[("MAINTAINERS", maintainers), ("dev/a.c", &file("a")), ("net/b.c", &file("b")), ("net/slow.c", "\n")],
    );
    // Of the file that two patches touch and of the one that a patch touches, the word stands in none of the changed lines.
    commit(&repo, "dev/a.c", &file("aa"), "dev: rename a\n\nWhy.");
    commit(&repo, "net/b.c", &file("b, random = get_random()"), "net: draw b\n\nWhy.");
    commit(&repo, "net/slow.c", "int slow;\n", "net: go turbo\n\nWhy.");
    drop(repo.cleave(&["plan", "base..", "--name", "x", "-n", "3"]).ok());
    let patches = |who: &str| {
        let told = repo.cleave(&["explain", who, "--name", "x", "--format", "json"]).stdout;
        let subject =
            |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["subject"].as_str().unwrap().to_owned();
        told.lines().map(subject).collect::<Vec<_>>()
    };
    assert_eq!(patches("ray@example.org"), ["net: draw b"]);
    assert_eq!(patches("tia@example.org"), ["net: go turbo"]);
    // The diffstat belongs to the mail that the script reads.
    assert_eq!(patches("pat@example.org"), ["net: go turbo"]);
    let why = repo.cleave(&["explain", "ray@example.org", "--name", "x"]).ok();
    assert!(why.contains("maintainer of RANDOM: 'K: get_random' at MAINTAINERS:4 stands in the patch\n"), "{why}");
}
