//! Where the time of the cells went.

use crate::evaluator::Timing;
use crate::terminal;

/// Holds the times of one cell.
#[derive(Clone, Debug)]
pub(super) struct Taken {
    pub(super) name: String,
    pub(super) seconds: f64,
    /// Unknown when the cell never got so far.
    pub(super) parts: Option<Timing>,
}

/// Prints one line for each cell, and the sum.
pub(super) fn print(taken: &[Taken]) {
    terminal::say(&format!(
        "{:<12}{:>9}{:>9}{:>9}{:>9}",
        "seconds", "compile", "link", "run", "all"
    ));
    let mut sum = Timing::default();
    for cell in taken {
        let parts = cell.parts.unwrap_or_default();
        sum.compile_s += parts.compile_s;
        sum.link_s += parts.link_s;
        sum.run_s += parts.run_s;
        line(&cell.name, cell.parts, cell.seconds);
    }
    line(
        "all cells",
        Some(sum),
        taken.iter().map(|cell| cell.seconds).sum(),
    );
}

fn line(name: &str, parts: Option<Timing>, seconds: f64) {
    let part = |pick: fn(Timing) -> f64| {
        parts.map_or_else(|| "-".to_owned(), |parts| format!("{:.2}", pick(parts)))
    };
    terminal::say(&format!(
        "{name:<12}{:>9}{:>9}{:>9}{seconds:>9.2}",
        part(|parts| parts.compile_s),
        part(|parts| parts.link_s),
        part(|parts| parts.run_s),
    ));
}
