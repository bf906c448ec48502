//! What looks at layers, as tables.

use super::value::shown;
use crate::attribution::{Completeness, Multipliers};
use crate::display::table::Table;

shown!(Completeness, |losses| {
    let rows = losses.lines().into_iter().map(|(number, layer, largest)| {
        vec![number.into(), layer.into(), format!("{largest:.1e}").into()]
    });
    let note = format!(
        "{} pairs; all layers together lose {:.1e} of the largest difference of two outputs.",
        losses.pairs(),
        losses.relative()
    );
    Table::filled(&["layer", "", "largest loss"], rows)
        .note(&note)
        .bundle()
});

shown!(Multipliers, |multipliers| {
    let (n, references, letters, length) = multipliers.values().dim();
    let rows = [
        ("sequences", n),
        ("references", references),
        ("letters", letters),
        ("positions", length),
    ];
    let rows = rows.map(|(what, count)| vec![what.into(), count.into()]);
    Table::filled(&["multipliers", "count"], rows.into_iter()).bundle()
});
