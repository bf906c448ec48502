//! Rows of text under each other.

/// Writes rows with all columns aligned, one row a line.
pub(super) fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let size = |text: &String| text.chars().count();
    let cells = |column: usize| rows.iter().filter_map(move |row| row.get(column));
    let widths: Vec<usize> = (0..columns)
        .map(|column| cells(column).map(size).max().unwrap_or(0))
        .collect();
    let lines = rows.iter().map(|row| {
        let cells = row.iter().zip(&widths);
        let cells = cells.map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Writes a shape as messages do.
pub(super) fn shape(dims: &[usize]) -> String {
    let sizes: Vec<String> = dims.iter().map(ToString::to_string).collect();
    format!("({})", sizes.join(", "))
}

/// Writes a name of a file so that it fits into a message: short, and on one line.
pub(super) fn short(name: &str) -> String {
    let letters = name.chars().take(120);
    let letters = letters.map(|letter| if letter.is_control() { ' ' } else { letter });
    letters.collect()
}
