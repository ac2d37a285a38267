//! kbuild's `.X.o.cmd` → a command with what its object read.
//!
//! ```text
//!   savedcmd_fs/a.o := gcc … -c -o fs/a.o fs/a.c ; objtool …      before Linux 6.2: cmd_fs/a.o
//!   source_fs/a.o := fs/a.c
//!   deps_fs/a.o := \
//!     include/linux/a.h \
//!       $(wildcard include/config/A) \
//! ```
//!
//! A file is written only after its compiler succeeded. Source: the kernel's `scripts/Kbuild.include` (`make-cmd`) and
//! `scripts/basic/fixdep.c`; U-Boot and Xen use the same.

use bstr::{BStr, BString, ByteSlice};

use super::compile::{Compile, Refusal};
use crate::verify::paths::{base_name, folder_of, from_top, joined};

/// Returns the object that a saved command at `path` is for, unless it is for something else than an object or an assembler text.
pub fn object_of(path: &BStr) -> Option<BString> {
    let name = base_name(path).strip_prefix(b".")?.strip_suffix(b".cmd")?;
    let is_object = name.ends_with(b".o") || name.ends_with(b".s");
    is_object.then(|| joined(folder_of(path), name))
}

/// Reads the saved command at `path`, from the top of the tree that stands at `top`.
///
/// # Errors
/// See [`Refusal`].
pub fn saved(path: &BStr, text: &[u8], top: &BStr) -> Result<Compile, Refusal> {
    let Head { is_old, target, command, folder } = head(path, text)?;
    let mut command = command.replace("$(pound)", "#").replace("$$", "$");
    if is_old {
        command = command.replace("\\#", "#");
    }
    let mut compile = Compile::of(&command, folder, top)?;
    compile.reads = reads(text, target).map(|paths| compile.all_read(paths, top));
    Ok(compile)
}

/// Returns all files that the target of a saved command read, whatever the command is; `None` where none are noted.
pub fn noted(path: &BStr, text: &[u8], top: &BStr) -> Option<Vec<BString>> {
    let Head { target, folder, .. } = head(path, text).ok()?;
    let source = [b"source_", target.as_bytes(), b" := "].concat();
    let source = text.lines().find_map(|line| line.strip_prefix(source.as_slice())).map(|path| path.as_bstr());
    Some(reads(text, target)?.chain(source).map(|path| from_top(top, folder, path)).collect())
}

/// What the first line of a saved command says.
struct Head<'t> {
    is_old: bool,
    target: &'t BStr,
    command: &'t [u8],
    /// Where it runs, from the top.
    folder: &'t BStr,
}

fn head<'t>(path: &'t BStr, text: &'t [u8]) -> Result<Head<'t>, Refusal> {
    let object = object_of(path).ok_or(Refusal::NoCompile)?;
    let (is_old, target, command) = text.lines().find_map(first_line).ok_or(Refusal::Nothing)?;
    // kbuild runs where the target's path starts; a target of another folder is named like `arch/x/kvm/../../../virt/kvm/a.o`.
    let plain = match target.starts_with(b"/") {
        true => target.to_owned(),
        false => from_top(BStr::new("/"), BStr::new(""), target).trim_start_with(|c| c == '/').into(),
    };
    let folder = match object.strip_suffix(plain.as_slice()).ok_or(Refusal::Folder)? {
        b"" => BStr::new(""),
        folder => folder.strip_suffix(b"/").filter(|folder| !folder.is_empty()).ok_or(Refusal::Folder)?.as_bstr(),
    };
    Ok(Head { is_old, target, command, folder: path[..folder.len()].as_bstr() })
}

/// Returns whether a line is of the older form, its target and its command.
fn first_line(line: &[u8]) -> Option<(bool, &BStr, &[u8])> {
    let (is_old, rest) = match line.strip_prefix(b"savedcmd_") {
        Some(rest) => (false, rest),
        None => (true, line.strip_prefix(b"cmd_")?),
    };
    let (target, command) = rest.split_once_str(" := ")?;
    Some((is_old, target.as_bstr(), command))
}

/// Returns the files in the list `deps_<target>`; `None` without a list.
fn reads<'t>(text: &'t [u8], target: &BStr) -> Option<impl Iterator<Item = &'t BStr>> {
    let head = [b"deps_", target.as_bytes(), b" :="].concat();
    let mut lines = text.lines();
    let first = lines.by_ref().find(|line| line.starts_with(&head))?;
    let mut goes_on = first.ends_with(b"\\");
    let list = lines.take_while(move |line| std::mem::replace(&mut goes_on, line.ends_with(b"\\")));
    Some(list.filter_map(|line| {
        let path = line.strip_suffix(b"\\").unwrap_or(line).trim();
        (!path.is_empty() && !path.starts_with(b"$")).then(|| path.as_bstr())
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(path: &str, text: &str, expected: &str) {
        let drawn = match saved(BStr::new(path), text.as_bytes(), BStr::new("/w/tree")) {
            Ok(compile) => {
                let Compile { object, source, words, folder, reads } = compile;
                let reads = reads.map_or("unknown".into(), |reads| bstr::join(" ", reads));
                let words = bstr::join("|", words);
                format!("{object} <- {source} in '{folder}'\n{}\nreads {}\n", words.as_bstr(), reads.as_bstr())
            }
            Err(why) => format!("{why}\n"),
        };
        assert_eq!(drawn, expected);
    }

    #[test]
    fn a_kernel_object() {
        check(
            "fs/.a.o.cmd",
            "savedcmd_fs/a.o := gcc -Wp,-MMD,fs/.a.o.d -DN='\"a\"' -D'P=$(pound)$$' -c -o fs/a.o fs/a.c ; ./objtool fs/a.o\n\n\
             source_fs/a.o := fs/a.c\n\ndeps_fs/a.o := \\\n  include/a.h \\\n    $(wildcard include/config/A) \\\n  ./fs/b.h \\\n\n\
             fs/a.o: $(deps_fs/a.o)\n\n$(deps_fs/a.o):\n",
            "fs/a.o <- fs/a.c in ''\ngcc|-Wp,-MMD,fs/.a.o.d|-DN=\"a\"|-DP=#$|-c|-o|fs/a.o|fs/a.c\nreads fs/a.c fs/b.h include/a.h\n",
        );
    }

    #[test]
    fn an_object_beside_the_sources_in_the_older_form() {
        check(
            "obj/fs/.a.o.cmd",
            "cmd_fs/a.o := gcc -D'N=\\#' -c -o fs/a.o /w/tree/fs/a.c\n\ndeps_fs/a.o := \\\n  /w/tree/include/a.h \\\n  include/generated/b.h \\\n",
            "obj/fs/a.o <- fs/a.c in 'obj'\ngcc|-DN=#|-c|-o|fs/a.o|/w/tree/fs/a.c\n\
             reads fs/a.c include/a.h obj/include/generated/b.h\n",
        );
    }

    #[test]
    fn an_object_of_another_folder() {
        check(
            "obj/virt/.a.o.cmd",
            "savedcmd_arch/../virt/a.o := cc -c -o arch/../virt/a.o arch/../virt/a.c\n\ndeps_arch/../virt/a.o := \\\n  arch/../virt/a.h \\\n",
            "obj/virt/a.o <- obj/virt/a.c in 'obj'\ncc|-c|-o|arch/../virt/a.o|arch/../virt/a.c\nreads obj/virt/a.c obj/virt/a.h\n",
        );
    }

    #[test]
    fn what_is_no_saved_compile_says_why() {
        check("fs/.built-in.a.cmd", "", "it does not compile one source to one object\n");
        check(
            "fs/.kvm.o.cmd",
            "savedcmd_fs/kvm.o := ld -r -o fs/kvm.o fs/a.o\n",
            "it does not compile one source to one object\n",
        );
        check("fs/.a.o.cmd", "savedcmd_/m/fs/a.o := cc -c -o /m/fs/a.o a.c\n", "it is not known where it ran\n");
        check("fs/.a.o.cmd", "\n", "no command is saved in it\n");
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(path in "[a/.o]{0,9}", text in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = saved(BStr::new(&path), &text, BStr::new("/w"));
        }

        #[test]
        fn no_half_good_text_breaks_it(text in r"(savedcmd_|cmd_|deps_|a\.o| := |\\\n|cc|-c| |-o|a\.c|'|;|&&|\$|\n){0,24}") {
            if let Ok(compile) = saved(BStr::new("a/.a.o.cmd"), text.as_bytes(), BStr::new("/w")) {
                prop_assert!(!compile.words.is_empty() && !compile.source.is_empty());
                prop_assert!(compile.reads.is_none_or(|reads| reads.is_sorted() && reads.contains(&compile.source)));
            }
        }
    }
}
