//! Mails for people: who gets how much, what lies where, how it would be sent.

use std::path::Path;

use bstr::ByteSlice;
use unicode_width::UnicodeWidthStr;

use super::plan_text::count;
use super::short;
use crate::mail::b4::B4Branch;
use crate::mail::{Load, Sending, SeriesMails, loads};
use crate::model::{Plan, SeriesIdx};
use crate::pipeline::post::PostEvent;

/// More series than this are counted.
const SERIES: usize = 3;

/// Returns how many mails everybody gets, the most first.
pub fn load(plan: &Plan, all: &[SeriesMails]) -> String {
    let loads = loads(all);
    let n_mails: usize = all.iter().map(|series| series.files.len()).sum();
    let (mails, series, readers) = (count(n_mails, "mail"), count(all.len(), "series"), count(loads.len(), "reader"));
    let mut text = format!("{mails} in {series} to {readers}\n\n");
    let shown: Vec<String> = loads.iter().map(|load| load.mailbox.shown().to_str_lossy().into_owned()).collect();
    let width = shown.iter().map(|shown| shown.width()).max().unwrap_or(0);
    text.push_str(&format!("mails   To   Cc  {:width$}  series\n", "who"));
    for (load, shown) in loads.iter().zip(&shown) {
        let pad = width - shown.width();
        let line =
            format!("{:>5} {:>4} {:>4}  {shown}{:pad$}  {}", load.n_mails(), load.n_to, load.n_cc, "", series_of(plan, load));
        text.push_str(&format!("{}\n", line.trim_end()));
    }
    text + "\n"
}

/// Returns a warning for each person who gets more than `at_most` mails.
pub fn overload(all: &[SeriesMails], at_most: usize) -> String {
    let much = loads(all).into_iter().filter(|load| !load.is_list() && load.n_mails() > at_most);
    let line = |load: Load| {
        let who = load.mailbox.shown();
        format!("warning: {who} gets {}: cleave.mailsAtMost is {at_most}\n", count(load.n_mails(), "mail"))
    };
    much.map(line).collect()
}

/// Returns a warning where mails go to nobody, with what to do; `out` is where they are written.
pub fn unread(out: Option<&Path>, all: &[SeriesMails]) -> String {
    let files = || all.iter().flat_map(|series| series.files.iter().map(move |file| (series, file)));
    let mut unread = files().filter(|(_, file)| file.to.is_empty());
    let Some((series, file)) = unread.next() else { return String::new() };
    let (n, n_all) = (1 + unread.count(), files().count());
    let example = format!("{}/{}", series.folder, file.name);
    let send =
        out.map_or_else(String::new, |out| format!("send --to=ADDRESS {}/*.patch, or ", out.join(&series.folder).display()));
    format!(
        "warning: {n} of {} would go to nobody, as '{example}': MAINTAINERS and CODEOWNERS name nobody but you for these files\n\
         hint: {send}a rule with 'to' in the file that cleave.recipientRules names\n",
        count(n_all, "mail"),
    )
}

fn series_of(plan: &Plan, load: &Load) -> String {
    match load.series.len() {
        n if n == plan.campaign.series.len() && n > 1 => "all".into(),
        _ => few(plan, load.series.iter()),
    }
}

/// Returns the names of series, or how many there are.
fn few<'s>(plan: &Plan, series: impl ExactSizeIterator<Item = &'s SeriesIdx>) -> String {
    match series.len() {
        n if n > SERIES => count(n, "series"),
        _ => names(plan, series).join(", "),
    }
}

pub(super) fn names<'s>(plan: &Plan, series: impl IntoIterator<Item = &'s SeriesIdx>) -> Vec<String> {
    series.into_iter().map(|series_idx| plan.campaign.series[series_idx.0].name.clone()).collect()
}

/// What is said where the user's own settings would drop people.
pub const DROPS_CC: &str = "warning: sendemail.<identity>.suppressCc says all or cc: git send-email will drop everybody in Cc\n";

/// Returns what lies where, and how it would be sent. What is held back comes last.
pub fn folders(out: &Path, plan: &Plan, all: &[SeriesMails], sending: &Sending) -> String {
    let series_of = |mails: &SeriesMails| &plan.campaign.series[mails.series.0];
    let folder = |mails: &SeriesMails| out.join(&mails.folder).display().to_string();
    let n_mails = |mails: &SeriesMails| count(mails.files.len(), "mail");
    let width = all.iter().map(|mails| folder(mails).width()).max().unwrap_or(0);
    let n_width = all.iter().map(|mails| n_mails(mails).len()).max().unwrap_or(0);
    let mut text = String::new();
    for mails in all {
        let (folder, home) = (folder(mails), plan.campaign.home(series_of(mails).home));
        let pad = width - folder.width();
        text.push_str(&format!("{folder}{:pad$}  {:n_width$} for {}\n", "", n_mails(mails), home.name));
    }
    text.push_str("\nRead them, then send each series once those it needs are out:\n\n");
    text.push_str(&sending.function());
    let (held, free): (Vec<&SeriesMails>, Vec<&SeriesMails>) = all.iter().partition(|mails| !series_of(mails).waits.is_empty());
    for mails in free {
        text.push_str(&format!("  {}\n", sending.call(out, mails).to_str_lossy()));
    }
    for mails in held {
        let waits = &series_of(mails).waits;
        let these = match waits.len() {
            n if n > SERIES && n + 1 == plan.campaign.series.len() => "all others".to_owned(),
            _ => few(plan, waits.iter()),
        };
        let have = if waits.len() == 1 { "has" } else { "have" };
        let command = sending.call(out, mails);
        text.push_str(&format!("\n  # hold back until {these} {have} landed:\n  # {}\n", command.to_str_lossy()));
    }
    text
}

/// Returns the branches for b4, and what b4 would do with them; nothing where there are none.
pub fn branches(plan: &Plan, branches: &[B4Branch]) -> String {
    if branches.is_empty() {
        return String::new();
    }
    let width = branches.iter().map(|branch| short(&branch.name).len()).max().unwrap_or(0);
    let mut text = String::from("\n");
    for branch in branches {
        let series = &plan.campaign.series[branch.series.0];
        let (name, patches) = (short(&branch.name), count(series.patches.len(), "patch"));
        text.push_str(&format!("{name:width$}  {patches} for {}\n", plan.campaign.home(series.home).name));
    }
    text + "\nOn each of them, once the series that it needs is out:\n\n  \
        b4 prep --show-info && b4 prep --check && b4 send -o DIR    # read what is there, then: b4 send\n"
}

/// Returns the sentence on what happened on the way to mails; nothing where that is shown otherwise.
pub fn event(event: &PostEvent<'_>) -> String {
    match event {
        PostEvent::BaseNotPublic(base) => {
            format!("warning: the base {} is on no remote-tracking branch: others do not have it\n", base.short())
        }
        PostEvent::Misnamed { subject, beginning, rule, why } => {
            format!("warning: '{subject}' should begin with '{beginning}' (rule '{rule}'): {why}\n")
        }
        PostEvent::Changed { version, mail, next } => {
            format!("the text changed since v{version} was posted ('{mail}'): this is v{next}\n")
        }
        PostEvent::Unchanged { version, series } => {
            format!("unchanged since v{version}: {}\n", series.join(", "))
        }
        PostEvent::NotPosted(version) => {
            format!("v{} was not posted with --posted: the mails link no version before v{version}\n", version - 1)
        }
        PostEvent::NoSubject(name) => {
            format!("warning: the cover letter of '{name}' is called by the name of the change: git cleave edit --cover\n")
        }
        PostEvent::Frozen { name, version, resend } => {
            let again = if *resend > 0 { format!(", resend {resend}") } else { String::new() };
            format!("v{version}{again} is kept under refs/cleave/{name}/v{version}/\n")
        }
        PostEvent::Linted { .. } | PostEvent::Ready { .. } => String::new(),
    }
}
