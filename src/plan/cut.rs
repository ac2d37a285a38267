//! Edits and what ties them → groups in their order, which will be the patches.
//!
//! In: an [`Analysis`], its relations, and all else that a cut goes by ([`Guide`]). Out: a [`Cut`] whose steps the check has been asked about. Each round
//! ties knots, groups them, orders the groups and checks the steps; [`settle`](mod@super::settle) repeats that with what the check asks for. The cost is that of
//! grouping, times the rounds.

use super::bridge;
use super::check::{Asked, Checked, check};
use super::group::{self, Limits, Marks};
use super::home;
use super::knots::knots;
use super::order::{OrderError, order};
use super::series;
use super::settle::{Settled, is_large, rounds_for, settle};
use crate::analyze::Analysis;
use crate::model::{EditId, Group, Home, HomeIdx, Knot, Message, Patch, Relation};
use crate::similarity::{Provenance, Scores, SquashedMessages};

/// What a cut goes by, beside the relations. Lists with one value an edit have the edits of bridges too.
pub struct Guide<'g> {
    /// The change that is cut.
    pub analysis: &'g Analysis,
    /// How near two edits are.
    pub scores: &'g Scores<'g>,
    /// What the messages of the branch say of each edit.
    pub squashed: &'g SquashedMessages,
    /// For each edit the bridge whose users it converts, and nothing else.
    pub converts: &'g [Option<usize>],
    /// Where patches can go.
    pub homes: &'g [Home],
    /// Where each edit goes.
    pub of_edit: &'g [HomeIdx],
    /// What groups may look like.
    pub limits: Limits,
}

/// A change in groups.
#[derive(Debug, Clone)]
pub struct Cut {
    /// What the groups are made of.
    pub knots: Vec<Knot>,
    /// The groups, by their first knot.
    pub groups: Vec<Slice>,
    /// The groups in the order in which they are to be applied.
    pub order: Vec<usize>,
}

/// One group of a cut.
#[derive(Debug, Clone)]
pub struct Slice {
    /// Its knots.
    pub group: Group,
    /// Its edits, sorted.
    pub edits: Vec<EditId>,
    /// What the branch says of these edits.
    pub provenance: Option<Provenance>,
}

impl Cut {
    /// Returns the groups in the order in which they are to be applied.
    pub fn in_order(&self) -> impl Iterator<Item = &Slice> {
        self.order.iter().map(|&idx| &self.groups[idx])
    }
}

/// Cuts a change.
///
/// `given` are groups that somebody made already: each edit stays in the group that it was given, unless a relation forbids it. Edits that are in none
/// go to the given group that they have most to do with, or into groups of their own ([`group::with_new`]).
///
/// # Errors
/// When groups need each other in a circle, which grouping never makes.
pub fn cut(guide: &Guide<'_>, relations: Vec<Relation>, given: Option<&[Vec<EditId>]>) -> Result<Settled<Cut>, OrderError> {
    let Analysis { change, edits, occurrences, .. } = guide.analysis;
    let asked = Asked::default();
    let lay = |relations: &[Relation], last: Option<Cut>| {
        let (knots, alone) = bridge::joined_by_home(knots(edits, relations), edits, relations, guide.converts, guide.of_edit);
        let members = |groups: Vec<Group>| groups.iter().map(|group| members(group, &knots)).collect::<Vec<_>>();
        let start = match (last.filter(|_| is_large(edits.len())), given) {
            (Some(last), _) => Some(last.groups.into_iter().map(|slice| slice.edits).collect()),
            (None, Some(given)) => Some(group::with_new(given, &members(grouped(guide, &knots, &alone, relations)))),
            (None, None) => None,
        };
        let groups = match start {
            Some(start) => group::given(&start, &knots, edits, relations),
            None => grouped(guide, &knots, &alone, relations),
        };
        let edits_of = members(groups.clone());
        let provenances: Vec<Option<Provenance>> = edits_of.iter().map(|members| provenance(guide, members)).collect();
        let order = order(guide.analysis, relations, &edits_of, &provenances)?;
        let slices = groups.into_iter().zip(edits_of).zip(provenances);
        let groups = slices.map(|((group, edits), provenance)| Slice { group, edits, provenance }).collect();
        Ok(Cut { knots, groups, order })
    };
    let checked = |cut: &Cut, relations: &[Relation]| -> Checked {
        check(change, edits, occurrences, &in_line(guide, relations, cut), &asked)
    };
    settle(relations, rounds_for(edits.len()), lay, checked)
}

/// Returns the edits of the patches in the order of the series, in which they are built.
fn in_line(guide: &Guide<'_>, relations: &[Relation], cut: &Cut) -> Vec<Vec<EditId>> {
    let Analysis { change, edits, .. } = guide.analysis;
    let mut homes = guide.homes.to_vec();
    let draft = |members: &Vec<EditId>, homes: &mut Vec<Home>| Patch {
        patch_id: String::new(),
        home: home::of_patch(change, edits, guide.of_edit, homes, members),
        edits: members.clone(),
        message: Message::default(),
        author: change.committer.clone(),
        why: Vec::new(),
    };
    let mut patches: Vec<Patch> = cut.in_order().map(|slice| draft(&slice.edits, &mut homes)).collect();
    let mut series = series::series(change, edits, relations, &homes, &patches);
    series::in_line(&mut patches, &mut series);
    patches.into_iter().map(|patch| patch.edits).collect()
}

fn grouped(guide: &Guide<'_>, knots: &[Knot], alone: &[bool], relations: &[Relation]) -> Vec<Group> {
    let Guide { analysis: Analysis { change, edits, .. }, squashed, .. } = guide;
    let limits = Limits { n_patches: guide.limits.n_patches.or(squashed.n_patches()), ..guide.limits.clone() };
    let of_knot = home::of_knots(change, edits, guide.of_edit, knots);
    // One commit says nothing of how to cut it unless its message is of several; several commits were their author's own cut.
    let speaks = change.commits.len() > 1 || squashed.n_patches().is_some();
    let sources = speaks.then(|| knots.iter().map(|knot| provenance(guide, &knot.edits)).collect::<Vec<_>>());
    let marks = Marks { homes: Some(&of_knot), alone: Some(alone), sources: sources.as_deref() };
    group::merge(knots, edits, relations, guide.scores, marks, &limits)
}

/// Returns what the branch says of some edits.
fn provenance(guide: &Guide<'_>, members: &[EditId]) -> Option<Provenance> {
    let weight = |edit_id: EditId| home::weight(&guide.analysis.change, &guide.analysis.edits, edit_id) as f64;
    guide.squashed.provenance(members.iter().map(|&edit_id| (edit_id, weight(edit_id))))
}

fn members(group: &Group, knots: &[Knot]) -> Vec<EditId> {
    let mut members: Vec<_> = group.knots.iter().flat_map(|&idx| knots[idx].edits.iter().copied()).collect();
    members.sort();
    members
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::analyze;
    use crate::model::Reason;
    use crate::plan::{fixture, relate};
    use crate::similarity;

    /// Cuts a change of documents, and draws each group by the paths of its edits, in order.
    fn drawn(paths: &[&str], given: Option<&[&[u32]]>, more: &[Relation]) -> Vec<String> {
        let texts: Vec<String> = paths.iter().map(|path| format!("a line on {path}\n")).collect();
        let files: Vec<_> = paths.iter().zip(&texts).map(|(path, text)| (*path, Some("old\n"), Some(text.as_str()))).collect();
        let analysis = analyze(fixture::change(&files));
        let Analysis { change, edits, .. } = &analysis;
        let relations = [relate::relations(&analysis).as_slice(), more].concat();
        let (homes, of_edit) = home::homes(change, edits, &|_| ("DOC".into(), None));
        let scores = similarity::scores(change, similarity::units(change, edits), similarity::Context::default());
        let squashed = scores.squashed(change, &vec![None; edits.len()]);
        let converts = vec![None; edits.len()];
        let guide = Guide {
            analysis: &analysis,
            scores: &scores,
            squashed: &squashed,
            converts: &converts,
            homes: &homes,
            of_edit: &of_edit,
            limits: Limits::default(),
        };
        let given: Option<Vec<Vec<EditId>>> =
            given.map(|groups| groups.iter().map(|group| group.iter().copied().map(EditId).collect()).collect());
        let settled = cut(&guide, relations, given.as_deref()).expect("groups never need each other in a circle");
        let path = |edit_id: &EditId| change.file(edits.get(*edit_id).file_id).path().to_string();
        settled.laid.in_order().map(|slice| slice.edits.iter().map(path).collect::<Vec<_>>().join(" ")).collect()
    }

    #[test]
    fn a_cut_starts_from_the_groups_that_are_given() {
        let paths = ["a/x.txt", "b/y.txt", "c/z.txt"];
        let sorted = |mut groups: Vec<String>| {
            groups.sort();
            groups
        };
        let groups = sorted(drawn(&paths, Some(&[&[0, 2], &[1]]), &[]));
        assert_eq!(groups, ["a/x.txt c/z.txt", "b/y.txt"]);
        let groups = sorted(drawn(&paths, Some(&[&[0], &[1], &[2]]), &[]));
        assert_eq!(groups, paths);
        // A relation is stronger than what is given.
        let together = Relation::together(EditId(0), EditId(1), Reason::Asked);
        let groups = sorted(drawn(&paths, Some(&[&[0], &[1], &[2]]), &[together]));
        assert_eq!(groups, ["a/x.txt b/y.txt", "c/z.txt"]);
        // So is one that lets given groups need each other.
        let circle = [(0, 1), (1, 2)].map(|(first, second)| Relation::before(EditId(first), EditId(second), Reason::Asked));
        assert_eq!(drawn(&paths, Some(&[&[0, 2], &[1]]), &circle), ["a/x.txt b/y.txt c/z.txt"]);
    }

    #[test]
    fn edits_that_are_not_given_have_a_place_too() {
        let all = drawn(&["a/x.txt", "b/y.txt", "c/z.txt"], Some(&[&[1]]), &[]).join(" ");
        let mut paths: Vec<&str> = all.split(' ').collect();
        paths.sort_unstable();
        assert_eq!(paths, ["a/x.txt", "b/y.txt", "c/z.txt"]);
    }
}
