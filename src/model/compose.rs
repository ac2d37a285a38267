//! What a set of edits yields: a Text and a closed set of edits → bytes, mode and path of each file.
//!
//! The meaning of an edit is defined here and nowhere else. Every set that is closed under `requires` has one result, whatever
//! order its edits are named in; the empty set yields the base, the whole set the tip. Cost: the texts of the files asked for,
//! plus the edits in them.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use bstr::{BStr, BString};

use super::change::{Change, Content, FileId};
use super::edit::{EditId, EditKind, EditSet, Edits, TextId};
use super::object::{Mode, ObjectId};
use cleave_c::span::Span;

/// How a file stands after some edits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileState {
    /// Its path.
    pub path: BString,
    /// Its mode.
    pub mode: Mode,
    /// What it holds.
    pub data: Data,
}

/// What a file holds after some edits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Data {
    /// An object that the repository has already: the base's or the tip's own.
    Object(ObjectId),
    /// Bytes that neither side has as a whole.
    Bytes(Arc<[u8]>),
}

/// Why a set of edits has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// The set is not closed: the first requires the second.
    #[error("edit {} is there without edit {}, which it requires", .0.0, .1.0)]
    Open(EditId, EditId),
    /// Both replace the same bytes.
    #[error("edits {} and {} replace the same bytes", .0.0, .1.0)]
    Overlap(EditId, EditId),
    /// The edit points outside its text.
    #[error("edit {} points outside its text", .0.0)]
    Outside(EditId),
    /// Two files at one path, or a file where another needs a folder.
    #[error("two files claim the path '{0}'")]
    Path(BString),
}

/// The edits of a change by the text and the file they refer to: made once, used for every set.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    by_text: HashMap<TextId, Vec<EditId>>,
    by_file: HashMap<FileId, Vec<EditId>>,
}

impl Layout {
    /// Sorts the edits by where they act.
    pub fn of(edits: &Edits) -> Self {
        let mut layout = Layout::default();
        for (edit_id, edit) in edits.iter() {
            match &edit.kind {
                EditKind::Splice { text, .. } => layout.by_text.entry(*text).or_default().push(edit_id),
                EditKind::Create | EditKind::Delete | EditKind::Rename | EditKind::Mode | EditKind::Replace => {
                    layout.by_file.entry(edit.file_id).or_default().push(edit_id);
                }
            }
        }
        let place = |edit_id: &EditId| match &edits.get(*edit_id).kind {
            EditKind::Splice { span, ordinal, .. } => (span.start, *ordinal, span.end),
            _ => (0, 0, 0),
        };
        #[expect(clippy::iter_over_hash_type, reason = "each list is sorted on its own; nothing depends on which comes first")]
        for list in layout.by_text.values_mut() {
            list.sort_by_key(place);
        }
        layout
    }

    /// Returns the edits of a text in its order.
    pub fn of_text(&self, text_id: TextId) -> &[EditId] {
        self.by_text.get(&text_id).map_or(&[], Vec::as_slice)
    }
}

/// Returns the bytes that an edit puts in, after the edits of `set` that refer to them. Does not look whether the edit itself is in it.
///
/// # Errors
/// When edits of the set overlap or point outside their text.
pub fn compose_inserted<'e>(
    edits: &'e Edits,
    layout: &Layout,
    edit_id: EditId,
    set: &EditSet,
) -> Result<Cow<'e, [u8]>, ComposeError> {
    let (text_id, insert) = (TextId::Inserted(edit_id), edits.get(edit_id).inserted());
    if !layout.of_text(text_id).iter().any(|&edit_id| set.has(edit_id)) {
        return Ok(insert.into());
    }
    let mut out = Vec::with_capacity(insert.len());
    compose_text(edits, layout, text_id, insert, set, &mut out)?;
    Ok(out.into())
}

/// Returns every file of the change after the edits of `set`, by path; files that are not there are left out.
///
/// # Errors
/// When the set is not closed, its edits overlap, or two files would stand at one path.
pub fn compose(change: &Change, edits: &Edits, set: &EditSet) -> Result<BTreeMap<BString, FileState>, ComposeError> {
    if let Some((edit_id, missing)) = set.gap(edits) {
        return Err(ComposeError::Open(edit_id, missing));
    }
    let layout = Layout::of(edits);
    let mut files = BTreeMap::new();
    for (file_id, _) in change.files() {
        if let Some(state) = compose_file(change, edits, &layout, file_id, set)?
            && let Some(other) = files.insert(state.path.clone(), state)
        {
            return Err(ComposeError::Path(other.path));
        }
    }
    match folder_clash(files.keys().map(|path| path.as_ref())) {
        Some(path) => Err(ComposeError::Path(path.to_owned())),
        None => Ok(files),
    }
}

/// Returns one file after the edits of `set`, or `None` when it is not there. Does not look whether the set is closed.
///
/// # Errors
/// When edits of the set overlap or point outside their text.
pub fn compose_file(
    change: &Change,
    edits: &Edits,
    layout: &Layout,
    file_id: FileId,
    set: &EditSet,
) -> Result<Option<FileState>, ComposeError> {
    let file = change.file(file_id);
    let mut there = file.base.is_some();
    let (mut renamed, mut new_mode, mut replaced) = (false, false, false);
    for &edit_id in layout.by_file.get(&file_id).into_iter().flatten().filter(|&&edit_id| set.has(edit_id)) {
        match edits.get(edit_id).kind {
            EditKind::Create => there = true,
            EditKind::Delete => there = false,
            EditKind::Rename => renamed = true,
            EditKind::Mode => new_mode = true,
            EditKind::Replace => replaced = true,
            EditKind::Splice { .. } => {}
        }
    }
    if !there {
        return Ok(None);
    }
    let side = |tip: bool| if tip { file.tip.as_ref().or(file.base.as_ref()) } else { file.base.as_ref().or(file.tip.as_ref()) };
    let named = side(renamed).expect("a file change has a side");
    let moded = side(new_mode).expect("a file change has a side");
    let held = side(replaced).expect("a file change has a side");
    let data = match (&held.content, &file.base) {
        (Content::Opaque(_), _) => Data::Object(held.object_id),
        (Content::Text(_), _) if replaced => Data::Object(held.object_id),
        (Content::Text(_), base) => {
            let text_id = TextId::File(file_id);
            let touched = layout.of_text(text_id).iter().any(|&edit_id| set.has(edit_id));
            match base {
                Some(base) if !touched => Data::Object(base.object_id),
                _ => {
                    let mut out = Vec::with_capacity(file.base_text().len().max(file.tip_text().len()));
                    compose_text(edits, layout, text_id, file.base_text(), set, &mut out)?;
                    match &file.tip {
                        Some(tip) if out == tip.text() => Data::Object(tip.object_id),
                        _ => Data::Bytes(out.into()),
                    }
                }
            }
        }
    };
    Ok(Some(FileState { path: named.path.clone(), mode: moded.mode, data }))
}

/// Where a run of bytes of a step's file comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// The base of the file, or what an edit inserts.
    pub text: TextId,
    /// Which bytes of it; never empty.
    pub span: Span,
}

/// Returns the text of a file after the edits of `set` as the runs it is made of, in order; `None` when the file is not there or not made of
/// text. Does not look whether the set is closed.
///
/// # Errors
/// When edits of the set overlap or point outside their text.
pub fn runs(
    change: &Change,
    edits: &Edits,
    layout: &Layout,
    file_id: FileId,
    set: &EditSet,
) -> Result<Option<Vec<Run>>, ComposeError> {
    let file = change.file(file_id);
    let is = |kind: &EditKind| {
        layout.by_file.get(&file_id).into_iter().flatten().any(|&edit_id| set.has(edit_id) && edits.get(edit_id).kind == *kind)
    };
    let there = (file.base.is_some() || is(&EditKind::Create)) && !is(&EditKind::Delete);
    if !there || !file.is_text() || is(&EditKind::Replace) {
        return Ok(None);
    }
    let mut runs = Vec::new();
    walk(edits, layout, TextId::File(file_id), file.base_text(), set, &mut |text, _, span| {
        if !span.is_empty() {
            runs.push(Run { text, span });
        }
    })?;
    Ok(Some(runs))
}

/// Writes `text` with the edits of `set` to `out`, into inserted texts too.
fn compose_text(
    edits: &Edits,
    layout: &Layout,
    text_id: TextId,
    text: &[u8],
    set: &EditSet,
    out: &mut Vec<u8>,
) -> Result<(), ComposeError> {
    walk(edits, layout, text_id, text, set, &mut |_, text, span| out.extend_from_slice(&text[span.range()]))
}

/// Shows to `show`, in order, each run of bytes that `text` is made of with the edits of `set`: its text, the bytes of that, and which of them.
fn walk(
    edits: &Edits,
    layout: &Layout,
    text_id: TextId,
    text: &[u8],
    set: &EditSet,
    show: &mut dyn FnMut(TextId, &[u8], Span),
) -> Result<(), ComposeError> {
    let mut at = 0;
    let mut last = None;
    for &edit_id in layout.of_text(text_id).iter().filter(|&&edit_id| set.has(edit_id)) {
        let Some((_, span, insert)) = edits.get(edit_id).splice() else { continue };
        if span.end > text.len() {
            return Err(ComposeError::Outside(edit_id));
        }
        if let Some(last) = last
            && span.start < at
        {
            return Err(ComposeError::Overlap(last, edit_id));
        }
        show(text_id, text, Span::new(at, span.start));
        at = span.end;
        last = Some(edit_id);
        walk(edits, layout, TextId::Inserted(edit_id), insert, set, show)?;
    }
    show(text_id, text, Span::new(at, text.len()));
    Ok(())
}

/// Returns a path that is a file and also a folder of another path. Paths come sorted by bytes.
fn folder_clash<'p>(paths: impl Iterator<Item = &'p BStr>) -> Option<&'p BStr> {
    let all: std::collections::BTreeSet<&BStr> = paths.collect();
    all.iter().copied().find(|path| {
        let mut folder = path.to_vec();
        folder.push(b'/');
        let next = all.range::<BStr, _>((std::ops::Bound::Excluded(BStr::new(&folder)), std::ops::Bound::Unbounded)).next();
        next.is_some_and(|next| next.starts_with(&folder))
    })
}
