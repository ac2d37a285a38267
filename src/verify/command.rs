//! The command of a build and the variables that change what it does: with the tree, all that a verdict depends on.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

use sha2::{Digest, Sha256};

use super::profile::Mode;
use super::toolchain::Toolchain;
use crate::model::hex;

/// What a verdict depends on besides the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildCommand {
    /// The program and its arguments; no shell reads them. `{jobs}` stands for a worker's share of the processors.
    pub words: Vec<OsString>,
    /// Commands that make a fresh folder ready.
    pub setup: Vec<Vec<OsString>>,
    /// Variables that change what a build does.
    pub environment: BTreeMap<OsString, OsString>,
    /// The programs that do it.
    pub toolchain: Toolchain,
    /// Whether it builds.
    pub mode: Mode,
}

impl BuildCommand {
    /// Returns the name its verdicts are kept under: 16 hexadecimal digits over all that it is.
    pub fn key(&self) -> String {
        let mut hash = Sha256::new();
        let mut add = |tag: u8, text: &[u8]| {
            hash.update([tag]);
            hash.update(text);
            hash.update([0]);
        };
        self.words.iter().for_each(|word| add(b'w', word.as_bytes()));
        for command in &self.setup {
            add(b's', b"");
            command.iter().for_each(|word| add(b'w', word.as_bytes()));
        }
        for (name, value) in &self.environment {
            add(b'e', name.as_bytes());
            add(b'e', value.as_bytes());
        }
        for (name, version) in &self.toolchain {
            add(b't', name.as_bytes());
            add(b't', version.as_bytes());
        }
        add(b'm', if self.mode == Mode::Syntax { b"syntax" } else { b"build" });
        hex(&hash.finalize()[..8])
    }
}

/// Variables that decide which tools a build takes and how it calls them.
const NOTED: &[&str] = &[
    "AR",
    "ARCH",
    "AS",
    "CC",
    "CFLAGS",
    "CPPFLAGS",
    "CROSS_COMPILE",
    "CXX",
    "CXXFLAGS",
    "HOSTCC",
    "HOSTCFLAGS",
    "KBUILD_OUTPUT",
    "KCFLAGS",
    "KCONFIG_CONFIG",
    "LD",
    "LDFLAGS",
    "LLVM",
    "MAKEFLAGS",
];

/// Returns the noted variables as they are, and the search path, by which programs are found but which says nothing of them.
#[expect(clippy::disallowed_methods, reason = "this is the place that starts builds, and their environment is ours")]
pub fn environment() -> (BTreeMap<OsString, OsString>, Option<OsString>) {
    (NOTED.iter().filter_map(|name| Some(((*name).into(), std::env::var_os(name)?))).collect(), std::env::var_os("PATH"))
}
