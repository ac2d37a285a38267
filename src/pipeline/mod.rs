//! The stages, chained on one page.

pub mod repair;

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BStr, BString};

use crate::analyze::history::{Prefixes, Taught};
use crate::analyze::occurrences::Occurrences;
use crate::analyze::{self, Analysis, analyze_in, project};
use crate::describe::{self, descriptions};
use crate::describe::{covers, trailers};
use crate::git::files::Files;
use crate::git::refs::RefEdit;
use crate::git::{GitError, Repository};
use crate::model::{
    Campaign, Change, EditId, Edits, Facts, FileId, Group, Home, HomeIdx, Knot, Message, ObjectId, Patch, Plan, Relation, Words,
};
use crate::plan::bridge::{self, Pieces, Refusal};
use crate::plan::carry::{self, Lost};
use crate::plan::check::{Asked, Checked, check, report};
use crate::plan::group::{self, Limits, Marks};
use crate::plan::knots::knots;
use crate::plan::order::{OrderError, order};
use crate::plan::relate::{likely, relations};
use crate::plan::store::{self, StoreError};
use crate::plan::{home, series, words};
use crate::read::origins::{Origins, origins};
use crate::read::{self, Input};
use crate::settings::{Layer, Settings, SettingsError, settings};
use crate::similarity::{self, Source, Told};
use crate::write::{self, checked};
use get_maintainer::Owners;

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// The input cannot be read.
    #[error(transparent)]
    Source(#[from] read::source::SourceError),
    /// The repository or git refused.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A setting is wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The stored plan cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The groups have no order.
    #[error(transparent)]
    Order(#[from] OrderError),
    /// A bridge of the stored plan does not hold.
    #[error("the bridge for {} of the stored plan does not hold: {}", .0.what, .0.why)]
    Bridge(Refusal),
    /// Base and tip are equal.
    #[error("nothing differs between {base} and {tip}")]
    Nothing {
        /// The base, short.
        base: String,
        /// The tip, short.
        tip: String,
    },
}

/// A change taken apart: all that planning needs to know.
pub struct Parts {
    /// Its edits and what they do.
    pub analysis: Analysis,
    /// Which commit made each.
    pub origins: Origins,
    /// What ties them.
    pub relations: Vec<Relation>,
}

/// What the project says of itself.
struct Project {
    /// Who owns what.
    owners: Owners,
    /// Subjects and paths of the newest commits before the change.
    history: Vec<(BString, Vec<BString>)>,
}

/// Where the work is, for a progress line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Trees, objects, hunks.
    Reading,
    /// Parsing and relating.
    Understanding,
    /// Grouping and ordering.
    Planning,
    /// Owners, history, messages.
    Describing,
}

/// From what the user points at to a plan, with the name it goes by unless they say another.
///
/// # Errors
/// When the input cannot be read or nothing differs.
pub fn plan(
    repository: &Repository,
    input: &Input,
    flags: &Layer,
    name: Option<&str>,
    progress: &dyn Fn(Stage),
) -> Result<Plan, PipelineError> {
    progress(Stage::Reading);
    let source = read::source::source(repository, input)?;
    let change = read::change(repository, source.base, source.tip)?;
    if change.files.is_empty() {
        return Err(PipelineError::Nothing { base: source.base.short(), tip: source.tip.short() });
    }
    let settings = settings(repository, change.base_tree_id, flags)?;
    progress(Stage::Understanding);
    let (base, trees) = (change.base_commit_id, (change.base_tree_id, change.tip_tree_id));
    // What the project says of itself is read while the change is taken apart.
    let (parts, (owners, history)) = rayon::join(
        || parts(repository, change),
        || rayon::join(|| project::owners_at(repository, trees.0, trees.1), || repository.subjects(base, settings.history)),
    );
    let project = Project { owners: owners?, history: history? };
    let name = name.map_or_else(|| change_name(&source.name), str::to_owned);
    let mut plan = campaign(repository, parts?, &project, &settings, name, progress)?;
    if plan.words.blurb.is_empty() {
        (plan.words.title, plan.words.blurb) = covers::described(repository.description(&source.name)?.as_ref());
        let title = plan.title().to_owned();
        covers::covers(&plan.change, title.as_ref(), &plan.campaign.patches, &mut plan.campaign.series);
    }
    only_what_was_looked_at(repository, &mut plan)?;
    Ok(plan)
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

/// Takes into a new plan what a person said of the one that is stored under its name, and returns what has no place in it. A stored plan that cannot
/// be read says nothing.
///
/// # Errors
/// When the file is there and the disk refuses.
pub fn keep_words(repository: &Repository, plan: &mut Plan) -> Result<Vec<Lost>, PipelineError> {
    let text = match store::file::load(repository.common_dir(), &plan.name) {
        Err(StoreError::Missing(_)) => return Ok(Vec::new()),
        other => other?,
    };
    let Ok(old) = store::read(&text) else { return Ok(Vec::new()) };
    let lost = carry::keep(&old, plan);
    words::name_series(plan);
    Ok(lost)
}

/// Finds a stored plan's change and edits again.
///
/// # Errors
/// When there is no such plan, it is damaged, or its commits are gone.
pub fn load(repository: &Repository, name: &str) -> Result<Plan, PipelineError> {
    Ok(load_with_facts(repository, name)?.0)
}

/// Finds a stored plan again, and what its edits do.
///
/// # Errors
/// When there is no such plan, it is damaged, or its commits are gone.
pub fn load_with_facts(repository: &Repository, name: &str) -> Result<(Plan, Facts), PipelineError> {
    let (plan, facts, _) = understood(repository, name)?;
    Ok((plan, facts))
}

/// Finds a stored plan again, and what the texts of its steps break.
///
/// # Errors
/// When there is no such plan, it is damaged, or its commits are gone.
pub fn checked_steps(repository: &Repository, name: &str) -> Result<(Plan, Checked), PipelineError> {
    let (plan, _, occurrences) = understood(repository, name)?;
    let patches: Vec<Vec<EditId>> = plan.campaign.patches.iter().map(|patch| patch.edits.clone()).collect();
    let checked = check(&plan.change, &plan.edits, &occurrences, &patches, &Asked::default());
    Ok((plan, checked))
}

/// Finds a stored plan again, and where its change names what.
///
/// # Errors
/// When there is no such plan, it is damaged, or its commits are gone.
pub fn load_with_occurrences(repository: &Repository, name: &str) -> Result<(Plan, Occurrences), PipelineError> {
    let (plan, _, occurrences) = understood(repository, name)?;
    Ok((plan, occurrences))
}

fn understood(repository: &Repository, name: &str) -> Result<(Plan, Facts, Occurrences), PipelineError> {
    let stored = store::read(&store::file::load(repository.common_dir(), name)?)?;
    let (base, tip) = stored.commits()?;
    let change = read::change(repository, base, tip)?;
    let base_tree_id = change.base_tree_id;
    let analysis = analyze_in(change, &Files::of(repository, base_tree_id));
    let relations = relations(&analysis);
    let Analysis { change, edits, facts, occurrences } = analysis;
    let bridges = stored.bridges(&change, &edits)?;
    let Pieces { edits, facts, occurrences, relations } =
        bridge::rebuild(&change, Pieces { edits, facts, occurrences, relations }, &bridges).map_err(PipelineError::Bridge)?;
    Ok((stored.resolve(change, edits, relations)?, facts, occurrences))
}

/// Stores a plan, and keeps its commits from being collected: `refs/cleave/<change>/base` and `/tip`.
///
/// # Errors
/// When the disk or git refuses.
pub fn keep(repository: &Repository, plan: &Plan) -> Result<(), PipelineError> {
    let text = store::write(plan)?;
    let existing = repository.refs(&format!("refs/cleave/{}/", plan.name))?;
    let edits: Vec<RefEdit> = [("base", plan.change.base_commit_id), ("tip", plan.change.tip_commit_id)]
        .into_iter()
        .map(|(end, new)| (format!("refs/cleave/{}/{end}", plan.name), new))
        .filter(|(name, new)| existing.get(name) != Some(new))
        .map(|(name, new)| RefEdit { old: existing.get(&name).copied(), name, new: Some(new) })
        .collect();
    repository.edit_refs(&edits, "cleave: plan")?;
    Ok(store::file::save(repository.common_dir(), &plan.name, &text)?)
}

/// Cuts a change and finds what its pieces do and need.
///
/// # Errors
/// When git fails on a file of the change.
pub fn parts(repository: &Repository, change: Change) -> Result<Parts, PipelineError> {
    let base_tree_id = change.base_tree_id;
    let analysis = analyze_in(change, &Files::of(repository, base_tree_id));
    let origins = origins(repository, &analysis.change, &analysis.edits)?;
    let relations = relations(&analysis);
    Ok(Parts { analysis, origins, relations })
}

/// Groups, orders, routes and describes the pieces.
fn campaign(
    repository: &Repository,
    parts: Parts,
    project: &Project,
    settings: &Settings,
    name: String,
    progress: &dyn Fn(Stage),
) -> Result<Plan, PipelineError> {
    progress(Stage::Planning);
    let Parts { analysis: Analysis { change, edits, facts, occurrences }, origins, relations } = parts;
    let folders = project::Folders::of(repository, change.base_tree_id);
    let home_of = |path: &BStr| {
        let home = project.owners.home(path, &|path| folders.is_folder(path));
        (home.name, home.tree)
    };
    let (mut homes, of_edit) = home::homes(&change, &edits, &home_of);
    let pieces = Pieces { edits, facts, occurrences, relations };
    let (pieces, refusals) = match settings.bridge {
        true => bridge::bridge(&change, pieces, &of_edit, settings.max_lines),
        false => (pieces, Vec::new()),
    };
    let (of_edit, origins) = (pieces.edits.with_bridges(of_edit), pieces.edits.with_bridges(origins));
    let Pieces { edits, facts, occurrences, relations } = pieces;
    let analysis = Analysis { change, edits, facts, occurrences };
    let Analysis { change, edits, facts, .. } = &analysis;
    let converts = bridge::conversions(change, edits, facts);
    let likely = [relations.as_slice(), &likely(&analysis)].concat();
    let scores = scores(change, edits, facts, &likely, &of_edit, similarity::Habits::of(change, &project.history));
    let told = scores.told(change, &origins);
    let known = Known {
        analysis: &analysis,
        scores: &scores,
        told: &told,
        converts: &converts,
        homes: &homes,
        of_edit: &of_edit,
        settings,
    };
    let Cut { relations, learned, knots, groups, members, said, ordered, checked } = cut(&known, relations)?;
    progress(Stage::Describing);
    let prefixes =
        Prefixes::learn(project.history.iter().map(|(subject, paths)| Taught {
            subject: subject.as_ref(),
            paths: paths.iter().map(|path| path.as_ref()).collect(),
        }));
    let prefix = |paths: &[&BStr]| -> BString { prefixes.prefix(paths).map(|prefix| prefix.text).unwrap_or_default() };
    let patches_edits: Vec<_> = ordered.iter().map(|&idx| members[idx].clone()).collect();
    let rules = analyze::rules::rules(change, edits);
    let said: Vec<Option<Source>> = ordered.iter().map(|&idx| said[idx].clone()).collect();
    let sources = describe::Sources {
        rules: &rules,
        change,
        edits,
        facts,
        origins: &origins,
        converts: &converts,
        told: &told,
        said: &said,
        prefix: &prefix,
    };
    let described = descriptions(&sources, &patches_edits);
    let mut ids = covers::Ids::default();
    let mut patches: Vec<Patch> = Vec::with_capacity(ordered.len());
    for ((&idx, edit_ids), description) in ordered.iter().zip(patches_edits).zip(described) {
        let home = home::of_patch(change, edits, &of_edit, &mut homes, &edit_ids);
        let mut why = covers::why(&groups[idx], &knots, change, edits);
        why.extend(bridge::why(edits, &refusals, &edit_ids));
        why.extend(description.notes);
        let touches = |file_id: &FileId| edit_ids.iter().any(|&edit_id| edits.get(edit_id).file_id == *file_id);
        let left: Vec<FileId> = checked.left.iter().copied().filter(touches).collect();
        why.extend(report::not_looked_at(change, &left));
        patches.push(Patch {
            patch_id: ids.next(&description.message.subject),
            edits: edit_ids,
            message: description.message,
            author: description.author,
            home,
            why,
        });
    }
    let mut series = series::series(change, edits, &relations, &homes, &patches);
    series::in_line(&mut patches, &mut series);
    for finding in checked.findings {
        patches[finding.step].why.push(format!("does not build by itself: {finding}"));
    }
    covers::covers(change, name.as_str().into(), &patches, &mut series);
    let campaign = Campaign { homes, patches, series };
    let words = Words { blurb: covers::blurb(change), ..Words::default() };
    let Analysis { change, edits, .. } = analysis;
    let mut plan =
        Plan { name, change, edits, relations, learned, waived: Vec::new(), campaign, landing: settings.landing, words };
    words::name_series(&mut plan);
    Ok(plan)
}

/// What grouping and the check look at.
struct Known<'k> {
    analysis: &'k Analysis,
    scores: &'k similarity::Scores<'k>,
    told: &'k Told,
    converts: &'k [Option<usize>],
    homes: &'k [Home],
    of_edit: &'k [HomeIdx],
    settings: &'k Settings,
}

/// Groups in their order, what holds them there, and what the check finds still.
struct Cut {
    relations: Vec<Relation>,
    learned: Vec<Relation>,
    knots: Vec<Knot>,
    groups: Vec<Group>,
    members: Vec<Vec<EditId>>,
    /// What the branch says of each group.
    said: Vec<Option<Source>>,
    ordered: Vec<usize>,
    checked: Checked,
}

/// Prepares the scores of the pieces: what they do, what ties them, what was changed together before.
fn scores<'c>(
    change: &'c Change,
    edits: &'c Edits,
    facts: &'c Facts,
    relations: &[Relation],
    of_edit: &[HomeIdx],
    habits: similarity::Habits,
) -> similarity::Scores<'c> {
    let mut sections = vec![None; change.files.len()];
    for (edit_id, edit) in edits.iter() {
        sections[edit.file_id.idx()] = u32::try_from(of_edit[edit_id.idx()].0).ok();
    }
    let ties = group::ties(&knots(edits, relations), edits, relations);
    similarity::scores(
        change,
        similarity::units(change, edits),
        similarity::Context { sections, facts: Some(facts), ties, habits },
    )
}

/// A plan that the check cannot mend in so many rounds, a large one in a third of them, is shown with what is left.
const ROUNDS_AT_MOST: usize = 12;

/// Knots of a change of more edits than this are not joined anew for what the check finds, but stay where they are: joining takes most of the time.
const JOINED_ANEW: usize = 1_000;

/// Groups and orders the knots and checks each step; what the check finds become relations, and all is made again. Each round adds a relation, so
/// it ends: one patch of everything has no step to find anything in.
fn cut(known: &Known<'_>, mut relations: Vec<Relation>) -> Result<Cut, PipelineError> {
    let Analysis { change, edits, occurrences, .. } = known.analysis;
    let rounds_at_most = if edits.len() > JOINED_ANEW { ROUNDS_AT_MOST / 3 } else { ROUNDS_AT_MOST };
    let (mut learned, asked) = (Vec::new(), Asked::default());
    let mut settled: Option<Vec<Vec<EditId>>> = None;
    for round in 1.. {
        let (knots, alone) = bridge::joined_by_home(knots(edits, &relations), edits, &relations, known.converts, known.of_edit);
        let groups = match &settled {
            Some(members) => group::settle(members, &knots, edits, &relations),
            None => grouped(known, &knots, &alone, &relations),
        };
        let members: Vec<_> = groups.iter().map(|group| members(group, &knots)).collect();
        let said: Vec<Option<Source>> = members.iter().map(|members| source(known, members)).collect();
        let ordered = order(known.analysis, &relations, &members, &said)?;
        let checked = check(change, edits, occurrences, &in_line(known, &relations, &members, &ordered), &asked);
        let wanted: BTreeSet<&Relation> = checked.findings.iter().flat_map(|finding| &finding.mend).collect();
        let had: BTreeSet<_> = relations.iter().map(|relation| (relation.first, relation.second, relation.tie)).collect();
        let is_new = |relation: &&&Relation| !had.contains(&(relation.first, relation.second, relation.tie));
        let new: Vec<Relation> = wanted.iter().filter(|relation| is_new(relation)).map(|relation| (*relation).clone()).collect();
        if new.is_empty() || round == rounds_at_most {
            return Ok(Cut { relations, learned, knots, groups, members, said, ordered, checked });
        }
        settled = (edits.len() > JOINED_ANEW).then_some(members);
        relations.extend(new.iter().cloned());
        relations.sort();
        learned.extend(new);
    }
    unreachable!("the last round returns")
}

/// Returns the edits of the patches in the order of the series.
fn in_line(known: &Known<'_>, relations: &[Relation], members: &[Vec<EditId>], ordered: &[usize]) -> Vec<Vec<EditId>> {
    let mut homes = known.homes.to_vec();
    let draft = |edits: &Vec<EditId>, homes: &mut Vec<Home>| Patch {
        patch_id: String::new(),
        home: home::of_patch(&known.analysis.change, &known.analysis.edits, known.of_edit, homes, edits),
        edits: edits.clone(),
        message: Message::default(),
        author: known.analysis.change.committer.clone(),
        why: Vec::new(),
    };
    let mut patches: Vec<Patch> = ordered.iter().map(|&idx| draft(&members[idx], &mut homes)).collect();
    let mut series = series::series(&known.analysis.change, &known.analysis.edits, relations, &homes, &patches);
    series::in_line(&mut patches, &mut series);
    patches.into_iter().map(|patch| patch.edits).collect()
}

fn grouped(known: &Known<'_>, knots: &[Knot], alone: &[bool], relations: &[Relation]) -> Vec<Group> {
    let Known { analysis: Analysis { change, edits, .. }, scores, told, settings, .. } = *known;
    let limits = Limits {
        n_patches: settings.n_patches.or(told.n_patches()),
        bias: settings.bias,
        max_lines: settings.max_lines,
        commit_weight: settings.commit_weight,
        home_penalty: settings.home_penalty,
    };
    let of_knot = home::of_knots(change, edits, known.of_edit, knots);
    // One commit says nothing of how to cut it unless its message is of several; several commits were their author's own cut.
    let speaks = change.commits.len() > 1 || told.n_patches().is_some();
    let sources = speaks.then(|| knots.iter().map(|knot| source(known, &knot.edits)).collect::<Vec<_>>());
    let marks = Marks { homes: Some(&of_knot), alone: Some(alone), sources: sources.as_deref() };
    group::merge(knots, edits, relations, scores, marks, &limits)
}

/// Returns what the branch says of some edits.
fn source(known: &Known<'_>, members: &[EditId]) -> Option<Source> {
    let weight = |edit_id: EditId| home::weight(&known.analysis.change, &known.analysis.edits, edit_id) as f64;
    known.told.source(members.iter().map(|&edit_id| (edit_id, weight(edit_id))))
}

fn members(group: &Group, knots: &[Knot]) -> Vec<EditId> {
    let mut members: Vec<_> = group.knots.iter().flat_map(|&idx| knots[idx].edits.iter().copied()).collect();
    members.sort();
    members
}

/// Makes a name fit for one part of a ref: `feature/x` becomes `feature-x`, reserved names get a suffix.
pub fn change_name(name: &str) -> String {
    let mut fit: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+') { c } else { '-' })
        .collect::<String>()
        .trim_matches(|c| matches!(c, '.' | '-'))
        .replace("..", "-");
    if let Some(stem) = fit.strip_suffix(".lock") {
        fit = format!("{stem}-lock");
    }
    match fit.as_str() {
        "" => "change".into(),
        "all" | "backup" => format!("{fit}-change"),
        _ => fit,
    }
}

#[cfg(test)]
mod tests {
    use crate::pipeline::change_name;

    #[test]
    fn names_fit_into_refs() {
        assert_eq!(change_name("feature/x y"), "feature-x-y");
        assert_eq!(change_name("all"), "all-change");
        assert_eq!(change_name("..a..lock"), "a-lock");
        assert_eq!(change_name("ü"), "change");
        assert_eq!(change_name("x.lock"), "x-lock");
    }
}
