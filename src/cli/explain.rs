//! `git cleave explain`: why here, why this order.

use clap::Args;

use super::plan::painted;
use super::{Context, Failure, Format, exit};
use crate::pipeline;
use crate::plan::address::addresses;
use crate::plan::explain::{NothingMeant, explain, meant, told};

/// Say why a patch, a line or a symbol is where it is: what it does, what ties it, what comes before and after
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  git cleave explain 4                   the fourth patch\n  \
    git cleave explain mm/gmap.c:117       the edit that made this line of the tip, or took it from the base\n  \
    git cleave explain mm/gmap.c           all patches that touch the file\n  \
    git cleave explain 'struct page.index' where the field comes, goes and is used, and the order this makes")]
pub(crate) struct ExplainArgs {
    /// A patch's number or id, PATH:LINE, a path, an edit's address, or a symbol
    what: String,
    /// Which change, where there are several plans
    #[arg(long, value_name = "CHANGE")]
    name: Option<String>,
}

pub(crate) fn run(context: &Context, args: ExplainArgs) -> Result<u8, Failure> {
    let repository = context.repository()?;
    let name = context.change(&repository, args.name.as_deref())?;
    let (plan, facts) = pipeline::load_with_facts(&repository, &name)?;
    let addresses = addresses(&plan.change, &plan.edits);
    let meant = meant(&plan, &facts, &addresses, &args.what).map_err(|error| {
        let hint = match &error {
            NothingMeant::Line { path, near: Some(near), .. } => format!("git cleave explain '{path}:{near}'"),
            NothingMeant::Line { .. } | NothingMeant::Unknown(_) => "git cleave edit --print".to_owned(),
        };
        Failure::new(exit::NO, error).hint(hint)
    })?;
    let told = explain(&plan, &facts, &addresses, &meant);
    for (idx, one) in told.iter().enumerate() {
        match context.format {
            Format::Json => context.print_json(one)?,
            Format::Text => {
                let between = if idx > 0 { "\n" } else { "" };
                context.print(&format!("{between}{}", painted(told::lines(one))))?;
            }
        }
    }
    Ok(exit::DONE)
}
