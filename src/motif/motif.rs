//! One motif.

use crate::sequence::{Alphabet, Sequences};
use crate::{Error, Result};
use ndarray::{Array1, Array2, Axis};
use std::fmt;
use std::sync::Arc;

/// Sites that a motif stands for when nobody says how many: the default of the MEME format.
const SITES: f64 = 20.0;

/// How far the probabilities of a position may be from a sum of one.
const TOLERANCE: f64 = 0.01;

/// Holds what a binding site looks like: for each position, how probable each letter is; cheap to clone.
///
/// Matrices have shape `(positions, letters)`, letters in the order of the alphabet.
///
/// # Examples
///
/// ```
/// use genolens::motif::Motif;
/// use genolens::sequence::Sequences;
/// # fn main() -> genolens::Result<()> {
/// let sites = Sequences::dna(["ACCGGAAGT", "GCCGGAAGT", "ACAGGAAGT", "ACCGGATGC"])?;
/// let motif = Motif::from_sequences("ets", &sites)?;
/// assert_eq!(motif.consensus(), "ACCGGAAGT");
/// assert_eq!(motif.reverse_complement()?.consensus(), "ACTTCCGGT");
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq)]
pub struct Motif {
    data: Arc<Data>,
}

#[derive(Clone, PartialEq)]
struct Data {
    name: String,
    alternate: String,
    alphabet: Alphabet,
    probability: Array2<f64>,
    background: Array1<f64>,
    /// Weight of evidence behind each position.
    sites: Array1<f64>,
}

impl Motif {
    /// Creates a motif from probabilities, shape `(positions, 4)` for DNA or `(positions, 20)` for protein.
    ///
    /// Rows are divided by their sums; the number of sites is taken to be 20.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] for another number of columns or no rows; [`Error::Value`] for a number outside 0 to 1 and for a row
    /// whose sum differs from 1 by more than 0.01.
    pub fn from_probabilities(name: &str, probabilities: &Array2<f64>) -> Result<Self> {
        let motif = Self::from_counts(name, probabilities)?;
        for (position, sum) in motif.data.sites.iter().enumerate() {
            if (sum - 1.0).abs() > TOLERANCE {
                let argument = format!("sum of position {} of {name}", position + 1);
                return Err(Error::value(&argument, "1", sum));
            }
        }
        Ok(motif.with_sites(SITES))
    }

    /// Creates a motif from counts, whole or weighted, shape `(positions, 4)` for DNA or `(positions, 20)` for protein.
    ///
    /// The probability of a letter is its share of the counts of the position, without a pseudocount.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] for another number of columns or no rows; [`Error::Value`] for a negative or infinite count and for a
    /// position without counts.
    pub fn from_counts(name: &str, counts: &Array2<f64>) -> Result<Self> {
        let alphabet = match counts.ncols() {
            4 => Alphabet::Dna,
            20 => Alphabet::Protein,
            _ => {
                return Err(Error::shape(
                    "counts",
                    "(positions, 4 or 20)",
                    counts.shape(),
                ));
            }
        };
        if counts.nrows() == 0 {
            return Err(Error::shape(
                "counts",
                "(1 or more, letters)",
                counts.shape(),
            ));
        }
        for ((position, letter), &count) in counts.indexed_iter() {
            if !count.is_finite() || count < 0.0 {
                let letter = char::from(alphabet.letters()[letter]);
                let argument = format!("{letter} at position {} of {name}", position + 1);
                return Err(Error::value(&argument, "0 or more", count));
            }
        }
        let sites = counts.sum_axis(Axis(1));
        if let Some(position) = sites.iter().position(|&sum| sum <= 0.0) {
            let argument = format!("sum of position {} of {name}", position + 1);
            return Err(Error::value(&argument, "more than 0", 0));
        }
        let probability = counts / &sites.view().insert_axis(Axis(1));
        let background = Array1::from_elem(alphabet.size(), 1.0 / alphabet.size() as f64);
        let data = Data {
            name: name.into(),
            alternate: String::new(),
            alphabet,
            probability,
            background,
            sites,
        };
        Ok(Self {
            data: Arc::new(data),
        })
    }

    /// Counts the letters of aligned windows; an unknown letter counts as an equal share of each.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] when the windows differ in length or there is none.
    pub fn from_sequences(name: &str, windows: &Sequences) -> Result<Self> {
        Self::from_weighted(name, windows, &Array1::ones(windows.len()))
    }

    /// Counts the letters of aligned windows, each window as often as its weight says.
    ///
    /// # Errors
    ///
    /// As [`Motif::from_sequences`], [`Error::Shape`] when there is not one weight for each window, and [`Error::Value`] for a
    /// negative weight or when all are zero.
    pub fn from_weighted(name: &str, windows: &Sequences, weights: &Array1<f64>) -> Result<Self> {
        let alphabet = windows.alphabet();
        if weights.len() != windows.len() {
            return Err(Error::shape(
                "weights",
                format!("({},)", windows.len()),
                weights.shape(),
            ));
        }
        if let Some(weight) = weights
            .iter()
            .find(|weight| !weight.is_finite() || **weight < 0.0)
        {
            return Err(Error::value("weights", "0 or more", weight));
        }
        let mut counts = Array2::zeros((windows.length()?, alphabet.size()));
        for (i, &weight) in weights.iter().enumerate() {
            for (mut row, &letter) in counts.rows_mut().into_iter().zip(windows.letters(i)) {
                match alphabet.index(letter) {
                    Some(column) => row[column] += weight,
                    None => row += weight / alphabet.size() as f64,
                }
            }
        }
        Ok(Self::from_counts(name, &counts)?.changed(|data| data.alphabet = alphabet))
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.data.name
    }

    /// Returns the second name, empty when there is none: in JASPAR the factor, beside the identifier.
    pub fn alternate(&self) -> &str {
        &self.data.alternate
    }

    /// Returns the alphabet whose letters are the columns.
    pub fn alphabet(&self) -> Alphabet {
        self.data.alphabet
    }

    /// Returns the number of positions.
    pub fn len(&self) -> usize {
        self.data.probability.nrows()
    }

    /// Tells whether there is no position, which no constructor allows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the probabilities, shape `(positions, letters)`; each row sums to one.
    pub fn probability(&self) -> &Array2<f64> {
        &self.data.probability
    }

    /// Returns the counts, shape `(positions, letters)`: those given, else probabilities times sites.
    pub fn counts(&self) -> Array2<f64> {
        &self.data.probability * &self.data.sites.view().insert_axis(Axis(1))
    }

    /// Returns how many sites stand behind the motif: the largest sum of counts of a position.
    pub fn sites(&self) -> f64 {
        self.data.sites.iter().copied().fold(0.0, f64::max)
    }

    /// Returns how probable each letter is away from sites, shape `(letters,)`; equal shares unless set.
    pub fn background(&self) -> &Array1<f64> {
        &self.data.background
    }

    /// Returns the motif under another name.
    pub fn named(&self, name: &str) -> Self {
        self.changed(|data| data.name = name.into())
    }

    /// Returns the motif with another second name.
    pub fn with_alternate(&self, alternate: &str) -> Self {
        self.changed(|data| data.alternate = alternate.into())
    }

    /// Returns the motif as one of RNA, for a DNA motif; others stay as they are.
    pub fn to_rna(&self) -> Self {
        self.changed(|data| {
            if data.alphabet == Alphabet::Dna {
                data.alphabet = Alphabet::Rna;
            }
        })
    }

    /// Returns the motif with another background, which is divided by its sum.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] unless there is one number for each letter; [`Error::Value`] unless all are positive.
    pub fn with_background(&self, background: &Array1<f64>) -> Result<Self> {
        let letters = self.alphabet().size();
        if background.len() != letters {
            return Err(Error::shape(
                "background",
                format!("({letters},)"),
                background.shape(),
            ));
        }
        if let Some(bad) = background
            .iter()
            .find(|share| !share.is_finite() || **share <= 0.0)
        {
            return Err(Error::value("background", "numbers above 0", bad));
        }
        Ok(self.changed(|data| data.background = background / background.sum()))
    }

    /// Returns the opposite strand.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] for protein, which has no complement.
    pub fn reverse_complement(&self) -> Result<Self> {
        if !self.alphabet().has_complement() {
            return Err(Error::value("motif", "DNA or RNA", self.alphabet()));
        }
        Ok(self.changed(|data| {
            data.probability.invert_axis(Axis(0));
            data.probability.invert_axis(Axis(1));
            data.probability = data.probability.as_standard_layout().to_owned();
            data.sites.invert_axis(Axis(0));
            data.sites = data.sites.as_standard_layout().to_owned();
            data.background.invert_axis(Axis(0));
            data.background = data.background.as_standard_layout().to_owned();
        }))
    }

    /// Returns the motif without the positions at both ends whose information is below `bits`.
    ///
    /// Where every position is below, the most informative one stays.
    pub fn trim(&self, bits: f64) -> Self {
        let information = self.information();
        let strong = |&position: &usize| information[position] >= bits;
        let best = (0..self.len())
            .max_by(|&a, &b| information[a].total_cmp(&information[b]))
            .unwrap_or_default();
        let first = (0..self.len()).find(strong).unwrap_or(best);
        let last = (0..self.len()).rev().find(strong).unwrap_or(best);
        self.changed(|data| {
            let rows: Vec<usize> = (first..=last).collect();
            data.probability = data.probability.select(Axis(0), &rows);
            data.sites = data.sites.select(Axis(0), &rows);
        })
    }

    pub(super) fn with_sites(&self, sites: f64) -> Self {
        self.changed(|data| data.sites.fill(sites))
    }

    fn changed(&self, change: impl FnOnce(&mut Data)) -> Self {
        let mut data = (*self.data).clone();
        change(&mut data);
        Self {
            data: Arc::new(data),
        }
    }
}

impl fmt::Debug for Motif {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Motif({}", self.name())?;
        if !self.alternate().is_empty() {
            write!(f, " {}", self.alternate())?;
        }
        write!(f, ", positions = {}, {})", self.len(), self.consensus())
    }
}
