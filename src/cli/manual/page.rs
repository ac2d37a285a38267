//! One man page a command: synopsis and options from clap, then the sections of `docs/` that speak of the command.

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use roff::{Inline, Roff, bold, italic, roman};

use crate::cli::Arguments;

/// The pages in `docs/`: file name and text.
const DOCS: &[(&str, &str)] = &[
    ("plan.md", include_str!("../../../docs/plan.md")),
    ("verify.md", include_str!("../../../docs/verify.md")),
    ("mail.md", include_str!("../../../docs/mail.md")),
    ("versions.md", include_str!("../../../docs/versions.md")),
    ("lint.md", include_str!("../../../docs/lint.md")),
    ("review.md", include_str!("../../../docs/review.md")),
    ("settings.md", include_str!("../../../docs/settings.md")),
    ("json.md", include_str!("../../../docs/json.md")),
    ("troubleshooting.md", include_str!("../../../docs/troubleshooting.md")),
];

/// Which sections of `docs/` stand in which page: page, file, and the heading of a section or `None` for the whole file.
const SECTIONS: &[(&str, &str, Option<&str>)] = &[
    ("git-cleave", "settings.md", None),
    ("git-cleave", "json.md", None),
    ("git-cleave", "troubleshooting.md", None),
    ("git-cleave-plan", "plan.md", Some("Plan a change")),
    ("git-cleave-plan", "plan.md", Some("Choose the size of the patches")),
    ("git-cleave-plan", "plan.md", Some("Plan again")),
    ("git-cleave-plan", "plan.md", Some("Bridges")),
    ("git-cleave-show", "plan.md", Some("Plan again")),
    ("git-cleave-log", "plan.md", Some("Take it back")),
    ("git-cleave-undo", "plan.md", Some("Take it back")),
    ("git-cleave-restore", "plan.md", Some("Take it back")),
    ("git-cleave-edit", "plan.md", Some("Edit the plan")),
    ("git-cleave-edit", "plan.md", Some("Write what only you know")),
    ("git-cleave-explain", "plan.md", Some("Ask why")),
    ("git-cleave-split", "plan.md", Some("Write the branches")),
    ("git-cleave-adopt", "plan.md", Some("Rework the branches with git")),
    ("git-cleave-verify", "verify.md", None),
    ("git-cleave-mail", "mail.md", None),
    ("git-cleave-mail", "versions.md", None),
    ("git-cleave-lint", "lint.md", None),
    ("git-cleave-review", "review.md", Some("Review a change")),
    ("git-cleave-fields", "review.md", Some("Find the users of a member")),
    ("git-cleave-owners", "review.md", Some("Find the owners of a file")),
    ("git-cleave-list", "troubleshooting.md", Some("What is written where")),
    ("git-cleave-drop", "troubleshooting.md", Some("What is written where")),
    ("git-cleave-demo", "plan.md", Some("Plan a change")),
];

/// The first line of every page: `manual --install` replaces files that have it.
const MARK: &str = concat!(".\\\" ", "made by git cleave manual\n");

/// Returns the names of all pages, the program's first.
pub(super) fn names() -> Vec<String> {
    let command = built();
    let commands = command.get_subcommands().filter(|command| !command.is_hide_set() && command.get_name() != "help");
    std::iter::once("git-cleave".to_owned()).chain(commands.map(|command| format!("git-cleave-{}", command.get_name()))).collect()
}

/// Returns a page in man's format, or `None` where no command has that page.
///
/// # Errors
/// None in practice: the page is written into memory.
pub(super) fn render(name: &str) -> std::io::Result<Option<String>> {
    let all = built();
    let command = match name.strip_prefix("git-cleave-") {
        None => &all,
        Some("help") => return Ok(None),
        Some(subcommand) => match all.find_subcommand(subcommand) {
            Some(found) => found,
            None => return Ok(None),
        },
    };
    let man = Man::new(command.clone());
    let title =
        format!(".TH {} 1 \"\" \"git-cleave {}\" \"git-cleave manual\"\n", name.to_uppercase(), env!("CARGO_PKG_VERSION"));
    let mut bytes = format!("{MARK}{title}").into_bytes();
    man.render_name_section(&mut bytes)?;
    let usage = command.clone().render_usage().to_string();
    let mut synopsis = Roff::new();
    synopsis.control("SH", ["SYNOPSIS"]).text([bold(usage.trim_start_matches("Usage: "))]);
    synopsis.to_writer(&mut bytes)?;
    man.render_description_section(&mut bytes)?;
    man.render_options_section(&mut bytes)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut bytes)?;
    }
    let mut roff = Roff::new();
    if let Some(after) = command.get_after_long_help().or_else(|| command.get_after_help()) {
        notes(&mut roff, after.to_string().trim_end());
    }
    for (_, file, heading) in SECTIONS.iter().filter(|(page, ..)| *page == name) {
        let (_, text) = DOCS.iter().find(|(known, _)| known == file).expect("SECTIONS names files of DOCS");
        markdown(&mut roff, &section(text, *heading));
    }
    roff.control("SH", ["SEE ALSO"]);
    let others: Vec<Inline> = names()
        .iter()
        .filter(|other| *other != name)
        .flat_map(|other| [bold(other.as_str()), roman("(1), ")])
        .chain([bold("git-send-email"), roman("(1), "), bold("git-rebase"), roman("(1)")])
        .collect();
    roff.text(others);
    roff.to_writer(&mut bytes)?;
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

/// Returns the program's definition with the names that its commands have in full.
fn built() -> Command {
    let mut command = Arguments::command();
    command.build();
    command
}

/// Returns the section of a page below this heading, or all of the page below its title.
fn section(text: &str, heading: Option<&str>) -> String {
    let mut inside = heading.is_none();
    let mut out = String::new();
    for line in text.lines().filter(|line| !line.starts_with("# ")) {
        if let (Some(wanted), Some(found)) = (heading, line.strip_prefix("## ")) {
            inside = found == wanted;
        }
        if inside {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

/// Appends what follows the options in `--help`: a paragraph is a section, called as its first words before a colon say.
fn notes(roff: &mut Roff, text: &str) {
    for block in text.split("\n\n") {
        let (first, rest) = block.split_once('\n').unwrap_or((block, ""));
        if let (Some(name), false) = (first.strip_suffix(':'), rest.is_empty()) {
            roff.control("SH", [name.split(',').next().unwrap_or(name).to_uppercase().as_str()]);
            verbatim(roff, rest);
            continue;
        }
        let block = block.replace('\n', " ");
        let (name, paragraph) = match block.split_once(": ") {
            Some((name @ ("Files" | "Exit codes"), paragraph)) => (name, paragraph),
            _ => ("Notes", block.as_str()),
        };
        roff.control("SH", [name.to_uppercase().as_str()]);
        roff.text([roman(paragraph)]);
    }
}

/// Appends Markdown as our pages use it: headings, paragraphs, lists, tables, fenced blocks, `code`, **bold** and links.
fn markdown(roff: &mut Roff, text: &str) {
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if line.is_empty() {
            continue;
        }
        if let Some(title) = line.strip_prefix("## ") {
            roff.control("SH", [title.to_uppercase().as_str()]);
        } else if let Some(title) = line.strip_prefix("### ") {
            roff.control("SS", [title]);
        } else if line.starts_with("```") {
            let block: Vec<&str> = lines.by_ref().take_while(|line| !line.starts_with("```")).collect();
            verbatim(roff, &block.join("\n"));
        } else if line.starts_with('|') {
            let mut row = cells(line);
            if lines.peek().is_some_and(|next| next.starts_with("|-")) {
                lines.next();
                row.clear();
            }
            if let Some((first, rest)) = row.split_first() {
                roff.control("TP", []);
                roff.text(inline(first));
                roff.text(inline(&rest.join("; ")));
            }
        } else {
            let (item, mut paragraph) = match line.strip_prefix("- ") {
                Some(rest) => (true, rest.to_owned()),
                None => (false, line.to_owned()),
            };
            while let Some(next) =
                lines.next_if(|next| !next.is_empty() && !["- ", "```", "|", "#"].iter().any(|start| next.starts_with(start)))
            {
                paragraph.push(' ');
                paragraph.push_str(next.trim_start());
            }
            if item {
                roff.control("IP", ["\\(bu", "2"]);
            } else {
                roff.control("PP", []);
            }
            roff.text(inline(&paragraph));
        }
    }
}

/// Returns the cells of a table's row.
fn cells(line: &str) -> Vec<String> {
    line.trim().trim_matches('|').replace("\\|", "\u{1}").split('|').map(|cell| cell.trim().replace('\u{1}', "|")).collect()
}

/// Appends lines that keep their breaks and spaces.
fn verbatim(roff: &mut Roff, block: &str) {
    roff.control("PP", []).control("RS", ["4"]).control("nf", []);
    for line in block.lines() {
        roff.text([roman(if line.is_empty() { " " } else { line })]);
    }
    roff.control("fi", []).control("RE", []);
}

/// Cuts a paragraph into plain text, code and bold text. A link keeps its text alone.
fn inline(text: &str) -> Vec<Inline> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['`', '*', '[']) {
        let (before, from) = rest.split_at(at);
        let (mark, end) = match from.as_bytes()[0] {
            b'`' => ("`", "`"),
            b'[' => ("[", "]("),
            _ => ("**", "**"),
        };
        let found = from.strip_prefix(mark).and_then(|inner| inner.split_once(end));
        match found {
            Some((inner, after)) => {
                out.push(roman(before));
                out.push(match mark {
                    "[" => italic(inner.trim_matches('`')),
                    _ => bold(inner),
                });
                rest = if mark == "[" { after.split_once(')').map_or("", |(_, after)| after) } else { after };
            }
            None => {
                out.push(roman(&rest[..=at]));
                rest = &rest[at + 1..];
            }
        }
    }
    out.push(roman(rest));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roff(text: &str) -> String {
        let mut roff = Roff::new();
        markdown(&mut roff, text);
        roff.render()
    }

    #[test]
    fn markdown_becomes_roff() {
        let text = "## To try\n\nA `-v` of **two**\nlines, see [the page](x.md).\n\n- one\n- two\n  more\n\n\
            ```sh\n.dot\n```\n\n| a | b |\n|---|---|\n| `c` | d |\n";
        insta::assert_snapshot!(roff(text), @r#"
        .ie \n(.g .ds Aq \(aq
        .el .ds Aq '
        .SH "TO TRY"
        .PP
        A \fB\-v\fR of \fBtwo\fR lines, see \fIthe page\fR.
        .IP \(bu 2
        one
        .IP \(bu 2
        two more
        .PP
        .RS 4
        .nf
        \&.dot
        .fi
        .RE
        .TP
        \fBc\fR
        d
        "#);
    }

    #[test]
    fn every_section_of_the_documents_stands_in_a_page() {
        for (file, text) in DOCS {
            for heading in text.lines().filter_map(|line| line.strip_prefix("## ")) {
                let named =
                    SECTIONS.iter().any(|(_, name, section)| name == file && section.is_none_or(|section| section == heading));
                assert!(named, "{file}: no page has '{heading}'");
            }
        }
        for (page, file, heading) in SECTIONS {
            let (_, text) = DOCS.iter().find(|(known, _)| known == file).unwrap();
            assert!(!section(text, *heading).trim().is_empty(), "{page}: '{file}' has no section {heading:?}");
        }
    }

    #[test]
    fn every_command_has_a_page_with_a_mark_and_an_example() {
        for name in names() {
            let page = render(&name).unwrap().unwrap();
            assert!(page.starts_with(MARK), "{name}");
            assert!(page.contains(".SH EXAMPLES") || page.contains("\ngit cleave "), "{name} has no example");
            assert!(page.to_lowercase().contains("exit code"), "{name} does not say what its exit codes mean");
        }
        assert!(render("git-cleave-no-such-command").unwrap().is_none());
    }

    /// Cuts a line as a shell does, without expansions; a comment, a pipe or a redirection ends it.
    fn words(line: &str) -> Vec<String> {
        let (mut words, mut word, mut quoted, mut any) = (Vec::new(), String::new(), None, false);
        for c in line.chars() {
            match (quoted, c) {
                (Some(quote), c) if c == quote => quoted = None,
                (None, '\'' | '"') => (quoted, any) = (Some(c), true),
                (None, '|' | '>' | '<' | '#' | ';') if !any => break,
                (None, ' ') => {
                    if any {
                        words.push(std::mem::take(&mut word));
                    }
                    any = false;
                }
                (_, c) => {
                    word.push(c);
                    any = true;
                }
            }
        }
        if any {
            words.push(word);
        }
        words
    }

    #[test]
    fn every_command_line_of_the_documents_is_one() {
        let mut tried = 0;
        let readme = ("README.md", include_str!("../../../README.md"));
        for (file, text) in DOCS.iter().chain([&readme]) {
            let mut fenced = false;
            for line in text.lines() {
                fenced ^= line.starts_with("```");
                let line = line.trim_start();
                let line = line.strip_prefix("$ ").unwrap_or(line);
                if !(fenced && line.starts_with("git cleave ")) {
                    continue;
                }
                tried += 1;
                let parsed = Arguments::command().try_get_matches_from(words(line).split_first().unwrap().1);
                if let Err(error) = parsed {
                    assert!(!error.use_stderr(), "{file}: '{line}': {error}");
                }
            }
        }
        assert!(tried > 30, "only {tried} command lines were found");
    }
}
