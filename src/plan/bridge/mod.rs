//! Knots over many homes → temporary text that lets old and new users build side by side.
//!
//! ```text
//!   one knot                          with a bridge
//!   old ──> new  in the record        put ──> users of home 1 ──> take
//!    └─ every user, in every home      ├────> users of home 2 ─────┤      put: both names, take: the new one alone
//!                                      └────> users of home 3 ─────┘
//! ```
//!
//! In: pieces and what ties them. Out: the same with bridges, each two more edits that stand for one of the change; the relations are found anew, so
//! that what was tied to the one is tied to the two. A bridge is made only where it shortens a knot, and only where it holds: what it refuses, it
//! refuses with the reason. Kinds stand side by side: a new one is a variant of [`BridgeKind`] and a module that drafts it. Cost: nothing without a
//! candidate; with one, the relations are found a second time.

mod bind;
mod field;
mod message;
mod positional;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BStr, BString};

use super::home::weight;
use super::knots::{knots, places};
use super::relate;
use crate::analyze::occurrences::Occurrences;
use crate::model::{
    Bridge, BridgeKind, Change, Edit, EditId, EditKind, Edits, Fact, Facts, HomeIdx, Knot, Reason, Relation, Role, Span,
    SymbolId, SymbolKind, TextId, Tie,
};

pub use bind::bound;
pub use message::message;

/// How often bridges that fail are left out and the others tried again, each time with the relations of the whole change.
const MOST_ROUNDS: usize = 4;

/// A change in pieces, with what they do and what ties them.
#[derive(Debug, Clone)]
pub struct Pieces {
    /// The pieces.
    pub edits: Edits,
    /// What they do.
    pub facts: Facts,
    /// Where the changed files name what they touch.
    pub occurrences: Occurrences,
    /// What ties them.
    pub relations: Vec<Relation>,
}

/// Why there is no bridge where one was looked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A union would start a new unit.
    #[error("'{0}' is a bit-field, and a union would move what follows")]
    BitField(BString),
    /// C has no such array in a union.
    #[error("'{0}' is a flexible array, which no union holds")]
    FlexibleArray(BString),
    /// The two names are of different types.
    #[error("'{0}' and '{1}' differ in type")]
    Types(BString, BString),
    /// The type is written out at the member: twice, it would be two types.
    #[error("the type of '{0}' is written out in place and would be another one for the second name")]
    Nested(BString),
    /// Several members in one declaration, or several on one line.
    #[error("'{0}' shares its declaration or its line with another member")]
    Shared(BString),
    /// The record has a member of the other name already.
    #[error("'{0}' is the name of another member too")]
    Collision(BString),
    /// A macro of that name would change the bridge's text.
    #[error("'{0}' is the name of a macro too")]
    Macro(BString),
    /// Another member's attribute names the member.
    #[error("an attribute of another member names '{0}'")]
    Attribute(BString),
    /// The edit does more than to rename.
    #[error("more changes there than names")]
    Others,
    /// The two are different things: one name for the bytes of the other would be wrong.
    #[error("most users of '{0}' do not take another name in its place")]
    Replaced(BString),
    /// The record cannot be read.
    #[error("the record cannot be read")]
    Unread,
    /// A list of values without names of members, that no edit changes.
    #[error("{path}:{line} fills the record without names of members, which a union does not fit")]
    Positional {
        /// Where.
        path: BString,
        /// Counted from 1.
        line: usize,
    },
    /// With the bridge, nine tenths of the knot would still be one.
    #[error("what it would stand for is tied otherwise too: {0}")]
    Longer(Reason),
    /// With the bridge, both ends would still be one knot.
    #[error("its ends cannot be apart: {0}")]
    Tied(Reason),
}

/// An edit that a bridge could have stood for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The edit.
    pub edit_id: EditId,
    /// What would have been bridged, as people write it.
    pub what: BString,
    /// Why not.
    pub why: Refused,
}

/// A bridge before its edits are numbered.
#[derive(Debug, Clone)]
struct Draft {
    superseded: EditId,
    kind: BridgeKind,
    put: Edit,
    take: Take,
    /// Edits that must come before the bridge is put in, and those that must come after it is taken out.
    outside: Outside,
}

/// How the temporary text is taken out.
#[derive(Debug, Clone)]
enum Take {
    /// What was put in stays, bytes of the base go.
    Old(Span),
    /// What was put in is replaced as a whole by the bytes, which stand there in the tip.
    Whole(BString, Span),
}

/// Edits that the bridge must not be there with.
#[derive(Debug, Clone, Default)]
struct Outside {
    before: Vec<EditId>,
    after: Vec<EditId>,
}

/// Puts a bridge where a knot goes over several homes, or over more lines than a patch may have, and a bridge makes it shorter. `of_edit` is the home
/// of each edit.
pub fn bridge(change: &Change, pieces: Pieces, of_edit: &[HomeIdx], max_lines: usize) -> (Pieces, Vec<Refusal>) {
    let candidates: Vec<(EditId, BString)> =
        pieces.edits.iter().filter_map(|(edit_id, _)| Some((edit_id, field::record(&pieces.facts, edit_id)?))).collect();
    if candidates.is_empty() {
        return (pieces, Vec::new());
    }
    let all = knots(&pieces.edits, &pieces.relations);
    let place = places(pieces.edits.len(), &all);
    let n_lines =
        |edits: &Edits, knot: &Knot| -> usize { knot.edits.iter().map(|&edit_id| weight(change, edits, edit_id)).sum() };
    let is_wide = |edit_id: EditId| {
        let Some(knot) = place[edit_id.idx()].map(|idx| &all[idx]) else { return false };
        // A knot may be wide for other reasons: what counts is where those are that this edit itself is tied to.
        let own = knot.ties.iter().filter(|tie| tie.first == edit_id || tie.second == edit_id);
        let homes: BTreeSet<HomeIdx> = own.flat_map(|tie| [of_edit[tie.first.idx()], of_edit[tie.second.idx()]]).collect();
        // No other file sees a record of a source file; names alone may say it does.
        let is_seen = !change.file(pieces.edits.get(edit_id).file_id).path().ends_with(b".c");
        knot.edits.len() > 1 && (homes.len() > 1 && is_seen || n_lines(&pieces.edits, knot) > max_lines)
    };
    let (mut drafts, mut refusals) = (Vec::new(), Vec::new());
    for (edit_id, record) in candidates {
        if !is_wide(edit_id) {
            continue;
        }
        match field::draft(change, &pieces, edit_id, record.as_ref()) {
            Ok(draft) if !is_renamed(change, &pieces, &draft) => {
                let why = Refused::Replaced(draft.kind.names()[0].0.clone());
                refusals.push(Refusal { edit_id, what: record, why });
            }
            Ok(draft) => drafts.push(draft),
            Err(why) => refusals.push(Refusal { edit_id, what: record, why }),
        }
    }
    for _ in 0..MOST_ROUNDS {
        if drafts.is_empty() {
            break;
        }
        let bridged = with_drafts(change, &pieces, &drafts);
        let now = knots(&bridged.edits, &bridged.relations);
        let now_place = places(bridged.edits.len(), &now);
        let fails = |bridge: &Bridge| {
            let (put, take) = (now_place[bridge.put.idx()]?, now_place[bridge.take.idx()]?);
            if put == take {
                return Some(Refused::Tied(tie(&now[put])));
            }
            let old = &all[place[bridge.superseded.idx()]?];
            let left: BTreeSet<usize> = old.edits.iter().filter_map(|edit_id| now_place[edit_id.idx()]).collect();
            let largest = left.into_iter().max_by_key(|&idx| n_lines(&bridged.edits, &now[idx]))?;
            let stays = 10 * n_lines(&bridged.edits, &now[largest]) > 9 * n_lines(&pieces.edits, old);
            stays.then(|| Refused::Longer(tie(&now[largest])))
        };
        let failed: Vec<Option<Refused>> = bridged.edits.bridges.iter().map(fails).collect();
        if failed.iter().all(Option::is_none) {
            return (bridged, refusals);
        }
        let mut at = failed.into_iter();
        drafts.retain(|draft| match at.next().flatten() {
            Some(why) => {
                refusals.push(Refusal { edit_id: draft.superseded, what: draft.kind.shown(), why });
                false
            }
            None => true,
        });
    }
    (pieces, refusals)
}

/// Whether users took the new name in the place of the old one: at least one does nothing else, and of all that lose a use of the old name half gain one
/// of the new. A member that goes and another of its type that comes are no rename, though they look like one.
fn is_renamed(change: &Change, pieces: &Pieces, draft: &Draft) -> bool {
    let BridgeKind::Field { record, names } = &draft.kind;
    let pairs: Vec<(&BStr, &BStr)> = names.iter().map(|(old, new)| (old.as_ref(), new.as_ref())).collect();
    let (mut n_losers, mut n_gainers, mut n_pure) = (0usize, 0usize, 0usize);
    for (edit_id, edit) in pieces.edits.iter().filter(|(edit_id, _)| *edit_id != draft.superseded) {
        let has = |role: Role, is_own: &dyn Fn(&BString) -> bool| {
            pieces.facts.of(edit_id).iter().filter(|fact| fact.role == role).any(|fact| {
                let symbol = pieces.facts.symbols.get(fact.symbol_id);
                symbol.kind == SymbolKind::Field && is_own(&symbol.name) && symbol.record.as_ref().is_none_or(|of| of == record)
            })
        };
        if has(Role::LosesUse, &|name| names.iter().any(|(old, _)| old == name)) {
            n_losers += 1;
            n_gainers += usize::from(has(Role::GainsUse, &|name| names.iter().any(|(_, new)| new == name)));
            n_pure += usize::from(words::renamed(edit.removed(change), edit.inserted(), &pairs).is_some());
        }
    }
    n_pure > 0 && 2 * n_gainers >= n_losers
}

/// Puts the bridges of a stored plan in again; `superseded` are the edits that they stand for.
///
/// # Errors
/// When one does not hold: the change is another one, or the program.
pub fn rebuild(change: &Change, pieces: Pieces, superseded: &[EditId]) -> Result<Pieces, Refusal> {
    if superseded.is_empty() {
        return Ok(pieces);
    }
    let drafts: Result<Vec<Draft>, Refusal> = superseded
        .iter()
        .map(|&edit_id| {
            let refusal = |why| Refusal { edit_id, what: "a field".into(), why };
            let record = field::record(&pieces.facts, edit_id).ok_or_else(|| refusal(Refused::Others))?;
            field::draft(change, &pieces, edit_id, record.as_ref()).map_err(refusal)
        })
        .collect();
    Ok(with_drafts(change, &pieces, &drafts?))
}

/// The reason that ties most of a knot, for people to see why no bridge cuts it.
fn tie(knot: &Knot) -> Reason {
    let mut counts: BTreeMap<&Reason, usize> = BTreeMap::new();
    for tie in knot.ties.iter().filter(|tie| !matches!(tie.reason, Reason::Bridged(_) | Reason::Requires)) {
        *counts.entry(&tie.reason).or_default() += if tie.tie == Tie::Together { 2 } else { 1 };
    }
    let most = counts.into_iter().max_by_key(|(reason, count)| (*count, std::cmp::Reverse(*reason)));
    most.map_or(Reason::Requires, |(reason, _)| reason.clone())
}

/// Numbers the edits of the drafts after those of the change, gives them their part of the facts, and finds the relations.
fn with_drafts(change: &Change, pieces: &Pieces, drafts: &[Draft]) -> Pieces {
    let mut edits = pieces.edits.clone();
    let mut facts = pieces.facts.clone();
    for draft in drafts {
        let put = EditId::at(edits.len());
        let take = EditId::at(edits.len() + 1);
        edits.all.push(draft.put.clone());
        edits.all.push(take_edit(draft, put));
        edits.bridges.push(Bridge { put, take, superseded: draft.superseded, kind: draft.kind.clone() });
        facts.facts.extend(ends_facts(pieces.facts.of(draft.superseded), put, take));
        facts.facts.retain(|fact| fact.edit_id != draft.superseded);
    }
    facts.facts.sort();
    let occurrences = pieces.occurrences.with_bridges(change, &edits);
    let mut relations = relate::relations(change, &edits, &facts, &occurrences);
    let converts = conversions(change, &edits, &facts);
    for (nth, (bridge, draft)) in edits.bridges.iter().zip(drafts).enumerate() {
        let shown = bridge.kind.shown();
        relations.push(Relation::before(bridge.put, bridge.take, Reason::Bridged(shown.clone())));
        for (idx, _) in converts.iter().enumerate().filter(|(_, of)| **of == Some(nth)) {
            relations.push(Relation::before(bridge.put, EditId::at(idx), Reason::Bridged(shown.clone())));
            relations.push(Relation::before(EditId::at(idx), bridge.take, Reason::Bridged(shown.clone())));
        }
        let BridgeKind::Field { record, .. } = &bridge.kind;
        let positional = || Reason::Positional(record.clone());
        relations.extend(draft.outside.before.iter().map(|&first| Relation::before(first, bridge.put, positional())));
        relations.extend(draft.outside.after.iter().map(|&later| Relation::before(bridge.take, later, positional())));
    }
    let gone: BTreeSet<EditId> = edits.bridges.iter().map(|bridge| bridge.superseded).collect();
    relations.retain(|relation| !gone.contains(&relation.first) && !gone.contains(&relation.second));
    relations.sort();
    relations.dedup_by_key(|relation| (relation.first, relation.second, relation.tie));
    Pieces { edits, facts, occurrences, relations }
}

/// Returns what the two ends of a bridge do: what comes, comes with the first, what goes, goes with the second. What the edit had on both sides, such as
/// the record itself, stays through both; and as the type is one and the same, nothing is used that was not used before.
fn ends_facts(superseded: &[Fact], put: EditId, take: EditId) -> Vec<Fact> {
    let has = |role: Role, symbol_id: SymbolId| superseded.iter().any(|fact| fact.role == role && fact.symbol_id == symbol_id);
    let mut facts = Vec::new();
    for fact in superseded {
        let (other, edit_id) = match fact.role {
            Role::Defines => (Role::DropsDefinition, put),
            Role::Declares => (Role::DropsDeclaration, put),
            Role::DropsDefinition => (Role::Defines, take),
            Role::DropsDeclaration => (Role::Declares, take),
            Role::Uses | Role::DropsUse | Role::GainsUse | Role::LosesUse | Role::Names | Role::DropsName => continue,
        };
        if !has(other, fact.symbol_id) {
            facts.push(Fact { edit_id, ..*fact });
        }
    }
    facts
}

fn take_edit(draft: &Draft, put: EditId) -> Edit {
    let file_id = draft.put.file_id;
    let ordinal = match draft.put.kind {
        EditKind::Splice { ordinal, .. } => ordinal,
        _ => 0,
    };
    let mut requires = draft.put.requires.clone();
    requires.push(put);
    requires.sort();
    let (text, span, insert, tip_span, item) = match &draft.take {
        Take::Old(span) => (TextId::File(file_id), *span, BString::default(), None, draft.put.item.clone()),
        Take::Whole(insert, tip) => {
            (TextId::Inserted(put), Span::new(0, draft.put.inserted().len()), insert.clone(), Some(*tip), BString::default())
        }
    };
    Edit { file_id, kind: EditKind::Splice { text, span, insert, ordinal }, requires, tip_span, item }
}

/// Returns what a patch of these edits has to say of bridges: the one it puts in, and those that were refused.
pub fn why(edits: &Edits, refusals: &[Refusal], members: &[EditId]) -> Vec<String> {
    let put = edits.bridges.iter().filter(|bridge| members.contains(&bridge.put));
    let put =
        put.map(|bridge| format!("a bridge: {} under both names, so that each home converts by itself", bridge.kind.shown()));
    let refused = refusals.iter().filter(|refusal| members.contains(&refusal.edit_id));
    put.chain(refused.map(|refusal| format!("no bridge for {}: {}", refusal.what, refusal.why))).collect()
}

/// Returns for each edit the place of the bridge whose users it converts, and nothing else: it renames as the bridge does, word for word, be it in
/// code, in a comment or in a document. What is known to speak of another record is left out.
pub fn conversions(change: &Change, edits: &Edits, facts: &Facts) -> Vec<Option<usize>> {
    let mut of = vec![None; edits.len()];
    if edits.bridges.is_empty() {
        return of;
    }
    let whole = edits.whole();
    let ends: BTreeSet<EditId> = edits.bridges.iter().flat_map(|bridge| [bridge.put, bridge.take]).collect();
    let names: Vec<(&BStr, &BStr)> =
        edits.bridges.iter().flat_map(|bridge| bridge.kind.names()).map(|(old, new)| (old.as_ref(), new.as_ref())).collect();
    for edit_id in whole.iter().filter(|edit_id| !ends.contains(edit_id)) {
        let edit = edits.get(edit_id);
        let Some(renamed) = words::renamed(edit.removed(change), edit.inserted(), &names) else { continue };
        let means = |bridge: &Bridge| {
            let BridgeKind::Field { record, names } = &bridge.kind;
            let own = names.iter().any(|(old, new)| renamed.contains(&(old.as_ref(), new.as_ref())));
            own && !speaks_of_another(facts, edit_id, record.as_ref(), names)
        };
        of[edit_id.idx()] = edits.bridges.iter().position(means);
    }
    of
}

/// Whether all that an edit does with these fields is known to be with another record.
fn speaks_of_another(facts: &Facts, edit_id: EditId, record: &BStr, names: &[(BString, BString)]) -> bool {
    let mut uses = facts
        .of(edit_id)
        .iter()
        .filter(|fact| matches!(fact.role, Role::GainsUse | Role::LosesUse))
        .map(|fact| facts.symbols.get(fact.symbol_id))
        .filter(|symbol| symbol.kind == SymbolKind::Field && names.iter().any(|(old, new)| [old, new].contains(&&symbol.name)))
        .peekable();
    uses.peek().is_some() && uses.all(|symbol| symbol.record.as_ref().is_some_and(|other| other != record))
}

#[cfg(test)]
mod tests;
