//! Estimates without each of the variants.

use super::{Estimates, Estimator, Instruments};
use crate::progress::Task;
use crate::{Error, Result};

/// Estimates an effect without each of the variants in turn: does the result hang on one of them?
///
/// # Errors
///
/// As the estimator, with one variant fewer, and for a single variant.
///
/// # Examples
///
/// ```
/// use genolens::causal::{self, Instruments, Ivw};
/// # fn main() -> genolens::Result<()> {
/// let (bx, by) = ([0.1, 0.2, 0.4], [0.2, 0.4, 2.8]);
/// let instruments = Instruments::new((&bx, &[0.01; 3]), (&by, &[0.05; 3]))?;
/// let without = causal::leave_one_out(&instruments, &Ivw::new())?;
/// assert!((without.named("3")?.value() - 2.0).abs() < 1e-12);
/// # Ok(()) }
/// ```
pub fn leave_one_out(instruments: &Instruments, estimator: &dyn Estimator) -> Result<Estimates> {
    if instruments.len() < 2 {
        let expected = "two variants or more to leave one out";
        return Err(Error::value("instruments", expected, instruments.len()));
    }
    let mut rows = Vec::with_capacity(instruments.len());
    let mut task = Task::new("leave one out", instruments.len());
    for (place, id) in instruments.ids().iter().enumerate() {
        let found = estimator.estimate(&instruments.without(place))?;
        rows.push((Some(id.clone()), found));
        task.step(id)?;
    }
    Ok(Estimates::new(rows))
}
