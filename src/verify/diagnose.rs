//! Compiler, linker and make output → what broke.

use std::sync::LazyLock;

use bstr::{BString, ByteSlice};
use regex::bytes::Regex;

use crate::model::diagnosis::{Diagnosis, DiagnosisKind};

/// Patterns of messages, first match wins. Source: gcc 12 and clang 14 diagnostics, binutils ld, GNU make 4.3.
static PATTERNS: LazyLock<Vec<(Regex, DiagnosisKind)>> = LazyLock::new(|| {
    use DiagnosisKind::{ArgumentCount, MissingHeader, MissingMember, MissingRule, Redefined, Undeclared, Unused};
    let quoted = |before: &str, after: &str| format!(r"(?-u){before}(?:'|\xe2\x80\x98)([^'\xe2]*)(?:'|\xe2\x80\x99){after}");
    [
        (quoted("", " undeclared"), Undeclared),
        (quoted("use of undeclared identifier ", ""), Undeclared),
        (quoted("implicit declaration of function ", ""), Undeclared),
        (quoted("call to undeclared function ", ""), Undeclared),
        (quoted("unknown type name ", ""), Undeclared),
        (quoted("", " defined but not used"), Unused),
        (quoted("unused (?:function|variable|parameter) ", ""), Unused),
        (quoted("", " declared .?static.{0,3} but never defined"), Unused),
        (quoted("redefinition of ", ""), Redefined),
        (quoted("conflicting types for ", ""), Redefined),
        (quoted("static declaration of ", " follows"), Redefined),
        (quoted("has no member named ", ""), MissingMember),
        (quoted("no member named ", ""), MissingMember),
        (quoted("too (?:few|many) arguments to function ", ""), ArgumentCount),
        (r"(?-u)too (?:few|many) arguments to function()".into(), ArgumentCount),
        (r"(?-u)fatal error: ([^:]+): No such file".into(), MissingHeader),
        (quoted("fatal error: ", " file not found"), MissingHeader),
        (quoted("No rule to make target ", ""), MissingRule),
        (r"(?-u)undefined reference to [`'\xe2\x80\x98]*([A-Za-z_]\w*)".into(), Undeclared),
        (r"(?-u)multiple definition of [`'\xe2\x80\x98]*([A-Za-z_]\w*)".into(), Redefined),
    ]
    .into_iter()
    .map(|(pattern, kind)| (Regex::new(&pattern).expect("the patterns are fixed"), kind))
    .collect()
});

static PLACE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?-u)^([^\s:]+):(\d+)(?::\d+)?: ").expect("the pattern is fixed"));

/// Finds the complaints of a log, in order, each once.
pub fn diagnose(log: &[u8]) -> Vec<Diagnosis> {
    let mut found: Vec<Diagnosis> = Vec::new();
    for line in log.lines() {
        let is_error = line.contains_str(": error:") || line.contains_str("fatal error:") || line.contains_str("***");
        let is_link = line.contains_str("undefined reference to") || line.contains_str("multiple definition of");
        if !is_error && !is_link {
            continue;
        }
        let matched = PATTERNS.iter().find_map(|(pattern, kind)| Some((pattern.captures(line)?.get(1)?.as_bytes(), *kind)));
        let (symbol, kind) = matched.unwrap_or((b"", DiagnosisKind::Other));
        let place = PLACE.captures(line);
        let part = |idx: usize| place.as_ref().and_then(|place| place.get(idx)).map(|part| part.as_bytes());
        let diagnosis = Diagnosis {
            path: part(1).filter(|_| !is_link).map(BString::from).unwrap_or_default(),
            line: part(2).and_then(|digits| digits.to_str().ok()?.parse().ok()).unwrap_or(0),
            kind,
            symbol: symbol.into(),
            text: line.to_str_lossy().into_owned(),
        };
        if kind != DiagnosisKind::Other || is_error && !line.contains_str("***") {
            found.retain(|other| *other != diagnosis);
            found.push(diagnosis);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &str) {
        let found = diagnose(line.as_bytes());
        let shown: Vec<String> =
            found.iter().map(|one| format!("{}:{} {:?} {}", one.path, one.line, one.kind, one.symbol)).collect();
        assert_eq!(shown.join("; "), expected);
    }

    #[test]
    fn complaints_name_their_symbol() {
        check("a.c:3:5: error: 'x' undeclared (first use in this function)", "a.c:3 Undeclared x");
        check("a.c:3:5: error: ‘struct page’ has no member named ‘index’", "a.c:3 MissingMember index");
        check("a.c:9:12: error: 'f' defined but not used [-Werror=unused-function]", "a.c:9 Unused f");
        check("b.c:1:10: fatal error: new.h: No such file or directory", "b.c:1 MissingHeader new.h");
        check("/usr/bin/ld: a.o: in function `main': undefined reference to `helper'", ":0 Undeclared helper");
        check("make: *** No rule to make target 'c.o', needed by 'all'.  Stop.", ":0 MissingRule c.o");
        check("a.c:2:5: warning: unused variable 'i'", "");
        check("a.c:7:1: error: expected ';' before '}' token", "a.c:7 Other ");
    }
}
