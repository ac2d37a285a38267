//! Plan and facts → why a patch, an edit or a symbol stands where it stands.
//!
//! In: what the user names ([`what`]): a patch by number or id, an edit by `path:line` or address, a path, a symbol (`struct page.index`, `gmap_link()`).
//! Out: [`Explanation`], one value for each thing that was meant: what it does, what holds it there, what comes before and after, each with its
//! reason. [`text`] draws it. Cost: the facts and the relations of the plan, once.

#[cfg(test)]
mod tests;
pub mod text;
pub mod what;

use std::collections::{BTreeMap, BTreeSet};

use bstr::ByteSlice;
use serde::Serialize;

use crate::mail::needed_for;
use crate::model::address::shown;
use crate::model::{Address, EditId, EditKind, Facts, FileId, PatchIdx, Plan, Relation, Role, SymbolId, SymbolKind, TextId, Tie};
use crate::plan::address::first_line;
use crate::plan::series::places;
use cleave_c::span::Lines;
pub use what::{Meant, NothingMeant, meant};

/// What is said of one thing, version 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Explanation {
    /// A patch.
    Patch(PatchExplanation),
    /// An edit.
    Edit(EditExplanation),
    /// A symbol.
    Symbol(SymbolExplanation),
}

/// A patch as others name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct PatchName {
    /// Place on the branch `all`, from 1.
    pub number: usize,
    /// Its id in the plan.
    pub id: String,
    /// Its subject.
    pub subject: String,
}

/// What is said of a patch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PatchExplanation {
    /// Which it is.
    pub patch: PatchName,
    /// Its series, and who owns most of its lines.
    pub series: Option<(String, String)>,
    /// Series that its series needs, and what they do for it.
    pub series_needs: Vec<(String, String)>,
    /// The file to which edits and deeds are limited, where a path was asked for.
    pub only_in: Option<String>,
    /// How many edits it has in all.
    pub n_edits: usize,
    /// Its edits.
    pub edits: Vec<Place>,
    /// What it does in all.
    pub does: Vec<Does>,
    /// Why it is not smaller.
    pub why: Vec<String>,
    /// Patches that it comes after, and why.
    pub after: Vec<Neighbour>,
    /// Patches that it comes before, and why.
    pub before: Vec<Neighbour>,
}

/// What is said of an edit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EditExplanation {
    /// Which it is.
    pub place: Place,
    /// Lines that it takes away.
    pub removed: Vec<String>,
    /// Lines that it puts in.
    pub inserted: Vec<String>,
    /// The patch that it is in.
    pub patch: Option<PatchName>,
    /// What it does.
    pub does: Vec<Does>,
    /// Edits that it cannot be apart from.
    pub together: Vec<Tied>,
    /// Edits that must be there before it.
    pub after: Vec<Tied>,
    /// Edits that need it.
    pub before: Vec<Tied>,
}

/// What is said of a symbol.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SymbolExplanation {
    /// As people write it.
    pub symbol: String,
    /// The file that alone can see it.
    pub only_in: Option<String>,
    /// Patch by patch what is done to it, and where.
    pub patches: Vec<SymbolPatch>,
    /// The orders that it makes.
    pub orders: Vec<SymbolOrder>,
}

/// What a patch does to a symbol.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SymbolPatch {
    /// The patch; `None` where no patch holds the edits.
    pub patch: Option<PatchName>,
    /// `defines`, `stops using`, …
    pub does: String,
    /// The edits that do.
    pub places: Vec<Place>,
}

/// One patch before another for the sake of a symbol.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SymbolOrder {
    /// Comes first.
    pub first: PatchName,
    /// Comes later; equal to `first` where the two edits cannot be apart.
    pub second: PatchName,
    /// Why.
    pub reason: String,
}

/// Where an edit stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// Path in the tip, or in the base for a deleted file.
    pub path: String,
    /// First line, from 1: in the tip for text that comes, in the base for text that only goes. `None` for path edits and temporary text.
    pub line: Option<usize>,
    /// `tip` or `base`.
    pub side: &'static str,
    /// Its address in the plan.
    pub address: String,
    /// Its first line, to know it by.
    pub text: String,
}

/// What edits do to some symbols.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Does {
    /// `defines`, `stops using`, …
    pub verb: &'static str,
    /// The symbols, each once.
    pub symbols: Vec<String>,
}

/// Another patch and why it stands before or after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Neighbour {
    /// The other.
    pub patch: PatchName,
    /// Why, each reason once.
    pub reasons: Vec<String>,
}

/// Another edit and what ties it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tied {
    /// The other.
    pub place: Place,
    /// Its patch.
    pub patch: Option<PatchName>,
    /// Why.
    pub reason: String,
}

/// All that the answers are made of, found once.
struct Sources<'p> {
    plan: &'p Plan,
    facts: &'p Facts,
    addresses: &'p [Address],
    patch_of: Vec<Option<usize>>,
}

/// Says of each thing that was meant why it is as it is.
pub fn explain(plan: &Plan, facts: &Facts, addresses: &[Address], meant: &[Meant]) -> Vec<Explanation> {
    let patch_of = places(plan.edits.len(), &plan.campaign.patches);
    let sources = Sources { plan, facts, addresses, patch_of };
    meant
        .iter()
        .map(|one| match one {
            Meant::Patch(patch_idx) => Explanation::Patch(sources.patch(*patch_idx, None)),
            Meant::InFile(patch_idx, file_id) => Explanation::Patch(sources.patch(*patch_idx, Some(*file_id))),
            Meant::Edit(edit_id) => Explanation::Edit(sources.edit(*edit_id)),
            Meant::Symbol(symbol_id) => Explanation::Symbol(sources.symbol(*symbol_id)),
        })
        .collect()
}

impl Sources<'_> {
    /// Explains a patch, or what it does in one file.
    fn patch(&self, patch_idx: PatchIdx, file_id: Option<FileId>) -> PatchExplanation {
        let campaign = &self.plan.campaign;
        let patch = campaign.patch(patch_idx);
        let own = campaign.series_of(patch_idx);
        let is_meant = |edit_id: &EditId| file_id.is_none_or(|file_id| self.plan.edits.get(*edit_id).file_id == file_id);
        let edits: Vec<EditId> = patch.edits.iter().copied().filter(is_meant).collect();
        let needs = own.iter().flat_map(|own| campaign.series[own.0].needs.iter().map(move |needed| (*own, *needed)));
        let needs = needs.map(|(own, needed)| {
            let why = needed_for(self.plan, own, needed).map_or_else(|| "a person says so".to_owned(), |why| format!("it {why}"));
            (campaign.series[needed.0].name.clone(), why)
        });
        let series = own.map(|series_idx| {
            (campaign.series[series_idx.0].name.clone(), campaign.home(patch.home).name.to_str_lossy().into_owned())
        });
        let (mut after, mut before) = (BTreeMap::new(), BTreeMap::new());
        for relation in self.plan.relations.iter().filter(|relation| relation.tie == Tie::Before) {
            let (first, second) = (self.patch_of[relation.first.idx()], self.patch_of[relation.second.idx()]);
            let (Some(first), Some(second)) = (first, second) else { continue };
            if first != second && second == patch_idx.0 {
                note(after.entry(first).or_default(), relation);
            } else if first != second && first == patch_idx.0 {
                note(before.entry(second).or_default(), relation);
            }
        }
        PatchExplanation {
            patch: self.patch_name(patch_idx.0),
            series_needs: needs.collect(),
            series,
            only_in: file_id.map(|file_id| shown(self.plan.change.file(file_id).path())),
            n_edits: patch.edits.len(),
            edits: edits.iter().map(|&edit_id| self.place(edit_id)).collect(),
            does: self.does(&edits),
            why: patch.why.clone(),
            after: self.neighbours(after),
            before: self.neighbours(before),
        }
    }

    fn edit(&self, edit_id: EditId) -> EditExplanation {
        let edit = self.plan.edits.get(edit_id);
        // Code keeps its tabs; what else a terminal would obey is shown as what it is.
        let line = |line: &[u8]| line.split_str("\t").map(|part| shown(part.as_bstr())).collect::<Vec<_>>().join("\t");
        let lines = |text: &[u8]| text.lines().map(line).collect();
        let (mut together, mut after, mut before) = (Vec::new(), Vec::new(), Vec::new());
        for relation in &self.plan.relations {
            let (list, other) = match (relation.first == edit_id, relation.second == edit_id, relation.tie) {
                (true, _, Tie::Together) => (&mut together, relation.second),
                (_, true, Tie::Together) => (&mut together, relation.first),
                (true, _, Tie::Before) => (&mut before, relation.second),
                (_, true, Tie::Before) => (&mut after, relation.first),
                (false, false, _) => continue,
            };
            let patch = self.patch_of[other.idx()].map(|idx| self.patch_name(idx));
            list.push(Tied { place: self.place(other), patch, reason: relation.reason.to_string() });
        }
        EditExplanation {
            place: self.place(edit_id),
            removed: lines(crate::plan::address::removed(&self.plan.change, &self.plan.edits, edit)),
            inserted: lines(edit.inserted()),
            patch: self.patch_of[edit_id.idx()].map(|idx| self.patch_name(idx)),
            does: self.does(&[edit_id]),
            together,
            after,
            before,
        }
    }

    fn symbol(&self, symbol_id: SymbolId) -> SymbolExplanation {
        let symbol = self.facts.symbols.get(symbol_id);
        let name = shown(symbol.shown().as_ref());
        let mut edits: BTreeMap<(Option<usize>, &'static str), Vec<EditId>> = BTreeMap::new();
        for (_, verb, edit_id) in self.doings(self.facts.facts.iter().filter(|fact| fact.symbol_id == symbol_id).copied()) {
            edits.entry((self.patch_of[edit_id.0.idx()], verb)).or_default().push(edit_id.0);
        }
        let patches = edits
            .into_iter()
            .map(|((patch, verb), edit_ids)| SymbolPatch {
                patch: patch.map(|idx| self.patch_name(idx)),
                does: verb.to_owned(),
                places: edit_ids.into_iter().map(|edit_id| self.place(edit_id)).collect(),
            })
            .collect();
        let mut orders: BTreeSet<SymbolOrder> = BTreeSet::new();
        for relation in self.plan.relations.iter().filter(|relation| relation.reason.symbol() == Some(symbol.shown().as_ref())) {
            let (first, second) = (self.patch_of[relation.first.idx()], self.patch_of[relation.second.idx()]);
            if let (Some(first), Some(second)) = (first, second) {
                let (first, second) = (self.patch_name(first), self.patch_name(second));
                orders.insert(SymbolOrder { first, second, reason: relation.reason.to_string() });
            }
        }
        let only_in = symbol.scope.map(|file_id| shown(self.plan.change.file(file_id).path()));
        SymbolExplanation { symbol: name, only_in, patches, orders: orders.into_iter().collect() }
    }

    /// Returns what these edits do, local names left out: in the order of the verbs, then as the facts have them.
    fn does(&self, edit_ids: &[EditId]) -> Vec<Does> {
        let facts = edit_ids.iter().flat_map(|&edit_id| self.facts.of(edit_id)).copied();
        let mut verbs: BTreeMap<usize, Does> = BTreeMap::new();
        for (place, verb, (_, symbol_id)) in self.doings(facts) {
            let symbol = self.facts.symbols.get(symbol_id);
            let name = shown(symbol.shown().as_ref());
            let symbols = &mut verbs.entry(place).or_insert(Does { verb, symbols: Vec::new() }).symbols;
            if symbol.kind != SymbolKind::Local && !symbols.contains(&name) {
                symbols.push(name);
            }
        }
        verbs.into_values().filter(|does| !does.symbols.is_empty()).collect()
    }

    /// Returns edit and symbol of each fact with the verb for it, and the verb's place among all; what is defined both before and after
    /// is changed.
    fn doings(&self, facts: impl Iterator<Item = crate::model::Fact>) -> Vec<(usize, &'static str, (EditId, SymbolId))> {
        let mut all: BTreeMap<(EditId, SymbolId), BTreeSet<Role>> = BTreeMap::new();
        for fact in facts {
            all.entry((fact.edit_id, fact.symbol_id)).or_default().insert(fact.role);
        }
        let mut found = Vec::new();
        for (key, roles) in all {
            let has = |role: Role| roles.contains(&role);
            let is_changed =
                has(Role::Defines) && has(Role::DropsDefinition) || has(Role::Declares) && has(Role::DropsDeclaration);
            let verbs = [
                ("defines", !is_changed && has(Role::Defines)),
                ("declares", !is_changed && has(Role::Declares)),
                ("changes", is_changed),
                ("takes away", !is_changed && has(Role::DropsDefinition)),
                ("takes away the declaration of", !is_changed && has(Role::DropsDeclaration)),
                ("uses more of", has(Role::GainsUse)),
                ("uses less of", has(Role::LosesUse)),
                ("speaks of", has(Role::Names)),
                ("speaks no more of", has(Role::DropsName) && !has(Role::Names)),
            ];
            found.extend(verbs.into_iter().enumerate().filter(|(_, (_, does))| *does).map(|(at, (verb, _))| (at, verb, key)));
        }
        found
    }

    fn neighbours(&self, found: BTreeMap<usize, Vec<String>>) -> Vec<Neighbour> {
        found.into_iter().map(|(idx, reasons)| Neighbour { patch: self.patch_name(idx), reasons }).collect()
    }

    fn patch_name(&self, idx: usize) -> PatchName {
        let patch = &self.plan.campaign.patches[idx];
        PatchName { number: idx + 1, id: patch.patch_id.clone(), subject: shown(patch.message.subject.as_ref()) }
    }

    fn place(&self, edit_id: EditId) -> Place {
        let edit = self.plan.edits.get(edit_id);
        let file = self.plan.change.file(edit.file_id);
        let line = |text: &[u8], offset: usize| Lines::of(text).line_at(offset) + 1;
        let (line, side) = match (&edit.kind, edit.tip_span) {
            (EditKind::Splice { .. }, Some(span)) if !span.is_empty() => (Some(line(file.tip_text(), span.start)), "tip"),
            (EditKind::Splice { text: TextId::File(_), span, .. }, _) => (Some(line(file.base_text(), span.start)), "base"),
            _ => (None, "tip"),
        };
        Place {
            path: shown(file.path()),
            line,
            side,
            address: self.addresses[edit_id.idx()].to_string(),
            text: shown(first_line(&self.plan.change, &self.plan.edits, edit).as_ref()),
        }
    }
}

fn note(reasons: &mut Vec<String>, relation: &Relation) {
    let reason = relation.reason.to_string();
    if !reasons.contains(&reason) {
        reasons.push(reason);
    }
}
