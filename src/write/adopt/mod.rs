//! A branch of ours that somebody reworded, reordered, squashed or split → the same cut as a plan.
//!
//! Each commit of the branch is read as a set of the plan's edits: those that make its files of what the commit before left (`matching.rs`). The order
//! of the commits is the order of the patches then, and what the commits say is what the patches say. A commit that changes what no
//! edit changes is refused with its place.

mod matching;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bstr::{BString, ByteSlice};

use self::matching::{Expected, matching};
use super::onto::below;
use super::{PlanError, Posting};
use crate::git::objects::Objects;
use crate::git::{GitError, Repository};
use crate::model::address::shown;
use crate::model::compose::Layout;
use crate::model::{
    EditId, EditKind, EditSet, Entry, FileChange, FileId, Message, Mode, ObjectId, Patch, PatchIdx, Plan, SeriesIdx, SourceCommit,
};
use crate::plan::address::first_line;
use crate::plan::regroup::{NewPatch, regroup};

/// Why a branch is not adopted.
#[derive(Debug, thiserror::Error)]
pub enum AdoptError {
    /// The branch holds a merge.
    #[error("{0} is a merge: a series is a line of commits")]
    Merge(String),
    /// The branch begins elsewhere.
    #[error("'{branch}' does not stand on {base}, the base of the plan")]
    Base {
        /// The branch, short.
        branch: String,
        /// The base, short.
        base: String,
    },
    /// A commit changes what no edit of the plan changes.
    #[error("content changed: '{path}' line {line} in {commit} '{subject}' is made by no edit of the plan")]
    Content {
        /// The path.
        path: BString,
        /// From 1, in the commit's text.
        line: usize,
        /// The commit, short.
        commit: String,
        /// What it says first.
        subject: BString,
    },
    /// The branch ends without an edit that it began with.
    #[error("content changed: '{first_line}' of '{path}', in patch '{patch}' of the plan, is nowhere on the branch")]
    Lost {
        /// The path.
        path: BString,
        /// The edit's first line.
        first_line: String,
        /// The patch.
        patch: String,
    },
    /// The plan that the branch makes breaks a promise.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The repository or git refused.
    #[error(transparent)]
    Git(#[from] GitError),
}

/// A plan as a branch has it.
#[derive(Debug)]
pub struct Adopted {
    /// The plan; that it can be written is for [`super::checked()`] to say.
    pub plan: Plan,
    /// The commits of the branch, oldest first.
    pub commits: Vec<ObjectId>,
    /// Those that change nothing and are no patch.
    pub empty: Vec<ObjectId>,
}

/// Reads a branch of a plan (a full name, what it points to) back into the plan.
///
/// The edits on the branch must be those of some of the plan's patches; the other patches stay as they are.
///
/// # Errors
/// When the branch is no line of commits on the plan's base, or a commit changes what no edit changes.
pub fn adopt(repository: &Repository, plan: &Plan, branch: &str, tip: ObjectId) -> Result<Adopted, AdoptError> {
    let posted = Posting::of(plan.clone());
    let short = branch.rsplit('/').next().unwrap_or_default();
    let series = posted.campaign.series.iter().position(|series| series.name == short);
    let base = match series {
        Some(idx) => below(repository, &repository.objects(), &posted, SeriesIdx(idx), tip)?,
        None => plan.change.base_commit_id,
    };
    let line = repository.line(base, tip)?;
    let mut parent = base;
    for commit in &line {
        match commit.parents.as_slice() {
            [only] if *only == parent => parent = commit.commit_id,
            [_] | [] => {
                let branch = branch.trim_start_matches("refs/heads/").to_owned();
                return Err(AdoptError::Base { branch, base: plan.change.base_commit_id.short() });
            }
            _ => return Err(AdoptError::Merge(commit.commit_id.short())),
        }
    }
    let told = repository.commits(base, tip)?;
    let mut reader = BranchReader::new(repository, plan);
    let (mut pieces, mut empty) = (Vec::new(), Vec::new());
    for (commit, told) in line.iter().zip(told) {
        let edits = reader.edits(commit.tree_id, &told)?;
        match edits.is_empty() {
            true => empty.push(commit.commit_id),
            false => pieces.push(NewPatch { edits, author: told.author, message: told.message }),
        }
    }
    // The patches of the series as it is posted, without those that it needs; all patches where the branch is that of no series.
    let own: BTreeSet<PatchIdx> = match series {
        Some(idx) => posted.campaign.series[idx].patches.iter().copied().collect(),
        None => (0..plan.campaign.patches.len()).map(PatchIdx).collect(),
    };
    let on_branch = |(idx, patch): &(usize, &Patch)| {
        own.contains(&PatchIdx(*idx)) || patch.edits.iter().any(|edit_id| reader.made.has(*edit_id))
    };
    for (_, patch) in plan.campaign.patches.iter().enumerate().filter(on_branch) {
        if let Some(missing) = patch.edits.iter().find(|edit_id| !reader.made.has(**edit_id)) {
            let edit = plan.edits.get(*missing);
            return Err(AdoptError::Lost {
                path: plan.change.file(edit.file_id).path().into(),
                first_line: shown(first_line(&plan.change, &plan.edits, edit).as_ref()),
                patch: patch.patch_id.clone(),
            });
        }
    }
    keep_others(plan, &own, &mut pieces);
    let commits = line.iter().map(|commit| commit.commit_id).collect();
    Ok(Adopted { plan: regroup(plan, pieces), commits, empty })
}

/// Keeps the plan's messages for the patches that a series needs: its branch holds them as they were when the branch was written.
fn keep_others(plan: &Plan, own: &BTreeSet<PatchIdx>, pieces: &mut [NewPatch]) {
    let others = plan.campaign.patches.iter().enumerate().filter(|(idx, _)| !own.contains(&PatchIdx(*idx)));
    let others: HashMap<&[EditId], &Patch> = others.map(|(_, patch)| (patch.edits.as_slice(), patch)).collect();
    for piece in pieces {
        if let Some(patch) = others.get(piece.edits.as_slice()) {
            (piece.message, piece.author) = (patch.message.text(), patch.author.clone());
        }
    }
}

/// Reads the commits of a branch one after the other as sets of the plan's edits.
struct BranchReader<'r> {
    plan: &'r Plan,
    objects: Objects,
    layout: Layout,
    of_file: BTreeMap<FileId, Vec<EditId>>,
    /// The files that stand at a path on one side or the other.
    of_path: HashMap<BString, Vec<FileId>>,
    /// The edits of all commits so far.
    made: EditSet,
    never: EditSet,
}

impl<'r> BranchReader<'r> {
    fn new(repository: &Repository, plan: &'r Plan) -> Self {
        let mut of_path: HashMap<BString, Vec<FileId>> = HashMap::new();
        for (file_id, file) in plan.change.files() {
            let paths: BTreeSet<&BString> = [&file.base, &file.tip].into_iter().flatten().map(|entry| &entry.path).collect();
            paths.into_iter().for_each(|path| of_path.entry(path.clone()).or_default().push(file_id));
        }
        let never = EditSet::of(plan.edits.len(), plan.edits.bridges.iter().map(|bridge| bridge.superseded));
        BranchReader {
            plan,
            objects: repository.objects(),
            layout: Layout::of(&plan.edits),
            of_file: plan.edits.by_file(),
            of_path,
            made: EditSet::empty(plan.edits.len()),
            never,
        }
    }

    /// Returns the edits that a commit makes.
    fn edits(&mut self, tree_id: ObjectId, commit: &SourceCommit) -> Result<Vec<EditId>, AdoptError> {
        let stray = |path: &BString, text: &[u8], at: usize| AdoptError::Content {
            path: path.clone(),
            line: text[..at.min(text.len())].find_iter(b"\n").count() + 1,
            commit: commit.commit_id.short(),
            subject: Message::read(commit.message.as_ref()).subject,
        };
        let mut files: BTreeSet<FileId> = BTreeSet::new();
        for path in &commit.paths {
            match self.of_path.get(path) {
                Some(found) => files.extend(found),
                None => return Err(stray(path, b"", 0)),
            }
        }
        let likely = self.likely(commit.message.as_ref());
        let mut all: Vec<EditId> = Vec::new();
        for file_id in files {
            let file = self.plan.change.file(file_id);
            let now = match self.place(tree_id, file)? {
                Some((path, mode, object_id)) => {
                    let text = match file.is_text() && mode.is_regular() {
                        true => self.objects.blob(object_id, path.as_ref())?,
                        false => Vec::new(),
                    };
                    self.there(file_id, &path, mode, (object_id, &text), &likely).map_err(|at| stray(&path, &text, at))?
                }
                None => self.gone(file_id).ok_or_else(|| {
                    let was = file.base.as_ref().map_or(file.path().into(), |base| base.path.clone());
                    stray(&was, b"", 0)
                })?,
            };
            let own = self.of_file.get(&file_id).map_or(&[][..], Vec::as_slice);
            if own.iter().any(|edit_id| self.made.has(*edit_id) && !now.contains(edit_id)) {
                return Err(stray(&file.path().into(), b"", 0));
            }
            all.extend(now.into_iter().filter(|edit_id| !self.made.has(*edit_id)));
        }
        self.made.extend(all.iter().copied());
        all.sort();
        Ok(all)
    }

    /// Returns the edits of the patches of which a message speaks: each line of it that is a subject. A message of several squashed commits has several.
    fn likely(&self, message: &bstr::BStr) -> EditSet {
        let lines: BTreeSet<&[u8]> = message.lines().map(ByteSlice::trim).collect();
        let spoken = self.plan.campaign.patches.iter().filter(|patch| lines.contains(patch.message.subject.trim()));
        EditSet::of(self.plan.edits.len(), spoken.flat_map(|patch| patch.edits.iter().copied()))
    }

    /// Returns where a file stands in a tree, if it is there.
    fn place(&self, tree_id: ObjectId, file: &FileChange) -> Result<Option<(BString, Mode, ObjectId)>, AdoptError> {
        let kind = |mode: Mode| (mode.is_regular(), mode == Mode::Symlink);
        let moved = match (&file.base, &file.tip) {
            (Some(base), Some(tip)) => base.path != tip.path,
            _ => false,
        };
        // A file that was renamed stands at its new path, whatever came to the old one.
        let sides = if moved { [&file.tip, &file.base] } else { [&file.base, &file.tip] };
        for entry in sides.into_iter().flatten() {
            let found = self.objects.entry(tree_id, entry.path.as_ref())?;
            if let Some((mode, object_id)) = found.filter(|(mode, _)| kind(*mode) == kind(entry.mode)) {
                return Ok(Some((entry.path.clone(), mode, object_id)));
            }
        }
        Ok(None)
    }

    /// Returns the edits of a file that is not there; `None` when it must be.
    fn gone(&self, file_id: FileId) -> Option<Vec<EditId>> {
        let file = self.plan.change.file(file_id);
        match (&file.base, &file.tip) {
            (None, _) => Some(Vec::new()),
            (Some(_), None) => {
                Some(self.of_file.get(&file_id)?.iter().copied().filter(|edit_id| !self.never.has(*edit_id)).collect())
            }
            (Some(_), Some(_)) => None,
        }
    }

    /// Returns the edits of a file that is there, or the byte at which it is another.
    fn there(
        &self,
        file_id: FileId,
        path: &BString,
        mode: Mode,
        (object_id, text): (ObjectId, &[u8]),
        likely: &EditSet,
    ) -> Result<Vec<EditId>, usize> {
        let file = self.plan.change.file(file_id);
        let own = self.of_file.get(&file_id).map_or(&[][..], Vec::as_slice);
        let mut now = Vec::new();
        let is = |side: &Option<Entry>, same: &dyn Fn(&Entry) -> bool| side.as_ref().is_some_and(same);
        for &edit_id in own {
            let is_made = match self.plan.edits.get(edit_id).kind {
                EditKind::Create => true,
                EditKind::Rename => is(&file.tip, &|tip| tip.path == *path),
                EditKind::Mode => is(&file.tip, &|tip| tip.mode == mode),
                EditKind::Replace => is(&file.tip, &|tip| tip.object_id == object_id),
                EditKind::Delete | EditKind::Splice { .. } => false,
            };
            if is_made {
                now.push(edit_id);
            }
        }
        let is_side = |same: &dyn Fn(&Entry) -> bool| is(&file.base, same) || is(&file.tip, same);
        if !is_side(&|entry| entry.mode == mode) {
            return Err(0);
        }
        if !file.is_text() {
            return if is_side(&|entry| entry.object_id == object_id) { Ok(now) } else { Err(0) };
        }
        let splices = || own.iter().copied().filter(|edit_id| self.plan.edits.get(*edit_id).splice().is_some());
        if file.tip.as_ref().is_some_and(|tip| tip.object_id == object_id) {
            now.extend(splices().filter(|edit_id| !self.never.has(*edit_id)));
        } else {
            let own_likely: Vec<EditId> = own.iter().copied().filter(|edit_id| likely.has(*edit_id)).collect();
            let mut likely = EditSet::of(self.plan.edits.len(), own_likely.iter().copied());
            if !own_likely.is_empty() {
                likely.extend(splices().filter(|edit_id| self.made.has(*edit_id)));
            }
            let wanted = Expected { made: &self.made, never: &self.never, likely: &likely };
            let found = matching(&self.plan.change, &self.plan.edits, &self.layout, file_id, text, &wanted);
            now.extend(found?);
        }
        now.sort();
        Ok(now)
    }
}
