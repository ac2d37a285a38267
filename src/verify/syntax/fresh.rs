//! Sources that are new in a step, and those that its build files name no longer.
//!
//! ```text
//!   obj-$(CONFIG_KVM) += kvm.o          CONFIG_KVM is y or m in the built tree
//!   kvm-y += gaccess.o gmap.o           gmap.c is new: it is compiled as gaccess.c is, with the names replaced
//! ```
//!
//! Nothing is run for it: lines within `ifdef` count as if they stood alone, and options that are given for one file are not looked at.
//! Source: the kernel's Documentation/kbuild/makefiles.rst, "The kbuild files".

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BStr, BString, ByteSlice};

use super::commands::Commands;
use super::compile::Compile;
use crate::lang::kbuild::objects_named;
use crate::verify::paths::{base_name, folder_of, joined};

/// The command for a source that no build has compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fresh {
    /// Its command.
    pub compile: Compile,
    /// The object whose command it was made of.
    pub like: BString,
}

/// The texts of one step, by path.
pub type TextOf<'t> = dyn Fn(&BStr) -> Option<Vec<u8>> + 't;

/// Returns the command for a new source, or `None` when no build file names it, a setting keeps it out, or nothing like it was built.
pub fn fresh(source: &BStr, commands: &Commands, text: &TextOf<'_>, config: &BTreeSet<BString>) -> Option<Fresh> {
    let (stem, ending) = source.rsplit_once_str(".")?;
    let (path, build_file) = build_files(folder_of(source)).find_map(|path| {
        let found = text(path.as_ref())?;
        objects_named(&path, &found).contains(stem.as_bstr()).then_some((path, found))
    })?;
    let lists = Lists::of(&build_file);
    let folder = folder_of(path.as_ref());
    let from_folder = |path: &BStr| -> BString {
        let below = if folder.is_empty() {
            path.as_bytes()
        } else {
            path.strip_prefix([folder.as_bytes(), b"/"].concat().as_slice()).unwrap_or(path)
        };
        [below, b".o"].concat().into()
    };
    if lists.keep_out(&from_folder(stem.as_bstr()), config, 0) {
        return None;
    }
    let stem_of = |compile: &Compile| -> Option<BString> { Some(compile.source.rsplit_once_str(".")?.0.into()) };
    // Of the objects of the folder, one that the same list names is nearest.
    let mut siblings: Vec<(bool, &Compile)> = commands
        .entries
        .iter()
        .map(|(compile, _)| compile)
        .filter(|compile| {
            folder_of(compile.source.as_ref()) == folder_of(source) && compile.source.ends_with(&[b".", ending].concat())
        })
        .filter(|compile| stem_of(compile).is_some_and(|stem| replaced(compile, stem.as_ref(), stem.as_ref()).is_some()))
        .map(|compile| {
            let object = stem_of(compile).map(|stem| from_folder(stem.as_ref())).unwrap_or_default();
            (!lists.share(&object, &from_folder(stem.as_bstr())), compile)
        })
        .collect();
    siblings.sort_by(|one, other| (one.0, &one.1.object).cmp(&(other.0, &other.1.object)));
    let like = siblings.first()?.1;
    let compile = replaced(like, stem_of(like)?.as_ref(), stem.as_bstr())?;
    Some(Fresh { compile, like: like.object.clone() })
}

/// The sources that the build files of one tree name; each file is read once.
pub struct BuildFileNames<'t> {
    text: &'t TextOf<'t>,
    known: BTreeMap<BString, BTreeSet<BString>>,
}

impl<'t> BuildFileNames<'t> {
    /// Makes the names of a tree by its texts.
    pub fn of(text: &'t TextOf<'t>) -> Self {
        BuildFileNames { text, known: BTreeMap::new() }
    }

    fn names(&mut self, source: &BStr, stem: &BStr) -> bool {
        build_files(folder_of(source)).any(|path| {
            let text = self.text;
            let read = || text(path.as_ref()).map(|text| objects_named(&path, &text)).unwrap_or_default();
            self.known.entry(path.clone()).or_insert_with(read).contains(stem)
        })
    }
}

/// Whether the build files of a step name a source no longer that those of the base named.
pub fn dropped(source: &BStr, base: &mut BuildFileNames<'_>, step: &mut BuildFileNames<'_>) -> bool {
    let Some((stem, _)) = source.rsplit_once_str(".") else { return false };
    base.names(source, stem.as_bstr()) && !step.names(source, stem.as_bstr())
}

/// Returns the build files that may name a source of a folder, the nearest first.
pub fn build_files(folder: &BStr) -> impl Iterator<Item = BString> {
    let mut at = Some(folder.to_owned());
    let folders = std::iter::from_fn(move || {
        let here = at.take()?;
        at = (!here.is_empty()).then(|| folder_of(here.as_ref()).to_owned());
        Some(here)
    });
    folders.flat_map(|folder| {
        ["Kbuild", "Makefile", "meson.build", "CMakeLists.txt", "Makefile.objs"].map(|name| joined(&folder, name.as_bytes()))
    })
}

/// Returns the settings that are on in kbuild's `include/config/auto.conf`.
pub fn settings(auto_conf: &[u8]) -> BTreeSet<BString> {
    let on = |line: &[u8]| line.strip_suffix(b"=y").or_else(|| line.strip_suffix(b"=m")).map(BString::from);
    auto_conf.lines().filter_map(on).collect()
}

/// Returns a command with another source in the place of its own, and the names that follow from it; `None` where the object is not
/// named after the source.
fn replaced(like: &Compile, old: &BStr, new: &BStr) -> Option<Compile> {
    let object_stem = like.object.rsplit_once_str(".")?.0.as_bstr();
    if base_name(object_stem) != base_name(old) {
        return None;
    }
    let identifier = |name: &BStr| name.replace("-", "_").replace(",", "_");
    let path = (old.to_vec(), new.to_vec());
    let name = (base_name(old).to_vec(), base_name(new).to_vec());
    let macro_name = (identifier(base_name(old)), identifier(base_name(new)));
    // `-DKBUILD_BASENAME="a"`, `fs/a.c`, `a.o`: the name between what no name has in it.
    let swap = |word: &BString| -> BString {
        let is_macro = word.starts_with(b"-D");
        if word.starts_with(b"-") && !is_macro {
            return word.clone();
        }
        let is_edge = |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric() && !b"_-".contains(byte));
        let found = [&path, if is_macro { &macro_name } else { &name }].into_iter().find_map(|(old, new)| {
            let at = word.find(old)?;
            let is_head = at == 0 || is_edge(word.get(at - 1)) || word[..at].ends_with(b"kmod_");
            (is_head && is_edge(word.get(at + old.len()))).then_some((at, old.len(), new))
        });
        found.map_or_else(|| word.clone(), |(at, len, new)| [&word[..at], new, &word[at + len..]].concat().into())
    };
    let words: Vec<BString> =
        like.words.iter().enumerate().map(|(place, word)| if place == 0 { word.clone() } else { swap(word) }).collect();
    let rename = |path: &BString| -> BString {
        let ending = path.rsplit_once_str(".").map_or(&b""[..], |(_, ending)| ending);
        joined(folder_of(path.as_ref()), &[base_name(new).as_bytes(), b".", ending].concat())
    };
    Some(Compile { object: rename(&like.object), source: rename(&like.source), words, folder: like.folder.clone(), reads: None })
}

/// What the variables of a build file list.
struct Lists {
    /// Each assignment: the variable and its words.
    lists: Vec<(BString, BTreeSet<BString>)>,
    /// Assignments by a word they list.
    of_word: BTreeMap<BString, Vec<usize>>,
}

/// How deep objects may be made of objects that are made of objects.
const DEPTH: usize = 8;

impl Lists {
    fn of(text: &[u8]) -> Self {
        let mut lists = Vec::new();
        let mut of_word: BTreeMap<BString, Vec<usize>> = BTreeMap::new();
        let joined = text.replace("\\\n", " ");
        for line in joined.lines() {
            let line = &line[..line.find_byte(b'#').unwrap_or(line.len())];
            let Some((variable, words)) = line.split_once_str("=") else { continue };
            let variable: BString = variable.trim_end_with(|c| matches!(c, ':' | '+' | '?' | ' ' | '\t')).trim().into();
            let words: BTreeSet<BString> = words.fields().map(BString::from).collect();
            words.iter().for_each(|word| of_word.entry(word.clone()).or_default().push(lists.len()));
            lists.push((variable, words));
        }
        Lists { lists, of_word }
    }

    fn naming(&self, object: &BString) -> impl Iterator<Item = &BString> {
        self.of_word.get(object).into_iter().flatten().map(|&place| &self.lists[place].0)
    }

    /// Whether one variable lists both.
    fn share(&self, one: &BString, other: &BString) -> bool {
        self.naming(one).any(|variable| self.naming(other).any(|of_other| of_other == variable))
    }

    /// Whether every list that names an object is left out by a setting that is off. Without settings nothing is left out.
    fn keep_out(&self, object: &BString, config: &BTreeSet<BString>, depth: usize) -> bool {
        if config.is_empty() || depth == DEPTH {
            return false;
        }
        let out = |variable: &BString| {
            let Some((stem, last)) = variable.rsplit_once_str("-") else { return false };
            let setting = last.strip_prefix(b"$(").and_then(|setting| setting.strip_suffix(b")"));
            let is_off = match setting {
                Some(setting) => !config.contains(setting.as_bstr()),
                None => last == b"n",
            };
            let is_part = setting.is_some() || matches!(last, b"y" | b"m" | b"objs");
            let whole: BString = [stem, b".o"].concat().into();
            is_off || is_part && self.of_word.contains_key(&whole) && self.keep_out(&whole, config, depth + 1)
        };
        let mut lists = self.naming(object).peekable();
        lists.peek().is_some() && lists.all(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MAKEFILE: &str = "obj-$(CONFIG_KVM) += kvm.o\nkvm-y := intercept.o \\\n\tgaccess.o new-one.o # more\n\
                            kvm-$(CONFIG_PCI) += pci.o\nobj-$(CONFIG_OFF) += off.o part.o\npart-objs := piece.o\n";

    fn commands() -> Commands {
        let compile = |text: &str| (Compile::of(text.as_bytes(), BStr::new(""), BStr::new("/w")).unwrap(), None);
        let entries = vec![
            compile("cc -DKBUILD_BASENAME='\"alone\"' -D__KBUILD_MODNAME=kmod_alone -c -o kvm/alone.o kvm/alone.c"),
            compile("cc -Ikvm -DKBUILD_BASENAME='\"gaccess\"' -DKBUILD_MODNAME='\"kvm\"' -c -o kvm/gaccess.o kvm/gaccess.c"),
        ];
        Commands { entries, ..Commands::default() }
    }

    fn check(source: &str, config: &str, expected: &str) {
        let text = |path: &BStr| (path == "kvm/Makefile").then(|| MAKEFILE.as_bytes().to_vec());
        let drawn = match fresh(BStr::new(source), &commands(), &text, &settings(config.as_bytes())) {
            Some(Fresh { compile, like }) => {
                format!("{} like {like}: {}", compile.object, bstr::join(" ", compile.words).as_bstr())
            }
            None => "none".into(),
        };
        assert_eq!(drawn, expected);
    }

    #[test]
    fn a_new_source_is_compiled_as_its_sibling_is() {
        check(
            "kvm/new-one.c",
            "CONFIG_KVM=y\nCONFIG_PCI=m\n",
            "kvm/new-one.o like kvm/gaccess.o: cc -Ikvm -DKBUILD_BASENAME=\"new_one\" -DKBUILD_MODNAME=\"kvm\" -c -o kvm/new-one.o kvm/new-one.c",
        );
        check(
            "kvm/pci.c",
            "CONFIG_KVM=y\nCONFIG_PCI=m\n",
            "kvm/pci.o like kvm/alone.o: cc -DKBUILD_BASENAME=\"pci\" -D__KBUILD_MODNAME=kmod_pci -c -o kvm/pci.o kvm/pci.c",
        );
    }

    #[test]
    fn what_is_not_built_is_not_compiled() {
        check("kvm/other.c", "CONFIG_KVM=y\n", "none");
        check("kvm/pci.c", "CONFIG_KVM=y\n", "none");
        check("kvm/new-one.c", "CONFIG_PCI=y\n", "none");
        check("kvm/off.c", "CONFIG_KVM=y\n", "none");
        check("kvm/piece.c", "CONFIG_KVM=y\n", "none");
        check("kvm/gaccess.S", "CONFIG_KVM=y\n", "none");
    }

    #[test]
    fn what_is_named_no_longer_is_dropped() {
        let base = |path: &BStr| (path == "kvm/Makefile").then(|| MAKEFILE.as_bytes().to_vec());
        let step = |path: &BStr| (path == "kvm/Makefile").then(|| MAKEFILE.replace("gaccess.o", "").into_bytes());
        let (mut base, mut step) = (BuildFileNames::of(&base), BuildFileNames::of(&step));
        assert!(dropped(BStr::new("kvm/gaccess.c"), &mut base, &mut step));
        assert!(!dropped(BStr::new("kvm/pci.c"), &mut base, &mut step));
        assert!(!dropped(BStr::new("virt/kvm_main.c"), &mut base, &mut step), "it is named by nobody in both");
    }

    proptest! {
        #[test]
        fn no_build_file_breaks_it(text in r"(kvm|obj|-y|-objs|\$\(CONFIG_A\)| \+= | := |a\.o|kvm\.o|\\\n|\n|#){0,20}") {
            let text = |_: &BStr| Some(text.clone().into_bytes());
            let _ = fresh(BStr::new("kvm/a.c"), &commands(), &text, &settings(b"CONFIG_KVM=y\n"));
        }
    }
}
