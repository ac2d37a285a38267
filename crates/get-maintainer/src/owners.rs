//! What a project says of who owns what, read from its [`Tree`], and questions to it.
//!
//! In: a tree. Out: its [`Owners`], and the [`Answer`] to a question about paths or patches, with the contents and the pieces of
//! history that the answer hangs on fetched from the tree.

use std::borrow::Cow;

use bstr::{BStr, BString, ByteSlice};

use super::answer::{Answer, Question};
use super::codeowners::{Codeowners, PLACES};
use super::dialect::Dialect;
use super::home::HomeName;
use super::maintainers::{Maintainers, Sources};
use super::options::Options;
use super::patch::{self, PatchText};
use super::section::{Place, Section, SectionIdx};
use super::tree::Tree;

/// What a project says about who owns what.
#[derive(Debug)]
pub enum Owners {
    /// A MAINTAINERS file in one of the dialects of `get_maintainer.pl`.
    Maintainers(Box<Maintainers>),
    /// A CODEOWNERS file.
    Codeowners(Codeowners),
    /// Nothing: each folder at the top is a home.
    Folders,
}

impl Owners {
    /// Returns the home of `path`. `is_dir` says whether a path without a slash at its end is a folder.
    pub fn home(&self, path: &BStr, is_dir: &dyn Fn(&BStr) -> bool) -> HomeName {
        match self {
            Owners::Maintainers(maintainers) => maintainers.home(path, is_dir),
            Owners::Codeowners(codeowners) => codeowners.home(path).unwrap_or_else(|| folder(path)),
            Owners::Folders => folder(path),
        }
    }
}

/// Which options count, beside those of the tree's `.get_maintainer.conf`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'w> {
    /// Words of the script's command line, which win over the tree's.
    pub words: &'w [String],
    /// Whether git's history is asked only where `words` say so, not by the script's own habit (`--git-fallback`) or the tree's.
    pub history_by_words_only: bool,
}

impl Owners {
    /// Reads who owns what in a tree: MAINTAINERS, else CODEOWNERS, else folders.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn read<T: Tree>(tree: &T, wanted: Wanted) -> Result<Self, T::Error> {
        Owners::of_change(tree, None, wanted)
    }

    /// The same for a change of a tree: MAINTAINERS of the base with the sections that the tip adds. No tip is a tip like the base.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn of_change<T: Tree>(base: &T, tip: Option<&T>, wanted: Wanted) -> Result<Self, T::Error> {
        let sources = Sources::read(base, wanted)?;
        let tip = tip.map(|tip| Sources::read(tip, wanted)).transpose()?.filter(|tip| tip.differs(&sources));
        if !sources.files.is_empty() || tip.as_ref().is_some_and(|tip| !tip.files.is_empty()) {
            let maintainers = match &tip {
                None => Maintainers::parse(&sources),
                Some(tip) => Maintainers::with_additions(&sources, tip),
            };
            return Ok(Owners::Maintainers(Box::new(maintainers)));
        }
        for path in PLACES {
            if let Some(text) = base.file(BStr::new(path))? {
                return Ok(Owners::Codeowners(Codeowners::parse(&text)));
            }
        }
        Ok(Owners::Folders)
    }

    /// Returns who is asked about paths, as the script's `-f` with all of them; nobody where nothing says who owns what.
    ///
    /// # Errors
    /// When git's history is to be asked and cannot be.
    pub fn of_paths<T: Tree>(&self, tree: &T, paths: &[&BStr]) -> Result<Answer, T::Error> {
        match self {
            Owners::Maintainers(maintainers) => maintainers.of_paths(tree, paths),
            Owners::Codeowners(codeowners) => Ok(codeowners.asked(paths)),
            Owners::Folders => Ok(Answer::default()),
        }
    }

    /// Returns who is asked about patches, taken as one that touches `more` paths too.
    ///
    /// # Errors
    /// When git's history is to be asked and cannot be.
    pub fn of_patches<T: Tree>(&self, tree: &T, texts: &[&[u8]], more: Vec<BString>) -> Result<Answer, T::Error> {
        if let Owners::Maintainers(maintainers) = self {
            let mut patch = maintainers.patches(texts);
            patch.paths.extend(more);
            patch.paths.sort();
            patch.paths.dedup();
            return maintainers.of_patch(tree, &patch);
        }
        let mut paths = patch::paths(texts.iter().copied());
        paths.extend(more);
        self.of_paths(tree, &paths.iter().map(|path| path.as_bstr()).collect::<Vec<_>>())
    }

    /// Returns what could not be used of the files and the options, a sentence each.
    pub fn warnings(&self) -> Vec<String> {
        match self {
            Owners::Maintainers(maintainers) => {
                let notes = maintainers.notes.iter().map(|note| format!("{}: {}", maintainers.shown(note.place), note.why));
                let refused = maintainers.options.refused.iter().map(|name| format!("--{name} is not followed"));
                notes.chain(refused).collect()
            }
            Owners::Codeowners(codeowners) => {
                codeowners.notes.iter().map(|(line, why)| format!("CODEOWNERS:{line}: {why}")).collect()
            }
            Owners::Folders => Vec::new(),
        }
    }

    /// Returns a section of MAINTAINERS.
    pub fn section(&self, section_idx: SectionIdx) -> Option<&Section> {
        match self {
            Owners::Maintainers(maintainers) => Some(maintainers.section(section_idx)),
            Owners::Codeowners(_) | Owners::Folders => None,
        }
    }

    /// Returns the text of the line that names somebody: `F: mm/`, or a pattern of CODEOWNERS; empty where there is none.
    pub fn line(&self, section_idx: Option<SectionIdx>, place: Place) -> String {
        match self {
            Owners::Maintainers(maintainers) => {
                let line = section_idx.and_then(|section_idx| maintainers.line(section_idx, place));
                line.map_or_else(String::new, |line| format!("{}: {}", char::from(line.letter), line.value))
            }
            Owners::Codeowners(codeowners) => codeowners.pattern(place.line).unwrap_or_default().to_string(),
            Owners::Folders => String::new(),
        }
    }

    /// Returns where a line stands that names somebody: `MAINTAINERS:12`, `CODEOWNERS:3`.
    pub fn shown(&self, place: Place) -> String {
        match self {
            Owners::Maintainers(maintainers) => maintainers.shown(place),
            Owners::Codeowners(_) | Owners::Folders => format!("CODEOWNERS:{}", place.line),
        }
    }
}

impl Maintainers {
    /// Returns who is asked about paths, as the script's `-f` with all of them.
    ///
    /// # Errors
    /// When git's history is to be asked and cannot be.
    pub fn of_paths<T: Tree>(&self, tree: &T, paths: &[&BStr]) -> Result<Answer, T::Error> {
        let slashed = |path: &BStr| match tree.is_folder(path) && !path.ends_with(b"/") {
            true => bstr::concat([path.as_bytes(), b"/"]).into(),
            false => BString::from(path),
        };
        let paths: Vec<BString> = paths.iter().map(|path| slashed(path)).collect();
        let mut question = Question::default();
        for path in &paths {
            let content = content(tree, path.as_bstr(), self.reads(path.as_bstr()));
            let found = content.as_deref().map(|content| self.keywords_in_file(path.as_bstr(), content));
            question.keywords.extend(found.unwrap_or_default());
            question.paths.push((path.as_bstr(), content.map(Cow::Owned)));
        }
        question.keywords.sort();
        question.keywords.dedup();
        self.asked(tree, question, &[])
    }

    /// Returns who is asked about a patch.
    ///
    /// # Errors
    /// When git's history is to be asked and cannot be.
    pub fn of_patch<T: Tree>(&self, tree: &T, patch: &PatchText) -> Result<Answer, T::Error> {
        let content = |path: &BStr| content(tree, path, self.reads_addresses(path)).map(Cow::Owned);
        let paths = patch.paths.iter().map(|path| (path.as_bstr(), content(path.as_bstr()))).collect();
        self.asked(tree, Question { paths, keywords: patch.keywords.clone(), ..Question::default() }, &patch.fixes)
    }

    fn asked<T: Tree>(&self, tree: &T, mut question: Question, fixes: &[BString]) -> Result<Answer, T::Error> {
        let is_folder = |path: &BStr| tree.is_folder(path);
        for commit in fixes {
            question.fixes.push((commit.clone(), tree.log_of_commit(commit.as_bstr())?));
        }
        for (idx, (path, _)) in question.paths.iter().enumerate() {
            if self.asks_history(path, &is_folder)
                && let Some(log) = tree.log_of_path(path, &self.options.since)?
            {
                question.history.insert(idx, log);
            }
        }
        Ok(self.answer(&question, &is_folder))
    }
}

/// Returns a file's bytes where they are wanted; a file that cannot be read has nothing to say.
fn content<T: Tree>(tree: &T, path: &BStr, is_wanted: bool) -> Option<Vec<u8>> {
    is_wanted.then(|| tree.file(path).ok().flatten())?
}

impl Sources {
    /// Reads the files of one tree, with the options that count there. Files without a text are left out.
    fn read<T: Tree>(tree: &T, wanted: Wanted) -> Result<Self, T::Error> {
        let text = |path: &str| tree.file(BStr::new(path));
        // As the script looks for them, save for `$HOME`.
        let conf = |name: &str| Ok(text(name)?.or(text(&format!(".scripts/{name}"))?).unwrap_or_default());
        let script = text("scripts/get_maintainer.pl")?;
        let dialect = Dialect::of(script.as_deref(), &text("MAINTAINERS")?.unwrap_or_default());
        let mut options = Options::of(dialect).with_conf(&conf(".get_maintainer.conf")?);
        if wanted.history_by_words_only {
            options = options.without_history();
        }
        options = options.with(wanted.words);
        let mut files = Vec::new();
        for path in places(tree, &options)? {
            let text = tree.file(path.as_bstr())?.unwrap_or_default();
            files.extend((!text.is_empty()).then_some((path, text)));
        }
        let (ignore, mailmap) = (conf(".get_maintainer.ignore")?, text(".mailmap")?.unwrap_or_default());
        Ok(Sources { dialect, files, ignore, mailmap, options: Some(options) })
    }

    /// Whether another tree says something else; who is left out and where people are reached is the base's to say.
    fn differs(&self, other: &Sources) -> bool {
        self.files != other.files || self.dialect != other.dialect || self.options != other.options
    }
}

/// Returns where the options look for MAINTAINERS: the one at the top first, the others by path, where the script takes them as the
/// folder has them.
fn places<T: Tree>(tree: &T, options: &Options) -> Result<Vec<BString>, T::Error> {
    let path = options.path.trim_end_matches('/');
    let path = BStr::new(if path == "." { "" } else { path.trim_start_matches("./") });
    let mut places: Vec<BString> = match tree.is_folder(path) {
        false => vec![path.to_owned()],
        true if options.finds_files => tree.maintainer_files(path)?,
        true => {
            let names = tree.names(path)?.into_iter().filter(|name| !name.starts_with(b"."));
            names.map(|name| if path.is_empty() { name } else { bstr::concat([path.as_bytes(), b"/", &name]).into() }).collect()
        }
    };
    places.sort_by(|one, other| (one != "MAINTAINERS", one).cmp(&(other != "MAINTAINERS", other)));
    Ok(places)
}

/// Returns the folder at the top of `path` as its home; files at the top share the home `top`.
fn folder(path: &BStr) -> HomeName {
    let name = path.find_byte(b'/').map_or(b"top".as_slice(), |slash| &path[..slash]);
    HomeName { name: name.into(), tree: None }
}
