//! Arguments that several subcommands share, and what their errors mean to the user.

use std::io::Read;
use std::path::PathBuf;

use clap::Args;

use super::{Failure, exit};
use crate::git::GitError;
use crate::mail::MailError;
use crate::mail::posted::PostedError;
use crate::pipeline::PipelineError;
use crate::pipeline::post::PostError;
use crate::pipeline::verify::BuildsError;
use crate::plan::store::StoreError;
use crate::read::Input;
use crate::read::source::SourceError;
use crate::settings::Layer;
use crate::verify::VerifyError;
use crate::verify::profile::ProfileError;
use crate::write::adopt::AdoptError;
use crate::write::{PlanError, SplitError};

/// What is to be cut.
#[derive(Debug, Args)]
pub(crate) struct InputArgs {
    /// Commits to cut: A..B, A.. or A for A..HEAD; without one, @{upstream}..
    #[arg(value_name = "RANGE", conflicts_with_all = ["worktree", "diff", "mbox"])]
    range: Option<String>,
    /// Cut what the working tree has over HEAD
    #[arg(long, conflicts_with_all = ["diff", "mbox"])]
    worktree: bool,
    /// With --worktree: also files that git does not track and does not ignore
    #[arg(long, requires = "worktree")]
    untracked: bool,
    /// Cut a diff; - reads standard input
    #[arg(long, value_name = "FILE", conflicts_with = "mbox")]
    diff: Option<PathBuf>,
    /// Cut the patches of a mailbox; - reads standard input
    #[arg(long, value_name = "FILE")]
    mbox: Option<PathBuf>,
    /// The commit that the diff or mailbox applies to
    #[arg(long, value_name = "REV", default_value = "HEAD")]
    base: String,
}

impl InputArgs {
    /// Reads the files among the arguments.
    pub(crate) fn input(self) -> Result<Input, Failure> {
        if self.worktree {
            return Ok(Input::Worktree { untracked: self.untracked });
        }
        if let Some(path) = self.diff {
            let (bytes, name) = read(&path)?;
            return Ok(Input::Diff { bytes, name, base: self.base });
        }
        if let Some(path) = self.mbox {
            let (bytes, name) = read(&path)?;
            return Ok(Input::Mbox { bytes, name, base: self.base });
        }
        Ok(Input::Range(self.range))
    }
}

/// Reads a file, or standard input for `-`, and says what it is called.
pub(crate) fn read(path: &std::path::Path) -> Result<(Vec<u8>, String), Failure> {
    if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes)?;
        return Ok((bytes, "standard input".into()));
    }
    let bytes = std::fs::read(path)
        .map_err(|source| Failure::new(exit::FAILED, GitError::File { action: "read", path: path.to_owned(), source }))?;
    Ok((bytes, path.display().to_string()))
}

/// How to cut.
#[derive(Debug, Args)]
pub(crate) struct CutArgs {
    /// Cut into this many patches, or as near above as the order allows
    #[arg(short = 'n', long, value_name = "N")]
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
pub(crate) fn failure(error: Box<dyn std::error::Error>) -> Failure {
    let error = match error.downcast::<PipelineError>() {
        Ok(pipeline) => match *pipeline {
            PipelineError::Source(error) => return failure(Box::new(error)),
            PipelineError::Git(error) => return failure(Box::new(error)),
            PipelineError::Settings(error) => return Failure::new(exit::USAGE, error),
            other @ PipelineError::Nothing { .. } => return Failure::new(exit::NO, other),
            PipelineError::Store(error) => return failure(Box::new(error)),
            other @ PipelineError::Order(_) => return Failure::new(exit::FAILED, other),
            other @ PipelineError::Bridge(_) => return Failure::new(exit::NO, other).hint("git cleave plan makes it anew"),
        },
        Err(error) => error,
    };
    let error = match error.downcast::<SourceError>() {
        Ok(source) => {
            return match *source {
                SourceError::Git(error) => failure(Box::new(error)),
                error @ SourceError::Apply { .. } => {
                    Failure::new(exit::NO, error).hint("name the commit it was made on with --base")
                }
                error @ SourceError::Overlong { .. } => {
                    Failure::new(exit::NO, error).hint("someone edited the diff: recountdiff mends its numbers, or make it anew")
                }
                error @ SourceError::Nothing { .. } => Failure::new(exit::NO, error),
                error @ SourceError::NoAuthor(_) => Failure::new(exit::USAGE, error)
                    .hint("git config user.name \"Your Name\" && git config user.email you@example.com"),
                error @ SourceError::Bare => Failure::new(exit::USAGE, error).hint("name a range of commits"),
                error @ SourceError::Unmerged(_) => Failure::new(exit::NO, error).hint("resolve the conflicts, then git add"),
            };
        }
        Err(error) => error,
    };
    let error = match error.downcast::<SplitError>() {
        Ok(split) => {
            return match *split {
                SplitError::Git(error) => failure(Box::new(error)),
                error @ SplitError::CheckedOut { .. } => {
                    Failure::new(exit::NO, error).hint("git switch to another branch there first")
                }
                error @ SplitError::InUse { .. } => {
                    Failure::new(exit::NO, error).hint("finish the rebase or bisection there first, or abort it")
                }
                error @ SplitError::Foreign { .. } => Failure::new(exit::NO, error)
                    .hint("git cleave split --force moves it and keeps its old value under refs/cleave/backup/"),
                error @ SplitError::InTheWay { .. } => {
                    let SplitError::InTheWay { branch } = &error else { unreachable!("matched above") };
                    let hint = format!("git branch -m {branch} {branch}-old");
                    Failure::new(exit::NO, error).hint(hint)
                }
                error @ SplitError::Message { .. } => Failure::new(exit::NO, error).hint("git cleave edit"),
                error @ (SplitError::Conflict { .. } | SplitError::Merged) => Failure::new(exit::NO, error),
                error @ SplitError::Step(_) => Failure::new(exit::FAILED, error),
            };
        }
        Err(error) => error,
    };
    let error = match error.downcast::<AdoptError>() {
        Ok(adopt) => {
            return match *adopt {
                AdoptError::Git(error) => failure(Box::new(error)),
                error @ (AdoptError::Content { .. } | AdoptError::Lost { .. }) => Failure::new(exit::NO, error)
                    .hint("adopt takes messages, order and grouping; what the code says stays that of the tip"),
                error => Failure::new(exit::NO, error),
            };
        }
        Err(error) => error,
    };
    let error = match error.downcast::<StoreError>() {
        Ok(store) => {
            return match *store {
                error @ StoreError::Missing(_) => {
                    Failure::new(exit::USAGE, error).hint("git cleave list, or make one: git cleave plan")
                }
                error @ StoreError::UnknownEdit { .. } => {
                    let near = match &error {
                        StoreError::UnknownEdit { near: Some(near), .. } => Some(format!("the nearest is '{near}'")),
                        _ => None,
                    };
                    Failure { code: exit::NO, error: Box::new(error), hint: near }
                }
                error @ (StoreError::Syntax(_) | StoreError::Version(_) | StoreError::Value { .. }) => {
                    Failure::new(exit::NO, error).hint("git cleave plan makes it anew")
                }
                error @ (StoreError::Write(_) | StoreError::File { .. } | StoreError::Locked { .. }) => {
                    Failure::new(exit::FAILED, error)
                }
            };
        }
        Err(error) => error,
    };
    let error = match error.downcast::<MailError>() {
        Ok(mail) => {
            let code = match mail.as_ref() {
                MailError::Git { .. } | MailError::CleanRoom(_) | MailError::File { .. } | MailError::Mismatch { .. } => {
                    exit::FAILED
                }
                _ => exit::NO,
            };
            let hint = match mail.as_ref() {
                MailError::NoWhy { .. } => Some("git cleave edit --cover, or --draft to see the mails without".to_owned()),
                MailError::NoChangelog { .. } => {
                    Some("git cleave edit --cover says what is known, or --draft to see the mails without".to_owned())
                }
                _ => None,
            };
            return Failure { code, error: mail, hint };
        }
        Err(error) => error,
    };
    let error = match error.downcast::<PostedError>() {
        Ok(posted) => {
            return match *posted {
                PostedError::Git(error) => failure(Box::new(error)),
                PostedError::Store(error) => failure(Box::new(error)),
                error @ PostedError::Changed { version, .. } => {
                    Failure::new(exit::NO, error).hint(format!("-v{} posts it as the next version", version + 1))
                }
                error @ PostedError::Never { .. } => Failure::new(exit::NO, error),
                error @ PostedError::Past { last, .. } => Failure::new(exit::NO, error).hint(format!("-v{}", last + 1)),
                error @ (PostedError::Damaged { .. } | PostedError::Write(_)) => Failure::new(exit::FAILED, error),
            };
        }
        Err(error) => error,
    };
    let error = match error.downcast::<PostError>() {
        Ok(post) => {
            return match *post {
                PostError::Pipeline(error) => failure(Box::new(error)),
                PostError::Git(error) => failure(Box::new(error)),
                PostError::Settings(error) => failure(Box::new(error)),
                PostError::Plan(error) => failure(Box::new(error)),
                PostError::Split(error) => failure(Box::new(error)),
                PostError::Mail(error) => failure(Box::new(error)),
                PostError::Posted(error) => failure(Box::new(error)),
                error @ PostError::Refused { only_sign_offs: true } => Failure::new(exit::NO, error)
                    .hint("git cleave mail --signoff adds yours; git cleave mail --no-lint writes them as they are"),
                error @ PostError::Refused { only_sign_offs: false } => Failure::new(exit::NO, error)
                    .hint("git cleave edit mends messages; git cleave mail --no-lint writes them as they are"),
            };
        }
        Err(error) => error,
    };
    let error = match error.downcast::<BuildsError>() {
        Ok(builds) => {
            return match *builds {
                BuildsError::Verify(error) => failure(Box::new(error)),
                BuildsError::Git(error) => failure(Box::new(error)),
                BuildsError::Settings(error) => failure(Box::new(error)),
                BuildsError::Profile(error) => wrong_profile(error),
                error @ BuildsError::NotAllowed { .. } => {
                    Failure::new(exit::USAGE, error).hint("after a look at the file: git cleave verify --allow")
                }
                error @ BuildsError::NoProfile => {
                    Failure::new(exit::USAGE, error).hint("git cleave verify -- make, or --profile make")
                }
                error @ BuildsError::NotCompiled(_) => Failure::new(exit::FAILED, error),
            };
        }
        Err(error) => error,
    };
    let error = match error.downcast::<VerifyError>() {
        Ok(verify) => {
            return match *verify {
                VerifyError::Git(error) => failure(Box::new(error)),
                VerifyError::Profile(error) => wrong_profile(error),
                error @ VerifyError::NothingToBuild { .. } => {
                    Failure::new(exit::USAGE, error).hint("name what to build in the profile: targets=…")
                }
                error @ (VerifyError::Setup { .. }
                | VerifyError::Machine { .. }
                | VerifyError::Start { .. }
                | VerifyError::Command { .. }
                | VerifyError::Interrupted) => Failure::new(exit::FAILED, error),
                error @ VerifyError::NoSteps { .. } => Failure::new(exit::USAGE, error).hint("git cleave split makes them"),
            };
        }
        Err(error) => error,
    };
    match error.downcast::<GitError>() {
        Ok(error) => {
            let (code, hint) = match error.as_ref() {
                GitError::Revision { problem, .. } if problem.contains("upstream") => {
                    (exit::USAGE, Some("name a range: git cleave plan origin/master..".to_owned()))
                }
                GitError::Revision { .. } => (exit::USAGE, None),
                GitError::Start { .. } | GitError::Failed { .. } | GitError::Repository { .. } | GitError::File { .. } => {
                    (exit::FAILED, None)
                }
            };
            Failure { code, error, hint }
        }
        Err(error) => match error.downcast::<PlanError>() {
            Ok(error) => Failure { code: exit::NO, error, hint: None },
            Err(error) => Failure { code: exit::FAILED, error, hint: None },
        },
    }
}

fn wrong_profile(error: ProfileError) -> Failure {
    Failure::new(exit::USAGE, error).hint("git cleave verify -h says how profiles are written")
}
