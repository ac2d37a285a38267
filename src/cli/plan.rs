//! `git cleave plan`: shows the cut and keeps it.

use clap::Args;

use super::input::{CutArgs, InputArgs};
use super::land::LandArgs;
use super::{Context, Failure, Format, exit};
use crate::model::{Plan, change_name};
use crate::pipeline::{self, Planned, Start};
use crate::report::plan_json::json;
use crate::report::plan_text;
use crate::ui::progress::Progress;
use crate::write::{Posting, checked, override_broken};

/// Show how a change is cut, and keep the plan
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/plan.txt"))]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    cut: CutArgs,
    #[command(flatten)]
    land: LandArgs,
    /// What the change is called; by default its branch, with / as -
    #[arg(long, value_name = "CHANGE")]
    name: Option<String>,
    /// Start anew: what was decided on the plan that is kept does not count
    #[arg(long)]
    fresh: bool,
}

pub(crate) fn run(context: &Context, args: PlanArgs) -> Result<u8, Failure> {
    let repository = context.repository()?;
    if let Some(name) = args.name.as_deref().filter(|name| change_name(name) != **name) {
        let fit = change_name(name);
        return Err(Failure::new(exit::USAGE, format!("'{name}' cannot name a change")).hint(format!("--name {fit}")));
    }
    let input = args.input.input(context)?;
    let progress = Progress::default();
    let layer = args.cut.layer();
    let start = if args.fresh { Start::Fresh } else { Start::Stored };
    let source = pipeline::source(&repository, &input, args.name.as_deref())?;
    let name = source.1.clone();
    let Planned { plan, kept, lost } = context.operation(&repository, &name, || {
        let planned = pipeline::plan(&repository, source, &args.land.layer(layer), start, &|stage| progress.stage(stage))?;
        checked(&planned.plan)?;
        pipeline::keep(&repository, &planned.plan)?;
        Ok(planned)
    })?;
    drop(progress);
    show(context, &Posting::of(plan))?;
    for lost in lost {
        context.say(&format!("the message of '{}' fits no patch any more: {}\n", lost.patch_id, lost.subject));
    }
    if let Some(kept) = kept {
        context.say(&plan_text::kept(kept));
    }
    Ok(exit::DONE)
}

/// Prints the campaign.
pub(crate) fn show(context: &Context, plan: &Plan) -> Result<(), Failure> {
    if context.format == Format::Json {
        return context.print_json(&json(plan));
    }
    context.print_lines(&plan_text::picture(plan))
}

/// Sets aside what the plan breaks, as `--force` asks for, and says how much that is.
pub(crate) fn set_aside(context: &Context, plan: &mut Plan) {
    let n_overridden = override_broken(plan);
    if n_overridden > 0 {
        let relations = plan_text::count(n_overridden, "relation");
        context.say(&format!("{relations} set aside: git cleave verify tells whether the steps build\n"));
    }
}
