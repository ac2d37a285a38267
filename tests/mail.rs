//! Mails of small plans, with git as the judge: what it would write, what it makes of them.
#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it should be")]

mod support;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use bstr::{BString, ByteSlice};
use git_cleave::git::{Program, Repository};
use git_cleave::mail::{self, Field, MailError, MailSettings, Number, Recipient, SeriesMails, Thread};
use git_cleave::model::{
    Campaign, Change, Edits, Home, HomeIdx, Landing, Mailbox, Message, ObjectId, Patch, PatchIdx, Plan, Series, SeriesIdx,
    Signature, Words,
};
use git_cleave::write::{Onto, Posting, Written, WrittenSeries};
use support::check_snapshot;

/// A repository in a temporary folder, with a plan whose commits are made by git.
struct Fixture {
    home: tempfile::TempDir,
    git: Program,
    time: u64,
    base: ObjectId,
    patches: Vec<Patch>,
    commits: Vec<ObjectId>,
    trees: Vec<ObjectId>,
}

impl Fixture {
    /// A base of a few files.
    fn new() -> Self {
        let home = tempfile::Builder::new().prefix("mail-").tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let top = home.path().join("repository");
        fs::create_dir(&top).unwrap();
        let git =
            Program::new(&top).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", home.path());
        git.run(["init", "-q", "-b", "main"]).unwrap();
        let zero: ObjectId = "0".repeat(40).parse().unwrap();
        let mut fixture =
            Fixture { home, git, time: 1_700_000_000, base: zero, patches: Vec::new(), commits: Vec::new(), trees: Vec::new() };
        fixture.put("older", Some(b"older\n"));
        fixture.commit("older", &author());
        let lines = |from: u32, to: u32| (from..to).map(|n| format!("line {n}\n")).collect::<String>().into_bytes();
        fixture.put("fs/a.c", Some(&lines(0, 40)));
        fixture.put("net/b.c", Some(&lines(40, 80)));
        fixture.put("net/dos.txt", Some(b"one\r\ntwo\r\n"));
        fixture.put("latin.txt", Some(b"caf\xe9\n"));
        fixture.put("image.bin", Some(b"\0\x01\x02"));
        fixture.base = fixture.commit("base", &author());
        fixture
    }

    fn top(&self) -> PathBuf {
        self.git.dir().to_owned()
    }

    fn repository(&self) -> Repository {
        Repository::discover(&self.top()).unwrap()
    }

    fn put(&self, path: &str, content: Option<&[u8]>) {
        let path = self.top().join(path);
        match content {
            Some(content) => {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, content).unwrap();
            }
            None => fs::remove_file(path).unwrap(),
        }
    }

    /// Replaces a word of a file.
    fn change(&self, path: &str, from: &str, to: &str) {
        let old = fs::read(self.top().join(path)).unwrap();
        self.put(path, Some(&old.replace(from, to)));
    }

    fn commit(&mut self, message: &str, author: &Signature) -> ObjectId {
        self.time += 60;
        let text = |bytes: &BString| OsString::from(bytes.to_str().unwrap());
        let time = format!("{} +0100", self.time);
        let git = self.git.clone().env("GIT_AUTHOR_NAME", text(&author.name)).env("GIT_AUTHOR_EMAIL", text(&author.email));
        let git = git.env("GIT_COMMITTER_NAME", "Committer").env("GIT_COMMITTER_EMAIL", "c@example.org");
        let git = git.env("GIT_AUTHOR_DATE", &time).env("GIT_COMMITTER_DATE", &time);
        git.run(["add", "-A"]).unwrap();
        git.run_with(["commit", "-q", "--allow-empty", "--cleanup=verbatim", "-F", "-"], message.as_bytes()).unwrap();
        self.git.line(["rev-parse", "HEAD"]).unwrap().parse().unwrap()
    }

    /// Commits what was changed as the next patch.
    fn patch(&mut self, message: &str, author: &Signature) {
        let commit_id = self.commit(message, author);
        let (subject, body) = message.split_once("\n\n").unwrap_or((message, ""));
        let message = Message { subject: subject.trim_end().into(), body: body.trim_end().into(), trailers: Vec::new() };
        let patch_id = format!("patch-{}", self.patches.len() + 1);
        let author = author.clone();
        self.patches.push(Patch { patch_id, edits: Vec::new(), message, author, home: HomeIdx(0), why: Vec::new() });
        self.commits.push(commit_id);
        self.trees.push(self.repository().tree_of(commit_id).unwrap());
    }

    /// The plan whose series hold so many patches each, in one line of commits, each needing those before it.
    fn plan(&self, series: &[(&str, usize)]) -> (Plan, Written) {
        let mut campaign = Campaign { patches: self.patches.clone(), ..Campaign::default() };
        let mut written = Written { all: self.commits.clone(), trees: Vec::new(), series: Vec::new() };
        let mut first = 0;
        for (idx, (name, n_patches)) in series.iter().enumerate() {
            let cover = match n_patches {
                1 => Message::default(),
                _ => Message {
                    subject: format!("{name}: thé whole of it").into(),
                    body: "Why all this is done.\n\nAnd how.".into(),
                    trailers: vec!["change-id: 20230101-x".into()],
                },
            };
            campaign.homes.push(Home { name: name.to_uppercase().into(), tree: None, slug: (*name).into() });
            campaign.series.push(Series {
                name: (*name).into(),
                home: HomeIdx(idx),
                patches: (first..first + n_patches).map(PatchIdx).collect(),
                needs: (0..idx).map(SeriesIdx).collect(),
                cover,
                part: None,
                waits: Vec::new(),
            });
            written.series.push(WrittenSeries {
                series: SeriesIdx(idx),
                branch: format!("refs/heads/cleave/x/{name}"),
                root: self.base,
                onto: Onto::Base,
                base: if first == 0 { self.base } else { self.commits[first - 1] },
                base_tree: self.repository().tree_of(if first == 0 { self.base } else { self.commits[first - 1] }).unwrap(),
                prerequisites: self.commits[..first].to_vec(),
                commits: self.commits[first..first + n_patches].to_vec(),
                trees: self.trees[first..first + n_patches].to_vec(),
            });
            first += n_patches;
        }
        assert_eq!(first, self.patches.len());
        let repository = self.repository();
        let tip_commit_id = *self.commits.last().unwrap();
        let change = Change {
            base_commit_id: self.base,
            tip_commit_id,
            base_tree_id: repository.tree_of(self.base).unwrap(),
            tip_tree_id: repository.tree_of(tip_commit_id).unwrap(),
            files: Vec::new(),
            commits: Vec::new(),
            committer: Signature { name: "Committer".into(), email: "c@example.org".into(), time: "1700000300 -0800".into() },
        };
        (
            Plan {
                name: "gmap".into(),
                branch: None,
                change,
                edits: Edits::default(),
                relations: Vec::new(),
                from_check: Vec::new(),
                from_builds: Vec::new(),
                overridden: Vec::new(),
                campaign,
                landing: Landing::default(),
                words: Words::default(),
            },
            written,
        )
    }

    /// Two series: one of a single patch, one of four, whose changes are of all kinds.
    fn two_series() -> Self {
        let mut fixture = Fixture::new();
        fixture.change("fs/a.c", "line 3\n", "line drei\n");
        fixture.patch("fs: prepare\n\nThis makes röom.\n\nSigned-off-by: A U Thor <a@example.org>\n", &author());
        fixture.change("net/b.c", "line 50\n", "line fifty\n");
        fixture.change("latin.txt", "caf", "Caf");
        fixture.patch("net: an ASCII message, Latin-1 in the diff\n\nBody.\n", &author());
        fixture.put("net/new file é.c", Some("neu: ä\n".as_bytes()));
        fixture.patch(
            "net: a subject so long that it is folded somewhere, and therefore goes on and on, and on\n\nBody.\n",
            &umlaut(),
        );
        fixture.change("net/dos.txt", "two", "zwei");
        fixture.put("image.bin", Some(b"\0\x01\x03"));
        fixture.patch("net: dos and binary\n", &author());
        let moved = fs::read(fixture.top().join("net/b.c")).unwrap();
        fixture.put("net/b.c", None);
        fixture.put("net/c.c", Some(&moved));
        fixture.patch("net: rename\n\n- list\n  - of things\n", &umlaut());
        fixture
    }
}

fn author() -> Signature {
    Signature { name: "A U Thor".into(), email: "a@example.org".into(), time: String::new() }
}

fn umlaut() -> Signature {
    Signature { name: "Jörg Äß, Dr.".into(), email: "j@example.org".into(), time: String::new() }
}

fn recipient(field: Field, address: &str) -> Recipient {
    Recipient::new(field, Mailbox::read(address.as_bytes()))
}

/// Everybody gets everything, but one more for the last patch.
fn recipients(plan: &Plan) -> Vec<Vec<Recipient>> {
    let mut all = vec![
        vec![
            recipient(Field::To, "Rafael J. Wysocki <rafael@example.org>"),
            recipient(Field::To, "Юрий <y@example.org>"),
            recipient(Field::Cc, "list@example.org"),
        ];
        plan.campaign.patches.len()
    ];
    all.last_mut().unwrap().push(recipient(Field::To, "list@EXAMPLE.org"));
    all.last_mut().unwrap().push(recipient(Field::Cc, "Last <last@example.org>"));
    all
}

fn mails(fixture: &Fixture, series: &[(&str, usize)], settings: &MailSettings) -> Result<Vec<SeriesMails>, MailError> {
    let (plan, written) = fixture.plan(series);
    mail::mails(&fixture.repository(), &Posting::of(plan.clone()), &written, &recipients(&plan), settings)
}

/// All lines that begin like this, with what is folded below them.
fn header(mail: &[u8], name: &str) -> BString {
    let head = &mail[..mail.find(b"\n\n").unwrap() + 1];
    let mut lines = head.lines_with_terminator().skip_while(|line| !line.starts_with(format!("{name}:").as_bytes()));
    let mut out = BString::from(lines.next().unwrap_or_default());
    lines.take_while(|line| line.starts_with(b" ")).for_each(|line| out.extend_from_slice(line));
    out
}

#[test]
fn git_am_gives_back_trees_messages_and_authors() {
    let fixture = Fixture::two_series();
    let out = fixture.home.path().join("out");
    let sent = mails(&fixture, &[("core", 1), ("net", 4)], &MailSettings::default()).unwrap();
    mail::write(&out, &sent).unwrap();
    let git = fixture.git.clone().env("GIT_COMMITTER_NAME", "M").env("GIT_COMMITTER_EMAIL", "m@example.org");
    git.run(["checkout", "-q", "-b", "applied", &fixture.base.to_string()]).unwrap();
    for series in &sent {
        for file in series.files.iter().filter(|file| !file.name.starts_with("0000-")) {
            let path = out.join(&series.folder).join(&file.name);
            git.run(["am", "-q", "--keep-cr", path.to_str().unwrap()]).unwrap();
        }
    }
    let shown = |tip: &str| {
        let range = format!("{}..{tip}", fixture.base);
        git.line(["log", "--reverse", "--format=%T%n%an <%ae> %ad%n%B", &range]).unwrap()
    };
    assert_eq!(shown("applied"), shown("main"));
}

/// The number of both series.
fn numbers(version: u32, resend: u32) -> BTreeMap<String, Number> {
    ["core", "net"].map(|name| (name.to_owned(), Number { version, resend })).into()
}

#[test]
fn mails_are_those_of_format_patch_but_for_the_thread() {
    let fixture = Fixture::two_series();
    let numbers = numbers(3, 0);
    let settings = MailSettings { numbers, prefixes: vec!["net-next".into(), "RFC".into()], ..MailSettings::default() };
    let sent = mails(&fixture, &[("core", 1), ("net", 4)], &settings).unwrap();
    let folder = fixture.home.path().join("git");
    let git = fixture.git.clone().env("GIT_ATTR_NOSYSTEM", "1");
    let theirs = |range: &str, more: &[&str]| {
        let (_, _) = (fs::remove_dir_all(&folder), fs::create_dir(&folder));
        let mut args = vec!["-c", "core.quotePath=true", "format-patch", "-q", "-v3", "--subject-prefix=RFC PATCH net-next"];
        args.extend(["--full-index", "--binary", "--signature=git-cleave", "-o", folder.to_str().unwrap()]);
        args.extend(more);
        args.push(range);
        git.run(args).unwrap();
        let mut paths: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
            .iter()
            .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(path).unwrap()))
            .collect::<Vec<_>>()
    };
    let base = format!("--base={}", fixture.base);
    // The single patch: git names its base in the same place.
    let range = format!("{}..{}", fixture.base, fixture.commits[0]);
    let (name, bytes) = theirs(&range, &["-N", &base]).remove(0);
    let ours = &sent[0].files[0];
    assert_eq!(ours.name, name);
    let text = without_change_id(&ours.bytes);
    let aside = text.find(b"The first of 2 series").unwrap();
    let below = aside + text[aside..].find(b" fs/a.c | 2 +-").unwrap();
    assert_eq!(without_ours(&[&text[..aside], &text[below..]].concat()).as_bstr(), bytes.as_bstr());
    // The others.
    let range = format!("{}..{}", fixture.commits[0], fixture.commits[4]);
    let theirs = theirs(&range, &["--cover-letter", &base]);
    assert_eq!(theirs.len(), 5);
    for (ours, (name, bytes)) in sent[1].files.iter().zip(&theirs) {
        assert_eq!(ours.name, *name);
        if name.starts_with("v3-0000-") {
            // Below the words, git's cover letter is ours.
            let tail = |bytes: &[u8]| BString::from(&bytes[bytes.find(b"\nA U Thor (2):").unwrap()..]);
            assert_eq!(tail(&without_change_id(&ours.bytes)), tail(bytes));
            assert_eq!(ours.bytes.lines().next(), bytes.lines().next());
        } else {
            // git declares what is in the message only.
            let ours = without_ours(&ours.bytes);
            let declared = ours.find(b"MIME-Version: ").unwrap_or(0)..ours.find(b"8bit\n").map_or(0, |at| at + 5);
            let is_new = !bytes.contains_str("MIME-Version: ");
            let kept = if is_new { [&ours[..declared.start], &ours[declared.end..]].concat() } else { ours.clone() };
            assert_eq!(kept.as_bstr(), bytes.as_bstr());
        }
    }
}

/// Takes out the line below that of the base, which git has no word for.
fn without_change_id(mail: &[u8]) -> Vec<u8> {
    let is_ours = |line: &[u8]| line.starts_with(b"change-id: ") || line.starts_with(b"prerequisite-change-id: ");
    // The words of a cover may hold such a line too.
    let base = mail.rfind(b"\nbase-commit: ").unwrap() + 1;
    let kept = mail[base..].lines_with_terminator().filter(|line| !is_ours(line));
    bstr::concat(std::iter::once(&mail[..base]).chain(kept).collect::<Vec<_>>())
}

#[test]
fn a_shallow_clone_gives_the_same_mails() {
    let fixture = Fixture::two_series();
    let clone = fixture.home.path().join("clone");
    let url = format!("file://{}", fixture.top().display());
    fixture.git.run(["clone", "-q", "--depth=6", &url, clone.to_str().unwrap()]).unwrap();
    let (plan, written) = fixture.plan(&[("core", 1), ("net", 4)]);
    let of = |repository: &Repository| {
        mail::mails(repository, &Posting::of(plan.clone()), &written, &recipients(&plan), &MailSettings::default()).unwrap()
    };
    assert_eq!(of(&Repository::discover(&clone).unwrap()), of(&fixture.repository()));
}

#[test]
fn a_single_patch_says_how_it_is_applied() {
    let mut fixture = Fixture::new();
    fixture.change("net/dos.txt", "two", "zwei");
    fixture.patch("[dos] text\n", &author());
    let sent = mails(&fixture, &[("core", 1)], &MailSettings::default()).unwrap();
    let below = "\n---\nNot built.\n\nApply with 'git am --keep-cr': some files have lines that end in CR LF.\n\n\
                 Apply with 'git am --keep-non-patch': subjects begin with a bracket.\n\n net/dos.txt | 2 +-\n";
    assert!(sent[0].files[0].bytes.contains_str(below), "{}", sent[0].files[0].bytes.as_bstr());
}

/// Takes out the headers that git was not asked for.
fn without_ours(mail: &[u8]) -> Vec<u8> {
    let mut mail = mail.to_vec();
    for name in ["Message-ID", "In-Reply-To", "References", "To", "Cc"] {
        let line = header(&mail, name);
        if let Some(at) = mail.find(&line).filter(|_| !line.is_empty()) {
            mail.drain(at..at + line.len());
        }
    }
    mail
}

#[test]
fn headers_thread_and_address() {
    let fixture = Fixture::two_series();
    let sent = mails(&fixture, &[("core", 1), ("net", 4)], &MailSettings::default()).unwrap();
    let cover = &sent[1].files[0].bytes;
    assert_eq!(sent[1].files[0].name, "0000-cover-letter.patch");
    assert_eq!(header(cover, "Subject"), "Subject: [PATCH 0/4] =?UTF-8?q?net:=20th=C3=A9=20whole=20of=20it?=\n");
    assert_eq!(header(cover, "From"), "From: Committer <c@example.org>\n");
    assert_eq!(header(cover, "Date"), "Date: Tue, 14 Nov 2023 14:18:20 -0800\n");
    let both = "To: \"Rafael J. Wysocki\" <rafael@example.org>,\n    =?UTF-8?q?=D0=AE=D1=80=D0=B8=D0=B9?= <y@example.org>";
    assert_eq!(header(cover, "To"), format!("{both},\n    list@example.org\n"));
    assert_eq!(header(cover, "Cc"), "Cc: Last <last@example.org>\n");
    assert_eq!(header(&sent[1].files[1].bytes, "To"), format!("{both}\n"));
    assert_eq!(header(&sent[1].files[1].bytes, "Cc"), "Cc: list@example.org\n");
    assert_eq!(header(&sent[1].files[4].bytes, "To"), format!("{both},\n    list@example.org\n"));
    let message_id = header(cover, "Message-ID").to_string();
    let message_id = message_id.trim_start_matches("Message-ID: ");
    assert_eq!(header(cover, "In-Reply-To"), "");
    for file in &sent[1].files[1..] {
        assert_eq!(header(&file.bytes, "In-Reply-To"), format!("In-Reply-To: {message_id}"));
        assert_eq!(header(&file.bytes, "References"), format!("References: {message_id}"));
    }
    assert_eq!(header(&sent[0].files[0].bytes, "In-Reply-To"), "");
    // The charset of what git does not declare.
    assert_eq!(header(&sent[1].files[1].bytes, "Content-Type"), "Content-Type: text/plain; charset=ISO-8859-1\n");
    assert_eq!(header(&sent[1].files[2].bytes, "Content-Type"), "Content-Type: text/plain; charset=UTF-8\n");
    assert_eq!(header(&sent[1].files[3].bytes, "Content-Type"), "");
    // Names of mails: all different, and others for another version or another sending.
    let ids = |settings: &MailSettings| -> Vec<BString> {
        let sent = mails(&fixture, &[("core", 1), ("net", 4)], settings).unwrap();
        sent.iter().flat_map(|series| &series.files).map(|file| header(&file.bytes, "Message-ID")).collect()
    };
    let again = MailSettings { numbers: numbers(1, 1), ..MailSettings::default() };
    let next = MailSettings { numbers: numbers(2, 0), ..MailSettings::default() };
    let mut all: Vec<BString> = [ids(&MailSettings::default()), ids(&again), ids(&next)].concat();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 18);
}

#[test]
fn a_deep_thread_is_a_chain_as_git_writes_it() {
    let fixture = Fixture::two_series();
    let settings = MailSettings { thread: Thread::Deep, ..MailSettings::default() };
    let sent = mails(&fixture, &[("core", 1), ("net", 4)], &settings).unwrap();
    let mut above: Vec<String> = Vec::new();
    for file in &sent[1].files {
        let head = &file.bytes[..file.bytes.find(b"\n\n").unwrap()];
        let thread = match above.last() {
            Some(last) => format!("\nIn-Reply-To: {last}\nReferences: {}\nFrom:", above.join("\n\t")),
            None => "\nFrom:".to_owned(),
        };
        let message_id = header(&file.bytes, "Message-ID").to_string();
        let message_id = message_id.trim_start_matches("Message-ID: ").trim_end().to_owned();
        assert!(head.contains_str(format!("{message_id}{thread}")), "{}", head.as_bstr());
        above.push(message_id);
    }
}

#[test]
fn the_cover_letter_says_what_there_is_and_what_it_stands_on() {
    let fixture = Fixture::two_series();
    let sent = mails(&fixture, &[("core", 1), ("net", 4)], &MailSettings::default()).unwrap();
    let cover = sent[1].files[0].bytes.clone();
    let text = cover[cover.find(b"\n\n").unwrap() + 2..].to_str().unwrap().to_owned();
    let prerequisite = fixture.git.run_with(["patch-id", "--stable"], &sent[0].files[0].bytes).unwrap();
    let prerequisite = prerequisite.to_str().unwrap().split(' ').next().unwrap().to_owned();
    let text = text.replace(&prerequisite, "[PATCH-ID]").replace(&fixture.base.to_string(), "[BASE]");
    check_snapshot("mail__cover", &without_hashes(&text));
    let single = sent[0].files[0].bytes.to_str().unwrap().replace(&fixture.base.to_string(), "[BASE]");
    check_snapshot("mail__single", &without_hashes(&single[single.find("\n\n").unwrap() + 2..]));
}

/// Replaces names of mails and the last part of change ids, which no reader can judge.
fn without_hashes(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let end = line.find(":v").unwrap_or(line.len());
        match (line.find("change-id: "), line[..end].rfind('-'), line.find("@git-cleave.invalid")) {
            (Some(_), Some(dash), _) if end - dash == 13 => out.push_str(&format!("{}-[HASH]{}", &line[..dash], &line[end..])),
            (_, _, Some(at)) => {
                let start = line[..at].rfind(['<', '/']).map_or(0, |at| at + 1);
                out.push_str(&format!("{}[ID]{}", &line[..start], &line[at..]));
            }
            _ => out.push_str(line),
        }
        out.push('\n');
    }
    out
}

#[test]
fn no_configuration_changes_a_byte() {
    let fixture = Fixture::two_series();
    let series = [("core", 1), ("net", 4)];
    let first = mails(&fixture, &series, &MailSettings::default()).unwrap();
    assert_eq!(mails(&fixture, &series, &MailSettings::default()).unwrap(), first);
    let hostile = [
        ("format.attach", "true"),
        ("format.headers", "X-Evil: 1"),
        ("format.signature", "evil"),
        ("format.signOff", "true"),
        ("format.thread", "deep"),
        ("format.to", "evil@example.org"),
        ("format.cc", "evil@example.org"),
        ("format.from", "Evil <evil@example.org>"),
        ("format.coverLetter", "true"),
        ("format.subjectPrefix", "EVIL"),
        ("format.numbered", "false"),
        ("format.suffix", ".txt"),
        ("format.encodeEmailHeaders", "false"),
        ("format.useAutoBase", "true"),
        ("format.outputDirectory", "evil"),
        ("format.mboxrd", "true"),
        ("format.noprefix", "true"),
        ("format.notes", "true"),
        ("format.pretty", "oneline"),
        ("diff.noprefix", "true"),
        ("diff.mnemonicPrefix", "true"),
        ("diff.context", "9"),
        ("diff.interHunkContext", "9"),
        ("diff.renames", "false"),
        ("diff.algorithm", "patience"),
        ("diff.indentHeuristic", "false"),
        ("diff.statNameWidth", "5"),
        ("diff.statGraphWidth", "3"),
        ("diff.suppressBlankEmpty", "true"),
        ("diff.wsErrorHighlight", "all"),
        ("diff.colorMoved", "zebra"),
        ("diff.evil.xfuncname", "^line 4.*$"),
        ("diff.evil.textconv", "rev"),
        ("diff.external", "/bin/false"),
        ("color.ui", "always"),
        ("color.diff", "always"),
        ("core.abbrev", "4"),
        ("core.quotePath", "false"),
        ("core.commentChar", "l"),
        ("i18n.logOutputEncoding", "latin1"),
        ("i18n.commitEncoding", "latin1"),
        ("log.mailmap", "true"),
        ("log.showSignature", "true"),
        ("log.date", "relative"),
        ("log.follow", "true"),
        ("log.decorate", "full"),
        ("patchid.stable", "false"),
        ("patchid.verbatim", "true"),
        ("shortlog.evil", "true"),
    ];
    for (key, value) in hostile {
        fixture.git.run(["config", key, value]).unwrap();
    }
    let info = fixture.top().join(".git/info");
    fs::create_dir_all(&info).unwrap();
    fs::write(info.join("attributes"), "*.c diff=evil\n*.txt binary\n").unwrap();
    fixture.put(".gitattributes", Some(b"* -diff\n"));
    fixture.put(".mailmap", Some(b"Evil <evil@example.org> <a@example.org>\n"));
    fixture.git.run(["config", "mailmap.file", fixture.top().join(".mailmap").to_str().unwrap()]).unwrap();
    let next = &fixture.commits[1].to_string();
    fixture.git.run(["replace", next, &fixture.commits[2].to_string()]).unwrap();
    let from = &fixture.commits[3].to_string();
    let notes = fixture.git.clone().env("GIT_COMMITTER_NAME", "E").env("GIT_COMMITTER_EMAIL", "e@example.org");
    notes.clone().env("GIT_AUTHOR_NAME", "E").env("GIT_AUTHOR_EMAIL", "e@x").run(["notes", "add", "-m", "evil", from]).unwrap();
    assert_eq!(mails(&fixture, &series, &MailSettings::default()).unwrap(), first);
}

#[test]
fn attributes_of_the_tip_decide_what_stands_beside_a_hunk() {
    let mut fixture = Fixture::new();
    fixture.put("x.py", Some(b"class A:\n    def f(self):\n        a\n        b\n        c\n        d\n        e\n"));
    fixture.put(".gitattributes", Some(b"*.py diff=python\n"));
    fixture.base = fixture.commit("base", &author());
    fixture.change("x.py", "        e\n", "        f\n");
    fixture.patch("x: y\n", &author());
    fixture.put(".gitattributes", Some(b"* -diff\n"));
    let sent = mails(&fixture, &[("core", 1)], &MailSettings::default()).unwrap();
    assert!(
        sent[0].files[0].bytes.contains_str("@@     def f(self):\n") || sent[0].files[0].bytes.contains_str(" @@ def f(self):\n")
    );
}

#[test]
fn what_cannot_be_mailed_is_refused() {
    let refused =
        |fixture: &Fixture, series: &[(&str, usize)]| mails(fixture, series, &MailSettings::default()).unwrap_err().to_string();
    let mut fixture = Fixture::new();
    fixture.patch("fs: nothing\n", &author());
    assert_eq!(refused(&fixture, &[("core", 1)]), "plan and branches differ: patch 'patch-1' changes nothing");

    let fixture = Fixture::two_series();
    let (mut plan, written) = fixture.plan(&[("core", 1), ("net", 4)]);
    let mut to = recipients(&plan);
    to[2].push(Recipient::new(Field::Cc, Mailbox { name: "Nobody".into(), email: "nobody".into() }));
    let run = |plan: &Plan, to: &[Vec<Recipient>], settings: &MailSettings| {
        mail::mails(&fixture.repository(), &Posting::of(plan.clone()), &written, to, settings).unwrap_err().to_string()
    };
    assert_eq!(run(&plan, &to, &MailSettings::default()), "recipient 'Nobody <nobody>' of patch 'patch-3' is no mail address");
    assert_eq!(run(&plan, &to[1..], &MailSettings::default()), "plan and branches differ: 5 patches, recipients of 4");
    let settings = MailSettings { prefixes: vec!["a] b".into()], ..MailSettings::default() };
    assert_eq!(run(&plan, &recipients(&plan), &settings), "'a] b' cannot stand in the brackets of a subject");
    plan.campaign.series[1].cover.subject = "".into();
    let message = "series 'net' has 4 patches and a cover letter without a subject";
    assert_eq!(run(&plan, &recipients(&plan), &MailSettings::default()), message);
}
