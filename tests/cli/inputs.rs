//! Bad and odd inputs: each a clear message or the right answer.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};

use crate::support::{Output, TestRepo, two_folders};

/// A refusal: the exit code and how its message begins.
#[track_caller]
fn refused(output: &Output, code: i32, message: &str) {
    assert_eq!(output.code, Some(code), "{output:?}");
    assert!(output.stderr.starts_with(&format!("error: {message}")), "wanted '{message}', got {output:?}");
}

/// Feeds a file to `--diff` or `--mbox`.
fn fed(repo: &TestRepo, option: &str, bytes: impl AsRef<[u8]>) -> Output {
    let path = repo.dir.parent().unwrap().join("input");
    fs::write(&path, bytes).unwrap();
    let output = repo.cleave(&["plan", option, path.to_str().unwrap(), "--base", "base", "--name", "x"]);
    let left = fs::read_dir(repo.dir.join(".git/cleave")).map_or(0, |entries| {
        entries.filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("incoming")).count()
    });
    assert_eq!(left, 0, "something is left behind");
    output
}

#[test]
fn diffs_that_cannot_be_applied() {
    let repo = two_folders("diffs_that_cannot_be_applied");
    let good = repo.git(&["diff", "base", "tip"]) + "\n";
    let rows: &[(&str, String, &str)] = &[
        ("empty", String::new(), "[INPUT] holds no diff"),
        ("garbage", "hello\nworld\n".into(), "[INPUT] holds no diff"),
        ("cut in a hunk", good[..good.len() - 20].into(), "[INPUT] does not apply to"),
        ("wrong counts", good.replace("@@ -1,5 +1,10 @@", "@@ -1,5 +1,99 @@"), "[INPUT] does not apply to"),
        ("other context", good.replace(" int a(void)", " int z(void)"), "[INPUT] does not apply to"),
        ("a path that leaves the tree", good.replace("b/net/c.c", "b/../c.c"), "[INPUT] does not apply to"),
        ("a path into .git", good.replace("net/c.c", ".git/config"), "[INPUT] does not apply to"),
        (
            "a hunk that goes on",
            good.replace("@@ -0,0 +1,4 @@", "@@ -0,0 +1,3 @@"),
            "line 37 of [INPUT] is beyond the end of its hunk '@@",
        ),
        (
            "binary without its data",
            "diff --git a/x b/x\nnew file mode 100644\nindex 0000000..1111111\nBinary files /dev/null and b/x differ\n".into(),
            "[INPUT] does not apply to",
        ),
    ];
    for (what, diff, message) in rows {
        let output = fed(&repo, "--diff", diff);
        let input = repo.dir.parent().unwrap().join("input").display().to_string();
        let shown = Output { stderr: output.stderr.replace(&input, "[INPUT]"), ..output };
        assert_eq!(shown.code, Some(1), "{what}: {shown:?}");
        assert!(shown.stderr.starts_with(&format!("error: {message}")), "{what}: {shown:?}");
    }
    refused(&repo.cleave(&["plan", "--diff", "nowhere.patch"]), 3, "cannot read 'nowhere.patch'");
    refused(&fed(&repo, "--mbox", "From nobody\n\njust a letter\n"), 1, "");
}

#[test]
fn diffs_and_mails_that_apply() {
    let repo = two_folders("diffs_and_mails_that_apply");
    for key in [["user.name", "Una User"], ["user.email", "una@example.org"]] {
        repo.git(&["config", key[0], key[1]]);
    }
    let split = || drop(repo.cleave(&["split", "--name", "x", "--force"]).ok());
    drop(fed(&repo, "--diff", repo.git(&["diff", "--binary", "base", "tip"]) + "\n").ok());
    split();
    assert_eq!(repo.tree("cleave/x/all"), repo.tree("tip"));
    // The same as a mail with a name in Latin-1, quoted-printable, after a cover letter and before a reply.
    repo.git(&["checkout", "-q", "-b", "mails", "base"]);
    repo.write("fs/a.c", "#include \"lib.h\"\nint a(void)\n{\n\treturn 1; /* caf\u{e9} */\n}\n");
    repo.git(&["commit", "-q", "-a", "-m", "fs: caf\u{e9}", "--author", "J\u{f6}rg <joerg@example.org>"]);
    let mail = repo.git(&["format-patch", "--stdout", "-1"]) + "\n";
    let cover = "From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\nFrom: A <a@example.org>\nSubject: [PATCH 0/1] cover\n\nwords\n\n";
    drop(fed(&repo, "--mbox", format!("{cover}{mail}{}", cover.replace("0/1] cover", "Re: x"))).ok());
    split();
    assert_eq!(repo.tree("cleave/x/all"), repo.tree("mails"));
    assert_eq!(repo.git(&["log", "-1", "--format=%an %s", "cleave/x/all"]), "J\u{f6}rg fs: caf\u{e9}");
    // Without prefixes, with the line ends of the way, and both.
    for diff in [repo.git(&["diff", "--no-prefix", "base", "mails"]), repo.git(&["diff", "base", "mails"])] {
        for diff in [diff.clone() + "\n", (diff + "\n").replace('\n', "\r\n")] {
            drop(fed(&repo, "--diff", diff).ok());
            split();
            assert_eq!(repo.tree("cleave/x/all"), repo.tree("mails"));
        }
    }
    drop(fed(&repo, "--mbox", mail.replace('\n', "\r\n")).ok());
    split();
    assert_eq!(repo.tree("cleave/x/all"), repo.tree("mails"));
    assert_eq!(repo.git(&["log", "-1", "--format=%an %s", "cleave/x/all"]), "J\u{f6}rg fs: caf\u{e9}");
    let quoted: String = mail
        .replace("Content-Transfer-Encoding: 8bit", "Content-Transfer-Encoding: quoted-printable")
        .split("\n\n")
        .enumerate()
        .map(|(idx, part)| if idx == 0 { part.to_owned() } else { part.replace('=', "=3D").replace('\u{e9}', "=C3=A9") })
        .collect::<Vec<_>>()
        .join("\n\n");
    drop(fed(&repo, "--mbox", quoted).ok());
    split();
    assert_eq!(repo.tree("cleave/x/all"), repo.tree("mails"));
    let latin: Vec<u8> =
        mail.replace("charset=UTF-8", "charset=ISO-8859-1").chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
    // Mail in Latin-1 is turned into UTF-8 in the message; the file keeps its bytes as the mail has them.
    let output = fed(&repo, "--mbox", latin);
    assert_eq!(output.code, Some(0), "{output:?}");
}

#[test]
fn revisions_that_name_nothing() {
    let repo = two_folders("revisions_that_name_nothing");
    refused(&repo.cleave(&["plan", "nonsense..tip"]), 2, "'nonsense' names no commit");
    refused(&repo.cleave(&["plan"]), 2, "'HEAD' has no upstream to take the base from");
    refused(&repo.cleave(&["plan", "tip..base"]), 1, "nothing differs between");
    refused(&repo.cleave(&["plan", "tip..tip"]), 1, "nothing differs between");
    refused(&repo.cleave(&["split"]), 2, "there is no plan yet");
    refused(&repo.cleave(&["split", "--name", "nope"]), 2, "there is no plan for 'nope'");
    refused(&repo.cleave(&["plan", "base..tip", "--name", "a/b"]), 2, "'a/b' cannot name a change");
    refused(&repo.cleave(&["plan", "base..tip", "--name", "all"]), 2, "'all' cannot name a change");
    repo.git(&["checkout", "-q", "--orphan", "other"]);
    repo.commit("unrelated");
    refused(&repo.cleave(&["plan", "base..unrelated"]), 2, "'base' and 'unrelated' have no common ancestor");
    assert_eq!(repo.cleave(&["plan", "base..tip", "--worktree"]).code, Some(2));
    assert_eq!(repo.cleave(&["frobnicate"]).code, Some(2));
    assert_eq!(repo.cleave(&["--help"]).code, Some(0));
    let nowhere = repo.dir.parent().unwrap();
    let outside = nowhere.join("outside");
    fs::create_dir_all(&outside).unwrap();
    let mut command = repo.command(env!("CARGO_BIN_EXE_git-cleave"), &outside);
    command.args(["plan", "a..b"]).env("GIT_CEILING_DIRECTORIES", nowhere);
    refused(&repo.run(command), 3, "not a git repository");
}

#[test]
fn settings_that_are_wrong() {
    let repo = two_folders("settings_that_are_wrong");
    repo.git(&["config", "cleave.maxLines", "many"]);
    refused(&repo.cleave(&["plan", "base..tip"]), 2, "'cleave.maxLines' is 'many', which is not a number");
    repo.git(&["config", "--unset", "cleave.maxLines"]);
    repo.git(&["checkout", "-q", "-B", "b", "base"]);
    repo.commit_files("odd-base", &[(".cleave.toml", "frobnicate = 1\n")]);
    repo.commit_files("odd-tip", &[("fs/a.c", "int other;\n")]);
    refused(&repo.cleave(&["plan", "odd-base..odd-tip"]), 2, "cannot read '.cleave.toml' of the base");
}

#[test]
fn repositories_of_other_kinds() {
    let empty = TestRepo::new("repositories_of_other_kinds");
    refused(&empty.cleave(&["plan", "HEAD~1.."]), 2, "'HEAD~1' names no commit");
    refused(&empty.cleave(&["plan", "--worktree"]), 2, "'HEAD' names no commit");
    let sha256 = TestRepo::with("sha256", &["--object-format=sha256"]);
    sha256.commit_files("base", &[("a", "1\n")]);
    sha256.commit_files("tip", &[("a", "2\n")]);
    sha256.cut(&["base..tip"], "tip");
    let repo = two_folders("bare_and_shallow");
    let bare = repo.dir.parent().unwrap().join("bare.git");
    repo.git(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    let run = |words: &[&str]| repo.cleave_in(&bare, words);
    drop(run(&["plan", "base..tip", "--name", "x"]).ok());
    drop(run(&["split"]).ok());
    refused(&run(&["plan", "--worktree"]), 2, "a bare repository has no working tree");
    let shallow = repo.dir.parent().unwrap().join("shallow");
    let url = format!("file://{}", repo.dir.display());
    repo.git(&["clone", "-q", "--depth=1", &url, shallow.to_str().unwrap()]);
    refused(&repo.cleave_in(&shallow, &["plan", "HEAD~1.."]), 2, "'HEAD~1' names no commit");
}

/// A change that must be cut with every byte in its place.
#[track_caller]
fn cut(name: &str, base: impl Fn(&TestRepo), tip: impl Fn(&TestRepo)) {
    let repo = TestRepo::new(name);
    base(&repo);
    repo.commit("base");
    tip(&repo);
    repo.commit("tip");
    repo.cut(&["base..tip"], "tip");
}

#[test]
fn every_kind_of_difference_is_cut() {
    cut(
        "mode",
        |repo| repo.write("a", "x\n"),
        |repo| fs::set_permissions(repo.dir.join("a"), fs::Permissions::from_mode(0o755)).unwrap(),
    );
    cut(
        "symlink_target",
        |repo| symlink("one", repo.dir.join("l")).unwrap(),
        |repo| {
            fs::remove_file(repo.dir.join("l")).unwrap();
            symlink("two", repo.dir.join("l")).unwrap();
        },
    );
    cut(
        "file_to_symlink",
        |repo| repo.write("a", "text\n"),
        |repo| {
            fs::remove_file(repo.dir.join("a")).unwrap();
            symlink("b", repo.dir.join("a")).unwrap();
        },
    );
    cut(
        "symlink_to_file",
        |repo| symlink("b", repo.dir.join("a")).unwrap(),
        |repo| {
            fs::remove_file(repo.dir.join("a")).unwrap();
            repo.write("a", "text\n");
        },
    );
    cut(
        "file_to_folder",
        |repo| repo.write("a", "text\n"),
        |repo| {
            fs::remove_file(repo.dir.join("a")).unwrap();
            repo.write("a/b/c", "text of c\n");
            repo.write("a/d", "more\n");
        },
    );
    cut(
        "folder_to_file",
        |repo| {
            repo.write("a/b/c", "1\n");
            repo.write("a/d", "2\n");
        },
        |repo| {
            fs::remove_dir_all(repo.dir.join("a")).unwrap();
            repo.write("a", "now a file\n");
        },
    );
    cut("binary", |repo| repo.write("a", b"\0\x01\x02"), |repo| repo.write("a", b"\0\x03"));
    cut("binary_to_text", |repo| repo.write("a", b"\0\x01\x02"), |repo| repo.write("a", "text\n"));
    cut("text_to_binary", |repo| repo.write("a", "text\n"), |repo| repo.write("a", b"\0\x01\x02"));
    cut("crlf", |repo| repo.write("a.c", "int a;\r\nint b;\r\n"), |repo| repo.write("a.c", "int a;\r\nint c;\r\n"));
    cut("no_newline_gone", |repo| repo.write("a.c", "int a;"), |repo| repo.write("a.c", "int a;\n"));
    cut("no_newline_new", |repo| repo.write("a.c", "int a;\nint b;\n"), |repo| repo.write("a.c", "int a;\nint c;"));
    cut("latin1", |repo| repo.write("a.c", b"/* caf\xe9 */\nint a;\n"), |repo| repo.write("a.c", b"/* caf\xe9s */\nint b;\n"));
    cut("empty_comes", |repo| repo.write("a", "x\n"), |repo| repo.write("empty", ""));
    cut(
        "empty_goes",
        |repo| {
            repo.write("a", "x\n");
            repo.write("empty", "");
        },
        |repo| fs::remove_file(repo.dir.join("empty")).unwrap(),
    );
    cut("emptied", |repo| repo.write("a.c", "int a;\n"), |repo| repo.write("a.c", ""));
    cut("long_line", |repo| repo.write("a.c", "x".repeat(300_000) + "\n"), |repo| repo.write("a.c", "y".repeat(300_000) + "\n"));
    cut(
        "broken_c",
        |repo| repo.write("a.c", "int f( { ) }}}\n#if\n"),
        |repo| repo.write("a.c", "int f( { ) }}}\n#if\n}}}} (((\n#endif #endif\n"),
    );
    cut(
        "rename_with_edit",
        |repo| repo.write("old.c", "int a;\nint b;\nint c;\nint d;\nint e;\n"),
        |repo| {
            fs::remove_file(repo.dir.join("old.c")).unwrap();
            repo.write("dir/new.c", "int a;\nint b;\nint cc;\nint d;\nint e;\n");
        },
    );
    cut(
        "swap",
        |repo| {
            repo.write("a.c", "int a;\nint aa;\nint aaa;\n");
            repo.write("b.c", "long b;\nlong bb;\nlong bbb;\n");
        },
        |repo| {
            repo.write("a.c", "long b;\nlong bb;\nlong bbb;\n");
            repo.write("b.c", "int a;\nint aa;\nint aaa;\n");
        },
    );
    cut(
        "odd_paths",
        |repo| repo.write("a", "1\n"),
        |repo| {
            for path in ["with space.c", "tab\there.c", "quote\"d.c", "new\nline.c", "#hash@at.c", "-dash.c"] {
                repo.write(path, "int x;\n");
            }
            fs::write(repo.dir.join(std::ffi::OsStr::from_bytes(b"latin\xe9.c")), "int y;\n").unwrap();
        },
    );
    cut("everything_goes", |repo| repo.write("a.c", "int a;\n\nint b;\n"), |repo| fs::remove_file(repo.dir.join("a.c")).unwrap());
}

#[test]
fn large_files_are_taken_whole() {
    cut("large", |repo| repo.write("a", vec![b'a'; 100 << 20]), |repo| repo.write("a", vec![b'b'; 100 << 20]));
}

#[test]
fn submodules_change_as_a_whole() {
    let repo = TestRepo::new("submodules_change_as_a_whole");
    repo.commit_files("base", &[("a", "1\n")]);
    let gitlink = |id: &str| repo.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{id},sub")]);
    gitlink(&"1".repeat(40));
    repo.git(&["commit", "-q", "-m", "one"]);
    repo.git(&["tag", "one"]);
    gitlink(&"2".repeat(40));
    repo.git(&["commit", "-q", "-m", "two"]);
    repo.git(&["tag", "two"]);
    repo.cut(&["base..one"], "one");
    repo.cut(&["one..two"], "two");
}

#[test]
fn merges_in_the_range_are_part_of_it() {
    let repo = two_folders("merges_in_the_range_are_part_of_it");
    repo.git(&["checkout", "-q", "-b", "side", "base"]);
    repo.commit_files("side-tip", &[("fs/side.c", "int side;\n")]);
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["merge", "-q", "--no-ff", "-m", "merge", "side"]);
    repo.git(&["tag", "merged"]);
    repo.cut(&["base..merged"], "merged");
}

#[test]
fn the_working_tree_as_it_is() {
    let repo = two_folders("the_working_tree_as_it_is");
    for key in [["user.name", "Una User"], ["user.email", "una@example.org"]] {
        repo.git(&["config", key[0], key[1]]);
    }
    repo.write("fs/a.c", "int changed;\n");
    fs::remove_file(repo.dir.join("net/b.c")).unwrap();
    repo.write("intended.c", "int intended;\n");
    repo.git(&["add", "-N", "intended.c"]);
    repo.write("untracked.c", "int untracked;\n");
    let listed = |words: &[&str]| {
        let mut plan = vec!["plan", "--name", "w"];
        plan.extend(words);
        drop(repo.cleave(&plan).ok());
        drop(repo.cleave(&["split", "--name", "w", "--force"]).ok());
        repo.git(&["diff", "--name-status", "HEAD", "cleave/w/all"]).replace('\t', " ")
    };
    assert_eq!(listed(&["--worktree"]), "M fs/a.c\nA intended.c\nD net/b.c");
    assert_eq!(listed(&["--worktree", "--untracked"]), "M fs/a.c\nA intended.c\nD net/b.c\nA untracked.c");
    repo.git(&["checkout", "-q", "-f", "-b", "one", "base"]);
    repo.commit_files("one", &[("fs/a.c", "int one;\n")]);
    repo.git(&["checkout", "-q", "-b", "two", "base"]);
    repo.commit_files("two", &[("fs/a.c", "int two;\n")]);
    let mut merge = repo.command("git", &repo.dir);
    merge.args(["merge", "-q", "one"]);
    assert_eq!(repo.run(merge).code, Some(1));
    refused(&repo.cleave(&["plan", "--worktree"]), 1, "'fs/a.c' has conflicts that are not resolved");
}

#[test]
fn an_object_that_is_missing_is_named() {
    let repo = two_folders("an_object_that_is_missing_is_named");
    let blob = repo.git(&["rev-parse", "tip:net/c.c"]);
    fs::remove_file(repo.dir.join(".git/objects").join(&blob[..2]).join(&blob[2..])).unwrap();
    let output = repo.cleave(&["plan", "base..tip"]);
    assert_eq!(output.code, Some(3), "{output:?}");
    assert!(output.stderr.contains("net/c.c") || output.stderr.contains(&blob), "{output:?}");
}
