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
    /// A header of C.
    Header,
    /// A header that is C++ by its name.
    CppHeader,
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
    /// A makefile or Kbuild file under one of the usual names.
    Makefile,
    /// A file of build rules for meson.
    Meson,
    /// The options of a build with meson.
    MesonOptions,
    /// A file of build rules for CMake.
    Cmake,
    /// A file of build rules under another name: `Makefile_32`, `options.build`.
    OtherRules,
    /// Kconfig: what can be configured.
    Kconfig,
    /// What is configured for a board.
    Defconfig,
    /// Which symbols a library exports.
    VersionMap,
    /// A devicetree source.
    Devicetree,
    /// A schema of a devicetree binding.
    Schema,
    /// A description of a devicetree binding in words.
    Binding,
    /// Text for people in a known form.
    Document,
    /// Text for people that is known by its name alone: `README`, `COPYING`.
    Notice,
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
    (Is(&["README", "COPYING", "CREDITS"]), K::Notice),
    (Is(&["CMakeLists.txt"]), K::Cmake),
    (Is(&["meson_options.txt", "meson.options"]), K::MesonOptions),
    (Ends(&[".c"]), K::C),
    (Ends(&[".cc", ".cpp", ".cxx"]), K::Cpp),
    (Ends(&[".h"]), K::Header),
    (Ends(&[".hh", ".hpp", ".hxx"]), K::CppHeader),
    (Ends(&[".inc"]), K::Included),
    (Ends(&[".def"]), K::Rows),
    (Ends(&[".S", ".s"]), K::Assembler),
    (Ends(&[".lds", ".ld"]), K::LinkerScript),
    (Is(&["Makefile", "GNUmakefile", "Kbuild"]), K::Makefile),
    (Begins(&["Makefile.", "Kbuild."]), K::Makefile),
    (Ends(&[".mk"]), K::Makefile),
    (Is(&["meson.build"]), K::Meson),
    (Begins(&["Kconfig", "Config.in"]), K::Kconfig),
    (Begins(&["Makefile", "GNUmakefile", "Kbuild"]), K::OtherRules),
    (Ends(&[".build"]), K::OtherRules),
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
    match found {
        K::Data if name.ends_with(b".yaml") && path.contains_str("bindings/") => K::Schema,
        K::Document if name.ends_with(b".txt") && path.contains_str("bindings/") => K::Binding,
        found => found,
    }
}

/// Whether the file is for people who read about the program: text for people, and all below a folder of documents.
pub fn is_documentation(path: &BStr) -> bool {
    kind(path).is_prose() || ["Documentation/", "doc/", "docs/"].iter().any(|folder| path.starts_with(folder.as_bytes()))
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
    /// Whether it is C or a header, whole or row by row.
    pub fn is_c(self) -> bool {
        self == K::C || self.is_included()
    }

    /// Whether it is a header of C or C++.
    pub fn is_header(self) -> bool {
        matches!(self, K::Header | K::CppHeader)
    }

    /// Whether it is C or C++ that other files include.
    pub fn is_included(self) -> bool {
        self.is_header() || matches!(self, K::Included | K::Rows)
    }

    /// Whether it is for people alone.
    pub fn is_prose(self) -> bool {
        matches!(self, K::Document | K::Notice | K::Schema | K::Binding | K::Maintainers)
    }

    /// Whether it is part of the definition of a devicetree binding.
    pub fn is_binding(self) -> bool {
        matches!(self, K::Schema | K::Binding)
    }

    /// Whether it tells the build what to make, how, or with which settings.
    pub fn is_build(self) -> bool {
        self.is_rules() || matches!(self, K::MesonOptions | K::Kconfig | K::Defconfig | K::VersionMap)
    }

    /// Whether it holds the rules by which something is built.
    pub fn is_rules(self) -> bool {
        matches!(self, K::Makefile | K::Meson | K::Cmake | K::OtherRules)
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
        check("include/x.hpp", "CppHeader");
        check("a/syscalls.def", "Rows");
        check("a/entry.S", "Assembler");
        check("a/vmlinux.lds", "LinkerScript");
        check("Makefile", "Makefile");
        check("a/Makefile.objs", "Makefile");
        check("mk/rte.vars.mk", "Makefile");
        check("a/Kconfig.debug", "Kconfig");
        check("a/Makefile_32", "OtherRules");
        check("meson.build", "Meson");
        check("a/options.build", "OtherRules");
        check("meson_options.txt", "MesonOptions");
        check("a/CMakeLists.txt", "Cmake");
        check("configs/x_defconfig", "Defconfig");
        check("a/version.map", "VersionMap");
        check("a/b.dtso", "Devicetree");
        check("Documentation/devicetree/bindings/a.yaml", "Schema documentation");
        check("Documentation/devicetree/bindings/a.c", "C documentation");
        check("doc/device-tree-bindings/a.txt", "Binding documentation");
        check("docs/x.rst", "Document documentation");
        check("docs/conf.py", "Script documentation");
        check("lib/README", "Notice documentation");
        check("a/notes.txt", "Document documentation");
        check("drivers/MAINTAINERS", "Maintainers documentation");
        check("a/b.yaml", "Data");
        check("a/test", "Other test");
        check("doc", "Other");
        check("", "Other");
    }
}
