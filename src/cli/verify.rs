//! `git cleave verify`: builds every step.

use super::builds::{BuildProgress, builds};
use super::plan::name_lost;
use super::verify_args::VerifyArgs;
use super::{Context, Failure, Format, exit};
use crate::git::Repository;
use crate::pipeline;
use crate::pipeline::repair::{RepairEvent, RepairProgress, Standing, repair_stored, steps_of};
use crate::pipeline::verify::{built, not_compiled};
use crate::plan::carry::unsaid;
use crate::plan::check::not_looked_at;
use crate::plan::store::file;
use crate::report::{self, findings, verify_json, verify_text};
use crate::verify::report::Report;
use crate::verify::steps;

pub(crate) fn run(context: &Context, args: VerifyArgs) -> Result<u8, Failure> {
    let repository = context.repository()?;
    if args.is_static { check(context, &repository, args.name.as_deref()) } else { run_in(context, &repository, args) }
}

/// Checks the steps of the plan by their texts.
fn check(context: &Context, repository: &Repository, name: Option<&str>) -> Result<u8, Failure> {
    let name = context.change(repository, name)?;
    let (plan, checked) = pipeline::checked_steps(repository, &name)?;
    match context.format {
        Format::Text => context.print_folded(&findings::text(&plan, &checked.findings))?,
        Format::Json => context.print_json_lines(&findings::json(&plan, &checked.findings))?,
    }
    if let Some(left) = not_looked_at(&plan.change, &checked.left) {
        context.say(&format!("{left}\n"));
    }
    if checked.findings.is_empty() {
        context.say(&format!("nothing to find in {} steps of '{name}'\n", plan.campaign.patches.len()));
        return Ok(exit::DONE);
    }
    Ok(exit::NO)
}

/// Builds in a repository that need not be the one the user stands in.
pub(crate) fn run_in(context: &Context, repository: &Repository, args: VerifyArgs) -> Result<u8, Failure> {
    let name = match &args.name {
        Some(name) => name.clone(),
        None if args.repair => context.change_as_it_is(repository, None)?,
        None => {
            let none = || Failure::new(exit::USAGE, "no change was split in this repository").hint("git cleave split makes one");
            let mut names = [steps::changes(repository)?, file::names(repository.common_dir())?].concat();
            names.sort();
            names.dedup();
            context.of_branch(repository, names, none)?
        }
    };
    context.warn_of_moved(repository, &name)?;
    let Standing { builds, steps, reports } = match args.repair {
        true => context.operation(repository, &name, || repaired(context, repository, &name, &args))?,
        false => {
            let (steps, are_written) = steps_of::<Failure>(repository, &name)?;
            if !are_written {
                context.say(&format!(
                    "the steps of the plan are built: no branch has them; git cleave split --name {name} writes them\n"
                ));
            }
            let builds = builds(context, repository, &name, &steps[0], &args)?;
            let line = BuildProgress::new(context);
            let reports = built(repository, &steps, &builds, &|event| line.say(event))?;
            context.say(&verify_text::tally(&reports));
            Standing { builds, steps, reports }
        }
    };
    match context.format {
        Format::Text => context.print(&verify_text::table(&steps, &reports, context.width))?,
        Format::Json => context.print_json_lines(&verify_json::json(&reports))?,
    }
    for notice in verify_text::notices(steps.len(), &reports) {
        context.say(&format!("{notice}\n"));
    }
    if args.coverage {
        let missed = not_compiled(repository, &steps, &builds)?;
        match context.format {
            Format::Text => context.print(&verify_text::coverage(&missed))?,
            Format::Json => context.print_json_lines(&verify_json::not_compiled(&missed))?,
        }
    }
    let n_missing = steps.len() * reports.len() - reports.iter().map(Vec::len).sum::<usize>();
    if !args.import.is_empty() && n_missing > 0 {
        context.say(&format!("{n_missing} of {} builds are not known yet\n", steps.len() * reports.len()));
        return Ok(exit::NO);
    }
    Ok(if reports.iter().flatten().any(Report::is_break) { exit::NO } else { exit::DONE })
}

/// Repairs the plan of a change and tells its rounds.
fn repaired(context: &Context, repository: &Repository, name: &str, args: &VerifyArgs) -> Result<Standing, Failure> {
    let line = BuildProgress::new(context);
    let progress = RepairProgress {
        builds: &|event| line.say(event),
        rounds: &|event| match event {
            RepairEvent::Built(reports) => {
                context.say(&verify_text::tally(reports));
                Ok(())
            }
            RepairEvent::Round(before, after, round) => {
                let patches = before.campaign.patches.iter().map(|patch| (patch.patch_id.clone(), &patch.message));
                name_lost(context, &unsaid(patches.filter(|(id, _)| before.words.patches.contains(id)), after));
                let round = report::repair::json(before, after, round);
                match context.format {
                    Format::Text => context.print(&report::repair::text(&round)),
                    Format::Json => context.print_json(&round),
                }
            }
            RepairEvent::End(end, n_rounds) => {
                context.say(&report::repair::end(end, n_rounds));
                Ok(())
            }
        },
    };
    repair_stored(repository, name, |base| builds(context, repository, name, base, args), &progress)
}
