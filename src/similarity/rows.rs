//! The facts about pairs, a row at a time: one unit against all later ones, a column a fact.
//!
//! Facts that need the strongest tie of each unit come from a pass before ([`Features::find_strongest`]). Both passes touch only
//! the pairs that share a term for each kind of term, and every pair once for the rest.

use fixedbitset::FixedBitSet;

use super::co_change::{CoChange, PairCoChange};
use super::feature::{Feature as F, N_FEATURES};
use super::features::{Features, HunkType, Strongest};
use super::table::LANES;
use super::text::FileClass;
use super::tfidf::{Likeness, TermIndex, count};
use super::units::Fate;

/// A column for each feature; item `k` is about the pair of the row's unit with the `k`-th unit after it.
pub(super) type Columns = [Vec<f32>; N_FEATURES];

/// Returns columns that any row of the features fits in, and a whole number of [`LANES`].
pub(super) fn columns(n_units: usize) -> Box<Columns> {
    Box::new(std::array::from_fn(|_| vec![0.0; n_units.next_multiple_of(LANES)]))
}

/// What one file shares with each file from itself on.
#[derive(Debug, Default)]
pub(super) struct FilePairs {
    path_common: Vec<f32>,
    words: Vec<f32>,
    rule: Vec<f32>,
    subwords: Vec<f32>,
    moved: Vec<f32>,
    names: Vec<f32>,
    co_change: Vec<PairCoChange>,
}

/// Names that come and go, shared by a unit and each of those from `from` on.
#[derive(Debug, Default)]
struct Links {
    fresh_defined_used: Vec<f32>,
    fresh_defined_twice: Vec<f32>,
    /// All ties by new and gone names together.
    all: Vec<f32>,
    scratch: Vec<f32>,
}

impl Links {
    fn fill(&mut self, features: &Features, row: usize, from: usize) {
        let n = features.len() - from;
        let Links { fresh_defined_used, fresh_defined_twice, all, scratch } = self;
        let zero = |column: &mut Vec<f32>| {
            column.clear();
            column.resize(n, 0.0);
        };
        zero(fresh_defined_used);
        zero(fresh_defined_twice);
        zero(all);
        let (defined, used) = (features.defined.row(row), features.used.row(row));
        if defined.is_empty() && used.is_empty() {
            return;
        }
        let (fresh, gone) = (&features.weights.fresh, &features.weights.gone);
        let mut larger = |a: (&[u32], &TermIndex), b: (&[u32], &TermIndex), weights: &[f32], out: &mut [f32]| {
            zero(scratch);
            a.1.add_shared(a.0, weights, from, out);
            b.1.add_shared(b.0, weights, from, scratch);
            out.iter_mut().zip(scratch.iter()).for_each(|(out, &other)| *out = out.max(other));
        };
        larger((defined, &features.used), (used, &features.defined), gone, all);
        larger((defined, &features.used), (used, &features.defined), fresh, fresh_defined_used);
        features.defined.add_shared(defined, fresh, from, fresh_defined_twice);
        features.defined.add_shared(defined, gone, from, all);
        features.used.add_shared(used, fresh, from, all);
        features.used.add_shared(used, gone, from, all);
        for ((all, &used), &twice) in all.iter_mut().zip(fresh_defined_used.iter()).zip(fresh_defined_twice.iter()) {
            *all += used + twice;
        }
    }
}

/// Room for the work on one row.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    links: Links,
    other: Vec<f32>,
}

impl Features {
    /// Finds each unit's strongest ties, and what pairs of files share at most.
    pub(super) fn find_strongest(&mut self) {
        let (n, k) = (self.len(), self.files.len());
        let mut strongest = Strongest { link: vec![0.0; n], rule: vec![0.0; n], words: vec![0.0; n], subwords: vec![0.0; n] };
        let mut links: Vec<FixedBitSet> = vec![FixedBitSet::with_capacity(n); n];
        let (mut file_fresh, mut file_changed) = (vec![0f32; k * k], vec![0f32; k * k]);
        let (mut linked, mut across) = (0f64, 0f64);
        let mut scratch = Scratch::default();
        let mut column = vec![0f32; n];
        for i in 0..n {
            links[i].insert(i);
            let (mine, from) = (&self.rows[i], i + 1);
            let is_path = mine.hunk_type == HunkType::Path;
            scratch.links.fill(self, i, from);
            let values = &mut column[..n - from];
            values.fill(0.0);
            self.changed.index.add_shared(self.changed.index.row(i), &self.weights.old, from, values);
            for (at, (&link, &changed)) in scratch.links.all.iter().zip(values.iter()).enumerate() {
                let (j, other) = (from + at, &self.rows[from + at]);
                let counts = mine.side == other.side || mine.hunk != other.hunk;
                let tie = link + if counts { 0.3 * changed } else { 0.0 };
                strongest.link[i] = strongest.link[i].max(tie);
                strongest.link[j] = strongest.link[j].max(tie);
                let weight = if is_path || other.hunk_type == HunkType::Path { 0.0 } else { f64::from(mine.lines * other.lines) };
                if link > 0.0 {
                    links[i].insert(j);
                    links[j].insert(i);
                    let cell = &mut file_fresh[mine.file * k + other.file];
                    *cell = cell.max(link);
                }
                if mine.file != other.file {
                    across += weight;
                    linked += if link > 0.0 { weight } else { 0.0 };
                }
            }
            self.changed.fill(i, from, values);
            for (at, &like) in values.iter().enumerate() {
                let cell = &mut file_changed[mine.file * k + self.rows[from + at].file];
                *cell = cell.max(like);
            }
            let kinds: [(&dyn Likeness, &mut Vec<f32>); 3] = [
                (&self.added, &mut strongest.rule),
                (&self.words, &mut strongest.words),
                (&self.subwords, &mut strongest.subwords),
            ];
            for (cosines, best) in kinds {
                cosines.fill(i, from, values);
                for (at, &like) in values.iter().enumerate() {
                    best[i] = best[i].max(like);
                    best[from + at] = best[from + at].max(like);
                }
            }
        }
        self.ln_links = links.iter().map(|set| count(set.count_ones(..)).ln()).collect();
        self.link_norms = links.iter().map(|set| count(set.count_ones(..)).sqrt()).collect();
        #[expect(clippy::cast_possible_truncation, reason = "features are f32")]
        {
            self.whole[F::WholeLinks as usize] = (linked / across.max(1e-9)) as f32;
        }
        (self.strongest, self.links, self.file_fresh, self.file_changed) = (strongest, links, file_fresh, file_changed);
    }

    /// Compares a file with itself and all later ones.
    pub(super) fn file_pairs(&self, file: usize, known: &CoChange, pairs: &mut FilePairs) {
        let n = self.files.len() - file;
        let FilePairs { path_common, words, rule, subwords, moved, names, co_change } = pairs;
        for (cosines, out) in
            [(&self.file_words, words), (&self.file_rule, rule), (&self.file_subwords, subwords), (&self.file_names, names)]
        {
            out.resize(n, 0.0);
            cosines.fill(file, file, out);
        }
        let mine = &self.files[file].folders;
        path_common.clear();
        path_common.extend(self.files[file..].iter().map(|other| {
            let equal = mine.iter().zip(&other.folders).take_while(|(a, b)| a == b).count();
            count(equal) / count(mine.len().max(other.folders.len()))
        }));
        let mine = &self.files[file];
        co_change.clear();
        co_change.extend((file..self.files.len()).map(|at| match at == file {
            true => known.one(mine.place),
            false => known.pair(mine.place, self.files[at].place, (mine.kind as usize, self.files[at].kind as usize)),
        }));
        let ones = &self.weights.lines;
        let (mut gained, mut lost) = (vec![0f32; n], vec![0f32; n]);
        let (gains, losses) = (self.file_gains.row(file), self.file_losses.row(file));
        self.file_losses.add_shared(gains, ones, file, &mut gained);
        self.file_gains.add_shared(losses, ones, file, &mut lost);
        moved.clear();
        moved.extend((0..n).map(|at| {
            let (other_gains, other_losses) = (self.file_gains.row(file + at), self.file_losses.row(file + at));
            let share = |shared: f32, a: &[u32], b: &[u32]| shared / count(a.len().max(b.len()).max(1));
            share(gained[at], gains, other_losses).max(share(lost[at], losses, other_gains))
        }));
    }

    /// Fills the columns that speak of symbols.
    fn fill_typed(&self, i: usize, other: &mut [f32], columns: &mut Columns) {
        let (from, len, typed) = (i + 1, other.len(), &self.typed);
        for (a, b, weights, feature) in [
            (&typed.defines, &typed.gains, &typed.rarity, F::TypedDefinedUsed),
            (&typed.defines, &typed.gains, &typed.share, F::TypedOnly),
            (&typed.gains, &typed.gains, &typed.rarity, F::TypedGains),
            (&typed.drops, &typed.loses, &typed.rarity, F::TypedDropped),
            (&typed.gains, &typed.loses, &typed.rarity, F::TypedSwapped),
            (&typed.either, &typed.either, &typed.rarity, F::TypedBothDefine),
        ] {
            let out = &mut columns[feature as usize][..len];
            b.add_shared(a.row(i), weights, from, out);
            if !std::ptr::eq(a, b) {
                other.fill(0.0);
                a.add_shared(b.row(i), weights, from, other);
                out.iter_mut().zip(other.iter()).for_each(|(out, &other)| *out = out.max(other));
            }
            if feature != F::TypedOnly {
                out.iter_mut().filter(|value| **value > 0.0).for_each(|value| *value = value.ln_1p());
            }
        }
    }

    /// Fills the columns with the facts about unit `i` and each later one.
    pub(super) fn fill(&self, i: usize, pairs: &FilePairs, scratch: &mut Scratch, columns: &mut Columns) {
        let (n, from, k) = (self.len(), i + 1, self.files.len());
        let len = n - from;
        let mine = &self.rows[i];
        for column in columns.iter_mut() {
            column[..len].fill(0.0);
        }
        scratch.links.fill(self, i, from);
        let links = &scratch.links;
        let column = &mut scratch.other;
        column.resize(n, 0.0);

        for (index, row, weights, feature) in [
            (&self.ids.index, i, &self.weights.fresh_rare, F::FreshRare),
            (&self.changed.index, i, &self.weights.old_rare, F::ChangedRare),
            (&self.calls, i, &self.ids.weights, F::Calls),
        ] {
            let out = &mut columns[feature as usize][..len];
            index.add_shared(index.row(row), weights, from, out);
            out.iter_mut().filter(|value| **value > 0.0).for_each(|value| *value = value.ln_1p());
        }
        let kinds: [(&dyn Likeness, F); 11] = [
            (&self.ids, F::CosIdentifiers),
            (&self.added, F::RuleAdded),
            (&self.removed, F::RuleRemoved),
            (&self.grams, F::Grams),
            (&self.words, F::CosWords),
            (&self.subwords, F::CosSubwords),
            (&self.fresh_subwords, F::CosFresh),
            (&self.rewrites, F::Rewrites),
            (&self.templates, F::Templates),
            (&self.shapes, F::Shapes),
            (&self.literals, F::Literals),
        ];
        for (cosines, feature) in kinds {
            cosines.fill(i, from, &mut columns[feature as usize][..len]);
        }
        self.fill_typed(i, &mut column[..len], columns);
        let old = &mut column[..len];
        old.fill(0.0);
        self.changed.index.add_shared(self.changed.index.row(i), &self.weights.old, from, old);
        let equal = &mut columns[F::Moved as usize];
        self.lines.add_shared(self.lines.row(i), &self.weights.lines, from, &mut equal[..len]);

        let path_words = &self.file_names;
        let mut in_path = vec![0f32; k];
        path_words.index.add_shared(self.subwords.index.row(i), &path_words.weights, 0, &mut in_path);
        let mut path_in = vec![0f32; len];
        self.subwords.index.add_shared(path_words.index.row(mine.file), &path_words.weights, from, &mut path_in);
        let tied = mine.knot.and_then(|knot| self.tied.get(&knot));
        for at in 0..len {
            let j = from + at;
            let other = &self.rows[j];
            let mut set = |feature: F, value: f32| columns[feature as usize][at] = value;
            let mut flag = |feature: F, is: bool| set(feature, if is { 1.0 } else { 0.0 });
            let same_file = mine.file == other.file;
            let same_hunk = mine.hunk == other.hunk;
            let opposite = mine.side != other.side;
            flag(F::SameFile, same_file);
            flag(F::SameHunk, same_hunk);
            flag(F::SameWide, mine.wide == other.wide && !same_hunk);
            let same_item = mine.item.is_some() && mine.item == other.item;
            flag(F::SameItem, same_item && same_file && !same_hunk);
            flag(F::SameItemName, same_item && !same_file);
            flag(F::OppositeSides, opposite);
            flag(F::SameHunkType, mine.hunk_type == other.hunk_type);
            let types = (mine.hunk_type, other.hunk_type);
            flag(F::BothAdd, types == (HunkType::Adds, HunkType::Adds));
            flag(F::BothRemove, types == (HunkType::Removes, HunkType::Removes));
            flag(F::BothReplace, types == (HunkType::Replaces, HunkType::Replaces));
            flag(F::AddAndRemove, matches!(types, (HunkType::Adds, HunkType::Removes) | (HunkType::Removes, HunkType::Adds)));
            let mut kinds = |kind: FileClass, both: Option<F>, one: Option<F>| {
                let is = (mine.kind == kind, other.kind == kind);
                both.into_iter().for_each(|feature| flag(feature, is.0 && is.1));
                one.into_iter().for_each(|feature| flag(feature, is.0 != is.1));
            };
            kinds(FileClass::Code, Some(F::BothCode), None);
            kinds(FileClass::Header, Some(F::BothHeader), Some(F::OneHeader));
            kinds(FileClass::Document, None, Some(F::OneDocument));
            kinds(FileClass::Test, Some(F::BothTest), Some(F::OneTest));
            kinds(FileClass::Build, None, Some(F::OneBuild));
            flag(F::OneComment, mine.is_comment != other.is_comment);
            flag(F::BothSpace, mine.is_space && other.is_space);
            let new = (mine.fate == Fate::New, other.fate == Fate::New);
            flag(F::BothNewFile, new.0 && new.1);
            flag(F::OneNewFile, new.0 != new.1);
            let gone = (mine.fate == Fate::Deleted, other.fate == Fate::Deleted);
            flag(F::BothDeletedFile, gone.0 && gone.1);
            flag(F::OneDeletedFile, gone.0 != gone.1);
            flag(F::NoLink, !mine.has_fresh || !other.has_fresh);
            flag(F::OneFreshItem, mine.in_fresh_item != other.in_fresh_item);
            flag(F::SameKnot, mine.knot.is_some() && mine.knot == other.knot);
            flag(F::Tied, tied.is_some_and(|tied| other.knot.is_some_and(|knot| tied.contains(&knot))));
            let is_route = mine.moved > 0.5 && other.moved > 0.5 && mine.route.is_some();
            let same_way = mine.file == other.file && mine.side == other.side && mine.route == other.route;
            let way_back = Some(mine.file) == other.route && mine.route == Some(other.file);
            flag(F::SameRoute, is_route && (same_way || way_back));
            let mut range = |least: F, most: F, a: f32, b: f32| {
                set(least, a.min(b));
                set(most, a.max(b));
            };
            range(F::ClassMin, F::ClassMax, f32::from(mine.class as u8), f32::from(other.class as u8));
            range(F::MovedMin, F::MovedMax, mine.moved, other.moved);
            range(F::DefinesMin, F::DefinesMax, mine.ln_defines, other.ln_defines);
            range(F::GainsMin, F::GainsMax, mine.ln_gains, other.ln_gains);
            range(F::LinksMin, F::LinksMax, self.ln_links[i], self.ln_links[j]);
            let (my_file, other_file) = (&self.files[mine.file], &self.files[other.file]);
            range(F::LinesMin, F::LinesMax, mine.ln_lines, other.ln_lines);
            range(F::FileLinesMin, F::FileLinesMax, my_file.ln_lines, other_file.ln_lines);
            range(F::FileUnitsMin, F::FileUnitsMax, my_file.ln_units, other_file.ln_units);
            set(F::DepthGap, (mine.depth - other.depth).abs());
            set(F::DepthMin, mine.depth.min(other.depth));
            let apart = other.file - mine.file;
            let pair = &pairs.co_change[apart];
            for (nth, &value) in pair.iter().enumerate() {
                columns[F::CoChangeTogether as usize + nth][at] = value;
            }
            let mut set = |feature: F, value: f32| columns[feature as usize][at] = value;
            set(F::PathCommon, pairs.path_common[apart]);
            if same_file {
                set(F::Near, 1.0 / (1.0 + (mine.line - other.line).abs().ln_1p()));
                set(F::Next, if at == 0 { 1.0 } else { 0.0 });
                set(F::GapUnits, count(at + 1).ln_1p());
                set(F::SameNewFile, if new.0 { 1.0 } else { 0.0 });
                set(F::SameHeader, if mine.kind == FileClass::Header { 1.0 } else { 0.0 });
                set(F::SameTest, if mine.kind == FileClass::Test { 1.0 } else { 0.0 });
            } else {
                let same = |is: bool| if is { 1.0 } else { 0.0 };
                set(F::SameStem, same(my_file.stem == other_file.stem));
                set(F::SameFolder, same(my_file.folder == other_file.folder));
                set(F::SameSection, same(my_file.section.is_some() && my_file.section == other_file.section));
                set(F::FileFresh, self.file_fresh[mine.file * k + other.file].ln_1p());
                set(F::FileChanged, self.file_changed[mine.file * k + other.file]);
                set(F::FileWords, pairs.words[apart]);
                set(F::FileRule, pairs.rule[apart]);
                set(F::FileSubwords, pairs.subwords[apart]);
                set(F::FileMoved, pairs.moved[apart]);
                set(F::NameLike, pairs.names[apart]);
                set(F::PathWords, in_path[other.file].max(path_in[at]));
                let names = |words: usize, stem: Option<u32>| {
                    stem.is_some_and(|stem| self.words.index.row(words).binary_search(&stem).is_ok())
                };
                set(F::Mention, same(names(i, other.stem_term) || names(j, mine.stem_term)));
            }
            let changed = old[at];
            if changed > 0.0 {
                set(
                    if opposite { F::ChangedOpposite } else { F::ChangedSame },
                    if opposite && same_hunk { 0.0 } else { changed.ln_1p() },
                );
            }
            let tie = links.all[at] + if opposite && same_hunk { 0.0 } else { 0.3 * changed };
            let shares = |tie: f32, best: &[f32]| (tie / (best[i] + 1e-6), tie / (best[j] + 1e-6));
            let share = shares(tie, &self.strongest.link);
            set(F::LinkMax, share.0.max(share.1));
            set(F::LinkMin, share.0.min(share.1));
            let shared =
                if mine.has_fresh && other.has_fresh { count(self.links[i].intersection_count(&self.links[j])) } else { 0.0 };
            set(F::CoLink, shared / (self.link_norms[i] * self.link_norms[j]));
            let equal = columns[F::Moved as usize][at] / mine.n_equal_lines.min(other.n_equal_lines);
            columns[F::Moved as usize][at] = if opposite { equal } else { 0.0 };
            columns[F::Repeated as usize][at] = if opposite { 0.0 } else { equal };
            let (rule, words, subwords) =
                (columns[F::RuleAdded as usize][at], columns[F::CosWords as usize][at], columns[F::CosSubwords as usize][at]);
            let least = |like: f32, best: &[f32]| {
                let share = shares(like, best);
                share.0.min(share.1)
            };
            columns[F::RuleRelative as usize][at] = least(rule, &self.strongest.rule);
            columns[F::WordsRelative as usize][at] = least(words, &self.strongest.words);
            columns[F::SubwordsRelative as usize][at] = least(subwords, &self.strongest.subwords);
            columns[F::RuleContext as usize][at] = rule - self.whole[F::WholeRule as usize];
            columns[F::WordsContext as usize][at] = words - self.whole[F::WholeWords as usize];
            columns[F::Rule as usize][at] =
                if types == (HunkType::Replaces, HunkType::Replaces) { rule * columns[F::RuleRemoved as usize][at] } else { 0.0 };
        }
    }
}
