//! Lists of bytes as lists of texts in JSON: bytes that are no text are escaped.

use bstr::{BString, ByteSlice, ByteVec};
use serde::{Deserialize, Deserializer, Serializer};

pub(in super::super) fn serialize<'b, L, S>(list: &'b L, serializer: S) -> Result<S::Ok, S::Error>
where
    &'b L: IntoIterator<Item = &'b BString>,
    S: Serializer,
{
    serializer.collect_seq(list.into_iter().map(|bytes| bytes.escape_bytes().to_string()))
}

pub(in super::super) fn deserialize<'de, L: FromIterator<BString>, D: Deserializer<'de>>(deserializer: D) -> Result<L, D::Error> {
    Ok(Vec::<String>::deserialize(deserializer)?.into_iter().map(|text| Vec::unescape_bytes(text).into()).collect())
}

/// The same for one of them.
pub(super) mod one {
    use super::*;

    pub(in super::super) fn serialize<S: Serializer>(bytes: &BString, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&bytes.escape_bytes())
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BString, D::Error> {
        Ok(Vec::unescape_bytes(String::deserialize(deserializer)?).into())
    }
}
