//! The mails of the stored plan: looked at as they would be written, mended where that changes no meaning.

use super::super::{Context, Failure};
use super::checker::{CheckerArgs, check};
use super::inputs::world;
use crate::git::Repository;
use crate::mail::lint::{Finding, Fix, Person, Posting, lint, of_mails};
use crate::mail::{MailSettings, SeriesMails, mails, routes};
use crate::model::{Plan, SeriesIdx};
use crate::pipeline;
use crate::plan::landing::landed;
use crate::plan::store::file::lock;
use crate::write::{Force, checked, split};

/// Makes the mails of a plan with the usual settings.
fn made(repository: &Repository, plan: &Plan) -> Result<Vec<SeriesMails>, Failure> {
    let written = split(repository, checked(plan)?, Force::Refuse)?;
    let settings = MailSettings { sender: super::super::mail::sender(repository, plan), draft: true, ..MailSettings::default() };
    Ok(mails(repository, plan, &written, &routes(repository, plan)?, &settings)?)
}

/// Takes mails as they will be sent: by the user.
fn postings(repository: &Repository, plan: &Plan, mails: &[SeriesMails]) -> Vec<Posting> {
    let sender = super::super::mail::sender(repository, plan);
    of_mails(mails, sender.map(|sender| Person { name: sender.name, email: sender.email }).as_ref())
}

/// Looks at the mails of the plan; with `mend`, at what is left after mending. Returns them with the findings.
pub(super) fn look(
    context: &Context,
    repository: &Repository,
    name: &str,
    mend: bool,
    checker: CheckerArgs,
) -> Result<(Vec<Posting>, Vec<Finding>), Failure> {
    let _lock = lock(repository.common_dir(), name)?;
    let mut stored = pipeline::load(repository, name)?;
    let mut plan = landed(stored.clone());
    let mut all = made(repository, &plan)?;
    let tree_id = plan.change.base_tree_id;
    let mut looked = postings(repository, &plan, &all);
    let mut findings = lint(&looked, &world(repository, tree_id, &looked)?);
    if mend && mended(context, &mut stored, &plan, &all, &looked, &findings) {
        pipeline::keep(repository, &stored)?;
        plan = landed(stored);
        all = made(repository, &plan)?;
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
    postings: &[Posting],
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
