//! Why there is no bridge where one was looked for.

use std::error::Error;
use std::sync::Arc;

use bstr::BString;

use crate::model::{EditId, Reason};

/// Why there is no bridge where one was looked for: what any kind can say, and what one kind alone says.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Refused {
    /// The two names are of different types.
    #[error("'{0}' and '{1}' differ in type")]
    Types(BString, BString),
    /// Something of the other name is there already.
    #[error("'{0}' is the name of another member too")]
    Collision(BString),
    /// A macro of that name would change the bridge's text.
    #[error("'{0}' is the name of a macro too")]
    Macro(BString),
    /// The edit does more than the bridge could stand for.
    #[error("more changes there than names")]
    Others,
    /// The two are different things: one name for the other would be wrong.
    #[error("most users of '{0}' do not take another name in its place")]
    Replaced(BString),
    /// With the bridge, nine tenths of the knot would still be one.
    #[error("what it would stand for is tied otherwise too: {0}")]
    Longer(Reason),
    /// With the bridge, both ends would still be one knot.
    #[error("its ends cannot be apart: {0}")]
    Tied(Reason),
    /// A reason of one kind of bridge, as an error type of its module.
    #[error(transparent)]
    OfKind(Arc<dyn Error + Send + Sync>),
}

impl Refused {
    /// Makes a reason out of an error of a kind's own.
    pub(super) fn of_kind(why: impl Error + Send + Sync + 'static) -> Self {
        Refused::OfKind(Arc::new(why))
    }
}

/// An edit that a bridge could have stood for.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// The edit.
    pub edit_id: EditId,
    /// What would have been bridged, as people write it.
    pub what: BString,
    /// Why not.
    pub why: Refused,
}
