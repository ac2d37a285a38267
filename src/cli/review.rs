//! `git cleave review`: what is moved, what is noise, what really changed.

use clap::Args;
use serde::Serialize;

use super::{Context, Failure, Format, exit};
use crate::git::Repository;
use crate::model::{EditId, ObjectId};
use crate::read;
use crate::review::{Tally, tally};

/// Say of each commit how much is moved, white space, comment, and really changed
#[derive(Debug, Args)]
pub(crate) struct ReviewArgs {
    /// Commits to look at, as A..B; without one, @{upstream}..
    range: Option<String>,
}

#[derive(Debug, Serialize)]
struct JsonReview {
    commit: Option<String>,
    subject: String,
    #[serde(flatten)]
    tally: Tally,
}

pub(crate) fn run(context: &Context, args: ReviewArgs) -> Result<u8, Failure> {
    let repository = context.repository()?;
    let range = repository.range(args.range.as_deref())?;
    let whole = read::change(&repository, range.base, range.tip)?;
    if context.format == Format::Text {
        context.print("   moved   space comment    code\n")?;
    }
    for commit in &whole.commits {
        let subject = commit.message.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let parent = repository.commit(&format!("{}^", commit.commit_id))?;
        print(
            context,
            Some(commit.commit_id),
            &String::from_utf8_lossy(subject),
            reviewed(&repository, parent, commit.commit_id)?,
        )?;
    }
    print(context, None, "all of it", reviewed(&repository, range.base, range.tip)?)?;
    Ok(exit::DONE)
}

fn reviewed(repository: &Repository, base: ObjectId, tip: ObjectId) -> Result<Tally, Failure> {
    let change = read::change(repository, base, tip)?;
    let edits = read::edits(&change);
    let members: Vec<EditId> = edits.iter().map(|(edit_id, _)| edit_id).collect();
    Ok(tally(&change, &edits, &members))
}

fn print(context: &Context, commit_id: Option<ObjectId>, subject: &str, tally: Tally) -> Result<(), Failure> {
    match context.format {
        Format::Json => {
            context.print_json(&JsonReview { commit: commit_id.map(|id| id.to_string()), subject: subject.into(), tally })
        }
        Format::Text => {
            let Tally { moved, space, comment, code } = tally;
            context.print(&format!("{moved:>8}{space:>8}{comment:>8}{code:>8}  {subject}\n"))
        }
    }
}
