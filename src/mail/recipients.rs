//! Who gets a patch, from those who own its files, and why.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use bstr::{BStr, BString};

use super::headers::Mailbox;
use crate::model::{Campaign, Signature};

/// Somebody who gets a mail.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Recipient {
    /// `Name <address>` or the address alone: raw UTF-8, the name quoted or not.
    pub address: BString,
    /// In which header.
    pub field: Field,
    /// What brought them in, the strongest first.
    pub reasons: Vec<Why>,
    /// Whether they get only the patches that are theirs, whatever [`cc_all`] does.
    pub own_only: bool,
}

impl Recipient {
    /// Returns a recipient without a reason.
    pub fn new(field: Field, address: impl Into<BString>) -> Self {
        Recipient { address: address.into(), field, reasons: Vec::new(), own_only: false }
    }

    /// Whether this is the address, without name, of the recipient; its host in any case.
    pub fn is(&self, address: &BStr) -> bool {
        let key = |text: &BStr| Mailbox::parse(text).map(|mailbox| mailbox.key());
        key(self.address.as_ref()).is_some_and(|own| key(address) == Some(own))
    }
}

/// Why somebody gets a patch.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// A line of MAINTAINERS or CODEOWNERS names the path.
    Pattern {
        /// What they are, and for what: `maintainer of MEMORY MANAGEMENT`.
        standing: String,
        /// `MAINTAINERS:14861`.
        place: String,
        /// The line: `F: mm/`.
        line: String,
        /// The path.
        path: BString,
    },
    /// A `K:` line stands in the patch.
    Keyword {
        /// As in [`Why::Pattern`].
        standing: String,
        /// As in [`Why::Pattern`].
        place: String,
        /// The line: `K: \\bkvm\\b`.
        line: String,
    },
    /// The address stands in this file.
    InFile(BString),
    /// They wrote or signed the commit of a `Fixes:` line.
    Fixes(BString),
    /// They signed or wrote commits to this file.
    History(BString),
    /// A trailer of the patch names them.
    Trailer(BString),
    /// An unwritten rule.
    Rule {
        /// Its name.
        name: String,
        /// Why it is there.
        why: String,
    },
    /// They get another patch of the series, and everybody gets all.
    Series,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Why::Pattern { standing, place, line, path } => write!(f, "{standing}: '{line}' at {place} matches {path}"),
            Why::Keyword { standing, place, line } => write!(f, "{standing}: '{line}' at {place} stands in the patch"),
            Why::InFile(path) => write!(f, "named in {path}"),
            Why::Fixes(commit) => write!(f, "wrote or signed {commit}, which the patch fixes"),
            Why::History(path) => write!(f, "wrote or signed commits to {path}"),
            Why::Trailer(line) => write!(f, "the patch says '{line}'"),
            Why::Rule { name, why } => write!(f, "rule '{name}': {why}"),
            Why::Series => write!(f, "gets another patch of the series (--cc-all)"),
        }
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

/// Somebody who is named for a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner {
    /// As in [`Recipient::address`].
    pub address: BString,
    /// What they are to the path.
    pub standing: Standing,
    /// Whether what names them stands for every path of the tree (THE REST: LKML, U-Boot's custodian).
    pub catches_all: bool,
    /// Why.
    pub why: Why,
}

/// What somebody is to a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Maintains or supports it: applies patches.
    Maintainer,
    /// Looks at patches.
    Reviewer,
    /// Is named by the patch itself, or wrote what it fixes.
    Named,
    /// A mailing list.
    List,
}

/// Returns who gets a patch; `owners` holds who is named for it, once for each reason, in order.
///
/// Maintainers are To, reviewers, those whom the patch names and lists Cc, and who catches all is Cc. Where that leaves nobody in To,
/// which send-email would write as an empty header, the first of these takes the place: the maintainers that catch all, the lists, the
/// lists that catch all. To comes before Cc, people before lists, those who catch all last; then as named. One address (its host in any
/// case) stands once, and who sends is not added. What is no address is left out.
pub fn recipients(owners: &[Owner], sender: &Signature) -> Vec<Recipient> {
    let sender = Mailbox { name: BString::default(), email: sender.email.clone() }.key();
    // By address: its rank, the place where it is first named, how it is first written, and why it is there.
    type Known<'o> = (Rank, usize, &'o BString, Vec<(Rank, Why)>);
    let mut known: BTreeMap<BString, Known> = BTreeMap::new();
    // A list that catches all has a reason a path, of which there may be thousands.
    let mut seen: HashSet<(BString, &Why)> = HashSet::new();
    for (place, owner) in owners.iter().enumerate() {
        let Some(key) = Mailbox::parse(owner.address.as_ref()).map(|mailbox| mailbox.key()) else { continue };
        if key == sender {
            continue;
        }
        let rank = rank(owner);
        let is_new = seen.insert((key.clone(), &owner.why));
        let entry = known.entry(key).or_insert((rank, place, &owner.address, Vec::new()));
        entry.0 = entry.0.min(rank);
        if is_new {
            entry.3.push((rank, owner.why.clone()));
        }
    }
    let mut all: Vec<_> = known.into_values().collect();
    all.sort();
    let first = [Rank::Maintainer, Rank::RestMaintainer, Rank::List, Rank::RestList];
    let to = first.into_iter().find(|rank| all.iter().any(|entry| entry.0 == *rank));
    let recipient = |(rank, _, address, mut reasons): Known| {
        reasons.sort_by_key(|(rank, _)| *rank);
        let field = if Some(rank) == to { Field::To } else { Field::Cc };
        let reasons = reasons.into_iter().map(|(_, why)| why).collect();
        Recipient { reasons, ..Recipient::new(field, address.clone()) }
    };
    let mut recipients: Vec<Recipient> = all.into_iter().map(recipient).collect();
    recipients.sort_by_key(|recipient| recipient.field);
    recipients
}

/// Sends every patch of a series to everybody who gets one of it: in Cc, where it is not theirs.
pub fn cc_all(campaign: &Campaign, recipients: &mut [Vec<Recipient>]) {
    for series in &campaign.series {
        let all: Vec<Recipient> = series.patches.iter().flat_map(|patch_idx| recipients[patch_idx.0].clone()).collect();
        for patch_idx in &series.patches {
            let own = &mut recipients[patch_idx.0];
            for recipient in all.iter().filter(|recipient| !recipient.own_only) {
                if own.iter().all(|known| !known.is(bare(&recipient.address).as_ref())) {
                    own.push(Recipient { reasons: vec![Why::Series], ..Recipient::new(Field::Cc, recipient.address.clone()) });
                }
            }
        }
    }
}

/// Returns an address without its name.
pub(super) fn bare(address: &BString) -> BString {
    Mailbox::parse(address.as_ref()).map_or_else(|| address.clone(), |mailbox| mailbox.email)
}

/// In the order of the headers.
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

fn rank(owner: &Owner) -> Rank {
    match (owner.standing, owner.catches_all) {
        (Standing::Maintainer, false) => Rank::Maintainer,
        (Standing::Maintainer, true) => Rank::RestMaintainer,
        (Standing::Reviewer, false) => Rank::Reviewer,
        (Standing::Reviewer, true) => Rank::RestReviewer,
        (Standing::Named, _) => Rank::Named,
        (Standing::List, false) => Rank::List,
        (Standing::List, true) => Rank::RestList,
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
        let mailbox = Mailbox::parse(recipient.address.as_ref()).ok_or(recipient)?;
        let entry = known.entry(mailbox.key()).or_insert((recipient.field, place, mailbox));
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

    /// Each path is a line; an owner is written `m:`, `r:` or `l:`, in capitals where it catches all, then the address.
    fn check(paths: &str, expected: &str) {
        let owner = |text: &str| {
            let (kind, address) = text.trim().split_once(':').expect("kind:address");
            let standing = match kind.to_ascii_lowercase().as_str() {
                "m" => Standing::Maintainer,
                "r" => Standing::Reviewer,
                "n" => Standing::Named,
                _ => Standing::List,
            };
            let catches_all = kind.chars().all(char::is_uppercase);
            Owner { address: address.into(), standing, catches_all, why: Why::InFile(text.into()) }
        };
        let owners: Vec<Owner> = paths.lines().flat_map(|line| line.split(',').map(owner)).collect();
        let author = Signature { name: "Me".into(), email: "me@here.org".into(), time: "0 +0000".into() };
        let shown: Vec<String> =
            recipients(&owners, &author).iter().map(|recipient| format!("{:?} {}", recipient.field, recipient.address)).collect();
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
        let held = Recipient { own_only: true, ..Recipient::new(Field::Cc, "held@x") };
        let mut all = vec![
            vec![Recipient::new(Field::To, "A <a@x>"), held],
            vec![Recipient::new(Field::To, "B <b@x>"), Recipient::new(Field::Cc, "a@X")],
            vec![Recipient::new(Field::To, "c@x")],
        ];
        cc_all(&campaign, &mut all);
        let shown: Vec<String> = all
            .iter()
            .map(|of| of.iter().map(|one| format!("{:?} {}", one.field, one.address)).collect::<Vec<_>>().join(", "))
            .collect();
        assert_eq!(shown, ["To A <a@x>, Cc held@x, Cc B <b@x>", "To B <b@x>, Cc a@X", "To c@x"]);
        assert_eq!(all[0][2].reasons, [Why::Series]);
    }
}
