//! Mails → files.

use std::fs;
use std::path::{Path, PathBuf};

use bstr::ByteSlice;

use super::{MailError, SeriesMails, message_id};
use crate::git::{GitError, stop_point};

/// The beginning of the name of the folder that holds the mails until all of them are written.
const BESIDE: &str = ".git-cleave-";

/// Writes each series to a folder of its own below `out`, and makes `out` where it is missing. A folder that holds only mails which this
/// program wrote is replaced as a whole, so that no mail of an earlier version stays among the new ones.
///
/// All series are first written to a folder beside, then moved into place one by one. Before that, series that an interrupted run had
/// moved away are moved back.
///
/// # Errors
/// When a folder is there that holds anything else, before anything is written; when the disk refuses.
pub fn write(out: &Path, mails: &[SeriesMails]) -> Result<(), MailError> {
    let targets: Vec<PathBuf> = mails.iter().map(|series| out.join(&series.folder)).collect();
    for (target, series) in targets.iter().zip(mails) {
        if Path::new(&series.folder).components().collect::<Vec<_>>() != [std::path::Component::Normal(series.folder.as_ref())] {
            return Err(MailError::Foreign { path: target.clone(), why: "it is no folder below".into() });
        }
        check_ours(target)?;
    }
    fs::create_dir_all(out).map_err(GitError::file("create", out))?;
    // If two programs write to one folder, the second waits. Where a folder cannot be locked, what an interrupted run left stays.
    let turn = fs::File::open(out).map_err(GitError::file("read", out))?;
    if turn.lock().is_ok() {
        put_back(out).map_err(GitError::file("tidy", out))?;
    }
    let beside = tempfile::Builder::new().prefix(BESIDE).tempdir_in(out).map_err(GitError::file("create", out))?;
    let (new, old) = (beside.path().join("new"), beside.path().join("old"));
    for folder in [&new, &old] {
        fs::create_dir(folder).map_err(GitError::file("create", folder))?;
    }
    for series in mails {
        let folder = new.join(&series.folder);
        fs::create_dir(&folder).map_err(GitError::file("create", &folder))?;
        for file in &series.files {
            let path = folder.join(&file.name);
            fs::write(&path, &file.bytes).map_err(GitError::file("write", &path))?;
        }
    }
    for (target, series) in targets.iter().zip(mails) {
        stop_point::reach("mails: before a series is moved into place");
        let (new, old) = (new.join(&series.folder), old.join(&series.folder));
        let was_there = match fs::rename(target, &old) {
            Ok(()) => true,
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => false,
            Err(source) => return Err(GitError::file("move", target)(source).into()),
        };
        stop_point::reach("mails: between the old and the new");
        if let Err(source) = fs::rename(&new, target) {
            if was_there {
                fs::rename(&old, target).map_err(GitError::file("move", &old))?;
            }
            return Err(GitError::file("move", target)(source).into());
        }
    }
    stop_point::reach("mails: all are in place");
    Ok(())
}

/// Moves series that an interrupted run had moved away back into `out`, and removes its other leftovers.
fn put_back(out: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(out)? {
        let entry = entry?;
        let is_ours = entry.file_name().as_encoded_bytes().starts_with(BESIDE.as_bytes());
        if !is_ours || !entry.file_type()?.is_dir() {
            continue;
        }
        for old in fs::read_dir(entry.path().join("old")).into_iter().flatten().flatten() {
            let target = out.join(old.file_name());
            if !target.exists() {
                fs::rename(old.path(), target)?;
            }
        }
        fs::remove_dir_all(entry.path())?;
    }
    Ok(())
}

/// Checks that a folder is missing, empty, or holds nothing but mails of ours.
fn check_ours(folder: &Path) -> Result<(), MailError> {
    let foreign = |why: String| Err(MailError::Foreign { path: folder.to_owned(), why });
    match fs::symlink_metadata(folder) {
        Err(source) if source.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(GitError::file("read", folder)(source).into()),
        Ok(metadata) if !metadata.is_dir() => return foreign("it is no folder".into()),
        Ok(_) => {}
    }
    let entries =
        fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(GitError::file("read", folder))?;
    let mut paths: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).collect();
    paths.sort();
    for path in paths {
        if !is_mail(&path)? {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            return foreign(format!("it holds '{name}', which git-cleave did not write"));
        }
    }
    Ok(())
}

/// Whether a file is one that [`write()`] makes: its name ends in `.patch`, and its first two lines are ours.
fn is_mail(path: &Path) -> Result<bool, MailError> {
    let metadata = fs::symlink_metadata(path).map_err(GitError::file("read", path))?;
    if !metadata.is_file() || path.extension().is_none_or(|extension| extension != "patch") {
        return Ok(false);
    }
    let bytes = fs::read(path).map_err(GitError::file("read", path))?;
    let mut lines = bytes.lines();
    let is_from = lines.next().is_some_and(|line| line.starts_with(b"From ") && line.ends_with(b" Mon Sep 17 00:00:00 2001"));
    Ok(is_from && lines.next().is_some_and(message_id::is_ours))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::{CoverLetter, MailFile};
    use crate::model::SeriesIdx;

    fn mails(series: &str, names: &[&str]) -> SeriesMails {
        let bytes = b"From 1 Mon Sep 17 00:00:00 2001\nMessage-ID: <1@git-cleave.invalid>\n".to_vec();
        let files = names
            .iter()
            .map(|name| MailFile {
                name: (*name).into(),
                bytes: bytes.clone(),
                message_id: String::new(),
                subject: bstr::BString::default(),
                to: Vec::new(),
                cc: Vec::new(),
            })
            .collect();
        SeriesMails { series: SeriesIdx(0), folder: series.into(), files, letter: CoverLetter::default(), says: String::new() }
    }

    fn listed(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_folder_of_ours_is_replaced_as_a_whole() {
        let home = tempfile::tempdir().unwrap();
        let out = home.path().join("a/b");
        write(&out, &[mails("core", &["0001-x.patch", "0002-y.patch"])]).unwrap();
        write(&out, &[mails("core", &["v2-0001-x.patch"]), mails("net", &["0001-z.patch"])]).unwrap();
        assert_eq!(listed(&out), ["core", "net"]);
        assert_eq!(listed(&out.join("core")), ["v2-0001-x.patch"]);
    }

    #[test]
    fn what_a_killed_program_moved_away_comes_back() {
        let home = tempfile::tempdir().unwrap();
        let left = home.path().join(".git-cleave-left");
        fs::create_dir_all(left.join("old/net")).unwrap();
        fs::write(left.join("old/net/0001-z.patch"), "").unwrap();
        fs::create_dir_all(left.join("new/net")).unwrap();
        write(home.path(), &[mails("core", &["0001-x.patch"])]).unwrap();
        assert_eq!(listed(home.path()), ["core", "net"]);
        assert_eq!(listed(&home.path().join("net")), ["0001-z.patch"]);
    }

    #[test]
    fn a_folder_of_somebody_else_stops_all() {
        let home = tempfile::tempdir().unwrap();
        let both = [mails("core", &["0001-x.patch"]), mails("net", &["0001-z.patch"])];
        fs::create_dir(home.path().join("net")).unwrap();
        fs::write(home.path().join("net/notes.patch"), "mine\n").unwrap();
        let error = write(home.path(), &both).unwrap_err().to_string();
        assert!(error.ends_with("/net': it holds 'notes.patch', which git-cleave did not write"), "{error}");
        assert_eq!(listed(home.path()), ["net"]);
        assert!(write(home.path(), &[mails("..", &[])]).is_err());
        fs::write(home.path().join("file"), "").unwrap();
        assert!(write(home.path(), &[mails("file", &[])]).is_err());
    }
}
