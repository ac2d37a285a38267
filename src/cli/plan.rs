//! `git cleave plan`: shows the cut and keeps it.

use clap::Args;

use super::input::{CutArgs, InputArgs};
use super::land::LandArgs;
use super::{Context, Failure, Format, exit};
use crate::model::{Plan, change_name};
use crate::pipeline;
use crate::plan::store::file::lock;
use crate::report::plan_json::json;
use crate::report::plan_text;
use crate::ui::progress::Progress;
use crate::write::{Posting, checked};

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
}

pub(crate) fn run(context: &Context, args: PlanArgs) -> Result<u8, Failure> {
    let repository = context.repository()?;
    if let Some(name) = args.name.as_deref().filter(|name| change_name(name) != **name) {
        let fit = change_name(name);
        return Err(Failure::new(exit::USAGE, format!("'{name}' cannot name a change")).hint(format!("--name {fit}")));
    }
    let input = args.input.input()?;
    let progress = Progress::default();
    let mut plan = pipeline::plan(&repository, &input, &args.land.layer(args.cut.layer()), args.name.as_deref(), &|stage| {
        progress.stage(stage)
    })?;
    drop(progress);
    let _lock = lock(repository.common_dir(), &plan.name)?;
    for lost in pipeline::keep_words(&repository, &mut plan)? {
        context.say(&format!("the message of '{}' fits no patch any more: {}\n", lost.patch_id, lost.subject));
    }
    checked(&plan)?;
    pipeline::keep(&repository, &plan)?;
    show(context, &Posting::of(plan))?;
    Ok(exit::DONE)
}

/// Prints the campaign.
pub(crate) fn show(context: &Context, plan: &Plan) -> Result<(), Failure> {
    if context.format == Format::Json {
        return context.print_json(&json(plan));
    }
    context.print_lines(&plan_text::picture(plan))
}
