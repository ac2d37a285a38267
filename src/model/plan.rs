//! A campaign with the change it cuts: what is kept, edited and carried out.

use bstr::BStr;

use super::campaign::{Campaign, Landing};
use super::change::Change;
use super::edit::Edits;
use super::relation::Relation;
use super::wording::Words;

/// Everything that `split`, `verify` and `mail` need.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Names branches, refs and the folder of the plan: a valid single component of a ref name.
    pub name: String,
    /// The branch whose commits are cut, or on which the working tree stood; `None` for what lies on no branch.
    pub branch: Option<String>,
    /// What is cut.
    pub change: Change,
    /// The pieces.
    pub edits: Edits,
    /// What ties them, `requires` included.
    pub relations: Vec<Relation>,
    /// Those of `relations` that the check of the ordered patches asked for. Reading the change again does not find them.
    pub from_check: Vec<Relation>,
    /// Those of `relations` that failed builds taught. Reading the change again does not find them.
    pub from_builds: Vec<Relation>,
    /// Relations that reading the change finds and that a person has overridden, as only a build can tell who is right. None of them is among `relations`.
    pub overridden: Vec<Relation>,
    /// The cut: a series a home, however it lands.
    pub campaign: Campaign,
    /// How it lands. A `Posting` of the writing room has the series that are posted.
    pub landing: Landing,
    /// What people said of it.
    pub words: Words,
}

impl Plan {
    /// Returns what the whole change is called where it is not a single commit: as somebody said, else its name.
    pub fn title(&self) -> &BStr {
        if self.words.title.is_empty() { self.name.as_str().into() } else { self.words.title.as_ref() }
    }
}

/// Makes a name fit for one part of a ref: `feature/x` becomes `feature-x`, reserved names get a suffix.
pub fn change_name(name: &str) -> String {
    let mut fit: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+') { c } else { '-' })
        .collect::<String>()
        .trim_matches(|c| matches!(c, '.' | '-'))
        .replace("..", "-");
    if let Some(stem) = fit.strip_suffix(".lock") {
        fit = format!("{stem}-lock");
    }
    match fit.as_str() {
        "" => "change".into(),
        "all" | "backup" | "log" => format!("{fit}-change"),
        _ => fit,
    }
}

#[cfg(test)]
mod tests {
    use super::change_name;

    #[test]
    fn names_fit_into_refs() {
        assert_eq!(change_name("feature/x y"), "feature-x-y");
        assert_eq!(change_name("all"), "all-change");
        assert_eq!(change_name("..a..lock"), "a-lock");
        assert_eq!(change_name("ü"), "change");
        assert_eq!(change_name("x.lock"), "x-lock");
    }
}
