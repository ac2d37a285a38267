//! To which maintainers' tree, their home, edits and patches go.

use std::collections::BTreeMap;

use bstr::{BStr, BString, ByteSlice};

use crate::model::{Change, EditId, Edits, Home, HomeIdx, Knot};

/// A patch goes to the home that owns at least this share of its lines; without one it goes to `core`.
const OWNED: f64 = 0.6;

/// The home of patches that no single home owns.
pub const CORE: &str = "core";

/// Returns the homes of a change, in the order of their first file, and the home of each edit. `home_of` names section and tree of a path.
pub fn homes(change: &Change, edits: &Edits, home_of: &dyn Fn(&BStr) -> (BString, Option<BString>)) -> (Vec<Home>, Vec<HomeIdx>) {
    let mut homes: Vec<Home> = Vec::new();
    let mut places: BTreeMap<BString, HomeIdx> = BTreeMap::new();
    let mut of_file = Vec::with_capacity(change.files.len());
    for (_, file) in change.files() {
        let (name, tree) = home_of(file.path());
        let key = tree.clone().unwrap_or_else(|| bstr::concat([b"section ", name.as_slice()]).into());
        let home = *places.entry(key).or_insert_with(|| {
            homes.push(Home { slug: slug(name.as_ref(), &homes), name, tree });
            HomeIdx(homes.len() - 1)
        });
        of_file.push(home);
    }
    let of_edit = edits.iter().map(|(_, edit)| of_file[edit.file_id.idx()]).collect();
    (homes, of_edit)
}

/// Returns the home of each knot for grouping: that of most of its lines.
pub fn of_knots(change: &Change, edits: &Edits, of_edit: &[HomeIdx], knots: &[Knot]) -> Vec<HomeIdx> {
    knots.iter().map(|knot| shares(change, edits, of_edit, &knot.edits).first().map_or(HomeIdx(0), |(home, _)| *home)).collect()
}

/// Returns the home of a patch, adding `core` to the homes where no one owns enough of it.
pub fn of_patch(change: &Change, edits: &Edits, of_edit: &[HomeIdx], homes: &mut Vec<Home>, patch: &[EditId]) -> HomeIdx {
    let shares = shares(change, edits, of_edit, patch);
    match shares.first() {
        Some((home, share)) if *share >= OWNED => *home,
        _ => match homes.iter().position(|home| home.slug == CORE && home.name == CORE) {
            Some(idx) => HomeIdx(idx),
            None => {
                homes.push(Home { name: CORE.into(), tree: None, slug: CORE.into() });
                HomeIdx(homes.len() - 1)
            }
        },
    }
}

/// Returns the homes of these edits with their share of the lines, largest first, ties in order of the homes.
pub fn shares(change: &Change, edits: &Edits, of_edit: &[HomeIdx], members: &[EditId]) -> Vec<(HomeIdx, f64)> {
    let mut lines: BTreeMap<HomeIdx, usize> = BTreeMap::new();
    for &edit_id in members {
        *lines.entry(of_edit[edit_id.idx()]).or_default() += weight(change, edits, edit_id);
    }
    let all: usize = lines.values().sum();
    let mut shares: Vec<_> = lines.into_iter().map(|(home, count)| (home, count as f64 / all.max(1) as f64)).collect();
    shares.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
    shares
}

/// Returns the number of lines that an edit removes and inserts; at least 1, so that path edits count.
pub fn weight(change: &Change, edits: &Edits, edit_id: EditId) -> usize {
    let edit = edits.get(edit_id);
    (edit.removed(change).lines().count() + edit.inserted().lines().count()).max(1)
}

/// Names that no series may have: `all` and `b4` are names of other branches, and the rest are refs that stand beside those of the series of a version.
pub const RESERVED: [&str; 5] = ["all", "b4", "base", "record", "tip"];

/// Characters in the longest slug. Branch names are typed, and printed in tables.
const SLUG: usize = 32;

/// Returns a short name of letters, digits and dashes that no other home has.
fn slug(name: &BStr, homes: &[Home]) -> String {
    let mut words: Vec<String> = name
        .to_str_lossy()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    while words.len() > 1 && words.iter().map(|word| word.len() + 1).sum::<usize>() > SLUG + 1 {
        words.pop();
    }
    let mut slug: String = words.join("-");
    slug.truncate(SLUG);
    if slug.is_empty() || RESERVED.contains(&slug.as_str()) || slug == CORE {
        slug.insert_str(0, "home-");
    }
    free(&slug, |slug| homes.iter().any(|home| home.slug == slug))
}

/// Returns `wanted`, with a number from 2 on behind it where it is taken.
pub(super) fn free(wanted: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let numbered = (2..).map(|nth| format!("{wanted}-{nth}"));
    std::iter::once(wanted.to_owned()).chain(numbered).find(|name| !is_taken(name)).expect("some number is free")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_short_and_unique() {
        let home = |slug: &str| Home { name: slug.into(), tree: None, slug: slug.into() };
        assert_eq!(slug("KERNEL VIRTUAL MACHINE for s390 (KVM/s390)".into(), &[]), "kernel-virtual-machine-for-s390");
        assert_eq!(slug("ÄÖ".into(), &[]), "home-");
        assert_eq!(slug("MM".into(), &[home("mm")]), "mm-2");
        assert_eq!(slug("all".into(), &[]), "home-all");
    }
}
