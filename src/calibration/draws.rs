//! Several predictions of the same examples, and what their differences tell.

use super::difference::Difference;
use super::forecast::Forecast;
use super::information::Information;
use super::logistic::{log_sum, sigmoid};
use super::quantile_calibration::QuantileCalibration;
use crate::network::{MonteCarlo, Network};
use crate::{Error, Input, Result};
use ndarray::{Array2, Array3, Axis};
use std::fmt;
use std::sync::Arc;

/// Raw scores of the same examples by several members, shape `(members, n, outputs)`; cheap to clone.
///
/// Members are the networks of an [`Ensemble`](super::Ensemble), or one network with dropout switched on that many times.
///
/// # Examples
///
/// ```
/// use genolens::{calibration::Draws, ndarray::array};
/// # fn main() -> genolens::Result<()> {
/// // Two members, two examples, one output; both find the second larger by one, from different heights.
/// let draws = Draws::new(&array![[[1.0_f32], [2.0]], [[5.0], [6.0]]])?;
/// let difference = draws.rows(&[1])?.difference(&draws.rows(&[0])?)?;
/// assert_eq!((difference.effect()[[0, 0]], difference.error()[[0, 0]]), (1.0, 0.0));
/// assert_eq!(difference.unpaired_error()[[0, 0]], 4.0);
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq)]
pub struct Draws {
    values: Arc<Array3<f32>>,
}

impl Draws {
    /// Takes raw scores, shape `(members, n, outputs)`.
    ///
    /// # Errors
    ///
    /// Fails for fewer than two members, without an example or output, or when a score is not finite.
    pub fn new(values: &Array3<f32>) -> Result<Self> {
        let (members, n, outputs) = values.dim();
        if members < 2 || n == 0 || outputs == 0 {
            let expected = "(members, n, outputs), at least 2 members, 1 example and 1 output";
            return Err(Error::shape("values", expected, values.shape()));
        }
        if let Some(((member, row, _), value)) =
            values.indexed_iter().find(|(_, value)| !value.is_finite())
        {
            let got = format!("{value} of member {member} in row {row}");
            return Err(Error::value("values", "finite", got));
        }
        Ok(Self {
            values: Arc::new(values.clone()),
        })
    }

    /// Predicts with dropout switched on, as [`MonteCarlo`] says; what is silenced in a sample is the same for the same row of any `x`.
    ///
    /// # Errors
    ///
    /// As [`MonteCarlo::draws`].
    pub fn dropout(options: &MonteCarlo, network: &Network, x: &dyn Input) -> Result<Self> {
        Self::new(&options.draws(network, x)?)
    }

    /// Predicts with dropout switched on, for examples and a reference, and subtracts, sample by sample: the same is silenced in both.
    ///
    /// A reference of one example, such as the sequence that mutants were made from, is put beside every example.
    ///
    /// # Errors
    ///
    /// As [`MonteCarlo::draws`], and when the reference has neither one example nor as many as there are.
    pub fn dropout_difference(
        options: &MonteCarlo,
        network: &Network,
        (x, reference): (&dyn Input, &dyn Input),
    ) -> Result<Difference> {
        let draws = Self::dropout(options, network, x)?;
        let n = draws.values.len_of(Axis(1));
        let reference = reference.array()?;
        // What is silenced follows from the row: a single row would be paired with the first example only.
        let beside = match reference.shape().first() {
            Some(1) => reference.select(Axis(0), &vec![0; n]),
            _ => reference.into_owned(),
        };
        draws.difference(&Self::dropout(options, network, &beside)?)
    }

    /// Returns the scores, shape `(members, n, outputs)`.
    pub fn values(&self) -> &Array3<f32> {
        &self.values
    }

    /// Returns the number of members.
    pub fn members(&self) -> usize {
        self.values.len_of(Axis(0))
    }

    /// Returns some examples.
    ///
    /// # Errors
    ///
    /// Fails without a row, or for one that does not exist.
    pub fn rows(&self, rows: &[usize]) -> Result<Self> {
        let n = self.values.len_of(Axis(1));
        match rows.iter().find(|row| **row >= n) {
            Some(row) => Err(Error::value(
                "rows",
                format!("below {n}, the number of examples"),
                row,
            )),
            None => Self::new(&self.values.select(Axis(1), rows)),
        }
    }

    /// Returns the means over members, shape `(n, outputs)`.
    pub fn mean(&self) -> Array2<f64> {
        let zero = Array2::<f64>::zeros((self.values.len_of(Axis(1)), self.values.len_of(Axis(2))));
        let sum = self
            .values
            .outer_iter()
            .fold(zero, |sum, scores| sum + scores.mapv(f64::from));
        sum / self.members() as f64
    }

    /// Returns the standard deviations over members, their number less one, shape `(n, outputs)`.
    pub fn spread(&self) -> Array2<f64> {
        let mean = self.mean();
        let zero = Array2::<f64>::zeros(mean.dim());
        let squares = self.values.outer_iter().fold(zero, |sum, scores| {
            let off = scores.mapv(f64::from) - &mean;
            sum + &off * &off
        });
        (squares / (self.members() - 1) as f64).mapv_into(f64::sqrt)
    }

    /// Takes mean and spread over members as a normal forecast.
    ///
    /// # Errors
    ///
    /// Fails where all members agree, so that there is no spread.
    pub fn forecast(&self) -> Result<Forecast> {
        Forecast::of(self.mean(), self.spread())
    }

    /// Subtracts the scores of a reference, member by member, which may be one example for all.
    ///
    /// What a member finds too high in both does not count: the error of the difference is smaller than that of the two apart, where
    /// members who score one higher score the other higher, too. With dropout, what is silenced follows from the row: for one example
    /// beside all take [`dropout_difference`](Self::dropout_difference).
    ///
    /// # Errors
    ///
    /// Fails when members, outputs or examples differ.
    pub fn difference(&self, reference: &Self) -> Result<Difference> {
        let (members, n, outputs) = self.values.dim();
        let (others, rows, width) = reference.values.dim();
        if (others, width) != (members, outputs) || (rows != n && rows != 1) {
            let expected = format!("({members}, {n}, {outputs}), or one example for all");
            return Err(Error::shape(
                "reference",
                expected,
                reference.values.shape(),
            ));
        }
        Ok(Difference::new(&self.values, &reference.values))
    }

    /// Parts the variance of what is predicted, these being means, and `noise` the logarithms of the variances that the same members
    /// expect around them, each of shape `(n, outputs)` (Kendall and Gal 2017, <https://doi.org/10.48550/arXiv.1703.04977>).
    ///
    /// # Errors
    ///
    /// Fails when shapes differ, or a variance is too large for a number.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::{calibration::Draws, ndarray::array};
    /// # fn main() -> genolens::Result<()> {
    /// let means = Draws::new(&array![[[1.0_f32]], [[3.0]], [[5.0]]])?;
    /// let noise = Draws::new(&array![[[0.0_f32]], [[0.0]], [[0.0]]])?;
    /// let parts = means.variance_parts(&noise)?;
    /// assert_eq!((parts.epistemic()[[0, 0]], parts.aleatoric()[[0, 0]], parts.total()[[0, 0]]), (4.0, 1.0, 5.0));
    /// # Ok(()) }
    /// ```
    pub fn variance_parts(&self, noise: &Self) -> Result<Information> {
        if noise.values.dim() != self.values.dim() {
            let (members, n, outputs) = self.values.dim();
            let expected = format!("({members}, {n}, {outputs}) as the means");
            return Err(Error::shape("noise", expected, noise.values.shape()));
        }
        let variances = noise.values.mapv(|log| f64::from(log).exp());
        let within = variances.sum_axis(Axis(0)) / self.members() as f64;
        if let Some(((row, _), _)) = within.indexed_iter().find(|(_, mean)| !mean.is_finite()) {
            let expected = "logarithms of variances that are finite";
            let got = format!("an infinite variance in row {row}");
            return Err(Error::value("noise", expected, got));
        }
        let among = self.spread().mapv_into(|spread| spread * spread);
        Ok(Information::new(&within + &among, within))
    }

    /// Parts the surprise that is expected of tasks, from the sigmoid of the scores, each of shape `(n, tasks)`.
    pub fn task_information(&self) -> Information {
        let surprise = |chance: f64| -> f64 { [chance, 1.0 - chance].into_iter().map(plain).sum() };
        let chances = self.values.mapv(|score| sigmoid(f64::from(score)));
        let count = self.members() as f64;
        let mean = chances.sum_axis(Axis(0)) / count;
        let within = chances.mapv(surprise).sum_axis(Axis(0)) / count;
        Information::new(mean.mapv(surprise), within)
    }

    /// Parts the surprise that is expected of classes that exclude each other, from the softmax of the scores, each of shape `(n, 1)`.
    ///
    /// # Errors
    ///
    /// Fails for fewer than two outputs.
    pub fn class_information(&self) -> Result<Information> {
        if self.values.len_of(Axis(2)) < 2 {
            let expected = "(members, n, classes), at least 2 classes";
            return Err(Error::shape("values", expected, self.values.shape()));
        }
        let mut shares = self.values.mapv(f64::from);
        for mut row in shares.lanes_mut(Axis(2)) {
            let total = log_sum(row.iter().copied());
            row.mapv_inplace(|score| (score - total).exp());
        }
        let count = self.members() as f64;
        let total = (shares.sum_axis(Axis(0)) / count)
            .mapv(plain)
            .sum_axis(Axis(1));
        let within = shares.mapv(plain).sum_axis(Axis(2)).sum_axis(Axis(0)) / count;
        Ok(Information::new(
            total.insert_axis(Axis(1)),
            within.insert_axis(Axis(1)),
        ))
    }

    /// Moves every member to where it should be in a forecast that is calibrated: members keep their order, and their differences.
    ///
    /// # Errors
    ///
    /// Fails for other outputs than those that taught, or where all members agree.
    pub fn recalibrated(&self, calibration: &QuantileCalibration) -> Result<Self> {
        let forecast = self.forecast()?;
        calibration.check(&forecast)?;
        let (mean, spread) = (forecast.mean(), forecast.spread());
        let moved = Array3::from_shape_fn(self.values.dim(), |(member, row, output)| {
            let (middle, reach) = (mean[[row, output]], spread[[row, output]]);
            let z = (f64::from(self.values[[member, row, output]]) - middle) / reach;
            (middle + reach * calibration.moved(output, z)) as f32
        });
        Self::new(&moved)
    }
}

/// The part of one event in the entropy, in nats.
fn plain(chance: f64) -> f64 {
    if chance > 0.0 {
        -chance * chance.ln()
    } else {
        0.0
    }
}

impl fmt::Debug for Draws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Draws({self})")
    }
}

impl fmt::Display for Draws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (members, n, outputs) = self.values.dim();
        write!(f, "{members} members, {n} examples, {outputs} outputs")
    }
}
