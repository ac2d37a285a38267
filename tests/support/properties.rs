//! What holds of every text that comes from outside: `tests/hostile.rs` draws the texts, `fuzz/` looks for them. A function returns where all
//! that it promises holds, and panics where not.
#![allow(dead_code, missing_docs, unreachable_pub, reason = "each test binary uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a property that does not hold says so by failing")]

use std::path::Path;

use bstr::ByteSlice;
use get_maintainer::{Codeowners, Dialect, Mailbox, Mailmap, Maintainers, Question, Sources};
use git_cleave::analyze;
use git_cleave::analyze::Analysis;
use git_cleave::mail::lint;
use git_cleave::model::{
    Campaign, Change, Content, EditSet, Entry, FileChange, Home, HomeIdx, Landing, Message, Mode, Patch, PatchIdx, Plan, Series,
    Words, compose,
};
use git_cleave::plan::address::addresses;
use git_cleave::plan::check::{Asked, check};
use git_cleave::plan::relate::relations;
use git_cleave::plan::{store, todo};
use git_cleave::verify::diagnose::{diagnose, ran_out, warnings, what_broke};

use crate::support::memory::{change_of, entry};

/// Returns the change of one file, each side as a text.
pub fn change(path: &str, base: Option<&[u8]>, tip: Option<&[u8]>) -> Change {
    // What git takes for no text is one for the readers here.
    let text = |bytes: &[u8]| Entry { content: Content::Text(bytes.into()), ..entry(path, Mode::File, bytes) };
    change_of(vec![FileChange { base: base.map(text), tip: tip.map(text) }])
}

/// Reads the change in every way a plan does, and composes it again.
pub fn plan_of(change: Change) -> Plan {
    let analysis = analyze::analyze(change);
    let relations = relations(&analysis);
    let Analysis { change, edits, occurrences, .. } = analysis;
    drop(analyze::rules::rules(&change, &edits));
    let whole = compose(&change, &edits, &EditSet::full(edits.len())).unwrap();
    let tip = change.files[0].tip.as_ref();
    assert_eq!(whole.len(), usize::from(tip.is_some()));
    let message = Message { subject: "all".into(), ..Message::default() };
    let home = Home { name: "h".into(), tree: None, slug: "h".into() };
    let patch = Patch {
        patch_id: "all".into(),
        edits: edits.iter().map(|(edit_id, _)| edit_id).collect(),
        message: message.clone(),
        author: change.committer.clone(),
        home: HomeIdx(0),
        why: Vec::new(),
    };
    let series = Series {
        name: "h".into(),
        home: HomeIdx(0),
        patches: vec![PatchIdx(0)],
        needs: Vec::new(),
        cover: message,
        part: None,
        waits: Vec::new(),
    };
    let campaign = Campaign { homes: vec![home], patches: vec![patch], series: vec![series] };
    let all = campaign.patches[0].edits.clone();
    drop(check(&change, &edits, &occurrences, &[all], &Asked::default()));
    Plan {
        name: "x".into(),
        branch: None,
        change,
        edits,
        relations,
        from_check: Vec::new(),
        from_builds: Vec::new(),
        overridden: Vec::new(),
        campaign,
        landing: Landing::default(),
        words: Words::default(),
    }
}

/// Tokens follow each other; items are whole lines; the copy that the grammar reads is as long as the text.
pub fn c_text(text: &[u8]) {
    let mut end = 0;
    for token in cleave_c::lex::tokens(text) {
        assert!(token.span.start >= end && token.span.end > token.span.start && token.span.end <= text.len(), "{token:?}");
        end = token.span.end;
    }
    let syntax = cleave_c::parse(text);
    let mut end = 0;
    for item in syntax.items() {
        assert!(item.span.start >= end && item.span.end > item.span.start && item.span.covers(item.core), "{item:?}");
        assert!(item.span.start == 0 || text[item.span.start - 1] == b'\n', "{item:?}");
        assert!(item.span.end == text.len() || text[item.span.end - 1] == b'\n', "{item:?}");
        end = item.span.end;
    }
    assert_eq!(syntax.code().len(), text.len());
    assert_eq!(cleave_c::n_faults(text) > 0, syntax.root().is_none_or(|root| root.has_error()));
}

/// Every file of owners is read, and every question is answered.
pub fn owners(text: &[u8], other: &[u8], path: &[u8]) {
    for dialect in [Dialect::Linux, Dialect::UBoot, Dialect::Qemu, Dialect::Xen] {
        let of = |text: &[u8]| Sources {
            dialect,
            files: vec![("MAINTAINERS".into(), text.to_vec())],
            ignore: other.to_vec(),
            mailmap: other.to_vec(),
            options: None,
        };
        for maintainers in [Maintainers::parse(&of(text)), Maintainers::with_additions(&of(text), &of(other))] {
            drop(maintainers.owners(path.as_bstr(), Some(other), &|_| false));
            drop(maintainers.home(path.as_bstr(), &|_| true));
            let patch = maintainers.patch(&[b"Fixes: 0123456\n+++ b/".as_slice(), other].concat());
            let paths = patch.paths.iter().map(|path| (path.as_bstr(), Some(other.into()))).collect();
            let fixes = patch.fixes.into_iter().map(|commit| (commit, text.to_vec())).collect();
            let question = Question { paths, keywords: patch.keywords, fixes, history: [(0, other.to_vec())].into() };
            drop(maintainers.answer(&question, &|_| false));
        }
    }
    drop(Codeowners::parse(text).home(path.as_bstr()));
    drop(Mailmap::parse(text).mapped(&Mailbox::read(other)));
}

/// What a compiler says is read; no more lines are shown than were asked for.
pub fn compiler_output(log: &[u8]) {
    let root = Path::new("/build");
    drop((diagnose(log, root), ran_out(log), warnings(log, root)));
    assert!(what_broke(log, root, 5).len() <= 5);
}

/// Mails are read and judged; what is said of one points at one that is there.
pub fn mails(bytes: &[u8]) {
    let mut postings = lint::of_mbox("x.mbox", bytes);
    postings.push(lint::MailSet { name: "one".into(), letters: vec![lint::Letter::read("x.patch", bytes)] });
    drop((lint::named_commits(&postings), lint::new_files(&postings)));
    for finding in lint::lint(&postings, &lint::World::default()) {
        let (posting, mail) = finding.mail;
        assert!(mail < postings[posting].letters.len(), "{finding:?}");
    }
}

/// The lines of a diff are text of it, and each line of the new side has the number after the one before.
pub fn diff_text(text: &[u8]) {
    for file in lint::diff::files(text) {
        for line in &file.lines {
            assert!(line.text.is_empty() || text.find(line.text.as_slice()).is_some(), "{line:?}");
        }
    }
    drop(Maintainers::parse(&Sources::default()).patch(text));
}

/// What is stored of the plan is read as that plan; what somebody made of the text is read as something or refused, and written as it was read.
pub fn stored_plan(plan: &Plan, damaged: &str) {
    let read = |text: &str| store::read(text)?.resolve(plan.change.clone(), plan.edits.clone(), Vec::new());
    assert_eq!(read(&store::write(plan).unwrap()).unwrap().campaign, plan.campaign);
    if let Ok(stored) = store::read(damaged) {
        drop(stored.commits());
        if let Ok(other) = stored.resolve(plan.change.clone(), plan.edits.clone(), Vec::new()) {
            assert_eq!(read(&store::write(&other).unwrap()).unwrap().campaign, other.campaign);
        }
    }
}

/// The todo of the plan is read as that plan; what somebody made of it keeps each edit in one patch, or is refused.
pub fn todo_text(plan: &Plan, damaged: &str) {
    let addresses = addresses(&plan.change, &plan.edits);
    let shown = todo::render(plan, &addresses, todo::Show::Diff);
    let n_edits = |patches: &[Patch]| patches.iter().map(|patch| patch.edits.len()).sum::<usize>();
    let intact = todo::parse(&shown, plan, &addresses).unwrap().unwrap();
    assert_eq!(intact.campaign.patches.len(), plan.campaign.patches.len());
    if let Ok(Some(other)) = todo::parse(damaged, plan, &addresses) {
        assert_eq!(n_edits(&other.campaign.patches), plan.edits.len());
    }
}
