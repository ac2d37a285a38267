//! What people say of a change and what was posted of it, from the outside.

use std::fs;
use std::path::PathBuf;

use crate::support::{Output, TestRepo};

/// A branch of two commits without a word on the whole: a series of two patches each for two homes.
fn two_series(name: &str) -> TestRepo {
    let repo = TestRepo::new(name);
    let maintainers = "FILES\nM:\tFay File <fay@example.org>\nF:\tfs/\n\nNETS\nM:\tNed Net <ned@example.org>\nF:\tnet/\n";
    let plain = "int a(void)\n{\n\treturn 1;\n}\n";
    let other = "int o(void)\n{\n\treturn 1;\n}\n";
    repo.commit_files(
        "base",
        &[("MAINTAINERS", maintainers), ("fs/a.c", plain), ("fs/b.c", other), ("net/a.c", plain), ("net/b.c", other)],
    );
    for (path, name, value) in [("fs/a.c", "a", 10), ("fs/b.c", "o", 20), ("net/a.c", "a", 30), ("net/b.c", "o", 40)] {
        let folder = path.split('/').next().unwrap();
        repo.write(path, format!("int {name}(void)\n{{\n\treturn {value};\n}}\n"));
        let subject = format!("{folder}: return {value} from {name}()");
        repo.git(&["commit", "-q", "-a", "-m", &subject, "-m", "It is more."]);
    }
    repo.git(&["tag", "tip"]);
    drop(repo.cleave(&["plan", "base..tip", "--name", "x", "--finer", "--finer"]).ok());
    repo
}

fn beside(repo: &TestRepo, name: &str) -> PathBuf {
    repo.dir.parent().unwrap().join(name)
}

/// Writes the mails to `out`.
fn mail(repo: &TestRepo, words: &[&str]) -> Output {
    let out = beside(repo, "out");
    let mut all = vec!["mail", "-o", out.to_str().unwrap()];
    all.extend(words);
    repo.cleave(&all)
}

/// Gives the todo to `edit`.
fn edit(repo: &TestRepo, words: &[&str], todo: &str) -> Output {
    let path = beside(repo, "todo");
    fs::write(&path, todo).unwrap();
    let mut all = vec!["edit"];
    all.extend(words);
    all.extend(["--file", path.to_str().unwrap()]);
    repo.cleave(&all)
}

/// Says why, so that mails can be written.
fn say_why(repo: &TestRepo) {
    drop(edit(repo, &["--cover"], "blurb\n| Because more is better.\n").ok());
}

/// The mails in `out` by folder and name.
fn mails(repo: &TestRepo) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let out = beside(repo, "out");
    for folder in fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().path()) {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let name = path.strip_prefix(&out).unwrap().display().to_string();
            found.push((name, String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned()));
        }
    }
    found.sort();
    found
}

fn cover(repo: &TestRepo, series: &str) -> String {
    let is_cover = |name: &str| name.starts_with(&format!("{series}/")) && name.contains("0000-cover-letter");
    mails(repo).into_iter().find(|(name, _)| is_cover(name)).unwrap().1
}

#[test]
fn a_cover_in_which_nobody_says_why_is_not_mailed() {
    let repo = two_series("a_cover_in_which_nobody_says_why_is_not_mailed");
    let refused = mail(&repo, &[]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert_eq!(
        refused.stderr,
        "error: nobody says why: the cover letter of 'files', 'nets' has no text\n\
         hint: git cleave edit --cover, or --draft to see the mails without\n"
    );
    assert!(!beside(&repo, "out").exists());
    drop(mail(&repo, &["--draft"]).ok());
    let draft = cover(&repo, "files");
    assert!(draft.contains("Subject: [PATCH 0/2] *** SUBJECT HERE *** "), "{draft}");
    assert!(draft.contains("\n\n*** BLURB HERE ***\n\n"), "{draft}");
    // One series says it for itself; the other is still silent.
    drop(edit(&repo, &["--cover"], "series nets\ncover nets: more\n| Nets need it.\n").ok());
    assert!(mail(&repo, &[]).stderr.contains("the cover letter of 'files' has no text"));
    say_why(&repo);
    drop(mail(&repo, &[]).ok());
    assert!(cover(&repo, "files").contains("\n\nBecause more is better.\n\n"));
    let nets = cover(&repo, "nets");
    assert!(nets.contains("Subject: [PATCH 0/2] nets: more\n"), "{nets}");
    assert!(nets.contains("\n\nBecause more is better.\n\nNets need it.\n\n"), "{nets}");
}

#[test]
fn the_description_of_the_branch_is_the_blurb() {
    let repo = two_series("the_description_of_the_branch_is_the_blurb");
    repo.git(&["config", "branch.main.description", "The whole of it.\n\nIn two parts.\n"]);
    drop(repo.cleave(&["plan", "base..main", "--name", "y"]).ok());
    let todo = repo.cleave(&["edit", "--name", "y", "--print"]).ok();
    assert!(todo.starts_with("blurb\n| In two parts.\n\n") && todo.contains("\ncover net: The whole of it.\n"), "{todo}");
}

#[test]
fn what_a_person_wrote_is_kept_when_the_plan_is_made_anew() {
    let repo = two_series("what_a_person_wrote_is_kept_when_the_plan_is_made_anew");
    let todo = repo.cleave(&["edit", "--print"]).ok();
    let pick = todo.lines().find(|line| line.contains("return 30 from a()")).unwrap();
    let reworded = pick.replace("return 30 from a()", "let a() return 30");
    drop(edit(&repo, &[], &todo.replace(pick, &format!("{reworded}\n| Said by hand.\n|\n| Reported-by: R <r@x.org>\n|"))).ok());
    drop(edit(&repo, &["--cover", "nets"], "series nets\ncover nets: by hand\n| Text by hand.\n").ok());
    say_why(&repo);
    let plan = || fs::read_to_string(repo.dir.join(".git/cleave/plans/x/plan.toml")).unwrap();
    let before = plan();
    assert!(before.contains("Reported-by: R <r@x.org>"), "{before}");
    drop(repo.cleave(&["plan", "base..tip", "--name", "x", "--finer", "--finer"]).ok());
    assert_eq!(plan(), before, "the same change, cut in the same way");
    drop(repo.cleave(&["plan", "base..tip", "--name", "x", "--coarser", "--coarser", "--coarser", "-n", "2"]));
    let coarse = plan();
    assert!(coarse.contains("Because more is better.") && coarse.contains("Text by hand."), "{coarse}");
    // A tip that goes on: the patch keeps its words, the change id its day.
    repo.write("fs/c.c", "int c;\n");
    repo.commit("further");
    drop(repo.cleave(&["plan", "base..further", "--name", "x", "--finer", "--finer"]).ok());
    let further = plan();
    for kept in ["nets: by hand", "Because more is better.", "change_id = \"20231114-x-nets-"] {
        assert!(further.contains(kept), "{kept}: {further}");
    }
    // Whatever nobody wrote is made from the change.
    assert_eq!(further.matches("cover_body").count(), 3, "of the two series, and by hand of one of them: {further}");
}

#[test]
fn what_stands_for_a_text_is_not_a_text() {
    let repo = two_series("what_stands_for_a_text_is_not_a_text");
    let todo = repo.cleave(&["edit", "--cover", "--print"]).ok();
    assert!(todo.starts_with("blurb\n| *** BLURB HERE ***\n\nseries files\ncover "), "{todo}");
    drop(edit(&repo, &["--cover"], &todo).ok());
    assert!(mail(&repo, &[]).stderr.contains("nobody says why"));
    let left_in = edit(&repo, &["--cover"], "blurb\n| Why.\n| *** BLURB HERE ***\n");
    assert_eq!(left_in.code, Some(1));
    assert!(left_in.stderr.starts_with("error: line 1: the text still holds what stands for it"), "{left_in:?}");
    let unknown = edit(&repo, &["--cover"], "series none\ncover x\n");
    assert!(unknown.stderr.starts_with("error: line 1: there is no series 'none'"), "{unknown:?}");
    assert_eq!(edit(&repo, &["--cover", "none"], "").code, Some(2));
}

/// The ids of all mails, by what they say: all that a reader takes from them.
fn said(mails: &[(String, String)]) -> Vec<(String, String)> {
    let ours = ["Message-ID: ", "In-Reply-To: ", "References: ", "To: ", "Cc: ", "From ", "    "];
    let of_mail = |(_, text): &(String, String)| {
        let id = text.lines().find_map(|line| line.strip_prefix("Message-ID: ")).unwrap().to_owned();
        let (head, body) = text.split_once("\n\n").unwrap();
        let head: Vec<&str> = head.lines().filter(|line| !ours.iter().any(|name| line.starts_with(name))).collect();
        (id, format!("{}\n\n{body}", head.join("\n")))
    };
    mails.iter().map(of_mail).collect()
}

fn reword(repo: &TestRepo, from: &str, to: &str) {
    let todo = repo.cleave(&["edit", "--print"]).ok();
    assert!(todo.contains(from), "{todo}");
    drop(edit(repo, &[], &todo.replace(from, to)).ok());
}

#[test]
fn a_version_that_was_posted_stands_for_one_text() {
    let repo = two_series("a_version_that_was_posted_stands_for_one_text");
    say_why(&repo);
    let posted = mail(&repo, &["--posted"]);
    assert!(posted.stderr.ends_with("\nv1 is kept under refs/cleave/x/v1/\n"), "{}", posted.stderr);
    let called = "warning: the cover letter of 'nets' is called by the name of the change: git cleave edit --cover\n";
    assert!(posted.stderr.contains(called), "{}", posted.stderr);
    drop(posted.ok());
    let first = mails(&repo);
    let refs = repo.git(&["for-each-ref", "--format=%(refname)", "refs/cleave/x/v1/"]);
    let names: Vec<&str> = refs.lines().map(|name| name.strip_prefix("refs/cleave/x/v1/").unwrap()).collect();
    assert_eq!(names, ["all", "base", "files", "nets", "record", "tip"]);
    assert!(repo.cleave(&["list"]).ok().ends_with("  posted v1\n"));
    // The same text may be written again, and frozen again.
    drop(mail(&repo, &["--posted", "-v1"]).ok());
    assert_eq!(mails(&repo), first);
    // A text that changed may not, and the first mail that differs is named.
    reword(&repo, "net: return 30 from a()", "net: let a() return 30");
    let refused = mail(&repo, &["-v1"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert_eq!(
        refused.stderr,
        "error: v1 was posted, and 'nets/0001-net-let-a-return-30.patch' would differ from what was sent: its text changed\n\
         hint: -v2 posts it as the next version\n"
    );
    assert_eq!(mails(&repo), first, "what was written stays");
    let resent = mail(&repo, &["--resend"]);
    assert!(resent.stderr.starts_with("error: v1 was posted, and 'nets/0001-"), "{resent:?}");
    // Without a number the next version is meant, and what changed is asked for.
    let next = mail(&repo, &[]);
    assert_eq!(next.code, Some(1));
    assert!(
        next.stderr.starts_with("the text changed since v1 was posted ('nets/0001-net-let-a-return-30.patch'): this is v2\n"),
        "{next:?}"
    );
    assert!(next.stderr.contains("error: nobody says what changed since the last version: v2 of 'nets'\nhint: git cleave edit"));
    let todo = repo.cleave(&["edit", "--cover", "--print"]).ok();
    let asked =
        "changelog 2\n| *** CHANGES HERE ***\n| - patch 1/2 \"net: let a() return 30\": was \"net: return 30 from a()\"\n";
    assert!(todo.contains(asked), "{todo}");
    let left_in = edit(&repo, &["--cover"], &todo);
    assert!(left_in.stderr.contains("the text still holds what stands for it"), "{left_in:?}");
    drop(edit(&repo, &["--cover"], &todo.replace("| *** CHANGES HERE ***\n", "| - said better, as Ann asked\n")).ok());
    drop(mail(&repo, &["--posted"]).ok());
    let (v2, v1) = (mails(&repo), first);
    let nets = cover(&repo, "nets");
    let id = |mails: &[(String, String)], name: &str| {
        let mail = &mails.iter().find(|(file, _)| file == name).unwrap().1;
        mail.lines().find_map(|line| line.strip_prefix("Message-ID: <")).unwrap().trim_end_matches('>').to_owned()
    };
    let link = format!("- Link to v1: https://lore.kernel.org/r/{}\n", id(&v1, "nets/0000-cover-letter.patch"));
    let changes = format!(
        "\n\nChanges in v2:\n- said better, as Ann asked\n- patch 1/2 \"net: let a() return 30\": was \"net: return 30 from a()\"\n{link}"
    );
    assert!(nets.contains(&changes), "{nets}");
    assert!(nets.contains("\nRange-diff against v1:\n1:  ") && nets.contains("    -    net: return 30 from a()\n"), "{nets}");
    // The other series says what it said, and keeps its version.
    let of = |mails: &[(String, String)], series: &str| -> Vec<(String, String)> {
        mails.iter().filter(|(name, _)| name.starts_with(&format!("{series}/"))).cloned().collect()
    };
    assert_eq!(of(&v2, "files"), of(&v1, "files"));
    let files_link = format!("<{}>", id(&v1, "files/0000-cover-letter.patch"));
    assert!(nets.contains(&files_link), "{nets}");
    let refs = repo.git(&["for-each-ref", "--format=%(refname)", "refs/cleave/x/v2/"]);
    let names: Vec<&str> = refs.lines().map(|name| name.strip_prefix("refs/cleave/x/v2/").unwrap()).collect();
    assert_eq!(names, ["all", "base", "nets", "record", "tip"]);
    // One name over all versions; nothing replies to the old version.
    let change_id = |text: &str| text.lines().find(|line| line.starts_with("change-id: ")).unwrap().to_owned();
    let old_cover = &v1.iter().find(|(name, _)| name == "nets/0000-cover-letter.patch").unwrap().1;
    assert_eq!(change_id(&nets), change_id(old_cover));
    let old_ids: Vec<String> = said(&v1).into_iter().map(|(id, _)| id).collect();
    let replies =
        |text: &str, id: &String| text.contains(&format!("In-Reply-To: {id}")) || text.contains(&format!("References: {id}"));
    assert!(of(&v2, "nets").iter().all(|(_, text)| !old_ids.iter().any(|id| replies(text, id))));
    assert!(of(&v2, "nets").iter().all(|(name, _)| name.contains("/v2-")));
    // gc takes nothing of it, and drop all.
    repo.git(&["reflog", "expire", "--expire=now", "--all"]);
    repo.git(&["gc", "-q", "--prune=now"]);
    assert!(repo.git(&["show", "refs/cleave/x/v1/record:posted.toml"]).contains("[[posting]]"));
    drop(mail(&repo, &["--posted", "-v2"]).ok());
    assert_eq!(mails(&repo), v2);
    assert!(mail(&repo, &["-v1"]).stderr.contains("v1 was posted, and"));
    let nothing = mail(&repo, &[]);
    assert_eq!(nothing.code, Some(0), "{nothing:?}");
    assert!(nothing.stderr.contains("unchanged since v1: files\nunchanged since v2: nets\n"), "{nothing:?}");
    assert_eq!(mails(&repo), v2);
    // Now the other one changes: that is its v2, and it says where the v2 of the first is.
    reword(&repo, "fs: return 10 from a()", "fs: let a() return 10");
    let other = mail(&repo, &[]);
    let said = ": this is v2\nunchanged since v2: nets\nerror: nobody says what changed since the last version: v2 of 'files'\n";
    assert!(other.stderr.contains(said), "{other:?}");
    assert!(mail(&repo, &["-v1"]).stderr.starts_with("error: v1 was posted, and 'files/0001-"));
    drop(edit(&repo, &["--cover"], "series files\nchangelog 2\n| - said better\n").ok());
    drop(mail(&repo, &["--posted"]).ok());
    let both = mails(&repo);
    assert_eq!(of(&both, "nets"), of(&v2, "nets"));
    assert!(cover(&repo, "files").contains(&id(&v2, "nets/v2-0000-cover-letter.patch")));
    assert_eq!(repo.git(&["for-each-ref", "refs/cleave/x/v2/"]).lines().count(), 6);
    let record = repo.git(&["show", "refs/cleave/x/v2/record:posted.toml"]);
    assert!(record.contains("name = \"files\"") && record.contains("name = \"nets\""), "{record}");
    assert!(mail(&repo, &["-v5", "--draft"]).stderr.contains("v4 was not posted"));
    drop(repo.cleave(&["drop", "x", "--posted"]).ok());
    assert_eq!(repo.git(&["for-each-ref", "refs/cleave/x/", "refs/heads/cleave/"]), "");
}

#[test]
fn what_is_sent_again_is_marked_and_has_new_names() {
    let repo = two_series("what_is_sent_again_is_marked_and_has_new_names");
    say_why(&repo);
    let never = mail(&repo, &["--resend"]);
    assert_eq!(never.stderr, "error: v1 was not posted with --posted, so it cannot be sent again\n");
    drop(mail(&repo, &["--posted"]).ok());
    let first = mails(&repo);
    drop(mail(&repo, &["--resend"]).ok());
    let once = mails(&repo);
    drop(mail(&repo, &["--resend", "--posted"]).ok());
    assert_eq!(mails(&repo), once, "it was not sent in between");
    drop(mail(&repo, &["--resend", "--posted"]).ok());
    let twice = mails(&repo);
    assert!(once.iter().all(|(_, text)| text.contains("\nSubject: [PATCH RESEND ")));
    let ids = [&first, &once, &twice].map(|mails| said(mails));
    let mut all: Vec<&String> = ids.iter().flatten().map(|(id, _)| id).collect();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 3 * first.len());
    let bodies = |said: &[(String, String)]| -> Vec<String> {
        said.iter().map(|(_, text)| text.split_once("\n\n").unwrap().1.to_owned()).collect()
    };
    // Covers name those of the other series, which have new names too.
    let is_patch = |body: &&String| body.contains("\ndiff --git ");
    let (one, other) = (bodies(&ids[0]), bodies(&ids[1]));
    assert!(one.iter().filter(is_patch).eq(other.iter().filter(is_patch)));
    drop(mail(&repo, &["-v", "1"]).ok());
    assert_eq!(mails(&repo), first, "without the flag it is the version itself");
}

#[test]
fn versions_posted_by_hand_are_possible_and_said() {
    let repo = two_series("versions_posted_by_hand_are_possible_and_said");
    say_why(&repo);
    let by_hand = mail(&repo, &["-v3", "--posted"]);
    assert!(by_hand.stderr.starts_with("v2 was not posted with --posted: the mails link no version before v3\n"), "{by_hand:?}");
    assert!(!cover(&repo, "nets").contains("Changes in"));
    let past = mail(&repo, &["-v2"]);
    assert_eq!(past.stderr, "error: v2 would come after v3, which was posted\nhint: -v4\n");
    // What a person says of a version is said, whatever was posted before.
    drop(edit(&repo, &["--cover"], "series nets\nchangelog 4\n| - by hand\n| --- a/net/a.c\n").ok());
    let four = mail(&repo, &["-v4"]);
    assert_eq!(four.code, Some(0), "{four:?}");
    assert!(cover(&repo, "nets").contains("Changes in v4:\n- by hand\n --- a/net/a.c\n- Link to v3: "));
    drop(mail(&repo, &["-v4", "--no-range-diff"]).ok());
    assert!(!cover(&repo, "nets").contains("Range-diff"));
    let draft = mail(&repo, &["-v4", "--draft", "--posted"]);
    assert_eq!(draft.code, Some(2), "a draft is not posted: {draft:?}");
}

#[test]
fn no_name_stands_for_two_texts() {
    let repo = two_series("no_name_stands_for_two_texts");
    let mut texts: std::collections::BTreeMap<String, String> = std::collections::BTreeMap::new();
    let mut look = |words: &[&str]| {
        let output = mail(&repo, words);
        if output.code == Some(0) {
            for (id, text) in said(&mails(&repo)) {
                let first = texts.entry(id.clone()).or_insert_with(|| text.clone());
                assert_eq!(*first, text, "{id} stands for two texts");
            }
        }
    };
    // A walk over what people do, the same on every run.
    let mut state = 7_u32;
    let mut next = |n: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) % n
    };
    for step in 0..24 {
        match next(6) {
            0 => drop(edit(&repo, &["--cover"], &format!("blurb\n| Why {}.\n", next(3)))),
            1 => drop(edit(&repo, &["--cover"], &format!("series nets\ncover nets: {}\n| Text {}.\n", next(2), next(2)))),
            2 => {
                let todo = repo.cleave(&["edit", "--print"]).ok();
                let picks: Vec<&str> = todo.lines().filter(|line| line.starts_with("pick ")).collect();
                let pick = picks[usize::try_from(next(4)).unwrap()];
                let words: Vec<&str> = pick.splitn(3, ' ').collect();
                let reworded = format!("pick {} {} again\n| Body {}.", words[1], words[2].trim_end_matches(" again"), next(2));
                drop(edit(&repo, &[], &todo.replace(pick, &reworded)));
            }
            3 => look(&["-v1", "--draft"]),
            4 => look(&["--draft", "--rfc"]),
            _ => drop(edit(&repo, &["--cover"], &format!("series nets\nchangelog 2\n| - {step}\n"))),
        }
        look(&["--draft"]);
        look(if step == 12 { &["--posted"] } else { &["--resend"] });
    }
    assert!(texts.len() > 20, "{}", texts.len());
}

#[test]
fn what_was_posted_and_did_not_change_is_not_written_again() {
    let repo = two_series("what_was_posted_and_did_not_change_is_not_written_again");
    say_why(&repo);
    drop(mail(&repo, &["--posted"]).ok());
    let posted = mails(&repo);
    fs::remove_dir_all(beside(&repo, "out")).unwrap();
    let again = mail(&repo, &[]);
    assert_eq!(
        (again.code, again.stdout.as_str(), again.stderr.as_str()),
        (
            Some(0),
            "",
            "unchanged since v1: files, nets\nnothing to mail: -v N writes the mails of version N as they were, --resend sends them again\n"
        )
    );
    assert!(!beside(&repo, "out").exists());
    drop(mail(&repo, &["-v", "1"]).ok());
    assert_eq!(mails(&repo), posted);
}
