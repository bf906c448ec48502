//! The gradient, averaged over the straight way from a reference to the sequence.

use super::path::{Path, Point};
use super::{Attribution, References};
use crate::network::Model;
use crate::sequence::Explainable;
use crate::{Error, Result};

/// Computes integrated gradients of the first output from a sequence without letters.
///
/// # Errors
///
/// Fails when `x` has a shape that the model cannot read, the model cannot be differentiated, or the user interrupts.
///
/// # Examples
///
/// ```
/// use genolens::{attribution, network, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACGTACGTAC"])?;
/// let scores = attribution::integrated_gradients(&network::deepbind(4), &peaks)?;
/// assert_eq!(scores.scores()[[0, 3, 0]], 0.0);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Sundararajan, Taly and Yan 2017, <https://arxiv.org/abs/1703.01365>. Checked against captum's `IntegratedGradients`.
pub fn integrated_gradients(model: &dyn Model, x: &dyn Explainable) -> Result<Attribution> {
    IntegratedGradients::new().run(model, x)
}

/// How an integral over a way becomes a sum over points; the weights of all of them sum to one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Quadrature {
    /// Exact for polynomials of up to twice as many degrees as there are points.
    #[default]
    GaussLegendre,
    /// The beginnings of equal stretches.
    Left,
    /// The ends of equal stretches.
    Right,
    /// The middles of equal stretches.
    Middle,
    /// Beginnings and ends of equal stretches, the first and the last point counting half.
    ///
    /// captum's `riemann_trapezoid` gives weights that sum to `1 - 1 / steps`; these sum to one.
    Trapezoid,
}

impl Quadrature {
    /// Returns places between 0 and 1 and their weights.
    fn points(self, steps: usize) -> Vec<(f64, f64)> {
        let count = steps as f64;
        let even = |shift: f64| -> Vec<(f64, f64)> {
            let place = |step| (step as f64 + shift) / count;
            (0..steps).map(|step| (place(step), 1.0 / count)).collect()
        };
        match self {
            Self::GaussLegendre => gauss_legendre(steps),
            Self::Left => even(0.0),
            Self::Right => even(1.0),
            Self::Middle => even(0.5),
            Self::Trapezoid => {
                let last = count - 1.0;
                let weight = |step| {
                    if step == 0 || step + 1 == steps {
                        0.5
                    } else {
                        1.0
                    }
                };
                let point = |step| (step as f64 / last, weight(step) / last);
                (0..steps).map(point).collect()
            }
        }
    }
}

/// The roots of a Legendre polynomial, moved to 0 to 1, and their weights.
fn gauss_legendre(steps: usize) -> Vec<(f64, f64)> {
    let n = steps as f64;
    let mut points = vec![(0.5, 1.0); steps];
    for i in 0..steps.div_ceil(2) {
        let mut x = (std::f64::consts::PI * (i as f64 + 0.75) / (n + 0.5)).cos();
        let mut slope = 1.0;
        // Newton's method doubles the digits with every turn.
        for _ in 0..100 {
            let (mut before, mut here) = (1.0, x);
            for k in 2..=steps {
                let k = k as f64;
                (before, here) = (here, ((2.0 * k - 1.0) * x * here - (k - 1.0) * before) / k);
            }
            slope = n * (x * here - before) / (x * x - 1.0);
            let step = here / slope;
            x -= step;
            if step.abs() < 1e-15 {
                break;
            }
        }
        let weight = 1.0 / ((1.0 - x * x) * slope * slope);
        points[i] = (0.5 * (1.0 - x), weight);
        points[steps - 1 - i] = (0.5 * (1.0 + x), weight);
    }
    points
}

/// Integrates gradients, with options.
///
/// The score of a letter is its difference to the reference times the mean gradient on the straight way from there. The scores of a
/// sequence sum to its output less that of the reference, up to [`Attribution::unexplained`]. Several references are averaged.
#[derive(Clone, Debug)]
pub struct IntegratedGradients {
    target: usize,
    steps: usize,
    quadrature: Quadrature,
    references: References,
    batch: usize,
}

impl IntegratedGradients {
    /// Takes the defaults: the first output, 50 points of Gauss and Legendre, zeros, batches of 64.
    pub fn new() -> Self {
        Self {
            target: 0,
            steps: 50,
            quadrature: Quadrature::default(),
            references: References::zeros(),
            batch: 64,
        }
    }

    /// Sets which output to explain, counted from 0.
    pub fn target(mut self, target: usize) -> Self {
        self.target = target;
        self
    }

    /// Sets the number of points on every way.
    pub fn steps(mut self, steps: usize) -> Self {
        self.steps = steps;
        self
    }

    /// Sets where the points are and what they count.
    pub fn quadrature(mut self, quadrature: Quadrature) -> Self {
        self.quadrature = quadrature;
        self
    }

    /// Sets what sequences are compared with.
    pub fn references(mut self, references: References) -> Self {
        self.references = references;
        self
    }

    /// Sets the number of points that are computed at once.
    pub fn batch(mut self, batch: usize) -> Self {
        self.batch = batch;
        self
    }

    /// Computes the scores.
    ///
    /// # Errors
    ///
    /// Fails when `x` or the references have a shape that the model cannot read, there is no such output, the model cannot be
    /// differentiated, there are too few steps, or the user interrupts.
    pub fn run(&self, model: &dyn Model, x: &dyn Explainable) -> Result<Attribution> {
        let points = self.places()?;
        let path = Path {
            method: "integrated gradients",
            target: self.target,
            batch: self.batch,
            references: &self.references,
        };
        path.run((model, x), |_, references| Self::ways(&points, references))
    }

    /// Returns places between 0 and 1 on a way, and their weights.
    pub(super) fn places(&self) -> Result<Vec<(f64, f64)>> {
        const MOST: usize = 10_000;
        let fewest = if self.quadrature == Quadrature::Trapezoid {
            2
        } else {
            1
        };
        if self.steps < fewest {
            let expected = format!("at least {fewest} for {:?}", self.quadrature);
            return Err(Error::value("steps", expected, self.steps));
        }
        if self.steps > MOST {
            return Err(Error::value("steps", format!("at most {MOST}"), self.steps));
        }
        Ok(self.quadrature.points(self.steps))
    }

    /// Returns the points on the ways from so many references.
    pub(super) fn ways(places: &[(f64, f64)], references: usize) -> Vec<Point> {
        let way = |reference| {
            let point = move |&(along, weight): &(f64, f64)| Point {
                reference,
                along,
                weight: weight / references as f64,
            };
            places.iter().map(point)
        };
        (0..references).flat_map(way).collect()
    }
}

impl Default for IntegratedGradients {
    fn default() -> Self {
        Self::new()
    }
}
