//! Reads authors, messages and touched paths of commits.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;

use bstr::{BStr, BString, ByteSlice};

use super::program::GitError;
use super::repository::Repository;
use crate::model::{ObjectId, Signature, SourceCommit};

/// A commit in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineCommit {
    /// Which.
    pub commit_id: ObjectId,
    /// Its tree.
    pub tree_id: ObjectId,
    /// What it stands on.
    pub parents: Vec<ObjectId>,
}

impl Repository {
    /// Returns the commits of `base..tip` without merges, oldest first, each with the paths it touches.
    ///
    /// # Errors
    /// When git cannot be run or a commit is missing.
    pub fn commits(&self, base: ObjectId, tip: ObjectId) -> Result<Vec<SourceCommit>, GitError> {
        let range = format!("{base}..{tip}");
        let format = format!("--format=%x00/%H%x00{FIELDS}");
        let args =
            ["log", "--reverse", "--topo-order", "--no-merges", "--no-renames", "--date=raw", "--name-only", "-z", &format];
        let out = self.program().run(args.into_iter().chain(["--end-of-options", range.as_str(), "--"]))?;
        let mut commits: Vec<SourceCommit> = Vec::new();
        let mut fields = out.split(|byte| *byte == 0);
        while let Some(field) = fields.next() {
            match (field.strip_prefix(b"/"), commits.last_mut()) {
                (Some(id), _) => commits.push(parse_commit(id, &mut fields)?),
                (None, Some(commit)) => commit.paths.extend(path_of(field)),
                (None, None) => {}
            }
        }
        commits.iter_mut().for_each(|commit| commit.paths.sort());
        Ok(commits)
    }

    /// Returns the commits of `base..tip`, oldest first, merges included, as far as they are a line.
    ///
    /// # Errors
    /// When git cannot be run or a commit is missing.
    pub fn line(&self, base: ObjectId, tip: ObjectId) -> Result<Vec<LineCommit>, GitError> {
        let range = format!("{base}..{tip}");
        let args = ["log", "--reverse", "--topo-order", "--format=%H %T %P", "--end-of-options", &range, "--"];
        let out = self.program().run(args)?;
        out.lines()
            .map(|line| {
                let mut ids = line.split(|byte| *byte == b' ').filter(|word| !word.is_empty()).map(super::revision::parse_id);
                let mut next = || ids.next().unwrap_or_else(|| super::revision::parse_id(b""));
                Ok(LineCommit { commit_id: next()?, tree_id: next()?, parents: ids.collect::<Result<_, _>>()? })
            })
            .collect()
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
            "--format=%x00/%x00%s%x00",
            &count,
            "--end-of-options",
            &tip,
            "--",
        ];
        let out = self.program().run(args)?;
        let mut commits: Vec<(BString, Vec<BString>)> = Vec::new();
        let mut fields = out.split(|byte| *byte == 0);
        while let Some(field) = fields.next() {
            match commits.last_mut() {
                _ if field == b"/" => commits.push((fields.next().unwrap_or_default().into(), Vec::new())),
                Some((_, paths)) => paths.extend(path_of(field)),
                None => {}
            }
        }
        Ok(commits)
    }

    /// Returns what `git log` says of the commits to a file, merges left out and renames followed, newest first, with their numbers of
    /// lines; `since` is a date as git reads it, and so may mean another day tomorrow.
    ///
    /// What git says before it fails, because history ends or an object is missing, is lost.
    ///
    /// # Errors
    /// When git cannot be run.
    pub fn recent_log(&self, tip: ObjectId, path: &BStr, since: &str, format: &str) -> Result<Vec<u8>, GitError> {
        let (since, format, tip) = (format!("--since={since}"), format!("--format={format}"), tip.to_string());
        let args = ["log", "--no-color", "--follow", &since, "--numstat", "--no-merges", &format, "--end-of-options", &tip, "--"];
        let path = path.to_os_str_lossy();
        nothing_where_it_fails(self.program().run(args.into_iter().map(OsStr::new).chain([&*path])))
    }

    /// Returns what `git log` says of one commit, with its numbers of lines; nothing where there is no such commit.
    ///
    /// # Errors
    /// When git cannot be run.
    pub fn log_of(&self, commit: &str, format: &str) -> Result<Vec<u8>, GitError> {
        let format = format!("--format={format}");
        let args = ["log", "--no-color", "--numstat", &format, "-1", "--end-of-options", commit, "--"];
        nothing_where_it_fails(self.program().run(args))
    }

    /// Returns author and message of one commit.
    ///
    /// # Errors
    /// When there is no such commit.
    pub fn source_commit(&self, commit_id: ObjectId) -> Result<SourceCommit, GitError> {
        let commit_id = commit_id.to_string();
        let format = format!("--format=%H%x00{FIELDS}");
        let out = self.program().run(["show", "-s", "--date=raw", &format, "--end-of-options", &commit_id])?;
        let mut fields = out.split(|byte| *byte == 0);
        parse_commit(fields.next().unwrap_or_default(), &mut fields)
    }

    /// Returns for each abbreviated id the commit that it names in this repository.
    ///
    /// # Errors
    /// When git cannot be run.
    pub fn named(&self, ids: &BTreeSet<String>) -> Result<BTreeMap<String, CommitName>, GitError> {
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let asked: String = ids.iter().map(|id| format!("{id}^{{commit}}\n")).collect();
        let out = self.program().run_with(["cat-file", "--batch-check=%(objectname)"], asked.as_bytes())?;
        let mut named: BTreeMap<String, CommitName> = ids.iter().map(|id| (id.clone(), CommitName::Unknown)).collect();
        let mut found: Vec<(&String, String)> = Vec::new();
        for (id, line) in ids.iter().zip(out.lines()) {
            if line.ends_with(b" ambiguous") {
                named.insert(id.clone(), CommitName::Ambiguous);
            } else if let Ok(commit_id) = super::revision::parse_id(line) {
                found.push((id, commit_id.to_string()));
            }
        }
        if found.is_empty() {
            return Ok(named);
        }
        let input: String = found.iter().map(|(_, commit_id)| format!("{commit_id}\n")).collect();
        let out = self.program().run_with(["log", "--no-walk=unsorted", "--format=%H %s", "-z", "--stdin"], input.as_bytes())?;
        let subjects: BTreeMap<&[u8], &[u8]> = out.split(|byte| *byte == 0).filter_map(|line| line.split_once_str(" ")).collect();
        for (id, commit_id) in found {
            if let Some(subject) = subjects.get(commit_id.as_bytes()) {
                named.insert(id.clone(), CommitName::Commit((*subject).into()));
            }
        }
        Ok(named)
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
        Ok(signature(|| fields.next().unwrap_or_default()))
    }

    /// Returns how many commits of a range the user neither wrote nor committed; 0 where git does not know who that is.
    ///
    /// # Errors
    /// When git cannot be run.
    pub fn by_others(&self, base: ObjectId, tip: ObjectId) -> Result<usize, GitError> {
        let own = |who: &str| self.program().line(["-c", "user.useConfigOnly=true", "var", who]).ok();
        let own: Vec<String> = ["GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"].into_iter().filter_map(own).collect();
        if own.is_empty() {
            return Ok(0);
        }
        let out = self.program().run(["log", "--no-merges", "--format=<%ae>%x00<%ce>", &format!("{base}..{tip}"), "--"])?;
        let is_own =
            |line: &[u8]| line.split(|byte| *byte == 0).any(|email| own.iter().any(|own| own.as_bytes().contains_str(email)));
        Ok(out.lines().filter(|line| !is_own(line)).count())
    }

    /// Returns the line with which the user signs off, or the reason why git has no name for them. Source: `git am --signoff`.
    ///
    /// # Errors
    /// When neither configuration nor environment gives an identity.
    pub fn signoff(&self) -> Result<BString, GitError> {
        let line = self.program().line(["-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT"])?;
        let end = line.rfind('>').map_or(line.len(), |at| at + 1);
        Ok(format!("Signed-off-by: {}", &line[..end]).into())
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

/// What an abbreviated id names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommitName {
    /// No commit that is here: it may be elsewhere.
    Unknown,
    /// Several objects.
    Ambiguous,
    /// A commit with this subject.
    Commit(BString),
}

fn nothing_where_it_fails(out: Result<Vec<u8>, GitError>) -> Result<Vec<u8>, GitError> {
    match out {
        Err(GitError::Failed { .. }) => Ok(Vec::new()),
        other => other,
    }
}

/// What is asked of a commit after its id. All fields end in NUL, the one byte that no name, message or path holds; a field that begins
/// with a slash, as no path of a tree does, begins a commit.
const FIELDS: &str = "%an%x00%ae%x00%ad%x00%B%x00";

/// Reads a commit without its paths.
fn parse_commit<'o>(id: &[u8], fields: &mut impl Iterator<Item = &'o [u8]>) -> Result<SourceCommit, GitError> {
    let commit_id = super::revision::parse_id(id)?;
    let mut next = || fields.next().unwrap_or_default();
    let author = signature(&mut next);
    Ok(SourceCommit { commit_id, author, message: in_utf8(next()), paths: Vec::new() })
}

/// Reads name, address and time of a commit. A time that git cannot read is none of its fields, and the beginning of time in its mails; so it is here.
fn signature<'o>(mut next: impl FnMut() -> &'o [u8]) -> Signature {
    let (name, email, time) = (in_utf8(next()), in_utf8(next()), next());
    let time = if time.is_empty() { "0 +0000".into() } else { time.to_str_lossy().into_owned() };
    Signature { name, email, time }
}

/// Returns a text in UTF-8. What is none, and of which the commit does not say what it is, git takes for Latin-1 too. Source: `mailinfo.c`,
/// `guess_charset()`.
fn in_utf8(text: &[u8]) -> BString {
    match text.to_str() {
        Ok(text) => text.into(),
        Err(_) => text.iter().map(|byte| char::from(*byte)).collect::<String>().into(),
    }
}

/// Returns the path in a field: git puts a line end before the first, and an empty field where it has nothing to say.
fn path_of(field: &[u8]) -> Option<BString> {
    let path = field.strip_prefix(b"\n").unwrap_or(field);
    (!path.is_empty()).then(|| path.into())
}
