//! `git cleave review`: how much of each commit has to be read.

use clap::Args;

use super::{Context, Failure, Format, exit};
use crate::report;
use crate::review::review;

/// Count per commit what is moved, white space, comment, mechanical, and what really changes
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/review.txt"))]
pub(crate) struct ReviewArgs {
    /// Commits to look at: A..B, A.. or A for A..HEAD; without one, @{upstream}..
    #[arg(value_name = "RANGE")]
    range: Option<String>,
}

pub(crate) fn run(context: &Context, args: ReviewArgs) -> Result<u8, Failure> {
    let repository = context.repository()?;
    let range = repository.range(args.range.as_deref())?;
    let rows = review(&repository, range.base, range.tip)?;
    match context.format {
        Format::Text => context.print(&report::review::table(&rows, context.width))?,
        Format::Json => context.print_json_lines(&report::review::json(&rows))?,
    }
    Ok(exit::DONE)
}
