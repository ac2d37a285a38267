//! Mails for programs: `git cleave mail --format json`.

use std::path::Path;

use bstr::ByteSlice;
use serde::Serialize;

use super::mail_text::names;
use crate::mail::b4::B4Branch;
use crate::mail::{Sending, SeriesMails, loads};
use crate::model::{Mailbox, Plan};

/// The mails of a campaign, version 1.
#[derive(Debug, Serialize)]
pub struct JsonCampaign {
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

/// Returns the mails of a campaign that lie in folders below `out`. Bytes that are not UTF-8 are replaced.
pub fn json(out: &Path, plan: &Plan, all: &[SeriesMails], sending: &Sending) -> JsonCampaign {
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
            command: lossy(&sending.command(out, mails)),
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
    JsonCampaign {
        version: 1,
        name: plan.name.clone(),
        land: plan.landing.mode.word(),
        series: series.collect(),
        load: load.collect(),
    }
}

/// A branch for b4.
#[derive(Debug, Serialize)]
pub struct JsonB4Branch {
    branch: String,
    series: String,
    /// Its last commit.
    commit: String,
}

/// Returns the branches for b4.
pub fn branches(plan: &Plan, branches: &[B4Branch]) -> Vec<JsonB4Branch> {
    let one = |branch: &B4Branch| JsonB4Branch {
        branch: super::short(&branch.name),
        series: plan.campaign.series[branch.series.0].name.clone(),
        commit: branch.tip.to_string(),
    };
    branches.iter().map(one).collect()
}
