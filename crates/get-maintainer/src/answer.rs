//! Who is asked about paths or about a patch, and what the script prints about them.
//!
//! The order of events matters and is the script's: people and lists of the ranked sections, file by file, then of sections whose
//! keyword stands in the text; one person under two names or addresses is one (the first), after `.mailmap`; then git's history, the
//! addresses inside the files, and who signed the commits of `Fixes:` lines. Source: `get_maintainers`, `add_categories`,
//! `deduplicate_email`, `push_email_address`, `add_role`, `vcs_assign`, `merge_email` of the script.

use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};

use bstr::{BStr, BString, ByteSlice};

use super::contact::{Contact, key};
use super::dialect::Dialect;
use super::history::Signers;
use super::in_file;
use super::keywords::KeywordIdx;
use super::mailbox::Mailbox;
use super::maintainers::Maintainers;
use super::role::Role;
use super::section::{Place, SectionIdx};

/// What brought somebody in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Because {
    /// This `F:` or `N:` line matches the path.
    Pattern(Place),
    /// This `K:` line matches the text.
    Keyword(Place),
    /// The address stands in the file.
    InFile,
    /// They signed this commit, which a `Fixes:` line names.
    Fixes(BString),
    /// They signed or wrote commits to the file.
    History,
}

/// One of the reasons why somebody is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// What brought them in.
    pub because: Because,
    /// What they are by this reason.
    pub role: Role,
    /// The section that names them.
    pub section_idx: Option<SectionIdx>,
    /// Which of the paths that were asked for, where it was one.
    pub path_idx: Option<usize>,
}

/// Somebody who is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// Name and address; the address is empty for an `L:` line without one, which the script prints too, and `@user` or `@org/team`
    /// where CODEOWNERS says so.
    pub mailbox: Mailbox,
    /// What they are by the first reason.
    pub role: Role,
    /// What the script prints in parentheses (`maintainer:MEMORY MANAGEMENT,in file`).
    pub says: BString,
    /// Why; the first is what made the script take them in, never empty.
    pub reasons: Vec<Reason>,
}

impl Owner {
    /// Returns the script's line, without its newline.
    pub fn line(&self, shows_roles: bool) -> BString {
        match shows_roles {
            true => bstr::concat([self.mailbox.printed().as_slice(), b" (", &self.says, b")"]).into(),
            false => self.mailbox.printed(),
        }
    }
}

/// Who is asked, and what was claimed to be whose.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// In the order in which the script prints them.
    pub owners: Vec<Owner>,
    /// The sections that claim a path or whose keyword was met, in the order in which they were met, perhaps more than once; each with
    /// what the script puts behind its lines (`:Keyword:…`).
    pub sections: Vec<(SectionIdx, BString)>,
}

impl Answer {
    /// Returns the lines with this letter of all sections, each once, as `--scm`, `--status`, `--web` and `--bug` print them.
    pub fn values(&self, maintainers: &Maintainers, letter: u8) -> Vec<BString> {
        let lines = self.sections.iter().flat_map(|(section_idx, suffix)| {
            let values = maintainers.section(*section_idx).values(letter);
            values.map(move |value| BString::from(bstr::concat([value.as_bytes(), suffix])))
        });
        each_once(lines)
    }

    /// Returns the names of the sections, each once, as `--subsystem` prints them.
    pub fn names(&self, maintainers: &Maintainers) -> Vec<BString> {
        each_once(self.sections.iter().map(|(section_idx, _)| maintainers.section(*section_idx).name.clone()))
    }
}

fn each_once(texts: impl Iterator<Item = BString>) -> Vec<BString> {
    let mut seen = HashSet::new();
    texts.filter(|text| seen.insert(text.clone())).collect()
}

/// What is asked: paths, and what else is known of the patch that touches them.
#[derive(Debug, Default)]
pub struct Question<'q> {
    /// The paths, in the order in which they are asked for (a patch's: sorted), each with its content where [`Maintainers::reads`]
    /// wants it. A folder's path ends in a slash.
    pub paths: Vec<(&'q BStr, Option<Cow<'q, [u8]>>)>,
    /// The keywords that stand in the patch.
    pub keywords: Vec<KeywordIdx>,
    /// By path: the log of its commits ([`super::history::FORMAT`] with `--numstat`), where [`Maintainers::asks_history`] wants it.
    pub history: BTreeMap<usize, Vec<u8>>,
    /// The commits of the `Fixes:` lines with the log of each, empty for one that is not there.
    pub fixes: Vec<(BString, Vec<u8>)>,
}

impl Maintainers {
    /// Returns who is asked about `path`, in the order in which the script prints them.
    ///
    /// `content` is the file's, where it is a file that can be read. A folder's path ends in a slash. `is_dir` says whether a path
    /// without one is a folder.
    pub fn owners(&self, path: &BStr, content: Option<&[u8]>, is_dir: &dyn Fn(&BStr) -> bool) -> Vec<Owner> {
        let content = content.filter(|_| self.reads(path));
        let keywords = content.map(|content| self.keywords_in_file(path, content)).unwrap_or_default();
        let question = Question { paths: vec![(path, content.map(Cow::Borrowed))], keywords, ..Question::default() };
        self.answer(&question, is_dir).owners
    }

    /// Whether the content of this file, when it is asked for by its path, changes the answer.
    pub fn reads(&self, path: &BStr) -> bool {
        self.reads_addresses(path) || self.options.keywords_in_file && self.options.keywords && self.has_keywords()
    }

    /// Whether the addresses in this file count. In Xen and QEMU they do only where the path is asked for, not a patch.
    pub fn reads_addresses(&self, path: &BStr) -> bool {
        let is_yaml = self.dialect.reads_yaml() && path.ends_with(b".yaml");
        (self.options.file_emails || is_yaml) && !is_maintainers(path)
    }

    /// Returns the keywords that stand in a file which is asked for by its path.
    pub fn keywords_in_file(&self, path: &BStr, content: &[u8]) -> Vec<KeywordIdx> {
        match self.options.keywords && self.options.keywords_in_file && path != "MAINTAINERS" {
            true => self.keywords.in_content(content),
            false => Vec::new(),
        }
    }

    /// Whether git's history is asked about this path: always with `--git`, with `--git-fallback` where no pattern names the file
    /// itself in a section that is looked after.
    pub fn asks_history(&self, path: &BStr, is_dir: &dyn Fn(&BStr) -> bool) -> bool {
        let may_fall_back = self.dialect == Dialect::Xen || !path.ends_with(b"MAINTAINERS");
        let options = &self.options;
        options.email && (options.git || options.git_fallback && may_fall_back && !self.is_exact(path, is_dir))
    }

    /// Returns who is asked. For `is_dir` see [`Maintainers::owners`].
    pub fn answer(&self, question: &Question, is_dir: &dyn Fn(&BStr) -> bool) -> Answer {
        let mut table = Roster::new(self);
        let mut sections = Vec::new();
        let mut in_files: Vec<(usize, Mailbox)> = Vec::new();
        let mut is_claimed = true;
        for (path_idx, (path, content)) in question.paths.iter().enumerate() {
            let claims = self.claims(path, is_dir);
            for claim in &claims {
                sections.push((claim.section_idx, BString::default()));
                table.add(claim.section_idx, &Because::Pattern(claim.place), Some(path_idx), b"");
            }
            is_claimed &= claims.iter().any(|claim| !self.is_supported_rest(claim.section_idx));
            if let Some(content) = content.as_ref().filter(|_| self.reads_addresses(path)) {
                for mailbox in in_file::mailboxes(content, self.dialect) {
                    if in_files.iter().all(|(_, known)| *known != mailbox) {
                        in_files.push((path_idx, mailbox));
                    }
                }
            }
        }
        if self.options.drops_the_rest {
            table.drop_the_rest(is_claimed);
        }
        for idx in &question.keywords {
            let keyword = self.keywords.get(*idx);
            let line = &self.section(keyword.section_idx).lines[keyword.line_idx];
            let suffix = match self.dialect.names_keyword() {
                true => bstr::concat([b":Keyword:", line.value.as_slice()]),
                false => Vec::new(),
            };
            table.add(keyword.section_idx, &Because::Keyword(line.place), None, &suffix);
            sections.push((keyword.section_idx, suffix.into()));
        }
        table.deduplicate();
        for (path_idx, log) in &question.history {
            table.add_history(*path_idx, question.paths[*path_idx].0, log);
        }
        if !self.options.chiefs {
            let chief = self.dialect.chief(self.options.names);
            table.people.retain(|row| !contains(&row.mailbox.printed(), chief));
        }
        for (path_idx, mailbox) in in_files {
            let mailbox = if self.dialect.reads_yaml() { self.mailmap.mapped(&mailbox) } else { mailbox };
            let reason = Reason { because: Because::InFile, role: Role::InFile, section_idx: None, path_idx: Some(path_idx) };
            table.push(&mailbox, reason.clone());
            table.add_role(&mailbox, b"in file", &reason);
        }
        for (commit, log) in &question.fixes {
            table.add_fixes(commit, log);
        }
        Answer { owners: table.printed(), sections }
    }

    fn is_supported_rest(&self, section_idx: SectionIdx) -> bool {
        let section = self.section(section_idx);
        let status = section.status().map_or(b"unknown".as_slice(), |status| status);
        section.name == "THE REST" && Role::of_status(status, self.dialect) == Role::Supporter
    }
}

/// `\bMAINTAINERS$`
fn is_maintainers(path: &BStr) -> bool {
    path.strip_suffix(b"MAINTAINERS")
        .is_some_and(|before| before.last().is_none_or(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'_')))
}

/// Whether `text` holds `wanted`, where a dot stands for any byte but a newline.
fn contains(text: &[u8], wanted: &[u8]) -> bool {
    let is_same = |(byte, wanted): (&u8, &u8)| byte == wanted || *wanted == b'.' && *byte != b'\n';
    text.windows(wanted.len()).any(|window| window.iter().zip(wanted).all(is_same))
}

/// People and lists while they are gathered.
struct Roster<'m> {
    maintainers: &'m Maintainers,
    people: Vec<RosterEntry<'m>>,
    lists: Vec<RosterEntry<'m>>,
    /// Names and addresses that were taken in, as written, in small letters.
    names: HashSet<Cow<'m, BStr>>,
    emails: HashSet<Cow<'m, BStr>>,
    list_emails: HashSet<&'m BStr>,
    /// Who is printed for a name or an address, in small letters.
    by_name: HashMap<BString, Mailbox>,
    by_email: HashMap<BString, Mailbox>,
}

struct RosterEntry<'m> {
    mailbox: Mailbox,
    contact: Option<&'m Contact>,
    says: BString,
    reasons: Vec<Reason>,
}

impl<'m> Roster<'m> {
    fn new(maintainers: &'m Maintainers) -> Self {
        Roster {
            maintainers,
            people: Vec::new(),
            lists: Vec::new(),
            names: HashSet::new(),
            emails: HashSet::new(),
            list_emails: HashSet::new(),
            by_name: HashMap::new(),
            by_email: HashMap::new(),
        }
    }

    fn removes_duplicates(&self) -> bool {
        self.maintainers.options.removes_duplicates
    }

    /// Adds those whom a section names.
    fn add(&mut self, section_idx: SectionIdx, because: &Because, path_idx: Option<usize>, suffix: &[u8]) {
        let maintainers: &'m Maintainers = self.maintainers;
        for contact in &maintainers.contacts[section_idx.0] {
            let Mailbox { name, email } = &contact.written;
            let is_list = contact.role.is_list();
            let is_known = match is_list {
                true => self.list_emails.contains(email.as_bstr()),
                false => {
                    self.removes_duplicates() && (self.names.contains(name.as_bstr()) || self.emails.contains(email.as_bstr()))
                }
            };
            let reason =
                Reason { because: because.clone(), role: contact.role.clone(), section_idx: Some(section_idx), path_idx };
            let rows = if is_list { &mut self.lists } else { &mut self.people };
            if is_known {
                let is_same = |row: &&mut RosterEntry| {
                    row.contact
                        .is_some_and(|known| known.written.email == *email || !name.is_empty() && known.written.name == *name)
                };
                if let Some(row) = rows.iter_mut().find(is_same) {
                    row.reasons.push(reason);
                }
                continue;
            }
            if is_list {
                self.list_emails.insert(email.as_bstr());
            } else {
                if !name.is_empty() {
                    self.names.insert(Cow::Borrowed(name.as_bstr()));
                }
                self.emails.insert(Cow::Borrowed(email.as_bstr()));
            }
            let says = bstr::concat([contact.says.as_slice(), suffix]).into();
            rows.push(RosterEntry { mailbox: Mailbox::default(), contact: Some(contact), says, reasons: vec![reason] });
        }
    }

    /// Takes away whom only THE REST names, where other sections claim every path and somebody there is more than a reviewer.
    fn drop_the_rest(&mut self, is_claimed: bool) {
        const REST: &str = "supporter:THE REST";
        if is_claimed && self.people.len() > 1 && self.people.iter().any(|row| row.says != REST && row.says != "reviewer") {
            self.people.retain(|row| row.says != REST);
        }
    }

    /// Gives each the address of the first with the same name or address.
    fn deduplicate(&mut self) {
        let (mut people, mut lists) = (std::mem::take(&mut self.people), std::mem::take(&mut self.lists));
        for row in people.iter_mut().chain(&mut lists) {
            if let Some(contact) = row.contact {
                row.mailbox = self.first(&contact.known, &contact.shown);
            }
        }
        (self.people, self.lists) = (people, lists);
    }

    /// Returns the first who has one of these, or `shown`, who then is the first.
    fn first(&mut self, key: &Mailbox, shown: &Mailbox) -> Mailbox {
        if !self.removes_duplicates() {
            return shown.clone();
        }
        let by_name = if key.name.is_empty() { None } else { self.by_name.get(&key.name) };
        if let Some(first) = by_name.or_else(|| self.by_email.get(&key.email)) {
            return first.clone();
        }
        self.by_name.insert(key.name.clone(), shown.clone());
        self.by_email.insert(key.email.clone(), shown.clone());
        shown.clone()
    }

    /// `deduplicate_email`.
    fn deduplicated(&mut self, text: &[u8]) -> Mailbox {
        let known = self.maintainers.mailmap.mapped(&Mailbox::read(text));
        let shown = if self.removes_duplicates() { self.maintainers.mailmap.mapped(&known) } else { known.clone() };
        self.first(&key(&known, self.maintainers.dialect), &shown)
    }

    /// `push_email_address` without a role.
    fn push(&mut self, mailbox: &Mailbox, reason: Reason) {
        let key = key(mailbox, self.maintainers.dialect);
        let is_known =
            self.emails.contains(key.email.as_bstr()) || !key.name.is_empty() && self.names.contains(key.name.as_bstr());
        if mailbox.email.is_empty() || self.removes_duplicates() && is_known {
            return;
        }
        let mut shown = mailbox.clone();
        if !self.maintainers.options.names {
            shown.name.clear();
        }
        self.people.push(RosterEntry { mailbox: shown, contact: None, says: BString::default(), reasons: vec![reason] });
        if !key.name.is_empty() {
            self.names.insert(Cow::Owned(key.name));
        }
        self.emails.insert(Cow::Owned(key.email));
    }

    /// `add_role`: two without a name are of one name to the script.
    fn add_role(&mut self, mailbox: &Mailbox, role: &[u8], reason: &Reason) {
        let removes_duplicates = self.removes_duplicates();
        for row in &mut self.people {
            let is_meant = match removes_duplicates {
                true => row.mailbox.name == mailbox.name || row.mailbox.email == mailbox.email,
                false => row.mailbox == *mailbox,
            };
            if is_meant && !row.says.contains_str(role) {
                let comma: &[u8] = if row.says.is_empty() { b"" } else { b"," };
                row.says = bstr::concat([row.says.as_slice(), comma, role]).into();
                if row.mailbox.email == mailbox.email && !row.reasons.contains(reason) {
                    row.reasons.push(reason.clone());
                }
            }
        }
    }

    /// `vcs_file_signoffs`.
    fn add_history(&mut self, path_idx: usize, path: &BStr, log: &[u8]) {
        let signers = Signers::read(log, path, &self.maintainers.options, self.maintainers.dialect);
        let reason = Reason { because: Because::History, role: Role::Signer, section_idx: None, path_idx: Some(path_idx) };
        let authors: Vec<Mailbox> = match signers.is_unsigned {
            true => signers.authors.iter().map(|line| Mailbox::read(line)).collect(),
            false => signers.authors.iter().map(|author| self.deduplicated(author)).collect(),
        };
        let people: Vec<Mailbox> = signers.signers.iter().map(|signer| self.deduplicated(signer)).collect();
        self.assign("commit_signer", signers.n_commits, people.into_iter().map(|signer| (signer, 1)), &reason);
        self.assign("authored", signers.n_commits, authors.iter().cloned().map(|author| (author, 1)), &reason);
        if self.maintainers.dialect == Dialect::Xen || authors.len() != signers.stats.len() {
            return;
        }
        let again: Vec<Mailbox> = authors.iter().map(|author| self.deduplicated(&author.printed())).collect();
        let mut seen = HashSet::new();
        let each: Vec<&Mailbox> = again.iter().filter(|author| seen.insert(*author)).collect();
        for (role, of) in [("added_lines", 0), ("removed_lines", 1)] {
            let n_lines = |stat: &(u64, u64)| if of == 0 { stat.0 } else { stat.1 };
            let all: u64 = signers.stats.iter().map(n_lines).sum();
            let by = |author: &Mailbox| {
                again.iter().zip(&signers.stats).filter(|(known, _)| *known == author).map(|(_, stat)| n_lines(stat)).sum()
            };
            let counted: Vec<(Mailbox, u64)> =
                each.iter().map(|author| ((*author).clone(), by(author))).filter(|(_, n_lines)| *n_lines > 0).collect();
            self.assign(role, all, counted.into_iter(), &reason);
        }
    }

    /// `vcs_add_commit_signers`.
    fn add_fixes(&mut self, commit: &BString, log: &[u8]) {
        let signers = Signers::read(log, "".into(), &self.maintainers.options, self.maintainers.dialect);
        let reason = Reason { because: Because::Fixes(commit.clone()), role: Role::Signer, section_idx: None, path_idx: None };
        let people: Vec<Mailbox> = signers.signers.iter().map(|signer| self.deduplicated(signer)).collect();
        self.assign("blamed_fixes", 1, people.into_iter().map(|signer| (signer, 1)), &reason);
    }

    /// `vcs_assign`; equals come by name, where the script takes them as its hash has them.
    fn assign(&mut self, role: &str, divisor: u64, counted: impl Iterator<Item = (Mailbox, u64)>, reason: &Reason) {
        let divisor = divisor.max(1);
        let mut counts: BTreeMap<BString, (Mailbox, u64)> = BTreeMap::new();
        for (mailbox, count) in counted {
            let mailbox = self.maintainers.mailmap.mapped(&mailbox);
            counts.entry(mailbox.printed()).or_insert((mailbox, 0)).1 += count;
        }
        let mut counts: Vec<(BString, (Mailbox, u64))> = counts.into_iter().collect();
        counts.sort_by_key(|(_, (_, count))| std::cmp::Reverse(*count));
        let options = &self.maintainers.options;
        let mut n_taken = 0;
        for (shown, (mailbox, count)) in counts {
            if self.maintainers.ignore.contains(&shown) {
                continue;
            }
            n_taken += 1;
            #[expect(clippy::cast_precision_loss, reason = "a percentage to be printed")]
            let percent = (count as f64 * 100.0 / divisor as f64).min(100.0);
            #[expect(clippy::cast_precision_loss, reason = "a setting of a few digits")]
            let is_too_small = percent < options.min_percent as f64;
            if count < options.min_signatures || n_taken > options.max_maintainers || is_too_small {
                break;
            }
            let says = match options.rolestats {
                true => format!("{role}:{count}/{divisor}={percent:.0}%"),
                false => role.to_owned(),
            };
            self.push(&mailbox, reason.clone());
            self.add_role(&mailbox, says.as_bytes(), reason);
        }
    }

    /// `merge_email`: people, then lists, each address once, with the reasons of all that is printed as one.
    fn printed(self) -> Vec<Owner> {
        let mut known: HashMap<BString, usize> = HashMap::new();
        let mut owners: Vec<Owner> = Vec::new();
        let options = &self.maintainers.options;
        let people = if options.email { self.people } else { Vec::new() };
        let lists = if options.lists { self.lists } else { Vec::new() };
        for row in people.into_iter().chain(lists) {
            match known.entry(row.mailbox.printed()) {
                Entry::Occupied(at) => owners[*at.get()].reasons.extend(row.reasons),
                Entry::Vacant(place) => {
                    place.insert(owners.len());
                    let role = row.reasons[0].role.clone();
                    owners.push(Owner { mailbox: row.mailbox, role, says: row.says, reasons: row.reasons });
                }
            }
        }
        owners
    }
}
