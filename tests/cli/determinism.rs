//! Same input, same bytes.

use std::fs;

use crate::support::{TestRepo, two_folders};

fn everything(repo: &TestRepo, threads: &str) -> Vec<String> {
    let run = |words: &[&str]| {
        let mut command = repo.command(env!("CARGO_BIN_EXE_git-cleave"), &repo.dir);
        command.args(words).env("RAYON_NUM_THREADS", threads);
        repo.run(command).ok()
    };
    let mut all = vec![run(&["plan", "base..tip", "--name", "x"])];
    all.push(run(&["plan", "base..tip", "--name", "x", "--format", "json"]));
    all.push(fs::read_to_string(repo.dir.join(".git/cleave/plans/x/plan.toml")).unwrap());
    all.push(run(&["split"]));
    // The log has the time of each command.
    let refs = repo.git(&["for-each-ref", "--format=%(refname) %(objectname)"]);
    all.push(refs.lines().filter(|line| !line.starts_with("refs/cleave/log/")).collect::<Vec<_>>().join("\n"));
    let out = repo.dir.parent().unwrap().join("out");
    drop(fs::remove_dir_all(&out));
    all.push(run(&["mail", "-o", out.to_str().unwrap()]));
    let mut files: Vec<_> = fs::read_dir(&out)
        .unwrap()
        .flat_map(|series| fs::read_dir(series.unwrap().path()).unwrap())
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    all.extend(files.iter().map(|file| format!("{}\n{}", file.display(), fs::read_to_string(file).unwrap())));
    all
}

#[test]
fn threads_and_reruns_change_no_byte() {
    let repo = two_folders("threads_and_reruns_change_no_byte");
    let one = everything(&repo, "1");
    assert_eq!(one, everything(&repo, "2"));
    drop(repo.cleave(&["drop", "x"]).ok());
    assert_eq!(one, everything(&repo, "2"));
}
