//! Examples that are compared with centres, the same bytes for any number of threads.

use crate::embedding::neighbors::multiply;
use crate::{Error, Input, Result};
use ndarray::{Array1, Array2, ArrayView1, Axis, Ix2, Zip, s};
use rayon::prelude::*;

/// Into at most so many pieces the examples are divided, whatever the number of threads.
const PIECES: usize = 64;

/// Examples in a piece, if there are enough.
const PIECE: usize = 512;

/// Examples that are multiplied with all centres at a time.
const BLOCK: usize = 128;

/// The largest number that is compared.
const LARGEST: f32 = 1e15;

pub(super) struct Table {
    rows: Array2<f32>,
    /// Around the mean, so that products lose little to rounding.
    moved: Array2<f32>,
    squares: Array1<f32>,
    mean: Array1<f64>,
}

/// To which centre every example belongs, and what follows from it.
pub(super) struct Assigned {
    pub(super) labels: Vec<u32>,
    /// The sum of the examples of each centre, shape `(k, features)`, and how many they are.
    pub(super) sums: Array2<f64>,
    pub(super) counts: Vec<usize>,
}

impl Table {
    /// Reads `x`, shape `(n, features)`; `mean` is that of the examples it is like, if any.
    pub(super) fn new(x: &dyn Input, mean: Option<&Array1<f64>>) -> Result<Self> {
        let array = x.array()?;
        let shape = array.shape().to_vec();
        let Ok(rows) = array.into_dimensionality::<Ix2>() else {
            return Err(Error::shape("x", "(n, features)", &shape));
        };
        let expected = mean.map_or("features".into(), |mean| mean.len().to_string());
        let fits = mean.is_none_or(|mean| mean.len() == rows.ncols());
        if rows.is_empty() || !fits {
            let expected = format!("(n, {expected}) with at least 1 example");
            return Err(Error::shape("x", expected, &shape));
        }
        let wrong = rows.indexed_iter();
        let wrong = wrong
            .into_iter()
            .find(|(_, value)| value.is_nan() || value.abs() > LARGEST);
        if let Some(((row, _), value)) = wrong {
            let got = format!("{value:e} in row {row}");
            return Err(Error::value(
                "x",
                format!("finite numbers up to {LARGEST:e}"),
                got,
            ));
        }
        let rows = rows.as_standard_layout().into_owned();
        let mean = match mean {
            Some(mean) => mean.clone(),
            None => {
                rows.fold_axis(Axis(0), 0.0, |sum, value| sum + f64::from(*value))
                    / rows.nrows() as f64
            }
        };
        let moved = &rows - &mean.mapv(|value| value as f32);
        let squares = moved.map_axis(Axis(1), |row| row.dot(&row));
        Ok(Self {
            rows,
            moved,
            squares,
            mean,
        })
    }

    pub(super) fn len(&self) -> usize {
        self.rows.nrows()
    }

    pub(super) fn mean(&self) -> &Array1<f64> {
        &self.mean
    }

    pub(super) fn row(&self, row: usize) -> ArrayView1<'_, f32> {
        self.rows.row(row)
    }

    /// The mean over the features of their variances.
    pub(super) fn variance(&self) -> f64 {
        let sum: f64 = self
            .moved
            .iter()
            .map(|v| f64::from(*v) * f64::from(*v))
            .sum();
        sum / self.moved.len() as f64
    }

    /// Examples of a piece: what does not depend on the number of threads.
    fn piece(&self) -> usize {
        self.len().div_ceil(PIECES).max(PIECE)
    }

    /// Finds the nearest centre of every example: of equally near ones the first.
    ///
    /// Single precision finds who may be the nearest, up to a bound of its rounding; these are compared in double precision.
    pub(super) fn assign(&self, centres: &Array2<f64>) -> Assigned {
        let (k, features) = centres.dim();
        let moved = (centres - &self.mean).mapv(|value| value as f32);
        let squares = moved.map_axis(Axis(1), |row| row.dot(&row));
        let largest = squares.iter().copied().fold(0.0, f32::max);
        // The worst case of recursive summation, twice.
        let slack = (features as f32 + 16.0) * 4.0 * f32::EPSILON;
        let mut labels = vec![0; self.len()];
        let pieces = labels.par_chunks_mut(self.piece()).enumerate();
        let rows = self.rows.as_slice().unwrap_or_default();
        let pieces = pieces.map(|(piece, labels)| {
            let mut sums = vec![0.0_f64; k * features];
            let mut counts = vec![0; k];
            let mut products = Vec::new();
            for (block, labels) in labels.chunks_mut(BLOCK).enumerate() {
                let first = piece * self.piece() + block * BLOCK;
                let size = labels.len();
                self.products((first, size), &moved, &mut products);
                let nearest = Nearest::of(&products, &squares, size);
                for (place, label) in labels.iter_mut().enumerate() {
                    let row = first + place;
                    let limit = nearest.least[place] + slack * (self.squares[row] + largest);
                    let mut best = nearest.best[place] as usize;
                    if nearest.second[place] <= limit {
                        let mut distance = f64::INFINITY;
                        for (other, square) in squares.iter().enumerate() {
                            if square - 2.0 * products[other * size + place] <= limit {
                                let own = square_apart(&self.row(row), &centres.row(other));
                                if own < distance {
                                    (best, distance) = (other, own);
                                }
                            }
                        }
                    }
                    *label = best as u32;
                    counts[best] += 1;
                    let sums = &mut sums[best * features..][..features];
                    for (sum, value) in sums.iter_mut().zip(&rows[row * features..][..features]) {
                        *sum += f64::from(*value);
                    }
                }
            }
            (sums, counts)
        });
        let pieces: Vec<_> = pieces.collect();
        let mut out = Assigned {
            labels,
            sums: Array2::zeros((k, features)),
            counts: vec![0; k],
        };
        for (sums, counts) in pieces {
            for (all, sum) in out.sums.iter_mut().zip(sums) {
                *all += sum;
            }
            for (all, count) in out.counts.iter_mut().zip(counts) {
                *all += count;
            }
        }
        out
    }

    /// Multiplies rows with so many examples, from the first one on: `out` has shape `(rows, count)`.
    fn products(&self, (first, count): (usize, usize), rows: &Array2<f32>, out: &mut Vec<f32>) {
        out.clear();
        out.resize(count * rows.nrows(), 0.0);
        let features = rows.ncols();
        if let (Some(own), Some(rows)) = (self.moved.as_slice(), rows.as_slice()) {
            let own = &own[first * features..][..count * features];
            multiply((rows, own), features, out);
        }
    }

    /// The squared distances of some examples to all, in single precision, shape `(n, examples)`.
    pub(super) fn distances(&self, examples: &[usize]) -> Array2<f32> {
        let rows = self.moved.select(Axis(0), examples);
        let squares = self.squares.select(Axis(0), examples);
        let mut out = Array2::zeros((examples.len(), self.len()));
        let places = out.axis_chunks_iter_mut(Axis(1), self.piece());
        let places: Vec<_> = places.collect();
        places
            .into_par_iter()
            .enumerate()
            .for_each(|(piece, mut out)| {
                let mut products = Vec::new();
                let (first, count) = (piece * self.piece(), out.ncols());
                self.products((first, count), &rows, &mut products);
                let own = self.squares.slice(s![first..first + count]);
                let lines = out.rows_mut().into_iter().zip(&squares);
                for ((mut out, square), products) in lines.zip(products.chunks(count)) {
                    let products = ArrayView1::from(products);
                    Zip::from(&mut out)
                        .and(own)
                        .and(products)
                        .for_each(|out, own, product| {
                            *out = (own + square - 2.0 * product).max(0.0);
                        });
                }
            });
        out
    }

    /// The squared distance of every example to its centre.
    pub(super) fn apart_from(&self, labels: &[u32], centres: &Array2<f64>) -> Vec<f64> {
        let rows = (0..self.len()).into_par_iter();
        rows.map(|row| square_apart(&self.row(row), &centres.row(labels[row] as usize)))
            .collect()
    }
}

fn square_apart(row: &ArrayView1<'_, f32>, centre: &ArrayView1<'_, f64>) -> f64 {
    let pairs = row.iter().zip(centre);
    pairs.map(|(a, b)| (f64::from(*a) - b).powi(2)).sum()
}

/// Of a few examples, the least score by which a centre may be nearest, whose it is, and the second least.
struct Nearest {
    least: [f32; BLOCK],
    best: [u32; BLOCK],
    second: [f32; BLOCK],
}

impl Nearest {
    /// Looks at products of shape `(centres, count)`, without a branch, so that the compiler makes a loop over examples wide.
    fn of(products: &[f32], squares: &Array1<f32>, count: usize) -> Self {
        let mut found = Self {
            least: [f32::INFINITY; BLOCK],
            best: [0; BLOCK],
            second: [f32::INFINITY; BLOCK],
        };
        let centres = products.chunks_exact(count).zip(squares);
        for (centre, (products, square)) in (0_u32..).zip(centres) {
            let examples = found.least.iter_mut().zip(&mut found.best);
            let examples = examples.zip(&mut found.second).zip(products);
            for (((least, best), second), product) in examples {
                let score = square - 2.0 * product;
                let is_least = score < *least;
                let other = if is_least { *least } else { score };
                *second = if other < *second { other } else { *second };
                *best = if is_least { centre } else { *best };
                *least = if is_least { score } else { *least };
            }
        }
        found
    }
}
