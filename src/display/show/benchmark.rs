//! How well explanations do, as tables and figures.

use super::value::shown;
use crate::attribution::{BenchmarkResult, Differences, Randomised};
use crate::display::curve::{self, curve};
use crate::display::forest::{Forest, forest};
use crate::display::table::{Cell, Table};

impl BenchmarkResult {
    /// Draws the mean average precision of every method with its standard error, one colour for each model; chance is dashed.
    pub fn plot(&self) -> Forest {
        let lines = self.lines().into_iter();
        self.dots(&lines.map(|line| line.auprc).collect::<Vec<_>>())
            .level(self.chance())
            .x_label("mean auPRC ± standard error")
    }

    /// Draws the mean area under the ROC curve of every method with its standard error; chance is dashed.
    pub fn auroc_plot(&self) -> Forest {
        let lines = self.lines().into_iter();
        self.dots(&lines.map(|line| line.auroc).collect::<Vec<_>>())
            .level(0.5)
            .x_label("mean auROC ± standard error")
    }

    /// Draws means with their errors, the methods of the first model first.
    fn dots(&self, values: &[(f64, f64)]) -> Forest {
        let mut dots = forest(self.methods(), &[0.0; 0]);
        let models = self.models();
        for (at, of) in values.chunks(self.methods().len().max(1)).enumerate() {
            let means: Vec<f64> = of.iter().map(|(mean, _)| *mean).collect();
            let low: Vec<f64> = of.iter().map(|(mean, error)| mean - error).collect();
            let high: Vec<f64> = of.iter().map(|(mean, error)| mean + error).collect();
            dots = match at {
                0 => forest(self.methods(), &means),
                _ => dots.add("", &means),
            };
            if models.len() > 1 {
                dots = dots.name(&models[at]);
            }
            dots = dots.intervals(&low, &high);
        }
        dots.title("Explanations and the truth")
    }
}

shown!(BenchmarkResult, |result| {
    let columns = [
        "model",
        "method",
        "auROC",
        "± SE",
        "auPRC",
        "± SE",
        "ms a sequence",
    ];
    let rows = result.lines().into_iter().map(|line| {
        vec![
            line.model.as_str().into(),
            line.method.as_str().into(),
            short(line.auroc.0),
            short(line.auroc.1),
            short(line.auprc.0),
            short(line.auprc.1),
            format!("{:.2}", line.seconds * 1e3).into(),
        ]
    });
    let chance = result.chance();
    Table::filled(&columns, rows)
        .note(&format!("{result}; chance is auPRC {chance:.3}."))
        .bundle()
});

shown!(Differences, |differences| {
    let columns = [
        "first", "less", "model", "auROC", "± SE", "auPRC", "± SE", "ahead",
    ];
    let rows = differences.lines().iter().map(|line| {
        vec![
            line.first.as_str().into(),
            line.second.as_str().into(),
            line.model.as_deref().unwrap_or("all").into(),
            signed(line.auroc.0),
            short(line.auroc.1),
            signed(line.auprc.0),
            short(line.auprc.1),
            format!("{} of {}", line.ahead.0, line.ahead.1).into(),
        ]
    });
    let n = differences.sequences();
    let note = format!("Means of differences in the same {n} sequences.");
    Table::filled(&columns, rows).note(&note).bundle()
});

impl Randomised {
    /// Draws the mean rank correlation after every step.
    pub fn plot(&self) -> curve::Curve {
        let steps: Vec<f64> = (1..=self.layers().len()).map(|step| step as f64).collect();
        curve(&steps, &self.mean())
            .y_range(-1.0, 1.0)
            .x_label("layers drawn anew, from the last")
            .y_label("rank correlation")
            .title("Explanations and weights")
    }
}

shown!(Randomised, |randomised| {
    let lines = randomised.layers().iter().zip(randomised.lines());
    let rows = lines.map(|(layer, (mean, error, n))| {
        vec![layer.as_str().into(), short(mean), short(error), n.into()]
    });
    let columns = ["drawn anew", "rank correlation", "± SE", "sequences"];
    Table::filled(&columns, rows).bundle()
});

fn short(value: f64) -> Cell {
    format!("{value:.3}").into()
}

fn signed(value: f64) -> Cell {
    format!("{value:+.3}").into()
}
