//! Two object files → whether they are the same code.
//!
//! An ELF file is read into its sections without those that only name things or speak of their making: symbol and string tables, debug
//! information, notes, comments. Relocations are read with the names of what they lead to, since two calls of different functions have the same
//! bytes; and what the file offers to others belongs to it. Source: the System V ABI, "Object Files".

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::Path;

use bstr::{BString, ByteSlice};
use object::{
    Architecture, File, Object, ObjectSection, ObjectSymbol, RelocationFlags, RelocationTarget, SectionFlags, SectionKind,
    SymbolKind, SymbolSection,
};

use crate::verify::paths::base_name;

/// What of an object file is code or data, or says how it is put together; equal for equal code.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    machine: Architecture,
    sections: Vec<CodeSection>,
    /// Global symbols that it defines: name, section, value, size.
    offers: Vec<(BString, BString, u64, u64)>,
}

#[derive(Debug, PartialEq, Eq)]
struct CodeSection {
    name: BString,
    kind: SectionKind,
    flags: SectionFlags,
    size: u64,
    content: BString,
    /// Where, how, what is added, and in words what it leads to.
    relocations: Vec<(u64, RelocationFlags, i64, BString)>,
}

/// Reads an object file; `None` for one that is no ELF or is damaged.
pub fn code(bytes: &[u8]) -> Option<Code> {
    let file = File::parse(bytes).ok()?;
    let mut sections = Vec::new();
    for section in file.sections() {
        let name: BString = section.name_bytes().ok()?.into();
        if only_names(section.kind(), &name) {
            continue;
        }
        let mut relocations = Vec::new();
        for (offset, relocation) in section.relocations() {
            let to = match relocation.target() {
                RelocationTarget::Symbol(symbol_idx) => destination(&file, &file.symbol_by_index(symbol_idx).ok()?)?,
                _ => BString::default(),
            };
            relocations.push((offset, relocation.flags(), relocation.addend(), to));
        }
        let (kind, flags, size) = (section.kind(), section.flags(), section.size());
        sections.push(CodeSection { name, kind, flags, size, content: section.data().ok()?.into(), relocations });
    }
    let mut offers = Vec::new();
    for symbol in file.symbols().filter(|symbol| is_offered(symbol) && !symbol.is_undefined()) {
        offers.push((symbol.name_bytes().ok()?.into(), place(&file, &symbol)?.0, symbol.address(), symbol.size()));
    }
    offers.sort();
    Some(Code { machine: file.architecture(), sections, offers })
}

/// Returns the names of the sources that an object file or a program was made from, without their folders, as its symbols have them; `None` for
/// what is no such file, nothing where they were stripped.
pub fn sources(path: &Path) -> Option<BTreeSet<BString>> {
    let mut head = [0; 4];
    fs::File::open(path).ok()?.read_exact(&mut head).ok().filter(|()| head == *b"\x7fELF")?;
    let bytes = fs::read(path).ok()?;
    let file = File::parse(bytes.as_slice()).ok()?;
    let sources = file.symbols().filter(|symbol| symbol.kind() == SymbolKind::File);
    Some(sources.filter_map(|symbol| Some(base_name(symbol.name_bytes().ok()?.as_bstr()).to_owned())).collect())
}

fn only_names(kind: SectionKind, name: &[u8]) -> bool {
    let heads = [&b".debug"[..], b".zdebug", b".comment", b".note", b".llvm_addrsig"];
    matches!(kind, SectionKind::Metadata | SectionKind::Note) || heads.iter().any(|head| name.starts_with(head))
}

/// Whether other files know the symbol by its name.
fn is_offered<'data>(symbol: &impl ObjectSymbol<'data>) -> bool {
    symbol.is_global() && !matches!(symbol.kind(), SymbolKind::Section | SymbolKind::File)
}

/// Returns the section that a symbol is in, or a word for what is none, and whether it counts as code or data.
fn place<'data>(file: &File<'data>, symbol: &impl ObjectSymbol<'data>) -> Option<(BString, bool)> {
    match symbol.section() {
        SymbolSection::Section(section_idx) => {
            let section = file.section_by_index(section_idx).ok()?;
            let name: BString = section.name_bytes().ok()?.into();
            let counts = !only_names(section.kind(), &name);
            Some((name, counts))
        }
        SymbolSection::Unknown => None,
        other => Some((format!("{other:?}").into(), true)),
    }
}

/// Returns in words what a relocation leads to: a name that other files know, or a place in this one.
fn destination<'data>(file: &File<'data>, symbol: &impl ObjectSymbol<'data>) -> Option<BString> {
    if is_offered(symbol) {
        return Some(symbol.name_bytes().ok()?.into());
    }
    let (place, counts) = place(file, symbol)?;
    Some(if counts { format!("{}+{:x}", place.as_bstr(), symbol.address()).into() } else { place })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_bytes_break_it(bytes in proptest::collection::vec(any::<u8>(), 0..300), class in 0_u8..3, order in 0_u8..3) {
            let mut bytes = bytes;
            for (place, byte) in b"\x7fELF".iter().copied().chain([class, order]).enumerate() {
                if let Some(there) = bytes.get_mut(place) {
                    *there = byte;
                }
            }
            // A table that lies within the file is read further than most.
            if let Some(there) = bytes.get_mut(40..48) {
                there.copy_from_slice(&64_u64.to_le_bytes());
            }
            let _ = code(&bytes);
        }
    }
}
