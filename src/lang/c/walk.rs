//! The walk over the tree: definitions, declarations, uses, with scopes.

use std::collections::HashSet;

use bstr::{BStr, BString, ByteSlice};
use tree_sitter::Node;

use super::lexed::{lexed, name_use};
use crate::lang::mention::{Linkage, Mention, used};
use crate::model::{Role, Span, SymbolKind};
use cleave_c::types::{names_member_after_type, names_member_of_first};
use cleave_c::{Syntax, declared_name, is_function, record_name, span_of};

/// Deeper nesting than any text by hand has; below, names are read without the tree, so that no input exhausts the stack.
const DEPTH_AT_MOST: u32 = 400;

/// What the tree says.
pub(super) struct Walked {
    pub(super) mentions: Vec<Mention>,
    /// Each function from its first byte to its last, with its name.
    pub(super) functions: Vec<(Span, BString)>,
}

pub(super) fn walk(text: &[u8], syntax: &Syntax) -> Walked {
    let walked = Walked { mentions: Vec::new(), functions: Vec::new() };
    let mut walk = Walk { text, syntax, scopes: Vec::new(), walked, function: None, depth: 0 };
    if let Some(root) = syntax.root() {
        walk.visit_children(root);
    }
    walk.walked
}

struct Walk<'s> {
    text: &'s [u8],
    syntax: &'s Syntax,
    /// The parameters and variables of the function around, by bracket, the innermost last.
    scopes: Vec<HashSet<&'s [u8]>>,
    walked: Walked,
    /// The function around.
    function: Option<BString>,
    depth: u32,
}

impl<'s> Walk<'s> {
    fn code(&self, node: Node<'_>) -> &'s [u8] {
        &self.syntax.code()[node.byte_range()]
    }

    fn push(&mut self, mention: Mention) {
        self.walked.mentions.push(mention);
    }

    fn visit_children(&mut self, node: Node<'s>) {
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            self.visit(child);
        }
    }

    fn visit_field(&mut self, node: Node<'s>, field: &str) {
        if let Some(child) = node.child_by_field_name(field) {
            self.visit(child);
        }
    }

    fn visit(&mut self, node: Node<'s>) {
        if self.depth >= DEPTH_AT_MOST {
            lexed(self.text, span_of(node), &[], &mut self.walked.mentions);
            return;
        }
        self.depth += 1;
        match node.kind() {
            // Words that were written over a macro call are no names.
            "identifier" | "type_identifier" if self.code(node) != &self.text[node.byte_range()] => {}
            "identifier" => self.identifier(node),
            "type_identifier" => self.push(used(SymbolKind::Name, self.code(node), span_of(node))),
            "field_expression" => self.field_expression(node),
            "call_expression" => self.call(node),
            "initializer_pair" => self.designated(node),
            "offsetof_expression" => {
                self.visit_field(node, "type");
                if let Some(member) = node.child_by_field_name("member") {
                    self.field_use(member);
                }
            }
            "function_definition" => self.function(node),
            "declaration" => self.declaration(node),
            "type_definition" => self.type_definition(node),
            "struct_specifier" | "union_specifier" => self.record(node, None),
            "enum_specifier" => self.enumeration(node),
            "compound_statement" | "for_statement" => {
                self.scopes.push(HashSet::new());
                self.visit_children(node);
                self.scopes.pop();
            }
            "labeled_statement" | "goto_statement" => self.label(node),
            "parameter_declaration" => self.parameter(node, None),
            "string_literal" | "number_literal" | "char_literal" | "comment" | "primitive_type" => {}
            _ => self.visit_children(node),
        }
        self.depth -= 1;
    }

    fn identifier(&mut self, node: Node<'s>) {
        let span = span_of(node);
        let mention = match (self.syntax.tag_at(span.start), &self.function) {
            (Some(tag), _) => used(SymbolKind::Type, tag, span),
            (None, Some(function)) if self.is_local(self.code(node)) => Mention {
                record: Some(function.clone()),
                linkage: Linkage::Block,
                ..used(SymbolKind::Local, self.code(node), span)
            },
            (None, _) => name_use(self.syntax.code(), span),
        };
        self.push(mention);
    }

    fn is_local(&self, name: &[u8]) -> bool {
        self.scopes.iter().any(|scope| scope.contains(name))
    }

    /// Says that a name is local from here on. At file scope nothing is.
    fn declare_local(&mut self, name: Node<'s>) {
        let name = self.code(name);
        self.scopes.last_mut().map(|scope| scope.insert(name));
    }

    fn field_use(&mut self, name: Node<'s>) {
        self.push(used(SymbolKind::Field, self.code(name), span_of(name)));
    }

    fn field_expression(&mut self, node: Node<'s>) {
        // A chain `a->b->c` is a tree that leans left: walked in a loop, it does not count as depth.
        let mut node = node;
        loop {
            let argument = node.child_by_field_name("argument");
            if let Some(name) = node.child_by_field_name("field") {
                self.field_use(name);
            }
            match argument {
                Some(argument) if argument.kind() == "field_expression" => node = argument,
                Some(argument) => return self.visit(argument),
                None => return,
            }
        }
    }

    /// Calls name members where the macro says so: `container_of(p, struct x, member)`, `list_for_each_entry(p, head, member)`.
    fn call(&mut self, node: Node<'s>) {
        self.visit_field(node, "function");
        let Some(list) = node.child_by_field_name("arguments") else { return };
        let name = node.child_by_field_name("function").map_or(&b""[..], |function| self.code(function));
        let arguments = children(list);
        for (idx, &argument) in arguments.iter().enumerate() {
            let after_type = idx.checked_sub(1).is_some_and(|at| self.syntax.tag_at(arguments[at].start_byte()).is_some());
            let is_member = (after_type && names_member_after_type(name)) || names_member_of_first(name, idx, arguments.len());
            let compatible = argument.kind() == "string_literal" && name.ends_with(b"compatible");
            if compatible {
                self.compatible(argument);
            } else if argument.kind() == "identifier" && is_member {
                self.field_use(argument);
            } else {
                self.visit(argument);
            }
        }
    }

    fn compatible(&mut self, string: Node<'s>) {
        let span = span_of(string);
        if span.len() > 2 {
            let inner = Span::new(span.start + 1, span.end - 1);
            self.push(used(SymbolKind::Compatible, &self.syntax.code()[inner.range()], inner));
        }
    }

    fn designated(&mut self, node: Node<'s>) {
        let value = node.child_by_field_name("value");
        let mut compatible = false;
        for designator in fields(node, "designator") {
            let name = if designator.kind() == "field_designator" { designator.named_child(0) } else { Some(designator) };
            match name {
                Some(name) if name.kind() == "field_identifier" => {
                    self.field_use(name);
                    compatible = self.code(name) == b"compatible";
                }
                _ => self.visit_children(designator),
            }
        }
        match value {
            Some(value) if compatible && value.kind() == "string_literal" => self.compatible(value),
            Some(value) => self.visit(value),
            None => {}
        }
    }

    fn label(&mut self, node: Node<'s>) {
        let (Some(label), Some(function)) = (node.child_by_field_name("label"), self.function.clone()) else {
            return self.visit_children(node);
        };
        let role = if node.kind() == "goto_statement" { Role::Uses } else { Role::Defines };
        let mention = used(SymbolKind::Local, self.code(label), span_of(label));
        self.push(Mention { role, record: Some(function), linkage: Linkage::Block, ..mention });
        for child in children(node).into_iter().filter(|child| *child != label) {
            self.visit(child);
        }
    }

    fn linkage(&self, node: Node<'s>) -> Linkage {
        let words: Vec<&[u8]> = children(node)
            .into_iter()
            .filter(|child| child.kind() == "storage_class_specifier")
            .map(|child| self.code(child))
            .collect();
        let inline = words.iter().any(|word| matches!(*word, b"inline" | b"__inline" | b"__inline__" | b"__forceinline"));
        match (words.contains(&&b"static"[..]), inline || self.hides_inline(node)) {
            (true, true) => Linkage::Inline,
            (true, false) => Linkage::Internal,
            (false, _) => Linkage::External,
        }
    }

    /// `__always_inline` is an attribute to the grammar.
    fn hides_inline(&self, node: Node<'s>) -> bool {
        let end = node.child_by_field_name("declarator").map_or(node.start_byte(), |declarator| declarator.start_byte());
        memchr::memmem::find(&self.text[node.start_byte()..end], b"__always_inline").is_some()
    }

    /// Moves the start over what was blanked before it on its line, as in `__init static int f(void)`.
    fn line_start(&self, start: usize) -> usize {
        let code = self.syntax.code();
        let blank = code[..start].iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let first = start - blank;
        if first == 0 || code[first - 1] == b'\n' { first } else { start }
    }

    fn named(&self, name: Node<'s>, role: Role, kind: SymbolKind, region: Span, linkage: Linkage) -> Mention {
        let name_span = span_of(name);
        Mention { region, name_span, role, kind, name: self.syntax.name(name_span).to_owned(), record: None, linkage }
    }

    fn function(&mut self, node: Node<'s>) {
        self.visit_field(node, "type");
        let (Some(declarator), Some(body)) = (node.child_by_field_name("declarator"), node.child_by_field_name("body")) else {
            return self.visit_children(node);
        };
        let Some(name) = declared_name(declarator) else { return self.visit(body) };
        let region = Span::new(self.line_start(node.start_byte()), body.start_byte());
        let mention = self.named(name, Role::Defines, SymbolKind::Function, region, self.linkage(node));
        let function = mention.name.clone();
        if self.function.is_none() {
            self.walked.functions.push((span_of(node), function.clone()));
        }
        self.push(mention);
        let outer = self.function.replace(function);
        self.scopes.push(HashSet::new());
        if let Some(parameters) = parameters(declarator) {
            for parameter in children(parameters) {
                match parameter.kind() {
                    "parameter_declaration" => self.parameter(parameter, self.function.clone()),
                    "identifier" => {} // old style: declared below the head
                    _ => self.visit(parameter),
                }
            }
        }
        for child in children(node).into_iter().filter(|child| child.kind() == "declaration") {
            self.visit(child);
        }
        self.visit(body);
        self.scopes.pop();
        self.function = outer;
    }

    /// A parameter; of a definition (`function` is given) it is a local name, of a prototype it names nothing.
    fn parameter(&mut self, node: Node<'s>, function: Option<BString>) {
        self.visit_field(node, "type");
        let Some(declarator) = node.child_by_field_name("declarator") else { return };
        self.declarator(declarator);
        if let (Some(function), Some(name)) = (function, declared_name(declarator)) {
            let mention = self.named(name, Role::Defines, SymbolKind::Local, span_of(node), Linkage::Block);
            self.push(Mention { record: Some(function), ..mention });
            self.declare_local(name);
        }
    }

    /// Visits what a declarator uses: sizes of arrays, types of parameters; not the name it declares.
    fn declarator(&mut self, node: Node<'s>) {
        let mut node = node;
        loop {
            let inner = node.child_by_field_name("declarator");
            let mut cursor = node.walk();
            let mut next = None;
            for child in node.named_children(&mut cursor) {
                let kind = child.kind();
                let is_inner = Some(child) == inner
                    || (matches!(node.kind(), "parenthesized_declarator" | "attributed_declarator")
                        && (kind.ends_with("declarator") || kind.ends_with("identifier")));
                if is_inner {
                    next = Some(child);
                } else if !(node.kind() == "function_declarator" && kind == "identifier") {
                    self.visit(child);
                }
            }
            match next {
                Some(child) if child.child_count() > 0 => node = child,
                _ => return,
            }
        }
    }

    fn declaration(&mut self, node: Node<'s>) {
        let of = node.child_by_field_name("type");
        if let Some(of) = of {
            self.visit(of);
        }
        let is_extern = children(node).into_iter().any(|child| self.code(child) == b"extern");
        let linkage = self.linkage(node);
        // The members of a record that is written out are its own: the variable begins behind them.
        let start = match of.and_then(|of| of.child_by_field_name("body")) {
            Some(body) => body.end_byte() - 1,
            None => self.line_start(node.start_byte()),
        };
        for declared in fields(node, "declarator") {
            let (declarator, value) = match declared.kind() {
                "init_declarator" => (declared.child_by_field_name("declarator"), declared.child_by_field_name("value")),
                _ => (Some(declared), None),
            };
            let Some(declarator) = declarator else { continue };
            self.declarator(declarator);
            if let Some(name) = declared_name(declarator) {
                let to_name = Span::new(start, declarator.end_byte());
                let mention = if is_function(declarator) {
                    self.named(name, Role::Declares, SymbolKind::Function, Span::new(start, node.end_byte()), linkage)
                } else if is_extern && value.is_none() {
                    self.named(name, Role::Declares, SymbolKind::Variable, Span::new(start, node.end_byte()), linkage)
                } else if let Some(function) = &self.function {
                    let mention = self.named(name, Role::Defines, SymbolKind::Local, to_name, Linkage::Block);
                    Mention { record: Some(function.clone()), ..mention }
                } else {
                    self.named(name, Role::Defines, SymbolKind::Variable, to_name, linkage)
                };
                self.push(mention);
                self.declare_local(name);
            }
            if let Some(value) = value {
                self.visit(value);
            }
        }
    }

    fn type_definition(&mut self, node: Node<'s>) {
        let declarators = fields(node, "declarator");
        let name = declarators.iter().find_map(|&declarator| declared_name(declarator));
        let of = node.child_by_field_name("type");
        let body = of.and_then(|of| of.child_by_field_name("body"));
        match of {
            Some(of) if matches!(of.kind(), "struct_specifier" | "union_specifier") => {
                self.record(of, name.map(|name| self.syntax.name(span_of(name)).to_owned()));
            }
            Some(of) => self.visit(of),
            None => {}
        }
        for declarator in declarators {
            self.declarator(declarator);
            let Some(name) = declared_name(declarator) else { continue };
            let region = match body {
                Some(body) => Span::new(body.end_byte() - 1, node.end_byte()),
                None => span_of(node),
            };
            let mention = self.named(name, Role::Defines, SymbolKind::Type, region, Linkage::External);
            self.push(mention);
        }
    }

    /// A struct or union: defined, declared or used. One without a tag is known as `called`.
    fn record(&mut self, node: Node<'s>, called: Option<BString>) {
        let tag = record_name(self.syntax, node);
        let body = node.child_by_field_name("body");
        self.tag(node, tag.as_deref().map(BStr::new), body);
        if let Some(body) = body {
            let record = tag.or(called);
            self.members(body, record.as_deref().map(BStr::new));
        }
    }

    fn tag(&mut self, node: Node<'s>, tag: Option<&BStr>, body: Option<Node<'s>>) {
        let (Some(tag), Some(name)) = (tag, node.child_by_field_name("name")) else { return };
        let after = self.syntax.code()[node.end_byte()..].iter().find(|byte| !byte.is_ascii_whitespace());
        let alone = body.is_none() && after == Some(&b';');
        let start = self.line_start(node.start_byte());
        let (role, region) = match body {
            Some(body) => (Role::Defines, Span::new(start, body.start_byte())),
            None if alone => (Role::Declares, span_of(node)),
            None => (Role::Uses, span_of(name)),
        };
        let mention = self.named(name, role, SymbolKind::Type, region, Linkage::External);
        self.push(Mention { name: tag.to_owned(), ..mention });
    }

    fn members(&mut self, body: Node<'s>, record: Option<&BStr>) {
        for member in children(body) {
            if member.kind() == "field_declaration" {
                self.member(member, record);
            } else {
                self.visit(member);
            }
        }
    }

    fn member(&mut self, node: Node<'s>, record: Option<&BStr>) {
        let of = node.child_by_field_name("type");
        let body = of.and_then(|of| of.child_by_field_name("body"));
        let declarators = fields(node, "declarator");
        let first = declarators.iter().find_map(|&declarator| declared_name(declarator));
        // Members of `struct { … };` belong to the record around, those of `struct { … } name;` to `record.name`.
        let inner = match (record, first) {
            (Some(record), Some(first)) => Some([record.as_bytes(), b".", self.syntax.name(span_of(first))].concat().into()),
            (record, _) => record.map(ToOwned::to_owned),
        };
        match of {
            Some(of) if matches!(of.kind(), "struct_specifier" | "union_specifier") => {
                self.depth += 1;
                if self.depth < DEPTH_AT_MOST {
                    self.record(of, inner);
                }
                self.depth -= 1;
            }
            Some(of) => self.visit(of),
            None => {}
        }
        let start = body.map_or(self.line_start(node.start_byte()), |body| body.end_byte() - 1);
        for declarator in declarators {
            self.declarator(declarator);
            let Some(name) = declared_name(declarator) else { continue };
            let region = Span::new(start, node.end_byte());
            let mention = self.named(name, Role::Defines, SymbolKind::Field, region, Linkage::External);
            self.push(Mention { record: record.map(ToOwned::to_owned), ..mention });
        }
        for child in children(node).into_iter().filter(|child| child.kind() == "bitfield_clause") {
            self.visit(child);
        }
    }

    fn enumeration(&mut self, node: Node<'s>) {
        let tag = record_name(self.syntax, node);
        let body = node.child_by_field_name("body");
        self.tag(node, tag.as_deref().map(BStr::new), body);
        let Some(body) = body else { return };
        for constant in children(body) {
            match constant.child_by_field_name("name").filter(|_| constant.kind() == "enumerator") {
                Some(name) => {
                    let region = span_of(constant);
                    let mention = self.named(name, Role::Defines, SymbolKind::EnumConstant, region, Linkage::External);
                    self.push(mention);
                    self.visit_field(constant, "value");
                }
                None => self.visit(constant),
            }
        }
    }
}

/// Returns the named children of a node.
fn children(node: Node<'_>) -> Vec<Node<'_>> {
    node.named_children(&mut node.walk()).collect()
}

/// Returns the children of a node that have this role in it.
fn fields<'s>(node: Node<'s>, field: &str) -> Vec<Node<'s>> {
    node.children_by_field_name(field, &mut node.walk()).collect()
}

/// Returns the parameters of the function that a declarator declares.
fn parameters(declarator: Node<'_>) -> Option<Node<'_>> {
    let mut node = declarator;
    loop {
        // Of `int (*f(int a))(int)` the inner function is the one with the name.
        let inner = node.child_by_field_name("declarator");
        if node.kind() == "function_declarator" && inner.is_none_or(|inner| inner.kind() == "identifier") {
            return node.child_by_field_name("parameters");
        }
        node = match inner {
            Some(inner) => inner,
            None => node.named_child(0).filter(|_| node.kind() == "parenthesized_declarator")?,
        };
    }
}
