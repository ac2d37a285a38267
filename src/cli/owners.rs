//! `git cleave owners`: who maintains a path.

use bstr::{BStr, ByteSlice};
use clap::Args;
use serde::Serialize;

use super::{Context, Failure, Format, exit};
use crate::understand::owners::Owners;
use crate::understand::project::{Folders, owners_at};

/// Say who maintains paths, as get_maintainer.pl --no-git --no-git-fallback -f prints it
#[derive(Debug, Args)]
pub(crate) struct OwnersArgs {
    /// Say also what they are
    #[arg(long)]
    roles: bool,
    /// The commit to look at
    #[arg(long, value_name = "REV", default_value = "HEAD")]
    rev: String,
    /// Paths from the top of the tree
    #[arg(required = true)]
    paths: Vec<String>,
}

#[derive(Debug, Serialize)]
struct JsonOwner {
    path: String,
    address: String,
    says: String,
}

pub(crate) fn run(context: &Context, args: OwnersArgs) -> Result<u8, Failure> {
    let repository = context.repository()?;
    let tree_id = repository.tree_of(repository.commit(&args.rev)?)?;
    let owners = owners_at(&repository, tree_id, tree_id)?;
    let folders = Folders::of(&repository, tree_id);
    let objects = repository.objects();
    for path in &args.paths {
        let path = BStr::new(path);
        let content = objects.file(tree_id, path)?;
        if content.is_none() && !folders.is_folder(path) {
            return Err(Failure::new(exit::NO, format!("'{path}' is not in {}", args.rev)));
        }
        match &owners {
            Owners::Maintainers(maintainers) => {
                let asked = match folders.is_folder(path) && !path.ends_with(b"/") {
                    true => bstr::concat([path.as_bytes(), b"/"]),
                    false => path.to_vec(),
                };
                for owner in maintainers.owners(asked.as_bstr(), content.as_deref(), &|path| folders.is_folder(path)) {
                    match context.format {
                        Format::Text => context.print(&format!("{}\n", owner.line(args.roles).to_str_lossy()))?,
                        Format::Json => context.print_json(&JsonOwner {
                            path: path.to_string(),
                            address: owner.address.to_string(),
                            says: owner.says.to_string(),
                        })?,
                    }
                }
            }
            Owners::Codeowners(codeowners) => {
                for name in codeowners.owners(path).into_iter().flat_map(|(names, _)| names) {
                    context.print(&format!("{name}\n"))?;
                }
            }
            Owners::Folders => {
                return Err(Failure::new(exit::NO, "the project has neither MAINTAINERS nor CODEOWNERS"));
            }
        }
    }
    Ok(exit::DONE)
}
