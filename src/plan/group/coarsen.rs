//! Makes a change that is too large for all pairs smaller: blocks that are joined by themselves, and clumps of knots in them.
//!
//! Knots are clumped only when they stand equally deep in what must come before what (the length of the longest chain before
//! them). Every chain leads from lower to greater depth, so clumps of one depth each can close no circle. Where chains are so long that this
//! keeps nearly all knots apart, neighboring depths are one clump with all that they hold, which closes no circle either.

use std::collections::BTreeMap;

use crate::model::{HomeIdx, Knot};

use super::PAIR_BUDGET;
use crate::similarity::{Scores, Unit, by_edit, stem};

/// What all knots of a block have in common: their home, their top folder, and for a knot that stays alone its own place.
type BlockKey = (Option<HomeIdx>, Vec<u8>, Option<usize>);

/// The order among clumps is kept for so many of them at most: two sets for each clump take 16 MB then.
const MOST_CLUMPS: usize = 8_000;

/// When the coarsest grain leaves more clumps than this, the knots stand in chains nearly as long as the change.
const FAR_TOO_MANY: usize = 4 * MOST_CLUMPS;

/// So many clumps are made then, each of all knots of neighboring depths. A change of such chains was made by a program.
const BANDS: usize = 1_000;

/// Knots that are joined from the start, in blocks.
#[derive(Debug)]
pub(super) struct Clumps {
    /// The knots of each clump, sorted.
    pub(super) knots: Vec<Vec<usize>>,
    /// The clump of each knot.
    pub(super) of_knot: Vec<usize>,
    /// Lines of each clump.
    pub(super) lines: Vec<f64>,
    /// For each clump the units whose scores stand for those of the whole clump, with the lines that each stands for.
    pub(super) speakers: Vec<Vec<(usize, f64)>>,
    /// The clumps of each block.
    pub(super) blocks: Vec<Vec<usize>>,
}

/// How coarse clumps are. Each grain joins clumps of the grain before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Grain {
    Knot,
    Item,
    File,
    Stem,
    Folder,
    Block,
}

const GRAINS: [Grain; 6] = [Grain::Knot, Grain::Item, Grain::File, Grain::Stem, Grain::Folder, Grain::Block];

/// Cuts the knots into blocks and clumps so that no more than [`PAIR_BUDGET`] pairs of units are scored.
pub(super) fn clumps(
    knots: &[Knot],
    before: &[(usize, usize)],
    scores: &Scores<'_>,
    homes: Option<&[HomeIdx]>,
    alone: Option<&[bool]>,
) -> Clumps {
    let by_edit = by_edit(&scores.units);
    let units: Vec<Vec<usize>> = knots
        .iter()
        .map(|knot| {
            let mut units: Vec<usize> = knot.edits.iter().filter_map(|edit_id| by_edit.get(edit_id)).flatten().copied().collect();
            units.sort_unstable();
            units
        })
        .collect();
    let n_units: usize = units.iter().map(Vec::len).sum();
    let mut built =
        Clumps { knots: Vec::new(), of_knot: vec![0; knots.len()], lines: Vec::new(), speakers: Vec::new(), blocks: Vec::new() };
    if n_units * n_units / 2 <= PAIR_BUDGET && knots.len() <= MOST_CLUMPS {
        built.add_block((0..knots.len()).map(|knot| vec![knot]).collect(), &units, scores, usize::MAX);
        return built;
    }
    let depth = depths(knots.len(), before);
    let mut blocks: BTreeMap<BlockKey, Vec<usize>> = BTreeMap::new();
    for knot in 0..knots.len() {
        let top = match homes {
            Some(_) => Vec::new(),
            None => main_unit(&units[knot], scores).map_or(Vec::new(), |unit| top_folder(unit.path).to_vec()),
        };
        let own = alone.is_some_and(|alone| alone[knot]).then_some(knot);
        blocks.entry((homes.map(|homes| homes[knot]), top, own)).or_default().push(knot);
    }
    let sizes: Vec<usize> = blocks.values().map(|knots| knots.iter().map(|&knot| units[knot].len()).sum()).collect();
    let most = most_units(&sizes);
    let clumped = |knots: &Vec<usize>| {
        let fits = GRAINS.iter().map(|&grain| clump(knots, grain, &depth, &units, scores)).find(|clumps| clumps.len() <= most);
        fits.unwrap_or_else(|| clump(knots, Grain::Block, &depth, &units, scores))
    };
    let all: Vec<Vec<Vec<usize>>> = blocks.values().map(clumped).collect();
    if all.iter().map(Vec::len).sum::<usize>() > FAR_TOO_MANY {
        built.add_block(bands(&depth), &units, scores, (2 * PAIR_BUDGET).isqrt());
        return built;
    }
    all.into_iter().for_each(|clumped| built.add_block(clumped, &units, scores, most));
    built
}

/// Joins all knots of neighboring depths into one clump. A chain leads from one clump to a later one, so no circle is closed.
fn bands(depth: &[usize]) -> Vec<Vec<usize>> {
    let n_depths = depth.iter().max().map_or(1, |deepest| deepest + 1);
    let mut bands = vec![Vec::new(); BANDS.min(n_depths)];
    let n_bands = bands.len();
    depth.iter().enumerate().for_each(|(knot, depth)| bands[depth * n_bands / n_depths].push(knot));
    bands.retain(|knots| !knots.is_empty());
    bands
}

impl Clumps {
    fn add_block(&mut self, clumps: Vec<Vec<usize>>, units: &[Vec<usize>], scores: &Scores<'_>, most: usize) {
        let first = self.knots.len();
        let each = (most / clumps.len().max(1)).max(1);
        for knots in clumps {
            let mut speakers: Vec<(usize, f64)> =
                knots.iter().flat_map(|&knot| &units[knot]).map(|&unit| (unit, f64::from(scores.units[unit].n_lines))).collect();
            let lines = speakers.iter().map(|&(_, lines)| lines).sum::<f64>().max(1.0);
            if speakers.len() > each {
                // the largest speak for all, each for its share
                speakers.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
                speakers.truncate(each);
                let spoken: f64 = speakers.iter().map(|&(_, lines)| lines).sum();
                speakers.iter_mut().for_each(|(_, share)| *share *= lines / spoken);
                speakers.sort_by_key(|&(unit, _)| unit);
            }
            knots.iter().for_each(|&knot| self.of_knot[knot] = self.knots.len());
            self.knots.push(knots);
            self.lines.push(lines);
            self.speakers.push(speakers);
        }
        let all: Vec<usize> = (first..self.knots.len()).collect();
        if all.len() <= most {
            self.blocks.push(all);
        }
    }
}

/// Returns how many units each block may have so that all blocks together keep the budget.
fn most_units(sizes: &[usize]) -> usize {
    let fits = |most: usize| {
        let kept = sizes.iter().map(|&size| size.min(most));
        kept.clone().map(|n| n * n / 2).sum::<usize>() <= PAIR_BUDGET && kept.sum::<usize>() <= MOST_CLUMPS
    };
    let largest = sizes.iter().copied().max().unwrap_or(0);
    let (mut low, mut high) = (1, largest.max(1));
    while low < high {
        let middle = (low + high).div_ceil(2);
        if fits(middle) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    low
}

fn clump(knots: &[usize], grain: Grain, depth: &[usize], units: &[Vec<usize>], scores: &Scores<'_>) -> Vec<Vec<usize>> {
    let mut clumps: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for &knot in knots {
        let unit = main_unit(&units[knot], scores);
        let path: &[u8] = unit.map_or(b"", |unit| unit.path);
        let folder = &path[..path.iter().rposition(|&byte| byte == b'/').unwrap_or(0)];
        let place: (&[u8], &[u8], usize) = match grain {
            Grain::Knot => (b"", b"", knot + 1),
            Grain::Item => match unit.and_then(|unit| unit.item) {
                Some(item) => (path, item, 0),
                None => (path, b"", unit.map_or(0, |unit| scores.wide_hunk(unit) + 1)),
            },
            Grain::File => (path, b"", 0),
            Grain::Stem => (folder, stem(path), 0),
            Grain::Folder => (folder, b"", 0),
            Grain::Block => (b"", b"", 0),
        };
        clumps.entry((place, depth[knot])).or_default().push(knot);
    }
    let mut clumps: Vec<Vec<usize>> = clumps.into_values().collect();
    clumps.sort();
    clumps
}

fn main_unit<'s, 'c>(units: &[usize], scores: &'s Scores<'c>) -> Option<&'s Unit<'c>> {
    units.iter().map(|&unit| &scores.units[unit]).rev().max_by_key(|unit| unit.n_lines)
}

fn top_folder(path: &[u8]) -> &[u8] {
    &path[..path.iter().position(|&byte| byte == b'/').unwrap_or(0)]
}

/// Returns for each knot the length of the longest chain before it; for knots on or after a circle, one more than all others.
pub(super) fn depths(n: usize, before: &[(usize, usize)]) -> Vec<usize> {
    let mut n_before = vec![0usize; n];
    before.iter().for_each(|&(_, later)| n_before[later] += 1);
    let next = |knot: usize| {
        let start = before.partition_point(|&(first, _)| first < knot);
        before[start..].iter().take_while(move |&&(first, _)| first == knot).map(|&(_, later)| later)
    };
    let mut depth = vec![0; n];
    let mut open: Vec<usize> = (0..n).filter(|&knot| n_before[knot] == 0).collect();
    let mut at = 0;
    while let Some(&knot) = open.get(at) {
        at += 1;
        for later in next(knot) {
            depth[later] = depth[later].max(depth[knot] + 1);
            n_before[later] -= 1;
            if n_before[later] == 0 {
                open.push(later);
            }
        }
    }
    let deepest = depth.iter().copied().max().unwrap_or(0);
    (0..n).filter(|&knot| n_before[knot] > 0).for_each(|knot| depth[knot] = deepest + 1);
    depth
}
