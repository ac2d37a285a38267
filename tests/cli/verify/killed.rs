//! Runs that end in the middle: killed at any moment, or two at once. No verdict is wrong, none is lost, and the next run leaves nothing behind.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::repo::Repo;

/// All processes that stand in a folder, by `/proc`; those that are gone but not waited for stand nowhere.
fn processes_in(folder: &Path) -> Vec<String> {
    let below = |entry: std::io::Result<fs::DirEntry>| {
        let process = entry.ok()?.path();
        fs::read_link(process.join("cwd")).ok()?.starts_with(folder).then(|| process.display().to_string())
    };
    fs::read_dir("/proc").into_iter().flatten().filter_map(below).collect()
}

#[test]
fn a_run_killed_at_any_moment_leaves_no_wrong_verdict_and_no_process() {
    let repo = Repo::new();
    repo.three_steps();
    // Slow enough to be killed within each build, with a child that outlives its parents.
    let script = "sleep 0.05; (sleep 30 & wait) & make -s && sleep 0.05; code=$?; kill $! 2>/dev/null; exit $code";
    let args = ["--jobs", "2", "--", "sh", "-c", script];
    for nth in 0..50 {
        let mut run = repo.start(&args).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(7 * (nth * 13 % 50)));
        drop(run.kill());
        run.wait().unwrap();
    }
    let (verdicts, text) = repo.verdicts(&args);
    assert_eq!(verdicts, "ppfp", "{text}");
    let left = processes_in(&repo.top().join(".git/cleave/build"));
    assert!(left.is_empty(), "{left:?}");
    let verify = repo.top().join(".git/cleave/verify");
    let (verdicts, text) = repo.verdicts(&args);
    assert!(verdicts == "ppfp" && text.contains("built 0 of 4"), "nothing is lost: {text}");
    let trees = fs::read_dir(&verify).unwrap().map(|entry| entry.unwrap().path());
    for tree in trees.filter(|path| path.file_name().unwrap().len() == 40) {
        for kept in fs::read_dir(tree).unwrap() {
            let kept = kept.unwrap().path();
            assert!(kept.join("verdict.json").exists() && kept.join("log").exists(), "{}", kept.display());
        }
    }
}

#[test]
fn two_runs_at_once_agree() {
    let repo = Repo::new();
    repo.three_steps();
    let runs: Vec<_> = (0..2).map(|_| repo.start(&["--rebuild", "--", "make"]).spawn().unwrap()).collect();
    for run in runs {
        let output = run.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(text.contains("   2  failed   main: use three"), "{text}");
    }
    assert!(repo.verify(&["--", "make"]).contains("built 0 of 4"));
}

#[test]
fn a_process_that_is_not_the_builds_is_left_alone() {
    let repo = Repo::new();
    repo.three_steps();
    drop(repo.verify(&["--", "make"]));
    // A user's shell stands in the tree of a run that was killed.
    fs::write(repo.build().join("busy"), "").unwrap();
    let mut shell = Command::new("sleep").arg("60").current_dir(repo.build().join("tree")).spawn().unwrap();
    assert_eq!(repo.verdicts(&["--rebuild", "--", "make"]).0, "ppfp");
    assert!(shell.try_wait().unwrap().is_none(), "it lives");
    shell.kill().unwrap();
    shell.wait().unwrap();
}
