//! A renamed member of the same type: both names for the same bytes.
//!
//! ```text
//!   in a union already             anywhere else
//!   union {                        union {
//!           pgoff_t index;                 int state;
//!           pgoff_t __folio_index;         int power_state;
//!           unsigned long share;   };
//!   };
//! ```
//!
//! Size, layout and offsets stay as they are, assertions hold under either name, and so do initialisers that name the member. What a union cannot
//! hold is refused: bit-fields and flexible arrays, members of another type, a name that is taken. Measured with gcc and clang on such members: only
//! values without names need the braces that were not there before ([`positional`]).

mod message;
mod positional;

use std::collections::BTreeSet;

use bstr::{BStr, BString, ByteSlice};
use tree_sitter::Node;

use crate::analyze::Analysis;
use crate::model::path_kind::{PathKind, kind};
use crate::model::{Bridge, Bridged, Change, Edit, EditId, EditKind, Edits, Facts, Role, Span, SymbolKind, TextId};
use crate::plan::bridge::kind::{BridgeKind, Candidate, Draft, Outside, Take, TakeFrom, Wording};
use crate::plan::bridge::refused::Refused;
use crate::plan::bridge::renaming::is_taken_up;
use cleave_c::lex::{TokenKind, tokens_in};
use cleave_c::{self, Syntax, declared_name, span_of};

/// Members that one edit may touch: each renamed one is looked for among all.
const MOST_MEMBERS: usize = 100;

/// Members of a record that get another name.
pub(super) struct MemberUnion;

const FIELD: &[SymbolKind] = &[SymbolKind::Field];

impl BridgeKind for MemberUnion {
    fn word(&self) -> &'static str {
        "field"
    }

    fn symbol_kinds(&self) -> &'static [SymbolKind] {
        FIELD
    }

    /// The record whose members are renamed. No other file sees a record of a source file, though names alone may say it does.
    fn candidate(&self, analysis: &Analysis, edit_id: EditId) -> Option<Candidate> {
        let what = record(&analysis.facts, edit_id)?;
        Some(Candidate { what, is_seen: kind(analysis.change.file(analysis.edits.get(edit_id).file_id).path()) != PathKind::C })
    }

    fn draft(&self, analysis: &Analysis, edit_id: EditId) -> Result<Draft, Refused> {
        let draft = draft(analysis, edit_id, record(&analysis.facts, edit_id).ok_or(Refused::Others)?)?;
        match is_taken_up(analysis, edit_id, &draft.bridged, FIELD) {
            true => Ok(draft),
            false => Err(Refused::Replaced(draft.bridged.names[0].0.clone())),
        }
    }

    fn why(&self, bridged: &Bridged) -> String {
        format!("a bridge: {} under both names, so that each home converts by itself", bridged.shown())
    }

    fn put_wording(&self, edits: &Edits, bridge: &Bridge) -> Wording {
        message::put(edits, bridge)
    }

    fn user_wording(&self, bridged: &Bridged) -> Wording {
        message::user(bridged)
    }

    fn take_wording(&self, bridged: &Bridged) -> Wording {
        message::take(bridged)
    }
}

/// Why a union cannot hold both names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Unfit {
    /// A union would start a new unit.
    #[error("'{0}' is a bit-field, and a union would move what follows")]
    BitField(BString),
    /// C has no such array in a union.
    #[error("'{0}' is a flexible array, which no union holds")]
    FlexibleArray(BString),
    /// The type is written out at the member: twice, it would be two types.
    #[error("the type of '{0}' is written out in place and would be another one for the second name")]
    Nested(BString),
    /// Several members in one declaration, or several on one line.
    #[error("'{0}' shares its declaration or its line with another member")]
    Shared(BString),
    /// Another member's attribute names the member.
    #[error("an attribute of another member names '{0}'")]
    Attribute(BString),
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
}

impl From<Unfit> for Refused {
    fn from(why: Unfit) -> Self {
        Refused::of_kind(why)
    }
}

/// Returns the record of which an edit renames members, as far as facts say: as many of its names go as come.
fn record(facts: &Facts, edit_id: EditId) -> Option<BString> {
    let fields = |role: Role| {
        let of = facts.of(edit_id).iter().filter(move |fact| fact.role == role);
        of.map(|fact| facts.symbols.get(fact.symbol_id)).filter(|symbol| symbol.kind == SymbolKind::Field)
    };
    let record = fields(Role::Defines).next()?.record.clone()?;
    let names = |role: Role| -> BTreeSet<&BString> {
        fields(role).filter(|field| field.record.as_ref() == Some(&record)).map(|field| &field.name).collect()
    };
    let (new, old) = (names(Role::Defines), names(Role::DropsDefinition));
    let comes = new.difference(&old).count();
    (comes > 0 && comes == old.difference(&new).count()).then_some(record)
}

/// Drafts the bridge for an edit of which [`record`] gives `record`.
///
/// # Errors
/// When no union can hold both names, or more changes than names.
fn draft(analysis: &Analysis, edit_id: EditId, record: BString) -> Result<Draft, Refused> {
    let Analysis { change, edits, .. } = analysis;
    let edit = edits.get(edit_id);
    let (Some((TextId::File(file_id), base_span, _)), Some(tip_span)) = (edit.splice(), edit.tip_span) else {
        return Err(Refused::Others);
    };
    let file = change.file(file_id);
    let (base_text, tip_text) = (file.base_text(), file.tip_text());
    let (base_syntax, tip_syntax) = (cleave_c::parse(base_text), cleave_c::parse(tip_text));
    let base = Members::around(base_text, &base_syntax, base_span)?;
    let tip = Members::around(tip_text, &tip_syntax, tip_span)?;
    // What stands before and after the edit in the lines that both ends take in must be nobody else's business.
    let same = |one: Span, other: Span| base_text.get(one.range()) == tip_text.get(other.range());
    if !same(Span::new(base.lines.start, base_span.start), Span::new(tip.lines.start, tip_span.start))
        || !same(Span::new(base_span.end, base.lines.end), Span::new(tip_span.end, tip.lines.end))
        || base.all.len() != tip.all.len()
        || base.all.len() > MOST_MEMBERS
    {
        return Err(Refused::Others);
    }
    let mut names = Vec::new();
    let mut renamed = Vec::new();
    for (old, new) in base.all.iter().zip(&tip.all) {
        if let Some(pair) = rename(&base, *old, &tip, *new)? {
            names.push(pair);
            renamed.push((*old, *new));
        }
    }
    if names.is_empty() {
        return Err(Refused::Others);
    }
    for (old, new) in &names {
        for (taken, members) in [(new, &base), (old, &tip)] {
            if members.has_member(taken.as_ref()) {
                return Err(Refused::Collision(taken.clone()));
            }
            if is_macro(change, taken) {
                return Err(Refused::Macro(taken.clone()));
            }
        }
        if base.is_counter(old) {
            return Err(Unfit::Attribute(old.clone()).into());
        }
    }
    let text = text(&base, &tip, &renamed);
    let (old_text, new_text) = (&base_text[base.lines.range()], &tip_text[tip.lines.range()]);
    let ordinal = match edit.kind {
        EditKind::Splice { ordinal, .. } => ordinal,
        _ => 0,
    };
    let put = |span: Span, insert: BString, tip_span: Option<Span>| Edit {
        file_id,
        kind: EditKind::Splice { text: TextId::File(file_id), span, insert, ordinal },
        requires: edit.requires.clone(),
        tip_span,
        item: edit.item.clone(),
    };
    let (put, take) = if text == [old_text, new_text].concat() {
        let end = Span::new(base.lines.end, base.lines.end);
        (
            put(end, new_text.into(), Some(tip.lines)),
            Take { from: TakeFrom::Base, span: base.lines, insert: BString::default(), tip_span: None },
        )
    } else {
        let whole = Span::new(0, text.len());
        let take = Take { from: TakeFrom::Put, span: whole, insert: new_text.into(), tip_span: Some(tip.lines) };
        (put(base.lines, text, None), take)
    };
    let outside = if base.in_union() {
        Outside::default()
    } else {
        let both: Vec<&BStr> = names.iter().flat_map(|(old, new)| [old.as_ref(), new.as_ref()]).collect();
        positional::outside(analysis, record.as_ref(), &both)?
    };
    let bridged = Bridged { kind: MemberUnion.word(), record: Some(record), names };
    Ok(Draft { superseded: edit_id, bridged, put, take, outside })
}

/// The members of a record that an edit touches on one side, and what stands around them.
struct Members<'s> {
    text: &'s [u8],
    syntax: &'s Syntax,
    /// The braces that the members stand in.
    list: Node<'s>,
    /// Each declaration that the edit touches, in order.
    all: Vec<Node<'s>>,
    /// Whole lines: those of the edit, and those of the declarations with the comments that end on them.
    lines: Span,
}

impl<'s> Members<'s> {
    fn around(text: &'s [u8], syntax: &'s Syntax, span: Span) -> Result<Self, Unfit> {
        let bytes = text.get(span.range()).ok_or(Unfit::Unread)?;
        let inner =
            Span::new(span.start + (bytes.len() - bytes.trim_start().len()), span.end - (bytes.len() - bytes.trim_end().len()));
        let root = syntax.root().ok_or(Unfit::Unread)?;
        let mut node = root.descendant_for_byte_range(inner.start, inner.end).ok_or(Unfit::Unread)?;
        while node.kind() != "field_declaration_list" {
            node = node.parent().ok_or(Unfit::Unread)?;
        }
        let mut members = Members { text, syntax, list: node, all: Vec::new(), lines: whole_lines(text, span) };
        members.all = members.declarations().filter(|member| span_of(*member).overlaps(members.lines)).collect();
        for member in &members.all {
            let own = members.lines_of(*member);
            members.lines = Span::new(members.lines.start.min(own.start), members.lines.end.max(own.end));
        }
        Ok(members)
    }

    fn declarations(&self) -> impl Iterator<Item = Node<'s>> + use<'s> {
        let mut cursor = self.list.walk();
        let all: Vec<Node<'s>> =
            self.list.named_children(&mut cursor).filter(|child| child.kind() == "field_declaration").collect();
        all.into_iter()
    }

    /// Returns the lines of a declaration, to the end of a comment that begins on its last.
    fn lines_of(&self, member: Node<'_>) -> Span {
        let lines = whole_lines(self.text, span_of(member));
        let tokens = self.syntax.tokens();
        let first = tokens.partition_point(|token| token.span.end <= lines.start);
        let own = tokens[first..].iter().take_while(|token| token.span.start < lines.end);
        let runs_on = own.filter(|token| token.kind == TokenKind::Comment && token.span.end > lines.end).last();
        runs_on.map_or(lines, |comment| Span::new(lines.start, whole_lines(self.text, comment.span).end))
    }

    fn in_union(&self) -> bool {
        self.list.parent().is_some_and(|parent| parent.kind() == "union_specifier")
    }

    /// Whether another declaration stands on the lines of this one.
    fn shares_lines(&self, member: Node<'_>) -> bool {
        let lines = self.lines_of(member);
        let before = &self.text[lines.start..member.start_byte()];
        !before.trim().is_empty() || self.declarations().any(|other| other != member && span_of(other).overlaps(lines))
    }

    /// Whether the record has a member of this name, those of unnamed records inside of it included.
    fn has_member(&self, name: &BStr) -> bool {
        let mut open = vec![self.record()];
        while let Some(record) = open.pop() {
            let Some(body) = record.child_by_field_name("body") else { continue };
            let mut cursor = body.walk();
            for member in body.named_children(&mut cursor).filter(|child| child.kind() == "field_declaration") {
                let mut cursor = member.walk();
                let mut declarators = member.children_by_field_name("declarator", &mut cursor).peekable();
                if declarators.peek().is_none() {
                    open.extend(member.child_by_field_name("type"));
                }
                if declarators.filter_map(declared_name).any(|own| self.syntax.name(span_of(own)) == name) {
                    return true;
                }
            }
        }
        false
    }

    /// Returns the outermost record whose members these are: around unnamed ones.
    fn record(&self) -> Node<'s> {
        let mut record = self.list.parent().unwrap_or(self.list);
        while let Some(member) = record.parent().filter(|member| member.kind() == "field_declaration")
            && member.child_by_field_name("declarator").is_none()
            && let Some(outer) = member.parent().and_then(|list| list.parent())
        {
            record = outer;
        }
        record
    }

    /// Whether an attribute says that the member counts the elements of another one: it must be no member of a union then.
    fn is_counter(&self, name: &BString) -> bool {
        let tokens = tokens_in(self.text, span_of(self.record()));
        let words: Vec<&[u8]> = tokens.iter().map(|token| token.of(self.text)).collect();
        words.windows(4).any(|window| {
            window[0].contains_str("counted_by") && window[1] == b"(" && window[2] == name.as_slice() && window[3] == b")"
        })
    }

    /// Returns the words of a declaration, comments left out.
    fn words(&self, member: Node<'_>) -> Vec<(usize, &'s [u8])> {
        let tokens = tokens_in(self.text, span_of(member));
        let code = tokens.iter().filter(|token| token.kind != TokenKind::Comment);
        code.map(|token| (token.span.start, token.of(self.text))).collect()
    }
}

/// Returns old and new name of a member that is renamed, `None` for one that stays as it is.
fn rename(base: &Members<'_>, old: Node<'_>, tip: &Members<'_>, new: Node<'_>) -> Result<Option<(BString, BString)>, Refused> {
    let (old_words, new_words) = (base.words(old), tip.words(new));
    if old_words.iter().map(|(_, word)| word).eq(new_words.iter().map(|(_, word)| word)) {
        return Ok(None);
    }
    let declarators = |node: Node<'_>| node.children_by_field_name("declarator", &mut node.walk()).count();
    let name = |members: &Members<'_>, node: Node<'_>| {
        let name = node.child_by_field_name("declarator").and_then(declared_name)?;
        Some((name.start_byte(), members.syntax.name(span_of(name)).to_owned()))
    };
    let (Some((old_at, old_name)), Some((new_at, new_name))) = (name(base, old), name(tip, new)) else {
        return Err(Refused::Others);
    };
    if declarators(old) != 1 || declarators(new) != 1 || base.shares_lines(old) || tip.shares_lines(new) {
        return Err(Unfit::Shared(old_name).into());
    }
    if old_name == new_name {
        return Err(Refused::Others);
    }
    let types = |words: &[(usize, &[u8])], at: usize| -> Vec<BString> {
        words.iter().map(|(start, word)| if *start == at { BString::default() } else { BString::from(*word) }).collect()
    };
    if types(&old_words, old_at) != types(&new_words, new_at) {
        return Err(Refused::Types(old_name, new_name));
    }
    if old.child_by_field_name("type").is_some_and(|of| of.child_by_field_name("body").is_some()) {
        return Err(Unfit::Nested(old_name).into());
    }
    let mut cursor = old.walk();
    if old.named_children(&mut cursor).any(|child| child.kind() == "bitfield_clause") {
        return Err(Unfit::BitField(old_name).into());
    }
    let mut declarator = old.child_by_field_name("declarator");
    while let Some(at) = declarator {
        if at.kind() == "array_declarator" && at.child_by_field_name("size").is_none() {
            return Err(Unfit::FlexibleArray(old_name).into());
        }
        declarator = at.child_by_field_name("declarator");
    }
    Ok(Some((old_name, new_name)))
}

/// Returns the tip's lines with both names for each renamed member.
fn text(base: &Members<'_>, tip: &Members<'_>, renamed: &[(Node<'_>, Node<'_>)]) -> BString {
    let mut out = Vec::new();
    let mut at = tip.lines.start;
    for (old, new) in renamed {
        let (old_lines, new_lines) = (base.lines_of(*old), tip.lines_of(*new));
        let (old_text, new_text) = (&base.text[old_lines.range()], &tip.text[new_lines.range()]);
        out.extend_from_slice(&tip.text[at..new_lines.start]);
        at = new_lines.end;
        if base.in_union() {
            out.extend_from_slice(&[old_text, new_text].concat());
            continue;
        }
        let indent = blanks(old_text);
        let end = if old_text.ends_with(b"\r\n") { &b"\r\n"[..] } else { b"\n" };
        let outer = blanks(&base.text[whole_lines(base.text, Span::new(base.list.end_byte() - 1, base.list.end_byte())).range()]);
        let step = indent.strip_prefix(outer).filter(|step| !step.is_empty()).unwrap_or(b"\t");
        out.extend_from_slice(&[indent, b"union {", end].concat());
        for line in old_text.lines_with_terminator().chain(new_text.lines_with_terminator()) {
            out.extend_from_slice(if line.trim().is_empty() { b"" } else { step });
            out.extend_from_slice(line);
        }
        out.extend_from_slice(&[indent, b"};", end].concat());
    }
    out.extend_from_slice(&tip.text[at..tip.lines.end]);
    out.into()
}

fn blanks(line: &[u8]) -> &[u8] {
    &line[..line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()]
}

/// Returns the lines that a span touches; a span that ends with a line does not touch the next.
fn whole_lines(text: &[u8], span: Span) -> Span {
    let start = text[..span.start].rfind_byte(b'\n').map_or(0, |at| at + 1);
    let end = match text[..span.end].last() {
        Some(b'\n') if span.end > start => span.end,
        _ => text[span.end..].find_byte(b'\n').map_or(text.len(), |at| span.end + at + 1),
    };
    Span::new(start, end)
}

/// Whether a changed header makes a macro of the name, before or after; what a source file defines, no record of a header sees.
fn is_macro(change: &Change, name: &BString) -> bool {
    let defines = |text: &[u8]| {
        text.find_iter(name).any(|at| {
            let line = &text[text[..at].rfind_byte(b'\n').map_or(0, |end| end + 1)..at];
            let word = line.trim_start().strip_prefix(b"#").map(ByteSlice::trim).unwrap_or_default();
            let ends = text.get(at + name.len()).is_none_or(|byte| !cleave_c::lex::is_word_byte(*byte));
            word == b"define" && (line.ends_with(b" ") || line.ends_with(b"\t")) && ends
        })
    };
    let mut headers = change.files.iter().filter(|file| kind(file.path()).is_header());
    headers.any(|file| defines(file.base_text()) || defines(file.tip_text()))
}
