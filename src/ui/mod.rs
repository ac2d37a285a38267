//! What people see: labels become colours here and nowhere else; errors with their causes and a hint; progress on long work.

pub mod color;
pub mod error;
pub mod progress;
pub mod signals;
pub mod width;
