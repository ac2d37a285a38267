//! One plan's groups and messages, taken over to the edits of another.
//!
//! ```text
//!   old plan            new edits       groups            plan made of them
//!   patch p  {a b}      a b' c d        {a} {c} + b' d    p says what it said, whoever holds most of its edits
//!   patch q  {c}
//! ```
//!
//! The old plan is not read against its change: an edit that is the same has the same address, and that is how it is found again. [`groups`] comes before
//! the cut, which starts from them ([`super::cut::cut`]); [`words`] comes after it, when there are patches to say something.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bstr::{BString, ByteSlice};

use crate::model::{
    Address, Change, EditId, Edits, Home, HomeIdx, Message, PatchIdx, Plan, Reason, Relation, Series, Tie, Words,
};
use crate::plan::address::addresses;
use crate::plan::home::free;
use crate::plan::series;
use crate::similarity::said::said;

/// What a plan says of its patches, without the change that they are of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outline {
    /// Its patches, in order.
    pub patches: Vec<OutlinePatch>,
    /// Its series with their homes, in order.
    pub series: Vec<(String, Home)>,
    /// What builds taught.
    pub from_builds: Vec<OutlineRelation>,
    /// What a person has overridden.
    pub overridden: Vec<OutlineRelation>,
    /// What people said of it.
    pub words: Words,
    /// Whether the new change begins within the old one or the old within the new: then other edits of an item are no other form of the old ones.
    pub is_of_other_range: bool,
}

/// A patch of an outline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutlinePatch {
    /// Its id.
    pub patch_id: String,
    /// The name of its series.
    pub series: String,
    /// What it says.
    pub message: Message,
    /// The addresses of its edits.
    pub edits: Vec<Address>,
}

/// A relation of an outline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutlineRelation {
    /// How it ties.
    pub tie: Tie,
    /// The one edit.
    pub first: Address,
    /// The other.
    pub second: Address,
    /// Why.
    pub reason: Reason,
}

impl Outline {
    /// Whether its cut is more than the program's own: a person arranged it, or builds taught it.
    pub fn is_decided(&self) -> bool {
        self.words.is_arranged || !self.from_builds.is_empty() || !self.overridden.is_empty()
    }

    /// Returns the messages that people wrote, with the ids of their patches.
    pub fn written(&self) -> impl Iterator<Item = (String, &Message)> {
        let written = self.patches.iter().filter(|patch| self.words.patches.contains(&patch.patch_id));
        written.map(|patch| (patch.patch_id.clone(), &patch.message))
    }
}

/// The groups of an old plan, of new edits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Carried {
    /// For each old patch the edits that it had already, sorted; none where all of them are gone.
    pub groups: Vec<Vec<EditId>>,
    /// Edits that the old plan does not have, sorted.
    pub new: Vec<EditId>,
    /// Edits that are no more: the place of their old patch, and their address.
    pub gone: Vec<(usize, Address)>,
}

/// Finds the edits of an old plan's patches among those of a change.
pub fn groups(old: &Outline, change: &Change, edits: &Edits) -> Carried {
    let addresses = addresses(change, edits);
    let mut left = edits.whole();
    let known: HashMap<&Address, EditId> = left.iter().map(|edit_id| (&addresses[edit_id.idx()], edit_id)).collect();
    let mut carried = Carried::default();
    for (idx, patch) in old.patches.iter().enumerate() {
        let mut group = Vec::new();
        for address in &patch.edits {
            match known.get(address) {
                Some(&edit_id) => {
                    left.remove(edit_id);
                    group.push(edit_id);
                }
                None => carried.gone.push((idx, address.clone())),
            }
        }
        group.sort();
        carried.groups.push(group);
    }
    carried.new = left.iter().collect();
    carried
}

/// Finds relations of an outline again, where the change has both of their edits.
pub fn relations(old: &[OutlineRelation], change: &Change, edits: &Edits) -> Vec<Relation> {
    let addresses = addresses(change, edits);
    let known: HashMap<&Address, EditId> =
        addresses.iter().enumerate().map(|(idx, address)| (address, EditId::at(idx))).collect();
    let find = |one: &OutlineRelation| {
        let (first, second) = (*known.get(&one.first)?, *known.get(&one.second)?);
        Some(Relation { first, second, tie: one.tie, reason: one.reason.clone() })
    };
    old.iter().filter_map(find).collect()
}

/// Puts the patches of a plan into the series of an old one, and in its order, as far as relations allow it. A patch that follows none of the old goes
/// where its home's patches are, after the patch that it was made after.
pub fn arrange(old: &Outline, plan: &mut Plan) {
    let successors = successors(old, plan);
    let mut follows: Vec<Option<usize>> = vec![None; plan.campaign.patches.len()];
    for (idx, successor) in successors.iter().enumerate() {
        if let Some(successor) = successor {
            follows[*successor] = Some(idx);
        }
    }
    // What was made before all that follow an old one stays before them.
    let mut last = None;
    let keys: Vec<(Option<usize>, bool, usize)> = follows
        .iter()
        .enumerate()
        .map(|(idx, old)| {
            last = old.or(last);
            (last, old.is_none(), idx)
        })
        .collect();
    let order = in_order(plan, &keys);
    let is_followed = |name: &String| follows.iter().flatten().any(|&idx| old.patches[idx].series == *name);
    let mut series: Vec<Series> = Vec::new();
    for (name, home) in old.series.iter().filter(|(name, _)| is_followed(name)) {
        let home_idx = plan.campaign.homes.iter().position(|known| known == home).unwrap_or_else(|| {
            plan.campaign.homes.push(home.clone());
            plan.campaign.homes.len() - 1
        });
        series.push(Series::new(name.clone(), HomeIdx(home_idx)));
    }
    let mut patches = Vec::with_capacity(order.len());
    for idx in order {
        let mut patch = plan.campaign.patches[idx].clone();
        let own = match follows[idx] {
            Some(old_idx) => series.iter().position(|one| one.name == old.patches[old_idx].series),
            // The home's own series has no ending: those with one stand at the ends of the change.
            None => {
                let of_home = |one: &&Series| plan.campaign.home(one.home).slug == plan.campaign.home(patch.home).slug;
                let whole = |one: &Series| one.name == plan.campaign.home(one.home).slug;
                let of_home: Vec<&Series> = series.iter().filter(of_home).collect();
                let best = of_home.iter().find(|one| whole(one)).or(of_home.last()).map(|one| one.name.clone());
                best.and_then(|name| series.iter().position(|one| one.name == name))
            }
        };
        let own = own.unwrap_or_else(|| {
            let slug = &plan.campaign.home(patch.home).slug;
            series.push(Series::new(free(slug, |name| series.iter().any(|one| one.name == name)), patch.home));
            series.len() - 1
        });
        patch.home = series[own].home;
        series[own].patches.push(PatchIdx(patches.len()));
        patches.push(patch);
    }
    let homes = &plan.campaign.homes;
    let mut series = series::again(&plan.change, &plan.edits, &plan.relations, &old.words, homes, &patches, series);
    series::in_line(&mut patches, &mut series);
    (plan.campaign.patches, plan.campaign.series) = (patches, series);
}

/// Returns the patches by their keys, each after those that it needs.
fn in_order(plan: &Plan, keys: &[(Option<usize>, bool, usize)]) -> Vec<usize> {
    let place = series::places(plan.edits.len(), &plan.campaign.patches);
    let mut needs: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); keys.len()];
    let mut need = |first: EditId, second: EditId| {
        if let (Some(first), Some(second)) = (place[first.idx()], place[second.idx()])
            && first != second
        {
            needs[second].insert(first);
        }
    };
    plan.relations.iter().for_each(|relation| need(relation.first, relation.second));
    plan.edits.iter().for_each(|(edit_id, edit)| edit.requires.iter().for_each(|&first| need(first, edit_id)));
    let mut left: BTreeSet<(Option<usize>, bool, usize)> = keys.iter().copied().collect();
    let mut order: Vec<usize> = Vec::with_capacity(keys.len());
    let mut is_done = vec![false; keys.len()];
    while let Some(next) =
        left.iter().find(|(.., idx)| needs[*idx].iter().all(|needed| is_done[*needed])).or(left.first()).copied()
    {
        left.remove(&next);
        is_done[next.2] = true;
        order.push(next.2);
    }
    order
}

/// How far an old plan holds in the one that was made of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kept {
    /// Patches that are as they were.
    pub n_same: usize,
    /// Patches that have other edits now.
    pub n_changed: usize,
    /// Patches that follow none of the old ones.
    pub n_new: usize,
    /// Old patches that no patch follows.
    pub n_gone: usize,
}

/// Counts how far an old plan holds in the one that was made of it, after [`words`].
pub fn kept(old: &Outline, plan: &Plan) -> Kept {
    let addresses = addresses(&plan.change, &plan.edits);
    let of_id: BTreeMap<&str, &OutlinePatch> = old.patches.iter().map(|patch| (patch.patch_id.as_str(), patch)).collect();
    let mut kept = Kept::default();
    for patch in &plan.campaign.patches {
        let edits = || patch.edits.iter().map(|edit_id| &addresses[edit_id.idx()]).collect::<BTreeSet<_>>();
        match of_id.get(patch.patch_id.as_str()) {
            Some(old) if old.edits.iter().collect::<BTreeSet<_>>() == edits() => kept.n_same += 1,
            Some(_) => kept.n_changed += 1,
            None => kept.n_new += 1,
        }
    }
    kept.n_gone = old.patches.len() - kept.n_same - kept.n_changed;
    kept
}

/// A message that somebody wrote and that no patch has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// The id of the patch that had it, or of its commit.
    pub of: String,
    /// Its first line.
    pub subject: BString,
}

/// Returns the messages that people wrote for patches and that no patch of another plan has.
pub fn unsaid<'m>(written: impl IntoIterator<Item = (String, &'m Message)>, plan: &Plan) -> Vec<Lost> {
    let texts: Vec<BString> = plan.campaign.patches.iter().map(|patch| patch.message.text()).collect();
    let texts: Vec<&BString> = texts.iter().chain([&plan.words.blurb]).collect();
    // What stands above the message of another, as in a squash, is still said.
    let is_said = |part: &BString| part.trim().is_empty() || texts.iter().any(|text| text.contains_str(part.trim()));
    let is_lost = |message: &Message| !is_said(&message.body) || message.body.is_empty() && !is_said(&message.subject);
    let lost = written.into_iter().filter(|(_, message)| is_lost(message));
    let first = |message: &Message| match message.subject.is_empty() {
        true => message.body.lines().next().unwrap_or_default().into(),
        false => message.subject.clone(),
    };
    lost.map(|(of, message)| Lost { of, subject: first(message) }).collect()
}

/// Returns the messages of the commits of a change that no patch and no cover has. What git wrote is nobody's message.
pub fn unsaid_commits(plan: &Plan) -> Vec<Lost> {
    let commits = plan.change.commits.iter();
    let said: Vec<(String, Message)> = commits
        .flat_map(|commit| {
            let said = said(commit.message.as_ref(), &commit.paths);
            said.into_iter().map(|said| (commit.commit_id.short(), said.message))
        })
        .collect();
    unsaid(said.iter().map(|(of, message)| (of.clone(), message)), plan)
}

/// Leaves patches the message of a commit that the change still has, and no other patch: whoever moved edits by hand left them the message too.
pub fn commit_messages(old: &Outline, plan: &mut Plan) {
    let commits = plan.change.commits.iter();
    let said: Vec<Message> =
        commits.flat_map(|commit| said(commit.message.as_ref(), &commit.paths)).map(|said| said.message).collect();
    let is_said = |message: &Message| said.iter().any(|said| (&said.subject, &said.body) == (&message.subject, &message.body));
    let successors = successors(old, plan);
    let is_written = |(patch, _): &(&OutlinePatch, &Option<usize>)| old.words.patches.contains(&patch.patch_id);
    let written: BTreeSet<usize> = old.patches.iter().zip(&successors).filter(is_written).filter_map(|(_, new)| *new).collect();
    for (patch, successor) in old.patches.iter().zip(&successors) {
        let Some(own) = successor.filter(|_| is_said(&patch.message)) else { continue };
        // One whose message a person wrote will say that.
        let mut others = plan.campaign.patches.iter().enumerate().filter(|(idx, _)| *idx != own && !written.contains(idx));
        let is_taken = others.any(|(_, other)| other.message.subject == patch.message.subject);
        if !is_taken {
            plan.campaign.patches[own].message.clone_from(&patch.message);
        }
    }
}

/// Takes messages, covers and the blurb that a person wrote, and the names of series, from `old` into `plan`; returns the messages that have no place there.
///
/// A message goes to the patch that follows its own. Ids of patches go with their edits, also where nobody wrote the message, as mails are named by them.
/// What belongs to a series goes by its name and is kept while no series has it.
pub fn words(old: &Outline, plan: &mut Plan) -> Vec<Lost> {
    let mut words = old.words.clone();
    let mut lost = Vec::new();
    let successors = successors(old, plan);
    let mut edited = BTreeSet::new();
    let with_successor = old.patches.iter().zip(&successors).filter(|(_, successor)| successor.is_some());
    let mut taken: BTreeSet<String> = with_successor.map(|(patch, _)| patch.patch_id.clone()).collect();
    let followers: BTreeSet<usize> = successors.iter().flatten().copied().collect();
    for (_, patch) in plan.campaign.patches.iter_mut().enumerate().filter(|(idx, _)| !followers.contains(idx)) {
        // A new patch must not go by the name of another's.
        patch.patch_id = free(&patch.patch_id, |id| taken.contains(id));
        taken.insert(patch.patch_id.clone());
    }
    for (patch, successor) in old.patches.iter().zip(&successors) {
        let is_edited = words.patches.contains(&patch.patch_id);
        let Some(successor) = *successor else {
            if is_edited {
                lost.push(Lost { of: patch.patch_id.clone(), subject: patch.message.subject.clone() });
            }
            continue;
        };
        let new = &mut plan.campaign.patches[successor];
        new.patch_id.clone_from(&patch.patch_id);
        if is_edited {
            new.message.clone_from(&patch.message);
            edited.insert(patch.patch_id.clone());
        }
    }
    words.cover_all(&mut plan.campaign.series);
    if !words.is_blurb_edited {
        words.blurb = std::mem::take(&mut plan.words.blurb);
    }
    words.patches = edited;
    plan.words = words;
    lost
}

/// Returns for each old patch the place of the new one that follows it; none follows two. The one that holds more than half of its edits does, or else,
/// where a person wrote its message, the one that holds most. A patch of which no edit is left is followed by the one that changes the same items otherwise.
fn successors(old: &Outline, plan: &Plan) -> Vec<Option<usize>> {
    let addresses = addresses(&plan.change, &plan.edits);
    let mut holder: BTreeMap<&Address, usize> = BTreeMap::new();
    for (idx, patch) in plan.campaign.patches.iter().enumerate() {
        holder.extend(patch.edits.iter().map(|edit_id| (&addresses[edit_id.idx()], idx)));
    }
    let mut fits: Vec<((bool, usize), bool, usize, usize)> = Vec::new();
    for (idx, patch) in old.patches.iter().enumerate() {
        let mut held: BTreeMap<usize, usize> = BTreeMap::new();
        for new in patch.edits.iter().filter_map(|address| holder.get(address)) {
            *held.entry(*new).or_default() += 1;
        }
        for (new, n_held) in held {
            let is_same_name = plan.campaign.patches[new].patch_id == patch.patch_id;
            let is_most = n_held * 2 > patch.edits.len();
            if is_most || old.words.patches.contains(&patch.patch_id) {
                fits.push(((is_most, n_held), is_same_name, idx, new));
            }
        }
    }
    fits.sort_by(|one, other| (other.0, other.1).cmp(&(one.0, one.1)).then((one.2, one.3).cmp(&(other.2, other.3))));
    let mut successors = vec![None; old.patches.len()];
    let mut used = BTreeSet::new();
    for (_, _, idx, new) in fits {
        if successors[idx].is_none() && used.insert(new) {
            successors[idx] = Some(new);
        }
    }
    let items = |patch: usize| plan.campaign.patches[patch].edits.iter().map(|edit_id| item(&addresses[edit_id.idx()]));
    for (idx, patch) in old.patches.iter().enumerate() {
        if old.is_of_other_range || successors[idx].is_some() || patch.edits.iter().any(|address| holder.contains_key(address)) {
            continue;
        }
        let had: BTreeSet<_> = patch.edits.iter().map(item).collect();
        let left = (0..plan.campaign.patches.len()).filter(|new| !used.contains(new));
        let next = left.map(|new| (items(new).filter(|item| had.contains(item)).count(), std::cmp::Reverse(new))).max();
        if let Some((_, std::cmp::Reverse(new))) = next.filter(|(n_items, _)| *n_items > 0) {
            used.insert(new);
            successors[idx] = Some(new);
        }
    }
    successors
}

/// Returns the patches of a plan that a person arranged of which a new one has nothing: no edit, nor another one of the same item.
pub fn not_held(old: &Outline, plan: &Plan) -> Vec<Lost> {
    if !old.words.is_arranged {
        return Vec::new();
    }
    let addresses = addresses(&plan.change, &plan.edits);
    let (whole, items) = (addresses.iter().collect::<BTreeSet<_>>(), addresses.iter().map(item).collect::<BTreeSet<_>>());
    let is_held = |address: &Address| whole.contains(address) || !old.is_of_other_range && items.contains(&item(address));
    let gone = old.patches.iter().filter(|patch| !patch.edits.iter().any(is_held));
    gone.map(|patch| Lost { of: patch.patch_id.clone(), subject: patch.message.subject.clone() }).collect()
}

/// Returns what stays of an address where a line of the edit changes.
fn item(address: &Address) -> (&BString, &BString) {
    (&address.path, &address.item)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{fixture, store};

    fn outline(plan: &Plan) -> Outline {
        store::read(&store::write(plan).unwrap()).unwrap().outline()
    }

    /// A plan of documents, dealt to patches by their paths, each with the text that its tip has. Patches are called by their first path.
    fn plan(patches: &[&[(&str, &str)]]) -> Plan {
        let mut files: Vec<(&str, Option<&str>, Option<&str>)> = Vec::new();
        files.extend(patches.iter().flat_map(|patch| patch.iter().map(|(path, tip)| (*path, Some("old\n"), Some(*tip)))));
        files.sort_unstable();
        let change = fixture::change(&files);
        let edits = crate::read::edits(&change);
        let of = |path: &str| edits.iter().find(|(_, edit)| change.file(edit.file_id).path() == path).expect("it changes").0;
        let patch = |members: &&[(&str, &str)]| {
            let mut ids: Vec<EditId> = members.iter().map(|(path, _)| of(path)).collect();
            ids.sort();
            let message = Message { subject: format!("change {}", members[0].0).into(), ..Message::default() };
            fixture::patch(members[0].0, ids, message)
        };
        let patches = patches.iter().map(patch).collect();
        fixture::plan(change, edits, patches)
    }

    fn paths(plan: &Plan, edits: &[EditId]) -> Vec<String> {
        edits.iter().map(|&edit_id| plan.change.file(plan.edits.get(edit_id).file_id).path().to_string()).collect()
    }

    #[test]
    fn groups_keep_what_they_had() {
        let old = outline(&plan(&[&[("a", "new\n"), ("b", "new\n")], &[("c", "new\n")], &[("d", "new\n")]]));
        // b is changed otherwise, d is no more, e is new.
        let new = plan(&[&[("a", "new\n"), ("b", "newer\n"), ("c", "new\n"), ("e", "new\n")]]);
        let carried = groups(&old, &new.change, &new.edits);
        let groups: Vec<_> = carried.groups.iter().map(|group| paths(&new, group)).collect();
        assert_eq!(groups, [vec!["a"], vec!["c"], vec![]]);
        assert_eq!(paths(&new, &carried.new), ["b", "e"]);
        let gone: Vec<_> = carried.gone.iter().map(|(patch, address)| (*patch, address.path.to_string())).collect();
        assert_eq!(gone, [(0, "b".to_owned()), (2, "d".to_owned())]);
    }

    #[test]
    fn a_message_follows_most_of_its_edits() {
        let mut old = plan(&[&[("a", "new\n"), ("b", "new\n"), ("c", "new\n")], &[("d", "new\n")], &[("e", "new\n")]]);
        old.campaign.patches[0].message.subject = "as Ann says".into();
        old.campaign.patches[1].message.subject = "as Bob says".into();
        old.campaign.patches[2].message.subject = "as nobody says".into();
        old.words.patches = ["a", "d"].map(str::to_owned).into();
        let mut new = plan(&[&[("a", "newer\n")], &[("f", "new\n"), ("b", "new\n"), ("c", "new\n")], &[("e", "new\n")]]);
        let lost = words(&outline(&old), &mut new);
        let said: Vec<_> =
            new.campaign.patches.iter().map(|patch| (patch.patch_id.as_str(), patch.message.subject.to_string())).collect();
        // What held a before is new and must not go by its id.
        assert_eq!(said, [("a-2", "change a".to_owned()), ("a", "as Ann says".to_owned()), ("e", "change e".to_owned())]);
        assert_eq!(lost, [Lost { of: "d".into(), subject: "as Bob says".into() }]);
        assert_eq!(new.words.patches, ["a".to_owned()].into());
    }

    #[test]
    fn what_nobody_wrote_is_not_carried() {
        let mut old = plan(&[&[("a", "new\n")]]);
        old.words.blurb = "of the old branch".into();
        let mut new = plan(&[&[("a", "new\n")]]);
        new.words.blurb = "of the new branch".into();
        words(&outline(&old), &mut new);
        assert_eq!(new.words.blurb, "of the new branch");
        old.words.is_blurb_edited = true;
        words(&outline(&old), &mut new);
        assert_eq!(new.words.blurb, "of the old branch");
    }
}
