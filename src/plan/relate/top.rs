//! Lines at the top of a file that show it names: `#include`, and macros that a source defines for the headers it includes.
//!
//! `#define USE_X` above the includes shows names that headers hide otherwise; nothing in the source uses the macro itself. What a header shows is
//! unknown where it is not part of the change. So what a file uses for the first time comes after such lines, and what it ceases to use goes before
//! them. In a new file all of its includes come first, one after the other: a header may need those above it. An include that a header drops goes when
//! those have it that took it from there, and a macro by which code elsewhere may ask whether something is there (`HAVE_X`) comes after the rest of its
//! header. This orders edits and ties none.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BString, ByteSlice};

use super::Relations;
use crate::analyze::Analysis;
use crate::analyze::occurrences::{Context, NameSpace, Occurrence, Occurrences, Paths, writes};
use crate::lang::language;
use crate::model::path_kind::{PathKind, kind};
use crate::model::{Change, EditId, FileId, Reason, Role, SymbolKind};

/// The lines at the top of one file that come or go, in order, with what they are about.
#[derive(Default)]
struct Top<'p> {
    made: BTreeSet<(EditId, &'p BString)>,
    gone: BTreeSet<(EditId, &'p BString)>,
}

/// A new file with more includes than this is made by a program: nobody adds them one by one, and they are one piece.
const ONE_BY_ONE: usize = 100;

/// Whether the edit is one of those in the set.
fn has(lines: &BTreeSet<(EditId, &BString)>, edit_id: EditId) -> bool {
    let first = BString::default();
    lines.range((edit_id, &first)..).next().is_some_and(|(line, _)| *line == edit_id)
}

/// Adds the relations of such lines.
pub(super) fn relations(analysis: &Analysis, found: &mut Relations) {
    let Analysis { change, edits, occurrences, .. } = analysis;
    passed_on(change, occurrences, found);
    replaced(occurrences, found);
    shown_elsewhere(change, occurrences, found);
    seen_once(analysis, found);
    announced(analysis, found);
    let tops = tops(change, occurrences);
    if tops.is_empty() {
        return;
    }
    for (file_id, top) in &tops {
        let file = change.file(*file_id);
        if file.base.is_none() {
            let add = if top.made.len() > ONE_BY_ONE { Relations::together } else { Relations::before };
            in_order(top.made.iter(), |first, second, name| add(found, first, second, Reason::DefinedBeforeUse(name)));
        }
        if file.tip.is_none() {
            let add = if top.gone.len() > ONE_BY_ONE { Relations::together } else { Relations::before };
            in_order(top.gone.iter().rev(), |first, second, name| {
                add(found, first, second, Reason::LastUseBeforeRemoval(name));
            });
        }
    }
    for (edit_id, edit) in edits.iter().filter(|(_, edit)| edit.splice().is_some()) {
        let Some(top) = tops.get(&edit.file_id) else { continue };
        let file = change.file(edit.file_id);
        let first = || first_uses(analysis, edit_id, edit.file_id, Role::GainsUse, |occurrence| occurrence.added_by.is_none());
        // The lines of a new file stand in a row: what comes after the last of them comes after all.
        let made = top.made.iter().rev().take(if file.base.is_none() { 1 } else { usize::MAX });
        if !top.made.is_empty() && !has(&top.made, edit_id) && (file.base.is_none() || first()) {
            for (line, name) in made {
                found.before(*line, edit_id, Reason::DefinedBeforeUse((*name).clone()));
            }
        }
        let last = || first_uses(analysis, edit_id, edit.file_id, Role::LosesUse, |occurrence| occurrence.removed_by.is_none());
        if !top.gone.is_empty() && !has(&top.gone, edit_id) && (file.tip.is_none() || last()) {
            // A line that is replaced goes when its successor comes.
            let leaves = top.gone.iter().filter(|(line, _)| !has(&top.made, *line));
            for (line, name) in leaves.rev().take(if file.tip.is_none() { 1 } else { usize::MAX }) {
                found.before(edit_id, *line, Reason::LastUseBeforeRemoval((*name).clone()));
            }
        }
    }
}

/// Adds the order of an include that one file drops and another one takes, one of which is a header: who saw something through it sees it all the time.
fn passed_on(change: &Change, occurrences: &Occurrences, found: &mut Relations) {
    let is_header = |file_id: FileId| language(change.file(file_id).path()).is_included();
    for (_, list) in occurrences.names.iter().filter(|((space, _), _)| *space == NameSpace::Header) {
        let lines = || list.iter().filter(|place| place.role == Role::Uses);
        for old in lines().filter(|line| line.removed_by.is_some()) {
            let same = |new: &&Occurrence| {
                new.file_id != old.file_id && (new.shape.ends_with(&old.shape) || old.shape.ends_with(&new.shape))
            };
            for new in lines().filter(same).filter(|new| is_header(new.file_id) || is_header(old.file_id)) {
                if let (Some(made), Some(gone)) = (new.added_by, old.removed_by) {
                    found.before(made, gone, Reason::Moved(new.shape.clone()));
                }
            }
        }
    }
}

/// Adds the order of the includes that a file takes and drops: the new ones may show what the old ones did.
fn replaced(occurrences: &Occurrences, found: &mut Relations) {
    let mut of_file: BTreeMap<FileId, [Vec<(EditId, &BString)>; 2]> = BTreeMap::new();
    for (_, list) in occurrences.names.iter().filter(|((space, _), _)| *space == NameSpace::Header) {
        for line in list.iter().filter(|line| line.role == Role::Uses) {
            let [made, gone] = of_file.entry(line.file_id).or_default();
            made.extend(line.added_by.map(|edit_id| (edit_id, &line.shape)));
            gone.extend(line.removed_by.map(|edit_id| (edit_id, &line.shape)));
        }
    }
    for [made, gone] in of_file.values() {
        for (new, _) in made {
            for (old, name) in gone {
                found.before(*new, *old, Reason::Seen(format!("what {name} shows").into()));
            }
        }
    }
}

/// Adds the order of an include of a header outside the change, and of a name that a file uses all the time and that another header shows it at one end
/// only: at the other end the name is seen through that include. A declaration may be seen twice, a definition may not.
fn shown_elsewhere(change: &Change, occurrences: &Occurrences, found: &mut Relations) {
    let is_header = |file_id: FileId| language(change.file(file_id).path()).is_included();
    let mut lines: BTreeMap<FileId, Vec<&Occurrence>> = BTreeMap::new();
    for (_, list) in occurrences.names.iter().filter(|((space, _), _)| *space == NameSpace::Header) {
        list.iter().filter(|line| line.role == Role::Uses).for_each(|line| lines.entry(line.file_id).or_default().push(line));
    }
    let ends = |place: &Occurrence| [place.removed_by, place.added_by];
    let paths = Paths::of(change);
    let outside: BTreeMap<FileId, Vec<&Occurrence>> = lines
        .iter()
        .map(|(file_id, all)| {
            let moves = all.iter().copied().filter(|line| ends(line).iter().any(Option::is_some));
            (*file_id, moves.filter(|line| !paths.has(line)).collect::<Vec<_>>())
        })
        .filter(|(_, moves)| !moves.is_empty())
        .collect();
    if outside.is_empty() {
        return;
    }
    for ((space, name), list) in &occurrences.names {
        if !matches!(space, NameSpace::Ordinary | NameSpace::Tag) {
            continue;
        }
        let stays = list.iter().filter(|place| place.role == Role::Uses && ends(place) == [None, None]);
        let users: BTreeSet<FileId> = stays.map(|place| place.file_id).filter(|file_id| outside.contains_key(file_id)).collect();
        for user in users {
            let heads = || {
                let is_shown = |place: &&Occurrence| place.file_id == user || is_header(place.file_id);
                list.iter().filter(|place| place.role != Role::Uses).filter(is_shown)
            };
            // A line goes when the head comes, and comes when the head goes.
            for (side, end) in
                [(0, heads().all(|head| head.added_by.is_some())), (1, heads().all(|head| head.removed_by.is_some()))]
            {
                let includes = |head: &Occurrence| {
                    let path = |line: &&&Occurrence| writes(line.shape.as_ref(), change.file(head.file_id).path());
                    lines[&user].iter().filter(path).any(|line| ends(line)[side].is_none())
                };
                for head in heads().filter(|head| end && includes(head)) {
                    for line in outside[&user].iter().filter_map(|line| ends(line)[side]) {
                        let Some(other) = ends(head)[1 - side] else { continue };
                        let reason = Reason::Seen(name.clone());
                        match (head.role, side) {
                            (Role::Declares, 0) => found.before(other, line, reason),
                            (Role::Declares, _) => found.before(line, other, reason),
                            _ => found.together(other, line, reason),
                        }
                    }
                }
            }
        }
    }
}

/// Adds the order of an include that comes or goes and what its header gains or loses: the file never sees what it sees at neither end.
fn seen_once(analysis: &Analysis, found: &mut Relations) {
    let Analysis { change, edits, facts, occurrences } = analysis;
    let mut heads: BTreeMap<FileId, BTreeMap<EditId, bool>> = BTreeMap::new();
    for (edit_id, edit) in edits.iter().filter(|(_, edit)| language(change.file(edit.file_id).path()).is_included()) {
        let roles = || facts.of(edit_id).iter().map(|fact| fact.role);
        let (gains, loses) = (roles().any(|role| role == Role::Defines), roles().any(|role| role == Role::DropsDefinition));
        if gains || loses {
            heads.entry(edit.file_id).or_default().insert(edit_id, !gains);
        }
    }
    for (_, list) in occurrences.names.iter().filter(|((space, _), _)| *space == NameSpace::Header) {
        for line in list.iter().filter(|place| place.role == Role::Uses) {
            let meant = heads.iter().filter(|(header, _)| writes(line.shape.as_ref(), change.file(**header).path()));
            for (&edit_id, &is_loss) in meant.flat_map(|(_, edit_ids)| edit_ids) {
                if let Some(gone) = line.removed_by {
                    found.before(gone, edit_id, Reason::LastUseBeforeRemoval(line.shape.clone()));
                }
                if let Some(made) = line.added_by.filter(|_| is_loss) {
                    found.before(edit_id, made, Reason::ChangesShape(line.shape.clone()));
                }
            }
        }
    }
}

/// How macros are named that say what is there.
const ANNOUNCES: &[&str] = &["HAVE_", "HAS_", "_HAVE", "_HAS", "ENABLE_", "USE_", "SUPPORTS_"];

/// Adds the order of a macro in a header that nothing in the change asks for: it may wake code that is there already.
fn announced(analysis: &Analysis, found: &mut Relations) {
    let Analysis { change, edits, facts, occurrences } = analysis;
    for ((space, name), list) in &occurrences.names {
        let [head] = list.as_slice() else { continue };
        let is_flag = *space == NameSpace::Ordinary && head.kind == SymbolKind::Macro && head.arguments.is_none();
        let Some(made) = head.added_by.filter(|_| is_flag && ANNOUNCES.iter().any(|word| name.contains_str(word))) else {
            continue;
        };
        if !language(change.file(head.file_id).path()).is_included() {
            continue;
        }
        let defines = |edit_id: EditId| {
            facts.of(edit_id).iter().any(|fact| {
                matches!(fact.role, Role::Defines | Role::Declares) && facts.symbols.get(fact.symbol_id).kind != SymbolKind::Macro
            })
        };
        for (edit_id, _) in edits.iter().filter(|(_, edit)| edit.file_id == head.file_id).filter(|(edit_id, _)| defines(*edit_id))
        {
            found.before(edit_id, made, Reason::Guarded(name.clone()));
        }
    }
}

fn in_order<'p>(lines: impl Iterator<Item = &'p (EditId, &'p BString)>, mut add: impl FnMut(EditId, EditId, BString)) {
    let mut last: Option<EditId> = None;
    for (line, name) in lines {
        if let Some(last) = last.replace(*line) {
            add(last, *line, (*name).clone());
        }
    }
}

/// Whether an edit uses a name that nothing in the change defines, and that the file has nowhere at the other end.
fn first_uses(analysis: &Analysis, edit_id: EditId, file_id: FileId, role: Role, stays: fn(&Occurrence) -> bool) -> bool {
    let Analysis { change, facts, occurrences, .. } = analysis;
    // A declaration alone does not show what a record holds, and a definition in another source shows nothing.
    let shows = |place: &Occurrence, space: &NameSpace| match place.role {
        Role::Uses => false,
        Role::Declares if *space == NameSpace::Tag => false,
        _ => place.file_id == file_id || language(change.file(place.file_id).path()).is_included(),
    };
    facts.of(edit_id).iter().filter(|fact| fact.role == role).any(|fact| {
        let symbol = facts.symbols.get(fact.symbol_id);
        let space = match symbol.kind {
            SymbolKind::Name => NameSpace::Ordinary,
            SymbolKind::Type if symbol.name.contains(&b' ') => NameSpace::Tag,
            _ => return false,
        };
        let list = occurrences.names.get(&(space.clone(), symbol.name.clone()));
        // Behind a pointer among parameters, a tag needs less than in code.
        let looks = |place: &Occurrence| space != NameSpace::Tag || place.context == Context::Value || place.inside.is_some();
        let is_own = |place: &Occurrence| place.added_by == Some(edit_id) || place.removed_by == Some(edit_id);
        list.is_some_and(|list| {
            let is_looked_into = list.iter().any(|place| is_own(place) && looks(place));
            let is_enough = |place: &Occurrence| !is_looked_into || looks(place);
            !list.iter().any(|place| shows(place, &space))
                && !list.iter().any(|place| place.file_id == file_id && stays(place) && is_enough(place))
        })
    })
}

fn tops<'p>(change: &Change, occurrences: &'p Occurrences) -> BTreeMap<FileId, Top<'p>> {
    let mut tops: BTreeMap<FileId, Top<'_>> = BTreeMap::new();
    let mut add = |occurrence: &'p Occurrence, name: &'p BString| {
        let line = |edit_id: EditId| (edit_id, name);
        if occurrence.added_by.is_some() || occurrence.removed_by.is_some() {
            let top = tops.entry(occurrence.file_id).or_default();
            top.made.extend(occurrence.added_by.map(line));
            top.gone.extend(occurrence.removed_by.map(line));
        }
    };
    for ((space, name), list) in &occurrences.names {
        match space {
            NameSpace::Header => {
                list.iter()
                    .filter(|occurrence| occurrence.role == Role::Uses)
                    .for_each(|occurrence| add(occurrence, &occurrence.shape));
            }
            NameSpace::Ordinary => {
                for occurrence in
                    list.iter().filter(|occurrence| occurrence.kind == SymbolKind::Macro && occurrence.role == Role::Defines)
                {
                    let is_source = kind(change.file(occurrence.file_id).path()) == PathKind::C;
                    let alone = !list.iter().any(|other| other.file_id == occurrence.file_id && other != occurrence);
                    if is_source && occurrence.arguments.is_none() && alone {
                        add(occurrence, name);
                    }
                }
            }
            NameSpace::Tag | NameSpace::Field | NameSpace::Local(..) | NameSpace::Object => {}
        }
    }
    tops
}
