//! `git cleave split`: commits and branches.

use clap::Args;

use super::input::{CutArgs, InputArgs};
use super::{Context, Failure, exit};
use crate::pipeline;
use crate::write::{Force, checked, split};

/// Write the patches as branches below refs/heads/cleave/
#[derive(Debug, Args)]
pub(crate) struct SplitArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    cut: CutArgs,
    /// What the change is called
    #[arg(long, value_name = "CHANGE")]
    name: Option<String>,
    /// Move branches that are not what git-cleave last wrote; old values are kept under refs/cleave/backup/
    #[arg(long)]
    force: bool,
}

pub(crate) fn run(context: &Context, args: SplitArgs) -> Result<u8, Failure> {
    let repository = context.repository()?;
    let layer = args.cut.layer();
    let plan = pipeline::plan(&repository, &args.input.input()?, &layer, args.name.as_deref(), &|_| ())?;
    let written = split(&repository, checked(&plan)?, if args.force { Force::Overwrite } else { Force::Refuse })?;
    context.print(&format!("{}\n", written.all.last().map(ToString::to_string).unwrap_or_default()))?;
    Ok(exit::DONE)
}
