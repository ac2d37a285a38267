use std::convert::Infallible;

use super::*;
use crate::analyze::{Analysis, analyze};
use crate::model::Message;
use crate::model::diagnosis::DiagnosisKind;
use crate::plan::fixture;
use crate::write::checked;

/// One edit in each of `n` documents, dealt out: `patches[i]` are the numbers of its edits. Nothing is known of what ties them.
fn plan(patches: &[Vec<usize>]) -> (Plan, Occurrences) {
    let n = patches.iter().map(Vec::len).sum();
    let paths: Vec<String> = (0..n).map(|idx| format!("doc/{idx:02}.txt")).collect();
    let files: Vec<(&str, Option<&str>, Option<&str>)> =
        paths.iter().map(|path| (path.as_str(), Some("old\n"), Some("new\n"))).collect();
    let change = fixture::change(&files);
    let Analysis { change, edits, occurrences, .. } = analyze(change);
    let patch = |(idx, numbers): (usize, &Vec<usize>)| {
        let message = Message { subject: format!("patch {idx}").into(), ..Message::default() };
        fixture::patch(&format!("patch-{idx}"), numbers.iter().copied().map(EditId::at).collect(), message)
    };
    let plan = fixture::plan(change, edits, patches.iter().enumerate().map(patch).collect());
    (plan, occurrences)
}

/// Builds a set of edits when each has those that it needs; says nothing of why not.
struct Table {
    needs: Vec<(usize, usize)>,
    /// How the base stands, whatever the edits.
    base: Stand,
    n_sets: usize,
}

impl Table {
    fn stand(&self, set: &EditSet) -> Stand {
        let lacks = |&(edit, needed): &(usize, usize)| set.has(EditId::at(edit)) && !set.has(EditId::at(needed));
        if self.needs.iter().any(lacks) { Stand::Fails(Vec::new()) } else { Stand::Builds }
    }
}

impl Builder for Table {
    type Error = Infallible;

    fn steps(&mut self, plan: &Plan) -> Result<Vec<Stand>, Infallible> {
        let mut set = EditSet::empty(plan.edits.len());
        let mut stands = vec![self.base.clone()];
        for patch in &plan.campaign.patches {
            set.extend(patch.edits.iter().copied());
            stands.push(self.stand(&set));
        }
        Ok(stands)
    }

    fn set(&mut self, _: &Plan, set: &EditSet) -> Result<Stand, Infallible> {
        self.n_sets += 1;
        Ok(self.stand(set))
    }

    fn round(&mut self, before: &Plan, after: &Plan, round: &Round) -> Result<(), Infallible> {
        assert!(after.relations.len() > before.relations.len(), "each round adds a relation: {round:?}");
        checked(after).expect("each plan keeps its promises");
        Ok(())
    }
}

fn repaired(patches: &[Vec<usize>], needs: &[(usize, usize)], base: Stand, bounds: Bounds) -> Repaired {
    let (plan, occurrences) = plan(patches);
    let Ok(repaired) = repair(plan, &occurrences, &mut Table { needs: needs.to_vec(), base, n_sets: 0 }, bounds);
    repaired
}

#[test]
fn any_plan_is_repaired_without_a_word_from_the_build() {
    let mut seed: usize = 3;
    let mut next = |below: usize| {
        seed = (seed * 75 + 74) % 65_537;
        seed % below
    };
    for _ in 0..60 {
        let n = 2 + next(9);
        let mut patches: Vec<Vec<usize>> = vec![Vec::new(); 2 + next(3)];
        let n_patches = patches.len();
        (0..n).for_each(|edit| patches[next(n_patches)].push(edit));
        patches.retain(|patch| !patch.is_empty());
        let needs: Vec<(usize, usize)> = (0..next(5)).map(|_| (next(n), next(n))).collect();
        let Repaired { plan, rounds, end } = repaired(&patches, &needs, Stand::Builds, Bounds::default());
        assert_eq!(end, End::Done, "{patches:?} {needs:?} {rounds:?}");
        let mut table = Table { needs: needs.clone(), base: Stand::Builds, n_sets: 0 };
        let Ok(stands) = table.steps(&plan);
        assert!(stands.iter().all(|stand| *stand == Stand::Builds), "{patches:?} {needs:?} {stands:?}");
        let held: usize = plan.campaign.patches.iter().map(|patch| patch.edits.len()).sum();
        assert_eq!(held, n);
        if rounds.is_empty() {
            assert_eq!(plan.campaign.patches.len(), patches.len(), "what builds stays as it is");
        }
    }
}

#[test]
fn only_what_must_moves() {
    // Edit 1 needs edit 4, which needs edit 2: neither patch can go before the other.
    let Repaired { plan, rounds, .. } =
        repaired(&[vec![0, 1, 2], vec![3, 4, 5], vec![6]], &[(1, 4), (4, 2), (3, 0)], Stand::Builds, Bounds::default());
    let moved: Vec<_> = rounds.iter().flat_map(|round| &round.moved).map(|moved| (moved.edit_id.idx(), moved.to)).collect();
    assert_eq!((rounds.len(), moved), (1, vec![(4, 0)]));
    assert_eq!(plan.campaign.patches[2].edits, [EditId::at(6)]);
    assert_eq!(plan.campaign.patches[0].message.subject, "patch 0");
    assert_eq!(plan.from_builds.len(), 1);
}

#[test]
fn nothing_is_repaired_for_a_base_that_fails() {
    let said = Diagnosis { path: "a".into(), line: 1, kind: DiagnosisKind::Other, symbol: "".into(), text: "no".into() };
    let Repaired { rounds, end, .. } = repaired(&[vec![0], vec![1]], &[(0, 1)], Stand::Fails(vec![said]), Bounds::default());
    assert_eq!((rounds.len(), end), (0, End::Base));
}

#[test]
fn without_a_step_that_builds_there_is_nothing_to_search() {
    let Repaired { rounds, end, .. } = repaired(&[vec![0], vec![1]], &[(0, 1)], Stand::Untold, Bounds::default());
    assert_eq!((rounds.len(), end), (0, End::Left), "no step before the first is known to build");
}

#[test]
fn the_last_round_is_said() {
    let bounds = Bounds { n_rounds: 1, ..Bounds::default() };
    let Repaired { rounds, end, .. } =
        repaired(&[vec![0], vec![1, 2], vec![3], vec![4]], &[(0, 1), (2, 0), (3, 4)], Stand::Builds, bounds);
    assert_eq!((rounds.len(), end), (1, End::Rounds));
}
