//! Values without names of members: what fills a record by the order of its members.
//!
//! Such a list does not fit while the record has braces that it had not before: compilers ask for braces around the value (`-Wmissing-braces`).

use bstr::BStr;
use tree_sitter::Node;

use super::Unfit;
use crate::analyze::Analysis;
use crate::lang::language;
use crate::model::{FileChange, Reason, Role, Span, SymbolKind};
use crate::plan::bridge::kind::Outside;
use cleave_c::{self, Syntax, record_name, span_of};

/// What braces fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Filled {
    /// The record, or an array of it.
    Record,
    /// A member of some record: not known here.
    Unknown,
}

/// Finds the edits of the change that turn such lists into ones with names, which must come first, and those that do the reverse, which must come
/// last. Only files are read that name the record or one of its renamed members.
///
/// # Errors
/// When a list in a changed file fills the record and stays as it is.
pub(super) fn outside(analysis: &Analysis, record: &BStr, names: &[&BStr]) -> Result<Outside, Unfit> {
    let Analysis { change, edits, facts, .. } = analysis;
    let mut outside = Outside::default();
    for (file_id, edit_ids) in edits.by_file() {
        let file = change.file(file_id);
        let concerned = edit_ids.iter().any(|&edit_id| {
            let mut own = facts.of(edit_id).iter().filter(|fact| !matches!(fact.role, Role::Uses | Role::DropsUse));
            own.any(|fact| {
                let symbol = facts.symbols.get(fact.symbol_id);
                symbol.kind == SymbolKind::Field && names.contains(&symbol.name.as_ref())
            })
        });
        if language(file.path()).parse.is_none() || !concerned {
            continue;
        }
        let (base, tip) = (lists(file.base_text(), record), lists(file.tip_text(), record));
        let overlap = |lists: &[(Span, Filled)], span: Option<Span>| -> Vec<Filled> {
            let inside = lists.iter().filter(|(list, _)| span.is_some_and(|span| span.overlaps(*list)));
            inside.map(|(_, filled)| *filled).collect()
        };
        for &edit_id in &edit_ids {
            let edit = edits.get(edit_id);
            let (old, new) = (overlap(&base, edit.base_span()), overlap(&tip, edit.tip_span));
            if old.len() > new.len() {
                outside.before.push((edit_id, Reason::Positional(record.to_owned())));
            } else if new.len() > old.len() {
                outside.after.push((edit_id, Reason::Positional(record.to_owned())));
            } else if old.contains(&Filled::Record) {
                return Err(refused(file, edit.base_span().map_or(0, |span| span.start)));
            }
        }
        let stays = base.iter().find(|(list, filled)| {
            *filled == Filled::Record
                && !edit_ids.iter().any(|&edit_id| edits.get(edit_id).base_span().is_some_and(|span| span.overlaps(*list)))
        });
        if let Some((list, _)) = stays {
            return Err(refused(file, list.start));
        }
    }
    Ok(outside)
}

fn refused(file: &FileChange, offset: usize) -> Unfit {
    let line = file.base_text()[..offset].iter().filter(|byte| **byte == b'\n').count() + 1;
    Unfit::Positional { path: file.path().to_owned(), line }
}

/// Returns the lists of values without names, and whether they are known to fill the record.
fn lists(text: &[u8], record: &BStr) -> Vec<(Span, Filled)> {
    let syntax = cleave_c::parse(text);
    let Some(root) = syntax.root() else { return Vec::new() };
    let mut found = Vec::new();
    let mut cursor = root.walk();
    // The tree in order, without recursion: nesting is bounded by nothing but the text. What is around a node is kept, as asking it costs its siblings.
    let mut around: Vec<Node<'_>> = Vec::new();
    loop {
        let node = cursor.node();
        if node.kind() == "initializer_list"
            && is_positional(&syntax, node)
            && let Some(filled) = filled(&syntax, &around, record)
        {
            found.push((span_of(node), filled));
        }
        if cursor.goto_first_child() {
            around.push(node);
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return found;
            }
            around.pop();
        }
    }
}

/// Whether a list has values without names; `{}` and `{ 0 }` fit everything.
fn is_positional(syntax: &Syntax, list: Node<'_>) -> bool {
    let mut cursor = list.walk();
    let values: Vec<Node<'_>> = list.named_children(&mut cursor).filter(|child| child.kind() != "comment").collect();
    let zero = |value: &Node<'_>| &syntax.code()[value.byte_range()] == b"0";
    match values.as_slice() {
        [] => false,
        [one] if zero(one) => false,
        values => values.iter().any(|value| value.kind() != "initializer_pair"),
    }
}

/// Returns what a list fills, `None` for what is known to be something else: an array of the record counts through its elements. `around` is what the
/// list stands in, the nearest last.
fn filled(syntax: &Syntax, around: &[Node<'_>], record: &BStr) -> Option<Filled> {
    let outer = |levels: usize| around.len().checked_sub(levels).map(|idx| around[idx]);
    let parent = outer(1)?;
    match parent.kind() {
        "init_declarator" => {
            let is_array = has_array(parent.child_by_field_name("declarator")?);
            let of = outer(2)?.child_by_field_name("type")?;
            (is_record(syntax, of, record) && !is_array).then_some(Filled::Record)
        }
        "compound_literal_expression" => {
            let of = parent.child_by_field_name("type")?.child_by_field_name("type")?;
            is_record(syntax, of, record).then_some(Filled::Record)
        }
        "initializer_list" => {
            // an element of an array of records, or a member of something
            let of = outer(3)
                .filter(|_| outer(2).is_some_and(|outer| outer.kind() == "init_declarator"))?
                .child_by_field_name("type")?;
            is_record(syntax, of, record).then_some(Filled::Record)
        }
        "initializer_pair" => Some(Filled::Unknown),
        _ => None,
    }
}

fn is_record(syntax: &Syntax, of: Node<'_>, record: &BStr) -> bool {
    match record_name(syntax, of) {
        Some(name) => name == record,
        None => of.kind() == "type_identifier" && syntax.name(span_of(of)) == record,
    }
}

fn has_array(declarator: Node<'_>) -> bool {
    let mut node = Some(declarator);
    while let Some(at) = node {
        if at.kind() == "array_declarator" {
            return true;
        }
        node = at.child_by_field_name("declarator");
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let drawn: Vec<String> = lists(text.as_bytes(), "struct d".into())
            .iter()
            .map(|(span, filled)| format!("{} {filled:?}", &text[span.range()]))
            .collect();
        assert_eq!(drawn.join("; "), expected);
    }

    #[test]
    fn lists_without_names_are_found() {
        check("struct d a = { 1, 2 };", "{ 1, 2 } Record");
        check("struct d a[] = { { 1, 2 }, { .x = 1 } };", "{ 1, 2 } Record");
        check("struct c a = { .dev = { 1, 2 } };", "{ 1, 2 } Unknown");
        check("void f(void) { g((struct d){ 1, 2 }); }", "{ 1, 2 } Record");
        check("struct d a = { 0 }, b = {}, c = { .x = 1 };", "");
        check("int a[] = { 1, 2 };", "");
    }
}
