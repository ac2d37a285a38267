//! Who gets a patch, from those who own its files, and why.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use bstr::{BStr, BString};

use crate::model::{Campaign, Mailbox, OwnerRole, Signature};

/// Somebody who gets a mail.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Recipient {
    /// Who.
    pub mailbox: Mailbox,
    /// In which header.
    pub field: Field,
    /// What brought them in, the strongest first.
    pub reasons: Vec<Why>,
    /// Whether [`cc_all`] leaves them out: they get the patches that name them, and no other.
    pub own_only: bool,
}

impl Recipient {
    /// Returns a recipient without a reason.
    pub fn new(field: Field, mailbox: Mailbox) -> Self {
        Recipient { mailbox, field, reasons: Vec::new(), own_only: false }
    }

    /// Whether this is the address, without name, of the recipient; its host in any case.
    pub fn is(&self, email: &BStr) -> bool {
        self.mailbox.key() == Mailbox::bare(email).key()
    }
}

/// Why somebody gets a patch.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// A line of MAINTAINERS or CODEOWNERS names the path.
    Pattern {
        /// What they are to the path.
        role: OwnerRole,
        /// Where that is written.
        line: OwnersLine,
        /// The path.
        path: BString,
    },
    /// A `K:` line stands in the patch.
    Keyword {
        /// What they are to patches with the keyword.
        role: OwnerRole,
        /// Where that is written.
        line: OwnersLine,
    },
    /// The address stands in this file.
    InFile(BString),
    /// They wrote or signed the commit of a `Fixes:` line.
    Fixes(BString),
    /// They signed or wrote commits to this file.
    History(BString),
    /// A trailer of the patch names them.
    Trailer(BString),
    /// A recipient rule.
    Rule {
        /// Its name.
        name: String,
        /// Why it is there.
        why: String,
    },
    /// They get another patch of the series, and everybody gets all.
    Series,
}

/// A line of a file that says who owns what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OwnersLine {
    /// The name of its section (`MEMORY MANAGEMENT`); none in CODEOWNERS.
    pub section: Option<BString>,
    /// The file and the number of the line: `MAINTAINERS:14861`.
    pub place: String,
    /// The line: `F: mm/`, `K: \\bkvm\\b`, or a pattern of CODEOWNERS.
    pub text: String,
}

impl Why {
    /// Returns what they are to a file or a keyword, where a line of MAINTAINERS or CODEOWNERS brought them in.
    pub fn role(&self) -> Option<(&OwnerRole, &OwnersLine)> {
        match self {
            Why::Pattern { role, line, .. } | Why::Keyword { role, line } => Some((role, line)),
            Why::InFile(_) | Why::Fixes(_) | Why::History(_) | Why::Trailer(_) | Why::Rule { .. } | Why::Series => None,
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Why::Pattern { role, line, path } => {
                write!(f, "{}: '{}' at {} matches {path}", standing(role, line), line.text, line.place)
            }
            Why::Keyword { role, line } => {
                write!(f, "{}: '{}' at {} stands in the patch", standing(role, line), line.text, line.place)
            }
            Why::InFile(path) => write!(f, "named in {path}"),
            Why::Fixes(commit) => write!(f, "wrote or signed {commit}, which the patch fixes"),
            Why::History(path) => write!(f, "wrote or signed commits to {path}"),
            Why::Trailer(line) => write!(f, "the patch says '{line}'"),
            Why::Rule { name, why } => write!(f, "rule '{name}': {why}"),
            Why::Series => write!(f, "gets another patch of the series (--cc-all)"),
        }
    }
}

/// Returns `maintainer of MEMORY MANAGEMENT`.
fn standing(role: &OwnerRole, line: &OwnersLine) -> String {
    match &line.section {
        Some(section) => format!("{} of {section}", role.word()),
        None => role.word().to_string(),
    }
}

/// The header a recipient stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// Those who are asked to apply the patch.
    To,
    /// Those who should know.
    Cc,
}

/// Somebody who is named for a patch, by one reason.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Named {
    /// Who.
    pub mailbox: Mailbox,
    /// The reason.
    pub why: Why,
    /// Whether the section that names them stands for every path of the tree (THE REST: LKML, U-Boot's custodian).
    pub catches_all: bool,
}

/// Returns who gets a patch. `named` holds who is named for it, once for each reason, in order.
///
/// Maintainers stand in To; reviewers, people whom the patch itself names, and mailing lists in Cc, and so does everybody whom only a
/// section for all paths names. Where nobody would stand in To, which send-email writes as an empty header, the first of these groups
/// that has somebody takes the place: maintainers of all paths, lists, lists of all paths.
///
/// To comes before Cc, people before lists, a section for all paths last; within these the order is that of `named`. Each address (its
/// host in any case) stands once. Left out are the sender, and everybody without a valid address.
pub fn recipients(named: &[Named], sender: &Signature) -> Vec<Recipient> {
    let sender = Mailbox::from(sender).key();
    // By address: its rank, the place where it is first named, how it is first written, and why it is there.
    type Known<'n> = (Rank, usize, &'n Mailbox, Vec<(Rank, Why)>);
    let mut known: BTreeMap<BString, Known> = BTreeMap::new();
    // A list for all paths has a reason for each path of the patch, of which there may be thousands.
    let mut seen: HashSet<(BString, &Why)> = HashSet::new();
    for (place, one) in named.iter().enumerate() {
        let key = one.mailbox.key();
        if !one.mailbox.is_address() || key == sender {
            continue;
        }
        let rank = rank(one);
        let is_new = seen.insert((key.clone(), &one.why));
        let entry = known.entry(key).or_insert((rank, place, &one.mailbox, Vec::new()));
        entry.0 = entry.0.min(rank);
        if is_new {
            entry.3.push((rank, one.why.clone()));
        }
    }
    let mut all: Vec<_> = known.into_values().collect();
    all.sort();
    let first = [Rank::Maintainer, Rank::RestMaintainer, Rank::List, Rank::RestList];
    let to = first.into_iter().find(|rank| all.iter().any(|entry| entry.0 == *rank));
    let recipient = |(rank, _, mailbox, mut reasons): Known| {
        reasons.sort_by_key(|(rank, _)| *rank);
        let field = if Some(rank) == to { Field::To } else { Field::Cc };
        let reasons = reasons.into_iter().map(|(_, why)| why).collect();
        Recipient { reasons, ..Recipient::new(field, mailbox.clone()) }
    };
    let mut recipients: Vec<Recipient> = all.into_iter().map(recipient).collect();
    recipients.sort_by_key(|recipient| recipient.field);
    recipients
}

/// Adds everybody who gets one patch of a series to the Cc of its other patches.
pub fn cc_all(campaign: &Campaign, recipients: &mut [Vec<Recipient>]) {
    for series in &campaign.series {
        let all: Vec<Recipient> = series.patches.iter().flat_map(|patch_idx| recipients[patch_idx.0].clone()).collect();
        for patch_idx in &series.patches {
            let own = &mut recipients[patch_idx.0];
            for recipient in all.iter().filter(|recipient| !recipient.own_only) {
                if own.iter().all(|known| known.mailbox.key() != recipient.mailbox.key()) {
                    own.push(Recipient { reasons: vec![Why::Series], ..Recipient::new(Field::Cc, recipient.mailbox.clone()) });
                }
            }
        }
    }
}

/// Groups of recipients, in the order in which they stand in the headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Maintainer,
    Reviewer,
    Named,
    RestMaintainer,
    RestReviewer,
    List,
    RestList,
}

fn rank(named: &Named) -> Rank {
    let role = match &named.why {
        Why::InFile(_) => &OwnerRole::InFile,
        Why::Fixes(_) | Why::History(_) => &OwnerRole::Signer,
        Why::Pattern { role, .. } | Why::Keyword { role, .. } => role,
        Why::Trailer(_) | Why::Rule { .. } | Why::Series => return Rank::Named,
    };
    match role {
        OwnerRole::OpenList | OwnerRole::ModeratedList | OwnerRole::SubscriberList if named.catches_all => Rank::RestList,
        OwnerRole::OpenList | OwnerRole::ModeratedList | OwnerRole::SubscriberList => Rank::List,
        OwnerRole::Reviewer if named.catches_all => Rank::RestReviewer,
        OwnerRole::Reviewer => Rank::Reviewer,
        OwnerRole::Signer => Rank::Named,
        OwnerRole::Supporter
        | OwnerRole::Maintainer
        | OwnerRole::OddFixer
        | OwnerRole::OrphanMinder
        | OwnerRole::ObsoleteMinder
        | OwnerRole::ChiefPenguin
        | OwnerRole::CodeOwner
        | OwnerRole::Other(_)
        | OwnerRole::InFile => match named.catches_all {
            true => Rank::RestMaintainer,
            false => Rank::Maintainer,
        },
    }
}

/// Returns `(to, cc)` of several patches together, or of one: each address once, To before Cc, as first written.
///
/// # Errors
/// The first recipient that is no address.
pub(super) fn union<'r>(
    recipients: impl IntoIterator<Item = &'r Recipient>,
) -> Result<(Vec<Mailbox>, Vec<Mailbox>), &'r Recipient> {
    let mut known: BTreeMap<BString, (Field, usize, Mailbox)> = BTreeMap::new();
    for (place, recipient) in recipients.into_iter().enumerate() {
        if !recipient.mailbox.is_address() {
            return Err(recipient);
        }
        let entry = known.entry(recipient.mailbox.key()).or_insert((recipient.field, place, recipient.mailbox.clone()));
        entry.0 = entry.0.min(recipient.field);
    }
    let mut all: Vec<_> = known.into_values().collect();
    all.sort();
    let of = |wanted: Field| all.iter().filter(|(field, ..)| *field == wanted).map(|(.., mailbox)| mailbox.clone()).collect();
    Ok((of(Field::To), of(Field::Cc)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{HomeIdx, Message, PatchIdx, Series};

    /// Each path is a line; who is named is written `m:`, `r:` or `l:`, in capitals where it catches all, then the address.
    fn check(paths: &str, expected: &str) {
        let named = |text: &str| {
            let (kind, address) = text.trim().split_once(':').expect("kind:address");
            let role = match kind.to_ascii_lowercase().as_str() {
                "m" => OwnerRole::Maintainer,
                "r" => OwnerRole::Reviewer,
                "n" => OwnerRole::Signer,
                _ => OwnerRole::OpenList,
            };
            let line = OwnersLine { section: None, place: "MAINTAINERS:1".into(), text: text.into() };
            let catches_all = kind.chars().all(char::is_uppercase);
            Named { mailbox: Mailbox::read(address.as_bytes()), catches_all, why: Why::Keyword { role, line } }
        };
        let named: Vec<Named> = paths.lines().flat_map(|line| line.split(',').map(named)).collect();
        let author = Signature { name: "Me".into(), email: "me@here.org".into(), time: "0 +0000".into() };
        let shown: Vec<String> =
            recipients(&named, &author).iter().map(|one| format!("{:?} {}", one.field, one.mailbox.shown())).collect();
        assert_eq!(shown.join("\n"), expected);
    }

    #[test]
    fn maintainers_are_asked_and_the_others_told() {
        check(
            "l:l@x,r:R <r@x>,m:M <m@x>,L:lkml@v\nm:N <n@x>,l:l@x,L:lkml@v",
            "To M <m@x>\nTo N <n@x>\nCc R <r@x>\nCc l@x\nCc lkml@v",
        );
    }

    #[test]
    fn one_address_stands_once_with_its_highest_standing() {
        check("r:A <a@X.org>,l:l@x\nm:Other A <a@x.ORG>,m:A <A@x.org>", "To A <a@X.org>\nTo A <A@x.org>\nCc l@x");
    }

    #[test]
    fn who_sends_is_not_added() {
        check("m:Me <me@HERE.org>,l:l@x,L:lkml@v", "To l@x\nCc lkml@v");
    }

    #[test]
    fn to_is_never_empty_where_somebody_is_named() {
        check("M:Tom <tom@x>,L:all@x", "To Tom <tom@x>\nCc all@x");
        check("L:lkml@v", "To lkml@v");
        check("l:no address", "");
    }

    #[test]
    fn whom_the_patch_names_is_told() {
        check("n:Rep <rep@x>,m:M <m@x>,r:R <r@x>,n:M <m@x>", "To M <m@x>\nCc R <r@x>\nCc Rep <rep@x>");
        check("n:Rep <rep@x>,L:all@x", "To all@x\nCc Rep <rep@x>");
    }

    #[test]
    fn everybody_of_a_series_may_get_all_of_it() {
        let series = |patches: &[usize]| Series {
            name: "s".into(),
            home: HomeIdx(0),
            patches: patches.iter().map(|&idx| PatchIdx(idx)).collect(),
            needs: Vec::new(),
            cover: Message::default(),
            part: None,
            waits: Vec::new(),
        };
        let campaign = Campaign { series: vec![series(&[0, 1]), series(&[2])], ..Campaign::default() };
        let get = |field, text: &str| Recipient::new(field, Mailbox::parse(text.into()).expect("an address"));
        let held = Recipient { own_only: true, ..get(Field::Cc, "held@x") };
        let mut all = vec![
            vec![get(Field::To, "A <a@x>"), held],
            vec![get(Field::To, "B <b@x>"), get(Field::Cc, "a@X")],
            vec![get(Field::To, "c@x")],
        ];
        cc_all(&campaign, &mut all);
        let shown: Vec<String> = all
            .iter()
            .map(|of| of.iter().map(|one| format!("{:?} {}", one.field, one.mailbox.shown())).collect::<Vec<_>>().join(", "))
            .collect();
        assert_eq!(shown, ["To A <a@x>, Cc held@x, Cc B <b@x>", "To B <b@x>, Cc a@X", "To c@x"]);
        assert_eq!(all[0][2].reasons, [Why::Series]);
    }
}
