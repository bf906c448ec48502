//! Sufficient input subsets as tables, logos and pictures in which they stand out.

use super::value::shown;
use crate::display::curve::{Curve, curve};
use crate::display::figure::grid;
use crate::display::heatmap::{Heatmap, heatmap};
use crate::display::logo::{Logo, logo};
use crate::display::table::{Cell, Table};
use crate::display::{ColorMap, Figure};
use crate::sequence::Alphabet;
use crate::sufficient::{Layout, Selection, Subset, Subsets};
use ndarray::{Array2, ArrayD, Axis, Ix3};

/// Subsets that are shown of many, and examples that are drawn.
const ROWS: usize = 20;
const EXAMPLES: usize = 5;
/// Pictures that are drawn in one row.
const COLUMNS: usize = 4;
/// Places that are written of many.
const PLACES: usize = 12;
/// How high letters are that are in no subset.
const LOW: f64 = 0.55;
/// Width and height of a small picture, in which the pixels of a square image are about square.
const SIDE: (f64, f64) = (190.0, 168.0);

impl Subsets {
    /// Draws the letters of an example: those of its subsets large, all others small and grey, with a bar under each subset.
    ///
    /// Without such a sequence, or where examples are no sequences, nothing is drawn.
    pub fn logo(&self, example: usize) -> Logo {
        let (Some(sequences), Ok(own)) = (self.sequences(), self.of(example)) else {
            return logo(&Array2::<f64>::zeros((4, 0)));
        };
        let (alphabet, letters) = (sequences.alphabet(), sequences.letters(example));
        let own: Vec<Subset> = (0..own.len()).filter_map(|at| own.get(at).ok()).collect();
        let mut heights = Array2::<f64>::zeros((alphabet.size(), letters.len()));
        let mut faded = Vec::new();
        for (place, &letter) in letters.iter().enumerate() {
            let is_kept = own.iter().any(|one| one.places().contains(&place));
            if !is_kept {
                faded.push(place);
            }
            if let Some(row) = alphabet.index(letter) {
                heights[[row, place]] = if is_kept { 1.0 } else { LOW };
            }
        }
        let score = self.scores()[example];
        let mut drawn = logo(&heights)
            .letters(&String::from_utf8_lossy(alphabet.letters()))
            .faded(&faded)
            .y_range(0.0, 1.0)
            .y_label("")
            .title(&format!("{}, score {score:.4}", sequences.name(example)));
        for one in &own {
            if let (Some(&first), Some(&last)) = (one.places().first(), one.places().last()) {
                let label = format!("{}: {:.4}", one.number() + 1, one.score());
                drawn = drawn.annotate(first..last + 1, &label);
            }
        }
        drawn
    }

    /// Draws the first five sequences that have a subset under each other.
    pub fn logos(&self) -> Figure {
        let counts = self.counts();
        let some = (0..self.examples()).filter(|&example| counts[example] > 0);
        let logos: Vec<Logo> = some.take(EXAMPLES).map(|one| self.logo(one)).collect();
        grid(&logos, 1)
    }

    /// Draws one subset of an image, by its index: its pixels with their values, all others grey. Channels are averaged.
    ///
    /// Sequences and rows are one row of pixels. Without such a subset nothing is drawn.
    pub fn image(&self, index: usize) -> Heatmap {
        let Ok(subset) = self.get(index) else {
            return heatmap(&Array2::<f64>::zeros((0, 0)));
        };
        let mut pixels = self.pixels(subset.example());
        for (place, value) in pixels.iter_mut().enumerate() {
            if subset.places().binary_search(&place).is_err() {
                *value = f64::NAN;
            }
        }
        let (low, high) = self.ends(subset.example());
        let (number, size) = (subset.number() + 1, subset.len());
        heatmap(&pixels)
            .range(low, high)
            .colors(ColorMap::Sequential)
            .title(&format!("subset {number}: {size} pixels"))
            .size(SIDE.0, SIDE.1)
    }

    /// Draws an image, and beside it its first subsets.
    ///
    /// Without such an image nothing is drawn.
    pub fn images(&self, example: usize) -> Figure {
        if example >= self.examples() {
            return grid::<Heatmap>(&[], 1);
        }
        let (low, high) = self.ends(example);
        let whole = heatmap(&self.pixels(example))
            .range(low, high)
            .colors(ColorMap::Sequential)
            .title(&format!("example {example}: {:.4}", self.scores()[example]))
            .size(SIDE.0, SIDE.1);
        let indices = (0..self.len()).filter(|&index| {
            self.get(index)
                .is_ok_and(|subset| subset.example() == example)
        });
        let parts = indices.take(2 * COLUMNS - 1).map(|index| self.image(index));
        let pictures: Vec<Heatmap> = std::iter::once(whole).chain(parts).collect();
        grid(&pictures, COLUMNS)
    }

    /// Returns the pixels of an example, channels averaged.
    fn pixels(&self, example: usize) -> Array2<f64> {
        let x: ArrayD<f32> = self.x().index_axis(Axis(0), example).to_owned();
        let shape = match self.layout() {
            Layout::Columns(count) | Layout::Positions(count) => (1, count),
            Layout::Pixels { height, width } => (height, width),
        };
        let channels = x.len() / (shape.0 * shape.1).max(1);
        let x = x.into_shape_with_order((channels, shape.0, shape.1));
        let x = x.map(|x| x.mapv(f64::from)).ok();
        let mean = x.and_then(|x: ndarray::Array<f64, Ix3>| x.mean_axis(Axis(0)));
        mean.unwrap_or_else(|| Array2::zeros(shape))
    }

    /// Returns the smallest and the largest pixel of an example, so that all pictures of it have the same colours.
    fn ends(&self, example: usize) -> (f64, f64) {
        let pixels = self.pixels(example);
        let low = pixels.iter().copied().fold(f64::INFINITY, f64::min);
        let high = pixels.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if low < high {
            (low, high)
        } else {
            (low, low + 1.0)
        }
    }

    fn summary(&self) -> Table {
        let sequences = self.sequences();
        let strings = self.strings().unwrap_or_default();
        let protein = sequences
            .as_ref()
            .is_some_and(|all| all.alphabet() == Alphabet::Protein);
        let shown = self.len().min(ROWS);
        let row = |index: usize| {
            let Ok(one) = self.get(index) else {
                return Vec::new();
            };
            let example = match &sequences {
                Some(sequences) => sequences.name(one.example()).into(),
                None => one.example().into(),
            };
            let what = match strings.get(index) {
                Some(string) => Cell::letters(string, protein),
                None => written(one.places()).into(),
            };
            let first = one.places().first().copied();
            vec![
                example,
                (one.number() + 1).into(),
                one.len().into(),
                one.score().into(),
                first.map_or_else(|| "".into(), Cell::from),
                what,
            ]
        };
        let last = if sequences.is_some() {
            "letters"
        } else {
            "places"
        };
        let columns = ["example", "subset", "size", "score", "first", last];
        let counts = self.counts();
        let having = counts.iter().filter(|&&count| count > 0).count();
        let (all, of, threshold) = (self.len(), self.examples(), self.threshold());
        let note = if shown < all {
            format!("The first {shown} of {all} subsets")
        } else {
            format!("{all} subsets")
        };
        let note = format!("{note} of {having} of {of} examples, threshold {threshold:.4}.");
        Table::filled(&columns, (0..shown).map(row)).note(&note)
    }
}

/// Writes some of many places.
fn written(places: &[usize]) -> String {
    let some = places.iter().take(PLACES).map(ToString::to_string);
    let some = some.collect::<Vec<_>>().join(" ");
    if places.len() > PLACES {
        return format!("{some} …");
    }
    some
}

shown!(Subsets, |subsets| match subsets.layout() {
    Layout::Pixels { .. } if !subsets.is_empty() => {
        let example = subsets.get(0).map_or(0, |subset| subset.example());
        subsets.images(example).bundle()
    }
    _ => subsets.summary().bundle(),
});

impl Selection {
    /// Draws the score over the number of features that were masked.
    pub fn curve(&self) -> Curve {
        let masked: Vec<f64> = (0..=self.len()).map(|count| count as f64).collect();
        let scores: Vec<f64> = std::iter::once(self.start())
            .chain(self.values().iter().copied())
            .collect();
        curve(&masked, &scores)
            .x_label("masked features")
            .y_label("score")
            .title("Backward selection")
    }
}

shown!(Selection, |selection| selection.curve().figure().bundle());

shown!(Subset, |subset| {
    let row = vec![
        subset.example().into(),
        (subset.number() + 1).into(),
        subset.len().into(),
        subset.score().into(),
        written(subset.places()).into(),
    ];
    let columns = ["example", "subset", "size", "score", "places"];
    Table::filled(&columns, std::iter::once(row)).bundle()
});
