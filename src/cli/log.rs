//! `git cleave log`: what was done to a change.

use clap::Args;
use serde::Serialize;

use super::{Context, Failure, Format, exit};
use crate::plan::operations::Log;
use crate::ui::color::{Label, Line};

/// Show what was done to a change, newest first
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/log.txt"))]
pub(crate) struct LogArgs {
    /// Which change, where there are several; also one that was dropped
    #[arg(long, value_name = "CHANGE")]
    name: Option<String>,
    /// Of all changes
    #[arg(long, conflicts_with = "name")]
    all: bool,
}

/// One operation, for programs.
#[derive(Debug, Serialize)]
struct JsonOperation {
    change: String,
    number: usize,
    /// When, as git's `%cI`.
    time: String,
    what: String,
    /// For an undo, the operation whose state it brought back.
    back_to: Option<usize>,
    /// Whether the change is as this operation left it.
    is_now: bool,
}

pub(crate) fn run(context: &Context, args: LogArgs) -> Result<u8, Failure> {
    let repository = context.repository()?;
    let changes = match args.all {
        true => Log::changes(&repository)?,
        false => vec![context.logged(&repository, args.name.as_deref())?],
    };
    for change in changes {
        let log = Log::read(&repository, &change)?;
        let now = log.now();
        let operations = log.operations.into_iter().enumerate().rev();
        if context.format == Format::Json {
            for (number, operation) in operations {
                context.print_json(&JsonOperation {
                    change: change.clone(),
                    number,
                    time: operation.time,
                    what: operation.what.to_string(),
                    back_to: operation.back_to,
                    is_now: number == now,
                })?;
            }
            continue;
        }
        let mut lines: Vec<Line> = Vec::new();
        if args.all {
            lines.push(vec![(Label::Heading, change)]);
        }
        for (number, operation) in operations {
            let mark = if number == now { '*' } else { ' ' };
            let time = operation.time.get(..16).unwrap_or_default().replace('T', " ");
            let back = operation.back_to.map(|number| format!(", back to {number}")).unwrap_or_default();
            lines.push(vec![
                (Label::Plain, format!("{mark} {number:>3}  ")),
                (Label::Dim, time),
                (Label::Plain, format!("  {}{back}", operation.what)),
            ]);
        }
        context.print_lines(&lines)?;
    }
    Ok(exit::DONE)
}
