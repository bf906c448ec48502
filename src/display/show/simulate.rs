//! Simulated sequences.

use super::value::shown;
use crate::display::table::Table;
use crate::simulate::{Enriched, Plants, Simulated};

/// Rows that are shown of the truth.
const ROWS: usize = 20;

shown!(Simulated, |simulated| {
    let sequences = simulated.sequences();
    let bound = simulated
        .labels()
        .iter()
        .filter(|label| **label > 0.5)
        .count();
    let note = format!("{bound} of {} sequences have label 1.", sequences.len());
    super::sequence::table(&sequences).note(&note).bundle()
});

shown!(Plants, |plants| {
    let row = |i: usize| {
        let plant = plants.get(i);
        let strand = if plant.reverse { "−" } else { "+" };
        vec![
            plant.sequence.into(),
            plant.name.as_str().into(),
            plant.start.into(),
            plant.end.into(),
            strand.into(),
        ]
    };
    let columns = ["sequence", "motif", "start", "end", "strand"];
    let shown = plants.len().min(ROWS);
    Table::filled(&columns, (0..shown).map(row))
        .note(&format!("{shown} of {} planted motifs.", plants.len()))
        .bundle()
});

shown!(Enriched, |enriched| {
    let mut lines: Vec<_> = enriched.lines().iter().collect();
    lines.sort_by_key(|line| (!line.chosen, std::cmp::Reverse(line.positives)));
    let rows = lines.iter().take(ROWS).map(|line| {
        vec![
            line.name.as_str().into(),
            line.positives.into(),
            line.negatives.into(),
            format!("{:.2}", line.ratio).into(),
            if line.chosen { "yes" } else { "no" }.into(),
        ]
    });
    let columns = ["motif", "positive hits", "negative hits", "ratio", "chosen"];
    let (shown, all) = (lines.len().min(ROWS), lines.len());
    Table::filled(&columns, rows)
        .note(&format!("{shown} of {all} motifs."))
        .bundle()
});
