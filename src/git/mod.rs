//! The only room that knows gix or starts git.
//!
//! What decides the content of a commit (objects, trees) goes through gix; what git alone knows exactly (revisions, renames,
//! applying mails, refs of any storage format, formatting patches) is asked of the git program, always with a pinned
//! environment, without hooks and with all paths NUL-terminated.

pub mod blame;
pub mod files;
pub mod format_patch;
pub mod hunks;
pub mod log;
pub mod new_commit;
pub mod objects;
pub mod pager;
pub mod partial;
pub mod probation;
pub mod program;
pub mod quarantine;
pub mod refs;
pub mod remotes;
pub mod repository;
pub mod revision;
pub mod scratch;
pub mod stop_point;
pub mod tree_diff;
pub mod trees;

pub use program::{GitError, Program};
pub use repository::Repository;
