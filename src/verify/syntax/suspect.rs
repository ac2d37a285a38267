//! An object of a step that may differ from the base's, and what a compiler says of it.

use std::collections::BTreeSet;

use bstr::BString;

use super::compile::Compile;
use super::rewrite::Aim;
use crate::git::GitError;
use crate::verify::VerifyError;
use crate::verify::verdict::Ended;

/// An object of a step that may differ from the base's.
#[derive(Clone)]
pub(super) struct Suspect {
    pub(super) compile: Compile,
    /// The object whose command it has, when its source is new.
    pub(super) like: Option<BString>,
    /// What its compiler is asked.
    pub(super) aim: Aim,
    /// The name under which is kept what its compiler says.
    pub(super) key: String,
}

/// What was said of an object.
#[derive(Clone)]
pub(super) struct ObjectAnswer {
    pub(super) code: i32,
    pub(super) messages: BString,
    pub(super) reads: Option<BTreeSet<BString>>,
    /// Whether it was compiled before, in another tree.
    pub(super) is_known: bool,
}

/// Why nothing is known of the objects of a step.
pub(super) enum Stopped {
    /// The build of the base, or a compiler, did not end by itself.
    Ended(Ended),
    /// The compilers could not be asked.
    Failed(VerifyError),
}

impl From<VerifyError> for Stopped {
    fn from(error: VerifyError) -> Self {
        Stopped::Failed(error)
    }
}

impl From<GitError> for Stopped {
    fn from(error: GitError) -> Self {
        Stopped::Failed(error.into())
    }
}

/// Returns an end that was not by itself as an answer, beside the errors.
pub(super) fn or_end<T>(answer: Result<T, Stopped>) -> Result<Result<T, Ended>, VerifyError> {
    match answer {
        Ok(answer) => Ok(Ok(answer)),
        Err(Stopped::Ended(ended)) => Ok(Err(ended)),
        Err(Stopped::Failed(error)) => Err(error),
    }
}
