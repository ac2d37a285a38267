//! `git cleave owners`: who maintains paths, or is asked about a patch.

use std::io::Read;
use std::path::{Path, PathBuf};

use bstr::{BStr, BString, ByteSlice};
use clap::Args;
use rayon::prelude::*;
use serde::Serialize;

use super::{Context, Failure, Format, exit};
use crate::analyze::project::{Desk, Folders, owners_with};
use crate::git::GitError;
use get_maintainer::{Codeowners, Maintainers, Owner, Owners, patch};

/// Say who maintains paths, or is asked about a patch, as get_maintainer.pl --no-git --no-git-fallback [-f] prints it
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    git cleave owners --roles mm/gup.c        as get_maintainer.pl -f: of several paths all that are asked, each once\n  \
    git cleave owners --patch 0001-x.patch    with keywords, Fixes: signers and all files of the patch\n  \
    git ls-files | git cleave owners --stdin  each line begins with its path\n\
    \n\
    Files: options in the tree's .get_maintainer.conf count, save that git's history is asked by flag only.\n\
    \n\
    Exit codes: 0 answered, 1 a path or the list of owners is not there, 2 usage, 3 the repository failed.")]
pub(crate) struct OwnersArgs {
    /// Say also what they are
    #[arg(long)]
    roles: bool,
    /// The commit to look at
    #[arg(long, value_name = "REV", default_value = "HEAD")]
    rev: String,
    /// Who is asked about a patch, as git format-patch writes it; - reads standard input; may be given more than once
    #[arg(long, value_name = "FILE", conflicts_with_all = ["paths", "stdin"])]
    patch: Vec<PathBuf>,
    /// Read paths from standard input, a line each, and begin each line of the answer with the path and a colon
    #[arg(long, conflicts_with = "paths")]
    stdin: bool,
    /// With --stdin: paths, and both parts of each answer, end in a NUL
    #[arg(short = 'z', requires = "stdin")]
    null: bool,
    #[command(flatten)]
    script: ScriptArgs,
    /// Paths from the top of the tree
    #[arg(required_unless_present_any = ["patch", "stdin"])]
    paths: Vec<String>,
}

/// Options with the names that they have in get_maintainer.pl.
#[derive(Debug, Args)]
#[command(next_help_heading = "As get_maintainer.pl has them")]
struct ScriptArgs {
    /// Ask also who signed commits to the files lately
    #[arg(long)]
    git: bool,
    /// The same where no pattern names the file itself
    #[arg(long)]
    git_fallback: bool,
    /// How long ago is lately
    #[arg(long, value_name = "DATE")]
    git_since: Option<String>,
    /// How many signatures somebody must have
    #[arg(long, value_name = "N")]
    git_min_signatures: Option<u32>,
    /// How many percent of the commits somebody must have signed
    #[arg(long, value_name = "N")]
    git_min_percent: Option<u32>,
    /// How many people of a file's history are asked
    #[arg(long, value_name = "N")]
    git_max_maintainers: Option<u32>,
    /// Count every tag that ends in -by
    #[arg(long)]
    git_all_signature_types: bool,
    /// Leave out who signed the commits of Fixes: lines
    #[arg(long)]
    no_fixes: bool,
    /// Leave out numbers beside the roles that come from git
    #[arg(long)]
    no_rolestats: bool,
    /// Look for keywords in the files too
    #[arg(long)]
    keywords_in_file: bool,
    /// Leave out keywords
    #[arg(long)]
    no_keywords: bool,
    /// Count addresses in any file, not only in .yaml
    #[arg(long)]
    file_emails: bool,
    /// Leave out patterns that stand further up than this
    #[arg(long, value_name = "N")]
    pattern_depth: Option<u32>,
    /// Show lists for members too
    #[arg(long)]
    subscriber_lists: bool,
}

impl ScriptArgs {
    /// Returns the words of the script's command line.
    fn words(&self) -> Vec<String> {
        let switches = [
            (self.git, "--git"),
            (self.git_fallback, "--git-fallback"),
            (self.git_all_signature_types, "--git-all-signature-types"),
            (self.no_fixes, "--no-fixes"),
            (self.no_rolestats, "--no-rolestats"),
            (self.keywords_in_file, "--keywords-in-file"),
            (self.no_keywords, "--no-keywords"),
            (self.file_emails, "--file-emails"),
            (self.subscriber_lists, "--s"),
        ];
        let numbers = [
            ("--git-min-signatures", self.git_min_signatures),
            ("--git-min-percent", self.git_min_percent),
            ("--git-max-maintainers", self.git_max_maintainers),
            ("--pattern-depth", self.pattern_depth),
        ];
        let mut words: Vec<String> = switches.iter().filter(|(on, _)| *on).map(|(_, word)| (*word).to_owned()).collect();
        words.extend(numbers.iter().filter_map(|(word, number)| Some(format!("{word}={}", (*number)?))));
        words.extend(self.git_since.iter().map(|since| format!("--git-since={since}")));
        words
    }
}

#[derive(Debug, Serialize)]
struct JsonOwner {
    /// None for a patch.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    address: String,
    says: String,
}

pub(crate) fn run(context: &Context, args: OwnersArgs) -> Result<u8, Failure> {
    let repository = context.repository()?;
    let commit_id = repository.commit(&args.rev)?;
    let tree_id = repository.tree_of(commit_id)?;
    let owners = owners_with(&repository, tree_id, tree_id, &args.script.words())?;
    let folders = Folders::of(&repository, tree_id);
    let teller: Box<dyn Teller> = match &owners {
        Owners::Maintainers(maintainers) => {
            warn(context, maintainers);
            Box::new(Desk { repository: &repository, maintainers, folders: &folders, commit_id: Some(commit_id) })
        }
        Owners::Codeowners(codeowners) => {
            for (line, why) in &codeowners.notes {
                context.say(&format!("warning: CODEOWNERS:{line}: {why}\n"));
            }
            Box::new(codeowners)
        }
        Owners::Folders => {
            return Err(Failure::new(exit::NO, "the project has neither MAINTAINERS nor CODEOWNERS"));
        }
    };
    let shown = Shown { context, roles: args.roles, null: args.null };
    if !args.patch.is_empty() {
        let mut text = Vec::new();
        for path in &args.patch {
            text.push(read(path)?);
        }
        return shown.answer(None, &teller.of_patches(&text)?);
    }
    let is_there = |path: &BStr| match folders.is_file(path) || folders.is_folder(path) {
        true => Ok(()),
        false => Err(Failure::new(exit::NO, format!("'{path}' is not in {}", args.rev))),
    };
    if args.stdin {
        let text = read(Path::new("-"))?;
        let end = if args.null { 0 } else { b'\n' };
        let paths: Vec<&BStr> = text.split(|byte| *byte == end).filter(|path| !path.is_empty()).map(BStr::new).collect();
        paths.iter().try_for_each(|path| is_there(path))?;
        for some in paths.chunks(CHUNK) {
            let answers: Result<Vec<String>, GitError> =
                some.par_iter().map(|path| Ok(shown.text(Some(path), &teller.of_paths(&[path])?))).collect();
            context.print_raw(answers?.concat().as_bytes())?;
        }
        return Ok(exit::DONE);
    }
    let paths: Vec<&BStr> = args.paths.iter().map(BStr::new).collect();
    paths.iter().try_for_each(|path| is_there(path))?;
    if context.format == Format::Json {
        for path in paths {
            shown.answer(Some(path), &teller.of_paths(&[path])?)?;
        }
        return Ok(exit::DONE);
    }
    shown.answer(None, &teller.of_paths(&paths)?)
}

/// How many paths are answered before the answers are printed.
const CHUNK: usize = 1 << 14;

/// Says what could not be used: such a line brings nobody in, and the user should know.
fn warn(context: &Context, maintainers: &Maintainers) {
    for note in &maintainers.notes {
        context.say(&format!("warning: {}: {}\n", maintainers.shown(note.place), note.why));
    }
    for note in &maintainers.options.notes {
        context.say(&format!("warning: {note}\n"));
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    match path.as_os_str() == "-" {
        true => std::io::stdin().read_to_end(&mut bytes).map(|_| bytes),
        false => std::fs::read(path),
    }
    .map_err(|error| Failure::new(exit::FAILED, format!("cannot read '{}': {error}", path.display())))
}

/// Something that knows who is asked.
trait Teller: Sync {
    fn of_paths(&self, paths: &[&BStr]) -> Result<Vec<Told>, GitError>;
    fn of_patches(&self, texts: &[Vec<u8>]) -> Result<Vec<Told>, GitError>;
}

/// Somebody who is asked: the address, and what they are.
struct Told {
    address: BString,
    says: BString,
}

fn told(owners: Vec<Owner>) -> Vec<Told> {
    owners.into_iter().map(|owner| Told { address: owner.address, says: owner.says }).collect()
}

impl Teller for Desk<'_> {
    fn of_paths(&self, paths: &[&BStr]) -> Result<Vec<Told>, GitError> {
        Ok(told(Desk::of_paths(self, paths)?))
    }

    fn of_patches(&self, texts: &[Vec<u8>]) -> Result<Vec<Told>, GitError> {
        let texts: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
        Ok(told(self.of_patch(&self.maintainers.patches(&texts))?))
    }
}

impl Teller for &Codeowners {
    fn of_paths(&self, paths: &[&BStr]) -> Result<Vec<Told>, GitError> {
        let mut all: Vec<Told> = Vec::new();
        for path in paths {
            for (name, line) in self.owners(path).into_iter().flat_map(|(names, line)| names.iter().map(move |name| (name, line)))
            {
                if all.iter().all(|known| known.address != *name) {
                    all.push(Told { address: name.clone(), says: format!("owner:line {line}").into() });
                }
            }
        }
        Ok(all)
    }

    fn of_patches(&self, texts: &[Vec<u8>]) -> Result<Vec<Told>, GitError> {
        let paths = patch::paths(texts.iter().map(Vec::as_slice));
        self.of_paths(&paths.iter().map(|path| path.as_bstr()).collect::<Vec<_>>())
    }
}

/// How answers are printed.
struct Shown<'c> {
    context: &'c Context,
    roles: bool,
    null: bool,
}

impl Shown<'_> {
    fn answer(&self, path: Option<&BStr>, told: &[Told]) -> Result<u8, Failure> {
        self.context.print(&self.text(path, told))?;
        Ok(exit::DONE)
    }

    fn text(&self, path: Option<&BStr>, told: &[Told]) -> String {
        let mut out = String::new();
        for one in told {
            let (address, says) = (one.address.to_str_lossy(), one.says.to_str_lossy());
            if self.context.format == Format::Json {
                let path = path.map(|path| path.to_str_lossy().into_owned());
                let json = JsonOwner { path, address: address.into_owned(), says: says.into_owned() };
                out.push_str(&serde_json::to_string(&json).expect("text is JSON"));
                out.push('\n');
                continue;
            }
            if let Some(path) = path {
                out.push_str(&path.to_str_lossy());
                out.push_str(if self.null { "\0" } else { ": " });
            }
            out.push_str(&address);
            if self.roles {
                out.push_str(" (");
                out.push_str(&says);
                out.push(')');
            }
            out.push(if self.null { '\0' } else { '\n' });
        }
        out
    }
}
