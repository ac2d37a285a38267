//! Git is the judge: our header lines are those of `git format-patch`.

use bstr::{BStr, ByteSlice};

use super::headers;
use crate::git::format_patch::MailStyle;
use crate::git::{Program, Repository};
use crate::model::{ObjectId, Signature};

/// Makes a commit for each author and subject, each changing the one file, and returns the base and the commits.
fn commits(program: &Program, all: &[(Signature, Vec<u8>)]) -> (ObjectId, Vec<ObjectId>) {
    let object = |args: &[&str], input: &[u8]| -> ObjectId {
        program.run_with(args, input).unwrap().trim().to_str_lossy().parse().unwrap()
    };
    let trees: Vec<ObjectId> = ["one\n", "two\n"]
        .iter()
        .map(|text| {
            let blob = object(&["hash-object", "-w", "--stdin"], text.as_bytes());
            object(&["mktree"], format!("100644 blob {blob}\tfile\n").as_bytes())
        })
        .collect();
    let mut made: Vec<ObjectId> = Vec::new();
    for (idx, (author, message)) in [&all[0]].into_iter().chain(all).enumerate() {
        let mut commit = format!("tree {}\n", trees[idx % 2]).into_bytes();
        if let Some(parent) = made.last() {
            commit.extend_from_slice(format!("parent {parent}\n").as_bytes());
        }
        let line = [author.name.as_slice(), b" <", &author.email, b"> ", author.time.as_bytes(), b"\n"].concat();
        commit.extend_from_slice(&[b"author ", &line[..], b"committer ", &line, b"\n", message].concat());
        made.push(object(&["hash-object", "-t", "commit", "-w", "--literally", "--stdin"], &commit));
    }
    (made.remove(0), made)
}

fn repository(folder: &std::path::Path) -> Repository {
    Program::new(folder).env("GIT_CONFIG_GLOBAL", "/dev/null").run(["init", "-q"]).unwrap();
    Repository::discover(folder).unwrap()
}

/// What a mail says before its body, without the lines about its encoding.
fn block(mail: &[u8]) -> &BStr {
    let start = mail.find_byte(b'\n').unwrap() + 1;
    let end = start + mail[start..].find(b"\n\n").unwrap() + 1;
    let block = &mail[start..end];
    block[..block.find(b"\nMIME-Version").map_or(block.len(), |at| at + 1)].as_bstr()
}

fn check(all: &[(Signature, Vec<u8>)], prefix: &str, version: u32) {
    let home = tempfile::tempdir().unwrap();
    let repository = repository(home.path());
    let (base, commits) = commits(repository.program(), all);
    let room = repository.clean_room(repository.tree_of(base).unwrap()).unwrap();
    let style = MailStyle { prefix: prefix.into(), version, signature: "x".into() };
    let mails = room.format_patch(base, &commits, &style).unwrap();
    let known = room.commits(&commits).unwrap();
    let shown = if version > 1 { format!("{prefix} v{version}") } else { prefix.to_owned() };
    let width = all.len().to_string().len();
    for (idx, mail) in mails.iter().enumerate() {
        let (author, message) = &all[idx];
        let mut ours = headers::author(author).unwrap();
        let tag = format!("[{shown} {:0width$}/{}]", idx + 1, all.len());
        ours.extend_from_slice(&headers::subject(&tag, known[idx].subject.as_ref()));
        assert_eq!(ours.as_bstr(), block(mail), "{}", message.as_bstr());
        assert_eq!(known[idx].message, *message);
        assert_eq!(known[idx].author, *author);
    }
}

fn signature(name: &str, email: &str, time: &str) -> Signature {
    Signature { name: name.into(), email: email.into(), time: time.into() }
}

#[test]
fn header_lines_are_those_of_git() {
    let long = "word ".repeat(40);
    let longest = "w".repeat(120);
    let longest_first = format!("{longest} and more");
    let longest_later = format!("mm: {longest} and more {longest}");
    let names = [
        "A U Thor",
        "Jörg Äß",
        "Rafael J. Wysocki",
        "\"Quoted\" Name",
        "back\\slash",
        "Last, First",
        "(comment) name",
        "a=?b",
        "who?",
        "王小明",
        "Юрий Гагарин",
        "Ναυσικά Παπαδοπούλου με πολύ μεγάλο όνομα που δεν χωρά",
        "a@b",
        "[bracket]",
        "under_score",
        "Ångström O'Neil-Smith (Acme, Inc.)",
        long.trim_end(),
        &longest,
        "dot. dot. and a very long name that must be quoted and that does not fit into one line at all",
        "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 🐧",
    ];
    let folded: Vec<String> = (55..85).map(|n| format!("net: {} b", "x".repeat(n))).collect();
    let encoded: Vec<String> = (20..45).map(|n| format!("{}é日", "x".repeat(n))).collect();
    let subjects = [
        "mm: short",
        "mm: sübject with one umlaut",
        "KVM: s390: a subject that is so long that it has to be folded, since it goes past the seventy-eighth column",
        "[media] brackets",
        "a =?UTF-8?q?fake?= word",
        "what? = and _ with é",
        "日本語の件名はとても長いので折り返さなければならないのですが、どこで折り返すのでしょうか",
        "Здравствуй, мир: очень длинная тема письма, которая не помещается в одну строку",
        "עברית וגם العربية",
        "two  blanks   in a row, and then so much text that the line has to be folded  twice   or more often  than that",
        "tab\tin the middle and then so much more text that this line must be folded somewhere\there",
        " leading blank",
        "two lines\nof subject",
        "trailing dots...",
        "🐧 emoji 🐧",
        &long,
        &longest,
        &longest_first,
        &longest_later,
        "control \u{1} character and text that goes on until the line is so long that it is folded",
        "escape \u{1b}[31m red",
        "\"quotes\" and \\ backslashes",
    ];
    let subjects: Vec<&str> = subjects.into_iter().chain(folded.iter().chain(&encoded).map(String::as_str)).collect();
    let all: Vec<(Signature, Vec<u8>)> = subjects
        .iter()
        .enumerate()
        .map(|(idx, subject)| {
            let email = format!("{}@example.org", "m".repeat(1 + idx % 37));
            let time =
                format!("{} {}", 1_000_000_000 + idx * 86_399 * 31, ["+0000", "-0130", "+0545", "+1400", "-1200"][idx % 5]);
            (signature(names[idx % names.len()], &email, &time), format!("{subject}\n\nbody\n").into_bytes())
        })
        .collect();
    assert!(all.len() > 70);
    check(&all, "PATCH", 1);
    check(&all, "RFC PATCH net-next", 12);
}

/// Pieces of subjects and names: many scripts, marks that join what stands before them, and what mail gives a meaning to.
const PIECES: &[&str] = &[
    "mm:",
    "KVM: s390:",
    "page->index",
    "struct",
    "a",
    "ab",
    "naïve",
    "Łódź",
    "Straße",
    "ﬁn",
    "Ελληνικά",
    "слово",
    "Հայերեն",
    "ქართული",
    "עברית",
    "العربية",
    "हिन्दी",
    "বাংলা",
    "தமிழ்",
    "ภาษาไทย",
    "中文",
    "日本語の",
    "한국어",
    "ትግርኛ",
    "e\u{301}",
    "👩\u{200d}🔬",
    "🇪🇺",
    "\u{200f}",
    "\u{feff}x",
    "\u{ad}",
    "\u{2028}",
    "=?",
    "?=",
    "=20",
    "_",
    "(c)",
    "[tag]",
    "<x@y>",
    "\"q\"",
    "\\",
    ",",
    ";",
    ":",
    "@",
    "%s",
    "\t",
    "  ",
    "--",
    "'",
    "`",
    "x\u{7f}",
    "𝒳",
    "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww",
    "-",
    ".",
    "...",
];

#[test]
fn header_lines_of_any_script_and_length_are_those_of_git() {
    // A generator of its own, so that the test says the same on every machine. Source: Knuth, The Art of Computer Programming 3.2.1.
    let mut state: u64 = 1;
    let mut draw = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let mut text = |most: usize, is_name: bool| {
        let mut out = String::new();
        for _ in 0..=draw(most) {
            let piece = PIECES[draw(PIECES.len())];
            // A commit cannot hold angle brackets in a name.
            let piece = if is_name && piece.contains('<') { "Ø" } else { piece };
            out.push_str(piece);
            out.push_str(if draw(4) > 0 { " " } else { "" });
        }
        // git takes blanks and some signs off both ends of a name, and blanks off a subject.
        let ends = |c: char| c.is_ascii_whitespace() || is_name && c.is_ascii() && ".,:;\"\\'".contains(c);
        let out = out.trim_matches(ends).to_owned();
        if out.is_empty() { "x".to_owned() } else { out }
    };
    let all: Vec<(Signature, Vec<u8>)> = (0..320)
        .map(|idx| {
            let most = [1, 3, 6, 12, 25, 60][idx % 6];
            let name = text(most.min(12), true);
            let email = format!("{}@{}example.org", "u".repeat(1 + idx % 60), "sub.".repeat(idx % 9));
            let time = format!("{} +0200", 1_500_000_000 + idx);
            (signature(&name, &email, &time), format!("{}\n\nbody\n", text(most, false)).into_bytes())
        })
        .collect();
    check(&all, "PATCH", 1);
    check(&all, "PATCH net-next", 3);
}

#[test]
fn bytes_that_are_no_utf8_are_escaped_one_by_one() {
    for text in [&b"caf\xe9 au lait"[..], b"\xff\xfe", b"\xe2\x82", b"\xf0\x9f\x90 x"] {
        let line = headers::subject("[PATCH]", text.as_bstr());
        assert!(line.is_ascii() && line.starts_with(b"Subject: [PATCH] =?UTF-8?q?"), "{}", line.as_bstr());
    }
}
