//! `get-maintainer`: the answers of `scripts/get_maintainer.pl` for the tree in the current folder.
//!
//! The tree is read from disk; git is run, as the script runs it, only where its answer hangs on history: for files that no pattern
//! names, for `--git`, and for the `Fixes:` lines of patches. Only `git` starts it.

mod git;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bstr::{BStr, BString, ByteSlice, ByteVec};
use clap::Parser;
use get_maintainer::cli::ScriptArgs;
use get_maintainer::{Answer, Options, Owners, Tree, Wanted};

/// The words of the command are wrong.
const USAGE: u8 = 2;
/// A file or a program failed.
const FAILED: u8 = 3;

/// Say who maintains files, or is asked about patches, as scripts/get_maintainer.pl does
#[derive(Debug, Parser)]
#[command(
    name = "get-maintainer",
    version,
    disable_version_flag = true,
    infer_long_args = true,
    args_override_self = true,
    max_term_width = 100,
    after_help = include_str!("help.txt")
)]
struct Arguments {
    /// Run as if started in this folder
    #[arg(short = 'C', value_name = "DIR", default_value = ".")]
    dir: PathBuf,
    /// Take the arguments for files and folders of the tree, not for patches
    #[arg(short, long)]
    file: bool,
    #[command(flatten)]
    script: ScriptArgs<true>,
    /// Print the version
    #[arg(short = 'v', short_alias = 'V', long, action = clap::ArgAction::Version)]
    version: Option<bool>,
    /// Patches, or files with -f or where git knows them; standard input, a patch, where there are none
    #[arg(value_name = "FILE")]
    files: Vec<OsString>,
}

/// Why there is no answer.
struct Failure {
    code: u8,
    why: String,
}

impl Failure {
    fn new(code: u8, why: impl Into<String>) -> Self {
        Failure { code, why: why.into() }
    }
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { code, why }) => {
            say(&format!("error: {why}"));
            ExitCode::from(code)
        }
    }
}

/// Writes a line to standard error; nobody is left to be told where that fails.
fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

fn run(arguments: &Arguments) -> Result<(), Failure> {
    let tree = Disk { top: arguments.dir.clone(), has_git: arguments.dir.join(".git").exists() };
    let failed = |error: io::Error| Failure::new(FAILED, error.to_string());
    let words = &arguments.script.words;
    let owners = Owners::read(&tree, Wanted { words, history_by_words_only: false }).map_err(failed)?;
    let options = match &owners {
        Owners::Maintainers(maintainers) => maintainers.options.clone(),
        Owners::Codeowners(_) => Options::of(get_maintainer::Dialect::Linux).with(words),
        Owners::Folders => return Err(Failure::new(1, "the folder has neither MAINTAINERS nor CODEOWNERS")),
    };
    check(&options)?;
    owners.warnings().iter().for_each(|warning| say(&format!("warning: {warning}")));
    let (mut paths, mut texts) = (Vec::new(), Vec::new());
    for file in &arguments.files {
        let path = tree.path(file)?;
        match arguments.file || tree.is_tracked(path.as_bstr()).map_err(failed)? {
            true => paths.push(path),
            false => texts.push(read(&arguments.dir.join(file))?),
        }
    }
    if arguments.files.is_empty() {
        if arguments.file {
            return Err(Failure::new(USAGE, "-f needs a file"));
        }
        texts.push(read(Path::new("-"))?);
    }
    let texts: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
    for (idx, text) in texts.iter().enumerate() {
        if get_maintainer::patch::paths([*text]).is_empty() {
            let name = arguments.files.get(idx).map_or("standard input".into(), |name| name.to_string_lossy());
            say(&format!("warning: '{name}' names no file: if it is none of a patch, -f asks about the file itself"));
        }
    }
    let answer = match texts.is_empty() {
        true => owners.of_paths(&tree, &paths.iter().map(|path| path.as_bstr()).collect::<Vec<_>>()),
        false => owners.of_patches(&tree, &texts, paths),
    }
    .map_err(failed)?;
    match io::stdout().write_all(&shown(&owners, &options, &answer)) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(failed(error)),
        _ => Ok(()),
    }
}

/// Refuses options that leave nothing to print.
fn check(options: &Options) -> Result<(), Failure> {
    if ![options.email, options.scm, options.status, options.subsystem, options.web, options.bug].contains(&true) {
        return Err(Failure::new(USAGE, "one of --email, --scm, --status, --subsystem, --web and --bug is needed"));
    }
    let people = [options.maintainers, options.reviewers, options.lists, options.subscriber_lists, options.git, options.chiefs];
    if options.email && !people.contains(&true) {
        return Err(Failure::new(USAGE, "--email needs one of --m, --r, --l, --s, --git and --git-chief-penguins"));
    }
    Ok(())
}

/// Returns the answer as the script prints it: people and lists, then what else is asked for.
fn shown(owners: &Owners, options: &Options, answer: &Answer) -> Vec<u8> {
    let mut parts = Vec::new();
    if !answer.owners.is_empty() {
        let shows_roles = options.roles || options.rolestats;
        parts.push(answer.owners.iter().map(|owner| owner.line(shows_roles)).collect::<Vec<_>>());
    }
    if let Owners::Maintainers(maintainers) = owners {
        parts.extend(options.scm.then(|| answer.values(maintainers, b'T')));
        parts.extend(options.status.then(|| answer.values(maintainers, b'S')));
        parts.extend(options.subsystem.then(|| answer.names(maintainers)));
        parts.extend(options.web.then(|| answer.values(maintainers, b'W')));
        parts.extend(options.bug.then(|| answer.values(maintainers, b'B')));
    }
    let mut out = Vec::new();
    for part in parts {
        if options.multiline && options.separator == ", " {
            part.iter().for_each(|line| out.push_str(bstr::concat([line.as_slice(), b"\n"])));
        } else {
            out.push_str(bstr::join(&options.separator, &part));
            out.push(b'\n');
        }
    }
    out
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    match path.as_os_str() == "-" {
        true => io::stdin().read_to_end(&mut bytes).map(|_| bytes),
        false => fs::read(path),
    }
    .map_err(|error| Failure::new(FAILED, format!("cannot read '{}': {error}", path.display())))
}

/// A tree on disk, at its top.
struct Disk {
    top: PathBuf,
    /// Whether git has a history of it.
    has_git: bool,
}

impl Disk {
    fn at(&self, path: &BStr) -> PathBuf {
        self.top.join(path.to_os_str_lossy())
    }

    /// Returns the path of an argument from the top of the tree.
    fn path(&self, given: &OsStr) -> Result<BString, Failure> {
        let full = self.top.join(given);
        if !full.exists() {
            return Err(Failure::new(1, format!("file '{}' not found", given.display())));
        }
        let inner = match (Path::new(given).is_absolute(), self.top.canonicalize()) {
            (true, Ok(top)) => Path::new(given).strip_prefix(top).unwrap_or(Path::new(given)),
            _ => Path::new(given),
        };
        // As Perl's canonpath: no `./`, no doubled slashes, none at the end.
        let mut path = Vec::from_path_lossy(&inner.components().collect::<PathBuf>()).into_owned();
        if let Some(rest) = path.strip_prefix(b"./") {
            path = rest.to_vec();
        }
        Ok(path.into())
    }

    /// Whether git knows the file, so that it is asked about and is no patch.
    fn is_tracked(&self, path: &BStr) -> io::Result<bool> {
        Ok(self.has_git && git::knows(&self.top, path)?)
    }

    fn maintainer_files_in(&self, folder: &BStr, found: &mut Vec<BString>) -> io::Result<()> {
        for entry in self.entries(folder)? {
            let (name, kind) = entry?;
            let path: BString = match folder.is_empty() {
                true => name.clone(),
                false => bstr::concat([folder.as_bytes(), b"/", &name]).into(),
            };
            if kind.is_dir() && name != ".git" {
                self.maintainer_files_in(path.as_bstr(), found)?;
            } else if name == "MAINTAINERS" && self.at(path.as_bstr()).is_file() {
                found.push(path);
            }
        }
        Ok(())
    }

    /// Returns the entries of a folder, each with its kind.
    fn entries(&self, folder: &BStr) -> io::Result<impl Iterator<Item = io::Result<(BString, fs::FileType)>>> {
        let path = self.at(folder);
        let wrong = move |error: io::Error| io::Error::new(error.kind(), format!("cannot read '{}': {error}", path.display()));
        let entries = fs::read_dir(self.at(folder)).map_err(&wrong)?;
        Ok(entries.map(move |entry| {
            let entry = entry.map_err(&wrong)?;
            Ok((
                Vec::from_os_string(entry.file_name())
                    .map_or_else(|name| name.to_string_lossy().as_bytes().into(), BString::from),
                entry.file_type().map_err(&wrong)?,
            ))
        }))
    }
}

impl Tree for Disk {
    type Error = io::Error;

    fn file(&self, path: &BStr) -> io::Result<Option<Vec<u8>>> {
        let path = self.at(path);
        match path.is_file() {
            true => fs::read(&path)
                .map(Some)
                .map_err(|error| io::Error::new(error.kind(), format!("cannot read '{}': {error}", path.display()))),
            false => Ok(None),
        }
    }

    fn is_folder(&self, path: &BStr) -> bool {
        self.at(path).is_dir()
    }

    fn names(&self, folder: &BStr) -> io::Result<Vec<BString>> {
        let files = self.entries(folder)?.filter(|entry| entry.as_ref().map_or(true, |(_, kind)| !kind.is_dir()));
        files.map(|entry| entry.map(|(name, _)| name)).collect()
    }

    fn maintainer_files(&self, folder: &BStr) -> io::Result<Vec<BString>> {
        let mut found = Vec::new();
        self.maintainer_files_in(folder, &mut found)?;
        Ok(found)
    }

    fn log_of_path(&self, path: &BStr, since: &str) -> io::Result<Option<Vec<u8>>> {
        self.has_git.then(|| git::log_of_path(&self.top, path, since)).transpose()
    }

    fn log_of_commit(&self, commit: &BStr) -> io::Result<Vec<u8>> {
        if self.has_git { git::log_of_commit(&self.top, commit) } else { Ok(Vec::new()) }
    }
}
