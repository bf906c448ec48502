//! Numbers of individuals for networks: around 0, with a standard deviation of 1.

use super::Individuals;
use crate::causal::draws;
use ndarray::{Array1, Array2, Axis};

/// The mean and the standard deviation that numbers had.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Unit {
    mean: f64,
    pub(super) deviation: f64,
}

impl Unit {
    fn new(values: &Array1<f64>) -> Self {
        Self {
            mean: values.sum() / values.len() as f64,
            deviation: draws::deviation(&values.to_vec()),
        }
    }

    pub(super) fn shrink(self, value: f64) -> f32 {
        ((value - self.mean) / self.deviation) as f32
    }

    pub(super) fn grow(self, value: f64) -> f64 {
        self.mean + self.deviation * value
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Units {
    pub(super) exposure: Unit,
    pub(super) outcome: Unit,
    pub(super) covariates: Vec<Unit>,
}

/// All numbers, and what they were measured in.
pub(super) struct Standard {
    pub(super) exposure: Array1<f32>,
    pub(super) outcome: Array1<f32>,
    pub(super) instruments: Array2<f32>,
    pub(super) covariates: Array2<f32>,
    pub(super) units: Units,
}

impl Standard {
    pub(super) fn new(individuals: &Individuals) -> Self {
        let units = Units {
            exposure: Unit::new(&individuals.exposure),
            outcome: Unit::new(&individuals.outcome),
            covariates: each(&individuals.covariates),
        };
        let instruments = shrunken(&individuals.instruments, &each(&individuals.instruments));
        Self {
            exposure: individuals
                .exposure
                .mapv(|value| units.exposure.shrink(value)),
            outcome: individuals
                .outcome
                .mapv(|value| units.outcome.shrink(value)),
            instruments,
            covariates: shrunken(&individuals.covariates, &units.covariates),
            units,
        }
    }
}

fn each(columns: &Array2<f64>) -> Vec<Unit> {
    let columns = columns.axis_iter(Axis(1));
    columns
        .map(|column| Unit::new(&column.to_owned()))
        .collect()
}

/// Columns in their units.
pub(super) fn shrunken(columns: &Array2<f64>, units: &[Unit]) -> Array2<f32> {
    Array2::from_shape_fn(columns.dim(), |at| units[at.1].shrink(columns[at]))
}
