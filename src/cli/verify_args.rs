//! The arguments of `git cleave verify`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use super::input::one_of;
use crate::verify::Search;
use crate::verify::profile::Clean;
use crate::verify::report::Warnings;

/// Build every step of a plan, and its base
///
/// The command runs in an exported tree. Exit code 0 means that a step builds, 125 that it cannot be told, 126 and 127 that the command
/// cannot run, which ends the run; anything else that the step is broken. Verdicts are kept by tree, command, environment and
/// toolchain. Without a command, the profiles named are built, or else all that `.cleave.toml` and git's cleave.profile define.
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/verify.txt"))]
pub(crate) struct VerifyArgs {
    /// Which change; by default that of the current branch, or the only one
    #[arg(long, value_name = "CHANGE")]
    pub(super) name: Option<String>,
    /// Build with this profile; may be given more than once
    #[arg(long = "profile", short, value_name = "PROFILE", conflicts_with = "command")]
    pub(super) profiles: Vec<String>,
    /// Let the profiles of `.cleave.toml` run their commands here, as they are now
    #[arg(long)]
    pub(super) allow: bool,
    /// Build this many steps side by side; CLEAVE_JOBS tells the command its share of the processors
    #[arg(long, short, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) jobs: u16,
    /// Build every step, or stop at the first that fails, or halve the steps to find where it breaks
    #[arg(long, value_parser = one_of(SEARCHES), default_value = "all")]
    pub(super) search: Search,
    /// Which warnings break a step: none, those that the base does not have, or any
    #[arg(long, value_parser = one_of(WARNINGS), default_value = "new")]
    pub(super) warnings: Warnings,
    /// When to build a step from nothing: never, where what stands there may be wrong for it, or always
    #[arg(long, value_parser = one_of(CLEANS))]
    pub(super) clean: Option<Clean>,
    /// A build that takes longer has failed
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) timeout: Option<u64>,
    /// Build only the base; of each step ask the compiler what it says of the syntax: less than half the time, and no link
    #[arg(long, conflicts_with = "command")]
    pub(super) syntax: bool,
    /// Say which changed lines no configuration compiles: files and branches of #if
    #[arg(long)]
    pub(super) coverage: bool,
    /// Compare the objects before and after each patch that is called mechanical: it must change no code
    #[arg(long)]
    pub(super) objects_equal: bool,
    /// Build also what an earlier run has built
    #[arg(long)]
    pub(super) rebuild: bool,
    /// Build the I-th of N shares of the steps and profiles
    #[arg(long, value_name = "I/N", value_parser = shard)]
    pub(super) shard: Option<(usize, usize)>,
    /// Move what a failing build says is in the wrong patch, and build again, until every step builds; plan and branches are written when
    /// that is done
    #[arg(long, conflicts_with_all = ["search", "rebuild", "shard", "import", "is_static"])]
    pub(super) repair: bool,
    /// Build nothing: take the verdicts that another repository has, from its .git/cleave/verify; may be given more than once
    #[arg(long, value_name = "DIR", conflicts_with_all = ["shard", "rebuild"])]
    pub(super) import: Vec<PathBuf>,
    /// Build nothing: check the texts of the planned steps for what a compiler would refuse
    #[arg(long = "static", conflicts_with_all = ["profiles", "syntax", "coverage", "objects_equal", "jobs", "search", "timeout", "rebuild", "shard", "import", "command"])]
    pub(super) is_static: bool,
    /// The build command and its arguments; no shell reads them
    #[arg(last = true, value_name = "COMMAND")]
    pub(super) command: Vec<OsString>,
}

const SEARCHES: &[(&str, Search)] = &[("all", Search::All), ("first", Search::First), ("bisect", Search::Bisect)];
const WARNINGS: &[(&str, Warnings)] = &[("ignore", Warnings::Ignore), ("new", Warnings::New), ("error", Warnings::Error)];
const CLEANS: &[(&str, Clean)] = &[("never", Clean::Never), ("doubt", Clean::Doubt), ("always", Clean::Always)];

fn shard(text: &str) -> Result<(usize, usize), String> {
    let parts = text.split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
    parts.filter(|&(i, n)| (1..=n).contains(&i)).ok_or_else(|| "a share is I/N, as 2/3".into())
}
