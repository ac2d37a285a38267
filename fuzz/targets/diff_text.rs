//! Diffs.
#![no_main]

use git_cleave_fuzz::diff_text;

libfuzzer_sys::fuzz_target!(|text: &[u8]| diff_text(text));
