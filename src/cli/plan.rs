//! `git cleave plan`: shows the cut and keeps it.

use clap::Args;

use super::input::{CutArgs, InputArgs};
use super::{Context, Failure, exit};
use crate::pipeline;
use crate::ui::progress::Progress;
use crate::write::checked;

/// Show how a change is cut, and keep the plan
#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    cut: CutArgs,
    /// What the change is called; by default its branch, with / as -
    #[arg(long, value_name = "CHANGE")]
    name: Option<String>,
}

pub(crate) fn run(context: &Context, args: PlanArgs) -> Result<u8, Failure> {
    let repository = context.repository()?;
    let progress = Progress::new();
    let layer = args.cut.layer();
    let plan = pipeline::plan(&repository, &args.input.input()?, &layer, args.name.as_deref(), &|stage| progress.stage(stage))?;
    drop(progress);
    checked(&plan)?;
    for series in &plan.campaign.series {
        context.print(&format!(
            "series {} -> {} needs {:?}\n",
            series.name,
            plan.campaign.home(series.home).name,
            series.needs
        ))?;
        for patch in &series.patches {
            let patch = plan.campaign.patch(*patch);
            context.print(&format!("   {:3} {}\n", patch.edits.len(), patch.message.subject))?;
            for why in &patch.why {
                context.print(&format!("           {why}\n"))?;
            }
        }
    }
    Ok(exit::DONE)
}
