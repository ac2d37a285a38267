//! What commits say: of a range, and of the history before it.

use bstr::{BString, ByteSlice};

use super::program::GitError;
use super::repository::Repository;
use crate::model::{ObjectId, Signature, SourceCommit};

impl Repository {
    /// Returns the commits of `base..tip` without merges, oldest first, each with the paths it touches.
    ///
    /// # Errors
    /// When git cannot be run or a commit is missing.
    pub fn commits(&self, base: ObjectId, tip: ObjectId) -> Result<Vec<SourceCommit>, GitError> {
        let range = format!("{base}..{tip}");
        // Each commit: a record separator, five fields, then its paths, all NUL-terminated.
        let format = "--format=%x1e%H%x00%an%x00%ae%x00%ad%x00%B%x00";
        let args = ["log", "--reverse", "--topo-order", "--no-merges", "--no-renames", "--date=raw", "--name-only", "-z", format];
        let out = self.program().run(args.into_iter().chain(["--end-of-options", range.as_str(), "--"]))?;
        out.split(|byte| *byte == 0x1e).filter(|record| !record.is_empty()).map(parse_commit).collect()
    }

    /// Returns subject and touched paths of the newest `n_commits` before and at `tip`, merges left out.
    ///
    /// # Errors
    /// When git cannot be run. A shallow history gives fewer.
    pub fn subjects(&self, tip: ObjectId, n_commits: usize) -> Result<Vec<(BString, Vec<BString>)>, GitError> {
        let (count, tip) = (format!("-n{n_commits}"), tip.to_string());
        let args = [
            "log",
            "--no-merges",
            "--no-renames",
            "--name-only",
            "-z",
            "--format=%x1e%s%x00",
            &count,
            "--end-of-options",
            &tip,
            "--",
        ];
        let out = self.program().run(args)?;
        Ok(out
            .split(|byte| *byte == 0x1e)
            .filter(|record| !record.is_empty())
            .map(|record| {
                let mut fields = record.split(|byte| *byte == 0);
                let subject = fields.next().unwrap_or_default().into();
                (
                    subject,
                    fields
                        .map(|path| path.trim_start_with(|c| c == '\n'))
                        .filter(|path| !path.is_empty())
                        .map(Into::into)
                        .collect(),
                )
            })
            .collect())
    }

    /// Returns author and message of one commit.
    ///
    /// # Errors
    /// When there is no such commit.
    pub fn source_commit(&self, commit_id: ObjectId) -> Result<SourceCommit, GitError> {
        let commit_id = commit_id.to_string();
        let format = "--format=%H%x00%an%x00%ae%x00%ad%x00%B%x00";
        parse_commit(&self.program().run(["show", "-s", "--date=raw", format, "--end-of-options", &commit_id])?)
    }

    /// Returns who made a commit, and when.
    ///
    /// # Errors
    /// When there is no such commit.
    pub fn committer(&self, commit_id: ObjectId) -> Result<Signature, GitError> {
        let commit_id = commit_id.to_string();
        let out =
            self.program().run(["show", "-s", "--date=raw", "--format=%cn%x00%ce%x00%cd", "--end-of-options", &commit_id])?;
        let mut fields = out.trim_end().split(|byte| *byte == 0);
        let mut next = || BString::from(fields.next().unwrap_or_default());
        Ok(Signature { name: next(), email: next(), time: next().to_string() })
    }

    /// Returns the user's name and address with `time`, or the reason why git has none.
    ///
    /// # Errors
    /// When neither configuration nor environment gives an identity.
    pub fn identity(&self, time: &str) -> Result<Signature, GitError> {
        let line = self.program().line(["-c", "user.useConfigOnly=true", "var", "GIT_AUTHOR_IDENT"])?;
        let (name, rest) = line.split_once(" <").unwrap_or((&line, ""));
        let email = rest.split_once('>').map_or("", |(email, _)| email);
        Ok(Signature { name: name.into(), email: email.into(), time: time.into() })
    }
}

fn parse_commit(record: &[u8]) -> Result<SourceCommit, GitError> {
    let mut fields = record.split(|byte| *byte == 0);
    let mut next = || fields.next().unwrap_or_default();
    let commit_id = super::revision::parse_id(next())?;
    let author = Signature { name: next().into(), email: next().into(), time: next().to_str_lossy().into_owned() };
    let message = next().into();
    let mut paths: Vec<BString> =
        fields.map(|path| path.trim_start_with(|c| c == '\n')).filter(|path| !path.is_empty()).map(BString::from).collect();
    paths.sort();
    Ok(SourceCommit { commit_id, author, message, paths })
}
