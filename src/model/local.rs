//! Edit numbers within one file, and the one way from there to numbers within the change.
//!
//! Files are taken apart in parallel, each before anybody knows how many edits the files before it have. So what is made of one file numbers its edits
//! from 0. When all files are there, [`Local::in_change`] adds the number of edits that come before.
//!
//! ```text
//!   file a   0 1 2      first 0  ->  0 1 2
//!   file b   0 1        first 3  ->        3 4
//! ```

use super::edit::{Edit, EditId, EditKind, TextId};

/// A value made of one file alone: each [`EditId`] in it is the place of an edit among those of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Local<T>(T);

/// The place of an edit among the edits of its file, from 0.
pub type LocalEditId = Local<EditId>;

/// A value that names edits.
pub trait NamesEdits {
    /// Replaces each edit id in the value by what `renumber` makes of it. `renumber` keeps the order of ids.
    fn renumber(&mut self, renumber: &dyn Fn(EditId) -> EditId);
}

impl<T> Local<T> {
    /// Marks a value as made of one file alone.
    pub fn new(value: T) -> Self {
        Local(value)
    }

    /// Returns the value for work inside the file, where its ids stay local.
    pub fn in_file(&self) -> &T {
        &self.0
    }

    /// Makes another local value of this one.
    pub fn map<U>(self, to: impl FnOnce(T) -> U) -> Local<U> {
        Local(to(self.0))
    }
}

impl<T: NamesEdits> Local<T> {
    /// Returns the value with edits numbered as in the change, where the file's first edit has the number `first`.
    pub fn in_change(self, first: usize) -> T {
        let mut value = self.0;
        if first > 0 {
            value.renumber(&|edit_id| EditId::at(first + edit_id.idx()));
        }
        value
    }
}

impl NamesEdits for EditId {
    fn renumber(&mut self, renumber: &dyn Fn(EditId) -> EditId) {
        *self = renumber(*self);
    }
}

impl<T: NamesEdits> NamesEdits for Vec<T> {
    fn renumber(&mut self, number: &dyn Fn(EditId) -> EditId) {
        self.iter_mut().for_each(|value| value.renumber(number));
    }
}

impl<T: NamesEdits> NamesEdits for Option<T> {
    fn renumber(&mut self, number: &dyn Fn(EditId) -> EditId) {
        self.iter_mut().for_each(|value| value.renumber(number));
    }
}

impl NamesEdits for Edit {
    fn renumber(&mut self, number: &dyn Fn(EditId) -> EditId) {
        self.requires.renumber(number);
        if let EditKind::Splice { text: TextId::Inserted(maker), .. } = &mut self.kind {
            maker.renumber(number);
        }
    }
}

#[cfg(test)]
mod tests {
    use bstr::BString;

    use super::*;
    use crate::model::{FileId, Span};

    #[test]
    fn all_that_an_edit_names_is_numbered_anew() {
        let kind = |maker| EditKind::Splice {
            text: TextId::Inserted(EditId(maker)),
            span: Span::new(0, 1),
            insert: BString::default(),
            ordinal: 4,
        };
        let edit = |maker, requires: &[u32]| Edit {
            file_id: FileId(2),
            kind: kind(maker),
            requires: requires.iter().copied().map(EditId).collect(),
            tip_span: None,
            item: BString::default(),
        };
        assert_eq!(Local::new(vec![edit(1, &[0, 1])]).in_change(3), [edit(4, &[3, 4])]);
        assert_eq!(Local::new(edit(1, &[])).in_change(0), edit(1, &[]));
        assert_eq!(LocalEditId::new(EditId(2)).in_change(5), EditId(7));
    }
}
