//! The pager that git would take. Source: `git` documentation, `--paginate`, `core.pager`, `pager.<cmd>`, `GIT_PAGER`; its `pager.c`.

use std::io::Write;
use std::process::{Command, Stdio};

use bstr::ByteSlice;

use super::program::Program;

/// What git gives a pager where the user says nothing else.
const ENVIRONMENT: [(&str, &str); 2] = [("LESS", "FRX"), ("LV", "-c")];

/// Whether git has put a pager behind us already, which shows colours: `git -p cleave`, or `pager.cleave`.
#[expect(clippy::disallowed_methods, reason = "git's own variable, and those that say that there are no colours")]
pub fn is_in_use() -> bool {
    let is = |key: &str, value: &str| std::env::var(key).is_ok_and(|now| now == value);
    is("GIT_PAGER_IN_USE", "true") && !is("TERM", "dumb") && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Returns how wide the terminal is where the environment says so, as it does behind git's pager.
#[expect(clippy::disallowed_methods, reason = "as git asks, which sets it for its pager")]
pub fn asked_columns() -> Option<usize> {
    std::env::var("COLUMNS").ok()?.parse().ok().filter(|columns| *columns > 0)
}

impl Program {
    /// Returns the command that git would page what we print with; `None` where it would not.
    pub fn pager(&self) -> Option<String> {
        let own = self.answer(&["config", "--get", "pager.cleave"]);
        let pager = match own.as_deref().map(str::to_ascii_lowercase).as_deref() {
            Some("false" | "no" | "off" | "0" | "") => return None,
            None | Some("true" | "yes" | "on" | "1") => self.answer(&["var", "GIT_PAGER"])?,
            Some(_) => own?,
        };
        (!pager.is_empty() && pager != "cat").then_some(pager)
    }

    /// Whether what is paged has colours: `color.pager`.
    pub fn colors_pager(&self) -> bool {
        self.answer(&["config", "--type=bool", "--get", "color.pager"]).as_deref() != Some("false")
    }

    /// Runs text through a pager and waits until whoever reads it has done so. Returns false where there is no such program.
    #[expect(clippy::disallowed_methods, reason = "this is the place that starts what git starts")]
    pub fn page(&self, pager: &str, text: &[u8]) -> bool {
        let mut command = Command::new("sh");
        command.arg("-c").arg(pager).current_dir(self.dir()).stdin(Stdio::piped());
        for (key, value) in ENVIRONMENT.into_iter().filter(|(key, _)| std::env::var_os(key).is_none()) {
            command.env(key, value);
        }
        let Ok(mut child) = command.spawn() else { return false };
        // Who has read enough closes the pipe.
        if let Some(mut stdin) = child.stdin.take() {
            drop(stdin.write_all(text));
        }
        // 126 and 127 are the shell's: it could not run the command.
        child.wait().is_ok_and(|status| !matches!(status.code(), Some(126 | 127)))
    }

    /// Returns what git answers with the environment of the user, in which another call of ours names no pager.
    #[expect(clippy::disallowed_methods, reason = "this is the place that starts git")]
    fn answer(&self, args: &[&str]) -> Option<String> {
        let mut command = Command::new(self.git());
        command.current_dir(self.dir()).args(args).envs(self.environment()).stdin(Stdio::null());
        let output = command.output().ok()?;
        output.status.success().then(|| output.stdout.trim().to_str_lossy().into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pager_is_the_one_that_git_takes() {
        let home = tempfile::tempdir().unwrap();
        let program = Program::new(home.path()).env("GIT_CEILING_DIRECTORIES", home.path());
        let check = |variables: &[(&str, &str)], expected: Option<&str>| {
            let program = variables.iter().fold(program.clone(), |program, (key, value)| program.env(*key, *value));
            assert_eq!(program.pager().as_deref(), expected, "{variables:?}");
        };
        let own = |value: &'static str| {
            [
                ("GIT_PAGER", "most"),
                ("GIT_CONFIG_COUNT", "1"),
                ("GIT_CONFIG_KEY_0", "pager.cleave"),
                ("GIT_CONFIG_VALUE_0", value),
            ]
        };
        check(&[("GIT_PAGER", "less -S")], Some("less -S"));
        check(&[("GIT_PAGER", "cat")], None);
        check(&[("GIT_PAGER", "")], None);
        check(&own("true"), Some("most"));
        check(&own("false"), None);
        check(&own("tig -x"), Some("tig -x"));
    }

    #[test]
    fn a_pager_may_end_early_and_may_be_missing() {
        let home = tempfile::tempdir().unwrap();
        let program = Program::new(home.path());
        let text = b"line\n".repeat(100_000);
        assert!(program.page("cat >shown; printf '%s' \"$LV\" >lv", &text));
        assert_eq!(std::fs::read(home.path().join("shown")).unwrap(), text);
        assert_eq!(std::fs::read(home.path().join("lv")).unwrap(), b"-c");
        assert!(program.page("true", &text), "the rest is of no interest");
        assert!(program.page("exit 3", &text), "it has shown what it could");
        assert!(!program.page("no-such-pager-here", &text));
    }
}
