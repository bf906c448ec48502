//! How good scores are, task by task.

use super::Loss;
use super::drawn::Drawn;
use super::metric::{Paired, Ranked, correlation};
use crate::{Error, Result};
use rayon::prelude::*;

/// What is measured of some examples: the loss, and every metric of the loss for every task.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Measures {
    pub(crate) loss: f64,
    /// One row per metric, one number per task; NaN where labels do not allow it.
    pub(crate) tasks: Vec<Vec<f64>>,
}

impl Measures {
    /// Nothing was measured.
    pub(crate) fn none() -> Self {
        Self {
            loss: f64::NAN,
            tasks: Vec::new(),
        }
    }

    /// Returns the mean of a metric over the tasks that have it.
    pub(crate) fn mean(&self, metric: usize) -> f64 {
        let tasks = self.tasks.get(metric).map_or(&[][..], |tasks| tasks);
        let known: Vec<f64> = tasks.iter().copied().filter(|v| !v.is_nan()).collect();
        // Nothing divided by nothing is NaN.
        known.iter().sum::<f64>() / known.len() as f64
    }
}

/// Returns the metrics that go with a loss, by their names in tables.
pub(crate) fn names(loss: Loss) -> &'static [&'static str] {
    match loss {
        Loss::BinaryCrossEntropy => &["auroc", "auprc"],
        Loss::CrossEntropy => &["accuracy", "auroc"],
        Loss::SquaredError | Loss::Poisson | Loss::PoissonRate => &["pearson"],
        Loss::Multinomial { .. } => &["counts_pearson"],
        Loss::Reconstruction(_) | Loss::GaussianMixture(_) | Loss::Expectation { .. } => &[],
    }
}

/// Returns the first metric that goes with a loss.
pub(crate) fn metric(loss: Loss) -> Result<&'static str> {
    let first = names(loss).first().copied();
    first.ok_or_else(|| Error::value("loss", "one with a metric", format!("{loss:?}")))
}

/// Returns how a metric is written in a picture.
pub(crate) fn title(metric: &str) -> &'static str {
    match metric {
        "auroc" => "AUROC",
        "auprc" => "AUPRC",
        "accuracy" => "accuracy",
        "counts_pearson" => "Pearson correlation of counts",
        _ => "Pearson correlation",
    }
}

/// Scores and labels of examples, row by row, on their way to be measured.
pub(crate) struct Seen {
    scores: Vec<f32>,
    labels: Vec<f32>,
    sum: f64,
    size: f64,
    loss: Loss,
    /// Outputs of the network and labels of an example.
    widths: (usize, usize),
    /// Which rows are remembered, where those are not all.
    drawn: Option<Drawn>,
}

/// The most scores, or labels, of an epoch that are remembered for its metrics; its loss counts them all.
const MOST: usize = 1 << 24;

/// The fewest rows that are remembered, however many numbers each has.
const LEAST: usize = 64;

impl Seen {
    /// Makes room for so many rows that will come.
    pub(crate) fn new(rows: usize, loss: Loss, widths: (usize, usize)) -> Self {
        let most = (MOST / widths.0.max(widths.1).max(1)).max(LEAST);
        Self::at_most(most, rows, (loss, widths))
    }

    /// The same, remembering no more than the metrics of the loss need.
    pub(crate) fn for_metrics(rows: usize, loss: Loss, widths: (usize, usize)) -> Self {
        if names(loss).is_empty() {
            return Self::at_most(0, rows, (loss, widths));
        }
        Self::new(rows, loss, widths)
    }

    fn at_most(most: usize, rows: usize, (loss, widths): (Loss, (usize, usize))) -> Self {
        Self {
            scores: Vec::new(),
            labels: Vec::new(),
            sum: 0.0,
            size: 0.0,
            loss,
            widths,
            drawn: (rows > most).then(|| Drawn::new((rows, most), loss, widths)),
        }
    }

    pub(crate) fn add(&mut self, (scores, labels): (&[f32], &[f32]), (sum, size): (f64, f64)) {
        self.sum += sum;
        self.size += size;
        let Some(drawn) = &mut self.drawn else {
            self.scores.extend(scores);
            self.labels.extend(labels);
            return;
        };
        let rows = scores
            .chunks(self.widths.0)
            .zip(labels.chunks(self.widths.1));
        for (scores, labels) in rows {
            if drawn.takes(labels) {
                self.scores.extend(scores);
                self.labels.extend(labels);
            }
        }
    }

    /// Returns the scores of every row that is remembered, and which of all rows it is.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (usize, &[f32])> {
        let rows = self.scores.chunks(self.widths.0).enumerate();
        rows.map(|(at, scores)| match &self.drawn {
            Some(drawn) => (drawn.rows()[at], scores),
            None => (at, scores),
        })
    }

    pub(crate) fn loss(&self) -> f64 {
        self.sum / self.size
    }

    /// Measures what was seen; a label that is left out is NaN.
    pub(crate) fn measures(&self) -> Measures {
        let (outputs, width) = self.widths;
        let column = |of: &[f32], column: usize, width: usize| -> Vec<f32> {
            of.iter().skip(column).step_by(width).copied().collect()
        };
        let tasks = match self.loss {
            Loss::BinaryCrossEntropy => {
                let pairs: Vec<(f64, f64)> = (0..outputs)
                    .into_par_iter()
                    .map(|task| {
                        areas(
                            column(&self.scores, task, outputs),
                            column(&self.labels, task, width),
                        )
                    })
                    .collect();
                vec![
                    pairs.iter().map(|pair| pair.0).collect(),
                    pairs.iter().map(|pair| pair.1).collect(),
                ]
            }
            Loss::Reconstruction(_) | Loss::GaussianMixture(_) | Loss::Expectation { .. } => {
                Vec::new()
            }
            Loss::CrossEntropy => self.classes((outputs, width)),
            Loss::Multinomial { .. } => {
                let groups = outputs - width;
                let length = width / groups;
                let one = |group: usize| {
                    let totals = self.labels.chunks(width).map(|row| {
                        let count: f32 = row[group * length..][..length].iter().sum();
                        count.ln_1p()
                    });
                    let scores = column(&self.scores, width + group, outputs);
                    pearson(&scores, &totals.collect::<Vec<_>>())
                };
                vec![(0..groups).map(one).collect()]
            }
            _ => {
                let one = |task: usize| {
                    pearson(
                        &column(&self.scores, task, outputs),
                        &column(&self.labels, task, width),
                    )
                };
                vec![(0..outputs).map(one).collect()]
            }
        };
        Measures {
            loss: self.loss(),
            tasks,
        }
    }

    /// Accuracy, and the area of every class against the others.
    fn classes(&self, (outputs, width): (usize, usize)) -> Vec<Vec<f64>> {
        let is_known = |row: &(&[f32], &[f32])| !row.1.iter().any(|label| label.is_nan());
        let rows = self.scores.chunks(outputs).zip(self.labels.chunks(width));
        let (scores, labels): (Vec<&[f32]>, Vec<&[f32]>) = rows.filter(is_known).unzip();
        let largest = |row: &[f32]| {
            let ahead = |best: usize, at: usize| if row[at] > row[best] { at } else { best };
            (1..row.len()).fold(0, ahead)
        };
        let truth: Vec<usize> = if width == 1 {
            labels.iter().map(|label| label[0] as usize).collect()
        } else {
            labels.iter().map(|row| largest(row)).collect()
        };
        let found = scores.iter().map(|row| largest(row));
        let right = found.zip(&truth).filter(|(a, b)| a == *b).count();
        let one = |class: usize| {
            let scores = scores.iter().map(|row| {
                let rest = row
                    .iter()
                    .enumerate()
                    .filter(|(other, _)| *other != class)
                    .map(|(_, &score)| f64::from(score));
                let largest = rest.clone().fold(f64::NEG_INFINITY, f64::max);
                let rest = largest + rest.map(|s| (s - largest).exp()).sum::<f64>().ln();
                // Log odds of the class, which rank as its probability does.
                (f64::from(row[class]) - rest) as f32
            });
            let is_it = truth.iter().map(|&t| f32::from(u8::from(t == class)));
            areas(scores.collect(), is_it.collect()).0
        };
        vec![
            vec![right as f64 / truth.len() as f64],
            (0..outputs).map(one).collect(),
        ]
    }
}

/// Computes AUROC and average precision, NaN where labels do not allow them.
fn areas(scores: Vec<f32>, labels: Vec<f32>) -> (f64, f64) {
    let (scores, labels) = known(scores, labels);
    match Ranked::of(&Paired { scores, labels }) {
        Ok(ranked) => (ranked.steps.auroc(), ranked.steps.average_precision()),
        Err(_) => (f64::NAN, f64::NAN),
    }
}

/// Leaves out what has no label.
fn known(scores: Vec<f32>, labels: Vec<f32>) -> (Vec<f32>, Vec<f32>) {
    if !labels.iter().any(|label| label.is_nan()) {
        return (scores, labels);
    }
    let pairs = scores.into_iter().zip(labels);
    pairs.filter(|(_, label)| !label.is_nan()).unzip()
}

/// Correlates scores with labels, NaN where there is no correlation.
fn pearson(a: &[f32], b: &[f32]) -> f64 {
    let (a, b) = known(a.to_vec(), b.to_vec());
    let double = |of: &[f32]| of.iter().map(|&value| f64::from(value)).collect();
    let (a, b): (Vec<f64>, Vec<f64>) = (double(&a), double(&b));
    correlation((&a, &b), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows in the order of their classes: zeros, and then `ones` ones, whose scores are higher where `i` is odd.
    fn rows(n: usize, ones: usize) -> (Vec<f32>, Vec<f32>) {
        let label = |i: usize| f32::from(u8::from(i >= n - ones));
        let labels: Vec<f32> = (0..n).map(label).collect();
        let score = |i: usize| {
            ((i * 7919) % 1000) as f32 + if i % 2 == 1 { 400.0 * labels[i] } else { 0.0 }
        };
        ((0..n).map(score).collect(), labels)
    }

    fn seen(most: usize, batch: usize, (scores, labels): &(Vec<f32>, Vec<f32>)) -> Seen {
        let what = (Loss::BinaryCrossEntropy, (1, 1));
        let mut seen = Seen::at_most(most, labels.len(), what);
        for (scores, labels) in scores.chunks(batch).zip(labels.chunks(batch)) {
            seen.add((scores, labels), (1.0, 1.0));
        }
        seen
    }

    #[test]
    fn rows_in_the_order_of_their_classes_are_drawn_from_all_of_them() {
        let rows = rows(100_000, 30_000);
        let whole = seen(100_000, 256, &rows).measures().tasks[0][0];
        let some = seen(5_000, 256, &rows);
        assert!((5_000..=5_002).contains(&some.scores.len()));
        let ones = some.labels.iter().filter(|&&label| label == 1.0).count();
        assert!((1_350..1_650).contains(&ones), "{ones}");
        let area = some.measures().tasks[0][0];
        assert!(
            (area - whole).abs() < 0.03 && area != whole,
            "{area} {whole}"
        );
        // The same rows, however they come in batches.
        let other = seen(5_000, 999, &rows);
        assert_eq!(some.scores, other.scores);
        for (row, scores) in some.rows() {
            assert_eq!(scores, [rows.0[row]]);
        }
    }

    #[test]
    fn a_class_of_one_row_is_not_missed() {
        let mut rows = rows(100_000, 1);
        for place in [99_999, 0, 54_321] {
            rows.1.fill(0.0);
            rows.1[place] = 1.0;
            let seen = seen(64, 256, &rows);
            assert!(seen.rows().any(|(row, _)| row == place));
            assert!(!seen.measures().tasks[0][0].is_nan());
        }
    }

    #[test]
    fn all_rows_are_measured_where_there_is_room() {
        let rows = rows(1000, 400);
        let seen = seen(1000, 256, &rows);
        assert_eq!((&seen.scores, &seen.labels), (&rows.0, &rows.1));
        assert!(seen.rows().map(|(row, _)| row).eq(0..1000));
    }
}
