//! How a campaign lands: modes, what is held back, bases of other trees, and what the first lines of each kind of mail say.

use std::fs;
use std::path::PathBuf;

use crate::support::{TestRepo, example, filtered};

/// A member of a struct gets another name in seven homes.
fn rename(name: &str) -> TestRepo {
    let repo = example(name, "field-rename");
    drop(repo.cleave(&["plan", "base..tip", "--name", "x"]).ok());
    repo
}

fn out(repo: &TestRepo) -> PathBuf {
    repo.dir.parent().unwrap().join("out")
}

/// Writes the mails; returns what was printed.
fn mail(repo: &TestRepo, more: &[&str]) -> String {
    let out = out(repo);
    let words = [&["mail", "--name", "x", "--draft", "--no-lint", "-o", out.to_str().unwrap()], more].concat();
    repo.cleave(&words).ok()
}

/// Returns what the first mail of a series says beside its message, diff and shortlog.
fn said(repo: &TestRepo, series: &str) -> String {
    let mut paths: Vec<_> = fs::read_dir(out(repo).join(series)).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let text = fs::read_to_string(&paths[0]).unwrap();
    let text = match text.split_once("\n---\n") {
        Some((_, below)) => below.split("\ndiff --git").next().unwrap().to_owned(),
        None => text.split_once("\n\n").unwrap().1.split("\nbase-commit").next().unwrap().to_owned(),
    };
    let mut shown = String::new();
    for line in text.lines() {
        match (line.find("@git-cleave"), line.find(['<', '/'])) {
            (Some(at), Some(_)) => {
                let start = line[..at].rfind(['<', '/']).unwrap() + 1;
                shown.push_str(&format!("{}[ID]{}\n", &line[..start], &line[at..]));
            }
            _ => shown.push_str(&format!("{line}\n")),
        }
    }
    filtered(&shown)
}

fn series_names(repo: &TestRepo) -> Vec<String> {
    let written = repo.git(&["for-each-ref", "--format=%(refname:lstrip=4)", "refs/heads/cleave/x/"]);
    written.lines().map(str::to_owned).collect()
}

#[test]
fn any_way_to_land_can_be_left_again() {
    let repo = rename("any_way_to_land_can_be_left_again");
    drop(mail(&repo, &[]));
    let (names, all) = (series_names(&repo), repo.git(&["rev-parse", "cleave/x/all"]));
    let plan = || fs::read_to_string(repo.dir.join(".git/cleave/plans/x/plan.toml")).unwrap();
    let before = plan();
    drop(mail(&repo, &["--land", "one-tree", "--at-most", "5"]));
    assert_eq!(series_names(&repo), ["all", "one-tree", "one-tree-part2"]);
    assert_eq!(repo.git(&["rev-parse", "cleave/x/all"]), all, "patches and their order stay");
    drop(mail(&repo, &["--land", "per-tree", "--at-most", "15"]));
    assert_eq!(series_names(&repo), names);
    assert_eq!(plan(), before);
}

#[test]
fn each_kind_of_mail_says_its_place() {
    let repo = rename("each_kind_of_mail_says_its_place");
    let printed = mail(&repo, &[]);
    let removal = printed.find("\n  # hold back until all others have landed:\n  # send ").unwrap();
    assert!(printed[..removal].contains("\n  send ") && !printed[removal..].contains("\n  send "), "{printed}");
    let mut seen = String::new();
    let mut add = |kind: &str, series: &str| seen.push_str(&format!("=== {kind}: {series}\n{}\n", said(&repo, series)));
    add("per-tree, the first", "device-core-bridge");
    add("per-tree, one that needs it", "network-ports");
    add("per-tree, held back", "device-core-removal");
    drop(mail(&repo, &["--land", "tag"]));
    add("tag, the first", "device-core-bridge");
    add("tag, one that needs it", "network-ports");
    drop(mail(&repo, &["--land", "flag-day"]));
    add("flag day", "network-ports");
    drop(mail(&repo, &["--land", "one-tree", "--at-most", "5"]));
    add("one tree, part 1", "one-tree");
    add("one tree, part 2", "one-tree-part2");
    crate::support::check_snapshot("mail__landing", &seen);
}

#[test]
fn programs_get_the_same_as_people() {
    let repo = rename("programs_get_the_same_as_people");
    let told: serde_json::Value = serde_json::from_str(&mail(&repo, &["--format", "json"])).unwrap();
    let series = told["series"].as_array().unwrap();
    let removal = series.iter().find(|one| one["name"] == "device-core-removal").unwrap();
    assert_eq!(removal["waits"].as_array().unwrap().len(), series.len() - 1);
    let count = |field: &str| -> usize {
        let of = |mail: &serde_json::Value| mail[field].as_array().unwrap().len();
        series.iter().flat_map(|one| one["mails"].as_array().unwrap()).map(of).sum()
    };
    let load = |field: &str| -> usize {
        let all = told["load"].as_array().unwrap();
        all.iter().map(|one| usize::try_from(one[field].as_u64().unwrap()).unwrap()).sum()
    };
    assert_eq!((load("to"), load("cc")), (count("to"), count("cc")));
}

#[test]
fn a_series_stands_on_the_tree_it_goes_to_where_that_has_the_same_files() {
    let repo = rename("a_series_stands_on_the_tree_it_goes_to");
    // Two trees that went on: one beside the change, one in a file of it.
    let go_on = |remote: &str, url: &str, branch: &str, path: &str, text: &str| {
        repo.git(&["checkout", "-q", "--detach", "base"]);
        let old = fs::read_to_string(repo.dir.join(path)).unwrap_or_default();
        repo.write(path, format!("{old}{text}"));
        repo.git(&["add", "-A"]);
        repo.git(&["commit", "-q", "-m", remote]);
        repo.git(&["config", &format!("remote.{remote}.url"), url]);
        repo.git(&["update-ref", &format!("refs/remotes/{remote}/{branch}"), "HEAD"]);
    };
    go_on("net", "https://git.example.com/net/devs.git", "main", "net/other.c", "int other;\n");
    go_on("sound", "https://git.example.org/sound/devs.git", "for-next", "include/dev.h", "int more;\n");
    let bridge = repo.git(&["diff", "--name-only", "base", "tip", "--", "include"]);
    let header = bridge.lines().next().unwrap();
    go_on("usb", "https://git.example.com/usb/devs.git", "next", header, "/* more */\n");
    drop(mail(&repo, &[]));
    let base = |series: &str| {
        let fork = repo.git(&["merge-base", &format!("cleave/x/{series}"), "refs/remotes/net/main"]);
        fork.trim() == repo.git(&["rev-parse", "refs/remotes/net/main"]).trim()
    };
    assert!(base("network-ports") && !base("usb-hubs"));
    assert_eq!(repo.git(&["diff", "--name-only", "cleave/x/network-ports", "tip", "--", "net"]).trim(), "net/other.c");
    let filled = |series: &str| said(&repo, series).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(filled("network-ports").contains("The base commit is that of git://git.example.com/net/devs.git main."));
    let differs = format!("Not based on git://git.example.com/usb/devs.git next, which has another {header}.");
    assert!(filled("usb-hubs").contains(&differs));
}

#[test]
fn a_series_on_another_tree_is_adopted() {
    let repo = rename("a_series_on_another_tree_is_adopted");
    repo.git(&["checkout", "-q", "--detach", "base"]);
    repo.write("net/other.c", "int other;\n");
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "-m", "net: other"]);
    repo.git(&["config", "remote.net.url", "https://git.example.com/net/devs.git"]);
    repo.git(&["update-ref", "refs/remotes/net/main", "HEAD"]);
    drop(mail(&repo, &[]));
    repo.git(&["checkout", "-q", "cleave/x/network-ports"]);
    repo.git(&["commit", "-q", "--amend", "-m", "net: say power_state", "-m", "It is what it is."]);
    // The tree went on meanwhile.
    repo.git(&["checkout", "-q", "--detach", "refs/remotes/net/main"]);
    repo.write("net/more.c", "int more;\n");
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "-m", "net: more"]);
    repo.git(&["update-ref", "refs/remotes/net/main", "HEAD"]);
    drop(repo.cleave(&["adopt", "--name", "x"]).ok());
    drop(mail(&repo, &[]));
    assert_eq!(repo.git(&["log", "-1", "--format=%s", "cleave/x/network-ports"]).trim(), "net: say power_state");
    assert_eq!(repo.git(&["log", "--format=%s", "base..cleave/x/network-ports"]).lines().count(), 4);
}

#[test]
fn what_was_posted_stays_on_what_it_stood_on() {
    let repo = rename("what_was_posted_stays_on_what_it_stood_on");
    repo.git(&["checkout", "-q", "--detach", "base"]);
    let go_on = |path: &str| {
        repo.write(path, "int other;\n");
        repo.git(&["add", "-A"]);
        repo.git(&["commit", "-q", "-m", "net: go on"]);
        repo.git(&["update-ref", "refs/remotes/net/main", "HEAD"]);
    };
    repo.git(&["config", "remote.net.url", "https://git.example.com/net/devs.git"]);
    go_on("net/other.c");
    let out = out(&repo);
    let mail = |more: &[&str]| {
        let words = [&["mail", "--name", "x", "--no-lint", "-o", out.to_str().unwrap()], more].concat();
        drop(repo.cleave(&words).ok());
        fs::read_dir(out.join("network-ports")).unwrap().map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap()).collect()
    };
    let posted: String = mail(&["--posted"]);
    assert!(posted.contains(&format!("\nbase-commit: {}", repo.git(&["rev-parse", "refs/remotes/net/main"]))));
    go_on("net/more.c");
    let again: String = mail(&["-v", "1"]);
    assert_eq!(again, posted, "a fetch is no new version");
    let resent: String = mail(&["--resend"]);
    let base = |text: &str| text.lines().find(|line| line.starts_with("base-commit: ")).map(str::to_owned);
    assert!(resent.contains("Subject: [PATCH RESEND] ") && base(&resent) == base(&posted), "{resent}");
    drop(repo.cleave(&["verify", "--name", "x", "--", "true"]).ok());
    let again: String = mail(&["-v", "1"]);
    assert_eq!(again, posted, "nor is a build");
    // In a file of the series, so that a new version would stand on the base of the change.
    go_on("net/port.c");
    let again: String = mail(&["-v", "1"]);
    assert_eq!(again, posted);
}
