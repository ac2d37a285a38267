//! `git cleave edit`: the plan's todo in the user's editor.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use clap::Args;

use super::plan::{set_aside, show};
use super::{Context, Failure, exit};
use crate::git::scratch::Scratch;
use crate::git::{GitError, Repository, stop_point};
use crate::model::Plan;
use crate::pipeline;
use crate::pipeline::post::{keep_said, pending, take_words};
use crate::plan::address::addresses;
use crate::plan::change_id::name_series;
use crate::plan::todo::{Pending, Show, line_of, parse, render, render_words};
use crate::write::{Posting, checked};

/// Edit the plan as a todo, as in git rebase -i
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/edit.txt"))]
pub(crate) struct EditArgs {
    /// Which change, where there are several plans
    #[arg(long, value_name = "CHANGE")]
    name: Option<String>,
    /// Take the todo from this file instead of an editor; - reads standard input
    #[arg(long, value_name = "FILE")]
    file: Option<std::path::PathBuf>,
    /// Open the editor on the todo that was refused last
    #[arg(long, conflicts_with_all = ["file", "print", "diff"])]
    refused: bool,
    /// Only print the todo
    #[arg(long, conflicts_with = "file")]
    pub(super) print: bool,
    /// Show below each edit what it takes away and puts in, as comments
    #[arg(long, conflicts_with_all = ["file", "cover"])]
    diff: bool,
    /// Edit only what people say: blurb, cover letters and changelogs, of all series or of one
    #[arg(long, value_name = "SERIES", num_args = 0..=1, conflicts_with = "force")]
    cover: Option<Option<String>>,
    /// Take a todo that should not build by what was read of the change: what speaks against it is set aside, and only a build tells
    #[arg(long, conflicts_with = "print")]
    force: bool,
}

pub(crate) fn run(context: &Context, args: EditArgs) -> Result<u8, Failure> {
    let repository = context.repository()?;
    let name = context.change(&repository, args.name.as_deref())?;
    if args.print {
        return edited_plan(context, &repository, &name, &args, None);
    }
    // What is handed in is read before the lock is taken: it may come from an edit that prints.
    let given = match &args.file {
        Some(path) if path.as_os_str() == "-" => Some(std::io::read_to_string(std::io::stdin())?),
        Some(path) => Some(std::fs::read_to_string(path)?),
        None => None,
    };
    context.operation(&repository, &name, || edited_plan(context, &repository, &name, &args, given))
}

/// Returns what the editor shows: the todo, or the one that was refused.
fn shown<'t>(repository: &Repository, args: &EditArgs, todo: &'t str) -> Result<Cow<'t, str>, Failure> {
    let path = refused_path(repository);
    match args.refused {
        true => Ok(Cow::Owned(std::fs::read_to_string(&path).map_err(GitError::file("read", &path))?)),
        false => Ok(Cow::Borrowed(todo)),
    }
}

fn edited_plan(
    context: &Context,
    repository: &Repository,
    name: &str,
    args: &EditArgs,
    given: Option<String>,
) -> Result<u8, Failure> {
    let old = pipeline::load_analyzed(repository, name)?;
    if let Some(only) = &args.cover {
        return covers(context, repository, old.plan, only.as_deref(), args, given);
    }
    let plan = &old.plan;
    let addresses = addresses(&plan.change, &plan.edits);
    let todo = render(plan, &addresses, if args.diff { Show::Diff } else { Show::Lines });
    if args.print {
        context.print(&todo)?;
        return Ok(exit::DONE);
    }
    let again = format!("git cleave edit --name {name} --refused");
    let text = given.map_or_else(|| edited(context, repository, &shown(repository, args, &todo)?, &again), Ok)?;
    let kept = match parse(&text, plan, &addresses) {
        Ok(Some(todo)) => todo,
        Ok(None) => {
            context.say("nothing to do: the plan stays as it is\n");
            return Ok(exit::DONE);
        }
        Err(error) => return Err(refused(repository, &text, &again, error)),
    };
    let mut plan = Plan { campaign: kept.campaign, words: kept.words, ..plan.clone() };
    pipeline::say_again(repository, old, &mut plan, &kept.joined)?;
    name_series(&mut plan);
    if args.force {
        set_aside(context, &mut plan);
    }
    if let Err(error) = checked(&plan) {
        let subject = |id: &str| {
            let patch = plan.campaign.patches.iter().find(|patch| patch.patch_id == id)?;
            Some(patch.message.subject.to_string())
        };
        let lines: Vec<String> = error
            .named()
            .into_iter()
            .filter_map(|id| line_of(&text, id, subject(id).as_deref()))
            .map(|line| line.to_string())
            .collect();
        let error: Box<dyn std::error::Error> = match lines.is_empty() {
            true => error.into(),
            false => format!("line {}: {error}", lines.join(" and ")).into(),
        };
        return Err(refused(repository, &text, &again, error));
    }
    pipeline::keep(repository, &plan)?;
    show(context, &Posting::of(plan))?;
    Ok(exit::DONE)
}

/// Edits what people say and nothing else.
fn covers(
    context: &Context,
    repository: &Repository,
    plan: Plan,
    only: Option<&str>,
    args: &EditArgs,
    given: Option<String>,
) -> Result<u8, Failure> {
    let mut plan = Posting::of(plan);
    if let Some(unknown) = only.filter(|only| !plan.campaign.series.iter().any(|series| series.name == **only)) {
        let known: Vec<&str> = plan.campaign.series.iter().map(|series| series.name.as_str()).collect();
        return Err(
            Failure::new(exit::USAGE, format!("there is no series '{unknown}'")).hint(format!("one of {}", known.join(", ")))
        );
    }
    let pending = pending(repository, &plan)?;
    let todo = render_words(&plan, only, pending.as_ref());
    if args.print {
        context.print(&todo)?;
        return Ok(exit::DONE);
    }
    let again = words_again(&plan.name);
    // What stands for a text may stay in an editor, and is no text from elsewhere.
    let was = if given.is_some() { "" } else { todo.as_str() };
    let text = given.map_or_else(|| edited(context, repository, &shown(repository, args, &todo)?, &again), Ok)?;
    match take_words(&mut plan, &text, was) {
        Ok(true) => keep_said(repository, &plan)?,
        Ok(false) => context.say("nothing to do: the texts stay as they are\n"),
        Err(error) => return Err(refused(repository, &text, &again, error)),
    }
    Ok(exit::DONE)
}

fn words_again(name: &str) -> String {
    format!("git cleave edit --name {name} --cover --refused")
}

/// Asks in the editor for what only a person can say; whatever is missing then stays missing.
pub(crate) fn ask(
    context: &Context,
    repository: &Repository,
    posting: &mut Posting,
    pending: Option<&Pending>,
) -> Result<(), Failure> {
    let (todo, again) = (render_words(posting, None, pending), words_again(&posting.name));
    let text = edited(context, repository, &todo, &again)?;
    match take_words(posting, &text, &todo) {
        Ok(_) => Ok(keep_said(repository, posting)?),
        Err(error) => Err(refused(repository, &text, &again, error)),
    }
}

fn refused_path(repository: &Repository) -> PathBuf {
    repository.common_dir().join("cleave").join("refused-todo")
}

/// The todo that was refused is kept, so that nobody's work is lost; `again` opens the editor on it.
fn refused(repository: &Repository, text: &str, again: &str, error: impl Into<Box<dyn std::error::Error>>) -> Failure {
    let path = refused_path(repository);
    let failure = Failure::new(exit::NO, error);
    stop_point::reach("refused todo: before it is written");
    match std::fs::write(&path, text) {
        Ok(()) => failure.hint(format!("your todo is kept in {}: {again}", path.display())),
        Err(_) => failure,
    }
}

/// Opens a todo in the editor and returns what became of it. Where the editor fails, what it wrote is kept.
fn edited(context: &Context, repository: &Repository, todo: &str, again: &str) -> Result<String, Failure> {
    let folder = repository.common_dir().join("cleave");
    let file = Scratch::make(|| tempfile::Builder::new().prefix("todo-").suffix(".txt").tempfile_in(&folder))?;
    std::fs::write(file.path(), todo)?;
    let result = context.signals.in_editor(|| repository.program().edit(Path::new(file.path())));
    let text = std::fs::read_to_string(file.path());
    match (result, text) {
        (Ok(()), text) => Ok(text?),
        (Err(error), Ok(text)) if text != todo => Err(Failure { code: exit::FAILED, ..refused(repository, &text, again, error) }),
        (Err(error), _) => Err(error.into()),
    }
}
