//! The JSON that CHANGELOG promises to other programs: which fields there are, of which types.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::support::{TestRepo, check_snapshot, example};

/// What is at one path of all values that were seen.
#[derive(Debug, Default)]
struct Field {
    types: BTreeSet<&'static str>,
    /// How often it was there.
    n_seen: usize,
}

/// Notes what is in a value. A path is the names on the way, `[]` for each list.
fn note(value: &Value, path: &str, fields: &mut BTreeMap<String, Field>) {
    let field = fields.entry(path.to_owned()).or_default();
    field.n_seen += 1;
    field.types.insert(match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    });
    match value {
        Value::Array(all) => all.iter().for_each(|one| note(one, &format!("{path}[]"), fields)),
        Value::Object(all) => all.iter().for_each(|(name, one)| note(one, &format!("{path}.{name}"), fields)),
        _ => {}
    }
}

/// Runs a command and returns a line for each field of what it prints, `?` after those that are not always there.
fn shape(repo: &TestRepo, words: &[&str]) -> String {
    let output = repo.cleave(&[&["--format", "json"], words].concat());
    assert!(matches!(output.code, Some(0 | 1)), "{output:?}");
    let mut fields = BTreeMap::new();
    for line in output.stdout.lines() {
        note(&serde_json::from_str(line).unwrap(), "", &mut fields);
    }
    assert!(!fields.is_empty(), "{words:?} prints nothing: {output:?}");
    let mut text = format!("{}\n", words.join(" "));
    for (path, field) in &fields {
        let Some((around, _)) = path.rsplit_once('.').filter(|_| !path.ends_with("[]")) else { continue };
        let mark = if field.n_seen < fields[around].n_seen { "?" } else { "" };
        let below = fields.get(&format!("{path}[]")).map(|below| format!(" of {}", types(below))).unwrap_or_default();
        // What a build has not read is known where the file system keeps times of access.
        let said = if path == ".unread" { "list of string, or null".into() } else { format!("{}{below}", types(field)) };
        text.push_str(&format!("    {path}{mark}  {said}\n"));
    }
    text
}

fn types(field: &Field) -> String {
    field.types.iter().copied().collect::<Vec<_>>().join(" or ")
}

#[test]
fn the_fields_of_every_command() {
    let repo = example("the_fields_of_every_command", "field-rename");
    // A project that goes by git's documents, and a commit of which a list would say something.
    repo.commit_files("rules", &[("Documentation/SubmittingPatches", "Rules.\n"), ("GIT-VERSION-GEN", "1\n")]);
    repo.write("core/irq.c", "int spoiled; \n");
    repo.git(&["commit", "-q", "-a", "-m", "Added a variable.", "-m", "It is needed.\nSigned-Off-By: Ann <ann@example.org>"]);
    let asked: &[&[&str]] = &[
        &["plan", "base..tip", "--name", "x"],
        &["split"],
        &["verify", "--", "make", "-s", "check"],
        &["verify", "--coverage", "--rebuild", "--", "make", "-s", "check"],
        &["mail", "-o", "../out", "--posted"],
        &["mail", "-v", "1", "--b4"],
        &["lint", "rules..HEAD"],
        &["review", "base..tip"],
        &["owners", "--roles", "MAINTAINERS"],
        &["explain", "1"],
        &["explain", "tests/check.c:21"],
        &["explain", "struct device.power_state"],
        &["explain", "devs@lists.example.org"],
        &["fields", "struct device.state", "--unresolved", "--rev", "base"],
        &["list"],
    ];
    let shapes: Vec<String> = asked.iter().map(|words| shape(&repo, words)).collect();
    check_snapshot("json", &shapes.join("\n"));
}
