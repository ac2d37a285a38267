//! What the fuzz targets share: the properties are those of `tests/hostile.rs`, where drawn texts are put to them on every change.

#[path = "../../tests/support/memory.rs"]
pub mod memory;

pub mod support {
    pub use crate::memory;
}

#[path = "../../tests/support/properties.rs"]
mod properties;

use std::sync::LazyLock;

use git_cleave::model::Plan;

pub use properties::*;

/// Cuts what was found into parts at lines of two percent signs; a part that is missing is empty.
pub fn parts<const N: usize>(data: &[u8]) -> [&[u8]; N] {
    let mut rest = data;
    std::array::from_fn(|nth| {
        let mark = b"\n%%\n";
        let at = if nth + 1 == N { None } else { rest.windows(mark.len()).position(|window| window == mark) };
        let (part, after) = at.map_or((rest, &[][..]), |at| (&rest[..at + 1], &rest[at + mark.len()..]));
        rest = after;
        part
    })
}

/// A small plan for what is said of plans.
pub static PLAN: LazyLock<Plan> = LazyLock::new(|| {
    let base = "struct box {\n\tint width;\n};\n\nint one(struct box *box)\n{\n\treturn box->width;\n}\n";
    let tip = "struct box {\n\tint breadth;\n};\n\n/* Twice as much. */\nint two(struct box *box)\n{\n\treturn 2 * box->breadth;\n}\n\n\
               int one(struct box *box)\n{\n\treturn box->breadth;\n}\n";
    plan_of(change("fs/a.c", Some(base.as_bytes()), Some(tip.as_bytes())))
});
