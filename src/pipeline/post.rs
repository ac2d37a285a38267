//! What is posted of a plan → its mails, looked at, written and kept as posted.
//!
//! ```text
//!   prepare ──> routes ──> mails ──> lint ──> publish ──> b4, files ──> posted
//! ```
//!
//! Nothing moves before all that could refuse has spoken. What happens on the way is handed to a closure; nothing is printed here, and
//! nothing is sent.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::describe::covers::{without_subject, without_why};
use crate::git::{GitError, Repository};
use crate::mail::b4::{B4Branch, branches};
use crate::mail::lint::{Finding, MailSet, of_mails};
use crate::mail::posted::{
    self, PostedError, PostedSeries, Record, ToFreeze, before, facts, is_unchanged, records, same_text, since,
};
use crate::mail::{
    MailError, MailSettings, Number, Recipient, Sending, SeriesMails, Thread, cc_all, configured_prefixes, mails, misnamed,
    routes, tree_prefixes, write,
};
use crate::model::{Mailbox, ObjectId, Plan, Series, SeriesIdx, Signature};
use crate::pipeline::lint::{Worst, linted, worst};
use crate::pipeline::{self, PipelineError};
use crate::plan::todo::{Pending, TodoError, parse_words};
use crate::settings::{Layer, SettingsError, rules};
use crate::write::{Force, Onto, PlanError, Posting, SplitError, Written, checked, prepare, store, store_on};

/// Why there are no mails.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// The stored plan cannot be used or kept.
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
    /// The repository or git refused.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A setting is wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The plan breaks a promise.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Branches may not be moved.
    #[error(transparent)]
    Split(#[from] SplitError),
    /// The mails could not be made or written.
    #[error(transparent)]
    Mail(#[from] MailError),
    /// The version is not one that can be posted.
    #[error(transparent)]
    Posted(#[from] PostedError),
    /// What was found in the mails is an error: a list would send them back.
    #[error("mails that would be sent back are not written")]
    Refused {
        /// Whether each error is a missing sign-off.
        only_sign_offs: bool,
    },
}

/// What the user decides about a posting.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PostSettings {
    /// The version of the series that are mailed; without one that after the last posted of each whose text changed since.
    pub version: Option<u32>,
    /// Whether a version that was posted is sent again.
    pub resend: bool,
    /// Whether covers leave out the comparison with the version before.
    pub no_range_diff: bool,
    /// Whether texts may be missing that only a person can write.
    pub draft: bool,
    /// Whether patches of which a build is known to fail are mailed too.
    pub may_fail: bool,
    /// Whether the version is kept as one that was sent.
    pub posted: bool,
    /// Words in the brackets of the subjects.
    pub prefixes: Vec<String>,
    /// To what each patch replies.
    pub thread: Thread,
    /// Whether everybody gets all mails of a series.
    pub cc_all: bool,
    /// Whether the mails are not looked at before they are written.
    pub no_lint: bool,
    /// Whether branches for b4 are written, and which others may be moved for them.
    pub b4: Option<Force>,
    /// Where the folders of mails go; `None` writes none.
    pub output: Option<PathBuf>,
}

/// What happens on the way to mails.
#[derive(Debug)]
pub enum PostEvent<'e> {
    /// The base is on no remote-tracking branch.
    BaseNotPublic(ObjectId),
    /// A subject does not begin as a rule asks for.
    Misnamed {
        /// The subject.
        subject: &'e bstr::BStr,
        /// What it should begin with.
        beginning: &'e str,
        /// The name of the rule.
        rule: &'e str,
        /// Why there is this rule.
        why: &'e str,
    },
    /// The text of this mail changed since the version was posted, so that another version of its series is made.
    Changed {
        /// The version that was posted.
        version: u32,
        /// The first mail that differs.
        mail: &'e str,
        /// The version that is made.
        next: u32,
    },
    /// These series say what they said in the version that was posted, and are not mailed again.
    Unchanged {
        /// The version.
        version: u32,
        /// Their names.
        series: &'e [&'e str],
    },
    /// The version before this one was not posted, so that the mails link none.
    NotPosted(u32),
    /// The mails were looked at.
    Linted {
        /// The mails as values.
        postings: &'e [MailSet],
        /// What was found.
        findings: &'e [Finding],
        /// Whether the mails are refused for it.
        is_refused: bool,
    },
    /// The cover letter of this series is called by the name of the change.
    NoSubject(&'e str),
    /// All that could refuse has spoken: now branches move and files are written.
    Ready {
        /// The plan of the mails.
        plan: &'e Plan,
        /// The mails.
        mails: &'e [SeriesMails],
        /// How many mails one person should get at most.
        at_most: usize,
    },
    /// A version is kept.
    Frozen {
        /// The change.
        name: &'e str,
        /// The version.
        version: u32,
        /// How often it was sent before.
        resend: u32,
    },
}

/// Lets a person write into a posting what only a person can say; of a version that is new, what changed since the one before.
pub type Ask<'a, E> = dyn Fn(&mut Posting, Option<&Pending>) -> Result<(), E> + 'a;

/// Who hears of a posting, and is asked.
pub struct PostProgress<'a, E> {
    /// Hears what happens.
    pub hear: &'a dyn Fn(PostEvent<'_>) -> Result<(), E>,
    /// Writes into the plan what only a person can say; `None` where nobody can be asked.
    pub ask: Option<&'a Ask<'a, E>>,
}

/// Mails that were written.
#[derive(Debug)]
pub struct Posted {
    /// The plan that they are of.
    pub plan: Posting,
    /// The mails, a series each.
    pub mails: Vec<SeriesMails>,
    /// How they would be sent.
    pub sending: Sending,
    /// The branches for b4.
    pub branches: Vec<B4Branch>,
}

/// Makes the mails of a posting, looks at them, writes them, and keeps the version where that is asked for.
///
/// # Errors
/// When a text, a branch or a version refuses; then no branch has moved and no file is written. And what `progress` refuses.
pub fn post<E: From<PostError>>(
    repository: &Repository,
    mut plan: Posting,
    settings: &PostSettings,
    progress: &PostProgress<'_, E>,
) -> Result<Posted, E> {
    if let Some(ask) = progress.ask.filter(|_| !settings.draft && !without_why(&plan).is_empty()) {
        ask(&mut plan, None)?;
    }
    let prepared = prepare(repository, checked(&plan).map_err(PostError::from)?, Force::Refuse).map_err(PostError::from)?;
    let tree_id = plan.change.base_tree_id;
    let mut recipients = recipients(repository, &plan, &prepared.written)?;
    let recipient_rules = rules(repository, tree_id).map_err(PostError::from)?;
    for (patch_idx, beginning, rule) in misnamed(&plan, &recipient_rules) {
        let subject = plan.campaign.patch(patch_idx).message.subject.as_ref();
        (progress.hear)(PostEvent::Misnamed { subject, beginning, rule: &rule.name, why: &rule.why })?;
    }
    if settings.cc_all {
        cc_all(&plan.campaign, &mut recipients);
    }
    let Made { all, settings: mail_settings, written, is_due } =
        made(repository, &mut plan, &prepared.written, &recipients, settings, progress)?;
    if !is_due {
        let sending = Sending::from(repository).map_err(PostError::from)?;
        return Ok(Posted { plan, mails: Vec::new(), sending, branches: Vec::new() });
    }
    if !settings.no_lint {
        let postings = mail_sets(repository, &plan, &all);
        let findings = linted(repository, tree_id, &postings).map_err(PostError::from)?;
        let worst = worst(&findings);
        let is_refused = !settings.draft && matches!(worst, Worst::SignOff | Worst::Error);
        (progress.hear)(PostEvent::Linted { postings: &postings, findings: &findings, is_refused })?;
        if is_refused {
            return Err(PostError::Refused { only_sign_offs: worst == Worst::SignOff }.into());
        }
    }
    let is_mailed = |series_idx: &SeriesIdx| all.iter().any(|mails| mails.series == *series_idx);
    for series_idx in without_subject(&plan).into_iter().filter(is_mailed) {
        (progress.hear)(PostEvent::NoSubject(&plan.campaign.series[series_idx.0].name))?;
    }
    let sending = Sending::from(repository).map_err(PostError::from)?;
    let at_most = crate::settings::settings(repository, tree_id, &Layer::default()).map_err(PostError::from)?.mails_at_most;
    (progress.hear)(PostEvent::Ready { plan: &plan, mails: &all, at_most })?;
    prepared.publish(repository).map_err(PostError::from)?;
    let branches = match settings.b4 {
        Some(force) => branches(repository, &plan, &written, &all, &mail_settings, force).map_err(PostError::from)?,
        None => Vec::new(),
    };
    if let Some(output) = &settings.output {
        write(output, &all).map_err(PostError::from)?;
    }
    if settings.posted {
        plan.name_series();
        keep_said(repository, &plan)?;
        let frozen = ToFreeze { plan: &plan, written: &written, mails: &all, numbers: &mail_settings.numbers };
        for Number { version, resend } in posted::freeze(repository, frozen).map_err(PostError::from)? {
            (progress.hear)(PostEvent::Frozen { name: &plan.name, version, resend })?;
        }
    }
    Ok(Posted { plan, mails: all, sending, branches })
}

/// Returns the mails of a plan as a draft of the version that is next.
///
/// # Errors
/// As [`post`], but for what is missing and what is found in the mails.
pub fn draft<E: From<PostError>>(
    repository: &Repository,
    plan: &mut Posting,
    progress: &PostProgress<'_, E>,
) -> Result<Vec<SeriesMails>, E> {
    let prepared = prepare(repository, checked(plan).map_err(PostError::from)?, Force::Refuse).map_err(PostError::from)?;
    let recipients = recipients(repository, plan, &prepared.written)?;
    let settings = PostSettings { draft: true, may_fail: true, ..PostSettings::default() };
    Ok(made(repository, plan, &prepared.written, &recipients, &settings, progress)?.all)
}

/// Returns who gets each patch, by the recipient rules that are set.
///
/// # Errors
/// When a setting is wrong, an object cannot be read or git cannot be run.
pub fn recipients(repository: &Repository, plan: &Plan, written: &Written) -> Result<Vec<Vec<Recipient>>, PostError> {
    let rules = rules(repository, plan.change.base_tree_id)?;
    Ok(routes(repository, plan, written, &rules, sender(repository, plan).as_ref())?)
}

/// Returns who writes the covers: the user, dated like the tip so that two runs give the same mails. `None` where git knows no identity.
pub fn sender(repository: &Repository, plan: &Plan) -> Option<Signature> {
    repository.identity(&plan.change.committer.time).ok()
}

/// Returns the mails of a plan as the user will send them.
pub fn mail_sets(repository: &Repository, plan: &Plan, mails: &[SeriesMails]) -> Vec<MailSet> {
    let sender = sender(repository, plan).as_ref().map(Mailbox::from);
    of_mails(mails, &plan.campaign, sender.as_ref())
}

/// Takes the texts of a todo of words into the plan; `false` when the todo has none but those that were `rendered`.
///
/// # Errors
/// When the todo cannot be read.
pub fn take_words(plan: &mut Posting, text: &str, rendered: &str) -> Result<bool, TodoError> {
    let Some((campaign, words)) = parse_words(text, rendered, plan)? else { return Ok(false) };
    plan.say(campaign, words);
    Ok(true)
}

/// Keeps what people say of what is posted: of the stored plan only the texts change, not the cut.
///
/// # Errors
/// When the stored plan cannot be read or written.
pub fn keep_said(repository: &Repository, posting: &Posting) -> Result<(), PostError> {
    let mut plan = pipeline::load(repository, &posting.name)?;
    plan.words = posting.words.clone();
    plan.words.cover_all(&mut plan.campaign.series);
    Ok(pipeline::keep(repository, &plan)?)
}

/// Returns what a person is asked of the version after the last that was posted; `None` where none was.
///
/// # Errors
/// When the commits of the plan cannot be made or the records cannot be read.
pub fn pending(repository: &Repository, plan: &Plan) -> Result<Option<Pending>, PostError> {
    let records = records(repository, &plan.name)?;
    if records.is_empty() {
        return Ok(None);
    }
    let written = store(repository, checked(plan)?)?;
    let patch_ids = posted::patch_ids(repository, plan, &written)?;
    Ok(Some(asked(&records, plan, &BTreeMap::new(), &patch_ids)))
}

/// Returns what a person is asked of the series that changed since they were posted; `numbers` are their versions, else those after the last.
fn asked(records: &BTreeMap<u32, Record>, plan: &Plan, numbers: &BTreeMap<String, Number>, patch_ids: &[String]) -> Pending {
    let facts = facts(records, plan, numbers, patch_ids).into_iter().filter(|(_, lines)| !lines.is_empty());
    let number = |name: &str| match numbers.get(name) {
        Some(number) => number.version,
        None => before(records, name, u32::MAX).map_or(1, |record| record.version + 1),
    };
    Pending { series: facts.map(|(name, lines)| (name.clone(), (number(&name), lines))).collect() }
}

/// Mails, with the version that they turned out to have among their settings.
struct Made {
    all: Vec<SeriesMails>,
    settings: MailSettings,
    /// The commits that the mails are of.
    written: Written,
    /// Whether they are to be written: not those of series of which none changed since it was posted.
    is_due: bool,
}

/// What the mails of all versions are made of.
struct Material<'m> {
    repository: &'m Repository,
    written: &'m Written,
    recipients: &'m [Vec<Recipient>],
    settings: MailSettings,
    no_range_diff: bool,
    records: BTreeMap<u32, Record>,
    patch_ids: Vec<String>,
}

impl Material<'_> {
    /// Returns how mails of these versions are made; the series of `kept` are not mailed.
    fn settings(&self, plan: &Plan, numbers: BTreeMap<String, Number>, kept: &[&str]) -> MailSettings {
        let mailed =
            numbers.iter().filter(|(name, _)| !kept.contains(&name.as_str())).map(|(name, number)| (name.clone(), *number));
        let mut since = since(plan, &self.records, &mailed.collect(), &self.patch_ids);
        if self.no_range_diff {
            since.values_mut().for_each(|since| since.against = None);
        }
        let first_mail = |name: &&str| {
            let mail = before(&self.records, name, u32::MAX)?.first_mail(name)?;
            Some(((*name).to_owned(), format!("<{}>", mail.message_id)))
        };
        let kept = kept.iter().filter_map(first_mail).collect();
        MailSettings { numbers, kept, since, ..self.settings.clone() }
    }

    fn made(&self, plan: &Posting, written: Written, settings: MailSettings) -> Result<Made, PostError> {
        let all = mails(self.repository, plan, &written, self.recipients, &settings)?;
        Ok(Made { all, settings, written, is_due: true })
    }

    /// Makes the mails of versions that were not posted, after asking what changed where nobody says it.
    fn new_versions<E: From<PostError>>(
        &self,
        plan: &mut Posting,
        numbers: &BTreeMap<String, Number>,
        kept: &[&str],
        progress: &PostProgress<'_, E>,
    ) -> Result<Made, E> {
        let is_silent = self.settings(plan, numbers.clone(), kept).since.values().any(|since| since.is_silent);
        if let Some(ask) = progress.ask.filter(|_| is_silent && !self.settings.draft) {
            let pending = asked(&self.records, plan, numbers, &self.patch_ids);
            ask(plan, Some(&pending))?;
        }
        Ok(self.made(plan, self.written.clone(), self.settings(plan, numbers.clone(), kept))?)
    }

    /// Makes the mails of versions that were posted, of those series that are not `kept`, as they were: on the commits on which they stood, with what
    /// they said of builds. Trees that went on since, and builds, change nothing of them.
    fn as_posted(&self, plan: &Posting, numbers: BTreeMap<String, Number>, kept: &[&str]) -> Result<Made, PostError> {
        let posted = |name: &str| {
            let version = numbers.get(name).map_or(u32::MAX, |number| number.version);
            self.records.get(&version).and_then(|record| record.series(name))
        };
        let stands = |(idx, series): (usize, &Series)| {
            let own = self.written.series.iter().find(|own| own.series == SeriesIdx(idx));
            let now = own.map_or((plan.change.base_commit_id, Onto::Base), |own| (own.root, own.onto.clone()));
            posted(&series.name).and_then(PostedSeries::stood_on).unwrap_or(now)
        };
        let onto: Vec<(ObjectId, Onto)> = plan.campaign.series.iter().enumerate().map(stands).collect();
        let written = store_on(self.repository, checked(plan)?, &onto)?;
        let said =
            plan.campaign.series.iter().filter_map(|series| posted(&series.name)).filter(|posted| !posted.built.is_empty());
        let built = said.map(|posted| (posted.name.clone(), posted.built.as_str().into())).collect();
        // What is missing now was not missing when it was sent: then the text changed, and the next version asks for it.
        self.made(plan, written, MailSettings { draft: true, may_fail: true, built, ..self.settings(plan, numbers, kept) })
    }
}

/// Makes the mails of those series that are meant, in the versions that are meant.
///
/// A series has versions of its own. One that says by itself what it said when it was last posted keeps its number and is not mailed again, unless it is
/// asked for: to be resent, or by its number where no series changed.
fn made<E: From<PostError>>(
    repository: &Repository,
    plan: &mut Posting,
    written: &Written,
    recipients: &[Vec<Recipient>],
    settings: &PostSettings,
    progress: &PostProgress<'_, E>,
) -> Result<Made, E> {
    let mail_settings = mail_settings(repository, plan, recipients, settings)?;
    if !mail_settings.is_base_public {
        (progress.hear)(PostEvent::BaseNotPublic(plan.change.base_commit_id))?;
    }
    let records = records(repository, &plan.name).map_err(PostError::from)?;
    // Only what is compared with an earlier version needs them.
    let patch_ids = match records.is_empty() {
        true => Vec::new(),
        false => posted::patch_ids(repository, plan, written).map_err(PostError::from)?,
    };
    let no_range_diff = settings.no_range_diff;
    let material = Material { repository, written, recipients, settings: mail_settings, no_range_diff, records, patch_ids };
    let names: Vec<String> = plan.campaign.series.iter().map(|series| series.name.clone()).collect();
    let last: BTreeMap<String, &Record> =
        names.iter().filter_map(|name| Some((name.clone(), before(&material.records, name, u32::MAX)?))).collect();
    let number = |version| Number { version, resend: 0 };
    let posted: BTreeMap<String, Number> = last.iter().map(|(name, record)| (name.clone(), number(record.version))).collect();
    let now = match posted.is_empty() {
        true => None,
        false => Some(material.as_posted(plan, posted.clone(), &[])?),
    };
    let of = |name: &str| now.iter().flat_map(|now| &now.all).find(|mails| mails.folder == name);
    let is_kept = |name: &&String| last.get(*name).zip(of(name)).is_some_and(|(record, mails)| is_unchanged(record, mails));
    let (kept, mut mailed): (Vec<&String>, Vec<&String>) = names.iter().partition(is_kept);
    let differs = |name: &str, record: &Record| match of(name).map(|mails| same_text(record, mails)) {
        Some(Err(error)) => error,
        _ => PostedError::Changed { version: record.version, mail: name.to_owned(), how: "its text changed" },
    };

    if settings.resend {
        let version = settings.version;
        let again: Vec<&String> = names
            .iter()
            .filter(|name| last.get(*name).is_some_and(|record| version.is_none_or(|v| v == record.version)))
            .collect();
        if let Some(name) = again.iter().find(|name| mailed.contains(*name)) {
            return Err(PostError::from(differs(name, last[*name])).into());
        }
        if again.is_empty() || names.iter().any(|name| !last.contains_key(name)) {
            return Err(PostError::from(PostedError::Never(version.unwrap_or(1))).into());
        }
        let sent_again = again.iter().map(|name| {
            let record = last[*name];
            ((*name).clone(), Number { version: record.version, resend: record.n_resends(name) + 1 })
        });
        let numbers = posted.clone().into_iter().chain(sent_again).collect();
        let kept: Vec<&str> = kept.iter().filter(|name| !again.contains(name)).map(|name| name.as_str()).collect();
        return Ok(material.as_posted(plan, numbers, &kept)?);
    }
    if mailed.is_empty() {
        let Some(version) = settings.version else {
            say_kept(&names.iter().map(String::as_str).collect::<Vec<_>>(), &posted, progress)?;
            let mut now = now.expect("a series that did not change was posted");
            now.is_due = false;
            return Ok(now);
        };
        let newest = last.values().map(|record| record.version).max().unwrap_or(1);
        mailed = names.iter().filter(|name| posted.get(*name) == Some(&number(version)) || version > newest).collect();
        if mailed.is_empty() {
            let older = names.iter().find_map(|name| {
                let record = material.records.get(&version).filter(|record| record.series(name).is_some())?;
                Some(differs(name, record))
            });
            return Err(PostError::from(older.unwrap_or(PostedError::Past { version, last: newest })).into());
        }
        if version <= newest {
            let kept: Vec<&str> = names.iter().filter(|name| !mailed.contains(name)).map(String::as_str).collect();
            let again = material.as_posted(plan, posted.clone(), &kept)?;
            // Other series may have gone on since, and what this one says of them is not what was sent.
            again.all.iter().try_for_each(|mails| same_text(last[&mails.folder], mails)).map_err(PostError::from)?;
            return Ok(again);
        }
    }
    for name in &mailed {
        let Some(record) = last.get(*name) else { continue };
        let is_changed = !kept.contains(name);
        let next = settings.version.unwrap_or(record.version + 1);
        let asked_for = material.records.get(&next).filter(|record| record.series(name).is_some());
        if let Some(record) = asked_for {
            return Err(PostError::from(differs(name, record)).into());
        }
        if next < record.version {
            return Err(PostError::from(PostedError::Past { version: next, last: record.version }).into());
        }
        if let (true, PostedError::Changed { version, mail, .. }) = (is_changed, differs(name, record)) {
            (progress.hear)(PostEvent::Changed { version, mail: &mail, next })?;
        }
    }
    let next = |name: &&String| {
        let next = settings.version.or(last.get(*name).map(|record| record.version + 1)).unwrap_or(1);
        ((*name).clone(), number(next))
    };
    let numbers: BTreeMap<String, Number> = posted.clone().into_iter().chain(mailed.iter().map(next)).collect();
    let gap = mailed.iter().find(|name| {
        let before = numbers[**name].version - 1;
        before > 0 && last.get(**name).is_none_or(|record| record.version != before)
    });
    if let Some(name) = gap {
        (progress.hear)(PostEvent::NotPosted(numbers[*name].version))?;
    }
    let kept: Vec<&str> = names.iter().filter(|name| !mailed.contains(name)).map(String::as_str).collect();
    say_kept(&kept, &posted, progress)?;
    material.new_versions(plan, &numbers, &kept, progress)
}

/// Says which series are not mailed.
fn say_kept<E>(kept: &[&str], posted: &BTreeMap<String, Number>, progress: &PostProgress<'_, E>) -> Result<(), E> {
    let mut by_version: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    for name in kept {
        by_version.entry(posted[*name].version).or_default().push(name);
    }
    by_version.iter().try_for_each(|(version, series)| (progress.hear)(PostEvent::Unchanged { version: *version, series }))
}

/// Returns how the mails are made: what the user decided, and what settings, remotes and rules say.
fn mail_settings(
    repository: &Repository,
    plan: &Plan,
    recipients: &[Vec<Recipient>],
    settings: &PostSettings,
) -> Result<MailSettings, PostError> {
    let own = configured_prefixes(&repository.config("cleave")?);
    Ok(MailSettings {
        prefixes: settings.prefixes.clone(),
        tree_prefixes: tree_prefixes(plan, recipients, &rules(repository, plan.change.base_tree_id)?, &own),
        is_base_public: plan.change.base_tree_id.is_empty_tree()
            || repository.is_public(plan.change.base_commit_id)?.unwrap_or(true),
        sender: sender(repository, plan),
        thread: settings.thread,
        draft: settings.draft,
        may_fail: settings.may_fail,
        ..MailSettings::default()
    })
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::model::Message;
    use crate::pipeline::fixture::{TestRepository, repository};
    use crate::read::Input;

    /// A change of two patches, planned and stored.
    fn planned() -> (TestRepository, Repository) {
        let rules = "Documentation/process/submitting-patches.rst";
        let base: &[(&str, &str)] = &[("doc/a.txt", "a\n"), ("doc/b.txt", "b\n"), (rules, "Sign your work\n")];
        let repo = repository(&[base, &[("doc/a.txt", "A\n")], &[("doc/b.txt", "B\n")]]);
        let repository = repo.open();
        let input = Input::Range(Some("HEAD~2..HEAD".into()));
        let source = pipeline::source(&repository, &input, Some("x")).unwrap();
        let mut plan = pipeline::plan(&repository, source, &Layer::default(), pipeline::Start::Fresh, &|_| ()).unwrap().plan;
        plan.words.blurb = "Why.".into();
        plan.words.cover_all(&mut plan.campaign.series);
        pipeline::keep(&repository, &plan).unwrap();
        (repo, repository)
    }

    /// Posts the stored plan; what was heard, in a word each.
    fn posted(repository: &Repository, settings: &PostSettings) -> (Result<Posted, PostError>, Vec<String>) {
        let heard = RefCell::new(Vec::new());
        let progress = PostProgress {
            hear: &|event| {
                heard.borrow_mut().push(match event {
                    PostEvent::BaseNotPublic(_) => "base".to_owned(),
                    PostEvent::Misnamed { subject, .. } => format!("misnamed {subject}"),
                    PostEvent::Changed { version, next, .. } => format!("v{version} changed, v{next}"),
                    PostEvent::Unchanged { version, series } => format!("{} unchanged since v{version}", series.len()),
                    PostEvent::NotPosted(version) => format!("before v{version} nothing"),
                    PostEvent::Linted { is_refused, .. } => if is_refused { "refused" } else { "linted" }.to_owned(),
                    PostEvent::NoSubject(_) => "no subject".to_owned(),
                    PostEvent::Ready { mails, .. } => format!("{} series", mails.len()),
                    PostEvent::Frozen { version, resend, .. } => format!("v{version} frozen, {resend}"),
                });
                Ok(())
            },
            ask: None,
        };
        let plan = Posting::of(pipeline::load(repository, "x").unwrap());
        let result = post(repository, plan, settings, &progress);
        (result, heard.into_inner())
    }

    #[test]
    fn a_version_that_was_posted_stands_until_its_text_changes() {
        let (_repo, repository) = planned();
        let settings = PostSettings { posted: true, no_lint: true, ..PostSettings::default() };
        let heard = |settings: &PostSettings| {
            let (result, heard) = posted(&repository, settings);
            result.unwrap();
            heard.join("; ")
        };
        let first = heard(&settings);
        assert!(first.ends_with("1 series; v1 frozen, 0"), "{first}");
        let again = heard(&PostSettings { resend: true, ..settings.clone() });
        assert!(again.ends_with("v1 frozen, 1"), "{again}");
        let mut plan = pipeline::load(&repository, "x").unwrap();
        plan.campaign.patches[0].message = Message { subject: "doc: say it otherwise".into(), ..Message::default() };
        pipeline::keep(&repository, &plan).unwrap();
        let draft = PostSettings { draft: true, posted: false, ..settings.clone() };
        let next = heard(&draft);
        assert!(next.contains("v1 changed, v2"), "{next}");
        let (result, _) = posted(&repository, &PostSettings { version: Some(1), ..draft });
        assert!(matches!(result, Err(PostError::Posted(PostedError::Changed { version: 1, .. }))));
    }

    #[test]
    fn mails_that_would_be_sent_back_leave_no_trace() {
        let (repo, repository) = planned();
        let out = tempfile::tempdir().unwrap();
        let settings = PostSettings { output: Some(out.path().join("out")), ..PostSettings::default() };
        let (result, heard) = posted(&repository, &settings);
        assert!(matches!(result, Err(PostError::Refused { only_sign_offs: true })), "{heard:?}");
        assert_eq!(heard.last().map(String::as_str), Some("refused"));
        assert_eq!(repo.git(&["for-each-ref", "refs/heads/cleave"]), "");
        assert!(!out.path().join("out").exists());
        let (result, _) = posted(&repository, &PostSettings { draft: true, ..settings });
        result.unwrap();
        assert!(repo.git(&["for-each-ref", "refs/heads/cleave"]).contains("refs/heads/cleave/x/all"));
        assert!(out.path().join("out").is_dir());
    }
}
