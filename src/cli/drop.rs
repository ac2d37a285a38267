//! `git cleave drop`: forgets a change.

use clap::Args;

use super::{Context, Failure, exit};
use crate::git::Repository;
use crate::git::refs::RefEdit;
use crate::mail::posted::{is_posted, versions};
use crate::plan::store::{StoreError, file};
use crate::verify::export::remove_of_change;

/// Forget a change: its plan, the branches that git-cleave wrote for it, and its build folders
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/drop.txt"))]
pub(crate) struct DropArgs {
    /// Which change
    #[arg(required_unless_present = "name")]
    change: Option<String>,
    /// The same
    #[arg(long, value_name = "CHANGE", conflicts_with = "change")]
    name: Option<String>,
    /// Forget the versions that were posted too
    #[arg(long)]
    posted: bool,
}

pub(crate) fn run(context: &Context, args: DropArgs) -> Result<u8, Failure> {
    let repository = context.repository()?;
    let change = args.change.or(args.name).unwrap_or_default();
    let is_planned = file::names(repository.common_dir())?.contains(&change);
    let versions = versions(&repository, &change)?;
    context.operation(&repository, &change, || {
        if !is_planned && (versions.is_empty() || !args.posted) {
            return Err(StoreError::Missing(change.clone()).into());
        }
        forget_refs(context, &repository, &change, args.posted)?;
        if is_planned {
            file::remove(repository.common_dir(), &change)?;
        }
        Ok(())
    })?;
    let removed = remove_of_change(repository.common_dir(), &change)?;
    if !removed.is_empty() {
        context.say(&format!("removed the build folders of the change: {}\n", removed.join(", ")));
    }
    if !versions.is_empty() && !args.posted {
        let versions: Vec<String> = versions.iter().map(|version| format!("v{version}")).collect();
        context.say(&format!("posted, and kept: {}; --posted forgets that too\n", versions.join(", ")));
    }
    context.say(&format!("git cleave undo --name {change} brings it back\n"));
    Ok(exit::DONE)
}

fn forget_refs(context: &Context, repository: &Repository, change: &str, posted: bool) -> Result<(), Failure> {
    let own = format!("refs/cleave/{change}/");
    let folder = format!("refs/heads/cleave/{change}/");
    let (checked_out, in_use) = (repository.checked_out()?, repository.in_use()?);
    let heads = repository.refs(&folder)?;
    let mut edits = Vec::new();
    for (name, old) in repository.refs(&own)? {
        if !posted && is_posted(&name[own.len()..]) {
            continue;
        }
        // A branch goes only while it is what we wrote; whatever the user made of it stays.
        if let Some(branch) = name.strip_prefix(&format!("{own}heads/")).map(|short| format!("{folder}{short}"))
            && heads.get(&branch) == Some(&old)
        {
            let why = checked_out.get(&branch).map(|_| "checked out").or(in_use.get(&branch).map(|(_, what)| *what));
            match why {
                Some(why) => context.say(&format!("'{}' is {why} and stays\n", branch.trim_start_matches("refs/heads/"))),
                None => edits.push(RefEdit { name: branch, old: Some(old), new: None }),
            }
        }
        edits.push(RefEdit { name, old: Some(old), new: None });
    }
    Ok(repository.edit_refs(&edits, "cleave: drop")?)
}
