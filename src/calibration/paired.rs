//! What a model said of examples, beside what is true of them.

use crate::training::Labels;
use crate::{Error, Input, Result};
use ndarray::{Array2, ArrayD};

/// Scores or probabilities `(n, tasks)` or `(n, classes)`, with the truth.
pub(crate) struct Paired {
    pub(crate) values: Array2<f64>,
    pub(crate) truth: Truth,
}

/// What is true of examples.
#[derive(Clone)]
pub(crate) enum Truth {
    /// 0, 1 or NaN where nothing is known, for every example and task.
    Tasks(Array2<f64>),
    /// The number of the class of every example.
    Classes(Vec<usize>),
}

impl Paired {
    /// Reads scores and labels: labels `(n)` beside scores of several columns are numbers of classes, others those of tasks.
    pub(crate) fn scores(scores: &dyn Input, labels: &dyn Labels) -> Result<Self> {
        Self::read(("scores", scores), labels, f64::is_finite)
    }

    /// Reads probabilities and labels; with classes, the probabilities of an example must sum to 1.
    pub(crate) fn probabilities(probabilities: &dyn Input, labels: &dyn Labels) -> Result<Self> {
        let within = |value: f64| (0.0..=1.0).contains(&value);
        let paired = Self::read(("probabilities", probabilities), labels, within)?;
        if let Truth::Classes(_) = paired.truth {
            check_sums("probabilities", &paired.values)?;
        }
        Ok(paired)
    }

    fn read(
        (name, values): (&str, &dyn Input),
        labels: &dyn Labels,
        fits: fn(f64) -> bool,
    ) -> Result<Self> {
        let values = matrix(name, values)?;
        let expected = if name == "scores" {
            "finite"
        } else {
            "0 to 1; raw scores become probabilities by a sigmoid, or a softmax where classes exclude each other"
        };
        if let Some(((row, column), value)) =
            values.indexed_iter().find(|(_, value)| !fits(**value))
        {
            let got = format!("{} in row {row}, column {column}", *value as f32);
            return Err(Error::value(name, expected, got));
        }
        let labels = labels.labels()?;
        let (n, width) = values.dim();
        let truth = match *labels.shape() {
            [rows] | [rows, 1] if rows == n && width > 1 => {
                Truth::Classes(classes(&labels.view().into_owned(), width)?)
            }
            [rows] if rows == n => Truth::Tasks(tasks(&labels.view().into_owned(), (n, 1))?),
            [rows, tasks_of] if (rows, tasks_of) == (n, width) => {
                Truth::Tasks(tasks(&labels.view().into_owned(), (n, width))?)
            }
            ref got => {
                let expected = if width == 1 {
                    format!("({n}), one label for each row of `{name}`")
                } else {
                    format!(
                        "({n}, {width}) for tasks, or ({n}) for classes that exclude each other"
                    )
                };
                return Err(Error::shape("labels", expected, got));
            }
        };
        Ok(Self { values, truth })
    }

    /// Counts tasks or classes.
    pub(crate) fn width(&self) -> usize {
        self.values.ncols()
    }

    /// Returns the values of a task or class and whether it is so, leaving out what is not known.
    pub(crate) fn task(&self, task: usize) -> (Vec<f64>, Vec<f64>) {
        let column = self.values.column(task);
        match &self.truth {
            Truth::Tasks(labels) => {
                let pairs = column.iter().zip(labels.column(task));
                let known = pairs.filter(|(_, label)| !label.is_nan());
                known.map(|(value, label)| (*value, *label)).unzip()
            }
            Truth::Classes(classes) => {
                let is_it = classes
                    .iter()
                    .map(|&class| f64::from(u8::from(class == task)));
                column.iter().copied().zip(is_it).unzip()
            }
        }
    }

    /// Returns the values of a task, or fails where it has no label.
    pub(crate) fn labelled_task(&self, task: usize) -> Result<(Vec<f64>, Vec<f64>)> {
        let (values, labels) = self.task(task);
        if labels.is_empty() {
            let got = format!("NaN everywhere in task {task}");
            return Err(Error::value(
                "labels",
                "a label somewhere in every task",
                got,
            ));
        }
        Ok((values, labels))
    }

    /// Returns the numbers of the classes, where classes exclude each other.
    pub(crate) fn classes(&self) -> Option<&[usize]> {
        match &self.truth {
            Truth::Classes(classes) => Some(classes),
            Truth::Tasks(_) => None,
        }
    }
}

/// Reads numbers of shape `(n)`, which become one column, or `(n, columns)`, in double precision.
pub(crate) fn matrix(name: &str, values: &dyn Input) -> Result<Array2<f64>> {
    let values = values.array()?;
    let (n, width) = match *values.shape() {
        [n] if n > 0 => (n, 1),
        [n, width] if n > 0 && width > 0 => (n, width),
        ref got => {
            return Err(Error::shape(
                name,
                "(n) or (n, columns), both at least 1",
                got,
            ));
        }
    };
    let numbers = values.iter().map(|&value| f64::from(value)).collect();
    Array2::from_shape_vec((n, width), numbers)
        .map_err(|_| Error::shape(name, "(n, columns)", &[n, width]))
}

/// Checks that the probabilities of every example sum to 1.
pub(crate) fn check_sums(name: &str, probabilities: &Array2<f64>) -> Result<()> {
    for (row, shares) in probabilities.rows().into_iter().enumerate() {
        let sum = shares.sum();
        if (sum - 1.0).abs() > 1e-3 {
            let expected =
                "rows that sum to 1, as a softmax gives them, where classes exclude each other";
            return Err(Error::value(
                name,
                expected,
                format!("a sum of {sum:.4} in row {row}"),
            ));
        }
    }
    Ok(())
}

/// Reads numbers of classes, one for each example.
pub(crate) fn classes(labels: &ArrayD<f32>, count: usize) -> Result<Vec<usize>> {
    let class = |(row, &label): (usize, &f32)| {
        if label >= 0.0 && label < count as f32 && label.fract() == 0.0 {
            return Ok(label as usize);
        }
        let expected = format!("class numbers 0 to {}", count - 1);
        Err(Error::value(
            "labels",
            expected,
            format!("{label} in row {row}"),
        ))
    };
    labels.iter().enumerate().map(class).collect()
}

fn tasks(labels: &ArrayD<f32>, dim: (usize, usize)) -> Result<Array2<f64>> {
    let is_wrong = |label: &&f32| **label != 0.0 && **label != 1.0 && !label.is_nan();
    if let Some(label) = labels.iter().find(is_wrong) {
        return Err(Error::value("labels", "0, 1 or NaN where missing", label));
    }
    let numbers = labels.iter().map(|&label| f64::from(label)).collect();
    Array2::from_shape_vec(dim, numbers)
        .map_err(|_| Error::shape("labels", "(n, tasks)", labels.shape()))
}
