//! Every rule: name, severity, who states it, function.

use super::documents::{Document as D, RuleSource};
use super::{Check, Rule, Severity, body, dpdk, envelope, patch, series, special, subject, trailers};
use Check::{Mail, MailSet, Patch};
use Severity::{Error, Note, Warning};

const fn of(document: D, section: &'static str) -> RuleSource {
    RuleSource { document, section }
}

const fn rule(name: &'static str, severity: Severity, sources: &'static [RuleSource], check: Check) -> Rule {
    Rule { name, severity, sources, check }
}

const CANONICAL: RuleSource = of(D::Submitting, "The canonical patch format");
const DESCRIBE: RuleSource = of(D::Submitting, "Describe your changes");
const SIGN: RuleSource = of(D::Submitting, "Sign your work - the Developer's Certificate of Origin");
const GIVE_CREDIT: RuleSource = of(D::Submitting, "Using Reported-by:, Tested-by:, Reviewed-by:, Suggested-by: and Fixes:");
const CO_DEVELOPED: RuleSource = of(D::Submitting, "When to use Acked-by:, Cc:, and Co-developed-by:");
const GIT_DESCRIBE: RuleSource = of(D::GitSubmitting, "Describe your changes well");
const GIT_TRAILERS: RuleSource = of(D::GitSubmitting, "Commit trailers");
const UBOOT_MESSAGE: RuleSource = of(D::UBoot, "Commit message conventions");
const UBOOT_RULES: RuleSource = of(D::UBoot, "General Patch Submission Rules");
const XEN_MESSAGE: RuleSource = of(D::Xen, "The commit message");
const DPDK_SUBJECT: RuleSource = of(D::Dpdk, "Commit Messages: Subject Line");
const DPDK_BODY: RuleSource = of(D::Dpdk, "Commit Messages: Body");
const QEMU_MESSAGE: RuleSource = of(D::Qemu, "Write a meaningful commit message");

/// The rules, by family.
pub const RULES: &[Rule] = &[
    // Subjects.
    rule(
        "subject-length",
        Warning,
        &[of(D::DpdkLog, "check headline length (60 max)"), CANONICAL, UBOOT_MESSAGE, of(D::Xen, "The patch subject")],
        Patch(subject::length),
    ),
    rule(
        "subject-prefix",
        Warning,
        &[CANONICAL, DPDK_SUBJECT, of(D::Xen, "The patch subject"), UBOOT_RULES, QEMU_MESSAGE, GIT_DESCRIBE],
        Patch(subject::prefix),
    ),
    rule("subject-period", Warning, &[GIT_DESCRIBE, UBOOT_MESSAGE, DPDK_SUBJECT, QEMU_MESSAGE], Patch(subject::period)),
    rule("subject-imperative", Warning, &[DESCRIBE, GIT_DESCRIBE, UBOOT_MESSAGE, DPDK_SUBJECT], Patch(subject::imperative)),
    rule("subject-case", Note, &[GIT_DESCRIBE, DPDK_SUBJECT], Patch(subject::case)),
    rule("subject-leftover", Error, &[of(D::Git, "git-commit --fixup, git-am")], Mail(subject::leftover)),
    rule("subject-cut", Error, &[of(D::Git, "git-am --keep")], Patch(subject::cut)),
    rule("subject-file-name", Warning, &[CANONICAL], Patch(subject::file_name)),
    // Bodies.
    rule("message-cut", Error, &[of(D::Git, "git-am, DISCUSSION")], Patch(body::cut)),
    rule("placeholder", Error, &[of(D::Git, "git-format-patch --cover-letter")], Mail(body::placeholder)),
    rule("body-missing", Warning, &[DESCRIBE, GIT_DESCRIBE, QEMU_MESSAGE], Patch(body::missing)),
    rule("body-repeats-subject", Warning, &[DESCRIBE, GIT_DESCRIBE, QEMU_MESSAGE], Patch(body::repeats_subject)),
    rule(
        "body-width",
        Warning,
        &[of(D::DpdkLog, "check body lines length (75 max)"), CANONICAL, UBOOT_MESSAGE, XEN_MESSAGE, QEMU_MESSAGE],
        Patch(body::width),
    ),
    rule(
        "changelog-in-message",
        Warning,
        &[
            CANONICAL,
            of(D::GitSubmitting, "format-patch and send-email"),
            of(D::UBoot, "Sending updated patch versions"),
            of(D::Xen, "Patch version history (change log), further comments"),
            of(D::Dpdk, "Creating Patches"),
        ],
        Patch(body::changelog),
    ),
    rule("commit-reference", Note, &[DESCRIBE, XEN_MESSAGE], Patch(body::commit_reference)),
    rule("message-blanks", Note, &[of(D::Git, "git-commit --cleanup")], Patch(body::blanks)),
    rule("change-id", Error, &[of(D::Checkpatch, "GERRIT_CHANGE_ID")], Patch(body::change_id)),
    // Trailers.
    rule(
        "signed-off-missing",
        Error,
        &[
            SIGN,
            of(D::GitSubmitting, "Certify your work by adding your Signed-off-by trailer"),
            of(D::UBoot, "Attributing Code, Copyrights, Signing"),
            of(D::Xen, "Signed-off-by:"),
            DPDK_BODY,
            of(D::Qemu, "Patch emails must include a Signed-off-by: line"),
        ],
        Patch(trailers::signed_off),
    ),
    rule("signed-off-last", Warning, &[CO_DEVELOPED], Patch(trailers::signed_off_last)),
    rule("co-developed-by", Warning, &[CO_DEVELOPED], Patch(trailers::co_developed)),
    rule("fixes-form", Warning, &[DESCRIBE, of(D::Xen, "Fixes:"), DPDK_BODY, QEMU_MESSAGE], Patch(trailers::fixes_form)),
    rule(
        "fixes-commit",
        Warning,
        &[DESCRIBE, of(D::Xen, "Fixes:"), DPDK_BODY, QEMU_MESSAGE, of(D::Git, "git-log --pretty=reference")],
        Patch(trailers::fixes_commit),
    ),
    rule("fixes-apart", Warning, &[CANONICAL], Patch(trailers::fixes_apart)),
    rule("trailers-joined", Warning, &[of(D::Git, "git-interpret-trailers")], Patch(trailers::joined)),
    rule("trailers-split", Note, &[CANONICAL, GIT_TRAILERS], Patch(trailers::split)),
    rule("trailer-spelling", Warning, &[GIT_TRAILERS, of(D::Checkpatch, "BAD_SIGN_OFF")], Patch(trailers::spelling)),
    rule(
        "stable-form",
        Warning,
        &[of(D::Stable, "Procedure for submitting patches to the -stable tree")],
        Patch(trailers::stable),
    ),
    rule("reported-by-link", Note, &[GIVE_CREDIT], Patch(trailers::reported)),
    rule(
        "own-review",
        Warning,
        &[of(D::Submitting, "Reviewer's statement of oversight"), of(D::Xen, "Reviewed-by:"), GIT_TRAILERS],
        Patch(trailers::own_review),
    ),
    // Patches.
    rule("whitespace", Warning, &[of(D::Git, "git-diff --check")], Patch(patch::whitespace)),
    rule("conflict-marker", Error, &[of(D::Git, "git-diff --check")], Patch(patch::conflict_marker)),
    rule("executable-source", Warning, &[of(D::Checkpatch, "EXECUTE_PERMISSIONS")], Patch(patch::executable)),
    rule(
        "binary",
        Note,
        &[of(D::Submitting, "No MIME, no links, no compression, no attachments.  Just plain text")],
        Patch(patch::binary),
    ),
    rule(
        "license",
        Warning,
        &[
            of(D::Licenses, "License identifier syntax"),
            of(D::UBoot, "Attributing Code, Copyrights, Signing"),
            of(D::XenStyle, "SPDX"),
            of(D::DpdkStyle, "License Header"),
        ],
        Patch(patch::license),
    ),
    rule("new-file-owner", Note, &[of(D::Checkpatch, "FILE_PATH_CHANGES"), of(D::Dpdk, "Make Changes")], MailSet(patch::owner)),
    rule("binding-apart", Warning, &[of(D::Bindings, "For patch submitters, 1")], Patch(patch::binding_apart)),
    rule(
        "moved-and-changed",
        Note,
        &[of(D::Submitting, "Style-check your changes"), of(D::Qemu, "Make code motion patches easy to review")],
        Patch(patch::moved),
    ),
    // Envelopes.
    rule("nobody-in-to", Warning, &[of(D::Git, "git-send-email --to")], Mail(envelope::nobody)),
    rule(
        "list-missing",
        Warning,
        &[
            of(D::GitSubmitting, "Choosing your reviewers"),
            UBOOT_RULES,
            of(D::Xen, "Recipients of the patch"),
            of(D::Dpdk, "Sending Patches"),
            of(D::Qemu, "Submitting your Patches"),
        ],
        Mail(envelope::list),
    ),
    rule("mail-size", Warning, &[UBOOT_RULES, of(D::Vger, "majordomo-info.html, taboo")], Mail(envelope::size)),
    rule("recipients", Note, &[of(D::Rfc, "5321, 4.5.3.1.8")], Mail(envelope::recipients)),
    // Series.
    rule("series-length", Warning, &[of(D::Submitting, "Separate your changes")], MailSet(series::length)),
    rule(
        "series-number",
        Warning,
        &[CANONICAL, UBOOT_RULES, of(D::Git, "git-format-patch --numbered")],
        MailSet(series::numbers),
    ),
    rule("same-subject", Warning, &[CANONICAL], MailSet(series::same_subject)),
    rule("binding-order", Warning, &[of(D::Bindings, "For patch submitters, 5")], MailSet(series::binding_order)),
    rule("reply-to-old", Note, &[of(D::Submitting, "Explicit In-Reply-To headers")], MailSet(series::reply_to_old)),
    rule(
        "changelog-missing",
        Warning,
        &[
            of(D::Submitting, "Respond to review comments"),
            of(D::UBoot, "Sending updated patch versions"),
            of(D::Dpdk, "Creating Patches"),
        ],
        MailSet(series::changelog),
    ),
    // Trees with habits of their own.
    rule("netdev-tree", Warning, &[of(D::Netdev, "Indicating target tree")], Patch(special::netdev_tree)),
    rule(
        "netdev-variables",
        Note,
        &[of(D::Netdev, "Local variable ordering (\"reverse xmas tree\", \"RCS\")")],
        Patch(special::netdev_variables),
    ),
    rule("tip-case", Note, &[of(D::Tip, "Patch subject")], Patch(special::tip_case)),
    rule("tip-order", Note, &[of(D::Tip, "Ordering of commit tags")], Patch(special::tip_order)),
    rule("tip-combined", Note, &[of(D::Tip, "Ordering of commit tags")], Patch(special::tip_combined)),
    rule("kvm-x86-subject", Warning, &[of(D::KvmX86, "Shortlog")], Patch(special::kvm_x86)),
    rule("dpdk-headline", Warning, &[of(D::DpdkLog, "check headline format")], Patch(dpdk::headline)),
    rule("dpdk-label", Warning, &[of(D::DpdkLog, "check headline label for common typos")], Patch(dpdk::label)),
    rule("dpdk-order", Warning, &[of(D::Dpdk, "Tag order")], Patch(dpdk::order)),
    rule("dpdk-fixes-missing", Warning, &[of(D::DpdkLog, "check missing Fixes: tag")], Patch(dpdk::fixes_missing)),
    rule(
        "dpdk-begins-with-it",
        Warning,
        &[of(D::DpdkLog, "check starting commit message with \"It\"")],
        Patch(dpdk::begins_with_it),
    ),
];
