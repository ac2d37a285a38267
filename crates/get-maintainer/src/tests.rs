//! Every rule of the scripts on small files. Unless a test says otherwise, what is expected is what the Perl prints: Linux 6.12,
//! U-Boot and Xen of 2026-08, run with `--no-tree --no-git --no-git-fallback --roles -f`.

use bstr::{BStr, BString, ByteSlice};

use super::*;

const LINUX: &str = r#"List of maintainers
	M: not this one

# a comment that ends nothing
FIRST THINGS
M:	Ann Example <ann@example.org>
# inside
M:	"Bob B. Example" <bob@example.org>
R:	Cy Example <cy@example.org>
L:	first@lists.example.org
L:	held@lists.example.org (moderated for non-subscribers)
L:	members@lists.example.org (subscribers-only)
S:	Supported
T:	git git://example.org/first.git
F:	mm/
X:	mm/sub/

ONE FILE
M:	Dee Example <dee@example.org>
M:	Ann Example <ann@work.example.org>
S:	Odd Fixes
F:	mm/gup.c
F:	mm/page_*
F:	mm/sub/

A SECTION WITH A NAME THAT IS RATHER LONGER THAN FIFTY LETTERS
M:	Ed Example <ed@example.org>, Flo Example <flo@example.org>
S:	Maintained
F:	fs/foo
F:	fs/foo.d
F:	lib/*.[ch]
F:	lib/x?y.h

LAST LINE COUNTS
M:	No Address
R:	Gus Example <gus@example.org>
S:	Orphan / Obsolete
F:	arch/x/include/
F:	arch/
N:	vdso

MIDDLE
M:	Ida Example <ida@example.org>
S:	Maintained
F:	arch/*/

NO STATUS
M:	team@example.org
L:	team@example.org
F:	docs/
K:	\bmagic_word\b
K:	other word

NAMES
M:	Hal Example <hal@example.org>
S:	Orphan
N:	(?<!un)even
N:	[^a-z]odd

MAPPED
M:	Old Name <old@example.org>
M:	Linus Torvalds <torvalds@linux-foundation.org>
L:	first@lists.example.org
S:	Obsolete
F:	drivers/net/
F:	mm/gup.c

THE REST
M:	The Chief <chief@example.org>
L:	all@lists.example.org
S:	Buried alive in reporters
F:	*
F:	*/
"#;

const XEN: &str = r#"Intro

ARCHITECTURES OF ALL KINDS
M:	Ann Example <ann@example.org>
M:	Ann Example <ann@work.example.org>
R:	Bob Example <bob@example.org>
L:	arch@lists.example.org (moderated)
S:	Supported
F:	xen/arch/
F:	xen/common/{kexec,kimage,kx}.c
# this heading
M:	Cy Example <cy@example.org>
F:	xen/common/

KEYS
M:	Dee Example <dee@example.org>
S:	Maintained
F:	tools/
K:	\bxsm_.*

ONLY REVIEWED
R:	Ed Example <ed@example.org>
S:	Supported
F:	docs/

THE REST
M:	Ann Example <ann@example.org>
M:	Flo Example <flo@example.org>
L:	all@lists.example.org
S:	Supported
F:	*
F:	*/
V:	xen-maintainers-1
"#;

const MAILMAP: &[u8] = b"New Name <new@example.org> <old@example.org>\n";

const YAML: &str = "# SPDX\nmaintainers:\n  - Zoë Example <zoe@example.org>\n  - J. Q. Public <jq@example.org>\n  - Old Name <old@example.org>\n  - Ann, Example <ann@example.org>\n  - team@example.org\nmagic_word\n";

fn is_dir(path: &BStr) -> bool {
    [b"fs/foo".as_bstr(), b"fs/foo.d".as_bstr(), b"mm".as_bstr()].contains(&path)
}

fn sources(dialect: Dialect, text: &str) -> Sources {
    let files = vec![("MAINTAINERS".into(), text.into())];
    Sources { dialect, files, mailmap: MAILMAP.to_vec(), ..Sources::default() }
}

/// The lines for each path (and its content, where it matters), as the script prints them.
fn lines(sources: &Sources, asked: &[(&str, &str)]) -> String {
    let maintainers = Maintainers::parse(sources);
    let mut out = String::new();
    for (path, content) in asked {
        out += &format!("== {path}\n");
        for owner in maintainers.owners(path.as_bytes().as_bstr(), Some(content.as_bytes()), &is_dir) {
            out += &format!("{}\n", owner.line(true));
        }
    }
    out
}

#[test]
fn linux_says() {
    let paths = [
        "mm/a.c",
        "mm/gup.c",
        "mm/gup.cc",
        "mm/page_io.c",
        "mm/sub/a.c",
        "mm/",
        "fs/foo/a.c",
        "fs/foobar.c",
        "fs/foo.d/a.c",
        "lib/a.cc",
        "lib/xzzy.h",
        "arch/x/include/a.h",
        "arch/x/vdso.c",
        "docs/a.txt",
        "docs/b.yaml",
        "even.c",
        "uneven.c",
        "drivers/net/odd.c",
    ];
    let mut asked = paths.map(|path| (path, ""));
    asked[paths.iter().position(|path| *path == "docs/b.yaml").expect("asked for")].1 = YAML;
    // mm/gup.c is claimed twice at one depth: Perl takes either first, we the first of the file.
    insta::assert_snapshot!(lines(&sources(Dialect::Linux, LINUX), &asked), @r#"
        == mm/a.c
        Ann Example <ann@example.org> (supporter:FIRST THINGS)
        "Bob B. Example" <bob@example.org> (supporter:FIRST THINGS)
        Cy Example <cy@example.org> (reviewer:FIRST THINGS)
        The Chief <chief@example.org> (chief penguin:THE REST)
        first@lists.example.org (open list:FIRST THINGS)
        held@lists.example.org (moderated list:FIRST THINGS)
        all@lists.example.org (open list)
        == mm/gup.c
        Dee Example <dee@example.org> (odd fixer:ONE FILE)
        Ann Example <ann@work.example.org> (odd fixer:ONE FILE)
        New Name <new@example.org> (obsolete minder:MAPPED)
        "Bob B. Example" <bob@example.org> (supporter:FIRST THINGS)
        Cy Example <cy@example.org> (reviewer:FIRST THINGS)
        The Chief <chief@example.org> (chief penguin:THE REST)
        first@lists.example.org (open list:MAPPED)
        held@lists.example.org (moderated list:FIRST THINGS)
        all@lists.example.org (open list)
        == mm/gup.cc
        Dee Example <dee@example.org> (odd fixer:ONE FILE)
        Ann Example <ann@work.example.org> (odd fixer:ONE FILE)
        New Name <new@example.org> (obsolete minder:MAPPED)
        "Bob B. Example" <bob@example.org> (supporter:FIRST THINGS)
        Cy Example <cy@example.org> (reviewer:FIRST THINGS)
        The Chief <chief@example.org> (chief penguin:THE REST)
        first@lists.example.org (open list:MAPPED)
        held@lists.example.org (moderated list:FIRST THINGS)
        all@lists.example.org (open list)
        == mm/page_io.c
        Dee Example <dee@example.org> (odd fixer:ONE FILE)
        Ann Example <ann@work.example.org> (odd fixer:ONE FILE)
        "Bob B. Example" <bob@example.org> (supporter:FIRST THINGS)
        Cy Example <cy@example.org> (reviewer:FIRST THINGS)
        The Chief <chief@example.org> (chief penguin:THE REST)
        first@lists.example.org (open list:FIRST THINGS)
        held@lists.example.org (moderated list:FIRST THINGS)
        all@lists.example.org (open list)
        == mm/sub/a.c
        Dee Example <dee@example.org> (odd fixer:ONE FILE)
        Ann Example <ann@work.example.org> (odd fixer:ONE FILE)
        The Chief <chief@example.org> (chief penguin:THE REST)
        all@lists.example.org (open list)
        == mm/
        Ann Example <ann@example.org> (supporter:FIRST THINGS)
        "Bob B. Example" <bob@example.org> (supporter:FIRST THINGS)
        Cy Example <cy@example.org> (reviewer:FIRST THINGS)
        The Chief <chief@example.org> (chief penguin:THE REST)
        first@lists.example.org (open list:FIRST THINGS)
        held@lists.example.org (moderated list:FIRST THINGS)
        all@lists.example.org (open list)
        == fs/foo/a.c
        Ed Example <ed@example.org> (maintainer:A SECTION WITH A NAME THAT IS RATHER LONGER THA...)
        Flo Example <flo@example.org> (maintainer:A SECTION WITH A NAME THAT IS RATHER LONGER THA...)
        The Chief <chief@example.org> (chief penguin:THE REST)
        all@lists.example.org (open list)
        == fs/foobar.c
        The Chief <chief@example.org> (chief penguin:THE REST)
        all@lists.example.org (open list)
        == fs/foo.d/a.c
        The Chief <chief@example.org> (chief penguin:THE REST)
        all@lists.example.org (open list)
        == lib/a.cc
        Ed Example <ed@example.org> (maintainer:A SECTION WITH A NAME THAT IS RATHER LONGER THA...)
        Flo Example <flo@example.org> (maintainer:A SECTION WITH A NAME THAT IS RATHER LONGER THA...)
        The Chief <chief@example.org> (chief penguin:THE REST)
        all@lists.example.org (open list)
        == lib/xzzy.h
        Ed Example <ed@example.org> (maintainer:A SECTION WITH A NAME THAT IS RATHER LONGER THA...)
        Flo Example <flo@example.org> (maintainer:A SECTION WITH A NAME THAT IS RATHER LONGER THA...)
        The Chief <chief@example.org> (chief penguin:THE REST)
        all@lists.example.org (open list)
        == arch/x/include/a.h
        Ida Example <ida@example.org> (maintainer:MIDDLE)
        Gus Example <gus@example.org> (reviewer:LAST LINE COUNTS)
        The Chief <chief@example.org> (chief penguin:THE REST)
        all@lists.example.org (open list)
        == arch/x/vdso.c
        Ida Example <ida@example.org> (maintainer:MIDDLE)
        Gus Example <gus@example.org> (reviewer:LAST LINE COUNTS)
        The Chief <chief@example.org> (chief penguin:THE REST)
        all@lists.example.org (open list)
        == docs/a.txt
        team@example.org (unknown:NO STATUS)
        The Chief <chief@example.org> (chief penguin:THE REST)
        all@lists.example.org (open list)
        == docs/b.yaml
        team@example.org (unknown:NO STATUS,in file)
        The Chief <chief@example.org> (chief penguin:THE REST)
        "Zoë Example" <zoe@example.org> (in file)
        "J. Q. Public" <jq@example.org> (in file)
        New Name <new@example.org> (in file)
        "Ann, Example" <ann@example.org> (in file)
        all@lists.example.org (open list)
        == even.c
        Hal Example <hal@example.org> (orphan minder:NAMES)
        The Chief <chief@example.org> (chief penguin:THE REST)
        all@lists.example.org (open list)
        == uneven.c
        The Chief <chief@example.org> (chief penguin:THE REST)
        all@lists.example.org (open list)
        == drivers/net/odd.c
        New Name <new@example.org> (obsolete minder:MAPPED)
        Hal Example <hal@example.org> (orphan minder:NAMES)
        The Chief <chief@example.org> (chief penguin:THE REST)
        first@lists.example.org (open list:MAPPED)
        all@lists.example.org (open list)
    "#);
}

#[test]
fn u_boot_says() {
    let asked = [("mm/gup.c", ""), ("docs/a.txt", "nothing"), ("docs/b.yaml", YAML)];
    insta::assert_snapshot!(lines(&sources(Dialect::UBoot, LINUX), &asked), @r#"
        == mm/gup.c
        Dee Example <dee@example.org> (odd fixer:ONE FILE)
        Ann Example <ann@work.example.org> (odd fixer:ONE FILE)
        New Name <new@example.org> (obsolete minder:MAPPED)
        Linus Torvalds <torvalds@linux-foundation.org> (obsolete minder:MAPPED)
        "Bob B. Example" <bob@example.org> (supporter:FIRST THINGS)
        Cy Example <cy@example.org> (reviewer:FIRST THINGS)
        The Chief <chief@example.org> (chief penguin:THE REST)
        first@lists.example.org (open list:MAPPED)
        held@lists.example.org (moderated list:FIRST THINGS)
        all@lists.example.org (open list)
        == docs/a.txt
        team@example.org (unknown:NO STATUS)
        The Chief <chief@example.org> (chief penguin:THE REST)
        all@lists.example.org (open list)
        == docs/b.yaml
        team@example.org (unknown:NO STATUS,in file)
        The Chief <chief@example.org> (chief penguin:THE REST)
        "Zoë Example" <zoe@example.org> (in file)
        "J. Q. Public" <jq@example.org> (in file)
        New Name <new@example.org> (in file)
        "Ann, Example" <ann@example.org> (in file)
        all@lists.example.org (open list)
    "#);
}

#[test]
fn xen_says() {
    let paths = ["xen/arch/a.c", "xen/common/kexec.c", "xen/common/kx.c", "xen/common/a.c", "docs/a", "tools/a", "top"];
    let asked = paths.map(|path| (path, if path == "xen/arch/a.c" { "call xsm_do();" } else { "" }));
    insta::assert_snapshot!(lines(&sources(Dialect::Xen, XEN), &asked), @r#"
        == xen/arch/a.c
        Ann Example <ann@example.org> (supporter:ARCHITECTURES OF...)
        Ann Example <ann@work.example.org> (supporter:ARCHITECTURES OF...)
        Bob Example <bob@example.org> (reviewer)
        Dee Example <dee@example.org> (maintainer:KEYS)
        arch@lists.example.org (open list:ARCHITECTURES OF...)
        all@lists.example.org (open list)
        == xen/common/kexec.c
        Ann Example <ann@example.org> (supporter:ARCHITECTURES OF...)
        Ann Example <ann@work.example.org> (supporter:ARCHITECTURES OF...)
        Bob Example <bob@example.org> (reviewer)
        Cy Example <cy@example.org> (unknown:# this heading)
        arch@lists.example.org (open list:ARCHITECTURES OF...)
        all@lists.example.org (open list)
        == xen/common/kx.c
        Ann Example <ann@example.org> (supporter:ARCHITECTURES OF...)
        Ann Example <ann@work.example.org> (supporter:ARCHITECTURES OF...)
        Bob Example <bob@example.org> (reviewer)
        Cy Example <cy@example.org> (unknown:# this heading)
        arch@lists.example.org (open list:ARCHITECTURES OF...)
        all@lists.example.org (open list)
        == xen/common/a.c
        Cy Example <cy@example.org> (unknown:# this heading)
        all@lists.example.org (open list)
        == docs/a
        Ed Example <ed@example.org> (reviewer)
        Ann Example <ann@example.org> (supporter:THE REST)
        Flo Example <flo@example.org> (supporter:THE REST)
        all@lists.example.org (open list)
        == tools/a
        Dee Example <dee@example.org> (maintainer:KEYS)
        all@lists.example.org (open list)
        == top
        Ann Example <ann@example.org> (supporter:THE REST)
        Flo Example <flo@example.org> (supporter:THE REST)
        all@lists.example.org (open list)
    "#);
}

/// Not run against Perl: QEMU's script is Xen's without what Xen added, and names the section of a reviewer.
#[test]
fn qemu_names_are_short() {
    let asked = [("mm/sub/a.c", ""), ("lib/a.c", ""), ("mm/a.c", "magic_word")];
    insta::assert_snapshot!(lines(&sources(Dialect::Qemu, LINUX), &asked), @r#"
    == mm/sub/a.c
    Dee Example <dee@example.org> (odd fixer:ONE FILE)
    Ann Example <ann@work.example.org> (odd fixer:ONE FILE)
    The Chief <chief@example.org> (chief penguin:THE REST)
    all@lists.example.org (open list)
    == lib/a.c
    Ed Example <ed@example.org> (maintainer:A SECTION WITH A...)
    Flo Example <flo@example.org> (maintainer:A SECTION WITH A...)
    The Chief <chief@example.org> (chief penguin:THE REST)
    all@lists.example.org (open list)
    == mm/a.c
    "Bob B. Example" <bob@example.org> (supporter:# inside)
    Cy Example <cy@example.org> (reviewer:# inside)
    The Chief <chief@example.org> (chief penguin:THE REST)
    team@example.org (unknown:NO STATUS)
    first@lists.example.org (open list:# inside)
    held@lists.example.org (moderated list:# inside)
    all@lists.example.org (open list)
    "#);
}

#[test]
fn a_keyword_is_named_by_linux_alone_and_only_for_patches() {
    let none = lines(&sources(Dialect::Linux, LINUX), &[("even.c", "magic_word")]);
    assert!(!none.contains("NO STATUS"));
    let some = lines(&sources(Dialect::UBoot, LINUX), &[("even.c", "magic_word")]);
    assert!(some.contains("team@example.org (unknown:NO STATUS)"));
}

#[test]
fn a_home_is_the_deepest_section() {
    let maintainers = Maintainers::parse(&sources(Dialect::Linux, LINUX));
    let home = |path: &str| {
        let home = maintainers.home(path.into(), &is_dir);
        format!("{} [{}]", home.name, home.tree.unwrap_or_default())
    };
    assert_eq!(home("mm/a.c"), "FIRST THINGS [git git://example.org/first.git]");
    assert_eq!(home("mm/gup.c"), "ONE FILE []");
    assert_eq!(home("arch/x/vdso.c"), "MIDDLE []");
    assert_eq!(home("README"), "THE REST []");
}

#[test]
fn the_tip_adds_sections_and_patterns() {
    let tip = LINUX
        .replace("F:\tmm/gup.c\nF:\tmm/page_*", "F:\tmm/gup.c\nF:\tmm/new.c\nF:\tmm/page_*")
        .replace("Dee Example", "Di Newcomer")
        .replace("NO STATUS", "BRAND NEW\nM:\tJo Example <jo@example.org>\nS:\tMaintained\nF:\tnew/\n\nNO STATUS");
    let both = Maintainers::with_additions(&sources(Dialect::Linux, LINUX), &sources(Dialect::Linux, &tip));
    let home = |path: &str| both.home(path.into(), &is_dir).name;
    assert_eq!(home("new/a.c"), "BRAND NEW");
    assert_eq!(home("mm/new.c"), "ONE FILE");
    assert_eq!(home("docs/a.txt"), "NO STATUS");
    let owners = both.owners("mm/new.c".into(), None, &is_dir);
    assert_eq!(owners[0].mailbox.printed(), "Dee Example <dee@example.org>");
    assert_eq!(owners[0].reasons[0].because, Because::Pattern(Place { file: 1, line: 23 }));
    let names =
        |maintainers: &Maintainers| maintainers.sections.iter().map(|section| section.name.to_string()).collect::<Vec<_>>();
    assert_eq!(names(&both), names(&Maintainers::parse(&sources(Dialect::Linux, &tip))));
}

/// The script stops at the first of these with an error of Perl's.
#[test]
fn what_cannot_be_used_is_noted() {
    let text = "M:\tNo Heading <no@example.org>\nF:\ta/(\nODD\nM:\tOdd <odd@example.org>\nN:\tx(?{y})\nF:\tb/[z\nF:\tc/\nK:\t(\n";
    let maintainers = Maintainers::parse(&sources(Dialect::Linux, text));
    let notes: Vec<_> = maintainers.notes.iter().map(|note| format!("{}: {}", note.place.line, note.why)).collect();
    insta::assert_snapshot!(notes.join("\n"), @"
    2: unclosed group
    5: unknown kind of group
    6: unmatched [
    8: unclosed group
    ");
    assert_eq!(maintainers.owners("c/x".into(), None, &is_dir).len(), 1);
}

/// A list without an address is a line without one, in Perl too.
#[test]
fn a_list_without_address_is_printed() {
    let text = "X\nM:\tAnn <x@y>\nF:\tq/\nL:\t\nL:\tnoat\nM:\tNobody\n";
    assert_eq!(lines(&sources(Dialect::Linux, text), &[("q/a", "")]), "== q/a\nAnn <x@y> (unknown:X)\n (open list:X)\n");
}

#[test]
fn ignored_addresses_are_kept_for_later() {
    let ignore = b"# nobody\nAnn <x@y>\nBob <b@y>  # left\nno address\n\n";
    let sources = Sources { ignore: ignore.to_vec(), ..Sources::default() };
    assert_eq!(Maintainers::parse(&sources).ignore, ["Ann <x@y>", "Bob <b@y>  "]);
}

#[test]
fn bytes_that_are_no_text_are_read() {
    let text = b"\xff\nM:\t\xff <x@y>\nF:\t\xff/\nF:\t*\xfe\nN:\t\xfd\nS:\nT:\nQ\n:\n";
    let sources = Sources { files: vec![("M".into(), text.to_vec())], ..Sources::default() };
    let maintainers = Maintainers::parse(&sources);
    for path in [b"\xff/a".as_bstr(), b"a\xfe".as_bstr(), b"q\xfd".as_bstr()] {
        assert_eq!(maintainers.owners(path, Some(b"\xff@\xff"), &is_dir).len(), 1, "{path}");
    }
    assert!(maintainers.owners(b"".as_bstr(), None, &is_dir).is_empty());
}

const PATCH: &str = r#"From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001
From: Ann Example <ann@example.org>
Subject: [PATCH] mm: other word
 first

---
Fixes: 0123456789ab ("x")

---
 mode change 100644 => 100755 lib/mode.c
diff --git a/mm/a.c b/fs/foo/b.c
rename from mm/old name.c
rename to fs/foo/b.c
--- a/mm/a.c
+++ b/fs/foo/b.c
@@ -1,2 +1,2 @@ magic_word
 magic_word
-a deleted line
+-- x
diff --git a/docs/b.yaml b/docs/b.yaml
new file mode 100644
--- /dev/null
+++ b/docs/b.yaml
@@ -0,0 +1 @@
+ a magic_word
"#;

/// What is expected of [`PATCH`] is what the script prints for it, the content of docs/b.yaml being [`YAML`].
#[test]
fn a_patch_is_read_as_linux_reads_it() {
    let maintainers = Maintainers::parse(&sources(Dialect::Linux, LINUX));
    let patch = maintainers.patch(PATCH.as_bytes());
    let paths = ["dev/null", "docs/b.yaml", "fs/foo/b.c", "lib/mode.c", "mm/a.c", "mm/old", "x"];
    assert_eq!(patch.paths, paths[..5]);
    assert_eq!((patch.fixes.as_slice(), patch.keywords.len()), ([BString::from("0123456789ab")].as_slice(), 1));
    assert_eq!(super::patch::paths([PATCH.as_bytes()]), paths[1..5]);
    insta::assert_snapshot!(of_patch(&maintainers, &patch, Vec::new()), @r#"
        The Chief <chief@example.org> (chief penguin:THE REST)
        team@example.org (unknown:NO STATUS,in file)
        Ed Example <ed@example.org> (maintainer:A SECTION WITH A NAME THAT IS RATHER LONGER THA...)
        Flo Example <flo@example.org> (maintainer:A SECTION WITH A NAME THAT IS RATHER LONGER THA...)
        Ann Example <ann@example.org> (supporter:FIRST THINGS,in file)
        "Bob B. Example" <bob@example.org> (supporter:FIRST THINGS)
        Cy Example <cy@example.org> (reviewer:FIRST THINGS)
        "Zoë Example" <zoe@example.org> (in file)
        "J. Q. Public" <jq@example.org> (in file)
        New Name <new@example.org> (in file)
        all@lists.example.org (open list)
        first@lists.example.org (open list:FIRST THINGS)
        held@lists.example.org (moderated list:FIRST THINGS)
    "#);
}

/// Who is asked about a patch, when its `Fixes:` commits have these logs.
fn of_patch(maintainers: &Maintainers, patch: &PatchText, fixes: Vec<(BString, Vec<u8>)>) -> String {
    let content = |path: &BString| (path == "docs/b.yaml").then_some(YAML.as_bytes().into());
    let paths = patch.paths.iter().map(|path| (path.as_bstr(), content(path))).collect();
    let question = Question { paths, keywords: patch.keywords.clone(), fixes, ..Question::default() };
    let lines: Vec<_> = maintainers.answer(&question, &is_dir).owners.iter().map(|owner| owner.line(true).to_string()).collect();
    lines.join("\n")
}

#[test]
fn keywords_stand_in_the_message_and_in_changed_lines() {
    let maintainers = Maintainers::parse(&sources(Dialect::Linux, LINUX));
    let n_keywords = |text: &str| maintainers.patch(text.as_bytes()).keywords.len();
    assert_eq!(n_keywords("Subject: magic_word\n"), 1);
    assert_eq!(n_keywords("--- a/x\n+++ b/x\n@@ -1 +1 @@ magic_word\n magic_word\n"), 0);
    assert_eq!(n_keywords("--- a/x\n+++ b/x\n-magic_word\n"), 1);
    // Blanks in an expression do not count.
    assert_eq!(n_keywords("other word\n"), 0);
    assert_eq!(n_keywords("otherword magic_word\n"), 2);
    // Each patch begins with a message.
    assert_eq!(maintainers.patches(&[b"--- a/x\n", b"magic_word\n"]).keywords.len(), 1);
    let off = Sources { options: Some(Options::of(Dialect::Linux).with(&["--no-keywords"])), ..sources(Dialect::Linux, LINUX) };
    assert_eq!(Maintainers::parse(&off).patch(b"magic_word\n").keywords.len(), 0);
    let patch = maintainers.patch(b"--- a/mm/a.c\n+++ b/mm/a.c\n@@ -1 +1 @@\n-x\n+call magic_word(x)\n");
    insta::assert_snapshot!(of_patch(&maintainers, &patch, Vec::new()), @r#"
        Ann Example <ann@example.org> (supporter:FIRST THINGS)
        "Bob B. Example" <bob@example.org> (supporter:FIRST THINGS)
        Cy Example <cy@example.org> (reviewer:FIRST THINGS)
        The Chief <chief@example.org> (chief penguin:THE REST)
        team@example.org (unknown:NO STATUS:Keyword:\bmagic_word\b)
        first@lists.example.org (open list:FIRST THINGS)
        held@lists.example.org (moderated list:FIRST THINGS)
        all@lists.example.org (open list)
    "#);
}

const LOG: &[u8] =
    b"GitCommit: 0123456789012345678901234567890123456789\nGitAuthor: Old Name <old@example.org>\nGitSubject: s\n\n\
    Signed-off-by: Old Name <old@example.org>\nSigned-off-by: Linus Torvalds <l@x>\nReviewed-by: ann example <ann@home.org>\n";

#[test]
fn who_signed_what_a_patch_mends_is_asked() {
    let maintainers = Maintainers::parse(&sources(Dialect::Linux, LINUX));
    let patch = maintainers.patch(b"Fixes: 0123456 (\"x\")\nFixes: 0123456 (\"x\")\n--- a/mm/a.c\n+++ b/mm/a.c\n");
    let fixes: Vec<_> = patch.fixes.iter().map(|commit| (commit.clone(), LOG.to_vec())).collect();
    assert_eq!(fixes.len(), 1);
    insta::assert_snapshot!(of_patch(&maintainers, &patch, fixes), @r#"
        Ann Example <ann@example.org> (supporter:FIRST THINGS,blamed_fixes:1/1=100%)
        "Bob B. Example" <bob@example.org> (supporter:FIRST THINGS)
        Cy Example <cy@example.org> (reviewer:FIRST THINGS)
        The Chief <chief@example.org> (chief penguin:THE REST)
        New Name <new@example.org> (blamed_fixes:1/1=100%)
        first@lists.example.org (open list:FIRST THINGS)
        held@lists.example.org (moderated list:FIRST THINGS)
        all@lists.example.org (open list)
    "#);
    let off = Sources { options: Some(Options::of(Dialect::Linux).with(&["--no-fixes"])), ..sources(Dialect::Linux, LINUX) };
    assert!(Maintainers::parse(&off).patch(b"Fixes: 0123456 (\"x\")\n").fixes.is_empty());
}

#[test]
fn history_is_asked_where_no_pattern_names_the_file() {
    let with = |words: &[&str]| {
        Maintainers::parse(&Sources { options: Some(Options::of(Dialect::Linux).with(words)), ..sources(Dialect::Linux, LINUX) })
    };
    let fallback = with(&["--git-fallback"]);
    let asks = |maintainers: &Maintainers, path: &str| maintainers.asks_history(path.into(), &is_dir);
    assert!(
        asks(&fallback, "mm/b/a.c")
            && !asks(&fallback, "mm/a.c")
            && asks(&fallback, "docs/a.txt")
            && !asks(&fallback, "MAINTAINERS")
            && !asks(&fallback, "lib/a.c")
    );
    assert!(asks(&with(&["--git"]), "lib/a.c") && !asks(&with(&[]), "mm/a.c"));
    let question = Question {
        paths: vec![("mm/b/a.c".into(), None)],
        history: [(0, [LOG, b"3\t0\tmm/b/a.c\n"].concat())].into(),
        ..Question::default()
    };
    let lines: Vec<_> = fallback.answer(&question, &is_dir).owners.iter().map(|owner| owner.line(true).to_string()).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
        Ann Example <ann@example.org> (supporter:FIRST THINGS,commit_signer:1/1=100%)
        "Bob B. Example" <bob@example.org> (supporter:FIRST THINGS)
        Cy Example <cy@example.org> (reviewer:FIRST THINGS)
        The Chief <chief@example.org> (chief penguin:THE REST)
        New Name <new@example.org> (commit_signer:1/1=100%,authored:1/1=100%,added_lines:3/3=100%)
        first@lists.example.org (open list:FIRST THINGS)
        held@lists.example.org (moderated list:FIRST THINGS)
        all@lists.example.org (open list)
    "#);
}

#[test]
fn every_reason_is_kept() {
    let maintainers = Maintainers::parse(&sources(Dialect::Linux, LINUX));
    let question = Question { paths: vec![("mm/a.c".into(), None), ("mm/page_io.c".into(), None)], ..Question::default() };
    let owners = maintainers.answer(&question, &is_dir).owners;
    let ann = owners.iter().find(|owner| owner.mailbox.email == "ann@example.org").expect("asked");
    let shown = |reason: &Reason| match &reason.because {
        Because::Pattern(place) => format!("{:?} {} {}", reason.path_idx, reason.role.word(), maintainers.shown(*place)),
        other => format!("{other:?}"),
    };
    assert_eq!(
        ann.reasons.iter().map(shown).collect::<Vec<_>>(),
        ["Some(0) supporter MAINTAINERS:15", "Some(1) odd fixer MAINTAINERS:23", "Some(1) supporter MAINTAINERS:15"]
    );
}

#[test]
fn depth_has_a_limit_where_it_is_asked_for() {
    let options = Some(Options::of(Dialect::Linux).with(&["--pattern-depth=1"]));
    let maintainers = Maintainers::parse(&Sources { options, ..sources(Dialect::Linux, LINUX) });
    let names = |path: &str| maintainers.claims(path.into(), &is_dir).len();
    assert_eq!((names("mm/page_io.c"), names("arch/x/y/z.c")), (2, 0));
}
