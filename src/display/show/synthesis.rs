//! Dreams, adversarial inputs and designs as logos, images, bars and curves.

use super::value::shown;
use crate::display::Figure;
use crate::display::bars::{Bars, bars};
use crate::display::curve::{Curve, curve};
use crate::display::figure::grid;
use crate::display::heatmap::{Heatmap, heatmap};
use crate::display::logo::{Logo, logo};
use crate::display::palette::ColorMap;
use crate::display::table::Table;
use crate::synthesis::{AdversarialExamples, Designs, Dreams};
use ndarray::{Array1, Array2, ArrayD, ArrayViewD, Axis};

/// Inputs that are drawn of several.
const MOST: usize = 5;
/// Lines that are drawn in one picture.
const LINES: usize = 10;
/// Numbers that are drawn of a row.
const NUMBERS: usize = 20;
/// Width and height of an image.
const IMAGE: (f64, f64) = (190.0, 170.0);

impl Dreams {
    /// Draws the first dream of a sequence: letters as tall as their share of the information, in bits; take another one with `get`.
    ///
    /// Where dreams are no sequences, it is empty.
    pub fn logo(&self) -> Logo {
        self.drawn(0)
    }

    /// Draws the first five dreams of sequences under each other.
    pub fn logos(&self) -> Figure {
        let logos: Vec<Logo> = (0..self.len().min(MOST)).map(|i| self.drawn(i)).collect();
        grid(&logos, 1)
    }

    /// Draws the value of the first dream at every step, a line for each of up to ten restarts.
    pub fn curve(&self) -> Curve {
        let lines = self.histories(0);
        let steps: Vec<usize> = (0..lines.ncols()).collect();
        let mut lines = lines.rows().into_iter().take(LINES).enumerate();
        let first = lines.next().map(|(_, line)| line.to_vec());
        let mut drawn = curve(&steps, &first.unwrap_or_default());
        if self.restart_values().ncols() > 1 {
            drawn = drawn.name("restart 0");
        }
        for (restart, line) in lines {
            drawn = drawn.add(&format!("restart {restart}"), &steps, &line.to_vec());
        }
        drawn
            .x_label("step")
            .y_label(self.objective())
            .title("Activation maximisation")
    }

    /// Draws the first ten outputs of the model while the first dream came about; empty when a layer was raised.
    pub fn output_curves(&self) -> Curve {
        let steps = self.output_steps().to_vec();
        let none: [f64; 0] = [];
        let Some(outputs) = self.outputs() else {
            return curve(&none, &none);
        };
        let outputs = outputs.index_axis(Axis(0), 0);
        let mut drawn: Option<Curve> = None;
        for (output, line) in outputs.columns().into_iter().take(LINES).enumerate() {
            let (name, line) = (format!("output {output}"), line.mapv(f64::from).to_vec());
            drawn = Some(match drawn {
                Some(drawn) => drawn.add(&name, &steps, &line),
                None => curve(&steps, &line).name(&name),
            });
        }
        drawn
            .unwrap_or_else(|| curve(&none, &none))
            .x_label("step")
            .y_label("raw score")
            .title(&format!("Raising {}", self.objective()))
    }

    /// Draws the first five dreams of images under their starts; channels are averaged.
    pub fn images(&self) -> Figure {
        let shown = self.len().min(MOST);
        let range = range(self.starts(), self.inputs());
        let row = |of: &ArrayD<f32>, scores: &Array1<f64>| -> Vec<Heatmap> {
            let image = |i: usize| {
                let title = format!("score {:.2}", scores[i]);
                image(&of.index_axis(Axis(0), i), range).title(&title)
            };
            (0..shown).map(image).collect()
        };
        let mut all = row(self.starts(), &self.start_scores());
        all.extend(row(self.inputs(), &self.scores()));
        grid(&all, shown)
    }

    /// Draws the largest numbers of the first dream, of either sign, each with its index.
    pub fn bars(&self) -> Bars {
        let row = self.inputs().index_axis(Axis(0), 0);
        let row: Vec<f64> = row.iter().map(|&x| f64::from(x)).collect();
        let mut order: Vec<usize> = (0..row.len()).collect();
        order.sort_by(|&a, &b| row[b].abs().total_cmp(&row[a].abs()));
        order.truncate(NUMBERS);
        let values: Vec<f64> = order.iter().map(|&at| row[at]).collect();
        let names: Vec<String> = order.iter().map(ToString::to_string).collect();
        bars(&names, &values)
            .x_label("feature")
            .y_label("dream")
            .title(&format!(
                "{}: score {:.3}",
                self.objective(),
                self.scores()[0]
            ))
    }

    fn drawn(&self, index: usize) -> Logo {
        let (Some(alphabet), Ok(code)) = (self.alphabet(), self.one_hot()) else {
            return logo(&Array2::<f64>::zeros((0, 0)));
        };
        let shares = code.values().index_axis(Axis(0), index).mapv(f64::from);
        let bits = (alphabet.size() as f64).log2();
        let mut heights = shares.clone();
        for (mut column, shares) in heights.columns_mut().into_iter().zip(shares.columns()) {
            let surprise = |p: &f64| if *p > 0.0 { -p * p.log2() } else { 0.0 };
            let entropy: f64 = shares.iter().map(surprise).sum();
            column *= (bits - entropy).max(0.0);
        }
        let letters = String::from_utf8_lossy(alphabet.letters()).into_owned();
        let (objective, score) = (self.objective(), self.scores()[index]);
        logo(&heights)
            .letters(&letters)
            .y_range(0.0, bits)
            .y_label("bits")
            .title(&format!("{objective}: score {score:.3}"))
    }
}

shown!(Dreams, |dreams| {
    let curve = dreams.curve();
    let axes = dreams.inputs().ndim();
    match (dreams.alphabet(), axes) {
        (Some(_), _) => dreams.logos().above(&curve),
        (None, 4) => dreams.images().above(&curve),
        _ => dreams.bars().above(&curve),
    }
    .bundle()
});

impl AdversarialExamples {
    /// Draws the first five images, each above what was changed in it and what became of it; channels are averaged.
    ///
    /// Over the first and the last stands what the model calls them.
    pub fn images(&self) -> Figure {
        let shown = self.len().min(MOST);
        let change = self.inputs() - self.starts();
        let most = self.distances().iter().copied().fold(1e-12, f64::max);
        let own = range(self.starts(), self.inputs());
        let rows = [
            (self.starts(), own, Some(self.calls_before())),
            (&change, (-most, most), None),
            (self.inputs(), own, Some(self.calls_after())),
        ];
        let mut all = Vec::with_capacity(3 * shown);
        for (images, range, calls) in rows {
            for i in 0..shown {
                let drawn = image(&images.index_axis(Axis(0), i), range);
                all.push(match &calls {
                    Some(calls) => drawn.title(&format!("called {}", calls[i])),
                    None => drawn.colors(ColorMap::Diverging).title("change"),
                });
            }
        }
        grid(&all, shown)
    }
}

shown!(AdversarialExamples, |found| {
    if found.inputs().ndim() == 4 {
        return found.images().bundle();
    }
    let (before, after) = (found.calls_before(), found.calls_after());
    let (fooled, far) = (found.fooled(), found.distances());
    let shown = found.len().min(NUMBERS);
    let row = |i: usize| {
        vec![
            found.labels()[i].into(),
            before[i].into(),
            after[i].into(),
            if fooled[i] { "yes" } else { "no" }.into(),
            far[i].into(),
        ]
    };
    let columns = ["label", "before", "after", "fooled", "largest change"];
    let count = fooled.iter().filter(|fooled| **fooled).count();
    let note = format!(
        "The first {shown} of {}; {count} of all fool the model.",
        found.len()
    );
    Table::filled(&columns, (0..shown).map(row))
        .note(&note)
        .bundle()
});

impl Designs {
    /// Draws the first sequence above its design, the letters that differ shaded; take another one with `get`.
    pub fn logos(&self) -> Figure {
        let changed: Vec<usize> = self.changed(0).collect();
        let drawn = |of: &crate::sequence::Sequences, title: &str| {
            let alphabet = of.alphabet();
            let own = of.letters(0);
            let mut heights = Array2::<f64>::zeros((alphabet.size(), own.len()));
            for (position, letter) in own.iter().enumerate() {
                if let Some(row) = alphabet.index(*letter) {
                    heights[[row, position]] = 1.0;
                }
            }
            let letters = String::from_utf8_lossy(alphabet.letters()).into_owned();
            let plain = logo(&heights)
                .letters(&letters)
                .y_range(0.0, 1.0)
                .y_label("letter");
            let marked = changed
                .iter()
                .fold(plain, |drawn, &at| drawn.highlight(at..at + 1, ""));
            marked.title(title)
        };
        let scores = |of: &Array2<f32>| {
            let row = of.row(0);
            let some: Vec<String> = (row.iter().take(4)).map(|y| format!("{y:.3}")).collect();
            some.join(", ")
        };
        let (before, after) = (scores(&self.before()), scores(&self.after()));
        let starts = self.starts();
        let first = format!("{}: {before}", starts.name(0));
        let edits = match changed.len() {
            1 => "1 letter".into(),
            count => format!("{count} letters"),
        };
        let second = format!("{}, {edits} changed: {after}", self.method());
        drawn(&starts, &first)
            .figure()
            .above(&drawn(&self.sequences(), &second))
    }

    /// Draws how good the best sequence was at every step of the first design.
    pub fn curve(&self) -> Curve {
        let line = self.history(0).map(|line| line.to_vec());
        let line = line.unwrap_or_default();
        let steps: Vec<usize> = (0..line.len()).collect();
        curve(&steps, &line)
            .x_label("step")
            .y_label("worth of the best")
            .title(self.method())
    }
}

shown!(Designs, |designs| designs
    .logos()
    .above(&designs.curve())
    .bundle());

/// Draws an image, its channels averaged: the last two axes are rows and columns.
fn image(x: &ArrayViewD<'_, f32>, (low, high): (f64, f64)) -> Heatmap {
    let [.., height, width] = *x.shape() else {
        return heatmap(&Array2::<f64>::zeros((0, 0)));
    };
    let channels = (x.len() / (height * width).max(1)).max(1);
    let mut mean = Array2::<f64>::zeros((height, width));
    for (at, value) in x.iter().enumerate() {
        let place = at % (height * width);
        mean[[place / width, place % width]] += f64::from(*value) / channels as f64;
    }
    heatmap(&mean)
        .colors(ColorMap::Ink)
        .range(low, high)
        .size(IMAGE.0, IMAGE.1)
}

/// Returns the smallest and the largest of all numbers.
fn range(a: &ArrayD<f32>, b: &ArrayD<f32>) -> (f64, f64) {
    let all = || a.iter().chain(b.iter()).map(|&x| f64::from(x));
    let low = all().fold(f64::INFINITY, f64::min);
    let high = all().fold(f64::NEG_INFINITY, f64::max);
    if low < high {
        (low, high)
    } else {
        (low, low + 1.0)
    }
}
