//! The script's options for a program's command line.
//!
//! They are words in the end, as the script's own are ([`super::Options::with`]); clap knows them from the same table. Every switch
//! has the two forms `--no-NAME` and `--noNAME` too, and of several the last one counts.

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches};

use super::options::{Effect, OPTIONS, REFUSED, ScriptOption};

/// Options of the script: those that change who is asked and, where `PRINTS`, those that change what is printed of the answer.
#[derive(Debug, Clone, Default)]
pub struct ScriptArgs<const PRINTS: bool> {
    /// As the script takes them.
    pub words: Vec<String>,
}

impl<const PRINTS: bool> ScriptArgs<PRINTS> {
    fn options() -> impl Iterator<Item = &'static ScriptOption> {
        OPTIONS.iter().filter(|option| PRINTS || option.effect == Effect::Answer)
    }
}

impl<const PRINTS: bool> FromArgMatches for ScriptArgs<PRINTS> {
    /// Returns the words of the script's command line; an option that is not followed is refused.
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        if let Some(option) = REFUSED.iter().find(|option| !words(option, matches).is_empty()) {
            let name = option.names[0];
            return Err(Error::raw(ErrorKind::UnknownArgument, format!("--{name} of get_maintainer.pl is not followed here\n")));
        }
        Ok(ScriptArgs { words: Self::options().flat_map(|option| words(option, matches)).collect() })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.words.extend(Self::from_arg_matches(matches)?.words);
        Ok(())
    }
}

impl<const PRINTS: bool> Args for ScriptArgs<PRINTS> {
    fn augment_args(command: Command) -> Command {
        let hidden = REFUSED.iter().flat_map(args).map(|arg| arg.hide(true));
        command.args(Self::options().flat_map(args).chain(hidden))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// Returns an option as clap knows it, and its opposite where it is a switch.
fn args(option: &'static ScriptOption) -> Vec<Arg> {
    let (name, others) = (option.names[0], &option.names[1..]);
    let heading = match option.effect {
        Effect::Answer => "Who is asked, as get_maintainer.pl has it (each also as --no-NAME)",
        Effect::Print => "What is printed, as get_maintainer.pl has it (each also as --no-NAME)",
    };
    let arg = Arg::new(name).long(name).aliases(others).help(option.help).help_heading(heading);
    match option.value {
        "" => {
            let no = format!("no-{name}");
            let letters = option.names.iter().filter_map(|name| name.parse::<char>().ok());
            let arg = letters.fold(arg, Arg::short).action(ArgAction::SetTrue).overrides_with(no.clone());
            let aliases = option.names.iter().flat_map(|name| [format!("no-{name}"), format!("no{name}")]);
            let negative = Arg::new(no.clone()).long(no).aliases(aliases.skip(1)).hide(true).overrides_with(name);
            vec![arg, negative.action(ArgAction::SetTrue)]
        }
        value => {
            let arg = arg.value_name(value).allow_hyphen_values(true);
            vec![if value == "N" { arg.value_parser(clap::value_parser!(i64).range(0..)) } else { arg }]
        }
    }
}

/// Returns what was given of an option, as words of the script's command line.
fn words(option: &ScriptOption, matches: &ArgMatches) -> Vec<String> {
    let name = option.names[0];
    if !option.value.is_empty() {
        let given = matches.get_raw(name).and_then(Iterator::last);
        return given.map(|given| format!("--{name}={}", given.to_string_lossy())).into_iter().collect();
    }
    let given = [name.to_owned(), format!("no-{name}")].into_iter().filter(|name| matches.get_flag(name));
    given.map(|name| format!("--{name}")).collect()
}
