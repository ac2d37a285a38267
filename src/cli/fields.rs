//! `git cleave fields`: who still uses a member of a record.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use bstr::{BStr, BString, ByteSlice};
use clap::Args;
use serde::Serialize;

use super::{Context, Failure, Format, exit};
use crate::analyze::project::{TreeFiles, owners_at};
use crate::model::address::shown;
use crate::review::audit::{Audit, MemberUse, Wanted, in_tree, since};
use crate::ui::color::{Label, Line};
use get_maintainer::Tree;

/// List the places that name a member of a struct or union, by subsystem
///
/// Types decide, not names: `x->index` counts when x is, or points to, the record. Macro bodies, trace events and all branches of
/// #if are looked at. A place whose record is not known is counted apart.
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/fields.txt"))]
pub(crate) struct FieldsArgs {
    /// Members: 'struct page.index', page.index, or a typedef's pte_t.pte
    #[arg(required = true, value_name = "STRUCT.FIELD")]
    fields: Vec<String>,
    /// The commit to look at; of a range A..B, only what B has over A
    #[arg(long, value_name = "REV|RANGE", default_value = "HEAD")]
    rev: String,
    /// List also the places whose record is not known
    #[arg(long)]
    unresolved: bool,
}

#[derive(Debug, Serialize)]
struct JsonPlace {
    path: String,
    line: usize,
    column: usize,
    record: Option<String>,
    field: String,
    access: &'static str,
}

pub(crate) fn run(context: &Context, args: FieldsArgs) -> Result<u8, Failure> {
    let mut wanted = Vec::new();
    for text in &args.fields {
        let one = Wanted::parse(text).ok_or_else(|| {
            Failure::new(exit::USAGE, format!("'{text}' is no member of a record")).hint("git cleave fields 'struct page.index'")
        })?;
        wanted.push(one);
    }
    let repository = context.repository()?;
    let is_range = args.rev.contains("..");
    let (tip, audit) = if is_range {
        let range = repository.range(Some(&args.rev))?;
        (range.tip, since(&repository, range.base, range.tip, &wanted)?)
    } else {
        let commit_id = repository.commit(&args.rev)?;
        (commit_id, in_tree(&repository, repository.tree_of(commit_id)?, &wanted)?)
    };
    let Audit { mut places, unresolved, members, others } = audit;
    for (wanted, members) in &members {
        if members.is_empty() && is_range {
            let Wanted { record, .. } = wanted;
            context
                .say(&format!("note: no file that differs knows a record '{record}'; whether there is one was not looked for\n"));
        } else if !members.contains(wanted.field.as_bytes().as_bstr()) {
            return Err(missing(&args.rev, wanted, members, &others));
        }
    }
    let n_unresolved = unresolved.len();
    let n_places = places.len();
    if args.unresolved {
        places.extend(unresolved);
        places.sort();
    }
    match context.format {
        Format::Json => context.print_json_lines(&places.iter().map(json).collect::<Vec<_>>())?,
        Format::Text => {
            let tree_id = repository.tree_of(tip)?;
            let owners = owners_at(&repository, tree_id, tree_id)?;
            let folders = TreeFiles::of(&repository, tree_id);
            let home = |path: &BStr| owners.home(path, &|path| folders.is_folder(path)).name.to_string();
            context.print_lines(&by_home(&places, &home))?;
        }
    }
    let names = args.fields.join(", ");
    context.say(&format!("{names}: {n_places} {}", if n_places == 1 { "place" } else { "places" }));
    context.say(&match (n_unresolved, args.unresolved) {
        (0, _) => "\n".to_owned(),
        (n, true) => format!("; {n} more whose record is not known\n"),
        (n, false) => format!("; {n} more whose record is not known (--unresolved lists them)\n"),
    });
    Ok(exit::DONE)
}

/// How many names a hint lists.
const NAMES_AT_MOST: usize = 12;

/// Says which of record and member is not there, and what is: the members whose names begin most alike first.
fn missing(rev: &str, wanted: &Wanted, members: &BTreeSet<BString>, others: &BTreeSet<BString>) -> Failure {
    let Wanted { record, field } = wanted;
    let list = |names: Vec<&BString>| {
        let more = if names.len() > NAMES_AT_MOST { ", …" } else { "" };
        format!("{}{more}", names.into_iter().take(NAMES_AT_MOST).map(ToString::to_string).collect::<Vec<_>>().join(", "))
    };
    if members.is_empty() {
        let failure = Failure::new(exit::USAGE, format!("there is no record '{record}' in {rev}"));
        return match others.is_empty() {
            true => failure.hint("a struct or union of the tree, or a typedef of one"),
            false => failure.hint(format!("'{field}' is a member of {}", list(others.iter().collect()))),
        };
    }
    let mut near: Vec<&BString> = members.iter().collect();
    near.sort_by_key(|name| Reverse(name.iter().zip(field.bytes()).take_while(|(one, other)| **one == *other).count()));
    Failure::new(exit::USAGE, format!("'{record}' has no member '{field}' in {rev}")).hint(format!("it has {}", list(near)))
}

fn json(place: &MemberUse) -> JsonPlace {
    JsonPlace {
        path: place.path.to_string(),
        line: place.line,
        column: place.column,
        record: place.record.as_ref().map(ToString::to_string),
        field: place.field.to_string(),
        access: place.access.word(),
    }
}

/// Draws the places under the subsystems that own them, the largest first.
fn by_home(places: &[MemberUse], home: &dyn Fn(&BStr) -> String) -> Vec<Line> {
    let mut homes: BTreeMap<String, Vec<&MemberUse>> = BTreeMap::new();
    let mut known: BTreeMap<&BStr, String> = BTreeMap::new();
    for place in places {
        let home = known.entry(place.path.as_ref()).or_insert_with(|| home(place.path.as_ref()));
        homes.entry(home.clone()).or_default().push(place);
    }
    let mut homes: Vec<_> = homes.into_iter().collect();
    homes.sort_by(|one, other| other.1.len().cmp(&one.1.len()).then_with(|| one.0.cmp(&other.0)));
    let mut lines = Vec::new();
    for (home, places) in homes {
        lines.push(vec![(Label::Heading, home), (Label::Plain, format!(" ({})", places.len()))]);
        for place in places {
            let at = format!("  {}:{}:{}", shown(place.path.as_ref()), place.line, place.column);
            let record = place.record.as_ref().map_or("?".to_owned(), ToString::to_string);
            let what = format!("  {record}.{} {}", place.field, place.access.word());
            lines.push(vec![(Label::Path, at), (Label::Dim, what), (Label::Plain, format!("  {}", place.text))]);
        }
        lines.push(Line::new());
    }
    lines
}
