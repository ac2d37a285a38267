//! What the exit code says.

/// Done.
pub const DONE: u8 = 0;
/// The answer is no: a step fails, a check finds something, a plan breaks a promise.
pub const NO: u8 = 1;
/// The words of the command or a setting are wrong.
pub const USAGE: u8 = 2;
/// The repository, a program or a file failed.
pub const FAILED: u8 = 3;
