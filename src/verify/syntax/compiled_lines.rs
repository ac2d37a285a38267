//! Which changed lines no object's configuration has: the preprocessor is asked with the saved commands.

use std::fs;
use std::time::Instant;

use bstr::BStr;

use super::changed::changed;
use super::compile::{Compile, is_code};
use super::pass::Syntax;
use super::rewrite::Aim;
use super::suspect::{Stopped, or_end};
use crate::git::files::Files;
use crate::git::hunks::hunks;
use crate::verify::VerifyError;
use crate::verify::compiled_lines::{CompiledLines, NotCompiled, TouchedFile, not_compiled};
use crate::verify::paths::from_top;
use crate::verify::steps::Step;
use crate::verify::verdict::Ended;

impl Syntax<'_> {
    /// Returns the changed lines of a step, against the base, that no object's configuration has.
    ///
    /// # Errors
    /// As for a pass. The inner one is a build of the base, or a run of the preprocessor, that did not end by itself.
    pub fn not_compiled(&mut self, step: &Step) -> Result<Result<Vec<NotCompiled>, Ended>, VerifyError> {
        or_end(self.lines_not_compiled(step))
    }

    fn lines_not_compiled(&mut self, step: &Step) -> Result<Vec<NotCompiled>, Stopped> {
        let base = self.known_base()?;
        let begin = Instant::now();
        let (repository, base_id) = (self.repository, self.base_id());
        let differs = changed(&repository.objects(), base_id, step.tree_id)?;
        self.show(step.tree_id)?;
        let suspects = self.suspects(&base, step, &differs);
        self.base = Some(base);
        let mut compiles: Vec<Compile> = suspects?.0.into_iter().map(|suspect| suspect.compile).collect();
        // Of a header's readers most have the same branches: sources first, and others while something is missed.
        compiles.sort_by_key(|compile| !differs.paths.contains(&compile.source));
        let (base_files, step_files) = (Files::of(repository, base_id), Files::of(repository, step.tree_id));
        let paths = differs.paths.difference(&differs.deleted).filter(|path| is_code(path.as_ref()));
        let touched: Vec<TouchedFile> = paths
            .filter_map(|path| {
                let text = step_files.text(path.as_ref())?;
                let old = base_files.text(path.as_ref()).unwrap_or_default();
                let changed = hunks(&old, &text).iter().map(|hunk| (hunk.tip_start, hunk.tip_end)).collect();
                Some(TouchedFile { path: path.clone(), text, changed })
            })
            .collect();
        let mut seen = CompiledLines::default();
        let mut left = not_compiled(&touched, &seen);
        let top = self.top();
        let top = BStr::new(top.as_os_str().as_encoded_bytes());
        for some in compiles.chunks(self.limits.jobs.max(1) * 2) {
            if left.is_empty() {
                break;
            }
            let asked: Vec<&Compile> = some.iter().collect();
            self.compile(&asked, "preprocessed", begin, &|_| Aim::Preprocessed)?;
            for (place, compile) in some.iter().enumerate() {
                let text = fs::read(self.output("preprocessed", place)).unwrap_or_default();
                seen.add(&text, &|path| from_top(top, compile.folder.as_ref(), path));
            }
            left = not_compiled(&touched, &seen);
        }
        Ok(left)
    }
}
