//! The program from outside: a tree on disk, arguments in, lines and an exit code out.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs, reason = "a test that cannot go on says so by failing")]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const MAINTAINERS: &str = "\
List of maintainers

MEMORY
M:\tAnn B. Example <ann@example.org>
R:\tCy Example <cy@example.org>
L:\tmm@lists.example.org
L:\tclosed@lists.example.org (subscribers-only)
S:\tSupported
W:\thttps://mm.example.org
B:\tmailto:bugs@example.org
T:\tgit git://example.org/mm.git
F:\tmm/

NETWORK
M:\tBob Example <bob@example.org>
S:\tMaintained
T:\tgit git://example.org/net.git
F:\tnet/
K:\tmagic_word

THE REST
M:\tLinus Torvalds <torvalds@linux-foundation.org>
L:\tall@lists.example.org
S:\tBuried alive in reporters
F:\t*
F:\t*/
";

/// A tree of its own with these files.
struct Folder(PathBuf);

/// What the program said.
#[derive(Debug)]
#[must_use]
struct Output {
    stdout: String,
    stderr: String,
    code: Option<i32>,
}

impl Folder {
    fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let folder = Folder(Path::new(env!("CARGO_TARGET_TMPDIR")).join(name));
        drop(fs::remove_dir_all(&folder.0));
        fs::create_dir_all(&folder.0).unwrap();
        files.iter().for_each(|(path, text)| folder.write(path, text));
        folder
    }

    fn kernel(name: &str) -> Self {
        Folder::new(name, &[("MAINTAINERS", MAINTAINERS), ("mm/a.c", ""), ("net/b.c", "magic_word\n"), ("mm/sub/c.c", "")])
    }

    fn write(&self, path: &str, text: &str) {
        fs::create_dir_all(self.0.join(path).parent().unwrap()).unwrap();
        fs::write(self.0.join(path), text).unwrap();
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.0).stdin(Stdio::null());
        for (name, value) in [("HOME", "/nowhere"), ("GIT_CONFIG_NOSYSTEM", "1"), ("TZ", "UTC"), ("LC_ALL", "C")] {
            command.env(name, value);
        }
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "Fay Example").env(format!("GIT_{role}_EMAIL"), "fay@example.org");
        }
        // A folder above may be a repository: git must not find it.
        command.env("GIT_CEILING_DIRECTORIES", self.0.parent().unwrap());
        command
    }

    fn run(&self, words: &[&str]) -> Output {
        run(self.command(env!("CARGO_BIN_EXE_get-maintainer")).args(words))
    }

    fn git(&self, words: &[&str]) -> String {
        let out = run(self.command("git").args(words));
        assert_eq!(out.code, Some(0), "{out:?}");
        out.stdout.trim().to_owned()
    }
}

fn run(command: &mut Command) -> Output {
    let out = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Output { stdout: text(out.stdout), stderr: text(out.stderr), code: out.status.code() }
}

impl Output {
    fn ok(self) -> String {
        assert_eq!((self.stderr.as_str(), self.code), ("", Some(0)));
        self.stdout
    }
}

#[test]
fn files_are_answered_as_the_script_prints_them() {
    let folder = Folder::kernel("files_are_answered");
    insta::assert_snapshot!(folder.run(&["-f", "mm/a.c"]).ok(), @r#"
    "Ann B. Example" <ann@example.org> (supporter:MEMORY)
    Cy Example <cy@example.org> (reviewer:MEMORY)
    mm@lists.example.org (open list:MEMORY)
    all@lists.example.org (open list)
    "#);
    insta::assert_snapshot!(folder.run(&["--norolestats", "--nol", "--no-n", "-s", "-f", "./mm/sub", "net/b.c"]).ok(), @r"
    ann@example.org
    cy@example.org
    bob@example.org
    ");
    let absolute = folder.0.canonicalize().unwrap().join("net/b.c");
    assert_eq!(
        folder.run(&["--file", absolute.to_str().unwrap(), "--nol"]).ok(),
        "Bob Example <bob@example.org> (maintainer:NETWORK)\n"
    );
    let elsewhere = Folder::new("files_are_answered_elsewhere", &[]);
    let words = ["-C", folder.0.to_str().unwrap(), "--no-rolestats", "--no-l", "-f", "net/b.c"];
    assert_eq!(elsewhere.run(&words).ok(), "Bob Example <bob@example.org>\n");
}

#[test]
fn what_else_sections_say_stands_behind_the_people() {
    let folder = Folder::kernel("what_else_sections_say");
    let words = ["--noemail", "--nol", "--scm", "--status", "--subsystem", "--web", "--bug", "-f", "mm/a.c"];
    insta::assert_snapshot!(folder.run(&words).ok(), @r"
    git git://example.org/mm.git
    Supported
    Buried alive in reporters
    MEMORY
    THE REST
    https://mm.example.org
    mailto:bugs@example.org
    ");
    let line = folder.run(&["--separator", "; ", "--norolestats", "--subsystem", "-f", "net/b.c"]).ok();
    assert_eq!(line, "Bob Example <bob@example.org>; all@lists.example.org\nNETWORK; THE REST\n");
    assert_eq!(folder.run(&["--noemail", "-f", "net/b.c"]).code, Some(2));
    assert_eq!(folder.run(&["--nom", "--nor", "--nol", "-f", "net/b.c"]).code, Some(2));
}

#[test]
fn a_patch_is_read_from_a_file_or_from_standard_input() {
    let folder = Folder::kernel("a_patch_is_read");
    folder.write("p", "Subject: mm\n\n---\n--- a/mm/a.c\n+++ b/mm/a.c\n+magic_word\n");
    let expected = "\"Ann B. Example\" <ann@example.org> (supporter:MEMORY)\nBob Example <bob@example.org> (maintainer:NETWORK:Keyword:magic_word)\n";
    assert_eq!(folder.run(&["--nol", "--nor", "p"]).ok(), expected);
    let mut command = folder.command(env!("CARGO_BIN_EXE_get-maintainer"));
    command.args(["--nol", "--nor"]).stdin(File::open(folder.0.join("p")).unwrap());
    assert_eq!(run(&mut command).ok(), expected);
    assert!(!folder.run(&["--nol", "--no-keywords", "p"]).ok().contains("bob@"));
    let none = folder.run(&["mm/a.c"]);
    assert_eq!((none.stdout.as_str(), none.code), ("", Some(0)));
    assert!(none.stderr.starts_with("warning: 'mm/a.c' names no file"), "{}", none.stderr);
}

#[test]
fn history_is_asked_as_the_script_asks_it() {
    let folder = Folder::kernel("history_is_asked");
    folder.git(&["init", "-q"]);
    folder.git(&["add", "."]);
    folder.git(&["commit", "-q", "-m", "first\n\nSigned-off-by: Gus Example <gus@example.org>"]);
    let id = folder.git(&["rev-parse", "HEAD"]);
    // A file that git knows needs no -f; no pattern names this one itself.
    let fallback = folder.run(&["--nol", "--nor", "mm/sub/c.c"]).ok();
    insta::assert_snapshot!(fallback, @r#"
    "Ann B. Example" <ann@example.org> (supporter:MEMORY)
    Gus Example <gus@example.org> (commit_signer:1/1=100%)
    Fay Example <fay@example.org> (authored:1/1=100%)
    "#);
    assert!(!folder.run(&["--nogit-fallback", "mm/sub/c.c"]).ok().contains("gus@"));
    assert!(!folder.run(&["mm/a.c"]).ok().contains("gus@") && folder.run(&["--git", "mm/a.c"]).ok().contains("gus@"));
    folder.write("p", &format!("Subject: mm\n\nFixes: {id} (\"first\")\n---\n--- a/mm/a.c\n+++ b/mm/a.c\n"));
    assert!(folder.run(&["p"]).ok().contains("Gus Example <gus@example.org> (blamed_fixes:1/1=100%)\n"));
    assert!(!folder.run(&["--nofixes", "p"]).ok().contains("gus@"));
    // The tree's own defaults, which the command line overrides.
    folder.write(".get_maintainer.conf", "--norolestats # addresses\n--nogit-fallback\n--git-blame\n");
    let conf = folder.run(&["--nol", "--nor", "mm/sub/c.c"]);
    assert_eq!(conf.stdout, "\"Ann B. Example\" <ann@example.org>\n");
    assert_eq!(conf.stderr, "warning: --git-blame is not followed\n");
    assert!(folder.run(&["--git-fallback", "mm/sub/c.c"]).stdout.contains("gus@"));
}

#[test]
fn what_cannot_be_done_is_said() {
    let folder = Folder::kernel("what_cannot_be_done");
    for words in [["--git-blame", "-f", "mm/a.c"], ["--interactive", "-f", "mm/a.c"], ["--letters=F", "-f", "mm/a.c"]] {
        let refused = folder.run(&words);
        assert_eq!((refused.stdout.as_str(), refused.code), ("", Some(2)), "{words:?}");
        assert!(refused.stderr.contains("of get_maintainer.pl is not followed here"), "{}", refused.stderr);
    }
    assert_eq!(folder.run(&["--unheard-of"]).code, Some(2));
    assert_eq!(folder.run(&["--git-min-percent", "many", "-f", "mm/a.c"]).code, Some(2));
    let missing = folder.run(&["-f", "mm/none.c"]);
    assert_eq!((missing.stderr.as_str(), missing.code), ("error: file 'mm/none.c' not found\n", Some(1)));
    assert_eq!(folder.run(&["mm"]).code, Some(3));
    assert_eq!(Folder::new("what_cannot_be_done_here", &[("a", "")]).run(&["-f", "a"]).code, Some(1));
}

#[test]
fn codeowners_answers_where_there_is_no_maintainers() {
    let folder = Folder::new("codeowners_answers", &[("CODEOWNERS", "* @all\n/mm/ ann@x.org\n"), ("mm/a.c", ""), ("b", "")]);
    assert_eq!(folder.run(&["-f", "mm/a.c", "b"]).ok(), "ann@x.org (owner:line 2)\n@all (owner:line 1)\n");
}
