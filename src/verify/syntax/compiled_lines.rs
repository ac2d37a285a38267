//! Which changed lines no object's configuration has: the preprocessor is asked with the saved commands.

use std::fs;
use std::path::Path;
use std::time::Instant;

use bstr::BStr;

use super::changed::changed;
use super::compile::{Compile, from_top, is_code};
use super::pass::Syntax;
use super::rewrite::{Aim, rewritten};
use crate::git::files::Files;
use crate::git::hunks::hunks;
use crate::verify::VerifyError;
use crate::verify::compiled_lines::{NotCompiled, Seen, Touched, not_compiled};
use crate::verify::steps::Step;
use crate::verify::verdict::{Built, Ended};

impl Syntax<'_> {
    /// Returns the changed lines of a step, against the base, that no object's configuration has.
    ///
    /// # Errors
    /// As for a pass. The inner one is a build of the base, or a run of the preprocessor, that did not end by itself.
    pub fn not_compiled(&mut self, step: &Step) -> Result<Result<Vec<NotCompiled>, Ended>, VerifyError> {
        let base = match self.ready()? {
            Ok(base) => base,
            Err(Built { ended, .. }) => return Ok(Err(ended)),
        };
        let begin = Instant::now();
        let (repository, base_id) = (self.repository(), self.base_id());
        let differs = changed(&repository.objects(), base_id, step.tree_id)?;
        self.show(step.tree_id)?;
        let suspects = self.suspects(&base, step, &differs);
        self.put_back(base);
        let mut compiles: Vec<Compile> = suspects?.0.into_iter().map(|suspect| suspect.compile).collect();
        // Of a header's readers most have the same branches: sources first, and others while something is missed.
        compiles.sort_by_key(|compile| !differs.paths.contains(&compile.source));
        let (base_files, step_files) = (Files::of(repository, base_id), Files::of(repository, step.tree_id));
        let paths = differs.paths.difference(&differs.deleted).filter(|path| is_code(path.as_ref()));
        let touched: Vec<Touched> = paths
            .filter_map(|path| {
                let text = step_files.text(path.as_ref())?;
                let old = base_files.text(path.as_ref()).unwrap_or_default();
                let changed = hunks(&old, &text).iter().map(|hunk| (hunk.tip_start, hunk.tip_end)).collect();
                Some(Touched { path: path.clone(), text, changed })
            })
            .collect();
        let mut seen = Seen::default();
        let mut left = not_compiled(&touched, &seen);
        let top = self.top();
        let top = BStr::new(top.as_os_str().as_encoded_bytes());
        for some in compiles.chunks(self.jobs() * 2) {
            if left.is_empty() {
                break;
            }
            let asked: Vec<&Compile> = some.iter().collect();
            let words = |place: usize, _: &Path, output: &Path| rewritten(asked[place], Aim::Preprocessed { output });
            if let Err(ended) = self.compile(&asked, "preprocessed", begin, &words)? {
                return Ok(Err(ended));
            }
            for (place, compile) in some.iter().enumerate() {
                let text = fs::read(self.output("preprocessed", place)).unwrap_or_default();
                seen.add(&text, &|path| from_top(top, compile.folder.as_ref(), path));
            }
            left = not_compiled(&touched, &seen);
        }
        Ok(Ok(left))
    }
}
