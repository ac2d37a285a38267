//! Branches of other trees, as far as they were fetched.

use std::collections::BTreeMap;

use bstr::{BStr, ByteSlice};

use super::program::GitError;
use super::repository::Repository;
use crate::model::ObjectId;

/// A branch of another tree, as it was when it was last fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tracked {
    /// As people type it: `net-next/main`.
    pub branch: String,
    /// Where it stands.
    pub commit_id: ObjectId,
}

/// What is known of other trees without asking them.
#[derive(Debug, Clone, Default)]
pub struct Remotes {
    /// By address, without what differs between ways to get there.
    names: BTreeMap<String, String>,
    /// The remote-tracking branches, by full name.
    branches: BTreeMap<String, ObjectId>,
}

impl Repository {
    /// Returns the remotes and the branches that were fetched from them.
    ///
    /// # Errors
    /// When git cannot be run.
    pub fn remotes(&self) -> Result<Remotes, GitError> {
        let values = self.config("remote")?;
        let name = |key: &str| Some(key.strip_prefix("remote.")?.strip_suffix(".url")?.to_owned());
        let names: BTreeMap<String, String> = values.iter().filter_map(|(key, url)| Some((place(url), name(key)?))).collect();
        let branches = if names.is_empty() { BTreeMap::new() } else { self.refs("refs/remotes/")? };
        Ok(Remotes { names, branches })
    }
}

impl Remotes {
    /// Returns the branch that a `T:` line of MAINTAINERS means: the one it names, else the one that the remote calls its own.
    pub fn tracked(&self, tree: &BStr) -> Option<Tracked> {
        let text = tree.to_str().ok()?;
        let mut words = text.split_whitespace();
        let url = words.next().filter(|word| *word == "git").and_then(|_| words.next())?;
        let name = self.names.get(&place(url))?;
        let candidates = match words.next() {
            Some(branch) => vec![branch],
            None => vec!["HEAD", "master", "main"],
        };
        candidates.into_iter().find_map(|branch| {
            let commit_id = *self.branches.get(&format!("refs/remotes/{name}/{branch}"))?;
            Some(Tracked { branch: format!("{name}/{branch}"), commit_id })
        })
    }
}

/// Returns host and path of an address, which are the same for `git://`, `https://` and `ssh://`.
fn place(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.trim_end_matches('/').trim_end_matches(".git").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(tree: &str, expected: Option<&str>) {
        let zero: ObjectId = "0".repeat(40).parse().expect("an id");
        let urls = [("https://git.example.org/net.git", "net"), ("git@here:mm.git", "mm")];
        let branches = ["net/HEAD", "net/next", "mm/main"].map(|branch| (format!("refs/remotes/{branch}"), zero));
        let remotes = Remotes {
            names: urls.iter().map(|(url, name)| (place(url), (*name).to_owned())).collect(),
            branches: branches.into_iter().collect(),
        };
        assert_eq!(remotes.tracked(tree.into()).map(|tracked| tracked.branch).as_deref(), expected, "{tree}");
    }

    #[test]
    fn a_tree_is_found_however_it_is_reached() {
        check("git git://git.example.org/net.git", Some("net/HEAD"));
        check("git git://git.example.org/net.git next", Some("net/next"));
        check("git git://git.example.org/net.git gone", None);
        check("git git@here:mm.git", Some("mm/main"));
        check("quilt https://git.example.org/net.git", None);
        check("git git://git.example.org/other.git", None);
        check("", None);
    }
}
