//! What a compiler said of an object, kept as plain files.
//!
//! ```text
//!   <common git dir>/cleave/syntax/<key>/<tree id>.json    what was said of the object in that tree
//!                                 /reads/<hash>            what it read, a path a line; of files outside the tree also a hash
//! ```
//!
//! The key is a hash over the command, where it runs, the compiler's version and the noted environment. What was said holds in every tree
//! in which all that was read is the same and no name came or went that the object may include.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bstr::{BString, ByteSlice};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::run::Done;
use crate::model::{ObjectId, hex};
use crate::verify::{VerifyError, write_whole};

/// The files that an object read, sorted; those outside the tree, or in it but made by a build, with the hash of their content.
pub(super) type Reads = Vec<(BString, Option<String>)>;

/// What was said of an object.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SyntaxRecord {
    version: u32,
    /// Which.
    pub(super) object: String,
    /// In which tree, as hexadecimal digits.
    tree: String,
    /// The compiler's exit code.
    pub(super) code: i32,
    /// How long it took.
    seconds: f64,
    /// The name of the list of what it read.
    reads: String,
    /// Names that it asks for whether they are there or not.
    pub(super) wants: Vec<String>,
    /// All that it printed.
    pub(super) messages: String,
}

/// Raised when the meaning of [`Record`] changes; others are not read.
const VERSION: u32 = 1;

impl SyntaxRecord {
    /// Returns what a compiler said of an object in a tree.
    pub(super) fn of(object: &BString, tree_id: ObjectId, done: Done, wants: &[BString]) -> Self {
        let text = |bytes: &BString| bytes.to_str_lossy().into_owned();
        SyntaxRecord {
            version: VERSION,
            object: text(object),
            tree: tree_id.to_string(),
            code: done.code,
            seconds: done.took.as_secs_f64(),
            reads: String::new(),
            wants: wants.iter().map(text).collect(),
            messages: text(&done.messages),
        }
    }

    /// The tree it was compiled in.
    pub(super) fn tree_id(&self) -> Option<ObjectId> {
        self.tree.parse().ok()
    }
}

/// All records of a repository; read when they are asked for.
pub(super) struct Records {
    root: PathBuf,
    of_key: HashMap<String, Vec<SyntaxRecord>>,
    lists: HashMap<String, Arc<Reads>>,
}

impl Records {
    pub(super) fn of(common_dir: &Path) -> Self {
        Records { root: common_dir.join("cleave").join("syntax"), of_key: HashMap::new(), lists: HashMap::new() }
    }

    /// Returns what is known under a key, and what each read, sorted by tree. What cannot be read counts as not known.
    pub(super) fn known(&mut self, key: &str) -> Vec<(SyntaxRecord, Arc<Reads>)> {
        let root = &self.root;
        let records = self.of_key.entry(key.to_owned()).or_insert_with(|| load(&root.join(key)));
        let mut known = Vec::new();
        for record in records.iter() {
            let list = match self.lists.get(&record.reads) {
                Some(list) => Arc::clone(list),
                None => {
                    let Some(list) = load_list(&root.join("reads").join(&record.reads)) else { continue };
                    let list = Arc::new(list);
                    self.lists.insert(record.reads.clone(), Arc::clone(&list));
                    list
                }
            };
            known.push((record.clone(), list));
        }
        known
    }

    /// Keeps what was said of an object that read these files, whole or not at all.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub(super) fn keep(&mut self, key: &str, mut record: SyntaxRecord, reads: Reads) -> Result<(), VerifyError> {
        let list = list_text(&reads);
        record.reads = hash(&list);
        if !self.lists.contains_key(&record.reads) {
            write_whole(&self.root.join("reads").join(&record.reads), &list)?;
            self.lists.insert(record.reads.clone(), Arc::new(reads));
        }
        let json = serde_json::to_vec_pretty(&record).expect("text and numbers become JSON");
        write_whole(&self.root.join(key).join(format!("{}.json", record.tree)), &json)?;
        let known = self.of_key.entry(key.to_owned()).or_default();
        known.retain(|old| old.tree != record.tree);
        known.push(record);
        Ok(())
    }
}

/// Returns 16 hexadecimal digits for some bytes.
pub(super) fn hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes)[..8])
}

fn load(folder: &Path) -> Vec<SyntaxRecord> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let record = |path: PathBuf| serde_json::from_slice::<SyntaxRecord>(&fs::read(path).ok()?).ok();
    let mut records: Vec<SyntaxRecord> =
        entries.filter_map(|entry| record(entry.ok()?.path())).filter(|record| record.version == VERSION).collect();
    records.sort_by(|one, other| one.tree.cmp(&other.tree));
    records
}

fn list_text(reads: &Reads) -> Vec<u8> {
    let mut text = Vec::new();
    for (path, content) in reads {
        text.extend_from_slice(path);
        if let Some(content) = content {
            text.push(b'\t');
            text.extend_from_slice(content.as_bytes());
        }
        text.push(b'\n');
    }
    text
}

/// Reads a list; one that is damaged has another name than its hash.
fn load_list(path: &Path) -> Option<Reads> {
    let text = fs::read(path).ok()?;
    if path.file_name()?.to_str()? != hash(&text) {
        return None;
    }
    let line = |line: &[u8]| match line.split_once_str("\t") {
        Some((path, content)) => (path.into(), Some(content.to_str_lossy().into_owned())),
        None => (line.into(), None),
    };
    Some(text.lines().map(line).collect())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn keep(records: &mut Records, tree_id: ObjectId, code: i32) {
        let done = Done { code, took: Duration::from_millis(500), messages: "fs/a.c:1:1: warning: \u{2018}x\u{2019}\n".into() };
        let record = SyntaxRecord::of(&"fs/a.o".into(), tree_id, done, &["b.h".into()]);
        let reads = vec![("/usr/x.h".into(), Some("00ff".into())), ("fs/a.c".into(), None)];
        records.keep("k", record, reads).unwrap();
    }

    #[test]
    fn what_was_said_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let [one, other]: [ObjectId; 2] = ["11", "22"].map(|digits| digits.repeat(20).parse().unwrap());
        let mut records = Records::of(folder.path());
        keep(&mut records, one, 0);
        keep(&mut records, other, 1);
        keep(&mut records, one, 1);
        for mut records in [records, Records::of(folder.path())] {
            let mut drawn: Vec<String> = records
                .known("k")
                .iter()
                .map(|(record, reads)| {
                    format!("{} {} {} {}", &record.tree[..2], record.code, reads[1].0, reads[0].1.as_deref().unwrap())
                })
                .collect();
            drawn.sort();
            assert_eq!(drawn, ["11 1 fs/a.c 00ff", "22 1 fs/a.c 00ff"]);
            assert!(records.known("other").is_empty());
        }
    }

    #[test]
    fn a_damaged_list_counts_as_none() {
        let folder = tempfile::tempdir().unwrap();
        let tree_id: ObjectId = "11".repeat(20).parse().unwrap();
        keep(&mut Records::of(folder.path()), tree_id, 0);
        let lists = folder.path().join("cleave/syntax/reads");
        let list = fs::read_dir(lists).unwrap().next().unwrap().unwrap().path();
        fs::write(&list, "fs/b.c\n").unwrap();
        assert!(Records::of(folder.path()).known("k").is_empty());
    }
}
