//! Each folder of `examples/` is a case: its plan is a snapshot, every step builds, and the last tree is the tip's.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by failing")]

mod support;

use support::{example, filtered};

fn check(case: &str) {
    let repo = example(&format!("example_{case}"), case);
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
