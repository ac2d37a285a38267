//! What differs between a posted version and the next, and what the mails say of it.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BString, ByteSlice};
use sha2::{Digest, Sha256};

use super::before;
use super::record::{PostedPatch, PostedSeries, Record};
use crate::mail::Number;
use crate::model::wording::NO_CHANGES;
use crate::model::{ObjectId, Patch, Plan, Series, hex};

/// Where mails of the lists are found by their Message-ID. Source: b4's `linkmask`.
const ARCHIVE: &str = "https://lore.kernel.org/r/";

/// What is said of a series that did not change.
const NO_FACTS: &str = "- no changes to these patches";

/// What a series says of its earlier versions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Since {
    /// `Changes in v2:` and so on, newest first, each with a link to the version before, in b4's form.
    pub changelog: BString,
    /// The version before, with what it stood on and its last commit, to be compared with this one.
    pub against: Option<(u32, ObjectId, ObjectId)>,
    /// Whether something changed, and nobody says why.
    pub is_silent: bool,
}

/// Returns for each of these series what its mails say of the versions before the one that is named for it.
///
/// What a person said of a version stands as they wrote it, also of one before which none was posted: then without a link. Of a version of which
/// nobody says anything it is said that the series did not change, where that is so. `patch_ids` are those of the plan's patches, in campaign order.
pub fn since(
    plan: &Plan,
    records: &BTreeMap<u32, Record>,
    numbers: &BTreeMap<String, Number>,
    patch_ids: &[String],
) -> BTreeMap<String, Since> {
    let known = facts(records, plan, numbers, patch_ids);
    let of_series = |series: &Series, version: u32| {
        let mut since = Since::default();
        let words = plan.words.series.get(&series.name);
        for number in (2..=version).rev() {
            let said = words.and_then(|words| words.changelogs.get(&number));
            let was_posted = records.get(&number).is_some_and(|record| record.series(&series.name).is_some());
            let before = before(records, &series.name, number).filter(|_| number == version || was_posted);
            if said.is_none() && before.is_none() {
                continue;
            }
            let mut block = format!("Changes in v{number}:\n").into_bytes();
            match said {
                Some(said) => block.extend_from_slice(&harmless(said)),
                None => {
                    let facts = known.get(&series.name).filter(|_| number == version).map_or(&[][..], Vec::as_slice);
                    since.is_silent |= !facts.is_empty();
                    block.extend_from_slice(if facts.is_empty() { NO_FACTS } else { NO_CHANGES }.as_bytes());
                    facts.iter().for_each(|fact| block.extend_from_slice(format!("\n- {fact}").as_bytes()));
                }
            }
            block.push(b'\n');
            if let Some(record) = before {
                if let Some(mail) = record.first_mail(&series.name) {
                    block.extend_from_slice(format!("- Link to v{}: {ARCHIVE}{}\n", record.version, mail.message_id).as_bytes());
                }
                if number == version {
                    since.against = against(record, &series.name);
                }
            }
            if !since.changelog.is_empty() {
                since.changelog.push(b'\n');
            }
            since.changelog.extend_from_slice(&block);
        }
        since
    };
    let all = plan.campaign.series.iter().filter_map(|series| Some((series, numbers.get(&series.name)?.version)));
    let all = all.map(|(series, version)| (series.name.clone(), of_series(series, version)));
    all.filter(|(_, since)| *since != Since::default()).collect()
}

fn against(record: &Record, series: &str) -> Option<(u32, ObjectId, ObjectId)> {
    let series = record.series(series)?;
    Some((record.version, series.base.parse().ok()?, series.tip.parse().ok()?))
}

/// Puts a blank before lines that a program would take for the beginning of a diff or the end of a message.
fn harmless(text: &BString) -> BString {
    let is_read = |line: &[u8]| [&b"--"[..], b"diff -", b"Index: ", b"From "].iter().any(|start| line.starts_with(start));
    let lines = text.lines().map(|line| if is_read(line) { [b" ", line].concat() } else { line.to_vec() });
    bstr::join("\n", lines.collect::<Vec<_>>()).into()
}

/// Returns for each series of the plan that was posted before the version that is named for it, or at all, what is known to have changed since: a line
/// each, for a person to go on from. `patch_ids` are those of the plan's patches, in campaign order.
pub fn facts(
    records: &BTreeMap<u32, Record>,
    plan: &Plan,
    numbers: &BTreeMap<String, Number>,
    patch_ids: &[String],
) -> BTreeMap<String, Vec<String>> {
    let names: BTreeSet<&str> = records.values().flat_map(|record| &record.series).map(|series| series.name.as_str()).collect();
    let last = |name: &str| {
        let version = numbers.get(name).map_or(u32::MAX, |number| number.version);
        let record = before(records, name, version)?;
        Some((record, record.series(name)?))
    };
    let posted: BTreeMap<&str, (&Record, &PostedSeries)> =
        names.into_iter().filter_map(|name| Some((name, last(name)?))).collect();
    if posted.is_empty() {
        return BTreeMap::new();
    }
    let all: Vec<(&str, &PostedPatch)> =
        posted.iter().flat_map(|(name, (_, series))| series.patches.iter().map(|patch| (*name, patch))).collect();
    let mut facts = BTreeMap::new();
    let mut followed = vec![false; all.len()];
    for series in &plan.campaign.series {
        let mut lines = Vec::new();
        let n_patches = series.patches.len();
        for (number, patch_idx) in series.patches.iter().enumerate() {
            let patch = plan.campaign.patch(*patch_idx);
            let (subject, patch_id) = (patch.message.subject.to_str_lossy().into_owned(), &patch_ids[patch_idx.0]);
            let name = format!("patch {}/{n_patches} \"{subject}\"", number + 1);
            let same_id = all.iter().position(|(_, old)| old.id == patch.patch_id);
            let place = same_id.or_else(|| all.iter().position(|(_, old)| !patch_id.is_empty() && old.patch_id == *patch_id));
            let Some(place) = place.filter(|place| !std::mem::replace(&mut followed[*place], true)) else {
                lines.push(format!("{name}: new"));
                continue;
            };
            let (was_in, old) = all[place];
            if was_in != series.name {
                lines.push(format!("{name}: was in series {was_in}"));
            }
            if old.patch_id != *patch_id {
                lines.push(format!("{name}: changed"));
            }
            if old.subject != subject {
                lines.push(format!("{name}: was \"{}\"", old.subject));
            } else if old.message != said(patch) {
                lines.push(format!("{name}: reworded"));
            }
        }
        facts.insert(series.name.clone(), lines);
    }
    for ((series, old), _) in all.iter().zip(&followed).filter(|(_, followed)| !**followed) {
        if let Some(lines) = facts.get_mut(*series) {
            lines.push(format!("dropped \"{}\"", old.subject));
        }
    }
    facts.retain(|name, _| posted.contains_key(name.as_str()));
    for (name, lines) in &mut facts {
        let (record, series) = posted[name.as_str()];
        // A series that was posted under the same number later may have had another base.
        let base = if series.branch.is_empty() && !series.root.is_empty() { &series.root } else { &record.base };
        if *base != plan.change.base_commit_id.to_string() {
            lines.push(format!("based on {} instead of {}", plan.change.base_commit_id.short(), short(base)));
        }
    }
    facts
}

/// Returns a hash of what a patch says and of who says it.
pub(super) fn said(patch: &Patch) -> String {
    let mut hash = Sha256::new();
    for part in [&patch.message.text(), &patch.author.name, &patch.author.email] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_slice());
    }
    hex(&hash.finalize()[..6])
}

fn short(commit_id: &str) -> String {
    commit_id.chars().take(12).collect()
}
