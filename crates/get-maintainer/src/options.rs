//! The script's own options: those of `.get_maintainer.conf`, then those of the command line.
//!
//! Of `.get_maintainer.conf` the tree's counts (at the top, else in `.scripts/`); the script would look in `$HOME` too, between the
//! two. [`SWITCHES`] and [`VALUES`] name every option once, for the file and for the command line (module `cli`). Source:
//! `which_conf` and `GetOptions` of the script.

use super::dialect::Dialect;

/// What is asked for and how it is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// `--git`: who signed commits to the file lately is asked too.
    pub git: bool,
    /// `--git-fallback`: the same where no pattern names the file itself.
    pub git_fallback: bool,
    /// `--git-all-signature-types`: any `…by:` line counts, not only Signed-off, Reviewed and Acked.
    pub all_signature_types: bool,
    /// `--git-chief-penguins`: the one person whom the script leaves out is printed.
    pub chiefs: bool,
    /// `--git-min-signatures`.
    pub min_signatures: u64,
    /// `--git-max-maintainers`.
    pub max_maintainers: u64,
    /// `--git-min-percent`.
    pub min_percent: u64,
    /// `--git-since`, as git reads it.
    pub since: String,
    /// `--remove-duplicates`: people known under one name or one address are one.
    pub removes_duplicates: bool,
    /// `--mailmap`.
    pub mailmap: bool,
    /// `--email`: people are printed.
    pub email: bool,
    /// `--m`: `M:` lines.
    pub maintainers: bool,
    /// `--r`: `R:` lines.
    pub reviewers: bool,
    /// `--n`: names are printed.
    pub names: bool,
    /// `--l`: `L:` lines.
    pub lists: bool,
    /// `--moderated`: lists that hold mail back.
    pub moderated_lists: bool,
    /// `--s`: lists for members only.
    pub subscriber_lists: bool,
    /// `--fixes`: who signed the commit of a `Fixes:` line.
    pub fixes: bool,
    /// `--roles`: what each is stands behind the address.
    pub roles: bool,
    /// `--rolestats`: roles, with numbers where they come from git.
    pub rolestats: bool,
    /// `--pattern-depth`: how far up patterns are looked for; 0 is all the way.
    pub pattern_depth: i64,
    /// `--keywords`: `K:` lines.
    pub keywords: bool,
    /// `--keywords-in-file`: they are looked for in the file too when a path is asked for.
    pub keywords_in_file: bool,
    /// `--file-emails`: addresses in any file count, not only in `.yaml`.
    pub file_emails: bool,
    /// `--find-maintainer-files`: every MAINTAINERS below [`Options::path`] is read.
    pub finds_files: bool,
    /// `--maintainer-path`: where MAINTAINERS stands, from the top; a folder means all files in it.
    pub path: Option<String>,
    /// Xen's `--drop_the_rest_supporter`.
    pub drops_the_rest: bool,
    /// `--scm`: the `T:` lines of the sections are printed.
    pub scm: bool,
    /// `--status`: their `S:` lines.
    pub status: bool,
    /// `--subsystem`: their names.
    pub subsystem: bool,
    /// `--web`: their `W:` lines.
    pub web: bool,
    /// `--bug`: their `B:` lines.
    pub bug: bool,
    /// `--multiline`: each answer on a line of its own.
    pub multiline: bool,
    /// `--separator`: what stands between answers on one line; any but `, ` puts them there.
    pub separator: String,
    /// `--tree`: the script refuses to run outside a kernel tree. Nothing here asks for it.
    pub tree: bool,
    /// The options that were asked for and that are not followed (`--git-blame`).
    pub refused: Vec<&'static str>,
}

/// An option that is on or off.
pub struct Switch {
    /// How it is spelled: first the name in the help, then others. One letter stands behind one dash too.
    pub names: &'static [&'static str],
    /// One line of help.
    pub help: &'static str,
    /// Whether it changes who is asked, or only what is printed of the answer.
    pub effect: Effect,
    field: fn(&mut Options) -> &mut bool,
}

/// What an option changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Who is asked.
    Answer,
    /// How the answer is printed.
    Print,
}

/// An option with a value.
pub struct Value {
    /// How it is spelled: first the name in the help, then others.
    pub names: &'static [&'static str],
    /// One line of help.
    pub help: &'static str,
    /// What the value is called in the help.
    pub value: &'static str,
    /// As in [`Switch::effect`].
    pub effect: Effect,
    field: Field,
}

/// Where a value is kept; a number that cannot be read leaves the one before.
enum Field {
    Number(fn(&mut Options) -> &mut u64),
    Depth(fn(&mut Options) -> &mut i64),
    Text(fn(&mut Options) -> &mut String),
    Path(fn(&mut Options) -> &mut Option<String>),
}

impl Value {
    /// Whether it takes a whole number.
    pub fn is_number(&self) -> bool {
        matches!(self.field, Field::Number(_) | Field::Depth(_))
    }

    fn set(&self, options: &mut Options, value: &str) {
        match self.field {
            Field::Number(field) => *field(options) = value.parse().unwrap_or(*field(options)),
            Field::Depth(field) => *field(options) = value.parse().unwrap_or(*field(options)),
            Field::Text(field) => value.clone_into(field(options)),
            Field::Path(field) => *field(options) = Some(value.to_owned()),
        }
    }
}

/// Every switch, in the order of the help.
pub const SWITCHES: &[Switch] = {
    use Effect::{Answer, Print};
    const fn switch(
        names: &'static [&'static str],
        effect: Effect,
        field: fn(&mut Options) -> &mut bool,
        help: &'static str,
    ) -> Switch {
        Switch { names, help, effect, field }
    }
    &[
        switch(&["email"], Print, |o| &mut o.email, "Print people"),
        switch(&["m"], Answer, |o| &mut o.maintainers, "Ask maintainers: M: lines"),
        switch(&["r"], Answer, |o| &mut o.reviewers, "Ask reviewers: R: lines"),
        switch(&["l"], Answer, |o| &mut o.lists, "Ask mailing lists: L: lines"),
        switch(&["moderated"], Answer, |o| &mut o.moderated_lists, "Ask lists that hold mail back for a look"),
        switch(&["s", "subscriber-lists"], Answer, |o| &mut o.subscriber_lists, "Ask lists for members only too"),
        switch(&["n"], Answer, |o| &mut o.names, "Print names, not only addresses"),
        switch(&["git"], Answer, |o| &mut o.git, "Ask also who signed commits to the files lately"),
        switch(&["git-fallback"], Answer, |o| &mut o.git_fallback, "The same where no pattern names the file itself"),
        switch(&["git-all-signature-types"], Answer, |o| &mut o.all_signature_types, "Count every tag that ends in -by"),
        switch(&["git-chief-penguins"], Answer, |o| &mut o.chiefs, "Do not leave out Linus Torvalds"),
        switch(&["fixes"], Answer, |o| &mut o.fixes, "Ask who signed the commits of a patch's Fixes: lines"),
        switch(&["keywords", "k"], Answer, |o| &mut o.keywords, "Look for keywords (K: lines) in patches"),
        switch(&["keywords-in-file", "kf"], Answer, |o| &mut o.keywords_in_file, "Look for keywords in files too"),
        switch(&["file-emails", "fe"], Answer, |o| &mut o.file_emails, "Count addresses in any file, not only in .yaml"),
        switch(&["remove-duplicates"], Answer, |o| &mut o.removes_duplicates, "Print a person of two addresses once"),
        switch(&["mailmap"], Answer, |o| &mut o.mailmap, "Follow .mailmap"),
        switch(&["find-maintainer-files"], Answer, |o| &mut o.finds_files, "Read every MAINTAINERS below --maintainer-path"),
        switch(
            &["drop_the_rest_supporter"],
            Answer,
            |o| &mut o.drops_the_rest,
            "Leave out THE REST where others are asked (Xen)",
        ),
        switch(&["roles"], Print, |o| &mut o.roles, "Print what each is"),
        switch(&["rolestats"], Answer, |o| &mut o.rolestats, "Print what each is, with numbers from git"),
        switch(&["scm"], Print, |o| &mut o.scm, "Print trees: T: lines"),
        switch(&["status"], Print, |o| &mut o.status, "Print the status: S: lines"),
        switch(&["subsystem"], Print, |o| &mut o.subsystem, "Print the names of the sections"),
        switch(&["web"], Print, |o| &mut o.web, "Print web pages: W: lines"),
        switch(&["bug"], Print, |o| &mut o.bug, "Print where bugs are reported: B: lines"),
        switch(&["multiline"], Print, |o| &mut o.multiline, "Print each answer on a line of its own"),
        switch(&["tree"], Print, |o| &mut o.tree, "Taken and ignored: any tree with a MAINTAINERS will do"),
    ]
};

/// Every option with a value.
pub const VALUES: &[Value] = {
    use Effect::{Answer, Print};
    const fn value(
        names: &'static [&'static str],
        effect: Effect,
        value: &'static str,
        field: Field,
        help: &'static str,
    ) -> Value {
        Value { names, help, value, effect, field }
    }
    &[
        value(&["git-since"], Answer, "DATE", Field::Text(|o| &mut o.since), "How long ago is lately"),
        value(
            &["git-min-signatures"],
            Answer,
            "N",
            Field::Number(|o| &mut o.min_signatures),
            "How many signatures somebody must have",
        ),
        value(
            &["git-min-percent"],
            Answer,
            "N",
            Field::Number(|o| &mut o.min_percent),
            "How many percent of the commits somebody must have signed",
        ),
        value(
            &["git-max-maintainers"],
            Answer,
            "N",
            Field::Number(|o| &mut o.max_maintainers),
            "How many people of a file's history are asked",
        ),
        value(
            &["pattern-depth"],
            Answer,
            "N",
            Field::Depth(|o| &mut o.pattern_depth),
            "Leave out patterns that stand further up than this; 0 leaves out none",
        ),
        value(&["maintainer-path", "mpath"], Answer, "PATH", Field::Path(|o| &mut o.path), "Where MAINTAINERS stands"),
        value(
            &["separator"],
            Print,
            "TEXT",
            Field::Text(|o| &mut o.separator),
            "What stands between answers; any but ', ' puts them on one line",
        ),
    ]
};

/// Switches of the script that nothing here follows.
pub const REFUSED: [&str; 6] = ["git-blame", "git-blame-signatures", "interactive", "i", "sections", "self-test"];

/// Options of the script with a value that nothing here follows.
pub const REFUSED_VALUES: [&str; 2] = ["letters", "hg-since"];

impl Options {
    /// Returns what the script does by itself.
    pub fn of(dialect: Dialect) -> Self {
        Options {
            git: false,
            git_fallback: true,
            all_signature_types: false,
            chiefs: false,
            min_signatures: 1,
            max_maintainers: 5,
            min_percent: 5,
            since: "1-year-ago".to_owned(),
            removes_duplicates: dialect != Dialect::Xen,
            mailmap: true,
            email: true,
            maintainers: true,
            reviewers: true,
            names: true,
            lists: true,
            moderated_lists: true,
            subscriber_lists: false,
            fixes: matches!(dialect, Dialect::Linux | Dialect::UBoot),
            roles: false,
            rolestats: dialect.shows_roles(),
            pattern_depth: 0,
            keywords: true,
            keywords_in_file: dialect != Dialect::Linux,
            file_emails: false,
            finds_files: false,
            path: None,
            drops_the_rest: dialect == Dialect::Xen,
            scm: false,
            status: false,
            subsystem: false,
            web: false,
            bug: false,
            multiline: true,
            separator: ", ".to_owned(),
            tree: true,
            refused: Vec::new(),
        }
    }

    /// Leaves git's history aside, as the script's `--no-git --no-git-fallback` does.
    #[must_use]
    pub fn without_history(mut self) -> Self {
        (self.git, self.git_fallback) = (false, false);
        self
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
        let mut words = words.iter().map(AsRef::as_ref);
        while let Some(word) = words.next() {
            let Some(option) = word.strip_prefix("--").or_else(|| word.strip_prefix('-')) else { continue };
            let (name, value) = match option.split_once('=') {
                Some((name, value)) => (name.to_ascii_lowercase(), Some(value)),
                None => (option.to_ascii_lowercase(), None),
            };
            if let Some(known) = VALUES.iter().find(|known| known.names.contains(&name.as_str())) {
                if let Some(value) = value.or_else(|| words.next()) {
                    known.set(&mut self, value);
                }
            } else if let Some(refused) = REFUSED_VALUES.iter().find(|refused| **refused == name) {
                self.refused.push(refused);
                if value.is_none() {
                    words.next();
                }
            } else if !self.set(&name, true) {
                // `--no-m` and `--nom`; a word of neither form is nobody's.
                if let Some(name) = name.strip_prefix("no-").or_else(|| name.strip_prefix("no")) {
                    self.set(name, false);
                }
            }
        }
        self
    }

    /// Sets a switch; false where there is none of this name.
    fn set(&mut self, name: &str, on: bool) -> bool {
        if let Some(refused) = REFUSED.iter().find(|refused| **refused == name) {
            self.refused.extend(on.then_some(*refused));
            return true;
        }
        let switch = SWITCHES.iter().find(|switch| switch.names.contains(&name));
        if let Some(switch) = switch {
            *(switch.field)(self) = on;
        }
        switch.is_some()
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
        assert_eq!((options.max_maintainers, options.path.as_deref()), (2, Some(".")));
    }
}
