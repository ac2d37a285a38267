//! `git cleave lint`: what the lists ask of mails.

mod checker;
mod inputs;
mod stored_plan;

use std::path::PathBuf;

use clap::Args;

use super::input::one_of;
use super::{Context, Failure, Format, exit};
use crate::git::Repository;
use crate::mail::lint::{Finding, RULES, Severity};
use crate::model::ObjectId;
use crate::pipeline::lint::{linted, world};
use crate::report::lint as report;
use crate::report::lint::Of;
use crate::report::plan_text::count;

use checker::CheckerArgs;

/// Say what a mailing list would say of mails before it does
#[derive(Debug, Args)]
#[command(after_help = include_str!("../help/lint.txt"))]
pub(crate) struct LintArgs {
    /// Commits (A..B), folders with *.patch files in or below them, or such files; without any, the mails of the plan as git cleave mail writes them
    #[arg(value_name = "RANGE|PATH", conflicts_with = "mbox")]
    inputs: Vec<String>,
    /// The mails of a mailbox; - reads standard input
    #[arg(long, value_name = "FILE")]
    mbox: Option<PathBuf>,
    /// The commit whose documents count, where the mails do not say it
    #[arg(long, value_name = "REV", default_value = "HEAD")]
    base: String,
    /// Which change, where there are several plans
    #[arg(long, value_name = "CHANGE", conflicts_with_all = ["inputs", "mbox"])]
    name: Option<String>,
    /// Mend the messages of the plan where that changes no meaning
    #[arg(long, conflicts_with_all = ["inputs", "mbox"])]
    fix: bool,
    #[command(flatten)]
    checker: CheckerArgs,
    /// Show findings of this severity and above
    #[arg(long, value_parser = one_of(SEVERITIES), default_value = "note")]
    severity: Severity,
    /// List the rules that hold here, each with the document that states it
    #[arg(long)]
    rules: bool,
}

const SEVERITIES: &[(&str, Severity)] = &[("note", Severity::Note), ("warning", Severity::Warning), ("error", Severity::Error)];

pub(crate) fn run(context: &Context, args: LintArgs) -> Result<u8, Failure> {
    let repository = context.repository()?;
    if args.rules {
        let tree_id = repository.tree_of(repository.commit(&args.base)?)?;
        return rules(context, &repository, tree_id);
    }
    let of = if args.inputs.is_empty() && args.mbox.is_none() { Of::Plan } else { Of::Others };
    let (postings, findings) = if of == Of::Plan {
        let name = context.change(&repository, args.name.as_deref())?;
        context.operation(&repository, &name, || stored_plan::look(context, &repository, &name, args.fix, args.checker))?
    } else {
        let mut looked = (Vec::new(), Vec::new());
        for (postings, tree_id) in inputs::postings(context, &repository, &args)? {
            let mut findings = linted(&repository, tree_id, &postings)?;
            findings.extend(checker::check(context, &repository, tree_id, &postings, args.checker)?);
            findings.sort_by_key(|finding| finding.mail);
            findings.iter_mut().for_each(|finding| finding.mail.0 += looked.0.len());
            looked.0.extend(postings);
            looked.1.extend(findings);
        }
        looked
    };
    let shown: Vec<&Finding> = findings.iter().filter(|finding| finding.severity >= args.severity).collect();
    match context.format {
        Format::Json => shown.iter().try_for_each(|finding| context.print_json(&report::json(finding, &postings)))?,
        Format::Text => context.print_lines(&report::text(&shown, &postings, of))?,
    }
    let n_mails: usize = postings.iter().map(|posting| posting.letters.len()).sum();
    context.say(&format!("{}: {}\n", count(n_mails, "mail"), report::tally(&findings)));
    Ok(if findings.iter().any(|finding| finding.severity == Severity::Error) { exit::NO } else { exit::DONE })
}

/// Lists the rules that hold in a tree.
fn rules(context: &Context, repository: &Repository, tree_id: ObjectId) -> Result<u8, Failure> {
    let world = world(repository, tree_id, &[])?;
    let width = RULES.iter().map(|rule| rule.name.len()).max().unwrap_or_default();
    for rule in RULES {
        if let Some(source) = rule.sources.iter().find(|source| world.documents.contains(&source.document)) {
            context.print_folded(&format!("{:width$}  {:7}  {source}\n", rule.name, rule.severity.word()))?;
        }
    }
    Ok(exit::DONE)
}
