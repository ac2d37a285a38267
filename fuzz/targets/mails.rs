//! Mails, alone and in a mailbox.
#![no_main]

use git_cleave_fuzz::mails;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mails(bytes));
