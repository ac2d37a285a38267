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
use crate::mail::posted::{self, PostedError, Record, ToFreeze, facts, records, same_text, since};
use crate::mail::{
    MailError, MailSettings, Recipient, Sending, SeriesMails, Thread, cc_all, configured_prefixes, mails, misnamed, routes,
    tree_prefixes, write,
};
use crate::model::{Mailbox, ObjectId, Plan, Signature};
use crate::pipeline::lint::{Worst, linted, worst};
use crate::pipeline::{self, PipelineError};
use crate::plan::todo::{Pending, TodoError, parse_words};
use crate::settings::{Layer, SettingsError, rules};
use crate::write::{Force, PlanError, Posting, SplitError, Written, checked, prepare, store, store_on};

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
    /// The version; without one the last that was posted, or the next where the text changed since.
    pub version: Option<u32>,
    /// Whether a version that was posted is sent again.
    pub resend: bool,
    /// Whether covers leave out the comparison with the version before.
    pub no_range_diff: bool,
    /// Whether texts may be missing that only a person can write.
    pub draft: bool,
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
    /// The text of this mail changed since the version was posted, so that the next version is made.
    Changed {
        /// The version that was posted.
        version: u32,
        /// The first mail that differs.
        mail: &'e str,
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
    let Made { all, settings: mail_settings, written } =
        made(repository, &mut plan, &prepared.written, &recipients, settings, progress)?;
    let (version, resend) = (mail_settings.version, mail_settings.resend);
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
    for series_idx in without_subject(&plan) {
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
        let frozen = ToFreeze { plan: &plan, written: &written, mails: &all, version, resend };
        posted::freeze(repository, frozen).map_err(PostError::from)?;
        (progress.hear)(PostEvent::Frozen { name: &plan.name, version, resend })?;
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
    let settings = PostSettings { draft: true, ..PostSettings::default() };
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

/// Takes the texts of a todo of words into the plan; `false` when the todo has none.
///
/// # Errors
/// When the todo cannot be read.
pub fn take_words(plan: &mut Posting, text: &str) -> Result<bool, TodoError> {
    let Some((campaign, words)) = parse_words(text, plan)? else { return Ok(false) };
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
    let Some((version, last)) = records(repository, &plan.name)?.pop_last() else { return Ok(None) };
    let written = store(repository, checked(plan)?)?;
    let patch_ids = posted::patch_ids(repository, plan, &written)?;
    let mut facts = facts(&last, plan, &patch_ids);
    facts.retain(|_, lines| !lines.is_empty());
    Ok(Some(Pending { version: version + 1, facts }))
}

/// Mails, with the version that they turned out to have among their settings.
struct Made {
    all: Vec<SeriesMails>,
    settings: MailSettings,
    /// The commits that the mails are of.
    written: Written,
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
    fn settings(&self, plan: &Plan, version: u32, resend: u32) -> MailSettings {
        let mut since = since(plan, &self.records, version, &self.patch_ids);
        if self.no_range_diff {
            since.values_mut().for_each(|since| since.against = None);
        }
        MailSettings { version, resend, since, ..self.settings.clone() }
    }

    fn made(&self, plan: &Posting, written: Written, settings: MailSettings) -> Result<Made, PostError> {
        let all = mails(self.repository, plan, &written, self.recipients, &settings)?;
        Ok(Made { all, settings, written })
    }

    /// Makes the mails of a version that was not posted, after asking what changed where nobody says it.
    fn new_version<E: From<PostError>>(
        &self,
        plan: &mut Posting,
        version: u32,
        progress: &PostProgress<'_, E>,
    ) -> Result<Made, E> {
        let is_silent = self.settings(plan, version, 0).since.values().any(|since| since.is_silent);
        if let Some((_, last)) = self.records.range(..version).next_back()
            && let Some(ask) = progress.ask.filter(|_| is_silent && !self.settings.draft)
        {
            let pending = Pending { version, facts: facts(last, plan, &self.patch_ids) };
            ask(plan, Some(&pending))?;
        }
        Ok(self.made(plan, self.written.clone(), self.settings(plan, version, 0))?)
    }

    /// Returns the commits of a version that was posted: trees that went on since do not change what it stands on.
    fn as_posted(&self, plan: &Posting, record: &Record) -> Result<Written, PostError> {
        match record.stood_on(plan) {
            Some(onto) => Ok(store_on(self.repository, checked(plan)?, &onto)?),
            None => Ok(self.written.clone()),
        }
    }
}

/// Makes the mails of the version that is meant.
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
    let known: Vec<u32> = material.records.keys().copied().collect();
    let version = version(settings.version, settings.resend, &known).map_err(PostError::from)?;
    if let Some(record) = material.records.get(&version) {
        // What is missing now was not missing when it was sent: then the text changed, and the next version asks for it.
        let of_record = MailSettings { draft: true, built: record.built(), ..material.settings(plan, version, 0) };
        let frozen = material.made(plan, material.as_posted(plan, record)?, of_record)?;
        return match (same_text(record, &frozen.all), settings.resend) {
            (Ok(()), false) => Ok(frozen),
            (Ok(()), true) => {
                let again = material.settings(plan, version, record.n_resends() + 1);
                let again = MailSettings { built: record.built(), ..again };
                Ok(material.made(plan, frozen.written, again)?)
            }
            // Nobody asked for this version by its number: the next one is meant.
            (Err(PostedError::Changed { mail, .. }), false) if settings.version.is_none() => {
                (progress.hear)(PostEvent::Changed { version, mail: &mail })?;
                material.new_version(plan, version + 1, progress)
            }
            (Err(error), _) => Err(PostError::from(error).into()),
        };
    }
    if version > 1 && !known.contains(&(version - 1)) {
        (progress.hear)(PostEvent::NotPosted(version))?;
    }
    material.new_version(plan, version, progress)
}

/// Returns the version that is meant, where `known` were posted: the one that is asked for, else the last, else the first.
fn version(asked: Option<u32>, resend: bool, known: &[u32]) -> Result<u32, PostedError> {
    let last = known.iter().copied().max();
    let version = asked.or(last).unwrap_or(1);
    match last {
        _ if known.contains(&version) => Ok(version),
        Some(last) if version < last => Err(PostedError::Past { version, last }),
        _ if resend => Err(PostedError::Never(version)),
        _ => Ok(version),
    }
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
        is_base_public: repository.is_public(plan.change.base_commit_id)?.unwrap_or(true),
        sender: sender(repository, plan),
        thread: settings.thread,
        draft: settings.draft,
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

    #[test]
    fn the_version_is_the_last_posted_unless_another_is_asked_for() {
        let of = |asked, resend, known: &[u32]| version(asked, resend, known).map_err(|error| error.to_string());
        assert_eq!(of(None, false, &[]), Ok(1));
        assert_eq!(of(None, false, &[1, 2]), Ok(2));
        assert_eq!(of(Some(5), false, &[1, 2]), Ok(5));
        assert_eq!(of(Some(1), true, &[1, 2]), Ok(1));
        assert_eq!(of(None, true, &[]), Err("v1 was not posted with --posted, so it cannot be sent again".into()));
        assert_eq!(of(Some(3), true, &[1]), Err("v3 was not posted with --posted, so it cannot be sent again".into()));
        assert_eq!(of(Some(1), false, &[2]), Err("v1 would come after v2, which was posted".into()));
    }

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
                    PostEvent::Changed { version, .. } => format!("v{version} changed"),
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
        assert!(next.contains("v1 changed"), "{next}");
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
