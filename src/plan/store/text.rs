//! Bytes in TOML, written as they are where they are UTF-8, and escaped elsewhere.

use bstr::{BString, ByteSlice};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::address::{escaped, unescaped};

/// Bytes that are nearly always text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct StoredText(pub(super) BString);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Form {
    Plain(String),
    Escaped { escaped: String },
}

impl Serialize for StoredText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let form = match self.0.to_str() {
            Ok(text) => Form::Plain(text.into()),
            Err(_) => Form::Escaped { escaped: escaped(self.0.as_ref()) },
        };
        form.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for StoredText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Form::deserialize(deserializer)? {
            Form::Plain(text) => Ok(StoredText(text.into())),
            Form::Escaped { escaped } => {
                unescaped(&escaped).map(StoredText).ok_or_else(|| serde::de::Error::custom("an escape that means nothing"))
            }
        }
    }
}
