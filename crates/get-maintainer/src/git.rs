//! What the script asks git: the one file of the program that starts another program. The library starts none.

use std::io;
use std::path::Path;

use bstr::{BStr, ByteSlice};
use get_maintainer::history::FORMAT;

/// Whether git knows a file.
pub(crate) fn knows(top: &Path, path: &BStr) -> io::Result<bool> {
    Ok(!output(top, &["ls-files", "--"], Some(path))?.is_empty())
}

/// Returns the commits that touched a file since a time, as the script asks for them.
pub(crate) fn log_of_path(top: &Path, path: &BStr, since: &str) -> io::Result<Vec<u8>> {
    let (since, format) = (format!("--since={since}"), format!("--format={FORMAT}"));
    output(top, &["log", "--no-color", "--follow", &since, "--numstat", "--no-merges", &format, "--"], Some(path))
}

/// Returns one commit, as the script asks for it.
pub(crate) fn log_of_commit(top: &Path, commit: &BStr) -> io::Result<Vec<u8>> {
    let (format, commit) = (format!("--format={FORMAT}"), commit.to_str_lossy());
    output(top, &["log", "--no-color", "--numstat", &format, "-1", "--end-of-options", &commit, "--"], None)
}

/// Returns what git prints; nothing where it fails.
fn output(top: &Path, args: &[&str], path: Option<&BStr>) -> io::Result<Vec<u8>> {
    #[expect(clippy::disallowed_methods, reason = "the one place of this program that starts git")]
    let mut git = std::process::Command::new("git");
    git.arg("-C").arg(top).args(args).args(path.map(|path| path.to_os_str_lossy()));
    let out = git.output().map_err(|error| io::Error::new(error.kind(), format!("cannot run git: {error}")))?;
    Ok(if out.status.success() { out.stdout } else { Vec::new() })
}
