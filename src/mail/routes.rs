//! Who gets each patch. Three sources name people: the project (MAINTAINERS or CODEOWNERS, for the paths and the text of the patch), the
//! trailers of the patch, and the recipient rules, which also take people away.
//!
//! ```text
//!   patch ──text──> owners (F: K: Fixes: in file) ┐
//!         ──trailers──> Cc:, …-by:, Fixes' author ┴──rank──> To, Cc ──rules──> more, fewer
//! ```
//!
//! `git send-email` would read the trailers too. The printed call tells it to add nobody ([`super::send`]), so this file reads them.

use std::collections::BTreeSet;

use bstr::{BStr, BString, ByteSlice};
use rayon::prelude::*;

use super::recipients::{self, Field, Named, OwnersLine, Recipient, Why};
use super::series::SIGNATURE;
use crate::analyze::project::{TreeFiles, owners};
use crate::git::format_patch::MailStyle;
use crate::git::{GitError, Repository};
use crate::mail::recipient_rules::{Asked, Rule, begins, is_address};
use crate::model::compose::{Layout, compose_file};
use crate::model::trailer::Trailer;
use crate::model::{EditSet, FileId, Mailbox, Patch, PatchIdx, Plan, Signature};
use crate::write::{Written, WrittenSeries};
use get_maintainer::{Because, Owner, Owners, PatchText};

/// Returns the recipients of each patch of the campaign, whose commits are `written`. `rules` are the recipient rules that can hold in its
/// base tree.
///
/// The sender gets no mail. Without a known sender, the author of each patch counts as its sender. Where author and sender differ, the
/// author gets the patch.
///
/// # Errors
/// When an object cannot be read or git cannot be run.
pub fn routes(
    repository: &Repository,
    plan: &Plan,
    written: &Written,
    rules: &[Rule],
    sender: Option<&Signature>,
) -> Result<Vec<Vec<Recipient>>, GitError> {
    let owners = owners(repository, &plan.change)?;
    let tree = TreeFiles::of(repository, plan.change.base_tree_id);
    let texts = match &owners {
        Owners::Maintainers(_) => texts(repository, plan, written)?,
        Owners::Codeowners(_) | Owners::Folders => Vec::new(),
    };
    let patches: Vec<(usize, &Patch)> = plan.campaign.patches.iter().enumerate().collect();
    let touched = touched(plan);
    patches
        .into_par_iter()
        .map(|(idx, patch)| {
            let paths = &touched[idx];
            let answer = match &owners {
                Owners::Maintainers(maintainers) => {
                    // The paths in the text may be in quotes.
                    maintainers.of_patch(&tree, &PatchText { paths: paths.clone(), ..maintainers.patch(&texts[idx]) })?
                }
                Owners::Codeowners(_) | Owners::Folders => {
                    owners.of_paths(&tree, &paths.iter().map(|path| path.as_bstr()).collect::<Vec<_>>())?
                }
            };
            let mut named: Vec<Named> = answer.owners.iter().flat_map(|owner| of_owner(&owners, owner, paths)).collect();
            named.extend(of_trailers(repository, patch, &owners));
            let sender = sender.unwrap_or(&patch.author);
            named.extend(of_author(&patch.author, sender));
            let mut all = recipients::recipients(&named, sender);
            obey(&mut all, rules, plan, (patch, sender), paths, &owners);
            Ok(all)
        })
        .collect()
}

/// Returns the patches whose subject does not begin as a rule demands, each with the beginning that the rule wants and the rule.
pub fn misnamed<'r>(plan: &Plan, rules: &'r [Rule]) -> Vec<(PatchIdx, &'r str, &'r Rule)> {
    let mut found = Vec::new();
    for (idx, (patch, paths)) in plan.campaign.patches.iter().zip(touched(plan)).enumerate() {
        let subject = patch.message.subject.as_bstr();
        let paths = paths.iter().map(|path| path.as_bstr()).collect();
        let asked = Asked { section: Some(plan.campaign.home(patch.home).name.as_bstr()), paths, subject, ..Asked::default() };
        let wanted = begins(rules, &asked).filter(|(beginning, _)| !subject.starts_with(beginning.as_bytes()));
        found.extend(wanted.map(|(beginning, rule)| (PatchIdx(idx), beginning, rule)));
    }
    found
}

/// Returns the paths that each patch touches, sorted, in campaign order; of a renamed file the old and the new one.
fn touched(plan: &Plan) -> Vec<Vec<BString>> {
    let layout = Layout::of(&plan.edits);
    let mut set = EditSet::empty(plan.edits.len());
    let mut all = Vec::with_capacity(plan.campaign.patches.len());
    for patch in &plan.campaign.patches {
        let files: BTreeSet<FileId> = patch.edits.iter().map(|&edit_id| plan.edits.get(edit_id).file_id).collect();
        // An error cannot happen: the check of the plan composed every patch.
        let path =
            |file_id, set: &EditSet| Some(compose_file(&plan.change, &plan.edits, &layout, file_id, set).ok().flatten()?.path);
        let mut paths: BTreeSet<BString> = files.iter().filter_map(|&file_id| path(file_id, &set)).collect();
        set.extend(patch.edits.iter().copied());
        paths.extend(files.iter().filter_map(|&file_id| path(file_id, &set)));
        all.push(paths.into_iter().collect());
    }
    all
}

/// Returns each patch as `git format-patch` writes it, in campaign order: keywords are looked for in its message, its diffstat and its diff.
fn texts(repository: &Repository, plan: &Plan, written: &Written) -> Result<Vec<Vec<u8>>, GitError> {
    let room = repository.clean_room(plan.change.tip_tree_id)?;
    let style = MailStyle { prefix: "PATCH".into(), version: 1, signature: SIGNATURE.into() };
    let of_series = |series: &WrittenSeries| room.format_patch(series.base, &series.commits, &style);
    let series: Vec<Vec<Vec<u8>>> = written.series.par_iter().map(of_series).collect::<Result<_, _>>()?;
    let mut texts = vec![Vec::new(); plan.campaign.patches.len()];
    for (series, bodies) in written.series.iter().zip(series) {
        for (patch_idx, body) in plan.campaign.series[series.series.0].patches.iter().zip(bodies) {
            texts[patch_idx.0] = body;
        }
    }
    Ok(texts)
}

/// Returns one entry for each reason why an owner is asked.
fn of_owner(owners: &Owners, owner: &Owner, paths: &[BString]) -> Vec<Named> {
    let path = |path_idx: Option<usize>| path_idx.and_then(|idx| paths.get(idx)).cloned().unwrap_or_default();
    let mut all = Vec::with_capacity(owner.reasons.len());
    for reason in &owner.reasons {
        let section = reason.section_idx.and_then(|section_idx| owners.section(section_idx));
        let line = |place| OwnersLine {
            section: section.map(|section| section.name.trim().into()),
            place: owners.shown(place),
            text: owners.line(reason.section_idx, place),
        };
        let why = match &reason.because {
            Because::Pattern(place) => {
                Why::Pattern { role: reason.role.clone(), line: line(*place), path: path(reason.path_idx) }
            }
            Because::Keyword(place) => Why::Keyword { role: reason.role.clone(), line: line(*place) },
            Because::InFile => Why::InFile(path(reason.path_idx)),
            Because::Fixes(commit) => Why::Fixes(commit.clone()),
            Because::History => Why::History(path(reason.path_idx)),
        };
        let catches_all = section.is_some_and(|section| section.is_the_rest());
        all.push(Named { mailbox: owner.mailbox.clone(), why, catches_all });
    }
    all
}

/// Returns whom the trailers of a patch name, as send-email would: `Cc:`, every `…-by:`, and who wrote the commit of `Fixes:`.
fn of_trailers(repository: &Repository, patch: &Patch, owners: &Owners) -> Vec<Named> {
    let mut all = Vec::new();
    for line in &patch.message.trailers {
        let Some(trailer) = Trailer::of(line.as_ref()) else { continue };
        let (mailboxes, why) = if trailer.is("Cc") || trailer.key.to_ascii_lowercase().ends_with(b"-by") {
            (Mailbox::read_list(without_note(&trailer.unfolded()), false), Why::Trailer(line.clone()))
        } else if trailer.is("Fixes") {
            let commit = trailer.value.split(|byte| *byte == b' ').next().unwrap_or_default().as_bstr();
            let Some(author) = author(repository, commit) else { continue };
            // The commit may be years old, and its author may have another address today.
            let author = match owners {
                Owners::Maintainers(maintainers) => maintainers.mapped(&author),
                Owners::Codeowners(_) | Owners::Folders => author,
            };
            (vec![author], Why::Fixes(commit.to_owned()))
        } else {
            continue;
        };
        all.extend(mailboxes.into_iter().map(|mailbox| Named { mailbox, why: why.clone(), catches_all: false }));
    }
    all
}

/// Takes off what people write behind addresses: `stable@vger.kernel.org # 5.10`.
fn without_note(value: &[u8]) -> &[u8] {
    match value.find(b" #") {
        Some(at) if value[..at].contains(&b'@') => value[..at].trim_end(),
        _ => value,
    }
}

/// Returns the author if somebody else sends the patch; send-email adds the author in that case too.
fn of_author(author: &Signature, sender: &Signature) -> Option<Named> {
    let mailbox = Mailbox::from(author);
    let why = Why::Trailer(bstr::concat([b"From: ", mailbox.printed().as_slice()]).into());
    (!author.email.eq_ignore_ascii_case(&sender.email)).then_some(Named { mailbox, why, catches_all: false })
}

/// Returns the author of a commit; none where the repository does not have it, or `commit` is no id.
fn author(repository: &Repository, commit: &BStr) -> Option<Mailbox> {
    let commit = commit.to_str().ok().filter(|id| id.len() >= 6 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    let author = repository.source_commit(repository.commit(commit).ok()?).ok()?.author;
    Some(Mailbox::from(&author))
}

/// Applies the recipient rules, one after the other: each sees the recipients that those before it left.
fn obey(
    all: &mut Vec<Recipient>,
    rules: &[Rule],
    plan: &Plan,
    (patch, sender): (&Patch, &Signature),
    paths: &[BString],
    owners: &Owners,
) {
    let home = plan.campaign.home(patch.home);
    let section = match owners {
        Owners::Maintainers(maintainers) => {
            maintainers.sections.iter().find(|section| section.name.trim() == home.name.as_slice())
        }
        Owners::Codeowners(_) | Owners::Folders => None,
    };
    let mut asked = Asked {
        trees: section.map(|section| section.trees().collect()).unwrap_or_default(),
        section: Some(home.name.as_bstr()),
        paths: paths.iter().map(|path| path.as_bstr()).collect(),
        subject: patch.message.subject.as_bstr(),
        recipients: Vec::new(),
        is_fix: patch.message.trailers().any(|trailer| trailer.is("Fixes")),
    };
    for rule in rules {
        asked.recipients = all.iter().map(|recipient| recipient.mailbox.email.clone()).collect();
        if !rule.holds(&asked) {
            continue;
        }
        let means = |pattern: &String, recipient: &Recipient| is_address(pattern.as_bytes(), &recipient.mailbox.email);
        all.retain(|recipient| !rule.remove.iter().any(|pattern| means(pattern, recipient)));
        for recipient in all.iter_mut() {
            let is_of =
                |pattern: &String| means(pattern, recipient) || recipient.reasons.iter().any(|why| has_role(why, pattern));
            recipient.own_only |= rule.own_only.iter().any(is_of);
        }
        let to = rule.to.iter().map(|mailbox| (Field::To, mailbox));
        for (field, mailbox) in to.chain(rule.cc.iter().map(|mailbox| (Field::Cc, mailbox))) {
            let why = Why::Rule { name: rule.name.clone(), why: rule.why.clone() };
            if is_address(&mailbox.email, &sender.email) {
                continue;
            }
            match all.iter_mut().find(|recipient| recipient.mailbox.key() == mailbox.key()) {
                Some(known) => {
                    if field < known.field {
                        known.field = field;
                        known.reasons.push(why);
                    }
                }
                None => all.push(Recipient { reasons: vec![why], ..Recipient::new(field, mailbox.clone()) }),
            }
        }
    }
    all.sort_by_key(|recipient| recipient.field);
    if let Some(first) = all.first_mut() {
        // A rule may have removed everybody in To, and send-email would write an empty header.
        first.field = Field::To;
    }
}

/// Whether a section names somebody in this role (`moderated list`).
fn has_role(why: &Why, role: &str) -> bool {
    why.role().is_some_and(|(own, line)| line.section.is_some() && own.word() == role)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_author_of_what_another_sends_gets_it() {
        let person = |name: &str, email: &str| Signature { name: name.into(), email: email.into(), time: "0 +0000".into() };
        let (ann, bob) = (person("Ann", "ann@x.org"), person("Bob", "bob@x.org"));
        let named = of_author(&ann, &bob).unwrap();
        assert_eq!(named.mailbox.shown(), "Ann <ann@x.org>");
        assert_eq!(named.why.to_string(), "the patch says 'From: Ann <ann@x.org>'");
        assert_eq!(recipients::recipients(&[named], &bob)[0].field, Field::Cc);
        assert!(of_author(&ann, &person("A.", "Ann@X.org")).is_none());
    }
}
