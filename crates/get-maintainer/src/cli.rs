//! The script's options for a program's command line: those that change who is asked, and those that change what is printed.
//!
//! Both are words in the end, as the script's own are ([`super::Options::with`]); clap knows them from the same tables. Every switch
//! has the two forms `--no-NAME` and `--noNAME` too, and of several the last one counts.

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches};

use super::options::{Effect, REFUSED, REFUSED_VALUES, SWITCHES, VALUES};

/// Options that change who is asked.
#[derive(Debug, Clone, Default)]
pub struct AnswerArgs {
    /// As the script takes them.
    pub words: Vec<String>,
}

/// Options that change what is printed of the answer.
#[derive(Debug, Clone, Default)]
pub struct PrintArgs {
    /// As the script takes them.
    pub words: Vec<String>,
}

impl FromArgMatches for AnswerArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        Ok(AnswerArgs { words: words(matches, Effect::Answer)? })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.words.extend(words(matches, Effect::Answer)?);
        Ok(())
    }
}

impl Args for AnswerArgs {
    fn augment_args(command: Command) -> Command {
        let command = with(command, Effect::Answer, "Who is asked, as get_maintainer.pl has it (each also as --no-NAME)");
        let hidden = |name: &'static str| Arg::new(name).hide(true);
        let switches =
            REFUSED.iter().filter(|name| name.len() > 1).map(|name| hidden(name).long(name).action(ArgAction::SetTrue));
        let values = REFUSED_VALUES.iter().map(|name| hidden(name).long(name).action(ArgAction::Set));
        command.args(switches.chain(values))
    }

    fn augment_args_for_update(command: Command) -> Command {
        AnswerArgs::augment_args(command)
    }
}

impl FromArgMatches for PrintArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        Ok(PrintArgs { words: words(matches, Effect::Print)? })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.words.extend(words(matches, Effect::Print)?);
        Ok(())
    }
}

impl Args for PrintArgs {
    fn augment_args(command: Command) -> Command {
        with(command, Effect::Print, "What is printed, as get_maintainer.pl has it (each also as --no-NAME)")
    }

    fn augment_args_for_update(command: Command) -> Command {
        PrintArgs::augment_args(command)
    }
}

/// Adds the options of one effect under a heading.
fn with(command: Command, effect: Effect, heading: &'static str) -> Command {
    let mut args = Vec::new();
    for switch in SWITCHES.iter().filter(|switch| switch.effect == effect) {
        let (name, no) = (switch.names[0], format!("no-{}", switch.names[0]));
        let mut arg = Arg::new(name).long(name).help(switch.help).overrides_with(no.clone());
        let mut negative = Arg::new(no.clone()).long(no).hide(true).overrides_with(name);
        for other in switch.names {
            if let Ok(letter) = other.parse::<char>() {
                arg = arg.short(letter);
            }
            if *other != name {
                arg = arg.alias(*other);
                negative = negative.alias(format!("no-{other}"));
            }
            negative = negative.alias(format!("no{other}"));
        }
        args.extend([arg, negative].map(|arg| arg.action(ArgAction::SetTrue)));
    }
    for value in VALUES.iter().filter(|value| value.effect == effect) {
        let mut arg = Arg::new(value.names[0]).long(value.names[0]).help(value.help).value_name(value.value);
        arg = arg.aliases(value.names[1..].iter().copied()).allow_hyphen_values(true);
        args.push(if value.is_number() { arg.value_parser(clap::value_parser!(i64).range(0..)) } else { arg });
    }
    command.args(args.into_iter().map(|arg| arg.help_heading(heading)))
}

/// Returns the words of the script's command line; an option that is not followed is refused.
fn words(matches: &ArgMatches, effect: Effect) -> Result<Vec<String>, Error> {
    if effect == Effect::Answer {
        let is_asked = |name: &&&str| matches.try_get_one::<bool>(name).ok().flatten() == Some(&true);
        let with_value = REFUSED_VALUES.iter().find(|name| matches.contains_id(name));
        if let Some(name) = REFUSED.iter().filter(|name| name.len() > 1).find(is_asked).or(with_value) {
            return Err(Error::raw(ErrorKind::UnknownArgument, format!("--{name} of get_maintainer.pl is not followed here\n")));
        }
    }
    let mut words = Vec::new();
    for switch in SWITCHES.iter().filter(|switch| switch.effect == effect) {
        let no = format!("no-{}", switch.names[0]);
        words.extend(matches.get_flag(switch.names[0]).then(|| format!("--{}", switch.names[0])));
        words.extend(matches.get_flag(&no).then(|| format!("--{no}")));
    }
    for value in VALUES.iter().filter(|value| value.effect == effect) {
        let given = match value.is_number() {
            true => matches.get_one::<i64>(value.names[0]).map(ToString::to_string),
            false => matches.get_one::<String>(value.names[0]).cloned(),
        };
        words.extend(given.map(|given| format!("--{}={given}", value.names[0])));
    }
    Ok(words)
}
