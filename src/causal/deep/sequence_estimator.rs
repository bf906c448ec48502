//! How the effect near one sequence is estimated from its mutations.

use super::super::estimators::{Egger, Ivw, Median, Mode};
use super::super::line;
use super::super::robust;
use super::super::{Estimate, Estimator, Instruments};
use super::sequence_fit::Gathered;
use crate::linear::Cholesky;
use crate::{Error, Result};
use ndarray::Array2;

/// Which estimator takes the mutations of a sequence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SequenceEstimator {
    /// Inverse-variance weighting.
    #[default]
    Ivw,
    /// MR-Egger.
    Egger,
    /// MR-Egger, robust with more than ten instruments, as published.
    RobustEgger,
    /// The weighted median of ratios.
    Median,
    /// The mode of ratios.
    Mode,
    /// MR-Egger that knows how the errors of mutations go together over members. Their correlations are shrunken as far as so few members
    /// ask for (Schäfer and Strimmer 2005, <https://doi.org/10.2202/1544-6115.1175>), so that they can be inverted.
    CorrelatedEgger,
    /// Inverse-variance weighting with the same correlations.
    CorrelatedIvw,
}

/// More instruments than this are fitted robustly.
const ROBUST_ABOVE: usize = 10;
/// The least that correlations are shrunken, so that mutations on whose errors all members agree can be told apart.
const LEAST: f64 = 0.02;

impl SequenceEstimator {
    /// Estimates from the means over members, and from every member on its own with the weights of the means.
    pub(super) fn fit(self, from: &Gathered) -> Result<(Estimate, Vec<f64>)> {
        let instruments = from.instruments()?;
        let plain: Vec<f64> = from.sy.iter().map(|error| 1.0 / (error * error)).collect();
        match self {
            Self::RobustEgger if from.len() > ROBUST_ABOVE => {
                let found = Egger::new().robust(true).run(&instruments)?;
                let weights = from.bisquare(&found, &plain);
                let members = from.each_member(|x, y| slope(x, y, &weights))?;
                Ok((found, members))
            }
            Self::RobustEgger | Self::Egger => {
                let found = Egger::new().run(&instruments)?;
                let members = from.each_member(|x, y| slope(x, y, &plain))?;
                Ok((found, members))
            }
            Self::Ivw => {
                let found = Ivw::new().run(&instruments)?;
                let members =
                    from.each_member(|x, y| Ok(line::through_origin(x, y, &plain)?.slope))?;
                Ok((found, members))
            }
            Self::Median => by_ratios(
                from,
                &instruments,
                (&Median::new(), &Median::new().draws(2)),
            ),
            Self::Mode => by_ratios(from, &instruments, (&Mode::new(), &Mode::new().draws(2))),
            Self::CorrelatedEgger | Self::CorrelatedIvw => self.correlated(from, &instruments),
        }
    }

    fn correlated(
        self,
        from: &Gathered,
        instruments: &Instruments,
    ) -> Result<(Estimate, Vec<f64>)> {
        let correlation = shrunken(&from.y);
        let instruments = instruments.with_correlation(&correlation)?;
        let n = from.len();
        let covariance = Array2::from_shape_fn((n, n), |(i, j)| {
            correlation[[i, j]] * from.sy[i] * from.sy[j]
        });
        let root = Cholesky::new(covariance)
            .ok_or_else(|| Error::value("correlation", "positive definite", "singular"))?;
        let whole = vec![1.0; n];
        if self == Self::CorrelatedIvw {
            let found = Ivw::new().run(&instruments)?;
            let one = |x: &[f64], y: &[f64]| {
                Ok(line::through_origin(&root.whiten(x), &root.whiten(y), &whole)?.slope)
            };
            return Ok((found, from.each_member(one)?));
        }
        let found = Egger::new().run(&instruments)?;
        let ones = root.whiten(&whole);
        let one = |x: &[f64], y: &[f64]| {
            Ok(line::with_intercept(&root.whiten(x), (&ones, &root.whiten(y)), &whole)?.slope)
        };
        Ok((found, from.each_member(one)?))
    }
}

/// The slope of a line with an intercept.
fn slope(x: &[f64], y: &[f64], weights: &[f64]) -> Result<f64> {
    Ok(line::with_intercept(x, (&vec![1.0; x.len()], y), weights)?.slope)
}

/// Estimators of ratios: members need no bootstrap.
fn by_ratios(
    from: &Gathered,
    instruments: &Instruments,
    (whole, quick): (&dyn Estimator, &dyn Estimator),
) -> Result<(Estimate, Vec<f64>)> {
    let found = whole.estimate(instruments)?;
    let one = |x: &[f64], y: &[f64]| {
        let member = Instruments::new((x, &from.sx), (y, &from.sy))?;
        Ok(quick.estimate(&member)?.value())
    };
    Ok((found, from.each_member(one)?))
}

impl Gathered {
    /// The weights of a robust fit, those of the errors among them.
    fn bisquare(&self, found: &Estimate, plain: &[f64]) -> Vec<f64> {
        let intercept = found
            .intercept()
            .map_or(0.0, super::super::Intercept::value);
        let scale = found.residual_error().unwrap_or(0.0);
        let rows = self.bx.iter().zip(&self.by).zip(&self.sy).zip(plain);
        let weight = |(((x, y), error), plain): (((&f64, &f64), &f64), &f64)| {
            let residual = (y - intercept - found.value() * x) / error;
            // More than half of the rows can lie exactly on the line.
            let exact = residual.abs() <= 1e-9 * (y / error).abs();
            if exact {
                *plain
            } else {
                plain * robust::efficient_weight(residual / scale)
            }
        };
        rows.map(weight).collect()
    }
}

/// Correlations of the columns of `values`, shape `(members, instruments)`, shrunken towards none.
fn shrunken(values: &Array2<f64>) -> Array2<f64> {
    let (members, n) = values.dim();
    let count = members as f64;
    let mut scores = values.clone();
    for mut column in scores.columns_mut() {
        let mean = column.sum() / count;
        column -= mean;
        let spread = (column.dot(&column) / (count - 1.0)).sqrt();
        // What all members agree on goes together with nothing.
        let spread = if spread > 0.0 { spread } else { f64::INFINITY };
        column /= spread;
    }
    let mut correlation = scores.t().dot(&scores) / (count - 1.0);
    let (mut noise, mut squares) = (0.0, 0.0);
    for i in 0..n {
        for j in 0..i {
            let (a, b) = (scores.column(i), scores.column(j));
            let mean = correlation[[i, j]] * (count - 1.0) / count;
            let off: f64 = a.iter().zip(b).map(|(a, b)| (a * b - mean).powi(2)).sum();
            noise += off * count / (count - 1.0).powi(3);
            squares += correlation[[i, j]].powi(2);
        }
    }
    let share = if squares > 0.0 {
        (noise / squares).clamp(LEAST, 1.0)
    } else {
        1.0
    };
    correlation *= 1.0 - share;
    correlation.diag_mut().fill(1.0);
    // Exactly symmetric, whatever the product rounded.
    Array2::from_shape_fn((n, n), |(i, j)| correlation[[i.max(j), i.min(j)]])
}
