//! In what the copies of `get_maintainer.pl` differ.

use bstr::ByteSlice;

use super::perl::Letters;

/// Whose `get_maintainer.pl` is followed. DPDK uses the kernel's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Dialect {
    /// Linux 6.x, and every project that borrows its script.
    #[default]
    Linux,
    /// U-Boot: older; MAINTAINERS is a set of files over the tree (`.get_maintainer.conf`: `--find-maintainer-files`).
    UBoot,
    /// QEMU: older still.
    Qemu,
    /// Xen: braces in patterns, `THE REST` left out where others are responsible, people named once per section.
    Xen,
}

impl Dialect {
    /// Tells the dialect from the project's own script, where it has one, and from its MAINTAINERS.
    pub fn of(script: Option<&[u8]>, maintainers: &[u8]) -> Self {
        let says = |text: &[u8]| script.is_some_and(|script| script.contains_str(text));
        if says(b"0.26-xen") || maintainers.contains_str("V:\txen-maintainers-") {
            Dialect::Xen
        } else if says(b"keywords_in_file") {
            Dialect::Linux
        } else if says(b"a QEMU source tree") {
            Dialect::Qemu
        } else if says(b"a U-Boot source tree") {
            Dialect::UBoot
        } else {
            Dialect::Linux
        }
    }

    /// Whether the script prints roles without being asked (`--rolestats` is its default).
    pub fn shows_roles(self) -> bool {
        self != Dialect::Xen
    }

    /// Whether the script reads its files as UTF-8; the others count and compare bytes.
    pub(super) fn decodes(self) -> bool {
        self == Dialect::Linux
    }

    /// What a letter is in its expressions.
    pub(super) fn letters(self) -> Letters {
        if self.decodes() { Letters::Any } else { Letters::Ascii }
    }

    /// How long a section's name may be in a role, and what is left of a longer one before `...`.
    pub(super) fn section_limit(self) -> (usize, usize) {
        match self {
            Dialect::Linux | Dialect::UBoot => (50, 47),
            Dialect::Qemu | Dialect::Xen => (20, 17),
        }
    }

    /// Whether a line that begins with `#` is a comment; elsewhere it ends a section as any heading does.
    pub(super) fn has_comments(self) -> bool {
        matches!(self, Dialect::Linux | Dialect::UBoot)
    }

    /// Whether `{a,b}` in a path pattern is one of the two.
    pub(super) fn has_braces(self) -> bool {
        self == Dialect::Xen
    }

    /// Whether a role that comes from `K:` says so.
    pub(super) fn names_keyword(self) -> bool {
        self == Dialect::Linux
    }

    /// Whether addresses inside `.yaml` files count.
    pub(super) fn reads_yaml(self) -> bool {
        matches!(self, Dialect::Linux | Dialect::UBoot)
    }

    /// Whether a reviewer's role names the section.
    pub(super) fn names_reviewed_section(self) -> bool {
        self != Dialect::Xen
    }

    /// The one person who is never printed, with or without a name; a dot stands for any byte.
    pub(super) fn chief(self, with_name: bool) -> &'static [u8] {
        let is_torvalds = self != Dialect::UBoot;
        match (is_torvalds, with_name) {
            (true, true) => b"Linus Torvalds <torvalds@linux-foundation.org>",
            (true, false) => b"torvalds@linux-foundation.org",
            (false, true) => b"Tom RINI <trini@konsulko.com>",
            (false, false) => b"trini@konsulko.com",
        }
    }

    /// Their name.
    pub(super) fn chief_name(self) -> &'static str {
        match self {
            Dialect::UBoot => "Tom RINI",
            Dialect::Linux | Dialect::Qemu | Dialect::Xen => "Linus Torvalds",
        }
    }
}
