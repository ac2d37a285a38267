//! What a mailing list would say of mails, for people and for programs: `git cleave lint`.

use bstr::ByteSlice;
use serde::Serialize;

use super::plan_text::count;
use crate::mail::lint::{Finding, Fix, MailSet, Place, Severity};
use crate::ui::color::{Label, paint};

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

/// Returns findings for people: a heading a mail, under it the findings, each with the text and who says so.
pub fn text(findings: &[&Finding], postings: &[MailSet], of: Of) -> String {
    let mut out = String::new();
    let mut last = None;
    for finding in findings {
        if last != Some(finding.mail) {
            let (posting, letter) = names(finding, postings);
            let gap = if last.is_some() { "\n" } else { "" };
            out.push_str(&format!("{gap}{}\n", paint(Label::Heading, &format!("{posting}: {letter}"))));
            last = Some(finding.mail);
        }
        let label = match finding.severity {
            Severity::Error => Label::Error,
            Severity::Warning => Label::Warning,
            Severity::Note => Label::Hint,
        };
        let mends = if finding.fix.is_some() && of == Of::Plan { " (--fix)" } else { "" };
        out.push_str(&format!(
            "  {} {}: {}{mends}\n",
            paint(label, &format!("{}:", finding.severity.word())),
            finding.rule,
            finding.message
        ));
        let place = place(&finding.place);
        if !finding.text.is_empty() || !place.is_empty() {
            let gap = if place.is_empty() || finding.text.is_empty() { "" } else { ": " };
            out.push_str(&format!("    {place}{gap}{}\n", finding.text.to_str_lossy()));
        }
        out.push_str(&format!("    {}\n", paint(Label::Dim, &finding.source)));
    }
    out
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
