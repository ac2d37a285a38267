//! Arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    git_cleave::cli::run(std::env::args_os())
}
