//! `git cleave show`: the plan as it is kept.

use clap::Args;

use super::{Context, Failure, exit};
use crate::pipeline;
use crate::write::Posting;

/// Show the stored plan without planning
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/show.txt"))]
pub(crate) struct ShowArgs {
    /// Which change, where there are several plans
    #[arg(value_name = "CHANGE")]
    change: Option<String>,
    /// The same
    #[arg(long, value_name = "CHANGE", conflicts_with = "change")]
    name: Option<String>,
}

pub(crate) fn run(context: &Context, args: ShowArgs) -> Result<u8, Failure> {
    let repository = context.repository()?;
    let name = context.change(&repository, args.change.or(args.name).as_deref())?;
    super::plan::show(context, &Posting::of(pipeline::load(&repository, &name)?))?;
    Ok(exit::DONE)
}
