//! The body of a patch of which no person said anything: sentences about what it does, and the rule that made it.

use bstr::BString;

use super::actions::{actions, main_names};
use super::sources::Sources;
use super::text::{base_name, list, unbroken, wrap};
use super::{entries, mechanical};
use crate::model::{EditId, Message};

/// Returns paragraphs: what is added, removed, changed, moved, and in which files.
pub(super) fn body(sources: &Sources<'_>, patch: &[EditId]) -> BString {
    let actions = actions(sources, patch);
    let sentence = |phrase: BString| BString::from([&phrase[..1].to_ascii_uppercase(), &phrase[1..], b"."].concat());
    let mut sentences = unbroken(&entries::phrase(sources, patch).map(sentence).into_iter().collect::<Vec<_>>());
    let mut say = |verb: &str, names: &[BString], end: &str| {
        if !names.is_empty() {
            sentences.push(bstr::concat([verb.as_bytes(), list(&unbroken(names), 6).as_slice(), end.as_bytes()]).into());
        }
    };
    say("Move ", &actions.moves, ".");
    say("Add ", &actions.adds, ".");
    say("Change ", &actions.changes, " and what depends on it.");
    say("Use ", &actions.starts[..actions.starts.len().min(8)], ".");
    say("Stop using ", &actions.stops[..actions.stops.len().min(8)], ".");
    say("Remove ", &actions.removes, ".");
    if sentences.is_empty() {
        let names = main_names(sources, patch);
        let paths: Vec<BString> = sources.paths(patch).iter().map(|path| base_name(path.as_ref())).collect();
        let names = if names.is_empty() { paths } else { names };
        sentences.push(bstr::concat([b"Update ", list(&unbroken(&names), 6).as_slice(), b"."]).into());
    }
    wrap(&bstr::join(" ", sentences))
}

/// Returns the paragraph on the rule that made all of a patch, where one did.
pub(super) fn rule(sources: &Sources<'_>, patch: &[EditId]) -> Option<BString> {
    mechanical::paragraph(&sources.analysis.change, &sources.analysis.edits, &sources.analysis.facts, sources.rules, patch)
}

/// Adds the rule that made all of a patch to its body.
pub(super) fn with_rule(sources: &Sources<'_>, patch: &[EditId], message: Message) -> Message {
    match rule(sources, patch) {
        Some(paragraph) if message.body.is_empty() => Message { body: paragraph, ..message },
        Some(paragraph) => {
            Message { body: bstr::concat([message.body.as_slice(), b"\n\n", paragraph.as_slice()]).into(), ..message }
        }
        None => message,
    }
}
