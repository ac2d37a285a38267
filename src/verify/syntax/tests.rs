//! A tiny tree, a build that saves commands as kbuild does, the machine's compiler.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::pass::Syntax;
use super::same::SameCode;
use crate::git::{Program, Repository};
use crate::verify::VerifyError;
use crate::verify::diagnose::diagnose;
use crate::verify::job::Job;
use crate::verify::process::BuildLimits;
use crate::verify::profile::{Clean, Mode, Profile};
use crate::verify::runner::Runner;
use crate::verify::steps::Step;
use crate::verify::task::Task;
use crate::verify::verdict::Ended;

/// Builds what `Makefile` names, and saves command and rule of each object as kbuild does.
const BUILD: &str = r#"
made=include/generated.h; mkdir -p include; echo '#define MADE 1' >$made
status=0
for object in $(sed -n 's/^obj-y += //p' Makefile); do
    source=${object%.o}.c
    command="cc -Wall -Werror -Iinclude -DBASENAME='\"${object%.o}\"' -c -o $object $source"
    eval "$command -MD -MF .$object.d" || { status=1; continue; }
    { echo "savedcmd_$object := $command ; true"; echo; echo "deps_$object := \\"
      tr -d '\\' <.$object.d | tr ' ' '\n' | sed -n 's/\(.*[.][ch]\)$/  \1 \\/p'; echo; } >.$object.cmd
done
exit $status
"#;

const HEADER: &str = "#include <generated.h>\nint one(int x);\n";
const ONE: &str = "#include \"a.h\"\nint one(int x)\n{\n\treturn x + MADE;\n}\n";
const TWO: &str = "#include \"a.h\"\nint two(void);\nint two(void)\n{\n\treturn one(2);\n}\n";
const ALONE: &str = "int alone(void);\nint alone(void)\n{\n\treturn 0;\n}\n";

/// A bare repository with a tree for each list of files.
struct Trees {
    folder: tempfile::TempDir,
    steps: Vec<Step>,
}

type Files<'f> = &'f [(&'f str, &'f str)];

impl Trees {
    /// Makes the base, and each step with files in the place of others; an empty text removes the file.
    fn new(steps: &[Files<'_>]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let git = Program::new(folder.path());
        git.run(["init", "-q", "--bare", "."]).unwrap();
        let mut trees = Trees { folder, steps: Vec::new() };
        let base: Files<'_> = &[
            ("Makefile", "obj-y += one.o\nobj-y += two.o\nobj-y += alone.o\n"),
            ("a.h", HEADER),
            ("alone.c", ALONE),
            ("build.sh", BUILD),
            ("one.c", ONE),
            ("two.c", TWO),
        ];
        for step in std::iter::once(&base).chain(steps) {
            let parts: Vec<&(&str, &str)> = if step.as_ptr() == base.as_ptr() { vec![] } else { base.iter().collect() };
            let mut files: std::collections::BTreeMap<&str, &str> = parts.into_iter().copied().collect();
            files.extend(step.iter().copied());
            let mut listing = Vec::new();
            for (path, text) in files.into_iter().filter(|(_, text)| !text.is_empty()) {
                let blob = git.run_with(["hash-object", "-w", "--stdin"], text.as_bytes()).unwrap();
                listing
                    .extend_from_slice(format!("100644 blob {}\t{path}\n", String::from_utf8(blob).unwrap().trim()).as_bytes());
            }
            let tree = String::from_utf8(git.run_with(["mktree"], &listing).unwrap()).unwrap();
            let tree_id = tree.trim().parse().unwrap();
            trees.steps.push(Step { commit_id: tree_id, tree_id, subject: "step".into() });
        }
        trees
    }

    /// What builds the steps, and a runner of passes.
    fn open<'r>(&self, repository: &'r Repository, command: &[&str], limits: BuildLimits) -> (Vec<Task>, Syntax<'r>) {
        let command = command.iter().map(Into::into).collect();
        let profile = Profile { mode: Mode::Syntax, ..Profile::typed("cc".into(), command, Clean::Never) };
        let job = Job::new(repository, profile, "x", &self.steps).unwrap();
        let tasks = job.tasks(&self.steps).unwrap();
        let runner = job.syntax(&tasks[0], limits).unwrap();
        (tasks, runner)
    }

    /// Runs the pass over all steps; the log of each without its two first lines, after its code and the numbers of the first line.
    fn run(&self) -> String {
        let repository = Repository::discover(self.folder.path()).unwrap();
        let (tasks, mut runner) = self.open(&repository, &["sh", "build.sh"], limits());
        let mut out = String::new();
        for (number, step) in tasks.iter().enumerate() {
            let built = runner.build(step).unwrap();
            let log = fs::read_to_string(&built.log).unwrap();
            let (head, rest) = log.split_once('\n').unwrap();
            let counts = head.split_once(": ").unwrap().1.replace(" may differ from the base's", "");
            let Ended::Code(code) = built.ended else { panic!("it ended") };
            out.push_str(&format!("{number}: exit {code}, {counts}\n"));
            for line in rest.lines().skip(1).filter(|line| !line.contains(" error: ") && !line.starts_with(' ')) {
                // What a compiler prints around its errors is its own affair.
                if !line.contains(": In function")
                    && !line.contains("note: ")
                    && !line.contains("all warnings being")
                    && !line.ends_with(" generated.")
                {
                    out.push_str(&format!("   {line}\n"));
                }
            }
            for found in diagnose(log.as_bytes(), &built.folder) {
                out.push_str(&format!("   {:?} '{}' {}:{}\n", found.kind, found.symbol, found.path, found.line));
            }
        }
        out
    }
}

fn limits() -> BuildLimits {
    BuildLimits { timeout: None, jobs: 2, interrupt: Arc::new(AtomicBool::new(false)) }
}

#[test]
fn only_what_reads_a_change_is_compiled_and_what_is_known_is_not() {
    let trees = Trees::new(&[
        &[("two.c", "#include \"a.h\"\nint two(void);\nint two(void)\n{\n\treturn lost(2);\n}\n")],
        &[("a.h", "#include <generated.h>\nint one(int x);\nint lost(int x);\n")],
        &[("README", "words\n")],
    ]);
    let first = "\
0: exit 0, 0 of 3 objects, 0 compiled now, 0 known
1: exit 1, 1 of 3 objects, 1 compiled now, 0 known
   two.o: exit code 1
   Undeclared 'lost' two.c:5
2: exit 0, 2 of 3 objects, 2 compiled now, 0 known
3: exit 0, 0 of 3 objects, 0 compiled now, 0 known
   touched and not looked at: README
";
    assert_eq!(trees.run(), first);
    assert_eq!(
        trees.run(),
        first
            .replace("1 compiled now, 0 known", "0 compiled now, 1 known")
            .replace("2 compiled now, 0 known", "0 compiled now, 2 known")
    );
}

#[test]
fn a_header_that_is_not_there_is_no_reason_to_call_the_source_unread() {
    let expected = "\
0: exit 0, 0 of 3 objects, 0 compiled now, 0 known
1: exit 1, 1 of 3 objects, 1 compiled now, 0 known
   one.o: exit code 1
   MissingHeader 'none.h' one.c:1
";
    let drawn = Trees::new(&[&[("one.c", "#include \"none.h\"\n")]]).run();
    assert_eq!(drawn.replace("   compilation terminated.\n", ""), expected);
}

#[test]
fn sources_come_and_go_with_the_build_file() {
    let makefile = "obj-y += one.o\nobj-y += three.o\nobj-y += alone.o\n";
    let three = "#include \"a.h\"\nint three(void);\nint three(void)\n{\n\treturn one(BASENAME[0]);\n}\n";
    let trees = Trees::new(&[
        &[("Makefile", makefile), ("two.c", ""), ("three.c", three)],
        &[("three.c", three)],
        &[("Makefile", makefile), ("three.c", three)],
    ]);
    let expected = "\
0: exit 0, 0 of 3 objects, 0 compiled now, 0 known
1: exit 0, 1 of 3 objects, 1 compiled now, 0 known
   three.o: new, compiled as alone.o
   gone with this step: two.o
   touched and not looked at: Makefile
2: exit 0, 0 of 3 objects, 0 compiled now, 0 known
   touched code that no object reads: three.c
3: exit 0, 1 of 3 objects, 0 compiled now, 1 known
   three.o: new, compiled as alone.o
   gone with this step: two.o
   touched and not looked at: Makefile
";
    assert_eq!(trees.run(), expected);
}

#[test]
fn a_header_that_hides_another_makes_its_readers_suspect() {
    // `a.h` is found beside the source, `generated.h` only through -Iinclude: one beside the sources is not read, but may be.
    let trees = Trees::new(&[&[("generated.h", "#error no\n")], &[("b.h", "#error no\n")]]);
    let expected = "\
0: exit 0, 0 of 3 objects, 0 compiled now, 0 known
1: exit 0, 2 of 3 objects, 2 compiled now, 0 known
   touched code that no object reads: generated.h
2: exit 0, 0 of 3 objects, 0 compiled now, 0 known
   touched code that no object reads: b.h
";
    assert_eq!(trees.run(), expected);
}

#[test]
fn what_fails_in_the_base_too_is_said_and_not_blamed() {
    let trees = Trees::new(&[&[("one.c", &format!("{ONE}/* more */\n"))]]);
    let repository = Repository::discover(trees.folder.path()).unwrap();
    let (tasks, mut runner) = trees.open(&repository, &["sh", "build.sh"], limits());
    let base = runner.build(&tasks[0]).unwrap();
    // As if the compiler had become stricter since the base was built.
    let index = base.folder.parent().unwrap().join("commands.json");
    drop(runner);
    let json = fs::read_to_string(&index).unwrap();
    fs::write(&index, json.replace("\"-Wall\"", "\"-Dreturn=x\"")).unwrap();
    let expected = "\
0: exit 0, 0 of 3 objects, 0 compiled now, 0 known
1: exit 0, 1 of 3 objects, 1 compiled now, 0 known
   one.o: fails in the base too
";
    assert_eq!(trees.run(), expected);
}

#[test]
fn static_functions_that_nobody_uses_are_found() {
    let unused = format!("{ALONE}static int lonely(void)\n{{\n\treturn 1;\n}}\n");
    let expected = "\
0: exit 0, 0 of 3 objects, 0 compiled now, 0 known
1: exit 1, 1 of 3 objects, 1 compiled now, 0 known
   alone.o: exit code 1
   Unused 'lonely' alone.c:6
";
    let found = Trees::new(&[&[("alone.c", &unused)]]).run();
    // A gcc without link-time optimization cannot be asked.
    assert!(found == expected || found.contains("1: exit 0"), "{found}");
}

#[test]
fn a_pass_ends_when_its_time_is_up_or_it_is_interrupted() {
    let trees = Trees::new(&[&[("one.c", &format!("{ONE}int more;\n"))]]);
    let repository = Repository::discover(trees.folder.path()).unwrap();
    let limits = limits();
    let open = |limits: BuildLimits| trees.open(&repository, &["sh", "build.sh"], limits);
    let (tasks, mut runner) = open(limits.clone());
    let before = runner.build(&tasks[0]).unwrap().folder.join("one.c").metadata().unwrap().modified().unwrap();
    drop(runner);
    let timeout = Some(Duration::ZERO);
    let mut runner = open(BuildLimits { timeout, ..limits.clone() }).1;
    let built = runner.build(&tasks[1]).unwrap();
    assert_eq!(built.ended, Ended::Timeout(Duration::ZERO));
    assert_eq!(left_behind(&built.folder), [""; 0]);
    assert!(fs::read_to_string(built.folder.join("one.c")).unwrap().contains("more"));
    drop(runner);
    assert_eq!(fs::read_to_string(built.folder.join("one.c")).unwrap(), ONE, "what was really built stands there again");
    assert_eq!(built.folder.join("one.c").metadata().unwrap().modified().unwrap(), before);
    assert!(!built.folder.parent().unwrap().join("busy").exists());
    open(limits.clone()).1.build(&tasks[0]).unwrap();
    assert_eq!(
        built.folder.join("one.c").metadata().unwrap().modified().unwrap(),
        before,
        "nor is it written when it is shown again"
    );
    limits.interrupt.store(true, std::sync::atomic::Ordering::Relaxed);
    assert!(matches!(open(limits).1.build(&tasks[1]), Err(VerifyError::Interrupted)));
}

/// Returns the files that neither the tree nor the build of the base put there.
fn left_behind(tree: &Path) -> Vec<String> {
    let names = fs::read_dir(tree).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let is_ours = |name: &String| {
        let plain = name.trim_start_matches('.').trim_end_matches(".cmd").trim_end_matches(".d").trim_end_matches(".o");
        ["one", "two", "alone", "one.c", "two.c", "alone.c", "a.h", "Makefile", "build.sh", "include"].contains(&plain)
    };
    names.filter(|name| !is_ours(name)).collect()
}

#[test]
fn a_build_that_saves_nothing_leaves_the_step_undecided() {
    let trees = Trees::new(&[&[("build.sh", "true\n")]]);
    let repository = Repository::discover(trees.folder.path()).unwrap();
    let (tasks, mut runner) = trees.open(&repository, &["true"], limits());
    assert_eq!(runner.build(&tasks[1]).unwrap().ended, Ended::Code(125));
}

#[test]
fn lines_that_no_object_has_are_told() {
    let header =
        "#include <generated.h>\nint one(int x);\n#ifdef MADE\nint made(void);\n#else\nint other(void);\n#define OTHER\n#endif\n";
    let trees = Trees::new(&[&[("a.h", header), ("b.h", "int b;\n")]]);
    let repository = Repository::discover(trees.folder.path()).unwrap();
    let (_, mut runner) = trees.open(&repository, &["sh", "build.sh"], limits());
    let missed = runner.not_compiled(&trees.steps[1]).unwrap().unwrap();
    assert_eq!(crate::report::verify_text::not_compiled(&missed), "a.h:6-7  only with #else\nb.h:1  compiled by nobody\n");
}

#[test]
fn code_is_compared_without_names_and_lines() {
    let renamed = "#include \"a.h\"\nint one(int number)\n{\n\t/* the same */\n\n\treturn number + MADE;\n}\n";
    let trees = Trees::new(&[
        &[("one.c", renamed)],
        &[("one.c", &ONE.replace("x + MADE", "x - MADE"))],
        &[("two.c", &TWO.replace("one(2)", "uno(2)")), ("a.h", &HEADER.replace("one", "uno"))],
        &[("one.c", "int one(")],
        &[("b.h", "int b;\n")],
        &[("README", "words\n")],
        &[("two.c", "")],
        &[("Makefile", "obj-y += one.o\n")],
    ]);
    let repository = Repository::discover(trees.folder.path()).unwrap();
    let (_, mut runner) = trees.open(&repository, &["sh", "build.sh"], limits());
    let drawn: Vec<String> = trees.steps[1..]
        .iter()
        .map(|step| match runner.same_code(&trees.steps[0], step).unwrap().unwrap() {
            SameCode::Equal { n_objects } => format!("equal in {n_objects}"),
            SameCode::Differ(objects) => format!("differ in {}", bstr::join(" ", objects).escape_ascii()),
            SameCode::Unknown(why) => why.split(" in tree").next().unwrap().to_owned(),
        })
        .collect();
    // A call of another function has the same bytes: it is the name that differs.
    let expected = [
        "equal in 1",
        "differ in one.o",
        "differ in two.o",
        "'one.o' does not compile",
        "no object reads 'b.h'",
        "equal in 0",
        "differ in two.o",
        "'Makefile' may say how to build",
    ];
    assert_eq!(drawn, expected);
}
