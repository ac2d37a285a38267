//! Occurrences → the names whose shape changes, and by which words a text names them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bstr::{BStr, BString, ByteSlice};

use super::touching;
use crate::analyze::Analysis;
use crate::analyze::occurrences::{NameSpace, Occurrence, Occurrences};
use crate::lang::{Linkage, language};
use crate::model::{Change, EditId, Edits, Facts, FileId, Role, Span, SymbolKind};
use cleave_c::statements::{Within, statements};

/// A name whose shape changes.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) shown: BString,
    /// The name that a reason gives: its own, or the type's that changes.
    pub(super) because: BString,
    pub(super) kind: SymbolKind,
    pub(super) record: Option<BString>,
    /// Where alone it is seen: a file, a function in it.
    pub(super) file_id: Option<FileId>,
    pub(super) function: Option<BString>,
    /// What changes it.
    pub(super) edits: BTreeSet<EditId>,
    /// Whether a number becomes another one.
    pub(super) is_number: bool,
    /// Whether all that differs is that `const` comes (true) or goes.
    pub(super) only_const: Option<bool>,
    /// Whether all that differs is that a value comes (true) or goes.
    pub(super) only_value: Option<bool>,
    /// Whether the type that a function returns changes.
    pub(super) returns: bool,
    /// Whether it is a set of members or constants, which may grow one by one.
    pub(super) is_set: bool,
}

/// The shapes that change, and how a text names them.
#[derive(Default)]
pub(super) struct Shapes {
    pub(super) all: Vec<Shape>,
    pub(super) by_word: HashMap<BString, Vec<usize>>,
    /// Of constants that stay, what comes to their enum or goes.
    pub(super) beside: HashMap<BString, BTreeSet<EditId>>,
}

/// A name with more heads than this is a word of many things, and all pairs of them would be compared.
const HEADS_AT_MOST: usize = 200;

impl Shapes {
    pub(super) fn of(analysis: &Analysis) -> Self {
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
    pub(super) fn may_be_meant(&self, facts: &Facts, edit_id: EditId) -> bool {
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

impl Shape {
    pub(super) fn is_called(&self, name: &BStr) -> bool {
        self.shown.strip_suffix(b"()") == Some(name.as_bytes())
    }
}
