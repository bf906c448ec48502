//! Simulated sequences.

use super::value::shown;
use crate::display::table::Table;
use crate::simulate::{Plants, Simulated};

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
