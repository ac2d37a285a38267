//! On which line of a step's file a finding stands.

use std::collections::BTreeMap;

use bstr::ByteSlice;

use super::finding::Finding;
use super::times::Times;
use crate::analyze::occurrences::Order;
use crate::model::{Change, EditId, Edits, FileId, TextId};

/// Fills in the line of each finding that has a place. Cost: the base texts, and the edits of the file for each finding.
pub(super) fn fill_in(change: &Change, edits: &Edits, times: &Times, findings: &mut [Finding]) {
    if findings.iter().all(|finding| finding.at.is_none()) {
        return;
    }
    let by_file: BTreeMap<FileId, Vec<EditId>> = edits.by_file();
    let mut lines: BTreeMap<FileId, Vec<usize>> = BTreeMap::new();
    for finding in findings {
        let Some((file_id, order)) = finding.at else { continue };
        let ends = lines.entry(file_id).or_insert_with(|| change.file(file_id).base_text().find_iter("\n").collect());
        let applied = by_file.get(&file_id).into_iter().flatten().filter(|edit_id| times.at(**edit_id) <= finding.step + 1);
        let line = 1 + line(change, edits, (file_id, ends), order, applied.copied());
        finding.line = u32::try_from(line).unwrap_or(u32::MAX);
    }
}

/// Returns the number of lines before a place in the text that the edits make; `ends` are those of the base's lines.
fn line(
    change: &Change,
    edits: &Edits,
    (file_id, ends): (FileId, &[usize]),
    order: Order,
    applied: impl Iterator<Item = EditId>,
) -> usize {
    let count = |text: &[u8]| text.find_iter("\n").count();
    let base = change.file(file_id).base_text();
    let upto = order.base.min(base.len());
    let (mut more, mut fewer) = (ends.partition_point(|&end| end < upto), 0);
    for edit_id in applied {
        let Some((TextId::File(_), span, insert)) = edits.get(edit_id).splice() else { continue };
        fewer += count(&base[span.start.min(upto)..span.end.min(upto)]);
        if edit_id.idx() == order.insertion {
            more += count(&insert[..order.inner.min(insert.len())]);
        } else if (span.start, edit_id.idx()) < (order.base, order.insertion) {
            more += count(insert);
        }
    }
    more - fewer
}
