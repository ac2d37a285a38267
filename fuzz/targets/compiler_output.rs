//! What compilers print.
#![no_main]

use git_cleave_fuzz::compiler_output;

libfuzzer_sys::fuzz_target!(|log: &[u8]| compiler_output(log));
