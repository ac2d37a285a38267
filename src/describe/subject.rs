//! The subject of a patch: where it works, and in a few words what it does there.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BStr, BString, ByteSlice};

use super::actions::{actions, main_names};
use super::entries;
use super::sources::Sources;
use super::text::{base_name, list};
use crate::model::address::shown;
use crate::model::path_kind::is_documentation;
use crate::model::{EditId, EditKind};

/// Subjects longer than this are cut short by most tools. Source: kernel `Documentation/process/submitting-patches.rst`.
const SUBJECT: usize = 72;

fn prefix(sources: &Sources<'_>, patch: &[EditId]) -> BString {
    prefix_of(sources, &sources.paths(patch))
}

/// Returns what subjects about these paths begin with. It is made of their folders, which may hold anything.
fn prefix_of<'p>(sources: &Sources<'_>, paths: impl IntoIterator<Item = &'p BString>) -> BString {
    shown((sources.prefix)(&paths.into_iter().map(|path| path.as_ref()).collect::<Vec<_>>()).as_ref()).into()
}

/// Returns the prefix of a patch of a bridge: that of the file with the bridge, or the one that fits all paths, or the folder with most of the code.
pub(super) fn bridge_prefix(sources: &Sources<'_>, patch: &[EditId]) -> BString {
    let path = |edit_id: EditId| sources.analysis.change.file(sources.analysis.edits.get(edit_id).file_id).path();
    let ends = sources.analysis.edits.bridges.iter().flat_map(|bridge| [bridge.put, bridge.take]).find(|end| patch.contains(end));
    if let Some(end) = ends {
        return prefix_of(sources, [&path(end).to_owned()]);
    }
    let all = prefix(sources, patch);
    if !all.is_empty() {
        return all;
    }
    let folder = |path: &BStr| -> BString { path[..path.rfind_byte(b'/').unwrap_or(0)].into() };
    let mut lines: BTreeMap<(bool, BString), usize> = BTreeMap::new();
    for &edit_id in patch {
        let key = (!is_documentation(path(edit_id)), folder(path(edit_id)));
        *lines.entry(key).or_default() += sources.weight(edit_id);
    }
    let most = lines.into_iter().max_by(|(one, n), (other, m)| one.0.cmp(&other.0).then(n.cmp(m)).then(other.1.cmp(&one.1)));
    let own = |most: BString| {
        let paths = sources.paths(patch);
        prefix_of(sources, paths.iter().filter(|path| folder(path.as_ref()) == most))
    };
    most.map_or(all, |((_, most), _)| own(most))
}

/// Returns `prefix: what it does`.
pub(super) fn subject(sources: &Sources<'_>, patch: &[EditId]) -> BString {
    let paths = sources.paths(patch);
    let prefix = prefix(sources, patch);
    let phrase = phrase(sources, patch, &paths);
    let mut subject: BString = bstr::concat([prefix.as_slice(), phrase.as_slice()]).into();
    if subject.len() > SUBJECT
        && let Some(cut) = subject[..SUBJECT].rfind(" and ").filter(|cut| *cut > prefix.len())
    {
        subject.truncate(cut);
    }
    subject
}

fn phrase(sources: &Sources<'_>, patch: &[EditId], paths: &[BString]) -> BString {
    let kinds = || patch.iter().map(|&edit_id| &sources.analysis.edits.get(edit_id).kind);
    let has = |wanted: EditKind| kinds().any(|kind| *kind == wanted);
    let file = |which: fn(&crate::model::FileChange) -> bool| -> Vec<BString> {
        let files: BTreeSet<_> = patch.iter().map(|&edit_id| sources.analysis.edits.get(edit_id).file_id).collect();
        // Code before documents, the longest first.
        let size = |file: &crate::model::FileChange| file.base_text().len().max(file.tip_text().len());
        let mut found: Vec<_> =
            files.into_iter().map(|file_id| sources.analysis.change.file(file_id)).filter(|file| which(file)).collect();
        found.sort_by_key(|file| (is_documentation(file.path()), std::cmp::Reverse(size(file))));
        found.into_iter().map(|file| base_name(file.path())).collect()
    };
    let (created, deleted) = (file(|file| file.base.is_none()), file(|file| file.tip.is_none()));
    let actions = actions(sources, patch);
    let say = |verb: &str, names: &[BString]| -> BString { bstr::concat([verb.as_bytes(), list(names, 2).as_slice()]).into() };
    let documents = paths.iter().all(|path| is_documentation(path.as_ref()));
    if kinds().all(|kind| *kind == EditKind::Mode) {
        return say("change the mode of ", &paths.iter().map(|path| base_name(path.as_ref())).collect::<Vec<_>>());
    }
    if let Some(phrase) = entries::phrase(sources, patch) {
        return phrase;
    }
    let new_lines: usize = patch
        .iter()
        .filter(|&&edit_id| sources.analysis.change.file(sources.analysis.edits.get(edit_id).file_id).base.is_none())
        .map(|&edit_id| sources.weight(edit_id))
        .sum();
    let all_lines: usize = patch.iter().map(|&edit_id| sources.weight(edit_id)).sum();
    // With a new file come its build line and its includes elsewhere; what it only takes over is a move.
    if has(EditKind::Create) && (created.len() == paths.len() || new_lines * 2 >= all_lines && actions.moves.is_empty()) {
        return say(if documents { "document " } else { "add " }, &created);
    }
    if has(EditKind::Delete) && deleted.len() == paths.len() {
        return say("remove ", &deleted);
    }
    if let (Some(gone), Some(new)) = (actions.removes.first(), actions.adds.first())
        && actions.removes.len() == actions.adds.len()
        && actions.adds.len() <= 2
    {
        return match actions.alike {
            true => bstr::concat([b"rename ", gone.as_slice(), b" to ", new.as_slice()]).into(),
            false => bstr::concat([b"add ", new.as_slice(), b", remove ", gone.as_slice()]).into(),
        };
    }
    if !actions.moves.is_empty() && actions.moves.len() >= actions.adds.len() {
        let moves = say("move ", &actions.moves);
        return actions.into.map_or(moves.clone(), |into| bstr::concat([moves.as_slice(), b" to ", into.as_slice()]).into());
    }
    if !actions.adds.is_empty() {
        return say("add ", &actions.adds);
    }
    if !actions.removes.is_empty() {
        return say("remove ", &actions.removes);
    }
    if !actions.changes.is_empty() {
        return say("change ", &actions.changes);
    }
    if let (Some(stop), Some(start)) = (actions.stops.first(), actions.starts.first())
        && actions.stops.len() + actions.starts.len() <= 4
    {
        return bstr::concat([b"use ", start.as_slice(), b" instead of ", stop.as_slice()]).into();
    }
    if let (Some(start), true) = (actions.starts.first(), actions.starts.len() <= 2) {
        return bstr::concat([b"use ", start.as_slice()]).into();
    }
    if let (Some(stop), true) = (actions.stops.first(), actions.stops.len() <= 2 && actions.starts.is_empty()) {
        return bstr::concat([b"stop using ", stop.as_slice()]).into();
    }
    let names = main_names(sources, patch);
    if names.is_empty() {
        let names: Vec<BString> = paths.iter().map(|path| base_name(path.as_ref())).collect();
        return say("update ", &names);
    }
    say("update ", &names)
}

/// Returns a subject that another patch has too with what tells this one apart: the function it works in, or its number.
pub(super) fn told_apart(sources: &Sources<'_>, subject: &BString, patch: &[EditId], nth: usize) -> BString {
    let names = main_names(sources, patch);
    let extra = match names.first() {
        Some(name) if subject.find(name.as_slice()).is_none() => bstr::concat([b" in ", name.as_slice()]),
        _ => format!(", part {nth}").into_bytes(),
    };
    bstr::concat([subject.as_slice(), &extra]).into()
}
