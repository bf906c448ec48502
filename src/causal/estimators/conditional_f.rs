//! How strong variants are for one exposure, others held.

use super::super::Instruments;
use super::super::pairs::at_least;
use crate::linear::{Cholesky, solve};
use crate::{Error, Result};
use ndarray::{Array1, Array2, Array3, ArrayView2, Axis};

/// Returns the conditional F statistic of each exposure: how strong the variants are for it, the others held, shape `(exposures)`.
///
/// Errors of the effects on different exposures are taken as independent, as in different people; [`ConditionalF`] knows of the same people.
///
/// # Errors
///
/// Fails when there are fewer than two exposures, no more variants than exposures, or the effects on one follow from those on the others.
///
/// # Examples
///
/// ```
/// use genolens::causal::{self, Instruments};
/// # fn main() -> genolens::Result<()> {
/// let instruments = Instruments::new((&[0.1, 0.2, 0.4, 0.0], &[0.01; 4]), (&[0.1; 4], &[0.05; 4]))?;
/// let instruments = instruments.with_exposure("HDL", &[0.3, 0.0, -0.1, 0.2], &[0.01; 4])?;
/// assert!(causal::conditional_f(&instruments)?.iter().all(|f| *f > 10.0));
/// # Ok(()) }
/// ```
///
/// # References
///
/// Sanderson, Spiller and Bowden 2021, doi:10.1002/sim.9133. Checked against the formulas in numpy.
pub fn conditional_f(instruments: &Instruments) -> Result<Array1<f64>> {
    ConditionalF::new().run(instruments)
}

/// Conditional F statistics, with options.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConditionalF {
    people: Option<usize>,
    correlation: Option<Array2<f64>>,
    smallest: bool,
}

/// Steps towards the smallest value; some ten are enough.
const STEPS: usize = 200;

impl ConditionalF {
    /// Asks for the statistics of [`conditional_f`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Says that all exposures were measured in the same people, so many, where they have variance 1: errors of effects then vary together, by
    /// what the variants do not explain of what exposures have in common. As `MendelianRandomization` (0.10.0) does with `nx`.
    pub fn sample_size(mut self, people: usize) -> Self {
        self.people = Some(people);
        self
    }

    /// Sets how the exposures are correlated in these people, shape `(exposures, exposures)`; not at all, if not told otherwise.
    pub fn correlation(mut self, correlation: &Array2<f64>) -> Self {
        self.correlation = Some(correlation.clone());
        self
    }

    /// Asks for the smallest value over all combinations of the exposures, in place of that of least squares.
    ///
    /// It is the same for every exposure: how well the variants tell any two of them apart at all. `MendelianRandomization` (0.10.0) sets out
    /// to compute it, but gives its optimiser a slope that is not that of its objective; on 28 variants of three lipids it prints 20.3, 12.9
    /// and 13.3, of which the first and the last are the values of least squares, where it begins; the smallest value is 12.19.
    pub fn smallest(mut self, smallest: bool) -> Self {
        self.smallest = smallest;
        self
    }

    /// Computes the statistics, shape `(exposures)`.
    ///
    /// # Errors
    ///
    /// As [`conditional_f`]; when there are no more people than variants, or variants explain all of an exposure; when correlations are given
    /// without people, have another shape, or are not symmetric with ones on the diagonal and positive definite; and, for a
    /// [`sample_size`](Self::sample_size), when variants are correlated.
    pub fn run(&self, instruments: &Instruments) -> Result<Array1<f64>> {
        let x = instruments.exposure_effects();
        let (k, exposures) = x.dim();
        if exposures < 2 {
            let expected = "two exposures or more for a conditional F statistic";
            return Err(Error::value("instruments", expected, exposures));
        }
        at_least(k, exposures + 1, "a conditional F statistic")?;
        let strength = Strength {
            x: x.view(),
            covariances: self.covariances(instruments)?,
        };
        let starts = (0..exposures).map(|place| strength.least_squares(place));
        let starts = starts.collect::<Result<Vec<_>>>()?;
        let values: Array1<f64> = starts.iter().map(|start| strength.value(start)).collect();
        if !self.smallest {
            return Ok(values);
        }
        let least = starts.iter().map(|start| strength.smallest(start));
        let least = least.fold(f64::INFINITY, f64::min);
        Ok(Array1::from_elem(exposures, least))
    }

    /// How the errors of effects on exposures vary together, for every variant, shape `(variants, exposures, exposures)`.
    fn covariances(&self, instruments: &Instruments) -> Result<Array3<f64>> {
        let (x, s) = (
            instruments.exposure_effects(),
            instruments.exposure_errors(),
        );
        let (k, exposures) = x.dim();
        if instruments.correlation().is_some() {
            let expected = "uncorrelated variants, as from `without_correlation`";
            return Err(Error::value("instruments", expected, "correlated ones"));
        }
        let mut all = Array3::zeros((k, exposures, exposures));
        let Some(people) = self.people else {
            if self.correlation.is_some() {
                let expected = "of people in whom all exposures were measured (sample_size)";
                return Err(Error::value("correlation", expected, "no such people"));
            }
            for ((at, exposure), s) in s.indexed_iter() {
                all[[at, exposure, exposure]] = s * s;
            }
            return Ok(all);
        };
        if people <= k {
            let expected = format!("more people than variants, of which there are {k}");
            return Err(Error::value("sample_size", expected, people));
        }
        let correlation = self.correlations(exposures)?;
        let n = people as f64;
        // How much a variant varies in people whose exposures have variance 1, from effect and error.
        let spread = Array2::from_shape_fn((k, exposures), |at| {
            (n * s[at] * s[at] + x[at] * x[at]).sqrt().recip()
        });
        let explained = &spread * &x;
        let explained = explained.t().dot(&explained);
        if let Some(share) = explained.diag().iter().find(|share| **share >= 1.0) {
            let expected = "people in whom variants explain less than all of every exposure";
            let got = format!("{people}, in whom they explain {share:.2} times the variance");
            return Err(Error::value("sample_size", expected, got));
        }
        let left = (correlation - explained) / (n - k as f64 + 1.0);
        for ((at, a, b), covariance) in all.indexed_iter_mut() {
            *covariance = left[[a, b]] / (spread[[at, a]] * spread[[at, b]]);
        }
        Ok(all)
    }

    fn correlations(&self, exposures: usize) -> Result<Array2<f64>> {
        let Some(given) = &self.correlation else {
            return Ok(Array2::eye(exposures));
        };
        if given.dim() != (exposures, exposures) {
            let expected = format!("({exposures}, {exposures})");
            return Err(Error::shape("correlation", expected, given.shape()));
        }
        let is_one = given.diag().iter().all(|one| (one - 1.0).abs() <= 1e-8);
        let is_same = given
            .indexed_iter()
            .all(|((a, b), value)| (value - given[[b, a]]).abs() <= 1e-8);
        if !(is_one && is_same && Cholesky::new(given.clone()).is_some()) {
            let expected = "symmetric with ones on the diagonal, and positive definite";
            return Err(Error::value("correlation", expected, "another matrix"));
        }
        Ok(given.clone())
    }
}

/// How far a combination of effects is from nothing, in errors.
struct Strength<'a> {
    x: ArrayView2<'a, f64>,
    covariances: Array3<f64>,
}

impl Strength<'_> {
    /// Returns what an exposure has beyond the others: 1 for itself, less what least squares gives of each other.
    fn least_squares(&self, place: usize) -> Result<Array1<f64>> {
        let exposures = self.x.ncols();
        let others: Vec<usize> = (0..exposures).filter(|other| *other != place).collect();
        let rest = self.x.select(Axis(1), &others);
        let root = Cholesky::new(rest.t().dot(&rest)).ok_or_else(|| {
            let expected = "effects on exposures none of which follows from the others";
            Error::value("instruments", expected, "such that one does")
        })?;
        let delta = root.solve(&rest.t().dot(&self.x.column(place)));
        let mut combination = Array1::zeros(exposures);
        combination[place] = 1.0;
        for (other, delta) in others.iter().zip(&delta) {
            combination[*other] = -delta;
        }
        Ok(combination)
    }

    /// Calls `each` with place, combined effect and its variance, for every variant.
    fn each(&self, combination: &Array1<f64>, mut each: impl FnMut(usize, f64, f64)) {
        let effects = self.x.dot(combination);
        for (at, effect) in effects.iter().enumerate() {
            let covariance = self.covariances.index_axis(Axis(0), at);
            each(at, *effect, combination.dot(&covariance.dot(combination)));
        }
    }

    fn value(&self, combination: &Array1<f64>) -> f64 {
        let (k, exposures) = self.x.dim();
        let mut sum = 0.0;
        self.each(combination, |_, effect, variance| {
            sum += effect * effect / variance;
        });
        sum / (k + 1 - exposures) as f64
    }

    /// Goes to the nearest combination whose value is smallest.
    ///
    /// There `A c = B c`, with the weighted products of effects in `A` and what covariances add in `B`; a step solves `A c' = B c`, which
    /// is that of the power method for the smallest root (as in fits of lines with errors on both axes, Chojnacki et al. 2000).
    fn smallest(&self, start: &Array1<f64>) -> f64 {
        let exposures = self.x.ncols();
        let (mut combination, mut least) = (start.clone(), self.value(start));
        for _ in 0..STEPS {
            let mut products = Array2::<f64>::zeros((exposures, exposures));
            let mut pull = Array1::<f64>::zeros(exposures);
            self.each(&combination, |at, effect, variance| {
                let x = self.x.row(at);
                for (a, mut row) in products.rows_mut().into_iter().enumerate() {
                    row.scaled_add(x[a] / variance, &x);
                }
                let covariance = self.covariances.index_axis(Axis(0), at);
                let weight = (effect / variance).powi(2);
                pull.scaled_add(weight, &covariance.dot(&combination));
            });
            let Some(next) = solve(products, pull) else {
                break;
            };
            let length = next.dot(&next).sqrt();
            if !(length.is_finite() && length > 0.0) {
                break;
            }
            combination = next / length;
            let value = self.value(&combination);
            let done = (least - value).abs() <= 1e-14 * least;
            least = least.min(value);
            if done {
                break;
            }
        }
        least
    }
}
