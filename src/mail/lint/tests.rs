//! Each rule with a mail that it speaks of and one that it lets pass.

use std::collections::{BTreeMap, BTreeSet};

use bstr::ByteSlice;
use proptest::prelude::*;

use super::checkpatch;
use super::documents::Document;
use super::letter::{Letter, MailSet};
use super::{Finding, Place, RULES, World, documents, lint, named_commits, new_files, of_mbox};
use crate::git::format_patch::MailCommit;
use crate::git::log::CommitName;
use crate::model::{ObjectId, Signature};

const DIFF: &str = "diff --git a/a.c b/a.c\n--- a/a.c\n+++ b/a.c\n@@ -1 +1 @@\n-a\n+b\n";
/// A name that is gone after these lines: the diffs below are about one file each.
const NEW: &str = "new file mode 100644\n--- /dev/null\n";

/// What the tree of a project has.
fn world(project: &str) -> World {
    let own: &[&str] = match project {
        "linux" => &["Documentation/", ""],
        "git" => &["Documentation/SubmittingPatches", "GIT-VERSION-GEN"],
        "u-boot" => &["doc/develop/"],
        "xen" => &["docs/process/", "CODING_STYLE"],
        "dpdk" => &["doc/guides/", "devtools/"],
        "qemu" => &["docs/devel/"],
        _ => &[],
    };
    let has = |path: &str| -> Result<bool, ()> {
        let is_linux = project == "linux" && path.starts_with("Documentation/");
        Ok(is_linux || (project != "linux" && own.iter().any(|start| path.starts_with(start))))
    };
    let commits = BTreeMap::from([
        ("123456789abc".to_owned(), CommitName::Commit("net: old".into())),
        ("aaaaaaaaaaaa".to_owned(), CommitName::Ambiguous),
        ("bbbbbbbbbbbb".to_owned(), CommitName::Unknown),
    ]);
    World { documents: documents(has).unwrap(), commits, unowned: BTreeSet::from(["new/lost.c".into()]) }
}

/// A mail from a short form: headers in any order, one line without a name that is the subject, the message, and where it has no `---`, one
/// and a small diff.
fn mail(text: &str) -> String {
    let (head, message) = text.split_once("\n\n").unwrap_or((text.trim_end(), ""));
    let names = ["From:", "To:", "Cc:", "In-Reply-To:", "Message-ID:"];
    let mut headers = String::new();
    for line in head.lines() {
        let is_header = names.iter().any(|name| line.starts_with(name));
        let subject = if line.starts_with('[') { line.to_owned() } else { format!("[PATCH] {line}") };
        headers.push_str(&if is_header { format!("{line}\n") } else { format!("Subject: {subject}\n") });
    }
    let from = if head.contains("From:") { "" } else { "From: A B <a@x.org>\n" };
    let rest = if message.contains("---\n") { String::new() } else { format!("---\n{DIFF}") };
    format!("{from}{headers}\n{message}{rest}-- \n2.47\n\n")
}

fn found(rule: &str, project: &str, mails: &[String]) -> Vec<Finding> {
    let letters = mails.iter().enumerate().map(|(at, mail)| Letter::read(&format!("{at}.patch"), mail.as_bytes())).collect();
    let findings = lint(&[MailSet { name: "p".into(), letters }], &world(project));
    findings.into_iter().filter(|finding| finding.rule == rule).collect()
}

#[track_caller]
fn check(rule: &str, project: &str, mails: &[&str], expected: bool) {
    let texts: Vec<String> = mails.iter().map(|text| mail(text)).collect();
    let found = found(rule, project, &texts);
    assert_eq!(!found.is_empty(), expected, "{rule} in {project}: {texts:?} {found:?}");
}

/// Rule, project, mails that it speaks of, mails that it does not.
type Case = (&'static str, &'static str, &'static [&'static str], &'static [&'static str]);

const SIGNED: &str = "Why.\n\nSigned-off-by: A B <a@x.org>\n";

const CASES: &[Case] = &[
    (
        "subject-length",
        "linux",
        &["net: a subject that goes on and on about all of what it does and never comes to an end"],
        &["net: phy: a subject of seventy-five columns is just as long as it may be"],
    ),
    ("subject-length", "dpdk", &["net/x: a subject of more than sixty columns is longer than asked"], &["net/x: a short one"]),
    (
        "subject-length",
        "u-boot",
        &["net: x: a subject of more than eighty columns is what even the most patient would call long"],
        &["net: a subject of seventy-five columns, which is more than asked for but borne"],
    ),
    ("subject-prefix", "linux", &["Say what it is"], &["net: say it", "Revert \"Say what it is\""]),
    ("subject-period", "git", &["net: say it."], &["net: say it...", "net: names, blanks etc."]),
    (
        "subject-imperative",
        "linux",
        &["net: Added a check", "net: fixing the check"],
        &["net: fixes for the check", "net: add a check", "mm: moves of pages", "net: fixed-link: say it"],
    ),
    ("subject-case", "git", &["net: Add a check"], &["net: add a check", "net: HEAD is a ref", "Add a check"]),
    (
        "subject-leftover",
        "none",
        &["fixup! net: say it", "[PATCH] [PATCH] net: say it", "WIP: net"],
        &["net: say it", "net: fixup! is a word", "Revert \"[PATCH] net: say it\""],
    ),
    (
        "subject-cut",
        "none",
        &["[PATCH] [a] fix: it", "[PATCH v2 1/2] Re: a: fix it", "[PATCH]: [ARM] a: fix it"],
        &["a: fix it", "[PATCH v2 1/2] a: [b] fix it", "a: re: fix it"],
    ),
    ("subject-file-name", "linux", &["x: a.c"], &["x: fix a.c"]),
    (
        "message-cut",
        "none",
        &["net: say it\n\nWhy.\n\n---\nSigned-off-by: A B <a@x.org>\n\ndiff --git a/a b/a\n"],
        &["net: say it\n\nWhy.\n\nSigned-off-by: A B <a@x.org>\n"],
    ),
    (
        "placeholder",
        "none",
        &["*** SUBJECT HERE ***\n\n*** BLURB HERE ***\n"],
        &["net: say it\n\n*** stars ***\n\nIt is no longer sent while it says \"*** BLURB HERE ***\".\n"],
    ),
    (
        "body-missing",
        "linux",
        &["net: say it\n\nSigned-off-by: A B <a@x.org>\n"],
        &["net: say it\n\nWhy.\n", "Revert \"net: say it\"\n\nSigned-off-by: A B <a@x.org>\n"],
    ),
    (
        "body-missing",
        "git",
        &["net: say it\n\nSigned-off-by: A B <a@x.org>\n"],
        &["l10n: say it\n\n---\ndiff --git a/po/x.po b/po/x.po\n"],
    ),
    (
        "body-repeats-subject",
        "linux",
        &["net: say it\n\nSay it.\n\nSigned-off-by: A B <a@x.org>\n", "net: say it\n\nnet: say it\n"],
        &["net: say it\n\nSay it, as people ask.\n"],
    ),
    (
        "body-width",
        "linux",
        &["net: x\n\nThis is a line of plain words that goes on and on and does not stop where it should stop\n"],
        &[
            "net: x\n\nThis is a line of plain words that ends a little after the column it should\n",
            "net: x\n\n    This is a line of plain words that goes on and on and does not stop where it should stop\n",
            "net: x\n\n> This is a line of plain words that goes on and on and does not stop where it should stop\n",
            "net: x\n\nThis is a line of plain words with https://example.org/that/goes/on/and/on/and/does/not/stop in it\n",
            "net: x\n\nx.c:1: warning: this is a line of plain words that goes on and on and does not stop where it should\n",
            "net: x\n\nFixes: 123456789abc (\"net: a line of plain words that goes on and on and does not stop where it\")\n",
        ],
    ),
    (
        "changelog-in-message",
        "linux",
        &[
            "net: x\n\nWhy.\n\nv2: shorter\n",
            "net: x\n\nWhy.\n\nChanges in v3:\n- shorter\n",
            "net: x\n\nWhy.\n\nSigned-off-by: A B <a@x.org>\nV1 -> V2: shorter\n",
        ],
        &[
            "net: x\n\nWhy.\n---\nv2: shorter\n\ndiff --git a/a b/a\n",
            "net: x\n\nChanges in version 4 of the protocol:\n",
            "net: x\n\nWhy and\nv2: of the format\n",
        ],
    ),
    (
        "commit-reference",
        "linux",
        &["net: x\n\nSince commit 1234abc it fails.\n"],
        &["net: x\n\nSince commit 123456789abc (\"net: old\") it fails, and\n\n    commit 1234abc\n"],
    ),
    ("message-blanks", "none", &["net: x\n\nWhy \n"], &["net: x\n\nWhy\n"]),
    (
        "change-id",
        "linux",
        &["net: x\n\nWhy.\n\nChange-Id: Ic8aaa0728a43936cd4c6e1ed590e01ba8f0fbf5b\n"],
        &["net: x\n\nWhy.\n\nchange-id: 20230101-x\n"],
    ),
    (
        "signed-off-missing",
        "linux",
        &["net: x\n\nWhy.\n", "net: x\n\nWhy.\n\nSigned-off-by: C D <c@x.org>\n"],
        &[
            "net: x\n\nWhy.\n\nSigned-off-by: A B <other@x.org>\n",
            "From: \"Other, Ann\" <b@x.org>\nnet: x\n\nWhy.\n\nSigned-off-by: Ann Other <a@x.org>\n",
        ],
    ),
    (
        "signed-off-last",
        "linux",
        &["net: x\n\nSigned-off-by: A B <a@x.org>\nSigned-off-by: C D <c@x.org>\n"],
        &["net: x\n\nSigned-off-by: C D <c@x.org>\nSigned-off-by: A B <a@x.org>\nLink: https://x.org\n"],
    ),
    (
        "co-developed-by",
        "linux",
        &[
            "net: x\n\nCo-developed-by: C D <c@x.org>\nSigned-off-by: A B <a@x.org>\nSigned-off-by: C D <c@x.org>\n",
            "net: x\n\nCo-developed-by: A B <a@x.org>\nSigned-off-by: A B <a@x.org>\n",
        ],
        &["net: x\n\nCo-developed-by: C D <c@x.org>\nSigned-off-by: C D <c@x.org>\nSigned-off-by: A B <a@x.org>\n"],
    ),
    (
        "fixes-form",
        "linux",
        &[
            "net: x\n\nFixes: 1234567 (\"net: old\")\n",
            "net: x\n\nFixes: 123456789abc\n",
            "net: x\n\nFixes: 123456789abc net: old\n",
            "net: x\n\nFixes: commit 123456789abc (\"net: old\")\n",
            "net: x\n\nFixes: 123456789abc (\"net:\n old\")\n",
        ],
        &[
            "net: x\n\nFixes: 123456789abc (\"net: old\")\n",
            "net: x\n\nFixes: https://x.org/1\n",
            "net: x\n\nFixes: 123456789abcd (\"net: old (\\\"x\\\")\") # note\n",
        ],
    ),
    ("fixes-form", "dpdk", &["net: x\n\nFixes: 1234567 (\"net: old\")\n"], &["net: x\n\nFixes: 12345678 (\"net: old\")\n"]),
    (
        "fixes-commit",
        "linux",
        &["net: x\n\nFixes: 123456789abc (\"net: older\")\n", "net: x\n\nFixes: aaaaaaaaaaaa (\"net: old\")\n"],
        &["net: x\n\nFixes: 123456789abc (\"net: old\")\n", "net: x\n\nFixes: bbbbbbbbbbbb (\"net: any\")\n"],
    ),
    (
        "fixes-apart",
        "linux",
        &["net: x\n\nWhy.\n\nFixes: 123456789abc (\"net: old\")\n\nSigned-off-by: A B <a@x.org>\n"],
        &["net: x\n\nWhy.\n\nFixes: 123456789abc (\"net: old\")\nSigned-off-by: A B <a@x.org>\n"],
    ),
    (
        "trailers-joined",
        "none",
        &["net: x\n\nWhy.\nSigned-off-by: A B <a@x.org>\n"],
        &["net: x\n\nWhy.\n\n[a: shorter]\nSigned-off-by: A B <a@x.org>\n"],
    ),
    (
        "trailers-split",
        "linux",
        &["net: x\n\nWhy.\n\nCc: c@x.org\n\nSigned-off-by: A B <a@x.org>\n"],
        &["net: x\n\nWhy.\n\nLink: https://x.org\n\nSigned-off-by: A B <a@x.org>\nCc: c@x.org\n"],
    ),
    (
        "trailer-spelling",
        "git",
        &["net: x\n\nWhy.\n\nSigned-Off-By: A B <a@x.org>\n", "net: x\n\nWhy.\n\nSinged-off-by: A B <a@x.org>\n"],
        &["net: x\n\nWhy.\n\nSigned-off-by: A B <a@x.org>\nNoticed-by: C\n"],
    ),
    (
        "stable-form",
        "linux",
        &["net: x\n\nCc: stable@kernel.vger.org\n", "net: x\n\nCc: stable@vger.kernel.org 5.10+\n"],
        &["net: x\n\nCc: <stable@vger.kernel.org> # 5.10+\n", "net: x\n\nCc: Stable Person <s@x.org>\n"],
    ),
    (
        "reported-by-link",
        "linux",
        &["net: x\n\nReported-by: C D <c@x.org>\n"],
        &["net: x\n\nReported-by: C D <c@x.org>\nCloses: https://x.org/1\n"],
    ),
    ("own-review", "linux", &["net: x\n\nReviewed-by: A B <a@x.org>\n"], &["net: x\n\nReviewed-by: C D <c@x.org>\n"]),
    (
        "whitespace",
        "none",
        &[
            "x: y\n\n---\ndiff --git a/a.c b/a.c\n--- a/a.c\n+++ b/a.c\n@@ -1 +1,2 @@\n a\n+b \n",
            "x: y\n\n---\ndiff --git a/a.c b/a.c\n--- a/a.c\n+++ b/a.c\n@@ -1 +1,2 @@\n a\n+ \tb\n",
        ],
        &[
            "x: y\n\n---\ndiff --git a/a.md b/a.md\n--- a/a.md\n+++ b/a.md\n@@ -1 +1,2 @@\n a\n+b  \n",
            "x: y\n\n---\ndiff --git a/a.c b/a.c\n--- a/a.c\n+++ b/a.c\n@@ -1 +1,2 @@\n a \n+\tb\n",
        ],
    ),
    (
        "conflict-marker",
        "none",
        &["x: y\n\n---\ndiff --git a/a.c b/a.c\n--- a/a.c\n+++ b/a.c\n@@ -1 +1,2 @@\n a\n+<<<<<<< HEAD\n"],
        &["x: y\n\n---\ndiff --git a/t/x.sh b/t/x.sh\n--- a/t/x.sh\n+++ b/t/x.sh\n@@ -1 +1,2 @@\n a\n+<<<<<<< HEAD\n"],
    ),
    (
        "executable-source",
        "linux",
        &["x: y\n\n---\ndiff --git a/a.c b/a.c\nnew file mode 100755\n"],
        &["x: y\n\n---\ndiff --git a/a.sh b/a.sh\nnew file mode 100755\n"],
    ),
    ("binary", "linux", &["x: y\n\n---\ndiff --git a/a.png b/a.png\nnew file mode 100644\nGIT binary patch\n"], &["x: y"]),
    (
        "license",
        "linux",
        &[
            "x: y\n\n---\ndiff --git a/n.c b/n.c\nnew file mode 100644\n--- /dev/null\n+++ b/n.c\n@@ -0,0 +1,4 @@\n+int a;\n+int b;\n+int c;\n+int d;\n",
        ],
        &[
            "x: y\n\n---\ndiff --git a/n.c b/n.c\nnew file mode 100644\n--- /dev/null\n+++ b/n.c\n@@ -0,0 +1,4 @@\n+// SPDX-License-Identifier: GPL-2.0\n+int b;\n+int c;\n+int d;\n",
        ],
    ),
    (
        "new-file-owner",
        "linux",
        &["x: y\n\n---\ndiff --git a/new/lost.c b/new/lost.c\nnew file mode 100644\n"],
        &["x: y\n\n---\ndiff --git a/new/own.c b/new/own.c\nnew file mode 100644\n"],
    ),
    (
        "binding-apart",
        "linux",
        &[
            "x: y\n\n---\ndiff --git a/Documentation/devicetree/bindings/x.yaml b/Documentation/devicetree/bindings/x.yaml\ndiff --git a/a.c b/a.c\n",
        ],
        &[
            "x: y\n\n---\ndiff --git a/Documentation/devicetree/bindings/x.yaml b/Documentation/devicetree/bindings/x.yaml\ndiff --git a/MAINTAINERS b/MAINTAINERS\n",
        ],
    ),
    ("nobody-in-to", "none", &["Cc: c@x.org\nx: y", "To: undisclosed-recipients:;\nx: y"], &["To: c@x.org\nx: y", "x: y"]),
    ("list-missing", "git", &["To: c@x.org\nx: y"], &["To: c@x.org\nCc: git@vger.kernel.org\nx: y", "x: y"]),
    ("same-subject", "linux", &[], &["x: y"]),
    (
        "netdev-tree",
        "linux",
        &["To: netdev@vger.kernel.org\nx: y\n\n---\ndiff --git a/net/a.c b/net/a.c\n"],
        &[
            "To: netdev@vger.kernel.org\n[PATCH net-next] x: y\n\n---\ndiff --git a/net/a.c b/net/a.c\n",
            "To: netdev@vger.kernel.org\nx: y\n\n---\ndiff --git a/net/can/a.c b/net/can/a.c\n",
        ],
    ),
    (
        "netdev-variables",
        "linux",
        &[
            "x: y\n\n---\ndiff --git a/net/a.c b/net/a.c\n--- a/net/a.c\n+++ b/net/a.c\n@@ -1 +1,5 @@\n a\n+{\n+\tint err;\n+\tstruct sk_buff *skb;\n+\n",
        ],
        &[
            "x: y\n\n---\ndiff --git a/net/a.c b/net/a.c\n--- a/net/a.c\n+++ b/net/a.c\n@@ -1 +1,5 @@\n a\n+{\n+\tstruct sk_buff *skb;\n+\tint err;\n+\n",
            "x: y\n\n---\ndiff --git a/net/a.c b/net/a.c\n--- a/net/a.c\n+++ b/net/a.c\n@@ -1 +1,5 @@\n a\n+{\n+\tint err;\n+\tstruct sk_buff *skb = f(err);\n+\n",
        ],
    ),
    (
        "tip-case",
        "linux",
        &["sched/fair: say it\n\n---\ndiff --git a/kernel/sched/fair.c b/kernel/sched/fair.c\n"],
        &["sched/fair: Say it\n\n---\ndiff --git a/kernel/sched/fair.c b/kernel/sched/fair.c\n", "mm: say it"],
    ),
    (
        "tip-order",
        "linux",
        &[
            "x86: Y\n\nCc: c@x.org\nFixes: 123456789abc (\"net: old\")\nSigned-off-by: A B <a@x.org>\n\n---\ndiff --git a/arch/x86/a.c b/arch/x86/a.c\n",
        ],
        &[
            "x86: Y\n\nFixes: 123456789abc (\"net: old\")\nSigned-off-by: A B <a@x.org>\nCc: c@x.org\n\n---\ndiff --git a/arch/x86/a.c b/arch/x86/a.c\n",
        ],
    ),
    (
        "tip-combined",
        "linux",
        &["x86: Y\n\nReported-and-tested-by: C <c@x.org>\n---\ndiff --git a/arch/x86/a.c b/arch/x86/a.c\n"],
        &["x86: Y\n\nReported-by: C <c@x.org>\n---\ndiff --git a/arch/x86/a.c b/arch/x86/a.c\n"],
    ),
    (
        "kvm-x86-subject",
        "linux",
        &["x86/kvm: Say it\n\n---\ndiff --git a/arch/x86/kvm/a.c b/arch/x86/kvm/a.c\n"],
        &["KVM: x86: Say it\n\n---\ndiff --git a/arch/x86/kvm/a.c b/arch/x86/kvm/a.c\n"],
    ),
    ("dpdk-headline", "dpdk", &["net/x: say it, twice", "net/x: rename rte_x", "net/x:say it"], &["net/x: say it"]),
    ("dpdk-label", "dpdk", &["lib/eal: say it", "bond: say it"], &["eal: say it"]),
    (
        "dpdk-order",
        "dpdk",
        &["x: y\n\nCc: stable@dpdk.org\nFixes: 12345678 (\"x\")\n\nSigned-off-by: A B <a@x.org>\n"],
        &[
            "x: y\n\nLink: https://x.org\n\nFixes: 12345678 (\"x\")\nCc: stable@dpdk.org\n\nSigned-off-by: A B <a@x.org>\nReported-by: C\n",
        ],
    ),
    (
        "dpdk-fixes-missing",
        "dpdk",
        &["net/x: fix a leak"],
        &["net/x: fix a leak\n\nFixes: 12345678 (\"x\")\n", "net/x: add fixed rates"],
    ),
    ("dpdk-begins-with-it", "dpdk", &["net/x: y\n\nIt fails.\n"], &["net/x: y\n\nItems fail.\n"]),
];

#[test]
fn each_rule_says_what_it_is_for_and_nothing_else() {
    let mut wrong = Vec::new();
    for (rule, project, yes, no) in CASES {
        for (texts, expected) in [(yes, true), (no, false)] {
            wrong.extend(
                texts
                    .iter()
                    .filter(|text| found(rule, project, &[mail(text)]).is_empty() == expected)
                    .map(|text| (rule, project, expected, text)),
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Rules that need several mails, or long ones, and are tested below.
const APART: &[&str] = &[
    "mail-size",
    "recipients",
    "series-length",
    "series-number",
    "binding-order",
    "reply-to-old",
    "changelog-missing",
    "moved-and-changed",
    "same-subject",
];

#[test]
fn no_rule_is_without_a_test() {
    let with = |found: fn(&Case) -> bool| CASES.iter().filter(|case| found(case)).map(|case| case.0).collect::<BTreeSet<_>>();
    let (yes, no) = (with(|case| !case.2.is_empty()), with(|case| !case.3.is_empty()));
    for rule in RULES {
        assert!(APART.contains(&rule.name) || (yes.contains(rule.name) && no.contains(rule.name)), "{}", rule.name);
    }
}

#[test]
fn what_only_size_shows() {
    let people = |n: usize| (0..n).map(|n| format!("p{n}@x.org")).collect::<Vec<_>>().join(", ");
    check("recipients", "none", &[&format!("To: {}\nx: y", people(101))], true);
    check("recipients", "none", &[&format!("To: {}\nx: y", people(100))], false);
    let long = format!("x: y\n\n{}", "A line of text.\n".repeat(6400));
    check("mail-size", "u-boot", &[&long], true);
    check("mail-size", "u-boot", &["x: y"], false);
    check("mail-size", "linux", &[&format!("To: linux-mm@vger.kernel.org\n{long}")], true);
    check("mail-size", "linux", &[&long], false);
    let lines = |n: usize| (0..n).map(|n| format!("-old {n}\n+new {n}\n")).collect::<String>();
    let moved = |percent: usize| {
        let head =
            format!("similarity index {percent}%\nrename from a.c\nrename to b.c\n--- a/a.c\n+++ b/b.c\n@@ -1,30 +1,30 @@\n");
        format!("x: y\n\n---\ndiff --git a/a.c b/b.c\n{head}{}", lines(30))
    };
    check("moved-and-changed", "linux", &[&moved(60)], true);
    check("moved-and-changed", "linux", &[&moved(90)], false);
}

#[test]
fn what_only_a_series_shows() {
    let part = |number: usize, total: usize, subject: &str| format!("[PATCH {number}/{total}] {subject}\n\n{SIGNED}");
    let parts = |numbers: &[usize], total: usize| {
        numbers.iter().map(|number| part(*number, total, &format!("x: part {number}"))).collect::<Vec<_>>()
    };
    let series = |rule: &str, project: &str, mails: &[String], expected: bool| {
        check(rule, project, &mails.iter().map(String::as_str).collect::<Vec<_>>(), expected);
    };
    series("series-length", "linux", &parts(&(1..=16).collect::<Vec<_>>(), 16), true);
    series("series-length", "linux", &parts(&(1..=15).collect::<Vec<_>>(), 15), false);
    series("series-number", "none", &parts(&[1, 3], 3), true);
    series("series-number", "none", &parts(&[1, 2, 2], 3), true);
    series("series-number", "none", &[part(1, 2, "x: y"), part(2, 3, "x: z")], true);
    series("series-number", "none", &parts(&[1, 2, 3], 3), false);
    series("series-number", "none", &parts(&[2], 3), false);
    series("same-subject", "linux", &[part(1, 2, "x: y"), part(2, 2, "x: y")], true);
    series("same-subject", "linux", &[part(1, 2, "x: y"), part(2, 2, "x: z")], false);
    let binding = "dt: x\n\n---\ndiff --git a/Documentation/devicetree/bindings/x.yaml b/Documentation/devicetree/bindings/x.yaml\n\
        --- a/Documentation/devicetree/bindings/x.yaml\n+++ b/Documentation/devicetree/bindings/x.yaml\n@@ -1 +1,2 @@\n a\n+  - const: acme,x1\n";
    let driver =
        "x: y\n\n---\ndiff --git a/x.c b/x.c\n--- a/x.c\n+++ b/x.c\n@@ -1 +1,2 @@\n a\n+\t{ .compatible = \"acme,x1\" },\n";
    check("binding-order", "linux", &[driver, binding], true);
    check("binding-order", "linux", &[binding, driver], false);
    let new = |reply: &str| format!("In-Reply-To: <{reply}>\nMessage-ID: <c@x>\n[PATCH v2 0/1] x: all\n\nWhy.\n\n---\n");
    let patch = "In-Reply-To: <c@x>\nMessage-ID: <p@x>\n[PATCH v2 1/1] x: y".to_owned();
    series("reply-to-old", "linux", &[new("old@x"), patch.clone()], true);
    series("reply-to-old", "linux", &["Message-ID: <c@x>\n[PATCH v2 0/1] x: all\n\nWhy.\n\n---\n".to_owned(), patch], false);
    check("changelog-missing", "linux", &["[PATCH v2] x: y\n\nWhy.\n"], true);
    check(
        "changelog-missing",
        "linux",
        &["[PATCH v2] x: y\n\nWhy.\n---\nChanges in v2:\n- shorter\n\ndiff --git a/a b/a\n"],
        false,
    );
    check("changelog-missing", "linux", &["[PATCH RESEND v2] x: y\n\nWhy.\n"], false);
}

#[test]
fn a_commit_that_git_am_would_cut() {
    let commit = |message: &str| {
        let person = Signature { name: "A B".into(), email: "a@x.org".into(), time: "0 +0000".into() };
        let commit = MailCommit {
            commit_id: ObjectId::from_bytes(&[1; 20]).unwrap(),
            author: person.clone(),
            committer: person,
            subject: "x: y".into(),
            slug: "x-y".into(),
            message: message.into(),
        };
        let body = message.split_once("\n\n").unwrap().1;
        let letter = Letter::of_commit(
            &commit,
            format!("From: A B <a@x.org>\nSubject: x: y\n\n{body}---\n a.c | 2 +-\n\n{DIFF}-- \n2.47\n").as_bytes(),
        );
        assert_eq!(letter.files.len(), 1, "{message}");
        let posting = MailSet { name: "p".into(), letters: vec![letter] };
        let findings = lint(&[posting], &world("none"));
        findings.into_iter().filter(|finding| finding.rule == "message-cut").map(|finding| finding.place).collect::<Vec<_>>()
    };
    assert_eq!(commit("x: y\n\nWhy.\n---\nMore.\n"), [Place::Message(4)]);
    assert_eq!(commit("x: y\n\nWhy.\n\ndiff --git a/z b/z\n--- a/z\n+++ b/z\n"), [Place::Message(5)]);
    assert_eq!(commit("x: y\n\nWhy.\n----\n"), []);
}

#[test]
fn rules_hold_where_they_are_stated() {
    check("subject-case", "linux", &["net: Add a check"], false);
    check("fixes-form", "git", &["net: x\n\nFixes: 1\n"], false);
    check("signed-off-missing", "none", &["net: x\n\nWhy.\n"], false);
    check("signed-off-missing", "qemu", &["net: x\n\nWhy.\n"], true);
    assert!(!world("linux").documents.contains(&Document::GitSubmitting));
    let names: BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(names.len(), RULES.len());
}

#[test]
fn every_fix_mends_what_was_found() {
    let texts = [
        "git|net: say it.",
        "linux|net: x\n\nWhy.\nSigned-off-by: A B <a@x.org>\n",
        "linux|net: x\n\nFixes: 123456789abc (\"net: old\")\n\nSigned-off-by: A B <a@x.org>\n",
        "none|net: x\n\nWhy \n",
    ];
    for (project, text) in texts.iter().filter_map(|text| text.split_once('|')) {
        let letter = Letter::read("m", mail(text).as_bytes());
        let posting = MailSet { name: "p".into(), letters: vec![letter.clone()] };
        let fix = lint(&[posting], &world(project)).into_iter().find_map(|finding| Some((finding.rule, finding.fix?))).unwrap();
        let mut message = crate::model::Message {
            subject: letter.subject.clone(),
            body: bstr::join("\n", &letter.message).into(),
            trailers: Vec::new(),
        };
        assert!(fix.1.apply(&mut message));
        let mended = message.text().to_string();
        assert!(found(&fix.0, project, &[mail(&mended)]).is_empty(), "{mended}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 400, ..ProptestConfig::default() })]

    /// Whatever comes by mail, nothing breaks.
    #[test]
    fn no_mail_breaks_a_rule(
        words in proptest::collection::vec(proptest::sample::select(&[
            "From 1 Mon Sep 17 00:00:00 2001\n", "Subject: ", "[PATCH v2 1/3] ", "net: x", "To: a@x, \"b, c\" <d@x>\n", "Content-Transfer-Encoding: base64\n",
            "Content-Transfer-Encoding: quoted-printable\n", "Content-Type: text/plain; charset=", "iso-8859-1", "=?utf-8?q?=C3", "?=", "=?utf-8?B?", "\n", "\n\n",
            "---\n", "Fixes: ", "123456789abc", " (\"", "\")", "Signed-off-by: A <a@x>\n", "Co-developed-by: ", "Cc: stable", "v2:", "commit ", "diff --git ", "a/x b/x\n",
            "@@ -1,", "3 +1,4", "18446744073709551615", " @@\n", "+", "-", " ", "\t", "similarity index 300%\n", "rename from x\n", "new file mode 100755\n", "\\", "\0", "\u{e9}", ": ", ".",
            "compatible = \"a,b\"", "+++ b/Documentation/devicetree/bindings/x.yaml\n", "- a,b\n", "arch/x86/", "{", "+\tint a;\n", "GIT binary patch\n", "[", "]", "/",
        ][..]), 0..60),
        bytes in proptest::collection::vec(any::<u8>(), 0..30),
        at in 0..60usize,
    ) {
        let mut text: Vec<u8> = words.concat().into_bytes();
        let at = at.min(text.len());
        text.splice(at..at, bytes);
        let mut postings = of_mbox("box", &text);
        postings.push(MailSet { name: "p".into(), letters: vec![Letter::read("m", &text), Letter::read("n", &text)] });
        drop((named_commits(&postings), new_files(&postings)));
        for project in ["linux", "git", "u-boot", "xen", "dpdk", "qemu"] {
            for finding in lint(&postings, &world(project)) {
                prop_assert!(finding.mail.1 < postings[finding.mail.0].letters.len());
                prop_assert!(!finding.message.is_empty() && !finding.source.is_empty());
            }
        }
        let sheets = [("m".to_owned(), (0, 0))];
        drop(checkpatch::findings(&text, &sheets, &postings[postings.len() - 1..], "x"));
    }
}

#[test]
fn a_new_file_counts_as_new() {
    let letter =
        Letter::read("m", mail(&format!("x: y\n\n---\ndiff --git a/n.c b/n.c\n{NEW}+++ b/n.c\n@@ -0,0 +1 @@\n+a\n")).as_bytes());
    assert_eq!(
        new_files(&[MailSet { name: "p".into(), letters: vec![letter] }]).into_iter().collect::<Vec<_>>(),
        [b"n.c".as_bstr()]
    );
}
