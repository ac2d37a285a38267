//! The mails of the stored plan: looked at as they would be written, and mended where that changes no meaning.

use super::checker::{CheckerArgs, check};
use crate::cli::{Context, Failure};
use crate::git::Repository;
use crate::mail::SeriesMails;
use crate::mail::lint::{Finding, MailSet};
use crate::model::Plan;
use crate::pipeline;
use crate::pipeline::lint::{linted, mend};
use crate::pipeline::post::{PostEvent, PostProgress, draft, mail_sets};
use crate::report::mail_text;
use crate::write::Posting;

/// Looks at the mails of the plan; with `mends`, at what is left after mending. Returns them with the findings.
pub(super) fn look(
    context: &Context,
    repository: &Repository,
    name: &str,
    mends: bool,
    checker: CheckerArgs,
) -> Result<(Vec<MailSet>, Vec<Finding>), Failure> {
    let mut stored = pipeline::load(repository, name)?;
    let (plan, all, mut looked, mut findings) = drafted(context, repository, &stored)?;
    let tree_id = plan.change.base_tree_id;
    if mends {
        let mended = mend(&mut stored, &plan, &all, &looked, &findings);
        for one in &mended {
            context.say(&format!("{}: {}\n", one.of, one.fix.says()));
        }
        if !mended.is_empty() {
            pipeline::keep(repository, &stored)?;
            (_, _, looked, findings) = drafted(context, repository, &stored)?;
        }
    }
    findings.extend(check(context, repository, tree_id, &looked, checker)?);
    findings.sort_by_key(|finding| finding.mail);
    Ok((looked, findings))
}

type Drafted = (Posting, Vec<SeriesMails>, Vec<MailSet>, Vec<Finding>);

/// Makes the mails of the stored plan as a draft, and looks at them.
fn drafted(context: &Context, repository: &Repository, stored: &Plan) -> Result<Drafted, Failure> {
    let hear = |event: PostEvent<'_>| {
        context.say(&mail_text::event(&event));
        Ok::<(), Failure>(())
    };
    let mut plan = Posting::of(stored.clone());
    let all = draft(repository, &mut plan, &PostProgress { hear: &hear, ask: None })?;
    let looked = mail_sets(repository, &plan, &all);
    let findings = linted(repository, plan.change.base_tree_id, &looked)?;
    Ok((plan, all, looked, findings))
}
