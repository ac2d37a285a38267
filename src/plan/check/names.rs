//! One name over all steps: when its occurrences come and go, and from which step to which something is wrong with it.

use std::collections::{BTreeMap, BTreeSet};

use bstr::BString;

use super::finding::Finding;
use super::rules::{Fault, Wrong, faults, shown};
use super::scope::Scope;
use crate::analyze::occurrences::{NameSpace, Occurrence};
use crate::model::diagnosis::DiagnosisKind;
use crate::model::{FileId, Role};

/// The product of steps, occurrences and files up to which a name is looked at in each step. Beyond it only the first and the last step are looked at in
/// which one of its occurrences comes or goes.
const LOOKS_AT_MOST: usize = 2_000_000;

/// Finds from which step to which something is wrong with a name.
pub(super) fn findings(scope: &Scope<'_>, (space, name): &(NameSpace, BString), places: &[Occurrence]) -> Vec<Finding> {
    let n_patches = scope.times.n_patches();
    // What nothing in the change defines or declares is others' to define, always.
    if places.iter().all(|place| place.role == Role::Uses) {
        return Vec::new();
    }
    let mut times: BTreeSet<usize> = BTreeSet::new();
    for place in places {
        let (from, to) = scope.span(place);
        times.extend([from, to].into_iter().filter(|time| (1..n_patches).contains(time)));
    }
    times.extend(places.iter().filter(|place| place.role == Role::Defines).flat_map(|place| scope.build_times(place.file_id)));
    let files: BTreeSet<FileId> = places.iter().map(|place| place.file_id).collect();
    if places.iter().any(|place| place.role != Role::Uses && scope.is_header(place.file_id)) {
        times.extend(files.iter().flat_map(|&file_id| scope.include_times(file_id)));
    }
    if times.is_empty() {
        return Vec::new();
    }
    if times.len() * places.len() * files.len() > LOOKS_AT_MOST {
        times = times.first().into_iter().chain(times.last()).copied().collect();
    }
    let known: BTreeSet<(Wrong, FileId)> = [0, n_patches]
        .into_iter()
        .flat_map(|time| faults(scope, (space, name), places, &BTreeSet::new(), time))
        .map(|fault| (fault.wrong, fault.file_id))
        .collect();
    let mut open: BTreeMap<(Wrong, FileId), Finding> = BTreeMap::new();
    let mut out = Vec::new();
    for &time in &times {
        let now: Vec<Fault> = faults(scope, (space, name), places, &known, time)
            .into_iter()
            .filter(|fault| !known.contains(&(fault.wrong, fault.file_id)))
            .collect();
        let ended: Vec<_> =
            open.keys().filter(|key| !now.iter().any(|fault| (fault.wrong, fault.file_id) == **key)).copied().collect();
        for key in ended {
            if let Some(finding) = open.remove(&key) {
                out.push(Finding { until: time - 2, ..finding });
            }
        }
        for fault in now {
            let place = &places[fault.place];
            let finding = open.entry((fault.wrong, fault.file_id)).or_insert_with(|| Finding {
                step: time - 1,
                until: n_patches - 2,
                path: scope.change.file(fault.file_id).path().to_owned(),
                line: 0,
                kind: kind(fault.wrong),
                symbol: shown(space, name, place),
                mend: Vec::new(),
                at: Some((fault.file_id, place.order)),
            });
            finding.mend.extend(fault.mend);
        }
    }
    out.extend(open.into_values());
    out
}

fn kind(wrong: Wrong) -> DiagnosisKind {
    match wrong {
        Wrong::Undeclared | Wrong::Incomplete | Wrong::Undefined => DiagnosisKind::Undeclared,
        Wrong::Twice | Wrong::Disagree => DiagnosisKind::Redefined,
        Wrong::Unused => DiagnosisKind::Unused,
        Wrong::Arguments => DiagnosisKind::ArgumentCount,
        Wrong::Member => DiagnosisKind::MissingMember,
        Wrong::Include => DiagnosisKind::MissingHeader,
        Wrong::Source => DiagnosisKind::MissingRule,
    }
}
