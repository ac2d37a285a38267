//! `git cleave mail`: a folder of mails for each series.

use std::cell::RefCell;
use std::path::PathBuf;

use clap::Args;

use super::edit::ask;
use super::input::one_of;
use super::land::LandArgs;
use super::split::sign_off;
use super::{Context, Failure, Format, exit};
use crate::git::Repository;
use crate::mail::b4::is_too_old;
use crate::mail::lint::{Finding, Severity};
use crate::mail::{Sending, SeriesMails, Thread};
use crate::model::Plan;
use crate::pipeline;
use crate::pipeline::post::{PostEvent, PostProgress, PostSettings, Posted, post};
use crate::report::{lint, mail_json, mail_text};
use crate::ui::color::{Label, Line};
use crate::write::{Force, Posting};

/// Write the mails of each series, ready for git send-email
#[derive(Debug, Args)]
#[command(after_help = include_str!("../help/mail.txt"))]
pub(crate) struct MailArgs {
    /// Which change, where there are several plans
    #[arg(long, value_name = "CHANGE")]
    name: Option<String>,
    /// Mail the plan although its branch has moved since
    #[arg(long)]
    old_tip: bool,
    /// Where the folders go
    #[arg(short, long, value_name = "DIR", required_unless_present = "b4")]
    output: Option<PathBuf>,
    #[command(flatten)]
    b4: B4Args,
    #[command(flatten)]
    posting: PostingArgs,
    /// Mark as [RFC PATCH]
    #[arg(long)]
    rfc: bool,
    /// A word for the brackets of the subjects, such as net-next; may be given more than once
    #[arg(long, value_name = "WORD")]
    subject_prefix: Vec<String>,
    /// Send every mail of a series to everybody who gets one of it, instead of each patch to its own maintainers, reviewers and lists
    #[arg(long)]
    cc_all: bool,
    #[command(flatten)]
    land: LandArgs,
    /// Mail patches of which a build is known to fail too; the mails say so
    #[arg(long)]
    failing: bool,
    /// To what each patch replies: shallow, to the cover letter; deep, to the mail before it
    #[arg(long, value_name = "STYLE", value_parser = one_of(THREADS), default_value = "shallow")]
    thread: Thread,
    #[command(flatten)]
    lint: LintBeforeArgs,
}

/// As git names them.
const THREADS: &[(&str, Thread)] = &[("shallow", Thread::Shallow), ("deep", Thread::Deep)];

/// What the user decides about branches for b4.
#[derive(Debug, Args)]
struct B4Args {
    /// Write each series as a branch cleave/<change>/b4/<series>, with its cover letter in an empty commit, as b4 prep has it
    #[arg(long)]
    b4: bool,
    /// Move branches that are not what git-cleave last wrote; old values are kept under refs/cleave/backup/
    #[arg(long, requires = "b4")]
    force: bool,
}

/// Which version, and how it is told from the one before.
#[derive(Debug, Args)]
struct PostingArgs {
    /// The version of the series that are mailed; without it each series has the one after its last that was posted, and is not mailed again
    /// where it says the same
    #[arg(short = 'v', long = "reroll-count", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    version: Option<u32>,
    /// Freeze the version: it was sent, and from now on it stands for this text and no other
    #[arg(long, conflicts_with = "draft")]
    posted: bool,
    /// Send a version again that was posted: the same text, marked RESEND, under new Message-IDs
    #[arg(long)]
    resend: bool,
    /// Compare with the version before, at the end of each cover letter; the default
    #[arg(long, overrides_with = "no_range_diff")]
    range_diff: bool,
    /// Do not compare with the version before
    #[arg(long)]
    no_range_diff: bool,
    /// Add your Signed-off-by to the end of every message that it does not end already
    #[arg(short, long)]
    signoff: bool,
    /// Write mails in which texts are missing that only a person can write; git send-email refuses them
    #[arg(long)]
    draft: bool,
}

/// Whether mails are looked at before they are written.
#[derive(Debug, Clone, Copy, Args)]
struct LintBeforeArgs {
    /// Do not look at the mails as git cleave lint does, which writes none where it finds an error
    #[arg(long)]
    no_lint: bool,
}

impl MailArgs {
    fn settings(self) -> PostSettings {
        let mut prefixes = self.subject_prefix;
        if self.rfc {
            prefixes.insert(0, "RFC".into());
        }
        let force = if self.b4.force { Force::Overwrite } else { Force::Refuse };
        PostSettings {
            version: self.posting.version,
            resend: self.posting.resend,
            no_range_diff: self.posting.no_range_diff,
            draft: self.posting.draft,
            may_fail: self.failing,
            posted: self.posting.posted,
            prefixes,
            thread: self.thread,
            cc_all: self.cc_all,
            no_lint: self.lint.no_lint,
            b4: self.b4.b4.then_some(force),
            output: self.output,
        }
    }
}

pub(crate) fn run(context: &Context, args: MailArgs) -> Result<u8, Failure> {
    let repository = context.repository()?;
    let name = context.change_as_it_is(&repository, args.name.as_deref())?;
    if let Some(moved) = pipeline::moved(&repository, &name)? {
        if !args.old_tip {
            let plan = if moved.is_there { "git cleave plan takes it in; " } else { "" };
            return Err(Failure::new(exit::NO, moved.sentence).hint(format!("{plan}--old-tip mails the plan as it is")));
        }
        context.say(&format!("warning: {}\n", moved.sentence));
    }
    context.operation(&repository, &name, || mailed(context, &repository, &name, args))
}

fn mailed(context: &Context, repository: &Repository, name: &str, args: MailArgs) -> Result<u8, Failure> {
    let mut plan = pipeline::load(repository, name)?;
    args.land.land(&mut plan);
    sign_off(repository, &mut plan, args.posting.signoff)?;
    let settings = args.settings();
    // What the lists would say stands at the end, where it is read.
    let warnings = RefCell::new(Vec::new());
    let hear = |event: PostEvent<'_>| {
        match &event {
            PostEvent::Linted { postings, findings, is_refused } => {
                let said = found(findings, postings);
                if *is_refused { context.say_lines(&said) } else { *warnings.borrow_mut() = said }
            }
            PostEvent::Ready { plan, mails, at_most } => {
                if context.format == Format::Text {
                    context.print(&mail_text::load(plan, mails))?;
                }
                context.say(&mail_text::overload(mails, *at_most));
                context.say(&mail_text::unread(settings.output.as_deref(), mails));
            }
            event => context.say(&mail_text::event(event)),
        }
        Ok(())
    };
    let ask = |posting: &mut Posting, pending: Option<&_>| ask(context, repository, posting, pending);
    let ask: &dyn Fn(&mut Posting, Option<&_>) -> Result<(), Failure> = &ask;
    let progress = PostProgress { hear: &hear, ask: context.is_terminal().then_some(ask) };
    let Posted { plan, mails, sending, branches } = post(repository, Posting::of(plan), &settings, &progress)?;
    if mails.is_empty() && context.format == Format::Text {
        context.say("nothing to mail: -v N writes the mails of version N as they were, --resend sends them again\n");
        return Ok(exit::DONE);
    }
    if let Some(output) = &settings.output {
        match context.format {
            Format::Text => show(context, output, &plan, &mails, &sending)?,
            Format::Json => context.print_json(&mail_json::json(output, &plan, &mails, &sending))?,
        }
    }
    match context.format {
        Format::Text => context.print(&mail_text::branches(&plan, &branches))?,
        Format::Json => context.print_json_lines(&mail_json::branches(&plan, &branches))?,
    }
    #[expect(clippy::disallowed_methods, reason = "the clock decides what is said here, not what is written")]
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    if context.format == Format::Text && !branches.is_empty() && is_too_old(&plan.change.committer, now) {
        context.say(
            "warning: b4 looks for cover letters of one year, and the change is older: amend its last commit and plan again\n",
        );
    }
    context.say_lines(&warnings.into_inner());
    Ok(exit::DONE)
}

/// Prints what lies where, and how it would be sent.
pub(crate) fn show(
    context: &Context,
    output: &std::path::Path,
    plan: &Plan,
    mails: &[SeriesMails],
    sending: &Sending,
) -> Result<(), Failure> {
    if sending.drops_cc {
        context.say(mail_text::DROPS_CC);
    }
    context.print(&mail_text::folders(output, plan, mails, sending))
}

/// Returns what was found in mails, notes left out; nothing where that is all.
fn found(findings: &[Finding], postings: &[crate::mail::lint::MailSet]) -> Vec<Line> {
    let shown: Vec<&Finding> = findings.iter().filter(|finding| finding.severity > Severity::Note).collect();
    if shown.is_empty() {
        return Vec::new();
    }
    let tally = vec![(Label::Plain, format!("lint: {}", lint::tally(findings)))];
    [vec![Line::new()], lint::text(&shown, postings, lint::Of::Plan), vec![Line::new(), tally]].concat()
}
