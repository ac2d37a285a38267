//! A plan as a list that a person edits, like that of `git rebase -i`: moving a line moves the edit or patch that it names.
//!
//! ```text
//!   blurb
//!   | What the whole change is for.
//!   series kvm
//!   needs mm
//!   cover KVM: s390: what the series does
//!   pick add-gmap-link KVM: s390: add gmap_link()
//!   | Body of the message, a line each.
//!     arch/s390/kvm/gmap.c#gmap_link@1a2b3c4d5e6f | int gmap_link(struct gmap *gmap)
//!   pick new KVM: s390: a patch of its own
//!     arch/s390/kvm/gmap.c#gmap_unlink@0123456789ab | void gmap_unlink(struct gmap *gmap)
//!   squash other-patch
//! ```

mod diff;
mod texts;

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BString, ByteSlice};

use super::address::by_address;
use super::patch_ids::PatchIds;
use super::store::{edit_line, nearest};
use crate::model::address::{quoted, shown};
use crate::model::{
    Address, Campaign, EditId, FileId, Home, HomeIdx, Message, Patch, PatchIdx, Plan, Relation, Series, SeriesIdx, Words,
    change_name,
};

pub use texts::{Pending, parse_words, render_words};

/// Why a todo is refused. Lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TodoError {
    /// The line is no command.
    #[error("line {line}: '{text}' is no command{}: {COMMANDS}", why_none(text))]
    Command {
        /// Where.
        line: usize,
        /// What it says.
        text: String,
    },
    /// The line is none of a todo in which only texts may change.
    #[error("line {line}: '{text}' is no command: blurb, series, cover and changelog are, and lines begin with |")]
    NoText {
        /// Where.
        line: usize,
        /// What it says.
        text: String,
    },
    /// A patch that the plan does not have.
    #[error("line {line}: there is no patch '{patch}'")]
    UnknownPatch {
        /// Where.
        line: usize,
        /// Its id.
        patch: String,
    },
    /// An edit that the change does not have.
    #[error("line {line}: there is no edit '{address}'")]
    UnknownEdit {
        /// Where.
        line: usize,
        /// As written.
        address: String,
        /// One that it may have been.
        near: Option<String>,
    },
    /// A series that the plan does not have, where only texts may change.
    #[error("line {line}: there is no series '{series}'")]
    UnknownSeries {
        /// Where.
        line: usize,
        /// As written.
        series: String,
    },
    /// A series without a name, or with one that no branch can have.
    #[error("line {line}: '{name}' cannot name a series: a word of letters, digits and dashes can")]
    SeriesName {
        /// Where.
        line: usize,
        /// As written.
        name: String,
    },
    /// A file of which a line takes what is left, and nothing is.
    #[error("line {line}: no edit of '{path}' is left to take")]
    NothingLeft {
        /// Where.
        line: usize,
        /// As written.
        path: String,
    },
    /// A series that a person says is needed, and that needs the one that should need it.
    #[error("line {line}: '{series}' cannot need '{needed}', which needs '{series}' itself{why}")]
    Circle {
        /// Where.
        line: usize,
        /// The series above the line.
        series: String,
        /// The series that it names.
        needed: String,
        /// Empty, or a colon and a reason.
        why: String,
    },
    /// Lines of a message that is dropped, and that a person wrote.
    #[error("line {line}: a fixup drops the message of '{patch}', which somebody changed: squash keeps it")]
    Dropped {
        /// Where.
        line: usize,
        /// Its id.
        patch: String,
    },
    /// A text in which what stands for it was left.
    #[error("line {0}: the text still holds what stands for it: *** … HERE ***")]
    Placeholder(usize),
    /// Something stands twice.
    #[error("line {line}: '{what}' stands in line {first} already")]
    Doubled {
        /// Where.
        line: usize,
        /// A patch or an edit.
        what: String,
        /// The first place.
        first: usize,
    },
    /// An edit is nowhere.
    #[error("edit '{address}' of patch '{patch}'{} is missing", line.map(|line| format!(" (line {line})")).unwrap_or_default())]
    Missing {
        /// Where the patch is, if it is anywhere.
        line: Option<usize>,
        /// The edit.
        address: String,
        /// Where it was.
        patch: String,
    },
    /// A line stands before the one that it belongs to.
    #[error("line {line}: {what} before the first {needed}")]
    Homeless {
        /// Where.
        line: usize,
        /// `a patch`, `an edit`.
        what: &'static str,
        /// `series`, `pick`.
        needed: &'static str,
    },
    /// A patch without edits, or without a subject.
    #[error("line {line}: patch '{patch}' has no {lacks}")]
    Empty {
        /// Where.
        line: usize,
        /// Its id.
        patch: String,
        /// `edits`, `subject`.
        lacks: &'static str,
    },
}

/// The words of a todo.
const COMMANDS: &str = "blurb, series, needs, cover, pick, reword, squash and fixup are, and lines begin with | or an address";

/// Says why a word of `git rebase -i` has no meaning here.
fn why_none(text: &str) -> &'static str {
    match text.split_whitespace().next() {
        Some("edit" | "e") => " (the code stays that of the change; to cut a patch, move lines below 'pick new <subject>')",
        Some("drop" | "d") => " (every edit stays in a patch; fixup drops a message)",
        Some("exec" | "x" | "break" | "b") => " (git cleave verify builds every step)",
        _ => "",
    }
}

/// Returns the line of a todo, from 1, in which a patch or a series of this name begins, or else a new patch of this subject.
pub fn line_of(text: &str, name: &str, subject: Option<&str>) -> Option<usize> {
    let begins = |line: &str| {
        let mut words = line.split_whitespace();
        let is_word = words.next().is_some_and(|word| word == "series" || PATCH_WORDS.contains(&word));
        let id = words.next();
        let is_new = || id == Some("new") && subject.is_some_and(|subject| line.trim_end().ends_with(subject));
        is_word && (id == Some(name) || is_new())
    };
    text.lines().position(begins).map(|at| at + 1)
}

/// What lines of patches begin with. `reword` is a `pick`, whose subject may be another in any case.
const PATCH_WORDS: [&str; 8] = ["pick", "p", "reword", "r", "squash", "s", "fixup", "f"];

/// Names that branches and refs of a change have already.
const NO_SERIES: [&str; 6] = ["all", "base", "tip", "record", "heads", "b4"];

/// What the commands are, below the todo.
const HELP: &str = "
# Commands:
#   blurb                  the lines below say what the whole change is for
#   series <name>          the patches below go into this series; a new name makes a new one
#   needs <series>         the series above goes on top of that one: only you know why
#   cover <subject>        the cover letter of the series above
#   pick <id> <subject>    a patch; another subject rewords it, and reword is the same
#   pick new <subject>     a new patch of the edits below it
#   squash <id> <subject>  its edits go into the patch above, and so does its message, with the | lines below it
#   fixup <id>             its edits go into the patch above, which keeps its own message
#   | text                 a line of the blurb, the cover or the message above, trailers too
#   <address> | ...        an edit of the patch above; move the line to move the edit
#   <path> | *             all edits of a file that stand in no other line
#
# Order is that of the lines. Every edit must stay somewhere. Lines that begin with # are ignored.
# An empty todo leaves the plan as it is.
";

/// Whether a todo shows below each edit what it takes away and puts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// A line an edit.
    Lines,
    /// The lines of its diff too, as comments.
    Diff,
}

/// Writes a plan as a todo.
pub fn render(plan: &Plan, addresses: &[Address], show: Show) -> String {
    let mut out = texts::blurb(plan);
    for series in &plan.campaign.series {
        let is_said = |name: &&str| plan.words.needs(&series.name).any(|said| said == name);
        let needs = series.needs.iter().map(|needed| plan.campaign.series[needed.0].name.as_str());
        let needs: Vec<&str> = needs.filter(|name| !is_said(name)).collect();
        let needs = if needs.is_empty() { String::new() } else { format!("; needs {}", needs.join(", ")) };
        out.push_str(&format!("# {}{needs}\nseries {}\n", shown(plan.campaign.home(series.home).name.as_ref()), series.name));
        plan.words.needs(&series.name).for_each(|needed| out.push_str(&format!("needs {needed}\n")));
        if series.patches.len() > 1 {
            out.push_str(&texts::cover(&series.cover.subject, &series.cover.body));
        }
        out.push('\n');
        for &patch_idx in &series.patches {
            let patch = plan.campaign.patch(patch_idx);
            out.push_str(&format!("pick {} {}\n", patch.patch_id, texts::as_subject(&patch.message.subject)));
            out.push_str(&texts::block(&below_subject(&patch.message)));
            let whole_files = whole_new_files(plan, &patch.edits);
            let mut last = None;
            for &edit_id in &patch.edits {
                let file_id = plan.edits.get(edit_id).file_id;
                match whole_files.get(&file_id) {
                    Some(n_edits) if last != Some(file_id) => {
                        let path = quoted(plan.change.file(file_id).path());
                        out.push_str(&format!("  {path} | * new file, {n_edits} edits\n"));
                    }
                    Some(_) => {}
                    None => out.push_str(&format!("  {}\n", edit_line(plan, addresses, edit_id))),
                }
                if show == Show::Diff {
                    out.push_str(&diff::lines(&plan.change, &plan.edits, edit_id));
                }
                last = Some(file_id);
            }
            out.push('\n');
        }
    }
    out.push_str(HELP.trim_start());
    out
}

/// Returns the new files of which some edits are all there are, and more than one, with their number.
fn whole_new_files(plan: &Plan, edits: &[EditId]) -> BTreeMap<FileId, usize> {
    let mut here: BTreeMap<FileId, usize> = BTreeMap::new();
    edits.iter().for_each(|edit_id| *here.entry(plan.edits.get(*edit_id).file_id).or_default() += 1);
    here.retain(|file_id, n_edits| *n_edits > 1 && plan.change.file(*file_id).base.is_none());
    if !here.is_empty() {
        let mut all: BTreeMap<FileId, usize> = BTreeMap::new();
        plan.edits.whole().iter().for_each(|edit_id| *all.entry(plan.edits.get(edit_id).file_id).or_default() += 1);
        here.retain(|file_id, n_edits| all.get(file_id) == Some(n_edits));
    }
    here
}

/// Returns body and trailers of a message as one text.
fn below_subject(message: &Message) -> BString {
    let trailers = bstr::join("\n", &message.trailers);
    let parts: Vec<&[u8]> = [message.body.as_slice(), &trailers].into_iter().filter(|part| !part.is_empty()).collect();
    bstr::join("\n\n", parts).into()
}

/// A plan as a todo leaves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Todo {
    /// Its patches and series.
    pub campaign: Campaign,
    /// What people said of it.
    pub words: Words,
    /// Ids of the patches into which others went by squash or fixup: a person decided what their message is.
    pub joined: BTreeSet<String>,
}

/// A patch while the todo is read.
struct Pick<'p> {
    line: usize,
    id: String,
    said: Said<'p>,
    joined: Vec<(Join, Said<'p>)>,
    edits: Vec<EditId>,
}

/// What the lines of a todo say of a patch.
struct Said<'p> {
    line: usize,
    old: Option<&'p Patch>,
    subject: String,
    body: Option<Vec<String>>,
}

/// How a patch goes into the one above. Source: `git-rebase` documentation, "squash" and "fixup".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Join {
    Squash,
    Fixup,
}

/// Reads a todo back. Messages and reasons of patches that are not touched are kept. That the order holds is for
/// [`crate::write::checked()`] to say.
///
/// # Errors
/// With the line, when something is unknown, doubled, missing or in no place.
pub fn parse<'p>(text: &str, plan: &'p Plan, addresses: &[Address]) -> Result<Option<Todo>, TodoError> {
    let known = by_address(addresses);
    let find = |line: usize, id: &str| {
        let found = plan.campaign.patches.iter().find(|patch| patch.patch_id == id);
        found.ok_or_else(|| TodoError::UnknownPatch { line, patch: id.into() })
    };
    let mut series: Vec<(String, Vec<Pick<'p>>)> = Vec::new();
    let mut said = texts::Reader::default();
    let mut seen_patches: BTreeMap<String, usize> = BTreeMap::new();
    let mut seen_edits: BTreeMap<EditId, usize> = BTreeMap::new();
    // Lines that say what a series needs: line, series and what it names.
    let mut needs: Vec<(usize, String, &str)> = Vec::new();
    // Lines that take what is left of a file: line, path as written, and the places of series and pick.
    let mut rests: Vec<(usize, &str, (usize, usize))> = Vec::new();
    for (idx, raw) in text.lines().enumerate() {
        let (line, content) = (idx + 1, raw.trim());
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let (word, rest) = content.split_once(char::is_whitespace).unwrap_or((content, ""));
        match word {
            "series" if !rest.contains('@') => {
                said.close();
                if rest.trim().is_empty() || change_name(rest.trim()) != rest.trim() || NO_SERIES.contains(&rest.trim()) {
                    return Err(TodoError::SeriesName { line, name: rest.trim().into() });
                }
                series.push((rest.trim().to_owned(), Vec::new()))
            }
            "needs" if !rest.contains('@') => {
                said.close();
                let (name, _) = series.last().ok_or(TodoError::Homeless { line, what: "what is needed", needed: "series" })?;
                needs.extend(rest.split([',', ' ']).filter(|word| !word.is_empty()).map(|needed| (line, name.clone(), needed)));
            }
            _ if PATCH_WORDS.contains(&word) && !rest.starts_with("| ") => {
                said.close();
                let (id, subject) = rest.trim().split_once(char::is_whitespace).unwrap_or((rest.trim(), ""));
                let picks = &mut series.last_mut().ok_or(TodoError::Homeless { line, what: "a patch", needed: "series" })?.1;
                let join = match word {
                    "squash" | "s" => Some(Join::Squash),
                    "fixup" | "f" => Some(Join::Fixup),
                    _ => None,
                };
                let old = if join.is_none() && id == "new" { None } else { Some(find(line, id)?) };
                if let (Some(_), Some(first)) = (old, seen_patches.insert(id.into(), line).filter(|_| old.is_some())) {
                    return Err(TodoError::Doubled { line, what: id.into(), first });
                }
                let own = Said { line, old, subject: subject.trim().into(), body: None };
                match (join, old) {
                    (None, _) => {
                        picks.push(Pick { line, id: id.into(), said: own, joined: Vec::new(), edits: Vec::new() });
                    }
                    (Some(join), Some(old)) => {
                        let last = picks.last_mut().ok_or(TodoError::Homeless { line, what: "a squash", needed: "pick" })?;
                        last.joined.push((join, own));
                        // Its edits stand below it in the todo, or are taken from the plan.
                        let listed = text
                            .lines()
                            .skip(idx + 1)
                            .map(str::trim)
                            .find(|next| !next.is_empty() && !next.starts_with(['#', '|']));
                        if listed.is_none_or(|next| Address::leading(next).is_none() && !next.contains(" | *")) {
                            for &edit_id in &old.edits {
                                take(&mut seen_edits, edit_id, line, addresses)?;
                                last.edits.push(edit_id);
                            }
                        }
                    }
                    (Some(_), None) => return Err(TodoError::UnknownPatch { line, patch: id.into() }),
                }
            }
            _ if content.starts_with('|') => {
                if said.text(&content[1..]) {
                    continue;
                }
                let pick = last_pick(&mut series).ok_or(TodoError::Homeless { line, what: "a message", needed: "pick" })?;
                let text = content[1..].strip_prefix(' ').unwrap_or(&content[1..]);
                let said = pick.joined.last_mut().map_or(&mut pick.said, |(_, said)| said);
                said.body.get_or_insert_default().push(text.into());
            }
            _ => {
                if let Some((path, _)) = content.split_once(" | *")
                    && plan.change.files.iter().any(|file| quoted(file.path()) == path)
                {
                    let pick = last_pick(&mut series).is_some();
                    let place = series.last().filter(|_| pick).map(|(_, picks)| (series.len() - 1, picks.len() - 1));
                    let place = place.ok_or(TodoError::Homeless { line, what: "a file", needed: "pick" })?;
                    said.close();
                    rests.push((line, path, place));
                    continue;
                }
                let name = series.last().map(|(name, _)| name.as_str());
                if Address::leading(content).is_none() && said.command(line, word, rest, name)? {
                    continue;
                }
                let Some((address, _)) = Address::leading(content) else {
                    return Err(TodoError::Command { line, text: content.chars().take(60).collect() });
                };
                let Some(&edit_id) = known.get(&address) else {
                    let near = nearest(&address, known.keys().copied());
                    return Err(TodoError::UnknownEdit { line, address: address.to_string(), near });
                };
                take(&mut seen_edits, edit_id, line, addresses)?;
                let pick = last_pick(&mut series).ok_or(TodoError::Homeless { line, what: "an edit", needed: "pick" })?;
                pick.edits.push(edit_id);
            }
        }
    }
    for (line, path, (of_series, of_pick)) in rests {
        let is_left = |edit_id: &EditId| {
            !seen_edits.contains_key(edit_id) && quoted(plan.change.file(plan.edits.get(*edit_id).file_id).path()) == path
        };
        let left: Vec<EditId> = plan.edits.whole().iter().filter(is_left).collect();
        if left.is_empty() {
            return Err(TodoError::NothingLeft { line, path: path.into() });
        }
        seen_edits.extend(left.iter().map(|edit_id| (*edit_id, line)));
        series[of_series].1[of_pick].edits.extend(left);
    }
    if series.is_empty() {
        return Ok(None);
    }
    for patch in &plan.campaign.patches {
        if let Some(edit_id) = patch.edits.iter().find(|edit_id| !seen_edits.contains_key(edit_id)) {
            let (line, patch) = (seen_patches.get(&patch.patch_id).copied(), patch.patch_id.clone());
            return Err(TodoError::Missing { line, address: addresses[edit_id.idx()].to_string(), patch });
        }
    }
    let mut words = plan.words.clone();
    for (name, _) in &series {
        words.series.entry(name.clone()).and_modify(|words| words.needs.clear());
    }
    for (_, name, needed) in &needs {
        words.of_series(name).needs.insert((*needed).to_owned());
    }
    let picks = series.iter().flat_map(|(_, picks)| picks);
    let joined: BTreeSet<String> = picks.filter(|pick| !pick.joined.is_empty()).map(|pick| pick.id.clone()).collect();
    let mut campaign = campaign(plan, series, &words)?;
    for (line, name, needed) in needs {
        heeded(plan, &campaign, line, &name, needed)?;
    }
    said.apply(&mut campaign, &mut words)?;
    mark(plan, &campaign, &joined, &mut words);
    let is_same = |series: &Series| words.needs(&series.name).eq(plan.words.needs(&series.name));
    words.is_arranged |= plan.campaign.shape() != campaign.shape() || !campaign.series.iter().all(is_same);
    Ok(Some(Todo { campaign, words, joined }))
}

/// Refuses what a person says that a series needs where there is no such series, or that needs the series itself.
fn heeded(plan: &Plan, campaign: &Campaign, line: usize, series: &str, needed: &str) -> Result<(), TodoError> {
    let find = |name: &str| campaign.series.iter().position(|series| series.name == name).map(SeriesIdx);
    let unknown = || TodoError::UnknownSeries { line, series: needed.into() };
    // A series all of whose patches moved away needs nothing.
    let (Some(own), other) = (find(series), find(needed).ok_or_else(unknown)?) else { return Ok(()) };
    if campaign.series[own.0].needs.contains(&other) {
        return Ok(());
    }
    let place = super::series::places(plan.edits.len(), &campaign.patches);
    let of = |edit_id: EditId| place[edit_id.idx()].and_then(|patch| campaign.series_of(PatchIdx(patch)));
    let ties = |relation: &&Relation| of(relation.first) == Some(own) && of(relation.second) == Some(other);
    let why = plan.relations.iter().find(ties).map_or_else(String::new, |relation| format!(": {}", relation.reason));
    Err(TodoError::Circle { line, series: series.into(), needed: needed.into(), why })
}

/// Notes which messages a person wrote: those that are not what the plan had, and those of patches into which others went.
fn mark(plan: &Plan, campaign: &Campaign, joined: &BTreeSet<String>, words: &mut Words) {
    let old: BTreeMap<&str, &Message> =
        plan.campaign.patches.iter().map(|patch| (patch.patch_id.as_str(), &patch.message)).collect();
    let is_there: BTreeSet<&str> = campaign.patches.iter().map(|patch| patch.patch_id.as_str()).collect();
    words.patches.retain(|id| is_there.contains(id.as_str()));
    let is_written =
        |patch: &&Patch| joined.contains(&patch.patch_id) || old.get(patch.patch_id.as_str()) != Some(&&patch.message);
    let written = campaign.patches.iter().filter(is_written);
    words.patches.extend(written.map(|patch| patch.patch_id.clone()));
}

fn take(seen: &mut BTreeMap<EditId, usize>, edit_id: EditId, line: usize, addresses: &[Address]) -> Result<(), TodoError> {
    match seen.insert(edit_id, line) {
        Some(first) => Err(TodoError::Doubled { line, what: addresses[edit_id.idx()].to_string(), first }),
        None => Ok(()),
    }
}

fn last_pick<'s, 'p>(series: &'s mut [(String, Vec<Pick<'p>>)]) -> Option<&'s mut Pick<'p>> {
    series.last_mut()?.1.last_mut()
}

/// Makes patches and series of what was read; a patch whose edits have all moved away is gone.
fn campaign(plan: &Plan, read: Vec<(String, Vec<Pick<'_>>)>, words: &Words) -> Result<Campaign, TodoError> {
    let old = &plan.campaign;
    let mut homes = old.homes.clone();
    let mut ids = PatchIds::of(&old.patches);
    let mut patches: Vec<Patch> = Vec::new();
    let mut series: Vec<Series> = Vec::new();
    for (name, picks) in read {
        let known = old.series.iter().find(|series| series.name == name);
        let home = match known {
            Some(series) => series.home,
            None => {
                homes.push(Home { name: name.as_str().into(), tree: None, slug: name.clone() });
                HomeIdx(homes.len() - 1)
            }
        };
        let mut places = Vec::new();
        for pick in picks {
            if pick.edits.is_empty() {
                if pick.said.old.is_some() {
                    continue;
                }
                return Err(TodoError::Empty { line: pick.line, patch: pick.id, lacks: "edits" });
            }
            let patch = patch(plan, pick, home, &mut ids)?;
            places.push(PatchIdx(patches.len()));
            patches.push(patch);
        }
        if !places.is_empty() {
            let cover = known
                .map_or_else(|| Message { subject: name.as_str().into(), ..Message::default() }, |series| series.cover.clone());
            series.push(Series { name, home, patches: places, cover, ..Series::default() });
        }
    }
    let place = super::series::places(plan.edits.len(), &patches);
    let Plan { change, edits, relations, .. } = plan;
    if relations.iter().all(|relation| {
        place[relation.first.idx()].zip(place[relation.second.idx()]).is_none_or(|(first, second)| first <= second)
    }) {
        // Nothing speaks against the order of the lines but what a person says that a series needs.
        series = super::series::again(change, edits, relations, words, &homes, &patches, series);
        super::series::in_line(&mut patches, &mut series);
    } else {
        super::series::needs(change, edits, relations, words, &patches, &mut series);
    }
    Ok(Campaign { homes, patches, series })
}

fn patch(plan: &Plan, pick: Pick<'_>, home: HomeIdx, ids: &mut PatchIds) -> Result<Patch, TodoError> {
    let Pick { line, id, said, joined, mut edits } = pick;
    edits.sort();
    let mut message = said.message();
    if message.subject.is_empty() {
        return Err(TodoError::Empty { line, patch: id, lacks: "subject" });
    }
    for (join, said) in joined {
        let other = said.message();
        if join == Join::Fixup {
            match said.old.filter(|patch| patch.message != other) {
                Some(patch) => return Err(TodoError::Dropped { line: said.line, patch: patch.patch_id.clone() }),
                None => continue,
            }
        }
        let parts = [&message.body, &other.subject, &other.body];
        let parts: Vec<&BString> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        message.body = bstr::join("\n\n", parts).into();
        let more = other.trailers.into_iter().filter(|trailer| !message.trailers.contains(trailer));
        let more: Vec<BString> = more.collect();
        message.trailers.extend(more);
    }
    let old = said.old;
    let author = old.map_or_else(|| owner(plan, &edits), |patch| patch.author.clone());
    let patch_id = match old {
        Some(patch) => patch.patch_id.clone(),
        None => ids.next(&message.subject),
    };
    // What cannot be apart is not, whatever comes to it.
    let holds = old.filter(|patch| patch.edits.iter().all(|edit_id| edits.binary_search(edit_id).is_ok()));
    let why = holds.map(|patch| patch.why.clone()).unwrap_or_default();
    Ok(Patch { patch_id, edits, message, author, home, why })
}

impl Said<'_> {
    /// Returns the message as the lines leave it.
    fn message(&self) -> Message {
        let mut message = self.old.map(|patch| patch.message.clone()).unwrap_or_default();
        if !self.subject.is_empty() && self.subject != texts::as_subject(&message.subject) {
            message.subject = self.subject.as_str().into();
        }
        if let Some(lines) = &self.body {
            let below = texts::said(lines.iter().cloned());
            if below != texts::as_text(&below_subject(&message)) {
                let read = Message::read(format!("subject\n\n{below}").as_bytes().as_bstr());
                message = Message { subject: message.subject, ..read };
            }
        }
        message
    }
}

/// Returns the author of the patch that held the first of these edits.
fn owner(plan: &Plan, edits: &[EditId]) -> crate::model::Signature {
    let held = plan.campaign.patches.iter().find(|patch| edits.first().is_some_and(|first| patch.edits.contains(first)));
    held.map_or_else(|| plan.change.committer.clone(), |patch| patch.author.clone())
}
