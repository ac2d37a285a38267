//! Names whose shape changes, and all that the change adapts to it.
//!
//! ```text
//!   h.h   -int (*get)(int a);          the shape of a name: the words of its head, of a function its return type,
//!         +int (*get)(int a, void *p); of a variable or member its type, of a macro what kind of text it is
//!   u.c   -return o->get(1);
//!         +return o->get(1, 0);        an edit in a statement that names it before and after adapts to it
//! ```
//!
//! Careful first: such an edit is tied to the change, whatever it does there. A use that comes is of the new shape, one that goes was of the old one.
//! What is of a type that changes changes with it. A statement that stays and names several such things fits all of them before and after, and
//! none of the states between: they change at once. Types loosen what they show to be harmless: numbers become other numbers, a `const` comes to what is
//! called first. Other things of a shape are the members of a record, for values without names, and the constants of an enum, for a `switch`
//! without `default`. Cost: one pass over the tokens of the changed files.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bstr::{BStr, BString, ByteSlice};
use rayon::prelude::*;

use super::Relations;
use crate::analyze::Analysis;
use crate::analyze::occurrences::{NameSpace, Occurrence, Occurrences};
use crate::lang::{Build, Linkage, language};
use crate::model::{Change, EditId, Edits, Facts, FileId, Reason, Role, Span, SymbolKind};
use cleave_c::lex::TokenKind;
use cleave_c::statements::{Statement, Within, statements};

/// Adds the relations of names whose shape changes.
pub(super) fn relations(analysis: &Analysis, found: &mut Relations) {
    let Analysis { change, edits, facts, .. } = analysis;
    let shapes = Shapes::of(analysis);
    for shape in &shapes.all {
        for pair in shape.edits.iter().collect::<Vec<_>>().windows(2).filter(|_| !shape.is_set && shape.only_value.is_none()) {
            found.together(*pair[0], *pair[1], Reason::ChangesShape(shape.because.clone()));
        }
    }
    let by_file: Vec<(FileId, Vec<EditId>)> = edits.by_file().into_iter().collect();
    let read: Vec<Vec<Read>> =
        by_file.par_iter().map(|(file_id, edit_ids)| read(change, edits, &shapes, *file_id, edit_ids)).collect();
    let mut adapts: BTreeMap<(EditId, usize), [bool; 2]> = BTreeMap::new();
    let mut needs: BTreeMap<(EditId, usize), [bool; 2]> = BTreeMap::new();
    let mut designated: BTreeSet<(EditId, usize, usize)> = BTreeSet::new();
    for one in read.into_iter().flatten() {
        match one {
            Read::Touched { edit_id, shape, side } => adapts.entry((edit_id, shape)).or_default()[side] = true,
            Read::Needs { edit_id, shape, side } => needs.entry((edit_id, shape)).or_default()[side] = true,
            Read::Designated { edit_id, shape, side } => drop(designated.insert((edit_id, shape, side))),
            Read::Stays(named) => stays(&shapes, &named, found),
            Read::Handles { edit_id, changed, side, constant } => {
                let (first, second) = if side == 0 { (edit_id, changed) } else { (changed, edit_id) };
                found.before(first, second, Reason::ChangesShape(constant));
            }
            Read::Positional { table: name, edit_ids } | Read::Torn { name, edit_ids } => {
                for pair in edit_ids.iter().collect::<Vec<_>>().windows(2) {
                    found.together(*pair[0], *pair[1], Reason::ChangesShape(name.clone()));
                }
            }
            Read::Asserted { said, edit_ids } => {
                for pair in edit_ids.iter().collect::<Vec<_>>().windows(2) {
                    found.together(*pair[0], *pair[1], Reason::Asserted(said.clone()));
                }
            }
        }
    }
    for ((edit_id, at), sides) in needs {
        // Values that get names, or lose them, fit the record on one side only.
        let is_free = |side: usize| !sides[side] && designated.contains(&(edit_id, at, side));
        let adapted = adapts.entry((edit_id, at)).or_default();
        (0..2).filter(|&side| !is_free(side)).for_each(|side| adapted[side] = true);
    }
    for ((edit_id, at), sides) in adapts {
        let shape = &shapes.all[at];
        if shape.edits.contains(&edit_id) || !shape.may_be_meant(facts, edit_id) {
            continue;
        }
        let reason = || Reason::ChangesShape(shape.because.clone());
        for &changed in &shape.edits {
            match sides {
                // What is set first needs no value from the start.
                _ if shape.only_value == Some(false) => found.before(edit_id, changed, reason()),
                _ if shape.only_value == Some(true) => found.before(changed, edit_id, reason()),
                [true, true] => found.together(changed, edit_id, reason()),
                [true, false] => found.before(edit_id, changed, reason()),
                [false, _] => found.before(changed, edit_id, reason()),
            }
        }
    }
}

/// Ties the shapes that a statement names which no edit touches.
fn stays(shapes: &Shapes, named: &BTreeSet<usize>, found: &mut Relations) {
    let all: Vec<&Shape> = named
        .iter()
        .map(|&at| &shapes.all[at])
        .filter(|shape| !shape.is_number && !shape.is_set && shape.only_value.is_none())
        .collect();
    for (nth, one) in all.iter().enumerate() {
        for other in &all[nth + 1..] {
            let reason = || Reason::ChangesShape(one.because.clone());
            let (Some(&first), Some(&second)) = (one.edits.first(), other.edits.first()) else { continue };
            // What is given to a function may be `const` when the function says that it is.
            let called = [one, other].map(|shape| shape.kind == SymbolKind::Function);
            match (one.only_const, other.only_const, called) {
                (Some(true), Some(true), [true, false]) | (Some(false), Some(false), [false, true]) => {
                    found.before(first, second, reason());
                }
                (Some(true), Some(true), [false, true]) | (Some(false), Some(false), [true, false]) => {
                    found.before(second, first, reason());
                }
                _ => found.together(first, second, reason()),
            }
        }
    }
}

/// A name whose shape changes.
#[derive(Debug)]
struct Shape {
    shown: BString,
    /// The name that a reason gives: its own, or the type's that changes.
    because: BString,
    kind: SymbolKind,
    record: Option<BString>,
    /// Where alone it is seen: a file, a function in it.
    file_id: Option<FileId>,
    function: Option<BString>,
    /// What changes it.
    edits: BTreeSet<EditId>,
    /// Whether a number becomes another one.
    is_number: bool,
    /// Whether all that differs is that `const` comes (true) or goes.
    only_const: Option<bool>,
    /// Whether all that differs is that a value comes (true) or goes.
    only_value: Option<bool>,
    /// Whether the type that a function returns changes.
    returns: bool,
    /// Whether it is a set of members or constants, which may grow one by one.
    is_set: bool,
}

/// The shapes that change, and how a text names them.
#[derive(Default)]
struct Shapes {
    all: Vec<Shape>,
    by_word: HashMap<BString, Vec<usize>>,
    /// Of constants that stay, what comes to their enum or goes.
    beside: HashMap<BString, BTreeSet<EditId>>,
}

/// A name with more heads than this is a word of many things, and all pairs of them would be compared.
const HEADS_AT_MOST: usize = 200;

impl Shapes {
    fn of(analysis: &Analysis) -> Self {
        let Analysis { change, edits, occurrences, .. } = analysis;
        let mut shapes = Shapes::default();
        for ((space, name), list) in &occurrences.names {
            shapes.add_changed(change, space, name, list);
        }
        shapes.add_derived(occurrences);
        shapes.add_sets(occurrences);
        shapes.add_moved_constants(change, edits);
        shapes
    }

    fn push(&mut self, word: &BString, shape: Shape) {
        self.by_word.entry(word.clone()).or_default().push(self.all.len());
        self.all.push(shape);
    }

    /// Adds the shapes of one name: a head that goes, and one of the same kind that comes.
    fn add_changed(&mut self, change: &Change, space: &NameSpace, name: &BString, list: &[Occurrence]) {
        let (file_id, function) = match space {
            NameSpace::Local(file_id, function) => (Some(*file_id), Some(function.clone())),
            NameSpace::Ordinary | NameSpace::Field => (None, None),
            NameSpace::Tag | NameSpace::Header | NameSpace::Object => return,
        };
        let heads = || list.iter().filter(|head| head.role != Role::Uses);
        if heads().count() > HEADS_AT_MOST {
            return;
        }
        let mut of_scope: BTreeMap<(Option<FileId>, Option<&BString>), Shape> = BTreeMap::new();
        for old in heads().filter(|head| head.removed_by.is_some()) {
            for new in heads().filter(|head| head.added_by.is_some()) {
                let own = |head: &Occurrence| {
                    head.linkage == Linkage::Internal || (old.kind == SymbolKind::Field && old.record.is_none())
                };
                let is_own = own(old) || own(new);
                // What one file had for itself may come from another one.
                let is_taken = own(old) != own(new) && old.kind == SymbolKind::Function;
                let fits = old.role == new.role
                    && old.kind == new.kind
                    && old.record == new.record
                    && old.kind != SymbolKind::EnumConstant;
                if !fits || (is_own && !is_taken && old.file_id != new.file_id) {
                    continue;
                }
                let [was, is] = [old, new].map(|head| words(&head.shape));
                if was == is && old.shape.ends_with(VALUE) == new.shape.ends_with(VALUE) {
                    continue;
                }
                let of_file = if own(old) { old.file_id } else { new.file_id };
                let is_header = language(change.file(of_file).path()).is_included();
                let scope = file_id.or(Some(of_file).filter(|_| is_own && !is_header));
                let [was_head, is_head] =
                    [&was, &is].map(|words| words.iter().take_while(|word| ***word != **name).collect::<Vec<_>>());
                let shape = of_scope.entry((scope, old.record.as_ref())).or_insert_with(|| Shape {
                    shown: shown(space, name, old),
                    because: shown(space, name, old),
                    kind: old.kind,
                    record: old.record.clone(),
                    file_id: scope,
                    function: function.clone(),
                    edits: BTreeSet::new(),
                    is_number: true,
                    only_const: only_const(&was, &is),
                    only_value: None,
                    returns: false,
                    is_set: false,
                });
                shape.only_value = (was == is).then_some(new.shape.ends_with(VALUE));
                shape.edits.extend(old.removed_by.into_iter().chain(new.added_by));
                shape.is_number &= old.kind != SymbolKind::Function && [&was, &is].iter().all(|words| is_number(words, name));
                shape.returns |= old.kind == SymbolKind::Function && was_head != is_head;
                if shape.only_const != only_const(&was, &is) {
                    shape.only_const = None;
                }
            }
        }
        of_scope.into_values().for_each(|shape| self.push(name, shape));
    }

    /// Adds what is of a type that changes.
    fn add_derived(&mut self, occurrences: &Occurrences) {
        let is_type = |shape: &&Shape| shape.kind == SymbolKind::Type;
        let types: BTreeMap<BString, BTreeSet<EditId>> =
            self.all.iter().filter(is_type).map(|shape| (shape.shown.clone(), shape.edits.clone())).collect();
        if types.is_empty() {
            return;
        }
        for ((space, name), list) in &occurrences.names {
            let mut seen: BTreeSet<(Option<FileId>, Option<&BString>)> = BTreeSet::new();
            for head in list.iter().filter(|head| head.role != Role::Uses) {
                let used: Vec<(&BString, &BTreeSet<EditId>)> = head
                    .shape
                    .split_str(" ")
                    .filter(|word| *word != name.as_slice())
                    .filter_map(|word| types.get_key_value(BStr::new(word)))
                    .collect();
                let (file_id, function) = match space {
                    NameSpace::Local(file_id, function) => (Some(*file_id), Some(function.clone())),
                    NameSpace::Ordinary | NameSpace::Field => {
                        (Some(head.file_id).filter(|_| head.linkage == Linkage::Internal), None)
                    }
                    NameSpace::Tag | NameSpace::Header | NameSpace::Object => continue,
                };
                if used.is_empty() || !seen.insert((file_id, head.record.as_ref())) {
                    continue;
                }
                for (of, edits) in used {
                    let plain = Shape { because: of.clone(), ..set(&shown(space, name, head), head.kind, edits.clone()) };
                    let (record, function) = (head.record.clone(), function.clone());
                    self.push(name, Shape { record, file_id, function, is_set: false, ..plain });
                }
            }
        }
    }

    /// Adds the records whose members come or go, and the constants of enums that do.
    fn add_sets(&mut self, occurrences: &Occurrences) {
        let mut records: BTreeMap<BString, BTreeSet<EditId>> = BTreeMap::new();
        for ((space, name), list) in &occurrences.names {
            for head in list.iter().filter(|head| head.role == Role::Defines) {
                let edits = head.added_by.into_iter().chain(head.removed_by);
                let stays = |other: &Occurrence| other.role == Role::Defines && other.record == head.record && other != head;
                match (space, &head.record) {
                    (NameSpace::Field, Some(record)) if !list.iter().any(stays) => {
                        records.entry(record.clone()).or_default().extend(edits)
                    }
                    (NameSpace::Ordinary, _) if head.kind == SymbolKind::EnumConstant && !list.iter().any(stays) => {
                        let edits: BTreeSet<EditId> = edits.collect();
                        if !edits.is_empty() {
                            self.push(name, set(name, SymbolKind::EnumConstant, edits));
                        }
                    }
                    _ => {}
                }
            }
        }
        for (record, edits) in records.into_iter().filter(|(_, edits)| !edits.is_empty()) {
            let word: BString = record.rsplit_str(" ").next().unwrap_or_default().into();
            self.push(&word, set(&record, SymbolKind::Type, edits));
        }
    }
}

impl Shapes {
    /// Adds the constants whose value moves when one before them comes or goes, as `E_MAX` at the end of an enum, and finds those beside which one does.
    fn add_moved_constants(&mut self, change: &Change, edits: &Edits) {
        let is_constant = |shape: &&Shape| shape.is_set && shape.kind == SymbolKind::EnumConstant;
        let by: BTreeMap<EditId, FileId> =
            self.all.iter().filter(is_constant).flat_map(|shape| &shape.edits).map(|&id| (id, edits.get(id).file_id)).collect();
        for file_id in by.values().collect::<BTreeSet<_>>() {
            let ids = || by.iter().filter(|(_, of)| *of == file_id).map(|(edit_id, _)| *edit_id);
            let file = change.file(*file_id);
            type SpanOf = fn(&Edits, EditId) -> Option<Span>;
            let sides: [(&[u8], SpanOf); 2] = [
                (file.base_text(), |edits, id| edits.get(id).base_span()),
                (file.tip_text(), |edits, id| edits.get(id).tip_span),
            ];
            for (text, span) in sides {
                let mut touched: Vec<(Span, EditId)> = ids().filter_map(|id| Some((span(edits, id)?, id))).collect();
                touched.sort();
                let mut moved: Option<(Option<usize>, BTreeSet<EditId>)> = None;
                let all = statements(text);
                let mut of_enum: BTreeMap<Option<usize>, BTreeSet<EditId>> = BTreeMap::new();
                for one in all.iter().filter(|one| one.within == Within::Record) {
                    of_enum.entry(one.head).or_default().extend(touching(&touched, one.span()));
                }
                for one in all.iter().filter(|one| one.within == Within::Record) {
                    let own: BTreeSet<EditId> = touching(&touched, one.span()).collect();
                    if own.is_empty() && !of_enum[&one.head].is_empty() {
                        let name: BString = one.tokens[0].of(text).into();
                        self.beside.entry(name).or_default().extend(&of_enum[&one.head]);
                    }
                    let has_value = one.tokens.iter().any(|token| token.of(text) == b"=");
                    moved = moved.filter(|(head, _)| *head == one.head && !has_value);
                    match &mut moved {
                        Some((_, by)) if own.is_empty() => {
                            let name: BString = one.tokens[0].of(text).into();
                            let shape = set(&name, SymbolKind::EnumConstant, by.clone());
                            self.push(&name, shape);
                        }
                        Some((_, by)) => by.extend(own),
                        None if !own.is_empty() => moved = Some((one.head, own)),
                        None => {}
                    }
                }
            }
        }
    }
}

/// Makes the shape of a record or of a constant that comes or goes.
fn set(shown: &BString, kind: SymbolKind, edits: BTreeSet<EditId>) -> Shape {
    let (record, file_id, function) = (None, None, None);
    let (shown, because) = (shown.clone(), shown.clone());
    Shape {
        shown,
        because,
        kind,
        record,
        file_id,
        function,
        edits,
        is_number: false,
        only_const: None,
        only_value: None,
        returns: false,
        is_set: true,
    }
}

/// Returns the words of a head without those that say nothing to its users: storage, the size of an array, the width of a bit-field.
fn words(shape: &BString) -> Vec<&[u8]> {
    let mut depth = 0_u32;
    let mut out = Vec::new();
    for word in shape.split_str(" ").filter(|word| !word.is_empty()).take_while(|word| *word != b":") {
        depth = depth.saturating_sub(u32::from(word == b"]"));
        if depth == 0 && !matches!(word, b"static" | b"extern" | b"register" | VALUE) {
            out.push(word);
        }
        depth += u32::from(word == b"[");
    }
    out
}

/// Stands at the end of the shape of a local name that has a value from the start.
const VALUE: &[u8] = b"=";

fn shown(space: &NameSpace, name: &BString, head: &Occurrence) -> BString {
    match (space, head.kind, &head.record) {
        (NameSpace::Field, _, Some(record)) => [record.as_slice(), b".", name].concat().into(),
        (_, SymbolKind::Function, _) => [name.as_slice(), b"()"].concat().into(),
        _ => name.clone(),
    }
}

/// Whether a head is of a type that C makes of any other such type by itself.
fn is_number(words: &[&[u8]], name: &BString) -> bool {
    const NUMBERS: &[&str] = &[
        "char", "short", "int", "long", "signed", "unsigned", "bool", "_Bool", "size_t", "ssize_t", "loff_t", "gfp_t", "const",
        "volatile",
    ];
    let is_sized = |word: &[u8]| {
        let rest = word.strip_prefix(b"__").unwrap_or(word);
        let rest = rest.strip_prefix(b"u").or(rest.strip_prefix(b"s")).or(rest.strip_prefix(b"int")).unwrap_or(rest);
        let rest = rest.strip_prefix(b"int").unwrap_or(rest);
        matches!(rest.strip_suffix(b"_t").unwrap_or(rest), b"8" | b"16" | b"32" | b"64")
    };
    words.iter().all(|word| *word == name.as_slice() || is_sized(word) || NUMBERS.iter().any(|known| known.as_bytes() == *word))
}

/// Says whether all that two heads differ in is that `const` comes, or goes.
fn only_const(was: &[&[u8]], is: &[&[u8]]) -> Option<bool> {
    let without = |words: &[&[u8]]| words.iter().filter(|word| **word != b"const").map(|word| word.to_vec()).collect::<Vec<_>>();
    (without(was) == without(is)).then_some(is.len() > was.len())
}

impl Shape {
    /// Whether an edit can mean it, as far as is known of the members that the edit names.
    fn may_be_meant(&self, facts: &Facts, edit_id: EditId) -> bool {
        let Some(record) = &self.record else { return true };
        let name = self.shown.strip_prefix(record.as_slice()).and_then(|rest| rest.strip_prefix(b".")).unwrap_or(&self.shown);
        let mut meant = facts
            .of(edit_id)
            .iter()
            .map(|fact| facts.symbols.get(fact.symbol_id))
            .filter(|symbol| symbol.kind == SymbolKind::Field && symbol.name == name)
            .peekable();
        meant.peek().is_none() || meant.any(|symbol| symbol.record.as_ref().is_none_or(|one| one == record))
    }
}

/// What was read of a file.
enum Read {
    /// An edit touches a statement of one side (0 the base, 1 the tip) that names a shape.
    Touched { edit_id: EditId, shape: usize, side: usize },
    /// An edit cannot be without a shape's change, nor this without it, unless the other side is designated.
    Needs { edit_id: EditId, shape: usize, side: usize },
    /// An edit gives a value by the name of its member, which fits before and after.
    Designated { edit_id: EditId, shape: usize, side: usize },
    /// A statement that stays names these.
    Stays(BTreeSet<usize>),
    /// An edit brings or takes a whole `switch` without `default`, which handles all of an enum: of the side's enum, which `changed` makes another.
    Handles { edit_id: EditId, changed: EditId, side: usize, constant: BString },
    /// Edits put in, or take out, values without names of one record: each has its member by its place.
    Positional { table: BString, edit_ids: BTreeSet<EditId> },
    /// Edits touch one declaration, or the head of a function that comes to return a value or ceases to and a `return` in it.
    Torn { name: BString, edit_ids: BTreeSet<EditId> },
    /// A static assertion holds before and after all of these.
    Asserted { said: BString, edit_ids: BTreeSet<EditId> },
}

/// How statements begin that say what the compiler has to find true.
const ASSERTIONS: &[&str] = &[
    "_Static_assert",
    "static_assert",
    "BUILD_BUG_ON",
    "BUILD_BUG_ON_MSG",
    "BUILD_ASSERT",
    "QEMU_BUILD_BUG_ON",
    "QEMU_BUILD_BUG_MSG",
    "RTE_BUILD_BUG_ON",
    "compiletime_assert",
    "assert_static",
];

/// Whether a statement says what the compiler has to find true.
fn is_assertion(statement: &Statement, text: &[u8]) -> bool {
    ASSERTIONS.iter().any(|word| statement.begins(text, word.as_bytes()))
}

/// Finds the records whose values have their members by their places, with the edits that touch those values.
fn positional(all: &[Statement], text: &[u8], touched: &[(Span, EditId)]) -> Vec<Read> {
    let mut of_head: BTreeMap<usize, BTreeSet<EditId>> = BTreeMap::new();
    let is_placed = |one: &&Statement| one.within == Within::Values && !one.begins(text, b".") && !one.begins(text, b"[");
    for one in all.iter().filter(is_placed) {
        if let Some(head) = one.head.filter(|&head| all[head].tokens.iter().all(|token| token.of(text) != b"[")) {
            of_head.entry(head).or_default().extend(touching(touched, one.span()));
        }
    }
    let name = |head: &Statement| {
        let before = head.tokens.iter().rposition(|token| token.of(text) == b"=").and_then(|at| at.checked_sub(1));
        head.tokens[before.unwrap_or_default()].of(text).into()
    };
    let torn = of_head.into_iter().filter(|(_, edit_ids)| edit_ids.len() > 1);
    torn.map(|(head, edit_ids)| Read::Positional { table: name(&all[head]), edit_ids }).collect()
}

/// Returns the tables whose number of values changes, with the edits that change it: of their values, or of the constants that these are placed by.
fn tables<'t>(
    shapes: &Shapes,
    all: &[Statement],
    text: &'t [u8],
    touched: &[(Span, EditId)],
) -> HashMap<&'t [u8], BTreeSet<EditId>> {
    let mut tables: HashMap<&[u8], BTreeSet<EditId>> = HashMap::new();
    for one in all.iter().filter(|one| one.within == Within::Values) {
        let Some(head) = one.head.map(|at| &all[at]) else { continue };
        let open = head.tokens.windows(2).position(|pair| pair[0].of(text) == b"[" && pair[1].of(text) == b"]");
        if let Some(name) = open.and_then(|open| open.checked_sub(1)).map(|at| head.tokens[at].of(text)) {
            let place = one.tokens.get(1).filter(|_| one.begins(text, b"["));
            let known = place.and_then(|place| shapes.by_word.get(BStr::new(place.of(text)))).into_iter().flatten();
            let sets = known.map(|&at| &shapes.all[at]).filter(|shape| shape.is_set).flat_map(|shape| &shape.edits).copied();
            tables.entry(name).or_default().extend(touching(touched, one.span()).chain(sets));
        }
    }
    tables
}

/// Reads the statements of a file that name shapes.
fn read(change: &Change, edits: &Edits, shapes: &Shapes, file_id: FileId, edit_ids: &[EditId]) -> Vec<Read> {
    let file = change.file(file_id);
    let mut out = Vec::new();
    if language(file.path()).build != Build::Words || !language(file.path()).is_balanced {
        return out;
    }
    for (side, text) in [file.base_text(), file.tip_text()].into_iter().enumerate() {
        let span = |edit_id: EditId| {
            let edit = edits.get(edit_id);
            if side == 0 { edit.base_span() } else { edit.tip_span.filter(|_| edit.splice().is_some()) }
        };
        let mut touched: Vec<(Span, EditId)> = edit_ids.iter().filter_map(|&edit_id| Some((span(edit_id)?, edit_id))).collect();
        touched.sort();
        let all = statements(text);
        let functions: HashMap<usize, &[u8]> =
            all.iter().enumerate().filter_map(|(at, one)| Some((at, one.called(text)?))).collect();
        let tables = tables(shapes, &all, text, &touched);
        out.extend(positional(&all, text, &touched));
        for statement in &all {
            let function = statement.function.and_then(|at| functions.get(&at)).map(|name| BStr::new(*name));
            let named = named(shapes, text, statement, &all, file_id, function);
            let span = statement.span();
            let own: Vec<EditId> = touching(&touched, span).collect();
            if is_assertion(statement, text) {
                let words = statement.tokens.iter().filter_map(|token| tables.get(token.of(text))).flatten();
                let sets = named.iter().filter(|&&at| shapes.all[at].is_set).flat_map(|&at| &shapes.all[at].edits);
                let said = text[span.range()].lines().next().unwrap_or_default().into();
                out.push(Read::Asserted { said, edit_ids: own.iter().chain(words).chain(sets).copied().collect() });
            }
            out.extend(torn(change, edits, (text, &all), statement, &own, &touched));
            out.extend(handled(&shapes.beside, edits, (text, side), &all, statement, &touched));
            if named.is_empty() {
                continue;
            }
            for &edit_id in &own {
                let plain = named.iter().filter(|&&shape| !shapes.all[shape].is_set);
                out.extend(plain.map(|&shape| Read::Touched { edit_id, shape, side }));
                // An edit that brings or takes all of it leaves nothing to fit.
                let edit = edits.get(edit_id);
                let replaces = [edit.removed(change), edit.inserted()].iter().all(|text| !text.trim().is_empty());
                let is_whole = statement.head.is_some_and(|at| touching(&touched, all[at].span()).any(|other| other == edit_id));
                let is_needed = |shape: &&usize| {
                    let shape = &shapes.all[**shape];
                    (shape.is_set && (replaces || !is_whole) && is_bound(&all, statement, text, shape.kind))
                        || (shape.returns
                            && statement.begins(text, b"return")
                            && function.is_some_and(|name| shape.is_called(name)))
                };
                out.extend(named.iter().filter(is_needed).map(|&shape| Read::Needs { edit_id, shape, side }));
                let is_designated = statement.within == Within::Values && statement.begins(text, b".");
                let sets = named.iter().filter(|&&shape| is_designated && shapes.all[shape].is_set);
                out.extend(sets.map(|&shape| Read::Designated { edit_id, shape, side }));
            }
            let is_code = matches!(statement.within, Within::Code | Within::Directive)
                || statement.tokens.iter().any(|token| token.of(text) == b"=");
            if own.is_empty() && side == 0 && named.len() > 1 && is_code {
                out.push(Read::Stays(named.into_iter().filter(|&at| shapes.all[at].record.is_none()).collect()));
            }
        }
    }
    out
}

/// A declaration of more bytes than this is of a program's making, or several without a `;` between them.
const DECLARATION_AT_MOST: usize = 512;

/// Finds the edits that cannot be apart as they touch one declaration, or what a function returns and its `return`.
fn torn(
    change: &Change,
    edits: &Edits,
    (text, all): (&[u8], &[Statement]),
    statement: &Statement,
    own: &[EditId],
    touched: &[(Span, EditId)],
) -> Option<Read> {
    let torn = |head: &Statement, edit_ids: BTreeSet<EditId>| {
        let name = head.called(text).unwrap_or_else(|| head.tokens[0].of(text)).into();
        (edit_ids.len() > 1).then_some(Read::Torn { name, edit_ids })
    };
    if statement.within == Within::File && statement.span().len() <= DECLARATION_AT_MOST {
        return torn(statement, own.iter().copied().collect());
    }
    let head = statement.function.filter(|_| statement.begins(text, b"return") && !own.is_empty()).map(|at| &all[at])?;
    let turns = |edit_id: &EditId| {
        let edit = edits.get(*edit_id);
        let is_void = |text: &[u8]| {
            let returned = text.find_byte(b'(').map(|at| &text[..at])?;
            Some(returned.fields().any(|word| word == b"void") && !returned.contains(&b'*'))
        };
        is_void(edit.removed(change)).zip(is_void(edit.inserted())).is_some_and(|(was, is)| was != is)
    };
    let heads = touching(touched, head.span()).filter(turns);
    let edit_ids: BTreeSet<EditId> = heads.collect();
    if edit_ids.is_empty() { None } else { torn(head, edit_ids.into_iter().chain(own.iter().copied()).collect()) }
}

/// Finds the changes of an enum that the whole `switch` of a `case` does not know.
fn handled(
    beside: &HashMap<BString, BTreeSet<EditId>>,
    edits: &Edits,
    (text, side): (&[u8], usize),
    all: &[Statement],
    statement: &Statement,
    touched: &[(Span, EditId)],
) -> Vec<Read> {
    let constant = statement.tokens.get(1).filter(|_| statement.begins(text, b"case")).map(|token| BStr::new(token.of(text)));
    let Some((constant, changed)) = constant.and_then(|name| beside.get_key_value(name)) else { return Vec::new() };
    if !is_bound(all, statement, text, SymbolKind::EnumConstant) {
        return Vec::new();
    }
    let Some(head) = statement.head.map(|at| all[at].span()) else { return Vec::new() };
    // What comes to the enum is not handled by what goes, and what goes from it by what comes.
    let is_unknown = |edit_id: &EditId| {
        let edit = edits.get(*edit_id);
        let here = if side == 0 { edit.tip_span } else { edit.base_span() };
        here.is_some_and(|span| !span.is_empty())
    };
    let handles = |edit_id: EditId| {
        changed.iter().copied().filter(is_unknown).filter(move |&changed| changed != edit_id).map(move |changed| Read::Handles {
            edit_id,
            changed,
            side,
            constant: constant.clone(),
        })
    };
    touching(touched, head).flat_map(handles).collect()
}

impl Shape {
    fn is_called(&self, name: &BStr) -> bool {
        self.shown.strip_suffix(b"()") == Some(name.as_bytes())
    }
}

/// Whether values without names, or a case of a `switch` without `default`, have to be what the record or the enum says.
fn is_bound(all: &[Statement], statement: &Statement, text: &[u8], kind: SymbolKind) -> bool {
    let Some(head) = statement.head.map(|at| &all[at]) else { return false };
    match kind {
        SymbolKind::EnumConstant => {
            let has_default = || all.iter().any(|one| one.head == statement.head && one.begins(text, b"default"));
            statement.begins(text, b"case") && head.begins(text, b"switch") && !has_default()
        }
        _ => statement.within == Within::Values && !statement.begins(text, b".") && !statement.begins(text, b"["),
    }
}

/// Returns the shapes that a statement names.
fn named(
    shapes: &Shapes,
    text: &[u8],
    statement: &Statement,
    all: &[Statement],
    file_id: FileId,
    function: Option<&BStr>,
) -> BTreeSet<usize> {
    let mut out = BTreeSet::new();
    let fits = |shape: &Shape, before: &[u8]| {
        let is_member = matches!(before, b"->" | b".");
        let is_tag = matches!(before, b"struct" | b"union" | b"enum");
        // A number fits where another did, but in a format and behind its address.
        let is_felt = !shape.is_number || before == b"&" || statement.tokens.iter().any(|token| token.kind == TokenKind::Text);
        let is_set_here = || statement.tokens.get(1).is_some_and(|token| !matches!(token.of(text), b"(" | b"." | b"->" | b"["));
        if shape.only_value.is_some() {
            let is_first = statement.tokens.first().is_some_and(|token| token.of(text) == shape.shown.as_slice());
            return is_first
                && is_set_here()
                && Some(file_id) == shape.file_id
                && shape.function.as_ref().map(|own| own.as_bstr()) == function;
        }
        shape.file_id.is_none_or(|own| own == file_id)
            && shape.function.as_ref().is_none_or(|own| Some(own.as_bstr()) == function)
            && !(shape.is_set && shape.kind == SymbolKind::Type)
            && (shape.kind == SymbolKind::Field) == is_member
            && is_felt
            && !is_tag
    };
    let mut before: &[u8] = b"";
    for token in &statement.tokens {
        let word = token.of(text);
        if token.kind == TokenKind::Word {
            let known = shapes.by_word.get(BStr::new(word)).into_iter().flatten();
            out.extend(known.copied().filter(|&at| fits(&shapes.all[at], before)));
        }
        before = word;
    }
    if statement.begins(text, b"return")
        && let Some(function) = function
    {
        let known = shapes.by_word.get(function).into_iter().flatten();
        out.extend(known.copied().filter(|&at| shapes.all[at].returns && fits(&shapes.all[at], b"")));
    }
    // A value is of the record that its head names.
    if let (Within::Values, Some(head)) = (statement.within, statement.head.map(|at| &all[at])) {
        for pair in head.tokens.windows(2).filter(|pair| pair[0].kind == TokenKind::Word && pair[1].of(text) != b"*") {
            let token = &pair[0];
            let known = shapes.by_word.get(BStr::new(token.of(text))).into_iter().flatten();
            out.extend(known.copied().filter(|&at| shapes.all[at].is_set && shapes.all[at].kind == SymbolKind::Type));
        }
    }
    out
}

/// Returns the edits that share a byte with a part, or lie strictly inside of it.
fn touching(touched: &[(Span, EditId)], part: Span) -> impl Iterator<Item = EditId> {
    let from = touched.partition_point(|(span, _)| span.end <= part.start);
    touched[from..]
        .iter()
        .take_while(move |(span, _)| span.start < part.end)
        .filter(move |(span, _)| span.overlaps(part) || (span.is_empty() && span.start > part.start))
        .map(|(_, edit_id)| *edit_id)
}
