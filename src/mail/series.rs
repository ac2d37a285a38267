//! The mails of each series.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BStr, BString, ByteSlice, ByteVec};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::cover::{self, SeriesFacts, Trees};
use super::headers;
use super::message_id::MailOrigin;
use super::recipients::{self, Recipient};
use super::{CoverLetter, MailError, MailFile, MailSettings, SeriesMails, Thread, prefix};
use crate::analyze::project::owners;
use crate::describe::covers::without_why;
use crate::git::format_patch::{CleanRoom, MailCommit, MailStyle};
use crate::git::{GitError, Repository};
use crate::model::{Mailbox, ObjectId, Patch, Plan, Series, SeriesIdx, hex};
use crate::plan::change_id::change_id;
use crate::verify::steps::code_changed;
use crate::verify::store::{KnownVerdict, Store};
use crate::write::{Posting, Written, WrittenSeries};
use get_maintainer::Owners;

/// The last line of each mail: no version, so that the bytes do not change with it.
pub(super) const SIGNATURE: &str = "git-cleave";
/// What git writes for it.
const SIGNATURE_LINES: &[u8] = b"-- \ngit-cleave\n\n";
/// What `git send-email` refuses to send, found in a subject. Source: `git-send-email.perl`.
const NOT_TO_BE_SENT: &str = "*** SUBJECT HERE *** ";
/// Columns of the longest file name, its suffix included.
const NAME_WIDTH: usize = 64;

/// Makes the mails of every series, in the order of `written`, and writes nothing.
///
/// `recipients` holds those of each patch of the campaign. A series of one patch has no cover letter; what it would say of the
/// other series and of the base stands in the patch, below its `---` and below its diff.
///
/// First the mails are drafted, each with its name but for the first of a series, which speaks of the other series: its name is a hash of what the
/// first mails of all series say. Then these say where the others are.
///
/// # Errors
/// When plan, commits and recipients do not belong together, somebody cannot be written to, or git fails.
pub fn mails(
    repository: &Repository,
    plan: &Posting,
    written: &Written,
    recipients: &[Vec<Recipient>],
    settings: &MailSettings,
) -> Result<Vec<SeriesMails>, MailError> {
    check(plan, written, recipients)?;
    let is_nobody = |patch: &&Patch| !settings.draft && !Mailbox::from(&patch.author).is_address();
    if let Some(Patch { patch_id, author, .. }) = plan.campaign.patches.iter().find(is_nobody) {
        let author = bstr::concat([author.name.as_slice(), b" <", &author.email, b">"]).into();
        return Err(MailError::Author { patch_id: patch_id.clone(), author });
    }
    let is_kept = |series_idx: &SeriesIdx| settings.kept.contains_key(&plan.campaign.series[series_idx.0].name);
    let silent: Vec<SeriesIdx> = without_why(plan).into_iter().filter(|series_idx| !is_kept(series_idx)).collect();
    if !settings.draft && !silent.is_empty() {
        let name = |series: &SeriesIdx| plan.campaign.series[series.0].name.clone();
        return Err(MailError::NoWhy(silent.iter().map(name).collect()));
    }
    let mut silent: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for (name, _) in settings.since.iter().filter(|(_, since)| since.is_silent) {
        silent.entry(settings.number(name).version).or_default().push(name.clone());
    }
    if !settings.draft && !silent.is_empty() {
        return Err(MailError::NoChangelog { series: silent });
    }
    let room = repository.clean_room(plan.change.tip_tree_id).map_err(MailError::CleanRoom)?;
    let needed: BTreeSet<ObjectId> = written.series.iter().flat_map(|series| &series.prerequisites).copied().collect();
    let needed: Vec<ObjectId> = needed.into_iter().collect();
    let patch_ids = room.patch_ids(&needed).map_err(MailError::CleanRoom)?.into_iter().collect();
    let store = Store::of(repository.common_dir());
    let trees = std::iter::once(&plan.change.base_tree_id).chain(&written.trees);
    let code = trees.zip(&written.trees).map(|(&before, &after)| code_changed(repository, before, after));
    let code: Vec<Vec<BString>> = code.collect::<Result<_, _>>().map_err(MailError::CleanRoom)?;
    let root = |series: &WrittenSeries| Ok((series.root, repository.tree_of(series.root)?));
    let roots: BTreeMap<ObjectId, ObjectId> =
        written.series.iter().map(root).collect::<Result<_, _>>().map_err(MailError::CleanRoom)?;
    let owners = owners(repository, &plan.change).map_err(MailError::CleanRoom)?;
    let desk = Desk {
        room: &room,
        plan,
        written,
        recipients,
        settings,
        patch_ids: &patch_ids,
        store: &store,
        code: &code,
        roots: &roots,
        has_maintainers: !matches!(owners, Owners::Folders),
    };
    let mailed: Vec<&WrittenSeries> = written.series.iter().filter(|series| !is_kept(&series.series)).collect();
    if !settings.may_fail {
        let failing = |series: &&WrittenSeries| Some((series.series, desk.of_builds(series, cover::failing)?));
        if let Some((series_idx, (place, build))) = mailed.iter().find_map(failing) {
            let series = &plan.campaign.series[series_idx.0];
            let subject = plan.campaign.patch(series.patches[place]).message.subject.clone();
            return Err(MailError::Fails { series: series.name.clone(), number: place + 1, subject, build });
        }
    }
    let mut drafts: Vec<Draft<'_>> = mailed.into_par_iter().map(|series| desk.draft(series)).collect::<Result<_, _>>()?;
    let mut links = desk.kept()?;
    desk.name(&mut drafts, &links)?;
    for draft in &drafts {
        links[draft.written.series.0] = link(&draft.first_id, is_on_lore(draft.to.iter().chain(&draft.cc)));
    }
    drafts.into_par_iter().map(|draft| desk.finish(draft, &links)).collect()
}

/// Hosts of lists that lore.kernel.org keeps.
const ON_LORE: &[&str] = &[
    "gnu.org",
    "infradead.org",
    "kernel.org",
    "kvack.org",
    "linux.dev",
    "lists.denx.de",
    "lists.freedesktop.org",
    "lists.ozlabs.org",
    "lists.xenproject.org",
    "nongnu.org",
];

/// Returns where a mail can be read: on lore where one of its lists is kept there, else its name.
fn link(message_id: &str, is_on_lore: bool) -> String {
    match is_on_lore {
        true => format!("https://lore.kernel.org/r/{}", message_id.trim_matches(['<', '>'])),
        false => message_id.to_owned(),
    }
}

/// Whether one of those who get the mails of a series is a list that is kept on lore.
fn is_on_lore<'m>(mut people: impl Iterator<Item = &'m Mailbox>) -> bool {
    let is_kept = |mailbox: &Mailbox| {
        let host = mailbox.email.rsplit_once_str("@").map_or(BString::default(), |(_, host)| host.to_ascii_lowercase().into());
        let ends = |kept: &str| host == kept || host.ends_with(format!(".{kept}").as_bytes());
        // People have names before their addresses, lists have none.
        mailbox.name.is_empty() && ON_LORE.iter().any(|kept| ends(kept))
    };
    people.any(is_kept)
}

/// What all series share.
#[derive(Clone, Copy)]
struct Desk<'d> {
    room: &'d CleanRoom,
    plan: &'d Plan,
    written: &'d Written,
    recipients: &'d [Vec<Recipient>],
    settings: &'d MailSettings,
    patch_ids: &'d BTreeMap<ObjectId, String>,
    store: &'d Store,
    /// The code that each patch of the whole change changes.
    code: &'d [Vec<BString>],
    /// The trees of the commits on which the series stand.
    roots: &'d BTreeMap<ObjectId, ObjectId>,
    has_maintainers: bool,
}

/// The mails of a series, each with its name, before they say anything of the others.
struct Draft<'d> {
    written: &'d WrittenSeries,
    prefix: String,
    commits: Vec<MailCommit>,
    notes: Vec<String>,
    /// The patches, each with its name; that of an only patch is not known yet.
    mails: Vec<(Mail, String)>,
    /// The subject of the cover letter, where there is one.
    cover: Option<BString>,
    /// The name of the mail that all others reply to, once it is known.
    first_id: String,
    /// What changed since the last version, in words and as git compares it.
    changes: (Vec<u8>, Vec<u8>),
    /// What it says of builds.
    built: BString,
    /// Shortlog and diffstat of a cover letter.
    figures: Vec<Vec<u8>>,
    /// Everybody who gets one of the mails.
    to: Vec<Mailbox>,
    cc: Vec<Mailbox>,
}

impl<'d> Desk<'d> {
    fn draft(self, written: &'d WrittenSeries) -> Result<Draft<'d>, MailError> {
        let series = &self.plan.campaign.series[written.series.0];
        let git = |source: GitError| MailError::Git { series: series.name.clone(), source };
        let prefix = prefix::prefix(self.settings, series, written.series)?;
        let commits = self.room.commits(&written.commits).map_err(git)?;
        let version = self.settings.number(&series.name).version;
        let style = MailStyle { prefix: prefix.clone(), version, signature: SIGNATURE.into() };
        let bodies = self.room.format_patch(written.base, &written.commits, &style).map_err(git)?;
        let has_crlf = bodies.iter().any(|body| body.contains_str("\r\n"));
        let is_base_public = self.settings.is_base_public || written.root != self.plan.change.base_commit_id;
        let mut notes = cover::onto(&written.onto, self.plan.campaign.home(series.home).tree.as_ref().map(AsRef::as_ref));
        notes.extend(cover::notes(&commits, has_crlf, is_base_public));
        let named = MailOrigin { campaign: &self.plan.name, series: &series.name, settings: self.settings };
        let mut mails = Vec::with_capacity(bodies.len());
        for (idx, body) in bodies.iter().enumerate() {
            let patch = self.plan.campaign.patch(series.patches[idx]);
            let Some(mail) = Mail::parse(body) else {
                return Err(MailError::Mismatch(format!("patch '{}' changes nothing", patch.patch_id)));
            };
            let message_id = named.message_id(&patch.patch_id, idx + 1, &[&mail.headers, &mail.body]);
            mails.push((mail, message_id));
        }
        let (mut cover, mut figures) = (None, Vec::new());
        if mails.len() > 1 {
            let mut subject = one_line(series.cover.subject.as_ref());
            let is_silent = self.settings.since.get(&series.name).is_some_and(|since| since.is_silent);
            if is_silent || without_why(self.plan).contains(&written.series) {
                subject.insert_str(0, NOT_TO_BE_SENT);
            }
            if subject.is_empty() {
                return Err(MailError::NoSubject { series: series.name.clone(), n_patches: mails.len() });
            }
            cover = Some(subject);
            let tip = *written.commits.last().expect("a cover letter has patches");
            figures.push(self.room.shortlog(written.base, tip).map_err(git)?);
            figures.push(self.room.diffstat(written.base, tip).map_err(git)?);
        }
        let patches: Vec<usize> = series.patches.iter().map(|patch_idx| patch_idx.0).collect();
        let (to, cc) = self.to_and_cc(&patches)?;
        let changes = self.changes(written)?;
        let built = self.built(written);
        Ok(Draft { written, prefix, commits, notes, mails, cover, first_id: String::new(), changes, built, figures, to, cc })
    }

    /// Returns what a series says of builds.
    fn built(self, written: &WrittenSeries) -> BString {
        match self.settings.built.get(&self.plan.campaign.series[written.series.0].name) {
            Some(said) => said.clone(),
            None => self.of_builds(written, cover::built),
        }
    }

    /// Returns what the builds that are known say of a series.
    fn of_builds<T>(self, written: &WrittenSeries, say: fn(Trees<'_>, &dyn Fn(ObjectId) -> Vec<KnownVerdict>) -> T) -> T {
        let series = &self.plan.campaign.series[written.series.0];
        let whole: Vec<ObjectId> =
            series.patches.iter().filter_map(|patch_idx| self.written.trees.get(patch_idx.0).copied()).collect();
        let code: Vec<Vec<BString>> = series.patches.iter().filter_map(|patch_idx| self.code.get(patch_idx.0).cloned()).collect();
        let is_elsewhere = written.root != self.plan.change.base_commit_id;
        let bases = [self.plan.change.base_tree_id, self.roots[&written.root]];
        let trees = Trees { own: &written.trees, whole: &whole, bases: &bases, code: &code, is_elsewhere };
        say(trees, &|tree_id| self.store.known(tree_id))
    }

    /// Returns where the series can be read that are not mailed, by [`SeriesIdx`]; nothing for the others.
    fn kept(self) -> Result<Vec<String>, MailError> {
        let of = |series: &Series| {
            let Some(message_id) = self.settings.kept.get(&series.name) else { return Ok(String::new()) };
            let patches: Vec<usize> = series.patches.iter().map(|patch_idx| patch_idx.0).collect();
            let (to, cc) = self.to_and_cc(&patches)?;
            Ok(link(message_id, is_on_lore(to.iter().chain(&cc))))
        };
        self.plan.campaign.series.iter().map(of).collect()
    }

    /// Names the first mail of each series. These say where the others are, by their names: so each is named by what all of them say, and a
    /// name stands for one text all the same. `links` say where those are that are not mailed.
    fn name(self, drafts: &mut [Draft<'_>], links: &[String]) -> Result<(), MailError> {
        let first = |draft: &Draft<'_>| self.first(draft, links).map(|(_, mail)| mail);
        let firsts: Vec<Mail> = drafts.par_iter().map(first).collect::<Result<_, _>>()?;
        let all: Vec<&[u8]> = firsts.iter().flat_map(|mail| [mail.headers.as_slice(), &mail.body]).collect();
        let lore: Vec<u8> = drafts.iter().map(|draft| u8::from(is_on_lore(draft.to.iter().chain(&draft.cc)))).collect();
        for draft in drafts {
            let series = &self.plan.campaign.series[draft.written.series.0];
            let named = MailOrigin { campaign: &self.plan.name, series: &series.name, settings: self.settings };
            let content: Vec<&[u8]> = all.iter().copied().chain([lore.as_slice()]).collect();
            draft.first_id = match &draft.cover {
                Some(_) => named.message_id("", 0, &content),
                None => named.message_id(&self.plan.campaign.patch(series.patches[0]).patch_id, 1, &content),
            };
        }
        Ok(())
    }

    /// Returns the mail that all others of a series reply to, its cover letter or its only patch, and what that says beside figures and diff.
    fn first(self, draft: &Draft<'_>, links: &[String]) -> Result<(BString, Mail), MailError> {
        let series_idx = draft.written.series;
        let has_maintainers = self.has_maintainers;
        let known = SeriesFacts { plan: self.plan, series_idx, links, built: &draft.built, notes: &draft.notes, has_maintainers };
        let (changelog, range_diff) = &draft.changes;
        if let Some(subject) = &draft.cover {
            let text = [cover::body(known), changelog.clone()].into_iter();
            let text = BString::from(bstr::join("\n", text.filter(|part| !part.is_empty())));
            let mail = self.cover(draft, subject.as_ref(), text.as_ref())?;
            return Ok((text, mail));
        }
        let text = BString::from(paragraphs(&[cover::aside(known), changelog.clone()]));
        let (mut mail, _) = draft.mails.first().cloned().expect("a series has patches");
        mail.say_aside(&paragraphs(&[text.to_vec(), range_diff.clone()]));
        mail.say_base(&self.base(draft.written));
        mail.declare();
        Ok((text, mail))
    }

    /// Lets the mails of a series say where the others are, and what it stands on.
    fn finish(self, mut draft: Draft<'_>, links: &[String]) -> Result<SeriesMails, MailError> {
        let series_idx = draft.written.series;
        let series = &self.plan.campaign.series[series_idx.0];
        let says = self.says(&draft);
        let shown = |mailboxes: &[Mailbox]| mailboxes.iter().map(Mailbox::shown).collect();
        let mut letter = CoverLetter {
            to: shown(&draft.to),
            cc: shown(&draft.cc),
            prerequisites: self.needed(draft.written),
            built: draft.built.clone(),
            ..CoverLetter::default()
        };
        let mut files = Vec::with_capacity(draft.mails.len() + 1);
        // Those a mail stands below, the first one first.
        let mut ancestors = Vec::new();
        let (text, mail) = self.first(&draft, links)?;
        letter.text = text;
        if let Some(subject) = &draft.cover {
            letter.subject = subject.clone();
            let bytes = mail.bytes(&draft.first_id, &[], &draft.to, &draft.cc);
            files.push(MailFile {
                name: self.file_name(series, 0, "cover-letter"),
                bytes,
                message_id: draft.first_id.clone(),
                subject: subject.clone(),
                to: draft.to.clone(),
                cc: draft.cc.clone(),
            });
            ancestors.push(draft.first_id.clone());
        } else {
            letter.subject = draft.commits[0].subject.clone();
            draft.mails = vec![(mail, draft.first_id.clone())];
        }
        for (idx, ((mut mail, message_id), commit)) in draft.mails.into_iter().zip(&draft.commits).enumerate() {
            if draft.cover.is_some() {
                mail.declare();
            }
            let (to, cc) = self.to_and_cc(&[series.patches[idx].0])?;
            let name = self.file_name(series, idx + 1, &commit.slug);
            let bytes = mail.bytes(&message_id, &ancestors, &to, &cc);
            let subject = commit.subject.clone();
            files.push(MailFile { name, bytes, message_id: message_id.clone(), subject, to, cc });
            if self.settings.thread == Thread::Deep {
                ancestors.push(message_id);
            }
        }
        Ok(SeriesMails { series: series_idx, folder: series.name.clone(), files, letter, says })
    }

    /// Returns a hash of what a series says by itself. A series of which this is as it was needs no other version.
    fn says(self, draft: &Draft<'_>) -> String {
        let series = &self.plan.campaign.series[draft.written.series.0];
        let number = self.settings.number(&series.name);
        let cover = draft.cover.as_ref().map(|_| cover::own(self.plan, draft.written.series)).unwrap_or_default();
        let base = draft.written.root.to_string();
        let needed = self.needed(draft.written).join(" ");
        let mut fields: Vec<Vec<u8>> = vec![
            format!("v{} {} of {}", number.version, draft.prefix, draft.mails.len()).into(),
            draft.cover.clone().unwrap_or_default().into(),
            cover,
            draft.changes.0.clone(),
            base.into(),
            needed.into(),
        ];
        for (mail, _) in &draft.mails {
            let lines = mail.headers.lines_with_terminator().filter(|line| !line.starts_with(b"Date: "));
            fields.push(lines.collect::<Vec<_>>().concat());
            fields.push(mail.body.clone());
        }
        let mut hash = Sha256::new();
        for field in fields {
            hash.update((field.len() as u64).to_be_bytes());
            hash.update(field);
        }
        hex(&hash.finalize()[..12])
    }

    /// Returns the cover letter.
    fn cover(self, draft: &Draft<'_>, subject: &BStr, text: &BStr) -> Result<Mail, MailError> {
        let written = draft.written;
        let n_patches = written.commits.len();
        let sender = self.settings.sender.as_ref().unwrap_or(&self.plan.change.committer);
        let mut headers = headers::author(sender).ok_or_else(|| MailError::Time(sender.time.clone()))?;
        let version = match self.settings.number(&self.plan.campaign.series[written.series.0].name).version {
            1 => String::new(),
            version => format!(" v{version}"),
        };
        let zeros = "0".repeat(n_patches.to_string().len());
        let tag = format!("[{}{version} {zeros}/{n_patches}]", draft.prefix);
        headers.extend_from_slice(&headers::subject(&tag, subject));
        let tip = *written.commits.last().expect("a cover letter has patches");
        let mut body = text.to_vec();
        for part in draft.figures.iter().chain([&draft.changes.1]).filter(|part| !part.is_empty()) {
            body.push(b'\n');
            body.extend_from_slice(part.trim_end_with(|c| c == '\n'));
            body.push(b'\n');
        }
        body.push(b'\n');
        body.extend_from_slice(SIGNATURE_LINES);
        let first = format!("From {tip} Mon Sep 17 00:00:00 2001\n").into_bytes();
        let mut mail = Mail { first, headers, body, aside: 0 };
        mail.say_base(&self.base(written));
        mail.declare();
        Ok(mail)
    }

    /// Returns what the mails say of earlier versions: what changed in words, and as git compares them.
    fn changes(self, written: &WrittenSeries) -> Result<(Vec<u8>, Vec<u8>), MailError> {
        let name = &self.plan.campaign.series[written.series.0].name;
        let (Some(since), Some(tip)) = (self.settings.since.get(name), written.commits.last()) else {
            return Ok(Default::default());
        };
        let Some((version, base, old_tip)) = since.against else { return Ok((since.changelog.to_vec(), Vec::new())) };
        let compared = self.room.range_diff((base, old_tip), (written.base, *tip));
        let compared = compared.map_err(|source| MailError::Git { series: name.clone(), source })?;
        let title = format!("Range-diff against v{version}:\n").into_bytes();
        Ok((since.changelog.to_vec(), [title, compared].concat()))
    }

    /// Returns the lines that tell what a series is and stands on. Sources: `git format-patch` documentation, "Base tree information"; b4's
    /// contributor documentation, "Working with series dependencies".
    fn base(self, written: &WrittenSeries) -> String {
        let campaign = &self.plan.campaign;
        let change_id = |series_idx: SeriesIdx| change_id(self.plan, &campaign.series[series_idx.0].name);
        let mut out = match self.plan.change.base_tree_id.is_empty_tree() {
            // Nobody has the commit that a first commit was made to stand on, and nobody needs it.
            true => String::new(),
            false => format!("base-commit: {}\n", written.root),
        };
        out.push_str(&format!("change-id: {}\n", change_id(written.series)));
        for needed in campaign.all_needs(written.series) {
            let version = self.settings.number(&campaign.series[needed.0].name).version;
            out.push_str(&format!("prerequisite-change-id: {}:v{version}\n", change_id(needed)));
        }
        for patch_id in self.needed(written) {
            out.push_str(&format!("prerequisite-patch-id: {patch_id}\n"));
        }
        out
    }

    /// Returns the patch ids of what a series needs, in order.
    fn needed(self, written: &WrittenSeries) -> Vec<String> {
        written.prerequisites.iter().filter_map(|commit_id| self.patch_ids.get(commit_id).cloned()).collect()
    }

    /// Returns who gets a mail about these patches. The sender is not told of it, but may be asked.
    fn to_and_cc(self, patches: &[usize]) -> Result<(Vec<Mailbox>, Vec<Mailbox>), MailError> {
        for &patch in patches {
            recipients::union(&self.recipients[patch]).map_err(|wrong| MailError::Recipient {
                patch_id: self.plan.campaign.patches[patch].patch_id.clone(),
                address: wrong.mailbox.shown(),
            })?;
        }
        let all = patches.iter().flat_map(|patch| &self.recipients[*patch]);
        let (to, mut cc) = recipients::union(all).expect("each of them was read just now");
        let sender = self.settings.sender.as_ref().map(|sender| Mailbox::from(sender).key());
        cc.retain(|mailbox| sender.as_ref() != Some(&mailbox.key()));
        Ok((to, cc))
    }

    /// Returns the name git gives the file of a mail.
    fn file_name(self, series: &Series, number: usize, slug: &str) -> String {
        let version = match self.settings.number(&series.name).version {
            1 => String::new(),
            version => format!("v{version}-"),
        };
        let mut name = format!("{version}{number:04}-{slug}");
        name.truncate(NAME_WIDTH - ".patch".len() - 1);
        name.push_str(".patch");
        name
    }
}

/// Returns a text as a header holds it.
fn one_line(text: &BStr) -> BString {
    let lines: Vec<&[u8]> = text.lines().map(ByteSlice::trim).collect();
    bstr::join(" ", lines).trim().into()
}

/// A mail in its parts.
#[derive(Debug, Clone)]
struct Mail {
    /// `From <id> Mon Sep 17 00:00:00 2001`.
    first: Vec<u8>,
    /// From, Date, Subject and what tells the encoding.
    headers: Vec<u8>,
    /// All after the empty line, to the empty line after the signature.
    body: Vec<u8>,
    /// Where the line after `---` begins in the body; 0 in a cover letter.
    aside: usize,
}

impl Mail {
    /// Takes apart what `git format-patch` wrote; `None` for a commit that changes nothing, whose mail has no `---`.
    ///
    /// The first such line is the one: no branch is written with a message that holds another.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let first = bytes.find_byte(b'\n')? + 1;
        let end = first + bytes[first..].find(b"\n\n")? + 1;
        let body = &bytes[end + 1..];
        let aside = if body.starts_with(b"---\n") { 4 } else { body.find(b"\n---\n")? + 5 };
        let (first, headers) = (bytes[..first].to_vec(), bytes[first..end].to_vec());
        body.ends_with(SIGNATURE_LINES).then(|| Mail { first, headers, body: body.to_vec(), aside })
    }

    /// Puts a text below the line `---`, above the diffstat.
    fn say_aside(&mut self, text: &[u8]) {
        self.body.splice(self.aside..self.aside, text.iter().copied());
    }

    /// Puts a block above the signature, as `--base` does.
    fn say_base(&mut self, block: &str) {
        let at = self.body.len() - SIGNATURE_LINES.len();
        self.body.splice(at..at, format!("\n{block}").into_bytes());
    }

    /// Declares the encoding of a body that is not ASCII, where git does not: it looks at messages only, and send-email asks
    /// for the rest. A file in no encoding we know is passed on byte for byte as Latin-1, which has no wrong bytes.
    fn declare(&mut self) {
        if self.body.is_ascii() || self.headers.contains_str("\nMIME-Version: ") {
            return;
        }
        let charset = if self.body.is_utf8() { "UTF-8" } else { "ISO-8859-1" };
        let lines =
            ["MIME-Version: 1.0\n", "Content-Type: text/plain; charset=", charset, "\n", "Content-Transfer-Encoding: 8bit\n"];
        self.headers.extend_from_slice(lines.concat().as_bytes());
    }

    fn bytes(&self, message_id: &str, ancestors: &[String], to: &[Mailbox], cc: &[Mailbox]) -> Vec<u8> {
        let mut thread = format!("Message-ID: {message_id}\n");
        if let Some(parent) = ancestors.last() {
            thread.push_str(&format!("In-Reply-To: {parent}\nReferences: {}\n", ancestors.join("\n\t")));
        }
        let (to, cc) = (headers::addresses("To", to), headers::addresses("Cc", cc));
        bstr::concat([&self.first, thread.as_bytes(), &self.headers, &to, &cc, b"\n", &self.body])
    }
}

/// Returns texts with an empty line behind each; what is empty is left out.
fn paragraphs(parts: &[Vec<u8>]) -> Vec<u8> {
    parts.iter().filter(|part| !part.is_empty()).flat_map(|part| [part.trim_end(), b"\n\n"].concat()).collect()
}

/// Checks that every index can be followed.
fn check(plan: &Plan, written: &Written, recipients: &[Vec<Recipient>]) -> Result<(), MailError> {
    let campaign = &plan.campaign;
    let mismatch = |what: String| Err(MailError::Mismatch(what));
    if recipients.len() != campaign.patches.len() {
        return mismatch(format!("{} patches, recipients of {}", campaign.patches.len(), recipients.len()));
    }
    for written in &written.series {
        let Some(series) = campaign.series.get(written.series.0) else {
            return mismatch(format!("branch '{}' is of no series", written.branch));
        };
        let is_known = series.patches.iter().all(|patch_idx| patch_idx.0 < campaign.patches.len());
        if !is_known || series.patches.len() != written.commits.len() {
            let (n_patches, n_commits) = (series.patches.len(), written.commits.len());
            return mismatch(format!("series '{}' has {n_patches} patches, its branch {n_commits} commits", series.name));
        }
    }
    Ok(())
}
