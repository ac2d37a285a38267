//! The script's own options, as far as they change who is asked: those of `.get_maintainer.conf`, then those of the command line.
//!
//! Of `.get_maintainer.conf` the tree's counts (at the top, else in `.scripts/`); the script would look in `$HOME` too, between the
//! two. Options that only change how the answer is printed are read and say nothing. Source: `which_conf`, `GetOptions` of the script.

use super::dialect::Dialect;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// `--git`: who signed commits to the file lately is asked too. Off unless asked for on the command line.
    pub git: bool,
    /// `--git-fallback`: the same where no pattern names the file itself. Off unless asked for on the command line.
    pub git_fallback: bool,
    /// `--git-all-signature-types`: any `…by:` line counts, not only Signed-off, Reviewed and Acked.
    pub all_signature_types: bool,
    /// `--git-chief-penguins`: the one who is never asked is.
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
    /// `--rolestats`: numbers beside the roles that come from git.
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
    /// Options that change the answer and are not followed.
    pub notes: Vec<String>,
}

impl Options {
    /// Returns what the script does by itself, save that git's history is not asked.
    pub fn of(dialect: Dialect) -> Self {
        Options {
            git: false,
            git_fallback: false,
            all_signature_types: false,
            chiefs: false,
            min_signatures: 1,
            max_maintainers: 5,
            min_percent: 5,
            since: "1-year-ago".to_owned(),
            removes_duplicates: dialect != Dialect::Xen,
            mailmap: true,
            maintainers: true,
            reviewers: true,
            names: true,
            lists: true,
            moderated_lists: true,
            subscriber_lists: false,
            fixes: matches!(dialect, Dialect::Linux | Dialect::UBoot),
            rolestats: dialect.shows_roles(),
            pattern_depth: 0,
            keywords: true,
            keywords_in_file: dialect != Dialect::Linux,
            file_emails: false,
            finds_files: false,
            path: None,
            drops_the_rest: dialect == Dialect::Xen,
            notes: Vec::new(),
        }
    }

    /// Reads `.get_maintainer.conf`. That it asks git's history is left aside, as with the script's `--no-git --no-git-fallback`.
    #[must_use]
    pub fn with_conf(mut self, conf: &[u8]) -> Self {
        let text = String::from_utf8_lossy(conf);
        let words = text.lines().flat_map(|line| line.split_whitespace().take_while(|word| !word.starts_with('#')));
        self = self.with(&words.collect::<Vec<_>>());
        (self.git, self.git_fallback) = (false, false);
        self
    }

    /// Reads words of a command line: `--git-since=1-year-ago`, `--git-since 1-year-ago`, `--no-m`, `--nom`, `-m`.
    #[must_use]
    pub fn with(mut self, words: &[impl AsRef<str>]) -> Self {
        let mut words = words.iter().map(AsRef::as_ref);
        while let Some(word) = words.next() {
            let Some(option) = word.strip_prefix("--").or_else(|| word.strip_prefix('-')) else { continue };
            let (name, value) = match option.split_once('=') {
                Some((name, value)) => (name.to_ascii_lowercase(), Some(value)),
                None => (option.to_ascii_lowercase(), None),
            };
            let takes_value =
                ["git-min-signatures", "git-max-maintainers", "git-min-percent", "git-since", "hg-since", "separator"]
                    .into_iter()
                    .chain(["letters", "pattern-depth", "mpath", "maintainer-path"])
                    .any(|known| known == name);
            if takes_value {
                let Some(value) = value.or_else(|| words.next()) else { continue };
                self.set_value(&name, value);
            } else if !self.set(&name, true) {
                // `--no-m` and `--nom`; a word of neither form is nobody's.
                if let Some(name) = name.strip_prefix("no-").or_else(|| name.strip_prefix("no")) {
                    self.set(name, false);
                }
            }
        }
        self
    }

    fn set_value(&mut self, name: &str, value: &str) {
        let number = |old: u64| value.parse().unwrap_or(old);
        match name {
            "git-min-signatures" => self.min_signatures = number(self.min_signatures),
            "git-max-maintainers" => self.max_maintainers = number(self.max_maintainers),
            "git-min-percent" => self.min_percent = number(self.min_percent),
            "git-since" => value.clone_into(&mut self.since),
            "pattern-depth" => self.pattern_depth = value.parse().unwrap_or(self.pattern_depth),
            "mpath" | "maintainer-path" => self.path = Some(value.to_owned()),
            _ => {}
        }
    }

    /// Sets a switch; false where there is none of this name.
    fn set(&mut self, name: &str, on: bool) -> bool {
        let switch = match name {
            "git" => &mut self.git,
            "git-fallback" => &mut self.git_fallback,
            "git-all-signature-types" => &mut self.all_signature_types,
            "git-chief-penguins" => &mut self.chiefs,
            "remove-duplicates" => &mut self.removes_duplicates,
            "mailmap" => &mut self.mailmap,
            "m" => &mut self.maintainers,
            "r" => &mut self.reviewers,
            "n" => &mut self.names,
            "l" => &mut self.lists,
            "moderated" => &mut self.moderated_lists,
            "s" => &mut self.subscriber_lists,
            "fixes" => &mut self.fixes,
            "rolestats" => &mut self.rolestats,
            "k" | "keywords" => &mut self.keywords,
            "kf" | "keywords-in-file" => &mut self.keywords_in_file,
            "fe" | "file-emails" => &mut self.file_emails,
            "find-maintainer-files" => &mut self.finds_files,
            "drop_the_rest_supporter" => &mut self.drops_the_rest,
            "git-blame" | "sections" | "i" | "interactive" => {
                if on {
                    self.notes.push(format!("--{name} is not followed"));
                }
                return true;
            }
            _ => return false,
        };
        *switch = on;
        true
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
        assert_eq!(none.with(&["--git-blame"]).notes, ["--git-blame is not followed"]);
    }

    #[test]
    fn the_tree_does_not_switch_git_on() {
        let conf = b"# how\n--find-maintainer-files # all of them\n--git\n  --git-max-maintainers 2\n--maintainer-path=.\n";
        let options = Options::of(Dialect::UBoot).with_conf(conf);
        assert!(options.finds_files && !options.git);
        assert_eq!((options.max_maintainers, options.path.as_deref()), (2, Some(".")));
    }
}
