//! Negatives that are shuffled positives.

use super::merge::at_random;
use crate::random::Seed;
use crate::sequence::{Alphabet, OneHot, Shuffle, Unknown};
use crate::training::{Batch, Source};
use crate::{Error, Result};
use ndarray::{ArrayD, Axis, IxDyn};
use rand_chacha::rand_core::Rng;
use rayon::prelude::*;
use std::fmt;
use std::sync::Arc;

/// Draws are numbered below this.
const DRAWS: usize = 1 << 24;

/// Dinucleotide shuffles of the sequences of another source, with label 0, drawn anew for every epoch; cheap to clone.
///
/// They are the usual negatives for a model of binding, as `DeepBind` was trained with (doi:10.1038/nbt.3300): each has the letters of
/// its positive, and the pairs of neighbours, but not its motifs. Nothing is stored: a shuffle follows from the seed, the row and the
/// epoch. Row `copy * n + i` is a shuffle of row `i`.
///
/// Validation examples, and what [`predict`](super::predict()) reads, are the same shuffles in every epoch.
///
/// # Examples
///
/// ```
/// use genolens::ndarray::Array1;
/// use genolens::sequence::Sequences;
/// use genolens::stream::{Joined, Shuffled};
/// use genolens::training::{Arrays, Source};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACCGGAAGTGCGA", "TTACCGGAAGTAA"])?;
/// let peaks = Arrays::new(&peaks, &Array1::ones(2))?;
/// let data = Joined::new(peaks.clone())?.and(Shuffled::new(peaks)?)?;
/// assert_eq!(data.labels(&[0, 1, 2, 3])?.as_slice(), Some(&[1.0, 1.0, 0.0, 0.0][..]));
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Shuffled {
    positives: Arc<dyn Source>,
    alphabet: Alphabet,
    labels: Vec<usize>,
    copies: usize,
    fresh: bool,
    seed: Seed,
}

impl Shuffled {
    /// Takes positives, one-hot code of shape `(n, 4, length)`, or `(n, 20, length)` for protein.
    ///
    /// # Errors
    ///
    /// Fails when the source cannot be read or has examples of another shape.
    pub fn new(positives: impl Source + 'static) -> Result<Self> {
        if positives.is_empty() {
            let expected = "a source with at least 1 example";
            return Err(Error::value("positives", expected, "one without"));
        }
        let probe = positives.read(&[0])?;
        let alphabet = match *probe.x().shape() {
            [_, 4, _] => Alphabet::Dna,
            [_, 20, _] => Alphabet::Protein,
            ref other => return Err(Error::shape("x", "(n, 4, length)", other)),
        };
        Ok(Self {
            labels: probe.labels().shape()[1..].to_vec(),
            positives: Arc::new(positives),
            alphabet,
            copies: 1,
            fresh: true,
            seed: Seed::default(),
        })
    }

    /// Sets how many shuffles each positive gets, 1 to 10000, the nearer end for others; 1 by default.
    pub fn copies(mut self, copies: usize) -> Self {
        self.copies = copies.clamp(1, 10_000);
        self
    }

    /// Tells whether shuffles are drawn anew in every epoch, which is the default.
    pub fn fresh(mut self, fresh: bool) -> Self {
        self.fresh = fresh;
        self
    }

    /// Sets the seed.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }
}

impl Source for Shuffled {
    fn len(&self) -> usize {
        self.positives.len() * self.copies
    }

    fn read(&self, rows: &[usize]) -> Result<Batch> {
        let (n, all) = (self.positives.len(), self.len());
        let originals: Vec<usize> = rows.iter().map(|row| row % all % n).collect();
        let batch = self.positives.read(&originals)?;
        let three = batch.x().view().into_dimensionality::<ndarray::Ix3>();
        let x = three.map_err(|_| Error::shape("x", "(n, 4, length)", batch.x().shape()))?;
        let blank = |column: ndarray::ArrayView1<'_, f32>| column.iter().all(|&v| v == 0.0);
        // An unknown letter stays what it was.
        let zeros = x
            .outer_iter()
            .any(|one| one.columns().into_iter().any(blank));
        let unknown = if zeros {
            Unknown::Zero
        } else {
            Unknown::Uniform
        };
        let one = |(place, &row): (usize, &usize)| {
            let one = x.slice_axis(Axis(0), (place..=place).into());
            let letters = OneHot::new(self.alphabet, one.to_owned())?.decode()?;
            let seed = self.seed.named("negatives").indexed(row / all);
            let shuffle = Shuffle::dinucleotide().seed(seed.indexed(row % all));
            Ok(OneHot::encode(&shuffle.run(&letters)?, unknown)?.into_values())
        };
        let codes = rows.par_iter().enumerate().map(one);
        let codes = codes.collect::<Result<Vec<_>>>()?;
        let mut shuffled = ArrayD::zeros(batch.x().raw_dim());
        for (mut out, code) in shuffled.axis_chunks_iter_mut(Axis(0), 1).zip(&codes) {
            out.assign(code);
        }
        Batch::new(shuffled, self.labels(rows)?)
    }

    fn labels(&self, rows: &[usize]) -> Result<ArrayD<f32>> {
        let shape = [vec![rows.len()], self.labels.clone()].concat();
        Ok(ArrayD::zeros(IxDyn(&shape)))
    }

    fn order(&self, rows: &[usize], seed: Seed) -> Vec<usize> {
        let (n, all) = (self.positives.len(), self.len());
        let mut copies = vec![Vec::new(); self.copies];
        for row in rows {
            copies[row % all / n].push(row % all % n);
        }
        for (copy, rows) in copies.iter_mut().enumerate() {
            *rows = self.positives.order(rows, seed.indexed(copy));
            for row in rows {
                *row = *row % n + copy * n;
            }
        }
        let draw = if self.fresh {
            let drawn = seed.named("draw").generator().next_u32();
            1 + drawn as usize % DRAWS
        } else {
            0
        };
        let mut rows = at_random(&copies, seed);
        for row in &mut rows {
            *row += draw * all;
        }
        rows
    }

    fn groups(&self) -> Option<Vec<String>> {
        let groups = self.positives.groups()?;
        let count = groups.len() * self.copies;
        Some(groups.into_iter().cycle().take(count).collect())
    }
}

impl fmt::Debug for Shuffled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shuffled({self})")
    }
}

impl fmt::Display for Shuffled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let when = if self.fresh {
            ", anew in every epoch"
        } else {
            ""
        };
        let (n, copies) = (self.positives.len(), self.copies);
        write!(
            f,
            "{copies} dinucleotide shuffles of each of {n} examples{when}"
        )
    }
}
