//! What `--help` says, all of it.

use crate::support::{TestRepo, check_snapshot};

#[test]
fn the_help_of_every_command() {
    let repo = TestRepo::new("the_help_of_every_command");
    let mut text = repo.cleave(&["--help"]).ok();
    let listed = text.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    // A summary that is too long goes on below it, further in.
    let names: Vec<String> = listed
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .map(Into::into)
        .collect();
    assert!(names.contains(&"plan".into()), "{text}");
    for name in names.iter().filter(|name| *name != "help") {
        text.push_str(&format!("\n==== git cleave {name} --help\n\n{}", repo.cleave(&[name, "--help"]).ok()));
    }
    check_snapshot("help", &text);
}
