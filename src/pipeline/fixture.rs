//! A small repository in a temporary folder, for the tests of this room.

use std::fs;

use crate::git::{Program, Repository};
use crate::model::ObjectId;

/// A repository with one branch; gone when dropped.
pub(crate) struct TestRepository {
    folder: tempfile::TempDir,
}

/// Makes a repository with a commit for each list of files (path and text, an empty text removes the file); the last is `HEAD`.
pub(crate) fn repository(commits: &[&[(&str, &str)]]) -> TestRepository {
    let repo = TestRepository { folder: tempfile::tempdir().unwrap() };
    repo.git(&["init", "-q", "-b", "topic", "."]);
    for (key, value) in [("user.name", "A U Thor"), ("user.email", "author@example.org"), ("commit.gpgsign", "false")] {
        repo.git(&["config", key, value]);
    }
    for (idx, files) in commits.iter().enumerate() {
        for (path, text) in *files {
            let path = repo.folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            if text.is_empty() { fs::remove_file(&path).unwrap() } else { fs::write(&path, text).unwrap() }
        }
        repo.git(&["add", "-A"]);
        let date = format!("{} +0000", 1_700_000_000 + idx);
        let program = repo.program().env("GIT_AUTHOR_DATE", &date).env("GIT_COMMITTER_DATE", &date);
        program.run(["commit", "-q", "-m", &format!("commit {idx}")]).unwrap();
    }
    repo
}

impl TestRepository {
    fn program(&self) -> Program {
        Program::new(self.folder.path()).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1")
    }

    /// Runs git and returns what it prints, without the last line feed.
    pub(crate) fn git(&self, args: &[&str]) -> String {
        String::from_utf8(self.program().run(args).unwrap()).unwrap().trim_end().to_owned()
    }

    /// Opens it.
    pub(crate) fn open(&self) -> Repository {
        Repository::discover(self.folder.path()).unwrap()
    }

    /// Returns the commit that a revision names.
    pub(crate) fn commit(&self, rev: &str) -> ObjectId {
        self.git(&["rev-parse", rev]).parse().unwrap()
    }

    /// Returns the tree of a commit.
    pub(crate) fn tree(&self, rev: &str) -> ObjectId {
        self.commit(&format!("{rev}^{{tree}}"))
    }
}
