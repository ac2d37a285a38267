//! What `git cleave lint` is to look at, and the tree whose documents count.

use std::fs;
use std::path::{Path, PathBuf};

use super::super::input::read;
use super::super::{Context, Failure, exit};
use super::LintArgs;
use crate::git::format_patch::MailStyle;
use crate::git::{GitError, Repository};
use crate::mail::lint::{Letter, MailSet, of_mbox};
use crate::model::ObjectId;

/// Reads what is to be looked at: postings that stand on one tree together, with that tree.
pub(super) fn postings(
    context: &Context,
    repository: &Repository,
    args: &LintArgs,
) -> Result<Vec<(Vec<MailSet>, ObjectId)>, Failure> {
    let mut all: Vec<(Vec<MailSet>, ObjectId)> = Vec::new();
    let mut add = |postings: Vec<MailSet>, tree_id| match all.last_mut() {
        Some((known, of)) if *of == tree_id => known.extend(postings),
        _ => all.push((postings, tree_id)),
    };
    let named = || -> Result<ObjectId, GitError> { repository.tree_of(repository.commit(&args.base)?) };
    if let Some(path) = &args.mbox {
        let (bytes, name) = read(context, path)?;
        let mails = of_mbox(&name, &bytes);
        if mails.is_empty() {
            return Err(Failure::new(exit::USAGE, format!("'{name}' holds no patch")));
        }
        add(mails, named()?);
    }
    for input in &args.inputs {
        let path = context.dir.join(input);
        if path.exists() {
            add(mails(input, &path)?, named()?);
        } else {
            let (posting, base) = commits(repository, input)?;
            add(vec![posting], repository.tree_of(base)?);
        }
    }
    Ok(all)
}

/// Reads one file, or the `*.patch` files of a folder and of those below it: each folder is a posting, as `git cleave mail` writes them.
fn mails(name: &str, path: &Path) -> Result<Vec<MailSet>, Failure> {
    let mut found = Vec::new();
    if path.is_dir() {
        folders(name, path, &mut found)?;
    } else {
        found.push(MailSet { name: name.to_owned(), letters: vec![letter(path)?] });
    }
    match found.is_empty() {
        true => Err(Failure::new(exit::USAGE, format!("there is no mail in '{name}'"))
            .hint("mails are *.patch files, as git cleave mail -o DIR writes them")),
        false => Ok(found),
    }
}

fn folders(name: &str, path: &Path, found: &mut Vec<MailSet>) -> Result<(), Failure> {
    let entries = fs::read_dir(path).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(GitError::file("read", path))?;
    let mut paths: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).collect();
    paths.sort();
    let is_mail = |path: &&PathBuf| path.extension().is_some_and(|extension| extension == "patch") && path.is_file();
    let letters: Vec<Letter> = paths.iter().filter(is_mail).map(|path| letter(path)).collect::<Result<_, _>>()?;
    if !letters.is_empty() {
        found.push(MailSet { name: name.to_owned(), letters });
    }
    // A link to a folder may lead back up.
    for path in paths.iter().filter(|path| path.is_dir() && !path.is_symlink()) {
        let below = path.file_name().unwrap_or_default().to_string_lossy();
        folders(&format!("{}/{below}", name.trim_end_matches('/')), path, found)?;
    }
    Ok(())
}

fn letter(path: &Path) -> Result<Letter, Failure> {
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    Ok(Letter::read(&file, &fs::read(path).map_err(GitError::file("read", path))?))
}

/// Takes the commits of a range, as `git format-patch` would mail them, and the base.
fn commits(repository: &Repository, spec: &str) -> Result<(MailSet, ObjectId), Failure> {
    let range = repository.range(Some(spec)).map_err(|error| match error {
        GitError::Revision { spec: side, problem } if side == spec => {
            GitError::Revision { spec: side, problem: format!("is no file and no folder, and {problem}") }
        }
        other => other,
    })?;
    let ids: Vec<ObjectId> = repository.commits(range.base, range.tip)?.into_iter().map(|commit| commit.commit_id).collect();
    let room = repository.clean_room(repository.tree_of(range.tip)?)?;
    let style = MailStyle { prefix: "PATCH".into(), version: 1, signature: "git-cleave".into() };
    let mails = room.format_patch(range.base, &ids, &style)?;
    let letters = room.commits(&ids)?.iter().zip(&mails).map(|(commit, mail)| Letter::of_commit(commit, mail)).collect();
    Ok((MailSet { name: spec.to_owned(), letters }, range.base))
}
