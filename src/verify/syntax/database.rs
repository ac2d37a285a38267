//! `compile_commands.json` → commands, with what the objects read where the build noted it.
//!
//! Source of the format: clang's "JSON Compilation Database Format Specification". cmake, meson and bear write it.

use std::collections::HashMap;
use std::path::Path;

use bstr::{BStr, BString, ByteSlice};
use serde::Deserialize;

use super::compile::{Compile, Refusal};
use super::depend;
use crate::verify::paths::from_top;

#[derive(Deserialize)]
struct DatabaseEntry {
    directory: String,
    file: String,
    #[serde(default)]
    command: Option<String>,
    #[serde(default)]
    arguments: Option<Vec<String>>,
}

/// A command, or the source for which there is none.
pub type Found = Result<Compile, (BString, Refusal)>;

/// Reads a database; its entries' folders are absolute. `None` when it is no such file.
pub fn database(text: &[u8], top: &BStr) -> Option<Vec<Found>> {
    let entries: Vec<DatabaseEntry> = serde_json::from_slice(text).ok()?;
    let found = |entry: DatabaseEntry| {
        let folder = from_top(top, BStr::new(""), BStr::new(&entry.directory));
        let source = from_top(top, folder.as_ref(), BStr::new(&entry.file));
        let compile = match (entry.arguments, entry.command) {
            (Some(words), _) => Compile::of_words(words.into_iter().map(BString::from).collect(), folder.as_ref(), top),
            (None, Some(command)) => Compile::of(command.as_bytes(), folder.as_ref(), top),
            (None, None) => Err(Refusal::Nothing),
        };
        compile.map_err(|why| (source, why))
    };
    Some(entries.into_iter().map(found).collect())
}

/// What ninja noted, by build folder.
#[derive(Default)]
pub(super) struct Ninja {
    logs: HashMap<BString, HashMap<BString, Vec<BString>>>,
}

impl Ninja {
    /// Returns what the object of a command read: from the rule that its compiler wrote, or from ninja's log. `None` when neither is there.
    pub(super) fn reads(&mut self, compile: &Compile, top: &Path) -> Option<Vec<BString>> {
        let top_bytes = bstr::BString::from(top.as_os_str().as_encoded_bytes());
        let folder = top.join(compile.folder.to_path_lossy());
        let whole = |paths: &[BString]| compile.all_read(paths.iter().map(|path| path.as_bstr()), top_bytes.as_ref());
        if let Some(rule) = rule_file(compile).and_then(|path| std::fs::read(folder.join(path.to_path_lossy())).ok()) {
            return Some(whole(&depend::rule(&rule)));
        }
        let log = self.logs.entry(compile.folder.clone()).or_insert_with(|| {
            let log = std::fs::read(folder.join(".ninja_deps")).unwrap_or_default();
            let here = |path: BString| from_top(top_bytes.as_ref(), compile.folder.as_ref(), path.as_ref());
            depend::ninja(&log).into_iter().map(|(output, reads)| (here(output), reads)).collect()
        });
        log.get(&compile.object).map(|paths| whole(paths))
    }
}

/// Returns the file that a command writes its rule to, as it names it.
fn rule_file(compile: &Compile) -> Option<BString> {
    use super::compile::{Argument, arguments};
    let (_, arguments) = arguments(&compile.words);
    let mut output = None;
    let mut writes = false;
    for argument in &arguments {
        match argument {
            Argument::Option(option, Some(path)) if *option == "-MF" => return Some((*path).to_owned()),
            Argument::Option(option, None) => {
                let preprocessor = [&b"-Wp,-MD,"[..], b"-Wp,-MMD,"].iter().find_map(|head| option.strip_prefix(*head));
                if let Some(path) = preprocessor {
                    return Some(path.into());
                }
                writes |= *option == "-MD" || *option == "-MMD";
            }
            Argument::Output(path) => output = Some(*path),
            Argument::Option(..) | Argument::Input(_) => {}
        }
    }
    let output = output.filter(|_| writes)?;
    let stem = output.rsplit_once_str(".").map_or(output.as_bytes(), |(stem, _)| stem);
    Some([stem, b".d"].concat().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_commands() {
        let text = r#"[
            {"directory": "/w/tree/build", "file": "../a.c", "command": "cc -I'x y' -c -o lib/a.o ../a.c", "output": "lib/a.o"},
            {"directory": "/w/tree", "file": "b.c", "arguments": ["clang", "-c", "-o", "b.o", "b.c"]},
            {"directory": "/w/tree", "file": "c.c", "command": "cc -c c.c | tee log"},
            {"directory": "/w/tree", "file": "d.c"}
        ]"#;
        let drawn: Vec<String> = database(text.as_bytes(), BStr::new("/w/tree"))
            .unwrap()
            .iter()
            .map(|found| match found {
                Ok(compile) => {
                    format!("{} <- {} in '{}', {} words", compile.object, compile.source, compile.folder, compile.words.len())
                }
                Err((source, why)) => format!("{source}: {why}"),
            })
            .collect();
        let expected = [
            "build/lib/a.o <- a.c in 'build', 6 words",
            "b.o <- b.c in '', 5 words",
            "c.c: a shell must read it: it has a pipe, a redirection or a subshell",
            "d.c: no command is saved in it",
        ];
        assert_eq!(drawn, expected);
        assert!(database(b"{}", BStr::new("/w")).is_none());
    }

    #[test]
    fn what_was_read_is_looked_for_where_the_command_says() {
        let file = |text: &str| {
            let compile = Compile::of(text.as_bytes(), BStr::new(""), BStr::new("/w")).unwrap();
            rule_file(&compile).map(|path| path.to_string())
        };
        assert_eq!(file("cc -MD -MF x/a.d -c -o a.o a.c"), Some("x/a.d".into()));
        assert_eq!(file("cc -Wp,-MMD,.a.o.d -c -o a.o a.c"), Some(".a.o.d".into()));
        assert_eq!(file("cc -MMD -c -o x/a.o a.c"), Some("x/a.d".into()));
        assert_eq!(file("cc -c -o a.o a.c"), None);
    }
}
