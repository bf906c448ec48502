//! How similar a motif is to each of a collection.

use super::{Match, Matches, Motif, Motifs};
use crate::progress;
use crate::{Error, Result};
use ndarray::{Array1, Array2, ArrayView1};
use rayon::prelude::*;

/// What a target column that hangs out costs, as a share of its distance from the background.
const REST: f64 = 0.25;

/// Compares a motif with a collection, with options.
///
/// A query column against a target column scores minus their Euclidean distance, less the median of that over all columns of
/// the collection on both strands, so that a common column earns little. An alignment without gaps scores the sum over the
/// columns that overlap. Query columns that hang out score nothing; a target column that hangs out costs a quarter of its
/// distance from the background, so that of two motifs that fit equally the one without a rest wins. Offsets and both strands
/// compete, and the best sum is divided by that of a perfect match: 1 is identity, 0 is what a typical column earns.
///
/// # References
///
/// The column score is that of Tomtom (Gupta, Stamatoyannopoulos, Bailey and Noble 2007, doi:10.1186/gb-2007-8-2-r24); there
/// are no p-values, and Tomtom has no cost for a rest. Ranking checked against memelite 0.5.0.
///
/// # Examples
///
/// ```
/// use genolens::motif::{Compare, Motif};
/// # fn main() -> genolens::Result<()> {
/// let ets = Motif::from_consensus("ETS", "ACCGGAAGT")?;
/// let known = [ets.clone(), Motif::from_consensus("GATA", "WGATAR")?].into_iter().collect();
/// let matches = Compare::new().overlap(4).run(&ets.reverse_complement()?, &known)?;
/// assert_eq!((matches.best().name.as_str(), matches.best().reverse), ("ETS", true));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Compare {
    overlap: usize,
    both_strands: bool,
}

impl Compare {
    /// Starts from the defaults: overlap of 5 or more columns, both strands.
    pub fn new() -> Self {
        Self {
            overlap: 5,
            both_strands: true,
        }
    }

    /// Sets how many columns must overlap; for shorter motifs, all of theirs.
    pub fn overlap(mut self, columns: usize) -> Self {
        self.overlap = columns;
        self
    }

    /// Sets whether targets are also tried reverse complemented; protein never is.
    pub fn both_strands(mut self, both: bool) -> Self {
        self.both_strands = both;
        self
    }

    /// Compares; one match for each motif of the collection, best first.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] when the collection is empty or has a motif of another alphabet, or the query is like nothing because
    /// all columns of the collection are alike.
    pub fn run(&self, query: &Motif, motifs: &Motifs) -> Result<Matches> {
        if motifs.is_empty() {
            return Err(Error::value("motifs", "one motif or more", "empty"));
        }
        let both = self.both_strands && query.alphabet().has_complement();
        let mut strands = Vec::with_capacity(motifs.len());
        for target in (0..motifs.len()).map(|i| motifs.get(i)) {
            if target.alphabet() != query.alphabet() {
                let expected = format!("{} motifs as the query is", query.alphabet());
                return Err(Error::value(
                    "motifs",
                    expected,
                    format!("{} in {}", target.alphabet(), target.name()),
                ));
            }
            let opposite = if both {
                Some(target.reverse_complement()?)
            } else {
                None
            };
            strands.push((target, opposite));
        }
        let medians: Array1<f64> = query
            .probability()
            .rows()
            .into_iter()
            .map(|column| median(&column, &strands))
            .collect();
        let perfect = -medians.sum();
        let found = strands
            .par_iter()
            .enumerate()
            .map(|(index, (target, opposite))| {
                progress::check("compare", index, strands.len())?;
                let mut best = self.place(query, target, &medians);
                let mut reverse = false;
                if let Some(opposite) = opposite {
                    let other = self.place(query, opposite, &medians);
                    if other.0 > best.0 {
                        (best, reverse) = (other, true);
                    }
                }
                let (sum, offset, overlap) = best;
                Ok(Match {
                    index,
                    name: target.name().into(),
                    alternate: target.alternate().into(),
                    score: if perfect > 0.0 { sum / perfect } else { sum },
                    offset,
                    overlap,
                    reverse,
                })
            })
            .collect::<Result<_>>()?;
        Ok(Matches::new(query.name(), found))
    }

    /// The best sum over all offsets, the offset of the target's first column in the query, and the overlap.
    fn place(&self, query: &Motif, target: &Motif, medians: &Array1<f64>) -> (f64, isize, usize) {
        let (q, t) = (query.len() as isize, target.len() as isize);
        let needed = (self.overlap as isize).min(q).min(t).max(1);
        let distance = Array2::from_shape_fn((query.len(), target.len()), |(i, j)| {
            euclidean(&query.probability().row(i), &target.probability().row(j))
        });
        let rest: Vec<f64> = target
            .probability()
            .rows()
            .into_iter()
            .map(|column| REST * euclidean(&column, &target.background().view()))
            .collect();
        let mut best = (f64::NEG_INFINITY, 0, 0);
        for offset in needed - t..=q - needed {
            let (from, to) = (offset.max(0), (offset + t).min(q));
            let sum: f64 = (from..to)
                .map(|i| -distance[[i as usize, (i - offset) as usize]] - medians[i as usize])
                .sum();
            let (left, right) = ((from - offset) as usize, (to - offset) as usize);
            let sum = sum - rest[..left].iter().chain(&rest[right..]).sum::<f64>();
            if sum > best.0 {
                best = (sum, offset, (to - from) as usize);
            }
        }
        best
    }
}

impl Default for Compare {
    fn default() -> Self {
        Self::new()
    }
}

/// Compares a motif with a collection; best first, with the score, offset and strand of each.
///
/// See [`Compare`] for the similarity and its source.
///
/// # Errors
///
/// As [`Compare::run`].
///
/// # Examples
///
/// ```
/// use genolens::motif::{self, Motif};
/// # fn main() -> genolens::Result<()> {
/// let ets = Motif::from_consensus("ETS", "ACCGGAAGT")?;
/// let known = [Motif::from_consensus("GATA", "WGATAR")?, ets.clone()].into_iter().collect();
/// assert!((motif::compare(&ets, &known)?.best().score - 1.0).abs() < 1e-9);
/// # Ok(()) }
/// ```
pub fn compare(query: &Motif, motifs: &Motifs) -> Result<Matches> {
    Compare::new().run(query, motifs)
}

/// The median score of a query column against all columns of the collection.
fn median(column: &ArrayView1<'_, f64>, strands: &[(Motif, Option<Motif>)]) -> f64 {
    let motifs = strands
        .iter()
        .flat_map(|(target, opposite)| std::iter::once(target).chain(opposite));
    let mut scores: Vec<f64> = motifs
        .flat_map(|motif| {
            motif
                .probability()
                .rows()
                .into_iter()
                .map(|other| -euclidean(column, &other))
                .collect::<Vec<_>>()
        })
        .collect();
    let middle = scores.len() / 2;
    *scores.select_nth_unstable_by(middle, f64::total_cmp).1
}

fn euclidean(a: &ArrayView1<'_, f64>, b: &ArrayView1<'_, f64>) -> f64 {
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).powi(2))
        .sum::<f64>()
        .sqrt()
}
