//! The man page and shell completions, made from the same definitions as `--help`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Arguments, Context, Failure, exit};

/// Print the man page, or completions for a shell
#[derive(Debug, Args)]
pub(crate) struct ManualArgs {
    /// Print completions for this shell instead
    #[arg(long, value_enum)]
    completions: Option<Shell>,
}

pub(crate) fn run(context: &Context, args: ManualArgs) -> Result<u8, Failure> {
    let mut command = Arguments::command();
    let mut bytes = Vec::new();
    match args.completions {
        Some(shell) => clap_complete::generate(shell, &mut command, "git-cleave", &mut bytes),
        None => clap_mangen::Man::new(command).render(&mut bytes)?,
    }
    context.print(&String::from_utf8_lossy(&bytes))?;
    Ok(exit::DONE)
}
