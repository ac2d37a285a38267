//! The mails of a plan → what a mailing list would say of them, and the messages of the stored plan mended.

use std::collections::BTreeSet;

use bstr::{BStr, BString};

use crate::analyze::project::{TreeFiles, owners_at};
use crate::git::{GitError, Repository};
use crate::mail::SeriesMails;
use crate::mail::lint::{Finding, Fix, MailSet, Severity, World, documents, lint, named_commits, new_files};
use crate::model::{ObjectId, Plan};
use get_maintainer::Tree;

/// Applies the rules that hold in a tree.
///
/// # Errors
/// When an object cannot be read or git cannot be run.
pub fn linted(repository: &Repository, tree_id: ObjectId, postings: &[MailSet]) -> Result<Vec<Finding>, GitError> {
    Ok(lint(postings, &world(repository, tree_id, postings)?))
}

/// Finds out what rules know besides the mails.
///
/// # Errors
/// When an object cannot be read or git cannot be run.
pub fn world(repository: &Repository, tree_id: ObjectId, postings: &[MailSet]) -> Result<World, GitError> {
    let objects = repository.objects();
    let documents = documents(|path| Ok::<_, GitError>(objects.entry(tree_id, BStr::new(path))?.is_some()))?;
    let new = new_files(postings);
    let mut unowned = BTreeSet::new();
    if !new.is_empty() && objects.entry(tree_id, BStr::new("MAINTAINERS"))?.is_some() {
        let owners = owners_at(repository, tree_id, tree_id)?;
        let folders = TreeFiles::of(repository, tree_id);
        let is_rest = |path: &BStr| owners.home(path, &|path| folders.is_folder(path)).name == "THE REST";
        unowned = new.into_iter().filter(|path| is_rest(path)).map(BString::from).collect();
    }
    Ok(World { documents, commits: repository.named(&named_commits(postings))?, unowned })
}

/// What findings say of mails that are about to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worst {
    /// No more than notes.
    Nothing,
    /// Warnings.
    Warning,
    /// Errors, each of them a sign-off that is missing.
    SignOff,
    /// Errors.
    Error,
}

/// Returns the worst that findings say.
pub fn worst(findings: &[Finding]) -> Worst {
    let mut errors = findings.iter().filter(|finding| finding.severity == Severity::Error).peekable();
    if errors.peek().is_some() {
        return if errors.all(|finding| finding.rule == "signed-off-missing") { Worst::SignOff } else { Worst::Error };
    }
    let warns = findings.iter().any(|finding| finding.severity == Severity::Warning);
    if warns { Worst::Warning } else { Worst::Nothing }
}

/// A message of the stored plan that was mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MendedMessage {
    /// The patch's id, or `cover of <series>`.
    pub of: String,
    /// What was done.
    pub fix: Fix,
}

/// Mends the messages of the stored plan for which findings have a fix. `posting` is what is posted of it, of which the mails are.
pub fn mend(
    stored: &mut Plan,
    plan: &Plan,
    mails: &[SeriesMails],
    postings: &[MailSet],
    findings: &[Finding],
) -> Vec<MendedMessage> {
    let mut mended = Vec::new();
    for finding in findings {
        let Some(fix) = finding.fix else { continue };
        let (posting_idx, letter_idx) = finding.mail;
        let of = match postings[posting_idx].letters[letter_idx].patch {
            Some(patch_idx) => {
                let patch_id = &plan.campaign.patch(patch_idx).patch_id;
                let patch = stored.campaign.patches.iter_mut().find(|patch| patch.patch_id == *patch_id);
                patch.and_then(|patch| fix.apply(&mut patch.message).then(|| patch.patch_id.clone()))
            }
            None => {
                let name = &plan.campaign.series[mails[posting_idx].series.0].name;
                let series = stored.campaign.series.iter_mut().find(|series| series.name == *name);
                series.and_then(|series| {
                    let is_mended = fix.apply(&mut series.cover);
                    is_mended.then(|| {
                        stored.words.of_series(name).cover = Some(series.cover.clone());
                        format!("cover of {name}")
                    })
                })
            }
        };
        mended.extend(of.map(|of| MendedMessage { of, fix }));
    }
    mended
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::lint::Place;

    fn finding(severity: Severity, rule: &'static str) -> Finding {
        Finding {
            rule: rule.into(),
            severity,
            mail: (0, 0),
            place: Place::Mail,
            text: BString::default(),
            message: String::new(),
            source: String::new(),
            fix: None,
        }
    }

    #[test]
    fn an_error_outweighs_what_else_is_said() {
        let of = |findings: &[(Severity, &'static str)]| {
            worst(&findings.iter().map(|&(severity, rule)| finding(severity, rule)).collect::<Vec<_>>())
        };
        assert_eq!(of(&[]), Worst::Nothing);
        assert_eq!(of(&[(Severity::Note, "a")]), Worst::Nothing);
        assert_eq!(of(&[(Severity::Note, "a"), (Severity::Warning, "b")]), Worst::Warning);
        assert_eq!(of(&[(Severity::Warning, "b"), (Severity::Error, "signed-off-missing")]), Worst::SignOff);
        assert_eq!(of(&[(Severity::Error, "signed-off-missing"), (Severity::Error, "c")]), Worst::Error);
    }
}
