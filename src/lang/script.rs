//! Scripts and settings: text whose comments are known, and nothing else.

use super::language::{Comments, Language};
use super::paths::ends;

/// A script or a file of settings.
pub(super) const SCRIPT: Language = Language {
    name: "script",
    takes: |path| ends(path, &[b".py", b".sh", b".pl", b".yaml", b".yml", b".toml", b".cfg"]),
    comments: Comments::Hash,
    ..Language::PLAIN
};
