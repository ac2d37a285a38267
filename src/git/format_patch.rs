//! Patches as text: `git format-patch`, diffstat, shortlog and patch ids, where nobody's settings reach them.
//!
//! A [`CleanRoom`] is an empty git directory over the repository's objects. It has no configuration, no `info/attributes`, no
//! refs, no replacements and no working tree, and git is started in it without the user's and the system's configuration: what
//! it prints is a function of the objects. Attributes (which decide what is binary and what stands after `@@`) come from a tree
//! that the caller names, where git can do that (2.41 and later); older gits use none.

use std::ffi::OsString;
use std::fs;

use bstr::{BString, ByteSlice};

use super::program::{GitError, Program};
use super::repository::Repository;
use super::scratch::Scratch;
use crate::model::{ObjectId, Signature};

/// A git that no configuration reaches. Dropping it leaves nothing behind.
pub struct CleanRoom {
    program: Program,
    /// Holds the empty git directory.
    _folder: Scratch<tempfile::TempDir>,
}

/// What a mail is made of beside its commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailStyle {
    /// What stands in brackets before the number: `PATCH`, `RFC PATCH net-next`.
    pub prefix: String,
    /// The version; 1 is not shown.
    pub version: u32,
    /// The last line.
    pub signature: String,
}

/// A commit as far as mails speak of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailCommit {
    /// Which.
    pub commit_id: ObjectId,
    /// Who wrote it, and when.
    pub author: Signature,
    /// Who made it, and when.
    pub committer: Signature,
    /// The first paragraph in one line, in UTF-8.
    pub subject: BString,
    /// The subject as git makes a file name of it: letters, digits, dots, `_` and `-`.
    pub slug: String,
    /// The whole message, in UTF-8.
    pub message: BString,
}

/// How every diff is made. Measured: with these, 40 hostile settings change no byte.
const DIFF: &[&str] = &[
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--no-relative",
    "--inter-hunk-context=0",
    "--diff-algorithm=myers",
    "--indent-heuristic",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "-M50%",
    "-l0",
    "--submodule=short",
    "-O/dev/null",
];

/// What holds for patches alone: git takes `-U3` and `--binary` for the wish to see one.
const PATCH: &[&str] = &["-U3", "--full-index", "--binary"];

/// How every mail is made, beside its diff.
const MAIL: &[&str] = &[
    "--no-attach",
    "--no-thread",
    "--no-signoff",
    "--no-to",
    "--no-cc",
    "--no-add-header",
    "--no-notes",
    "--no-from",
    "--no-in-reply-to",
    "--no-base",
    "--no-cover-letter",
    "--encode-email-headers",
    "--stat=72",
    "--summary",
    "--stdout",
];

/// The configuration, but for how objects are named. Without a file named, git reads attributes from the home folder; all else is as git
/// has it.
const CONFIG: &str = "[core]\n\trepositoryFormatVersion = 1\n\tattributesFile = /dev/null\n[extensions]\n\tobjectFormat = ";

impl Repository {
    /// Opens a clean room over the objects of this repository. `attributes` is the tree whose `.gitattributes` count.
    ///
    /// # Errors
    /// When no temporary folder can be made or git cannot be run.
    pub fn clean_room(&self, attributes: ObjectId) -> Result<CleanRoom, GitError> {
        let made = Scratch::make(|| tempfile::Builder::new().prefix("git-cleave-").tempdir());
        let folder = made.map_err(GitError::file("create", std::env::temp_dir()))?;
        let git_dir = folder.path().join("git");
        let worktree = folder.path().join("empty");
        for path in [&git_dir, &git_dir.join("objects"), &git_dir.join("refs"), &worktree] {
            fs::create_dir(path).map_err(GitError::file("create", path))?;
        }
        let write = |name: &str, bytes: &[u8]| {
            let path = git_dir.join(name);
            fs::write(&path, bytes).map_err(GitError::file("write", path))
        };
        write("HEAD", b"ref: refs/heads/none\n")?;
        write("config", format!("{CONFIG}{}\n", self.object_format().word()).as_bytes())?;
        // Where history ends early, the empty git directory must know it too.
        let shallow = self.common_dir().join("shallow");
        match fs::read(&shallow) {
            Ok(bytes) => write("shallow", &bytes)?,
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => {}
            Err(source) => return Err(GitError::file("read", shallow)(source)),
        }
        let program = self
            .program()
            .clone()
            .at(&worktree)
            .env("GIT_DIR", &git_dir)
            .env("GIT_COMMON_DIR", &git_dir)
            .env("GIT_WORK_TREE", &worktree)
            .env("GIT_INDEX_FILE", git_dir.join("index"))
            .env("GIT_OBJECT_DIRECTORY", self.git_path("objects")?)
            .env("GIT_ATTR_SOURCE", attributes.to_string())
            .env("GIT_ATTR_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_COUNT", "0")
            .env("GIT_CONFIG_PARAMETERS", "");
        Ok(CleanRoom { program, _folder: folder })
    }
}

impl CleanRoom {
    /// Returns the mail of each of `commits`, which are the commits of `base..last` oldest first, as `git format-patch` writes its
    /// file: from the line `From <id> …` to the empty line after the signature. A single one is not numbered.
    ///
    /// # Errors
    /// When git cannot be run, the commits are not those after `base`, or one of them is a merge. A commit that changes nothing gives a mail without `---`.
    pub fn format_patch(&self, base: ObjectId, commits: &[ObjectId], style: &MailStyle) -> Result<Vec<Vec<u8>>, GitError> {
        let Some(last) = commits.last() else { return Ok(Vec::new()) };
        let mut args = vec![
            format!("--subject-prefix={}", style.prefix),
            format!("--signature={}", style.signature),
            if commits.len() > 1 { "-n" } else { "-N" }.to_owned(),
        ];
        if style.version > 1 {
            args.push(format!("-v{}", style.version));
        }
        args.push(format!("{base}..{last}"));
        let out = self.run("format-patch", MAIL.iter().chain(DIFF).chain(PATCH).copied(), &args, b"")?;
        // Each mail begins with its own id, which no text before it can contain.
        let mut starts = Vec::with_capacity(commits.len() + 1);
        for commit_id in commits {
            let line = format!("From {commit_id} Mon Sep 17 00:00:00 2001\n");
            let from = starts.last().copied().unwrap_or(0);
            let at = out[from..].find(&line).map(|at| from + at).filter(|at| *at == 0 || out[at - 1] == b'\n');
            let no_mail = "which is a merge or not of this range";
            starts.push(at.ok_or_else(|| {
                GitError::wrong(format!("git format-patch made no mail of commit {}, {no_mail}", commit_id.short()))
            })?);
        }
        // Between two mails, and in no file, stands one more empty line.
        starts.push(out.len() + 1);
        if starts[0] != 0 {
            let (base, last) = (base.short(), last.short());
            return Err(GitError::wrong(format!("the commits {base}..{last} are not those of the series")));
        }
        Ok(starts.windows(2).map(|pair| out[pair[0]..pair[1] - 1].to_vec()).collect())
    }

    /// Returns diffstat and summary of what differs between two commits, as they stand in a cover letter.
    ///
    /// # Errors
    /// When git cannot be run or an object is missing.
    pub fn diffstat(&self, base: ObjectId, tip: ObjectId) -> Result<Vec<u8>, GitError> {
        let args = [base.to_string(), tip.to_string()];
        self.run("diff", DIFF.iter().copied().chain(["--stat=72", "--summary"]), &args, b"")
    }

    /// Returns who wrote what in `base..tip`, as it stands in a cover letter.
    ///
    /// # Errors
    /// When git cannot be run or an object is missing.
    pub fn shortlog(&self, base: ObjectId, tip: ObjectId) -> Result<Vec<u8>, GitError> {
        self.run("shortlog", ["-w72,2,4"], &[format!("{base}..{tip}")], b"")
    }

    /// Returns how the commits of one range became those of another, as it stands in a cover letter: each range as base and last commit.
    ///
    /// # Errors
    /// When git cannot be run or an object is missing.
    pub fn range_diff(&self, old: (ObjectId, ObjectId), new: (ObjectId, ObjectId)) -> Result<Vec<u8>, GitError> {
        let ranges = [format!("{}..{}", old.0, old.1), format!("{}..{}", new.0, new.1)];
        // Twelve digits stand in every repository for the same commit; git's own number grows with the repository.
        let options =
            ["--no-color", "--no-notes", "--creation-factor=60", "--abbrev=12", "--no-ext-diff", "--no-textconv", "-O/dev/null"];
        self.run("range-diff", options, &ranges, b"")
    }

    /// Returns author and message of each of `commits`, in this order.
    ///
    /// # Errors
    /// When git cannot be run or one of them is missing.
    pub fn commits(&self, commits: &[ObjectId]) -> Result<Vec<MailCommit>, GitError> {
        if commits.is_empty() {
            return Ok(Vec::new());
        }
        let format = "--format=%H%x00%an%x00%ae%x00%ad%x00%cn%x00%ce%x00%cd%x00%s%x00%f%x00%B%x00";
        let out = self.run("log", ["--no-walk=unsorted", "--date=raw", "--stdin", format], &[], lines(commits).as_bytes())?;
        let fields: Vec<&[u8]> = out.split(|byte| *byte == 0).collect();
        let text = |field: &[u8]| field.to_str_lossy().into_owned();
        let read: Vec<MailCommit> = fields
            .chunks_exact(10)
            .map(|fields| {
                let signature =
                    |at: usize| Signature { name: fields[at].into(), email: fields[at + 1].into(), time: text(fields[at + 2]) };
                Ok(MailCommit {
                    commit_id: super::revision::parse_id(fields[0])?,
                    author: signature(1),
                    committer: signature(4),
                    subject: fields[7].into(),
                    slug: text(fields[8]),
                    message: fields[9].into(),
                })
            })
            .collect::<Result<_, GitError>>()?;
        if read.iter().map(|commit| commit.commit_id).ne(commits.iter().copied()) {
            return Err(GitError::wrong("git log did not print the commits it was asked for"));
        }
        Ok(read)
    }

    /// Returns of each of `commits` that changes something the `git patch-id --stable` of its mail, in this order.
    ///
    /// # Errors
    /// When git cannot be run or an object is missing.
    pub fn patch_ids(&self, commits: &[ObjectId]) -> Result<Vec<(ObjectId, String)>, GitError> {
        if commits.is_empty() {
            return Ok(Vec::new());
        }
        let args = DIFF.iter().chain(PATCH).copied().chain(["--no-walk=unsorted", "--stdin", "-p", "--format=commit %H"]);
        let patches = self.run("log", args, &[], lines(commits).as_bytes())?;
        let out = self.run("patch-id", ["--stable"], &[], &patches)?;
        out.lines()
            .map(|line| {
                let line = line.to_str_lossy();
                let (patch_id, commit_id) = line.split_once(' ').unwrap_or_default();
                Ok((super::revision::parse_id(commit_id.as_bytes())?, patch_id.to_owned()))
            })
            .collect()
    }

    fn run<'a>(
        &self,
        command: &'a str,
        options: impl IntoIterator<Item = &'a str>,
        args: &[String],
        input: &[u8],
    ) -> Result<Vec<u8>, GitError> {
        // Mails quote paths as git does of itself, unlike our other calls.
        let all = ["-c", "core.quotePath=true", command]
            .into_iter()
            .chain(options)
            .map(OsString::from)
            .chain(args.iter().map(OsString::from));
        self.program.run_with(all, input)
    }
}

fn lines(commits: &[ObjectId]) -> String {
    commits.iter().map(|commit_id| format!("{commit_id}\n")).collect()
}
