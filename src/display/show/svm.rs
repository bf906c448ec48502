//! Support vector machines.

use super::value::shown;
use crate::display::table::{Cell, Table};
use crate::sequence::Alphabet;
use crate::training::GappedKmerSvm;
use ndarray::{Array3, ArrayView1, Axis};

impl GappedKmerSvm {
    /// Returns the words with the highest and the lowest scores, so many of each, for the notebook.
    pub fn table(&self, count: usize) -> Table {
        let (high, low) = (self.highest_words(count), self.lowest_words(count));
        let columns = ["for label 1", "score", "for label 0", "score"];
        let rows = (0..high.1.len()).map(|i| {
            let both = [&high, &low].map(|(code, scores)| {
                let score = format!("{:.4}", scores[i]);
                [Cell::letters(&letters(code, i), false), score.into()]
            });
            both.into_iter().flatten().collect()
        });
        let strands = if self.kernel().is_both_strands() {
            " A word and its other strand score the same."
        } else {
            ""
        };
        Table::filled(&columns, rows).note(&format!("{self}.{strands}"))
    }
}

fn letters(code: &Array3<f32>, word: usize) -> String {
    let columns = code.index_axis(Axis(0), word);
    let letter = |column: ArrayView1<'_, f32>| {
        let row = column.iter().position(|value| *value == 1.0);
        row.map_or('N', |row| char::from(Alphabet::Dna.letters()[row]))
    };
    columns.axis_iter(Axis(1)).map(letter).collect()
}

shown!(GappedKmerSvm, |svm| svm.table(10).bundle());
