//! What units do, beyond the words they hold: roles of symbols, rewrites, shapes of lines, what kind of step each is.
//!
//! ```text
//!   -   irq = x->irq;         rewrite    irq ; -> line ;      the tokens of a line that are not in both
//!   +   irq = x->line;        template   $0 -> $1             the same, with a number for each name: what the rewrite
//!                                                             of another name looks like too
//!   +   [OPT_A] = { "a" },    shape      [ $ ] = { " $ " } ,  any name for any other
//! ```

use bstr::BStr;

use crate::model::{EditId, Facts, Role};

use super::text;
use super::tfidf::{Terms, sorted};
use super::units::{Fate, Side, Unit, UnitHunk};

/// What kind of step a unit is, roughly from what needs no thought to what does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    Path,
    Space,
    Comment,
    Include,
    Rewrite,
    Declaration,
    Inside,
    Outside,
    Definition,
    NewFile,
    DeletedFile,
    OtherLanguage,
}

/// The symbols a unit acts on, by their numbers.
#[derive(Debug, Default)]
pub(super) struct Roles {
    /// Defined or declared by text that comes.
    pub(super) defines: Vec<u32>,
    /// Defined or declared by text that goes.
    pub(super) drops: Vec<u32>,
    /// Uses that come.
    pub(super) gains: Vec<u32>,
    /// Uses that go.
    pub(super) loses: Vec<u32>,
}

/// Returns what one side of an edit does.
pub(super) fn roles(facts: Option<&Facts>, edit_id: EditId, side: Side) -> Roles {
    let mut roles = Roles::default();
    for fact in facts.map_or(&[][..], |facts| facts.of(edit_id)) {
        match (fact.role, side) {
            (Role::Defines | Role::Declares, Side::Inserted) => roles.defines.push(fact.symbol_id.0),
            (Role::GainsUse, Side::Inserted) => roles.gains.push(fact.symbol_id.0),
            (Role::DropsDefinition | Role::DropsDeclaration, Side::Removed) => roles.drops.push(fact.symbol_id.0),
            (Role::LosesUse, Side::Removed) => roles.loses.push(fact.symbol_id.0),
            _ => {}
        }
    }
    for set in [&mut roles.defines, &mut roles.drops, &mut roles.gains, &mut roles.loses] {
        set.sort_unstable();
        set.dedup();
    }
    roles
}

/// Returns the class of a unit.
pub(super) fn class(unit: &Unit<'_>, roles: &Roles, is_comment: bool, is_space: bool, is_rewrite: bool) -> Class {
    let trimmed = || text::lines(unit.text).map(text::trim).filter(|line| !line.is_empty());
    let defines = !roles.defines.is_empty() || !roles.drops.is_empty();
    match () {
        () if unit.is_path => Class::Path,
        () if unit.fate == Fate::New => Class::NewFile,
        () if unit.fate == Fate::Deleted => Class::DeletedFile,
        () if !text::is_c(unit.path) => Class::OtherLanguage,
        () if is_space => Class::Space,
        () if is_comment => Class::Comment,
        () if trimmed().all(|line| line.starts_with(b"#include") || line.starts_with(b"# include")) => Class::Include,
        () if is_rewrite => Class::Rewrite,
        () if defines && trimmed().last().is_some_and(|line| line.ends_with(b";")) && !unit.text.contains(&b'{') => {
            Class::Declaration
        }
        () if defines => Class::Definition,
        () if unit.item.is_some() => Class::Inside,
        () => Class::Outside,
    }
}

/// How the lines of a hunk are rewritten.
#[derive(Debug, Default)]
pub(super) struct Rewrites {
    /// What is replaced by what.
    pub(super) exact: Vec<u32>,
    /// The same for any names.
    pub(super) templates: Vec<u32>,
    /// Whether each line is rewritten by itself, in few tokens.
    pub(super) is_pure: bool,
}

/// Longest stretch of tokens on one side that still is a rewrite of a line, not another line.
const REWRITE: usize = 8;

/// Compares the lines of a hunk one by one, where it inserts as many lines as it removes.
pub(super) fn rewrites(hunk: &UnitHunk<'_>, terms: &mut Terms) -> Rewrites {
    let mut found = Rewrites::default();
    let n_lines = text::lines(hunk.removed).count();
    if n_lines == 0 || n_lines != text::lines(hunk.inserted).count() {
        return found;
    }
    found.is_pure = true;
    for (old, new) in text::lines(hunk.removed).zip(text::lines(hunk.inserted)) {
        let (old, new): (Vec<&[u8]>, Vec<&[u8]>) = (text::tokens(old).collect(), text::tokens(new).collect());
        let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
        let rest = old.len().min(new.len()) - same;
        let end = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
        let (from, into) = (&old[same..old.len() - end], &new[same..new.len() - end]);
        if from.is_empty() && into.is_empty() {
            continue;
        }
        if from.len() > REWRITE || into.len() > REWRITE || same + end == 0 {
            found.is_pure = false;
            continue;
        }
        let mut exact = b"rewrite ".to_vec();
        let mut template = b"template ".to_vec();
        let mut seen: Vec<&[u8]> = Vec::new();
        for side in [from, into] {
            for token in side {
                exact.extend_from_slice(token);
                exact.push(b' ');
                if token.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_') && !text::is_keyword(token) {
                    let at = seen.iter().position(|other| other == token).unwrap_or_else(|| {
                        seen.push(token);
                        seen.len() - 1
                    });
                    template.extend_from_slice(format!("${at} ").as_bytes());
                } else {
                    template.extend_from_slice(token);
                    template.push(b' ');
                }
            }
            exact.extend_from_slice(b"-> ");
            template.extend_from_slice(b"-> ");
        }
        found.exact.push(terms.number(&exact));
        found.templates.push(terms.number(&template));
    }
    found.is_pure &= !found.exact.is_empty();
    (found.exact, found.templates) = (sorted(found.exact), sorted(found.templates));
    found
}

/// Returns the shapes of the lines of a text: any name, number for any other.
pub(super) fn shapes(text: &[u8], terms: &mut Terms) -> Vec<u32> {
    let shape = |line: &[u8]| {
        let mut shape = b"shape ".to_vec();
        let mut n_tokens = 0;
        for token in text::tokens(line) {
            n_tokens += 1;
            match token[0] {
                b'0'..=b'9' => shape.push(b'0'),
                byte if (byte.is_ascii_alphabetic() || byte == b'_') && !text::is_keyword(token) => shape.push(b'$'),
                _ => shape.extend_from_slice(token),
            }
        }
        (n_tokens > 2).then_some(shape)
    };
    sorted(text::lines(text).filter_map(shape).map(|shape| terms.number(&shape)).collect())
}

/// Returns the words in string literals and the options of a text: what code and its tests share.
pub(super) fn literals(text: &[u8], terms: &mut Terms) -> Vec<u32> {
    let mut found = Vec::new();
    for line in text::lines(text) {
        for (nth, part) in line.split(|&byte| byte == b'"' || byte == b'\'').enumerate() {
            if nth % 2 == 1 {
                found.extend(text::words(part).map(|word| terms.number(word)));
            }
        }
        let mut rest = line;
        while let Some(at) = rest.windows(2).position(|pair| pair == b"--") {
            rest = &rest[at + 2..];
            let len = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-').count();
            if len > 2 {
                found.push(terms.number(&rest[..len]));
            }
            rest = &rest[len..];
        }
    }
    sorted(found)
}

/// Which knots must come before which, and the knot of each edit.
#[derive(Debug, Clone, Default)]
pub struct Ties {
    /// The knot of each edit.
    pub knot_of: Vec<Option<usize>>,
    /// Pairs of knots of which the first must come before the second, sorted.
    pub before: Vec<(usize, usize)>,
    /// For each knot the length of the longest chain before it.
    pub depth: Vec<usize>,
}

impl Ties {
    /// Returns the knot of an edit.
    pub(super) fn knot(&self, edit_id: EditId) -> Option<usize> {
        self.knot_of.get(edit_id.idx()).copied().flatten()
    }
}

/// Whether the change adds or removes the item in which a unit stands.
pub(super) fn is_fresh_item(item: Option<&BStr>, names: &super::Names<'_>) -> bool {
    item.is_some_and(|item| names.is_fresh(item) || names.is_gone(item))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_rewrite_of_two_names_is_one_template() {
        let mut terms = Terms::default();
        let mut of = |removed: &str, inserted: &str| {
            rewrites(&UnitHunk { removed: removed.as_bytes(), inserted: inserted.as_bytes(), wide: 0 }, &mut terms)
        };
        let (one, other) = (of("irq = x->irq;\n", "irq = x->line;\n"), of("y = a->old;\n", "y = a->new;\n"));
        assert!(one.is_pure && other.is_pure);
        assert_eq!(one.templates, other.templates);
        assert_ne!(one.exact, other.exact);
        assert_eq!(one.exact, of("f(q->irq);\n", "f(q->line);\n").exact, "the rest of the line does not matter");
        assert!(!of("a = 1;\n", "while (true) { b(); }\n").is_pure, "another line is no rewrite");
        assert!(!of("a;\nb;\n", "c;\n").is_pure, "lines are compared one by one");
    }

    #[test]
    fn shapes_are_of_lines_with_any_names() {
        let mut terms = Terms::default();
        assert_eq!(shapes(b"[OPT_A] = { 1, a },\n", &mut terms), shapes(b"  [OPT_B] = { 22, b },\n", &mut terms));
        assert_ne!(shapes(b"f(a, b);\n", &mut terms), shapes(b"f(a);\n", &mut terms));
        assert!(shapes(b"}\n", &mut terms).is_empty());
    }

    #[test]
    fn literals_are_strings_and_options() {
        let mut terms = Terms::default();
        let code = literals(b"OPT_BOOL(0, \"dry-run\", &dry, \"print only\");\n", &mut terms);
        let test = literals(b"git add --dry-run file\n", &mut terms);
        assert_eq!(crate::similarity::tfidf::both(&code, &test), test);
    }
}
