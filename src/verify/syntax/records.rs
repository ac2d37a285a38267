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
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bstr::{BString, ByteSlice};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::model::{ObjectId, hex};
use crate::verify::{VerifyError, file};

/// The files that an object read, sorted; those outside the tree, or in it but made by a build, with the hash of their content.
pub(super) type Reads = Vec<(BString, Option<String>)>;

/// What was said of an object.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Record {
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

impl Record {
    /// The tree it was compiled in.
    pub(super) fn tree_id(&self) -> Option<ObjectId> {
        self.tree.parse().ok()
    }
}

/// What is to be kept.
pub(super) struct Said {
    pub(super) object: BString,
    pub(super) tree_id: ObjectId,
    pub(super) code: i32,
    pub(super) seconds: f64,
    pub(super) reads: Reads,
    pub(super) wants: Vec<BString>,
    pub(super) messages: BString,
}

/// All records of a repository; read when they are asked for.
pub(super) struct Records {
    root: PathBuf,
    of_key: HashMap<String, Vec<Record>>,
    lists: HashMap<String, Arc<Reads>>,
}

impl Records {
    pub(super) fn of(common_dir: &Path) -> Self {
        Records { root: common_dir.join("cleave").join("syntax"), of_key: HashMap::new(), lists: HashMap::new() }
    }

    /// Returns what is known under a key, and what each read, sorted by tree. What cannot be read counts as not known.
    pub(super) fn known(&mut self, key: &str) -> Vec<(Record, Arc<Reads>)> {
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

    /// Keeps what was said, whole or not at all.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub(super) fn keep(&mut self, key: &str, said: Said) -> Result<(), VerifyError> {
        let list = list_text(&said.reads);
        let name = hash(&list);
        let folder = self.root.join("reads");
        if !self.lists.contains_key(&name) {
            write(&folder, &name, &list)?;
            self.lists.insert(name.clone(), Arc::new(said.reads));
        }
        let record = Record {
            version: VERSION,
            object: said.object.to_str_lossy().into_owned(),
            tree: said.tree_id.to_string(),
            code: said.code,
            seconds: said.seconds,
            reads: name,
            wants: said.wants.iter().map(|want| want.to_str_lossy().into_owned()).collect(),
            messages: said.messages.to_str_lossy().into_owned(),
        };
        let json = serde_json::to_vec_pretty(&record).expect("text and numbers become JSON");
        write(&self.root.join(key), &format!("{}.json", record.tree), &json)?;
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

fn load(folder: &Path) -> Vec<Record> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let record = |path: PathBuf| serde_json::from_slice::<Record>(&fs::read(path).ok()?).ok();
    let mut records: Vec<Record> =
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

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), VerifyError> {
    let path = folder.join(name);
    fs::create_dir_all(folder).map_err(file("create", folder))?;
    let mut incoming = tempfile::Builder::new().prefix("incoming-").tempfile_in(folder).map_err(file("create", folder))?;
    incoming.write_all(bytes).map_err(file("write", &path))?;
    incoming.persist(&path).map(drop).map_err(|error| file("write", &path)(error.error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(tree_id: ObjectId, code: i32) -> Said {
        Said {
            object: "fs/a.o".into(),
            tree_id,
            code,
            seconds: 0.5,
            reads: vec![("/usr/x.h".into(), Some("00ff".into())), ("fs/a.c".into(), None)],
            wants: vec!["b.h".into()],
            messages: "fs/a.c:1:1: warning: \u{2018}x\u{2019}\n".into(),
        }
    }

    #[test]
    fn what_was_said_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let [one, other]: [ObjectId; 2] = ["11", "22"].map(|digits| digits.repeat(20).parse().unwrap());
        let mut records = Records::of(folder.path());
        records.keep("k", said(one, 0)).unwrap();
        records.keep("k", said(other, 1)).unwrap();
        records.keep("k", said(one, 1)).unwrap();
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
        Records::of(folder.path()).keep("k", said(tree_id, 0)).unwrap();
        let lists = folder.path().join("cleave/syntax/reads");
        let list = fs::read_dir(lists).unwrap().next().unwrap().unwrap().path();
        fs::write(&list, "fs/b.c\n").unwrap();
        assert!(Records::of(folder.path()).known("k").is_empty());
    }
}
