//! Who is asked about each patch: the owners of its paths, both paths of a rename.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BStr, BString};

use super::recipients::{self, Recipient, Standing};
use crate::git::{GitError, Repository};
use crate::model::Plan;
use crate::understand::owners::{Owner, Owners, Role};
use crate::understand::project::{Folders, owners};

/// Returns the recipients of each patch of the campaign.
///
/// # Errors
/// When an object cannot be read.
pub fn routes(repository: &Repository, plan: &Plan) -> Result<Vec<Vec<Recipient>>, GitError> {
    let owners = owners(repository, &plan.change)?;
    let folders = Folders::of(repository, plan.change.base_tree_id);
    let mut known: BTreeMap<BString, Vec<recipients::Owner>> = BTreeMap::new();
    let mut all = Vec::with_capacity(plan.campaign.patches.len());
    for patch in &plan.campaign.patches {
        let files: BTreeSet<_> = patch.edits.iter().map(|&edit_id| plan.edits.get(edit_id).file_id).collect();
        let mut named: Vec<Vec<recipients::Owner>> = Vec::new();
        for file in files.into_iter().map(|file_id| plan.change.file(file_id)) {
            for entry in [&file.base, &file.tip].into_iter().flatten() {
                let of = known
                    .entry(entry.path.clone())
                    .or_insert_with(|| of_path(&owners, entry.path.as_ref(), entry.text(), &folders));
                named.push(of.clone());
            }
        }
        all.push(recipients::recipients(&named, &patch.author));
    }
    Ok(all)
}

fn of_path(owners: &Owners, path: &BStr, content: &[u8], folders: &Folders) -> Vec<recipients::Owner> {
    match owners {
        Owners::Maintainers(maintainers) => maintainers
            .owners(path, Some(content), &|path| folders.is_folder(path))
            .into_iter()
            .map(|owner| recipients::Owner {
                catches_all: owner.reasons[0]
                    .section_idx
                    .is_some_and(|section_idx| maintainers.section(section_idx).is_the_rest()),
                standing: standing(&owner),
                address: owner.address,
            })
            .collect(),
        Owners::Codeowners(codeowners) => codeowners
            .owners(path)
            .into_iter()
            .flat_map(|(names, _)| names)
            .filter(|name| name.contains(&b'@') && !name.starts_with(b"@"))
            .map(|name| recipients::Owner { address: name.clone(), standing: Standing::Maintainer, catches_all: false })
            .collect(),
        Owners::Folders => Vec::new(),
    }
}

fn standing(owner: &Owner) -> Standing {
    match owner.role {
        Role::OpenList | Role::ModeratedList | Role::SubscriberList => Standing::List,
        Role::Reviewer | Role::Signer => Standing::Reviewer,
        Role::Supporter
        | Role::Maintainer
        | Role::OddFixer
        | Role::OrphanMinder
        | Role::ObsoleteMinder
        | Role::ChiefPenguin
        | Role::Other(_)
        | Role::InFile => Standing::Maintainer,
    }
}
