//! The project's own checker, run where the user lets it.

use clap::Args;

use super::super::{Context, Failure, exit};
use crate::git::{GitError, Repository};
use crate::mail::lint::checkpatch::{Checker, findings};
use crate::mail::lint::{Finding, MailSet};
use crate::model::ObjectId;
use crate::verify::verdict::Ended;
use crate::verify::{VerifyError, allow, script};

/// Whether the project's checker runs.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct CheckerArgs {
    /// Run the project's own checkpatch as the base tree has it; as it is, it then runs without being asked for
    #[arg(long, overrides_with = "no_checkpatch")]
    checkpatch: bool,
    /// Never run it
    #[arg(long)]
    no_checkpatch: bool,
}

/// Runs the checker of a tree over the mails. Where the tree has one that was never allowed, that is said once, and nothing runs.
pub(super) fn check(
    context: &Context,
    repository: &Repository,
    tree_id: ObjectId,
    postings: &[MailSet],
    args: CheckerArgs,
) -> Result<Vec<Finding>, Failure> {
    if args.no_checkpatch && !args.checkpatch {
        return Ok(Vec::new());
    }
    let objects = repository.objects();
    let Some(checker) = Checker::of(|path| objects.file(tree_id, path.into()))? else {
        return match args.checkpatch {
            true => Err(Failure::new(exit::NO, "the project has no checkpatch")),
            false => Ok(Vec::new()),
        };
    };
    let line = allow::line_of_script(&checker.files);
    if args.checkpatch {
        allow::allow(repository.common_dir(), &line)?;
    } else if !allow::is_allowed(repository.common_dir(), &line) {
        context.say(&format!("{} was not run: git cleave lint --checkpatch lets it\n", checker.path()));
        return Ok(Vec::new());
    }
    let mut files = checker.files.clone();
    let mut sheets = Vec::new();
    let mails = postings.iter().enumerate().flat_map(|(posting_idx, posting)| {
        posting
            .letters
            .iter()
            .enumerate()
            .filter(|(_, letter)| !letter.is_cover)
            .map(move |(at, letter)| ((posting_idx, at), letter))
    });
    let names: Vec<String> = mails.clone().enumerate().map(|(idx, _)| format!("{:04}.patch", idx + 1)).collect();
    for (name, (mail, letter)) in names.iter().zip(mails) {
        sheets.push((name.clone(), mail));
        files.push((name, letter.raw.to_vec()));
    }
    if sheets.is_empty() {
        return Ok(Vec::new());
    }
    let said = script::script(&checker.words(&names), &files).map_err(|error| match error {
        error @ VerifyError::Start { .. } => Failure::new(exit::FAILED, error).hint("git cleave lint --no-checkpatch"),
        error => error.into(),
    })?;
    let found = findings(&said.text, &sheets, postings, checker.path());
    // 1 says that there are findings; where there are none, it could not work.
    if said.ended != Ended::Code(0) && found.is_empty() {
        let text = String::from_utf8_lossy(&said.text);
        let last = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let what = format!("{} failed: {last}", checker.path());
        return Err(
            Failure::new(exit::FAILED, GitError::Repository { what, source: None }).hint("git cleave lint --no-checkpatch")
        );
    }
    Ok(found)
}
