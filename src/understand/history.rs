//! Subject prefixes, as the history of the touched files writes them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bstr::{BStr, BString, ByteSlice};

/// What the newest commits say about prefixes.
#[derive(Debug, Clone, Default)]
pub struct Prefixes {
    votes: HashMap<BString, BTreeMap<BString, usize>>,
}

impl Prefixes {
    /// Learns from subjects and touched paths, newest first.
    pub fn learn(commits: &[(BString, Vec<BString>)]) -> Self {
        let mut votes: HashMap<BString, BTreeMap<BString, usize>> = HashMap::new();
        for (subject, paths) in commits {
            let Some(at) = subject.rfind(": ").filter(|at| *at > 0) else { continue };
            let prefix: BString = subject[..at + 2].into();
            let places: BTreeSet<&[u8]> = paths.iter().flat_map(|path| places(path.as_ref())).collect();
            for place in places {
                *votes.entry(place.into()).or_default().entry(prefix.clone()).or_default() += 1;
            }
        }
        Prefixes { votes }
    }

    /// Returns the prefix that most commits to the nearest of these places have, with its `: `; from the path where none has one.
    pub fn prefix(&self, paths: &[&BStr]) -> BString {
        let depth = paths.iter().map(|path| places(path).len()).max().unwrap_or(0);
        for level in 0..depth {
            let mut sum: BTreeMap<&BString, usize> = BTreeMap::new();
            for path in paths {
                if let Some(votes) = places(path).get(level).and_then(|place| self.votes.get(&BString::from(*place))) {
                    votes.iter().for_each(|(prefix, count)| *sum.entry(prefix).or_default() += count);
                }
            }
            if let Some((prefix, _)) = sum.into_iter().max_by_key(|(prefix, count)| (*count, std::cmp::Reverse(*prefix))) {
                return prefix.clone();
            }
        }
        let folder = paths.first().map_or(&b""[..], |path| path.rfind_byte(b'/').map_or(&b""[..], |slash| &path[..slash]));
        let last = folder.rfind_byte(b'/').map_or(folder, |slash| &folder[slash + 1..]);
        if last.is_empty() { BString::default() } else { bstr::concat([last, b": "]).into() }
    }
}

/// The path itself and its folders, nearest first.
fn places(path: &BStr) -> Vec<&[u8]> {
    let mut places = vec![path.as_bytes()];
    places.extend(path.rfind_iter("/").map(|slash| &path.as_bytes()[..slash]));
    places
}
