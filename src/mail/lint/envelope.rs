//! Who gets a mail, and how much of it there is.

use bstr::{BString, ByteSlice};

use super::documents::Document;
use super::letter::Envelope;
use super::{Hit, Look, Place, Severity};

/// Bytes of a mail that lists let pass: U-Boot's "100 kB"; vger's "Message size exceeding 100 000 characters causes blocking", which is not
/// enforced today: linux-s390 sees two larger patches in a thousand.
const MAIL_SIZE: usize = 100_000;
/// Recipients that every mail server has to take at once. (vger once held mails with more than 1024 characters of them; of those that
/// linux-s390 sees today every third has more.)
const RECIPIENTS: usize = 100;

/// The envelope of a mail that was addressed to anybody; before that there is nothing to say.
fn addressed<'l>(look: &Look<'l>) -> Option<&'l Envelope> {
    look.letter.envelope.as_ref().filter(|envelope| !envelope.to.is_empty() || !envelope.cc.is_empty())
}

pub(super) fn nobody(look: &Look<'_>) -> Vec<Hit> {
    let Some(envelope) = addressed(look) else { return Vec::new() };
    let is_nobody = |address: &BString| address.to_ascii_lowercase().contains_str("undisclosed");
    if envelope.to.iter().any(|address| !is_nobody(address)) {
        return Vec::new();
    }
    vec![Hit::new(Place::Header("To"), "".into(), "nobody stands in 'To:'")]
}

/// The list that gets every patch of a project. A cover letter or patch that goes to none of these reaches nobody.
fn lists(document: Document) -> &'static [&'static str] {
    match document {
        Document::GitSubmitting => &["git@vger.kernel.org"],
        Document::UBoot => &["u-boot@lists.u-boot-project.org", "u-boot@lists.denx.de"],
        Document::Xen => &["xen-devel@lists.xenproject.org", "xen-devel@lists.xen.org"],
        Document::Dpdk => &["dev@dpdk.org"],
        Document::Qemu => &["qemu-devel@nongnu.org"],
        _ => &[],
    }
}

pub(super) fn list(look: &Look<'_>) -> Vec<Hit> {
    let lists = lists(look.source.document);
    let is_list = |address: &BString| lists.iter().any(|list| address.to_ascii_lowercase().contains_str(list));
    if addressed(look).is_none() || look.letter.recipients().any(is_list) {
        return Vec::new();
    }
    vec![Hit::new(Place::Header("To"), "".into(), format!("the mail does not go to {}", lists.first().unwrap_or(&"the list")))]
}

pub(super) fn size(look: &Look<'_>) -> Vec<Hit> {
    let size = look.letter.envelope.as_ref().map_or(0, |envelope| envelope.size);
    let hit = Hit::new(Place::Mail, "".into(), format!("the mail has {size} bytes, the list takes {MAIL_SIZE}"));
    let is_vger = |address: &BString| address.contains_str("@vger.kernel.org");
    match look.source.document {
        _ if size <= MAIL_SIZE => Vec::new(),
        Document::Vger if look.letter.recipients().any(is_vger) => vec![hit.at(Severity::Note)],
        Document::Vger => Vec::new(),
        _ => vec![hit],
    }
}

pub(super) fn recipients(look: &Look<'_>) -> Vec<Hit> {
    let n = look.letter.recipients().count();
    if n <= RECIPIENTS {
        return Vec::new();
    }
    let message = format!("the mail has {n} recipients: a mail server need not take more than {RECIPIENTS} at once");
    vec![Hit::new(Place::Header("Cc"), "".into(), message)]
}
