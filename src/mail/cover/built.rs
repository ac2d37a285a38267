//! What was built of a series, and with what: only what the kept verdicts say.
//!
//! ```text
//!   Built for s390 defconfig+KVM: patches 1-9; not compiled: 10 and 12.
//!     make ARCH=s390 defconfig && … (s390x-linux-gnu-gcc 12.2.0)
//! ```
//!
//! A patch is built where the build passes and compiled all code that the patch changes. One that fails is not mailed unless that is asked for. Of a build
//! that fails on the base too, nothing is known.

use std::collections::{BTreeMap, BTreeSet};

use bstr::BString;

use super::{Trees, indented, listed};
use crate::mail::send::quoted_text;
use crate::model::ObjectId;
use crate::verify::Outcome;
use crate::verify::compiled::Sight;
use crate::verify::profile::Mode;
use crate::verify::store::{BuiltBy, KnownVerdict};

/// What a build says of a patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Built,
    Fails,
    /// It passes, and left out some of its code.
    Partly,
    /// It passes, and compiled none of its code.
    NotCompiled,
    /// It passes, and may have compiled it.
    Untold,
    /// It could not tell, or was not tried.
    Nothing,
}

/// Returns the verdicts of the patches, two lines a build.
pub(in crate::mail) fn built(trees: Trees<'_>, known: &dyn Fn(ObjectId) -> Vec<KnownVerdict>) -> BString {
    let (own, whole) = (by_build(trees.own, trees, known), by_build(trees.whole, trees, known));
    let mut out: Vec<String> = Vec::new();
    let place = if trees.is_elsewhere { " on the base of the whole change" } else { "" };
    for (built_by, said) in &own {
        out.extend(claim(built_by, said, place));
    }
    let place = format!("{place} after the series before it");
    for (built_by, said) in whole.iter().filter(|(built_by, _)| !own.contains_key(*built_by)) {
        out.extend(claim(built_by, said, &place));
    }
    if out.is_empty() {
        return "Not built.".into();
    }
    bstr::join("\n", out.iter().map(|line| indented(line, "  "))).into()
}

/// Returns the place of the first patch of a series that is known to fail, and the build that it fails; `None` where none is.
pub(in crate::mail) fn failing(trees: Trees<'_>, known: &dyn Fn(ObjectId) -> Vec<KnownVerdict>) -> Option<(usize, String)> {
    let (own, whole) = (by_build(trees.own, trees, known), by_build(trees.whole, trees, known));
    let whole = whole.into_iter().filter(|(built_by, _)| !own.contains_key(built_by));
    let fails = |(built_by, said): (&BuiltBy, &Vec<Said>)| {
        Some((said.iter().position(|said| *said == Said::Fails)?, label(built_by).unwrap_or_else(|| command(built_by))))
    };
    own.iter().chain(&whole.collect::<BTreeMap<_, _>>()).filter_map(fails).min()
}

/// Returns what each build says of the patches, by the trees after each of them.
fn by_build(steps: &[ObjectId], trees: Trees<'_>, known: &dyn Fn(ObjectId) -> Vec<KnownVerdict>) -> BTreeMap<BuiltBy, Vec<Said>> {
    let fails = |one: &KnownVerdict| matches!(one.outcome, Outcome::Failed(_));
    let bases = trees.bases.iter().flat_map(|base| known(*base)).filter(fails);
    let fails_before: BTreeSet<BuiltBy> = bases.map(|one| one.built_by).collect();
    let mut all: BTreeMap<BuiltBy, Vec<Said>> = BTreeMap::new();
    for (idx, (&tree_id, code)) in steps.iter().zip(trees.code).enumerate() {
        for one in known(tree_id) {
            let said = match (one.outcome, one.compiled.of_patch(code)) {
                (Outcome::Passed, Sight::Compiled) => Said::Built,
                (Outcome::Passed, Sight::NotCompiled(paths)) if paths.len() < code.len() => Said::Partly,
                (Outcome::Passed, Sight::NotCompiled(_)) => Said::NotCompiled,
                (Outcome::Passed, Sight::Untold(_)) => Said::Untold,
                (Outcome::Failed(_), _) if !fails_before.contains(&one.built_by) => Said::Fails,
                (Outcome::Failed(_) | Outcome::Undecided, _) => Said::Nothing,
            };
            all.entry(one.built_by).or_insert_with(|| vec![Said::Nothing; steps.len()])[idx] = said;
        }
    }
    all
}

/// Returns what is said of one build, and the build; nothing where it could tell of no patch.
fn claim(built_by: &BuiltBy, said: &[Said], on_top: &str) -> Vec<String> {
    let with = label(built_by).map_or(String::new(), |label| format!(" for {label}")) + on_top;
    let is_syntax = built_by.mode == Mode::Syntax;
    let built = if is_syntax { "passes the compiler's syntax check" } else { "built" };
    let words = [
        (Said::Built, built),
        (Said::Untold, "passes, which files it compiled is not known"),
        (Said::Partly, "passes, not all of it compiled"),
        (Said::NotCompiled, "not compiled"),
        (Said::Fails, "fails"),
        (Said::Nothing, "not tried"),
    ];
    let of = |wanted: Said| -> Vec<usize> { (1..=said.len()).filter(|patch| said[patch - 1] == wanted).collect() };
    let told: Vec<(&str, Vec<usize>)> =
        words.into_iter().map(|(kind, words)| (words, of(kind))).filter(|(_, patches)| !patches.is_empty()).collect();
    let text = match told.as_slice() {
        [("not tried", _)] | [] => return Vec::new(),
        [(words, _)] if said.len() == 1 => format!("{words}{with}."),
        [(words, patches), rest @ ..] => {
            let rest = rest.iter().map(|(words, patches)| format!("; {words}: {}", listed(patches)));
            let patches = format!("{} {}", if patches.len() == 1 { "patch" } else { "patches" }, listed(patches));
            format!("{words}{with}: {patches}{}.", rest.collect::<String>())
        }
    };
    let mut capital = text;
    capital[..1].make_ascii_uppercase();
    vec![capital, format!("  {}", command(built_by))]
}

/// Returns what kbuild was configured for, as people call it: `s390 defconfig+KVM`. None for other builds.
fn label(built_by: &BuiltBy) -> Option<String> {
    let [first, rest @ ..] = built_by.setup.as_slice() else { return None };
    let target = first.last().filter(|target| first[0] == "make" && target.ends_with("config"))?;
    let arch = first.iter().find_map(|word| word.strip_prefix("ARCH=")).or(built_by.environment.get("ARCH").map(String::as_str));
    let mut label = arch.map_or(String::new(), |arch| format!("{arch} ")) + target;
    let mut words = rest.iter().filter(|words| words[0] == "scripts/config").flatten().skip(1);
    while let Some(option) = words.next() {
        let symbol = words.next().map_or("", String::as_str);
        match option.as_str() {
            "--enable" => label.push_str(&format!("+{symbol}")),
            "--module" => label.push_str(&format!("+{symbol}=m")),
            "--disable" => label.push_str(&format!("-{symbol}")),
            _ => label.push_str(&format!("+{symbol}={}", words.next().map_or("", String::as_str))),
        }
    }
    Some(label)
}

/// Returns the command, how the folder was made ready for it, and the programs that did it, as somebody else would type and name them.
fn command(built_by: &BuiltBy) -> String {
    let variables: Vec<String> = built_by
        .environment
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "PATH" | "CLEAVE_JOBS"))
        .map(|(name, value)| format!("{name}={}", quoted_text(value)))
        .collect();
    let line = |words: &Vec<String>| {
        // How many jobs there were is nothing to anybody.
        let words = words.iter().filter(|word| !word.contains("{jobs}")).map(|word| quoted_text(short(word)));
        variables.iter().cloned().chain(words).collect::<Vec<_>>().join(" ")
    };
    let said: Vec<String> = built_by.setup.iter().chain([&built_by.command]).map(line).collect();
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
    use crate::verify::compiled::Compiled;
    use crate::verify::verdict::Ended;

    /// What is said of patches that end like this and change two files: b(uilt), p(artly), n(ot compiled), u(ntold), f(ails), `-` for not built.
    fn check(ends: &str, setup: &[&str], expected: &[&str]) {
        let built_by = BuiltBy {
            command: ["make", "-j{jobs}", "arch/s390/mm/"].map(str::to_owned).to_vec(),
            setup: setup.iter().map(|line| line.split(' ').map(str::to_owned).collect()).collect(),
            environment: BTreeMap::from([("ARCH".into(), "s390".into()), ("PATH".into(), "/bin".into())]),
            toolchain: BTreeMap::from([("/usr/bin/gcc-12".into(), "gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0 0123abc".into())]),
            mode: Mode::Build,
        };
        let tree = |idx: usize| format!("{idx:040x}").parse().unwrap();
        let trees: Vec<ObjectId> = (0..ends.len()).map(tree).collect();
        let known = |tree_id: ObjectId| {
            let end = trees.iter().position(|tree| *tree == tree_id).and_then(|idx| ends[idx..].chars().next()).unwrap();
            let outcome = if end == 'f' { Outcome::Failed(Ended::Code(2)) } else { Outcome::Passed };
            let those = |ends: &[(char, &str)]| ends.iter().filter(|one| one.0 == end).map(|one| BString::from(one.1)).collect();
            let all = [('b', "a.c"), ('b', "b.c"), ('p', "a.c"), ('n', "a.c"), ('n', "b.c"), ('p', "b.c")];
            let compiled = Compiled { compiled: those(&all[..3]), not_compiled: those(&all[3..]) };
            let verdict = KnownVerdict { built_by: built_by.clone(), outcome, compiled };
            Vec::from_iter((end != '-').then_some(verdict))
        };
        let code = vec![vec!["a.c".into(), "b.c".into()]; ends.len()];
        let own = Trees { own: &trees, whole: &[], bases: &[], code: &code, is_elsewhere: false };
        let expected = expected.join("\n");
        assert_eq!(built(own, &known), expected);
        assert_eq!(failing(own, &known).map(|(at, _)| at), ends.find('f'));
        let base_fails = Trees { bases: &trees[ends.find('f').unwrap_or(0)..][..1], ..own };
        assert_eq!(failing(base_fails, &known), None);
    }

    #[test]
    fn nothing_is_claimed_that_was_not_built() {
        let setup = ["make defconfig", "scripts/config --enable KVM --disable BUG"];
        let lines = [
            "  ARCH=s390 make defconfig && ARCH=s390 scripts/config --enable KVM",
            "  --disable BUG && ARCH=s390 make arch/s390/mm/ (gcc-12 12.2.0)",
        ];
        let says = |ends: &str, line: &str| check(ends, &setup, &[line, lines[0], lines[1]]);
        says("bb", "Built for s390 defconfig+KVM-BUG: patches 1 and 2.");
        says("b", "Built for s390 defconfig+KVM-BUG.");
        says("n", "Not compiled for s390 defconfig+KVM-BUG.");
        says("nn", "Not compiled for s390 defconfig+KVM-BUG: patches 1 and 2.");
        says("bbbn", "Built for s390 defconfig+KVM-BUG: patches 1-3; not compiled: 4.");
        says("b-f", "Built for s390 defconfig+KVM-BUG: patch 1; fails: 3; not tried: 2.");
        says("f", "Fails for s390 defconfig+KVM-BUG.");
        check(
            "bu",
            &[],
            &[
                "Built: patch 1; passes, which files it compiled is not known: 2.",
                "  ARCH=s390 make arch/s390/mm/ (gcc-12 12.2.0)",
            ],
        );
        says("p", "Passes, not all of it compiled for s390 defconfig+KVM-BUG.");
        check("--", &[], &["Not built."]);
    }
}
