//! Sets of terms, one a unit, and what two of them share: sparse, through the list of units that hold each term.
//!
//! A term is any piece of text: a word, a line, a pair of tokens. Rare terms weigh more than common ones
//! (`ln((n + 1) / units with the term)` and a little). Cost of a row: the pairs (term, unit) that it meets.

use std::collections::HashMap;

/// Gives each piece of text a number.
#[derive(Debug, Default)]
pub(super) struct Terms {
    numbers: HashMap<Box<[u8]>, u32>,
}

impl Terms {
    pub(super) fn number(&mut self, text: &[u8]) -> u32 {
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        let number = u32::try_from(self.numbers.len()).expect("fewer terms than 2^32");
        self.numbers.insert(text.into(), number);
        number
    }

    /// Returns the sorted set of the terms.
    pub(super) fn set<'t>(&mut self, texts: impl IntoIterator<Item = &'t [u8]>) -> Vec<u32> {
        sorted(texts.into_iter().map(|text| self.number(text)).collect())
    }

    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Returns the text of each number.
    pub(super) fn texts(&self) -> Vec<&[u8]> {
        let mut texts = vec![&b""[..]; self.numbers.len()];
        #[expect(clippy::iter_over_hash_type, reason = "each goes to its own place")]
        for (text, &number) in &self.numbers {
            texts[number as usize] = text;
        }
        texts
    }
}

pub(super) fn sorted<T: Ord>(mut set: Vec<T>) -> Vec<T> {
    set.sort_unstable();
    set.dedup();
    set
}

/// Returns what is in both sorted sets.
pub(super) fn both(a: &[u32], b: &[u32]) -> Vec<u32> {
    a.iter().copied().filter(|term| b.binary_search(term).is_ok()).collect()
}

/// Returns what is in the first sorted set only.
pub(super) fn without(a: &[u32], b: &[u32]) -> Vec<u32> {
    a.iter().copied().filter(|term| b.binary_search(term).is_err()).collect()
}

/// Returns what is in either sorted set.
pub(super) fn either(a: &[u32], b: &[u32]) -> Vec<u32> {
    sorted(a.iter().chain(b).copied().collect())
}

/// The sets of all rows (units or files), and for each term the rows that hold it.
#[derive(Debug, Default)]
pub(super) struct TermIndex {
    /// Terms of row `i`: `terms[row_ends[i - 1]..row_ends[i]]`, sorted.
    rows: Csr,
    /// Rows of term `t`, sorted.
    holders: Csr,
}

/// Lists of numbers that are stored one after the other in one vector.
#[derive(Debug, Default)]
struct Csr {
    items: Vec<u32>,
    ends: Vec<usize>,
}

impl Csr {
    fn get(&self, idx: usize) -> &[u32] {
        let start = if idx == 0 { 0 } else { self.ends[idx - 1] };
        &self.items[start..self.ends[idx]]
    }
}

impl TermIndex {
    /// `sets` are sorted, terms are below `n_terms`.
    pub(super) fn of(sets: &[Vec<u32>], n_terms: usize) -> Self {
        let mut rows = Csr::default();
        let mut starts = vec![0usize; n_terms + 1];
        for set in sets {
            rows.items.extend_from_slice(set);
            rows.ends.push(rows.items.len());
            for &term in set {
                starts[term as usize + 1] += 1;
            }
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let ends = starts[1..].to_vec();
        let mut items = vec![0; rows.items.len()];
        for (row, set) in (0u32..).zip(sets) {
            for &term in set {
                items[starts[term as usize]] = row;
                starts[term as usize] += 1;
            }
        }
        TermIndex { rows, holders: Csr { items, ends } }
    }

    pub(super) fn n_rows(&self) -> usize {
        self.rows.ends.len()
    }

    pub(super) fn row(&self, row: usize) -> &[u32] {
        self.rows.get(row)
    }

    pub(super) fn holders(&self, term: u32) -> &[u32] {
        self.holders.get(term as usize)
    }

    /// Returns how many rows hold each term.
    pub(super) fn counts(&self) -> Vec<f32> {
        (0..self.holders.ends.len()).map(|term| count(self.holders.get(term).len())).collect()
    }

    /// Adds to `out[j - from]`, for each row `j >= from`, the weights of the terms that `set` and `j` share.
    pub(super) fn add_shared(&self, set: &[u32], weights: &[f32], from: usize, out: &mut [f32]) {
        for &term in set {
            let weight = weights[term as usize];
            if weight == 0.0 {
                continue;
            }
            let holders = self.holders(term);
            let skip = holders.partition_point(|&row| (row as usize) < from);
            for &row in &holders[skip..] {
                out[row as usize - from] += weight;
            }
        }
    }

    /// Returns one over the length of each row, for cosines.
    pub(super) fn inverse_norms(&self, weights: &[f32]) -> Vec<f32> {
        (0..self.n_rows())
            .map(|row| 1.0 / (self.row(row).iter().map(|&term| weights[term as usize]).sum::<f32>().sqrt() + 1e-9))
            .collect()
    }
}

pub(super) fn count(n: usize) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "counts of units and lines, far below 2^24 where it matters")]
    {
        n as f32
    }
}

/// Returns `ln((n + 1) / count) + floor` for each count.
pub(super) fn rarity(counts: &[f32], n: usize, floor: f32) -> Vec<f32> {
    counts.iter().map(|&with| ((count(n) + 1.0) / with.max(1.0)).ln() + floor).collect()
}

/// Sets that runs of rows share: each once, and the set of each row. The units of one hunk have its terms, and in a new file of thirty thousand
/// lines that many terms are in each of as many units.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) sets: Vec<Vec<u32>>,
    pub(super) of_row: Vec<usize>,
}

impl Shared {
    /// Returns how many rows hold each term.
    fn counts(&self, n_terms: usize) -> Vec<f32> {
        let mut holders = vec![0; n_terms];
        let n_rows = self.of_row.chunk_by(|a, b| a == b).map(<[usize]>::len);
        for (set, n_rows) in self.sets.iter().zip(n_rows) {
            set.iter().for_each(|&term| holders[term as usize] += n_rows);
        }
        holders.into_iter().map(count).collect()
    }
}

/// Sets with the weights of their terms: the cosine of any two rows.
#[derive(Debug, Default)]
pub(super) struct Cosines {
    pub(super) index: TermIndex,
    pub(super) weights: Vec<f32>,
    inverse: Vec<f32>,
}

/// The cosines of rows of which several have the same set.
#[derive(Debug, Default)]
pub(super) struct SharedCosines {
    pub(super) cosines: Cosines,
    of_row: Vec<usize>,
}

/// How alike rows are.
pub(super) trait Likeness {
    /// Writes to `out[j - from]` the cosine of `row` with each row `j >= from`.
    fn fill(&self, row: usize, from: usize, out: &mut [f32]);
}

impl Likeness for Cosines {
    fn fill(&self, row: usize, from: usize, out: &mut [f32]) {
        out.fill(0.0);
        self.index.add_shared(self.index.row(row), &self.weights, from, out);
        let mine = self.inverse[row];
        for (value, other) in out.iter_mut().zip(&self.inverse[from..]) {
            *value *= mine * other;
        }
    }
}

impl Likeness for SharedCosines {
    fn fill(&self, row: usize, from: usize, out: &mut [f32]) {
        let Some(&first) = self.of_row.get(from) else { return };
        let mut values = vec![0.0; self.cosines.index.n_rows() - first];
        self.cosines.fill(self.of_row[row], first, &mut values);
        out.iter_mut().zip(&self.of_row[from..]).for_each(|(out, &other)| *out = values[other - first]);
    }
}

impl SharedCosines {
    pub(super) fn of(shared: Shared, n_terms: usize, n_counted: usize) -> Self {
        let weights = rarity(&shared.counts(n_terms), n_counted, 0.3);
        SharedCosines { cosines: Cosines::weighted(TermIndex::of(&shared.sets, n_terms), weights), of_row: shared.of_row }
    }

    /// As [`Cosines::mean_across`].
    pub(super) fn mean_across(&self, lines: &[f32], files: &[u32]) -> f64 {
        // All rows of a set are of one file.
        let n_sets = self.cosines.index.n_rows();
        let (mut set_lines, mut set_files) = (vec![0f32; n_sets], vec![0u32; n_sets]);
        for (&at, (&lines, &file)) in self.of_row.iter().zip(lines.iter().zip(files)) {
            set_lines[at] += lines;
            set_files[at] = file;
        }
        self.cosines.mean_across(&set_lines, &set_files)
    }
}

impl Cosines {
    pub(super) fn weighted(index: TermIndex, weights: Vec<f32>) -> Self {
        let inverse = index.inverse_norms(&weights);
        Cosines { index, weights, inverse }
    }

    /// Returns the mean cosine of rows in different files, each pair weighted by the product of the rows' lines.
    ///
    /// Linear: the sum over all pairs is the squared length of the sum of all rows, less that of each file.
    pub(super) fn mean_across(&self, lines: &[f32], files: &[u32]) -> f64 {
        let (mut whole, mut part) = (vec![0f64; self.weights.len()], vec![0f64; self.weights.len()]);
        let (mut all, mut inside, mut n, mut n_inside) = (0f64, 0f64, 0f64, 0f64);
        let mut start = 0;
        while start < files.len() {
            let end = start + files[start..].iter().take_while(|&&file| file == files[start]).count();
            let mut file_lines = 0f64;
            for (row, &own_lines) in lines.iter().enumerate().take(end).skip(start) {
                file_lines += f64::from(own_lines);
                for &term in self.index.row(row) {
                    part[term as usize] += f64::from(lines[row] * self.inverse[row]);
                }
            }
            for row in start..end {
                for &term in self.index.row(row) {
                    let sum = std::mem::take(&mut part[term as usize]);
                    inside += sum * sum * f64::from(self.weights[term as usize]);
                    whole[term as usize] += sum;
                }
            }
            n += file_lines;
            n_inside += file_lines * file_lines;
            start = end;
        }
        for (sum, &weight) in whole.iter().zip(&self.weights) {
            all += sum * sum * f64::from(weight);
        }
        (all - inside) / (n * n - n_inside).max(1e-9)
    }
}
