//! What all names of a change share: when edits come, which headers of the change a file sees at a time, and when build files name a source.

use std::collections::BTreeMap;

use bstr::{BStr, ByteSlice};
use fixedbitset::FixedBitSet;

use super::times::Times;
use crate::analyze::occurrences::{NameSpace, Occurrence, Occurrences, last_part, writes};
use crate::lang::language;
use crate::model::{Change, EditId, FileId, Role};

/// When edits come, and what files see and build at a time.
pub(in crate::plan) struct Scope<'c> {
    pub(super) change: &'c Change,
    pub(super) times: &'c Times,
    /// Of each file whether others include it.
    headers: Vec<bool>,
    /// Of each file its includes of files of the change.
    includes: BTreeMap<FileId, Vec<Include>>,
    /// Of each file that has some, all that it reaches through them at either end.
    at_ends: BTreeMap<FileId, FixedBitSet>,
    /// Whether what a file reaches depends on the time: an include that comes or goes is among what it goes through.
    moves: FixedBitSet,
    /// Of each source that build files of the change name, when they do.
    built: BTreeMap<FileId, Vec<BuildLine>>,
}

/// A line that builds a source.
struct BuildLine {
    from: usize,
    to: usize,
    removed_by: Option<EditId>,
    added_by: Option<EditId>,
}

/// An include of a file of the change: what it means, the first time it is there and the first when it is not any more, who makes it.
struct Include {
    header: FileId,
    from: usize,
    to: usize,
    added_by: Option<EditId>,
    removed_by: Option<EditId>,
}

impl<'c> Scope<'c> {
    pub(in crate::plan) fn of(change: &'c Change, occurrences: &Occurrences, times: &'c Times) -> Self {
        let headers: Vec<bool> = change.files.iter().map(|file| language(file.path()).is_included()).collect();
        let mut by_name: BTreeMap<&BStr, Vec<(FileId, &BStr)>> = BTreeMap::new();
        for (file_id, file) in change.files() {
            for entry in file.base.iter().chain(&file.tip) {
                by_name.entry(last_part(entry.path.as_ref())).or_default().push((file_id, entry.path.as_ref()));
            }
        }
        let mut scope = Scope {
            change,
            times,
            headers,
            includes: BTreeMap::new(),
            at_ends: BTreeMap::new(),
            built: BTreeMap::new(),
            moves: FixedBitSet::with_capacity(change.files.len()),
        };
        let includes = occurrences.names.iter().filter(|((space, _), _)| *space == NameSpace::Header).flat_map(|(_, list)| list);
        for place in includes.filter(|place| place.role == Role::Uses) {
            let (from, to) = scope.span(place);
            let candidates = by_name.get(last_part(place.shape.as_ref())).into_iter().flatten();
            let mut meant: Vec<FileId> =
                candidates.filter(|(_, path)| writes(place.shape.as_ref(), path)).map(|(file_id, _)| *file_id).collect();
            meant.dedup();
            let include = |header: FileId| Include { header, from, to, added_by: place.added_by, removed_by: place.removed_by };
            scope.includes.entry(place.file_id).or_default().extend(meant.into_iter().map(include));
        }
        for (_, list) in occurrences.names.iter().filter(|((space, _), _)| *space == NameSpace::Object) {
            let (sources, lines): (Vec<&Occurrence>, Vec<&Occurrence>) =
                list.iter().partition(|place| place.role == Role::Defines);
            for line in lines {
                let (from, to) = scope.span(line);
                let path = change.file(line.file_id).path();
                for source in sources.iter().filter(|source| builds(path, line.shape.as_ref(), source.shape.as_ref())) {
                    scope.built.entry(source.file_id).or_default().push(BuildLine {
                        from,
                        to,
                        removed_by: line.removed_by,
                        added_by: line.added_by,
                    });
                }
            }
        }
        let at_ends = |file_id: FileId| {
            let mut reached = scope.reached(file_id, 0);
            reached.union_with(&scope.reached(file_id, times.n_patches()));
            reached
        };
        scope.at_ends = scope.includes.keys().map(|&file_id| (file_id, at_ends(file_id))).collect();
        scope.moves = scope.moving();
        scope
    }

    /// Finds the files whose includes come or go, and all that include them at any time.
    fn moving(&self) -> FixedBitSet {
        let mut included_by: BTreeMap<FileId, Vec<FileId>> = BTreeMap::new();
        let mut open: Vec<FileId> = Vec::new();
        for (&file_id, includes) in &self.includes {
            includes.iter().for_each(|include| included_by.entry(include.header).or_default().push(file_id));
            if includes.iter().any(|include| include.from > 0 || include.to < usize::MAX) {
                open.push(file_id);
            }
        }
        let mut moving = FixedBitSet::with_capacity(self.change.files.len());
        while let Some(file_id) = open.pop() {
            if !moving.put(file_id.idx()) {
                open.extend(included_by.get(&file_id).into_iter().flatten());
            }
        }
        moving
    }

    /// Returns the first time at which a place is there and the first after that at which it is not.
    pub(super) fn span(&self, place: &Occurrence) -> (usize, usize) {
        self.times.span(place)
    }

    pub(super) fn there(&self, place: &Occurrence, time: usize) -> bool {
        let (from, to) = self.span(place);
        from <= time && time < to
    }

    pub(in crate::plan) fn is_header(&self, file_id: FileId) -> bool {
        self.headers[file_id.idx()]
    }

    /// Whether a file sees the header at a time. A header that it never includes through files of the change is taken to be seen through others.
    pub(super) fn sees(&self, file_id: FileId, header: FileId, time: usize) -> bool {
        !self.is_ever_seen(file_id, header) || self.surely_sees(file_id, header, time)
    }

    /// Whether a file sees the header at a time through files of the change.
    pub(super) fn surely_sees(&self, file_id: FileId, header: FileId, time: usize) -> bool {
        self.is_ever_seen(file_id, header)
            && (!self.moves.contains(file_id.idx()) || self.reaches(file_id, Some(header), time).contains(header.idx()))
    }

    fn is_ever_seen(&self, file_id: FileId, header: FileId) -> bool {
        self.at_ends.get(&file_id).is_some_and(|reached| reached.contains(header.idx()))
    }

    /// Returns the files of the change that a file includes at a time, through each other too.
    fn reached(&self, file_id: FileId, time: usize) -> FixedBitSet {
        self.reaches(file_id, None, time)
    }

    /// The same, but no further than to the file that is looked for.
    fn reaches(&self, file_id: FileId, wanted: Option<FileId>, time: usize) -> FixedBitSet {
        let mut seen = FixedBitSet::with_capacity(self.change.files.len());
        let mut open = vec![file_id];
        while let Some(at) = open.pop() {
            let edges = self.includes.get(&at).into_iter().flatten();
            for edge in edges.filter(|edge| edge.from <= time && time < edge.to) {
                if !seen.put(edge.header.idx()) {
                    open.push(edge.header);
                }
                if Some(edge.header) == wanted {
                    return seen;
                }
            }
        }
        seen
    }

    /// Whether a source is built at a time; one that no build file of the change names is.
    pub(super) fn is_built(&self, file_id: FileId, time: usize) -> bool {
        self.built.get(&file_id).is_none_or(|lines| lines.iter().any(|line| line.from <= time && time < line.to))
    }

    /// Returns the inner times at which a source comes to be built or ceases to.
    pub(super) fn build_times(&self, file_id: FileId) -> impl Iterator<Item = usize> {
        let lines = self.built.get(&file_id).into_iter().flatten();
        lines.flat_map(|line| [line.from, line.to]).filter(|time| (1..self.times.n_patches()).contains(time))
    }

    /// Returns the inner times at which an include of a file of the change comes to a file or leaves it.
    pub(super) fn include_times(&self, file_id: FileId) -> impl Iterator<Item = usize> {
        let edges = self.includes.get(&file_id).into_iter().flatten();
        edges.flat_map(|edge| [edge.from, edge.to]).filter(|time| (1..self.times.n_patches()).contains(time))
    }

    /// Returns the edits that will build a source, and that have ceased to.
    pub(super) fn builders(&self, file_id: FileId, time: usize) -> (Option<EditId>, Option<EditId>) {
        let lines = || self.built.get(&file_id).into_iter().flatten();
        let next = lines().filter(|line| line.from > time).min_by_key(|line| line.from).and_then(|line| line.added_by);
        let last = lines().filter(|line| line.to <= time).max_by_key(|line| line.to).and_then(|line| line.removed_by);
        (next, last)
    }

    /// Returns the edit that took the last include of a header from a file.
    pub(super) fn last_include(&self, file_id: FileId, header: FileId, time: usize) -> Option<EditId> {
        let edges = self.includes.get(&file_id).into_iter().flatten();
        let gone = edges
            .filter(|edge| edge.to <= time && (edge.header == header || self.reached(edge.header, time).contains(header.idx())));
        gone.max_by_key(|edge| edge.to).and_then(|edge| edge.removed_by)
    }

    /// Returns the edit that will bring the next include of a header to a file.
    pub(in crate::plan) fn next_include(&self, file_id: FileId, header: FileId, time: usize) -> Option<EditId> {
        let edges = self.includes.get(&file_id).into_iter().flatten();
        let pending = edges.filter(|edge| {
            edge.from > time && (edge.header == header || self.reached(edge.header, edge.from).contains(header.idx()))
        });
        pending.min_by_key(|edge| edge.from).and_then(|edge| edge.added_by)
    }
}

/// Whether the build file at `path` that names `object` can mean the source `made`: it may put a folder before what it lists (`$(addprefix …)`).
pub(in crate::plan) fn builds(path: &BStr, object: &BStr, made: &BStr) -> bool {
    let folder: &[u8] = &path[..path.rfind_byte(b'/').map_or(0, |at| at + 1)];
    let word: &[u8] = object.strip_prefix(folder).unwrap_or(object);
    let below = || made.strip_suffix(word).is_some_and(|rest| rest.starts_with(folder) && rest.ends_with(b"/"));
    object == made || below()
}
