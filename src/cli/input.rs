//! Arguments that several subcommands share, and what their errors mean to the user.

use std::error::Error;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::{Context, Failure, exit};
use crate::git::GitError;
use crate::mail::MailError;
use crate::mail::posted::PostedError;
use crate::pipeline::PipelineError;
use crate::pipeline::post::PostError;
use crate::pipeline::verify::BuildsError;
use crate::plan::operations::OperationError;
use crate::plan::store::StoreError;
use crate::read::source::SourceError;
use crate::read::{Input, mailbox};
use crate::settings::Layer;
use crate::verify::VerifyError;
use crate::write::adopt::AdoptError;
use crate::write::{BranchSet, PlanError, SplitError};

/// What is to be cut.
#[derive(Debug, Args)]
pub(crate) struct InputArgs {
    /// Commits to cut: A..B, A.. or A for A..HEAD, B^! for one; without one, or with the name of a plan, what that plan cuts now, else @{upstream}..
    #[arg(value_name = "RANGE", conflicts_with_all = ["worktree", "diff", "mbox"])]
    range: Option<String>,
    /// Cut all that RANGE holds, which is then one commit; HEAD by default
    #[arg(long, conflicts_with_all = ["worktree", "diff", "mbox"])]
    root: bool,
    /// Cut what the working tree has over HEAD
    #[arg(long, conflicts_with_all = ["diff", "mbox"])]
    worktree: bool,
    /// With --worktree: also files that git does not track and does not ignore
    #[arg(long, requires = "worktree")]
    untracked: bool,
    /// Cut a diff; - reads standard input
    #[arg(long, value_name = "FILE", conflicts_with = "mbox")]
    diff: Option<PathBuf>,
    /// Cut the patches of a mailbox, of a Maildir or of a folder of *.patch files; - reads standard input
    #[arg(long, value_name = "PATH")]
    mbox: Option<PathBuf>,
    /// The commit that the diff or mailbox applies to
    #[arg(long, value_name = "REV", default_value = "HEAD")]
    base: String,
}

impl InputArgs {
    /// Reads the files among the arguments, and says what of a mailbox is left out.
    pub(crate) fn input(self, context: &Context) -> Result<Input, Failure> {
        if self.worktree {
            return Ok(Input::Worktree { untracked: self.untracked });
        }
        if let Some(path) = self.diff {
            let (bytes, name) = read(context, &path)?;
            return Ok(Input::Diff { bytes, name, base: self.base });
        }
        if let Some(path) = self.mbox {
            let (files, name) = read_folder(context, &path)?;
            let mails: Vec<&[u8]> = files.iter().flat_map(|file| mailbox::mails(file)).collect();
            let chosen = mailbox::chosen(&mails);
            chosen.said.iter().for_each(|line| context.say(&format!("{line}\n")));
            let mails = chosen.mails.into_iter().map(|place| mails[place].to_vec()).collect();
            return Ok(Input::Mbox { mails, name, base: self.base });
        }
        Ok(if self.root { Input::Root(self.range) } else { Input::Range(self.range) })
    }
}

/// Reads a file, or standard input for `-`, and says what it is called.
pub(crate) fn read(context: &Context, path: &Path) -> Result<(Vec<u8>, String), Failure> {
    if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes)?;
        return Ok((bytes, "standard input".into()));
    }
    let bytes = std::fs::read(context.dir.join(path)).map_err(GitError::file("read", path))?;
    Ok((bytes, path.display().to_string()))
}

/// As [`read`]; of a folder the `*.patch` and `*.eml` files, of a Maildir all mails, by name.
fn read_folder(context: &Context, path: &Path) -> Result<(Vec<Vec<u8>>, String), Failure> {
    let top = context.dir.join(path);
    if path.as_os_str() == "-" || !top.is_dir() {
        return read(context, path).map(|(bytes, name)| (vec![bytes], name));
    }
    let maildir: Vec<PathBuf> = ["cur", "new"].iter().map(|name| top.join(name)).filter(|path| path.is_dir()).collect();
    let is_mail = |path: &PathBuf| {
        !maildir.is_empty() || path.extension().is_some_and(|extension| extension == "patch" || extension == "eml")
    };
    let mut paths: Vec<PathBuf> = Vec::new();
    for folder in if maildir.is_empty() { std::slice::from_ref(&top) } else { &maildir } {
        let entries = std::fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        paths.extend(entries.map_err(GitError::file("read", folder))?.iter().map(std::fs::DirEntry::path).filter(is_mail));
    }
    paths.sort_by_key(|path| path.file_name().map(std::ffi::OsStr::to_owned));
    let files = paths.iter().map(|path| std::fs::read(path).map_err(GitError::file("read", path)));
    Ok((files.collect::<Result<_, _>>()?, path.display().to_string()))
}

/// Reads one of a few words as what it stands for.
pub(crate) fn one_of<T: Copy + Send + Sync>(words: &'static [(&'static str, T)]) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(words.iter().map(|(word, _)| *word))
        .map(|given| words.iter().find(|(word, _)| *word == given).expect("clap takes no other").1)
}

/// How to cut.
#[derive(Debug, Args)]
pub(crate) struct CutArgs {
    /// Cut into this many patches, or as near above as the order allows
    #[arg(short = 'n', long, value_name = "N", value_parser = super::land::at_least_one)]
    patches: Option<usize>,
    /// Cut finer; may be given more than once
    #[arg(long, action = clap::ArgAction::Count, conflicts_with = "coarser")]
    finer: u8,
    /// Cut coarser; may be given more than once
    #[arg(long, action = clap::ArgAction::Count)]
    coarser: u8,
    /// Never make a patch larger than this many changed lines, unless it cannot be cut
    #[arg(long, value_name = "LINES")]
    max_lines: Option<usize>,
    /// Put in temporary text that lets old and new users build side by side, where it shortens what cannot be cut; the default
    #[arg(long, overrides_with = "no_bridge")]
    bridge: bool,
    /// Put in no temporary text
    #[arg(long)]
    no_bridge: bool,
}

impl CutArgs {
    /// Returns the settings that the user typed.
    pub(crate) fn layer(&self) -> Layer {
        // One step halves or doubles the odds that two edits belong together, twice over.
        let steps = f64::from(self.coarser) - f64::from(self.finer);
        Layer {
            patches: self.patches,
            bias: (steps != 0.0).then_some(steps * 1.4),
            max_lines: self.max_lines,
            bridge: match (self.bridge, self.no_bridge) {
                (true, _) => Some(true),
                (_, true) => Some(false),
                (false, false) => None,
            },
            ..Layer::default()
        }
    }
}

/// Finds exit code and hint of an error by what it is.
pub(crate) fn failure(error: Box<dyn Error>) -> Failure {
    let (code, hint) = advice(error.as_ref());
    Failure { code, error, hint }
}

/// What to type where the stored plan is of no use.
const REPLAN: &str = "git cleave plan --fresh makes it anew";

/// An exit code, and what to type next.
type Advice = (u8, Option<String>);

fn hint(code: u8, hint: impl Into<String>) -> Advice {
    (code, Some(hint.into()))
}

fn advice(error: &(dyn Error + 'static)) -> Advice {
    if let Some(error) = error.downcast_ref::<PipelineError>() {
        return match error {
            PipelineError::Source(error) => advice(error),
            PipelineError::Git(error) => advice(error),
            PipelineError::Settings(_) => (exit::USAGE, None),
            PipelineError::Nothing { .. } => {
                hint(exit::NO, "git cleave plan origin/master.. names a range, --worktree cuts what is not committed")
            }
            PipelineError::Store(error) => advice(error),
            PipelineError::Order(_) => (exit::FAILED, None),
            PipelineError::Bridge(_) => hint(exit::NO, REPLAN),
            PipelineError::Loses { .. } => hint(
                exit::NO,
                "--force leaves that out and keeps the rest, --fresh starts anew; git cleave undo takes either back",
            ),
            PipelineError::OfBranch { name, .. } => {
                hint(exit::NO, format!("--name {name}-2 keeps both, --fresh puts this in its place"))
            }
            PipelineError::Decided { .. } => hint(exit::NO, "--fresh cuts it anew; git cleave undo takes that back"),
        };
    }
    if let Some(error) = error.downcast_ref::<SourceError>() {
        return match error {
            SourceError::Git(error) => advice(error),
            SourceError::Apply { .. } => hint(exit::NO, "name the commit it was made on with --base"),
            SourceError::Overlong { .. } => {
                hint(exit::NO, "someone edited the diff: recountdiff mends its numbers, or make it anew")
            }
            SourceError::Nothing { .. } => (exit::NO, None),
            SourceError::NoAuthor(_) => hint(exit::USAGE, NAME_YOURSELF),
            SourceError::Bare => hint(exit::USAGE, "name a range of commits"),
            SourceError::Unmerged(_) => hint(exit::NO, "resolve the conflicts, then git add"),
        };
    }
    if let Some(error) = error.downcast_ref::<SplitError>() {
        return match error {
            SplitError::Git(error) => advice(error),
            SplitError::CheckedOut { .. } => hint(exit::NO, "git switch to another branch there first"),
            SplitError::InUse { .. } => hint(exit::NO, "finish the rebase or bisection there first, or abort it"),
            SplitError::Foreign(branch) => {
                let force = "git cleave split --force moves it and keeps its old value under refs/cleave/backup/";
                let own = branch.strip_prefix("cleave/").and_then(|own| own.split_once('/'));
                match own.filter(|(_, short)| BranchSet::Series.holds(short)) {
                    Some((name, short)) => {
                        hint(exit::NO, format!("git cleave adopt --name {name} {short} takes it into the plan; {force}"))
                    }
                    None => hint(exit::NO, force),
                }
            }
            SplitError::InTheWay(branch) => hint(exit::NO, format!("git branch -m {branch} {branch}-old")),
            SplitError::Message { .. } => hint(exit::NO, "git cleave edit"),
            SplitError::Conflict { .. } | SplitError::Merged => (exit::NO, None),
            SplitError::Step(_) => (exit::FAILED, None),
        };
    }
    if let Some(error) = error.downcast_ref::<AdoptError>() {
        return match error {
            AdoptError::Git(error) => advice(error),
            AdoptError::Content { .. } | AdoptError::Lost { .. } => {
                hint(exit::NO, "adopt takes messages, order and grouping; what the code says stays that of the tip")
            }
            AdoptError::Merge(_) | AdoptError::Base { .. } | AdoptError::Plan(_) => (exit::NO, None),
        };
    }
    if let Some(error) = error.downcast_ref::<OperationError>() {
        return match error {
            OperationError::Git(error) => advice(error),
            OperationError::Store(error) => advice(error),
            OperationError::Damaged(_) => (exit::FAILED, None),
            OperationError::Nothing(_) => hint(exit::NO, "git cleave log shows what was done"),
            OperationError::Unknown { .. } => hint(exit::USAGE, "git cleave log has the numbers"),
            OperationError::InUse { .. } => hint(exit::NO, "git switch to another branch there, or end what goes on there"),
        };
    }
    if let Some(error) = error.downcast_ref::<StoreError>() {
        return match error {
            StoreError::Missing(_) => hint(exit::USAGE, "git cleave list, or make one: git cleave plan"),
            StoreError::UnknownEdit { near, .. } => (exit::NO, near.as_ref().map(|near| format!("the nearest is '{near}'"))),
            StoreError::Syntax(_) | StoreError::Version(_) | StoreError::Value { .. } => hint(exit::NO, REPLAN),
            StoreError::Write(_) | StoreError::File(_) | StoreError::Locked { .. } => (exit::FAILED, None),
        };
    }
    if let Some(error) = error.downcast_ref::<MailError>() {
        return match error {
            MailError::Git { .. } | MailError::CleanRoom(_) | MailError::File(_) | MailError::Mismatch(_) => (exit::FAILED, None),
            MailError::Fails { .. } => {
                hint(exit::NO, "git cleave verify --repair mends the cut; git cleave mail --failing mails it and says so")
            }
            MailError::NoWhy(_) => hint(exit::NO, "git cleave edit --cover, or --draft to see the mails without"),
            MailError::Author { .. } => {
                hint(exit::NO, "git rebase -i, git commit --amend --author='Name <address>', then git cleave plan again")
            }
            MailError::NoChangelog { .. } => {
                hint(exit::NO, "git cleave edit --cover says what is known, or --draft to see the mails without")
            }
            _ => (exit::NO, None),
        };
    }
    if let Some(error) = error.downcast_ref::<PostedError>() {
        return match error {
            PostedError::Git(error) => advice(error),
            PostedError::Store(error) => advice(error),
            PostedError::Changed { version, .. } => hint(exit::NO, format!("-v{} posts it as the next version", version + 1)),
            PostedError::Never(_) => (exit::NO, None),
            PostedError::Past { last, .. } => hint(exit::NO, format!("-v{}", last + 1)),
            PostedError::Damaged { .. } | PostedError::Write(_) => (exit::FAILED, None),
        };
    }
    if let Some(error) = error.downcast_ref::<PostError>() {
        return match error {
            PostError::Pipeline(error) => advice(error),
            PostError::Git(error) => advice(error),
            PostError::Settings(error) => advice(error),
            PostError::Plan(error) => advice(error),
            PostError::Split(error) => advice(error),
            PostError::Mail(error) => advice(error),
            PostError::Posted(error) => advice(error),
            PostError::Refused { only_sign_offs: true } => {
                hint(exit::NO, "git cleave mail --signoff adds yours; git cleave mail --no-lint writes them as they are")
            }
            PostError::Refused { only_sign_offs: false } => {
                hint(exit::NO, "git cleave edit mends messages; git cleave mail --no-lint writes them as they are")
            }
        };
    }
    if let Some(error) = error.downcast_ref::<BuildsError>() {
        return match error {
            BuildsError::Verify(error) => advice(error),
            BuildsError::Git(error) => advice(error),
            BuildsError::Settings(error) => advice(error),
            BuildsError::Profile(_) => hint(exit::USAGE, PROFILES),
            BuildsError::NotAllowed { .. } => hint(exit::USAGE, "after a look at the file: git cleave verify --allow"),
            BuildsError::NoProfile => {
                hint(exit::USAGE, "git cleave verify --profile kernel, or without --syntax: git cleave verify -- make")
            }
            BuildsError::NotCompiled(_) => (exit::FAILED, None),
        };
    }
    if let Some(error) = error.downcast_ref::<VerifyError>() {
        return match error {
            VerifyError::Git(error) => advice(error),
            VerifyError::Profile(_) => hint(exit::USAGE, PROFILES),
            VerifyError::NothingToBuild(_) => hint(exit::USAGE, "name what to build in the profile: targets=…"),
            VerifyError::NoSteps(_) => hint(exit::USAGE, "git cleave split makes them"),
            VerifyError::Setup { .. }
            | VerifyError::Machine { .. }
            | VerifyError::Start { .. }
            | VerifyError::Command { .. }
            | VerifyError::Interrupted => (exit::FAILED, None),
        };
    }
    match error.downcast_ref::<GitError>() {
        Some(GitError::Revision { problem, .. }) if problem.contains("upstream") => {
            hint(exit::USAGE, "name a range: git cleave plan origin/master..")
        }
        Some(GitError::Revision { .. }) => (exit::USAGE, None),
        Some(GitError::Partial { fetch, .. }) => hint(exit::FAILED, fetch.as_str()),
        Some(GitError::Start { .. } | GitError::Failed { .. } | GitError::Repository { .. } | GitError::File { .. }) => {
            (exit::FAILED, None)
        }
        None => (if error.is::<PlanError>() { exit::NO } else { exit::FAILED }, None),
    }
}

const PROFILES: &str = "git cleave verify -h says how profiles are written";

/// What to type where git does not know who commits.
pub(crate) const NAME_YOURSELF: &str = "git config user.name \"Your Name\" && git config user.email you@example.com";
