//! Two object files → whether they are the same code.
//!
//! An ELF file is read into its sections without those that only name things or speak of their making: symbol and string tables, debug
//! information, notes, comments. Relocations are read with the names of what they lead to, since two calls of different functions have the same
//! bytes; and what the file offers to others belongs to it. Source: the System V ABI, "Object Files".

use bstr::{BString, ByteSlice};

/// What of an object file is code or data, or says how it is put together; equal for equal code.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    machine: u64,
    sections: Vec<(BString, u64, u64, BString)>,
    /// Global symbols that it defines: name, section, value, size.
    offers: Vec<(BString, BString, u64, u64)>,
}

/// Bytes with the order and width that their header tells.
#[derive(Clone, Copy)]
struct Elf<'e> {
    bytes: &'e [u8],
    is_wide: bool,
    is_big: bool,
}

/// A line of the table of sections.
struct Section<'e> {
    name: &'e [u8],
    kind: u64,
    flags: u64,
    content: &'e [u8],
    size: u64,
    link: u64,
}

// Kinds of sections and symbols, and places of symbols that are no section.
const SYMTAB: u64 = 2;
const STRTAB: u64 = 3;
const RELA: u64 = 4;
const NOTE: u64 = 7;
const NOBITS: u64 = 8;
const REL: u64 = 9;
const GROUP: u64 = 17;
const EXTENDED: u64 = 18;
const OF_SECTION: u64 = 3;
const OF_FILE: u64 = 4;
const RESERVED: u64 = 0xff00;
const ABSOLUTE: u64 = 0xfff1;
const COMMON: u64 = 0xfff2;

/// Reads an object file; `None` for one that is no ELF, is damaged, or has more sections than symbols can name.
pub fn code(bytes: &[u8]) -> Option<Code> {
    let ident = bytes.get(..16).filter(|ident| ident.starts_with(b"\x7fELF"))?;
    let elf = Elf { bytes, is_wide: ident[4] == 2, is_big: ident[5] == 2 };
    let (table, entry_size, n_sections, names) = match elf.is_wide {
        true => (elf.at(40, 8)?, elf.at(58, 2)?, elf.at(60, 2)?, elf.at(62, 2)?),
        false => (elf.at(32, 4)?, elf.at(46, 2)?, elf.at(48, 2)?, elf.at(50, 2)?),
    };
    if n_sections == 0 {
        return None;
    }
    let place = |number: u64| table.checked_add(number.checked_mul(entry_size)?);
    let names = elf.section(place(names)?, &[])?.content;
    let sections: Vec<Section<'_>> = (0..n_sections).map(|number| elf.section(place(number)?, names)).collect::<Option<_>>()?;
    let symbols = elf.symbols(&sections)?;
    let mut code = Code { machine: elf.at(18, 2)?, sections: Vec::new(), offers: Vec::new() };
    for section in sections.iter().filter(|section| !section.only_names()) {
        let content: BString = match section.kind {
            NOBITS => section.size.to_string().into(),
            RELA | REL => elf.relocations(section, &symbols)?,
            // Its members are named by their number, which shifts with sections that do not count.
            GROUP => BString::default(),
            _ => section.content.into(),
        };
        code.sections.push((section.name.into(), section.kind, section.flags, content));
    }
    let offers = symbols.iter().filter(|symbol| symbol.is_global && symbol.place != b"");
    code.offers = offers.map(|symbol| (symbol.name.into(), symbol.place.into(), symbol.value, symbol.size)).collect();
    code.offers.sort();
    Some(code)
}

/// What a relocation leads to.
struct Symbol<'e> {
    name: &'e [u8],
    /// The section it is in; empty for one of another file.
    place: &'e [u8],
    value: u64,
    size: u64,
    is_global: bool,
    counts: bool,
}

impl Section<'_> {
    fn only_names(&self) -> bool {
        let heads = [&b".debug"[..], b".zdebug", b".rela.debug", b".rel.debug", b".comment", b".note", b".llvm_addrsig"];
        matches!(self.kind, 0 | SYMTAB | STRTAB | NOTE | EXTENDED) || heads.iter().any(|head| self.name.starts_with(head))
    }
}

impl<'e> Elf<'e> {
    /// Returns the number of `n_bytes` at a place.
    fn at(self, place: u64, n_bytes: usize) -> Option<u64> {
        let start = usize::try_from(place).ok()?;
        let bytes = self.bytes.get(start..start.checked_add(n_bytes)?)?;
        let put = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        Some(if self.is_big { bytes.iter().fold(0, put) } else { bytes.iter().rev().fold(0, put) })
    }

    fn slice(self, place: u64, size: u64) -> Option<&'e [u8]> {
        let start = usize::try_from(place).ok()?;
        self.bytes.get(start..start.checked_add(usize::try_from(size).ok()?)?)
    }

    fn section(self, at: u64, names: &'e [u8]) -> Option<Section<'e>> {
        let field = |wide: u64, narrow: u64, n_wide: usize| {
            let (offset, n_bytes) = if self.is_wide { (wide, n_wide) } else { (narrow, 4) };
            self.at(at.checked_add(offset)?, n_bytes)
        };
        let (kind, flags) = (field(4, 4, 4)?, field(8, 8, 8)?);
        let (offset, size) = (field(24, 16, 8)?, field(32, 20, 8)?);
        let content = if matches!(kind, 0 | NOBITS) { &[][..] } else { self.slice(offset, size)? };
        Some(Section { name: text(names, field(0, 0, 4)?), kind, flags, content, size, link: field(40, 24, 4)? })
    }

    /// Reads the table of symbols; an object without one has none.
    fn symbols(self, sections: &[Section<'e>]) -> Option<Vec<Symbol<'e>>> {
        let Some(table) = sections.iter().find(|section| section.kind == SYMTAB) else { return Some(Vec::new()) };
        let names = sections.get(usize::try_from(table.link).ok()?)?.content;
        let entry = |bytes: &'e [u8]| {
            let elf = Elf { bytes, ..self };
            let (info, section, value, size) = match self.is_wide {
                true => (elf.at(4, 1)?, elf.at(6, 2)?, elf.at(8, 8)?, elf.at(16, 8)?),
                false => (elf.at(12, 1)?, elf.at(14, 2)?, elf.at(4, 4)?, elf.at(8, 4)?),
            };
            let (place, counts): (&[u8], bool) = match section {
                ABSOLUTE => (b"*absolute*", true),
                COMMON => (b"*common*", true),
                0 => (b"", true),
                RESERVED.. => return None,
                number => sections.get(usize::try_from(number).ok()?).map(|section| (section.name, !section.only_names()))?,
            };
            let kind = info & 0xf;
            let is_named = !matches!(kind, OF_SECTION | OF_FILE);
            let name = if is_named { text(names, elf.at(0, 4)?) } else { b"" };
            Some(Symbol { name, place, value, size, is_global: info >> 4 != 0 && is_named, counts })
        };
        table.content.chunks_exact(if self.is_wide { 24 } else { 16 }).map(entry).collect()
    }

    /// Returns relocations with what they lead to in words: a name that other files know, or a place in this one.
    fn relocations(self, section: &Section<'e>, symbols: &[Symbol<'e>]) -> Option<BString> {
        let n_addend = if section.kind == RELA { 1 } else { 0 };
        let n_word: usize = if self.is_wide { 8 } else { 4 };
        let mut out = BString::default();
        for bytes in section.content.chunks_exact(n_word * (2 + n_addend)) {
            let elf = Elf { bytes, ..self };
            let word = |place: usize| elf.at(u64::try_from(place * n_word).ok()?, n_word);
            let (offset, info) = (word(0)?, word(1)?);
            let (number, kind) = if self.is_wide { (info >> 32, info & 0xffff_ffff) } else { (info >> 8, info & 0xff) };
            let addend = if n_addend == 1 { word(2)? } else { 0 };
            let symbol = symbols.get(usize::try_from(number).ok()?)?;
            let to: BString = match symbol.is_global {
                true => symbol.name.into(),
                false if symbol.counts => format!("{}+{:x}", symbol.place.as_bstr(), symbol.value).into(),
                false => symbol.place.into(),
            };
            out.extend_from_slice(format!("{offset:x} {kind:x} {addend:x} {to}\n").as_bytes());
        }
        Some(out)
    }
}

/// Returns the name at a place in a table of names.
fn text(names: &[u8], place: u64) -> &[u8] {
    let rest = usize::try_from(place).ok().and_then(|place| names.get(place..)).unwrap_or_default();
    &rest[..rest.find_byte(0).unwrap_or(rest.len())]
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
