//! How many mails of a campaign each person and each list gets, so that nobody is sent too many.

use std::collections::{BTreeMap, BTreeSet};

use bstr::BString;

use super::SeriesMails;
use crate::model::{Mailbox, SeriesIdx};

/// The mails that one address gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Load {
    /// Who; a list has no name.
    pub mailbox: Mailbox,
    /// The number of mails that have it in To.
    pub n_to: usize,
    /// The number of mails that have it in Cc.
    pub n_cc: usize,
    /// The series of these mails.
    pub series: BTreeSet<SeriesIdx>,
}

impl Load {
    /// Returns the number of mails.
    pub fn n_mails(&self) -> usize {
        self.n_to + self.n_cc
    }

    /// Whether it is a list, as far as can be told: those are named by their address alone.
    pub fn is_list(&self) -> bool {
        self.mailbox.name.is_empty()
    }
}

/// Returns the load of everybody, the most first, ties by address.
pub fn loads(all: &[SeriesMails]) -> Vec<Load> {
    let mut known: BTreeMap<BString, Load> = BTreeMap::new();
    for series in all {
        for file in &series.files {
            for (mailboxes, is_to) in [(&file.to, true), (&file.cc, false)] {
                for mailbox in mailboxes {
                    let load = known.entry(mailbox.key()).or_insert_with(|| Load {
                        mailbox: mailbox.clone(),
                        n_to: 0,
                        n_cc: 0,
                        series: BTreeSet::new(),
                    });
                    *(if is_to { &mut load.n_to } else { &mut load.n_cc }) += 1;
                    load.series.insert(series.series);
                }
            }
        }
    }
    let mut loads: Vec<Load> = known.into_values().collect();
    loads.sort_by(|one, other| other.n_mails().cmp(&one.n_mails()).then_with(|| one.mailbox.key().cmp(&other.mailbox.key())));
    loads
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::{CoverLetter, MailFile};

    #[test]
    fn the_most_loaded_stands_first() {
        let people = |text: &str| -> Vec<Mailbox> {
            text.split_whitespace().map(|address| Mailbox::parse(address.into()).expect("an address")).collect()
        };
        let mail = |to: &str, cc: &str| MailFile {
            name: String::new(),
            bytes: Vec::new(),
            message_id: String::new(),
            subject: BString::default(),
            to: people(to),
            cc: people(cc),
        };
        let series = |idx: usize, files: Vec<MailFile>| SeriesMails {
            series: SeriesIdx(idx),
            folder: String::new(),
            files,
            letter: CoverLetter::default(),
            says: String::new(),
        };
        let all = [series(0, vec![mail("a@x", "l@x"), mail("b@x", "l@X")]), series(1, vec![mail("l@x a@x", "")])];
        let shown: Vec<String> = loads(&all)
            .iter()
            .map(|load| format!("{} {}+{} in {}", load.mailbox.email, load.n_to, load.n_cc, load.series.len()))
            .collect();
        assert_eq!(shown, ["l@x 1+2 in 2", "a@x 2+0 in 2", "b@x 1+0 in 1"]);
    }
}
