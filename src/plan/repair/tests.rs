use std::convert::Infallible;

use bstr::BString;

use super::{StepNeeds, arrange, learn, search};
use crate::analyze::{Analysis, analyze};
use crate::model::diagnosis::{Diagnosis, DiagnosisKind};
use crate::model::{Edit, EditId, EditKind, EditSet, Edits, FileId, Reason, Relation, Tie};
use crate::plan::fixture;

type File<'f> = (&'f str, Option<&'f str>, Option<&'f str>);

/// Draws what is learned from a complaint about the first of `patches`; a patch is named by texts that its edits put in or take away, or by paths that they
/// create or delete, and one more takes all that is left. An edit is drawn by its patch and its first line.
fn drawn(files: &[File<'_>], patches: &[&[&str]], place: (&str, u32), kind: DiagnosisKind, symbol: &str, text: &str) -> String {
    let change = fixture::change(files);
    let Analysis { change, edits, occurrences, .. } = analyze(change);
    let steps = fixture::steps(&change, &edits, patches);
    let (path, line) = place;
    let said = Diagnosis { path: path.into(), line, kind, symbol: symbol.into(), text: text.into() };
    let shown = |edit_id: EditId| {
        let patch = steps.iter().position(|step| step.contains(&edit_id)).unwrap() + 1;
        format!("{patch} '{}'", crate::plan::address::first_line(&change, &edits, edits.get(edit_id)))
    };
    let one = |relation: &Relation| {
        let tie = if relation.tie == Tie::Before { "before" } else { "with" };
        assert_eq!(relation.reason, Reason::Learned(said.shown().into()));
        format!("{} {tie} {}\n", shown(relation.first), shown(relation.second))
    };
    learn(&change, &edits, &occurrences, &steps, &[(0, vec![said.clone()])]).iter().map(one).collect()
}

const HEADER: File<'_> = ("f.h", Some("extern int e;\n"), Some("extern int e;\nint f(int a);\n"));
const MAKER: File<'_> = ("f.c", Some("int e;\n"), Some("int e;\n\nint f(int a)\n{\n\treturn a;\n}\n"));
const USER: File<'_> = (
    "g.c",
    Some("#include \"f.h\"\nint g(void)\n{\n\treturn 1;\n}\n"),
    Some("#include \"f.h\"\nint g(void)\n{\n\treturn f(1);\n}\n"),
);

#[test]
fn what_is_not_declared_comes_before_its_use() {
    let learned = drawn(
        &[MAKER, HEADER, USER],
        &[&["return f(1)"]],
        ("g.c", 4),
        DiagnosisKind::Undeclared,
        "f",
        "implicit declaration of function 'f'",
    );
    assert_eq!(learned, "2 'int f(int a);' before 1 'return f(1);'\n");
}

#[test]
fn what_the_linker_lacks_is_the_definition() {
    let learned = drawn(
        &[MAKER, HEADER, USER],
        &[&["int f(int a);", "return f(1)"]],
        ("g.c", 0),
        DiagnosisKind::Undeclared,
        "f",
        "undefined reference to 'f'",
    );
    assert_eq!(learned, "2 'int f(int a)' before 1 'return f(1);'\n");
}

#[test]
fn a_removal_waits_for_the_uses_of_the_base() {
    let back = |(path, base, tip): File<'static>| (path, tip, base);
    let learned = drawn(
        &[back(MAKER), back(HEADER), back(USER)],
        &[&["int f(int a)"]],
        ("g.c", 4),
        DiagnosisKind::Undeclared,
        "f",
        "implicit declaration of function 'f'",
    );
    assert_eq!(learned, "2 'return 1;' before 1 '(goes) int f(int a);'\n");
}

#[test]
fn a_name_stays_until_it_comes_in_another_form() {
    let files: &[File<'_>] = &[(
        "a.c",
        Some("#define ONE 1\n\nint x;\n\nint y;\n\nint g(void)\n{\n\treturn ONE;\n}\n"),
        Some("int x;\n\nint y;\n\nenum { ONE = 1 };\n\nint g(void)\n{\n\treturn 1;\n}\n"),
    )];
    let said = |patches: &[&[&str]]| drawn(files, patches, ("a.c", 6), DiagnosisKind::Undeclared, "ONE", "'ONE' undeclared");
    assert_eq!(said(&[&["#define ONE"], &["enum"]]), "2 'enum { ONE = 1 };' before 1 '(goes) #define ONE 1'\n");
}

#[test]
fn a_use_of_a_parameter_goes_with_the_mark_that_nobody_uses_it() {
    let files: &[File<'_>] = &[(
        "a.c",
        Some("int f(int a UNUSED)\n{\n\treturn 1;\n}\n\nint z;\n"),
        Some("int f(int a)\n{\n\treturn a;\n}\n\nint z;\n"),
    )];
    let learned =
        drawn(files, &[&["return a"]], ("a.c", 3), DiagnosisKind::Other, "", "'a' is deprecated: parameter declared as UNUSED");
    assert_eq!(learned, "1 'return a;' with 2 'int f(int a)'\n");
}

#[test]
fn a_call_goes_with_the_head_that_it_fits() {
    let files: &[File<'_>] = &[
        ("f.h", Some("int f(int a);\n"), Some("int f(int a, int b);\n")),
        (
            "g.c",
            Some("#include \"f.h\"\nint g(void)\n{\n\treturn f(1);\n}\n"),
            Some("#include \"f.h\"\nint g(void)\n{\n\treturn f(1, 2);\n}\n"),
        ),
    ];
    let learned = |patches: &[&[&str]]| {
        drawn(files, patches, ("g.c", 4), DiagnosisKind::ArgumentCount, "f", "too few arguments to function 'f'")
    };
    assert_eq!(learned(&[&["int f(int a, int b)"]]), "1 'int f(int a, int b);' with 2 'return f(1, 2);'\n");
    assert_eq!(learned(&[&["f(1, 2)"]]), "1 'return f(1, 2);' with 2 'int f(int a, int b);'\n");
}

#[test]
fn a_member_comes_before_its_use() {
    let files: &[File<'_>] = &[
        ("f.h", Some("struct s {\n\tint a;\n};\n"), Some("struct s {\n\tint a;\n\tint b;\n};\n")),
        (
            "g.c",
            Some("#include \"f.h\"\nint g(struct s *s)\n{\n\treturn 1;\n}\n"),
            Some("#include \"f.h\"\nint g(struct s *s)\n{\n\treturn s->b;\n}\n"),
        ),
    ];
    let learned =
        drawn(files, &[&["s->b"]], ("g.c", 4), DiagnosisKind::MissingMember, "struct s.b", "'struct s' has no member named 'b'");
    assert_eq!(learned, "2 'int b;' before 1 'return s->b;'\n");
}

#[test]
fn what_is_unused_goes_with_its_first_user() {
    let files: &[File<'_>] = &[(
        "a.c",
        Some("int x;\n\nint g(void)\n{\n\treturn 1;\n}\n"),
        Some("int x;\n\nstatic int f(void)\n{\n\treturn 2;\n}\n\nint g(void)\n{\n\treturn f();\n}\n"),
    )];
    let learned = drawn(files, &[&["static int f"]], ("a.c", 3), DiagnosisKind::Unused, "f", "'f' defined but not used");
    assert_eq!(learned, "1 'static int f(void)' with 2 'return f();'\n");
}

#[test]
fn what_stands_twice_comes_when_the_other_goes() {
    let text = "int f(void)\n{\n\treturn 2;\n}\n";
    let files: &[File<'_>] = &[
        ("a.c", Some(&format!("int x;\n\n{text}")), Some("int x;\n")),
        ("b.c", Some("int y;\n"), Some(&format!("int y;\n\n{text}"))),
    ];
    let learned = |first: &str| {
        let change = fixture::change(files);
        let Analysis { change, edits, occurrences, .. } = analyze(change);
        let is_first = |edit_id: &EditId| change.file(edits.get(*edit_id).file_id).path() == first;
        let (one, other): (Vec<EditId>, Vec<EditId>) = edits.iter().map(|(edit_id, _)| edit_id).partition(is_first);
        let said = Diagnosis {
            path: BString::default(),
            line: 0,
            kind: DiagnosisKind::Redefined,
            symbol: "f".into(),
            text: "multiple definition of 'f'".into(),
        };
        learn(&change, &edits, &occurrences, &[one, other], &[(0, vec![said])]).len()
    };
    assert_eq!((learned("b.c"), learned("a.c")), (1, 0));
}

#[test]
fn a_header_and_a_source_are_there_before_they_are_named() {
    let files: &[File<'_>] = &[
        ("Makefile", Some("obj-y += a.o\n"), Some("obj-y += a.o\nobj-y += b.o\n")),
        ("a.c", Some("int a;\n"), Some("#include \"b.h\"\nint a;\n")),
        ("b.c", None, Some("int b;\n")),
        ("b.h", None, Some("extern int b;\n")),
    ];
    let header =
        drawn(files, &[&["#include \"b.h\""]], ("a.c", 1), DiagnosisKind::MissingHeader, "b.h", "b.h: No such file or directory");
    assert_eq!(header, "2 '(new file)' before 1 '#include \"b.h\"'\n");
    let rule = drawn(files, &[&["b.o"]], ("", 0), DiagnosisKind::MissingRule, "b.o", "No rule to make target 'b.o'");
    assert_eq!(rule, "2 '(new file)' before 1 'obj-y += b.o'\n");
}

#[test]
fn a_complaint_that_names_nothing_teaches_nothing() {
    let learned = drawn(&[MAKER, HEADER, USER], &[&["return f(1)"]], ("z.c", 9), DiagnosisKind::Other, "", "expected ';'");
    assert_eq!(learned, "");
}

/// Edits that have nothing to do with each other.
fn loose(n: usize) -> Edits {
    let edit =
        || Edit { file_id: FileId(0), kind: EditKind::Mode, requires: Vec::new(), tip_span: None, item: BString::default() };
    Edits { all: (0..n).map(|_| edit()).collect(), ..Edits::default() }
}

fn ids(places: &[usize]) -> Vec<EditId> {
    places.iter().copied().map(EditId::at).collect()
}

/// Searches among patches of `sizes` what the first needs, where edits `breaks` need edits `needs`.
fn found(sizes: &[usize], breaks: &[usize], needs: &[usize], budget: usize) -> StepNeeds {
    let edits = loose(sizes.iter().sum());
    let mut first = 0;
    let mut patches = Vec::new();
    for size in sizes {
        patches.push(ids(&(first..first + size).collect::<Vec<_>>()));
        first += size;
    }
    let (breaks, needs) = (ids(breaks), ids(needs));
    let mut judge = |set: &EditSet| {
        Ok::<bool, Infallible>(!breaks.iter().any(|edit_id| set.has(*edit_id)) || needs.iter().all(|edit_id| set.has(*edit_id)))
    };
    let Ok(found) = search(&edits, &[], &patches, (0, sizes.len() - 1), budget, &mut judge);
    found.expect("the last step builds")
}

#[test]
fn the_search_finds_what_is_needed_and_no_more() {
    // Numbers from a small generator: the same on each run.
    let mut seed: usize = 1;
    let mut next = |below: usize| {
        seed = (seed * 75 + 74) % 65_537;
        seed % below
    };
    for _ in 0..200 {
        let sizes = [1 + next(6), 1 + next(8), 1 + next(8)];
        let n: usize = sizes.iter().sum();
        let mut some = |from: usize, to: usize| {
            let mut some: Vec<usize> = (0..=next(3)).map(|_| from + next(to - from)).collect();
            some.sort_unstable();
            some.dedup();
            some
        };
        let (breaks, needs) = (some(0, sizes[0]), some(sizes[0], n));
        let found = found(&sizes, &breaks, &needs, 1_000);
        assert!(found.is_smallest && found.n_judged <= n * n + 10, "{sizes:?} {found:?}");
        assert_eq!((found.breaks, found.needs, found.tie), (ids(&breaks), ids(&needs), Tie::Before));
    }
}

#[test]
fn a_search_without_builds_left_says_what_is_known() {
    let found = found(&[2, 9], &[0], &[4, 7], 4);
    assert!(!found.is_smallest && found.n_judged == 4, "{found:?}");
    assert!(found.needs.contains(&EditId::at(4)) && found.needs.contains(&EditId::at(7)), "{found:?}");
}

#[test]
fn what_needs_each_other_goes_together() {
    let edits = loose(4);
    // Edits 1 and 3 build only together.
    let mut judge = |set: &EditSet| Ok::<bool, Infallible>(set.has(EditId::at(1)) == set.has(EditId::at(3)));
    let Ok(found) = search(&edits, &[], &[ids(&[0, 1]), ids(&[2, 3])], (0, 1), 99, &mut judge);
    let found = found.expect("the last step builds");
    assert_eq!((found.breaks.clone(), found.needs.clone(), found.tie), (ids(&[1]), ids(&[3]), Tie::Together));
    assert_eq!(found.relations(&Reason::Asked), [Relation::together(EditId::at(1), EditId::at(3), Reason::Asked)]);
}

#[test]
fn no_build_is_spent_on_what_cannot_be() {
    let edits = loose(5);
    let before = |first: usize, second: usize| Relation::before(EditId::at(first), EditId::at(second), Reason::Asked);
    let mut judge = |set: &EditSet| {
        assert!(!set.has(EditId::at(3)) || set.has(EditId::at(2)), "edit 3 is never without edit 2");
        Ok::<bool, Infallible>(set.has(EditId::at(3)))
    };
    let Ok(found) = search(&edits, &[before(2, 3)], &[ids(&[0]), ids(&[1, 2, 3, 4])], (0, 1), 99, &mut judge);
    assert_eq!(found.map(|found| found.needs), Some(ids(&[3])));
}

/// A patch with its old place.
type Stretch = (usize, Vec<usize>);

/// Arranges patches of loose edits; returns the patches with their old places, and what moved.
fn arranged(patches: &[&[usize]], relations: &[Relation], lines: &[usize]) -> (Vec<Stretch>, Vec<(usize, usize, usize)>) {
    let edits = loose(lines.len());
    let patches: Vec<Vec<EditId>> = patches.iter().map(|patch| ids(patch)).collect();
    let arranged = arrange(&patches, &edits, (relations, &[]), &|edit_id| lines[edit_id.idx()]);
    let plain = |edits: Vec<EditId>| edits.into_iter().map(EditId::idx).collect();
    (
        arranged.patches.into_iter().map(|(idx, edits)| (idx, plain(edits))).collect(),
        arranged.moved.into_iter().map(|moved| (moved.edit_id.idx(), moved.from, moved.to)).collect(),
    )
}

fn before(first: usize, second: usize) -> Relation {
    Relation::before(EditId::at(first), EditId::at(second), Reason::Asked)
}

#[test]
fn nothing_moves_where_all_is_well() {
    assert_eq!(arranged(&[&[0, 1], &[2]], &[before(0, 2)], &[1, 1, 1]), (vec![(0, vec![0, 1]), (1, vec![2])], vec![]));
}

#[test]
fn whole_patches_change_places() {
    // What edit 2 has to do with edit 3 of its patch is as much as with edit 1.
    let (patches, moved) = arranged(&[&[0], &[1], &[2, 3]], &[before(2, 1), before(2, 3)], &[1; 4]);
    assert_eq!((patches, moved), (vec![(0, vec![0]), (2, vec![2, 3]), (1, vec![1])], vec![]));
}

#[test]
fn the_fewer_lines_move() {
    // Patch 2 needs patch 1 by 0 -> 3, and patch 1 needs 2 by 2 -> 1.
    let relations = [before(0, 3), before(2, 1)];
    let patches: &[&[usize]] = &[&[0, 1], &[2, 3]];
    assert_eq!(arranged(patches, &relations, &[9, 9, 1, 9]), (vec![(0, vec![0, 1, 2]), (1, vec![3])], vec![(2, 1, 0)]));
    assert_eq!(arranged(patches, &relations, &[9, 1, 9, 9]), (vec![(0, vec![0]), (1, vec![1, 2, 3])], vec![(1, 0, 1)]));
}

#[test]
fn an_edit_moves_to_what_it_has_to_do_with() {
    // Patches could change places, but 2 has nothing to do with 3.
    let (patches, moved) = arranged(&[&[0], &[1, 4], &[2, 3]], &[before(2, 1), before(4, 1)], &[1; 5]);
    assert_eq!((patches, moved), (vec![(0, vec![0]), (1, vec![1, 2, 4]), (2, vec![3])], vec![(2, 2, 1)]));
}

#[test]
fn what_many_wait_for_moves_once() {
    // A removal that came too early goes behind all users, rather than each of them before it.
    let relations = [before(2, 0), before(3, 0), before(4, 0), before(1, 2)];
    let (patches, moved) = arranged(&[&[0, 1], &[2, 3], &[4, 5]], &relations, &[2, 1, 1, 1, 1, 1]);
    assert_eq!((patches, moved), (vec![(0, vec![1]), (1, vec![2, 3]), (2, vec![0, 4, 5])], vec![(0, 0, 2)]));
}

#[test]
fn what_an_edit_needs_comes_along() {
    // 3 needs 2, and 1 needs 3; patch 2 needs patch 1 by 0 -> 4.
    let relations = [before(0, 4), before(2, 3), before(3, 1)];
    let (patches, moved) = arranged(&[&[0, 1], &[2, 3, 4]], &relations, &[9; 5]);
    assert_eq!((patches, moved), (vec![(0, vec![0]), (1, vec![1, 2, 3, 4])], vec![(1, 0, 1)]));
    let (patches, moved) = arranged(&[&[0, 1], &[2, 3, 4]], &relations, &[9, 99, 9, 9, 9]);
    assert_eq!((patches, moved), (vec![(0, vec![0, 1, 2, 3]), (1, vec![4])], vec![(2, 1, 0), (3, 1, 0)]));
}

#[test]
fn a_patch_that_all_have_left_is_gone() {
    let together = Relation::together(EditId::at(0), EditId::at(1), Reason::Asked);
    assert_eq!(arranged(&[&[0], &[1, 2]], &[together], &[1, 9, 1]), (vec![(1, vec![0, 1, 2])], vec![(0, 0, 1)]));
}

#[test]
fn any_relations_are_kept_and_no_edit_is_lost() {
    let mut seed: usize = 7;
    let mut next = |below: usize| {
        seed = (seed * 75 + 74) % 65_537;
        seed % below
    };
    for _ in 0..300 {
        let n = 2 + next(12);
        let n_patches = 1 + next(n.min(5));
        let mut patches: Vec<Vec<EditId>> = vec![Vec::new(); n_patches];
        (0..n).for_each(|edit| patches[next(n_patches)].push(EditId::at(edit)));
        patches.retain(|patch| !patch.is_empty());
        let relations: Vec<Relation> = (0..next(2 * n))
            .map(|_| (EditId::at(next(n)), EditId::at(next(n)), next(4)))
            .filter(|(first, second, _)| first != second)
            .map(|(first, second, tie)| {
                let tie = if tie == 0 { Tie::Together } else { Tie::Before };
                Relation { first, second, tie, reason: Reason::Asked }
            })
            .collect();
        let edits = loose(n);
        let arranged = arrange(&patches, &edits, (&relations, &[]), &|_| 1);
        let mut place = vec![None; n];
        for (at, (_, patch)) in arranged.patches.iter().enumerate() {
            patch.iter().for_each(|edit_id| assert_eq!(place[edit_id.idx()].replace(at), None));
        }
        assert!(place.iter().all(Option::is_some));
        for relation in &relations {
            let (first, second) = (place[relation.first.idx()], place[relation.second.idx()]);
            assert!(
                first <= second && (relation.tie == Tie::Before || first == second),
                "{patches:?} {relations:?} {arranged:?}"
            );
        }
        let stayed =
            arranged.patches.iter().flat_map(|(idx, patch)| patch.iter().filter(|edit_id| patches[*idx].contains(edit_id)));
        assert_eq!(stayed.count() + arranged.moved.len(), n, "what moved is told: {arranged:?}");
    }
}

#[test]
fn each_edit_that_moves_names_what_it_broke_itself() {
    let learned = |edit: usize, said: &str| Relation::together(EditId::at(0), EditId::at(edit), Reason::Learned(said.into()));
    let relations = [learned(1, "x"), learned(2, "y")];
    let lines = |edit_id: EditId| if edit_id == EditId::at(0) { 10 } else { 1 };
    let arranged = arrange(&[ids(&[0, 3]), ids(&[1, 2])], &loose(4), (&relations, &[]), &lines);
    let said: Vec<(usize, String)> =
        arranged.moved.iter().map(|moved| (moved.edit_id.idx(), moved.why.reason.to_string())).collect();
    assert_eq!(said, [(1, "learned from x".to_owned()), (2, "learned from y".to_owned())]);
}
