//! What came of builds, for programs: `git cleave verify --format json`.

use std::collections::BTreeSet;

use bstr::{BString, ByteSlice};
use serde::Serialize;

use crate::model::diagnosis::Diagnosis;
use crate::verify::Outcome;
use crate::verify::compiled_lines::NotCompiled;
use crate::verify::report::Report;
use crate::verify::syntax::SameCode;
use crate::verify::verdict::Ended;

/// One step, built with one profile; the base is step 0.
#[derive(Debug, Serialize)]
pub struct JsonReport {
    step: usize,
    profile: String,
    commit: String,
    tree: String,
    subject: String,
    verdict: &'static str,
    /// The exit code; `None` where a signal or a timeout ended the build.
    code: Option<i32>,
    lines: Vec<String>,
    diagnoses: Vec<JsonDiagnosis>,
    warnings: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    objects_equal: Option<bool>,
    /// `warm` or `clean`.
    built: &'static str,
    seconds: f64,
    /// The code that the patch changes and the build compiled; empty where the build does not pass.
    compiled: Vec<String>,
    /// The code that the patch changes and the build did not compile; of code in neither it cannot be told.
    not_compiled: Vec<String>,
    unread: Option<Vec<String>>,
    log: String,
}

#[derive(Debug, Serialize)]
struct JsonDiagnosis {
    path: String,
    line: u32,
    kind: &'static str,
    symbol: String,
    text: String,
}

/// Returns one value a step and profile. Bytes that are not UTF-8 are replaced.
pub fn json(profiles: &[Vec<Report>]) -> Vec<JsonReport> {
    profiles.iter().flatten().map(of_report).collect()
}

fn of_report(report: &Report) -> JsonReport {
    let verdict = &report.verdict;
    let diagnosis = |diagnosis: &Diagnosis| JsonDiagnosis {
        path: diagnosis.path.to_str_lossy().into_owned(),
        line: diagnosis.line,
        kind: diagnosis.kind.word(),
        symbol: diagnosis.symbol.to_str_lossy().into_owned(),
        text: diagnosis.text.clone(),
    };
    let code = |those: &BTreeSet<BString>| {
        report.code.iter().filter(|path| those.contains(*path)).map(|path| path.to_str_lossy().into_owned()).collect()
    };
    JsonReport {
        step: report.number,
        profile: report.profile.clone(),
        commit: report.step.commit_id.to_string(),
        tree: report.step.tree_id.to_string(),
        subject: report.step.subject.to_str_lossy().into_owned(),
        verdict: report.blame.word(),
        code: match verdict.outcome {
            Outcome::Passed => Some(0),
            Outcome::Undecided => Some(125),
            Outcome::Failed(Ended::Code(code)) => Some(code),
            Outcome::Failed(Ended::Signal(_) | Ended::Timeout(_)) => None,
        },
        lines: report.lines.clone(),
        diagnoses: report.diagnoses.iter().map(diagnosis).collect(),
        warnings: report.warnings.clone(),
        objects_equal: match &report.same_code {
            Some(SameCode::Equal { .. }) => Some(true),
            Some(SameCode::Differ(_)) => Some(false),
            Some(SameCode::Unknown(_)) | None => None,
        },
        built: if verdict.is_warm { "warm" } else { "clean" },
        seconds: verdict.took.as_secs_f64(),
        compiled: code(&verdict.compiled.compiled),
        not_compiled: code(&verdict.compiled.not_compiled),
        unread: verdict.unread.as_ref().map(|paths| paths.iter().map(|path| path.to_str_lossy().into_owned()).collect()),
        log: verdict.log.to_string_lossy().into_owned(),
    }
}

/// Changed lines of a file that no configuration compiles.
#[derive(Debug, Serialize)]
pub struct JsonNotCompiled {
    conditions: Vec<String>,
    lines: Vec<usize>,
    /// The path.
    uncovered: String,
}

/// Returns one value a file and condition; lines count from 1.
pub fn not_compiled(missed: &[NotCompiled]) -> Vec<JsonNotCompiled> {
    let one = |missed: &NotCompiled| JsonNotCompiled {
        conditions: missed.conditions.iter().map(ToString::to_string).collect(),
        lines: missed.lines.iter().map(|line| line + 1).collect(),
        uncovered: missed.path.to_string(),
    };
    missed.iter().map(one).collect()
}
