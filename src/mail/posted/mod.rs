//! Versions that were posted: what was sent is kept, and no version stands for two texts.
//!
//! A version is frozen as one move of refs: `refs/cleave/<change>/v<N>/{all,<series>,base,tip}` point to the commits, so that git keeps them, and
//! `record` to what is known of the mails ([`Record`]). Message-IDs are hashes of what the mails say: to compare mails is to compare their ids.

mod changes;
mod record;

use std::collections::BTreeMap;

use bstr::{BString, ByteSlice};

use super::{MailFile, SeriesMails};
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

/// Checks that these mails of a version, not resent, say what was sent.
///
/// # Errors
/// With the first mail that says something else, in the order in which they are sent.
pub fn same_text(record: &Record, mails: &[SeriesMails]) -> Result<(), PostedError> {
    let Some(posting) = record.dispatches.iter().find(|posting| posting.resend == 0) else { return Ok(()) };
    let differs = |mail: String, how| PostedError::Changed { version: record.version, mail, how };
    let shown = |series: &str, file: &str| format!("{series}/{file}");
    let of_id: BTreeMap<&str, &PostedMail> = posting.mails.iter().map(|mail| (mail.message_id.as_str(), mail)).collect();
    let all = || mails.iter().flat_map(|series| series.files.iter().enumerate().map(move |(idx, file)| (series, idx, file)));
    let changed: Vec<_> = all().filter(|(.., file)| !of_id.contains_key(message_id(file).as_str())).collect();
    // The first mails of all series speak of each other, so that none of them stays as it was: a patch says more.
    if let Some((series, idx, file)) = changed.iter().find(|(_, idx, _)| *idx > 0).or(changed.first()) {
        let n_before = posting.mails.iter().filter(|mail| mail.series == series.folder).count();
        let how = if *idx < n_before { "its text changed" } else { "it is new" };
        return Err(differs(shown(&series.folder, &file.name), how));
    }
    let n_mails = all().count();
    if n_mails < posting.mails.len() {
        let now: Vec<String> = mails.iter().flat_map(|series| &series.files).map(message_id).collect();
        let gone = posting.mails.iter().find(|mail| !now.contains(&mail.message_id));
        if let Some(gone) = gone {
            return Err(differs(shown(&gone.series, &gone.file), "it is gone"));
        }
    }
    Ok(())
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
    /// Their version.
    pub version: u32,
    /// How often it was sent before.
    pub resend: u32,
}

/// Freezes a version: refs and record are there when it returns, or none of them is. What is frozen already stays as it is.
///
/// # Errors
/// When an object cannot be stored or a ref is moved by somebody else meanwhile.
pub fn freeze(repository: &Repository, frozen: ToFreeze<'_>) -> Result<(), PostedError> {
    let ToFreeze { plan, mails, version, resend, .. } = frozen;
    let existing = record_refs(repository, &plan.name)?.get(&version).copied();
    let objects = repository.objects();
    let mut puts: Vec<(BString, Vec<u8>)> = Vec::new();
    let mut record = match records(repository, &plan.name)?.remove(&version) {
        Some(record) if record.dispatches.iter().any(|posting| posting.resend == resend) => return Ok(()),
        Some(record) => record,
        None => {
            // The plan as it is kept: the series of `plan` are those that are posted.
            puts.push(("plan.toml".into(), store::file::load(repository.common_dir(), &plan.name)?.into_bytes()));
            new_record(repository, frozen)?
        }
    };
    let file = |series: &SeriesMails, file: &MailFile| PostedMail {
        series: series.folder.clone(),
        file: file.name.clone(),
        message_id: message_id(file),
    };
    let all = mails.iter().flat_map(|series| series.files.iter().map(move |mail| (series, mail)));
    record.dispatches.push(Dispatch { resend, mails: all.clone().map(|(series, mail)| file(series, mail)).collect() });
    for (series, mail) in all {
        puts.push((format!("mails/{resend}/{}/{}", series.folder, mail.name).into(), mail.bytes.clone()));
    }
    puts.push(("posted.toml".into(), record.text()?.into_bytes()));
    let mut files = Vec::with_capacity(puts.len());
    for (path, bytes) in puts {
        files.push((path, Mode::File, objects.write_blob(&bytes)?));
    }
    let tree_id = objects.edit_tree(existing.unwrap_or_else(|| repository.empty_tree()), &[], &files)?;
    objects.keep(repository)?;
    repository.edit_refs(&ref_edits(repository, frozen, tree_id)?, &format!("cleave: posted v{version}"))?;
    Ok(())
}

/// The refs of a version; those that are there, without a record or with that of an earlier posting, are moved.
fn ref_edits(repository: &Repository, frozen: ToFreeze<'_>, tree_id: ObjectId) -> Result<Vec<RefEdit>, GitError> {
    let ToFreeze { plan, written, version, resend, .. } = frozen;
    let folder = format!("refs/cleave/{}/v{version}/", plan.name);
    let existing = repository.refs(&folder)?;
    let mut wanted = vec![(format!("{folder}record"), tree_id)];
    if resend == 0 {
        let change = &plan.change;
        wanted.push((format!("{folder}base"), change.base_commit_id));
        wanted.push((format!("{folder}tip"), change.tip_commit_id));
        wanted.push((format!("{folder}all"), written.all.last().copied().unwrap_or(change.base_commit_id)));
        for series in &written.series {
            let name = &plan.campaign.series[series.series.0].name;
            wanted.push((format!("{folder}{name}"), series.commits.last().copied().unwrap_or(series.base)));
        }
    }
    // A resend leaves the commits of the version as they are.
    let is_stray = |name: &String| resend == 0 && wanted.iter().all(|(wanted, _)| wanted != name);
    let stray = existing.iter().filter(|(name, _)| is_stray(name));
    let mut edits: Vec<RefEdit> = stray.map(|(name, old)| RefEdit { name: name.clone(), old: Some(*old), new: None }).collect();
    edits.extend(wanted.into_iter().map(|(name, new)| RefEdit { old: existing.get(&name).copied(), name, new: Some(new) }));
    Ok(edits)
}

fn new_record(repository: &Repository, frozen: ToFreeze<'_>) -> Result<Record, PostedError> {
    let ToFreeze { plan, written, mails, version, .. } = frozen;
    let patch_ids = patch_ids(repository, plan, written)?;
    let mut record = Record::new(version, plan.change.base_commit_id.to_string(), plan.change.tip_commit_id.to_string());
    for one in &written.series {
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
        record.series.push(PostedSeries {
            root: one.root.to_string(),
            branch,
            differs,
            built: mails
                .iter()
                .find(|mails| mails.series == one.series)
                .map_or_else(String::new, |mails| mails.letter.built.to_str_lossy().into_owned()),
            name: series.name.clone(),
            change_id: change_id(plan, &series.name),
            base: one.base.to_string(),
            tip: one.commits.last().unwrap_or(&one.base).to_string(),
            patches: patches.collect(),
        });
    }
    Ok(record)
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
