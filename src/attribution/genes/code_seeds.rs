//! How much scores of the dimensions of a code change with the seed of the training.

use super::match_codes::match_codes;
use super::seeds::Gathered;
use super::{Agreement, CodeMatch, GeneScores, SeedScores};
use crate::progress::Task;
use crate::random::Seed;
use crate::{Error, Input, Result};
use ndarray::{Array2, ArrayD};
use polars::prelude::{DataFrame, df};
use std::fmt;
use std::sync::Arc;

/// A code of cells, and the scores of genes for each of its dimensions; cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub struct CodeScores {
    codes: Arc<ArrayD<f32>>,
    scores: Arc<[GeneScores]>,
}

impl CodeScores {
    /// Takes codes, shape `(cells, dimensions)`, and asks `explain` for the scores of genes for each dimension, counted from 0.
    ///
    /// # Errors
    ///
    /// Fails for codes of another shape, and when `explain` does.
    pub fn new(codes: &dyn Input, explain: impl Fn(usize) -> Result<GeneScores>) -> Result<Self> {
        let codes = codes.array()?.into_owned();
        let &[_, dimensions] = codes.shape() else {
            return Err(Error::shape("codes", "(cells, dimensions)", codes.shape()));
        };
        let scores = (0..dimensions).map(explain).collect::<Result<Vec<_>>>()?;
        Ok(Self {
            codes: Arc::new(codes),
            scores: scores.into(),
        })
    }
}

/// Explains the code of the same model trained from several seeds: `explain` trains it from a seed and returns the codes of the same cells,
/// and the scores of genes for each dimension.
///
/// Dimensions are put into the order of those of the first seed, and turned round where their sign is another, by
/// [`match_codes`]. Where a dimension of the first seed is not surely that of another one (it agrees no more than by chance, or than rotated
/// codes do), the scores say so ([`SeedScores::unmatched`]), and what they have in common means little.
///
/// # Errors
///
/// Fails for fewer than two seeds, when `explain` does, when it gives codes of another shape or other genes for another seed, when codes
/// cannot be [matched](super::MatchCodes::run), and when the user interrupts.
///
/// # Examples
///
/// ```
/// use genolens::attribution::{self, CodeScores, ExplainGenes};
/// use genolens::{expression::Cells, generative::Autoencoder, ndarray::Array2, training::Fit};
/// # fn main() -> genolens::Result<()> {
/// let values = Array2::from_shape_fn((60, 6), |(cell, gene)| ((cell * (gene + 2)) % 7) as f32);
/// let cells = Cells::new(values, (0..60).map(|c| c.to_string()), (0..6).map(|g| g.to_string()))?;
/// let found = attribution::codes_between_seeds(3, |seed| {
///     let model = Autoencoder::new(2).fit(Fit::new().epochs(3).seed(seed)).seed(seed).run(&cells)?;
///     let encoder = model.encoder();
///     CodeScores::new(&model.codes(&cells)?, |dimension| ExplainGenes::new().target(dimension).run(&encoder, &cells))
/// })?;
/// assert_eq!(found.dimension(0)?.scores().dim(), (3, 6));
/// println!("{found}");
/// # Ok(()) }
/// ```
pub fn codes_between_seeds(
    seeds: usize,
    explain: impl Fn(Seed) -> Result<CodeScores>,
) -> Result<CodeSeeds> {
    if seeds < 2 {
        return Err(Error::value("seeds", "at least 2", seeds));
    }
    let mut task = Task::new("seeds", seeds);
    let first = explain(Seed::default().indexed(0))?;
    let mut gathered = Vec::new();
    for scores in &*first.scores {
        let mut own = Gathered::default();
        own.add(scores, (1.0, true))?;
        gathered.push(own);
    }
    task.step("")?;
    let mut matches = Vec::new();
    for number in 1..seeds {
        let other = explain(Seed::default().indexed(number))?;
        let matched = match_codes(&*first.codes, &*other.codes)?;
        let (signs, agreement) = (matched.signs(), matched.agreement());
        for (dimension, own) in gathered.iter_mut().enumerate() {
            let scores = &other.scores[matched.partners()[dimension]];
            let same = agreement[dimension] == Agreement::Same;
            own.add(scores, (signs[dimension], same))?;
        }
        matches.push(matched);
        task.step("")?;
    }
    let scores = gathered.into_iter().map(Gathered::scores);
    Ok(CodeSeeds {
        scores: scores.collect::<Result<Vec<_>>>()?.into(),
        matches: matches.into(),
    })
}

/// Scores of genes for every dimension of a code and several seeds of the same training, and how far the dimensions agree; cheap to clone.
#[derive(Clone, PartialEq)]
pub struct CodeSeeds {
    scores: Arc<[SeedScores]>,
    /// Of all seeds but the first.
    matches: Arc<[CodeMatch]>,
}

impl CodeSeeds {
    /// Returns how many seeds there are.
    pub fn seeds(&self) -> usize {
        self.matches.len() + 1
    }

    /// Returns how many dimensions a code has.
    pub fn dimensions(&self) -> usize {
        self.scores.len()
    }

    /// Returns the scores of a dimension of the first seed, counted from 0, and of its partners of the others, with their sign.
    ///
    /// # Errors
    ///
    /// Fails when there is no such dimension.
    pub fn dimension(&self, dimension: usize) -> Result<SeedScores> {
        self.scores.get(dimension).cloned().ok_or_else(|| {
            let expected = format!("below {}", self.dimensions());
            Error::value("dimension", expected, dimension)
        })
    }

    /// Returns which dimension of a seed, counted from 0, is which of the first one.
    ///
    /// # Errors
    ///
    /// Fails for the first seed, and when there is no such seed.
    pub fn matched(&self, seed: usize) -> Result<CodeMatch> {
        let found = seed.checked_sub(1).and_then(|at| self.matches.get(at));
        found.cloned().ok_or_else(|| {
            let expected = format!("1 to {}", self.matches.len());
            Error::value("seed", expected, seed)
        })
    }

    /// Returns the correlation of every dimension of the first seed with its partner of the others, shape `(seeds - 1, dimensions)`.
    pub fn correlations(&self) -> Array2<f64> {
        let mut out = Array2::zeros((self.matches.len(), self.dimensions()));
        for (mut row, matched) in out.rows_mut().into_iter().zip(&*self.matches) {
            row.assign(&matched.correlations());
        }
        out
    }

    /// Counts the other seeds in which a dimension agrees so far.
    fn count(&self, dimension: usize, agreement: Agreement) -> u64 {
        let all = self.matches.iter().map(CodeMatch::agreement);
        all.filter(|all| all[dimension] == agreement).count() as u64
    }

    /// Returns one row for each dimension of the first seed: `dimension`, the least and the mean size of its `correlation` with those of the
    /// other seeds, in how many of these it is the `same`, agrees no more than `rotated` codes, or no more than by `chance`, and the
    /// `rank_agreement` of genes.
    ///
    /// # Errors
    ///
    /// Fails when polars cannot build the table.
    pub fn table(&self) -> Result<DataFrame> {
        let rows = self.rows();
        let counts = |agreement: Agreement| -> Vec<u64> {
            let dimensions = 0..self.dimensions();
            dimensions.map(|at| self.count(at, agreement)).collect()
        };
        Ok(df!(
            "dimension" => (0..self.dimensions() as u64).collect::<Vec<_>>(),
            "least_correlation" => rows.iter().map(|row| row.0).collect::<Vec<_>>(),
            "correlation" => rows.iter().map(|row| row.1).collect::<Vec<_>>(),
            "same" => counts(Agreement::Same),
            "rotated" => counts(Agreement::Rotated),
            "chance" => counts(Agreement::Chance),
            "rank_agreement" => self.scores.iter().map(SeedScores::rank_agreement).collect::<Vec<_>>(),
        )?)
    }

    /// The least and the mean size of the correlations of every dimension.
    fn rows(&self) -> Vec<(f64, f64)> {
        let sizes = self.correlations().mapv_into(f64::abs);
        let row = |column: ndarray::ArrayView1<'_, f64>| {
            let least = column.iter().copied().fold(f64::INFINITY, f64::min);
            (least, column.sum() / column.len() as f64)
        };
        sizes.columns().into_iter().map(row).collect()
    }
}

impl fmt::Debug for CodeSeeds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seeds, dimensions) = (self.seeds(), self.dimensions());
        write!(f, "CodeSeeds({seeds} seeds, {dimensions} dimensions)")
    }
}

impl fmt::Display for CodeSeeds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let others = self.matches.len();
        write!(
            f,
            "dimension correlation (least)  same, rotated, chance in {others} other seeds"
        )?;
        for (at, (least, mean)) in self.rows().into_iter().enumerate() {
            let of = |agreement| self.count(at, agreement);
            write!(
                f,
                "\n{at:>9} {mean:>11.3} ({least:.3})  {}, {}, {}",
                of(Agreement::Same),
                of(Agreement::Rotated),
                of(Agreement::Chance)
            )?;
        }
        Ok(())
    }
}
