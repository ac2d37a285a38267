//! What a patch does to symbols: which it adds, removes, changes, moves, and starts or stops to use.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BString, ByteSlice};

use super::sources::Sources;
use super::text::base_name;
use crate::model::address::quoted_as_git;
use crate::model::{EditId, Role, Symbol, SymbolKind};

/// What a patch does to symbols, in the form people write, each list in the order of the edits.
#[derive(Debug, Default)]
pub(super) struct Actions {
    pub(super) adds: Vec<BString>,
    pub(super) removes: Vec<BString>,
    /// Whether the first symbol that is added is of the kind of the first that is removed. A function is not renamed to a macro.
    pub(super) alike: bool,
    pub(super) changes: Vec<BString>,
    pub(super) moves: Vec<BString>,
    /// The file that all moves go to from others.
    pub(super) into: Option<BString>,
    pub(super) starts: Vec<BString>,
    pub(super) stops: Vec<BString>,
}

/// Finds what a patch does to symbols. Macros that keep a header from being read twice are left out.
pub(super) fn actions(sources: &Sources<'_>, patch: &[EditId]) -> Actions {
    let mut new: BTreeMap<Symbol, Vec<EditId>> = BTreeMap::new();
    let mut old: BTreeMap<Symbol, Vec<EditId>> = BTreeMap::new();
    let (mut used, mut unused): (BTreeSet<Symbol>, BTreeSet<Symbol>) = Default::default();
    for &edit_id in patch {
        for fact in sources.analysis.facts.of(edit_id) {
            let symbol = sources.analysis.facts.symbols.get(fact.symbol_id);
            if matches!(symbol.kind, SymbolKind::Local | SymbolKind::Object) {
                continue;
            }
            match fact.role {
                Role::Defines => new.entry(symbol.clone()).or_default().push(edit_id),
                Role::DropsDefinition => old.entry(symbol.clone()).or_default().push(edit_id),
                Role::GainsUse if matters(symbol.kind) => drop(used.insert(symbol.clone())),
                Role::LosesUse if matters(symbol.kind) => drop(unused.insert(symbol.clone())),
                _ => {}
            }
        }
    }
    let name = |symbol: &Symbol| (symbol.kind, symbol.name.clone());
    let by_name = |map: &BTreeMap<Symbol, Vec<EditId>>| {
        let mut names: BTreeMap<(SymbolKind, BString), BTreeSet<EditId>> = BTreeMap::new();
        for (symbol, edits) in map {
            names.entry(name(symbol)).or_default().extend(edits);
        }
        names
    };
    let (old_names, new_names) = (by_name(&old), by_name(&new));
    let moved = |symbol: &Symbol| match (old_names.get(&name(symbol)), new_names.get(&name(symbol))) {
        (Some(old), Some(new)) => old.is_disjoint(new),
        _ => false,
    };
    // One edit may bring a hundred thousand symbols.
    let weights: BTreeMap<EditId, usize> = patch.iter().map(|&edit_id| (edit_id, sources.weight(edit_id))).collect();
    let lines = |edits: &[EditId]| edits.iter().map(|edit_id| weights[edit_id]).sum::<usize>();
    // What a patch is about comes first: functions and types before macros and members, the longest before the rest.
    let mut new_symbols: Vec<(&Symbol, &Vec<EditId>)> = new.iter().filter(|(symbol, _)| !is_guard(symbol)).collect();
    new_symbols.sort_by_cached_key(|(symbol, edits)| (rank(symbol.kind), std::cmp::Reverse(lines(edits)), *symbol));
    let added = new_symbols.iter().find(|(symbol, _)| !old_names.contains_key(&name(symbol))).map(|(symbol, _)| symbol.kind);
    let mut actions = Actions::default();
    for (symbol, _) in new_symbols {
        let list = match (old_names.contains_key(&name(symbol)), moved(symbol)) {
            (false, _) => &mut actions.adds,
            (true, true) => &mut actions.moves,
            (true, false) => &mut actions.changes,
        };
        list.push(named(symbol));
    }
    let files = |edits: &BTreeSet<EditId>| -> BTreeSet<_> {
        edits.iter().map(|&edit_id| sources.analysis.edits.get(edit_id).file_id).collect()
    };
    let moves = || new.keys().filter(|symbol| moved(symbol)).map(&name);
    let (from, to): (BTreeSet<_>, BTreeSet<_>) = (
        moves().flat_map(|name| files(&old_names[&name])).collect(),
        moves().flat_map(|name| files(&new_names[&name])).collect(),
    );
    if let (Some(file_id), 1) = (to.first(), to.len())
        && !from.contains(file_id)
    {
        actions.into = Some(base_name(sources.analysis.change.file(*file_id).path()));
    }
    for list in [&mut actions.adds, &mut actions.moves, &mut actions.changes] {
        let mut seen = BTreeSet::new();
        list.retain(|name| seen.insert(name.clone()));
    }
    let mut gone: Vec<(&Symbol, &Vec<EditId>)> =
        old.iter().filter(|(symbol, _)| !new_names.contains_key(&name(symbol)) && !is_guard(symbol)).collect();
    gone.sort_by_key(|(symbol, edits)| (rank(symbol.kind), std::cmp::Reverse(lines(edits)), *symbol));
    actions.alike = added.is_some() && added == gone.first().map(|(symbol, _)| symbol.kind);
    actions.removes = gone.into_iter().map(|(symbol, _)| named(symbol)).collect();
    actions.starts = used.difference(&unused).filter(|symbol| !new_names.contains_key(&name(symbol))).map(named).collect();
    actions.stops = unused.difference(&used).filter(|symbol| !old_names.contains_key(&name(symbol))).map(named).collect();
    actions
}

/// Returns a symbol as a message can say it: a header's name is a path, and may hold anything.
fn named(symbol: &Symbol) -> BString {
    quoted_as_git(symbol.shown().as_ref()).into()
}

/// Whether a macro only keeps a header from being read twice: no one would name it.
fn is_guard(symbol: &Symbol) -> bool {
    let name = symbol.name.trim_end_with(|c| c == '_');
    symbol.kind == SymbolKind::Macro && name.ends_with(b"_H") && !name.iter().any(u8::is_ascii_lowercase)
}

/// The place of a kind in a list of what a patch does.
fn rank(kind: SymbolKind) -> u8 {
    match kind {
        SymbolKind::Function => 0,
        SymbolKind::Type | SymbolKind::Kconfig | SymbolKind::Compatible => 1,
        SymbolKind::Variable | SymbolKind::Field => 2,
        SymbolKind::Macro | SymbolKind::EnumConstant => 3,
        SymbolKind::Header | SymbolKind::Object | SymbolKind::Local | SymbolKind::Name => 4,
    }
}

/// Uses worth a word in a message.
fn matters(kind: SymbolKind) -> bool {
    matches!(kind, SymbolKind::Function | SymbolKind::Macro | SymbolKind::Field | SymbolKind::Type | SymbolKind::Kconfig)
}

/// Names of the functions and types that the edits of a patch lie in, those with most lines first.
pub(super) fn main_names(sources: &Sources<'_>, patch: &[EditId]) -> Vec<BString> {
    let mut names: BTreeMap<BString, usize> = BTreeMap::new();
    for &edit_id in patch {
        let lines = sources.weight(edit_id);
        for fact in sources.analysis.facts.of(edit_id) {
            let symbol = sources.analysis.facts.symbols.get(fact.symbol_id);
            if symbol.kind == SymbolKind::Local
                && let Some(function) = &symbol.record
            {
                let shown = bstr::concat([function.as_slice(), b"()"]);
                *names.entry(shown.into()).or_default() += lines;
            }
        }
    }
    let mut names: Vec<_> = names.into_iter().collect();
    names.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(&other.0)));
    names.into_iter().map(|(name, _)| name).collect()
}
