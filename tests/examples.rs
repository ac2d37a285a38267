//! Each folder of `examples/` is a case: its plan is a snapshot, every step builds, and the last tree is the tip's.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by failing")]

mod support;

use std::fs;
use std::path::Path;

use support::{TestRepo, filtered};

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn check(case: &str) {
    let repo = TestRepo::new(&format!("example_{case}"));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(case);
    copy(&folder.join("base"), &repo.dir);
    repo.commit("base");
    repo.git(&["rm", "-q", "-r", "."]);
    copy(&folder.join("tip"), &repo.dir);
    repo.commit("tip");
    let plan = repo.cleave(&["plan", "base..tip", "--name", case]).ok();
    insta::with_settings!({
        snapshot_path => concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots"),
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(format!("plan__{case}"), filtered(&plan));
    });
    drop(repo.cleave(&["split"]).ok());
    assert_eq!(repo.tree(&format!("cleave/{case}/all")), repo.tree("tip"));
    let built = repo.cleave(&["verify", "--", "make", "-s", "check"]);
    assert_eq!(built.code, Some(0), "{}\n{}", built.stdout, built.stderr);
    let again = repo.cleave(&["verify", "--", "make", "-s", "check"]);
    assert!(again.stderr.contains("built 0 of "), "a second run builds nothing: {again:?}");
    assert_eq!(again.ok(), built.stdout);
}

#[test]
fn gmap() {
    check("gmap");
}

#[test]
fn field_rename() {
    check("field-rename");
}

#[test]
fn new_driver() {
    check("new-driver");
}

#[test]
fn api_signature() {
    check("api-signature");
}
