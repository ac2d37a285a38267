//! Verdicts as people and programs read them.

use std::fs;

use bstr::ByteSlice;
use serde::Serialize;

use super::diagnose::{diagnose, what_broke};
use super::steps::Step;
use super::verdict::{Ended, Outcome, Verdict};
use super::{VerifyError, file};
use crate::model::diagnosis::{Diagnosis, DiagnosisKind};

/// Lines shown of what broke a step; the log has the rest.
const LINES: usize = 10;

/// What is said of one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Its number; the base is 0.
    pub number: usize,
    /// Which.
    pub step: Step,
    /// What came of it.
    pub verdict: Verdict,
    /// What is to be thought of it.
    pub blame: Blame,
    /// What broke, in at most 10 lines.
    pub lines: Vec<String>,
    /// What broke, as far as it is understood.
    pub diagnoses: Vec<Diagnosis>,
}

/// What is to be thought of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// Nothing: it builds.
    Passed,
    /// It does not build.
    Failed,
    /// It does not build, but neither does the base: nothing is known of the step.
    LikeBase,
    /// The command could not tell.
    Undecided,
}

impl Blame {
    /// Returns the words for people.
    pub fn words(self) -> &'static str {
        match self {
            Blame::Passed => "passed",
            Blame::Failed => "failed",
            Blame::LikeBase => "fails like the base",
            Blame::Undecided => "undecided",
        }
    }

    /// Returns the word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Blame::Passed => "passed",
            Blame::Failed => "failed",
            Blame::LikeBase => "like-base",
            Blame::Undecided => "undecided",
        }
    }
}

/// Says of each verdict what is to be thought of it; the first is the base's. Reads the logs of what failed.
///
/// # Errors
/// When a log cannot be read.
pub fn reports(steps: &[Step], verdicts: Vec<Verdict>) -> Result<Vec<Report>, VerifyError> {
    let base_fails = verdicts.first().is_some_and(|verdict| matches!(verdict.outcome, Outcome::Failed(_)));
    let report = |(number, (step, verdict)): (usize, (&Step, Verdict))| {
        let blame = match verdict.outcome {
            Outcome::Passed => Blame::Passed,
            Outcome::Undecided => Blame::Undecided,
            Outcome::Failed(_) if base_fails && number > 0 => Blame::LikeBase,
            Outcome::Failed(_) => Blame::Failed,
        };
        let log = match verdict.outcome {
            Outcome::Failed(_) => fs::read(&verdict.log).map_err(file("read", &verdict.log))?,
            Outcome::Passed | Outcome::Undecided => Vec::new(),
        };
        let lines = what_broke(&log, &verdict.folder, LINES);
        let diagnoses = diagnose(&log, &verdict.folder);
        Ok(Report { number, step: step.clone(), verdict, blame, lines, diagnoses })
    };
    steps.iter().zip(verdicts).enumerate().map(report).collect()
}

/// Returns one line a step, and below them what broke each step that is to blame.
pub fn table(reports: &[Report]) -> String {
    let number = |report: &Report| if report.number == 0 { "base".to_owned() } else { report.number.to_string() };
    let width = reports.iter().map(|report| report.blame.words().len()).max().unwrap_or(0).max("verdict".len());
    let mut text = format!("step  {:width$}  subject\n", "verdict");
    for report in reports {
        let words = report.blame.words();
        text.push_str(&format!("{:>4}  {words:width$}  {}\n", number(report), report.step.subject.to_str_lossy()));
    }
    for report in reports.iter().filter(|report| report.blame == Blame::Failed) {
        let what = if report.number == 0 { "the base".to_owned() } else { format!("step {}", report.number) };
        let how = match report.verdict.outcome {
            Outcome::Failed(ended) => shown_end(ended),
            Outcome::Passed | Outcome::Undecided => String::new(),
        };
        text.push_str(&format!("\n{what} ({}) fails{how}:\n", report.step.commit_id.short()));
        report.lines.iter().for_each(|line| text.push_str(&format!("    {line}\n")));
        text.push_str(&format!("    log: {}\n", report.verdict.log.display()));
    }
    text
}

fn shown_end(ended: Ended) -> String {
    match ended {
        Ended::Code(code) => format!(" with exit code {code}"),
        Ended::Signal(signal) => format!(", killed by signal {signal}"),
        Ended::Timeout(timeout) => format!(", not done after {} s", timeout.as_secs()),
    }
}

#[derive(Serialize)]
struct JsonReport<'r> {
    step: usize,
    commit: String,
    tree: String,
    subject: &'r str,
    verdict: &'static str,
    code: Option<i32>,
    lines: &'r [String],
    diagnoses: Vec<JsonDiagnosis<'r>>,
    log: String,
}

#[derive(Serialize)]
struct JsonDiagnosis<'r> {
    path: &'r str,
    line: u32,
    kind: &'static str,
    symbol: &'r str,
    text: &'r str,
}

/// Returns one JSON object a step, each on a line; the base is step 0.
pub fn json(reports: &[Report]) -> String {
    let mut text = String::new();
    for report in reports {
        let (subject, mut parts) = (report.step.subject.to_str_lossy(), Vec::new());
        for diagnosis in &report.diagnoses {
            parts.push((diagnosis.path.to_str_lossy(), diagnosis.symbol.to_str_lossy(), diagnosis));
        }
        let diagnoses = parts
            .iter()
            .map(|(path, symbol, diagnosis)| JsonDiagnosis {
                path,
                line: diagnosis.line,
                kind: kind_word(diagnosis.kind),
                symbol,
                text: &diagnosis.text,
            })
            .collect();
        let code = match report.verdict.outcome {
            Outcome::Passed => Some(0),
            Outcome::Undecided => Some(125),
            Outcome::Failed(Ended::Code(code)) => Some(code),
            Outcome::Failed(Ended::Signal(_) | Ended::Timeout(_)) => None,
        };
        let object = JsonReport {
            step: report.number,
            commit: report.step.commit_id.to_string(),
            tree: report.step.tree_id.to_string(),
            subject: &subject,
            verdict: report.blame.word(),
            code,
            lines: &report.lines,
            diagnoses,
            log: report.verdict.log.to_string_lossy().into_owned(),
        };
        text.push_str(&serde_json::to_string(&object).expect("text and numbers become JSON"));
        text.push('\n');
    }
    text
}

fn kind_word(kind: DiagnosisKind) -> &'static str {
    match kind {
        DiagnosisKind::Undeclared => "undeclared",
        DiagnosisKind::Unused => "unused",
        DiagnosisKind::Redefined => "redefined",
        DiagnosisKind::MissingMember => "missing-member",
        DiagnosisKind::ArgumentCount => "argument-count",
        DiagnosisKind::MissingHeader => "missing-header",
        DiagnosisKind::MissingRule => "missing-rule",
        DiagnosisKind::Other => "other",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn check(ends: &[i32], expected: &str) {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        fs::write(&log, "a.c:1:1: error: unknown type name 'x'\n").unwrap();
        let commit_id = "ab".repeat(20).parse().unwrap();
        let steps: Vec<Step> =
            ends.iter().map(|end| Step { commit_id, tree_id: commit_id, subject: format!("ends with {end}").into() }).collect();
        let verdict = |end: &i32| Verdict {
            outcome: super::super::verdict::outcome(Ended::Code(*end)).unwrap(),
            took: Duration::ZERO,
            log: log.clone(),
            folder: "/t".into(),
            kept: false,
        };
        let reports = reports(&steps, ends.iter().map(verdict).collect()).unwrap();
        assert_eq!(table(&reports).replace(&log.display().to_string(), "LOG"), expected);
        assert_eq!(json(&reports).lines().count(), ends.len());
    }

    #[test]
    fn a_failing_step_is_shown_with_what_broke() {
        check(
            &[0, 0, 2, 125],
            "step  verdict    subject\n\
             base  passed     ends with 0\n   1  passed     ends with 0\n   2  failed     ends with 2\n   3  undecided  ends with 125\n\n\
             step 2 (abababababab) fails with exit code 2:\n    a.c:1: unknown type name 'x'\n    log: LOG\n",
        );
    }

    #[test]
    fn steps_are_not_blamed_for_their_base() {
        check(
            &[2, 2, 0],
            "step  verdict              subject\n\
             base  failed               ends with 2\n   1  fails like the base  ends with 2\n   2  passed               ends with 0\n\n\
             the base (abababababab) fails with exit code 2:\n    a.c:1: unknown type name 'x'\n    log: LOG\n",
        );
    }
}
