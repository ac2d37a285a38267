//! C texts.
#![no_main]

use git_cleave_fuzz::c_text;

libfuzzer_sys::fuzz_target!(|text: &[u8]| c_text(text));
