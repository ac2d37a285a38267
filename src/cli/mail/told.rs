//! What `git cleave mail` prints: who gets how much, what lies where, how it would be sent.

use std::path::Path;

use bstr::ByteSlice;
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use crate::cli::{Context, Failure};
use crate::mail::{Load, Sending, SeriesMails, loads};
use crate::model::Mailbox;
use crate::model::{Plan, SeriesIdx};
use crate::report::plan_text::count;

/// More series than this are counted.
const SERIES: usize = 3;

/// Prints how many mails everybody gets, the most first, and warns of those who get more than `at_most`.
pub(super) fn show_loads(context: &Context, plan: &Plan, all: &[SeriesMails], at_most: usize) -> Result<(), Failure> {
    let loads = loads(all);
    let n_mails: usize = all.iter().map(|series| series.files.len()).sum();
    context.print(&format!(
        "{} in {} to {}\n\n",
        count(n_mails, "mail"),
        count(all.len(), "series"),
        count(loads.len(), "reader")
    ))?;
    let shown: Vec<String> = loads.iter().map(|load| load.mailbox.shown().to_str_lossy().into_owned()).collect();
    let width = shown.iter().map(|shown| shown.width()).max().unwrap_or(0);
    context.print(&format!("mails   To   Cc  {:width$}  series\n", "who"))?;
    for (load, shown) in loads.iter().zip(&shown) {
        let pad = width - shown.width();
        let line =
            format!("{:>5} {:>4} {:>4}  {shown}{:pad$}  {}", load.n_mails(), load.n_to, load.n_cc, "", series_of(plan, load));
        context.print(&format!("{}\n", line.trim_end()))?;
    }
    context.print("\n")?;
    for load in loads.iter().filter(|load| !load.is_list() && load.n_mails() > at_most) {
        let who = load.mailbox.shown();
        context.say(&format!("warning: {who} gets {}: cleave.mailsAtMost is {at_most}\n", count(load.n_mails(), "mail")));
    }
    Ok(())
}

fn series_of(plan: &Plan, load: &Load) -> String {
    match load.series.len() {
        n if n == plan.campaign.series.len() && n > 1 => "all".into(),
        n if n > SERIES => count(n, "series"),
        _ => names(plan, load.series.iter()).join(", "),
    }
}

fn names<'s>(plan: &Plan, series: impl IntoIterator<Item = &'s SeriesIdx>) -> Vec<String> {
    series.into_iter().map(|series_idx| plan.campaign.series[series_idx.0].name.clone()).collect()
}

/// Prints what lies where, and how it would be sent. What is held back comes last.
pub(crate) fn show(context: &Context, out: &Path, plan: &Plan, all: &[SeriesMails], send: &Sending) -> Result<(), Failure> {
    let series_of = |mails: &SeriesMails| &plan.campaign.series[mails.series.0];
    let folder = |mails: &SeriesMails| out.join(&mails.folder).display().to_string();
    let n_mails = |mails: &SeriesMails| count(mails.files.len(), "mail");
    let width = all.iter().map(|mails| folder(mails).width()).max().unwrap_or(0);
    let n_width = all.iter().map(|mails| n_mails(mails).len()).max().unwrap_or(0);
    for mails in all {
        let (folder, home) = (folder(mails), plan.campaign.home(series_of(mails).home));
        let pad = width - folder.width();
        context.print(&format!("{folder}{:pad$}  {:n_width$} for {}\n", "", n_mails(mails), home.name))?;
    }
    if send.drops_cc {
        context.say("warning: sendemail.<identity>.suppressCc says all or cc: git send-email will drop everybody in Cc\n");
    }
    context.print("\nRead them, then send each series once those it needs are out:\n\n")?;
    context.print(&send.function())?;
    let (held, free): (Vec<&SeriesMails>, Vec<&SeriesMails>) = all.iter().partition(|mails| !series_of(mails).waits.is_empty());
    for mails in free {
        context.print(&format!("  {}\n", send.call(out, mails).to_str_lossy()))?;
    }
    for mails in held {
        let waits = &series_of(mails).waits;
        let these = match waits.len() {
            n if n > SERIES && n + 1 == all.len() => "all others".to_owned(),
            n if n > SERIES => count(n, "series"),
            _ => names(plan, waits).join(", "),
        };
        let have = if waits.len() == 1 { "has" } else { "have" };
        let command = send.call(out, mails);
        context.print(&format!("\n  # hold back until {these} {have} landed:\n  # {}\n", command.to_str_lossy()))?;
    }
    Ok(())
}

/// The mails of a campaign, version 1.
#[derive(Debug, Serialize)]
struct JsonCampaign {
    version: u32,
    name: String,
    land: &'static str,
    series: Vec<JsonSeries>,
    load: Vec<JsonLoad>,
}

#[derive(Debug, Serialize)]
struct JsonSeries {
    name: String,
    home: String,
    folder: String,
    needs: Vec<String>,
    /// What must have landed before it is sent.
    waits: Vec<String>,
    mails: Vec<JsonMail>,
    /// For a POSIX shell.
    command: String,
}

#[derive(Debug, Serialize)]
struct JsonMail {
    file: String,
    message_id: String,
    subject: String,
    to: Vec<String>,
    cc: Vec<String>,
}

#[derive(Debug, Serialize)]
struct JsonLoad {
    address: String,
    name: String,
    to: usize,
    cc: usize,
    series: Vec<String>,
}

/// Prints the same for programs.
pub(super) fn show_json(context: &Context, out: &Path, plan: &Plan, all: &[SeriesMails], send: &Sending) -> Result<(), Failure> {
    let lossy = |bytes: &[u8]| bytes.to_str_lossy().into_owned();
    let people = |mailboxes: &[Mailbox]| mailboxes.iter().map(|mailbox| lossy(&mailbox.shown())).collect();
    let series = all.iter().map(|mails| {
        let series = &plan.campaign.series[mails.series.0];
        let folder = out.join(&mails.folder);
        JsonSeries {
            name: series.name.clone(),
            home: lossy(&plan.campaign.home(series.home).name),
            needs: names(plan, &series.needs),
            waits: names(plan, &series.waits),
            mails: mails
                .files
                .iter()
                .map(|file| JsonMail {
                    file: folder.join(&file.name).display().to_string(),
                    message_id: file.message_id.clone(),
                    subject: lossy(&file.subject),
                    to: people(&file.to),
                    cc: people(&file.cc),
                })
                .collect(),
            command: lossy(&send.command(out, mails)),
            folder: folder.display().to_string(),
        }
    });
    let load = loads(all).into_iter().map(|load| JsonLoad {
        address: lossy(&load.mailbox.email),
        name: lossy(&load.mailbox.name),
        to: load.n_to,
        cc: load.n_cc,
        series: names(plan, &load.series),
    });
    context.print_json(&JsonCampaign {
        version: 1,
        name: plan.name.clone(),
        land: plan.landing.mode.word(),
        series: series.collect(),
        load: load.collect(),
    })
}
