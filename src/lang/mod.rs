//! The languages in which texts are written, and what the program asks of each.
//!
//! In: a path and a text. Out: what of it can go alone ([`Block`]), the names in it with what they are there ([`Mention`]), how far they are seen,
//! and how comments look. Which file is of which kind is the one table of [`crate::model::path_kind`]. A new language is a module here with a
//! [`Language`], and a line of [`language()`]. This room stands left of `read`, which cuts by items; `analyze` reads the names.

use bstr::ByteSlice;

mod block;
pub mod c;
mod devicetree;
mod document;
pub mod import;
pub mod kbuild;
mod kconfig;
mod language;
mod mention;

pub use block::Block;
pub use language::{Build, Comments, Items, Language, Visibility};
pub use mention::{Linkage, Mention, Mentions, SourceText, used};

use crate::model::path_kind::{PathKind, kind};

/// Returns the language of the file at a path, by its kind.
pub fn language(path: &[u8]) -> &'static Language {
    match kind(path.as_bstr()) {
        PathKind::C => &c::SOURCE,
        PathKind::Header | PathKind::Included => &c::HEADER,
        PathKind::Rows => &c::LIST,
        PathKind::Cpp | PathKind::CppHeader => &c::CPP,
        PathKind::Assembler | PathKind::LinkerScript => &c::ASSEMBLER,
        PathKind::Makefile | PathKind::Meson => &kbuild::KBUILD,
        PathKind::Cmake => &kbuild::CMAKE,
        PathKind::OtherRules => &kbuild::MAKE,
        PathKind::Kconfig => &kconfig::KCONFIG,
        PathKind::Devicetree => &devicetree::SOURCE,
        PathKind::Schema => &devicetree::SCHEMA,
        PathKind::Binding => &devicetree::BINDING,
        PathKind::Document => &document::DOCUMENT,
        PathKind::Maintainers => &document::MAINTAINERS,
        PathKind::Script | PathKind::Data => &SCRIPT,
        PathKind::MesonOptions | PathKind::Defconfig | PathKind::VersionMap | PathKind::Rust => &Language::PLAIN,
        PathKind::Generator | PathKind::Notice | PathKind::Other => &Language::PLAIN,
    }
}

/// A script or a file of settings: text whose comments are known, and nothing else.
const SCRIPT: Language = Language { name: "script", comments: Comments::Hash, ..Language::PLAIN };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_language() {
        let check = |path: &str, expected: &str| assert_eq!(language(path.as_bytes()).name, expected, "{path}");
        check("mm/gmap.c", "C");
        check("include/a.h", "C header");
        check("include/a.def", "list of macro calls");
        check("lib/a.cc", "C++");
        check("arch/head.S", "assembler");
        check("mm/Makefile", "build file");
        check("mm/Makefile.inc", "C header");
        check("scripts/Makefile.lib", "build file");
        check("mm/Makefile_32", "other build file");
        check("a/meson.build", "build file");
        check("a/options.build", "other build file");
        check("CMakeLists.txt", "CMake");
        check("mm/Kconfig.debug", "Kconfig");
        check("Documentation/devicetree/bindings/a.yaml", "devicetree schema");
        check("Documentation/devicetree/bindings/a.txt", "devicetree binding");
        check("a.yaml", "script");
        check("a.txt", "document");
        check("meson_options.txt", "text");
        check("MAINTAINERS", "MAINTAINERS");
        check("COPYING", "text");
        check("mm.c/README", "text");
    }
}
