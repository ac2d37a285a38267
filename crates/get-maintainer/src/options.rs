//! The script's own options: those of `.get_maintainer.conf`, then those of the command line.
//!
//! Of `.get_maintainer.conf` the tree's counts (at the top, else in `.scripts/`); the script would look in `$HOME` too, between the
//! two. [`OPTIONS`] names every option once, for the file and for the command line (module `cli`). Source: `which_conf` and
//! `GetOptions` of the script.

use std::str::FromStr;

use super::dialect::Dialect;

/// An option of the script.
pub struct ScriptOption {
    /// How it is spelled: first the name in the help, then others. One letter stands behind one dash too.
    pub names: &'static [&'static str],
    /// What its value is called in the help: `N` for a whole number; empty for a switch, which is on or off and has no value.
    pub value: &'static str,
    /// Whether it changes who is asked, or only what is printed of the answer.
    pub effect: Effect,
    /// One line of help.
    pub help: &'static str,
    /// Where its value is kept; none for an option that nothing here follows.
    field: Option<fn(&mut Options) -> &mut dyn Value>,
}

/// What an option changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Who is asked.
    Answer,
    /// How the answer is printed.
    Print,
}

/// A value that is read from text; one that cannot be read leaves the one before.
trait Value {
    fn read(&mut self, text: &str);
}

impl<T: FromStr> Value for T {
    fn read(&mut self, text: &str) {
        if let Ok(value) = text.parse() {
            *self = value;
        }
    }
}

/// Makes [`Options`] and [`OPTIONS`] of a table with a row an option: its effect, its field with the script's own choice, its names,
/// what its value is called, its help.
macro_rules! options {
    ($dialect:ident: $(
        $(#[$more:meta])* $effect:ident $field:ident: $type:ty = $own:expr,
        $first:literal $(| $other:literal)*, $value:literal, $help:literal;
    )*) => {
        /// What is asked for and how it is printed.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Options {
            $(#[doc = concat!("`--", $first, "`: ", $help, ".")] $(#[$more])* pub $field: $type,)*
            /// The options that were asked for and that are not followed (`--git-blame`).
            pub refused: Vec<&'static str>,
        }

        /// Every option that is followed, in the order of the help.
        pub const OPTIONS: &[ScriptOption] = &[$(ScriptOption {
            names: &[$first $(, $other)*],
            value: $value,
            effect: Effect::$effect,
            help: $help,
            field: Some(|options| &mut options.$field),
        }),*];

        impl Options {
            /// Returns what the script does by itself.
            pub fn of($dialect: Dialect) -> Self {
                Options { $($field: $own,)* refused: Vec::new() }
            }
        }
    };
}

options! { dialect:
    Answer maintainers: bool = true, "m", "", "Ask maintainers: M: lines";
    Answer reviewers: bool = true, "r", "", "Ask reviewers: R: lines";
    Answer lists: bool = true, "l", "", "Ask mailing lists: L: lines";
    Answer moderated_lists: bool = true, "moderated", "", "Ask lists that hold mail back for a look";
    Answer subscriber_lists: bool = false, "s" | "subscriber-lists", "", "Ask lists for members only too";
    Answer names: bool = true, "n", "", "Print names, not only addresses";
    Answer git: bool = false, "git", "", "Ask also who signed commits to the files lately";
    Answer git_fallback: bool = true, "git-fallback", "", "The same where no pattern names the file itself";
    /// Without it Signed-off, Reviewed and Acked count.
    Answer all_signature_types: bool = false, "git-all-signature-types", "", "Count every tag that ends in -by";
    /// In U-Boot Tom Rini.
    Answer chiefs: bool = false, "git-chief-penguins", "", "Do not leave out Linus Torvalds";
    Answer fixes: bool = matches!(dialect, Dialect::Linux | Dialect::UBoot),
        "fixes", "", "Ask who signed the commits of a patch's Fixes: lines";
    Answer keywords: bool = true, "keywords" | "k", "", "Look for keywords (K: lines) in patches";
    Answer keywords_in_file: bool = dialect != Dialect::Linux,
        "keywords-in-file" | "kf", "", "Look for keywords in files too";
    Answer file_emails: bool = false, "file-emails" | "fe", "", "Count addresses in any file, not only in .yaml";
    Answer removes_duplicates: bool = dialect != Dialect::Xen, "remove-duplicates", "", "Print a person of two addresses once";
    Answer mailmap: bool = true, "mailmap", "", "Follow .mailmap";
    Answer finds_files: bool = false, "find-maintainer-files", "", "Read every MAINTAINERS below --maintainer-path";
    Answer drops_the_rest: bool = dialect == Dialect::Xen,
        "drop_the_rest_supporter", "", "Leave out THE REST where others are asked (Xen)";
    Print email: bool = true, "email", "", "Print people";
    Print roles: bool = false, "roles", "", "Print what each is";
    Answer rolestats: bool = dialect.shows_roles(), "rolestats", "", "Print what each is, with numbers from git";
    Print scm: bool = false, "scm", "", "Print trees: T: lines";
    Print status: bool = false, "status", "", "Print the status: S: lines";
    Print subsystem: bool = false, "subsystem", "", "Print the names of the sections";
    Print web: bool = false, "web", "", "Print web pages: W: lines";
    Print bug: bool = false, "bug", "", "Print where bugs are reported: B: lines";
    Print multiline: bool = true, "multiline", "", "Print each answer on a line of its own";
    /// The script refuses to run outside a kernel tree.
    Print tree: bool = true, "tree", "", "Taken and ignored: any tree with a MAINTAINERS will do";
    /// As git reads it.
    Answer since: String = "1-year-ago".to_owned(), "git-since", "DATE", "How long ago is lately";
    Answer min_signatures: u64 = 1, "git-min-signatures", "N", "How many signatures somebody must have";
    Answer min_percent: u64 = 5, "git-min-percent", "N", "How many percent of the commits somebody must have signed";
    Answer max_maintainers: u64 = 5, "git-max-maintainers", "N", "How many people of a file's history are asked";
    Answer pattern_depth: i64 = 0,
        "pattern-depth", "N", "Leave out patterns that stand further up than this; 0 leaves out none";
    /// Counted from the top; a folder means all files in it.
    Answer path: String = "MAINTAINERS".to_owned(), "maintainer-path" | "mpath", "PATH", "Where MAINTAINERS stands";
    Print separator: String = ", ".to_owned(),
        "separator", "TEXT", "What stands between answers; any but ', ' puts them on one line";
}

const fn refused(names: &'static [&'static str], value: &'static str) -> ScriptOption {
    ScriptOption { names, value, effect: Effect::Answer, help: "", field: None }
}

/// Options of the script that nothing here follows.
pub const REFUSED: &[ScriptOption] = &[
    refused(&["git-blame"], ""),
    refused(&["git-blame-signatures"], ""),
    refused(&["interactive", "i"], ""),
    refused(&["sections"], ""),
    refused(&["self-test"], ""),
    refused(&["letters"], "TEXT"),
    refused(&["hg-since"], "DATE"),
];

impl Options {
    /// Leaves git's history aside, as the script's `--no-git --no-git-fallback` does.
    #[must_use]
    pub fn without_history(self) -> Self {
        Options { git: false, git_fallback: false, ..self }
    }

    /// Reads `.get_maintainer.conf`: words as on a command line, up to a `#`.
    #[must_use]
    pub fn with_conf(self, conf: &[u8]) -> Self {
        let text = String::from_utf8_lossy(conf);
        let words = text.lines().flat_map(|line| line.split_whitespace().take_while(|word| !word.starts_with('#')));
        self.with(&words.collect::<Vec<_>>())
    }

    /// Reads words of a command line: `--git-since=1-year-ago`, `--git-since 1-year-ago`, `--no-m`, `--nom`, `-m`. A word that is none
    /// of the script's options says nothing.
    #[must_use]
    pub fn with(mut self, words: &[impl AsRef<str>]) -> Self {
        let named = |name: &str| OPTIONS.iter().chain(REFUSED).find(|option| option.names.contains(&name));
        let mut words = words.iter().map(AsRef::as_ref);
        while let Some(word) = words.next() {
            let Some(word) = word.strip_prefix("--").or_else(|| word.strip_prefix('-')) else { continue };
            let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
            let name = name.to_ascii_lowercase();
            let switched_off = || {
                let name = name.strip_prefix("no-").or_else(|| name.strip_prefix("no"))?;
                named(name).filter(|option| option.value.is_empty() && option.field.is_some())
            };
            let (option, text) = match named(&name) {
                Some(option) if option.value.is_empty() => (option, "true"),
                Some(option) => match value.or_else(|| words.next()) {
                    Some(text) => (option, text),
                    None => continue,
                },
                None => match switched_off() {
                    Some(option) => (option, "false"),
                    None => continue,
                },
            };
            match option.field {
                Some(field) => field(&mut self).read(text),
                None => self.refused.push(option.names[0]),
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_spelled_as_the_script_takes_them() {
        let none = Options::of(Dialect::Linux);
        let options =
            none.clone().with(&["--git", "--nor", "--no-fixes", "-s", "--git-since=3-days-ago", "--git-min-percent", "15"]);
        let expected = Options {
            git: true,
            reviewers: false,
            fixes: false,
            subscriber_lists: true,
            since: "3-days-ago".into(),
            min_percent: 15,
            ..none.clone()
        };
        assert_eq!(options, expected);
        assert_eq!(none.clone().with(&["--unknown", "file", "--multiline", "--git-min-percent", "many"]), none);
        assert_eq!(none.with(&["--git-blame", "--letters", "x", "--no-sections"]).refused, ["git-blame", "letters"]);
    }

    #[test]
    fn the_file_is_words_of_a_command_line() {
        let conf = b"# how\n--find-maintainer-files # all of them\n--git\n  --git-max-maintainers 2\n--maintainer-path=.\n";
        let options = Options::of(Dialect::UBoot).with_conf(conf);
        assert!(options.finds_files && options.git && !options.clone().without_history().git);
        assert_eq!((options.max_maintainers, options.path.as_str()), (2, "."));
    }
}
