//! A step and the command that builds it.

use super::command::BuildCommand;
use super::steps::Step;

/// A step and the command that builds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// The step.
    pub step: Step,
    /// What builds it; `None` where its tree has nothing that the profile builds.
    pub command: Option<BuildCommand>,
}

/// The variable that names the base's tree for verdicts of the syntax pass.
pub(super) const SYNTAX_BASE: &str = "CLEAVE_BASE";
