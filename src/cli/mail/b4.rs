//! `git cleave mail --b4`: what is printed of the branches.

use clap::Args;
use serde::Serialize;

use super::super::{Context, Failure, Format};
use crate::mail::b4::B4Branch;
use crate::model::Plan;
use crate::report::plan_text::count;
use crate::write::Force;

/// What the user decides about branches for b4.
#[derive(Debug, Args)]
pub(crate) struct B4Args {
    /// Write each series as a branch cleave/<change>/b4/<series>, with its cover letter in an empty commit, as b4 prep has it
    #[arg(long)]
    pub(crate) b4: bool,
    /// Move branches that are not what git-cleave last wrote; old values are kept under refs/cleave/backup/
    #[arg(long, requires = "b4")]
    force: bool,
}

impl B4Args {
    /// Returns whether branches of others may be moved.
    pub(super) fn force(&self) -> Force {
        if self.force { Force::Overwrite } else { Force::Refuse }
    }
}

/// One branch, for programs.
#[derive(Debug, Serialize)]
struct JsonB4Branch {
    branch: String,
    series: String,
    /// Its last commit.
    commit: String,
}

/// b4 looks for cover letters of one year.
const YEAR: u64 = 365 * 24 * 60 * 60;

/// Prints the branches, and what b4 would do with them; nothing where there are none.
pub(crate) fn show(context: &Context, plan: &Plan, branches: &[B4Branch]) -> Result<(), Failure> {
    if branches.is_empty() {
        return Ok(());
    }
    let short = |branch: &B4Branch| branch.name.trim_start_matches("refs/heads/").to_owned();
    if context.format == Format::Json {
        for branch in branches {
            let series = plan.campaign.series[branch.series.0].name.clone();
            context.print_json(&JsonB4Branch { branch: short(branch), series, commit: branch.tip.to_string() })?;
        }
        return Ok(());
    }
    context.print("\n")?;
    let width = branches.iter().map(|branch| short(branch).len()).max().unwrap_or(0);
    for branch in branches {
        let series = &plan.campaign.series[branch.series.0];
        let (name, patches) = (short(branch), count(series.patches.len(), "patch"));
        context.print(&format!("{name:width$}  {patches} for {}\n", plan.campaign.home(series.home).name))?;
    }
    context.print("\nOn each of them, once the series that it needs is out:\n\n")?;
    context.print("  b4 prep --show-info && b4 prep --check && b4 send -o DIR    # read what is there, then: b4 send\n")?;
    let time = plan.change.committer.time.split(' ').next().and_then(|seconds| seconds.parse().ok());
    #[expect(clippy::disallowed_methods, reason = "the clock decides what is said here, not what is written")]
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    if time.is_some_and(|time: u64| time + YEAR < now) {
        context.say(
            "warning: b4 looks for cover letters of one year, and the change is older: amend its last commit and plan again\n",
        );
    }
    Ok(())
}
