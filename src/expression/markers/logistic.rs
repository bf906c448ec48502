//! Logistic regression of groups on genes, with a squared penalty.

use super::super::Values;
use crate::progress::Task;
use crate::sparse::Sparse;
use crate::{Error, Result};
use ndarray::{Array1, Array2, Axis, Zip};
use std::collections::VecDeque;

/// Steps after which it is given up.
const STEPS: usize = 2000;
/// Changes from which the curvature is guessed.
const MEMORY: usize = 10;
/// The largest slope at the end, which bounds the error of a coefficient, since the penalty has curvature 1.
const SLOPE: f64 = 1e-6;

/// Returns coefficients, shape `(groups, genes)`, of the cells of `groups` groups: the minimum of the negative log-likelihood plus half
/// the squared coefficients (intercepts are free), as `LogisticRegression(C=1)` of scikit-learn.
///
/// Two groups have one regression: the coefficients of the first are those of the second with the other sign.
pub(super) fn coefficients(
    values: &Values,
    of_cell: &[usize],
    groups: usize,
) -> Result<Array2<f64>> {
    let cells = match values {
        Values::Sparse(values) => values.clone(),
        Values::Dense(values) => Sparse::from_dense(values)?,
    };
    let problem = Problem {
        genes: cells.transposed(),
        cells,
        of_cell,
        outputs: if groups == 2 { 1 } else { groups },
    };
    let found = problem.solve()?;
    let found = found
        .slice(ndarray::s![..found.nrows() - 1, ..])
        .t()
        .to_owned();
    Ok(if groups == 2 {
        ndarray::concatenate![Axis(0), -&found, found]
    } else {
        found
    })
}

struct Problem<'a> {
    cells: Sparse,
    genes: Sparse,
    of_cell: &'a [usize],
    outputs: usize,
}

impl Problem<'_> {
    /// Returns the height and the slope at weights of shape `(genes + 1, outputs)`, the last row being intercepts.
    fn at(&self, weights: &Array2<f64>) -> Result<(f64, Array2<f64>)> {
        let genes = self.cells.ncols();
        let (coefficients, intercepts) = weights.view().split_at(Axis(0), genes);
        let mut scores = self.cells.dot(&coefficients)?;
        scores += &intercepts;
        let mut height = 0.0;
        for (mut row, group) in scores.rows_mut().into_iter().zip(self.of_cell) {
            if self.outputs == 1 {
                let target = *group as f64;
                let score = row[0];
                // log(1 + e^score) without overflow.
                height += score.max(0.0) + (-score.abs()).exp().ln_1p() - target * score;
                row[0] = 1.0 / (1.0 + (-score).exp()) - target;
            } else {
                let most = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let own = row[*group] - most;
                row.mapv_inplace(|score| (score - most).exp());
                let sum = row.sum();
                height += sum.ln() - own;
                row /= sum;
                row[*group] -= 1.0;
            }
        }
        let mut slope = Array2::zeros(weights.raw_dim());
        let (mut of_coefficients, mut of_intercepts) = slope.view_mut().split_at(Axis(0), genes);
        of_coefficients.assign(&self.genes.dot(&scores.view())?);
        of_coefficients += &coefficients;
        of_intercepts.row_mut(0).assign(&scores.sum_axis(Axis(0)));
        height += 0.5
            * coefficients
                .iter()
                .map(|weight| weight * weight)
                .sum::<f64>();
        Ok((height, slope))
    }

    /// Descends by L-BFGS (Nocedal 1980, doi:10.1090/S0025-5718-1980-0572855-7).
    fn solve(&self) -> Result<Array2<f64>> {
        let mut task = Task::new("logistic regression", STEPS);
        let mut weights = Array2::zeros((self.cells.ncols() + 1, self.outputs));
        let (mut height, mut slope) = self.at(&weights)?;
        let mut memory: VecDeque<(Array2<f64>, Array2<f64>)> = VecDeque::new();
        for _ in 0..STEPS {
            let steepest = slope
                .iter()
                .fold(0.0_f64, |most, slope| most.max(slope.abs()));
            if steepest <= SLOPE {
                task.finish("");
                return Ok(weights);
            }
            let mut direction = direction(&slope, &memory);
            let mut descent = dot(&direction, &slope);
            if descent >= 0.0 {
                memory.clear();
                direction = -&slope;
                descent = -dot(&slope, &slope);
            }
            let mut length = if memory.is_empty() {
                1.0 / steepest.max(1.0)
            } else {
                1.0
            };
            let (next, (next_height, next_slope)) = loop {
                let next = &weights + &(&direction * length);
                let found = self.at(&next)?;
                // What rounding leaves of a height cannot be told apart.
                if found.0 <= height + 1e-4 * length * descent + height.abs() * 1e-14
                    || length < 1e-20
                {
                    break (next, found);
                }
                length /= 2.0;
            };
            let (step, change) = (&next - &weights, &next_slope - &slope);
            if dot(&step, &change) > 1e-300 {
                memory.push_back((step, change));
                if memory.len() > MEMORY {
                    memory.pop_front();
                }
            }
            (weights, height, slope) = (next, next_height, next_slope);
            task.record("loss", "", height);
            task.step("")?;
        }
        Err(Error::Diverged {
            what: "logistic regression".into(),
            detail: format!("not at its minimum after {STEPS} steps"),
        })
    }
}

fn dot(a: &Array2<f64>, b: &Array2<f64>) -> f64 {
    let mut sum = 0.0;
    Zip::from(a).and(b).for_each(|a, b| sum += a * b);
    sum
}

/// The direction of Newton's method, the curvature guessed from the last steps and changes of the slope.
fn direction(slope: &Array2<f64>, memory: &VecDeque<(Array2<f64>, Array2<f64>)>) -> Array2<f64> {
    let mut found = -slope;
    let mut shares = Array1::zeros(memory.len());
    for (index, (step, change)) in memory.iter().enumerate().rev() {
        shares[index] = dot(step, &found) / dot(step, change);
        found.scaled_add(-shares[index], change);
    }
    if let Some((step, change)) = memory.back() {
        found *= dot(step, change) / dot(change, change);
    }
    for (index, (step, change)) in memory.iter().enumerate() {
        let back = dot(change, &found) / dot(step, change);
        found.scaled_add(shares[index] - back, step);
    }
    found
}
