//! `git cleave adopt`: what somebody made of a branch of ours, read back into the plan.

use std::collections::BTreeSet;

use clap::Args;

use super::plan::{name_lost, set_aside, show};
use super::{Context, Failure, exit};
use crate::git::Repository;
use crate::git::refs::RefEdit;
use crate::model::ObjectId;
use crate::pipeline;
use crate::plan::carry::unsaid;
use crate::plan::change_id::name_series;
use crate::write::adopt::{Adopted, adopt};
use crate::write::{BranchSet, Posting, SplitError, checked};

/// Read messages, order and grouping back from a branch that was reworked, as with git rebase -i
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/adopt.txt"))]
pub(crate) struct AdoptArgs {
    /// The branch below refs/heads/cleave/<change>/: all or a series; by default the one that is not what git-cleave last wrote
    #[arg(value_name = "BRANCH")]
    branch: Option<String>,
    /// Which change, where there are several plans
    #[arg(long, value_name = "CHANGE")]
    name: Option<String>,
    /// Take an order that should not build by what was read of the change: what speaks against it is set aside, and only a build tells
    #[arg(long)]
    force: bool,
}

pub(crate) fn run(context: &Context, args: AdoptArgs) -> Result<u8, Failure> {
    let repository = context.repository()?;
    let name = context.change(&repository, args.name.as_deref())?;
    context.operation(&repository, &name, || adopted(context, &repository, &name, &args))
}

fn adopted(context: &Context, repository: &Repository, name: &str, args: &AdoptArgs) -> Result<u8, Failure> {
    let folder = format!("refs/heads/cleave/{name}/");
    let record = format!("refs/cleave/{name}/heads/");
    let reworked = reworked(repository, &folder, &record)?;
    let Some((branch, tip)) = meant(repository, &folder, &reworked, args.branch.as_deref())? else {
        context.say("nothing to adopt: the branches are as git-cleave wrote them\n");
        return Ok(exit::DONE);
    };
    if let Some((folder, what)) = repository.in_use()?.remove(&branch) {
        return Err(SplitError::InUse { branch: branch.trim_start_matches("refs/heads/").into(), what, folder }.into());
    }
    let old = pipeline::load_analyzed(repository, name)?;
    let Adopted { mut plan, commits, empty } = adopt(repository, &old.plan, &branch, tip)?;
    let written = old.plan.campaign.patches.iter().filter(|patch| old.plan.words.patches.contains(&patch.patch_id));
    name_lost(context, &unsaid(written.map(|patch| (patch.patch_id.clone(), &patch.message)), &plan));
    pipeline::say_again(repository, old, &mut plan, &BTreeSet::new())?;
    for commit_id in empty {
        context.say(&format!("{} changes nothing and is no patch\n", commit_id.short()));
    }
    if args.force {
        set_aside(context, &mut plan);
    }
    checked(&plan)?;
    name_series(&mut plan);
    pipeline::keep(repository, &plan)?;
    // What was read is known: the next split may write the branches anew.
    let known = reworked.into_iter().filter(|(own, now, _)| *own == branch || commits.contains(now));
    let edits: Vec<RefEdit> = known
        .map(|(own, now, last)| RefEdit { name: format!("{record}{}", &own[folder.len()..]), old: last, new: Some(now) })
        .collect();
    repository.edit_refs(&edits, "cleave: adopt")?;
    show(context, &Posting::of(plan))?;
    Ok(exit::DONE)
}

/// Returns the branches of a change that are not what was last written there, with what that was.
fn reworked(repository: &Repository, folder: &str, record: &str) -> Result<Vec<(String, ObjectId, Option<ObjectId>)>, Failure> {
    let recorded = repository.refs(record)?;
    let last = |branch: &str| recorded.get(&format!("{record}{}", &branch[folder.len()..])).copied();
    let all = repository.refs(folder)?.into_iter().map(|(branch, now)| (last(&branch), branch, now));
    let all = all.filter(|(_, branch, _)| BranchSet::Series.holds(&branch[folder.len()..]));
    Ok(all.filter(|(last, _, now)| *last != Some(*now)).map(|(last, branch, now)| (branch, now, last)).collect())
}

/// Returns the branch that is meant: the one named, `all` where it was reworked, else the only one that was.
fn meant(
    repository: &Repository,
    folder: &str,
    reworked: &[(String, ObjectId, Option<ObjectId>)],
    named: Option<&str>,
) -> Result<Option<(String, ObjectId)>, Failure> {
    if let Some(named) = named {
        let short = named.strip_prefix("refs/heads/").unwrap_or(named);
        let short = short.strip_prefix(folder.trim_start_matches("refs/heads/")).unwrap_or(short);
        let branch = format!("{folder}{short}");
        let Some(tip) = repository.refs(&branch)?.remove(&branch) else {
            return Err(Failure::new(exit::USAGE, format!("there is no branch '{}'", branch.trim_start_matches("refs/heads/"))));
        };
        return Ok(Some((branch, tip)));
    }
    let all = format!("{folder}all");
    let found = match reworked {
        [] => return Ok(None),
        [only] => only,
        several => match several.iter().find(|(branch, ..)| *branch == all) {
            Some(all) => all,
            None => {
                let names: Vec<&str> = several.iter().map(|(branch, ..)| branch.trim_start_matches("refs/heads/")).collect();
                return Err(Failure::new(exit::USAGE, format!("several branches were reworked: {}", names.join(", ")))
                    .hint(format!("git cleave adopt {}, then the next", names[0].rsplit('/').next().unwrap_or_default())));
            }
        },
    };
    Ok(Some((found.0.clone(), found.1)))
}
