//! What a partial clone lacks of a change. Nothing here fetches: the error says what to type.

use bstr::ByteSlice;

use super::program::GitError;
use super::repository::Repository;
use crate::model::ObjectId;

/// As many commits are read for their subjects and paths, in every default. Source: `cleave.history`.
const HISTORY: &str = "-n2000";

impl Repository {
    /// Checks that a partial clone has the trees and files of two commits, and the trees of the history before. Then no answer depends on
    /// what was fetched by chance. Costs nothing where the clone is whole.
    ///
    /// # Errors
    /// When something is missing; the error has the command that fetches all of it.
    pub fn require(&self, base: ObjectId, tip: ObjectId) -> Result<(), GitError> {
        let remotes = self.config("remote")?;
        let promisor = |(key, value): (&String, &String)| {
            let name = key.strip_prefix("remote.")?.strip_suffix(".promisor")?;
            (value != "false").then(|| name.to_owned())
        };
        let Some(remote) = remotes.iter().find_map(promisor) else { return Ok(()) };
        let what = format!("{}..{}", base.short(), tip.short());
        let missing = |options: &[&str]| -> Result<usize, GitError> {
            let (base, tip) = (base.to_string(), tip.to_string());
            let args = ["rev-list", "--objects", "--missing=print"].iter().chain(options).copied();
            let out = self.program().run(args.chain([tip.as_str(), base.as_str(), "--"]))?;
            Ok(out.lines().filter(|line| line.starts_with(b"?")).count())
        };
        let n_missing = missing(&["--filter=blob:none", HISTORY])?;
        if n_missing > 0 {
            let fetch = format!("git fetch --refetch --filter=blob:none {remote}");
            return Err(GitError::Partial { n_missing, what, fetch });
        }
        let n_missing = missing(&["--no-walk"])?;
        if n_missing > 0 {
            let fetch = format!(
                "git rev-list --objects --no-walk --missing=print {base} {tip} | sed -n 's/^?//p' | git fetch --no-filter --stdin {remote}"
            );
            return Err(GitError::Partial { n_missing, what, fetch });
        }
        Ok(())
    }
}
