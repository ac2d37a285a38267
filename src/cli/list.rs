//! `git cleave list`: the plans that are kept.

use clap::Args;
use serde::Serialize;

use super::{Context, Failure, Format, exit};
use crate::mail::posted::versions;
use crate::pipeline;
use crate::plan::store::file;

/// List the changes that have a plan in this repository
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/list.txt"))]
pub(crate) struct ListArgs {
    /// Print only the names
    #[arg(long)]
    name_only: bool,
}

#[derive(Debug, Serialize)]
struct JsonChange {
    name: String,
    base: String,
    tip: String,
    /// The branch that is cut.
    branch: Option<String>,
    /// Whether the branch has moved since.
    moved: bool,
    /// The versions that were posted.
    posted: Vec<u32>,
}

pub(crate) fn run(context: &Context, args: ListArgs) -> Result<u8, Failure> {
    let repository = context.repository()?;
    for name in file::names(repository.common_dir())? {
        if args.name_only {
            context.print(&format!("{name}\n"))?;
            continue;
        }
        let head = pipeline::head(&repository, &name)?;
        let (base, tip) = head.commits()?;
        let moved = pipeline::moved(&repository, &name)?.is_some();
        let posted = versions(&repository, &name)?;
        match context.format {
            Format::Json => context.print_json(&JsonChange {
                name,
                base: base.to_string(),
                tip: tip.to_string(),
                branch: head.branch,
                moved,
                posted,
            })?,
            Format::Text => {
                let posted: Vec<String> = posted.iter().map(|version| format!("v{version}")).collect();
                let posted = if posted.is_empty() { String::new() } else { format!("  posted {}", posted.join(", ")) };
                let branch =
                    head.branch.filter(|branch| *branch != name).map(|branch| format!("  of {branch}")).unwrap_or_default();
                let moved = if moved { "  (the branch has moved since)" } else { "" };
                context.print_folded(&format!("{name}  {}..{}{branch}{posted}{moved}\n", base.short(), tip.short()))?;
            }
        }
    }
    Ok(exit::DONE)
}
