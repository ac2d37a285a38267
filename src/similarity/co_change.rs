//! What the project used to change together: which files, folders and kinds of file met in one commit before the base.
//!
//! Each file of the change is a set of commits, as bits; two files are compared by a few dozen words. Commits that touch more
//! than [`MOST_FILES`] files say little of any two and count in the means only. Linear in the history's paths.

use std::collections::{BTreeMap, HashMap};

use bstr::{BStr, BString};
use fixedbitset::FixedBitSet;

use crate::model::Change;

use super::text::{file_class, folder};
use super::tfidf::count;

/// A commit that touches more files than this is a sweep over the tree, and says nothing about any two of them.
const MOST_FILES: usize = 40;

/// The number of classes of files, see [`super::FileClass`].
const KINDS: usize = 6;

/// The commits before a change, as far as they touch its files and folders.
#[derive(Debug, Clone, Default)]
pub struct CoChange {
    /// For each file of the change, the commits that touch it.
    files: Vec<FixedBitSet>,
    /// For each file of the change, a number of its folder.
    folder_of: Vec<usize>,
    /// For each folder, the commits that touch it.
    folders: Vec<FixedBitSet>,
    /// For each commit, one divided by the number of files it touches.
    shares: Vec<f32>,
    /// How many commits touch files of both of two classes; on the diagonal, of one class.
    kinds: [[f32; KINDS]; KINDS],
    /// The mean of the logarithm of the number of files, over the commits that touch a folder of the change and over all commits; then the
    /// logarithm of one more than the number of the former.
    breadth: [f32; 3],
}

/// What the history says about two files of the change, as the features from [`super::feature::Feature::CoChangeTogether`] on have it.
pub(super) type PairCoChange = [f32; 9];

impl CoChange {
    /// Learns from commits given as subject and touched paths, newest first.
    pub fn of(change: &Change, history: &[(BString, Vec<BString>)]) -> Self {
        let places: HashMap<&BStr, usize> = change.files().map(|(file_id, file)| (file.path(), file_id.idx())).collect();
        let mut numbers: BTreeMap<&[u8], usize> = BTreeMap::new();
        let folder_of: Vec<usize> = change
            .files()
            .map(|(_, file)| {
                let next = numbers.len();
                *numbers.entry(folder(file.path())).or_insert(next)
            })
            .collect();
        let none = FixedBitSet::with_capacity(history.len());
        let mut co_change = CoChange {
            files: vec![none.clone(); change.files.len()],
            folders: vec![none; numbers.len()],
            folder_of,
            ..CoChange::default()
        };
        let (mut near, mut n_near, mut all, mut n_all) = (0.0, 0.0, 0.0, 0.0);
        for (nth, (_, paths)) in history.iter().enumerate() {
            let n_paths = count(paths.len()).max(1.0);
            co_change.shares.push(1.0 / n_paths);
            if paths.is_empty() {
                continue;
            }
            let mut kinds = [false; KINDS];
            let mut is_near = false;
            for path in paths {
                kinds[file_class(path) as usize] = true;
                let folder = numbers.get(folder(path)).copied();
                is_near |= folder.is_some();
                if paths.len() <= MOST_FILES {
                    folder.into_iter().for_each(|folder| co_change.folders[folder].insert(nth));
                    places.get(&BStr::new(path)).into_iter().for_each(|&file| co_change.files[file].insert(nth));
                }
            }
            for a in (0..KINDS).filter(|&a| kinds[a]) {
                (0..KINDS).filter(|&b| kinds[b]).for_each(|b| co_change.kinds[a][b] += 1.0);
            }
            (all, n_all) = (all + n_paths.ln(), n_all + 1.0);
            if is_near {
                (near, n_near) = (near + n_paths.ln(), n_near + 1.0);
            }
        }
        co_change.breadth = [near / f32::max(n_near, 1.0), all / f32::max(n_all, 1.0), n_near.ln_1p()];
        co_change
    }

    /// Returns what is known of two different files of the change, by their places and kinds.
    pub(super) fn pair(&self, a: usize, b: usize, kinds: (usize, usize)) -> PairCoChange {
        let (Some(one), Some(other)) = (self.files.get(a), self.files.get(b)) else {
            return [0.0, -0.5, -0.5, 0.0, 0.0, 0.0, -1.0, 0.0, -1.0];
        };
        let (na, nb) = (count(one.count_ones(..)), count(other.count_ones(..)));
        let (less, more) = (na.min(nb), na.max(nb));
        let both = count(one.intersection_count(other));
        let part = |of: f32| if of > 0.0 { both / of } else { -0.5 };
        let (fa, fb) = (self.folder_of[a], self.folder_of[b]);
        let (one_folder, other_folder) = (&self.folders[fa], &self.folders[fb]);
        let folders_less = count(one_folder.count_ones(..)).min(count(other_folder.count_ones(..)));
        let kinds_less = self.kinds[kinds.0][kinds.0].min(self.kinds[kinds.1][kinds.1]).max(1.0);
        let shares = if both > 0.0 { one.intersection(other).map(|nth| self.shares[nth]).sum::<f32>().ln_1p() } else { 0.0 };
        let folders = if fa == fb { -1.0 } else { count(one_folder.intersection_count(other_folder)) / folders_less.max(1.0) };
        let kinds = if kinds.0 == kinds.1 { -1.0 } else { self.kinds[kinds.0][kinds.1] / kinds_less };
        let (together, folders_less) = (both.ln_1p(), folders_less.ln_1p());
        [together, part(less), part(more), less.ln_1p(), more.ln_1p(), shares, folders, folders_less, kinds]
    }

    /// Returns what the history says about two edits of one file.
    pub(super) fn one(&self, a: usize) -> PairCoChange {
        let Some(file) = self.files.get(a) else {
            return [0.0, -1.0, -1.0, 0.0, 0.0, 0.0, -1.0, 0.0, -1.0];
        };
        let n = count(file.count_ones(..)).ln_1p();
        let shares = file.ones().map(|nth| self.shares[nth]).sum::<f32>().ln_1p();
        let folders_less = count(self.folders[self.folder_of[a]].count_ones(..)).ln_1p();
        [0.0, -1.0, -1.0, n, n, shares, -1.0, folders_less, -1.0]
    }

    /// Returns how many files a commit touches in the folders of the change and everywhere, and how many commits touch those folders.
    pub(super) fn breadth(&self) -> [f32; 3] {
        self.breadth
    }

    /// Returns which share of the commits that touch files of class `a` also touch files of class `b`.
    pub(super) fn share(&self, a: usize, b: usize) -> f32 {
        self.kinds[a][b] / self.kinds[a][a].max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::fixture::change;

    #[test]
    fn files_that_met_before_are_near() {
        let change = change(&[("a.c", None, Some("a\n")), ("a.h", None, Some("b\n")), ("doc/a.rst", None, Some("c\n"))]);
        let commit = |paths: &[&str]| (BString::from(""), paths.iter().map(|path| BString::from(*path)).collect::<Vec<_>>());
        let co_change = CoChange::of(&change, &[commit(&["a.c", "a.h"]), commit(&["a.c"]), commit(&["x/y.c", "z.c"])]);
        let pair = co_change.pair(0, 1, (0, 1));
        assert_eq!(pair[1..3], [1.0, 0.5]);
        assert_eq!(co_change.pair(0, 2, (0, 2))[1], -0.5, "of a file without history nothing is known");
        assert_eq!(co_change.share(1, 0), 1.0, "each commit with a header had code");
    }
}
