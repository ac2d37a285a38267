//! What the user names → the patches, edits or symbols that are meant.

use bstr::{BStr, BString, ByteSlice};

use crate::model::{Address, EditId, Facts, FileId, PatchIdx, Plan, Symbol, SymbolId, SymbolKind, TextId};
use cleave_c::span::Lines;

/// A thing that can be explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meant {
    /// A patch.
    Patch(PatchIdx),
    /// What a patch does in a file.
    InFile(PatchIdx, FileId),
    /// An edit.
    Edit(EditId),
    /// A symbol.
    Symbol(SymbolId),
}

/// Why nothing was meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NothingMeant {
    /// The change has the file, but not this line.
    #[error("the change does not touch line {line} of '{path}'")]
    Line {
        /// As asked.
        path: String,
        /// As asked.
        line: usize,
        /// The nearest line of the tip that it does touch.
        near: Option<usize>,
    },
    /// Nothing goes by this name.
    #[error("'{0}' is no patch, series, path, line, edit or symbol of the plan")]
    Unknown(String),
}

/// Finds what a text means: a patch's number or id, a series (its patches), an address, `path:line` (of the tip, else of the base), a path (what each patch
/// does there), a symbol.
///
/// A name that several symbols have (a field of several records, a static function of several files) means all of them.
///
/// # Errors
/// When it means nothing.
pub fn meant(plan: &Plan, facts: &Facts, addresses: &[Address], what: &str) -> Result<Vec<Meant>, NothingMeant> {
    let patches = &plan.campaign.patches;
    if let Ok(number) = what.parse::<usize>()
        && (1..=patches.len()).contains(&number)
    {
        return Ok(vec![Meant::Patch(PatchIdx(number - 1))]);
    }
    if let Some(idx) = patches.iter().position(|patch| patch.patch_id == what) {
        return Ok(vec![Meant::Patch(PatchIdx(idx))]);
    }
    if let Some(series) = plan.campaign.series.iter().find(|series| series.name == what) {
        return Ok(series.patches.iter().copied().map(Meant::Patch).collect());
    }
    if let Ok(address) = what.parse::<Address>()
        && let Some(idx) = addresses.iter().position(|known| *known == address)
    {
        return Ok(vec![Meant::Edit(EditId::at(idx))]);
    }
    if let Some((path, line)) = what.rsplit_once(':')
        && let Ok(line) = line.parse::<usize>()
        && plan.change.files().any(|(_, file)| is_at(file, path))
    {
        return at_line(plan, path, line);
    }
    let files: Vec<FileId> = plan.change.files().filter(|(_, file)| is_at(file, what)).map(|(file_id, _)| file_id).collect();
    let has = |idx: usize, file_id| patches[idx].edits.iter().any(|&edit_id| plan.edits.get(edit_id).file_id == file_id);
    let all = (0..patches.len()).flat_map(|idx| files.iter().map(move |file_id| (idx, *file_id)));
    let touching: Vec<Meant> =
        all.filter(|(idx, file_id)| has(*idx, *file_id)).map(|(idx, file_id)| Meant::InFile(PatchIdx(idx), file_id)).collect();
    if !touching.is_empty() {
        return Ok(touching);
    }
    let symbols = symbols(facts, what);
    if symbols.is_empty() { Err(NothingMeant::Unknown(what.to_owned())) } else { Ok(symbols) }
}

fn is_at(file: &crate::model::FileChange, path: &str) -> bool {
    [&file.base, &file.tip].into_iter().flatten().any(|entry| entry.path == path)
}

/// Returns the edits that put a line of the tip there; where none does, those that take this line of the base away.
fn at_line(plan: &Plan, path: &str, line: usize) -> Result<Vec<Meant>, NothingMeant> {
    let of_file = || plan.edits.iter().filter(|(_, edit)| is_at(plan.change.file(edit.file_id), path));
    let span = |text: &[u8]| {
        let lines = Lines::of(text);
        line.checked_sub(1).filter(|first| *first < lines.len()).map(|first| lines.span(first, first + 1))
    };
    let mut found: Vec<Meant> = Vec::new();
    for (edit_id, edit) in of_file() {
        let at = span(plan.change.file(edit.file_id).tip_text());
        if edit.tip_span.zip(at).is_some_and(|(own, at)| own.overlaps(at)) {
            found.push(Meant::Edit(edit_id));
        }
    }
    if found.is_empty() {
        for (edit_id, edit) in of_file() {
            let at = span(plan.change.file(edit.file_id).base_text());
            if let (Some((TextId::File(_), own, _)), Some(at)) = (edit.splice(), at)
                && own.overlaps(at)
            {
                found.push(Meant::Edit(edit_id));
            }
        }
    }
    if found.is_empty() {
        let first = |edit: &crate::model::Edit| {
            let text = plan.change.file(edit.file_id).tip_text();
            edit.tip_span.filter(|span| !span.is_empty()).map(|span| Lines::of(text).line_at(span.start) + 1)
        };
        let near = of_file().filter_map(|(_, edit)| first(edit)).min_by_key(|first| (first.abs_diff(line), *first));
        return Err(NothingMeant::Line { path: path.to_owned(), line, near });
    }
    Ok(found)
}

/// Returns the symbols that are written so: `struct page.index`, `page.index`, `.index`, `gmap_link()`, `gmap_link`, `CONFIG_KVM`.
fn symbols(facts: &Facts, what: &str) -> Vec<Meant> {
    let all = || (0u32..).map(SymbolId).take(facts.symbols.len());
    let named = |wanted: &dyn Fn(&Symbol) -> bool| -> Vec<Meant> {
        all().filter(|symbol_id| wanted(facts.symbols.get(*symbol_id))).map(Meant::Symbol).collect()
    };
    let exact = named(&|symbol| symbol.kind != SymbolKind::Local && symbol.shown() == what);
    if !exact.is_empty() {
        return exact;
    }
    let (record, name) = what.rsplit_once('.').map_or((None, what), |(record, name)| (Some(record), name));
    let is_record = |symbol: &Symbol, record: &str| {
        let own = symbol.record.as_ref().map_or(BStr::new(""), |own| own.as_ref());
        record.is_empty() || own == record || own.rsplit_str(" ").next() == Some(record.as_bytes())
    };
    let name: BString = name.trim_end_matches("()").into();
    named(&|symbol| match record {
        Some(record) => symbol.kind == SymbolKind::Field && symbol.name == name && is_record(symbol, record),
        None => symbol.kind != SymbolKind::Local && symbol.name == name,
    })
}
