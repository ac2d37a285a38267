//! Changes in memory, without a repository.
#![allow(clippy::unwrap_used, dead_code, missing_docs, unreachable_pub, reason = "each test binary uses a part of it")]

use git_cleave::model::change::Opaque;
use git_cleave::model::{Change, Content, Entry, FileChange, Mode, ObjectId, Signature};

/// Returns an id that says what the bytes are, so that equal files have equal ids.
pub fn object_id(mode: Mode, bytes: &[u8]) -> ObjectId {
    let mut raw = [0u8; 20];
    let seed = bytes.iter().fold(u64::from(mode == Mode::Symlink) + 1469, |sum, byte| {
        sum.wrapping_mul(1_099_511_628_211).wrapping_add(u64::from(*byte))
    });
    raw[..8].copy_from_slice(&seed.to_be_bytes());
    raw[8] = u8::try_from(bytes.len() % 251).unwrap();
    ObjectId::from_bytes(&raw).unwrap()
}

/// Returns one side of a file in memory.
pub fn entry(path: &str, mode: Mode, bytes: &[u8]) -> Entry {
    let content = match mode {
        Mode::File | Mode::Executable if !bytes.contains(&0) => Content::Text(bytes.into()),
        Mode::File | Mode::Executable => Content::Opaque(Opaque::Binary),
        _ => Content::Opaque(Opaque::Symlink),
    };
    Entry { path: path.into(), mode, object_id: object_id(mode, bytes), content }
}

/// Returns the change of these files, of a branch without commits.
pub fn change_of(files: Vec<FileChange>) -> Change {
    let zero = ObjectId::from_bytes(&[0; 20]).unwrap();
    Change {
        base_commit_id: zero,
        tip_commit_id: zero,
        base_tree_id: zero,
        tip_tree_id: zero,
        files,
        commits: Vec::new(),
        committer: Signature { name: "A".into(), email: "a@example.org".into(), time: "0 +0000".into() },
    }
}
