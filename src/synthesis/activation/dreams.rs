//! Inputs that a model made up, and how they came about.

use super::ascent::Climbed;
use crate::sequence::{Alphabet, OneHot, Sequences};
use crate::{Error, Result};
use ndarray::{Array1, Array2, Array3, ArrayD, ArrayView2, Axis, Ix3, concatenate, s, stack};
use polars::prelude::{DataFrame, df};
use std::fmt;
use std::sync::Arc;

/// Inputs that a model made up, one for every start, with all restarts and how scores rose; cheap to clone.
///
/// The *score* is the objective; the *value* is the score less the penalties. The best dream of a start is the one with the largest value.
#[derive(Clone)]
pub struct Dreams {
    data: Arc<Data>,
}

struct Data {
    objective: String,
    alphabet: Option<Alphabet>,
    starts: ArrayD<f32>,
    inputs: ArrayD<f32>,
    /// `(n, restarts, ...)`.
    all: ArrayD<f32>,
    /// The best restart of every start.
    best: Vec<usize>,
    /// `(n, restarts)`.
    scores: Array2<f64>,
    values: Array2<f64>,
    /// `(n, restarts, steps + 1)`.
    score_history: Array3<f64>,
    history: Array3<f64>,
    /// `(n, points, outputs)`, and the steps of the points.
    outputs: Option<Array3<f32>>,
    stride: usize,
}

/// What the run tells of itself.
pub(super) struct Parts {
    pub(super) objective: String,
    pub(super) alphabet: Option<Alphabet>,
    pub(super) restarts: usize,
    pub(super) stride: usize,
}

impl Dreams {
    /// Puts batches together; rows are starts times restarts.
    pub(super) fn new(parts: Parts, starts: &[ArrayD<f32>], climbed: &[Climbed]) -> Result<Self> {
        let restarts = parts.restarts;
        let all = joined(
            &climbed
                .iter()
                .map(|one| one.inputs.view())
                .collect::<Vec<_>>(),
        )?;
        let starts = joined(&starts.iter().map(|one| one.view()).collect::<Vec<_>>())?;
        let rows = all.shape()[0];
        let n = rows / restarts;
        let column = |pick: fn(&Climbed) -> &[f32]| {
            let numbers = climbed.iter().flat_map(pick).copied().map(f64::from);
            Array2::from_shape_fn((n, restarts), {
                let numbers: Vec<f64> = numbers.collect();
                move |(i, restart)| numbers[i * restarts + restart]
            })
        };
        let (scores, values) = (column(|one| &one.scores), column(|one| &one.values));
        let best: Vec<usize> = (values.rows().into_iter())
            .map(|row| first_largest(row.iter().copied()))
            .collect();
        let chosen: Vec<usize> = (best.iter().enumerate())
            .map(|(i, restart)| i * restarts + restart)
            .collect();
        // A batch that stopped early stays where it was.
        let steps = climbed.iter().map(|one| one.curve.len()).max().unwrap_or(1);
        let mut histories = [0; 2].map(|_| Array3::zeros((n, restarts, steps)));
        let mut row = 0;
        for one in climbed {
            for at in 0..one.scores.len() {
                for step in 0..steps {
                    let (scores, values) = &one.curve[step.min(one.curve.len() - 1)];
                    let place = ((row + at) / restarts, (row + at) % restarts, step);
                    histories[0][place] = f64::from(scores[at]);
                    histories[1][place] = f64::from(values[at]);
                }
            }
            row += one.scores.len();
        }
        let [score_history, history] = histories;
        let outputs = followed(climbed, &chosen)?;
        let mut sizes = all.shape().to_vec();
        sizes.splice(0..1, [n, restarts]);
        let inputs = all.select(Axis(0), &chosen);
        let got = all.shape().to_vec();
        let all = all.into_shape_with_order(sizes);
        let all = all.map_err(|_| Error::shape("dreams", "(n, restarts, ...)", &got))?;
        Ok(Self {
            data: Arc::new(Data {
                objective: parts.objective,
                alphabet: parts.alphabet,
                starts: starts.select(Axis(0), &chosen),
                inputs,
                all,
                best,
                scores,
                values,
                score_history,
                history,
                outputs,
                stride: parts.stride,
            }),
        })
    }

    /// Returns how many dreams there are.
    pub fn len(&self) -> usize {
        self.data.best.len()
    }

    /// Tells whether there is none, which no run gives.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns one dream as a collection of its own.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] for an index that does not exist.
    pub fn get(&self, index: usize) -> Result<Self> {
        if index >= self.len() {
            let expected = format!("below {}, the number of dreams", self.len());
            return Err(Error::value("index", expected, index));
        }
        let data = &*self.data;
        let rows = |of: &ArrayD<f32>| of.select(Axis(0), &[index]);
        Ok(Self {
            data: Arc::new(Data {
                objective: data.objective.clone(),
                alphabet: data.alphabet,
                starts: rows(&data.starts),
                inputs: rows(&data.inputs),
                all: rows(&data.all),
                best: vec![data.best[index]],
                scores: data.scores.select(Axis(0), &[index]),
                values: data.values.select(Axis(0), &[index]),
                score_history: data.score_history.select(Axis(0), &[index]),
                history: data.history.select(Axis(0), &[index]),
                outputs: (data.outputs.as_ref()).map(|all| all.select(Axis(0), &[index])),
                stride: data.stride,
            }),
        })
    }

    /// Returns what was raised, in words.
    pub fn objective(&self) -> &str {
        &self.data.objective
    }

    /// Returns the dreams, shape `(n, ...)`.
    pub fn inputs(&self) -> &ArrayD<f32> {
        &self.data.inputs
    }

    /// Returns where they began, shape `(n, ...)`.
    pub fn starts(&self) -> &ArrayD<f32> {
        &self.data.starts
    }

    /// Returns the dreams of all restarts, shape `(n, restarts, ...)`.
    pub fn restarts(&self) -> &ArrayD<f32> {
        &self.data.all
    }

    /// Returns the values of all restarts, shape `(n, restarts)`.
    pub fn restart_values(&self) -> &Array2<f64> {
        &self.data.values
    }

    /// Returns the scores of the dreams, shape `(n,)`.
    pub fn scores(&self) -> Array1<f64> {
        self.of_best(|i, best| self.data.scores[[i, best]])
    }

    /// Returns the scores less the penalties, shape `(n,)`.
    pub fn values(&self) -> Array1<f64> {
        self.of_best(|i, best| self.data.values[[i, best]])
    }

    /// Returns the scores of the starts, shape `(n,)`.
    pub fn start_scores(&self) -> Array1<f64> {
        self.of_best(|i, best| self.data.score_history[[i, best, 0]])
    }

    /// Returns the values of the starts, shape `(n,)`.
    pub fn start_values(&self) -> Array1<f64> {
        self.of_best(|i, best| self.data.history[[i, best, 0]])
    }

    /// Returns the value at every step, the start first, shape `(n, restarts, steps + 1)`.
    pub fn history(&self) -> &Array3<f64> {
        &self.data.history
    }

    /// Returns the largest value so far at every step, shape `(n, restarts, steps + 1)`: it never falls.
    pub fn best_so_far(&self) -> Array3<f64> {
        let mut best = self.data.history.clone();
        for mut line in best.lanes_mut(Axis(2)) {
            let mut top = f64::NEG_INFINITY;
            for value in &mut line {
                top = top.max(*value);
                *value = top;
            }
        }
        best
    }

    /// Returns all outputs of the model on the way of the best restarts, shape `(n, points, outputs)`, at up to 101 steps; nothing when a layer was
    /// raised.
    pub fn outputs(&self) -> Option<&Array3<f32>> {
        self.data.outputs.as_ref()
    }

    /// Returns the steps of the points of [`outputs`](Self::outputs).
    pub fn output_steps(&self) -> Array1<usize> {
        let points = self.outputs().map_or(0, |outputs| outputs.dim().1);
        (0..points).map(|point| point * self.data.stride).collect()
    }

    /// Returns dreams of sequences as code, exact or soft.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] when the dreams are no sequences.
    pub fn one_hot(&self) -> Result<OneHot> {
        let Some(alphabet) = self.data.alphabet else {
            let got = "dreams of other inputs";
            return Err(Error::value("dreams", "dreams of sequences", got));
        };
        let inputs = self.data.inputs.clone().into_dimensionality::<Ix3>();
        let shape = self.data.inputs.shape();
        let inputs = inputs.map_err(|_| Error::shape("dreams", "(n, letters, length)", shape))?;
        OneHot::new(alphabet, inputs)
    }

    /// Returns the likeliest letters of dreams of sequences.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] when the dreams are no sequences.
    pub fn sequences(&self) -> Result<Sequences> {
        self.one_hot()?.decode_soft()
    }

    /// Returns a table with a row for every restart: dream, restart, the score and the value of the start and of the dream, and whether it is the best.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] when polars cannot build it.
    pub fn table(&self) -> Result<DataFrame> {
        let data = &*self.data;
        let (n, restarts) = data.values.dim();
        let rows = || (0..n).flat_map(|i| (0..restarts).map(move |restart| (i, restart)));
        let numbers = |of: &Array2<f64>| rows().map(|at| of[at]).collect::<Vec<_>>();
        let first = |of: &Array3<f64>| {
            let at = |(i, restart)| of[[i, restart, 0]];
            rows().map(at).collect::<Vec<_>>()
        };
        Ok(df!(
            "dream" => rows().map(|(i, _)| i as i64).collect::<Vec<_>>(),
            "restart" => rows().map(|(_, restart)| restart as i64).collect::<Vec<_>>(),
            "start score" => first(&data.score_history),
            "start value" => first(&data.history),
            "score" => numbers(&data.scores),
            "value" => numbers(&data.values),
            "best" => rows().map(|(i, restart)| data.best[i] == restart).collect::<Vec<_>>(),
        )?)
    }

    pub(crate) fn alphabet(&self) -> Option<Alphabet> {
        self.data.alphabet
    }

    /// Returns the value at every step of each restart of one dream, shape `(restarts, steps + 1)`.
    pub(crate) fn histories(&self, index: usize) -> ArrayView2<'_, f64> {
        self.data.history.slice(s![index, .., ..])
    }

    fn of_best(&self, value: impl Fn(usize, usize) -> f64) -> Array1<f64> {
        let best = self.data.best.iter().enumerate();
        best.map(|(i, &best)| value(i, best)).collect()
    }
}

fn joined(views: &[ndarray::ArrayViewD<'_, f32>]) -> Result<ArrayD<f32>> {
    let got = views.first().map_or(&[][..], |view| view.shape());
    concatenate(Axis(0), views).map_err(|_| Error::shape("dreams", "(n, ...)", got))
}

/// Returns all outputs on the way of some rows, those that stopped early at their last.
fn followed(climbed: &[Climbed], rows: &[usize]) -> Result<Option<Array3<f32>>> {
    let points = climbed.iter().map(|one| one.outputs.len()).max();
    let Some(points) = points.filter(|&points| points > 0) else {
        return Ok(None);
    };
    let at = |point: usize| {
        let views = climbed.iter().filter_map(|one| {
            let last = one.outputs.len().checked_sub(1)?;
            Some(one.outputs[point.min(last)].view())
        });
        let views: Vec<_> = views.collect();
        let whole = concatenate(Axis(0), &views);
        let whole = whole.map_err(|_| Error::shape("output of the model", "(n, outputs)", &[]))?;
        Ok(whole.select(Axis(0), rows))
    };
    let all = (0..points).map(at).collect::<Result<Vec<_>>>()?;
    let views: Vec<_> = all.iter().map(|one| one.view()).collect();
    let outputs = stack(Axis(1), &views);
    let outputs = outputs.map_err(|_| Error::shape("output of the model", "(n, outputs)", &[]))?;
    Ok(Some(outputs))
}

/// Returns the place of the largest number, the first of equals.
fn first_largest(numbers: impl Iterator<Item = f64>) -> usize {
    let mut best = (0, f64::NEG_INFINITY);
    for (place, number) in numbers.enumerate() {
        if number > best.1 {
            best = (place, number);
        }
    }
    best.0
}

impl fmt::Debug for Dreams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shape: Vec<String> = (self.data.inputs.shape()[1..].iter())
            .map(ToString::to_string)
            .collect();
        let (_, restarts, points) = self.data.history.dim();
        write!(
            f,
            "Dreams(n = {}, {} each, {}, restarts = {restarts}, steps = {})",
            self.len(),
            shape.join(" x "),
            self.data.objective,
            points - 1
        )
    }
}
