//! Two texts of a file in every language: a path, base and tip.
#![no_main]

use git_cleave_fuzz::{change, parts, plan_of};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let [path, base, tip] = parts(data);
    let Some(path) = std::str::from_utf8(path).ok().map(str::trim).filter(|path| is_path(path)) else { return };
    drop(plan_of(change(path, Some(base), Some(tip))));
});

/// Whether git could have a file of this name.
fn is_path(path: &str) -> bool {
    !path.contains('\0') && path.split('/').all(|part| !["", ".", "..", ".git"].contains(&part))
}
