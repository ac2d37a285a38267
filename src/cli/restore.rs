//! `git cleave restore`: brings a change back to what an operation left.

use clap::Args;

use super::{Context, Failure, exit};
use crate::plan::operations;

/// Bring a change back to what an operation of its log left
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/restore.txt"))]
pub(crate) struct RestoreArgs {
    /// The operation, by its number in git cleave log
    #[arg(value_name = "OPERATION")]
    number: usize,
    /// Which change, where there are several; also one that was dropped
    #[arg(long, value_name = "CHANGE")]
    name: Option<String>,
}

pub(crate) fn run(context: &Context, args: RestoreArgs) -> Result<u8, Failure> {
    let repository = context.repository()?;
    let change = context.logged(&repository, args.name.as_deref())?;
    operations::restore(&repository, &change, args.number, context.line.as_ref())?;
    context.say(&format!("{change} is as operation {} left it; git cleave undo takes this back\n", args.number));
    Ok(exit::DONE)
}
