//! MAINTAINERS, CODEOWNERS and .mailmap: the file, another one that is a patch and a list to leave out as well, and a path.
#![no_main]

use git_cleave_fuzz::{owners, parts};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let [path, text, other] = parts(data);
    owners(text, other, path.trim_ascii());
});
