//! The base as it was really built: its commands, and what its objects read that git does not know.
//!
//! It is kept as `commands.json` beside the tree that was built, and goes when that goes. Later builds in the tree write over the saved
//! commands and may make other headers: the commands are those of the base all the same, and where a header that a build made is no longer
//! what it was, the base is built again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use bstr::{BStr, BString, ByteSlice};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::commands::Commands;
use super::escaped;
use super::fresh::settings;
use super::records::hash;
use super::run::asked_for;
use crate::git::Repository;
use crate::git::files::Files;
use crate::model::ObjectId;
use crate::verify::paths::{base_name, folder_of};
use crate::verify::runner::{Runner, Shell};
use crate::verify::task::Task;
use crate::verify::verdict::{Built, Ended};
use crate::verify::{VerifyError, write_whole};

/// The commands that the base's build saved, and the files its objects read. Files are named by their place among the commands' paths.
#[derive(Serialize, Deserialize)]
pub(super) struct BuiltBase {
    /// The build's exit code.
    pub(super) code: i32,
    /// What it saved.
    pub(super) commands: Commands,
    /// Files that the base's tree has not, with the hash of their content, or `None` for one that is gone again.
    outside: BTreeMap<u32, Option<String>>,
    /// Files that ask for others, whether they are there or not.
    wants: BTreeMap<u32, Wants>,
    /// kbuild's settings that are on, `CONFIG_X`.
    #[serde(with = "escaped")]
    pub(super) settings: BTreeSet<BString>,
}

/// The last parts of the names that a file asks for.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Wants(#[serde(with = "escaped")] BTreeSet<BString>);

/// The file `commands.json`.
#[derive(Serialize, Deserialize)]
struct Stored<B> {
    version: u32,
    tree: String,
    key: String,
    base: B,
}

/// Raised when the meaning of [`Stored`] changes; others are not read.
const VERSION: u32 = 2;

/// Returns the base as it was built, building it unless that was done here with the same command; or that build, when it says nothing.
/// `roots` are the folders in which objects are, the tree's own or others.
///
/// # Errors
/// When the base cannot be built, what its build left cannot be read, or the run was interrupted.
pub(super) fn base(
    repository: &Repository,
    shell: &mut Shell<'_>,
    task: &Task,
    roots: &[PathBuf],
) -> Result<Result<BuiltBase, Built>, VerifyError> {
    let path = shell.workspace().home().join("commands.json");
    let top = shell.workspace().tree();
    let key = task.command.as_ref().map(|command| command.key()).unwrap_or_default();
    let tree = task.step.tree_id.to_string();
    let known = fs::read(&path).ok().and_then(|json| serde_json::from_slice::<Stored<BuiltBase>>(&json).ok());
    let is_this = |stored: &Stored<BuiltBase>| stored.version == VERSION && stored.tree == tree && stored.key == key;
    // What other tools made is not the base's, and goes when the folder is next used.
    let known = known.filter(|stored| is_this(stored) && shell.workspace().shows().is_some());
    if let Some(base) = known.map(|stored| stored.base).filter(|base| base.is_as_made(&top, roots)) {
        return Ok(Ok(base));
    }
    let built = shell.build(task)?;
    let code = match built.ended {
        Ended::Code(code) if ![126, 127].contains(&code) => code,
        _ => return Ok(Err(built)),
    };
    let mut base = BuiltBase {
        code,
        commands: Commands::gather(&top, roots)?,
        outside: BTreeMap::new(),
        wants: BTreeMap::new(),
        settings: BTreeSet::new(),
    };
    base.look_at_files(repository, task.step.tree_id, &top, roots);
    let stored = Stored { version: VERSION, tree, key, base: &base };
    write_whole(&path, &serde_json::to_vec(&stored).expect("text and numbers become JSON"))?;
    Ok(Ok(base))
}

impl BuiltBase {
    fn look_at_files(&mut self, repository: &Repository, tree_id: ObjectId, top: &Path, roots: &[PathBuf]) {
        let files = Files::of(repository, tree_id);
        let looked: Vec<(bool, Option<String>, BTreeSet<BString>)> = self
            .commands
            .paths
            .par_iter()
            .map(|path| {
                let text = fs::read(top.join(path.to_path_lossy())).ok();
                let wants = text.as_deref().map(asked_for).unwrap_or_default();
                let is_outside = !is_tracked(&files, path.as_ref());
                (is_outside, text.filter(|_| is_outside).map(|text| hash(&text)), wants)
            })
            .collect();
        for (place, (is_outside, content, wants)) in (0_u32..).zip(looked) {
            if is_outside {
                self.outside.insert(place, content);
            }
            if !wants.is_empty() {
                self.wants.insert(place, Wants(wants));
            }
        }
        for root in roots {
            let text = fs::read(root.join("include").join("config").join("auto.conf")).unwrap_or_default();
            self.settings.extend(settings(&text));
        }
    }

    fn path(&self, place: u32) -> &BStr {
        usize::try_from(place).ok().and_then(|place| self.commands.paths.get(place)).map_or(BStr::new(""), |path| path.as_bstr())
    }

    /// Whether what the build made is still there as it made it.
    fn is_as_made(&self, top: &Path, roots: &[PathBuf]) -> bool {
        let is_made = |path: &Path| roots.iter().any(|root| path.starts_with(root)) || path.starts_with(top);
        self.outside.par_iter().all(|(&place, content)| {
            let path = top.join(self.path(place).to_path_lossy());
            !is_made(&path) || fs::read(&path).ok().map(|text| hash(&text)) == *content
        })
    }

    /// Returns for each file whether it differs from what the base's objects read: its path is in `paths`, its last part in `names`, it asks
    /// for one of these names, or it is none of the tree's and its content is another.
    pub(super) fn differing(&self, paths: &BTreeSet<BString>, names: &BTreeSet<&BStr>, top: &Path) -> Vec<bool> {
        let mut differs: Vec<bool> = self
            .commands
            .paths
            .par_iter()
            .map(|path| paths.contains(path) || !names.is_empty() && names.contains(base_name(path.as_ref())))
            .collect();
        for (&place, Wants(wants)) in &self.wants {
            if wants.iter().any(|want| names.contains(want.as_bstr())) {
                mark(&mut differs, place);
            }
        }
        let moved = |(&place, content): (&u32, &Option<String>)| {
            let text = fs::read(top.join(self.path(place).to_path_lossy())).ok();
            (text.map(|text| hash(&text)) != *content).then_some(place)
        };
        let moved: Vec<u32> = self.outside.par_iter().filter_map(moved).collect();
        moved.into_iter().for_each(|place| mark(&mut differs, place));
        differs
    }
}

fn mark(differs: &mut [bool], place: u32) {
    if let Some(differs) = usize::try_from(place).ok().and_then(|place| differs.get_mut(place)) {
        *differs = true;
    }
}

/// Whether a tree has a file.
pub(super) fn is_tracked(files: &Files<'_>, path: &BStr) -> bool {
    if path.starts_with(b"/") {
        return false;
    }
    let name = base_name(path);
    files
        .folder(folder_of(path))
        .is_some_and(|folder| folder.files.binary_search_by(|(known, ..)| known.as_bstr().cmp(name)).is_ok())
}
