//! The pieces a change is cut into.
//!
//! ```text
//!  Text (a base file)      a b c d e f g            an edit replaces a span of a Text by bytes;
//!                            └┬┘     ^              the bytes are a Text too, which later
//!  E1: [1,3) -> "XYZ"        XYZ     │              edits may refer to: E3 `requires` E1
//!  E2: [6,6) -> "!"           ^      !
//!  E3: in E1, [1,2) -> "-"   X-Z
//! ```

use std::collections::BTreeMap;

use bstr::BString;
use fixedbitset::FixedBitSet;

use super::change::{Change, FileId};
use cleave_c::span::Span;

/// Names an [`Edit`] by its place in [`Edits`]; the order is that of files and, within one, of the tip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EditId(pub u32);

impl EditId {
    /// Returns the place in [`Edits`].
    pub fn idx(self) -> usize {
        self.0 as usize
    }

    /// Returns the id of the edit at `idx`.
    pub fn at(idx: usize) -> Self {
        EditId(u32::try_from(idx).expect("fewer edits than 2^32"))
    }
}

/// A run of bytes that edits refer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TextId {
    /// The base of a file; empty for a file that the change creates.
    File(FileId),
    /// The bytes that another edit inserts.
    Inserted(EditId),
}

/// The smallest piece that can go alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The file it changes.
    pub file_id: FileId,
    /// What it does to it.
    pub kind: EditKind,
    /// Edits without which it has no meaning, sorted: the maker of its Text, the creation of its file, what frees its path.
    pub requires: Vec<EditId>,
    /// Where the inserted bytes stand in the file's tip; `None` for bytes that the tip does not hold, and for path edits.
    pub tip_span: Option<Span>,
    /// The name of the top-level item around it, a part of its address: in C that which holds what it puts in, else what it takes
    /// away. Empty at file scope, in other languages, and for an edit into inserted text, which has its maker's.
    pub item: BString,
}

/// What an edit does to its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditKind {
    /// Replaces `span` of `text` by `insert`.
    Splice {
        /// The Text referred to.
        text: TextId,
        /// Bytes of it that go.
        span: Span,
        /// Bytes that come.
        insert: BString,
        /// Place among the insertions at one offset, in the order of the tip.
        ordinal: u32,
    },
    /// Makes the file, empty, with the tip's mode. Its contents are edits that require this one.
    Create,
    /// Removes the file. Requires all edits that empty it.
    Delete,
    /// Gives it the tip's path.
    Rename,
    /// Gives it the tip's mode.
    Mode,
    /// Gives it the tip's object as a whole: binary and large files, symlinks, submodules.
    Replace,
}

impl Edit {
    /// Returns text, span and inserted bytes of a splice.
    pub fn splice(&self) -> Option<(TextId, Span, &BString)> {
        match &self.kind {
            EditKind::Splice { text, span, insert, .. } => Some((*text, *span, insert)),
            EditKind::Create | EditKind::Delete | EditKind::Rename | EditKind::Mode | EditKind::Replace => None,
        }
    }

    /// Returns the bytes it takes away from the base file; empty unless it is a splice of one.
    pub fn removed<'c>(&self, change: &'c Change) -> &'c [u8] {
        match self.splice() {
            Some((TextId::File(file_id), span, _)) => &change.file(file_id).base_text()[span.range()],
            _ => b"",
        }
    }

    /// Returns the bytes it puts in; empty for a path edit.
    pub fn inserted(&self) -> &[u8] {
        self.splice().map_or(b"", |(_, _, insert)| insert)
    }

    /// Returns the span of the base file it replaces, unless it is a path edit or an edit into inserted text.
    pub fn base_span(&self) -> Option<Span> {
        match self.splice() {
            Some((TextId::File(_), span, _)) => Some(span),
            _ => None,
        }
    }
}

/// All edits of a change, those of bridges included, indexed by [`EditId`].
#[derive(Debug, Clone, Default)]
pub struct Edits {
    /// The edits in id order.
    pub all: Vec<Edit>,
    /// Blocks that left one place and stand in another.
    pub moves: Vec<Move>,
    /// Pairs that stand for an edit of the change. Their edits follow those of the change, two a bridge, in the order of this list.
    pub bridges: Vec<Bridge>,
}

impl Edits {
    /// Returns the edit named by `edit_id`.
    pub fn get(&self, edit_id: EditId) -> &Edit {
        &self.all[edit_id.idx()]
    }

    /// Returns each edit with its id, in order.
    pub fn iter(&self) -> impl Iterator<Item = (EditId, &Edit)> {
        self.all.iter().enumerate().map(|(idx, edit)| (EditId::at(idx), edit))
    }

    /// Returns the number of edits.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Returns the edits that the patches must hold, each exactly once: all but those that a bridge stands for.
    pub fn whole(&self) -> EditSet {
        let mut set = EditSet::full(self.len());
        for bridge in &self.bridges {
            set.remove(bridge.superseded);
        }
        set
    }

    /// Returns a list of one value an edit with the values of bridges added: those of the edits that they stand for. `of_edit` has a value for
    /// each edit of the change.
    pub fn with_bridges<T: Clone>(&self, mut of_edit: Vec<T>) -> Vec<T> {
        for bridge in &self.bridges {
            let value = of_edit[bridge.superseded.idx()].clone();
            of_edit.extend([value.clone(), value]);
        }
        of_edit
    }

    /// Returns the ids of the edits of each file that has any, in order.
    pub fn by_file(&self) -> BTreeMap<FileId, Vec<EditId>> {
        let mut files: BTreeMap<FileId, Vec<EditId>> = BTreeMap::new();
        for (edit_id, edit) in self.iter() {
            files.entry(edit.file_id).or_default().push(edit_id);
        }
        files
    }
}

/// A block that left one place and stands in another. Edits into its text are separate edits that require `into`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Move {
    /// The edit that takes the block away.
    pub from: EditId,
    /// The edit that puts the same bytes in.
    pub into: EditId,
}

/// Temporary text that lets old and new users build side by side.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bridge {
    /// Puts the temporary text in.
    pub put: EditId,
    /// Takes it out again; requires `put`.
    pub take: EditId,
    /// The edit of the change that the two together stand for.
    pub superseded: EditId,
    /// What stands under both names while it is there.
    pub bridged: Bridged,
}

/// What a bridge keeps under an old and a new name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bridged {
    /// The word of the kind of bridge in stored plans and in JSON.
    pub kind: &'static str,
    /// The record whose members the names are, as people write it (`struct page`); `None` for names that stand by themselves.
    pub record: Option<BString>,
    /// Old and new name of each, in the order of the text; at least one.
    pub names: Vec<(BString, BString)>,
}

impl Bridged {
    /// Returns what is bridged as people write it: `struct page.index`, the first of several.
    pub fn shown(&self) -> BString {
        let old = self.names.first().map_or(&b""[..], |(old, _)| old);
        match &self.record {
            Some(record) => [record.as_slice(), b".", old].concat().into(),
            None => old.into(),
        }
    }
}

/// A set of edits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditSet(FixedBitSet);

impl EditSet {
    /// Returns the set of none of `n_edits`.
    pub fn empty(n_edits: usize) -> Self {
        EditSet(FixedBitSet::with_capacity(n_edits))
    }

    /// Returns the set of all of `n_edits`.
    pub fn full(n_edits: usize) -> Self {
        let mut bits = FixedBitSet::with_capacity(n_edits);
        bits.insert_range(..);
        EditSet(bits)
    }

    /// Returns the set of these.
    pub fn of(n_edits: usize, edit_ids: impl IntoIterator<Item = EditId>) -> Self {
        let mut set = Self::empty(n_edits);
        set.extend(edit_ids);
        set
    }

    /// Whether the edit is in the set.
    pub fn has(&self, edit_id: EditId) -> bool {
        self.0.contains(edit_id.idx())
    }

    /// Adds an edit; returns whether it was not there yet.
    pub fn insert(&mut self, edit_id: EditId) -> bool {
        !self.0.put(edit_id.idx())
    }

    /// Takes an edit out.
    pub fn remove(&mut self, edit_id: EditId) {
        self.0.set(edit_id.idx(), false);
    }

    /// Adds each of these.
    pub fn extend(&mut self, edit_ids: impl IntoIterator<Item = EditId>) {
        for edit_id in edit_ids {
            self.0.insert(edit_id.idx());
        }
    }

    /// Returns the edits in the set, in order.
    pub fn iter(&self) -> impl Iterator<Item = EditId> {
        self.0.ones().map(EditId::at)
    }

    /// Returns the number of edits in the set.
    pub fn len(&self) -> usize {
        self.0.count_ones(..)
    }

    /// Whether the set holds nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_clear()
    }

    /// Returns an edit of the set and one that it requires and that is missing, or `None` when the set is closed.
    pub fn gap(&self, edits: &Edits) -> Option<(EditId, EditId)> {
        self.iter().find_map(|edit_id| {
            let missing = edits.get(edit_id).requires.iter().find(|&&needed| !self.has(needed))?;
            Some((edit_id, *missing))
        })
    }
}

/// Returns for each of `n_edits` edits the place of the group that holds it, `None` for an edit in no group.
pub fn places<'g>(n_edits: usize, groups: impl IntoIterator<Item = &'g Vec<EditId>>) -> Vec<Option<usize>> {
    let mut places = vec![None; n_edits];
    for (idx, group) in groups.into_iter().enumerate() {
        group.iter().for_each(|edit_id| places[edit_id.idx()] = Some(idx));
    }
    places
}
