//! `git cleave edit`: the plan's todo in the user's editor.

use std::path::Path;

use clap::Args;

use super::plan::show;
use super::{Context, Failure, exit};
use crate::git::Repository;
use crate::pipeline;
use crate::plan::address::addresses;
use crate::plan::landing::landed;
use crate::plan::picture::count;
use crate::plan::store::file::lock;
use crate::plan::todo::{parse, render};
use crate::write::{checked, waive};

/// Edit the plan as a todo, as in git rebase -i
#[derive(Debug, Args)]
pub(crate) struct EditArgs {
    /// Which change, where there are several plans
    #[arg(long, value_name = "CHANGE")]
    name: Option<String>,
    /// Take the todo from this file instead of an editor; - reads standard input
    #[arg(long, value_name = "FILE")]
    file: Option<std::path::PathBuf>,
    /// Only print the todo
    #[arg(long, conflicts_with = "file")]
    print: bool,
    /// Take a todo that should not build by what was read of the change: what speaks against it is set aside, and only a build tells
    #[arg(long, conflicts_with = "print")]
    force: bool,
}

pub(crate) fn run(context: &Context, args: EditArgs) -> Result<u8, Failure> {
    let repository = context.repository()?;
    let name = context.change(&repository, args.name.as_deref())?;
    let _lock = lock(repository.common_dir(), &name)?;
    let mut plan = pipeline::load(&repository, &name)?;
    let addresses = addresses(&plan.change, &plan.edits);
    let todo = render(&plan, &addresses);
    if args.print {
        context.print(&todo)?;
        return Ok(exit::DONE);
    }
    let text = match &args.file {
        Some(path) if path.as_os_str() == "-" => std::io::read_to_string(std::io::stdin())?,
        Some(path) => std::fs::read_to_string(path)?,
        None => edited(&repository, &todo)?,
    };
    let kept = match parse(&text, &plan, &addresses) {
        Ok(Some(campaign)) => campaign,
        Ok(None) => {
            context.say("nothing to do: the plan stays as it is\n");
            return Ok(exit::DONE);
        }
        Err(error) => return Err(refused(&repository, &text, error)),
    };
    plan.campaign = kept;
    if args.force {
        let n_waived = waive(&mut plan);
        if n_waived > 0 {
            context.say(&format!("{} set aside: git cleave verify tells whether the steps build\n", count(n_waived, "relation")));
        }
    }
    if let Err(error) = checked(&plan) {
        return Err(refused(&repository, &text, error));
    }
    pipeline::keep(&repository, &plan)?;
    show(context, &landed(plan))?;
    Ok(exit::DONE)
}

/// The todo that was refused is kept, so that nobody's work is lost.
fn refused(repository: &Repository, text: &str, error: impl std::error::Error + 'static) -> Failure {
    let path = repository.common_dir().join("cleave").join("refused-todo");
    let failure = Failure::new(exit::NO, error);
    match std::fs::write(&path, text) {
        Ok(()) => failure.hint(format!("your todo is kept: git cleave edit --file {}", path.display())),
        Err(_) => failure,
    }
}

fn edited(repository: &Repository, todo: &str) -> Result<String, Failure> {
    let folder = repository.common_dir().join("cleave");
    let file = tempfile::Builder::new().prefix("todo-").suffix(".txt").tempfile_in(&folder)?;
    std::fs::write(file.path(), todo)?;
    repository.program().edit(Path::new(file.path()))?;
    Ok(std::fs::read_to_string(file.path())?)
}
