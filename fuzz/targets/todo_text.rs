//! The todo of `git cleave edit`.
#![no_main]

use git_cleave_fuzz::{PLAN, todo_text};

libfuzzer_sys::fuzz_target!(|text: &str| todo_text(&PLAN, text));
