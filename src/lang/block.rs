//! Blocks: the runs of lines of a text that an edit may add or remove by themselves.

use bstr::{BString, ByteSlice};

use cleave_c::span::Lines;

/// Lines `[start, end)` of a text that an edit may add or remove without the lines around them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// First line, from 0.
    pub start: usize,
    /// One past the last line.
    pub end: usize,
    /// The name by which the block is found on the other side of a change; empty for text that has no name.
    pub name: BString,
}

/// Returns the runs of lines without a blank one.
pub(super) fn paragraphs(text: &[u8], lines: &Lines) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut start = None;
    for line in 0..=lines.len() {
        let blank = line == lines.len() || text[lines.span(line, line + 1).range()].trim().is_empty();
        match (blank, start) {
            (false, None) => start = Some(line),
            (true, Some(first)) => {
                blocks.push(Block { start: first, end: line, name: BString::default() });
                start = None;
            }
            _ => {}
        }
    }
    blocks
}
