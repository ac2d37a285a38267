//! Authors and texts that git took and nobody should have written.

use std::io::Write;
use std::process::Stdio;

use crate::support::TestRepo;

fn base(name: &str) -> TestRepo {
    let repo = TestRepo::new(name);
    repo.commit_files("base", &[("a.c", "int one(void)\n{\n\treturn 1;\n}\n")]);
    repo
}

/// Plans and splits, and returns what this format says of the only patch.
#[track_caller]
fn cut(repo: &TestRepo, format: &str) -> String {
    repo.cleave(&["plan", "--name", "x", "base.."]).ok();
    repo.cleave(&["split", "--name", "x", "--force"]).ok();
    repo.git(&["log", &format!("--format={format}"), "base..cleave/x/all"])
}

/// Makes a commit on the base with the file changed, with these lines below its tree and parent, and below these the message.
fn raw_commit(repo: &TestRepo, rest: &[u8]) {
    repo.git(&["checkout", "-q", "-f", "base"]);
    repo.write("a.c", "int one(void)\n{\n\treturn 11;\n}\n");
    repo.git(&["add", "-A"]);
    let head = format!("tree {}\nparent {}\n", repo.git(&["write-tree"]), repo.git(&["rev-parse", "base"]));
    let mut command = repo.command("git", &repo.dir);
    command.args(["hash-object", "-t", "commit", "-w", "--literally", "--stdin"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(&[head.as_bytes(), rest].concat()).unwrap();
    let id = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    repo.git(&["checkout", "-q", "-f", id.trim()]);
}

#[test]
fn odd_authors_break_no_commit_and_no_mail() {
    let repo = base("odd_authors_break_no_commit_and_no_mail");
    let committer = "committer Cy <cy@example.org> 1700000000 +0000\n\na: count\n";
    let check = |author: &str, time: &str, refused: bool| {
        raw_commit(&repo, format!("author {author}\n{committer}").as_bytes());
        assert_eq!(cut(&repo, "%ad"), time, "{author}");
        let mut fsck = repo.command("git", &repo.dir);
        fsck.arg("fsck");
        let (said, own) = (repo.run(fsck), repo.git(&["rev-parse", "cleave/x/all"]));
        assert!(!said.stderr.contains(&own), "{author}: {said:?}");
        let mailed = repo.cleave(&["mail", "--name", "x", "--no-lint", "-o", "../out"]);
        assert_eq!(mailed.stderr.contains("has no mail address"), refused, "{author}: {mailed:?}");
        assert_eq!(mailed.code, Some(i32::from(refused)), "{author}: {mailed:?}");
    };
    let day = "Tue Nov 14 22:13:20 2023 +0000";
    let zero = "Thu Jan 1 00:00:00 1970 +0000";
    check(" <ann@example.org> 1700000000 +0000", day, false);
    check("Ann <> 1700000000 +0000", day, true);
    check(" <> 1700000000 +0000", day, true);
    check("Ann <ann at example> 1700000000 +0000", day, true);
    check("A\x1b[2Jnn <ann@example.org> 1700000000 +0000", day, true);
    check("Ann <ann@example.org> -5 +0000", zero, false);
    check("Ann <ann@example.org>", zero, false);
    check("Ann <ann@example.org> 99999999999999999999 +0000", zero, false);
}

#[test]
fn messages_are_in_utf8_whatever_they_were() {
    let repo = base("messages_are_in_utf8_whatever_they_were");
    for encoding in ["", "encoding ISO-8859-1\n", "encoding nonsense\n"] {
        let head = "committer Cy <cy@example.org> 1700000000 +0000\n";
        let name = b"author J\xfcrgen <j@example.org> 1700000000 +0000\n";
        raw_commit(&repo, &[&name[..], head.as_bytes(), encoding.as_bytes(), b"\na: count \xfcber ten\n"].concat());
        cut(&repo, "%s");
        let raw = repo.git(&["cat-file", "commit", "cleave/x/all"]);
        assert!(raw.contains("author J\u{fc}rgen <") && raw.contains("a: count \u{fc}ber ten"), "{raw}");
        assert!(!raw.contains("encoding"), "{raw}");
    }
}
