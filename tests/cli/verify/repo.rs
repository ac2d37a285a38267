//! A tiny repository with a Makefile and a branch that was split.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A repository under the temporary folder, with a home of its own.
pub(crate) struct Repo {
    folder: tempfile::TempDir,
}

const MAKEFILE: &str = "\
prog: main.o lib.o
\tcc -o $@ main.o lib.o
%.o: %.c lib.h
\tcc -Werror -Wall -c -o $@ $<
";
pub(crate) const MAIN: &str = "#include \"lib.h\"\nint main(void)\n{\n\treturn one();\n}\n";

impl Repo {
    pub(crate) fn new() -> Self {
        let repo = Repo { folder: tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap() };
        fs::create_dir(repo.top()).unwrap();
        repo.git(&["init", "-q", "-b", "main"]);
        repo.write("Makefile", MAKEFILE);
        repo.write("lib.h", "int one(void);\n");
        repo.write("lib.c", "#include \"lib.h\"\nint one(void)\n{\n\treturn 0;\n}\n");
        repo.write("main.c", MAIN);
        repo.commit("base");
        repo.git(&["switch", "-q", "-c", "cleave/change/all"]);
        repo
    }

    pub(crate) fn top(&self) -> PathBuf {
        self.folder.path().join("repo")
    }

    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.top()).env("HOME", self.folder.path()).env("GIT_CONFIG_NOSYSTEM", "1").stdin(Stdio::null());
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "A U Thor").env(format!("GIT_{who}_EMAIL"), "author@example.com");
        }
        command
    }

    pub(crate) fn git(&self, args: &[&str]) -> String {
        let output = self.command("git").args(args).output().unwrap();
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        fs::write(self.top().join(path), text).unwrap();
    }

    pub(crate) fn commit(&self, subject: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "-q", "-m", subject]);
    }

    /// A step that passes, one that fails, one that passes again.
    pub(crate) fn three_steps(&self) {
        self.write("lib.h", "int one(void);\nint two(void);\n");
        self.write("lib.c", "#include \"lib.h\"\nint one(void)\n{\n\treturn 0;\n}\nint two(void)\n{\n\treturn 0;\n}\n");
        self.commit("lib: add two");
        self.write("main.c", &MAIN.replace("one()", "two() + three()"));
        self.commit("main: use three");
        self.write("main.c", &MAIN.replace("one()", "two()"));
        self.commit("main: use two only");
    }

    pub(crate) fn start(&self, args: &[&str]) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_git-cleave"));
        command.arg("verify").args(args).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs verify; returns its result, what it said besides, and the exit code in front. Ids and folders are written as words.
    #[must_use]
    pub(crate) fn verify(&self, args: &[&str]) -> String {
        let output = self.start(args).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&self.top().display().to_string(), "[REPO]");
        format!("exit {}\n{}--\n{}", output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    }

    pub(crate) fn build(&self) -> PathBuf {
        self.top().join(".git/cleave/build/command/0")
    }

    /// Writes files and commits them, each text by its path.
    pub(crate) fn step(&self, subject: &str, files: &[(&str, &str)]) {
        for (path, text) in files {
            self.write(path, text);
        }
        self.commit(subject);
    }

    /// One letter a step, the base first: p(assed), n(ot compiled), f(ailed), w(arns), u(ndecided), l(ike the base), and all that was printed.
    pub(crate) fn verdicts(&self, args: &[&str]) -> (String, String) {
        let text = self.verify(args);
        let lines = text
            .lines()
            .skip_while(|line| !line.starts_with("step"))
            .skip(1)
            .take_while(|line| !line.is_empty() && *line != "--");
        let letter = |line: &str| match line.trim_start().split_once("  ").map_or("", |(_, rest)| rest) {
            rest if rest.starts_with("passed, files unknown") => 'u',
            rest if rest.starts_with("passed") => 'p',
            rest if rest.starts_with("not compiled") => 'n',
            rest if rest.starts_with("failed") => 'f',
            rest if rest.starts_with("warns") => 'w',
            rest if rest.starts_with("undecided") => 'u',
            rest if rest.starts_with("fails like") => 'l',
            _ => '?',
        };
        (lines.map(letter).collect(), text)
    }
}
