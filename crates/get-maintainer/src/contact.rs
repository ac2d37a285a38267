//! Who a section names: the people of its `M:` and `R:` lines, the lists of its `L:` lines, with all that does not hang on a path.
//!
//! Source: `add_categories`, `get_subsystem_name` of the script.

use bstr::{BString, ByteSlice};

use super::address::{is_space, word};
use super::dialect::Dialect;
use super::mailbox::Mailbox;
use super::mailmap::Mailmap;
use super::options::Options;
use super::role::{Role, lower};
use super::section::{Line, Section};

/// Somebody an `M:`, `R:` or `L:` line names, with all that does not hang on the path.
#[derive(Debug, Clone)]
pub(super) struct Contact {
    pub(super) role: Role,
    pub(super) says: BString,
    /// As written, in lower case: by this, doubles are left out while sections are gone through.
    pub(super) written: Mailbox,
    /// By `.mailmap`, in lower case: by this, people are told apart afterwards.
    pub(super) known: Mailbox,
    /// As printed, unless another of the same name or address came first.
    pub(super) shown: Mailbox,
}

/// Returns name and address in lower case: people are told apart by these.
pub(super) fn key(mailbox: &Mailbox, dialect: Dialect) -> Mailbox {
    Mailbox { name: lower(&mailbox.name, dialect), email: lower(&mailbox.email, dialect) }
}

impl Contact {
    /// Reads who a section names.
    pub(super) fn of(section: &Section, dialect: Dialect, options: &Options, mailmap: &Mailmap) -> Vec<Self> {
        let title = title(&section.name, dialect);
        let maintainer = Role::of_status(section.status().map_or(b"unknown", |status| status), dialect);
        let with_title = |role: &Role| BString::from(bstr::concat([role.word().as_bytes(), b":", &title]));
        let new =
            |role: &Role, says: &BString, mailbox| Contact::new(role.clone(), says.clone(), mailbox, dialect, options, mailmap);
        let mut contacts = Vec::new();
        for Line { letter, value, .. } in section.named_lines() {
            let (role, says) = match letter {
                b'M' if options.maintainers => (maintainer.clone(), with_title(&maintainer)),
                b'R' if options.reviewers && dialect.names_reviewed_section() => (Role::Reviewer, with_title(&Role::Reviewer)),
                b'R' if options.reviewers => (Role::Reviewer, Role::Reviewer.word().into()),
                b'L' => {
                    let (address, role) = list(value, dialect);
                    let is_wanted = match role {
                        Role::SubscriberList => options.subscriber_lists,
                        Role::ModeratedList => options.lists && options.moderated_lists,
                        _ => options.lists,
                    };
                    if is_wanted {
                        let says = if title == "THE REST" { role.word().into() } else { with_title(&role) };
                        contacts.push(new(&role, &says, Mailbox::bare(address)));
                    }
                    continue;
                }
                _ => continue,
            };
            let mailboxes = Mailbox::read_list(value, dialect.decodes()).into_iter();
            contacts.extend(mailboxes.map(|mailbox| new(&role, &says, mailbox)));
        }
        contacts
    }

    fn new(role: Role, says: BString, mailbox: Mailbox, dialect: Dialect, options: &Options, mailmap: &Mailmap) -> Self {
        // A list is parsed like a person only now: `L:` without `@` becomes empty.
        let mut parsed = if role.is_list() { Mailbox::read(&mailbox.email) } else { mailbox.clone() };
        if !options.names {
            parsed.name.clear();
        }
        let known = mailmap.mapped(&parsed);
        let shown = if options.removes_duplicates { mailmap.mapped(&known) } else { known.clone() };
        Contact { role, says, written: key(&mailbox, dialect), known: key(&known, dialect), shown }
    }
}

/// Returns the address of an `L:` line and what kind of list it is.
fn list(value: &[u8], dialect: Dialect) -> (BString, Role) {
    // Xen's script takes the line for a person first, and so never sees what follows the address.
    let parsed = match dialect {
        Dialect::Xen => Mailbox::read(value).email,
        Dialect::Linux | Dialect::UBoot | Dialect::Qemu => value.into(),
    };
    let text = parsed.trim_start_with(is_space);
    let address = word(text);
    let rest = &text[address.len()..];
    if rest.is_empty() {
        return (parsed, Role::OpenList);
    }
    if rest.contains_str("subscribers-only") {
        return (address.into(), Role::SubscriberList);
    }
    let role = if rest.contains_str("moderated") { Role::ModeratedList } else { Role::OpenList };
    (address.into(), role)
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
    bstr::concat([name[..ends[kept - 1]].trim_end_with(is_space), b"..."]).into()
}
