//! The loop that lays patches out, checks them, and lays them out again.
//!
//! ```text
//!   relations ──lay──> patches in order ──check──> findings
//!       ^                                             │
//!       └──── the relations that would mend them ─────┘    until nothing new is asked for, or the rounds are used up
//! ```
//!
//! Each round adds a relation, so the loop ends: one patch of everything has no step in which anything could be found. Making a plan and repairing one
//! go through this loop; they differ in how patches are laid out and in which findings count.

use std::collections::{BTreeSet, HashSet};

use super::check::Checked;
use crate::model::Relation;

/// A plan that the check cannot mend in so many rounds is shown with what is left.
pub const ROUNDS_AT_MOST: usize = 12;

/// A change of more edits than this is large: laying it out takes most of the time of a plan.
const LARGE: usize = 1_000;

/// Whether a change of so many edits is laid out from nothing only once. Later rounds start from the groups of the round before.
pub fn is_large(n_edits: usize) -> bool {
    n_edits > LARGE
}

/// Returns how many rounds a change of so many edits is worth when each lays it out from nothing.
pub fn rounds_for(n_edits: usize) -> usize {
    if is_large(n_edits) { ROUNDS_AT_MOST / 3 } else { ROUNDS_AT_MOST }
}

/// Patches after the last round.
#[derive(Debug, Clone)]
pub struct Settled<L> {
    /// The patches as they were laid out last.
    pub laid: L,
    /// All relations that they keep, sorted.
    pub relations: Vec<Relation>,
    /// Those of the relations that the check asked for, round by round.
    pub from_check: Vec<Relation>,
    /// What the check finds still.
    pub checked: Checked,
}

/// Lays out patches and checks them in at most `n_rounds` rounds. `lay` gets the relations to keep and what it laid out in the round before.
///
/// # Errors
/// Those of `lay`.
pub fn settle<L, E>(
    mut relations: Vec<Relation>,
    n_rounds: usize,
    mut lay: impl FnMut(&[Relation], Option<L>) -> Result<L, E>,
    check: impl Fn(&L, &[Relation]) -> Checked,
) -> Result<Settled<L>, E> {
    let mut from_check: Vec<Relation> = Vec::new();
    let mut last = None;
    for round in 1.. {
        let laid = lay(&relations, last.take())?;
        let checked = check(&laid, &relations);
        let had: HashSet<_> = relations.iter().map(Relation::ends).collect();
        let wanted: BTreeSet<&Relation> = checked.findings.iter().flat_map(|finding| &finding.mend).collect();
        let new: Vec<Relation> = wanted.into_iter().filter(|relation| !had.contains(&relation.ends())).cloned().collect();
        if new.is_empty() || round >= n_rounds {
            return Ok(Settled { laid, relations, from_check, checked });
        }
        relations.extend(new.iter().cloned());
        relations.sort();
        from_check.extend(new);
        last = Some(laid);
    }
    unreachable!("the last round returns")
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;
    use crate::model::diagnosis::DiagnosisKind;
    use crate::model::{EditId, Reason};
    use crate::plan::check::Finding;

    fn before(first: u32) -> Relation {
        Relation::before(EditId(first), EditId(first + 1), Reason::Asked)
    }

    /// Lays out the number of relations it was given, and asks for one more until there are `wanted`.
    fn settled(wanted: usize, n_rounds: usize) -> Settled<usize> {
        let finding = |n_had: usize| Finding {
            step: 0,
            until: 0,
            path: "a.c".into(),
            line: 1,
            kind: DiagnosisKind::Other,
            symbol: "f".into(),
            mend: vec![before(u32::try_from(n_had).unwrap())],
            at: None,
        };
        let lay = |relations: &[Relation], last: Option<usize>| {
            assert_eq!(last, relations.len().checked_sub(2), "the round before had one relation less");
            Ok::<_, Infallible>(relations.len())
        };
        let check = |laid: &usize, _: &[Relation]| Checked {
            findings: if *laid < wanted { vec![finding(*laid)] } else { Vec::new() },
            left: Vec::new(),
        };
        let Ok(settled) = settle(vec![before(0)], n_rounds, |relations, last| lay(relations, last.map(|last| last - 1)), check);
        settled
    }

    #[test]
    fn rounds_go_on_until_nothing_is_asked_for() {
        let done = settled(4, 12);
        assert_eq!((done.laid, done.relations.len(), done.from_check.len()), (4, 4, 3));
        assert!(done.checked.findings.is_empty());
    }

    #[test]
    fn the_last_round_says_what_is_left() {
        let cut_short = settled(4, 2);
        assert_eq!((cut_short.laid, cut_short.from_check.as_slice()), (2, &[before(1)][..]));
        assert_eq!(cut_short.checked.findings.len(), 1);
    }

    #[test]
    fn what_is_kept_already_is_not_asked_for_again() {
        let check = |_: &(), relations: &[Relation]| Checked {
            findings: vec![Finding {
                step: 0,
                until: 0,
                path: "a.c".into(),
                line: 1,
                kind: DiagnosisKind::Other,
                symbol: "f".into(),
                mend: relations.to_vec(),
                at: None,
            }],
            left: Vec::new(),
        };
        let Ok(done) = settle(vec![before(0)], 12, |_, _| Ok::<_, Infallible>(()), check);
        assert!(done.from_check.is_empty());
    }
}
