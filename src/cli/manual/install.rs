//! Writes man pages and completions below a prefix: all or none that somebody else made, each moved into place.

use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use clap_complete::Shell;

use super::{completions, page};
use crate::cli::{Context, Failure, exit};
use crate::git::{GitError, Program};

/// What a file says in its first lines when an earlier call wrote it.
const MARK: &str = "made by git cleave manual";

/// The completions: shell, folder below the prefix, name of the file.
const COMPLETIONS: &[(Shell, &str, &str)] = &[
    (Shell::Bash, "share/bash-completion/completions", "git-cleave"),
    (Shell::Zsh, "share/zsh/site-functions", "_git-cleave"),
    (Shell::Fish, "share/fish/vendor_completions.d", "git-cleave.fish"),
];

const MAN: &str = "share/man/man1";

pub(super) fn run(context: &Context, prefix: Option<PathBuf>) -> Result<u8, Failure> {
    let prefix = match prefix {
        Some(prefix) => std::path::absolute(prefix)?,
        None => std::env::home_dir()
            .ok_or_else(|| Failure::new(exit::USAGE, "there is no home folder").hint("git cleave manual --install PREFIX"))?
            .join(".local"),
    };
    let mut files = Vec::new();
    for name in page::names() {
        let text = page::render(&name)?.expect("each name has a page");
        files.push((prefix.join(MAN).join(format!("{name}.1")), text));
    }
    for (shell, folder, name) in COMPLETIONS {
        files.push((prefix.join(folder).join(name), completions::script(*shell)));
    }
    for (path, _) in &files {
        if !is_free(path)? {
            return Err(Failure::new(exit::NO, format!("'{}' is not from git cleave manual", path.display()))
                .hint(format!("mv {0} {0}.old", path.display())));
        }
    }
    for (path, text) in &files {
        write(path, text)?;
        context.print(&format!("{}\n", path.display()))?;
    }
    for path in left_over(&prefix.join(MAN), &files)? {
        fs::remove_file(&path).map_err(GitError::file("remove", &path))?;
        context.print(&format!("removed {}\n", path.display()))?;
    }
    advise(context, &prefix);
    Ok(exit::DONE)
}

/// Says what a person has to set before the files are found.
fn advise(context: &Context, prefix: &Path) {
    let man = prefix.join("share/man");
    context.say(&match Program::new(Path::new(".")).manual_folders() {
        None => "there is no man here: git cleave help COMMAND prints the text\n".to_owned(),
        Some(folders) if folders.contains(&man) => "man finds the pages: git help cleave, git cleave plan --help\n".to_owned(),
        Some(_) => format!("man does not look there: export MANPATH={}:\n", man.display()),
    });
    let zsh = prefix.join("share/zsh/site-functions");
    context.say("bash and fish find the completions in a new shell");
    context.say(&if prefix == Path::new("/usr/local") || prefix == Path::new("/usr") {
        ", and so does zsh\n".to_owned()
    } else {
        format!("; zsh with fpath=({} $fpath) before compinit\n", zsh.display())
    });
}

/// Whether nothing stands there, or what an earlier call wrote.
fn is_free(path: &Path) -> Result<bool, Failure> {
    match fs::read(path) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).lines().take(3).any(|line| line.contains(MARK))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
        Err(error) => Err(GitError::file("read", path)(error).into()),
    }
}

/// Returns pages of earlier versions whose command is no more.
fn left_over(folder: &Path, files: &[(PathBuf, String)]) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(GitError::file("read", folder))? {
        let path = entry.map_err(GitError::file("read", folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_page = name.starts_with("git-cleave-") && name.ends_with(".1");
        if is_page && files.iter().all(|(written, _)| *written != path) && is_free(&path)? {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Writes a file beside its place and moves it there, so that a reader sees the old one or the new one.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let folder = path.parent().expect("each path has a folder");
    fs::create_dir_all(folder).map_err(GitError::file("create", folder))?;
    // The umask takes its part.
    let mut new = tempfile::Builder::new()
        .permissions(fs::Permissions::from_mode(0o666))
        .tempfile_in(folder)
        .map_err(GitError::file("write", path))?;
    new.write_all(text.as_bytes()).map_err(GitError::file("write", path))?;
    new.persist(path).map_err(|error| GitError::file("write", path)(error.error))?;
    Ok(())
}
