//! What differs between two trees.

use std::sync::Arc;

use bstr::{BStr, BString};

use super::message::Signature;
use super::object::{Mode, ObjectId};

/// Names a [`FileChange`] by its place in [`Change::files`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

impl FileId {
    /// Returns the place in [`Change::files`].
    pub fn idx(self) -> usize {
        self.0 as usize
    }
}

/// A base tree, a tip tree, and per path what differs.
#[derive(Debug, Clone)]
pub struct Change {
    /// The commit that the first patch stands on.
    pub base_commit_id: ObjectId,
    /// The commit that holds the tip tree; made by us for a diff, an mbox and the working tree.
    pub tip_commit_id: ObjectId,
    /// The tree before.
    pub base_tree_id: ObjectId,
    /// The tree after.
    pub tip_tree_id: ObjectId,
    /// What differs, ordered by [`FileChange::path`], a side that leaves before one that comes at the same path.
    pub files: Vec<FileChange>,
    /// The commits of the range without merges, oldest first; one for a diff and the working tree.
    pub commits: Vec<SourceCommit>,
    /// Who made the tip, and when: the committer of every patch.
    pub committer: Signature,
}

impl Change {
    /// Returns the file named by `file_id`.
    pub fn file(&self, file_id: FileId) -> &FileChange {
        &self.files[file_id.idx()]
    }

    /// Returns each file with its id, in order.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &FileChange)> {
        self.files.iter().enumerate().map(|(idx, file)| (FileId(u32::try_from(idx).expect("fewer files than 2^32")), file))
    }
}

/// One path's difference. At least one side is there; when both are, they differ in path, mode or content.
///
/// A path that changes between regular file, symlink and submodule is two of these: one that leaves, one that comes.
#[derive(Debug, Clone)]
pub struct FileChange {
    /// How it stands in the base, unless it is new.
    pub base: Option<Entry>,
    /// How it stands in the tip, unless it is deleted.
    pub tip: Option<Entry>,
}

impl FileChange {
    /// Returns the path in the tip, or in the base for a deleted file.
    pub fn path(&self) -> &BStr {
        let entry = self.tip.as_ref().or(self.base.as_ref()).expect("a file change has a side");
        entry.path.as_ref()
    }

    /// Whether both sides, where they exist, are text that can be cut.
    pub fn is_text(&self) -> bool {
        let text = |entry: &Option<Entry>| entry.as_ref().is_none_or(|entry| matches!(entry.content, Content::Text(_)));
        text(&self.base) && text(&self.tip)
    }

    /// Returns the text of the base, empty for a new or opaque file.
    pub fn base_text(&self) -> &[u8] {
        self.base.as_ref().map_or(b"", Entry::text)
    }

    /// Returns the text of the tip, empty for a deleted or opaque file.
    pub fn tip_text(&self) -> &[u8] {
        self.tip.as_ref().map_or(b"", Entry::text)
    }
}

/// One side of a [`FileChange`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// From the root of the tree, with `/`.
    pub path: BString,
    /// What kind of entry it is.
    pub mode: Mode,
    /// The blob, or the commit of a submodule.
    pub object_id: ObjectId,
    /// The bytes, where they can be cut.
    pub content: Content,
}

impl Entry {
    /// Returns the bytes, empty when they are opaque.
    pub fn text(&self) -> &[u8] {
        match &self.content {
            Content::Text(bytes) => bytes,
            Content::Opaque(_) => b"",
        }
    }
}

/// The bytes of a file, or why they are not looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Bytes that may be cut anywhere.
    Text(Arc<[u8]>),
    /// Replaced whole: the object is enough.
    Opaque(Opaque),
}

/// Why a file is replaced whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Opaque {
    /// A NUL byte in the first 8,000 bytes, git's own test.
    Binary,
    /// More bytes than it pays to cut.
    Large,
    /// A symlink: its target is one word.
    Symlink,
    /// A commit of another repository.
    Submodule,
}

/// A commit of the range that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceCommit {
    /// Its id.
    pub commit_id: ObjectId,
    /// Who wrote it.
    pub author: Signature,
    /// The whole message as stored.
    pub message: BString,
    /// Paths it touches, both of a rename, sorted.
    pub paths: Vec<BString>,
}
