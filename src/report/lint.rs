//! What a mailing list would say of mails, for people and for programs: `git cleave lint`.

use std::collections::HashMap;

use bstr::ByteSlice;
use serde::Serialize;

use super::plan_text::count;
use crate::mail::lint::{Finding, Fix, MailSet, Place, Severity};
use crate::ui::color::{Label, Line};

/// Says how many there are of each severity.
pub fn tally(findings: &[Finding]) -> String {
    let of = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let parts: Vec<String> = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Note, "note")]
        .into_iter()
        .filter(|(severity, _)| of(*severity) > 0)
        .map(|(severity, word)| count(of(severity), word))
        .collect();
    if parts.is_empty() { "nothing to say".into() } else { parts.join(", ") }
}

/// Whose the mails are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// Those of a stored plan, which can be mended.
    Plan,
    /// Others.
    Others,
}

/// Returns findings for people. One that several mails share stands once, with all of them; the others stand below the heading of their mail.
/// Each is followed by its places and who says so.
pub fn text(findings: &[&Finding], postings: &[MailSet], of: Of) -> Vec<Line> {
    let mut groups: Vec<Vec<&Finding>> = Vec::new();
    let mut places = HashMap::new();
    for finding in findings {
        let key = (finding.severity.word(), &finding.rule, &finding.message, &finding.source);
        let place = *places.entry(key).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    let n_mails = |group: &[&Finding]| 1 + group.windows(2).filter(|pair| pair[0].mail != pair[1].mail).count();
    // Shared ones first, in the order in which they were met; the rest is in the order of the mails.
    groups.sort_by_key(|group| (n_mails(group) == 1).then_some(group[0].mail));
    let mut out: Vec<Line> = Vec::new();
    let mut last = String::new();
    for group in &groups {
        let heading = match n_mails(group) {
            1 => mail(group[0], postings),
            n => count(n, "mail"),
        };
        if last != heading {
            out.extend((!last.is_empty()).then(Line::new));
            out.push(vec![(Label::Heading, heading.clone())]);
        }
        out.extend(shown(group, n_mails(group) > 1, postings, of));
        last = heading;
    }
    out
}

/// Returns what findings have in common, and the place of each.
fn shown(group: &[&Finding], are_many: bool, postings: &[MailSet], of: Of) -> Vec<Line> {
    let first = group[0];
    let label = match first.severity {
        Severity::Error => Label::Error,
        Severity::Warning => Label::Warning,
        Severity::Note => Label::Hint,
    };
    let mends = if group.iter().any(|finding| finding.fix.is_some()) && of == Of::Plan { " (--fix)" } else { "" };
    let severity = (label, format!("{}:", first.severity.word()));
    let says = (Label::Plain, format!(" {}: {}{mends}", first.rule, first.message));
    let mut out = vec![vec![(Label::Plain, "  ".to_owned()), severity, says]];
    for finding in group {
        let mail = if are_many { mail(finding, postings) } else { String::new() };
        let parts = [mail, place(&finding.place), finding.text.to_str_lossy().into_owned()];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        if !parts.is_empty() {
            out.push(vec![(Label::Plain, format!("    {}", parts.join(": ")))]);
        }
    }
    out.push(vec![(Label::Dim, format!("    {}", first.source))]);
    out
}

fn mail(finding: &Finding, postings: &[MailSet]) -> String {
    let (posting, letter) = names(finding, postings);
    format!("{posting}: {letter}")
}

fn names<'p>(finding: &Finding, postings: &'p [MailSet]) -> (&'p str, &'p str) {
    let posting = &postings[finding.mail.0];
    (&posting.name, posting.letters.get(finding.mail.1).map_or("", |letter| &letter.name))
}

fn place(place: &Place) -> String {
    match place {
        Place::Mail => String::new(),
        Place::Message(line) => format!("line {line}"),
        Place::Header(name) => (*name).to_owned(),
        Place::File(path, 0) => path.to_string(),
        Place::File(path, line) => format!("{path}:{line}"),
    }
}

/// One finding as programs read it.
#[derive(Debug, Serialize)]
pub struct JsonLintFinding<'f> {
    version: u32,
    rule: &'f str,
    severity: Severity,
    posting: &'f str,
    mail: &'f str,
    /// A line of the message, the subject being 1, or of the file after the patch.
    line: Option<usize>,
    path: Option<String>,
    header: Option<&'f str>,
    text: String,
    message: &'f str,
    source: &'f str,
    fix: Option<Fix>,
}

/// Returns a finding for programs.
pub fn json<'f>(finding: &'f Finding, postings: &'f [MailSet]) -> JsonLintFinding<'f> {
    let (posting, mail) = names(finding, postings);
    let (line, path, header) = match &finding.place {
        Place::Mail => (None, None, None),
        Place::Message(line) => (Some(*line), None, None),
        Place::Header(name) => (None, None, Some(*name)),
        Place::File(path, 0) => (None, Some(path.to_string()), None),
        Place::File(path, line) => (Some(*line), Some(path.to_string()), None),
    };
    JsonLintFinding {
        version: 1,
        rule: &finding.rule,
        severity: finding.severity,
        posting,
        mail,
        line,
        path,
        header,
        text: finding.text.to_str_lossy().into_owned(),
        message: &finding.message,
        source: &finding.source,
        fix: finding.fix,
    }
}
