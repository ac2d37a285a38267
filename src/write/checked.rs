//! The promises that a plan must keep before anything is written.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::model::compose::Layout;
use crate::model::{ComposeError, EditId, PatchIdx, Plan, Reason, Relation, Tie};
use crate::plan::home::RESERVED;
use crate::plan::series::{needs, places};

/// A plan of which every edit is in exactly one patch and every relation is kept. Only [`checked`] makes one.
#[derive(Debug, Clone, Copy)]
pub struct CheckedPlan<'p> {
    plan: &'p Plan,
}

impl PlanError {
    /// Returns the patches or series that it names, the one that could go elsewhere first.
    pub fn named(&self) -> Vec<&str> {
        match self {
            PlanError::Superseded { patch, .. } | PlanError::Compose { patch, .. } | PlanError::Series { patch, .. } => {
                vec![patch]
            }
            PlanError::Doubled { first, second, .. } | PlanError::Order { first, second, .. } => vec![first, second],
            PlanError::Apart { first, second, .. } => vec![second, first],
            PlanError::Name { name, .. } | PlanError::Empty(name) => vec![name],
            PlanError::SeriesOrder(series) | PlanError::Circle { series, .. } => vec![series],
            PlanError::Needs { series, needed, .. } => vec![series, needed],
            PlanError::Lost(_) | PlanError::Bridge { .. } | PlanError::Tip => Vec::new(),
        }
    }
}

impl<'p> CheckedPlan<'p> {
    /// Returns the plan.
    pub fn plan(self) -> &'p Plan {
        self.plan
    }

    /// Returns the edits by where they act.
    pub fn layout(self) -> Layout {
        Layout::of(&self.plan.edits)
    }
}

/// Which promise a plan breaks, and where. Patches are named by their ids.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// An edit is in no patch; something would be lost.
    #[error("edit {} is in no patch", .0.0)]
    Lost(EditId),
    /// An edit is in two patches.
    #[error("edit {} is in '{first}' and in '{second}'", edit.0)]
    Doubled {
        /// The edit.
        edit: EditId,
        /// One patch.
        first: String,
        /// The other.
        second: String,
    },
    /// A bridge stands for the edit, which is in a patch all the same.
    #[error("edit {} of '{patch}' is one that a bridge stands for", edit.0)]
    Superseded {
        /// The edit.
        edit: EditId,
        /// Its patch.
        patch: String,
    },
    /// A bridge that does not stand for exactly one edit of the change, or does not come out after it went in.
    #[error("the bridge of edits {} and {} does not hold", put.0, take.0)]
    Bridge {
        /// Puts the temporary text in.
        put: EditId,
        /// Should take it out.
        take: EditId,
    },
    /// A patch without edits.
    #[error("patch '{0}' changes nothing")]
    Empty(String),
    /// Two patches or two series have one name.
    #[error("two {what} are called '{name}'")]
    Name {
        /// `patches` or `series`.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A relation is broken.
    #[error("'{first}' must not come after '{second}': {reason}")]
    Order {
        /// The patch that must come first.
        first: String,
        /// The patch that comes before it.
        second: String,
        /// Why.
        reason: Reason,
    },
    /// Edits that belong together are apart.
    #[error("'{first}' and '{second}' cannot be apart: {reason}")]
    Apart {
        /// One patch.
        first: String,
        /// The other.
        second: String,
        /// Why.
        reason: Reason,
    },
    /// A patch is in no series or in two.
    #[error("patch '{patch}' is in {count} series")]
    Series {
        /// The patch.
        patch: String,
        /// In how many.
        count: usize,
    },
    /// The patches of a series are not in the order of the whole.
    #[error("series '{0}' has its patches in another order than the whole")]
    SeriesOrder(String),
    /// Series need each other in a circle, or one that is not there.
    #[error("series '{series}' needs itself in a circle{why}")]
    Circle {
        /// The series.
        series: String,
        /// Empty, or a colon and what ties it to the next and the last of the circle.
        why: String,
    },
    /// A series uses what another brings, without naming it.
    #[error("series '{series}' must name '{needed}' as needed: {reason}")]
    Needs {
        /// The series.
        series: String,
        /// The other.
        needed: String,
        /// Why.
        reason: Reason,
    },
    /// The patches do not compose: the plan and the change do not belong together.
    #[error("patch '{patch}' cannot be made")]
    Compose {
        /// The patch.
        patch: String,
        /// Why.
        source: ComposeError,
    },
    /// The last tree is not the tip's.
    #[error("the tree after the last patch is not the tip's")]
    Tip,
}

/// Checks a plan; cost is linear in edits and relations.
///
/// # Errors
/// The first broken promise, with the places that break it.
pub fn checked(plan: &Plan) -> Result<CheckedPlan<'_>, PlanError> {
    let campaign = &plan.campaign;
    let id = |patch_idx: usize| campaign.patches[patch_idx].patch_id.clone();
    let whole = plan.edits.whole();
    bridges(plan)?;
    let mut place: Vec<Option<usize>> = vec![None; plan.edits.len()];
    for (idx, patch) in campaign.patches.iter().enumerate() {
        if patch.edits.is_empty() {
            return Err(PlanError::Empty(id(idx)));
        }
        for &edit in &patch.edits {
            if !whole.has(edit) {
                return Err(PlanError::Superseded { edit, patch: id(idx) });
            }
            if let Some(first) = place[edit.idx()].replace(idx) {
                return Err(PlanError::Doubled { edit, first: id(first), second: id(idx) });
            }
        }
    }
    if let Some(edit) = whole.iter().find(|edit| place[edit.idx()].is_none()) {
        return Err(PlanError::Lost(edit));
    }
    names(plan)?;
    // Most circles are of edits that are apart, or of patches in another order: that is said first.
    let placed = |relation: &Relation| Some((place[relation.first.idx()]?, place[relation.second.idx()]?));
    for relation in &plan.relations {
        let Some((first, second)) = placed(relation) else { continue };
        let reason = || relation.reason.clone();
        match relation.tie {
            Tie::Together if first != second => {
                return Err(PlanError::Apart { first: id(first), second: id(second), reason: reason() });
            }
            Tie::Before if first > second => {
                return Err(PlanError::Order { first: id(first), second: id(second), reason: reason() });
            }
            Tie::Together | Tie::Before => {}
        }
    }
    let series = series(plan, &placed)?;
    for relation in &plan.relations {
        let Some((first, second)) = placed(relation) else { continue };
        let reason = || relation.reason.clone();
        let (needed, needing) = (series.of[first], series.of[second]);
        if needed != needing && !series.needs[needing].contains(&needed) {
            let name = |idx: usize| campaign.series[idx].name.clone();
            return Err(PlanError::Needs { series: name(needing), needed: name(needed), reason: reason() });
        }
    }
    Ok(CheckedPlan { plan })
}

/// Overrides the relations that the patches of a plan break, so that it can be written and built all the same; returns how many. Reading the
/// change finds them again, but they do not count any more. What the check asked for or a build taught, and the patches break, is forgotten. Without
/// `Reason::Requires` no step has a text: those stay.
pub fn override_broken(plan: &mut Plan) -> usize {
    let place = places(plan.edits.len(), &plan.campaign.patches);
    let holds = |relation: &Relation| match (place[relation.first.idx()], place[relation.second.idx()]) {
        (Some(first), Some(second)) => match relation.tie {
            Tie::Before => first <= second,
            Tie::Together => first == second,
        },
        _ => true,
    };
    plan.overridden.retain(|relation| !holds(relation));
    let n_before = plan.relations.len();
    let learned: HashSet<_> = plan.from_check.iter().chain(&plan.from_builds).map(Relation::ends).collect();
    let broken = plan.relations.extract_if(.., |relation| relation.reason != Reason::Requires && !holds(relation));
    plan.overridden.extend(broken.filter(|relation| !learned.contains(&relation.ends())));
    plan.overridden.sort();
    plan.overridden.dedup();
    plan.from_check.retain(holds);
    plan.from_builds.retain(holds);
    let Plan { change, edits, relations, words, campaign, .. } = plan;
    needs(change, edits, relations, words, &campaign.patches, &mut campaign.series);
    n_before - plan.relations.len()
}

/// Each bridge stands for one edit, which no other stands for; it takes out what it put in.
fn bridges(plan: &Plan) -> Result<(), PlanError> {
    let mut seen = BTreeSet::new();
    for bridge in &plan.edits.bridges {
        let is_there = [bridge.put, bridge.take, bridge.superseded].iter().all(|edit_id| edit_id.idx() < plan.edits.len());
        let own = [bridge.put, bridge.take, bridge.superseded].iter().all(|edit_id| seen.insert(*edit_id));
        if !is_there || !own || !plan.edits.get(bridge.take).requires.contains(&bridge.put) {
            return Err(PlanError::Bridge { put: bridge.put, take: bridge.take });
        }
    }
    Ok(())
}

fn names(plan: &Plan) -> Result<(), PlanError> {
    let mut seen = BTreeSet::new();
    for patch in &plan.campaign.patches {
        if !seen.insert(&patch.patch_id) {
            return Err(PlanError::Name { what: "patches", name: patch.patch_id.clone() });
        }
    }
    let mut seen = BTreeSet::from(RESERVED);
    for series in &plan.campaign.series {
        if !seen.insert(&series.name) {
            return Err(PlanError::Name { what: "series", name: series.name.clone() });
        }
    }
    Ok(())
}

/// The series of each patch, and all that each series needs.
struct SeriesTable {
    of: Vec<usize>,
    needs: Vec<BTreeSet<usize>>,
}

fn series(plan: &Plan, placed: &dyn Fn(&Relation) -> Option<(usize, usize)>) -> Result<SeriesTable, PlanError> {
    let campaign = &plan.campaign;
    let mut counts: HashMap<PatchIdx, Vec<usize>> = HashMap::new();
    for (idx, series) in campaign.series.iter().enumerate() {
        if !series.patches.is_sorted() {
            return Err(PlanError::SeriesOrder(series.name.clone()));
        }
        series.patches.iter().for_each(|patch| counts.entry(*patch).or_default().push(idx));
    }
    let mut of = Vec::with_capacity(campaign.patches.len());
    for (idx, patch) in campaign.patches.iter().enumerate() {
        match counts.get(&PatchIdx(idx)).map(Vec::as_slice) {
            Some([one]) => of.push(*one),
            other => return Err(PlanError::Series { patch: patch.patch_id.clone(), count: other.map_or(0, <[usize]>::len) }),
        }
    }
    let n_series = campaign.series.len();
    let mut needs = Vec::with_capacity(n_series);
    for (idx, series) in campaign.series.iter().enumerate() {
        let circle = || PlanError::Circle { series: series.name.clone(), why: why_circle(plan, &of, idx, placed) };
        if series.needs.iter().any(|needed| needed.0 >= n_series) {
            return Err(circle());
        }
        let all: BTreeSet<usize> = campaign.all_needs(crate::model::SeriesIdx(idx)).into_iter().map(|needed| needed.0).collect();
        if all.contains(&idx) {
            return Err(circle());
        }
        needs.push(all);
    }
    Ok(SeriesTable { of, needs })
}

/// Says what ties a series to others of a circle: why it needs one of them, and why one of them needs it.
fn why_circle(plan: &Plan, of: &[usize], own: usize, placed: &dyn Fn(&Relation) -> Option<(usize, usize)>) -> String {
    let series = &plan.campaign.series;
    let needs_own = |idx: usize| plan.campaign.all_needs(crate::model::SeriesIdx(idx)).into_iter().any(|needed| needed.0 == own);
    let said = |needs: bool| {
        plan.relations.iter().find_map(|relation| {
            let (first, second) = placed(relation)?;
            let (needed, needing) = (of[first], of[second]);
            let is_it = if needs { needing == own && needs_own(needed) } else { needed == own && needs_own(needing) };
            let says = || format!("'{}' needs '{}', {}", series[needing].name, series[needed].name, relation.reason);
            (is_it && needed != needing).then(says)
        })
    };
    let said: Vec<String> = [said(true), said(false)].into_iter().flatten().collect();
    if said.is_empty() { String::new() } else { format!(": {}", said.join("; ")) }
}
