//! Groups → messages: what a patch does, where, and why there; from the branch's own commits where they fit.
//!
//! A commit's message fits a patch when most of the patch's lines come from that commit and most of the commit's lines go into that
//! patch. A commit that was squashed of several has as many messages, and each goes to the patch it speaks of. Otherwise subject and body are made from the facts. The author of a piece is that of most of its lines.

pub mod covers;
pub mod mechanical;
pub mod trailers;

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BStr, BString, ByteSlice, ByteVec};

use super::describe::trailers::{Dealt, trailers};
use super::plan::bridge;
use super::plan::home::weight;
use super::similarity::{Provenance, SquashedMessages};
use crate::analyze::Analysis;
use crate::analyze::rules::Rules;
use crate::model::path_kind::is_documentation;
use crate::model::{EditId, EditKind, Message, Role, Signature, Symbol, SymbolKind};
use crate::read::origins::Origins;

/// A commit's message is taken when this share of the patch comes from it, and this share of it goes into the patch.
const FITS: f64 = 0.7;
/// The same for the only commit of a change.
const NEARLY_ALL: f64 = 0.95;
/// Subjects longer than this are cut short by most tools. Source: kernel `Documentation/process/submitting-patches.rst`.
const SUBJECT: usize = 72;
/// Bodies are wrapped at this column, as the lists ask for.
const BODY: usize = 72;

/// What the messages are made from.
pub struct Sources<'s> {
    /// The change, its edits and what they do.
    pub analysis: &'s Analysis,
    /// Which commit made each.
    pub origins: &'s Origins,
    /// For each edit the bridge whose users it converts and nothing else.
    pub converts: &'s [Option<usize>],
    /// The rewrites that many edits are instances of.
    pub rules: &'s Rules,
    /// What the messages of the branch say.
    pub squashed: &'s SquashedMessages,
    /// For each patch, what the branch says of it.
    pub provenances: &'s [Option<Provenance>],
    /// The subject prefix for a set of paths, with its separator (`KVM: s390: `).
    pub prefix: &'s dyn Fn(&[&BStr]) -> BString,
}

impl Sources<'_> {
    /// Returns the number of lines that an edit removes and inserts.
    fn weight(&self, edit_id: EditId) -> usize {
        weight(&self.analysis.change, &self.analysis.edits, edit_id)
    }
}

/// What `describe` says of one patch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// Subject, body, trailers.
    pub message: Message,
    /// Author of most of its lines.
    pub author: Signature,
    /// Notes for the user, such as dropped Reviewed-by tags; each a sentence.
    pub notes: Vec<String>,
}

/// Describes each patch; a subject that two patches would share is told apart by their paths.
pub fn descriptions(sources: &Sources<'_>, patches: &[Vec<EditId>]) -> Vec<Description> {
    let dealt = Dealt::of(sources, patches);
    let spoken = spoken(sources);
    let mut all: Vec<Description> =
        patches.iter().enumerate().zip(spoken).map(|(patch, spoken)| description(sources, patch, spoken, &dealt)).collect();
    let mut seen: BTreeMap<BString, usize> = BTreeMap::new();
    for (description, patch) in all.iter_mut().zip(patches) {
        let count = seen.entry(description.message.subject.clone()).or_default();
        *count += 1;
        if *count > 1 {
            let told = told_apart(sources, &description.message.subject, patch, *count);
            description.message.subject = told;
        }
    }
    all
}

/// Of a commit that was squashed of several, a message is taken for a patch when it is likelier than not the patch's own.
const LIKELY: f32 = 0.5;

/// Returns for each patch the message that speaks of it, of a commit whose message holds several; each is used once, for the patch that it fits best.
fn spoken<'s>(sources: &Sources<'s>) -> Vec<Option<&'s BStr>> {
    let mut fits: Vec<(f32, usize, usize, usize)> = Vec::new();
    for (patch, source) in sources.provenances.iter().enumerate() {
        let Some(source) = source.as_ref().filter(|source| source.shares.len() > 1) else { continue };
        let message = source.message();
        fits.push((source.shares[message], patch, source.commit, message));
    }
    fits.retain(|(share, ..)| *share > LIKELY);
    fits.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut used = BTreeSet::new();
    let mut spoken = vec![None; sources.provenances.len()];
    for (_, patch, commit, message) in fits {
        if used.insert((commit, message)) {
            spoken[patch] = Some(sources.squashed.messages[commit][message].as_bstr());
        }
    }
    spoken
}

fn told_apart(sources: &Sources<'_>, subject: &BString, patch: &[EditId], nth: usize) -> BString {
    let names = main_names(sources, patch);
    let extra = match names.first() {
        Some(name) if subject.find(name.as_slice()).is_none() => bstr::concat([b" in ", name.as_slice()]),
        _ => format!(", part {nth}").into_bytes(),
    };
    bstr::concat([subject.as_slice(), &extra]).into()
}

fn description(sources: &Sources<'_>, (idx, patch): (usize, &Vec<EditId>), spoken: Option<&BStr>, dealt: &Dealt) -> Description {
    let mut lines: BTreeMap<Option<usize>, usize> = BTreeMap::new();
    for &edit_id in patch {
        *lines.entry(sources.origins[edit_id.idx()]).or_default() += sources.weight(edit_id);
    }
    let all: usize = lines.values().sum();
    let commits: Vec<(usize, usize)> = {
        let mut commits: Vec<_> = lines.iter().filter_map(|(origin, count)| Some(((*origin)?, *count))).collect();
        commits.sort_by_key(|(origin, count)| (std::cmp::Reverse(*count), *origin));
        commits
    };
    let share = |part: usize, of: usize| part as f64 / of.max(1) as f64;
    let main = commits.first().map(|(origin, _)| *origin);
    let author = main.map_or_else(
        || sources.analysis.change.committer.clone(),
        |origin| sources.analysis.change.commits[origin].author.clone(),
    );
    // What was said of the whole change fits a part of it only when that is nearly all.
    let whole = if sources.analysis.change.commits.len() == 1 { NEARLY_ALL } else { FITS };
    let taken = commits.first().filter(|(origin, count)| {
        share(*count, all) >= FITS && share(*count, dealt.of_commit.get(origin).copied().unwrap_or(0)) >= whole
    });
    let mut notes = Vec::new();
    let trailers = trailers(sources, (idx, &commits), &author, spoken, dealt, &mut notes);
    let bridged = bridge::message(&sources.analysis.edits, sources.converts, patch);
    let ends = sources.analysis.edits.bridges.iter().any(|bridge| patch.contains(&bridge.put) || patch.contains(&bridge.take));
    let whole = taken.map(|(origin, _)| sources.analysis.change.commits[*origin].message.as_bstr());
    let message = match spoken.or(whole).filter(|_| !ends) {
        Some(message) => Message { trailers, ..Message::read(message) },
        None => match bridged {
            Some(bridge::Wording { phrase, body }) => {
                let subject = bstr::concat([bridge_prefix(sources, patch).as_slice(), phrase.as_slice()]).into();
                Message { subject, body: wrap(&body), trailers }
            }
            None => Message { subject: subject(sources, patch), body: body(sources, patch), trailers },
        },
    };
    let message = match taken.filter(|_| !ends) {
        Some(_) => message,
        None => with_rule(sources, patch, message),
    };
    Description { message, author, notes }
}

/// Adds the rule that made all of a patch to its body.
fn with_rule(sources: &Sources<'_>, patch: &[EditId], message: Message) -> Message {
    match mechanical::paragraph(&sources.analysis.change, &sources.analysis.edits, &sources.analysis.facts, sources.rules, patch)
    {
        Some(paragraph) if message.body.is_empty() => Message { body: paragraph, ..message },
        Some(paragraph) => {
            Message { body: bstr::concat([message.body.as_slice(), b"\n\n", paragraph.as_slice()]).into(), ..message }
        }
        None => message,
    }
}

/// What a patch does to symbols, in the form people write, each list in the order of the edits.
#[derive(Debug, Default)]
struct Deeds {
    adds: Vec<BString>,
    removes: Vec<BString>,
    /// Whether the first that is added is of the kind of the first that is removed: a function is not renamed to a macro.
    alike: bool,
    changes: Vec<BString>,
    moves: Vec<BString>,
    /// The file that all moves go to from others.
    into: Option<BString>,
    starts: Vec<BString>,
    stops: Vec<BString>,
}

fn deeds(sources: &Sources<'_>, patch: &[EditId]) -> Deeds {
    let mut new: BTreeMap<Symbol, Vec<EditId>> = BTreeMap::new();
    let mut old: BTreeMap<Symbol, Vec<EditId>> = BTreeMap::new();
    let (mut used, mut unused): (BTreeSet<Symbol>, BTreeSet<Symbol>) = Default::default();
    for &edit_id in patch {
        for fact in sources.analysis.facts.of(edit_id) {
            let symbol = sources.analysis.facts.symbols.get(fact.symbol_id);
            if matches!(symbol.kind, SymbolKind::Local | SymbolKind::Object) {
                continue;
            }
            match fact.role {
                Role::Defines => new.entry(symbol.clone()).or_default().push(edit_id),
                Role::DropsDefinition => old.entry(symbol.clone()).or_default().push(edit_id),
                Role::GainsUse if matters(symbol.kind) => drop(used.insert(symbol.clone())),
                Role::LosesUse if matters(symbol.kind) => drop(unused.insert(symbol.clone())),
                _ => {}
            }
        }
    }
    let name = |symbol: &Symbol| (symbol.kind, symbol.name.clone());
    let by_name = |map: &BTreeMap<Symbol, Vec<EditId>>| {
        let mut names: BTreeMap<(SymbolKind, BString), BTreeSet<EditId>> = BTreeMap::new();
        for (symbol, edits) in map {
            names.entry(name(symbol)).or_default().extend(edits);
        }
        names
    };
    let (old_names, new_names) = (by_name(&old), by_name(&new));
    let moved = |symbol: &Symbol| match (old_names.get(&name(symbol)), new_names.get(&name(symbol))) {
        (Some(old), Some(new)) => old.is_disjoint(new),
        _ => false,
    };
    // One edit may bring a hundred thousand symbols.
    let weights: BTreeMap<EditId, usize> = patch.iter().map(|&edit_id| (edit_id, sources.weight(edit_id))).collect();
    let lines = |edits: &[EditId]| edits.iter().map(|edit_id| weights[edit_id]).sum::<usize>();
    // What a patch is about comes first: functions and types before macros and members, the longest before the rest.
    let mut new_symbols: Vec<(&Symbol, &Vec<EditId>)> = new.iter().filter(|(symbol, _)| !is_guard(symbol)).collect();
    new_symbols.sort_by_cached_key(|(symbol, edits)| (rank(symbol.kind), std::cmp::Reverse(lines(edits)), *symbol));
    let added = new_symbols.iter().find(|(symbol, _)| !old_names.contains_key(&name(symbol))).map(|(symbol, _)| symbol.kind);
    let mut deeds = Deeds::default();
    for (symbol, _) in new_symbols {
        let list = match (old_names.contains_key(&name(symbol)), moved(symbol)) {
            (false, _) => &mut deeds.adds,
            (true, true) => &mut deeds.moves,
            (true, false) => &mut deeds.changes,
        };
        list.push(symbol.shown());
    }
    let files = |edits: &BTreeSet<EditId>| -> BTreeSet<_> {
        edits.iter().map(|&edit_id| sources.analysis.edits.get(edit_id).file_id).collect()
    };
    let moves = || new.keys().filter(|symbol| moved(symbol)).map(&name);
    let (from, to): (BTreeSet<_>, BTreeSet<_>) = (
        moves().flat_map(|name| files(&old_names[&name])).collect(),
        moves().flat_map(|name| files(&new_names[&name])).collect(),
    );
    if let (Some(file_id), 1) = (to.first(), to.len())
        && !from.contains(file_id)
    {
        deeds.into = Some(base_name(sources.analysis.change.file(*file_id).path()));
    }
    for list in [&mut deeds.adds, &mut deeds.moves, &mut deeds.changes] {
        let mut seen = BTreeSet::new();
        list.retain(|name| seen.insert(name.clone()));
    }
    let mut gone: Vec<(&Symbol, &Vec<EditId>)> =
        old.iter().filter(|(symbol, _)| !new_names.contains_key(&name(symbol)) && !is_guard(symbol)).collect();
    gone.sort_by_key(|(symbol, edits)| (rank(symbol.kind), std::cmp::Reverse(lines(edits)), *symbol));
    deeds.alike = added.is_some() && added == gone.first().map(|(symbol, _)| symbol.kind);
    deeds.removes = gone.into_iter().map(|(symbol, _)| symbol.shown()).collect();
    deeds.starts = used.difference(&unused).filter(|symbol| !new_names.contains_key(&name(symbol))).map(Symbol::shown).collect();
    deeds.stops = unused.difference(&used).filter(|symbol| !old_names.contains_key(&name(symbol))).map(Symbol::shown).collect();
    deeds
}

/// Whether a macro only keeps a header from being read twice: no one would name it.
fn is_guard(symbol: &Symbol) -> bool {
    let name = symbol.name.trim_end_with(|c| c == '_');
    symbol.kind == SymbolKind::Macro && name.ends_with(b"_H") && !name.iter().any(u8::is_ascii_lowercase)
}

/// The place of a kind in a list of what a patch does.
fn rank(kind: SymbolKind) -> u8 {
    match kind {
        SymbolKind::Function => 0,
        SymbolKind::Type | SymbolKind::Kconfig | SymbolKind::Compatible => 1,
        SymbolKind::Variable | SymbolKind::Field => 2,
        SymbolKind::Macro | SymbolKind::EnumConstant => 3,
        SymbolKind::Header | SymbolKind::Object | SymbolKind::Local | SymbolKind::Name => 4,
    }
}

/// Uses worth a word in a message.
fn matters(kind: SymbolKind) -> bool {
    matches!(kind, SymbolKind::Function | SymbolKind::Macro | SymbolKind::Field | SymbolKind::Type | SymbolKind::Kconfig)
}

fn prefix(sources: &Sources<'_>, patch: &[EditId]) -> BString {
    let paths = paths(sources, patch);
    (sources.prefix)(&paths.iter().map(|path| path.as_ref()).collect::<Vec<_>>())
}

/// Returns the prefix of a patch of a bridge: that of the file with the bridge, or the one that fits all paths, or the folder with most of the code.
fn bridge_prefix(sources: &Sources<'_>, patch: &[EditId]) -> BString {
    let path = |edit_id: EditId| sources.analysis.change.file(sources.analysis.edits.get(edit_id).file_id).path();
    let ends = sources.analysis.edits.bridges.iter().flat_map(|bridge| [bridge.put, bridge.take]).find(|end| patch.contains(end));
    if let Some(end) = ends {
        return (sources.prefix)(&[path(end)]);
    }
    let all = prefix(sources, patch);
    if !all.is_empty() {
        return all;
    }
    let folder = |path: &BStr| -> BString { path[..path.rfind_byte(b'/').unwrap_or(0)].into() };
    let mut lines: BTreeMap<(bool, BString), usize> = BTreeMap::new();
    for &edit_id in patch {
        let key = (!is_documentation(path(edit_id)), folder(path(edit_id)));
        *lines.entry(key).or_default() += sources.weight(edit_id);
    }
    let most = lines.into_iter().max_by(|(one, n), (other, m)| one.0.cmp(&other.0).then(n.cmp(m)).then(other.1.cmp(&one.1)));
    let own = |most: BString| {
        let paths = paths(sources, patch);
        (sources.prefix)(&paths.iter().map(|path| path.as_ref()).filter(|path| folder(path) == most).collect::<Vec<_>>())
    };
    most.map_or(all, |((_, most), _)| own(most))
}

/// Returns `prefix: what it does`.
fn subject(sources: &Sources<'_>, patch: &[EditId]) -> BString {
    let paths = paths(sources, patch);
    let prefix = prefix(sources, patch);
    let phrase = phrase(sources, patch, &paths);
    let mut subject: BString = bstr::concat([prefix.as_slice(), phrase.as_slice()]).into();
    if subject.len() > SUBJECT
        && let Some(cut) = subject[..SUBJECT].rfind(" and ").filter(|cut| *cut > prefix.len())
    {
        subject.truncate(cut);
    }
    subject
}

fn paths(sources: &Sources<'_>, patch: &[EditId]) -> Vec<BString> {
    let files: BTreeSet<_> = patch.iter().map(|&edit_id| sources.analysis.edits.get(edit_id).file_id).collect();
    files.into_iter().map(|file_id| sources.analysis.change.file(file_id).path().to_owned()).collect()
}

fn phrase(sources: &Sources<'_>, patch: &[EditId], paths: &[BString]) -> BString {
    let kinds: BTreeSet<&'static str> = patch
        .iter()
        .map(|&edit_id| match sources.analysis.edits.get(edit_id).kind {
            EditKind::Create => "create",
            EditKind::Delete => "delete",
            EditKind::Rename => "rename",
            EditKind::Mode => "mode",
            EditKind::Replace => "replace",
            EditKind::Splice { .. } => "splice",
        })
        .collect();
    let file = |which: fn(&crate::model::FileChange) -> bool| -> Vec<BString> {
        let files: BTreeSet<_> = patch.iter().map(|&edit_id| sources.analysis.edits.get(edit_id).file_id).collect();
        // Code before documents, the longest first.
        let size = |file: &crate::model::FileChange| file.base_text().len().max(file.tip_text().len());
        let mut found: Vec<_> =
            files.into_iter().map(|file_id| sources.analysis.change.file(file_id)).filter(|file| which(file)).collect();
        found.sort_by_key(|file| (is_documentation(file.path()), std::cmp::Reverse(size(file))));
        found.into_iter().map(|file| base_name(file.path())).collect()
    };
    let (created, deleted) = (file(|file| file.base.is_none()), file(|file| file.tip.is_none()));
    let deeds = deeds(sources, patch);
    let say = |verb: &str, names: &[BString]| -> BString { bstr::concat([verb.as_bytes(), list(names, 2).as_slice()]).into() };
    let documents = paths.iter().all(|path| is_documentation(path.as_ref()));
    if kinds.iter().all(|kind| *kind == "mode") {
        return say("change the mode of ", &paths.iter().map(|path| base_name(path.as_ref())).collect::<Vec<_>>());
    }
    let new_lines: usize = patch
        .iter()
        .filter(|&&edit_id| sources.analysis.change.file(sources.analysis.edits.get(edit_id).file_id).base.is_none())
        .map(|&edit_id| sources.weight(edit_id))
        .sum();
    let all_lines: usize = patch.iter().map(|&edit_id| sources.weight(edit_id)).sum();
    // With a new file come its build line and its includes elsewhere; what it only takes over is a move.
    if kinds.contains("create") && (created.len() == paths.len() || new_lines * 2 >= all_lines && deeds.moves.is_empty()) {
        return say(if documents { "document " } else { "add " }, &created);
    }
    if kinds.contains("delete") && deleted.len() == paths.len() {
        return say("remove ", &deleted);
    }
    if let (Some(gone), Some(new)) = (deeds.removes.first(), deeds.adds.first())
        && deeds.removes.len() == deeds.adds.len()
        && deeds.adds.len() <= 2
    {
        return match deeds.alike {
            true => bstr::concat([b"rename ", gone.as_slice(), b" to ", new.as_slice()]).into(),
            false => bstr::concat([b"add ", new.as_slice(), b", remove ", gone.as_slice()]).into(),
        };
    }
    if !deeds.moves.is_empty() && deeds.moves.len() >= deeds.adds.len() {
        let moves = say("move ", &deeds.moves);
        return deeds.into.map_or(moves.clone(), |into| bstr::concat([moves.as_slice(), b" to ", into.as_slice()]).into());
    }
    if !deeds.adds.is_empty() {
        return say("add ", &deeds.adds);
    }
    if !deeds.removes.is_empty() {
        return say("remove ", &deeds.removes);
    }
    if !deeds.changes.is_empty() {
        return say("change ", &deeds.changes);
    }
    if let (Some(stop), Some(start)) = (deeds.stops.first(), deeds.starts.first())
        && deeds.stops.len() + deeds.starts.len() <= 4
    {
        return bstr::concat([b"use ", start.as_slice(), b" instead of ", stop.as_slice()]).into();
    }
    if let (Some(start), true) = (deeds.starts.first(), deeds.starts.len() <= 2) {
        return bstr::concat([b"use ", start.as_slice()]).into();
    }
    if let (Some(stop), true) = (deeds.stops.first(), deeds.stops.len() <= 2 && deeds.starts.is_empty()) {
        return bstr::concat([b"stop using ", stop.as_slice()]).into();
    }
    let names = main_names(sources, patch);
    if names.is_empty() {
        let names: Vec<BString> = paths.iter().map(|path| base_name(path.as_ref())).collect();
        return say("update ", &names);
    }
    say("update ", &names)
}

/// Names of the functions and types that the edits of a patch lie in, those with most lines first.
fn main_names(sources: &Sources<'_>, patch: &[EditId]) -> Vec<BString> {
    let mut names: BTreeMap<BString, usize> = BTreeMap::new();
    for &edit_id in patch {
        let lines = sources.weight(edit_id);
        for fact in sources.analysis.facts.of(edit_id) {
            let symbol = sources.analysis.facts.symbols.get(fact.symbol_id);
            if symbol.kind == SymbolKind::Local
                && let Some(function) = &symbol.record
            {
                let shown = bstr::concat([function.as_slice(), b"()"]);
                *names.entry(shown.into()).or_default() += lines;
            }
        }
    }
    let mut names: Vec<_> = names.into_iter().collect();
    names.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(&other.0)));
    names.into_iter().map(|(name, _)| name).collect()
}

/// Returns paragraphs: what is added, removed, changed, moved, and in which files.
fn body(sources: &Sources<'_>, patch: &[EditId]) -> BString {
    let deeds = deeds(sources, patch);
    let mut sentences: Vec<BString> = Vec::new();
    let mut say = |verb: &str, names: &[BString], end: &str| {
        if !names.is_empty() {
            sentences.push(bstr::concat([verb.as_bytes(), list(names, 6).as_slice(), end.as_bytes()]).into());
        }
    };
    say("Move ", &deeds.moves, ".");
    say("Add ", &deeds.adds, ".");
    say("Change ", &deeds.changes, " and what depends on it.");
    say("Use ", &deeds.starts[..deeds.starts.len().min(8)], ".");
    say("Stop using ", &deeds.stops[..deeds.stops.len().min(8)], ".");
    say("Remove ", &deeds.removes, ".");
    if sentences.is_empty() {
        let names = main_names(sources, patch);
        let paths: Vec<BString> = paths(sources, patch).iter().map(|path| base_name(path.as_ref())).collect();
        let names = if names.is_empty() { paths } else { names };
        sentences.push(bstr::concat([b"Update ", list(&names, 6).as_slice(), b"."]).into());
    }
    wrap(&bstr::join(" ", sentences))
}

/// Returns `a, b and 3 more`.
fn list(names: &[BString], most: usize) -> BString {
    let shown = &names[..names.len().min(most)];
    let mut text = BString::default();
    for (idx, name) in shown.iter().enumerate() {
        let last = idx + 1 == shown.len() && names.len() <= most;
        text.push_str(match (idx, last) {
            (0, _) => "",
            (_, true) => " and ",
            (_, false) => ", ",
        });
        text.push_str(name);
    }
    if names.len() > most {
        text.push_str(format!(" and {} more", names.len() - most));
    }
    text
}

/// Breaks a paragraph into lines as the lists ask for.
pub(super) fn wrap(text: &[u8]) -> BString {
    let mut out = BString::default();
    let mut column = 0;
    for word in text.split(|byte| *byte == b' ') {
        if column > 0 && column + 1 + word.len() > BODY {
            out.push(b'\n');
            column = 0;
        } else if column > 0 {
            out.push(b' ');
            column += 1;
        }
        out.push_str(word);
        column += word.len();
    }
    out
}

fn base_name(path: &BStr) -> BString {
    path.rfind_byte(b'/').map_or(path.as_bytes(), |slash| &path[slash + 1..]).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_like_english() {
        let names: Vec<BString> = ["a", "b", "c"].map(Into::into).to_vec();
        assert_eq!(list(&names, 3), "a, b and c");
        assert_eq!(list(&names, 2), "a, b and 1 more");
        assert_eq!(list(&names[..1], 2), "a");
    }
}
