//! Which version is mailed, and what was posted of it.

use std::collections::BTreeMap;

use clap::Args;

use super::super::{Context, Failure, edit, exit};
use crate::git::Repository;
use crate::mail::posted::{self, PostedError, Record, ToFreeze, facts, records, same_text, since};
use crate::mail::{MailSettings, Recipient, SeriesMails, mails};
use crate::model::Plan;
use crate::plan::todo::Pending;
use crate::write::{Posting, Written, checked, store, store_on};

/// Which version, and how it is told from the one before.
#[derive(Debug, Default, Args)]
pub(crate) struct PostingArgs {
    /// The version; without it the last that was posted, or the next one where the text changed since
    #[arg(short = 'v', long = "reroll-count", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    version: Option<u32>,
    /// Freeze the version: it was sent, and from now on it stands for this text and no other
    #[arg(long, conflicts_with = "draft")]
    pub(super) posted: bool,
    /// Send a version again that was posted: the same text, marked RESEND, under new Message-IDs
    #[arg(long)]
    resend: bool,
    /// Compare with the version before, at the end of each cover letter; the default
    #[arg(long, overrides_with = "no_range_diff")]
    range_diff: bool,
    /// Do not compare with the version before
    #[arg(long)]
    no_range_diff: bool,
    /// Add your Signed-off-by to the end of every message that it does not end already
    #[arg(short, long)]
    pub(super) signoff: bool,
    /// Write mails in which texts are missing that only a person can write; git send-email refuses them
    #[arg(long)]
    pub(super) draft: bool,
}

impl PostingArgs {
    /// `--draft` and nothing else.
    pub(super) fn of_draft() -> Self {
        PostingArgs { draft: true, ..PostingArgs::default() }
    }
}

/// Mails with the version that they turned out to have.
pub(super) struct Made {
    pub(super) all: Vec<SeriesMails>,
    pub(super) version: u32,
    pub(super) resend: u32,
    /// The commits that the mails are of.
    pub(super) written: Written,
}

/// What all versions are made of.
struct Desk<'d> {
    repository: &'d Repository,
    written: &'d Written,
    recipients: &'d [Vec<Recipient>],
    settings: &'d MailSettings,
    records: BTreeMap<u32, Record>,
    patch_ids: Vec<String>,
    args: &'d PostingArgs,
}

impl Desk<'_> {
    fn settings(&self, plan: &Plan, version: u32, resend: u32) -> MailSettings {
        let mut since = since(plan, &self.records, version, &self.patch_ids);
        if self.args.no_range_diff {
            since.values_mut().for_each(|since| since.against = None);
        }
        MailSettings { version, resend, since, ..self.settings.clone() }
    }

    fn mails(&self, plan: &Posting, version: u32) -> Result<Made, Failure> {
        let settings = self.settings(plan, version, 0);
        let all = mails(self.repository, plan, self.written, self.recipients, &settings)?;
        Ok(Made { all, version, resend: 0, written: self.written.clone() })
    }

    /// Returns the commits of a version that was posted: trees that went on since do not change what it stands on.
    fn as_posted(&self, plan: &Plan, record: &Record) -> Result<Written, Failure> {
        match record.stood_on(plan) {
            Some(onto) => Ok(store_on(self.repository, checked(plan)?, &onto)?),
            None => Ok(self.written.clone()),
        }
    }

    /// Asks what changed where nobody says it and somebody is there.
    fn ask(&self, context: &Context, plan: &mut Posting, version: u32) -> Result<(), Failure> {
        let is_silent = self.settings(plan, version, 0).since.values().any(|since| since.is_silent);
        if let Some((_, last)) = self.records.range(..version).next_back()
            && is_silent
            && !self.settings.draft
            && context.is_terminal()
        {
            let pending = Pending { version, facts: facts(last, plan, &self.patch_ids) };
            edit::ask(self.repository, plan, Some(&pending))?;
        }
        Ok(())
    }
}

/// Makes the mails of the version that is meant.
pub(super) fn made(
    context: &Context,
    repository: &Repository,
    plan: &mut Posting,
    written: &Written,
    (recipients, settings): (&[Vec<Recipient>], &MailSettings),
    args: &PostingArgs,
) -> Result<Made, Failure> {
    let records = records(repository, &plan.name)?;
    // Only what is compared with an earlier version needs them.
    let patch_ids = if records.is_empty() { Vec::new() } else { posted::patch_ids(repository, plan, written)? };
    let desk = Desk { repository, written, recipients, settings, records, patch_ids, args };
    let last = desk.records.keys().next_back().copied();
    let version = match (args.version, last) {
        (Some(version), Some(last)) if version < last && !desk.records.contains_key(&version) => {
            return Err(PostedError::Past { version, last }.into());
        }
        (Some(version), _) => version,
        (None, None) if args.resend => return Err(PostedError::Never { version: 1 }.into()),
        (None, None) => 1,
        (None, Some(last)) => last,
    };
    if let Some(record) = desk.records.get(&version) {
        // What is missing now was not missing when it was sent: then the text changed, and the next version asks for it.
        let settings = MailSettings { draft: true, built: record.built(), ..desk.settings(plan, version, 0) };
        let written = desk.as_posted(plan, record)?;
        let frozen = mails(repository, plan, &written, recipients, &settings)?;
        return match (same_text(record, &frozen), args.resend) {
            (Ok(()), false) => Ok(Made { all: frozen, version, resend: 0, written }),
            (Ok(()), true) => {
                let resend = record.n_resends() + 1;
                let settings = MailSettings { built: record.built(), ..desk.settings(plan, version, resend) };
                let all = mails(repository, plan, &written, recipients, &settings)?;
                Ok(Made { all, version, resend, written })
            }
            // Nobody asked for this version by its number: the next one is meant.
            (Err(PostedError::Changed { mail, .. }), false) if args.version.is_none() => {
                context.say(&format!("the text changed since v{version} was posted ('{mail}'): this is v{}\n", version + 1));
                desk.ask(context, plan, version + 1)?;
                desk.mails(plan, version + 1)
            }
            (Err(error), _) => Err(error.into()),
        };
    }
    if args.resend {
        return Err(PostedError::Never { version }.into());
    }
    if version > 1 && !desk.records.contains_key(&(version - 1)) {
        context.say(&format!("v{} was not posted with --posted: the mails link no version before v{version}\n", version - 1));
    }
    desk.ask(context, plan, version)?;
    desk.mails(plan, version)
}

/// Freezes what was made, and says so.
pub(super) fn freeze(context: &Context, repository: &Repository, frozen: ToFreeze<'_>) -> Result<(), Failure> {
    posted::freeze(repository, frozen)?;
    let again = if frozen.resend > 0 { format!(", resend {}", frozen.resend) } else { String::new() };
    context.say(&format!("v{}{again} is kept under refs/cleave/{}/v{}/\n", frozen.version, frozen.plan.name, frozen.version));
    Ok(())
}

/// Returns what a person is asked of the version after the last that was posted; nothing where none was.
pub(crate) fn pending(repository: &Repository, plan: &Plan) -> Result<Option<Pending>, Failure> {
    let Some((version, last)) = records(repository, &plan.name)?.pop_last() else { return Ok(None) };
    let written = store(repository, checked(plan).map_err(|error| Failure::new(exit::NO, error))?)?;
    let patch_ids = posted::patch_ids(repository, plan, &written)?;
    let mut facts = facts(&last, plan, &patch_ids);
    facts.retain(|_, lines| !lines.is_empty());
    Ok(Some(Pending { version: version + 1, facts }))
}
