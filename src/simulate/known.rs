//! A few motifs to plant, written down from textbook consensus sequences.

use crate::motif::{Motif, Motifs};
use ndarray::{Array2, array};

/// How probable the letters that a consensus does not name are together, at each position that names one.
const BLUR: f64 = 0.03;

/// Returns the three motifs that [`motifs`](super::motifs) plants: `ETS`, `GATA` and `CTCF`.
///
/// They are the textbook consensus sequences of three families of factors, with 3 % of other letters at each position.
///
/// # Examples
///
/// ```
/// use genolens::simulate;
/// assert_eq!(simulate::known_motifs().get(0).consensus(), "ACCGGAAGTG");
/// ```
pub fn known_motifs() -> Motifs {
    [
        ("ETS", "ACCGGAAGTG"),
        ("GATA", "CAGATAAGCA"),
        ("CTCF", "CCACCAGGGGGCG"),
    ]
    .into_iter()
    .filter_map(|(name, consensus)| blurred(name, consensus))
    .collect()
}

fn blurred(name: &str, consensus: &str) -> Option<Motif> {
    let sharp = Motif::from_consensus(name, consensus).ok()?;
    let flat: Array2<f64> = array![[0.25, 0.25, 0.25, 0.25]];
    let share = BLUR / 0.75;
    Motif::from_probabilities(name, &(sharp.probability() * (1.0 - share) + flat * share)).ok()
}
