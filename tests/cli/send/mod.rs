//! The printed command, really run: `git send-email` into a mail server of ours, and `git am` from what arrived there.

mod sink;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use bstr::ByteSlice;
use serde_json::Value;

use crate::support::{TestRepo, example};
use sink::{Received, Sink};

/// A mail as far as a mail program sorts by it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Head {
    message_id: String,
    in_reply_to: Option<String>,
    references: Option<String>,
    subject: String,
    /// The addresses of To and Cc.
    people: BTreeSet<String>,
}

fn head(bytes: &[u8]) -> Head {
    let end = bytes.find(b"\n\n").unwrap();
    let text = bytes[..end].to_str().unwrap().replace("\r", "");
    // A line that begins with a blank goes on from the last one.
    let unfolded = text.replace("\n ", " ").replace("\n\t", " ");
    let field = |name: &str| {
        let found = unfolded.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}: ")));
        found.map(|line| line[name.len() + 2..].trim().to_owned())
    };
    let people = ["to", "cc"].iter().filter_map(|name| field(name)).flat_map(|line| addresses(&line)).collect();
    Head {
        message_id: field("message-id").unwrap(),
        in_reply_to: field("in-reply-to"),
        references: field("references"),
        subject: field("subject").unwrap().split_whitespace().collect::<Vec<_>>().join(" "),
        people,
    }
}

/// Returns what stands in angle brackets, or else bare, between commas that no quotes enclose.
fn addresses(line: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut is_quoted = false;
    for c in line.chars() {
        is_quoted ^= c == '"';
        match c {
            ',' if !is_quoted => parts.push(String::new()),
            _ => parts.last_mut().unwrap().push(c),
        }
    }
    let bare = |part: &String| match part.split_once('<') {
        Some((_, rest)) => rest.trim_end_matches(['>', ' ']).to_owned(),
        None => part.trim().to_owned(),
    };
    parts.iter().map(bare).filter(|address| !address.is_empty()).collect()
}

/// Whether git can send mail here: some systems have that in a package of its own. A machine without it has to say that it means to be without.
fn can_send(repo: &TestRepo) -> bool {
    let is_there = Path::new(&repo.git(&["--exec-path"])).join("git-send-email").exists();
    let is_excused = std::env::var_os("GIT_CLEAVE_TEST_NO_SEND_EMAIL").is_some();
    assert!(
        is_there || is_excused,
        "there is no git send-email: install it (git-email), or leave out what needs it with GIT_CLEAVE_TEST_NO_SEND_EMAIL=1"
    );
    is_there
}

/// What the change says of itself: people in trailers are nobody whom a mail goes to by itself.
const MESSAGE: &str = "all: do it at last\n\nIt was never done.\n\nSigned-off-by: Ann Author <ann@example.org>\n\
                       Signed-off-by: Sam Sender <sob@example.net>\n";

/// A campaign: the mails of each series as they were written, and what it needs.
struct Campaign {
    repo: TestRepo,
    out: PathBuf,
    printed: String,
    series: Vec<(String, Vec<String>)>,
}

impl Campaign {
    fn write(name: &str, case: &str) -> Self {
        let repo = example(name, case);
        repo.git(&["commit", "-q", "--amend", "-m", MESSAGE]);
        repo.git(&["tag", "-f", "tip"]);
        drop(repo.cleave(&["plan", "base..tip", "--name", "x"]).ok());
        let plan: Value =
            serde_json::from_str(&repo.cleave(&["plan", "base..tip", "--name", "x", "--format", "json"]).ok()).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let series = plan["series"].as_array().unwrap().iter();
        let series =
            series.map(|one| (text(&one["name"]), one["needs"].as_array().unwrap().iter().map(text).collect())).collect();
        let mut campaign = Campaign { out: repo.dir.parent().unwrap().join("out"), repo, printed: String::new(), series };
        campaign.mail();
        campaign
    }

    fn mail(&mut self) {
        self.printed = self.repo.cleave(&["mail", "--name", "x", "-o", self.out.to_str().unwrap()]).ok();
    }

    /// The mails of a series as written, in the order of their names.
    fn written(&self, series: &str) -> Vec<Vec<u8>> {
        let mut paths: Vec<_> = fs::read_dir(self.out.join(series)).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths.iter().map(|path| fs::read(path).unwrap()).collect()
    }

    /// Runs what was printed, as a person would who copies all of it, and what is held back once the time has come.
    fn send(&self, sink: &Sink) -> Vec<Received> {
        for (key, value) in [
            ("sendemail.smtpServer", "127.0.0.1"),
            ("sendemail.smtpServerPort", &sink.port.to_string()),
            ("sendemail.smtpDomain", "localhost.localdomain"),
            ("sendemail.confirm", "never"),
        ] {
            self.repo.git(&["config", key, value]);
        }
        let script = self.printed[self.printed.find("  send() {").unwrap()..].replace("\n  # send ", "\n  send ");
        let mut shell = self.repo.command("sh", &self.repo.dir);
        shell.args(["-e", "-c", &script]);
        let sent = self.repo.run(shell);
        assert_eq!(sent.code, Some(0), "{script}\n{}\n{}", sent.stdout, sent.stderr);
        assert!(!sent.stdout.contains("are 8bit, but do not declare"), "{}", sent.stdout);
        sink.take()
    }

    /// Every mail once, its thread and its people as written.
    fn check(&self, received: &[Received]) {
        let mut arrived: BTreeMap<String, &Received> = BTreeMap::new();
        for mail in received {
            let twice = arrived.insert(head(&mail.bytes).message_id, mail);
            assert!(twice.is_none(), "arrived twice: {}", mail.bytes.as_bstr());
        }
        let mut n_written = 0;
        for (series, _) in &self.series {
            let written = self.written(series);
            let cover = head(&written[0]).message_id;
            for (idx, bytes) in written.iter().enumerate() {
                let (wanted, mail) = (head(bytes), arrived[&head(bytes).message_id]);
                assert_eq!(head(&mail.bytes), wanted);
                let envelope: BTreeSet<String> = mail.recipients.iter().cloned().collect();
                assert_eq!((envelope.len(), &envelope), (mail.recipients.len(), &wanted.people), "{}", wanted.subject);
                let parent = (idx > 0).then(|| cover.clone());
                assert_eq!((&wanted.in_reply_to, &wanted.references), (&parent, &parent), "{}", wanted.subject);
            }
            n_written += written.len();
        }
        assert_eq!(received.len(), n_written);
    }

    /// `git am` of a series after those it needs, in a clone that has the base alone; then of all.
    fn apply(&self, received: &[Received]) {
        let clone = self.repo.dir.parent().unwrap().join("clone");
        let git = |words: &[&str]| {
            let mut command = self.repo.command("git", &clone);
            command.args(words);
            self.repo.run(command)
        };
        self.repo.git(&["clone", "-q", ".", clone.to_str().unwrap()]);
        let of = |series: &str| -> Vec<&[u8]> {
            let ids: Vec<String> = self.written(series).iter().map(|bytes| head(bytes).message_id).collect();
            let arrived = ids.iter().map(|id| received.iter().find(|mail| head(&mail.bytes).message_id == *id).unwrap());
            let patches =
                arrived.filter(|mail| !head(&mail.bytes).subject.contains(" 0/") && !head(&mail.bytes).subject.contains(" 00/"));
            patches.map(|mail| mail.bytes.as_slice()).collect()
        };
        let am = |series: &str| {
            for bytes in of(series) {
                let path = clone.parent().unwrap().join("mail");
                fs::write(&path, bytes).unwrap();
                let applied = git(&["am", "-q", path.to_str().unwrap()]);
                assert_eq!(applied.code, Some(0), "{series}: {applied:?}\n{}", bytes.as_bstr());
            }
        };
        let mut needed: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (series, needs) in &self.series {
            // A series stands after those it needs.
            let mut all: Vec<&str> = Vec::new();
            for need in needs {
                let further = needed[need.as_str()].iter().copied().chain([need.as_str()]);
                let further: Vec<&str> = further.filter(|one| !all.contains(one)).collect();
                all.extend(further);
            }
            assert_eq!(git(&["checkout", "-q", "--detach", "base"]).code, Some(0));
            all.iter().chain([&series.as_str()]).for_each(|one| am(one));
            needed.insert(series, all);
        }
        assert_eq!(git(&["checkout", "-q", "--detach", "base"]).code, Some(0));
        self.series.iter().for_each(|(series, _)| am(series));
        assert_eq!(git(&["rev-parse", "HEAD^{tree}"]).ok().trim(), self.repo.tree("tip"));
    }
}

#[test]
fn every_mail_arrives_once_in_its_thread_and_git_am_takes_it() {
    let campaign = Campaign::write("every_mail_arrives_once", "gmap");
    if !can_send(&campaign.repo) {
        return;
    }
    let received = campaign.send(&Sink::open());
    campaign.check(&received);
    assert!(campaign.series.len() > 5 && received.len() > 12, "{} mails", received.len());
    campaign.apply(&received);
}

#[test]
fn no_setting_of_send_email_adds_or_drops_anybody() {
    let mut campaign = Campaign::write("no_setting_of_send_email_adds", "new-driver");
    if !can_send(&campaign.repo) {
        return;
    }
    let mailmap = campaign.repo.dir.parent().unwrap().join("mailmap");
    let first = head(&campaign.written(&campaign.series[0].0)[0]);
    let renamed: String = first.people.iter().map(|address| format!("Evil <evil@example.net> <{address}>\n")).collect();
    fs::write(&mailmap, renamed).unwrap();
    for (key, value) in [
        ("sendemail.to", "to@example.net"),
        ("sendemail.cc", "cc@example.net"),
        ("sendemail.bcc", "bcc@example.net"),
        ("sendemail.toCmd", "echo tocmd@example.net #"),
        ("sendemail.ccCmd", "echo cccmd@example.net #"),
        ("sendemail.headerCmd", "echo 'Cc: headercmd@example.net' #"),
        ("sendemail.toCover", "true"),
        ("sendemail.ccCover", "true"),
        ("sendemail.signedOffByCc", "true"),
        ("sendemail.suppressFrom", "true"),
        ("sendemail.suppressCc", "all"),
        ("sendemail.thread", "true"),
        ("sendemail.chainReplyTo", "true"),
        ("sendemail.mailmap", "true"),
        ("sendemail.mailmap.file", mailmap.to_str().unwrap()),
        ("sendemail.transferEncoding", "base64"),
        ("format.thread", "deep"),
        ("format.to", "format@example.net"),
        ("format.headers", "Cc: headers@example.net\n"),
        ("format.signOff", "true"),
    ] {
        campaign.repo.git(&["config", key, value]);
    }
    let before: Vec<_> = campaign.series.iter().map(|(series, _)| campaign.written(series)).collect();
    campaign.mail();
    let after: Vec<_> = campaign.series.iter().map(|(series, _)| campaign.written(series)).collect();
    assert_eq!(before, after);
    let received = campaign.send(&Sink::open());
    campaign.check(&received);
    campaign.apply(&received);
}
