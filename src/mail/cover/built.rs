//! What was built of a series, and with what: only what the kept verdicts say.

use std::collections::BTreeMap;

use bstr::BString;

use super::{Trees, indented, listed};
use crate::model::ObjectId;
use crate::verify::Outcome;
use crate::verify::profile::Mode;
use crate::verify::store::{BuiltBy, KnownVerdict};

/// Returns the verdicts of the steps, a paragraph a build where all its steps are alike, a line more for those that differ.
pub(in crate::mail) fn built(trees: Trees<'_>, known: &dyn Fn(ObjectId) -> Vec<KnownVerdict>) -> BString {
    let n_steps = trees.own.len();
    let of = |trees: &[ObjectId]| by_build(trees, known);
    let (own, whole) = (of(trees.own), of(trees.whole));
    let mut out: Vec<String> = Vec::new();
    let place = if trees.is_elsewhere { " on the base of the whole change" } else { "" };
    for (built_by, outcomes) in &own {
        out.extend(said(built_by, outcomes, n_steps, place));
    }
    let place = format!("{place} after the series before it");
    for (built_by, outcomes) in whole.iter().filter(|(built_by, _)| !own.contains_key(*built_by)) {
        out.extend(said(built_by, outcomes, n_steps, &place));
    }
    if out.is_empty() {
        return "Not built.".into();
    }
    bstr::join("\n", out.iter().map(|line| indented(line, "  "))).into()
}

/// Returns the outcomes of the steps that were built, by step from 1, of each build.
fn by_build(trees: &[ObjectId], known: &dyn Fn(ObjectId) -> Vec<KnownVerdict>) -> BTreeMap<BuiltBy, BTreeMap<usize, Outcome>> {
    let mut all: BTreeMap<BuiltBy, BTreeMap<usize, Outcome>> = BTreeMap::new();
    for (idx, &tree_id) in trees.iter().enumerate() {
        for one in known(tree_id) {
            all.entry(one.built_by).or_default().insert(idx + 1, one.outcome);
        }
    }
    all
}

/// Returns what is said of one build; nothing where it could tell of no step.
fn said(built_by: &BuiltBy, outcomes: &BTreeMap<usize, Outcome>, n_steps: usize, on_top: &str) -> Vec<String> {
    let of = |wanted: fn(&Outcome) -> bool| -> Vec<usize> {
        outcomes.iter().filter(|(_, outcome)| wanted(outcome)).map(|(step, _)| *step).collect()
    };
    let passed = of(|outcome| matches!(outcome, Outcome::Passed));
    let failed = of(|outcome| matches!(outcome, Outcome::Failed(_)));
    let told = passed.len() + failed.len();
    if told == 0 {
        return Vec::new();
    }
    let (verb, verbs) = match built_by.mode == Mode::Syntax {
        true => ("passes the compiler's syntax check", "pass the compiler's syntax check"),
        false => ("builds", "build"),
    };
    let steps = match (passed.len(), n_steps) {
        (1, 1) => format!("It {verb}{on_top}"),
        (n, all) if n == all => format!("Each of the {all} steps {verb}{on_top}"),
        (0, _) => format!("No step {verb}{on_top}"),
        (1, _) => format!("Step {} {verb}{on_top}", listed(&passed)),
        _ => format!("Steps {} {verbs}{on_top}", listed(&passed)),
    };
    let mut lines = vec![format!("{steps}: {}", with(built_by))];
    let step = |steps: &[usize]| format!("{} {}", if steps.len() == 1 { "step" } else { "steps" }, listed(steps));
    let unknown: Vec<usize> = (1..=n_steps).filter(|step| !passed.contains(step) && !failed.contains(step)).collect();
    if !failed.is_empty() && n_steps > 1 {
        lines.push(format!("  fails: {}", step(&failed)));
    }
    if !unknown.is_empty() {
        lines.push(format!("  not built: {}", step(&unknown)));
    }
    lines
}

/// Returns the command, how the folder was made ready for it, and the programs that did it, as somebody else would type and name them.
fn with(built_by: &BuiltBy) -> String {
    let variables: Vec<String> = built_by
        .environment
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "PATH" | "CLEAVE_JOBS"))
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let command = |words: &[String]| {
        // How many jobs there were is nothing to anybody.
        let words = words.iter().filter(|word| !word.contains("{jobs}")).map(|word| short(word));
        words.collect::<Vec<_>>().join(" ")
    };
    let mut said: Vec<String> = built_by.setup.iter().map(|words| command(words)).collect();
    said.push([variables, vec![command(&built_by.command)]].concat().join(" "));
    let tools: Vec<String> =
        built_by.toolchain.iter().filter_map(|(name, said)| Some(format!("{} {}", short(name), version(said)?))).collect();
    let tools = if tools.is_empty() { String::new() } else { format!(" ({})", tools.join(", ")) };
    format!("{}{tools}", said.join(" && "))
}

/// A path of this machine is nothing to anybody: its last part.
fn short(word: &str) -> &str {
    if word.starts_with('/') { word.rsplit('/').next().unwrap_or(word) } else { word }
}

/// Returns the last number with a dot in a version line: `gcc (Debian 12.2.0-14) 12.2.0` is 12.2.0.
fn version(line: &str) -> Option<&str> {
    let is_version = |word: &&str| {
        word.starts_with(|c: char| c.is_ascii_digit())
            && word.contains('.')
            && word.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    };
    line.split([' ', ',', '(', ')']).rfind(is_version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::verdict::Ended;

    fn check(outcomes: &[(usize, bool)], n_steps: usize, expected: &[&str]) {
        let built_by = BuiltBy {
            command: ["make", "-j{jobs}", "arch/s390/mm/"].map(str::to_owned).to_vec(),
            setup: vec![vec!["make".into(), "defconfig".into()]],
            environment: BTreeMap::from([("ARCH".into(), "s390".into()), ("PATH".into(), "/bin".into())]),
            toolchain: BTreeMap::from([("/usr/bin/gcc-12".into(), "gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0 0123abc".into())]),
            mode: Mode::Build,
        };
        let outcome =
            |&(step, passes): &(usize, bool)| (step, if passes { Outcome::Passed } else { Outcome::Failed(Ended::Code(2)) });
        let outcomes = outcomes.iter().map(outcome).collect();
        assert_eq!(said(&built_by, &outcomes, n_steps, ""), expected);
    }

    #[test]
    fn nothing_is_claimed_that_was_not_built() {
        const WITH: &str = "make defconfig && ARCH=s390 make arch/s390/mm/ (gcc-12 12.2.0)";
        check(&[(1, true), (2, true)], 2, &[&format!("Each of the 2 steps builds: {WITH}")]);
        check(&[(1, true)], 1, &[&format!("It builds: {WITH}")]);
        check(&[(1, true), (3, true)], 3, &[&format!("Steps 1 and 3 build: {WITH}"), "  not built: step 2"]);
        check(&[(1, true), (2, false)], 2, &[&format!("Step 1 builds: {WITH}"), "  fails: step 2"]);
        check(&[(1, false)], 1, &[&format!("No step builds: {WITH}")]);
        check(&[], 2, &[]);
    }
}
