//! Any repository: object and ref formats, clones that lack something, first commits, submodules, entries that change their kind, and an
//! environment or a configuration that says otherwise.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::support::{TestRepo, two_folders};

/// Plans, cuts and mails `range` as the change `x`; returns what `plan` printed and all mails.
#[track_caller]
fn mailed(repo: &TestRepo, range: &[&str]) -> (String, String) {
    let out = repo.dir.parent().unwrap().join("out");
    drop(fs::remove_dir_all(&out));
    let plan = repo.cleave(&[&["plan", "--name", "x"], range].concat()).ok();
    drop(repo.cleave(&["split", "--name", "x", "--force"]).ok());
    drop(repo.cleave(&["mail", "--name", "x", "--draft", "--no-lint", "-o", out.to_str().unwrap()]).ok());
    (plan, files(&out))
}

/// Returns the texts of all files below a folder, by path.
fn files(folder: &Path) -> String {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| if path.is_dir() { files(path) } else { fs::read_to_string(path).unwrap() }).collect()
}

/// Returns the subjects of the patches of `x`, first to last.
fn subjects(repo: &TestRepo) -> String {
    repo.git(&["log", "--reverse", "--format=%s", "refs/cleave/x/base..cleave/x/all"])
}

#[test]
fn objects_and_refs_of_any_format() {
    let formats: [(&str, &[&str]); 2] = [("sha256", &["--object-format=sha256"]), ("reftable", &["--ref-format=reftable"])];
    for (name, options) in formats {
        let repo = TestRepo::new(&format!("objects_and_refs_of_any_format_{name}"));
        fs::remove_dir_all(repo.dir.join(".git")).unwrap();
        let mut init = repo.command("git", &repo.dir);
        init.args(["init", "-q", "-b", "main"]).args(options);
        if repo.run(init).code != Some(0) {
            // git before 2.45 has no reftables.
            continue;
        }
        repo.commit_files("base", &[("fs/a.c", "int a;\n"), ("net/b.c", "int b;\n")]);
        repo.commit_files("tip", &[("fs/a.c", "int a;\nint c;\n"), ("net/b.c", "int b;\nint d;\n")]);
        let (_, mails) = mailed(&repo, &["base..tip"]);
        assert!(mails.contains("+int c;"), "{name}: {mails}");
        assert_eq!(repo.tree("cleave/x/all"), repo.tree("tip"));
        drop(repo.cleave(&["lint", "base..tip"]).ok());
        let linked = repo.dir.parent().unwrap().join("linked");
        repo.git(&["worktree", "add", "-q", "--detach", linked.to_str().unwrap(), "tip"]);
        drop(repo.cleave_in(&linked, &["plan", "base..", "--name", "y"]).ok());
        drop(repo.cleave_in(&linked, &["split", "--name", "y"]).ok());
        assert_eq!(repo.tree("cleave/y/all"), repo.tree("tip"));
    }
}

#[test]
fn settings_of_git_change_no_byte_and_ours_count_wherever_they_stand() {
    let repo = two_folders("settings_of_git_change_no_byte_and_ours_count_wherever_they_stand");
    let before = mailed(&repo, &["base..tip"]);
    for (key, value) in [
        ("log.showRoot", "false"),
        ("log.follow", "true"),
        ("log.mailmap", "false"),
        ("log.date", "relative"),
        ("log.decorate", "full"),
        ("core.quotePath", "true"),
        ("core.abbrev", "5"),
        ("core.pager", "false"),
        ("core.attributesFile", "../attributes"),
        ("color.ui", "always"),
        ("diff.noprefix", "true"),
        ("diff.mnemonicPrefix", "true"),
        ("diff.relative", "true"),
        ("diff.renames", "false"),
        ("diff.algorithm", "patience"),
        ("diff.context", "9"),
        ("diff.interHunkContext", "9"),
        ("diff.suppressBlankEmpty", "true"),
        ("diff.c.xfuncname", "return"),
        ("format.pretty", "fuller"),
        ("format.signature", "me"),
        ("format.subjectPrefix", "MINE"),
        ("format.from", "true"),
        ("format.notes", "true"),
        ("i18n.logOutputEncoding", "ISO-8859-1"),
        ("i18n.commitEncoding", "ISO-8859-1"),
        ("column.ui", "always"),
        ("merge.renames", "false"),
        ("apply.ignoreWhitespace", "change"),
    ] {
        repo.git(&["config", key, value]);
    }
    fs::write(repo.dir.parent().unwrap().join("attributes"), "* binary\n").unwrap();
    assert_eq!(before, mailed(&repo, &["base..tip"]));
    let run = |key: &str, value: &str, more: &[(&str, &str)]| {
        let mut command = repo.command(env!("CARGO_BIN_EXE_git-cleave"), &repo.dir.join("fs"));
        command.args(["plan", "base..tip", "--name", "x"]).env(key, value).envs(more.iter().copied());
        repo.run(command)
    };
    // As `git -c cleave.patches=many cleave plan` and a script would hand it on.
    let more = [("GIT_CONFIG_KEY_0", "cleave.patches"), ("GIT_CONFIG_VALUE_0", "many")];
    for output in [run("GIT_CONFIG_PARAMETERS", "'cleave.patches'='many'", &[]), run("GIT_CONFIG_COUNT", "1", &more)] {
        assert!(output.stderr.starts_with("error: 'cleave.patches' is 'many'"), "{output:?}");
    }
    let hostile = "'core.quotePath'='true' 'log.showRoot'='false' 'diff.relative'='true'";
    assert_eq!(run("GIT_CONFIG_PARAMETERS", hostile, &[]).ok(), before.0);
    assert_eq!(run("GIT_ICASE_PATHSPECS", "1", &[]).ok(), before.0);
}

#[test]
fn git_may_be_told_where_the_repository_is() {
    let repo = two_folders("git_may_be_told_where_the_repository_is");
    let expected = repo.cleave(&["plan", "base..tip", "--name", "x"]).ok();
    let run = |dir: &str, words: &[&str], variables: &[(&str, &str)]| {
        let mut command = repo.command(env!("CARGO_BIN_EXE_git-cleave"), &repo.dir.join(dir));
        command.args(words).envs(variables.iter().copied());
        repo.run(command).ok()
    };
    let plan = ["plan", "base..tip", "--name", "x"];
    assert_eq!(run("fs", &plan, &[("GIT_DIR", "../.git"), ("GIT_WORK_TREE", "..")]), expected);
    assert_eq!(run("..", &plan, &[("GIT_DIR", "repo/.git"), ("GIT_WORK_TREE", "repo")]), expected);
    assert_eq!(run("..", &plan, &[("GIT_DIR", "repo/.git")]), expected);
    // The demo makes a repository and must not take ours for it.
    let mut demo = repo.command(env!("CARGO_BIN_EXE_git-cleave"), &repo.dir);
    demo.arg("demo").env("GIT_DIR", ".git").env("GIT_INDEX_FILE", ".git/index");
    let (before, output) = (repo.snapshot(), repo.run(demo));
    assert!(output.stderr.ends_with("hint: env -u GIT_DIR -u GIT_INDEX_FILE git cleave demo\n"), "{output:?}");
    assert_eq!(before, repo.snapshot());
    // Another index says what is tracked.
    for (key, value) in [["user.name", "Una User"], ["user.email", "una@example.org"]].map(|pair| (pair[0], pair[1])) {
        repo.git(&["config", key, value]);
    }
    repo.write("new.c", "int new;\n");
    fs::copy(repo.dir.join(".git/index"), repo.dir.join(".git/other")).unwrap();
    let mut add = repo.command("git", &repo.dir);
    add.args(["add", "-N", "new.c"]).env("GIT_INDEX_FILE", ".git/other");
    drop(repo.run(add).ok());
    let plan = ["plan", "--worktree", "--name", "w"];
    assert!(run("fs", &plan, &[("GIT_INDEX_FILE", ".git/other")]).contains("new.c"));
    let clean = repo.cleave(&plan);
    assert_eq!((clean.code, clean.stdout.as_str()), (Some(1), ""), "{clean:?}");
}

#[test]
fn a_first_commit_is_cut_too() {
    let repo = TestRepo::new("a_first_commit_is_cut_too");
    repo.commit_files("tip", &[("fs/a.c", "int a;\n"), ("net/b.c", "int b;\n")]);
    let empty = repo.git(&["hash-object", "-t", "tree", "/dev/null"]);
    let range = format!("{empty}..main");
    let mut plans = Vec::new();
    for words in [&["--root"][..], &["--root", "main"], &["main^!"], &[range.as_str()]] {
        let (plan, mails) = mailed(&repo, words);
        assert_eq!(repo.tree("cleave/x/all"), repo.tree("tip"), "{words:?}");
        assert!(!mails.contains("base-commit:") && !mails.contains("public branch"), "{mails}");
        plans.push(plan);
        drop(repo.cleave(&["drop", "x"]).ok());
    }
    assert!(plans.windows(2).all(|pair| pair[0] == pair[1]), "{plans:?}");
    // The mails make the tree again from nothing.
    drop(mailed(&repo, &["--root", "-n", "1"]));
    let other = TestRepo::new("a_first_commit_is_cut_too_elsewhere");
    let out = repo.dir.parent().unwrap().join("out");
    let mail = fs::read_dir(&out).unwrap().flat_map(|series| fs::read_dir(series.unwrap().path()).unwrap());
    for mail in mail.map(|mail| mail.unwrap().path()) {
        other.git(&["am", "-q", mail.to_str().unwrap()]);
    }
    assert_eq!(other.tree("HEAD"), repo.tree("tip"));
    let said = |words: &[&str]| repo.cleave(words).stderr;
    assert_eq!(
        said(&["plan", "HEAD"]),
        "error: 'HEAD' is the first commit (to cut all that it holds: git cleave plan --root HEAD)\n"
    );
    drop(repo.cleave(&["review", "main^!"]).ok());
    repo.git(&["checkout", "-q", "--orphan", "other"]);
    repo.commit_files("unrelated", &[("x.c", "int x;\n")]);
    assert!(said(&["plan", "tip..unrelated"]).contains("git cleave plan --root unrelated"));
    // One commit of many, as git names it.
    repo.commit_files("second", &[("y.c", "int y;\n")]);
    for range in ["other^!", "other^-", "HEAD^!"] {
        drop(repo.cleave(&["plan", range, "--name", "one"]).ok());
        assert_eq!(repo.git(&["rev-parse", "refs/cleave/one/base"]), repo.git(&["rev-parse", "unrelated"]));
    }
    assert!(said(&["plan", "nope^!"]).starts_with("error: 'nope' names no commit"));
    // Where history is cut off, nobody knows what came first.
    let shallow = repo.dir.parent().unwrap().join("shallow");
    repo.git(&["clone", "-q", "--depth=1", &format!("file://{}", repo.dir.display()), shallow.to_str().unwrap()]);
    for words in [&["plan", "HEAD~1.."][..], &["plan", "--root"], &["plan", "HEAD^!"]] {
        let output = repo.cleave_in(&shallow, words);
        assert!(output.stderr.contains("(the repository is shallow: git fetch --unshallow)"), "{output:?}");
    }
}

#[test]
fn a_partial_clone_says_how_to_be_whole_enough() {
    let repo = two_folders("a_partial_clone_says_how_to_be_whole_enough");
    repo.git(&["config", "uploadpack.allowFilter", "true"]);
    repo.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
    for filter in ["blob:none", "tree:0"] {
        let clone = repo.dir.parent().unwrap().join("clone");
        drop(fs::remove_dir_all(&clone));
        let (url, filter) = (format!("file://{}", repo.dir.display()), format!("--filter={filter}"));
        repo.git(&["clone", "-q", "--no-checkout", &filter, &url, clone.to_str().unwrap()]);
        let plan = || repo.cleave_in(&clone, &["plan", "base..tip", "--name", "x"]);
        let mut output = plan();
        for _ in 0..2 {
            let Some((said, hint)) = output.stderr.split_once("\nhint: ") else { break };
            assert_eq!(output.code, Some(3), "{output:?}");
            assert!(said.contains("are not in this partial clone"), "{output:?}");
            let mut typed = repo.command("sh", &clone);
            typed.args(["-c", hint.trim()]);
            drop(repo.run(typed).ok());
            output = plan();
        }
        assert_eq!(output.ok(), repo.cleave(&["plan", "base..tip", "--name", "x"]).ok(), "{filter}");
    }
}

#[test]
fn a_replaced_object_is_what_it_was() {
    let repo = two_folders("a_replaced_object_is_what_it_was");
    let before = mailed(&repo, &["base..tip"]);
    repo.write("../other", "int replaced;\n");
    let other = repo.git(&["hash-object", "-w", "../other"]);
    repo.git(&["replace", &repo.git(&["rev-parse", "tip:fs/a.c"]), &other]);
    repo.git(&["replace", "--graft", "tip"]);
    assert_eq!(before, mailed(&repo, &["base..tip"]));
}

#[test]
fn an_entry_changes_its_kind_in_one_patch() {
    let code = "int a;\n\nint f(void)\n{\n\treturn 1;\n}\n\nint g(void)\n{\n\treturn 2;\n}\n";
    let check = |name: &str, base: &dyn Fn(&TestRepo), tip: &dyn Fn(&TestRepo), expected: &str| {
        let repo = TestRepo::new(&format!("an_entry_changes_its_kind_in_one_patch_{name}"));
        base(&repo);
        repo.write("z.c", "int z;\n");
        repo.commit("base");
        repo.git(&["rm", "-q", "-r", "-f", "d/a"]);
        drop(fs::remove_dir_all(repo.dir.join("d/a")));
        tip(&repo);
        repo.write("z.c", "int z;\nint zz;\n");
        repo.commit("tip");
        repo.cut(&["base..tip", "--finer", "--finer"], "tip");
        let subjects = subjects(&repo);
        let of_path: Vec<_> = subjects.lines().filter(|line| line.starts_with('d')).collect();
        assert!(matches!(of_path[..], [one] if one.ends_with(expected)), "{of_path:?}, not '{expected}'");
    };
    let file = |repo: &TestRepo| repo.write("d/a", code);
    let link = |repo: &TestRepo| {
        fs::create_dir_all(repo.dir.join("d")).unwrap();
        symlink("z.c", repo.dir.join("d/a")).unwrap();
    };
    let folder = |repo: &TestRepo| {
        repo.write("d/a/one.c", "int one;\n");
        repo.write("d/a/two.c", "int two;\n");
    };
    check("file_to_link", &file, &link, "make a a symlink");
    check("link_to_file", &link, &file, "make a a file");
    check("file_to_folder", &file, &folder, "make a a folder");
    check("folder_to_link", &folder, &link, "make a a symlink");
}

/// Makes a repository that others can have as a submodule.
fn library(repo: &TestRepo) -> String {
    let library = repo.dir.parent().unwrap().join("library");
    repo.git(&["init", "-q", library.to_str().unwrap()]);
    repo.git(&["-C", library.to_str().unwrap(), "commit", "-q", "--allow-empty", "-m", "one"]);
    library.to_str().unwrap().to_owned()
}

#[test]
fn a_submodule_goes_with_its_lines_in_gitmodules() {
    let repo = TestRepo::new("a_submodule_goes_with_its_lines_in_gitmodules");
    let library = library(&repo);
    let add = |path: &str| repo.git(&["-c", "protocol.file.allow=always", "submodule", "add", "-q", &library, path]);
    repo.commit_files("base", &[("fs/a.c", "int a;\n"), ("net/b.c", "int b;\n")]);
    add("fs/sub");
    repo.write("net/b.c", "int b;\nint c;\n");
    repo.commit("added");
    repo.git(&["mv", "fs/sub", "net/sub"]);
    repo.write("fs/a.c", "int a;\nint c;\n");
    repo.commit("moved");
    repo.git(&["rm", "-q", "-f", "net/sub"]);
    repo.commit_files("files", &[("net/sub/x.c", "int x;\n")]);
    for (base, tip) in [("base", "added"), ("added", "moved"), ("moved", "files")] {
        drop(mailed(&repo, &[&format!("{base}..{tip}")]));
        let steps = repo.git(&["rev-list", &format!("{base}..cleave/x/all")]);
        assert_eq!(repo.tree("cleave/x/all"), repo.tree(tip));
        for step in steps.lines() {
            let links = repo.git(&["ls-tree", "-r", "--format=%(objecttype) %(path)", step]);
            let listed = repo.run({
                let mut show = repo.command("git", &repo.dir);
                show.args(["show", &format!("{step}:.gitmodules")]);
                show
            });
            let listed: Vec<_> =
                listed.stdout.lines().filter_map(|line| line.trim().strip_prefix("path = ")).map(str::to_owned).collect();
            let links: Vec<_> = links.lines().filter_map(|line| line.strip_prefix("commit ")).map(str::to_owned).collect();
            assert_eq!(links, listed, "{base}..{tip} at {}", repo.git(&["log", "-1", "--format=%s", step]));
        }
    }
}

#[test]
fn renames_are_said_as_renames() {
    let code = "int a;\nint b;\nint c;\nint d;\nint e;\n";
    let check = |name: &str, base: &[(&str, &str)], moves: &[(&str, &str)], expected: &str| {
        let repo = TestRepo::new(&format!("renames_are_said_as_renames_{name}"));
        repo.commit_files("base", base);
        for (old, new) in moves {
            fs::create_dir_all(repo.dir.join(new).parent().unwrap()).unwrap();
            repo.git(&["mv", old, new]);
        }
        // Another place, so that the commit's own words fit no patch.
        repo.commit_files("tip", &[("z/z.c", "int z;\nint y;\nint x;\n")]);
        repo.cut(&["base..tip", "--coarser"], "tip");
        assert!(subjects(&repo).lines().any(|line| line == expected), "{}", subjects(&repo));
    };
    check("case", &[("d/a.c", code)], &[("d/a.c", "d/A.c")], "d/A: rename a.c to A.c");
    check("folder", &[("d/a.c", code), ("d/b.c", &code.replace("int", "long"))], &[("d", "e")], "e: move a.c and b.c to e");
}

#[test]
fn a_mailbox_may_be_an_archive_a_folder_or_a_maildir() {
    let repo = two_folders("a_mailbox_may_be_an_archive_a_folder_or_a_maildir");
    repo.git(&["checkout", "-q", "-b", "old", "base"]);
    repo.commit_files("o", &[("fs/a.c", "int old;\n")]);
    repo.git(&["checkout", "-q", "-b", "new", "base"]);
    repo.commit_files("n1", &[("fs/a.c", "int new;\n")]);
    repo.commit_files("n2", &[("net/b.c", "int newer;\n")]);
    let root = repo.dir.parent().unwrap().to_owned();
    let folder = root.join("folder");
    drop(fs::remove_dir_all(&folder));
    let mails = |words: &[&str]| repo.git(&[&["format-patch", "--thread", "--stdout"], words].concat()) + "\n";
    let id = |mails: &str| mails.lines().find_map(|line| line.strip_prefix("Message-ID: ")).unwrap().to_owned();
    let first = mails(&["base..old"]);
    let second = mails(&["-v2", "--cover-letter", "--in-reply-to", &id(&first), "base..new"]);
    repo.git(&["format-patch", "-q", "-v2", "-o", folder.to_str().unwrap(), "base..new"]);
    let check = |path: &Path, said: &str| {
        let output = repo.cleave(&["plan", "--fresh", "--mbox", path.to_str().unwrap(), "--base", "base", "--name", "m"]);
        assert_eq!(output.stderr, said);
        drop(output.ok());
        drop(repo.cleave(&["split", "--name", "m", "--force"]).ok());
        assert_eq!(repo.tree("cleave/m/all"), repo.tree("n2"));
    };
    let mbox = root.join("archive");
    fs::write(&mbox, second.clone() + &first + &second).unwrap();
    check(&mbox, "v1 of 'o' is left out: v2 is there\n");
    check(&folder, "");
    for (idx, mail) in ["cur", "new"].iter().zip(fs::read_dir(&folder).unwrap()) {
        fs::create_dir_all(root.join("maildir").join(idx)).unwrap();
        fs::copy(mail.unwrap().path(), root.join("maildir").join(idx).join("1.host:2,S")).unwrap();
    }
    check(&root.join("maildir"), "");
    fs::remove_file(folder.join("v2-0001-n1.patch")).unwrap();
    let mut lacking = repo.command(env!("CARGO_BIN_EXE_git-cleave"), &root);
    lacking.args(["-C", "repo", "plan", "--mbox", "../folder", "--base", "base", "--name", "m"]);
    assert!(repo.run(lacking).stderr.starts_with("1/2 is not there, of the series of 'n2'\n"));
}
