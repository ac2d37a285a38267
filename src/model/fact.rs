//! What an edit does: which symbols it defines, removes, uses.

use std::collections::HashMap;

use bstr::{BStr, BString};

use super::change::FileId;
use super::edit::EditId;

/// What kind of thing a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SymbolKind {
    /// A C function.
    Function,
    /// A C macro.
    Macro,
    /// `struct x`, `union x`, `enum x` or a typedef.
    Type,
    /// A constant of an enum.
    EnumConstant,
    /// A variable at file scope.
    Variable,
    /// A member of a record; [`Symbol::record`] says of which.
    Field,
    /// A name at block scope: variable, parameter or label.
    Local,
    /// A file that others include, by the path they write.
    Header,
    /// A Kconfig symbol, without `CONFIG_`.
    Kconfig,
    /// An object file that a kbuild file, Makefile or meson.build names, by the path of its source without the ending.
    Object,
    /// A devicetree `compatible` string.
    Compatible,
    /// A name of the ordinary name space whose definition the change does not hold.
    Name,
}

/// A thing that edits define and use.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol {
    /// What it is.
    pub kind: SymbolKind,
    /// Its name, as written where it is used.
    pub name: BString,
    /// For a field, its record as people write it (`struct page`); `None` where that is not known.
    pub record: Option<BString>,
    /// The file that alone can see it (a static function, a local name); `None` for all others.
    pub scope: Option<FileId>,
}

/// Names a [`Symbol`] of [`Symbols`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SymbolId(pub u32);

/// The symbols that facts name, each once.
#[derive(Debug, Clone, Default)]
pub struct Symbols {
    all: Vec<Symbol>,
    ids: HashMap<Symbol, SymbolId>,
}

impl Symbols {
    /// Returns the id of `symbol`, a new one if it was not seen yet.
    pub fn intern(&mut self, symbol: Symbol) -> SymbolId {
        if let Some(&symbol_id) = self.ids.get(&symbol) {
            return symbol_id;
        }
        let symbol_id = SymbolId(u32::try_from(self.all.len()).expect("fewer symbols than 2^32"));
        self.all.push(symbol.clone());
        self.ids.insert(symbol, symbol_id);
        symbol_id
    }

    /// Returns the symbol named by `symbol_id`.
    pub fn get(&self, symbol_id: SymbolId) -> &Symbol {
        &self.all[symbol_id.0 as usize]
    }

    /// Returns the number of symbols.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

impl Symbol {
    /// Returns the name as people write it: `struct page.index`, `gmap_link()`, `CONFIG_KVM`.
    pub fn shown(&self) -> BString {
        let mut text = Vec::new();
        match self.kind {
            SymbolKind::Field => {
                text.extend_from_slice(self.record.as_deref().map_or(&b"\xE2\x80\xA6"[..], |record| record.as_ref()));
                text.push(b'.');
                text.extend_from_slice(&self.name);
            }
            SymbolKind::Function => {
                text.extend_from_slice(&self.name);
                text.extend_from_slice(b"()");
            }
            SymbolKind::Kconfig => {
                text.extend_from_slice(b"CONFIG_");
                text.extend_from_slice(&self.name);
            }
            SymbolKind::Macro
            | SymbolKind::Type
            | SymbolKind::EnumConstant
            | SymbolKind::Variable
            | SymbolKind::Local
            | SymbolKind::Header
            | SymbolKind::Object
            | SymbolKind::Compatible
            | SymbolKind::Name => text.extend_from_slice(&self.name),
        }
        text.into()
    }
}

/// What an edit does with a symbol. "New" roles speak of the inserted text, "old" ones of the removed text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The inserted text defines it.
    Defines,
    /// The inserted text declares it: a prototype, an `extern`, a forward declaration.
    Declares,
    /// The inserted text uses it.
    Uses,
    /// The removed text defined it.
    DropsDefinition,
    /// The removed text declared it.
    DropsDeclaration,
    /// The removed text used it.
    DropsUse,
    /// The inserted text uses it more often than the removed text did: a use comes.
    GainsUse,
    /// The removed text used it more often than the inserted text does: a use goes.
    LosesUse,
    /// The inserted text of a document speaks of it; nothing breaks where it is not there.
    Names,
    /// The removed text of a document spoke of it.
    DropsName,
}

impl Role {
    /// Whether it speaks of the removed text.
    pub fn is_old(self) -> bool {
        matches!(self, Role::DropsDefinition | Role::DropsDeclaration | Role::DropsUse | Role::LosesUse | Role::DropsName)
    }
}

/// One thing that an edit does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fact {
    /// The edit.
    pub edit_id: EditId,
    /// What it does.
    pub role: Role,
    /// To which symbol.
    pub symbol_id: SymbolId,
}

/// Everything known about the edits of a change.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The symbols that `facts` names.
    pub symbols: Symbols,
    /// Sorted by edit, then role, then symbol; each once.
    pub facts: Vec<Fact>,
    /// Files that could not be understood and why, in words.
    pub notes: Vec<(FileId, String)>,
}

impl Facts {
    /// Returns the facts of one edit.
    pub fn of(&self, edit_id: EditId) -> &[Fact] {
        let start = self.facts.partition_point(|fact| fact.edit_id < edit_id);
        let end = self.facts.partition_point(|fact| fact.edit_id <= edit_id);
        &self.facts[start..end]
    }

    /// Returns the names that an edit has in `role`, in the order of their symbols.
    pub fn names(&self, edit_id: EditId, role: Role) -> impl Iterator<Item = &BStr> {
        self.of(edit_id).iter().filter(move |fact| fact.role == role).map(|fact| self.symbols.get(fact.symbol_id).name.as_ref())
    }
}
