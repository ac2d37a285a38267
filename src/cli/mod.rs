//! The command: one file a subcommand, thin over the library.

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use crate::git::Repository;
use crate::ui::error::shown;

pub mod exit;
mod input;
mod plan;
mod split;

/// Cut a change that is far too big into series in which every step builds, one per maintainer
#[derive(Debug, Parser)]
#[command(name = "git-cleave", bin_name = "git cleave", version, max_term_width = 100)]
#[command(after_help = "A first look, in a clone with a branch that is too big:\n  \
    git cleave plan origin/master..\n  git cleave split\n  git cleave mail -o out")]
struct Arguments {
    /// Run as if started in this folder
    #[arg(short = 'C', value_name = "DIR", global = true)]
    dir: Option<PathBuf>,
    /// Print for people or for programs
    #[arg(long, value_enum, default_value = "text", global = true)]
    format: Format,
    /// When to use colours
    #[arg(long, value_enum, default_value = "auto", global = true, value_name = "WHEN")]
    color: When,
    #[command(subcommand)]
    command: Command,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// When colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum When {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
enum Command {
    Plan(plan::PlanArgs),
    Split(split::SplitArgs),
}

/// What a subcommand returns when it cannot go on.
pub(crate) struct Failure {
    pub(crate) code: u8,
    pub(crate) error: Box<dyn std::error::Error>,
    pub(crate) hint: Option<String>,
}

impl Failure {
    /// A failure with this exit code.
    pub(crate) fn new(code: u8, error: impl Into<Box<dyn std::error::Error>>) -> Self {
        Failure { code, error: error.into(), hint: None }
    }

    /// The same with something to type next.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl<E: std::error::Error + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        input::failure(Box::new(error))
    }
}

/// What every subcommand needs.
pub(crate) struct Context {
    pub(crate) dir: PathBuf,
    pub(crate) format: Format,
}

impl Context {
    /// Opens the repository that the user stands in.
    pub(crate) fn repository(&self) -> Result<Repository, Failure> {
        Ok(Repository::discover(&self.dir)?)
    }

    /// Prints a result. A reader that went away ends the program quietly.
    pub(crate) fn print(&self, text: &str) -> Result<(), Failure> {
        match anstream::stdout().lock().write_all(text.as_bytes()) {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            other => Ok(other?),
        }
    }

    /// Says something to the user that is no result.
    pub(crate) fn say(&self, text: &str) {
        drop(anstream::stderr().lock().write_all(text.as_bytes()));
    }
}

/// Runs the command with these arguments; the exit codes are in [`exit`].
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            drop(error.print());
            return ExitCode::from(if error.use_stderr() { exit::USAGE } else { exit::DONE });
        }
    };
    match arguments.color {
        When::Auto => anstream::ColorChoice::Auto,
        When::Always => anstream::ColorChoice::Always,
        When::Never => anstream::ColorChoice::Never,
    }
    .write_global();
    let context = Context { dir: arguments.dir.unwrap_or_else(|| PathBuf::from(".")), format: arguments.format };
    let result = match arguments.command {
        Command::Plan(args) => plan::run(&context, args),
        Command::Split(args) => split::run(&context, args),
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            context.say(&shown(failure.error.as_ref(), failure.hint.as_deref()));
            ExitCode::from(failure.code)
        }
    }
}
