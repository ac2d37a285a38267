//! `git cleave split`: commits and branches.

use clap::Args;
use serde::Serialize;

use super::input::NAME_YOURSELF;
use super::{Context, Failure, Format, exit};
use crate::describe::trailers::sign;
use crate::git::Repository;
use crate::model::Plan;
use crate::pipeline;
use crate::report::plan_text::count;
use crate::write::{Force, Posting, Written, checked, split};

/// Write the patches of a plan as branches below refs/heads/cleave/
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/split.txt"))]
pub(crate) struct SplitArgs {
    /// Which change, where there are several plans
    #[arg(long, value_name = "CHANGE")]
    name: Option<String>,
    /// Move branches that are not what git-cleave last wrote; old values are kept under refs/cleave/backup/
    #[arg(long)]
    force: bool,
    /// Add your Signed-off-by to the end of every message that it does not end already
    #[arg(short, long)]
    signoff: bool,
}

/// One branch, for programs.
#[derive(Debug, Serialize)]
struct JsonBranch {
    branch: String,
    base: String,
    commits: Vec<String>,
}

pub(crate) fn run(context: &Context, args: SplitArgs) -> Result<u8, Failure> {
    let repository = context.repository()?;
    let name = context.change(&repository, args.name.as_deref())?;
    context.operation(&repository, &name, || {
        let mut plan = pipeline::load(&repository, &name)?;
        sign_off(&repository, &mut plan, args.signoff)?;
        let plan = Posting::of(plan);
        let written = split(&repository, checked(&plan)?, if args.force { Force::Overwrite } else { Force::Refuse })?;
        show(context, &plan, &written)?;
        Ok(exit::DONE)
    })
}

/// Signs off all patches where the user asks for it; the stored plan stays as it is.
pub(crate) fn sign_off(repository: &Repository, plan: &mut Plan, wanted: bool) -> Result<(), Failure> {
    if wanted {
        let line = repository.signoff().map_err(|error| Failure::new(exit::USAGE, error).hint(NAME_YOURSELF))?;
        sign(plan, line.as_ref());
    }
    Ok(())
}

/// Prints the branches.
pub(crate) fn show(context: &Context, plan: &Plan, written: &Written) -> Result<(), Failure> {
    let all = format!("cleave/{}/all", plan.name);
    if context.format == Format::Json {
        let ids = |ids: &[crate::model::ObjectId]| ids.iter().map(ToString::to_string).collect();
        context.print_json(&JsonBranch {
            branch: all,
            base: plan.change.base_commit_id.to_string(),
            commits: ids(&written.all),
        })?;
        for series in &written.series {
            let branch = series.branch.trim_start_matches("refs/heads/").to_owned();
            context.print_json(&JsonBranch { branch, base: series.base.to_string(), commits: ids(&series.commits) })?;
        }
        return Ok(());
    }
    let branches: Vec<(String, usize, usize)> = std::iter::once((all, written.all.len(), 0))
        .chain(written.series.iter().map(|series| {
            (series.branch.trim_start_matches("refs/heads/").to_owned(), series.commits.len(), series.prerequisites.len())
        }))
        .collect();
    let width = branches.iter().map(|(branch, ..)| branch.len()).max().unwrap_or(0);
    for (branch, own, needed) in branches {
        let needed = if needed == 0 { String::new() } else { format!(" on {} it needs", count(needed, "patch")) };
        context.print(&format!("{branch:width$}  {}{needed}\n", count(own, "patch")))?;
    }
    Ok(())
}
