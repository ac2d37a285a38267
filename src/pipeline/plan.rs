//! From what the user points at to a plan.

use std::collections::BTreeMap;

use bstr::{BStr, BString, ByteSlice};

use super::{PipelineError, Stage, head, name_of, stored_plan};
use crate::analyze::history::{Prefixes, Taught};
use crate::analyze::{self, Analysis, analyze_in, project};
use crate::describe::{self, Description, covers, descriptions, trailers};
use crate::git::Repository;
use crate::git::files::Files;
use crate::mail::posted::versions;
use crate::model::address::shown;
use crate::model::{Campaign, Change, FileId, HomeIdx, Message, ObjectId, Patch, Plan, Relation, Words, change_name};
use crate::plan::bridge::{self, Refusal};
use crate::plan::carry::{self, Kept, Lost, Outline, OutlineRelation};
use crate::plan::change_id::name_series;
use crate::plan::check::not_looked_at;
use crate::plan::cut::{Cut, Guide, Slice, cut};
use crate::plan::group;
use crate::plan::knots::knots;
use crate::plan::patch_ids::PatchIds;
use crate::plan::relate::{likely, relations};
use crate::plan::settle::Settled;
use crate::plan::store::{StoreError, StoredPlan};
use crate::plan::{home, series};
use crate::read::origins::{Origins, origins};
use crate::read::source::Source;
use crate::read::{self, Input};
use crate::settings::{Layer, settings};
use crate::similarity::{self, Provenance, Scores, said};
use crate::write::{self, checked};
use get_maintainer::{Owners, Tree};

/// What becomes of the plan that is kept under the name of a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// Its cut is taken over, unless the user says to cut in another way than before and nobody decided on it. What people wrote is taken over in any
    /// case.
    Stored,
    /// The same, and what the new change does not hold of what people wrote and arranged is left out.
    Forced,
    /// Nothing of it counts.
    Fresh,
}

/// A plan that was made.
#[derive(Debug)]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// How far the stored plan holds in it; `None` where the change was cut anew.
    pub kept: Option<Kept>,
    /// What people wrote of patches that are no more.
    pub lost: Vec<Lost>,
    /// What the commits of the change say and no patch does.
    pub unsaid: Vec<Lost>,
}

/// Finds what the user points at, and the name of its change: `name`, else that of the branch.
///
/// # Errors
/// When the input cannot be read.
pub fn source(repository: &Repository, input: &Input, name: Option<&str>) -> Result<(Source, String), PipelineError> {
    let source = read::source::source(repository, input)?;
    let name = match (name, &source.branch) {
        (Some(name), _) => name.to_owned(),
        (None, Some(branch)) => name_of(repository, &source.name, branch)?,
        (None, None) => change_name(&source.name),
    };
    Ok((source, name))
}

/// Refuses to put the plan of what is no branch in the place of a branch's.
///
/// # Errors
/// When that is so.
pub fn may_replace(repository: &Repository, input: &Input, name: &str) -> Result<(), PipelineError> {
    let head = match head(repository, name) {
        _ if matches!(input, Input::Range(_) | Input::Root(_)) => return Ok(()),
        Err(StoreError::Missing(_)) => return Ok(()),
        head => head?,
    };
    let Some(branch) = head.branch.as_ref() else { return Ok(()) };
    // What was made of the working tree or a diff has no message.
    let is_made = repository.source_commit(head.commits()?.1).is_ok_and(|tip| tip.message.trim().is_empty());
    if is_made { Ok(()) } else { Err(PipelineError::OfBranch { name: name.to_owned(), branch: branch.clone() }) }
}

/// Finds what a stored plan cuts as it is now: from the base of the plan to the end of its branch. A branch that was rebased since stands on what its
/// upstream has by now. Returns `None` where there is no such plan.
///
/// # Errors
/// When the plan is damaged or git cannot be run.
pub fn source_again(repository: &Repository, name: &str) -> Result<Option<Source>, PipelineError> {
    let head = match head(repository, name) {
        Err(StoreError::Missing(_)) => return Ok(None),
        head => head?,
    };
    let (base, old_tip) = head.commits()?;
    let full = head.branch.as_ref().map(|branch| format!("refs/heads/{branch}")).unwrap_or_default();
    let now = if full.is_empty() { None } else { repository.refs(&full)?.get(&full).copied() };
    // What was cut on top of a branch, as the working tree is, stays as it is.
    let tip = now.filter(|now| *now != base).unwrap_or(old_tip);
    let is_before = |one, other| Ok::<_, PipelineError>(repository.merge_base(one, other)? == Some(one));
    let mut from = base;
    let upstream = head.branch.as_ref().filter(|_| tip != old_tip);
    let upstream = upstream.and_then(|branch| repository.commit(&format!("{branch}@{{upstream}}")).ok());
    if let Some(upstream) = upstream
        && let Some(stands_on) = repository.merge_base(upstream, tip)?
        && !is_before(stands_on, old_tip)?
        && is_before(base, stands_on)?
    {
        from = stands_on;
    }
    let base = repository.merge_base(from, tip)?.unwrap_or(base);
    let called = head.branch.clone().unwrap_or_else(|| name.to_owned());
    Ok(Some(Source { base, tip, name: called, branch: head.branch }))
}

/// Makes the plan of a change.
///
/// # Errors
/// When nothing differs, or `start` does not allow to cut as the user asks.
pub fn plan(
    repository: &Repository,
    (source, name): (Source, String),
    flags: &Layer,
    start: Start,
    progress: &dyn Fn(Stage),
) -> Result<Planned, PipelineError> {
    progress(Stage::Reading);
    let earlier = Earlier::read(repository, &name, &source, flags, start)?;
    let carried = earlier.carried();
    let change = read::change(repository, source.base, source.tip)?;
    if change.files.is_empty() {
        return Err(PipelineError::Nothing { base: source.base.short(), tip: source.tip.short() });
    }
    let settings = settings(repository, change.base_tree_id, flags)?;

    progress(Stage::Understanding);
    // What the project says of itself is read while the change is taken apart.
    let (base_commit_id, trees) = (change.base_commit_id, (change.base_tree_id, change.tip_tree_id));
    let (taken_apart, project) =
        rayon::join(|| taken_apart(repository, change), || Project::read(repository, base_commit_id, trees, settings.history));
    let ((analysis, relations, origins), project) = (taken_apart?, project?);

    progress(Stage::Planning);
    let home_of = |path: &BStr| project.home_of(path);
    let (mut homes, of_edit) = home::homes(&analysis.change, &analysis.edits, &home_of);
    let stored = earlier.stored.as_ref().filter(|_| carried.is_some());
    let stored = stored.and_then(|old| with_bridges_of(old, &analysis, &relations));
    let (analysis, mut relations, refusals) = match (stored, settings.bridge) {
        (Some((analysis, relations)), _) => (analysis, relations, Vec::new()),
        (None, true) => bridge::bridge(analysis, relations, &of_edit, settings.limits.max_lines),
        (None, false) => (analysis, relations, Vec::new()),
    };
    let find = |list: fn(&Outline) -> &Vec<OutlineRelation>| {
        carried.map(|old| carry::relations(list(old), &analysis.change, &analysis.edits)).unwrap_or_default()
    };
    let (from_builds, overridden) = (find(|old| &old.from_builds), find(|old| &old.overridden));
    relations.retain(|relation| overridden.iter().all(|other| other.ends() != relation.ends()));
    relations.extend(from_builds.iter().cloned());
    let given = carried.map(|old| carry::groups(old, &analysis.change, &analysis.edits).groups);
    let (of_edit, origins) = (analysis.edits.with_bridges(of_edit), analysis.edits.with_bridges(origins));
    let converts = bridge::conversions(&analysis.change, &analysis.edits, &analysis.facts);
    let scores = scores(&analysis, &relations, &of_edit, &project.history);
    let squashed = scores.squashed(&analysis.change, &origins);
    let guide = Guide {
        analysis: &analysis,
        scores: &scores,
        squashed: &squashed,
        converts: &converts,
        homes: &homes,
        of_edit: &of_edit,
        limits: settings.limits,
    };
    let Settled { laid: cut, relations, from_check, checked } = cut(&guide, relations, given.as_deref())?;

    progress(Stage::Describing);
    let patches: Vec<_> = cut.in_order().map(|slice| slice.edits.clone()).collect();
    let provenances: Vec<Option<Provenance>> = cut.in_order().map(|slice| slice.provenance.clone()).collect();
    let prefixes = project.prefixes();
    let sources = describe::Sources {
        rules: &analyze::rules::rules(&analysis.change, &analysis.edits),
        analysis: &analysis,
        origins: &origins,
        converts: &converts,
        squashed: &squashed,
        provenances: &provenances,
        prefix: &|paths| prefixes.prefix(paths).map(|prefix| prefix.text).unwrap_or_default(),
    };
    let described = descriptions(&sources, &patches);
    let mut patches = with_messages(&analysis, &cut, described, &refusals, &checked.left);
    for patch in &mut patches {
        patch.home = home::of_patch(&analysis.change, &analysis.edits, &of_edit, &mut homes, &patch.edits);
    }
    let mut series = series::series(&analysis.change, &analysis.edits, &relations, &homes, &patches);
    series::in_line(&mut patches, &mut series);
    for finding in checked.findings {
        patches[finding.step].why.push(format!("does not build by itself: {finding}"));
    }

    let Analysis { change, edits, .. } = analysis;
    let plan = Plan {
        name,
        words: words_of(repository, &change, source.branch.as_ref().unwrap_or(&source.name))?,
        branch: source.branch,
        change,
        edits,
        relations,
        from_check,
        from_builds,
        overridden,
        campaign: Campaign { homes, patches, series },
        landing: settings.landing,
    };
    earlier.taken_over(repository, plan, start)
}

/// The plan that is kept under the name of a new one.
struct Earlier {
    /// What of it counts.
    stored: Option<StoredPlan>,
    outline: Option<Outline>,
    /// Whether its cut is taken over.
    is_carried: bool,
    /// One that the user gives up.
    forgotten: Option<StoredPlan>,
    /// How the user says to cut.
    asked: String,
}

impl Earlier {
    fn read(repository: &Repository, name: &str, source: &Source, flags: &Layer, start: Start) -> Result<Self, PipelineError> {
        let (stored, forgotten) = match start {
            Start::Stored | Start::Forced => (stored_plan(repository, name)?, None),
            // It may be damaged.
            Start::Fresh => (None, stored_plan(repository, name).ok().flatten()),
        };
        let asked = flags.cut();
        let (mut outline, mut is_carried) = (stored.as_ref().map(StoredPlan::outline), false);
        if let (Some(old), Some(outline)) = (&stored, &mut outline) {
            outline.is_of_other_range = is_of_other_range(repository, old.commits()?, (source.base, source.tip));
            let is_cut_asked = !asked.is_empty() && asked != outline.words.cut;
            is_carried = self::is_carried(repository, old, outline, is_cut_asked)?;
        }
        Ok(Earlier { stored, outline, is_carried, forgotten, asked })
    }

    /// Returns the plan whose cut is taken over.
    fn carried(&self) -> Option<&Outline> {
        self.outline.as_ref().filter(|_| self.is_carried)
    }

    /// Takes into a plan what a person arranged and wrote.
    fn taken_over(&self, repository: &Repository, mut plan: Plan, start: Start) -> Result<Planned, PipelineError> {
        let carried = self.carried();
        if let Some(old) = carried {
            carry::arrange(old, &mut plan);
        }
        let mut unsaid = carry::unsaid_commits(&plan);
        if let Some(old) = carried {
            carry::commit_messages(old, &mut plan);
        }
        covers::write(&mut plan);
        only_what_was_looked_at(repository, &mut plan)?;
        let mut lost = self.outline.as_ref().map(|old| carry::words(old, &mut plan)).unwrap_or_default();
        // What a person wrote in place of a message takes nothing from it, and may be a squash that has it.
        let still = carry::unsaid_commits(&plan);
        unsaid.retain(|one| still.contains(one));
        lost.extend(self.forgotten.as_ref().map(|old| carry::unsaid(old.outline().written(), &plan)).unwrap_or_default());
        let gone = carried.map(|old| carry::not_held(old, &plan)).unwrap_or_default();
        if start == Start::Stored && !(lost.is_empty() && gone.is_empty()) {
            return Err(PipelineError::Loses { name: plan.name, written: lost, arranged: gone });
        }
        plan.words.is_arranged &= self.is_carried;
        plan.words.cut = carried.map_or_else(|| self.asked.clone(), |old| old.words.cut.clone());
        if carried.is_none() && plan.words.series.values().any(|words| !words.needs.is_empty()) {
            let Plan { change, edits, relations, words, campaign, .. } = &mut plan;
            let Campaign { homes, patches, series } = campaign;
            *series = series::again(change, edits, relations, words, homes, patches, std::mem::take(series));
            series::in_line(patches, series);
        }
        name_series(&mut plan);
        let kept = carried.map(|old| carry::kept(old, &plan));
        Ok(Planned { plan, kept, lost, unsaid })
    }
}

/// Whether one of two ranges of commits begins within the other.
fn is_of_other_range(repository: &Repository, old: Ends, new: Ends) -> bool {
    let is_before = |one, other| repository.merge_base(one, other).ok().flatten() == Some(one);
    let is_within = |base, (from, tip): Ends| is_before(from, base) && is_before(base, tip);
    old.0 != new.0 && (is_within(new.0, old) || is_within(old.0, new))
}

/// Base and tip of a range.
type Ends = (ObjectId, ObjectId);

/// Whether the cut of a stored plan is taken over.
fn is_carried(repository: &Repository, old: &StoredPlan, outline: &Outline, is_cut_asked: bool) -> Result<bool, PipelineError> {
    let what = match (outline.words.is_arranged, outline.is_decided(), versions(repository, old.name())?.is_empty()) {
        (true, ..) => Some("was arranged by hand"),
        (_, true, _) => Some("was mended by builds"),
        (.., false) => Some("was posted"),
        _ => None,
    };
    match what {
        Some(what) if is_cut_asked => Err(PipelineError::Decided { name: old.name().into(), what }),
        Some(_) => Ok(true),
        None => Ok(!is_cut_asked),
    }
}

/// Puts the bridges of a stored plan in again, where the change has all of their edits and they hold.
fn with_bridges_of(old: &StoredPlan, analysis: &Analysis, relations: &[Relation]) -> Option<(Analysis, Vec<Relation>)> {
    let bridges = old.bridges(&analysis.change, &analysis.edits).ok()?;
    bridge::rebuild(analysis.clone(), relations.to_vec(), &bridges).ok()
}

/// What the project says of itself.
pub(super) struct Project<'r> {
    /// Who owns what.
    owners: Owners,
    /// The folders of the base.
    folders: project::TreeFiles<'r>,
    /// Subjects and paths of the newest commits before the change.
    history: Vec<(BString, Vec<BString>)>,
}

impl<'r> Project<'r> {
    pub(super) fn read(
        repository: &'r Repository,
        base_commit_id: ObjectId,
        (base_tree_id, tip_tree_id): (ObjectId, ObjectId),
        n_commits: usize,
    ) -> Result<Self, PipelineError> {
        let (owners, history) = rayon::join(
            || project::owners_at(repository, base_tree_id, tip_tree_id),
            || repository.subjects(base_commit_id, n_commits),
        );
        Ok(Project { owners: owners?, folders: project::TreeFiles::of(repository, base_tree_id), history: history? })
    }

    /// Returns name and tree of the home of a path. Covers say the name: nothing is hidden in it.
    fn home_of(&self, path: &BStr) -> (BString, Option<BString>) {
        let home = self.owners.home(path, &|path| self.folders.is_folder(path));
        (shown(home.name.as_ref()).into(), home.tree)
    }

    /// Returns what subjects of its commits begin with.
    pub(super) fn prefixes(&self) -> Prefixes {
        Prefixes::learn(self.history.iter().map(|(subject, paths)| Taught {
            subject: subject.as_ref(),
            paths: paths.iter().map(|path| path.as_ref()).collect(),
        }))
    }
}

/// Cuts a change into edits and finds what they do, what ties them, and which commit of the branch made each.
fn taken_apart(repository: &Repository, change: Change) -> Result<(Analysis, Vec<Relation>, Origins), PipelineError> {
    let base_tree_id = change.base_tree_id;
    let analysis = analyze_in(change, &Files::of(repository, base_tree_id));
    let origins = said::squashed_to(&analysis.change.commits, origins(repository, &analysis.change, &analysis.edits)?);
    let relations = relations(&analysis);
    Ok((analysis, relations, origins))
}

/// Prepares the scores of the edits: what they do, what ties them, what was changed together before.
fn scores<'a>(
    analysis: &'a Analysis,
    relations: &[Relation],
    of_edit: &[HomeIdx],
    history: &[(BString, Vec<BString>)],
) -> Scores<'a> {
    let Analysis { change, edits, facts, .. } = analysis;
    let relations = [relations, &likely(analysis)].concat();
    let mut sections = vec![None; change.files.len()];
    for (edit_id, edit) in edits.iter() {
        sections[edit.file_id.idx()] = u32::try_from(of_edit[edit_id.idx()].0).ok();
    }
    let ties = group::ties(&knots(edits, &relations), edits, &relations);
    let co_change = similarity::CoChange::of(change, history);
    let context = similarity::Context { sections, facts: Some(facts), ties, co_change };
    similarity::scores(change, similarity::units(change, edits), context)
}

/// Makes patches of groups, without a home yet.
fn with_messages(
    analysis: &Analysis,
    cut: &Cut,
    described: Vec<Description>,
    refusals: &[Refusal],
    unchecked: &[FileId],
) -> Vec<Patch> {
    let Analysis { change, edits, .. } = analysis;
    let mut ids = PatchIds::default();
    let patch = |(slice, description): (&Slice, Description)| {
        let mut why = group::why(&slice.group, &cut.knots, change, edits);
        why.extend(bridge::why(edits, refusals, &slice.edits));
        why.extend(description.notes);
        let touches = |file_id: &FileId| slice.edits.iter().any(|&edit_id| edits.get(edit_id).file_id == *file_id);
        let left: Vec<FileId> = unchecked.iter().copied().filter(touches).collect();
        why.extend(not_looked_at(change, &left));
        Patch {
            patch_id: ids.next(&description.message.subject),
            edits: slice.edits.clone(),
            message: description.message,
            author: description.author,
            home: HomeIdx(0),
            why,
        }
    };
    cut.in_order().zip(described).map(patch).collect()
}

/// Returns what the author says of the whole change: in its only commit, else in the description of its branch.
fn words_of(repository: &Repository, change: &Change, branch: &str) -> Result<Words, PipelineError> {
    let mut words = Words { blurb: covers::blurb(change), ..Words::default() };
    if words.blurb.is_empty() {
        (words.title, words.blurb) = covers::described(repository.description(branch)?.as_ref());
    }
    Ok(words)
}

/// Takes `Reviewed-by:` and its like from patches that are not what was looked at, to the byte: `git patch-id --stable` of the commit that has the
/// line is another. A patch may hold all lines of a commit and stand among others than that did.
fn only_what_was_looked_at(repository: &Repository, plan: &mut Plan) -> Result<(), PipelineError> {
    let has_any = |patch: &Patch| trailers::looked(&patch.message.trailers).next().is_some();
    if !plan.campaign.patches.iter().any(has_any) {
        return Ok(());
    }
    // What cannot be written is said when somebody wants to write it.
    let Ok(checked) = checked(plan) else { return Ok(()) };
    let written = match write::store(repository, checked) {
        Err(write::SplitError::Git(error)) => return Err(error.into()),
        Err(_) => return Ok(()),
        Ok(written) => written,
    };
    let room = repository.clean_room(plan.change.tip_tree_id)?;
    let of_patch: BTreeMap<ObjectId, String> = room.patch_ids(&written.all)?.into_iter().collect();
    let sources: Vec<ObjectId> = plan.change.commits.iter().map(|commit| commit.commit_id).collect();
    let of_source: BTreeMap<ObjectId, String> = room.patch_ids(&sources)?.into_iter().collect();
    for (patch, commit_id) in plan.campaign.patches.iter_mut().zip(&written.all) {
        let seen = |line: &BString| {
            plan.change.commits.iter().any(|commit| {
                let is_same = of_source.get(&commit.commit_id) == of_patch.get(commit_id);
                is_same && Message::read(commit.message.as_ref()).trailers.contains(line)
            })
        };
        let unseen: Vec<BString> = trailers::looked(&patch.message.trailers).filter(|line| !seen(line)).cloned().collect();
        patch.message.trailers.retain(|line| !unseen.contains(line));
        patch.why.extend(unseen.iter().map(|line| format!("'{line}' was given for another patch than this, and is left out")));
    }
    Ok(())
}
