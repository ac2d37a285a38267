//! MAINTAINERS as the script sees it: which sections claim a path, and which is its home.
//!
//! Of the lines of a section that match a path, the **last** decides: the more parts its pattern has (`N:` has none), the earlier the
//! section comes. Source: `get_maintainers` of the script.

use std::collections::{BTreeMap, HashMap, HashSet};

use bstr::{BStr, BString, ByteSlice};

use super::address::{is_address, trimmed};
use super::contact::Contact;
use super::dialect::Dialect;
use super::home::HomeName;
use super::keywords::{Keyword, Keywords};
use super::mailbox::Mailbox;
use super::mailmap::Mailmap;
use super::options::Options;
use super::patterns::{self, PatternLine, Patterns};
use super::section::{Line, Place, Section, SectionIdx, sections};

/// The files that say who owns what.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// Whose script is followed.
    pub dialect: Dialect,
    /// Path and bytes of each MAINTAINERS file; the one at the top first, the others by path.
    pub files: Vec<(BString, Vec<u8>)>,
    /// `.get_maintainer.ignore`: who is not taken from git history. The lines of MAINTAINERS are not touched by it.
    pub ignore: Vec<u8>,
    /// `.mailmap`.
    pub mailmap: Vec<u8>,
    /// The script's options; those that the script has by itself where there are none.
    pub options: Option<Options>,
}

/// Something in the files that could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Where it stands.
    pub place: Place,
    /// What is wrong, without the place.
    pub why: String,
}

/// All sections, ready to be asked.
#[derive(Debug)]
pub struct Maintainers {
    /// In the order of the files.
    pub sections: Vec<Section>,
    /// The paths of the files that [`Place::file`] counts.
    pub files: Vec<BString>,
    /// Addresses that are not taken from git history.
    pub ignore: Vec<BString>,
    /// Lines that could not be used. The script itself stops at some of them.
    pub notes: Vec<Note>,
    /// What is asked for.
    pub options: Options,
    pub(super) dialect: Dialect,
    pub(super) mailmap: Mailmap,
    /// By section: who its `M:`, `R:` and `L:` lines name, in order.
    pub(super) contacts: Vec<Vec<Contact>>,
    /// By section, then line: the sections' `F:`, `X:` and `N:` lines.
    rules: Vec<(SectionIdx, usize)>,
    patterns: Patterns,
    pub(super) keywords: Keywords,
}

impl Maintainers {
    /// Reads the files. Never fails: what cannot be used is left out and noted.
    pub fn parse(sources: &Sources) -> Self {
        Maintainers::of(sections(&sources.files, sources.dialect), sources)
    }

    fn of(sections: Vec<Section>, sources: &Sources) -> Self {
        let files = sources.files.iter().map(|(path, _)| path.clone()).collect();
        let mut ignore: Vec<BString> = Vec::new();
        for line in sources.ignore.lines() {
            let line = trimmed(line);
            let address = &line[..line.find_byte(b'#').unwrap_or(line.len())];
            // A line with a comment keeps the blanks before it, and so is nobody's address; the script means no more by it.
            if is_address(address, sources.dialect.decodes()) {
                ignore.push(address.into());
            }
        }
        let options = sources.options.clone().unwrap_or_else(|| Options::of(sources.dialect).without_history());
        let mailmap = Mailmap::parse(if options.mailmap { &sources.mailmap } else { b"" });
        let dialect = sources.dialect;
        let contacts = sections.iter().map(|section| Contact::of(section, dialect, &options, &mailmap)).collect();
        let lines = || {
            sections.iter().enumerate().flat_map(|(at, section)| {
                section.lines.iter().enumerate().map(move |(line_idx, line)| (SectionIdx(at), line_idx, line))
            })
        };
        let is_rule = |line: &Line| matches!(line.letter, b'F' | b'X' | b'N');
        let rules: Vec<_> = lines().filter(|(.., line)| is_rule(line)).map(|(section, line, _)| (section, line)).collect();
        let values =
            lines().filter(|(.., line)| is_rule(line)).map(|(.., line)| PatternLine { letter: line.letter, value: &line.value });
        let patterns = Patterns::new(values, dialect);
        let mut notes = Vec::new();
        for (rule_idx, why) in &patterns.unusable {
            let (section_idx, line_idx) = rules[*rule_idx as usize];
            notes.push(Note { place: sections[section_idx.0].lines[line_idx].place, why: why.clone() });
        }
        let mut keywords: Vec<(Keyword, &Line)> = lines()
            .filter(|(.., line)| line.letter == b'K')
            .map(|(section_idx, line_idx, line)| (Keyword { section_idx, line_idx }, line))
            .collect();
        keywords.sort_by_key(|(_, line)| line.entry.to_string());
        let values = keywords.into_iter().map(|(keyword, line)| (keyword, line.value.as_slice())).collect();
        let (keywords, unusable) = Keywords::new(values, dialect.letters());
        for (section_idx, line_idx, why) in unusable {
            notes.push(Note { place: sections[section_idx.0].lines[line_idx].place, why });
        }
        notes.sort_by_key(|note| note.place);
        notes.dedup();
        Maintainers { sections, files, ignore, notes, options, dialect, mailmap, contacts, rules, patterns, keywords }
    }

    /// Returns the base's MAINTAINERS with what the tip adds: its new sections, each after the one it follows there, and new
    /// pattern lines of old sections. So the new files of a change have owners, and who leaves in the tip is still asked.
    pub fn with_additions(base: &Sources, tip: &Sources) -> Self {
        let all = sections(&base.files, base.dialect);
        let n_files = base.files.len();
        let n_entries = all.last().and_then(|section| section.lines.last()).map_or(0, |line| line.entry + 1);
        // Each section of the base with those that come after it; the first list has what comes before all.
        let mut stretches: Vec<Vec<Section>> = vec![Vec::new()];
        stretches.extend(all.into_iter().map(|section| vec![section]));
        let mut place_of: HashMap<BString, (usize, usize)> = HashMap::new();
        for (stretch, sections) in stretches.iter().enumerate().skip(1) {
            place_of.entry(sections[0].name.clone()).or_insert((stretch, 0));
        }
        let mut after = 0;
        for mut section in sections(&tip.files, tip.dialect) {
            section.place.file += n_files;
            for line in &mut section.lines {
                line.place.file += n_files;
                line.entry += n_entries;
            }
            match place_of.get(&section.name) {
                Some(&(stretch, at)) => {
                    let known = &mut stretches[stretch][at].lines;
                    let had: HashSet<(u8, BString)> = known.iter().map(|line| (line.letter, line.value.clone())).collect();
                    let is_new =
                        |line: &Line| b"FXNK".contains(&line.letter) && !had.contains(&(line.letter, line.value.clone()));
                    known.extend(section.lines.into_iter().filter(is_new));
                    after = stretch;
                }
                None => {
                    place_of.insert(section.name.clone(), (after, stretches[after].len()));
                    stretches[after].push(section);
                }
            }
        }
        let all = stretches.into_iter().flatten().collect();
        let mut read = base.clone();
        read.files.extend(tip.files.iter().cloned());
        Maintainers::of(all, &read)
    }

    /// Whether any section has a keyword.
    pub fn has_keywords(&self) -> bool {
        self.sections.iter().any(|section| section.lines.iter().any(|line| line.letter == b'K'))
    }

    /// Returns where a line stands: `MAINTAINERS:12`.
    pub fn shown(&self, place: Place) -> String {
        let file = self.files.get(place.file).map_or_else(|| "MAINTAINERS".into(), |file| file.to_str_lossy());
        format!("{file}:{}", place.line)
    }

    /// Returns the line that stands there.
    pub fn line(&self, section_idx: SectionIdx, place: Place) -> Option<&Line> {
        self.section(section_idx).lines.iter().find(|line| line.place == place)
    }

    /// Returns where `.mailmap` says that somebody is reached.
    pub fn mapped(&self, mailbox: &Mailbox) -> Mailbox {
        self.mailmap.mapped(mailbox)
    }

    /// Returns the section named by `section_idx`.
    pub fn section(&self, section_idx: SectionIdx) -> &Section {
        &self.sections[section_idx.0]
    }

    /// Returns the sections that claim `path`, deepest first, equals in the order of the files.
    ///
    /// A folder's path ends in a slash. `is_dir` says whether a path without one is a folder; it is asked only where a pattern
    /// without slash could mean a folder or the beginning of the path's own name.
    pub(super) fn claims(&self, path: &BStr, is_dir: &dyn Fn(&BStr) -> bool) -> Vec<Claim> {
        let mut claims: BTreeMap<SectionIdx, Option<Claim>> = BTreeMap::new();
        for rule_idx in self.patterns.matching(path, is_dir) {
            let (section_idx, line_idx) = self.rules[rule_idx as usize];
            let line = &self.section(section_idx).lines[line_idx];
            let depth = match line.letter {
                b'X' => {
                    claims.insert(section_idx, None);
                    continue;
                }
                b'F' => {
                    let depth = patterns::depth(&line.value, self.dialect.has_braces());
                    let limit = self.options.pattern_depth;
                    let path_depth = i64::try_from(patterns::n_slashes(path)).unwrap_or(i64::MAX);
                    if limit != 0 && path_depth.saturating_sub(i64::from(depth)) >= limit {
                        continue;
                    }
                    depth
                }
                _ => 0,
            };
            let claim = Claim { section_idx, depth, place: line.place };
            // An exclusion that was met stays; otherwise the last line decides.
            claims.entry(section_idx).and_modify(|known| *known = known.take().map(|_| claim.clone())).or_insert(Some(claim));
        }
        let mut claims: Vec<Claim> = claims.into_values().flatten().collect();
        claims.sort_by_key(|claim| -claim.depth);
        claims
    }

    /// Whether a pattern names `path` itself, in a section that has somebody and is maintained or supported.
    pub(super) fn is_exact(&self, path: &BStr, is_dir: &dyn Fn(&BStr) -> bool) -> bool {
        let path_depth = i32::try_from(patterns::n_slashes(path)).unwrap_or(i32::MAX);
        let mut excluded: HashSet<SectionIdx> = HashSet::new();
        for rule_idx in self.patterns.matching(path, is_dir) {
            let (section_idx, line_idx) = self.rules[rule_idx as usize];
            if self.section(section_idx).lines[line_idx].letter == b'X' {
                excluded.insert(section_idx);
            }
        }
        self.patterns.matching(path, is_dir).into_iter().any(|rule_idx| {
            let (section_idx, line_idx) = self.rules[rule_idx as usize];
            let section = self.section(section_idx);
            let line = &section.lines[line_idx];
            let is_looked_after = |line: &Line| {
                let status = line.value.to_ascii_lowercase();
                line.letter == b'S' && (status.contains_str("maintain") || status.contains_str("support"))
            };
            line.letter == b'F'
                && !excluded.contains(&section_idx)
                && patterns::depth(&line.value, self.dialect.has_braces()) >= path_depth
                && section.lines.iter().any(is_looked_after)
                && section.lines.iter().any(|line| line.letter == b'M')
        })
    }

    /// Returns the home of `path`: the deepest section but THE REST, the first in the files among equals.
    pub fn home(&self, path: &BStr, is_dir: &dyn Fn(&BStr) -> bool) -> HomeName {
        let claims = self.claims(path, is_dir);
        let special = claims.iter().find(|claim| !self.section(claim.section_idx).is_the_rest());
        let Some(claim) = special.or(claims.first()) else {
            return HomeName { name: "THE REST".into(), tree: None };
        };
        let section = self.section(claim.section_idx);
        HomeName { name: trimmed(&section.name).into(), tree: section.trees().next().map(BString::from) }
    }
}

/// A section that claims a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claim {
    pub(super) section_idx: SectionIdx,
    pub(super) depth: i32,
    /// The line that decides the depth.
    pub(super) place: Place,
}
