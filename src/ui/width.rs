//! Results for people fit the terminal, which may have 80 columns.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::color::{Label, Line};
use crate::git::pager::asked_columns;

/// A narrower terminal is taken for one of so many columns.
const LEAST: usize = 40;
/// A tab is counted as the widest that it can be.
const TAB: usize = 8;

/// What a user copies: it is not broken.
const COMMAND: &str = "git cleave ";

/// Returns how many columns a line of results takes at most, but for a word that is longer: what `COLUMNS` says, else the terminal's; as many as it
/// needs where results go elsewhere. Source: `term_columns()` of git's `pager.c`, which says 80 there; a search would not find what is broken.
pub fn width() -> usize {
    let terminal = || terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| usize::from(width.0));
    asked_columns().or_else(terminal).map_or(usize::MAX, |width| width.max(LEAST))
}

/// Breaks a line that is too long at blanks, before a piece that then stays whole. What follows stands further in.
pub fn folded(line: &Line, width: usize) -> Vec<Line> {
    if line.iter().map(|(_, text)| columns(text)).sum::<usize>() <= width {
        return vec![line.clone()];
    }
    let before = line.iter().flat_map(|(_, text)| text.chars()).take_while(|c| *c == ' ').count();
    let indent = before.min(width / 4) + 2;
    let mut out = vec![Line::new()];
    let mut column = 0;
    for (label, text) in line {
        let mut rest = text.as_str();
        let fits_below = !rest.trim().is_empty() && indent + columns(rest.trim_start()) <= width;
        if rest.starts_with(' ') && column > indent && column + columns(rest) > width && fits_below {
            out.push(vec![(Label::Plain, " ".repeat(indent))]);
            rest = rest.trim_start();
            column = indent;
        }
        while !rest.is_empty() {
            let blanks = rest.len() - rest.trim_start_matches(' ').len();
            let end = match rest[blanks..].starts_with(COMMAND) {
                true => rest.len(),
                false => rest[blanks..].find(' ').map_or(rest.len(), |end| blanks + end),
            };
            let (mut word, n_columns) = (&rest[..end], columns(&rest[..end]));
            if column + n_columns > width && column > indent && blanks > 0 {
                out.push(vec![(Label::Plain, " ".repeat(indent))]);
                word = &word[blanks..];
                column = indent;
            }
            column += columns(word);
            if let (Some(last), false) = (out.last_mut(), word.is_empty()) {
                match last.last_mut() {
                    Some((known, text)) if known == label => text.push_str(word),
                    _ => last.push((*label, word.to_owned())),
                }
            }
            rest = &rest[end..];
        }
    }
    out
}

/// Breaks the lines of a text that are too long.
pub fn folded_text(text: &str, width: usize) -> String {
    let lines = text.lines().flat_map(|line| folded(&vec![(Label::Plain, line.to_owned())], width));
    lines.map(|line| line.into_iter().map(|(_, text)| text).collect::<String>() + "\n").collect()
}

/// Cuts the end of a text off so that it takes no more columns; `…` stands for what is gone.
pub fn shortened(text: &str, at_most: usize) -> String {
    if text.width() <= at_most {
        return text.to_owned();
    }
    let mut column = 1;
    let fits = |c: &char| {
        column += c.width().unwrap_or_default();
        column <= at_most
    };
    format!("{}…", text.chars().take_while(fits).collect::<String>().trim_end())
}

fn columns(text: &str) -> usize {
    text.width() + text.matches('\t').count() * TAB
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_at_blanks_and_words_are_whole() {
        let word = "a".repeat(30);
        let check = |text: String, expected: &[String]| {
            let lines = folded_text(&text, 80);
            assert_eq!(lines.lines().collect::<Vec<_>>(), expected, "{text}");
        };
        check(format!("  {word} {word}  end"), &[format!("  {word} {word}  end")]);
        check(format!("  {word} {word} {word} b"), &[format!("  {word} {word}"), format!("    {word} b")]);
        let long = "b".repeat(100);
        check(format!("{word} {long} c"), &[word.clone(), format!("  {long}"), "  c".into()]);
        let command = format!("{word} {word}: git cleave explain {word}");
        check(command, &[format!("{word} {word}:"), format!("  git cleave explain {word}")]);
    }

    #[test]
    fn pieces_keep_their_labels() {
        let indent = (Label::Plain, "  ".to_owned());
        let check = |one: String, other: String, expected: [Line; 2]| {
            assert_eq!(folded(&vec![(Label::Path, one), (Label::Dim, other)], 80), expected);
        };
        let one = "a ".repeat(38);
        let first = vec![(Label::Path, one.clone()), (Label::Dim, "b b".into())];
        check(one.clone(), format!("b b {}", "c".repeat(70)), [first, vec![indent.clone(), (Label::Dim, "c".repeat(70))]]);
        // One that fits below is not broken.
        check(one.clone(), " b b b b".into(), [vec![(Label::Path, one)], vec![indent, (Label::Dim, "b b b b".into())]]);
    }

    #[test]
    fn what_is_shortened_fits() {
        assert_eq!(shortened("abcdef", 6), "abcdef");
        assert_eq!(shortened("abcdefg", 6), "abcde…");
        assert_eq!(shortened("ab 漢字漢字", 7), "ab 漢…");
    }
}
