//! Mutations of sequences as individuals.

use super::Individuals;
use crate::causal::MutationEffects;
use crate::{Error, Result};
use ndarray::{Array2, Axis};

impl MutationEffects {
    /// Turns mutations into individuals whose instrument is the mutation, for a curve of one output on another by
    /// [`deep_iv`](crate::causal::deep_iv) beside the slope of [`deep_mr`](crate::causal::deep_mr).
    ///
    /// One row for each mutation and member of the ensemble: exposure and outcome are what this member says of the mutation, and the
    /// instrument is what the others say on average of its effect on the exposure. So the errors of a member, which its exposure and its
    /// outcome share, are not in the instrument (jackknife instruments: Angrist,
    /// Imbens and Krueger 1999, Journal of Applied Econometrics 14:57).
    /// Mutations count that change the exposure by at least a standard deviation of all mutations, as the others say. Rows of a sequence
    /// are a group.
    ///
    /// # Errors
    ///
    /// Fails when there is no such output, both are the same, or too few sequences or mutations are left.
    pub fn individuals(&self, exposure: usize, outcome: usize) -> Result<Individuals> {
        let mean = self.mean(exposure)?;
        self.mean(outcome)?;
        if exposure == outcome {
            let expected = format!("another output than {exposure}, the exposure");
            return Err(Error::value("outcome", expected, outcome));
        }
        let members = self.members() as f64;
        let own = self.sequences().one_hot()?;
        let mutations = (mean.len() - own.values().iter().filter(|v| **v == 1.0).count()) as f64;
        let center = mean.sum() / mutations;
        let squares: f64 = mean.iter().map(|value| value * value).sum();
        let deviation = (squares / mutations - center * center).sqrt();
        let (mut x, mut y, mut z, mut groups) = (vec![], vec![], vec![], vec![]);
        for (row, of_sequence) in self.values().axis_iter(Axis(0)).enumerate() {
            for ((letter, position), mean) in mean.index_axis(Axis(0), row).indexed_iter() {
                if own.values()[[row, letter, position]] == 1.0 {
                    continue;
                }
                for member in 0..self.members() {
                    let of =
                        |output: usize| f64::from(of_sequence[[output, member, letter, position]]);
                    let others = (mean * members - of(exposure)) / (members - 1.0);
                    if (others - center).abs() >= deviation {
                        x.push(of(exposure));
                        y.push(of(outcome));
                        z.push(others);
                        groups.push(row);
                    }
                }
            }
        }
        let rows = z.len();
        let z = Array2::from_shape_vec((rows, 1), z)
            .map_err(|_| Error::shape("instruments", "(n, 1)", &[rows]))?;
        Individuals::new(&x, &y, &z)?.with_groups(&groups)
    }
}
