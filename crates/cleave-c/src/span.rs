//! Ranges of bytes and of lines, and the arithmetic on them.

use std::ops::Range;

/// Bytes `[start, end)` of a text, counted from 0. `start == end` is the gap before byte `start`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte, never below `start`.
    pub end: usize,
}

impl Span {
    /// Returns the span `[start, end)`; an end before the start gives the gap at `start`.
    pub fn new(start: usize, end: usize) -> Self {
        Span { start, end: end.max(start) }
    }

    /// Returns the number of bytes.
    pub fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether the span is a gap between two bytes.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether `offset` lies inside; a gap holds nothing.
    pub fn contains(self, offset: usize) -> bool {
        self.start <= offset && offset < self.end
    }

    /// Whether `inner` lies wholly inside or on the borders of this span.
    pub fn covers(self, inner: Span) -> bool {
        self.start <= inner.start && inner.end <= self.end
    }

    /// Whether the two share at least one byte.
    pub fn overlaps(self, other: Span) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Returns the range to index a slice with.
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Span::new(range.start, range.end)
    }
}

/// Where each line of a text begins, to turn offsets into line numbers and back.
///
/// Lines are counted from 0 and end after their `\n`; a last line without one counts. An empty text has no lines.
#[derive(Debug, Clone)]
pub struct Lines {
    /// Offset of each line's first byte, then the length of the text.
    starts: Vec<usize>,
}

impl Lines {
    /// Finds the lines of `text` in one pass.
    pub fn of(text: &[u8]) -> Self {
        let mut starts = vec![0];
        starts.extend(memchr::memchr_iter(b'\n', text).map(|at| at + 1));
        if starts.last() != Some(&text.len()) {
            starts.push(text.len());
        }
        Lines { starts }
    }

    /// Returns the number of lines.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether the text was empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the offset of the first byte of `line`; a line past the end gives the length of the text.
    pub fn start(&self, line: usize) -> usize {
        self.starts[line.min(self.len())]
    }

    /// Returns the bytes of the lines `[first, last)`.
    pub fn span(&self, first: usize, last: usize) -> Span {
        Span::new(self.start(first), self.start(last))
    }

    /// Returns the line that holds the byte at `offset`; an offset at or past the end gives the number of lines.
    pub fn line_at(&self, offset: usize) -> usize {
        self.starts.partition_point(|&start| start <= offset).saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_know_their_borders() {
        let lines = Lines::of(b"ab\n\nc");
        assert_eq!(lines.len(), 3);
        assert_eq!(lines.span(0, 2), Span::new(0, 4));
        assert_eq!(lines.line_at(0), 0);
        assert_eq!(lines.line_at(3), 1);
        assert_eq!(lines.line_at(4), 2);
        assert_eq!(lines.line_at(5), 3);
        assert!(Lines::of(b"").is_empty());
        assert_eq!(Lines::of(b"x\n").len(), 1);
    }
}
