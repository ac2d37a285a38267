//! Verdicts as people and programs read them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use bstr::{BString, ByteSlice};
use serde::Serialize;

use super::diagnose::{Warning, diagnose, warnings, what_broke};
use super::steps::Step;
use super::syntax::SameCode;
use super::verdict::{Ended, Outcome, Verdict};
use super::{VerifyError, file};
use crate::model::diagnosis::Diagnosis;

/// Lines shown of what broke a step; the log has the rest.
const LINES: usize = 10;

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
    /// Nothing: it builds.
    Passed,
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
            Blame::Undecided => "undecided",
        }
    }

    /// Whether a step is not as it should be.
    pub fn is_break(self) -> bool {
        matches!(self, Blame::Failed | Blame::LikeBase | Blame::Warns)
    }
}

/// Says of each verdict of one profile what is to be thought of it; the first is the base's. Steps without one are left out. Reads the logs.
///
/// # Errors
/// When a log cannot be read.
pub fn reports(
    profile: &str,
    steps: &[Step],
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
                Outcome::Passed if found.is_empty() => Blame::Passed,
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
                lines,
                diagnoses,
                warnings: found,
                same_code: None,
            }
        }))
    };
    steps.iter().zip(verdicts).enumerate().filter_map(report).collect()
}

/// Returns one line a step, with a column a profile, and below them what broke each step that is to blame.
pub fn table(steps: &[Step], profiles: &[Vec<Report>]) -> String {
    let of = |profile: &[Report], number: usize| profile.iter().position(|report| report.number == number);
    let column = |profile: &Vec<Report>| -> (String, usize) {
        let title = match (profiles.len(), profile.first()) {
            (0 | 1, _) | (_, None) => "verdict".to_owned(),
            (_, Some(report)) => report.profile.clone(),
        };
        let width = profile.iter().map(|report| report.blame.words().len()).max().unwrap_or(0).max(title.len());
        (title, width)
    };
    let columns: Vec<(String, usize)> = profiles.iter().map(column).collect();
    let mut text = String::from("step");
    columns.iter().for_each(|(title, width)| text.push_str(&format!("  {title:width$}")));
    text.push_str("  subject\n");
    for (number, step) in steps.iter().enumerate() {
        if profiles.iter().all(|profile| of(profile, number).is_none()) {
            continue;
        }
        text.push_str(&format!("{:>4}", if number == 0 { "base".to_owned() } else { number.to_string() }));
        for (profile, (_, width)) in profiles.iter().zip(&columns) {
            let words = of(profile, number).map_or("-", |at| profile[at].blame.words());
            text.push_str(&format!("  {words:width$}"));
        }
        text.push_str(&format!("  {}\n", step.subject.to_str_lossy()));
    }
    for profile in profiles {
        let mut shown: BTreeSet<&String> = BTreeSet::new();
        for report in profile {
            let what = if report.number == 0 { "the base".to_owned() } else { format!("step {}", report.number) };
            let by = if profiles.len() > 1 { format!(" with {}", report.profile) } else { String::new() };
            let log = format!("    log: {}\n", report.verdict.log.display());
            if report.blame == Blame::Failed {
                let how = match report.verdict.outcome {
                    Outcome::Failed(ended) => shown_end(ended),
                    Outcome::Passed | Outcome::Undecided => String::new(),
                };
                text.push_str(&format!("\n{what} ({}) fails{by}{how}:\n", report.step.commit_id.short()));
                report.lines.iter().for_each(|line| text.push_str(&format!("    {line}\n")));
                text.push_str(&log);
            }
            // A warning that stays is said where it comes.
            let new: Vec<&String> = report.warnings.iter().filter(|warning| shown.insert(warning)).collect();
            if report.blame == Blame::Warns && !new.is_empty() {
                text.push_str(&format!("\n{what} ({}) warns{by}:\n", report.step.commit_id.short()));
                new.iter().take(LINES).for_each(|line| text.push_str(&format!("    {line}\n")));
                text.push_str(&log);
            }
        }
    }
    text
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
    profile: &'r str,
    commit: String,
    tree: String,
    subject: &'r str,
    verdict: &'static str,
    code: Option<i32>,
    lines: &'r [String],
    diagnoses: Vec<JsonDiagnosis<'r>>,
    warnings: &'r [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    objects_equal: Option<bool>,
    built: &'static str,
    seconds: f64,
    unread: Option<Vec<String>>,
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

/// Returns one JSON object a step and profile, each on a line; the base is step 0.
pub fn json(profiles: &[Vec<Report>]) -> String {
    let mut text = String::new();
    for report in profiles.iter().flatten() {
        let (subject, mut parts) = (report.step.subject.to_str_lossy(), Vec::new());
        for diagnosis in &report.diagnoses {
            parts.push((diagnosis.path.to_str_lossy(), diagnosis.symbol.to_str_lossy(), diagnosis));
        }
        let diagnoses = parts
            .iter()
            .map(|(path, symbol, diagnosis)| JsonDiagnosis {
                path,
                line: diagnosis.line,
                kind: diagnosis.kind.word(),
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
            profile: &report.profile,
            commit: report.step.commit_id.to_string(),
            tree: report.step.tree_id.to_string(),
            subject: &subject,
            verdict: report.blame.word(),
            code,
            lines: &report.lines,
            diagnoses,
            warnings: &report.warnings,
            objects_equal: match &report.same_code {
                Some(SameCode::Equal { .. }) => Some(true),
                Some(SameCode::Differ(_)) => Some(false),
                Some(SameCode::Unknown(_)) | None => None,
            },
            built: if report.verdict.is_warm { "warm" } else { "clean" },
            seconds: report.verdict.took.as_secs_f64(),
            unread: report
                .verdict
                .unread
                .as_ref()
                .map(|paths| paths.iter().map(|path| path.to_str_lossy().into_owned()).collect()),
            log: report.verdict.log.to_string_lossy().into_owned(),
        };
        text.push_str(&serde_json::to_string(&object).expect("text and numbers become JSON"));
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// The table of steps that end with these codes, all with one log.
    fn check(ends: &[i32], said: &[&str], which: Warnings, expected: &str) {
        let folder = tempfile::tempdir().unwrap();
        let commit_id = "ab".repeat(20).parse().unwrap();
        let steps: Vec<Step> =
            ends.iter().map(|end| Step { commit_id, tree_id: commit_id, subject: format!("ends with {end}").into() }).collect();
        let verdict = |(number, end): (usize, &i32)| {
            let log = folder.path().join(format!("log-{number}"));
            fs::write(&log, said.get(number).copied().unwrap_or(said[0])).unwrap();
            Some(Verdict {
                outcome: super::super::verdict::outcome(Ended::Code(*end)).unwrap(),
                took: Duration::ZERO,
                log,
                folder: "/t".into(),
                kept: false,
                is_warm: number > 0,
                unread: None,
            })
        };
        let verdicts = ends.iter().enumerate().map(verdict).collect();
        let reports = reports("make", &steps, verdicts, which).unwrap();
        let drawn =
            table(&steps, std::slice::from_ref(&reports)).replace(&folder.path().join("log-").display().to_string(), "LOG");
        assert_eq!(drawn, expected);
        assert_eq!(json(&[reports]).lines().count(), ends.len());
    }

    const ERROR: &str = "a.c:1:1: error: unknown type name 'x'\n";

    #[test]
    fn a_failing_step_is_shown_with_what_broke() {
        check(
            &[0, 0, 2, 125],
            &[ERROR],
            Warnings::New,
            "step  verdict    subject\n\
             base  passed     ends with 0\n   1  passed     ends with 0\n   2  failed     ends with 2\n   3  undecided  ends with 125\n\n\
             step 2 (abababababab) fails with exit code 2:\n    a.c:1: unknown type name 'x'\n    log: LOG2\n",
        );
    }

    #[test]
    fn steps_are_not_blamed_for_their_base() {
        check(
            &[2, 2, 0],
            &[ERROR],
            Warnings::New,
            "step  verdict              subject\n\
             base  failed               ends with 2\n   1  fails like the base  ends with 2\n   2  passed               ends with 0\n\n\
             the base (abababababab) fails with exit code 2:\n    a.c:1: unknown type name 'x'\n    log: LOG0\n",
        );
    }

    #[test]
    fn a_new_warning_breaks_a_step_and_is_said_where_it_comes() {
        let (old, moved) = ("a.c:1:2: warning: old [-Wold]\n", "a.c:9:2: warning: old [-Wold]\na.c:3:1: warning: new [-Wnew]\n");
        let drawn = "step  verdict  subject\n\
             base  passed   ends with 0\n   1  passed   ends with 0\n   2  warns    ends with 0\n   3  warns    ends with 0\n\n\
             step 2 (abababababab) warns:\n    a.c:3: new [-Wnew]\n    log: LOG2\n";
        check(&[0, 0, 0, 0], &[old, old, moved, moved], Warnings::New, drawn);
        let drawn = "step  verdict  subject\nbase  passed   ends with 0\n   1  passed   ends with 0\n";
        check(&[0, 0], &[old, moved], Warnings::Ignore, drawn);
        let drawn = "step  verdict  subject\nbase  warns    ends with 0\n   1  passed   ends with 0\n\n\
             the base (abababababab) warns:\n    a.c:1: old [-Wold]\n    log: LOG0\n";
        check(&[0, 0], &[old, ""], Warnings::Error, drawn);
    }
}
