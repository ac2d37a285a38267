//! The syntax pass: what the compiler says of a step, without its code.
//!
//! ```text
//!   base, really built ──> commands, what each object read
//!                               │
//!   step ──what differs──> objects that read something else ──known from another tree?──> verdict
//!                               └────────────────────────────compiler, syntax only──────────┘
//! ```
//!
//! An object that reads nothing which differs from the base is as good as there. What a compiler said is kept (`records`) and
//! holds wherever all that it read is the same. An object that fails is compiled in the base too: what fails there says nothing of the step.
//!
//! Not seen: code generation, link, modpost, headers that the step would make anew, settings that it changes. Cost: 0.1 s a step, and a
//! third of a second of the processor an object that is compiled.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::{Instant, SystemTime};

use bstr::{BStr, BString, ByteSlice};

use super::base::{BuiltBase, base, is_tracked};
use super::changed::{Changed, changed};
use super::compile::{Compile, is_code};
use super::depend::rule;
use super::fresh::{BuildFileNames, build_files, dropped, fresh};
use super::records::{Reads, Records, SyntaxRecord, hash};
use super::report::{Object, PassReport};
use super::rewrite::{Aim, rewritten};
use super::run::{CompilerCall, CompilerFolders, Done, asked_for, emptied, run_all};
use super::suspect::{ObjectAnswer, Stopped, Suspect, or_end};
use crate::git::Repository;
use crate::git::files::Files;
use crate::model::ObjectId;
use crate::verify::compiled::Compiled;
use crate::verify::paths::{base_name, folder_of, from_top};
use crate::verify::process::BuildLimits;
use crate::verify::runner::{Runner, Shell};
use crate::verify::steps::Step;
use crate::verify::task::{SYNTAX_BASE, Task};
use crate::verify::verdict::{Built, Ended};
use crate::verify::{VerifyError, file};

/// Runs the syntax pass over one step after the other.
pub struct Syntax<'r> {
    pub(super) repository: &'r Repository,
    shell: Shell<'r>,
    base_task: Task,
    roots: Vec<PathBuf>,
    pub(super) limits: BuildLimits,
    records: Records,
    /// What is known of the base, once that is built.
    pub(super) base: Option<BuiltBase>,
    compilers: BTreeMap<BString, Compiler>,
    left: Option<Left>,
}

/// What stood in the folder when the last real build ended.
struct Left {
    tree_id: ObjectId,
    times: Vec<(BString, SystemTime)>,
}

/// Folders of the worker in which compilers write.
const FOLDERS: &[&str] = &["syntax", "preprocessed", "before", "after"];

/// What is known of a compiler.
struct Compiler {
    /// What it prints for `--version`.
    version: BString,
    /// Whether it can be asked what it says of a whole file.
    asks_whole: bool,
}

impl<'r> Syntax<'r> {
    /// Runs passes in the folder in which `shell` builds. `base` is what really builds the base, which is done when it was not yet. Objects
    /// are looked for in the tree, and in `objects` where the build puts them elsewhere.
    pub fn new(repository: &'r Repository, shell: Shell<'r>, base: Task, objects: Option<PathBuf>, limits: BuildLimits) -> Self {
        Syntax {
            repository,
            roots: std::iter::once(shell.workspace().tree()).chain(objects).collect(),
            shell,
            base_task: base,
            limits,
            records: Records::of(repository.common_dir()),
            base: None,
            compilers: BTreeMap::new(),
            left: None,
        }
    }
}

impl Runner for Syntax<'_> {
    fn build(&mut self, task: &Task) -> Result<Built, VerifyError> {
        if self.limits.interrupt.load(Ordering::Relaxed) {
            return Err(VerifyError::Interrupted);
        }
        let known = match self.ready()? {
            Ok(base) => base,
            Err(built) => return Ok(built),
        };
        // The time is that of the pass: the base is built once, not for this step.
        let begin = Instant::now();
        let report = self.pass(&known, &task.step, begin);
        self.base = Some(known);
        let log = self.home().join("log");
        let (text, ended, unread, compiled) = match or_end(report)? {
            Ok(report) => {
                let (ended, compiled) = (Ended::Code(report.code()), report.compiled());
                (report.text(&self.top()), ended, Some(report.unread()), compiled)
            }
            Err(ended) => (Vec::new(), ended, None, Compiled::default()),
        };
        fs::write(&log, text).map_err(file("write", &log))?;
        Ok(Built { ended, took: begin.elapsed(), log, folder: self.top(), is_warm: false, unread, compiled })
    }
}

impl Drop for Syntax<'_> {
    /// Puts back what stood there when the last real build ended, so that the next one sees what has changed since. Where that fails, or the
    /// run is killed before, the folder counts as broken.
    fn drop(&mut self) {
        for folder in FOLDERS {
            // What is left of them is emptied when it is next used.
            drop(fs::remove_dir_all(self.home().join(folder)));
        }
        if let Some(left) = self.left.take() {
            drop(self.shell.workspace().show_again(left.tree_id, &left.times));
        }
    }
}

impl<'r> Syntax<'r> {
    /// Takes what is known of the base, which is built for it when it was not yet; or returns that build, when it says nothing.
    fn ready(&mut self) -> Result<Result<BuiltBase, Built>, VerifyError> {
        match self.base.take() {
            Some(base) => Ok(Ok(base)),
            None => base(self.repository, &mut self.shell, &self.base_task, &self.roots),
        }
    }

    /// The same, where a build of the base that says nothing ends all.
    pub(super) fn known_base(&mut self) -> Result<BuiltBase, Stopped> {
        self.ready()?.map_err(|built| Stopped::Ended(built.ended))
    }

    /// Returns where an object's compiler puts its output, by the folder's name and the object's place.
    pub(super) fn output(&self, folder: &str, place: usize) -> PathBuf {
        self.home().join(folder).join(format!("{place}.o"))
    }

    /// Runs the compilers of some objects in the tree that stands in the folder, each with the aim of its place. What they read and write
    /// goes to a folder of the worker that has this name.
    pub(super) fn compile(
        &self,
        compiles: &[&Compile],
        folder: &str,
        begin: Instant,
        aim: &dyn Fn(usize) -> Aim,
    ) -> Result<Vec<Done>, Stopped> {
        let (home, top) = (self.home(), self.top());
        let at = emptied(home.join(folder))?;
        let job = |(place, compile): (usize, &&Compile)| {
            let output = self.output(folder, place);
            let words = rewritten(compile, aim(place), &output.with_extension("d"), &output);
            CompilerCall { words, folder: top.join(compile.folder.to_path_lossy()) }
        };
        let jobs: Vec<CompilerCall> = compiles.iter().enumerate().map(job).collect();
        run_all(&jobs, &CompilerFolders { folder: &at, home: &home, environment: &self.environment() }, begin, &self.limits)
    }

    pub(super) fn top(&self) -> PathBuf {
        self.shell.workspace().tree()
    }

    fn home(&self) -> PathBuf {
        self.shell.workspace().home().to_owned()
    }

    pub(super) fn base_id(&self) -> ObjectId {
        self.base_task.step.tree_id
    }

    fn environment(&self) -> BTreeMap<OsString, OsString> {
        let mut environment = self.base_task.command.as_ref().map(|command| command.environment.clone()).unwrap_or_default();
        // What is said of an object does not follow from the base.
        environment.remove(std::ffi::OsStr::new(SYNTAX_BASE));
        environment
    }

    /// Exports a tree to be read, not built.
    pub(super) fn show(&mut self, tree_id: ObjectId) -> Result<(), VerifyError> {
        let workspace = self.shell.workspace();
        if self.left.is_none() {
            self.left = workspace.shows().map(|tree_id| Left { tree_id, times: workspace.times() });
        }
        workspace.show(tree_id).map(drop)
    }

    fn pass(&mut self, base: &BuiltBase, step: &Step, begin: Instant) -> Result<PassReport, Stopped> {
        let differs = changed(&self.repository.objects(), self.base_id(), step.tree_id)?;
        self.show(step.tree_id)?;
        let (suspects, gone) = self.suspects(base, step, &differs)?;
        let answers = self.answers(&suspects.iter().collect::<Vec<_>>(), step.tree_id, begin)?;
        // What the base says too is not of this step.
        let doubtful: Vec<usize> = (0..suspects.len())
            .filter(|&place| suspects[place].like.is_none() && self.base_id() != step.tree_id)
            .filter(|&place| answers[place].code != 0 || answers[place].messages.contains_str("warning: "))
            .collect();
        let mut in_base: HashMap<usize, ObjectAnswer> = HashMap::new();
        if !doubtful.is_empty() {
            let asked: Vec<&Suspect> = doubtful.iter().map(|&place| &suspects[place]).collect();
            let known: Option<Vec<ObjectAnswer>> = self.known_of(&asked, self.base_id())?.into_iter().collect();
            let in_base_of = match known {
                Some(known) => known,
                None => {
                    self.show(self.base_id())?;
                    self.answers(&asked, self.base_id(), begin)?
                }
            };
            in_base = doubtful.into_iter().zip(in_base_of).collect();
        }
        // A compiler that misses a header notes nothing, but it has read the source.
        let sources = suspects.iter().map(|suspect| &suspect.compile.source);
        let read: BTreeSet<&BString> =
            answers.iter().filter_map(|answer| answer.reads.as_ref()).flatten().chain(sources).collect();
        let touched = differs.paths.difference(&differs.deleted).cloned();
        let (code, mut not_code): (Vec<BString>, Vec<BString>) = touched.partition(|path| is_code(path.as_ref()));
        not_code.retain(|path| !read.contains(path));
        let unread_code = code.iter().filter(|path| !read.contains(path)).cloned().collect();
        // A file that is as in the base was compiled there.
        let is_of_base = |path: &&BString| !differs.paths.contains(*path) && base.commands.paths.contains(*path);
        let watched = self.shell.workspace().watched().iter().filter(|_| base.code == 0);
        let as_in_base = watched.filter(is_of_base).cloned().collect();
        let objects = suspects.into_iter().zip(answers).enumerate();
        let objects = objects.map(|(place, (suspect, answer))| Object { suspect, answer, in_base: in_base.remove(&place) });
        Ok(PassReport {
            tree_id: step.tree_id,
            base_code: base.code,
            n_objects: base.commands.entries.len(),
            objects: objects.collect(),
            gone,
            code,
            as_in_base,
            unread_code,
            not_code,
        })
    }

    /// Returns the objects of a step that may differ from the base's, by name, and those that it has no longer.
    pub(super) fn suspects(
        &mut self,
        base: &BuiltBase,
        step: &Step,
        differs: &Changed,
    ) -> Result<(Vec<Suspect>, Vec<BString>), VerifyError> {
        let top = self.top();
        let marks = base.differing(&differs.paths, &differs.names(), &top);
        let repository = self.repository;
        let (base_files, step_files) = (Files::of(repository, self.base_id()), Files::of(repository, step.tree_id));
        let (in_base, in_step) = (|path: &BStr| base_files.text(path), |path: &BStr| step_files.text(path));
        let (mut base_names, mut step_names) = (BuildFileNames::of(&in_base), BuildFileNames::of(&in_step));
        let mut renamed: HashMap<&BStr, bool> = HashMap::new();
        let mut found = Vec::new();
        let mut gone = Vec::new();
        for (compile, reads) in &base.commands.entries {
            let source = compile.source.as_bstr();
            let folder = folder_of(source);
            let build_file_differs =
                *renamed.entry(folder).or_insert_with(|| build_files(folder).any(|path| differs.paths.contains(&path)));
            if differs.deleted.contains(source) || build_file_differs && dropped(source, &mut base_names, &mut step_names) {
                gone.push(compile.object.clone());
                continue;
            }
            let is_marked = |place: &u32| usize::try_from(*place).ok().and_then(|place| marks.get(place)) == Some(&true);
            // What an object reads that nobody noted may be anything.
            if reads.as_ref().map_or(!differs.paths.is_empty(), |reads| reads.iter().any(is_marked)) {
                found.push((compile.clone(), None));
            }
        }
        for source in differs.created.iter().filter(|path| is_code(path.as_ref())) {
            let made = fresh(source.as_ref(), &base.commands, &in_step, &base.settings);
            found.extend(made.map(|made| (made.compile, Some(made.like))));
        }
        found.sort_by(|one, other| one.0.object.cmp(&other.0.object));
        let mut suspects = Vec::new();
        for (compile, like) in found {
            // What gcc says of a whole file is asked where the source itself differs.
            let is_whole = like.is_some() || differs.paths.contains(&compile.source);
            let compiler = self.compiler(&compile)?;
            let is_whole = is_whole && compiler.asks_whole && !compile.is_assembler();
            let aim = if is_whole { Aim::Whole } else { Aim::Syntax };
            let version = compiler.version.clone();
            let key = self.key(&compile, aim, &version);
            suspects.push(Suspect { compile, like, aim, key });
        }
        Ok((suspects, gone))
    }

    /// Returns what is known of a compiler, asking it once.
    fn compiler(&mut self, compile: &Compile) -> Result<&Compiler, VerifyError> {
        let word: BString = super::compile::compiler(&compile.words).unwrap_or_default().into();
        if !self.compilers.contains_key(&word) {
            let folder = emptied(self.home().join("syntax"))?;
            let program = || vec![word.to_os_str_lossy().into_owned()];
            let mut whole = program();
            whole.extend(["-flto", "-fno-fat-lto-objects", "-S", "-x", "c", "/dev/null", "-o"].map(Into::into));
            whole.push(folder.join("whole.s").into());
            let mut version = program();
            version.push("--version".into());
            let jobs = [version, whole].map(|words| CompilerCall { words, folder: folder.clone() });
            let limits = BuildLimits { timeout: None, ..self.limits.clone() };
            let at = CompilerFolders { folder: &folder, home: &self.home(), environment: &self.environment() };
            let done = or_end(run_all(&jobs, &at, Instant::now(), &limits))?.map_err(|_| VerifyError::Interrupted)?;
            let [said, whole] = done.try_into().map_err(|_| VerifyError::Interrupted)?;
            let asks_whole = whole.code == 0 && !compile.is_clang();
            self.compilers.insert(word.clone(), Compiler { version: said.messages, asks_whole });
        }
        Ok(&self.compilers[&word])
    }

    /// Returns the name under which is kept what a compiler says of an object.
    fn key(&self, compile: &Compile, aim: Aim, version: &BString) -> String {
        let nowhere = Path::new("-");
        let mut text: Vec<u8> = Vec::new();
        let mut put = |part: &[u8]| {
            text.extend_from_slice(part);
            text.push(0);
        };
        [compile.object.as_slice(), compile.folder.as_slice(), version.as_slice()].into_iter().for_each(&mut put);
        rewritten(compile, aim, nowhere, nowhere).iter().for_each(|word| put(word.as_encoded_bytes()));
        for (name, value) in &self.environment() {
            put(name.as_encoded_bytes());
            put(value.as_encoded_bytes());
        }
        hash(&text)
    }

    /// Returns what is known of each suspect in a tree.
    pub(super) fn known_of(
        &mut self,
        suspects: &[&Suspect],
        tree_id: ObjectId,
    ) -> Result<Vec<Option<ObjectAnswer>>, VerifyError> {
        self.found_by(&mut TreeFacts::of(self.repository, tree_id), suspects)
    }

    fn found_by(&mut self, facts: &mut TreeFacts<'_>, suspects: &[&Suspect]) -> Result<Vec<Option<ObjectAnswer>>, VerifyError> {
        let top = self.top();
        suspects.iter().map(|suspect| facts.find(&mut self.records, &suspect.key, &top)).collect()
    }

    /// Returns what the compiler says of each suspect in the tree that stands in the folder, as far as it must be asked.
    fn answers(&mut self, suspects: &[&Suspect], tree_id: ObjectId, begin: Instant) -> Result<Vec<ObjectAnswer>, Stopped> {
        let top = self.top();
        let mut facts = TreeFacts::of(self.repository, tree_id);
        let mut answers = self.found_by(&mut facts, suspects)?;
        let asked: Vec<usize> = (0..suspects.len()).filter(|&place| answers[place].is_none()).collect();
        let compiles: Vec<&Compile> = asked.iter().map(|&place| &suspects[place].compile).collect();
        let done = self.compile(&compiles, "syntax", begin, &|number| suspects[asked[number]].aim)?;
        for (number, (&place, done)) in asked.iter().zip(done).enumerate() {
            let suspect = suspects[place];
            let rule_text = fs::read(self.output("syntax", number).with_extension("d")).unwrap_or_default();
            let reads = facts.reads(&rule_text, &suspect.compile, &top);
            answers[place] = Some(ObjectAnswer {
                code: done.code,
                messages: done.messages.clone(),
                reads: reads.as_ref().map(|reads| reads.iter().map(|(path, _)| path.clone()).collect()),
                is_known: false,
            });
            // Other codes are not about the source.
            if let Some(reads) = reads.filter(|_| matches!(done.code, 0 | 1)) {
                let wants = facts.wants(&reads, &top);
                let record = SyntaxRecord::of(&suspect.compile.object, tree_id, done, &wants);
                self.records.keep(&suspect.key, record, reads)?;
            }
        }
        let whole: Option<Vec<ObjectAnswer>> = answers.into_iter().collect();
        Ok(whole.expect("what was not known was asked"))
    }
}

/// Facts about one tree, each looked up once.
struct TreeFacts<'r> {
    repository: &'r Repository,
    tree_id: ObjectId,
    files: Files<'r>,
    differences: HashMap<ObjectId, Option<Changed>>,
    contents: HashMap<BString, Option<String>>,
    wanted: HashMap<BString, BTreeSet<BString>>,
}

impl<'r> TreeFacts<'r> {
    fn of(repository: &'r Repository, tree_id: ObjectId) -> Self {
        TreeFacts {
            repository,
            tree_id,
            files: Files::of(repository, tree_id),
            differences: HashMap::new(),
            contents: HashMap::new(),
            wanted: HashMap::new(),
        }
    }

    /// Returns what was said under a key of an object that read the same as it would here.
    fn find(&mut self, records: &mut Records, key: &str, top: &Path) -> Result<Option<ObjectAnswer>, VerifyError> {
        for (record, reads) in records.known(key) {
            let Some(from) = record.tree_id() else { continue };
            let (repository, tree_id) = (self.repository, self.tree_id);
            // A tree that is gone is like no other.
            let differences = self.differences.entry(from).or_insert_with(|| changed(&repository.objects(), from, tree_id).ok());
            let Some(differences) = differences else { continue };
            let names = differences.names();
            let is_other = |path: &BString| {
                differences.paths.contains(path) || !names.is_empty() && names.contains(base_name(path.as_ref()))
            };
            if reads.iter().any(|(path, _)| is_other(path)) || record.wants.iter().any(|want| names.contains(BStr::new(want))) {
                continue;
            }
            if reads.iter().all(|(path, content)| content.is_none() || self.content(path, top) == *content) {
                let reads = Some(reads.iter().map(|(path, _)| path.clone()).collect());
                return Ok(Some(ObjectAnswer { code: record.code, messages: record.messages.into(), reads, is_known: true }));
            }
        }
        Ok(None)
    }

    /// Returns the hash of a file that the tree has not.
    fn content(&mut self, path: &BString, top: &Path) -> Option<String> {
        let read = || fs::read(top.join(path.to_path_lossy())).ok().map(|text| hash(&text));
        self.contents.entry(path.clone()).or_insert_with(read).clone()
    }

    /// Returns what a compiler noted that it read; `None` when it noted nothing.
    fn reads(&mut self, rule_text: &[u8], compile: &Compile, top: &Path) -> Option<Reads> {
        let top_bytes = BStr::new(top.as_os_str().as_encoded_bytes());
        let mut paths: Vec<BString> =
            rule(rule_text).iter().map(|path| from_top(top_bytes, compile.folder.as_ref(), path.as_ref())).collect();
        paths.sort_unstable();
        paths.dedup();
        // Lists are kept a path a line.
        if paths.is_empty() || paths.iter().any(|path| path.contains(&b'\n') || path.contains(&b'\t')) {
            return None;
        }
        let mut reads = Vec::new();
        for path in paths {
            let content = match is_tracked(&self.files, path.as_ref()) {
                true => None,
                false => Some(self.content(&path, top)?),
            };
            reads.push((path, content));
        }
        Some(reads)
    }

    /// Returns the names that some files ask for.
    fn wants(&mut self, reads: &Reads, top: &Path) -> Vec<BString> {
        let mut wants = BTreeSet::new();
        for (path, _) in reads {
            let read = || fs::read(top.join(path.to_path_lossy())).map(|text| asked_for(&text)).unwrap_or_default();
            wants.extend(self.wanted.entry(path.clone()).or_insert_with(read).iter().cloned());
        }
        wants.into_iter().collect()
    }
}
