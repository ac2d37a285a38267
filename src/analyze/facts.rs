//! Mentions × edits → what each edit does, file by file, before names are resolved across files.
//!
//! ```text
//!  base  … int f(int a)  { … g(x); … }          an edit whose base span meets f's head drops its definition,
//!             └─ shape ─┘      └ use            one whose tip span meets it defines it; one that changes the
//!  tip   … int f(long a) { … h(x); … }          body does neither. Uses count on each side by themselves.
//! ```

use std::collections::{BTreeMap, HashSet};

use bstr::{BString, ByteSlice};
use sha2::{Digest, Sha256};

use super::occurrences::{FileOccurrences, ReadText, file_occurrences};
use crate::lang::{Mention, Mentions, SourceText, Visibility, kbuild, language};
use crate::model::{Change, EditId, EditKind, Edits, FileChange, FileId, NamesEdits, Role, Span, SymbolKind, TextId};
use cleave_c::Syntax;

/// A fact whose symbol is not resolved yet.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct RawFact {
    pub(super) edit_id: EditId,
    pub(super) role: Role,
    pub(super) kind: SymbolKind,
    pub(super) name: BString,
    pub(super) record: Option<BString>,
    /// Whether only its own file sees it.
    pub(super) own: bool,
    /// Where the name stands; only for the use of a member.
    pub(super) use_of_member: Option<MemberSite>,
}

/// Where a member is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct MemberSite {
    pub(super) end: ChangeSide,
    /// The name's first byte.
    pub(super) at: u32,
}

/// A side of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum ChangeSide {
    Base,
    Tip,
}

/// What the edits of one file do.
#[derive(Debug)]
pub(super) struct FileFacts {
    pub(super) file_id: FileId,
    /// By edit, then as they stand in the text.
    pub(super) facts: Vec<RawFact>,
    pub(super) note: Option<String>,
    pub(super) occurrences: FileOccurrences,
}

impl NamesEdits for FileFacts {
    fn renumber(&mut self, number: &dyn Fn(EditId) -> EditId) {
        self.facts.iter_mut().for_each(|fact| fact.edit_id.renumber(number));
        self.occurrences.renumber(number);
    }
}

/// One side of a file.
struct SideMentions {
    mentions: Vec<Mention>,
    own: Own,
    /// The indexes of the mentions with regions above [`LONG`], such as a macro of many lines. They are few, and compared with each edit one by
    /// one; the others are found by binary search.
    long: Vec<usize>,
}

/// Regions above this many bytes are long.
const LONG: usize = 512;

/// The names and the records, sorted, that no other file sees; names with their kinds.
#[derive(Default)]
struct Own {
    names: Vec<(BString, SymbolKind)>,
    records: Vec<BString>,
}

impl Own {
    fn of(path: &[u8], mentions: &[Mention]) -> Own {
        let Visibility::File(is_own) = language(path).scope else { return Own::default() };
        let mut own = Own::default();
        for mention in mentions.iter().filter(|mention| mention.role != Role::Uses && is_own(mention)) {
            match mention.kind {
                SymbolKind::Field => own.records.extend(mention.record.clone()),
                kind => own.names.push((mention.name.clone(), kind)),
            }
        }
        own.names.sort();
        own.names.dedup();
        own.records.sort();
        own.records.dedup();
        own
    }

    /// Returns the kind of a name that is the file's own.
    fn kind(&self, name: &BString) -> Option<SymbolKind> {
        let idx = self.names.partition_point(|(known, _)| known < name);
        self.names.get(idx).filter(|(known, _)| known == name).map(|(_, kind)| *kind)
    }

    /// Returns kind of a mention and whether it is the file's own.
    fn resolve(&self, mention: &Mention) -> (SymbolKind, bool) {
        match mention.kind {
            SymbolKind::Local => (SymbolKind::Local, true),
            SymbolKind::Field => {
                let is_own = mention.record.as_ref().is_some_and(|record| self.records.binary_search(record).is_ok());
                (SymbolKind::Field, is_own)
            }
            SymbolKind::Name => match self.kind(&mention.name) {
                Some(kind) => (kind, true),
                None => (SymbolKind::Name, false),
            },
            SymbolKind::Header | SymbolKind::Kconfig | SymbolKind::Object | SymbolKind::Compatible => (mention.kind, false),
            SymbolKind::Function | SymbolKind::Macro | SymbolKind::Type | SymbolKind::EnumConstant | SymbolKind::Variable => {
                (mention.kind, self.kind(&mention.name) == Some(mention.kind))
            }
        }
    }
}

impl SideMentions {
    fn of(path: &[u8], mentions: Vec<Mention>) -> SideMentions {
        let own = Own::of(path, &mentions);
        let is_long = |(_, mention): &(usize, &Mention)| mention.region.len() > LONG;
        let long = mentions.iter().enumerate().filter(is_long).map(|(idx, _)| idx).collect();
        SideMentions { mentions, own, long }
    }

    /// Returns the mentions that an edit of `span` touches: those that share a byte with it, and for a gap the definitions and
    /// declarations that it lies strictly inside of.
    fn touched(&self, span: Span) -> impl Iterator<Item = &Mention> {
        let from = self.mentions.partition_point(|mention| mention.region.start + LONG < span.start);
        let to = self.mentions.partition_point(|mention| mention.region.start < span.end);
        let before = self.long.iter().take_while(move |&&idx| idx < from).map(|&idx| &self.mentions[idx]);
        before.chain(&self.mentions[from..to.max(from)]).filter(move |mention| {
            if span.is_empty() {
                mention.role != Role::Uses && mention.region.start < span.start && span.start < mention.region.end
            } else {
                mention.region.overlaps(span)
            }
        })
    }
}

/// The syntax of a file's sides, where another stage has parsed them already.
#[derive(Clone, Copy, Default)]
pub(super) struct Syntaxes<'s> {
    pub(super) base: Option<&'s Syntax>,
    pub(super) tip: Option<&'s Syntax>,
}

/// Finds what the edits of one file do. Cost: reading both texts, then the edits and what they touch.
pub(super) fn file_facts(change: &Change, edits: &Edits, file_id: FileId, edit_ids: &[EditId], sides: Syntaxes<'_>) -> FileFacts {
    let file = change.file(file_id);
    if edit_ids.iter().all(|&edit_id| edits.get(edit_id).splice().is_none()) {
        let facts = edit_ids.iter().flat_map(|&edit_id| path_facts(edit_id, &edits.get(edit_id).kind, file)).collect();
        let nothing = ReadText::of_bytes(b"");
        let occurrences = file_occurrences(change, edits, file_id, edit_ids, nothing, nothing);
        return FileFacts { file_id, facts, note: None, occurrences };
    }
    let base_path = file.base.as_ref().or(file.tip.as_ref()).map_or(&b""[..], |entry| &entry.path);
    let tip_path = file.tip.as_ref().or(file.base.as_ref()).map_or(&b""[..], |entry| &entry.path);
    let read =
        |path: &[u8], bytes: &[u8], syntax: Option<&Syntax>| (language(path).mentions)(&SourceText { path, bytes, syntax });
    let base = read(base_path, file.base_text(), sides.base);
    let tip = read(tip_path, file.tip_text(), sides.tip);
    let note = tip.note.or(base.note);
    let base = SideMentions::of(base_path, base.all);
    let tip = SideMentions::of(tip_path, tip.all);
    let mut facts = Vec::new();
    for &edit_id in edit_ids {
        let edit = edits.get(edit_id);
        let EditKind::Splice { text, span, insert, .. } = &edit.kind else {
            facts.extend(path_facts(edit_id, &edit.kind, file));
            continue;
        };
        let removed = match text {
            TextId::File(_) => Touched::in_side(edit_id, &base, file.base_text(), *span, ChangeSide::Base),
            TextId::Inserted(maker) => Touched::in_piece(edit_id, tip_path, edits.get(*maker).inserted(), *span, &base.own),
        };
        let inserted = match edit.tip_span {
            Some(span) => Touched::in_side(edit_id, &tip, file.tip_text(), span, ChangeSide::Tip),
            None => Touched::in_piece(edit_id, tip_path, insert, Span::new(0, insert.len()), &tip.own),
        };
        facts.extend(edit_facts(removed, inserted));
    }
    let base_read = ReadText { text: file.base_text(), syntax: sides.base, mentions: &base.mentions };
    let tip_read = ReadText { text: file.tip_text(), syntax: sides.tip, mentions: &tip.mentions };
    let occurrences = file_occurrences(change, edits, file_id, edit_ids, base_read, tip_read);
    FileFacts { file_id, facts, note, occurrences }
}

/// A mention that an edit touches, as a fact of that edit, and the text of its region.
#[derive(PartialEq, Eq, Hash)]
struct Touched {
    fact: RawFact,
    shape: Shape,
}

/// The hash of a definition's or declaration's region without white space. A hash, not the text, since a thousand names that are declared
/// together share one long region.
type Shape = Option<[u8; 32]>;

/// Makes shapes. Mentions come sorted, so that those whose regions begin together are hashed in one pass.
struct Shapes<'t> {
    text: &'t [u8],
    last: Option<(Span, Sha256)>,
}

impl<'t> Shapes<'t> {
    fn of(text: &'t [u8]) -> Self {
        Shapes { text, last: None }
    }

    fn shape(&mut self, mention: &Mention) -> Shape {
        if mention.role == Role::Uses {
            return None;
        }
        let region = mention.region;
        let goes_on = |last: &(Span, Sha256)| last.0.start == region.start && last.0.end <= region.end;
        let (done, mut sha) = match self.last.take().filter(goes_on) {
            Some((span, sha)) => (span.end, sha),
            None => (region.start, Sha256::new()),
        };
        for part in self.text[done..region.end].split(u8::is_ascii_whitespace) {
            sha.update(part);
        }
        self.last = Some((region, sha.clone()));
        Some(sha.finalize().into())
    }
}

impl Touched {
    fn of(edit_id: EditId, mention: &Mention, own: &Own, shapes: &mut Shapes<'_>) -> Touched {
        let (kind, is_own) = own.resolve(mention);
        let (name, record) = (mention.name.clone(), mention.record.clone());
        let fact = RawFact { edit_id, role: mention.role, kind, name, record, own: is_own, use_of_member: None };
        Touched { fact, shape: shapes.shape(mention) }
    }

    fn in_side(edit_id: EditId, side: &SideMentions, text: &[u8], span: Span, end: ChangeSide) -> Vec<Touched> {
        let mut shapes = Shapes::of(text);
        let placed = |mention: &Mention| {
            let mut touched = Touched::of(edit_id, mention, &side.own, &mut shapes);
            if mention.role == Role::Uses && mention.kind == SymbolKind::Field {
                touched.fact.use_of_member = u32::try_from(mention.name_span.start).ok().map(|at| MemberSite { end, at });
            }
            touched
        };
        side.touched(span).map(placed).collect()
    }

    /// Reads a text that is neither the base's nor the tip's, such as a bridge's: what it defines is in it, the names it uses are looked up in the file.
    fn in_piece(edit_id: EditId, path: &[u8], text: &[u8], span: Span, own: &Own) -> Vec<Touched> {
        let Mentions { all, .. } = (language(path).mentions)(&SourceText { path, bytes: text, syntax: None });
        let side = SideMentions::of(path, all);
        let mut shapes = Shapes::of(text);
        let resolve = |mention: &Mention| {
            let mut touched = Touched::of(edit_id, mention, &side.own, &mut shapes);
            if !touched.fact.own {
                (touched.fact.kind, touched.fact.own) = own.resolve(mention);
            }
            touched
        };
        side.touched(span).map(resolve).collect()
    }
}

/// Makes the facts of a splice. A definition or declaration that is the same in the removed and the inserted text is no fact.
fn edit_facts(removed: Vec<Touched>, inserted: Vec<Touched>) -> Vec<RawFact> {
    let only = |here: &[Touched], there: &[Touched]| -> Vec<RawFact> {
        let there: HashSet<&Touched> = there.iter().collect();
        let goes = |touched: &&Touched| touched.fact.role == Role::Uses || !there.contains(touched);
        here.iter().filter(goes).map(|touched| touched.fact.clone()).collect()
    };
    let mut facts = only(&inserted, &removed);
    facts.extend(only(&removed, &inserted).into_iter().map(|fact| RawFact { role: old_role(fact.role), ..fact }));
    facts.extend(more_uses(Role::GainsUse, &inserted, &removed));
    facts.extend(more_uses(Role::LosesUse, &removed, &inserted));
    facts
}

/// Returns a fact for each name that one text uses more often than the other. Names are counted by their words, not by their symbols: a function
/// that loses its `static` is still the function that is called.
fn more_uses(role: Role, here: &[Touched], there: &[Touched]) -> Vec<RawFact> {
    let name = |fact: &RawFact| {
        let space = match fact.kind {
            SymbolKind::Field | SymbolKind::Local | SymbolKind::Header | SymbolKind::Kconfig => fact.kind,
            SymbolKind::Object | SymbolKind::Compatible => fact.kind,
            _ => SymbolKind::Name,
        };
        (space, fact.name.clone(), fact.record.clone())
    };
    let mut counts: BTreeMap<_, i64> = BTreeMap::new();
    let uses = |touched: &&Touched| touched.fact.role == Role::Uses;
    there.iter().filter(uses).for_each(|touched| *counts.entry(name(&touched.fact)).or_default() -= 1);
    here.iter().filter(uses).for_each(|touched| *counts.entry(name(&touched.fact)).or_default() += 1);
    let gains = |touched: &&Touched| counts.get(&name(&touched.fact)).is_some_and(|count| *count > 0);
    let fact = |touched: &Touched| RawFact { role, use_of_member: None, ..touched.fact.clone() };
    here.iter().filter(uses).filter(gains).map(fact).collect()
}

/// Returns the role that the same mention has in removed text.
pub(super) fn old_role(role: Role) -> Role {
    match role {
        Role::Defines | Role::DropsDefinition => Role::DropsDefinition,
        Role::Declares | Role::DropsDeclaration => Role::DropsDeclaration,
        Role::Uses | Role::DropsUse => Role::DropsUse,
        Role::GainsUse | Role::LosesUse => Role::LosesUse,
        Role::Names | Role::DropsName => Role::DropsName,
    }
}

/// Makes the facts of an edit that creates, deletes or renames a file: the build knows a source by its object, and any file may be included.
fn path_facts(edit_id: EditId, kind: &EditKind, file: &FileChange) -> Vec<RawFact> {
    let sides = match kind {
        EditKind::Create => vec![(Role::Defines, &file.tip)],
        EditKind::Delete => vec![(Role::DropsDefinition, &file.base)],
        EditKind::Rename => vec![(Role::Defines, &file.tip), (Role::DropsDefinition, &file.base)],
        EditKind::Mode | EditKind::Replace | EditKind::Splice { .. } => Vec::new(),
    };
    let mut out = Vec::new();
    for (role, entry) in sides {
        let Some(path) = entry.as_ref().map(|entry| entry.path.as_bstr()) else { continue };
        let fact = |kind: SymbolKind, name: BString| RawFact {
            edit_id,
            role,
            kind,
            name,
            record: None,
            own: false,
            use_of_member: None,
        };
        out.extend(kbuild::object(path).map(|name| fact(SymbolKind::Object, name.into())));
        // Any file may be included, or named by a document; `resolve` keeps those that are.
        out.push(fact(SymbolKind::Header, path.to_owned()));
    }
    out
}
