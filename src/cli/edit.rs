//! `git cleave edit`: the plan's todo in the user's editor.

use std::path::Path;

use clap::Args;

use super::plan::{set_aside, show};
use super::{Context, Failure, exit};
use crate::git::scratch::Scratch;
use crate::git::{Repository, stop_point};
use crate::model::Plan;
use crate::pipeline;
use crate::pipeline::post::{keep_said, pending, take_words};
use crate::plan::address::addresses;
use crate::plan::change_id::name_series;
use crate::plan::todo::{Pending, Show, parse, render, render_words};
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

fn edited_plan(
    context: &Context,
    repository: &Repository,
    name: &str,
    args: &EditArgs,
    given: Option<String>,
) -> Result<u8, Failure> {
    let old = pipeline::load_analyzed(repository, name)?;
    if let Some(only) = &args.cover {
        return covers(context, repository, old.plan, only.as_deref(), args.print, given);
    }
    let plan = &old.plan;
    let addresses = addresses(&plan.change, &plan.edits);
    let todo = render(plan, &addresses, if args.diff { Show::Diff } else { Show::Lines });
    if args.print {
        context.print(&todo)?;
        return Ok(exit::DONE);
    }
    let text = given.map_or_else(|| edited(repository, &todo), Ok)?;
    let kept = match parse(&text, plan, &addresses) {
        Ok(Some(todo)) => todo,
        Ok(None) => {
            context.say("nothing to do: the plan stays as it is\n");
            return Ok(exit::DONE);
        }
        Err(error) => return Err(refused(repository, &text, "", error)),
    };
    let mut plan = Plan { campaign: kept.campaign, words: kept.words, ..plan.clone() };
    pipeline::say_again(repository, old, &mut plan, &kept.joined)?;
    name_series(&mut plan);
    if args.force {
        set_aside(context, &mut plan);
    }
    if let Err(error) = checked(&plan) {
        return Err(refused(repository, &text, "", error));
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
    is_print: bool,
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
    if is_print {
        context.print(&todo)?;
        return Ok(exit::DONE);
    }
    let text = given.map_or_else(|| edited(repository, &todo), Ok)?;
    match take_words(&mut plan, &text) {
        Ok(true) => keep_said(repository, &plan)?,
        Ok(false) => context.say("nothing to do: the texts stay as they are\n"),
        Err(error) => return Err(refused(repository, &text, "--cover ", error)),
    }
    Ok(exit::DONE)
}

/// Asks in the editor for what only a person can say; whatever is missing then stays missing.
pub(crate) fn ask(repository: &Repository, posting: &mut Posting, pending: Option<&Pending>) -> Result<(), Failure> {
    let text = edited(repository, &render_words(posting, None, pending))?;
    match take_words(posting, &text) {
        Ok(_) => Ok(keep_said(repository, posting)?),
        Err(error) => Err(refused(repository, &text, "--cover ", error)),
    }
}

/// The todo that was refused is kept, so that nobody's work is lost.
fn refused(repository: &Repository, text: &str, flag: &str, error: impl std::error::Error + 'static) -> Failure {
    let path = repository.common_dir().join("cleave").join("refused-todo");
    let failure = Failure::new(exit::NO, error);
    stop_point::reach("refused todo: before it is written");
    match std::fs::write(&path, text) {
        Ok(()) => failure.hint(format!("your todo is kept: git cleave edit {flag}--file {}", path.display())),
        Err(_) => failure,
    }
}

fn edited(repository: &Repository, todo: &str) -> Result<String, Failure> {
    let folder = repository.common_dir().join("cleave");
    let file = Scratch::make(|| tempfile::Builder::new().prefix("todo-").suffix(".txt").tempfile_in(&folder))?;
    std::fs::write(file.path(), todo)?;
    repository.program().edit(Path::new(file.path()))?;
    Ok(std::fs::read_to_string(file.path())?)
}
