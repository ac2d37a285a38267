//! `git cleave mail`: a folder of mails for each series.

mod b4;
pub(super) mod posting;
mod told;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::land::LandArgs;
use super::lint::{BeforeArgs, Errors, before_writing};
use super::split::sign_off;
use super::{Context, Failure, Format, edit, exit};
use crate::describe::covers::{without_subject, without_why};
use crate::git::Repository;
use crate::mail::b4::branches;
use crate::mail::posted::ToFreeze;
use crate::mail::{
    MailSettings, Recipient, Sending, SeriesMails, Thread, cc_all, configured_prefixes, misnamed, routes, tree_prefixes, write,
};
use crate::model::Plan;
use crate::pipeline;
use crate::plan::store::file::lock;
use crate::settings::{Layer, rules, settings};
use crate::write::{Force, Posting, Prepared, checked, prepare};
use posting::{Made, PostingArgs};

pub(crate) use told::show;

/// Write the mails of each series, ready for git send-email
#[derive(Debug, Args)]
#[command(after_help = "Nothing is sent. The commands that would send are printed; read the mails first.\n\
    \n\
    Examples:\n  \
    git cleave mail -o out                 a folder a series\n  \
    git cleave mail -o out --posted        and freeze the version: it was sent\n  \
    git cleave mail -o out -v 2            the second version, with changelog and range-diff\n  \
    git cleave mail -o out --land one-tree\n  \
    git cleave mail --b4                   branches for b4 instead\n\
    \n\
    Files: mails in DIR/<series>/, branches below refs/heads/cleave/ as by git cleave split, posted versions\n\
    under refs/cleave/<change>/v<N>/.\n\
    \n\
    Exit codes: 0 written, 1 refused, 2 usage, 3 the repository or a file failed.")]
pub(crate) struct MailArgs {
    /// Which change, where there are several plans
    #[arg(long, value_name = "CHANGE")]
    name: Option<String>,
    /// Where the folders go
    #[arg(short, long, value_name = "DIR", required_unless_present = "b4")]
    output: Option<PathBuf>,
    #[command(flatten)]
    b4: b4::B4Args,
    #[command(flatten)]
    posting: PostingArgs,
    /// Mark as [RFC PATCH]
    #[arg(long)]
    rfc: bool,
    /// A word for the brackets of the subjects, such as net-next; may be given more than once
    #[arg(long, value_name = "WORD")]
    subject_prefix: Vec<String>,
    /// Send every mail of a series to everybody who gets one of it, instead of each patch to its own maintainers, reviewers and lists
    #[arg(long)]
    cc_all: bool,
    #[command(flatten)]
    land: LandArgs,
    /// To what each patch replies: shallow, to the cover letter; deep, to the mail before it
    #[arg(long, value_name = "STYLE", value_enum, default_value = "shallow")]
    thread: ThreadStyle,
    #[command(flatten)]
    lint: BeforeArgs,
}

/// As git names them.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum ThreadStyle {
    Shallow,
    Deep,
}

pub(crate) fn run(context: &Context, args: MailArgs) -> Result<u8, Failure> {
    let repository = context.repository()?;
    let name = context.change(&repository, args.name.as_deref())?;
    let _lock = lock(repository.common_dir(), &name)?;
    let mut plan = pipeline::load(&repository, &name)?;
    args.land.keep(&repository, &mut plan)?;
    sign_off(&repository, &mut plan, args.posting.signoff)?;
    let mut plan = Posting::of(plan);
    if !args.posting.draft && !without_why(&plan).is_empty() && context.is_terminal() {
        edit::ask(&repository, &mut plan, None)?;
    }
    // Branches move once nothing is left that could refuse the mails.
    let prepared = prepare(&repository, checked(&plan)?, Force::Refuse)?;
    let mut prefixes = args.subject_prefix;
    if args.rfc {
        prefixes.insert(0, "RFC".into());
    }
    let thread = match args.thread {
        ThreadStyle::Shallow => Thread::Shallow,
        ThreadStyle::Deep => Thread::Deep,
    };
    let mut recipients = recipients(&repository, &plan)?;
    for (patch_idx, beginning, rule) in misnamed(&plan, &rules(&repository, plan.change.base_tree_id)?) {
        let subject = &plan.campaign.patch(patch_idx).message.subject;
        context.say(&format!("warning: '{subject}' should begin with '{beginning}' (rule '{}'): {}\n", rule.name, rule.why));
    }
    if args.cc_all {
        cc_all(&plan.campaign, &mut recipients);
    }
    let tree_id = plan.change.base_tree_id;
    let draft = args.posting.draft;
    let mail_settings = MailSettings { prefixes, draft, thread, ..usual(context, &repository, &plan, &recipients)? };
    let Made { all, version, resend, written } =
        posting::made(context, &repository, &mut plan, &prepared.written, (&recipients, &mail_settings), &args.posting)?;
    let errors = if args.posting.draft { Errors::Say } else { Errors::Refuse };
    let said = before_writing(context, &repository, &plan, &all, args.lint, errors)?;
    for series_idx in without_subject(&plan) {
        let name = &plan.campaign.series[series_idx.0].name;
        context.say(&format!(
            "warning: the cover letter of '{name}' is called by the name of the change: git cleave edit --cover\n"
        ));
    }
    let send = Sending::from(&repository)?;
    if context.format == Format::Text {
        told::show_loads(context, &plan, &all, settings(&repository, tree_id, &Layer::default())?.mails_at_most)?;
    }
    prepared.publish(&repository)?;
    let branches = match args.b4.b4 {
        true => {
            let settings = MailSettings { version, resend, ..mail_settings };
            branches(&repository, &plan, &written, &all, &settings, args.b4.force())?
        }
        false => Vec::new(),
    };
    if let Some(output) = &args.output {
        write(output, &all)?;
    }
    if args.posting.posted {
        plan.name_series();
        edit::keep_words(&repository, &plan)?;
        posting::freeze(context, &repository, ToFreeze { plan: &plan, written: &written, mails: &all, version, resend })?;
    }
    if let Some(output) = &args.output {
        match context.format {
            Format::Text => show(context, output, &plan, &all, &send)?,
            Format::Json => told::show_json(context, output, &plan, &all, &send)?,
        }
    }
    b4::show(context, &plan, &branches)?;
    context.say(&said);
    Ok(exit::DONE)
}

/// What holds where nothing is typed.
fn usual(
    context: &Context,
    repository: &Repository,
    plan: &Plan,
    recipients: &[Vec<Recipient>],
) -> Result<MailSettings, Failure> {
    let own = configured_prefixes(&repository.config("cleave")?);
    Ok(MailSettings {
        tree_prefixes: tree_prefixes(plan, recipients, &rules(repository, plan.change.base_tree_id)?, &own),
        is_base_public: is_base_public(context, repository, plan)?,
        sender: sender(repository, plan),
        ..MailSettings::default()
    })
}

/// Returns the mails of a plan as a draft of the version that is next.
pub(crate) fn draft(context: &Context, repository: &Repository, plan: &mut Posting) -> Result<Vec<SeriesMails>, Failure> {
    let Prepared { written, .. } = prepare(repository, checked(plan)?, Force::Refuse)?;
    let recipients = recipients(repository, plan)?;
    let settings = MailSettings { draft: true, ..usual(context, repository, plan, &recipients)? };
    let args = PostingArgs::of_draft();
    Ok(posting::made(context, repository, plan, &written, (&recipients, &settings), &args)?.all)
}

/// Whether others have the base, as far as is known; warns where they have not.
fn is_base_public(context: &Context, repository: &Repository, plan: &Plan) -> Result<bool, Failure> {
    let base = plan.change.base_commit_id;
    let is_public = repository.is_public(base)?.unwrap_or(true);
    if !is_public {
        context.say(&format!("warning: the base {} is on no remote-tracking branch: others do not have it\n", base.short()));
    }
    Ok(is_public)
}

/// Returns who gets each patch, by the recipient rules that are set.
pub(crate) fn recipients(repository: &Repository, plan: &Plan) -> Result<Vec<Vec<Recipient>>, Failure> {
    let rules = rules(repository, plan.change.base_tree_id)?;
    Ok(routes(repository, plan, &rules, sender(repository, plan).as_ref())?)
}

/// Who writes the covers: the user, dated like the tip so that two runs give the same mails.
pub(crate) fn sender(repository: &Repository, plan: &Plan) -> Option<crate::model::Signature> {
    repository.identity(&plan.change.committer.time).ok()
}
