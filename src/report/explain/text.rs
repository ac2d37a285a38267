//! What is said of a thing, as people read it.

use super::{Does, EditExplanation, Explanation, Neighbour, PatchExplanation, PatchName, Place, SymbolExplanation, Tied};
use crate::report::plan_text::count;
use crate::ui::color::{Label, Line};

/// Lines of an edit, reasons of a neighbour and places of a symbol beyond this are counted.
const FEW: usize = 8;
/// Reasons between two patches beyond this are counted.
const REASONS: usize = 3;

/// Draws one explanation, without a blank line at its end.
pub fn lines(explanation: &Explanation) -> Vec<Line> {
    match explanation {
        Explanation::Patch(patch) => of_patch(patch),
        Explanation::Edit(edit) => of_edit(edit),
        Explanation::Symbol(symbol) => of_symbol(symbol),
    }
}

fn plain(text: impl Into<String>) -> (Label, String) {
    (Label::Plain, text.into())
}

fn dim(text: impl Into<String>) -> (Label, String) {
    (Label::Dim, text.into())
}

fn title(out: &mut Vec<Line>, text: &str) {
    out.push(Vec::new());
    out.push(vec![(Label::Heading, text.to_owned())]);
}

fn of_patch(explanation: &PatchExplanation) -> Vec<Line> {
    let mut out =
        vec![vec![plain(format!("{} ", explanation.patch.number)), (Label::Heading, explanation.patch.subject.clone())]];
    if let Some((series, home)) = &explanation.series {
        out.push(vec![plain(format!("In series '{series}': most of its lines are of {home}."))]);
    }
    for (needed, why) in &explanation.series_needs {
        out.push(vec![plain(format!("The series needs '{needed}': {why}."))]);
    }
    match &explanation.only_in {
        Some(path) => {
            title(&mut out, &format!("Its edits in {path}, {} of {}:", explanation.edits.len(), explanation.n_edits));
        }
        None => title(&mut out, "Its edits:"),
    }
    out.extend(explanation.edits.iter().map(row));
    does(&mut out, "What it does:", &explanation.does);
    if !explanation.why.is_empty() {
        title(&mut out, "Why it is not smaller:");
        out.extend(explanation.why.iter().map(|why| vec![plain(format!("  {why}"))]));
    }
    neighbours(&mut out, "After:", &explanation.after);
    neighbours(&mut out, "Before:", &explanation.before);
    out
}

fn of_edit(explanation: &EditExplanation) -> Vec<Line> {
    let mut out = vec![vec![(Label::Path, whereabouts(&explanation.place)), dim(format!("  {}", explanation.place.address))]];
    out.push(match &explanation.patch {
        Some(patch) => vec![plain(format!("In patch {} ", patch.number)), (Label::Heading, patch.subject.clone())],
        None => vec![plain("In no patch: a bridge stands for it.")],
    });
    out.push(Vec::new());
    for (sign, style, lines) in [('-', Label::Removed, &explanation.removed), ('+', Label::Added, &explanation.inserted)] {
        out.extend(lines.iter().take(FEW).map(|line| vec![(style, format!("  {sign}{line}"))]));
        if lines.len() > FEW {
            out.push(vec![dim(format!("  {sign} and {} more", count(lines.len() - FEW, "line")))]);
        }
    }
    does(&mut out, "What it does:", &explanation.does);
    ties(&mut out, "Cannot be apart from:", &explanation.together, explanation.patch.as_ref());
    ties(&mut out, "Comes after:", &explanation.after, explanation.patch.as_ref());
    ties(&mut out, "Comes before:", &explanation.before, explanation.patch.as_ref());
    if explanation.together.is_empty() && explanation.after.is_empty() && explanation.before.is_empty() {
        title(&mut out, "Nothing ties it: it could go alone, anywhere.");
    }
    out
}

fn of_symbol(explanation: &SymbolExplanation) -> Vec<Line> {
    let mut head = vec![(Label::Heading, explanation.symbol.clone())];
    if let Some(path) = &explanation.only_in {
        head.push(dim(format!("  seen in {path} only")));
    }
    let mut out = vec![head];
    for one in &explanation.patches {
        out.push(Vec::new());
        out.push(match &one.patch {
            Some(patch) => vec![
                plain(format!("{} ", patch.number)),
                (Label::Heading, patch.subject.clone()),
                plain(format!("  {} it", one.does)),
            ],
            None => vec![dim(format!("superseded by a bridge  {} it", one.does))],
        });
        out.extend(one.places.iter().take(FEW).map(row));
        if one.places.len() > FEW {
            out.push(vec![dim(format!("  and {} more", count(one.places.len() - FEW, "edit")))]);
        }
    }
    if !explanation.orders.is_empty() {
        title(&mut out, "The order it makes:");
    }
    for order in &explanation.orders {
        let text = if order.first == order.second {
            format!("  inside {}: {}", order.first.number, order.reason)
        } else {
            format!("  {} before {}: {}", order.first.number, order.second.number, order.reason)
        };
        out.push(vec![plain(text)]);
    }
    out
}

/// Returns `path:12`, for a line that only the base has `path:12 (base)`.
fn whereabouts(place: &Place) -> String {
    match (place.line, place.side) {
        (Some(line), "base") => format!("{}:{line} (base)", place.path),
        (Some(line), _) => format!("{}:{line}", place.path),
        (None, _) => place.path.clone(),
    }
}

fn row(place: &Place) -> Line {
    vec![plain("  "), (Label::Path, whereabouts(place)), plain(format!("  {}", place.text)), dim(format!("  {}", place.address))]
}

fn does(out: &mut Vec<Line>, heading: &str, list: &[Does]) {
    if !list.is_empty() {
        title(out, heading);
    }
    for one in list {
        let shown: Vec<&str> = one.symbols.iter().take(FEW).map(String::as_str).collect();
        let more = match one.symbols.len() - shown.len() {
            0 => String::new(),
            n_more => format!(" and {n_more} more"),
        };
        out.push(vec![dim(format!("  {} ", one.verb)), plain(format!("{}{more}", shown.join(", ")))]);
    }
}

fn neighbours(out: &mut Vec<Line>, heading: &str, list: &[Neighbour]) {
    if !list.is_empty() {
        title(out, heading);
    }
    for one in list {
        out.push(vec![plain(format!("  {} {}", one.patch.number, one.patch.subject))]);
        out.extend(one.reasons.iter().take(REASONS).map(|reason| vec![dim(format!("      {reason}"))]));
        if one.reasons.len() > REASONS {
            out.push(vec![dim(format!("      and {}", count(one.reasons.len() - REASONS, "more reason")))]);
        }
    }
}

fn ties(out: &mut Vec<Line>, heading: &str, list: &[Tied], own: Option<&PatchName>) {
    if !list.is_empty() {
        title(out, heading);
    }
    for one in list {
        let mut line = row(&one.place);
        match &one.patch {
            Some(patch) if own == Some(patch) => {}
            Some(patch) => line.push(plain(format!("  in {} {}", patch.number, patch.subject))),
            None => {}
        }
        out.push(line);
        out.push(vec![dim(format!("      {}", one.reason))]);
    }
}
