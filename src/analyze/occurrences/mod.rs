//! Change and edits → every occurrence, in the changed files, of a name that the change touches: which edit adds it, which removes it.
//!
//! ```text
//!  base  int f(int a) { … g(x); … }       every byte of a step's text stands in the base or comes from an edit:
//!  tip   int f(long a) { … h(x); … }       g(x) is there until E2 goes in, h(x) from then on, f's head has the
//!            └── E1        └── E2          base's shape until E1 and the tip's after it
//! ```
//!
//! A step is a set of edits, so what a step's text names is known without its text: no step is read or parsed. In a file only names that its
//! edits touch are looked at. A name that moves, changes for others to see, or stands in a header that a file no longer includes, is then looked for
//! word by word in the lines of the other files that no edit touches.
//! Cost: the mentions of the changed files, and one pass over their words.

mod kept;

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use bstr::{BStr, BString, ByteSlice};

use crate::lang::c::shape::{Arity, arguments, list_at, shape, signature};
use crate::lang::{Build, Linkage, Mention, SourceText, kbuild, language, used};
use crate::model::{Change, EditId, EditKind, Edits, FileId, NamesEdits, Role, Span, SymbolKind, TextId};
use cleave_c::{DirectiveKind, Item, ItemKind, Syntax};

pub use kept::Paths;

/// C's name spaces (C11, 6.2.3), and two beside C: the names of files.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameSpace {
    /// Functions, variables, macros, typedefs, constants of enums.
    Ordinary,
    /// `struct x`, `union x`, `enum x`.
    Tag,
    /// Members of records.
    Field,
    /// What one function alone sees.
    Local(FileId, BString),
    /// Files that others include, by the last part of the path.
    Header,
    /// Sources that build files name, by the last part of the path without its ending.
    Object,
}

/// Where an occurrence stands among all that any step's text may hold, in the order of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Order {
    /// Byte of the base that it stands at, or before.
    pub base: usize,
    /// Which insertion at that byte, `usize::MAX` for the base's own byte.
    pub insertion: usize,
    /// Byte in the insertion.
    pub inner: usize,
}

/// Where a use stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Context {
    /// In code.
    Code,
    /// In the body of a macro: read where the macro is used.
    Macro,
    /// Among the parameters of a function's head.
    Head,
    /// As a value, not behind a pointer: the type must be complete.
    Value,
    /// Among the parameters of a head, behind a pointer: the type must be declared before, else it is another one that ends with the head.
    Parameter,
}

/// A name in the text of a changed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    /// The file.
    pub file_id: FileId,
    /// [`Role::Defines`], [`Role::Declares`] or [`Role::Uses`].
    pub role: Role,
    /// What it is, as far as its own file tells.
    pub kind: SymbolKind,
    /// Of a field its record.
    pub record: Option<BString>,
    /// How far it is seen.
    pub linkage: Linkage,
    /// Where it stands.
    pub order: Order,
    /// The edit that puts it in; `None` where the base has it.
    pub added_by: Option<EditId>,
    /// The edit that takes it away; `None` where the tip has it still.
    pub removed_by: Option<EditId>,
    /// Of a call what it gives, of a head what it takes.
    pub arguments: Option<Arity>,
    /// Of a head or declaration its words without the names of parameters, of an include, a file or an object the path; else empty.
    pub shape: BString,
    /// Of a function, of a pointer to one or of a type of one its parameters without their names.
    pub signature: Option<BString>,
    /// Where it stands.
    pub context: Context,
    /// The function around it.
    pub inside: Option<BString>,
}

/// The occurrences of a change.
#[derive(Debug, Clone, Default)]
pub struct Occurrences {
    /// By name; each list sorted by file and order.
    pub names: BTreeMap<(NameSpace, BString), Vec<Occurrence>>,
    /// Heads that several edits change, by name: while only some of those edits are in, the head is neither the base's nor the tip's.
    pub torn: Vec<(BString, Vec<EditId>)>,
}

impl Occurrences {
    /// Returns the occurrences after bridges took the place of some edits: the files that have a bridge are read again.
    pub fn with_bridges(&self, change: &Change, edits: &Edits) -> Occurrences {
        let bridged: BTreeSet<FileId> = edits.bridges.iter().map(|bridge| edits.get(bridge.put).file_id).collect();
        let mut files = vec![FileOccurrences { occurrences: Vec::new(), torn: self.torn.clone() }];
        for (key, list) in &self.names {
            let others = list.iter().filter(|occurrence| !bridged.contains(&occurrence.file_id));
            files[0].occurrences.extend(others.map(|occurrence| (key.clone(), occurrence.clone())));
        }
        let by_file = edits.by_file();
        for file_id in bridged {
            let file = change.file(file_id);
            let language = language(file.path());
            let [base, tip] = [file.base_text(), file.tip_text()].map(|text| {
                let syntax = language.parse.map(|parse| parse(text));
                let mentions = (language.mentions)(&SourceText { path: file.path(), bytes: text, syntax: syntax.as_ref() }).all;
                (text, syntax, mentions)
            });
            let base = ReadText { text: base.0, syntax: base.1.as_ref(), mentions: &base.2 };
            let tip = ReadText { text: tip.0, syntax: tip.1.as_ref(), mentions: &tip.2 };
            files.push(file_occurrences(change, edits, file_id, &by_file[&file_id], base, tip));
        }
        joined(change, edits, files)
    }
}

/// The occurrences of one file.
#[derive(Debug, Default)]
pub(super) struct FileOccurrences {
    occurrences: Vec<((NameSpace, BString), Occurrence)>,
    torn: Vec<(BString, Vec<EditId>)>,
}

impl NamesEdits for FileOccurrences {
    fn renumber(&mut self, number: &dyn Fn(EditId) -> EditId) {
        for (_, occurrence) in &mut self.occurrences {
            occurrence.added_by.renumber(number);
            occurrence.removed_by.renumber(number);
            if occurrence.order.insertion != usize::MAX {
                occurrence.order.insertion = number(EditId::at(occurrence.order.insertion)).idx();
            }
        }
        self.torn.iter_mut().for_each(|(_, edit_ids)| edit_ids.renumber(number));
    }
}

/// Puts the occurrences of the files together.
pub(super) fn joined(change: &Change, edits: &Edits, files: Vec<FileOccurrences>) -> Occurrences {
    let mut out = Occurrences::default();
    for file in files {
        for (key, occurrence) in file.occurrences {
            out.names.entry(key).or_default().push(occurrence);
        }
        out.torn.extend(file.torn);
    }
    for (key, occurrence) in kept::kept(change, edits, &out) {
        out.names.entry(key).or_default().push(occurrence);
    }
    for occurrences in out.names.values_mut() {
        occurrences.sort_by_key(|occurrence| (occurrence.file_id, occurrence.order, occurrence.role));
    }
    out
}

/// Returns the last part of an object or a folder.
fn object_key(object: &BStr) -> BString {
    last_part(object.strip_suffix(b"/").unwrap_or(object).as_bstr()).to_owned()
}

/// Returns what follows the last `/`.
pub fn last_part(path: &BStr) -> &BStr {
    path[path.rfind_byte(b'/').map_or(0, |at| at + 1)..].as_bstr()
}

/// Whether an include that writes `written` can mean the file at `path`: it is a suffix of it, after any `./` and `../`.
pub fn writes(written: &BStr, path: &BStr) -> bool {
    let mut rest: &[u8] = written;
    while let Some(inner) = rest.strip_prefix(b"./").or_else(|| rest.strip_prefix(b"../")) {
        rest = inner;
    }
    path.strip_suffix(rest).is_some_and(|folder| folder.is_empty() || folder.ends_with(b"/"))
}

/// Spans of one text that edits touch, sorted by start.
struct Touches(Vec<(Span, EditId)>);

impl Touches {
    /// Returns the edits that share a byte with `span`, or lie strictly inside of it.
    fn of(&self, span: Span) -> impl Iterator<Item = EditId> {
        let from = self.0.partition_point(|(touched, _)| touched.end <= span.start);
        self.0[from..].iter().take_while(move |(touched, _)| touched.start < span.end).filter_map(move |&(touched, edit_id)| {
            let inside = touched.overlaps(span) || (touched.is_empty() && touched.start > span.start);
            inside.then_some(edit_id)
        })
    }
}

/// One text with what was read from it.
#[derive(Clone, Copy)]
pub(super) struct ReadText<'t> {
    pub(super) text: &'t [u8],
    pub(super) syntax: Option<&'t Syntax>,
    pub(super) mentions: &'t [Mention],
}

impl<'t> ReadText<'t> {
    /// A text of which nothing was read.
    pub(super) fn of_bytes(text: &'t [u8]) -> Self {
        ReadText { text, syntax: None, mentions: &[] }
    }

    fn inside(&self, offset: usize) -> Option<BString> {
        let item = self.syntax?.item_at(offset)?;
        (item.kind == ItemKind::Function).then(|| item.name.clone())
    }

    fn context(&self, mention: &Mention) -> Context {
        let Some(syntax) = self.syntax else { return Context::Code };
        let at = mention.name_span.start;
        let idx = syntax.directives().partition_point(|directive| directive.span.end <= at);
        let defines = syntax
            .directives()
            .get(idx)
            .is_some_and(|directive| directive.kind == DirectiveKind::Define && directive.span.contains(at));
        if defines && mention.role == Role::Uses {
            return Context::Macro;
        }
        if mention.kind == SymbolKind::Local && mention.role == Role::Defines {
            return if syntax.is_in_head(at) { Context::Head } else { Context::Code };
        }
        if mention.kind == SymbolKind::Type && mention.role == Role::Uses {
            let is_head = syntax.item_at(at).is_some_and(|item| item.kind != ItemKind::Function) || syntax.is_in_head(at);
            return of_type(self.text, mention.name_span, || is_head && is_in_list(self.text, at));
        }
        Context::Code
    }

    /// Returns what of a head others have to fit: its [`shape`], of a macro also what kind of text it stands for, of a local name whether it has a value.
    fn shape(&self, mention: &Mention) -> BString {
        let mut shape = shape(self.text, mention.region, mention.name_span);
        let line = self.text[mention.region.end..].lines().next().unwrap_or_default();
        let is_value = |byte: &&u8| !byte.is_ascii_whitespace() && **byte != b'(';
        match (mention.kind, line.iter().find(is_value)) {
            (SymbolKind::Macro, None) => shape.push(b'-'),
            (SymbolKind::Macro, Some(b'"' | b'{')) => shape.push(b'"'),
            (SymbolKind::Local, Some(b'=')) => shape.push(b'='),
            _ => {}
        }
        shape
    }

    fn occurrence(&self, file_id: FileId, mention: &Mention) -> Occurrence {
        let heads = mention.role != Role::Uses;
        let callable = matches!(mention.kind, SymbolKind::Function | SymbolKind::Macro | SymbolKind::Name);
        Occurrence {
            file_id,
            role: mention.role,
            kind: mention.kind,
            record: mention.record.clone().filter(|_| mention.kind == SymbolKind::Field),
            linkage: mention.linkage,
            order: Order { base: mention.name_span.start, insertion: usize::MAX, inner: 0 },
            added_by: None,
            removed_by: None,
            arguments: (callable && self.syntax.is_some_and(|syntax| syntax.root().is_some()))
                .then(|| arguments(self.text, mention.name_span.end))
                .flatten(),
            shape: match mention.kind {
                SymbolKind::Header | SymbolKind::Object => mention.name.clone(),
                _ if heads => self.shape(mention),
                _ => BString::default(),
            },
            signature: (heads && self.syntax.is_some() && mention.kind != SymbolKind::Macro)
                .then(|| signature(self.text, mention.region, mention.name_span))
                .flatten(),
            context: self.context(mention),
            inside: self.inside(mention.name_span.start),
        }
    }
}

/// Where a use of a type stands, as what follows it and what is around it tell.
fn of_type(text: &[u8], name: Span, is_in_head: impl FnOnce() -> bool) -> Context {
    let next = text[name.end..].iter().find(|byte| !byte.is_ascii_whitespace());
    match next {
        Some(b'*') if is_in_head() => Context::Parameter,
        Some(b'*') => Context::Code,
        _ => Context::Value,
    }
}

/// Whether a byte stands in parentheses within its statement.
fn is_in_list(text: &[u8], offset: usize) -> bool {
    let mut n_open = 0;
    for byte in text[..offset].iter().rev() {
        match byte {
            b')' => n_open -= 1,
            b'(' => n_open += 1,
            b';' | b'{' | b'}' => break,
            _ => {}
        }
        if n_open > 0 {
            return true;
        }
    }
    false
}

fn space(file_id: FileId, mention: &Mention) -> (NameSpace, BString) {
    let space = match mention.kind {
        SymbolKind::Local => NameSpace::Local(file_id, mention.record.clone().unwrap_or_default()),
        SymbolKind::Field => NameSpace::Field,
        SymbolKind::Type if mention.name.contains(&b' ') => NameSpace::Tag,
        SymbolKind::Header => return (NameSpace::Header, last_part(mention.name.as_ref()).to_owned()),
        SymbolKind::Object => return (NameSpace::Object, object_key(mention.name.as_ref())),
        SymbolKind::Function
        | SymbolKind::Macro
        | SymbolKind::Type
        | SymbolKind::EnumConstant
        | SymbolKind::Variable
        | SymbolKind::Kconfig
        | SymbolKind::Compatible
        | SymbolKind::Name => NameSpace::Ordinary,
    };
    (space, mention.name.clone())
}

/// Finds the occurrences of all names that an edit of the file touches.
pub(super) fn file_occurrences(
    change: &Change,
    edits: &Edits,
    file_id: FileId,
    edit_ids: &[EditId],
    base: ReadText<'_>,
    tip: ReadText<'_>,
) -> FileOccurrences {
    let mut found = FileOccurrences::default();
    let path = change.file(file_id).path();
    if language(path).build == Build::Nothing {
        return found;
    }
    let whole = edits.whole();
    let live: Vec<EditId> = edit_ids.iter().copied().filter(|edit_id| whole.has(*edit_id)).collect();
    let mut old: Vec<(Span, EditId)> = Vec::new();
    let mut new: Vec<(Span, EditId)> = Vec::new();
    for &edit_id in &live {
        let edit = edits.get(edit_id);
        old.extend(edit.base_span().map(|span| (span, edit_id)));
        new.extend(edit.tip_span.filter(|_| edit.splice().is_some()).map(|span| (span, edit_id)));
    }
    old.sort();
    new.sort();
    let sides = FileSides {
        locals: OnceCell::new(),
        base,
        tip,
        old: Touches(old),
        new: Touches(new),
        offsets: Offsets::of(edits, &live),
    };
    let wanted = sides.names();
    let is_wanted = |mention: &&Mention| wanted.contains(&mention.name.as_bstr());
    for mention in base.mentions.iter().filter(is_wanted) {
        let mut occurrence = base.occurrence(file_id, mention);
        occurrence.removed_by = sides.removed_by(mention, &occurrence, &mut found);
        found.occurrences.push((space(file_id, mention), occurrence));
    }
    let renamed = sides.renamed();
    for mention in tip.mentions.iter().filter(is_wanted) {
        let mut occurrence = tip.occurrence(file_id, mention);
        occurrence.added_by = sides.added_by(mention, &occurrence);
        let Some(made) = occurrence.added_by else { continue };
        let start = edits.get(made).tip_span.map_or(0, |span| span.start);
        occurrence.order = order(edits, made, mention.name_span.start.saturating_sub(start));
        let (mut space, name) = space(file_id, mention);
        if let NameSpace::Local(_, function) = &mut space
            && let Some(known) = renamed.get(function.as_bstr())
        {
            *function = (*known).to_owned();
        }
        found.occurrences.push(((space, name), occurrence));
    }
    for &edit_id in &live {
        piece(edits, file_id, path, edit_id, &live, &mut found);
    }
    file_edges(change, file_id, edits, &live, &mut found);
    found
}

/// A local name and its function.
type LocalName<'t> = (&'t BStr, Option<&'t BString>);

/// Both sides of a file, and what edits touch of each.
struct FileSides<'t> {
    /// Which edit makes or drops each local name; found when first asked for.
    locals: OnceCell<HashMap<LocalName<'t>, EditId>>,
    base: ReadText<'t>,
    tip: ReadText<'t>,
    old: Touches,
    new: Touches,
    offsets: Offsets,
}

impl<'t> FileSides<'t> {
    /// Returns by the new name of each function that is renamed around a body that stays its old name: what it has of its own is the same.
    fn renamed(&self) -> HashMap<&'t BStr, &'t BStr> {
        let (Some(base), Some(tip)) = (self.base.syntax, self.tip.syntax) else { return HashMap::new() };
        let functions = tip.items().iter().filter(|item| item.kind == ItemKind::Function);
        let old_name = |item: &'t Item| {
            let body = tip.body_at(item.core.start)?;
            let old_body = self.offsets.base(body);
            let is_touched = self.new.of(Span::new(body, body + 1)).next().is_some();
            let old = base.item_at(old_body).filter(|old| old.kind == ItemKind::Function && old.name != item.name)?;
            (!is_touched && base.body_at(old_body) == Some(old_body)).then_some((item.name.as_bstr(), old.name.as_bstr()))
        };
        functions.filter_map(old_name).collect()
    }

    /// Returns the names that edits touch, and all headers.
    fn names(&self) -> HashSet<&'t BStr> {
        fn touched<'m>(mentions: &'m [Mention], touches: &Touches) -> Vec<&'m BStr> {
            let is_touched = |mention: &&Mention| touches.of(mention.region).next().is_some();
            let types: HashSet<&BStr> = mentions
                .iter()
                .filter(|mention| {
                    mention.kind == SymbolKind::Type && mention.role == Role::Defines && !mention.name.contains(&b' ')
                })
                .filter(is_touched)
                .map(|mention| mention.name.as_bstr())
                .collect();
            // What is of a type that changes changes too.
            let of_type: Vec<usize> = mentions
                .iter()
                .filter(|mention| mention.role == Role::Uses && types.contains(&mention.name.as_bstr()))
                .map(|mention| mention.name_span.start)
                .collect();
            let uses_type = |region: Span| {
                let from = of_type.partition_point(|at| *at < region.start);
                of_type.get(from).is_some_and(|at| *at < region.end)
            };
            mentions
                .iter()
                .filter(|mention| {
                    mention.kind == SymbolKind::Header
                        || is_touched(mention)
                        || (mention.role != Role::Uses && !of_type.is_empty() && uses_type(mention.region))
                })
                .map(|mention| mention.name.as_bstr())
                .collect()
        }
        touched(self.base.mentions, &self.old).into_iter().chain(touched(self.tip.mentions, &self.new)).collect()
    }

    /// Returns the edit that removes an occurrence of the base, or gives it another meaning.
    fn removed_by(&self, mention: &Mention, occurrence: &Occurrence, found: &mut FileOccurrences) -> Option<EditId> {
        if let Some(edit_id) = self.old.of(mention.name_span).next() {
            return Some(edit_id);
        }
        if mention.role == Role::Uses {
            let at = self.offsets.tip(mention.name_span.start);
            return self.rebound(mention, at, &self.tip).or_else(|| self.regiven(occurrence, mention.name_span.start, at));
        }
        let touching: Vec<EditId> = self.old.of(mention.region).collect();
        let first = *touching.first()?;
        if stays(mention, &occurrence.shape, &self.tip) {
            return None;
        }
        if touching.len() > 1 {
            found.torn.push((mention.name.clone(), touching));
        }
        Some(first)
    }

    /// Returns the edit that adds an occurrence of the tip, or gives it this meaning; `None` where the base has it too.
    fn added_by(&self, mention: &Mention, occurrence: &Occurrence) -> Option<EditId> {
        if let Some(edit_id) = self.new.of(mention.name_span).next() {
            return Some(edit_id);
        }
        if mention.role == Role::Uses {
            let at = self.offsets.base(mention.name_span.start);
            return self.rebound(mention, at, &self.base).or_else(|| self.regiven(occurrence, at, mention.name_span.start));
        }
        let first = self.new.of(mention.region).next()?;
        (!stays(mention, &occurrence.shape, &self.base)).then_some(first)
    }

    /// Returns the edit that changes the arguments of a call whose name no edit touches: the first that touches the list.
    fn regiven(&self, occurrence: &Occurrence, base: usize, tip: usize) -> Option<EditId> {
        occurrence.arguments?;
        let list = |side: &ReadText<'_>, at: usize| {
            let len = side.text.get(at..)?.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
            let (given, end) = list_at(side.text, at + len)?;
            Some((given, Span::new(at, end)))
        };
        let (old, new) = (list(&self.base, base)?, list(&self.tip, tip)?);
        if old.0 == new.0 {
            return None;
        }
        self.old.of(old.1).chain(self.new.of(new.1)).min()
    }

    /// Returns the edit that makes or drops a local name, where a use that no edit touches means that name on one side only.
    fn rebound(&self, mention: &Mention, at: usize, other: &ReadText<'_>) -> Option<EditId> {
        let from = other.mentions.partition_point(|one| one.region.start < at);
        let same = |one: &&Mention| one.role == Role::Uses && one.name_span.start == at && one.name == mention.name;
        let there = other.mentions[from..].iter().take_while(|one| one.region.start == at).find(same)?;
        let local = match (mention.kind == SymbolKind::Local, there.kind == SymbolKind::Local) {
            (true, false) => mention,
            (false, true) => there,
            _ => return None,
        };
        self.locals.get_or_init(|| self.makers_of_locals()).get(&(local.name.as_bstr(), local.record.as_ref())).copied()
    }

    /// Returns the first edit that makes each local name, else the first that drops it.
    fn makers_of_locals(&self) -> HashMap<LocalName<'t>, EditId> {
        let mut makers = HashMap::new();
        for (side, touches) in [(self.tip, &self.new), (self.base, &self.old)] {
            for one in side.mentions.iter().filter(|one| one.kind == SymbolKind::Local && one.role == Role::Defines) {
                if let Some(edit_id) = touches.of(one.name_span).next() {
                    makers.entry((one.name.as_bstr(), one.record.as_ref())).or_insert(edit_id);
                }
            }
        }
        makers
    }
}

/// Where bytes that stay stand on the other side.
struct Offsets {
    /// Of each edit, in order, where it ends in base and tip.
    ends: Vec<(usize, usize)>,
}

impl Offsets {
    fn of(edits: &Edits, live: &[EditId]) -> Self {
        let spans = |&edit_id: &EditId| {
            let edit = edits.get(edit_id);
            Some((edit.base_span()?.end, edit.tip_span?.end))
        };
        let mut ends: Vec<(usize, usize)> = live.iter().filter_map(spans).collect();
        ends.sort_unstable();
        Offsets { ends }
    }

    /// Returns where a byte of the base that stays stands in the tip.
    fn tip(&self, base: usize) -> usize {
        let idx = self.ends.partition_point(|(end, _)| *end <= base);
        idx.checked_sub(1).map_or(base, |last| self.ends[last].1 + (base - self.ends[last].0))
    }

    /// Returns where a byte of the tip that is not new stands in the base.
    fn base(&self, tip: usize) -> usize {
        let idx = self.ends.partition_point(|(_, end)| *end <= tip);
        idx.checked_sub(1).map_or(tip, |last| self.ends[last].0 + (tip - self.ends[last].1))
    }
}

/// Whether the other side has the same head in the same shape.
fn stays(mention: &Mention, shape_here: &BString, other: &ReadText<'_>) -> bool {
    let same = |one: &&Mention| {
        one.role == mention.role && one.kind == mention.kind && one.name == mention.name && one.record == mention.record
    };
    let in_shape = |one: &Mention| one.linkage == mention.linkage && other.shape(one) == *shape_here;
    other.mentions.iter().filter(same).any(in_shape)
}

/// Where the byte `inner` of what an edit inserts stands.
fn order(edits: &Edits, edit_id: EditId, inner: usize) -> Order {
    match &edits.get(edit_id).kind {
        EditKind::Splice { text: TextId::File(_), span, .. } => Order { base: span.start, insertion: edit_id.idx(), inner },
        EditKind::Splice { text: TextId::Inserted(maker), span, .. } => {
            let mut outer = order(edits, *maker, span.start);
            outer.insertion = edit_id.idx();
            outer
        }
        EditKind::Create | EditKind::Delete | EditKind::Rename | EditKind::Mode | EditKind::Replace => {
            Order { base: 0, insertion: edit_id.idx(), inner }
        }
    }
}

/// Reads what an edit inserts that the tip does not hold: temporary text.
fn piece(edits: &Edits, file_id: FileId, path: &BStr, edit_id: EditId, live: &[EditId], found: &mut FileOccurrences) {
    let edit = edits.get(edit_id);
    let Some((_, _, insert)) = edit.splice().filter(|_| edit.tip_span.is_none()) else { return };
    if insert.is_empty() {
        return;
    }
    let mut inner: Vec<(Span, EditId)> = live
        .iter()
        .filter_map(|&other| match edits.get(other).splice() {
            Some((TextId::Inserted(maker), span, _)) if maker == edit_id => Some((span, other)),
            _ => None,
        })
        .collect();
    inner.sort();
    let inner = Touches(inner);
    let language = language(path);
    let syntax = language.parse.map(|parse| parse(insert));
    let mentions = (language.mentions)(&SourceText { path, bytes: insert, syntax: syntax.as_ref() }).all;
    let side = ReadText { text: insert, syntax: syntax.as_ref(), mentions: &mentions };
    for mention in &mentions {
        let mut occurrence = side.occurrence(file_id, mention);
        occurrence.added_by = Some(edit_id);
        occurrence.removed_by = inner.of(mention.name_span).next();
        occurrence.order = order(edits, edit_id, mention.name_span.start);
        found.occurrences.push((space(file_id, mention), occurrence));
    }
}

/// Adds the occurrences that a file has by its path: an edit that creates, deletes or renames it defines or removes the header and the object
/// of that name.
fn file_edges(change: &Change, file_id: FileId, edits: &Edits, live: &[EditId], found: &mut FileOccurrences) {
    let file = change.file(file_id);
    let mut add = |path: &BString, added_by: Option<EditId>, removed_by: Option<EditId>| {
        let object = kbuild::object(path).map(|object| (SymbolKind::Object, BString::from(object)));
        for (kind, name) in [(SymbolKind::Header, path.clone())].into_iter().chain(object) {
            let mention = Mention { role: Role::Defines, ..used(kind, &name, Span::default()) };
            let order = Order { base: 0, insertion: 0, inner: 0 };
            let occurrence = ReadText::of_bytes(b"").occurrence(file_id, &mention);
            found.occurrences.push((space(file_id, &mention), Occurrence { order, added_by, removed_by, ..occurrence }));
        }
    };
    for &edit_id in live {
        let (comes, leaves) = match edits.get(edit_id).kind {
            EditKind::Create => (true, false),
            EditKind::Delete => (false, true),
            EditKind::Rename => (true, true),
            EditKind::Splice { .. } | EditKind::Mode | EditKind::Replace => (false, false),
        };
        file.tip.iter().filter(|_| comes).for_each(|entry| add(&entry.path, Some(edit_id), None));
        file.base.iter().filter(|_| leaves).for_each(|entry| add(&entry.path, None, Some(edit_id)));
    }
}
