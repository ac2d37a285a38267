//! `plan.toml`.
#![no_main]

use git_cleave_fuzz::{PLAN, stored_plan};

libfuzzer_sys::fuzz_target!(|text: &str| stored_plan(&PLAN, text));
