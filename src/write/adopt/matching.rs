//! Finds the edits that make a given text of a file's base.
//!
//! ```text
//!   base     a b c d e        the text between edits must be there as it is; at each edit the text goes on with what the
//!   edits      └┬┘ ^          edit puts in, or with what it takes away. Both may fit for a while, so this is a search: it
//!   text     a X Y d ! e      comes back where it went wrong, and never to one place twice.
//! ```
//!
//! Cost: the edits of the file times the places of the text at which each can stand; nearly always one.

use std::collections::{HashMap, HashSet};

use crate::model::compose::Layout;
use crate::model::{Change, EditId, EditSet, Edits, FileId, TextId};

/// Places looked at before a file is given up.
const MOST: usize = 2_000_000;

/// Which edits a text must have, cannot have, and probably has.
pub(super) struct Expected<'w> {
    /// Edits that were made by an earlier commit: no text is without them.
    pub(super) made: &'w EditSet,
    /// Edits that a bridge stands for, which are in no text.
    pub(super) never: &'w EditSet,
    /// Edits that are likely in it; where there are none, all are.
    pub(super) likely: &'w EditSet,
}

/// Returns the splices of a file that make `target` of its base; or up to which byte of it some edits make it, and behind which none do.
pub(super) fn matching(
    change: &Change,
    edits: &Edits,
    layout: &Layout,
    file_id: FileId,
    target: &[u8],
    wanted: &Expected<'_>,
) -> Result<Vec<EditId>, usize> {
    let mut search = ChoiceSearch {
        change,
        edits,
        layout,
        target,
        wanted,
        is_likely_known: !wanted.likely.is_empty(),
        state: HashMap::new(),
        trail: Vec::new(),
        needed: HashMap::new(),
        furthest: 0,
    };
    search.run(file_id)
}

/// Where the search stands: before the edit at `idx` of a text of which the bytes up to `at` were matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Node {
    text: TextId,
    idx: usize,
    at: usize,
    pos: usize,
}

/// What the texts around go on with: text, edit, bytes that were matched.
type Around = Vec<(TextId, usize, usize)>;

/// A choice that is still open: where, what the texts around go on with, and how many choices were made before it.
struct OpenChoice {
    node: Node,
    around: Around,
    n_decided: usize,
    takes: bool,
}

struct ChoiceSearch<'s> {
    change: &'s Change,
    edits: &'s Edits,
    layout: &'s Layout,
    target: &'s [u8],
    wanted: &'s Expected<'s>,
    is_likely_known: bool,
    /// Whether an edit is in, for those that were decided.
    state: HashMap<EditId, bool>,
    trail: Vec<EditId>,
    /// How many edits that are in require each.
    needed: HashMap<EditId, usize>,
    furthest: usize,
}

impl<'s> ChoiceSearch<'s> {
    fn run(&mut self, file_id: FileId) -> Result<Vec<EditId>, usize> {
        let first = Node { text: TextId::File(file_id), idx: 0, at: 0, pos: 0 };
        let mut open: Vec<OpenChoice> = Vec::new();
        let mut seen: HashSet<Node> = HashSet::new();
        let mut here = Some((first, Vec::new()));
        loop {
            let Some((mut node, around)) = here.take() else {
                let Some(next) = open.pop() else { return Err(self.furthest) };
                self.forget(next.n_decided);
                here = self.step(next.node, next.around, next.takes);
                continue;
            };
            let list = self.layout.of_text(node.text);
            let Some(&edit_id) = list.get(node.idx) else {
                let text = self.text(node.text);
                let Some(pos) = self.same(&text[node.at.min(text.len())..], node.pos) else { continue };
                let mut around = around;
                match around.pop() {
                    Some((text, idx, at)) => here = Some((Node { text, idx, at, pos }, around)),
                    None if pos == self.target.len() => {
                        let mut chosen: Vec<EditId> = self.trail.iter().copied().filter(|edit_id| self.state[edit_id]).collect();
                        chosen.sort();
                        return Ok(chosen);
                    }
                    None => self.furthest = self.furthest.max(pos),
                }
                continue;
            };
            // What stands before the edit stands there whether it is in or not.
            if let Some((_, span, _)) = self.edits.get(edit_id).splice()
                && let Some(between) = self.text(node.text).get(node.at..span.start)
            {
                let Some(pos) = self.same(between, node.pos) else { continue };
                (node.at, node.pos) = (span.start, pos);
            }
            if seen.len() > MOST || !seen.insert(node) {
                continue;
            }
            let choices = self.choices(edit_id, node);
            let n_decided = self.trail.len();
            if let [_, second] = choices[..] {
                open.push(OpenChoice { node, around: around.clone(), n_decided, takes: second });
            }
            here = choices.first().and_then(|&takes| self.step(node, around, takes));
        }
    }

    /// Returns whether the edit may be in and may be out, what is likelier first.
    fn choices(&self, edit_id: EditId, node: Node) -> Vec<bool> {
        let edit = self.edits.get(edit_id);
        let Some((_, span, _)) = edit.splice() else { return vec![false] };
        let decided = |other: &EditId| self.state.get(other).copied();
        let may_be_in = span.start >= node.at
            && !self.wanted.never.has(edit_id)
            && edit.requires.iter().all(|needed| decided(needed) != Some(false));
        // Parts of a frame need each other, wherever they stand.
        let may_be_out = !self.wanted.made.has(edit_id) && self.needed.get(&edit_id).is_none_or(|count| *count == 0);
        let likely = !self.is_likely_known || self.wanted.likely.has(edit_id);
        let order = if likely { [(true, may_be_in), (false, may_be_out)] } else { [(false, may_be_out), (true, may_be_in)] };
        order.into_iter().filter(|(_, may)| *may).map(|(takes, _)| takes).collect()
    }

    /// Takes an edit or passes it by.
    fn step(&mut self, node: Node, mut around: Around, takes: bool) -> Option<(Node, Around)> {
        let edit_id = self.layout.of_text(node.text)[node.idx];
        self.state.insert(edit_id, takes);
        self.trail.push(edit_id);
        let edit = self.edits.get(edit_id);
        let Some((_, span, _)) = edit.splice().filter(|_| takes) else {
            return Some((Node { idx: node.idx + 1, ..node }, around));
        };
        edit.requires.iter().for_each(|needed| *self.needed.entry(*needed).or_default() += 1);
        around.push((node.text, node.idx + 1, span.end));
        Some((Node { text: TextId::Inserted(edit_id), idx: 0, at: 0, pos: node.pos }, around))
    }

    /// Takes back all but the first decisions.
    fn forget(&mut self, n_decided: usize) {
        for edit_id in self.trail.drain(n_decided..) {
            if self.state.remove(&edit_id) == Some(true) {
                for needed in &self.edits.get(edit_id).requires {
                    self.needed.entry(*needed).and_modify(|count| *count -= 1);
                }
            }
        }
    }

    /// Returns where the target goes on behind these bytes, if they stand there.
    fn same(&mut self, bytes: &[u8], pos: usize) -> Option<usize> {
        let rest = &self.target[pos..];
        if rest.starts_with(bytes) {
            return Some(pos + bytes.len());
        }
        let n_same = bytes.iter().zip(rest).take_while(|(one, other)| one == other).count();
        self.furthest = self.furthest.max(pos + n_same);
        None
    }

    fn text(&self, text_id: TextId) -> &'s [u8] {
        match text_id {
            TextId::File(file_id) => self.change.file(file_id).base_text(),
            TextId::Inserted(edit_id) => self.edits.get(edit_id).inserted(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::fixture;
    use crate::read;

    const BASE: &str = "int f(void)\n{\n\treturn 1;\n}\n\nint g(void)\n{\n\treturn 1;\n}\n";
    const TIP: &str = "int f(void)\n{\n\treturn 2;\n}\n\nint h;\n\nint g(void)\n{\n\treturn 2;\n}\n";

    /// Returns which edits of the change make `text`, after `made`; edits by their place.
    fn check(text: &str, made: &[usize], likely: &[usize]) -> Result<Vec<usize>, usize> {
        let change = fixture::change(&[("a.c", Some(BASE), Some(TIP))]);
        let edits = read::edits(&change);
        let set = |places: &[usize]| EditSet::of(edits.len(), places.iter().map(|&place| EditId::at(place)));
        let (made, likely, never) = (set(made), set(likely), set(&[]));
        let wanted = Expected { made: &made, never: &never, likely: &likely };
        let found = matching(&change, &edits, &Layout::of(&edits), FileId(0), text.as_bytes(), &wanted);
        found.map(|edits| edits.into_iter().map(EditId::idx).collect())
    }

    #[test]
    fn the_edits_of_a_text_are_found() {
        assert_eq!(check(BASE, &[], &[]), Ok(vec![]));
        assert_eq!(check(TIP, &[], &[]), Ok(vec![0, 1, 2]));
        assert_eq!(check(&BASE.replacen("1", "2", 1), &[], &[]), Ok(vec![0]));
        let last = BASE.replace("g(void)\n{\n\treturn 1", "g(void)\n{\n\treturn 2");
        assert_eq!(check(&last, &[], &[]), Ok(vec![2]));
        assert_eq!(check(&last, &[], &[0]), Ok(vec![2]), "what is likely need not be");
    }

    #[test]
    fn what_no_edit_makes_is_found_by_its_place() {
        let stray = TIP.replace("int h;", "int hh;");
        assert_eq!(check(&stray, &[], &[]), Err(stray.find("h;").unwrap()));
        assert_eq!(check(BASE, &[0], &[]), Err(BASE.find("1").unwrap()), "what was made stays");
        assert_eq!(check(&TIP[..TIP.len() - 2], &[], &[]), Err(TIP.len() - 2));
        assert_eq!(check(&format!("{TIP}more"), &[], &[]), Err(TIP.len()));
    }
}
