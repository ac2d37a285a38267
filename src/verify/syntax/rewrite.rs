//! A saved command → the command that asks the compiler something else, and writes nowhere but where we say.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use bstr::{BString, ByteSlice};

use super::compile::{Argument, Compile, arguments};
use crate::verify::paths::base_name;

/// What is wanted of the compiler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aim {
    /// Whether it complains, as far as reading the source tells. Assembler is assembled, as there is no less.
    Syntax,
    /// The same with what gcc says only of a whole file: static functions that nobody uses, functions that end without a value. gcc does
    /// so at the end of its front end, which `-fsyntax-only` leaves out; writing its own representation and no code comes next to it.
    Whole,
    /// The text after preprocessing, macros and line markers kept.
    Preprocessed,
    /// The object without debug information.
    Object,
}

/// Returns the words for an aim; launchers like ccache are left out. Of the two absolute paths, `rule` takes what was read (not of
/// [`Aim::Preprocessed`]), and `output` what else must be written somewhere.
pub fn rewritten(compile: &Compile, aim: Aim, rule: &Path, output: &Path) -> Vec<OsString> {
    let (program, arguments) = arguments(&compile.words);
    let mut words: Vec<BString> = program.last().into_iter().cloned().collect();
    let no_debug = matches!(aim, Aim::Object | Aim::Whole);
    for argument in &arguments {
        match argument {
            Argument::Output(_) => {}
            Argument::Input(path) => words.push((*path).to_owned()),
            Argument::Option(option, value) => {
                if !(is_output(option) || no_debug && is_debug(option)) {
                    words.push((*option).to_owned());
                    words.extend(value.map(ToOwned::to_owned));
                }
            }
        }
    }
    let added: &[&str] = match aim {
        Aim::Syntax if compile.is_assembler() => &["-c"],
        // What only matters for code is not used now; with -Werror clang would call that an error.
        Aim::Syntax if compile.is_clang() => &["-fsyntax-only", "-Wno-unused-command-line-argument"],
        Aim::Syntax => &["-fsyntax-only"],
        Aim::Whole => &["-flto", "-fno-fat-lto-objects", "-flto-compression-level=1", "-g0", "-S"],
        Aim::Preprocessed => &["-E", "-dD"],
        Aim::Object => &["-g0", "-c"],
    };
    let mut words: Vec<OsString> = words.into_iter().map(|word| OsString::from_vec(word.into())).collect();
    words.extend(added.iter().map(OsString::from));
    if aim != Aim::Preprocessed {
        words.extend(["-MD".into(), "-MF".into(), rule.into()]);
    }
    if aim != Aim::Syntax || compile.is_assembler() {
        words.extend(["-o".into(), output.into()]);
    }
    words
}

/// Whether an option says what is made, or makes a file beside the object.
fn is_output(option: &[u8]) -> bool {
    matches!(
        option,
        b"-c" | b"-S" | b"-E" | b"-M" | b"-MM" | b"-MD" | b"-MMD" | b"-MP" | b"-MG" | b"-MF" | b"-MT" | b"-MQ" | b"-MJ"
    ) || [&b"-Wp,-M"[..], b"-MF", b"-MT", b"-MQ", b"-MJ", b"-save-temps", b"--save-temps"]
        .iter()
        .any(|head| option.starts_with(head))
}

/// Whether an option is about debug information, the assembler's included.
fn is_debug(option: &[u8]) -> bool {
    option.starts_with(b"-g") || option.starts_with(b"-Wa,-g") || option.starts_with(b"-fdebug-info-for-profiling")
}

impl Compile {
    /// Whether the compiler calls itself clang.
    pub(super) fn is_clang(&self) -> bool {
        let (program, _) = arguments(&self.words);
        program.last().is_some_and(|word| base_name(word.as_ref()).contains_str("clang"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bstr::BStr;

    fn check(command: &str, aim: Aim, expected: &str) {
        let compile = Compile::of(command.as_bytes(), BStr::new(""), BStr::new("/w")).unwrap();
        let words: Vec<String> = rewritten(&compile, aim, Path::new("/r"), Path::new("/o"))
            .iter()
            .map(|word| word.to_string_lossy().into_owned())
            .collect();
        assert_eq!(words.join(" "), expected);
    }

    #[test]
    fn nothing_is_written_but_where_we_say() {
        let saved =
            "ccache gcc -Wp,-MMD,fs/.a.o.d -Wp,-DX -MT b -MMD -MFx.d -include c.h -g -gdwarf-4 -O2 -c -o fs/a.o fs/a.c ; objtool";
        check(saved, Aim::Syntax, "gcc -Wp,-DX -include c.h -g -gdwarf-4 -O2 fs/a.c -fsyntax-only -MD -MF /r");
        check(
            saved,
            Aim::Whole,
            "gcc -Wp,-DX -include c.h -O2 fs/a.c -flto -fno-fat-lto-objects -flto-compression-level=1 -g0 -S -MD -MF /r -o /o",
        );
        check(saved, Aim::Preprocessed, "gcc -Wp,-DX -include c.h -g -gdwarf-4 -O2 fs/a.c -E -dD -o /o");
        check(saved, Aim::Object, "gcc -Wp,-DX -include c.h -O2 fs/a.c -g0 -c -MD -MF /r -o /o");
        check("clang-16 -c -o a.o a.c", Aim::Syntax, "clang-16 a.c -fsyntax-only -Wno-unused-command-line-argument -MD -MF /r");
        check("gcc -Wa,-gdwarf-4 -c -o a.o a.S", Aim::Syntax, "gcc -Wa,-gdwarf-4 a.S -c -MD -MF /r -o /o");
    }
}
