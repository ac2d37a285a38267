//! What may be set: a flag, then git's configuration `cleave.*`, then `.cleave.toml` of the base tree, then the default.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::git::{GitError, Repository};
use crate::mail::recipient_rules::{self, Rules};
use crate::model::{Landing, LandingMode, ObjectId};
use crate::plan::group::Limits;
use crate::verify::profile::{self, ProfileError, WrittenProfile};

/// How a change is cut and posted, resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// What bounds the patches. Homes count nothing by default, as the log-odds know of homes already.
    pub limits: Limits,
    /// How many commits before the base the subject prefixes are learned from.
    pub history: usize,
    /// Whether bridges are put in where they shorten a knot over several homes.
    pub bridge: bool,
    /// How the series land.
    pub landing: Landing,
    /// A warning is given of people who would get more mails than this.
    pub mails_at_most: usize,
    /// Days after which a build folder that nothing has used is removed; 0 for never.
    pub keep_builds: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            limits: Limits { n_patches: None, bias: 0.3, max_lines: 2000, home_penalty: 0.0, commit_weight: 3.0 },
            history: 2000,
            bridge: true,
            landing: Landing::default(),
            mails_at_most: 30,
            // As long as git keeps objects that nothing names (`gc.pruneExpire`).
            keep_builds: 14,
        }
    }
}

/// The same as typed or read from one place; what is not there is left to the next.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Layer {
    /// See [`Limits::n_patches`].
    pub patches: Option<usize>,
    /// See [`Limits::bias`].
    pub bias: Option<f64>,
    /// See [`Limits::max_lines`].
    pub max_lines: Option<usize>,
    /// See [`Limits::home_penalty`].
    pub home_penalty: Option<f64>,
    /// See [`Limits::commit_weight`].
    pub commit_weight: Option<f64>,
    /// See [`Settings::history`].
    pub history: Option<usize>,
    /// See [`Settings::bridge`].
    pub bridge: Option<bool>,
    /// See [`Landing::mode`].
    #[serde(default, deserialize_with = "land")]
    pub land: Option<LandingMode>,
    /// See [`Landing::at_most`].
    pub at_most: Option<usize>,
    /// See [`Settings::mails_at_most`].
    pub mails_at_most: Option<usize>,
    /// See [`Settings::keep_builds`].
    pub keep_builds: Option<u64>,
    /// How steps are built, by name; see [`profiles`].
    #[serde(default)]
    pub profile: BTreeMap<String, WrittenProfile>,
    /// Recipient rules; see [`rules`].
    #[serde(default)]
    pub rule: Vec<recipient_rules::Rule>,
}

impl Layer {
    /// Returns what it says of how to cut, in words of its own that are compared and never read; empty where it says nothing.
    pub fn cut(&self) -> String {
        let said = [
            self.patches.map(|n| format!("patches={n}")),
            self.bias.map(|bias| format!("bias={bias}")),
            self.max_lines.map(|n| format!("max-lines={n}")),
            self.bridge.map(|bridge| format!("bridge={bridge}")),
        ];
        said.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The repository refused.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A value is not of its kind.
    #[error("'{key}' is '{value}', which is not {wanted}")]
    Value {
        /// `cleave.maxLines`.
        key: String,
        /// As written.
        value: String,
        /// `a number`.
        wanted: &'static str,
    },
    /// `cleave.profile` is wrong.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// A file of `cleave.recipientRules` is not there.
    #[error("cannot read '{path}' of cleave.recipientRules")]
    NoRules {
        /// As git expands it.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A file of `cleave.recipientRules` says something else.
    #[error("cannot read '{path}' of cleave.recipientRules")]
    Rules {
        /// As git expands it.
        path: String,
        /// Why.
        source: toml_edit::de::Error,
    },
    /// The file in the base tree cannot be read.
    #[error("cannot read '.cleave.toml' of the base")]
    File(#[source] toml_edit::de::Error),
    /// The file in the base tree is not UTF-8.
    #[error("'.cleave.toml' of the base is not UTF-8")]
    Encoding,
}

/// Resolves the settings: `flags` first, then configuration, then the file of the base tree, then the defaults.
///
/// # Errors
/// When a value is not of its kind.
pub fn settings(repository: &Repository, base_tree_id: ObjectId, flags: &Layer) -> Result<Settings, SettingsError> {
    let layers = [flags.clone(), configured(repository)?, in_tree(repository, base_tree_id)?];
    fn first<T: Copy>(layers: &[Layer], field: impl Fn(&Layer) -> Option<T>) -> Option<T> {
        layers.iter().find_map(field)
    }
    let default = Settings::default();
    Ok(Settings {
        limits: Limits {
            n_patches: first(&layers, |layer| layer.patches),
            bias: first(&layers, |layer| layer.bias).unwrap_or(default.limits.bias),
            max_lines: first(&layers, |layer| layer.max_lines).unwrap_or(default.limits.max_lines),
            home_penalty: first(&layers, |layer| layer.home_penalty).unwrap_or(default.limits.home_penalty),
            commit_weight: first(&layers, |layer| layer.commit_weight).unwrap_or(default.limits.commit_weight),
        },
        history: first(&layers, |layer| layer.history).unwrap_or(default.history),
        bridge: first(&layers, |layer| layer.bridge).unwrap_or(default.bridge),
        mails_at_most: first(&layers, |layer| layer.mails_at_most).unwrap_or(default.mails_at_most),
        keep_builds: first(&layers, |layer| layer.keep_builds).unwrap_or(default.keep_builds),
        landing: Landing {
            mode: first(&layers, |layer| layer.land).unwrap_or(default.landing.mode),
            at_most: first(&layers, |layer| layer.at_most).unwrap_or(default.landing.at_most).max(1),
        },
    })
}

fn configured(repository: &Repository) -> Result<Layer, SettingsError> {
    fn number<T: std::str::FromStr>(values: &BTreeMap<String, String>, key: &str) -> Result<Option<T>, SettingsError> {
        let wrong = |value: &String| SettingsError::Value { key: key.into(), value: value.clone(), wanted: "a number" };
        values.get(&key.to_ascii_lowercase()).map(|value| value.parse().map_err(|_| wrong(value))).transpose()
    }
    let values = repository.config("cleave")?;
    Ok(Layer {
        patches: number(&values, "cleave.patches")?,
        bias: number(&values, "cleave.bias")?,
        max_lines: number(&values, "cleave.maxLines")?,
        home_penalty: number(&values, "cleave.homePenalty")?,
        commit_weight: number(&values, "cleave.commitWeight")?,
        history: number(&values, "cleave.history")?,
        bridge: yes_or_no(&values, "cleave.bridge")?,
        land: match values.get("cleave.land") {
            Some(word) => Some(word.parse().map_err(|_| SettingsError::Value {
                key: "cleave.land".into(),
                value: word.clone(),
                wanted: "per-tree, one-tree, tag or flag-day",
            })?),
            None => None,
        },
        at_most: number(&values, "cleave.atMost")?,
        mails_at_most: number(&values, "cleave.mailsAtMost")?,
        keep_builds: number(&values, "cleave.keepBuilds")?,
        profile: BTreeMap::new(),
        rule: Vec::new(),
    })
}

/// A build profile as it was found.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundProfile {
    /// What was written.
    pub written: WrittenProfile,
    /// Whether the base tree says so, so that its commands are not the user's own.
    pub is_of_tree: bool,
}

/// Returns the build profiles that have names: those of git's `cleave.profile`, which may be there many times, and those of `.cleave.toml`.
///
/// # Errors
/// When one cannot be read.
pub fn profiles(repository: &Repository, base_tree_id: ObjectId) -> Result<BTreeMap<String, FoundProfile>, SettingsError> {
    let of_tree = |written| FoundProfile { written, is_of_tree: true };
    let mut found: BTreeMap<String, FoundProfile> =
        in_tree(repository, base_tree_id)?.profile.into_iter().map(|(name, written)| (name, of_tree(written))).collect();
    for text in repository.config_all("cleave.profile")? {
        let (name, written) = profile::parse(&text)?;
        found.insert(name, FoundProfile { written, is_of_tree: false });
    }
    Ok(found)
}

/// Returns the recipient rules that can hold in a tree: the program's own, those of `.cleave.toml`, those of the files that git's
/// `cleave.recipientRules` names; later ones win.
///
/// # Errors
/// When a file cannot be read.
pub fn rules(repository: &Repository, base_tree_id: ObjectId) -> Result<Vec<recipient_rules::Rule>, SettingsError> {
    let mut rules = Rules::built_in().and(in_tree(repository, base_tree_id)?.rule);
    for path in repository.config_paths("cleave.recipientRules")? {
        let text = std::fs::read_to_string(&path).map_err(|source| SettingsError::NoRules { path: path.clone(), source })?;
        rules = rules.with(&text).map_err(|source| SettingsError::Rules { path, source })?;
    }
    let objects = repository.objects();
    Ok(rules.of_tree(|path| Ok::<_, GitError>(objects.file(base_tree_id, path)?.is_some()))?)
}

/// Reads a boolean in any of git's spellings. Source: `git-config` documentation, "boolean".
fn yes_or_no(values: &BTreeMap<String, String>, key: &str) -> Result<Option<bool>, SettingsError> {
    let Some(value) = values.get(&key.to_ascii_lowercase()) else { return Ok(None) };
    match value.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Ok(Some(true)),
        "false" | "no" | "off" | "0" | "" => Ok(Some(false)),
        _ => Err(SettingsError::Value { key: key.into(), value: value.clone(), wanted: "true or false" }),
    }
}

fn in_tree(repository: &Repository, base_tree_id: ObjectId) -> Result<Layer, SettingsError> {
    let bytes = repository.objects().file(base_tree_id, ".cleave.toml".into())?;
    bytes.map_or_else(|| Ok(Layer::default()), |bytes| in_file(&bytes))
}

fn land<'d, D: serde::Deserializer<'d>>(reader: D) -> Result<Option<LandingMode>, D::Error> {
    let word = String::deserialize(reader)?;
    word.parse().map(Some).map_err(serde::de::Error::custom)
}

/// Reads `.cleave.toml`.
fn in_file(bytes: &[u8]) -> Result<Layer, SettingsError> {
    let text = std::str::from_utf8(bytes).map_err(|_| SettingsError::Encoding)?;
    toml_edit::de::from_str(text).map_err(SettingsError::File)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_written_is_set(
            patches in proptest::option::of(0..9000usize),
            bias in proptest::option::of(-9.0..9.0f64),
            max_lines in proptest::option::of(0..9000usize),
            bridge in proptest::option::of(any::<bool>()),
        ) {
            let layer = Layer { patches, bias, max_lines, bridge, ..Layer::default() };
            let line = |key: &str, value: Option<String>| value.map_or_else(String::new, |value| format!("{key} = {value}\n"));
            let text = [
                line("patches", patches.map(|value| value.to_string())),
                line("bias", bias.map(|value| format!("{value:?}"))),
                line("max-lines", max_lines.map(|value| value.to_string())),
                line("bridge", bridge.map(|value| value.to_string())),
            ];
            prop_assert_eq!(in_file(text.concat().as_bytes()).unwrap(), layer);
        }

        #[test]
        fn no_file_breaks_the_reader(words in proptest::collection::vec(
            proptest::sample::select(&[
                "patches", "bias", "max-lines", " = ", "[", "]", "[[", "{", "}", "\"", "'", "\\u", "\n", "#", ".", ",", "1", "-1e999", "nan",
                "true", "0x", "1979-05-27", "\u{e9}", "\0",
            ][..]), 0..24), bytes in proptest::collection::vec(any::<u8>(), 0..4)) {
            drop(in_file(words.concat().as_bytes()));
            drop(in_file(&[words.concat().as_bytes(), &bytes].concat()));
        }
    }

    #[test]
    fn an_unknown_key_is_refused() {
        assert!(matches!(in_file(b"patch = 1\n"), Err(SettingsError::File(_))));
        assert!(matches!(in_file(b"\xff"), Err(SettingsError::Encoding)));
    }
}
