//! A rule as people and programs read it: in a line, as a Coccinelle semantic patch, as a sed command.

use bstr::{BStr, BString, ByteVec};

use super::{PatternPart, Rule, RuleKind};

/// How a rule is made again elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replay {
    /// A semantic patch. Source: Coccinelle, "The SmPL Grammar".
    SemanticPatch(String),
    /// A command of a shell, to be given the files.
    Sed(String),
}

impl Rule {
    /// Returns the rule in a line: `E->index -> E->place`, `f($1, $2) -> f($1, $2, true)`.
    pub fn line(&self) -> String {
        let side = |parts: &[PatternPart]| match self.kind {
            RuleKind::Field => format!("E{}{}", if self.reached.0 { "->" } else { "." }, text(parts, "$")),
            RuleKind::Function => format!("{}()", text(parts, "$")),
            RuleKind::Tokens if parts.is_empty() => "nothing".to_owned(),
            RuleKind::Word | RuleKind::Call | RuleKind::Tokens => text(parts, "$").to_string(),
        };
        format!("{} -> {}", side(&self.old), side(&self.new))
    }

    /// Returns what makes the rule again. `record` is that of a member, where it is known to be the same in all places;
    /// `reached` says whether by `->` and by `.`.
    /// `None` for bare tokens, which no tool can place.
    pub fn replay(&self, record: Option<&BStr>, reached: (bool, bool)) -> Option<Replay> {
        let (old, new) = (text(&self.old, "E"), text(&self.new, "E"));
        let replay = match self.kind {
            RuleKind::Tokens => return None,
            RuleKind::Word => Replay::Sed(format!("sed -i 's/\\b{old}\\b/{new}/g'")),
            RuleKind::Function => Replay::SemanticPatch(format!("@@\n@@\n- {old}\n+ {new}\n  (...)\n")),
            RuleKind::Call => {
                let mut holes: Vec<usize> = self
                    .old
                    .iter()
                    .filter_map(|part| if let PatternPart::Hole(hole) = part { Some(*hole) } else { None })
                    .collect();
                holes.sort_unstable();
                holes.dedup();
                let names: Vec<String> = holes.iter().map(|hole| format!("E{}", hole + 1)).collect();
                let declared = if names.is_empty() { String::new() } else { format!("expression {};\n", names.join(", ")) };
                Replay::SemanticPatch(format!("@@\n{declared}@@\n- {old}\n+ {new}\n"))
            }
            RuleKind::Field => {
                let tag = record.filter(|record| record.starts_with(b"struct ") || record.starts_with(b"union "));
                let rule = |arrow: &str, star: &str| {
                    let declared = tag.map_or("expression E;".to_owned(), |tag| format!("{tag} {star}E;"));
                    format!("@@\n{declared}\n@@\n- E{arrow}{old}\n+ E{arrow}{new}\n")
                };
                let (by_pointer, by_value) = reached;
                let mut rules = Vec::new();
                if by_pointer || !by_value {
                    rules.push(rule("->", "*"));
                }
                if by_value {
                    rules.push(rule(".", ""));
                }
                Replay::SemanticPatch(rules.join("\n"))
            }
        };
        Some(replay)
    }

    /// Returns both sides as one would write them, holes as `$1`; a side may be empty.
    pub fn sides(&self) -> (BString, BString) {
        (text(&self.old, "$"), text(&self.new, "$"))
    }
}

/// Writes a pattern as one would write code.
fn text(parts: &[PatternPart], hole: &str) -> BString {
    let mut out = BString::default();
    let mut last: &[u8] = b"";
    for part in parts {
        let token: BString = match part {
            PatternPart::Token(token) => token.clone(),
            PatternPart::Hole(nth) => format!("{hole}{}", nth + 1).into(),
        };
        let words = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$'));
        if last == b"," || words(last.last()) && words(token.first()) {
            out.push(b' ');
        }
        out.push_str(&token);
        last = match part {
            PatternPart::Token(token) => token.as_slice(),
            PatternPart::Hole(_) => b"E",
        };
    }
    out
}
