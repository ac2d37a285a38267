//! `git cleave explain`: why here, why this order.

use bstr::BStr;
use clap::Args;
use serde::Serialize;

use super::{Context, Failure, Format, exit};
use crate::git::Repository;
use crate::mail::Field;
use crate::model::Series;
use crate::pipeline::post::recipients;
use crate::pipeline::{self, Loaded};
use crate::plan::address::addresses;
use crate::report::explain::{NothingMeant, explain, meant, text};
use crate::write::{Posting, checked, store};

/// Say why a patch, a line or a symbol is where it is: what it does, what ties it, what comes before and after
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/explain.txt"))]
pub(crate) struct ExplainArgs {
    /// A patch's number or id, a series, PATH:LINE, a path, an edit's address, a symbol, or a mail address
    what: String,
    /// Which change, where there are several plans
    #[arg(long, value_name = "CHANGE")]
    name: Option<String>,
}

pub(crate) fn run(context: &Context, args: ExplainArgs) -> Result<u8, Failure> {
    let repository = context.repository()?;
    let name = context.change(&repository, args.name.as_deref())?;
    let Loaded { plan, facts, .. } = pipeline::load_analyzed(&repository, &name)?;
    let addresses = addresses(&plan.change, &plan.edits);
    let find = |what: &str| meant(&plan, &facts, &addresses, what);
    // A path may be one of the folder in which the user stands, as git takes it.
    let meant = find(&args.what).or_else(|unknown| match from_top(&repository, &args.what) {
        Some(path) => find(&path).map_err(|_| unknown),
        None => Err(unknown),
    });
    if matches!(meant, Err(NothingMeant::Unknown(_))) && args.what.contains('@') {
        return recipient(context, &repository, Posting::of(plan), &args.what);
    }
    let meant = meant.map_err(|error| {
        let hint = match &error {
            NothingMeant::Line { path, near: Some(near), .. } => format!("git cleave explain '{path}:{near}'"),
            NothingMeant::Line { .. } | NothingMeant::Unknown(_) => "git cleave edit --print".to_owned(),
        };
        Failure::new(exit::NO, error).hint(hint)
    })?;
    let told = explain(&plan, &facts, &addresses, &meant);
    for (idx, one) in told.iter().enumerate() {
        match context.format {
            Format::Json => context.print_json(one)?,
            Format::Text => {
                context.print(if idx > 0 { "\n" } else { "" })?;
                context.print_lines(&text::lines(one))?;
            }
        }
    }
    Ok(exit::DONE)
}

/// Returns a path of the folder in which the user stands as one of the tree.
fn from_top(repository: &Repository, path: &str) -> Option<String> {
    let folder = repository.program().line(["rev-parse", "--show-prefix"]).ok().filter(|folder| !folder.is_empty())?;
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')).filter(|part| !matches!(*part, "" | ".")) {
        match part {
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// A patch that somebody gets.
#[derive(Debug, Serialize)]
struct JsonRecipient {
    /// Its place in the campaign, from 1.
    patch: usize,
    subject: String,
    address: String,
    field: &'static str,
    reasons: Vec<String>,
}

/// Says which patches go to an address, and why.
fn recipient(context: &Context, repository: &Repository, plan: Posting, address: &str) -> Result<u8, Failure> {
    let written = store(repository, checked(&plan)?)?;
    let all = recipients(repository, &plan, &written)?;
    let mut got = Vec::new();
    for (idx, (patch, recipients)) in plan.campaign.patches.iter().zip(&all).enumerate() {
        let Some(recipient) = recipients.iter().find(|recipient| recipient.is(BStr::new(address))) else { continue };
        got.push(JsonRecipient {
            patch: idx + 1,
            subject: patch.message.subject.to_string(),
            address: recipient.mailbox.shown().to_string(),
            field: match recipient.field {
                Field::To => "To",
                Field::Cc => "Cc",
            },
            reasons: recipient.reasons.iter().map(ToString::to_string).collect(),
        });
    }
    let Some(first) = got.first() else {
        return Err(
            Failure::new(exit::NO, format!("no patch of '{}' goes to '{address}'", plan.name)).hint("git cleave mail -o out")
        );
    };
    if context.format == Format::Json {
        return got.iter().try_for_each(|one| context.print_json(one)).map(|()| exit::DONE);
    }
    let has_cover = |series: &&Series| {
        series.patches.len() > 1 && series.patches.iter().any(|patch_idx| got.iter().any(|one| one.patch == patch_idx.0 + 1))
    };
    let covers = match plan.campaign.series.iter().filter(has_cover).count() {
        0 => "",
        1 => ", and the cover of their series",
        _ => ", and the covers of their series",
    };
    context.print_folded(&format!("{} gets {} of {} patches{covers}\n", first.address, got.len(), all.len()))?;
    for one in &got {
        context.print_folded(&format!("\n{:>4} {}\n", one.patch, one.subject))?;
        for reason in &one.reasons {
            context.print_folded(&format!("     {}: {reason}\n", one.field))?;
        }
    }
    Ok(exit::DONE)
}
