//! What a project has written down about mails: a rule holds where the tree has the document that states it.

use std::collections::BTreeSet;

/// A document that states rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Document {
    /// git's own documentation: what its programs make of a mail holds in every project.
    Git,
    /// The standards of the Internet: so does what mail servers do.
    Rfc,
    /// What vger says of its lists.
    Vger,
    /// Linux, for all patches.
    Submitting,
    /// Linux, what is in a good posting.
    Posting,
    /// Linux, patches for net and net-next.
    Netdev,
    /// Linux, patches for tip.
    Tip,
    /// Linux, patches for KVM on x86.
    KvmX86,
    /// Linux, what goes to stable.
    Stable,
    /// Linux, devicetree bindings.
    Bindings,
    /// Linux, licenses.
    Licenses,
    /// Linux, what checkpatch asks for.
    Checkpatch,
    /// git itself.
    GitSubmitting,
    /// U-Boot.
    UBoot,
    /// Xen, patches.
    Xen,
    /// Xen, code.
    XenStyle,
    /// DPDK, patches.
    Dpdk,
    /// DPDK, code.
    DpdkStyle,
    /// DPDK, the script that looks at messages.
    DpdkLog,
    /// QEMU.
    Qemu,
}

/// Every document with its path in the tree of its project.
const PATHS: &[(Document, &str)] = &[
    (Document::Submitting, "Documentation/process/submitting-patches.rst"),
    (Document::Posting, "Documentation/process/5.Posting.rst"),
    (Document::Netdev, "Documentation/process/maintainer-netdev.rst"),
    (Document::Tip, "Documentation/process/maintainer-tip.rst"),
    (Document::KvmX86, "Documentation/process/maintainer-kvm-x86.rst"),
    (Document::Stable, "Documentation/process/stable-kernel-rules.rst"),
    (Document::Bindings, "Documentation/devicetree/bindings/submitting-patches.rst"),
    (Document::Licenses, "Documentation/process/license-rules.rst"),
    (Document::Checkpatch, "Documentation/dev-tools/checkpatch.rst"),
    (Document::GitSubmitting, "Documentation/SubmittingPatches"),
    (Document::UBoot, "doc/develop/sending_patches.rst"),
    (Document::Xen, "docs/process/sending-patches.pandoc"),
    (Document::XenStyle, "CODING_STYLE"),
    (Document::Dpdk, "doc/guides/contributing/patches.rst"),
    (Document::DpdkStyle, "doc/guides/contributing/coding_style.rst"),
    (Document::DpdkLog, "devtools/check-git-log.sh"),
    (Document::Qemu, "docs/devel/submitting-a-patch.rst"),
];

impl Document {
    /// Returns where it stands in the tree; of git's own documentation its name.
    pub fn path(self) -> &'static str {
        PATHS.iter().find(|(document, _)| *document == self).map_or("", |(_, path)| path)
    }
}

/// Returns the documents of a tree; `has` says whether it has a file.
///
/// # Errors
/// The first that `has` gives.
pub fn documents<E>(mut has: impl FnMut(&str) -> Result<bool, E>) -> Result<BTreeSet<Document>, E> {
    let mut found = BTreeSet::from([Document::Git, Document::Rfc, Document::Vger]);
    for (document, path) in PATHS {
        if has(path)? {
            found.insert(*document);
        }
    }
    // Other projects have a file of this name too, which says nothing of the like; Linux's is a signpost.
    for (document, proof) in [(Document::XenStyle, Document::Xen), (Document::DpdkStyle, Document::Dpdk)] {
        if !found.contains(&proof) {
            found.remove(&document);
        }
    }
    if found.contains(&Document::Submitting) || !has("GIT-VERSION-GEN")? {
        found.remove(&Document::GitSubmitting);
    }
    Ok(found)
}

/// Where a rule is stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleSource {
    /// Which document.
    pub document: Document,
    /// The section, or the program of git whose documentation it is.
    pub section: &'static str,
}

impl std::fmt::Display for RuleSource {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.document {
            Document::Git => write!(out, "git documentation, {}", self.section),
            Document::Rfc => write!(out, "RFC {}", self.section),
            Document::Vger => write!(out, "http://vger.kernel.org/{}", self.section),
            document => write!(out, "{}, \"{}\"", document.path(), self.section),
        }
    }
}
