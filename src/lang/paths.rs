//! What languages ask of a path.

/// Whether a path ends in one of these.
pub(super) fn ends(path: &[u8], endings: &[&[u8]]) -> bool {
    endings.iter().any(|ending| path.ends_with(ending))
}

/// Returns the last part of a path.
pub(super) fn name_of(path: &[u8]) -> &[u8] {
    path.rsplit(|byte| *byte == b'/').next().unwrap_or(path)
}
