//! Build profiles: how a tree is made ready, what builds it, and what its verdict depends on.
//!
//! ```text
//!   .cleave.toml            [profile.s390]  use = "kernel"  arch = "s390"  cross-compile = "s390x-linux-gnu-"
//!   git config cleave.profile            s390=kernel:arch=s390,cross-compile=s390x-linux-gnu-
//!   --profile                            s390=kernel:arch=s390,cross-compile=s390x-linux-gnu-
//! ```
//!
//! All three say the same. In a command the word `{dirs}` stands for the folders of the change's sources and `{objects}` for their objects,
//! as kbuild and make name them, and `{jobs}` within a word for the processors of one worker.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::time::Duration;

use bstr::{BStr, BString, ByteSlice};
use serde::{Deserialize, Serialize};

use crate::model::path_kind::{PathKind, kind};

/// A profile as written. Keys that do not go with its kind are refused when it is resolved.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct WrittenProfile {
    /// The ready-made profile it begins with; none for a command of its own.
    #[serde(rename = "use")]
    pub kind: Option<Kind>,
    /// `kernel`: `ARCH`.
    pub arch: Option<String>,
    /// `kernel`: `CROSS_COMPILE`.
    pub cross_compile: Option<String>,
    /// `kernel`: a configuration target such as `defconfig`, the default.
    pub config: Option<String>,
    /// `kernel`: symbols set after that, as `KVM=y`, `WERROR=y`, `DEBUG_INFO=n`.
    pub config_options: Vec<String>,
    /// `kernel`: `W`, more warnings.
    pub w: Option<String>,
    /// `kernel`: sparse on what is compiled.
    pub sparse: bool,
    /// More for `{dirs}` and `{objects}`, as make names them.
    pub targets: Vec<String>,
    /// Commands that make a fresh folder ready; those of the kind come first.
    pub setup: Vec<Vec<String>>,
    /// The command, in place of the kind's.
    pub command: Vec<String>,
    /// Variables for setup and command.
    pub environment: BTreeMap<String, String>,
    /// Whether steps are built or only their syntax is checked.
    pub mode: Mode,
    /// When a step is built from nothing.
    pub clean: Option<Clean>,
    /// More programs of which the version counts.
    pub tools: Vec<String>,
    /// Seconds after which a build has failed.
    pub timeout: Option<u64>,
}

/// Ready-made profiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Linux' kbuild, in the tree.
    Kernel,
    /// `make -k`.
    Make,
    /// `meson setup`, then ninja.
    Meson,
    /// `cargo build --all-targets`.
    Cargo,
}

/// How much is done for a verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// The command builds each step.
    #[default]
    Build,
    /// The command builds the base; the compiler's syntax pass goes over the steps.
    Syntax,
}

/// When what earlier builds left is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Clean {
    /// Never: the build knows all it depends on.
    Never,
    /// For a step that fails, to be sure of it, and for one that removes files or changes what says how to build.
    Doubt,
    /// For every step.
    Always,
}

/// A profile, resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Its name, fit for a folder.
    pub name: String,
    /// Commands for a fresh folder.
    pub setup: Vec<Vec<OsString>>,
    /// Commands to run again when a file of a name that begins with one of [`Profile::refresh_on`] changes.
    pub refresh: Vec<Vec<OsString>>,
    /// See [`Profile::refresh`].
    pub refresh_on: &'static [&'static str],
    /// The command, with its placeholders.
    pub command: Vec<OsString>,
    /// More targets for the placeholders.
    pub targets: Vec<String>,
    /// Variables.
    pub environment: BTreeMap<OsString, OsString>,
    /// How much is done.
    pub mode: Mode,
    /// When to begin from nothing.
    pub clean: Clean,
    /// Programs whose version counts.
    pub tools: Vec<OsString>,
    /// A build that takes longer has failed.
    pub timeout: Option<Duration>,
    /// The folder below `arch/` that is built; of the others kbuild makes nothing.
    pub arch_folder: Option<String>,
}

/// Why a profile cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// What stands before the colon is no kind.
    #[error("profile '{0}' is neither defined nor one of kernel, make, meson, cargo")]
    Unknown(String),
    /// A part of the text is not `key=value`, or the key or value is wrong.
    #[error("profile '{profile}': {why}")]
    Wrong {
        /// Its name.
        profile: String,
        /// What is wrong.
        why: String,
    },
}

/// Reads `[LABEL=]KIND[:KEY=VALUE[,KEY=VALUE]…]`; a key with several values is written several times, the words of a command are
/// parted by spaces. Returns label and profile; without a label the kind is one.
///
/// # Errors
/// When the kind is unknown, or a key or value is.
pub fn parse(text: &str) -> Result<(String, WrittenProfile), ProfileError> {
    let (head, tail) = text.split_once(':').map_or((text, None), |(head, tail)| (head, Some(tail)));
    let (label, kind) = head.split_once('=').unwrap_or((head, head));
    let wrong = |why: String| ProfileError::Wrong { profile: label.to_owned(), why };
    let mut table = serde_json::Map::new();
    if kind != "command" {
        table.insert("use".into(), kind.into());
        serde_json::from_value::<WrittenProfile>(table.clone().into()).map_err(|_| ProfileError::Unknown(kind.to_owned()))?;
    }
    for pair in tail.into_iter().flat_map(|tail| tail.split(',')) {
        let (key, value) = pair.split_once('=').ok_or_else(|| wrong(format!("'{pair}' is not KEY=VALUE")))?;
        let words = || serde_json::Value::from(value.split_whitespace().map(serde_json::Value::from).collect::<Vec<_>>());
        match key {
            "config-options" | "targets" | "tools" => push(&mut table, key, value.into()),
            "setup" => push(&mut table, key, words()),
            "command" => drop(table.insert(key.into(), words())),
            "sparse" => drop(table.insert(key.into(), (value == "1" || value == "true").into())),
            "timeout" => {
                let seconds: u64 = value.parse().map_err(|_| wrong(format!("'{value}' is no number of seconds")))?;
                table.insert(key.into(), seconds.into());
            }
            "use" => return Err(wrong("the kind stands before the colon".into())),
            _ => drop(table.insert(key.into(), value.into())),
        }
    }
    let written = serde_json::from_value(table.into()).map_err(|error| wrong(error.to_string()))?;
    Ok((label.to_owned(), written))
}

fn push(table: &mut serde_json::Map<String, serde_json::Value>, key: &str, value: serde_json::Value) {
    if let serde_json::Value::Array(list) = table.entry(key).or_insert_with(|| serde_json::Value::Array(Vec::new())) {
        list.push(value);
    }
}

impl Profile {
    /// Returns a profile that runs one command as it is. Its folder is named by `name`.
    pub fn typed(name: String, command: Vec<OsString>, clean: Clean) -> Self {
        let tools = command.iter().take(1).cloned().chain(C_TOOLS.iter().map(OsString::from)).collect();
        Profile {
            name,
            setup: Vec::new(),
            refresh: Vec::new(),
            refresh_on: &[],
            command,
            targets: Vec::new(),
            environment: BTreeMap::new(),
            mode: Mode::Build,
            clean,
            tools,
            timeout: None,
            arch_folder: None,
        }
    }

    /// Resolves what was written under a name.
    ///
    /// # Errors
    /// When there is no command, or a key does not go with the kind.
    pub fn of(name: &str, written: &WrittenProfile) -> Result<Self, ProfileError> {
        let wrong = |why: &str| ProfileError::Wrong { profile: name.to_owned(), why: why.to_owned() };
        if name.is_empty()
            || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_+.".contains(&byte))
            || name.starts_with('.')
        {
            return Err(wrong("a name has letters, digits and '-_+.'"));
        }
        let of_kernel = written.arch.is_some()
            || written.cross_compile.is_some()
            || written.config.is_some()
            || !written.config_options.is_empty()
            || written.w.is_some()
            || written.sparse;
        if of_kernel && written.kind != Some(Kind::Kernel) {
            return Err(wrong("arch, cross-compile, config, config-options, w and sparse go with use = \"kernel\""));
        }
        let words = |words: &[&str]| -> Vec<OsString> { words.iter().map(OsString::from).collect() };
        let mut profile = Profile::typed(name.to_owned(), Vec::new(), Clean::Doubt);
        profile.tools = C_TOOLS.iter().map(OsString::from).collect();
        match written.kind {
            Some(Kind::Kernel) => kernel(&mut profile, written),
            Some(Kind::Make) => profile.command = words(&["make", "-k", "-j{jobs}"]),
            Some(Kind::Meson) => {
                profile.setup = vec![words(&["meson", "setup", "build"])];
                profile.command = words(&["ninja", "-C", "build", "-k", "0", "-j{jobs}"]);
                profile.tools.extend(words(&["meson"]));
                profile.clean = Clean::Never;
            }
            Some(Kind::Cargo) => {
                profile.command = words(&["cargo", "build", "--all-targets", "--keep-going", "-j{jobs}"]);
                profile.tools.extend(words(&["rustc"]));
                profile.clean = Clean::Never;
            }
            None => {}
        }
        profile.setup.extend(written.setup.iter().map(|line| line.iter().map(OsString::from).collect()));
        if !written.command.is_empty() {
            profile.command = written.command.iter().map(OsString::from).collect();
        }
        let Some(program) = profile.command.first().cloned() else { return Err(wrong("it has no command")) };
        if profile.setup.iter().any(Vec::is_empty) {
            return Err(wrong("a setup command has no words"));
        }
        profile.tools.push(program);
        profile.tools.extend(written.tools.iter().map(OsString::from));
        profile.targets = written.targets.clone();
        profile.environment.extend(written.environment.iter().map(|(name, value)| (name.into(), value.into())));
        profile.mode = written.mode;
        profile.clean = written.clean.unwrap_or(profile.clean);
        profile.timeout = written.timeout.map(Duration::from_secs);
        Ok(profile)
    }

    /// Returns the words of the command for a tree: `has` says which paths it has. `None` where placeholders stand for nothing.
    /// `{jobs}` stays: how many processors there are is nothing that a verdict depends on.
    pub fn words(&self, touched: &[BString], has: &dyn Fn(&BStr) -> bool) -> Option<Vec<OsString>> {
        let mut words = Vec::new();
        for word in &self.command {
            let targets = match word.to_str() {
                Some("{dirs}") => self.dirs(touched, has),
                Some("{objects}") => self.objects(touched, has),
                _ => {
                    words.push(word.clone());
                    continue;
                }
            };
            if targets.is_empty() {
                return None;
            }
            words.extend(targets);
        }
        Some(words)
    }

    /// Returns the folders of the sources that the tree has, each with a slash at its end, none below another.
    fn dirs(&self, touched: &[BString], has: &dyn Fn(&BStr) -> bool) -> Vec<OsString> {
        let mut dirs: BTreeSet<String> =
            self.sources(touched, has).filter_map(|path| Some(path.rsplit_once('/')?.0.to_owned() + "/")).collect();
        if self.arch_folder.is_some() {
            // kbuild goes into no other folder by name.
            dirs.retain(|dir| {
                ["Makefile", "Kbuild"].iter().any(|file| has(BString::from(format!("{dir}{file}")).as_bstr()))
                    && !["tools/", "samples/", "scripts/", "Documentation/", "usr/"].iter().any(|apart| dir.starts_with(apart))
            });
        }
        dirs.extend(self.targets.iter().cloned());
        let all: Vec<String> = dirs.into_iter().collect();
        let inside =
            |dir: &String| all.iter().any(|other| other != dir && other.ends_with('/') && dir.starts_with(other.as_str()));
        all.iter().filter(|dir| !inside(dir)).map(OsString::from).collect()
    }

    fn objects(&self, touched: &[BString], has: &dyn Fn(&BStr) -> bool) -> Vec<OsString> {
        let objects: BTreeSet<String> = self
            .sources(touched, has)
            .filter_map(|path| Some(path.rsplit_once('.')?.0.to_owned() + ".o"))
            .chain(self.targets.iter().cloned())
            .collect();
        objects.into_iter().map(OsString::from).collect()
    }

    fn sources<'t>(&'t self, touched: &'t [BString], has: &'t dyn Fn(&BStr) -> bool) -> impl Iterator<Item = &'t str> {
        let is_source = |path: &str| matches!(kind(path.into()), PathKind::C | PathKind::Cpp | PathKind::Assembler);
        let is_ours = move |path: &str| match &self.arch_folder {
            Some(arch) => path.strip_prefix("arch/").is_none_or(|rest| rest.split('/').next() == Some(arch)),
            None => true,
        };
        touched
            .iter()
            .filter(|path| has(path.as_bstr()))
            .filter_map(|path| path.to_str().ok())
            .filter(move |path| is_source(path) && is_ours(path))
    }
}

/// What compiles and links C, by the names make knows them by where nobody says otherwise.
const C_TOOLS: &[&str] = &["cc", "gcc", "ld"];

/// Fills in kbuild's commands. Source: Documentation/kbuild/kbuild.rst, Documentation/dev-tools/sparse.rst.
fn kernel(profile: &mut Profile, written: &WrittenProfile) {
    let cross = written.cross_compile.clone().unwrap_or_default();
    let mut variables: Vec<OsString> = Vec::new();
    if let Some(arch) = &written.arch {
        variables.push(format!("ARCH={arch}").into());
    }
    if !cross.is_empty() {
        variables.push(format!("CROSS_COMPILE={cross}").into());
        profile.tools = vec![format!("{cross}gcc").into(), format!("{cross}ld").into(), "gcc".into()];
    }
    let make = |words: &[&str]| -> Vec<OsString> {
        ["make"].iter().map(OsString::from).chain(variables.iter().cloned()).chain(words.iter().map(OsString::from)).collect()
    };
    profile.setup.push(make(&[written.config.as_deref().unwrap_or("defconfig")]));
    if !written.config_options.is_empty() {
        let mut set: Vec<OsString> = vec!["scripts/config".into()];
        for option in &written.config_options {
            let (symbol, value) = option.split_once('=').unwrap_or((option, "y"));
            match value {
                "y" => set.extend(["--enable".into(), symbol.into()]),
                "m" => set.extend(["--module".into(), symbol.into()]),
                "n" => set.extend(["--disable".into(), symbol.into()]),
                value => set.extend(["--set-val".into(), symbol.into(), value.into()]),
            }
        }
        profile.setup.push(set);
        profile.setup.push(make(&["olddefconfig"]));
    }
    profile.refresh = vec![make(&["olddefconfig"])];
    profile.refresh_on = &["Kconfig"];
    profile.command = make(&["-k", "-j{jobs}"]);
    profile.command.extend(written.w.iter().map(|w| format!("W={w}").into()));
    if written.sparse {
        profile.command.push("C=1".into());
        profile.tools.push("sparse".into());
    }
    profile.command.push("{dirs}".into());
    // kbuild compares the saved command of each object and the list of each archive: what is stale is made again.
    profile.clean = Clean::Never;
    let arch = written.arch.as_deref().unwrap_or(std::env::consts::ARCH);
    // As scripts/subarch.include and the top Makefile name the folders.
    profile.arch_folder = Some(
        match arch {
            "i386" | "x86_64" => "x86",
            "sparc32" | "sparc64" => "sparc",
            "parisc64" => "parisc",
            "aarch64" => "arm64",
            "s390x" => "s390",
            "riscv64" => "riscv",
            "powerpc64" => "powerpc",
            "loongarch64" => "loongarch",
            other => other,
        }
        .to_owned(),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(lines: &[Vec<OsString>]) -> String {
        let line = |words: &Vec<OsString>| words.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
        lines.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// Setup and command of a profile text for a tree that has all of `paths`.
    #[track_caller]
    fn check(text: &str, paths: &[&str], expected: &str) {
        let (name, written) = parse(text).unwrap();
        let profile = Profile::of(&name, &written).unwrap();
        let touched: Vec<BString> = paths.iter().map(|path| BString::from(*path)).collect();
        let has = |path: &BStr| paths.iter().any(|known| path == *known) || path.ends_with(b"/Makefile");
        let mut lines = profile.setup.clone();
        lines.extend(profile.words(&touched, &has));
        assert_eq!(shown(&lines), expected);
    }

    #[test]
    fn the_kernel_is_configured_and_built_by_folder() {
        check(
            "s390=kernel:arch=s390,cross-compile=s390x-linux-gnu-,config-options=KVM=y,config-options=WERROR=y,w=1,targets=virt/kvm/",
            &["arch/s390/kvm/a.c", "arch/s390/kvm/x/b.c", "arch/m68k/mm/c.c", "mm/d.c", "include/linux/e.h", "tools/f.c"],
            "make ARCH=s390 CROSS_COMPILE=s390x-linux-gnu- defconfig\n\
             scripts/config --enable KVM --enable WERROR\n\
             make ARCH=s390 CROSS_COMPILE=s390x-linux-gnu- olddefconfig\n\
             make ARCH=s390 CROSS_COMPILE=s390x-linux-gnu- -k -j{jobs} W=1 arch/s390/kvm/ mm/ virt/kvm/",
        );
    }

    #[test]
    fn a_command_of_its_own_takes_objects() {
        check("command:command=make -s {objects},targets=prog", &["a.c", "lib/b.c", "c.h"], "make -s a.o lib/b.o prog");
        check("make:setup=./configure --quiet", &["a.c"], "./configure --quiet\nmake -k -j{jobs}");
        check("fast=command:command=make {dirs}", &["doc/a.txt"], "");
    }

    #[test]
    fn wrong_profiles_are_refused_by_name() {
        let refused = |text: &str| match parse(text).and_then(|(name, written)| Profile::of(&name, &written)) {
            Ok(profile) => panic!("{profile:?}"),
            Err(error) => error.to_string(),
        };
        assert_eq!(refused("s390"), "profile 's390' is neither defined nor one of kernel, make, meson, cargo");
        assert_eq!(
            refused("x=make:arch=s390"),
            "profile 'x': arch, cross-compile, config, config-options, w and sparse go with use = \"kernel\""
        );
        assert_eq!(refused("x=command:targets=a"), "profile 'x': it has no command");
        assert_eq!(refused("kernel:arch"), "profile 'kernel': 'arch' is not KEY=VALUE");
        assert!(refused("kernel:what=1").starts_with("profile 'kernel': unknown field `what`"));
        assert_eq!(refused("a/b=make"), "profile 'a/b': a name has letters, digits and '-_+.'");
        assert_eq!(refused("make:timeout=soon"), "profile 'make': 'soon' is no number of seconds");
    }

    proptest::proptest! {
        /// No text is a panic, and what is read is resolved or refused.
        #[test]
        fn any_text_is_read_or_refused(text in "[a-z=:, {}./]{0,40}") {
            if let Ok((name, written)) = parse(&text) {
                drop(Profile::of(&name, &written));
            }
        }
    }
}
