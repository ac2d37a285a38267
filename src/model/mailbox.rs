//! A name and an address, and what somebody is to a path: one type each, shared with the library that reads MAINTAINERS.

pub use get_maintainer::mailbox::{needs_quotes, quoted};
pub use get_maintainer::{Mailbox, Role as OwnerRole};

use super::message::Signature;

impl From<&Signature> for Mailbox {
    fn from(signature: &Signature) -> Self {
        Mailbox { name: signature.name.clone(), email: signature.email.clone() }
    }
}
