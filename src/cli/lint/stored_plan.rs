//! The mails of the stored plan: looked at as they would be written, mended where that changes no meaning, and refused before they are written.

use clap::Args;

use super::checker::{CheckerArgs, check};
use super::inputs::world;
use super::shown::{Of, tally, text};
use crate::cli::mail::{draft, sender};
use crate::cli::{Context, Failure, exit};
use crate::git::Repository;
use crate::mail::SeriesMails;
use crate::mail::lint::{Finding, Fix, MailSet, Person, Severity, lint, of_mails};
use crate::model::{Plan, SeriesIdx};
use crate::pipeline;
use crate::plan::store::file::lock;
use crate::write::Posting;

/// Takes mails as they will be sent: by the user.
fn postings(repository: &Repository, plan: &Plan, mails: &[SeriesMails]) -> Vec<MailSet> {
    let sender = sender(repository, plan);
    of_mails(mails, sender.map(|sender| Person { name: sender.name, email: sender.email }).as_ref())
}

/// Looks at the mails of the plan; with `mend`, at what is left after mending. Returns them with the findings.
pub(super) fn look(
    context: &Context,
    repository: &Repository,
    name: &str,
    mend: bool,
    checker: CheckerArgs,
) -> Result<(Vec<MailSet>, Vec<Finding>), Failure> {
    let _lock = lock(repository.common_dir(), name)?;
    let mut stored = pipeline::load(repository, name)?;
    let mut plan = Posting::of(stored.clone());
    let mut all = draft(context, repository, &mut plan)?;
    let tree_id = plan.change.base_tree_id;
    let mut looked = postings(repository, &plan, &all);
    let mut findings = lint(&looked, &world(repository, tree_id, &looked)?);
    if mend && mended(context, &mut stored, &plan, &all, &looked, &findings) {
        pipeline::keep(repository, &stored)?;
        plan = Posting::of(stored);
        all = draft(context, repository, &mut plan)?;
        looked = postings(repository, &plan, &all);
        findings = lint(&looked, &world(repository, tree_id, &looked)?);
    }
    findings.extend(check(context, repository, tree_id, &looked, checker)?);
    findings.sort_by_key(|finding| finding.mail);
    Ok((looked, findings))
}

/// Mends the messages of the stored plan that findings have a fix for, and says so; whether any was.
fn mended(
    context: &Context,
    stored: &mut Plan,
    plan: &Plan,
    all: &[SeriesMails],
    postings: &[MailSet],
    findings: &[Finding],
) -> bool {
    let mut is_changed = false;
    for finding in findings {
        let Some(fix) = finding.fix else { continue };
        let letter = &postings[finding.mail.0].letters[finding.mail.1];
        is_changed |= match letter.is_cover {
            true => mend_cover(stored, plan, all[finding.mail.0].series, fix),
            false => mend_patch(stored, letter.subject.as_slice(), fix),
        }
        .inspect(|id| context.say(&format!("{id}: {}\n", fix.says())))
        .is_some();
    }
    is_changed
}

/// Mends the patch whose mail has this subject, and names it.
fn mend_patch(stored: &mut Plan, subject: &[u8], fix: Fix) -> Option<String> {
    let of = |message: &crate::model::Message| {
        bstr::join(" ", message.subject.split(|byte| byte.is_ascii_whitespace()).filter(|word| !word.is_empty()))
    };
    let subject = subject.strip_prefix(b"*** SUBJECT HERE *** ").unwrap_or(subject);
    // A first fix may have changed the subject since.
    let is_it = |found: &[u8]| {
        found == subject
            || found.strip_suffix(b".").is_some_and(|found| found == subject)
            || subject.strip_suffix(b".") == Some(found)
    };
    let patch = stored.campaign.patches.iter_mut().find(|patch| is_it(&of(&patch.message)))?;
    fix.apply(&mut patch.message).then(|| patch.patch_id.clone())
}

fn mend_cover(stored: &mut Plan, plan: &Plan, series: SeriesIdx, fix: Fix) -> Option<String> {
    let name = &plan.campaign.series.get(series.0)?.name;
    let series = stored.campaign.series.iter_mut().find(|series| series.name == *name)?;
    fix.apply(&mut series.cover).then(|| format!("cover of {}", series.name))
}

/// Whether mails are looked at before they are written.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct BeforeArgs {
    /// Do not look at the mails as git cleave lint does, which writes none where it finds an error
    #[arg(long)]
    no_lint: bool,
}

/// What an error among the findings means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Errors {
    /// No mail is written.
    Refuse,
    /// It is said: the mails are a draft.
    Say,
}

/// Looks at mails before they are written. Returns what there is to say, for standard error.
///
/// # Errors
/// When there is an error among the findings; they are said then.
pub(crate) fn before_writing(
    context: &Context,
    repository: &Repository,
    plan: &Plan,
    all: &[SeriesMails],
    args: BeforeArgs,
    errors: Errors,
) -> Result<String, Failure> {
    if args.no_lint {
        return Ok(String::new());
    }
    let postings = postings(repository, plan, all);
    let findings = lint(&postings, &world(repository, plan.change.base_tree_id, &postings)?);
    let shown: Vec<&Finding> = findings.iter().filter(|finding| finding.severity > Severity::Note).collect();
    if shown.is_empty() {
        return Ok(String::new());
    }
    let said = format!("\n{}\nlint: {}\n", text(&shown, &postings, Of::Plan), tally(&findings));
    if errors == Errors::Say || shown.iter().all(|finding| finding.severity < Severity::Error) {
        return Ok(said);
    }
    context.say(&said);
    let what = "mails that would be sent back are not written";
    let mut errors = shown.iter().filter(|finding| finding.severity == Severity::Error);
    let hint = match errors.all(|finding| finding.rule == "signed-off-missing") {
        true => "git cleave mail --signoff adds yours; git cleave mail --no-lint writes them as they are",
        false => "git cleave edit mends messages; git cleave mail --no-lint writes them as they are",
    };
    Err(Failure::new(exit::NO, what).hint(hint))
}
