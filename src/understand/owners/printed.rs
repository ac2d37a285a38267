//! Who is asked about a path, and what the script prints about them.
//!
//! The order of events matters and is the script's: people and lists of the ranked sections, then of sections whose keyword
//! stands in the file; one person under two names or addresses is one (the first), after `.mailmap`; then addresses inside the
//! file. Source: `get_maintainers`, `add_categories`, `deduplicate_email`, `add_role`, `merge_email` of the script.

use std::collections::{BTreeSet, HashMap, HashSet};

use bstr::{BStr, BString, ByteSlice};

use super::address::{Mailbox, Mailmap, is_space, word};
use super::dialect::Dialect;
use super::in_file;
use super::maintainers::{Line, Maintainers, Place, Section, SectionIdx};

/// What somebody is to a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// `M:` of a section that is Supported.
    Supporter,
    /// `M:` of a section that is Maintained.
    Maintainer,
    /// `M:` of a section with Odd Fixes.
    OddFixer,
    /// `M:` of an Orphan.
    OrphanMinder,
    /// `M:` of what is Obsolete.
    ObsoleteMinder,
    /// `M:` of THE REST in Linux.
    ChiefPenguin,
    /// `M:` of a section with another status, in lower case; `unknown` where there is none.
    Other(BString),
    /// `R:`.
    Reviewer,
    /// `L:` that takes mail from everybody.
    OpenList,
    /// `L:` that holds mail back for a look.
    ModeratedList,
    /// Named inside the file only.
    InFile,
}

impl Role {
    /// Whether it is a mailing list.
    pub fn is_list(&self) -> bool {
        matches!(self, Role::OpenList | Role::ModeratedList)
    }

    fn of_status(status: &[u8], dialect: Dialect) -> Self {
        let status = lower(status, dialect);
        match status.as_slice() {
            b"supported" => Role::Supporter,
            b"maintained" => Role::Maintainer,
            b"odd fixes" => Role::OddFixer,
            b"orphan" => Role::OrphanMinder,
            b"obsolete" => Role::ObsoleteMinder,
            b"buried alive in reporters" => Role::ChiefPenguin,
            _ => Role::Other(status),
        }
    }

    /// The word the script prints before the section.
    fn word(&self) -> &BStr {
        match self {
            Role::Supporter => "supporter".into(),
            Role::Maintainer => "maintainer".into(),
            Role::OddFixer => "odd fixer".into(),
            Role::OrphanMinder => "orphan minder".into(),
            Role::ObsoleteMinder => "obsolete minder".into(),
            Role::ChiefPenguin => "chief penguin".into(),
            Role::Other(status) => status.as_bstr(),
            Role::Reviewer => "reviewer".into(),
            Role::OpenList => "open list".into(),
            Role::ModeratedList => "moderated list".into(),
            Role::InFile => "in file".into(),
        }
    }
}

/// What brought somebody in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Because {
    /// This `F:` or `N:` line matches the path.
    Pattern(Place),
    /// This `K:` line matches the content.
    Keyword(Place),
    /// The address stands in the file.
    InFile,
}

/// Somebody who is asked about a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// `Name <address>` as printed.
    pub address: BString,
    /// The address alone; empty for an `L:` line without one, which the script prints too.
    pub email: BString,
    /// What they are to the path.
    pub role: Role,
    /// What the script prints in parentheses (`maintainer:MEMORY MANAGEMENT,in file`).
    pub says: BString,
    /// The section that names them.
    pub section_idx: Option<SectionIdx>,
    /// Why that section, or why they, are asked.
    pub because: Because,
}

impl Owner {
    /// Returns the script's line, without its newline.
    pub fn line(&self, shows_roles: bool) -> BString {
        match shows_roles {
            true => bstr::concat([self.address.as_slice(), b" (", &self.says, b")"]).into(),
            false => self.address.clone(),
        }
    }
}

/// Somebody an `M:`, `R:` or `L:` line names, with all that does not hang on the path.
#[derive(Debug, Clone)]
pub(super) struct Contact {
    role: Role,
    says: BString,
    /// As written: by this, doubles are left out while sections are gone through.
    written: Key,
    /// By `.mailmap`: by this, people are told apart afterwards.
    known: Key,
    /// As printed, unless another of the same name or address came first.
    shown: Mailbox,
}

/// Name and address, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    name: BString,
    email: BString,
}

impl Key {
    fn of(mailbox: &Mailbox, dialect: Dialect) -> Self {
        Key { name: lower(&mailbox.name, dialect), email: lower(&mailbox.email, dialect) }
    }
}

impl Contact {
    /// Reads who a section names.
    pub(super) fn of(section: &Section, dialect: Dialect, mailmap: &Mailmap) -> Vec<Self> {
        let title = title(&section.name, dialect);
        let maintainer = Role::of_status(section.status().map_or(b"unknown", |status| status), dialect);
        let with_title = |role: &Role| BString::from(bstr::concat([role.word().as_bytes(), b":", &title]));
        let mut contacts = Vec::new();
        for Line { letter, value, .. } in section.named_lines() {
            let (role, says) = match letter {
                b'M' => (maintainer.clone(), with_title(&maintainer)),
                b'R' if dialect.names_reviewed_section() => (Role::Reviewer, with_title(&Role::Reviewer)),
                b'R' => (Role::Reviewer, Role::Reviewer.word().into()),
                b'L' => {
                    let Some((address, role)) = list(value, dialect) else { continue };
                    let says = if title == "THE REST" { role.word().into() } else { with_title(&role) };
                    let mailbox = Mailbox { name: BString::default(), email: address };
                    contacts.push(Contact::new(role, says, mailbox, dialect, mailmap));
                    continue;
                }
                _ => continue,
            };
            let mailboxes = Mailbox::parse_list(value, dialect.decodes()).into_iter();
            contacts.extend(mailboxes.map(|mailbox| Contact::new(role.clone(), says.clone(), mailbox, dialect, mailmap)));
        }
        contacts
    }

    fn new(role: Role, says: BString, mailbox: Mailbox, dialect: Dialect, mailmap: &Mailmap) -> Self {
        // A list is parsed like a person only now: `L:` without `@` becomes empty.
        let parsed = if role.is_list() { Mailbox::parse(&mailbox.email) } else { mailbox.clone() };
        let known = mailmap.mapped(&parsed);
        let shown = if dialect.removes_duplicates() { mailmap.mapped(&known) } else { known.clone() };
        Contact { role, says, written: Key::of(&mailbox, dialect), known: Key::of(&known, dialect), shown }
    }
}

/// Returns the address of an `L:` line and what kind of list it is; `None` for one that takes mail of its members only.
fn list(value: &[u8], dialect: Dialect) -> Option<(BString, Role)> {
    // Xen's script takes the line for a person first, and so never sees what follows the address.
    let parsed = match dialect {
        Dialect::Xen => Mailbox::parse(value).email,
        Dialect::Linux | Dialect::UBoot | Dialect::Qemu => value.into(),
    };
    let start = parsed.iter().position(|byte| !is_space(*byte)).unwrap_or(parsed.len());
    let address = word(&parsed[start..]);
    let rest = &parsed[start + address.len()..];
    if rest.is_empty() {
        return Some((parsed, Role::OpenList));
    }
    if rest.contains_str("subscribers-only") {
        return None;
    }
    let role = if rest.contains_str("moderated") { Role::ModeratedList } else { Role::OpenList };
    Some((address.into(), role))
}

/// Returns a section's name as roles show it.
fn title(name: &[u8], dialect: Dialect) -> BString {
    let (limit, kept) = dialect.section_limit();
    let ends: Vec<usize> = match dialect.decodes() {
        true => name.char_indices().map(|(_, end, _)| end).collect(),
        false => (1..=name.len()).collect(),
    };
    if ends.len() <= limit {
        return name.into();
    }
    let head = &name[..ends[kept - 1]];
    let end = head.iter().rposition(|byte| !is_space(*byte)).map_or(0, |last| last + 1);
    bstr::concat([&head[..end], b"..."]).into()
}

fn lower(text: &[u8], dialect: Dialect) -> BString {
    if dialect.decodes() && !text.is_ascii() { text.to_lowercase().into() } else { text.to_ascii_lowercase().into() }
}

impl Maintainers {
    /// Returns who is asked about `path`, in the order in which the script prints them.
    ///
    /// `content` is the file's, where it is a file that can be read: addresses in `.yaml` files and keywords are looked for in it
    /// as far as the project's script does. A folder's path ends in a slash. For `is_dir` see [`Maintainers::sections_of`].
    pub fn owners(&self, path: &BStr, content: Option<&[u8]>, is_dir: &dyn Fn(&BStr) -> bool) -> Vec<Owner> {
        let mut table = Table::new(self.dialect);
        let claims = self.claims(path, is_dir);
        for claim in &claims {
            table.add(self.section(claim.section_idx), claim.section_idx, &Because::Pattern(claim.place), b"");
        }
        if self.dialect.drops_the_rest() {
            table.drop_the_rest(claims.iter().any(|claim| !self.is_supported_rest(claim.section_idx)));
        }
        if let Some(content) = content.filter(|_| self.dialect.reads_keywords() && path != "MAINTAINERS") {
            for keyword in self.keywords.iter().filter(|keyword| keyword.expression.is_match(content)) {
                let section = self.section(keyword.section_idx);
                let line = &section.lines[keyword.line_idx];
                let suffix = match self.dialect.names_keyword() {
                    true => bstr::concat([b":Keyword:", line.value.as_slice()]),
                    false => Vec::new(),
                };
                table.add(section, keyword.section_idx, &Because::Keyword(line.place), &suffix);
            }
        }
        let mut owners = table.owners();
        owners.people.retain(|owner| !contains(&owner.address, self.dialect.chief()));
        if let Some(content) = content.filter(|_| self.dialect.reads_yaml() && path.ends_with(b".yaml")) {
            let found = in_file::mailboxes(content, self.dialect);
            owners.add_in_file(found.iter().map(|mailbox| self.mailmap.mapped(mailbox)), self.dialect);
        }
        owners.printed()
    }

    fn is_supported_rest(&self, section_idx: SectionIdx) -> bool {
        let section = self.section(section_idx);
        let status = section.status().map_or(b"unknown".as_slice(), |status| status);
        section.name == "THE REST" && Role::of_status(status, self.dialect) == Role::Supporter
    }
}

/// Whether `text` holds `wanted`, where a dot stands for any byte but a newline.
fn contains(text: &[u8], wanted: &[u8]) -> bool {
    let is_same = |(byte, wanted): (&u8, &u8)| byte == wanted || *wanted == b'.' && *byte != b'\n';
    text.windows(wanted.len()).any(|window| window.iter().zip(wanted).all(is_same))
}

/// People and lists while the sections are gone through.
struct Table<'a> {
    dialect: Dialect,
    people: Vec<Row<'a>>,
    lists: Vec<Row<'a>>,
    names: HashSet<&'a BStr>,
    emails: HashSet<&'a BStr>,
    list_emails: HashSet<&'a BStr>,
}

struct Row<'a> {
    contact: &'a Contact,
    says: BString,
    section_idx: SectionIdx,
    because: Because,
}

impl<'a> Table<'a> {
    fn new(dialect: Dialect) -> Self {
        let (people, lists) = (Vec::new(), Vec::new());
        Table { dialect, people, lists, names: HashSet::new(), emails: HashSet::new(), list_emails: HashSet::new() }
    }

    fn add(&mut self, section: &'a Section, section_idx: SectionIdx, because: &Because, suffix: &[u8]) {
        for contact in &section.contacts {
            let Key { name, email } = &contact.written;
            let is_new = if contact.role.is_list() {
                self.list_emails.insert(email.as_bstr())
            } else {
                let is_known = self.names.contains(name.as_bstr()) || self.emails.contains(email.as_bstr());
                if !is_known && !name.is_empty() {
                    self.names.insert(name.as_bstr());
                }
                if !is_known {
                    self.emails.insert(email.as_bstr());
                }
                !is_known || !self.dialect.removes_duplicates()
            };
            if is_new {
                let says = bstr::concat([contact.says.as_slice(), suffix]).into();
                let rows = if contact.role.is_list() { &mut self.lists } else { &mut self.people };
                rows.push(Row { contact, says, section_idx, because: because.clone() });
            }
        }
    }

    /// Takes away whom only THE REST names, where another section claims the path and somebody there is more than a reviewer.
    fn drop_the_rest(&mut self, is_claimed: bool) {
        const REST: &str = "supporter:THE REST";
        if is_claimed && self.people.len() > 1 && self.people.iter().any(|row| row.says != REST && row.says != "reviewer") {
            self.people.retain(|row| row.says != REST);
        }
    }

    /// Gives each the address of the first with the same name or address.
    fn owners(self) -> Owners {
        let mut first_by_name: HashMap<&BStr, &Contact> = HashMap::new();
        let mut first_by_email: HashMap<&BStr, &Contact> = HashMap::new();
        let mut owner = |row: Row<'a>| {
            let mut mailbox = &row.contact.shown;
            if self.dialect.removes_duplicates() {
                let Key { name, email } = &row.contact.known;
                let by_name = first_by_name.get(name.as_bstr()).filter(|_| !name.is_empty());
                match by_name.or_else(|| first_by_email.get(email.as_bstr())) {
                    Some(first) => mailbox = &first.shown,
                    None => {
                        first_by_name.insert(name.as_bstr(), row.contact);
                        first_by_email.insert(email.as_bstr(), row.contact);
                    }
                }
            }
            Owner {
                address: mailbox.shown(),
                email: mailbox.email.clone(),
                role: row.contact.role.clone(),
                says: row.says,
                section_idx: Some(row.section_idx),
                because: row.because,
            }
        };
        let people = self.people.into_iter().map(&mut owner).collect();
        let lists = self.lists.into_iter().map(&mut owner).collect();
        let text = |texts: HashSet<&BStr>| texts.into_iter().map(BString::from).collect();
        Owners { people, lists, names: text(self.names), emails: text(self.emails) }
    }
}

/// People and lists as they will be printed, save for doubles.
struct Owners {
    people: Vec<Owner>,
    lists: Vec<Owner>,
    /// Names and addresses that were taken in, as written, in lower case.
    names: BTreeSet<BString>,
    emails: BTreeSet<BString>,
}

impl Owners {
    /// Adds people named in the file; who is there already is said to be in the file too.
    fn add_in_file(&mut self, mailboxes: impl Iterator<Item = Mailbox>, dialect: Dialect) {
        for mailbox in mailboxes {
            let key = Key::of(&mailbox, dialect);
            let is_known = self.emails.contains(&key.email) || !key.name.is_empty() && self.names.contains(&key.name);
            if !mailbox.email.is_empty() && !is_known {
                let (address, email) = (mailbox.shown(), mailbox.email.clone());
                let (role, says, because) = (Role::InFile, BString::default(), Because::InFile);
                self.people.push(Owner { address, email, role, says, section_idx: None, because });
                self.emails.insert(key.email);
                if !key.name.is_empty() {
                    self.names.insert(key.name);
                }
            }
            for owner in &mut self.people {
                // Two without a name are of one name to the script.
                let known = Mailbox::parse(&owner.address);
                if (known.name == mailbox.name || known.email == mailbox.email) && !owner.says.contains_str("in file") {
                    let comma: &[u8] = if owner.says.is_empty() { b"" } else { b"," };
                    owner.says = bstr::concat([owner.says.as_slice(), comma, b"in file"]).into();
                }
            }
        }
    }

    /// Returns people, then lists, each address once.
    fn printed(self) -> Vec<Owner> {
        let mut seen = HashSet::new();
        let mut owners = self.people;
        owners.extend(self.lists);
        owners.retain(|owner| seen.insert(owner.address.clone()));
        owners
    }
}
