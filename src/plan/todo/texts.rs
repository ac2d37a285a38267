//! The lines of a todo in which people say why: the blurb of the whole, covers, and what changed since the last version.
//!
//! ```text
//!   blurb
//!   | What the whole change is for; first in every cover letter.
//!
//!   series kvm
//!   cover KVM: s390: stop using page->index
//!   | What these patches do.
//!   changelog 2
//!   | - the lock is taken earlier, as Ann asked
//! ```

use std::collections::BTreeMap;

use bstr::{BString, ByteSlice};

use super::TodoError;
use crate::model::address::{shown, visible};
use crate::model::wording::{NO_BLURB, NO_CHANGES};
use crate::model::{Campaign, Plan, Words};

/// What is asked for of versions that were not posted yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// For each series that was posted before, by name, its version and what is known to have changed: a line each.
    pub series: BTreeMap<String, (u32, Vec<String>)>,
}

/// What the commands are, below the lines.
const HELP: &str = "
# Lines that begin with | are the text of what stands above them:
#   blurb                  what the whole change is for; first in every cover letter
#   cover <subject>        what a series does, below the blurb in its cover letter
#   changelog <version>    what changed since the version before
#
# Lines that begin with # are ignored. A text that stays as it is, is kept as it is.
";

/// Writes blurb, covers and changelogs as a todo, of all series or of one.
pub fn render_words(plan: &Plan, only: Option<&str>, pending: Option<&Pending>) -> String {
    let mut out = blurb(plan);
    for series in plan.campaign.series.iter().filter(|series| only.is_none_or(|only| series.name == only)) {
        out.push_str(&format!("series {}\n", series.name));
        if series.patches.len() > 1 {
            out.push_str(&cover(&series.cover.subject, &series.cover.body));
        }
        if let Some((version, facts)) = pending.and_then(|pending| pending.series.get(&series.name)) {
            let said = plan.words.series.get(&series.name).and_then(|words| words.changelogs.get(version));
            out.push_str(&format!("changelog {version}\n"));
            match said {
                Some(said) => out.push_str(&block(said)),
                None => {
                    out.push_str(&block(&NO_CHANGES.into()));
                    facts.iter().for_each(|fact| out.push_str(&format!("| - {fact}\n")));
                }
            }
        }
        out.push('\n');
    }
    out.push_str(HELP.trim_start());
    out
}

/// Returns the lines of the blurb.
pub(super) fn blurb(plan: &Plan) -> String {
    let missing = NO_BLURB.into();
    let text = if plan.words.blurb.is_empty() { &missing } else { &plan.words.blurb };
    format!("blurb\n{}\n", block(text))
}

/// Returns the lines of a cover.
pub(super) fn cover(subject: &BString, body: &BString) -> String {
    format!("cover {}\n{}", as_subject(subject), block(body))
}

/// Returns the lines of a text, each behind a `|`.
pub(super) fn block(text: &BString) -> String {
    as_text(text).lines().map(|line| format!("{}\n", format!("| {line}").trim_end())).collect()
}

/// Returns a subject as a todo has it: one line, in which nothing is hidden. A subject that a person leaves as it is, is kept to the byte.
pub(super) fn as_subject(subject: &BString) -> String {
    shown(subject.as_ref()).trim().to_owned()
}

/// Returns a text as a todo has it. A text that a person leaves as it is, is kept to the byte.
pub(super) fn as_text(text: &BString) -> String {
    said(text.lines().map(|line| visible(line.as_bstr()).into_owned()))
}

/// Joins lines of a todo, without blanks at their ends, and without empty ones around them.
pub(super) fn said(lines: impl IntoIterator<Item = String>) -> String {
    let lines: Vec<String> = lines.into_iter().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

/// Reads what [`render_words`] wrote, and returns cover letters and words as they are then; `None` when it holds nothing but what was `rendered`.
///
/// # Errors
/// With the line, when something is unknown or a text that stands for another is left in.
pub fn parse_words(text: &str, rendered: &str, plan: &Plan) -> Result<Option<(Campaign, Words)>, TodoError> {
    let (mut reader, was) = (read_words(text, plan)?, read_words(rendered, plan)?);
    reader.said.retain(|said| was.said.iter().all(|was| !was.says_the_same(said)));
    if reader.said.is_empty() {
        return Ok(None);
    }
    let (mut campaign, mut words) = (plan.campaign.clone(), plan.words.clone());
    reader.apply(&mut campaign, &mut words)?;
    Ok(Some((campaign, words)))
}

fn read_words(text: &str, plan: &Plan) -> Result<Reader, TodoError> {
    let mut reader = Reader::default();
    let mut series: Option<String> = None;
    for (idx, raw) in text.lines().enumerate() {
        let (line, content) = (idx + 1, raw.trim());
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let (word, rest) = content.split_once(char::is_whitespace).unwrap_or((content, ""));
        let unknown = || TodoError::NoText { line, text: content.chars().take(60).collect() };
        if word == "series" {
            if !plan.campaign.series.iter().any(|known| known.name == rest.trim()) {
                return Err(TodoError::UnknownSeries { line, series: rest.trim().into() });
            }
            series = Some(rest.trim().to_owned());
            reader.close();
        } else if let Some(text) = content.strip_prefix('|') {
            if !reader.text(text) {
                return Err(unknown());
            }
        } else if !reader.command(line, word, rest, series.as_deref())? {
            return Err(unknown());
        }
    }
    Ok(reader)
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum TextKind {
    Blurb,
    Cover(String),
    Changelog(String, u32),
}

#[derive(Debug)]
struct TextLines {
    line: usize,
    what: TextKind,
    subject: String,
    text: Option<Vec<String>>,
}

impl TextLines {
    fn says_the_same(&self, other: &Self) -> bool {
        let text = |lines: &Self| lines.text.clone().map(said);
        (&self.what, &self.subject, text(self)) == (&other.what, &other.subject, text(other))
    }
}

/// The lines of words while a todo is read.
#[derive(Debug, Default)]
pub(super) struct Reader {
    said: Vec<TextLines>,
    is_open: bool,
}

impl Reader {
    /// Takes a line that begins a text; `false` when it is none.
    pub(super) fn command(&mut self, line: usize, word: &str, rest: &str, series: Option<&str>) -> Result<bool, TodoError> {
        let of_series =
            |what: &'static str| series.map(str::to_owned).ok_or(TodoError::Homeless { line, what, needed: "series" });
        let what = match word {
            "blurb" if rest.trim().is_empty() => TextKind::Blurb,
            "cover" => TextKind::Cover(of_series("a cover")?),
            "changelog" => {
                let number = rest.trim().trim_start_matches('v');
                let wrong = || TodoError::NoText { line, text: format!("changelog {rest}").chars().take(60).collect() };
                TextKind::Changelog(of_series("a changelog")?, number.parse().map_err(|_| wrong())?)
            }
            _ => return Ok(false),
        };
        if let Some(first) = self.said.iter().find(|said| said.what == what) {
            return Err(TodoError::Doubled { line, what: word.into(), first: first.line });
        }
        let subject = if word == "cover" { rest.trim().to_owned() } else { String::new() };
        self.said.push(TextLines { line, what, subject, text: None });
        self.is_open = true;
        Ok(true)
    }

    /// Adds a line, without its `|`, to the text that is open; `false` when none is.
    pub(super) fn text(&mut self, text: &str) -> bool {
        if let Some(said) = self.said.last_mut().filter(|_| self.is_open) {
            said.text.get_or_insert_default().push(text.strip_prefix(' ').unwrap_or(text).trim_end().to_owned());
        }
        self.is_open
    }

    /// Ends the text that is open.
    pub(super) fn close(&mut self) {
        self.is_open = false;
    }

    /// Puts what was said in its place, and marks what differs from what stood there as a person's.
    pub(super) fn apply(self, campaign: &mut Campaign, words: &mut Words) -> Result<(), TodoError> {
        for said in self.said {
            let text: Option<BString> = said.text.map(|lines| self::said(lines).into());
            let is_placeholder = |text: &BString| *text == NO_BLURB || *text == NO_CHANGES;
            let Some(text) = text.filter(|text| !is_placeholder(text)) else {
                if let TextKind::Cover(name) = said.what {
                    set_cover(campaign, words, &name, &said.subject, None);
                }
                continue;
            };
            if text.contains_str(NO_BLURB) || text.contains_str(NO_CHANGES) {
                return Err(TodoError::Placeholder(said.line));
            }
            match said.what {
                TextKind::Blurb if text == as_text(&words.blurb) => {}
                TextKind::Blurb => (words.is_blurb_edited, words.blurb) = (true, text),
                TextKind::Cover(name) => set_cover(campaign, words, &name, &said.subject, Some(text)),
                TextKind::Changelog(name, version) => {
                    let changelogs = &mut words.of_series(&name).changelogs;
                    match text.is_empty() {
                        true => drop(changelogs.remove(&version)),
                        false => drop(changelogs.insert(version, text)),
                    }
                }
            }
        }
        Ok(())
    }
}

/// Gives a series subject and body of its cover where they are another; what is empty or `None` stays.
fn set_cover(campaign: &mut Campaign, words: &mut Words, name: &str, subject: &str, body: Option<BString>) {
    let Some(series) = campaign.series.iter_mut().find(|series| series.name == name) else { return };
    let mut cover = series.cover.clone();
    if !subject.is_empty() && as_subject(&cover.subject) != subject {
        cover.subject = subject.into();
    }
    if let Some(body) = body.filter(|body| *body != as_text(&cover.body)) {
        cover.body = body;
    }
    if cover != series.cover {
        series.cover.clone_from(&cover);
        words.of_series(name).cover = Some(cover);
    }
}
