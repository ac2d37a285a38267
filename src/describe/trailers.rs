//! Trailers of commits → trailers of the patches that they were cut into.
//!
//! * A commit that stays whole keeps all of them, as they stand.
//! * Of several commits in one patch the author of most lines is the author; each other one is a `Co-developed-by:` followed by the sign-off that the
//!   commit has of them. One who did not sign off is named in a note: a sign-off is never made up. Source: kernel
//!   `Documentation/process/submitting-patches.rst`, "When to use Acked-by:, Cc:, and Co-developed-by:".
//! * What tells of a cause (`Fixes:`, `Closes:`, `Cc: stable` …) stays with the piece that holds the fix: that with most of the commit's lines in code
//!   that was there before, since new files and documents fix nothing.
//! * Who looked at a commit (`Reviewed-by:` …) did not look at a part of it, and where it was posted (`Link:` to the old mail) no part of it was.

use std::collections::BTreeMap;

use bstr::{BStr, BString, ByteSlice};

use super::parts::{Fit, Part};
use super::sources::Sources;
use crate::model::path_kind::is_documentation;
use crate::model::trailer::Trailer;
use crate::model::{EditId, Plan, Signature};

/// Trailers that tell who made and signed what.
const SIGNED: &[&str] = &["signed-off-by", "co-developed-by"];
/// Trailers that belong to the piece with the fix.
const CAUSE: &[&str] = &[
    "fixes",
    "closes",
    "resolves",
    "link",
    "buglink",
    "bugzilla",
    "bugzilla id",
    "coverity issue",
    "reported-by",
    "reported-and-tested-by",
    "suggested-by",
    "cc",
    "debugged-by",
];
/// Trailers of people who looked at another patch than this.
const LOOKED: &[&str] = &["reviewed-by", "acked-by", "tested-by"];

/// Where the lines of each commit went.
pub(super) struct Dealt {
    /// Lines of each commit.
    pub(super) of_commit: BTreeMap<usize, usize>,
    /// For each commit the patch that holds its fix.
    fix: BTreeMap<usize, usize>,
}

impl Dealt {
    /// Counts the lines of each commit, and finds the piece with the fix: most lines in code that both sides have, then most lines.
    pub(super) fn of(sources: &Sources<'_>, patches: &[Vec<EditId>]) -> Self {
        let mut of_commit: BTreeMap<usize, usize> = BTreeMap::new();
        let mut of_patch: BTreeMap<(usize, usize), (usize, usize)> = BTreeMap::new();
        for (idx, edit_id) in patches.iter().enumerate().flat_map(|(idx, patch)| patch.iter().map(move |edit_id| (idx, *edit_id)))
        {
            let Some(origin) = sources.origins[edit_id.idx()] else { continue };
            let lines = sources.weight(edit_id);
            let file = sources.analysis.change.file(sources.analysis.edits.get(edit_id).file_id);
            let is_code = file.base.is_some() && file.tip.is_some() && !is_documentation(file.path());
            let count = of_patch.entry((origin, idx)).or_default();
            count.0 += if is_code { lines } else { 0 };
            count.1 += lines;
        }
        // Edits that a bridge stands for are in no patch, and count as they would without one.
        for (edit_id, _) in sources.analysis.edits.iter() {
            if let Some(origin) = sources.origins[edit_id.idx()] {
                *of_commit.entry(origin).or_default() += sources.weight(edit_id);
            }
        }
        let mut fix: BTreeMap<usize, (usize, (usize, usize))> = BTreeMap::new();
        for ((origin, idx), count) in of_patch {
            let best = fix.entry(origin).or_insert((idx, count));
            if count > best.1 {
                *best = (idx, count);
            }
        }
        Dealt { of_commit, fix: fix.into_iter().map(|(origin, (idx, _))| (origin, idx)).collect() }
    }
}

/// Returns the trailers of the patch at `idx`, made of `parts`. Adds to `notes` what is left out, and whom only a person can name.
pub(super) fn trailers(
    sources: &Sources<'_>,
    idx: usize,
    parts: &[Part<'_>],
    author: &Signature,
    dealt: &Dealt,
    notes: &mut Vec<String>,
) -> Vec<BString> {
    let (mut told, mut pairs, mut signed, mut others) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (place, part) in parts.iter().filter(|part| part.fit != Fit::Also).enumerate() {
        let lines = part.said.message.trailers.clone();
        let whole = part.fit == Fit::Whole;
        if whole {
            return lines;
        }
        let wrote = part.author(sources);
        let is_other = wrote.email != author.email;
        let own = lines.iter().find(|line| key(line) == "signed-off-by" && is_of(line, &wrote)).cloned();
        if is_other {
            let who = BString::from(bstr::concat([wrote.name.as_slice(), b" <", &wrote.email, b">"]).trim_start());
            match &own {
                Some(own) => pairs.extend([bstr::concat([&b"Co-developed-by: "[..], &who]).into(), own.clone()]),
                None => {
                    notes.push(format!("{who} wrote a part of it and signed nothing off: Co-developed-by needs a Signed-off-by"))
                }
            }
        }
        let first_sign_off = lines.iter().position(|line| key(line) == "signed-off-by").unwrap_or(lines.len());
        for (at, line) in lines.into_iter().enumerate() {
            match key(&line).as_str() {
                _ if is_other && own.as_ref() == Some(&line) => {}
                // A note tells what the one who signs below it did.
                "" if place == 0 => signed.push(line),
                key if SIGNED.contains(&key) => if place == 0 { &mut signed } else { &mut others }.push(line),
                "link" | "message-id" if is_of_posting(&line, at > first_sign_off) => {
                    let is_fix = dealt.fix.get(&part.commit) == Some(&idx);
                    notes.extend(is_fix.then(|| format!("'{line}' names an earlier posting, and is left out")));
                }
                key if CAUSE.contains(&key) && (part.fit == Fit::Squashed || dealt.fix.get(&part.commit) == Some(&idx)) => {
                    told.push(line)
                }
                key if LOOKED.contains(&key) && place == 0 => {
                    notes.push(format!("'{line}' was given for a commit that is cut here, and is left out"));
                }
                _ => {}
            }
        }
    }
    // Who took the patches on signs behind who made them; who signed as the author needs no second line.
    let is_named = |line: &BString| pairs.contains(line) || signed.contains(line);
    others.retain(|line| !is_named(line) && key(line) == "signed-off-by");
    let mut kept: Vec<BString> = Vec::new();
    for line in told.into_iter().chain(pairs).chain(signed).chain(others) {
        if !kept.contains(&line) {
            kept.push(line);
        }
    }
    kept
}

/// Whether a `Link:` or `Message-ID:` names the mail that a commit was made of, as who takes it adds it behind the author's sign-off: `b4 am --add-link` and
/// `--add-message-id`. Sources: b4 documentation, "am and shazam", and kernel `Documentation/maintainer/configure-git.rst`, "Creating commit links to
/// lore.kernel.org".
fn is_of_posting(line: &BString, is_signed: bool) -> bool {
    key(line) == "message-id" || line.contains_str("//patch.msgid.link/") || is_signed && line.contains_str("//lore.kernel.org/")
}

/// Returns the trailers of those who looked at a patch.
pub fn looked(trailers: &[BString]) -> impl Iterator<Item = &BString> {
    trailers.iter().filter(|line| LOOKED.contains(&key(line).as_str()))
}

/// Adds a sign-off to the end of every message that it does not end already. Source: `git am --signoff`.
pub fn sign(plan: &mut Plan, line: &BStr) {
    for patch in &mut plan.campaign.patches {
        let trailers = &mut patch.message.trailers;
        if trailers.iter().rfind(|line| key(line) == "signed-off-by").is_none_or(|last| *last != line) {
            trailers.push(line.to_owned());
        }
    }
}

/// Whether a trailer names a person by their address.
fn is_of(line: &[u8], person: &Signature) -> bool {
    line.find([b"<", person.email.as_slice(), b">"].concat()).is_some()
}

/// Returns the key of a trailer in lower case, and nothing for a note.
fn key(line: &BString) -> String {
    let trailer = Trailer::of(line.as_ref()).or_else(|| Trailer::known(line.as_ref()));
    trailer.map_or_else(String::new, |trailer| trailer.key.to_str_lossy().to_ascii_lowercase())
}
