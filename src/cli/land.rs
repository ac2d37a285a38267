//! `--land` and `--at-most`: how the series of a change get into their trees.

use clap::Args;

use crate::model::{LandingMode, Plan};
use crate::settings::Layer;

/// How the series land.
#[derive(Debug, Default, Args)]
pub(crate) struct LandArgs {
    /// How the series land: each tree takes its own, one tree takes all, one tree offers a branch that others pull, or all go in at one agreed time
    /// [per-tree, one-tree, tag, flag-day; default: per-tree]
    #[arg(long, value_name = "MODE", hide_possible_values = true)]
    land: Option<LandingMode>,
    /// At most so many patches in one posting, and waiting for one tree [default: 15]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    at_most: Option<usize>,
}

pub(super) fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|n| *n > 0).ok_or_else(|| "a number from 1 is wanted".into())
}

impl LandArgs {
    /// Adds what the user typed to a layer of settings.
    pub(crate) fn layer(&self, layer: Layer) -> Layer {
        Layer { land: self.land.or(layer.land), at_most: self.at_most.or(layer.at_most), ..layer }
    }

    /// Lets a plan land as the user typed; the stored plan stays as it is.
    pub(crate) fn land(&self, plan: &mut Plan) {
        plan.landing.mode = self.land.unwrap_or(plan.landing.mode);
        plan.landing.at_most = self.at_most.unwrap_or(plan.landing.at_most);
    }
}
