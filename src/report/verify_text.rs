//! What came of builds, for people: `git cleave verify`.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use bstr::{BString, ByteSlice};

use super::plan_text::count;
use crate::ui::width::shortened;
use crate::verify::compiled_lines::NotCompiled;
use crate::verify::report::{self, Blame, LINES, Report};
use crate::verify::store::Imported;
use crate::verify::syntax::SameCode;
use crate::verify::verdict::Ended;
use crate::verify::{Outcome, Step};

/// What is said when nothing can be known of steps that fail.
pub const BASE_FAILS: &str = "the base does not build with this command: steps that fail are not blamed";

/// Returns how many builds were made and how long they took; the others were known.
pub fn tally(profiles: &[Vec<Report>]) -> String {
    let built: Vec<&Report> = profiles.iter().flatten().filter(|report| !report.verdict.kept).collect();
    let took: Duration = built.iter().map(|report| report.verdict.took).sum();
    let n_told: usize = profiles.iter().map(Vec::len).sum();
    let known = match n_told - built.len() {
        0 => "",
        1 => ", the other was known",
        _ => ", the others were known",
    };
    format!("built {} of {n_told} in {:.1} s{known}\n", built.len(), took.as_secs_f64())
}

/// Returns what became of verdicts from elsewhere: a line, and one for each that was refused.
pub fn imported(folder: &Path, imported: &Imported) -> String {
    let mut text = format!("{}: {} verdicts taken, {} known\n", folder.display(), imported.n_taken, imported.n_known);
    for (place, why) in &imported.refused {
        text.push_str(&format!("  refused: {} {why}\n", place.display()));
    }
    text
}

/// Returns which changed lines no configuration compiles, under a heading.
pub fn coverage(missed: &[NotCompiled]) -> String {
    match missed {
        [] => "\nevery changed line of C is compiled\n".to_owned(),
        missed => format!("\nchanged lines that no configuration compiles:\n{}", not_compiled(missed)),
    }
}

/// Columns that a subject has at least.
const SUBJECT: usize = 20;

/// So many of a kind are shown.
const SHOWN: usize = 5;

/// Returns one line a step, with a column a profile, and below them what broke each step that is to blame.
pub fn table(steps: &[Step], profiles: &[Vec<Report>], width: usize) -> String {
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
    let left = width.saturating_sub(6 + columns.iter().map(|(_, width)| width + 2).sum::<usize>()).max(SUBJECT);
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
        text.push_str(&format!("  {}\n", shortened(&step.subject.to_str_lossy(), left)));
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

fn shown_end(ended: Ended) -> String {
    match ended {
        Ended::Code(code) => format!(" with exit code {code}"),
        Ended::Signal(signal) => format!(", killed by signal {signal}"),
        Ended::Timeout(timeout) => format!(", not done after {} s", timeout.as_secs()),
    }
}

/// Returns sentences on what a reader of the table must know besides.
pub fn notices(n_steps: usize, profiles: &[Vec<Report>]) -> Vec<String> {
    let mut notices = Vec::new();
    for reports in profiles {
        // Of a base that was built just now this was said at once.
        if reports.first().is_some_and(|base| base.number == 0 && base.blame == Blame::Failed && base.verdict.kept) {
            notices.push(BASE_FAILS.to_owned());
        }
        let with = if profiles.len() > 1 {
            format!(" with {}", reports.first().map_or("", |report| &report.profile))
        } else {
            String::new()
        };
        for report in reports.iter().filter(|report| report.verdict.outcome == Outcome::Passed && !report.blame.is_break()) {
            if let Some(diagnosis) = report.diagnoses.first() {
                let place =
                    if diagnosis.path.is_empty() { String::new() } else { format!("{}:{}: ", diagnosis.path, diagnosis.line) };
                notices.push(format!("{} passes{with} though its build said: {place}{}", called(report.number), diagnosis.text));
            }
        }
        for report in reports {
            match &report.same_code {
                Some(SameCode::Equal { n_objects }) => {
                    notices.push(format!(
                        "{} changes no code{with}: {} the same before and after",
                        called(report.number),
                        count(*n_objects, "object")
                    ));
                }
                Some(SameCode::Differ(objects)) => {
                    notices.push(format!(
                        "{} is called mechanical, but changes code{with}: {}",
                        called(report.number),
                        some(objects)
                    ));
                }
                Some(SameCode::Unknown(why)) => {
                    notices.push(format!("{}: whether it changes code{with} cannot be told: {why}", called(report.number)));
                }
                None => {}
            }
        }
        notices.extend(claim(reports, &with));
    }
    let is_compiled = |number: usize| {
        let told = || profiles.iter().flatten().filter(|report| report.number == number);
        told().any(|report| report.blame == Blame::Passed) || !told().any(|report| report.blame == Blame::NotCompiled)
    };
    let n_not_compiled = (1..n_steps).filter(|&number| !is_compiled(number)).count();
    if n_not_compiled > 0 {
        notices.push(format!(
            "{n_not_compiled} of {} {} code that {} not compile: add a profile or a larger configuration, as \
             allmodconfig; --coverage lists the lines",
            count(n_steps - 1, "step"),
            if n_not_compiled == 1 { "has" } else { "have" },
            if profiles.len() > 1 { "the profiles do" } else { "the build does" },
        ));
    }
    // A build that ends early reads little, and that says nothing.
    let fails = |reports: &Vec<Report>| reports.first().is_some_and(|base| base.blame == Blame::Failed);
    if let Some(left) = report::unread(profiles, n_steps - 1)
        && !left.is_empty()
        && !profiles.iter().any(fails)
    {
        notices.push(format!("read by no build: {}", some(&left)));
    }
    let is_warm = |report: &&Report| report.number > 0 && report.verdict.is_warm && !report.verdict.kept;
    let n_warm = profiles.iter().flatten().filter(is_warm).count();
    if n_warm > 0 {
        notices.push(format!(
            "{} stood on what the step before left; --clean always builds each from nothing",
            count(n_warm, "build")
        ));
    }
    notices
}

/// Returns a line that says which steps a profile has built with all their code and which not; none where that is all of those that pass.
fn claim(reports: &[Report], with: &str) -> Option<String> {
    let of = |blame: Blame| -> Vec<&Report> {
        reports.iter().filter(|report| report.blame == blame && report.verdict.outcome == Outcome::Passed).collect()
    };
    let part = |(words, reports): (&str, Vec<&Report>)| {
        let first = reports.first()?;
        let files = first.not_seen();
        let files = if files.is_empty() { String::new() } else { format!(" ({}: {})", called(first.number), some(&files)) };
        // The base is no step.
        let numbers: Vec<usize> = reports.iter().filter_map(|report| report.number.checked_sub(1)).collect();
        (!numbers.is_empty()).then(|| format!("{words}: {}{files}", ranges(&numbers)))
    };
    let (not_compiled, untold) = (of(Blame::NotCompiled), of(Blame::Untold));
    let has_gaps = !not_compiled.is_empty() || !untold.is_empty();
    let parts =
        [("built", of(Blame::Passed)), ("not compiled", not_compiled), ("passed, which files it compiled is not known", untold)];
    has_gaps.then(|| format!("steps{with}: {}", parts.into_iter().filter_map(part).collect::<Vec<_>>().join("; ")))
}

fn some(paths: &[BString]) -> String {
    let shown: Vec<String> = paths.iter().take(SHOWN).map(ToString::to_string).collect();
    let more = if paths.len() > SHOWN { format!(" and {} more", paths.len() - SHOWN) } else { String::new() };
    shown.join(", ") + &more
}

fn called(number: usize) -> String {
    if number == 0 { "the base".to_owned() } else { format!("step {number}") }
}

/// Returns a line a file and condition: which changed lines no configuration has.
pub fn not_compiled(missed: &[NotCompiled]) -> String {
    let mut out = String::new();
    for NotCompiled { path, conditions, lines } in missed {
        let place = match conditions.is_empty() {
            true => "compiled by nobody".to_owned(),
            false => format!("only with {}", bstr::join(" / ", conditions).as_bstr()),
        };
        out.push_str(&format!("{path}:{}  {place}\n", ranges(lines)));
    }
    out
}

/// Returns line numbers counted from 1, neighbors as a range.
fn ranges(lines: &[usize]) -> String {
    let mut parts: Vec<(usize, usize)> = Vec::new();
    for &line in lines {
        match parts.last_mut() {
            Some((_, end)) if *end + 1 == line => *end = line,
            _ => parts.push((line, line)),
        }
    }
    let shown = |&(start, end): &(usize, usize)| match start == end {
        true => (start + 1).to_string(),
        false => format!("{}-{}", start + 1, end + 1),
    };
    parts.iter().map(shown).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::report::verify_json::json;
    use crate::verify::Verdict;
    use crate::verify::compiled::Compiled;
    use crate::verify::report::{Warnings, reports};

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
                outcome: crate::verify::verdict::outcome(Ended::Code(*end)).unwrap(),
                took: Duration::ZERO,
                log,
                folder: "/t".into(),
                kept: false,
                is_warm: number > 0,
                unread: None,
                compiled: Compiled::default(),
            })
        };
        let verdicts = ends.iter().enumerate().map(verdict).collect();
        let reports = reports("make", &steps, &vec![Vec::new(); steps.len()], verdicts, which).unwrap();
        let drawn =
            table(&steps, std::slice::from_ref(&reports), 80).replace(&folder.path().join("log-").display().to_string(), "LOG");
        assert_eq!(drawn, expected);
        assert_eq!(json(&[reports]).len(), ends.len());
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
