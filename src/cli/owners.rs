//! `git cleave owners`: who maintains paths, or is asked about a patch.

use std::path::{Path, PathBuf};

use bstr::{BStr, ByteSlice};
use clap::Args;
use rayon::prelude::*;
use serde::Serialize;

use super::input::read;
use super::{Context, Failure, Format, exit, json_line};
use crate::analyze::project::TreeFiles;
use crate::git::GitError;
use get_maintainer::cli::ScriptArgs;
use get_maintainer::{Answer, Owners, Tree, Wanted};

/// Say who maintains paths, or is asked about a patch, as get_maintainer.pl --no-git --no-git-fallback [-f] prints it
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/owners.txt"))]
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
    script: ScriptArgs<false>,
    /// Paths from the top of the tree
    #[arg(required_unless_present_any = ["patch", "stdin"])]
    paths: Vec<String>,
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
    let tree = TreeFiles::of_commit(&repository, repository.commit(&args.rev)?)?;
    let owners = Owners::read(&tree, Wanted { words: &args.script.words, history_by_words_only: true })?;
    if matches!(owners, Owners::Folders) {
        return Err(Failure::new(exit::NO, "the project has neither MAINTAINERS nor CODEOWNERS"));
    }
    for warning in owners.warnings() {
        context.say(&format!("warning: {warning}\n"));
    }
    let printer = Printer { context, roles: args.roles, null: args.null };
    if !args.patch.is_empty() {
        let texts = args.patch.iter().map(|path| read(context, path)).collect::<Result<Vec<_>, _>>()?;
        let texts: Vec<&[u8]> = texts.iter().map(|(text, _)| text.as_slice()).collect();
        return printer.print(None, &owners.of_patches(&tree, &texts, Vec::new())?);
    }
    let is_there = |path: &BStr| match tree.has(path) || tree.is_folder(path) {
        true => Ok(()),
        false => Err(Failure::new(exit::NO, format!("'{path}' is not in {}", args.rev))),
    };
    if args.stdin {
        let (text, _) = read(context, Path::new("-"))?;
        let end = if args.null { 0 } else { b'\n' };
        let paths: Vec<&BStr> = text.split(|byte| *byte == end).filter(|path| !path.is_empty()).map(BStr::new).collect();
        paths.iter().try_for_each(|path| is_there(path))?;
        for some in paths.chunks(CHUNK) {
            let answers: Result<Vec<String>, GitError> =
                some.par_iter().map(|path| Ok(printer.text(Some(path), &owners.of_paths(&tree, &[path])?))).collect();
            printer.out(&answers?.concat())?;
        }
        return Ok(exit::DONE);
    }
    let paths: Vec<&BStr> = args.paths.iter().map(BStr::new).collect();
    paths.iter().try_for_each(|path| is_there(path))?;
    if context.format == Format::Json {
        for path in paths {
            printer.print(Some(path), &owners.of_paths(&tree, &[path])?)?;
        }
        return Ok(exit::DONE);
    }
    printer.print(None, &owners.of_paths(&tree, &paths)?)
}

/// How many paths are answered before the answers are printed.
const CHUNK: usize = 1 << 14;

/// Prints answers.
struct Printer<'c> {
    context: &'c Context,
    roles: bool,
    null: bool,
}

impl Printer<'_> {
    fn print(&self, path: Option<&BStr>, answer: &Answer) -> Result<u8, Failure> {
        self.out(&self.text(path, answer)).map(|()| exit::DONE)
    }

    fn out(&self, text: &str) -> Result<(), Failure> {
        if self.null { self.context.print_raw(text.as_bytes()) } else { self.context.print(text) }
    }

    fn text(&self, path: Option<&BStr>, answer: &Answer) -> String {
        let mut out = String::new();
        for owner in &answer.owners {
            if self.context.format == Format::Json {
                let path = path.map(|path| path.to_str_lossy().into_owned());
                let (address, says) = (owner.mailbox.printed().to_string(), owner.says.to_string());
                out.push_str(&json_line(&JsonOwner { path, address, says }).expect("text is JSON"));
                continue;
            }
            if let Some(path) = path {
                out.push_str(&path.to_str_lossy());
                out.push_str(if self.null { "\0" } else { ": " });
            }
            out.push_str(&owner.line(self.roles).to_str_lossy());
            out.push(if self.null { '\0' } else { '\n' });
        }
        out
    }
}
