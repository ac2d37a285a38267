use std::convert::Infallible;

use proptest::prelude::*;

use super::*;

/// The rules of a tree that has these paths.
fn rules(text: &str, paths: &[&str]) -> Vec<Rule> {
    let rules = Rules::default().with(text).expect("well formed");
    rules.of_tree(|path| Ok::<_, Infallible>(paths.iter().any(|has| *has == path))).expect("cannot fail")
}

fn names(rules: &[Rule], asked: &Asked) -> String {
    rules.iter().filter(|rule| rule.holds(asked)).map(|rule| rule.name.as_str()).collect::<Vec<_>>().join(" ")
}

const TEXT: &str = r#"
[project.here]
files = ["A", "B"]
[project.there]
files = ["A", "C"]

[[rule]]
name = "path"
when = { project = "here", path = ["mm/", "fs/*.c"] }
[[rule]]
name = "other-project"
when = { project = "there" }
[[rule]]
name = "no-such-project"
when = { project = "nowhere" }
[[rule]]
name = "tree"
when = { tree = "*/net.git*", is-fix = false }
unless = { section = "WIRELESS" }
prefix = "net-next"
begins = "net: "
[[rule]]
name = "who"
when = { recipient = "X86@kernel.org" }
[[rule]]
name = "subject"
when = { subject = "wifi: *" }
[[rule]]
name = "always"
prefix = "other"
[[rule]]
name = "off"
off = true
"#;

#[test]
fn a_rule_holds_when_all_of_it_holds() {
    let rules = rules(TEXT, &["A", "B"]);
    let asked = Asked::default();
    assert_eq!(names(&rules, &asked), "always");
    assert_eq!(names(&rules, &Asked { paths: vec!["x".into(), "mm/a/b.c".into()], ..asked.clone() }), "path always");
    assert_eq!(names(&rules, &Asked { paths: vec!["fs/x.c".into()], ..asked.clone() }), "path always");
    assert_eq!(names(&rules, &Asked { paths: vec!["mm".into(), "fs/x.h".into()], ..asked.clone() }), "always");
    assert_eq!(names(&rules, &Asked { recipients: vec!["x86@KERNEL.org".into()], ..asked.clone() }), "who always");
    assert_eq!(names(&rules, &Asked { subject: "wifi: x".into(), ..asked.clone() }), "subject always");
    assert_eq!(names(&rules, &Asked { subject: "net: wifi: x".into(), ..asked.clone() }), "always");
    let tree = Asked { trees: vec!["git git://x/net.git main".into()], ..asked };
    assert_eq!(names(&rules, &tree), "tree always");
    assert_eq!(names(&rules, &Asked { is_fix: true, ..tree.clone() }), "always");
    assert_eq!(names(&rules, &Asked { section: Some("WIRELESS".into()), ..tree.clone() }), "always");
    assert_eq!(prefix(&rules, &tree).map(|(prefix, rule)| (prefix, rule.name.as_str())), Some(("net-next", "tree")));
    assert_eq!(begins(&rules, &tree).map(|(begins, _)| begins), Some("net: "));
    assert_eq!(prefix(&rules, &Asked::default()).map(|(prefix, _)| prefix), Some("other"));
}

#[test]
fn a_later_rule_of_the_same_name_wins() {
    let rules = Rules::built_in().with("[[rule]]\nname = \"net\"\noff = true\n[[rule]]\nname = \"mine\"\n").expect("well formed");
    let linux = rules.of_tree(|path| Ok::<_, Infallible>(path != "qemu-options.hx")).expect("cannot fail");
    assert!(!linux.iter().any(|rule| rule.name == "net"));
    assert!(linux.iter().any(|rule| rule.name == "mine"));
}

#[test]
fn the_embedded_rules_are_well_formed() {
    let rules = Rules::built_in();
    for rule in &rules.rules {
        assert!(!rule.why.is_empty() && !rule.source.is_empty(), "{} has no reason", rule.name);
        let project = rule.when.project.as_ref().expect("each is of a project");
        assert!(rules.projects.contains_key(project), "{project}");
    }
}

/// In a tree of Linux: the prefix of a patch whose section has these trees.
#[test]
fn linux_names_the_tree() {
    let linux = Rules::built_in().of_tree(|path| {
        Ok::<_, Infallible>(["Kbuild", "Documentation/process/submitting-patches.rst"].iter().any(|has| *has == path))
    });
    let linux = linux.expect("cannot fail");
    let prefix = |tree: &str, is_fix| {
        let trees = if tree.is_empty() { Vec::new() } else { vec![tree.into()] };
        let recipients = vec!["netdev@vger.kernel.org".into()];
        let asked = Asked { trees, is_fix, recipients, paths: vec!["drivers/net/a.c".into()], ..Asked::default() };
        super::prefix(&linux, &asked).map_or("", |(prefix, _)| prefix)
    };
    assert_eq!(prefix("git git://git.kernel.org/pub/scm/linux/kernel/git/netdev/net.git", true), "net");
    assert_eq!(prefix("git git://git.kernel.org/pub/scm/linux/kernel/git/netdev/net.git", false), "net-next");
    assert_eq!(prefix("git git://git.kernel.org/pub/scm/linux/kernel/git/bpf/bpf-next.git", true), "bpf");
    assert_eq!(prefix("git git://git.kernel.org/pub/scm/linux/kernel/git/wireless/wireless.git", false), "wireless-next");
    assert_eq!(prefix("git git://git.kernel.org/pub/scm/linux/kernel/git/tip/tip.git x86/core", false), "");
    assert_eq!(prefix("", false), "net-next");
    assert_eq!(prefix("", true), "net");
}

#[test]
fn what_is_no_rule_is_refused() {
    for text in
        ["[[rule]]\n", "[[rule]]\nname = 1\n", "[[rule]]\nname = \"a\"\nwhom = 1\n", "rule = 1\n", "[project.x]\nfile = 1\n"]
    {
        assert!(Rules::default().with(text).is_err(), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_breaks_the_reader(words in proptest::collection::vec(proptest::sample::select(&[
        "[[rule]]", "[project.x]", "name", "when", "to", " = ", "[", "]", "{", "}", "\"*\"", "\"a\"", "\n", "true", ",", "project", "recipient",
    ][..]), 0..24), address in "[a*@.]{0,6}") {
        if let Ok(rules) = Rules::default().with(&words.concat()) {
            let asked = Asked { recipients: vec![address.into()], ..Asked::default() };
            names(&rules.of_tree(|_| Ok::<_, Infallible>(true)).expect("cannot fail"), &asked);
        }
    }

    /// A pattern is an expression in which a star is `.*`.
    #[test]
    fn a_star_is_anything(pattern in "[ab*]{0,6}", text in "[ab]{0,6}") {
        let regex = regex::Regex::new(&format!("^{}$", pattern.replace('*', ".*"))).expect("well formed");
        prop_assert_eq!(matches(pattern.as_bytes(), text.as_bytes()), regex.is_match(&text));
    }
}
