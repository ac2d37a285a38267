//! Completions: what clap makes of the definitions, with the names of changes, series and revisions of the repository.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::Arguments;

/// Completes `git cleave` below git's own completion, and `git-cleave` by itself, with the function that clap writes.
const BASH: &str = include_str!("git-cleave.bash");

/// A kind of value that only the repository knows.
struct Values {
    /// The command that prints them, one a line. It runs in all shells.
    command: &'static str,
    /// The names that a value of this kind has in usage lines, for options, and its ids, for words without an option.
    names: &'static [&'static str],
    /// The commands whose first word is one.
    first: &'static [&'static str],
    /// The options that take one.
    options: &'static [&'static str],
}

const VALUES: &[Values] = &[
    Values {
        command: "git cleave list --name-only 2>/dev/null",
        names: &["CHANGE", "change"],
        first: &["drop"],
        options: &["name"],
    },
    Values {
        command: "git for-each-ref --format='%(refname:lstrip=4)' refs/heads/cleave/ 2>/dev/null",
        names: &["SERIES", "branch"],
        first: &["adopt"],
        options: &["cover"],
    },
    Values {
        command: "git for-each-ref --format='%(refname:short)' refs/heads refs/tags refs/remotes 2>/dev/null",
        names: &["REV", "REV|RANGE", "range"],
        first: &["plan", "review", "lint"],
        options: &["base", "rev"],
    },
];

/// Returns the completions for a shell, with the mark of files that `manual --install` may replace.
pub(super) fn script(shell: Shell) -> String {
    let mut bytes = Vec::new();
    // clap's function for bash calls commands by two names where the program's has a hyphen, and then completes none.
    let name = if shell == Shell::Bash { "git_cleave_words" } else { "git-cleave" };
    clap_complete::generate(shell, &mut Arguments::command(), name, &mut bytes);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    match shell {
        Shell::Bash => bash(&text),
        Shell::Zsh => zsh(&text),
        Shell::Fish => fish(&text),
        _ => text,
    }
}

/// git's completion calls `_git_cleave`; clap's own registration gives way to ours, which goes through the same function.
fn bash(text: &str) -> String {
    let (functions, _) = text.split_once("\nif [[ \"${BASH_VERSINFO[0]}\" -eq 4").unwrap_or((text, ""));
    let mut cases = String::new();
    for Values { command, first, options, .. } in VALUES {
        let options = options.iter().map(|option| format!("*,--{option}"));
        let patterns: Vec<String> = options.chain(first.iter().map(|name| format!("{name},"))).collect();
        cases.push_str(&format!("\t{}) {command} ;;\n", patterns.join("|")));
    }
    format!("# made by git cleave manual\n{functions}\n{}", BASH.replace("\t@VALUES@\n", &cases))
}

/// zsh calls `_git-cleave` for `git cleave` too. Values without a completion of their own get one by the name they have in clap.
fn zsh(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let values = VALUES.iter().position(|values| {
            values.names.iter().any(|name| {
                line.contains(&format!(":{name}:_default"))
                    || line.starts_with(&format!("'::{name} -- "))
                    || line.starts_with(&format!("':{name} -- "))
            })
        });
        match values {
            Some(kind) => out.push_str(&line.replace(":_default'", &format!(":_git-cleave_values_{kind}'"))),
            None => out.push_str(line),
        }
        out.push('\n');
        if line == "#compdef git-cleave" {
            out.push_str("#description cut a change into series in which every step builds\n# made by git cleave manual\n");
        }
        if line == "autoload -U is-at-least" {
            for (kind, Values { command, .. }) in VALUES.iter().enumerate() {
                out.push_str(&format!(
                    "\n_git-cleave_values_{kind}() {{\n    local -a found\n    found=(${{(f)\"$({command})\"}})\n    \
                     compset -P '*..'\n    compadd \"$@\" -- $found\n}}\n"
                ));
            }
        }
    }
    out
}

/// fish completes `git cleave` by the completions of `git-cleave`.
fn fish(text: &str) -> String {
    let mut out = String::from("# made by git cleave manual\n");
    for line in text.lines() {
        out.push_str(line);
        let values = VALUES.iter().find(|values| values.options.iter().any(|option| line.contains(&format!(" -l {option} -d "))));
        if let (Some(values), true) = (values, line.ends_with(" -r")) {
            out.push_str(&format!(" -f -a \"({})\"", values.command));
        }
        out.push('\n');
    }
    for Values { command, first, .. } in VALUES {
        for name in *first {
            out.push_str(&format!(
                "complete -c git-cleave -n \"__fish_git_cleave_using_subcommand {name}\" -f -a \"({command})\"\n"
            ));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use clap::ValueHint;

    use super::*;

    #[test]
    fn every_value_of_a_kind_is_completed() {
        for name in ["drop", "plan", "verify"] {
            assert!(Arguments::command().find_subcommand(name).is_some(), "{name}");
        }
        let (zsh, fish, bash) = (script(Shell::Zsh), script(Shell::Fish), script(Shell::Bash));
        for left in [":CHANGE:_default", ":REV:_default", ":REV|RANGE:_default", "::SERIES:_default"] {
            assert!(!zsh.contains(left), "{left} has no completion in zsh");
        }
        assert!(zsh.starts_with("#compdef git-cleave\n#description "), "compinit and _git read the first two lines");
        assert!(fish.contains("-l name -d 'Which change, where there are several plans' -r -f -a"));
        assert!(bash.contains("_git_cleave ()") && !bash.contains("@VALUES@"));
        assert!(!bash.contains("complete -F _git_cleave_words "), "clap's registration would take the place of ours");
    }

    #[test]
    fn options_for_values_exist() {
        let mut command = Arguments::command();
        command.build();
        for option in VALUES.iter().flat_map(|values| values.options) {
            let found = command
                .get_subcommands()
                .flat_map(clap::Command::get_arguments)
                .any(|argument| argument.get_long() == Some(option) && argument.get_value_hint() == ValueHint::Unknown);
            assert!(found, "--{option}");
        }
    }
}
