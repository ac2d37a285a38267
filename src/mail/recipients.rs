//! Who gets a patch, from those who own its files.

use std::collections::BTreeMap;

use bstr::BString;

use super::headers::Mailbox;
use crate::model::Signature;

/// Somebody who gets a mail.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Recipient {
    /// `Name <address>` or the address alone: raw UTF-8, the name quoted or not.
    pub address: BString,
    /// In which header.
    pub field: Field,
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
}

/// What somebody is to a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Maintains or supports it: applies patches.
    Maintainer,
    /// Looks at patches.
    Reviewer,
    /// A mailing list.
    List,
}

/// Returns who gets a patch; `owners` holds for each of its paths, in order, who is named for it.
///
/// Maintainers are To, reviewers and lists Cc, and who catches all is Cc. Where that leaves nobody in To, which send-email would
/// write as an empty header, the first of these takes the place: the maintainers that catch all, the lists, the lists that catch
/// all. To comes before Cc, people before lists, those who catch all last; then as named. One address (its host in any case)
/// stands once, and the author of the patch is not added. What is no address is left out.
pub fn recipients(owners: &[Vec<Owner>], author: &Signature) -> Vec<Recipient> {
    let author = Mailbox { name: BString::default(), email: author.email.clone() }.key();
    // By address: its rank, the place where it is first named, and how it is first written.
    let mut known: BTreeMap<BString, (Rank, usize, &BString)> = BTreeMap::new();
    for (place, owner) in owners.iter().flatten().enumerate() {
        let Some(key) = Mailbox::parse(owner.address.as_ref()).map(|mailbox| mailbox.key()) else { continue };
        if key == author {
            continue;
        }
        let rank = rank(owner);
        let entry = known.entry(key).or_insert((rank, place, &owner.address));
        entry.0 = entry.0.min(rank);
    }
    let mut all: Vec<_> = known.into_values().collect();
    all.sort();
    let first = [Rank::Maintainer, Rank::RestMaintainer, Rank::List, Rank::RestList];
    let to = first.into_iter().find(|rank| all.iter().any(|entry| entry.0 == *rank));
    let field = |rank: Rank| if Some(rank) == to { Field::To } else { Field::Cc };
    let mut recipients: Vec<Recipient> =
        all.into_iter().map(|(rank, _, address)| Recipient { address: address.clone(), field: field(rank) }).collect();
    recipients.sort_by_key(|recipient| recipient.field);
    recipients
}

/// In the order of the headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Maintainer,
    Reviewer,
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

    /// Each path is a line; an owner is written `m:`, `r:` or `l:`, in capitals where it catches all, then the address.
    fn check(paths: &str, expected: &str) {
        let owner = |text: &str| {
            let (kind, address) = text.trim().split_once(':').expect("kind:address");
            let standing = match kind.to_ascii_lowercase().as_str() {
                "m" => Standing::Maintainer,
                "r" => Standing::Reviewer,
                _ => Standing::List,
            };
            Owner { address: address.into(), standing, catches_all: kind.chars().all(char::is_uppercase) }
        };
        let owners: Vec<Vec<Owner>> = paths.lines().map(|line| line.split(',').map(owner).collect()).collect();
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
    fn the_author_is_not_added() {
        check("m:Me <me@HERE.org>,l:l@x,L:lkml@v", "To l@x\nCc lkml@v");
    }

    #[test]
    fn to_is_never_empty_where_somebody_is_named() {
        check("M:Tom <tom@x>,L:all@x", "To Tom <tom@x>\nCc all@x");
        check("L:lkml@v", "To lkml@v");
        check("l:no address", "");
    }
}
