//! Laws of the model, over generated changes.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by failing")]

mod support;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use bstr::{BString, ByteSlice};
use git_cleave::analyze::{self, Analysis, analyze};
use git_cleave::model::compose::Data;
use git_cleave::model::trailer::{self, Trailer};
use git_cleave::model::{
    Bridge, Bridged, Campaign, Change, Edit, EditId, EditKind, EditSet, Edits, FileChange, FileId, FileState, Home, HomeIdx,
    Landing, LandingMode, Message, Mode, Patch, Plan, Series, Span, TextId, Tie, Words, compose,
};
use git_cleave::plan::bridge;
use git_cleave::plan::{address::addresses, knots::knots, order::order, relate::relations, series};
use git_cleave::read;
use git_cleave::write::{Posting, checked};
use proptest::prelude::*;
use support::TestRepo;
use support::memory::{change_of, entry, object_id};

type Tree = BTreeMap<String, (Mode, Vec<u8>)>;

/// Makes the change between two trees; `renames` pairs a path that leaves with one that comes.
fn change(base: &Tree, tip: &Tree, renames: &[(String, String)]) -> Change {
    let mut files = Vec::new();
    let renamed = |path: &str, old: bool| renames.iter().any(|(from, to)| if old { from == path } else { to == path });
    for (path, (mode, bytes)) in base {
        let there = tip.get(path).filter(|_| !renamed(path, true));
        match there {
            Some(new) if new == &(*mode, bytes.clone()) => {}
            Some((new_mode, new_bytes)) if mode.is_regular() == new_mode.is_regular() => {
                files.push(FileChange { base: Some(entry(path, *mode, bytes)), tip: Some(entry(path, *new_mode, new_bytes)) })
            }
            Some((new_mode, new_bytes)) => {
                files.push(FileChange { base: Some(entry(path, *mode, bytes)), tip: None });
                files.push(FileChange { base: None, tip: Some(entry(path, *new_mode, new_bytes)) });
            }
            None if renamed(path, true) => {}
            None => files.push(FileChange { base: Some(entry(path, *mode, bytes)), tip: None }),
        }
    }
    for (path, (mode, bytes)) in tip {
        if let Some((from, _)) = renames.iter().find(|(_, to)| to == path) {
            let (old_mode, old_bytes) = &base[from];
            files.push(FileChange { base: Some(entry(from, *old_mode, old_bytes)), tip: Some(entry(path, *mode, bytes)) });
        } else if !base.contains_key(path) {
            files.push(FileChange { base: None, tip: Some(entry(path, *mode, bytes)) });
        }
    }
    files.sort_by_key(|file| (BString::from(file.path()), file.tip.is_some()));
    change_of(files)
}

/// What the change's own files look like in a tree.
fn expected(change: &Change, tip: bool) -> BTreeMap<BString, FileState> {
    let side = |file: &FileChange| if tip { file.tip.clone() } else { file.base.clone() };
    change
        .files
        .iter()
        .filter_map(side)
        .map(|entry| (entry.path.clone(), FileState { path: entry.path, mode: entry.mode, data: Data::Object(entry.object_id) }))
        .collect()
}

const ITEMS: &[&str] = &[
    "#include <linux/a.h>\n",
    "#include \"b.h\"\n",
    "int a(int x)\n{\n\treturn x;\n}\n",
    "int a(long x, int y)\n{\n\treturn b(x) + y;\n}\n",
    "static int b(int x)\n{\n\tint i = x;\n\n\treturn i;\n}\n",
    "/* About c. */\nstruct c {\n\tint one;\n\tint two;\n};\n",
    "struct c {\n\tint one;\n\tlong three;\n};\n",
    "#ifdef CONFIG_D\n",
    "#endif\n",
    "#define E(x) ((x)->one)\n",
    "\n",
    "}\n",
    "int f(void)\n{\n\treturn E(p) + a(1, 2);\n}",
    "EXPORT_SYMBOL(a);\n",
    "obj-y += a.o\n",
];

fn text() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(proptest::sample::select(ITEMS), 0..9).prop_map(|items| items.concat().into_bytes())
}

fn file() -> impl Strategy<Value = (Mode, Vec<u8>)> {
    prop_oneof![
        8 => text().prop_map(|bytes| (Mode::File, bytes)),
        1 => text().prop_map(|bytes| (Mode::Executable, bytes)),
        1 => Just((Mode::Symlink, b"target".to_vec())),
        1 => Just((Mode::File, b"\0binary".to_vec())),
    ]
}

const PATHS: &[&str] = &["a.c", "a.h", "d", "d/e.c", "d/e/f.c", "Makefile", "z.txt"];

/// A tree of few files; a file is never also a folder.
fn tree() -> impl Strategy<Value = Tree> {
    proptest::collection::btree_map(proptest::sample::select(PATHS).prop_map(String::from), file(), 0..5).prop_map(|tree| {
        let paths: Vec<String> = tree.keys().cloned().collect();
        tree.into_iter().filter(|(path, _)| !paths.iter().any(|other| path.starts_with(&format!("{other}/")))).collect()
    })
}

fn changes() -> impl Strategy<Value = Change> {
    (tree(), tree(), any::<bool>()).prop_map(|(base, tip, rename)| {
        let leaves = base.iter().find(|(path, (mode, _))| !tip.contains_key(*path) && mode.is_regular());
        let comes = tip.iter().find(|(path, (mode, _))| !base.contains_key(*path) && mode.is_regular());
        let renames = match (rename, leaves, comes) {
            (true, Some((from, _)), Some((to, _))) => vec![(from.clone(), to.clone())],
            _ => Vec::new(),
        };
        change(&base, &tip, &renames)
    })
}

/// Cuts a change as fine as it goes, dealt to so many homes.
fn cut(change: &Change, n_homes: usize) -> Plan {
    let analysis = analyze(change.clone());
    let relations = relations(&analysis);
    let knots = knots(&analysis.edits, &relations);
    let members: Vec<Vec<EditId>> = knots.iter().map(|knot| knot.edits.clone()).collect();
    let ordered = order(&analysis, &relations, &members, &vec![None; members.len()]).unwrap();
    let Analysis { change, edits, .. } = analysis;
    let homes: Vec<Home> =
        (0..n_homes).map(|nth| Home { name: format!("HOME {nth}").into(), tree: None, slug: format!("home-{nth}") }).collect();
    let mut patches: Vec<Patch> = ordered
        .iter()
        .map(|&idx| Patch {
            patch_id: format!("patch-{idx}"),
            edits: members[idx].clone(),
            message: Message { subject: format!("patch {idx}").into(), ..Message::default() },
            author: change.committer.clone(),
            home: HomeIdx(idx % n_homes),
            why: Vec::new(),
        })
        .collect();
    let mut series = series::series(&change, &edits, &relations, &homes, &patches);
    series::in_line(&mut patches, &mut series);
    Plan {
        name: "x".into(),
        branch: None,
        change,
        edits,
        relations,
        from_check: Vec::new(),
        from_builds: Vec::new(),
        overridden: Vec::new(),
        campaign: Campaign { homes, patches, series },
        landing: Landing::default(),
        words: Words::default(),
    }
}

/// Adds what the chosen edits require.
fn closed(edits: &Edits, chosen: impl Iterator<Item = EditId>) -> EditSet {
    let mut set = EditSet::empty(edits.len());
    let mut open: Vec<EditId> = chosen.collect();
    while let Some(edit_id) = open.pop() {
        if set.insert(edit_id) {
            open.extend(&edits.get(edit_id).requires);
        }
    }
    set
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_edits_are_the_base_and_all_are_the_tip(change in changes()) {
        let edits = read::edits(&change);
        prop_assert_eq!(compose(&change, &edits, &EditSet::empty(edits.len())).unwrap(), expected(&change, false));
        prop_assert_eq!(compose(&change, &edits, &EditSet::full(edits.len())).unwrap(), expected(&change, true));
    }

    #[test]
    fn every_closed_set_composes(change in changes(), picks in proptest::collection::vec(any::<proptest::sample::Index>(), 0..6)) {
        let edits = read::edits(&change);
        if !edits.is_empty() {
            let set = closed(&edits, picks.iter().map(|pick| EditId::at(pick.index(edits.len()))));
            prop_assert!(set.gap(&edits).is_none());
            prop_assert!(compose(&change, &edits, &set).is_ok(), "{:?}", compose(&change, &edits, &set));
        }
    }

    #[test]
    fn knots_hold_each_edit_once_and_can_be_ordered(change in changes()) {
        let analysis = analyze(change);
        let relations = relations(&analysis);
        let Analysis { change, edits, .. } = analysis;
        let knots = knots(&edits, &relations);
        let mut all: Vec<EditId> = knots.iter().flat_map(|knot| knot.edits.clone()).collect();
        all.sort();
        prop_assert_eq!(all, edits.whole().iter().collect::<Vec<_>>());
        // Any order that respects the relations ends in the tip; every step on the way composes.
        let place = git_cleave::plan::knots::places(edits.len(), &knots);
        let mut done = vec![false; knots.len()];
        let mut set = EditSet::empty(edits.len());
        while let Some(next) = (0..knots.len()).rev().find(|&idx| {
            !done[idx] && relations.iter().all(|relation| {
                let (first, second) = (place[relation.first.idx()].unwrap(), place[relation.second.idx()].unwrap());
                relation.tie != Tie::Before || second != idx || first == idx || done[first]
            })
        }) {
            done[next] = true;
            set.extend(knots[next].edits.iter().copied());
            prop_assert!(compose(&change, &edits, &set).is_ok());
        }
        prop_assert!(done.iter().all(|done| *done));
        prop_assert_eq!(compose(&change, &edits, &set).unwrap(), expected(&change, true));
    }

    #[test]
    fn bridges_and_rules_take_any_change(change in changes()) {
        let analysis = analyze(change);
        let relations = relations(&analysis);
        let Analysis { change, edits, .. } = &analysis;
        let rules = analyze::rules::rules(change, edits);
        for (edit_id, edit) in edits.iter() {
            let n_bytes = edit.removed(change).len();
            prop_assert!(rules.sites(edit_id.idx()).iter().all(|site| site.at <= n_bytes && site.rule_idx < rules.all.len()));
        }
        let homes: Vec<HomeIdx> = edits.iter().map(|(edit_id, _)| HomeIdx(edit_id.idx() % 3)).collect();
        let (Analysis { change, edits, .. }, _, _) = bridge::bridge(analysis, relations, &homes, 1);
        let whole = edits.whole();
        prop_assert_eq!(compose(&change, &edits, &whole).unwrap(), expected(&change, true));
    }

    #[test]
    fn addresses_are_unique_and_read_back(change in changes()) {
        let edits = read::edits(&change);
        let all = addresses(&change, &edits);
        let unique: std::collections::BTreeSet<_> = all.iter().collect();
        prop_assert_eq!(unique.len(), all.len());
        for address in &all {
            let read: git_cleave::model::Address = address.to_string().parse().unwrap();
            prop_assert_eq!(&read, address);
        }
    }

    #[test]
    fn however_it_lands_each_patch_is_in_one_series(
        change in changes(),
        n_homes in 1..4usize,
        at_most in 1..5usize,
        mode in proptest::sample::select(&LandingMode::ALL[..]),
    ) {
        let cut = cut(&change, n_homes);
        let as_cut = cut.campaign.series.clone();
        let landing = Landing { mode, at_most };
        let plan = Posting::of(Plan { landing, ..cut.clone() });
        prop_assert!(checked(&plan).is_ok(), "{:?}", checked(&plan).err());
        prop_assert_eq!(&plan.campaign.patches, &cut.campaign.patches);
        let homes: std::collections::BTreeSet<_> = plan.campaign.series.iter().map(|series| series.home).collect();
        prop_assert!(mode != LandingMode::OneTree || homes.len() < 2);
        for (idx, series) in plan.campaign.series.iter().enumerate() {
            prop_assert!(series.patches.len() <= at_most);
            prop_assert!(series.waits.iter().chain(&series.needs).all(|other| other.0 < idx), "what it waits for comes before");
            // So much is out at once: what is not known to have landed when this is sent. On a flag day all is.
            let mut landed: Vec<usize> = series.waits.iter().map(|wait| wait.0).collect();
            while let Some(next) = landed.iter().flat_map(|&idx| plan.campaign.series[idx].waits.iter().chain(&plan.campaign.series[idx].needs)).map(|other| other.0).find(|other| !landed.contains(other)) {
                landed.push(next);
            }
            let out = (0..=idx).filter(|other| plan.campaign.series[*other].home == series.home && !landed.contains(other));
            let n_out: usize = out.map(|other| plan.campaign.series[other].patches.len()).sum();
            prop_assert!(mode == LandingMode::FlagDay || n_out <= at_most.max(series.patches.len()));
        }
        // The cut is what is kept: another mode is another function of it.
        let back = Posting::of(Plan { landing: Landing { mode: LandingMode::PerTree, at_most: usize::MAX }, ..cut });
        let unheld = |series: &Vec<Series>| series.iter().map(|one| Series { waits: Vec::new(), ..one.clone() }).collect::<Vec<_>>();
        prop_assert_eq!(unheld(&back.campaign.series), as_cut);
    }

    #[test]
    fn two_runs_are_equal(change in changes()) {
        let (one, other) = (read::edits(&change), read::edits(&change));
        prop_assert_eq!(&one.all, &other.all);
        let shown = |change: &Change| format!("{:?}", relations(&analyze(change.clone())));
        prop_assert_eq!(shown(&change), shown(&change));
        // File by file with one parse, or one stage after the other: the same.
        let Analysis { change, edits, facts, .. } = analyze(change);
        prop_assert_eq!(&one.all, &edits.all);
        prop_assert_eq!(format!("{:?}", facts.facts), format!("{:?}", analyze::facts(&change, &one).facts));
    }

    #[test]
    fn no_bytes_break_the_readers(bytes in proptest::collection::vec(any::<u8>(), 0..400), words in proptest::collection::vec(proptest::sample::select(ITEMS), 0..6)) {
        let mut mixed = words.concat().into_bytes();
        mixed.splice(mixed.len() / 2..mixed.len() / 2, bytes.clone());
        let one: Tree = [("a.c".to_owned(), (Mode::File, bytes))].into();
        let other: Tree = [("a.c".to_owned(), (Mode::File, mixed))].into();
        let change = change(&one, &other, &[]);
        let analysis = analyze(change);
        prop_assert!(relations(&analysis).len() < 100_000);
        let Analysis { change, edits, .. } = analysis;
        prop_assert_eq!(compose(&change, &edits, &EditSet::full(edits.len())).unwrap(), expected(&change, true));
    }
}

/// What a user of the member looks like; the tip has the new name in place of the old.
const USERS: &[&str] = &[
    "int f(struct s *p)\n{\n\treturn p->old;\n}\n",
    "int g(struct s *p, struct t *t)\n{\n\tp->old = t->s[1].old;\n\treturn 0;\n}\n",
    "#define F(p) ((p)->old + 1)\n",
    "static struct s x = { .old = 1 };\n",
    "/* p->old is read only. */\nint h;\n",
    "int k(struct s *p)\n{\n\tint old = p->a;\n\n\treturn p->old + old;\n}\n",
];
/// What the member stands among.
const RECORDS: &[&str] = &[
    "struct s {\n\tint a;\n\tint old;\n};\n",
    "struct s {\n\tint old; /* what */\n\tint a;\n};\n",
    "struct s {\n\tint a;\n\tunion {\n\t\tint old;\n\t\tlong b;\n\t};\n};\n",
    "struct s {\n\tint a;\n\tstruct {\n\t\tint b;\n\t\tint old, *c;\n\t};\n};\n",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bridges_leave_nothing_behind(
        record in proptest::sample::select(RECORDS),
        users in proptest::collection::vec((0..4usize, proptest::sample::select(USERS)), 1..9),
        picks in proptest::collection::vec(any::<proptest::sample::Index>(), 40),
    ) {
        let mut base: Tree = [("a/s.h".to_owned(), (Mode::File, record.as_bytes().to_vec()))].into();
        for (idx, (folder, user)) in users.iter().enumerate() {
            let path = format!("{}/u{idx}.c", ["a", "b", "c", "d"][*folder]);
            base.insert(path, (Mode::File, user.as_bytes().to_vec()));
        }
        let renamed = |bytes: &[u8]| bytes.replace("->old", "->new").replace(".old", ".new").replace("int old;", "int new;").replace("int old,", "int new,");
        let tip: Tree = base.iter().map(|(path, (mode, bytes))| (path.clone(), (*mode, renamed(bytes)))).collect();
        let change = change(&base, &tip, &[]);
        let analysis = analyze(change);
        let relations = relations(&analysis);
        let Analysis { change, edits, .. } = &analysis;
        let homes: Vec<HomeIdx> = edits.iter().map(|(_, edit)| HomeIdx(change.file(edit.file_id).path()[0].into())).collect();
        let (Analysis { change, edits, .. }, relations, _) = bridge::bridge(analysis, relations, &homes, usize::MAX);
        let knots = knots(&edits, &relations);
        let place = git_cleave::plan::knots::places(edits.len(), &knots);
        let mut done = vec![false; knots.len()];
        let mut set = EditSet::empty(edits.len());
        for pick in picks.iter().cycle() {
            let free: Vec<usize> = (0..knots.len()).filter(|&idx| {
                !done[idx] && relations.iter().all(|relation| {
                    let (first, second) = (place[relation.first.idx()].unwrap(), place[relation.second.idx()].unwrap());
                    relation.tie != Tie::Before || second != idx || first == idx || done[first]
                })
            }).collect();
            if free.is_empty() {
                break;
            }
            let next = free[pick.index(free.len())];
            done[next] = true;
            set.extend(knots[next].edits.iter().copied());
            let files = compose(&change, &edits, &set).unwrap();
            let bytes = |path: &str| match &files[path.as_bytes().as_bstr()].data {
                Data::Bytes(bytes) => bytes.to_vec(),
                Data::Object(id) => [&base, &tip].iter().map(|tree| &tree[path]).find(|(mode, bytes)| object_id(*mode, bytes) == *id).unwrap().1.clone(),
            };
            let header = bytes("a/s.h");
            for path in base.keys().filter(|path| path.ends_with(".c")) {
                let user = bytes(path);
                for name in ["old", "new"] {
                    let uses = user.contains_str(format!("->{name}")) || user.contains_str(format!(".{name}"));
                    let has = header.contains_str(format!("int {name};")) || header.contains_str(format!("int {name},"));
                    prop_assert!(!uses || has || user.starts_with(b"/*"), "{path} uses {name} while it is not there");
                }
            }
        }
        prop_assert!(done.iter().all(|done| *done));
        prop_assert_eq!(compose(&change, &edits, &set).unwrap(), expected(&change, true));
        prop_assert_eq!(compose(&change, &edits, &edits.whole()).unwrap(), expected(&change, true));
    }
}

fn bytes_of(change: &Change, edits: &Edits, members: &[u32]) -> String {
    let set = EditSet::of(edits.len(), members.iter().map(|&id| EditId(id)));
    let files = compose(change, edits, &set).unwrap();
    match files.into_values().next().map(|state| state.data) {
        Some(Data::Bytes(bytes)) => bytes.as_bstr().to_string(),
        Some(Data::Object(id)) => {
            let file = &change.files[0];
            let same = [&file.base, &file.tip].into_iter().flatten().find(|entry| entry.object_id == id).unwrap();
            same.text().as_bstr().to_string()
        }
        None => "(gone)".into(),
    }
}

fn splice(text: TextId, span: Span, insert: &str, requires: &[u32], ordinal: u32) -> Edit {
    Edit {
        file_id: FileId(0),
        kind: EditKind::Splice { text, span, insert: insert.into(), ordinal },
        requires: requires.iter().map(|&id| EditId(id)).collect(),
        tip_span: None,
        item: BString::default(),
    }
}

#[test]
fn a_bridge_goes_in_and_out() {
    let base: Tree = [("a.h".into(), (Mode::File, b"long index;\n".to_vec()))].into();
    let tip: Tree = [("a.h".into(), (Mode::File, b"long folio_index;\n".to_vec()))].into();
    let change = change(&base, &tip, &[]);
    let file = TextId::File(FileId(0));
    let edits = Edits {
        all: vec![
            splice(file, Span::new(0, 12), "long folio_index;\n", &[], 0),
            splice(file, Span::new(0, 12), "union { long index; long folio_index; };\n", &[], 0),
            splice(TextId::Inserted(EditId(1)), Span::new(0, 20), "", &[1], 0),
            splice(TextId::Inserted(EditId(1)), Span::new(37, 40), "", &[1, 2], 1),
        ],
        bridges: vec![Bridge {
            put: EditId(1),
            take: EditId(2),
            superseded: EditId(0),
            bridged: Bridged {
                kind: "field",
                record: Some("struct a".into()),
                names: vec![("index".into(), "folio_index".into())],
            },
        }],
        ..Edits::default()
    };
    assert_eq!(bytes_of(&change, &edits, &[1]), "union { long index; long folio_index; };\n");
    assert_eq!(bytes_of(&change, &edits, &[1, 2, 3]), "long folio_index;\n");
    assert_eq!(bytes_of(&change, &edits, &[0]), "long folio_index;\n");
    assert!(!edits.whole().has(EditId(0)) && edits.whole().has(EditId(1)));
    assert!(compose(&change, &edits, &EditSet::of(4, [EditId(2)])).is_err(), "taking out what was never put in");
    assert!(compose(&change, &edits, &EditSet::of(4, [EditId(0), EditId(1)])).is_err(), "the edit and its bridge at once");
}

/// A line of a message: what people write, and what comes close to it.
fn message_line() -> impl Strategy<Value = String> {
    const LINES: &[&str] = &[
        "",
        "",
        "   ",
        "some text",
        "Note: some text",
        "Bugzilla ID: 12",
        "Signed-off-by: A <a@x.org>",
        "Signed-off-by: B <b@y.org>",
        "Signed-off-by:C",
        "(cherry picked from commit 1234567)",
        "[bob@y.org: typo]",
        "Fixes: 1234567890ab (\"mm: count",
        "  pages\")",
        "\tgoes on  ",
        "Cc : c@x.org  ",
        "Cc:",
        ": no key",
        " Cc: indented",
        "# a comment",
        "#",
        "Conflicts:",
        "\ta.c",
        "---",
        "--- a/a.c",
        "# ------------------------ >8 ------------------------",
    ];
    prop_oneof![
        20 => proptest::sample::select(LINES).prop_map(str::to_owned),
        2 => "[A-Za-z0-9 -]{1,6}[:=#]? ?[a-z#:]{0,3}",
        1 => "\\PC{0,6}",
    ]
}

/// A message, from which a final line break may be missing.
fn drawn_message() -> impl Strategy<Value = String> {
    let lines = proptest::collection::vec((message_line(), proptest::bool::weighted(0.1)), 0..12);
    (lines, any::<bool>(), any::<bool>()).prop_map(|(lines, has_title, is_ended)| {
        let mut text = if has_title { "mm: count\n\n".to_owned() } else { String::new() };
        for (line, is_carried) in lines {
            text.push_str(&line);
            text.push_str(if is_carried { "\r\n" } else { "\n" });
        }
        let end = if is_ended { text.len() } else { text.trim_end_matches(['\r', '\n']).len() };
        text[..end].to_owned()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn trailers_are_read_as_git_reads_them(message in drawn_message()) {
        static REPO: LazyLock<TestRepo> = LazyLock::new(|| TestRepo::new("trailers_are_read_as_git_reads_them"));
        let repo = &*REPO;
        repo.write("message", &message);
        let theirs = repo.git(&["interpret-trailers", "--parse", "--no-divider", "message"]);
        let (text, lines, unread) = trailer::split(message.as_str().into());
        let ours = lines.iter().filter_map(|line| Trailer::of(line.as_ref()));
        let ours: String = ours.map(|trailer| format!("{}: {}\n", trailer.key, trailer.unfolded())).collect();
        prop_assert_eq!(ours.trim_end(), theirs);
        prop_assert!(message.as_bytes().starts_with(text) && message.as_bytes().ends_with(unread));
        // What was read and is written out is read as the same.
        let read = Message::read(message.as_str().into());
        if message.starts_with("mm: count\n\n") && message.ends_with('\n') && !message.contains('\r') {
            prop_assert_eq!(Message::read(read.text().as_ref()), read);
        }
    }
}

#[test]
fn a_block_is_moved_and_then_edited() {
    let base: Tree = [("a.c".into(), (Mode::File, b"f();\nrest\n".to_vec()))].into();
    let tip: Tree = [("a.c".into(), (Mode::File, b"rest\ng();\n".to_vec()))].into();
    let change = change(&base, &tip, &[]);
    let file = TextId::File(FileId(0));
    let edits = Edits {
        all: vec![
            splice(file, Span::new(0, 5), "", &[], 0),
            splice(file, Span::new(10, 10), "f();\n", &[], 1),
            splice(TextId::Inserted(EditId(1)), Span::new(0, 1), "g", &[1], 0),
        ],
        ..Edits::default()
    };
    assert_eq!(bytes_of(&change, &edits, &[0, 1]), "rest\nf();\n");
    assert_eq!(bytes_of(&change, &edits, &[0, 1, 2]), "rest\ng();\n");
    assert_eq!(bytes_of(&change, &edits, &[1, 2]), "f();\nrest\ng();\n");
}

#[test]
fn a_file_becomes_a_symlink_and_a_file_becomes_a_folder() {
    let base: Tree = [("a".into(), (Mode::File, b"text\n".to_vec())), ("b".into(), (Mode::File, b"text\n".to_vec()))].into();
    let tip: Tree = [("a".into(), (Mode::Symlink, b"b".to_vec())), ("b/c".into(), (Mode::File, b"new\n".to_vec()))].into();
    let change = change(&base, &tip, &[]);
    let edits = read::edits(&change);
    let creates: Vec<EditId> =
        edits.iter().filter(|(_, edit)| edit.kind == EditKind::Create).map(|(edit_id, _)| edit_id).collect();
    assert_eq!(creates.len(), 2);
    for create in creates {
        let frees = edits.get(create).requires.iter().filter(|needed| edits.get(**needed).kind == EditKind::Delete).count();
        assert_eq!(frees, 1, "what stands at the path goes first");
        assert!(compose(&change, &edits, &closed(&edits, [create].into_iter())).is_ok());
    }
    assert_eq!(compose(&change, &edits, &EditSet::full(edits.len())).unwrap(), expected(&change, true));
}
