//! Series → branches that `b4` takes for its own.
//!
//! ```text
//!   base ── what it needs ── cover ── 1 ── 2 ── 3     refs/heads/cleave/<change>/b4/<series>
//!                            │
//!                            an empty commit: subject, text, To: and Cc: as trailers, then what b4 keeps in JSON
//! ```
//!
//! `b4 prep -n` would write into the user's configuration; b4 needs none of it where the cover letter is a commit, which is its default. Source:
//! `b4/ez.py` of b4 0.16, `store_cover`, `load_cover`, `find_cover_commit` and `get_prep_branch_as_patches`.
//!
//! What b4 does of itself is left to it: Message-IDs, shortlog, diffstat, base. All mails of a series go to everybody in the cover letter; a
//! commit whose message names people goes to these too. b4 looks for covers that its user committed within a year.

use bstr::{BString, ByteSlice};
use serde::Serialize;

use super::{CoverLetter, MailSettings, SeriesMails, prefix};
use crate::git::Repository;
use crate::git::new_commit::NewCommit;
use crate::model::{Campaign, ObjectId, Plan, SeriesIdx, Signature};
use crate::plan::change_id::change_id;
use crate::write::branches::{self, B4, BranchSet};
use crate::write::{Force, SplitError, Written, WrittenSeries};

/// What b4 looks for.
const MARKER: &str = "--- b4-submit-tracking ---\n# This section is used internally by b4 prep for tracking purposes.\n";

/// What b4 keeps, in its own words.
#[derive(Debug, Serialize)]
struct Tracking<'t> {
    series: TrackedSeries<'t>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct TrackedSeries<'t> {
    revision: u32,
    change_id: String,
    prefixes: Vec<&'t str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    prerequisites: Vec<String>,
}

/// A branch for b4.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct B4Branch {
    /// Which series it holds.
    pub series: SeriesIdx,
    /// Its full name.
    pub name: String,
    /// Its last commit.
    pub tip: ObjectId,
}

/// b4 looks for cover letters that are at most this old, in seconds.
const YEAR: u64 = 365 * 24 * 60 * 60;

/// Whether b4 would not find the cover letters of a change with this committer, whose time they have; `now` is seconds since 1970.
pub fn is_too_old(committer: &Signature, now: u64) -> bool {
    let time = committer.time.split(' ').next().and_then(|seconds| seconds.parse::<u64>().ok());
    time.is_some_and(|time| time + YEAR < now)
}

/// Writes a branch for each series, all or none. `mails` are those of the same plan and commits.
///
/// # Errors
/// When an object cannot be written, or a branch must not be moved: b4's user has made something else of it, or has it checked out.
pub fn branches(
    repository: &Repository,
    plan: &Plan,
    written: &Written,
    mails: &[SeriesMails],
    settings: &MailSettings,
    force: Force,
) -> Result<Vec<B4Branch>, SplitError> {
    let sender = settings.sender.as_ref().unwrap_or(&plan.change.committer);
    let objects = repository.objects();
    let mut all = Vec::with_capacity(mails.len());
    for mails in mails {
        let Some(own) = written.series.iter().find(|own| own.series == mails.series) else { continue };
        let message = cover(&mails.letter, &tracking(plan, own, &mails.letter, settings));
        let commit = |tree_id, parent, author: &Signature, committer: &Signature, message: &BString| {
            let new = NewCommit { tree_id, parents: &[parent], author, committer, message: message.as_ref() };
            objects.write_commit(&new)
        };
        let mut tip = commit(repository.tree_of(own.base)?, own.base, sender, sender, &message)?;
        for (commit_id, patch_idx) in own.commits.iter().zip(&plan.campaign.series[own.series.0].patches) {
            let patch = plan.campaign.patch(*patch_idx);
            let tree_id = repository.tree_of(*commit_id)?;
            tip = commit(tree_id, tip, &patch.author, &plan.change.committer, &patch.message.text())?;
        }
        let name = branches::branch(&plan.name, &format!("{B4}/{}", plan.campaign.series[own.series.0].name));
        all.push(B4Branch { series: own.series, name, tip });
    }
    let wanted: Vec<(&str, ObjectId)> = all.iter().map(|branch| (branch.name.as_str(), branch.tip)).collect();
    let moves = branches::moves(repository, &plan.name, BranchSet::B4, &wanted, force)?;
    objects.keep(repository)?;
    repository.edit_refs(&moves, "cleave: b4")?;
    Ok(all)
}

fn tracking<'t>(plan: &Plan, own: &WrittenSeries, letter: &CoverLetter, settings: &'t MailSettings) -> Tracking<'t> {
    let series_idx = own.series;
    let Campaign { series, .. } = &plan.campaign;
    let needs = plan.campaign.all_needs(series_idx);
    let mut prerequisites: Vec<String> = needs
        .iter()
        .map(|needed| {
            let name = &series[needed.0].name;
            format!("change-id: {}:v{}", change_id(plan, name), settings.number(name).version)
        })
        .collect();
    prerequisites.extend(letter.prerequisites.iter().map(|patch_id| format!("patch-id: {patch_id}")));
    if !prerequisites.is_empty() && !plan.change.base_tree_id.is_empty_tree() {
        // Otherwise b4 would name the last commit that the series needs, which nobody else has.
        prerequisites.push(format!("base-commit: {}", own.root));
    }
    let number = settings.number(&series[series_idx.0].name);
    let resend = (number.resend > 0).then_some("RESEND");
    Tracking {
        series: TrackedSeries {
            revision: number.version,
            change_id: change_id(plan, &series[series_idx.0].name),
            prefixes: prefix::words(settings, series_idx).into_iter().chain(resend).collect(),
            prerequisites,
        },
    }
}

/// Returns the message of the commit that holds a cover letter.
fn cover(letter: &CoverLetter, tracking: &Tracking<'_>) -> BString {
    let mut out = letter.subject.clone();
    out.extend_from_slice(b"\n\n");
    for line in letter.text.trim().lines() {
        // b4 leaves out lines that begin with a hash sign, but for these.
        out.extend_from_slice(if line.starts_with(b"#") { b">" } else { b"" });
        out.extend_from_slice(line);
        out.push(b'\n');
    }
    out.push(b'\n');
    for (field, people) in [("To", &letter.to), ("Cc", &letter.cc)] {
        for address in people {
            out.extend_from_slice(&bstr::concat([field.as_bytes(), b": ", address.as_slice(), b"\n"]));
        }
    }
    out.push(b'\n');
    out.extend_from_slice(MARKER.as_bytes());
    let json = serde_json::to_string_pretty(tracking).expect("names and numbers are JSON");
    out.extend_from_slice(json.as_bytes());
    out.push(b'\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cover_holds_words_people_and_what_b4_keeps() {
        let letter = CoverLetter {
            subject: "KVM: s390: untangle gmap".into(),
            text: "It never was untangled.\n\n# of users: 3\n".into(),
            to: vec!["\"Last, First\" <first@example.org>".into(), "kvm@example.org".into()],
            cc: vec!["Jörg <j@example.org>".into()],
            prerequisites: Vec::new(),
            built: BString::default(),
        };
        let prerequisites =
            ["change-id: 20260101-gmap-mm-0123456789ab:v2", "patch-id: 4e9aacdb", "base-commit: 984376d6"].map(str::to_owned);
        let series = TrackedSeries {
            revision: 2,
            change_id: "20260101-gmap-kvm-ba9876543210".into(),
            prefixes: vec!["RFC"],
            prerequisites: prerequisites.into(),
        };
        insta::assert_snapshot!(cover(&letter, &Tracking { series }), @r#"
        KVM: s390: untangle gmap

        It never was untangled.

        ># of users: 3

        To: "Last, First" <first@example.org>
        To: kvm@example.org
        Cc: Jörg <j@example.org>

        --- b4-submit-tracking ---
        # This section is used internally by b4 prep for tracking purposes.
        {
          "series": {
            "revision": 2,
            "change-id": "20260101-gmap-kvm-ba9876543210",
            "prefixes": [
              "RFC"
            ],
            "prerequisites": [
              "change-id: 20260101-gmap-mm-0123456789ab:v2",
              "patch-id: 4e9aacdb",
              "base-commit: 984376d6"
            ]
          }
        }
        "#);
    }
}
