//! What a file is, by its path. Every stage asks here, so that all of them take a file for the same thing.
//!
//! [`kind`] says what language the text is in; [`is_documentation`] and [`is_test`] say what a file is for, in whatever language it is
//! written.

use bstr::{BStr, ByteSlice};

/// The language of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PathKind {
    /// A C source.
    C,
    /// A C++ source.
    Cpp,
    /// A header of C or C++.
    Header,
    /// C that other files include for its declarations or code, not called a header: `.inc`.
    Included,
    /// C that other files include for its rows, often the calls of one macro: `.def`.
    Rows,
    /// Assembler.
    Assembler,
    /// A linker script: preprocessed, and not C.
    LinkerScript,
    /// A Rust source.
    Rust,
    /// The input of a generator of C: lex, yacc, ACPI tables.
    Generator,
    /// A makefile or Kbuild file.
    Makefile,
    /// A file of build rules for meson.
    Meson,
    /// The options of a build with meson.
    MesonOptions,
    /// A file of build rules for CMake.
    Cmake,
    /// Kconfig: what can be configured.
    Kconfig,
    /// What is configured for a board.
    Defconfig,
    /// Which symbols a library exports.
    VersionMap,
    /// A devicetree source.
    Devicetree,
    /// A schema or description of a devicetree binding.
    Binding,
    /// Text for people.
    Document,
    /// A list of who maintains what, in the form of the kernel's MAINTAINERS.
    Maintainers,
    /// A script in which `#` begins a comment.
    Script,
    /// Data in which `#` begins a comment.
    Data,
    /// All else.
    Other,
}

use PathKind as K;

/// How a name is compared with the names of the table.
enum Test {
    /// It is one of these.
    Is(&'static [&'static str]),
    /// It begins with one of these.
    Begins(&'static [&'static str]),
    /// It ends in one of these.
    Ends(&'static [&'static str]),
}

use Test::{Begins, Ends, Is};

/// The first row whose test the last component of a path passes says its kind.
const TABLE: &[(Test, PathKind)] = &[
    (Is(&["MAINTAINERS"]), K::Maintainers),
    (Is(&["README", "COPYING", "CREDITS"]), K::Document),
    (Is(&["CMakeLists.txt"]), K::Cmake),
    (Is(&["meson_options.txt", "meson.options"]), K::MesonOptions),
    (Ends(&[".c"]), K::C),
    (Ends(&[".cc", ".cpp", ".cxx"]), K::Cpp),
    (Ends(&[".h", ".hh", ".hpp", ".hxx"]), K::Header),
    (Ends(&[".inc"]), K::Included),
    (Ends(&[".def"]), K::Rows),
    (Ends(&[".S", ".s"]), K::Assembler),
    (Ends(&[".lds", ".ld"]), K::LinkerScript),
    (Begins(&["Makefile", "GNUmakefile", "Kbuild"]), K::Makefile),
    (Begins(&["Kconfig", "Config.in"]), K::Kconfig),
    (Ends(&[".mk"]), K::Makefile),
    (Ends(&[".build"]), K::Meson),
    (Ends(&["_defconfig"]), K::Defconfig),
    (Ends(&[".map"]), K::VersionMap),
    (Ends(&[".dts", ".dtsi", ".dtso"]), K::Devicetree),
    (Ends(&[".rst", ".txt", ".md", ".adoc"]), K::Document),
    (Ends(&[".rs"]), K::Rust),
    (Ends(&[".y", ".l", ".asl"]), K::Generator),
    (Ends(&[".py", ".sh", ".pl"]), K::Script),
    (Ends(&[".yaml", ".yml", ".toml", ".cfg"]), K::Data),
];

/// Returns the language of the file at a path.
pub fn kind(path: &BStr) -> PathKind {
    let name = path.rsplit_str("/").next().unwrap_or_default();
    let passes = |test: &Test| match test {
        Is(names) => names.iter().any(|known| name == known.as_bytes()),
        Begins(starts) => starts.iter().any(|start| name.starts_with(start.as_bytes())),
        Ends(ends) => ends.iter().any(|end| name.ends_with(end.as_bytes())),
    };
    let found = TABLE.iter().find(|(test, _)| passes(test)).map_or(K::Other, |(_, kind)| *kind);
    // A binding is known by its folder, `Documentation/devicetree/bindings/` or `doc/device-tree-bindings/`.
    let is_text = name.ends_with(b".yaml") || name.ends_with(b".txt");
    if is_text && matches!(found, K::Data | K::Document) && path.contains_str("bindings/") { K::Binding } else { found }
}

/// Whether the file is for people who read about the program: text for people, and all below a folder of documents.
pub fn is_documentation(path: &BStr) -> bool {
    matches!(kind(path), K::Document | K::Binding | K::Maintainers)
        || ["Documentation/", "doc/", "docs/"].iter().any(|folder| path.starts_with(folder.as_bytes()))
}

/// Whether the file belongs to tests, in any language: it is below a folder of tests, or a word of its name begins with `test`.
pub fn is_test(path: &BStr) -> bool {
    let mut parts = path.rsplit_str("/");
    let name = parts.next().unwrap_or_default();
    let is_folder = |part: &[u8]| [&b"t"[..], b"test", b"tests", b"selftest", b"selftests"].contains(&part);
    // DPDK has its test programs in `app/test-pmd/` and the like.
    parts.any(is_folder)
        || path.starts_with(b"app/test")
        || name.starts_with(b"test")
        || ["_test", "-test"].iter().any(|word| name.contains_str(word))
}

impl PathKind {
    /// Whether it is C, whole or row by row.
    pub fn is_c(self) -> bool {
        matches!(self, K::C | K::Header | K::Included | K::Rows)
    }

    /// Whether it tells the build what to make, how, or with which settings.
    pub fn is_build(self) -> bool {
        matches!(self, K::Makefile | K::Meson | K::MesonOptions | K::Cmake | K::Kconfig | K::Defconfig | K::VersionMap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_say_what_files_are() {
        let shown = |path: &str| {
            let also = |is: bool, word: &'static str| if is { word } else { "" };
            let path = BStr::new(path);
            let (documents, tests) = (also(is_documentation(path), " documentation"), also(is_test(path), " test"));
            format!("{:?}{documents}{tests}", kind(path))
        };
        let check = |path: &str, expected: &str| assert_eq!(shown(path), expected, "{path}");
        check("kernel/fork.c", "C");
        check("docker/x.c", "C");
        check("Documentation/x.c", "C documentation");
        check("t/helper/x.c", "C test");
        check("lib/test_hash.c", "C test");
        check("fs/latest.c", "C");
        check("app/test-pmd/x.c", "C test");
        check("a/b.cc", "Cpp");
        check("include/x.h", "Header");
        check("a/syscalls.def", "Rows");
        check("a/entry.S", "Assembler");
        check("a/vmlinux.lds", "LinkerScript");
        check("Makefile", "Makefile");
        check("a/Makefile.objs", "Makefile");
        check("mk/rte.vars.mk", "Makefile");
        check("a/Kconfig.debug", "Kconfig");
        check("meson.build", "Meson");
        check("meson_options.txt", "MesonOptions");
        check("a/CMakeLists.txt", "Cmake");
        check("configs/x_defconfig", "Defconfig");
        check("a/version.map", "VersionMap");
        check("a/b.dtso", "Devicetree");
        check("Documentation/devicetree/bindings/a.yaml", "Binding documentation");
        check("Documentation/devicetree/bindings/a.c", "C documentation");
        check("doc/device-tree-bindings/a.txt", "Binding documentation");
        check("docs/x.rst", "Document documentation");
        check("docs/conf.py", "Script documentation");
        check("lib/README", "Document documentation");
        check("a/notes.txt", "Document documentation");
        check("drivers/MAINTAINERS", "Maintainers documentation");
        check("a/b.yaml", "Data");
        check("a/test", "Other test");
        check("doc", "Other");
        check("", "Other");
    }
}
