//! The languages in which texts are written, and what the program asks of each.
//!
//! In: a path and a text. Out: what of it can go alone ([`Block`]), the names in it with what they are there ([`Mention`]), how far they are seen,
//! and how comments look. No other room asks what ending a path has to know how to read a text. A new language is a module here with a
//! [`Language`], and a line of the table. This room stands left of `read`, which cuts by items; `analyze` reads the names.

mod block;
pub mod c;
mod devicetree;
mod document;
pub mod kbuild;
mod kconfig;
mod language;
mod mention;
mod paths;
mod script;

pub use block::Block;
pub use language::{Build, Comments, Items, Language, Scope};
pub use mention::{Linkage, Mention, Mentions, Text};

/// All languages. The first that takes a path counts; the last takes all.
static LANGUAGES: &[Language] = &[
    c::SOURCE,
    c::HEADER,
    c::LIST,
    c::ASSEMBLER,
    kbuild::KBUILD,
    kbuild::CMAKE,
    kconfig::KCONFIG,
    devicetree::SOURCE,
    devicetree::SCHEMA,
    devicetree::BINDING,
    document::DOCUMENT,
    document::MAINTAINERS,
    c::CPP,
    kbuild::MAKE,
    script::SCRIPT,
    Language::PLAIN,
];

/// Returns the language of the file at a path.
pub fn language(path: &[u8]) -> &'static Language {
    LANGUAGES.iter().find(|language| (language.takes)(path)).unwrap_or(&LANGUAGES[LANGUAGES.len() - 1])
}

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
