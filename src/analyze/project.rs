//! What a project says of itself: its owners, as the base says and the change adds.

use std::borrow::Cow;

use bstr::{BStr, BString, ByteSlice};

use crate::git::files::Files;
use crate::git::{GitError, Repository};
use crate::model::{Change, ObjectId};
use get_maintainer::codeowners::PLACES;
use get_maintainer::history::FORMAT;
use get_maintainer::{Codeowners, Dialect, Maintainers, Options, Owner, Owners, PatchText, Question, Sources};

/// Reads who owns what for a change: as [`owners_at`] of its trees.
///
/// # Errors
/// When an object cannot be read.
pub fn owners(repository: &Repository, change: &Change) -> Result<Owners, GitError> {
    owners_at(repository, change.base_tree_id, change.tip_tree_id)
}

/// Reads who owns what: MAINTAINERS of the base with the sections that the tip adds, else CODEOWNERS, else folders.
///
/// # Errors
/// When an object cannot be read.
pub fn owners_at(repository: &Repository, base_tree_id: ObjectId, tip_tree_id: ObjectId) -> Result<Owners, GitError> {
    owners_with(repository, base_tree_id, tip_tree_id, &[])
}

/// The same with options of the script (`--git`, `--no-fixes`), which win over those of the tree's `.get_maintainer.conf`.
///
/// # Errors
/// When an object cannot be read.
pub fn owners_with(
    repository: &Repository,
    base_tree_id: ObjectId,
    tip_tree_id: ObjectId,
    words: &[String],
) -> Result<Owners, GitError> {
    let base = Said::read(repository, base_tree_id, words)?;
    let tip = if base_tree_id == tip_tree_id { base.clone() } else { Said::read(repository, tip_tree_id, words)? };
    if !base.maintainers.is_empty() || !tip.maintainers.is_empty() {
        let is_same = base.maintainers == tip.maintainers && base.dialect == tip.dialect && base.options == tip.options;
        let (base, tip) = (base.sources(), tip.sources());
        let maintainers = if is_same { Maintainers::parse(&base) } else { Maintainers::with_additions(&base, &tip) };
        return Ok(Owners::Maintainers(Box::new(maintainers)));
    }
    let objects = repository.objects();
    for path in PLACES {
        if let Some(text) = objects.file(base_tree_id, BStr::new(path))? {
            return Ok(Owners::Codeowners(Codeowners::parse(&text)));
        }
    }
    Ok(Owners::Folders)
}

/// What the files of one tree say of who owns what.
#[derive(Clone)]
struct Said {
    dialect: Dialect,
    options: Options,
    /// Path and bytes of each MAINTAINERS file that has any.
    maintainers: Vec<(BString, Vec<u8>)>,
    ignore: Vec<u8>,
    mailmap: Vec<u8>,
}

impl Said {
    fn read(repository: &Repository, tree_id: ObjectId, words: &[String]) -> Result<Self, GitError> {
        let objects = repository.objects();
        let text = |path: &str| objects.file(tree_id, BStr::new(path));
        // As the script looks for them, save for `$HOME`.
        let conf = |name: &str| Ok::<_, GitError>(text(name)?.or(text(&format!(".scripts/{name}"))?).unwrap_or_default());
        let script = text("scripts/get_maintainer.pl")?;
        let dialect = Dialect::of(script.as_deref(), &text("MAINTAINERS")?.unwrap_or_default());
        let options = Options::of(dialect).with_conf(&conf(".get_maintainer.conf")?).with(words);
        let mut maintainers = Vec::new();
        for path in paths(&Files::of(repository, tree_id), &options)? {
            let text = objects.file(tree_id, path.as_bstr())?.unwrap_or_default();
            maintainers.extend((!text.is_empty()).then_some((path, text)));
        }
        let (ignore, mailmap) = (conf(".get_maintainer.ignore")?, text(".mailmap")?.unwrap_or_default());
        Ok(Said { dialect, options, maintainers, ignore, mailmap })
    }

    fn sources(&self) -> Sources<'_> {
        Sources {
            dialect: self.dialect,
            files: self.maintainers.iter().map(|(path, text)| (path.as_bstr(), text.as_slice())).collect(),
            ignore: &self.ignore,
            mailmap: &self.mailmap,
            options: Some(self.options.clone()),
        }
    }
}

/// Returns where the options look for MAINTAINERS: the one at the top first, the others by path, where the script takes them as the
/// folder has them.
fn paths(files: &Files, options: &Options) -> Result<Vec<BString>, GitError> {
    let path = options.path.as_deref().unwrap_or("MAINTAINERS").trim_end_matches('/');
    let path = if path == "." { "" } else { path.trim_start_matches("./") };
    let mut paths: Vec<BString> = match files.folder(BStr::new(path)) {
        None => vec![path.into()],
        Some(_) if options.finds_files => {
            let is_below =
                |found: &BStr| path.is_empty() || found.strip_prefix(path.as_bytes()).is_some_and(|rest| rest.starts_with(b"/"));
            let is_one = |found: &BStr| found == "MAINTAINERS" || found.ends_with(b"/MAINTAINERS");
            files.all(&|found| is_one(found) && is_below(found))?.into_iter().map(|(path, _)| path).collect()
        }
        Some(folder) => {
            let names = folder.files.iter().map(|(name, ..)| name).filter(|name| !name.starts_with(b"."));
            names.map(|name| if path.is_empty() { name.clone() } else { [path.as_bytes(), b"/", name].concat().into() }).collect()
        }
    };
    paths.sort_by(|one, other| (one != "MAINTAINERS", one).cmp(&(other != "MAINTAINERS", other)));
    Ok(paths)
}

/// Who can be asked about a tree: what its MAINTAINERS says, its files, and the history before it.
#[derive(Clone, Copy)]
pub struct Desk<'r> {
    /// Where commits are.
    pub repository: &'r Repository,
    /// What MAINTAINERS says.
    pub maintainers: &'r Maintainers,
    /// The tree.
    pub folders: &'r Folders<'r>,
    /// The commit whose history is asked, where there is one.
    pub commit_id: Option<ObjectId>,
}

impl Desk<'_> {
    /// Returns who is asked about paths, as the script's `-f` with all of them.
    ///
    /// # Errors
    /// When git's history is to be asked and cannot be.
    pub fn of_paths(&self, paths: &[&BStr]) -> Result<Vec<Owner>, GitError> {
        let is_folder = |path: &BStr| self.folders.is_folder(path);
        let asked = |path: &BStr| match is_folder(path) && !path.ends_with(b"/") {
            true => bstr::concat([path.as_bytes(), b"/"]).into(),
            false => BString::from(path),
        };
        let paths: Vec<BString> = paths.iter().map(|path| asked(path)).collect();
        let mut question = Question::default();
        for path in &paths {
            let content = self.maintainers.reads(path.as_bstr()).then(|| self.folders.content(path.as_bstr())).flatten();
            let found = content.as_deref().map(|content| self.maintainers.keywords_in_file(path.as_bstr(), content));
            question.keywords.extend(found.unwrap_or_default());
            question.paths.push((path.as_bstr(), content.map(Cow::Owned)));
        }
        question.keywords.sort();
        question.keywords.dedup();
        self.answer(question, &[])
    }

    /// Returns who is asked about a patch.
    ///
    /// # Errors
    /// When git's history is to be asked and cannot be.
    pub fn of_patch(&self, patch: &PatchText) -> Result<Vec<Owner>, GitError> {
        let content = |path: &BStr| self.maintainers.reads_addresses(path).then(|| self.folders.content(path)).flatten();
        let paths = patch.paths.iter().map(|path| (path.as_bstr(), content(path.as_bstr()).map(Cow::Owned))).collect();
        self.answer(Question { paths, keywords: patch.keywords.clone(), ..Question::default() }, &patch.fixes)
    }

    fn answer(&self, mut question: Question, fixes: &[BString]) -> Result<Vec<Owner>, GitError> {
        let is_folder = |path: &BStr| self.folders.is_folder(path);
        for commit in fixes {
            question.fixes.push((commit.clone(), self.repository.log_of(&commit.to_str_lossy(), FORMAT)?));
        }
        if let Some(commit_id) = self.commit_id {
            for (idx, (path, _)) in question.paths.iter().enumerate() {
                if self.maintainers.asks_history(path, &is_folder) {
                    let log = self.repository.recent_log(commit_id, path, &self.maintainers.options.since, FORMAT)?;
                    question.history.insert(idx, log);
                }
            }
        }
        Ok(self.maintainers.answer(&question, &is_folder))
    }
}

/// The folders and files of a tree, each folder read once; for several threads.
pub struct Folders<'r> {
    files: Files<'r>,
}

impl<'r> Folders<'r> {
    /// Returns the folders of a tree.
    pub fn of(repository: &'r Repository, tree_id: ObjectId) -> Self {
        Folders { files: Files::of(repository, tree_id) }
    }

    /// Whether `path`, with or without a slash at its end, is a folder; one that cannot be read is none.
    pub fn is_folder(&self, path: &BStr) -> bool {
        self.files.folder(path.trim_end_with(|c| c == '/').as_bstr()).is_some()
    }

    /// Whether `path` is anything but a folder.
    pub fn is_file(&self, path: &BStr) -> bool {
        self.files.has(path)
    }

    /// Returns the bytes of a regular file; none where it cannot be read.
    pub fn content(&self, path: &BStr) -> Option<Vec<u8>> {
        self.files.text(path)
    }
}
