//! Arguments in, exit code out.

use std::process::ExitCode;

#[expect(clippy::disallowed_methods, reason = "the edge of the program")]
fn main() -> ExitCode {
    git_cleave::git::stop_point::arm(std::env::var_os("GIT_CLEAVE_TEST_STOP").as_deref());
    git_cleave::cli::run(std::env::args_os())
}
