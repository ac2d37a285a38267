//! Versions that were posted: what was sent is kept, and no version stands for two texts.
//!
//! Each series has versions of its own. They are frozen as one move of refs: `refs/cleave/<change>/v<N>/{all,<series>,base,tip}` point to the commits, so that git keeps them, and
//! `record` to what is known of the mails ([`Record`]). Message-IDs are hashes of what the mails say: to compare mails is to compare their ids.

mod changes;
mod record;

use std::collections::BTreeMap;

use bstr::{BString, ByteSlice};

use super::{MailFile, Number, SeriesMails};
use crate::git::refs::RefEdit;
use crate::git::{GitError, Repository};
use crate::model::{Mode, ObjectId, Plan};
use crate::plan::change_id::change_id;
use crate::plan::store::{self, StoreError};
use crate::write::{Onto, Written};

pub use changes::{Since, facts, since};
pub use record::{Dispatch, PostedMail, PostedPatch, PostedSeries, Record};

/// Why a version cannot be frozen, read or written again.
#[derive(Debug, thiserror::Error)]
pub enum PostedError {
    /// The version was posted with another text.
    #[error("v{version} was posted, and '{mail}' would differ from what was sent: {how}")]
    Changed {
        /// The version.
        version: u32,
        /// Series and file of the first mail that differs.
        mail: String,
        /// `its text changed`, `it is new`, `it is gone`.
        how: &'static str,
    },
    /// A version that was not posted is to be sent again.
    #[error("v{0} was not posted with --posted, so it cannot be sent again")]
    Never(u32),
    /// A version that would come before one that was posted.
    #[error("v{version} would come after v{last}, which was posted")]
    Past {
        /// The version.
        version: u32,
        /// The last one that was posted.
        last: u32,
    },
    /// The record cannot be read.
    #[error("the record '{name}' is damaged or of another program")]
    Damaged {
        /// Its ref.
        name: String,
        /// Where.
        source: Option<toml_edit::de::Error>,
    },
    /// The record cannot be written.
    #[error("the record cannot be stored")]
    Write(#[source] toml_edit::ser::Error),
    /// The plan cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The repository or git refused.
    #[error(transparent)]
    Git(#[from] GitError),
}

/// Returns the records of all versions of a change that were posted, by number.
///
/// # Errors
/// When one is damaged or git cannot be run.
pub fn records(repository: &Repository, change: &str) -> Result<BTreeMap<u32, Record>, PostedError> {
    let objects = repository.objects();
    let mut records = BTreeMap::new();
    for (version, tree_id) in record_refs(repository, change)? {
        let name = format!("refs/cleave/{change}/v{version}/record");
        let bytes = objects.file(tree_id, "posted.toml".into())?;
        let bytes = bytes.ok_or_else(|| PostedError::Damaged { name: name.clone(), source: None })?;
        records.insert(version, Record::read(&name, &bytes)?);
    }
    Ok(records)
}

/// Returns the trees of the records, by version.
fn record_refs(repository: &Repository, change: &str) -> Result<BTreeMap<u32, ObjectId>, GitError> {
    let folder = format!("refs/cleave/{change}/");
    let refs = repository.refs(&folder)?;
    let version = |name: &str| name.strip_prefix(&folder)?.strip_suffix("/record")?.strip_prefix('v')?.parse().ok();
    Ok(refs.into_iter().filter_map(|(name, tree_id)| Some((version(&name)?, tree_id))).collect())
}

/// Whether a ref below `refs/cleave/<change>/` belongs to a version that was posted: `v2/all`.
pub fn is_posted(short: &str) -> bool {
    let number = short.strip_prefix('v').and_then(|rest| rest.split_once('/'));
    number.is_some_and(|(number, _)| number.parse::<u32>().is_ok())
}

/// Returns the versions of a change that were posted.
///
/// # Errors
/// When git cannot be run.
pub fn versions(repository: &Repository, change: &str) -> Result<Vec<u32>, GitError> {
    Ok(record_refs(repository, change)?.into_keys().collect())
}

/// Returns the last record before a version that has a series.
pub fn before<'r>(records: &'r BTreeMap<u32, Record>, series: &str, version: u32) -> Option<&'r Record> {
    records.range(..version).rev().map(|(_, record)| record).find(|record| record.series(series).is_some())
}

/// Whether a series says by itself what it said when it was posted.
pub fn is_unchanged(record: &Record, mails: &SeriesMails) -> bool {
    match record.series(&mails.folder) {
        Some(posted) if !posted.says.is_empty() => posted.says == mails.says,
        _ => same_text(record, mails).is_ok(),
    }
}

/// Checks that these mails of a series, not resent, say what was sent, also of other series.
///
/// # Errors
/// With the first mail that says something else: a patch before the mail that others reply to, which changes with each of them.
pub fn same_text(record: &Record, mails: &SeriesMails) -> Result<(), PostedError> {
    let sent = record.dispatches.iter().filter(|posting| posting.resend == 0).flat_map(|posting| &posting.mails);
    let sent: Vec<&PostedMail> = sent.filter(|mail| mail.series == mails.folder).collect();
    let is_sent = |file: &MailFile| sent.iter().any(|mail| mail.message_id == message_id(file));
    let changed: Vec<(usize, &MailFile)> = mails.files.iter().enumerate().filter(|(_, file)| !is_sent(file)).collect();
    let (file, how) = match changed.iter().find(|(idx, _)| *idx > 0).or(changed.first()) {
        Some((idx, file)) if *idx < sent.len() => (&file.name, "its text changed"),
        Some((_, file)) => (&file.name, "it is new"),
        None => match sent.iter().find(|mail| mails.files.iter().all(|file| message_id(file) != mail.message_id)) {
            Some(gone) => (&gone.file, "it is gone"),
            None => return Ok(()),
        },
    };
    Err(PostedError::Changed { version: record.version, mail: format!("{}/{file}", mails.folder), how })
}

/// Returns the Message-ID of a mail without its angle brackets.
fn message_id(file: &MailFile) -> String {
    file.message_id.trim_matches(['<', '>']).to_owned()
}

/// What is frozen.
#[derive(Debug, Clone, Copy)]
pub struct ToFreeze<'p> {
    /// The plan.
    pub plan: &'p Plan,
    /// Its commits.
    pub written: &'p Written,
    /// The mails.
    pub mails: &'p [SeriesMails],
    /// The version of each series, and how often it was sent before.
    pub numbers: &'p BTreeMap<String, Number>,
}

/// Freezes the versions of the series that are mailed: refs and records are there when it returns, or none of them is. What is frozen already stays as
/// it is. Returns the numbers that were frozen.
///
/// # Errors
/// When an object cannot be stored or a ref is moved by somebody else meanwhile.
pub fn freeze(repository: &Repository, frozen: ToFreeze<'_>) -> Result<Vec<Number>, PostedError> {
    let mut by_number: BTreeMap<Number, Vec<&SeriesMails>> = BTreeMap::new();
    for mails in frozen.mails {
        by_number.entry(frozen.numbers.get(&mails.folder).copied().unwrap_or_default()).or_default().push(mails);
    }
    let mut known = records(repository, &frozen.plan.name)?;
    let trees = record_refs(repository, &frozen.plan.name)?;
    let objects = repository.objects();
    let mut edits: Vec<RefEdit> = Vec::new();
    for (number, mails) in &by_number {
        let change = &frozen.plan.change;
        let (base, tip) = (change.base_commit_id.to_string(), change.tip_commit_id.to_string());
        let mut record =
            known.remove(&number.version).unwrap_or_else(|| Record::new(number.version, String::new(), String::new()));
        let is_new = |mails: &&&SeriesMails| !record.was_sent(&mails.folder, number.resend);
        let new: Vec<&SeriesMails> = mails.iter().filter(is_new).copied().collect();
        if new.is_empty() {
            continue;
        }
        let mut puts: Vec<(BString, Vec<u8>)> = Vec::new();
        if number.resend == 0 {
            (record.base, record.tip) = (base, tip);
            record.series.extend(posted_series(repository, frozen, &new)?);
            // The plan as it is kept: the series of `plan` are those that are posted.
            puts.push(("plan.toml".into(), store::file::load(repository.common_dir(), &frozen.plan.name)?.into_bytes()));
        }
        for series in &new {
            let file = |file: &MailFile| PostedMail {
                series: series.folder.clone(),
                file: file.name.clone(),
                message_id: message_id(file),
            };
            record.dispatch(number.resend).mails.extend(series.files.iter().map(file));
            for mail in &series.files {
                puts.push((format!("mails/{}/{}/{}", number.resend, series.folder, mail.name).into(), mail.bytes.clone()));
            }
        }
        puts.push(("posted.toml".into(), record.text()?.into_bytes()));
        let mut files = Vec::with_capacity(puts.len());
        for (path, bytes) in puts {
            files.push((path, Mode::File, objects.write_blob(&bytes)?));
        }
        let tree = trees.get(&number.version).copied().unwrap_or_else(|| repository.empty_tree());
        let tree_id = objects.edit_tree(tree, &[], &files)?;
        edits.extend(ref_edits(repository, frozen, *number, &record, &new, tree_id)?);
    }
    objects.keep(repository)?;
    repository.edit_refs(&edits, "cleave: posted")?;
    Ok(by_number.into_keys().collect())
}

/// The refs of a version; those that are there without a record are moved or taken away.
fn ref_edits(
    repository: &Repository,
    frozen: ToFreeze<'_>,
    number: Number,
    record: &Record,
    mails: &[&SeriesMails],
    tree_id: ObjectId,
) -> Result<Vec<RefEdit>, GitError> {
    let ToFreeze { plan, written, .. } = frozen;
    let folder = format!("refs/cleave/{}/v{}/", plan.name, number.version);
    let existing = repository.refs(&folder)?;
    let mut wanted = vec![(format!("{folder}record"), tree_id)];
    // A resend leaves the commits of the version as they are.
    if number.resend == 0 {
        let change = &plan.change;
        wanted.push((format!("{folder}base"), change.base_commit_id));
        wanted.push((format!("{folder}tip"), change.tip_commit_id));
        wanted.push((format!("{folder}all"), written.all.last().copied().unwrap_or(change.base_commit_id)));
        for series in written.series.iter().filter(|series| mails.iter().any(|mails| mails.series == series.series)) {
            let name = &plan.campaign.series[series.series.0].name;
            wanted.push((format!("{folder}{name}"), series.commits.last().copied().unwrap_or(series.base)));
        }
    }
    let is_stray = |name: &String| {
        let is_known = name.strip_prefix(&folder).is_some_and(|name| record.series(name).is_some());
        number.resend == 0 && !is_known && wanted.iter().all(|(wanted, _)| wanted != name)
    };
    let stray = existing.iter().filter(|(name, _)| is_stray(name));
    let mut edits: Vec<RefEdit> = stray.map(|(name, old)| RefEdit { name: name.clone(), old: Some(*old), new: None }).collect();
    edits.extend(wanted.into_iter().map(|(name, new)| RefEdit { old: existing.get(&name).copied(), name, new: Some(new) }));
    Ok(edits)
}

fn posted_series(
    repository: &Repository,
    frozen: ToFreeze<'_>,
    mails: &[&SeriesMails],
) -> Result<Vec<PostedSeries>, PostedError> {
    let ToFreeze { plan, written, .. } = frozen;
    let patch_ids = patch_ids(repository, plan, written)?;
    let mut all = Vec::with_capacity(mails.len());
    for one in &written.series {
        let Some(mails) = mails.iter().find(|mails| mails.series == one.series) else { continue };
        let series = &plan.campaign.series[one.series.0];
        let patches = series.patches.iter().zip(&one.commits).map(|(patch_idx, commit_id)| {
            let patch = plan.campaign.patch(*patch_idx);
            PostedPatch {
                id: patch.patch_id.clone(),
                subject: patch.message.subject.to_str_lossy().into_owned(),
                message: changes::said(patch),
                commit: commit_id.to_string(),
                patch_id: patch_ids[patch_idx.0].clone(),
            }
        });
        let (branch, differs) = match &one.onto {
            Onto::Base => (String::new(), String::new()),
            Onto::Tree { branch } => (branch.clone(), String::new()),
            Onto::Differs { branch, path } => (branch.clone(), path.to_str_lossy().into_owned()),
        };
        all.push(PostedSeries {
            root: one.root.to_string(),
            branch,
            differs,
            built: mails.letter.built.to_str_lossy().into_owned(),
            says: mails.says.clone(),
            name: series.name.clone(),
            change_id: change_id(plan, &series.name),
            base: one.base.to_string(),
            tip: one.commits.last().unwrap_or(&one.base).to_string(),
            patches: patches.collect(),
        });
    }
    Ok(all)
}

/// Returns what `git patch-id --stable` says of each patch of a plan on the branch of its series, in campaign order; nothing of a patch that it says
/// nothing of.
///
/// # Errors
/// When git cannot be run or an object is missing.
pub fn patch_ids(repository: &Repository, plan: &Plan, written: &Written) -> Result<Vec<String>, GitError> {
    let room = repository.clean_room(plan.change.tip_tree_id)?;
    let commits: Vec<ObjectId> = written.series.iter().flat_map(|series| series.commits.iter().copied()).collect();
    let of_commit: BTreeMap<ObjectId, String> = room.patch_ids(&commits)?.into_iter().collect();
    let mut patch_ids = vec![String::new(); plan.campaign.patches.len()];
    for series in &written.series {
        let patches = &plan.campaign.series[series.series.0].patches;
        for (patch_idx, commit_id) in patches.iter().zip(&series.commits) {
            patch_ids[patch_idx.0] = of_commit.get(commit_id).cloned().unwrap_or_default();
        }
    }
    Ok(patch_ids)
}
