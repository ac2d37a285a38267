//! `git cleave undo`: takes the last operation back.

use clap::Args;

use super::{Context, Failure, exit};
use crate::plan::operations;

/// Take back what the last command did to a change; again, to go further back
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/undo.txt"))]
pub(crate) struct UndoArgs {
    /// Which change, where there are several; also one that was dropped
    #[arg(long, value_name = "CHANGE")]
    name: Option<String>,
}

pub(crate) fn run(context: &Context, args: UndoArgs) -> Result<u8, Failure> {
    let repository = context.repository()?;
    let change = context.logged(&repository, args.name.as_deref())?;
    let (number, log) = operations::undo(&repository, &change, context.line.as_ref())?;
    let again = format!("git cleave restore --name {change} {} takes the undo back", log.now());
    context.say(&format!("{change}: took back {number}: {}\n{again}\n", log.operations[number].what));
    Ok(exit::DONE)
}
