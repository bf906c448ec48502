//! Simulated sequences.

use super::value::shown;
use crate::simulate::Simulated;

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
