//! The command: one file a subcommand, thin over the library.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use bstr::BString;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Parser, Subcommand, ValueEnum};

use crate::git::pager::is_in_use;
use crate::git::{GitError, Program, Repository};
use crate::model::address::{shown, visible, visible_json};
use crate::pipeline;
use crate::plan::operations::{self, Log};
use crate::plan::store::file;
use crate::ui::color::{Line, painted};
use crate::ui::error;
use crate::ui::signals::Signals;
use crate::ui::width::{folded, folded_text, width};

mod adopt;
mod builds;
mod demo;
mod drop;
mod edit;
pub mod exit;
mod explain;
mod fields;
mod input;
mod land;
mod lint;
mod list;
mod log;
mod mail;
mod manual;
mod owners;
mod plan;
mod restore;
mod review;
mod show;
mod split;
mod undo;
mod verify;
mod verify_args;

/// Cut a change that is far too big into series in which every step builds, one per maintainer
#[derive(Debug, Parser)]
#[command(name = "git-cleave", bin_name = "git cleave", version, max_term_width = 80)]
#[command(after_help = include_str!("help/git-cleave.txt"))]
struct Arguments {
    /// Run as if started in this folder
    #[arg(short = 'C', value_name = "DIR", global = true)]
    dir: Option<PathBuf>,
    /// Show results in git's pager; by default where a command prints what is to be read, to a terminal
    #[arg(short = 'p', long, overrides_with = "no_pager")]
    paginate: bool,
    /// Show results in no pager
    #[arg(short = 'P', long)]
    no_pager: bool,
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
    Edit(edit::EditArgs),
    Split(split::SplitArgs),
    Adopt(adopt::AdoptArgs),
    Verify(verify_args::VerifyArgs),
    Lint(lint::LintArgs),
    Mail(mail::MailArgs),
    Review(review::ReviewArgs),
    Fields(fields::FieldsArgs),
    Owners(owners::OwnersArgs),
    Explain(explain::ExplainArgs),
    List(list::ListArgs),
    Show(show::ShowArgs),
    Log(log::LogArgs),
    Undo(undo::UndoArgs),
    Restore(restore::RestoreArgs),
    Drop(drop::DropArgs),
    Demo(demo::DemoArgs),
    Manual(manual::ManualArgs),
}

impl Command {
    /// Whether it prints results that are read, and no more. `owners` answers line by line.
    fn is_to_read(&self) -> bool {
        match self {
            Command::Plan(_) | Command::Show(_) | Command::Explain(_) | Command::Review(_) | Command::Lint(_) => true,
            Command::Fields(_) | Command::List(_) | Command::Log(_) => true,
            Command::Edit(args) => args.print,
            _ => false,
        }
    }
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

/// Returns the change of the branch that is checked out, whether it has a plan or not.
fn change_of_head(repository: &Repository) -> Result<Option<String>, Failure> {
    let branch = repository.branch_of("HEAD")?;
    Ok(branch.map(|branch| pipeline::name_of(repository, &branch, &branch)).transpose()?)
}

/// Stands in hints for what a change is based on.
const UPSTREAM: &str = "origin/master";

/// Returns what a range of the user's repository may begin with: a branch that is there and is not the one that is checked out.
fn upstream(repository: &Repository) -> Option<String> {
    let refs = repository.refs("refs/remotes/").ok()?.into_iter().chain(repository.refs("refs/heads/").ok()?);
    let head = repository.commit("HEAD").ok()?;
    let names = ["refs/remotes/origin/master", "refs/remotes/origin/main", "refs/heads/master", "refs/heads/main"];
    let others: Vec<String> = refs.filter(|(_, commit)| *commit != head).map(|(name, _)| name).collect();
    let found = names.iter().find(|name| others.iter().any(|other| other == *name)).map(|name| (*name).to_owned());
    let is_other = |name: &&String| !name.starts_with("refs/heads/cleave/") && !name.ends_with("/HEAD");
    let name = found.or_else(|| others.iter().find(is_other).cloned())?;
    Some(name.trim_start_matches("refs/remotes/").trim_start_matches("refs/heads/").to_owned())
}

/// What every subcommand needs.
pub(crate) struct Context {
    pub(crate) dir: PathBuf,
    pub(crate) format: Format,
    /// What the user typed after `git cleave`.
    pub(crate) line: BString,
    /// How many columns a line takes at most.
    pub(crate) width: usize,
    pub(crate) signals: Signals,
    /// What was printed for a pager, where one is to show it at the end.
    paged: Option<Mutex<Vec<u8>>>,
}

impl Context {
    /// Opens the repository that the user stands in.
    pub(crate) fn repository(&self) -> Result<Repository, Failure> {
        Ok(Repository::discover(&self.dir)?)
    }

    /// Runs what may change the state of a change, under its lock, and puts it in the log.
    pub(crate) fn operation<T>(
        &self,
        repository: &Repository,
        change: &str,
        run: impl FnOnce() -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        operations::operation(repository, change, self.line.as_ref(), run)
    }

    /// Returns the change that is meant: the one named, that of the branch that is checked out, or the only one there is. Says where its branch has
    /// moved since it was planned.
    pub(crate) fn change(&self, repository: &Repository, name: Option<&str>) -> Result<String, Failure> {
        let name = self.change_as_it_is(repository, name)?;
        self.warn_of_moved(repository, &name)?;
        Ok(name)
    }

    /// Says where the branch of a change has moved since it was planned.
    pub(crate) fn warn_of_moved(&self, repository: &Repository, name: &str) -> Result<(), Failure> {
        if let Some(moved) = pipeline::moved(repository, name)? {
            let advice = match (moved.is_there, change_of_head(repository)?.as_deref() == Some(name)) {
                (false, _) => String::new(),
                (true, true) => "; git cleave plan takes it in".to_owned(),
                (true, false) => format!("; git cleave plan --name {name} takes it in"),
            };
            self.say(&format!("warning: {}{advice}\n", moved.sentence));
        }
        Ok(())
    }

    /// Returns the change that is meant, without a word on its branch.
    pub(crate) fn change_as_it_is(&self, repository: &Repository, name: Option<&str>) -> Result<String, Failure> {
        if let Some(name) = name {
            return Ok(name.to_owned());
        }
        let none = || Failure::new(exit::USAGE, "there is no plan yet").hint(format!("git cleave plan {UPSTREAM}.."));
        self.of_branch(repository, file::names(repository.common_dir())?, none)
    }

    /// Returns which of several changes is that of the branch that is checked out, or the only one there is.
    fn of_branch(
        &self,
        repository: &Repository,
        mut names: Vec<String>,
        none: impl FnOnce() -> Failure,
    ) -> Result<String, Failure> {
        match (change_of_head(repository)?.filter(|branch| names.contains(branch)), names.len()) {
            (Some(branch), _) => Ok(branch),
            (None, 0) => Err(none()),
            (None, 1) => Ok(names.remove(0)),
            (None, _) => {
                let line = self.line.to_string();
                let (command, rest) = line.split_once(' ').unwrap_or((&line, ""));
                let hint = match command.starts_with('-') {
                    true => format!("--name {}", names[0]),
                    false => format!("git cleave {command} --name {} {rest}", names[0]).trim_end().to_owned(),
                };
                Err(Failure::new(exit::USAGE, format!("there are several changes: {}", names.join(", "))).hint(hint))
            }
        }
    }

    /// Returns the change of the log that is meant; it may have been dropped.
    pub(crate) fn logged(&self, repository: &Repository, name: Option<&str>) -> Result<String, Failure> {
        let names = Log::changes(repository)?;
        match name {
            Some(name) if names.iter().any(|known| known == name) => Ok(name.to_owned()),
            Some(name) => {
                Err(Failure::new(exit::USAGE, format!("nothing was done to a change '{name}'")).hint("git cleave log --all"))
            }
            None => self.of_branch(repository, names, || {
                Failure::new(exit::USAGE, "nothing was done yet").hint(format!("git cleave plan {UPSTREAM}.."))
            }),
        }
    }

    /// Prints a value as one line of JSON.
    pub(crate) fn print_json(&self, value: &impl serde::Serialize) -> Result<(), Failure> {
        self.print_raw(json_line(value)?.as_bytes())
    }

    /// Prints values, each as one line of JSON.
    pub(crate) fn print_json_lines(&self, values: &[impl serde::Serialize]) -> Result<(), Failure> {
        self.print_raw(values.iter().map(json_line).collect::<Result<String, _>>()?.as_bytes())
    }

    /// Prints a result for people: what would steer a terminal is escaped.
    pub(crate) fn print(&self, text: &str) -> Result<(), Failure> {
        self.print_raw(visible(text.into()).as_bytes())
    }

    /// The same in lines that are not too long.
    pub(crate) fn print_folded(&self, text: &str) -> Result<(), Failure> {
        self.print(&folded_text(text, self.width))
    }

    /// Prints a result for people, in colours, in lines that are not too long.
    pub(crate) fn print_lines(&self, lines: &[Line]) -> Result<(), Failure> {
        let text = painted(&lines.iter().flat_map(|line| folded(line, self.width)).collect::<Vec<_>>());
        match &self.paged {
            Some(paged) => {
                let color = anstream::AutoStream::choice(&std::io::stdout());
                let mut paged = paged.lock().unwrap_or_else(PoisonError::into_inner);
                Ok(anstream::AutoStream::new(&mut *paged as &mut dyn Write, color).write_all(text.as_bytes())?)
            }
            None => quietly(anstream::stdout().lock().write_all(text.as_bytes())),
        }
    }

    /// Whether somebody sits there who can be asked.
    pub(crate) fn is_terminal(&self) -> bool {
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    /// Prints a result for programs, as it is.
    pub(crate) fn print_raw(&self, bytes: &[u8]) -> Result<(), Failure> {
        match &self.paged {
            Some(paged) => Ok(paged.lock().unwrap_or_else(PoisonError::into_inner).write_all(bytes)?),
            None => quietly(std::io::stdout().lock().write_all(bytes)),
        }
    }

    /// Shows what was printed for the pager. Where it cannot be started, it is printed as it is.
    fn page(&self, pager: Option<&str>) {
        let Some(paged) = &self.paged else { return };
        let text = std::mem::take(&mut *paged.lock().unwrap_or_else(PoisonError::into_inner));
        let is_shown = pager.is_some_and(|pager| {
            text.is_empty() || (self.signals.orderly().is_ok() && Program::new(&self.dir).page(pager, &text))
        });
        if !is_shown {
            drop(std::io::stdout().lock().write_all(&text));
        }
    }

    /// Says something to the user that is no result; what would steer a terminal is escaped.
    pub(crate) fn say(&self, text: &str) {
        // What has no end yet goes on in the same line.
        let text = if text.ends_with('\n') { &folded_text(text, self.width) } else { text };
        // What is said of a result stands behind it.
        if let Some(paged) = self.paged.as_ref().filter(|_| std::io::stderr().is_terminal()) {
            let mut paged = paged.lock().unwrap_or_else(PoisonError::into_inner);
            if !paged.is_empty() {
                return paged.extend_from_slice(visible(text.into()).as_bytes());
            }
        }
        drop(std::io::stderr().lock().write_all(visible(text.into()).as_bytes()));
    }

    /// The same in colours.
    pub(crate) fn say_lines(&self, lines: &[Line]) {
        drop(anstream::stderr().lock().write_all(painted(lines).as_bytes()));
    }
}

/// A reader that went away ends the program quietly.
fn quietly(written: std::io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

/// Returns a value as one line of JSON.
fn json_line(value: &impl serde::Serialize) -> serde_json::Result<String> {
    Ok(format!("{}\n", visible_json(&serde_json::to_string(value)?)))
}

/// Returns a command line as a shell would take it again, on one line and no longer than a subject is read.
fn typed<'w>(words: impl Iterator<Item = &'w OsString>) -> BString {
    const PLAIN: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@^~,+%";
    let quoted = |word: &OsString| {
        let word: String = word.to_string_lossy().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        match !word.is_empty() && word.chars().all(|c| PLAIN.contains(c)) {
            true => word,
            false => format!("'{}'", word.replace('\'', "'\\''")),
        }
    };
    words.map(quoted).collect::<Vec<_>>().join(" ").chars().take(200).collect::<String>().into()
}

/// Runs the command with these arguments; the exit codes are in [`exit`].
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let words: Vec<OsString> = arguments.into_iter().collect();
    let arguments = match Arguments::try_parse_from(&words) {
        Ok(arguments) => arguments,
        Err(error) => return misused(&words, error),
    };
    let dir = arguments.dir.unwrap_or_else(|| PathBuf::from("."));
    if !dir.is_dir() {
        let failed =
            GitError::file("change to", &dir)(std::fs::metadata(&dir).err().unwrap_or(io::ErrorKind::NotADirectory.into()));
        drop(anstream::stderr().lock().write_all(painted(&error::shown(&failed, None)).as_bytes()));
        return ExitCode::from(exit::FAILED);
    }
    let program = Program::new(&dir);
    let wants_pager = !arguments.no_pager && (arguments.paginate || arguments.command.is_to_read());
    let pager = (wants_pager && std::io::stdout().is_terminal()).then(|| program.pager()).flatten();
    let is_paged = pager.is_some() || is_in_use();
    match arguments.color {
        When::Auto if is_paged && !program.colors_pager() => anstream::ColorChoice::Never,
        When::Auto if is_in_use() => anstream::ColorChoice::AlwaysAnsi,
        When::Auto => anstream::ColorChoice::Auto,
        When::Always => anstream::ColorChoice::Always,
        When::Never => anstream::ColorChoice::Never,
    }
    .write_global();
    let line = typed(words.iter().skip(1));
    let signals = Signals::watch().unwrap_or_default();
    let paged = pager.as_ref().map(|_| Mutex::default());
    let context = Context { line, dir, format: arguments.format, width: width(), signals, paged };
    let result = match arguments.command {
        Command::Plan(args) => plan::run(&context, args),
        Command::Edit(args) => edit::run(&context, args),
        Command::Split(args) => split::run(&context, args),
        Command::Adopt(args) => adopt::run(&context, args),
        Command::Verify(args) => verify::run(&context, args),
        Command::Lint(args) => lint::run(&context, args),
        Command::Mail(args) => mail::run(&context, args),
        Command::Review(args) => review::run(&context, args),
        Command::Fields(args) => fields::run(&context, args),
        Command::Owners(args) => owners::run(&context, args),
        Command::Explain(args) => explain::run(&context, args),
        Command::List(args) => list::run(&context, args),
        Command::Show(args) => show::run(&context, args),
        Command::Log(args) => log::run(&context, args),
        Command::Undo(args) => undo::run(&context, args),
        Command::Restore(args) => restore::run(&context, args),
        Command::Drop(args) => drop::run(&context, args),
        Command::Demo(args) => demo::run(&context, args),
        Command::Manual(args) => manual::run(&context, args),
    };
    // Ctrl-C in the pager is the pager's.
    let ended = result.as_ref().err().and_then(|_| context.signals.ended());
    context.page(pager.as_deref());
    match (result, ended) {
        (Ok(code), _) => ExitCode::from(code),
        // A git that Ctrl-C ended has failed, and nobody asks why.
        (Err(_), Some(code)) => {
            context.say("interrupted\n");
            code
        }
        (Err(mut failure), None) => {
            if let Some(hint) = failure.hint.as_mut().filter(|hint| hint.contains(UPSTREAM)) {
                let there = context.repository().ok().and_then(|repository| upstream(&repository));
                *hint = hint.replace(UPSTREAM, there.as_deref().unwrap_or("HEAD~1"));
            }
            context.say_lines(&error::shown(failure.error.as_ref(), failure.hint.as_deref()));
            ExitCode::from(failure.code)
        }
    }
}

/// Shows the help that was asked for, or says what is wrong with the words.
fn misused(words: &[OsString], error: clap::Error) -> ExitCode {
    if error.kind() == ErrorKind::DisplayHelp && manual::open(words) {
        return ExitCode::from(exit::DONE);
    }
    let hint = forgotten_dashes(words, &error);
    let code = if error.use_stderr() { exit::USAGE } else { exit::DONE };
    // It repeats the words.
    let shown = words.iter().map(|word| shown(word.to_string_lossy().as_ref().into()));
    drop(Arguments::try_parse_from(shown).err().unwrap_or(error).print());
    if let Some(hint) = hint {
        drop(std::io::stderr().lock().write_all(format!("hint: {hint}\n").as_bytes()));
    }
    ExitCode::from(code)
}

/// Returns what `verify make` was to be: a command stands behind `--`.
fn forgotten_dashes(words: &[OsString], error: &clap::Error) -> Option<String> {
    let (ErrorKind::UnknownArgument, Some(ContextValue::String(word))) = (error.kind(), error.get(ContextKind::InvalidArg))
    else {
        return None;
    };
    let at = words.iter().position(|other| **other == **word).filter(|_| !word.starts_with('-'))?;
    let is_verify = words[1..at].iter().any(|word| word == "verify");
    let [before, after] = [&words[1..at], &words[at..]].map(|words| typed(words.iter()));
    is_verify.then(|| format!("what builds stands behind --: git cleave {before} -- {after}"))
}
