//! What a kind of bridge answers: which edits it can stand for, with which text, who its users are, and what its patches say.
//!
//! Nothing else in the program knows a kind. A kind is a module of `kinds` and a line of the table there.

use bstr::BString;

use super::refused::Refused;
use super::renaming::Pairs;
use crate::analyze::Analysis;
use crate::model::{Bridge, Bridged, Edit, EditId, Edits, Fact, Facts, Reason, Role, Span, SymbolId, SymbolKind};

/// A kind of bridge.
pub(super) trait BridgeKind: Sync {
    /// Returns the word that stands for the kind in stored plans and in JSON. It never changes.
    fn word(&self) -> &'static str;

    /// Returns what the kind could stand for an edit with, as far as facts say; `None` for nearly all edits, and quickly.
    fn candidate(&self, analysis: &Analysis, edit_id: EditId) -> Option<Candidate>;

    /// Writes the bridge for an edit.
    ///
    /// # Errors
    /// When the edit is no candidate, or the bridge would not compile or would mean something else.
    fn draft(&self, analysis: &Analysis, edit_id: EditId) -> Result<Draft, Refused>;

    /// Returns the kinds of symbols that the names of a bridge name.
    fn symbol_kinds(&self) -> &'static [SymbolKind];

    /// Whether an edit converts a user of the bridge and does nothing else. As it stands here: the edit exchanges names of bridges, one of this bridge
    /// among them, and is not known to speak of other symbols of the same names.
    fn converts(&self, user: &User<'_>, bridged: &Bridged) -> bool {
        user.exchanges(bridged) && !user.speaks_of_another(bridged, self.symbol_kinds())
    }

    /// Gives the two ends of a bridge their part of the facts. `own` are those of the edit that the bridge stands for, which are gone afterwards. A kind
    /// whose text does more, as an alias defines a name for other edits too, moves the facts of those as well.
    fn place_facts(&self, facts: &mut Facts, own: &[Fact], draft: &Draft, put: EditId, take: EditId) {
        facts.facts.retain(|fact| fact.edit_id != draft.superseded);
        facts.facts.extend(ends(own, put, take));
    }

    /// Returns the reason that `explain` prints for the patch that puts the bridge in.
    fn why(&self, bridged: &Bridged) -> String;

    /// Returns the words of the patch that puts the bridge in.
    fn put_wording(&self, edits: &Edits, bridge: &Bridge) -> Wording;

    /// Returns the words of a patch that only converts users.
    fn user_wording(&self, bridged: &Bridged) -> Wording;

    /// Returns the words of the patch that takes the bridge out.
    fn take_wording(&self, bridged: &Bridged) -> Wording;
}

/// Returns the facts of two ends, from those of the edit they stand for. What comes, comes with the first end, and what goes, goes with the second. What
/// the edit has on both sides, such as the record itself, stays through both; and nothing is used that was not used before.
pub(super) fn ends(superseded: &[Fact], put: EditId, take: EditId) -> Vec<Fact> {
    let has = |role: Role, symbol_id: SymbolId| superseded.iter().any(|fact| fact.role == role && fact.symbol_id == symbol_id);
    let mut facts = Vec::new();
    for fact in superseded {
        let (other, edit_id) = match fact.role {
            Role::Defines => (Role::DropsDefinition, put),
            Role::Declares => (Role::DropsDeclaration, put),
            Role::DropsDefinition => (Role::Defines, take),
            Role::DropsDeclaration => (Role::Declares, take),
            Role::Uses | Role::DropsUse | Role::GainsUse | Role::LosesUse | Role::Names | Role::DropsName => continue,
        };
        if !has(other, fact.symbol_id) {
            facts.push(Fact { edit_id, ..*fact });
        }
    }
    facts
}

/// An edit that a kind of bridge could stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    /// What would be bridged, as people write it.
    pub(super) what: BString,
    /// Whether other files can see it. What one file keeps to itself needs no bridge between homes.
    pub(super) is_seen: bool,
}

/// A bridge before its edits are numbered.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    /// The edit of the change that the bridge stands for.
    pub(super) superseded: EditId,
    /// What is bridged.
    pub(super) bridged: Bridged,
    /// The edit that puts the temporary text in.
    pub(super) put: Edit,
    /// How the text is taken out.
    pub(super) take: Take,
    /// Edits that the bridge must not be there with.
    pub(super) outside: Outside,
}

/// How the temporary text is taken out: `span` of `from` is replaced by `insert`.
#[derive(Debug, Clone)]
pub(super) struct Take {
    /// The text that `span` counts in.
    pub(super) from: TakeFrom,
    /// The bytes that go.
    pub(super) span: Span,
    /// The bytes that come.
    pub(super) insert: BString,
    /// Where `insert` stands in the tip; `None` where nothing comes.
    pub(super) tip_span: Option<Span>,
}

/// The text that the second end of a bridge refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TakeFrom {
    /// The base of the file: what was put in stays.
    Base,
    /// What was put in.
    Put,
}

/// Edits that must come before the bridge is put in, and those that must come after it is taken out, each with the reason.
#[derive(Debug, Clone, Default)]
pub(super) struct Outside {
    /// Come before it.
    pub(super) before: Vec<(EditId, Reason)>,
    /// Come after it.
    pub(super) after: Vec<(EditId, Reason)>,
}

/// What a patch says of a bridge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording {
    /// A phrase for the subject, without the prefix.
    pub phrase: BString,
    /// Sentences for the body.
    pub body: BString,
}

/// An edit that may convert a user of a bridge.
pub(super) struct User<'u> {
    /// The edit.
    pub(super) edit_id: EditId,
    /// What the edits of the change do.
    pub(super) facts: &'u Facts,
    /// Old and new names of bridges that the edit exchanges, where it does nothing else.
    pub(super) exchanged: Option<Pairs<'u>>,
}

impl User<'_> {
    /// Whether the edit exchanges names of bridges, one of this bridge among them, and does nothing else.
    pub(super) fn exchanges(&self, bridged: &Bridged) -> bool {
        let is_own =
            |exchanged: &Pairs<'_>| bridged.names.iter().any(|(old, new)| exchanged.contains(&(old.as_ref(), new.as_ref())));
        self.exchanged.as_ref().is_some_and(is_own)
    }

    /// Whether all that the edit does with symbols of these names and kinds is known to be with members of another record.
    pub(super) fn speaks_of_another(&self, bridged: &Bridged, symbol_kinds: &[SymbolKind]) -> bool {
        let mut uses = self
            .facts
            .of(self.edit_id)
            .iter()
            .filter(|fact| matches!(fact.role, Role::GainsUse | Role::LosesUse))
            .map(|fact| self.facts.symbols.get(fact.symbol_id))
            .filter(|symbol| symbol_kinds.contains(&symbol.kind))
            .filter(|symbol| bridged.names.iter().any(|(old, new)| [old, new].contains(&&symbol.name)))
            .peekable();
        uses.peek().is_some() && uses.all(|symbol| symbol.record.is_some() && symbol.record != bridged.record)
    }
}
