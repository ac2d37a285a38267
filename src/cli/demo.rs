//! `git cleave demo`: all of it on the embedded example, in a temporary repository.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Parser};
use include_dir::{Dir, include_dir};

use super::{Arguments, Command, Context, Failure, exit};
use crate::git::program::named_by_environment;
use crate::git::{Program, Repository};
use crate::mail::{MailSettings, Sending, mails, write};
use crate::pipeline::post::{recipients, sender};
use crate::pipeline::{self, Start};
use crate::plan::operations::operation;
use crate::read::Input;
use crate::settings::Layer;
use crate::ui::color::{Label, Line};
use crate::write::{Force, Posting, checked, split};

/// The tree before the change.
static BASE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/examples/gmap/base");
/// The tree after it.
static TIP: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/examples/gmap/tip");

/// Show all of it on an embedded example: plan, branches, builds, mails
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/demo.txt"))]
pub(crate) struct DemoArgs {
    /// Make the repository here instead of in the folder for temporary files
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

pub(crate) fn run(context: &Context, args: DemoArgs) -> Result<u8, Failure> {
    // As in a hook, or below git rebase --exec: the demo would be made in the user's own repository.
    let named = named_by_environment();
    if let Some(first) = named.first() {
        let hint = format!("env -u {} git cleave demo", named.join(" -u "));
        return Err(Failure::new(exit::USAGE, format!("{first} names a repository, and the demo makes its own")).hint(hint));
    }
    let folder = match args.keep {
        Some(folder) if folder.exists() => {
            return Err(Failure::new(exit::USAGE, format!("'{}' is there already", folder.display())));
        }
        Some(folder) => folder,
        None => tempfile::Builder::new().prefix("git-cleave-demo-").tempdir()?.keep(),
    };
    let tree = folder.join("linux");
    let git = repository(&tree)?;
    let repository = Repository::discover(&tree)?;
    heading(context, "git cleave plan base..gmap-rework", "how the change is cut")?;
    let input = Input::Range(Some("base..gmap-rework".into()));
    let source = pipeline::source(&repository, &input, None)?;
    let name = source.1.clone();
    let plan = operation::<_, Failure>(&repository, &name, "plan base..gmap-rework".into(), || {
        let plan = pipeline::plan(&repository, source, &Layer::default(), Start::Fresh, &|_| ())?.plan;
        checked(&plan)?;
        pipeline::keep(&repository, &plan)?;
        Ok(Posting::of(plan))
    })?;
    super::plan::show(context, &plan)?;
    heading(context, "git cleave split", "a branch for all, and one for each series")?;
    let written =
        operation::<_, Failure>(&repository, &name, "split".into(), || Ok(split(&repository, checked(&plan)?, Force::Refuse)?))?;
    super::split::show(context, &plan, &written)?;
    heading(context, "git cleave verify -- make -s check", "every step builds and passes its tests")?;
    let words = ["git-cleave", "verify", "--name", &plan.name, "--", "make", "-s", "check"];
    let Command::Verify(steps) = Arguments::parse_from(words).command else { unreachable!("it was asked to verify") };
    let code = super::verify::run_in(context, &repository, steps).or_else(|failure| match failure.code {
        exit::FAILED => {
            context.say(&format!("not built: {} (the demo builds with make and a C compiler)\n", failure.error));
            Ok(exit::DONE)
        }
        _ => Err(failure),
    })?;
    heading(context, "git cleave mail -o out", "the mails of each series")?;
    let out = folder.join("out");
    let settings = MailSettings { sender: sender(&repository, &plan), ..MailSettings::default() };
    let all = mails(&repository, &plan, &written, &recipients(&repository, &plan, &written)?, &settings)?;
    write(&out, &all)?;
    super::mail::show(context, &out, &plan, &all, &Sending::from(&repository)?)?;
    heading(context, "to look around", "nothing here is sent, and nothing outside this folder was touched")?;
    context.print(&format!(
        "  cd {}\n  git log --oneline --graph base..cleave/gmap-rework/all\n  git cleave explain 1\n  git cleave edit\n  less {}/*/0000-cover-letter.patch\n",
        tree.display(),
        out.display()
    ))?;
    drop(git);
    Ok(code)
}

fn heading(context: &Context, command: &str, what: &str) -> Result<(), Failure> {
    let line = vec![(Label::Heading, format!("{command}  ")), (Label::Dim, what.to_owned())];
    context.print_lines(&[Line::new(), line, Line::new()])
}

/// Makes a repository with the base on branch `base` and the change on branch `gmap-rework`.
fn repository(tree: &Path) -> Result<Program, Failure> {
    fs::create_dir_all(tree)?;
    let git = ["AUTHOR", "COMMITTER"].iter().fold(Program::new(tree), |git, who| {
        git.env(format!("GIT_{who}_NAME"), "Ada Demo")
            .env(format!("GIT_{who}_EMAIL"), "ada@example.org")
            .env(format!("GIT_{who}_DATE"), "1735689600 +0000")
    });
    git.run(["init", "-q", "-b", "base", "--template="])?;
    for (key, value) in [("user.name", "Ada Demo"), ("user.email", "ada@example.org"), ("commit.gpgSign", "false")] {
        git.run(["config", key, value])?;
    }
    lay_out(&git, &BASE, tree)?;
    git.run(["commit", "-q", "--no-verify", "-m", "the tree before"])?;
    git.run(["checkout", "-q", "-b", "gmap-rework"])?;
    git.run(["rm", "-q", "-r", "."])?;
    lay_out(&git, &TIP, tree)?;
    git.run(["commit", "-q", "--no-verify", "-s", "-m", MESSAGE])?;
    git.run(["branch", "-q", "--set-upstream-to=base"])?;
    Ok(git)
}

/// What the author of the example said of it.
const MESSAGE: &str = "gmap: stop using page->index

The guest memory map of arch/one kept its notes in page->index. Give it a
place of its own, move what belongs to KVM there, and rename the field for
those who remain, so that no new user can appear.";

/// Writes an embedded tree and stages it. Scripts are those that begin with `#!`.
fn lay_out(git: &Program, from: &Dir<'_>, to: &Path) -> Result<(), Failure> {
    from.extract(to)?;
    git.run(["add", "--all", "--force", "."])?;
    Ok(())
}
