//! Findings for people and for programs: `git cleave verify --static`.

use std::fmt::Write as _;

use bstr::ByteSlice;
use serde::Serialize;

use super::JsonRelation;
use crate::model::Plan;
use crate::model::diagnosis::DiagnosisKind;
use crate::plan::address::addresses;
use crate::plan::check::Finding;

/// One finding, version 1.
#[derive(Debug, Serialize)]
pub struct JsonFinding {
    /// The patch after which it is there first, by its place from 1 and its id.
    step: usize,
    patch: String,
    /// The last step that has it, and the patch that mends it.
    until: usize,
    mended_by: String,
    path: String,
    line: u32,
    kind: &'static str,
    symbol: String,
    message: String,
    mend: Vec<JsonRelation>,
}

/// Returns the findings step by step; empty where there are none.
pub fn text(plan: &Plan, findings: &[Finding]) -> String {
    let patches = &plan.campaign.patches;
    let n_patches = patches.len();
    let called = |step: usize| format!("{} of {n_patches}: {}", step + 1, patches[step].message.subject);
    let mut out = String::new();
    let mut last = None;
    for finding in findings {
        if last != Some(finding.step) {
            last = Some(finding.step);
            writeln!(out, "step {}", called(finding.step)).expect("a string grows");
        }
        let until = finding.until + 1;
        let ends = if until < n_patches { format!(", until step {}", called(until)) } else { String::new() };
        writeln!(out, "  {finding}{ends}").expect("a string grows");
    }
    out
}

/// Returns each finding as a value to print. Bytes that are not UTF-8 are replaced.
pub fn json(plan: &Plan, findings: &[Finding]) -> Vec<JsonFinding> {
    let addresses = addresses(&plan.change, &plan.edits);
    let patches = &plan.campaign.patches;
    let id = |step: usize| patches.get(step).map_or_else(String::new, |patch| patch.patch_id.clone());
    let one = |finding: &Finding| JsonFinding {
        step: finding.step + 1,
        patch: id(finding.step),
        until: finding.until + 1,
        mended_by: id(finding.until + 1),
        path: finding.path.to_str_lossy().into_owned(),
        line: finding.line,
        kind: kind(finding.kind),
        symbol: finding.symbol.to_str_lossy().into_owned(),
        message: finding.to_string(),
        mend: finding.mend.iter().map(|relation| JsonRelation::of(relation, &addresses)).collect(),
    };
    findings.iter().map(one).collect()
}

/// Returns the word for programs: what has no kind of its own is the grammar's.
fn kind(kind: DiagnosisKind) -> &'static str {
    if kind == DiagnosisKind::Other { "syntax" } else { kind.word() }
}
