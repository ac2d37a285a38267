//! Everything that the features of pairs are computed from, gathered once for a list of units.
//!
//! Weights of terms, means and maxima are over the list: a part of a change is judged as if it were the whole. Edits of the
//! path have no text and count in no statistic. Cost: the text of the units, and for the strongest tie of each unit one pass
//! over the pairs that share a term.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use bstr::ByteSlice;
use fixedbitset::FixedBitSet;

use super::Context;
use super::feature::{Feature, N_FEATURES};
use super::names::Names;
use super::roles::{self, Class};
use super::text::{self, FileClass};
use super::tfidf::{Cosines, Shared, SharedCosines, TermIndex, Terms, both, count, either, rarity, sorted, without};
use super::units::{Fate, Side, Unit, UnitHunk};

/// A line that stands in more units than this does not show where a unit was moved to.
const MOST_HOLDERS: usize = 20;

/// What kind of hunk a unit is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HunkType {
    Path,
    Adds,
    Removes,
    Replaces,
}

/// One unit's own facts.
#[derive(Debug)]
pub(super) struct UnitRow {
    pub(super) file: usize,
    pub(super) hunk: usize,
    pub(super) wide: usize,
    pub(super) side: Side,
    pub(super) hunk_type: HunkType,
    pub(super) fate: Fate,
    pub(super) kind: FileClass,
    pub(super) line: f32,
    pub(super) lines: f32,
    pub(super) ln_lines: f32,
    /// Number of its item's name; `None` outside items.
    pub(super) item: Option<u32>,
    pub(super) is_comment: bool,
    pub(super) is_space: bool,
    pub(super) has_fresh: bool,
    pub(super) n_equal_lines: f32,
    pub(super) stem_term: Option<u32>,
    pub(super) class: Class,
    pub(super) is_rewrite: bool,
    pub(super) knot: Option<usize>,
    pub(super) depth: f32,
    /// The share of its lines that stand somewhere on the other side of the change.
    pub(super) moved: f32,
    /// The file in which most of those lines stand.
    pub(super) route: Option<usize>,
    pub(super) in_fresh_item: bool,
    pub(super) ln_defines: f32,
    pub(super) ln_gains: f32,
}

/// One file's facts.
#[derive(Debug)]
pub(super) struct FileRow {
    /// Its place among the files of the change.
    pub(super) place: usize,
    pub(super) kind: FileClass,
    pub(super) folders: Vec<Vec<u8>>,
    pub(super) folder: u32,
    pub(super) stem: u32,
    pub(super) section: Option<u32>,
    pub(super) ln_lines: f32,
    pub(super) ln_units: f32,
}

/// For each unit, how strong its strongest tie to another unit is, for four kinds of tie.
#[derive(Debug, Default)]
pub(super) struct Strongest {
    pub(super) link: Vec<f32>,
    pub(super) rule: Vec<f32>,
    pub(super) words: Vec<f32>,
    pub(super) subwords: Vec<f32>,
}

/// The weight of a term that two units share, by what happens to the term in the change; 0 where it does not count.
#[derive(Debug)]
pub(super) struct Weights {
    /// Names that come.
    pub(super) fresh: Vec<f32>,
    /// Names that go.
    pub(super) gone: Vec<f32>,
    /// Names that stay.
    pub(super) old: Vec<f32>,
    /// Names that come, one over the number of other units that hold them.
    pub(super) fresh_rare: Vec<f32>,
    /// Names that stay, likewise.
    pub(super) old_rare: Vec<f32>,
    /// Lines: all alike.
    pub(super) lines: Vec<f32>,
}

#[derive(Debug)]
pub(super) struct Features {
    pub(super) rows: Vec<UnitRow>,
    pub(super) files: Vec<FileRow>,

    pub(super) ids: Cosines,
    pub(super) weights: Weights,
    /// Names that only one side of the change has, by the units that define and that use them.
    pub(super) defined: TermIndex,
    pub(super) used: TermIndex,
    pub(super) changed: Cosines,
    pub(super) calls: TermIndex,
    pub(super) lines: TermIndex,
    pub(super) added: SharedCosines,
    pub(super) removed: SharedCosines,
    pub(super) grams: Cosines,
    pub(super) words: Cosines,
    pub(super) subwords: Cosines,
    pub(super) fresh_subwords: Cosines,

    pub(super) rewrites: SharedCosines,
    pub(super) templates: SharedCosines,
    pub(super) shapes: Cosines,
    pub(super) literals: Cosines,
    pub(super) typed: Typed,

    pub(super) file_words: Cosines,
    pub(super) file_rule: Cosines,
    pub(super) file_subwords: Cosines,
    pub(super) file_names: Cosines,
    pub(super) file_gains: TermIndex,
    pub(super) file_losses: TermIndex,

    pub(super) strongest: Strongest,
    pub(super) links: Vec<FixedBitSet>,
    pub(super) link_norms: Vec<f32>,
    pub(super) ln_links: Vec<f32>,
    /// For each knot, the knots that must come right before or right after it.
    pub(super) tied: BTreeMap<usize, BTreeSet<usize>>,
    /// For each pair of files, at `a * n_files + b`.
    pub(super) file_fresh: Vec<f32>,
    pub(super) file_changed: Vec<f32>,
    pub(super) whole: [f32; N_FEATURES],
}

/// The symbols of the units, by what each unit does with them.
#[derive(Debug, Default)]
pub(super) struct Typed {
    pub(super) defines: TermIndex,
    pub(super) drops: TermIndex,
    pub(super) gains: TermIndex,
    pub(super) loses: TermIndex,
    pub(super) either: TermIndex,
    /// How rare a symbol is.
    pub(super) rarity: Vec<f32>,
    /// One over the number of units that gain a use of it.
    pub(super) share: Vec<f32>,
}

/// The text of a hunk, digested once for all its units.
struct HunkTerms {
    added: Vec<u32>,
    removed: Vec<u32>,
    /// Those in either.
    changed: Vec<u32>,
    is_space: bool,
    hunk_type: HunkType,
    rewrites: roles::Rewrites,
}

/// What the units of a hunk share.
#[derive(Default)]
struct Hunks {
    added: Shared,
    removed: Shared,
    rewrites: Shared,
    templates: Shared,
}

impl Hunks {
    fn all(&mut self) -> impl Iterator<Item = &mut Shared> {
        [&mut self.added, &mut self.removed, &mut self.rewrites, &mut self.templates].into_iter()
    }
}

/// The sets of terms of one unit.
#[derive(Default)]
struct Sets {
    ids: Vec<u32>,
    defined: Vec<u32>,
    changed: Vec<u32>,
    calls: Vec<u32>,
    words: Vec<u32>,
    grams: Vec<u32>,
    lines: Vec<u32>,
    subwords: Vec<u32>,
    fresh_subwords: Vec<u32>,
    shapes: Vec<u32>,
    literals: Vec<u32>,
    roles: roles::Roles,
}

impl Features {
    /// Gathers the facts of units that stand in the order of [`super::units()`]. `context` is what is known
    /// beside their text.
    pub(super) fn of(units: &[&Unit<'_>], hunks: &[UnitHunk<'_>], names: &Names<'_>, context: &Context<'_>) -> Self {
        let mut terms = Terms::default();
        let mut equal_lines = Terms::default();
        let mut numbers = Terms::default();
        let mut grams: HashMap<(u32, u32), u32> = HashMap::new();
        let mut hunk_terms: HashMap<usize, HunkTerms> = HashMap::new();
        let (mut rows, mut files): (Vec<UnitRow>, Vec<FileRow>) = (Vec::new(), Vec::new());
        let mut all = Vec::new();
        let (mut last_file, mut last_run) = (None, None);
        let mut by_hunk = Hunks::default();
        for unit in units {
            if last_file != Some(unit.file_id) {
                last_file = Some(unit.file_id);
                let folder = text::folder(unit.path);
                files.push(FileRow {
                    place: unit.file_id.idx(),
                    kind: text::file_class(unit.path),
                    folders: folder.split(|&byte| byte == b'/').map(<[u8]>::to_vec).collect(),
                    folder: numbers.number(folder),
                    stem: numbers.number(text::stem(unit.path)),
                    section: context.sections.get(unit.file_id.idx()).copied().flatten(),
                    ln_lines: 0.0,
                    ln_units: 0.0,
                });
            }
            let hunk = hunk_terms.entry(unit.hunk).or_insert_with(|| digest(&hunks[unit.hunk], unit, &mut terms));
            // What a unit has from its hunk it shares with the units beside it.
            let run = (unit.hunk, unit.is_path, unit.file_id);
            if last_run != Some(run) {
                last_run = Some(run);
                let own = |set: &Vec<u32>| if unit.is_path { Vec::new() } else { set.clone() };
                let Hunks { added, removed, rewrites, templates } = &mut by_hunk;
                added.sets.push(own(&hunk.added));
                removed.sets.push(own(&hunk.removed));
                rewrites.sets.push(own(&hunk.rewrites.exact));
                templates.sets.push(own(&hunk.rewrites.templates));
            }
            by_hunk.all().for_each(|shared| shared.of_row.push(shared.sets.len() - 1));
            let mut sets = sets(unit, hunk, names, &mut terms, &mut equal_lines, &mut grams);
            sets.roles = roles::roles(context.facts, unit.edit_id, unit.side);
            let is_comment = text::is_c(unit.path) && !unit.is_path && text::is_comment(unit.text);
            let knot = context.ties.knot(unit.edit_id);
            let stem = text::stem(unit.path);
            let lines = count(unit.n_lines as usize);
            rows.push(UnitRow {
                file: files.len() - 1,
                hunk: unit.hunk,
                wide: hunks[unit.hunk].wide,
                side: unit.side,
                hunk_type: hunk.hunk_type,
                fate: unit.fate,
                kind: text::file_class(unit.path),
                line: count(unit.line),
                lines,
                ln_lines: lines.ln(),
                item: unit.item.map(|item| numbers.number(item)),
                is_comment,
                is_space: hunk.is_space,
                has_fresh: false,
                n_equal_lines: count(sets.lines.len()).max(1.0),
                stem_term: (stem.len() > 2).then(|| terms.number(stem)),
                class: roles::class(unit, &sets.roles, is_comment, hunk.is_space, hunk.rewrites.is_pure),
                is_rewrite: hunk.rewrites.is_pure,
                knot,
                depth: knot.and_then(|knot| context.ties.depth.get(knot)).map_or(0.0, |&depth| count(depth)),
                moved: 0.0,
                route: None,
                in_fresh_item: roles::is_fresh_item(unit.item, names),
                ln_defines: count(sets.roles.defines.len() + sets.roles.drops.len()).ln_1p(),
                ln_gains: count(sets.roles.gains.len() + sets.roles.loses.len()).ln_1p(),
            });
            all.push(sets);
        }
        let file_names: Vec<Vec<u32>> =
            units.chunk_by(|a, b| a.file_id == b.file_id).map(|units| path_terms(units[0], &mut terms)).collect();
        let n_grams = grams.len();
        let mut features = Self::index(rows, files, terms, equal_lines, n_grams, all, by_hunk, file_names, names);
        for &(a, b) in &context.ties.before {
            features.tied.entry(a).or_default().insert(b);
            features.tied.entry(b).or_default().insert(a);
        }
        features.find_moved();
        features.find_strongest();
        features.facts_of_whole(context);
        features
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one value on their way into it")]
    fn index(
        mut rows: Vec<UnitRow>,
        mut files: Vec<FileRow>,
        terms: Terms,
        equal_lines: Terms,
        n_grams: usize,
        all: Vec<Sets>,
        Hunks { added, removed, rewrites, templates }: Hunks,
        file_names: Vec<Vec<u32>>,
        names: &Names<'_>,
    ) -> Self {
        let n_terms = terms.len();
        let counted = rows.iter().filter(|row| row.hunk_type != HunkType::Path).count();
        let texts = terms.texts();
        let (fresh, gone): (Vec<bool>, Vec<bool>) = texts.iter().map(|text| (names.is_fresh(text), names.is_gone(text))).unzip();
        let index = |pick: fn(&Sets) -> &Vec<u32>, n_terms| {
            let sets: Vec<Vec<u32>> = all.iter().map(|sets| pick(sets).clone()).collect();
            TermIndex::of(&sets, n_terms)
        };
        let cosines = |pick: fn(&Sets) -> &Vec<u32>, n_terms| {
            let index = index(pick, n_terms);
            let weights = rarity(&index.counts(), counted, 0.3);
            Cosines::weighted(index, weights)
        };
        let per_file = |pick: fn(&Sets) -> &Vec<u32>, keep: fn(&UnitRow) -> bool| -> Vec<Vec<u32>> {
            let mut sets = vec![Vec::new(); files.len()];
            for (row, unit) in rows.iter().zip(&all) {
                if keep(row) {
                    sets[row.file].extend_from_slice(pick(unit));
                }
            }
            sets.into_iter().map(sorted).collect()
        };
        let file_cosines = |pick: fn(&Sets) -> &Vec<u32>, like: &Cosines| {
            Cosines::weighted(TermIndex::of(&per_file(pick, |_| true), n_terms), like.weights.clone())
        };
        let id_index = index(|sets| &sets.ids, n_terms);
        let counts = id_index.counts();
        let weights = rarity(&counts, counted, 0.1);
        let rare: Vec<f32> = counts.iter().map(|&with| 1.0 / (with - 1.0).max(1.0)).collect();
        let moving = |term: &u32| fresh[*term as usize] || gone[*term as usize];
        let (mut defined, mut used) = (Vec::new(), Vec::new());
        for sets in &all {
            defined.push(sets.defined.iter().copied().filter(moving).collect::<Vec<_>>());
            used.push(without(&sets.ids, &sets.defined).into_iter().filter(moving).collect::<Vec<_>>());
        }
        let typed = Typed::of(&all, counted);
        let words = cosines(|sets| &sets.words, n_terms);
        let mut file_added = vec![Vec::new(); files.len()];
        let mut last = None;
        for (row, &at) in rows.iter().zip(&added.of_row).filter(|(_, at)| last.replace(**at) != Some(**at)) {
            file_added[row.file].extend_from_slice(&added.sets[at]);
        }
        let file_added: Vec<Vec<u32>> = file_added.into_iter().map(sorted).collect();
        let added = SharedCosines::of(added, n_terms, counted);
        let subwords = cosines(|sets| &sets.subwords, n_terms);
        let (file_words, file_rule, file_subwords) = (
            file_cosines(|sets| &sets.words, &words),
            Cosines::weighted(TermIndex::of(&file_added, n_terms), added.cosines.weights.clone()),
            file_cosines(|sets| &sets.subwords, &subwords),
        );
        let file_gains = TermIndex::of(&per_file(|sets| &sets.lines, |row| row.side == Side::Inserted), equal_lines.len());
        let file_losses = TermIndex::of(&per_file(|sets| &sets.lines, |row| row.side == Side::Removed), equal_lines.len());
        let mut file_units = vec![0f32; files.len()];
        let mut file_lines = vec![0f32; files.len()];
        for row in rows.iter().filter(|row| row.hunk_type != HunkType::Path) {
            file_units[row.file] += 1.0;
            file_lines[row.file] += row.lines;
        }
        // how common a part of a name is counts in units, as for all other terms
        let mut name_counts = vec![0f32; n_terms];
        for (set, &units) in file_names.iter().zip(&file_units) {
            set.iter().for_each(|&term| name_counts[term as usize] += units);
        }
        let name_weights = rarity(&name_counts, counted, 0.3);

        for (row, sets) in rows.iter_mut().zip(&all) {
            row.has_fresh = sets.ids.iter().any(moving);
        }
        for (idx, file) in files.iter_mut().enumerate() {
            file.ln_lines = file_lines[idx].max(1.0).ln();
            file.ln_units = file_units[idx].max(1.0).ln();
        }
        Features {
            weights: Weights {
                fresh: only(&weights, |term| fresh[term]),
                gone: only(&weights, |term| gone[term]),
                old: only(&weights, |term| !fresh[term] && !gone[term]),
                fresh_rare: only(&rare, |term| fresh[term]),
                old_rare: only(&rare, |term| !fresh[term] && !gone[term]),
                lines: vec![1.0; equal_lines.len()],
            },
            ids: Cosines::weighted(id_index, weights.clone()),
            defined: TermIndex::of(&defined, n_terms),
            used: TermIndex::of(&used, n_terms),
            changed: Cosines::weighted(index(|sets| &sets.changed, n_terms), weights),
            calls: index(|sets| &sets.calls, n_terms),
            lines: index(|sets| &sets.lines, equal_lines.len()),
            removed: SharedCosines::of(removed, n_terms, counted),
            grams: cosines(|sets| &sets.grams, n_grams),
            fresh_subwords: cosines(|sets| &sets.fresh_subwords, n_terms),
            file_names: Cosines::weighted(TermIndex::of(&file_names, n_terms), name_weights),
            rewrites: SharedCosines::of(rewrites, n_terms, counted),
            templates: SharedCosines::of(templates, n_terms, counted),
            shapes: cosines(|sets| &sets.shapes, n_terms),
            literals: cosines(|sets| &sets.literals, n_terms),
            typed,
            words,
            added,
            subwords,
            file_words,
            file_rule,
            file_subwords,
            file_gains,
            file_losses,
            rows,
            files,
            strongest: Strongest::default(),
            links: Vec::new(),
            link_norms: Vec::new(),
            ln_links: Vec::new(),
            tied: BTreeMap::new(),
            file_fresh: Vec::new(),
            file_changed: Vec::new(),
            whole: [0.0; N_FEATURES],
        }
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Finds which units are moved, and between which files.
    fn find_moved(&mut self) {
        for at in 0..self.rows.len() {
            let (side, lines) = (self.rows[at].side, self.lines.row(at));
            let mut files: BTreeMap<usize, usize> = BTreeMap::new();
            let mut moved = 0;
            for &line in lines {
                let holders = self.lines.holders(line).iter().map(|&row| &self.rows[row as usize]);
                let found: Vec<usize> = holders.take(MOST_HOLDERS).filter(|row| row.side != side).map(|row| row.file).collect();
                moved += usize::from(!found.is_empty());
                sorted(found).into_iter().for_each(|file| *files.entry(file).or_default() += 1);
            }
            let row = &mut self.rows[at];
            row.moved = count(moved) / row.n_equal_lines;
            row.route = files.into_iter().max_by_key(|&(file, n)| (n, Reverse(file))).map(|(file, _)| file);
        }
    }

    fn facts_of_whole(&mut self, context: &Context<'_>) {
        let counted: Vec<&UnitRow> = self.rows.iter().filter(|row| row.hunk_type != HunkType::Path).collect();
        let lines = counted.iter().map(|row| row.lines).sum::<f32>().max(1.0);
        let share =
            |keep: &dyn Fn(&UnitRow) -> bool| counted.iter().filter(|row| keep(row)).map(|row| row.lines).sum::<f32>() / lines;
        let distinct = |key: &dyn Fn(&FileRow) -> u32| count(sorted(self.files.iter().map(key).collect()).len()).max(1.0).ln();
        // units outside items count one each
        let items = sorted(counted.iter().filter_map(|row| row.item.map(|item| (row.file, item))).collect()).len()
            + counted.iter().filter(|row| row.item.is_none()).count();
        let weights: Vec<f32> =
            self.rows.iter().map(|row| if row.hunk_type == HunkType::Path { 0.0 } else { row.lines }).collect();
        let files: Vec<u32> = self.rows.iter().map(|row| u32::try_from(row.file).unwrap_or(u32::MAX)).collect();
        let largest = self.files.iter().map(|file| file.ln_lines).fold(0.0, f32::max).exp();
        #[expect(clippy::cast_possible_truncation, reason = "features are f32")]
        let mean = |value: f64| value as f32;
        let knots: BTreeSet<usize> = self.rows.iter().filter_map(|row| row.knot).collect();
        let breadth = context.co_change.breadth();
        let n_knots = count(knots.len());
        let n_ties = count(context.ties.before.iter().filter(|(a, b)| knots.contains(a) && knots.contains(b)).count());
        let facts = [
            (Feature::WholeUnits, count(counted.len()).max(1.0).ln()),
            (Feature::WholeLines, lines.ln()),
            (Feature::WholeFiles, count(self.files.len()).max(1.0).ln()),
            (Feature::WholeFolders, distinct(&|file| file.folder)),
            (Feature::WholeNew, share(&|row| row.fate == Fate::New)),
            (Feature::WholeReplaced, share(&|row| row.hunk_type == HunkType::Replaces)),
            (Feature::WholeRule, mean(self.added.mean_across(&weights, &files))),
            (Feature::WholeWords, mean(self.words.mean_across(&weights, &files))),
            (Feature::WholeLargest, largest / lines),
            (Feature::WholeStems, distinct(&|file| file.stem)),
            (Feature::WholeItems, count(items).max(1.0).ln()),
            (Feature::WholeHeaders, share(&|row| row.kind == FileClass::Header)),
            (Feature::WholeTests, share(&|row| row.kind == FileClass::Test)),
            (Feature::WholeDocuments, share(&|row| row.kind == FileClass::Document)),
            (
                Feature::WholeSections,
                count(sorted(self.files.iter().filter_map(|file| file.section).collect()).len()).max(1.0).ln(),
            ),
            (Feature::WholeMoved, counted.iter().map(|row| row.lines * row.moved).sum::<f32>() / lines),
            (Feature::WholeKnots, n_knots.max(1.0).ln()),
            (Feature::WholeTies, n_ties / n_knots.max(1.0)),
            (Feature::WholeDepth, self.rows.iter().map(|row| row.depth).fold(0.0, f32::max)),
            (Feature::WholeRewrites, share(&|row| row.is_rewrite)),
            (Feature::WholeDefines, self.rows.iter().map(|row| row.ln_defines.exp() - 1.0).sum::<f32>().ln_1p()),
            (Feature::WholeTemplates, mean(self.templates.mean_across(&weights, &files))),
            (Feature::WholeBreadth, breadth[0]),
            (Feature::WholeBreadthAll, breadth[1]),
            (Feature::WholeTouched, breadth[2]),
            (Feature::WholeTestCoChange, context.co_change.share(FileClass::Test as usize, FileClass::Code as usize)),
            (Feature::WholeDocumentCoChange, context.co_change.share(FileClass::Document as usize, FileClass::Code as usize)),
            (Feature::WholeHeaderCoChange, context.co_change.share(FileClass::Header as usize, FileClass::Code as usize)),
            (Feature::WholeUnit, counted.iter().map(|row| row.lines).fold(0.0, f32::max) / lines),
        ];
        for (feature, value) in facts {
            self.whole[feature as usize] = value;
        }
    }
}

fn only(weights: &[f32], keep: impl Fn(usize) -> bool) -> Vec<f32> {
    weights.iter().enumerate().map(|(term, &weight)| if keep(term) { weight } else { 0.0 }).collect()
}

fn digest(hunk: &UnitHunk<'_>, unit: &Unit<'_>, terms: &mut Terms) -> HunkTerms {
    let mut terms_of = |text: &[u8]| {
        let mut terms_of: Vec<u32> = text::tokens(text).map(|token| terms.number(token)).collect();
        terms_of.sort_unstable();
        terms_of
    };
    let (old, new) = (terms_of(hunk.removed), terms_of(hunk.inserted));
    let (added, removed) = (more(&new, &old), more(&old, &new));
    let is_space = !unit.is_path && added.is_empty() && removed.is_empty();
    let hunk_type = match (hunk.removed.is_empty(), hunk.inserted.is_empty()) {
        _ if unit.is_path => HunkType::Path,
        (true, _) => HunkType::Adds,
        (_, true) => HunkType::Removes,
        _ => HunkType::Replaces,
    };
    let changed = either(&added, &removed);
    let rewrites = if unit.is_path { roles::Rewrites::default() } else { roles::rewrites(hunk, terms) };
    HunkTerms { added, removed, changed, is_space, hunk_type, rewrites }
}

/// Returns the terms that the first sorted list holds more often than the second.
fn more(a: &[u32], b: &[u32]) -> Vec<u32> {
    let times = |terms_of: &[u32], term: u32| {
        terms_of.partition_point(|&other| other <= term) - terms_of.partition_point(|&other| other < term)
    };
    let mut terms = a.to_vec();
    terms.dedup();
    terms.retain(|&term| times(a, term) > times(b, term));
    terms
}

fn sets(
    unit: &Unit<'_>,
    hunk: &HunkTerms,
    names: &Names<'_>,
    terms: &mut Terms,
    equal_lines: &mut Terms,
    grams: &mut HashMap<(u32, u32), u32>,
) -> Sets {
    if unit.is_path {
        return Sets::default();
    }
    let is_c = text::is_c(unit.path);
    let bare = if is_c { text::without_noise(unit.text) } else { unit.text.into() };
    let ids = terms.set(text::identifiers(&bare));
    let defined = if is_c { both(&terms.set(text::defined(unit.text, unit.path)), &ids) } else { Vec::new() };
    let changed = both(&ids, &hunk.changed);
    let calls = both(&terms.set(text::calls(&bare)), &changed);
    let tokens: Vec<u32> = text::tokens(&bare).map(|token| terms.number(token)).collect();
    let pairs = tokens.windows(2).map(|pair| {
        let next = u32::try_from(grams.len()).expect("fewer pairs of tokens than 2^32");
        *grams.entry((pair[0], pair[1])).or_insert(next)
    });
    let grams = sorted(pairs.collect());
    let changed_names: Vec<&[u8]> =
        text::identifiers(&bare).filter(|name| changed.binary_search(&terms.number(name)).is_ok()).collect();
    let mut parts = |names: &[&[u8]]| {
        sorted(names.iter().flat_map(|name| text::subwords(name)).map(|part| terms.number(&part)).collect::<Vec<_>>())
    };
    let subwords = parts(&changed_names);
    let moving: Vec<&[u8]> = text::identifiers(&bare).filter(|name| names.is_fresh(name) || names.is_gone(name)).collect();
    let fresh_subwords = parts(&moving);
    Sets {
        words: terms.set(text::words(unit.text)),
        lines: equal_lines.set(text::lines(unit.text).map(text::trim).filter(|line| line.len() > 7)),
        ids,
        defined,
        changed,
        calls,
        grams,
        subwords,
        fresh_subwords,
        shapes: roles::shapes(unit.text, terms),
        literals: roles::literals(unit.text, terms),
        roles: roles::Roles::default(),
    }
}

impl Typed {
    fn of(all: &[Sets], counted: usize) -> Self {
        let most = |roles: &roles::Roles| {
            [&roles.defines, &roles.drops, &roles.gains, &roles.loses].into_iter().filter_map(|set| set.last().copied()).max()
        };
        let n_symbols = all.iter().filter_map(|sets| most(&sets.roles)).max().map_or(0, |most| most as usize + 1);
        let index = |pick: fn(&roles::Roles) -> Vec<u32>| {
            let sets: Vec<Vec<u32>> = all.iter().map(|sets| pick(&sets.roles)).collect();
            TermIndex::of(&sets, n_symbols)
        };
        let any = index(|roles| either(&either(&roles.defines, &roles.drops), &either(&roles.gains, &roles.loses)));
        let gains = index(|roles| roles.gains.clone());
        Typed {
            defines: index(|roles| roles.defines.clone()),
            drops: index(|roles| roles.drops.clone()),
            loses: index(|roles| roles.loses.clone()),
            either: index(|roles| either(&roles.defines, &roles.drops)),
            rarity: rarity(&any.counts(), counted, 0.1),
            share: gains.counts().iter().map(|&units| 1.0 / units.max(1.0)).collect(),
            gains,
        }
    }
}

fn path_terms(unit: &Unit<'_>, terms: &mut Terms) -> Vec<u32> {
    let folder = text::base_name(text::folder(unit.path));
    let parts = text::subwords(text::base_name(unit.path.as_bytes())).chain(text::subwords(folder));
    sorted(parts.map(|part| terms.number(&part)).collect())
}
