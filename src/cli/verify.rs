//! `git cleave verify`: builds every step.

use clap::Args;
use serde::Serialize;

use super::{Context, Failure, Format, exit};
use crate::git::Repository;
use crate::model::Plan;
use crate::pipeline;
use crate::ui::color::{Label, paint};
use crate::ui::progress::Progress;
use crate::verify::runner::Builds;
use crate::verify::{Command, Step, StepResult, Verdict, verify};
use crate::write::checked;
use crate::write::split::store_trees;

/// Build every step of a plan
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  git cleave verify -- make -j8 drivers/net/\n  git cleave verify --timeout 600 -- ./build-all.sh\n\n\
    A command that exits 125 leaves the step undecided; 126 and 127 end the run.\n\
    Results are kept by tree: only what changed is built again."
)]
pub(crate) struct VerifyArgs {
    /// Which change, where there are several plans
    #[arg(long, value_name = "CHANGE")]
    name: Option<String>,
    /// Take a build that runs longer for a failure
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<u64>,
    /// The build command, run at the top of each step's tree
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<String>,
}

/// One step, for programs.
#[derive(Debug, Serialize)]
struct JsonStep {
    number: usize,
    tree: String,
    subject: String,
    verdict: &'static str,
    known: bool,
    complaints: Vec<String>,
}

pub(crate) fn run(context: &Context, args: VerifyArgs) -> Result<u8, Failure> {
    let repository = context.repository()?;
    let name = context.change(&repository, args.name.as_deref())?;
    let plan = pipeline::load(&repository, &name)?;
    let results = verdicts(context, &repository, &plan, &Command { words: args.command, timeout: args.timeout })?;
    let base_fails = results.first().is_some_and(|base| base.verdict == Verdict::Failed);
    if base_fails {
        context.say("the base fails too: nothing is said of steps that fail like it\n");
    }
    let failed = results.iter().skip(1).filter(|result| result.verdict == Verdict::Failed).count();
    Ok(if failed > 0 || base_fails { exit::NO } else { exit::DONE })
}

/// Builds base and steps, printing each as it comes.
pub(crate) fn verdicts(
    context: &Context,
    repository: &Repository,
    plan: &Plan,
    command: &Command,
) -> Result<Vec<StepResult>, Failure> {
    let trees = store_trees(repository, checked(plan)?)?;
    let mut steps = vec![Step { number: 0, tree_id: plan.change.base_tree_id, subject: "the base".into() }];
    steps.extend(trees.into_iter().zip(&plan.campaign.patches).enumerate().map(|(idx, (tree_id, patch))| Step {
        number: idx + 1,
        tree_id,
        subject: patch.message.subject.clone(),
    }));
    let runner = Builds::new(&repository.common_dir().join("cleave").join("build"))?;
    let progress = Progress::new();
    let total = steps.len() - 1;
    progress.say("building the base");
    let mut trouble = None;
    let results = verify(repository, &steps, command, &runner, &mut |result| {
        if let Err(failure) = print(context, result) {
            trouble = Some(failure);
        }
        progress.say(&format!("building step {} of {total}", (result.step.number + 1).min(total)));
    })?;
    drop(progress);
    match trouble {
        Some(failure) => Err(failure),
        None => Ok(results),
    }
}

/// Lines of a complaint or log that are shown of a failed step.
const SHOWN: usize = 6;

fn print(context: &Context, result: &StepResult) -> Result<(), Failure> {
    let complaints: Vec<String> = if result.complaints.is_empty() && result.verdict == Verdict::Failed {
        let log = String::from_utf8_lossy(&result.log);
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(SHOWN)..].iter().map(|line| (*line).to_owned()).collect()
    } else {
        result.complaints.iter().take(SHOWN).map(|complaint| complaint.text.clone()).collect()
    };
    if context.format == Format::Json {
        return context.print_json(&JsonStep {
            number: result.step.number,
            tree: result.step.tree_id.to_string(),
            subject: result.step.subject.to_string(),
            verdict: result.verdict.word(),
            known: result.known,
            complaints,
        });
    }
    let label = match result.verdict {
        Verdict::Passed => Label::Added,
        Verdict::Failed => Label::Error,
        Verdict::Undecided => Label::Warning,
    };
    let known = if result.known { paint(Label::Dim, " (known)") } else { String::new() };
    let mut text =
        format!("{:>4}  {}{known}  {}\n", result.step.number, paint(label, result.verdict.word()), result.step.subject);
    for complaint in complaints {
        text.push_str(&format!("        {complaint}\n"));
    }
    context.print(&text)
}
