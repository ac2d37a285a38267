//! What the user points at, as a base and a tip commit.

use std::fs;
use std::path::Path;

use bstr::{BString, ByteSlice, ByteVec};

use super::patch::{self, Overlong};
use crate::git::quarantine::Quarantine;
use crate::git::revision::Range;
use crate::git::{GitError, Repository};
use crate::model::{ObjectId, Signature};

/// What is to be cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Commits, as `A..B`; `None` for `@{upstream}..`.
    Range(Option<String>),
    /// All that a commit holds; `None` for `HEAD`.
    Root(Option<String>),
    /// The working tree against `HEAD`.
    Worktree {
        /// Whether files that git neither tracks nor ignores are part of the change.
        untracked: bool,
    },
    /// A diff, to be applied to a base.
    Diff {
        /// What it says.
        bytes: Vec<u8>,
        /// How it is called in messages: a path, or `standard input`.
        name: String,
        /// The commit it applies to.
        base: String,
    },
    /// Mails with patches, to be applied to a base in their order.
    Mbox {
        /// Each as it came.
        mails: Vec<Vec<u8>>,
        /// How it is called in messages.
        name: String,
        /// The commit they apply to.
        base: String,
    },
}

/// Stands at the end of the name of a change that is not committed: the branch has a plan of its own.
const WORKTREE: &str = "-worktree";

/// Base and tip, and a name for the change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The commit the series will stand on.
    pub base: ObjectId,
    /// The commit whose tree the series will end in.
    pub tip: ObjectId,
    /// What the change is called unless the user says otherwise; not yet fit for a ref.
    pub name: String,
    /// The branch that `tip` is the end of, or on which the working tree stands.
    pub branch: Option<String>,
}

impl Source {
    fn of(range: Range) -> Self {
        let name = range.branch.clone().unwrap_or_else(|| range.tip.short());
        Source { base: range.base, tip: range.tip, name, branch: range.branch }
    }
}

/// Why there is nothing to cut.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The repository or git refused.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The diff or a mail does not apply.
    #[error("{what} does not apply to {}: {message}", base.short())]
    Apply {
        /// Which diff or mail.
        what: String,
        /// To which commit.
        base: ObjectId,
        /// What git says.
        message: String,
    },
    /// Nothing in it can be applied.
    #[error("{name} holds no {wanted}")]
    Nothing {
        /// Which input.
        name: String,
        /// `diff`, `mail with a patch`.
        wanted: &'static str,
    },
    /// A hunk of a diff has more lines than its head says, and git would drop them.
    #[error("line {} of {what} is beyond the end of its hunk '{}'", place.line, place.head)]
    Overlong {
        /// Which diff, or the patch of which mail.
        what: String,
        /// Where.
        place: Overlong,
    },
    /// There is no user to be the author.
    #[error("git knows no author for {0}")]
    NoAuthor(String),
    /// The working tree was asked for, and there is none.
    #[error("a bare repository has no working tree")]
    Bare,
    /// The index holds unmerged files.
    #[error("'{0}' has conflicts that are not resolved")]
    Unmerged(BString),
}

/// Finds base and tip, and makes the tip commit where there is none yet.
///
/// # Errors
/// When a revision names nothing, or the diff, a mail or the working tree cannot become a commit. Nothing is left behind then.
pub fn source(repository: &Repository, input: &Input) -> Result<Source, SourceError> {
    match input {
        Input::Range(spec) => Ok(Source::of(repository.range(spec.as_deref())?)),
        Input::Root(tip) => Ok(Source::of(repository.whole(tip.as_deref().unwrap_or("HEAD"))?)),
        Input::Worktree { untracked } => worktree(repository, *untracked),
        Input::Diff { bytes, name, base } => diff(repository, bytes, name, base),
        Input::Mbox { mails, name, base } => mbox(repository, mails, name, base),
    }
}

fn worktree(repository: &Repository, untracked: bool) -> Result<Source, SourceError> {
    let top = repository.worktree().ok_or(SourceError::Bare)?;
    let base = repository.commit("HEAD")?;
    let unmerged = repository.program().clone().at(top).run(["ls-files", "--unmerged", "-z"])?;
    if let Some(path) = unmerged.split(|byte| *byte == 0).next().filter(|entry| !entry.is_empty()) {
        let path = path.split_once_str("\t").map_or(path, |(_, path)| path);
        return Err(SourceError::Unmerged(path.into()));
    }
    let quarantine = repository.quarantine(repository.tree_of(base)?)?;
    // The user's index says what is tracked and intended; a copy of it keeps the file stamps that make this fast.
    let index = repository.git_path("index")?;
    let copy = quarantine.folder().join("index");
    if index.exists() {
        // git takes a file for changed when it is as young as the index: the copy must not look younger than it is.
        let copied = fs::copy(&index, &copy).and_then(|_| {
            let written = fs::metadata(&index)?.modified()?;
            fs::File::options().write(true).open(&copy)?.set_modified(written)
        });
        copied.map_err(GitError::file("copy", index))?;
    }
    quarantine.program().run(["add", if untracked { "--all" } else { "--update" }, "--", "."])?;
    let tree_id = quarantine.write_tree()?;
    let branch = repository.branch_of("HEAD")?;
    let name = format!("{}{WORKTREE}", branch.clone().unwrap_or_else(|| base.short()));
    let tip = commit_of_user(repository, base, tree_id, "the working tree", quarantine)?;
    Ok(Source { base, tip, name, branch })
}

fn diff(repository: &Repository, bytes: &[u8], name: &str, base: &str) -> Result<Source, SourceError> {
    let base = repository.commit(base)?;
    if !patch::is_diff(bytes) {
        return Err(SourceError::Nothing { name: name.into(), wanted: "diff" });
    }
    let quarantine = repository.quarantine(repository.tree_of(base)?)?;
    apply(&quarantine, bytes, base, name.to_owned())?;
    let tree_id = quarantine.write_tree()?;
    let tip = commit_of_user(repository, base, tree_id, name, quarantine)?;
    Ok(Source { base, tip, name: stem(name, "diff"), branch: None })
}

/// Applies each mail in its order; a mail without a diff (a cover letter, a reply) is passed over.
fn mbox(repository: &Repository, mails: &[Vec<u8>], name: &str, base: &str) -> Result<Source, SourceError> {
    let base = repository.commit(base)?;
    let quarantine = repository.quarantine(repository.tree_of(base)?)?;
    let git = quarantine.program();
    let folder = quarantine.folder();
    let fallback = repository.committer(base)?;
    let (mut parent, mut applied) = (base, 0);
    for (idx, mail) in mails.iter().enumerate() {
        let what = format!("mail {} of {name}", idx + 1);
        let (message_path, patch_path) = (folder.join("msg"), folder.join("patch"));
        let (message_arg, patch_arg) = (message_path.display().to_string(), patch_path.display().to_string());
        let args = ["mailinfo", "--encoding=UTF-8", "--no-scissors", message_arg.as_str(), patch_arg.as_str()];
        let info = git.run_with(args, &patch::mail_without_cr(mail))?;
        let diff = fs::read(&patch_path).map_err(GitError::file("read", &patch_path))?;
        if !patch::is_diff(&diff) {
            continue;
        }
        let body = fs::read(&message_path).map_err(GitError::file("read", message_path))?;
        let (author, subject) = author_of(&info, &fallback);
        if author.email.is_empty() && author.name.is_empty() {
            return Err(SourceError::NoAuthor(what));
        }
        apply(&quarantine, &diff, base, what)?;
        let tree_id = quarantine.write_tree()?;
        let mut message = subject;
        if !body.trim().is_empty() {
            message.push_str(b"\n\n");
            message.push_str(body.trim());
        }
        message.push(b'\n');
        parent = quarantine.commit(tree_id, parent, &author, &fallback, &message)?;
        applied += 1;
    }
    if applied == 0 {
        return Err(SourceError::Nothing { name: name.into(), wanted: "mail with a patch" });
    }
    quarantine.keep(repository)?;
    Ok(Source { base, tip: parent, name: stem(name, "mbox"), branch: None })
}

/// Returns the name of a file without its ending, or `otherwise` for what has none.
fn stem(name: &str, otherwise: &str) -> String {
    let stem = Path::new(name).file_stem().filter(|_| name != "standard input");
    stem.map_or_else(|| otherwise.to_owned(), |stem| stem.to_string_lossy().into_owned())
}

/// Applies a diff to the private index, binary parts too.
fn apply(quarantine: &Quarantine, diff: &[u8], base: ObjectId, what: String) -> Result<(), SourceError> {
    if let Some(place) = patch::overlong(diff) {
        return Err(SourceError::Overlong { what, place });
    }
    let strip = if patch::has_no_prefix(diff) { "-p0" } else { "-p1" };
    let args = ["apply", "--cached", "--whitespace=nowarn", "--binary", strip, "-"];
    // Where every head of a hunk ends in CR, the way put it there; or the files have CRLF, and an editor gave the heads theirs.
    let carried = patch::diff_without_cr(diff);
    let git = quarantine.program();
    let applied = git.run_with(args, &carried);
    let applied = if applied.is_err() && *carried != *diff { git.run_with(args, diff).or(applied) } else { applied };
    match applied {
        Ok(_) => Ok(()),
        Err(GitError::Failed { message, .. }) => Err(SourceError::Apply { what, base, message }),
        Err(other) => Err(other.into()),
    }
}

/// Returns author and subject from what `git mailinfo` prints.
fn author_of(info: &[u8], fallback: &Signature) -> (Signature, BString) {
    let field = |key: &[u8]| -> BString {
        info.lines().find_map(|line| line.strip_prefix(key)).map(|value| value.trim().into()).unwrap_or_default()
    };
    let date = field(b"Date:").to_string();
    let time = if date.is_empty() { fallback.time.clone() } else { date };
    (Signature { name: field(b"Author:"), email: field(b"Email:"), time }, field(b"Subject:"))
}

/// Makes a commit of the configured user, dated like the base so that the same input gives the same id, and keeps its objects. Nobody said anything
/// of it: it has no message.
fn commit_of_user(
    repository: &Repository,
    base: ObjectId,
    tree_id: ObjectId,
    what: &str,
    quarantine: Quarantine,
) -> Result<ObjectId, SourceError> {
    let time = repository.committer(base)?.time;
    let user = repository.identity(&time).map_err(|_| SourceError::NoAuthor(what.into()))?;
    let tip = quarantine.commit(tree_id, base, &user, &user, b"")?;
    quarantine.keep(repository)?;
    Ok(tip)
}
