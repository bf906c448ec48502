//! Sequences as coloured letters.

use super::value::shown;
use crate::display::heatmap::{Heatmap, heatmap};
use crate::display::table::{Cell, Table};
use crate::sequence::{Alphabet, OneHot, Peaks, Sequences};
use ndarray::Axis;

/// Rows and letters that are shown of a collection.
const ROWS: usize = 8;
const LETTERS: usize = 120;

fn letters(sequences: &Sequences, index: usize) -> Cell {
    let text = sequences.text(index);
    let cut = text
        .get(..LETTERS)
        .map_or_else(|| text.to_string(), |start| format!("{start}…"));
    Cell::letters(&cut, sequences.alphabet() == Alphabet::Protein)
}

fn note(count: usize) -> String {
    let shown = count.min(ROWS);
    if shown < count {
        format!("The first {shown} of {count} sequences.")
    } else {
        format!("{count} sequences.")
    }
}

pub(super) fn table(sequences: &Sequences) -> Table {
    let lengths = sequences.lengths();
    let row = |i: usize| {
        vec![
            sequences.name(i).into(),
            lengths[i].into(),
            letters(sequences, i),
        ]
    };
    let rows = (0..sequences.len().min(ROWS)).map(row);
    Table::filled(&["name", "length", "sequence"], rows).note(&note(sequences.len()))
}

shown!(Sequences, |sequences| table(sequences).bundle());

shown!(Peaks, |peaks| {
    let sequences = peaks.sequences();
    let bound = |i: usize| f64::from(peaks.bound()[i]).into();
    let row = |i: usize| vec![sequences.name(i).into(), bound(i), letters(&sequences, i)];
    let rows = (0..peaks.len().min(ROWS)).map(row);
    Table::filled(&["name", "bound", "sequence"], rows)
        .note(&note(peaks.len()))
        .bundle()
});

impl OneHot {
    /// Returns the code of the first sequence as a heatmap.
    pub fn heatmap(&self) -> Heatmap {
        let names: Vec<char> = self
            .alphabet()
            .letters()
            .iter()
            .map(|l| char::from(*l))
            .collect();
        let empty = ndarray::Array2::zeros((names.len(), 0));
        let first = if self.len_of(Axis(0)) == 0 {
            empty
        } else {
            self.index_axis(Axis(0), 0).to_owned()
        };
        let shape = format!("{:?}", self.shape());
        heatmap(&first)
            .rows(&names)
            .x_label("position")
            .title(&format!(
                "One-hot code of shape {shape}, the first sequence"
            ))
    }
}

shown!(OneHot, |code| code.heatmap().figure().bundle());
