//! Facts → Relations: which edits need an order, and which cannot be apart.
//!
//! A relation is a contract: a series that breaks it has a step that does not build, or that warns where projects build with `-Werror`. What
//! merely looks better together is no relation but nearness ([`crate::similarity`]). Symbols are matched by name in C's name spaces; a name that one
//! file alone can see (`static`, local) is matched in that file only. Cost: linear in facts; a name with many definitions relates
//! each use to a few of them.

mod conditions;
mod entries;
mod heads;
mod imports;
mod pasted;
mod shapes;
mod spoken;
mod top;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bstr::{BStr, BString, ByteSlice};

use super::balance;
use crate::analyze::Analysis;
use crate::analyze::occurrences::{Context, NameSpace, Occurrence};
use crate::model::{Change, EditId, EditKind, Edits, Facts, FileId, Reason, Relation, Role, Symbol, SymbolId, SymbolKind, Tie};

/// A use of a name that has more definitions than this in the change is related to that many of them.
const MOST_DEFINITIONS: usize = 8;

/// In a change of more edits than this the check may not have rounds enough to say which of several uses a definition goes with.
const CHOSEN_BY_ORDER: usize = 1_000;

/// Returns the relations between edits, sorted, each pair and tie once.
pub fn relations(analysis: &Analysis) -> Vec<Relation> {
    let Analysis { change, edits, occurrences, .. } = analysis;
    let mut found = Relations::default();
    structure(edits, &mut found);
    entries::relations(change, edits, &mut found);
    balance::relations(change, edits, &mut |relation| found.add(relation));
    let index = Index::of(analysis);
    for name in index.names.values() {
        symbol(&index, name, &mut found);
    }
    headers(&index, &mut found);
    conditions::relations(analysis, &mut found);
    heads::relations(occurrences, &mut found);
    imports::relations(change, edits, &mut found);
    shapes::relations(analysis, &mut found);
    pasted::relations(analysis, &mut found);
    top::relations(analysis, &mut found);
    spoken::relations(analysis, &mut found);
    found.sorted()
}

/// Returns for each definition that would be unused alone a relation to the nearest of its uses, sorted. Where it has several uses this is likely and no
/// contract, as any of them would do.
pub fn likely(analysis: &Analysis) -> Vec<Relation> {
    let index = Index::of(analysis);
    let mut found = Relations { of_several: OfSeveral::Nearest, ..Relations::default() };
    for name in index.names.values() {
        symbol(&index, name, &mut found);
    }
    found.sorted()
}

/// Relations found so far; of several reasons for one tie the first found is kept.
#[derive(Default)]
struct Relations {
    all: BTreeMap<(EditId, EditId, Tie), Reason>,
    of_several: OfSeveral,
}

/// To which of several uses a definition is tied that would be unused alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum OfSeveral {
    /// To none: when the order is known, the check sees which use comes first or goes last.
    #[default]
    ByOrder,
    /// To the nearest.
    Nearest,
}

impl Relations {
    fn add(&mut self, relation: Relation) {
        let (mut first, mut second) = (relation.first, relation.second);
        if first == second {
            return;
        }
        if relation.tie == Tie::Together && second < first {
            (first, second) = (second, first);
        }
        self.all.entry((first, second, relation.tie)).or_insert(relation.reason);
    }

    fn sorted(self) -> Vec<Relation> {
        self.all.into_iter().map(|((first, second, tie), reason)| Relation { first, second, tie, reason }).collect()
    }

    fn before(&mut self, first: EditId, second: EditId, reason: Reason) {
        self.add(Relation::before(first, second, reason));
    }

    fn together(&mut self, first: EditId, second: EditId, reason: Reason) {
        self.add(Relation::together(first, second, reason));
    }
}

/// Adds what follows from the edits alone: what they require, a new file with its first text, a deleted file with its last.
fn structure(edits: &Edits, found: &mut Relations) {
    let mut filled = BTreeSet::new();
    for (edit_id, edit) in edits.iter() {
        for &needed in &edit.requires {
            let creates = edits.get(needed).kind == EditKind::Create && edits.get(needed).file_id == edit.file_id;
            if creates && filled.insert(needed) {
                found.together(needed, edit_id, Reason::Requires);
            }
            found.before(needed, edit_id, Reason::Requires);
        }
        if edit.kind == EditKind::Delete
            && let Some(&last) = edit.requires.last()
        {
            found.together(last, edit_id, Reason::Requires);
        }
    }
}

/// Edits that have each role for one name.
#[derive(Default)]
struct NameRoles<'f> {
    symbols: BTreeSet<SymbolId>,
    roles: BTreeMap<Role, BTreeSet<(EditId, SymbolId)>>,
    space: Option<(Space, &'f BStr)>,
}

/// C's name spaces, and those beside C.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Space {
    Ordinary,
    Field,
    Local(FileId),
    Header,
    Kconfig,
    Object,
    Compatible,
}

struct Index<'f> {
    change: &'f Change,
    edits: &'f Edits,
    facts: &'f Facts,
    names: BTreeMap<(Space, &'f BStr, &'f BStr), NameRoles<'f>>,
    /// The edit that adds the build line of an object, by object.
    built: HashMap<&'f BStr, EditId>,
    /// Parameters that come or go, each with the edit: no compiler minds one that is not used.
    parameters: BTreeSet<(EditId, &'f BStr)>,
}

impl<'f> Index<'f> {
    fn of(analysis: &'f Analysis) -> Self {
        let Analysis { change, edits, facts, occurrences } = analysis;
        let mut names: BTreeMap<(Space, &BStr, &BStr), NameRoles<'f>> = BTreeMap::new();
        for fact in &facts.facts {
            let symbol = facts.symbols.get(fact.symbol_id);
            let (space, within) = match symbol.kind {
                SymbolKind::Field => (Space::Field, BStr::new("")),
                SymbolKind::Local => {
                    let file_id = symbol.scope.unwrap_or(edits.get(fact.edit_id).file_id);
                    (Space::Local(file_id), symbol.record.as_ref().map_or(BStr::new(""), |record| record.as_ref()))
                }
                SymbolKind::Header => (Space::Header, BStr::new("")),
                SymbolKind::Kconfig => (Space::Kconfig, BStr::new("")),
                SymbolKind::Object => (Space::Object, BStr::new("")),
                SymbolKind::Compatible => (Space::Compatible, BStr::new("")),
                SymbolKind::Function
                | SymbolKind::Macro
                | SymbolKind::Type
                | SymbolKind::EnumConstant
                | SymbolKind::Variable
                | SymbolKind::Name => (Space::Ordinary, BStr::new("")),
            };
            // A header that sets an option by hand defines what the code asks for as an option.
            let option = symbol.name.strip_prefix(b"CONFIG_").filter(|_| symbol.kind == SymbolKind::Macro);
            let (space, own_name) = option.map_or((space, symbol.name.as_bstr()), |option| (Space::Kconfig, option.as_bstr()));
            let name = names.entry((space, own_name, within)).or_default();
            name.space = Some((space, own_name));
            name.symbols.insert(fact.symbol_id);
            name.roles.entry(fact.role).or_default().insert((fact.edit_id, fact.symbol_id));
        }
        bare_fields(&mut names);
        let mut built = HashMap::new();
        for ((space, object, _), name) in &names {
            if *space == Space::Object
                && let Some((edit_id, _)) = name.roles.get(&Role::Uses).and_then(|uses| uses.first())
            {
                built.insert(*object, *edit_id);
            }
        }
        let of_head = |occurrence: &&Occurrence| occurrence.role == Role::Defines && occurrence.context == Context::Head;
        let locals = occurrences.names.iter().filter(|((space, _), _)| matches!(space, NameSpace::Local(..)));
        let parameters = locals
            .flat_map(|((_, name), list)| list.iter().filter(of_head).map(move |occurrence| (occurrence, name.as_bstr())))
            .flat_map(|(occurrence, name)| {
                occurrence.added_by.into_iter().chain(occurrence.removed_by).map(move |edit_id| (edit_id, name))
            })
            .collect();
        Index { change, edits, facts, names, built, parameters }
    }

    fn symbol(&self, symbol_id: SymbolId) -> &'f Symbol {
        self.facts.symbols.get(symbol_id)
    }

    fn is_parameter(&self, (edit_id, symbol_id): (EditId, SymbolId)) -> bool {
        self.parameters.contains(&(edit_id, self.symbol(symbol_id).name.as_bstr()))
    }

    fn file(&self, edit_id: EditId) -> FileId {
        self.edits.get(edit_id).file_id
    }

    /// Whether a use with `used` in the file of `user` can mean the definition `defined` in the file of `definer`.
    fn may_mean(&self, (user, used): (EditId, SymbolId), (definer, defined): (EditId, SymbolId)) -> bool {
        let (used, defined) = (self.symbol(used), self.symbol(defined));
        let scope = |symbol: &Symbol, edit_id: EditId| symbol.scope.unwrap_or(self.file(edit_id));
        let visible = match (defined.scope, used.scope) {
            (None, None) => true,
            (Some(_), _) => scope(defined, definer) == scope(used, user),
            (None, Some(_)) => self.file(user) == self.file(definer),
        };
        let record = match (&used.record, &defined.record) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        visible && record
    }
}

/// A macro may be given the bare name of a field (`FOLIO_MATCH(index, index)`, `offsetof()` in a macro's body): a plain name that nothing in the
/// change defines, and a field of that name that comes or goes, may be the same.
fn bare_fields<'f>(names: &mut BTreeMap<(Space, &'f BStr, &'f BStr), NameRoles<'f>>) {
    let none = BStr::new("");
    let fields: Vec<&BStr> = names
        .iter()
        .filter(|((space, ..), name)| {
            *space == Space::Field && (name.roles.contains_key(&Role::Defines) || name.roles.contains_key(&Role::DropsDefinition))
        })
        .map(|((_, field, _), _)| *field)
        .collect();
    for field in fields {
        let Some(plain) = names.get(&(Space::Ordinary, field, none)) else { continue };
        let defined = [Role::Defines, Role::DropsDefinition, Role::Declares, Role::DropsDeclaration];
        if defined.iter().any(|role| plain.roles.contains_key(role)) {
            continue;
        }
        let uses: Vec<(Role, BTreeSet<(EditId, SymbolId)>)> = [Role::GainsUse, Role::LosesUse]
            .into_iter()
            .filter_map(|role| Some((role, plain.roles.get(&role)?.clone())))
            .collect();
        if let Some(name) = names.get_mut(&(Space::Field, field, none)) {
            uses.into_iter().for_each(|(role, set)| name.roles.entry(role).or_default().extend(set));
        }
    }
}

impl NameRoles<'_> {
    fn with(&self, role: Role) -> impl Iterator<Item = (EditId, SymbolId)> {
        self.roles.get(&role).into_iter().flatten().copied()
    }

    /// Returns the edits with a role that have not the other one too.
    fn only(&self, role: Role, other: Role) -> Vec<(EditId, SymbolId)> {
        self.with(role).filter(|(edit_id, _)| !self.has(other, *edit_id)).collect()
    }

    fn has(&self, role: Role, edit_id: EditId) -> bool {
        self.roles
            .get(&role)
            .is_some_and(|set| set.range((edit_id, SymbolId(0))..=(edit_id, SymbolId(u32::MAX))).next().is_some())
    }
}

/// All relations that one name makes.
fn symbol(index: &Index<'_>, name: &NameRoles<'_>, found: &mut Relations) {
    let Some((space, _)) = name.space else { return };
    comes(index, name, space, found);
    goes(index, name, space, found);
    changes(index, name, space, found);
}

/// A name that the change defines: before its uses, its declaration before both, a static one with a caller.
fn comes(index: &Index<'_>, name: &NameRoles<'_>, space: Space, found: &mut Relations) {
    let defined = name.only(Role::Defines, Role::DropsDefinition);
    let declared = name.only(Role::Declares, Role::DropsDeclaration);
    let new_uses = name.only(Role::GainsUse, Role::Defines);
    for &user in &new_uses {
        let shown = || shown(index, defined.first().or(declared.first()).unwrap_or(&user).1);
        let reason = if matches!(space, Space::Local(_)) { Reason::Local } else { Reason::DefinedBeforeUse };
        for &maker in nearest(index, user, &defined).iter().chain(&nearest(index, user, &declared)) {
            found.before(maker.0, user.0, reason(shown()));
        }
        // Outside its file, a function of a new object is there only when the object is built.
        for &(definer, _) in
            nearest(index, user, &defined).iter().filter(|(definer, _)| index.file(*definer) != index.file(user.0))
        {
            let path = index.change.file(index.file(definer)).path();
            // A header of the same stem is no part of the object.
            let object = path.strip_suffix(b".c").or_else(|| path.strip_suffix(b".S"));
            if let Some(&line) = object.and_then(|object| index.built.get(object.as_bstr())) {
                found.before(line, user.0, Reason::Built(path.to_owned()));
            }
        }
    }
    for &declaration in &declared {
        let meant: Vec<_> =
            defined.iter().filter(|definition| index.may_mean(declaration, **definition)).take(MOST_DEFINITIONS).collect();
        for definition in &meant {
            let reason = Reason::DeclaredAndDefined(shown(index, definition.1));
            // Nobody reviews a prototype without its function. Where each architecture has its own, the prototype comes first.
            match meant.len() {
                1 => found.together(declaration.0, definition.0, reason),
                _ => found.before(declaration.0, definition.0, reason),
            }
        }
    }
    used(index, space, &defined, &new_uses, found);
}

/// Ties each definition that must not be unused, of a static function or variable or of a local one, to one of the uses that come or go with it.
fn used(index: &Index<'_>, space: Space, definitions: &[(EditId, SymbolId)], uses: &[(EditId, SymbolId)], found: &mut Relations) {
    for &definition in definitions {
        let symbol = index.symbol(definition.1);
        let (is_checked, reason): (bool, fn(BString) -> Reason) = match space {
            Space::Local(_) => (!index.is_parameter(definition), Reason::Local),
            _ => (
                matches!(symbol.kind, SymbolKind::Function | SymbolKind::Variable) && symbol.scope.is_some(),
                Reason::UnusedAlone,
            ),
        };
        if let (true, Some(user)) = (is_checked, chosen(index, uses, definition, found.of_several)) {
            found.together(definition.0, user.0, reason(shown(index, definition.1)));
        }
    }
}

/// A name that the change takes away: its last use first, a static one with a caller that leaves.
fn goes(index: &Index<'_>, name: &NameRoles<'_>, space: Space, found: &mut Relations) {
    let dropped = name.only(Role::DropsDefinition, Role::Defines);
    let undeclared = name.only(Role::DropsDeclaration, Role::Declares);
    let old_uses = name.only(Role::LosesUse, Role::DropsDefinition);
    let reason = if matches!(space, Space::Local(_)) { Reason::Local } else { Reason::LastUseBeforeRemoval };
    for &user in &old_uses {
        for &gone in nearest(index, user, &dropped).iter().chain(&nearest(index, user, &undeclared)) {
            found.before(user.0, gone.0, reason(shown(index, gone.1)));
        }
    }
    for &gone in dropped.iter().take(MOST_DEFINITIONS) {
        for &declaration in undeclared.iter().filter(|declaration| index.may_mean(**declaration, gone)) {
            found.before(gone.0, declaration.0, Reason::DeclaredAndDefined(shown(index, gone.1)));
        }
    }
    used(index, space, &dropped, &old_uses, found);
}

/// A name that is defined before and after: moved, or of another shape.
fn changes(index: &Index<'_>, name: &NameRoles<'_>, space: Space, found: &mut Relations) {
    let reshaped: Vec<_> = name.with(Role::Defines).filter(|(edit_id, _)| name.has(Role::DropsDefinition, *edit_id)).collect();
    let redeclared: Vec<_> =
        name.with(Role::Declares).filter(|(edit_id, _)| name.has(Role::DropsDeclaration, *edit_id)).collect();
    let callable = |symbol_id: SymbolId| matches!(index.symbol(symbol_id).kind, SymbolKind::Function | SymbolKind::Macro);
    for &shape in reshaped.iter().chain(&redeclared).filter(|(_, symbol_id)| callable(*symbol_id)) {
        let reason = || Reason::ChangesShape(shown(index, shape.1));
        let adapts = name.with(Role::Uses).filter(|(edit_id, _)| name.has(Role::DropsUse, *edit_id));
        for user in adapts.chain(redeclared.iter().copied()).filter(|user| index.may_mean(*user, shape)) {
            found.together(shape.0, user.0, reason());
        }
        // A use that comes is of the new shape, one that goes was of the old.
        for &user in name.only(Role::GainsUse, Role::DropsUse).iter().filter(|user| index.may_mean(**user, shape)) {
            found.before(shape.0, user.0, reason());
        }
        for &user in name.only(Role::LosesUse, Role::Uses).iter().filter(|user| index.may_mean(**user, shape)) {
            found.before(user.0, shape.0, reason());
        }
    }
    if !matches!(space, Space::Ordinary | Space::Field) {
        return;
    }
    let arrives = name.only(Role::Defines, Role::DropsDefinition);
    let leaves = name.only(Role::DropsDefinition, Role::Defines);
    for &old in leaves.iter().take(MOST_DEFINITIONS) {
        for &new in arrives.iter().take(MOST_DEFINITIONS) {
            let (was, is) = (index.symbol(old.1), index.symbol(new.1));
            // Macros of two files are in one place where a file sees both, which the check knows.
            let macros = was.kind == SymbolKind::Macro && is.kind == SymbolKind::Macro;
            if macros && index.file(old.0) != index.file(new.0) {
                continue;
            }
            let one_place = was.scope == is.scope && (space != Space::Field || (was.record.is_some() && was.record == is.record));
            if one_place {
                found.together(old.0, new.0, Reason::Moved(shown(index, new.1)));
            }
        }
    }
    // A static function that becomes a global one: its declaration would contradict the static one.
    for &old in leaves.iter().filter(|old| index.symbol(old.1).scope.is_some()).take(MOST_DEFINITIONS) {
        for new in name.with(Role::Declares).filter(|new| index.symbol(new.1).scope.is_none()) {
            found.together(old.0, new.0, Reason::Moved(shown(index, old.1)));
        }
    }
}

/// An added `#include` of a header comes before what the header's own additions make possible in that file.
fn headers(index: &Index<'_>, found: &mut Relations) {
    let mut includes: HashMap<FileId, Vec<(&BStr, EditId)>> = HashMap::new();
    for ((space, header, _), name) in &index.names {
        if *space == Space::Header {
            for (edit_id, _) in name.with(Role::GainsUse) {
                includes.entry(index.file(edit_id)).or_default().push((header, edit_id));
            }
        }
    }
    for ((space, ..), name) in &index.names {
        if *space != Space::Ordinary {
            continue;
        }
        let makers: Vec<_> = name.with(Role::Defines).chain(name.with(Role::Declares)).take(MOST_DEFINITIONS).collect();
        for user in name.with(Role::GainsUse) {
            for (header, line) in includes.get(&index.file(user.0)).into_iter().flatten() {
                let brings = makers.iter().any(|(maker, _)| is_suffix(index.change.file(index.file(*maker)).path(), header));
                if brings {
                    found.before(*line, user.0, Reason::DefinedBeforeUse((*header).to_owned()));
                }
            }
        }
    }
}

/// Whether an include of `written` can mean the file at `path`.
fn is_suffix(path: &BStr, written: &BStr) -> bool {
    path.ends_with(written) && (path.len() == written.len() || path[path.len() - written.len() - 1] == b'/')
}

/// The makers that a user can mean: those of its own file if any, else a few of the others.
fn nearest(index: &Index<'_>, user: (EditId, SymbolId), makers: &[(EditId, SymbolId)]) -> Vec<(EditId, SymbolId)> {
    let fits: Vec<_> = makers.iter().copied().filter(|maker| maker.0 != user.0 && index.may_mean(user, *maker)).collect();
    let own: Vec<_> = fits.iter().copied().filter(|maker| index.file(maker.0) == index.file(user.0)).collect();
    let mut chosen = if own.is_empty() { fits } else { own };
    chosen.truncate(MOST_DEFINITIONS);
    chosen
}

/// The use that a definition is tied to that must not be alone: its only one, else the one asked for.
fn chosen(
    index: &Index<'_>,
    uses: &[(EditId, SymbolId)],
    definition: (EditId, SymbolId),
    of_several: OfSeveral,
) -> Option<(EditId, SymbolId)> {
    let fits = || uses.iter().copied().filter(|user| user.0 != definition.0 && index.may_mean(*user, definition));
    let nearest = fits().min_by_key(|user| distance(user.0, definition.0))?;
    let by_order = of_several == OfSeveral::ByOrder && index.edits.len() <= CHOSEN_BY_ORDER;
    (!by_order || fits().all(|user| user.0 == nearest.0)).then_some(nearest)
}

fn distance(one: EditId, other: EditId) -> u32 {
    one.0.abs_diff(other.0)
}

fn shown(index: &Index<'_>, symbol_id: SymbolId) -> BString {
    index.symbol(symbol_id).shown()
}

#[cfg(test)]
mod tests;
