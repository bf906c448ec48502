//! What Deep IV finds.

use super::standard::{Standard, Units, shrunken};
use super::two_stage::line;
use super::{FirstStage, Individuals, ResponseCurve, TwoStage};
use crate::causal::estimate::Inference;
use crate::causal::{Estimate, draws};
use crate::network::{Network, Predict};
use crate::training::Trained;
use crate::{Error, Result};
use ndarray::{Array1, Array2, Array3, Axis, s};
use std::fmt;
use std::sync::Arc;

/// The most individuals that an average is taken over, evenly chosen.
const AVERAGED: usize = 2000;
/// How far from each other two exposures are between which a slope is taken, in standard deviations.
const APART: f32 = 0.02;

/// How the outcome responds to the exposure, as Deep IV learned it; cheap to clone.
#[derive(Clone)]
pub struct DeepIvResult {
    members: Arc<[Network]>,
    ordinary: Network,
    units: Arc<Units>,
    /// Covariates of some individuals, in standard deviations.
    covariates: Arc<Array2<f32>>,
    slope: Estimate,
    causal_loss: f64,
    linear: TwoStage,
    first_stage: FirstStage,
    n: usize,
}

impl DeepIvResult {
    pub(super) fn new(
        (individuals, data): (&Individuals, Standard),
        (members, ordinary): (&[Trained], &Trained),
        (linear, first_stage): (TwoStage, FirstStage),
    ) -> Result<Self> {
        let n = individuals.len();
        let rows: Vec<usize> = (0..n).step_by(n.div_ceil(AVERAGED)).collect();
        let covariates = match data.covariates.ncols() {
            0 => Array2::zeros((1, 0)),
            _ => data.covariates.select(Axis(0), &rows),
        };
        let best = |member: &Trained| {
            let history = member.history();
            let losses = history.validation_loss();
            losses
                .get(history.best_epoch().wrapping_sub(1))
                .copied()
                .unwrap_or(f64::NAN)
        };
        let losses: f64 = members.iter().map(best).sum();
        let square = data.units.outcome.deviation.powi(2);
        let rise = data.units.outcome.deviation / data.units.exposure.deviation;
        let mut near = Array3::zeros((rows.len(), 1 + data.covariates.ncols(), 2));
        for (mut near, row) in near.outer_iter_mut().zip(rows) {
            near[[0, 0]] = data.exposure[row] - APART / 2.0;
            near[[0, 1]] = data.exposure[row] + APART / 2.0;
            for (at, value) in data.covariates.row(row).iter().enumerate() {
                near.row_mut(1 + at).fill(*value);
            }
        }
        let slope = |member: &Trained| -> Result<f64> {
            let both = means(member.network(), &near)?;
            Ok(rise * (both[1] - both[0]) / f64::from(APART))
        };
        let slopes = members.iter().map(slope).collect::<Result<Vec<f64>>>()?;
        Ok(Self {
            members: members
                .iter()
                .map(|member| member.network().clone())
                .collect(),
            ordinary: ordinary.network().clone(),
            units: Arc::new(data.units),
            covariates: Arc::new(covariates),
            slope: together("average derivative", &slopes, n),
            causal_loss: square * losses / members.len() as f64,
            linear,
            first_stage,
            n,
        })
    }

    /// Returns what the outcome would be if the exposure of everybody were set to each of these values, with what ordinary regression by
    /// the same network says.
    ///
    /// # Errors
    ///
    /// Fails without a value, or for one that is not finite.
    pub fn effect(&self, exposures: &[f64]) -> Result<ResponseCurve> {
        let values = self.each(exposures)?;
        let found: Vec<Estimate> = (0..exposures.len())
            .map(|at| together("response", &values.column(at).to_vec(), self.n))
            .collect();
        let ordinary = self.of(&self.ordinary, exposures)?;
        let half = |found: &Estimate| found.interval().1 - found.value();
        Ok(ResponseCurve {
            exposure: Arc::new(exposures.to_vec().into()),
            value: Arc::new(found.iter().map(Estimate::value).collect()),
            half: Arc::new(found.iter().map(half).collect()),
            ordinary: Arc::new(ordinary),
        })
    }

    /// Returns by how much the outcome would rise on average if the exposure of everybody were changed from one value to another.
    ///
    /// # Errors
    ///
    /// Fails for a value that is not finite.
    pub fn difference(&self, from: f64, to: f64) -> Result<Estimate> {
        let values = self.each(&[from, to])?;
        let rises: Vec<f64> = values
            .rows()
            .into_iter()
            .map(|own| own[1] - own[0])
            .collect();
        Ok(together("difference", &rises, self.n))
    }

    /// Returns the mean over individuals of the slope of the response at the exposure that each has, in units of the outcome per unit of
    /// the exposure: what a straight line comes nearest to.
    pub fn average_derivative(&self) -> &Estimate {
        &self.slope
    }

    /// Returns what the outcomes of individuals with these covariates, shape `(n, covariates)`, would be if their exposures were set to
    /// these, shape `(n)`.
    ///
    /// # Errors
    ///
    /// Fails when shapes do not fit, or a number is not finite.
    pub fn predict(&self, exposures: &[f64], covariates: &Array2<f64>) -> Result<Array1<f64>> {
        let (n, width) = (exposures.len(), self.covariates.ncols());
        check(exposures)?;
        if covariates.dim() != (n, width) {
            let expected = format!("({n}, {width})");
            return Err(Error::shape("covariates", expected, covariates.shape()));
        }
        if let Some(odd) = covariates.iter().find(|value| !value.is_finite()) {
            return Err(Error::value("covariates", "finite", odd));
        }
        let small = shrunken(covariates, &self.units.covariates);
        let mut x = Array3::zeros((n, 1 + width, 1));
        for (mut x, (exposure, row)) in x.outer_iter_mut().zip(exposures.iter().zip(small.rows())) {
            x[[0, 0]] = self.units.exposure.shrink(*exposure);
            x.slice_mut(s![1.., 0]).assign(&row);
        }
        let mut sum = Array1::<f64>::zeros(n);
        for member in self.members.iter() {
            let scores = Predict::new().batch(1024).run(member, &x)?;
            sum += &scores.column(0).mapv(f64::from);
        }
        let count = self.members.len() as f64;
        Ok(sum.mapv(|sum| self.units.outcome.grow(sum / count)))
    }

    /// Returns the mean loss of the response on held-out individuals, in squared units of the outcome: the smaller the better, among
    /// options, and never comparable with that of ordinary regression.
    pub fn causal_loss(&self) -> f64 {
        self.causal_loss
    }

    /// Returns two-stage least squares on the same individuals.
    pub fn linear(&self) -> &TwoStage {
        &self.linear
    }

    /// Returns how strong the instruments are.
    pub fn first_stage(&self) -> FirstStage {
        self.first_stage
    }

    /// Returns the number of members.
    pub fn members(&self) -> usize {
        self.members.len()
    }

    /// The responses of every member, shape `(members, points)`.
    fn each(&self, exposures: &[f64]) -> Result<Array2<f64>> {
        let mut values = Array2::zeros((self.members.len(), exposures.len()));
        for (mut row, member) in values.rows_mut().into_iter().zip(self.members.iter()) {
            row.assign(&self.of(member, exposures)?);
        }
        Ok(values)
    }

    fn of(&self, network: &Network, exposures: &[f64]) -> Result<Array1<f64>> {
        check(exposures)?;
        let (rows, width) = self.covariates.dim();
        let mut x = Array3::zeros((rows, 1 + width, exposures.len()));
        for (mut x, covariates) in x.outer_iter_mut().zip(self.covariates.rows()) {
            for (at, exposure) in exposures.iter().enumerate() {
                x[[0, at]] = self.units.exposure.shrink(*exposure);
                x.slice_mut(s![1.., at]).assign(&covariates);
            }
        }
        let means = means(network, &x)?;
        Ok(means.mapv(|value| self.units.outcome.grow(value)))
    }
}

fn check(exposures: &[f64]) -> Result<()> {
    if exposures.is_empty() {
        return Err(Error::value("exposures", "at least one", "none"));
    }
    match exposures.iter().find(|value| !value.is_finite()) {
        Some(odd) => Err(Error::value("exposures", "finite", odd)),
        None => Ok(()),
    }
}

/// The means over rows of the responses at every point.
fn means(network: &Network, x: &Array3<f32>) -> Result<Array1<f64>> {
    let scores = Predict::new().batch(256).run(network, x)?;
    let rows = scores.nrows() as f64;
    Ok(scores.mapv(f64::from).sum_axis(Axis(0)) / rows)
}

/// The mean over members, the truth being one more such draw.
fn together(what: &'static str, members: &[f64], n: usize) -> Estimate {
    let count = members.len() as f64;
    let error = draws::deviation(members) * (1.0 + 1.0 / count).sqrt();
    let mean = members.iter().sum::<f64>() / count;
    Estimate::new(what, n, mean, error).inferred(Inference::Student(count - 1.0))
}

impl fmt::Display for DeepIvResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", line("Deep IV, average derivative", &self.slope))?;
        writeln!(f, "{}", self.linear.lines())?;
        write!(
            f,
            "{} individuals, {} members; {}",
            self.n,
            self.members.len(),
            self.first_stage
        )
    }
}

impl fmt::Debug for DeepIvResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeepIvResult({self})")
    }
}
