//! Why a group cannot be smaller, for people.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Change, Edits, Group, Knot, Reason, Relation};

/// Returns why a group cannot be smaller: for each knot over more than one file that others could be thought to share, the reason that ties
/// most of it, widest knots first. Knots inside one file, and prototypes with their functions, are what any patch is made of.
pub fn why(group: &Group, knots: &[Knot], change: &Change, edits: &Edits) -> Vec<String> {
    let mut sentences: Vec<(usize, String)> = Vec::new();
    for knot in group.knots.iter().map(|&idx| &knots[idx]) {
        let files: BTreeSet<_> = knot.edits.iter().map(|&edit_id| edits.get(edit_id).file_id).collect();
        let tells = |reason: &Reason| !matches!(reason, Reason::DeclaredAndDefined(_) | Reason::Requires);
        let apart = |tie: &&Relation| edits.get(tie.first).file_id != edits.get(tie.second).file_id;
        let ties = knot.ties.iter().filter(|tie| tells(&tie.reason)).filter(apart);
        // What the code says stands before what a build said of it.
        let mut reasons: BTreeMap<(bool, String), usize> = BTreeMap::new();
        for Relation { reason, .. } in ties {
            *reasons.entry((matches!(reason, Reason::Learned(_)), reason.to_string())).or_default() += 1;
        }
        let mut reasons: Vec<_> = reasons.into_iter().collect();
        reasons.sort_by(|(one, n_one), (other, n_other)| one.0.cmp(&other.0).then(n_other.cmp(n_one)).then(one.1.cmp(&other.1)));
        let (Some(((_, reason), _)), true) = (reasons.first(), files.len() > 1) else { continue };
        let more = match reasons.len() {
            1 => String::new(),
            2 => " (and one more reason)".to_owned(),
            n_reasons => format!(" (and {} more reasons)", n_reasons - 1),
        };
        let n_files = if files.len() == change.files.len() { "all".to_owned() } else { files.len().to_string() };
        sentences.push((files.len(), format!("{} edits in {n_files} files cannot be apart: {reason}{more}", knot.edits.len())));
    }
    sentences.sort_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
    sentences.into_iter().map(|(_, sentence)| sentence).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::{Analysis, analyze};
    use crate::model::EditId;
    use crate::plan::fixture;

    #[test]
    fn what_the_code_says_stands_before_what_a_build_said() {
        let file = |path| (path, Some("int a;\n"), Some("int b;\n"));
        let Analysis { change, edits, .. } = analyze(fixture::change(&[file("a.c"), file("b.c")]));
        let (first, second) = (EditId::at(0), EditId::at(1));
        let learned = || Reason::Learned("a.c:1: no".into());
        let ties = vec![
            Relation::before(first, second, learned()),
            Relation::together(first, second, Reason::ChangesShape("f".into())),
            Relation::together(first, second, learned()),
        ];
        let knots = [Knot { edits: vec![first, second], ties }];
        let said = why(&Group { knots: vec![0] }, &knots, &change, &edits);
        let expected =
            "2 edits in all files cannot be apart: f changes, and all that use it change with it (and one more reason)";
        assert_eq!(said, [expected]);
    }
}
