//! The command that sends the mails of a series as they are.
//!
//! `git send-email` adds and drops people by its settings. Each of these settings is given on the command line, where it beats the
//! configuration; the one that cannot be set there, `sendemail.suppressCc`, is a list to which the command line only adds, so it
//! is hidden behind an identity. Source: `git-send-email.perl` of git 2.47, `read_config` and `pre_process_file`.

use std::path::Path;

use bstr::{BString, ByteVec};

use super::SeriesMails;
use crate::git::{GitError, Repository};

/// What keeps the user's settings from adding or dropping people: mails hold their own `To`, `Cc` and threads, and trailers and
/// commands add nobody. `--suppress-cc=all` would drop our own Cc headers. `--to-cmd=true` runs `true`, which prints no address, in
/// place of a configured command; it also spares the question to whom to send. `--suppress-from` keeps the sender's own sign-off from
/// adding the sender, and takes the sender out of our Cc too, where none is put. An option that older gits do not know is a setting.
const OPTIONS: &[&[&str]] = &[
    &["--no-thread", "--no-to", "--no-cc", "--no-bcc", "--no-to-cover", "--no-cc-cover"],
    &["--to-cmd=true", "--no-header-cmd", "--no-signed-off-by-cc", "--suppress-from"],
    &["--suppress-cc=author", "--suppress-cc=bodycc", "--suppress-cc=sob"],
    &["--suppress-cc=misc-by", "--suppress-cc=cccmd", "--transfer-encoding=auto"],
];

/// The name of a sendemail identity that no user has: its `suppressCc` list, which is ours, replaces the general one.
const IDENTITY: &str = "git-cleave";

/// How mails are sent from this repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    /// What stands before `send-email`: `-c` and a setting.
    settings: Vec<String>,
    /// What stands after it, in lines.
    options: Vec<Vec<String>>,
    /// Whether the user's settings drop Cc headers and nothing that can be typed changes it.
    pub drops_cc: bool,
}

impl Default for Sending {
    fn default() -> Self {
        let words = |line: &&[&str]| line.iter().map(|word| (*word).to_owned()).collect();
        Sending {
            settings: vec!["-c".into(), "sendemail.mailmap=false".into()],
            options: OPTIONS.iter().map(words).collect(),
            drops_cc: false,
        }
    }
}

impl Sending {
    /// Looks at the settings that the command line cannot beat.
    ///
    /// # Errors
    /// When git's configuration cannot be read.
    pub fn from(repository: &Repository) -> Result<Self, GitError> {
        let mut send = Sending::default();
        let drops = |list: &[String]| list.iter().any(|word| word == "all" || word == "cc");
        let identity = repository.config_all("sendemail.identity")?.pop();
        let own = match &identity {
            Some(identity) => repository.config_all(&format!("sendemail.{identity}.suppressCc"))?,
            None => Vec::new(),
        };
        send.drops_cc = drops(&own);
        if own.is_empty() && drops(&repository.config_all("sendemail.suppressCc")?) {
            // The list of an identity takes the place of the general one.
            let name = identity.as_deref().unwrap_or(IDENTITY);
            send.settings.extend(["-c".into(), quoted_text(&format!("sendemail.{name}.suppressCc=cccmd"))]);
            if identity.is_none() {
                send.options[0].insert(0, format!("--identity={IDENTITY}"));
            }
        }
        Ok(send)
    }

    /// Returns a function for a POSIX shell, indented by two columns, that sends the mails it is given: one for all series.
    pub fn function(&self) -> String {
        let settings = self.settings.join(" ");
        let options: Vec<String> = self.options.iter().map(|line| line.join(" ")).collect();
        format!("  send() {{\n    git {settings} send-email \\\n      {} \"$@\"\n  }}\n", options.join(" \\\n      "))
    }

    /// Returns the call of [`function`](Self::function) for a series.
    pub fn call(&self, out: &Path, mails: &SeriesMails) -> BString {
        bstr::concat([b"send ", files(out, mails).as_slice()]).into()
    }

    /// Returns the whole command that sends the mails of a series from where [`write()`](super::write()) put them, for a POSIX shell.
    pub fn command(&self, out: &Path, mails: &SeriesMails) -> BString {
        let options: Vec<String> = self.options.iter().map(|line| line.join(" ")).collect();
        let start = format!("git {} send-email {} ", self.settings.join(" "), options.join(" "));
        bstr::concat([start.as_bytes(), &files(out, mails)]).into()
    }
}

/// Returns the words that name the mails of a series: a shell puts the cover letter first, as it sorts.
fn files(out: &Path, mails: &SeriesMails) -> Vec<u8> {
    let folder = Vec::from_path_lossy(&out.join(&mails.folder)).into_owned();
    // What begins with a dash would be taken for an option.
    let folder = if folder.starts_with(b"-") { [b"./".as_slice(), &folder].concat() } else { folder };
    bstr::concat([quoted(&folder).as_slice(), b"/*.patch"])
}

/// Returns a word that the shell takes as it is.
fn quoted(word: &[u8]) -> Vec<u8> {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-+,:@%=".contains(byte);
    if !word.is_empty() && word.iter().all(is_plain) {
        return word.to_vec();
    }
    let inner = bstr::ByteSlice::replace(word, "'", "'\\''");
    bstr::concat([b"'", inner.as_slice(), b"'"])
}

pub(super) fn quoted_text(word: &str) -> String {
    String::from_utf8(quoted(word.as_bytes())).expect("quotes are added to text only")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::Program;
    use crate::mail::CoverLetter;
    use crate::model::SeriesIdx;

    fn mails(series: &str) -> SeriesMails {
        SeriesMails {
            series: SeriesIdx(0),
            folder: series.into(),
            files: Vec::new(),
            letter: CoverLetter::default(),
            says: String::new(),
        }
    }

    #[test]
    fn commands_survive_the_shell() {
        let shown = |out: &str| Sending::default().call(Path::new(out), &mails("core")).to_string();
        assert_eq!(shown("out"), "send out/core/*.patch");
        assert_eq!(shown("my out's"), "send 'my out'\\''s/core'/*.patch");
        assert_eq!(shown("-o"), "send ./-o/core/*.patch");
        assert!(Sending::default().command(Path::new("out"), &mails("core")).ends_with(b" out/core/*.patch"));
    }

    #[test]
    fn one_function_sends_every_series() {
        insta::assert_snapshot!(Sending::default().function(), @r#"
        send() {
          git -c sendemail.mailmap=false send-email \
            --no-thread --no-to --no-cc --no-bcc --no-to-cover --no-cc-cover \
            --to-cmd=true --no-header-cmd --no-signed-off-by-cc --suppress-from \
            --suppress-cc=author --suppress-cc=bodycc --suppress-cc=sob \
            --suppress-cc=misc-by --suppress-cc=cccmd --transfer-encoding=auto "$@"
        }
        "#);
    }

    #[test]
    fn a_list_of_suppressions_that_drops_cc_is_hidden_or_said() {
        let folder = tempfile::tempdir().unwrap();
        let program = Program::new(folder.path()).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        program.run(["init", "-q"]).unwrap();
        let repository = Repository::discover(folder.path()).unwrap();
        let check = |key: &str, value: &str, setting: Option<&str>, drops_cc: bool| {
            program.run(["config", "--add", key, value]).unwrap();
            let send = Sending::from(&repository).unwrap();
            assert_eq!((send.settings.get(3).map(String::as_str), send.drops_cc), (setting, drops_cc), "{key}={value}");
        };
        check("sendemail.suppressCc", "self", None, false);
        check("sendemail.suppressCc", "all", Some("sendemail.git-cleave.suppressCc=cccmd"), false);
        check("sendemail.identity", "my work", Some("'sendemail.my work.suppressCc=cccmd'"), false);
        check("sendemail.my work.suppressCc", "sob", None, false);
        check("sendemail.my work.suppressCc", "cc", None, true);
    }
}
