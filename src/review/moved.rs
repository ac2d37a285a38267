//! Blocks of lines that leave one place and come, byte for byte, at another.

use std::collections::{HashMap, VecDeque};

use super::source_lines::SourceLines;

/// Lines `[start, end)` of one side of a file, all of which leave or come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Which file.
    pub file: usize,
    /// First line, from 0.
    pub start: usize,
    /// One past the last.
    pub end: usize,
}

/// Fewer lines than this come again by accident.
const FEWEST_LINES: usize = 3;
/// So does a block with fewer letters and digits. Source: git-diff documentation, `--color-moved=blocks`.
const FEWEST_LETTERS: usize = 20;
/// Blocks that begin alike and are compared; a bound, so that a line repeated a thousand times costs no more than others.
const MOST_TRIED: usize = 16;

/// The number of a file, and of a line in it from 0.
pub type FileLine = (usize, usize);

/// Pairs lines that leave with lines that come, each in one pair at most: going through what comes, the longest block of what leaves
/// that begins as it does, the first of equals. Cost: the lines.
pub fn moved(leaving: &[Run], base: &[SourceLines<'_>], coming: &[Run], tip: &[SourceLines<'_>]) -> Vec<(FileLine, FileLine)> {
    let mut starts: HashMap<[&[u8]; FEWEST_LINES], VecDeque<(usize, usize)>> = HashMap::new();
    for (idx, run) in leaving.iter().enumerate() {
        for line in run.start..run.end.saturating_sub(FEWEST_LINES - 1) {
            starts.entry(head(&base[run.file], line)).or_default().push_back((idx, line));
        }
    }
    let mut taken: HashMap<usize, Vec<bool>> = HashMap::new();
    let mut pairs = Vec::new();
    for run in coming {
        let mut line = run.start;
        while line + FEWEST_LINES <= run.end {
            let here = &tip[run.file];
            let mut best = (0, 0, 0);
            if let Some(places) = starts.get_mut(&head(here, line)) {
                let is_taken = |taken: &HashMap<usize, Vec<bool>>, (idx, from): (usize, usize)| {
                    taken.get(&idx).is_some_and(|lines| lines[from - leaving[idx].start])
                };
                while places.front().is_some_and(|place| is_taken(&taken, *place)) {
                    places.pop_front();
                }
                for &(idx, from) in places.iter().take(MOST_TRIED) {
                    let there = &base[leaving[idx].file];
                    let most = (leaving[idx].end - from).min(run.end - line);
                    let same = |n: &usize| !is_taken(&taken, (idx, from + n)) && there.raw(from + n) == here.raw(line + n);
                    let n_lines = (0..most).take_while(same).count();
                    if n_lines > best.0 {
                        best = (n_lines, idx, from);
                    }
                }
            }
            let (n_lines, idx, from) = best;
            if n_lines >= FEWEST_LINES && letters(here, line, n_lines) >= FEWEST_LETTERS {
                let from_run = leaving[idx];
                let lines = taken.entry(idx).or_insert_with(|| vec![false; from_run.end - from_run.start]);
                for n in 0..n_lines {
                    lines[from + n - from_run.start] = true;
                    pairs.push(((from_run.file, from + n), (run.file, line + n)));
                }
                line += n_lines;
            } else {
                // No block can begin inside one that is too poor and not reach past its end.
                line += n_lines.saturating_sub(FEWEST_LINES - 1).max(1);
            }
        }
    }
    pairs
}

fn head<'t>(side: &SourceLines<'t>, line: usize) -> [&'t [u8]; FEWEST_LINES] {
    std::array::from_fn(|n| side.raw(line + n))
}

fn letters(side: &SourceLines<'_>, start: usize, n_lines: usize) -> usize {
    (start..start + n_lines).map(|line| side.raw(line).iter().filter(|byte| byte.is_ascii_alphanumeric()).count()).sum()
}
