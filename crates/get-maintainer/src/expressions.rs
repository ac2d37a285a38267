//! Many expressions of Perl's at once: as a set, and one by one where a set cannot hold them.

use regex::bytes::{Regex, RegexSet, RegexSetBuilder};

use super::perl::{Blanks, Expression, Letters, Translated, last_line, translated};

/// Room for the compiled set: some ten times what the 700 wildcard lines of Linux 6.12 take.
const SET_BYTES: usize = 1 << 28;

/// Expressions that are tried at once, each with what it stands for.
#[derive(Debug)]
pub(super) struct Expressions<T> {
    set: RegexSet,
    of_set: Vec<T>,
    alone: Vec<(Expression, T)>,
}

impl<T> Default for Expressions<T> {
    fn default() -> Self {
        Expressions { set: RegexSet::empty(), of_set: Vec::new(), alone: Vec::new() }
    }
}

impl<T: Copy> Expressions<T> {
    /// Makes expressions ready, and adds those that cannot be used to `unusable`, with the reason.
    pub(super) fn new(all: Vec<(Vec<u8>, T)>, blanks: Blanks, letters: Letters, unusable: &mut Vec<(T, String)>) -> Self {
        let (mut texts, mut alone) = (Vec::new(), Vec::new());
        for (perl, of) in all {
            match translated(&perl, blanks, letters) {
                Ok(Translated { text, is_fancy: false }) => texts.push((text, of)),
                Ok(_) => match Expression::new(&perl, blanks, letters) {
                    Ok(expression) => alone.push((expression, of)),
                    Err(why) => unusable.push((of, why)),
                },
                Err(why) => unusable.push((of, why)),
            }
        }
        let build = |texts: &[(String, T)]| {
            let texts = texts.iter().map(|(text, _)| text);
            RegexSetBuilder::new(texts).size_limit(SET_BYTES).dfa_size_limit(SET_BYTES).build()
        };
        // Where one spoils the set, each is tried alone, so that the others still count.
        let set = build(&texts).or_else(|_| {
            texts.retain(|(text, of)| match Regex::new(text) {
                Ok(_) => true,
                Err(err) => {
                    unusable.push((*of, last_line(&err.to_string())));
                    false
                }
            });
            build(&texts)
        });
        let set = set.unwrap_or_else(|err| {
            unusable.extend(texts.drain(..).map(|(_, of)| (of, err.to_string())));
            RegexSet::empty()
        });
        Expressions { set, of_set: texts.into_iter().map(|(_, of)| of).collect(), alone }
    }

    /// Returns what matches anywhere in a text.
    pub(super) fn matching(&self, text: &[u8]) -> impl Iterator<Item = T> {
        let of_set = self.set.matches(text).into_iter().map(|at| self.of_set[at]).collect::<Vec<_>>();
        let alone = self.alone.iter().filter(|(expression, _)| expression.is_match(text)).map(|(_, of)| *of);
        of_set.into_iter().chain(alone.collect::<Vec<_>>())
    }
}
