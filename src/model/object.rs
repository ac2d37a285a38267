//! Names of git objects and modes of tree entries, free of any git library.

use std::fmt;
use std::str::FromStr;

/// The id of a git object: 20 bytes in a SHA-1 repository, 32 in a SHA-256 one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId {
    bytes: [u8; 32],
    len: u8,
}

impl ObjectId {
    /// Returns the id with these raw bytes, or `None` unless there are 20 or 32.
    pub fn from_bytes(raw: &[u8]) -> Option<Self> {
        let mut bytes = [0; 32];
        let len = match raw.len() {
            20 => 20,
            32 => 32,
            _ => return None,
        };
        bytes[..raw.len()].copy_from_slice(raw);
        Some(ObjectId { bytes, len })
    }

    /// Returns the raw bytes, 20 or 32 of them.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// Whether it names the tree without entries, which is the same in every repository of its object format.
    pub fn is_empty_tree(&self) -> bool {
        let known =
            ["4b825dc642cb6eb9a060e54bf8d69288fbee4904", "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"];
        known.contains(&self.to_string().as_str())
    }

    /// Returns the first 12 hexadecimal digits, the length the kernel's `Fixes:` tags use.
    pub fn short(&self) -> String {
        self.to_string()[..12].to_owned()
    }
}

impl FromStr for ObjectId {
    type Err = String;

    /// Reads 40 or 64 hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("'{text}' is not an object id");
        if !text.is_ascii() || !text.len().is_multiple_of(2) {
            return Err(wrong());
        }
        let raw: Vec<u8> = (0..text.len() / 2)
            .map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16))
            .collect::<Result<_, _>>()
            .map_err(|_| wrong())?;
        ObjectId::from_bytes(&raw).ok_or_else(wrong)
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Returns bytes as hexadecimal digits, two each.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What a tree entry is. Source: `git fast-import` documentation, "filemodify".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// `100644`.
    File,
    /// `100755`.
    Executable,
    /// `120000`; the blob is the target.
    Symlink,
    /// `160000`; the id is a commit of another repository.
    Submodule,
}

impl Mode {
    /// Returns the mode as git writes it in trees and diffs.
    pub fn octal(self) -> &'static str {
        match self {
            Mode::File => "100644",
            Mode::Executable => "100755",
            Mode::Symlink => "120000",
            Mode::Submodule => "160000",
        }
    }

    /// Reads a mode as git writes it; `100664` of old repositories is a plain file.
    pub fn from_octal(text: &str) -> Option<Self> {
        match text {
            "100644" | "100664" => Some(Mode::File),
            "100755" => Some(Mode::Executable),
            "120000" => Some(Mode::Symlink),
            "160000" => Some(Mode::Submodule),
            _ => None,
        }
    }

    /// Whether the entry is a file with lines: only these are cut into pieces of text.
    pub fn is_regular(self) -> bool {
        matches!(self, Mode::File | Mode::Executable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_back() {
        let hex = "0123456789abcdef0123456789abcdef01234567";
        let object_id: ObjectId = hex.parse().expect("40 digits");
        assert_eq!(object_id.to_string(), hex);
        assert_eq!(object_id.short(), "0123456789ab");
        assert!("0123".parse::<ObjectId>().is_err());
        assert!("zz".repeat(20).parse::<ObjectId>().is_err());
    }
}
