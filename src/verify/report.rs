//! What is to be thought of each verdict: which step is to blame for what.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use bstr::BString;

use super::compiled::Sight;
use super::diagnose::{Warning, diagnose, warnings, what_broke};
use super::steps::Step;
use super::syntax::SameCode;
use super::verdict::{Outcome, Verdict};
use super::{VerifyError, file};
use crate::model::diagnosis::Diagnosis;

/// Lines shown of what broke a step; the log has the rest.
pub(crate) const LINES: usize = 10;

/// What is said of one step, built by one profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The name of the profile.
    pub profile: String,
    /// Its number; the base is 0.
    pub number: usize,
    /// Which.
    pub step: Step,
    /// What came of it.
    pub verdict: Verdict,
    /// What is to be thought of it.
    pub blame: Blame,
    /// The code that its patch changes.
    pub code: Vec<BString>,
    /// What broke, in at most 10 lines.
    pub lines: Vec<String>,
    /// What broke, as far as it is understood. A build that passes may say such things too, where its command hides how make ended.
    pub diagnoses: Vec<Diagnosis>,
    /// Warnings that count, as `path:line: text`.
    pub warnings: Vec<String>,
    /// Whether the step changes code, where that was asked.
    pub same_code: Option<SameCode>,
}

/// Which warnings break a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warnings {
    /// None.
    Ignore,
    /// One that the base does not have.
    New,
    /// Any.
    Error,
}

/// What is to be thought of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// Nothing: it builds, and all code of its patch was compiled.
    Passed,
    /// It builds, and code of its patch was not compiled: nothing is known of that.
    NotCompiled,
    /// It builds, and whether all code of its patch was compiled cannot be told.
    Untold,
    /// It does not build.
    Failed,
    /// It does not build, but neither does the base: nothing is known of the step.
    LikeBase,
    /// It builds, with warnings that count.
    Warns,
    /// The command could not tell.
    Undecided,
}

impl Blame {
    /// Returns the words for people.
    pub fn words(self) -> &'static str {
        match self {
            Blame::LikeBase => "fails like the base",
            Blame::NotCompiled => "not compiled",
            Blame::Untold => "passed, files unknown",
            other => other.word(),
        }
    }

    /// Returns the word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Blame::Passed => "passed",
            Blame::Failed => "failed",
            Blame::LikeBase => "like-base",
            Blame::Warns => "warns",
            Blame::NotCompiled => "not-compiled",
            Blame::Untold | Blame::Undecided => "undecided",
        }
    }

    /// Whether a step is not as it should be.
    pub fn is_break(self) -> bool {
        matches!(self, Blame::Failed | Blame::LikeBase | Blame::Warns)
    }
}

impl Report {
    /// Returns the code of its patch of which the build does not say that it compiled it.
    pub fn not_seen(&self) -> Vec<BString> {
        match self.verdict.compiled.of_patch(&self.code) {
            Sight::Compiled => Vec::new(),
            Sight::NotCompiled(paths) | Sight::Untold(paths) => paths,
        }
    }

    /// Whether a step is not as it should be: it does not build, warns, or changes code though it is called mechanical. The base never is.
    pub fn is_break(&self) -> bool {
        self.number > 0 && (self.blame.is_break() || matches!(self.same_code, Some(SameCode::Differ(_))))
    }
}

/// Says of each verdict of one profile what is to be thought of it; the first is the base's. Steps without one are left out; `code` is what
/// each step changes. Reads the logs.
///
/// # Errors
/// When a log cannot be read.
pub fn reports(
    profile: &str,
    steps: &[Step],
    code: &[Vec<BString>],
    verdicts: Vec<Option<Verdict>>,
    which: Warnings,
) -> Result<Vec<Report>, VerifyError> {
    let read = |verdict: &Verdict| match verdict.log.as_os_str().is_empty() {
        true => Ok(Vec::new()),
        false => fs::read(&verdict.log).map_err(file("read", &verdict.log)),
    };
    let base = verdicts.first().and_then(Option::as_ref);
    let base_fails = base.is_some_and(|verdict| matches!(verdict.outcome, Outcome::Failed(_)));
    let known = match (which, base) {
        (Warnings::New, Some(base)) => warnings(&read(base)?, &base.folder),
        _ => BTreeMap::new(),
    };
    let report = |(number, (step, verdict)): (usize, (&Step, Option<Verdict>))| {
        let verdict = verdict?;
        Some(read(&verdict).map(|log| {
            let counts = |warning: &Warning| match which {
                Warnings::Ignore => false,
                Warnings::New => number > 0 && !known.contains_key(warning),
                Warnings::Error => true,
            };
            let found: Vec<String> = warnings(&log, &verdict.folder)
                .into_iter()
                .filter(|(warning, _)| counts(warning))
                .map(|(warning, (_, line))| match warning.path.is_empty() {
                    true => warning.text,
                    false => format!("{}:{line}: {}", warning.path, warning.text),
                })
                .collect();
            let blame = match verdict.outcome {
                Outcome::Passed if found.is_empty() => match verdict.compiled.of_patch(&code[number]) {
                    Sight::Compiled => Blame::Passed,
                    Sight::NotCompiled(_) => Blame::NotCompiled,
                    Sight::Untold(_) => Blame::Untold,
                },
                Outcome::Passed => Blame::Warns,
                Outcome::Undecided => Blame::Undecided,
                Outcome::Failed(_) if base_fails && number > 0 => Blame::LikeBase,
                Outcome::Failed(_) => Blame::Failed,
            };
            let has_failed = matches!(verdict.outcome, Outcome::Failed(_));
            let lines = if has_failed { what_broke(&log, &verdict.folder, LINES) } else { Vec::new() };
            let diagnoses = diagnose(&log, &verdict.folder);
            Report {
                profile: profile.to_owned(),
                number,
                step: step.clone(),
                verdict,
                blame,
                code: code[number].clone(),
                lines,
                diagnoses,
                warnings: found,
                same_code: None,
            }
        }))
    };
    steps.iter().zip(verdicts).enumerate().filter_map(report).collect()
}

/// Returns the files of the tip that no build read, and whether that is known.
pub fn unread(profiles: &[Vec<Report>], tip: usize) -> Option<Vec<BString>> {
    let mut left: Option<BTreeSet<BString>> = None;
    for report in profiles.iter().flatten().filter(|report| report.number == tip) {
        let unread: BTreeSet<BString> = report.verdict.unread.clone()?.into_iter().collect();
        left = Some(match left {
            Some(left) => left.intersection(&unread).cloned().collect(),
            None => unread,
        });
    }
    left.map(|left| left.into_iter().collect())
}
