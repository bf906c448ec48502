//! Motifs as IUPAC codes, in both directions.

use super::Motif;
use crate::sequence::Alphabet;
use crate::{Error, Result};
use ndarray::{Array2, ArrayView1};

/// The IUPAC codes by the set of letters they stand for, bit 0 for `A` to bit 3 for `T`.
const CODES: &[u8; 16] = b"-ACMGRSVTWYHKDBN";

impl Motif {
    /// Returns the consensus in IUPAC codes by the rule of Cavener 1987 (doi:10.1093/nar/15.4.1353).
    ///
    /// One letter when it is more probable than all others together and than twice the second; else two when together above
    /// 0.75; else three when the fourth never occurs; else `N`. In protein, the letter above 0.5, else `X`. Checked against
    /// Biopython's `degenerate_consensus`.
    pub fn consensus(&self) -> String {
        self.probability()
            .rows()
            .into_iter()
            .map(|row| code(self.alphabet(), &row.to_vec()))
            .collect()
    }

    /// Returns the most probable letter of every position, the first of equal ones: a text that can be written into a sequence.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::motif::Motif;
    /// # fn main() -> genolens::Result<()> {
    /// assert_eq!(Motif::from_consensus("GATA", "WGATAR")?.best_text(), "AGATAA");
    /// # Ok(()) }
    /// ```
    pub fn best_text(&self) -> String {
        let letters = self.alphabet().letters();
        let best = |row: ArrayView1<'_, f64>| {
            let top = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let place = row.iter().position(|&share| share == top);
            char::from(place.map_or(self.alphabet().unknown(), |place| letters[place]))
        };
        self.probability().rows().into_iter().map(best).collect()
    }

    /// Creates a DNA motif from IUPAC codes, each letter of a code being equally probable.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] for a letter that is no IUPAC code, and for an empty text.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::motif::Motif;
    /// # fn main() -> genolens::Result<()> {
    /// let gata = Motif::from_consensus("GATA", "WGATAR")?;
    /// assert_eq!(gata.probability()[[0, 0]], 0.5);
    /// assert_eq!(gata.consensus(), "WGATAR");
    /// # Ok(()) }
    /// ```
    pub fn from_consensus(name: &str, consensus: &str) -> Result<Self> {
        if consensus.is_empty() {
            return Err(Error::value("consensus", "IUPAC codes", "empty"));
        }
        let mut counts = Array2::zeros((consensus.chars().count(), 4));
        for (mut row, letter) in counts.rows_mut().into_iter().zip(consensus.chars()) {
            let wanted = match letter.to_ascii_uppercase() {
                'U' => 'T',
                other => other,
            };
            let set = CODES
                .iter()
                .skip(1)
                .position(|&code| char::from(code) == wanted);
            let Some(set) = set.map(|place| place + 1) else {
                return Err(Error::value(
                    "consensus",
                    "IUPAC codes",
                    format!("`{letter}`"),
                ));
            };
            let share = 1.0 / f64::from(set.count_ones());
            (0..4)
                .filter(|bit| set >> bit & 1 == 1)
                .for_each(|bit| row[bit] = share);
        }
        Self::from_probabilities(name, &counts)
    }
}

fn code(alphabet: Alphabet, row: &[f64]) -> char {
    let mut order: Vec<usize> = (0..row.len()).collect();
    order.sort_by(|&a, &b| row[b].total_cmp(&row[a]));
    let first = row[order[0]];
    let total: f64 = row.iter().sum();
    if alphabet == Alphabet::Protein {
        let letter = if 2.0 * first > total {
            alphabet.letters()[order[0]]
        } else {
            alphabet.unknown()
        };
        return letter.into();
    }
    let kept = if first > total - first && first > 2.0 * row[order[1]] {
        1
    } else if 4.0 * (first + row[order[1]]) > 3.0 * total {
        2
    } else if row[order[3]] == 0.0 {
        3
    } else {
        4
    };
    let set = order[..kept]
        .iter()
        .fold(0, |set, &letter| set | 1 << letter);
    match (CODES[set], alphabet) {
        (b'T', Alphabet::Rna) => 'U',
        (letter, _) => letter.into(),
    }
}
