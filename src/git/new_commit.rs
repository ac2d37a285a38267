//! The parts of a commit → the object that git stores for it.

use bstr::{BStr, BString, ByteSlice};

use super::program::GitError;
use super::repository::{Repository, to_gix};
use super::revision::parse_id;
use super::stop_point;
use crate::model::{ObjectId, Signature};

/// All that a commit holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCommit<'c> {
    /// Its tree.
    pub tree_id: ObjectId,
    /// Its parents.
    pub parents: &'c [ObjectId],
    /// Who wrote it, and when.
    pub author: &'c Signature,
    /// Who made the commit, and when.
    pub committer: &'c Signature,
    /// The whole message.
    pub message: &'c BStr,
}

/// Returns the object that git stores for a commit.
///
/// # Errors
/// When a name, an address or a time cannot stand in an author line.
pub(super) fn commit_object(commit: &NewCommit<'_>) -> Result<gix_object::Commit, GitError> {
    let signature = |signature: &Signature| -> Result<gix_actor::Signature, GitError> {
        let line = bstr::concat([signature.name.as_slice(), b" <", signature.email.as_slice(), b"> ", signature.time.as_bytes()]);
        gix_actor::SignatureRef::from_bytes(&line)
            .map_err(|_| GitError::wrong(format!("'{}' is no author line", line.as_bstr())))?
            .to_owned()
            .map_err(|source| GitError::repository("cannot store an author line", source))
    };
    Ok(gix_object::Commit {
        tree: to_gix(commit.tree_id),
        parents: commit.parents.iter().copied().map(to_gix).collect(),
        author: signature(commit.author)?,
        committer: signature(commit.committer)?,
        encoding: std::str::from_utf8(commit.message).is_err().then(|| BString::from("ISO-8859-1")),
        message: commit.message.to_owned(),
        extra_headers: Vec::new(),
    })
}

impl Repository {
    /// Writes a commit of the program itself, made now; it is nobody's work and needs no identity of the user.
    ///
    /// # Errors
    /// When git cannot be run or an object is missing.
    pub fn commit_now(&self, tree_id: ObjectId, parents: &[ObjectId], message: &BStr) -> Result<ObjectId, GitError> {
        let mut program = self.program().clone();
        for who in ["AUTHOR", "COMMITTER"] {
            program =
                program.env(format!("GIT_{who}_NAME"), "git-cleave").env(format!("GIT_{who}_EMAIL"), "git-cleave@localhost");
        }
        let parents = parents.iter().flat_map(|parent| ["-p".to_owned(), parent.to_string()]);
        let args = ["-c", "i18n.commitEncoding=UTF-8", "commit-tree"].map(str::to_owned).into_iter();
        stop_point::reach("objects: before a commit of the log");
        parse_id(&program.run_with(args.chain([tree_id.to_string()]).chain(parents), message)?)
    }
}
