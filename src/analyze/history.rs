//! How people here begin a subject: prefixes (`KVM: s390: `, `mm/memory: `, `net: phy: realtek: `) learned from history.
//!
//! In: subjects and paths of the newest commits without merges, newest first. Out: [`Prefixes`], which gives for a set of paths
//! the prefix that the authors of the commits nearby would write, with their separators and their case.
//!
//! Each commit votes at every level of each of its paths, with a weight that is split over its paths and halves every
//! `HALF_LIFE` commits:
//!
//! ```text
//!   drivers/net/phy/realtek_main.c    the file
//!   drivers/net/phy/realtek_main      its stem: header and source share it
//!   drivers/net/phy                   the folder, and each above it
//! ```
//!
//! At a folder the vote is for a form, in which words that are parts of the path are open: `net: phy: realtek: ` becomes, at
//! `drivers/net`, `net: <first folder below>: <stem up to _>: `. So a file that nobody has touched gets its own name, not its
//! neighbor's. Reading goes from the file outwards: a level with votes worth `n` takes `n / (n + DOUBT)` of what is left, and
//! the rest goes on to the next. Cost: levels of the paths of the commits read; for a question, at most `MAX_ASKED` paths.
//!
//! Measured on U-Boot, Xen, DPDK and git, 3 times 300 commits after 2,000 each: forms and reading on beat the votes of the
//! nearest level alone everywhere; the figures are in the commit that brought this file.

use std::collections::{BTreeMap, HashMap};

use bstr::{BStr, BString, ByteSlice};

/// A commit of the history, from which prefixes are learned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taught<'a> {
    /// The first line of its message.
    pub subject: &'a BStr,
    /// The paths it touches.
    pub paths: Vec<&'a BStr>,
}

/// Fewer commits without a prefix than this say nothing of a project's habits: an import, a first week.
const FEW: usize = 20;

/// What history says about prefixes.
#[derive(Debug, Clone, Default)]
pub struct Prefixes {
    votes: HashMap<BString, BTreeMap<PrefixForm, f64>>,
    n_with: usize,
    n_without: usize,
}

/// A prefix for a subject.
#[derive(Debug, Clone, PartialEq)]
pub struct Prefix {
    /// With its separators and the blank at the end: subject = text + description.
    pub text: BString,
    /// How it was found.
    pub source: PrefixSource,
}

/// How a prefix was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PrefixSource {
    /// From commits nearby. The share of the votes, in `(0, 1]`, says how much they agree.
    History(f64),
    /// From the folders and the name alone.
    Path,
}

/// After so many commits a vote counts half: as good or better than no decay in three of four projects, by up to 2 in 100.
const HALF_LIFE: f64 = 1500.0;
/// Votes that a level needs for half of what is left: 1, 3 and 8 were tried, 3 was best in sum.
const DOUBT: f64 = 3.0;
/// A commit of more paths is a sweep over the tree and says nothing about any of them.
const MAX_TAUGHT: usize = 40;
/// More paths than this are asked by sample: the answer is one prefix for all.
const MAX_ASKED: usize = 200;

impl Prefixes {
    /// Learns from commits, newest first. Reverts, merges, fixups and subjects without a prefix do not vote.
    pub fn learn<'a>(commits: impl IntoIterator<Item = Taught<'a>>) -> Self {
        let mut prefixes = Prefixes::default();
        let mut age = 0.0;
        for commit in commits {
            age += 1.0;
            let prefix = match read(commit.subject) {
                SubjectPrefix::Prefix(prefix) => prefix,
                SubjectPrefix::Nothing => {
                    prefixes.n_without += 1;
                    continue;
                }
                SubjectPrefix::NotCounted => continue,
            };
            prefixes.n_with += 1;
            if commit.paths.len() > MAX_TAUGHT {
                continue;
            }
            let n_paths = u8::try_from(commit.paths.len()).expect("no more than MAX_TAUGHT");
            let weight = 0.5_f64.powf(age / HALF_LIFE) / f64::from(n_paths);
            for path in &commit.paths {
                let names = PathNames::of(path);
                for level in names.levels() {
                    let form = names.form(prefix, level);
                    *prefixes.votes.entry(names.key(level)).or_default().entry(form).or_default() += weight;
                }
            }
        }
        prefixes
    }

    /// Returns the prefix for a patch that touches `paths`; `None` for no paths, and where most subjects here have none.
    pub fn prefix(&self, paths: &[&BStr]) -> Option<Prefix> {
        if paths.is_empty() || self.n_without >= FEW && self.n_with < self.n_without {
            return None;
        }
        let mut scores: BTreeMap<BString, f64> = BTreeMap::new();
        for path in paths.iter().step_by(paths.len().div_ceil(MAX_ASKED)) {
            self.add_votes(path, &mut scores);
        }
        let total: f64 = scores.values().sum();
        // Of equals the first by text stays.
        let best = scores.into_iter().reduce(|best, next| if next.1 > best.1 { next } else { best });
        match best {
            Some((text, score)) => Some(Prefix { text, source: PrefixSource::History(score / total) }),
            None => from_path(paths).map(|text| Prefix { text, source: PrefixSource::Path }),
        }
    }

    /// Adds what the levels of one path say, the nearest first.
    fn add_votes(&self, path: &BStr, scores: &mut BTreeMap<BString, f64>) {
        let names = PathNames::of(path);
        let mut left = 1.0;
        for level in names.levels() {
            let Some(votes) = self.votes.get(&names.key(level)) else { continue };
            let fitting: Vec<_> = votes.iter().filter_map(|(form, votes)| Some((names.filled(form, level)?, *votes))).collect();
            let total: f64 = fitting.iter().map(|(_, votes)| votes).sum();
            if total > 0.0 {
                let taken = left * total / (total + DOUBT);
                for (text, votes) in fitting {
                    *scores.entry(text).or_default() += taken * votes / total;
                }
                left -= taken;
            }
        }
    }
}

/// A prefix with some words open.
type PrefixForm = Vec<FormPiece>;

/// Part of a [`PrefixForm`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum FormPiece {
    Text(BString),
    /// The folder so many steps below the level's folder.
    Folder(usize),
    /// The name of the file up to its first dot.
    Stem,
    /// The stem before its first `-` or `_`, and after.
    Head,
    Tail,
}

/// Where votes are counted for a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    File,
    Stem,
    /// The folder of so many parts; 0 is the top.
    Folder(usize),
}

/// A path in its parts.
struct PathNames<'a> {
    path: &'a BStr,
    folders: Vec<&'a [u8]>,
    stem: &'a [u8],
}

impl<'a> PathNames<'a> {
    fn of(path: &'a BStr) -> Self {
        let mut folders: Vec<&[u8]> = path.split_str("/").collect();
        let name = folders.pop().unwrap_or_default();
        PathNames { path, folders, stem: stem(name) }
    }

    /// From the file outwards. The top counts only for files that stand there: what the whole tree votes for fits nothing below.
    fn levels(&self) -> impl Iterator<Item = Level> + use<> {
        let outermost = usize::from(!self.folders.is_empty());
        [Level::File, Level::Stem].into_iter().chain((outermost..=self.folders.len()).rev().map(Level::Folder))
    }

    fn key(&self, level: Level) -> BString {
        match level {
            Level::File => bstr::concat([b"file ", self.path.as_bytes()]).into(),
            Level::Stem => bstr::concat([b"stem ", bstr::join("/", &self.folders).as_slice(), b"/", self.stem]).into(),
            Level::Folder(n) => bstr::concat([b"folder ", bstr::join("/", &self.folders[..n]).as_slice()]).into(),
        }
    }

    /// The two halves of a stem like `pcie_brcmstb`.
    fn halves(&self) -> Option<(&'a [u8], &'a [u8])> {
        let at = self.stem.find_byteset(b"-_")?;
        Some((&self.stem[..at], &self.stem[at + 1..]))
    }

    /// Opens the words of a prefix that are parts of the path below the level's folder. The stem goes before a folder of its
    /// name, a lower folder before a higher, whole names before halves.
    fn form(&self, prefix: &[u8], level: Level) -> PrefixForm {
        let Level::Folder(n_above) = level else {
            return vec![FormPiece::Text(prefix.into())];
        };
        let below = &self.folders[n_above..];
        let piece = |word: &[u8]| {
            if word == self.stem {
                return Some(FormPiece::Stem);
            }
            let halves = || match self.halves()? {
                (_, tail) if tail == word && word.len() > 1 => Some(FormPiece::Tail),
                (head, _) if head == word && word.len() > 1 => Some(FormPiece::Head),
                _ => None,
            };
            below.iter().rposition(|folder| *folder == word).map(FormPiece::Folder).or_else(halves)
        };
        let mut form = Vec::new();
        let mut text = BString::default();
        for word in words(prefix) {
            match piece(word) {
                Some(piece) => {
                    if !text.is_empty() {
                        form.push(FormPiece::Text(std::mem::take(&mut text)));
                    }
                    form.push(piece);
                }
                None => text.extend_from_slice(word),
            }
        }
        form.push(FormPiece::Text(text));
        form
    }

    /// Fills in the open words; `None` where this path has no such part.
    fn filled(&self, form: &PrefixForm, level: Level) -> Option<BString> {
        let below = match level {
            Level::Folder(n_above) => &self.folders[n_above..],
            Level::File | Level::Stem => &[],
        };
        let mut text = BString::default();
        for piece in form {
            text.extend_from_slice(match piece {
                FormPiece::Text(text) => text,
                FormPiece::Folder(at) => below.get(*at)?,
                FormPiece::Stem => self.stem,
                FormPiece::Head => self.halves()?.0,
                FormPiece::Tail => self.halves().filter(|(_, tail)| tail.len() > 1)?.1,
            });
        }
        Some(text)
    }
}

/// The name up to its first dot; a dot at the beginning is part of it.
fn stem(name: &[u8]) -> &[u8] {
    let end = name.iter().skip(1).position(|&byte| byte == b'.').map_or(name.len(), |at| at + 1);
    &name[..end]
}

/// Cuts a prefix into words and what stands between them, nothing lost.
fn words(prefix: &[u8]) -> impl Iterator<Item = &[u8]> {
    let is_gap = |byte: &u8| matches!(byte, b' ' | b':' | b'/' | b',');
    prefix.chunk_by(move |a, b| !is_gap(a) && !is_gap(b))
}

/// What a subject says about prefixes.
#[derive(Debug, PartialEq, Eq)]
enum SubjectPrefix<'a> {
    Prefix(&'a [u8]),
    /// It has none.
    Nothing,
    /// It is not written by hand: a revert, a merge, a fixup.
    NotCounted,
}

/// Most prefixes have at most three parts; more than five are a list of results.
const MAX_PARTS: usize = 5;

/// Finds the prefix of a subject: parts that end in `: `, the first of at most three words, the others of one.
fn read(subject: &BStr) -> SubjectPrefix<'_> {
    let mut subject: &[u8] = subject.trim();
    while let Some(tag) = subject.strip_prefix(b"[") {
        let Some(end) = tag.find_byte(b']') else { break };
        subject = tag[end + 1..].trim_start();
    }
    let machine: [&[u8]; 8] = [b"Revert \"", b"Reapply \"", b"Merge ", b"fixup! ", b"squash! ", b"amend! ", b"Fixup! ", b"Re: "];
    if machine.iter().any(|start| subject.starts_with(start)) {
        return SubjectPrefix::NotCounted;
    }
    let mut end = 0;
    for n_parts in 0..MAX_PARTS {
        let Some(len) = subject[end..].find(b": ") else { break };
        let part = &subject[end..end + len];
        let n_words = part.split_str(" ").count();
        let is_part = !part.is_empty()
            && part.split_str(" ").all(|word| !word.is_empty())
            && n_words <= if n_parts == 0 { 3 } else { 1 }
            && !part.iter().any(|byte| b":\"'`()=\t".contains(byte));
        if !is_part {
            break;
        }
        end += len + 2;
    }
    if end == 0 { SubjectPrefix::Nothing } else { SubjectPrefix::Prefix(&subject[..end]) }
}

/// Makes a prefix of the folders and the name that all paths share, in the manner of the kernel.
fn from_path(paths: &[&BStr]) -> Option<BString> {
    let (first, rest) = paths.split_first()?;
    let names = PathNames::of(first.as_bstr());
    let mut n_shared = names.folders.len();
    let mut shares_stem = true;
    for path in rest {
        let others = PathNames::of(path.as_bstr());
        let n_same = names.folders.iter().zip(&others.folders).take_while(|(a, b)| a == b).count();
        shares_stem &= others.stem == names.stem;
        n_shared = n_shared.min(n_same);
    }
    let stem = shares_stem.then_some(names.stem);
    let parts: Vec<&[u8]> = match &names.folders[..n_shared] {
        [] => stem.into_iter().collect(),
        [b"arch", below @ ..] if !below.is_empty() => return Some(bstr::concat([&bstr::join("/", below)[..], b": "]).into()),
        [b"Documentation" | b"docs" | b"doc", ..] => vec![b"docs"],
        [b"fs" | b"lib", folder, ..] => vec![folder],
        [b"drivers" | b"include" | b"src" | b"lib", below @ ..] => below.iter().copied().chain(stem).collect(),
        folders => {
            let parts: Vec<&[u8]> = folders.iter().copied().chain(stem).collect();
            return Some(bstr::concat([&bstr::join("/", parts)[..], b": "]).into());
        }
    };
    match parts.is_empty() {
        true => None,
        false => Some(bstr::concat([&bstr::join(": ", parts)[..], b": "]).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `history`: subject, ` | `, paths; newest first.
    fn learned(history: &str) -> Prefixes {
        Prefixes::learn(history.lines().map(|line| {
            let (subject, paths) = line.trim().split_once(" | ").expect("a subject and paths");
            Taught { subject: subject.into(), paths: paths.split(' ').map(BStr::new).collect() }
        }))
    }

    fn check(history: &str, paths: &str, expected: &str) {
        let paths: Vec<&BStr> = paths.split(' ').map(BStr::new).collect();
        let text = learned(history).prefix(&paths).map(|prefix| prefix.text.to_string());
        assert_eq!(text.as_deref().unwrap_or("none"), expected, "for {paths:?}");
    }

    const KERNEL: &str = "KVM: s390: Drop a pointer | arch/s390/kvm/gmap.c arch/s390/kvm/gmap.h
        KVM: s390: vsie: Fix a race | arch/s390/kvm/vsie.c
        Revert \"mm: everything\" | mm/memory.c
        mm/memory: fold a check | mm/memory.c
        [PATCH v2] mm/filemap: say why | mm/filemap.c
        mm: count pages | mm/memory.c mm/gup.c mm/swap.c
        net: phy: realtek: add an id | drivers/net/phy/realtek.c
        net: phy: micrel: wait longer | drivers/net/phy/micrel.c
        Merge branch 'x' | drivers/net/phy/smsc.c";

    #[test]
    fn the_nearest_say_it() {
        check(KERNEL, "arch/s390/kvm/gmap.h", "KVM: s390: ");
        check(KERNEL, "arch/s390/kvm/priv.c", "KVM: s390: ");
        check(KERNEL, "mm/memory.c", "mm/memory: ");
    }

    #[test]
    fn a_new_file_gets_its_own_name() {
        check(KERNEL, "drivers/net/phy/smsc.c", "net: phy: smsc: ");
        check(KERNEL, "mm/slab.c", "mm/slab: ");
        check("pci: brcmstb: Wait | drivers/pci/pcie_brcmstb.c", "drivers/pci/pcie_layer.c", "pci: layer: ");
        check("net/mlx5: fix a leak | drivers/net/mlx5/rx.c", "drivers/net/ixgbe/tx.c", "net/ixgbe: ");
    }

    #[test]
    fn without_history_the_path_says_it() {
        check("mm: x | mm/a.c", "drivers/net/foo.c", "net: foo: ");
        let from = |paths: &[&str]| {
            let paths: Vec<&BStr> = paths.iter().map(BStr::new).collect();
            Prefixes::default().prefix(&paths).map_or("none".into(), |prefix| prefix.text.to_string())
        };
        assert_eq!(from(&["drivers/net/foo.c"]), "net: foo: ");
        assert_eq!(from(&["drivers/net/foo.c", "drivers/net/bar.c"]), "net: ");
        assert_eq!(from(&["arch/s390/kvm/x.c"]), "s390/kvm: ");
        assert_eq!(from(&["fs/ext4/inode.c"]), "ext4: ");
        assert_eq!(from(&["mm/memory.c"]), "mm/memory: ");
        assert_eq!(from(&["config.c", "config.h"]), "config: ");
        assert_eq!(from(&["a/x.c", "b/y.c"]), "none");
        assert_eq!(from(&[]), "none");
    }

    #[test]
    fn where_nobody_writes_prefixes_there_is_none() {
        let plain = "Fix things | a.c\nAdd more | b.c\n".repeat(12);
        check(&format!("{plain}a: one | a.c"), "a.c", "none");
        // A handful of subjects, such as that of an import, is no habit.
        check("Import it all | a.c b.c", "net/phy/a.c", "net/phy/a: ");
    }

    #[test]
    fn subjects_are_read() {
        let prefix = |subject: &'static str| match read(subject.into()) {
            SubjectPrefix::Prefix(prefix) => prefix.to_str().expect("ASCII"),
            SubjectPrefix::Nothing => "nothing",
            SubjectPrefix::NotCounted => "not counted",
        };
        assert_eq!(prefix("ASoC: SOF: Intel: hda: use it"), "ASoC: SOF: Intel: hda: ");
        assert_eq!(prefix("x86/mm, kexec: fix: the rest"), "x86/mm, kexec: fix: ");
        assert_eq!(prefix("net: make f(): work"), "net: ");
        assert_eq!(prefix("A sentence of words: and more"), "nothing");
        assert_eq!(prefix("std::move is used"), "nothing");
        assert_eq!(prefix("Revert \"mm: x\""), "not counted");
    }
}
