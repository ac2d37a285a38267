//! Of which record an expression is, as far as one file tells.
//!
//! A type is the record as people write it, `struct page` or a typedef's name; pointers and arrays are not counted, as C's
//! `->`, `.`, `*` and `[]` say nothing that the record does not. What is not declared in the file is `None`: a later resolver
//! that reads other files of the tree has its place in [`Types::of_name`] and [`Types::of_field`].

use std::collections::HashMap;

use bstr::{BStr, BString};
use tree_sitter::Node;

use cleave_c::{Syntax, record_name, span_of};

/// Longer chains than `a->b.c[d]->e` are no expression that people write.
const STEPS_AT_MOST: u32 = 40;

/// The names that are seen, innermost scope last, and the members of the records that were seen.
pub(super) struct Types<'s> {
    syntax: &'s Syntax,
    scopes: Vec<HashMap<&'s [u8], Option<BString>>>,
    fields: HashMap<(BString, BString), Option<BString>>,
    /// Typedefs of records that have a tag, by name: their members are known by the tag.
    aliases: HashMap<BString, BString>,
}

impl<'s> Types<'s> {
    pub(super) fn new(syntax: &'s Syntax) -> Self {
        Types { syntax, scopes: vec![HashMap::new()], fields: HashMap::new(), aliases: HashMap::new() }
    }

    pub(super) fn enter(&mut self) {
        self.scopes.push(HashMap::new());
    }

    pub(super) fn leave(&mut self) {
        if self.scopes.len() > 1 {
            self.scopes.pop();
        }
    }

    /// Says that a name is seen from here on.
    pub(super) fn declare(&mut self, name: Node<'_>, of: Option<BString>) {
        let syntax = self.syntax;
        let scope = self.scopes.last_mut().expect("the file's scope stays");
        scope.insert(&syntax.code()[name.byte_range()], of);
    }

    /// Says that a record has a member.
    pub(super) fn declare_field(&mut self, record: &BStr, name: &BStr, of: Option<BString>) {
        self.fields.insert((record.to_owned(), name.to_owned()), of);
    }

    /// Says that a typedef stands for a record.
    pub(super) fn declare_alias(&mut self, name: &BStr, record: BString) {
        self.aliases.insert(name.to_owned(), record);
    }

    /// Whether the name is a parameter or a variable of the function.
    pub(super) fn is_local(&self, name: &[u8]) -> bool {
        self.scopes[1..].iter().any(|scope| scope.contains_key(name))
    }

    /// Returns the record that a name was declared with, for a function that it returns.
    fn of_name(&self, name: &[u8]) -> Option<BString> {
        self.scopes.iter().rev().find_map(|scope| scope.get(name)).cloned().flatten()
    }

    /// Returns the record that a member was declared with.
    pub(super) fn of_field(&self, record: BString, name: &[u8]) -> Option<BString> {
        self.fields.get(&(record, name.into())).cloned().flatten()
    }

    /// Returns the record that a type names, or `None` for a number or an anonymous record.
    pub(super) fn of_type(&self, node: Node<'_>) -> Option<BString> {
        match node.kind() {
            "struct_specifier" | "union_specifier" => record_name(self.syntax, node),
            "type_identifier" => {
                let name = self.syntax.name(span_of(node)).to_owned();
                Some(self.aliases.get(&name).cloned().unwrap_or(name))
            }
            "type_descriptor" => self.of_type(node.child_by_field_name("type")?),
            _ => None,
        }
    }

    /// Returns the record of an expression's value, of what it points to or of its elements.
    pub(super) fn of(&self, node: Node<'_>) -> Option<BString> {
        let mut node = node;
        let mut fields: Vec<&[u8]> = Vec::new();
        let code = self.syntax.code();
        let mut steps = 0;
        let mut record = loop {
            steps += 1;
            if steps > STEPS_AT_MOST {
                return None;
            }
            match node.kind() {
                "identifier" => break self.of_name(&code[node.byte_range()])?,
                "cast_expression" | "compound_literal_expression" => {
                    break self.of_type(node.child_by_field_name("type")?)?;
                }
                "field_expression" => {
                    fields.push(&code[node.child_by_field_name("field")?.byte_range()]);
                    node = node.child_by_field_name("argument")?;
                }
                "parenthesized_expression" => node = node.named_child(0)?,
                "pointer_expression" | "subscript_expression" | "update_expression" => {
                    node = node.child_by_field_name("argument")?;
                }
                "assignment_expression" | "binary_expression" => node = node.child_by_field_name("left")?,
                "conditional_expression" => {
                    node = node.child_by_field_name("consequence").or(node.child_by_field_name("alternative"))?;
                }
                "call_expression" => {
                    let function = node.child_by_field_name("function")?;
                    match record_argument(self.syntax, node) {
                        Some(record) => break record,
                        None => node = function,
                    }
                }
                _ => return None,
            }
        };
        while let Some(field) = fields.pop() {
            record = self.of_field(record, field)?;
        }
        Some(record)
    }
}

/// Returns the record that `container_of(p, struct x, y)` and its like give: the only argument that is a type.
fn record_argument(syntax: &Syntax, call: Node<'_>) -> Option<BString> {
    let function = &syntax.code()[call.child_by_field_name("function")?.byte_range()];
    let gives = function.starts_with(b"container_of") || function.ends_with(b"_entry") || function.ends_with(b"_entry_safe");
    let arguments = call.child_by_field_name("arguments").filter(|_| gives)?;
    let mut cursor = arguments.walk();
    arguments.named_children(&mut cursor).find_map(|argument| syntax.tag_at(argument.start_byte())).map(ToOwned::to_owned)
}
