//! Names that series keep over their versions.

use sha2::{Digest, Sha256};

use crate::model::{Plan, hex};

/// Bytes of the hash in a change id, as b4 has them.
const HASH: usize = 6;

/// Gives a change id to every series that has none. What has one keeps it, so that a later version goes by the name of the first.
pub fn name_series(plan: &mut Plan) {
    let names: Vec<String> = plan.campaign.series.iter().map(|series| series.name.clone()).collect();
    for name in names {
        let change_id = change_id(plan, &name);
        plan.words.of_series(&name).change_id = change_id;
    }
}

/// Returns the change id of a series, in b4's form (`<day>-<slug>-<12 digits>`): the one it was given, else one made of the day of the change's
/// tip, the names, and a hash of names and base, so that it is the same on every machine. Source: `b4.ez.start_new_series`.
pub fn change_id(plan: &Plan, series: &str) -> String {
    if let Some(words) = plan.words.series.get(series).filter(|words| !words.change_id.is_empty()) {
        return words.change_id.clone();
    }
    let base = plan.change.base_commit_id.to_string();
    let mut hash = Sha256::new();
    for part in [plan.name.as_str(), series, &base] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let day = plan.change.committer.day().unwrap_or_else(|| "19700101".into());
    format!("{day}-{}-{series}-{}", plan.name, hex(&hash.finalize()[..HASH]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Edits;
    use crate::plan::fixture;

    fn plan() -> Plan {
        Plan { name: "gmap".into(), ..fixture::plan(fixture::change(&[]), Edits::default(), Vec::new()) }
    }

    #[test]
    fn a_series_keeps_the_name_of_its_first_version() {
        let mut plan = plan();
        let first = change_id(&plan, "kvm");
        let (day, hash) = (first.split_once('-').unwrap().0, first.rsplit_once('-').unwrap().1);
        assert_eq!((day, hash.len()), ("20250117", 12), "{first}");
        assert!(first.starts_with("20250117-gmap-kvm-"), "{first}");
        plan.words.of_series("kvm").change_id.clone_from(&first);
        plan.change.base_commit_id = fixture::object_id(b"another base");
        plan.change.committer.time = "1800000000 +0000".into();
        assert_eq!(change_id(&plan, "kvm"), first);
        assert_ne!(change_id(&plan, "mm"), first);
    }
}
