//! A few of the largest eigenvalues of a symmetric operator by block Lanczos with thick restarts.

use super::blocks::{inner, product, subtract_product};
use super::symmetric;
use crate::random::Seed;
use crate::{Error, Result, progress};
use ndarray::{Array1, Array2, ArrayView2, Axis, s};
use rand::RngExt;

/// Multiplies a block, shape `(n, k)`, by the operator.
type Operator<'a> = dyn Fn(&ArrayView2<'_, f64>) -> Result<Array2<f64>> + 'a;

/// Operators on fewer numbers than this are written out as a matrix, for which all eigenvectors are found.
const SMALL: usize = 300;

/// Restarts after which the vectors are as good as they will get; three are usual.
const RESTARTS: usize = 500;

/// Finds the eigenvectors of the largest eigenvalues: the same bytes for any number of threads.
///
/// The basis is kept at right angles by projecting every block twice, and blocks find eigenvalues that come several times. Thick restarts
/// keep the best vectors (Wu and Simon 2000, doi:10.1137/S0895479898334605). For the smallest eigenvalues of an operator below 2, such
/// as a normalised Laplacian L, ask for the largest of 2 - L.
#[derive(Clone, Debug)]
pub(crate) struct Largest {
    name: &'static str,
    count: usize,
    tolerance: f64,
}

impl Largest {
    /// Asks for so many vectors; `name` is what an interrupted user reads.
    pub(crate) fn new(name: &'static str, count: usize) -> Self {
        Self {
            name,
            count,
            tolerance: 1e-9,
        }
    }

    /// Sets how long `A v - λ v` may be, as a share of λ (or of a thousandth of the largest λ, if that is more); 1e-9 if not set.
    pub(crate) fn tolerance(mut self, tolerance: f64) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// Returns the largest eigenvalues, falling, and their vectors of length one as columns, shape `(n, count)`.
    ///
    /// # Errors
    ///
    /// Fails when `count` is more than `n`, when the operator fails or gives numbers that are not finite, and when interrupted.
    pub(crate) fn run(&self, n: usize, apply: &Operator<'_>) -> Result<(Array1<f64>, Array2<f64>)> {
        if self.count > n {
            let expected = format!("at most the size of the operator, {n}");
            return Err(Error::value("count", expected, self.count));
        }
        let block = self.count.div_ceil(4).clamp(4, 16);
        let kept = (self.count + block).next_multiple_of(block);
        let most = kept + block * 16.max(self.count.div_ceil(block));
        if n < SMALL.max(most + block) {
            let all = self.apply(apply, &Array2::eye(n).view(), 0)?;
            let (values, vectors) = symmetric(&((&all + &all.t()) / 2.0))?;
            return Ok(first(self.count, &values, &vectors));
        }
        let mut search = Search {
            basis: Array2::zeros((n, most + block)),
            small: Array2::zeros((most, most)),
            beyond: Array2::zeros((block, block)),
            random: Seed::default().named("eigenvectors").generator(),
        };
        let start = Array2::zeros((n, block));
        search.add(start, 0, &vec![0.0; block]);
        let mut size = 0;
        let mut applied = 0;
        let mut found = 0;
        for _ in 0..RESTARTS {
            while size < most {
                let next = search.basis.slice(s![.., size..size + block]).to_owned();
                let image = self.apply(apply, &next.view(), applied)?;
                search.extend(image, size, block);
                size += block;
                applied += 1;
            }
            let (values, vectors) = symmetric(&search.small)?;
            let ends = vectors.slice(s![most - block.., ..self.count]);
            let errors = search.beyond.dot(&ends);
            let floor = 1e-3 * values.iter().fold(0.0_f64, |a, b| a.max(b.abs()));
            let is_found = |i: &usize| {
                let error = errors.column(*i).dot(&errors.column(*i)).sqrt();
                error <= self.tolerance * values[*i].abs().max(floor)
            };
            found = (0..self.count).filter(is_found).count();
            if found == self.count {
                let (values, vectors) = first(self.count, &values, &vectors);
                let basis = search.basis.slice(s![.., ..most]);
                return Ok((values, product(&basis, &vectors.view())));
            }
            search.restart(&values, &vectors.slice(s![.., ..kept]));
            size = kept;
        }
        Err(Error::Diverged {
            what: self.name.into(),
            detail: format!(
                "{found} of {} eigenvectors found after {RESTARTS} restarts",
                self.count
            ),
        })
    }

    fn apply(
        &self,
        apply: &Operator<'_>,
        block: &ArrayView2<'_, f64>,
        applied: usize,
    ) -> Result<Array2<f64>> {
        // Nobody knows how many products it takes.
        progress::check(self.name, applied, applied + 1)?;
        let image = apply(block)?;
        if image.dim() != block.dim() {
            let (n, k) = block.dim();
            return Err(Error::shape(
                "operator",
                format!("({n}, {k})"),
                image.shape(),
            ));
        }
        if image.iter().any(|value| !value.is_finite()) {
            return Err(Error::Diverged {
                what: self.name.into(),
                detail: "numbers that are not finite".into(),
            });
        }
        Ok(image)
    }
}

fn first(count: usize, values: &Array1<f64>, vectors: &Array2<f64>) -> (Array1<f64>, Array2<f64>) {
    let values = values.slice(s![..count]).to_owned();
    (values, vectors.slice(s![.., ..count]).to_owned())
}

/// A basis Q at right angles, the small matrix `Q^T A Q`, and how far A leads beyond the basis.
struct Search {
    /// As columns; the block behind the last whole one is the next to be multiplied.
    basis: Array2<f64>,
    small: Array2<f64>,
    /// The image of the last block in terms of the next one.
    beyond: Array2<f64>,
    random: rand_chacha::ChaCha8Rng,
}

impl Search {
    /// Takes the image of the block at `size` into the small matrix, and what is new of it into the basis.
    fn extend(&mut self, mut image: Array2<f64>, size: usize, block: usize) {
        let lengths: Vec<f64> = image
            .columns()
            .into_iter()
            .map(|column| column.dot(&column).sqrt())
            .collect();
        let end = size + block;
        let known = self.basis.slice(s![.., ..end]);
        let mut within = inner(&known, &image.view());
        subtract_product(&mut image, &known, &within.view());
        let again = inner(&known, &image.view());
        subtract_product(&mut image, &known, &again.view());
        within += &again;
        self.small.slice_mut(s![..end, size..end]).assign(&within);
        self.small
            .slice_mut(s![size..end, ..end])
            .assign(&within.t());
        self.add(image, end, &lengths);
    }

    /// Puts a block behind the first `size` vectors, made orthonormal; what is only rounding noise of its length gives way to chance.
    fn add(&mut self, block: Array2<f64>, size: usize, lengths: &[f64]) {
        let width = block.ncols();
        self.beyond.fill(0.0);
        // Rows are contiguous, columns are not.
        let mut rows = block.reversed_axes().as_standard_layout().into_owned();
        for (index, &image) in lengths.iter().enumerate() {
            let (before, mut rest) = rows.view_mut().split_at(Axis(0), index);
            let mut row = rest.row_mut(0);
            for _ in 0..2 {
                for (place, other) in before.rows().into_iter().enumerate() {
                    let share = other.dot(&row);
                    row.scaled_add(-share, &other);
                    self.beyond[[place, index]] += share;
                }
            }
            let length = row.dot(&row).sqrt();
            if length > image * 1e-13 {
                row /= length;
                self.beyond[[index, index]] = length;
                // Dividing a short vector makes its last angles to the basis large again.
                if length > image * 1e-6 {
                    continue;
                }
            } else {
                row.mapv_inplace(|_| self.random.random::<f64>() - 0.5);
            }
            for _ in 0..3 {
                let known = self.basis.slice(s![.., ..size]);
                let mut column = row.to_owned().insert_axis(Axis(1));
                let shares = inner(&known, &column.view());
                subtract_product(&mut column, &known, &shares.view());
                row.assign(&column.column(0));
                for other in before.rows() {
                    let share = other.dot(&row);
                    row.scaled_add(-share, &other);
                }
                let length = row.dot(&row).sqrt();
                row /= length;
            }
        }
        self.basis
            .slice_mut(s![.., size..size + width])
            .assign(&rows.t());
    }

    /// Keeps the best vectors of the basis, and the block that comes next.
    fn restart(&mut self, values: &Array1<f64>, vectors: &ArrayView2<'_, f64>) {
        let (most, kept) = vectors.dim();
        let best = product(&self.basis.slice(s![.., ..most]), vectors);
        let next = self.basis.slice(s![.., most..]).to_owned();
        let width = next.ncols();
        self.basis.slice_mut(s![.., ..kept]).assign(&best);
        self.basis
            .slice_mut(s![.., kept..kept + width])
            .assign(&next);
        self.small.fill(0.0);
        for index in 0..kept {
            self.small[[index, index]] = values[index];
        }
    }
}
