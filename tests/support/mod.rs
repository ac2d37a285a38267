//! What the tests share: a repository of their own and the program's output as one text.
#![allow(dead_code, missing_docs, unreachable_pub, reason = "each test binary uses a part of it")]
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test that cannot go on says so by failing")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub mod memory;

/// A repository in a folder of its own, with an environment of its own.
pub struct TestRepo {
    pub dir: PathBuf,
    home: PathBuf,
    git: String,
}

/// What a command did: no stream escapes a test.
#[must_use]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Output {
    /// Returns the standard output of a command that must have succeeded.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.stdout
    }

    /// Returns the whole as one text, ids and folders replaced.
    pub fn text(&self, repo: &TestRepo) -> String {
        let mut text = format!("exit {}\n{}", self.code.unwrap_or(-1), self.stdout);
        if !self.stderr.is_empty() {
            text.push_str("---\n");
            text.push_str(&self.stderr);
        }
        filtered(&text.replace(&repo.dir.display().to_string(), "[REPO]"))
    }
}

/// Replaces object ids, which say nothing to a reader.
pub fn filtered(text: &str) -> String {
    let is_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(is_hex) {
        let before_is_word = rest[..at].chars().next_back().is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
        let len = rest[at..].find(|c| !is_hex(c)).unwrap_or(rest.len() - at);
        let after_is_word = rest[at + len..].chars().next().is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
        out.push_str(&rest[..at]);
        let is_id = matches!(len, 12 | 40 | 64) && !before_is_word && !after_is_word;
        out.push_str(if is_id { "[ID]" } else { &rest[at..at + len] });
        rest = &rest[at + len..];
    }
    out + rest
}

impl TestRepo {
    /// Makes an empty repository; `name` is the test's.
    pub fn new(name: &str) -> Self {
        Self::with(name, &["-b", "main"])
    }

    /// Makes one with these options of `git init`.
    pub fn with(name: &str, options: &[&str]) -> Self {
        let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        drop(fs::remove_dir_all(&root));
        let (dir, home) = (root.join("repo"), root.join("home"));
        fs::create_dir_all(&dir).unwrap();
        fs::create_dir_all(&home).unwrap();
        let git = std::env::var("GIT_CLEAVE_TEST_GIT").unwrap_or_else(|_| "git".into());
        let repo = TestRepo { dir, home, git };
        let mut words = vec!["init", "-q", "--template="];
        words.extend(options);
        repo.git(&words);
        repo
    }

    /// Returns a copy of all there is, in a folder of this name beside; what was there goes.
    pub fn copy_to(&self, name: &str) -> Self {
        let root = self.dir.parent().unwrap();
        let target = root.with_extension(name);
        drop(fs::remove_dir_all(&target));
        copy(root, &target);
        TestRepo { dir: target.join("repo"), home: target.join("home"), git: self.git.clone() }
    }

    /// Returns a command with the clean environment, in `dir`.
    pub fn command(&self, program: &str, dir: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(dir)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &self.home)
            // No page that is installed on this machine is opened by --help.
            .env("MANPATH", &self.home)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CLEAVE_TEST_GIT", &self.git)
            .env("TZ", "UTC")
            .env("LC_ALL", "C")
            .env("GIT_AUTHOR_NAME", "Ann Author")
            .env("GIT_AUTHOR_EMAIL", "ann@example.org")
            .env("GIT_AUTHOR_DATE", "1700000000 +0100")
            .env("GIT_COMMITTER_NAME", "Cy Committer")
            .env("GIT_COMMITTER_EMAIL", "cy@example.org")
            .env("GIT_COMMITTER_DATE", "1700000100 +0000")
            .stdin(Stdio::null());
        command
    }

    /// Runs a command and returns what it did.
    pub fn run(&self, mut command: Command) -> Output {
        let output = command.output().unwrap();
        Output {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Runs git, which must succeed, and returns its trimmed output.
    #[track_caller]
    pub fn git(&self, words: &[&str]) -> String {
        let mut command = self.command(&self.git, &self.dir);
        command.args(words);
        let output = self.run(command);
        assert_eq!(output.code, Some(0), "git {words:?}: {output:?}");
        output.stdout.trim_end().to_owned()
    }

    /// Runs the program in the repository.
    pub fn cleave(&self, words: &[&str]) -> Output {
        self.cleave_in(&self.dir.clone(), words)
    }

    /// Runs the program in a folder.
    pub fn cleave_in(&self, dir: &Path, words: &[&str]) -> Output {
        let mut command = self.command(env!("CARGO_BIN_EXE_git-cleave"), dir);
        command.args(words);
        self.run(command)
    }

    /// Writes a file, with its folders.
    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.dir.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Commits everything that is there and tags it.
    pub fn commit(&self, tag: &str) -> String {
        self.git(&["add", "-A", "-f"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", tag, "-m", &format!("What {tag} is for.")]);
        self.git(&["tag", "-f", tag]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Writes these files and commits them.
    pub fn commit_files(&self, tag: &str, files: &[(&str, &str)]) -> String {
        files.iter().for_each(|(path, text)| self.write(path, text));
        self.commit(tag)
    }

    /// Returns the tree of a revision.
    pub fn tree(&self, rev: &str) -> String {
        self.git(&["rev-parse", &format!("{rev}^{{tree}}")])
    }

    /// Plans and splits `base..tip` and checks that the last tree is the tip's.
    #[track_caller]
    pub fn cut(&self, words: &[&str], tip: &str) {
        let mut plan = vec!["plan"];
        plan.extend(words);
        plan.extend(["--name", "x"]);
        drop(self.cleave(&plan).ok());
        drop(self.cleave(&["split", "--name", "x", "--force"]).ok());
        assert_eq!(self.tree("refs/heads/cleave/x/all"), self.tree(tip), "last tree of {words:?}");
    }

    /// Returns everything that the program must not touch: refs and their logs, HEADs, indexes, configuration, hooks, and every file of every
    /// working tree with its time stamp.
    pub fn snapshot(&self) -> BTreeMap<String, String> {
        let mut seen = BTreeMap::new();
        collect(&self.dir, &self.dir, &mut seen);
        seen
    }
}

fn collect(root: &Path, folder: &Path, seen: &mut BTreeMap<String, String>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
        let ours = ["objects", "cleave", "refs/cleave", "refs/heads/cleave", "logs/refs/heads/cleave", "logs/refs/cleave"];
        let in_git_dir = name.strip_prefix(".git/").unwrap_or("-");
        if ours.iter().any(|own| in_git_dir == *own || in_git_dir.starts_with(&format!("{own}/"))) {
            continue;
        }
        let meta = fs::symlink_metadata(&path).unwrap();
        if meta.is_dir() {
            collect(root, &path, seen);
        } else {
            let bytes = if meta.is_symlink() {
                fs::read_link(&path).unwrap().to_string_lossy().into_owned()
            } else {
                String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned()
            };
            seen.insert(name, format!("{:?} {bytes}", meta.modified().unwrap()));
        }
    }
}

/// Copies a folder with all that is in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The change of a folder of `examples/`: base and tip are tagged.
pub fn example(name: &str, case: &str) -> TestRepo {
    let repo = TestRepo::new(name);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(case);
    copy(&folder.join("base"), &repo.dir);
    repo.commit("base");
    repo.git(&["rm", "-q", "-r", "."]);
    copy(&folder.join("tip"), &repo.dir);
    repo.commit("tip");
    repo
}

/// A small change over two folders that every command can work on: base and tip are tagged.
pub fn two_folders(name: &str) -> TestRepo {
    let repo = TestRepo::new(name);
    repo.commit_files(
        "base",
        &[
            ("MAINTAINERS", "FILES\nM:\tFay File <fay@example.org>\nL:\tfs@example.org\nF:\tfs/\n\nNETS\nM:\tNed Net <ned@example.org>\nF:\tnet/\n"),
            ("include/lib.h", "int old_name(int a);\n"),
            ("fs/a.c", "#include \"lib.h\"\nint a(void)\n{\n\treturn 1;\n}\n"),
            ("net/b.c", "#include \"lib.h\"\nint b(void)\n{\n\treturn 2;\n}\n"),
        ],
    );
    repo.commit_files(
        "tip",
        &[
            ("fs/a.c", "#include \"lib.h\"\nint a(void)\n{\n\treturn 10;\n}\n\nint a2(void)\n{\n\treturn a();\n}\n"),
            ("net/b.c", "#include \"lib.h\"\nint b(void)\n{\n\treturn 20;\n}\n"),
            ("net/c.c", "int c(void)\n{\n\treturn 3;\n}\n"),
        ],
    );
    repo
}

/// Compares with a file of `snapshots/`.
#[track_caller]
pub fn check_snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// The signal that asks a program to end, and the exit code of one that it ended: that of Ctrl-C, or `TERM` where the tests run in the background of a
/// script, which starts all with Ctrl-C ignored.
pub fn interrupt() -> (&'static str, i32) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap_or_default();
    match u64::from_str_radix(mask.trim(), 16).unwrap_or_default() & 0b10 {
        0 => ("INT", 130),
        _ => ("TERM", 143),
    }
}
