//! `git cleave manual`: man pages and shell completions, made from the definitions behind `--help` and the pages in `docs/`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Arguments, Context, Failure, exit};
use crate::git::Program;

mod completions;
mod install;
mod page;

/// Install the man pages and the completions, or print one of them
#[derive(Debug, Args)]
#[command(after_help = include_str!("../help/manual.txt"))]
pub(crate) struct ManualArgs {
    /// Print the man page of this command instead of that of git-cleave
    #[arg(value_name = "COMMAND", conflicts_with_all = ["completions", "install"])]
    command: Option<String>,
    /// Print completions for this shell instead
    #[arg(long, value_enum, value_name = "SHELL", conflicts_with = "install")]
    completions: Option<Shell>,
    /// Write all man pages and completions below this folder; ~/.local where none is given
    #[arg(long, value_name = "PREFIX", num_args = 0..=1, value_hint = clap::ValueHint::DirPath)]
    install: Option<Option<PathBuf>>,
}

pub(crate) fn run(context: &Context, args: ManualArgs) -> Result<u8, Failure> {
    if let Some(prefix) = args.install {
        return install::run(context, prefix);
    }
    let text = match (args.completions, args.command) {
        (Some(shell), _) => completions::script(shell),
        (None, None) => page::render("git-cleave")?.expect("the program has a page"),
        (None, Some(name)) => page::render(&format!("git-cleave-{name}"))?
            .ok_or_else(|| Failure::new(exit::USAGE, format!("'{name}' is no command of git cleave")).hint("git cleave -h"))?,
    };
    context.print(&text)?;
    Ok(exit::DONE)
}

/// Opens the man page that belongs to a command line with `--help`, as git does for its own commands. Returns false where the page
/// is not installed, or the command line asks for no help.
pub(super) fn open(arguments: &[OsString]) -> bool {
    let words: Vec<&str> = arguments.iter().skip(1).map_while(|word| word.to_str()).take_while(|word| *word != "--").collect();
    words.contains(&"--help") && Program::new(Path::new(".")).open_manual(&page_of(&words))
}

/// Returns the page of the first word that is a command.
fn page_of(words: &[&str]) -> String {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "-C" | "--format" | "--color" => drop(words.next()),
            option if option.starts_with('-') => (),
            command if Arguments::command().find_subcommand(command).is_some() => return format!("git-cleave-{command}"),
            _ => break,
        }
    }
    "git-cleave".into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_opens_the_page_of_the_command() {
        for (words, page) in [
            (&["--help"][..], "git-cleave"),
            (&["plan", "--help"], "git-cleave-plan"),
            (&["-C", "plan", "split", "--help"], "git-cleave-split"),
            (&["--color", "never", "verify", "--help"], "git-cleave-verify"),
            (&["no-such-command", "plan", "--help"], "git-cleave"),
        ] {
            assert_eq!(page_of(words), page, "{words:?}");
        }
    }

    #[test]
    fn what_follows_two_hyphens_asks_for_no_help() {
        assert!(!open(&["git-cleave", "verify", "--", "make", "--help"].map(OsString::from)));
    }
}
